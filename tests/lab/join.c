/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * join FABRICD N COMMAND [ARG ...]: runs COMMAND in N lab kernels at once,
 * whose fabricds are joined by a hub on the host: a socket pair each, of which
 * one end is the kernel's first serial line and the other the hub's.  In
 * COMMAND's environment LAB_NUMBER is 1 to N.  With KILL_WHEN, kernel 1 is killed when
 * the file that it names appears.  Exits as the first that failed.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define KERNELS 16
#define LINE 9 /* the descriptor that a kernel has its line on */

struct kernel {
	pid_t pid;
	int hub, line;
};

static int
fail(const char *what)
{
	fprintf(stderr, "join: %s: %s\n", what, strerror(errno));
	return 125;
}

/* hub starts the program that all lines meet in. */
static pid_t
hub(const char *fabricd, const struct kernel *k, int n)
{
	static char fd[KERNELS][16];
	const char *argv[2 * KERNELS + 4];
	int c = 0;
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	argv[c++] = "fabricd";
	argv[c++] = "-vH";
	for (int i = 0; i < n; i++) {
		close(k[i].line);
		snprintf(fd[i], sizeof(fd[i]), "%d", k[i].hub);
		argv[c++] = "-t";
		argv[c++] = fd[i];
	}
	argv[c] = NULL;
	execv(fabricd, (char *const *)(uintptr_t)argv);
	_exit(fail(fabricd));
}

static pid_t
boot(const struct kernel *all, int n, int i, char **command)
{
	static const char *argv[64] = { "sh", "tests/lab/boot.sh" };
	char number[16];
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	for (int k = 0; k < 60 && command[k] != NULL; k++)
		argv[k + 2] = command[k];
	if (dup2(all[i].line, LINE) < 0)
		_exit(fail("dup2"));
	for (int k = 0; k < n; k++) {
		if (all[k].hub != LINE)
			close(all[k].hub);
		if (all[k].line != LINE)
			close(all[k].line);
	}
	(void)fcntl(LINE, F_SETFD, 0);
	snprintf(number, sizeof(number), "%d", i + 1);
	setenv("LAB_NUMBER", number, 1);
	setenv("LAB_ARGS", "ssl0=fd:9,fd:9", 1);
	setpgid(0, 0);
	execvp("sh", (char *const *)(uintptr_t)argv);
	_exit(fail("sh"));
}

/* parent_of reads the parent and the process group of |pid|. */
static pid_t
parent_of(pid_t pid, pid_t *group)
{
	char path[64], line[512], *p;
	int parent = 0, pgrp = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "r");
	if (f == NULL)
		return 0;
	if (fgets(line, sizeof(line), f) != NULL
	    && (p = strrchr(line, ')')) != NULL)
		(void)sscanf(p + 1, " %*c %d %d", &parent, &pgrp);
	fclose(f);
	*group = pgrp;
	return parent;
}

/*
 * crash ends |top| and all below it without a word.  A kernel has its processes
 * in a group of its own; all are found first, for the end of one makes orphans
 * of the others.
 */
static void
crash(pid_t top)
{
	pid_t found[64], pid, p, group, any;
	struct dirent *e;
	DIR *d = opendir("/proc");
	int n = 0;

	while (d != NULL && n < 64 && (e = readdir(d)) != NULL) {
		pid = (pid_t)atoi(e->d_name);
		if (pid <= 1 || parent_of(pid, &group) == 0)
			continue;
		for (p = pid; p > 1 && p != top; p = parent_of(p, &any))
			continue;
		if (p == top && group > 1 && group != getpgrp())
			found[n++] = group;
	}
	if (d != NULL)
		closedir(d);
	while (n > 0)
		kill(-found[--n], SIGKILL);
}

/* reap waits for all; the file of KILL_WHEN ends kernel 1 as a crash does. */
static int
reap(struct kernel *k, int n, const char *when)
{
	const struct timespec pause = { 0, 50000000 };
	int left = n, status, worst = 0;
	pid_t pid;

	while (left > 0) {
		pid = waitpid(-1, &status, WNOHANG);
		if (when != NULL && access(when, F_OK) == 0) {
			crash(k[0].pid);
			when = NULL;
		}
		if (pid <= 0) {
			nanosleep(&pause, NULL);
			continue;
		}
		for (int i = 0; i < n; i++)
			if (k[i].pid == pid) {
				left--;
				status = WIFEXITED(status) ?
				    WEXITSTATUS(status) : 125;
				if (worst == 0 && (i > 0
				    || getenv("KILL_WHEN") == NULL))
					worst = status;
			}
	}
	return worst;
}

int
main(int argc, char **argv)
{
	struct kernel k[KERNELS];
	int n = argc > 3 ? atoi(argv[2]) : 0, fd[2], status;
	pid_t h;

	if (n < 1 || n > KERNELS) {
		fprintf(stderr, "usage: join FABRICD N COMMAND [ARG ...]\n");
		return 2;
	}
	for (int i = 0; i < n; i++) {
		if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) != 0)
			return fail("socketpair");
		/* out of the way of LINE */
		k[i].hub = fcntl(fd[0], F_DUPFD, 20);
		k[i].line = fcntl(fd[1], F_DUPFD, 20);
		close(fd[0]);
		close(fd[1]);
	}
	h = hub(argv[1], k, n);
	for (int i = 0; i < n; i++)
		k[i].pid = boot(k, n, i, argv + 3);
	for (int i = 0; i < n; i++) {
		close(k[i].hub);
		close(k[i].line);
	}
	status = reap(k, n, getenv("KILL_WHEN"));
	kill(h, SIGTERM);
	waitpid(h, NULL, 0);
	return status;
}
