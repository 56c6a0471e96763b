/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lua's memory fails at one allocation after the other: each time there is an
 * error and the state can still be closed, or a net still be used.
 */
#include "lua_run.h"

#include "script/script_int.h"

struct budget {
	size_t calls, fail_at; /* 0: never */
	size_t held;
};

static void *
counted(void *ud, void *p, size_t old, size_t size)
{
	struct budget *b = ud;
	size_t had = p != NULL ? old : 0;
	void *q;

	if (size == 0) {
		b->held -= had;
		free(p);
		return NULL;
	}
	/* Lua relies on shrinking; it asks again after a full collection. */
	if (size > had && ++b->calls >= b->fail_at && b->fail_at != 0)
		return NULL;
	q = realloc(p, size);
	if (q != NULL)
		b->held += size - had;
	return q;
}

static const char story[] =
    "local k = lab.one { clients = 2 }\n"
    "local q = k:log { op = 'JOIN' }\n"
    "k.net:go(function() sleep(1) k.C1:send(k.X) end)\n"
    "local h = k.M1:on('register', function(e) return e.node end)\n"
    "k.M1:kill { back = 2 } run_for(30)\n"
    "expect(#q > 0):is(true) dump(k.M1.cache)\n";

/* How far a run with failure at |n| came: 0 no state, 1 error, 2 all. */
static int
attempt(size_t n, size_t *calls)
{
	struct script_cfg cfg = { .seed = 1, .lua_dir = "lua" };
	struct budget b = { .fail_at = n };
	struct script *s;
	char why[256] = "";
	int come = 2;

	s = script_new_alloc(&cfg, counted, &b, why, sizeof(why));
	if (s == NULL) {
		assert_string_not_equal(why, "");
		assert_int_equal(b.held, 0);
		return 0;
	}
	if (script_string(s, story, "story") != SCRIPT_OK) {
		assert_string_not_equal(script_message(s), "");
		come = 1;
		b.fail_at = 0; /* memory is back: the state still works */
		assert_int_equal(script_string(s, "local n = fabric {} run_for(1)"
		    " assert(n.now == 1)", "again"), SCRIPT_OK);
	}
	*calls = b.calls;
	script_free(s);
	assert_int_equal(b.held, 0);
	return come;
}

static void
every_allocation_may_fail(void **state)
{
	size_t total = 0, ignored, seen[3] = { 0 };

	(void)state;
	assert_int_equal(attempt(0, &total), 2);
	assert_true(total > 1000);
	/* all of the first ones, then ever fewer */
	for (size_t n = 1; n < total; n += 1 + n / 100)
		seen[attempt(n, &ignored)]++;
	assert_true(seen[0] > 0);
	assert_true(seen[1] > 0);
	assert_int_equal(seen[2], 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_allocation_may_fail),
	};

	/* what the story prints is of no interest */
	if (freopen("/dev/null", "w", stdout) == NULL)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
