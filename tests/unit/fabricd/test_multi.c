/* SPDX-License-Identifier: BSD-2-Clause */
/* Pt-mpt calls: parties added, dropped, refused and leaving by themselves. */
#include "call_rig.h"
#include "marsh/atm/atm_errno.h"

/* A root 'r' at 9 with leaves 'A', 'B', ... of listeners 'a', 'b', ... */
static void
tree(struct rig *r, unsigned leaves)
{
	struct fab_call_cfg cfg;

	rig_cfg(&cfg);
	rig_open(r, &cfg);
	for (unsigned i = 0; i < leaves; i++)
		rig_listen(r, (char)('a' + i), i + 1);
	rig_connect(r, 'r', 9, 1, true);
	rig_accept(r, 'a', 'A');
	for (unsigned i = 1; i < leaves; i++) {
		rig_add(r, 'r', i + 1);
		rig_accept(r, (char)('a' + i), (char)('A' + i));
	}
}

static void
test_add(void **state)
{
	struct rig r;

	(void)state;
	tree(&r, 3);
	rig_want(&r, "a okay\nb okay\nc okay\n"
		     "a indicate vci 101 9>1 rx\nA okay\nr okay vci 100\n"
		     "b indicate vci 102 9>2 rx\nB okay\nr addparty 1\n"
		     "c indicate vci 103 9>3 rx\nC okay\nr addparty 2\n");
	rig_outs(&r, 100, "101 102 103");
	rig_outs(&r, 101, ""); /* a leaf cannot send */
	rig_close(&r);
}

static void
test_drop(void **state)
{
	struct rig r;

	(void)state;
	tree(&r, 3);
	rig_forget(&r);
	rig_drop(&r, 'r', 1);
	rig_want(&r, "B close\nr dropparty\n");
	rig_outs(&r, 100, "101 103");
	rig_drop(&r, 'r', 1);
	rig_want(&r, "r dropparty -57\n");
	rig_drop(&r, 'r', -7);
	rig_want(&r, "r dropparty -57\n");
	/* the first leaf is reference 0; without leaves the call stays */
	rig_drop(&r, 'r', 0);
	rig_drop(&r, 'r', 2);
	rig_want(&r, "A close\nr dropparty\nC close\nr dropparty\n");
	rig_outs(&r, 100, "");
	rig_add(&r, 'r', 1);
	rig_accept(&r, 'a', 'D');
	rig_want(&r, "a indicate vci 104 9>1 rx\nD okay\nr addparty 3\n");
	rig_outs(&r, 100, "104");
	rig_close(&r);
}

static void
test_refused(void **state)
{
	struct rig r;

	(void)state;
	tree(&r, 2);
	rig_forget(&r);
	rig_add(&r, 'r', 7);
	rig_want(&r, "r addparty -99\n");
	rig_add(&r, 'r', 2);
	rig_wait(&r, MSPAN_SEC(10));
	rig_want(&r, "b indicate vci 103 9>2 rx\nr addparty -110\n");
	rig_accept(&r, 'b', 'X');
	rig_want(&r, "X error -103\n");
	rig_outs(&r, 100, "101 102");
	/* a leaf is no root, nor is a pt-pt call one */
	rig_add(&r, 'A', 2);
	rig_want(&r, "A addparty -57\n");
	rig_connect(&r, 'p', 9, 1, false);
	rig_accept(&r, 'a', 'P');
	rig_forget(&r);
	rig_add(&r, 'p', 2);
	rig_want(&r, "p addparty -57\n");
	rig_close(&r);
}

static void
test_hangup(void **state)
{
	struct fab_call_counts n;
	struct rig r;

	(void)state;
	tree(&r, 3);
	rig_forget(&r);
	rig_hangup(&r, 'r');
	rig_want(&r, "A close\nB close\nC close\nr close\n");
	rig_hangup(&r, 'A');
	rig_hangup(&r, 'B');
	rig_hangup(&r, 'C');
	rig_want(&r, "");
	fab_call_count(r.c, &n);
	assert_int_equal(n.vcis, 0);
	assert_int_equal(n.sockets, 3);
	rig_close(&r);
}

/*
 * A root is told of leaves that left one by one, each after it said that it
 * heard of the last, and never while it waits for an answer.
 */
