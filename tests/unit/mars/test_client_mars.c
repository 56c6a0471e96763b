/* SPDX-License-Identifier: BSD-2-Clause */
/* Problems with the MARS: RFC 2022 sections 5.4, 5.4.1, 5.4.2, Appendix E. */
#include "client_rig.h"

static void
ccvc_lost(struct rig *r)
{
	rig_ind(r, ATM_RELEASED, CCVC1, ATM_CALL_RQ, M1, 27);
}

static bool
to(const struct sent *s, unsigned who)
{
	struct atm_addr a = rig_addr(who);

	return atm_addr_equal(&s->rq.dst, &a);
}

static void
mars_is(const struct rig *r, unsigned who)
{
	struct atm_addr a = rig_addr(who), m = rig_info(r).mars;

	assert_true(atm_addr_equal(&a, &m));
}

static struct rig *
with_backups(void)
{
	struct rig *r = rig_new();

	r->backups[0] = rig_addr(M2);
	r->backups[1] = rig_addr(M3);
	r->cfg.backups_n = 2;
	rig_member(r, 5, 10);
	return r;
}

/* MARS-132: CCVC is released by the MARS. */
static void
ccvc_released(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	rig_member(r, 5, 10);
	ccvc_lost(r);
	assert_int_equal(rig_info(r).state, MARS_CLIENT_WAITING);
	assert_int_equal(mars_client_stats(r->c)->failures, 1);
	assert_int_equal(rig_info(r).failed_at.us, T0);
	rig_stop(r);
}

/* MARS-132: so is the VC to the MARS, unless for a normal cause. */
static void
pp_released(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	rig_member(r, 5, 10);
	rig_ind(r, ATM_RELEASED, rig_pp(r), ATM_CALL_RQ, M1, ATM_CAUSE_NORMAL);
	assert_true(rig_info(r).registered);
	assert_int_equal(rig_pp(r), 0);
	rig_cmd(r, MARS_CLIENT_JOIN, X_GROUP, X_GROUP);
	rig_ack(r, ATM_CALL_RQ);
	rig_ind(r, ATM_RELEASED, rig_pp(r), ATM_CALL_RQ, M1,
	    ATM_CAUSE_NET_OUT);
	assert_int_equal(rig_info(r).state, MARS_CLIENT_WAITING);
	rig_stop(r);
}

/* MARS-132: the call to the MARS fails. */
static void
call_refused(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	rig_member(r, 5, 10);
	rig_ind(r, ATM_RELEASED, rig_pp(r), ATM_CALL_RQ, M1, ATM_CAUSE_NORMAL);
	rig_cmd(r, MARS_CLIENT_JOIN, X_GROUP, X_GROUP);
	rig_refuse(r, ATM_CALL_RQ, ATM_CAUSE_OUT_OF_ORDER);
	assert_int_equal(rig_info(r).state, MARS_CLIENT_WAITING);
	rig_stop(r);
}

/*
 * MARS-132, MARS-257: 4 minutes without a map, not sooner; one lost map is
 * nothing.
 */
static void
map_silence(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	rig_member(r, 5, 10);
	rig_until(r, SEC(60));
	rig_map(r, CCVC1, 11, false, M1);
	rig_until(r, SEC(180));
	rig_map(r, CCVC1, 12, false, M1);
	rig_until(r, SEC(419.999999));
	assert_true(rig_info(r).registered);
	rig_until(r, SEC(420));
	assert_int_equal(rig_info(r).state, MARS_CLIENT_WAITING);
	rig_stop(r);
}

/* MARS-257: the patience is at most 4 minutes. */
static void
map_silence_maximum(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	r->cfg.map_silence = MSPAN_SEC(1000);
	rig_member(r, 5, 10);
	rig_until(r, SEC(240));
	assert_int_equal(rig_info(r).state, MARS_CLIENT_WAITING);
	rig_stop(r);
}

