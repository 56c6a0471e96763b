/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * marsh attach and --listen: what they do, and for whom.
 */
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "attach_rig.h"

/* ---- marsh attach ----------------------------------------------------------------- */

static void
test_codes(void **state)
{
	(void)state;
	session_open();
	attach(0, "-e", "x = 20", "-e", "x + 1", "-e", "print 'secret'", NULL);
	prints("21\nsecret\n", "");
	attach(0, "-e", "load lab.one", "-e", "show members M1 | count", NULL);
	assert_non_null(strstr(r.out, "\n3\n"));
	/* the first error is the last that happens */
	attach(3, "-e", "kill M9", "-e", "print 'not this'", NULL);
	prints("", "marsh: kill: no node 'M9' (did you mean 'M1'?); "
	    "there are M1, C1, C2, C3\n");
	attach(3, "-e", "print 'a' error 'oh'", NULL);
	prints("a\n", "marsh: oh\n");
	attach(3, "-e", "for i = 1, 2 do", NULL);
	prints("", "marsh: -e: the statement does not end\n");
	attach(0, "--execute", "io.stderr:write 'aside\\n' return nil", NULL);
	prints("", "aside\n");
	attach(0, "-e", "io.read()", NULL); /* not of the session's keys */
	prints("nil\n", "");
	/* this ends the attachment, not the session */
	attach(0, "-e", "quit", "-e", "print 'not this'", NULL);
	prints("", "");
	attach(3, "-e", "watch seed", NULL);
	attach(3, "-e", "dashboard", NULL);
	assert_non_null(strstr(r.err, "no dashboard yet"));
	still_there();
	assert_null(strstr(session.buf, "secret"));
	assert_null(strstr(session.buf, "oh"));
	assert_null(strstr(session.buf, "M9"));
	session_close();
}

/* Expectations are judged for who asks, and for the session in the end. */
static void
test_expectations(void **state)
{
	(void)state;
	session_open();
	attach(0, "-e", "expect(1):is(1, 'one')", NULL);
	assert_non_null(strstr(r.out, "ok 1 - one\n"));
	attach(1, "-e", "expect(1):is(2, 'two')", "-e", "print 'this'", NULL);
	assert_non_null(strstr(r.out, "not ok 2 - two\n"));
	assert_non_null(strstr(r.out, "\nthis\n"));
	attach(3, "-e", "expect(1):is(2)", "-e", "error 'oh'", NULL);
	attach(0, "-e", "expect(2):is(2, 'others are others')", NULL);
	child_pty_send(&session, "quit\r");
	child_pty_expect(&session, "1..4");
	assert_int_equal(child_pty_end(&session), 1);
	child_pty_free(&session);
}

/* watch_until_told watches at |p| what is fine until somebody attaches. */
static void
watch_until_told(struct child_pty *p)
{
	child_pty_send(p, "watch assert(not rawget(_G, 'halt'), 'it '..'is')"
	    "\r");
	child_pty_expect(p, "a key ends it");
	attach(0, "-e", "halt = true", NULL);
	child_pty_expect(p, "it is");
	child_pty_expect(p, "> ");
}

/* What is set at one end is set at the other: one session. */
static void
test_one_session(void **state)
{
	(void)state;
	session_open();
	attach(0, "-e", "load lab.one", NULL);
	attach(0, "-e", "pause", NULL);
	child_pty_send(&session, "y = 'typed'\r");
	child_pty_expect(&session, "paused> ");
	attach(0, "-e", "y", NULL);
	prints("typed\n", "");
	attach(0, "-e", "resume", "-e", "speed max", NULL);
	child_pty_send(&session, "speed\r");
	child_pty_expect(&session, "speed max:");
	/* a command that is watched shares its waiting too */
	watch_until_told(&session);
	session_close();
}

static void
test_misuse(void **state)
{
	const char *none[] = { "marsh", "attach", NULL };

	(void)state;
	child_run_free(&r);
	child_run(&r, none, NULL, dir);
	assert_int_equal(r.status, 2);
	assert_non_null(strstr(r.err, "path of a session's socket is missing"));
	attach(2, "-e", NULL);
	assert_non_null(strstr(r.err, "an argument is missing behind: -e"));
	attach(2, "-x", NULL);
	assert_non_null(strstr(r.err, "attach takes a path and -e CODE"));
	attach(2, "dashboard", NULL);
	assert_non_null(strstr(r.err, "no dashboard yet"));
	attach(4, "-e", "x", NULL);
	assert_non_null(strstr(r.err, "No such file or directory"));
}

