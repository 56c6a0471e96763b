/* SPDX-License-Identifier: BSD-2-Clause */
/* REQUEST, GROUPLIST and redirect maps. */
#include "server_rig.h"

#define G 0xe0010100u
static const uint8_t prefix[] = { 0x47, 0x00, 0x05, 0x80, 0xff, 0xe1, 0x00,
	0x00, 0x00, 0xf2, 0x1a, 0x26, 0xd8, 0x00, 0x20, 0x48, 0x0d, 0x3a };

static struct atm_addr
named(uint8_t x, uint8_t y)
{
	uint8_t b[ATM_NSAP_LEN];

	memcpy(b, prefix, sizeof(prefix));
	b[18] = x;
	b[19] = y;
	return atm_addr_nsap(b);
}

static void
same_octets(const struct rig *r, size_t i, const uint8_t *want, size_t n)
{
	assert_true(i < r->sent_n);
	assert_int_equal(r->sent[i].f->len, SNAP_LEN + n);
	assert_memory_equal(r->sent[i].f->bytes + SNAP_LEN, want, n);
}

/* Format notes 9.2, exactly: MARS-056, MARS-036, MARS-057. */
static void
golden_multi(void **state)
{
	static const uint8_t head[] = { 0x00, 0x0f, 0x08, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0x32, 0x9b, 0, 0, 0, 2, 0x14, 0, 4, 0x14, 0, 4, 0, 2,
		0x80, 1, 0, 0, 0, 0x2a };
	static const uint8_t spa[] = { 0xc0, 0, 2, 0x10 };
	static const uint8_t group[] = { 0xef, 1, 2, 3, 0xef, 1, 2, 3 };
	struct atm_addr a = named(0x10, 0), b = named(0x11, 0);
	struct atm_addr c = named(0x12, 0);
	struct mars_msg join = { .op = MARS_JOIN, .pnum = 1, .tpln = 4,
		.pairs = group };
	struct mars_msg ask = { .op = MARS_REQUEST, .tpln = 4, .tpa = group,
		.spln = 4, .spa = spa };
	uint8_t want[100];
	struct rig *r = rig_new();

	(void)state;
	memcpy(want, head, 32);
	memcpy(want + 32, a.num, 20);
	memcpy(want + 52, spa, 4);
	memcpy(want + 56, group, 4);
	memcpy(want + 60, b.num, 20);
	memcpy(want + 80, c.num, 20);
	r->cfg.csn = 0x28;
	rig_start(r);
	rig_register_from(r, &a, rig_ref(1));
	rig_register_from(r, &b, rig_ref(2));
	rig_register_from(r, &c, rig_ref(3));
	rig_say(r, &join, &b, rig_ref(2));
	rig_say(r, &join, &c, rig_ref(3));
	rig_clear(r);
	rig_say(r, &ask, &a, rig_ref(1));
	assert_int_equal(r->sent_n, 1);
	assert_int_equal(r->sent[0].ref, rig_ref(1));
	same_octets(r, 0, want, sizeof(want));
	assert_int_equal(rig_csn(r), 0x2a);
	rig_end(r);
}

/* MARS-259, MARS-052: the request with another op, TLVs and all. */
static void
nak(void **state)
{
	static const uint8_t list[] = { 0x38, 1, 0, 1, 9, 0, 0, 0, 0, 0, 0, 0 };
	struct l3_addr g = l3_addr_ipv4(G);
	struct atm_addr a = rig_host(1);
	struct mars_msg m = { .op = MARS_REQUEST, .tpln = 4, .tpa = g.b,
		.pro = L3_PROTO_IPV4, .tlvs = list, .tlvs_len = sizeof(list) };
	uint8_t scratch[2 * ATM_NSAP_LEN], want[200];
	struct rig *r = rig_new();
	size_t n;

	(void)state;
	rig_start(r);
	rig_register(r, 1);
	rig_clear(r);
	mars_set_src(&m, &a, scratch);
	n = mars_encode(&m, true, want, sizeof(want));
	mars_put_op(want, MARS_NAK);
	mars_seal(want, n, true);
	rig_say(r, &m, &a, rig_ref(1));
	assert_int_equal(r->sent[0].ref, rig_ref(1));
	same_octets(r, 0, want, n);
	rig_end(r);
}

