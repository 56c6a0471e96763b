/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The root's side of calls: connect(), ADD and DROP PARTY, what the root is
 * told, and the end.
 *
 * Invariants: connect() and each ADD PARTY get one answer; a root is told of
 * one leaf that left at a time, and not while it waits for an answer, for both
 * wake it the same way.
 */
#include <assert.h>
#include <errno.h>

#include "fabricd_int.h"
#include "marsh/atm/atm_errno.h"

/* Roots that never say they heard of it keep no more dead leaves than this. */
#define GONE_MAX 1024

/* An error that is none would be taken for success. */
static int
negative(unsigned cause)
{
	int err = atm_cause_errno(cause);

	return err == 0 ? -ECONNRESET : -err;
}

/* fab_root_new returns a call without root or parties, or NULL. */
struct fab_call *
fab_root_new(struct fab_call_ctl *c, bool multi)
{
	struct fab_call *k = mem_alloc(c->mem, sizeof(*k));

	if (k == NULL)
		return NULL;
	k->id = ++c->last_id;
	k->multi = multi;
	k->prev = c->last;
	if (c->last != NULL)
		c->last->next = k;
	else
		c->first = k;
	c->last = k;
	c->n.calls++;
	return k;
}

struct fab_point
fab_root_point(const struct fab_call *k)
{
	if (k->ep != NULL)
		return fab_ep_point(k->ep);
	return (struct fab_point){ k->line, k->label };
}

static void
note(struct fab_call_ctl *c, struct fab_call *k, bool on)
{
	if (on == k->noting)
		return;
	k->noting = on;
	if (on) {
		k->nprev = NULL;
		k->nnext = c->noting;
		if (k->nnext != NULL)
			k->nnext->nprev = k;
		c->noting = k;
		return;
	}
	if (k->nprev != NULL)
		k->nprev->nnext = k->nnext;
	else
		c->noting = k->nnext;
	if (k->nnext != NULL)
		k->nnext->nprev = k->nprev;
}

/*
 * fab_root_end ends |k| and all its parties.  Its root's socket stays as it
 * is: the caller knows what is to become of it.
 */
void
fab_root_end(struct fab_call_ctl *c, struct fab_call *k, unsigned cause)
{
	if (k->connected || k->ep == NULL)
		fab_say_log(c, k, "released", NULL, cause);
	k->ending = true;
	while (k->first != NULL) {
		(void)fab_party_event(c, k->first, ATM_PARTY_DROP, cause);
		fab_party_forget(c, k->first);
	}
	assert(k->branch == NULL);
	note(c, k, false);
	if (k->ep == NULL)
		fab_far_unlink(c, k);
	if (k->prev != NULL)
		k->prev->next = k->next;
	else
		c->first = k->next;
	if (k->next != NULL)
		k->next->prev = k->prev;
	else
		c->last = k->prev;
	c->n.calls--;
	mem_free(c->mem, k, sizeof(*k));
}

/* answered: an ADD PARTY of the root of |k| was. */
static void
answered(struct fab_call_ctl *c, struct fab_call *k, int reply)
{
	if (k->asking == 0)
		return; /* dropped by its root before it was answered */
	k->asking--;
	fab_say_party(c, k->ep->vcc, as_addparty, reply);
}

static bool
failed(struct fab_call_ctl *c, struct fab_call *k, struct fab_party *p,
    unsigned cause)
{
	struct fab_ep *e = k->ep;

	c->n.failed++;
	if (k->connected) {
		answered(c, k, negative(cause));
		if (p != NULL)
			fab_party_forget(c, p);
		return true;
	}
	fab_say_error(c, e->vcc, negative(cause));
	fab_root_end(c, k, cause);
	fab_ep_free(c, e);
	return false;
}

static bool
left(struct fab_call_ctl *c, struct fab_call *k, unsigned cause)
{
	struct fab_ep *e = k->ep;

	if (k->multi) {
		note(c, k, true);
		return true;
	}
	fab_root_end(c, k, cause);
	fab_ep_hangup(c, e, cause);
	return false;
}

/*
 * fab_root_told tells the root of |k| what became of its party |ref|: |tell| is
 * one of OK, FAIL, LEFT.  |p|, which may be NULL with FAIL, is forgotten where
 * the root needs it no more.  Returns whether |k| is still there.
 */
bool
fab_root_told(struct fab_call_ctl *c, struct fab_call *k, struct fab_party *p,
    unsigned ref, unsigned tell, unsigned cause)
{
	if (k->ep == NULL) {
		fab_say_trunk(c, k->line, k->label,
		    tell == ATM_PARTY_OK ? FAB_OK : FAB_GONE, ref, cause);
		if (p != NULL && tell != ATM_PARTY_OK)
			fab_party_forget(c, p);
		return true;
	}
	if (tell == ATM_PARTY_FAIL)
		return failed(c, k, p, cause);
	if (tell == ATM_PARTY_LEFT)
		return left(c, k, cause);
	c->n.done++;
	if (k->connected) {
		answered(c, k, (int)ref);
		return true;
	}
	k->connected = true;
	fab_say_connected(c, k);
	return true;
}

