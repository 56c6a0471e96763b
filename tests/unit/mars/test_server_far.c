/* SPDX-License-Identifier: BSD-2-Clause */
/* Members of other MARSs: in every answer, on no VC (RFC 2443 section 2). */
#include "far_rig.h"

/* SMARS-002, SMARS-045: a client entry with its CMI, in every answer. */
static void
in_answers(void **state)
{
	struct rig *r = rig_cluster(1);
	struct mars_member_info i;
	struct mars_proto_info p;
	struct atm_addr a = rig_host(9), got;
	struct mars_msg m;

	(void)state;
	assert_int_equal(rig_far(r, MARS_FAR_REGISTER, 9, 300), 0);
	assert_true(mars_server_member(r->s, 0, &a, &i));
	assert_int_equal(i.cmi, 300);
	assert_int_equal(i.leaf, MARS_LEAF_FAR);
	assert_int_equal(i.vc, 0);
	assert_true(mars_server_next_member(r->s, 0, 2, &i));
	assert_int_equal(i.leaf, MARS_LEAF_FAR);
	assert_int_equal(rig_far_join(r, 9, G), 0);
	rig_clear(r);
	rig_request(r, 1, G);
	m = rig_msg(r, 0);
	assert_int_equal(m.op, MARS_MULTI);
	assert_int_equal(m.tnum, 1);
	assert_int_equal(mars_target(&m, 0, &got), 0);
	assert_true(atm_addr_equal(&got, &a));
	rig_clear(r);
	rig_group(r, 1, MARS_GROUPLIST_REQUEST, G - 5, G + 5, 0);
	assert_int_equal(rig_msg(r, 0).op, MARS_GROUPLIST_REPLY);
	assert_int_equal(rig_msg(r, 0).tnum, 1);
	assert_true(mars_server_proto(r->s, 0, &p));
	assert_int_equal(p.members, 2);
	assert_int_equal(p.memberships, 1);
	rig_end(r);
}

/* SMARS-004: no leaf here, no timer, and no say before it registers here. */
static void
no_leaf(void **state)
{
	struct rig *r = rig_cluster(1);

	(void)state;
	rig_far(r, MARS_FAR_REGISTER, 9, 300);
	rig_far_join(r, 9, G);
	assert_int_equal(r->call_n, 0);
	rig_clear(r);
	rig_join(r, 9, G + 1);
	rig_request(r, 9, G);
	rig_deregister(r, 9); /* has its answer, and changes nothing */
	assert_int_equal(r->sent_n, 1);
	assert_int_equal(r->sent[0].ref, rig_ref(9));
	assert_int_equal(rig_stats(r)->drops[MARS_SERVER_DROP_NOT_MEMBER], 2);
	assert_int_equal(rig_members(r, G), 1);
	assert_int_equal(rig_leaf(r, 9), MARS_LEAF_FAR);
	rig_told_nothing(r);
	rig_step(r, &(struct mars_server_ev){ .kind = MARS_SERVER_RESTART });
	rig_run(r, 3600000);
	assert_int_equal(rig_leaf(r, 9), MARS_LEAF_FAR);
	assert_int_equal(rig_leaf(r, 1), -1);
	assert_int_equal(rig_members(r, G), 1);
	rig_end(r);
}

/* SMARS-006: a change elsewhere is repeated on CCVC, once. */
static void
on_ccvc(void **state)
{
	struct rig *r = rig_cluster(2);
	struct atm_addr a = rig_host(9), src;
	struct l3_range range;
	struct mars_msg m;

	(void)state;
	rig_far(r, MARS_FAR_REGISTER, 9, 300);
	rig_far_join(r, 9, G);
	rig_far_join(r, 9, G); /* of what it has: nothing */
	assert_int_equal(r->sent_n, 1);
	assert_int_equal(r->sent[0].ref, r->ccvc);
	m = rig_msg(r, 0);
	assert_int_equal(m.op, MARS_JOIN);
	assert_int_equal(m.flags, MARS_FLAG_COPY | LAYER3);
	assert_int_equal(m.cmi, 300);
	assert_int_equal(m.msn, 1);
	assert_int_equal(m.pnum, 1);
	assert_int_equal(mars_src(&m, &src), 0);
	assert_true(atm_addr_equal(&src, &a));
	assert_int_equal(mars_pair(&m, 0, &range), 0);
	assert_int_equal(range.min.b[3], 0);
	assert_int_equal(rig_stats(r)->ccvc[MARS_JOIN], 1);
	rig_clear(r);
	rig_far_leave(r, 9, G);
	rig_far_leave(r, 9, G);
	assert_int_equal(r->sent_n, 1);
	m = rig_msg(r, 0);
	assert_int_equal(m.op, MARS_LEAVE);
	assert_int_equal(m.flags, MARS_FLAG_COPY);
	assert_int_equal(m.cmi, 300);
	assert_int_equal(m.msn, 2);
	assert_int_equal(rig_csn(r), 2);
	assert_int_equal(rig_members(r, G), 0);
	assert_int_equal(rig_stats(r)->priv[MARS_JOIN], 2); /* the two
							       registrations */
	rig_told_nothing(r);
	rig_end(r);
}

