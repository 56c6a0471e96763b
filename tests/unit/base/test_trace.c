/* SPDX-License-Identifier: BSD-2-Clause */
/* Trace events reach their reader, if there is one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "marsh/base/trace.h"

static void
count(void *ctx, struct mtime now, const struct trace_ev *ev)
{
	int *n = ctx;

	assert_int_equal(now.us, 77);
	assert_int_equal(ev->kind, TRACE_JOIN);
	assert_string_equal(ev->what, "test");
	(*n)++;
}

static void
emit(void **state)
{
	const struct trace_ev ev = { .kind = TRACE_JOIN, .what = "test" };
	int n = 0;
	struct trace tr = { count, &n };

	(void)state;
	trace_emit(&tr, (struct mtime){ 77 }, &ev);
	assert_int_equal(n, 1);
	trace_emit(NULL, (struct mtime){ 77 }, &ev);
	tr.emit = NULL;
	trace_emit(&tr, (struct mtime){ 77 }, &ev);
	assert_int_equal(n, 1);
}

static void
words(void **state)
{
	(void)state;
	for (int k = 0; k < TRACE_KIND_COUNT; k++)
		assert_int_equal(
		    trace_kind_find(trace_kind_word((enum trace_kind)k)), k);
	assert_int_equal(trace_kind_find("send"), TRACE_SEND);
	assert_int_equal(trace_kind_find("alarm"), TRACE_ALARM);
	assert_int_equal(trace_kind_find("SEND"), -1);
	assert_int_equal(trace_kind_find(""), -1);
	assert_string_equal(trace_kind_word(TRACE_KIND_COUNT), "?");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(emit),
		cmocka_unit_test(words),
	};

	return cmocka_run_group_tests_name("trace", tests, NULL, NULL);
}
