/* SPDX-License-Identifier: BSD-2-Clause */
/* Groups with a pt-mpt VC (RFC 2334 sections 2.1 and 2.3). */
#include "scsp_peer.h"

#define ALI SCSP_CA_ALIGNED
#define BI SCSP_HELLO_BIDIRECTIONAL

static atm_ref
root(const struct peer *p)
{
	for (size_t k = p->saids; k-- > 0;)
		if (p->said[k].rq.kind == ATM_MULTI_RQ)
			return p->said[k].rq.ref;
	fail_msg("no pt-mpt VC");
	return 0;
}

static void
leaf(struct peer *p, atm_ref ref, int i, enum atm_req_kind rq, bool ok)
{
	peer_ind(p, (struct atm_ind){ .kind = ok ? ATM_ACK : ATM_RQFAILED,
	    .rq = rq, .ref = ref, .peer = peer_addr(i),
	    .cause = ok ? 0 : ATM_CAUSE_BUSY });
}

/* Messages of |type| on |ref|. */
static size_t
on(const struct peer *p, atm_ref ref, uint8_t type)
{
	size_t n = 0;

	for (size_t k = 0; k < p->saids; k++)
		n += p->said[k].rq.kind == ATM_SEND && p->said[k].rq.ref == ref
		    && p->said[k].m.type == type;
	return n;
}

static const struct scsp_msg *
last_on(const struct peer *p, atm_ref ref, uint8_t type)
{
	for (size_t k = p->saids; k-- > 0;)
		if (p->said[k].rq.kind == ATM_SEND && p->said[k].rq.ref == ref
		    && p->said[k].m.type == type)
			return &p->said[k].m;
	fail_msg("nothing on the pt-mpt VC");
	return NULL;
}

/* |n| neighbours, all leaves, all aligned; nothing said yet. */
static struct peer *
aligned(unsigned n, atm_ref *ref, const struct scsp_key *key)
{
	struct peer *p = peer_new();

	p->group.multipoint = true;
	peer_start(p, n);
	for (unsigned i = 0; i < n; i++) {
		struct atm_addr a = peer_addr((int)i);

		if (key != NULL)
			assert_int_equal(scsp_add_sa(p->s, p->now, 0, &a,
			    &(struct scsp_sa){ *key, MTIME_NEVER, true }), 0);
	}
	p->key = key;
	for (unsigned i = 0; i < n; i++)
		peer_open(p, (int)i);
	*ref = root(p);
	leaf(p, *ref, 0, ATM_MULTI_RQ, true);
	for (unsigned i = 1; i < n; i++)
		leaf(p, *ref, (int)i, ATM_MULTI_ADD, true);
	for (unsigned i = 0; i < n; i++) {
		peer_hello(p, (int)i, true);
		peer_align(p, (int)i, NULL, 0);
		assert_cafsm(p, (int)i, ALI);
	}
	assert_int_equal(peer_asked(p, ATM_MULTI_RQ), 1);
	assert_int_equal(peer_asked(p, ATM_MULTI_ADD), n - 1);
	peer_clear(p);
	return p;
}

static void
peer_frees(struct peer *p)
{
	p->key = NULL;
	peer_free(p);
}

static void
hellos(struct peer *p, int n)
{
	for (int i = 0; i < n; i++)
		peer_hello(p, i, true);
}

/* SCSP-019: one Hello for all in an interval, none on the pt-pt VCs. */
static void
one_hello(void **state)
{
	atm_ref ref;
	struct peer *p = aligned(3, &ref, NULL);
	const struct scsp_msg *m;

	(void)state;
	peer_wait(p, MSPAN_SEC(6));
	assert_int_equal(on(p, ref, SCSP_HELLO), 2);
	assert_int_equal(peer_said(p, -1, SCSP_HELLO), 2);
	m = last_on(p, ref, SCSP_HELLO);
	assert_int_equal(m->nrec, 2);
	for (int i = 0; i < 3; i++)
		assert_true(peer_names(m, ID(i)));
	peer_frees(p);
}

