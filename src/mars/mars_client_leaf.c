/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The life of a data VC and its leaves: RFC 2022 sections 5.1.3 and 5.1.4.1.
 * The first L_MULTI_RQ that succeeds makes the VC, L_MULTI_ADD connects the
 * others.  The path counts as up once every leaf of the first wave is connected
 * or put off, so that its first packet misses nobody who can be reached.
 *
 * Invariant: a VC never loses its last connected leaf while others are still
 * being added; leaves to be dropped wait for the first of them.
 */
#include "mars_client_int.h"

/* client_leaf_join wants |a| as a leaf; 0 or MARSH_ENOMEM. */
int
client_leaf_join(struct mars_client *c, struct path *p,
    const struct atm_addr *a)
{
	struct leaf *l = client_set_find(p, a);

	if (l == NULL)
		return atm_addr_equal(a, &c->cfg.addr)
		    ? 0 : client_set_add(c, p, a);
	l->doomed = false;
	if (l->st == LEAF_GOING)
		client_leaf_go(p, l, LEAF_UP);
	return 0;
}

/* client_leaf_leave wants |l| no longer; |l| may be gone. */
void
client_leaf_leave(struct mars_client *c, struct path *p, struct leaf *l)
{
	switch ((enum leaf_state)l->st) {
	case LEAF_WANT:
	case LEAF_RETRY:
		client_set_del(c, p, l);
		break;
	case LEAF_ADDING:
		l->doomed = true;
		break;
	case LEAF_UP:
		client_leaf_go(p, l, LEAF_GOING);
		break;
	default:
		break;
	}
}

static void
connected(struct path *p, struct leaf *l)
{
	l->delay = MSPAN_US(0);
	client_leaf_go(p, l, l->doomed ? LEAF_GOING : LEAF_UP);
	l->doomed = false;
}

/*
 * Temporary causes tag the leaf for another try after 5 to 10 seconds, then
 * after twice the previous delay; others remove it (5.1.3).  One that was
 * tagged is gone like a leaf that dropped itself, with no ERR_L_DROP to tell.
 */
static void
refused(struct mars_client *c, struct mtime now, struct path *p,
    struct leaf *l, unsigned cause)
{
	if (l->doomed || !atm_cause_is_temporary(cause)) {
		if (!l->doomed && l->delay.us != 0)
			client_reval_path(c, now, p);
		client_set_del(c, p, l);
		return;
	}
	l->delay = l->delay.us == 0
	    ? rng_span(&c->rng, c->cfg.leaf_retry_lo, c->cfg.leaf_retry_hi)
	    : MSPAN_US(l->delay.us < INT64_MAX / 4 ? 2 * l->delay.us
						   : l->delay.us);
	client_leaf_go(p, l, LEAF_RETRY);
	client_tmr_arm(c, &l->t, mtime_add(now, l->delay));
}

static struct leaf *
adding(const struct path *p, const struct atm_ind *ind)
{
	struct leaf *l = ind->rq == ATM_MULTI_RQ
	    ? p->first : client_set_find(p, &ind->peer);

	return l != NULL && l->st == LEAF_ADDING ? l : NULL;
}

/* client_leaf_ack: L_MULTI_RQ or L_MULTI_ADD succeeded. */
void
client_leaf_ack(struct mars_client *c, struct mtime now, struct path *p,
    const struct atm_ind *ind)
{
	struct leaf *l = adding(p, ind);

	if (ind->rq == ATM_MULTI_RQ) {
		p->vcst = VC_OPEN;
		p->first = NULL;
	}
	if (l == NULL)
		return;
	connected(p, l);
	client_leaf_settle(c, now, p);
}

/* client_leaf_failed: it failed; after L_MULTI_RQ there is no VC either. */
void
client_leaf_failed(struct mars_client *c, struct mtime now, struct path *p,
    const struct atm_ind *ind)
{
	struct leaf *l = adding(p, ind);

	if (l == NULL)
		return;
	if (ind->rq == ATM_MULTI_RQ) {
		client_vc_del(c, p);
		p->vcst = VC_NONE;
		p->first = NULL;
	}
	refused(c, now, p, l, ind->cause);
	client_leaf_settle(c, now, p);
}

/* client_leaf_dropped: a leaf left by itself; revalidate later (5.1.5.1). */
void
client_leaf_dropped(struct mars_client *c, struct mtime now, struct path *p,
    const struct atm_ind *ind)
{
	struct leaf *l = client_set_find(p, &ind->peer);

	if (l == NULL || (l->st != LEAF_UP && l->st != LEAF_GOING
	    && l->st != LEAF_ADDING) || l == p->first)
		return;
	if (l->st != LEAF_GOING)
		client_reval_path(c, now, p);
	client_set_del(c, p, l);
	client_leaf_settle(c, now, p);
}

