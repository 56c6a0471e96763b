/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines: which are commands, what they hand over, what they say when wrong. */
#include "cmd_fake.h"

static struct fake f;

static void
test_command_or_lua(void **state)
{
	static const char *const lua[] = { "", "   ", "1+1", "x = 3",
		"run = 3", "run == 3", "kill(M1)", "kill (M1)", "M1:kill()",
		"load{}", "load {}", "seed.x", "join[1]", "step, x = 1, 2",
		"local kill = 3", "return kill", "for i = 1, 2 do", "k",
		"net", "C1", "x", "print \"a\"", "print 'a'", "x and y",
		"x or y", "not x", "end", "nil", "while true do", "#x",
		"-- kill M1", "goto out", "until_ = 3", "=1", "?" };
	static const char *const commands[] = { "kill M1", "  kill M1",
		"kill", "run", "show", "show cluster | count", "sh cluster",
		"sh", "hist", "k M1", "klil M1", "foo bar", "until x",
		"help \"kill\"", "source /tmp/x", "source ./x", "watch x",
		"step 3", "heal", "elect", "seed", "show|count", "st" };

	(void)state;
	for (size_t i = 0; i < sizeof(lua) / sizeof(*lua); i++) {
		if (cmd_is(lua[i]))
			fail_msg("'%s' is Lua", lua[i]);
		assert_int_equal(fake_run(&f, lua[i]), CMD_NOT_A_COMMAND);
	}
	for (size_t i = 0; i < sizeof(commands) / sizeof(*commands); i++)
		if (!cmd_is(commands[i]))
			fail_msg("'%s' is a command", commands[i]);
	assert_true(cmd_abbrev("hist"));
	assert_true(cmd_abbrev(" st "));
	assert_false(cmd_abbrev("history"));
	assert_false(cmd_abbrev("hist 3"));
	assert_false(cmd_abbrev("k"));
}

