/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARS_HASH_H
#define MARS_HASH_H

/*
 * Hashing and ordering for the database's inner loops: straight from the
 * octets of a message, so that looking a source or a group up builds nothing.
 * A seed goes in, so that nobody outside can choose addresses that collide.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "marsh/base/addr.h"

#define HASH_K1 0x9e3779b97f4a7c15u
#define HASH_K2 0xc2b2ae3d27d4eb4fu

static inline uint64_t
hash_mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * HASH_K1;
	return h ^ h >> 29;
}

static inline uint64_t
hash_load(const uint8_t *b)
{
	uint64_t v;

	memcpy(&v, b, sizeof(v));
	return v;
}

/* hash_nsap returns 32 mixed bits of the ATM_NSAP_LEN octets at |b|. */
static inline uint32_t
hash_nsap(uint64_t seed, const uint8_t *b)
{
	/* Two products that do not wait for each other. */
	uint64_t x = (hash_load(b) ^ seed) * HASH_K1;
	uint64_t y = (hash_load(b + 8) + seed) * HASH_K2;
	uint32_t w;

	memcpy(&w, b + 16, sizeof(w));
	x ^= y >> 31 ^ w;
	x = (x ^ x >> 32 ^ y) * HASH_K1;
	return (uint32_t)(x >> 32);
}

/* hash_octets returns 32 mixed bits of |n| octets at |b|. */
static inline uint32_t
hash_octets(uint64_t seed, const uint8_t *b, size_t n)
{
	uint64_t h = seed ^ n * HASH_K2;
	uint32_t w;

	for (; n >= 8; b += 8, n -= 8)
		h = hash_mix(h, hash_load(b));
	if (n >= 4) {
		memcpy(&w, b, 4);
		h = hash_mix(h, w);
		b += 4;
		n -= 4;
	}
	while (n-- > 0)
		h = hash_mix(h, *b++);
	h *= HASH_K2;
	return (uint32_t)(h >> 32);
}

/* nsap_same compares ATM_NSAP_LEN octets. */
static inline bool
nsap_same(const uint8_t *a, const uint8_t *b)
{
	/* The last eight first: that is where neighbours differ. */
	return hash_load(a + 12) == hash_load(b + 12)
	    && hash_load(a + 4) == hash_load(b + 4)
	    && memcmp(a, b, 4) == 0;
}

/* l3_order orders shorter addresses first, then as big-endian numbers. */
static inline int
l3_order(const struct l3_addr *a, const struct l3_addr *b)
{
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	return memcmp(a->b, b->b, a->len);
}

static inline bool
l3_same(const struct l3_addr *a, const struct l3_addr *b)
{
	if (a->len != b->len)
		return false;
	if (a->len == 4) /* IPv4 needs no call */
		return memcmp(a->b, b->b, 4) == 0;
	return memcmp(a->b, b->b, a->len) == 0;
}

/* range_order orders blocks by min, then max. */
static inline int
range_order(const struct l3_range *a, const struct l3_range *b)
{
	int c = l3_order(&a->min, &b->min);

	return c != 0 ? c : l3_order(&a->max, &b->max);
}

/* range_holds tells whether |a| lies in |r|, ends included. */
static inline bool
range_holds(const struct l3_range *r, const struct l3_addr *a)
{
	return l3_order(&r->min, a) <= 0 && l3_order(a, &r->max) <= 0;
}

#endif
