/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line: options, exit statuses, messages, and what is not run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "child.h"

static char dir[] = "/tmp/marsh-cli-XXXXXX";
static struct child_run r;

/* run runs marsh with up to nine arguments, NULL-terminated. */
static void
run(const char *in, const char *a1, ...)
{
	const char *argv[12] = { "marsh", a1 };
	va_list ap;

	va_start(ap, a1);
	for (size_t n = 2; n < 11 && argv[n - 1] != NULL; n++)
		argv[n] = va_arg(ap, const char *);
	va_end(ap);
	child_run_free(&r);
	child_run(&r, argv, in, dir);
}

static void
write_file(const char *name, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void
remove_file(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if (unlink(path) != 0)
		rmdir(path);
}

/* These check the last run. */
static void
ends(int status)
{
	if (r.status != status)
		fail_msg("status %d, wanted %d\n%s%s", r.status, status, r.out,
		    r.err);
}

static void
says(const char *text)
{
	if (strstr(r.err, text) == NULL)
		fail_msg("wanted '%s' on stderr, found '%s'", text, r.err);
}

static void
prints(const char *text)
{
	assert_string_equal(r.out, text);
}

static void
test_help_and_version(void **state)
{
	(void)state;
	run(NULL, "--help", NULL);
	ends(0);
	assert_non_null(strstr(r.out, "usage: marsh [options] [script.lua"));
	assert_string_equal(r.err, "");
	run(NULL, "-V", NULL);
	ends(0);
	assert_int_equal(strncmp(r.out, "marsh ", 6), 0);
}

static void
test_misuse_is_2(void **state)
{
	(void)state;
	run(NULL, "--nonsense", NULL);
	ends(2);
	says("marsh: no such option: --nonsense");
	run(NULL, "-e", NULL);
	ends(2);
	says("an argument is missing");
	run(NULL, "--seed", "x", NULL);
	ends(2);
	says("--seed takes a whole number, not: x");
	run(NULL, "-s", "1x", NULL);
	ends(2);
	run(NULL, "-x", "fast", NULL);
	ends(2);
	says("--speed takes a number or max");
	run(NULL, "--color", "blue", NULL);
	ends(2);
	run(NULL, "-b", "tcp", NULL);
	ends(2);
	setenv("MARSH_SEED", "many", 1);
	run(NULL, "-e", "x = 1", NULL);
	ends(2);
	says("MARSH_SEED");
	unsetenv("MARSH_SEED");
}

static void
test_no_atm_is_4(void **state)
{
	(void)state;
	run(NULL, "-b", "atm", "-e", "print(1)", NULL);
	ends(4);
	prints("");
	says("AF_ATMSVC");
	says("in-process fabric");
	run(NULL, "--bind", "fabric", "-e", "print(1)", NULL);
	ends(0);
	prints("1\n");
}

static void
test_code(void **state)
{
	(void)state;
	run(NULL, "-e", "x = 20", "-e", "print(x + 1)", NULL);
	ends(0);
	prints("21\n");
	run(NULL, "-e", "error 'oh'", "-e", "print 'not this'", NULL);
	ends(3);
	prints("");
	says("marsh: -e:1: oh");
	run(NULL, "-e", "x = = 1", NULL);
	ends(3);
	says("marsh: -e:1: ");
	/* commands too */
	run(NULL, "-q", "-e", "load lab.one", "-e", "seed", NULL);
	ends(0);
	assert_non_null(strstr(r.out, "1\n"));
	run(NULL, "-e", "load lab.one", "-e", "kill M9", NULL);
	ends(3);
	says("marsh: -e:1: kill: no node 'M9' (did you mean 'M1'?)");
}

/* Of the commands about SCSP too, what is wrong says so and ends the run. */
static void
test_scsp(void **state)
{
	static const struct {
		const char *line, *says;
	} v[] = {
		{ "put A", "marsh: -e:1: put: " },
		{ "put A k", "marsh: -e:1: put: " },
		{ "put Z k v", "marsh: -e:1: put: no SCSP server 'Z'; there are "
		    "A, B" },
		{ "put R k v", "marsh: -e:1: put: no SCSP server 'R'" },
		{ "remove A k", "marsh: -e:1: remove: A has no such "
		    "entry of its own" },
		{ "solicit A B k", "marsh: -e:1: solicit: A has no link with "
		    "B" },
		{ "solicit A A k", "marsh: -e:1: solicit: " },
		{ "show scsp R", "marsh: -e:1: show: R is a bare port" },
		{ "show scps", "marsh: -e:1: show: 'scps' is no topic of show "
		    "(did you mean 'scsp'?)" },
		{ "loss CSU_REG", "marsh: -e:1: loss: 'CSU_REG' is no message "
		    "type (did you mean 'CSU_REQ'?)" },
		{ "until A Activ", "marsh: -e:1: 'Activ' is no role" },
		{ "until A Active", "marsh: -e:1: 'Active' is for a server, A "
		    "is an SCSP server" },
		{ "until R Aligned", "marsh: -e:1: 'Aligned' is for an SCSP "
		    "server, R is a bare port" },
	};
	char path[300];

	(void)state;
	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++) {
		run(NULL, "-e", "scsp.server 'A' {} scsp.server 'B' {} "
		    "net:raw 'R'", "-e", v[i].line, NULL);
		ends(3);
		if (strstr(r.err, v[i].says) == NULL)
			fail_msg("%s: %s", v[i].line, r.err);
	}
	snprintf(path, sizeof(path), "scsp.server('A', { id = 1 })"
	    " scsp.server('B', { id = 1 })");
	run(NULL, "-e", path, NULL);
	ends(3);
	says("marsh: -e:1: id: 'A' has that ID in this server group");
	run(NULL, "-e", "scsp.server 'A' {} scsp.server 'B' {} "
	    "scsp.mesh { A, B } settle()", "-e", "put A k v w", "-e", "run 1",
	    "-e", "show cache B", NULL);
	ends(0);
	assert_non_null(strstr(r.out, "v w"));
}

