/* SPDX-License-Identifier: BSD-2-Clause */
/* LLC/SNAP: what an AAL5 SDU holds, and the headers marsh writes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "golden.h"
#include "marsh/base/err.h"
#include "marsh/wire/mars_msg.h"
#include "marsh/wire/snap.h"

static const struct l3_proto bridged = { .type = L3_PROTO_LONG,
	.snap = { 0x00, 0x80, 0xc2, 0x00, 0x07 } };

/*
 * Reads a vector whose header has |hdr| octets; each shorter header must be
 * refused by name.  To be freed.
 */
static uint8_t *
vector(const char *name, enum snap_kind kind, size_t hdr, size_t *len,
    struct snap *s)
{
	uint8_t *b = golden_read(name, len);

	for (size_t n = 0; n < hdr; n++) {
		const char *field = NULL;
		size_t off = SIZE_MAX;
		uint8_t *p = golden_exact(b, n);

		assert_int_equal(snap_decode(p, n, s, &field, &off),
		    MARSH_ESHORT);
		assert_non_null(field);
		assert_true(off <= n);
		free(p);
	}
	assert_int_equal(snap_decode(b, *len, s, NULL, NULL), 0);
	assert_int_equal(s->kind, kind);
	assert_int_equal(s->body - b + (ptrdiff_t)s->len, *len);
	return b;
}

/* MARS-010: the header of control messages. */
static void
control(void **state)
{
	struct snap s;
	uint8_t *b, h[SNAP_LEN];
	size_t len;

	(void)state;
	b = vector("frame_mars", SNAP_MARS, SNAP_LEN + 17, &len, &s);
	assert_int_equal(s.body - b, SNAP_LEN);
	assert_int_equal(snap_peek_op(b, len), MARS_NAK);
	snap_control(h);
	assert_memory_equal(h, b, SNAP_LEN);
	free(b);
}

/* MARS-025: the codepoint is shared with NHRP, told by mar$op.version. */
static void
nhrp(void **state)
{
	struct snap s;
	uint8_t *b;
	size_t len;

	(void)state;
	b = vector("frame_nhrp", SNAP_NHRP, SNAP_LEN + 17, &len, &s);
	assert_int_equal(snap_peek_op(b, len), 0);
	free(b);
}

static void
scsp(void **state)
{
	struct snap s;
	size_t len;
	uint8_t *b = vector("frame_scsp", SNAP_SCSP, SNAP_LEN, &len, &s);

	(void)state;
	assert_int_equal(s.len, 4);
	assert_int_equal(snap_peek_op(b, len), 0);
	free(b);
}

/* MARS-160: unicast shares the interface and is told apart by its header. */
static void
other(void **state)
{
	static const uint8_t llc[9] = { 0xfe, 0xfe, 0x03, 0xcf };
	struct snap s;
	uint8_t *b;
	size_t len;

	(void)state;
	b = vector("frame_other", SNAP_OTHER, SNAP_LEN, &len, &s);
	assert_ptr_equal(s.body, b);
	assert_int_equal(s.len, len);
	b[5] = 0x5e;
	b[6] = 0x00;
	b[7] = 0x06;
	assert_int_equal(snap_decode(b, len, &s, NULL, NULL), 0);
	assert_int_equal(s.kind, SNAP_OTHER);
	assert_ptr_equal(s.body, b);
	b[6] = 0x01;
	b[7] = 0x03;
	assert_int_equal(snap_decode(b, len, &s, NULL, NULL), 0);
	assert_int_equal(s.kind, SNAP_OTHER);
	free(b);
	assert_int_equal(snap_decode(llc, sizeof(llc), &s, NULL, NULL), 0);
	assert_int_equal(s.kind, SNAP_OTHER);
}

/*
 * MARS-150, MARS-152, MARS-154, MARS-160: IPv4 in Type #1, and the same octets
 * from the writer.
 */
static void
type1_ipv4(void **state)
{
	struct snap s;
	uint8_t *b, h[20];
	size_t len;

	(void)state;
	b = vector("data_type1_ipv4", SNAP_TYPE1, 12, &len, &s);
	assert_int_equal(s.cmi, 7);
	assert_true(l3_proto_equal(&s.pro, &L3_PROTO_IPV4));
	assert_int_equal(s.body - b, 12);
	assert_int_equal(s.body[0], 0x45);
	assert_int_equal(snap_type1_len(&L3_PROTO_IPV4), 12);
	assert_int_equal(snap_type1(h, &L3_PROTO_IPV4, 7), 12);
	assert_memory_equal(h, b, 12);
	free(b);
}

/* MARS-160, MARS-237: IPv6 is 86 DD. */
static void
type1_ipv6(void **state)
{
	struct snap s;
	uint8_t *b, h[20];
	size_t len;

	(void)state;
	b = vector("data_type1_ipv6", SNAP_TYPE1, 12, &len, &s);
	assert_int_equal(s.cmi, 0x1234);
	assert_true(l3_proto_equal(&s.pro, &L3_PROTO_IPV6));
	assert_int_equal(snap_type1(h, &L3_PROTO_IPV6, 0x1234), 12);
	assert_memory_equal(h, b, 12);
	free(b);
}

