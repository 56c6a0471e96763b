/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fabricd as bare AF_ATMSVC sockets see it.  Runs inside the lab kernel with
 * fabricd's log in /run/fabricd.log.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/atmdev.h>

#include <cmocka.h>

#include "marsh/atm/atm_errno.h"
#include "marsh/base/rng.h"

#define PATIENCE 10000 /* milliseconds */

static struct sockaddr_atmsvc
address(unsigned i)
{
	struct sockaddr_atmsvc a;

	memset(&a, 0, sizeof(a));
	a.sas_family = AF_ATMSVC;
	a.sas_addr.prv[0] = 0x47;
	a.sas_addr.prv[1] = 0x99;
	a.sas_addr.prv[17] = (uint8_t)(i >> 8);
	a.sas_addr.prv[18] = (uint8_t)i;
	return a;
}

static int
make(bool multi)
{
	struct atm_qos q;
	int one = 1, s = socket(PF_ATMSVC, SOCK_DGRAM, 0);

	assert_true(s >= 0);
	memset(&q, 0, sizeof(q));
	q.aal = ATM_AAL5;
	q.txtp.traffic_class = ATM_UBR;
	q.rxtp.traffic_class = multi ? ATM_NONE : ATM_UBR;
	q.txtp.max_sdu = q.rxtp.max_sdu = 9180;
	assert_int_equal(setsockopt(s, SOL_ATM, SO_ATMQOS, &q, sizeof(q)), 0);
	if (multi)
		assert_int_equal(setsockopt(s, SOL_ATM, SO_MULTIPOINT, &one,
		    sizeof(one)), 0);
	return s;
}

static int
listen_at(unsigned i)
{
	struct sockaddr_atmsvc a = address(i);
	int s = make(false);

	assert_int_equal(bind(s, (void *)&a, sizeof(a)), 0);
	assert_int_equal(listen(s, 16), 0);
	return s;
}

