/* SPDX-License-Identifier: BSD-2-Clause */
/* Solicits and their answers (RFC 2334 section 2.2.3). */
#include "scsp_peer.h"

#define UPD SCSP_CA_UPDATE
#define ALI SCSP_CA_ALIGNED

/* SCSP-067, SCSP-068, SCSP-072: U2, U3, U4: one CSUS, answered. */
static void
u_solicit(void **state)
{
	struct peer *p = peer_make(1);
	struct scsp_rec r[] = { peer_record("a", ID(BIG), 5, "x"),
		peer_record("b", ID(BIG), 6, "y") };

	(void)state;
	peer_align(p, BIG, r, 2);
	assert_cafsm(p, BIG, UPD);
	assert_int_equal(peer_said(p, BIG, SCSP_CSUS), 1);
	assert_int_equal(peer_last(p, BIG, SCSP_CSUS)->nrec, 2);
	r[0].hop = 1;
	peer_csu(p, BIG, SCSP_CSU_REQ, r[0]);
	assert_cafsm(p, BIG, UPD);
	peer_csu(p, BIG, SCSP_CSU_REQ, r[1]);
	assert_cafsm(p, BIG, ALI);
	assert_true(peer_has(p, "a", ID(BIG), 5));
	assert_true(peer_has(p, "b", ID(BIG), 6));
	peer_wait(p, MSPAN_SEC(8));
	assert_int_equal(peer_said(p, BIG, SCSP_CSUS), 1);
	peer_free(p);
}

/* SCSP-069: U5: what is unanswered again, filled up with others. */
static void
u5_timer(void **state)
{
	struct peer *p = peer_new();
	struct scsp_rec r[6], q;

	(void)state;
	p->cfg.mtu = 100; /* four summaries */
	peer_start(p, 1);
	for (int i = 0; i < 6; i++)
		r[i] = peer_record((const char *[]){ "a", "b", "c", "d", "e",
			"f" }[i], ID(BIG), i, "x");
	peer_align(p, BIG, r, 6);
	assert_int_equal(peer_last(p, BIG, SCSP_CSUS)->nrec, 4);
	for (int i = 0; i < 3; i++) {
		q = peer_rec(peer_last(p, BIG, SCSP_CSUS), 0);
		q.body = text("x");
		peer_csu(p, BIG, SCSP_CSU_REQ, q);
		q = peer_rec(peer_last(p, BIG, SCSP_CSUS), 1);
		q.body = text("x");
		peer_csu(p, BIG, SCSP_CSU_REQ, q);
		if (i == 0) {
			peer_wait(p, MSPAN_MS(2999));
			assert_int_equal(peer_said(p, BIG, SCSP_CSUS), 1);
			peer_wait(p, MSPAN_MS(1));
			assert_int_equal(peer_said(p, BIG, SCSP_CSUS), 2);
			assert_int_equal(peer_last(p, BIG, SCSP_CSUS)->nrec, 4);
		} else if (i == 1) {
			assert_int_equal(peer_dcs(p, BIG).crl, 2);
			peer_wait(p, MSPAN_SEC(3));
			assert_int_equal(peer_last(p, BIG, SCSP_CSUS)->nrec, 2);
		}
	}
	assert_cafsm(p, BIG, ALI);
	peer_free(p);
}

/* SCSP-070, SCSP-067: the next CSUS holds only new ones, when all came. */
static void
u3_next(void **state)
{
	struct peer *p = peer_new();
	struct scsp_rec r[6], q[4];

	(void)state;
	p->cfg.mtu = 100;
	peer_start(p, 1);
	for (int i = 0; i < 6; i++)
		r[i] = peer_record((const char *[]){ "a", "b", "c", "d", "e",
			"f" }[i], ID(BIG), i, "x");
	peer_align(p, BIG, r, 6);
	for (unsigned i = 0; i < 4; i++) {
		q[i] = peer_rec(peer_last(p, BIG, SCSP_CSUS), i);
		q[i].body = text("x");
		assert_int_equal(peer_said(p, BIG, SCSP_CSUS), 1);
	}
	peer_send(p, BIG, (struct scsp_msg){ .type = SCSP_CSU_REQ }, q, 4);
	assert_int_equal(peer_said(p, BIG, SCSP_CSUS), 2);
	assert_int_equal(peer_last(p, BIG, SCSP_CSUS)->nrec, 2);
	assert_int_equal(peer_last(p, BIG, SCSP_CSUS)->receiver.len, 4);
	peer_free(p);
}

