/* SPDX-License-Identifier: BSD-2-Clause */
/* Setting a data VC up and keeping it: RFC 2022 section 5.1.3. */
#include "client_rig.h"

static void
ask(struct rig *r)
{
	rig_member(r, 5, 10);
	rig_send(r, X_GROUP);
}

static void
leaf_ack(struct rig *r, atm_ref vc, unsigned who)
{
	rig_ind(r, ATM_ACK, vc, ATM_MULTI_ADD, who, 0);
}

static void
leaf_refuse(struct rig *r, atm_ref vc, unsigned who, unsigned cause)
{
	rig_ind(r, ATM_RQFAILED, vc, ATM_MULTI_ADD, who, cause);
}

static bool
to(const struct sent *s, unsigned who)
{
	struct atm_addr a = rig_addr(who);

	return atm_addr_equal(&s->rq.dst, &a);
}

/*
 * MARS-058, MARS-005: L_MULTI_RQ to the first address of the reply; only when
 * it has succeeded one L_MULTI_ADD for each other; then the packet.
 */
static void
first_then_others(void **state)
{
	struct rig *r = rig_new();
	atm_ref vc;

	(void)state;
	ask(r);
	rig_multi(r, X_GROUP, 10, 9, 2, 4);
	assert_int_equal(rig_count(r, ATM_MULTI_RQ, 0), 1);
	assert_int_equal(rig_count(r, ATM_MULTI_ADD, 0), 0);
	assert_true(to(rig_last(r, ATM_MULTI_RQ, 0), 9));
	vc = rig_last(r, ATM_MULTI_RQ, 0)->rq.ref;
	rig_ack(r, ATM_MULTI_RQ);
	assert_int_equal(rig_count(r, ATM_MULTI_RQ, 0), 1);
	assert_int_equal(rig_count(r, ATM_MULTI_ADD, 0), 2);
	assert_true(to(rig_nth(r, ATM_MULTI_ADD, 0, 0), 2));
	assert_true(to(rig_nth(r, ATM_MULTI_ADD, 0, 1), 4));
	assert_int_equal(rig_last(r, ATM_MULTI_ADD, 0)->rq.ref, vc);
	leaf_ack(r, vc, 2);
	assert_int_equal(rig_count(r, ATM_SEND, 0), 0);
	leaf_ack(r, vc, 4);
	assert_int_equal(rig_count(r, ATM_SEND, 0), 1);
	assert_int_equal(rig_last(r, ATM_SEND, 0)->rq.ref, vc);
	assert_int_equal(rig_path(r, X_GROUP).leaves, 3);
	assert_int_equal(rig_path(r, X_GROUP).vc, vc);
	rig_stop(r);
}

/* MARS-059: another cause removes the address for good. */
static void
permanent_cause(void **state)
{
	struct rig *r = rig_new();
	atm_ref vc;

	(void)state;
	ask(r);
	rig_multi(r, X_GROUP, 10, 2, 3);
	rig_ack(r, ATM_MULTI_RQ);
	vc = rig_path(r, X_GROUP).vc;
	leaf_refuse(r, vc, 3, ATM_CAUSE_BUSY);
	assert_int_equal(rig_path(r, X_GROUP).wanted, 1);
	assert_int_equal(rig_path(r, X_GROUP).state, MARS_PATH_UP);
	assert_int_equal(rig_count(r, ATM_SEND, 0), 1);
	rig_run(r, SEC(100));
	assert_int_equal(rig_count(r, ATM_MULTI_ADD, 0), 1);
	rig_stop(r);
}

/* MARS-059, MARS-061: the set is exhausted; the packet is dropped. */
static void
nobody_accepts(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	ask(r);
	rig_multi(r, X_GROUP, 10, 2, 3);
	rig_refuse(r, ATM_MULTI_RQ, ATM_CAUSE_NO_ROUTE);
	assert_int_equal(rig_count(r, ATM_MULTI_RQ, 0), 2); /* at once */
	assert_true(to(rig_last(r, ATM_MULTI_RQ, 0), 3));
	assert_int_not_equal(rig_nth(r, ATM_MULTI_RQ, 0, 0)->rq.ref,
	    rig_nth(r, ATM_MULTI_RQ, 0, 1)->rq.ref);
	rig_refuse(r, ATM_MULTI_RQ, ATM_CAUSE_OUT_OF_ORDER);
	rig_no_path(r, X_GROUP);
	assert_int_equal(rig_drops(r, MARS_CLIENT_DROP_NO_PATH), 1);
	rig_stop(r);
}

