/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Walks through a cache in the order of changes: the snapshot that an alignment
 * summarizes (RFC 2334 section 2.2.1) while the cache goes on changing.  A walk
 * holds the entry it stands on; whoever moves or frees an entry first moves the
 * walks that stand there.
 */
#include <assert.h>

#include "scsp_cache_int.h"

/*
 * The first entry behind change |after|.  It looks from the place found last
 * time and from both ends at once: readers go on where they were, and an
 * alignment begins near an end.
 */
static uint32_t
seek(const struct scsp_cache *c, uint64_t after)
{
	uint32_t up = c->order.head, down = c->order.tail;
	const struct scsp_entry *e;

	if (*c->hint != 0) {
		if (scsp_entry_change(scsp_entry_at(c, *c->hint)) <= after)
			up = *c->hint;
		else
			down = *c->hint;
	}
	while (up != 0) {
		e = scsp_entry_at(c, up);
		if (scsp_entry_change(e) > after)
			break;
		up = e->node.next;
		/* Everything behind |down| is newer than |after|. */
		e = scsp_entry_at(c, down);
		if (scsp_entry_change(e) <= after) {
			up = e->node.next;
			break;
		}
		down = e->node.prev;
	}
	*c->hint = up;
	return up;
}

struct scsp_entry *
scsp_cache_after(const struct scsp_cache *c, uint64_t after)
{
	uint32_t h = seek(c, after);

	return h != 0 ? scsp_entry_at(c, h) : NULL;
}

void
scsp_walk_start(struct scsp_walk *w, struct scsp_cache *c, uint64_t after,
    uint64_t upto)
{
	*w = (struct scsp_walk){ .cache = c, .next_walk = c->walks,
		.at = seek(c, after), .upto = upto };
	c->walks = w;
}

struct scsp_entry *
scsp_walk_peek(const struct scsp_walk *w)
{
	struct scsp_entry *e;

	if (w->cache == NULL || w->at == 0)
		return NULL;
	e = scsp_entry_at(w->cache, w->at);
	return scsp_entry_change(e) <= w->upto ? e : NULL;
}

void
scsp_walk_step(struct scsp_walk *w)
{
	const struct scsp_entry *e = scsp_walk_peek(w);

	if (e != NULL)
		w->at = e->node.next;
}

void
scsp_walk_end(struct scsp_walk *w)
{
	struct scsp_walk **at;

	if (w->cache == NULL)
		return;
	at = &w->cache->walks;
	while (*at != w) {
		assert(*at != NULL);
		at = &(*at)->next_walk;
	}
	*at = w->next_walk;
	*w = (struct scsp_walk){ 0 };
}

void
scsp_walk_append(struct scsp_cache *c, uint32_t h)
{
	for (struct scsp_walk *w = c->walks; w != NULL; w = w->next_walk)
		if (w->at == 0)
			w->at = h;
}

void
scsp_walk_remove(struct scsp_cache *c, uint32_t h)
{
	const struct scsp_entry *e = scsp_entry_at(c, h);

	for (struct scsp_walk *w = c->walks; w != NULL; w = w->next_walk)
		if (w->at == h)
			w->at = e->node.next;
	if (*c->hint == h)
		*c->hint = e->node.prev;
}
