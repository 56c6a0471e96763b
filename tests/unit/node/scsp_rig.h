/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_SCSP_RIG_H
#define TESTS_SCSP_RIG_H

/* Two SCSP servers A and B with one link, and a third node for some tests. */
#include <string.h>

#include "failmem.h"
#include "marsh/node/world_raw.h"
#include "marsh/node/world_scsp.h"
#include "marsh/wire/snap.h"

struct srig {
	struct world *w;
	node_id a, b;
};

static inline struct scsp_oct
oct(const char *s)
{
	return (struct scsp_oct){ (const uint8_t *)s, strlen(s) };
}

static inline int
srig_run(struct srig *r, double sec)
{
	struct mspan d = { (int64_t)(sec * 1e6) };

	return world_run(r->w, mtime_add(world_now(r->w), d));
}

static inline int
srig_link(struct srig *r, node_id a, node_id b)
{
	int rv = node_scsp_add(r->w, a, node_addr(r->w, b));

	return rv != 0 ? rv : node_scsp_add(r->w, b, node_addr(r->w, a));
}

/* srig_up makes A and B with |cfg| (NULL: as they are) and links them. */
static inline int
srig_up(struct srig *r, const struct world_scsp_cfg *cfg,
    const struct mem *mem)
{
	struct world_scsp_cfg own;
	struct world_cfg wc;
	int rv;

	world_defaults(&wc);
	world_scsp_defaults(&own);
	memset(r, 0, sizeof(*r));
	r->w = world_new(&wc, mem);
	if (r->w == NULL)
		return -1;
	cfg = cfg != NULL ? cfg : &own;
	if ((rv = world_add_scsp(r->w, "A", cfg, &r->a)) != 0
	    || (rv = world_add_scsp(r->w, "B", cfg, &r->b)) != 0)
		return rv;
	return srig_link(r, r->a, r->b);
}

/* srig_dcs returns what |n| knows of |other|. */
static inline struct scsp_dcs_info
srig_dcs(const struct srig *r, node_id n, node_id other)
{
	struct scsp_dcs_info d = { .hfsm = SCSP_HELLO_DOWN };

	(void)node_scsp_find(r->w, n, node_addr(r->w, other), &d);
	return d;
}

/* srig_has tells whether |n| has |key| with |body|. */
static inline bool
srig_has(const struct srig *r, node_id n, const char *key, const char *body)
{
	struct scsp_entry_info e;
	const struct scsp *s = node_scsp(r->w, n);

	return s != NULL && scsp_find(s, 0, oct(key), oct(""), &e)
	    && !e.tombstone && scsp_oct_equal(e.rec.body, oct(body));
}

static inline int32_t
srig_seq(const struct srig *r, node_id n, const char *key)
{
	struct scsp_entry_info e;

	return scsp_find(node_scsp(r->w, n), 0, oct(key), oct(""), &e)
	    ? e.rec.seq : SCSP_SEQ_NONE;
}

#endif
