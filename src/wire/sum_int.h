/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_WIRE_SUM_INT_H
#define MARSH_WIRE_SUM_INT_H

/*
 * The Internet checksum (RFC 1071).  One's-complement sums do not care about
 * octet order until the end, so eight octets are added at a time in the
 * machine's own order; 64-bit accumulators of 32-bit halves cannot overflow
 * below 2^32 words.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "octets_int.h"

static inline uint64_t
sum_halves(const uint8_t *p)
{
	uint64_t w;

	memcpy(&w, p, sizeof(w));
	return (w & UINT32_MAX) + (w >> 32);
}

/*
 * sum_octets adds up the |n| octets at |p|, which lies at an even offset of the
 * message, or the lanes would be swapped.
 */
static inline uint64_t
sum_octets(const uint8_t *p, size_t n)
{
	uint64_t a = 0, b = 0, c = 0, d = 0, w = 0;

	for (; n >= 32; p += 32, n -= 32) {
		a += sum_halves(p);
		b += sum_halves(p + 8);
		c += sum_halves(p + 16);
		d += sum_halves(p + 24);
	}
	for (; n >= 8; p += 8, n -= 8)
		a += sum_halves(p);
	if (n != 0) {
		/* An odd last octet is followed by zero. */
		memcpy(&w, p, n);
		b += (w & UINT32_MAX) + (w >> 32);
	}
	return a + b + c + d;
}

/* sum_fold folds |s| to 16 bits and brings them to the order of the wire. */
static inline uint16_t
sum_fold(uint64_t s)
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

#endif
