/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses as values: RFC 2022 sections 3, 4.3.2, 5.1.2, 5.2 and 6. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "marsh/base/addr.h"
#include "marsh/base/err.h"

static const uint8_t nsap[ATM_NSAP_LEN] = { 0x47, 0, 5, 0x80, [19] = 1 };
static const uint8_t digits[16] = "155512345678901";

/* MARS-049: the endpoints there are, and no others. */
static void
atm_set(void **state)
{
	static const struct {
		uint8_t tl, stl;
		int rv;
	} cases[] = {
		{ 0x14, 0x00, 0 },            /* NSAP */
		{ 0x41, 0x00, 0 },            /* E.164, 1 to 15 digits */
		{ 0x4f, 0x00, 0 },
		{ 0x4b, 0x14, 0 },            /* E.164 with NSAP */
		{ 0x00, 0x00, MARSH_EINVAL }, /* no number at all */
		{ 0x13, 0x00, MARSH_EINVAL },
		{ 0x15, 0x00, MARSH_EINVAL },
		{ 0x3f, 0x00, MARSH_EINVAL },
		{ 0x50, 0x00, MARSH_EINVAL }, /* 16 digits */
		{ 0x54, 0x00, MARSH_EINVAL },
		{ 0x14, 0x14, MARSH_EINVAL }, /* NSAP with subaddress */
		{ 0x4b, 0x13, MARSH_EINVAL },
		{ 0x4b, 0x4b, MARSH_EINVAL },
		{ 0x4b, 0x54, MARSH_EINVAL }, /* subaddress not an NSAP */
	};
	static const struct atm_addr zero;
	uint8_t num[64] = { 0 };
	struct atm_addr a;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		memset(num, '7', sizeof(num));
		memset(&a, 0xff, sizeof(a));
		assert_int_equal(atm_addr_set(&a, cases[i].tl, num,
			cases[i].stl, nsap), cases[i].rv);
		if (cases[i].rv != 0) {
			assert_memory_equal(&a, &zero, sizeof(a));
			continue;
		}
		assert_int_equal(a.tl, cases[i].tl);
		assert_int_equal(a.stl, cases[i].stl);
		assert_memory_equal(a.num, num, atm_tl_len(a.tl));
	}
}

/* MARS-050: a length of zero makes the type bit meaningless. */
static void
atm_set_null(void **state)
{
	struct atm_addr a, b;

	(void)state;
	assert_int_equal(atm_addr_set(&a, 0x14, nsap, 0x40, NULL), 0);
	assert_int_equal(a.stl, 0);
	b = atm_addr_nsap(nsap);
	assert_true(atm_addr_equal(&a, &b));
	assert_int_equal(atm_addr_set(&a, 0x40, NULL, 0, NULL), MARSH_EINVAL);
	/* Reserved bit 7 makes no other address (MARS-049). */
	assert_int_equal(atm_addr_set(&a, 0x94, nsap, 0x80, NULL), 0);
	assert_true(atm_addr_equal(&a, &b));
}

/* An E.164 Number has one digit an octet. */
static void
atm_set_digits(void **state)
{
	uint8_t bad[3] = { '1', 0x1b, '2' };
	struct atm_addr a;

	(void)state;
	assert_int_equal(atm_addr_set(&a, 0x43, bad, 0, NULL), MARSH_EINVAL);
	bad[1] = ':';
	assert_int_equal(atm_addr_set(&a, 0x43, bad, 0, NULL), MARSH_EINVAL);
	bad[1] = '/';
	assert_int_equal(atm_addr_set(&a, 0x43, bad, 0, NULL), MARSH_EINVAL);
	bad[1] = '9';
	assert_int_equal(atm_addr_set(&a, 0x43, bad, 0, NULL), 0);
}

/* Every single octet counts for equality, order and hash. */
static void
atm_each_octet(void **state)
{
	struct atm_addr a, b;
	uint8_t *p = (uint8_t *)&b;

	(void)state;
	assert_int_equal(atm_addr_set(&a, 0x4f, digits, 0x14, nsap), 0);
	b = a;
	assert_true(atm_addr_equal(&a, &b));
	assert_int_equal(atm_addr_cmp(&a, &b), 0);
	assert_true(atm_addr_hash(&a) == atm_addr_hash(&b));
	for (size_t i = 0; i < sizeof(b); i++) {
		p[i] ^= 0x80;
		assert_false(atm_addr_equal(&a, &b));
		assert_false(atm_addr_equal(&b, &a));
		assert_true(atm_addr_cmp(&a, &b) * atm_addr_cmp(&b, &a) < 0);
		assert_true(atm_addr_hash(&a) != atm_addr_hash(&b));
		p[i] ^= 0x80;
	}
}

static int
by_value(const void *x, const void *y)
{
	uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;

	return (a > b) - (a < b);
}

