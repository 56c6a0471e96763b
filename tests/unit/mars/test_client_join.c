/* SPDX-License-Identifier: BSD-2-Clause */
/* Joining and leaving: RFC 2022 sections 5.2, 5.2.1, 5.2.2, 8.2, 8.4. */
#include "client_rig.h"

#define CLASS_D 0xe0000000u, 0xefffffffu

static void
pair_is(const struct sent *s, uint32_t lo, uint32_t hi)
{
	struct l3_range r, want = rig_range(lo, hi);

	assert_int_equal(s->m.pnum, 1);
	assert_int_equal(s->m.tpln, 4);
	assert_int_equal(mars_pair(&s->m, 0, &r), 0);
	assert_int_equal(l3_addr_cmp(&r.min, &want.min), 0);
	assert_int_equal(l3_addr_cmp(&r.max, &want.max), 0);
}

/*
 * MARS-095, MARS-097, MARS-106, MARS-107, MARS-111, MARS-117: a single group is
 * one pair <X,X>, layer3grp = 1, every other flag, cmi and msn zero, for JOIN
 * and LEAVE alike.
 */
static void
single_group(void **state)
{
	struct rig *r = rig_new();
	const struct sent *s;

	(void)state;
	rig_member(r, 5, 10);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_JOIN, X_GROUP, X_GROUP), 0);
	s = rig_last(r, ATM_SEND, MARS_JOIN);
	assert_int_equal(s->rq.ref, rig_pp(r));
	pair_is(s, X_GROUP, X_GROUP);
	assert_int_equal(s->m.flags, MARS_FLAG_LAYER3GRP);
	assert_int_equal(s->m.cmi, 0);
	assert_int_equal(s->m.msn, 0);
	assert_int_equal(s->m.spln, 4);
	rig_echo(r, CCVC1, s, 11, 0);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_LEAVE, X_GROUP, X_GROUP), 0);
	s = rig_last(r, ATM_SEND, MARS_LEAVE);
	pair_is(s, X_GROUP, X_GROUP);
	assert_int_equal(s->m.flags, MARS_FLAG_LAYER3GRP);
	assert_int_equal(s->m.cmi, 0);
	assert_int_equal(s->m.msn, 0);
	rig_stop(r);
}

/*
 * MARS-107, MARS-112, MARS-230, MARS-231: a router joins all of class D with
 * one pair and without layer3grp.
 */
static void
router_block(void **state)
{
	struct rig *r = rig_new();
	const struct sent *s;
	struct mars_client_ev ev = { .kind = MARS_CLIENT_JOIN,
	    .range = rig_range(CLASS_D) };

	(void)state;
	rig_member(r, 5, 10);
	assert_int_equal(rig_step(r, &ev), 0);
	s = rig_last(r, ATM_SEND, MARS_JOIN);
	pair_is(s, CLASS_D);
	assert_int_equal(s->m.flags, 0);
	assert_int_equal(rig_send(r, X_GROUP), 0); /* no member of X alone */
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 1);
	rig_stop(r);
}

/* MARS-099: no block over a block joined before and not yet left. */
static void
blocks_do_not_overlap(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	rig_member(r, 5, 10);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_JOIN, 0xe1000010u,
	    0xe100001fu), 0);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_JOIN, 0xe1000030u,
	    0xe100003fu), 0);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_JOIN, 0xe100001fu,
	    0xe1000020u), MARSH_EOVERLAP);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_JOIN, 0xe1000000u,
	    0xe1000010u), MARSH_EOVERLAP);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_JOIN, 0xe1000012u,
	    0xe1000013u), MARSH_EOVERLAP);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_JOIN, CLASS_D),
	    MARSH_EOVERLAP);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_JOIN, 0xe1000010u,
	    0xe100001fu), MARSH_EEXIST);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_JOIN), 2);
	/* what lies between them is free */
	assert_int_equal(rig_cmd(r, MARS_CLIENT_JOIN, 0xe1000020u,
	    0xe100002fu), 0);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_LEAVE, 0xe1000010u,
	    0xe100001fu), 0);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_JOIN, 0xe100001fu,
	    0xe100001fu + 0), 0);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_JOIN, 0xe100000eu,
	    0xe1000011u), 0);
	rig_stop(r);
}

