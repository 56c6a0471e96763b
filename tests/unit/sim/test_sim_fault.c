/* SPDX-License-Identifier: BSD-2-Clause */
/* Cuts, hung and downed ports, refused calls. */
#include "sim_rig.h"

/* Calls and leaves between the two end, everything else stays. */
static void
test_cut(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 4);
	rig_tree(&r, 1, 5, 2, 4);
	rig_ask(&r, 1, ATM_CALL_RQ, 6, 2);
	rig_ask(&r, 2, ATM_CALL_RQ, 6, 1);
	rig_ask(&r, 2, ATM_CALL_RQ, 7, 3);
	rig_run(&r, 5000);
	rig_forget(&r);
	rig_watch(&r);
	rig_send(&r, 1, 5, "a"); /* under way: lost for 2 */
	rig_send(&r, 1, 6, "b");
	rig_send(&r, 2, RIG_R(2), "c");
	assert_int_equal(sim_cut(r.sim, 2, 1), 0);
	rig_send(&r, 1, 5, "d");
	rig_send(&r, 1, 6, "e");
	rig_ask(&r, 1, ATM_CALL_RQ, 8, 2);
	rig_run(&r, 5000);
	rig_want(&r, "2005000 vc 3 release raw 2 cause 38\n"
		     "2005000 vc 2 release raw 1 cause 38\n"
		     "2005000 vc 1 drop raw 1>2/2 cause 38\n"
		     "2005000 vc 5 fail raw 1>2/2 cause 3\n"
		     "2006000 3 DATA R1 a\n"
		     "2006000 4 DATA R1 a\n"
		     "2006000 1 ERR_L_RELEASE R1 cause 38\n"
		     "2006000 2 ERR_L_RELEASE 6 cause 38\n"
		     "2006000 2 ERR_L_RELEASE R2 cause 38\n"
		     "2006000 1 ERR_L_RELEASE 6 cause 38\n"
		     "2006000 2 ERR_L_RELEASE R1 cause 38\n"
		     "2006000 1 ERR_L_DROP 5 2 cause 38\n"
		     "2006000 3 DATA R1 d\n"
		     "2006000 4 DATA R1 d\n"
		     "2006000 1 ERR_L_RQFAILED L_CALL_RQ 8 2 cause 3\n");
	rig_close(&r);
}

static void
test_cuts_count(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 2);
	sim_heal(r.sim, 1, 2); /* nothing to heal */
	assert_int_equal(sim_cut(r.sim, 1, 2), 0);
	assert_int_equal(sim_cut(r.sim, 2, 1), 0);
	sim_heal(r.sim, 1, 2);
	rig_ask(&r, 1, ATM_CALL_RQ, 7, 2);
	rig_run(&r, 5000);
	rig_want(&r, "1000 1 ERR_L_RQFAILED L_CALL_RQ 7 2 cause 3\n");
	sim_heal(r.sim, 1, 2);
	rig_ask(&r, 1, ATM_CALL_RQ, 7, 2);
	rig_run(&r, 5000);
	rig_want(&r, "6000 2 L_REMOTE_CALL R1 1\n"
		     "7000 1 L_ACK L_CALL_RQ 7 2\n");
	rig_close(&r);
}

/* Cut with the set-up under way, and with the answer under way. */
static void
test_cut_pending(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 3);
	rig_ask(&r, 1, ATM_CALL_RQ, 7, 2);
	rig_ask(&r, 1, ATM_MULTI_RQ, 5, 2);
	rig_run(&r, 500);
	assert_int_equal(sim_cut(r.sim, 1, 2), 0);
	rig_run(&r, 5000);
	rig_want(&r, "2000 1 ERR_L_RQFAILED L_CALL_RQ 7 2 cause 3\n"
		     "2000 1 ERR_L_RQFAILED L_MULTI_RQ 5 2 cause 3\n");
	sim_heal(r.sim, 1, 2);
	rig_ask(&r, 1, ATM_MULTI_RQ, 5, 3);
	rig_run(&r, 4500);
	rig_ask(&r, 1, ATM_CALL_RQ, 7, 2);
	rig_ask(&r, 1, ATM_MULTI_ADD, 5, 2);
	rig_run(&r, 1500);
	rig_forget(&r);
	assert_int_equal(sim_cut(r.sim, 1, 2), 0);
	rig_run(&r, 5000);
	rig_want(&r, "12000 1 ERR_L_RQFAILED L_CALL_RQ 7 2 cause 38\n"
		     "12000 1 ERR_L_RQFAILED L_MULTI_ADD 5 2 cause 38\n"
		     "12500 2 ERR_L_RELEASE R1 cause 38\n"
		     "12500 2 ERR_L_RELEASE R2 cause 38\n");
	rig_close(&r);
}

/* Cut, and both sides hang up before they are told. */
static void
test_cut_and_release(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 2);
	rig_ask(&r, 1, ATM_CALL_RQ, 7, 2);
	rig_run(&r, 5000);
	rig_forget(&r);
	assert_int_equal(sim_cut(r.sim, 1, 2), 0);
	rig_ask(&r, 1, ATM_RELEASE, 7, 0);
	rig_ask(&r, 2, ATM_RELEASE, RIG_R(1), 0);
	rig_run(&r, 5000);
	rig_want(&r, "");
	rig_close(&r);
}

