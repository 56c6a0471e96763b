/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Following what CCVC says: RFC 2022 sections 5.1.4, 5.1.6, 6.3 and Appendix A.
 * Each test runs twice: with frames, and with messages decoded before.
 */
#include "client_rig.h"

static struct rig *
member(void **state)
{
	struct rig *r = rig_new();

	r->as_msg = *state != NULL;
	rig_member(r, 5, 10);
	return r;
}

static bool
to(const struct sent *s, unsigned who)
{
	struct atm_addr a = rig_addr(who);

	return atm_addr_equal(&s->rq.dst, &a);
}

/* A JOIN or LEAVE by |who| with |n| pairs, each two numbers. */
static void
change(struct rig *r, unsigned op, unsigned who, uint32_t msn,
    const uint32_t *ends, unsigned n)
{
	struct atm_addr a = rig_addr(who);
	uint8_t src[2 * ATM_NSAP_LEN], pairs[256];
	struct mars_msg m = { .pro = L3_PROTO_IPV4, .op = (uint8_t)op,
	    .tpln = 4, .pnum = (uint16_t)n, .flags = MARS_FLAG_COPY,
	    .msn = msn, .pairs = pairs };

	mars_set_src(&m, &a, src);
	for (unsigned i = 0; i < 2 * n; i++)
		memcpy(pairs + 4 * i, l3_addr_ipv4(ends[i]).b, 4);
	rig_msg(r, CCVC1, &m);
}

/* MARS-069: a JOIN adds its source to the open VC. */
static void
join_adds(void **state)
{
	struct rig *r = member(state);
	atm_ref vc = rig_open(r, X_GROUP, 10);

	rig_clear(r);
	rig_change(r, CCVC1, MARS_JOIN, 7, X_GROUP, X_GROUP, 11);
	assert_int_equal(r->n, 1);
	assert_int_equal(rig_last(r, ATM_MULTI_ADD, 0)->rq.ref, vc);
	assert_true(to(rig_last(r, ATM_MULTI_ADD, 0), 7));
	assert_int_equal(rig_info(r).hsn, 11);
	rig_stop(r);
}

/*
 * MARS-068, MARS-069: what only repeats what is known, concerns another group or
 * is our own JOIN changes nothing but HSN.
 */
static void
known_already(void **state)
{
	struct rig *r = member(state);

	rig_open(r, X_GROUP, 10);
	rig_clear(r);
	rig_change(r, CCVC1, MARS_JOIN, 2, X_GROUP, X_GROUP, 11);
	rig_change(r, CCVC1, MARS_LEAVE, 9, X_GROUP, X_GROUP, 12);
	rig_change(r, CCVC1, MARS_JOIN, 7, Y_GROUP, Y_GROUP, 13);
	rig_change(r, CCVC1, MARS_JOIN, ME, X_GROUP, X_GROUP, 14);
	rig_change(r, CCVC1, MARS_LEAVE, ME, X_GROUP, X_GROUP, 15);
	assert_int_equal(r->n, 0);
	assert_int_equal(rig_info(r).hsn, 15);
	assert_int_equal(rig_path(r, X_GROUP).leaves, 2);
	rig_stop(r);
}

/* MARS-068, MARS-098: pnum = 0 only moves HSN. */
static void
no_pairs(void **state)
{
	struct rig *r = member(state);

	rig_open(r, X_GROUP, 10);
	rig_clear(r);
	change(r, MARS_JOIN, 7, 11, NULL, 0);
	assert_int_equal(r->n, 0);
	assert_int_equal(rig_info(r).hsn, 11);
	rig_stop(r);
}

/* MARS-070: a LEAVE drops its source. */
static void
leave_drops(void **state)
{
	struct rig *r = member(state);
	atm_ref vc = rig_open(r, X_GROUP, 10);

	rig_clear(r);
	rig_change(r, CCVC1, MARS_LEAVE, 2, X_GROUP, X_GROUP, 11);
	assert_int_equal(r->n, 1);
	assert_int_equal(rig_last(r, ATM_MULTI_DROP, 0)->rq.ref, vc);
	assert_true(to(rig_last(r, ATM_MULTI_DROP, 0), 2));
	assert_int_equal(rig_path(r, X_GROUP).leaves, 1);
	rig_stop(r);
}

/* MARS-071: without leaves the VC is closed; the next packet asks again. */
static void
last_leaf(void **state)
{
	struct rig *r = member(state);
	atm_ref vc = rig_open(r, X_GROUP, 10);

	rig_change(r, CCVC1, MARS_LEAVE, 2, X_GROUP, X_GROUP, 11);
	rig_clear(r);
	rig_change(r, CCVC1, MARS_LEAVE, 3, X_GROUP, X_GROUP, 12);
	assert_int_equal(rig_count(r, ATM_RELEASE, 0), 1);
	assert_int_equal(rig_last(r, ATM_RELEASE, 0)->rq.ref, vc);
	rig_no_path(r, X_GROUP);
	rig_send(r, X_GROUP);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 1);
	rig_stop(r);
}

