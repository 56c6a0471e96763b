/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hashes of names: those of a digest need no key, and a neighbour can find names
 * that collide; those of an index have one, and spread the same names.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "failmem.h"
#include "marsh/base/rng.h"
#include "scsp/scsp_cache.h"
#include "scsp/scsp_hash.h"

#define PAIRS 10 /* of words of a key */
#define NAMES (1u << PAIRS)
#define KEY (16 * PAIRS)

/* Bit i of |bits|: in pair i, the top bit of one word and two of the next. */
static struct scsp_oct
name(uint8_t key[KEY], unsigned bits)
{
	memset(key, 'k', KEY);
	for (unsigned i = 0; i < PAIRS; i++)
		if (bits >> i & 1) {
			uint64_t v[2];

			memcpy(v, key + 16 * i, 16);
			v[0] ^= UINT64_C(1) << 63;
			v[1] ^= UINT64_C(1) << 63 | UINT64_C(1) << 31;
			memcpy(key + 16 * i, v, 16);
		}
	return (struct scsp_oct){ key, KEY };
}

static const struct scsp_oct orig = { (const uint8_t *)"orig", 4 };

static void
test_spread(void **state)
{
	struct scsp_hash_key k = scsp_hash_seed(7), other = scsp_hash_seed(8);
	uint8_t a[KEY], b[KEY];
	unsigned used[NAMES] = { 0 }, most = 0;

	(void)state;
	for (unsigned i = 0; i < NAMES; i++) {
		struct scsp_oct n = name(a, i);
		uint64_t h = scsp_hash_keyed(&k, n, orig);

		assert_true(scsp_hash_name(n, orig)
		    == scsp_hash_name(name(b, 0), orig));
		assert_true(h != scsp_hash_keyed(&other, n, orig));
		if (++used[h % NAMES] > most)
			most = used[h % NAMES];
	}
	assert_in_range(most, 2, 12); /* as balls fall into as many bins */
}

/* Octets do not move between key and originator unseen. */
static void
test_border(void **state)
{
	struct scsp_hash_key k = scsp_hash_seed(7);
	const uint8_t *p = (const uint8_t *)"abcdefghijklmnop";
	uint64_t h[17];

	(void)state;
	for (size_t i = 0; i <= 16; i++) {
		h[i] = scsp_hash_keyed(&k, (struct scsp_oct){ p, i },
		    (struct scsp_oct){ p + i, 16 - i });
		for (size_t j = 0; j < i; j++)
			assert_true(h[i] != h[j]);
	}
}

/* Caches with other keys hold the same and say so. */
static void
test_digest(void **state)
{
	struct scsp_cache_count n[2];
	struct failmem fm;

	(void)state;
	failmem_init(&fm);
	for (unsigned c = 0; c < 2; c++) {
		struct scsp_cache *cache = scsp_cache_new(&fm.mem,
		    MSPAN_SEC(60));
		uint8_t key[KEY];

		assert_non_null(cache);
		scsp_cache_seed(cache, c);
		for (unsigned i = 0; i < NAMES; i++) {
			struct scsp_rec r = { .seq = 1, .key = name(key, i),
				.orig = orig, .body = orig };

			assert_non_null(scsp_cache_set(cache,
			    (struct mtime){ 1 }, &r, false, false));
			assert_non_null(scsp_cache_find(cache, r.key, orig));
		}
		assert_null(scsp_cache_check(cache));
		scsp_cache_count(cache, &n[c]);
		scsp_cache_free(cache);
	}
	assert_int_equal(n[0].entries, NAMES);
	assert_true(n[0].digest == n[1].digest);
	assert_true(n[0].digest_all == n[1].digest_all);
	assert_int_equal(fm.live, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_spread),
		cmocka_unit_test(test_border),
		cmocka_unit_test(test_digest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
