/* SPDX-License-Identifier: BSD-2-Clause */
/* Which groups have layer 3 members: RFC 2022 sections 5.3 and 8.5. */
#include "client_rig.h"

static void
groups(struct rig *r, uint32_t msn, unsigned part, bool last,
    const uint32_t *g, unsigned n)
{
	struct atm_addr me = rig_addr(ME);
	uint8_t src[2 * ATM_NSAP_LEN], list[64];
	struct mars_msg m = { .pro = L3_PROTO_IPV4,
	    .op = MARS_GROUPLIST_REPLY, .tpln = 4, .tnum = (uint16_t)n,
	    .part = (uint16_t)part, .last = last, .msn = msn, .list = list };

	mars_set_src(&m, &me, src);
	for (unsigned i = 0; i < n; i++)
		memcpy(list + 4 * i, l3_addr_ipv4(g[i]).b, 4);
	rig_msg(r, rig_pp(r), &m);
}

static struct rig *
asked(void)
{
	struct rig *r = rig_new();

	rig_member(r, 5, 10);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_GROUPLIST, 0xe0000000u,
	    0xefffffffu), 0);
	return r;
}

/* MARS-233: one pair, the range asked about; MARS-106: no flags. */
static void
question(void **state)
{
	struct rig *r = asked();
	const struct sent *s = rig_last(r, ATM_SEND, MARS_GROUPLIST_REQUEST);
	struct l3_range range;

	(void)state;
	assert_int_equal(s->rq.ref, rig_pp(r));
	assert_int_equal(s->m.pnum, 1);
	assert_int_equal(s->m.flags, 0);
	assert_int_equal(mars_pair(&s->m, 0, &range), 0);
	assert_int_equal(range.min.b[0], 0xe0);
	assert_int_equal(range.max.b[0], 0xef);
	rig_stop(r);
}

/* MARS-129, MARS-078: parts are put together; HSN moves with the last. */
static void
answer(void **state)
{
	static const uint32_t a[] = { X_GROUP, 0xe1000000u }, b[] = { Y_GROUP };
	struct rig *r = asked();
	struct l3_addr g, want = l3_addr_ipv4(Y_GROUP);
	size_t n;

	(void)state;
	assert_int_equal(mars_client_answer(r->c, true, &n), MARSH_ESTATE);
	groups(r, 11, 1, false, a, 2);
	assert_int_equal(rig_info(r).hsn, 10);
	assert_int_equal(mars_client_answer(r->c, true, &n), MARSH_ESTATE);
	groups(r, 11, 2, true, b, 1);
	assert_int_equal(rig_info(r).hsn, 11);
	assert_int_equal(mars_client_answer(r->c, true, &n), 0);
	assert_int_equal(n, 3);
	assert_true(mars_client_answer_group(r->c, 2, &g));
	assert_int_equal(l3_addr_cmp(&g, &want), 0);
	assert_false(mars_client_answer_group(r->c, 3, &g));
	rig_run(r, SEC(30));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_GROUPLIST_REQUEST), 1);
	groups(r, 11, 1, true, a, 1);
	assert_int_equal(rig_drops(r, MARS_CLIENT_DROP_STALE), 1);
	rig_stop(r);
}

/* Nothing found is an answer. */
static void
none(void **state)
{
	struct rig *r = asked();
	size_t n;

	(void)state;
	groups(r, 10, 1, true, NULL, 0);
	assert_int_equal(mars_client_answer(r->c, true, &n), 0);
	assert_int_equal(n, 0);
	rig_stop(r);
}

/*
 * MARS-129: a missing part, a change of mar$msn, a timeout: all is discarded and
 * the question repeated.
 */
static void
mistakes(void **state)
{
	static const uint32_t a[] = { X_GROUP }, b[] = { Y_GROUP };
	struct rig *r = asked();
	size_t n;

	(void)state;
	groups(r, 10, 1, false, a, 1);
	groups(r, 10, 3, true, b, 1);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_GROUPLIST_REQUEST), 2);
	groups(r, 10, 1, false, a, 1);
	groups(r, 11, 2, true, b, 1);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_GROUPLIST_REQUEST), 3);
	groups(r, 10, 1, false, a, 1);
	rig_run(r, SEC(9.999999));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_GROUPLIST_REQUEST), 3);
	rig_run(r, 1);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_GROUPLIST_REQUEST), 4);
	groups(r, 10, 1, true, b, 1);
	assert_int_equal(mars_client_answer(r->c, true, &n), 0);
	assert_int_equal(n, 1);
	rig_stop(r);
}

/* MARS-045, MARS-132: without an answer at all the MARS has failed. */
static void
unanswered(void **state)
{
	struct rig *r = asked();

	(void)state;
	rig_until(r, SEC(59.999999));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_GROUPLIST_REQUEST), 6);
	assert_true(rig_info(r).registered);
	rig_until(r, SEC(60));
	assert_int_equal(rig_info(r).state, MARS_CLIENT_WAITING);
	rig_run(r, SEC(10));
	rig_accept(r, 5, 10);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_GROUPLIST_REQUEST), 7);
	rig_stop(r);
}

/*
 * MARS-234: layer3grp in overheard JOINs and LEAVEs says nothing; only what the
 * MARS lists is the answer.
 */
static void
overheard(void **state)
{
	static const uint32_t a[] = { X_GROUP };
	struct rig *r = asked();
	struct atm_addr who = rig_addr(4);
	uint8_t src[2 * ATM_NSAP_LEN], pair[8] = { 224, 1, 1, 2, 224, 1, 1, 2 };
	struct mars_msg m = { .pro = L3_PROTO_IPV4, .op = MARS_JOIN, .msn = 11,
	    .tpln = 4, .pnum = 1, .pairs = pair,
	    .flags = MARS_FLAG_COPY | MARS_FLAG_LAYER3GRP };
	struct l3_addr g, want = l3_addr_ipv4(X_GROUP);
	size_t n;

	(void)state;
	mars_set_src(&m, &who, src);
	rig_msg(r, CCVC1, &m);
	assert_int_equal(mars_client_answer(r->c, true, &n), MARSH_ESTATE);
	groups(r, 11, 1, true, a, 1);
	m.op = MARS_LEAVE;
	m.msn = 12;
	memcpy(pair, l3_addr_ipv4(X_GROUP).b, 4);
	memcpy(pair + 4, pair, 4);
	rig_msg(r, CCVC1, &m);
	assert_int_equal(mars_client_answer(r->c, true, &n), 0);
	assert_int_equal(n, 1);
	assert_true(mars_client_answer_group(r->c, 0, &g));
	assert_int_equal(l3_addr_cmp(&g, &want), 0);
	rig_stop(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(question),
		cmocka_unit_test(answer),
		cmocka_unit_test(none),
		cmocka_unit_test(mistakes),
		cmocka_unit_test(unanswered),
		cmocka_unit_test(overheard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
