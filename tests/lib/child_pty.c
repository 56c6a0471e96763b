/* SPDX-License-Identifier: BSD-2-Clause */
/* Children on a pseudo-terminal: someone types, and reads what comes. */
#define _XOPEN_SOURCE 700 /* posix_openpt and its kin */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void
die(const struct child_pty *p, const char *what)
{
	fprintf(stderr, "terminal: %s: %s\n--- it showed:\n%s\n---\n", what,
	    strerror(errno), p->buf == NULL ? "" : p->buf);
	if (p->pid > 0)
		kill(p->pid, SIGKILL);
	_exit(99);
}

/* start makes |name| the child's controlling terminal. */
static void
start(const char *const *argv, const char *name, unsigned rows)
{
	struct winsize ws = { .ws_row = (unsigned short)rows, .ws_col = 80 };
	const char *path = child_marsh();
	int fd;

	setsid();
	fd = open(name, O_RDWR);
	if (fd < 0)
		_exit(98);
	ioctl(fd, TIOCSCTTY, 0);
	ioctl(fd, TIOCSWINSZ, &ws);
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	if (fd > 2)
		close(fd);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGHUP, SIG_DFL);
	execv(path, (char *const *)argv);
	_exit(97);
}

void
child_pty_open(struct child_pty *p, const char *const *argv, unsigned rows)
{
	const char *name;

	memset(p, 0, sizeof(*p));
	p->buf = calloc(1, 1);
	alarm(CHILD_LIMIT);
	p->fd = posix_openpt(O_RDWR | O_NOCTTY);
	if (p->fd < 0 || grantpt(p->fd) != 0 || unlockpt(p->fd) != 0
	    || (name = ptsname(p->fd)) == NULL)
		die(p, "no pseudo-terminal");
	fcntl(p->fd, F_SETFD, FD_CLOEXEC);
	p->pid = fork();
	if (p->pid < 0)
		die(p, "fork");
	if (p->pid == 0)
		start(argv, name, rows);
}

void
child_pty_send(struct child_pty *p, const char *s)
{
	size_t n = strlen(s);

	while (n > 0) {
		ssize_t k = write(p->fd, s, n);

		if (k < 0 && errno != EINTR)
			die(p, "write");
		if (k > 0) {
			s += k;
			n -= (size_t)k;
		}
	}
}

/* more reads what has come; at the end of the other side it sets eof. */
static void
more(struct child_pty *p)
{
	char buf[4096];
	ssize_t n;

	n = read(p->fd, buf, sizeof(buf));
	if (n < 0 && errno == EINTR)
		return;
	if (n <= 0) {
		p->eof = true;
		return;
	}
	p->buf = realloc(p->buf, p->len + (size_t)n + 1);
	if (p->buf == NULL)
		die(p, "memory");
	memcpy(p->buf + p->len, buf, (size_t)n);
	p->len += (size_t)n;
	p->buf[p->len] = '\0';
}

void
child_pty_expect(struct child_pty *p, const char *text)
{
	struct pollfd f = { p->fd, POLLIN, 0 };
	const char *at;

	while ((at = strstr(p->buf + p->seen, text)) == NULL) {
		if (p->eof || poll(&f, 1, CHILD_LIMIT * 500) == 0) {
			fprintf(stderr, "terminal: wanted '%s'\n", text);
			die(p, p->eof ? "it has ended" : "it hangs");
		}
		more(p);
	}
	p->seen = (size_t)(at - p->buf) + strlen(text);
}

void
child_pty_hangup(struct child_pty *p)
{
	close(p->fd);
	p->fd = -1;
}

int
child_pty_end(struct child_pty *p)
{
	struct pollfd f = { p->fd, POLLIN, 0 };
	int status;

	while (p->fd >= 0 && !p->eof) {
		if (poll(&f, 1, CHILD_LIMIT * 500) == 0)
			die(p, "it does not end");
		more(p);
	}
	if (waitpid(p->pid, &status, 0) != p->pid)
		die(p, "waitpid");
	p->pid = 0;
	alarm(0);
	return WIFEXITED(status) ? WEXITSTATUS(status)
				 : 128 + WTERMSIG(status);
}

void
child_pty_free(struct child_pty *p)
{
	if (p->pid > 0) {
		kill(p->pid, SIGKILL);
		waitpid(p->pid, NULL, 0);
	}
	if (p->fd >= 0)
		close(p->fd);
	free(p->buf);
	memset(p, 0, sizeof(*p));
	p->fd = -1;
}
