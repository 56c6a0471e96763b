/* SPDX-License-Identifier: BSD-2-Clause */
/* The Cache Alignment FSM row by row (RFC 2334 section 2.2, figure 2). */
#include "scsp_peer.h"

#define NEG SCSP_CA_NEGOTIATION
#define SUM SCSP_CA_SUMMARIZE
#define UPD SCSP_CA_UPDATE
#define ALI SCSP_CA_ALIGNED
#define M SCSP_CA_M
#define O SCSP_CA_O

static const char *const keys[] = { "a", "b", "c", "d", "e", "f", "g", "h", "i",
	"j" };

/* A server with |n| own records, four summaries a message, before |i|. */
static struct peer *
ready(int i, unsigned n)
{
	struct peer *p = peer_new();

	p->cfg.mtu = 100;
	peer_start(p, (unsigned)i + 1);
	for (unsigned k = 0; k < n; k++)
		peer_put(p, keys[k], "x");
	peer_bi(p, i);
	return p;
}

/* Master in Summarize: its first CA is out, with number p->n[SMALL]. */
static struct peer *
master(unsigned n)
{
	struct peer *p = ready(SMALL, n);

	p->n[SMALL] = peer_last(p, SMALL, SCSP_CA)->ca_seq;
	peer_clear(p);
	peer_ca(p, SMALL, 0, p->n[SMALL]++, NULL, 0);
	assert_cafsm(p, SMALL, SUM);
	assert_true(peer_dcs(p, SMALL).master);
	return p;
}

/* Slave in Summarize under number 500. */
static struct peer *
slave(unsigned n)
{
	struct peer *p = ready(BIG, n);

	peer_clear(p);
	peer_ca(p, BIG, CA_INIT, 500, NULL, 0);
	assert_cafsm(p, BIG, SUM);
	assert_false(peer_dcs(p, BIG).master);
	return p;
}

static void
check_ca(const struct peer *p, int i, size_t count, uint16_t flags,
    uint32_t seq, unsigned nrec)
{
	const struct scsp_msg *m = peer_last(p, i, SCSP_CA);

	assert_int_equal(peer_said(p, i, SCSP_CA), count);
	assert_int_equal(m->flags, flags);
	assert_int_equal(m->ca_seq, seq);
	assert_int_equal(m->nrec, nrec);
	assert_true(scsp_oct_equal(m->sender, US));
	assert_true(scsp_oct_equal(m->receiver, ID(i)));
}

/* Back in Negotiation with a new number, said at once. */
static void
check_again(const struct peer *p, int i, uint32_t old)
{
	assert_cafsm(p, i, NEG);
	assert_int_equal(peer_last(p, i, SCSP_CA)->flags, CA_INIT);
	assert_true(peer_last(p, i, SCSP_CA)->ca_seq != old);
	assert_int_equal(peer_dcs(p, i).crl, 0);
}

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
	assert_int_equal(scsp_stats(p->s)->drops[SCSP_DROP_SENDER], 1);
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
	peer_wait(p, MSPAN_MS(999));
	assert_cafsm(p, BIG, SUM);
	peer_wait(p, MSPAN_MS(1));
	check_again(p, BIG, 500);
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

/* SCSP-060, SCSP-063: A4: the copy is released in time; then A3. */
static void
a4_hold(void **state)
{
	(void)state;
	for (int configured = 0; configured < 2; configured++) {
		struct peer *p = peer_new();

		if (configured)
			p->group.ca_hold = p->group.ca_rexmt;
		peer_start(p, 1);
		peer_align(p, BIG, NULL, 0);
		peer_wait(p, MSPAN_MS(configured ? 2999 : 8999));
		peer_clear(p);
		peer_ca(p, BIG, M, p->n[BIG], NULL, 0); /* restarts it */
		assert_int_equal(peer_said(p, BIG, SCSP_CA), 1);
		peer_hello(p, BIG, true);
		peer_wait(p, MSPAN_MS(configured ? 3000 : 8000));
		peer_hello(p, BIG, true);
		peer_wait(p, MSPAN_MS(configured ? 0 : 1000));
		peer_ca(p, BIG, M, p->n[BIG], NULL, 0);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(c1_first_ca), cmocka_unit_test(c2_down),
		cmocka_unit_test(n1_again), cmocka_unit_test(n2_slave),
		cmocka_unit_test(n3_master), cmocka_unit_test(n4_old_answer),
		cmocka_unit_test(n4_ignored), cmocka_unit_test(n4_equal),
		cmocka_unit_test(id_order), cmocka_unit_test(n5_no_csu),
		cmocka_unit_test(s1_wrong_m), cmocka_unit_test(s1_init),
		cmocka_unit_test(m1_duplicate), cmocka_unit_test(m2_done),
		cmocka_unit_test(m3_empty), cmocka_unit_test(m4_batches),
		cmocka_unit_test(m5_number), cmocka_unit_test(m6_again),
		cmocka_unit_test(l1_repeat), cmocka_unit_test(l2_done),
		cmocka_unit_test(l3_l4_l5), cmocka_unit_test(l6_number),
		cmocka_unit_test(l7_guard), cmocka_unit_test(crl),
		cmocka_unit_test(changes_meanwhile),
		cmocka_unit_test(a1_copy), cmocka_unit_test(a4_hold),
		cmocka_unit_test(u6_copy), cmocka_unit_test(a2_duplicate),
		cmocka_unit_test(a3_again), cmocka_unit_test(receiver),
		cmocka_unit_test(numbers), cmocka_unit_test(a02_literal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
