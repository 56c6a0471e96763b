/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What may get lost or come late between two messages, and must still end with
 * the right leaves: RFC 2022 sections 5.1.4.2, 5.1.5.2, 5.2 and 5.4.1.
 */
#include "client_rig.h"

#define BLOCK 0xe0020000u, 0xe00200ffu
#define INSIDE 0xe0020010u, 0xe002001fu

static struct rig *
member(void)
{
	struct rig *r = rig_new();

	rig_member(r, 5, 10);
	return r;
}

static uint64_t
jumps(const struct rig *r)
{
	return mars_client_stats(r->c)->csn_jumps;
}

static void
other_join(struct rig *r, unsigned who, uint32_t group, uint32_t msn)
{
	rig_change(r, CCVC1, MARS_JOIN, who, group, group, msn);
}

/*
 * MARS-077, MARS-182: a private message carries the number of the message on
 * CCVC that was lost, and HSN has grown by one only; the gap on CCVC shows.
 */
static void
private_message_hides_a_loss(void **state)
{
	for (int msg = 0; msg < 2; msg++) {
		struct rig *r = member();

		(void)state;
		r->as_msg = msg;
		rig_open(r, X_GROUP, 10);
		/* 11, the JOIN of 4, is lost */
		rig_cmd(r, MARS_CLIENT_JOIN, Y_GROUP, Y_GROUP);
		rig_echo(r, rig_pp(r), rig_last(r, ATM_SEND, MARS_JOIN), 11,
		    0);
		assert_int_equal(jumps(r), 0);
		rig_map(r, CCVC1, 12, false, M1);
		assert_int_equal(jumps(r), 1);
		rig_run(r, SEC(10));
		assert_true(rig_path(r, X_GROUP).revalidate);
		rig_map(r, CCVC1, 13, false, M1);
		assert_int_equal(jumps(r), 1);
		rig_stop(r);
	}
}

/* MARS-075: private messages without number of their own leave no gap. */
static void
no_gap(void **state)
{
	struct rig *r = member();

	(void)state;
	rig_open(r, X_GROUP, 10);
	rig_cmd(r, MARS_CLIENT_JOIN, Y_GROUP, Y_GROUP);
	other_join(r, 7, Y_GROUP, 11);
	rig_echo(r, rig_pp(r), rig_last(r, ATM_SEND, MARS_JOIN), 11, 0);
	rig_map(r, CCVC1, 12, false, M1);
	/* private first, as where that VC is the faster one */
	rig_send(r, Y_GROUP);
	rig_multi(r, Y_GROUP, 13, 2);
	other_join(r, 8, 0xe9000000u, 13);
	assert_int_equal(jumps(r), 0);
	rig_stop(r);
}

/*
 * MARS-089, MARS-090: a jump while the REQUEST is out says nothing about the VC
 * to come, unless the answer is older than what was lost.
 */
static void
jump_while_asking(void **state)
{
	for (unsigned late = 0; late < 2; late++) {
		struct rig *r = member();

		(void)state;
		rig_send(r, X_GROUP);
		other_join(r, 7, Y_GROUP, 13); /* 11 and 12 are lost */
		assert_int_equal(jumps(r), 1);
		rig_multi(r, X_GROUP, late ? 13 : 11, 2, 3);
		rig_ack(r, ATM_MULTI_RQ);
		rig_ack(r, ATM_MULTI_ADD);
		rig_run(r, SEC(10));
		assert_int_equal(rig_path(r, X_GROUP).revalidate, !late);
		rig_stop(r);
	}
}

/*
 * MARS-042, MARS-072: the answer to a REQUEST that was repeated may be the one
 * to the first; JOINs since then still count.
 */
static void
join_before_the_repeat(void **state)
{
	struct rig *r = member();

	(void)state;
	rig_send(r, X_GROUP);
	other_join(r, 4, X_GROUP, 11);
	rig_run(r, SEC(10));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 2);
	rig_multi(r, X_GROUP, 10, 2, 3);
	assert_int_equal(rig_path(r, X_GROUP).wanted, 3);
	rig_stop(r);
}

