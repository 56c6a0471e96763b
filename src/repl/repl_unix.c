/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Unix sockets.  Who can connect can run Lua as us, so: the mode is 0600 from
 * the start (by the umask, there is no moment in which it is more), both ends
 * ask the kernel who the other one is, and a name is taken in a way that cannot
 * take it from a session that lives.
 *
 * That way: listen under a name of our own, then link that to the wanted one,
 * which fails when it exists.  What is there is moved aside before it is looked
 * at for the last time: what nobody answers at is removed, what turns out to
 * live is put back.
 */
#define _GNU_SOURCE /* struct ucred */
#include "repl/repl_unix.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 16
#define TRIES 8

static bool
address(struct sockaddr_un *a, const char *path)
{
	memset(a, 0, sizeof(*a));
	a->sun_family = AF_UNIX;
	if (*path == '\0' || strlen(path) >= sizeof(a->sun_path)) {
		errno = *path == '\0' ? ENOENT : ENAMETOOLONG;
		return false;
	}
	strcpy(a->sun_path, path);
	return true;
}

static int
new_socket(bool block)
{
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	if (fd >= 0) {
		fcntl(fd, F_SETFD, FD_CLOEXEC);
		if (!block)
			fcntl(fd, F_SETFL, O_NONBLOCK);
	}
	return fd;
}

static void
fill(char *why, size_t cap, const char *what, const char *path)
{
	snprintf(why, cap, "%s %s: %s", what, path, strerror(errno));
}

/* ours tells whether the process at the other end of |fd| is of our user. */
static bool
ours(int fd)
{
	struct ucred u;
	socklen_t n = sizeof(u);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &u, &n) == 0
	    && u.uid == geteuid();
}

/* ---- listening ------------------------------------------------------------ */

/* alive tells whether somebody answers at |path|, or might. */
static bool
alive(const char *path)
{
	struct sockaddr_un a;
	int fd = new_socket(false);
	bool yes = true;

	if (fd >= 0 && address(&a, path)
	    && connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0)
		yes = errno != ECONNREFUSED && errno != ENOENT;
	if (fd >= 0)
		close(fd);
	return yes;
}

/* remove_dead removes the socket |path| if it is dead for certain. */
static bool
remove_dead(const char *path, const char *aside)
{
	bool dead;

	if (alive(path))
		return false;
	if (rename(path, aside) != 0)
		return errno == ENOENT; /* somebody else removed it */
	dead = !alive(aside);
	if (!dead)
		(void)link(aside, path);
	unlink(aside);
	return dead;
}

/* claim makes |path| another name of |own|; false with errno or |why|. */
static bool
claim(const char *own, const char *path, char *why, size_t cap)
{
	char aside[sizeof(((struct sockaddr_un *)0)->sun_path) + 1];
	struct stat st;

	snprintf(aside, sizeof(aside), "%s-", own);
	for (int i = 0; i < TRIES; i++) {
		if (link(own, path) == 0)
			return true;
		if (errno != EEXIST)
			break;
		if (lstat(path, &st) != 0)
			continue;
		if (!S_ISSOCK(st.st_mode)) {
			snprintf(why, cap, "cannot listen at %s: it exists and "
			    "is no socket", path);
			return false;
		}
		if (!remove_dead(path, aside)) {
			snprintf(why, cap, "cannot listen at %s: another "
			    "session does\nhint: 'marsh attach %s' joins it",
			    path, path);
			return false;
		}
	}
	fill(why, cap, "cannot listen at", path);
	return false;
}

/* bind_own binds and listens at |own|, which is nobody else's. */
static int
bind_own(const char *own)
{
	struct sockaddr_un a;
	struct stat st;
	int fd, rc, saved;
	mode_t mask;

	if (!address(&a, own) || (fd = new_socket(false)) < 0)
		return -1;
	if (lstat(own, &st) == 0 && S_ISSOCK(st.st_mode))
		unlink(own); /* of a process long gone with our number */
	mask = umask(0177);
	rc = bind(fd, (struct sockaddr *)&a, sizeof(a));
	umask(mask);
	if (rc == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

int
unix_listen(const char *path, struct unix_name *name, char *why, size_t cap)
{
	char own[sizeof(((struct sockaddr_un *)0)->sun_path)];
	struct stat st;
	int fd = -1;

	if (snprintf(own, sizeof(own), "%s.%ld", path, (long)getpid())
	    >= (int)sizeof(own) - 1)
		errno = ENAMETOOLONG;
	else
		fd = bind_own(own);
	if (fd < 0) {
		fill(why, cap, "cannot listen at", path);
		return -1;
	}
	if (!claim(own, path, why, cap) || stat(path, &st) != 0) {
		unlink(own);
		close(fd);
		return -1;
	}
	unlink(own);
	*name = (struct unix_name){ path, st.st_dev, st.st_ino };
	return fd;
}

void
unix_forget(const struct unix_name *name)
{
	struct stat st;

	if (lstat(name->path, &st) == 0 && st.st_dev == name->dev
	    && st.st_ino == name->ino)
		unlink(name->path);
}

int
unix_accept(int fd)
{
	int c = accept(fd, NULL, NULL);

	if (c < 0)
		return -1;
	if (!ours(c)) {
		close(c);
		errno = EAGAIN;
		return -1;
	}
	fcntl(c, F_SETFD, FD_CLOEXEC);
	fcntl(c, F_SETFL, O_NONBLOCK);
	return c;
}

/* ---- connecting ------------------------------------------------------------ */

int
unix_connect(const char *path, char *why, size_t cap)
{
	struct sockaddr_un a;
	int fd;

	if (!address(&a, path) || (fd = new_socket(true)) < 0) {
		fill(why, cap, "cannot attach to", path);
		return -1;
	}
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) != 0) {
		fill(why, cap, "cannot attach to", path);
		if (errno == ECONNREFUSED)
			snprintf(why, cap, "cannot attach to %s: the session "
			    "that was offered there has ended", path);
		close(fd);
		return -1;
	}
	if (!ours(fd)) {
		snprintf(why, cap, "cannot attach to %s: the session there is "
		    "another user's", path);
		close(fd);
		return -1;
	}
	fcntl(fd, F_SETFL, O_NONBLOCK);
	return fd;
}
