/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests and replies (RFC 2334 section 2.3). */
#include "scsp_peer.h"

#define ALI SCSP_CA_ALIGNED

/* SCSP-077, SCSP-115: an own change goes to all that may have it. */
static void
own_change(void **state)
{
	struct peer *p = peer_aligned(2);
	struct scsp_rec r;

	(void)state;
	peer_put(p, "a", "x");
	peer_put(p, "b", "y");
	assert_int_equal(p->saids, 0);
	peer_tick(p);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(peer_said(p, i, SCSP_CSU_REQ), 1);
		assert_int_equal(peer_last(p, i, SCSP_CSU_REQ)->nrec, 2);
		assert_true(scsp_oct_equal(peer_last(p, i,
		    SCSP_CSU_REQ)->receiver, ID(i)));
		r = peer_rec(peer_last(p, i, SCSP_CSU_REQ), 0);
		check_rec(&r, "a", US, SCSP_SEQ_FIRST, 16);
	}
	peer_free(p);
}

/* SCSP-078, SCSP-116, SCSP-080: newer: stored, acknowledged, sent on. */
static void
newer(void **state)
{
	struct peer *p = peer_aligned(3);
	struct scsp_rec r = peer_record("a", OTHER, 5, "x"), q;

	(void)state;
	peer_csu(p, BIG, SCSP_CSU_REQ, r);
	assert_true(peer_has(p, "a", OTHER, 5));
	assert_int_equal(peer_said(p, BIG, SCSP_CSU_REQ), 0);
	assert_int_equal(peer_said(p, SMALL, SCSP_CSU_REQ), 1);
	assert_int_equal(peer_said(p, 2, SCSP_CSU_REQ), 1);
	q = peer_rec(peer_last(p, 2, SCSP_CSU_REQ), 0);
	check_rec(&q, "a", OTHER, 5, 15);
	q = peer_ack(p, BIG, 0);
	check_rec(&q, "a", OTHER, 5, 1);
	assert_int_equal(peer_said(p, -1, SCSP_CSU_REP), 1);
	peer_free(p);
}

/* SCSP-116: hop 1 and 0 are taken and go no further. */
static void
last_hop(void **state)
{
	struct peer *p = peer_aligned(2);
	struct scsp_rec r = peer_record("a", OTHER, 5, "x");

	(void)state;
	for (int hop = 2; hop-- > 0;) {
		r.hop = (uint16_t)hop;
		r.seq++;
		peer_csu(p, BIG, SCSP_CSU_REQ, r);
		assert_true(peer_has(p, "a", OTHER, r.seq));
		assert_int_equal(peer_ack(p, BIG, 0).seq, r.seq);
	}
	assert_int_equal(peer_said(p, SMALL, SCSP_CSU_REQ), 0);
	peer_free(p);
}

/* SCSP-079: equal: acknowledged, nothing else. */
static void
equal(void **state)
{
	struct peer *p = peer_aligned(2);
	struct scsp_rec r = peer_record("a", OTHER, 5, "x");

	(void)state;
	peer_csu(p, BIG, SCSP_CSU_REQ, r);
	peer_csu(p, SMALL, SCSP_CSU_REP, r);
	peer_clear(p);
	r.body = text("other");
	peer_csu(p, BIG, SCSP_CSU_REQ, r);
	assert_int_equal(peer_said(p, BIG, SCSP_CSU_REP), 1);
	assert_int_equal(p->saids, 1);
	peer_free(p);
}

/* SCSP-089: older: acknowledged with what the cache has. */
static void
older(void **state)
{
	struct peer *p = peer_aligned(1);
	struct scsp_rec r = peer_record("a", OTHER, 5, "x"), q;

	(void)state;
	peer_csu(p, BIG, SCSP_CSU_REQ, r);
	r.seq = -3;
	peer_csu(p, BIG, SCSP_CSU_REQ, r);
	q = peer_ack(p, BIG, 0);
	check_rec(&q, "a", OTHER, 5, 1);
	assert_true(peer_has(p, "a", OTHER, 5));
	peer_free(p);
}