/* MARS-071: a leaf still being added keeps the VC; the last goes when it is. */
static void
last_leaf_waits(void **state)
{
	struct rig *r = member(state);
	atm_ref vc = rig_open(r, X_GROUP, 10);

	rig_change(r, CCVC1, MARS_LEAVE, 2, X_GROUP, X_GROUP, 11);
	rig_change(r, CCVC1, MARS_JOIN, 7, X_GROUP, X_GROUP, 12);
	rig_clear(r);
	rig_change(r, CCVC1, MARS_LEAVE, 3, X_GROUP, X_GROUP, 13);
	assert_int_equal(r->n, 0);
	rig_ind(r, ATM_ACK, vc, ATM_MULTI_ADD, 7, 0);
	assert_int_equal(r->n, 1);
	assert_true(to(rig_last(r, ATM_MULTI_DROP, 0), 3));
	assert_int_equal(rig_path(r, X_GROUP).leaves, 1);
	rig_stop(r);
}

/*
 * MARS-072: joins and leaves between the reply and the end of set-up change the
 * pending set.
 */
static void
during_set_up(void **state)
{
	struct rig *r = member(state);
	atm_ref vc;

	rig_send(r, X_GROUP);
	rig_multi(r, X_GROUP, 10, 2, 3, 4);
	rig_change(r, CCVC1, MARS_JOIN, 7, X_GROUP, X_GROUP, 11);
	rig_change(r, CCVC1, MARS_LEAVE, 3, X_GROUP, X_GROUP, 12);
	assert_int_equal(rig_count(r, ATM_MULTI_ADD, 0), 0);
	vc = rig_last(r, ATM_MULTI_RQ, 0)->rq.ref;
	rig_ack(r, ATM_MULTI_RQ);
	assert_int_equal(rig_count(r, ATM_MULTI_ADD, 0), 2);
	assert_true(to(rig_nth(r, ATM_MULTI_ADD, 0, 0), 4));
	assert_true(to(rig_nth(r, ATM_MULTI_ADD, 0, 1), 7));
	/* one that leaves while it is added goes once it is there */
	rig_change(r, CCVC1, MARS_LEAVE, 4, X_GROUP, X_GROUP, 13);
	assert_int_equal(rig_count(r, ATM_MULTI_DROP, 0), 0);
	rig_ind(r, ATM_ACK, vc, ATM_MULTI_ADD, 4, 0);
	assert_int_equal(rig_count(r, ATM_MULTI_DROP, 0), 1);
	rig_ind(r, ATM_ACK, vc, ATM_MULTI_ADD, 7, 0);
	assert_int_equal(rig_path(r, X_GROUP).state, MARS_PATH_UP);
	assert_int_equal(rig_path(r, X_GROUP).leaves, 2);
	rig_stop(r);
}

/* MARS-072: the leaf called first leaves before it answers. */
static void
first_leaf_leaves(void **state)
{
	struct rig *r = member(state);

	rig_send(r, X_GROUP);
	rig_multi(r, X_GROUP, 10, 2, 3);
	rig_change(r, CCVC1, MARS_LEAVE, 2, X_GROUP, X_GROUP, 11);
	rig_ack(r, ATM_MULTI_RQ);
	rig_ack(r, ATM_MULTI_ADD);
	assert_int_equal(rig_count(r, ATM_MULTI_DROP, 0), 1);
	assert_true(to(rig_last(r, ATM_MULTI_DROP, 0), 2));
	assert_int_equal(rig_path(r, X_GROUP).leaves, 1);
	assert_int_equal(rig_count(r, ATM_SEND, 0), 1);
	rig_stop(r);
}

/*
 * MARS-072: a change on CCVC that overtakes the private reply is newer than it,
 * one that came before is part of it.
 */
static void
reply_overtaken(void **state)
{
	struct rig *r = member(state);
	struct l3_addr g = l3_addr_ipv4(X_GROUP);
	struct atm_addr a, seven = rig_addr(7);
	enum mars_cleaf_state st;

	rig_send(r, X_GROUP);
	rig_change(r, CCVC1, MARS_LEAVE, 4, X_GROUP, X_GROUP, 11);
	rig_change(r, CCVC1, MARS_JOIN, 7, X_GROUP, X_GROUP, 12);
	rig_change(r, CCVC1, MARS_LEAVE, 3, X_GROUP, X_GROUP, 13);
	rig_multi(r, X_GROUP, 11, 2, 3);
	assert_int_equal(rig_path(r, X_GROUP).wanted, 2); /* 2 and 7 */
	assert_true(mars_client_leaf(r->c, &g, 1, &a, &st));
	assert_true(atm_addr_equal(&a, &seven));
	rig_stop(r);
}

