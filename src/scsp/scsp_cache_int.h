/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SCSP_CACHE_INT_H
#define SCSP_CACHE_INT_H

#include "scsp_cache.h"
#include "scsp_hash.h"
#include "scsp_index.h"
#include "scsp_pool.h"

/* An originator, shared by its entries. */
struct scsp_orig {
	uint32_t refs;
	uint32_t at; /* its place in cache->orig */
	uint8_t len;
	uint8_t octets[];
};

#define ENTRY_TOMBSTONE 1
#define ENTRY_OWN 2
#define ENTRY_DEFENDED 4 /* from here up: how often */

/*
 * Key and body follow without a gap, then the grave of a tombstone.  Change
 * numbers have 48 bits: nine years at a million changes a second.
 */
struct scsp_entry {
	struct scsp_node node; /* in the order of changes */
	struct scsp_orig *orig;
	int32_t seq;
	uint32_t change_low;
	uint16_t change_high;
	uint16_t body;  /* octets */
	uint8_t key;    /* octets */
	uint8_t flags;
	uint8_t octets[];
};

/* What only a tombstone needs; not aligned. */
struct scsp_grave {
	struct scsp_node node; /* in the order of withdrawal */
	struct mtime since;
};

struct scsp_cache {
	const struct mem *mem;
	struct mspan span;         /* of a tombstone */
	struct scsp_hash_key key;  /* of both indexes */
	struct scsp_pool pool;     /* entries */
	struct scsp_index index;   /* by name */
	struct scsp_list order;    /* of changes */
	struct scsp_list graves;   /* tombstones */
	struct mtime deadline;     /* of the first of them */
	uint64_t change;
	struct scsp_walk *walks;
	struct scsp_orig **orig;
	size_t origs, orig_cap;
	struct scsp_index by_orig; /* places in |orig|, plus 1 */
	uint64_t live, dead, octets, digest, digest_all;
	size_t memory;             /* of this struct and the originators */
	/* Where scsp_cache_after found something: a reader goes on from there.
	 * It changes under a const cache. */
	uint32_t *hint;
};

static inline struct scsp_entry *
scsp_entry_at(const struct scsp_cache *c, uint32_t h)
{
	return scsp_pool_at(&c->pool, h);
}

/* scsp_entry_hash returns what |e| adds to the digest. */
uint64_t scsp_entry_hash(const struct scsp_entry *e);

/* scsp_walk_append tells the walks that |h| is the last entry now, and
 * scsp_walk_remove that |h| leaves its place (it is still linked). */
void scsp_walk_append(struct scsp_cache *c, uint32_t h);
void scsp_walk_remove(struct scsp_cache *c, uint32_t h);

/* scsp_orig_hash returns the hash of |o| for the cache's index of originators. */
static inline uint64_t
scsp_orig_hash(const struct scsp_cache *c, struct scsp_oct o)
{
	return scsp_hash_keyed(&c->key, o, (struct scsp_oct){ NULL, 0 });
}

/* scsp_orig_get returns the originator |o| with one reference more, or NULL;
 * scsp_orig_put gives one back. */
struct scsp_orig *scsp_orig_get(struct scsp_cache *c, struct scsp_oct o);
void scsp_orig_put(struct scsp_cache *c, struct scsp_orig *o);

#endif
