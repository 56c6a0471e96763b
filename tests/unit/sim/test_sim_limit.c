/* SPDX-License-Identifier: BSD-2-Clause */
/* Limits of ports and VCs, and the causes by which they show. */
#include "sim_rig.h"

/* vc_max counts VCs rooted and terminated, at the caller and the called. */
static void
test_vc_max(void **state)
{
	struct sim_cfg cfg;
	struct rig r;
	uint32_t rooted, terminated;

	(void)state;
	sim_defaults(&cfg);
	cfg.vc_max = 2;
	rig_open(&r, &cfg, 4);
	rig_watch(&r);
	rig_ask(&r, 1, ATM_CALL_RQ, 1, 2);
	rig_ask(&r, 2, ATM_MULTI_RQ, 1, 3);
	rig_run(&r, 5000);
	sim_port_vcs(r.sim, 2, &rooted, &terminated);
	assert_int_equal(rooted, 1);
	assert_int_equal(terminated, 1);
	rig_forget(&r);
	rig_ask(&r, 4, ATM_CALL_RQ, 1, 2);
	rig_ask(&r, 2, ATM_CALL_RQ, 2, 4);
	rig_ask(&r, 2, ATM_MULTI_ADD, 1, 4); /* a leaf more is no VC more */
	rig_run(&r, 5000);
	rig_want(&r, "5000 vc 0 fail raw 2>0/4 cause 45\n"
		     "6000 vc 3 fail raw 4>2/2 cause 45\n"
		     "6000 2 ERR_L_RQFAILED L_CALL_RQ 2 4 cause 45\n"
		     "6000 vc 2 add raw 2>4/4\n"
		     "6000 4 L_REMOTE_CALL R1 2 leaf\n"
		     "7000 4 ERR_L_RQFAILED L_CALL_RQ 1 2 cause 45\n"
		     "7000 2 L_ACK L_MULTI_ADD 1 4\n");
	assert_int_equal(sim_stats(r.sim)->failed, 2);
	rig_ask(&r, 1, ATM_RELEASE, 1, 0);
	rig_run(&r, 5000);
	rig_forget(&r);
	rig_ask(&r, 4, ATM_CALL_RQ, 1, 2);
	rig_run(&r, 5000);
	rig_want(&r, "16000 vc 4 open raw 4>2/2\n"
		     "16000 2 L_REMOTE_CALL R2 4\n"
		     "17000 4 L_ACK L_CALL_RQ 1 2\n");
	rig_close(&r);
}

/* leaf_max counts leaves connected and called; one that left makes room. */
static void
test_leaf_max(void **state)
{
	struct sim_cfg cfg;
	struct rig r;

	(void)state;
	sim_defaults(&cfg);
	cfg.leaf_max = 2;
	rig_open(&r, &cfg, 5);
	rig_tree(&r, 1, 5, 2, 2);
	rig_ask(&r, 1, ATM_MULTI_ADD, 5, 3);
	rig_ask(&r, 1, ATM_MULTI_ADD, 5, 4);
	rig_run(&r, 5000);
	rig_want(&r, "2001000 3 L_REMOTE_CALL R1 1 leaf\n"
		     "2001000 1 ERR_L_RQFAILED L_MULTI_ADD 5 4 cause 47\n"
		     "2002000 1 L_ACK L_MULTI_ADD 5 3\n");
	rig_ask(&r, 1, ATM_MULTI_DROP, 5, 3);
	rig_ask(&r, 1, ATM_MULTI_ADD, 5, 4);
	rig_run(&r, 5000);
	rig_want(&r, "2006000 3 ERR_L_RELEASE R1 cause 16\n"
		     "2006000 4 L_REMOTE_CALL R1 1 leaf\n"
		     "2007000 1 L_ACK L_MULTI_ADD 5 4\n");
	rig_close(&r);
}

static void
test_unknown_address(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 1);
	rig_watch(&r);
	rig_ask(&r, 1, ATM_CALL_RQ, 1, 9);
	rig_ask(&r, 1, ATM_MULTI_RQ, 2, 9);
	assert_int_equal(sim_vc_id(r.sim, 1, 1), 1);
	rig_run(&r, 5000);
	rig_want(&r, "0 vc 1 fail raw 1>0/9 cause 1\n"
		     "0 vc 2 fail raw 1>0/9 cause 1\n"
		     "1000 1 ERR_L_RQFAILED L_CALL_RQ 1 9 cause 1\n"
		     "1000 1 ERR_L_RQFAILED L_MULTI_RQ 2 9 cause 1\n");
	assert_int_equal(sim_vc_id(r.sim, 1, 1), 0);
	rig_close(&r);
}

/* A failing call that is released is not answered, and its reference free. */
static void
test_release_failing(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 2);
	rig_ask(&r, 1, ATM_CALL_RQ, 1, 9);
	rig_ask(&r, 1, ATM_RELEASE, 1, 0);
	rig_ask(&r, 1, ATM_CALL_RQ, 1, 2);
	rig_run(&r, 5000);
	rig_want(&r, "1000 2 L_REMOTE_CALL R1 1\n"
		     "2000 1 L_ACK L_CALL_RQ 1 2\n");
	rig_close(&r);
}

static void
test_attach(void **state)
{
	struct atm_addr a = rig_addr(1);
	atm_port port = 77;
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 300);
	assert_int_equal(atm_net_attach(r.net, &a, &port), MARSH_EEXIST);
	assert_int_equal(port, 77);
	atm_net_detach(r.net, 1, 0);
	atm_net_detach(r.net, 1, 0);
	atm_net_detach(r.net, 0, 0);
	assert_int_equal(atm_net_attach(r.net, &a, &port), 0);
	assert_int_equal(port, 301);
	rig_close(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vc_max),
		cmocka_unit_test(test_leaf_max),
		cmocka_unit_test(test_unknown_address),
		cmocka_unit_test(test_release_failing),
		cmocka_unit_test(test_attach),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
