/* SPDX-License-Identifier: BSD-2-Clause */
/* Neighbours that are misconfigured, or do what nobody should: every answer is
 * bounded, and says what is wrong. */
#include "scsp_peer.h"

#define RESTART (1 << 20)
#define ALI SCSP_CA_ALIGNED
#define UPD SCSP_CA_UPDATE

/* who answers with less than it summarized brings nothing forward. */
static void
stale_answers(void **state)
{
	struct peer *p = peer_make(1);
	struct scsp_rec r = peer_record("a", ID(BIG), 5, "x");

	(void)state;
	peer_align(p, BIG, &r, 1);
	r.seq = 4;
	for (int i = 0; i < 4; i++) {
		peer_csu(p, BIG, SCSP_CSU_REQ, r);
		assert_cafsm(p, BIG, UPD);
		peer_hello(p, BIG, true);
		peer_wait(p, MSPAN_SEC(3));
	}
	peer_hello(p, BIG, true);
	peer_wait(p, MSPAN_SEC(3));
	assert_hfsm(p, BIG, SCSP_HELLO_WAITING);
	assert_int_equal(peer_said(p, BIG, SCSP_CSUS), 5);
	peer_free(p);
}

/* A summary that fits no CSUS of ours does not keep us from aligning. */
static void
long_summary(void **state)
{
	struct peer *p = peer_new();
	char key[91];
	struct scsp_rec r[2];

	(void)state;
	memset(key, 'k', 90);
	key[90] = '\0';
	r[0] = peer_record(key, ID(BIG), 5, "x");
	r[1] = peer_record("a", ID(BIG), 5, "x");
	p->cfg.mtu = 110;
	peer_start(p, 1);
	peer_align(p, BIG, r, 2);
	assert_int_equal(peer_said(p, BIG, SCSP_CSUS), 1);
	assert_true(scsp_oct_equal(peer_rec(peer_last(p, BIG, SCSP_CSUS),
	    0).key, text("a")));
	assert_int_equal(scsp_stats(p->s)->drops[SCSP_DROP_TOO_LONG], 1);
	peer_csu(p, BIG, SCSP_CSU_REQ, r[1]);
	assert_cafsm(p, BIG, ALI);
	peer_free(p);
}

/* Nor does a record that came from a larger MTU: it is said to be nothing. */
static void
long_record(void **state)
{
	struct peer *p = peer_new();
	char body[101];
	struct scsp_rec r;

	(void)state;
	memset(body, 'b', 100);
	body[100] = '\0';
	p->cfg.mtu = 110;
	peer_start(p, 2);
	peer_align(p, BIG, NULL, 0);
	peer_csu(p, BIG, SCSP_CSU_REQ, peer_record("a", OTHER, 5, body));
	assert_true(peer_has(p, "a", OTHER, 5));
	peer_align(p, SMALL, NULL, 0);
	peer_csu(p, SMALL, SCSP_CSUS, peer_record("a", OTHER, 5, ""));
	r = peer_rec(peer_last(p, SMALL, SCSP_CSU_REQ), 0);
	assert_true(r.null && r.seq == 5);
	assert_int_equal(scsp_stats(p->s)->drops[SCSP_DROP_TOO_LONG], 1);
	peer_csu(p, SMALL, SCSP_CSU_REP, r);
	assert_int_equal(peer_dcs(p, SMALL).queue, 0);
	peer_free(p);
}

/* Sender IDs other than the DCS's are not acted on, whatever else is right. */
static void
another_sender(void **state)
{
	struct peer *p = peer_make(1);
	struct scsp_rec r = peer_record("a", OTHER, 5, "x");
	struct scsp_msg m = { .type = SCSP_CSU_REQ, .pid = 3, .sgid = 1,
		.sender = OTHER, .receiver = US };

	(void)state;
	peer_align(p, BIG, NULL, 0);
	peer_send(p, BIG, m, &r, 1);
	assert_false(peer_has(p, "a", OTHER, 5));
	assert_int_equal(scsp_stats(p->s)->drops[SCSP_DROP_SENDER], 1);
	assert_cafsm(p, BIG, ALI);
	peer_free(p);
}

/*
 * somebody else writes under our ID.  We do not answer for ever:
 * what is beaten again and again stays, and is counted as what it is; what
 * changes is defended anew.
 */
static void
same_id(void **state)
{
	struct peer *p = peer_make(1);
	struct scsp_rec r = peer_record("a", US, 0, "not mine");
	const struct scsp_stats *st = scsp_stats(p->s);
	size_t n = 0;

	(void)state;
	peer_align(p, BIG, NULL, 0);
	peer_put(p, "a", "mine");
	peer_tick(p);
	for (; st->drops[SCSP_DROP_SAME_ID] == 0; n++) {
		assert_true(n < 20);
		peer_csu(p, BIG, SCSP_CSU_REQ, r);
		if (peer_has(p, "a", US, r.seq + RESTART))
			r.seq += 2 * RESTART;
	}
	assert_int_equal(n, 9);
	peer_clear(p);
	peer_csu(p, BIG, SCSP_CSU_REQ, r);
	assert_int_equal(st->drops[SCSP_DROP_SAME_ID], 2);
	assert_int_equal(peer_said(p, BIG, SCSP_CSU_REP), 1);
	assert_int_equal(peer_said(p, BIG, SCSP_CSU_REQ), 0);
	assert_cafsm(p, BIG, ALI);
	peer_put(p, "a", "still mine");
	peer_csu(p, BIG, SCSP_CSU_REQ, r);
	assert_true(peer_has(p, "a", US, r.seq + RESTART));
	assert_int_equal(st->drops[SCSP_DROP_SAME_ID], 2);
	peer_free(p);
}

