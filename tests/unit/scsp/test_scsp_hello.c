/* SPDX-License-Identifier: BSD-2-Clause */
/* The Hello FSM row by row (RFC 2334 section 2.1, figure 1). */
#include "scsp_peer.h"

#define DOWN SCSP_HELLO_DOWN
#define WAIT SCSP_HELLO_WAITING
#define UNI SCSP_HELLO_UNIDIRECTIONAL
#define BI SCSP_HELLO_BIDIRECTIONAL

/* SCSP-006, SCSP-007: Down at first and silent; the VC brings Waiting. */
static void
down_then_waiting(void **state)
{
	struct peer *p = peer_make(1);

	(void)state;
	assert_hfsm(p, 0, DOWN);
	assert_cafsm(p, 0, SCSP_CA_DOWN);
	peer_wait(p, MSPAN_MS(900));
	assert_int_equal(peer_said(p, -1, SCSP_HELLO), 0);
	peer_open(p, 0);
	assert_hfsm(p, 0, WAIT);
	assert_int_equal(peer_said(p, 0, SCSP_HELLO), 1);
	peer_free(p);
}

/* SCSP-004, SCSP-008, SCSP-137, SCSP-142: one every interval, and what it says. */
static void
periodic(void **state)
{
	struct peer *p = peer_new();
	const struct scsp_msg *m;

	(void)state;
	p->group.interval = 2;
	p->group.dead = 5;
	p->group.family = 0;
	peer_start(p, 1);
	peer_open(p, 0);
	peer_wait(p, MSPAN_SEC(10));
	assert_int_equal(peer_said(p, 0, SCSP_HELLO), 6);
	for (size_t i = 1, last = 0; i < p->saids; i++) {
		if (p->said[i].m.type != SCSP_HELLO)
			continue;
		assert_true(p->said[i].at.us - p->said[last].at.us <= 2000000);
		last = i;
	}
	m = peer_last(p, 0, SCSP_HELLO);
	assert_true(scsp_oct_equal(m->sender, US));
	assert_int_equal(m->receiver.len, 0);
	assert_int_equal(m->interval, 2);
	assert_int_equal(m->dead, 5);
	assert_int_equal(m->family, 0);
	peer_free(p);
}

/* SCSP-009, SCSP-014: a Hello that names us; the next one names its sender. */
static void
listed(void **state)
{
	struct peer *p = peer_make(1);

	(void)state;
	peer_open(p, 0);
	peer_hello(p, 0, true);
	assert_hfsm(p, 0, BI);
	assert_true(scsp_oct_equal(peer_dcs(p, 0).id, ID(0)));
	peer_clear(p);
	peer_wait(p, MSPAN_SEC(3));
	assert_true(peer_names(peer_last(p, 0, SCSP_HELLO), ID(0)));
	peer_free(p);
}

/* SCSP-009: an Additional Receiver ID Record names us as well. */
static void
listed_behind(void **state)
{
	struct peer *p = peer_make(1);
	struct scsp_msg m = { .type = SCSP_HELLO, .pid = 3, .sgid = 1,
		.interval = 3, .dead = 3, .sender = ID(0), .receiver = OTHER };
	uint8_t b[SCSP_MTU];
	struct scsp_wr w;

	(void)state;
	peer_open(p, 0);
	assert_true(scsp_begin(&w, b, sizeof(b), &m, false));
	assert_true(scsp_put_id(&w, ID(1)));
	assert_true(scsp_put_id(&w, US));
	peer_bytes(p, peer_ref(0), b, scsp_end(&w, NULL));
	assert_hfsm(p, 0, BI);
	peer_free(p);
}

/* SCSP-010, SCSP-011, SCSP-012: Unidirectional and back, at once. */
static void
unlisted(void **state)
{
	struct peer *p = peer_make(1);

	(void)state;
	peer_open(p, 0);
	peer_hello(p, 0, false);
	assert_hfsm(p, 0, UNI);
	peer_wait(p, MSPAN_SEC(8));
	peer_hello(p, 0, false);
	peer_wait(p, MSPAN_SEC(8));
	assert_hfsm(p, 0, UNI);
	assert_true(peer_names(peer_last(p, 0, SCSP_HELLO), ID(0)));
	peer_hello(p, 0, true);
	assert_hfsm(p, 0, BI);
	peer_hello(p, 0, false);
	assert_hfsm(p, 0, UNI);
	peer_free(p);
}

