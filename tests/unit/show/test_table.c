/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "json_valid.h"
#include "show/show_int.h"

static struct table *
small(void)
{
	struct table *t = table_new("nodes");

	table_col(t, "node", false);
	table_col(t, "cmi", true);
	table_col(t, "state", false);
	table_col(t, "up", false);
	table_col(t, "age", true);
	table_row(t);
	table_str(t, "M1");
	table_none(t);
	table_str(t, "Active");
	table_bool(t, true);
	table_sec(t, MSPAN_MS(12500), 3);
	table_row(t);
	table_strf(t, "C%d", 1);
	table_int(t, 65535);
	table_str(t, "Registered");
	table_bool(t, false);
	table_num(t, 0.25);
	table_row(t);
	table_strf(t, "C\"%d\"", 2);
	table_int(t, -1);
	return t;
}

static void
text(void **state)
{
	struct table *t = small();
	struct sbuf b = { 0 };

	(void)state;
	table_text(t, &b, 0, false);
	assert_string_equal(b.s,
	    "NODE    CMI  STATE       UP      AGE\n"
	    "M1        -  Active      yes  12.500\n"
	    "C1    65535  Registered  no     0.25\n"
	    "C\"2\"     -1  -           -         -\n");
	sbuf_free(&b);
	table_free(t);
}

static void
color_only_repeats(void **state)
{
	struct table *t = table_new("");
	struct sbuf b = { 0 };

	(void)state;
	table_col(t, "node", false);
	table_col(t, "state", false);
	table_row(t);
	table_str(t, "M1");
	table_str(t, "dead");
	table_text(t, &b, 0, true);
	assert_string_equal(b.s,
	    "\033[1mNODE\033[0m  \033[1mSTATE\033[0m\n"
	    "M1    \033[31mdead\033[0m\n");
	sbuf_free(&b);
	table_free(t);
}

static void
json(void **state)
{
	struct table *t = small();
	struct sbuf b = { 0 };

	(void)state;
	table_json(t, &b);
	assert_string_equal(b.s,
	    "[\n"
	    " {\"node\":\"M1\",\"cmi\":null,\"state\":\"Active\",\"up\":true,"
	    "\"age\":12.500},\n"
	    " {\"node\":\"C1\",\"cmi\":65535,\"state\":\"Registered\","
	    "\"up\":false,\"age\":0.25},\n"
	    " {\"node\":\"C\\\"2\\\"\",\"cmi\":-1,\"state\":null,\"up\":null,"
	    "\"age\":null}\n"
	    "]\n");
	assert_true(json_valid(b.s, b.len));
	sbuf_free(&b);
	table_free(t);
}

static void
empty(void **state)
{
	struct table *t = table_new("members of M1");
	struct sbuf b = { 0 };

	(void)state;
	table_col(t, "cmi", true);
	table_text(t, &b, 80, true);
	assert_string_equal(b.s, "members of M1: none\n");
	sbuf_free(&b);
	table_json(t, &b);
	assert_string_equal(b.s, "[]\n");
	sbuf_free(&b);
	table_free(t);
}

static void
reading(void **state)
{
	struct table *t = small();
	bool number, null;

	(void)state;
	assert_int_equal(table_rows(t), 3);
	assert_int_equal(table_cols(t), 5);
	assert_string_equal(table_col_name(t, 2), "state");
	assert_string_equal(table_cell(t, 1, 1, &number, &null), "65535");
	assert_true(number && !null);
	assert_string_equal(table_cell(t, 0, 1, &number, &null), "-");
	assert_true(!number && null);
	assert_string_equal(table_cell(t, 0, 0, &number, &null), "M1");
	assert_true(!number && !null);
	table_free(t);
}

static void
grep(void **state)
{
	struct table *t = small();

	(void)state;
	table_grep(t, "e");
	assert_int_equal(table_rows(t), 2);
	table_grep(t, "Reg");
	assert_int_equal(table_rows(t), 1);
	assert_string_equal(table_cell(t, 0, 0, NULL, NULL), "C1");
	table_grep(t, "nothing");
	assert_int_equal(table_rows(t), 0);
	table_free(t);
}

