/* SPDX-License-Identifier: BSD-2-Clause */
/* Supplementary TLVs (RFC 2022 section 10), behind a MARS_REQUEST of 60. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "golden.h"
#include "marsh/base/err.h"
#include "marsh/wire/mars_msg.h"

#define ADDRS_END 60

static struct mars_msg msg;
static struct mars_decode_err err;

/* Decodes the request with |ext| as mar$extoff and |n| octets appended. */
static int
with(uint16_t ext, const char *tlvs, size_t n)
{
	uint8_t b[256], *p, *req;
	size_t len;
	int rv;

	req = golden_read("mars_request_nosum", &len);
	memcpy(b, req, len);
	free(req);
	b[14] = (uint8_t)(ext >> 8);
	b[15] = (uint8_t)ext;
	memcpy(b + len, tlvs, n);
	p = golden_exact(b, len + n);
	memset(&err, 0, sizeof(err));
	rv = mars_decode(p, len + n, true, &msg, &err);
	if (rv == 0 && msg.tlvs != NULL)
		assert_int_equal(msg.tlvs - p, ext & 0xfffc);
	free(p);
	return rv;
}

#define WITH(ext, octets) with(ext, octets, sizeof(octets) - 1)

static void
malformed(int rv, const char *field, size_t off)
{
	assert_int_equal(rv, MARSH_EPROTO);
	assert_int_equal(err.bad, MARS_BAD_TLV);
	assert_string_equal(err.field, field);
	assert_int_equal(err.off, off);
}

/* MARS-249: Null alone; MARS-239: mar$extoff 0 means that there are none. */
static void
null_only(void **state)
{
	(void)state;
	assert_int_equal(WITH(60, "\0\0\0\0"), 0);
	assert_int_equal(msg.tlvs_len, 4);
	assert_int_equal(WITH(0, ""), 0);
	assert_null(msg.tlvs);
}

/* MARS-240: the two low bits are masked off, even if nothing else is set. */
static void
low_bits(void **state)
{
	(void)state;
	for (uint16_t bits = 0; bits < 4; bits++) {
		assert_int_equal(WITH((uint16_t)(60 | bits), "\0\0\0\0"), 0);
		assert_non_null(msg.tlvs);
		assert_int_equal(WITH(bits, ""), 0);
		assert_null(msg.tlvs);
	}
}

/* MARS-242, MARS-243: from one TLV to the next, for each padding. */
static void
distance(void **state)
{
	(void)state;
	assert_int_equal(WITH(60, "\x38\1\0\0" "\0\0\0\0"), 0);
	assert_int_equal(msg.tlvs_len, 8);
	assert_int_equal(WITH(60, "\x38\1\0\1" "a\0\0\0" "\0\0\0\0"), 0);
	assert_int_equal(msg.tlvs_len, 12);
	assert_int_equal(WITH(60, "\x38\1\0\3" "abc\0" "\0\0\0\0"), 0);
	assert_int_equal(msg.tlvs_len, 12);
	assert_int_equal(WITH(60, "\x38\1\0\4" "abcd" "\0\0\0\0"), 0);
	assert_int_equal(msg.tlvs_len, 12);
	assert_int_equal(WITH(60, "\x38\1\0\5" "abcde\0\0\0" "\0\0\0\0"), 0);
	assert_int_equal(msg.tlvs_len, 16);
}

/* MARS-244, MARS-245: unknown y with x = 0 or 3 is skipped. */
static void
skipped(void **state)
{
	(void)state;
	assert_int_equal(WITH(60, "\x00\1\0\0" "\0\0\0\0"), 0);
	assert_int_equal(WITH(60, "\x3f\xff\0\0" "\0\0\0\0"), 0);
	assert_int_equal(WITH(60, "\xc0\1\0\0" "\0\0\0\0"), 0);
	assert_int_equal(WITH(60, "\xff\xff\0\4" "abcd" "\0\0\0\0"), 0);
	assert_int_equal(msg.tlvs_len, 12);
}

/* MARS-246: x = 1 drops the message silently. */
static void
drop_silently(void **state)
{
	(void)state;
	assert_int_equal(WITH(60, "\x38\1\0\0" "\x40\1\0\0" "\0\0\0\0"),
	    MARSH_EPROTO);
	assert_int_equal(err.bad, MARS_BAD_TLV_SILENT);
	assert_int_equal(err.off, 64);
	assert_string_equal(mars_bad_word(err.bad), "tlv_silent");
}

/* MARS-247: x = 2 drops it with an error indication. */
static void
drop_loudly(void **state)
{
	(void)state;
	assert_int_equal(WITH(60, "\xb8\1\0\0" "\x40\1\0\0" "\0\0\0\0"),
	    MARSH_EPROTO);
	assert_int_equal(err.bad, MARS_BAD_TLV_ERROR);
	assert_int_equal(err.off, 60);
	assert_string_equal(mars_bad_word(err.bad), "tlv_error");
}

