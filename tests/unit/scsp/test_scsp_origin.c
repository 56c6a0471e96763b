/* SPDX-License-Identifier: BSD-2-Clause */
/* Own records: numbers, the purge, what comes back (RFC 2334 B.2.0.2). */
#include "scsp_peer.h"

#define RESTART (1 << 20)

static struct peer *
aligned(unsigned n, enum scsp_own own)
{
	struct peer *p = peer_new();

	p->group.own = own;
	peer_start(p, n);
	for (unsigned i = 0; i < n; i++)
		peer_align(p, (int)i, NULL, 0);
	peer_clear(p);
	return p;
}

static struct scsp_rec
sent(const struct peer *p, int i)
{
	return peer_rec(peer_last(p, i, SCSP_CSU_REQ), 0);
}

/* Everything that is out is acknowledged by |i|. */
static void
ack_all(struct peer *p, int i, const char *key, int32_t seq)
{
	peer_csu(p, i, SCSP_CSU_REP, peer_record(key, US, seq, ""));
}

/* SCSP-120, SCSP-122, SCSP-127: first, then one more for each change. */
static void
numbers(void **state)
{
	struct peer *p = aligned(1, SCSP_OWN_ADOPT);
	uint64_t before;

	(void)state;
	peer_put(p, "a", "x");
	assert_true(peer_has(p, "a", US, SCSP_SEQ_FIRST));
	peer_put(p, "a", "y");
	assert_true(peer_has(p, "a", US, SCSP_SEQ_FIRST + 1));
	before = scsp_activity(p->s);
	peer_put(p, "a", "y"); /* no change */
	assert_true(scsp_activity(p->s) == before);
	assert_int_equal(scsp_remove(p->s, p->now, 0, text("a")), 0);
	assert_true(peer_has(p, "a", US, SCSP_SEQ_FIRST + 2));
	assert_int_equal(scsp_remove(p->s, p->now, 0, text("a")),
	    MARSH_ENOENT);
	assert_int_equal(scsp_remove(p->s, p->now, 0, text("b")),
	    MARSH_ENOENT);
	peer_put(p, "a", "y");
	assert_true(peer_has(p, "a", US, SCSP_SEQ_FIRST + 3));
	assert_int_equal(scsp_put(p->s, p->now, 0, text("a"), text("")),
	    MARSH_EINVAL);
	peer_free(p);
}

/* a key that may have been used before begins at a clock's value. */
static void
first_number(void **state)
{
	struct peer *p = peer_new();

	(void)state;
	p->group.first_seq = 12345;
	peer_start(p, 1);
	peer_put(p, "a", "x");
	assert_true(peer_has(p, "a", US, 12345));
	peer_free(p);
}

/* SCSP-128, A-25: ours comes back newer: our content, above it. */
static void
defends(void **state)
{
	struct peer *p = aligned(2, SCSP_OWN_ADOPT);
	struct scsp_rec r = peer_record("a", US, 700, "old life");

	(void)state;
	peer_put(p, "a", "mine");
	peer_tick(p);
	peer_clear(p);
	peer_csu(p, BIG, SCSP_CSU_REQ, r);
	assert_true(peer_has(p, "a", US, 700 + RESTART));
	assert_int_equal(peer_said(p, BIG, SCSP_CSU_REP), 1);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(sent(p, i).seq, 700 + RESTART);
		assert_true(scsp_oct_equal(sent(p, i).body, text("mine")));
	}
	peer_free(p);
}

/* SCSP-128: what only others remember is adopted, or withdrawn. */
static void
adopts_or_withdraws(void **state)
{
	(void)state;
	for (int own = 0; own < 2; own++) {
		struct peer *p = aligned(1, (enum scsp_own)own);
		struct scsp_rec r = peer_record("a", US, 700, "old life");
		struct scsp_entry_info e;

		peer_csu(p, BIG, SCSP_CSU_REQ, r);
		assert_true(scsp_find(p->s, 0, text("a"), US, &e));
		assert_int_equal(e.rec.seq, 700 + RESTART);
		assert_int_equal(e.tombstone, own == SCSP_OWN_WITHDRAW);
		assert_true(e.own);
		assert_int_equal(sent(p, BIG).seq, 700 + RESTART);
		peer_free(p);
	}
}

