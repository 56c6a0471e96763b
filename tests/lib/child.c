/* SPDX-License-Identifier: BSD-2-Clause */
/* Children with pipes: what a program prints and how it ends. */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void
die(const char *what)
{
	fprintf(stderr, "child: %s: %s\n", what, strerror(errno));
	_exit(99);
}

const char *
child_marsh(void)
{
	static char path[8192];
	const char *marsh = getenv("MARSH"), *b = getenv("B");
	char here[4096] = "";

	if (marsh == NULL)
		marsh = getenv("MARSH_BIN");
	/* tests run it from other directories: the path is made absolute */
	if (*(marsh == NULL ? b == NULL ? "" : b : marsh) != '/'
	    && getcwd(here, sizeof(here)) == NULL)
		die("getcwd");
	if (marsh != NULL)
		snprintf(path, sizeof(path), "%s%s%s", here,
		    *here == '\0' ? "" : "/", marsh);
	else
		snprintf(path, sizeof(path), "%s%s%s/bin/marsh", here,
		    *here == '\0' ? "" : "/", b == NULL ? "build" : b);
	return path;
}

/* start runs the child on the ends of three pipes. */
static void
start(const char *const *argv, const char *dir, int p[3][2])
{
	const char *path = child_marsh();

	dup2(p[0][0], 0);
	dup2(p[1][1], 1);
	dup2(p[2][1], 2);
	for (int i = 0; i < 3; i++) {
		close(p[i][0]);
		close(p[i][1]);
	}
	if (dir != NULL && chdir(dir) != 0)
		_exit(98);
	execv(path, (char *const *)argv);
	_exit(97);
}

/* slurp appends what |fd| has to |*text|; false at its end. */
static bool
slurp(int fd, char **text, size_t *len)
{
	char buf[4096];
	ssize_t n = read(fd, buf, sizeof(buf));

	if (n <= 0)
		return n < 0 && errno == EINTR;
	*text = realloc(*text, *len + (size_t)n + 1);
	if (*text == NULL)
		die("memory");
	memcpy(*text + *len, buf, (size_t)n);
	*len += (size_t)n;
	(*text)[*len] = '\0';
	return true;
}

/* feed writes some of |*in|; false when there is no more to write. */
static bool
feed(int fd, const char **in)
{
	size_t len = strlen(*in);
	ssize_t n = write(fd, *in, len < 4096 ? len : 4096);

	if (n > 0)
		*in += n;
	return **in != '\0' && (n > 0 || errno == EAGAIN || errno == EINTR);
}

/* talk serves the three pipes until the child has closed its two. */
static void
talk(struct child_run *r, const char *in, int p[3][2])
{
	struct pollfd f[3] = { { p[0][1], POLLOUT, 0 }, { p[1][0], POLLIN, 0 },
		{ p[2][0], POLLIN, 0 } };
	size_t len[2] = { 0, 0 };

	fcntl(p[0][1], F_SETFL, O_NONBLOCK);
	if (*in == '\0') {
		close(f[0].fd);
		f[0].fd = -1;
	}
	while (f[1].fd >= 0 || f[2].fd >= 0) {
		if (poll(f, 3, CHILD_LIMIT * 500) == 0)
			die("it hangs");
		if (f[0].fd >= 0 && f[0].revents != 0 && !feed(f[0].fd, &in)) {
			close(f[0].fd);
			f[0].fd = -1;
		}
		if (f[1].revents != 0 && !slurp(f[1].fd, &r->out, &len[0]))
			f[1].fd = -1;
		if (f[2].revents != 0 && !slurp(f[2].fd, &r->err, &len[1]))
			f[2].fd = -1;
	}
	if (f[0].fd >= 0)
		close(f[0].fd);
}

void
child_run(struct child_run *r, const char *const *argv, const char *in,
    const char *dir)
{
	struct rusage use;
	int p[3][2], status;
	pid_t pid;

	signal(SIGPIPE, SIG_IGN);
	alarm(CHILD_LIMIT);
	memset(r, 0, sizeof(*r));
	r->out = calloc(1, 1);
	r->err = calloc(1, 1);
	for (int i = 0; i < 3; i++)
		if (pipe(p[i]) != 0)
			die("pipe");
	pid = fork();
	if (pid < 0)
		die("fork");
	if (pid == 0)
		start(argv, dir, p);
	close(p[0][0]);
	close(p[1][1]);
	close(p[2][1]);
	talk(r, in == NULL ? "" : in, p);
	close(p[1][0]);
	close(p[2][0]);
	if (waitpid(pid, &status, 0) != pid)
		die("waitpid");
	alarm(0);
	getrusage(RUSAGE_CHILDREN, &use);
	r->rss = use.ru_maxrss;
	r->status = WIFEXITED(status) ? WEXITSTATUS(status)
				      : 128 + WTERMSIG(status);
}

void
child_run_free(struct child_run *r)
{
	free(r->out);
	free(r->err);
	memset(r, 0, sizeof(*r));
}
