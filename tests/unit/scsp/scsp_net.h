/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_SCSP_NET_H
#define TESTS_SCSP_NET_H

/*
 * N SCSP servers against each other over a queue of their own: delay, loss,
 * order kept on each VC and not between them, cuts, crashes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "failmem.h"
#include "marsh/base/err.h"
#include "marsh/base/frame.h"
#include "marsh/base/rng.h"
#include "marsh/scsp/scsp.h"
#include "marsh/wire/snap.h"

#define NET_MAX 8
#define NET_VCS 256
#define NET_OUT 128

struct net_leaf {
	int node;
	atm_ref ref;
	struct mtime last; /* what was sent to it arrives not before */
	bool up;
};

struct net_vc {
	bool live, multi;
	int root;
	atm_ref ref;
	struct mtime last; /* towards the root */
	struct net_leaf leaf[NET_MAX];
	int leaves;
};

struct net_ev {
	struct mtime t;
	uint64_t seq;
	int to;
	unsigned life; /* of |to| for which it is meant */
	bool call;     /* a call arrives: |vc|, asked by |ind.rq| */
	struct net_vc *vc;
	struct atm_ind ind;
};

struct net {
	struct failmem fm;
	struct scsp *s[NET_MAX];
	struct scsp_group_cfg group;
	struct scsp_cfg cfg;
	unsigned life[NET_MAX];
	int n;
	struct mtime now;
	struct mspan delay, jitter;
	double loss;
	bool cut[NET_MAX][NET_MAX];
	bool dcs[NET_MAX][NET_MAX]; /* configured */
	struct rng rng;
	struct net_vc vc[NET_VCS];
	atm_ref ref;
	struct net_ev *ev;
	size_t evs, ev_cap;
	uint64_t seq;
	uint64_t sent[SCSP_TYPE_COUNT]; /* frames, a pt-mpt one once */
	uint64_t sent_between[NET_MAX][NET_MAX];
	/* false: this message never arrives */
	bool (*pass)(struct net *, int from, int to, const struct scsp_msg *);
};

static inline struct scsp_oct
oct(const void *p, size_t len)
{
	return (struct scsp_oct){ p, len };
}

static inline struct scsp_oct
text(const char *s)
{
	return oct(s, strlen(s));
}

static inline struct atm_addr
net_addr(int i)
{
	uint8_t b[ATM_NSAP_LEN] = { 0x47, [18] = (uint8_t)(i + 1) };

	return atm_addr_nsap(b);
}

static inline int
net_node(const struct net *n, const struct atm_addr *a)
{
	for (int i = 0; i < n->n; i++) {
		struct atm_addr b = net_addr(i);

		if (atm_addr_equal(a, &b))
			return i;
	}
	return -1;
}

static inline bool
net_before(const struct net_ev *a, const struct net_ev *b)
{
	return a->t.us != b->t.us ? a->t.us < b->t.us : a->seq < b->seq;
}

static inline struct net_ev *
net_post(struct net *n, int to, struct mtime t, enum atm_ind_kind kind)
{
	struct net_ev e = { .t = t, .seq = n->seq++, .to = to,
		.life = n->life[to], .ind = { .kind = kind } };
	size_t i = n->evs++;

	if (n->evs > n->ev_cap) {
		n->ev_cap = n->ev_cap != 0 ? 2 * n->ev_cap : 256;
		n->ev = realloc(n->ev, n->ev_cap * sizeof(*n->ev));
		assert_non_null(n->ev);
	}
	for (; i > 0 && net_before(&e, &n->ev[(i - 1) / 2]); i = (i - 1) / 2)
		n->ev[i] = n->ev[(i - 1) / 2];
	n->ev[i] = e;
	return &n->ev[i];
}

static inline struct net_ev
net_take(struct net *n)
{
	struct net_ev top = n->ev[0], e = n->ev[--n->evs];
	size_t i = 0, k;

	while ((k = 2 * i + 1) < n->evs) {
		k += k + 1 < n->evs && net_before(&n->ev[k + 1], &n->ev[k]);
		if (!net_before(&n->ev[k], &e))
			break;
		n->ev[i] = n->ev[k];
		i = k;
	}
	if (n->evs != 0)
		n->ev[i] = e;
	return top;
}

static inline struct mtime
net_later(struct net *n, struct mtime *last)
{
	struct mtime t = mtime_add(n->now, n->delay);

	if (n->jitter.us != 0)
		t = mtime_add(t, rng_span(&n->rng, MSPAN_US(0), n->jitter));
	if (last == NULL)
		return t;
	if (t.us < last->us)
		t = *last;
	return *last = t;
}