/* client_leaf_due: a tagged leaf is tried again. */
void
client_leaf_due(struct mars_client *c, struct mtime now, struct leaf *l)
{
	client_leaf_go(l->path, l, LEAF_WANT);
	client_leaf_settle(c, now, l->path);
}

/* client_leaf_release gives the VC of |p| up, with the leaves that leave it. */
void
client_leaf_release(struct mars_client *c, struct path *p)
{
	if (p->vcst != VC_NONE) {
		client_release(c, p->vc);
		client_vc_del(c, p);
		p->vcst = VC_NONE;
	}
	p->first = NULL;
	while (p->goingq.head != NULL)
		client_set_del(c, p, p->goingq.head);
}

static void
settle_closed(struct mars_client *c, struct mtime now, struct path *p)
{
	const uint32_t *n = p->count;

	if (n[LEAF_WANT] == 0 && n[LEAF_RETRY] == 0) {
		client_path_close(c, now, p);
		return;
	}
	client_path_go(c, now, p, MARS_PATH_OPENING);
	if (n[LEAF_WANT] > 0)
		client_path_work(c, p);
	else /* nobody accepts the call now */
		client_path_drop_pending(c, now, p, MARS_CLIENT_DROP_NO_PATH);
}

static void
settle_open(struct mars_client *c, struct mtime now, struct path *p)
{
	const uint32_t *n = p->count;

	if (p->state == MARS_PATH_OPENING && n[LEAF_UP] > 0 && p->wave == 0)
		client_path_go(c, now, p, MARS_PATH_UP);
	if (n[LEAF_WANT] > 0 || (n[LEAF_GOING] > 0 && n[LEAF_UP] > 0)
	    || (p->state == MARS_PATH_UP && p->pend_n > 0))
		client_path_work(c, p);
}

/*
 * client_leaf_settle draws the consequences of a change: a VC whose last leaf
 * went is closed completely (5.1.4.1), work is queued, the path comes up.  |p|
 * may be gone afterwards.
 */
void
client_leaf_settle(struct mars_client *c, struct mtime now, struct path *p)
{
	const uint32_t *n = p->count;

	if (p->state != MARS_PATH_OPENING && p->state != MARS_PATH_UP)
		return;
	if (p->vcst == VC_OPEN
	    && (n[LEAF_UP] + n[LEAF_ADDING] + n[LEAF_WANT] == 0
	    || n[LEAF_UP] + n[LEAF_ADDING] + n[LEAF_GOING] == 0))
		client_leaf_release(c, p);
	if (p->vcst == VC_NONE)
		settle_closed(c, now, p);
	else if (p->vcst == VC_OPEN)
		settle_open(c, now, p);
}

static void
open_vc(struct mars_client *c, struct path *p, struct atm_out *out)
{
	struct leaf *l = p->wantq.head;
	struct atm_req *rq;

	p->vc = client_ref(c);
	client_vc_add(c, p);
	p->vcst = VC_OPENING;
	p->first = l;
	client_leaf_go(p, l, LEAF_ADDING);
	rq = atm_out_push(out, ATM_MULTI_RQ, p->vc);
	rq->use = ATM_USE_DATA;
	rq->dst = l->addr;
	c->stats.setup++;
}

static void
drop_leaf(struct mars_client *c, struct path *p, struct atm_out *out)
{
	struct leaf *l = p->goingq.head;

	atm_out_push(out, ATM_MULTI_DROP, p->vc)->dst = l->addr;
	c->stats.drop++;
	client_set_del(c, p, l);
}

static void
add_leaf(struct mars_client *c, struct path *p, struct atm_out *out)
{
	struct leaf *l = p->wantq.head;

	client_leaf_go(p, l, LEAF_ADDING);
	atm_out_push(out, ATM_MULTI_ADD, p->vc)->dst = l->addr;
	c->stats.add++;
}

/* client_leaf_run asks for what |p| needs; false: there was no room for all. */
bool
client_leaf_run(struct mars_client *c, struct mtime now, struct path *p,
    struct atm_out *out)
{
	if (p->vcst == VC_NONE && p->wantq.head != NULL)
		open_vc(c, p, out);
	if (p->vcst != VC_OPEN)
		return true;
	while (p->goingq.head != NULL && p->count[LEAF_UP] > 0) {
		if (atm_out_room(out) == 0)
			return false;
		drop_leaf(c, p, out);
	}
	while (p->wantq.head != NULL) {
		if (atm_out_room(out) == 0)
			return false;
		add_leaf(c, p, out);
	}
	client_data_flush(c, now, p, out);
	return p->state != MARS_PATH_UP || p->pend_n == 0;
}
