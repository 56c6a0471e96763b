/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARS_GSET_H
#define MARS_GSET_H

/*
 * The groups of one member: 30-bit group ids, each with two flags of the
 * membership: layer3grp, and that it is old, see mars_db_old.c.  A small hash
 * set of four octets a slot.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "marsh/base/mem.h"

#define GSET_LAYER3 0x80000000u
#define GSET_OLD 0x40000000u
#define GSET_ID 0x3fffffffu

struct gset {
	uint32_t *slot; /* 1 << bits slots; id 0: free */
	uint32_t n;
	uint8_t bits; /* 0: no slots */
};

/* gset_home returns the slot where |id| is or would be looked for first. */
static inline uint32_t
gset_home(const struct gset *s, uint32_t id)
{
	return (id & GSET_ID) * 0x9e3779b1u >> (32 - s->bits);
}

/* gset_find returns the slot of |id|, or NULL. */
uint32_t *gset_find(const struct gset *s, uint32_t id);

/* gset_reserve makes room for one more; MARSH_ENOMEM changes nothing. */
int gset_reserve(struct gset *s, const struct mem *m);

/* gset_add adds |id|, which is not there, with its flag; room is reserved. */
void gset_add(struct gset *s, uint32_t id_and_flag);

/* gset_del removes the entry at |slot|. */
void gset_del(struct gset *s, const struct mem *m, uint32_t *slot);

/* gset_size returns the slots to walk, from 0. */
static inline uint32_t
gset_size(const struct gset *s)
{
	return s->bits ? (uint32_t)1 << s->bits : 0;
}

void gset_fini(struct gset *s, const struct mem *m);

#endif
