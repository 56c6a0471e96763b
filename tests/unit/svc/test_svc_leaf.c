/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Leaves that are slow, leave, or fail: what was asked for in one order happens
 * in that order, nobody else waits, and memory is bounded.
 */
#include "svc_rig.h"

/*
 * Who asks for nothing else gets unspecified bit rate (RFC 2022 section 5.1):
 * MARS-032.  What atm{qos=...} says goes into the call.
 */
static void
test_service(void **state)
{
	struct rig r;

	(void)state;
	rig_begin(&r);
	rig_link(&r, 0, ATM_MULTI_RQ, 1, 1);
	assert_int_equal(fake.qos.txtp.traffic_class, ATM_UBR);
	assert_int_equal(fake.qos.rxtp.traffic_class, ATM_NONE);
	assert_int_equal(fake.qos.aal, ATM_AAL5);
	rig_link(&r, 0, ATM_CALL_RQ, 2, 1);
	assert_int_equal(fake.qos.txtp.traffic_class, ATM_UBR);
	assert_int_equal(fake.qos.rxtp.traffic_class, ATM_UBR);
	rig_end(&r);
	r.cfg.qos = "cbr:max_pcr=1000";
	rig_start(&r);
	rig_link(&r, 0, ATM_MULTI_RQ, 1, 1);
	assert_int_equal(fake.qos.txtp.traffic_class, ATM_CBR);
	assert_int_equal(fake.qos.txtp.max_pcr, 1000);
	assert_int_equal(fake.qos.rxtp.traffic_class, ATM_NONE);
	rig_end(&r);
}

/* While a leaf joins, frames wait, in order; the other VCs go on. */
static void
test_slow_leaf(void **state)
{
	uint8_t next[RIG_PORTS] = { 0, 'b', 'b', 0 };
	struct rig r;

	(void)state;
	rig_begin(&r);
	rig_link(&r, 0, ATM_MULTI_RQ, 1, 1);
	rig_link(&r, 0, ATM_CALL_RQ, 2, 3);
	fake_set(&fake.hold_add, true);
	rig_send(&r, 0, 1, 'a');
	rig_ask(&r, 0, ATM_MULTI_ADD, 1, 2);
	rig_send(&r, 0, 1, 'b');
	rig_send(&r, 0, 1, 'c');
	rig_want_data(&r, 1, 'a');
	rig_send(&r, 0, 2, 'x');
	rig_want_data(&r, 3, 'x');
	rig_link(&r, 3, ATM_CALL_RQ, 1, 1);
	rig_quiet(&r);
	fake_set(&fake.hold_add, false);
	for (int got = 0; got < 6; got++) { /* 2 are told; b and c, twice */
		assert_true(rig_next(&r, 10000));
		if (r.ev.ind.kind != ATM_DATA)
			continue;
		assert_int_equal(r.data[0], next[r.ev.port - r.port[0]]++);
	}
	rig_quiet(&r);
	assert_int_equal(svc_stats(r.s)->lost, 0);
	rig_end(&r);
}

/* Every leaf gets what was sent after it was asked for, in order. */
static void
test_order(void **state)
{
	uint8_t next[RIG_PORTS] = { 0, 0, 1, 2 };
	unsigned acks = 0;
	struct rig r;

	(void)state;
	rig_begin(&r);
	fake.add_ms = 3;
	rig_ask(&r, 0, ATM_MULTI_RQ, 1, 1);
	rig_send(&r, 0, 1, 0);
	rig_ask(&r, 0, ATM_MULTI_ADD, 1, 2);
	rig_send(&r, 0, 1, 1);
	rig_ask(&r, 0, ATM_MULTI_ADD, 1, 3);
	rig_send(&r, 0, 1, 2);
	while (rig_next(&r, 50)) {
		unsigned i = r.ev.port - r.port[0];

		acks += r.ev.ind.kind == ATM_ACK;
		if (r.ev.ind.kind == ATM_DATA)
			assert_int_equal(r.data[0], next[i]++);
	}
	fake.add_ms = 0;
	assert_int_equal(acks, 3);
	for (unsigned i = 1; i < RIG_PORTS; i++)
		assert_int_equal(next[i], 3);
	rig_end(&r);
}

