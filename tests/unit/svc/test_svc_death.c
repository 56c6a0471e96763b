/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signalling that dies and comes back, ports that crash and hang, and an
 * allocator that says no.
 */
#include <poll.h>

#include "marsh/base/err.h"
#include "svc_rig.h"

static void
revive(void)
{
	fake_set(&fake.dead, false);
}

/* settle takes events until none comes for a while, and counts kinds. */
static void
count(struct rig *r, unsigned *n, int ms)
{
	while (rig_next(r, ms))
		n[r->ev.ind.kind]++;
}

static void
test_signalling_dies(void **state)
{
	unsigned n[ATM_DATA + 1] = { 0 };
	const struct atm_ind *ind;
	struct rig r;

	(void)state;
	rig_begin(&r);
	rig_link(&r, 0, ATM_CALL_RQ, 1, 1);
	rig_link(&r, 0, ATM_MULTI_RQ, 2, 1);
	rig_link(&r, 0, ATM_MULTI_ADD, 2, 2);
	fake_kill();
	for (int i = 0; i < 5; i++) { /* both ends of two, two leaves */
		assert_true(rig_next(&r, 10000));
		ind = &r.ev.ind;
		assert_int_equal(ind->kind, ATM_RELEASED);
		assert_int_equal(ind->cause, ATM_CAUSE_NET_OUT);
	}
	assert_non_null(strstr(svc_note(r.s), "died"));
	rig_ask(&r, 0, ATM_CALL_RQ, 1, 1);
	ind = rig_want(&r, 0, ATM_RQFAILED);
	assert_int_equal(ind->cause, ATM_CAUSE_NET_OUT);
	count(&r, n, 30);
	assert_int_equal(n[ATM_RELEASED], 0);
	revive();
	while (svc_note(r.s) == NULL)
		rig_next(&r, 20);
	count(&r, n, 300);
	for (unsigned i = 1; i < RIG_PORTS; i++)
		rig_link(&r, 0, ATM_CALL_RQ, i, i);
	rig_quiet(&r);
	rig_end(&r);
}

/* A call and an ADD PARTY that wait for signalling fail when it dies. */
static void
test_dies_while_joining(void **state)
{
	unsigned n[ATM_DATA + 1] = { 0 };
	struct rig r;

	(void)state;
	rig_begin(&r);
	rig_link(&r, 0, ATM_MULTI_RQ, 2, 1);
	fake_set(&fake.hold_add, true);
	rig_ask(&r, 0, ATM_MULTI_ADD, 2, 2);
	rig_ask(&r, 0, ATM_MULTI_ADD, 2, 3);
	rig_ask(&r, 1, ATM_CALL_RQ, 1, 2);
	fake_kill();
	fake_set(&fake.hold_add, false);
	count(&r, n, 50);
	assert_int_equal(n[ATM_ACK], n[ATM_REMOTE_CALL]);
	assert_true(n[ATM_RELEASED] + n[ATM_RQFAILED] >= 3);
	revive();
	count(&r, n, 400);
	rig_link(&r, 0, ATM_MULTI_RQ, 2, 1); /* its reference is free again */
	rig_end(&r);
}

/* Without signalling a port can be made all the same, and comes up later. */
static void
test_attach_without(void **state)
{
	struct rig r;
	atm_port port;

	(void)state;
	rig_begin(&r);
	fake_kill();
	assert_int_equal(atm_net_attach(r.net, &r.addr[10], &port), 0);
	assert_int_equal(atm_net_attach(r.net, &r.addr[10], &port),
	    MARSH_EEXIST);
	revive();
	while (rig_next(&r, 400))
		;
	rig_link(&r, 0, ATM_CALL_RQ, 1, 1);
	rig_end(&r);
}

/* Somebody else listens at our address. */
static void
test_attach_taken(void **state)
{
	struct svc_job other = { .op = SVC_OP_LISTEN };
	struct rig r;
	atm_port port;

	(void)state;
	rig_begin(&r);
	assert_int_equal(svc_addr_to(&r.addr[10], &other.local), 0);
	fake_run(NULL, &other);
	assert_int_equal(other.err, 0);
	assert_int_equal(atm_net_attach(r.net, &r.addr[10], &port),
	    MARSH_ETAKEN);
	other.op = SVC_OP_CLOSE;
	fake_run(NULL, &other);
	assert_int_equal(atm_net_attach(r.net, &r.addr[10], &port), 0);
	rig_end(&r);
}

/* A crash: others are told, calls fail, it is told nothing; then it is up. */
static void
test_down(void **state)
{
	struct rig r;

	(void)state;
	rig_begin(&r);
	rig_link(&r, 0, ATM_CALL_RQ, 1, 1);
	svc_down(r.s, r.port[0]);
	rig_want(&r, 1, ATM_RELEASED);
	rig_ask(&r, 0, ATM_CALL_RQ, 1, 1);
	rig_ask(&r, 1, ATM_CALL_RQ, 1, 0);
	rig_want(&r, 1, ATM_RQFAILED);
	rig_quiet(&r);
	svc_up(r.s, r.port[0]);
	rig_link(&r, 1, ATM_CALL_RQ, 1, 0);
	rig_link(&r, 0, ATM_CALL_RQ, 1, 1);
	rig_end(&r);
}