/* What each line hands to its handler. */
static void
test_handed_over(void **state)
{
	static const struct {
		const char *line, *told;
	} rows[] = {
		{ "kill M1", "kill node=M1" },
		{ "kill M1 back 500ms", "kill node=M1 back=0.5" },
		{ "kill M1 ba 2m", "kill node=M1 back=120" },
		{ "restart M1 cold", "restart node=M1 cold=cold" },
		{ "restart M1", "restart node=M1" },
		{ "redirect M2 to M1", "redirect node=M2 list=M1" },
		{ "redirect M2 to M1,M2 hard only C1, C2",
		    "redirect node=M2 list=M1,M2 mode=hard only=C1,C2" },
		{ "redirect M2 to M1 only C1 ,C2 soft",
		    "redirect node=M2 list=M1 only=C1,C2 mode=soft" },
		{ "join C1 224.1.0.0/16", "join node=C1 group=224.1.0.0/16" },
		{ "join C1 X", "join node=C1 group=X" },
		{ "send C1 224.1.1.1 3", "send node=C1 group=224.1.1.1 n=3" },
		{ "send C1 224.1.1.1", "send node=C1 group=224.1.1.1" },
		{ "flow C1 X 0.5", "flow node=C1 group=X pps=0.5" },
		{ "cut C1 M1", "cut a=C1 b=M1" },
		{ "partition M1,C1 / M2,C2", "partition a=M1,C1 b=M2,C2" },
		{ "partition M1 / M2 / C1 / C2",
		    "partition a=M1 b=M2 c=C1 d=C2" },
		{ "loss join", "loss op=JOIN" },
		{ "loss MARS_JOIN to M2 0.1", "loss op=JOIN to=M2 p=0.1" },
		{ "loss data 0.1 to M2 from C1", "loss op=DATA p=0.1 to=M2 "
						 "from=C1" },
		{ "loss map next 2", "loss op=REDIRECT_MAP n=2" },
		{ "loss any", "loss op=ANY" },
		{ "lag MULTI 2", "lag op=MULTI by=2" },
		{ "lag MULTI from M1 10ms", "lag op=MULTI from=M1 by=0.01" },
		{ "refuse C1", "refuse node=C1" },
		{ "heal", "heal" },
		{ "heal all", "heal all=all" },
		{ "heal 3", "heal fault=3" },
		{ "run 1h", "run seconds=3600" },
		{ "until  C1.registered and x > 3 ",
		    "until what=C1.registered and x > 3" },
		{ "step", "step" },
		{ "step 5", "step n=5" },
		{ "load lab.ft", "load topology=lab.ft" },
		{ "load ft a=1 b='x y'", "load topology=lab.ft knobs=a=1 "
					 "b='x y'" },
		{ "blind C1 60", "blind node=C1 seconds=60" },
		{ "pause", "!pause" },
		{ "speed max", "!speed max=max" },
		{ "speed 2.5", "!speed factor=2.5" },
		{ "watch show vcs | count", "!watch command=show vcs | count" },
		{ "source 'a file'", "!source file=a file" },
		{ "history 3", "!history n=3" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		if (fake_run(&f, rows[i].line) != CMD_OK)
			fail_msg("%s: %s", rows[i].line, f.why);
		assert_string_equal(f.told, rows[i].told);
	}
	assert_int_equal(fake_run(&f, "quit"), CMD_QUIT);
}

/* What is wrong, where, and what is near it. */
static void
test_what_is_wrong(void **state)
{
	static const struct {
		const char *line, *why;
	} rows[] = {
		{ "kill M9", "kill: no node 'M9' (did you mean 'M1'?); there "
			     "are M1, M2, C1, C2, C3" },
		{ "join M1 X", "join: no client 'M1' (did you mean 'C1'?); "
			       "there are C1, C2, C3" },
		{ "redirect C1 to M1", "redirect: no server 'C1' (did you mean "
				       "'M1'?); there are M1, M2" },
		{ "partition M1,Cx / M2", "no node 'Cx'" },
		{ "kill", "kill: something is missing; here may stand: NODE\n"
			  "usage: kill NODE [back SECONDS]" },
		{ "kill M1 bakc 3", "kill: unexpected 'bakc' (did you mean "
				    "'back'?); here may stand: back" },
		{ "kill M1 back", "here may stand: SECONDS" },
		{ "kill M1 back soon", "kill: 'soon' is no span of time" },
		{ "run -5", "run: '-5' is no span of time" },
		{ "run 1e999", "is no span of time" },
		{ "pause now", "here may stand: nothing more" },
		{ "join C1 224.1.1.1/99", "'224.1.1.1/99' is no group: " },
		{ "join C1 224.1.1.9-224.1.1.1", "is no group: " },
		{ "loss JION", "loss: 'JION' is no message type (did you mean "
			       "'JOIN'?)" },
		{ "loss JOIN 1.5", "no probability" },
		{ "load lab.fx", "'lab.fx' is no topology (did you mean " },
		{ "load lab.one clients", "'clients' is no name=value" },
		{ "klil M1", "no command 'klil' (did you mean 'kill'?)" },
		{ "foo bar", "no command 'foo'" },
		{ "show", "show: something is missing" },
		{ "show clustr", "(did you mean 'cluster'?)" },
		{ "show vcs | gerp x", "'| gerp' is no filter (did you mean "
				       "'grep'?)" },
		{ "show vcs | grep", "'| grep' takes one word" },
		{ "show vcs | count | grep x", "has to come behind" },
		{ "show vcs |", "is no filter" },
		{ "show server M9", "M9" },
		{ "source \"x", "a quote is not closed" },
		{ "capture", "capture: say a file's name, or off" },
		{ "capture off x", "capture: say a file's name, or off" },
		{ "kill M\x1b[31m1", "\\x1b" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(fake_run(&f, rows[i].line), CMD_ERROR);
		if (strstr(f.why, rows[i].why) == NULL)
			fail_msg("%s: %s", rows[i].line, f.why);
		assert_null(strchr(f.why, 27));
		assert_string_equal(f.told, "");
	}
}

static void
test_a_failed_call_has_told_why(void **state)
{
	(void)state;
	f.fail = -1;
	assert_int_equal(fake_run(&f, "help nonsense"), CMD_ERROR);
	assert_int_equal(fake_run(&f, "kill M1"), CMD_ERROR);
	assert_string_equal(f.why, "");
	f.fail = 0;
}

static void
test_show_and_filters(void **state)
{
	(void)state;
	assert_int_equal(fake_run(&f, "show members M1"), CMD_OK);
	assert_non_null(strstr(f.out.s, "C1"));
	assert_non_null(strstr(f.out.s, "C3"));
	assert_int_equal(fake_run(&f, "show members M1 | count"), CMD_OK);
	assert_string_equal(f.out.s, "3\n");
	assert_int_equal(fake_run(&f, "show members M1|grep C1|count"),
	    CMD_OK);
	assert_string_equal(f.out.s, "1\n");
	assert_int_equal(fake_run(&f, "show members M1 | grep 'no such' | "
	    "count"), CMD_OK);
	assert_string_equal(f.out.s, "0\n");
	assert_int_equal(fake_run(&f, "show members | grep C2 | json"),
	    CMD_OK);
	assert_true(f.out.s[0] == '[' || f.out.s[0] == '{');
	assert_null(strstr(f.out.s, "C1"));
	assert_int_equal(fake_run(&f, "show events 5 | count"), CMD_OK);
	assert_string_equal(f.out.s, "5\n");
	assert_int_equal(fake_run(&f, "seed"), CMD_OK);
	assert_string_equal(f.out.s, "7\n");
	assert_int_equal(fake_run(&f, "draw"), CMD_OK);
	assert_non_null(strstr(f.out.s, "M1"));
	assert_int_equal(fake_run(&f, "ladder M1,C1 from 0 to 30"), CMD_OK);
	assert_non_null(strstr(f.out.s, "JOIN"));
}

static void
test_without_a_cluster(void **state)
{
	static const char *const lines[] = { "kill M1", "show cluster", "draw",
		"ladder", "seed", "capture x", "join C1 X" };
	struct fake empty;

	(void)state;
	fake_init(&empty, false);
	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		assert_int_equal(fake_run(&empty, lines[i]), CMD_ERROR);
		assert_non_null(strstr(empty.why, "there is no cluster yet"));
	}
	assert_int_equal(fake_run(&empty, "load lab.one"), CMD_OK);
	assert_int_equal(fake_run(&empty, "help"), CMD_OK);
	empty.host.shell = NULL;
	assert_int_equal(fake_run(&empty, "pause"), CMD_ERROR);
	assert_string_equal(empty.why, "'pause' works only at the prompt");
	fake_end(&empty);
}

static int
setup(void **state)
{
	(void)state;
	fake_init(&f, true);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fake_end(&f);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_command_or_lua),
		cmocka_unit_test(test_handed_over),
		cmocka_unit_test(test_what_is_wrong),
		cmocka_unit_test(test_a_failed_call_has_told_why),
		cmocka_unit_test(test_show_and_filters),
		cmocka_unit_test(test_without_a_cluster),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