static void
test_script(void **state)
{
	(void)state;
	write_file("s.lua", "print(arg[0], #arg, arg[1], ...)\n");
	run(NULL, "s.lua", "-x", "b c", NULL);
	ends(0);
	prints("s.lua\t2\t-x\t-x\tb c\n");
	write_file("s.lua", "\n\nlocal x = nil + 1\n");
	run(NULL, "s.lua", NULL);
	ends(3);
	says("marsh: s.lua:3: attempt to perform arithmetic on a nil value");
	write_file("s.lua", "print(1\n");
	run(NULL, "s.lua", NULL);
	ends(3);
	says("marsh: s.lua:2: ");
	run(NULL, "nosuch.lua", NULL);
	ends(3);
	says("marsh: nosuch.lua: No such file or directory");
	remove_file("s.lua");
}

static void
test_expectations(void **state)
{
	(void)state;
	run(NULL, "-e", "expect(1):is(1, 'one is one')", NULL);
	ends(0);
	prints("ok 1 - one is one\n1..1\n");
	run(NULL, "-e", "expect(1):is(2, 'one is two')", NULL);
	ends(1);
	assert_int_equal(strncmp(r.out, "not ok 1 - one is two\n", 22), 0);
	assert_non_null(strstr(r.out, "\n1..1\n"));
	/* an error weighs more than a failed expectation */
	run(NULL, "-e", "expect(1):is(2) error 'x'", NULL);
	ends(3);
}

static void
test_stdin(void **state)
{
	(void)state;
	run("1+1\nx = {\n1,\n2}\n#x\nprint(x[2])\n", NULL, NULL);
	ends(0);
	prints("2\n2\n2\n");
	run("#!/usr/bin/env marsh\nload lab.one\nshow members M1 | count\n",
	    "-q", NULL);
	ends(0);
	assert_non_null(strstr(r.out, "3\n"));
	assert_null(strchr(r.out, 27));
	/* it ends at the first error, and tells where */
	run("print(1)\n\nnil + 1\nprint(2)\n", "-", NULL);
	ends(3);
	prints("1\n");
	says("marsh: stdin:3: ");
	run("print(1)\nif x then\n  y = nil .. 1\nend\nz =\n nil + 1\n", NULL,
	    NULL);
	ends(3);
	run("print(1)\ny = function()\n  error 'deep'\nend\ny()\n", NULL, NULL);
	ends(3);
	says("marsh: stdin:3: deep");
	run("print(1)\nkill M1\nprint(2)\n", NULL, NULL);
	ends(3);
	prints("1\n");
	says("marsh: stdin:2: kill: there is no cluster yet");
	run("x = 1\nfor i = 1, 2 do\n", NULL, NULL);
	ends(3);
	says("marsh: stdin:2: the statement that begins here does not end");
	run("quit\nprint(1)\n", NULL, NULL);
	ends(0);
	prints("");
	run("watch seed\n", NULL, NULL);
	ends(3);
	says("only at the prompt");
	run("", NULL, NULL);
	ends(0);
	prints("");
	run("1+1", NULL, NULL); /* no newline at the end */
	prints("2\n");
}

