/* SPDX-License-Identifier: BSD-2-Clause */
/* Asking for members: RFC 2022 sections 5.1, 5.1.1 and 5.1.2. */
#include "client_rig.h"

/*
 * MARS-030, MARS-003, MARS-048: a packet without path asks, whether the group is
 * joined or not; with a path it does not.  MARS-031, MARS-058: the
 * answer's members become leaves of a VC.
 */
static void
asks_when_no_path(void **state)
{
	struct rig *r = rig_new();
	const struct sent *s;
	struct l3_addr g, want = l3_addr_ipv4(X_GROUP);
	struct atm_addr a, me = rig_addr(ME);

	(void)state;
	rig_member(r, 5, 10);
	assert_int_equal(rig_send(r, X_GROUP), 0);
	s = rig_last(r, ATM_SEND, MARS_REQUEST);
	assert_int_equal(s->rq.ref, rig_pp(r));
	assert_int_equal(mars_group(&s->m, &g), 0);
	assert_int_equal(l3_addr_cmp(&g, &want), 0);
	assert_int_equal(s->m.tpln, 4);
	assert_int_equal(mars_src(&s->m, &a), 0);
	assert_true(atm_addr_equal(&a, &me));
	assert_int_equal(rig_path(r, X_GROUP).state, MARS_PATH_ASKING);
	assert_int_equal(rig_send(r, X_GROUP), 0);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 1);
	rig_multi(r, X_GROUP, 10, 2, 3);
	assert_int_equal(rig_last(r, ATM_MULTI_RQ, 0)->rq.use, ATM_USE_DATA);
	rig_ack(r, ATM_MULTI_RQ);
	rig_ack(r, ATM_MULTI_ADD);
	assert_int_equal(rig_path(r, X_GROUP).state, MARS_PATH_UP);
	assert_int_equal(rig_count(r, ATM_SEND, 0), 2);
	rig_send(r, X_GROUP);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 1);
	assert_int_equal(rig_count(r, ATM_SEND, 0), 3);
	rig_stop(r);
}

/* MARS-004, MARS-048: a subaddress is part of the source and of identity. */
static void
subaddress(void **state)
{
	struct rig *r = rig_new();
	struct atm_addr a, same;
	uint8_t digits[11] = "16175551212", sub[20] = { 0x47, 1 };
	uint8_t src[2 * ATM_NSAP_LEN];
	struct l3_addr g = l3_addr_ipv4(X_GROUP);
	struct mars_msg m = { .pro = L3_PROTO_IPV4, .op = MARS_NAK,
	    .tpln = 4, .tpa = g.b };

	(void)state;
	assert_int_equal(atm_addr_set(&a, 0x4b, digits, 20, sub), 0);
	r->cfg.addr = a;
	rig_member(r, 5, 10);
	rig_send(r, X_GROUP);
	assert_int_equal(mars_src(&rig_last(r, ATM_SEND, MARS_REQUEST)->m,
	    &same), 0);
	assert_true(atm_addr_equal(&a, &same));
	same.sub[19] = 9;
	mars_set_src(&m, &same, src);
	rig_msg(r, rig_pp(r), &m); /* another endpoint's */
	assert_int_equal(rig_path(r, X_GROUP).state, MARS_PATH_ASKING);
	mars_set_src(&m, &a, src);
	rig_msg(r, rig_pp(r), &m);
	assert_int_equal(rig_path(r, X_GROUP).state, MARS_PATH_HELD);
	rig_stop(r);
}

/*
 * MARS-033, MARS-034: after a NAK the packet is discarded and for 5 to 10 s no
 * question about the group goes out.
 */
static void
nak_holds_down(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	rig_member(r, 5, 10);
	rig_send(r, X_GROUP);
	rig_nak(r, X_GROUP);
	assert_int_equal(rig_drops(r, MARS_CLIENT_DROP_NAK), 1);
	assert_int_equal(rig_path(r, X_GROUP).state, MARS_PATH_HELD);
	rig_until(r, SEC(4.999999));
	rig_send(r, X_GROUP);
	assert_int_equal(rig_drops(r, MARS_CLIENT_DROP_HOLD_DOWN), 1);
	rig_cmd(r, MARS_CLIENT_REQUEST, X_GROUP, X_GROUP);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 1);
	rig_send(r, Y_GROUP); /* another group may be asked for */
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 2);
	rig_until(r, SEC(10));
	rig_no_path(r, X_GROUP);
	rig_send(r, X_GROUP);
	assert_int_equal(rig_last(r, ATM_SEND, MARS_REQUEST)->at, SEC(10));
	rig_stop(r);
}

