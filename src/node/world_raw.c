/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A bare port: requests go out as they are asked for, indications wait in a
 * ring until they are taken.  The table of VCs only says what the network told;
 * nothing is refused because of it but references that are none.
 */
#include <string.h>

#include "marsh/base/err.h"
#include "node/world_int.h"

struct raw_node {
	struct raw_ind *q; /* ring of RAW_QUEUE */
	size_t at, n;
	uint64_t lost;
	struct raw_vc *vc;
	size_t vcs, vc_cap;
	atm_ref last;
};

int
world_add_raw(struct world *w, const char *name, const struct atm_addr *addr,
    node_id *id)
{
	struct node *n;
	int rv = world_make(w, name, NODE_RAW, addr, NULL, 0, &n);

	if (rv != 0)
		return rv;
	n->raw = mem_alloc(w->mem, sizeof(*n->raw));
	if (n->raw != NULL)
		n->raw->q = mem_alloc(w->mem, RAW_QUEUE * sizeof(*n->raw->q));
	if (n->raw == NULL || n->raw->q == NULL) {
		raw_node_free(w, n);
		world_unmake(w, n);
		return MARSH_ENOMEM;
	}
	world_enter(w, n, id);
	return 0;
}

static void
take(struct raw_node *x)
{
	frame_unref(x->q[x->at].ind.frame);
	x->at = (x->at + 1) % RAW_QUEUE;
	x->n--;
}

void
raw_node_forget(struct world *w, struct node *n)
{
	(void)w;
	while (n->raw->n > 0)
		take(n->raw);
	n->raw->vcs = 0;
}

void
raw_node_free(struct world *w, struct node *n)
{
	struct raw_node *x = n->raw;

	if (x == NULL)
		return;
	if (x->q != NULL)
		raw_node_forget(w, n);
	mem_free(w->mem, x->q, x->q != NULL ? RAW_QUEUE * sizeof(*x->q) : 0);
	mem_free(w->mem, x->vc, x->vc_cap * sizeof(*x->vc));
	mem_free(w->mem, x, sizeof(*x));
	n->raw = NULL;
}

/* ---- VCs ------------------------------------------------------------------ */

static struct raw_vc *
vc_find(struct raw_node *x, atm_ref ref)
{
	for (size_t i = 0; i < x->vcs; i++)
		if (x->vc[i].ref == ref)
			return &x->vc[i];
	return NULL;
}

static struct raw_vc *
vc_new(struct world *w, struct raw_node *x, atm_ref ref,
    const struct atm_addr *peer)
{
	void *vec = x->vc;

	if (mem_grow(w->mem, &vec, &x->vc_cap, x->vcs + 1, sizeof(*x->vc)) != 0)
		return NULL;
	x->vc = vec;
	x->vc[x->vcs] = (struct raw_vc){ .ref = ref, .peer = *peer };
	return &x->vc[x->vcs++];
}

static void
vc_gone(struct raw_node *x, struct raw_vc *vc)
{
	size_t i = (size_t)(vc - x->vc);

	x->vcs--;
	memmove(vc, vc + 1, (x->vcs - i) * sizeof(*vc));
}

static void
remote_call(struct world *w, struct node *n, const struct atm_ind *ind)
{
	struct raw_vc *vc = vc_new(w, n->raw, ind->ref, &ind->peer);
	struct atm_vc_info info;
	uint32_t id = atm_net_vc_id(w->net, n->port, ind->ref);

	if (vc == NULL)
		return;
	vc->state = RAW_UP;
	vc->leaf = ind->leaf;
	vc->remote = true;
	if (id != 0 && atm_net_next_vc(w->net, id - 1, &info)
	    && info.id == id)
		vc->use = (enum atm_use)info.use;
}

static void
track(struct world *w, struct node *n, const struct atm_ind *ind)
{
	struct raw_vc *vc = vc_find(n->raw, ind->ref);

	if (ind->kind == ATM_REMOTE_CALL && vc == NULL)
		remote_call(w, n, ind);
	if (vc == NULL)
		return;
	if (ind->kind == ATM_ACK) {
		vc->state = RAW_UP;
		vc->leaves++;
	} else if (ind->kind == ATM_DROPPED) {
		vc->leaves -= vc->leaves > 0;
	} else if (ind->kind == ATM_RELEASED || (ind->kind == ATM_RQFAILED
	    && ind->rq != ATM_MULTI_ADD))
		vc_gone(n->raw, vc);
}

/* ---- indications ------------------------------------------------------------ */

/* A frame has its own record; of the rest nothing else would tell the port. */
static void
note(struct world *w, struct node *n, const struct atm_ind *ind)
{
	struct log_rec r = { .kind = TRACE_STATE, .node = n->id,
		.what = "port", .to = atm_ind_word(ind->kind),
		.peer = world_find_addr(w, &ind->peer), .cause = ind->cause,
		.vc = atm_net_vc_id(w->net, n->port, ind->ref) };

	world_log_add(w, &r);
}

void
raw_node_ind(struct world *w, struct node *n, const struct atm_ind *ind)
{
	struct raw_node *x = n->raw;
	struct raw_ind *at;

	track(w, n, ind);
	if (x->n == RAW_QUEUE) {
		take(x);
		x->lost++;
	}
	at = &x->q[(x->at + x->n++) % RAW_QUEUE];
	*at = (struct raw_ind){ world_now(w), *ind };
	if (ind->kind == ATM_DATA)
		frame_ref(at->ind.frame);
	else {
		at->ind.frame = NULL;
		note(w, n, ind);
	}
}