static void
test_source(void **state)
{
	(void)state;
	write_file("in.marsh", "x = 5\nkill M1\n");
	write_file("in.lua", "print(x)\n");
	run("x = 4\nsource in.lua\nsource in.marsh\n", NULL, NULL);
	ends(3);
	prints("4\n");
	says("marsh: in.marsh:2: kill: ");
	write_file("in.marsh", "source in.marsh\n");
	run("source in.marsh\n", NULL, NULL);
	ends(3);
	says("files source one another");
	run("source nosuch\n", NULL, NULL);
	ends(3);
	says("marsh: stdin:1: source: nosuch: No such file or directory");
	remove_file("in.marsh");
	remove_file("in.lua");
}

static void
test_seed(void **state)
{
	(void)state;
	run(NULL, "-s", "77", "-e", "load lab.one", "-e", "seed", NULL);
	ends(0);
	assert_non_null(strstr(r.out, "77\n"));
	run(NULL, "-q", "-s", "-1", "-e",
	    "a = lab.one{}.net:hash()  fabric{ seed = -1 }"
	    " print(a == lab.one{ net = net }.net:hash())", NULL);
	ends(0);
	prints("true\n");
	run(NULL, "-s", "-", "-e", "print(1)", NULL);
	ends(2);
	setenv("MARSH_SEED", "78", 1);
	run(NULL, "-e", "load lab.one", "-e", "seed", NULL);
	assert_non_null(strstr(r.out, "78\n"));
	run(NULL, "-s", "79", "-e", "load lab.one", "-e", "seed", NULL);
	assert_non_null(strstr(r.out, "79\n"));
	unsetenv("MARSH_SEED");
}

static void
test_files_out(void **state)
{
	char path[256];
	struct stat st;

	(void)state;
	run(NULL, "-c", "x.pcap", "-j", "x.json", "-e", "lab.one{}", NULL);
	ends(0);
	snprintf(path, sizeof(path), "%s/x.pcap", dir);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size > 24);
	snprintf(path, sizeof(path), "%s/x.json", dir);
	assert_int_equal(stat(path, &st), 0);
	assert_true(st.st_size > 0);
	remove_file("x.pcap");
	remove_file("x.json");
	run(NULL, "-j", "/nonexistent/x", "-e", "print(1)", NULL);
	ends(3);
	prints("");
	says("/nonexistent/x");
	run(NULL, "-c", "/nonexistent/x", "-e", "print(1)", NULL);
	ends(3);
	prints("");
	says("cannot capture to /nonexistent/x");
	run(NULL, "-c", "none.pcap", "-e", "print(1)", NULL);
	ends(0);
	snprintf(path, sizeof(path), "%s/none.pcap", dir);
	assert_int_equal(stat(path, &st), -1);
	run("load lab.one\ncapture y.pcap\nrun 1\ncapture off\n", NULL, NULL);
	ends(0);
	snprintf(path, sizeof(path), "%s/y.pcap", dir);
	assert_int_equal(stat(path, &st), 0);
	remove_file("y.pcap");
}

/* Code that lies in the working directory is not ours to run. */
static void
test_nothing_from_here(void **state)
{
	static const char *const names[] = { "marsh.lua", "init.lua",
		"marsh/init.lua", "marsh/lab.lua", "marsh/commands.lua",
		"lua/marsh/init.lua", "lab.lua", "json.lua" };
	char path[256];

	(void)state;
	snprintf(path, sizeof(path), "%s/marsh", dir);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/lua", dir);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/lua/marsh", dir);
	mkdir(path, 0700);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		write_file(names[i], "io.stdout:write 'PWNED\\n'\n");
	run("load lab.one\nkill M1\nlab.one{}\n"
	    "print(pcall(require, 'json'))\n", "-q", NULL);
	ends(0);
	assert_null(strstr(r.out, "PWNED"));
	run(NULL, "-e", "print(pcall(require, 'lab'))", NULL);
	ends(0);
	assert_null(strstr(r.out, "PWNED"));
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		remove_file(names[i]);
	remove_file("lua/marsh");
	remove_file("lua");
	remove_file("marsh");
}

/* As many descriptors as the system gives: no loop over them, no table. */
static void
test_unlimited_descriptors(void **state)
{
	struct rlimit was, all, cpu = { 20, 20 };

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &was), 0);
	all = was;
	for (rlim_t n = 1 << 30; n > was.rlim_max; n /= 2) {
		all.rlim_cur = all.rlim_max = n;
		if (setrlimit(RLIMIT_NOFILE, &all) == 0)
			break;
	}
	all.rlim_cur = all.rlim_max;
	setrlimit(RLIMIT_NOFILE, &all);
	setrlimit(RLIMIT_CPU, &cpu);
	run("load lab.one\nprint(io.popen('echo hi'):read())\n", "-q", NULL);
	ends(0);
	assert_non_null(strstr(r.out, "hi\n"));
	assert_true(r.rss < 400 * 1024); /* sanitizers included */
	was.rlim_max = all.rlim_max;
	setrlimit(RLIMIT_NOFILE, &was);
}

