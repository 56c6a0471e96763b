/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The VC to a neighbour, shared by all groups that have it as DCS (RFC 2334
 * section 2.1: "a suitable point-to-point VC").  Both ends may call: the one
 * with the lower ATM address does at once, the other after a second.  When both
 * did, the lower one's VC stays; the higher side sends on it as soon as it
 * stands, and releases its own when the other's frames come on it and those
 * still on their way on its own had time to arrive.
 *
 * Invariant: scsp_link_ref is 0 exactly while every HFSM of the link is Down.
 */
#include <assert.h>

#include "marsh/base/err.h"
#include "scsp_int.h"

static uint64_t
hash(atm_ref ref)
{
	return tab_mix(ref);
}

/* scsp_vc_find returns the VC |ref|, or NULL. */
struct scsp_vc *
scsp_vc_find(const struct scsp *s, atm_ref ref)
{
	struct tab_link *l = tab_first(&s->vcs, hash(ref));

	for (; l != NULL; l = tab_next(l)) {
		struct scsp_vc *vc = (struct scsp_vc *)l; /* first member */

		if (vc->ref == ref)
			return vc;
	}
	return NULL;
}

struct scsp_vc *
scsp_vc_new(struct scsp *s, enum scsp_vc_kind kind, atm_ref ref)
{
	struct scsp_vc *vc = mem_alloc(&s->counted, sizeof(*vc));

	if (vc == NULL)
		return NULL;
	vc->kind = (uint8_t)kind;
	vc->ref = ref;
	tab_add(&s->vcs, &vc->tab, hash(ref));
	return vc;
}

void
scsp_vc_free(struct scsp *s, struct scsp_vc *vc)
{
	tab_del(&s->vcs, &vc->tab);
	mem_free(&s->counted, vc, sizeof(*vc));
}

/* scsp_vc_ref returns a reference that is not in use. */
atm_ref
scsp_vc_ref(struct scsp *s)
{
	do {
		s->ref = s->ref >= s->cfg.ref_last || s->ref == 0
		    ? s->cfg.ref_first : s->ref + 1;
	} while (scsp_vc_find(s, s->ref) != NULL);
	return s->ref;
}

/* scsp_backoff returns the ms to wait after |ms|: 1 s, doubling to 10 s. */
uint32_t
scsp_backoff(uint32_t ms)
{
	if (ms == 0)
		return SCSP_RETRY_MIN;
	return 2 * ms < SCSP_RETRY_MAX ? 2 * ms : SCSP_RETRY_MAX;
}

/* scsp_retry_at returns when |ms| and up to a quarter more have passed. */
struct mtime
scsp_retry_at(struct scsp *s, uint32_t ms)
{
	return mtime_add(s->now,
	    rng_span(&s->rng, MSPAN_MS(ms), MSPAN_MS(ms + ms / 4)));
}

/* scsp_link_get returns the link to |addr|, made if there is none; or NULL. */
struct scsp_link *
scsp_link_get(struct scsp *s, const struct atm_addr *addr)
{
	struct scsp_link *l;

	for (l = s->links; l != NULL; l = l->next)
		if (atm_addr_equal(&l->addr, addr))
			return l;
	l = mem_alloc(&s->counted, sizeof(*l));
	if (l == NULL)
		return NULL;
	l->addr = *addr;
	l->lower = atm_addr_cmp(&s->cfg.addr, addr) < 0;
	l->call_due = l->lower ? s->now : mtime_add(s->now, SCSP_LINK_WAIT);
	l->linger_due = MTIME_NEVER;
	l->next = s->links;
	s->links = l;
	return l;
}

/*
 * scsp_link_ref returns the VC to send on, or 0.  Either end prefers what the
 * lower address called, so that both soon use the same.
 */
atm_ref
scsp_link_ref(const struct scsp_link *l)
{
	atm_ref mine = l->mine != NULL && l->mine->up ? l->mine->ref : 0;
	atm_ref theirs = l->theirs != NULL ? l->theirs->ref : 0;

	if (l->lower)
		return mine != 0 ? mine : theirs;
	return theirs != 0 ? theirs : mine;
}

/* call_later: at once only when the last VC was of use. */
static void
call_later(struct scsp *s, struct scsp_link *l)
{
	if (l->heard && l->delay_ms == 0) {
		l->call_due = l->lower ? s->now
				       : mtime_add(s->now, SCSP_LINK_WAIT);
	} else {
		l->delay_ms = scsp_backoff(l->delay_ms);
		l->call_due = scsp_retry_at(s, l->delay_ms);
	}
	l->heard = false;
}

