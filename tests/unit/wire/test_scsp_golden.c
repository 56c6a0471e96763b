/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every SCSP message of tests/golden: decoded fields are as the vector's comment
 * says, writing them gives the same octets, no proper prefix decodes, not even
 * one whose Packet Size and Checksum were made to fit, and no single bit can
 * change on the way.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "golden.h"
#include "marsh/base/err.h"
#include "marsh/wire/scsp_msg.h"

#define SECRET "scsp-test-key-01"

static const uint8_t id1[] = { 10, 0, 0, 1 }, id2[] = { 10, 0, 0, 2 },
    id3[] = { 10, 0, 0, 3 }, id4[] = { 10, 0, 0, 4 };
static const struct scsp_key key = { 0x100,
	{ (const uint8_t *)SECRET, sizeof(SECRET) - 1 } };

static void
oct_is(struct scsp_oct o, const void *octets, size_t n)
{
	assert_int_equal(o.len, n);
	if (n != 0)
		assert_memory_equal(o.p, octets, n);
}

/* Writes |m|, as decoded, anew; |cap| octets are all it may take. */
static size_t
again(const struct scsp_msg *m, uint8_t *b, size_t cap)
{
	struct scsp_wr w;
	struct scsp_rec r;
	struct scsp_oct id;
	size_t off = 0;

	if (!scsp_begin(&w, b, cap, m, m->auth))
		return 0;
	if (m->type == SCSP_HELLO) {
		if (m->receiver.len != 0)
			assert_true(scsp_next_id(m, &off, &id));
		while (scsp_next_id(m, &off, &id))
			if (!scsp_put_id(&w, id))
				return 0;
	} else {
		while (scsp_next(m, &off, &r))
			if (!(m->type == SCSP_CSU_REQ ? scsp_put_csa(&w, &r)
				: scsp_put_csas(&w, &r)))
				return 0;
	}
	return scsp_end(&w, m->auth ? &key : NULL);
}

/* Where the message has the octets and room for no more, they are the same. */
static void
same_again(const uint8_t *b, size_t len, const struct scsp_msg *m)
{
	uint8_t *out = calloc(1, len);

	if (m->vendor) { /* marsh never sends one */
		free(out);
		return;
	}
	assert_int_equal(again(m, out, len), len);
	assert_memory_equal(out, b, len);
	for (size_t cap = 0; cap < len; cap++)
		assert_int_equal(again(m, out, cap), 0);
	free(out);
}

/*
 * SCSP-106, SCSP-111, SCSP-143: what is cut off is missed, also where the fixed
 * part says that nothing was.
 */
static void
no_prefix(const uint8_t *b, size_t len)
{
	struct scsp_decode_err err;
	struct scsp_msg m;

	for (size_t n = 0; n < len; n++) {
		uint8_t *cut = golden_exact(b, n);

		if (n < SCSP_FIXED_LEN) {
			assert_int_equal(scsp_decode(cut, n, &m, &err),
			    MARSH_ESHORT);
			assert_int_equal(err.bad, SCSP_BAD_SHORT);
			assert_true(err.off <= n);
			free(cut);
			continue;
		}
		assert_int_equal(scsp_decode(cut, n, &m, &err), MARSH_EPROTO);
		assert_int_equal(err.bad, SCSP_BAD_SIZE);
		assert_string_equal(err.field, "Packet Size");
		cut[2] = (uint8_t)(n >> 8);
		cut[3] = (uint8_t)n;
		scsp_seal(cut, n, NULL);
		assert_int_not_equal(scsp_decode(cut, n, &m, &err), 0);
		assert_true(err.bad == SCSP_BAD_SIZE || err.bad == SCSP_BAD_SHORT
		    || err.bad == SCSP_BAD_RECORD
		    || err.bad == SCSP_BAD_EXTENSIONS);
		assert_true(err.off <= n);
		free(cut);
	}
}

