/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * MARS Group Status: the example octet for octet, the TLV list behind the
 * header of RFC 2443 (Version 0xFF), and each value that is refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "golden.h"
#include "marsh/base/err.h"
#include "marsh/wire/mars_csa.h"

#define HEAD 40 /* header and NSAP: the list begins here */
#define SERVER "\x38\1\0\x0c" "\1\0\0\5" "\0\0\0\1" "\0\0\0\0"
#define PART "\x38\2\0\x0c" "\0\1\4\x64" "\0\0\0\0" "\0\0\0\0"
#define SLICE "\x38\3\0\6" "\0\1\0\1" "\0\2\0\0"
#define ADJ "\x38\4\0\4" "\x0a\0\0\2"
#define NULL_TLV "\0\0\0\0"

static struct mars_csa csa;
static struct mars_status st;
static struct mars_csa_err err;

/* Decodes and reads the |n| octets |tlvs| behind the header of the example. */
static int
read_n(const char *tlvs, size_t n)
{
	uint8_t *head, *b;
	size_t len;
	int rv;

	head = golden_read("csa_status", &len);
	b = malloc(HEAD + n);
	memcpy(b, head, HEAD);
	memcpy(b + HEAD, tlvs, n);
	err = (struct mars_csa_err){ MARS_CSA_BAD_NONE, "", 0 };
	rv = mars_csa_decode(b, HEAD + n, &csa, &err);
	if (rv == 0)
		rv = mars_status_read(&csa, &st, &err);
	free(head);
	free(b);
	return rv;
}

#define READ(octets) read_n(octets, sizeof(octets) - 1)

static void
malformed(int rv, const char *field, size_t at)
{
	assert_int_equal(rv, MARSH_EPROTO);
	assert_string_equal(mars_csa_bad_word(err.bad), "tlv");
	assert_string_equal(err.field, field);
	assert_int_equal(err.off, HEAD + at);
}

static void
same_status(const struct mars_status *a, const struct mars_status *b)
{
	for (unsigned i = 0; i < MARS_STATUS_PARTS; i++) {
		const struct mars_status_part *p = &a->part[i];
		const struct mars_status_part *q = &b->part[i];

		assert_int_equal(p->part, q->part);
		assert_int_equal(p->role, q->role);
		assert_int_equal(p->priority, q->priority);
		assert_int_equal(p->mode, q->mode);
		assert_int_equal(p->preempt, q->preempt);
		assert_int_equal(p->ready, q->ready);
		assert_int_equal(p->successor, q->successor);
		assert_int_equal(a->slice[i].part, b->slice[i].part);
		assert_int_equal(a->slice[i].lo, b->slice[i].lo);
		assert_int_equal(a->slice[i].hi, b->slice[i].hi);
		assert_int_equal(a->adj[i], b->adj[i]);
	}
	assert_int_equal(a->interval, b->interval);
	assert_int_equal(a->incarnation, b->incarnation);
	assert_int_equal(a->clients, b->clients);
	assert_int_equal(a->capacity, b->capacity);
	assert_int_equal(a->no_new_clients, b->no_new_clients);
}

/* Writes |s| as the |len| octets at |b|, in exactly as much room. */
static void
written(const struct mars_status *s, const struct mars_csa *m,
    const uint8_t *b, size_t len)
{
	uint8_t *out = calloc(1, len);

	assert_int_equal(mars_status_write(s, &m->pro, &m->addr, out, len),
	    len);
	assert_memory_equal(out, b, len);
	for (size_t cap = 0; cap < len; cap++)
		assert_int_equal(mars_status_write(s, &m->pro, &m->addr, out,
		    cap), 0);
	free(out);
}