/* MARS-133, MARS-257: the same MARS after a random 1 to 10 s. */
static void
first_response(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	rig_member(r, 5, 10);
	ccvc_lost(r);
	assert_int_equal(rig_count(r, ATM_RELEASE, 0), 1); /* VC to the MARS */
	rig_until(r, SEC(0.999999));
	assert_int_equal(rig_count(r, ATM_CALL_RQ, 0), 0);
	rig_until(r, SEC(10));
	assert_int_equal(rig_count(r, ATM_CALL_RQ, 0), 1);
	assert_true(to(rig_last(r, ATM_CALL_RQ, 0), M1));
	rig_accept(r, 5, 20);
	assert_true(rig_info(r).registered);
	assert_int_equal(rig_info(r).rereg.us, r->now);
	assert_int_equal(rig_info(r).attempts, 1);
	assert_int_equal(mars_client_stats(r->c)->alarms, 0);
	rig_stop(r);
}

/* MARS-133, MARS-256, MARS-257: pinned bounds are exact. */
static void
tau_is_exact(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	r->cfg.rereg_lo = r->cfg.rereg_hi = MSPAN_SEC(4);
	rig_member(r, 5, 10);
	ccvc_lost(r);
	rig_until(r, SEC(3.999999));
	assert_int_equal(rig_count(r, ATM_CALL_RQ, 0), 0);
	rig_until(r, SEC(4));
	assert_int_equal(rig_count(r, ATM_CALL_RQ, 0), 1);
	rig_stop(r);
}

/*
 * MARS-134: every group is joined again, each after a random 1 to 10 s; then
 * those whose leave found no answer, to be left once more.
 */
static void
rejoins(void **state)
{
	struct rig *r = rig_new();
	int64_t t0, at = 0;
	bool confirmed;
	struct l3_range range;

	(void)state;
	rig_member(r, 5, 10);
	for (uint32_t i = 0; i < 4; i++) {
		rig_cmd(r, MARS_CLIENT_JOIN, X_GROUP + i, X_GROUP + i);
		rig_echo(r, CCVC1, rig_last(r, ATM_SEND, MARS_JOIN), 11 + i,
		    0);
	}
	rig_cmd(r, MARS_CLIENT_LEAVE, X_GROUP, X_GROUP);
	ccvc_lost(r);
	rig_run(r, SEC(10));
	rig_accept(r, 5, 20);
	t0 = r->now;
	rig_clear(r);
	rig_run(r, SEC(0.999999));
	assert_int_equal(r->n, 0);
	rig_run(r, SEC(60));
	assert_true(rig_count(r, ATM_SEND, MARS_JOIN) >= 4);
	for (size_t i = 0, n = 0; i < r->n && n < 4; i++) {
		int64_t gap = r->v[i].at - (n ? at : t0);
		bool first = true;

		for (size_t k = 0; k < i; k++)
			first &= memcmp(r->v[k].m.pairs, r->v[i].m.pairs,
			    4) != 0;
		if (!first)
			continue; /* a repeat */
		assert_in_range(gap, SEC(1), SEC(10));
		at = r->v[i].at;
		n++;
		assert_int_equal(r->v[i].m.op, MARS_JOIN);
		assert_int_equal(r->v[i].m.pairs[3], n < 4 ? 1 + n : 1);
	}
	assert_true(mars_client_next_joined(r->c, 2, &range, &confirmed));
	assert_false(mars_client_next_joined(r->c, 3, &range, &confirmed));
	rig_stop(r);
}

/*
 * MARS-135, MARS-136: after it every VC is revalidated once, as for a jump; VCs
 * that were open carry packets all the while and lose nobody.
 */
