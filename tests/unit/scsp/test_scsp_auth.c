/* SPDX-License-Identifier: BSD-2-Clause */
/* Security Associations (RFC 2334 B.3.1). */
#include "scsp_peer.h"

#define BI SCSP_HELLO_BIDIRECTIONAL
#define WAIT SCSP_HELLO_WAITING

static const struct scsp_key one = { 1, { (const uint8_t *)"first", 5 } };
static const struct scsp_key two = { 2, { (const uint8_t *)"second", 6 } };
static const struct scsp_key bad = { 1, { (const uint8_t *)"wrong", 5 } };

static void
add(struct peer *p, int i, struct scsp_key key, struct mtime until, bool send)
{
	struct scsp_sa sa = { .key = key, .until = until, .send = send };
	struct atm_addr a = peer_addr(i);

	assert_int_equal(scsp_add_sa(p->s, p->now, 0, &a, &sa), 0);
}

static bool
signed_by(const struct said *d, const struct scsp_key *k)
{
	return scsp_verify(d->rq.frame->bytes + SNAP_LEN, &d->m, k);
}

static void
peer_frees(struct peer *p)
{
	p->key = NULL;
	peer_free(p);
}

/* SCSP-146, SCSP-155: right, missing, wrong: the last two are abnormal. */
static void
verifies(void **state)
{
	struct peer *p = peer_make(1);

	(void)state;
	add(p, BIG, one, MTIME_NEVER, true);
	p->key = &one;
	peer_bi(p, BIG);
	assert_true(signed_by(peer_find(p, BIG, SCSP_CA), &one));
	p->key = NULL;
	peer_hello(p, BIG, true);
	assert_hfsm(p, BIG, WAIT);
	p->key = &one;
	peer_hello(p, BIG, true);
	assert_hfsm(p, BIG, BI);
	p->key = &bad;
	peer_hello(p, BIG, true);
	assert_hfsm(p, BIG, WAIT);
	p->key = &two;
	peer_hello(p, BIG, true);
	assert_hfsm(p, BIG, WAIT);
	assert_int_equal(scsp_stats(p->s)->drops[SCSP_DROP_AUTH], 3);
	assert_int_equal(scsp_stats(p->s)->abnormal, 3);
	peer_frees(p);
}

/* discard and log only, whoever wants that. */
static void
drop_only(void **state)
{
	struct peer *p = peer_new();

	(void)state;
	p->group.auth_fail_drop = true;
	peer_start(p, 1);
	add(p, BIG, one, MTIME_NEVER, true);
	p->key = &one;
	peer_bi(p, BIG);
	p->key = NULL;
	peer_hello(p, BIG, false);
	peer_ca(p, BIG, CA_INIT, 5, NULL, 0);
	peer_bytes(p, peer_ref(BIG), (const uint8_t *)"\1\5", 2);
	assert_hfsm(p, BIG, BI);
	assert_cafsm(p, BIG, SCSP_CA_NEGOTIATION);
	assert_int_equal(scsp_stats(p->s)->drops[SCSP_DROP_AUTH], 2);
	assert_int_equal(scsp_stats(p->s)->abnormal, 0);
	peer_frees(p);
}

/* SCSP-147: a setting of each DCS. */
static void
pairwise(void **state)
{
	struct peer *p = peer_make(2);

	(void)state;
	add(p, BIG, one, MTIME_NEVER, true);
	peer_bi(p, SMALL);
	assert_false(peer_last(p, SMALL, SCSP_CA)->auth);
	p->key = &one;
	peer_bi(p, BIG);
	assert_true(peer_last(p, BIG, SCSP_CA)->auth);
	assert_int_equal(peer_last(p, BIG, SCSP_CA)->spi, 1);
	assert_true(peer_dcs(p, BIG).auth);
	assert_int_equal(peer_dcs(p, BIG).spi, 1);
	peer_frees(p);
}

/* SCSP-151, SCSP-152: roll-over without a gap, and the end of a lifetime. */
static void
roll_over(void **state)
{
	struct peer *p = peer_make(1);

	(void)state;
	add(p, BIG, one, mtime_add(p->now, MSPAN_SEC(20)), true);
	p->key = &one;
	peer_bi(p, BIG);
	add(p, BIG, two, MTIME_NEVER, false); /* verifies only, yet */
	p->key = &two;
	peer_hello(p, BIG, true);
	peer_wait(p, MSPAN_SEC(3));
	assert_true(signed_by(peer_find(p, BIG, SCSP_HELLO), &one));
	add(p, BIG, two, MTIME_NEVER, true);
	peer_wait(p, MSPAN_SEC(3));
	assert_true(signed_by(peer_find(p, BIG, SCSP_HELLO), &two));
	p->key = &one;
	peer_hello(p, BIG, true);
	assert_hfsm(p, BIG, BI);
	p->key = &two;
	for (int i = 0; i < 5; i++) {
		peer_wait(p, MSPAN_SEC(3));
		peer_hello(p, BIG, true);
	}
	assert_hfsm(p, BIG, BI);
	p->key = &one; /* expired */
	peer_hello(p, BIG, true);
	assert_hfsm(p, BIG, WAIT);
	peer_frees(p);
}

