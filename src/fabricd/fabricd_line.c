/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Channels.  A terminal is made raw: a frame's octets are any octets.  A device
 * that hangs up is tried again, an inherited descriptor is not.  What is no
 * channel, a file above all, is never written to.
 */
#include "fabricd_line.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#define CHUNK 16384
#define RETRY MSPAN_SEC(1)

static bool
digits(const char *s)
{
	while (isdigit((unsigned char)*s))
		s++;
	return *s == '\0';
}

/* raw takes away whatever a terminal would do to octets. */
static int
raw(int fd)
{
	struct termios t;

	if (tcgetattr(fd, &t) != 0)
		return -1;
	t.c_iflag &= (tcflag_t)~(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR
	    | IGNCR | ICRNL | IXON | IXOFF);
	t.c_oflag &= (tcflag_t)~OPOST;
	t.c_lflag &= (tcflag_t)~(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	t.c_cflag &= (tcflag_t)~(CSIZE | PARENB);
	t.c_cflag |= CS8 | CREAD | CLOCAL;
	t.c_cc[VMIN] = 1;
	t.c_cc[VTIME] = 0;
	return tcsetattr(fd, TCSANOW, &t);
}

/* number returns the descriptor that |s| names; the first three are ours. */
static int
number(const char *s)
{
	long n = strtol(s, NULL, 10);

	if (n > 2 && n < INT_MAX)
		return (int)n;
	errno = EBADF;
	return -1;
}

static bool
channel(int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return false;
	if (S_ISCHR(st.st_mode) || S_ISSOCK(st.st_mode))
		return true;
	errno = ENOTTY;
	return false;
}

static bool
prepare(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	return flags >= 0 && channel(fd)
	    && fcntl(fd, F_SETFL, flags | O_NONBLOCK) == 0
	    && fcntl(fd, F_SETFD, FD_CLOEXEC) == 0
	    && (!isatty(fd) || raw(fd) == 0);
}

int
fab_line_open(struct fab_line *l)
{
	int err;

	l->retry = MTIME_NEVER;
	l->inherited = digits(l->name);
	if (l->inherited)
		l->fd = number(l->name);
	else
		l->fd = open(l->name, O_RDWR | O_NOCTTY | O_NONBLOCK);
	if (l->fd < 0)
		return -1;
	if (prepare(l->fd))
		return 0;
	err = errno;
	if (!l->inherited)
		close(l->fd);
	l->fd = -1;
	errno = err;
	return -1;
}

static bool
harmless(void)
{
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
}

bool
fab_line_read(struct fab_line *l, struct mtime now)
{
	uint8_t b[CHUNK];
	ssize_t n;

	/* A bounded share: a neighbour that never stops is not alone here. */
	for (int i = 0; i < 8; i++) {
		n = read(l->fd, b, sizeof(b));
		if (n < 0)
			return harmless();
		if (n == 0)
			return false;
		fab_trunk_in(l->trunk, now, b, (size_t)n);
		if ((size_t)n < sizeof(b))
			break;
	}
	return true;
}

bool
fab_line_write(struct fab_line *l)
{
	const uint8_t *b;
	size_t n;
	ssize_t done;

	while ((b = fab_trunk_out(l->trunk, &n)) != NULL) {
		done = write(l->fd, b, n);
		if (done < 0)
			return harmless();
		fab_trunk_sent(l->trunk, (size_t)done);
		if ((size_t)done < n)
			break;
	}
	return true;
}

void
fab_line_close(struct fab_line *l, struct mtime now)
{
	if (l->fd >= 0)
		close(l->fd);
	l->fd = -1;
	l->retry = l->inherited ? MTIME_NEVER : mtime_add(now, RETRY);
	fab_trunk_cut(l->trunk);
}
