/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A pool of packed objects.  malloc would add 16 octets to each of a million
 * records; here they cost nothing but the rounding to a class: every multiple
 * of the unit up to 64 of them, then 32 steps for each doubling (3 %).
 *
 * A class's chunks grow with it, from a handful of objects to 64 KB, so that a
 * small pool stays small.  A chunk that becomes empty is freed unless it is the
 * only one with room: then a class that lives at the edge of a chunk does not
 * allocate and free it over and over.
 */
#include "scsp_pool.h"

#include <assert.h>
#include <string.h>

#include "marsh/base/err.h"

#define CHUNK_OCTETS 65536
#define CHUNK_MAX (1u << SCSP_POOL_BITS) /* objects */
#define CHUNK_MIN 4
#define CHUNKS_MAX (1u << (32 - SCSP_POOL_BITS))

/* Class of |size|; rounds it up. */
static unsigned
class_of(const struct scsp_pool *p, size_t *size)
{
	size_t u = (*size + p->unit - 1) / p->unit - 1;
	unsigned shift = 0;

	while (u >> shift >= 64)
		shift++;
	u = (u >> shift) + 1;
	*size = (u << shift) * p->unit;
	return shift * 32 + (unsigned)u;
}

static void
room_add(struct scsp_pool *p, struct scsp_class *k, uint32_t id)
{
	struct scsp_chunk *c = &p->chunk[id];

	c->prev = 0;
	c->next = k->room;
	if (k->room != 0)
		p->chunk[k->room].prev = id;
	k->room = id;
}

static void
room_del(struct scsp_pool *p, struct scsp_class *k, uint32_t id)
{
	const struct scsp_chunk *c = &p->chunk[id];

	if (c->prev != 0)
		p->chunk[c->prev].next = c->next;
	else
		k->room = c->next;
	if (c->next != 0)
		p->chunk[c->next].prev = c->prev;
}

/* A chunk number, or 0. */
static uint32_t
number_new(struct scsp_pool *p)
{
	uint32_t id = p->free;

	if (id != 0) {
		p->free = p->chunk[id].next;
		return id;
	}
	if (p->chunks == CHUNKS_MAX
	    || mem_grow(p->mem, (void **)&p->chunk, &p->chunk_cap,
	    p->chunks + 2, sizeof(*p->chunk)) != 0)
		return 0;
	if (p->chunks == 0)
		p->chunk[p->chunks++] = (struct scsp_chunk){ 0 };
	p->chunk[p->chunks] = (struct scsp_chunk){ 0 };
	return (uint32_t)p->chunks++;
}

static void
number_free(struct scsp_pool *p, uint32_t id)
{
	p->chunk[id] = (struct scsp_chunk){ .next = p->free };
	p->free = id;
}

static int
chunk_new(struct scsp_pool *p, struct scsp_class *k, size_t size)
{
	size_t max = CHUNK_OCTETS / size, n = k->n;
	uint32_t id = number_new(p);
	struct scsp_chunk *c;

	if (id == 0)
		return MARSH_ENOMEM;
	if (n < CHUNK_MIN)
		n = CHUNK_MIN;
	if (max > CHUNK_MAX)
		max = CHUNK_MAX;
	if (n > max)
		n = max > 0 ? max : 1;
	c = &p->chunk[id];
	c->mem = mem_resize(p->mem, NULL, 0, n * size);
	if (c->mem == NULL) {
		number_free(p, id);
		return MARSH_ENOMEM;
	}
	c->size = (uint32_t)size;
	c->cap = (uint16_t)n;
	p->memory += n * size;
	room_add(p, k, id);
	return 0;
}

static void
chunk_free(struct scsp_pool *p, uint32_t id)
{
	struct scsp_chunk *c = &p->chunk[id];
	size_t n = (size_t)c->cap * c->size;

	mem_free(p->mem, c->mem, n);
	p->memory -= n;
	number_free(p, id);
}

static void
empty_free(struct scsp_pool *p, struct scsp_class *k, uint32_t id)
{
	room_del(p, k, id);
	chunk_free(p, id);
}

void
scsp_pool_init(struct scsp_pool *p, const struct mem *mem, uint32_t unit)
{
	*p = (struct scsp_pool){ .mem = mem, .unit = unit };
}

void
scsp_pool_fini(struct scsp_pool *p)
{
	for (uint32_t i = 1; i < p->chunks; i++)
		if (p->chunk[i].mem != NULL)
			chunk_free(p, i);
	mem_free(p->mem, p->chunk, p->chunk_cap * sizeof(*p->chunk));
	mem_free(p->mem, p->class, p->class_cap * sizeof(*p->class));
	scsp_pool_init(p, p->mem, p->unit);
}

static int
class_reserve(struct scsp_pool *p, unsigned class)
{
	size_t had = p->class_cap;
	int err = mem_grow(p->mem, (void **)&p->class, &p->class_cap,
	    (size_t)class + 1, sizeof(*p->class));

	for (size_t i = had; i < p->class_cap; i++)
		p->class[i] = (struct scsp_class){ 0, 0 };
	return err;
}

/* A freed place holds the number of the next one. */
static uint16_t
place_take(struct scsp_chunk *c)
{
	uint16_t at;

	if (c->free == 0)
		return c->fresh++;
	at = (uint16_t)(c->free - 1);
	memcpy(&c->free, c->mem + (size_t)at * c->size, sizeof(c->free));
	return at;
}

uint32_t
scsp_pool_get(struct scsp_pool *p, size_t size)
{
	unsigned class = class_of(p, &size);
	struct scsp_class *k;
	struct scsp_chunk *c;
	uint32_t id;

	if (class >= p->class_cap && class_reserve(p, class) != 0)
		return 0;
	k = &p->class[class];
	if (k->room == 0 && chunk_new(p, k, size) != 0)
		return 0;
	id = k->room;
	c = &p->chunk[id];
	k->n++;
	if (++c->used == c->cap)
		room_del(p, k, id);
	return id << SCSP_POOL_BITS | place_take(c);
}

void
scsp_pool_put(struct scsp_pool *p, uint32_t h)
{
	uint32_t id = h >> SCSP_POOL_BITS;
	uint16_t at = (uint16_t)(h & (CHUNK_MAX - 1));
	struct scsp_chunk *c = &p->chunk[id];
	size_t size = c->size;
	struct scsp_class *k = &p->class[class_of(p, &size)];

	assert(c->used > 0 && at < c->fresh);
	memcpy(c->mem + (size_t)at * c->size, &c->free, sizeof(c->free));
	c->free = (uint16_t)(at + 1);
	k->n--;
	if (c->used-- == c->cap) {
		uint32_t was = k->room;

		room_add(p, k, id);
		if (was != 0 && p->chunk[was].used == 0)
			empty_free(p, k, was);
	}
	if (c->used == 0 && (k->n == 0 || k->room != id || c->next != 0))
		empty_free(p, k, id);
}

int
scsp_pool_fits(const struct scsp_pool *p, uint32_t h, size_t size)
{
	class_of(p, &size);
	return p->chunk[h >> SCSP_POOL_BITS].size == size;
}

size_t
scsp_pool_memory(const struct scsp_pool *p)
{
	return p->memory + p->chunk_cap * sizeof(*p->chunk)
	    + p->class_cap * sizeof(*p->class);
}
