/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pools.  Items lie together in the order of their making, so that walking the
 * leaves of a large VC walks memory.  The first word of a free item links it.
 */
#include "sim_pool.h"

#include <assert.h>
#include <string.h>

#include "marsh/base/err.h"

#define CHUNK 64

struct sim_chunk {
	struct sim_chunk *next;
	size_t size; /* octets, this header included */
};

void
sim_pool_init(struct sim_pool *p, const struct mem *mem, size_t item)
{
	size_t word = sizeof(void *);

	*p = (struct sim_pool){ .mem = mem };
	p->item = (item + word - 1) / word * word;
}

int
sim_pool_reserve(struct sim_pool *p, size_t n)
{
	size_t count = n > CHUNK ? n : CHUNK;
	struct sim_chunk *c;
	char *at;

	if (p->spare >= n)
		return 0;
	c = mem_resize(p->mem, NULL, 0, sizeof(*c) + count * p->item);
	if (c == NULL)
		return MARSH_ENOMEM;
	c->size = sizeof(*c) + count * p->item;
	c->next = p->chunks;
	p->chunks = c;
	for (at = (char *)c + c->size; count > 0; count--) {
		at -= p->item;
		memcpy(at, &p->free, sizeof(p->free));
		p->free = at;
		p->spare++;
	}
	return 0;
}

void *
sim_pool_get(struct sim_pool *p)
{
	void *item;

	if (p->free == NULL && sim_pool_reserve(p, 1) != 0)
		return NULL;
	item = p->free;
	memcpy(&p->free, item, sizeof(p->free));
	memset(item, 0, p->item);
	p->spare--;
	p->live++;
	return item;
}

void
sim_pool_put(struct sim_pool *p, void *item)
{
	assert(p->live > 0);
	memcpy(item, &p->free, sizeof(p->free));
	p->free = item;
	p->spare++;
	p->live--;
}

void
sim_pool_free(struct sim_pool *p)
{
	struct sim_chunk *c, *next;

	for (c = p->chunks; c != NULL; c = next) {
		next = c->next;
		mem_free(p->mem, c, c->size);
	}
	sim_pool_init(p, p->mem, p->item);
}
