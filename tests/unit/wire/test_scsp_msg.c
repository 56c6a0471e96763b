/* SPDX-License-Identifier: BSD-2-Clause */
/* Words, IDs, writing messages of any shape, frames, and the line for people. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "failmem.h"
#include "golden.h"
#include "marsh/base/frame.h"
#include "marsh/wire/scsp_msg.h"
#include "marsh/wire/snap.h"

#define OCT(a) ((struct scsp_oct){ (const uint8_t *)(a), sizeof(a) - 1 })
#define A OCT("\x0a\x00\x00\x01")
#define B OCT("\x0a\x00\x00\x02")

static uint8_t out[1 << 17];

/* Ends |w| and decodes what was written, which must succeed. */
static size_t
finish(struct scsp_wr *w, const struct scsp_key *key, struct scsp_msg *m)
{
	struct scsp_decode_err err;
	size_t len = scsp_end(w, key);

	assert_int_equal(scsp_decode(out, len, m, &err), 0);
	assert_int_equal(m->size, len);
	return len;
}

/* SCSP-105: the five types by number. */
static void
words(void **state)
{
	(void)state;
	assert_string_equal(scsp_type_word(1), "CA");
	assert_string_equal(scsp_type_word(2), "CSU_REQ");
	assert_string_equal(scsp_type_word(3), "CSU_REP");
	assert_string_equal(scsp_type_word(4), "CSUS");
	assert_string_equal(scsp_type_word(5), "HELLO");
	assert_string_equal(scsp_type_word(0), "?");
	assert_string_equal(scsp_type_word(6), "?");
	for (unsigned t = 1; t < SCSP_TYPE_COUNT; t++)
		assert_int_equal(scsp_type_find(scsp_type_word(t)), t);
	assert_int_equal(scsp_type_find("hello"), SCSP_HELLO);
	assert_int_equal(scsp_type_find("scsp_Csus"), SCSP_CSUS);
	assert_int_equal(scsp_type_find("SCSP_CA"), SCSP_CA);
	assert_int_equal(scsp_type_find("CAA"), 0);
	assert_int_equal(scsp_type_find("C"), 0);
	assert_int_equal(scsp_type_find("SCSP_"), 0);
	assert_int_equal(scsp_type_find(""), 0);
	assert_int_equal(scsp_type_find("?"), 0);
	assert_string_equal(scsp_bad_word(SCSP_BAD_NONE), "ok");
	assert_string_equal(scsp_bad_word(SCSP_BAD_RECORD), "record");
	assert_string_equal(scsp_bad_word(SCSP_BAD_COUNT), "?");
}

static void
order_is(struct scsp_oct a, struct scsp_oct b, int sign)
{
	int ab = scsp_oct_cmp(a, b), ba = scsp_oct_cmp(b, a);

	assert_int_equal((ab > 0) - (ab < 0), sign);
	assert_int_equal((ba > 0) - (ba < 0), -sign);
}

/* IDs are numbers, whatever their lengths; as names they are octets. */
static void
id_order(void **state)
{
	static const char big[SCSP_ID_MAX + 1] = { [SCSP_ID_MAX - 1] = 9 };

	(void)state;
	order_is(A, B, -1);
	order_is(A, A, 0);
	order_is(OCT("\x7f"), OCT("\x80"), -1);
	order_is(OCT("\xff"), OCT("\x01\x00"), -1);
	order_is(OCT("\x00\xff"), OCT("\x01\x00"), -1);
	order_is(OCT("\x00\x00\x0b"), OCT("\x0a"), 1);
	order_is(OCT("\x00\x0a"), OCT("\x0a"), 0);
	order_is(OCT(""), OCT("\x00\x00"), 0);
	order_is(OCT(""), OCT("\x01"), -1);
	order_is((struct scsp_oct){ NULL, 0 }, OCT("\x01"), -1);
	order_is(OCT(big), OCT("\x0a"), -1);
	assert_true(scsp_oct_equal(A, OCT("\x0a\x00\x00\x01")));
	assert_false(scsp_oct_equal(A, B));
	assert_false(scsp_oct_equal(OCT("\x00\x0a"), OCT("\x0a")));
	assert_true(scsp_oct_equal(OCT(""), (struct scsp_oct){ NULL, 0 }));
}

/*
 * SCSP-103, SCSP-130: what is unused or belongs to another type leaves as zero,
 * whatever was in the buffer and in |m|.
 */
