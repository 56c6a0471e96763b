/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The log as rows of a message sequence chart.  A send becomes a row; the recv
 * records that follow on the same VC with the same content are its arrowheads.
 * Who should have received comes from the VC: the far end, or its leaves at
 * that moment.  Each recv is given to the newest equal send that this receiver
 * has not yet got, which is right while a frame's way is shorter than the time
 * between two equal ones.
 */
#include <stdlib.h>
#include <string.h>

#include "show/ladder_int.h"

#define LOOK_BACK 32  /* sends on a VC that a recv is held against */
#define FLY_US 1000000

struct build {
	struct ladder *l;
	const struct ladder_opt *opt;
	struct vcmap vcs;
	uint64_t hung, gone;
};

void
ladder_free(struct ladder *l)
{
	free(l->row);
	free(l->col_of);
	memset(l, 0, sizeof(*l));
}

static int
col_of(const struct build *b, node_id n)
{
	return n <= world_nodes(b->l->w) ? b->l->col_of[n] : -1;
}

/* ---- rows ------------------------------------------------------------- */

static struct ladder_row *
add_row(struct build *b, enum ladder_kind kind, const struct log_rec *r)
{
	struct ladder *l = b->l;
	struct ladder_row *v;
	size_t cap;

	if (l->n == l->cap) {
		cap = l->cap != 0 ? l->cap * 2 : 256;
		v = realloc(l->row, cap * sizeof(*v));
		if (v == NULL) {
			l->oom = true;
			return NULL;
		}
		l->row = v;
		l->cap = cap;
	}
	v = &l->row[l->n++];
	memset(v, 0, sizeof(*v));
	v->kind = kind;
	v->seq = r->seq;
	v->t = r->t;
	v->from = col_of(b, r->node);
	v->hung = b->hung;
	v->gone = b->gone;
	return v;
}

static void
member(const struct build *b, node_id n, uint64_t *set, uint32_t *others)
{
	int c = col_of(b, n);

	if (c >= 0)
		*set |= ladder_bit(c);
	else if (n != 0)
		++*others;
}

/* The leaves of a VC as columns, counted once while they stay the same. */
static void
should_get(struct build *b, struct vc_past *vc, struct ladder_row *row)
{
	size_t i;

	if (!vc->counted) {
		vc->columns = 0;
		vc->others = 0;
		for (i = 0; i < vc->leaves; i++)
			member(b, vc->leaf[i], &vc->columns, &vc->others);
		vc->counted = true;
	}
	row->want = vc->columns & ~ladder_bit(row->from);
	row->other_want = vc->others;
}

static void
on_send(struct build *b, const struct log_rec *r)
{
	struct ladder_row *row = add_row(b, LADDER_SEND, r);
	struct vc_past *vc = r->vc != 0 ? vcmap_get(&b->vcs, r->vc) : NULL;

	if (row == NULL)
		return;
	row->vc = r->vc;
	row->msn = r->msn;
	row->group = r->group;
	row->op = r->op;
	row->flags = r->flags;
	if (vc == NULL)
		return;
	row->multi = vc->multi;
	row->prev = vc->last;
	vc->last = b->l->n;
	if (row->multi)
		should_get(b, vc, row);
	else
		member(b, r->peer, &row->want, &row->other_want);
}

static bool
same(const struct ladder_row *row, const struct log_rec *r)
{
	return row->op == r->op && row->msn == r->msn && row->group == r->group
	    && row->flags == r->flags;
}

/* A receiver without a column has no bit; it is told from others by no one,
 * so it counts for the newest equal send. */
static void
on_recv(struct build *b, const struct log_rec *r)
{
	struct vc_past *vc = r->vc != 0 ? vcmap_get(&b->vcs, r->vc) : NULL;
	int c = col_of(b, r->node), from;
	struct ladder_row *row;
	size_t i, at;

	if (vc == NULL)
		return;
	for (i = 0, at = vc->last; at != 0 && i < LOOK_BACK; i++) {
		row = &b->l->row[at - 1];
		from = row->from;
		at = row->prev;
		if (!same(row, r) || (c >= 0 && from == c)
		    || (row->got & ladder_bit(c)) != 0)
			continue;
		if (c >= 0)
			row->got |= ladder_bit(c);
		else
			row->other_got++;
		return;
	}
}

static void
on_fault(struct build *b, const struct log_rec *r)
{
	uint64_t bit = ladder_bit(col_of(b, r->node));

	if (r->what == NULL)
		return;
	if (strcmp(r->what, "kill") == 0 || strcmp(r->what, "stop") == 0) {
		b->gone |= bit;
		b->hung &= ~bit;
	} else if (strcmp(r->what, "hang") == 0)
		b->hung |= bit;
	else if (strncmp(r->what, "restart", 7) == 0) {
		b->gone &= ~bit;
		b->hung &= ~bit;
	}
}

