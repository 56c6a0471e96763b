/* SPDX-License-Identifier: BSD-2-Clause */
/* The cursors every codec stands on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "golden.h"
#include "marsh/base/cur.h"

/* MARS-002: the most significant octet comes first. */
static void
read_order(void **state)
{
	static const uint8_t b[] = { 1, 2, 3, 0xff, 4, 5, 6, 7, 8 };
	struct rd r;

	(void)state;
	rd_init(&r, b, sizeof(b));
	assert_int_equal(rd_u8(&r, "a"), 1);
	assert_int_equal(rd_u16(&r, "b"), 0x0203);
	assert_int_equal(rd_u32(&r, "c"), 0xff040506);
	assert_int_equal(rd_left(&r), 2);
	assert_ptr_equal(rd_bytes(&r, 2, "d"), b + 7);
	assert_int_equal(rd_left(&r), 0);
	assert_non_null(rd_bytes(&r, 0, "e"));
	assert_true(rd_ok(&r));
}

/* The first field that does not fit is kept, and nothing is read behind it. */
static void
read_sticky(void **state)
{
	uint8_t *b = golden_exact("\1\2\3", 3);
	struct rd r;

	(void)state;
	rd_init(&r, b, 3);
	assert_int_equal(rd_u16(&r, "first"), 0x0102);
	assert_int_equal(rd_u16(&r, "second"), 0);
	assert_int_equal(rd_u8(&r, "third"), 0);
	assert_int_equal(rd_u32(&r, "fourth"), 0);
	assert_null(rd_bytes(&r, 0, "fifth"));
	assert_false(rd_ok(&r));
	assert_string_equal(r.bad, "second");
	assert_int_equal(r.bad_off, 2);
	assert_int_equal(rd_left(&r), 0);
	free(b);
}

static void
read_fail(void **state)
{
	static const uint8_t b[4];
	struct rd r;

	(void)state;
	rd_init(&r, b, sizeof(b));
	rd_u8(&r, "a");
	rd_fail(&r, "rule");
	rd_fail(&r, "later");
	assert_string_equal(r.bad, "rule");
	assert_int_equal(r.bad_off, 1);
	rd_init(&r, b, sizeof(b));
	assert_null(rd_bytes(&r, SIZE_MAX, "huge"));
	assert_string_equal(r.bad, "huge");
}

/* MARS-002: the same order when writing. */
static void
write_order(void **state)
{
	uint8_t b[9];
	struct wr w;

	(void)state;
	wr_init(&w, b, sizeof(b));
	wr_u8(&w, 1);
	wr_u16(&w, 0x0203);
	wr_u32(&w, 0xff040506);
	wr_bytes(&w, "\7\10", 2);
	wr_bytes(&w, NULL, 0);
	assert_false(w.full);
	assert_int_equal(wr_len(&w), 9);
	assert_memory_equal(b, "\1\2\3\xff\4\5\6\7\10", 9);
}

static void
write_full(void **state)
{
	uint8_t *b = golden_exact("xxx", 3);
	struct wr w;

	(void)state;
	wr_init(&w, b, 3);
	wr_u16(&w, 0x0102);
	wr_u16(&w, 0x0304);
	assert_true(w.full);
	wr_u8(&w, 5);
	wr_bytes(&w, "6", 1);
	assert_null(wr_room(&w, 0));
	assert_int_equal(wr_len(&w), 2);
	assert_memory_equal(b, "\1\2x", 3);
	free(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(read_order),
		cmocka_unit_test(read_sticky),
		cmocka_unit_test(read_fail),
		cmocka_unit_test(write_order),
		cmocka_unit_test(write_full),
	};

	return cmocka_run_group_tests_name("cur", tests, NULL, NULL);
}
