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
/* scsp_index_del removes |handle|, which is there and can still be asked for. */
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

static inline uint8_t
scsp_index_tag(uint64_t hash)
{
	return (uint8_t)(hash >> 56);
}

/* Where a look-up stands. */
struct scsp_probe {
	const struct scsp_bucket *b;
	unsigned i;
	uint8_t tag;
};

/* scsp_index_next returns the next handle that may be meant, 0 at the end. */
static inline uint32_t
scsp_index_next(const struct scsp_index *x, struct scsp_probe *p)
{
	for (;;) {
		while (p->i < SCSP_BUCKET) {
			unsigned i = p->i++;

			if (p->b->tag[i] == p->tag && p->b->handle[i] != 0)
				return p->b->handle[i];
		}
		if (p->b->next == 0)
			return 0;
		p->b = scsp_pool_at(&x->more, p->b->next);
		p->i = 0;
	}
}

static inline uint32_t
scsp_index_first(const struct scsp_index *x, uint64_t hash,
    struct scsp_probe *p)
{
	if (x->segs == 0)
		return 0;
	p->b = scsp_index_bucket(x, scsp_index_place(x, hash));
	p->i = 0;
	p->tag = scsp_index_tag(hash);
	return scsp_index_next(x, p);
}

#endif
