/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Server Groups and their DCSs (RFC 2334 section 2): each pair of Protocol ID
 * and Server Group ID has tables of its own (SCSP-002); only VCs, and in a
 * family the HFSM, are shared.
 */
#include "marsh/base/err.h"
#include "scsp_int.h"

void
scsp_group_defaults(struct scsp_group_cfg *cfg)
{
	*cfg = (struct scsp_group_cfg){ .interval = 3, .dead = 3,
		.ca_rexmt = MSPAN_SEC(3), .csus_rexmt = MSPAN_SEC(3),
		.csu_rexmt = MSPAN_SEC(2), .tombstone = MSPAN_SEC(3600),
		.csus_max = 5, .csu_max = 5, .guard = 10, .window = 64,
		.restart = 1u << 20, .first_seq = SCSP_SEQ_FIRST };
}

struct scsp_sg *
scsp_sg_find(const struct scsp *s, uint16_t pid, uint16_t sgid)
{
	for (size_t i = 0; i < s->sgs; i++)
		if (s->sg[i]->cfg.pid == pid && s->sg[i]->cfg.sgid == sgid)
			return s->sg[i];
	return NULL;
}

/* scsp_hops returns HopCount: SCSP-115 wants at least the servers less one. */
uint16_t
scsp_hops(const struct scsp_sg *g)
{
	size_t n = 2 * (g->dcss + 1);

	if (g->cfg.hops != 0)
		return g->cfg.hops;
	if (n < SCSP_HOPS_MIN)
		return SCSP_HOPS_MIN;
	return n < UINT16_MAX ? (uint16_t)n : UINT16_MAX;
}

static bool
sane(const struct scsp_group_cfg *c)
{
	return c->interval != 0 && c->dead != 0 && c->ca_rexmt.us > 0
	    && c->ca_hold.us >= 0 && c->csus_rexmt.us > 0
	    && c->csu_rexmt.us > 0 && c->reply_delay.us >= 0
	    && c->csus_max != 0 && c->csu_max != 0
	    /* or it is gone before everybody heard of it */
	    && c->tombstone.us >= c->csu_rexmt.us * (int64_t)c->csu_max
	    && c->guard != 0 && c->window != 0 && c->restart != 0
	    && c->restart <= INT32_MAX && c->first_seq != SCSP_SEQ_NONE
	    && c->first_seq < SCSP_SEQ_LAST;
}

static void
group_free(struct scsp *s, struct scsp_sg *g)
{
	scsp_origin_free(g);
	if (g->cache != NULL)
		scsp_cache_free(g->cache);
	if (g->cast != NULL)
		scsp_queue_free(g->cast);
	mem_free(&s->counted, g->ghost, g->ghost_cap * sizeof(*g->ghost));
	mem_free(&s->counted, g->dcs, g->dcs_cap * sizeof(struct scsp_dcs *));
	mem_free(&s->counted, g, sizeof(*g));
}

static struct scsp_sg *
group_new(struct scsp *s, const struct scsp_group_cfg *cfg)
{
	struct scsp_sg *g = mem_alloc(&s->counted, sizeof(*g));

	if (g == NULL)
		return NULL;
	g->s = s;
	g->cfg = *cfg;
	g->index = (unsigned)s->sgs;
	g->hello_due = MTIME_NEVER;
	g->cache = scsp_cache_new(&s->counted, cfg->tombstone);
	g->cast = scsp_queue_new(&s->counted, cfg->csu_rexmt);
	if (g->cache != NULL && g->cast != NULL) {
		scsp_cache_seed(g->cache, s->cfg.hash_seed);
		scsp_queue_seed(g->cast, s->cfg.hash_seed);
		return g;
	}
	group_free(s, g);
	return NULL;
}

int
scsp_add_group(struct scsp *s, struct mtime now,
    const struct scsp_group_cfg *cfg)
{
	void *v = s->sg;

	s->now = now;
	if (!sane(cfg))
		return MARSH_EINVAL;
	if (scsp_sg_find(s, cfg->pid, cfg->sgid) != NULL)
		return MARSH_EEXIST;
	if (mem_grow(&s->counted, &v, &s->sg_cap, s->sgs + 1,
		sizeof(struct scsp_sg *)) != 0)
		return MARSH_ENOMEM;
	s->sg = v;
	s->sg[s->sgs] = group_new(s, cfg);
	if (s->sg[s->sgs] == NULL)
		return MARSH_ENOMEM;
	return (int)s->sgs++;
}

/* ---- DCSs --------------------------------------------------------------- */

struct scsp_dcs *
scsp_dcs_find(const struct scsp_sg *g, const struct atm_addr *addr)
{
	for (size_t i = 0; i < g->dcss; i++)
		if (atm_addr_equal(&g->dcs[i]->h->link->addr, addr))
			return g->dcs[i];
	return NULL;
}

