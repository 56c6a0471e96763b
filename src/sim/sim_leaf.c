/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Leaves: their making with all the memory they will ever need, their place in
 * the tree, the order of what travels to and from them, and their end.
 *
 * Invariants: a leaf with |end.live| has a slot; slots are in order of joining;
 * room for the slots of all set-ups under way is there before they leave.
 * Nothing arrives at a leaf, or from one, before what was sent earlier.
 */
#include <assert.h>

#include "marsh/base/err.h"
#include "sim_int.h"

static uint64_t
leaf_hash(const struct sim_vc *vc, const struct atm_addr *addr)
{
	return atm_addr_hash(addr) ^ tab_mix(vc->id);
}

/* A class whose leaves and frames are all gone is used again. */
static uint16_t
class_get(struct sim *s, struct sim_vc *vc, struct sim_route *r)
{
	void *v = vc->cls;
	size_t i;

	for (i = 0; i < vc->classes; i++)
		if (vc->cls[i].route == r)
			return (uint16_t)i;
	for (i = 0; i < vc->classes; i++)
		if (vc->cls[i].n == 0 && vc->cls[i].last < s->now.us)
			break;
	if (i == vc->classes) {
		if (i == SIM_NO_CLASS
		    || mem_grow(s->mem, &v, &vc->cls_cap, i + 1,
			sizeof(*vc->cls)) != 0)
			return SIM_NO_CLASS;
		vc->cls = v;
		vc->classes++;
	} else {
		sim_route_unref(s, vc->cls[i].route);
	}
	vc->cls[i] = (struct sim_class){ .route = r };
	if (r != NULL)
		r->refs++;
	return (uint16_t)i;
}

static int
leaf_room(struct sim *s, struct sim_vc *vc)
{
	void *v = vc->slot;

	if (mem_grow(s->mem, &v, &vc->slot_cap, vc->slots + vc->setups + 1,
		sizeof(*vc->slot)) != 0)
		return MARSH_ENOMEM;
	vc->slot = v;
	return 0;
}

static void
leaf_link(struct sim *s, struct sim_vc *vc, struct sim_leaf *l)
{
	l->prev = vc->last;
	if (vc->last != NULL)
		vc->last->next = l;
	else
		vc->first = l;
	vc->last = l;
	l->at_root = true;
	tab_add(&s->by_leaf, &l->by_addr, leaf_hash(vc, &l->addr));
}

/*
 * sim_leaf_new makes the leaf that |rq| asks for, with all the memory its set-
 * up will need; NULL when there is not enough.  |to| is its port, or NULL when
 * the address is unknown.  *|cause| is why the network refuses it, or 0.
 */
struct sim_leaf *
sim_leaf_new(struct sim *s, struct sim_vc *vc, const struct atm_req *rq,
    const struct sim_port *to, unsigned *cause)
{
	struct sim_port *root = s->port[vc->root.port];
	struct sim_route *r = NULL;
	uint16_t cls = SIM_NO_CLASS;
	struct sim_leaf *l;
	int err;

	*cause = to == NULL ? ATM_CAUSE_UNALLOCATED : 0;
	if (to != NULL) {
		err = sim_route_find(s, root->sw, to->sw, &r);
		if (err == MARSH_ENOMEM || leaf_room(s, vc) != 0)
			return NULL;
		if (err != 0 || sim_is_cut(s, root->n, to->n))
			*cause = ATM_CAUSE_NO_ROUTE;
		else if ((cls = class_get(s, vc, r)) == SIM_NO_CLASS)
			return NULL;
	}
	l = sim_pool_get(&s->pool_leaf);
	if (l == NULL)
		return NULL;
	l->end.vc = vc;
	l->end.leaf = true;
	l->end.port = to != NULL ? to->n : 0;
	l->call.kind = SIM_EV_CALL;
	l->down.kind = SIM_EV_DOWN;
	l->up.kind = SIM_EV_UP;
	l->rq = (uint8_t)rq->kind;
	l->state = SIM_CALLING;
	vc->calling++;
	l->slot = SIM_NONE;
	l->cls = cls;
	if (cls != SIM_NO_CLASS)
		vc->cls[cls].n++;
	l->addr = rq->dst;
	leaf_link(s, vc, l);
	return l;
}

/* sim_leaf_find returns the leaf that |vc|'s root knows as |addr|, or NULL. */
struct sim_leaf *
sim_leaf_find(const struct sim *s, const struct sim_vc *vc,
    const struct atm_addr *addr)
{
	struct tab_link *k = tab_first(&s->by_leaf, leaf_hash(vc, addr));

	for (; k != NULL; k = tab_next(k)) {
		struct sim_leaf *l = SIM_OF(sim_leaf, by_addr, k);

		if (l->end.vc == vc && atm_addr_equal(&l->addr, addr))
			return l;
	}
	return NULL;
}

/* sim_leaf_join gives |l|, which was just bound, its slot. */
void
sim_leaf_join(struct sim_leaf *l)
{
	struct sim_vc *vc = l->end.vc;

	assert(vc->slots < vc->slot_cap);
	l->slot = (uint32_t)vc->slots;
	vc->slot[vc->slots++] = (struct sim_slot){
		.leaf = l,
		.port = l->end.port,
		.ref = l->end.ref,
		.cls = l->cls,
	};
}

