/* SPDX-License-Identifier: BSD-2-Clause */
/* REQUEST and GROUPLIST. */
#include "server_rig.h"

#define G 0xe0010100u

/* Format notes 9.2, exactly: MARS-056, MARS-036, MARS-057. */
static void
golden_multi(void **state)
{
	static const uint8_t head[] = { 0x00, 0x0f, 0x08, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0x32, 0x9b, 0, 0, 0, 2, 0x14, 0, 4, 0x14, 0, 4, 0, 2,
		0x80, 1, 0, 0, 0, 0x2a };
	static const uint8_t spa[] = { 0xc0, 0, 2, 0x10 };
	static const uint8_t group[] = { 0xef, 1, 2, 3, 0xef, 1, 2, 3 };
	struct atm_addr a = rig_named(0x10, 0), b = rig_named(0x11, 0);
	struct atm_addr c = rig_named(0x12, 0);
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
	rig_same(r, 0, want, sizeof(want));
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
	rig_same(r, 0, want, n);
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