static void
example(void **state)
{
	size_t len;
	uint8_t *b = golden_read("csa_status", &len);

	(void)state;
	assert_int_equal(mars_csa_decode(b, len, &csa, &err), 0);
	assert_int_equal(csa.tlvs - b, HEAD);
	assert_int_equal(csa.tlvs_len, len - HEAD);
	assert_int_equal(mars_status_read(&csa, &st, &err), 0);
	assert_false(st.no_new_clients);
	assert_int_equal(st.interval, 5);
	assert_int_equal(st.incarnation, 0x386d4380);
	assert_int_equal(st.clients, 42);
	assert_int_equal(st.capacity, 500);
	assert_int_equal(st.parts, 1);
	assert_int_equal(st.part[0].part, 1);
	assert_int_equal(st.part[0].role, MARS_ROLE_ACTIVE);
	assert_int_equal(st.part[0].priority, 200);
	assert_int_equal(st.part[0].mode, MARS_MODE_NONE);
	assert_true(st.part[0].preempt);
	assert_true(st.part[0].ready);
	assert_int_equal(st.part[0].successor, 0);
	assert_int_equal(st.slices, 1);
	assert_int_equal(st.slice[0].part, 1);
	assert_int_equal(st.slice[0].lo, 0x101);
	assert_int_equal(st.slice[0].hi, 0x1ff);
	assert_int_equal(st.adjs, 2);
	assert_int_equal(st.adj[0], 0x0a000002);
	assert_int_equal(st.adj[1], 0x0a000003);
	written(&st, &csa, b, len);
	free(b);
}

/* 51 octets of addresses are padded to 52; the unknown TLV is not kept. */
static void
padded(void **state)
{
	size_t len;
	uint8_t *b = golden_read("csa_status_e164", &len);

	(void)state;
	assert_int_equal(mars_csa_decode(b, len, &csa, &err), 0);
	assert_int_equal(csa.tlvs - b, 52);
	assert_int_equal(mars_status_read(&csa, &st, &err), 0);
	assert_true(st.no_new_clients);
	assert_int_equal(st.interval, 30);
	assert_int_equal(st.parts, 2);
	assert_int_equal(st.part[0].role, MARS_ROLE_HANDOVER);
	assert_int_equal(st.part[0].priority, 100);
	assert_int_equal(st.part[0].mode, MARS_MODE_HARD);
	assert_true(st.part[0].preempt);
	assert_false(st.part[0].ready);
	assert_int_equal(st.part[0].successor, 0x0a000002);
	assert_int_equal(st.part[1].part, 2);
	assert_int_equal(st.part[1].role, MARS_ROLE_BACKUP);
	assert_int_equal(st.part[1].priority, 0);
	assert_int_equal(st.slices, 0);
	assert_int_equal(st.adjs, 0);
	/* Whatever the padding was. */
	b[51] = 0xff;
	assert_int_equal(mars_csa_decode(b, len, &csa, &err), 0);
	b[51] = 0;
	/* Without the unknown TLV, which stands before Null. */
	memset(b + len - 12, 0, 4);
	written(&st, &csa, b, len - 8);
	free(b);
}

/* What is full goes round. */
static void
full(void **state)
{
	static struct mars_status s, t;
	static uint8_t b[4096];
	struct atm_addr a;
	size_t len;

	(void)state;
	s.interval = s.clients = s.capacity = UINT16_MAX;
	s.incarnation = UINT32_MAX;
	s.parts = s.slices = s.adjs = MARS_STATUS_PARTS;
	for (unsigned i = 0; i < MARS_STATUS_PARTS; i++) {
		s.part[i] = (struct mars_status_part){ (uint16_t)(1000 + i),
			(uint8_t)(1 + i % 6), (uint8_t)(4 * i),
			(uint8_t)(i % 3), i % 2, i % 3 == 0, 77 * i };
		s.slice[i] = (struct mars_status_slice){ (uint16_t)i,
			(uint16_t)(1 + i), (uint16_t)(65535 - i) };
		s.adj[i] = 0x0a000000 + i;
	}
	assert_int_equal(atm_addr_parse("15551234567", &a, NULL), 0);
	len = mars_status_write(&s, &L3_PROTO_IPV6, &a, b, sizeof(b));
	assert_int_equal(len, 32 + 16 + 64 * (16 + 12) + 4 + 4 * 64 + 4);
	assert_int_equal(mars_csa_decode(b, len, &csa, &err), 0);
	assert_int_equal(csa.pro.type, 0x86dd);
	assert_true(atm_addr_equal(&csa.addr, &a));
	assert_int_equal(mars_status_read(&csa, &t, &err), 0);
	same_status(&t, &s);
}