/* ---- what engines ask for ----------------------------------------------- */

static inline struct net_vc *
net_find(struct net *n, int node, atm_ref ref, int *leaf)
{
	for (struct net_vc *v = n->vc; v < n->vc + NET_VCS; v++) {
		*leaf = -1;
		if (v->live && v->root == node && v->ref == ref)
			return v;
		for (*leaf = 0; v->live && *leaf < v->leaves; ++*leaf)
			if (v->leaf[*leaf].up && v->leaf[*leaf].node == node
			    && v->leaf[*leaf].ref == ref)
				return v;
	}
	return NULL;
}

static inline void
net_data(struct net *n, int from, int to, atm_ref ref, struct mtime *last,
    struct frame *f)
{
	struct scsp_msg m;

	n->sent_between[from][to]++;
	assert_int_equal(scsp_decode(f->bytes + SNAP_LEN, f->len - SNAP_LEN, &m,
	    NULL), 0);
	assert_true(f->len - SNAP_LEN <= n->cfg.mtu);
	if (n->cut[from][to] || (n->loss > 0 && rng_unit(&n->rng) < n->loss)
	    || (n->pass != NULL && !n->pass(n, from, to, &m)))
		return;
	struct net_ev *e = net_post(n, to, net_later(n, last), ATM_DATA);

	e->ind.ref = ref;
	e->ind.frame = frame_ref(f);
}

static inline void
net_send(struct net *n, int node, const struct atm_req *rq)
{
	int k = -1;
	struct net_vc *v = net_find(n, node, rq->ref, &k);

	if (v != NULL) {
		n->sent[rq->frame->bytes[SNAP_LEN + 1]]++;
		if (k >= 0)
			net_data(n, node, v->root, v->ref, &v->last, rq->frame);
		else
			for (int i = 0; i < v->leaves; i++)
				if (v->leaf[i].up)
					net_data(n, node, v->leaf[i].node,
					    v->leaf[i].ref, &v->leaf[i].last,
					    rq->frame);
	}
	frame_unref(rq->frame);
}

static inline void
net_released(struct net *n, int node, atm_ref ref, struct mtime *last)
{
	struct net_ev *e = net_post(n, node, net_later(n, last), ATM_RELEASED);

	e->ind.ref = ref;
	e->ind.cause = ATM_CAUSE_NORMAL;
}

/* net_hang_up ends |v|; |by| knows it already (-1: nobody does). */
static inline void
net_hang_up(struct net *n, struct net_vc *v, int by)
{
	v->live = false;
	if (v->root != by)
		net_released(n, v->root, v->ref, &v->last);
	for (int i = 0; i < v->leaves; i++)
		if (v->leaf[i].up && v->leaf[i].node != by)
			net_released(n, v->leaf[i].node, v->leaf[i].ref,
			    &v->leaf[i].last);
}

/* net_drop takes leaf |i| off; its root is told unless it asked for it. */
static inline void
net_drop(struct net *n, struct net_vc *v, int i, bool tell)
{
	struct net_ev *e;

	v->leaf[i].up = false;
	if (tell) {
		e = net_post(n, v->root, net_later(n, &v->last), ATM_DROPPED);
		e->ind.ref = v->ref;
		e->ind.peer = net_addr(v->leaf[i].node);
		e->ind.cause = ATM_CAUSE_OUT_OF_ORDER;
	}
}

static inline void
net_call(struct net *n, int node, const struct atm_req *rq)
{
	struct net_vc *v = n->vc;
	struct net_ev *e;
	int to = net_node(n, &rq->dst), k;

	if (rq->kind == ATM_MULTI_ADD) {
		v = net_find(n, node, rq->ref, &k);
		assert_non_null(v);
	} else {
		while (v->live)
			assert_true(++v < n->vc + NET_VCS);
		*v = (struct net_vc){ .live = true, .root = node,
			.ref = rq->ref, .multi = rq->kind == ATM_MULTI_RQ };
	}
	assert_int_equal(rq->use == ATM_USE_SCSP, rq->kind != ATM_MULTI_ADD);
	e = net_post(n, node, net_later(n, NULL), ATM_REMOTE_CALL);
	e->call = true;
	e->vc = v;
	e->ind.rq = rq->kind;
	e->ind.peer = rq->dst;
	e->ind.ref = rq->ref;
	(void)to;
}

