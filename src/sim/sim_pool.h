/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SRC_SIM_SIM_POOL_H
#define SRC_SIM_SIM_POOL_H

/*
 * Items of one size in chunks, given back one by one and freed all together.
 * The count of live items is how sim_check finds leaks.
 */
#include <stddef.h>

#include "marsh/base/mem.h"

struct sim_chunk;

struct sim_pool {
	const struct mem *mem;
	size_t item;
	size_t live;
	size_t spare; /* items on the free list */
	void *free;
	struct sim_chunk *chunks;
};

/* sim_pool_init makes |p| an empty pool of |item| octets each. */
void sim_pool_init(struct sim_pool *p, const struct mem *mem, size_t item);

/* sim_pool_reserve makes |n| items ready; 0 or MARSH_ENOMEM. */
int sim_pool_reserve(struct sim_pool *p, size_t n);

/* sim_pool_get returns a zeroed item, or NULL. */
void *sim_pool_get(struct sim_pool *p);

/* sim_pool_put takes |item| back. */
void sim_pool_put(struct sim_pool *p, void *item);

/* sim_pool_free releases everything. */
void sim_pool_free(struct sim_pool *p);

#endif