/* MARS-034, MARS-256: pinned to its bounds, the hold-down ends exactly there. */
static void
hold_down_is_exact(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	r->cfg.nak_lo = r->cfg.nak_hi = MSPAN_SEC(1); /* raised to 5 s */
	rig_member(r, 5, 10);
	rig_send(r, X_GROUP);
	rig_nak(r, X_GROUP);
	rig_until(r, SEC(4.999999));
	assert_int_equal(rig_path(r, X_GROUP).state, MARS_PATH_HELD);
	rig_until(r, SEC(5));
	rig_no_path(r, X_GROUP);
	rig_stop(r);
}

/* MARS-034, MARS-035: a MULTI that names only us is as good as a NAK. */
static void
only_ourselves(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	rig_member(r, 5, 10);
	rig_send(r, X_GROUP);
	rig_multi(r, X_GROUP, 10, ME);
	assert_int_equal(rig_count(r, ATM_MULTI_RQ, 0), 0);
	assert_int_equal(rig_path(r, X_GROUP).state, MARS_PATH_HELD);
	rig_send(r, X_GROUP);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 1);
	assert_int_equal(rig_drops(r, MARS_CLIENT_DROP_NAK), 1);
	rig_stop(r);
}

/* A MULTI of nobody counts as a NAK. */
static void
empty_multi(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	rig_member(r, 5, 10);
	rig_send(r, X_GROUP);
	rig_set(r, rig_pp(r), MARS_MULTI, X_GROUP, 10, 1, true, false, NULL, 0);
	assert_int_equal(rig_path(r, X_GROUP).state, MARS_PATH_HELD);
	rig_stop(r);
}

/* MARS-035: our own address in the set is no leaf. */
static void
never_our_own_leaf(void **state)
{
	struct rig *r = rig_new();
	struct atm_addr me = rig_addr(ME);

	(void)state;
	rig_member(r, 5, 10);
	rig_send(r, X_GROUP);
	rig_multi(r, X_GROUP, 10, ME, 2, 3);
	rig_ack(r, ATM_MULTI_RQ);
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].rq.kind == ATM_MULTI_RQ
		    || r->v[i].rq.kind == ATM_MULTI_ADD)
			assert_false(atm_addr_equal(&r->v[i].rq.dst, &me));
	assert_int_equal(rig_path(r, X_GROUP).wanted, 2);
	rig_stop(r);
}

/* MARS-044: only all parts together are the answer. */
static void
all_parts(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	rig_member(r, 5, 10);
	rig_send(r, X_GROUP);
	rig_set(r, rig_pp(r), MARS_MULTI, X_GROUP, 10, 1, false, false,
	    RIG_LIST(2, 3));
	rig_set(r, rig_pp(r), MARS_MULTI, X_GROUP, 10, 2, false, false,
	    RIG_LIST(4));
	assert_int_equal(rig_path(r, X_GROUP).state, MARS_PATH_ASKING);
	assert_int_equal(rig_count(r, ATM_MULTI_RQ, 0), 0);
	rig_set(r, rig_pp(r), MARS_MULTI, X_GROUP, 10, 3, true, false,
	    RIG_LIST(5, 3)); /* one of them twice */
	assert_int_equal(rig_path(r, X_GROUP).state, MARS_PATH_OPENING);
	assert_int_equal(rig_path(r, X_GROUP).wanted, 4);
	rig_stop(r);
}

/*
 * MARS-041: y jumps: nothing happens before the last part, then everything is
 * discarded and the question repeated.
 */
static void
part_lost(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	rig_member(r, 5, 10);
	rig_send(r, X_GROUP);
	rig_set(r, rig_pp(r), MARS_MULTI, X_GROUP, 10, 1, false, false,
	    RIG_LIST(2));
	rig_set(r, rig_pp(r), MARS_MULTI, X_GROUP, 10, 3, false, false,
	    RIG_LIST(4));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 1);
	rig_set(r, rig_pp(r), MARS_MULTI, X_GROUP, 10, 4, true, false,
	    RIG_LIST(5));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 2);
	assert_int_equal(rig_drops(r, MARS_CLIENT_DROP_SEQUENCE), 1);
	assert_int_equal(rig_path(r, X_GROUP).state, MARS_PATH_ASKING);
	rig_multi(r, X_GROUP, 10, 7); /* nothing of before is left */
	assert_int_equal(rig_path(r, X_GROUP).wanted, 1);
	rig_stop(r);
}

