/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fabricd as bare AF_ATMSVC sockets see it.  Runs inside the lab kernel with
 * fabricd's log in /run/fabricd.log.
 */
#include "sock.h"

#include "marsh/atm/atm_errno.h"

static void
test_pt_pt(void **state)
{
	struct sockaddr_atmsvc from, me = sock_addr(900);
	socklen_t len = sizeof(from);
	int l = sock_listen(1), c = sock_call(1, false), s;

	(void)state;
	s = accept(l, (void *)&from, &len);
	assert_true(s >= 0);
	assert_memory_equal(from.sas_addr.prv, me.sas_addr.prv, ATM_ESA_LEN);
	/* the caller has not opened its end yet; what is sent now waits */
	sock_send(s, "early");
	sock_send(s, "bird");
	assert_int_equal(sock_called(c, 1), 0);
	sock_want(c, "early");
	sock_want(c, "bird");
	sock_send(c, "there");
	sock_want(s, "there");
	close(c);
	assert_true((sock_wait(s, 0) & POLLHUP) != 0);
	close(s);
	close(l);
}

static void
test_refused(void **state)
{
	struct sockaddr_atmsvc a = sock_addr(1);
	int l, s = sock_call(77, false);

	(void)state;
	assert_int_equal(sock_called(s, 77), EADDRNOTAVAIL);
	close(s);
	l = sock_listen(1);
	s = sock_make(false);
	assert_int_equal(bind(s, (void *)&a, sizeof(a)), 0);
	assert_int_equal(listen(s, 1), -1);
	assert_int_equal(errno, EADDRINUSE);
	close(s);
	s = sock_call(1, false);
	close(l);
	assert_int_equal(sock_called(s, 1), EHOSTDOWN);
	close(s);
}

/* A root with leaves at 1, 2 and 3. */
struct tree {
	int root, listener[3], leaf[3], ref[3];
};

static void
leaf_add(struct tree *t, int i)
{
	struct sockaddr_atmsvc a = sock_addr((unsigned)i + 1);
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
		t->listener[i] = sock_listen((unsigned)i + 1);
	t->root = sock_call(1, true);
	t->leaf[0] = accept(t->listener[0], NULL, NULL);
	assert_true(t->leaf[0] >= 0);
	assert_int_equal(sock_called(t->root, 1), 0);
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
	struct sockaddr_atmsvc a = sock_addr(77);
	struct tree t;
	int none = 999;

	(void)state;
	tree_grow(&t);
	sock_send(t.root, "all");
	for (int i = 0; i < 3; i++)
		sock_want(t.leaf[i], "all");
	assert_int_equal(ioctl(t.root, ATM_ADDPARTY, &a), -1);
	assert_int_equal(errno, EADDRNOTAVAIL);
	assert_int_equal(ioctl(t.root, ATM_DROPPARTY, &none), -1);
	assert_int_equal(ioctl(t.root, ATM_DROPPARTY, &t.ref[1]), 0);
	assert_true((sock_wait(t.leaf[1], 0) & POLLHUP) != 0);
	sock_send(t.root, "two");
	sock_want(t.leaf[0], "two");
	sock_want(t.leaf[2], "two");
	assert_int_equal(write(t.leaf[0], "up", 2), -1); /* leaves only hear */
	close(t.leaf[1]);
	leaf_add(&t, 1);
	sock_send(t.root, "three");
	for (int i = 0; i < 3; i++)
		sock_want(t.leaf[i], "three");
	/* without leaves the call stays */
	for (int i = 0; i < 3; i++)
		assert_int_equal(ioctl(t.root, ATM_DROPPARTY, &t.ref[i]), 0);
	sock_send(t.root, "none");
	close(t.leaf[2]);
	leaf_add(&t, 2);
	sock_send(t.root, "one");
	sock_want(t.leaf[2], "one");
	tree_fell(&t);
}

static int
pending_error(int s)
{
	socklen_t len = sizeof(int);
	int err = 0;

	assert_true((sock_wait(s, 0) & POLLERR) != 0);
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
	sock_send(t.root, "still");
	sock_want(t.leaf[0], "still");
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
		sock_send(t.root, text);
		for (int k = 0; i % 50 == 49 && k < 50; k++) {
			sock_wait(t.leaf[1], POLLIN);
			b[read(t.leaf[1], b, sizeof(b) - 1)] = '\0';
			assert_int_equal(atoi(b), i - 49 + k);
		}
	}
	sock_want(t.leaf[0], "0"); /* it kept what came first */
	tree_fell(&t);
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
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
