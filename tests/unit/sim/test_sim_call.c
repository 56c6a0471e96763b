/* SPDX-License-Identifier: BSD-2-Clause */
/* pt-pt calls: set-up, data, release from either side, and their crossings. */
#include "sim_rig.h"

static void
test_call(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 2);
	rig_watch(&r);
	rig_ask(&r, 1, ATM_CALL_RQ, 7, 2);
	rig_run(&r, 5000);
	rig_send(&r, 1, 7, "there");
	rig_send(&r, 2, RIG_R(1), "back");
	rig_run(&r, 5000);
	rig_ask_cause(&r, 1, ATM_RELEASE, 7, 0, 21);
	rig_run(&r, 5000);
	rig_want(&r, "1000 vc 1 open raw 1>2/2\n"
		     "1000 2 L_REMOTE_CALL R1 1\n"
		     "2000 1 L_ACK L_CALL_RQ 7 2\n"
		     "6000 2 DATA R1 there\n"
		     "6000 1 DATA 7 back\n"
		     "10000 vc 1 release raw 1 cause 21\n"
		     "11000 2 ERR_L_RELEASE R1 cause 21\n");
	rig_close(&r);
}

/* The default cause is that of the UNI version. */
static void
test_normal_cause(void **state)
{
	struct sim_cfg cfg;
	struct rig r;

	(void)state;
	for (unsigned uni = 30; uni <= 31; uni++) {
		sim_defaults(&cfg);
		cfg.uni = uni;
		rig_open(&r, &cfg, 2);
		rig_ask(&r, 1, ATM_CALL_RQ, 7, 2);
		rig_run(&r, 5000);
		rig_ask(&r, 2, ATM_RELEASE, RIG_R(1), 0);
		rig_forget(&r);
		rig_run(&r, 5000);
		rig_want(&r, uni == 30 ? "6000 1 ERR_L_RELEASE 7 cause 31\n"
				       : "6000 1 ERR_L_RELEASE 7 cause 16\n");
		rig_close(&r);
	}
}

/* What is sent before the ACK waits for nothing and comes after the call. */
static void
test_send_at_once(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 2);
	rig_ask(&r, 1, ATM_CALL_RQ, 7, 2);
	rig_send(&r, 1, 7, "a");
	rig_send(&r, 1, 7, "b");
	rig_run(&r, 1000);
	rig_send(&r, 2, RIG_R(1), "c");
	rig_run(&r, 5000);
	rig_want(&r, "1000 2 L_REMOTE_CALL R1 1\n"
		     "1000 2 DATA R1 a\n"
		     "1000 2 DATA R1 b\n"
		     "2000 1 L_ACK L_CALL_RQ 7 2\n"
		     "2000 1 DATA 7 c\n");
	rig_close(&r);
}

static void
test_send_refused(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 2);
	sim_refuse(r.sim, 2, ATM_CAUSE_BUSY);
	rig_ask(&r, 1, ATM_CALL_RQ, 7, 2);
	rig_send(&r, 1, 7, "a");
	rig_run(&r, 5000);
	rig_want(&r, "2000 1 ERR_L_RQFAILED L_CALL_RQ 7 2 cause 17\n");
	assert_int_equal(sim_stats(r.sim)->dropped, 1);
	assert_int_equal(sim_stats(r.sim)->failed, 1);
	rig_close(&r);
}

/* Call, send and release in one breath: the callee sees all of it. */
static void
test_release_pending(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 2);
	rig_watch(&r);
	rig_ask(&r, 1, ATM_CALL_RQ, 7, 2);
	rig_send(&r, 1, 7, "a");
	rig_ask(&r, 1, ATM_RELEASE, 7, 0);
	rig_ask(&r, 1, ATM_CALL_RQ, 7, 2); /* the reference is free */
	rig_run(&r, 5000);
	rig_want(&r, "1000 2 L_REMOTE_CALL R1 1\n"
		     "1000 2 DATA R1 a\n"
		     "1000 2 ERR_L_RELEASE R1 cause 16\n"
		     "1000 vc 2 open raw 1>2/2\n"
		     "1000 2 L_REMOTE_CALL R2 1\n"
		     "2000 1 L_ACK L_CALL_RQ 7 2\n");
	rig_close(&r);
}

/* The caller releases while the ACK is under way: it hears nothing more. */
static void
test_release_crosses_ack(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 2);
	rig_ask(&r, 1, ATM_CALL_RQ, 7, 2);
	rig_run(&r, 1500);
	rig_ask(&r, 1, ATM_RELEASE, 7, 0);
	rig_run(&r, 5000);
	rig_want(&r, "1000 2 L_REMOTE_CALL R1 1\n"
		     "2500 2 ERR_L_RELEASE R1 cause 16\n");
	rig_close(&r);
}

/* The callee releases at once: ACK first, then the release. */
static void
test_callee_releases_at_once(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 2);
	rig_ask(&r, 1, ATM_CALL_RQ, 7, 2);
	rig_run(&r, 1000);
	rig_send(&r, 2, RIG_R(1), "last words");
	rig_ask(&r, 2, ATM_RELEASE, RIG_R(1), 0);
	rig_run(&r, 5000);
	rig_want(&r, "1000 2 L_REMOTE_CALL R1 1\n"
		     "2000 1 L_ACK L_CALL_RQ 7 2\n"
		     "2000 1 DATA 7 last words\n"
		     "2000 1 ERR_L_RELEASE 7 cause 16\n");
	rig_close(&r);
}

