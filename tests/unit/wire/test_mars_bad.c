/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a peer can do wrong, one field at a time: each case is a good vector
 * with a few octets changed, and the decoder names the field and the offset.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "golden.h"
#include "marsh/base/err.h"
#include "marsh/wire/mars_msg.h"

/* The vector |name|, |cut| octets shorter and with |n| octets at |off|. */
static int
changed(const char *name, size_t cut, size_t off, const char *octets, size_t n,
    struct mars_decode_err *err)
{
	struct mars_msg m;
	size_t len;
	uint8_t *b = golden_read(name, &len), *c;
	int rv;

	if (n != 0)
		memcpy(b + off, octets, n);
	c = golden_exact(b, len - cut);
	rv = mars_decode(c, len - cut, false, &m, err);
	free(b);
	free(c);
	return rv;
}

static void
refused(const char *name, size_t off, const char *octets, size_t n,
    enum mars_bad bad, const char *field, size_t at)
{
	struct mars_decode_err err;
	int rv = changed(name, 0, off, octets, n, &err);

	assert_int_equal(rv,
	    bad == MARS_BAD_SHORT ? MARSH_ESHORT : MARSH_EPROTO);
	assert_string_equal(mars_bad_word(err.bad), mars_bad_word(bad));
	assert_string_equal(err.field, field);
	assert_int_equal(err.off, at);
}

static void
accepted(const char *name, size_t off, const char *octets, size_t n)
{
	struct mars_decode_err err;

	assert_int_equal(changed(name, 0, off, octets, n, &err), 0);
}

static void
cut(const char *name, size_t left, const char *field, size_t at)
{
	struct mars_decode_err err;
	size_t len;

	free(golden_read(name, &len));
	assert_int_equal(changed(name, len - left, 0, NULL, 0, &err),
	    MARSH_ESHORT);
	assert_int_equal(err.bad, MARS_BAD_SHORT);
	assert_string_equal(err.field, field);
	assert_int_equal(err.off, at);
}

/* MARS-016: any mar$afn but 0x000F is discarded undecoded. */
static void
afn(void **state)
{
	(void)state;
	refused("mars_request", 0, "\x00\x10", 2, MARS_BAD_AFN, "mar$afn", 0);
	refused("mars_request", 0, "\x0f\x00", 2, MARS_BAD_AFN, "mar$afn", 0);
}

/* MARS-025, MARS-250: versions but 0 and types but 1 to 13 are not ours. */
static void
version_and_type(void **state)
{
	(void)state;
	refused("mars_request", 16, "\x01", 1, MARS_BAD_VERSION,
	    "mar$op.version", 16);
	refused("mars_request", 16, "\xff", 1, MARS_BAD_VERSION,
	    "mar$op.version", 16);
	refused("mars_request", 17, "\x00", 1, MARS_BAD_OP, "mar$op.type", 17);
	refused("mars_request", 17, "\x0e", 1, MARS_BAD_OP, "mar$op.type", 17);
	/* 18 and 19 of section 6.2.4 are not used. */
	refused("mars_sjoin", 17, "\x12", 1, MARS_BAD_OP, "mar$op.type", 17);
	refused("mars_sleave", 17, "\x13", 1, MARS_BAD_OP, "mar$op.type", 17);
	refused("mars_request", 17, "\xff", 1, MARS_BAD_OP, "mar$op.type", 17);
}

/* MARS-015: a source ATM Number is never null; MARS-050: in neither form. */
static void
null_source(void **state)
{
	(void)state;
	refused("mars_request", 18, "\x00", 1, MARS_BAD_SOURCE, "mar$shtl", 18);
	refused("mars_request", 18, "\x40", 1, MARS_BAD_SOURCE, "mar$shtl", 18);
	/* MARS-163: even where there is a subaddress */
	refused("mars_request", 18, "\x00\x14", 2, MARS_BAD_SOURCE, "mar$shtl",
	    18);
}

/* MARS-026, MARS-018: what is reserved or unused is ignored on receipt. */
static void
reserved(void **state)
{
	(void)state;
	accepted("mars_request", 9, "\xff\xff\xff", 3);
	accepted("mars_request", 4, "\xff\xff\xff\xff\xff", 5);
	accepted("mars_request", 24, "\xff\xff\xff\xff\xff\xff\xff\xff", 8);
	accepted("mars_migrate", 26, "\xff\xff", 2);
	accepted("mars_join_ccvc", 24, "\xcf\x00", 2);
	accepted("mars_redirect_map_soft", 20, "\xff", 1);
	accepted("mars_redirect_map_soft", 23, "\x7f", 1);
}