static void
test_refuse(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 2);
	rig_ask(&r, 1, ATM_CALL_RQ, 6, 2);
	rig_run(&r, 5000);
	rig_forget(&r);
	sim_refuse(r.sim, 2, ATM_CAUSE_TEMPORARY);
	rig_ask(&r, 1, ATM_CALL_RQ, 7, 2);
	rig_send(&r, 1, 6, "old calls stay");
	rig_run(&r, 5000);
	rig_want(&r, "6000 2 DATA R1 old calls stay\n"
		     "7000 1 ERR_L_RQFAILED L_CALL_RQ 7 2 cause 41\n");
	rig_close(&r);
}

/* A hung port is called, sent to and left; it learns of nothing. */
static void
test_hang(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 3);
	rig_ask(&r, 1, ATM_CALL_RQ, 6, 2);
	rig_run(&r, 5000);
	rig_forget(&r);
	sim_hang(r.sim, 2, true);
	atm_net_timer(r.net, 2, mtime_add(r.start, MSPAN_MS(6)));
	rig_send(&r, 1, 6, "a");
	rig_ask(&r, 1, ATM_RELEASE, 6, 0);
	rig_ask(&r, 1, ATM_CALL_RQ, 7, 2);
	rig_ask(&r, 1, ATM_MULTI_RQ, 5, 3);
	rig_ask(&r, 1, ATM_MULTI_ADD, 5, 2);
	rig_run(&r, 5000);
	rig_send(&r, 1, 5, "b");
	rig_run(&r, 5000);
	rig_want(&r, "6000 3 L_REMOTE_CALL R1 1 leaf\n"
		     "7000 1 L_ACK L_CALL_RQ 7 2\n"
		     "7000 1 L_ACK L_MULTI_RQ 5 3\n"
		     "7000 1 L_ACK L_MULTI_ADD 5 2\n"
		     "11000 3 DATA R1 b\n");
	sim_hang(r.sim, 2, false);
	rig_send(&r, 1, 7, "c");
	rig_run(&r, 5000);
	rig_want(&r, "15000 2 timer\n"
		     "16000 2 DATA R2 c\n");
	rig_close(&r);
}

/* Down: VCs are gone, nothing in, nothing out; up again as new. */
static void
test_down(void **state)
{
	struct rig r;
	uint32_t rooted, terminated;

	(void)state;
	rig_open(&r, NULL, 3);
	rig_tree(&r, 2, 5, 1, 1);
	rig_tree(&r, 1, 5, 2, 3);
	rig_ask(&r, 2, ATM_CALL_RQ, 6, 3);
	rig_run(&r, 5000);
	rig_forget(&r);
	rig_watch(&r);
	atm_net_timer(r.net, 2, mtime_add(r.start, MSPAN_SEC(4)));
	sim_down(r.sim, 2);
	sim_down(r.sim, 2);
	sim_port_vcs(r.sim, 2, &rooted, &terminated);
	assert_int_equal(rooted + terminated, 0);
	rig_send(&r, 2, 6, "x");
	rig_ask(&r, 2, ATM_CALL_RQ, 7, 3);
	rig_ask(&r, 1, ATM_CALL_RQ, 7, 2);
	rig_run(&r, 5000);
	rig_want(&r, "4005000 vc 3 release raw 2 cause 27\n"
		     "4005000 vc 2 drop raw 1>2/2 cause 27\n"
		     "4005000 vc 1 release raw 2 cause 27\n"
		     "4006000 3 ERR_L_RELEASE R2 cause 27\n"
		     "4006000 1 ERR_L_DROP 5 2 cause 27\n"
		     "4006000 1 ERR_L_RELEASE R1 cause 27\n"
		     "4006000 vc 4 fail raw 1>2/2 cause 27\n"
		     "4007000 1 ERR_L_RQFAILED L_CALL_RQ 7 2 cause 27\n");
	sim_up(r.sim, 2);
	rig_ask(&r, 1, ATM_MULTI_ADD, 5, 2);
	rig_run(&r, 5000);
	rig_want(&r, "4010000 2 timer\n"
		     "4011000 vc 2 add raw 1>2/2\n"
		     "4011000 2 L_REMOTE_CALL R2 1 leaf\n"
		     "4012000 1 L_ACK L_MULTI_ADD 5 2\n");
	rig_close(&r);
}

/* Last words: what was sent before going down still arrives. */
static void
test_down_last_words(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 2);
	rig_ask(&r, 1, ATM_CALL_RQ, 7, 2);
	rig_run(&r, 5000);
	rig_forget(&r);
	rig_send(&r, 1, 7, "farewell");
	rig_send(&r, 2, RIG_R(1), "too late");
	sim_down(r.sim, 1);
	rig_run(&r, 5000);
	rig_want(&r, "6000 2 DATA R1 farewell\n"
		     "6000 2 ERR_L_RELEASE R1 cause 27\n");
	rig_close(&r);
}

/* Ports that are not there. */
static void
test_no_such_port(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 1);
	assert_int_equal(sim_cut(r.sim, 8, 9), 0);
	sim_heal(r.sim, 9, 8);
	sim_refuse(r.sim, 9, 1);
	sim_hang(r.sim, 9, true);
	sim_down(r.sim, 9);
	sim_down(r.sim, 0);
	sim_up(r.sim, 9);
	atm_net_timer(r.net, 0, mtime_add(r.start, MSPAN_US(5)));
	rig_run(&r, 10);
	rig_want(&r, "5 0 timer\n");
	rig_close(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cut),
		cmocka_unit_test(test_cuts_count),
		cmocka_unit_test(test_cut_pending),
		cmocka_unit_test(test_cut_and_release),
		cmocka_unit_test(test_refuse),
		cmocka_unit_test(test_hang),
		cmocka_unit_test(test_down),
		cmocka_unit_test(test_down_last_words),
		cmocka_unit_test(test_no_such_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
