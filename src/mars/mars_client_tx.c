/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What goes to the network.  Transactions (messages repeated until answered,
 * sections 5.1.1 and 5.2.2) wait in |txq| for the VC to the MARS, which is
 * opened on demand (section 5).  client_run empties all queues at the end of a
 * step: releases first, since a MIGRATE releases before it calls (5.1.6).
 *
 * A frame for which there is no memory counts as lost on its way: it is
 * repeated like one.
 */
#include "mars_client_int.h"

static void
enqueue(struct xactq *q, struct xact *x)
{
	x->next = NULL;
	x->prev = q->tail;
	if (q->tail != NULL)
		q->tail->next = x;
	else
		q->head = x;
	q->tail = x;
}

static void
dequeue(struct xactq *q, struct xact *x)
{
	if (x->prev != NULL)
		x->prev->next = x->next;
	else
		q->head = x->next;
	if (x->next != NULL)
		x->next->prev = x->prev;
	else
		q->tail = x->prev;
	x->next = x->prev = NULL;
}

/* client_xact_open tells whether an answer to |x| is expected. */
bool
client_xact_open(const struct xact *x)
{
	return x->sent > 0 && (x->st == XACT_QUEUED || x->st == XACT_SENT);
}

static unsigned
counted(const struct xact *x)
{
	return (x->kind == XACT_JOIN || x->kind == XACT_REG)
	    && (x->st == XACT_QUEUED || x->st == XACT_SENT);
}

static void
go(struct mars_client *c, struct xact *x, enum xact_state st)
{
	if (x->st == XACT_QUEUED && x->kind != XACT_SOFT)
		dequeue(&c->txq, x);
	else if (x->st == XACT_REJOIN)
		dequeue(&c->rejoins, x);
	client_tmr_off(c, &x->t);
	c->waiting -= counted(x);
	x->st = (uint8_t)st;
	c->waiting += counted(x);
	if (st == XACT_QUEUED && x->kind != XACT_SOFT)
		enqueue(&c->txq, x);
	else if (st == XACT_REJOIN)
		enqueue(&c->rejoins, x);
}

/* client_xact_init makes |x| a transaction that is not under way. */
void
client_xact_init(struct xact *x, enum xact_kind kind)
{
	*x = (struct xact){ .kind = (uint8_t)kind, .t.kind = TMR_XACT };
}

/* client_xact_start begins |x| anew; others than registrations may wait. */
void
client_xact_start(struct mars_client *c, struct xact *x)
{
	bool may = x->kind == XACT_REG || x->kind == XACT_SOFT
	    || c->state == MARS_CLIENT_REGISTERED;

	x->sent = 0;
	go(c, x, may ? XACT_QUEUED : XACT_PARKED);
}

/* client_xact_park keeps |x| until the client is registered. */
void
client_xact_park(struct mars_client *c, struct xact *x)
{
	x->sent = 0;
	go(c, x, XACT_PARKED);
}

/* client_xact_rejoin lets |x| wait for its turn after re-registration. */
void
client_xact_rejoin(struct mars_client *c, struct xact *x)
{
	x->sent = 0;
	go(c, x, XACT_REJOIN);
}

/* client_xact_off ends |x|. */
void
client_xact_off(struct mars_client *c, struct xact *x)
{
	go(c, x, XACT_OFF);
}

static struct mspan
interval(const struct mars_client *c, const struct xact *x)
{
	return x->kind == XACT_ASK || x->kind == XACT_GROUPLIST
	    ? c->cfg.reply_wait : c->cfg.retransmit;
}

/* client_xact_alive starts the timer of |x| again: a part arrived. */
void
client_xact_alive(struct mars_client *c, struct mtime now, struct xact *x)
{
	if (x->st == XACT_SENT)
		client_tmr_arm(c, &x->t, mtime_add(now, interval(c, x)));
}

/*
 * client_xact_due repeats |x|, or gives up one interval after the last of 5
 * repeats: for a registration the attempt has failed, for
 * anything else the MARS has (section 5.4).
 */
void
client_xact_due(struct mars_client *c, struct mtime now, struct xact *x)
{
	if (x->kind == XACT_ASK)
		client_ask_retry(c, (struct path *)(void *)x);
	else if (x->kind == XACT_GROUPLIST)
		client_glist_retry(c);
	if (x->sent <= c->cfg.tries) {
		go(c, x, XACT_QUEUED);
		return;
	}
	if (x->kind == XACT_REG) {
		client_reg_failed(c, now);
	} else if (x->kind == XACT_SOFT) {
		client_soft_failed(c, now);
	} else {
		client_xact_park(c, x);
		client_trouble(c, now);
	}
}

