/* SPDX-License-Identifier: BSD-2-Clause */
/* The database against a model of flags and loops, under random operations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "failmem.h"
#include "marsh/base/err.h"
#include "marsh/base/rng.h"
#include "mars/mars_db.h"
#include "mars/mars_hash.h"

#define HOSTS 48
#define GROUPS 96

/* blocks[h][a * GROUPS + b]: host h joined the block <a,b>. */
struct model {
	bool in[HOSTS];
	unsigned cmi[HOSTS];
	uint8_t single[HOSTS][GROUPS]; /* 2: with layer3grp */
	uint8_t block[HOSTS][GROUPS][GROUPS];
};

struct rig {
	struct failmem fm;
	struct mars_db db;
	struct rng rng;
	struct model m;
	unsigned z; /* octets of a group address */
};

static struct atm_addr
host(unsigned h)
{
	uint8_t b[ATM_NSAP_LEN] = { 0x47, [18] = (uint8_t)h };
	struct atm_addr a;

	if (h % 5 == 3)
		atm_addr_set(&a, 0x4b, (const uint8_t *)"15551234567", 0x14,
		    b);
	else
		a = atm_addr_nsap(b);
	return a;
}

static struct l3_addr
group(const struct rig *r, unsigned g)
{
	struct l3_addr a = { .len = (uint8_t)r->z };

	a.b[0] = 0xff;
	a.b[r->z - 1] = (uint8_t)g;
	return a;
}

static struct l3_range
range(const struct rig *r, unsigned lo, unsigned hi)
{
	return (struct l3_range){ group(r, lo), group(r, hi) };
}

static bool
in_block(const struct rig *r, unsigned h, unsigned g)
{
	for (unsigned a = 0; a <= g; a++)
		for (unsigned b = g; b < GROUPS; b++)
			if (r->m.block[h][a][b])
				return true;
	return false;
}

static void
check_group(struct rig *r, unsigned g)
{
	static uint64_t bits[IDSET_WORDS];
	struct l3_addr a = group(r, g);
	struct idset tmp;
	const struct idset *set = db_of_group(&r->db, &a, &tmp, bits);
	uint32_t n = 0, layer3 = 0, gid = db_group_find(&r->db, &a);

	for (unsigned h = 0; h < HOSTS; h++) {
		bool blk = r->m.in[h] && in_block(r, h, g);

		if (!r->m.in[h])
			continue;
		assert_int_equal(db_in_block(&r->db, r->m.cmi[h], &a), blk);
		assert_int_equal(idset_has(set, (uint16_t)r->m.cmi[h]),
		    blk || r->m.single[h][g]);
		n += blk || r->m.single[h][g];
		layer3 += r->m.single[h][g] == 2;
	}
	assert_int_equal(set->n, n);
	assert_int_equal(gid != 0 ? db_group(&r->db, gid)->layer3 : 0, layer3);
}

static void
check_singles(struct rig *r, unsigned h)
{
	unsigned lo = (unsigned)rng_below(&r->rng, GROUPS), k = 0;
	unsigned hi = lo + (unsigned)rng_below(&r->rng, GROUPS - lo);
	struct l3_range rg = range(r, lo, hi);
	uint32_t *v;
	size_t n, size;

	if (!r->m.in[h])
		return;
	assert_int_equal(db_singles(&r->db, r->m.cmi[h], &rg, &v, &n, &size),
	    0);
	for (unsigned g = lo; g <= hi; g++)
		if (r->m.single[h][g]) {
			assert_true(k < n);
			assert_int_equal(db_group_addr(&r->db, v[k++])
					     ->b[r->z - 1], g);
		}
	assert_int_equal(k, n);
	mem_free(&r->fm.mem, v, size);
}

static void
check_all(struct rig *r)
{
	const char *bad = db_check(&r->db);

	if (bad != NULL)
		fail_msg("%s", bad);
	for (unsigned g = 0; g < GROUPS; g++)
		check_group(r, g);
	for (unsigned h = 0; h < HOSTS; h++)
		check_singles(r, h);
}