/* Its own layer 3 address goes with it, once it is known. */
static void
own_address(void **state)
{
	struct rig *r = rig_cluster(1);
	struct mars_far far = { .what = MARS_FAR_REGISTER,
		.pro = L3_PROTO_IPV4, .addr = rig_host(9), .cmi = 300 };
	struct mars_msg m;

	(void)state;
	assert_int_equal(rig_far_event(r, &far), 0);
	rig_far_join(r, 9, G);
	assert_int_equal(rig_msg(r, 0).spln, 0);
	far.spa = l3_addr_ipv4(0x0a000009);
	assert_int_equal(rig_far_event(r, &far), 0);
	rig_far_leave(r, 9, G);
	m = rig_msg(r, 1);
	assert_int_equal(m.spln, 4);
	assert_int_equal(m.spa[3], 9);
	rig_end(r);
}

/* Quiet changes tables and nothing else. */
static void
quiet(void **state)
{
	struct rig *r = rig_cluster(2);

	(void)state;
	rig_far(r, MARS_FAR_REGISTER, 9, 300);
	rig_far_range(r, MARS_FAR_JOIN, 9, G, G, true);
	rig_far_range(r, MARS_FAR_JOIN, 9, G + 4, G + 8, true);
	rig_far_range(r, MARS_FAR_JOIN, 9, G + 4, G + 8, true);
	assert_int_equal(rig_members(r, G), 1);
	assert_int_equal(rig_members(r, G + 5), 1);
	rig_far_range(r, MARS_FAR_LEAVE, 9, G, G, true);
	rig_far_range(r, MARS_FAR_LEAVE, 9, G + 4, G + 8, true);
	rig_far_range(r, MARS_FAR_LEAVE, 9, G + 4, G + 8, true);
	assert_int_equal(rig_members(r, G), 0);
	assert_int_equal(rig_members(r, G + 5), 0);
	assert_int_equal(r->sent_n, 0);
	assert_int_equal(rig_csn(r), 0);
	rig_end(r);
}

/* Without leaves nobody hears; who is about to become one must see a jump. */
static void
unheard(void **state)
{
	struct rig *r = rig_cluster(0);

	(void)state;
	rig_far(r, MARS_FAR_REGISTER, 9, 300);
	rig_far(r, MARS_FAR_REGISTER, 10, 301);
	rig_far_join(r, 9, G);
	rig_far_range(r, MARS_FAR_JOIN, 9, G, G + 7, false);
	assert_int_equal(rig_csn(r), 0); /* there is nobody at all */
	r->ack = false;
	rig_register(r, 1);
	rig_clear(r);
	rig_far_join(r, 10, G);
	assert_int_equal(rig_csn(r), 1);
	rig_far_range(r, MARS_FAR_JOIN, 10, G, G + 7, false);
	assert_int_equal(rig_csn(r), 2);
	rig_far_range(r, MARS_FAR_LEAVE, 10, G, G + 7, true);
	assert_int_equal(rig_csn(r), 2);
	/* An own member alone among far ones is alone. */
	rig_join(r, 1, G);
	assert_int_equal(rig_csn(r), 2);
	assert_int_equal(r->sent_n, 1); /* its private answer */
	rig_end(r);
}

static void
pair_is(const struct rig *r, size_t i, unsigned pair, uint32_t lo, uint32_t hi)
{
	struct mars_msg m = rig_msg(r, i);
	struct l3_addr min = l3_addr_ipv4(lo), max = l3_addr_ipv4(hi);
	struct l3_range k;

	assert_true(pair < m.pnum);
	mars_pair(&m, pair, &k);
	assert_int_equal(l3_addr_cmp(&k.min, &min), 0);
	assert_int_equal(l3_addr_cmp(&k.max, &max), 0);
}

/* SMARS-047: holes are those of this server's tables. */
static void
holes(void **state)
{
	struct rig *r = rig_cluster(1);

	(void)state;
	rig_far(r, MARS_FAR_REGISTER, 9, 300);
	rig_far_join(r, 9, G + 4);
	rig_clear(r);
	rig_far_range(r, MARS_FAR_JOIN, 9, G, G + 9, false);
	assert_int_equal(r->sent_n, 1);
	assert_int_equal(r->sent[0].ref, r->ccvc);
	assert_int_equal(rig_msg(r, 0).flags,
	    MARS_FLAG_COPY | LAYER3 | MARS_FLAG_PUNCHED);
	assert_int_equal(rig_msg(r, 0).cmi, 300);
	assert_int_equal(rig_msg(r, 0).msn, 2);
	assert_int_equal(rig_msg(r, 0).pnum, 2);
	pair_is(r, 0, 0, G, G + 3);
	pair_is(r, 0, 1, G + 5, G + 9);
	rig_clear(r);
	/* Single changes below a block reach nobody. */
	rig_far_join(r, 9, G + 7);
	rig_far_leave(r, 9, G + 4);
	assert_int_equal(r->sent_n, 0);
	rig_far_range(r, MARS_FAR_LEAVE, 9, G, G + 9, false);
	rig_far_range(r, MARS_FAR_LEAVE, 9, G, G + 9, false);
	assert_int_equal(r->sent_n, 1);
	pair_is(r, 0, 0, G, G + 6);
	pair_is(r, 0, 1, G + 8, G + 9);
	rig_clear(r);
	/* Without a hole it goes out as it is. */
	rig_far_range(r, MARS_FAR_JOIN, 9, G + 100, G + 199, false);
	rig_far_range(r, MARS_FAR_JOIN, 9, G + 100, G + 199, false);
	assert_int_equal(r->sent_n, 1);
	assert_int_equal(rig_msg(r, 0).flags, MARS_FLAG_COPY | LAYER3);
	assert_int_equal(rig_msg(r, 0).cmi, 300);
	assert_int_equal(rig_msg(r, 0).msn, 4);
	pair_is(r, 0, 0, G + 100, G + 199);
	assert_int_equal(rig_members(r, G + 7), 1);
	assert_int_equal(rig_members(r, G), 0);
	rig_end(r);
}