/* MARS-073: leaving the group here does not touch the way out. */
static void
own_leave(void **state)
{
	struct rig *r = member(state);

	rig_cmd(r, MARS_CLIENT_JOIN, X_GROUP, X_GROUP);
	rig_open(r, X_GROUP, 10);
	rig_cmd(r, MARS_CLIENT_LEAVE, X_GROUP, X_GROUP);
	rig_echo(r, CCVC1, rig_last(r, ATM_SEND, MARS_LEAVE), 11, 0);
	assert_int_equal(rig_count(r, ATM_RELEASE, 0), 0);
	assert_int_equal(rig_count(r, ATM_MULTI_DROP, 0), 0);
	assert_int_equal(rig_path(r, X_GROUP).state, MARS_PATH_UP);
	rig_stop(r);
}

/*
 * MARS-098, MARS-252: each path in any of the pairs is updated exactly once, the
 * last one included; those outside are not.
 */
static void
many_pairs(void **state)
{
	static const uint32_t ends[] = { 0xe1000001u, 0xe1000003u,
	    0xe1000005u, 0xe1000005u, 0xe1000008u, 0xefffffffu };
	struct rig *r = member(state);

	for (uint32_t i = 0; i < 10; i++)
		rig_open(r, 0xe1000000u + i, 10);
	rig_clear(r);
	change(r, MARS_JOIN, 7, 11, ends, 3);
	assert_int_equal(rig_count(r, ATM_MULTI_ADD, 0), 6);
	for (uint32_t i = 0; i < 10; i++)
		assert_int_equal(rig_path(r, 0xe1000000u + i).wanted,
		    (i >= 1 && i <= 3) || i == 5 || i >= 8 ? 3 : 2);
	change(r, MARS_LEAVE, 7, 12, ends, 3);
	rig_clear(r);
	/* closing paths while walking over them */
	change(r, MARS_LEAVE, 2, 13, (const uint32_t[]){ 0xe0000000u,
	    0xefffffffu }, 1);
	change(r, MARS_LEAVE, 3, 14, (const uint32_t[]){ 0xe1000000u,
	    0xe1000008u }, 1);
	change(r, MARS_LEAVE, 7, 15, ends, 3);
	assert_int_equal(rig_path(r, 0xe1000009u).wanted, 1);
	rig_no_path(r, 0xe1000004u);
	rig_stop(r);
}

/* A member of every group, over a hundred open paths. */
static void
promiscuous(void **state)
{
	struct rig *r = member(state);

	for (uint32_t i = 0; i < 150; i++)
		rig_open(r, 0xe1000000u + i, 10);
	rig_clear(r);
	rig_change(r, CCVC1, MARS_JOIN, 7, 0xe0000000u, 0xefffffffu, 11);
	assert_int_equal(rig_count(r, ATM_MULTI_ADD, 0), 150);
	rig_stop(r);
}

/* Registrations and messages for a MARS are no membership. */
static void
no_membership(void **state)
{
	struct rig *r = member(state);
	struct atm_addr a = rig_addr(7);
	uint8_t src[2 * ATM_NSAP_LEN], pair[8];
	struct mars_msg m = { .pro = L3_PROTO_IPV4, .op = MARS_JOIN,
	    .tpln = 4, .pnum = 1, .pairs = pair, .msn = 11,
	    .flags = MARS_FLAG_COPY | MARS_FLAG_REGISTER };

	rig_open(r, X_GROUP, 10);
	rig_clear(r);
	memcpy(pair, l3_addr_ipv4(X_GROUP).b, 4);
	memcpy(pair + 4, pair, 4);
	mars_set_src(&m, &a, src);
	rig_msg(r, CCVC1, &m);
	m.flags = 0;
	rig_msg(r, CCVC1, &m);
	assert_int_equal(rig_drops(r, MARS_CLIENT_DROP_UNEXPECTED), 1);
	m.op = MARS_SJOIN;
	rig_msg(r, CCVC1, &m);
	assert_int_equal(rig_drops(r, MARS_CLIENT_DROP_UNEXPECTED), 2);
	m.op = MARS_JOIN;
	m.flags = MARS_FLAG_COPY;
	rig_msg(r, 0x80000055u, &m); /* a VC that no MARS called */
	assert_int_equal(rig_drops(r, MARS_CLIENT_DROP_UNEXPECTED), 3);
	assert_int_equal(r->n, 0);
	rig_stop(r);
}

