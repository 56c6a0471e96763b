/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every MARS message of tests/golden: decoded fields are as the vector's
 * comment says, encoding gives the same octets, and no proper prefix decodes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "golden.h"
#include "marsh/base/err.h"
#include "marsh/wire/mars_msg.h"

/* The addresses of the vectors differ in ESI and selector only. */
#define PREFIX "47.0005.80FFE1000000F21A26D8."
#define A PREFIX "0020480D3A10.00"
#define B PREFIX "0020480D3A11.00"
#define C PREFIX "0020480D3A12.00"
#define MARS1 PREFIX "0020480D3A01.01"
#define MARS2 PREFIX "0020480D3A02.01"

static void
same_again(const uint8_t *b, size_t len, const struct mars_msg *m)
{
	uint8_t *out = malloc(len);

	assert_int_equal(mars_size(m), len);
	assert_int_equal(mars_encode(m, m->chksum != 0, out, len), len);
	assert_memory_equal(out, b, len);
	assert_int_equal(mars_encode(m, true, out, len - 1), 0);
	free(out);
}

/* MARS-051: nothing behind the end is read, whatever the lengths claim. */
static void
no_prefix(const uint8_t *b, size_t len)
{
	struct mars_decode_err err;
	struct mars_msg m;

	for (size_t n = 0; n < len; n++) {
		uint8_t *cut = golden_exact(b, n);
		int rv = mars_decode(cut, n, false, &m, &err);

		assert_true(rv == MARSH_ESHORT || rv == MARSH_EPROTO);
		assert_true(err.bad == MARS_BAD_SHORT
		    || err.bad == MARS_BAD_TLV);
		assert_non_null(err.field);
		assert_true(err.off <= n);
		free(cut);
	}
}

/* Reads, decodes and checks what holds for every vector; to be freed. */
static uint8_t *
vector(const char *name, uint8_t op, struct mars_msg *m)
{
	struct mars_decode_err err = { MARS_BAD_NONE, "", 0 };
	size_t len;
	uint8_t *b = golden_read(name, &len);

	assert_int_equal(mars_decode(b, len, true, m, &err), 0);
	assert_int_equal(m->op, op);
	assert_int_equal(m->sha - b, MARS_HDR_LEN);
	same_again(b, len, m);
	no_prefix(b, len);
	return b;
}

static void
source_is(const struct mars_msg *m, const char *text)
{
	char buf[ATM_TEXT_MAX];
	struct atm_addr a;

	assert_int_equal(mars_src(m, &a), 0);
	assert_string_equal(atm_addr_format(&a, buf), text);
}

static void
target_is(const struct mars_msg *m, unsigned i, const char *text)
{
	char buf[ATM_TEXT_MAX];
	struct atm_addr a;

	assert_int_equal(mars_target(m, i, &a), 0);
	assert_string_equal(atm_addr_format(&a, buf), text);
}

static void
spa_is(const struct mars_msg *m, const char *text)
{
	char buf[L3_TEXT_MAX];
	struct l3_addr a;

	assert_int_equal(l3_addr_set(&a, m->spa, m->spln), 0);
	assert_string_equal(l3_addr_format(&a, buf), text);
}

static void
group_is(const struct mars_msg *m, const char *text)
{
	char buf[L3_TEXT_MAX];
	struct l3_addr g;

	assert_int_equal(mars_group(m, &g), 0);
	assert_string_equal(l3_addr_format(&g, buf), text);
}

static void
pair_is(const struct mars_msg *m, unsigned i, const char *text)
{
	char buf[2 * L3_TEXT_MAX];
	struct l3_range r;

	assert_int_equal(mars_pair(m, i, &r), 0);
	assert_string_equal(l3_range_format(&r, buf), text);
}

static void
listed_is(const struct mars_msg *m, unsigned i, const char *text)
{
	char buf[L3_TEXT_MAX];
	struct l3_addr g;

	assert_int_equal(mars_listed_group(m, i, &g), 0);
	assert_string_equal(l3_addr_format(&g, buf), text);
}

/* A message of the J shape about 239.1.2.3 from |src|. */
static void
one_group(const char *name, uint8_t op, const char *src, uint16_t flags,
    uint32_t msn)
{
	struct mars_msg m;
	uint8_t *b = vector(name, op, &m);

	source_is(&m, src);
	assert_int_equal(m.spln, 4);
	assert_int_equal(m.tpln, 4);
	assert_int_equal(m.pnum, 1);
	assert_int_equal(m.flags, flags);
	assert_int_equal(m.cmi, 0);
	assert_int_equal(m.msn, msn);
	pair_is(&m, 0, "239.1.2.3");
	free(b);
}