/* call_start begins a call from 900 to |to|, which somebody has to accept. */
static int
call_start(unsigned to, bool multi)
{
	struct sockaddr_atmsvc me = address(900), a = address(to);
	int s = make(multi);

	assert_int_equal(bind(s, (void *)&me, sizeof(me)), 0);
	assert_int_equal(fcntl(s, F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(connect(s, (void *)&a, sizeof(a)), -1);
	assert_int_equal(errno, EINPROGRESS);
	return s;
}

static int
wait_for(int s, short what)
{
	struct pollfd p = { s, what, 0 };

	assert_int_equal(poll(&p, 1, PATIENCE), 1);
	return p.revents;
}

/* call_end completes a call: 0, or errno. */
static int
call_end(int s, unsigned to)
{
	struct sockaddr_atmsvc a = address(to);

	wait_for(s, POLLOUT);
	if (connect(s, (void *)&a, sizeof(a)) != 0)
		return errno;
	assert_int_equal(fcntl(s, F_SETFL, 0), 0);
	return 0;
}

static void
want_frame(int s, const char *text)
{
	char b[256];
	ssize_t n;

	wait_for(s, POLLIN);
	n = read(s, b, sizeof(b) - 1);
	assert_true(n >= 0);
	b[n] = '\0';
	assert_string_equal(b, text);
}

static void
send_frame(int s, const char *text)
{
	assert_int_equal(write(s, text, strlen(text)), strlen(text));
}

static void
test_pt_pt(void **state)
{
	struct sockaddr_atmsvc from, me = address(900);
	socklen_t len = sizeof(from);
	int l = listen_at(1), c = call_start(1, false), s;

	(void)state;
	s = accept(l, (void *)&from, &len);
	assert_true(s >= 0);
	assert_memory_equal(from.sas_addr.prv, me.sas_addr.prv, ATM_ESA_LEN);
	/* the caller has not opened its end yet; what is sent now waits */
	send_frame(s, "early");
	send_frame(s, "bird");
	assert_int_equal(call_end(c, 1), 0);
	want_frame(c, "early");
	want_frame(c, "bird");
	send_frame(c, "there");
	want_frame(s, "there");
	close(c);
	assert_true((wait_for(s, 0) & POLLHUP) != 0);
	close(s);
	close(l);
}

static void
test_refused(void **state)
{
	struct sockaddr_atmsvc a = address(1);
	int l, s = call_start(77, false);

	(void)state;
	assert_int_equal(call_end(s, 77), EADDRNOTAVAIL);
	close(s);
	l = listen_at(1);
	s = make(false);
	assert_int_equal(bind(s, (void *)&a, sizeof(a)), 0);
	assert_int_equal(listen(s, 1), -1);
	assert_int_equal(errno, EADDRINUSE);
	close(s);
	s = call_start(1, false);
	close(l);
	assert_int_equal(call_end(s, 1), EHOSTDOWN);
	close(s);
}

/* A root with leaves at 1, 2 and 3. */
struct tree {
	int root, listener[3], leaf[3], ref[3];
};

static void
leaf_add(struct tree *t, int i)
{
	struct sockaddr_atmsvc a = address((unsigned)i + 1);
	int fd[2];
	pid_t pid;

	/* ADD PARTY blocks, so somebody else has to accept: we do. */
	assert_int_equal(pipe(fd), 0);
	pid = fork();
	if (pid == 0) {
		int ref = ioctl(t->root, ATM_ADDPARTY, &a);

		if (ref < 0)
			ref = -errno;
		_exit(write(fd[1], &ref, sizeof(ref)) == sizeof(ref) ? 0 : 1);
	}
	close(fd[1]);
	t->leaf[i] = accept(t->listener[i], NULL, NULL);
	assert_true(t->leaf[i] >= 0);
	assert_int_equal(read(fd[0], &t->ref[i], sizeof(int)), sizeof(int));
	assert_true(t->ref[i] > 0);
	waitpid(pid, NULL, 0);
	close(fd[0]);
}

static void
tree_grow(struct tree *t)
{
	for (int i = 0; i < 3; i++)
		t->listener[i] = listen_at((unsigned)i + 1);
	t->root = call_start(1, true);
	t->leaf[0] = accept(t->listener[0], NULL, NULL);
	assert_true(t->leaf[0] >= 0);
	assert_int_equal(call_end(t->root, 1), 0);
	t->ref[0] = 0;
	leaf_add(t, 1);
	leaf_add(t, 2);
}

static void
tree_fell(struct tree *t)
{
	close(t->root);
	for (int i = 0; i < 3; i++) {
		close(t->leaf[i]);
		close(t->listener[i]);
	}
}

static void
test_multi(void **state)
{
	struct sockaddr_atmsvc a = address(77);
	struct tree t;
	int none = 999;

	(void)state;
	tree_grow(&t);
	send_frame(t.root, "all");
	for (int i = 0; i < 3; i++)
		want_frame(t.leaf[i], "all");
	assert_int_equal(ioctl(t.root, ATM_ADDPARTY, &a), -1);
	assert_int_equal(errno, EADDRNOTAVAIL);
	assert_int_equal(ioctl(t.root, ATM_DROPPARTY, &none), -1);
	assert_int_equal(ioctl(t.root, ATM_DROPPARTY, &t.ref[1]), 0);
	assert_true((wait_for(t.leaf[1], 0) & POLLHUP) != 0);
	send_frame(t.root, "two");
	want_frame(t.leaf[0], "two");
	want_frame(t.leaf[2], "two");
	assert_int_equal(write(t.leaf[0], "up", 2), -1); /* leaves only hear */
	close(t.leaf[1]);
	leaf_add(&t, 1);
	send_frame(t.root, "three");
	for (int i = 0; i < 3; i++)
		want_frame(t.leaf[i], "three");
	/* without leaves the call stays */
	for (int i = 0; i < 3; i++)
		assert_int_equal(ioctl(t.root, ATM_DROPPARTY, &t.ref[i]), 0);
	send_frame(t.root, "none");
	close(t.leaf[2]);
	leaf_add(&t, 2);
	send_frame(t.root, "one");
	want_frame(t.leaf[2], "one");
	tree_fell(&t);
}

static int
pending_error(int s)
{
	socklen_t len = sizeof(int);
	int err = 0;

	assert_true((wait_for(s, 0) & POLLERR) != 0);
	assert_int_equal(getsockopt(s, SOL_SOCKET, SO_ERROR, &err, &len), 0);
	return err;
}

/* A root hears of leaves that left, one at a time. */
static void
test_left(void **state)
{
	struct tree t;

	(void)state;
	tree_grow(&t);
	close(t.leaf[1]);
	close(t.leaf[2]);
	assert_int_equal(pending_error(t.root),
	    atm_left_code((unsigned)t.ref[1], ATM_CAUSE_NORMAL));
	assert_int_equal(ioctl(t.root, ATM_DROPPARTY, &t.ref[1]), 0);
	assert_int_equal(pending_error(t.root),
	    atm_left_code((unsigned)t.ref[2], ATM_CAUSE_NORMAL));
	assert_int_equal(ioctl(t.root, ATM_DROPPARTY, &t.ref[2]), 0);
	send_frame(t.root, "still");
	want_frame(t.leaf[0], "still");
	t.leaf[1] = t.leaf[2] = -1;
	tree_fell(&t);
}

/* A leaf that never reads loses frames; the others lose none. */
static void
test_deaf(void **state)
{
	struct tree t;
	char text[32], b[64];

	(void)state;
	tree_grow(&t);
	for (int i = 0; i < 5000; i++) {
		snprintf(text, sizeof(text), "%d", i);
		send_frame(t.root, text);
		for (int k = 0; i % 50 == 49 && k < 50; k++) {
			wait_for(t.leaf[1], POLLIN);
			b[read(t.leaf[1], b, sizeof(b) - 1)] = '\0';
			assert_int_equal(atoi(b), i - 49 + k);
		}
	}
	want_frame(t.leaf[0], "0"); /* it kept what came first */
	tree_fell(&t);
}

/* counts asks fabricd what it has; the answer is the last in its log. */
static void
counts(char *line, size_t cap)
{
	char l[512];
	FILE *f;

	assert_int_equal(system("kill -USR1 $(pidof fabricd)"), 0);
	line[0] = '\0';
	for (int i = 0; i < 100 && line[0] == '\0'; i++) {
		const struct timespec pause = { 0, 20000000 };

		nanosleep(&pause, NULL);
		f = fopen("/run/fabricd.log", "r");
		assert_non_null(f);
		while (fgets(l, sizeof(l), f) != NULL)
			if (strstr(l, " sockets, ") != NULL)
				snprintf(line, cap, "%s", l);
		fclose(f);
	}
	assert_int_equal(truncate("/run/fabricd.log", 0), 0);
}

/* client does whatever comes to its mind until it is killed. */
static void
client(uint64_t seed)
{
	struct sockaddr_atmsvc a, b;
	struct rng r;
	int ref;

	rng_seed(&r, seed);
	signal(SIGPIPE, SIG_IGN);
	for (;;) {
		bool multi = rng_below(&r, 2) == 0;
		int s = make(multi), n;

		a = address((unsigned)(100 + rng_below(&r, 6)));
		b = address((unsigned)(100 + rng_below(&r, 6)));
		bind(s, (void *)&a, sizeof(a));
		if (rng_below(&r, 3) == 0) {
			if (listen(s, 2) == 0)
				while (rng_below(&r, 4) != 0
				    && (n = accept(s, NULL, NULL)) >= 0)
					if (rng_below(&r, 2) == 0)
						close(n);
		} else if (connect(s, (void *)&b, sizeof(b)) == 0) {
			for (int i = 0; i < 20; i++)
				if (write(s, "noise", 5) < 0)
					break;
			while (multi && rng_below(&r, 4) != 0) {
				b = address((unsigned)(100
				    + rng_below(&r, 6)));
				ref = ioctl(s, ATM_ADDPARTY, &b);
				if (ref > 0 && rng_below(&r, 2) == 0)
					ioctl(s, ATM_DROPPARTY, &ref);
			}
		}
		if (rng_below(&r, 4) != 0)
			close(s);
	}
}

/*
 * Clients die at any point, again and again.  Who is in the middle of a call
 * that nobody accepts dies when its time is over, so this takes a while.
 */
static void
test_deaths(void **state)
{
	pid_t pid[12];
	struct rng r;
	char line[512];

	(void)state;
	rng_seed(&r, 42);
	for (int i = 0; i < 12; i++)
		pid[i] = 0;
	for (int n = 0; n < 1000; n++) {
		const struct timespec pause = { 0, (long)rng_below(&r,
			15000000) };
		size_t i = (size_t)rng_below(&r, 12);

		if (pid[i] != 0)
			kill(pid[i], SIGKILL);
		if (pid[i] != 0 && waitpid(pid[i], NULL, WNOHANG) == 0)
			continue; /* its system call has to end first */
		pid[i] = fork();
		if (pid[i] == 0)
			client((uint64_t)n);
		nanosleep(&pause, NULL);
	}
	for (int i = 0; i < 12; i++)
		if (pid[i] != 0)
			kill(pid[i], SIGKILL);
	for (int i = 0; i < 12; i++)
		if (pid[i] != 0)
			assert_int_equal(waitpid(pid[i], NULL, 0), pid[i]);
	counts(line, sizeof(line));
	print_message("%s", line);
	if (strncmp(line, "0 listeners, 0 calls, 0 parties, 0 sockets, 0 VCIs;",
		51) != 0)
		fail_msg("%s", line);
	test_pt_pt(state);
	test_multi(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pt_pt),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_multi),
		cmocka_unit_test(test_left),
		cmocka_unit_test(test_deaf),
		cmocka_unit_test(test_deaths),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
