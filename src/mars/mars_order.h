/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARS_ORDER_H
#define MARS_ORDER_H

/*
 * Group ids in order of their addresses, for MARS_GROUPLIST and for those who
 * show.  A vector of chunks of at most ORDER_CHUNK entries, each with the
 * first eight octets of its address beside it.
 */
#include <stddef.h>
#include <stdint.h>

#include "marsh/base/addr.h"
#include "marsh/base/mem.h"

#define ORDER_CHUNK 128

struct order_chunk {
	uint32_t n;
	uint32_t id[ORDER_CHUNK];
	uint64_t key[ORDER_CHUNK];
};

/* Where the real addresses are: the owner's function, |ctx| the owner. */
struct order {
	struct order_chunk **chunk;
	struct order_chunk *spare; /* the reserve of order_reserve */
	size_t n, cap;
	const struct l3_addr *(*addr)(const void *ctx, uint32_t id);
	const void *ctx;
};

/* A place: chunk and entry. */
struct order_pos {
	size_t c;
	uint32_t i;
};

/* order_reserve makes order_add safe once; MARSH_ENOMEM changes nothing. */
int order_reserve(struct order *o, const struct mem *m);

/* order_add adds |id|, whose address is not there yet. */
void order_add(struct order *o, uint32_t id);

/* order_del removes |id|, which is there. */
void order_del(struct order *o, const struct mem *m, uint32_t id);

/* order_seek finds the first id whose address is at least |a| (NULL: first). */
struct order_pos order_seek(const struct order *o, const struct l3_addr *a);

/* order_at returns the id at |p|, or 0 at the end. */
uint32_t order_at(const struct order *o, struct order_pos p);

/* order_step moves |p| to the next place. */
void order_step(const struct order *o, struct order_pos *p);

void order_fini(struct order *o, const struct mem *m);

#endif
