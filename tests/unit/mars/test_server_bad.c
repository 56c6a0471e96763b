/* SPDX-License-Identifier: BSD-2-Clause */
/* What a MARS must not do: hostile and misplaced input, and no memory. */
#include "far_rig.h"
#include "marsh/base/rng.h"

static struct rig *
cluster(unsigned hosts)
{
	struct rig *r = rig_new();

	rig_start(r);
	for (unsigned n = 1; n <= hosts; n++)
		rig_register(r, n);
	rig_clear(r);
	return r;
}

/* dropped checks that nothing was answered and |why| counted once more. */
static void
dropped(struct rig *r, enum mars_server_drop why, uint64_t times)
{
	assert_int_equal(r->sent_n, 0);
	assert_int_equal(rig_stats(r)->drops[why], times);
	assert_int_equal(r->ev[r->ev_n - 1].kind, TRACE_DROP);
	assert_string_equal(r->ev[r->ev_n - 1].what,
	    mars_server_drop_word(why));
}

static int
raw(struct rig *r, const uint8_t *b, size_t n, atm_ref ref)
{
	struct failmem own;
	struct frame *f;
	struct atm_ind ind = { .kind = ATM_DATA, .ref = ref };
	struct mars_server_ev ev = { .kind = MARS_SERVER_IND, .ind = &ind };
	int err;

	failmem_init(&own);
	ind.frame = f = frame_copy(&own.mem, b, n);
	err = rig_step(r, &ev);
	frame_unref(f);
	return err;
}

/* MARS-164, MARS-168, MARS-258. */
static void
strangers(void **state)
{
	struct rig *r = cluster(1);

	(void)state;
	rig_request(r, 2, G);
	dropped(r, MARS_SERVER_DROP_NOT_MEMBER, 1);
	rig_join(r, 2, G);
	dropped(r, MARS_SERVER_DROP_NOT_MEMBER, 2);
	rig_leave(r, 2, G);
	dropped(r, MARS_SERVER_DROP_NOT_MEMBER, 3);
	rig_group(r, 2, MARS_GROUPLIST_REQUEST, G, G + 9, 0);
	dropped(r, MARS_SERVER_DROP_NOT_MEMBER, 4);
	assert_int_equal(r->call_n, 0);
	assert_int_equal(rig_csn(r), 0);
	rig_end(r);
}

/* MARS-169 and A-35: the copy bit, and more than one pair. */
static void
copies_and_pairs(void **state)
{
	static const uint8_t two[] = { 0xe0, 1, 1, 0, 0xe0, 1, 1, 4, 0xe0, 1,
		1, 200, 0xe0, 1, 1, 255 };
	struct rig *r = cluster(1);
	struct atm_addr a = rig_host(1);
	struct mars_msg m = { .op = MARS_JOIN, .pnum = 2, .tpln = 4,
		.pairs = two };

	(void)state;
	rig_group(r, 1, MARS_JOIN, G, G, MARS_FLAG_COPY);
	dropped(r, MARS_SERVER_DROP_COPY, 1);
	rig_group(r, 1, MARS_LEAVE, G, G, MARS_FLAG_COPY);
	dropped(r, MARS_SERVER_DROP_COPY, 2);
	rig_group(r, 1, MARS_GROUPLIST_REQUEST, G, G, MARS_FLAG_COPY);
	dropped(r, MARS_SERVER_DROP_COPY, 3);
	rig_group(r, 1, MARS_JOIN, G, G, MARS_FLAG_COPY | MARS_FLAG_REGISTER);
	dropped(r, MARS_SERVER_DROP_COPY, 4);
	rig_say(r, &m, &a, rig_ref(1));
	dropped(r, MARS_SERVER_DROP_PAIRS, 1);
	m.op = MARS_LEAVE;
	rig_say(r, &m, &a, rig_ref(1));
	dropped(r, MARS_SERVER_DROP_PAIRS, 2);
	m.flags = MARS_FLAG_REGISTER;
	rig_say(r, &m, &a, rig_ref(1));
	dropped(r, MARS_SERVER_DROP_PAIRS, 3);
	m = (struct mars_msg){ .op = MARS_JOIN }; /* no pair, no register */
	rig_say(r, &m, &a, rig_ref(1));
	dropped(r, MARS_SERVER_DROP_PAIRS, 4);
	assert_int_not_equal(rig_cmi(r, 1), 0);
	rig_end(r);
}

