/* SPDX-License-Identifier: BSD-2-Clause */
/* Switches and links: distances, paths, and links that go down. */
#include "sim_rig.h"

static void
test_numbers(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 2);
	assert_int_equal(sim_switch_add(r.sim), 1);
	assert_int_equal(sim_switch_add(r.sim), 2);
	assert_int_equal(sim_link(r.sim, 0, 1, MSPAN_MS(1)), 0);
	assert_int_equal(sim_link(r.sim, 1, 2, MSPAN_MS(1)), 1);
	assert_int_equal(sim_link(r.sim, 1, 3, MSPAN_MS(1)), MARSH_EINVAL);
	assert_int_equal(sim_link(r.sim, 1, 1, MSPAN_MS(1)), MARSH_EINVAL);
	assert_int_equal(sim_link(r.sim, 0, 1, MSPAN_MS(-1)), MARSH_EINVAL);
	assert_int_equal(sim_link_set(r.sim, 2, false), MARSH_EINVAL);
	assert_int_equal(sim_link_set(r.sim, 1, true), 0);
	assert_int_equal(sim_place(r.sim, 1, 3), MARSH_EINVAL);
	assert_int_equal(sim_place(r.sim, 3, 1), MARSH_EINVAL);
	assert_int_equal(sim_place(r.sim, 0, 1), MARSH_EINVAL);
	assert_int_equal(sim_place(r.sim, 1, 1), 0);
	rig_ask(&r, 1, ATM_CALL_RQ, 7, 2);
	assert_int_equal(sim_place(r.sim, 1, 0), MARSH_ESTATE);
	rig_run(&r, 10000);
	assert_int_equal(sim_place(r.sim, 2, 1), MARSH_ESTATE);
	rig_close(&r);
}

/* Leaves at three distances get a frame at three times. */
static void
test_distance(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 5);
	sim_switch_add(r.sim);
	sim_switch_add(r.sim);
	sim_link(r.sim, 0, 1, MSPAN_MS(2));
	sim_link(r.sim, 1, 2, MSPAN_MS(3));
	sim_place(r.sim, 3, 1);
	sim_place(r.sim, 4, 2);
	sim_place(r.sim, 5, 1);
	rig_tree(&r, 1, 5, 2, 5);
	rig_send(&r, 1, 5, "m");
	rig_run(&r, 10000);
	rig_want(&r, "2001000 2 DATA R1 m\n"
		     "2003000 3 DATA R1 m\n"
		     "2003000 5 DATA R1 m\n"
		     "2006000 4 DATA R1 m\n");
	rig_ask(&r, 4, ATM_CALL_RQ, 7, 1); /* and the other way */
	rig_run(&r, 20000);
	rig_want(&r, "2016000 1 L_REMOTE_CALL R1 4\n"
		     "2022000 4 L_ACK L_CALL_RQ 7 1\n");
	rig_close(&r);
}

/*
 * Fewest links win over delay; of equals the lowest numbers:
 *
 *   0 --l0-- 1 --l3-- 3        l0 1 ms, l1 10 ms, l2 100 ms, l3 1 ms
 *   0 --l1-- 2 --l2-- 3        l4 (0-3, made last) 1 s
 */
static void
test_shortest(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 2);
	for (int i = 1; i <= 3; i++)
		assert_int_equal(sim_switch_add(r.sim), i);
	sim_link(r.sim, 1, 0, MSPAN_MS(1));
	sim_link(r.sim, 0, 2, MSPAN_MS(10));
	sim_link(r.sim, 3, 2, MSPAN_MS(100));
	sim_link(r.sim, 1, 3, MSPAN_MS(1));
	sim_place(r.sim, 2, 3);
	rig_ask(&r, 1, ATM_CALL_RQ, 1, 2);
	rig_run(&r, 1000000);
	rig_want(&r, "3000 2 L_REMOTE_CALL R1 1\n"
		     "6000 1 L_ACK L_CALL_RQ 1 2\n");
	sim_link(r.sim, 0, 3, MSPAN_SEC(1));
	rig_ask(&r, 1, ATM_CALL_RQ, 2, 2);
	rig_send(&r, 1, 1, "on the old path");
	rig_run(&r, 10000000);
	rig_want(&r, "1003000 2 DATA R1 on the old path\n"
		     "2001000 2 L_REMOTE_CALL R2 1\n"
		     "3002000 1 L_ACK L_CALL_RQ 2 2\n");
	rig_close(&r);
}

static void
test_no_path(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 2);
	sim_switch_add(r.sim);
	sim_place(r.sim, 2, 1);
	rig_ask(&r, 1, ATM_CALL_RQ, 7, 2);
	rig_run(&r, 5000);
	rig_want(&r, "1000 1 ERR_L_RQFAILED L_CALL_RQ 7 2 cause 3\n");
	rig_close(&r);
}