/* A stuck program: calls are accepted, nothing is told, the timer waits. */
static void
test_hang(void **state)
{
	struct rig r;

	(void)state;
	rig_begin(&r);
	rig_link(&r, 0, ATM_CALL_RQ, 1, 1);
	svc_hang(r.s, r.port[1], true);
	atm_net_timer(r.net, r.port[1], atm_net_now(r.net));
	rig_send(&r, 0, 1, 'l');
	rig_ask(&r, 0, ATM_CALL_RQ, 2, 1);
	rig_want(&r, 0, ATM_ACK);
	rig_quiet(&r);
	svc_hang(r.s, r.port[1], false);
	assert_true(rig_next(&r, 1000));
	assert_true(r.ev.timer);
	rig_send(&r, 0, 1, 'm');
	rig_want_data(&r, 1, 'm');
	rig_end(&r);
}

static void
test_wake(void **state)
{
	struct rig r;

	(void)state;
	rig_begin(&r);
	svc_wake(r.s);
	assert_int_equal(atm_net_next(r.net, MTIME_NEVER, &r.ev), 0);
	rig_end(&r);
}

static bool
readable(struct rig *r, int ms)
{
	struct pollfd p = { .fd = svc_fd(r->s), .events = POLLIN };

	return poll(&p, 1, ms) == 1;
}

/* Who polls the descriptor need not look unless there is something to do. */
static void
test_fd(void **state)
{
	struct rig r;

	(void)state;
	rig_begin(&r);
	while (readable(&r, 0))
		assert_false(rig_next(&r, 0));
	/* a request that failed at once */
	rig_link(&r, 0, ATM_MULTI_RQ, 1, 1);
	rig_quiet(&r);
	assert_false(readable(&r, 0));
	rig_ask(&r, 0, ATM_MULTI_ADD, 1, 1);
	assert_true(readable(&r, 0));
	rig_want(&r, 0, ATM_RQFAILED);
	rig_quiet(&r);
	assert_false(readable(&r, 0));
	/* a timer */
	atm_net_timer(r.net, r.port[2], mtime_add(atm_net_now(r.net),
	    MSPAN_MS(1)));
	assert_true(readable(&r, 10000));
	assert_true(rig_next(&r, 0));
	assert_true(r.ev.timer);
	while (rig_next(&r, 0))
		;
	assert_false(readable(&r, 0));
	/* what the network brings */
	rig_send(&r, 0, 1, 7);
	assert_true(readable(&r, 10000));
	rig_want_data(&r, 1, 7);
	rig_quiet(&r);
	assert_false(readable(&r, 0));
	rig_end(&r);
}

/* story is a little of everything; memory may be refused anywhere in it. */
static void
story(struct rig *r)
{
	struct atm_req rq;

	for (unsigned i = 1; i < RIG_PORTS; i++) {
		rig_ask(r, 0, ATM_CALL_RQ, i, i);
		rig_ask(r, 0, i == 1 ? ATM_MULTI_RQ : ATM_MULTI_ADD, 9, i);
		rq = (struct atm_req){ .kind = ATM_SEND, .ref = 9 };
		rq.frame = frame_copy(&r->mem.mem, "?", 1);
		if (rq.frame != NULL)
			atm_net_submit(r->net, r->port[0], &rq);
	}
	while (rig_next(r, 10))
		;
	rig_ask(r, 0, ATM_MULTI_DROP, 9, 2);
	rig_ask(r, 0, ATM_RELEASE, 1, 0);
	while (rig_next(r, 10))
		;
}

static void
test_no_memory(void **state)
{
	(void)state;
	for (long at = 1, asked = 1; at <= asked; at++) {
		struct rig r;

		rig_begin(&r);
		r.mem.fail_at = r.mem.count + at;
		r.mem.fail_on = at % 2 == 0;
		story(&r);
		asked = r.mem.count - r.mem.fail_at + at;
		r.mem.fail_at = 0;
		rig_end(&r);
	}
}

/* Making a network fails wherever memory does, and leaves nothing behind. */
static void
test_no_memory_new(void **state)
{
	struct failmem mem;
	struct svc_cfg cfg;
	struct svc *s = NULL;
	char why[200];

	(void)state;
	svc_defaults(&cfg);
	failmem_init(&mem);
	for (long at = 1; s == NULL; at++) {
		mem.fail_at = mem.count + at;
		why[0] = '\0';
		s = svc_new_on(&cfg, &mem.mem, &fake_sys, why, sizeof(why));
		if (s == NULL) {
			assert_non_null(strstr(why, "memory"));
			assert_int_equal(mem.live, 0);
		}
		assert_true(at < 20);
	}
	atm_net_close(svc_net(s));
	assert_int_equal(mem.live, 0);
}

static void
test_bad_qos(void **state)
{
	struct failmem mem;
	struct svc_cfg cfg;
	char why[200];

	(void)state;
	svc_defaults(&cfg);
	cfg.qos = "ubr,aal0";
	failmem_init(&mem);
	assert_null(svc_new_on(&cfg, &mem.mem, &fake_sys, why, sizeof(why)));
	assert_non_null(strstr(why, "AAL5"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_signalling_dies),
		cmocka_unit_test(test_dies_while_joining),
		cmocka_unit_test(test_attach_without),
		cmocka_unit_test(test_attach_taken),
		cmocka_unit_test(test_down),
		cmocka_unit_test(test_hang),
		cmocka_unit_test(test_wake),
		cmocka_unit_test(test_fd),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_no_memory_new),
		cmocka_unit_test(test_bad_qos),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