/* MARS-219, MARS-236: another protocol's messages do not even touch HSN. */
static void
other_protocol(void **state)
{
	struct rig *r = member(state);
	struct atm_addr a = rig_addr(7);
	uint8_t src[2 * ATM_NSAP_LEN];
	struct mars_msg m = { .pro = L3_PROTO_IPV6, .op = MARS_JOIN,
	    .msn = 99, .flags = MARS_FLAG_COPY };

	rig_open(r, X_GROUP, 10);
	mars_set_src(&m, &a, src);
	rig_msg(r, CCVC1, &m);
	assert_int_equal(rig_info(r).hsn, 10);
	assert_int_equal(rig_drops(r, MARS_CLIENT_DROP_PROTOCOL), 1);
	rig_stop(r);
}

/*
 * MARS-093, MARS-094: MIGRATE releases the VC, then sets a new one up to the
 * addresses it carries, ourselves excepted (MARS-035).
 */
static void
migrate(void **state)
{
	struct rig *r = member(state);
	atm_ref vc = rig_open(r, X_GROUP, 10);

	rig_clear(r);
	rig_set(r, CCVC1, MARS_MIGRATE, X_GROUP, 11, 0, true, false,
	    RIG_LIST(9, ME, 3));
	assert_int_equal(r->n, 2);
	assert_int_equal(r->v[0].rq.kind, ATM_RELEASE);
	assert_int_equal(r->v[0].rq.ref, vc);
	assert_int_equal(r->v[1].rq.kind, ATM_MULTI_RQ);
	assert_int_not_equal(r->v[1].rq.ref, vc);
	assert_true(to(&r->v[1], 9));
	rig_ack(r, ATM_MULTI_RQ);
	assert_int_equal(rig_count(r, ATM_MULTI_ADD, 0), 1);
	assert_true(to(rig_last(r, ATM_MULTI_ADD, 0), 3));
	rig_send(r, X_GROUP);
	rig_ack(r, ATM_MULTI_ADD);
	assert_int_equal(rig_count(r, ATM_SEND, 0), 1);
	assert_int_equal(rig_path(r, X_GROUP).leaves, 2);
	assert_int_equal(rig_info(r).hsn, 11);
	rig_stop(r);
}

/* MARS-094: without a path MIGRATE only counts; while asking it is the answer. */
static void
migrate_without_path(void **state)
{
	struct rig *r = member(state);

	rig_set(r, CCVC1, MARS_MIGRATE, X_GROUP, 11, 0, true, false,
	    RIG_LIST(9));
	assert_int_equal(r->n, 0);
	assert_int_equal(rig_info(r).hsn, 11);
	rig_send(r, X_GROUP);
	rig_set(r, CCVC1, MARS_MIGRATE, X_GROUP, 12, 0, true, false,
	    RIG_LIST(9));
	rig_ack(r, ATM_MULTI_RQ);
	assert_int_equal(rig_count(r, ATM_SEND, 0), 1);
	rig_multi(r, X_GROUP, 12, 4); /* nobody asks for it any more */
	assert_int_equal(rig_drops(r, MARS_CLIENT_DROP_STALE), 1);
	assert_int_equal(rig_path(r, X_GROUP).wanted, 1);
	rig_stop(r);
}

/* MARS-093: MIGRATE to nobody but us closes. */
static void
migrate_to_nobody(void **state)
{
	struct rig *r = member(state);

	rig_open(r, X_GROUP, 10);
	rig_clear(r);
	rig_set(r, CCVC1, MARS_MIGRATE, X_GROUP, 11, 0, true, false,
	    RIG_LIST(ME));
	assert_int_equal(r->n, 1);
	assert_int_equal(rig_count(r, ATM_RELEASE, 0), 1);
	rig_no_path(r, X_GROUP);
	rig_stop(r);
}

static int yes;

#define TWICE(f) \
	{ #f, f, NULL, NULL, NULL }, { #f " decoded", f, NULL, NULL, &yes }

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TWICE(join_adds), TWICE(known_already), TWICE(no_pairs),
		TWICE(leave_drops), TWICE(last_leaf), TWICE(last_leaf_waits),
		TWICE(during_set_up), TWICE(first_leaf_leaves),
		TWICE(reply_overtaken), TWICE(own_leave), TWICE(many_pairs),
		TWICE(promiscuous), TWICE(no_membership),
		TWICE(other_protocol), TWICE(migrate),
		TWICE(migrate_without_path), TWICE(migrate_to_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
