/* SPDX-License-Identifier: BSD-2-Clause */
/* Words, building messages, frames, and the line for people. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "failmem.h"
#include "golden.h"
#include "marsh/base/err.h"
#include "marsh/base/frame.h"
#include "marsh/base/rng.h"
#include "marsh/wire/mars_msg.h"
#include "marsh/wire/snap.h"

/* MARS-250: the thirteen types by number. */
static void
op_words(void **state)
{
	(void)state;
	assert_string_equal(mars_op_word(1), "REQUEST");
	assert_string_equal(mars_op_word(6), "NAK");
	assert_string_equal(mars_op_word(13), "MIGRATE");
	assert_string_equal(mars_op_word(0), "DATA");
	assert_string_equal(mars_op_word(14), "?");
	assert_string_equal(mars_op_word(300), "?");
	for (unsigned op = 1; op < MARS_OP_COUNT; op++)
		assert_int_equal(mars_op_find(mars_op_word(op)), op);
	assert_int_equal(mars_op_find("sjoin"), 8);
	assert_int_equal(mars_op_find("SLEAVE"), 9);
	assert_int_equal(mars_op_find("MARS_JOIN"), 4);
	assert_int_equal(mars_op_find("mars_grouplist_Reply"), 11);
	assert_int_equal(mars_op_find("map"), 12);
	assert_int_equal(mars_op_find("MARS_MAP"), 12);
	assert_int_equal(mars_op_find("DATA"), 0);
	assert_int_equal(mars_op_find("JOINS"), 0);
	assert_int_equal(mars_op_find("JOI"), 0);
	assert_int_equal(mars_op_find("MARS_"), 0);
	assert_int_equal(mars_op_find(""), 0);
}

static void
bad_words(void **state)
{
	(void)state;
	assert_string_equal(mars_bad_word(MARS_BAD_NONE), "ok");
	assert_string_equal(mars_bad_word(MARS_BAD_TRAILING), "trailing");
	assert_string_equal(mars_bad_word(MARS_BAD_COUNT), "?");
}

static const uint8_t nsap[ATM_NSAP_LEN] = { 0x47, 0, 5, [19] = 9 };

/*
 * MARS-016, MARS-018, MARS-019, MARS-026: what a sender must set or leave zero
 * is so even if |m| holds something else.
 */
static void
sender_duties(void **state)
{
	struct mars_msg m = { .op = MARS_JOIN, .shtl = 0x80 | 20, .sstl = 0x40,
		.sha = nsap, .flags = 0xffff, .cmi = 1 };
	uint8_t b[64];
	size_t n;

	(void)state;
	m.pro = L3_PROTO_IPV4;
	memset(m.pro.snap, 0xff, sizeof(m.pro.snap));
	memset(b, 0xff, sizeof(b));
	n = mars_encode(&m, false, b, sizeof(b));
	assert_int_equal(n, 52);
	assert_memory_equal(b, "\x00\x0f\x08\x00\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	assert_memory_equal(b + 16, "\x00\x04\x14\x00", 4);
	/* MARS-104: bits 11-8 of mar$flags go out as zero. */
	assert_memory_equal(b + 24, "\xf0\xff", 2);
	assert_int_equal(b[52], 0xff);
}

/*
 * MARS-047, MARS-126, MARS-141, MARS-145, MARS-092: fields without a meaning in
 * one message are zero there, whatever |m| holds.
 */
static void
unused_fields(void **state)
{
	struct mars_msg m = { .op = MARS_REQUEST, .shtl = 20, .sha = nsap,
		.spln = 4, .spa = nsap, .tpln = 4, .tpa = nsap, .thtl = 20,
		.tstl = 20, .msn = ~0u, .part = 9, .last = true };
	uint8_t b[128];

	(void)state;
	assert_int_equal(mars_encode(&m, false, b, sizeof(b)), 60);
	assert_memory_equal(b + 20, "\4\0\0\4\0\0\0\0\0\0\0\0", 12);
	m.op = MARS_GROUPLIST_REPLY;
	assert_int_equal(mars_encode(&m, false, b, sizeof(b)), 56);
	assert_memory_equal(b + 20, "\4\0\0\4\0\0\x80\x09\xff\xff\xff\xff", 12);
	m.op = MARS_REDIRECT_MAP;
	m.hard = true;
	assert_int_equal(mars_encode(&m, false, b, sizeof(b)), 52);
	assert_memory_equal(b + 20, "\0\x14\x14\x80\0\0\x80\x09", 8);
	m.op = MARS_MIGRATE;
	assert_int_equal(mars_encode(&m, false, b, sizeof(b)), 60);
	assert_memory_equal(b + 20, "\4\x14\x14\4\0\0\0\0", 8);
}

/* A list without octets is room for the caller to fill. */
static void
list_in_place(void **state)
{
	struct mars_msg m = { .op = MARS_MULTI, .shtl = 20, .sha = nsap,
		.thtl = 20, .tnum = 2 }, back;
	uint8_t b[128];
	size_t n, off;
	struct atm_addr a;

	(void)state;
	memset(b, 0xee, sizeof(b));
	n = mars_encode(&m, false, b, sizeof(b));
	off = mars_list_off(&m);
	assert_int_equal(n, off + 40);
	for (size_t i = off; i < n; i++)
		assert_int_equal(b[i], 0xee);
	memcpy(b + off, nsap, 20);
	memcpy(b + off + 20, nsap, 20);
	mars_seal(b, n, true);
	assert_int_equal(mars_decode(b, n, true, &back, NULL), 0);
	assert_int_equal(mars_target(&back, 1, &a), 0);
	assert_memory_equal(a.num, nsap, 20);
	/* The same room is left for pairs. */
	m.op = MARS_JOIN;
	m.tpln = 4;
	m.pnum = 3;
	memset(b, 0xee, sizeof(b));
	n = mars_encode(&m, false, b, sizeof(b));
	assert_int_equal(n, mars_list_off(&m) + 24);
	assert_int_equal(b[n - 1], 0xee);
}

/* MARS-049: the source of a message is what was set. */
static void
source(void **state)
{
	static const char *const texts[] = {
		"47.0005.80FFE1000000F21A26D8.0020480D3A10.00",
		"+15551234567",
		"1+47.0005.80FFE1000000F21A26D8.0020480D3A10.00",
		"123456789012345+39.0005.80FFE1000000F21A26D8.0020480D3A10.00",
	};
	uint8_t scratch[2 * ATM_NSAP_LEN], b[128];
	struct atm_addr a, back;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct mars_msg m = { .op = MARS_JOIN }, out;
		size_t n;

		assert_int_equal(atm_addr_parse(texts[i], &a, NULL), 0);
		mars_set_src(&m, &a, scratch);
		n = mars_encode(&m, true, b, sizeof(b));
		assert_int_equal(mars_decode(b, n, true, &out, NULL), 0);
		assert_int_equal(mars_src(&out, &back), 0);
		assert_true(atm_addr_equal(&a, &back));
	}
}