/*
 * MARS-060, MARS-063, MARS-256: causes 49, 51, 37, 41: again after 5 to 10 s,
 * then after twice the previous delay each time; data flows meanwhile.
 */
static void
temporary_causes(void **state)
{
	static const unsigned causes[] = { 49, 51, 37, 41 };
	struct rig *r = rig_new();
	atm_ref vc;
	int64_t at[5];

	(void)state;
	ask(r);
	rig_multi(r, X_GROUP, 10, 2, 3);
	rig_ack(r, ATM_MULTI_RQ);
	vc = rig_path(r, X_GROUP).vc;
	for (unsigned i = 0; i < 4; i++) {
		at[i] = rig_last(r, ATM_MULTI_ADD, 0)->at;
		leaf_refuse(r, vc, 3, causes[i]);
		assert_int_equal(rig_path(r, X_GROUP).state, MARS_PATH_UP);
		assert_int_equal(rig_path(r, X_GROUP).wanted, 2);
		rig_send(r, X_GROUP);
		while (rig_count(r, ATM_MULTI_ADD, 0) < i + 2)
			rig_until(r, mars_client_deadline(r->c).us - T0);
	}
	at[4] = rig_last(r, ATM_MULTI_ADD, 0)->at;
	assert_in_range(at[1] - at[0], SEC(5), SEC(10));
	assert_int_equal(at[2] - at[1], 2 * (at[1] - at[0]));
	assert_int_equal(at[3] - at[2], 4 * (at[1] - at[0]));
	assert_int_equal(at[4] - at[3], 8 * (at[1] - at[0]));
	assert_int_equal(rig_count(r, ATM_SEND, 0), 5);
	leaf_ack(r, vc, 3);
	assert_int_equal(rig_path(r, X_GROUP).leaves, 2);
	rig_stop(r);
}

/*
 * MARS-061, MARS-062: the first L_MULTI_RQ fails for a temporary cause: the next
 * address at once; the tagged one joins later by L_MULTI_ADD.
 */
static void
tagged(void **state)
{
	struct rig *r = rig_new();
	struct l3_addr g = l3_addr_ipv4(X_GROUP);
	struct atm_addr a;
	enum mars_cleaf_state st;

	(void)state;
	ask(r);
	rig_multi(r, X_GROUP, 10, 2, 3);
	rig_refuse(r, ATM_MULTI_RQ, ATM_CAUSE_QOS);
	assert_true(mars_client_leaf(r->c, &g, 0, &a, &st));
	assert_int_equal(st, MARS_CLEAF_RETRY);
	assert_true(to(rig_last(r, ATM_MULTI_RQ, 0), 3));
	rig_ack(r, ATM_MULTI_RQ);
	assert_int_equal(rig_path(r, X_GROUP).state, MARS_PATH_UP);
	assert_int_equal(rig_count(r, ATM_SEND, 0), 1);
	rig_until(r, SEC(4.999999));
	assert_int_equal(rig_count(r, ATM_MULTI_ADD, 0), 0);
	rig_until(r, SEC(10));
	assert_int_equal(rig_count(r, ATM_MULTI_ADD, 0), 1);
	assert_true(to(rig_last(r, ATM_MULTI_ADD, 0), 2));
	rig_stop(r);
}

/* MARS-062: only tagged ones are left: L_MULTI_RQ again after the delay. */
static void
only_tagged(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	ask(r);
	rig_multi(r, X_GROUP, 10, 2);
	rig_refuse(r, ATM_MULTI_RQ, ATM_CAUSE_TEMPORARY);
	assert_int_equal(rig_drops(r, MARS_CLIENT_DROP_NO_PATH), 1);
	rig_send(r, X_GROUP);
	assert_int_equal(rig_drops(r, MARS_CLIENT_DROP_NO_PATH), 2);
	rig_until(r, SEC(4.999999));
	assert_int_equal(rig_count(r, ATM_MULTI_RQ, 0), 1);
	rig_until(r, SEC(10));
	assert_int_equal(rig_count(r, ATM_MULTI_RQ, 0), 2);
	rig_ack(r, ATM_MULTI_RQ);
	assert_int_equal(rig_path(r, X_GROUP).state, MARS_PATH_UP);
	rig_stop(r);
}

