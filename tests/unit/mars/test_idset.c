/* SPDX-License-Identifier: BSD-2-Clause */
/* Sets of 16-bit ids against a plain array of flags. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "failmem.h"
#include "marsh/base/rng.h"
#include "mars/mars_idset.h"

static uint8_t model[65536];

static void
same(const struct idset *s, uint32_t n)
{
	int at = idset_next(s, 0);

	assert_null(idset_check(s));
	assert_int_equal(s->n, n);
	for (int i = 0; i < 65536; i++) {
		if (!model[i])
			continue;
		assert_int_equal(at, i);
		at = idset_next(s, (unsigned)i + 1);
	}
	assert_int_equal(at, -1);
	assert_int_equal(idset_next(s, 65536), -1);
}

static struct idset set;
static struct failmem fm;
static struct rng rng;
static uint32_t count;

/* one adds (|odds| times in four) or removes a random id below |span|. */
static void
one(unsigned span, unsigned odds)
{
	uint16_t id = (uint16_t)rng_below(&rng, span);
	bool add = rng_below(&rng, 4) < odds;

	assert_int_equal(idset_has(&set, id), model[id]);
	if (add) {
		assert_int_equal(idset_reserve(&set, &fm.mem), 0);
		assert_int_equal(idset_add(&set, id), !model[id]);
		count += !model[id];
	} else {
		assert_int_equal(idset_del(&set, &fm.mem, id), model[id]);
		count -= model[id];
	}
	model[id] = add;
}

/* Grows over the border to a bitmap and shrinks back, in random order. */
static void
random_order(void **state)
{
	static const unsigned spans[] = { 10, 300, 7000, 65536 };

	(void)state;
	failmem_init(&fm);
	rng_seed(&rng, 7);
	for (unsigned k = 0; k < 4; k++)
		for (unsigned phase = 0; phase < 4; phase++) {
			for (unsigned i = 0; i < 2 * spans[k]; i++)
				one(spans[k], phase & 1 ? 1 : 3);
			same(&set, count);
		}
	for (unsigned id = 0; id < 65536; id++)
		idset_del(&set, &fm.mem, (uint16_t)id);
	memset(model, 0, sizeof(model));
	same(&set, 0);
	assert_int_equal(fm.live, 0);
}

/* One id under and one over the border, both ends of the range. */
static void
border(void **state)
{
	struct idset s = { .n = 0 };

	(void)state;
	failmem_init(&fm);
	for (unsigned i = 0; i < IDSET_ARRAY; i++) {
		assert_int_equal(idset_reserve(&s, &fm.mem), 0);
		idset_add(&s, (uint16_t)(65535 - i));
	}
	assert_int_not_equal(s.cap, IDSET_BITMAP);
	assert_int_equal(idset_reserve(&s, &fm.mem), 0);
	assert_int_equal(s.cap, IDSET_BITMAP);
	assert_true(idset_add(&s, 0));
	assert_int_equal(idset_next(&s, 0), 0);
	assert_int_equal(idset_next(&s, 1), 65536 - IDSET_ARRAY);
	assert_int_equal(idset_next(&s, 65535), 65535);
	while (s.n >= IDSET_SHRINK)
		idset_del(&s, &fm.mem, (uint16_t)idset_next(&s, 0));
	assert_int_not_equal(s.cap, IDSET_BITMAP);
	idset_fini(&s, &fm.mem);
	assert_int_equal(fm.live, 0);
}

/* A refused allocation changes nothing, nor does one refused on removal. */
static void
no_memory(void **state)
{
	struct idset s = { .n = 0 };
	uint32_t refused = 0;

	(void)state;
	failmem_init(&fm);
	for (unsigned i = 0; i < 5000; i++) {
		fm.fail_at = fm.count + 1;
		if (idset_reserve(&s, &fm.mem) != 0) {
			refused++;
			assert_int_equal(s.n, i);
			fm.fail_at = 0;
			assert_int_equal(idset_reserve(&s, &fm.mem), 0);
		}
		idset_add(&s, (uint16_t)(i * 13));
	}
	assert_true(refused > 10);
	fm.fail_at = fm.count + 1;
	fm.fail_on = 1;
	for (unsigned i = 0; i < 4900; i++)
		assert_true(idset_del(&s, &fm.mem, (uint16_t)(i * 13)));
	assert_null(idset_check(&s));
	assert_int_equal(s.n, 100);
	idset_fini(&s, &fm.mem);
	assert_int_equal(fm.live, 0);
}

static void
lowest_bit(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 64; i++) {
		assert_int_equal(bits_ctz((uint64_t)1 << i), i);
		assert_int_equal(bits_ctz(~(uint64_t)0 << i), i);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_order),
		cmocka_unit_test(border),
		cmocka_unit_test(no_memory),
		cmocka_unit_test(lowest_bit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