/* MARS-010: a frame is the LLC/SNAP header and the message, or nothing. */
static void
frames(void **state)
{
	struct mars_msg m;
	struct failmem f;
	struct frame *fr;
	size_t len, want_len;
	uint8_t *b = golden_read("mars_nak", &len);
	uint8_t *want = golden_read("frame_mars", &want_len);

	(void)state;
	failmem_init(&f);
	assert_int_equal(mars_decode(b, len, true, &m, NULL), 0);
	fr = mars_frame(&f.mem, &m, true);
	assert_non_null(fr);
	assert_int_equal(fr->len, want_len);
	assert_memory_equal(fr->bytes, want, want_len);
	assert_int_equal(fr->refs, 1);
	frame_unref(fr);
	assert_int_equal(f.live, 0);
	f.fail_at = f.count + 1;
	assert_null(mars_frame(&f.mem, &m, true));
	free(b);
	free(want);
}

static void
line_is(const char *vector, const char *want)
{
	char buf[512];
	struct mars_msg m;
	size_t len;
	uint8_t *b = golden_read(vector, &len);

	assert_int_equal(mars_decode(b, len, false, &m, NULL), 0);
	assert_ptr_equal(mars_format(&m, buf, sizeof(buf)), buf);
	assert_string_equal(buf, want);
	free(b);
}

#define PREFIX "47.0005.80FFE1000000F21A26D8."
#define A PREFIX "0020480D3A10.00"

