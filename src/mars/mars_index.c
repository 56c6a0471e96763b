/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Linear probing with backward-shift deletion: no tombstones, so a table that
 * sees a million joins and leaves probes as short as a fresh one.  Invariant:
 * no free slot lies between an entry's home (hash & mask) and the entry.
 */
#include "mars_index.h"

#include <assert.h>

#include "marsh/base/err.h"

#define INDEX_MIN 16

static void
put(struct index_slot *v, uint32_t mask, struct index_slot e)
{
	uint32_t i = e.hash & mask;

	while (v[i].id != 0)
		i = (i + 1) & mask;
	v[i] = e;
}

int
index_reserve(struct index *x, const struct mem *m)
{
	size_t old = x->slot ? (size_t)x->mask + 1 : 0;
	size_t new = old ? old * 2 : INDEX_MIN;
	struct index_slot *v;

	if (old != 0 && (size_t)x->n + 1 <= old / 4 * 3)
		return 0;
	if (new > (size_t)1 << 31)
		return MARSH_ENOMEM;
	v = mem_alloc(m, new * sizeof(*v));
	if (v == NULL)
		return MARSH_ENOMEM;
	for (size_t i = 0; i < old; i++)
		if (x->slot[i].id != 0)
			put(v, (uint32_t)(new - 1), x->slot[i]);
	mem_free(m, x->slot, old * sizeof(*v));
	x->slot = v;
	x->mask = (uint32_t)(new - 1);
	return 0;
}

void
index_add(struct index *x, uint32_t hash, uint32_t id)
{
	assert(id != 0 && x->n < x->mask);
	put(x->slot, x->mask, (struct index_slot){ hash, id });
	x->n++;
}

void
index_del(struct index *x, uint32_t pos)
{
	uint32_t hole = pos & x->mask, i = hole;

	for (;;) {
		struct index_slot *s;

		i = (i + 1) & x->mask;
		s = &x->slot[i];
		if (s->id == 0)
			break;
		/* It may move back unless its home lies behind the hole. */
		if (((i - s->hash) & x->mask) >= ((i - hole) & x->mask)) {
			x->slot[hole] = *s;
			hole = i;
		}
	}
	x->slot[hole].id = 0;
	x->n--;
}

void
index_remove(struct index *x, uint32_t hash, uint32_t id)
{
	uint32_t pos = 0, got = index_first(x, hash, &pos);

	while (got != id) {
		assert(got != 0);
		got = index_next(x, hash, &pos);
	}
	index_del(x, pos);
}

void
index_fini(struct index *x, const struct mem *m)
{
	if (x->slot != NULL)
		mem_free(m, x->slot, ((size_t)x->mask + 1) * sizeof(*x->slot));
	*x = (struct index){ 0 };
}