static int
op_member(struct rig *r, unsigned h)
{
	struct atm_addr a = host(h);
	unsigned cmi = db_find(&r->db, &a);

	assert_int_equal(cmi, r->m.in[h] ? r->m.cmi[h] : 0);
	if (r->m.in[h]) {
		db_remove(&r->db, cmi);
		r->m.in[h] = false;
		memset(r->m.single[h], 0, sizeof(r->m.single[h]));
		memset(r->m.block[h], 0, sizeof(r->m.block[h]));
		return 0;
	}
	cmi = db_free_cmi(&r->db, 60, 60 + HOSTS);
	assert_int_not_equal(cmi, 0);
	if (db_add(&r->db, &a, cmi) != 0)
		return MARSH_ENOMEM;
	r->m.in[h] = true;
	r->m.cmi[h] = cmi;
	return 0;
}

static int
op_single(struct rig *r, unsigned h)
{
	unsigned g = (unsigned)rng_below(&r->rng, GROUPS);
	struct l3_addr a = group(r, g);
	uint8_t *single = &r->m.single[h][g], want;
	bool layer3 = rng_below(&r->rng, 2) != 0, changed = false;

	if (rng_below(&r->rng, 5) < 2) {
		assert_int_equal(db_leave(&r->db, r->m.cmi[h], &a),
		    *single != 0);
		*single = 0;
		return 0;
	}
	want = layer3 ? 2 : 1;
	if (db_join(&r->db, r->m.cmi[h], &a, layer3, &changed) != 0)
		return MARSH_ENOMEM;
	assert_int_equal(changed, *single == 0);
	if (want > *single)
		*single = want;
	return 0;
}

static int
op_block(struct rig *r, unsigned h)
{
	unsigned lo = (unsigned)rng_below(&r->rng, GROUPS - 1);
	unsigned hi = lo + 1 + (unsigned)rng_below(&r->rng, GROUPS - 1 - lo);
	struct l3_range rg;

	if (rng_below(&r->rng, 3) != 0) { /* few ends, many repeats */
		lo = lo / 16 * 16;
		hi = lo + 15 < GROUPS - 1 ? lo + 15 : GROUPS - 1;
	}
	rg = range(r, lo, hi);
	assert_int_equal(db_joined(&r->db, r->m.cmi[h], &rg),
	    r->m.block[h][lo][hi]);
	if (r->m.block[h][lo][hi])
		db_block_leave(&r->db, r->m.cmi[h], &rg);
	else if (db_block_join(&r->db, r->m.cmi[h], &rg) != 0)
		return MARSH_ENOMEM;
	r->m.block[h][lo][hi] = !r->m.block[h][lo][hi];
	return 0;
}

static int
op(struct rig *r)
{
	unsigned h = (unsigned)rng_below(&r->rng, HOSTS);
	unsigned what = (unsigned)rng_below(&r->rng, 20);

	if (!r->m.in[h] || what == 0)
		return op_member(r, h);
	return what < 14 ? op_single(r, h) : op_block(r, h);
}

static struct rig *
start(unsigned seed, unsigned z)
{
	struct rig *r = calloc(1, sizeof(*r));

	failmem_init(&r->fm);
	rng_seed(&r->rng, seed);
	r->z = z;
	db_init(&r->db, &r->fm.mem, seed);
	return r;
}

static void
end(struct rig *r)
{
	db_fini(&r->db);
	assert_int_equal(r->fm.live, 0);
	free(r);
}

/* MARS-171, MARS-008: singles and blocks apart, overlaps, repeats, removal. */
static void
against_model(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 6; seed++) {
		struct rig *r = start(seed, seed % 2 ? 4 : 16);

		for (unsigned i = 0; i < 6000; i++) {
			assert_int_equal(op(r), 0);
			if (i % 200 == 0)
				check_all(r);
		}
		check_all(r);
		end(r);
	}
}

