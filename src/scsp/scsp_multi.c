/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The pt-mpt VC of a group, with every reachable DCS as a leaf (RFC 2334
 * sections 2.1 and 2.3): one Hello for all, and the first transmission of a CSU
 * Request for all.  Everything directed stays on the pt-pt VCs.
 *
 * A DCS is "carried" while it is a leaf and one signature serves all leaves
 * who is not gets everything on its own VC.  A refused leaf is asked
 * again.
 */
#include <assert.h>
#include <string.h>

#include "scsp_int.h"

/* scsp_multi_review finds out anew whom the VC carries. */
void
scsp_multi_review(struct scsp *s, struct scsp_sg *g)
{
	bool common = g->root != NULL && g->root->up && scsp_sa_common(g);

	for (size_t i = 0; i < g->dcss; i++) {
		struct scsp_dcs *d = g->dcs[i];
		bool was = d->carried;

		d->carried = common && d->leaf == SCSP_LEAF_UP;
		if (d->carried == was || d->h->family != 0)
			continue;
		if (d->carried)
			g->hello_due = s->now;
		else if (d->h->state != SCSP_HELLO_DOWN)
			d->h->hello_due = s->now;
	}
}

/* go is the only writer of a leaf's state. */
static void
go(struct scsp *s, struct scsp_dcs *d, enum scsp_leaf to)
{
	d->leaf = (uint8_t)to;
	d->leaf_due = MTIME_NEVER;
	if (to == SCSP_LEAF_UP)
		d->leaf_ms = 0;
	s->activity++;
	scsp_multi_review(s, d->g);
}

static void
retry(struct scsp *s, struct scsp_dcs *d)
{
	d->leaf_ms = scsp_backoff(d->leaf_ms);
	go(s, d, SCSP_LEAF_WAITING);
	d->leaf_due = scsp_retry_at(s, d->leaf_ms);
}

/* wanted: its pt-pt VC stands, so that it can be reached. */
static bool
wanted(const struct scsp *s, const struct scsp_dcs *d)
{
	return d->g->cfg.multipoint && d->h->state != SCSP_HELLO_DOWN
	    && (d->leaf == SCSP_LEAF_NONE
		|| (d->leaf == SCSP_LEAF_WAITING
		    && mtime_reached(d->leaf_due, s->now)));
}

static bool
opening(const struct scsp_sg *g)
{
	return g->root != NULL && !g->root->up;
}

static void
ask(struct scsp *s, struct scsp_dcs *d, struct atm_out *out)
{
	struct scsp_sg *g = d->g;
	struct atm_req *rq;

	if (g->root == NULL) {
		g->root = scsp_vc_new(s, SCSP_VC_ROOT, scsp_vc_ref(s));
		if (g->root == NULL) {
			retry(s, d);
			return;
		}
		g->root->g = g;
		rq = atm_out_push(out, ATM_MULTI_RQ, g->root->ref);
		rq->use = ATM_USE_SCSP;
	} else {
		rq = atm_out_push(out, ATM_MULTI_ADD, g->root->ref);
	}
	rq->dst = d->h->link->addr;
	go(s, d, SCSP_LEAF_ADDING);
}

static bool
any_leaf(const struct scsp_sg *g)
{
	for (size_t i = 0; i < g->dcss; i++)
		if (g->dcs[i]->leaf == SCSP_LEAF_ADDING
		    || g->dcs[i]->leaf == SCSP_LEAF_UP)
			return true;
	return false;
}

/* drop_ghosts takes those off the VC that are DCSs no more. */
static void
drop_ghosts(struct scsp *s, struct scsp_sg *g, struct atm_out *out)
{
	if (g->root == NULL) {
		g->ghosts = 0;
		return;
	}
	if (opening(g) || atm_out_room(out) == 0)
		return;
	if (!any_leaf(g)) {
		atm_out_push(out, ATM_RELEASE, g->root->ref);
		scsp_vc_free(s, g->root);
		g->root = NULL;
		g->ghosts = 0;
		scsp_multi_review(s, g);
	}
	while (g->ghosts != 0 && atm_out_room(out) != 0)
		atm_out_push(out, ATM_MULTI_DROP, g->root->ref)->dst
		    = g->ghost[--g->ghosts];
}

