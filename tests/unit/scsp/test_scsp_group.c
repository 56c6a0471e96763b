/* SPDX-License-Identifier: BSD-2-Clause */
/* Servers against servers: alignment end to end, and what flooding costs. */
#include "scsp_servers.h"

/* SCSP-001: Hello, summaries, solicits, flooding; and again after a cut. */
static void
two_align(void **state)
{
	struct net *n = net_new(2);

	(void)state;
	net_mesh(n);
	net_all(n);
	net_put(n, 0, "a", "alpha");
	net_put(n, 1, "b", "beta");
	net_align(n);
	assert_true(net_has(n, 0, "b", 1, "beta"));
	assert_true(net_has(n, 1, "a", 0, "alpha"));
	net_put(n, 0, "a", "gamma");
	net_run(n, MSPAN_MS(10));
	assert_true(net_has(n, 1, "a", 0, "gamma"));
	net_cut(n, 0, 1, true);
	net_run(n, MSPAN_SEC(20));
	net_put(n, 0, "a", "delta");
	net_put(n, 1, "b", "epsilon");
	net_run(n, MSPAN_SEC(1));
	assert_false(net_equal(n));
	net_heal(n, 0, 1);
	net_run(n, MSPAN_SEC(12));
	net_align(n);
	assert_true(net_equal(n));
	assert_true(net_has(n, 0, "b", 1, "epsilon"));
	assert_true(net_has(n, 1, "a", 0, "delta"));
	net_free(n);
}

/* How often one change is sent on its way through everything. */
static uint64_t
flood(struct net *n, int from)
{
	uint64_t before, cost;

	net_all(n);
	net_align(n);
	before = n->sent[SCSP_CSU_REQ];
	net_put(n, from, "k", "once");
	net_run(n, MSPAN_MS(100));
	for (int i = 0; i < n->n; i++)
		assert_true(net_has(n, i, "k", from, "once"));
	assert_true(net_equal(n));
	cost = n->sent[SCSP_CSU_REQ] - before;
	net_run(n, MSPAN_SEC(8)); /* nothing is repeated */
	assert_true(n->sent[SCSP_CSU_REQ] - before == cost);
	net_free(n);
	return cost;
}

/* SCSP-003, SCSP-078, SCSP-079, SCSP-092: (k-1)^2, k-1, at most 2E-k+1. */
static void
cost_of_flooding(void **state)
{
	(void)state;
	for (int k = 2; k <= NET_MAX; k++) {
		struct net *n = net_new(k);

		net_mesh(n);
		assert_int_equal(flood(n, k / 2), (k - 1) * (k - 1));
		n = net_new(k);
		net_line(n);
		assert_int_equal(flood(n, k / 3), k - 1);
		n = net_new(k);
		for (int i = 1; i < k; i++)
			net_pair(n, i, 0);
		assert_int_equal(flood(n, k - 1), k - 1);
		if (k == 2)
			continue;
		/* In an even ring both halves meet in one server at once. */
		n = net_new(k);
		net_line(n);
		net_pair(n, 0, k - 1);
		assert_int_equal(flood(n, 0), k % 2 == 0 ? k : k + 1);
	}
}

/* Many changes of one instant share messages. */
static void
merged(void **state)
{
	struct net *n = net_new(3);
	uint64_t before;
	char key[8];

	(void)state;
	net_mesh(n);
	net_all(n);
	net_align(n);
	before = n->sent[SCSP_CSU_REQ] + n->sent[SCSP_CSU_REP];
	for (int i = 0; i < 50; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		net_put(n, 0, key, "x");
	}
	net_run(n, MSPAN_MS(100));
	assert_true(net_equal(n));
	assert_int_equal(n->sent[SCSP_CSU_REQ] + n->sent[SCSP_CSU_REP] - before,
	    4 + 4);
	net_free(n);
}