/* SCSP-080: what finds no memory is not acknowledged. */
static void
no_resources(void **state)
{
	struct peer *p = peer_aligned(2);
	int stored = 0, acked = 0;

	(void)state;
	for (int i = 0; i < 300; i++) {
		struct scsp_rec r = peer_record("a", OTHER, i, "x");
		uint8_t b[SCSP_MTU];
		struct scsp_msg m = { .type = SCSP_CSU_REQ, .pid = 3,
			.sgid = 1, .sender = ID(BIG), .receiver = US };
		size_t n;
		char key[8];

		snprintf(key, sizeof(key), "%d", i);
		r.key = text(key);
		n = peer_build(p, b, &m, &r, 1);
		peer_clear(p);
		p->fm.fail_at = p->fm.count + 2; /* 1 is the test's frame */
		peer_bytes(p, peer_ref(BIG), b, n);
		p->fm.fail_at = 0;
		peer_tick(p);
		stored += peer_has(p, key, OTHER, i);
		if (peer_said(p, BIG, SCSP_CSU_REP) != 0) {
			acked++;
			assert_true(peer_has(p, key, OTHER, i));
		}
	}
	assert_true(acked < 300);
	assert_true(stored >= acked);
	peer_free(p);
}

/* SCSP-081, SCSP-086: replies in any grouping (A-19: other hop). */
static void
replies(void **state)
{
	struct peer *p = peer_aligned(1);
	struct scsp_rec r[3];

	(void)state;
	for (int i = 0; i < 3; i++) {
		r[i] = peer_record((const char *[]){ "a", "b", "c" }[i], US,
		    SCSP_SEQ_FIRST, "x");
		peer_put(p, (const char *[]){ "a", "b", "c" }[i], "x");
		if (i == 1)
			peer_tick(p);
	}
	peer_tick(p);
	assert_int_equal(peer_said(p, BIG, SCSP_CSU_REQ), 2);
	assert_int_equal(peer_dcs(p, BIG).requests, 2);
	assert_int_equal(peer_dcs(p, BIG).queue, 3);
	peer_send(p, BIG, (struct scsp_msg){ .type = SCSP_CSU_REP }, r + 1, 2);
	assert_int_equal(peer_dcs(p, BIG).requests, 1);
	assert_int_equal(peer_dcs(p, BIG).queue, 1);
	peer_csu(p, BIG, SCSP_CSU_REP, r[0]);
	assert_int_equal(peer_dcs(p, BIG).requests, 0);
	peer_csu(p, BIG, SCSP_CSU_REP, r[0]); /* nothing of that name */
	peer_clear(p);
	peer_wait(p, MSPAN_SEC(5));
	assert_int_equal(peer_said(p, BIG, SCSP_CSU_REQ), 0);
	peer_free(p);
}

/* SCSP-082, SCSP-083: only what is not acknowledged, to that DCS alone. */
static void
retransmit(void **state)
{
	struct peer *p = peer_aligned(2);
	struct scsp_rec r;

	(void)state;
	peer_put(p, "a", "x");
	peer_put(p, "b", "y");
	peer_tick(p);
	r = peer_record("a", US, SCSP_SEQ_FIRST, "");
	peer_csu(p, BIG, SCSP_CSU_REP, r);
	peer_csu(p, SMALL, SCSP_CSU_REP, r);
	r = peer_record("b", US, SCSP_SEQ_FIRST, "");
	peer_csu(p, SMALL, SCSP_CSU_REP, r);
	peer_clear(p);
	peer_wait(p, MSPAN_MS(1999));
	assert_int_equal(peer_said(p, -1, SCSP_CSU_REQ), 0);
	peer_wait(p, MSPAN_MS(1));
	assert_int_equal(peer_said(p, -1, SCSP_CSU_REQ), 1);
	assert_int_equal(peer_last(p, BIG, SCSP_CSU_REQ)->nrec, 1);
	r = peer_rec(peer_last(p, BIG, SCSP_CSU_REQ), 0);
	check_rec(&r, "b", US, SCSP_SEQ_FIRST, 16);
	peer_wait(p, MSPAN_SEC(2));
	assert_int_equal(peer_said(p, -1, SCSP_CSU_REQ), 2);
	peer_free(p);
}