static void
up(struct scsp *s, struct scsp_link *l)
{
	s->activity++;
	l->call_due = MTIME_NEVER;
	scsp_hello_up(s, l);
}

/* on_leaf notes a pt-mpt VC of a neighbour, from which we only read. */
static int
on_leaf(struct scsp *s, struct scsp_link *l, atm_ref ref, struct atm_out *out)
{
	struct scsp_vc *vc = l->leaf_n < SCSP_LEAF_VCS
	    ? scsp_vc_new(s, SCSP_VC_LEAF, ref) : NULL;

	if (vc == NULL) {
		atm_out_push(out, ATM_RELEASE, ref)->cause
		    = ATM_CAUSE_NO_RESOURCE;
		return l->leaf_n < SCSP_LEAF_VCS ? MARSH_ENOMEM : 0;
	}
	vc->link = l;
	vc->up = true;
	vc->next = l->leaves;
	l->leaves = vc;
	l->leaf_n++;
	return 0;
}

/*
 * scsp_link_call takes the VC that a neighbour opened.  Who is no DCS is told
 * so by releasing (SCSP-005).  A second VC of the same caller means that it
 * forgot the first.
 */
int
scsp_link_call(struct scsp *s, const struct atm_ind *ind, struct atm_out *out)
{
	struct scsp_link *l = s->links;
	struct scsp_vc *vc;

	while (l != NULL && !(l->hellos != NULL
	    && atm_addr_equal(&l->addr, &ind->peer)))
		l = l->next;
	if (l == NULL) {
		atm_out_push(out, ATM_RELEASE, ind->ref)->cause
		    = ATM_CAUSE_REJECTED;
		return scsp_drop_it(s, SCSP_DROP_STRANGER, 0, &ind->peer);
	}
	if (ind->leaf)
		return on_leaf(s, l, ind->ref, out);
	vc = scsp_vc_new(s, SCSP_VC_THEIRS, ind->ref);
	if (vc == NULL) {
		atm_out_push(out, ATM_RELEASE, ind->ref)->cause
		    = ATM_CAUSE_NO_RESOURCE;
		return MARSH_ENOMEM;
	}
	vc->link = l;
	vc->up = true;
	if (l->theirs != NULL) {
		atm_out_push(out, ATM_RELEASE, l->theirs->ref);
		scsp_vc_free(s, l->theirs);
	}
	l->theirs = vc;
	l->linger_due = MTIME_NEVER;
	up(s, l);
	return 0;
}

/* scsp_link_ack: the VC that we called stands. */
void
scsp_link_ack(struct scsp *s, struct scsp_vc *vc)
{
	if (vc->kind != SCSP_VC_MINE || vc->up)
		return;
	vc->up = true;
	up(s, vc->link);
}

static void
unlink_leaf(struct scsp_link *l, const struct scsp_vc *vc)
{
	struct scsp_vc **p = &l->leaves;

	while (*p != vc)
		p = &(*p)->next;
	*p = vc->next;
	l->leaf_n--;
}

/* scsp_link_lost: |vc| is gone, or could not be opened. */
void
scsp_link_lost(struct scsp *s, struct scsp_vc *vc)
{
	struct scsp_link *l = vc->link;
	bool stood = scsp_link_ref(l) != 0;

	if (vc->kind == SCSP_VC_LEAF)
		unlink_leaf(l, vc);
	else if (vc->kind == SCSP_VC_MINE)
		l->mine = NULL;
	else
		l->theirs = NULL;
	if (l->mine == NULL || l->theirs == NULL)
		l->linger_due = MTIME_NEVER;
	if (vc->kind != SCSP_VC_LEAF) {
		if (l->mine == NULL && l->theirs == NULL)
			call_later(s, l);
		s->activity++;
	}
	scsp_vc_free(s, vc);
	if (stood && scsp_link_ref(l) == 0)
		scsp_hello_down(s, l);
}

/* scsp_link_heard: something good came on |vc|. */
void
scsp_link_heard(struct scsp *s, const struct scsp_vc *vc)
{
	struct scsp_link *l = vc->link;

	if (vc->kind == SCSP_VC_LEAF)
		return;
	l->heard = true;
	l->delay_ms = 0;
	if (!l->lower && vc->kind == SCSP_VC_THEIRS && l->mine != NULL
	    && mtime_is_never(l->linger_due))
		l->linger_due = mtime_add(s->now, SCSP_LINK_LINGER);
}