/* SCSP-124: a DCS that was away longer than a tombstone lives still gets the
 * purge, or its end would never come. */
static void
purge_without_grave(void **state)
{
	struct peer *p = peer_new();
	struct scsp_rec old = peer_record("a", US, SCSP_SEQ_LAST - 1, "last");

	(void)state;
	p->group.first_seq = SCSP_SEQ_LAST - 1;
	p->group.tombstone = MSPAN_SEC(60);
	p->group.hops = 3;
	peer_start(p, 1);
	peer_put(p, "a", "last");
	peer_put(p, "a", "next");
	peer_wait(p, MSPAN_SEC(61));
	assert_false(peer_has(p, "a", US, SCSP_SEQ_LAST));
	peer_align(p, BIG, &old, 1);
	peer_csu(p, BIG, SCSP_CSU_REQ, old);
	assert_true(peer_has(p, "a", US, SCSP_SEQ_LAST));
	assert_int_equal(peer_rec(peer_last(p, BIG, SCSP_CSU_REQ), 0).seq,
	    SCSP_SEQ_LAST);
	peer_csu(p, BIG, SCSP_CSU_REP,
	    peer_record("a", US, SCSP_SEQ_LAST, ""));
	assert_true(peer_has(p, "a", US, SCSP_SEQ_FIRST));
	peer_free(p);
}

/* SCSP-123: an answer that would need the last number, or one above, purges. */
static void
answer_at_the_end(void **state)
{
	(void)state;
	for (int32_t more = 0; more < 2; more++) {
		struct peer *p = peer_make(1);

		peer_align(p, BIG, NULL, 0);
		peer_csu(p, BIG, SCSP_CSU_REQ, peer_record("a", US,
		    SCSP_SEQ_LAST - RESTART + more, "old life"));
		assert_true(peer_has(p, "a", US, SCSP_SEQ_LAST));
		assert_int_equal(peer_rec(peer_last(p, BIG, SCSP_CSU_REQ),
		    0).body.len, 0);
		assert_int_equal(scsp_put(p->s, p->now, 0, text("a"),
		    text("x")), MARSH_ESTATE);
		peer_wait(p, MSPAN_SEC(2));
		assert_int_equal(scsp_stats(p->s)->rexmt[SCSP_CSU_REQ], 1);
		peer_free(p);
	}
}

/* SCSP-024: a group that comes later uses the VC that stands. */
static void
later_group(void **state)
{
	struct peer *p = peer_make(1);
	struct scsp_group_cfg g = p->group;
	struct atm_addr a = peer_addr(BIG);
	struct scsp_dcs_info d;

	(void)state;
	peer_align(p, BIG, NULL, 0);
	g.sgid = 2;
	assert_int_equal(scsp_add_group(p->s, p->now, &g), 1);
	assert_int_equal(scsp_add_dcs(p->s, p->now, 1, &a), 0);
	peer_clear(p);
	peer_tick(p);
	assert_true(scsp_dcs(p->s, 1, 0, &d));
	assert_int_equal(d.hfsm, SCSP_HELLO_WAITING);
	assert_int_equal(peer_last(p, BIG, SCSP_HELLO)->sgid, 2);
	assert_int_equal(peer_asked(p, ATM_CALL_RQ), 0);
	assert_cafsm(p, BIG, ALI);
	peer_free(p);
}

/* SCSP-115: as far as twice the servers that are known; SCSP-110: PID, SGID. */
static void
hops_and_names(void **state)
{
	struct peer *p = peer_new();
	struct scsp_group_info g;

	(void)state;
	p->group.pid = 1;
	p->group.sgid = 77;
	peer_start(p, 1);
	for (int i = 1; i < 12; i++) {
		struct atm_addr a = peer_addr(i);

		assert_true(scsp_group(p->s, 0, &g));
		assert_int_equal(g.cfg.hops, i < 7 ? 16 : 2 * (i + 1));
		assert_int_equal(scsp_add_dcs(p->s, p->now, 0, &a), 0);
	}
	peer_align(p, BIG, NULL, 0);
	peer_put(p, "a", "x");
	peer_tick(p);
	assert_int_equal(peer_rec(peer_last(p, BIG, SCSP_CSU_REQ), 0).hop, 26);
	assert_int_equal(peer_last(p, BIG, SCSP_CSU_REQ)->pid, 1);
	assert_int_equal(peer_last(p, BIG, SCSP_CSU_REQ)->sgid, 77);
	peer_free(p);
}

static void
nobody_listens(void *ctx, struct mtime now, const struct trace_ev *ev)
{
	(void)now;
	(void)ev;
	(*(int *)ctx)++;
}

/* What is freed says nothing any more: who listened may be gone. */
static void
free_is_silent(void **state)
{
	struct peer *p = peer_new();
	int said = 0;
	struct trace t = { .emit = nobody_listens, .ctx = &said };
	struct atm_addr a = peer_addr(BIG);

	(void)state;
	p->s = scsp_new(&p->cfg, &p->fm.mem, &t);
	assert_int_equal(scsp_add_group(p->s, p->now, &p->group), 0);
	assert_int_equal(scsp_add_dcs(p->s, p->now, 0, &a), 0);
	p->dcss = 1;
	peer_align(p, BIG, NULL, 0);
	assert_true(said > 0);
	said = 0;
	peer_free(p);
	assert_int_equal(said, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stale_answers), cmocka_unit_test(long_summary),
		cmocka_unit_test(long_record), cmocka_unit_test(another_sender),
		cmocka_unit_test(same_id),
		cmocka_unit_test(purge_without_grave),
		cmocka_unit_test(answer_at_the_end),
		cmocka_unit_test(hops_and_names),
		cmocka_unit_test(later_group),
		cmocka_unit_test(free_is_silent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
