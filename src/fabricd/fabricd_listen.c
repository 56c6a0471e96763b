/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Listening sockets and the calls that wait for them.
 *
 * Invariants: at most one call of a listener is in the kernel's queue (|out|);
 * a listener is in the list of the ready when it could offer another.  So an
 * as_accept or as_reject, which name only the listener, are always about |out|.
 */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "fabricd_int.h"
#include "marsh/base/err.h"

static void
ready_unlink(struct fab_call_ctl *c, struct fab_listener *l)
{
	if (!l->ready)
		return;
	l->ready = false;
	if (l->rprev != NULL)
		l->rprev->rnext = l->rnext;
	else
		c->ready = l->rnext;
	if (l->rnext != NULL)
		l->rnext->rprev = l->rprev;
	else
		c->ready_last = l->rprev;
}

static void
ready_update(struct fab_call_ctl *c, struct fab_listener *l)
{
	bool ready = l->out == NULL && l->first != NULL && !l->closing;

	if (ready == l->ready)
		return;
	if (!ready) {
		ready_unlink(c, l);
		return;
	}
	l->ready = true;
	l->rnext = NULL;
	l->rprev = c->ready_last;
	if (l->rprev != NULL)
		l->rprev->rnext = l;
	else
		c->ready = l;
	c->ready_last = l;
}

/*
 * fab_listen_find returns the listener at |a| that fits |sap| best, or NULL;
 * |other| tells whether somebody listens there for something else.
 */
struct fab_listener *
fab_listen_find(const struct fab_call_ctl *c, const struct atm_addr *a,
    const struct atm_sap *sap, bool *other)
{
	struct tab_link *t = tab_first(&c->by_addr, atm_addr_hash(a));
	struct fab_listener *best = NULL;
	int fits, most = 0;

	*other = false;
	for (; t != NULL; t = tab_next(t)) {
		struct fab_listener *l = FAB_OF(fab_listener, by_addr, t);

		if (!atm_addr_equal(&l->addr, a))
			continue;
		*other = true;
		fits = fab_sap_fits(&l->sap, sap);
		if (fits > most) {
			best = l;
			most = fits;
		}
	}
	return best;
}

static bool
taken(const struct fab_call_ctl *c, const struct atm_addr *a,
    const struct atm_sap *sap)
{
	struct tab_link *t = tab_first(&c->by_addr, atm_addr_hash(a));

	for (; t != NULL; t = tab_next(t)) {
		struct fab_listener *l = FAB_OF(fab_listener, by_addr, t);

		if (atm_addr_equal(&l->addr, a) && fab_sap_equal(&l->sap, sap))
			return true;
	}
	return false;
}

static int
listener_new(struct fab_call_ctl *c, const struct atmsvc_msg *m,
    const struct atm_addr *a)
{
	struct fab_listener *l = mem_alloc(c->mem, sizeof(*l));

	if (l == NULL)
		return -ENOMEM;
	l->ep = fab_ep_new(c, false);
	if (l->ep == NULL) {
		mem_free(c->mem, l, sizeof(*l));
		return -ENOMEM;
	}
	fab_ep_name(c, l->ep, m->vcc, FAB_EP_LISTENER);
	l->ep->listener = l;
	l->addr = *a;
	l->sap = m->sap;
	tab_add(&c->by_addr, &l->by_addr, atm_addr_hash(a));
	l->next = c->listener;
	if (l->next != NULL)
		l->next->prev = l;
	c->listener = l;
	c->n.listeners++;
	return 0;
}

/* fab_listen answers as_listen. */
void
fab_listen(struct fab_call_ctl *c, const struct atmsvc_msg *m)
{
	struct atm_addr a;
	int err = fab_addr_get(&m->local, &a);

	if (err == MARSH_ENOENT && fab_routes_default(c->routes, &a))
		err = 0;
	if (err != 0
	    || fab_routes_find(c->routes, &a, FAB_NOWHERE) != FAB_HERE)
		err = -EADDRNOTAVAIL;
	else if (taken(c, &a, &m->sap))
		err = -EADDRINUSE;
	else
		err = listener_new(c, m, &a);
	if (err != 0)
		fab_say_error(c, m->vcc, err);
	else
		fab_say_okay(c, m->vcc, &a);
}

/*
 * fab_listen_queue lets |p| wait at |l|; MARSH_EFULL when too many do.  One more
 * may while none is offered: it, or one before it, is about to be.
 */
int
fab_listen_queue(struct fab_call_ctl *c, struct fab_listener *l,
    struct fab_party *p)
{
	if (l->waiting + (l->out != NULL) > c->cfg.backlog)
		return MARSH_EFULL;
	p->at = l;
	p->wnext = NULL;
	p->wprev = l->last;
	if (l->last != NULL)
		l->last->wnext = p;
	else
		l->first = p;
	l->last = p;
	l->waiting++;
	ready_update(c, l);
	return 0;
}

