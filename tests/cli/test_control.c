/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The control socket from outside: sockets of our own that speak the protocol
 * well, badly, or not at all.
 */
#include "attach_rig.h"

#define PEERS_MAX 16 /* how many the session lets attach */

struct raw {
	int fd;
	unsigned char type; /* of the frame received last */
	char *text;
	size_t n;
};

static void
raw_put(struct raw *w, const void *s, size_t n)
{
	const char *p = s;

	while (n > 0) {
		ssize_t k = send(w->fd, p, n, MSG_NOSIGNAL);

		assert_true(k > 0);
		p += k;
		n -= (size_t)k;
	}
}

static void
raw_frame(struct raw *w, char type, const char *s, size_t n)
{
	unsigned char head[5] = { (unsigned char)((n + 1) >> 24),
		(unsigned char)((n + 1) >> 16), (unsigned char)((n + 1) >> 8),
		(unsigned char)(n + 1), (unsigned char)type };

	raw_put(w, head, 5);
	raw_put(w, s, n);
}

static void
raw_run(struct raw *w, const char *line)
{
	char buf[512];
	int n = snprintf(buf, sizeof(buf), "xx%s", line);

	buf[0] = buf[1] = 0;
	raw_frame(w, 'R', buf, (size_t)n);
}

/* octets reads |n| octets; false: the end came first. */
static bool
octets(struct raw *w, char *to, size_t n)
{
	struct pollfd p = { w->fd, POLLIN, 0 };

	while (n > 0) {
		ssize_t k;

		if (poll(&p, 1, CHILD_LIMIT * 500) == 0)
			fail_msg("the session does not answer");
		k = recv(w->fd, to, n, 0);
		if (k <= 0)
			return false;
		to += k;
		n -= (size_t)k;
	}
	return true;
}

/* raw_take reads one frame; false: the connection has ended. */
static bool
raw_take(struct raw *w)
{
	unsigned char head[5];

	free(w->text);
	w->text = NULL;
	if (!octets(w, (char *)head, 5))
		return false;
	w->n = ((size_t)head[0] << 24 | (size_t)head[1] << 16
	    | (size_t)head[2] << 8 | head[3]) - 1;
	w->type = head[4];
	assert_true(w->n < 1 << 20);
	w->text = calloc(1, w->n + 1);
	assert_non_null(w->text);
	return octets(w, w->text, w->n);
}

static void
raw_open(struct raw *w)
{
	*w = (struct raw){ .fd = connect_to(path) };
	assert_true(w->fd >= 0);
}

static void
raw_greet(struct raw *w)
{
	raw_open(w);
	raw_frame(w, 'H', "\001\000", 2);
	assert_true(raw_take(w));
	assert_int_equal(w->type, 'H');
	assert_int_equal(w->text[0], 1);
}

static void
raw_close(struct raw *w)
{
	free(w->text);
	close(w->fd);
}

/* raw_answer reads texts up to D and compares them, joined, and the status. */
static void
raw_answer(struct raw *w, const char *want, char status)
{
	char all[4096] = "";
	size_t n = 0;

	for (;;) {
		assert_true(raw_take(w));
		if (w->type == 'D')
			break;
		assert_true(w->type == 'O' || w->type == 'E');
		assert_true(n + w->n < sizeof(all));
		memcpy(all + n, w->text, w->n + 1);
		n += w->n;
	}
	assert_string_equal(all, want);
	assert_int_equal(w->text[0], status);
}

/* ---- the protocol -------------------------------------------------------------------- */

static void
test_frames(void **state)
{
	struct raw w;

	(void)state;
	session_open();
	raw_greet(&w);
	assert_string_equal(w.text + 1, "marsh> ");
	raw_run(&w, "1+1");
	raw_answer(&w, "2\n", '0');
	assert_string_equal(w.text + 1, "marsh> ");
	raw_run(&w, "nosuch = = 1");
	assert_true(raw_take(&w));
	assert_int_equal(w.type, 'E');
	raw_answer(&w, "", '1');
	raw_run(&w, "if x then");
	raw_answer(&w, "", '3');
	assert_string_equal(w.text + 1, "    >> ");
	raw_run(&w, "quit");
	raw_answer(&w, "", '4');
	raw_frame(&w, 'I', "", 0); /* nothing runs: nothing happens */
	raw_frame(&w, 'T', "0kil", 4);
	assert_true(raw_take(&w));
	assert_int_equal(w.type, 'C');
	assert_memory_equal(w.text, "\0\0\0\0kill\n", 9);
	session_close();
	assert_false(raw_take(&w));
	raw_close(&w);
}

/* Octets come as they like: one by one, all at once, and then no more. */
static void
test_pieces(void **state)
{
	static const char two[] = "\0\0\0\3H\1\0" "\0\0\0\6R\0\0001+1"
	    "\0\0\0\6R\0\0002+2";
	struct raw w;

	(void)state;
	session_open();
	raw_open(&w);
	for (size_t i = 0; i < sizeof(two) - 1; i++)
		raw_put(&w, two + i, 1);
	assert_true(raw_take(&w));
	raw_answer(&w, "2\n", '0');
	raw_answer(&w, "4\n", '0');
	raw_close(&w);
	raw_open(&w);
	raw_put(&w, two, sizeof(two) - 1);
	shutdown(w.fd, SHUT_WR);
	assert_true(raw_take(&w));
	raw_answer(&w, "2\n", '0');
	raw_answer(&w, "4\n", '0');
	assert_false(raw_take(&w));
	raw_close(&w);
	session_close();
}