static void
lines(void **state)
{
	(void)state;
	line_is("mars_join_register", "JOIN from " A " msn 0 register");
	line_is("mars_join_registered",
	    "JOIN from " A " msn 41 copy register cmi 7");
	line_is("mars_join_ccvc", "JOIN from " A
	    " at 192.0.2.16 <239.1.2.3> msn 44 layer3grp copy");
	line_is("mars_leave", "LEAVE from " A
	    " at 192.0.2.16 <239.1.2.3> msn 0 layer3grp seq 5");
	line_is("mars_join_block", "JOIN from " A " at 192.0.2.16 "
	    "<224.0.0.0-239.1.2.2, 239.1.2.4-239.255.255.255> "
	    "msn 2147483649 copy punched");
	line_is("mars_request", "REQUEST from " A " at 192.0.2.16 <239.1.2.3>");
	line_is("mars_multi_part2", "MULTI from " A " at 192.0.2.16 "
	    "<239.1.2.3> msn 4294967295 part 2 to " PREFIX
	    "0020480D3A11.00");
	line_is("mars_migrate", "MIGRATE from " PREFIX "0020480D3A01.01 "
	    "at 10.0.0.1 <239.1.2.3> msn 48 to " PREFIX "0020480D3A11.00, "
	    PREFIX "0020480D3A12.00");
	line_is("mars_redirect_map_hard", "REDIRECT_MAP from " PREFIX
	    "0020480D3A01.01 msn 4 part 1 last hard to " PREFIX
	    "0020480D3A02.01");
	line_is("mars_grouplist_reply", "GROUPLIST_REPLY from " A
	    " at 192.0.2.16 msn 51 part 1 last "
	    "<224.0.0.5, 224.0.0.6, 224.0.0.9>");
	line_is("mars_grouplist_reply_empty", "GROUPLIST_REPLY from " A
	    " at 192.0.2.16 msn 52 part 1 last empty");
}

/* A line that does not fit is cut; its buffer is exactly as large as told. */
static void
line_cut(void **state)
{
	char whole[512], *p;
	struct mars_msg m;
	size_t len;
	uint8_t *b = golden_read("mars_multi", &len);

	(void)state;
	assert_int_equal(mars_decode(b, len, false, &m, NULL), 0);
	mars_format(&m, whole, sizeof(whole));
	for (size_t cap = 0; cap <= strlen(whole) + 1; cap++) {
		p = (char *)golden_exact(whole, cap);
		mars_format(&m, p, cap);
		if (cap != 0) {
			assert_int_equal(strlen(p), cap - 1);
			assert_memory_equal(p, whole, cap - 1);
		}
		free(p);
	}
	free(b);
}

/* Nothing from the wire reaches the line but printable ASCII. */
static void
line_harmless(void **state)
{
	static const char *const vectors[] = { "mars_request_odd",
		"mars_multi_e164_sub", "mars_join_long_proto",
		"mars_grouplist_reply", "mars_redirect_map_soft" };
	struct mars_msg m;
	struct rng r;
	int shown = 0;

	(void)state;
	rng_seed(&r, 7);
	for (unsigned i = 0; i < 20000; i++) {
		char buf[1024];
		size_t len;
		uint8_t *b = golden_read(vectors[i % 5], &len);

		for (int k = 0; k < 4; k++)
			b[12 + rng_below(&r, len - 12)] = (uint8_t)rng_u64(&r);
		if (mars_decode(b, len, false, &m, NULL) == 0) {
			shown++;
			mars_format(&m, buf, sizeof(buf));
			for (const char *p = buf; *p != '\0'; p++)
				assert_in_range(*p, ' ', '~');
		}
		free(b);
	}
	assert_true(shown > 1000);
}

/* An E.164 Number of escapes is shown as unknown. */
static void
line_escape(void **state)
{
	char buf[128];
	struct mars_msg m = { .op = MARS_JOIN, .shtl = 0x44,
		.sha = (const uint8_t *)"\033[2J" };

	(void)state;
	mars_format(&m, buf, sizeof(buf));
	assert_string_equal(buf, "JOIN from ? msn 0");
}

/* Long lists are counted, not shown in full. */
static void
line_long(void **state)
{
	static const uint8_t groups[6] = { 1, 2, 3, 4, 5, 6 };
	static const uint8_t pairs[12] = { 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6 };
	char buf[256];
	struct mars_msg m = { .op = MARS_GROUPLIST_REPLY, .shtl = 0x41,
		.sha = (const uint8_t *)"5", .tpln = 1, .tnum = 6,
		.list = groups, .part = 1 };

	(void)state;
	mars_format(&m, buf, sizeof(buf));
	assert_string_equal(buf, "GROUPLIST_REPLY from +5 msn 0 part 1 "
	    "<0x01, 0x02, 0x03, 0x04 +2>");
	m.op = MARS_JOIN;
	m.pnum = 6;
	m.pairs = pairs;
	mars_format(&m, buf, sizeof(buf));
	assert_string_equal(buf,
	    "JOIN from +5 <0x01, 0x02, 0x03, 0x04 +2> msn 0");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(op_words),
		cmocka_unit_test(bad_words),
		cmocka_unit_test(sender_duties),
		cmocka_unit_test(unused_fields),
		cmocka_unit_test(list_in_place),
		cmocka_unit_test(source),
		cmocka_unit_test(frames),
		cmocka_unit_test(lines),
		cmocka_unit_test(line_cut),
		cmocka_unit_test(line_harmless),
		cmocka_unit_test(line_escape),
		cmocka_unit_test(line_long),
	};

	return cmocka_run_group_tests_name("mars msg", tests, NULL, NULL);
}
