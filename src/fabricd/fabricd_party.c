/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Parties: asking for them here or behind a trunk, joining them to their root,
 * and letting go.  What an event makes of a party, and who hears of it, is the
 * same table that the simulator's switch uses (marsh/atm/atm_party.h).
 *
 * Invariant: the cross-connect has a party exactly while it is connected.
 */
#include <assert.h>

#include "fabricd_int.h"

static struct fab_wait *
wait_of(struct fab_call_ctl *c, const struct fab_party *p)
{
	return p->branch != NULL ? &c->far : &c->near;
}

static void
timer_start(struct fab_call_ctl *c, struct fab_party *p)
{
	struct fab_wait *w = wait_of(c, p);

	p->timed = true;
	p->due = mtime_add(c->now, w->span);
	p->tnext = NULL;
	p->tprev = w->last;
	if (w->last != NULL)
		w->last->tnext = p;
	else
		w->first = p;
	w->last = p;
}

static void
timer_stop(struct fab_call_ctl *c, struct fab_party *p)
{
	struct fab_wait *w = wait_of(c, p);

	if (!p->timed)
		return;
	p->timed = false;
	if (p->tprev != NULL)
		p->tprev->tnext = p->tnext;
	else
		w->first = p->tnext;
	if (p->tnext != NULL)
		p->tnext->tprev = p->tprev;
	else
		w->last = p->tprev;
}

static struct fab_party *
party_new(struct fab_call_ctl *c, struct fab_call *k, unsigned ref,
    const struct atm_addr *to)
{
	struct fab_party *p = NULL;

	if (c->parties < c->cfg.parties)
		p = mem_alloc(c->mem, sizeof(*p));
	if (p == NULL)
		return NULL;
	p->state = ATM_PARTY_CALLING;
	p->ref = (uint16_t)ref;
	p->addr = *to;
	p->call = k;
	p->prev = k->last;
	if (k->last != NULL)
		k->last->next = p;
	else
		k->first = p;
	k->last = p;
	k->parties++;
	c->parties++;
	return p;
}

/* fab_party_find returns the party that the root knows as |ref|, or NULL. */
struct fab_party *
fab_party_find(const struct fab_call *k, unsigned ref)
{
	struct fab_party *p = k->first;

	while (p != NULL && p->ref != ref)
		p = p->next;
	return p;
}

/* here starts a call to a listener of ours; returns why not, or 0. */
static unsigned
here(struct fab_call_ctl *c, struct fab_party *p)
{
	bool other;
	struct fab_listener *l = fab_listen_find(c, &p->addr, &p->call->sap,
	    &other);

	if (l == NULL)
		return other ? ATM_CAUSE_REJECTED : ATM_CAUSE_UNALLOCATED;
	p->ep = fab_ep_new(c, true);
	if (p->ep == NULL)
		return ATM_CAUSE_NO_VCI;
	if (fab_listen_queue(c, l, p) != 0) {
		fab_ep_free(c, p->ep);
		p->ep = NULL;
		return ATM_CAUSE_BUSY;
	}
	timer_start(c, p);
	return 0;
}

/* there starts one behind a trunk; a root's own switch keeps the time. */
static unsigned
there(struct fab_call_ctl *c, struct fab_party *p, uint32_t line)
{
	if (p->call->hops >= FAB_HOPS_MAX)
		return ATM_CAUSE_NO_ROUTE;
	if (fab_far_ask(c, p, line) != 0)
		return ATM_CAUSE_NO_RESOURCE;
	if (p->call->ep != NULL)
		timer_start(c, p);
	return 0;
}

/*
 * fab_party_ask starts the party |ref| of |k| at |to|.  The root is told when
 * that fails; |k| may be gone then.
 */
void
fab_party_ask(struct fab_call_ctl *c, struct fab_call *k, unsigned ref,
    const struct atm_addr *to)
{
	struct fab_party *p = party_new(c, k, ref, to);
	uint32_t line;
	unsigned cause;

	if (p == NULL) {
		(void)fab_root_told(c, k, NULL, ref, ATM_PARTY_FAIL,
		    ATM_CAUSE_NO_RESOURCE);
		return;
	}
	line = fab_routes_find(c->routes, to,
	    k->ep != NULL ? FAB_NOWHERE : k->line);
	if (line == FAB_NOWHERE)
		cause = ATM_CAUSE_NO_ROUTE;
	else if (line == FAB_HERE)
		cause = here(c, p);
	else
		cause = there(c, p, line);
	if (cause != 0)
		(void)fab_party_event(c, p, ATM_PARTY_REFUSE, cause);
	else
		fab_say_log(c, k, "calling", p, 0);
}

