/* SPDX-License-Identifier: BSD-2-Clause */
/* The life of a Lua state: files, strings, lines, commands, its end. */
#include "lua_run.h"
#include "marsh/svc/svc.h"

#include <stdio.h>

#include "script/script_int.h"

static void
strings_say_where(void **state)
{
	(void)state;
	good("x = 1");
	good("assert(x == 1)");
	bad("\n\nerror('no')", "test:3: no");
	bad("x = = 1", "test:1: unexpected symbol");
	bad("local function f() error('deep') end\nf()",
	    "test:1: deep\n  called from test:2");
	assert_int_equal(script_string(S, "error({})", "t"), SCRIPT_ERROR);
	assert_int_equal(script_string(S, "error(nil)", "t"), SCRIPT_ERROR);
}

static void
files_get_arguments(void **state)
{
	char path[] = "/tmp/marsh-test-XXXXXX", *argv[] = { path + 5, NULL };
	static const char code[] =
	    "assert(arg[1] == ... and #arg == 1)\nrun_for('x')\n";
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, code, sizeof(code) - 1), sizeof(code) - 1);
	close(fd);
	assert_int_equal(script_file(S, path, 1, argv), SCRIPT_ERROR);
	assert_non_null(strstr(script_message(S), path));
	assert_non_null(strstr(script_message(S), ":2: seconds: a number"));
	unlink(path);
	assert_int_equal(script_file(S, path, 0, argv), SCRIPT_ERROR);
	assert_non_null(strstr(script_message(S), path));
}

static void
lines_may_go_on(void **state)
{
	(void)state;
	assert_int_equal(script_line(S, "y = 1"), SCRIPT_OK);
	assert_int_equal(script_line(S, "for i = 1, 2 do"), SCRIPT_INCOMPLETE);
	assert_int_equal(script_line(S, "f("), SCRIPT_INCOMPLETE);
	assert_int_equal(script_line(S, "s = [["), SCRIPT_INCOMPLETE);
	assert_int_equal(script_line(S, "y y"), SCRIPT_ERROR);
	assert_int_equal(script_line(S, "y + {}"), SCRIPT_ERROR);
	assert_int_equal(script_line(S, "y"), SCRIPT_OK);
	assert_int_equal(script_line(S, ""), SCRIPT_OK);
}

static void
commands_call_their_function(void **state)
{
	const char *keys[] = { "topology", "knobs" };
	const char *values[] = { "lab.one", "clients=2" };
	const char *node[] = { "node" }, *m1[] = { "M1" }, *m7[] = { "M7" };

	(void)state;
	assert_int_equal(script_command(S, "load", keys, values, 2),
	    SCRIPT_OK);
	good("assert(#k.clients == 2 and k.M1.up)");
	assert_int_equal(script_command(S, "kill", node, m1, 1), SCRIPT_OK);
	good("assert(not k.M1.up)");
	assert_int_equal(script_command(S, "kill", node, m7, 1),
	    SCRIPT_ERROR);
	assert_non_null(strstr(script_message(S), "'M7'"));
	assert_int_equal(script_command(S, "kill", node, m1, 1),
	    SCRIPT_ERROR);
	assert_int_equal(script_command(S, "nonsense", node, m1, 1),
	    SCRIPT_ERROR);
}

static int
interrupt(lua_State *L)
{
	script_interrupt(*(struct script **)lua_getextraspace(L));
	return 0;
}

static void
interrupts_cannot_be_swallowed(void **state)
{
	static const char *const loops[] = {
		"interrupt() while true do end",
		"interrupt() while true do pcall(function()"
		" while true do end end) end",
		"local f = coroutine.wrap(function() interrupt()"
		" while true do end end) while true do pcall(f) end",
		"lab.one{}.net:at(0, function() interrupt() end) run_for(1e9)",
		"local k = lab.one{} k.net:at(0, interrupt)"
		" while true do pcall(run_for, 1e9) end",
		"lab.one{}.net:go(function() interrupt() while true do end end)"
		" run_for(1)",
		"lab.one{} run_until(function() interrupt() end)",
		"fabric{clock='real'}:at(0, interrupt) run_for(1e9)",
	};

	(void)state;
	lua_pushcfunction(S->L, interrupt);
	lua_setglobal(S->L, "interrupt");
	for (size_t i = 0; i < sizeof(loops) / sizeof(loops[0]); i++) {
		assert_int_equal(script_string(S, loops[i], "loop"),
		    SCRIPT_INTERRUPTED);
		good("assert(1 + 1 == 2)");
	}
}

static void
its_end_tells_what_came_of_it(void **state)
{
	(void)state;
	assert_int_equal(script_finish(S), 0);
	good("expect(1):is(1)");
	assert_int_equal(script_finish(S), 0);
	good("expect(1):is(2)");
	assert_int_equal(script_finish(S), 1);
	assert_int_equal(S->tests, 2);
	good("marsh.core.violated(1)");
	assert_int_equal(script_finish(S), 7);
}

static void
an_expectation_without_a_verb_has_failed(void **state)
{
	(void)state;
	good("local e = expect(1)  expect(2):is(2)  e:is(1)");
	assert_int_equal(script_finish(S), 0);
	assert_int_equal(S->tests, 2);
	good("expect(true)\nexpect(3):is(3)\nexpect(nil)\ncollectgarbage()");
	assert_int_equal(script_finish(S), 1);
	assert_int_equal(S->tests, 5);
	assert_int_equal(S->failed, 2);
	assert_int_equal(script_finish(S), 1); /* each is told once */
	assert_int_equal(S->tests, 5);
	bad("expect(1):iss(1)", "did you mean 'is'?");
	assert_int_equal(script_finish(S), 1);
	assert_int_equal(S->tests, 5);
}

