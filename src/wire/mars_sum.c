/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mar$chksum (RFC 2022 section 4.3.3) and the patches of relayed messages,
 * after which it must be renewed.  One's-complement sums do not care about
 * octet order until the end, so eight octets are added at a time in the
 * machine's own order; 64-bit accumulators of 32-bit halves cannot overflow
 * below 2^32 words.
 */
#include <string.h>

#include "mars_int.h"

static inline uint64_t
halves(const uint8_t *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof(w));
	return (w & UINT32_MAX) + (w >> 32);
}

/* |p| lies at an even offset of the message, or the lanes would be swapped. */
static uint64_t
sum(const uint8_t *p, size_t n)
{
	uint64_t a = 0, b = 0, c = 0, d = 0, w = 0;

	for (; n >= 32; p += 32, n -= 32) {
		a += halves(p);
		b += halves(p + 8);
		c += halves(p + 16);
		d += halves(p + 24);
	}
	for (; n >= 8; p += 8, n -= 8)
		a += halves(p);
	if (n != 0) {
		/* An odd last octet is followed by zero. */
		memcpy(&w, p, n);
		b += (w & UINT32_MAX) + (w >> 32);
	}
	return a + b + c + d;
}

/* Folds |s| to 16 bits and brings them to the order of the wire. */
static uint16_t
fold(uint64_t s)
{
	uint16_t native;
	uint8_t b[2];

	s = (s & UINT32_MAX) + (s >> 32);
	s = (s & UINT32_MAX) + (s >> 32);
	s = (s & 0xffff) + (s >> 16);
	s = (s & 0xffff) + (s >> 16);
	native = (uint16_t)s;
	memcpy(b, &native, sizeof(b));
	return get16(b);
}

uint16_t
mars_checksum(const uint8_t *b, size_t len)
{
	/* Leave out the field instead of clearing it: |b| may be shared. */
	return (uint16_t)~fold(
	    sum(b, OFF_CHKSUM) + sum(b + OFF_EXTOFF, len - OFF_EXTOFF));
}

bool
mars_sum_ok(const uint8_t *b, size_t len)
{
	return fold(sum(b, len)) == 0xffff;
}

void
mars_seal(uint8_t *b, size_t len, bool checksum)
{
	put16(b + OFF_CHKSUM, checksum ? mars_checksum(b, len) : 0);
}

void
mars_put_op(uint8_t *b, uint8_t op)
{
	b[OFF_OP] = op;
}

void
mars_put_flags(uint8_t *b, uint16_t flags)
{
	put16(b + OFF_J_FLAGS, flags);
}

void
mars_put_cmi(uint8_t *b, uint16_t cmi)
{
	put16(b + OFF_J_CMI, cmi);
}

void
mars_put_msn(uint8_t *b, uint32_t msn)
{
	put32(b + OFF_MSN, msn);
}

void
mars_put_seqxy(uint8_t *b, uint16_t part, bool last)
{
	put16(b + OFF_SEQXY,
	    (uint16_t)((part & ~MARS_SEQ_LAST) | (last ? MARS_SEQ_LAST : 0)));
}

void
mars_put_tnum(uint8_t *b, uint16_t n)
{
	put16(b + OFF_TNUM, n);
}