/* ---- requests --------------------------------------------------------------- */

/* A reference of ours that is free; a script never uses up all of them. */
static atm_ref
new_ref(struct raw_node *x)
{
	do {
		x->last = (x->last + 1) & ~ATM_REF_REMOTE;
	} while (x->last == 0 || vc_find(x, x->last) != NULL);
	return x->last;
}

static void
submit(struct world *w, struct node *n)
{
	node_carry_out(w, n);
	world_dispatch(w);
}

static int
call(struct world *w, node_id id, const struct atm_addr *to, enum atm_use use,
    bool multi, atm_ref *ref)
{
	int rv;
	struct node *n = world_up(w, id, NODE_RAW, &rv);
	struct raw_vc *vc;
	struct atm_req *rq;

	if (n == NULL)
		return rv;
	*ref = new_ref(n->raw);
	vc = vc_new(w, n->raw, *ref, to);
	if (vc == NULL)
		return MARSH_ENOMEM;
	vc->use = use;
	vc->multi = multi;
	rq = atm_out_push(&w->out, multi ? ATM_MULTI_RQ : ATM_CALL_RQ, *ref);
	rq->use = (uint8_t)use;
	rq->dst = *to;
	submit(w, n);
	return 0;
}

int
node_raw_call(struct world *w, node_id n, const struct atm_addr *to,
    enum atm_use use, atm_ref *ref)
{
	return call(w, n, to, use, false, ref);
}

int
node_raw_multi(struct world *w, node_id n, const struct atm_addr *to,
    enum atm_use use, atm_ref *ref)
{
	return call(w, n, to, use, true, ref);
}

/* The port with its VC, or NULL with the reason in *|rv|. */
static struct node *
with_vc(struct world *w, node_id id, atm_ref ref, struct raw_vc **vc, int *rv)
{
	struct node *n = world_up(w, id, NODE_RAW, rv);

	if (n == NULL)
		return NULL;
	*vc = vc_find(n->raw, ref);
	*rv = *vc != NULL ? 0 : MARSH_ENOENT;
	return *vc != NULL ? n : NULL;
}

static int
leaf(struct world *w, node_id id, atm_ref ref, const struct atm_addr *to,
    enum atm_req_kind kind)
{
	int rv;
	struct raw_vc *vc;
	struct node *n = with_vc(w, id, ref, &vc, &rv);

	if (n == NULL)
		return rv;
	if (!vc->multi)
		return MARSH_EINVAL;
	if (kind == ATM_MULTI_DROP)
		vc->leaves -= vc->leaves > 0;
	atm_out_push(&w->out, kind, ref)->dst = *to;
	submit(w, n);
	return 0;
}

int
node_raw_add(struct world *w, node_id n, atm_ref ref,
    const struct atm_addr *to)
{
	return leaf(w, n, ref, to, ATM_MULTI_ADD);
}

int
node_raw_drop(struct world *w, node_id n, atm_ref ref,
    const struct atm_addr *to)
{
	return leaf(w, n, ref, to, ATM_MULTI_DROP);
}

int
node_raw_release(struct world *w, node_id id, atm_ref ref, unsigned cause)
{
	int rv;
	struct raw_vc *vc;
	struct node *n = with_vc(w, id, ref, &vc, &rv);

	if (n == NULL)
		return rv;
	vc_gone(n->raw, vc);
	atm_out_push(&w->out, ATM_RELEASE, ref)->cause = (uint16_t)cause;
	submit(w, n);
	return 0;
}

int
node_raw_send(struct world *w, node_id id, atm_ref ref, const void *bytes,
    size_t len)
{
	int rv;
	struct raw_vc *vc;
	struct node *n = with_vc(w, id, ref, &vc, &rv);
	struct frame *f;

	if (n == NULL)
		return rv;
	if (len == 0 || len > 65535)
		return MARSH_EINVAL;
	if (vc->state != RAW_UP)
		return MARSH_ESTATE;
	f = frame_copy(w->mem, bytes, len);
	if (f == NULL)
		return MARSH_ENOMEM;
	atm_out_push(&w->out, ATM_SEND, ref)->frame = f;
	submit(w, n);
	return 0;
}

/* ---- looking ---------------------------------------------------------------- */

static struct raw_node *
raw_of(const struct world *w, node_id n)
{
	return world_valid(w, n) ? world_node(w, n)->raw : NULL;
}

bool
node_raw_peek(const struct world *w, node_id n, size_t i, struct raw_ind *out)
{
	const struct raw_node *x = raw_of(w, n);

	if (x == NULL || i >= x->n)
		return false;
	*out = x->q[(x->at + i) % RAW_QUEUE];
	return true;
}

void
node_raw_take(struct world *w, node_id n)
{
	struct raw_node *x = raw_of(w, n);

	if (x != NULL && x->n > 0)
		take(x);
}

bool
node_raw_vc(const struct world *w, node_id n, size_t i, struct raw_vc *out)
{
	const struct raw_node *x = raw_of(w, n);

	if (x == NULL || i >= x->vcs || world_node(w, n)->state == NODE_DEAD
	    || world_node(w, n)->state == NODE_STOPPED)
		return false;
	*out = x->vc[i];
	return true;
}

uint64_t
node_raw_lost(const struct world *w, node_id n)
{
	const struct raw_node *x = raw_of(w, n);

	return x != NULL ? x->lost : 0;
}
