/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The emulated world: virtual time, and one thing at a time out of it.
 *
 * Invariant: everything that will happen is in the queue, in the broadcast
 * being handed out (|cast|), or in an armed timer of a port that is hung or
 * down.  Nothing happens but in sim_submit, in the verbs of sim.h and in
 * sim_next, so two worlds that were asked the same do the same.
 */
#include "marsh/sim/sim.h"

#include <assert.h>
#include <string.h>

#include "marsh/base/err.h"
#include "marsh/base/frame.h"
#include "sim_int.h"

/* Failures that can be told even when there is no memory left. */
#define FAIL_RESERVE 256

void
sim_defaults(struct sim_cfg *cfg)
{
	*cfg = (struct sim_cfg){
		.seed = 1,
		.start = { 10000 * INT64_C(1000000) },
		.delay = MSPAN_MS(1),
		.vc_max = 1000000,
		.leaf_max = 32767,
		.uni = 31,
	};
}

static void
net_submit(struct atm_net *n, atm_port port, const struct atm_req *rq)
{
	struct sim *s = SIM_OF(sim, net, n);
	struct sim_port *p = sim_port_get(s, port);

	if (p == NULL || !p->attached || p->down) {
		s->stats.ignored++;
		frame_unref(rq->frame);
		return;
	}
	if (rq->kind == ATM_SEND)
		sim_submit_send(s, p, rq);
	else
		sim_submit_signal(s, p, rq);
}

static bool
fire(struct sim *s, struct sim_qev *q, struct atm_ev *ev)
{
	switch ((enum sim_ev_kind)q->kind) {
	case SIM_EV_TIMER:
		return sim_port_timer(s, SIM_OF(sim_port, timer, q), ev);
	case SIM_EV_CALL:
		return sim_leaf_call(s, SIM_OF(sim_leaf, call, q), ev);
	case SIM_EV_DOWN:
		return sim_leaf_down(s, SIM_OF(sim_leaf, down, q), ev);
	case SIM_EV_UP:
		return sim_leaf_up(s, SIM_OF(sim_leaf, up, q), ev);
	case SIM_EV_FRAME:
		return sim_job_frame(s, SIM_OF(sim_job, q, q), ev);
	case SIM_EV_CAST:
		s->cast = SIM_OF(sim_job, q, q);
		s->cast->n = s->cast->vc->slots;
		return sim_job_cast(s, ev);
	case SIM_EV_FAIL:
		return sim_fail_fire(s, SIM_OF(sim_fail, q, q), ev);
	}
	return false;
}

static int
net_next(struct atm_net *n, struct mtime until, struct atm_ev *ev)
{
	struct sim *s = SIM_OF(sim, net, n);
	struct sim_qev *q;

	if (s->held != NULL) {
		frame_unref(s->held);
		s->held = NULL;
	}
	if (s->now.us > until.us)
		return 0;
	if (s->cast != NULL && sim_job_cast(s, ev)) {
		s->stats.events++;
		return 1;
	}
	while ((q = sim_queue_pop(&s->queue, until.us)) != NULL) {
		s->now.us = q->t;
		if (fire(s, q, ev)) {
			s->stats.events++;
			return 1;
		}
	}
	/* Running until never must not make every later moment the past. */
	if (!mtime_is_never(until))
		s->now = until;
	return 0;
}

static struct mtime
net_now(const struct atm_net *n)
{
	/* |net| is the first member. */
	return ((const struct sim *)(const void *)n)->now;
}

static void
free_vcs(struct sim *s)
{
	struct sim_leaf *l;
	struct sim_vc *vc;

	for (size_t i = 0; i < s->vcs; i++) {
		vc = s->vc[i].vc;
		if (vc == NULL)
			continue;
		for (l = vc->first; l != NULL; l = l->next)
			l->jobs = 0;
		sim_vc_free(s, vc);
	}
}

static void
free_frames(struct sim *s)
{
	struct sim_qev *q;

	while ((q = sim_queue_pop(&s->queue, INT64_MAX)) != NULL)
		if (q->kind == SIM_EV_FRAME || q->kind == SIM_EV_CAST)
			frame_unref(SIM_OF(sim_job, q, q)->frame);
	if (s->cast != NULL)
		frame_unref(s->cast->frame);
	frame_unref(s->held);
}