/* SCSP-084: five transmissions in vain are an abnormal event. */
static void
csu_max(void **state)
{
	struct peer *p = peer_aligned(2);

	(void)state;
	peer_put(p, "a", "x");
	peer_tick(p);
	peer_csu(p, SMALL, SCSP_CSU_REP, peer_record("a", US, SCSP_SEQ_FIRST, ""));
	for (int i = 0; i < 5; i++) {
		assert_hfsm(p, BIG, SCSP_HELLO_BIDIRECTIONAL);
		peer_hello(p, BIG, true);
		peer_hello(p, SMALL, true);
		peer_wait(p, MSPAN_SEC(2));
	}
	assert_hfsm(p, BIG, SCSP_HELLO_WAITING);
	assert_cafsm(p, BIG, SCSP_CA_DOWN);
	assert_cafsm(p, SMALL, ALI);
	assert_int_equal(peer_said(p, BIG, SCSP_CSU_REQ), 5);
	assert_int_equal(scsp_stats(p->s)->abnormal, 1);
	peer_free(p);
}

/* SCSP-085, SCSP-087: a newer instance takes the older one's place. */
static void
one_instance(void **state)
{
	struct peer *p = peer_aligned(1);

	(void)state;
	peer_put(p, "a", "x");
	peer_tick(p);
	peer_put(p, "a", "y");
	assert_int_equal(peer_dcs(p, BIG).queue, 1);
	assert_int_equal(peer_dcs(p, BIG).requests, 0);
	peer_tick(p);
	peer_csu(p, BIG, SCSP_CSU_REP, peer_record("a", US, SCSP_SEQ_FIRST, ""));
	assert_int_equal(peer_dcs(p, BIG).queue, 1);
	peer_csu(p, BIG, SCSP_CSU_REP, peer_record("a", US, SCSP_SEQ_FIRST + 1,
	    ""));
	assert_int_equal(peer_dcs(p, BIG).queue, 0);
	peer_free(p);
}

/* SCSP-088: A5: the reply names a newer one: it is solicited, still Aligned. */
static void
newer_in_reply(void **state)
{
	struct peer *p = peer_aligned(2);
	struct scsp_rec r = peer_record("a", OTHER, 5, "x");

	(void)state;
	peer_csu(p, SMALL, SCSP_CSU_REQ, r);
	assert_int_equal(peer_dcs(p, BIG).queue, 1);
	r.seq = 8;
	peer_csu(p, BIG, SCSP_CSU_REP, r);
	assert_int_equal(peer_dcs(p, BIG).queue, 0);
	assert_int_equal(peer_said(p, BIG, SCSP_CSUS), 1);
	assert_int_equal(peer_rec(peer_last(p, BIG, SCSP_CSUS), 0).seq, 8);
	assert_cafsm(p, BIG, ALI);
	peer_csu(p, BIG, SCSP_CSU_REQ, r);
	assert_true(peer_has(p, "a", OTHER, 8));
	assert_int_equal(peer_dcs(p, BIG).crl, 0);
	peer_free(p);
}

/* SCSP-092, SCSP-093: the same from both sides: acknowledged without words. */
static void
implicit(void **state)
{
	struct peer *p = peer_aligned(2);
	struct scsp_rec r = peer_record("a", OTHER, 5, "x");

	(void)state;
	peer_csu(p, SMALL, SCSP_CSU_REQ, r);
	assert_int_equal(peer_dcs(p, BIG).queue, 1);
	peer_csu(p, BIG, SCSP_CSU_REQ, r);
	assert_int_equal(peer_dcs(p, BIG).queue, 0);
	assert_int_equal(peer_said(p, BIG, SCSP_CSU_REP), 1);
	peer_free(p);
}

