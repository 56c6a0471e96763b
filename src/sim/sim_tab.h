/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SRC_SIM_SIM_TAB_H
#define SRC_SIM_SIM_TAB_H

/*
 * Chained hash tables of embedded links.  Adding cannot fail: a table that
 * gets no memory to grow stays as it is and becomes slower.
 */
#include <stddef.h>
#include <stdint.h>

#include "marsh/base/mem.h"

struct sim_tlink {
	struct sim_tlink *next;
	uint64_t hash;
};

struct sim_tab {
	const struct mem *mem;
	struct sim_tlink **bucket;
	size_t buckets; /* a power of two */
	size_t count;
};

/* sim_tab_init makes |t| empty; 0 or MARSH_ENOMEM. */
int sim_tab_init(struct sim_tab *t, const struct mem *mem);

/* sim_tab_free releases the buckets; the links are their owners'. */
void sim_tab_free(struct sim_tab *t);

/* sim_tab_add puts |l| in under |hash|. */
void sim_tab_add(struct sim_tab *t, struct sim_tlink *l, uint64_t hash);

/* sim_tab_del takes |l|, which must be in, out. */
void sim_tab_del(struct sim_tab *t, struct sim_tlink *l);

/* sim_tab_first and sim_tab_next give the links under |hash|, then NULL. */
struct sim_tlink *sim_tab_first(const struct sim_tab *t, uint64_t hash);
struct sim_tlink *sim_tab_next(const struct sim_tlink *l);

/* sim_tab_mix returns 64 well mixed bits of |x|. */
uint64_t sim_tab_mix(uint64_t x);

#endif
