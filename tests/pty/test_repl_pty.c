/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The prompt on a terminal, in every locale and kind of terminal that ever
 * broke someone's shell: it appears, answers, survives, and leaves.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "child.h"

static char home[] = "/tmp/marsh-pty-XXXXXX";
static const char *const quiet[] = { "marsh", "-q", NULL };

static void
set(const char *name, const char *value)
{
	if (value == NULL)
		unsetenv(name);
	else
		setenv(name, value, 1);
}

/* open starts marsh at its prompt. */
static void
open_prompt(struct child_pty *p, const char *term, const char *locale)
{
	set("TERM", term);
	set("LC_ALL", locale);
	child_pty_open(p, quiet, 24);
	child_pty_expect(p, "marsh> ");
}

static char *
history_path(void)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/state/marsh/history", home);
	return path;
}

static char *
history_text(void)
{
	static char text[65536];
	FILE *f = fopen(history_path(), "r");
	size_t n;

	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	fclose(f);
	return text;
}

/* One locale and one kind of terminal: all that must never break. */
static void
cell(const char *term, const char *locale, bool plain)
{
	struct child_pty p;

	open_prompt(&p, term, locale);
	child_pty_send(&p, "1+1\r");
	child_pty_expect(&p, "\n2\r\n");
	child_pty_expect(&p, "marsh> ");
	child_pty_send(&p, "#'caf\303\251'\r");
	child_pty_expect(&p, "\n5\r\n");
	child_pty_expect(&p, "marsh> ");
	child_pty_send(&p, "\377\200x\r"); /* no character in any locale */
	child_pty_expect(&p, "marsh: ");
	child_pty_expect(&p, "marsh> ");
	child_pty_send(&p, "print('g'..'o') while true do end\r");
	child_pty_expect(&p, "\ngo\r\n");
	child_pty_send(&p, "\003");
	child_pty_expect(&p, "interrupted");
	child_pty_expect(&p, "marsh> ");
	child_pty_send(&p, "half a li");
	child_pty_expect(&p, "half a li");
	child_pty_send(&p, "\003");
	child_pty_expect(&p, "marsh> ");
	child_pty_send(&p, "3*7\r");
	child_pty_expect(&p, "\n21\r\n");
	child_pty_expect(&p, "marsh> ");
	child_pty_send(&p, "\004");
	assert_int_equal(child_pty_end(&p), 0);
	if (plain)
		assert_null(memchr(p.buf, 27, p.len));
	child_pty_free(&p);
}

static void
test_every_terminal(void **state)
{
	static const char *const locales[] = { "C", "C.UTF-8" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		cell("xterm-256color", locales[i], false);
		cell("vt100", locales[i], false);
		cell("dumb", locales[i], true);
		cell(NULL, locales[i], true);
		cell("nonsense", locales[i], true);
		cell("", locales[i], true);
	}
}

