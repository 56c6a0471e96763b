/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The leaves of a root.  A leaf is the root's as long as it is not |gone|; what
 * is left of it then only waits until the kernel has been told.
 *
 * A pt-pt VC has one leaf too, whom it called.
 */
#include <assert.h>

#include "svc_int.h"

/* svc_leaf_new adds a leaf without leg to |vc|, or returns NULL. */
struct svc_leaf *
svc_leaf_new(struct svc *s, struct svc_vc *vc, const struct atm_addr *addr)
{
	struct svc_leaf *l = mem_alloc(s->mem, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->vc = vc;
	l->addr = *addr;
	l->join.kind = SVC_ITEM_JOIN;
	l->part.kind = SVC_ITEM_PART;
	l->join.leaf = l->part.leaf = l;
	l->ack.vc = l->left.vc = vc;
	l->ack.leaf = l->left.leaf = l;
	l->ack.rq = ATM_MULTI_ADD;
	l->prev = vc->last;
	if (vc->last != NULL)
		vc->last->next = l;
	else
		vc->first = l;
	vc->last = l;
	return l;
}

struct svc_leaf *
svc_leaf_find(const struct svc_vc *vc, const struct atm_addr *addr)
{
	struct svc_leaf *l;

	for (l = vc->first; l != NULL; l = l->next)
		if (!l->gone && atm_addr_equal(&l->addr, addr))
			return l;
	return NULL;
}

/* svc_leaf_by_ep finds who joined the trunk of |vc| as endpoint |ep|. */
struct svc_leaf *
svc_leaf_by_ep(const struct svc_vc *vc, int ep)
{
	struct svc_leaf *l;

	for (l = vc->first; l != NULL; l = l->next)
		if (l->on && l->ep == ep && l->leg != NULL && l->leg->trunk)
			return l;
	return NULL;
}

/* svc_leaf_free forgets |l| at once, told or not. */
void
svc_leaf_free(struct svc *s, struct svc_leaf *l)
{
	struct svc_vc *vc = l->vc;

	if (l->leg != NULL) {
		svc_leg_unqueue(l->leg, &l->join);
		svc_leg_unqueue(l->leg, &l->part);
		if (l->leg->now == l)
			l->leg->now = NULL;
	}
	svc_tell_drop(s, &l->ack);
	svc_tell_drop(s, &l->left);
	if (l->far != NULL)
		l->far->near = NULL;
	if (l->next != NULL)
		l->next->prev = l->prev;
	else
		vc->last = l->prev;
	if (l->prev != NULL)
		l->prev->next = l->next;
	else
		vc->first = l->next;
	mem_free(s->mem, l, sizeof(*l));
}

/* svc_leaf_settle frees |l| when nothing waits for it any more. */
void
svc_leaf_settle(struct svc *s, struct svc_leaf *l)
{
	if (!l->gone || l->join.queued || l->part.queued || l->ack.queued
	    || l->left.queued || (l->leg != NULL && l->leg->now == l))
		return;
	svc_leaf_free(s, l);
}

/* svc_leaf_up: the network has |l| on its leg. */
void
svc_leaf_up(struct svc *s, struct svc_leaf *l)
{
	struct svc_vc *vc = l->vc;
	bool opened = !vc->open;

	l->on = true;
	l->leg->up++;
	if (opened) {
		vc->open = true;
		vc->opened = svc_now(s);
	}
	if (!l->gone && !l->up) {
		l->up = true;
		vc->leaves++;
		svc_watch_vc(s, opened ? ATM_VC_OPEN : ATM_VC_ADD, vc,
		    &l->addr, 0);
		if (!l->first && !l->quiet)
			svc_tell_push(s, &l->ack, ATM_ACK, 0);
	}
	if (!l->first)
		return;
	vc->start.rq = vc->multi ? ATM_MULTI_RQ : ATM_CALL_RQ;
	svc_tell_push(s, &vc->start, ATM_ACK, 0);
	l->first = false;
}

/*
 * svc_leaf_failed: |l| could not join.  The one that its VC was made with takes
 * the VC along; |l|, and then its leg, may be gone afterwards.
 */
void
svc_leaf_failed(struct svc *s, struct svc_leaf *l, unsigned cause)
{
	struct svc_vc *vc = l->vc;
	bool told = !l->gone;

	if (l->first) {
		svc_vc_dead(s, vc, cause);
		return;
	}
	l->gone = true;
	if (told) {
		s->stats.failed++;
		svc_watch_vc(s, l->up ? ATM_VC_DROP : ATM_VC_FAIL, vc,
		    &l->addr, cause);
		if (l->up)
			vc->leaves--;
		if (l->up)
			svc_tell_push(s, &l->left, ATM_DROPPED, cause);
		else
			svc_tell_push(s, &l->ack, ATM_RQFAILED, cause);
	}
	svc_leaf_settle(s, l);
}

/*
 * svc_leaf_gone: |l|, which was on, left (|cause| not 0) or is dropped by us.
 * The kernel is told in its turn.
 */
void
svc_leaf_gone(struct svc *s, struct svc_leaf *l, unsigned cause)
{
	struct svc_vc *vc = l->vc;

	assert(!l->gone);
	l->gone = true;
	if (l->up) {
		vc->leaves--;
		svc_watch_vc(s, ATM_VC_DROP, vc, &l->addr,
		    cause != 0 ? cause : ATM_CAUSE_NORMAL);
	}
	if (cause != 0)
		svc_tell_push(s, &l->left, ATM_DROPPED, cause);
	else
		svc_tell_drop(s, &l->ack);
	if (l->leg == NULL)
		;
	else if (l->leg->now == l && l->leg->state == SVC_LEG_CONNECTING
	    && !l->first) {
		l->leg->now = NULL;
		svc_leg_close(s, l->leg);
	} else if (l->on || l->leg->now == l)
		svc_leg_queue(l->leg, &l->part);
	else
		svc_leg_unqueue(l->leg, &l->join);
	svc_leaf_settle(s, l);
}

/* own_leg gives |l| a leg of its own, which calls it. */
static bool
own_leg(struct svc *s, struct svc_leaf *l)
{
	struct svc_leg *g = svc_leg_new(s, NULL);

	if (g == NULL)
		return false;
	g->vc = l->vc;
	g->vnext = l->vc->legs;
	l->vc->legs = g;
	l->leg = g;
	l->on = false;
	svc_leg_queue(g, &l->join);
	return true;
}

/* move gives |l| a leg of its own and what |trunk| was to send to it. */
static bool
move(struct svc *s, struct svc_leg *trunk, struct svc_leaf *l)
{
	const struct svc_item *it;

	it = l->join.queued ? l->join.next : trunk->head;
	svc_leg_unqueue(trunk, &l->join);
	if (trunk->now == l)
		trunk->now = NULL;
	l->quiet = l->up;
	if (!own_leg(s, l))
		return false;
	for (; it != NULL; it = it->next)
		if (it->kind == SVC_ITEM_FRAME)
			svc_leg_send(s, l->leg, it->frame);
	return true;
}

/* leave_behind takes |trunk|, which the kernel does not let go, from |vc|. */
static void
leave_behind(struct svc *s, struct svc_vc *vc, struct svc_leg *trunk)
{
	struct svc_leg **at = &vc->legs;
	struct svc_leaf *l, *next;

	for (l = vc->first; l != NULL; l = next) {
		next = l->next;
		if (l->leg != trunk)
			continue;
		svc_leg_unqueue(trunk, &l->join);
		svc_leg_unqueue(trunk, &l->part);
		if (trunk->now == l)
			trunk->now = NULL;
		l->leg = NULL;
		l->on = false;
		svc_leaf_settle(s, l);
	}
	while (*at != trunk)
		at = &(*at)->vnext;
	*at = trunk->vnext;
	trunk->vnext = NULL;
	trunk->vc = NULL;
	svc_leg_end(s, trunk);
}

/*
 * svc_leaf_scatter: signalling turned out to have no pt-mpt.  Leaves of |vc|
 * that are not on |trunk| yet get legs of their own; all do when the trunk is
 * |stuck| in the kernel.
 */
void
svc_leaf_scatter(struct svc *s, struct svc_vc *vc, struct svc_leg *trunk,
    bool stuck)
{
	struct svc_leaf *l, *lnext;
	struct svc_leg *g, *gnext;

	for (l = vc->first; l != NULL; l = lnext) {
		lnext = l->next;
		if (l->leg != trunk || (l->on && !stuck) || l->gone)
			continue;
		if (move(s, trunk, l))
			continue;
		svc_leaf_failed(s, l, ATM_CAUSE_NO_RESOURCE);
		if (vc->dead)
			return;
	}
	if (stuck)
		leave_behind(s, vc, trunk);
	for (g = vc->legs; g != NULL; g = gnext) {
		gnext = g->vnext;
		if (!g->trunk && g->state == SVC_LEG_IDLE)
			svc_leg_run(s, g);
	}
}