/* SCSP-016, SCSP-138: of a stalled DCS some Hello was heard: Unidirectional. */
static void
stalled_heard(void **state)
{
	struct peer *p = peer_make(1);

	(void)state;
	peer_bi(p, 0);
	peer_wait(p, MSPAN_SEC(5));
	peer_hello(p, 0, false);
	peer_wait(p, MSPAN_SEC(5));
	assert_hfsm(p, 0, UNI);
	peer_free(p);
}

/* SCSP-015, SCSP-017, SCSP-020, SCSP-138: silence, by the DCS's own values. */
static void
silent(void **state)
{
	struct peer *p = peer_make(1);
	struct scsp_msg m = { .type = SCSP_HELLO, .interval = 4, .dead = 5,
		.receiver = US };

	(void)state;
	peer_open(p, 0);
	peer_send(p, 0, m, NULL, 0);
	peer_wait(p, MSPAN_MS(19999));
	assert_hfsm(p, 0, BI);
	peer_clear(p);
	peer_wait(p, MSPAN_MS(1));
	assert_hfsm(p, 0, WAIT);
	peer_wait(p, MSPAN_SEC(3));
	assert_false(peer_names(peer_last(p, 0, SCSP_HELLO), ID(0)));
	peer_hello(p, 0, false);
	peer_wait(p, MSPAN_MS(8999));
	assert_hfsm(p, 0, UNI);
	peer_wait(p, MSPAN_MS(1));
	assert_hfsm(p, 0, WAIT);
	peer_free(p);
}

/* SCSP-013: each Hello brings its own dead interval. */
static void
newest_values(void **state)
{
	struct peer *p = peer_make(1);
	struct scsp_msg m = { .type = SCSP_HELLO, .interval = 1, .dead = 2,
		.receiver = US };

	(void)state;
	peer_bi(p, 0); /* 9 s */
	peer_send(p, 0, m, NULL, 0);
	peer_wait(p, MSPAN_MS(1999));
	assert_hfsm(p, 0, BI);
	peer_send(p, 0, m, NULL, 0);
	peer_wait(p, MSPAN_MS(1999));
	assert_hfsm(p, 0, BI);
	peer_wait(p, MSPAN_MS(1));
	assert_hfsm(p, 0, WAIT);
	peer_free(p);
}

/* SCSP-018: late is counted and nothing else. */
static void
late(void **state)
{
	struct peer *p = peer_make(1);

	(void)state;
	peer_bi(p, 0);
	peer_wait(p, MSPAN_SEC(3));
	peer_hello(p, 0, true);
	assert_int_equal(scsp_stats(p->s)->late, 0);
	peer_wait(p, MSPAN_MS(3001));
	peer_hello(p, 0, true);
	assert_int_equal(scsp_stats(p->s)->late, 1);
	assert_hfsm(p, 0, BI);
	peer_free(p);
}

/* SCSP-142: a zero interval and factor count as one. */
static void
zero_values(void **state)
{
	struct peer *p = peer_make(1);
	struct scsp_msg m = { .type = SCSP_HELLO, .receiver = US };

	(void)state;
	peer_open(p, 0);
	peer_send(p, 0, m, NULL, 0);
	assert_int_equal(peer_dcs(p, 0).interval, 1);
	assert_int_equal(peer_dcs(p, 0).dead, 1);
	peer_wait(p, MSPAN_MS(999));
	assert_hfsm(p, 0, BI);
	peer_wait(p, MSPAN_MS(1));
	assert_hfsm(p, 0, WAIT);
	p->group.interval = 0;
	p->group.sgid = 2;
	assert_int_equal(scsp_add_group(p->s, p->now, &p->group), MARSH_EINVAL);
	peer_free(p);
}