/* scsp_dcs_at returns the DCS of |g| at the far end of |l|, or NULL. */
struct scsp_dcs *
scsp_dcs_at(const struct scsp_link *l, const struct scsp_sg *g)
{
	for (struct scsp_hello *h = l->hellos; h != NULL; h = h->next)
		for (struct scsp_dcs *d = h->dcs; d != NULL; d = d->next)
			if (d->g == g)
				return d;
	return NULL;
}

static void
dcs_free(struct scsp *s, struct scsp_dcs *d)
{
	if (d->crl != NULL)
		scsp_crl_free(d->crl);
	if (d->queue != NULL)
		scsp_queue_free(d->queue);
	if (d->cast != NULL)
		scsp_queue_free(d->cast);
	scsp_walk_end(&d->walk);
	frame_unref(d->last);
	scsp_sa_free(s, d);
	mem_free(&s->counted, d->reply, s->cfg.mtu);
	mem_free(&s->counted, d, sizeof(*d));
}

static struct scsp_dcs *
dcs_new(struct scsp *s, struct scsp_sg *g)
{
	struct scsp_dcs *d = mem_alloc(&s->counted, sizeof(*d));

	if (d == NULL)
		return NULL;
	d->g = g;
	d->since = s->now;
	d->ca_due = d->csus_due = d->reply_due = d->leaf_due = MTIME_NEVER;
	/* Not the number of an earlier life (SCSP-131). */
	d->n = (uint32_t)(s->now.us >> 6);
	d->crl = scsp_crl_new(&s->counted);
	d->queue = scsp_queue_new(&s->counted, g->cfg.csu_rexmt);
	d->cast = scsp_queue_new(&s->counted, g->cfg.csu_rexmt);
	if (d->crl != NULL && d->queue != NULL && d->cast != NULL) {
		scsp_crl_seed(d->crl, s->cfg.hash_seed);
		scsp_queue_seed(d->queue, s->cfg.hash_seed);
		scsp_queue_seed(d->cast, s->cfg.hash_seed);
		return d;
	}
	dcs_free(s, d);
	return NULL;
}

static int
rooms(struct scsp *s, struct scsp_sg *g)
{
	void *v = g->dcs;

	if (mem_grow(&s->counted, &v, &g->dcs_cap, g->dcss + 1,
		sizeof(struct scsp_dcs *)) != 0)
		return MARSH_ENOMEM;
	g->dcs = v;
	v = g->ghost;
	if (mem_grow(&s->counted, &v, &g->ghost_cap, g->ghosts + g->dcss + 1,
		sizeof(*g->ghost)) != 0)
		return MARSH_ENOMEM;
	g->ghost = v;
	return 0;
}

int
scsp_add_dcs(struct scsp *s, struct mtime now, unsigned group,
    const struct atm_addr *addr)
{
	struct scsp_link *l;
	struct scsp_dcs *d;
	struct scsp_sg *g;

	s->now = now;
	if (group >= s->sgs || atm_addr_equal(addr, &s->cfg.addr))
		return MARSH_EINVAL;
	g = s->sg[group];
	if (scsp_dcs_find(g, addr) != NULL)
		return MARSH_EEXIST;
	if (rooms(s, g) != 0 || (d = dcs_new(s, g)) == NULL)
		return MARSH_ENOMEM;
	/* A link without users is released in the next step. */
	l = scsp_link_get(s, addr);
	if (l == NULL || scsp_hello_get(s, l, d) == NULL) {
		dcs_free(s, d);
		return MARSH_ENOMEM;
	}
	g->dcs[g->dcss++] = d;
	scsp_multi_review(s, g);
	return 0;
}

static void
dcs_drop(struct scsp *s, struct scsp_sg *g, size_t i)
{
	struct scsp_dcs *d = g->dcs[i];

	scsp_multi_leave(s, d);
	scsp_align_stop(s, d);
	scsp_origin_gone(g, d);
	scsp_hello_leave(s, d);
	for (g->dcss--; i < g->dcss; i++)
		g->dcs[i] = g->dcs[i + 1];
	dcs_free(s, d);
}

int
scsp_del_dcs(struct scsp *s, struct mtime now, unsigned group,
    const struct atm_addr *addr)
{
	struct scsp_sg *g;
	size_t i = 0;

	s->now = now;
	if (group >= s->sgs)
		return MARSH_ENOENT;
	g = s->sg[group];
	while (i < g->dcss && !atm_addr_equal(&g->dcs[i]->h->link->addr, addr))
		i++;
	if (i == g->dcss)
		return MARSH_ENOENT;
	dcs_drop(s, g, i);
	scsp_multi_review(s, g);
	return 0;
}

void
scsp_groups_free(struct scsp *s)
{
	for (size_t i = 0; i < s->sgs; i++) {
		struct scsp_sg *g = s->sg[i];

		while (g->dcss != 0)
			dcs_drop(s, g, g->dcss - 1);
		if (g->root != NULL)
			scsp_vc_free(s, g->root);
		group_free(s, g);
	}
	mem_free(&s->counted, s->sg, s->sg_cap * sizeof(struct scsp_sg *));
}