/* SCSP-071: a newer one or a Null record answers, an older one does not. */
static void
answered(void **state)
{
	struct peer *p = peer_make(1);
	struct scsp_rec r[] = { peer_record("a", ID(BIG), 5, "x"),
		peer_record("b", ID(BIG), 6, "y") };

	(void)state;
	peer_align(p, BIG, r, 2);
	r[0].seq = 4;
	peer_csu(p, BIG, SCSP_CSU_REQ, r[0]);
	assert_int_equal(peer_dcs(p, BIG).crl, 2);
	r[0].seq = 7;
	peer_csu(p, BIG, SCSP_CSU_REQ, r[0]);
	assert_int_equal(peer_dcs(p, BIG).crl, 1);
	r[1].null = true;
	r[1].body.len = 0;
	peer_csu(p, BIG, SCSP_CSU_REQ, r[1]);
	assert_cafsm(p, BIG, ALI);
	peer_free(p);
}

/* five CSUSs in vain are an abnormal event; progress starts over. */
static void
csus_max(void **state)
{
	struct peer *p = peer_make(1);
	struct scsp_rec r[] = { peer_record("a", ID(BIG), 5, "x"),
		peer_record("b", ID(BIG), 6, "y") };

	(void)state;
	peer_align(p, BIG, r, 2);
	for (int i = 0; i < 4; i++) {
		peer_hello(p, BIG, true);
		peer_wait(p, MSPAN_SEC(3));
	}
	peer_csu(p, BIG, SCSP_CSU_REQ, r[0]);
	for (int i = 0; i < 5; i++) {
		peer_hello(p, BIG, true);
		peer_wait(p, MSPAN_SEC(3));
		assert_cafsm(p, BIG, UPD);
	}
	peer_hello(p, BIG, true);
	peer_wait(p, MSPAN_SEC(3));
	assert_hfsm(p, BIG, SCSP_HELLO_WAITING);
	assert_int_equal(peer_said(p, BIG, SCSP_CSUS), 10);
	peer_free(p);
}

/* SCSP-028: the timer of a CSUS ends with the alignment that it was of. */
static void
csus_timer_ends(void **state)
{
	struct peer *p = peer_make(1);
	struct scsp_rec r = peer_record("a", ID(BIG), 5, "x");

	(void)state;
	peer_align(p, BIG, &r, 1);
	peer_wait(p, MSPAN_SEC(2));
	peer_hello(p, BIG, false);
	peer_align(p, BIG, &r, 1);
	assert_int_equal(peer_said(p, BIG, SCSP_CSUS), 2);
	peer_wait(p, MSPAN_MS(2999));
	assert_int_equal(peer_said(p, BIG, SCSP_CSUS), 2);
	peer_wait(p, MSPAN_MS(1));
	assert_int_equal(peer_said(p, BIG, SCSP_CSUS), 3);
	peer_free(p);
}

/* SCSP-074, SCSP-076, SCSP-117: a CSUS is answered to its sender, hop 1. */
static void
csus_answer(void **state)
{
	struct peer *p = peer_aligned(2);
	struct scsp_rec r;

	(void)state;
	peer_put(p, "a", "content");
	peer_tick(p);
	peer_csu(p, BIG, SCSP_CSU_REP, peer_record("a", US, SCSP_SEQ_FIRST, ""));
	peer_csu(p, SMALL, SCSP_CSU_REP,
	    peer_record("a", US, SCSP_SEQ_FIRST, ""));
	peer_clear(p);
	peer_csu(p, BIG, SCSP_CSUS, peer_record("a", US, SCSP_SEQ_FIRST, ""));
	assert_int_equal(peer_said(p, -1, SCSP_CSU_REQ), 1);
	r = peer_rec(peer_last(p, BIG, SCSP_CSU_REQ), 0);
	check_rec(&r, "a", US, SCSP_SEQ_FIRST, 1);
	assert_true(scsp_oct_equal(r.body, text("content")));
	assert_false(r.null);
	peer_free(p);
}