/* pnum 1 with any tpln registers as well, and is echoed. */
static void
other_registration(void **state)
{
	static const uint8_t pair[] = { 0xe0, 1, 1, 0, 0xe0, 1, 1, 4 };
	struct rig *r = cluster(0);
	struct atm_addr a = rig_host(1), b = rig_host(2);
	struct mars_msg m = { .op = MARS_JOIN, .pnum = 1,
		.flags = MARS_FLAG_REGISTER };
	struct mars_proto_info i;

	(void)state;
	rig_say(r, &m, &a, rig_ref(1));
	assert_int_equal(rig_msg(r, 0).pnum, 1);
	assert_int_equal(rig_msg(r, 0).cmi, 1);
	m.tpln = 4;
	m.pairs = pair;
	rig_say(r, &m, &b, rig_ref(2));
	assert_int_equal(rig_msg(r, 1).cmi, 2);
	assert_true(mars_server_proto(r->s, 0, &i));
	assert_int_equal(i.groups + i.blocks, 0);
	rig_end(r);
}

/* Messages of a MARS, and those of an MCS for now. */
static void
ops(void **state)
{
	static const enum mars_op theirs[] = { MARS_MULTI, MARS_NAK,
		MARS_SJOIN, MARS_SLEAVE, MARS_GROUPLIST_REPLY,
		MARS_REDIRECT_MAP, MARS_MIGRATE };
	struct rig *r = cluster(1);
	struct atm_addr a = rig_host(1);
	struct l3_addr g = l3_addr_ipv4(G);

	(void)state;
	for (unsigned i = 0; i < 7; i++) {
		struct mars_msg m = { .op = (uint8_t)theirs[i], .tpln = 4,
			.tpa = g.b, .part = 1, .last = true };

		rig_say(r, &m, &a, rig_ref(1));
		dropped(r, MARS_SERVER_DROP_UNEXPECTED, i + 1);
	}
	rig_group(r, 1, MARS_MSERV, G, G, 0);
	dropped(r, MARS_SERVER_DROP_NO_MCS, 1);
	rig_group(r, 1, MARS_UNSERV, G, G, MARS_FLAG_REGISTER);
	dropped(r, MARS_SERVER_DROP_NO_MCS, 2);
	rig_end(r);
}

/* Addresses that nobody has; MARS-162: but no range check of groups. */
static void
addresses(void **state)
{
	uint8_t b[200] = { 0 };
	struct rig *r = cluster(1);
	struct atm_addr a = rig_host(1);
	struct mars_msg m = { .op = MARS_JOIN, .pnum = 1, .tpln = 24,
		.pairs = b };

	(void)state;
	rig_say(r, &m, &a, rig_ref(1));
	dropped(r, MARS_SERVER_DROP_ADDRESS, 1);
	m = (struct mars_msg){ .op = MARS_REQUEST, .tpln = 0, .tpa = b };
	rig_say(r, &m, &a, rig_ref(1));
	dropped(r, MARS_SERVER_DROP_ADDRESS, 2);
	m = (struct mars_msg){ .op = MARS_JOIN, .flags = MARS_FLAG_REGISTER };
	a.tl = 7; /* an NSAP of 7 octets */
	rig_say(r, &m, &a, rig_ref(1));
	dropped(r, MARS_SERVER_DROP_ADDRESS, 3);
	rig_join(r, 1, 0x0a000001); /* not class D: no matter */
	rig_join(r, 1, 0);
	rig_join(r, 1, 0xffffffff);
	rig_group(r, 1, MARS_JOIN, 0, 0xffffffff, 0);
	assert_int_equal(r->sent_n, 5);
	assert_int_equal(rig_msg(r, 4).pnum, 2); /* holes at both ends */
	rig_end(r);
}