void
scsp_multi_timers(struct scsp *s, struct scsp_sg *g, struct atm_out *out)
{
	if (!g->cfg.multipoint)
		return;
	if (g->ghosts != 0)
		drop_ghosts(s, g, out);
	for (size_t i = 0; i < g->dcss && !opening(g) && g->ghosts == 0
	     && atm_out_room(out) != 0; i++)
		if (wanted(s, g->dcs[i]))
			ask(s, g->dcs[i], out);
	scsp_multi_review(s, g); /* an SA may have expired */
	scsp_hello_multi(s, g, out);
}

struct mtime
scsp_multi_deadline(const struct scsp_sg *g)
{
	struct mtime t = g->hello_due;
	bool work = g->ghosts != 0 && !opening(g);

	if (!g->cfg.multipoint)
		return MTIME_NEVER;
	for (size_t i = 0; i < g->dcss && !opening(g); i++) {
		const struct scsp_dcs *d = g->dcs[i];

		work |= d->leaf == SCSP_LEAF_NONE
		    && d->h->state != SCSP_HELLO_DOWN;
		if (d->leaf == SCSP_LEAF_WAITING
		    && d->h->state != SCSP_HELLO_DOWN)
			t = mtime_min(t, d->leaf_due);
	}
	work |= scsp_queue_waiting(g->cast) != 0;
	return mtime_min(t, scsp_soon(g->s, work));
}

void
scsp_multi_ack(struct scsp *s, struct scsp_sg *g, const struct atm_ind *ind)
{
	struct scsp_dcs *d = scsp_dcs_find(g, &ind->peer);

	if (ind->rq == ATM_MULTI_RQ)
		g->root->up = true;
	if (d != NULL && d->leaf == SCSP_LEAF_ADDING)
		go(s, d, SCSP_LEAF_UP);
}

/* scsp_multi_failed: a leaf was refused; with it the VC, if it was the first. */
void
scsp_multi_failed(struct scsp *s, struct scsp_sg *g, const struct atm_ind *ind)
{
	struct scsp_dcs *d = scsp_dcs_find(g, &ind->peer);

	if (ind->rq == ATM_MULTI_RQ) {
		scsp_vc_free(s, g->root);
		g->root = NULL;
	}
	if (d != NULL && d->leaf == SCSP_LEAF_ADDING)
		retry(s, d);
}

void
scsp_multi_dropped(struct scsp *s, struct scsp_sg *g,
    const struct atm_ind *ind)
{
	struct scsp_dcs *d = scsp_dcs_find(g, &ind->peer);

	if (d != NULL && d->leaf == SCSP_LEAF_UP)
		retry(s, d);
}

/* scsp_multi_released: the VC is gone, or all of them are. */
void
scsp_multi_released(struct scsp *s, struct scsp_sg *g)
{
	if (g->root == NULL)
		return;
	scsp_vc_free(s, g->root);
	g->root = NULL;
	g->ghosts = 0;
	for (size_t i = 0; i < g->dcss; i++)
		if (g->dcs[i]->leaf == SCSP_LEAF_UP
		    || g->dcs[i]->leaf == SCSP_LEAF_ADDING)
			retry(s, g->dcs[i]);
	scsp_multi_review(s, g);
}

/* scsp_multi_leave: |d| is about to be forgotten. */
void
scsp_multi_leave(struct scsp *s, struct scsp_dcs *d)
{
	struct scsp_sg *g = d->g;

	if (d->leaf == SCSP_LEAF_UP || d->leaf == SCSP_LEAF_ADDING) {
		assert(g->ghosts < g->ghost_cap);
		g->ghost[g->ghosts++] = d->h->link->addr;
	}
	go(s, d, SCSP_LEAF_NONE);
}

/* ---- CSU Requests for all ------------------------------------------------ */

/*
 * scsp_multi_ready: at least two DCSs need what is flooded, and the VC reaches
 * each of them.  One that still repeats an earlier one gets its own.
 */
bool
scsp_multi_ready(const struct scsp_sg *g)
{
	size_t n = 0;

	if (!g->cfg.multipoint || g->root == NULL)
		return false;
	for (size_t i = 0; i < g->dcss; i++) {
		const struct scsp_dcs *d = g->dcs[i];

		if (!scsp_open(d))
			continue;
		if (!d->carried || scsp_queue_waiting(d->cast) != 0
		    || scsp_queue_requests(d->cast) >= g->cfg.window)
			return false;
		n++;
	}
	return n >= 2;
}