static void
a_capture_that_cannot_be_is_said_at_once(void **state)
{
	struct script_cfg cfg = { .seed = 1, .lua_dir = "lua" };
	char why[256] = "";

	(void)state;
	cfg.capture = "/nowhere/x";
	assert_null(script_new(&cfg, why, sizeof(why)));
	assert_non_null(strstr(why, "cannot capture to /nowhere/x: "));
	cfg.capture = "/";
	assert_null(script_new(&cfg, why, sizeof(why)));
	assert_non_null(strstr(why, "cannot capture to /: "));
}

static void
nothing_comes_from_elsewhere(void **state)
{
	(void)state;
	good("assert(package.cpath == '' and package.path == 'lua/?.lua')");
	good("assert(#package.searchers == 2 and not package.loadlib)");
	good("local f, why = load(string.dump(function() end))"
	    " assert(not f and why:find 'binary')");
	good("assert(not load(string.dump(function() end), 'x', 'b'))");
	good("assert(load('return a', 'x', 'bt', {a = 4})() == 4)");
	good("assert(loadfile('lua/marsh/notes.lua')().options('x', {}))");
	good("assert(not pcall(loadfile('lua/marsh/notes.lua', 't', {})))");
	good("assert(not pcall(require, '../etc/passwd'))");
	good("assert(not pcall(require, 'no.such.module'))");
	good("assert(rawget(debug, 'sethook') == nil)");
	good("assert(rawget(debug, 'setmetatable') == nil)");
}

static void
the_current_world_can_be_driven(void **state)
{
	(void)state;
	assert_null(script_world(S));
	assert_int_equal(script_advance(S, 1000), SCRIPT_OK);
	good("n = fabric{}  n:at(2, function() hit = true end)");
	assert_non_null(script_world(S));
	assert_int_equal(script_advance(S, 2500000), SCRIPT_OK);
	good("assert(n.now == 2.5 and hit)");
	good("n:at(3, function() error 'late' end)");
	assert_int_equal(script_advance(S, 1000000), SCRIPT_ERROR);
	assert_non_null(strstr(script_message(S), "test:1: late"));
	good("n:close()");
	assert_null(script_world(S));
}

static void
bad_configurations_say_why(void **state)
{
	struct script_cfg cfg = { .seed = 1, .lua_dir = "/nowhere" };
	char why[256] = "";

	(void)state;
	assert_null(script_new(&cfg, why, sizeof(why)));
	assert_non_null(strstr(why, "/nowhere"));
	cfg.lua_dir = "lua";
	cfg.json = "/nowhere/x";
	assert_null(script_new(&cfg, why, sizeof(why)));
	assert_non_null(strstr(why, "/nowhere/x"));
}

/* Where the kernel has no SVCs, what needs a net says so and names a way out. */
static void
a_kernel_without_svcs_is_named(void **state)
{
	struct script_cfg cfg = { .seed = 1, .lua_dir = "lua", .atm = true };
	char why[256] = "";
	struct script *s;

	(void)state;
	if (svc_available(why, sizeof(why)))
		skip();
	s = script_new(&cfg, why, sizeof(why));
	assert_non_null(s);
	assert_int_equal(script_string(s, "lab.one {}", "test"), SCRIPT_ERROR);
	assert_non_null(strstr(script_message(s), "fabric"));
	assert_int_equal(script_string(s, "local n, why, code = atm {} "
	    "assert(n == nil and code == 'unsupported', why)", "test"),
	    SCRIPT_OK);
	script_free(s);
}

static size_t
completions(const char *text, const char *want)
{
	struct sbuf b = { 0 };
	size_t n = 0;

	script_complete(S, text, &b);
	for (const char *p = b.s; p != NULL && *p != '\0'; p++)
		n += *p == '\n';
	if (want != NULL && (b.s == NULL || strstr(b.s, want) == NULL))
		fail_msg("%s: no %s in %s", text, want, b.s ? b.s : "");
	sbuf_free(&b);
	return n;
}

static void
completion_knows_live_objects(void **state)
{
	(void)state;
	assert_int_equal(completions("lab.o", "lab.one"), 2);
	assert_int_equal(completions("no.such.thing", NULL), 0);
	good("k = lab.one{}");
	completions("print(k.M1.ca", "k.M1.cache\n");
	completions("k.clients:jo", "k.clients:join\n");
	completions("k.clients.cm", "k.clients.cmi\n");
	completions("C1:fl", "C1:flow\n");
	completions("k.C", "k.C2\n");
	completions("expe", "expect\n");
	completions("", "fabric\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		LUA_TEST(strings_say_where),
		LUA_TEST(files_get_arguments),
		LUA_TEST(lines_may_go_on),
		LUA_TEST(commands_call_their_function),
		LUA_TEST(interrupts_cannot_be_swallowed),
		LUA_TEST(its_end_tells_what_came_of_it),
		LUA_TEST(an_expectation_without_a_verb_has_failed),
		LUA_TEST(a_capture_that_cannot_be_is_said_at_once),
		LUA_TEST(nothing_comes_from_elsewhere),
		LUA_TEST(the_current_world_can_be_driven),
		LUA_TEST(bad_configurations_say_why),
		LUA_TEST(a_kernel_without_svcs_is_named),
		LUA_TEST(completion_knows_live_objects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
