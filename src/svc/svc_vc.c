/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VCs: the table by (port, reference), how they come in, and how they end.
 *
 * A VC ends in one of two ways.  Our port hangs up: it is gone at once, and its
 * legs close by themselves after what was sent.  Or the network ends it: it
 * stays, dead and without legs, until its port is told.
 *
 * Invariant: ids grow, and the list is in their order.
 */
#include "svc_int.h"

static uint64_t
hash(atm_port port, atm_ref ref)
{
	return tab_mix((uint64_t)port << 32 | ref);
}

struct svc_vc *
svc_vc_find(const struct svc *s, atm_port port, atm_ref ref)
{
	struct tab_link *l = tab_first(&s->by_ref, hash(port, ref));

	for (; l != NULL; l = tab_next(l)) {
		struct svc_vc *vc = SVC_OF(svc_vc, by_ref, l);

		if (vc->port->n == port && vc->ref == ref)
			return vc;
	}
	return NULL;
}

/* svc_vc_by_id is asked for those that were made last. */
struct svc_vc *
svc_vc_by_id(const struct svc *s, uint32_t id)
{
	struct svc_vc *vc = s->vcs_last;

	while (vc != NULL && vc->id > id)
		vc = vc->prev;
	return vc != NULL && vc->id == id ? vc : NULL;
}

/* svc_vc_new returns a VC that is in no list yet, or NULL. */
struct svc_vc *
svc_vc_new(struct svc *s)
{
	struct svc_vc *vc = mem_alloc(s->mem, sizeof(*vc));

	if (vc != NULL)
		vc->start.vc = vc->end.vc = vc;
	return vc;
}

/* svc_vc_add gives |vc| its place at |p| and its id. */
void
svc_vc_add(struct svc *s, struct svc_vc *vc, struct svc_port *p, atm_ref ref)
{
	vc->id = vc->seen = ++s->last_id;
	vc->port = p;
	vc->ref = ref;
	tab_add(&s->by_ref, &vc->by_ref, hash(p->n, ref));
	vc->prev = s->vcs_last;
	if (s->vcs_last != NULL)
		s->vcs_last->next = vc;
	else
		s->vcs = vc;
	s->vcs_last = vc;
	vc->pnext = p->vcs;
	if (p->vcs != NULL)
		p->vcs->pprev = vc;
	p->vcs = vc;
	s->vc_n++;
}

static void
unlink_vc(struct svc *s, struct svc_vc *vc)
{
	tab_del(&s->by_ref, &vc->by_ref);
	if (vc->next != NULL)
		vc->next->prev = vc->prev;
	else
		s->vcs_last = vc->prev;
	if (vc->prev != NULL)
		vc->prev->next = vc->next;
	else
		s->vcs = vc->next;
	if (vc->pnext != NULL)
		vc->pnext->pprev = vc->pprev;
	if (vc->pprev != NULL)
		vc->pprev->pnext = vc->pnext;
	else
		vc->port->vcs = vc->pnext;
	s->vc_n--;
}

/* detach lets the legs of |vc| end on their own and forgets its leaves. */
static void
detach(struct svc *s, struct svc_vc *vc)
{
	struct svc_leg *g;

	while (vc->first != NULL)
		svc_leaf_free(s, vc->first);
	vc->leaves = 0;
	while ((g = vc->legs) != NULL) {
		vc->legs = g->vnext;
		g->vnext = NULL;
		g->vc = NULL;
		svc_leg_end(s, g);
	}
	if (vc->near != NULL)
		vc->near->far = NULL;
	vc->near = NULL;
}

/* svc_vc_free forgets |vc| altogether; its legs end on their own. */
void
svc_vc_free(struct svc *s, struct svc_vc *vc)
{
	detach(s, vc);
	svc_tell_drop(s, &vc->start);
	svc_tell_drop(s, &vc->end);
	unlink_vc(s, vc);
	mem_free(s->mem, vc, sizeof(*vc));
}

/* ended shows that |vc| is over to those who look. */
static void
ended(struct svc *s, struct svc_vc *vc, unsigned cause)
{
	if (vc->open && (vc->caller || vc->foreign))
		svc_watch_vc(s, ATM_VC_RELEASE, vc, NULL, cause);
	vc->open = false;
}

