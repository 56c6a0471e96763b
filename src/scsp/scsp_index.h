/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SCSP_INDEX_H
#define SCSP_INDEX_H

/*
 * An index from 64-bit hashes to non-zero 32-bit handles that grows and shrinks
 * one bucket at a time (linear hashing): no change ever pays for the others.
 * The caller compares the names of the few handles whose tag matches.
 */
#include <stddef.h>
#include <stdint.h>

#include "marsh/base/mem.h"
#include "scsp_pool.h"

#define SCSP_BUCKET 12 /* slots: with them a bucket is a cache line */
#define SCSP_SEGMENT 64 /* buckets */

struct scsp_bucket {
	uint32_t handle[SCSP_BUCKET]; /* filled from the first; 0: free */
	uint8_t tag[SCSP_BUCKET];
	uint32_t next;                /* an overflow bucket, in |more| */
};

struct scsp_index {
	const struct mem *mem;
	uint64_t (*hash)(const void *ctx, uint32_t handle);
	const void *ctx;
	void **seg;        /* SCSP_SEGMENT buckets each, to be aligned */
	size_t segs, seg_cap;
	uint32_t mask;     /* of the buckets this round began with */
	uint32_t split;    /* the first of them not yet split */
	size_t n;          /* handles */
	struct scsp_pool more;
};

/* scsp_index_init makes |x| empty; |hash| with |ctx| gives a handle's hash. */
void scsp_index_init(struct scsp_index *x, const struct mem *mem,
    uint64_t (*hash)(const void *ctx, uint32_t handle), const void *ctx);
void scsp_index_fini(struct scsp_index *x);

/* scsp_index_add stores |handle|, whose hash can be asked for; MARSH_ENOMEM
 * changes nothing. */
int scsp_index_add(struct scsp_index *x, uint64_t hash, uint32_t handle);
/* scsp_index_del removes |handle|, which is there. */
void scsp_index_del(struct scsp_index *x, uint64_t hash, uint32_t handle);
/* scsp_index_set puts |to| in the place of |from|, which is there. */
void scsp_index_set(struct scsp_index *x, uint64_t hash, uint32_t from,
    uint32_t to);

size_t scsp_index_memory(const struct scsp_index *x);

/* scsp_index_check returns NULL, or what is inconsistent. */
const char *scsp_index_check(const struct scsp_index *x);

static inline struct scsp_bucket *
scsp_index_bucket(const struct scsp_index *x, uint32_t i)
{
	/* Storage comes aligned for any type, not for a cache line. */
	uintptr_t at = (uintptr_t)x->seg[i / SCSP_SEGMENT];

	at = (at + sizeof(struct scsp_bucket) - 1)
	    & ~(uintptr_t)(sizeof(struct scsp_bucket) - 1);
	return (struct scsp_bucket *)at + i % SCSP_SEGMENT;
}

static inline uint32_t
scsp_index_place(const struct scsp_index *x, uint64_t hash)
{
	uint32_t i = (uint32_t)hash & x->mask;

	return i < x->split ? (uint32_t)hash & (2 * x->mask + 1) : i;
}

/* A tag is never 0, which is that of a free slot. */
static inline uint8_t
scsp_index_tag(uint64_t hash)
{
	uint8_t tag = (uint8_t)(hash >> 56);

	return (uint8_t)(tag + (tag == 0));
}

/* Where a look-up stands. */
struct scsp_probe {
	const struct scsp_bucket *b;
	uint32_t left; /* slots not yet given, a bit each */
	uint8_t tag;
};

/* One bit for each octet of |v|, set where it is |tag|. */
static inline uint32_t
scsp_index_equal(uint64_t v, uint8_t tag)
{
	const uint64_t low7 = 0x7f7f7f7f7f7f7f7fu;

	v ^= tag * (uint64_t)0x0101010101010101u;
	v = ~(((v & low7) + low7) | v | low7);
	return (uint32_t)((v >> 7) * 0x0102040810204080u >> 56);
}

/*
 * The slots of |b| with |tag|.  Without a branch: which slot it is nobody can
 * predict, and while the processor waits for a bucket it can go on to the next
 * record only if all branches on the way are foreseeable.
 */
static inline uint32_t
scsp_index_slots(const struct scsp_bucket *b, uint8_t tag)
{
	const uint8_t *t = b->tag;
	uint64_t first = (uint64_t)t[0] | (uint64_t)t[1] << 8
	    | (uint64_t)t[2] << 16 | (uint64_t)t[3] << 24
	    | (uint64_t)t[4] << 32 | (uint64_t)t[5] << 40
	    | (uint64_t)t[6] << 48 | (uint64_t)t[7] << 56;
	uint32_t last = (uint32_t)t[8] | (uint32_t)t[9] << 8
	    | (uint32_t)t[10] << 16 | (uint32_t)t[11] << 24;

	return scsp_index_equal(first, tag)
	    | scsp_index_equal(last, tag) << 8;
}

/* The number of the only bit, of 16, that |bit| has. */
static inline unsigned
scsp_index_bit(uint32_t bit)
{
	static const uint8_t at[16] = { 0, 1, 11, 2, 14, 12, 8, 3, 15,
		10, 13, 7, 9, 6, 5, 4 };

	return at[(bit * 0x0f65u & 0xffffu) >> 12];
}

/* scsp_index_next returns the next handle that may be meant, 0 at the end. */
static inline uint32_t
scsp_index_next(const struct scsp_index *x, struct scsp_probe *p)
{
	uint32_t left = p->left;

	while (left == 0) {
		if (p->b->next == 0)
			return 0;
		p->b = scsp_pool_at(&x->more, p->b->next);
		left = scsp_index_slots(p->b, p->tag);
	}
	p->left = left & (left - 1);
	return p->b->handle[scsp_index_bit(left & ~p->left)];
}

static inline uint32_t
scsp_index_first(const struct scsp_index *x, uint64_t hash,
    struct scsp_probe *p)
{
	if (x->segs == 0)
		return 0;
	p->b = scsp_index_bucket(x, scsp_index_place(x, hash));
	p->tag = scsp_index_tag(hash);
	p->left = scsp_index_slots(p->b, p->tag);
	return scsp_index_next(x, p);
}

#endif