/* await_go waits until somebody opens the pipe "go" for writing. */
static void
await_go(void)
{
	char name[64], c;
	int fd;

	snprintf(name, sizeof(name), "%s/go", dir);
	fd = open(name, O_RDONLY);
	assert_true(fd >= 0);
	assert_int_equal(read(fd, &c, 1), 0);
	close(fd);
}

static void
test_interactive(void **state)
{
	const char *argv[] = { "marsh", "attach", path, NULL };
	struct child_pty p;

	(void)state;
	session_open();
	setenv("TERM", "xterm", 1);
	child_pty_open(&p, argv, 24);
	child_pty_expect(&p, "attached to ");
	child_pty_expect(&p, "marsh> ");
	child_pty_send(&p, "loa\t lab.on\t\r");
	child_pty_expect(&p, "s> ");
	child_pty_send(&p, "pause\r");
	child_pty_expect(&p, "paused> ");
	child_pty_send(&p, "kill ?");
	child_pty_expect(&p, "the node to crash: M1 C1 C2 C3");
	child_pty_expect(&p, "kill ");
	child_pty_send(&p, "M\t\r");
	child_pty_expect(&p, "M1 is dead");
	child_pty_expect(&p, "paused> ");
	child_pty_send(&p, "C1.hs\t\r");
	child_pty_expect(&p, "\n3\r\n");
	child_pty_expect(&p, "paused> ");
	child_pty_send(&p, "for i = 1, 2 do\r");
	child_pty_expect(&p, ">> ");
	child_pty_send(&p, "print(i * 11) end\r");
	child_pty_expect(&p, "\n11\r\n22\r\n");
	child_pty_expect(&p, "paused> ");
	watch_until_told(&p);
	child_pty_send(&p, "nosuch M1\r");
	child_pty_expect(&p, "no command 'nosuch'");
	child_pty_expect(&p, "paused> ");
	child_pty_send(&p, "io.open('go', 'w'):close() while true do end\r");
	await_go();
	child_pty_send(&p, "\003");
	child_pty_expect(&p, "interrupted");
	child_pty_expect(&p, "paused> ");
	child_pty_send(&p, "\004");
	assert_int_equal(child_pty_end(&p), 0);
	child_pty_free(&p);
	setenv("TERM", "dumb", 1);
	still_there();
	session_close();
}

/* The session's end is the end of all who are attached. */
static void
test_session_ends(void **state)
{
	const char *argv[] = { "marsh", "-q", "attach", path, NULL };
	struct child_pty p;

	(void)state;
	session_open();
	child_pty_open(&p, argv, 24);
	child_pty_expect(&p, "marsh> ");
	session_close();
	child_pty_expect(&p, "the session has ended");
	assert_int_equal(child_pty_end(&p), 4);
	child_pty_free(&p);
	/* in the middle of a request, and with the name removed all the same */
	session_open();
	attach(4, "-e", "os.exit(5)", NULL);
	prints("", "marsh: the session has ended\n");
	assert_int_equal(child_pty_end(&session), 5);
	child_pty_free(&session);
	assert_int_equal(access(path, F_OK), -1);
}

/* A script in real time shares its waiting, also when it says nothing else. */
static void
test_script_in_real_time(void **state)
{
	static const char code[] = "net = fabric { clock = 'real' } done = false"
	    " print 'ready' run_until(function() return done end)"
	    " print(type(net.now), x)";
	const char *argv[] = { "marsh", "-q", "-l", path, "-e", code, NULL };

	(void)state;
	child_pty_open(&session, argv, 24);
	child_pty_expect(&session, "ready\r\n");
	attach(0, "-e", "x = 5", "-e", "run_for(0.02)", "-e", "net.clock",
	    NULL);
	assert_non_null(strstr(r.out, "real\n"));
	attach(3, "-e", "error 'not yours'", NULL);
	/* another net becomes the current one; the old one must not go */
	attach(0, "-e", "old = net.now net = fabric {}", "-e",
	    "collectgarbage() collectgarbage() print(net.now)", NULL);
	attach(0, "-e", "done = true", NULL);
	child_pty_expect(&session, "number\t5");
	assert_int_equal(child_pty_end(&session), 0);
	child_pty_free(&session);
	/* what it waits for is taken away */
	child_pty_open(&session, argv, 24);
	child_pty_expect(&session, "ready\r\n");
	attach(0, "-e", "net:close()", NULL);
	child_pty_expect(&session, "this net was closed while it ran");
	assert_int_equal(child_pty_end(&session), 3);
	child_pty_free(&session);
	assert_int_equal(access(path, F_OK), -1);
}

/* ---- the name ----------------------------------------------------------------------- */