/* SCSP-020: a DCS that fell silent is on the list no more. */
static void
hello_names(void **state)
{
	atm_ref ref;
	struct peer *p = aligned(3, &ref, NULL);

	(void)state;
	for (int i = 0; i < 5; i++) {
		peer_hello(p, 0, true);
		peer_hello(p, 2, true);
		peer_wait(p, MSPAN_SEC(3));
	}
	assert_hfsm(p, 1, SCSP_HELLO_WAITING);
	assert_false(peer_names(last_on(p, ref, SCSP_HELLO), ID(1)));
	assert_true(peer_names(last_on(p, ref, SCSP_HELLO), ID(2)));
	for (int i = 0; i < 5; i++) { /* the first on the list, too */
		peer_hello(p, 2, true);
		peer_wait(p, MSPAN_SEC(3));
	}
	assert_hfsm(p, 0, SCSP_HELLO_WAITING);
	assert_false(peer_names(last_on(p, ref, SCSP_HELLO), ID(0)));
	assert_true(peer_names(last_on(p, ref, SCSP_HELLO), ID(2)));
	peer_frees(p);
}

/* SCSP-095, SCSP-097: one CSU Request to all, a timer for each. */
static void
one_request(void **state)
{
	atm_ref ref;
	struct peer *p = aligned(3, &ref, NULL);

	(void)state;
	peer_put(p, "a", "x");
	peer_put(p, "b", "y");
	peer_tick(p);
	assert_int_equal(peer_said(p, -1, SCSP_CSU_REQ), 1);
	assert_int_equal(on(p, ref, SCSP_CSU_REQ), 1);
	assert_true(scsp_oct_equal(last_on(p, ref, SCSP_CSU_REQ)->receiver,
	    ALL));
	assert_int_equal(last_on(p, ref, SCSP_CSU_REQ)->nrec, 2);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(peer_dcs(p, i).queue, 2);
		assert_int_equal(peer_dcs(p, i).requests, 1);
	}
	peer_frees(p);
}

/* SCSP-098: repeated for one, it bears that one's ID. */
static void
directed_again(void **state)
{
	atm_ref ref;
	struct peer *p = aligned(3, &ref, NULL);

	(void)state;
	peer_put(p, "a", "x");
	peer_tick(p);
	peer_csu(p, 0, SCSP_CSU_REP, peer_record("a", US, SCSP_SEQ_FIRST, ""));
	peer_csu(p, 2, SCSP_CSU_REP, peer_record("a", US, SCSP_SEQ_FIRST, ""));
	peer_clear(p);
	hellos(p, 3);
	peer_wait(p, MSPAN_SEC(2));
	assert_int_equal(peer_said(p, -1, SCSP_CSU_REQ), 1);
	assert_true(scsp_oct_equal(peer_last(p, 1, SCSP_CSU_REQ)->receiver,
	    ID(1)));
	peer_csu(p, 1, SCSP_CSU_REP, peer_record("a", US, SCSP_SEQ_FIRST, ""));
	assert_int_equal(peer_dcs(p, 1).queue, 0);
	peer_frees(p);
}

/* SCSP-085: one instance, however it was sent. */
static void
newer_one(void **state)
{
	atm_ref ref;
	struct peer *p = aligned(2, &ref, NULL);

	(void)state;
	peer_put(p, "a", "x");
	peer_tick(p);
	peer_put(p, "a", "y");
	peer_tick(p);
	assert_int_equal(on(p, ref, SCSP_CSU_REQ), 2);
	for (int i = 0; i < 2; i++)
		assert_int_equal(peer_dcs(p, i).queue, 1);
	peer_frees(p);
}

/* One is no leaf: it gets its own, and so does everybody. */
static void
refused_leaf(void **state)
{
	atm_ref ref;
	struct peer *p = aligned(3, &ref, NULL);

	(void)state;
	peer_ind(p, (struct atm_ind){ .kind = ATM_DROPPED, .ref = ref,
	    .peer = peer_addr(1), .cause = ATM_CAUSE_BUSY });
	assert_int_equal(peer_said(p, 1, SCSP_HELLO), 1);
	peer_put(p, "a", "x");
	peer_tick(p);
	assert_int_equal(on(p, ref, SCSP_CSU_REQ), 0);
	assert_int_equal(peer_said(p, -1, SCSP_CSU_REQ), 3);
	peer_clear(p);
	peer_wait(p, MSPAN_MS(1250));
	assert_int_equal(peer_asked(p, ATM_MULTI_ADD), 1);
	leaf(p, ref, 1, ATM_MULTI_ADD, false);
	peer_wait(p, MSPAN_MS(2500));
	assert_int_equal(peer_asked(p, ATM_MULTI_ADD), 2);
	leaf(p, ref, 1, ATM_MULTI_ADD, true);
	for (int i = 0; i < 3; i++)
		peer_csu(p, i, SCSP_CSU_REP, peer_record("a", US,
		    SCSP_SEQ_FIRST, ""));
	peer_clear(p);
	peer_put(p, "b", "x");
	peer_tick(p);
	assert_int_equal(on(p, ref, SCSP_CSU_REQ), 1);
	peer_frees(p);
}

