/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VCs as they were: a record says on which VC a message went, the log's vc
 * records say who its leaves were then.  Invariant: |v| is ordered by id;
 * numbers of VCs are not used again, so a release only forgets the leaves.
 */
#include <stdlib.h>
#include <string.h>

#include "show/show_int.h"

void
vcmap_init(struct vcmap *m, struct world *w)
{
	memset(m, 0, sizeof(*m));
	m->w = w;
}

void
vcmap_free(struct vcmap *m)
{
	size_t i;

	for (i = 0; i < m->n; i++)
		free(m->v[i].leaf);
	free(m->v);
}

/* The place of |id| in |v|, or where it would go. */
static size_t
place(const struct vcmap *m, uint32_t id)
{
	size_t lo = 0, n = m->n, half;

	if (n > 0 && m->v[n - 1].id < id)
		return n;
	while (n > 0) {
		half = n / 2;
		if (m->v[lo + half].id < id) {
			lo += half + 1;
			n -= half + 1;
		} else
			n = half;
	}
	return lo;
}

static struct vc_past *
find(struct vcmap *m, uint32_t id)
{
	size_t i = place(m, id);

	return i < m->n && m->v[i].id == id ? &m->v[i] : NULL;
}

static struct vc_past *
add(struct vcmap *m, uint32_t id)
{
	size_t i = place(m, id), cap;
	struct vc_past *v;

	if (m->n == m->cap) {
		cap = m->cap != 0 ? m->cap * 2 : 64;
		v = realloc(m->v, cap * sizeof(*v));
		if (v == NULL) {
			m->oom = true;
			return NULL;
		}
		m->v = v;
		m->cap = cap;
	}
	memmove(&m->v[i + 1], &m->v[i], (m->n - i) * sizeof(*m->v));
	memset(&m->v[i], 0, sizeof(m->v[i]));
	m->v[i].id = id;
	m->n++;
	return &m->v[i];
}

static void
leaf_add(struct vcmap *m, struct vc_past *vc, node_id n)
{
	size_t cap;
	node_id *v;

	if (vc->leaves == vc->cap) {
		cap = vc->cap != 0 ? vc->cap * 2 : 4;
		v = realloc(vc->leaf, cap * sizeof(*v));
		if (v == NULL) {
			m->oom = true;
			vc->complete = false;
			return;
		}
		vc->leaf = v;
		vc->cap = cap;
	}
	vc->leaf[vc->leaves++] = n;
}

static void
leaf_drop(struct vc_past *vc, node_id n)
{
	size_t i;

	for (i = 0; i < vc->leaves; i++)
		if (vc->leaf[i] == n) {
			vc->leaves--;
			memmove(&vc->leaf[i], &vc->leaf[i + 1],
			    (vc->leaves - i) * sizeof(*vc->leaf));
			return;
		}
}

static void
open_vc(struct vcmap *m, const struct log_rec *r)
{
	struct vc_past *vc = find(m, r->vc);

	if (vc == NULL && (vc = add(m, r->vc)) == NULL)
		return;
	vc->use = r->use;
	vc->multi = show_multi(r->use) || (r->flags & LOG_MULTI) != 0;
	vc->root = r->node;
	vc->leaves = 0;
	vc->counted = false;
	vc->complete = true;
	if (r->peer != 0)
		leaf_add(m, vc, r->peer);
}

void
vcmap_feed(struct vcmap *m, const struct log_rec *r)
{
	struct vc_past *vc;

	if (r->kind != TRACE_VC || r->vc == 0 || r->what == NULL)
		return;
	if (strcmp(r->what, "open") == 0) {
		open_vc(m, r);
		return;
	}
	if ((vc = find(m, r->vc)) == NULL)
		return;
	vc->counted = false;
	if (strcmp(r->what, "add") == 0)
		leaf_add(m, vc, r->peer);
	else if (strcmp(r->what, "drop") == 0)
		leaf_drop(vc, r->peer);
	else if (strcmp(r->what, "release") == 0)
		vc->leaves = 0;
}

struct vc_past *
vcmap_get(struct vcmap *m, uint32_t id)
{
	struct vc_past *vc = find(m, id);
	struct atm_vc_info info;

	if (vc != NULL || (vc = add(m, id)) == NULL)
		return vc;
	if (show_vc(m->w, id, &info)) {
		vc->use = info.use;
		vc->multi = info.multi;
		vc->root = node_of_port(m->w, info.root);
	}
	return vc;
}

void
vcmap_event(struct vcmap *m, const struct log_rec *r, struct event_vc *vc)
{
	const struct vc_past *past = r->vc != 0 ? vcmap_get(m, r->vc) : NULL;

	memset(vc, 0, sizeof(*vc));
	vc->use = r->use;
	vc->multi = show_multi(r->use);
	if (past == NULL)
		return;
	if (vc->use == ATM_USE_NONE)
		vc->use = past->use;
	vc->multi = vc->multi || past->multi;
	vc->counted = past->complete;
	vc->leaves = (uint32_t)past->leaves;
}
