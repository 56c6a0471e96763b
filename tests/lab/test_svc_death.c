/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signalling that dies under the backend and comes back, by kill -9 of the
 * daemon.  Runs inside the lab kernel without a daemon: it starts B/bin/fabricd
 * itself.
 */
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "failmem.h"
#include "marsh/svc/svc.h"

#define PORTS 3
#define PATIENCE MSPAN_SEC(15)

struct rig {
	struct failmem mem;
	struct svc *s;
	struct atm_net *net;
	atm_port port[PORTS];
	unsigned n[ATM_DATA + 1];
	unsigned cause;
};

static pid_t
start_signalling(void)
{
	const char *b = getenv("B");
	char path[1000];
	pid_t pid;

	snprintf(path, sizeof(path), "%s/bin/fabricd", b != NULL ? b : "build");
	pid = fork();
	if (pid == 0) {
		execl(path, path, "-l", "/dev/null", (char *)NULL);
		perror(path);
		_exit(127);
	}
	return pid;
}

static void
kill_signalling(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void
await_signalling(void)
{
	const struct timespec ms50 = { 0, 50000000 };
	char why[400] = "";

	for (int i = 0; i < 100; i++) {
		if (svc_available(why, sizeof(why)))
			return;
		nanosleep(&ms50, NULL);
	}
	fail_msg("%s", why);
}

static struct atm_addr
address(unsigned i)
{
	uint8_t nsap[ATM_NSAP_LEN] = { 0x47, 0x00, 0x05, 0x82 };

	nsap[18] = (uint8_t)(i + 1);
	return atm_addr_nsap(nsap);
}

static void
ask(struct rig *r, unsigned i, enum atm_req_kind kind, atm_ref ref,
    unsigned to)
{
	struct atm_req rq = { .kind = kind, .ref = ref, .use = ATM_USE_RAW,
		.dst = address(to) };

	atm_net_submit(r->net, r->port[i], &rq);
}

/* one takes what comes next, not after |until|; false when nothing does. */
static bool
one(struct rig *r, struct mtime until)
{
	struct atm_ev ev;

	if (atm_net_next(r->net, until, &ev) != 1)
		return false;
	r->n[ev.ind.kind]++;
	if (ev.ind.kind == ATM_RELEASED || ev.ind.kind == ATM_RQFAILED)
		r->cause = ev.ind.cause;
	return true;
}

static void
run(struct rig *r, int ms)
{
	struct mtime until = mtime_add(atm_net_now(r->net), MSPAN_MS(ms));

	memset(r->n, 0, sizeof(r->n));
	while (one(r, until))
		;
	assert_null(svc_check(r->s));
}

/* expect runs until |n| indications of |kind| came, and no more of them. */
static void
expect(struct rig *r, enum atm_ind_kind kind, unsigned n)
{
	struct mtime end = mtime_add(atm_net_now(r->net), PATIENCE);

	memset(r->n, 0, sizeof(r->n));
	while (r->n[kind] < n && one(r, end))
		;
	end = mtime_add(atm_net_now(r->net), MSPAN_MS(100));
	while (one(r, end))
		;
	assert_int_equal(r->n[kind], n);
	assert_null(svc_check(r->s));
}

/* expect_note runs until there is something to tell, which says |word|. */
static void
expect_note(struct rig *r, const char *word)
{
	struct mtime end = mtime_add(atm_net_now(r->net), PATIENCE);
	const char *text;

	while ((text = svc_note(r->s)) == NULL
	    && !mtime_reached(end, atm_net_now(r->net)))
		run(r, 20);
	assert_non_null(text);
	assert_non_null(strstr(text, word));
	assert_null(svc_note(r->s));
}

static void
begin(struct rig *r)
{
	struct svc_cfg cfg;
	char why[200] = "";

	memset(r, 0, sizeof(*r));
	failmem_init(&r->mem);
	svc_defaults(&cfg);
	r->s = svc_new(&cfg, &r->mem.mem, why, sizeof(why));
	assert_non_null(r->s);
	r->net = svc_net(r->s);
	for (unsigned i = 0; i < PORTS; i++) {
		struct atm_addr a = address(i);

		assert_int_equal(atm_net_attach(r->net, &a, &r->port[i]), 0);
	}
}

static void
everything(struct rig *r)
{
	ask(r, 0, ATM_CALL_RQ, 1, 1);
	ask(r, 0, ATM_MULTI_RQ, 2, 1);
	ask(r, 0, ATM_MULTI_ADD, 2, 2);
	expect(r, ATM_REMOTE_CALL, 3);
	assert_int_equal(r->n[ATM_ACK], 3);
}

static void
test_nobody(void **state)
{
	char why[400];

	(void)state;
	assert_false(svc_available(why, sizeof(why)));
	assert_non_null(strstr(why, "signalling"));
	assert_non_null(strstr(why, "fabricd"));
	assert_non_null(strstr(why, "in-process fabric"));
	assert_non_null(strstr(why, "make lab"));
}

static void
test_dies_and_comes_back(void **state)
{
	pid_t pid = start_signalling();
	struct rig r;

	(void)state;
	await_signalling();
	begin(&r);
	for (int i = 0; i < 3; i++) {
		everything(&r);
		kill_signalling(pid);
		expect(&r, ATM_RELEASED, 5);
		assert_int_equal(r.cause, ATM_CAUSE_NET_OUT);
		expect_note(&r, "died");
		ask(&r, 1, ATM_CALL_RQ, 7, 2);
		expect(&r, ATM_RQFAILED, 1);
		pid = start_signalling();
		await_signalling();
		expect_note(&r, "back");
		run(&r, 500); /* the last port, too */
	}
	everything(&r);
	atm_net_close(r.net);
	assert_int_equal(r.mem.live, 0);
	kill_signalling(pid);
}

/* It dies at any moment of calls, joinings and partings. */
static void
test_dies_anywhere(void **state)
{
	(void)state;
	for (int us = 0; us < 20000; us += 1300) {
		const struct timespec t = { 0, us * 1000L };
		pid_t pid = start_signalling();
		struct rig r;

		await_signalling();
		begin(&r);
		if (fork() == 0) {
			nanosleep(&t, NULL);
			kill(pid, SIGKILL);
			_exit(0);
		}
		for (atm_ref ref = 1; ref < 40; ref += 2) {
			ask(&r, 0, ATM_CALL_RQ, ref, 1);
			ask(&r, 0, ATM_MULTI_RQ, ref + 1, 1);
			ask(&r, 0, ATM_MULTI_ADD, ref + 1, 2);
			if (ref > 4)
				ask(&r, 0, ATM_MULTI_DROP, ref - 3, 1);
			run(&r, 1);
		}
		run(&r, 100);
		kill_signalling(pid);
		while (wait(NULL) > 0)
			;
		run(&r, 100);
		atm_net_close(r.net);
		assert_int_equal(r.mem.live, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_dies_and_comes_back),
		cmocka_unit_test(test_dies_anywhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