/* SCSP-107: the checksum covers every octet. */
static void
no_other_bit(const uint8_t *b, size_t len)
{
	struct scsp_decode_err err;
	struct scsp_msg m;
	uint8_t *c = golden_exact(b, len);

	for (size_t bit = 0; bit < 8 * len; bit++) {
		c[bit / 8] ^= (uint8_t)(1 << bit % 8);
		assert_int_equal(scsp_decode(c, len, &m, &err), MARSH_EPROTO);
		assert_true(err.bad == SCSP_BAD_CHECKSUM
		    || (bit < 32 && err.bad != SCSP_BAD_NONE));
		c[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	free(c);
}

/* Reads, decodes and checks what holds for every vector; to be freed. */
static uint8_t *
vector(const char *name, uint8_t type, struct scsp_msg *m)
{
	struct scsp_decode_err err = { SCSP_BAD_NONE, "", 0 };
	size_t len;
	uint8_t *b = golden_read(name, &len);

	assert_int_equal(scsp_decode(b, len, m, &err), 0);
	assert_int_equal(m->type, type);
	assert_int_equal(m->size, len);
	assert_int_equal(m->pid, 3);
	assert_int_equal(m->sgid, 1);
	same_again(b, len, m);
	no_prefix(b, len);
	no_other_bit(b, len);
	return b;
}

static void
record_is(const struct scsp_msg *m, size_t *off, uint16_t hop, int32_t seq,
    uint8_t k1, uint8_t k0, const uint8_t *orig)
{
	const uint8_t k[] = { 0, 0, k1, k0 };
	struct scsp_rec r;

	assert_true(scsp_next(m, off, &r));
	assert_int_equal(r.hop, hop);
	assert_false(r.null);
	assert_int_equal(r.seq, seq);
	oct_is(r.key, k, sizeof(k));
	oct_is(r.orig, orig, 4);
	if (m->type != SCSP_CSU_REQ)
		assert_int_equal(r.body.len, 0);
}

static void
no_more(const struct scsp_msg *m, size_t off)
{
	struct scsp_rec r;

	assert_false(scsp_next(m, &off, &r));
	assert_int_equal(off, m->recs.len);
}

static void
hello_is(const char *name, const uint8_t *const *heard, size_t n)
{
	struct scsp_oct id;
	struct scsp_msg m;
	uint8_t *b = vector(name, SCSP_HELLO, &m);
	size_t off = 0;

	assert_int_equal(m.interval, 3);
	assert_int_equal(m.dead, 3);
	assert_int_equal(m.family, 0);
	assert_int_equal(m.flags, 0);
	assert_int_equal(m.nrec, n > 1 ? n - 1 : 0);
	oct_is(m.sender, id1, 4);
	oct_is(m.receiver, heard[0], n != 0 ? 4 : 0);
	for (size_t i = 0; i < n; i++) {
		assert_true(scsp_next_id(&m, &off, &id));
		oct_is(id, heard[i], 4);
	}
	assert_false(scsp_next_id(&m, &off, &id));
	free(b);
}

/*
 * SCSP-104, SCSP-109, SCSP-136, SCSP-140, SCSP-141: no, one and three receiver
 * IDs, the first in the common part and the others behind it.
 */
static void
hello(void **state)
{
	const uint8_t *const heard[] = { id2, id3, id4 };

	(void)state;
	hello_is("scsp_hello_none", heard, 0);
	hello_is("scsp_hello", heard, 1);
	hello_is("scsp_hello_three", heard, 3);
}

/* SCSP-112, SCSP-114, SCSP-129, SCSP-130: flags, number and two summaries. */
static void
ca(void **state)
{
	struct scsp_msg m;
	uint8_t *b = vector("scsp_ca", SCSP_CA, &m);
	size_t off = 0;

	(void)state;
	assert_int_equal(m.flags, SCSP_CA_M);
	assert_int_equal(m.ca_seq, 0x386d4381);
	oct_is(m.sender, id2, 4);
	oct_is(m.receiver, id1, 4);
	assert_int_equal(m.nrec, 2);
	record_is(&m, &off, 1, SCSP_SEQ_FIRST, 0, 1, id2);
	record_is(&m, &off, 1, 0x64, 0, 2, id1);
	no_more(&m, off);
	assert_int_equal(m.exts.len, 0);
	free(b);
	b = vector("scsp_ca_first", SCSP_CA, &m);
	assert_int_equal(m.flags, SCSP_CA_M | SCSP_CA_I | SCSP_CA_O);
	assert_int_equal(m.nrec, 0);
	no_more(&m, 0);
	free(b);
}

/* SCSP-113, SCSP-132: summaries with a protocol-specific part behind them. */
static void
request(void **state)
{
	static const uint8_t group[] = { 224, 1, 2, 3 };
	struct scsp_rec r;
	struct scsp_msg m;
	uint8_t *b = vector("scsp_csu_req", SCSP_CSU_REQ, &m);
	size_t off = 0;

	(void)state;
	assert_int_equal(m.flags, 0);
	record_is(&m, &off, 16, SCSP_SEQ_FIRST, 1, 2, id1);
	no_more(&m, off);
	off = 0;
	assert_true(scsp_next(&m, &off, &r));
	assert_int_equal(r.body.len, 52);
	assert_int_equal(r.body.p - b, 48);
	assert_memory_equal(r.body.p + 48, group, 4);
	assert_int_equal(scsp_csa_size(&r), 72);
	assert_int_equal(scsp_csas_size(&r), 20);
	free(b);
	b = vector("scsp_csu_req_redirect", SCSP_CSU_REQ, &m);
	off = 0;
	record_is(&m, &off, 16, SCSP_SEQ_FIRST + 2, 0, 0, id1);
	no_more(&m, off);
	free(b);
}

/* SCSP-119: an answer for an entry that is gone. */
static void
null_record(void **state)
{
	struct scsp_rec r;
	struct scsp_msg m;
	uint8_t *b = vector("scsp_csu_req_null", SCSP_CSU_REQ, &m);
	size_t off = 0;

	(void)state;
	assert_true(scsp_next(&m, &off, &r));
	assert_true(r.null);
	assert_int_equal(r.hop, 1);
	assert_int_equal(r.seq, 0x64);
	assert_int_equal(r.body.len, 0);
	assert_int_equal(scsp_csa_size(&r), 20);
	no_more(&m, off);
	free(b);
}

/* SCSP-134, SCSP-135: the same layout with summaries only. */
static void
reply_and_solicit(void **state)
{
	struct scsp_msg m;
	uint8_t *b = vector("scsp_csu_rep", SCSP_CSU_REP, &m);
	size_t off = 0;

	(void)state;
	record_is(&m, &off, 1, SCSP_SEQ_FIRST, 1, 2, id1);
	record_is(&m, &off, 1, SCSP_SEQ_FIRST + 2, 0, 0, id1);
	no_more(&m, off);
	free(b);
	b = vector("scsp_csus", SCSP_CSUS, &m);
	off = 0;
	record_is(&m, &off, 1, SCSP_SEQ_FIRST, 1, 2, id1);
	no_more(&m, off);
	free(b);
}

/* SCSP-108, SCSP-148, SCSP-149: a MAC of 16 octets behind its SPI. */
static void
authentic(void **state)
{
	struct scsp_msg m;
	uint8_t *b = vector("scsp_hello_auth", SCSP_HELLO, &m);

	(void)state;
	assert_true(m.auth);
	assert_int_equal(m.spi, 0x100);
	assert_int_equal(m.mac_off, 44);
	assert_int_equal(m.mac_len, SCSP_MAC_LEN);
	assert_int_equal(m.exts.p - b, 36);
	assert_int_equal(m.exts.len, SCSP_AUTH_LEN);
	assert_true(scsp_verify(b, &m, &key));
	free(b);
}

/* SCSP-144, SCSP-156: what marsh has no use for is stepped over. */
static void
other_extensions(void **state)
{
	struct scsp_msg m;
	uint8_t *b = vector("scsp_csus_exts", SCSP_CSUS, &m);
	size_t off = 0;

	(void)state;
	assert_false(m.auth);
	assert_true(m.vendor);
	assert_int_equal(m.oui, 0x00005e);
	assert_int_equal(m.exts.p - b, 48);
	assert_int_equal(m.exts.len, 27);
	record_is(&m, &off, 1, SCSP_SEQ_FIRST, 1, 2, id1);
	no_more(&m, off);
	free(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hello),
		cmocka_unit_test(ca),
		cmocka_unit_test(request),
		cmocka_unit_test(null_record),
		cmocka_unit_test(reply_and_solicit),
		cmocka_unit_test(authentic),
		cmocka_unit_test(other_extensions),
	};

	return cmocka_run_group_tests_name("scsp golden", tests, NULL, NULL);
}
