/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signalling under way: what a leaf's two queue entries carry, and what comes
 * of it where they arrive.
 *
 *   down   SETUP ----------> accepted: L_REMOTE_CALL  [then BYE, if the root
 *                            refused: up FAIL          hung up meanwhile]
 *          BYE ------------> ERR_L_RELEASE
 *   up     ACK ------------> L_ACK                    [then BYE, if the leaf
 *          FAIL -----------> ERR_L_RQFAILED            left meanwhile]
 *          BYE ------------> pt-mpt ERR_L_DROP, pt-pt ERR_L_RELEASE
 *
 * Once a root dropped a leaf or released its VC, nothing more is said to it
 * about that leaf or VC; a leaf that released its end hears nothing more.
 */
#include <assert.h>

#include "sim_int.h"

/* down_bye tells |l| that it is over, behind what is under way to it. */
static void
down_bye(struct sim *s, struct sim_leaf *l, unsigned cause)
{
	if (l->down_step == SIM_SETUP && !l->bye_down) {
		l->bye_down = true;
		l->bye_down_t = sim_leaf_down_at(s, l, 0);
		l->cause_down = (uint16_t)cause;
	} else if (l->down_step == SIM_IDLE && l->end.live) {
		l->down_step = SIM_BYE;
		l->cause_down = (uint16_t)cause;
		sim_queue_push(&s->queue, &l->down, sim_leaf_down_at(s, l, 0));
	}
}

/* up_send starts |step| on its way to the root. */
static void
up_send(struct sim *s, struct sim_leaf *l, enum sim_step step, unsigned cause,
    int64_t t)
{
	l->up_step = (uint8_t)step;
	l->cause_up = (uint16_t)cause;
	sim_queue_push(&s->queue, &l->up, t);
}

/* up_bye tells the root that |l| is over, behind what is under way to it. */
static void
up_bye(struct sim *s, struct sim_leaf *l, unsigned cause)
{
	if (!l->at_root)
		return;
	if (l->up_step == SIM_IDLE) {
		up_send(s, l, SIM_BYE, cause, sim_leaf_up_at(s, l, 0));
	} else if (l->up_step == SIM_ACK && !l->bye_up) {
		l->bye_up = true;
		l->bye_up_t = sim_leaf_up_at(s, l, 0);
		l->cause_bye = (uint16_t)cause;
	}
}

/* hang_up ends all of |vc| from the root's side. */
static void
hang_up(struct sim *s, struct sim_vc *vc, unsigned cause)
{
	struct sim_leaf *l, *next;

	vc->refs++;
	sim_end_unbind(s, &vc->root);
	sim_vc_gone(s, vc, cause);
	for (l = vc->first; l != NULL; l = next) {
		next = l->next;
		sim_leaf_gone(s, l, cause);
		sim_leaf_forget(s, l);
		down_bye(s, l, cause);
		sim_leaf_settle(s, l);
	}
	vc->refs--;
	sim_vc_settle(s, vc);
}

/* sim_end_release carries out L_RELEASE at |e|; its port is told nothing. */
void
sim_end_release(struct sim *s, struct sim_end *e, unsigned cause)
{
	struct sim_leaf *l;

	cause = sim_normal(s, cause);
	if (!e->leaf) {
		hang_up(s, e->vc, cause);
		return;
	}
	l = SIM_OF(sim_leaf, end, e);
	sim_leaf_leave(s, l);
	sim_leaf_gone(s, l, cause);
	up_bye(s, l, cause);
	sim_leaf_settle(s, l);
}

/* sim_leaf_drop carries out L_MULTI_DROP. */
void
sim_leaf_drop(struct sim *s, struct sim_leaf *l)
{
	unsigned cause = sim_normal(s, 0);

	sim_leaf_gone(s, l, cause);
	sim_leaf_forget(s, l);
	down_bye(s, l, cause);
	sim_leaf_settle(s, l);
}

/*
 * sim_leaf_break cuts the path of |l|: frames under way are lost, both sides
 * are told.  A set-up under way fails where it arrives; an ACK becomes the
 * failure of its request, for the root never had the leaf.
 */
