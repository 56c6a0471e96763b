/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Between an engine and the network: an indication becomes an event of the
 * engine, its requests are carried out in order, its deadline becomes the
 * port's timer, and everything sent, received or done to a VC is logged.
 */
#include "node/world_int.h"

#include <assert.h>
#include <string.h>

#include "marsh/base/err.h"

/* ---- VCs as the network reports them ----------------------------------- */

static struct vc_seen *
vc_seen(struct world *w, uint32_t vc)
{
	void *vec = w->vc;
	size_t old = w->vc_cap;

	if (vc >= w->vc_cap) {
		if (mem_grow(w->mem, &vec, &w->vc_cap, (size_t)vc + 1,
			sizeof(*w->vc)) != 0)
			return NULL;
		w->vc = vec;
		memset(w->vc + old, 0, (w->vc_cap - old) * sizeof(*w->vc));
	}
	return &w->vc[vc];
}

/* The far end of a pt-pt VC as seen from |me|; 0 for a pt-mpt VC's root. */
static node_id
vc_peer(const struct world *w, uint32_t vc, node_id me)
{
	const struct vc_seen *s;

	if (vc == 0 || vc >= w->vc_cap)
		return 0;
	s = &w->vc[vc];
	if (s->multi)
		return s->root == me ? 0 : s->root;
	return s->root == me ? s->leaf : s->root;
}

/* Of a MARS's VCs the use tells; others are looked up. */
static bool
is_multi(const struct world *w, uint32_t vc, unsigned use)
{
	struct atm_vc_info info;

	if (use != ATM_USE_SCSP && use != ATM_USE_RAW)
		return use == ATM_USE_CCVC || use == ATM_USE_SCVC
		    || use == ATM_USE_DATA;
	return atm_net_next_vc(w->net, vc - 1, &info) && info.id == vc
	    && info.multi;
}

void
world_vc_event(void *ctx, struct mtime now, enum atm_vc_what what, uint32_t vc,
    unsigned use, atm_port root, atm_port leaf,
    const struct atm_addr *leaf_addr, unsigned cause)
{
	static const char *const words[] = { "open", "add", "drop", "release",
		"fail" };
	struct world *w = ctx;
	struct vc_seen *s = vc != 0 ? vc_seen(w, vc) : NULL;
	struct log_rec r = { .kind = TRACE_VC, .use = (uint8_t)use, .vc = vc,
		.cause = (uint16_t)cause, .what = words[what],
		.node = node_of_port(w, root), .peer = node_of_port(w, leaf) };

	(void)now;
	if (r.peer == 0 && leaf_addr != NULL)
		r.peer = world_find_addr(w, leaf_addr);
	if (s != NULL && what == ATM_VC_OPEN) {
		s->root = r.node;
		s->leaf = r.peer;
		s->use = r.use;
		s->multi = s->multi || is_multi(w, vc, use);
		if (s->multi && (use == ATM_USE_SCSP || use == ATM_USE_RAW))
			r.flags = LOG_MULTI;
	}
	world_log_add(w, &r);
}

/* ---- requests out ------------------------------------------------------ */

static void
log_frame(struct world *w, struct node *n, enum trace_kind kind,
    const struct peek *p, uint32_t vc)
{
	struct log_rec r = p->rec;

	r.kind = (uint8_t)kind;
	r.node = n->id;
	r.vc = vc;
	r.use = vc < w->vc_cap ? w->vc[vc].use : 0;
	r.peer = vc_peer(w, r.vc, n->id);
	world_log_add(w, &r);
}

/* What a VC is, is known when it is asked for, and needed when it opens. */
static void
note_multi(struct world *w, struct node *n, atm_ref ref)
{
	uint32_t id = ref != 0 ? atm_net_vc_id(w->net, n->port, ref) : 0;
	struct vc_seen *s = id != 0 ? vc_seen(w, id) : NULL;

	if (s != NULL)
		s->multi = true;
}

