/* SPDX-License-Identifier: BSD-2-Clause */
/* The Cache Alignment FSM but for Summarize (RFC 2334 section 2.2, figure 2). */
#include "scsp_ca.h"

/* SCSP-025, SCSP-026, SCSP-029: C1. */
static void
c1_first_ca(void **state)
{
	struct peer *p = peer_make(1);

	(void)state;
	assert_cafsm(p, BIG, SCSP_CA_DOWN);
	peer_open(p, BIG);
	peer_hello(p, BIG, false);
	assert_cafsm(p, BIG, SCSP_CA_DOWN);
	peer_put(p, "a", "x");
	peer_hello(p, BIG, true);
	assert_cafsm(p, BIG, NEG);
	check_ca(p, BIG, 1, CA_INIT, peer_dcs(p, BIG).ca_seq, 0);
	peer_free(p);
}

/* SCSP-027, SCSP-028: C2 from every state; nothing goes on running. */
static void
c2_down(void **state)
{
	struct scsp_rec r = peer_record("z", ID(BIG), 5, "x");

	(void)state;
	for (int at = 0; at < 4; at++) {
		struct peer *p = ready(BIG, 6);

		if (at > 0)
			peer_ca(p, BIG, CA_INIT, 500, NULL, 0);
		if (at > 1)
			peer_align(p, BIG, &r, at == 2);
		peer_put(p, "new", "y");
		peer_tick(p);
		peer_hello(p, BIG, false);
		assert_cafsm(p, BIG, SCSP_CA_DOWN);
		assert_int_equal(peer_dcs(p, BIG).crl, 0);
		assert_int_equal(peer_dcs(p, BIG).queue, 0);
		assert_int_equal(peer_dcs(p, BIG).csas_left, 0);
		peer_clear(p);
		peer_wait(p, MSPAN_SEC(8));
		assert_int_equal(peer_said(p, -1, SCSP_HELLO), p->saids);
		peer_free(p);
	}
}

/* SCSP-030: N1: the identical CA, every interval. */
static void
n1_again(void **state)
{
	struct peer *p = ready(BIG, 1);
	uint32_t n = peer_dcs(p, BIG).ca_seq;

	(void)state;
	peer_wait(p, MSPAN_MS(2999));
	assert_int_equal(peer_said(p, BIG, SCSP_CA), 1);
	peer_wait(p, MSPAN_MS(3001));
	check_ca(p, BIG, 3, CA_INIT, n, 0);
	assert_int_equal(peer_dcs(p, BIG).rexmt, 2);
	peer_free(p);
}

/* SCSP-031, SCSP-032, SCSP-033, SCSP-034: N2: slave; all fits, or does not. */
static void
n2_slave(void **state)
{
	struct peer *p = slave(3);

	(void)state;
	check_ca(p, BIG, 1, 0, 500, 3);
	peer_wait(p, MSPAN_SEC(8));
	assert_int_equal(peer_said(p, BIG, SCSP_CA), 1);
	peer_free(p);
	p = slave(6);
	check_ca(p, BIG, 1, O, 500, 4);
	peer_free(p);
	p = slave(0);
	check_ca(p, BIG, 1, 0, 500, 0);
	peer_free(p);
}

/* SCSP-035, SCSP-037, SCSP-038: N3: master. */
static void
n3_master(void **state)
{
	struct peer *p = master(3);
	struct scsp_rec r = peer_record("z", ID(SMALL), 5, "x");
	uint32_t n;

	(void)state;
	check_ca(p, SMALL, 1, M, p->n[SMALL], 3);
	peer_free(p);
	p = ready(SMALL, 6);
	n = peer_dcs(p, SMALL).ca_seq;
	peer_ca(p, SMALL, 0, n, &r, 1);
	check_ca(p, SMALL, 2, M | O, n + 1, 4);
	assert_int_equal(peer_dcs(p, SMALL).crl, 1);
	peer_free(p);
}

/* SCSP-036: N4: an old answer is not ours. */
static void
n4_old_answer(void **state)
{
	struct peer *p = ready(SMALL, 1);
	uint32_t n = peer_dcs(p, SMALL).ca_seq;

	(void)state;
	peer_ca(p, SMALL, 0, n - 1, NULL, 0);
	peer_ca(p, SMALL, 0, n + 1, NULL, 0);
	assert_cafsm(p, SMALL, NEG);
	assert_int_equal(peer_said(p, SMALL, SCSP_CA), 1);
	peer_free(p);
}