/* two hops behind the healed cut, to the letter nothing arrives. */
static void
a18_literal(void **state)
{
	(void)state;
	for (int literal = 0; literal < 2; literal++) {
		struct net *n = net_new(4);

		n->group.literal_a18 = literal != 0;
		net_line(n);
		net_all(n);
		net_align(n);
		net_cut(n, 1, 2, true);
		net_run(n, MSPAN_SEC(2));
		net_put(n, 0, "a", "x");
		net_put(n, 3, "b", "y");
		net_run(n, MSPAN_SEC(2));
		net_heal(n, 1, 2);
		net_run(n, MSPAN_SEC(20));
		net_align(n);
		assert_true(net_has(n, 2, "a", 0, "x"));
		assert_true(net_has(n, 1, "b", 3, "y"));
		assert_int_equal(net_has(n, 3, "a", 0, "x"), !literal);
		assert_int_equal(net_has(n, 0, "b", 3, "y"), !literal);
		assert_int_equal(net_equal(n), !literal);
		net_free(n);
	}
}

/* to the letter, the slave hangs in Summarize. */
static void
a02_literal(void **state)
{
	(void)state;
	for (int literal = 0; literal < 2; literal++) {
		struct net *n = net_new(2);
		struct scsp_dcs_info d, e;

		n->group.literal_a02 = literal != 0;
		net_mesh(n);
		net_all(n);
		net_put(n, 1, "a", "x"); /* the master's */
		net_run(n, MSPAN_SEC(10));
		assert_true(scsp_dcs(n->s[0], 0, 0, &d));
		assert_true(scsp_dcs(n->s[1], 0, 0, &e));
		assert_int_equal(d.cafsm, literal ? SCSP_CA_SUMMARIZE
		    : SCSP_CA_ALIGNED);
		assert_int_equal(e.cafsm, SCSP_CA_ALIGNED);
		net_free(n);
	}
}

/* Every server sends on what it heard: losing one way is not losing all. */
static bool
nothing_to_three(struct net *n, int from, int to, const struct scsp_msg *m)
{
	(void)n;
	return !(to == 2 && from == 0 && m->type == SCSP_CSU_REQ);
}

/* SCSP-003: one dead direction does not keep a change from anybody. */
static void
around(void **state)
{
	struct net *n = net_new(3);

	(void)state;
	net_mesh(n);
	net_all(n);
	net_align(n);
	n->pass = nothing_to_three;
	net_put(n, 0, "k", "x");
	net_run(n, MSPAN_MS(10));
	assert_true(net_has(n, 2, "k", 0, "x"));
	net_free(n);
}

/* A change of roles while a thousand records travel costs no record. */
static void
changes_while_aligning(void **state)
{
	struct net *n = net_new(2);
	char key[8];

	(void)state;
	n->cfg.mtu = 200;
	n->delay = MSPAN_MS(20);
	net_mesh(n);
	net_all(n);
	for (int i = 0; i < 300; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		net_put(n, i % 2, key, "old");
	}
	net_run(n, MSPAN_SEC(3));
	for (int i = 0; i < 200; i++) {
		snprintf(key, sizeof(key), "k%d", i * 7 % 300);
		net_put(n, (i * 7 % 300) % 2, key, "new");
		net_run(n, MSPAN_MS(11));
	}
	net_align(n);
	assert_true(net_equal(n));
	for (int i = 0; i < 200; i++) {
		snprintf(key, sizeof(key), "k%d", i * 7 % 300);
		assert_true(net_has(n, 0, key, (i * 7 % 300) % 2, "new"));
		assert_true(net_has(n, 1, key, (i * 7 % 300) % 2, "new"));
	}
	net_free(n);
}

/* Equal caches are aligned by summaries alone. */
static void
equal_caches(void **state)
{
	struct net *n = net_new(2);
	uint64_t csus, req;
	char key[8];

	(void)state;
	net_mesh(n);
	net_all(n);
	for (int i = 0; i < 1000; i++) {
		snprintf(key, sizeof(key), "k%d", i);
		net_put(n, 0, key, "x");
	}
	net_align(n);
	csus = n->sent[SCSP_CSUS];
	req = n->sent[SCSP_CSU_REQ];
	net_cut(n, 0, 1, true);
	net_run(n, MSPAN_SEC(1));
	net_heal(n, 0, 1);
	net_run(n, MSPAN_SEC(5));
	net_align(n);
	assert_true(n->sent[SCSP_CSUS] == csus);
	assert_true(n->sent[SCSP_CSU_REQ] == req);
	net_free(n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_align), cmocka_unit_test(cost_of_flooding),
		cmocka_unit_test(merged), cmocka_unit_test(a18_literal),
		cmocka_unit_test(a02_literal), cmocka_unit_test(around),
		cmocka_unit_test(changes_while_aligning),
		cmocka_unit_test(equal_caches),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