/* MARS-163, MARS-110, MARS-016, A-34: the codec's refusals are counted. */
static void
malformed(void **state)
{
	struct rig *r = cluster(1);
	uint8_t b[SNAP_LEN + 64], scratch[2 * ATM_NSAP_LEN];
	struct l3_addr lo = l3_addr_ipv4(G), hi = l3_addr_ipv4(G + 5);
	struct atm_addr a = rig_host(1);
	uint8_t pair[8];
	struct mars_msg m = { .op = MARS_JOIN, .pro = L3_PROTO_IPV4,
		.pnum = 1, .tpln = 4, .pairs = pair };
	uint64_t sums;
	size_t n;

	(void)state;
	memcpy(pair, hi.b, 4);
	memcpy(pair + 4, lo.b, 4); /* min above max */
	mars_set_src(&m, &a, scratch);
	snap_control(b);
	n = SNAP_LEN + mars_encode(&m, false, b + SNAP_LEN, 64);
	raw(r, b, n, rig_ref(1));
	dropped(r, MARS_SERVER_DROP_MALFORMED, 1);
	assert_int_equal(rig_stats(r)->bad[MARS_BAD_PAIRS], 1);
	memcpy(pair, lo.b, 4);
	mars_encode(&m, true, b + SNAP_LEN, 64);
	for (size_t len = 0; len < n; len++)
		raw(r, b, len, rig_ref(1));
	assert_int_equal(r->sent_n, 0);
	b[SNAP_LEN + 30] ^= 1;
	sums = rig_stats(r)->bad[MARS_BAD_CHECKSUM];
	raw(r, b, n, rig_ref(1));
	assert_int_equal(rig_stats(r)->bad[MARS_BAD_CHECKSUM], sums + 1);
	b[SNAP_LEN + 30] ^= 1;
	b[SNAP_LEN + 12] = b[SNAP_LEN + 13] = 0;
	b[SNAP_LEN + 18] = 0x40;
	raw(r, b, n - 20, rig_ref(1));
	assert_int_equal(rig_stats(r)->bad[MARS_BAD_SOURCE], 1);
	b[SNAP_LEN + 18] = 0x14;
	b[SNAP_LEN + 17] = 77;
	raw(r, b, n, rig_ref(1));
	assert_int_equal(rig_stats(r)->bad[MARS_BAD_OP], 1);
	b[7] = 1; /* data */
	raw(r, b, n, rig_ref(1));
	assert_int_equal(r->sent_n, 0);
	assert_int_equal(rig_csn(r), 0);
	rig_end(r);
}

/* A VC on which we are a leaf cannot carry an answer. */
static void
leaf_vc(void **state)
{
	struct rig *r = cluster(1);
	struct atm_ind call = { .kind = ATM_REMOTE_CALL, .leaf = true,
		.ref = rig_ref(2), .peer = rig_host(2) };

	(void)state;
	rig_ind(r, call);
	rig_register(r, 2);
	dropped(r, MARS_SERVER_DROP_NO_VC, 1);
	rig_ind(r, (struct atm_ind){ .kind = ATM_RELEASED,
		    .ref = rig_ref(2) });
	rig_register(r, 2);
	assert_int_equal(r->sent_n, 1);
	rig_end(r);
}

/* Protocols are bounded, and a refused one leaves nothing behind. */
static void
many_protocols(void **state)
{
	struct rig *r = cluster(0);
	struct atm_addr a = rig_host(1);
	struct mars_proto_info i;
	unsigned n = 0;

	(void)state;
	for (unsigned k = 0; k < 100; k++) {
		struct mars_msg m = { .op = MARS_JOIN,
			.pro = { .type = L3_PROTO_LONG,
			    .snap = { 1, 2, 3, 4, (uint8_t)k } },
			.flags = MARS_FLAG_REGISTER };

		rig_say(r, &m, &a, rig_ref(1));
	}
	while (mars_server_proto(r->s, n, &i))
		n++;
	assert_int_equal(n, 64);
	assert_int_equal(rig_stats(r)->drops[MARS_SERVER_DROP_PROTOCOL], 36);
	i.pro.snap[4] = 7;
	assert_int_equal(mars_server_find_proto(r->s, &i.pro), 7);
	i.pro.snap[4] = 99;
	assert_int_equal(mars_server_find_proto(r->s, &i.pro), -1);
	rig_end(r);
}

/* Replies that find no room are bounded; then messages are dropped. */
static void
queue_full(void **state)
{
	struct rig *r = rig_new();
	struct failmem own;
	struct atm_addr a = rig_host(1);
	struct l3_addr g = l3_addr_ipv4(G);
	uint8_t scratch[2 * ATM_NSAP_LEN];
	struct mars_msg m = { .op = MARS_REQUEST, .pro = L3_PROTO_IPV4,
		.tpln = 4, .tpa = g.b };
	struct atm_ind ind = { .kind = ATM_DATA, .ref = rig_ref(1) };
	struct mars_server_ev ev = { .kind = MARS_SERVER_IND, .ind = &ind };
	struct frame *f;

	(void)state;
	failmem_init(&own);
	r->cfg.mtu = 56 + 20;
	rig_start(r);
	for (unsigned n = 1; n <= 200; n++) {
		rig_register(r, n);
		rig_join(r, n, G);
	}
	rig_clear(r);
	r->out_cap = MARS_SERVER_OUT_MIN;
	mars_set_src(&m, &a, scratch);
	ind.frame = f = mars_frame(&own.mem, &m, true);
	for (unsigned i = 0; i < 40; i++)
		rig_step1(r, &ev);
	assert_int_not_equal(rig_stats(r)->drops[MARS_SERVER_DROP_QUEUE], 0);
	frame_unref(f);
	rig_step(r, &(struct mars_server_ev){ .kind = MARS_SERVER_TIMER });
	for (size_t i = 0; i < r->sent_n; i++) /* whole replies only */
		assert_int_equal(rig_msg(r, i).part, i % 200 + 1);
	assert_int_equal(r->sent_n % 200, 0);
	rig_end(r);
}