/* SCSP-094, SCSP-096: receivers: ours, all, nobody else. */
static void
receivers(void **state)
{
	struct peer *p = peer_aligned(1);
	struct scsp_rec r = peer_record("a", OTHER, 5, "x");
	struct scsp_msg m = { .type = SCSP_CSU_REQ, .receiver = OTHER };

	(void)state;
	peer_send(p, BIG, m, &r, 1);
	assert_int_equal(p->saids, 0);
	assert_false(peer_has(p, "a", OTHER, 5));
	m.type = SCSP_CSU_REP;
	peer_send(p, BIG, m, &r, 1);
	assert_int_equal(scsp_stats(p->s)->drops[SCSP_DROP_RECEIVER], 2);
	m = (struct scsp_msg){ .type = SCSP_CSU_REQ, .receiver = ALL };
	peer_send(p, BIG, m, &r, 1);
	assert_true(peer_has(p, "a", OTHER, 5));
	assert_true(scsp_oct_equal(peer_last(p, BIG, SCSP_CSU_REP)->receiver,
	    ID(BIG)));
	peer_free(p);
}

/* SCSP-101: the same key of two originators is two entries. */
static void
originators(void **state)
{
	struct peer *p = peer_aligned(1);

	(void)state;
	peer_csu(p, BIG, SCSP_CSU_REQ, peer_record("a", OTHER, 5, "x"));
	peer_csu(p, BIG, SCSP_CSU_REQ, peer_record("a", ID(BIG), 3, "y"));
	peer_put(p, "a", "z");
	assert_true(peer_has(p, "a", OTHER, 5));
	assert_true(peer_has(p, "a", ID(BIG), 3));
	assert_true(peer_has(p, "a", US, SCSP_SEQ_FIRST));
	peer_free(p);
}

/* SCSP-100, SCSP-121: signed numbers; the reserved one is never stored. */
static void
signed_numbers(void **state)
{
	static const int32_t up[] = { SCSP_SEQ_FIRST, -1, 0, 0x7ffffffe };
	struct peer *p = peer_aligned(1);

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		peer_csu(p, BIG, SCSP_CSU_REQ,
		    peer_record("a", OTHER, up[i], "x"));
		assert_true(peer_has(p, "a", OTHER, up[i]));
	}
	peer_csu(p, BIG, SCSP_CSU_REQ, peer_record("b", OTHER, SCSP_SEQ_NONE,
	    "x"));
	assert_false(peer_has(p, "b", OTHER, SCSP_SEQ_NONE));
	peer_free(p);
}

/* SCSP-133: nothing exceeds the MTU; what would is refused. */
static void
mtu(void **state)
{
	struct peer *p = peer_new();
	uint8_t body[256] = { 1 };

	(void)state;
	p->cfg.mtu = 200;
	peer_start(p, 1);
	peer_align(p, BIG, NULL, 0);
	peer_clear(p);
	assert_int_equal(scsp_put(p->s, p->now, 0, text("k"), oct(body, 140)),
	    MARSH_EINVAL);
	for (int i = 0; i < 26; i++) {
		char key[2] = { (char)('a' + i), 0 };

		peer_put(p, key, "ten octets");
	}
	peer_tick(p);
	assert_int_equal(peer_said(p, BIG, SCSP_CSU_REQ), 5);
	for (size_t i = 0; i < p->saids; i++)
		assert_true(p->said[i].m.size <= 200);
	peer_free(p);
}