static void
test_history_file(void **state)
{
	struct child_pty p;
	struct stat st;

	(void)state;
	unlink(history_path());
	open_prompt(&p, "xterm", "C.UTF-8");
	child_pty_send(&p, "11+11\r");
	child_pty_expect(&p, "\n22\r\n");
	child_pty_send(&p, "11+11\r"); /* a repetition */
	child_pty_expect(&p, "\n22\r\n");
	child_pty_send(&p, " 40+2\r"); /* begins with a blank */
	child_pty_expect(&p, "\n42\r\n");
	/* it is there already, before the end */
	assert_string_equal(history_text(), "11+11\n");
	child_pty_send(&p, "\004");
	assert_int_equal(child_pty_end(&p), 0);
	child_pty_free(&p);
	assert_int_equal(stat(history_path(), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	/* the next session recalls it, and appends */
	chmod(history_path(), 0644);
	open_prompt(&p, "xterm", "C.UTF-8");
	child_pty_send(&p, "\020\r"); /* Ctrl-P, the line before */
	child_pty_expect(&p, "\n22\r\n");
	/* typed ahead the kernel would keep this key to itself */
	child_pty_expect(&p, "marsh> ");
	child_pty_send(&p, "\0221+1"); /* Ctrl-R: search backwards */
	child_pty_expect(&p, "bck:");
	child_pty_send(&p, "\r");
	child_pty_expect(&p, "\n22\r\n");
	child_pty_send(&p, "'no'..'w'\r");
	child_pty_expect(&p, "now");
	child_pty_send(&p, "history\r");
	child_pty_expect(&p, "1  11+11");
	child_pty_expect(&p, "2  'no'..'w'");
	child_pty_send(&p, "quit\r");
	assert_int_equal(child_pty_end(&p), 0);
	child_pty_free(&p);
	assert_string_equal(history_text(), "11+11\n'no'..'w'\nhistory\n"
	    "quit\n");
	assert_int_equal(stat(history_path(), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void
vanishes(const char *term)
{
	struct child_pty p;

	unlink(history_path());
	open_prompt(&p, term, "C.UTF-8");
	child_pty_send(&p, "5+5\r");
	child_pty_expect(&p, "\n10\r\n");
	child_pty_expect(&p, "marsh> ");
	child_pty_hangup(&p);
	assert_int_equal(child_pty_end(&p), 0);
	child_pty_free(&p);
	assert_string_equal(history_text(), "5+5\n");
}

static void
test_terminal_vanishes(void **state)
{
	struct child_pty p;

	(void)state;
	vanishes("xterm");
	vanishes("dumb");
	/* while a script runs too */
	open_prompt(&p, "xterm", "C.UTF-8");
	child_pty_send(&p, "print('g'..'o') while true do end\r");
	child_pty_expect(&p, "\ngo\r\n");
	child_pty_hangup(&p);
	assert_int_equal(child_pty_end(&p), 0);
	child_pty_free(&p);
}

static void
test_multi_line(void **state)
{
	struct child_pty p;

	(void)state;
	open_prompt(&p, "xterm", "C.UTF-8");
	child_pty_send(&p, "for i = 1, 3 do\r");
	child_pty_expect(&p, ">> ");
	child_pty_send(&p, "  print(i * 111)\r");
	child_pty_expect(&p, ">> ");
	child_pty_send(&p, "end\r");
	child_pty_expect(&p, "\n111\r\n222\r\n333\r\n");
	child_pty_expect(&p, "marsh> ");
	/* Ctrl-C and Ctrl-D drop what is unfinished, and only that */
	child_pty_send(&p, "if x then\r");
	child_pty_expect(&p, ">> ");
	child_pty_send(&p, "\003");
	child_pty_expect(&p, "marsh> ");
	child_pty_send(&p, "if x then\r");
	child_pty_expect(&p, ">> ");
	child_pty_send(&p, "\004");
	child_pty_expect(&p, "marsh> ");
	child_pty_send(&p, "6*7\r");
	child_pty_expect(&p, "\n42\r\n");
	child_pty_send(&p, "\004");
	assert_int_equal(child_pty_end(&p), 0);
	child_pty_free(&p);
}

static void
test_tab_and_question(void **state)
{
	struct child_pty p;

	(void)state;
	open_prompt(&p, "xterm", "C.UTF-8");
	child_pty_send(&p, "loa\t");
	child_pty_expect(&p, "d");
	child_pty_send(&p, " lab.on\t\r");
	child_pty_expect(&p, "s> "); /* the prompt shows the time now */
	child_pty_send(&p, "pause\r");
	child_pty_expect(&p, "paused> ");
	child_pty_send(&p, "M1.sta\t\r");
	child_pty_expect(&p, "REQUEST: 2");
	child_pty_expect(&p, "paused> ");
	child_pty_send(&p, "C1.\t"); /* several rows of words */
	child_pty_expect(&p, "C1.unconfirmed");
	child_pty_expect(&p, "> C1.");
	child_pty_send(&p, "\025");
	child_pty_send(&p, "kill ?");
	child_pty_expect(&p, "the node to crash: M1 C1 C2 C3");
	child_pty_expect(&p, "> kill ");
	child_pty_send(&p, "\t");
	child_pty_expect(&p, "M1  C1  C2  C3");
	child_pty_expect(&p, "> kill ");
	child_pty_send(&p, "M\t\r");
	child_pty_expect(&p, "> ");
	child_pty_send(&p, "'what'..'?'\r"); /* not in Lua */
	child_pty_expect(&p, "what?");
	child_pty_send(&p, "klil M1\r");
	child_pty_expect(&p, "did you mean 'kill'?");
	child_pty_send(&p, "\004");
	assert_int_equal(child_pty_end(&p), 0);
	child_pty_free(&p);
}

/* What happens in virtual time happens while no key is pressed, and the line
 * half typed survives it. */
static void
time_passes(const char *term)
{
	struct child_pty p;

	open_prompt(&p, term, "C.UTF-8");
	child_pty_send(&p, "load lab.one\r");
	child_pty_expect(&p, "s> ");
	child_pty_send(&p, "speed 1000\r");
	child_pty_expect(&p, "s> ");
	child_pty_send(&p, "net:at(net.now + 500, function() print('r'..'ing')"
	    " end)\r");
	child_pty_expect(&p, "s> ");
	child_pty_send(&p, "100");
	child_pty_expect(&p, "ring\r\n");
	child_pty_expect(&p, "> "); /* with it the line comes back */
	child_pty_send(&p, "+11\r");
	child_pty_expect(&p, "\n111\r\n");
	child_pty_send(&p, "speed\r");
	child_pty_expect(&p, "speed 1000");
	child_pty_send(&p, "\004");
	assert_int_equal(child_pty_end(&p), 0);
	child_pty_free(&p);
}

static void
test_time_passes(void **state)
{
	(void)state;
	time_passes("xterm");
	time_passes("dumb");
}

static void
test_pause_and_max(void **state)
{
	struct child_pty p;

	(void)state;
	open_prompt(&p, "xterm", "C.UTF-8");
	child_pty_send(&p, "load lab.one\r");
	child_pty_expect(&p, "s> ");
	child_pty_send(&p, "pause\r");
	child_pty_expect(&p, "s paused> ");
	child_pty_send(&p, "t = net.now\r");
	child_pty_expect(&p, "paused> ");
	child_pty_send(&p, "net.now == t\r");
	child_pty_expect(&p, "true");
	child_pty_send(&p, "run 10\r");
	child_pty_expect(&p, "paused> ");
	child_pty_send(&p, "math.abs(net.now - t - 10) < 1e-6\r");
	child_pty_expect(&p, "true");
	/* max: what a command sets going has happened at the next prompt */
	child_pty_send(&p, "speed max\r");
	child_pty_expect(&p, "s> ");
	child_pty_send(&p, "leave C1 224.1.1.1\r");
	child_pty_expect(&p, "s> ");
	child_pty_send(&p, "show members M1 | grep C1 | json\r");
	child_pty_expect(&p, "\"C1\"");
	child_pty_send(&p, "\004");
	assert_int_equal(child_pty_end(&p), 0);
	child_pty_free(&p);
}

static void
test_pager(void **state)
{
	struct child_pty p;

	(void)state;
	set("TERM", "xterm");
	set("LC_ALL", "C.UTF-8");
	set("PAGER", "sed 's/^/P:/'");
	child_pty_open(&p, quiet, 10);
	child_pty_expect(&p, "marsh> ");
	child_pty_send(&p, "help\r");
	child_pty_expect(&p, "\nP:  quit");
	child_pty_expect(&p, "marsh> ");
	child_pty_send(&p, "help pause\r"); /* fits */
	child_pty_expect(&p, "\nusage: pause");
	child_pty_send(&p, "\004");
	assert_int_equal(child_pty_end(&p), 0);
	child_pty_free(&p);
	/* one that is not there: our own */
	set("PAGER", "/nonexistent/pager");
	child_pty_open(&p, quiet, 10);
	child_pty_expect(&p, "marsh> ");
	child_pty_send(&p, "help\r");
	child_pty_expect(&p, "-- more:");
	child_pty_send(&p, " ");
	child_pty_expect(&p, "-- more:");
	child_pty_send(&p, "q");
	child_pty_expect(&p, "marsh> ");
	child_pty_send(&p, "\004");
	assert_int_equal(child_pty_end(&p), 0);
	child_pty_free(&p);
	set("PAGER", NULL);
}

static void
test_watch(void **state)
{
	struct child_pty p;

	(void)state;
	open_prompt(&p, "dumb", "C");
	child_pty_send(&p, "load lab.one\r");
	child_pty_expect(&p, "s> ");
	child_pty_send(&p, "watch seed\r");
	child_pty_expect(&p, "seed   (every second; a key ends it)\r\n1\r\n");
	child_pty_expect(&p, "seed   (every second; a key ends it)\r\n1\r\n");
	child_pty_send(&p, "x");
	child_pty_expect(&p, "s> ");
	child_pty_send(&p, "watch watch seed\r");
	child_pty_expect(&p, "cannot be watched");
	child_pty_send(&p, "watch seed\r");
	child_pty_expect(&p, "every second");
	child_pty_send(&p, "\003");
	child_pty_expect(&p, "s> ");
	child_pty_send(&p, "2+2\r");
	child_pty_expect(&p, "\n4\r\n");
	child_pty_send(&p, "\004");
	assert_int_equal(child_pty_end(&p), 0);
	child_pty_free(&p);
}

static void
test_init_file(void **state)
{
	char path[256];
	struct child_pty p;
	FILE *f;

	(void)state;
	snprintf(path, sizeof(path), "%s/config/marsh/init.lua", home);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("print('from '..'init')\nerror 'but then'\n", f);
	fclose(f);
	set("TERM", "xterm");
	child_pty_open(&p, quiet, 24);
	child_pty_expect(&p, "from init");
	child_pty_expect(&p, "init.lua:2: but then");
	child_pty_expect(&p, "marsh> "); /* an error in it is not the end */
	child_pty_send(&p, "\004");
	assert_int_equal(child_pty_end(&p), 0);
	child_pty_free(&p);
	unlink(path);
}

/* A command of the user's own is one like all others. */
static void
test_users_command(void **state)
{
	char path[256];
	struct child_pty p;
	FILE *f;

	(void)state;
	snprintf(path, sizeof(path), "%s/config/marsh/init.lua", home);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("marsh.command { word = 'greet', help = 'Greet a node.',\n"
	    "  args = 'node node: whom to greet, [n number]',\n"
	    "  run = function(a) print(('hi '):rep(a.n or 1) .. a.node) end }\n"
	    "marsh.command { word = 'kill', help = 'x', run = print }\n", f);
	fclose(f);
	set("TERM", "xterm");
	child_pty_open(&p, quiet, 24);
	child_pty_expect(&p, "init.lua:4: word: 'kill' is a command of marsh");
	child_pty_expect(&p, "marsh> ");
	child_pty_send(&p, "load lab.one\r");
	child_pty_expect(&p, "s> ");
	child_pty_send(&p, "gree\tC2 3\r");
	child_pty_expect(&p, "\nhi hi hi C2\r\n");
	child_pty_send(&p, "greet ?");
	child_pty_expect(&p, "usage: greet NODE [N]");
	child_pty_expect(&p, "whom to greet: M1 C1 C2 C3");
	child_pty_expect(&p, "greet ");
	child_pty_send(&p, "M\t\r");
	child_pty_expect(&p, "\nhi M1\r\n");
	child_pty_send(&p, "greet M9\r");
	child_pty_expect(&p, "no node 'M9' (did you mean 'M1'?)");
	child_pty_send(&p, "help gre\r");
	child_pty_expect(&p, "Greet a node.");
	child_pty_expect(&p, "s> ");
	child_pty_send(&p, "\004");
	assert_int_equal(child_pty_end(&p), 0);
	child_pty_free(&p);
	unlink(path);
}

/* make_dir makes $home/|name|. */
static void
make_dir(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", home, name);
	assert_int_equal(mkdir(path, 0700), 0);
	if (strchr(name, '/') != NULL)
		return;
	setenv(strcmp(name, "state") == 0 ? "XDG_STATE_HOME"
					  : "XDG_CONFIG_HOME", path, 1);
}

static int
setup(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(home));
	setenv("HOME", home, 1);
	make_dir("state");
	make_dir("config");
	make_dir("config/marsh");
	unsetenv("PAGER");
	unsetenv("LANG");
	unsetenv("MARSH_SEED");
	return 0;
}

static int
teardown(void **state)
{
	static const char *const names[] = { "state/marsh/history",
		"state/marsh", "state", "config/marsh", "config", "." };
	char path[256];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "%s/%s", home, names[i]);
		if (i == 0)
			unlink(path);
		else
			rmdir(i == 5 ? home : path);
	}
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_terminal),
		cmocka_unit_test(test_history_file),
		cmocka_unit_test(test_terminal_vanishes),
		cmocka_unit_test(test_multi_line),
		cmocka_unit_test(test_tab_and_question),
		cmocka_unit_test(test_time_passes),
		cmocka_unit_test(test_pause_and_max),
		cmocka_unit_test(test_pager),
		cmocka_unit_test(test_watch),
		cmocka_unit_test(test_init_file),
		cmocka_unit_test(test_users_command),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
