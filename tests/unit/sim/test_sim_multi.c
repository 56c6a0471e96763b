/* SPDX-License-Identifier: BSD-2-Clause */
/* pt-mpt VCs: trees that grow and shrink, and every crossing of the two. */
#include "sim_rig.h"

static void
test_tree(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 4);
	rig_watch(&r);
	rig_ask(&r, 1, ATM_MULTI_RQ, 5, 2);
	rig_run(&r, 5000);
	rig_ask(&r, 1, ATM_MULTI_ADD, 5, 3);
	rig_ask(&r, 1, ATM_MULTI_ADD, 5, 4);
	rig_run(&r, 5000);
	rig_send(&r, 1, 5, "m");
	rig_run(&r, 5000);
	rig_ask(&r, 1, ATM_MULTI_DROP, 5, 3);
	rig_send(&r, 1, 5, "n");
	rig_run(&r, 5000);
	rig_ask_cause(&r, 4, ATM_RELEASE, RIG_R(1), 0, 31);
	rig_run(&r, 5000);
	rig_ask(&r, 1, ATM_RELEASE, 5, 0);
	rig_run(&r, 5000);
	rig_want(&r, "1000 vc 1 open raw 1>2/2\n"
		     "1000 2 L_REMOTE_CALL R1 1 leaf\n"
		     "2000 1 L_ACK L_MULTI_RQ 5 2\n"
		     "6000 vc 1 add raw 1>3/3\n"
		     "6000 3 L_REMOTE_CALL R1 1 leaf\n"
		     "6000 vc 1 add raw 1>4/4\n"
		     "6000 4 L_REMOTE_CALL R1 1 leaf\n"
		     "7000 1 L_ACK L_MULTI_ADD 5 3\n"
		     "7000 1 L_ACK L_MULTI_ADD 5 4\n"
		     "11000 2 DATA R1 m\n"
		     "11000 3 DATA R1 m\n"
		     "11000 4 DATA R1 m\n"
		     "15000 vc 1 drop raw 1>3/3 cause 16\n"
		     "16000 3 ERR_L_RELEASE R1 cause 16\n"
		     "16000 2 DATA R1 n\n"
		     "16000 4 DATA R1 n\n"
		     "20000 vc 1 drop raw 1>4/4 cause 31\n"
		     "21000 1 ERR_L_DROP 5 4 cause 31\n"
		     "25000 vc 1 release raw 1 cause 16\n"
		     "26000 2 ERR_L_RELEASE R1 cause 16\n");
	rig_close(&r);
}

/* A frame goes to many leaves without being copied. */
static void
test_frame_is_shared(void **state)
{
	struct frame *f;
	struct atm_req rq = { .kind = ATM_SEND, .ref = 5 };
	struct atm_ev ev;
	struct rig r;
	long count;

	(void)state;
	rig_open(&r, NULL, 65);
	rig_tree(&r, 1, 5, 2, 65);
	rig_send(&r, 1, 5, "x"); /* warms the pools */
	rig_run(&r, 5000);
	f = frame_copy(&r.mem.mem, "m", 1);
	frame_ref(f);
	rq.frame = f;
	count = r.mem.count;
	atm_net_submit(r.net, 1, &rq);
	for (unsigned i = 2; i <= 65; i++) {
		assert_int_equal(atm_net_next(r.net, MTIME_NEVER, &ev), 1);
		assert_int_equal(ev.port, i);
		assert_ptr_equal(ev.ind.frame, f);
		assert_int_equal(f->refs, 2);
	}
	assert_int_equal(atm_net_next(r.net, MTIME_NEVER, &ev), 0);
	assert_int_equal(f->refs, 1);
	assert_int_equal(r.mem.count, count);
	frame_unref(f);
	rig_close(&r);
}

/* The first leaf refuses: the reference is gone, early ADDs with it. */
static void
test_first_refuses(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 4);
	rig_watch(&r);
	sim_refuse(r.sim, 2, ATM_CAUSE_REJECTED);
	rig_ask(&r, 1, ATM_MULTI_RQ, 5, 2);
	rig_ask(&r, 1, ATM_MULTI_ADD, 5, 3);
	rig_run(&r, 5000);
	rig_want(&r, "1000 vc 1 fail raw 1>2/2 cause 21\n"
		     "1000 vc 1 open raw 1>3/3\n"
		     "1000 3 L_REMOTE_CALL R1 1 leaf\n"
		     "2000 vc 1 release raw 1 cause 21\n"
		     "2000 1 ERR_L_RQFAILED L_MULTI_RQ 5 2 cause 21\n"
		     "3000 3 ERR_L_RELEASE R1 cause 21\n");
	rig_close(&r);
}