void
node_carry_out(struct world *w, struct node *n)
{
	atm_ref multi;

	for (size_t i = 0; i < w->out.n; i++) {
		struct atm_req *rq = &w->out.v[i];

		if (rq->kind == ATM_SEND)
			log_frame(w, n, TRACE_SEND,
			    world_peek(w, PEEK_OUT, rq->frame),
			    atm_net_vc_id(w->net, n->port, rq->ref));
		multi = rq->kind == ATM_MULTI_RQ ? rq->ref : 0;
		atm_net_submit(w->net, n->port, rq);
		note_multi(w, n, multi);
	}
	w->out.n = 0;
}

static struct mtime
deadline(const struct node *n)
{
	switch (n->kind) {
	case NODE_SERVER:
		return mars_server_deadline(n->server);
	case NODE_CLIENT:
		return mars_client_deadline(n->client);
	case NODE_SCSP:
		return scsp_node_deadline(n);
	default:
		return MTIME_NEVER;
	}
}

void
node_arm(struct world *w, struct node *n)
{
	struct mtime d = MTIME_NEVER;

	if (n->state == NODE_UP)
		d = deadline(n);
	if (d.us == n->armed.us)
		return;
	n->armed = d;
	atm_net_timer(w->net, n->port, d);
}

int
node_step_server(struct world *w, struct node *n,
    const struct mars_server_ev *ev)
{
	int rv;

	assert(w->out.n == 0);
	rv = mars_server_step(n->server, atm_net_now(w->net), ev, &w->out);
	node_carry_out(w, n);
	node_arm(w, n);
	return rv;
}

int
node_step_client(struct world *w, struct node *n,
    const struct mars_client_ev *ev)
{
	struct mars_client_up up = { 0 };
	int rv;

	assert(w->out.n == 0);
	rv = mars_client_step(n->client, atm_net_now(w->net), ev, &w->out, &up);
	if (up.packet != NULL)
		flow_receive(w, n, &up);
	node_carry_out(w, n);
	node_arm(w, n);
	return rv;
}

int
node_step_scsp(struct world *w, struct node *n, const struct scsp_ev *ev)
{
	int rv;

	assert(w->out.n == 0);
	rv = scsp_node_step(w, n, ev, &w->out);
	node_carry_out(w, n);
	node_arm(w, n);
	return rv;
}

/* ---- indications in ---------------------------------------------------- */

static void
event_server(struct world *w, struct node *n, const struct atm_ev *ev,
    const struct peek *p)
{
	struct mars_server_ev e = { .ind = &ev->ind };

	e.kind = ev->timer ? MARS_SERVER_TIMER : MARS_SERVER_IND;
	if (p != NULL && p->mars) {
		e.kind = MARS_SERVER_MSG;
		e.msg = &p->msg;
	}
	(void)node_step_server(w, n, &e);
}

static void
event_client(struct world *w, struct node *n, const struct atm_ev *ev,
    const struct peek *p)
{
	struct mars_client_ev e = { .ind = &ev->ind };

	e.kind = ev->timer ? MARS_CLIENT_TIMER : MARS_CLIENT_IND;
	if (p != NULL && p->mars) {
		e.kind = MARS_CLIENT_MSG;
		e.msg = &p->msg;
		/* An own JOIN or LEAVE come back may have changed who is a
		 * member for the accounts of flows. */
		if (p->src == n->id)
			w->joined_version++;
	}
	(void)node_step_client(w, n, &e);
}

static void
event_scsp(struct world *w, struct node *n, const struct atm_ev *ev)
{
	struct scsp_ev e = { .ind = &ev->ind };

	e.kind = ev->timer ? SCSP_TIMER : SCSP_IND;
	(void)node_step_scsp(w, n, &e);
}

void
node_event(struct world *w, struct node *n, const struct atm_ev *ev)
{
	const struct peek *p = NULL;

	if (n->state != NODE_UP)
		return;
	if (ev->timer)
		n->armed = MTIME_NEVER;
	else if (ev->ind.kind == ATM_DATA) {
		p = world_peek(w, PEEK_IN, ev->ind.frame);
		log_frame(w, n, TRACE_RECV, p, ev->vc);
	}
	switch (n->kind) {
	case NODE_SERVER:
		event_server(w, n, ev, p);
		break;
	case NODE_CLIENT:
		event_client(w, n, ev, p);
		break;
	case NODE_SCSP:
		event_scsp(w, n, ev);
		break;
	default:
		if (!ev->timer)
			raw_node_ind(w, n, &ev->ind);
	}
}