/*
 * MARS-062, MARS-082: without a VC, because all leaves are to be tried again
 * later, a packet still starts the revalidation that is due.
 */
static void
revalidated_without_vc(void **state)
{
	struct rig *r = member();

	(void)state;
	r->cfg.leaf_retry_lo = r->cfg.leaf_retry_hi = MSPAN_SEC(10);
	rig_send(r, X_GROUP);
	rig_multi(r, X_GROUP, 10, 2);
	rig_refuse(r, ATM_MULTI_RQ, ATM_CAUSE_TEMPORARY);
	rig_run(r, SEC(10.1));
	rig_refuse(r, ATM_MULTI_RQ, ATM_CAUSE_TEMPORARY);
	rig_run(r, SEC(0.1));
	rig_map(r, CCVC1, 12, false, M1); /* 11, a JOIN, is lost */
	assert_int_equal(jumps(r), 1);
	rig_run(r, SEC(10));
	rig_clear(r);
	rig_send(r, X_GROUP);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 1);
	rig_multi(r, X_GROUP, 12, 2, 3);
	assert_int_equal(rig_count(r, ATM_MULTI_RQ, 0), 1);
	rig_ack(r, ATM_MULTI_RQ);
	assert_int_equal(rig_path(r, X_GROUP).state, MARS_PATH_UP);
	rig_stop(r);
}

/*
 * MARS-087: a leaf that was tagged and is then refused for good went away, so
 * its path is revalidated as if it had been connected; MARS-059: one that is
 * refused for good at once is not asked for again.
 */
static void
tagged_leaf_goes_away(void **state)
{
	for (unsigned tagged = 0; tagged < 2; tagged++) {
		struct rig *r = member();

		(void)state;
		rig_send(r, X_GROUP);
		rig_multi(r, X_GROUP, 10, 2, 3);
		rig_ack(r, ATM_MULTI_RQ);
		if (tagged) {
			rig_refuse(r, ATM_MULTI_ADD, ATM_CAUSE_TEMPORARY);
			rig_run(r, SEC(10.1));
		}
		rig_refuse(r, ATM_MULTI_ADD, ATM_CAUSE_OUT_OF_ORDER);
		assert_int_equal(rig_path(r, X_GROUP).wanted, 1);
		rig_run(r, SEC(10));
		assert_int_equal(rig_path(r, X_GROUP).revalidate, tagged);
		rig_stop(r);
	}
}

/* MARS-099: a block is left when its LEAVE is answered, not before. */
static void
block_waits_for_a_leave(void **state)
{
	struct rig *r = member();

	(void)state;
	assert_int_equal(rig_cmd(r, MARS_CLIENT_JOIN, BLOCK), 0);
	rig_echo(r, CCVC1, rig_last(r, ATM_SEND, MARS_JOIN), 11, 0);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_LEAVE, BLOCK), 0);
	rig_clear(r);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_JOIN, INSIDE), 0);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_JOIN, X_GROUP, X_GROUP), 0);
	rig_run(r, SEC(15));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_LEAVE), 1);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_JOIN), 2); /* of X */
	rig_echo(r, CCVC1, rig_last(r, ATM_SEND, MARS_LEAVE), 12, 0);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_JOIN), 3);
	assert_memory_equal(rig_last(r, ATM_SEND, MARS_JOIN)->m.pairs,
	    rig_range(INSIDE).min.b, 4);
	rig_echo(r, CCVC1, rig_last(r, ATM_SEND, MARS_JOIN), 13, 0);
	rig_run(r, SEC(30));
	assert_int_equal(rig_info(r).state, MARS_CLIENT_REGISTERED);
	rig_stop(r);
}