/* MARS-153: the long form of Type #1, the packet at 20. */
static void
type1_long(void **state)
{
	struct snap s;
	uint8_t *b, h[20];
	size_t len;

	(void)state;
	b = vector("data_type1_long", SNAP_TYPE1, 20, &len, &s);
	assert_int_equal(s.cmi, 7);
	assert_true(l3_proto_equal(&s.pro, &bridged));
	assert_memory_equal(s.body, "\xde\xad\xbe\xef", 4);
	assert_int_equal(snap_type1_len(&bridged), 20);
	assert_int_equal(snap_type1(h, &bridged, 7), 20);
	assert_memory_equal(h, b, 20);
	free(b);
}

/* MARS-151, MARS-158: the short form of Type #2, the packet at 20. */
static void
type2_ipv4(void **state)
{
	struct snap s;
	uint8_t *b, h[24];
	size_t len;

	(void)state;
	b = vector("data_type2_ipv4", SNAP_TYPE2, 20, &len, &s);
	assert_memory_equal(s.source_id, "\1\2\3\4\5\6\7\10", 8);
	assert_int_equal(s.cmi, 0);
	assert_true(l3_proto_equal(&s.pro, &L3_PROTO_IPV4));
	assert_int_equal(s.body[0], 0x45);
	assert_int_equal(snap_type2(h, &L3_PROTO_IPV4, s.source_id), 20);
	assert_memory_equal(h, b, 20);
	free(b);
}

/* MARS-151, MARS-159: the long form of Type #2, the packet at 24. */
static void
type2_long(void **state)
{
	struct snap s;
	uint8_t *b, h[24];
	size_t len;

	(void)state;
	b = vector("data_type2_long", SNAP_TYPE2, 24, &len, &s);
	assert_true(l3_proto_equal(&s.pro, &bridged));
	assert_memory_equal(s.body, "\xde\xad\xbe\xef", 4);
	assert_int_equal(snap_type2(h, &bridged, s.source_id), 24);
	assert_memory_equal(h, b, 24);
	free(b);
}

/* MARS-020, MARS-156: the long form of IPv4 is taken for IPv4. */
static void
long_ipv4(void **state)
{
	static const uint8_t sdu[] = { 0xaa, 0xaa, 0x03, 0x00, 0x00, 0x5e, 0x00,
		0x01, 0x00, 0x07, 0x00, 0x80, 0x00, 0x00, 0x00, 0x08, 0x00,
		0x00, 0x00, 0x00, 0x45 };
	struct snap s;

	(void)state;
	assert_int_equal(snap_decode(sdu, sizeof(sdu), &s, NULL, NULL), 0);
	assert_int_equal(s.kind, SNAP_TYPE1);
	assert_true(l3_proto_equal(&s.pro, &L3_PROTO_IPV4));
	assert_int_equal(s.len, 1);
}

/* The field in which an SDU ends is named. */
static void
short_names(void **state)
{
	static const struct {
		const char *vector;
		size_t len, off;
		const char *field;
	} cases[] = {
		{ "data_type1_long", 0, 0, "LLC/SNAP" },
		{ "data_type1_long", 7, 0, "LLC/SNAP" },
		{ "data_type1_long", 9, 8, "pkt$cmi" },
		{ "data_type1_long", 11, 10, "pkt$pro" },
		{ "data_type1_long", 16, 12, "mar$pro.snap" },
		{ "data_type1_long", 19, 17, "padding" },
		{ "data_type2_long", 15, 8, "source ID" },
		{ "data_type2_long", 17, 16, "mar$pro.type" },
		{ "data_type2_long", 22, 18, "mar$pro.snap" },
		{ "data_type2_long", 23, 23, "padding" },
		{ "data_type2_ipv4", 19, 18, "padding" },
		{ "frame_mars", 20, 8, "mar$afn" },
		{ "frame_mars", 24, 24, "mar$op.version" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *field;
		struct snap s;
		size_t len, off;
		uint8_t *b = golden_read(cases[i].vector, &len);

		assert_int_equal(snap_decode(b, cases[i].len, &s, &field, &off),
		    MARSH_ESHORT);
		assert_string_equal(field, cases[i].field);
		assert_int_equal(off, cases[i].off);
		free(b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(control),
		cmocka_unit_test(nhrp),
		cmocka_unit_test(scsp),
		cmocka_unit_test(other),
		cmocka_unit_test(type1_ipv4),
		cmocka_unit_test(type1_ipv6),
		cmocka_unit_test(type1_long),
		cmocka_unit_test(type2_ipv4),
		cmocka_unit_test(type2_long),
		cmocka_unit_test(long_ipv4),
		cmocka_unit_test(short_names),
	};

	return cmocka_run_group_tests_name("snap", tests, NULL, NULL);
}
