/* SPDX-License-Identifier: BSD-2-Clause */
/* Cache Summarize row by row (RFC 2334 section 2.2.2). */
#include "scsp_ca.h"

/* SCSP-041, SCSP-044: M1: a duplicate is not answered. */
static void
m1_duplicate(void **state)
{
	struct peer *p = master(6);

	(void)state;
	peer_ca(p, SMALL, 0, p->n[SMALL] - 1, NULL, 0);
	assert_cafsm(p, SMALL, SUM);
	assert_int_equal(peer_said(p, SMALL, SCSP_CA), 1);
	peer_free(p);
}

/* SCSP-045, SCSP-046, SCSP-066: M2: both are done. */
static void
m2_done(void **state)
{
	struct peer *p = master(2);

	(void)state;
	peer_ca(p, SMALL, 0, p->n[SMALL], NULL, 0);
	assert_cafsm(p, SMALL, ALI);
	assert_int_equal(peer_said(p, SMALL, SCSP_CA), 1);
	assert_int_equal(peer_dcs(p, SMALL).ca_seq, p->n[SMALL] + 1);
	peer_wait(p, MSPAN_SEC(8));
	assert_int_equal(peer_said(p, SMALL, SCSP_CA), 1);
	peer_free(p);
}

/* SCSP-047: M3: the other has more. */
static void
m3_empty(void **state)
{
	struct peer *p = master(2);

	(void)state;
	peer_ca(p, SMALL, O, p->n[SMALL], NULL, 0);
	assert_cafsm(p, SMALL, SUM);
	check_ca(p, SMALL, 2, M, p->n[SMALL] + 1, 0);
	peer_wait(p, MSPAN_SEC(3)); /* the timer runs */
	check_ca(p, SMALL, 3, M, p->n[SMALL] + 1, 0);
	peer_free(p);
}

/* SCSP-038, SCSP-047: M3, A-02: what was left to say is gone, but that nothing
 * is left was not said yet: a CA without O says so. */
static void
m3_gone(void **state)
{
	struct peer *p = master(6);
	const char *rest[] = { "a", "b", "c", "d", "e", "f" };
	uint32_t n = p->n[SMALL];

	(void)state;
	check_ca(p, SMALL, 1, M | O, n, 4);
	for (size_t i = 0; i < sizeof(rest) / sizeof(rest[0]); i++)
		peer_put(p, rest[i], "changed since");
	peer_ca(p, SMALL, 0, n, NULL, 0);
	assert_cafsm(p, SMALL, SUM);
	check_ca(p, SMALL, 2, M, n + 1, 0);
	peer_ca(p, SMALL, 0, n + 1, NULL, 0);
	assert_cafsm(p, SMALL, ALI);
	peer_free(p);
}

/* SCSP-048, SCSP-041: M4: batches, O=0 on the last one only. */
static void
m4_batches(void **state)
{
	struct peer *p = master(10);
	uint32_t n = p->n[SMALL];

	(void)state;
	check_ca(p, SMALL, 1, M | O, n, 4);
	peer_ca(p, SMALL, 0, n, NULL, 0);
	check_ca(p, SMALL, 2, M | O, n + 1, 4);
	peer_ca(p, SMALL, 0, n + 1, NULL, 0);
	check_ca(p, SMALL, 3, M, n + 2, 2);
	assert_cafsm(p, SMALL, SUM);
	peer_ca(p, SMALL, 0, n + 2, NULL, 0);
	assert_cafsm(p, SMALL, ALI);
	peer_free(p);
}

/* SCSP-050: M5: any other number. */
static void
m5_number(void **state)
{
	struct peer *p = master(1);

	(void)state;
	peer_ca(p, SMALL, 0, p->n[SMALL] + 1, NULL, 0);
	check_again(p, SMALL, p->n[SMALL]);
	peer_free(p);
}

/* SCSP-049: M6: the master repeats. */
static void
m6_again(void **state)
{
	struct peer *p = master(3);

	(void)state;
	peer_wait(p, MSPAN_SEC(3));
	check_ca(p, SMALL, 2, M, p->n[SMALL], 3);
	peer_wait(p, MSPAN_SEC(3));
	check_ca(p, SMALL, 3, M, p->n[SMALL], 3);
	peer_free(p);
}

