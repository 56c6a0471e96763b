/* SPDX-License-Identifier: BSD-2-Clause */
/* What a world shows of itself: VCs, leaves, counters, frames as sent. */
#include "sim_rig.h"

static void
test_info(void **state)
{
	struct atm_vc_info vi;
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 4);
	assert_false(sim_next_vc(r.sim, 0, &vi));
	rig_ask(&r, 1, ATM_CALL_RQ, 7, 9); /* id 1, fails */
	rig_ask(&r, 1, ATM_CALL_RQ, 8, 2); /* id 2 */
	rig_ask(&r, 2, ATM_MULTI_RQ, 3, 3); /* id 3 */
	assert_int_equal(sim_vc_id(r.sim, 2, 3), 3);
	assert_false(sim_next_vc(r.sim, 0, &vi)); /* none is open yet */
	rig_run(&r, 5000);
	rig_ask(&r, 2, ATM_MULTI_ADD, 3, 4);
	rig_run(&r, 5000);
	rig_send(&r, 1, 8, "abc");
	rig_send(&r, 2, RIG_R(1), "de");
	rig_send(&r, 2, 3, "f");
	assert_true(sim_next_vc(r.sim, 0, &vi));
	assert_int_equal(vi.id, 2);
	assert_false(vi.multi);
	assert_int_equal(vi.use, ATM_USE_RAW);
	assert_int_equal(vi.root, 1);
	assert_int_equal(vi.root_ref, 8);
	assert_int_equal(vi.leaves, 1);
	assert_int_equal(rig_us(&r, vi.opened), 1000);
	assert_int_equal(vi.frames, 2);
	assert_int_equal(vi.octets, 5);
	assert_true(sim_next_vc(r.sim, 2, &vi));
	assert_int_equal(vi.id, 3);
	assert_true(vi.multi);
	assert_int_equal(vi.leaves, 2);
	assert_int_equal(vi.frames, 1);
	assert_false(sim_next_vc(r.sim, 3, &vi));
	assert_int_equal(sim_vc_id(r.sim, 2, RIG_R(1)), 2);
	assert_int_equal(sim_vc_id(r.sim, 4, RIG_R(1)), 3);
	assert_int_equal(sim_vc_id(r.sim, 4, RIG_R(2)), 0);
	rig_ask(&r, 1, ATM_RELEASE, 8, 0);
	assert_true(sim_next_vc(r.sim, 0, &vi)); /* gone at once */
	assert_int_equal(vi.id, 3);
	rig_run(&r, 5000);
	rig_close(&r);
}

/* Many VCs come and go: ids are never used again and stay in order. */
static void
test_ids(void **state)
{
	struct atm_vc_info vi;
	struct rig r;
	uint32_t last = 0;

	(void)state;
	rig_open(&r, NULL, 2);
	for (unsigned i = 1; i <= 400; i++)
		rig_ask(&r, 1, ATM_CALL_RQ, i, 2);
	rig_run(&r, 5000);
	rig_forget(&r);
	for (unsigned i = 1; i <= 400; i++)
		if (i % 5 != 0)
			rig_ask(&r, 1, ATM_RELEASE, i, 0);
	rig_run(&r, 5000);
	rig_forget(&r);
	for (unsigned i = 1; i <= 80; i++) {
		assert_true(sim_next_vc(r.sim, last, &vi));
		assert_int_equal(vi.id, 5 * i);
		assert_int_equal(vi.root_ref, 5 * i);
		last = vi.id;
	}
	assert_false(sim_next_vc(r.sim, last, &vi));
	rig_ask(&r, 1, ATM_CALL_RQ, 1, 2);
	assert_int_equal(sim_vc_id(r.sim, 1, 1), 401);
	rig_close(&r);
}

static void
test_leaves(void **state)
{
	struct rig r;
	atm_port port;
	atm_ref ref;
	unsigned i;

	(void)state;
	rig_open(&r, NULL, 60);
	rig_tree(&r, 1, 5, 2, 60);
	for (i = 0; sim_vc_leaf(r.sim, 1, i, &port, &ref); i++) {
		assert_int_equal(port, i + 2);
		assert_int_equal(ref, RIG_R(1));
	}
	assert_int_equal(i, 59);
	for (i = 2; i <= 60; i++)
		if (i % 3 != 0)
			rig_ask(&r, 1, ATM_MULTI_DROP, 5, i);
	assert_true(sim_vc_leaf(r.sim, 1, 19, &port, &ref)); /* backwards */
	assert_int_equal(port, 60);
	for (i = 20; i-- > 0;) {
		assert_true(sim_vc_leaf(r.sim, 1, i, &port, &ref));
		assert_int_equal(port, 3 * (i + 1));
	}
	rig_run(&r, 5000);
	assert_true(sim_vc_leaf(r.sim, 1, 10, &port, &ref));
	assert_int_equal(port, 33);
	assert_false(sim_vc_leaf(r.sim, 1, 20, &port, &ref));
	rig_ask(&r, 1, ATM_MULTI_ADD, 5, 2); /* joins last */
	rig_run(&r, 5000);
	assert_true(sim_vc_leaf(r.sim, 1, 20, &port, &ref));
	assert_int_equal(port, 2);
	assert_int_equal(ref, RIG_R(2));
	assert_false(sim_vc_leaf(r.sim, 2, 0, &port, &ref));
	rig_close(&r);
}

static void
frame_seen(void *ctx, struct mtime now, uint32_t vc, atm_port from,
    const struct frame *f)
{
	struct rig *r = ctx;

	rig_say(r, "%lld sent vc %u from %u %.*s\n", rig_us(r, now), vc, from,
	    (int)f->len, (const char *)f->bytes);
}

/* Frames are seen once, as they are sent, and even those that are lost. */
static void
test_frames(void **state)
{
	struct rig r;
	struct atm_watch w = { .frame = frame_seen, .ctx = &r };

	(void)state;
	rig_open(&r, NULL, 3);
	rig_tree(&r, 1, 5, 2, 3);
	sim_watch_set(r.sim, &w);
	sim_loss(r.sim, 1);
	rig_send(&r, 1, 5, "a");
	rig_send(&r, 2, RIG_R(1), "not sent");
	rig_run(&r, 5000);
	rig_want(&r, "2000000 sent vc 1 from 1 a\n");
	rig_close(&r);
}

static void
test_stats(void **state)
{
	const struct atm_net_stats *st;
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 3);
	st = sim_stats(r.sim);
	rig_tree(&r, 1, 5, 2, 3); /* two calls, two answers */
	assert_int_equal(st->events, 4);
	rig_send(&r, 1, 5, "a");
	atm_net_timer(r.net, 0, atm_net_now(r.net));
	rig_run(&r, 5000);
	assert_int_equal(st->events, 7);
	assert_int_equal(st->frames, 1);
	assert_int_equal(st->deliveries, 2);
	assert_int_equal(st->lost + st->failed + st->ignored + st->dropped, 0);
	rig_close(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_info),
		cmocka_unit_test(test_ids),
		cmocka_unit_test(test_leaves),
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_stats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