/* What is nobody's, and what is another's. */
static void
errors(void **state)
{
	struct rig *r = rig_cluster(1);
	struct mars_far far = { .what = MARS_FAR_JOIN, .pro = L3_PROTO_IPV6,
		.addr = rig_host(9), .cmi = 9 };
	struct mars_proto_info p;

	(void)state;
	assert_int_equal(rig_far(r, MARS_FAR_REGISTER, 9, 1), MARSH_EEXIST);
	assert_int_equal(rig_far(r, MARS_FAR_REGISTER, 1, 2), MARSH_EEXIST);
	assert_int_equal(rig_far(r, MARS_FAR_REGISTER, 9, 300), 0);
	assert_int_equal(rig_far(r, MARS_FAR_REGISTER, 9, 300), 0);
	assert_int_equal(rig_far(r, MARS_FAR_REGISTER, 9, 301), MARSH_EEXIST);
	assert_int_equal(rig_far(r, MARS_FAR_REGISTER, 8, 300), MARSH_EEXIST);
	assert_int_equal(rig_far(r, MARS_FAR_DEREGISTER, 8, 0), MARSH_ENOENT);
	assert_int_equal(rig_far_join(r, 8, G), MARSH_ENOENT);
	assert_int_equal(rig_far_leave(r, 8, G), MARSH_ENOENT);
	/* An own member is nobody else's. */
	assert_int_equal(rig_far(r, MARS_FAR_DEREGISTER, 1, 1), 0);
	assert_int_equal(rig_leaf(r, 1), MARS_LEAF_UP);
	/* A protocol nobody spoke of begins with a member. */
	assert_int_equal(rig_far_event(r, &far), MARSH_ENOENT);
	assert_false(mars_server_proto(r->s, 1, &p));
	far.what = MARS_FAR_REGISTER;
	assert_int_equal(rig_far_event(r, &far), 0);
	assert_true(mars_server_proto(r->s, 1, &p));
	assert_int_equal(p.members, 1);
	rig_end(r);
}

/* SMARS-053, SMARS-015: it goes with all it has; nobody is told, as ever. */
static void
deregister(void **state)
{
	struct rig *r = rig_cluster(1);
	struct mars_proto_info p;

	(void)state;
	rig_far(r, MARS_FAR_REGISTER, 9, 300);
	rig_far_join(r, 9, G);
	rig_far_range(r, MARS_FAR_JOIN, 9, G, G + 9, false);
	rig_join(r, 1, G);
	rig_clear(r);
	rig_hush(r);
	assert_int_equal(rig_far(r, MARS_FAR_DEREGISTER, 9, 300), 0);
	assert_int_equal(r->sent_n + r->call_n, 0);
	rig_told_nothing(r);
	assert_true(mars_server_proto(r->s, 0, &p));
	assert_int_equal(p.members, 1);
	assert_int_equal(p.blocks, 0);
	assert_int_equal(rig_members(r, G), 1);
	assert_int_equal(rig_far(r, MARS_FAR_REGISTER, 8, 300), 0);
	rig_end(r);
}

/* As many protocols as there may be. */
static void
protocols(void **state)
{
	struct rig *r = rig_cluster(0);
	struct mars_far far = { .what = MARS_FAR_REGISTER,
		.addr = rig_host(9), .cmi = 9 };

	(void)state;
	for (unsigned i = 0; i < 64; i++) {
		far.pro.type = (uint16_t)(0x9000 + i);
		assert_int_equal(rig_far_event(r, &far), 0);
	}
	far.pro.type++;
	assert_int_equal(rig_far_event(r, &far), MARSH_ENOMEM);
	rig_end(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_answers),
		cmocka_unit_test(no_leaf),
		cmocka_unit_test(on_ccvc),
		cmocka_unit_test(own_address),
		cmocka_unit_test(quiet),
		cmocka_unit_test(unheard),
		cmocka_unit_test(holes),
		cmocka_unit_test(errors),
		cmocka_unit_test(deregister),
		cmocka_unit_test(protocols),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