static void
test_left(void **state)
{
	struct rig r;

	(void)state;
	tree(&r, 3);
	rig_forget(&r);
	rig_hangup(&r, 'B');
	rig_hangup(&r, 'C');
	assert_int_equal(atm_left_code(1, 16), 8912897);
	rig_want(&r, "B close\nr okay -8912897\nC close\n");
	rig_outs(&r, 100, "101");
	rig_add(&r, 'r', 3);
	rig_want(&r, "c indicate vci 104 9>3 rx\n");
	rig_drop(&r, 'r', 1); /* it heard; but it waits for an answer */
	rig_want(&r, "r dropparty\n");
	rig_accept(&r, 'c', 'D');
	rig_want(&r, "D okay\nr addparty 3\nr okay -8912898\n");
	rig_drop(&r, 'r', 2);
	rig_want(&r, "r dropparty\n");
	/* the last one too; the root closes when it likes */
	rig_hangup(&r, 'A');
	rig_hangup(&r, 'D');
	rig_drop(&r, 'r', 0);
	rig_want(&r, "A close\nr okay -8912896\nD close\n"
		     "r dropparty\nr okay -8912899\n");
	rig_hangup(&r, 'r');
	rig_want(&r, "r close\n");
	rig_close(&r);
}

/* Notices wait until the kernel has nothing more to say. */
static void
test_left_waits(void **state)
{
	struct atmsvc_msg m;
	struct atm_addr a = rig_addr(2);
	struct rig r;

	(void)state;
	tree(&r, 2);
	rig_forget(&r);
	m = rig_msg(as_close, 'A');
	fab_call_kernel(r.c, r.now, &m);
	m = rig_msg(as_addparty, 'r');
	m.svc = fab_addr_put(&a);
	fab_call_kernel(r.c, r.now, &m);
	fab_call_idle(r.c, r.now);
	assert_true(rig_offer(&r, 0));
	rig_want(&r, "A close\nb indicate vci 103 9>2 rx\n");
	rig_accept(&r, 'b', 'C');
	rig_want(&r, "C okay\nr addparty 2\nr okay -8912896\n");
	rig_close(&r);
}

/* A root that never says that it heard does not fill the memory. */
static void
test_deaf_root(void **state)
{
	struct fab_call_counts n;
	struct rig r;

	(void)state;
	tree(&r, 2);
	for (int i = 0; i < 3000; i++) {
		rig_hangup(&r, 'B');
		rig_add(&r, 'r', 2);
		rig_accept(&r, 'b', 'B');
		rig_forget(&r);
	}
	fab_call_count(r.c, &n);
	assert_in_range(n.parties, 2, 1100);
	assert_int_equal(n.vcis, 3);
	assert_int_equal(r.sw.joins, 2);
	rig_close(&r);
}

/* All calls together have so many parties; what goes makes room. */
static void
test_full(void **state)
{
	struct fab_call_cfg cfg;
	struct fab_call_counts n;
	struct rig r;

	(void)state;
	rig_cfg(&cfg);
	cfg.parties = 2;
	rig_open(&r, &cfg);
	rig_listen(&r, 'a', 1);
	rig_listen(&r, 'b', 2);
	rig_connect(&r, 'r', 9, 1, true);
	rig_accept(&r, 'a', 'A');
	rig_add(&r, 'r', 2);
	rig_forget(&r);
	/* cause 47, also for a call of its own; its VCI is free again */
	rig_add(&r, 'r', 1);
	rig_want(&r, "r addparty -105\n");
	rig_connect(&r, 'p', 9, 1, false);
	rig_want(&r, "p error -105\n");
	fab_call_count(r.c, &n);
	assert_int_equal(n.parties, 2);
	assert_int_equal(n.vcis, 3);
	/* a party that is only in the kernel's queue counts as well */
	rig_drop(&r, 'r', 1);
	rig_want(&r, "r addparty -104\nr dropparty\n");
	rig_add(&r, 'r', 1);
	rig_want(&r, "r addparty -105\n");
	rig_accept(&r, 'b', 'B');
	rig_want(&r, "B error -103\n");
	rig_add(&r, 'r', 1);
	rig_accept(&r, 'a', 'C');
	rig_want(&r, "a indicate vci 104 9>1 rx\nC okay\nr addparty 4\n");
	rig_close(&r);
}

/* References are 1 to 32767 and not used twice at a time. */
static void
test_refs(void **state)
{
	struct rig r;

	(void)state;
	tree(&r, 2);
	for (int i = 2; i <= 32767; i++) {
		rig_add(&r, 'r', 7);
		rig_forget(&r);
	}
	rig_add(&r, 'r', 2);
	rig_accept(&r, 'b', 'C');
	rig_want(&r, "b indicate vci 103 9>2 rx\nC okay\nr addparty 2\n");
	rig_close(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_add),
		cmocka_unit_test(test_drop),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_hangup),
		cmocka_unit_test(test_left),
		cmocka_unit_test(test_left_waits),
		cmocka_unit_test(test_deaf_root),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_refs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
