/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A world's life and clock: one loop takes the next event of the network,
 * hands it to the node it is for, and then lets hooks look at what happened.
 * Hooks never run inside an engine step, so that a script may use any verb.
 */
#include "node/world_int.h"

#include <assert.h>
#include <string.h>

#include "marsh/base/err.h"

/* An ICD prefix as in RFC 2022's time, then a vendor's part of an ESI. */
static const uint8_t prefix[WORLD_PREFIX] = { 0x47, 0x00, 0x05, 0x80, 0xff,
	0xe1, 0x00, 0x00, 0x00, 0xf2, 0x1a, 0x26, 0xd8, 0x00, 0x20, 0x48 };

void
world_defaults(struct world_cfg *cfg)
{
	memset(cfg, 0, sizeof(*cfg));
	sim_defaults(&cfg->sim);
	memcpy(cfg->prefix, prefix, sizeof(prefix));
	cfg->log_max = 1 << 18;
}

struct world *
world_new_on(const struct world_cfg *cfg, struct atm_net *net,
    const struct mem *mem)
{
	struct world *w = mem_alloc(mem, sizeof(*w));

	if (w == NULL) {
		atm_net_close(net);
		return NULL;
	}
	w->mem = mem;
	w->cfg = *cfg;
	w->net = net;
	w->start = atm_net_now(net);
	rng_seed(&w->rng, cfg->sim.seed ^ 0x6d61727368u);
	w->log = log_new(mem, cfg->log_max);
	w->out.v = mem_alloc(mem, OUT_CAP * sizeof(*w->out.v));
	w->out.cap = OUT_CAP;
	if (w->log == NULL || w->out.v == NULL) {
		world_free(w);
		return NULL;
	}
	fault_watch(w);
	return w;
}

struct world *
world_new(const struct world_cfg *cfg, const struct mem *mem)
{
	struct sim *s = sim_new(&cfg->sim, mem);
	struct world *w;

	if (s == NULL)
		return NULL;
	w = world_new_on(cfg, sim_net(s), mem);
	if (w != NULL)
		w->sim = s;
	return w;
}

static void
node_free(struct world *w, struct node *n)
{
	mars_server_free(n->server);
	mars_client_free(n->client);
	scsp_node_free(w, n);
	raw_node_free(w, n);
	mem_free(w->mem, n->list, n->list_n * sizeof(*n->list));
	mem_free(w->mem, n->joins, n->joins_cap * sizeof(*n->joins));
	mem_free(w->mem, n, sizeof(*n));
}

void
world_free(struct world *w)
{
	const struct mem *m;

	if (w == NULL)
		return;
	m = w->mem;
	(void)world_capture(w, NULL);
	for (size_t i = 0; i < w->nodes; i++)
		node_free(w, w->node[i]);
	flow_free_all(w);
	heard_free(w);
	fault_free_all(w);
	world_peek_forget(w);
	atm_net_watch(w->net, &(struct atm_watch){ 0 });
	atm_net_close(w->net);
	capture_free(w);
	log_free(w->log);
	mem_free(m, w->out.v, OUT_CAP * sizeof(*w->out.v));
	mem_free(m, w->node, w->node_cap * sizeof(*w->node));
	mem_free(m, w->by_port, w->by_port_cap * sizeof(*w->by_port));
	mem_free(m, w->name_slot, w->name_slots * sizeof(*w->name_slot));
	mem_free(m, w->addr_slot, w->addr_slots * sizeof(*w->addr_slot));
	mem_free(m, w->vc, w->vc_cap * sizeof(*w->vc));
	mem_free(m, w->pending, w->pending_cap * sizeof(*w->pending));
	mem_free(m, w->timer, w->timer_cap * sizeof(*w->timer));
	mem_free(m, w, sizeof(*w));
}

struct mtime
world_now(const struct world *w)
{
	return atm_net_now(w->net);
}

struct mtime
world_start(const struct world *w)
{
	return w->start;
}

uint64_t
world_seed(const struct world *w)
{
	return w->cfg.sim.seed;
}

struct log *
world_log(struct world *w)
{
	return w->log;
}

struct atm_net *
world_net(const struct world *w)
{
	return w->net;
}

int
world_fd(struct world *w)
{
	return atm_net_fd(w->net);
}

struct sim *
world_sim(struct world *w)
{
	return w->sim;
}