void
sim_leaf_break(struct sim *s, struct sim_leaf *l, unsigned cause)
{
	l->broken = true;
	if (l->slot != SIM_NONE)
		l->end.vc->slot[l->slot].ref = 0;
	if (l->down_step == SIM_SETUP || l->state == SIM_GONE)
		return;
	sim_leaf_gone(s, l, cause);
	down_bye(s, l, cause);
	if (l->up_step == SIM_ACK) {
		l->up_step = SIM_FAIL;
		l->cause_up = (uint16_t)cause;
	} else {
		up_bye(s, l, cause);
	}
}

/* sim_call_setup sends the set-up to |l|. */
void
sim_call_setup(struct sim *s, struct sim_leaf *l)
{
	l->state = SIM_CALLING;
	l->end.vc->calling++;
	l->end.vc->setups++;
	l->down_step = SIM_SETUP;
	sim_queue_push(&s->queue, &l->down, sim_leaf_down_at(s, l, 0));
}

/* sim_call_fail refuses |l|; it may be gone afterwards. */
void
sim_call_fail(struct sim *s, struct sim_leaf *l, unsigned cause)
{
	s->stats.failed++;
	sim_leaf_gone(s, l, cause);
	sim_watch_vc(s, SIM_VC_FAIL, l->end.vc, l, cause);
	if (sim_leaf_answers(l))
		up_send(s, l, SIM_FAIL, cause, sim_leaf_up_at(s, l, 0));
	sim_leaf_settle(s, l);
}

/*
 * sim_call_lost refuses |rq| where no leaf could be made to carry the answer.
 * A reserve was made for this when the world was; what exceeds even that is
 * lost and counted.
 */
void
sim_call_lost(struct sim *s, struct sim_port *p, const struct atm_req *rq,
    uint32_t vc, unsigned cause)
{
	struct sim_fail *f = sim_pool_get(&s->pool_fail);
	int64_t t = s->now.us + s->cfg.delay.us;

	s->stats.failed++;
	if (s->watch.vc != NULL)
		s->watch.vc(s->watch.ctx, s->now, SIM_VC_FAIL, vc, rq->use,
		    p->n, 0, &rq->dst, cause);
	if (f == NULL) {
		s->stats.starved++;
		return;
	}
	f->q.kind = SIM_EV_FAIL;
	f->port = p->n;
	f->ref = rq->ref;
	f->vc = vc;
	f->cause = (uint16_t)cause;
	f->rq = (uint8_t)rq->kind;
	f->addr = rq->dst;
	sim_queue_push(&s->queue, &f->q, t);
}

/* A failure is told only while its reference means what it did. */
bool
sim_fail_fire(struct sim *s, struct sim_fail *f, struct atm_ev *ev)
{
	struct sim_end *e = sim_end_find(s, f->port, f->ref);
	struct atm_ind *ind = NULL;

	if (f->vc == 0 ? e == NULL : e != NULL && e->vc->id == f->vc)
		ind = sim_tell(s, ev, f->port, ATM_RQFAILED, f->ref);
	if (ind != NULL) {
		ind->rq = f->rq;
		ind->cause = f->cause;
		ind->peer = f->addr;
	}
	sim_pool_put(&s->pool_fail, f);
	return ind != NULL;
}

/* verdict returns why a set-up that arrives for |l| fails, or 0. */
static unsigned
verdict(const struct sim *s, const struct sim_leaf *l)
{
	const struct sim_port *p = s->port[l->end.port];

	if (p == NULL)
		return ATM_CAUSE_UNALLOCATED;
	if (l->broken || sim_is_cut(s, l->end.vc->root.port, p->n))
		return ATM_CAUSE_NO_ROUTE;
	if (p->down)
		return ATM_CAUSE_OUT_OF_ORDER;
	if (p->refuse != 0)
		return p->refuse;
	if (p->rooted + p->terminated >= s->cfg.vc_max)
		return ATM_CAUSE_NO_VCI;
	return 0;
}

