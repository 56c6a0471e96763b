/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frames.  A frame to many leaves is one event for each distance (class) and
 * is handed out leaf by leaf, without being copied.  It goes leaf by leaf as
 * events of their own only where chance or a filter sets leaves apart, or
 * where a leaf of the class still has something later under way, behind which
 * the frame must stay.
 */
#include "marsh/base/frame.h"
#include "sim_int.h"

static struct sim_job *
job_new(struct sim *s, struct sim_vc *vc, struct frame *f,
    enum sim_ev_kind kind)
{
	struct sim_job *j = sim_pool_get(&s->pool_job);

	if (j == NULL) {
		s->stats.dropped++;
		return NULL;
	}
	j->q.kind = (uint8_t)kind;
	j->vc = vc;
	j->frame = frame_ref(f);
	vc->refs++;
	return j;
}

/* sim_job_free ends |j|, and its leaf and VC if it was what kept them. */
void
sim_job_free(struct sim *s, struct sim_job *j)
{
	struct sim_vc *vc = j->vc;

	frame_unref(j->frame);
	if (j->leaf != NULL) {
		j->leaf->jobs--;
		sim_leaf_settle(s, j->leaf);
	}
	sim_pool_put(&s->pool_job, j);
	vc->refs--;
	sim_vc_settle(s, vc);
}

/* send_one sends |f| to leaf |l|, or from it to the root of a pt-pt VC. */
static void
send_one(struct sim *s, struct sim_leaf *l, struct frame *f, bool up)
{
	struct sim_vc *vc = l->end.vc;
	struct mspan extra = { 0 };
	struct sim_job *j;
	int64_t t;

	if (s->watch.filter != NULL
	    && !s->watch.filter(s->watch.ctx, s->now, vc->id,
		up ? l->end.port : vc->root.port,
		up ? vc->root.port : l->end.port, f, &extra)) {
		s->stats.lost++;
		return;
	}
	j = job_new(s, vc, f, SIM_EV_FRAME);
	if (j == NULL)
		return;
	j->leaf = l;
	j->up = up;
	l->jobs++;
	t = up ? sim_leaf_up_at(s, l, sim_span(extra))
	       : sim_leaf_down_at(s, l, sim_span(extra));
	sim_queue_push(&s->queue, &j->q, t);
}

/* cast sends |f| to class |k| at once, or returns false. */
static bool
cast(struct sim *s, struct sim_vc *vc, size_t k, struct frame *f)
{
	struct sim_class *c = &vc->cls[k];
	int64_t t = s->now.us + s->cfg.delay.us;
	struct sim_job *j;

	if (c->route != NULL)
		t += c->route->delay;
	if (t < c->last)
		t = c->last;
	if (t < c->slow)
		return false;
	j = job_new(s, vc, f, SIM_EV_CAST);
	if (j == NULL)
		return true; /* lost */
	j->cls = (uint16_t)k;
	c->last = t;
	sim_queue_push(&s->queue, &j->q, t);
	return true;
}

static void
send_multi(struct sim *s, struct sim_vc *vc, struct frame *f)
{
	bool apart = s->cfg.jitter.us > 0 || s->watch.filter != NULL;
	bool some = false;

	for (size_t k = 0; k < vc->classes; k++) {
		if (vc->cls[k].n == 0)
			continue;
		vc->cls[k].apart = apart || !cast(s, vc, k, f);
		some |= vc->cls[k].apart;
	}
	if (!some)
		return;
	for (struct sim_leaf *l = vc->first; l != NULL; l = l->next)
		if (l->state != SIM_GONE && vc->cls[l->cls].apart)
			send_one(s, l, f, false);
}

static bool
may_send(const struct sim_end *e)
{
	return e != NULL && !(e->leaf && e->vc->multi);
}

/* sim_submit_send carries out ATM_SEND and takes the frame. */
void
sim_submit_send(struct sim *s, struct sim_port *p, const struct atm_req *rq)
{
	struct sim_end *e = sim_end_find(s, p->n, rq->ref);
	struct frame *f = rq->frame;
	struct sim_vc *vc;

	if (!may_send(e) || f == NULL) {
		s->stats.dropped++;
		frame_unref(f);
		return;
	}
	vc = e->vc;
	vc->frames++;
	vc->octets += f->len;
	s->stats.frames++;
	if (s->watch.frame != NULL)
		s->watch.frame(s->watch.ctx, s->now, vc->id, p->n, f);
	if (vc->multi)
		send_multi(s, vc, f);
	else if (vc->first != NULL && vc->first->state != SIM_GONE)
		send_one(s, vc->first, f, e->leaf);
	else
		s->stats.dropped++;
	frame_unref(f);
}

static bool
chance(struct sim *s)
{
	if (s->cfg.loss <= 0 || rng_unit(&s->rng) >= s->cfg.loss)
		return false;
	s->stats.lost++;
	return true;
}

static bool
deliver(struct sim *s, struct atm_ev *ev, atm_port port, atm_ref ref,
    const struct sim_job *j)
{
	struct atm_ind *ind;

	if (s->mute[port] || chance(s))
		return false;
	ind = sim_tell(s, ev, port, ATM_DATA, ref);
	ind->frame = j->frame;
	ev->vc = j->vc->id;
	s->stats.deliveries++;
	return true;
}

/* sim_job_frame: a frame arrives at one end; true fills |ev|. */
bool
sim_job_frame(struct sim *s, struct sim_job *j, struct atm_ev *ev)
{
	struct sim_leaf *l = j->leaf;
	const struct sim_end *e = j->up ? &j->vc->root : &l->end;
	bool told = false;

	if (e->live && !l->broken) {
		told = deliver(s, ev, e->port, e->ref, j);
		if (told)
			s->held = frame_ref(j->frame);
	} else {
		s->stats.dropped++;
	}
	sim_job_free(s, j);
	return told;
}

/*
 * sim_job_cast hands the frame of the present broadcast to its next leaf;
 * false when there is none left.  Leaves may have come and gone since the last
 * one: slots do not move meanwhile, and those that came are not looked at.
 */
bool
sim_job_cast(struct sim *s, struct atm_ev *ev)
{
	struct sim_job *j = s->cast;
	const struct sim_slot *slot;

	while (j->i < j->n) {
		slot = &j->vc->slot[j->i++];
		if (slot->ref != 0 && slot->cls == j->cls
		    && deliver(s, ev, slot->port, slot->ref, j))
			return true;
	}
	s->cast = NULL;
	sim_job_free(s, j);
	return false;
}