/* SCSP-021: malformed is abnormal: Waiting, and off the list. */
static void
malformed(void **state)
{
	struct peer *p = peer_make(1);
	static const uint8_t bad[] = { 1, 5, 0, 40, 0, 0, 0, 0, 0, 0, 0, 0 };

	(void)state;
	peer_bi(p, 0);
	peer_bytes(p, peer_ref(0), bad, sizeof(bad));
	assert_hfsm(p, 0, WAIT);
	assert_cafsm(p, 0, SCSP_CA_DOWN);
	assert_int_equal(scsp_stats(p->s)->abnormal, 1);
	assert_int_equal(scsp_stats(p->s)->drops[SCSP_DROP_MALFORMED], 1);
	peer_clear(p);
	peer_wait(p, MSPAN_SEC(3));
	assert_false(peer_names(peer_last(p, 0, SCSP_HELLO), ID(0)));
	peer_bytes(p, peer_ref(0), bad, sizeof(bad));
	assert_hfsm(p, 0, WAIT);
	peer_hello(p, 0, false);
	assert_hfsm(p, 0, UNI);
	peer_bytes(p, peer_ref(0), bad, sizeof(bad));
	assert_hfsm(p, 0, WAIT);
	peer_free(p);
}

/* SCSP-022: a lost VC brings Down from everywhere. */
static void
vc_lost(void **state)
{
	struct peer *p = peer_make(1);

	(void)state;
	peer_open(p, 0);
	peer_hang_up(p, 0);
	assert_hfsm(p, 0, DOWN);
	peer_open(p, 0);
	peer_hello(p, 0, false);
	peer_hang_up(p, 0);
	assert_hfsm(p, 0, DOWN);
	peer_bi(p, 0);
	peer_clear(p);
	peer_hang_up(p, 0);
	assert_hfsm(p, 0, DOWN);
	peer_wait(p, MSPAN_MS(500));
	assert_int_equal(peer_said(p, -1, SCSP_HELLO), 0);
	peer_free(p);
}

/* SCSP-023: until Bidirectional nothing but Hellos is looked at. */
static void
gate(void **state)
{
	struct peer *p = peer_make(1);
	struct scsp_rec r = peer_record("k", ID(0), 5, "x");

	(void)state;
	peer_open(p, 0);
	for (int i = 0; i < 2; i++) {
		uint64_t before = scsp_activity(p->s);

		peer_clear(p);
		peer_ca(p, 0, CA_INIT, 7, NULL, 0);
		peer_csu(p, 0, SCSP_CSU_REQ, r);
		peer_csu(p, 0, SCSP_CSU_REP, r);
		peer_csu(p, 0, SCSP_CSUS, r);
		assert_int_equal(p->saids, 0);
		assert_true(scsp_activity(p->s) == before);
		assert_cafsm(p, 0, SCSP_CA_DOWN);
		assert_false(peer_has(p, "k", ID(0), 5));
		peer_hello(p, 0, false);
	}
	assert_int_equal(scsp_stats(p->s)->drops[SCSP_DROP_HELLO_STATE], 8);
	peer_free(p);
}

/* SCSP-005: who is no DCS changes nothing. */
static void
stranger(void **state)
{
	struct peer *p = peer_make(1);

	(void)state;
	peer_open(p, 2);
	assert_int_equal(peer_asked(p, ATM_RELEASE), 1);
	peer_hello(p, 2, true);
	assert_hfsm(p, 0, DOWN);
	assert_int_equal(scsp_stats(p->s)->drops[SCSP_DROP_STRANGER], 2);
	peer_free(p);
}

/* SCSP-021: another Sender ID is abnormal; then it is learned. */
static void
another_id(void **state)
{
	struct peer *p = peer_make(1);
	struct scsp_msg m = { .type = SCSP_HELLO, .interval = 3, .dead = 3,
		.receiver = US, .sender = OTHER };

	(void)state;
	peer_bi(p, 0);
	peer_send(p, 0, m, NULL, 0);
	assert_hfsm(p, 0, WAIT);
	peer_send(p, 0, m, NULL, 0);
	assert_hfsm(p, 0, BI);
	assert_true(scsp_oct_equal(peer_dcs(p, 0).id, OTHER));
	peer_free(p);
}