static void
lists(void **state)
{
	(void)state;
	assert_int_equal(READ(SERVER NULL_TLV), 0);
	/* Any order; ADJ may be empty, or come twice. */
	assert_int_equal(READ("\x38\4\0\0" PART ADJ SERVER ADJ SLICE NULL_TLV),
	    0);
	assert_int_equal(st.parts, 1);
	assert_int_equal(st.slices, 1);
	assert_int_equal(st.adjs, 2);
	/* Unknown types are skipped, with x 0 and 3. */
	assert_int_equal(READ("\x38\5\0\5" "abcde\0\0\0" SERVER
	    "\xf8\1\0\1" "a\0\0\0" PART NULL_TLV), 0);
	assert_int_equal(st.parts, 1);
	/* ... and end it with 1 and 2 (RFC 2022 section 10.2). */
	malformed(READ(SERVER "\x78\1\0\0" NULL_TLV), "TLV", 16);
	malformed(READ(SERVER "\xb8\2\0\0" NULL_TLV), "TLV", 16);
}

/* A list without its Null TLV, and TLVs that run past the end. */
static void
malformed_lists(void **state)
{
	(void)state;
	malformed(READ(""), "TLV", 0);
	malformed(READ("\0"), "TLV", 0);
	malformed(READ(SERVER), "TLV", 16);
	malformed(READ(SERVER "\0\0\0"), "TLV", 16);
	malformed(READ(SERVER "\x38\4\0\4" NULL_TLV), "TLV", 24);
	malformed(READ(SERVER "\x38\4\xff\xff" NULL_TLV), "TLV", 16);
	malformed(READ("\x38\3\0\6" "\0\1\0\1" "\0\2"), "TLV", 0);
	assert_int_equal(READ(SERVER NULL_TLV NULL_TLV), MARSH_EPROTO);
	assert_int_equal(err.bad, MARS_CSA_BAD_LENGTH);
	assert_int_equal(err.off, HEAD + 20);
}

static void
server(void **state)
{
	(void)state;
	malformed(READ(NULL_TLV), "SERVER", 0);
	malformed(READ(PART NULL_TLV), "SERVER", 16);
	malformed(READ(SERVER PART SERVER NULL_TLV), "SERVER", 32);
	malformed(READ("\x38\1\0\x0b" "\1\0\0\5" "\0\0\0\1" "\0\0\0\0"
	    NULL_TLV), "SERVER", 0);
	malformed(READ("\x38\1\0\x0d" "\1\0\0\5" "\0\0\0\1" "\0\0\0\0"
	    "\0\0\0\0" NULL_TLV), "SERVER", 0);
	/* format 2; an interval of 0 s */
	malformed(READ("\x38\1\0\x0c" "\2\0\0\5" "\0\0\0\1" "\0\0\0\0"
	    NULL_TLV), "SERVER", 0);
	malformed(READ("\x38\1\0\x0c" "\1\0\0\0" "\0\0\0\1" "\0\0\0\0"
	    NULL_TLV), "SERVER", 0);
}