static void
hang_up(struct scsp *s, struct scsp_vc **vc, struct atm_out *out)
{
	if (*vc == NULL)
		return;
	atm_out_push(out, ATM_RELEASE, (*vc)->ref);
	scsp_vc_free(s, *vc);
	*vc = NULL;
}

/* gone releases one VC of |l|, which no DCS uses; true: nothing is left. */
static bool
gone(struct scsp *s, struct scsp_link *l, struct atm_out *out)
{
	struct scsp_vc *vc;

	while (atm_out_room(out) > 2 && (vc = l->leaves) != NULL) {
		unlink_leaf(l, vc);
		hang_up(s, &vc, out);
	}
	if (l->leaves != NULL || atm_out_room(out) < 2)
		return false;
	hang_up(s, &l->mine, out);
	hang_up(s, &l->theirs, out);
	return true;
}

static void
timers(struct scsp *s, struct scsp_link *l, struct atm_out *out)
{
	struct atm_req *rq;

	if (atm_out_room(out) == 0)
		return;
	if (mtime_reached(l->linger_due, s->now)) {
		l->linger_due = MTIME_NEVER;
		if (l->theirs != NULL)
			hang_up(s, &l->mine, out);
	}
	if (!mtime_reached(l->call_due, s->now) || atm_out_room(out) == 0)
		return;
	l->mine = scsp_vc_new(s, SCSP_VC_MINE, scsp_vc_ref(s));
	if (l->mine == NULL) {
		call_later(s, l);
		return;
	}
	l->mine->link = l;
	l->call_due = MTIME_NEVER;
	rq = atm_out_push(out, ATM_CALL_RQ, l->mine->ref);
	rq->dst = l->addr;
	rq->use = ATM_USE_SCSP;
}

void
scsp_link_timers(struct scsp *s, struct atm_out *out)
{
	struct scsp_link **p = &s->links, *l;

	while ((l = *p) != NULL) {
		if (l->hellos != NULL) {
			timers(s, l, out);
		} else if (gone(s, l, out)) {
			*p = l->next;
			mem_free(&s->counted, l, sizeof(*l));
			continue;
		}
		p = &l->next;
	}
}

struct mtime
scsp_link_deadline(const struct scsp *s, const struct scsp_link *l)
{
	if (l->hellos == NULL)
		return s->now;
	return mtime_min(l->call_due, l->linger_due);
}

static void
forget(struct scsp *s, struct scsp_vc **vc)
{
	if (*vc != NULL)
		scsp_vc_free(s, *vc);
	*vc = NULL;
}

static void
forget_all(struct scsp *s, struct scsp_link *l)
{
	struct scsp_vc *vc;

	while ((vc = l->leaves) != NULL) {
		unlink_leaf(l, vc);
		scsp_vc_free(s, vc);
	}
	forget(s, &l->mine);
	forget(s, &l->theirs);
}

/* scsp_link_restart: no VC survived; who called calls again. */
void
scsp_link_restart(struct scsp *s)
{
	for (struct scsp_link *l = s->links; l != NULL; l = l->next) {
		bool stood = scsp_link_ref(l) != 0;

		forget_all(s, l);
		l->linger_due = MTIME_NEVER;
		l->heard = true;
		l->delay_ms = 0;
		call_later(s, l);
		if (stood)
			scsp_hello_down(s, l);
	}
}

void
scsp_links_free(struct scsp *s)
{
	struct scsp_link *l;

	while ((l = s->links) != NULL) {
		s->links = l->next;
		assert(l->hellos == NULL);
		forget_all(s, l);
		mem_free(&s->counted, l, sizeof(*l));
	}
}

/* scsp_link_check verifies that VCs and HFSMs agree. */
const char *
scsp_link_check(const struct scsp *s)
{
	size_t n = 0;

	for (const struct scsp_link *l = s->links; l != NULL; l = l->next) {
		const struct scsp_hello *h;
		unsigned leaves = 0;

		for (const struct scsp_vc *v = l->leaves; v; v = v->next)
			leaves++;
		if (leaves != l->leaf_n)
			return "link: leaves";
		n += leaves + (l->mine != NULL) + (l->theirs != NULL);
		for (h = l->hellos; h != NULL; h = h->next)
			if ((h->state == SCSP_HELLO_DOWN)
			    != (scsp_link_ref(l) == 0))
				return "link: VC and HFSM";
		if (l->hellos != NULL && l->mine == NULL && l->theirs == NULL
		    && mtime_is_never(l->call_due))
			return "link: nobody calls";
	}
	for (size_t i = 0; i < s->sgs; i++)
		n += s->sg[i]->root != NULL;
	return n == s->vcs.count ? NULL : "link: number of VCs";
}