/* MARS-060: released meanwhile, the VC gets no more tries. */
static void
no_retry_after_release(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	ask(r);
	rig_multi(r, X_GROUP, 10, 2, 3);
	rig_ack(r, ATM_MULTI_RQ);
	leaf_refuse(r, rig_path(r, X_GROUP).vc, 3, 41);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_CLOSE, X_GROUP, X_GROUP), 0);
	assert_int_equal(rig_count(r, ATM_RELEASE, 0), 1);
	rig_run(r, SEC(100));
	assert_int_equal(rig_count(r, ATM_MULTI_ADD, 0), 1);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_CLOSE, X_GROUP, X_GROUP),
	    MARSH_ENOENT);
	rig_stop(r);
}

/*
 * MARS-064, MARS-065, MARS-230, MARS-255: 20 minutes without a packet release
 * the VC; each VC has a timer of its own.
 */
static void
idle(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	r->cfg.mars_idle = MSPAN_SEC(100000);
	rig_member(r, 5, 10);
	rig_open(r, X_GROUP, 10);
	rig_open(r, Y_GROUP, 10);
	rig_clear(r);
	for (int i = 1; i <= 40; i++) {
		rig_until(r, SEC(60) * i - 1);
		if (i <= 20)
			assert_int_equal(rig_count(r, ATM_RELEASE, 0), 0);
		rig_until(r, SEC(60) * i);
		rig_map(r, CCVC1, 10 + (uint32_t)i, false, M1);
		if (i == 10)
			rig_send(r, Y_GROUP);
	}
	assert_int_equal(rig_count(r, ATM_RELEASE, 0), 2);
	assert_int_equal(rig_nth(r, ATM_RELEASE, 0, 0)->at, SEC(1200));
	assert_int_equal(rig_nth(r, ATM_RELEASE, 0, 1)->at, SEC(1800));
	rig_no_path(r, X_GROUP);
	rig_no_path(r, Y_GROUP);
	rig_send(r, X_GROUP);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 1);
	rig_stop(r);
}

/* MARS-065: no idle timer goes below a minute. */
static void
idle_minimum(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	r->cfg.data_idle = MSPAN_SEC(1);
	rig_member(r, 5, 10);
	rig_open(r, X_GROUP, 10);
	rig_until(r, SEC(59.999999));
	assert_int_equal(rig_path(r, X_GROUP).state, MARS_PATH_UP);
	rig_until(r, SEC(60));
	rig_no_path(r, X_GROUP);
	rig_stop(r);
}

/*
 * A large set is connected in steps of what |out| holds, each leaf once; the
 * same for dropping it.
 */
static void
large_set(void **state)
{
	static unsigned who[3000];
	struct rig *r = rig_new();
	atm_ref vc;
	size_t n = 0;

	(void)state;
	for (unsigned i = 0; i < 3000; i++)
		who[i] = 2 + (i * 1009) % 3000;
	ask(r);
	rig_set(r, rig_pp(r), MARS_MULTI, X_GROUP, 10, 1, true, false, who,
	    3000);
	rig_ack(r, ATM_MULTI_RQ);
	vc = rig_last(r, ATM_MULTI_RQ, 0)->rq.ref;
	assert_int_equal(rig_count(r, ATM_MULTI_ADD, 0), 2999);
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].rq.kind == ATM_MULTI_ADD)
			assert_true(to(&r->v[i], who[++n]));
	for (unsigned i = 1; i < 3000; i++)
		leaf_ack(r, vc, who[i]);
	assert_int_equal(rig_path(r, X_GROUP).state, MARS_PATH_UP);
	assert_int_equal(rig_path(r, X_GROUP).leaves, 3000);
	rig_clear(r);
	/* a reply that names two of them and a new one */
	rig_cmd(r, MARS_CLIENT_REQUEST, X_GROUP, X_GROUP);
	rig_multi(r, X_GROUP, 10, 2, 5000, 3);
	assert_int_equal(rig_count(r, ATM_MULTI_DROP, 0), 2998);
	assert_int_equal(rig_count(r, ATM_MULTI_ADD, 0), 1);
	rig_stop(r);
}