/* refused: a connection that sends |s| is told so or just ended. */
static void
refused(bool greet, const char *s, size_t n)
{
	struct raw w;

	if (greet)
		raw_greet(&w);
	else
		raw_open(&w);
	raw_put(&w, s, n);
	while (raw_take(&w))
		assert_int_equal(w.type, 'E');
	raw_close(&w);
}

static void
test_nonsense(void **state)
{
	struct raw w;

	(void)state;
	session_open();
	refused(false, "\0\0\0\3H\2\0", 7);        /* another version */
	refused(false, "\0\0\0\2H\1", 6);          /* a short greeting */
	refused(false, "\0\0\0\6R\0\0001+1", 10);  /* none */
	refused(false, "\0\0\0\0", 4);             /* no type */
	refused(false, "\0\20\0\1", 4);            /* 1 MiB and one */
	refused(false, "\377\377\377\377", 4);
	refused(false, "GET / HTTP/1.0\r\n\r\n", 18);
	refused(true, "\0\0\0\2R\0", 6);           /* half a width */
	refused(true, "\0\0\0\1T", 5);
	refused(true, "\0\0\0\5R\0\0a\0", 9);      /* a NUL in the line */
	refused(true, "\0\0\0\1Z", 5);             /* no such type */
	raw_open(&w);                              /* nothing, and a half */
	raw_close(&w);
	raw_greet(&w);
	raw_put(&w, "\0\0\1\0R", 5);
	raw_close(&w);
	still_there();
	session_close();
}

/* The longest frame there may be is a line like any other. */
static void
test_longest(void **state)
{
	size_t n = (1 << 20) - 1;
	char *s = calloc(1, n);
	struct raw w;

	(void)state;
	assert_non_null(s);
	session_open();
	raw_greet(&w);
	memset(s + 2, ' ', n - 2);
	memcpy(s + n - 4, "6*7", 3);
	raw_frame(&w, 'R', s, n);
	raw_answer(&w, "42\n", '0');
	raw_close(&w);
	free(s);
	session_close();
}

/* ---- those who do not behave ---------------------------------------------------------- */

static void
test_stops(void **state)
{
	struct raw w, other;

	(void)state;
	session_open();
	raw_greet(&w);
	raw_run(&w, "while true do end");
	raw_frame(&w, 'I', "", 0);
	raw_answer(&w, "", '2');
	raw_run(&w, "1+1"); /* and nothing else was stopped */
	raw_answer(&w, "2\n", '0');
	/* gone in the middle: its script ends with it */
	raw_greet(&other);
	raw_run(&other, "while true do pcall(error) end");
	raw_close(&other);
	raw_run(&w, "1+2");
	raw_answer(&w, "3\n", '0');
	raw_close(&w);
	still_there();
	session_close();
}

/* Whoever reads nothing keeps nobody waiting, and gets all in the end. */
static void
test_never_reads(void **state)
{
	size_t n = 0;
	struct raw w;

	(void)state;
	session_open();
	raw_greet(&w);
	raw_run(&w, "io.write(('x'):rep(1 << 23))");
	still_there();
	do {
		assert_true(raw_take(&w));
		if (w.type == 'O')
			n += w.n;
	} while (w.type != 'D');
	assert_true(n >= 1 << 23); /* and what write returned */
	/* one that reads a bit and dies */
	raw_run(&w, "io.write(('x'):rep(1 << 23))");
	assert_true(raw_take(&w));
	raw_close(&w);
	still_there();
	session_close();
}

/* A request that prints for ever ends by itself; what there is comes. */
static void
test_prints_for_ever(void **state)
{
	size_t n = 0;
	struct raw w;

	(void)state;
	session_open();
	raw_greet(&w);
	raw_run(&w, "s = ('x'):rep(1 << 20) while true do io.write(s) end");
	while (raw_take(&w) && w.type == 'O')
		n += w.n;
	assert_int_equal(n, 64 << 20);
	assert_int_equal(w.type, 'E');
	assert_string_equal(w.text, "marsh: the output is cut after 67108864 "
	    "octets\n");
	raw_answer(&w, "", '2');
	raw_close(&w);
	still_there();
	session_close();
}

static void
test_many(void **state)
{
	struct raw w[PEERS_MAX], one;

	(void)state;
	session_open();
	for (size_t i = 0; i < PEERS_MAX; i++)
		raw_greet(&w[i]);
	attach(4, "-e", "1", NULL);
	prints("", "marsh: the session has as many attached as it can\n");
	raw_run(&w[3], "1+1");
	raw_answer(&w[3], "2\n", '0');
	raw_close(&w[5]);
	raw_greet(&w[5]);
	/* one that does not read makes room for one that does */
	raw_run(&w[7], "io.write(('x'):rep(1 << 23))");
	raw_run(&w[3], "1+3");
	raw_answer(&w[3], "4\n", '0');
	raw_greet(&one);
	raw_run(&one, "2+3");
	raw_answer(&one, "5\n", '0');
	while (raw_take(&w[7]))
		assert_int_not_equal(w[7].type, 'D');
	for (size_t i = 0; i < PEERS_MAX; i++)
		raw_close(&w[i]);
	raw_close(&one);
	still_there();
	session_close();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_pieces),
		cmocka_unit_test(test_nonsense),
		cmocka_unit_test(test_longest),
		cmocka_unit_test(test_stops),
		cmocka_unit_test(test_never_reads),
		cmocka_unit_test(test_prints_for_ever),
		cmocka_unit_test(test_many),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
