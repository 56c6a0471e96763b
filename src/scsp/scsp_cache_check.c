/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether a cache's index, lists, sums and walks still say the same. */
#include <string.h>

#include "scsp_cache_int.h"

static const char *
entry_check(const struct scsp_cache *c, uint32_t h,
    struct scsp_cache_count *sum)
{
	const struct scsp_entry *e = scsp_entry_at(c, h);
	struct scsp_rec r;

	scsp_entry_rec(e, &r);
	if (scsp_cache_find(c, r.key, r.orig) != e)
		return "cache: an entry is not found by its name";
	if (e->orig->at >= c->origs || c->orig[e->orig->at] != e->orig)
		return "cache: an entry of a lost originator";
	sum->digest_all += scsp_entry_hash(e);
	if (scsp_entry_tombstone(e)) {
		sum->tombstones++;
		return NULL;
	}
	sum->entries++;
	sum->octets += e->body;
	sum->digest += scsp_entry_hash(e);
	return NULL;
}

static const char *
order_check(const struct scsp_cache *c, struct scsp_cache_count *sum)
{
	uint64_t change = 0;
	uint32_t prev = 0;

	for (uint32_t h = c->order.head; h != 0;) {
		const struct scsp_entry *e = scsp_entry_at(c, h);
		const char *bad = entry_check(c, h, sum);

		if (bad != NULL)
			return bad;
		if (e->node.prev != prev || scsp_entry_change(e) <= change)
			return "cache: changes out of order";
		change = scsp_entry_change(e);
		prev = h;
		h = e->node.next;
	}
	if (c->order.tail != prev || change > c->change)
		return "cache: the last change is another one";
	return NULL;
}

static const char *
graves_check(const struct scsp_cache *c)
{
	uint64_t n = 0;
	uint32_t prev = 0;

	for (uint32_t h = c->graves.head; h != 0; n++) {
		const struct scsp_entry *e = scsp_entry_at(c, h);
		struct scsp_grave g;

		memcpy(&g, e->octets + e->key + e->body, sizeof(g));
		if (!scsp_entry_tombstone(e) || g.node.prev != prev)
			return "cache: tombstones linked wrong";
		if (prev == 0 && mtime_add(g.since, c->span).us
		    != c->deadline.us)
			return "cache: a wrong deadline";
		prev = h;
		h = g.node.next;
	}
	if (c->graves.tail != prev || n != c->dead)
		return "cache: tombstones counted wrong";
	if (n == 0 && !mtime_is_never(c->deadline))
		return "cache: a deadline of nothing";
	return NULL;
}

const char *
scsp_cache_check(const struct scsp_cache *c)
{
	struct scsp_cache_count sum = { 0 };
	const char *bad = scsp_index_check(&c->index);
	uint64_t refs = 0;

	if (bad == NULL)
		bad = scsp_index_check(&c->by_orig);
	if (bad == NULL)
		bad = order_check(c, &sum);
	if (bad == NULL)
		bad = graves_check(c);
	if (bad != NULL)
		return bad;
	for (size_t i = 0; i < c->origs; i++)
		refs += c->orig[i]->refs;
	if (refs != c->live + c->dead || c->index.n != refs)
		return "cache: references counted wrong";
	if (sum.entries != c->live || sum.tombstones != c->dead
	    || sum.octets != c->octets || sum.digest != c->digest
	    || sum.digest_all != c->digest_all)
		return "cache: sums are wrong";
	for (const struct scsp_walk *w = c->walks; w != NULL; w = w->next_walk)
		if (w->cache != c)
			return "cache: a walk of another cache";
	return NULL;
}