/* MARS-100, MARS-232: single groups inside a block; disjoint blocks. */
static void
singles_inside_blocks(void **state)
{
	struct rig *r = rig_new();
	struct l3_range range;
	bool confirmed;

	(void)state;
	rig_member(r, 5, 10);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_JOIN, 0xe1000000u,
	    0xe10000ffu), 0);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_JOIN, 0xe1000000u,
	    0xe1000000u), 0);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_JOIN, 0xe1000007u,
	    0xe1000007u), 0);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_JOIN, 0xe2000000u,
	    0xe20000ffu), 0);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_JOIN), 4);
	assert_true(mars_client_next_joined(r->c, 0, &range, &confirmed));
	assert_true(l3_range_single(&range));
	assert_false(confirmed);
	assert_true(mars_client_next_joined(r->c, 1, &range, &confirmed));
	assert_false(l3_range_single(&range));
	assert_true(mars_client_next_joined(r->c, 3, &range, &confirmed));
	assert_false(mars_client_next_joined(r->c, 4, &range, &confirmed));
	rig_stop(r);
}

static void
bad_ranges(void **state)
{
	struct rig *r = rig_new();
	struct mars_client_ev ev = { .kind = MARS_CLIENT_JOIN };

	(void)state;
	rig_member(r, 5, 10);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_JOIN, Y_GROUP, X_GROUP),
	    MARSH_EINVAL);
	ev.range = rig_range(X_GROUP, X_GROUP);
	ev.range.min.len = ev.range.max.len = 16;
	assert_int_equal(rig_step(r, &ev), MARSH_EINVAL);
	ev.range = rig_range(X_GROUP, X_GROUP);
	ev.range.max.len = 3;
	assert_int_equal(rig_step(r, &ev), MARSH_EINVAL);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_LEAVE, X_GROUP, X_GROUP),
	    MARSH_ENOENT);
	assert_int_equal(r->n, 0);
	rig_stop(r);
}

/*
 * MARS-113: repeated every 10 s until a valid copy, on CCVC or on our own VC.
 */
static void
repeated_until_copied(void **state)
{
	struct rig *r = rig_new();
	bool confirmed;
	struct l3_range range;

	(void)state;
	rig_member(r, 5, 10);
	rig_cmd(r, MARS_CLIENT_JOIN, X_GROUP, X_GROUP);
	rig_until(r, SEC(9.999999));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_JOIN), 1);
	rig_until(r, SEC(10));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_JOIN), 2);
	rig_echo(r, CCVC1, rig_last(r, ATM_SEND, MARS_JOIN), 11, 0);
	mars_client_next_joined(r->c, 0, &range, &confirmed);
	assert_true(confirmed);
	rig_cmd(r, MARS_CLIENT_LEAVE, X_GROUP, X_GROUP);
	rig_run(r, SEC(20));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_LEAVE), 3);
	rig_echo(r, rig_pp(r), rig_last(r, ATM_SEND, MARS_LEAVE), 11, 0);
	rig_run(r, SEC(60));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_JOIN), 2);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_LEAVE), 3);
	rig_stop(r);
}

/* MARS-113, MARS-256: never more often than every 5 s. */
static void
repeats_have_a_minimum(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	r->cfg.retransmit = MSPAN_SEC(1);
	rig_member(r, 5, 10);
	rig_cmd(r, MARS_CLIENT_JOIN, X_GROUP, X_GROUP);
	rig_until(r, SEC(4.999999));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_JOIN), 1);
	rig_until(r, SEC(5));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_JOIN), 2);
	rig_stop(r);
}

/*
 * MARS-115, MARS-116: another op, register bit, sequence, pnum, source or first
 * pair is no copy; neither is one with punched set or copy clear.
 */
