/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SCSP_CACHE_H
#define SCSP_CACHE_H

/*
 * The cache of one Server Group (RFC 2334 section 2.4): entries by (Cache Key,
 * Originator ID), and all of them in the order in which they last changed.
 * That order makes a snapshot free: a summary walks it up to the change number
 * at which it began, and what changed meanwhile stands behind that number.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "marsh/base/mem.h"
#include "marsh/base/mtime.h"
#include "marsh/wire/scsp_msg.h"

struct scsp_cache;
struct scsp_entry;

/* scsp_cache_new returns an empty cache, or NULL. */
struct scsp_cache *scsp_cache_new(const struct mem *mem, struct mspan tombstone);
void scsp_cache_free(struct scsp_cache *c);

/* scsp_cache_seed keys the indexes of |c|, which is still empty: without it
 * they are keyed with zero, and whoever sends records may choose colliding
 * names. */
void scsp_cache_seed(struct scsp_cache *c, uint64_t seed);

/* scsp_cache_find returns the entry, tombstones included, or NULL. */
struct scsp_entry *scsp_cache_find(const struct scsp_cache *c,
    struct scsp_oct key, struct scsp_oct orig);

/*
 * scsp_cache_set makes or replaces the entry of |r| (key, orig, seq, body) at
 * |now|, which becomes the last one in the order of changes; |tombstone|: it was
 * withdrawn (and is dropped after the tombstone span), |own|: it was written by
 * this incarnation.  |r| may borrow from the entry it replaces.  An entry's
 * address may change.  Returns it, or NULL without memory: nothing changed.
 */
struct scsp_entry *scsp_cache_set(struct scsp_cache *c, struct mtime now,
    const struct scsp_rec *r, bool tombstone, bool own);

/* scsp_cache_expire drops tombstones that are old enough: a bounded number; the
 * deadline stays due while there are more. */
void scsp_cache_expire(struct scsp_cache *c, struct mtime now);
/* scsp_cache_deadline returns when the next tombstone goes. */
struct mtime scsp_cache_deadline(const struct scsp_cache *c);

/* scsp_entry_rec fills |r| (hop 0, not Null), borrowed from |e|. */
void scsp_entry_rec(const struct scsp_entry *e, struct scsp_rec *r);
int32_t scsp_entry_seq(const struct scsp_entry *e);
uint64_t scsp_entry_change(const struct scsp_entry *e);
bool scsp_entry_tombstone(const struct scsp_entry *e);
/* scsp_entry_defended returns what scsp_entry_defend noted since the last
 * scsp_cache_set, 0 at first and at most 63. */
unsigned scsp_entry_defended(const struct scsp_entry *e);
void scsp_entry_defend(struct scsp_entry *e, unsigned times);
bool scsp_entry_own(const struct scsp_entry *e);

/* scsp_cache_change returns the last change's number; 0: none yet. */
uint64_t scsp_cache_change(const struct scsp_cache *c);

/*
 * A walk in the order of changes that survives every change of the cache: an
 * entry that changes moves behind, one that goes is skipped.  It must be ended
 * (scsp_walk_end) before its memory or the cache goes; a zeroed walk is ended.
 */
struct scsp_walk {
	struct scsp_cache *cache;
	struct scsp_walk *next_walk; /* the cache's list */
	uint32_t at;                 /* the cache's own */
	uint64_t upto;               /* change number; later ones are not met */
};
/* scsp_walk_start begins behind change |after| and ends at |upto| (UINT64_MAX:
 * never).  Starting near either end of the order costs little. */
void scsp_walk_start(struct scsp_walk *w, struct scsp_cache *c, uint64_t after,
    uint64_t upto);
/* scsp_walk_peek returns the entry the walk stands on, or NULL at its end. */
struct scsp_entry *scsp_walk_peek(const struct scsp_walk *w);
/* scsp_walk_step moves on by one. */
void scsp_walk_step(struct scsp_walk *w);
void scsp_walk_end(struct scsp_walk *w);

/* Entry behind change |after| in order, or NULL; costs like scsp_walk_start. */
struct scsp_entry *scsp_cache_after(const struct scsp_cache *c, uint64_t after);

/* Any entry of |key| that is newest by change, of all originators, or NULL. */
struct scsp_entry *scsp_cache_newest(const struct scsp_cache *c,
    struct scsp_oct key);

struct scsp_cache_count {
	uint64_t entries, tombstones; /* live, and withdrawn */
	uint64_t octets;              /* of live bodies */
	uint64_t memory;              /* everything held */
	uint64_t digest, digest_all;  /* see scsp_digest: kept incrementally */
};
void scsp_cache_count(const struct scsp_cache *c, struct scsp_cache_count *n);

/* scsp_cache_check verifies inner consistency; NULL or a text. */
const char *scsp_cache_check(const struct scsp_cache *c);

#endif