static void
narrow(void **state)
{
	struct table *t = table_new("");
	struct sbuf b = { 0 };

	(void)state;
	table_col(t, "name", false);
	table_col(t, "n", true);
	table_col(t, "groups", false);
	table_row(t);
	table_str(t, "C1");
	table_int(t, 123456);
	table_str(t, "224.1.1.1 224.1.1.2 224.1.1.3");
	/* One row alone stands upright. */
	table_text(t, &b, 30, false);
	assert_string_equal(b.s,
	    "NAME    C1\n"
	    "N       123456\n"
	    "GROUPS  224.1.1.1 224.1.1.2 224.1.1.3\n");
	sbuf_free(&b);
	table_row(t);
	table_str(t, "C2");
	table_text(t, &b, 30, false);
	assert_string_equal(b.s,
	    "NAME       N  GROUPS\n"
	    "C1    123456  224.1.1.1 224...\n"
	    "C2         -  -\n");
	sbuf_free(&b);
	/* Below what can be cut the line stays whole rather than lie. */
	table_text(t, &b, 3, false);
	assert_string_equal(b.s,
	    "NAME       N  GROUPS\n"
	    "C1    123456  224...\n"
	    "C2         -  -\n");
	sbuf_free(&b);
	table_free(t);
}

static void
wide_characters(void **state)
{
	struct table *t = table_new("");
	struct sbuf b = { 0 };

	(void)state;
	table_col(t, "a", false);
	table_col(t, "b", false);
	table_row(t);
	table_str(t, "\xe4\xb8\xad\xe6\x96\x87");
	table_str(t, "x");
	table_row(t);
	table_str(t, "e\xcc\x81");
	table_str(t, "\033]0;title\a");
	table_text(t, &b, 0, false);
	assert_string_equal(b.s,
	    "A     B\n"
	    "\xe4\xb8\xad\xe6\x96\x87  x\n"
	    "e\xcc\x81     \\x1b]0;title\\x07\n");
	sbuf_free(&b);
	table_free(t);
}

static void
numbers(void **state)
{
	static const struct {
		double v;
		const char *text;
	} v[] = { { 0, "0" }, { 1e6, "1000000" }, { -3, "-3" },
		{ 0.001, "0.001" }, { 1e300, "1e+300" },
		{ 2.0 / 3, "0.666667" } };
	struct table *t = table_new("");
	struct sbuf b = { 0 };
	bool null;
	size_t i;

	(void)state;
	table_col(t, "v", true);
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		table_row(t);
		table_num(t, v[i].v);
		assert_string_equal(table_cell(t, i, 0, NULL, NULL), v[i].text);
	}
	table_row(t);
	table_int(t, INT64_MIN);
	assert_string_equal(table_cell(t, i++, 0, NULL, NULL),
	    "-9223372036854775808");
	table_row(t);
	table_num(t, strtod("nan", NULL));
	(void)table_cell(t, i, 0, NULL, &null);
	assert_true(null);
	table_json(t, &b);
	assert_true(json_valid(b.s, b.len));
	sbuf_free(&b);
	table_free(t);
}

/* Arbitrary octets in every cell: the document stays JSON. */
static void
hostile_cells(void **state)
{
	struct table *t = table_new("x");
	struct sbuf b = { 0 };
	uint32_t x = 1;
	char s[24];
	size_t row, i;

	(void)state;
	table_col(t, "a\"b", false);
	table_col(t, "c", false);
	for (row = 0; row < 5000; row++) {
		table_row(t);
		for (i = 0; i < sizeof(s) - 1; i++) {
			x = x * 1664525 + 1013904223;
			s[i] = (char)(x >> 24 | 1);
		}
		s[i] = '\0';
		table_str(t, s);
		table_str(t, row % 2 ? s + 12 : NULL);
	}
	table_json(t, &b);
	assert_true(json_valid(b.s, b.len));
	sbuf_free(&b);
	table_text(t, &b, 80, false);
	for (i = 0; i < b.len; i++)
		assert_true(b.s[i] == '\n' || (unsigned char)b.s[i] >= 0x20);
	sbuf_free(&b);
	table_free(t);
}

static void
judge_of_json(void **state)
{
	static const char *const bad[] = { "", "[", "[1,]", "{\"a\":}", "01",
		"\"\\x\"", "\"a\nb\"", "nul", "1 2", "{\"a\" 1}", "-", "1.",
		"[1}", "\"" };
	static const char *const good[] = { "0", "-1.5e+3", "[]", "{}",
		"[null,true,{\"a\":[1]}]", " \"\\u00ff\" " };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(json_valid(bad[i], strlen(bad[i])));
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(json_valid(good[i], strlen(good[i])));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text),
		cmocka_unit_test(color_only_repeats),
		cmocka_unit_test(json),
		cmocka_unit_test(empty),
		cmocka_unit_test(reading),
		cmocka_unit_test(grep),
		cmocka_unit_test(narrow),
		cmocka_unit_test(wide_characters),
		cmocka_unit_test(numbers),
		cmocka_unit_test(hostile_cells),
		cmocka_unit_test(judge_of_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