/* The first leaf is refused: the next one opens the VC. */
static void
first_refused(void **state)
{
	struct peer *p = peer_new();
	atm_ref ref;

	(void)state;
	p->group.multipoint = true;
	peer_start(p, 2);
	peer_open(p, 0);
	peer_open(p, 1);
	leaf(p, root(p), 0, ATM_MULTI_RQ, false);
	assert_int_equal(peer_asked(p, ATM_MULTI_RQ), 2);
	ref = root(p);
	leaf(p, ref, 1, ATM_MULTI_RQ, true);
	peer_wait(p, MSPAN_SEC(3));
	assert_int_equal(peer_asked(p, ATM_MULTI_ADD), 1);
	assert_true(on(p, ref, SCSP_HELLO) != 0);
	assert_true(peer_said(p, 0, SCSP_HELLO) != 0);
	peer_ind(p, (struct atm_ind){ .kind = ATM_RELEASED, .ref = ref });
	peer_wait(p, MSPAN_SEC(3));
	assert_int_equal(peer_asked(p, ATM_MULTI_RQ), 3);
	peer_free(p);
}

/* SCSP-147, A-32: one key for all leaves, or everything goes pt-pt. */
static void
keys(void **state)
{
	static const struct scsp_key k = { 1, { (const uint8_t *)"one", 3 } },
		l = { 2, { (const uint8_t *)"two", 3 } };
	struct atm_addr a = peer_addr(1);
	atm_ref ref;
	struct peer *p = aligned(2, &ref, &k);

	(void)state;
	peer_put(p, "a", "x");
	peer_tick(p);
	assert_int_equal(on(p, ref, SCSP_CSU_REQ), 1);
	assert_true(last_on(p, ref, SCSP_CSU_REQ)->auth);
	assert_int_equal(scsp_add_sa(p->s, p->now, 0, &a,
	    &(struct scsp_sa){ l, MTIME_NEVER, true }), 0);
	peer_clear(p);
	peer_put(p, "b", "x");
	peer_wait(p, MSPAN_MS(1));
	assert_int_equal(on(p, ref, SCSP_CSU_REQ), 0);
	assert_int_equal(peer_last(p, 0, SCSP_CSU_REQ)->spi, 1);
	assert_int_equal(peer_last(p, 1, SCSP_CSU_REQ)->spi, 2);
	peer_wait(p, MSPAN_SEC(1));
	assert_int_equal(on(p, ref, SCSP_HELLO), 0);
	assert_int_equal(peer_said(p, 0, SCSP_HELLO), 1);
	assert_int_equal(peer_said(p, 1, SCSP_HELLO), 1);
	peer_frees(p);
}

/* A DCS that is taken away leaves the tree; the last one ends it. */
static void
del_leaf(void **state)
{
	atm_ref ref;
	struct peer *p = aligned(2, &ref, NULL);
	struct atm_addr a = peer_addr(0), b = peer_addr(1);

	(void)state;
	assert_int_equal(scsp_del_dcs(p->s, p->now, 0, &a), 0);
	peer_tick(p);
	assert_int_equal(peer_asked(p, ATM_MULTI_DROP), 1);
	assert_int_equal(scsp_del_dcs(p->s, p->now, 0, &b), 0);
	peer_tick(p);
	assert_int_equal(peer_asked(p, ATM_RELEASE), 3);
	peer_frees(p);
}

/* What came from one goes to the other by itself. */
static void
sent_on(void **state)
{
	atm_ref ref;
	struct peer *p = aligned(2, &ref, NULL);
	struct scsp_rec r = peer_record("a", OTHER, 5, "x");

	(void)state;
	peer_csu(p, 0, SCSP_CSU_REQ, r);
	assert_true(peer_said(p, -1, SCSP_CSU_REQ) == 1);
	peer_csu(p, 1, SCSP_CSU_REP, r);
	peer_csu(p, 0, SCSP_CSU_REP, r);
	assert_int_equal(peer_dcs(p, 0).queue, 0);
	assert_int_equal(peer_dcs(p, 1).queue, 0);
	peer_frees(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_hello), cmocka_unit_test(hello_names),
		cmocka_unit_test(one_request),
		cmocka_unit_test(directed_again), cmocka_unit_test(newer_one),
		cmocka_unit_test(refused_leaf),
		cmocka_unit_test(first_refused), cmocka_unit_test(keys),
		cmocka_unit_test(del_leaf), cmocka_unit_test(sent_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