static void
what_is_no_copy(void **state)
{
	struct rig *r = rig_new();
	const struct sent *s;
	struct mars_msg m;
	struct atm_addr other = rig_addr(2);
	uint8_t src[2 * ATM_NSAP_LEN], pairs[16];

	(void)state;
	rig_member(r, 5, 10);
	rig_cmd(r, MARS_CLIENT_JOIN, X_GROUP, X_GROUP);
	s = rig_last(r, ATM_SEND, MARS_JOIN);
	m = s->m;
	m.msn = 11;
	rig_msg(r, CCVC1, &m); /* copy clear */
	m.flags |= MARS_FLAG_COPY;
	m.op = MARS_LEAVE;
	rig_msg(r, CCVC1, &m);
	m.op = MARS_JOIN;
	m.flags ^= MARS_FLAG_PUNCHED;
	rig_msg(r, CCVC1, &m);
	m.flags ^= MARS_FLAG_PUNCHED | MARS_FLAG_REGISTER;
	rig_msg(r, CCVC1, &m);
	m.flags ^= MARS_FLAG_REGISTER | 1;
	rig_msg(r, CCVC1, &m);
	m.flags ^= 1;
	mars_set_src(&m, &other, src);
	rig_msg(r, CCVC1, &m);
	m = s->m;
	m.msn = 11;
	m.flags |= MARS_FLAG_COPY;
	m.pnum = 0;
	rig_msg(r, CCVC1, &m);
	m.pnum = 2;
	memcpy(pairs, s->m.pairs, 8);
	memcpy(pairs + 8, l3_addr_ipv4(Y_GROUP).b, 4);
	memcpy(pairs + 12, l3_addr_ipv4(Y_GROUP).b, 4);
	m.pairs = pairs;
	rig_msg(r, CCVC1, &m);
	m.pnum = 1;
	m.pairs = pairs + 8;
	rig_msg(r, CCVC1, &m);
	rig_run(r, SEC(10));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_JOIN), 2);
	rig_echo(r, CCVC1, s, 12, 0);
	rig_run(r, SEC(30));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_JOIN), 2);
	rig_stop(r);
}

/* MARS-105: what another member wrote into sequence means nothing here. */
static void
others_sequence_is_ignored(void **state)
{
	struct rig *r = rig_new();
	struct atm_addr who = rig_addr(4);
	uint8_t src[2 * ATM_NSAP_LEN], pair[8];
	struct mars_msg m = { .pro = L3_PROTO_IPV4, .op = MARS_JOIN,
	    .tpln = 4, .pnum = 1, .flags = MARS_FLAG_COPY | 0x77, .msn = 11,
	    .pairs = pair };

	(void)state;
	rig_member(r, 5, 10);
	rig_open(r, X_GROUP, 10);
	mars_set_src(&m, &who, src);
	memcpy(pair, l3_addr_ipv4(X_GROUP).b, 4);
	memcpy(pair + 4, pair, 4);
	rig_msg(r, CCVC1, &m);
	assert_int_equal(rig_count(r, ATM_MULTI_ADD, 0), 2);
	rig_stop(r);
}

/*
 * MARS-118: several messages are outstanding at a time, each with a timer and a
 * count of its own.
 */
static void
several_outstanding(void **state)
{
	struct rig *r = rig_new();
	const struct sent *x;

	(void)state;
	rig_member(r, 5, 10);
	rig_cmd(r, MARS_CLIENT_JOIN, X_GROUP, X_GROUP);
	x = rig_last(r, ATM_SEND, MARS_JOIN);
	rig_run(r, SEC(4));
	rig_cmd(r, MARS_CLIENT_JOIN, Y_GROUP, Y_GROUP);
	rig_run(r, SEC(6)); /* X again at 10, Y not yet */
	assert_int_equal(rig_count(r, ATM_SEND, MARS_JOIN), 3);
	pair_is(rig_last(r, ATM_SEND, MARS_JOIN), X_GROUP, X_GROUP);
	rig_echo(r, CCVC1, x, 11, 0);
	rig_until(r, SEC(13.999999));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_JOIN), 3);
	rig_until(r, SEC(14));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_JOIN), 4);
	pair_is(rig_last(r, ATM_SEND, MARS_JOIN), Y_GROUP, Y_GROUP);
	rig_stop(r);
}