static void
sender_duties(void **state)
{
	static const uint8_t expect[] = { 0, 3, 0, 1, 0, 0, 0, 0, 4, 4, 0, 1 };
	struct scsp_msg m = { .type = SCSP_CSUS, .pid = 3, .sgid = 1,
		.flags = 0xffff, .ca_seq = 99, .sender = A, .receiver = B };
	struct scsp_rec r = { .hop = 7, .null = true, .seq = 5, .key = A,
		.orig = B, .body = OCT("body") };
	struct scsp_msg back;
	struct scsp_wr w;

	(void)state;
	memset(out, 0xff, 100);
	assert_true(scsp_begin(&w, out, 100, &m, false));
	assert_true(scsp_put_csas(&w, &r));
	assert_int_equal(finish(&w, NULL, &back), 48);
	assert_memory_equal(out + 8, expect, sizeof(expect));
	assert_int_equal(out[6] | out[7], 0);
	/* SCSP-114, SCSP-119: one hop, and no N bit in a solicitation */
	assert_memory_equal(out + 28, "\0\1\0\x14\4\4\0\0\0\0\0\5", 12);
	m.type = SCSP_CA;
	memset(out, 0xff, 100);
	assert_true(scsp_begin(&w, out, 100, &m, false));
	assert_int_equal(finish(&w, NULL, &back), 32);
	assert_memory_equal(out + 8, "\0\0\0\x63", 4);
	assert_memory_equal(out + 16, "\0\0\xe0\0", 4);
	m.type = SCSP_HELLO;
	memset(out, 0xff, 100);
	assert_true(scsp_begin(&w, out, 100, &m, false));
	assert_int_equal(finish(&w, NULL, &back), 36);
	assert_memory_equal(out + 8, "\0\0\0\0\0\0\0\0", 8);
	assert_memory_equal(out + 20, "\0\0\0\0", 4);
}

/* SCSP-119: the N bit is written where it means something. */
static void
null_records(void **state)
{
	static const uint8_t types[] = { SCSP_CSU_REQ, SCSP_CSU_REP, SCSP_CA,
		SCSP_CSUS };
	struct scsp_rec r = { .hop = 1, .null = true, .seq = 5, .key = A,
		.orig = B, .body = OCT("body") };
	struct scsp_msg m = { .sender = A, .receiver = B }, back;
	struct scsp_rec got;
	struct scsp_wr w;

	(void)state;
	for (size_t i = 0; i < sizeof(types); i++) {
		size_t off = 0;

		m.type = types[i];
		assert_true(scsp_begin(&w, out, 100, &m, false));
		assert_true(i == 0 ? scsp_put_csa(&w, &r)
			: scsp_put_csas(&w, &r));
		finish(&w, NULL, &back);
		assert_true(scsp_next(&back, &off, &got));
		assert_int_equal(got.null, i < 2);
		assert_int_equal(got.body.len, 0);
		assert_int_equal(off, 20);
	}
}

/* Writes one record with parts of those lengths and reads it back. */
static void
round_trip(size_t key, size_t orig, size_t body, size_t id)
{
	static uint8_t fill[600];
	struct scsp_msg back, m = { .type = SCSP_CSU_REQ, .pid = 0xabcd,
		.sgid = 0xffff, .sender = { fill + 1, id },
		.receiver = { fill + 2, id } };
	struct scsp_rec got, r = { .hop = 0xfffe, .seq = -2,
		.key = { fill + 3, key }, .orig = { fill + 4, orig },
		.body = { fill + 5, body } };
	size_t off = 0, len;
	struct scsp_wr w;

	for (size_t i = 0; i < sizeof(fill); i++)
		fill[i] = (uint8_t)(i * 7 + i / 256);
	assert_true(scsp_begin(&w, out, sizeof(out), &m, false));
	assert_true(scsp_put_csa(&w, &r));
	assert_true(scsp_put_csa(&w, &r));
	len = finish(&w, NULL, &back);
	assert_int_equal(len, 20 + 2 * id + 2 * (12 + key + orig + body));
	assert_int_equal(scsp_csa_size(&r), 12 + key + orig + body);
	assert_int_equal(scsp_csas_size(&r), 12 + key + orig);
	assert_true(scsp_oct_equal(back.sender, m.sender));
	assert_true(scsp_oct_equal(back.receiver, m.receiver));
	assert_int_equal(back.pid, 0xabcd);
	assert_int_equal(back.sgid, 0xffff);
	assert_int_equal(back.nrec, 2);
	for (int i = 0; i < 2; i++) {
		assert_true(scsp_next(&back, &off, &got));
		assert_int_equal(got.hop, 0xfffe);
		assert_int_equal(got.seq, -2);
		assert_true(scsp_oct_equal(got.key, r.key));
		assert_true(scsp_oct_equal(got.orig, r.orig));
		assert_true(scsp_oct_equal(got.body, r.body));
	}
	assert_false(scsp_next(&back, &off, &got));
}