/* In an outage it waits, too, for the registration and then for the LEAVE. */
static void
block_waits_in_an_outage(void **state)
{
	struct rig *r = member();

	(void)state;
	rig_cmd(r, MARS_CLIENT_JOIN, BLOCK);
	rig_echo(r, CCVC1, rig_last(r, ATM_SEND, MARS_JOIN), 11, 0);
	rig_ind(r, ATM_RELEASED, CCVC1, ATM_CALL_RQ, M1, 27);
	rig_cmd(r, MARS_CLIENT_LEAVE, BLOCK);
	rig_cmd(r, MARS_CLIENT_JOIN, INSIDE);
	rig_run(r, SEC(10));
	rig_accept(r, 5, 20);
	rig_clear(r);
	rig_run(r, SEC(10));
	/* once more joined, so that the LEAVE is a change for the MARS */
	assert_memory_equal(rig_nth(r, ATM_SEND, MARS_JOIN, 0)->m.pairs,
	    rig_range(BLOCK).min.b, 4);
	rig_echo(r, rig_pp(r), rig_last(r, ATM_SEND, MARS_JOIN), 20, 0);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_LEAVE), 1);
	rig_clear(r);
	rig_run(r, SEC(5));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_JOIN), 0);
	rig_run(r, SEC(5));
	rig_echo(r, rig_pp(r), rig_last(r, ATM_SEND, MARS_LEAVE), 21, 0);
	assert_memory_equal(rig_last(r, ATM_SEND, MARS_JOIN)->m.pairs,
	    rig_range(INSIDE).min.b, 4);
	rig_stop(r);
}

/*
 * MARS-134: what is left in an outage is joined and left: others still send it
 * to us, and a MARS that forgot us would tell nobody of a mere LEAVE.  Who
 * joins it again meanwhile stays in.
 */
static void
left_in_an_outage(void **state)
{
	for (unsigned again = 0; again < 2; again++) {
		struct rig *r = member();

		(void)state;
		rig_cmd(r, MARS_CLIENT_JOIN, X_GROUP, X_GROUP);
		rig_echo(r, CCVC1, rig_last(r, ATM_SEND, MARS_JOIN), 11, 0);
		rig_ind(r, ATM_RELEASED, CCVC1, ATM_CALL_RQ, M1, 27);
		rig_cmd(r, MARS_CLIENT_LEAVE, X_GROUP, X_GROUP);
		rig_run(r, SEC(10));
		rig_accept(r, 5, 20);
		rig_clear(r);
		rig_run(r, SEC(10));
		assert_int_equal(rig_count(r, ATM_SEND, MARS_LEAVE), 0);
		if (again)
			rig_cmd(r, MARS_CLIENT_JOIN, X_GROUP, X_GROUP);
		rig_echo(r, rig_pp(r), rig_last(r, ATM_SEND, MARS_JOIN), 20,
		    0);
		rig_run(r, SEC(1));
		assert_int_equal(rig_count(r, ATM_SEND, MARS_LEAVE), !again);
		if (!again)
			rig_echo(r, rig_pp(r),
			    rig_last(r, ATM_SEND, MARS_LEAVE), 21, 0);
		rig_clear(r);
		rig_run(r, SEC(100));
		assert_int_equal(rig_count(r, ATM_SEND, MARS_LEAVE), 0);
		assert_int_equal(rig_count(r, ATM_SEND, MARS_JOIN), 0);
		rig_stop(r);
	}
}

/*
 * So is what a new client leaves before it is registered: perhaps it was a
 * member before it lost its memory, and the MARS still says so.
 */
static void
left_before_registration(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	rig_start(r);
	rig_cmd(r, MARS_CLIENT_REGISTER, 0, 0);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_JOIN, X_GROUP, X_GROUP), 0);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_LEAVE, X_GROUP, X_GROUP), 0);
	rig_accept(r, 5, 20);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_LEAVE), 0);
	rig_echo(r, rig_pp(r), rig_last(r, ATM_SEND, MARS_JOIN), 20, 0);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_LEAVE), 1);
	rig_stop(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(private_message_hides_a_loss),
		cmocka_unit_test(no_gap),
		cmocka_unit_test(jump_while_asking),
		cmocka_unit_test(join_before_the_repeat),
		cmocka_unit_test(revalidated_without_vc),
		cmocka_unit_test(tagged_leaf_goes_away),
		cmocka_unit_test(block_waits_for_a_leave),
		cmocka_unit_test(block_waits_in_an_outage),
		cmocka_unit_test(left_in_an_outage),
		cmocka_unit_test(left_before_registration),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
