/* SPDX-License-Identifier: BSD-2-Clause */
/* HSN and revalidation: RFC 2022 sections 5.1.4.2 and 5.1.5. */
#include "client_rig.h"

static struct rig *
member(void)
{
	struct rig *r = rig_new();

	rig_member(r, 5, 10);
	return r;
}

static void
tell(struct rig *r, uint32_t msn)
{
	rig_change(r, CCVC1, MARS_JOIN, 7, 0xe9000000u, 0xe9000000u, msn);
}

static uint64_t
jumps(const struct rig *r)
{
	return mars_client_stats(r->c)->csn_jumps;
}

/*
 * MARS-077: differences of 0 and 1 are no jump, others are, back as well; HSN
 * takes the number in any case.
 */
static void
differences(void **state)
{
	struct rig *r = member();

	(void)state;
	tell(r, 11);
	tell(r, 11);
	tell(r, 12);
	assert_int_equal(jumps(r), 0);
	tell(r, 14);
	assert_int_equal(jumps(r), 1);
	assert_int_equal(rig_info(r).hsn, 14);
	tell(r, 13);
	assert_int_equal(jumps(r), 2);
	assert_int_equal(rig_info(r).hsn, 13);
	rig_stop(r);
}

/* MARS-076: arithmetic modulo 2^32. */
static void
wraps(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	rig_member(r, 5, 0xfffffffeu);
	tell(r, 0xffffffffu);
	tell(r, 0);
	tell(r, 1);
	assert_int_equal(jumps(r), 0);
	assert_int_equal(rig_info(r).hsn, 1);
	tell(r, 0xffffffffu);
	assert_int_equal(jumps(r), 1);
	rig_stop(r);
}

/* MARS-074, MARS-077: private messages count like those on CCVC. */
static void
private_counts(void **state)
{
	struct rig *r = member();

	(void)state;
	rig_cmd(r, MARS_CLIENT_JOIN, X_GROUP, X_GROUP);
	rig_echo(r, rig_pp(r), rig_last(r, ATM_SEND, MARS_JOIN), 11, 0);
	assert_int_equal(rig_info(r).hsn, 11);
	assert_int_equal(jumps(r), 0);
	rig_stop(r);
}

/* MARS-077: an overtaken reply is a jump by the letter, an option forgives. */
static void
private_step(void **state)
{
	struct rig *r = member(), *k = rig_new();

	(void)state;
	tell(r, 11);
	rig_change(r, rig_pp(r), MARS_JOIN, 7, X_GROUP, X_GROUP, 10);
	assert_int_equal(jumps(r), 1);
	assert_int_equal(rig_info(r).hsn, 10);
	k->cfg.private_step = true;
	rig_member(k, 5, 10);
	tell(k, 11);
	rig_change(k, rig_pp(k), MARS_JOIN, 7, X_GROUP, X_GROUP, 10);
	assert_int_equal(jumps(k), 0);
	assert_int_equal(rig_info(k).hsn, 11);
	tell(k, 10); /* on CCVC it is one */
	assert_int_equal(jumps(k), 1);
	rig_stop(r);
	rig_stop(k);
}

/* MARS-080: registering again takes the new CSN over without a jump. */
static void
registration_syncs(void **state)
{
	struct rig *r = member();

	(void)state;
	rig_ind(r, ATM_RELEASED, CCVC1, ATM_CALL_RQ, M1, 27);
	rig_run(r, SEC(10));
	rig_accept(r, 5, 90000);
	assert_int_equal(rig_info(r).hsn, 90000);
	assert_int_equal(jumps(r), 0);
	rig_stop(r);
}

/*
 * MARS-082, MARS-085, MARS-089, MARS-256: after a jump each VC's flag is set at
 * a time of its own, 1 to 10 s later; only then does a packet ask, and it is
 * sent at once.  Idle VCs ask nothing.
 */