static void
data_goes_on(void **state)
{
	struct rig *r = rig_new();
	atm_ref vc;

	(void)state;
	rig_member(r, 5, 10);
	vc = rig_open(r, X_GROUP, 10);
	rig_clear(r);
	ccvc_lost(r);
	rig_send(r, X_GROUP);
	rig_run(r, SEC(10));
	rig_send(r, X_GROUP);
	assert_int_equal(rig_last(r, ATM_SEND, 0)->rq.ref, vc);
	rig_accept(r, 5, 500);
	rig_send(r, X_GROUP);
	assert_int_equal(rig_count(r, ATM_SEND, 0), 3);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 0);
	rig_run(r, SEC(0.999999));
	assert_false(rig_path(r, X_GROUP).revalidate);
	rig_run(r, SEC(10));
	assert_true(rig_path(r, X_GROUP).revalidate);
	rig_send(r, X_GROUP);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 1);
	rig_multi(r, X_GROUP, 500, 2, 3);
	rig_run(r, SEC(20));
	rig_send(r, X_GROUP);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 1);
	assert_int_equal(rig_count(r, ATM_MULTI_ADD, 0), 0);
	assert_int_equal(rig_count(r, ATM_MULTI_DROP, 0), 0);
	assert_int_equal(rig_count(r, ATM_RELEASE, 0), 1); /* to the MARS */
	assert_int_equal(rig_path(r, X_GROUP).leaves, 2);
	rig_stop(r);
}

/*
 * MARS-137, MARS-257: no backup: at least a minute before each further attempt,
 * without limit, with an alarm: tau, then W + tau each.
 */
static void
no_backup(void **state)
{
	struct rig *r = rig_new();
	int64_t last = 0, gap;

	(void)state;
	rig_member(r, 5, 10);
	ccvc_lost(r);
	for (unsigned i = 0; i < 50; i++) {
		while (rig_count(r, ATM_CALL_RQ, 0) <= i)
			rig_until(r, mars_client_deadline(r->c).us - T0);
		gap = r->now - last;
		if (i == 0)
			assert_in_range(gap, SEC(1), SEC(10));
		else
			assert_in_range(gap, SEC(61), SEC(70));
		last = r->now;
		assert_true(to(rig_last(r, ATM_CALL_RQ, 0), M1));
		rig_refuse(r, ATM_CALL_RQ, ATM_CAUSE_NO_ROUTE);
		assert_int_equal(rig_info(r).state, MARS_CLIENT_LOOPING);
	}
	assert_int_equal(rig_saw(r, TRACE_ALARM, NULL), 50);
	assert_int_equal(rig_info(r).attempts, 50);
	rig_stop(r);
}

/* MARS-137: pinned, the wait is exact: W = 60 s, then tau. */
static void
loop_wait_is_exact(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	r->cfg.rereg_lo = r->cfg.rereg_hi = MSPAN_SEC(1);
	r->cfg.loop_wait = MSPAN_SEC(1); /* at least a minute */
	rig_member(r, 5, 10);
	ccvc_lost(r);
	rig_until(r, SEC(1));
	rig_refuse(r, ATM_CALL_RQ, ATM_CAUSE_NO_ROUTE);
	rig_until(r, SEC(61.999999));
	assert_int_equal(rig_count(r, ATM_CALL_RQ, 0), 1);
	rig_until(r, SEC(62));
	assert_int_equal(rig_count(r, ATM_CALL_RQ, 0), 2);
	rig_stop(r);
}

/*
 * MARS-131, MARS-138, MARS-139, MARS-220: the first backup is tried without W
 * but after tau, each later one after W and tau; after the last comes the first.
 * T_1 is 2 to 20 s, T_2 63 to 90, T_3 124 to 160.
 */
static void
through_the_table(void **state)
{
	static const unsigned order[] = { M1, M2, M3, M1, M2, M3 };
	static const int64_t lo[] = { 1, 2, 63, 124, 185, 246 };
	static const int64_t hi[] = { 10, 20, 90, 160, 230, 300 };
	struct rig *r = with_backups();

	(void)state;
	ccvc_lost(r);
	for (unsigned i = 0; i < 6; i++) {
		while (rig_count(r, ATM_CALL_RQ, 0) <= i)
			rig_until(r, mars_client_deadline(r->c).us - T0);
		assert_in_range(r->now, SEC(lo[i]), SEC(hi[i]));
		assert_true(to(rig_last(r, ATM_CALL_RQ, 0), order[i]));
		if (i < 5)
			rig_refuse(r, ATM_CALL_RQ, ATM_CAUSE_NO_ROUTE);
	}
	rig_accept(r, 5, 1);
	mars_is(r, M3);
	assert_int_equal(rig_info(r).attempts, 6);
	assert_int_equal(rig_saw(r, TRACE_ALARM,
	    "registered with another MARS"), 1);
	rig_stop(r);
}