/* client_ref returns a reference that names no VC of ours. */
atm_ref
client_ref(struct mars_client *c)
{
	do {
		c->last_ref = (c->last_ref + 1) & (ATM_REF_REMOTE - 1);
	} while (c->last_ref == 0 || c->last_ref == c->pp.ref
	    || c->last_ref == c->soft.pp.ref
	    || client_vc_path(c, c->last_ref) != NULL);
	return c->last_ref;
}

/*
 * client_release asks for L_RELEASE of |ref|.  Paths reserve room for theirs;
 * should memory be short for another, that VC is left to the other side.
 */
void
client_release(struct mars_client *c, atm_ref ref)
{
	void *v = c->rel;

	if (mem_grow(c->mem, &v, &c->rel_cap, c->rel_n + 1, sizeof(*c->rel))
	    != 0) {
		c->stats.drops[MARS_CLIENT_DROP_NO_MEMORY]++;
		return;
	}
	c->rel = v;
	c->rel[c->rel_n++] = ref;
}

/* client_pp_close gives the VC to the MARS up. */
void
client_pp_close(struct mars_client *c)
{
	if (c->pp.st == PP_CALLING || c->pp.st == PP_UP)
		client_release(c, c->pp.ref);
	c->pp = (struct pp){ 0 };
	client_tmr_off(c, &c->idle_t);
}

static void
transmit(struct mars_client *c, struct mtime now, struct xact *x, atm_ref ref,
    struct atm_out *out)
{
	unsigned op;
	struct frame *f = client_frame(c, x, &op);

	go(c, x, XACT_SENT);
	if (x->sent < UINT8_MAX)
		x->sent++;
	client_tmr_arm(c, &x->t, mtime_add(now, interval(c, x)));
	if (f == NULL) {
		client_drop(c, now, op, MARS_CLIENT_DROP_NO_MEMORY);
		return;
	}
	atm_out_push(out, ATM_SEND, ref)->frame = f;
	c->stats.tx[op]++;
	if (x->kind == XACT_REG || x->kind == XACT_SOFT) {
		if (op == MARS_JOIN)
			c->stats.tx_reg++;
		else
			c->stats.tx_dereg++;
	}
}

static void
call(struct mars_client *c, struct pp *pp, const struct atm_addr *to,
    struct atm_out *out)
{
	struct atm_req *rq;

	pp->ref = client_ref(c);
	pp->st = PP_CALLING;
	rq = atm_out_push(out, ATM_CALL_RQ, pp->ref);
	rq->use = ATM_USE_PP;
	rq->dst = *to;
	c->stats.call++;
}

static void
run_mars(struct mars_client *c, struct mtime now, struct atm_out *out)
{
	/* Nobody calls a MARS in trouble before the trouble is noticed. */
	if (c->pp.st == PP_NONE && c->txq.head != NULL && !c->troubled)
		c->pp.st = PP_WANT;
	if (c->pp.st == PP_WANT && atm_out_room(out) > 0)
		call(c, &c->pp, &c->mars, out);
	while (c->pp.st == PP_UP && c->txq.head != NULL
	    && atm_out_room(out) > 0) {
		c->pp_used = now;
		transmit(c, now, c->txq.head, c->pp.ref, out);
	}
	if (c->soft.pp.st == PP_WANT && atm_out_room(out) > 0)
		call(c, &c->soft.pp, &c->soft.to, out);
	if (c->soft.pp.st == PP_UP && c->soft.x.st == XACT_QUEUED
	    && atm_out_room(out) > 0)
		transmit(c, now, &c->soft.x, c->soft.pp.ref, out);
}

static void
run_releases(struct mars_client *c, struct atm_out *out)
{
	size_t n = 0;

	while (n < c->rel_n && atm_out_room(out) > 0) {
		/* leaving another's tree is no release of a VC */
		c->stats.release += !(c->rel[n] & ATM_REF_REMOTE);
		atm_out_push(out, ATM_RELEASE, c->rel[n++])->cause =
		    ATM_CAUSE_NORMAL;
	}
	memmove(c->rel, c->rel + n, (c->rel_n - n) * sizeof(*c->rel));
	c->rel_n -= n;
}

/* client_run asks the network for what the queues hold, as far as it fits. */
void
client_run(struct mars_client *c, struct mtime now, struct atm_out *out)
{
	if (c->rel_n > 0)
		run_releases(c, out);
	if (c->rel_n == 0) {
		run_mars(c, now, out);
		while (c->work.head != NULL && atm_out_room(out) > 0
		    && client_leaf_run(c, now, c->work.head, out))
			client_path_rest(c, c->work.head);
	}
	c->backlog = c->rel_n > 0 || c->work.head != NULL
	    || c->pp.st == PP_WANT || c->soft.pp.st == PP_WANT
	    || (c->pp.st == PP_UP && c->txq.head != NULL)
	    || (c->soft.pp.st == PP_UP && c->soft.x.st == XACT_QUEUED);
}