/* what we withdrew does not come back. */
static void
stays_withdrawn(void **state)
{
	struct peer *p = aligned(1, SCSP_OWN_ADOPT);
	struct scsp_entry_info e;

	(void)state;
	peer_put(p, "a", "x");
	assert_int_equal(scsp_remove(p->s, p->now, 0, text("a")), 0);
	peer_csu(p, BIG, SCSP_CSU_REQ, peer_record("a", US, 700, "x"));
	assert_true(scsp_find(p->s, 0, text("a"), US, &e));
	assert_true(e.tombstone);
	assert_int_equal(e.rec.seq, 700 + RESTART);
	peer_free(p);
}

/* SCSP-125, A-26: nor below this life's first number: an earlier life may have
 * answered the same to who cannot be heard now. */
static void
not_below_first(void **state)
{
	struct peer *p = peer_new();

	(void)state;
	p->group.first_seq = 700 + 2 * RESTART;
	peer_start(p, 1);
	peer_align(p, BIG, NULL, 0);
	peer_csu(p, BIG, SCSP_CSU_REQ, peer_record("a", US, 700, "old life"));
	assert_true(peer_has(p, "a", US, 700 + 2 * RESTART));
	peer_free(p);
}

/* SCSP-125, SCSP-126: after a restart above what survived, once aligned. */
static void
after_restart(void **state)
{
	struct peer *p = peer_make(1);
	struct scsp_rec r = peer_record("a", US, 41, "");

	(void)state;
	peer_align(p, BIG, &r, 1); /* a tombstone of an earlier life */
	peer_csu(p, BIG, SCSP_CSU_REQ, r);
	assert_true(peer_has(p, "a", US, 41));
	peer_put(p, "a", "new");
	assert_true(peer_has(p, "a", US, 41 + RESTART));
	peer_put(p, "a", "newer");
	assert_true(peer_has(p, "a", US, 42 + RESTART));
	peer_free(p);
}

/* SCSP-123, SCSP-124, A-37: the purge, everybody's word, and time. */
static void
wraps(void **state)
{
	struct peer *p = peer_new();
	int64_t begun;

	(void)state;
	p->group.first_seq = SCSP_SEQ_LAST - 1;
	p->group.hops = 3; /* 3 x 5 x 2 s */
	peer_start(p, 2);
	peer_align(p, BIG, NULL, 0);
	peer_align(p, SMALL, NULL, 0);
	peer_put(p, "a", "last");
	assert_true(peer_has(p, "a", US, SCSP_SEQ_LAST - 1));
	peer_tick(p);
	ack_all(p, BIG, "a", SCSP_SEQ_LAST - 1);
	ack_all(p, SMALL, "a", SCSP_SEQ_LAST - 1);
	peer_put(p, "a", "next");
	begun = p->now.us;
	assert_true(peer_has(p, "a", US, SCSP_SEQ_LAST));
	assert_int_equal(scsp_put(p->s, p->now, 0, text("a"), text("z")),
	    MARSH_ESTATE);
	assert_int_equal(scsp_remove(p->s, p->now, 0, text("a")),
	    MARSH_ESTATE);
	peer_tick(p);
	assert_int_equal(sent(p, BIG).seq, SCSP_SEQ_LAST);
	assert_int_equal(sent(p, BIG).body.len, 0);
	ack_all(p, BIG, "a", SCSP_SEQ_LAST);
	for (int i = 0; i < 10; i++) { /* SMALL is down by then */
		peer_hello(p, BIG, true);
		peer_wait(p, MSPAN_SEC(4));
	}
	assert_true(peer_has(p, "a", US, SCSP_SEQ_LAST));
	peer_clear(p);
	peer_hello(p, SMALL, true);
	peer_align(p, SMALL, (struct scsp_rec[]){ peer_record("a", US,
	    SCSP_SEQ_LAST, "") }, 1);
	peer_tick(p);
	assert_true(p->now.us - begun >= 30000000);
	assert_true(peer_has(p, "a", US, SCSP_SEQ_FIRST));
	assert_true(scsp_oct_equal(sent(p, BIG).body, text("next")));
	peer_put(p, "a", "more");
	assert_true(peer_has(p, "a", US, SCSP_SEQ_FIRST + 1));
	peer_free(p);
}

/* SCSP-124: time alone, with every word, is waited for as well. */
static void
wraps_in_time(void **state)
{
	struct peer *p = peer_new();

	(void)state;
	p->group.first_seq = SCSP_SEQ_LAST - 1;
	p->group.hops = 1;
	peer_start(p, 1);
	peer_align(p, BIG, NULL, 0);
	peer_put(p, "a", "last");
	peer_put(p, "a", "next");
	peer_tick(p);
	ack_all(p, BIG, "a", SCSP_SEQ_LAST);
	for (int i = 0; i < 3; i++) {
		peer_wait(p, MSPAN_MS(3333));
		assert_true(peer_has(p, "a", US, SCSP_SEQ_LAST));
		peer_hello(p, BIG, true);
	}
	peer_wait(p, MSPAN_MS(1));
	assert_true(peer_has(p, "a", US, SCSP_SEQ_FIRST));
	peer_free(p);
}

