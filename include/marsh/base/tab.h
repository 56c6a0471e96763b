/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_BASE_TAB_H
#define MARSH_BASE_TAB_H

/*
 * Chained hash tables of embedded links.  Adding cannot fail: a table that
 * gets no memory to grow stays as it is and becomes slower.
 */
#include <stddef.h>
#include <stdint.h>

#include "marsh/base/mem.h"

struct tab_link {
	struct tab_link *next;
	uint64_t hash;
};

struct tab {
	const struct mem *mem;
	struct tab_link **bucket;
	size_t buckets; /* a power of two */
	size_t count;
};

/* tab_init makes |t| empty; 0 or MARSH_ENOMEM. */
int tab_init(struct tab *t, const struct mem *mem);

/* tab_free releases the buckets; the links are their owners'. */
void tab_free(struct tab *t);

/* tab_add puts |l| in under |hash|. */
void tab_add(struct tab *t, struct tab_link *l, uint64_t hash);

/* tab_del takes |l|, which must be in, out. */
void tab_del(struct tab *t, struct tab_link *l);

/* tab_first and tab_next give the links under |hash|, then NULL. */
struct tab_link *tab_first(const struct tab *t, uint64_t hash);
struct tab_link *tab_next(const struct tab_link *l);

/* tab_mix returns 64 well mixed bits of |x|. */
uint64_t tab_mix(uint64_t x);

#endif
