/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Requests of RFC 2022 section 3.4 as they come from a port.  Whatever a
 * request needs is found here, before it leaves; what is missing comes back as
 * ERR_L_RQFAILED.  The table of causes is in sim.h.
 */
#include "marsh/base/err.h"
#include "sim_int.h"

/* leaf_start sends a set-up to |rq|'s address; false: no memory. */
static bool
leaf_start(struct sim *s, struct sim_vc *vc, const struct atm_req *rq)
{
	struct sim_leaf *l;
	unsigned cause;

	l = sim_leaf_new(s, vc, rq, sim_port_find(s, &rq->dst), &cause);
	if (l == NULL)
		return false;
	/* the new one is among those that are called */
	if (cause == 0 && vc->multi
	    && vc->leaves + vc->calling > s->cfg.leaf_max)
		cause = ATM_CAUSE_NO_RESOURCE;
	if (cause != 0)
		sim_call_fail(s, l, cause);
	else
		sim_call_setup(s, l);
	return true;
}

static void
call(struct sim *s, struct sim_port *p, const struct atm_req *rq)
{
	struct sim_vc *vc;

	if (rq->ref == 0 || (rq->ref & ATM_REF_REMOTE) != 0
	    || sim_end_find(s, p->n, rq->ref) != NULL) {
		s->stats.ignored++;
		return;
	}
	if (p->rooted + p->terminated >= s->cfg.vc_max) {
		sim_call_lost(s, p, rq, 0, ATM_CAUSE_NO_VCI);
		return;
	}
	vc = sim_vc_new(s, p, rq);
	if (vc != NULL && leaf_start(s, vc, rq))
		return;
	if (vc != NULL) {
		sim_end_unbind(s, &vc->root);
		sim_vc_settle(s, vc);
	}
	sim_call_lost(s, p, rq, 0, ATM_CAUSE_NO_RESOURCE);
}

/*
 * A second party with the address of a leaf is refused: a root knows its
 * leaves by address, and could not tell the two apart.
 */
static void
add(struct sim *s, struct sim_port *p, const struct atm_req *rq,
    struct sim_end *e)
{
	struct sim_vc *vc = e->vc;

	if (e->leaf || !vc->multi || sim_leaf_find(s, vc, &rq->dst) != NULL)
		sim_call_lost(s, p, rq, vc->id, ATM_CAUSE_BAD_ENDPOINT);
	else if (!leaf_start(s, vc, rq))
		sim_call_lost(s, p, rq, vc->id, ATM_CAUSE_NO_RESOURCE);
}

static void
drop(struct sim *s, const struct atm_req *rq, struct sim_end *e)
{
	struct sim_leaf *l = NULL;

	if (!e->leaf && e->vc->multi)
		l = sim_leaf_find(s, e->vc, &rq->dst);
	if (l != NULL)
		sim_leaf_drop(s, l);
	else
		s->stats.ignored++;
}

/* sim_submit_signal carries out |rq|, anything but ATM_SEND. */
void
sim_submit_signal(struct sim *s, struct sim_port *p, const struct atm_req *rq)
{
	struct sim_end *e;

	if (rq->kind == ATM_CALL_RQ || rq->kind == ATM_MULTI_RQ) {
		call(s, p, rq);
		return;
	}
	e = sim_end_find(s, p->n, rq->ref);
	if (e == NULL)
		s->stats.ignored++;
	else if (rq->kind == ATM_MULTI_ADD)
		add(s, p, rq, e);
	else if (rq->kind == ATM_MULTI_DROP)
		drop(s, rq, e);
	else if (rq->kind == ATM_RELEASE)
		sim_end_release(s, e, sim_normal(s, rq->cause));
}