/*
 * MARS-012: null addresses take no octets; MARS-014, MARS-015: where the fixed
 * header has its fields; A-13: both readings of a registration.
 */
static void
registration(void **state)
{
	struct mars_msg m;
	uint8_t *b = vector("mars_join_register", MARS_JOIN, &m);

	(void)state;
	assert_true(l3_proto_equal(&m.pro, &L3_PROTO_IPV4));
	assert_int_equal(m.chksum, 0x46ef);
	source_is(&m, A);
	assert_int_equal(m.sstl, 0);
	assert_int_equal(m.spln, 0);
	assert_int_equal(m.tpln, 0);
	assert_int_equal(m.pnum, 0);
	assert_int_equal(m.flags, MARS_FLAG_REGISTER);
	assert_int_equal(m.cmi, 0);
	assert_int_equal(m.msn, 0);
	assert_null(m.tlvs);
	free(b);
	b = vector("mars_join_register_pnum1", MARS_JOIN, &m);
	assert_int_equal(m.pnum, 1);
	assert_int_equal(m.tpln, 0);
	free(b);
}

/* MARS-103: mar$cmi and mar$msn of the JOIN layout. */
static void
registered(void **state)
{
	struct mars_msg m;
	uint8_t *b = vector("mars_join_registered", MARS_JOIN, &m);

	(void)state;
	assert_int_equal(m.flags, MARS_FLAG_REGISTER | MARS_FLAG_COPY);
	assert_int_equal(m.cmi, 7);
	assert_int_equal(m.msn, 0x29);
	free(b);
	b = vector("mars_mserv_register", MARS_MSERV, &m);
	source_is(&m, B);
	assert_int_equal(m.flags, MARS_FLAG_REGISTER | MARS_FLAG_COPY);
	assert_int_equal(m.msn, 9);
	free(b);
}

/*
 * MARS-046, MARS-047: the layout of MARS_REQUEST; MARS-052: MARS_NAK is the
 * request with another type and checksum; MARS-250: types 1 and 6.
 */
static void
request_and_nak(void **state)
{
	struct mars_msg m;
	uint8_t *req = vector("mars_request", MARS_REQUEST, &m), *nak;
	size_t len = mars_size(&m);

	(void)state;
	assert_int_equal(len, 60);
	source_is(&m, A);
	spa_is(&m, "192.0.2.16");
	group_is(&m, "239.1.2.3");
	nak = vector("mars_nak", MARS_NAK, &m);
	group_is(&m, "239.1.2.3");
	mars_put_op(req, MARS_NAK);
	mars_seal(req, len, true);
	assert_memory_equal(req, nak, len);
	free(req);
	free(nak);
}

/* MARS-022: a message without a checksum is as good. */
static void
request_nosum(void **state)
{
	struct mars_msg m;
	uint8_t *b = vector("mars_request_nosum", MARS_REQUEST, &m);

	(void)state;
	assert_int_equal(m.chksum, 0);
	group_is(&m, "239.1.2.3");
	free(b);
}

/* MARS-049: native E.164; MARS-021 with A-01: a message of odd length. */
static void
request_e164(void **state)
{
	struct mars_msg m;
	uint8_t *b = vector("mars_request_odd", MARS_REQUEST, &m);

	(void)state;
	assert_int_equal(mars_size(&m), 51);
	assert_int_equal(m.shtl, 0x4b);
	source_is(&m, "+15551234567");
	free(b);
}

/*
 * MARS-238, MARS-239, MARS-243: behind 71 octets comes one of alignment, then
 * TLVs, a TLV of 5 valid octets taking 12; A-07: E.164 with subaddress.
 */
static void
request_tlv(void **state)
{
	struct mars_msg m;
	uint8_t *b = vector("mars_request_e164_tlv", MARS_REQUEST, &m);

	(void)state;
	source_is(&m, "15551234567+" A);
	spa_is(&m, "192.0.2.16");
	group_is(&m, "239.1.2.3");
	assert_int_equal(m.tlvs - b, 0x48);
	assert_int_equal(m.tlvs_len, 16);
	free(b);
}

/*
 * MARS-054, MARS-055: the layout of MARS_MULTI; MARS-057: 60 + 20n octets;
 * MARS-002: octet order; MARS-011: addresses begin at 32.
 */
