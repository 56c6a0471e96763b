/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hub FABRICD DIR N: a hub on the host for lab kernels that come and go, each
 * in a terminal of its own.  Line i is a pair of FIFOs, DIR/i.in that its kernel
 * reads and DIR/i.out that it writes; both stay open here, so that a kernel that
 * ends takes nothing with it and the next one on its line is heard again.
 * (Terminals would not do: a kernel takes them over, and they hang up with it.)
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LINES 15 /* a hexadecimal digit of an address each, none is 0 */

/* One direction of a line; what does not fit waits, and no more is read. */
struct pump {
	int from, to;
	char b[4096];
	size_t at, n;
};

static pid_t fabricd;

static int
fail(const char *what)
{
	fprintf(stderr, "hub: %s: %s\n", what, strerror(errno));
	return 1;
}

/* fifo makes |path| a FIFO and opens it so that it never ends. */
static int
fifo(const char *path)
{
	if (mkfifo(path, 0600) != 0 && errno != EEXIST)
		return -1;
	return open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
}

/* line makes the FIFOs of |dir|/|i|; returns fabricd's end, or -1. */
static int
line(const char *dir, int i, struct pump *in, struct pump *out)
{
	char path[PATH_MAX];
	int fd[2];

	snprintf(path, sizeof(path), "%s/%d.in", dir, i);
	in->to = fifo(path);
	snprintf(path, sizeof(path), "%s/%d.out", dir, i);
	out->from = fifo(path);
	if (in->to < 0 || out->from < 0
	    || socketpair(AF_UNIX, SOCK_STREAM, 0, fd) != 0)
		return -1;
	if (fcntl(fd[0], F_SETFL, O_NONBLOCK) != 0
	    || fcntl(fd[0], F_SETFD, FD_CLOEXEC) != 0)
		return -1;
	in->from = out->to = fd[0];
	return fd[1];
}

static void
tidy(const char *dir, int n)
{
	char path[PATH_MAX];

	for (int i = 1; i <= n; i++) {
		snprintf(path, sizeof(path), "%s/%d.in", dir, i);
		unlink(path);
		snprintf(path, sizeof(path), "%s/%d.out", dir, i);
		unlink(path);
	}
	(void)rmdir(dir);
}

/* move is one step of |p|; false: fabricd is gone. */
static bool
move(struct pump *p)
{
	ssize_t n;

	if (p->n == 0) {
		n = read(p->from, p->b, sizeof(p->b));
		if (n <= 0)
			return n < 0 && (errno == EAGAIN || errno == EINTR);
		p->at = 0;
		p->n = (size_t)n;
	}
	n = write(p->to, p->b + p->at, p->n);
	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	p->at += (size_t)n;
	p->n -= (size_t)n;
	return true;
}

/* carry moves octets until fabricd has ended. */
static void
carry(struct pump *p, nfds_t n)
{
	struct pollfd v[2 * LINES];

	for (;;) {
		for (nfds_t i = 0; i < n; i++)
			v[i] = (struct pollfd){
				.fd = p[i].n > 0 ? p[i].to : p[i].from,
				.events = p[i].n > 0 ? POLLOUT : POLLIN };
		if (poll(v, n, -1) < 0 && errno != EINTR)
			return;
		for (nfds_t i = 0; i < n; i++)
			if (v[i].revents != 0 && !move(&p[i]))
				return;
	}
}

/* Both have the terminal's group: on ^C fabricd ends by itself. */
static void
end(int sig)
{
	kill(fabricd, sig);
}

static void
switch_lines(const char *program, char fd[][16], int n)
{
	const char *argv[2 * LINES + 3];
	int c = 0;

	argv[c++] = "fabricd";
	argv[c++] = "-vH";
	for (int i = 0; i < n; i++) {
		argv[c++] = "-t";
		argv[c++] = fd[i];
	}
	argv[c] = NULL;
	execv(program, (char *const *)(uintptr_t)argv);
	_exit(fail(program));
}

int
main(int argc, char **argv)
{
	static struct pump p[2 * LINES];
	struct sigaction sa = { .sa_handler = end };
	int n = argc == 4 ? atoi(argv[3]) : 0, fd[LINES], status = 0;
	char text[LINES][16];

	if (n < 1 || n > LINES) {
		fprintf(stderr, "usage: hub FABRICD DIR N\n");
		return 2;
	}
	if (mkdir(argv[2], 0700) != 0 && errno != EEXIST)
		return fail(argv[2]);
	for (int i = 0; i < n; i++) {
		fd[i] = line(argv[2], i + 1, &p[2 * i], &p[2 * i + 1]);
		if (fd[i] < 0)
			return fail(argv[2]);
		snprintf(text[i], sizeof(text[i]), "%d", fd[i]);
	}
	fabricd = fork();
	if (fabricd == 0)
		switch_lines(argv[1], text, n);
	for (int i = 0; i < n; i++)
		close(fd[i]);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
	carry(p, 2 * (nfds_t)n);
	while (waitpid(fabricd, &status, 0) < 0 && errno == EINTR)
		continue;
	tidy(argv[2], n);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
