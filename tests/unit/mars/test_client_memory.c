/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory that runs out once, at each allocation in turn, and input that is
 * wrong.  A peer that answers everything takes a member through its life; what
 * a failed allocation lost must be repeated or revalidated by itself.
 */
#include "client_rig.h"

#include "marsh/wire/snap.h"

struct peer {
	struct rig *r;
	size_t done;     /* requests answered */
	uint32_t csn;
	unsigned members[4]; /* of X */
	size_t n;
};

static bool
to_mars(const struct atm_req *rq)
{
	struct atm_addr m1 = rig_addr(M1), m2 = rig_addr(M2);

	return atm_addr_equal(&rq->dst, &m1) || atm_addr_equal(&rq->dst, &m2);
}

static void
answer_msg(struct peer *p, const struct sent *s)
{
	struct rig *r = p->r;

	if (s->m.op == MARS_JOIN || s->m.op == MARS_LEAVE) {
		bool reg = s->m.flags & MARS_FLAG_REGISTER;

		rig_echo(r, reg ? s->rq.ref : CCVC1, s,
		    reg ? p->csn : ++p->csn, reg ? 5 : 0);
	} else if (s->m.op == MARS_REQUEST) {
		rig_set(r, s->rq.ref, MARS_MULTI, X_GROUP, p->csn, 1, false,
		    false, p->members, 1);
		rig_set(r, s->rq.ref, MARS_MULTI, X_GROUP, p->csn, 2, true,
		    false, p->members + 1, p->n - 1);
	}
}

static void
settle(struct peer *p)
{
	struct rig *r = p->r;

	while (p->done < r->n) {
		struct sent s = r->v[p->done++];
		struct atm_ind ind = { .kind = ATM_ACK, .rq = s.rq.kind,
		    .ref = s.rq.ref, .peer = s.rq.dst };
		struct mars_client_ev ev = { .kind = MARS_CLIENT_IND,
		    .ind = &ind };

		if (s.rq.kind == ATM_SEND)
			answer_msg(p, &s);
		else if (s.rq.kind != ATM_RELEASE
		    && s.rq.kind != ATM_MULTI_DROP)
			rig_step(r, &ev);
		if (s.rq.kind == ATM_CALL_RQ && to_mars(&s.rq)
		    && rig_info(r).ccvc == 0)
			rig_ind(r, ATM_REMOTE_CALL, CCVC1, 0, M1, 0);
	}
}

static void
pass(struct peer *p, int64_t seconds)
{
	int64_t end = p->r->now + SEC(seconds);

	while (p->r->now < end) {
		rig_run(p->r, SEC(1));
		settle(p);
		if (p->r->now % SEC(60) == 0)
			rig_map(p->r, CCVC1, ++p->csn, false, M1, M2);
	}
	settle(p);
}

/* A command is repeated by who gave it, as a person would. */
static void
insist(struct peer *p, enum mars_client_ev_kind kind, uint32_t lo, uint32_t hi)
{
	int rc = MARSH_ENOMEM;

	for (int i = 0; i < 3 && rc == MARSH_ENOMEM; i++)
		rc = kind == MARS_CLIENT_SEND ? rig_send(p->r, lo)
					      : rig_cmd(p->r, kind, lo, hi);
	assert_int_equal(rc, 0);
	settle(p);
}

static void
live(struct peer *p)
{
	struct rig *r = p->r;

	insist(p, MARS_CLIENT_REGISTER, 0, 0);
	insist(p, MARS_CLIENT_JOIN, X_GROUP, X_GROUP);
	insist(p, MARS_CLIENT_JOIN, 0xe2000000u, 0xe20000ffu);
	insist(p, MARS_CLIENT_SEND, X_GROUP, X_GROUP);
	pass(p, 61);
	p->members[p->n++] = 7;
	rig_change(r, CCVC1, MARS_JOIN, 7, X_GROUP, X_GROUP, ++p->csn);
	settle(p);
	insist(p, MARS_CLIENT_REQUEST, X_GROUP, X_GROUP);
	rig_set(r, CCVC1, MARS_MIGRATE, X_GROUP, ++p->csn, 0, true, false,
	    p->members, p->n);
	settle(p);
	insist(p, MARS_CLIENT_LEAVE, 0xe2000000u, 0xe20000ffu);
	pass(p, 61);
	rig_ind(r, ATM_RELEASED, CCVC1, ATM_CALL_RQ, M1, 27);
	for (int i = 0; i < 12; i++) {
		pass(p, 10);
		insist(p, MARS_CLIENT_SEND, X_GROUP, X_GROUP);
	}
	pass(p, 30);
}

