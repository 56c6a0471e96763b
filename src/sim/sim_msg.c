/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signalling under way: what a leaf's three queue entries carry, and what comes
 * of it where they arrive.
 *
 *   call   SETUP ---> leaf   L_REMOTE_CALL, and ACK or FAIL goes back
 *          ACK -----> root   L_ACK
 *          FAIL ----> root   ERR_L_RQFAILED
 *   down   ---------> leaf   ERR_L_RELEASE
 *   up     ---------> root   pt-mpt ERR_L_DROP, pt-pt ERR_L_RELEASE
 *
 * Each overtakes nothing sent before it.  Once a root dropped a leaf or released
 * its VC, nothing more is said to it about that leaf or VC; a leaf that
 * released its end hears nothing more.
 */
#include <assert.h>

#include "sim_int.h"

/* tell_leaf tells |l| that it is over, behind what is under way to it. */
static void
tell_leaf(struct sim *s, struct sim_leaf *l, unsigned cause)
{
	if (l->down.queued || (l->step != SIM_SETUP && !l->end.live))
		return;
	l->cause_down = (uint16_t)cause;
	sim_queue_push(&s->queue, &l->down, sim_leaf_down_at(s, l, 0));
}

/* tell_root tells the root that |l| is over, behind what is under way to it. */
static void
tell_root(struct sim *s, struct sim_leaf *l, unsigned cause)
{
	if (l->up.queued || !l->at_root || l->step == SIM_FAIL)
		return;
	l->cause_up = (uint16_t)cause;
	sim_queue_push(&s->queue, &l->up, sim_leaf_up_at(s, l, 0));
}

/* answer starts ACK or FAIL on its way to the root. */
static void
answer(struct sim *s, struct sim_leaf *l, enum sim_step step, unsigned cause)
{
	if (!sim_leaf_answers(l))
		return;
	l->step = (uint8_t)step;
	l->cause_call = (uint16_t)cause;
	sim_queue_push(&s->queue, &l->call, sim_leaf_up_at(s, l, 0));
}

/* drop ends |l| from the root's side; it may be gone afterwards. */
static void
drop(struct sim *s, struct sim_leaf *l, unsigned cause)
{
	unsigned tell = sim_leaf_event(s, l, ATM_PARTY_DROP, cause);

	sim_leaf_forget(s, l);
	if ((tell & ATM_PARTY_CLEAR) != 0)
		tell_leaf(s, l, cause);
	sim_leaf_settle(s, l);
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
		drop(s, l, cause);
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
	if ((sim_leaf_event(s, l, ATM_PARTY_LEAVE, cause) & ATM_PARTY_LEFT)
	    != 0)
		tell_root(s, l, cause);
	sim_leaf_settle(s, l);
}

/* sim_leaf_drop carries out L_MULTI_DROP. */
void
sim_leaf_drop(struct sim *s, struct sim_leaf *l)
{
	drop(s, l, sim_normal(s, 0));
}

/*
 * sim_leaf_break cuts the path of |l|: frames under way are lost, both sides
 * are told.  A set-up under way fails where it arrives; an ACK becomes the
 * failure of its request, for the root never had the leaf.
 */
void
sim_leaf_break(struct sim *s, struct sim_leaf *l, unsigned cause)
{
	unsigned tell;

	l->broken = true;
	if (l->slot != SIM_NONE)
		l->end.vc->slot[l->slot].ref = 0;
	if (l->state != SIM_CONNECTED)
		return;
	tell = sim_leaf_event(s, l, ATM_PARTY_BREAK, cause);
	if ((tell & ATM_PARTY_CLEAR) != 0)
		tell_leaf(s, l, cause);
	if (l->step == SIM_ACK) {
		l->step = SIM_FAIL;
		l->cause_call = (uint16_t)cause;
	} else if ((tell & ATM_PARTY_LEFT) != 0) {
		tell_root(s, l, cause);
	}
}