static void
part(void **state)
{
	(void)state;
	malformed(READ(SERVER "\x38\2\0\x08" "\0\1\4\x64" "\0\0\0\0"
	    NULL_TLV), "PART", 16);
	/* roles 0 and 7, mode 3 */
	malformed(READ(SERVER "\x38\2\0\x0c" "\0\1\0\x64" "\0\0\0\0"
	    "\0\0\0\0" NULL_TLV), "PART", 16);
	malformed(READ(SERVER "\x38\2\0\x0c" "\0\1\7\x64" "\0\0\0\0"
	    "\0\0\0\0" NULL_TLV), "PART", 16);
	malformed(READ(SERVER "\x38\2\0\x0c" "\0\1\4\x64" "\3\0\0\0"
	    "\0\0\0\0" NULL_TLV), "PART", 16);
	/* partition 1 twice */
	malformed(READ(SERVER PART PART NULL_TLV), "PART", 32);
	/* reserved bits and octets are skipped */
	assert_int_equal(READ(SERVER "\x38\2\0\x0c" "\0\1\4\x64"
	    "\0\x3f\xff\xff" "\0\0\0\0" NULL_TLV), 0);
	assert_false(st.part[0].preempt || st.part[0].ready);
}

static void
slice(void **state)
{
	(void)state;
	malformed(READ(SERVER "\x38\3\0\4" "\0\1\0\1" NULL_TLV), "SLICE", 16);
	/* first above last, and CMI 0, which no client has */
	malformed(READ(SERVER "\x38\3\0\6" "\0\1\0\3" "\0\2\0\0" NULL_TLV),
	    "SLICE", 16);
	malformed(READ(SERVER "\x38\3\0\6" "\0\1\0\0" "\0\2\0\0" NULL_TLV),
	    "SLICE", 16);
	assert_int_equal(READ(SERVER "\x38\3\0\6" "\0\1\0\2" "\0\2\0\0"
	    NULL_TLV), 0);
}

static void
adj(void **state)
{
	(void)state;
	malformed(READ(SERVER "\x38\4\0\3" "\x0a\0\0\0" NULL_TLV), "ADJ", 16);
	malformed(READ(SERVER "\x38\4\0\6" "\x0a\0\0\0" "\0\0\0\0" NULL_TLV),
	    "ADJ", 16);
}

/* |n| times the TLV |tlv| behind SERVER, with |n| counted in its octet |at|. */
static int
many(const char *tlv, size_t size, size_t at, unsigned n)
{
	static char b[4096];
	size_t len = sizeof(SERVER) - 1;

	memcpy(b, SERVER, len);
	for (unsigned i = 0; i < n; i++, len += size) {
		memcpy(b + len, tlv, size);
		b[len + at] = (char)(1 + i);
	}
	memset(b + len, 0, 4);
	return read_n(b, len + 4);
}

/* As many as there is room for, and one more. */
static void
too_many(void **state)
{
	static char b[16 + 4 + 4 * 65 + 4];

	(void)state;
	assert_int_equal(many(PART, 16, 5, 64), 0);
	assert_int_equal(st.parts, 64);
	malformed(many(PART, 16, 5, 65), "PART", 16 + 16 * 64);
	assert_int_equal(many(SLICE, 12, 9, 64), 0);
	assert_int_equal(st.slices, 64);
	malformed(many(SLICE, 12, 9, 65), "SLICE", 16 + 12 * 64);
	assert_int_equal(many(ADJ, 8, 7, 64), 0);
	assert_int_equal(st.adjs, 64);
	malformed(many(ADJ, 8, 7, 65), "ADJ", 16 + 8 * 64);
	memcpy(b, SERVER "\x38\4\1\4", 20);
	malformed(read_n(b, sizeof(b)), "ADJ", 16);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(example),
		cmocka_unit_test(padded),
		cmocka_unit_test(full),
		cmocka_unit_test(lists),
		cmocka_unit_test(malformed_lists),
		cmocka_unit_test(server),
		cmocka_unit_test(part),
		cmocka_unit_test(slice),
		cmocka_unit_test(adj),
		cmocka_unit_test(too_many),
	};

	return cmocka_run_group_tests_name("mars csa status", tests, NULL,
	    NULL);
}
