/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_BASE_MEM_H
#define MARSH_BASE_MEM_H

/*
 * The allocator is a parameter of every X_new.  Floors 0 to 3 never name
 * malloc, so tests can fail each allocation in turn (node/mem_libc.c holds the
 * only real one).
 */
#include <stddef.h>

struct mem {
	/*
	 * Resizes |p| (NULL: allocate) from |old| to |size| octets; |size| 0
	 * frees and returns NULL.  NULL otherwise means failure, |p| intact.
	 */
	void *(*resize)(void *ctx, void *p, size_t old, size_t size);
	void *ctx;
};

/* mem_alloc returns |size| zeroed octets, or NULL. */
void *mem_alloc(const struct mem *m, size_t size);

/* mem_resize resizes |p|; new octets are not zeroed.  NULL: failed, |p| intact. */
void *mem_resize(const struct mem *m, void *p, size_t old, size_t size);

/* mem_free releases |p| of |size| octets; |p| may be NULL. */
void mem_free(const struct mem *m, void *p, size_t size);

/*
 * mem_grow makes room for at least |need| items of |item| octets in *|vec|,
 * whose capacity is *|cap| items, by doubling.  Returns 0 or MARSH_ENOMEM with
 * nothing changed.
 */
int mem_grow(const struct mem *m, void **vec, size_t *cap, size_t need,
    size_t item);

#endif
