/* SPDX-License-Identifier: BSD-2-Clause */
/* sim_check finds what it is there to find: the world is damaged by hand. */
#include "sim/sim_int.h"
#include "sim_rig.h"

static struct rig r;

static struct sim_vc *
world(void)
{
	rig_open(&r, NULL, 4);
	rig_tree(&r, 1, 5, 2, 3);
	rig_ask(&r, 1, ATM_MULTI_ADD, 5, 4);
	rig_send(&r, 1, 5, "m");
	return r.sim->vc[0].vc;
}

static void
want(const char *text)
{
	const char *bad = sim_check(r.sim);

	assert_non_null(bad);
	assert_string_equal(bad, text);
}

static void
test_counts(void **state)
{
	struct sim_vc *vc = world();

	(void)state;
	vc->leaves++;
	want("leaves of a VC are miscounted");
	vc->leaves--;
	vc->holes++;
	want("slots are miscounted");
	vc->holes--;
	r.sim->pool_leaf.live++;
	want("leaked leaf");
	r.sim->pool_leaf.live--;
	r.sim->pool_vc.live++;
	want("leaked VC");
	r.sim->pool_vc.live--;
	r.sim->pool_job.live++;
	want("leaked frame");
	r.sim->pool_job.live--;
	r.sim->port[2]->terminated++;
	want("VCs of a port are miscounted");
	r.sim->port[2]->terminated--;
	rig_close(&r);
}

static void
test_no_root(void **state)
{
	struct sim_vc *vc = world();

	(void)state;
	vc->root.live = false;
	want("VC without a root");
	vc->root.live = true;
	vc->first->end.live = false;
	want("leaf without a slot");
	vc->first->end.live = true;
	rig_close(&r);
}

/* A leaf whose end was announced to nobody would stay for ever. */
static void
test_lost_leaf(void **state)
{
	struct sim_vc *vc = world();

	(void)state;
	vc->first->state = SIM_GONE;
	vc->leaves--;
	want("lost leaf and nobody will be told");
	vc->first->state = SIM_CONNECTED;
	vc->leaves++;
	rig_close(&r);
}

static void
test_dangling(void **state)
{
	struct sim_vc *vc = world();
	struct sim_leaf *l = vc->slot[0].leaf;

	(void)state;
	vc->slot[0].leaf = vc->slot[1].leaf;
	want("slot of another leaf");
	vc->slot[0].leaf = l;
	l->end.ref++;
	want("reference does not lead to its end");
	l->end.ref--;
	rig_close(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_no_root),
		cmocka_unit_test(test_lost_leaf),
		cmocka_unit_test(test_dangling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