/*
 * No two of |n| neighbours share 64 bits, and their low and high 12 bits fill a
 * table about as evenly as chance would: at most 24 in a slot meant for 4.
 */
static void
spread(uint64_t *h, size_t n)
{
	static uint16_t low[4096], high[4096];

	memset(low, 0, sizeof(low));
	memset(high, 0, sizeof(high));
	for (size_t i = 0; i < n; i++) {
		assert_in_range(++low[h[i] & 4095], 1, n / 4096 + 20);
		assert_in_range(++high[h[i] >> 52], 1, n / 4096 + 20);
	}
	qsort(h, n, sizeof(*h), by_value);
	for (size_t i = 1; i < n; i++)
		assert_true(h[i] != h[i - 1]);
}

static void
hash_spread(void **state)
{
	static uint64_t h[16384];
	struct atm_addr a = atm_addr_nsap(nsap);
	struct l3_addr g;

	(void)state;
	/* End system identifiers that count up, as in a generated lab. */
	for (size_t i = 0; i < 16384; i++) {
		a.num[17] = (uint8_t)(i >> 8);
		a.num[18] = (uint8_t)i;
		h[i] = atm_addr_hash(&a);
	}
	spread(h, 16384);
	/* Two octets far apart that change together. */
	for (size_t i = 0; i < 16384; i++) {
		a.num[4] = (uint8_t)(i >> 7);
		a.num[12] = (uint8_t)(i << 1);
		h[i] = atm_addr_hash(&a);
	}
	spread(h, 16384);
	for (size_t i = 0; i < 16384; i++) {
		g = l3_addr_ipv4(0xe0000000 + (uint32_t)i);
		h[i] = l3_addr_hash(&g);
	}
	spread(h, 16384);
	memset(&g, 0, sizeof(g));
	g.len = 16;
	for (size_t i = 0; i < 16384; i++) {
		g.b[0] = (uint8_t)i;
		g.b[15] = (uint8_t)(i >> 8);
		h[i] = l3_addr_hash(&g);
	}
	spread(h, 16384);
}

/* The length is part of a layer 3 address, and each octet counts. */
static void
l3_each_octet(void **state)
{
	struct l3_addr a, b;
	uint8_t ones[L3_MAX + 1];

	(void)state;
	memset(ones, 1, sizeof(ones));
	for (size_t len = 0; len <= L3_MAX; len++) {
		assert_int_equal(l3_addr_set(&a, ones, len), 0);
		b = a;
		assert_int_equal(l3_addr_cmp(&a, &b), 0);
		assert_true(l3_addr_hash(&a) == l3_addr_hash(&b));
		for (size_t i = 0; i < len; i++) {
			b.b[i] = 0x80;
			assert_true(l3_addr_cmp(&a, &b) < 0);
			assert_true(l3_addr_cmp(&b, &a) > 0);
			assert_true(l3_addr_hash(&a) != l3_addr_hash(&b));
			b.b[i] = 1;
		}
		b.len++;
		assert_true(l3_addr_cmp(&a, &b) < 0);
		assert_true(l3_addr_cmp(&b, &a) > 0);
		assert_true(l3_addr_hash(&a) != l3_addr_hash(&b));
	}
	memset(&b, 0, sizeof(b));
	assert_int_equal(l3_addr_set(&a, ones, L3_MAX + 1), MARSH_EINVAL);
	assert_memory_equal(&a, &b, sizeof(a));
}

static void
step(const char *from, const char *to)
{
	struct l3_addr a, b, out;

	assert_int_equal(l3_addr_parse(from, &a), 0);
	assert_int_equal(l3_addr_parse(to, &b), 0);
	assert_true(l3_addr_next(&a, &out));
	assert_memory_equal(&out, &b, sizeof(b));
	assert_true(l3_addr_prev(&b, &out));
	assert_memory_equal(&out, &a, sizeof(a));
}

static void
l3_step(void **state)
{
	struct l3_addr a, out;

	(void)state;
	step("224.0.0.1", "224.0.0.2");
	step("224.0.255.255", "224.1.0.0");
	step("127.255.255.255", "128.0.0.0");
	step("ff05::ffff:ffff:ffff:ffff", "ff05:0:0:1::");
	step("0x00ffff", "0x010000");
	step("0xfe", "0xff");
	assert_int_equal(l3_addr_parse("255.255.255.255", &a), 0);
	assert_false(l3_addr_next(&a, &out));
	assert_memory_equal(&out, &a, sizeof(a));
	assert_int_equal(l3_addr_parse("0.0.0.0", &a), 0);
	assert_false(l3_addr_prev(&a, &out));
	assert_memory_equal(&out, &a, sizeof(a));
	assert_int_equal(l3_addr_set(&a, NULL, 0), 0);
	assert_false(l3_addr_next(&a, &out));
	assert_false(l3_addr_prev(&a, &out));
}

