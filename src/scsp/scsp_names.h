/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SCSP_NAMES_H
#define SCSP_NAMES_H

/*
 * Packed items found by (Cache Key, Originator ID): what the Cache Record List
 * and the retransmit queue of a DCS have in common.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "marsh/base/mem.h"
#include "marsh/wire/scsp_msg.h"
#include "scsp_hash.h"
#include "scsp_index.h"
#include "scsp_pool.h"

/* The beginning of every item; the name's octets follow what the owner adds. */
struct scsp_name {
	struct scsp_node node; /* the owner's */
	int32_t seq;           /* the owner's */
	uint8_t key, orig;     /* octets */
	uint8_t at;            /* where they begin, from the item's first */
	uint8_t flags;         /* the owner's */
};

struct scsp_names {
	struct scsp_pool pool; /* items, and what else the owner likes */
	struct scsp_index index;
	struct scsp_hash_key key; /* may be set while it is empty */
};

/* scsp_names_init makes |t|, which does not move any more, empty. */
void scsp_names_init(struct scsp_names *t, const struct mem *mem);
/* scsp_names_fini frees every item and leaves |t| empty. */
void scsp_names_fini(struct scsp_names *t);

/* scsp_names_find returns the item of that name, or 0. */
uint32_t scsp_names_find(const struct scsp_names *t, struct scsp_oct key,
    struct scsp_oct orig);
/* scsp_names_add returns a new item, zero in its first |size| octets but for
 * the name, which is not there yet; 0: no memory. */
uint32_t scsp_names_add(struct scsp_names *t, struct scsp_oct key,
    struct scsp_oct orig, size_t size);
void scsp_names_del(struct scsp_names *t, uint32_t h);

size_t scsp_names_memory(const struct scsp_names *t);

static inline struct scsp_oct
scsp_name_key(const struct scsp_name *n)
{
	return (struct scsp_oct){ (const uint8_t *)n + n->at, n->key };
}

static inline struct scsp_oct
scsp_name_orig(const struct scsp_name *n)
{
	return (struct scsp_oct){ (const uint8_t *)n + n->at + n->key,
		n->orig };
}

#endif