/* MARS-041: the first part is lost. */
static void
first_part_lost(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	rig_member(r, 5, 10);
	rig_send(r, X_GROUP);
	rig_set(r, rig_pp(r), MARS_MULTI, X_GROUP, 10, 2, true, false,
	    RIG_LIST(2));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 2);
	rig_stop(r);
}

/*
 * MARS-043, MARS-078: mar$msn changes between parts: wait for the last, discard,
 * repeat; HSN is not touched by them.
 */
static void
msn_changes(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	rig_member(r, 5, 10);
	rig_send(r, X_GROUP);
	rig_set(r, rig_pp(r), MARS_MULTI, X_GROUP, 11, 1, false, false,
	    RIG_LIST(2));
	rig_set(r, rig_pp(r), MARS_MULTI, X_GROUP, 12, 2, false, false,
	    RIG_LIST(3));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 1);
	rig_set(r, rig_pp(r), MARS_MULTI, X_GROUP, 12, 3, true, false,
	    RIG_LIST(4));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 2);
	assert_int_equal(rig_info(r).hsn, 10);
	rig_stop(r);
}

/* MARS-078: HSN moves with the last of equal parts, not before. */
static void
hsn_after_last_part(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	rig_member(r, 5, 10);
	rig_send(r, X_GROUP);
	rig_set(r, rig_pp(r), MARS_MULTI, X_GROUP, 11, 1, false, false,
	    RIG_LIST(2));
	assert_int_equal(rig_info(r).hsn, 10);
	rig_set(r, rig_pp(r), MARS_MULTI, X_GROUP, 11, 2, true, false,
	    RIG_LIST(3));
	assert_int_equal(rig_info(r).hsn, 11);
	rig_stop(r);
}

/*
 * MARS-040, MARS-042, MARS-256: 10 s without a part repeat the question; each
 * part starts them anew, and what was collected is discarded.
 */
static void
reply_timer(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	rig_member(r, 5, 10);
	rig_send(r, X_GROUP);
	rig_until(r, SEC(9.999999));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 1);
	rig_set(r, rig_pp(r), MARS_MULTI, X_GROUP, 10, 1, false, false,
	    RIG_LIST(2));
	rig_until(r, SEC(19.999998));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 1);
	rig_until(r, SEC(19.999999));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 2);
	rig_set(r, rig_pp(r), MARS_MULTI, X_GROUP, 10, 1, true, false,
	    RIG_LIST(3));
	assert_int_equal(rig_path(r, X_GROUP).wanted, 1);
	rig_stop(r);
}

/* MARS-040, MARS-256: the wait is never longer than 10 s. */
static void
reply_timer_maximum(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	r->cfg.reply_wait = MSPAN_SEC(60);
	rig_member(r, 5, 10);
	rig_send(r, X_GROUP);
	rig_until(r, SEC(10));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 2);
	rig_stop(r);
}

/* MARS-045, MARS-132: after 5 repeats without an answer the MARS has failed. */
static void
request_fails(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	rig_member(r, 5, 10);
	rig_send(r, X_GROUP);
	rig_until(r, SEC(59.999999));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 6);
	assert_true(rig_info(r).registered);
	rig_until(r, SEC(60));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 6);
	assert_int_equal(rig_info(r).state, MARS_CLIENT_WAITING);
	/* the packet waits for a MARS that answers */
	rig_run(r, SEC(10));
	rig_accept(r, 5, 20);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 7);
	rig_multi(r, X_GROUP, 20, 2);
	rig_ack(r, ATM_MULTI_RQ);
	assert_int_equal(rig_count(r, ATM_SEND, 0), 1);
	rig_stop(r);
}

/* MARS-045: broken replies count, too. */
static void
broken_replies_count(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	rig_member(r, 5, 10);
	rig_send(r, X_GROUP);
	for (int i = 0; i < 6; i++) {
		assert_true(rig_info(r).registered);
		rig_set(r, rig_pp(r), MARS_MULTI, X_GROUP, 10, 2, true, false,
		    RIG_LIST(2));
	}
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 6);
	assert_int_equal(rig_info(r).state, MARS_CLIENT_WAITING);
	rig_stop(r);
}

/*
 * MARS-053: replies whose source is not us are not ours; those to no question of
 * ours are stale.
 */
