/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The originators of a cache's entries: a group has few servers and many
 * entries, so each ID is kept once.  Knowing them all also answers what the
 * newest entry of a key is, of whomever it may be.
 */
#include <assert.h>
#include <string.h>

#include "scsp_cache_int.h"
#include "scsp_hash.h"

static size_t
size(size_t len)
{
	return sizeof(struct scsp_orig) + len;
}

struct scsp_orig *
scsp_orig_get(struct scsp_cache *c, struct scsp_oct o)
{
	uint64_t h = scsp_orig_hash(c, o);
	struct scsp_probe p;
	struct scsp_orig *n;

	for (uint32_t i = scsp_index_first(&c->by_orig, h, &p); i != 0;
	    i = scsp_index_next(&c->by_orig, &p)) {
		n = c->orig[i - 1];
		if (scsp_hash_same((struct scsp_oct){ n->octets, n->len }, o)) {
			n->refs++;
			return n;
		}
	}
	if (mem_grow(c->mem, (void **)&c->orig, &c->orig_cap, c->origs + 1,
	    sizeof(struct scsp_orig *)) != 0)
		return NULL;
	n = mem_alloc(c->mem, size(o.len));
	if (n == NULL)
		return NULL;
	n->refs = 1;
	n->at = (uint32_t)c->origs;
	n->len = (uint8_t)o.len;
	if (o.len > 0)
		memcpy(n->octets, o.p, o.len);
	c->orig[c->origs] = n;
	if (scsp_index_add(&c->by_orig, h, n->at + 1) != 0) {
		mem_free(c->mem, n, size(o.len));
		return NULL;
	}
	c->origs++;
	c->memory += size(o.len);
	return n;
}

void
scsp_orig_put(struct scsp_cache *c, struct scsp_orig *o)
{
	struct scsp_orig *last;

	assert(o->refs > 0);
	if (--o->refs > 0)
		return;
	scsp_index_del(&c->by_orig,
	    scsp_orig_hash(c, (struct scsp_oct){ o->octets, o->len }),
	    o->at + 1);
	last = c->orig[--c->origs];
	if (last != o) {
		scsp_index_set(&c->by_orig,
		    scsp_orig_hash(c,
			(struct scsp_oct){ last->octets, last->len }),
		    last->at + 1, o->at + 1);
		last->at = o->at;
		c->orig[o->at] = last;
	}
	c->memory -= size(o->len);
	mem_free(c->mem, o, size(o->len));
}