static void
test_add_refused(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 4);
	rig_tree(&r, 1, 5, 2, 3);
	sim_refuse(r.sim, 4, ATM_CAUSE_QOS);
	rig_ask(&r, 1, ATM_MULTI_ADD, 5, 4);
	rig_ask(&r, 1, ATM_MULTI_ADD, 5, 9);
	rig_run(&r, 5000);
	rig_want(&r,
	    "2001000 1 ERR_L_RQFAILED L_MULTI_ADD 5 9 cause 1\n"
	    "2002000 1 ERR_L_RQFAILED L_MULTI_ADD 5 4 cause 49\n");
	sim_refuse(r.sim, 4, 0);
	rig_ask(&r, 1, ATM_MULTI_ADD, 5, 4); /* tried again */
	rig_run(&r, 5000);
	rig_want(&r, "2006000 4 L_REMOTE_CALL R1 1 leaf\n"
		     "2007000 1 L_ACK L_MULTI_ADD 5 4\n");
	rig_close(&r);
}

/* A second party with the address of a leaf, connected or called. */
static void
test_add_twice(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 3);
	rig_tree(&r, 1, 5, 2, 2);
	rig_ask(&r, 1, ATM_MULTI_ADD, 5, 2);
	rig_ask(&r, 1, ATM_MULTI_ADD, 5, 3);
	rig_ask(&r, 1, ATM_MULTI_ADD, 5, 3);
	rig_run(&r, 5000);
	rig_want(&r, "2001000 1 ERR_L_RQFAILED L_MULTI_ADD 5 2 cause 89\n"
		     "2001000 3 L_REMOTE_CALL R1 1 leaf\n"
		     "2001000 1 ERR_L_RQFAILED L_MULTI_ADD 5 3 cause 89\n"
		     "2002000 1 L_ACK L_MULTI_ADD 5 3\n");
	rig_close(&r);
}

/* Dropped while called: the leaf sees both, the root nothing. */
static void
test_drop_pending(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 3);
	rig_tree(&r, 1, 5, 2, 2);
	rig_ask(&r, 1, ATM_MULTI_ADD, 5, 3);
	rig_ask(&r, 1, ATM_MULTI_DROP, 5, 3);
	rig_ask(&r, 1, ATM_MULTI_ADD, 5, 3);
	rig_send(&r, 1, 5, "m");
	rig_run(&r, 5000);
	rig_want(&r, "2001000 3 L_REMOTE_CALL R1 1 leaf\n"
		     "2001000 3 ERR_L_RELEASE R1 cause 16\n"
		     "2001000 3 L_REMOTE_CALL R2 1 leaf\n"
		     "2001000 2 DATA R1 m\n"
		     "2001000 3 DATA R2 m\n"
		     "2002000 1 L_ACK L_MULTI_ADD 5 3\n");
	rig_close(&r);
}

/* A failed ADD that was dropped is not answered, so a new one is not mixed up. */
static void
test_drop_failing(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 3);
	rig_tree(&r, 1, 5, 2, 2);
	sim_refuse(r.sim, 3, 17);
	rig_ask(&r, 1, ATM_MULTI_ADD, 5, 3);
	rig_run(&r, 1500);
	sim_refuse(r.sim, 3, 0);
	rig_ask(&r, 1, ATM_MULTI_DROP, 5, 3);
	rig_ask(&r, 1, ATM_MULTI_ADD, 5, 3);
	rig_run(&r, 5000);
	rig_want(&r, "2002500 3 L_REMOTE_CALL R1 1 leaf\n"
		     "2003500 1 L_ACK L_MULTI_ADD 5 3\n");
	rig_close(&r);
}

