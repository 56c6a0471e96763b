/* SPDX-License-Identifier: BSD-2-Clause */
/* A backup sends those who come to it where they belong. */
#include "far_rig.h"

static void
install(struct rig *r, unsigned n, bool hard)
{
	struct atm_addr list[8];

	for (unsigned i = 0; i < n; i++)
		list[i] = rig_host(1000 + i);
	rig_step(r,
	    &(struct mars_server_ev){ .kind = MARS_SERVER_REDIRECT,
		.redirect = { .list = list, .n = n, .hard = hard } });
	rig_clear(r);
}

/* Served first, then the map, on CCVC and at once; the list stays soft. */
static void
backup(void **state)
{
	struct rig *r = rig_cluster(0);
	struct atm_addr first = rig_host(1000), got;
	struct mars_msg m;
	bool hard;
	size_t n;

	(void)state;
	install(r, 3, false);
	rig_role(r, MARS_SERVER_BACKUP);
	rig_register(r, 1);
	assert_int_equal(r->sent_n, 2);
	assert_int_equal(rig_msg(r, 0).op, MARS_JOIN);
	m = rig_msg(r, 1);
	assert_int_equal(r->sent[1].ref, r->ccvc);
	assert_int_equal(m.op, MARS_REDIRECT_MAP);
	assert_true(m.hard);
	assert_int_equal(m.tnum, 3);
	assert_int_equal(m.msn, 1);
	mars_target(&m, 0, &got);
	assert_true(atm_addr_equal(&got, &first));
	assert_int_equal(rig_csn(r), 1);
	assert_int_equal(rig_stats(r)->ccvc[MARS_REDIRECT_MAP], 1);
	(void)mars_server_list(r->s, &n, &hard);
	assert_int_equal(n, 3);
	assert_false(hard);
	/* Each that comes; not those that are there and register again. */
	rig_register(r, 2);
	assert_int_equal(rig_msg(r, 3).op, MARS_REDIRECT_MAP);
	rig_clear(r);
	rig_register(r, 2);
	assert_int_equal(r->sent_n, 1);
	/* The next one that is due is as it was installed. */
	rig_clear(r);
	rig_run(r, 60000);
	assert_int_equal(r->sent_n, 1);
	assert_false(rig_msg(r, 0).hard);
	rig_end(r);
}

/* Not before the leaf is up: nobody would hear. */
static void
not_before(void **state)
{
	struct rig *r = rig_cluster(0);

	(void)state;
	install(r, 1, true);
	rig_role(r, MARS_SERVER_BACKUP);
	r->ack = false;
	rig_register(r, 1);
	assert_int_equal(r->sent_n, 1);
	rig_net(r, ATM_ACK, ATM_MULTI_RQ, 1, 0);
	assert_int_equal(r->sent_n, 2);
	rig_end(r);
}

/* Nobody else does that, and no map leads to where one is. */
static void
others(void **state)
{
	static const enum mars_server_role roles[] = { MARS_SERVER_ALONE,
		MARS_SERVER_STARTING, MARS_SERVER_ACTIVE };

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		struct rig *r = rig_cluster(0);

		install(r, 2, true);
		rig_far(r, MARS_FAR_KEEP, 1, 1);
		rig_role(r, roles[i]);
		rig_register(r, 1);
		assert_int_equal(rig_leaf(r, 1), MARS_LEAF_UP);
		assert_int_equal(r->sent_n, 1);
		install(r, 0, true); /* itself alone */
		rig_role(r, MARS_SERVER_BACKUP);
		rig_register(r, 2);
		assert_int_equal(r->sent_n, 1);
		rig_end(r);
	}
}

/* Short of memory it is sent a little later. */
static void
later(void **state)
{
	unsigned late = 0;

	(void)state;
	for (long at = 1; at < 12; at++) {
		struct rig *r = rig_cluster(0);

		install(r, 2, true);
		rig_role(r, MARS_SERVER_BACKUP);
		r->ack = false;
		rig_register(r, 1);
		rig_clear(r);
		r->fm.fail_at = r->fm.count + at;
		rig_net(r, ATM_ACK, ATM_MULTI_RQ, 1, 0);
		late += r->sent_n == 0;
		rig_run(r, 1000);
		assert_int_equal(r->sent_n, 1);
		assert_int_equal(rig_msg(r, 0).op, MARS_REDIRECT_MAP);
		assert_int_equal(rig_csn(r), 1);
		rig_end(r);
	}
	assert_int_not_equal(late, 0);
}

/* Who is gone before that needs none, nor does anyone once the role is over. */
static void
too_late(void **state)
{
	struct rig *r = rig_cluster(0);

	(void)state;
	install(r, 2, true);
	rig_role(r, MARS_SERVER_BACKUP);
	r->ack = false;
	rig_register(r, 1);
	rig_clear(r);
	r->fm.fail_at = r->fm.count + 1;
	rig_net(r, ATM_ACK, ATM_MULTI_RQ, 1, 0);
	rig_role(r, MARS_SERVER_ACTIVE);
	rig_run(r, 2000);
	assert_int_equal(r->sent_n, 0);
	assert_int_equal(rig_csn(r), 0);
	rig_end(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(backup),
		cmocka_unit_test(not_before),
		cmocka_unit_test(others),
		cmocka_unit_test(later),
		cmocka_unit_test(too_late),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
