/* SPDX-License-Identifier: BSD-2-Clause */
/* How long time runs, and what the commands that let it run say. */
#include "lua_run.h"

static void
conditions_are_looked_at_once_an_instant(void **state)
{
	(void)state;
	good("n = fabric{}  a, b, looks = 0, 0, 0\n"
	    "for i = 1, 50 do n:at(1.05, function() a = a + 1 end) end\n"
	    "assert(run_until(function()\n"
	    "	if n.now == 1.05 then looks = looks + 1 end\n"
	    "	return a > 0\n"
	    "end, 10))\n"
	    "assert(n.now == 1.05 and a == 50 and looks == 1)");
	/* the end of the time is no sooner than it was, and no later */
	good("assert(not run_until(function() return false end, 2.25))"
	    " assert(n.now == 3.3)");
	good("n:at(4.2, function() b = n.now end)"
	    " assert(run_until(function() return b ~= 0 end))"
	    " assert(b == 4.2 and n.now == 4.2)");
}

/* What happens at the same time, but later, has not happened yet then. */
static void
waiting_ends_with_the_event(void **state)
{
	(void)state;
	good("k = lab.one{}  k.M1:redirect('M1')\n"
	    "e = wait(k.net, 'recv', 10)\n"
	    "got = k:log { kind = 'recv', since = e.t }\n"
	    "assert(e.t == k.net.now and #got == 1)\n"
	    "run_for(0)  assert(#got == 3)");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LUA_TEST(conditions_are_looked_at_once_an_instant),
		LUA_TEST(waiting_ends_with_the_event),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