/* sim_call_setup sends the set-up to |l|. */
void
sim_call_setup(struct sim *s, struct sim_leaf *l)
{
	l->end.vc->setups++;
	l->step = SIM_SETUP;
	sim_queue_push(&s->queue, &l->call, sim_leaf_down_at(s, l, 0));
}

/* sim_call_fail refuses |l|; it may be gone afterwards. */
void
sim_call_fail(struct sim *s, struct sim_leaf *l, unsigned cause)
{
	s->stats.failed++;
	(void)sim_leaf_event(s, l, ATM_PARTY_REFUSE, cause);
	sim_watch_vc(s, ATM_VC_FAIL, l->end.vc, l, cause);
	answer(s, l, SIM_FAIL, cause);
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
		s->watch.vc(s->watch.ctx, s->now, ATM_VC_FAIL, vc, rq->use,
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
connected(struct sim *s, struct sim_leaf *l)
{
	struct sim_vc *vc = l->end.vc;

	sim_watch_vc(s, vc->open ? ATM_VC_ADD : ATM_VC_OPEN, vc, l, 0);
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
	if ((sim_leaf_event(s, l, ATM_PARTY_ACCEPT, 0) & ATM_PARTY_OK) != 0)
		connected(s, l);
	answer(s, l, SIM_ACK, 0);
	ind = sim_tell(s, ev, p->n, ATM_REMOTE_CALL, l->end.ref);
	if (ind == NULL)
		return false;
	ind->leaf = vc->multi;
	ind->peer = vc->root_addr;
	return true;
}

/* answer_arrives: the root learns what became of its request. */
static bool
answer_arrives(struct sim *s, struct sim_leaf *l, enum sim_step step,
    struct atm_ev *ev)
{
	struct sim_vc *vc = l->end.vc;
	struct atm_ind *ind;

	assert(sim_leaf_answers(l));
	ind = sim_tell(s, ev, vc->root.port,
	    step == SIM_ACK ? ATM_ACK : ATM_RQFAILED, vc->root.ref);
	if (ind != NULL) {
		ind->rq = l->rq;
		ind->cause = l->cause_call;
		ind->peer = l->addr;
	}
	if (step == SIM_FAIL && l->rq != ATM_MULTI_ADD) {
		hang_up(s, vc, l->cause_call);
		return ind != NULL;
	}
	if (step == SIM_FAIL)
		sim_leaf_forget(s, l);
	sim_leaf_settle(s, l);
	return ind != NULL;
}

/* sim_leaf_call: a set-up or its answer arrives; true fills |ev|. */
bool
sim_leaf_call(struct sim *s, struct sim_leaf *l, struct atm_ev *ev)
{
	enum sim_step step = l->step;

	l->step = SIM_IDLE;
	if (step == SIM_SETUP)
		return setup_arrives(s, l, ev);
	return answer_arrives(s, l, step, ev);
}

/* sim_leaf_down: the leaf learns that it is over. */
bool
sim_leaf_down(struct sim *s, struct sim_leaf *l, struct atm_ev *ev)
{
	struct atm_ind *ind;

	assert(l->end.live);
	ind = sim_tell(s, ev, l->end.port, ATM_RELEASED, l->end.ref);
	if (ind != NULL)
		ind->cause = l->cause_down;
	sim_leaf_leave(s, l);
	sim_leaf_settle(s, l);
	return ind != NULL;
}

/* sim_leaf_up: the root learns that a leaf, or its pt-pt VC, is over. */
bool
sim_leaf_up(struct sim *s, struct sim_leaf *l, struct atm_ev *ev)
{
	struct sim_vc *vc = l->end.vc;
	struct atm_ind *ind;

	assert(l->at_root);
	ind = sim_tell(s, ev, vc->root.port,
	    vc->multi ? ATM_DROPPED : ATM_RELEASED, vc->root.ref);
	if (ind != NULL) {
		ind->cause = l->cause_up;
		if (vc->multi)
			ind->peer = l->addr;
	}
	if (!vc->multi) {
		hang_up(s, vc, l->cause_up);
	} else {
		sim_leaf_forget(s, l);
		sim_leaf_settle(s, l);
	}
	return ind != NULL;
}