static void
jump_revalidates(void **state)
{
	struct rig *r = member();
	int64_t at[40];
	unsigned same = 0;

	(void)state;
	for (uint32_t i = 0; i < 40; i++)
		rig_open(r, 0xe1000000u + i, 10);
	rig_clear(r);
	tell(r, 13);
	rig_until(r, SEC(0.999999));
	for (uint32_t i = 0; i < 40; i++) {
		assert_false(rig_path(r, 0xe1000000u + i).revalidate);
		at[i] = 0;
	}
	while (r->now < SEC(10)) {
		rig_until(r, mars_client_deadline(r->c).us - T0);
		for (uint32_t i = 0; i < 40; i++)
			if (at[i] == 0
			    && rig_path(r, 0xe1000000u + i).revalidate)
				at[i] = r->now;
		if (mars_client_deadline(r->c).us - T0 > SEC(10))
			break;
	}
	for (unsigned i = 0; i < 40; i++) {
		assert_in_range(at[i], SEC(1), SEC(10));
		same += i > 0 && at[i] == at[i - 1];
	}
	assert_true(same < 3);
	assert_int_equal(rig_saw(r, TRACE_STATE, "revalidate"), 40);
	assert_int_equal(r->n, 0); /* nobody sent */
	rig_send(r, 0xe1000000u);
	assert_int_equal(r->n, 2);
	assert_int_equal(r->v[0].m.op, 0); /* the packet comes first */
	assert_int_equal(r->v[1].m.op, MARS_REQUEST);
	rig_stop(r);
}

/* MARS-085, MARS-256: pinned to a bound, the flag is set exactly there. */
static void
flag_time(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	r->cfg.reval_lo = r->cfg.reval_hi = MSPAN_SEC(30); /* at most 10 s */
	rig_member(r, 5, 10);
	rig_open(r, X_GROUP, 10);
	rig_clear(r);
	tell(r, 13);
	rig_until(r, SEC(9.999999));
	rig_send(r, X_GROUP);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 0);
	rig_until(r, SEC(10));
	rig_send(r, X_GROUP);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 1);
	rig_stop(r);
}

static void
flagged(struct rig *r)
{
	rig_open(r, X_GROUP, 10);
	tell(r, 13);
	rig_run(r, SEC(10));
	assert_true(rig_path(r, X_GROUP).revalidate);
	rig_clear(r);
	rig_send(r, X_GROUP);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 1);
}

/*
 * MARS-083, MARS-084: leaves not named are dropped, new ones added, common ones
 * untouched; packets flow and start no second question; then the flag is clear.
 */
static void
reply_compared(void **state)
{
	struct rig *r = member();
	struct atm_addr gone = rig_addr(2), new = rig_addr(8);

	(void)state;
	flagged(r);
	assert_true(rig_path(r, X_GROUP).revalidating);
	rig_send(r, X_GROUP);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 1);
	assert_int_equal(rig_count(r, ATM_SEND, 0), 2);
	rig_clear(r);
	rig_multi(r, X_GROUP, 13, 3, 8, ME);
	assert_int_equal(r->n, 2);
	assert_true(atm_addr_equal(&rig_last(r, ATM_MULTI_DROP, 0)->rq.dst,
	    &gone));
	assert_true(atm_addr_equal(&rig_last(r, ATM_MULTI_ADD, 0)->rq.dst,
	    &new));
	assert_false(rig_path(r, X_GROUP).revalidate);
	assert_false(rig_path(r, X_GROUP).revalidating);
	assert_int_equal(rig_path(r, X_GROUP).state, MARS_PATH_UP);
	rig_send(r, X_GROUP);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 0);
	assert_int_equal(rig_count(r, ATM_SEND, 0), 1);
	assert_int_equal(mars_client_stats(r->c)->revalidations, 1);
	rig_stop(r);
}

/* MARS-083: a wholly new set is added before the old one is dropped. */
static void
whole_set_changes(void **state)
{
	struct rig *r = member();

	(void)state;
	flagged(r);
	rig_clear(r);
	rig_multi(r, X_GROUP, 13, 8);
	assert_int_equal(r->n, 1);
	assert_int_equal(rig_count(r, ATM_MULTI_ADD, 0), 1);
	rig_send(r, X_GROUP);
	assert_int_equal(rig_count(r, ATM_SEND, 0), 1);
	rig_ack(r, ATM_MULTI_ADD);
	assert_int_equal(rig_count(r, ATM_MULTI_DROP, 0), 2);
	rig_stop(r);
}

