/* SPDX-License-Identifier: BSD-2-Clause */
/* Hole punching against a brute-force walk over a space of 64 groups. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "marsh/base/rng.h"
#include "mars/mars_hash.h"
#include "mars/mars_hole.h"

/* Groups are one octet long, so that the space's own ends are in reach. */
static struct l3_range
range(unsigned lo, unsigned hi)
{
	struct l3_range r = { .min = { .len = 1 }, .max = { .len = 1 } };

	r.min.b[0] = (uint8_t)lo;
	r.max.b[0] = (uint8_t)hi;
	return r;
}

struct result {
	struct l3_range pair[300];
	unsigned n;
};

/* run punches the groups of |holes| out of [lo, hi], singly. */
static bool
run(unsigned lo, unsigned hi, const uint8_t *holes, struct result *res)
{
	struct l3_range block = range(lo, hi), cut;
	struct hole h;

	res->n = 0;
	hole_start(&h, &block);
	for (unsigned i = 0; i < 256; i++) {
		if (!holes[i])
			continue;
		cut = range(i, i);
		res->n += hole_cut(&h, &cut, &res->pair[res->n]);
	}
	res->n += hole_end(&h, &res->pair[res->n]);
	return h.punched;
}

static void
check(unsigned lo, unsigned hi, const uint8_t *holes)
{
	uint8_t got[256] = { 0 };
	struct result res;
	bool any = false;
	int prev = -2;

	assert_int_equal(run(lo, hi, holes, &res),
	    memchr(holes + lo, 1, hi - lo + 1) != NULL);
	for (unsigned i = 0; i < res.n; i++) {
		const struct l3_range *p = &res.pair[i];

		assert_true(l3_order(&p->min, &p->max) <= 0);
		/* Maximal: neighbours would have been one pair. */
		assert_true((int)p->min.b[0] > prev + 1);
		prev = p->max.b[0];
		for (unsigned g = p->min.b[0]; g <= p->max.b[0]; g++)
			got[g] = 1;
	}
	for (unsigned g = 0; g < 256; g++) {
		bool want = g >= lo && g <= hi && !holes[g];

		any |= want;
		assert_int_equal(got[g], want);
	}
	assert_int_equal(res.n != 0, any);
}

/* MARS-251: holes and pair edges at either end of the block and the space. */
static void
edges(void **state)
{
	static const unsigned ends[][2] = { { 0, 255 }, { 0, 0 }, { 255, 255 },
		{ 10, 20 }, { 0, 1 }, { 254, 255 } };

	(void)state;
	for (unsigned k = 0; k < 6; k++)
		for (unsigned a = 0; a < 256; a++)
			for (unsigned b = a; b < 256; b += 1 + b / 4) {
				uint8_t holes[256] = { 0 };

				holes[a] = holes[b] = 1;
				check(ends[k][0], ends[k][1], holes);
			}
}

/* MARS-251, MARS-109: ascending, disjoint, inclusive, within the block. */
static void
brute_force(void **state)
{
	struct rng rng;

	(void)state;
	rng_seed(&rng, 3);
	for (unsigned k = 0; k < 20000; k++) {
		uint8_t holes[256];
		unsigned a = (unsigned)rng_below(&rng, 256);
		unsigned b = (unsigned)rng_below(&rng, 256);
		unsigned dense = (unsigned)rng_below(&rng, 17);

		for (unsigned i = 0; i < 256; i++)
			holes[i] = rng_below(&rng, 16) < dense;
		check(a < b ? a : b, a < b ? b : a, holes);
	}
}

/* Cuts may be ranges, overlap each other and stick out of the block. */
static void
wide_cuts(void **state)
{
	struct l3_range block = range(10, 100), pair;
	struct l3_range cuts[] = { range(0, 5), range(0, 12), range(11, 15),
		range(40, 50), range(45, 48), range(90, 200),
		range(150, 160) };
	struct hole h;
	unsigned n = 0;

	(void)state;
	hole_start(&h, &block);
	for (unsigned i = 0; i < 7; i++)
		if (hole_cut(&h, &cuts[i], &pair)) {
			assert_int_equal(pair.min.b[0], n == 0 ? 16 : 51);
			assert_int_equal(pair.max.b[0], n == 0 ? 39 : 89);
			n++;
		}
	assert_int_equal(n, 2);
	assert_false(hole_end(&h, &pair));
	assert_true(h.punched);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edges),
		cmocka_unit_test(brute_force),
		cmocka_unit_test(wide_cuts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