/* collect checks all parts from frame |i| on and counts who is in them. */
static size_t
collect(const struct rig *r, size_t i, uint16_t *seen, size_t seen_n,
    uint32_t mtu)
{
	size_t all = 0;

	for (unsigned part = 1;; part++, i++) {
		struct mars_msg m = rig_msg(r, i);

		assert_int_equal(m.op, MARS_MULTI);
		assert_int_equal(m.part, part);
		assert_int_equal(m.msn, rig_csn(r));
		assert_true(mars_size(&m) <= mtu);
		for (unsigned k = 0; k < m.tnum; k++) {
			struct atm_addr a;
			unsigned n;

			assert_int_equal(mars_target(&m, k, &a), 0);
			n = a.num[15] << 24 | a.num[16] << 16 | a.num[17] << 8
			    | a.num[18];
			assert_true(n < seen_n);
			seen[n]++;
		}
		all += m.tnum;
		if (m.last)
			break;
	}
	assert_int_equal(i + 1, r->sent_n);
	return all;
}

/*
 * MARS-037, MARS-057: with a source protocol address 456 members fill the MTU
 * to the last octet, and one more makes a second part.
 */
static void
full_to_the_octet(void **state)
{
	struct rig *r = rig_new();
	struct l3_addr g = l3_addr_ipv4(G), spa = l3_addr_ipv4(0x0a000001);
	struct atm_addr a = rig_host(1);
	struct mars_msg m = { .op = MARS_REQUEST, .tpln = 4, .tpa = g.b,
		.spln = 4, .spa = spa.b };

	(void)state;
	rig_start(r);
	for (unsigned n = 1; n <= 457; n++) {
		rig_register(r, n);
		rig_join(r, n, G);
		if (n < 456)
			continue;
		rig_clear(r);
		rig_say(r, &m, &a, rig_ref(1));
		assert_int_equal(r->sent_n, n - 455);
		assert_int_equal(rig_msg(r, 0).tnum, 456);
		assert_int_equal(r->sent[0].f->len, SNAP_LEN + MARS_MTU);
	}
	rig_end(r);
}

static uint16_t seen[12000];

/*
 * MARS-037, MARS-038, MARS-057: 10,000 members are 22 parts of at most 456.
 * Host 2n is in the group by itself, host 2n+1 by a block.
 */
static void
ten_thousand(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	memset(seen, 0, sizeof(seen));
	r->no_check = true;
	rig_start(r);
	for (unsigned n = 1; n <= 10000; n++) {
		rig_register(r, n);
		if (n % 2 != 0)
			rig_group(r, n, MARS_JOIN, G - 10, G + 10, 0);
		else
			rig_join(r, n, G);
		rig_clear(r);
	}
	assert_null(mars_server_check(r->s));
	rig_request(r, 1, G);
	assert_int_equal(r->sent_n, 22);
	assert_int_equal(rig_msg(r, 0).tnum, 456);
	assert_int_equal(rig_msg(r, 21).tnum, 10000 - 21 * 456);
	assert_int_equal(collect(r, 0, seen, 12000, MARS_MTU), 10000);
	for (unsigned n = 1; n <= 10000; n++)
		assert_int_equal(seen[n], 1);
	/* Only by block, and everyone by block: MARS-231's router. */
	rig_clear(r);
	rig_request(r, 1, G + 1);
	memset(seen, 0, sizeof(seen));
	assert_int_equal(collect(r, 0, seen, 12000, MARS_MTU), 5000);
	assert_int_equal(seen[3], 1);
	assert_int_equal(seen[4], 0);
	rig_end(r);
}