/* A removed DCS is not waited for; a purge without content just ends. */
static void
wraps_without(void **state)
{
	struct peer *p = peer_new();
	struct atm_addr a = peer_addr(BIG);

	(void)state;
	p->group.first_seq = SCSP_SEQ_LAST - 1;
	p->group.hops = 1;
	peer_start(p, 1);
	peer_put(p, "a", "last");
	assert_int_equal(scsp_remove(p->s, p->now, 0, text("a")), 0);
	assert_true(peer_has(p, "a", US, SCSP_SEQ_LAST));
	peer_wait(p, MSPAN_SEC(60));
	assert_int_equal(scsp_put(p->s, p->now, 0, text("a"), text("z")),
	    MARSH_ESTATE);
	assert_int_equal(scsp_del_dcs(p->s, p->now, 0, &a), 0);
	peer_tick(p);
	peer_put(p, "a", "z");
	assert_true(peer_has(p, "a", US, SCSP_SEQ_FIRST));
	peer_free(p);
}

/* At other servers: the purge removes, and what begins anew is newer. */
static void
purge_received(void **state)
{
	struct peer *p = aligned(2, SCSP_OWN_ADOPT);
	struct scsp_entry_info e;

	(void)state;
	peer_csu(p, BIG, SCSP_CSU_REQ, peer_record("a", OTHER,
	    SCSP_SEQ_LAST - 1, "x"));
	peer_csu(p, BIG, SCSP_CSU_REQ, peer_record("a", OTHER, SCSP_SEQ_LAST,
	    ""));
	assert_true(scsp_find(p->s, 0, text("a"), OTHER, &e));
	assert_true(e.tombstone);
	peer_csu(p, SMALL, SCSP_CSU_REQ, peer_record("a", OTHER,
	    SCSP_SEQ_LAST - 1, "x")); /* a late one */
	assert_true(peer_has(p, "a", OTHER, SCSP_SEQ_LAST));
	peer_csu(p, BIG, SCSP_CSU_REQ, peer_record("a", OTHER, SCSP_SEQ_FIRST,
	    "new"));
	assert_true(peer_has(p, "a", OTHER, SCSP_SEQ_FIRST));
	assert_int_equal(sent(p, SMALL).seq, SCSP_SEQ_FIRST);
	peer_csu(p, SMALL, SCSP_CSU_REQ, peer_record("a", OTHER, SCSP_SEQ_LAST,
	    "")); /* who slept through all that does not bring it back */
	assert_true(peer_has(p, "a", OTHER, SCSP_SEQ_FIRST));
	peer_free(p);
}

/* tombstones are summarised, and dropped when their time is over. */
static void
tombstones(void **state)
{
	struct peer *p = peer_new();
	struct scsp_group_info g;

	(void)state;
	assert_int_equal(p->group.tombstone.us, 3600000000);
	p->group.tombstone = MSPAN_SEC(60);
	peer_start(p, 1);
	peer_put(p, "a", "x");
	assert_int_equal(scsp_remove(p->s, p->now, 0, text("a")), 0);
	peer_bi(p, BIG);
	peer_ca(p, BIG, CA_INIT, 7, NULL, 0);
	assert_int_equal(peer_last(p, BIG, SCSP_CA)->nrec, 1);
	peer_wait(p, MSPAN_SEC(59));
	assert_true(scsp_group(p->s, 0, &g));
	assert_int_equal(g.tombstones, 1);
	peer_clear(p);
	peer_wait(p, MSPAN_SEC(1));
	assert_true(scsp_group(p->s, 0, &g));
	assert_int_equal(g.tombstones, 0);
	peer_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers), cmocka_unit_test(first_number),
		cmocka_unit_test(defends),
		cmocka_unit_test(adopts_or_withdraws),
		cmocka_unit_test(stays_withdrawn),
		cmocka_unit_test(not_below_first),
		cmocka_unit_test(after_restart), cmocka_unit_test(wraps),
		cmocka_unit_test(wraps_in_time),
		cmocka_unit_test(wraps_without),
		cmocka_unit_test(purge_received),
		cmocka_unit_test(tombstones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