static inline void
net_request(struct net *n, int node, const struct atm_req *rq)
{
	int k = -1;
	struct net_vc *v = net_find(n, node, rq->ref, &k);

	switch (rq->kind) {
	case ATM_SEND:
		net_send(n, node, rq);
		break;
	case ATM_RELEASE:
		if (v == NULL) /* both hung up */
			break;
		if (k >= 0 && v->multi)
			net_drop(n, v, k, true);
		else
			net_hang_up(n, v, node);
		break;
	case ATM_MULTI_DROP:
		for (k = 0; v != NULL && k < v->leaves; k++)
			if (v->leaf[k].up
			    && v->leaf[k].node == net_node(n, &rq->dst)) {
				v->leaf[k].up = false;
				net_released(n, v->leaf[k].node,
				    v->leaf[k].ref, &v->leaf[k].last);
			}
		break;
	default:
		net_call(n, node, rq);
		break;
	}
}

/* ---- running ------------------------------------------------------------ */

static inline void
net_step(struct net *n, int i, const struct scsp_ev *ev)
{
	struct atm_req v[NET_OUT];
	struct atm_out out = { .v = v, .cap = NET_OUT };
	const char *bad;

	(void)scsp_step(n->s[i], n->now, ev, &out);
	for (size_t k = 0; k < out.n; k++)
		net_request(n, i, &v[k]);
	bad = scsp_check(n->s[i]);
	if (bad != NULL)
		fail_msg("server %d: %s", i, bad);
}

static inline void
net_arrive(struct net *n, const struct net_ev *e)
{
	struct net_vc *v = e->vc;
	struct net_ev *a;
	int from = e->to, to = net_node(n, &e->ind.peer), i = 0;
	bool ok = to >= 0 && n->s[to] != NULL && !n->cut[from][to];

	if (!v->live || v->root != from || v->ref != e->ind.ref)
		return;
	a = net_post(n, from, net_later(n, &v->last), ok ? ATM_ACK
	    : ATM_RQFAILED);
	a->ind.ref = v->ref;
	a->ind.rq = e->ind.rq;
	a->ind.peer = e->ind.peer;
	a->ind.cause = ok ? 0 : ATM_CAUSE_NO_ROUTE;
	if (!ok) {
		v->live = e->ind.rq == ATM_MULTI_ADD;
		return;
	}
	while (i < v->leaves && v->leaf[i].up)
		i++;
	assert_true(i < NET_MAX);
	v->leaves += i == v->leaves;
	v->leaf[i] = (struct net_leaf){ to, ATM_REF_REMOTE + ++n->ref, n->now,
		true };
	net_step(n, to, &(struct scsp_ev){ .kind = SCSP_IND,
	    .ind = &(struct atm_ind){ .kind = ATM_REMOTE_CALL,
		.ref = ATM_REF_REMOTE + n->ref, .leaf = v->multi,
		.peer = net_addr(from) } });
}

static inline struct mtime
net_deadline(const struct net *n, int *who)
{
	struct mtime t = MTIME_NEVER;

	for (int i = 0; i < n->n; i++)
		if (n->s[i] != NULL && scsp_deadline(n->s[i]).us < t.us) {
			t = scsp_deadline(n->s[i]);
			*who = i;
		}
	return t;
}

/* net_once does the next thing not after |until|; false: there is none. */
static inline bool
net_once(struct net *n, struct mtime until)
{
	int who = 0;
	struct mtime due = net_deadline(n, &who);
	struct net_ev e;

	if (n->evs == 0 || n->ev[0].t.us > due.us) {
		if (due.us > until.us)
			return false;
		n->now = due.us > n->now.us ? due : n->now;
		net_step(n, who, &(struct scsp_ev){ .kind = SCSP_TIMER });
		return true;
	}
	if (n->ev[0].t.us > until.us)
		return false;
	e = net_take(n);
	n->now = e.t.us > n->now.us ? e.t : n->now;
	if (n->s[e.to] != NULL && n->life[e.to] == e.life) {
		if (e.call)
			net_arrive(n, &e);
		else
			net_step(n, e.to, &(struct scsp_ev){ .kind = SCSP_IND,
			    .ind = &e.ind });
	}
	frame_unref(e.ind.frame);
	return true;
}

static inline void
net_run(struct net *n, struct mspan d)
{
	struct mtime until = mtime_add(n->now, d);
	long steps = 0;

	while (net_once(n, until))
		assert_true(++steps < 20000000);
	n->now = until;
}

#endif
