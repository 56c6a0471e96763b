/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Checksum and MAC: against sums made octet by octet, against the published
 * vectors, and against everything that a forger can change.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "golden.h"
#include "marsh/base/err.h"
#include "marsh/base/rng.h"
#include "marsh/wire/scsp_msg.h"

#define OCT(a) ((struct scsp_oct){ (const uint8_t *)(a), sizeof(a) - 1 })
#define A OCT("\x0a\x00\x00\x01")
#define B OCT("\x0a\x00\x00\x02")
#define MAC_OFF 44 /* in scsp_hello_auth */

#define SECRET "scsp-test-key-01"
static const struct scsp_key key = { 0x100,
	{ (const uint8_t *)SECRET, sizeof(SECRET) - 1 } };

/* RFC 1071 as it is written down there. */
static uint16_t
slow_sum(const uint8_t *b, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? b[i] : (uint32_t)b[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* SCSP-107: of any length, at any address. */
static void
checksum(void **state)
{
	static uint8_t b[SCSP_MTU + 16];
	struct rng rng;

	(void)state;
	rng_seed(&rng, 42);
	for (size_t i = 0; i < sizeof(b); i++)
		b[i] = (uint8_t)rng_below(&rng, 256);
	for (size_t len = 0; len < 200; len++)
		for (size_t at = 0; at < 9; at++)
			assert_int_equal(scsp_checksum(b + at, len),
			    slow_sum(b + at, len));
	for (size_t at = 0; at < 16; at++)
		assert_int_equal(scsp_checksum(b + at, SCSP_MTU - at % 2),
		    slow_sum(b + at, SCSP_MTU - at % 2));
	memset(b, 0xff, sizeof(b));
	assert_int_equal(scsp_checksum(b, SCSP_MTU), 0);
	memset(b, 0, sizeof(b));
	assert_int_equal(scsp_checksum(b, SCSP_MTU), 0xffff);
	/* RFC 1071 section 3 */
	assert_int_equal(scsp_checksum((const uint8_t *)
		"\x00\x01\xf2\x03\xf4\xf5\xf6\xf7", 8), 0x220d);
}

static bool
verifies(const uint8_t *b, size_t len, const struct scsp_key *k)
{
	uint8_t *before = golden_exact(b, len);
	struct scsp_msg m;
	bool ok;

	assert_int_equal(scsp_decode(b, len, &m, NULL), 0);
	ok = scsp_verify(b, &m, k);
	assert_memory_equal(b, before, len);
	free(before);
	return ok;
}

/*
 * SCSP-148, SCSP-149, SCSP-155: the MAC covers all but itself and the checksum;
 * a forger who makes the checksum fit is found out.
 */
static void
forged(void **state)
{
	size_t len;
	uint8_t *b = golden_read("scsp_hello_auth", &len);
	struct scsp_msg m;

	(void)state;
	assert_true(verifies(b, len, &key));
	for (size_t bit = 0; bit < 8 * len; bit++) {
		uint8_t *c = golden_exact(b, len);

		c[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
		scsp_seal(c, len, NULL);
		if (bit / 8 == 4 || bit / 8 == 5)
			assert_true(verifies(c, len, &key));
		else if (scsp_decode(c, len, &m, NULL) == 0)
			assert_false(scsp_verify(c, &m, &key));
		free(c);
	}
	free(b);
}

/* SCSP-155: another secret, another SPI, no extension. */
static void
other_keys(void **state)
{
	const struct scsp_key secret = { 0x100, OCT("scsp-test-key-02") },
	    spi = { 0x101, key.secret }, part = { 0x100,
		{ key.secret.p, key.secret.len - 1 } };
	size_t len;
	uint8_t *b = golden_read("scsp_hello_auth", &len);

	(void)state;
	assert_false(verifies(b, len, &secret));
	assert_false(verifies(b, len, &spi));
	assert_false(verifies(b, len, &part));
	free(b);
	b = golden_read("scsp_hello", &len);
	assert_false(verifies(b, len, &key));
	free(b);
}

/* RFC 2104: keys of any length; those over 64 octets are hashed first. */
static void
key_lengths(void **state)
{
	static uint8_t secret[200], b[200];
	struct scsp_msg m = { .type = SCSP_CSUS, .sender = A, .receiver = B };
	struct scsp_rec r = { .seq = 1, .key = A, .orig = OCT("odd") };
	struct scsp_wr w;

	(void)state;
	for (size_t i = 0; i < sizeof(secret); i++)
		secret[i] = (uint8_t)(i + 1);
	for (size_t n = 0; n < sizeof(secret); n++) {
		struct scsp_key k = { 0xfffffffe, { secret, n } },
		    more = { 0xfffffffe, { secret, n + 1 } };
		size_t len;

		assert_true(scsp_begin(&w, b, sizeof(b), &m, true));
		assert_true(scsp_put_csas(&w, &r));
		len = scsp_end(&w, &k);
		assert_int_equal(len, 28 + 19 + SCSP_AUTH_LEN);
		assert_true(verifies(b, len, &k));
		if (n + 1 < sizeof(secret))
			assert_false(verifies(b, len, &more));
	}
}

/* Puts |n| octets of extensions behind |b| of |*len| and makes all fit. */
static uint8_t *
extended(const char *name, const char *exts, size_t n, size_t *len)
{
	uint8_t *b = golden_read(name, len), *c = malloc(*len + n);

	memcpy(c, b, *len);
	memcpy(c + *len, exts, n);
	free(b);
	c[7] = (uint8_t)*len;
	*len += n;
	c[3] = (uint8_t)*len;
	scsp_seal(c, *len, NULL);
	return c;
}

#define EXT(text) text, sizeof(text) - 1
#define AUTH "\0\1\0\x14\0\0\1\0" "0123456789abcdef"
#define VENDOR(n) "\0\2\0\4\0\x5e" n "!"
#define UNKNOWN "\x47\x11\0\3xyz"
#define END "\0\0\0\0"

/* SCSP-144: the MAC is made and found wherever the extension stands. */
static void
any_order(void **state)
{
	static const struct {
		const char *exts;
		size_t n, mac;
	} cases[] = {
		{ EXT(AUTH END), 44 },
		{ EXT(AUTH VENDOR("a") UNKNOWN END), 44 },
		{ EXT(VENDOR("a") AUTH UNKNOWN END), 52 },
		{ EXT(UNKNOWN VENDOR("a") AUTH END), 59 },
		{ EXT(UNKNOWN UNKNOWN AUTH VENDOR("a") END), 58 },
		{ EXT(VENDOR("a") VENDOR("b") AUTH VENDOR("c") END), 60 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t len;
		uint8_t *b = extended("scsp_hello", cases[i].exts, cases[i].n,
		    &len), *before;
		struct scsp_msg m;

		assert_false(verifies(b, len, &key));
		scsp_seal(b, len, &key);
		assert_true(verifies(b, len, &key));
		assert_int_equal(scsp_decode(b, len, &m, NULL), 0);
		assert_int_equal(m.mac_off, cases[i].mac);
		assert_int_equal(m.spi, 0x100);
		/* SCSP-145: they stay in their order. */
		before = golden_exact(cases[i].exts, cases[i].n);
		memcpy(before + m.mac_off - 36, b + m.mac_off, SCSP_MAC_LEN);
		assert_memory_equal(m.exts.p, before, m.exts.len);
		free(before);
		free(b);
	}
}

/*
 * SCSP-144, SCSP-156, SCSP-157: vendors by their OUI, each ignored alike; marsh
 * puts none into a message of its own.
 */
static void
vendors(void **state)
{
	struct scsp_msg m;
	size_t len;
	uint8_t *b = extended("scsp_hello",
	    EXT(UNKNOWN VENDOR("b") VENDOR("a") VENDOR("\xff") END), &len);

	(void)state;
	assert_int_equal(scsp_decode(b, len, &m, NULL), 0);
	assert_true(m.vendor);
	assert_int_equal(m.oui, 0x005e00 | 'b');
	assert_false(m.auth);
	free(b);
	b = golden_read("scsp_hello_auth", &len);
	assert_int_equal(scsp_decode(b, len, &m, NULL), 0);
	assert_false(m.vendor);
	assert_int_equal(m.exts.len, SCSP_AUTH_LEN);
	free(b);
}

static void
refused(const char *exts, size_t n, const char *field, size_t at)
{
	struct scsp_decode_err err;
	struct scsp_msg m;
	size_t len;
	uint8_t *b = extended("scsp_hello", exts, n, &len);

	assert_int_equal(scsp_decode(b, len, &m, &err), MARSH_EPROTO);
	assert_int_equal(err.bad, SCSP_BAD_EXTENSIONS);
	assert_string_equal(err.field, field);
	assert_int_equal(err.off, at);
	free(b);
}

/* SCSP-143, SCSP-144: lists that are not lists. */
static void
bad_lists(void **state)
{
	(void)state;
	refused(EXT(VENDOR("a")), "End Of Extensions", 44);
	refused(EXT(UNKNOWN), "End Of Extensions", 43);
	refused(EXT("\0"), "End Of Extensions", 36);
	refused(EXT("\0\0\0"), "End Of Extensions", 36);
	refused(EXT(END END), "Length", 38);
	refused(EXT(END "x"), "Length", 38);
	refused(EXT("\0\0\0\1x"), "Length", 38);
	refused(EXT("\0\0\0\4" END), "Length", 38);
	refused(EXT(AUTH AUTH END), "Type", 60);
	refused(EXT("\0\1\0\3xyz" END), "Type", 36);
	refused(EXT("\0\2\0\2xy" END), "Type", 36);
	refused(EXT("\0\2\0\0" END), "Type", 36);
	refused(EXT("\x47\x11\0\x8xyz" END), "Length", 38);
	refused(EXT("\x47\x11\0\x7xyz" END), "End Of Extensions", 47);
}

/* SCSP-149: a MAC that is not of HMAC-MD5-128 can be read only. */
static void
mac_lengths(void **state)
{
	struct scsp_msg m;
	size_t len;
	uint8_t *b = extended("scsp_hello", EXT("\0\1\0\4\0\0\1\0" END), &len);

	(void)state;
	assert_int_equal(scsp_decode(b, len, &m, NULL), 0);
	assert_true(m.auth);
	assert_int_equal(m.spi, 0x100);
	assert_int_equal(m.mac_len, 0);
	assert_false(scsp_verify(b, &m, &key));
	free(b);
	b = extended("scsp_hello", EXT("\0\1\0\x18\0\0\1\0"
		"0123456789abcdef0123" END), &len);
	assert_int_equal(scsp_decode(b, len, &m, NULL), 0);
	assert_int_equal(m.mac_len, 20);
	assert_false(scsp_verify(b, &m, &key));
	free(b);
}

/* SCSP-155, A-30: after a change by hand both are made anew. */
static void
seal_again(void **state)
{
	size_t len;
	uint8_t *b = golden_read("scsp_hello_auth", &len), *c;

	(void)state;
	c = golden_exact(b, len);
	memset(c + 4, 0x55, 2);
	memset(c + MAC_OFF, 0x55, SCSP_MAC_LEN);
	scsp_seal(c, len, &key);
	assert_memory_equal(b, c, len);
	c[9] = 7;
	scsp_seal(c, len, &key);
	assert_true(verifies(c, len, &key));
	assert_memory_not_equal(b + MAC_OFF, c + MAC_OFF, SCSP_MAC_LEN);
	/* What lies behind Packet Size is covered by neither. */
	free(b);
	b = malloc(len + 4);
	memcpy(b, c, len);
	memset(b + len, 0xff, 4);
	assert_true(verifies(b, len + 4, &key));
	free(b);
	free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checksum),
		cmocka_unit_test(forged),
		cmocka_unit_test(other_keys),
		cmocka_unit_test(key_lengths),
		cmocka_unit_test(any_order),
		cmocka_unit_test(vendors),
		cmocka_unit_test(bad_lists),
		cmocka_unit_test(mac_lengths),
		cmocka_unit_test(seal_again),
	};

	return cmocka_run_group_tests_name("scsp seal", tests, NULL, NULL);
}