/* SCSP-002, SCSP-024: two groups on one VC, two HFSMs. */
static void
two_groups(void **state)
{
	struct peer *p = peer_make(1);
	struct atm_addr a = peer_addr(0);
	struct scsp_dcs_info d;

	(void)state;
	p->group.sgid = 2;
	assert_int_equal(scsp_add_group(p->s, p->now, &p->group), 1);
	assert_int_equal(scsp_add_dcs(p->s, p->now, 1, &a), 0);
	peer_open(p, 0);
	assert_int_equal(peer_said(p, 0, SCSP_HELLO), 2);
	peer_hello(p, 0, true); /* sgid 2 */
	assert_true(scsp_dcs(p->s, 1, 0, &d));
	assert_int_equal(d.hfsm, BI);
	assert_hfsm(p, 0, WAIT);
	assert_cafsm(p, 0, SCSP_CA_DOWN);
	/* Nobody knows whose a broken message is. */
	peer_bytes(p, peer_ref(0), (const uint8_t *)"\1\1", 2);
	assert_true(scsp_dcs(p->s, 1, 0, &d));
	assert_int_equal(d.hfsm, BI);
	peer_free(p);
}

/* SCSP-110: a group that is not ours is no abnormal event. */
static void
foreign_group(void **state)
{
	struct peer *p = peer_make(1);
	struct scsp_msg m = { .type = SCSP_HELLO, .pid = 2, .sgid = 9,
		.interval = 3, .dead = 3, .receiver = US };

	(void)state;
	peer_bi(p, 0);
	peer_send(p, 0, m, NULL, 0);
	assert_hfsm(p, 0, BI);
	assert_int_equal(scsp_stats(p->s)->drops[SCSP_DROP_GROUP], 1);
	assert_int_equal(scsp_stats(p->s)->abnormal, 0);
	peer_free(p);
}

/* SCSP-139: one HFSM for a family, a CAFSM for each of its groups. */
static void
family(void **state)
{
	struct peer *p = peer_new();
	struct atm_addr a = peer_addr(0);
	struct scsp_msg m = { .type = SCSP_HELLO, .interval = 3, .dead = 3,
		.receiver = US, .family = 6 };
	struct scsp_dcs_info d;

	(void)state;
	p->group.family = 6;
	peer_start(p, 1);
	p->group.sgid = 2;
	assert_int_equal(scsp_add_group(p->s, p->now, &p->group), 1);
	assert_int_equal(scsp_add_dcs(p->s, p->now, 1, &a), 0);
	peer_open(p, 0);
	assert_int_equal(peer_said(p, 0, SCSP_HELLO), 1);
	assert_int_equal(peer_last(p, 0, SCSP_HELLO)->family, 6);
	peer_clear(p);
	peer_send(p, 0, m, NULL, 0);
	assert_cafsm(p, 0, SCSP_CA_NEGOTIATION);
	assert_true(scsp_dcs(p->s, 1, 0, &d));
	assert_int_equal(d.cafsm, SCSP_CA_NEGOTIATION);
	assert_int_equal(peer_said(p, 0, SCSP_CA), 2);
	peer_hang_up(p, 0);
	assert_true(scsp_dcs(p->s, 1, 0, &d));
	assert_int_equal(d.cafsm, SCSP_CA_DOWN);
	peer_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(down_then_waiting),
		cmocka_unit_test(periodic),
		cmocka_unit_test(listed),
		cmocka_unit_test(listed_behind),
		cmocka_unit_test(unlisted),
		cmocka_unit_test(stalled_heard),
		cmocka_unit_test(silent),
		cmocka_unit_test(newest_values),
		cmocka_unit_test(late),
		cmocka_unit_test(zero_values),
		cmocka_unit_test(malformed),
		cmocka_unit_test(vc_lost),
		cmocka_unit_test(gate),
		cmocka_unit_test(stranger),
		cmocka_unit_test(another_id),
		cmocka_unit_test(two_groups),
		cmocka_unit_test(foreign_group),
		cmocka_unit_test(family),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
