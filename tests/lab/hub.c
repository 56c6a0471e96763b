/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hub FABRICD DIR N: a hub on the host for lab kernels that come and go, each
 * in a terminal of its own.  DIR/1 to DIR/N are its lines: terminals that stay
 * open here, so that a kernel that ends takes nothing with it and the next one
 * on its line is heard again.
 */
#define _XOPEN_SOURCE 700 /* pseudo-terminals */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define LINES 15 /* a hexadecimal digit of an address each, none is 0 */

static pid_t fabricd;

static int
fail(const char *what)
{
	fprintf(stderr, "hub: %s: %s\n", what, strerror(errno));
	return 1;
}

/* plain makes |fd| hand on octets as they are, before anybody reads. */
static int
plain(int fd)
{
	struct termios t;

	if (tcgetattr(fd, &t) != 0)
		return -1;
	t.c_iflag = 0;
	t.c_oflag &= (tcflag_t)~OPOST;
	t.c_lflag &= (tcflag_t)~(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	return tcsetattr(fd, TCSANOW, &t);
}

/* line makes |path| a name of a new terminal; returns the hub's end of it. */
static int
line(const char *path)
{
	int hub = posix_openpt(O_RDWR | O_NOCTTY), kernel;
	const char *name;

	if (hub < 0 || grantpt(hub) != 0 || unlockpt(hub) != 0
	    || (name = ptsname(hub)) == NULL)
		return -1;
	kernel = open(name, O_RDWR | O_NOCTTY); /* open to the end */
	if (kernel < 0 || plain(kernel) != 0)
		return -1;
	if ((unlink(path) != 0 && errno != ENOENT) || symlink(name, path) != 0)
		return -1;
	return hub;
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
	struct sigaction sa = { .sa_handler = end };
	int n = argc == 4 ? atoi(argv[3]) : 0, status;
	char path[LINES][PATH_MAX], fd[LINES][16];

	if (n < 1 || n > LINES) {
		fprintf(stderr, "usage: hub FABRICD DIR N\n");
		return 2;
	}
	if (mkdir(argv[2], 0700) != 0 && errno != EEXIST)
		return fail(argv[2]);
	for (int i = 0; i < n; i++) {
		snprintf(path[i], sizeof(path[i]), "%s/%d", argv[2], i + 1);
		snprintf(fd[i], sizeof(fd[i]), "%d", line(path[i]));
		if (fd[i][0] == '-')
			return fail(path[i]);
	}
	fabricd = fork();
	if (fabricd == 0)
		switch_lines(argv[1], fd, n);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	sigaction(SIGHUP, &sa, NULL);
	while (waitpid(fabricd, &status, 0) < 0)
		if (errno != EINTR)
			return fail("fabricd");
	for (int i = 0; i < n; i++)
		unlink(path[i]);
	(void)rmdir(argv[2]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