/* SCSP-152, SCSP-154: what expired does not sign either. */
static void
expired(void **state)
{
	struct peer *p = peer_make(1);
	uint64_t sent;

	(void)state;
	add(p, BIG, one, mtime_add(p->now, MSPAN_SEC(7)), true);
	p->key = &one;
	peer_bi(p, BIG);
	peer_wait(p, MSPAN_SEC(6));
	sent = peer_said(p, BIG, SCSP_HELLO);
	assert_true(sent > 1);
	peer_wait(p, MSPAN_SEC(9));
	assert_int_equal(peer_said(p, BIG, SCSP_HELLO), sent);
	assert_int_equal(peer_dcs(p, BIG).spi, 0);
	assert_hfsm(p, BIG, WAIT);
	peer_frees(p);
}

/* The CA that is repeated until it is answered bears the newest signature. */
static void
rekeyed(void **state)
{
	struct peer *p = peer_make(1);
	uint32_t n;

	(void)state;
	add(p, BIG, one, MTIME_NEVER, true);
	p->key = &one;
	peer_bi(p, BIG);
	assert_true(signed_by(peer_find(p, BIG, SCSP_CA), &one));
	n = peer_last(p, BIG, SCSP_CA)->ca_seq;
	add(p, BIG, two, MTIME_NEVER, true);
	peer_wait(p, MSPAN_SEC(3));
	assert_true(signed_by(peer_find(p, BIG, SCSP_CA), &two));
	assert_int_equal(peer_last(p, BIG, SCSP_CA)->ca_seq, n);
	peer_frees(p);
}

/* SCSP-154: nothing to sign with: not sent, and told. */
static void
no_key(void **state)
{
	struct peer *p = peer_make(1);
	struct atm_addr a = peer_addr(BIG);

	(void)state;
	add(p, BIG, one, MTIME_NEVER, true);
	assert_int_equal(scsp_del_sa(p->s, p->now, 0, &a, 9), MARSH_ENOENT);
	assert_int_equal(scsp_del_sa(p->s, p->now, 0, &a, 1), 0);
	peer_open(p, BIG);
	peer_wait(p, MSPAN_SEC(3));
	assert_int_equal(peer_said(p, BIG, SCSP_HELLO), 0);
	assert_int_equal(scsp_stats(p->s)->drops[SCSP_DROP_NO_KEY], 2);
	peer_hello(p, BIG, true);
	assert_hfsm(p, BIG, WAIT);
	assert_int_equal(scsp_open_dcs(p->s, p->now, 0, &a), 0);
	peer_hello(p, BIG, true);
	assert_hfsm(p, BIG, BI);
	peer_frees(p);
}

/* Only verifying: alignment waits, and nothing loops. */
static void
verify_only(void **state)
{
	struct peer *p = peer_make(1);

	(void)state;
	add(p, BIG, one, MTIME_NEVER, false);
	p->key = &one;
	peer_bi(p, BIG);
	peer_ca(p, BIG, CA_INIT, 5, NULL, 0);
	assert_cafsm(p, BIG, SCSP_CA_NEGOTIATION);
	peer_put(p, "a", "x");
	peer_wait(p, MSPAN_SEC(8));
	assert_int_equal(peer_said(p, -1, SCSP_CA), 0);
	peer_frees(p);
}

/* A change of keys while a reply waits: it is not sent half signed. */
static void
reply_waits(void **state)
{
	struct peer *p = peer_new();

	(void)state;
	p->group.reply_delay = MSPAN_MS(100);
	peer_start(p, 1);
	peer_align(p, BIG, NULL, 0);
	peer_csu(p, BIG, SCSP_CSU_REQ, peer_record("a", OTHER, 5, "x"));
	add(p, BIG, one, MTIME_NEVER, true);
	peer_clear(p);
	peer_wait(p, MSPAN_MS(100));
	assert_int_equal(peer_said(p, BIG, SCSP_CSU_REP), 0);
	p->key = &one;
	peer_csu(p, BIG, SCSP_CSU_REQ, peer_record("a", OTHER, 5, "x"));
	peer_wait(p, MSPAN_MS(100));
	assert_true(signed_by(peer_find(p, BIG, SCSP_CSU_REP), &one));
	peer_frees(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(verifies), cmocka_unit_test(drop_only),
		cmocka_unit_test(pairwise), cmocka_unit_test(roll_over),
		cmocka_unit_test(expired), cmocka_unit_test(rekeyed),
		cmocka_unit_test(no_key), cmocka_unit_test(verify_only),
		cmocka_unit_test(reply_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