/*
 * Each allocation refused once: the event is dropped, nothing is half done, and
 * the same event works when there is memory again.
 */
static int
far_scene(struct rig *r, unsigned i)
{
	struct mars_far far = { .what = MARS_FAR_REGISTER,
		.pro = L3_PROTO_IPV6, .addr = rig_host(60), .cmi = 600 };

	switch (i) {
	case 16: return rig_far(r, MARS_FAR_REGISTER, 60, 600);
	case 17: return rig_far_join(r, 60, G + 5);
	case 18:
		return rig_far_range(r, MARS_FAR_JOIN, 60, G, G + 9, false);
	case 19:
		return rig_far_range(r, MARS_FAR_LEAVE, 60, G, G + 9, false);
	case 20: return rig_far_leave(r, 60, G + 5);
	case 21: return rig_far(r, MARS_FAR_KEEP, 61, 601);
	default: return rig_far_event(r, &far);
	}
}

static int
scene(struct rig *r, unsigned i)
{
	struct atm_addr e, n = rig_host(4);
	struct atm_addr list[1] = { rig_host(50) }, only[1] = { rig_host(2) };
	struct mars_server_ev ev = { .kind = MARS_SERVER_REDIRECT,
		.redirect = { .list = list, .n = 1 } };

	switch (i) {
	case 0: return rig_register(r, 1);
	case 1: return rig_register(r, 2);
	case 2: return rig_join(r, 1, G);
	case 3: return rig_join(r, 1, G + 5);
	case 4: return rig_group(r, 1, MARS_JOIN, G, G + 9, 0);
	case 5: return rig_group(r, 2, MARS_JOIN, G, G + 9, 0);
	case 6: return rig_request(r, 2, G + 1);
	case 7: return rig_request(r, 2, G + 100);
	case 8: return rig_group(r, 2, MARS_GROUPLIST_REQUEST, G, G + 9, 0);
	case 9: return rig_group(r, 1, MARS_LEAVE, G, G + 9, 0);
	case 10:
		atm_addr_set(&e, 0x4b, (const uint8_t *)"15551234567", 0x14,
		    n.num);
		return rig_register_from(r, &e, rig_ref(4));
	case 11: return rig_step(r, &ev);
	case 12:
		ev.redirect.only = only;
		ev.redirect.only_n = 1;
		return rig_step(r, &ev);
	case 13: return rig_leave(r, 1, G);
	case 14: return rig_deregister(r, 1);
	case 15:
		return rig_ind(r,
		    (struct atm_ind){ .kind = ATM_REMOTE_CALL, .leaf = true,
			.ref = rig_ref(90) });
	default:
		return far_scene(r, i);
	}
}

static void
same(const struct mars_proto_info *a, const struct mars_proto_info *b)
{
	assert_int_equal(a->csn, b->csn);
	assert_int_equal(a->members, b->members);
	assert_int_equal(a->groups, b->groups);
	assert_int_equal(a->blocks, b->blocks);
	assert_int_equal(a->memberships, b->memberships);
	assert_int_equal(a->ccvc, b->ccvc);
}

/* play runs all scenes with allocation |at| refused; false: there was none. */
static bool
play(long at, unsigned *refused)
{
	struct mars_proto_info before, after;
	struct rig *r = rig_new();
	bool reached;

	r->cfg.mtu = 100;
	rig_start(r);
	r->fm.count = 0;
	r->fm.fail_at = at;
	for (unsigned i = 0; i <= 22; i++) {
		bool had = mars_server_proto(r->s, 0, &before);

		rig_clear(r);
		if (scene(r, i) == 0)
			continue;
		++*refused;
		assert_int_equal(r->sent_n, 0);
		assert_int_equal(r->call_n, 0);
		assert_int_equal(mars_server_proto(r->s, 0, &after), had);
		if (had)
			same(&before, &after);
		assert_int_equal(scene(r, i), 0);
	}
	assert_int_equal(rig_cmi(r, 1), 0);
	assert_int_equal(rig_cmi(r, 2), 2);
	reached = r->fm.count >= at;
	rig_end(r);
	return reached;
}

