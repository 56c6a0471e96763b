/* SPDX-License-Identifier: BSD-2-Clause */
/* What can be read of a server; nothing here changes it. */
#include "scsp_int.h"

const char *
scsp_drop_word(unsigned drop)
{
	static const char *const words[] = {
#define X(name, word) word,
		SCSP_DROPS(X)
#undef X
	};

	return drop < SCSP_DROP_COUNT ? words[drop] : "?";
}

const struct scsp_stats *
scsp_stats(const struct scsp *s)
{
	return &s->stats;
}

struct scsp_oct
scsp_id(const struct scsp *s)
{
	return s->cfg.id;
}

uint64_t
scsp_activity(const struct scsp *s)
{
	return s->activity;
}

int
scsp_find_group(const struct scsp *s, uint16_t pid, uint16_t sgid)
{
	const struct scsp_sg *g = scsp_sg_find(s, pid, sgid);

	return g != NULL ? (int)g->index : -1;
}

bool
scsp_group(const struct scsp *s, unsigned group, struct scsp_group_info *info)
{
	struct scsp_cache_count c;
	const struct scsp_sg *g;

	if (group >= s->sgs)
		return false;
	g = s->sg[group];
	scsp_cache_count(g->cache, &c);
	*info = (struct scsp_group_info){ .cfg = g->cfg,
		.dcss = (uint32_t)g->dcss, .entries = c.entries,
		.tombstones = c.tombstones, .octets = c.octets,
		.memory = c.memory };
	info->cfg.hops = scsp_hops(g);
	for (size_t i = 0; i < g->dcss; i++)
		info->aligned += g->dcs[i]->ca == SCSP_CA_ALIGNED;
	return true;
}

bool
scsp_dcs(const struct scsp *s, unsigned group, unsigned i,
    struct scsp_dcs_info *info)
{
	const struct scsp_key *key;
	const struct scsp_dcs *d;

	if (group >= s->sgs || i >= s->sg[group]->dcss)
		return false;
	d = s->sg[group]->dcs[i];
	key = d->auth ? scsp_sa_signing(d) : NULL;
	*info = (struct scsp_dcs_info){ .addr = d->h->link->addr,
		.id = scsp_dcs_id(d), .hfsm = d->h->state, .cafsm = d->ca,
		.master = d->master, .ca_seq = d->n,
		.vc = scsp_link_ref(d->h->link), .interval = d->h->interval,
		.dead = d->h->dead, .csas_left = (size_t)d->left,
		.crl = scsp_crl_count(d->crl),
		.queue = scsp_queue_count(d->queue) + scsp_queue_count(d->cast),
		.requests = scsp_queue_requests(d->queue)
		    + scsp_queue_requests(d->cast),
		.auth = d->auth, .spi = key != NULL ? key->spi : 0,
		.since = d->since, .tx = d->tx, .rx = d->rx,
		.rexmt = d->rexmt };
	return true;
}

static bool
entry(const struct scsp_entry *e, struct scsp_entry_info *info)
{
	if (e == NULL)
		return false;
	scsp_entry_rec(e, &info->rec);
	info->own = scsp_entry_own(e);
	info->tombstone = scsp_entry_tombstone(e);
	info->change = scsp_entry_change(e);
	return true;
}

bool
scsp_find(const struct scsp *s, unsigned group, struct scsp_oct key,
    struct scsp_oct orig, struct scsp_entry_info *info)
{
	const struct scsp_cache *c;
	const struct scsp_entry *e;

	if (group >= s->sgs)
		return false;
	c = s->sg[group]->cache;
	if (orig.len != 0)
		return entry(scsp_cache_find(c, key, orig), info);
	e = scsp_cache_find(c, key, s->cfg.id);
	return entry(e != NULL ? e : scsp_cache_newest(c, key), info);
}

bool
scsp_next_entry(const struct scsp *s, unsigned group, uint64_t after,
    struct scsp_entry_info *info)
{
	return group < s->sgs
	    && entry(scsp_cache_after(s->sg[group]->cache, after), info);
}

uint64_t
scsp_digest(const struct scsp *s, unsigned group, bool all)
{
	struct scsp_cache_count c;

	if (group >= s->sgs)
		return 0;
	scsp_cache_count(s->sg[group]->cache, &c);
	return all ? c.digest_all : c.digest;
}

static const char *
dcs_check(const struct scsp_dcs *d)
{
	const char *bad;

	if ((bad = scsp_crl_check(d->crl)) != NULL
	    || (bad = scsp_queue_check(d->queue)) != NULL
	    || (bad = scsp_queue_check(d->cast)) != NULL)
		return bad;
	if ((d->ca == SCSP_CA_DOWN)
	    != (d->h->state != SCSP_HELLO_BIDIRECTIONAL))
		return "dcs: CAFSM and HFSM";
	if (!scsp_open(d) && (scsp_queue_count(d->queue) != 0
		|| scsp_queue_count(d->cast) != 0 || d->soliciting
		|| !mtime_is_never(d->reply_due)))
		return "dcs: CSUs while not open";
	if (d->ca == SCSP_CA_UPDATE && scsp_crl_count(d->crl) == 0)
		return "dcs: Update Cache without CRL";
	if ((d->ca == SCSP_CA_NEGOTIATION || d->ca == SCSP_CA_SUMMARIZE)
	    && mtime_is_never(d->ca_due))
		return "dcs: no timer";
	if (d->carried && d->leaf != SCSP_LEAF_UP)
		return "dcs: carried";
	return NULL;
}

const char *
scsp_check(const struct scsp *s)
{
	const char *bad = scsp_link_check(s);

	for (size_t i = 0; i < s->sgs && bad == NULL; i++) {
		const struct scsp_sg *g = s->sg[i];

		bad = scsp_cache_check(g->cache);
		if (bad == NULL)
			bad = scsp_queue_check(g->cast);
		for (size_t k = 0; k < g->dcss && bad == NULL; k++)
			bad = dcs_check(g->dcs[k]);
	}
	return bad;
}
