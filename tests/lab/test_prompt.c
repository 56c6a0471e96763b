/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The prompt on real SVCs: a key is answered at once, and not when the network
 * has had its turn, which here is never over.  Runs inside the lab kernel.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "child.h"

#define KEYS 40

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/*
 * Each key is sent when the one before it is on the screen.  50 ms a key would
 * be 2 s in all; the bound leaves room for a host that is busy with others, and
 * none for a wait as long as the last one was.
 */
static void
test_keys(void **state)
{
	static const char *const argv[] = { "marsh", "-q", "-b", "atm", NULL };
	const struct timespec pause = { 0, 50000000 };
	struct child_pty p;
	double began, spent = 0;

	(void)state;
	setenv("TERM", "xterm", 1);
	setenv("LC_ALL", "C", 1);
	setenv("XDG_STATE_HOME", "/run", 1);
	child_pty_open(&p, argv, 24);
	child_pty_expect(&p, "marsh> ");
	child_pty_send(&p, "load lab.one pps=10\r");
	child_pty_expect(&p, "s> ");
	for (int i = 0; i < KEYS; i++) {
		char key[2] = { (char)('a' + i % 26), '\0' };

		nanosleep(&pause, NULL);
		began = seconds();
		child_pty_send(&p, key);
		child_pty_expect(&p, key);
		spent += seconds() - began;
	}
	print_message("a key is answered after %.1f ms\n",
	    spent / KEYS * 1000);
	assert_true(spent < KEYS * 0.2);
	child_pty_send(&p, "\025C1.registered\r");
	child_pty_expect(&p, "true");
	child_pty_send(&p, "quit\r");
	assert_int_equal(child_pty_end(&p), 0);
	child_pty_free(&p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_keys) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