/* Groups of every shape: sparse, dense, runs over page borders, bitmaps. */
static void
shapes(void **state)
{
	struct rig *r = rig_new();
	unsigned want[8] = { 0 };

	(void)state;
	r->no_check = true;
	rig_start(r);
	for (unsigned n = 1; n <= 9000; n++) {
		bool in[8] = { n % 7 == 0, n >= 250 && n < 800, n % 2 != 0,
			n % 3 != 0, n > 100, (n / 5) % 2 != 0, n == 9000,
			n % 512 > 200 };

		rig_register(r, n);
		for (unsigned k = 0; k < 8; k++)
			if (in[k]) {
				rig_join(r, n, G + k);
				want[k]++;
			}
		rig_clear(r);
	}
	assert_null(mars_server_check(r->s));
	for (unsigned k = 0; k < 8; k++) {
		rig_clear(r);
		memset(seen, 0, sizeof(seen));
		rig_request(r, 1, G + k);
		assert_int_equal(collect(r, 0, seen, 12000, MARS_MTU),
		    want[k]);
		for (unsigned n = 0; n < 12000; n++)
			assert_true(seen[n] <= 1);
	}
	rig_end(r);
}

/* MARS-039: one format a part, one sequence, nobody lost. */
static void
formats(void **state)
{
	struct l3_addr g = l3_addr_ipv4(G);
	uint8_t pair[8];
	struct mars_msg join = { .op = MARS_JOIN, .pnum = 1, .tpln = 4,
		.pairs = pair };
	unsigned count[3] = { 0 };
	struct rig *r = rig_new();

	(void)state;
	memcpy(pair, g.b, 4);
	memcpy(pair + 4, g.b, 4);
	r->cfg.mtu = 400;
	rig_start(r);
	for (unsigned n = 1; n <= 60; n++) {
		struct atm_addr nsap = rig_host(n), a = nsap;
		uint8_t digits[11] = "15550000000";

		digits[9] = (uint8_t)('0' + n / 10);
		digits[10] = (uint8_t)('0' + n % 10);
		if (n % 3 == 1)
			atm_addr_set(&a, 0x4b, digits, 0, NULL);
		else if (n % 3 == 2)
			atm_addr_set(&a, 0x4b, digits, 0x14, nsap.num);
		rig_register_from(r, &a, rig_ref(n));
		rig_say(r, &join, &a, rig_ref(n));
	}
	rig_clear(r);
	rig_request(r, 3, G);
	for (size_t i = 0; i < r->sent_n; i++) {
		struct mars_msg m = rig_msg(r, i);
		unsigned k = m.thtl == 0x14 ? 0 : m.tstl == 0 ? 1 : 2;
		struct mars_member_info info;
		struct atm_addr a;

		assert_int_equal(m.part, i + 1);
		assert_int_equal(m.last, i + 1 == r->sent_n);
		assert_true(mars_size(&m) <= 400);
		for (unsigned t = 0; t < m.tnum; t++) {
			assert_int_equal(mars_target(&m, t, &a), 0);
			assert_true(mars_server_member(r->s, 0, &a, &info));
		}
		count[k] += m.tnum;
	}
	for (unsigned k = 0; k < 3; k++)
		assert_int_equal(count[k], 20);
	/* 400 - 56 octets: 17 of 20, 31 of 11, 11 of 31. */
	assert_int_equal(r->sent_n, 2 + 1 + 2);
	rig_end(r);
}