uint64_t
world_events(const struct world *w)
{
	return atm_net_stats(w->net)->events;
}

uint64_t
world_activity(const struct world *w)
{
	return w->activity;
}

void
world_stop(struct world *w)
{
	w->stop = 1;
	atm_net_wake(w->net);
}

void
world_hooks_set(struct world *w, const struct world_hooks *h)
{
	w->hooks = *h;
}

int
world_at(struct world *w, struct mtime t, uint64_t token)
{
	assert((token & TOKEN_FLOW) == 0);
	return world_timer_push(w, t, token);
}

/* ---- the log and the hooks that read it -------------------------------- */

#define OP_HELLO (LOG_SCSP + SCSP_HELLO)

static void
pend(struct world *w, const struct log_rec *r)
{
	void *vec = w->pending;

	if (mem_grow(w->mem, &vec, &w->pending_cap, w->pending_n + 1,
		sizeof(*w->pending)) != 0)
		return; /* the record stays in the log; the hook misses it */
	w->pending = vec;
	w->pending[w->pending_n++] = *r;
}

/* Upkeep that never ends must not count as activity, or no run is ever quiet. */
static bool
is_upkeep(const struct log_rec *r)
{
	switch (r->kind) {
	case TRACE_SEND:
	case TRACE_RECV:
		return r->op == MARS_REDIRECT_MAP || r->op == OP_HELLO
		    || (r->flags & LOG_DATA);
	case TRACE_VC:
		/* an SCSP server calls one that is down for ever */
		return r->use == ATM_USE_SCSP && r->what != NULL
		    && strcmp(r->what, "fail") == 0;
	case TRACE_MAP:
	case TRACE_DROP:
		return true;
	default:
		return false;
	}
}

void
world_log_add(struct world *w, struct log_rec *r)
{
	bool data = (r->flags & LOG_DATA) != 0;

	r->t = atm_net_now(w->net);
	log_add(w->log, r, !data || w->cfg.log_data);
	if (!is_upkeep(r))
		w->activity++;
	if (w->hooks.event != NULL && (w->hooks.mask >> r->kind & 1))
		pend(w, r);
}

void
world_note(struct world *w, enum trace_kind kind, node_id node,
    const char *what, node_id peer)
{
	struct log_rec r = { .kind = (uint8_t)kind, .node = node, .peer = peer,
		.what = what };

	world_log_add(w, &r);
}

void
world_dispatch(struct world *w)
{
	if (w->dispatching)
		return; /* a hook used a verb; the loop below goes on */
	w->dispatching = true;
	while (w->pending_at < w->pending_n) {
		struct log_rec r = w->pending[w->pending_at++];

		if (w->hooks.event != NULL)
			w->hooks.event(w->hooks.ctx, &r);
	}
	w->pending_at = w->pending_n = 0;
	w->dispatching = false;
}

/* ---- the loop ---------------------------------------------------------- */

/*
 * One timer a turn: whatever it does (a script's callback too) is seen by the
 * next turn, and the order is that of (time, making).
 */
static void
own_timer(struct world *w)
{
	uint64_t token;

	if (world_timer_pop(w, atm_net_now(w->net), &token)) {
		if (token & TOKEN_FLOW)
			flow_tick(w, token & ~TOKEN_FLOW);
		else if (w->hooks.timer != NULL)
			w->hooks.timer(w->hooks.ctx, token);
	}
	world_timer_arm(w);
}

int
world_step(struct world *w, struct mtime until)
{
	struct atm_ev ev;
	int rv = atm_net_next(w->net, until, &ev);

	if (rv <= 0)
		return rv;
	if (ev.port == 0)
		own_timer(w);
	else if (ev.port < w->by_port_cap && w->by_port[ev.port] != 0)
		node_event(w, world_node(w, w->by_port[ev.port]), &ev);
	if (w->pending_n != 0)
		world_dispatch(w);
	return 1;
}

int
world_run(struct world *w, struct mtime until)
{
	int rv;

	/* Real networks may be woken before the time has come. */
	do
		rv = w->stop ? 0 : world_step(w, until);
	while (!w->stop
	    && (rv > 0
		|| (rv == 0 && !mtime_is_never(until)
		    && world_now(w).us < until.us)));
	capture_flush(w);
	if (w->stop) {
		w->stop = 0;
		return MARSH_EINTERRUPTED;
	}
	return rv;
}