/* one hands |c| to all DCSs that are open, each with a timer (SCSP-097). */
static void
one(struct scsp *s, struct scsp_sg *g, const struct scsp_csa *c, bool cast)
{
	for (size_t i = 0; i < g->dcss; i++) {
		struct scsp_dcs *d = g->dcs[i];
		struct scsp_rec r = { .key = c->key, .orig = c->orig,
			.seq = c->seq };

		if (!scsp_open(d))
			continue;
		if (cast)
			(void)scsp_queue_ack(d->queue, &r);
		if ((cast ? scsp_queue_add(d->cast, c) : scsp_csu_queue(d, c))
		    != 0)
			scsp_align_again(s, d);
	}
}

static bool
entry(const struct scsp_sg *g, const struct scsp_csa *c, struct scsp_rec *r)
{
	const struct scsp_entry *e = scsp_cache_find(g->cache, c->key, c->orig);

	if (e == NULL || scsp_entry_seq(e) != c->seq)
		return false;
	scsp_entry_rec(e, r);
	r->hop = c->hop;
	return true;
}

/* sent starts the timers of what was just put into one message. */
static void
sent(struct scsp *s, struct scsp_sg *g)
{
	struct scsp_csa c;

	for (size_t i = 0; i < g->dcss; i++) {
		struct scsp_dcs *d = g->dcs[i];

		if (!scsp_open(d))
			continue;
		if (scsp_queue_begin(d->cast) != 0) {
			scsp_align_again(s, d);
			continue;
		}
		while (scsp_queue_next(d->cast, &c))
			scsp_queue_take(d->cast);
		(void)scsp_queue_end(d->cast, s->now);
	}
}

/* signer returns a DCS that stands for all leaves. */
static const struct scsp_dcs *
signer(const struct scsp_sg *g)
{
	size_t i = 0;

	while (!(scsp_open(g->dcs[i]) && g->dcs[i]->carried))
		i++;
	return g->dcs[i];
}

/* cast sends one message to all; false: there is no memory for it now. */
static bool
cast(struct scsp *s, struct scsp_sg *g, struct atm_out *out)
{
	const struct scsp_dcs *d = signer(g);
	struct scsp_msg m = { .type = SCSP_CSU_REQ };
	uint8_t everybody[SCSP_ID_MAX];
	struct scsp_wr w;
	struct scsp_csa c;
	struct scsp_rec r;

	memset(everybody, 0xff, sizeof(everybody));
	m.receiver = (struct scsp_oct){ everybody, s->cfg.id.len };
	if (!scsp_out_begin(d, &w, s->buf, &m)
	    || scsp_queue_begin(g->cast) != 0)
		return false;
	while (scsp_queue_next(g->cast, &c)) {
		if (entry(g, &c, &r)) {
			if (!scsp_put_csa(&w, &r) && w.nrec != 0)
				break;
			one(s, g, &c, true);
		}
		scsp_queue_skip(g->cast);
	}
	(void)scsp_queue_end(g->cast, s->now);
	if (w.nrec == 0)
		return true;
	sent(s, g);
	scsp_out_cast(s, g, out, SCSP_CSU_REQ,
	    scsp_out_end(s, d, &w, SCSP_CSU_REQ, d->auth));
	return true;
}

/* each: not all can be reached at once any more. */
static void
each(struct scsp *s, struct scsp_sg *g)
{
	struct scsp_csa c;

	if (scsp_queue_begin(g->cast) != 0) {
		scsp_queue_clear(g->cast);
		for (size_t i = 0; i < g->dcss; i++)
			scsp_align_again(s, g->dcs[i]);
		return;
	}
	while (scsp_queue_next(g->cast, &c)) {
		one(s, g, &c, false);
		scsp_queue_skip(g->cast);
	}
	(void)scsp_queue_end(g->cast, s->now);
}

/* scsp_multi_pump sends what waits for all. */
void
scsp_multi_pump(struct scsp *s, struct scsp_sg *g, struct atm_out *out)
{
	while (scsp_queue_waiting(g->cast) != 0 && atm_out_room(out) != 0) {
		if (!scsp_multi_ready(g) || !cast(s, g, out)) {
			each(s, g);
			return;
		}
	}
}