/* MARS-183: nothing overtakes the parts of a reply, however small |out| is. */
static void
small_out(void **state)
{
	struct rig *r = rig_new();
	struct failmem own;
	struct frame *f[2];
	struct atm_ind ind = { .kind = ATM_DATA, .ref = rig_ref(1) };
	struct mars_server_ev ev = { .kind = MARS_SERVER_IND, .ind = &ind };
	struct atm_addr a = rig_host(1);
	struct l3_addr g = l3_addr_ipv4(G), x = l3_addr_ipv4(G + 5);
	uint8_t scratch[2 * ATM_NSAP_LEN], pair[8];
	struct mars_msg ask = { .op = MARS_REQUEST, .pro = L3_PROTO_IPV4,
		.tpln = 4, .tpa = g.b };
	struct mars_msg join = { .op = MARS_JOIN, .pro = L3_PROTO_IPV4,
		.pnum = 1, .tpln = 4, .pairs = pair };

	(void)state;
	failmem_init(&own);
	memcpy(pair, x.b, 4);
	memcpy(pair + 4, x.b, 4);
	r->cfg.mtu = 56 + 20;
	rig_start(r);
	for (unsigned n = 1; n <= 200; n++) {
		rig_register(r, n);
		rig_join(r, n, G);
	}
	rig_clear(r);
	mars_set_src(&ask, &a, scratch);
	f[0] = mars_frame(&own.mem, &ask, true);
	mars_set_src(&join, &a, scratch);
	f[1] = mars_frame(&own.mem, &join, true);
	r->out_cap = MARS_SERVER_OUT_MIN;
	ind.frame = f[0];
	rig_step1(r, &ev);
	assert_in_range(r->sent_n, 1, MARS_SERVER_OUT_MIN);
	assert_int_equal(mars_server_deadline(r->s).us, r->now.us);
	ind.frame = f[1];
	rig_step1(r, &ev);
	/* A map that comes due meanwhile waits as well. */
	r->now = mtime_add(r->now, MSPAN_SEC(60));
	rig_step(r, &(struct mars_server_ev){ .kind = MARS_SERVER_TIMER });
	assert_int_equal(r->sent_n, 202);
	for (unsigned i = 0; i < 200; i++) {
		assert_int_equal(rig_msg(r, i).part, i + 1);
		assert_int_equal(rig_msg(r, i).msn, 200);
	}
	assert_int_equal(rig_msg(r, 200).op, MARS_JOIN);
	assert_int_equal(rig_msg(r, 200).msn, 201);
	assert_int_equal(rig_msg(r, 201).op, MARS_REDIRECT_MAP);
	assert_int_equal(rig_msg(r, 201).msn, 202);
	frame_unref(f[0]);
	frame_unref(f[1]);
	rig_end(r);
}

static int
grouplist(struct rig *r, uint32_t lo, uint32_t hi)
{
	return rig_group(r, 1, MARS_GROUPLIST_REQUEST, lo, hi, 0);
}

/* MARS-124, MARS-125, MARS-127, MARS-128, MARS-130. */
static void
groups(void **state)
{
	static const uint8_t two[] = { 0xe0, 1, 1, 0, 0xe0, 1, 1, 4, 0xe0, 1,
		1, 200, 0xe0, 1, 1, 255 };
	struct rig *r = rig_new();
	struct atm_addr a = rig_host(1);
	struct mars_msg m = { .op = MARS_GROUPLIST_REQUEST, .tpln = 4,
		.pnum = 2, .pairs = two };
	struct l3_addr g;
	unsigned next = 0;

	(void)state;
	r->cfg.mtu = 52 + 4 * 10;
	rig_start(r);
	rig_register(r, 1);
	rig_register(r, 2);
	for (unsigned i = 0; i < 25; i++)
		rig_join(r, 2, G + i);
	rig_group(r, 2, MARS_JOIN, G + 50, G + 50, 0);  /* no layer3grp */
	rig_group(r, 2, MARS_JOIN, G + 60, G + 90, 0x8000);
	rig_clear(r);
	grouplist(r, G + 2, G + 255);
	assert_int_equal(r->sent_n, 3);
	for (unsigned i = 0; i < 3; i++) {
		m = rig_msg(r, i);
		assert_int_equal(r->sent[i].ref, rig_ref(1));
		assert_int_equal(m.op, MARS_GROUPLIST_REPLY);
		assert_int_equal(m.part, i + 1);
		assert_int_equal(m.last, i == 2);
		assert_int_equal(m.msn, 27);
		assert_int_equal(m.tnum, i < 2 ? 10 : 3);
		for (unsigned k = 0; k < m.tnum; k++) {
			struct l3_addr want = l3_addr_ipv4(G + 2 + next++);

			mars_listed_group(&m, k, &g);
			assert_memory_equal(&g, &want, sizeof(g));
		}
	}
	/* None. */
	rig_clear(r);
	grouplist(r, G + 100, G + 200);
	m = rig_msg(r, 0);
	assert_int_equal(m.tnum, 0);
	assert_int_equal(m.part, 1);
	assert_true(m.last);
	/* Only the first pair counts. */
	rig_clear(r);
	m = (struct mars_msg){ .op = MARS_GROUPLIST_REQUEST, .tpln = 4,
		.pnum = 2, .pairs = two };
	rig_say(r, &m, &a, rig_ref(1));
	assert_int_equal(r->sent_n, 1);
	assert_int_equal(rig_msg(r, 0).tnum, 5);
	/* No pair: no reply. */
	rig_clear(r);
	m = (struct mars_msg){ .op = MARS_GROUPLIST_REQUEST };
	rig_say(r, &m, &a, rig_ref(1));
	assert_int_equal(r->sent_n, 0);
	rig_end(r);
}

