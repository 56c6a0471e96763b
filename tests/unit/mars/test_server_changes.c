/* SPDX-License-Identifier: BSD-2-Clause */
/* What own members did, for other MARSs (RFC 2443 sections 5.3 and 5.4). */
#include "far_rig.h"

/* Everything once, in order, whether or not CCVC hears of it. */
static void
in_order(void **state)
{
	struct rig *r = rig_cluster(0);
	struct mars_change c;

	(void)state;
	rig_register(r, 1);
	rig_register(r, 1);
	rig_join(r, 1, G);
	rig_group(r, 1, MARS_JOIN, G, G + 9, 0);
	rig_join(r, 1, G + 1);
	rig_leave(r, 1, G);
	rig_group(r, 1, MARS_LEAVE, G, G + 9, 0);
	rig_deregister(r, 1);
	c = rig_told(r, MARS_CHANGE_REGISTER, 1);
	assert_int_equal(c.cmi, 1);
	assert_false(c.proxy);
	rig_told(r, MARS_CHANGE_REGISTER, 1);
	c = rig_told(r, MARS_CHANGE_JOIN, 1);
	assert_true(c.layer3);
	assert_int_equal(c.cmi, 1);
	assert_int_equal(c.range.min.b[3], 0);
	c = rig_told(r, MARS_CHANGE_JOIN, 1);
	assert_false(c.layer3);
	assert_int_equal(c.range.max.b[3], 9);
	rig_told_range(r, MARS_CHANGE_JOIN, 1, G + 1, G + 1);
	rig_told_range(r, MARS_CHANGE_LEAVE, 1, G, G);
	rig_told_range(r, MARS_CHANGE_LEAVE, 1, G, G + 9);
	assert_false(rig_told(r, MARS_CHANGE_DEREGISTER, 1).proxy);
	rig_told_nothing(r);
	rig_end(r);
}

/* SMARS-048, SMARS-055: what changes nothing is not told. */
static void
redundant(void **state)
{
	struct rig *r = rig_cluster(1);
	struct mars_msg m = { .op = MARS_JOIN };
	struct atm_addr a = rig_host(1);

	(void)state;
	rig_join(r, 1, G);
	rig_group(r, 1, MARS_JOIN, G, G + 9, 0);
	rig_hush(r);
	rig_join(r, 1, G);
	rig_group(r, 1, MARS_JOIN, G, G + 9, 0);
	rig_leave(r, 1, G + 1);
	rig_group(r, 1, MARS_LEAVE, G, G + 8, 0);
	rig_say(r, &m, &a, rig_ref(1)); /* of no range */
	m.op = MARS_LEAVE;
	rig_say(r, &m, &a, rig_ref(1));
	rig_join(r, 7, G); /* of no member */
	rig_leave(r, 7, G);
	rig_deregister(r, 7);
	rig_told_nothing(r);
	rig_end(r);
}

/* Fallen off CCVC: told by proxy when the hold is over, and not if it is not. */
static void
proxy(void **state)
{
	struct rig *r = rig_cluster(2);

	(void)state;
	rig_drop_leaf(r, 2);
	rig_told_nothing(r);
	rig_register(r, 2);
	rig_told(r, MARS_CHANGE_REGISTER, 2);
	rig_drop_leaf(r, 2);
	rig_run(r, 29999);
	rig_told_nothing(r);
	rig_run(r, 1);
	assert_true(rig_told(r, MARS_CHANGE_DEREGISTER, 2).proxy);
	rig_told_nothing(r);
	rig_end(r);
}

/* What is left in a member's name is told before it is gone. */
static void
in_its_name(void **state)
{
	struct rig *r = rig_cluster(2);

	(void)state;
	rig_join(r, 2, G);
	rig_step(r, &(struct mars_server_ev){ .kind = MARS_SERVER_RESTART });
	rig_run(r, 1000);
	rig_register(r, 1);
	rig_request(r, 1, G);
	rig_hush(r);
	rig_run(r, 29000);
	rig_told_range(r, MARS_CHANGE_LEAVE, 2, G, G);
	assert_true(rig_told(r, MARS_CHANGE_DEREGISTER, 2).proxy);
	rig_told_nothing(r);
	rig_end(r);
}