static bool
same_word(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

/* One thing that happened to many at once, or to many leaves of one VC. */
static bool
alike(const struct log_rec *a, const struct log_rec *b)
{
	bool leaf = a->kind == TRACE_VC && a->what != NULL
	    && (strcmp(a->what, "add") == 0 || strcmp(a->what, "drop") == 0);

	return a->kind == b->kind && a->use == b->use && a->cause == b->cause
	    && (leaf ? a->vc == b->vc : a->peer == b->peer)
	    && same_word(a->what, b->what) && same_word(a->from, b->from)
	    && same_word(a->to, b->to);
}

static struct ladder_row *
merge(struct build *b, const struct log_rec *r)
{
	struct ladder *l = b->l;
	struct log *log = world_log(l->w);
	struct ladder_row *row;
	size_t i;

	for (i = l->n; i > 0 && l->row[i - 1].t.us == r->t.us; i--) {
		row = &l->row[i - 1];
		if (row->kind == LADDER_NOTE
		    && alike(log_get(log, row->seq), r))
			return row;
	}
	return NULL;
}

/* A note stands on the column it happened to; one without any column is kept
 * only when it is the network's own. */
static void
on_note(struct build *b, const struct log_rec *r)
{
	bool fault = r->kind == TRACE_FAULT;
	struct ladder_row *row;

	if (r->node != 0 && col_of(b, r->node) < 0
	    && (!fault || col_of(b, r->peer) < 0))
		return;
	row = fault ? NULL : merge(b, r);
	if (row == NULL && (row = add_row(b, LADDER_NOTE, r)) == NULL)
		return;
	member(b, r->node, &row->got, &row->other_got);
	member(b, r->peer, &row->want, &row->other_want);
	row->both = fault;
}

static void
on_record(struct build *b, const struct log_rec *r)
{
	bool now = ladder_in_time(b->opt, r);

	vcmap_feed(&b->vcs, r);
	if (r->kind == TRACE_FAULT)
		on_fault(b, r);
	if (!ladder_shows(b->opt, r))
		return;
	if (r->kind == TRACE_RECV)
		on_recv(b, r);
	else if (now && r->kind == TRACE_SEND)
		on_send(b, r);
	else if (now)
		on_note(b, r);
}

/* ---- after reading ---------------------------------------------------- */

bool
ladder_flying(const struct ladder *l, const struct ladder_row *r)
{
	return world_now(l->w).us - r->t.us < FLY_US;
}

static uint64_t
mix(uint64_t h, uint64_t x)
{
	h = (h ^ x) * UINT64_C(0x9e3779b97f4a7c15);
	return h ^ h >> 29;
}

static uint64_t
mix_word(uint64_t h, const char *s)
{
	while (s != NULL && *s != '\0')
		h = mix(h, (uint8_t)*s++);
	return mix(h, 0x100);
}

/* Where there are more nodes than columns, who of the others it was is not
 * told, so that their rows can be folded. */
static uint64_t
sign_parties(const struct ladder *l, const struct ladder_row *row,
    const struct log_rec *r)
{
	uint64_t h = mix(mix(1, row->got), row->want);

	h = mix(h, (uint64_t)row->other_got << 32 | row->other_want);
	if (l->asked || l->more_nodes > 0)
		return mix(h, (uint64_t)(row->from + 1));
	h = mix(h, (uint64_t)r->node << 32 | r->peer);
	return mix(h, (uint64_t)r->src << 32 | r->cmi);
}

static void
sign(struct ladder *l, struct ladder_row *row)
{
	const struct log_rec *r = log_get(world_log(l->w), row->seq);
	uint64_t h = mix(mix(2, row->kind), r->kind);

	h = mix(h, (uint64_t)r->op << 16 | r->flags);
	h = mix(h, (uint64_t)r->group << 32 | r->cause);
	if (row->kind == LADDER_NOTE) {
		h = mix_word(h, r->what);
		h = mix_word(h, r->from);
		h = mix_word(h, r->to);
	} else
		h = mix(h, r->n);
	row->sig = mix(h, sign_parties(l, row, r));
}

/*
 * A message between nodes without columns is nobody's business here; nor, once
 * several nodes were asked for, is one that only one of them has a part in.
 */
static bool
wanted(const struct ladder *l, const struct ladder_row *row)
{
	uint64_t heard = row->got | row->want;

	if (row->kind != LADDER_SEND)
		return true;
	if (l->asked && l->cols > 1 && !row->multi)
		return row->from >= 0 && heard != 0;
	return row->from >= 0 || heard != 0;
}

static void
keep_wanted(struct ladder *l)
{
	size_t i, kept = 0;

	for (i = 0; i < l->n; i++) {
		struct ladder_row *row = &l->row[i];

		if (!wanted(l, row))
			continue;
		/* Who heard it was a leaf, whether that was told or not. */
		if (row->kind == LADDER_SEND)
			row->want |= row->got;
		sign(l, row);
		l->row[kept++] = *row;
	}
	l->n = kept;
}

void
ladder_build(struct ladder *l, struct world *w, const struct ladder_opt *opt,
    size_t max_cols)
{
	struct build b = { .l = l, .opt = opt };
	struct log *log = world_log(w);
	const struct log_rec *r;
	uint64_t seq;

	memset(l, 0, sizeof(*l));
	l->w = w;
	l->asked = opt->nodes != NULL;
	if (!ladder_columns(l, opt, max_cols))
		return;
	vcmap_init(&b.vcs, w);
	for (seq = log_first(log); (r = log_get(log, seq)) != NULL;
	    seq = r->seq + 1)
		on_record(&b, r);
	l->oom = l->oom || b.vcs.oom;
	vcmap_free(&b.vcs);
	keep_wanted(l);
}