/* SCSP-109, SCSP-112, SCSP-132: parts of all lengths lie without padding. */
static void
any_lengths(void **state)
{
	static const size_t lens[] = { 0, 1, 3, 4, 7, 254, 255 };
	enum { N = sizeof(lens) / sizeof(lens[0]) };

	(void)state;
	for (size_t k = 0; k < N; k++)
		for (size_t o = 0; o < N; o++)
			for (size_t p = 0; p < N; p++)
				round_trip(lens[k], lens[o], lens[p],
				    lens[(k + o + p) % N]);
	round_trip(255, 255, 500, 255);
}

/*
 * B.2.2.1: a message grows up to the MTU and to no octet more; what did not
 * fit leaves no trace.
 */
static void
exact_fit(void **state)
{
	struct scsp_msg back, m = { .type = SCSP_CSU_REQ, .sender = A,
		.receiver = B };
	struct scsp_rec r = { .hop = 16, .key = A, .orig = B,
		.body = OCT("0123456789") };
	struct scsp_key key = { 5, OCT("secret") };
	struct scsp_wr w;

	(void)state;
	for (size_t mtu = SCSP_MTU - 29; mtu <= SCSP_MTU; mtu++) {
		for (int auth = 0; auth < 2; auth++) {
			size_t head = auth ? 28 + SCSP_AUTH_LEN : 28, n = 0;

			memset(out, 0xa5, SCSP_MTU + 8);
			assert_true(scsp_begin(&w, out, mtu, &m, auth));
			while (scsp_put_csa(&w, &r))
				n++;
			assert_int_equal(n, (mtu - head) / 30);
			assert_int_equal(finish(&w, auth ? &key : NULL, &back),
			    head + 30 * n);
			assert_int_equal(back.nrec, n);
			assert_int_equal(out[mtu], 0xa5);
		}
	}
}

/* SCSP-106: Packet Size has 16 bits, however much room there is. */
static void
largest(void **state)
{
	struct scsp_msg back, m = { .type = SCSP_HELLO, .interval = 1,
		.dead = 1, .sender = A, .receiver = B };
	struct scsp_key key = { 5, OCT("secret") };
	struct scsp_oct id;
	struct scsp_wr w;
	size_t off = 0, n = 0;

	(void)state;
	assert_true(scsp_begin(&w, out, sizeof(out), &m, true));
	while (scsp_put_id(&w, OCT("")))
		n++;
	assert_int_equal(n, UINT16_MAX - 36 - SCSP_AUTH_LEN);
	assert_int_equal(finish(&w, &key, &back), UINT16_MAX);
	assert_true(scsp_verify(out, &back, &key));
	while (scsp_next_id(&back, &off, &id))
		n--;
	assert_int_equal(n, (size_t)-1); /* and the one of the common part */
}

/* SCSP-106: what has no room for the common part and a MAC is not begun. */
static void
no_room(void **state)
{
	struct scsp_msg m = { .type = SCSP_CA, .sender = A, .receiver = B };
	struct scsp_wr w;

	(void)state;
	for (size_t cap = 0; cap < 80; cap++) {
		uint8_t *b = golden_exact(out, cap);

		assert_int_equal(scsp_begin(&w, b, cap, &m, false), cap >= 32);
		assert_int_equal(scsp_begin(&w, b, cap, &m, true), cap >= 60);
		free(b);
	}
}

/* SCSP-140, SCSP-141: IDs of all lengths, in the common part and behind it. */
static void
hello_ids(void **state)
{
	static const uint8_t fill[SCSP_ID_MAX];
	struct scsp_msg back, m = { .type = SCSP_HELLO, .interval = 65535,
		.dead = 2, .family = 77, .sender = A, .receiver = B };
	struct scsp_oct id;
	struct scsp_wr w;
	size_t off = 0;

	(void)state;
	assert_true(scsp_begin(&w, out, sizeof(out), &m, false));
	for (size_t n = 0; n <= SCSP_ID_MAX; n++)
		assert_true(scsp_put_id(&w, (struct scsp_oct){ fill, n }));
	finish(&w, NULL, &back);
	assert_int_equal(back.interval, 65535);
	assert_int_equal(back.dead, 2);
	assert_int_equal(back.family, 77);
	assert_int_equal(back.nrec, SCSP_ID_MAX + 1);
	assert_true(scsp_next_id(&back, &off, &id));
	assert_true(scsp_oct_equal(id, B));
	for (size_t n = 0; n <= SCSP_ID_MAX; n++) {
		assert_true(scsp_next_id(&back, &off, &id));
		assert_int_equal(id.len, n);
	}
	assert_false(scsp_next_id(&back, &off, &id));
	assert_false(scsp_next_id(&back, &off, &id));
}