static void
multi(void **state)
{
	struct mars_msg m;
	uint8_t *b = vector("mars_multi", MARS_MULTI, &m);

	(void)state;
	assert_int_equal(mars_size(&m), 60 + 20 * 2);
	source_is(&m, A);
	spa_is(&m, "192.0.2.16");
	group_is(&m, "239.1.2.3");
	assert_int_equal(m.thtl, 0x14);
	assert_int_equal(m.tstl, 0);
	assert_int_equal(m.tnum, 2);
	assert_int_equal(m.part, 1);
	assert_true(m.last);
	assert_int_equal(m.msn, 0x2a);
	assert_int_equal(mars_list_off(&m), 60);
	target_is(&m, 0, B);
	target_is(&m, 1, C);
	m.tnum = 456;
	assert_true(mars_size(&m) <= MARS_MTU);
	m.tnum = 457;
	assert_true(mars_size(&m) > MARS_MTU);
	free(b);
}

/* MARS-055: flag x and number y of mar$seqxy. */
static void
multi_part(void **state)
{
	struct mars_msg m;
	uint8_t *b = vector("mars_multi_part2", MARS_MULTI, &m);

	(void)state;
	assert_int_equal(m.part, 2);
	assert_false(m.last);
	assert_int_equal(m.msn, 0xffffffff);
	target_is(&m, 0, B);
	free(b);
}

/* MARS-055: number and subaddress of the targets alternate. */
static void
multi_e164(void **state)
{
	struct mars_msg m;
	uint8_t *b = vector("mars_multi_e164_sub", MARS_MULTI, &m);

	(void)state;
	assert_int_equal(m.part, 3);
	assert_true(m.last);
	target_is(&m, 0, "15551234567+" B);
	target_is(&m, 1, "15557654321+" C);
	free(b);
}

/* MARS-092: MARS_MIGRATE has no mar$seqxy and is always whole. */
static void
migrate(void **state)
{
	struct mars_msg m;
	uint8_t *b = vector("mars_migrate", MARS_MIGRATE, &m);

	(void)state;
	source_is(&m, MARS1);
	spa_is(&m, "10.0.0.1");
	group_is(&m, "239.1.2.3");
	assert_int_equal(m.tnum, 2);
	assert_int_equal(m.part, 0);
	assert_true(m.last);
	assert_int_equal(m.msn, 0x30);
	target_is(&m, 0, B);
	target_is(&m, 1, C);
	free(b);
}

/*
 * MARS-103: JOIN and LEAVE; MARS-104: mar$flags; MARS-190: MSERV and UNSERV;
 * MARS-209: SJOIN and SLEAVE, 8 and 9: all of one layout.
 */
static void
one_group_each(void **state)
{
	(void)state;
	one_group("mars_join_ccvc", MARS_JOIN, A,
	    MARS_FLAG_LAYER3GRP | MARS_FLAG_COPY, 0x2c);
	one_group("mars_leave", MARS_LEAVE, A, MARS_FLAG_LAYER3GRP | 5, 0);
	one_group("mars_mserv", MARS_MSERV, B, 0, 0);
	one_group("mars_unserv", MARS_UNSERV, B, 0, 0);
	one_group("mars_sjoin", MARS_SJOIN, A,
	    MARS_FLAG_LAYER3GRP | MARS_FLAG_COPY, 0x11);
	one_group("mars_sleave", MARS_SLEAVE, A,
	    MARS_FLAG_LAYER3GRP | MARS_FLAG_COPY, 0x12);
}

/* MARS-096: blocks of groups; MARS-104: the punched bit. */
static void
join_block(void **state)
{
	struct mars_msg m;
	uint8_t *b = vector("mars_join_block", MARS_JOIN, &m);

	(void)state;
	assert_int_equal(m.flags, MARS_FLAG_COPY | MARS_FLAG_PUNCHED);
	assert_int_equal(m.msn, 0x80000001);
	assert_int_equal(m.pnum, 2);
	pair_is(&m, 0, "224.0.0.0-239.1.2.2");
	pair_is(&m, 1, "239.1.2.4-239.255.255.255");
	free(b);
}