/* MARS-018, MARS-104: nor do they reach whoever reads the message. */
static void
reserved_is_cleared(void **state)
{
	struct mars_msg m;
	size_t len;
	uint8_t *b = golden_read("mars_join_ccvc", &len);

	(void)state;
	memset(b + 4, 0xff, 5); /* mar$pro.snap in the short form */
	b[24] |= 0x0f;
	assert_int_equal(mars_decode(b, len, false, &m, NULL), 0);
	for (size_t i = 0; i < sizeof(m.pro.snap); i++)
		assert_int_equal(m.pro.snap[i], 0);
	assert_int_equal(m.flags, MARS_FLAG_LAYER3GRP | MARS_FLAG_COPY);
	free(b);
}

/* MARS-050: 0x40 is null too, and bit 7 is reserved. */
static void
null_forms(void **state)
{
	struct mars_msg m;
	size_t len;
	uint8_t *b = golden_read("mars_multi", &len);

	(void)state;
	b[18] = 0x94;
	b[19] = 0x40;
	b[22] = 0xc0;
	assert_int_equal(mars_decode(b, len, false, &m, NULL), 0);
	assert_int_equal(m.shtl, 0x14);
	assert_int_equal(m.sstl, 0);
	assert_int_equal(m.tstl, 0);
	free(b);
}

/* MARS-051: each declared length may overrun the message. */
static void
lengths_overrun(void **state)
{
	(void)state;
	refused("mars_join_register", 18, "\x15", 1, MARS_BAD_SHORT, "mar$sha",
	    32);
	refused("mars_join_register", 18, "\x7f", 1, MARS_BAD_SHORT, "mar$sha",
	    32);
	refused("mars_join_register", 19, "\x01", 1, MARS_BAD_SHORT, "mar$ssa",
	    52);
	refused("mars_request", 20, "\x09", 1, MARS_BAD_SHORT, "mar$spa", 52);
	refused("mars_request", 23, "\x05", 1, MARS_BAD_SHORT, "mar$tpa", 56);
	refused("mars_request", 21, "\x14", 1, MARS_BAD_SHORT, "mar$tha", 60);
	refused("mars_request", 22, "\x01", 1, MARS_BAD_SHORT, "mar$tsa", 60);
	refused("mars_multi", 25, "\x03", 1, MARS_BAD_SHORT, "mar$tha", 60);
	refused("mars_multi", 22, "\x01", 1, MARS_BAD_SHORT, "mar$tha", 60);
	refused("mars_join_ccvc", 21, "\x05", 1, MARS_BAD_SHORT, "mar$min", 56);
	refused("mars_join_ccvc", 23, "\x02", 1, MARS_BAD_SHORT, "mar$min", 56);
	refused("mars_grouplist_reply", 25, "\x04", 1, MARS_BAD_SHORT,
	    "mar$mgrp", 56);
	refused("mars_redirect_map_soft", 25, "\x03", 1, MARS_BAD_SHORT,
	    "mar$tha", 52);
}

/* MARS-051: the largest counts and lengths there are. */
static void
counts_huge(void **state)
{
	(void)state;
	refused("mars_join_ccvc", 21, "\xff\xff\xff", 3, MARS_BAD_SHORT,
	    "mar$min", 56);
	refused("mars_multi", 21, "\xff\xff\x04\xff\xff", 5, MARS_BAD_SHORT,
	    "mar$tha", 60);
	refused("mars_grouplist_reply", 23, "\xff\xff\xff", 3, MARS_BAD_SHORT,
	    "mar$mgrp", 56);
	refused("mars_multi", 18, "\x3f\x3f\xff\x3f\x3f\xff", 6, MARS_BAD_SHORT,
	    "mar$ssa", 95);
}

