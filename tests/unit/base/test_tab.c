/* SPDX-License-Identifier: BSD-2-Clause */
/* Hash tables: what is in is found, also when there is no memory to grow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "failmem.h"
#include "marsh/base/err.h"
#include "marsh/base/tab.h"

#define ITEMS 5000

struct item {
	struct tab_link link; /* first: a link is its item */
	unsigned key;
};

static struct item item[ITEMS];

/* Two keys share a hash, always. */
static uint64_t
hash(unsigned key)
{
	return tab_mix(key / 2);
}

static struct item *
find(const struct tab *t, unsigned key)
{
	struct tab_link *l = tab_first(t, hash(key));

	for (; l != NULL; l = tab_next(l))
		if (((struct item *)(void *)l)->key == key)
			return (struct item *)(void *)l;
	return NULL;
}

static void
fill(bool starve)
{
	struct failmem fm;
	struct tab t;

	failmem_init(&fm);
	assert_int_equal(tab_init(&t, &fm.mem), 0);
	if (starve) {
		fm.fail_at = fm.count + 1;
		fm.fail_on = 1;
	}
	for (unsigned i = 0; i < ITEMS; i++) {
		item[i].key = i;
		tab_add(&t, &item[i].link, hash(i));
	}
	assert_int_equal(t.count, ITEMS);
	assert_int_equal(t.buckets > 64, !starve);
	for (unsigned i = 0; i < ITEMS; i += 3)
		tab_del(&t, &item[i].link);
	for (unsigned i = 0; i < ITEMS; i++)
		assert_ptr_equal(find(&t, i), i % 3 == 0 ? NULL : &item[i]);
	assert_null(find(&t, ITEMS));
	tab_free(&t);
	assert_int_equal(fm.live, 0);
}

static void
test_find(void **state)
{
	(void)state;
	fill(false);
}

static void
test_no_memory(void **state)
{
	struct failmem fm;
	struct tab t;

	(void)state;
	fill(true);
	failmem_init(&fm);
	fm.fail_at = 1;
	assert_int_equal(tab_init(&t, &fm.mem), MARSH_ENOMEM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_find),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