static void
no_memory(void **state)
{
	unsigned refused = 0;
	long at = 1;

	(void)state;
	while (play(at, &refused))
		at++;
	/* All but those that cost only a member's VC. */
	assert_in_range(refused, 40, at);
	assert_in_range(at - (long)refused, 1, 5);
}

/* A protocol that exists keeps its CSN when a later registration fails. */
static void
kept_protocol(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	r->cfg.cmi_hi = 1;
	rig_start(r);
	rig_register(r, 1);
	rig_join(r, 1, G);
	rig_deregister(r, 1);
	r->fm.fail_at = r->fm.count + 1;
	assert_int_equal(rig_register(r, 2), MARSH_ENOMEM);
	r->fm.fail_at = r->fm.count + 2;
	(void)rig_register(r, 2);
	assert_int_equal(rig_csn(r), 1);
	r->fm.fail_at = 0;
	rig_register(r, 2);
	rig_register(r, 3); /* there is but one CMI */
	assert_int_equal(rig_cmi(r, 2), 1);
	assert_int_equal(rig_csn(r), 1);
	rig_end(r);
}

/* Also when a server is born. */
static void
no_server(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	r->fm.fail_at = 1;
	assert_null(mars_server_new(&r->cfg, &r->fm.mem, NULL));
	mars_server_free(NULL);
	rig_end(r);
}

/* elsewhere is an event of another MARS, or what this one is among them. */
static void
elsewhere(struct rig *r, struct rng *rng, unsigned n)
{
	enum mars_far_what what = (enum mars_far_what)rng_below(rng, 6);
	uint32_t lo = G + (uint32_t)rng_below(rng, 8);
	uint32_t hi = lo + 3 * (uint32_t)rng_below(rng, 2);

	if (rng_below(rng, 6) == 0)
		rig_role(r, (enum mars_server_role)rng_below(rng, 4));
	else if (what == MARS_FAR_JOIN || what == MARS_FAR_LEAVE)
		rig_far_range(r, what, n, lo, hi, rng_below(rng, 4) == 0);
	else
		rig_far(r, what, n, rng_below(rng, 2) ? n : rig_cmi(r, n) + 1);
}

/* No indication in a wrong state breaks the leaves' book-keeping. */
static void
wrong_indications(void **state)
{
	struct rig *r = cluster(0);
	struct rng rng;

	(void)state;
	rng_seed(&rng, 11);
	r->ack = false;
	for (unsigned i = 0; i < 20000; i++) {
		unsigned n = 1 + (unsigned)rng_below(&rng, 6);
		struct atm_ind ind = {
			.kind = (enum atm_ind_kind)rng_below(&rng, ATM_DATA),
			.rq = (enum atm_req_kind)rng_below(&rng, 4),
			.cause = rng_below(&rng, 2) ? 41 : 17,
			.ref = rng_below(&rng, 4) ? r->ccvc
						  : (atm_ref)rig_ref(n),
			.leaf = rng_below(&rng, 2) != 0,
			.peer = rig_host(n),
		};

		switch (rng_below(&rng, 10)) {
		case 0: rig_register(r, n); break;
		case 1: rig_deregister(r, n); break;
		case 2: rig_run(r, (int64_t)rng_below(&rng, 20000)); break;
		case 3:
		case 4: elsewhere(r, &rng, n); break;
		case 5: rig_join(r, n, G + (uint32_t)rng_below(&rng, 8)); break;
		default: rig_ind(r, ind); break;
		}
		rig_clear(r);
	}
	rig_end(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strangers),
		cmocka_unit_test(copies_and_pairs),
		cmocka_unit_test(other_registration),
		cmocka_unit_test(ops),
		cmocka_unit_test(addresses),
		cmocka_unit_test(malformed),
		cmocka_unit_test(leaf_vc),
		cmocka_unit_test(many_protocols),
		cmocka_unit_test(queue_full),
		cmocka_unit_test(no_memory),
		cmocka_unit_test(kept_protocol),
		cmocka_unit_test(no_server),
		cmocka_unit_test(wrong_indications),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