/* The call itself is answered even when its leaf was dropped meanwhile. */
static void
test_drop_first_pending(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 3);
	rig_ask(&r, 1, ATM_MULTI_RQ, 5, 2);
	rig_ask(&r, 1, ATM_MULTI_DROP, 5, 2);
	rig_run(&r, 5000);
	rig_want(&r, "1000 2 L_REMOTE_CALL R1 1 leaf\n"
		     "1000 2 ERR_L_RELEASE R1 cause 16\n"
		     "2000 1 L_ACK L_MULTI_RQ 5 2\n");
	rig_ask(&r, 1, ATM_MULTI_ADD, 5, 3);
	rig_run(&r, 5000);
	rig_want(&r, "6000 3 L_REMOTE_CALL R1 1 leaf\n"
		     "7000 1 L_ACK L_MULTI_ADD 5 3\n");
	rig_ask(&r, 1, ATM_RELEASE, 5, 0);
	sim_refuse(r.sim, 2, 17);
	rig_ask(&r, 1, ATM_MULTI_RQ, 5, 2);
	rig_ask(&r, 1, ATM_MULTI_DROP, 5, 2);
	rig_run(&r, 5000);
	rig_want(&r, "11000 3 ERR_L_RELEASE R1 cause 16\n"
		     "12000 1 ERR_L_RQFAILED L_MULTI_RQ 5 2 cause 17\n");
	rig_close(&r);
}

/* A leaf leaves while its ACK is under way: ACK, then the drop. */
static void
test_leaf_leaves_at_once(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 3);
	rig_tree(&r, 1, 5, 2, 2);
	rig_ask(&r, 1, ATM_MULTI_ADD, 5, 3);
	rig_run(&r, 1000);
	rig_ask(&r, 3, ATM_RELEASE, RIG_R(1), 0);
	rig_run(&r, 5000);
	rig_want(&r, "2001000 3 L_REMOTE_CALL R1 1 leaf\n"
		     "2002000 1 L_ACK L_MULTI_ADD 5 3\n"
		     "2002000 1 ERR_L_DROP 5 3 cause 16\n");
	rig_close(&r);
}

/* Drop and release of one leaf cross: neither side is told. */
static void
test_drop_crosses_release(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 3);
	rig_tree(&r, 1, 5, 2, 3);
	rig_ask(&r, 3, ATM_RELEASE, RIG_R(1), 0);
	rig_run(&r, 500);
	rig_ask(&r, 1, ATM_MULTI_ADD, 5, 3); /* still a leaf for the root */
	rig_ask(&r, 1, ATM_MULTI_DROP, 5, 3);
	rig_ask(&r, 1, ATM_MULTI_ADD, 5, 3);
	rig_run(&r, 5000);
	rig_want(&r, "2001500 1 ERR_L_RQFAILED L_MULTI_ADD 5 3 cause 89\n"
		     "2001500 3 L_REMOTE_CALL R2 1 leaf\n"
		     "2002500 1 L_ACK L_MULTI_ADD 5 3\n");
	rig_ask(&r, 1, ATM_MULTI_DROP, 5, 2);
	rig_run(&r, 500);
	rig_ask(&r, 2, ATM_RELEASE, RIG_R(1), 0);
	rig_run(&r, 5000);
	rig_want(&r, "");
	rig_close(&r);
}

/* The root releases with a leaf called, one failing, one leaving. */
static void
test_release_in_the_midst(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 5);
	rig_tree(&r, 1, 5, 2, 3);
	sim_refuse(r.sim, 4, 17);
	rig_ask(&r, 1, ATM_MULTI_ADD, 5, 4);
	rig_run(&r, 1500);
	rig_ask(&r, 1, ATM_MULTI_ADD, 5, 5);
	rig_ask(&r, 3, ATM_RELEASE, RIG_R(1), 0);
	rig_ask(&r, 1, ATM_RELEASE, 5, 0);
	rig_run(&r, 5000);
	rig_want(&r, "2002500 5 L_REMOTE_CALL R1 1 leaf\n"
		     "2002500 2 ERR_L_RELEASE R1 cause 16\n"
		     "2002500 5 ERR_L_RELEASE R1 cause 16\n");
	rig_close(&r);
}

