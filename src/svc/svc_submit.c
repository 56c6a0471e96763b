/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests of RFC 2022 section 3.4 as they come from a port.  Nothing here
 * waits: what blocks goes into a leg's queue, what cannot be done comes back as
 * ERR_L_RQFAILED.  L_RELEASE carries no cause to the other side: close() has no
 * way to say one.
 */
#include "svc_int.h"

/* trunk_of returns the leg of |vc| that new leaves join, or NULL. */
static struct svc_leg *
trunk_of(const struct svc *s, const struct svc_vc *vc)
{
	struct svc_leg *g = vc->legs;

	if (s->fan_out)
		return NULL;
	while (g != NULL && !g->trunk)
		g = g->vnext;
	return g;
}

static struct svc_leg *
leg_of(struct svc *s, struct svc_vc *vc)
{
	struct svc_leg *g = vc->multi ? trunk_of(s, vc) : NULL;

	if (g != NULL)
		return g;
	g = svc_leg_new(s, NULL);
	if (g == NULL)
		return NULL;
	g->trunk = vc->multi && !s->fan_out;
	g->vc = vc;
	g->vnext = vc->legs;
	vc->legs = g;
	return g;
}

/* join lets |rq|'s address join |vc|; false: no memory. */
static bool
join(struct svc *s, struct svc_vc *vc, const struct atm_req *rq)
{
	struct svc_leaf *l = svc_leaf_new(s, vc, &rq->dst);

	if (l == NULL)
		return false;
	l->leg = leg_of(s, vc);
	if (l->leg == NULL) {
		svc_leaf_free(s, l);
		return false;
	}
	l->first = rq->kind != ATM_MULTI_ADD;
	svc_leg_queue(l->leg, &l->join);
	svc_leg_run(s, l->leg);
	return true;
}

static bool
callable(const struct atm_req *rq)
{
	struct sockaddr_atmsvc sa;

	return svc_addr_to(&rq->dst, &sa) == 0;
}

static void
call(struct svc *s, struct svc_port *p, const struct atm_req *rq)
{
	struct svc_vc *vc;

	if (rq->ref == 0 || (rq->ref & ATM_REF_REMOTE) != 0
	    || svc_vc_find(s, p->n, rq->ref) != NULL)
		return;
	if (!callable(rq)) {
		svc_tell_fail(s, p, rq, 0, ATM_CAUSE_UNALLOCATED);
		return;
	}
	vc = s->vc_n < s->cfg.vc_max ? svc_vc_new(s) : NULL;
	if (vc == NULL) {
		svc_tell_fail(s, p, rq, 0, ATM_CAUSE_NO_RESOURCE);
		return;
	}
	vc->caller = true;
	vc->multi = rq->kind == ATM_MULTI_RQ;
	vc->use = rq->use;
	vc->peer = rq->dst;
	svc_vc_add(s, vc, p, rq->ref);
	if (join(s, vc, rq))
		return;
	svc_vc_free(s, vc);
	svc_tell_fail(s, p, rq, 0, ATM_CAUSE_NO_RESOURCE);
}

static void
add(struct svc *s, struct svc_port *p, const struct atm_req *rq,
    struct svc_vc *vc)
{
	if (!vc->caller || !vc->multi || svc_leaf_find(vc, &rq->dst) != NULL)
		svc_tell_fail(s, p, rq, vc->id, ATM_CAUSE_BAD_ENDPOINT);
	else if (!callable(rq))
		svc_tell_fail(s, p, rq, vc->id, ATM_CAUSE_UNALLOCATED);
	else if (!join(s, vc, rq))
		svc_tell_fail(s, p, rq, vc->id, ATM_CAUSE_NO_RESOURCE);
}

static void
drop(struct svc *s, const struct atm_req *rq, struct svc_vc *vc)
{
	struct svc_leaf *l;
	struct svc_leg *g;

	if (!vc->caller || !vc->multi)
		return;
	l = svc_leaf_find(vc, &rq->dst);
	if (l == NULL)
		return;
	g = l->leg;
	svc_leaf_gone(s, l, 0);
	if (g != NULL)
		svc_leg_run(s, g);
}

static void
send_frame(struct svc *s, struct svc_vc *vc, struct frame *f)
{
	struct svc_leg *g, *next;

	vc->frames++;
	vc->octets += f->len;
	s->stats.frames++;
	if (s->watch.frame != NULL)
		s->watch.frame(s->watch.ctx, svc_now(s), vc->seen, vc->port->n,
		    f);
	for (g = vc->legs; g != NULL; g = next) {
		next = g->vnext;
		svc_leg_send(s, g, f);
	}
}

void
svc_net_submit(struct atm_net *n, atm_port port, const struct atm_req *rq)
{
	struct svc *s = SVC_OF(svc, net, n);
	struct svc_port *p = svc_port_get(s, port);
	struct svc_vc *vc;

	if (p == NULL || !p->attached || p->down) {
		if (rq->kind == ATM_SEND)
			frame_unref(rq->frame);
		return;
	}
	if (rq->kind == ATM_CALL_RQ || rq->kind == ATM_MULTI_RQ) {
		call(s, p, rq);
		return;
	}
	vc = svc_vc_find(s, port, rq->ref);
	if (rq->kind == ATM_SEND) {
		if (vc != NULL && !vc->dead && rq->frame != NULL
		    && (vc->caller || !vc->multi))
			send_frame(s, vc, rq->frame);
		frame_unref(rq->frame);
	} else if (vc == NULL) {
		return;
	} else if (rq->kind == ATM_RELEASE) {
		svc_vc_hang_up(s, vc, rq->cause);
	} else if (vc->dead) {
		return;
	} else if (rq->kind == ATM_MULTI_ADD) {
		add(s, p, rq, vc);
	} else if (rq->kind == ATM_MULTI_DROP) {
		drop(s, rq, vc);
	}
}
