/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_ATTACH_RIG_H
#define TESTS_ATTACH_RIG_H

/*
 * A session with a control socket on a terminal, so that what shows there is
 * seen; marsh attach beside it; and bare connections.
 */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "child.h"

static char dir[] = "/tmp/marsh-attach-XXXXXX";
static char path[64]; /* of the socket */
static struct child_pty session;
static struct child_run r;

/* attach runs marsh attach with up to six arguments, NULL-terminated. */
static inline void
attach(int status, const char *a1, ...)
{
	const char *argv[12] = { "marsh", "-q", "attach", path, a1 };
	va_list ap;

	va_start(ap, a1);
	for (size_t n = 5; n < 11 && argv[n - 1] != NULL; n++)
		argv[n] = va_arg(ap, const char *);
	va_end(ap);
	child_run_free(&r);
	child_run(&r, argv, NULL, dir);
	if (r.status != status)
		fail_msg("status %d, wanted %d\n%s%s", r.status, status, r.out,
		    r.err);
}

static inline void
prints(const char *out, const char *err)
{
	assert_string_equal(r.out, out);
	assert_string_equal(r.err, err);
}

static inline void
session_open(void)
{
	const char *argv[] = { "marsh", "-q", "-l", path, NULL };

	child_pty_open(&session, argv, 24);
	child_pty_expect(&session, "marsh> ");
}

static inline void
session_close(void)
{
	child_pty_send(&session, "quit\r");
	assert_int_equal(child_pty_end(&session), 0);
	child_pty_free(&session);
	assert_int_equal(access(path, F_OK), -1);
}

/* still_there: the session answers those who attach, and who types at it. */
static inline void
still_there(void)
{
	attach(0, "-e", "6*7", NULL);
	prints("42\n", "");
	child_pty_send(&session, "'at'..'home'\r");
	child_pty_expect(&session, "athome");
	child_pty_expect(&session, "> ");
}

static inline int
connect_to(const char *to)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	snprintf(a.sun_path, sizeof(a.sun_path), "%s", to);
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) == 0)
		return fd;
	close(fd);
	return -1;
}

static inline int
setup(void **state)
{
	(void)state;
	/* where the sessions run, so that they find the pipe */
	assert_non_null(mkdtemp(dir));
	setenv("MARSH", child_marsh(), 1);
	assert_int_equal(chdir(dir), 0);
	assert_int_equal(mkfifo("go", 0600), 0);
	snprintf(path, sizeof(path), "%s/s", dir);
	setenv("HOME", dir, 1);
	setenv("TERM", "dumb", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	unsetenv("MARSH_SEED");
	unsetenv("XDG_CONFIG_HOME");
	setenv("XDG_STATE_HOME", "/dev/null", 1);
	return 0;
}

static inline int
teardown(void **state)
{
	(void)state;
	child_run_free(&r);
	unlink("go");
	return rmdir(dir);
}

#endif