/* SCSP-051: L1: octet for octet. */
static void
l1_repeat(void **state)
{
	struct peer *p = slave(6);
	const struct frame *a, *b;

	(void)state;
	peer_put(p, "zz", "changed since");
	peer_ca(p, BIG, M | O, 501, NULL, 0);
	a = peer_find(p, BIG, SCSP_CA)->rq.frame;
	peer_ca(p, BIG, M | O, 501, NULL, 0);
	b = peer_find(p, BIG, SCSP_CA)->rq.frame;
	assert_int_equal(peer_said(p, BIG, SCSP_CA), 3);
	assert_int_equal(a->len, b->len);
	assert_memory_equal(a->bytes, b->bytes, a->len);
	peer_free(p);
}

/* SCSP-052, SCSP-053: L2: nothing is left. */
static void
l2_done(void **state)
{
	struct peer *p = slave(2);

	(void)state;
	peer_ca(p, BIG, M, 501, NULL, 0);
	check_ca(p, BIG, 2, 0, 501, 0);
	assert_cafsm(p, BIG, ALI);
	assert_int_equal(peer_dcs(p, BIG).ca_seq, 501);
	peer_free(p);
}

/* SCSP-054, SCSP-055, SCSP-056, SCSP-041: L3, L4, L5. */
static void
l3_l4_l5(void **state)
{
	struct peer *p = slave(10);

	(void)state;
	peer_ca(p, BIG, M, 501, NULL, 0);
	check_ca(p, BIG, 2, O, 501, 4); /* L5 */
	assert_cafsm(p, BIG, SUM);
	peer_ca(p, BIG, M, 502, NULL, 0);
	check_ca(p, BIG, 3, 0, 502, 2); /* L3 */
	assert_cafsm(p, BIG, ALI);
	peer_free(p);
	p = slave(6);
	peer_ca(p, BIG, M | O, 501, NULL, 0);
	check_ca(p, BIG, 2, 0, 501, 2); /* L4, last batch */
	assert_cafsm(p, BIG, SUM);
	peer_ca(p, BIG, M | O, 502, NULL, 0);
	check_ca(p, BIG, 3, 0, 502, 0); /* L4, empty */
	assert_cafsm(p, BIG, SUM);
	peer_free(p);
}

/* SCSP-057: L6: any other number. */
static void
l6_number(void **state)
{
	(void)state;
	for (uint32_t n = 499; n <= 502; n += 3) {
		struct peer *p = slave(1);

		peer_ca(p, BIG, M, n, NULL, 0);
		check_again(p, BIG, 500);
		peer_free(p);
	}
}

/* L7: a master that went away does not hold its slave for ever. */
static void
l7_guard(void **state)
{
	struct peer *p = slave(1);

	(void)state;
	for (int i = 0; i < 29; i++) {
		peer_wait(p, MSPAN_SEC(1));
		peer_hello(p, BIG, true);
	}
	peer_ca(p, BIG, M | O, 501, NULL, 0); /* each CA starts it anew */
	for (int i = 0; i < 29; i++) {
		peer_wait(p, MSPAN_SEC(1));
		peer_hello(p, BIG, true);
	}
	peer_wait(p, MSPAN_MS(999));
	assert_cafsm(p, BIG, SUM);
	peer_wait(p, MSPAN_MS(1));
	check_again(p, BIG, 501);
	peer_free(p);
}

/* SCSP-064: the CRL takes what is newer, or unknown; nothing else. */
static void
crl(void **state)
{
	struct peer *p = slave(1);
	struct scsp_rec r[] = { peer_record("a", US, SCSP_SEQ_FIRST, ""),
		peer_record("a", ID(BIG), 1, ""), peer_record("a", US, -5, ""),
		peer_record("b", ID(BIG), -1, "") };

	(void)state;
	peer_ca(p, BIG, M | O, 501, r, 1);
	assert_int_equal(peer_dcs(p, BIG).crl, 0);
	peer_ca(p, BIG, M | O, 502, r + 1, 3);
	assert_int_equal(peer_dcs(p, BIG).crl, 3);
	peer_free(p);
}