/*
 * MARS-138, MARS-136: with the backup's own tree we leave that of the old MARS,
 * which may still be there; data VCs stay.
 */
static void
moves_to_backup(void **state)
{
	struct rig *r = with_backups();

	(void)state;
	rig_open(r, X_GROUP, 10);
	rig_ind(r, ATM_RELEASED, rig_pp(r), ATM_CALL_RQ, M1, 38);
	rig_run(r, SEC(10));
	rig_refuse(r, ATM_CALL_RQ, ATM_CAUSE_NO_ROUTE);
	rig_run(r, SEC(10));
	mars_is(r, M2);
	assert_int_equal(rig_info(r).ccvc, 0);
	rig_accept(r, 5, 20);
	rig_clear(r);
	rig_ind(r, ATM_REMOTE_CALL, CCVC2, 0, M2, 0);
	assert_int_equal(rig_info(r).ccvc, CCVC2);
	assert_int_equal(r->n, 1);
	assert_int_equal(rig_last(r, ATM_RELEASE, 0)->rq.ref, CCVC1);
	assert_int_equal(rig_path(r, X_GROUP).leaves, 2);
	rig_stop(r);
}

/* A registration that is not answered fails after 60 s, then tau, next. */
static void
silent_mars(void **state)
{
	struct rig *r = with_backups();

	(void)state;
	ccvc_lost(r);
	rig_run(r, SEC(10));
	rig_ack(r, ATM_CALL_RQ);
	r->now = rig_last(r, ATM_SEND, MARS_JOIN)->at;
	rig_run(r, SEC(59.999999));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_JOIN), 6);
	assert_int_equal(rig_info(r).state, MARS_CLIENT_REGISTERING);
	rig_run(r, 1);
	assert_int_equal(rig_info(r).state, MARS_CLIENT_WAITING);
	mars_is(r, M2);
	rig_stop(r);
}

/* The VC breaks while registering: the attempt failed. */
static void
broken_attempt(void **state)
{
	struct rig *r = with_backups();

	(void)state;
	ccvc_lost(r);
	rig_run(r, SEC(10));
	rig_ack(r, ATM_CALL_RQ);
	rig_ind(r, ATM_RELEASED, rig_pp(r), ATM_CALL_RQ, M1, ATM_CAUSE_NORMAL);
	assert_int_equal(rig_info(r).state, MARS_CLIENT_WAITING);
	mars_is(r, M2);
	rig_stop(r);
}

/* The very first registration goes through the same table. */
static void
first_registration_fails(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	r->backups[0] = rig_addr(M2);
	r->cfg.backups_n = 1;
	rig_start(r);
	rig_cmd(r, MARS_CLIENT_REGISTER, 0, 0);
	rig_refuse(r, ATM_CALL_RQ, ATM_CAUSE_NO_ROUTE);
	rig_run(r, SEC(10));
	assert_true(to(rig_last(r, ATM_CALL_RQ, 0), M2));
	rig_accept(r, 3, 7);
	assert_true(rig_info(r).registered);
	rig_stop(r);
}