/* Format notes 9.3, exactly, every 60 s: MARS-143, MARS-182. */
static void
golden_map(void **state)
{
	static const uint8_t head[] = { 0x00, 0x0f, 0x08, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0x18, 0xa7, 0, 0, 0, 0x0c, 0x14, 0, 0, 0x14, 0, 0, 0, 2,
		0x80, 1, 0, 0, 0, 0x2b };
	struct atm_addr list[2] = { named(1, 1), named(2, 1) };
	uint8_t want[92];
	struct rig *r = rig_new();

	(void)state;
	memcpy(want, head, 32);
	memcpy(want + 32, list[0].num, 20);
	memcpy(want + 52, list[0].num, 20);
	memcpy(want + 72, list[1].num, 20);
	r->cfg.addr = list[0];
	r->cfg.list = list;
	r->cfg.list_n = 2;
	r->cfg.csn = 0x2a;
	rig_start(r);
	rig_register(r, 1);
	rig_clear(r);
	rig_run(r, 59999);
	assert_int_equal(r->sent_n, 0);
	rig_run(r, 1);
	assert_int_equal(r->sent_n, 1);
	assert_int_equal(r->sent[0].ref, r->ccvc);
	same_octets(r, 0, want, sizeof(want));
	rig_run(r, 540000);
	assert_int_equal(r->sent_n, 10);
	assert_int_equal(rig_csn(r), 0x2a + 10);
	rig_end(r);
}

/* MARS-181: alone it lists itself; without leaves it does not wake up. */
static void
map_alone(void **state)
{
	struct rig *r = rig_new();
	struct mars_msg m;
	struct atm_addr a;

	(void)state;
	rig_start(r);
	assert_true(mtime_is_never(mars_server_deadline(r->s)));
	rig_run(r, 150000);
	rig_register(r, 1);
	rig_clear(r);
	rig_run(r, 29999); /* the rhythm is from START */
	assert_int_equal(r->sent_n, 0);
	rig_run(r, 1);
	m = rig_msg(r, 0);
	assert_int_equal(m.tnum, 1);
	mars_target(&m, 0, &a);
	assert_true(atm_addr_equal(&a, &r->cfg.addr));
	mars_src(&m, &a);
	assert_true(atm_addr_equal(&a, &r->cfg.addr));
	rig_end(r);
}

/* MARS-143, MARS-257: never more than two minutes between maps. */
static void
map_at_the_latest(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	r->cfg.map_interval = MSPAN_SEC(600);
	rig_start(r);
	rig_register(r, 1);
	rig_clear(r);
	rig_run(r, 600000);
	assert_int_equal(r->sent_n, 5);
	rig_end(r);
}

/* MARS-145, MARS-161: at once on every CCVC, and again each minute. */
static void
redirect(void **state)
{
	struct atm_addr list[3] = { named(2, 1), named(1, 1), named(3, 1) };
	struct atm_addr host = rig_host(7);
	struct mars_msg six = { .op = MARS_JOIN, .pro = L3_PROTO_IPV6,
		.flags = MARS_FLAG_REGISTER };
	struct mars_server_ev ev = { .kind = MARS_SERVER_REDIRECT,
		.redirect = { .list = list, .n = 3, .hard = true } };
	const struct atm_addr *got;
	struct rig *r = rig_new();
	size_t n;
	bool hard;

	(void)state;
	rig_start(r);
	rig_register(r, 1);
	rig_say(r, &six, &host, rig_ref(7));
	rig_clear(r);
	rig_step(r, &ev);
	assert_int_equal(r->sent_n, 2);
	assert_int_not_equal(r->sent[0].ref, r->sent[1].ref);
	for (unsigned i = 0; i < 2; i++) {
		assert_true(rig_msg(r, i).hard);
		assert_int_equal(rig_msg(r, i).tnum, 3);
		assert_int_equal(rig_msg(r, i).msn, 1);
	}
	got = mars_server_list(r->s, &n, &hard);
	assert_int_equal(n, 3);
	assert_true(hard);
	assert_true(atm_addr_equal(&got[0], &list[0]));
	rig_run(r, 60000);
	assert_int_equal(r->sent_n, 4);
	assert_int_equal(rig_msg(r, 2).msn, 2);
	assert_int_equal(rig_count(r, TRACE_MAP), 4);
	rig_end(r);
}