/* No more frames wait than were allowed; the others are counted. */
static void
test_queue_max(void **state)
{
	struct rig r;

	(void)state;
	memset(&r, 0, sizeof(r));
	failmem_init(&r.mem);
	svc_defaults(&r.cfg);
	r.cfg.queue_max = 5;
	rig_start(&r);
	rig_link(&r, 0, ATM_MULTI_RQ, 1, 1);
	fake_set(&fake.hold_add, true);
	rig_ask(&r, 0, ATM_MULTI_ADD, 1, 2);
	for (uint8_t i = 0; i < 20; i++)
		rig_send(&r, 0, 1, i);
	assert_int_equal(svc_stats(r.s)->lost, 15);
	fake_set(&fake.hold_add, false);
	for (unsigned n = 0; n < 2 + 2 * 5; n++) {
		assert_true(rig_next(&r, 10000));
		if (r.ev.ind.kind == ATM_DATA)
			assert_true(r.data[0] < 5);
	}
	rig_quiet(&r);
	rig_end(&r);
}

/* A full interface: nothing is lost, nothing changes places. */
static void
test_full(void **state)
{
	struct rig r;

	(void)state;
	rig_begin(&r);
	rig_link(&r, 0, ATM_CALL_RQ, 1, 1);
	fake.full = 7;
	for (uint8_t i = 0; i < 10; i++)
		rig_send(&r, 0, 1, i);
	for (uint8_t i = 0; i < 10; i++)
		rig_want_data(&r, 1, i);
	rig_quiet(&r);
	assert_int_equal(svc_stats(r.s)->lost, 0);
	rig_end(&r);
}

/* What was sent before a release is still delivered. */
static void
test_release_behind_frames(void **state)
{
	struct rig r;

	(void)state;
	rig_begin(&r);
	rig_link(&r, 0, ATM_MULTI_RQ, 1, 1);
	fake_set(&fake.hold_add, true);
	rig_ask(&r, 0, ATM_MULTI_ADD, 1, 2);
	rig_send(&r, 0, 1, 'z');
	rig_ask(&r, 0, ATM_RELEASE, 1, 0);
	rig_ask(&r, 0, ATM_CALL_RQ, 1, 3); /* the reference is free */
	fake_set(&fake.hold_add, false);
	for (bool released = false; !released;) {
		assert_true(rig_next(&r, 10000));
		assert_true(r.ev.port != r.port[0]
		    || r.ev.ind.kind == ATM_ACK);
		released = r.ev.ind.kind == ATM_RELEASED
		    && r.ev.port == r.port[2];
	}
	while (rig_next(&r, 30))
		;
	rig_end(&r);
}

/* Leaves leave at once: the root is told of each, one after the other. */
static void
test_all_leave(void **state)
{
	atm_ref at[RIG_PORTS];
	struct rig r;
	unsigned seen = 0;

	(void)state;
	rig_begin(&r);
	at[1] = rig_link(&r, 0, ATM_MULTI_RQ, 1, 1);
	at[2] = rig_link(&r, 0, ATM_MULTI_ADD, 1, 2);
	at[3] = rig_link(&r, 0, ATM_MULTI_ADD, 1, 3);
	rig_ask(&r, 1, ATM_RELEASE, at[1], 0);
	rig_want(&r, 0, ATM_DROPPED);
	assert_true(atm_addr_equal(&r.ev.ind.peer, &r.addr[1]));
	rig_quiet(&r);
	rig_ask(&r, 3, ATM_RELEASE, at[3], 0);
	rig_want(&r, 0, ATM_DROPPED);
	rig_quiet(&r);
	rig_ask(&r, 2, ATM_RELEASE, at[2], 0);
	rig_want(&r, 0, ATM_DROPPED);
	for (unsigned i = 1; i < RIG_PORTS; i++) /* the VC is still there */
		rig_link(&r, 0, ATM_MULTI_ADD, 1, i);
	rig_send(&r, 0, 1, 'y');
	while (rig_next(&r, 50))
		seen += r.ev.ind.kind == ATM_DATA && r.data[0] == 'y';
	assert_int_equal(seen, 3);
	rig_end(&r);
}

