/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SCSP_HASH_H
#define SCSP_HASH_H

/*
 * Sixty-four mixed bits of octets: for the indexes, and for the digest of a
 * cache.  No seed goes in: who may send records at all is one of the group, and
 * a digest must be the same at every server.
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

/* scsp_hash_name returns the hash of a record's name. */
static inline uint64_t
scsp_hash_name(struct scsp_oct key, struct scsp_oct orig)
{
	return scsp_hash_end(scsp_hash_octets(
	    scsp_hash_octets(SCSP_HASH_K2, key.p, key.len), orig.p, orig.len));
}

/* scsp_hash_same compares length and octets (RFC 2334 section 2.4). */
static inline bool
scsp_hash_same(struct scsp_oct a, struct scsp_oct b)
{
	return a.len == b.len
	    && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

#endif