static void
test_init_file_is_for_the_prompt(void **state)
{
	char path[256];

	(void)state;
	setenv("XDG_CONFIG_HOME", dir, 1);
	snprintf(path, sizeof(path), "%s/marsh", dir);
	mkdir(path, 0700);
	write_file("marsh/init.lua", "print 'from init'\n");
	run("print(1)\n", NULL, NULL);
	prints("1\n");
	run(NULL, "-e", "print(2)", NULL);
	prints("2\n");
	run("print(3)\n", "-i", NULL);
	ends(0);
	assert_non_null(strstr(r.out, "from init\n"));
	assert_non_null(strstr(r.out, "3\n"));
	remove_file("marsh/init.lua");
	remove_file("marsh");
	unsetenv("XDG_CONFIG_HOME");
}

/* whole tells whether a pcap file of |len| octets ends behind a record. */
static bool
whole(const unsigned char *b, size_t len)
{
	bool big = b[0] == 0xa1;
	size_t at = 24;

	while (at + 16 <= len)
		at += 16 + (size_t)(big ? b[at + 10] << 8 | b[at + 11]
					: b[at + 9] << 8 | b[at + 8]);
	return at == len;
}

/* A capture that cannot grow ends; the shell goes on, the file is readable. */
static void
test_full_disk(void **state)
{
	static unsigned char b[8192];
	struct rlimit was, small;
	char path[256];
	size_t len;
	FILE *f;

	(void)state;
	snprintf(path, sizeof(path), "%s/z.pcap", dir);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	small = was;
	small.rlim_cur = 2048;
	setrlimit(RLIMIT_FSIZE, &small);
	run("load lab.one\nflow C1 224.1.1.1 100\nrun 60\nprint 'on'\n", "-q",
	    "-c", "z.pcap", NULL);
	setrlimit(RLIMIT_FSIZE, &was);
	ends(3); /* what was asked for is not all there */
	says("capture: it ends here: File too large");
	assert_non_null(strstr(r.out, "on\n"));
	f = fopen(path, "rb");
	assert_non_null(f);
	len = fread(b, 1, sizeof(b), f);
	fclose(f);
	assert_true(len > 2048 - 200 && len <= 2048); /* as much as fits */
	assert_true(whole(b, len));
	remove_file("z.pcap");
	run(NULL, "-c", "/nonexistent/x", "-e", "lab.one{} print 'on'", NULL);
	ends(3);
	says("/nonexistent/x");
	says("No such file");
	run(NULL, "-q", "-j", "/dev/full", "-e", "lab.one{} print 'on'", NULL);
	ends(3);
	says("/dev/full: events are lost: No space left");
}

/* Output of scripts is not escaped, errors about them are. */
static void
test_escapes(void **state)
{
	(void)state;
	run("kill \033[2JM1\nx\n", NULL, NULL);
	ends(3);
	assert_null(strchr(r.err, 27));
	run(NULL, "-e", "error '\033]0;title\007'", NULL);
	ends(3);
	assert_null(strchr(r.err, 27));
	assert_null(strchr(r.err, 7));
	run(NULL, "\033[31m", NULL);
	ends(3);
	assert_null(strchr(r.err, 27));
}

static int
setup(void **state)
{
	static const char *const names[] = { "MARSH_SEED", "XDG_CONFIG_HOME",
		"XDG_STATE_HOME", "LUA_PATH", "LUA_INIT", "NO_COLOR" };

	(void)state;
	assert_non_null(mkdtemp(dir));
	setenv("HOME", dir, 1);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		unsetenv(names[i]);
	(void)child_marsh();
	return 0;
}

static int
teardown(void **state)
{
	static const char *const names[] = { ".local/state/marsh/history",
		".local/state/marsh", ".local/state", ".local" };

	(void)state;
	child_run_free(&r);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		remove_file(names[i]);
	return rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_help_and_version),
		cmocka_unit_test(test_misuse_is_2),
		cmocka_unit_test(test_no_atm_is_4),
		cmocka_unit_test(test_code),
		cmocka_unit_test(test_scsp),
		cmocka_unit_test(test_script),
		cmocka_unit_test(test_expectations),
		cmocka_unit_test(test_stdin),
		cmocka_unit_test(test_source),
		cmocka_unit_test(test_seed),
		cmocka_unit_test(test_files_out),
		cmocka_unit_test(test_nothing_from_here),
		cmocka_unit_test(test_unlimited_descriptors),
		cmocka_unit_test(test_init_file_is_for_the_prompt),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_escapes),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