static void
net_close(struct atm_net *n)
{
	struct sim *s = SIM_OF(sim, net, n);
	const struct mem *mem = s->mem;

	free_frames(s);
	free_vcs(s);
	for (size_t i = 0; i < s->ports; i++)
		mem_free(mem, s->port[i], sizeof(*s->port[i]));
	mem_free(mem, s->port, s->port_cap * sizeof(struct sim_port *));
	mem_free(mem, s->mute, s->mute_cap);
	mem_free(mem, s->vc, s->vc_cap * sizeof(*s->vc));
	sim_topo_free(s);
	tab_free(&s->by_addr);
	tab_free(&s->by_ref);
	tab_free(&s->by_leaf);
	tab_free(&s->by_pair);
	sim_pool_free(&s->pool_vc);
	sim_pool_free(&s->pool_leaf);
	sim_pool_free(&s->pool_job);
	sim_pool_free(&s->pool_fail);
	sim_pool_free(&s->pool_cut);
	mem_free(mem, s, sizeof(*s));
}

static const struct atm_net_ops ops = {
	.attach = sim_net_attach,
	.detach = sim_net_detach,
	.submit = net_submit,
	.timer = sim_net_timer,
	.next = net_next,
	.now = net_now,
	.close = net_close,
	.down = sim_net_down,
	.up = sim_net_up,
	.hang = sim_net_hang,
	.watch = sim_net_watch,
	.next_vc = sim_net_next_vc,
	.vc_leaf = sim_net_vc_leaf,
	.vc_id = sim_net_vc_id,
	.port_vcs = sim_net_port_vcs,
	.stats = sim_net_stats,
	.check = sim_net_check,
};

struct sim *
sim_new(const struct sim_cfg *cfg, const struct mem *mem)
{
	struct sim *s = mem_alloc(mem, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->net.ops = &ops;
	s->mem = mem;
	assert(cfg->start.us >= 0);
	s->cfg = *cfg;
	s->cfg.delay.us = sim_span(cfg->delay);
	s->cfg.jitter.us = sim_span(cfg->jitter);
	s->now = cfg->start;
	rng_seed(&s->rng, cfg->seed);
	sim_queue_init(&s->queue, s->now.us);
	sim_pool_init(&s->pool_vc, mem, sizeof(struct sim_vc));
	sim_pool_init(&s->pool_leaf, mem, sizeof(struct sim_leaf));
	sim_pool_init(&s->pool_job, mem, sizeof(struct sim_job));
	sim_pool_init(&s->pool_fail, mem, sizeof(struct sim_fail));
	sim_pool_init(&s->pool_cut, mem, sizeof(struct sim_cut));
	if (tab_init(&s->by_addr, mem) == 0
	    && tab_init(&s->by_ref, mem) == 0
	    && tab_init(&s->by_leaf, mem) == 0
	    && tab_init(&s->by_pair, mem) == 0
	    && sim_pool_reserve(&s->pool_fail, FAIL_RESERVE) == 0
	    && sim_topo_init(s) == 0 && sim_port_zero(s) == 0)
		return s;
	net_close(&s->net);
	return NULL;
}

struct atm_net *
sim_net(struct sim *s)
{
	return &s->net;
}

const struct atm_net_stats *
sim_stats(const struct sim *s)
{
	return &s->stats;
}

void
sim_watch_set(struct sim *s, const struct atm_watch *w)
{
	s->watch = *w;
}

/* sim_watch_vc tells the watcher what happened; |leaf| may be NULL. */
void
sim_watch_vc(struct sim *s, enum atm_vc_what what, struct sim_vc *vc,
    const struct sim_leaf *leaf, unsigned cause)
{
	if (s->watch.vc == NULL)
		return;
	s->watch.vc(s->watch.ctx, s->now, what, vc->id, vc->use,
	    vc->root.port, leaf != NULL ? leaf->end.port : 0,
	    leaf != NULL ? &leaf->addr : NULL, cause);
}

/* UNI 3.0 has no cause 16: a call that ends well ends with 31 there. */
unsigned
sim_normal(const struct sim *s, unsigned cause)
{
	if (cause != 0)
		return cause;
	return s->cfg.uni == 30 ? ATM_CAUSE_UNSPECIFIED : ATM_CAUSE_NORMAL;
}

/* sim_span returns |d| cut to what a delay can be. */
int64_t
sim_span(struct mspan d)
{
	if (d.us < 0)
		return 0;
	return d.us < SIM_SPAN_MAX ? d.us : SIM_SPAN_MAX;
}