/* fab_listen_leave takes |p| off its listener, where it waits. */
void
fab_listen_leave(struct fab_call_ctl *c, struct fab_party *p)
{
	struct fab_listener *l = p->at;

	assert(l->out != p);
	if (p->wprev != NULL)
		p->wprev->wnext = p->wnext;
	else
		l->first = p->wnext;
	if (p->wnext != NULL)
		p->wnext->wprev = p->wprev;
	else
		l->last = p->wprev;
	l->waiting--;
	p->at = NULL;
	p->wnext = p->wprev = NULL;
	ready_update(c, l);
}

/* free_out returns the party that was offered, which now is nowhere. */
static struct fab_party *
free_out(struct fab_call_ctl *c, struct fab_listener *l)
{
	struct fab_party *p = l->out;

	l->out = NULL;
	if (p != NULL)
		p->at = NULL;
	ready_update(c, l);
	return p;
}

/* refuse ends |p|, which was offered and not taken. */
static void
refuse(struct fab_call_ctl *c, struct fab_party *p, unsigned cause)
{
	if (p == NULL)
		return;
	if (p->call != NULL)
		fab_party_event(c, p, ATM_PARTY_REFUSE, cause);
	else
		fab_party_settle(c, p);
}

/* finish lets go of |l|, which nobody can find any more. */
static void
finish(struct fab_call_ctl *c, struct fab_listener *l)
{
	struct fab_party *p = free_out(c, l);

	ready_unlink(c, l);
	if (l->closing && l->answer)
		fab_say_close(c, l->ep->vcc, 0);
	l->ep->kind = FAB_EP_NEW; /* it was taken out of the table before */
	fab_ep_free(c, l->ep);
	if (l->prev != NULL)
		l->prev->next = l->next;
	else
		c->listener = l->next;
	if (l->next != NULL)
		l->next->prev = l->prev;
	c->n.listeners--;
	mem_free(c->mem, l, sizeof(*l));
	refuse(c, p, ATM_CAUSE_OUT_OF_ORDER);
}

/*
 * fab_listen_close ends |l|.  While an offer to it is being written the answer
 * waits: the kernel keeps the socket, so the offer cannot hit another one.
 */
void
fab_listen_close(struct fab_call_ctl *c, struct fab_listener *l, bool answer)
{
	if (l->closing)
		return;
	l->closing = true;
	l->answer = answer;
	tab_del(&c->by_addr, &l->by_addr);
	tab_del(&c->by_vcc, &l->ep->by_vcc);
	while (l->first != NULL)
		fab_party_event(c, l->first, ATM_PARTY_REFUSE,
		    ATM_CAUSE_OUT_OF_ORDER);
	if (c->offering != l)
		finish(c, l);
}

bool
fab_call_offer(struct fab_call_ctl *c, struct atmsvc_msg *m)
{
	struct fab_listener *l = c->ready;
	struct fab_party *p;

	if (l == NULL || c->offering != NULL)
		return false;
	p = l->first;
	fab_listen_leave(c, p);
	p->at = l;
	l->out = p;
	ready_update(c, l);
	c->offering = l;
	fab_say_indicate(c, p, m);
	return true;
}

void
fab_call_offered(struct fab_call_ctl *c, struct mtime now, int err)
{
	struct fab_listener *l = c->offering;

	assert(l != NULL);
	c->now = now;
	c->offering = NULL;
	if (l->closing)
		finish(c, l);
	else if (err != 0)
		refuse(c, free_out(c, l), ATM_CAUSE_OUT_OF_ORDER);
}

/* fab_listen_accept answers as_accept: |m->vcc| is the new socket. */
void
fab_listen_accept(struct fab_call_ctl *c, const struct atmsvc_msg *m)
{
	struct fab_ep *e = fab_ep_find(c, m->listen_vcc);
	struct fab_party *p = NULL;

	if (e != NULL && e->kind == FAB_EP_LISTENER)
		p = free_out(c, e->listener);
	if (p == NULL || p->call == NULL || !fab_party_join(c, p)) {
		fab_say_error(c, m->vcc, -ECONNABORTED);
		refuse(c, p, ATM_CAUSE_NO_RESOURCE);
		return;
	}
	fab_ep_name(c, p->ep, m->vcc, FAB_EP_LEAF);
	p->ep->party = p;
	fab_say_okay(c, m->vcc, NULL);
	fab_party_event(c, p, ATM_PARTY_ACCEPT, 0);
}

/*
 * fab_listen_reject: the kernel could not take what was offered.  What it
 * throws away with a closed listener is unknown here already.
 */
void
fab_listen_reject(struct fab_call_ctl *c, const struct atmsvc_msg *m)
{
	struct fab_ep *e = fab_ep_find(c, m->listen_vcc);

	if (e != NULL && e->kind == FAB_EP_LISTENER)
		refuse(c, free_out(c, e->listener), m->reply == 0 ?
		    ATM_CAUSE_BUSY : ATM_CAUSE_NO_RESOURCE);
}