/* Frames under way when a leaf is dropped reach it before the release. */
static void
test_frames_before_drop(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 3);
	rig_tree(&r, 1, 5, 2, 3);
	rig_send(&r, 1, 5, "a");
	rig_run(&r, 100);
	rig_ask(&r, 1, ATM_MULTI_DROP, 5, 3);
	rig_send(&r, 1, 5, "b");
	rig_run(&r, 5000);
	rig_want(&r, "2001000 2 DATA R1 a\n"
		     "2001000 3 DATA R1 a\n"
		     "2001100 3 ERR_L_RELEASE R1 cause 16\n"
		     "2001100 2 DATA R1 b\n");
	rig_close(&r);
}

/* Requests between two leaves of one broadcast. */
static void
test_change_while_handed_out(void **state)
{
	struct atm_ev ev;
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 40);
	rig_tree(&r, 1, 5, 2, 36);
	rig_send(&r, 1, 5, "m");
	for (unsigned i = 2; i <= 10; i++) {
		assert_int_equal(atm_net_next(r.net, MTIME_NEVER, &ev), 1);
		rig_check(&r);
	}
	/* Most leave, so that the slots would be moved at another time. */
	for (unsigned i = 4; i <= 35; i++)
		rig_ask(&r, i, ATM_RELEASE, RIG_R(1), 0);
	rig_ask(&r, 1, ATM_MULTI_ADD, 5, 37);
	rig_ask(&r, 1, ATM_MULTI_DROP, 5, 36);
	atm_net_detach(r.net, 3, 27);
	rig_check(&r);
	rig_note(&r, &ev);
	assert_int_equal(atm_net_next(r.net, MTIME_NEVER, &ev), 1);
	rig_note(&r, &ev);
	rig_want(&r, "2001000 10 DATA R1 m\n"
		     "2001000 36 DATA R1 m\n");
	rig_ask(&r, 1, ATM_RELEASE, 5, 0);
	rig_run(&r, 5000);
	rig_want(&r, "2002000 37 L_REMOTE_CALL R1 1 leaf\n"
		     "2002000 36 ERR_L_RELEASE R1 cause 16\n"
		     "2002000 2 ERR_L_RELEASE R1 cause 16\n"
		     "2002000 37 ERR_L_RELEASE R1 cause 16\n");
	rig_close(&r);
}

/* The world ends in the middle of a broadcast and with frames under way. */
static void
test_close_while_handed_out(void **state)
{
	struct atm_ev ev;
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 9);
	rig_tree(&r, 1, 5, 2, 9);
	rig_send(&r, 1, 5, "m");
	rig_send(&r, 1, 5, "n");
	assert_int_equal(atm_net_next(r.net, MTIME_NEVER, &ev), 1);
	rig_close(&r);
}

static void
test_leaf_cannot_send(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 2);
	rig_tree(&r, 1, 5, 2, 2);
	rig_send(&r, 2, RIG_R(1), "x");
	rig_run(&r, 5000);
	rig_want(&r, "");
	assert_int_equal(sim_stats(r.sim)->dropped, 1);
	assert_int_equal(sim_stats(r.sim)->frames, 0);
	rig_close(&r);
}

/* A root that is its own leaf hears itself. */
static void
test_own_leaf(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 2);
	rig_ask(&r, 1, ATM_MULTI_RQ, 5, 1);
	rig_run(&r, 5000);
	rig_send(&r, 1, 5, "m");
	rig_run(&r, 5000);
	atm_net_detach(r.net, 1, 27);
	rig_run(&r, 5000);
	rig_want(&r, "1000 1 L_REMOTE_CALL R1 1 leaf\n"
		     "2000 1 L_ACK L_MULTI_RQ 5 1\n"
		     "6000 1 DATA R1 m\n");
	rig_close(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tree),
		cmocka_unit_test(test_frame_is_shared),
		cmocka_unit_test(test_first_refuses),
		cmocka_unit_test(test_add_refused),
		cmocka_unit_test(test_add_twice),
		cmocka_unit_test(test_drop_pending),
		cmocka_unit_test(test_drop_failing),
		cmocka_unit_test(test_drop_first_pending),
		cmocka_unit_test(test_leaf_leaves_at_once),
		cmocka_unit_test(test_drop_crosses_release),
		cmocka_unit_test(test_release_in_the_midst),
		cmocka_unit_test(test_frames_before_drop),
		cmocka_unit_test(test_change_while_handed_out),
		cmocka_unit_test(test_close_while_handed_out),
		cmocka_unit_test(test_leaf_cannot_send),
		cmocka_unit_test(test_own_leaf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
