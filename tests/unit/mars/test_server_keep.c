/* SPDX-License-Identifier: BSD-2-Clause */
/* CMIs kept for their clients, and which of them a starting MARS gives. */
#include "far_rig.h"
#include "marsh/base/rng.h"

static int
keep(struct rig *r, unsigned n, unsigned cmi)
{
	return rig_far(r, MARS_FAR_KEEP, n, cmi);
}

static int
forget(struct rig *r, unsigned n, unsigned cmi)
{
	return rig_far(r, MARS_FAR_FORGET, n, cmi);
}

/* SMARS-005: to nobody else; and back to its owner, in or out of the range. */
static void
kept(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	r->cfg.cmi_hi = 4;
	rig_start(r);
	assert_int_equal(keep(r, 11, 1), 0);
	assert_int_equal(keep(r, 12, 3), 0);
	assert_int_equal(keep(r, 13, 900), 0);
	rig_register(r, 5);
	rig_register(r, 6);
	rig_register(r, 7);
	assert_int_equal(rig_cmi(r, 5), 2);
	assert_int_equal(rig_cmi(r, 6), 4);
	assert_int_equal(rig_cmi(r, 7), 0);
	assert_int_equal(rig_stats(r)->drops[MARS_SERVER_DROP_CMI_EXHAUSTED],
	    1);
	rig_register(r, 13);
	rig_register(r, 12);
	rig_register(r, 11);
	assert_int_equal(rig_cmi(r, 11), 1);
	assert_int_equal(rig_cmi(r, 12), 3);
	assert_int_equal(rig_cmi(r, 13), 900);
	/* It lasts until it is forgotten. */
	rig_deregister(r, 11);
	rig_register(r, 7);
	assert_int_equal(rig_cmi(r, 7), 0);
	assert_int_equal(forget(r, 11, 1), 0);
	rig_register(r, 7);
	assert_int_equal(rig_cmi(r, 7), 1);
	rig_end(r);
}

static void
errors(void **state)
{
	struct rig *r = rig_cluster(1);

	(void)state;
	assert_int_equal(keep(r, 11, 5), 0);
	assert_int_equal(keep(r, 11, 5), 0);
	assert_int_equal(keep(r, 11, 6), MARSH_EEXIST);
	assert_int_equal(keep(r, 12, 5), MARSH_EEXIST);
	assert_int_equal(keep(r, 12, 1), MARSH_EEXIST); /* host 1 has it */
	assert_int_equal(keep(r, 1, 2), MARSH_EEXIST);
	assert_int_equal(keep(r, 1, 1), 0);
	assert_int_equal(rig_far(r, MARS_FAR_REGISTER, 12, 5), MARSH_EEXIST);
	assert_int_equal(rig_far(r, MARS_FAR_REGISTER, 11, 6), MARSH_EEXIST);
	assert_int_equal(rig_far(r, MARS_FAR_REGISTER, 11, 5), 0);
	assert_int_equal(forget(r, 12, 5), MARSH_ENOENT);
	assert_int_equal(forget(r, 11, 6), MARSH_ENOENT);
	assert_int_equal(forget(r, 11, 5), 0);
	assert_int_equal(forget(r, 11, 5), MARSH_ENOENT);
	assert_int_equal(rig_far(r, MARS_FAR_REGISTER, 12, 5), MARSH_EEXIST);
	rig_end(r);
}

/* A protocol may begin with what is kept, and other protocols do not care. */
static void
protocols(void **state)
{
	struct rig *r = rig_new();
	struct mars_far far = { .what = MARS_FAR_FORGET,
		.pro = L3_PROTO_IPV6, .addr = rig_host(9), .cmi = 1 };
	struct mars_proto_info p;

	(void)state;
	rig_start(r);
	assert_int_equal(rig_far_event(r, &far), MARSH_ENOENT);
	far.what = MARS_FAR_KEEP;
	assert_int_equal(rig_far_event(r, &far), 0);
	assert_true(mars_server_proto(r->s, 0, &p));
	assert_int_equal(p.members, 0);
	rig_register(r, 1);
	rig_end(r);
}