/* A CMI that changes is used from then on. */
static void
cmi_changes(void **state)
{
	struct rig *r = rig_new();
	uint8_t *b;

	(void)state;
	rig_member(r, 5, 10);
	rig_open(r, X_GROUP, 10);
	ccvc_lost(r);
	rig_run(r, SEC(10));
	rig_send(r, X_GROUP);
	b = rig_last(r, ATM_SEND, 0)->rq.frame->bytes;
	assert_int_equal(b[9], 5); /* the old one until told otherwise */
	rig_accept(r, 6, 1);
	rig_send(r, X_GROUP);
	b = rig_last(r, ATM_SEND, 0)->rq.frame->bytes;
	assert_int_equal(b[9], 6);
	assert_int_equal(rig_saw(r, TRACE_CMI, NULL), 1);
	rig_stop(r);
}

/* Blind: a failure is noticed when the blindness ends, and not forgotten. */
static void
blind(void **state)
{
	struct rig *r = rig_new();
	struct mars_client_ev ev = { .kind = MARS_CLIENT_BLIND,
	    .until = { T0 + SEC(61) } };

	(void)state;
	r->cfg.rereg_lo = r->cfg.rereg_hi = MSPAN_SEC(1);
	rig_member(r, 5, 10);
	rig_step(r, &ev);
	rig_ind(r, ATM_RELEASED, rig_pp(r), ATM_CALL_RQ, M1, 27);
	ccvc_lost(r);
	rig_cmd(r, MARS_CLIENT_JOIN, X_GROUP, X_GROUP);
	rig_until(r, SEC(60.999999));
	assert_true(rig_info(r).registered);
	assert_int_equal(r->n, 0); /* no use calling */
	rig_until(r, SEC(61));
	assert_int_equal(rig_info(r).state, MARS_CLIENT_WAITING);
	assert_int_equal(rig_info(r).failed_at.us, T0 + SEC(61));
	rig_until(r, SEC(62));
	rig_accept(r, 5, 20);
	assert_int_equal(rig_info(r).rereg.us, SEC(1));
	rig_run(r, SEC(10));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_JOIN), 2);
	rig_stop(r);
}

/* Joins and packets of an outage wait for its end. */
static void
commands_in_an_outage(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	rig_member(r, 5, 10);
	ccvc_lost(r);
	rig_clear(r);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_JOIN, X_GROUP, X_GROUP), 0);
	assert_int_equal(rig_send(r, Y_GROUP), 0);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_GROUPLIST, X_GROUP, Y_GROUP),
	    0);
	assert_int_equal(r->n, 0);
	rig_run(r, SEC(10));
	rig_accept(r, 5, 20);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 1);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_GROUPLIST_REQUEST), 1);
	rig_run(r, SEC(10));
	assert_true(rig_count(r, ATM_SEND, MARS_JOIN) >= 2);
	rig_stop(r);
}

/*
 * A MARS may move a member between its own trees: trouble is the loss of the
 * last.
 */
static void
two_trees(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	rig_member(r, 5, 10);
	rig_ind(r, ATM_REMOTE_CALL, 0x80000010u, 0, M1, 0);
	assert_int_equal(rig_info(r).ccvc, 0x80000010u);
	ccvc_lost(r);
	assert_true(rig_info(r).registered);
	rig_ind(r, ATM_RELEASED, 0x80000010u, ATM_CALL_RQ, M1, 27);
	assert_false(rig_info(r).registered);
	rig_stop(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ccvc_released),
		cmocka_unit_test(pp_released),
		cmocka_unit_test(call_refused),
		cmocka_unit_test(map_silence),
		cmocka_unit_test(map_silence_maximum),
		cmocka_unit_test(first_response),
		cmocka_unit_test(tau_is_exact),
		cmocka_unit_test(rejoins),
		cmocka_unit_test(data_goes_on),
		cmocka_unit_test(no_backup),
		cmocka_unit_test(loop_wait_is_exact),
		cmocka_unit_test(through_the_table),
		cmocka_unit_test(moves_to_backup),
		cmocka_unit_test(silent_mars),
		cmocka_unit_test(broken_attempt),
		cmocka_unit_test(first_registration_fails),
		cmocka_unit_test(cmi_changes),
		cmocka_unit_test(blind),
		cmocka_unit_test(commands_in_an_outage),
		cmocka_unit_test(two_trees),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
