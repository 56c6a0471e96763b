/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Indications that wait to be taken, in the order they came about.
 *
 * They lie in what they are about, so that telling needs no memory: a VC holds
 * how it began and how it ended, a leaf how its joining went and that it left.
 * Only a request for which there was no memory, or nothing to hang it on, takes
 * a failure of a small reserve; what exceeds even that is lost and counted.
 */
#include <unistd.h>

#include "svc_int.h"

/* svc_tell_push puts |t|, whose vc and leaf are set, at the end. */
void
svc_tell_push(struct svc *s, struct svc_tell *t, enum atm_ind_kind kind,
    unsigned cause)
{
	uint64_t one = 1;

	if (t->queued)
		return;
	t->kind = (uint8_t)kind;
	t->cause = (uint16_t)cause;
	t->queued = true;
	t->next = NULL;
	t->prev = s->tell_last;
	if (s->tell_last != NULL)
		s->tell_last->next = t;
	else
		s->tell = t;
	s->tell_last = t;
	if (!s->busy && write(s->wake, &one, sizeof(one)) < 0)
		return; /* a full counter wakes too */
}

/* svc_tell_drop takes |t| out if it is in. */
void
svc_tell_drop(struct svc *s, struct svc_tell *t)
{
	if (!t->queued)
		return;
	t->queued = false;
	if (t->next != NULL)
		t->next->prev = t->prev;
	else
		s->tell_last = t->prev;
	if (t->prev != NULL)
		t->prev->next = t->next;
	else
		s->tell = t->next;
}

/* svc_tell_fail tells |p| that |rq|, which nothing could carry, failed. */
void
svc_tell_fail(struct svc *s, const struct svc_port *p,
    const struct atm_req *rq, uint32_t vc, unsigned cause)
{
	struct svc_fail *f = s->fails;

	s->stats.failed++;
	if (s->watch.vc != NULL)
		s->watch.vc(s->watch.ctx, svc_now(s), ATM_VC_FAIL, vc, rq->use,
		    p->n, 0, &rq->dst, cause);
	if (f == NULL) {
		s->stats.starved++;
		return;
	}
	s->fails = f->next;
	f->port = p->n;
	f->ref = rq->ref;
	f->vc = vc;
	f->addr = rq->dst;
	f->tell.vc = NULL;
	f->tell.rq = (uint8_t)rq->kind;
	svc_tell_push(s, &f->tell, ATM_RQFAILED, cause);
}

/* take_fail: a failure is told only while its reference means what it did. */
static bool
take_fail(struct svc *s, struct svc_fail *f, struct atm_ev *ev)
{
	const struct svc_port *p = svc_port_get(s, f->port);
	const struct svc_vc *vc = svc_vc_find(s, f->port, f->ref);

	ev->port = f->port;
	ev->ind.ref = f->ref;
	ev->ind.peer = f->addr;
	f->next = s->fails;
	s->fails = f;
	if (p == NULL || p->hung || p->down)
		return false;
	return f->vc == 0 ? vc == NULL : vc != NULL && vc->id == f->vc;
}

static void
fill(const struct svc_tell *t, struct atm_ev *ev)
{
	ev->port = t->vc->port->n;
	ev->ind.ref = t->vc->ref;
	ev->ind.leaf = t->kind == ATM_REMOTE_CALL && t->vc->multi;
	if (t->leaf != NULL)
		ev->ind.peer = t->leaf->addr;
	else if (t->kind != ATM_RELEASED)
		ev->ind.peer = t->vc->peer;
}

/*
 * svc_tell_take fills |ev| with the next indication; false when none waits.
 * What ends with it, ends here.
 */
bool
svc_tell_take(struct svc *s, struct atm_ev *ev)
{
	struct svc_tell *t;

	while ((t = s->tell) != NULL) {
		bool told;

		svc_tell_drop(s, t);
		*ev = (struct atm_ev){ .t = svc_now(s) };
		ev->ind.kind = t->kind;
		ev->ind.rq = t->rq;
		ev->ind.cause = t->cause;
		if (t->vc == NULL) {
			if (take_fail(s, SVC_OF(svc_fail, tell, t), ev))
				return true;
			continue;
		}
		fill(t, ev);
		told = !t->vc->port->hung && !t->vc->port->down;
		if (t->leaf != NULL)
			svc_leaf_settle(s, t->leaf);
		else if (t == &t->vc->end)
			svc_vc_free(s, t->vc);
		if (told)
			return true;
	}
	return false;
}