/* MARS-014, MARS-011: a message that ends in its first 32 octets. */
static void
header_cut(void **state)
{
	(void)state;
	cut("mars_multi", 0, "mar$afn", 0);
	cut("mars_multi", 1, "mar$afn", 0);
	cut("mars_multi", 2, "mar$pro.type", 2);
	cut("mars_multi", 8, "mar$pro.snap", 4);
	cut("mars_multi", 11, "mar$hdrrsv", 9);
	cut("mars_multi", 13, "mar$chksum", 12);
	cut("mars_multi", 15, "mar$extoff", 14);
	cut("mars_multi", 16, "mar$op.version", 16);
	cut("mars_multi", 17, "mar$op.type", 17);
	cut("mars_multi", 18, "mar$shtl", 18);
	cut("mars_multi", 19, "mar$sstl", 19);
	cut("mars_multi", 20, "mar$spln", 20);
	cut("mars_multi", 21, "mar$thtl", 21);
	cut("mars_multi", 22, "mar$tstl", 22);
	cut("mars_multi", 23, "mar$tpln", 23);
	cut("mars_multi", 24, "mar$tnum", 24);
	cut("mars_multi", 27, "mar$seqxy", 26);
	cut("mars_multi", 31, "mar$msn", 28);
	cut("mars_join_ccvc", 21, "mar$tpln", 21);
	cut("mars_join_ccvc", 23, "mar$pnum", 22);
	cut("mars_join_ccvc", 25, "mar$flags", 24);
	cut("mars_join_ccvc", 27, "mar$cmi", 26);
	cut("mars_join_ccvc", 28, "mar$msn", 28);
	cut("mars_redirect_map_soft", 23, "mar$redirf", 23);
	cut("mars_request", 31, "mar$pad", 24);
}

/* Without TLVs the addresses end the message. */
static void
trailing(void **state)
{
	(void)state;
	refused("mars_join_register", 18, "\x13", 1, MARS_BAD_TRAILING,
	    "octets behind", 51);
	refused("mars_multi", 25, "\x01", 1, MARS_BAD_TRAILING,
	    "octets behind", 80);
	refused("mars_join_ccvc", 23, "\x00", 1, MARS_BAD_TRAILING,
	    "octets behind", 56);
}

/* MARS-109, MARS-110: pairs ascend and do not touch each other. */
static void
pairs(void **state)
{
	(void)state;
	/* 224.0.0.0-239.1.2.2 at 56, 239.1.2.4-239.255.255.255 at 64 */
	refused("mars_join_block", 56, "\xef\x01\x02\x03", 4, MARS_BAD_PAIRS,
	    "mar$min", 56);
	refused("mars_join_block", 64, "\xef\x01\x02\x02", 4, MARS_BAD_PAIRS,
	    "mar$min", 64);
	refused("mars_join_block", 64, "\xe0\x00\x00\x00", 4, MARS_BAD_PAIRS,
	    "mar$min", 64);
	refused("mars_join_block", 68, "\xef\x01\x02\x03", 4, MARS_BAD_PAIRS,
	    "mar$min", 64);
	/* Adjacent pairs are legal, and 0x80 is above 0x7f. */
	accepted("mars_join_block", 64, "\xef\x01\x02\x03", 4);
	accepted("mars_join_block", 56, "\x7f\xff\xff\xff", 4);
	/* All who have the layout are checked. */
	refused("mars_leave", 56, "\xff", 1, MARS_BAD_PAIRS, "mar$min", 56);
	refused("mars_mserv", 56, "\xff", 1, MARS_BAD_PAIRS, "mar$min", 56);
	refused("mars_unserv", 56, "\xff", 1, MARS_BAD_PAIRS, "mar$min", 56);
	refused("mars_sjoin", 56, "\xff", 1, MARS_BAD_PAIRS, "mar$min", 56);
	refused("mars_sleave", 56, "\xff", 1, MARS_BAD_PAIRS, "mar$min", 56);
	refused("mars_grouplist_request", 56, "\xff", 1, MARS_BAD_PAIRS,
	    "mar$min", 56);
	/* Addresses of 16 and 6 octets: spa at 52, first min behind it. */
	refused("mars_join_ipv6", 68, "\xff\xff", 2, MARS_BAD_PAIRS, "mar$min",
	    68);
	refused("mars_join_long_proto", 64, "\x00", 1, MARS_BAD_PAIRS,
	    "mar$min", 58);
	/* Eight octets as two pairs of 2: 0xE000-0x0000 is the first. */
	refused("mars_grouplist_request", 21, "\x02\x00\x02", 3, MARS_BAD_PAIRS,
	    "mar$min", 56);
}

