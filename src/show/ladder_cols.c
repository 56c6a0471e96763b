/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which records a ladder is about, and which nodes get a column: those asked
 * for, in that order, or all that took part, in the order they were made.
 */
#include <stdlib.h>
#include <string.h>

#include "show/ladder_int.h"

bool
ladder_in_time(const struct ladder_opt *o, const struct log_rec *r)
{
	return r->t.us >= o->from.us && (o->to.us == 0 || r->t.us <= o->to.us);
}

/* The list of MARSs and SCSP's two; leaves and paths show as VCs. */
static bool
is_machine(const char *what)
{
	return what != NULL && (strcmp(what, "mars") == 0
	    || strcmp(what, "hfsm") == 0 || strcmp(what, "cafsm") == 0);
}

static bool
is_note(const struct log_rec *r)
{
	switch (r->kind) {
	case TRACE_VC:
	case TRACE_FAULT:
	case TRACE_ELECTED:
	case TRACE_ROLE:
	case TRACE_REDIRECT:
	case TRACE_ALIGNED:
	case TRACE_FLUSH:
	case TRACE_GRACE:
	case TRACE_ALARM:
		return true;
	case TRACE_STATE:
		return is_machine(r->what);
	default:
		return false;
	}
}

bool
ladder_shows(const struct ladder_opt *o, const struct log_rec *r)
{
	if (r->flags & LOG_DATA)
		return o->data
		    && (r->kind == TRACE_SEND || r->kind == TRACE_RECV);
	return r->kind == TRACE_SEND || r->kind == TRACE_RECV || is_note(r);
}

static void
column(struct ladder *l, node_id n, size_t max)
{
	if (n == 0 || n > world_nodes(l->w) || l->col_of[n] >= 0)
		return;
	if (l->cols == max) {
		l->more_nodes++;
		return;
	}
	l->col_of[n] = (int)l->cols;
	l->col[l->cols++] = n;
}

/* Who took part in |r|: also those who should have heard it and did not. */
static void
take_part(struct vcmap *m, const struct log_rec *r, bool *part)
{
	struct vc_past *vc;
	size_t i;

	part[r->node] = true;
	if (r->kind != TRACE_SEND)
		return;
	part[r->peer] = true;
	vc = r->vc != 0 ? vcmap_get(m, r->vc) : NULL;
	for (i = 0; vc != NULL && !vc->counted && i < vc->leaves; i++)
		part[vc->leaf[i]] = true;
	if (vc != NULL)
		vc->counted = true;
}

/* Nobody was asked for: those that took part, in the order they were made. */
static void
columns_by_part(struct ladder *l, const struct ladder_opt *opt, size_t max)
{
	struct log *log = world_log(l->w);
	bool *part = calloc((size_t)world_nodes(l->w) + 1, sizeof(*part));
	const struct log_rec *r;
	struct vcmap m;
	uint64_t seq;
	node_id n;

	if (part == NULL) {
		l->oom = true;
		return;
	}
	vcmap_init(&m, l->w);
	for (seq = log_first(log); (r = log_get(log, seq)) != NULL;
	    seq = r->seq + 1) {
		vcmap_feed(&m, r);
		if (ladder_in_time(opt, r) && ladder_shows(opt, r))
			take_part(&m, r, part);
	}
	for (n = 1; n <= world_nodes(l->w); n++)
		if (part[n])
			column(l, n, max);
	l->oom = l->oom || m.oom;
	vcmap_free(&m);
	free(part);
}

bool
ladder_columns(struct ladder *l, const struct ladder_opt *opt, size_t max)
{
	size_t nodes = world_nodes(l->w), i;

	l->col_of = malloc((nodes + 1) * sizeof(*l->col_of));
	if (l->col_of == NULL) {
		l->oom = true;
		return false;
	}
	for (i = 0; i <= nodes; i++)
		l->col_of[i] = -1;
	for (i = 0; opt->nodes != NULL && i < opt->nodes_n; i++)
		column(l, opt->nodes[i], max);
	if (opt->nodes == NULL)
		columns_by_part(l, opt, max);
	return true;
}