static struct l3_range
range(const char *text)
{
	struct l3_range r;

	assert_int_equal(l3_range_parse(text, &r, NULL), 0);
	return r;
}

/* MARS-096: both ends of a block belong to it. */
static void
range_has(void **state)
{
	struct l3_range r = range("224.1.0.0-224.1.0.255");
	struct l3_addr six = { .len = 16, .b = { 224, 1 } };
	struct l3_addr a = l3_addr_ipv4(0xe0010000);

	(void)state;
	assert_true(l3_range_has(&r, &a));
	assert_true(l3_addr_prev(&a, &a));
	assert_false(l3_range_has(&r, &a));
	a = l3_addr_ipv4(0xe00100ff);
	assert_true(l3_range_has(&r, &a));
	assert_true(l3_addr_next(&a, &a));
	assert_false(l3_range_has(&r, &a));
	assert_false(l3_range_has(&r, &six));
	r = range("0.0.0.0/0");
	assert_true(l3_range_has(&r, &a));
	r = range("::/0");
	assert_true(l3_range_has(&r, &six));
	assert_false(l3_range_has(&r, &a));
}

/* MARS-109: addresses are unsigned, 128.0.0.0 lies above 127.255.255.255. */
static void
range_unsigned(void **state)
{
	struct l3_range r = range("127.0.0.0-224.0.0.0");
	struct l3_addr a = l3_addr_ipv4(0x80000000);

	(void)state;
	assert_true(l3_range_has(&r, &a));
}

static void
range_overlap(void **state)
{
	static const struct {
		const char *a, *b;
		bool meet;
	} cases[] = {
		{ "224.0.0.0-224.0.0.9", "224.0.0.9-224.0.0.20", true },
		{ "224.0.0.0-224.0.0.9", "224.0.0.10-224.0.0.20", false },
		{ "224.0.0.0/8", "224.5.0.0/16", true },
		{ "224.0.0.1", "224.0.0.1", true },
		{ "0xe0000001", "::", false },
		{ "::/0", "ff05::1", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct l3_range a = range(cases[i].a), b = range(cases[i].b);

		assert_int_equal(l3_range_overlap(&a, &b), cases[i].meet);
		assert_int_equal(l3_range_overlap(&b, &a), cases[i].meet);
	}
}

static void
range_single(void **state)
{
	struct l3_addr a = l3_addr_ipv4(0xef010203);
	struct l3_range r = l3_range_one(&a);

	(void)state;
	assert_true(l3_range_single(&r));
	assert_true(l3_range_has(&r, &a));
	r = range("239.1.2.3-239.1.2.4");
	assert_false(l3_range_single(&r));
}

/*
 * MARS-018: mar$pro.snap counts in the long form only; MARS-020: the long form
 * of an Ethertype names the same protocol.
 */
static void
proto(void **state)
{
	struct l3_proto four = L3_PROTO_IPV4, six = L3_PROTO_IPV6;
	struct l3_proto l = { .type = L3_PROTO_LONG,
		.snap = { 0x00, 0x80, 0xc2, 0x00, 0x07 } }, l2 = l;

	(void)state;
	assert_false(l3_proto_equal(&four, &six));
	memset(four.snap, 0xff, sizeof(four.snap));
	assert_true(l3_proto_equal(&four, &L3_PROTO_IPV4));
	assert_true(l3_proto_equal(&l, &l2));
	l2.snap[4] = 8;
	assert_false(l3_proto_equal(&l, &l2));
	l2 = (struct l3_proto){ .type = L3_PROTO_LONG,
		.snap = { 0, 0, 0, 0x08, 0x00 } };
	assert_true(l3_proto_equal(&l2, &L3_PROTO_IPV4));
	assert_true(l3_proto_equal(&L3_PROTO_IPV4, &l2));
	/* Below 0x0600 it is a length and no Ethertype. */
	l2 = (struct l3_proto){ .type = L3_PROTO_LONG,
		.snap = { 0, 0, 0, 0x05, 0xff } };
	l = (struct l3_proto){ .type = 0x05ff };
	assert_false(l3_proto_equal(&l, &l2));
	assert_true(l3_proto_equal(&l2, &l2));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(atm_set),
		cmocka_unit_test(atm_set_null),
		cmocka_unit_test(atm_set_digits),
		cmocka_unit_test(atm_each_octet),
		cmocka_unit_test(hash_spread),
		cmocka_unit_test(l3_each_octet),
		cmocka_unit_test(l3_step),
		cmocka_unit_test(range_has),
		cmocka_unit_test(range_unsigned),
		cmocka_unit_test(range_overlap),
		cmocka_unit_test(range_single),
		cmocka_unit_test(proto),
	};

	return cmocka_run_group_tests_name("addr", tests, NULL, NULL);
}