static void
replies_of_others(void **state)
{
	struct rig *r = rig_new();
	struct atm_addr other = rig_addr(9);
	struct l3_addr g = l3_addr_ipv4(X_GROUP);
	uint8_t src[2 * ATM_NSAP_LEN];
	struct mars_msg m = { .pro = L3_PROTO_IPV4, .op = MARS_NAK,
	    .tpln = 4, .tpa = g.b };

	(void)state;
	rig_member(r, 5, 10);
	rig_send(r, X_GROUP);
	mars_set_src(&m, &other, src);
	rig_msg(r, rig_pp(r), &m);
	assert_int_equal(rig_path(r, X_GROUP).state, MARS_PATH_ASKING);
	assert_int_equal(rig_drops(r, MARS_CLIENT_DROP_UNEXPECTED), 1);
	rig_nak(r, Y_GROUP);
	assert_int_equal(rig_drops(r, MARS_CLIENT_DROP_STALE), 1);
	rig_multi(r, Y_GROUP, 10, 4);
	assert_int_equal(rig_drops(r, MARS_CLIENT_DROP_STALE), 2);
	assert_int_equal(rig_count(r, ATM_MULTI_RQ, 0), 0);
	rig_stop(r);
}

/* A command's question builds no VC; its answer is kept as it came. */
static void
query(void **state)
{
	struct rig *r = rig_new();
	struct atm_addr a, me = rig_addr(ME), two = rig_addr(2);
	size_t n;

	(void)state;
	rig_member(r, 5, 10);
	assert_int_equal(mars_client_answer(r->c, false, &n), MARSH_ESTATE);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_REQUEST, X_GROUP, X_GROUP), 0);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 1);
	rig_multi(r, X_GROUP, 10, ME, 2);
	assert_int_equal(mars_client_answer(r->c, false, &n), 0);
	assert_int_equal(n, 2);
	assert_true(mars_client_answer_addr(r->c, 0, &a));
	assert_true(atm_addr_equal(&a, &me));
	assert_true(mars_client_answer_addr(r->c, 1, &a));
	assert_true(atm_addr_equal(&a, &two));
	assert_false(mars_client_answer_addr(r->c, 2, &a));
	rig_no_path(r, X_GROUP);
	assert_int_equal(rig_count(r, ATM_MULTI_RQ, 0), 0);
	rig_cmd(r, MARS_CLIENT_REQUEST, Y_GROUP, Y_GROUP);
	rig_nak(r, Y_GROUP);
	assert_int_equal(mars_client_answer(r->c, false, &n), MARSH_ENOENT);
	rig_stop(r);
}

/* A command and a packet share one question. */
static void
query_with_packet(void **state)
{
	struct rig *r = rig_new();
	size_t n;

	(void)state;
	rig_member(r, 5, 10);
	rig_cmd(r, MARS_CLIENT_REQUEST, X_GROUP, X_GROUP);
	rig_send(r, X_GROUP);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 1);
	rig_multi(r, X_GROUP, 10, 2);
	assert_int_equal(mars_client_answer(r->c, false, &n), 0);
	rig_ack(r, ATM_MULTI_RQ);
	assert_int_equal(rig_path(r, X_GROUP).state, MARS_PATH_UP);
	/* over an open VC it also revalidates */
	rig_cmd(r, MARS_CLIENT_REQUEST, X_GROUP, X_GROUP);
	rig_multi(r, X_GROUP, 10, 2, 4);
	assert_int_equal(rig_count(r, ATM_MULTI_ADD, 0), 1);
	rig_stop(r);
}

/* No more packets wait than cfg.pending_max. */
static void
queue_is_bounded(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	r->cfg.pending_max = 3;
	rig_member(r, 5, 10);
	for (int i = 0; i < 5; i++)
		rig_send(r, X_GROUP);
	assert_int_equal(rig_drops(r, MARS_CLIENT_DROP_QUEUE), 2);
	rig_multi(r, X_GROUP, 10, 2);
	rig_ack(r, ATM_MULTI_RQ);
	assert_int_equal(rig_count(r, ATM_SEND, 0), 3);
	rig_stop(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks_when_no_path),
		cmocka_unit_test(subaddress),
		cmocka_unit_test(nak_holds_down),
		cmocka_unit_test(hold_down_is_exact),
		cmocka_unit_test(only_ourselves),
		cmocka_unit_test(empty_multi),
		cmocka_unit_test(never_our_own_leaf),
		cmocka_unit_test(all_parts),
		cmocka_unit_test(part_lost),
		cmocka_unit_test(first_part_lost),
		cmocka_unit_test(msn_changes),
		cmocka_unit_test(hsn_after_last_part),
		cmocka_unit_test(reply_timer),
		cmocka_unit_test(reply_timer_maximum),
		cmocka_unit_test(request_fails),
		cmocka_unit_test(broken_replies_count),
		cmocka_unit_test(replies_of_others),
		cmocka_unit_test(query),
		cmocka_unit_test(query_with_packet),
		cmocka_unit_test(queue_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