/* SCSP-039: N4: all the others. */
static void
n4_ignored(void **state)
{
	struct peer *p = ready(SMALL, 1);
	struct scsp_rec r = peer_record("z", ID(BIG), 5, "x");
	uint32_t n;

	(void)state;
	peer_ca(p, SMALL, CA_INIT, 7, NULL, 0);
	assert_cafsm(p, SMALL, NEG);
	peer_bi(p, BIG);
	n = peer_dcs(p, BIG).ca_seq;
	peer_ca(p, BIG, M, n, NULL, 0);
	peer_ca(p, BIG, CA_INIT, 7, &r, 1);
	peer_ca(p, BIG, 0, n, NULL, 0);
	peer_ca(p, BIG, M | SCSP_CA_I, 7, NULL, 0);
	assert_cafsm(p, BIG, NEG);
	assert_int_equal(peer_said(p, -1, SCSP_CA), 2);
	assert_int_equal(peer_dcs(p, BIG).crl, 0);
	peer_free(p);
}

/* SCSP-039: equal IDs never leave Negotiation, and are told of. */
static void
n4_equal(void **state)
{
	struct peer *p = peer_make(1);
	struct scsp_msg m = { .type = SCSP_HELLO, .interval = 3, .dead = 3,
		.sender = US, .receiver = US };

	(void)state;
	peer_open(p, BIG);
	peer_send(p, BIG, m, NULL, 0);
	m = (struct scsp_msg){ .type = SCSP_CA, .flags = CA_INIT, .ca_seq = 7,
		.sender = US };
	peer_send(p, BIG, m, NULL, 0);
	assert_cafsm(p, BIG, NEG);
	assert_int_equal(scsp_stats(p->s)->drops[SCSP_DROP_SAME_ID], 1);
	peer_free(p);
}

/* SCSP-040: a shorter ID is padded on the left. */
static void
id_order(void **state)
{
	static const uint8_t three[] = { 255, 255, 255 }, five[] = { 1, 0, 0, 0,
		0 };
	struct scsp_oct ids[] = { { three, 3 }, { five, 5 } };

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct peer *p = peer_make(1);
		struct scsp_msg h = { .type = SCSP_HELLO, .interval = 3,
			.dead = 3, .sender = ids[i], .receiver = US };
		struct scsp_msg m = { .type = SCSP_CA, .flags = CA_INIT,
			.ca_seq = 7, .sender = ids[i] };

		peer_open(p, BIG);
		peer_send(p, BIG, h, NULL, 0);
		peer_send(p, BIG, m, NULL, 0);
		assert_cafsm(p, BIG, i == 0 ? NEG : SUM);
		peer_free(p);
	}
}

/* N5: CSUs are not taken yet, and not answered (SCSP-075). */
static void
n5_no_csu(void **state)
{
	struct peer *p = ready(BIG, 1);
	struct scsp_rec r = peer_record("k", ID(BIG), 5, "x");

	(void)state;
	for (int i = 0; i < 2; i++) {
		peer_clear(p);
		peer_csu(p, BIG, SCSP_CSU_REQ, r);
		peer_csu(p, BIG, SCSP_CSU_REP, r);
		peer_csu(p, BIG, SCSP_CSUS, r);
		assert_int_equal(p->saids, 0);
		assert_false(peer_has(p, "k", ID(BIG), 5));
		peer_ca(p, BIG, CA_INIT, 500, NULL, 0);
		assert_cafsm(p, BIG, SUM);
	}
	assert_int_equal(scsp_stats(p->s)->drops[SCSP_DROP_CA_STATE], 6);
	peer_free(p);
}

/* SCSP-059, SCSP-062: A1: the master lost our last CA. */
static void
a1_copy(void **state)
{
	struct peer *p = slave(2);

	(void)state;
	peer_ca(p, BIG, M, 501, NULL, 0);
	peer_clear(p);
	peer_ca(p, BIG, M, 501, NULL, 0);
	check_ca(p, BIG, 1, 0, 501, 0);
	assert_cafsm(p, BIG, ALI);
	peer_free(p);
}

/* With Hellos, |ms|; then the master's last CA comes again. */
static void
ask_again(struct peer *p, int ms)
{
	for (; ms > 2000; ms -= 2000) {
		peer_hello(p, BIG, true);
		peer_wait(p, MSPAN_MS(2000));
	}
	peer_hello(p, BIG, true);
	peer_wait(p, MSPAN_MS(ms));
	peer_clear(p);
	peer_ca(p, BIG, M, p->n[BIG], NULL, 0);
}

/* SCSP-060, SCSP-063: A4: the copy is released in time; then A3.  A1:
 * every repetition restarts the time. */
static void
a4_hold(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		struct peer *p = peer_new();
		int hold = i % 2 == 0 ? 9000 : 3000;

		if (i % 2 != 0)
			p->group.ca_hold = p->group.ca_rexmt;
		peer_start(p, 1);
		peer_align(p, BIG, NULL, 0);
		for (int k = 0; k < 2 && i / 2 != 0; k++) {
			ask_again(p, hold - 1);
			assert_int_equal(peer_said(p, BIG, SCSP_CA), 1);
			assert_cafsm(p, BIG, ALI);
		}
		ask_again(p, hold);
		check_again(p, BIG, p->n[BIG]);
		peer_free(p);
	}
}

