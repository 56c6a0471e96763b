/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARS_BLOCKS_H
#define MARS_BLOCKS_H

/*
 * The distinct <min,max> blocks that members joined, each with the ids of its
 * members: an interval tree, ordered by min and then max.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "marsh/base/addr.h"
#include "marsh/base/mem.h"
#include "marsh/base/rng.h"
#include "mars_idset.h"

struct block {
	struct l3_range r;
	struct idset ids;
	uint32_t left, right; /* node numbers, 0: none */
	uint32_t prio;
	uint32_t far; /* the node of this subtree with the largest max */
};

struct blocks {
	struct block *v; /* node numbers are places here, 0 unused */
	size_t cap, used;
	uint32_t root, free; /* free nodes are linked by |left| */
	uint32_t n;
	struct rng rng; /* priorities */
};

/* blocks_find returns the node of exactly |r|, or 0. */
uint32_t blocks_find(const struct blocks *b, const struct l3_range *r);

/* blocks_reserve makes room for one more; MARSH_ENOMEM changes nothing. */
int blocks_reserve(struct blocks *b, const struct mem *m);

/* blocks_add adds |r|, which is not there, without ids; returns its node. */
uint32_t blocks_add(struct blocks *b, const struct l3_range *r);

/* blocks_del removes the node |id|, whose set of ids is empty. */
void blocks_del(struct blocks *b, uint32_t id);

/* blocks_stab adds the ids of all blocks that hold |a| to |bits|. */
bool blocks_stab(const struct blocks *b, const struct l3_addr *a,
    uint64_t *bits);

/* blocks_next returns the least id >= |from| of a block holding |a|, or -1. */
int blocks_next(const struct blocks *b, const struct l3_addr *a,
    unsigned from);

/* blocks_hit tells whether some block holds |a|. */
bool blocks_hit(const struct blocks *b, const struct l3_addr *a);

/* blocks_after returns the first node behind |r| (NULL: the first), or 0. */
uint32_t blocks_after(const struct blocks *b, const struct l3_range *r);

void blocks_fini(struct blocks *b, const struct mem *m);

/* blocks_check returns NULL, or what is inconsistent. */
const char *blocks_check(const struct blocks *b);

#endif