/* A leaf that is dropped while it joins says nothing, and can join again. */
static void
test_drop_while_joining(void **state)
{
	struct rig r;

	(void)state;
	rig_begin(&r);
	rig_link(&r, 0, ATM_MULTI_RQ, 1, 1);
	fake_set(&fake.hold_add, true);
	rig_ask(&r, 0, ATM_MULTI_ADD, 1, 2);
	rig_ask(&r, 0, ATM_MULTI_ADD, 1, 3);
	rig_ask(&r, 0, ATM_MULTI_DROP, 1, 2);
	rig_ask(&r, 0, ATM_MULTI_DROP, 1, 3);
	rig_ask(&r, 0, ATM_MULTI_ADD, 1, 3);
	fake_set(&fake.hold_add, false);
	rig_want(&r, 2, ATM_REMOTE_CALL);
	while (rig_next(&r, 50)) {
		if (r.ev.port == r.port[0])
			assert_true(
			    atm_addr_equal(&r.ev.ind.peer, &r.addr[3]));
	}
	assert_int_equal(fake.adds, 2); /* 3 was called only once */
	rig_end(&r);
}

/* Failures that nothing can carry: known leaf, no root, no such number. */
static void
test_refused_here(void **state)
{
	struct rig r;
	atm_ref far;

	(void)state;
	rig_begin(&r);
	far = rig_link(&r, 0, ATM_MULTI_RQ, 1, 1);
	rig_ask(&r, 0, ATM_MULTI_ADD, 1, 1);
	assert_int_equal(rig_want(&r, 0, ATM_RQFAILED)->cause,
	    ATM_CAUSE_BAD_ENDPOINT);
	rig_ask(&r, 1, ATM_MULTI_ADD, far, 2);
	assert_int_equal(rig_want(&r, 1, ATM_RQFAILED)->cause,
	    ATM_CAUSE_BAD_ENDPOINT);
	assert_int_equal(atm_addr_parse("+1555123456789", &r.addr[60], NULL),
	    0);
	rig_ask(&r, 0, ATM_CALL_RQ, 2, 60);
	assert_int_equal(rig_want(&r, 0, ATM_RQFAILED)->cause,
	    ATM_CAUSE_UNALLOCATED);
	rig_ask(&r, 0, ATM_MULTI_ADD, 1, 60);
	assert_int_equal(rig_want(&r, 0, ATM_RQFAILED)->cause,
	    ATM_CAUSE_UNALLOCATED);
	rig_quiet(&r);
	rig_end(&r);
}

/* ADD PARTY is never answered: leaves are called instead, and it is said. */
static void
test_mute_signalling(void **state)
{
	struct rig r;
	unsigned got = 0;

	(void)state;
	memset(&r, 0, sizeof(r));
	failmem_init(&r.mem);
	svc_defaults(&r.cfg);
	r.cfg.patience = MSPAN_MS(50);
	rig_start(&r);
	fake_set(&fake.mute_add, true);
	rig_link(&r, 0, ATM_MULTI_RQ, 1, 1);
	rig_ask(&r, 0, ATM_MULTI_ADD, 1, 2);
	rig_send(&r, 0, 1, 'q');
	while (rig_next(&r, 300)) {
		assert_true(r.ev.ind.kind != ATM_DROPPED);
		got += r.ev.ind.kind == ATM_DATA && r.data[0] == 'q';
	}
	assert_int_equal(got, 2);
	assert_non_null(strstr(svc_note(r.s), "point-to-multipoint"));
	assert_null(svc_note(r.s));
	fake_set(&fake.mute_add, false);
	rig_end(&r);
}

static int
reset(void **state)
{
	(void)state;
	fake.adds = 0;
	return 0;
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup(f, reset)
	const struct CMUnitTest tests[] = {
		T(test_service),
		T(test_slow_leaf),
		T(test_order),
		T(test_queue_max),
		T(test_full),
		T(test_release_behind_frames),
		T(test_all_leave),
		T(test_drop_while_joining),
		T(test_refused_here),
		T(test_mute_signalling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
