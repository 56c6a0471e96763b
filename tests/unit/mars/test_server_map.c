/* SPDX-License-Identifier: BSD-2-Clause */
/* Redirect maps. */
#include "server_rig.h"

/* Format notes 9.3, exactly, every 60 s: MARS-143, MARS-182. */
static void
golden_map(void **state)
{
	static const uint8_t head[] = { 0x00, 0x0f, 0x08, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0x18, 0xa7, 0, 0, 0, 0x0c, 0x14, 0, 0, 0x14, 0, 0, 0, 2,
		0x80, 1, 0, 0, 0, 0x2b };
	struct atm_addr list[2] = { rig_named(1, 1), rig_named(2, 1) };
	uint8_t want[92];
	struct rig *r = rig_new();

	(void)state;
	memcpy(want, head, 32);
	memcpy(want + 32, list[0].num, 20);
	memcpy(want + 52, list[0].num, 20);
	memcpy(want + 72, list[1].num, 20);
	r->cfg.addr = list[0];
	r->cfg.list = list;
	r->cfg.list_n = 2;
	r->cfg.csn = 0x2a;
	rig_start(r);
	rig_register(r, 1);
	rig_clear(r);
	rig_run(r, 59999);
	assert_int_equal(r->sent_n, 0);
	rig_run(r, 1);
	assert_int_equal(r->sent_n, 1);
	assert_int_equal(r->sent[0].ref, r->ccvc);
	rig_same(r, 0, want, sizeof(want));
	rig_run(r, 540000);
	assert_int_equal(r->sent_n, 10);
	assert_int_equal(rig_csn(r), 0x2a + 10);
	rig_end(r);
}

/* MARS-181: alone it lists itself; without leaves it does not wake up. */
static void
map_alone(void **state)
{
	struct rig *r = rig_new();
	struct mars_msg m;
	struct atm_addr a;

	(void)state;
	rig_start(r);
	assert_true(mtime_is_never(mars_server_deadline(r->s)));
	rig_run(r, 150000);
	rig_register(r, 1);
	rig_clear(r);
	rig_run(r, 29999); /* the rhythm is from START */
	assert_int_equal(r->sent_n, 0);
	rig_run(r, 1);
	m = rig_msg(r, 0);
	assert_int_equal(m.tnum, 1);
	mars_target(&m, 0, &a);
	assert_true(atm_addr_equal(&a, &r->cfg.addr));
	mars_src(&m, &a);
	assert_true(atm_addr_equal(&a, &r->cfg.addr));
	rig_end(r);
}

/* MARS-143, MARS-257: never more than two minutes between maps. */
static void
map_at_the_latest(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	r->cfg.map_interval = MSPAN_SEC(600);
	rig_start(r);
	rig_register(r, 1);
	rig_clear(r);
	rig_run(r, 600000);
	assert_int_equal(r->sent_n, 5);
	rig_end(r);
}

/* MARS-145, MARS-161: at once on every CCVC, and again each minute. */
static void
redirect(void **state)
{
	struct atm_addr list[3] = { rig_named(2, 1), rig_named(1, 1),
		rig_named(3, 1) };
	struct atm_addr host = rig_host(7);
	struct mars_msg six = { .op = MARS_JOIN, .pro = L3_PROTO_IPV6,
		.flags = MARS_FLAG_REGISTER };
	struct mars_server_ev ev = { .kind = MARS_SERVER_REDIRECT,
		.redirect = { .list = list, .n = 3, .hard = true } };
	const struct atm_addr *got;
	struct rig *r = rig_new();
	size_t n;
	bool hard;

	(void)state;
	rig_start(r);
	rig_register(r, 1);
	rig_say(r, &six, &host, rig_ref(7));
	rig_clear(r);
	rig_step(r, &ev);
	assert_int_equal(r->sent_n, 2);
	assert_int_not_equal(r->sent[0].ref, r->sent[1].ref);
	for (unsigned i = 0; i < 2; i++) {
		assert_true(rig_msg(r, i).hard);
		assert_int_equal(rig_msg(r, i).tnum, 3);
		assert_int_equal(rig_msg(r, i).msn, 1);
	}
	got = mars_server_list(r->s, &n, &hard);
	assert_int_equal(n, 3);
	assert_true(hard);
	assert_true(atm_addr_equal(&got[0], &list[0]));
	rig_run(r, 60000);
	assert_int_equal(r->sent_n, 4);
	assert_int_equal(rig_msg(r, 2).msn, 2);
	assert_int_equal(rig_count(r, TRACE_MAP), 4);
	rig_end(r);
}

/* To some members only: privately, and everyone else's list stays. */
static void
redirect_only(void **state)
{
	struct atm_addr list[1] = { rig_named(2, 1) };
	struct atm_addr only[3] = { rig_host(2), rig_host(9), rig_host(3) };
	struct mars_server_ev ev = { .kind = MARS_SERVER_REDIRECT,
		.redirect = { .list = list, .n = 1, .only = only,
		    .only_n = 3 } };
	struct atm_ind gone = { .kind = ATM_RELEASED, .ref = rig_ref(3) };
	struct rig *r = rig_new();
	const struct atm_addr *got;
	size_t n;
	bool hard;

	(void)state;
	rig_start(r);
	for (unsigned k = 1; k <= 3; k++)
		rig_register(r, k);
	rig_ind(r, gone); /* an idle VC: still a member, but out of reach */
	assert_int_not_equal(rig_cmi(r, 3), 0);
	rig_clear(r);
	rig_step(r, &ev);
	assert_int_equal(r->sent_n, 1);
	assert_int_equal(r->sent[0].ref, rig_ref(2));
	assert_int_equal(rig_msg(r, 0).msn, 0);
	got = mars_server_list(r->s, &n, &hard);
	assert_true(atm_addr_equal(&got[0], &r->cfg.addr));
	rig_end(r);
}

/* parts where the format changes or the MTU ends, in order, CSN each. */
static void
map_parts(void **state)
{
	struct atm_addr list[8];
	struct rig *r = rig_new();
	static const unsigned counts[] = { 2, 2, 1, 2, 1 };

	(void)state;
	for (unsigned i = 0; i < 8; i++)
		list[i] = rig_named((uint8_t)i, 1);
	atm_addr_set(&list[5], 0x4b, (const uint8_t *)"15551234567", 0, NULL);
	atm_addr_set(&list[6], 0x4b, (const uint8_t *)"15551234568", 0, NULL);
	r->cfg.list = list;
	r->cfg.list_n = 8;
	r->cfg.mtu = 52 + 2 * 20 + 5;
	rig_start(r);
	rig_register(r, 1);
	rig_clear(r);
	rig_run(r, 60000);
	assert_int_equal(r->sent_n, 5);
	for (unsigned i = 0, k = 0; i < 5; i++) {
		struct mars_msg m = rig_msg(r, i);

		assert_int_equal(m.tnum, counts[i]);
		assert_int_equal(m.part, i + 1);
		assert_int_equal(m.last, i == 4);
		assert_int_equal(m.msn, i + 1);
		for (unsigned t = 0; t < m.tnum; t++) {
			struct atm_addr a;

			mars_target(&m, t, &a);
			assert_true(atm_addr_equal(&a, &list[k++]));
		}
	}
	rig_end(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_map),
		cmocka_unit_test(map_alone),
		cmocka_unit_test(map_at_the_latest),
		cmocka_unit_test(redirect),
		cmocka_unit_test(redirect_only),
		cmocka_unit_test(map_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
