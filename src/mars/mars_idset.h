/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARS_IDSET_H
#define MARS_IDSET_H

/*
 * A set of 16-bit ids in ascending order: a sorted array while it is small, a
 * bitmap of 8192 octets from IDSET_ARRAY ids on, so that no change ever moves
 * more than 8192 octets.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "marsh/base/mem.h"

#define IDSET_ARRAY 4096 /* more ids than this: bitmap */
#define IDSET_WORDS 1024
#define IDSET_SHRINK 3072 /* fewer than this: array again */

struct idset {
	union {
		uint16_t *v;    /* cap entries, n in use */
		uint64_t *bits; /* IDSET_WORDS; when cap is IDSET_BITMAP */
	} u;
	uint32_t n, cap;
};
#define IDSET_BITMAP UINT32_MAX

/* idset_has tells whether |id| is in |s|. */
bool idset_has(const struct idset *s, uint16_t id);

/* idset_reserve makes room for one more id; MARSH_ENOMEM changes nothing. */
int idset_reserve(struct idset *s, const struct mem *m);

/* idset_add adds |id|, for which room was reserved; false: was there. */
bool idset_add(struct idset *s, uint16_t id);

/* idset_del removes |id|; false: was not there.  Never fails. */
bool idset_del(struct idset *s, const struct mem *m, uint16_t id);

/* idset_next returns the first id of at least |from|, or -1. */
int idset_next(const struct idset *s, unsigned from);

/* idset_or adds all of |s| to |bits| of IDSET_WORDS words. */
void idset_or(const struct idset *s, uint64_t *bits);

/* idset_fini empties |s|. */
void idset_fini(struct idset *s, const struct mem *m);

/* idset_check returns NULL, or what is inconsistent. */
const char *idset_check(const struct idset *s);

/* bits_ctz returns the number of the lowest set bit of |w|, not 0. */
static inline unsigned
bits_ctz(uint64_t w)
{
	/* de Bruijn's sequence: every six bits of it differ. */
	static const uint8_t place[64] = {
		0, 1, 48, 2, 57, 49, 28, 3, 61, 58, 50, 42, 38, 29, 17, 4,
		62, 55, 59, 36, 53, 51, 43, 22, 45, 39, 33, 30, 24, 18, 12, 5,
		63, 47, 56, 27, 60, 41, 37, 16, 54, 35, 52, 21, 44, 32, 23, 11,
		46, 26, 40, 15, 34, 20, 31, 10, 25, 14, 19, 9, 13, 8, 7, 6,
	};

	return place[((w & (0 - w)) * 0x03f79d71b4cb0a89u) >> 58];
}

/* bits_next returns the first bit of at least |from| in |bits|, or -1. */
static inline int
bits_next(const uint64_t *bits, unsigned from)
{
	unsigned i = from / 64;
	uint64_t w;

	if (from > UINT16_MAX)
		return -1;
	w = bits[i] & (~(uint64_t)0 << from % 64);
	while (w == 0) {
		if (++i == IDSET_WORDS)
			return -1;
		w = bits[i];
	}
	return (int)(i * 64 + bits_ctz(w));
}

#endif
