/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spawn TIMES COMMAND [ARG ...]: starts a command that often, one after the
 * other, and prints the median of the times it took, in milliseconds.  What a
 * shell would add around it stays out.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Returns the exit status of |argv|, whose output nobody sees. */
static int
run(char *const *argv)
{
	pid_t pid = fork();
	int status = 0, null;

	if (pid == 0) {
		null = open("/dev/null", O_RDWR);
		if (null >= 0) {
			dup2(null, 0);
			dup2(null, 1);
		}
		execvp(argv[0], argv);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		return 127;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

static int
order(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

int
main(int argc, char **argv)
{
	static int64_t took[1000];
	int i, n = argc > 2 ? atoi(argv[1]) : 0;

	if (n < 1 || n > 1000) {
		fprintf(stderr, "usage: spawn times(1..1000) command ...\n");
		return 2;
	}
	for (i = 0; i < n; i++) {
		int64_t start = now();
		int status = run(argv + 2);

		took[i] = now() - start;
		if (status != 0) {
			fprintf(stderr, "%s: status %d\n", argv[2], status);
			return 1;
		}
	}
	qsort(took, (size_t)n, sizeof(took[0]), order);
	printf("%.3f\n", (double)took[n / 2] / 1e6);
	return 0;
}