/* remote_ref chooses the next reference that |p| does not use. */
static atm_ref
remote_ref(const struct sim *s, struct sim_port *p)
{
	atm_ref ref;

	do {
		p->last_ref = (p->last_ref + 1) & ~ATM_REF_REMOTE;
		ref = ATM_REF_REMOTE | p->last_ref;
	} while (sim_end_find(s, p->n, ref) != NULL);
	return ref;
}

static void
connect_leaf(struct sim *s, struct sim_leaf *l)
{
	struct sim_vc *vc = l->end.vc;

	vc->calling--;
	vc->leaves++;
	l->state = SIM_CONNECTED;
	sim_watch_vc(s, vc->open ? SIM_VC_ADD : SIM_VC_OPEN, vc, l, 0);
	if (!vc->open)
		vc->opened = s->now;
	vc->open = true;
}

static bool
setup_arrives(struct sim *s, struct sim_leaf *l, struct atm_ev *ev)
{
	struct sim_vc *vc = l->end.vc;
	struct sim_port *p = s->port[l->end.port];
	unsigned cause = verdict(s, l);
	struct atm_ind *ind;

	vc->setups--;
	if (cause != 0) {
		sim_call_fail(s, l, cause);
		return false;
	}
	sim_end_bind(s, &l->end, p, remote_ref(s, p));
	sim_leaf_join(l);
	if (l->state == SIM_CALLING)
		connect_leaf(s, l);
	if (sim_leaf_answers(l))
		up_send(s, l, SIM_ACK, 0, sim_leaf_up_at(s, l, 0));
	if (l->bye_down) {
		l->down_step = SIM_BYE;
		sim_queue_push(&s->queue, &l->down, l->bye_down_t);
	}
	ind = sim_tell(s, ev, p->n, ATM_REMOTE_CALL, l->end.ref);
	if (ind == NULL)
		return false;
	ind->leaf = vc->multi;
	ind->peer = vc->root_addr;
	return true;
}

/* sim_leaf_down: what travelled to |l| arrives; true fills |ev|. */
bool
sim_leaf_down(struct sim *s, struct sim_leaf *l, struct atm_ev *ev)
{
	enum sim_step step = l->down_step;
	struct atm_ind *ind;

	l->down_step = SIM_IDLE;
	if (step == SIM_SETUP)
		return setup_arrives(s, l, ev);
	assert(step == SIM_BYE && l->end.live);
	ind = sim_tell(s, ev, l->end.port, ATM_RELEASED, l->end.ref);
	if (ind != NULL)
		ind->cause = l->cause_down;
	sim_leaf_leave(s, l);
	sim_leaf_settle(s, l);
	return ind != NULL;
}

static void
root_told(struct sim *s, struct sim_leaf *l, enum sim_step step)
{
	struct sim_vc *vc = l->end.vc;

	if (step == SIM_ACK) {
		if (l->bye_up && l->at_root)
			up_send(s, l, SIM_BYE, l->cause_bye, l->bye_up_t);
	} else if (l->rq == ATM_CALL_RQ
	    || (l->rq == ATM_MULTI_RQ && step == SIM_FAIL)) {
		hang_up(s, vc, l->cause_up);
		return;
	} else {
		sim_leaf_forget(s, l);
	}
	sim_leaf_settle(s, l);
}

/* sim_leaf_up: what travelled from |l| to the root arrives. */
bool
sim_leaf_up(struct sim *s, struct sim_leaf *l, struct atm_ev *ev)
{
	enum sim_step step = l->up_step;
	const struct sim_end *root = &l->end.vc->root;
	enum atm_ind_kind kind = ATM_ACK;
	struct atm_ind *ind;

	assert(root->live && step != SIM_IDLE);
	l->up_step = SIM_IDLE;
	if (step == SIM_FAIL)
		kind = ATM_RQFAILED;
	else if (step == SIM_BYE)
		kind = l->end.vc->multi ? ATM_DROPPED : ATM_RELEASED;
	ind = sim_tell(s, ev, root->port, kind, root->ref);
	if (ind != NULL) {
		ind->rq = step != SIM_BYE ? l->rq : 0;
		ind->cause = l->cause_up;
		if (kind != ATM_RELEASED)
			ind->peer = l->addr;
	}
	root_told(s, l, step);
	return ind != NULL;
}