/* Each allocation refused once: the operation changes nothing. */
static void
no_memory(void **state)
{
	struct rig *r = start(9, 16);
	unsigned refused = 0;

	(void)state;
	for (unsigned i = 0; i < 3000; i++) {
		struct rng before;
		long at;

		for (at = 1;; at++) {
			before = r->rng;
			r->fm.fail_at = r->fm.count + at;
			if (op(r) == 0)
				break;
			refused++;
			r->rng = before;
			assert_null(db_check(&r->db));
		}
		r->fm.fail_at = 0;
		if (i % 300 == 0)
			check_all(r);
	}
	check_all(r);
	assert_true(refused > 100);
	end(r);
}

/* Thousands of groups come and go in every order and stay in order. */
static void
many_groups(void **state)
{
	struct rig *r = start(4, 4);
	struct atm_addr a = host(1);
	static uint8_t have[20000];
	uint32_t n = 0;

	(void)state;
	assert_int_equal(db_add(&r->db, &a, 1), 0);
	for (unsigned i = 0; i < 60000; i++) {
		uint32_t k = (uint32_t)rng_below(&r->rng, 20000);
		struct l3_addr g = l3_addr_ipv4(0xe0000000u + k * 251);
		bool changed = false;

		if (i < 40000 ? rng_below(&r->rng, 4) : i & 1)
			db_join(&r->db, 1, &g, true, &changed);
		else
			changed = db_leave(&r->db, 1, &g);
		n += changed ? (have[k] ? -1u : 1u) : 0;
		have[k] ^= changed;
	}
	assert_int_equal(r->db.groups, n);
	assert_null(db_check(&r->db));
	for (uint32_t k = 0; k < 20000; k++) {
		struct l3_addr g = l3_addr_ipv4(0xe0000000u + k * 251);

		assert_int_equal(db_leave(&r->db, 1, &g), have[k]);
	}
	assert_int_equal(r->db.groups, 0);
	assert_null(db_check(&r->db));
	end(r);
}

/* MARS-004: the octets behind an E.164 number do not make another endpoint. */
static void
addresses(void **state)
{
	struct rig *r = start(5, 4);
	struct atm_addr a, b, c;

	(void)state;
	a = host(3);
	atm_addr_set(&b, 0x4b, (const uint8_t *)"15551234567", 0, NULL);
	atm_addr_set(&c, 0x4a, (const uint8_t *)"1555123456", 0, NULL);
	assert_int_equal(db_add(&r->db, &a, 3), 0);
	assert_int_equal(db_find(&r->db, &b), 0);
	assert_int_equal(db_add(&r->db, &b, 4), 0);
	assert_int_equal(db_find(&r->db, &c), 0);
	assert_int_equal(db_find(&r->db, &a), 3);
	assert_int_equal(db_find(&r->db, &b), 4);
	c = db_addr(&r->db, 3);
	assert_true(atm_addr_equal(&a, &c));
	end(r);
}

/* CMIs: the lowest free one within the bounds. */
static void
cmis(void **state)
{
	struct rig *r = start(5, 4);
	struct atm_addr a;

	(void)state;
	assert_int_equal(db_free_cmi(&r->db, 1, 65535), 1);
	for (unsigned h = 0; h < HOSTS; h++) {
		a = host(h);
		db_add(&r->db, &a, 100 + h);
	}
	assert_int_equal(db_free_cmi(&r->db, 100, 65535), 100 + HOSTS);
	assert_int_equal(db_free_cmi(&r->db, 100, 99 + HOSTS), 0);
	assert_int_equal(db_free_cmi(&r->db, 65535, 65535), 65535);
	db_remove(&r->db, 128);
	assert_int_equal(db_free_cmi(&r->db, 100, 99 + HOSTS), 128);
	end(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(against_model),
		cmocka_unit_test(no_memory),
		cmocka_unit_test(many_groups),
		cmocka_unit_test(addresses),
		cmocka_unit_test(cmis),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