/*
 * MARS-114, MARS-132: without a copy the JOIN has failed one interval after the
 * fifth repeat, and that is a problem with the MARS.
 */
static void
exhausted(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	rig_member(r, 5, 10);
	rig_cmd(r, MARS_CLIENT_JOIN, X_GROUP, X_GROUP);
	rig_until(r, SEC(59.999999));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_JOIN), 6);
	assert_true(rig_info(r).registered);
	rig_until(r, SEC(60));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_JOIN), 6);
	assert_int_equal(rig_info(r).state, MARS_CLIENT_WAITING);
	assert_int_equal(mars_client_stats(r->c)->failures, 1);
	rig_stop(r);
}

/* A JOIN takes back a LEAVE of the same range that was not confirmed. */
static void
join_after_leave(void **state)
{
	struct rig *r = rig_new();
	const struct sent *leave;
	struct l3_range range;
	bool confirmed;

	(void)state;
	rig_member(r, 5, 10);
	rig_cmd(r, MARS_CLIENT_JOIN, X_GROUP, X_GROUP);
	rig_cmd(r, MARS_CLIENT_LEAVE, X_GROUP, X_GROUP);
	assert_false(mars_client_next_joined(r->c, 0, &range, &confirmed));
	leave = rig_last(r, ATM_SEND, MARS_LEAVE);
	rig_cmd(r, MARS_CLIENT_JOIN, X_GROUP, X_GROUP);
	rig_echo(r, CCVC1, leave, 11, 0);
	rig_run(r, SEC(10));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_LEAVE), 1);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_JOIN), 3);
	rig_echo(r, CCVC1, rig_last(r, ATM_SEND, MARS_JOIN), 12, 0);
	assert_true(mars_client_next_joined(r->c, 0, &range, &confirmed));
	assert_true(confirmed);
	rig_stop(r);
}

/* Joins asked for before the registration copy go out right after it. */
static void
join_while_registering(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	rig_start(r);
	rig_cmd(r, MARS_CLIENT_REGISTER, 0, 0);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_JOIN, X_GROUP, X_GROUP), 0);
	assert_int_equal(rig_send(r, Y_GROUP), 0);
	assert_int_equal(r->n, 1);
	rig_accept(r, 5, 10);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_JOIN), 2);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 1);
	rig_stop(r);
}

/* Work for one message does not grow with ten thousand joins. */
static void
many_joins(void **state)
{
	struct rig *r = rig_new();
	struct l3_range range;
	bool confirmed;

	(void)state;
	rig_member(r, 5, 10);
	for (uint32_t i = 0; i < 3000; i++)
		assert_int_equal(rig_cmd(r, MARS_CLIENT_JOIN,
		    0xe1000000u + (i * 7919u) % 3000u,
		    0xe1000000u + (i * 7919u) % 3000u), 0);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_JOIN), 3000);
	rig_clear(r);
	rig_run(r, SEC(10)); /* all repeated in steps of 64 */
	assert_int_equal(rig_count(r, ATM_SEND, MARS_JOIN), 3000);
	for (uint32_t i = 0; i < 3000; i++) {
		mars_client_next_joined(r->c, i, &range, &confirmed);
		assert_int_equal(l3_addr_cmp(&range.min,
		    &(struct l3_addr){ 4, { 0xe1, 0, (uint8_t)(i >> 8),
		    (uint8_t)i } }), 0);
	}
	rig_stop(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(single_group),
		cmocka_unit_test(router_block),
		cmocka_unit_test(blocks_do_not_overlap),
		cmocka_unit_test(singles_inside_blocks),
		cmocka_unit_test(bad_ranges),
		cmocka_unit_test(repeated_until_copied),
		cmocka_unit_test(repeats_have_a_minimum),
		cmocka_unit_test(what_is_no_copy),
		cmocka_unit_test(others_sequence_is_ignored),
		cmocka_unit_test(several_outstanding),
		cmocka_unit_test(exhausted),
		cmocka_unit_test(join_after_leave),
		cmocka_unit_test(join_while_registering),
		cmocka_unit_test(many_joins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