/* One step never asks for more than there is room for. */
static void
room_is_respected(void **state)
{
	static unsigned who[500];
	struct rig *r = rig_new();
	struct atm_req v[64];
	struct atm_out out = { v, 0, 64 };
	struct atm_ind ind = { .kind = ATM_ACK, .rq = ATM_MULTI_RQ };
	struct mars_client_ev ev = { .kind = MARS_CLIENT_IND, .ind = &ind };

	(void)state;
	for (unsigned i = 0; i < 500; i++)
		who[i] = 2 + i;
	ask(r);
	rig_set(r, rig_pp(r), MARS_MULTI, X_GROUP, 10, 1, true, false, who,
	    500);
	ind.ref = rig_last(r, ATM_MULTI_RQ, 0)->rq.ref;
	ind.peer = rig_addr(2);
	mars_client_step(r->c, (struct mtime){ T0 }, &ev, &out, NULL);
	assert_int_equal(out.n, 64);
	assert_int_equal(mars_client_deadline(r->c).us, T0);
	rig_timers(r);
	assert_int_equal(rig_count(r, ATM_MULTI_ADD, 0), 499 - 64);
	rig_stop(r);
}

/* MARS-063: those who join during set-up do not keep the packets waiting. */
static void
join_storm(void **state)
{
	struct rig *r = rig_new();
	atm_ref vc;

	(void)state;
	ask(r);
	rig_multi(r, X_GROUP, 10, 2, 3);
	vc = rig_last(r, ATM_MULTI_RQ, 0)->rq.ref;
	rig_ack(r, ATM_MULTI_RQ);
	for (unsigned i = 0; i < 100; i++)
		rig_change(r, CCVC1, MARS_JOIN, 10 + i, X_GROUP, X_GROUP,
		    11 + i);
	assert_int_equal(rig_path(r, X_GROUP).state, MARS_PATH_OPENING);
	leaf_ack(r, vc, 3);
	assert_int_equal(rig_path(r, X_GROUP).state, MARS_PATH_UP);
	assert_int_equal(rig_count(r, ATM_SEND, 0), 1);
	assert_int_equal(rig_count(r, ATM_MULTI_ADD, 0), 101);
	rig_stop(r);
}

/* What the network says about VCs that are gone is nobody's. */
static void
late_indications(void **state)
{
	struct rig *r = rig_new();
	atm_ref vc;

	(void)state;
	ask(r);
	rig_multi(r, X_GROUP, 10, 2, 3);
	vc = rig_last(r, ATM_MULTI_RQ, 0)->rq.ref;
	rig_cmd(r, MARS_CLIENT_CLOSE, X_GROUP, X_GROUP);
	rig_clear(r);
	rig_ind(r, ATM_ACK, vc, ATM_MULTI_RQ, 2, 0);
	rig_ind(r, ATM_RQFAILED, vc, ATM_MULTI_ADD, 3, 17);
	rig_ind(r, ATM_DROPPED, vc, ATM_MULTI_ADD, 3, 17);
	rig_ind(r, ATM_RELEASED, vc, ATM_MULTI_ADD, 3, 17);
	rig_ind(r, ATM_RELEASED, 0x80000077u, ATM_MULTI_ADD, 3, 17);
	rig_ind(r, ATM_REMOTE_CALL, 0x80000078u, ATM_MULTI_ADD, 3, 0);
	assert_int_equal(r->n, 0);
	assert_true(rig_info(r).registered);
	rig_stop(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_then_others),
		cmocka_unit_test(permanent_cause),
		cmocka_unit_test(nobody_accepts),
		cmocka_unit_test(temporary_causes),
		cmocka_unit_test(tagged),
		cmocka_unit_test(only_tagged),
		cmocka_unit_test(no_retry_after_release),
		cmocka_unit_test(idle),
		cmocka_unit_test(idle_minimum),
		cmocka_unit_test(large_set),
		cmocka_unit_test(room_is_respected),
		cmocka_unit_test(join_storm),
		cmocka_unit_test(late_indications),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