static void
judge(const struct rig *r)
{
	struct l3_range range;
	bool confirmed = false;

	assert_true(rig_info(r).registered);
	assert_true(mars_client_next_joined(r->c, 0, &range, &confirmed));
	assert_true(confirmed);
	assert_false(mars_client_next_joined(r->c, 1, &range, &confirmed));
	assert_int_equal(rig_path(r, X_GROUP).state, MARS_PATH_UP);
	assert_int_equal(rig_path(r, X_GROUP).leaves, 3);
}

/* MARS-113, MARS-042: what one failed allocation loses is made good. */
static void
each_allocation_fails(void **state)
{
	long total = 1;

	(void)state;
	for (long k = 0; k <= total; k++) {
		struct rig *r = rig_new();
		struct peer p = { .r = r, .csn = 10, .members = { 2, ME, 3 },
		    .n = 3 };

		r->backups[0] = rig_addr(M2);
		r->cfg.backups_n = 1;
		r->fm.fail_at = k;
		r->c = mars_client_new(&r->cfg, &r->fm.mem, &r->trace);
		if (r->c == NULL) {
			assert_true(k > 0);
			assert_int_equal(r->fm.live, 0);
			free(r);
			continue;
		}
		live(&p);
		judge(r);
		if (k == 0)
			total = r->fm.count;
		rig_stop(r);
	}
	assert_true(total > 40);
}

/* With no memory at all nothing crashes and time goes on. */
static void
no_memory_for_long(void **state)
{
	struct rig *r = rig_new();
	struct peer p = { .r = r, .csn = 10, .members = { 2, ME, 3 }, .n = 3 };

	(void)state;
	rig_member(r, 5, 10);
	r->fm.fail_at = r->fm.count + 1;
	r->fm.fail_on = 1;
	assert_int_equal(rig_cmd(r, MARS_CLIENT_JOIN, X_GROUP, X_GROUP),
	    MARSH_ENOMEM);
	assert_int_equal(rig_send(r, X_GROUP), MARSH_ENOMEM);
	rig_no_path(r, X_GROUP);
	rig_map(r, CCVC1, 11, true, M2);
	assert_int_equal(r->rc, MARSH_ENOMEM);
	assert_int_equal(rig_info(r).hsn, 10);
	rig_run(r, SEC(600));
	r->fm.fail_at = 0;
	r->fm.fail_on = 0;
	pass(&p, 100);
	assert_true(rig_info(r).registered);
	rig_stop(r);
}

/* MARS-069: a JOIN without memory is found by revalidation. */
static void
join_without_memory(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	rig_member(r, 5, 10);
	rig_open(r, X_GROUP, 10);
	r->fm.fail_at = r->fm.count + 1;
	rig_change(r, CCVC1, MARS_JOIN, 7, X_GROUP, X_GROUP, 11);
	assert_int_equal(rig_path(r, X_GROUP).wanted, 2);
	assert_int_equal(rig_drops(r, MARS_CLIENT_DROP_NO_MEMORY), 1);
	rig_run(r, SEC(10));
	assert_true(rig_path(r, X_GROUP).revalidate);
	rig_stop(r);
}