/* SCSP-061: U6: a CSUS releases the copy. */
static void
u6_copy(void **state)
{
	struct peer *p = slave(2);

	(void)state;
	peer_ca(p, BIG, M, 501, NULL, 0);
	peer_csu(p, BIG, SCSP_CSUS, peer_record("a", US, SCSP_SEQ_FIRST, ""));
	peer_ca(p, BIG, M, 501, NULL, 0);
	check_again(p, BIG, 501);
	peer_free(p);
}

/* A2: the slave's last CA once more. */
static void
a2_duplicate(void **state)
{
	struct peer *p = peer_make(2);

	(void)state;
	peer_align(p, SMALL, NULL, 0);
	assert_cafsm(p, SMALL, ALI);
	peer_clear(p);
	peer_ca(p, SMALL, 0, p->n[SMALL], NULL, 0);
	assert_cafsm(p, SMALL, ALI);
	assert_int_equal(p->saids, 0);
	peer_free(p);
}

/* SCSP-063: A3: everything else means that the other begins anew. */
static void
a3_again(void **state)
{
	struct scsp_rec r = peer_record("z", ID(SMALL), 5, "x");
	struct peer *p = peer_make(2);

	(void)state;
	peer_align(p, SMALL, &r, 1);
	assert_cafsm(p, SMALL, UPD);
	peer_ca(p, SMALL, CA_INIT, 3, NULL, 0);
	check_again(p, SMALL, 0);
	peer_align(p, BIG, NULL, 0);
	assert_cafsm(p, BIG, ALI);
	peer_ca(p, BIG, M, p->n[BIG] + 1, NULL, 0);
	check_again(p, BIG, p->n[BIG]);
	peer_align(p, BIG, NULL, 0);
	peer_ca(p, BIG, 0, p->n[BIG], NULL, 0);
	check_again(p, BIG, p->n[BIG]);
	peer_align(p, BIG, NULL, 0);
	peer_ca(p, BIG, CA_INIT, 600, NULL, 0); /* N2 at once */
	assert_cafsm(p, BIG, SUM);
	peer_free(p);
}

/* SCSP-073: a CA or CSUS for somebody else. */
static void
receiver(void **state)
{
	struct peer *p = ready(BIG, 1);
	struct scsp_rec r = peer_record("a", US, SCSP_SEQ_FIRST, "");
	struct scsp_msg m = { .type = SCSP_CA, .flags = CA_INIT, .ca_seq = 5,
		.receiver = OTHER };

	(void)state;
	peer_clear(p);
	peer_send(p, BIG, m, NULL, 0);
	assert_cafsm(p, BIG, NEG);
	m.receiver = ALL;
	peer_send(p, BIG, m, NULL, 0);
	assert_cafsm(p, BIG, NEG);
	peer_align(p, BIG, NULL, 0);
	peer_clear(p);
	m = (struct scsp_msg){ .type = SCSP_CSUS, .receiver = OTHER };
	peer_send(p, BIG, m, &r, 1);
	assert_int_equal(p->saids, 0);
	assert_int_equal(scsp_stats(p->s)->drops[SCSP_DROP_RECEIVER], 3);
	assert_int_equal(scsp_stats(p->s)->abnormal, 0);
	peer_free(p);
}

/* SCSP-131: numbers modulo 2^32, each negotiation with a new one. */
static void
numbers(void **state)
{
	struct peer *p = ready(BIG, 6);
	uint32_t a = peer_dcs(p, BIG).ca_seq;

	(void)state;
	peer_hello(p, BIG, false);
	peer_hello(p, BIG, true);
	assert_true(peer_dcs(p, BIG).ca_seq != a);
	peer_ca(p, BIG, CA_INIT, UINT32_MAX, NULL, 0);
	peer_ca(p, BIG, M, 0, NULL, 0);
	check_ca(p, BIG, 4, 0, 0, 2);
	assert_cafsm(p, BIG, ALI);
	peer_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(c1_first_ca),
		cmocka_unit_test(c2_down),
		cmocka_unit_test(n1_again),
		cmocka_unit_test(n2_slave),
		cmocka_unit_test(n3_master),
		cmocka_unit_test(n4_old_answer),
		cmocka_unit_test(n4_ignored),
		cmocka_unit_test(n4_equal),
		cmocka_unit_test(id_order),
		cmocka_unit_test(n5_no_csu),
		cmocka_unit_test(a1_copy),
		cmocka_unit_test(a4_hold),
		cmocka_unit_test(u6_copy),
		cmocka_unit_test(a2_duplicate),
		cmocka_unit_test(a3_again),
		cmocka_unit_test(receiver),
		cmocka_unit_test(numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