static void
listens(int status, const char *at, const char *err)
{
	const char *argv[] = { "marsh", "-l", at, "-e", "print 'ran'", NULL };

	child_run_free(&r);
	child_run(&r, argv, NULL, dir);
	assert_int_equal(r.status, status);
	assert_string_equal(r.out, status == 0 ? "ran\n" : "");
	if (strstr(r.err, err) == NULL)
		fail_msg("wanted '%s', found '%s'", err, r.err);
}

static void
test_name(void **state)
{
	char longer[200];
	struct stat st;
	mode_t mask = umask(0);
	FILE *f;

	(void)state;
	session_open();
	umask(mask);
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISSOCK(st.st_mode));
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(st.st_nlink, 1);
	listens(4, path, "another session does\nhint: 'marsh attach ");
	still_there();
	/* a session that had no time to remove it */
	kill(session.pid, SIGKILL);
	child_pty_free(&session);
	assert_int_equal(access(path, F_OK), 0);
	attach(4, "-e", "x", NULL);
	assert_non_null(strstr(r.err, "has ended"));
	listens(0, path, "");
	assert_int_equal(access(path, F_OK), -1);
	/* what is no socket is not touched */
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("mine", f);
	fclose(f);
	listens(4, path, "exists and is no socket");
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 4);
	unlink(path);
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	listens(4, longer, "File name too long");
	listens(4, "", "No such file");
	listens(4, "/nonexistent/x", "No such file");
}

/* The name of another who has replaced ours is not ours to remove. */
static void
test_name_replaced(void **state)
{
	struct stat st;
	FILE *f;

	(void)state;
	session_open();
	unlink(path);
	f = fopen(path, "w");
	assert_non_null(f);
	fclose(f);
	child_pty_send(&session, "quit\r");
	assert_int_equal(child_pty_end(&session), 0);
	child_pty_free(&session);
	assert_int_equal(stat(path, &st), 0);
	unlink(path);
}

/* ---- other users ----------------------------------------------------------------------- */

/* as_nobody runs |fn| in a child of another user; returns its exit status. */
static int
as_nobody(int (*fn)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(setgid(65534) != 0 || setuid(65534) != 0 ? 99 : fn());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}

/* 0: connected, and got not one octet. */
static int
greet_quietly(void)
{
	struct pollfd p = { connect_to(path), POLLIN, 0 };
	char c;

	if (p.fd < 0)
		return 1;
	(void)send(p.fd, "\0\0\0\3H\1\0", 7, MSG_NOSIGNAL);
	if (poll(&p, 1, CHILD_LIMIT * 500) != 1)
		return 2;
	return recv(p.fd, &c, 1, 0) > 0 ? 3 : 0;
}

static int
connect_only(void)
{
	return connect_to(path) < 0 ? 0 : 1;
}

static void
test_other_users(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	session_open();
	assert_int_equal(chmod(dir, 0711), 0);
	assert_int_equal(as_nobody(connect_only), 0); /* its mode */
	assert_int_equal(chmod(path, 0666), 0);
	assert_int_equal(as_nobody(greet_quietly), 0); /* its owner */
	still_there();
	chmod(dir, 0700);
	session_close();
}

/* 0: somebody connected and left again without a word. */
static int
pose_as_session(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct pollfd p = { socket(AF_UNIX, SOCK_STREAM, 0), POLLIN, 0 };
	char c;

	snprintf(a.sun_path, sizeof(a.sun_path), "%s", path);
	umask(0);
	if (bind(p.fd, (struct sockaddr *)&a, sizeof(a)) != 0
	    || listen(p.fd, 1) != 0 || write(1, "", 1) != 1)
		return 1;
	if (poll(&p, 1, CHILD_LIMIT * 500) != 1)
		return 2;
	p.fd = accept(p.fd, NULL, NULL);
	return recv(p.fd, &c, 1, 0) > 0 ? 3 : 0;
}

static void
test_session_of_another(void **state)
{
	int ready[2], status;
	pid_t pid;
	char c;

	(void)state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(chmod(dir, 0777), 0);
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(ready[1], 1);
		_exit(setgid(65534) != 0 || setuid(65534) != 0 ? 99
							 : pose_as_session());
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	attach(4, "-e", "secret", NULL);
	assert_non_null(strstr(r.err, "is another user's"));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	unlink(path);
	chmod(dir, 0700);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_codes),
		cmocka_unit_test(test_expectations),
		cmocka_unit_test(test_one_session),
		cmocka_unit_test(test_misuse),
		cmocka_unit_test(test_interactive),
		cmocka_unit_test(test_session_ends),
		cmocka_unit_test(test_script_in_real_time),
		cmocka_unit_test(test_name),
		cmocka_unit_test(test_name_replaced),
		cmocka_unit_test(test_other_users),
		cmocka_unit_test(test_session_of_another),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