/* Its own address, and its protocol, as far as they are known. */
static void
who(void **state)
{
	struct rig *r = rig_cluster(0);
	struct atm_addr a = rig_host(1);
	struct l3_addr spa = l3_addr_ipv4(0x0a000001);
	struct mars_msg m = { .op = MARS_JOIN, .flags = MARS_FLAG_REGISTER,
		.spln = 4, .spa = spa.b };

	(void)state;
	rig_register(r, 1);
	assert_int_equal(rig_told(r, MARS_CHANGE_REGISTER, 1).spa.len, 0);
	rig_say(r, &m, &a, rig_ref(1));
	assert_int_equal(rig_told(r, MARS_CHANGE_REGISTER, 1).spa.b[3], 1);
	rig_end(r);
}

/* Nobody asked: nothing is stored, in the same memory. */
static void
unwanted(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	rig_start(r);
	rig_register(r, 1);
	rig_join(r, 1, G);
	rig_told_nothing(r);
	rig_end(r);
}

/* Many, with nobody fetching them; then some at a time. */
static void
many(void **state)
{
	struct rig *r = rig_cluster(1);

	(void)state;
	for (unsigned i = 0; i < 1000; i++) {
		rig_join(r, 1, G + i);
		rig_clear(r);
	}
	for (unsigned i = 0; i < 500; i++)
		rig_told_range(r, MARS_CHANGE_JOIN, 1, G + i, G + i);
	for (unsigned i = 0; i < 1000; i++) {
		rig_leave(r, 1, G + i);
		rig_clear(r);
	}
	for (unsigned i = 500; i < 1000; i++)
		rig_told_range(r, MARS_CHANGE_JOIN, 1, G + i, G + i);
	for (unsigned i = 0; i < 1000; i++)
		rig_told_range(r, MARS_CHANGE_LEAVE, 1, G + i, G + i);
	rig_told_nothing(r);
	rig_end(r);
}

/* told_before takes |n| joins and a leave. */
static void
told_before(struct rig *r, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		rig_told_range(r, MARS_CHANGE_JOIN, 1, G + 50 + i, G + 50 + i);
	rig_told_range(r, MARS_CHANGE_LEAVE, 1, G, G);
}

/*
 * lose_one lets allocation |at| of a JOIN fail behind |n| changes; was that one
 * lost?
 */
static bool
lose_one(struct rig *r, unsigned n, long at)
{
	struct mars_change c;

	for (unsigned i = 0; i < n; i++)
		rig_join(r, 1, G + 50 + i);
	rig_leave(r, 1, G);
	r->fm.fail_at = r->fm.count + at;
	if (rig_join(r, 1, G + 1) != 0) {
		told_before(r, n);
		rig_told_nothing(r); /* the event itself was dropped */
		return false;
	}
	r->fm.fail_at = 0;
	rig_join(r, 1, G + 2);
	told_before(r, n);
	assert_true(mars_server_next_change(r->s, &c));
	if (c.what == MARS_CHANGE_JOIN) {
		rig_told_range(r, MARS_CHANGE_JOIN, 1, G + 2, G + 2);
		return false;
	}
	assert_int_equal(c.what, MARS_CHANGE_LOST);
	rig_told_nothing(r);
	assert_int_equal(rig_members(r, G + 1), 1);
	rig_leave(r, 1, G + 1);
	rig_told_range(r, MARS_CHANGE_LEAVE, 1, G + 1, G + 1);
	return true;
}

/* Short of memory: those stored before, then LOST once, then as ever. */
static void
lost(void **state)
{
	unsigned n = 0;

	(void)state;
	for (unsigned i = 0; i < 16 * 8; i++) {
		struct rig *r = rig_cluster(1);

		rig_join(r, 1, G);
		rig_hush(r);
		n += lose_one(r, i / 8, 1 + i % 8);
		rig_end(r);
	}
	assert_in_range(n, 1, 4); /* when the queue is to grow */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_order),
		cmocka_unit_test(redundant),
		cmocka_unit_test(proxy),
		cmocka_unit_test(in_its_name),
		cmocka_unit_test(who),
		cmocka_unit_test(unwanted),
		cmocka_unit_test(many),
		cmocka_unit_test(lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