/* svc_vc_hang_up carries out L_RELEASE; the port is told nothing. */
void
svc_vc_hang_up(struct svc *s, struct svc_vc *vc, unsigned cause)
{
	ended(s, vc, cause != 0 ? cause : ATM_CAUSE_NORMAL);
	svc_vc_free(s, vc);
}

/*
 * svc_vc_dead: the network ended |vc|, or refused it.  Its port is told that
 * its request failed as long as it was not told of success.
 */
void
svc_vc_dead(struct svc *s, struct svc_vc *vc, unsigned cause)
{
	bool failed = vc->caller && (!vc->open || vc->start.queued);

	if (vc->dead)
		return;
	vc->dead = true;
	if (vc->caller && !vc->open) {
		s->stats.failed++;
		svc_watch_vc(s, ATM_VC_FAIL, vc, &vc->peer, cause);
	}
	ended(s, vc, cause);
	detach(s, vc);
	if (failed)
		svc_tell_drop(s, &vc->start);
	vc->end.rq = vc->multi ? ATM_MULTI_RQ : ATM_CALL_RQ;
	svc_tell_push(s, &vc->end, failed ? ATM_RQFAILED : ATM_RELEASED, cause);
}

/* near_end finds the root's leaf that a call with |sap| is the far end of. */
static struct svc_leaf *
near_end(const struct svc *s, const struct svc_port *p,
    const struct atm_sap *sap, unsigned *use)
{
	struct svc_leaf *l;
	struct svc_vc *vc;
	uint16_t tag;
	uint32_t id;

	if (!svc_tag_get(sap, &tag, &id, use) || tag != s->tag)
		return NULL;
	vc = svc_vc_by_id(s, id);
	if (vc == NULL || vc->dead || !vc->caller)
		return NULL;
	l = svc_leaf_find(vc, &p->addr);
	return l != NULL && l->far == NULL ? l : NULL;
}

static atm_ref
remote_ref(const struct svc *s, struct svc_port *p)
{
	atm_ref ref;

	do {
		p->last_ref = (p->last_ref + 1) & ~ATM_REF_REMOTE;
		ref = ATM_REF_REMOTE | p->last_ref;
	} while (p->last_ref == 0 || svc_vc_find(s, p->n, ref) != NULL);
	return ref;
}

/* leg_of makes the leg of a call that arrived with socket |j->fd2|. */
static struct svc_leg *
leg_of(struct svc *s, struct svc_port *p)
{
	struct svc_leg *g = svc_leg_new(s, p->spare_leg);

	p->spare_leg = NULL;
	g->fd = p->job.fd2;
	g->state = SVC_LEG_UP;
	g->up = 1;
	g->vpi = (uint16_t)p->job.pvc.sap_addr.vpi;
	g->vci = (uint16_t)p->job.pvc.sap_addr.vci;
	return g;
}

/* svc_vc_arrive: |p| has taken a call; it becomes a VC of the port. */
void
svc_vc_arrive(struct svc *s, struct svc_port *p)
{
	struct svc_leg *g = leg_of(s, p);
	struct svc_vc *vc = p->spare_vc;
	unsigned use = ATM_USE_NONE;

	if (p->state != SVC_PORT_OPEN || s->vc_n >= s->cfg.vc_max) {
		svc_leg_end(s, g);
		return;
	}
	p->spare_vc = NULL;
	(void)svc_addr_from(&p->job.peer, &vc->peer);
	vc->near = near_end(s, p, &p->job.sap, &use);
	svc_vc_add(s, vc, p, remote_ref(s, p));
	vc->use = (uint8_t)use;
	vc->multi = p->job.qos.txtp.traffic_class == ATM_NONE;
	vc->open = true;
	vc->opened = svc_now(s);
	vc->legs = g;
	g->vc = vc;
	if (vc->near != NULL) {
		vc->near->far = vc;
		vc->seen = vc->near->vc->id;
	} else {
		vc->foreign = true;
		svc_watch_vc(s, ATM_VC_OPEN, vc, &p->addr, 0);
	}
	svc_tell_push(s, &vc->start, ATM_REMOTE_CALL, 0);
	svc_src_watch(s, &g->src, g->fd, EPOLLIN);
}
