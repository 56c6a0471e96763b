/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SCSP_POOL_H
#define SCSP_POOL_H

/*
 * Objects of any size behind 32-bit handles, packed without a header of their
 * own: chunks of equal objects, a class of chunks for each size.  An object
 * never moves.  A handle is a chunk's number and a place in it; 0 is none.
 */
#include <stddef.h>
#include <stdint.h>

#include "marsh/base/mem.h"

#define SCSP_POOL_BITS 10 /* of a handle, for the place */

struct scsp_chunk {
	uint8_t *mem;        /* NULL: a number without a chunk */
	uint32_t size;       /* of an object */
	uint32_t prev, next; /* chunks of this class with room; or free numbers */
	uint16_t cap, used;  /* objects */
	uint16_t fresh;      /* places from here on were never used */
	uint16_t free;       /* the first of the freed places, plus 1 */
};

struct scsp_class {
	uint32_t room; /* the first chunk with room, 0: none */
	uint32_t n;    /* objects */
};

struct scsp_pool {
	const struct mem *mem;
	struct scsp_chunk *chunk; /* [0] is not used */
	struct scsp_class *class;
	size_t chunks, chunk_cap, class_cap;
	size_t memory;       /* of the chunks */
	uint32_t free;       /* chunk numbers without a chunk */
	uint32_t unit;       /* sizes are multiples of it: 4 or 8 */
};

/* scsp_pool_init makes |p| an empty pool of objects aligned to |unit|. */
void scsp_pool_init(struct scsp_pool *p, const struct mem *mem, uint32_t unit);
/* scsp_pool_fini frees every object. */
void scsp_pool_fini(struct scsp_pool *p);

/* scsp_pool_get returns a new object of |size| octets, or 0. */
uint32_t scsp_pool_get(struct scsp_pool *p, size_t size);
void scsp_pool_put(struct scsp_pool *p, uint32_t h);

/* scsp_pool_fits tells whether object |h| is what scsp_pool_get would give for
 * |size|: then it may stay where it is. */
int scsp_pool_fits(const struct scsp_pool *p, uint32_t h, size_t size);

/* scsp_pool_memory returns the octets held. */
size_t scsp_pool_memory(const struct scsp_pool *p);

static inline void *
scsp_pool_at(const struct scsp_pool *p, uint32_t h)
{
	const struct scsp_chunk *c = &p->chunk[h >> SCSP_POOL_BITS];

	return c->mem + (size_t)(h & ((1u << SCSP_POOL_BITS) - 1)) * c->size;
}

/* ---- lists of objects that begin with a node ---------------------------- */

struct scsp_node {
	uint32_t prev, next;
};

struct scsp_list {
	uint32_t head, tail;
};

static inline struct scsp_node *
scsp_node(const struct scsp_pool *p, uint32_t h)
{
	return scsp_pool_at(p, h);
}

static inline void
scsp_list_append(struct scsp_list *l, const struct scsp_pool *p, uint32_t h)
{
	struct scsp_node *n = scsp_node(p, h);

	n->prev = l->tail;
	n->next = 0;
	if (l->tail != 0)
		scsp_node(p, l->tail)->next = h;
	else
		l->head = h;
	l->tail = h;
}

static inline void
scsp_list_remove(struct scsp_list *l, const struct scsp_pool *p, uint32_t h)
{
	const struct scsp_node *n = scsp_node(p, h);

	if (n->prev != 0)
		scsp_node(p, n->prev)->next = n->next;
	else
		l->head = n->next;
	if (n->next != 0)
		scsp_node(p, n->next)->prev = n->prev;
	else
		l->tail = n->prev;
}

/* scsp_list_move appends all of |from|, which is empty afterwards, to |l|. */
static inline void
scsp_list_move(struct scsp_list *l, const struct scsp_pool *p,
    struct scsp_list *from)
{
	if (from->head == 0)
		return;
	scsp_node(p, from->head)->prev = l->tail;
	if (l->tail != 0)
		scsp_node(p, l->tail)->next = from->head;
	else
		l->head = from->head;
	l->tail = from->tail;
	*from = (struct scsp_list){ 0, 0 };
}

#endif
