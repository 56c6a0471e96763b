/* SPDX-License-Identifier: BSD-2-Clause */
/* Points in time and spans; "never" stays never. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "marsh/base/mtime.h"

static void
units(void **state)
{
	(void)state;
	assert_int_equal(MSPAN_SEC(20).us, 20000000);
	assert_int_equal(MSPAN_MS(3).us, 3000);
	assert_int_equal(MSPAN_US(7).us, 7);
	assert_true(MSPAN_SEC(86400 * 365).us == INT64_C(31536000000000));
}

static void
add_sub(void **state)
{
	struct mtime t = { 10000 };
	struct mtime late = { INT64_MAX - 5 };

	(void)state;
	assert_int_equal(mtime_add(t, MSPAN_US(5)).us, 10005);
	assert_int_equal(mtime_add(t, MSPAN_US(-5)).us, 9995);
	assert_int_equal(mtime_sub(mtime_add(t, MSPAN_SEC(1)), t).us, 1000000);
	assert_true(mtime_is_never(mtime_add(MTIME_NEVER, MSPAN_SEC(1))));
	assert_true(mtime_is_never(mtime_add(MTIME_NEVER, MSPAN_SEC(-1))));
	assert_true(mtime_is_never(mtime_add(late, MSPAN_US(6))));
	assert_false(mtime_is_never(mtime_add(late, MSPAN_US(4))));
}

static void
order(void **state)
{
	struct mtime a = { 1 }, b = { 2 };

	(void)state;
	assert_int_equal(mtime_min(a, b).us, 1);
	assert_int_equal(mtime_min(b, a).us, 1);
	assert_int_equal(mtime_min(MTIME_NEVER, b).us, 2);
	assert_true(mtime_is_never(mtime_min(MTIME_NEVER, MTIME_NEVER)));
	assert_true(mtime_reached(a, a));
	assert_true(mtime_reached(a, b));
	assert_false(mtime_reached(b, a));
	assert_false(mtime_reached(MTIME_NEVER, MTIME_NEVER));
	assert_false(mtime_reached(MTIME_NEVER, b));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(units),
		cmocka_unit_test(add_sub),
		cmocka_unit_test(order),
	};

	return cmocka_run_group_tests_name("mtime", tests, NULL, NULL);
}