/* MARS-109: pairs may not share a group, in protocols of long addresses too. */
static void
pairs_touch(void **state)
{
	(void)state;
	for (unsigned min = 2; min <= 3; min++) {
		struct mars_decode_err err;
		struct mars_msg m;
		size_t len;
		uint8_t *b = golden_read("mars_join_ipv6", &len);
		int rv;

		/* its pair as two pairs of 8 octets: 1-2 and 2-4 or 3-4 */
		assert_int_equal(len, 68 + 32);
		b[21] = 8;
		b[23] = 2;
		memset(b + 68, 0, 32);
		b[68 + 7] = 1;
		b[68 + 15] = 2;
		b[68 + 23] = (uint8_t)min;
		b[68 + 31] = 4;
		rv = mars_decode(b, len, false, &m, &err);
		assert_int_equal(rv, min == 2 ? MARSH_EPROTO : 0);
		if (rv != 0)
			assert_int_equal(err.off, 68 + 16);
		free(b);
	}
}

/* Longer groups than L3_MAX decode, but are no address of ours. */
static void
long_group(void **state)
{
	struct l3_range r;
	struct l3_addr g;
	struct mars_msg m;
	uint8_t group[21] = { 0 }, sha[20] = { 0x47 }, b[200];
	uint8_t both[42] = { 0 };
	size_t n;

	(void)state;
	m = (struct mars_msg){ .op = MARS_REQUEST, .shtl = 20, .sha = sha,
		.tpln = 21, .tpa = group, .pro = L3_PROTO_IPV4 };
	n = mars_encode(&m, true, b, sizeof(b));
	assert_int_equal(mars_decode(b, n, true, &m, NULL), 0);
	assert_int_equal(mars_group(&m, &g), MARSH_EINVAL);
	m = (struct mars_msg){ .op = MARS_JOIN, .shtl = 20, .sha = sha,
		.tpln = 21, .pnum = 1, .pairs = both, .pro = L3_PROTO_IPV4 };
	n = mars_encode(&m, true, b, sizeof(b));
	assert_int_equal(mars_decode(b, n, true, &m, NULL), 0);
	assert_int_equal(mars_pair(&m, 0, &r), MARSH_EINVAL);
	m = (struct mars_msg){ .op = MARS_GROUPLIST_REPLY, .shtl = 20,
		.sha = sha, .tpln = 21, .tnum = 2, .list = both };
	n = mars_encode(&m, true, b, sizeof(b));
	assert_int_equal(mars_decode(b, n, true, &m, NULL), 0);
	assert_int_equal(mars_listed_group(&m, 1, &g), MARSH_EINVAL);
}

/* MARS-049: lengths and combinations that no ATM endpoint has. */
static void
odd_endpoints(void **state)
{
	static const uint8_t bytes[63] = { 0x47 };
	struct mars_msg m = { .op = MARS_MULTI, .shtl = 19, .sha = bytes };
	struct atm_addr a;

	(void)state;
	assert_int_equal(mars_src(&m, &a), MARSH_EINVAL);
	m.shtl = 20;
	assert_int_equal(mars_src(&m, &a), 0);
	m.sstl = 20;
	assert_int_equal(mars_src(&m, &a), MARSH_EINVAL);
	m.tnum = 1;
	m.list = bytes;
	assert_int_equal(mars_target(&m, 0, &a), MARSH_EINVAL);
	m.thtl = 0x54;
	assert_int_equal(mars_target(&m, 0, &a), MARSH_EINVAL);
}

/* MARS-023: a non-zero checksum is verified by those who verify. */
static void
checksum(void **state)
{
	struct mars_decode_err err;
	struct mars_msg m;
	size_t len;
	uint8_t *b = golden_read("mars_multi", &len);

	(void)state;
	b[99] ^= 1;
	assert_int_equal(mars_decode(b, len, true, &m, &err), MARSH_EPROTO);
	assert_int_equal(err.bad, MARS_BAD_CHECKSUM);
	assert_string_equal(err.field, "mar$chksum");
	assert_int_equal(err.off, 12);
	assert_int_equal(mars_decode(b, len, false, &m, &err), 0);
	b[12] = b[13] = 0;
	assert_int_equal(mars_decode(b, len, true, &m, &err), 0);
	free(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(afn),
		cmocka_unit_test(version_and_type),
		cmocka_unit_test(null_source),
		cmocka_unit_test(reserved),
		cmocka_unit_test(reserved_is_cleared),
		cmocka_unit_test(null_forms),
		cmocka_unit_test(lengths_overrun),
		cmocka_unit_test(counts_huge),
		cmocka_unit_test(header_cut),
		cmocka_unit_test(trailing),
		cmocka_unit_test(pairs),
		cmocka_unit_test(pairs_touch),
		cmocka_unit_test(long_group),
		cmocka_unit_test(odd_endpoints),
		cmocka_unit_test(checksum),
	};

	return cmocka_run_group_tests_name("mars bad", tests, NULL, NULL);
}
