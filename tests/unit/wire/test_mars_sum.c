/* SPDX-License-Identifier: BSD-2-Clause */
/* The checksum and what a relay changes in a message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "golden.h"
#include "marsh/base/rng.h"
#include "marsh/wire/mars_msg.h"

/* Section 4.3.3 word for word: 16 bits at a time, the field taken as zero. */
static uint16_t
by_the_book(const uint8_t *b, size_t len)
{
	uint32_t s = 0;

	for (size_t i = 0; i < len; i += 2) {
		if (i == 12)
			continue;
		s += (uint32_t)b[i] << 8 | (i + 1 < len ? b[i + 1] : 0);
		s = (s & 0xffff) + (s >> 16);
	}
	return (uint16_t)~s;
}

/* MARS-021: the Internet checksum over every length and alignment. */
static void
any_length(void **state)
{
	uint8_t buf[400];
	struct rng r;

	(void)state;
	rng_seed(&r, 21);
	for (size_t i = 0; i < sizeof(buf); i++)
		buf[i] = (uint8_t)rng_u64(&r);
	for (size_t len = MARS_HDR_LEN; len < 300; len++) {
		uint8_t *b = golden_exact(buf + len % 9, len);

		assert_int_equal(mars_checksum(b, len), by_the_book(b, len));
		free(b);
	}
}

/* MARS-021: carries of a large message of ones are not lost. */
static void
many_carries(void **state)
{
	static uint8_t b[70001];

	(void)state;
	memset(b, 0xff, sizeof(b));
	assert_int_equal(mars_checksum(b, sizeof(b)), by_the_book(b,
		sizeof(b)));
	b[0] = 0;
	b[1] = 1;
	assert_int_equal(mars_checksum(b, sizeof(b)), by_the_book(b,
		sizeof(b)));
}

/* MARS-021, MARS-023: a sealed message verifies, and any flipped bit shows. */
static void
every_bit_counts(void **state)
{
	struct mars_decode_err err;
	struct mars_msg m;
	size_t len;
	uint8_t *b = golden_read("mars_request_odd", &len);

	(void)state;
	for (size_t bit = 0; bit < 8 * len; bit++) {
		b[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_int_not_equal(mars_decode(b, len, true, &m, &err), 0);
		b[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	assert_int_equal(mars_decode(b, len, true, &m, &err), 0);
	free(b);
}

/*
 * MARS-023: all ones in the field mean the same as all zeros would, for whom
 * the sum is verified (one's complement has two zeros).
 */
static void
two_zeros(void **state)
{
	struct mars_msg m;
	size_t len;
	uint8_t *b = golden_read("mars_request_nosum", &len);
	uint16_t sum = mars_checksum(b, len);

	(void)state;
	/* The pad absorbs the sum: all else adds up to 0xffff. */
	b[24] = (uint8_t)(sum >> 8);
	b[25] = (uint8_t)sum;
	assert_int_equal(mars_checksum(b, len), 0);
	assert_int_equal(mars_decode(b, len, true, &m, NULL), 0);
	b[12] = b[13] = 0xff;
	assert_int_equal(mars_decode(b, len, true, &m, NULL), 0);
	free(b);
}

/*
 * MARS-024: the MARS relays the registration of A with copy, CMI and CSN set;
 * the checksum is renewed, or cleared.
 */
static void
relay(void **state)
{
	size_t len, want_len;
	uint8_t *b = golden_read("mars_join_register", &len);
	uint8_t *want = golden_read("mars_join_registered", &want_len);

	(void)state;
	mars_put_flags(b, MARS_FLAG_COPY | MARS_FLAG_REGISTER);
	mars_put_cmi(b, 7);
	mars_put_msn(b, 0x29);
	mars_seal(b, len, true);
	assert_int_equal(len, want_len);
	assert_memory_equal(b, want, len);
	mars_seal(b, len, false);
	assert_memory_equal(b + 12, "\0\0", 2);
	free(b);
	free(want);
}

/* MARS-055: the parts of a reply that was built in place. */
static void
parts(void **state)
{
	struct mars_msg m;
	size_t len;
	uint8_t *b = golden_read("mars_multi", &len);

	(void)state;
	mars_put_seqxy(b, 0x7fff, false);
	mars_put_tnum(b, 1);
	mars_put_msn(b, 0xfedcba98);
	mars_put_op(b, MARS_MULTI);
	mars_seal(b, 80, true);
	assert_int_equal(mars_decode(b, 80, true, &m, NULL), 0);
	assert_int_equal(m.part, 0x7fff);
	assert_false(m.last);
	assert_int_equal(m.tnum, 1);
	assert_int_equal(m.msn, 0xfedcba98);
	mars_put_seqxy(b, 0x8001, true);
	mars_seal(b, 80, true);
	assert_int_equal(mars_decode(b, 80, true, &m, NULL), 0);
	assert_int_equal(m.part, 1);
	assert_true(m.last);
	free(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_length),
		cmocka_unit_test(many_carries),
		cmocka_unit_test(every_bit_counts),
		cmocka_unit_test(two_zeros),
		cmocka_unit_test(relay),
		cmocka_unit_test(parts),
	};

	return cmocka_run_group_tests_name("mars sum", tests, NULL, NULL);
}