/* SCSP-102: eight octets in front, which nothing in the message counts. */
static void
frame(void **state)
{
	struct failmem fm;
	struct frame *f;
	struct snap s;
	size_t len;
	uint8_t *b = golden_read("scsp_ca", &len);

	(void)state;
	failmem_init(&fm);
	f = scsp_frame(&fm.mem, b, len);
	assert_non_null(f);
	assert_int_equal(f->refs, 1);
	assert_int_equal(f->len, SNAP_LEN + len);
	assert_memory_equal(f->bytes, "\xaa\xaa\x03\x00\x00\x5e\x00\x05", 8);
	assert_memory_equal(f->bytes + SNAP_LEN, b, len);
	assert_int_equal(snap_decode(f->bytes, f->len, &s, NULL, NULL), 0);
	assert_int_equal(s.kind, SNAP_SCSP);
	assert_ptr_equal(s.body, f->bytes + SNAP_LEN);
	assert_int_equal(s.len, len);
	frame_unref(f);
	assert_int_equal(fm.live, 0);
	fm.fail_at = fm.count + 1;
	assert_null(scsp_frame(&fm.mem, b, len));
	free(b);
}

static void
line_is(const char *name, const char *text)
{
	char buf[200], tight[200];
	struct scsp_msg m;
	size_t len;
	uint8_t *b = golden_read(name, &len);

	assert_int_equal(scsp_decode(b, len, &m, NULL), 0);
	assert_ptr_equal(scsp_format(&m, buf, sizeof(buf)), buf);
	assert_string_equal(buf, text);
	for (size_t cap = 1; cap <= strlen(text); cap++) {
		memset(tight, '#', sizeof(tight));
		scsp_format(&m, tight, cap);
		assert_int_equal(tight[cap], '#');
		assert_int_equal(strlen(tight), cap - 1);
		assert_int_equal(strncmp(tight, text, cap - 1), 0);
	}
	scsp_format(&m, tight, 0);
	free(b);
}

static void
lines(void **state)
{
	(void)state;
	line_is("scsp_ca", "CA M-- seq 946684801 10.0.0.2>10.0.0.1 2 records");
	line_is("scsp_ca_first",
	    "CA MIO seq 946684800 10.0.0.1>10.0.0.2 0 records");
	line_is("scsp_csu_req", "CSU_REQ 10.0.0.1>10.0.0.2 1 record");
	line_is("scsp_csu_rep", "CSU_REP 10.0.0.2>10.0.0.1 2 records");
	line_is("scsp_csus", "CSUS 10.0.0.2>10.0.0.1 1 record");
	line_is("scsp_hello_none", "HELLO 10.0.0.1>- 3 s x 3");
	line_is("scsp_hello", "HELLO 10.0.0.1>10.0.0.2 3 s x 3");
	line_is("scsp_hello_three",
	    "HELLO 10.0.0.1>10.0.0.2,10.0.0.3,10.0.0.4 3 s x 3");
	line_is("scsp_hello_auth", "HELLO 10.0.0.1>10.0.0.2 3 s x 3 spi 256");
}

/* IDs of other lengths are octets, and what is long is cut and counted. */
static void
long_line(void **state)
{
	static const uint8_t fill[SCSP_ID_MAX] = { 0x01, 0xab, 0x1b };
	struct scsp_msg back, m = { .type = SCSP_HELLO, .interval = 3,
		.dead = 4, .sender = { fill, 3 }, .receiver = { fill, 22 } };
	struct scsp_wr w;
	char buf[400];

	(void)state;
	assert_true(scsp_begin(&w, out, sizeof(out), &m, false));
	for (int i = 0; i < 9; i++)
		assert_true(scsp_put_id(&w, (struct scsp_oct){ fill, 1 }));
	finish(&w, NULL, &back);
	assert_string_equal(scsp_format(&back, buf, sizeof(buf)),
	    "HELLO 01ab1b>01ab1b0000000000000000000000000000000000+2,"
	    "01,01,01,01,01,01,01,+2 3 s x 4");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(id_order),
		cmocka_unit_test(sender_duties),
		cmocka_unit_test(null_records),
		cmocka_unit_test(any_lengths),
		cmocka_unit_test(exact_fit),
		cmocka_unit_test(largest),
		cmocka_unit_test(no_room),
		cmocka_unit_test(hello_ids),
		cmocka_unit_test(frame),
		cmocka_unit_test(lines),
		cmocka_unit_test(long_line),
	};

	return cmocka_run_group_tests_name("scsp msg", tests, NULL, NULL);
}