/* SCSP-065: what changes meanwhile is sent when it may, and only that. */
static void
changes_meanwhile(void **state)
{
	struct peer *p = slave(6);
	struct scsp_rec r;

	(void)state;
	peer_put(p, "f", "new");
	peer_put(p, "q", "new");
	peer_tick(p);
	assert_int_equal(peer_said(p, BIG, SCSP_CSU_REQ), 0);
	peer_ca(p, BIG, M, 501, NULL, 0);
	assert_cafsm(p, BIG, ALI);
	assert_int_equal(peer_said(p, BIG, SCSP_CSU_REQ), 1);
	assert_int_equal(peer_last(p, BIG, SCSP_CSU_REQ)->nrec, 2);
	r = peer_rec(peer_last(p, BIG, SCSP_CSU_REQ), 0);
	assert_true(scsp_oct_equal(r.key, text("f")));
	assert_int_equal(r.seq, SCSP_SEQ_FIRST + 1);
	r = peer_rec(peer_last(p, BIG, SCSP_CSU_REQ), 1);
	assert_true(scsp_oct_equal(r.key, text("q")));
	peer_free(p);
}

/*
 * to the letter, a master whose summaries all fit says "more follows" and
 * is done; its slave waits for what never comes.
 */
static void
a02_literal(void **state)
{
	(void)state;
	for (int literal = 0; literal < 2; literal++) {
		struct peer *p = peer_new();
		uint32_t n;

		p->group.literal_a02 = literal != 0;
		peer_start(p, 2);
		peer_put(p, "a", "x");
		peer_bi(p, SMALL);
		n = peer_dcs(p, SMALL).ca_seq;
		peer_ca(p, SMALL, 0, n, NULL, 0);
		check_ca(p, SMALL, 2, literal ? M | O : M, n + 1, 1);
		/* The slave's answer to O=1 does not end its exchange (L4). */
		peer_ca(p, SMALL, 0, n + 1, NULL, 0);
		assert_cafsm(p, SMALL, ALI);
		assert_int_equal(peer_said(p, SMALL, SCSP_CA), 2);
		peer_free(p);
	}
}

/* SCSP-042, SCSP-058: S1: the wrong M bit. */
static void
s1_wrong_m(void **state)
{
	struct peer *p = master(6);
	struct scsp_rec r = peer_record("z", ID(SMALL), 5, "x");

	(void)state;
	peer_ca(p, SMALL, O, p->n[SMALL], &r, 1);
	assert_int_equal(peer_dcs(p, SMALL).crl, 1);
	peer_ca(p, SMALL, M, p->n[SMALL] + 1, NULL, 0);
	check_again(p, SMALL, p->n[SMALL] + 1);
	assert_int_equal(peer_dcs(p, SMALL).csas_left, 6);
	peer_free(p);
	p = slave(1);
	peer_ca(p, BIG, 0, 501, NULL, 0);
	check_again(p, BIG, 500);
	peer_free(p);
}

/* SCSP-043: S1: I=1 is looked at again: the slave's lost CA heals. */
static void
s1_init(void **state)
{
	struct peer *p = slave(2);

	(void)state;
	peer_ca(p, BIG, CA_INIT, 500, NULL, 0);
	assert_cafsm(p, BIG, SUM);
	check_ca(p, BIG, 2, 0, 500, 2);
	peer_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(m1_duplicate),
		cmocka_unit_test(m2_done),
		cmocka_unit_test(m3_empty),
		cmocka_unit_test(m3_gone),
		cmocka_unit_test(m4_batches),
		cmocka_unit_test(m5_number),
		cmocka_unit_test(m6_again),
		cmocka_unit_test(l1_repeat),
		cmocka_unit_test(l2_done),
		cmocka_unit_test(l3_l4_l5),
		cmocka_unit_test(l6_number),
		cmocka_unit_test(l7_guard),
		cmocka_unit_test(crl),
		cmocka_unit_test(changes_meanwhile),
		cmocka_unit_test(a02_literal),
		cmocka_unit_test(s1_wrong_m),
		cmocka_unit_test(s1_init),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