/* Every prefix of a message, and every octet of it changed. */
static void
malformed(void **state)
{
	static uint8_t b[600];
	struct rig *r = rig_new();
	uint64_t bad = 0;
	size_t len;

	(void)state;
	rig_member(r, 5, 10);
	rig_open(r, X_GROUP, 10);
	rig_cmd(r, MARS_CLIENT_JOIN, Y_GROUP, Y_GROUP);
	for (size_t i = 0; i < r->n; i++) {
		const struct frame *f = r->v[i].rq.frame;

		if (f == NULL)
			continue;
		len = f->len;
		assert_true(len < sizeof(b));
		memcpy(b, f->bytes, len);
		for (size_t k = 0; k < len; k++)
			rig_data(r, CCVC1, b, k);
		rig_clear(r);
		break;
	}
	for (unsigned b2 = 0; b2 < MARS_BAD_COUNT; b2++)
		bad += mars_client_stats(r->c)->bad[b2];
	assert_true(bad > 30);
	assert_true(rig_drops(r, MARS_CLIENT_DROP_MALFORMED) >= bad);
	assert_true(rig_info(r).registered);
	assert_int_equal(rig_path(r, X_GROUP).leaves, 2);
	rig_stop(r);
}

static void
octets_changed(void **state)
{
	static uint8_t b[600];
	struct rig *r = rig_new();
	struct atm_addr a = rig_addr(7);
	uint8_t src[2 * ATM_NSAP_LEN], pair[8] = { 224, 1, 1, 1, 224, 1, 1, 1 };
	struct mars_msg m = { .pro = L3_PROTO_IPV4, .op = MARS_JOIN, .msn = 11,
	    .tpln = 4, .pnum = 1, .flags = MARS_FLAG_COPY, .pairs = pair };
	size_t len;

	(void)state;
	rig_member(r, 5, 10);
	rig_open(r, X_GROUP, 10);
	mars_set_src(&m, &a, src);
	snap_control(b);
	len = SNAP_LEN + mars_encode(&m, true, b + SNAP_LEN, 500);
	r->cfg.verify = true;
	for (size_t i = 0; i < len; i++)
		for (unsigned x = 0; x < 256; x += 17) {
			uint8_t was = b[i];

			b[i] = (uint8_t)x;
			rig_data(r, x & 1 ? CCVC1 : rig_pp(r), b, len);
			b[i] = was;
			rig_clear(r);
			if (rig_pp(r) == 0 || rig_info(r).ccvc == 0)
				break;
		}
	rig_stop(r);
}

/* A checksum that does not fit is dropped when verified. */
static void
checksum(void **state)
{
	struct rig *r = rig_new();
	uint8_t b[128], src[2 * ATM_NSAP_LEN];
	struct atm_addr a = rig_addr(7);
	struct mars_msg m = { .pro = L3_PROTO_IPV4, .op = MARS_JOIN,
	    .flags = MARS_FLAG_COPY, .msn = 11 };
	size_t n;

	(void)state;
	r->cfg.verify = true;
	r->cfg.checksum = true;
	rig_member(r, 5, 10);
	mars_set_src(&m, &a, src);
	snap_control(b);
	n = mars_encode(&m, true, b + SNAP_LEN, sizeof(b) - SNAP_LEN);
	b[SNAP_LEN + 12] ^= 1;
	rig_data(r, CCVC1, b, SNAP_LEN + n);
	assert_int_equal(mars_client_stats(r->c)->bad[MARS_BAD_CHECKSUM], 1);
	assert_int_equal(rig_info(r).hsn, 10);
	b[SNAP_LEN + 12] ^= 1;
	rig_data(r, CCVC1, b, SNAP_LEN + n);
	assert_int_equal(rig_info(r).hsn, 11);
	rig_cmd(r, MARS_CLIENT_JOIN, X_GROUP, X_GROUP);
	assert_int_not_equal(rig_last(r, ATM_SEND, MARS_JOIN)->m.chksum, 0);
	rig_stop(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_allocation_fails),
		cmocka_unit_test(no_memory_for_long),
		cmocka_unit_test(join_without_memory),
		cmocka_unit_test(malformed),
		cmocka_unit_test(octets_changed),
		cmocka_unit_test(checksum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