/* MARS-086, MARS-034: a NAK, or only us: the VC is released, questions rest. */
static void
revalidated_by_nak(void **state)
{
	struct rig *r = member(), *k = member();

	(void)state;
	flagged(r);
	rig_nak(r, X_GROUP);
	assert_int_equal(rig_count(r, ATM_RELEASE, 0), 1);
	assert_int_equal(rig_path(r, X_GROUP).state, MARS_PATH_HELD);
	flagged(k);
	rig_multi(k, X_GROUP, 13, ME);
	assert_int_equal(rig_count(k, ATM_RELEASE, 0), 1);
	rig_send(k, X_GROUP);
	assert_int_equal(rig_count(k, ATM_SEND, MARS_REQUEST), 1);
	rig_stop(r);
	rig_stop(k);
}

/*
 * MARS-086: no answer: the VC and its leaves serve on, the flag stays set, the
 * MARS has failed.
 */
static void
revalidation_unanswered(void **state)
{
	struct rig *r = member();

	(void)state;
	flagged(r);
	rig_run(r, SEC(60));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 6);
	assert_int_equal(rig_info(r).state, MARS_CLIENT_WAITING);
	assert_int_equal(rig_path(r, X_GROUP).state, MARS_PATH_UP);
	assert_int_equal(rig_path(r, X_GROUP).leaves, 2);
	assert_true(rig_path(r, X_GROUP).revalidate);
	rig_clear(r);
	rig_send(r, X_GROUP); /* nobody to ask now */
	assert_int_equal(r->n, 1);
	assert_int_equal(rig_count(r, ATM_SEND, 0), 1);
	rig_run(r, SEC(10));
	rig_accept(r, 5, 13);
	rig_send(r, X_GROUP);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 1);
	rig_stop(r);
}

/* MARS-084: an event during a revalidation is not answered by it. */
static void
event_meanwhile(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	r->cfg.reval_lo = r->cfg.reval_hi = MSPAN_SEC(1);
	rig_member(r, 5, 10);
	flagged(r);
	tell(r, 20);
	rig_run(r, SEC(1));
	rig_multi(r, X_GROUP, 20, 2, 3);
	assert_true(rig_path(r, X_GROUP).revalidate);
	rig_stop(r);
}

/*
 * MARS-087, MARS-081, MARS-085: a leaf that drops itself leaves the set at once;
 * 1 to 10 s later that VC, and no other, is to be revalidated.
 */
static void
leaf_drops_itself(void **state)
{
	struct rig *r = member();
	atm_ref vc;

	(void)state;
	vc = rig_open(r, X_GROUP, 10);
	rig_open(r, Y_GROUP, 10);
	rig_clear(r);
	rig_ind(r, ATM_DROPPED, vc, ATM_MULTI_ADD, 3, 31);
	assert_int_equal(rig_path(r, X_GROUP).leaves, 1);
	assert_int_equal(r->n, 0);
	rig_until(r, SEC(0.999999));
	assert_false(rig_path(r, X_GROUP).revalidate);
	rig_until(r, SEC(10));
	assert_true(rig_path(r, X_GROUP).revalidate);
	assert_false(rig_path(r, Y_GROUP).revalidate);
	rig_stop(r);
}

/* MARS-071, MARS-087: when the last leaf drops itself the VC is closed. */
static void
last_leaf_drops_itself(void **state)
{
	struct rig *r = member();
	atm_ref vc = rig_open(r, X_GROUP, 10);

	(void)state;
	rig_ind(r, ATM_DROPPED, vc, ATM_MULTI_ADD, 3, 31);
	rig_clear(r);
	rig_ind(r, ATM_DROPPED, vc, ATM_MULTI_ADD, 2, 31);
	assert_int_equal(rig_count(r, ATM_RELEASE, 0), 1);
	rig_no_path(r, X_GROUP);
	rig_stop(r);
}

