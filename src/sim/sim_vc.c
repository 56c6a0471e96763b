/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The table of VCs and of the ends by which ports know them.
 *
 * Invariants: ids only grow, so the table is sorted as it is filled; an end
 * that is live is found by (port, reference) and counted at its port; a VC
 * lives while its root, a leaf or a frame under way needs it.
 */
#include <assert.h>

#include "marsh/base/err.h"
#include "sim_int.h"

static uint64_t
ref_hash(atm_port port, atm_ref ref)
{
	return tab_mix((uint64_t)port << 32 | ref);
}

/* sim_end_find returns what |port| calls |ref|, or NULL. */
struct sim_end *
sim_end_find(const struct sim *s, atm_port port, atm_ref ref)
{
	struct tab_link *l = tab_first(&s->by_ref, ref_hash(port, ref));

	for (; l != NULL; l = tab_next(l)) {
		struct sim_end *e = SIM_OF(sim_end, by_ref, l);

		if (e->port == port && e->ref == ref)
			return e;
	}
	return NULL;
}

void
sim_end_bind(struct sim *s, struct sim_end *e, struct sim_port *p, atm_ref ref)
{
	assert(!e->live);
	e->live = true;
	e->port = p->n;
	e->ref = ref;
	tab_add(&s->by_ref, &e->by_ref, ref_hash(p->n, ref));
	e->next = p->ends;
	e->prev = NULL;
	if (p->ends != NULL)
		p->ends->prev = e;
	p->ends = e;
	if (e->leaf)
		p->terminated++;
	else
		p->rooted++;
}

void
sim_end_unbind(struct sim *s, struct sim_end *e)
{
	struct sim_port *p = s->port[e->port];

	assert(e->live);
	e->live = false;
	tab_del(&s->by_ref, &e->by_ref);
	if (e->next != NULL)
		e->next->prev = e->prev;
	if (e->prev != NULL)
		e->prev->next = e->next;
	else
		p->ends = e->next;
	if (e->leaf)
		p->terminated--;
	else
		p->rooted--;
}

static size_t
vc_index(const struct sim *s, uint32_t id)
{
	size_t lo = 0, hi = s->vcs;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->vc[mid].id < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* sim_vc_get returns the VC with |id| in whatever state, or NULL. */
struct sim_vc *
sim_vc_get(const struct sim *s, uint32_t id)
{
	size_t i = vc_index(s, id);

	return i < s->vcs && s->vc[i].id == id ? s->vc[i].vc : NULL;
}

/* sim_vc_new makes a VC rooted at |p|, or returns NULL. */
struct sim_vc *
sim_vc_new(struct sim *s, struct sim_port *p, const struct atm_req *rq)
{
	void *v = s->vc;
	struct sim_vc *vc;

	if (mem_grow(s->mem, &v, &s->vc_cap, s->vcs + 1, sizeof(*s->vc)) != 0)
		return NULL;
	s->vc = v;
	vc = sim_pool_get(&s->pool_vc);
	if (vc == NULL)
		return NULL;
	vc->id = ++s->last_vc;
	vc->use = rq->use;
	vc->multi = rq->kind == ATM_MULTI_RQ;
	vc->root_addr = p->addr;
	vc->root.vc = vc;
	s->vc[s->vcs++] = (struct sim_vcent){ vc->id, vc };
	sim_end_bind(s, &vc->root, p, rq->ref);
	return vc;
}

static void
vc_compact(struct sim *s)
{
	size_t n = 0;

	if (s->vc_holes < 64 || s->vc_holes < s->vcs / 2)
		return;
	for (size_t i = 0; i < s->vcs; i++)
		if (s->vc[i].vc != NULL)
			s->vc[n++] = s->vc[i];
	s->vcs = n;
	s->vc_holes = 0;
}

/* sim_vc_free releases |vc| whatever its state; its ends are not unbound. */
void
sim_vc_free(struct sim *s, struct sim_vc *vc)
{
	size_t i = vc_index(s, vc->id);

	assert(i < s->vcs && s->vc[i].vc == vc);
	for (size_t k = 0; k < vc->classes; k++)
		sim_route_unref(s, vc->cls[k].route);
	mem_free(s->mem, vc->cls, vc->cls_cap * sizeof(*vc->cls));
	mem_free(s->mem, vc->slot, vc->slot_cap * sizeof(*vc->slot));
	s->vc[i].vc = NULL;
	s->vc_holes++;
	sim_pool_put(&s->pool_vc, vc);
}

/* sim_vc_settle frees |vc| when nobody knows it any more. */
void
sim_vc_settle(struct sim *s, struct sim_vc *vc)
{
	if (vc->root.live || vc->first != NULL || vc->refs != 0)
		return;
	sim_vc_free(s, vc);
	vc_compact(s);
}

/* sim_vc_gone makes |vc| a thing of the past for those who look. */
void
sim_vc_gone(struct sim *s, struct sim_vc *vc, unsigned cause)
{
	if (vc->open && !vc->released)
		sim_watch_vc(s, ATM_VC_RELEASE, vc, NULL, cause);
	vc->released = true;
}
