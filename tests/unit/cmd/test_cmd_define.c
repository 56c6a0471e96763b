/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows that users write as text: what they mean, and what is wrong with them. */
#include "cmd_fake.h"

#include "marsh/base/err.h"

static struct fake f;

static void
defines(const char *args)
{
	if (cmd_define("greet", args, "Greet a node.", "greet C1", f.why,
	    sizeof(f.why)) != 0)
		fail_msg("'%s': %s", args, f.why);
}

/* wrong: |args| make no row, for a reason that has |want| in it. */
static void
wrong(const char *args, const char *want)
{
	f.why[0] = '\0';
	if (cmd_define("greet", args, "Greet a node.", NULL, f.why,
	    sizeof(f.why)) == 0)
		fail_msg("'%s' is taken", args);
	if (strncmp(f.why, "args: ", 6) != 0 || strstr(f.why, want) == NULL)
		fail_msg("'%s': wanted '%s', found '%s'", args, want, f.why);
}

static void
tells(const char *line, const char *want)
{
	if (fake_run(&f, line) != CMD_OK)
		fail_msg("%s: %s", line, f.why);
	assert_string_equal(f.told, want);
}

static void
test_parts(void **state)
{
	struct sbuf b = { 0 };

	(void)state;
	defines("node node: whom to greet, [n number: how often], to, "
	    "[back secs time], [loud], [how choice(hot|cold)]");
	tells("gre C1 3 to", "greet node=C1 n=3");
	tells("greet C1 to cold back 2m loud",
	    "greet node=C1 how=cold secs=120 loud=loud");
	assert_int_equal(fake_run(&f, "greet C1"), CMD_ERROR);
	assert_non_null(strstr(f.why, "here may stand: N or to"));
	assert_int_equal(fake_run(&f, "greet C9 to"), CMD_ERROR);
	assert_non_null(strstr(f.why, "no node 'C9'"));
	assert_string_equal(fake_offers(&f, "greet C"), "C1 C2 C3 ");
	assert_string_equal(fake_offers(&f, "greet C1 to h"), "hot ");
	assert_string_equal(fake_offers(&f, "gre"), "greet ");
	assert_int_equal(cmd_help("greet", &b), 0);
	assert_non_null(strstr(b.s, "usage: greet NODE [N] to [back SECONDS] "
	    "[loud] [hot|cold]\n"));
	assert_non_null(strstr(b.s, "whom to greet\n"));
	b.len = 0;
	cmd_help_at(&f.host, "greet ", &b);
	assert_non_null(strstr(b.s, "whom to greet: M1 M2 C1 C2 C3\n"));
	sbuf_free(&b);
}

/* Every kind under its name, in either case, and as its own key. */
static void
test_kinds(void **state)
{
	(void)state;
	defines("a NODES, b Server, c client, group, op");
	tells("greet C1,C2 M1 C1 224.1.1.1 join",
	    "greet a=C1,C2 b=M1 c=C1 group=224.1.1.1 op=JOIN");
	defines("number, time, prob, file, rest");
	tells("greet 3 500ms 0.5 /etc/x all of  it",
	    "greet number=3 time=0.5 prob=0.5 file=/etc/x rest=all of  it");
	defines("from a node, [to b node]");
	tells("greet from C1 to C2", "greet a=C1 b=C2");
	defines("  ");
	tells("greet", "greet");
	defines(NULL);
	tells("greet", "greet");
	defines("[ n number ]");
	tells("greet 4", "greet n=4");
}

static void
test_wrong_args(void **state)
{
	(void)state;
	wrong("node nod", "'nod' is no kind of argument (did you mean 'node'?)"
	    "; there are node, nodes, ");
	wrong("x node(a)", "'node(a)' is no kind");
	wrong("[node node", "'[node node' lacks a bracket");
	wrong("node node]", "lacks a bracket");
	wrong("a node,, b node", "nothing stands between");
	wrong("a node,", "nothing stands between");
	wrong("[]", "args: ");
	wrong("a rest, b node", "'b' stands behind a rest");
	wrong("a node, a group", "'a' is there twice");
	wrong("[a], a group", "'a' is there twice");
	wrong("end node", "'end' is no name for a value");
	wrong("a-b node", "'a-b' is no name for a value");
	wrong("a b c node", "more than three words");
	wrong("to to to to node", "more than three words");
	wrong("a choice", "'choice' is written choice(a|b)");
	wrong("a choice(", "is written choice(a|b)");
	wrong("a choice()", "is written choice(a|b)");
	wrong("a choice(x|)", "is written choice(a|b)");
	wrong("a choice(|x)", "is written choice(a|b)");
	wrong("a choice(x)y", "is written choice(a|b)");
	wrong("\"x\"", "is no word of a line");
	wrong("a node, b node, c node, d node, e node, f node, g node, h node,"
	    " i node", "there are too many");
	wrong("a\033 node", "\\");
	assert_null(strchr(f.why, 27));
}

/* texts: |word| and |help| make no row, and |want| says so. */
static void
texts(const char *word, const char *help, const char *want)
{
	f.why[0] = '\0';
	assert_int_equal(cmd_define(word, NULL, help, NULL, f.why,
	    sizeof(f.why)), -1);
	if (strncmp(f.why, want, strlen(want)) != 0)
		fail_msg("wanted '%s', found '%s'", want, f.why);
}

static void
test_wrong_texts(void **state)
{
	(void)state;
	texts("two words", "Help.", "word: 'two words' is no word");
	texts("", "Help.", "word: '' is no word");
	texts("local", "Help.", "word: 'local' is no word");
	texts("a2345678901234567890123456789012", "Help.", "word: 'a234");
	texts("kill", "Help.", "word: 'kill' is a command of marsh itself");
	texts("elect", "Help.", "word: 'elect' is a command of marsh itself");
	texts("greet", "", "help: says nothing");
	texts("greet", "Two\nlines.", "help: is to be one line");
	assert_int_equal(cmd_define("greet", NULL, "Help.", "a\nb", f.why,
	    sizeof(f.why)), -1);
	assert_string_equal(f.why, "example: is to be one line");
}

/* A word told again is the new one; what was wrong changes nothing. */
static void
test_again(void **state)
{
	size_t n, m;

	(void)state;
	defines("node");
	cmd_rows(&n);
	defines("group");
	cmd_rows(&m);
	assert_int_equal(n, m);
	tells("greet 224.1.1.1", "greet group=224.1.1.1");
	wrong("a nod", "no kind");
	tells("greet 224.1.1.1", "greet group=224.1.1.1");
	assert_int_equal(cmd_remove("kill"), MARSH_ENOENT);
	assert_int_equal(cmd_remove("greet"), 0);
	assert_int_equal(cmd_remove("greet"), MARSH_ENOENT);
	cmd_rows(&m);
	assert_int_equal(n, m + 1);
	assert_int_equal(fake_run(&f, "greet C1"), CMD_ERROR);
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
	cmd_reset();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_wrong_args),
		cmocka_unit_test(test_wrong_texts),
		cmocka_unit_test(test_again),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