/* MARS-088, MARS-005: a released VC is gone with its set; a packet asks anew. */
static void
vc_released(void **state)
{
	struct rig *r = member();
	atm_ref vc = rig_open(r, X_GROUP, 10);

	(void)state;
	rig_clear(r);
	rig_ind(r, ATM_RELEASED, vc, ATM_MULTI_ADD, 3, 38);
	rig_no_path(r, X_GROUP);
	assert_int_equal(r->n, 0);
	rig_send(r, X_GROUP);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 1);
	rig_multi(r, X_GROUP, 10, 2);
	assert_int_equal(rig_count(r, ATM_MULTI_RQ, 0), 1);
	rig_stop(r);
}

/*
 * MARS-090: a jump on the MULTI that builds a VC concerns every other VC.
 * MARS-078, MARS-081.
 */
static void
jump_on_first_multi(void **state)
{
	struct rig *r = member();

	(void)state;
	rig_open(r, X_GROUP, 10);
	rig_send(r, Y_GROUP);
	rig_multi(r, Y_GROUP, 15, 2);
	rig_ack(r, ATM_MULTI_RQ);
	assert_int_equal(jumps(r), 1);
	rig_run(r, SEC(10));
	assert_true(rig_path(r, X_GROUP).revalidate);
	assert_false(rig_path(r, Y_GROUP).revalidate);
	rig_stop(r);
}

/*
 * MARS-091: a jump on MIGRATE, a map, a GROUPLIST_REPLY or a private copy is like
 * one on a JOIN.
 */
static void
jump_on_others(void **state)
{
	struct rig *r;
	struct atm_addr me = rig_addr(ME);
	uint8_t src[2 * ATM_NSAP_LEN], group[4] = { 224, 1, 1, 1 };
	struct mars_msg m = { .pro = L3_PROTO_IPV4, .op = MARS_GROUPLIST_REPLY,
	    .tpln = 4, .tnum = 1, .part = 1, .last = true, .msn = 15,
	    .list = group };

	(void)state;
	for (int i = 0; i < 4; i++) {
		r = member();
		rig_open(r, X_GROUP, 10);
		if (i == 0)
			rig_set(r, CCVC1, MARS_MIGRATE, Y_GROUP, 15, 0, true,
			    false, RIG_LIST(4));
		if (i == 1)
			rig_map(r, CCVC1, 15, false, M1);
		if (i == 2) {
			rig_cmd(r, MARS_CLIENT_JOIN, Y_GROUP, Y_GROUP);
			rig_echo(r, rig_pp(r),
			    rig_last(r, ATM_SEND, MARS_JOIN), 15, 0);
		}
		if (i == 3) {
			rig_cmd(r, MARS_CLIENT_GROUPLIST, X_GROUP, Y_GROUP);
			mars_set_src(&m, &me, src);
			rig_msg(r, rig_pp(r), &m);
		}
		assert_int_equal(jumps(r), 1);
		assert_int_equal(rig_info(r).hsn, 15);
		rig_run(r, SEC(10));
		assert_true(rig_path(r, X_GROUP).revalidate);
		rig_stop(r);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(differences),
		cmocka_unit_test(wraps),
		cmocka_unit_test(private_counts),
		cmocka_unit_test(private_step),
		cmocka_unit_test(registration_syncs),
		cmocka_unit_test(jump_revalidates),
		cmocka_unit_test(flag_time),
		cmocka_unit_test(reply_compared),
		cmocka_unit_test(whole_set_changes),
		cmocka_unit_test(revalidated_by_nak),
		cmocka_unit_test(revalidation_unanswered),
		cmocka_unit_test(event_meanwhile),
		cmocka_unit_test(leaf_drops_itself),
		cmocka_unit_test(last_leaf_drops_itself),
		cmocka_unit_test(vc_released),
		cmocka_unit_test(jump_on_first_multi),
		cmocka_unit_test(jump_on_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