/* fab_party_join lets frames flow to |p|, and back if pt-pt; false: no memory. */
bool
fab_party_join(struct fab_call_ctl *c, struct fab_party *p)
{
	struct fab_point root = fab_root_point(p->call), leaf;

	if (p->branch != NULL)
		return fab_far_join(c, p->branch);
	leaf = fab_ep_point(p->ep);
	if (fab_switch_join(c->sw, root, leaf) != 0)
		return false;
	if (p->call->multi
	    || fab_switch_join(c->sw, leaf, fab_far_up(p->call)) == 0)
		return true;
	fab_switch_part(c->sw, root, leaf);
	return false;
}

/* leave lets go of what is beyond |p|; |clear|: it has to be told. */
static void
leave(struct fab_call_ctl *c, struct fab_party *p, bool connected, bool clear)
{
	struct fab_ep *e = p->ep;

	if (p->branch != NULL) {
		fab_far_leave(c, p, clear, connected, p->cause);
		return;
	}
	if (e == NULL)
		return;
	if (connected) {
		fab_switch_part(c->sw, fab_root_point(p->call),
		    fab_ep_point(e));
		fab_switch_drop(c->sw, fab_ep_point(e));
	}
	if (p->at != NULL && p->at->out == p)
		return; /* the kernel's queue still has it, and its VCI */
	if (p->at != NULL)
		fab_listen_leave(c, p);
	if (connected && clear)
		fab_ep_hangup(c, e, p->cause);
	else
		fab_ep_free(c, e);
	p->ep = NULL;
}

/*
 * fab_party_event lets |ev| happen to |p|.  Whoever drops |p| forgets it
 * afterwards; else |p| may be gone.  Returns whether its call is still there.
 */
bool
fab_party_event(struct fab_call_ctl *c, struct fab_party *p,
    enum atm_party_event ev, unsigned cause)
{
	struct fab_call *k = p->call;
	uint8_t was = p->state;
	unsigned tell = atm_party_step(&p->state, ev);

	if (p->state != was) {
		timer_stop(c, p);
		if (!k->ending)
			fab_say_log(c, k, ev == ATM_PARTY_ACCEPT ? "connected"
			    : ev == ATM_PARTY_DROP ? "dropped"
			    : was == ATM_PARTY_CALLING ? "failed" : "left",
			    p, cause);
	}
	if (p->state == ATM_PARTY_GONE && was != ATM_PARTY_GONE) {
		p->cause = (uint16_t)cause;
		leave(c, p, was == ATM_PARTY_CONNECTED,
		    (tell & ATM_PARTY_CLEAR) != 0);
		k->gone++;
	}
	tell &= ATM_PARTY_OK | ATM_PARTY_FAIL | ATM_PARTY_LEFT;
	return tell == 0 || fab_root_told(c, k, p, p->ref, tell, cause);
}

/* fab_party_settle frees |p| when neither root nor kernel know it. */
void
fab_party_settle(struct fab_call_ctl *c, struct fab_party *p)
{
	if (p->call != NULL || p->at != NULL)
		return;
	assert(!p->timed && p->branch == NULL);
	if (p->ep != NULL)
		fab_ep_free(c, p->ep);
	c->parties--;
	mem_free(c->mem, p, sizeof(*p));
}

/* fab_party_forget takes |p|, which is gone, from its call. */
void
fab_party_forget(struct fab_call_ctl *c, struct fab_party *p)
{
	struct fab_call *k = p->call;

	assert(p->state == ATM_PARTY_GONE);
	if (k->left == p)
		k->left = NULL;
	if (p->prev != NULL)
		p->prev->next = p->next;
	else
		k->first = p->next;
	if (p->next != NULL)
		p->next->prev = p->prev;
	else
		k->last = p->prev;
	k->parties--;
	k->gone--;
	p->call = NULL;
	fab_party_settle(c, p);
}

/* fab_party_expire ends what was not answered in time. */
void
fab_party_expire(struct fab_call_ctl *c)
{
	while (c->near.first != NULL
	    && mtime_reached(c->near.first->due, c->now))
		(void)fab_party_event(c, c->near.first, ATM_PARTY_BREAK,
		    ATM_CAUSE_NO_ANSWER);
	while (c->far.first != NULL
	    && mtime_reached(c->far.first->due, c->now))
		(void)fab_party_event(c, c->far.first, ATM_PARTY_BREAK,
		    ATM_CAUSE_TIMER);
}