/* Both release: nobody is told. */
static void
test_releases_cross(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 2);
	rig_ask(&r, 1, ATM_CALL_RQ, 7, 2);
	rig_run(&r, 5000);
	rig_forget(&r);
	rig_ask(&r, 1, ATM_RELEASE, 7, 0);
	rig_run(&r, 500);
	rig_ask(&r, 2, ATM_RELEASE, RIG_R(1), 0);
	rig_run(&r, 5000);
	rig_want(&r, "");
	rig_close(&r);
}

static void
test_releases_cross_the_other_way(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 2);
	rig_ask(&r, 1, ATM_CALL_RQ, 7, 2);
	rig_run(&r, 5000);
	rig_forget(&r);
	rig_send(&r, 1, 7, "under way");
	rig_ask(&r, 2, ATM_RELEASE, RIG_R(1), 0);
	rig_run(&r, 500);
	rig_send(&r, 1, 7, "to nobody");
	rig_ask(&r, 1, ATM_RELEASE, 7, 0);
	rig_run(&r, 5000);
	rig_want(&r, "");
	assert_int_equal(sim_stats(r.sim)->dropped, 2);
	rig_close(&r);
}

static void
test_self(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 1);
	rig_ask(&r, 1, ATM_CALL_RQ, 7, 1);
	rig_run(&r, 5000);
	rig_send(&r, 1, 7, "a");
	rig_send(&r, 1, RIG_R(1), "b");
	rig_run(&r, 5000);
	rig_ask(&r, 1, ATM_RELEASE, RIG_R(1), 0);
	rig_run(&r, 5000);
	rig_want(&r, "1000 1 L_REMOTE_CALL R1 1\n"
		     "2000 1 L_ACK L_CALL_RQ 7 1\n"
		     "6000 1 DATA R1 a\n"
		     "6000 1 DATA 7 b\n"
		     "11000 1 ERR_L_RELEASE 7 cause 16\n");
	rig_close(&r);
}

/* What cannot be meant is ignored and counted. */
static void
test_nonsense(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 2);
	rig_ask(&r, 1, ATM_CALL_RQ, 0, 2);
	rig_ask(&r, 1, ATM_CALL_RQ, RIG_R(1), 2);
	rig_ask(&r, 1, ATM_RELEASE, 7, 0);
	rig_ask(&r, 1, ATM_MULTI_DROP, 7, 2);
	rig_ask(&r, 1, ATM_MULTI_ADD, 7, 2);
	rig_ask(&r, 9, ATM_CALL_RQ, 7, 2);
	rig_ask(&r, 0, ATM_CALL_RQ, 7, 2);
	assert_int_equal(sim_stats(r.sim)->ignored, 7);
	rig_ask(&r, 1, ATM_CALL_RQ, 7, 2);
	rig_ask(&r, 1, ATM_CALL_RQ, 7, 2); /* in use */
	rig_run(&r, 5000);
	rig_ask(&r, 1, ATM_MULTI_DROP, 7, 2); /* pt-pt */
	assert_int_equal(sim_stats(r.sim)->ignored, 9);
	rig_forget(&r);
	rig_ask(&r, 1, ATM_MULTI_ADD, 7, 1);
	rig_ask(&r, 2, ATM_MULTI_ADD, RIG_R(1), 1);
	rig_send(&r, 1, 8, "x");
	rig_run(&r, 5000);
	rig_want(&r, "6000 1 ERR_L_RQFAILED L_MULTI_ADD 7 1 cause 89\n"
		     "6000 2 ERR_L_RQFAILED L_MULTI_ADD R1 1 cause 89\n");
	assert_int_equal(sim_stats(r.sim)->dropped, 1);
	rig_close(&r);
}

/* A port leaves: its VCs go at once, the others are told. */
static void
test_detach(void **state)
{
	struct atm_addr a = rig_addr(2);
	atm_port port;
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 3);
	rig_ask(&r, 1, ATM_CALL_RQ, 1, 2);
	rig_ask(&r, 2, ATM_CALL_RQ, 1, 3);
	rig_run(&r, 5000);
	rig_ask(&r, 1, ATM_CALL_RQ, 2, 2); /* under way */
	rig_ask(&r, 2, ATM_CALL_RQ, 2, 3);
	atm_net_timer(r.net, 2, mtime_add(r.start, MSPAN_MS(6)));
	rig_forget(&r);
	atm_net_detach(r.net, 2, ATM_CAUSE_OUT_OF_ORDER);
	rig_check(&r);
	assert_int_equal(atm_net_attach(r.net, &a, &port), 0);
	assert_int_equal(port, 4);
	rig_run(&r, 5000);
	rig_want(&r, "6000 3 L_REMOTE_CALL R2 2\n"
		     "6000 3 ERR_L_RELEASE R2 cause 27\n"
		     "6000 1 ERR_L_RELEASE 1 cause 27\n"
		     "6000 3 ERR_L_RELEASE R1 cause 27\n"
		     "7000 1 ERR_L_RQFAILED L_CALL_RQ 2 2 cause 1\n");
	rig_ask(&r, 1, ATM_CALL_RQ, 1, 2);
	rig_run(&r, 5000);
	rig_want(&r, "11000 4 L_REMOTE_CALL R1 1\n"
		     "12000 1 L_ACK L_CALL_RQ 1 2\n");
	rig_close(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_call),
		cmocka_unit_test(test_normal_cause),
		cmocka_unit_test(test_send_at_once),
		cmocka_unit_test(test_send_refused),
		cmocka_unit_test(test_release_pending),
		cmocka_unit_test(test_release_crosses_ack),
		cmocka_unit_test(test_callee_releases_at_once),
		cmocka_unit_test(test_releases_cross),
		cmocka_unit_test(test_releases_cross_the_other_way),
		cmocka_unit_test(test_self),
		cmocka_unit_test(test_nonsense),
		cmocka_unit_test(test_detach),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