/* A window of requests; a step that finds little room goes on later. */
static void
window_and_room(void **state)
{
	struct peer *p = peer_new();
	char key[8];

	(void)state;
	p->cfg.mtu = 100;
	p->group.window = 7;
	p->room = SCSP_OUT_MIN;
	peer_start(p, 1);
	peer_align(p, BIG, NULL, 0);
	peer_clear(p);
	for (int i = 0; i < 300; i++) {
		snprintf(key, sizeof(key), "%d", i);
		peer_put(p, key, "x");
	}
	peer_tick(p);
	assert_int_equal(peer_said(p, BIG, SCSP_CSU_REQ), 7);
	assert_int_equal(peer_dcs(p, BIG).requests, 7);
	for (int i = 0; i < 300; i++) {
		snprintf(key, sizeof(key), "%d", i);
		peer_csu(p, BIG, SCSP_CSU_REP, peer_record(key, US,
		    SCSP_SEQ_FIRST, ""));
		assert_true(peer_dcs(p, BIG).requests <= 7);
	}
	assert_int_equal(peer_dcs(p, BIG).queue, 0);
	peer_free(p);
}

/* Replies may be collected for a while. */
static void
reply_delay(void **state)
{
	struct peer *p = peer_new();

	(void)state;
	p->group.reply_delay = MSPAN_SEC(5); /* 200 ms at most */
	peer_start(p, 1);
	peer_align(p, BIG, NULL, 0);
	peer_clear(p);
	peer_csu(p, BIG, SCSP_CSU_REQ, peer_record("a", OTHER, 5, "x"));
	peer_wait(p, MSPAN_MS(199));
	peer_csu(p, BIG, SCSP_CSU_REQ, peer_record("b", OTHER, 5, "x"));
	assert_int_equal(p->saids, 0);
	peer_wait(p, MSPAN_MS(1));
	assert_int_equal(peer_said(p, BIG, SCSP_CSU_REP), 1);
	assert_int_equal(peer_last(p, BIG, SCSP_CSU_REP)->nrec, 2);
	peer_free(p);
}

static bool
odd(const struct scsp_rec *r)
{
	return r->body.len % 2 == 1;
}

static bool
gone(const struct scsp_rec *r)
{
	return r->body.p[0] == '-';
}

/* B-11: what the layer above refuses is acknowledged and nothing more. */
static void
policy(void **state)
{
	static const struct scsp_policy above = { odd, gone };
	struct peer *p = peer_new();
	struct scsp_entry_info e;

	(void)state;
	p->group.policy = &above;
	peer_start(p, 2);
	peer_align(p, SMALL, NULL, 0);
	peer_align(p, BIG, (struct scsp_rec[]){ peer_record("a", OTHER, 5, "") },
	    1);
	peer_clear(p);
	peer_csu(p, BIG, SCSP_CSU_REQ, peer_record("a", OTHER, 5, "xx"));
	assert_int_equal(peer_said(p, BIG, SCSP_CSU_REP), 1);
	assert_int_equal(peer_said(p, SMALL, SCSP_CSU_REQ), 0);
	assert_false(peer_has(p, "a", OTHER, 5));
	assert_cafsm(p, BIG, ALI); /* nor is it asked for again */
	assert_int_equal(scsp_stats(p->s)->drops[SCSP_DROP_INVALID], 1);
	peer_csu(p, BIG, SCSP_CSU_REQ, peer_record("a", OTHER, 6, "-xx"));
	assert_true(scsp_find(p->s, 0, text("a"), OTHER, &e));
	assert_true(e.tombstone);
	peer_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_change),
		cmocka_unit_test(newer),
		cmocka_unit_test(last_hop),
		cmocka_unit_test(equal),
		cmocka_unit_test(older),
		cmocka_unit_test(no_resources),
		cmocka_unit_test(replies),
		cmocka_unit_test(retransmit),
		cmocka_unit_test(csu_max),
		cmocka_unit_test(one_instance),
		cmocka_unit_test(newer_in_reply),
		cmocka_unit_test(implicit),
		cmocka_unit_test(receivers),
		cmocka_unit_test(originators),
		cmocka_unit_test(signed_numbers),
		cmocka_unit_test(mtu),
		cmocka_unit_test(window_and_room),
		cmocka_unit_test(reply_delay),
		cmocka_unit_test(policy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