/* Not under a walker's feet: |cast| remembers a place among the slots. */
static void
slots_compact(struct sim *s, struct sim_vc *vc)
{
	size_t n = 0;

	if (vc->holes < 16 || vc->holes < vc->slots / 2
	    || (s->cast != NULL && s->cast->vc == vc))
		return;
	for (size_t i = 0; i < vc->slots; i++) {
		if (vc->slot[i].leaf == NULL)
			continue;
		vc->slot[n] = vc->slot[i];
		vc->slot[n].leaf->slot = (uint32_t)n;
		n++;
	}
	vc->slots = n;
	vc->holes = 0;
}

/* sim_leaf_leave takes away |l|'s reference and its slot. */
void
sim_leaf_leave(struct sim *s, struct sim_leaf *l)
{
	struct sim_vc *vc = l->end.vc;

	sim_end_unbind(s, &l->end);
	vc->slot[l->slot].leaf = NULL;
	vc->slot[l->slot].ref = 0;
	l->slot = SIM_NONE;
	vc->holes++;
	vc->seen_i = 0;
	vc->seen_slot = 0;
	slots_compact(s, vc);
}

/*
 * sim_leaf_event lets |ev| happen to |l| as the network sees it and returns who
 * has to hear of it (marsh/atm/atm_party.h).  A root that asked for a VC or a
 * leaf is answered in any case.
 */
unsigned
sim_leaf_event(struct sim *s, struct sim_leaf *l, enum atm_party_event ev,
    unsigned cause)
{
	struct sim_vc *vc = l->end.vc;
	uint8_t was = l->state;
	unsigned tell = atm_party_step(&l->state, ev);

	if (l->state == was)
		return tell;
	vc->calling -= was == SIM_CALLING;
	vc->leaves -= was == SIM_CONNECTED;
	vc->leaves += l->state == SIM_CONNECTED;
	vc->seen_i = 0;
	vc->seen_slot = 0;
	if (l->state == SIM_CONNECTED)
		return tell;
	if (!vc->multi)
		sim_vc_gone(s, vc, cause);
	else if (was == SIM_CONNECTED && !vc->released)
		sim_watch_vc(s, ATM_VC_DROP, vc, l, cause);
	return tell;
}

/* sim_leaf_forget: the root does not know |l| any more. */
void
sim_leaf_forget(struct sim *s, struct sim_leaf *l)
{
	if (l->at_root)
		tab_del(&s->by_leaf, &l->by_addr);
	l->at_root = false;
}

/*
 * sim_leaf_answers tells whether the root waits to hear of |l|.  A call is
 * always answered, even when its only leaf was dropped in the meantime.
 */
bool
sim_leaf_answers(const struct sim_leaf *l)
{
	return l->end.vc->root.live
	    && (l->at_root || l->rq != ATM_MULTI_ADD);
}

/* stop takes back what nobody waits for any more. */
static void
stop(struct sim *s, struct sim_leaf *l)
{
	if (l->step > SIM_SETUP && !sim_leaf_answers(l)) {
		sim_queue_remove(&s->queue, &l->call);
		l->step = SIM_IDLE;
	}
	if (l->down.queued && !l->end.live && l->step != SIM_SETUP)
		sim_queue_remove(&s->queue, &l->down);
	if (l->up.queued && !l->at_root)
		sim_queue_remove(&s->queue, &l->up);
}

/* sim_leaf_settle frees |l| when nobody knows it and nothing is under way. */
void
sim_leaf_settle(struct sim *s, struct sim_leaf *l)
{
	struct sim_vc *vc = l->end.vc;

	stop(s, l);
	if (l->at_root || l->end.live || l->step != SIM_IDLE || l->down.queued
	    || l->up.queued || l->jobs != 0)
		return;
	if (l->prev != NULL)
		l->prev->next = l->next;
	else
		vc->first = l->next;
	if (l->next != NULL)
		l->next->prev = l->prev;
	else
		vc->last = l->prev;
	if (l->cls != SIM_NO_CLASS)
		vc->cls[l->cls].n--;
	sim_pool_put(&s->pool_leaf, l);
	sim_vc_settle(s, vc);
}

static int64_t
travel(struct sim *s, const struct sim_leaf *l)
{
	struct sim_vc *vc = l->end.vc;
	int64_t d = s->cfg.delay.us;

	if (l->cls != SIM_NO_CLASS && vc->cls[l->cls].route != NULL)
		d += vc->cls[l->cls].route->delay;
	if (s->cfg.jitter.us > 0)
		d += rng_span(&s->rng, MSPAN_US(0), s->cfg.jitter).us;
	return d;
}

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* sim_leaf_down_at returns when what is sent to |l| now arrives, in order. */
int64_t
sim_leaf_down_at(struct sim *s, struct sim_leaf *l, int64_t extra)
{
	int64_t t = s->now.us + travel(s, l) + extra;
	struct sim_class *c;

	t = later(t, l->last_down);
	if (l->cls != SIM_NO_CLASS) {
		c = &l->end.vc->cls[l->cls];
		t = later(t, c->last);
		c->slow = later(t, c->slow);
	}
	l->last_down = t;
	return t;
}

/* sim_leaf_up_at returns when what |l| sends now arrives at the root. */
int64_t
sim_leaf_up_at(struct sim *s, struct sim_leaf *l, int64_t extra)
{
	return l->last_up = later(l->last_up, s->now.us + travel(s, l) + extra);
}
