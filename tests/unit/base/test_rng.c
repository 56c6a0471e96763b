/* SPDX-License-Identifier: BSD-2-Clause */
/* The seeded generator: equal seeds, bounds, and no gross unfairness. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "marsh/base/rng.h"

/* Traces of scenarios depend on these numbers staying what they are. */
static void
known(void **state)
{
	struct rng r = { { 1, 2, 3, 4 } };

	(void)state;
	/* First outputs of xoshiro256** from the state 1, 2, 3, 4. */
	assert_true(rng_u64(&r) == 11520u);
	assert_true(rng_u64(&r) == 0u);
	assert_true(rng_u64(&r) == 1509978240u);
	assert_true(rng_u64(&r) == 1215971899390074240u);
	/* First output of splitmix64 from 0. */
	rng_seed(&r, 0);
	assert_true(r.s[0] == 0xe220a8397b1dcdafu);
}

static void
seeds(void **state)
{
	struct rng a, b, c;
	int same = 0;

	(void)state;
	rng_seed(&a, 1);
	rng_seed(&b, 1);
	rng_seed(&c, 2);
	for (int i = 0; i < 100; i++) {
		uint64_t v = rng_u64(&a);

		assert_true(v == rng_u64(&b));
		same += v == rng_u64(&c);
	}
	assert_int_equal(same, 0);
}

static void
below(void **state)
{
	int seen[7] = { 0 };
	struct rng r;

	(void)state;
	rng_seed(&r, 3);
	for (int i = 0; i < 7000; i++) {
		uint64_t v = rng_below(&r, 7);

		assert_in_range(v, 0, 6);
		seen[v]++;
	}
	for (int i = 0; i < 7; i++)
		assert_in_range(seen[i], 850, 1150);
	assert_int_equal(rng_below(&r, 1), 0);
	for (int i = 0; i < 100; i++)
		assert_true(rng_below(&r, UINT64_MAX) < UINT64_MAX);
}

static void
unit(void **state)
{
	double sum = 0;
	struct rng r;

	(void)state;
	rng_seed(&r, 4);
	for (int i = 0; i < 10000; i++) {
		double v = rng_unit(&r);

		assert_true(v >= 0 && v < 1);
		sum += v;
	}
	assert_true(sum > 4800 && sum < 5200);
}

static void
span(void **state)
{
	struct mspan lo = MSPAN_US(-1), hi = MSPAN_US(1);
	int seen[3] = { 0 };
	struct rng r;

	(void)state;
	rng_seed(&r, 5);
	for (int i = 0; i < 1000; i++) {
		struct mspan d = rng_span(&r, lo, hi);

		assert_true(d.us >= -1 && d.us <= 1);
		seen[d.us + 1]++;
	}
	for (int i = 0; i < 3; i++)
		assert_true(seen[i] > 200);
	assert_int_equal(rng_span(&r, hi, hi).us, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known),
		cmocka_unit_test(seeds),
		cmocka_unit_test(below),
		cmocka_unit_test(unit),
		cmocka_unit_test(span),
	};

	return cmocka_run_group_tests_name("rng", tests, NULL, NULL);
}