/* To some members only: privately, and everyone else's list stays. */
static void
redirect_only(void **state)
{
	struct atm_addr list[1] = { named(2, 1) };
	struct atm_addr only[3] = { rig_host(2), rig_host(9), rig_host(3) };
	struct mars_server_ev ev = { .kind = MARS_SERVER_REDIRECT,
		.redirect = { .list = list, .n = 1, .only = only,
		    .only_n = 3 } };
	struct atm_ind gone = { .kind = ATM_RELEASED, .ref = rig_ref(3) };
	struct rig *r = rig_new();
	const struct atm_addr *got;
	size_t n;
	bool hard;

	(void)state;
	rig_start(r);
	for (unsigned k = 1; k <= 3; k++)
		rig_register(r, k);
	rig_ind(r, gone); /* an idle VC: still a member, but out of reach */
	assert_int_not_equal(rig_cmi(r, 3), 0);
	rig_clear(r);
	rig_step(r, &ev);
	assert_int_equal(r->sent_n, 1);
	assert_int_equal(r->sent[0].ref, rig_ref(2));
	assert_int_equal(rig_msg(r, 0).msn, 0);
	got = mars_server_list(r->s, &n, &hard);
	assert_true(atm_addr_equal(&got[0], &r->cfg.addr));
	rig_end(r);
}

/* parts where the format changes or the MTU ends, in order, CSN each. */
static void
map_parts(void **state)
{
	struct atm_addr list[8];
	struct rig *r = rig_new();
	static const unsigned counts[] = { 2, 2, 1, 2, 1 };

	(void)state;
	for (unsigned i = 0; i < 8; i++)
		list[i] = named((uint8_t)i, 1);
	atm_addr_set(&list[5], 0x4b, (const uint8_t *)"15551234567", 0, NULL);
	atm_addr_set(&list[6], 0x4b, (const uint8_t *)"15551234568", 0, NULL);
	r->cfg.list = list;
	r->cfg.list_n = 8;
	r->cfg.mtu = 52 + 2 * 20 + 5;
	rig_start(r);
	rig_register(r, 1);
	rig_clear(r);
	rig_run(r, 60000);
	assert_int_equal(r->sent_n, 5);
	for (unsigned i = 0, k = 0; i < 5; i++) {
		struct mars_msg m = rig_msg(r, i);

		assert_int_equal(m.tnum, counts[i]);
		assert_int_equal(m.part, i + 1);
		assert_int_equal(m.last, i == 4);
		assert_int_equal(m.msn, i + 1);
		for (unsigned t = 0; t < m.tnum; t++) {
			struct atm_addr a;

			mars_target(&m, t, &a);
			assert_true(atm_addr_equal(&a, &list[k++]));
		}
	}
	rig_end(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_multi),
		cmocka_unit_test(nak),
		cmocka_unit_test(full_to_the_octet),
		cmocka_unit_test(ten_thousand),
		cmocka_unit_test(shapes),
		cmocka_unit_test(formats),
		cmocka_unit_test(small_out),
		cmocka_unit_test(groups),
		cmocka_unit_test(golden_map),
		cmocka_unit_test(map_alone),
		cmocka_unit_test(map_at_the_latest),
		cmocka_unit_test(redirect),
		cmocka_unit_test(redirect_only),
		cmocka_unit_test(map_parts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