/* notice tells the root of |k| of the next leaf that left. */
static void
notice(struct fab_call_ctl *c, struct fab_call *k)
{
	struct fab_party *p = k->first;

	if (k->left != NULL || k->asking != 0 || k->gone == 0)
		return;
	while (p->state != ATM_PARTY_GONE)
		p = p->next;
	k->left = p;
	fab_say_left(c, k->ep->vcc, p->ref, p->cause);
}

/* fab_root_notices tells all roots that are to hear of a leaf that left. */
void
fab_root_notices(struct fab_call_ctl *c)
{
	struct fab_call *k, *next;

	for (k = c->noting; k != NULL; k = next) {
		next = k->nnext;
		notice(c, k);
		if (k->asking == 0)
			note(c, k, false);
	}
}

/* fab_root_connect answers as_connect, now or later. */
void
fab_root_connect(struct fab_call_ctl *c, const struct atmsvc_msg *m)
{
	struct atm_addr to, from;
	struct fab_call *k;
	struct fab_ep *e;

	if (fab_addr_get(&m->svc, &to) != 0) {
		fab_say_error(c, m->vcc, -EDESTADDRREQ);
		return;
	}
	if (fab_addr_get(&m->local, &from) != 0)
		(void)fab_routes_default(c->routes, &from);
	e = fab_ep_new(c, true);
	k = e == NULL ? NULL : fab_root_new(c, m->session != 0);
	if (k == NULL) {
		if (e != NULL)
			fab_ep_free(c, e);
		c->n.failed++;
		fab_say_error(c, m->vcc, negative(ATM_CAUSE_NO_VCI));
		return;
	}
	fab_ep_name(c, e, m->vcc, FAB_EP_ROOT);
	e->call = k;
	k->ep = e;
	k->calling = from;
	k->qos = m->qos;
	k->sap = m->sap;
	fab_party_ask(c, k, 0, &to);
}

/* called returns the call that the socket of |m| is the root of, or NULL. */
static struct fab_call *
called(const struct fab_call_ctl *c, const struct atmsvc_msg *m)
{
	const struct fab_ep *e = fab_ep_find(c, m->vcc);

	if (e == NULL || e->kind != FAB_EP_ROOT || !e->call->connected
	    || !e->call->multi)
		return NULL;
	return e->call;
}

/*
 * new_ref returns an endpoint reference, from 1: that of connect() is 0.  When
 * the root never says that it heard of leaves that left, the oldest makes room.
 */
static unsigned
new_ref(struct fab_call_ctl *c, struct fab_call *k)
{
	struct fab_party *p;

	if (k->gone >= GONE_MAX) {
		for (p = k->first; p->state != ATM_PARTY_GONE; p = p->next)
			continue;
		fab_party_forget(c, p);
	}
	if (k->parties > FAB_REF_MAX - 1)
		return 0;
	do {
		k->last_ref = (uint16_t)(k->last_ref % FAB_REF_MAX + 1);
	} while (fab_party_find(k, k->last_ref) != NULL);
	return k->last_ref;
}

/* fab_root_add answers as_addparty, now or later. */
void
fab_root_add(struct fab_call_ctl *c, const struct atmsvc_msg *m)
{
	struct fab_call *k = called(c, m);
	struct atm_addr to;
	unsigned ref = 0;
	int err = 0;

	if (k == NULL)
		err = negative(ATM_CAUSE_BAD_ENDPOINT);
	else if (fab_addr_get(&m->svc, &to) != 0)
		err = -EDESTADDRREQ;
	else if ((ref = new_ref(c, k)) == 0)
		err = negative(ATM_CAUSE_NO_RESOURCE);
	if (err != 0) {
		c->n.failed++;
		fab_say_party(c, m->vcc, as_addparty, err);
		return;
	}
	k->asking++;
	fab_party_ask(c, k, ref, &to);
}

/*
 * fab_root_drop answers as_dropparty, which is also how a root says that it
 * heard of a leaf that left.
 */
void
fab_root_drop(struct fab_call_ctl *c, const struct atmsvc_msg *m)
{
	struct fab_call *k = called(c, m);
	struct fab_party *p = NULL;

	if (k != NULL && m->reply >= 0 && m->reply <= FAB_REF_MAX)
		p = fab_party_find(k, (unsigned)m->reply);
	if (p == NULL) {
		fab_say_party(c, m->vcc, as_dropparty,
		    negative(ATM_CAUSE_BAD_ENDPOINT));
		return;
	}
	if (p->state == ATM_PARTY_CALLING)
		answered(c, k, negative(ATM_CAUSE_NORMAL));
	(void)fab_party_event(c, p, ATM_PARTY_DROP, ATM_CAUSE_NORMAL);
	fab_party_forget(c, p);
	fab_say_party(c, m->vcc, as_dropparty, 0);
	if (k->gone != 0)
		note(c, k, true);
}
