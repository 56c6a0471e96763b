/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The cache of a Server Group (RFC 2334 section 2.4).  An entry is one packed
 * object: links, number, key, body.  It is in the index by name and in a list,
 * the order of changes.  Withdrawn entries stay for a while as tombstones, so
 * that an old instance that still wanders about is seen to be old; they
 * are also linked in the order in which they were withdrawn.
 *
 * Nothing here decides what is newer: whoever calls scsp_cache_set did.
 */
#include "scsp_cache.h"

#include <assert.h>
#include <string.h>

#include "scsp_cache_int.h"
#include "scsp_hash.h"

#define EXPIRE_MAX 64 /* tombstones dropped by one call */

static struct scsp_oct
key_of(const struct scsp_entry *e)
{
	return (struct scsp_oct){ e->octets, e->key };
}

static struct scsp_oct
orig_of(const struct scsp_entry *e)
{
	return (struct scsp_oct){ e->orig->octets, e->orig->len };
}

static uint64_t
index_hash(const void *ctx, uint32_t h)
{
	const struct scsp_cache *c = ctx;
	const struct scsp_entry *e = scsp_entry_at(c, h);

	return scsp_hash_keyed(&c->key, key_of(e), orig_of(e));
}

uint64_t
scsp_entry_hash(const struct scsp_entry *e)
{
	uint64_t h = scsp_hash_step(scsp_hash_name(key_of(e), orig_of(e)),
	    (uint64_t)(uint32_t)e->seq << 1 | (e->flags & ENTRY_TOMBSTONE));

	return scsp_hash_end(scsp_hash_octets(h, e->octets + e->key, e->body));
}

static uint64_t
orig_hash(const void *ctx, uint32_t i)
{
	const struct scsp_cache *c = ctx;
	const struct scsp_orig *o = c->orig[i - 1];

	return scsp_orig_hash(c, (struct scsp_oct){ o->octets, o->len });
}

