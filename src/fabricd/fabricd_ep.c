/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sockets of the kernel that take part in signalling: found by the opaque
 * number the kernel gave them, holding a VCI where they have one, and hung up
 * after a while in which they can read what came before.
 */
#include <assert.h>
#include <string.h>

#include "fabricd_int.h"
#include "marsh/atm/atm_errno.h"

static uint64_t
hash(atm_kptr_t vcc)
{
	uint64_t x = 0;

	memcpy(&x, &vcc, sizeof(vcc) < sizeof(x) ? sizeof(vcc) : sizeof(x));
	return tab_mix(x);
}

/* fab_ep_new returns a socket yet without name, or NULL: no memory or VCI. */
struct fab_ep *
fab_ep_new(struct fab_call_ctl *c, bool vci)
{
	struct fab_ep *e = mem_alloc(c->mem, sizeof(*e));

	if (e == NULL)
		return NULL;
	e->kind = FAB_EP_NEW;
	if (vci && (e->vci = fab_vci_get(&c->vci)) == 0) {
		mem_free(c->mem, e, sizeof(*e));
		return NULL;
	}
	return e;
}

/* fab_ep_name makes |e| known as |vcc|. */
void
fab_ep_name(struct fab_call_ctl *c, struct fab_ep *e, atm_kptr_t vcc,
    enum fab_ep_kind kind)
{
	assert(e->kind == FAB_EP_NEW);
	e->vcc = vcc;
	e->kind = (uint8_t)kind;
	tab_add(&c->by_vcc, &e->by_vcc, hash(vcc));
}

struct fab_ep *
fab_ep_find(const struct fab_call_ctl *c, atm_kptr_t vcc)
{
	struct tab_link *l = tab_first(&c->by_vcc, hash(vcc));

	for (; l != NULL; l = tab_next(l)) {
		struct fab_ep *e = FAB_OF(fab_ep, by_vcc, l);

		if (memcmp(&e->vcc, &vcc, sizeof(vcc)) == 0)
			return e;
	}
	return NULL;
}

static void
linger_unlink(struct fab_call_ctl *c, struct fab_ep *e)
{
	if (e->prev != NULL)
		e->prev->next = e->next;
	else
		c->linger = e->next;
	if (e->next != NULL)
		e->next->prev = e->prev;
	else
		c->linger_last = e->prev;
	e->next = e->prev = NULL;
}

void
fab_ep_free(struct fab_call_ctl *c, struct fab_ep *e)
{
	if (e->kind == FAB_EP_LINGER)
		linger_unlink(c, e);
	if (e->kind != FAB_EP_NEW)
		tab_del(&c->by_vcc, &e->by_vcc);
	if (e->vci != 0)
		fab_vci_put(&c->vci, e->vci);
	mem_free(c->mem, e, sizeof(*e));
}

static void
tell(struct fab_call_ctl *c, struct fab_ep *e)
{
	fab_say_close(c, e->vcc, -e->err);
	e->kind = FAB_EP_CLOSING;
}

/*
 * fab_ep_hangup ends the connection of |e|, of which nothing else remains.  The
 * kernel throws away what a socket has not read when it is told.
 */
void
fab_ep_hangup(struct fab_call_ctl *c, struct fab_ep *e, unsigned cause)
{
	assert(e->kind == FAB_EP_ROOT || e->kind == FAB_EP_LEAF);
	e->call = NULL;
	e->party = NULL;
	e->err = atm_cause_errno(cause);
	if (c->cfg.linger.us == 0) {
		tell(c, e);
		return;
	}
	e->kind = FAB_EP_LINGER;
	e->due = mtime_add(c->now, c->cfg.linger);
	e->prev = c->linger_last;
	if (e->prev != NULL)
		e->prev->next = e;
	else
		c->linger = e;
	c->linger_last = e;
}

/* fab_ep_expire tells those whose time has come, or |all|. */
void
fab_ep_expire(struct fab_call_ctl *c, bool all)
{
	struct fab_ep *e;

	while ((e = c->linger) != NULL
	    && (all || mtime_reached(e->due, c->now))) {
		linger_unlink(c, e);
		tell(c, e);
	}
}

struct fab_point
fab_ep_point(const struct fab_ep *e)
{
	return (struct fab_point){ FAB_HERE, e->vci };
}
