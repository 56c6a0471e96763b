/* SPDX-License-Identifier: BSD-2-Clause */
/* The history file: where it is, what it holds, whose it is. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "repl/repl_int.h"

static char home[] = "/tmp/marsh-hist-XXXXXX";

static char *
path(const char *name)
{
	static char buf[256];

	snprintf(buf, sizeof(buf), "%s/%s", home, name);
	return buf;
}

static void
add(const char *line)
{
	struct repl_hist *h = repl_hist_open();

	assert_non_null(h);
	repl_hist_add(h, line);
	repl_hist_close(h);
}

static size_t
count(void)
{
	struct repl_hist *h = repl_hist_open();
	size_t n = repl_hist_count(h);

	repl_hist_close(h);
	return n;
}

static void
test_where(void **state)
{
	struct stat st;

	(void)state;
	setenv("HOME", path("home"), 1);
	unsetenv("XDG_STATE_HOME");
	assert_int_equal(mkdir(path("home"), 0700), 0);
	add("one");
	assert_int_equal(stat(path("home/.local/state/marsh/history"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(stat(path("home/.local/state/marsh"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	/* the XDG rules: a relative path counts for nothing */
	setenv("XDG_STATE_HOME", "relative", 1);
	assert_int_equal(count(), 1);
	setenv("XDG_STATE_HOME", path("state"), 1);
	assert_int_equal(count(), 0);
	add("two");
	assert_int_equal(stat(path("state/marsh/history"), &st), 0);
	/* nowhere to keep it: kept in memory */
	unsetenv("XDG_STATE_HOME");
	unsetenv("HOME");
	add("three");
	assert_int_equal(count(), 0);
	setenv("XDG_STATE_HOME", path("state"), 1);
}

static void
test_what(void **state)
{
	struct repl_hist *h, *other;

	(void)state;
	unlink(path("state/marsh/history"));
	h = repl_hist_open();
	repl_hist_add(h, "one");
	repl_hist_add(h, "one");
	repl_hist_add(h, " secret");
	repl_hist_add(h, "");
	repl_hist_add(h, "two\nlines");
	repl_hist_add(h, "two");
	repl_hist_add(h, "one");
	assert_int_equal(repl_hist_count(h), 3);
	/* two sessions at once: neither loses a line */
	other = repl_hist_open();
	assert_int_equal(repl_hist_count(other), 3);
	repl_hist_add(other, "from the other");
	repl_hist_add(h, "from this");
	repl_hist_close(h);
	repl_hist_close(other);
	h = repl_hist_open();
	assert_int_equal(repl_hist_count(h), 5);
	assert_string_equal(repl_hist_line(h, 2), "one");
	assert_string_equal(repl_hist_line(h, 3), "from the other");
	assert_string_equal(repl_hist_line(h, 4), "from this");
	repl_hist_close(h);
}

static void
test_long_file_is_cut(void **state)
{
	struct repl_hist *h;
	struct stat st;
	FILE *f;

	(void)state;
	f = fopen(path("state/marsh/history"), "w");
	assert_non_null(f);
	for (int i = 1; i <= 10001; i++)
		fprintf(f, "line %d\n", i);
	fclose(f);
	h = repl_hist_open();
	assert_int_equal(repl_hist_count(h), 5000);
	assert_string_equal(repl_hist_line(h, 0), "line 5002");
	assert_string_equal(repl_hist_line(h, 4999), "line 10001");
	repl_hist_close(h);
	assert_int_equal(count(), 5000);
	assert_int_equal(stat(path("state/marsh/history"), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

/* What lies in its place but is no file of ours is left alone. */
static void
test_no_plain_file(void **state)
{
	char target[256];
	struct stat st;
	FILE *f;

	(void)state;
	unlink(path("state/marsh/history"));
	snprintf(target, sizeof(target), "%s", path("target"));
	f = fopen(target, "w");
	assert_non_null(f);
	fputs("precious\n", f);
	fclose(f);
	assert_int_equal(symlink(target, path("state/marsh/history")), 0);
	add("one");
	assert_int_equal(count(), 0);
	assert_int_equal(stat(target, &st), 0);
	assert_int_equal(st.st_size, 9);
	unlink(path("state/marsh/history"));
	unlink(target);
	assert_int_equal(mkfifo(path("state/marsh/history"), 0600), 0);
	add("one"); /* would block for ever */
	unlink(path("state/marsh/history"));
}

static int
setup(void **state)
{
	(void)state;
	return mkdtemp(home) == NULL ? -1 : 0;
}

static int
teardown(void **state)
{
	static const char *const names[] = { "state/marsh", "state",
		"home/.local/state/marsh", "home/.local/state", "home/.local",
		"home" };

	(void)state;
	unlink(path("state/marsh/history"));
	unlink(path("home/.local/state/marsh/history"));
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		rmdir(path(names[i]));
	return rmdir(home);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_where),
		cmocka_unit_test(test_what),
		cmocka_unit_test(test_long_file_is_cut),
		cmocka_unit_test(test_no_plain_file),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