/* MARS-254: y = 0 ends the list whatever its x bits and Length. */
static void
null_odd(void **state)
{
	(void)state;
	assert_int_equal(WITH(60, "\x40\0\0\0"), 0);
	assert_int_equal(WITH(60, "\x80\0\xff\xff"), 0);
	assert_int_equal(WITH(60, "\xc0\0\0\4" "abcd"), 0);
	assert_int_equal(msg.tlvs_len, 4);
}

/* MARS-254: a list that leaves the message or enters the addresses. */
static void
malformed_list(void **state)
{
	(void)state;
	malformed(WITH(60, ""), "TLV", 60);
	malformed(WITH(60, "\0"), "TLV", 60);
	malformed(WITH(60, "\0\0\0"), "TLV", 60);
	malformed(WITH(60, "\x38\1\0\0"), "TLV", 64);
	malformed(WITH(60, "\x38\1\0\1" "\0\0\0"), "TLV", 60);
	malformed(WITH(60, "\x38\1\0\5" "\0\0\0\0"), "TLV", 60);
	malformed(WITH(60, "\x38\1\xff\xff" "\0\0\0\0"), "TLV", 60);
	malformed(WITH(56, "\0\0\0\0"), "mar$extoff", 14);
	malformed(WITH(4, "\0\0\0\0"), "mar$extoff", 14);
	malformed(WITH(0xfffc, "\0\0\0\0"), "mar$extoff", 14);
}

/* MARS-248: the list is read before anything else about the message counts. */
static void
list_before_op(void **state)
{
	uint8_t *b;
	size_t len;

	(void)state;
	b = golden_read("mars_request_e164_tlv", &len);
	b[17] = 99;
	assert_int_equal(mars_decode(b, len, false, &msg, &err), MARSH_EPROTO);
	assert_int_equal(err.bad, MARS_BAD_OP);
	b[72] = 0xb8;
	assert_int_equal(mars_decode(b, len, false, &msg, &err), MARSH_EPROTO);
	assert_int_equal(err.bad, MARS_BAD_TLV_ERROR);
	free(b);
	/* Pairs in disorder are looked at only behind the list. */
	b = golden_read("mars_join_null_tlv", &len);
	b[56] = 0xff;
	b[64] = 0x40;
	b[65] = 1;
	assert_int_equal(mars_decode(b, len, false, &msg, &err), MARSH_EPROTO);
	assert_int_equal(err.bad, MARS_BAD_TLV_SILENT);
	free(b);
}

/* MARS-238: the gap is sent as zero, whatever stood there. */
static void
gap(void **state)
{
	static const uint8_t null[4];
	uint8_t *b, out[128];
	size_t len;

	(void)state;
	b = golden_read("mars_request_odd", &len);
	assert_int_equal(mars_decode(b, len, true, &msg, &err), 0);
	msg.tlvs = null;
	msg.tlvs_len = sizeof(null);
	memset(out, 0xff, sizeof(out));
	assert_int_equal(mars_encode(&msg, true, out, sizeof(out)), 56);
	assert_int_equal(out[14] << 8 | out[15], 52);
	assert_memory_equal(out + 51, "\0\0\0\0\0", 5);
	assert_int_equal(mars_decode(out, 56, true, &msg, &err), 0);
	free(b);
}

/* mar$extoff has 16 bits: behind 64 K of addresses there are no TLVs. */
static void
too_far(void **state)
{
	static const uint8_t null[4], sha[20] = { 0x47 };
	static uint8_t out[70000];
	struct mars_msg m = { .op = MARS_MULTI, .shtl = 20, .sha = sha,
		.thtl = 20, .tnum = 3275, .tlvs = null, .tlvs_len = 4 };

	(void)state;
	assert_true(mars_size(&m) > 65535 + 4);
	assert_int_equal(mars_encode(&m, false, out, sizeof(out)), 0);
	m.tnum = 3274;
	assert_int_equal(mars_encode(&m, false, out, sizeof(out)),
	    mars_size(&m));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(null_only),
		cmocka_unit_test(low_bits),
		cmocka_unit_test(distance),
		cmocka_unit_test(skipped),
		cmocka_unit_test(drop_silently),
		cmocka_unit_test(drop_loudly),
		cmocka_unit_test(null_odd),
		cmocka_unit_test(malformed_list),
		cmocka_unit_test(list_before_op),
		cmocka_unit_test(gap),
		cmocka_unit_test(too_far),
	};

	return cmocka_run_group_tests_name("mars tlv", tests, NULL, NULL);
}
