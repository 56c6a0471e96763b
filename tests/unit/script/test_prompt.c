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

static enum script_status
until(const char *what)
{
	const char *key = "what";

	return script_command(S, "until", &key, &what, 1);
}

static void
until_takes(const char *what, const char *then)
{
	if (until(what) != SCRIPT_OK)
		fail_msg("until %s: %s", what, script_message(S));
	good(then);
}

static void
until_is_refused(const char *what, const char *why)
{
	if (until(what) != SCRIPT_ERROR)
		fail_msg("until %s: no error", what);
	if (strstr(script_message(S), why) == NULL)
		fail_msg("until %s: %s", what, script_message(S));
}

static void
until_takes_roles_states_and_events(void **state)
{
	(void)state;
	good("k = lab.ft{}  n = k.net  t = n.now");
	until_takes("Active", "assert(n.now == t)");
	until_takes("C1 Registered", "assert(n.now == t)");
	until_takes("Backup M4", "assert(n.now == t)  k.M1:kill()");
	until_takes("C1 waiting", "assert(k.C1.state == 'Waiting')");
	until_takes("M1 dead", "assert(k.M1.role == 'Dead')");
	until_takes("register", "e = k:log{ kind = 'register' }[-1]"
	    " assert(e.t == n.now and e.t > t)");
	until_takes("C2 join", "e = k:log{ kind = 'join' }[-1]"
	    " assert(e.t == n.now and e.peer == 'C2')");
	until_takes("Registered C3", "assert(k.C3.mars == 'M2')");
	until_takes("not k.C1.registered or k.C1.mars == 'M2'",
	    "assert(k.C1.mars == 'M2')");
	until_takes("n.now >= 200", "assert(n.now < 200.2)");
}

static void
until_says_what_it_does_not_know(void **state)
{
	(void)state;
	good("k = lab.one{}  n = k.net  t = n.now");
	until_is_refused("M1 Actve", "did you mean 'Active'?");
	until_is_refused("Actve", "did you mean 'Active'?");
	until_is_refused("Actve M1", "did you mean 'Active'?");
	until_is_refused("M1", "until M1 what?");
	until_is_refused("M7 Active", "no node is called 'M7'");
	until_is_refused("Active M7", "no node is called 'M7'");
	until_is_refused("C1 Active", "'Active' is for a server, C1 is a client");
	until_is_refused("M1 elected", "does not happen in this version");
	until_is_refused("x = = 1", "nor a condition in Lua");
	good("assert(n.now == t)");
}

static void
steps_say_what_happened(void **state)
{
	(void)state;
	good("k = lab.one{}  lines = ''  k.C1:deregister()\n"
	    "io = { stdout = { write = function(_, ...)\n"
	    "	lines = lines .. table.concat{ ... } end } }");
	for (int i = 0; i < 3; i++)
		assert_int_equal(script_command(S, "step", NULL, NULL, 0),
		    SCRIPT_OK);
	good("assert(lines:find 'recv  LEAVE <%- C1', lines)\n"
	    "assert(lines:find 'nothing to tell', lines)");
	good("lines = ''  fabric{}");
	assert_int_equal(script_command(S, "step", NULL, NULL, 0), SCRIPT_OK);
	good("assert(lines == 'nothing more will happen\\n')");
}

static void
redirecting_a_stranger_is_refused(void **state)
{
	(void)state;
	good("k = lab.ft{}\n"
	    "local a, b, c = k.M3:redirect('M2 M1', { only = 'C1' })\n"
	    "assert(a == nil and b == 'C1 is not a member of M3')\n"
	    "assert(c == 'not_found')\n"
	    "k.C2:deregister()  run_for(1)\n"
	    "a, b = k.M1:redirect('M1', { only = 'C1 C2' })\n"
	    "assert(b == 'C2 is not a member of M1')\n"
	    "assert(k.M1:redirect('M1', { only = 'C1 C3' }))\n"
	    "k.M3:kill()  a, b, c = k.M3:redirect('M2', { only = 'C1' })\n"
	    "assert(a == nil and c == 'dead')");
}

static void
messages_of_scsp_are_messages(void **state)
{
	(void)state;
	good("k = lab.one{}  m = k:meter()\n"
	    "assert(m.csu_req == 0 and m.csu_rep == 0)\n"
	    "f = k.net:lag{ op = 'csu_req', by = 2 }\n"
	    "assert(tostring(f):find 'lag CSU_REQ by 2 s')\n"
	    "assert(#k:log{ op = 'CSU_REP|JOIN' } == #k:log{ op = 'JOIN' })");
	bad("k.net:lag{ op = 'CSU', by = 2 }", "CSU_REQ, CSU_REP, CSUS");
}

static void
what_is_printed_has_content(void **state)
{
	(void)state;
	good("k = lab.one{}  n = k.net  m = k:meter()  q = k:log{ op = 'LEAVE' }\n"
	    "assert(tostring(q) == '(no events)')\n"
	    "k.C1:leave(k.X)  run_for(1)\n"
	    "assert(tostring(q):find 'C1   send  LEAVE 224.1.1.1')\n"
	    "assert(tostring(m):find 'leave: 1')");
	good("k = lab.one{ clients = 2 }  k.C2:kill()\n"
	    "assert(k.net:draw():find '224.1.1.1 [^\\n]+ nobody\\n')");
	bad("mars.client('C9', { spa = 'x' })",
	    "spa: 'x' is no IPv4/IPv6 address");
	good("k = lab.one{ log_max = 64 }  n = k.net\n"
	    "assert(not n:ladder{ from = n.now }:find 'has left the log')\n"
	    "for i = 1, 300 do k.C1:leave(k.X) run_for(1)"
	    " k.C1:join(k.X) run_for(1) end\n"
	    "assert(n:ladder{}:find 'what was before [%d.]+ s has left')\n"
	    "assert(not n:ladder{ from = n.now - 1 }:find 'has left the log')");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LUA_TEST(conditions_are_looked_at_once_an_instant),
		LUA_TEST(waiting_ends_with_the_event),
		LUA_TEST(until_takes_roles_states_and_events),
		LUA_TEST(until_says_what_it_does_not_know),
		LUA_TEST(redirecting_a_stranger_is_refused),
		LUA_TEST(messages_of_scsp_are_messages),
		LUA_TEST(what_is_printed_has_content),
		LUA_TEST(steps_say_what_happened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