/* An endpoint is Number and Subaddress. */
static void
endpoints(void **state)
{
	struct rig *r = rig_new();
	struct mars_far far[3];
	struct mars_member_info i;

	(void)state;
	rig_start(r);
	for (unsigned k = 0; k < 3; k++) {
		struct atm_addr sub = rig_host(k);

		far[k] = (struct mars_far){ .what = MARS_FAR_KEEP,
			.pro = L3_PROTO_IPV4, .cmi = (uint16_t)(50 + k) };
		atm_addr_set(&far[k].addr, 0x4b,
		    (const uint8_t *)"15551234567", k != 0 ? 0x14 : 0,
		    sub.num);
		assert_int_equal(rig_far_event(r, &far[k]), 0);
	}
	for (unsigned k = 0; k < 3; k++) {
		rig_register_from(r, &far[k].addr, rig_ref(k + 1));
		assert_true(mars_server_member(r->s, 0, &far[k].addr, &i));
		assert_int_equal(i.cmi, 50 + k);
	}
	far[1].what = MARS_FAR_FORGET;
	assert_int_equal(rig_far_event(r, &far[1]), 0);
	rig_end(r); /* the others with what they hold */
}

/* Thousands cost little. */
static void
thousands(void **state)
{
	struct rig *r = rig_cluster(0);
	struct rng rng;
	uint64_t empty;

	(void)state;
	keep(r, 1, 1);
	empty = rig_stats(r)->memory;
	r->no_check = true;
	for (unsigned n = 2; n <= 20000; n++)
		assert_int_equal(keep(r, n, n), 0);
	assert_null(mars_server_check(r->s));
	assert_in_range(rig_stats(r)->memory - empty, 0, 20000 * 80);
	rng_seed(&rng, 5);
	for (unsigned i = 0; i < 20000; i++) {
		unsigned n = 1 + (unsigned)rng_below(&rng, 20000);

		if (forget(r, n, n) != 0)
			assert_int_equal(keep(r, n, n), 0);
	}
	assert_null(mars_server_check(r->s));
	rig_end(r);
}

/* Each allocation refused: nothing is half kept. */
static void
no_memory(void **state)
{
	unsigned refused = 0;

	(void)state;
	for (long at = 1; at < 20; at++) {
		struct rig *r = rig_cluster(0);
		struct mars_far far = { .what = MARS_FAR_KEEP,
			.pro = L3_PROTO_IPV4, .cmi = 7 };
		struct atm_addr sub = rig_host(1);

		atm_addr_set(&far.addr, 0x4b, (const uint8_t *)"15551234567",
		    0x14, sub.num);
		r->fm.fail_at = r->fm.count + at;
		if (rig_far_event(r, &far) == MARSH_ENOMEM) {
			refused++;
			r->fm.fail_at = 0;
			assert_int_equal(rig_far_event(r, &far), 0);
		}
		rig_end(r);
	}
	assert_int_equal(refused, 5);
}

/* Starting: those whose CMI is known are served, and no others. */
static void
starting(void **state)
{
	struct rig *r = rig_new();
	struct mars_proto_info p;

	(void)state;
	rig_start(r);
	rig_role(r, MARS_SERVER_STARTING);
	rig_register(r, 1);
	assert_false(mars_server_proto(r->s, 0, &p));
	keep(r, 11, 5);
	rig_far(r, MARS_FAR_REGISTER, 12, 6);
	rig_register(r, 1);
	rig_register(r, 11);
	rig_register(r, 12);
	rig_register(r, 12);
	assert_int_equal(rig_cmi(r, 1), 0);
	assert_int_equal(rig_cmi(r, 11), 5);
	assert_int_equal(rig_leaf(r, 12), MARS_LEAF_UP);
	assert_int_equal(r->sent_n, 3);
	assert_int_equal(rig_stats(r)->drops[MARS_SERVER_DROP_STARTING], 2);
	assert_string_equal(mars_server_drop_word(MARS_SERVER_DROP_STARTING),
	    "starting");
	rig_role(r, MARS_SERVER_ACTIVE);
	rig_register(r, 1);
	assert_int_equal(rig_cmi(r, 1), 1);
	rig_end(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kept),
		cmocka_unit_test(errors),
		cmocka_unit_test(protocols),
		cmocka_unit_test(endpoints),
		cmocka_unit_test(thousands),
		cmocka_unit_test(no_memory),
		cmocka_unit_test(starting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
