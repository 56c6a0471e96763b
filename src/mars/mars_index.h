/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARS_INDEX_H
#define MARS_INDEX_H

/*
 * An open-addressing index from a 32-bit hash to a non-zero 32-bit id.  Eight
 * octets a slot, eight slots a cache line; the caller compares the real keys
 * of the few ids whose hash matches.
 */
#include <stddef.h>
#include <stdint.h>

#include "marsh/base/mem.h"

struct index_slot {
	uint32_t hash, id; /* id 0: free */
};

struct index {
	struct index_slot *slot;
	uint32_t mask; /* slots - 1; 0 with slot NULL: none yet */
	uint32_t n;
};

/*
 * index_first and index_next return the next id stored under |hash|, 0 at the
 * end; *|pos| is the caller's place.
 */
static inline uint32_t
index_next(const struct index *x, uint32_t hash, uint32_t *pos)
{
	for (;;) {
		const struct index_slot *s;

		*pos = (*pos + 1) & x->mask;
		s = &x->slot[*pos];
		if (s->id == 0 || s->hash == hash)
			return s->id;
	}
}

static inline uint32_t
index_first(const struct index *x, uint32_t hash, uint32_t *pos)
{
	*pos = hash - 1;
	if (x->slot == NULL)
		return 0;
	return index_next(x, hash, pos);
}

/* index_reserve makes room for one more; MARSH_ENOMEM changes nothing. */
int index_reserve(struct index *x, const struct mem *m);

/* index_add stores |id| under |hash|; room must have been reserved. */
void index_add(struct index *x, uint32_t hash, uint32_t id);

/* index_set replaces the id at |pos|, a place index_next stopped at. */
static inline void
index_set(struct index *x, uint32_t pos, uint32_t id)
{
	x->slot[pos & x->mask].id = id;
}

/* index_del removes the slot at |pos|, a place index_next stopped at. */
void index_del(struct index *x, uint32_t pos);

/* index_remove removes |id|, stored under |hash|. */
void index_remove(struct index *x, uint32_t hash, uint32_t id);

void index_fini(struct index *x, const struct mem *m);

#endif