/* MARS-123, MARS-126: what groups there are in a block. */
static void
grouplist(void **state)
{
	struct mars_msg m;
	uint8_t *b = vector("mars_grouplist_request", MARS_GROUPLIST_REQUEST,
	    &m);

	(void)state;
	pair_is(&m, 0, "224.0.0.0-224.0.0.255");
	free(b);
	b = vector("mars_grouplist_reply", MARS_GROUPLIST_REPLY, &m);
	source_is(&m, A);
	spa_is(&m, "192.0.2.16");
	assert_int_equal(m.tnum, 3);
	assert_int_equal(m.part, 1);
	assert_true(m.last);
	assert_int_equal(m.msn, 0x33);
	assert_int_equal(mars_list_off(&m), 56);
	listed_is(&m, 0, "224.0.0.5");
	listed_is(&m, 1, "224.0.0.6");
	listed_is(&m, 2, "224.0.0.9");
	free(b);
	b = vector("mars_grouplist_reply_empty", MARS_GROUPLIST_REPLY, &m);
	assert_int_equal(m.tnum, 0);
	free(b);
}

/* MARS-141: no mar$spa and no mar$tpa; MARS-145: bit 7 of mar$redirf. */
static void
redirect_map(void **state)
{
	struct mars_msg m;
	uint8_t *b = vector("mars_redirect_map_soft", MARS_REDIRECT_MAP, &m);

	(void)state;
	source_is(&m, MARS1);
	assert_int_equal(m.spln, 0);
	assert_false(m.hard);
	assert_int_equal(m.part, 1);
	assert_true(m.last);
	assert_int_equal(m.msn, 0x2b);
	assert_int_equal(m.tnum, 2);
	assert_int_equal(mars_list_off(&m), 52);
	target_is(&m, 0, MARS1);
	target_is(&m, 1, MARS2);
	free(b);
	b = vector("mars_redirect_map_hard", MARS_REDIRECT_MAP, &m);
	assert_true(m.hard);
	assert_int_equal(m.tnum, 1);
	target_is(&m, 0, MARS2);
	free(b);
}

/* MARS-237: IPv6 is 0x86DD with addresses of 16 octets. */
static void
join_ipv6(void **state)
{
	struct mars_msg m;
	uint8_t *b = vector("mars_join_ipv6", MARS_JOIN, &m);

	(void)state;
	assert_true(l3_proto_equal(&m.pro, &L3_PROTO_IPV6));
	spa_is(&m, "2001:db8::10");
	pair_is(&m, 0, "ff05::1:3");
	free(b);
}

/* MARS-017: the long form names its protocol in mar$pro.snap. */
static void
join_long(void **state)
{
	static const uint8_t snap[] = { 0x00, 0x80, 0xc2, 0x00, 0x07 };
	struct mars_msg m;
	uint8_t *b = vector("mars_join_long_proto", MARS_JOIN, &m);

	(void)state;
	assert_int_equal(m.pro.type, L3_PROTO_LONG);
	assert_memory_equal(m.pro.snap, snap, sizeof(snap));
	pair_is(&m, 0, "0x01005e000001-0x01005e0000ff");
	free(b);
}

/*
 * MARS-249: Null may be the only TLV; MARS-242, MARS-244, MARS-245: types with
 * x = 0 or 3 are skipped.
 */
static void
tlv_lists(void **state)
{
	struct mars_msg m;
	uint8_t *b = vector("mars_join_null_tlv", MARS_JOIN, &m);

	(void)state;
	assert_int_equal(m.tlvs - b, 64);
	assert_int_equal(m.tlvs_len, 4);
	free(b);
	b = vector("mars_leave_tlvs", MARS_LEAVE, &m);
	assert_int_equal(m.tlvs - b, 56);
	assert_int_equal(m.tlvs_len, 8 + 4 + 12 + 4);
	source_is(&m, "+15551234567");
	pair_is(&m, 0, "239.1.2.3");
	free(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(registration),
		cmocka_unit_test(registered),
		cmocka_unit_test(request_and_nak),
		cmocka_unit_test(request_nosum),
		cmocka_unit_test(request_e164),
		cmocka_unit_test(request_tlv),
		cmocka_unit_test(multi),
		cmocka_unit_test(multi_part),
		cmocka_unit_test(multi_e164),
		cmocka_unit_test(migrate),
		cmocka_unit_test(one_group_each),
		cmocka_unit_test(join_block),
		cmocka_unit_test(grouplist),
		cmocka_unit_test(redirect_map),
		cmocka_unit_test(join_ipv6),
		cmocka_unit_test(join_long),
		cmocka_unit_test(tlv_lists),
	};

	return cmocka_run_group_tests_name("mars golden", tests, NULL, NULL);
}
