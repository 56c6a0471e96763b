/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "failmem.h"
#include "marsh/node/log.h"

static struct log_rec
rec(uint32_t node)
{
	return (struct log_rec){ .t = { node }, .node = node,
		.kind = TRACE_STATE, .what = "leaf" };
}

static void
keeps_the_newest(void **state)
{
	struct failmem f;
	struct log *l;

	(void)state;
	failmem_init(&f);
	l = log_new(&f.mem, 2048);
	assert_null(log_get(l, 1));
	for (uint32_t i = 1; i <= 5000; i++) {
		struct log_rec r = rec(i);

		assert_int_equal(log_add(l, &r, true), i);
	}
	assert_int_equal(log_last(l), 5000);
	assert_int_equal(log_first(l), 5000 - 2048 + 1);
	assert_int_equal(log_get(l, 1)->node, 5000 - 2048 + 1);
	assert_int_equal(log_get(l, 4000)->node, 4000);
	for (uint64_t s = 3000; s <= 5000; s++)
		assert_int_equal(log_get(l, s)->seq, s);
	assert_null(log_get(l, 5001));
	log_free(l);
	assert_int_equal(f.live, 0);
}

static void
skips_what_is_not_kept(void **state)
{
	struct failmem f;
	struct log *l;

	(void)state;
	failmem_init(&f);
	l = log_new(&f.mem, 1024);
	for (uint32_t i = 1; i <= 100; i++) {
		struct log_rec r = rec(i);

		log_add(l, &r, i % 10 == 0);
	}
	assert_int_equal(log_get(l, 1)->seq, 10);
	assert_int_equal(log_get(l, 11)->seq, 20);
	assert_int_equal(log_get(l, 91)->seq, 100);
	log_free(l);
}

/* The hash covers what is not kept, the content of strings, and the order. */
static void
hash_covers_everything(void **state)
{
	struct failmem f;
	struct log *a, *b;
	char word[] = "leaf";
	struct log_rec r = rec(1), s = rec(1);

	(void)state;
	failmem_init(&f);
	a = log_new(&f.mem, 1024);
	b = log_new(&f.mem, 1024);
	assert_int_equal(log_hash(a), log_hash(b));
	s.what = word;
	log_add(a, &r, true);
	log_add(b, &s, false);
	assert_int_equal(log_hash(a), log_hash(b));
	s.what = "leaves";
	log_add(a, &r, true);
	log_add(b, &s, true);
	assert_int_not_equal(log_hash(a), log_hash(b));
	log_free(a);
	log_free(b);
}

static void
ranges_are_interned(void **state)
{
	struct failmem f;
	struct log *l;

	(void)state;
	failmem_init(&f);
	l = log_new(&f.mem, 1024);
	assert_int_equal(log_range(l, NULL), 0);
	for (uint32_t i = 0; i < 1000; i++) {
		struct l3_addr a = l3_addr_ipv4(0xe0000000u + i);
		struct l3_range r = l3_range_one(&a);

		assert_int_equal(log_range(l, &r), i + 1);
		assert_int_equal(log_range(l, &r), i + 1);
	}
	assert_int_equal(log_group(l, 7)->min.b[3], 6);
	assert_null(log_group(l, 0));
	assert_null(log_group(l, 1001));
	log_free(l);
	assert_int_equal(f.live, 0);
}

/* Without memory a record is counted and hashed, only not kept. */
static void
survives_lack_of_memory(void **state)
{
	struct failmem f;
	struct log *l;
	struct log_rec r = rec(1);

	(void)state;
	failmem_init(&f);
	l = log_new(&f.mem, 1024);
	f.fail_at = f.count + 1;
	f.fail_on = 1;
	assert_int_equal(log_add(l, &r, true), 1);
	assert_null(log_get(l, 1));
	f.fail_at = 0;
	assert_int_equal(log_add(l, &r, true), 2);
	assert_int_equal(log_get(l, 1)->seq, 2);
	log_free(l);
	assert_int_equal(f.live, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_the_newest),
		cmocka_unit_test(skips_what_is_not_kept),
		cmocka_unit_test(hash_covers_everything),
		cmocka_unit_test(ranges_are_interned),
		cmocka_unit_test(survives_lack_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
