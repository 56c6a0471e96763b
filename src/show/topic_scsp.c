/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SCSP servers: one row for each that a server is connected with, as that
 * server sees it (RFC 2334 sections 2.1 to 2.3), their caches, and their
 * counters.
 */
#include <stdlib.h>
#include <string.h>

#include "show/show_int.h"

#define KEY_SHOWN 40
#define VALUE_SHOWN 48

typedef void each_fn(struct world *w, node_id n, const struct scsp *s,
    struct table *t);

static void
each(struct world *w, node_id only, struct table *t, each_fn *fn)
{
	node_id n;

	for (n = 1; n <= world_nodes(w); n++)
		if (node_kind_of(w, n) == NODE_SCSP && (only == 0 || only == n))
			fn(w, n, show_scsp(w, n), t);
}

/* ---- scsp ----------------------------------------------------------------- */

static void
head_cells(struct world *w, node_id n, struct table *t)
{
	struct sbuf b = { 0 };
	const struct world_scsp_cfg *c = node_scsp_cfg(w, n);

	table_row(t);
	table_str(t, node_name(w, n));
	name_id(&b, c->engine.id);
	table_take(t, &b);
}

static void
dcs_row(struct world *w, node_id n, const struct scsp_dcs_info *d,
    struct table *t)
{
	struct sbuf b = { 0 };
	bool open = d->cafsm >= SCSP_CA_SUMMARIZE;

	head_cells(w, n, t);
	name_addr(&b, w, &d->addr);
	table_take(t, &b);
	table_str(t, scsp_hfsm_word(d->hfsm));
	table_str(t, scsp_cafsm_word(d->cafsm));
	table_str(t, !open ? NULL : d->master ? "master" : "slave");
	table_int(t, (int64_t)(d->csas_left + d->crl));
	table_int(t, (int64_t)d->queue);
	table_sec(t, mtime_sub(d->since, world_start(w)), 3);
	if (!d->auth)
		table_str(t, "open");
	else if (d->spi == 0)
		table_str(t, "no key");
	else
		table_strf(t, "spi %u", d->spi);
}

static void
scsp_rows(struct world *w, node_id n, const struct scsp *s, struct table *t)
{
	struct scsp_dcs_info d;
	unsigned i;

	for (i = 0; s != NULL && scsp_dcs(s, 0, i, &d); i++)
		dcs_row(w, n, &d, t);
	if (i > 0)
		return;
	head_cells(w, n, t);
	table_none(t);
	if (s == NULL)
		table_str(t, node_state_word(node_state_of(w, n)));
}

void
topic_scsp(struct world *w, node_id only, struct table *t)
{
	table_col(t, "server", false);
	table_col(t, "id", false);
	table_col(t, "dcs", false);
	table_col(t, "hello", false);
	table_col(t, "cache", false);
	table_col(t, "role", false);
	table_col(t, "crl", true);
	table_col(t, "queue", true);
	table_col(t, "since", true);
	table_col(t, "key", false);
	each(w, only, t, scsp_rows);
}

/* ---- cache ---------------------------------------------------------------- */

static int
by_octets(struct scsp_oct a, struct scsp_oct b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int rv = n > 0 ? memcmp(a.p, b.p, n) : 0;

	return rv != 0 ? rv : (a.len > b.len) - (a.len < b.len);
}

static int
by_key(const void *x, const void *y)
{
	const struct scsp_entry_info *a = x, *b = y;
	int rv = by_octets(a->rec.key, b->rec.key);

	return rv != 0 ? rv : by_octets(a->rec.orig, b->rec.orig);
}

static void
entry_row(struct world *w, node_id n, const struct scsp_entry_info *e,
    struct table *t)
{
	struct sbuf b = { 0 };

	table_row(t);
	table_str(t, node_name(w, n));
	name_octets(&b, e->rec.key, KEY_SHOWN);
	table_take(t, &b);
	name_scsp(&b, w, n, e->rec.orig);
	table_take(t, &b);
	table_strf(t, "0x%08x", (unsigned)e->rec.seq);
	name_octets(&b, e->rec.body, VALUE_SHOWN);
	table_take(t, &b);
	table_str(t, e->tombstone ? "removed" : e->own ? "own" : "learnt");
}

static void
cache_rows(struct world *w, node_id n, const struct scsp *s, struct table *t)
{
	struct scsp_entry_info e = { .change = 0 }, *v;
	struct scsp_group_info g;
	size_t count = 0, max;

	if (s == NULL || !scsp_group(s, 0, &g))
		return;
	max = g.entries + g.tombstones;
	v = malloc((max + 1) * sizeof(*v));
	if (v == NULL)
		return;
	while (count < max && scsp_next_entry(s, 0, e.change, &e))
		v[count++] = e;
	qsort(v, count, sizeof(*v), by_key);
	for (size_t i = 0; i < count; i++)
		entry_row(w, n, &v[i], t);
	free(v);
}

void
topic_scsp_cache(struct world *w, node_id only, struct table *t)
{
	table_col(t, "server", false);
	table_col(t, "key", false);
	table_col(t, "originator", false);
	table_col(t, "seq", true);
	table_col(t, "value", false);
	table_col(t, "state", false);
	each(w, only, t, cache_rows);
}

/* ---- stats ---------------------------------------------------------------- */

static void
by_type(struct world *w, node_id n, const char *what, const uint64_t *v,
    struct table *t)
{
	for (unsigned i = 1; i < SCSP_TYPE_COUNT; i++)
		topic_stats_row(w, n, what, scsp_type_word(i), v[i], t);
}

void
topic_scsp_stats(struct world *w, node_id n, struct table *t)
{
	const struct scsp *s = show_scsp(w, n);
	const struct scsp_stats *st;
	unsigned i;

	if (s == NULL)
		return;
	st = scsp_stats(s);
	by_type(w, n, "rx", st->rx, t);
	by_type(w, n, "tx", st->tx, t);
	by_type(w, n, "again", st->rexmt, t);
	topic_stats_row(w, n, "event", "abnormal", st->abnormal, t);
	topic_stats_row(w, n, "event", "late_hello", st->late, t);
	for (i = 0; i < SCSP_DROP_COUNT; i++)
		topic_stats_row(w, n, "drop", scsp_drop_word(i), st->drops[i],
		    t);
	for (i = 1; i < SCSP_BAD_COUNT; i++)
		topic_stats_row(w, n, "malformed", scsp_bad_word(i),
		    st->bad[i], t);
}