/* A ring: a link goes down, VCs over it too, new ones go round. */
static void
test_link_down(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 4);
	sim_switch_add(r.sim);
	sim_switch_add(r.sim);
	sim_link(r.sim, 0, 1, MSPAN_MS(1));
	sim_link(r.sim, 1, 2, MSPAN_MS(1));
	sim_link(r.sim, 2, 0, MSPAN_MS(1));
	sim_place(r.sim, 2, 1);
	sim_place(r.sim, 3, 2);
	rig_tree(&r, 1, 5, 2, 4);
	rig_ask(&r, 1, ATM_CALL_RQ, 6, 2);
	rig_ask(&r, 3, ATM_CALL_RQ, 6, 2);
	rig_run(&r, 10000);
	rig_ask(&r, 1, ATM_CALL_RQ, 7, 2); /* under way */
	rig_forget(&r);
	rig_watch(&r);
	assert_int_equal(sim_link_set(r.sim, 0, false), 0);
	assert_int_equal(sim_link_set(r.sim, 0, false), 0);
	rig_run(&r, 10000);
	rig_want(&r, "2010000 vc 1 drop raw 1>2/2 cause 38\n"
		     "2010000 vc 2 release raw 1 cause 38\n"
		     "2012000 vc 4 fail raw 1>2/2 cause 3\n"
		     "2012000 2 ERR_L_RELEASE R1 cause 38\n"
		     "2012000 1 ERR_L_DROP 5 2 cause 38\n"
		     "2012000 2 ERR_L_RELEASE R2 cause 38\n"
		     "2012000 1 ERR_L_RELEASE 6 cause 38\n"
		     "2014000 1 ERR_L_RQFAILED L_CALL_RQ 7 2 cause 3\n");
	rig_ask(&r, 1, ATM_MULTI_ADD, 5, 2);
	rig_run(&r, 10000);
	rig_want(&r, "2023000 vc 1 add raw 1>2/2\n"
		     "2023000 2 L_REMOTE_CALL R4 1 leaf\n"
		     "2026000 1 L_ACK L_MULTI_ADD 5 2\n");
	/* Partition: 1 and 4 here, 2 and 3 there. */
	assert_int_equal(sim_link_set(r.sim, 2, false), 0);
	rig_run(&r, 10000);
	rig_forget(&r);
	rig_ask(&r, 1, ATM_CALL_RQ, 8, 2);
	rig_ask(&r, 1, ATM_CALL_RQ, 9, 4);
	rig_send(&r, 3, 6, "still");
	rig_run(&r, 10000);
	rig_want(&r, "2040000 vc 5 fail raw 1>2/2 cause 3\n"
		     "2041000 1 ERR_L_RQFAILED L_CALL_RQ 8 2 cause 3\n"
		     "2041000 vc 6 open raw 1>4/4\n"
		     "2041000 4 L_REMOTE_CALL R2 1\n"
		     "2042000 2 DATA R3 still\n"
		     "2042000 1 L_ACK L_CALL_RQ 9 4\n");
	assert_int_equal(sim_link_set(r.sim, 0, true), 0);
	rig_ask(&r, 1, ATM_CALL_RQ, 8, 2);
	rig_run(&r, 10000);
	rig_want(&r, "2052000 vc 7 open raw 1>2/2\n"
		     "2052000 2 L_REMOTE_CALL R5 1\n"
		     "2054000 1 L_ACK L_CALL_RQ 8 2\n");
	rig_close(&r);
}

/* Paths that come and go do not add up in a VC that stays. */
static void
test_flapping(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 3);
	sim_switch_add(r.sim);
	sim_link(r.sim, 0, 1, MSPAN_MS(1));
	sim_place(r.sim, 3, 1);
	rig_tree(&r, 1, 5, 2, 2);
	for (int i = 0; i < 100; i++) {
		rig_ask(&r, 1, ATM_MULTI_ADD, 5, 3);
		rig_run(&r, 10000);
		rig_send(&r, 1, 5, "m");
		rig_run(&r, 10000);
		sim_link_set(r.sim, 0, false);
		rig_run(&r, 10000);
		sim_link_set(r.sim, 0, true);
		assert_non_null(strstr(r.text, "3 DATA"));
		assert_non_null(strstr(r.text, "1 ERR_L_DROP 5 3 cause 38"));
		rig_forget(&r);
	}
	assert_in_range(r.mem.live_octets, 0, 400000);
	rig_close(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_distance),
		cmocka_unit_test(test_shortest),
		cmocka_unit_test(test_no_path),
		cmocka_unit_test(test_link_down),
		cmocka_unit_test(test_flapping),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
