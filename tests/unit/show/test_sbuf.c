/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "show/show_int.h"

static void
appends_and_terminates(void **state)
{
	struct sbuf b = { 0 };
	size_t i;

	(void)state;
	sbuf_puts(&b, "");
	assert_string_equal(b.s, "");
	sbuf_put(&b, "a\0b", 3);
	assert_int_equal(b.len, 3);
	assert_memory_equal(b.s, "a\0b", 4);
	sbuf_free(&b);
	assert_null(b.s);
	for (i = 0; i < 10000; i++)
		sbuf_printf(&b, "%zu,", i % 10);
	assert_int_equal(b.len, 20000);
	assert_int_equal(b.s[b.len], '\0');
	assert_memory_equal(b.s + 19990, "5,6,7,8,9,", 10);
	assert_false(b.oom);
	sbuf_free(&b);
}

/* Every length around the first capacity, so that the NUL always has room. */
static void
fills_exactly(void **state)
{
	char text[600];
	size_t n;

	(void)state;
	memset(text, 'x', sizeof(text));
	for (n = 0; n < sizeof(text); n++) {
		struct sbuf b = { 0 };

		sbuf_put(&b, text, n);
		assert_int_equal(strlen(b.s), n);
		sbuf_put(&b, "y", 1);
		assert_int_equal(strlen(b.s), n + 1);
		sbuf_free(&b);
	}
}

static void
oom_is_sticky(void **state)
{
	struct sbuf b = { 0 };

	(void)state;
	sbuf_puts(&b, "kept");
	sbuf_fill(&b, ' ', SIZE_MAX - 8);
	assert_true(b.oom);
	sbuf_puts(&b, "lost");
	assert_string_equal(b.s, "kept");
	sbuf_free(&b);
	assert_false(b.oom);
}

static void
pads_by_columns(void **state)
{
	struct sbuf b = { 0 };

	(void)state;
	sbuf_pad(&b, 2);
	sbuf_puts(&b, "|\nlong line before\nab");
	sbuf_pad(&b, 4);
	sbuf_puts(&b, "|\n\xc3\xa9\xe4\xb8\xad");
	sbuf_pad(&b, 4);
	sbuf_puts(&b, "|\n\033[1;31mx\033[0m");
	sbuf_pad(&b, 4);
	sbuf_puts(&b, "|\nabcdef");
	sbuf_pad(&b, 4);
	sbuf_puts(&b, "|");
	assert_string_equal(b.s,
	    "  |\nlong line before\nab  |\n\xc3\xa9\xe4\xb8\xad |\n"
	    "\033[1;31mx\033[0m   |\nabcdef|");
	sbuf_free(&b);
}

static void
seconds_from_microseconds(void **state)
{
	char t[SHOW_US_MAX];

	(void)state;
	assert_string_equal(show_us(0, 6, t), "0.000000");
	assert_string_equal(show_us(12500000, 6, t), "12.500000");
	assert_string_equal(show_us(12500000, 3, t), "12.500");
	assert_string_equal(show_us(1999999, 3, t), "1.999");
	assert_string_equal(show_us(1999999, 0, t), "1");
	assert_string_equal(show_us(-1, 6, t), "-0.000001");
	assert_string_equal(show_us(-1, 3, t), "0.000");
	assert_string_equal(show_us(-2500000, 1, t), "-2.5");
	assert_string_equal(show_us(INT64_MIN, 6, t), "-9223372036854.775808");
}

static void
columns(void **state)
{
	size_t used;

	(void)state;
	assert_int_equal(show_width("abc", 3), 3);
	assert_int_equal(show_width("e\xcc\x81", 3), 1);
	assert_int_equal(show_width("\xf0\x9f\x98\x80", 4), 2);
	assert_int_equal(show_width("\xe2\x95\x90\xe2\x96\xb6", 6), 2);
	assert_int_equal(show_width("\xff\xfe", 2), 2);
	assert_int_equal(show_width("\033[2J", 4), 4);
	assert_int_equal(show_fit("ab\xe4\xb8\xad" "c", 6, 3, &used), 2);
	assert_int_equal(used, 2);
	assert_int_equal(show_fit("ab\xe4\xb8\xad" "c", 6, 4, &used), 5);
	assert_int_equal(used, 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(appends_and_terminates),
		cmocka_unit_test(fills_exactly),
		cmocka_unit_test(oom_is_sticky),
		cmocka_unit_test(pads_by_columns),
		cmocka_unit_test(seconds_from_microseconds),
		cmocka_unit_test(columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
