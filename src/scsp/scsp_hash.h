/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SCSP_HASH_H
#define SCSP_HASH_H

/*
 * Sixty-four mixed bits of octets.  Those of a digest have no seed: it must be
 * the same at every server.  Those of an index have one that a neighbour does
 * not know, or it could send a million keys that all fall into one bucket.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "marsh/wire/scsp_msg.h"

#define SCSP_HASH_K1 0x9e3779b97f4a7c15u
#define SCSP_HASH_K2 0xff51afd7ed558ccdu
#define SCSP_HASH_K3 0xc4ceb9fe1a85ec53u

static inline uint64_t
scsp_hash_step(uint64_t h, uint64_t v)
{
	h = (h ^ v) * SCSP_HASH_K1;
	return h ^ h >> 32;
}

static inline uint64_t
scsp_hash_octets(uint64_t h, const uint8_t *b, size_t n)
{
	uint64_t v;
	uint32_t w;

	/* The length goes in, so that key and originator do not trade octets. */
	h ^= n * SCSP_HASH_K3;
	for (; n >= 8; b += 8, n -= 8) {
		memcpy(&v, b, 8);
		h = scsp_hash_step(h, v);
	}
	if (n >= 4) {
		memcpy(&w, b, 4);
		h = scsp_hash_step(h, w);
		b += 4;
		n -= 4;
	}
	if (n == 0)
		return h;
	for (v = 0; n > 0; n--)
		v = v << 8 | *b++;
	return scsp_hash_step(h, v);
}

/* scsp_hash_end spreads what came last over all bits. */
static inline uint64_t
scsp_hash_end(uint64_t h)
{
	h = (h ^ h >> 33) * SCSP_HASH_K2;
	h = (h ^ h >> 33) * SCSP_HASH_K3;
	return h ^ h >> 33;
}

/* scsp_hash_name returns the hash of a record's name for a digest. */
static inline uint64_t
scsp_hash_name(struct scsp_oct key, struct scsp_oct orig)
{
	return scsp_hash_end(scsp_hash_octets(
	    scsp_hash_octets(SCSP_HASH_K2, key.p, key.len), orig.p, orig.len));
}

/* What an index is keyed with. */
struct scsp_hash_key {
	uint64_t k[2];
};

/* scsp_hash_seed makes a key of 64 bits that are hard to guess. */
static inline struct scsp_hash_key
scsp_hash_seed(uint64_t seed)
{
	return (struct scsp_hash_key){
		{ scsp_hash_end(seed + SCSP_HASH_K1), scsp_hash_end(~seed) } };
}

/* SipHash-1-3 (Aumasson, Bernstein): its state, and one round. */
struct scsp_sip {
	uint64_t v[4];
};

static inline uint64_t
scsp_sip_left(uint64_t x, unsigned n)
{
	return x << n | x >> (64 - n);
}

static inline void
scsp_sip_round(struct scsp_sip *s)
{
	uint64_t *v = s->v;

	v[0] += v[1];
	v[2] += v[3];
	v[1] = scsp_sip_left(v[1], 13) ^ v[0];
	v[3] = scsp_sip_left(v[3], 16) ^ v[2];
	v[0] = scsp_sip_left(v[0], 32) + v[3];
	v[2] += v[1];
	v[1] = scsp_sip_left(v[1], 17) ^ v[2];
	v[3] = scsp_sip_left(v[3], 21) ^ v[0];
	v[2] = scsp_sip_left(v[2], 32);
}

/* Octets in words; the last one ends with their number, so that where one
 * string ends and the next begins is part of what is hashed. */
static inline void
scsp_sip_octets(struct scsp_sip *s, const uint8_t *b, size_t n)
{
	uint64_t v, last = (uint64_t)n << 56;

	for (; n >= 8; b += 8, n -= 8) {
		memcpy(&v, b, 8);
		s->v[3] ^= v;
		scsp_sip_round(s);
		s->v[0] ^= v;
	}
	for (; n > 0; n--)
		last |= (uint64_t)b[n - 1] << 8 * (n - 1);
	s->v[3] ^= last;
	scsp_sip_round(s);
	s->v[0] ^= last;
}

/* scsp_hash_keyed returns the hash of a record's name for an index. */
static inline uint64_t
scsp_hash_keyed(const struct scsp_hash_key *k, struct scsp_oct key,
    struct scsp_oct orig)
{
	struct scsp_sip s = { { k->k[0] ^ 0x736f6d6570736575u,
		k->k[1] ^ 0x646f72616e646f6du, k->k[0] ^ 0x6c7967656e657261u,
		k->k[1] ^ 0x7465646279746573u } };

	scsp_sip_octets(&s, key.p, key.len);
	scsp_sip_octets(&s, orig.p, orig.len);
	s.v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		scsp_sip_round(&s);
	return s.v[0] ^ s.v[1] ^ s.v[2] ^ s.v[3];
}

/* scsp_hash_same compares length and octets (RFC 2334 section 2.4). */
static inline bool
scsp_hash_same(struct scsp_oct a, struct scsp_oct b)
{
	return a.len == b.len
	    && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

#endif