struct scsp_cache *
scsp_cache_new(const struct mem *mem, struct mspan tombstone)
{
	struct scsp_cache *c = mem_alloc(mem, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->hint = mem_alloc(mem, sizeof(*c->hint));
	if (c->hint == NULL) {
		mem_free(mem, c, sizeof(*c));
		return NULL;
	}
	c->mem = mem;
	c->span = tombstone;
	c->deadline = MTIME_NEVER;
	c->memory = sizeof(*c) + sizeof(*c->hint);
	scsp_pool_init(&c->pool, mem, 8);
	scsp_index_init(&c->index, mem, index_hash, c);
	scsp_index_init(&c->by_orig, mem, orig_hash, c);
	return c;
}

void
scsp_cache_seed(struct scsp_cache *c, uint64_t seed)
{
	assert(c->order.head == 0 && c->origs == 0);
	c->key = scsp_hash_seed(seed);
}

void
scsp_cache_free(struct scsp_cache *c)
{
	if (c == NULL)
		return;
	assert(c->walks == NULL);
	scsp_index_fini(&c->index);
	scsp_index_fini(&c->by_orig);
	scsp_pool_fini(&c->pool);
	for (size_t i = 0; i < c->origs; i++)
		mem_free(c->mem, c->orig[i],
		    sizeof(*c->orig[i]) + c->orig[i]->len);
	mem_free(c->mem, c->orig, c->orig_cap * sizeof(*c->orig));
	mem_free(c->mem, c->hint, sizeof(*c->hint));
	mem_free(c->mem, c, sizeof(*c));
}

/* ---- tombstones --------------------------------------------------------- */

static uint8_t *
grave(const struct scsp_cache *c, uint32_t h)
{
	struct scsp_entry *e = scsp_entry_at(c, h);

	return e->octets + e->key + e->body;
}

static struct scsp_grave
grave_get(const struct scsp_cache *c, uint32_t h)
{
	struct scsp_grave g;

	memcpy(&g, grave(c, h), sizeof(g));
	return g;
}

/* Links |prev| and |next| (0: none) in the order of withdrawal. */
static void
grave_link(struct scsp_cache *c, uint32_t prev, uint32_t next)
{
	if (prev != 0)
		memcpy(grave(c, prev) + offsetof(struct scsp_grave, node.next),
		    &next, sizeof(next));
	else
		c->graves.head = next;
	if (next != 0)
		memcpy(grave(c, next) + offsetof(struct scsp_grave, node.prev),
		    &prev, sizeof(prev));
	else
		c->graves.tail = prev;
	if (prev == 0)
		c->deadline = next == 0 ? MTIME_NEVER
		    : mtime_add(grave_get(c, next).since, c->span);
}

static void
grave_add(struct scsp_cache *c, uint32_t h, struct mtime now)
{
	struct scsp_grave g = { .since = now };
	uint32_t last = c->graves.tail;

	memcpy(grave(c, h), &g, sizeof(g));
	grave_link(c, last, h);
	grave_link(c, h, 0);
}

/* ---- entries ------------------------------------------------------------ */

static uint32_t
find(const struct scsp_cache *c, uint64_t hash, struct scsp_oct key,
    struct scsp_oct orig)
{
	struct scsp_probe p;
	uint32_t h = scsp_index_first(&c->index, hash, &p);

	for (; h != 0; h = scsp_index_next(&c->index, &p)) {
		const struct scsp_entry *e = scsp_entry_at(c, h);

		/* Both names are compared: RFC 2334 section 2.4. */
		if (scsp_hash_same(key_of(e), key)
		    && scsp_hash_same(orig_of(e), orig))
			break;
	}
	return h;
}

struct scsp_entry *
scsp_cache_find(const struct scsp_cache *c, struct scsp_oct key,
    struct scsp_oct orig)
{
	uint32_t h = find(c, scsp_hash_keyed(&c->key, key, orig), key, orig);

	return h != 0 ? scsp_entry_at(c, h) : NULL;
}

struct scsp_entry *
scsp_cache_newest(const struct scsp_cache *c, struct scsp_oct key)
{
	struct scsp_entry *newest = NULL;

	for (size_t i = 0; i < c->origs; i++) {
		struct scsp_entry *e = scsp_cache_find(c, key,
		    (struct scsp_oct){ c->orig[i]->octets, c->orig[i]->len });

		if (e != NULL && (newest == NULL
		    || scsp_entry_change(e) > scsp_entry_change(newest)))
			newest = e;
	}
	return newest;
}

/* Takes |h| out of the lists and the sums; its object stays. */
static void
leave(struct scsp_cache *c, uint32_t h)
{
	struct scsp_entry *e = scsp_entry_at(c, h);
	uint64_t digest;

	/* The neighbours first: they take longest to come from memory. */
	scsp_walk_remove(c, h);
	scsp_list_remove(&c->order, &c->pool, h);
	digest = scsp_entry_hash(e);
	c->digest_all -= digest;
	if (e->flags & ENTRY_TOMBSTONE) {
		struct scsp_grave g = grave_get(c, h);

		grave_link(c, g.node.prev, g.node.next);
		c->dead--;
		return;
	}
	c->live--;
	c->octets -= e->body;
	c->digest -= digest;
}

/* Puts |h|, whose content is complete, into the lists and the sums. */
static void
enter(struct scsp_cache *c, uint32_t h, struct mtime now)
{
	struct scsp_entry *e = scsp_entry_at(c, h);
	uint64_t digest = scsp_entry_hash(e);

	c->change++;
	assert(c->change >> 48 == 0);
	e->change_low = (uint32_t)c->change;
	e->change_high = (uint16_t)(c->change >> 32);
	scsp_list_append(&c->order, &c->pool, h);
	scsp_walk_append(c, h);
	c->digest_all += digest;
	if (e->flags & ENTRY_TOMBSTONE) {
		grave_add(c, h, now);
		c->dead++;
		return;
	}
	c->live++;
	c->octets += e->body;
	c->digest += digest;
}

static size_t
size_of(const struct scsp_rec *r, bool tombstone)
{
	return offsetof(struct scsp_entry, octets) + r->key.len + r->body.len
	    + (tombstone ? sizeof(struct scsp_grave) : 0);
}

/* |r| may borrow from |e|: then the key is where it was. */
static void
fill(struct scsp_entry *e, const struct scsp_rec *r, bool tombstone, bool own)
{
	e->seq = r->seq;
	e->body = (uint16_t)r->body.len;
	e->key = (uint8_t)r->key.len;
	e->flags = (uint8_t)((tombstone ? ENTRY_TOMBSTONE : 0)
	    | (own ? ENTRY_OWN : 0));
	memmove(e->octets, r->key.p, r->key.len);
	if (r->body.len > 0)
		memmove(e->octets + r->key.len, r->body.p, r->body.len);
}

/* An object for |r| in the index, not in the lists; 0: no memory. */
static uint32_t
make(struct scsp_cache *c, uint64_t hash, const struct scsp_rec *r,
    bool tombstone, bool own)
{
	uint32_t h = scsp_pool_get(&c->pool, size_of(r, tombstone));
	struct scsp_entry *e;

	if (h == 0)
		return 0;
	e = scsp_entry_at(c, h);
	e->orig = scsp_orig_get(c, r->orig);
	if (e->orig != NULL) {
		fill(e, r, tombstone, own);
		if (scsp_index_add(&c->index, hash, h) == 0)
			return h;
		scsp_orig_put(c, e->orig);
	}
	scsp_pool_put(&c->pool, h);
	return 0;
}

/* The object of |h| becomes that of |r|; returns where it is then, or 0. */
static uint32_t
replace(struct scsp_cache *c, uint64_t hash, uint32_t h,
    const struct scsp_rec *r, bool tombstone, bool own)
{
	uint32_t to = h;

	if (!scsp_pool_fits(&c->pool, h, size_of(r, tombstone))) {
		to = scsp_pool_get(&c->pool, size_of(r, tombstone));
		if (to == 0)
			return 0;
		scsp_entry_at(c, to)->orig = scsp_entry_at(c, h)->orig;
	}
	leave(c, h);
	fill(scsp_entry_at(c, to), r, tombstone, own);
	if (to != h) {
		scsp_index_set(&c->index, hash, h, to);
		scsp_pool_put(&c->pool, h);
	}
	return to;
}

struct scsp_entry *
scsp_cache_set(struct scsp_cache *c, struct mtime now,
    const struct scsp_rec *r, bool tombstone, bool own)
{
	uint64_t hash = scsp_hash_keyed(&c->key, r->key, r->orig);
	uint32_t h = find(c, hash, r->key, r->orig);

	assert(r->key.len <= SCSP_ID_MAX);
	assert(r->orig.len <= SCSP_ID_MAX && r->body.len <= UINT16_MAX);
	assert(r->seq != SCSP_SEQ_NONE); /* */
	if (h != 0)
		h = replace(c, hash, h, r, tombstone, own);
	else
		h = make(c, hash, r, tombstone, own);
	if (h == 0)
		return NULL;
	enter(c, h, now);
	return scsp_entry_at(c, h);
}

void
scsp_cache_expire(struct scsp_cache *c, struct mtime now)
{
	for (unsigned i = 0; i < EXPIRE_MAX && mtime_reached(c->deadline, now);
	    i++) {
		uint32_t h = c->graves.head;
		struct scsp_entry *e = scsp_entry_at(c, h);
		uint64_t hash = index_hash(c, h);

		leave(c, h);
		scsp_index_del(&c->index, hash, h);
		scsp_orig_put(c, e->orig);
		scsp_pool_put(&c->pool, h);
	}
}

struct mtime
scsp_cache_deadline(const struct scsp_cache *c)
{
	return c->deadline;
}

/* ---- reads -------------------------------------------------------------- */

void
scsp_entry_rec(const struct scsp_entry *e, struct scsp_rec *r)
{
	*r = (struct scsp_rec){ .seq = e->seq, .key = key_of(e),
		.orig = orig_of(e),
		.body = { e->octets + e->key, e->body } };
}

int32_t
scsp_entry_seq(const struct scsp_entry *e)
{
	return e->seq;
}

uint64_t
scsp_entry_change(const struct scsp_entry *e)
{
	return (uint64_t)e->change_high << 32 | e->change_low;
}

bool
scsp_entry_tombstone(const struct scsp_entry *e)
{
	return e->flags & ENTRY_TOMBSTONE;
}

bool
scsp_entry_own(const struct scsp_entry *e)
{
	return e->flags & ENTRY_OWN;
}

unsigned
scsp_entry_defended(const struct scsp_entry *e)
{
	return e->flags / ENTRY_DEFENDED;
}

void
scsp_entry_defend(struct scsp_entry *e, unsigned times)
{
	unsigned most = UINT8_MAX / ENTRY_DEFENDED;

	e->flags = (uint8_t)(e->flags % ENTRY_DEFENDED
	    + (times < most ? times : most) * ENTRY_DEFENDED);
}

uint64_t
scsp_cache_change(const struct scsp_cache *c)
{
	return c->change;
}

void
scsp_cache_count(const struct scsp_cache *c, struct scsp_cache_count *n)
{
	*n = (struct scsp_cache_count){ .entries = c->live,
		.tombstones = c->dead, .octets = c->octets,
		.memory = c->memory + scsp_pool_memory(&c->pool)
		    + scsp_index_memory(&c->index)
		    + scsp_index_memory(&c->by_orig)
		    + c->orig_cap * sizeof(*c->orig),
		.digest = c->digest, .digest_all = c->digest_all };
}