/* SCSP-090: what is gone is answered by a Null record. */
static void
csus_null(void **state)
{
	struct peer *p = peer_aligned(1);
	struct scsp_rec r;

	(void)state;
	peer_csu(p, BIG, SCSP_CSUS, peer_record("gone", OTHER, 9, ""));
	r = peer_rec(peer_last(p, BIG, SCSP_CSU_REQ), 0);
	check_rec(&r, "gone", OTHER, 9, 1);
	assert_true(r.null);
	assert_int_equal(r.body.len, 0);
	r.null = true;
	peer_csu(p, BIG, SCSP_CSU_REP, r);
	assert_int_equal(peer_dcs(p, BIG).queue, 0);
	peer_free(p);
}

/* SCSP-091: a Null record is acknowledged as such and changes nothing. */
static void
null_record(void **state)
{
	struct peer *p = peer_aligned(2);
	struct scsp_rec r = peer_record("a", OTHER, 5, "x");

	(void)state;
	peer_csu(p, SMALL, SCSP_CSU_REQ, r);
	peer_clear(p);
	r.seq = 9;
	r.null = true;
	r.body.len = 0;
	peer_csu(p, BIG, SCSP_CSU_REQ, r);
	assert_true(peer_ack(p, BIG, 0).null);
	assert_int_equal(peer_ack(p, BIG, 0).seq, 9);
	assert_true(peer_has(p, "a", OTHER, 5));
	assert_int_equal(peer_said(p, -1, SCSP_CSU_REQ), 0);
	peer_free(p);
}

/* SCSP-118, A-18: solicited, it starts anew; to the letter, it ends here. */
static void
solicited_floods(void **state)
{
	(void)state;
	for (int literal = 0; literal < 2; literal++) {
		struct peer *p = peer_new();
		struct scsp_rec r = peer_record("a", OTHER, 5, "x");

		p->group.literal_a18 = literal != 0;
		peer_start(p, 2);
		peer_align(p, SMALL, NULL, 0);
		peer_align(p, BIG, &r, 1);
		r.hop = 1;
		peer_csu(p, BIG, SCSP_CSU_REQ, r);
		assert_int_equal(peer_said(p, SMALL, SCSP_CSU_REQ), !literal);
		if (!literal)
			assert_int_equal(peer_rec(peer_last(p, SMALL,
			    SCSP_CSU_REQ), 0).hop, 16);
		peer_free(p);
	}
}

/* The verb that asks one DCS for its instance. */
static void
solicit_verb(void **state)
{
	struct peer *p = peer_make(1);
	struct atm_addr a = peer_addr(BIG), b = peer_addr(2);

	(void)state;
	assert_int_equal(scsp_solicit(p->s, p->now, 0, &b, text("k"), OTHER),
	    MARSH_ENOENT);
	assert_int_equal(scsp_solicit(p->s, p->now, 0, &a, text("k"), OTHER),
	    MARSH_ESTATE);
	peer_align(p, BIG, NULL, 0);
	assert_int_equal(scsp_solicit(p->s, p->now, 0, &a, text("k"), OTHER), 0);
	peer_tick(p);
	assert_int_equal(peer_said(p, BIG, SCSP_CSUS), 1);
	assert_cafsm(p, BIG, ALI);
	peer_csu(p, BIG, SCSP_CSU_REQ, peer_record("k", OTHER, -8, "x"));
	assert_int_equal(peer_dcs(p, BIG).crl, 0);
	assert_true(peer_has(p, "k", OTHER, -8));
	peer_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(u_solicit),
		cmocka_unit_test(u5_timer),
		cmocka_unit_test(u3_next),
		cmocka_unit_test(answered),
		cmocka_unit_test(csus_max),
		cmocka_unit_test(csus_timer_ends),
		cmocka_unit_test(csus_answer),
		cmocka_unit_test(csus_null),
		cmocka_unit_test(null_record),
		cmocka_unit_test(solicited_floods),
		cmocka_unit_test(solicit_verb),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
