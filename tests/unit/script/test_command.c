/* SPDX-License-Identifier: BSD-2-Clause */
/* marsh.command: what the shell is told, and what a script is. */
#include "lua_run.h"

#include <stdio.h>

static char told[512];
static const char *refusal;

static const char *
or_none(const char *s)
{
	return s == NULL ? "-" : s;
}

static int
define(const char *word, const char *args, const char *help,
    const char *example, char *why, size_t cap)
{
	snprintf(told, sizeof(told), "%s|%s|%s|%s", word, or_none(args), help,
	    or_none(example));
	snprintf(why, cap, "%s", or_none(refusal));
	return refusal == NULL ? 0 : -1;
}

static int
start(void **state)
{
	struct script_cfg cfg = { .seed = 1, .lua_dir = "lua",
		.define = define };
	char why[256];

	(void)state;
	refusal = NULL;
	told[0] = '\0';
	S = script_new(&cfg, why, sizeof(why));
	return S == NULL;
}

static void
its_texts_reach_the_shell(void **state)
{
	const char *keys[] = { "node" }, *values[] = { "M1" };

	(void)state;
	good("marsh.command { word = 'greet', args = 'node node',"
	    " help = 'Greet.', example = 'greet M1',"
	    " run = function(a) greeted = a.node end }");
	assert_string_equal(told, "greet|node node|Greet.|greet M1");
	assert_int_equal(script_command(S, "greet", keys, values, 1),
	    SCRIPT_OK);
	good("assert(greeted == 'M1')");
	good("marsh.command { word = 'greet', help = 'G.', run = print }");
	assert_string_equal(told, "greet|-|G.|-");
	good("assert(marsh.commands.greet == print)");
}

static void
what_is_wrong_is_named(void **state)
{
	static const struct row rows[] = {
		{ "marsh.command()", "a table expected" },
		{ "marsh.command 'x'", "a table of options expected" },
		{ "marsh.command {}", "word: a string expected, got nil" },
		{ "marsh.command { word = 1 }", "word: a string expected" },
		{ "marsh.command { word = 'x' }", "help: a string expected" },
		{ "marsh.command { word = 'x', help = 'h', args = {} }",
		    "args: a string expected, got table" },
		{ "marsh.command { word = 'x', help = 'h' }",
		    "run: a function expected, got nil" },
		{ "marsh.command { word = 'x', hlp = 'h' }",
		    "marsh.command has no option 'hlp' (did you mean 'help'" },
	};

	(void)state;
	BAD_ROWS(rows);
	assert_string_equal(told, "");
}

static void
what_the_shell_refuses_changes_nothing(void **state)
{
	(void)state;
	refusal = "word: 'kill' is taken";
	bad("was = marsh.commands.kill\nmarsh.command { word = 'kill',"
	    " help = 'h', run = print }", "test:2: word: 'kill' is taken");
	good("assert(marsh.commands.kill == was)");
}

static void
without_a_shell_it_says_so(void **state)
{
	(void)state;
	bad("marsh.command { word = 'x', help = 'h', run = print }",
	    "there is no shell here");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, lua_stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(its_texts_reach_the_shell),
		TEST(what_is_wrong_is_named),
		TEST(what_the_shell_refuses_changes_nothing),
		LUA_TEST(without_a_shell_it_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
