/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An SCSP server as an engine: one event in, requests out.  This file makes it,
 * dispatches, and decides of every message whom it concerns (RFC 2334 section
 * 2.1 for the HFSM's gate, 2.2.3 and 2.3 for receiver IDs, B.3.1 for
 * signatures), before a state machine sees it.
 */
#include <assert.h>
#include <string.h>

#include "marsh/base/err.h"
#include "marsh/wire/snap.h"
#include "scsp_int.h"

void
scsp_defaults(struct scsp_cfg *cfg)
{
	*cfg = (struct scsp_cfg){ .ref_first = 1, .ref_last = 0x3fffffff,
		.mtu = SCSP_MTU };
}

/* Tables are allocated through here, so that their size is known. */
static void *
counted_resize(void *ctx, void *p, size_t old, size_t size)
{
	struct scsp *s = ctx;
	void *q = mem_resize(s->mem, p, old, size);

	if (q != NULL || size == 0)
		s->stats.memory += size - (p != NULL ? old : 0);
	return q;
}

struct scsp *
scsp_new(const struct scsp_cfg *cfg, const struct mem *mem,
    const struct trace *trace)
{
	struct scsp *s = mem_alloc(mem, sizeof(*s));

	assert(cfg->id.len != 0 && cfg->id.len <= SCSP_ID_MAX);
	assert(cfg->ref_first != 0 && cfg->ref_first <= cfg->ref_last);
	if (s == NULL)
		return NULL;
	s->cfg = *cfg;
	memcpy(s->id, cfg->id.p, cfg->id.len);
	s->cfg.id.p = s->id;
	s->mem = mem;
	s->counted = (struct mem){ counted_resize, s };
	s->trace = trace;
	rng_seed(&s->rng, cfg->seed);
	s->buf = mem_alloc(&s->counted, cfg->mtu);
	if (s->buf != NULL && tab_init(&s->vcs, &s->counted) == 0)
		return s;
	mem_free(&s->counted, s->buf, cfg->mtu);
	mem_free(mem, s, sizeof(*s));
	return NULL;
}

void
scsp_free(struct scsp *s)
{
	if (s == NULL)
		return;
	s->trace = NULL; /* what ends here does not happen to anybody */
	scsp_groups_free(s);
	scsp_links_free(s);
	tab_free(&s->vcs);
	mem_free(&s->counted, s->buf, s->cfg.mtu);
	assert(s->stats.memory == 0);
	mem_free(s->mem, s, sizeof(*s));
}

/* scsp_drop_it counts and traces what is not acted on; 0. */
int
scsp_drop_it(struct scsp *s, enum scsp_drop why, uint8_t type,
    const struct atm_addr *who)
{
	s->stats.drops[why]++;
	trace_emit(s->trace, s->now, &(struct trace_ev){ .kind = TRACE_DROP,
	    .op = type, .use = ATM_USE_SCSP, .who = who,
	    .what = scsp_drop_word(why) });
	return 0;
}

/*
 * scsp_same_id counts that another server has our ID, which ends by hand only
 * at first each time is an alarm, later fewer and fewer are.
 */
void
scsp_same_id(struct scsp *s, uint8_t type, const struct atm_addr *who)
{
	uint64_t n = s->stats.drops[SCSP_DROP_SAME_ID];

	(void)scsp_drop_it(s, SCSP_DROP_SAME_ID, type, who);
	if ((n & (n + 1)) == 0)
		trace_emit(s->trace, s->now, &(struct trace_ev){
		    .kind = TRACE_ALARM, .use = ATM_USE_SCSP, .who = who,
		    .what = "another server has our ID" });
}

/* ---- messages ----------------------------------------------------------- */

/* A message on its way to its state machine. */
struct rx {
	const struct scsp_vc *vc;
	const uint8_t *b;
	struct scsp_msg m;
	struct scsp_sg *g;
	struct scsp_dcs *d;
};

static int
drop(struct scsp *s, enum scsp_drop why, const struct rx *x)
{
	return scsp_drop_it(s, why, x->m.type, &x->vc->link->addr);
}

/*
 * malformed: abnormal for the HFSM it is about.  Where the checksum was good
 * that is the group's; else it is the only one that a pt-pt VC has.
 */
static int
malformed(struct scsp *s, const struct rx *x, enum scsp_bad bad)
{
	const struct scsp_link *l = x->vc->link;
	struct scsp_hello *h = l->hellos;

	s->stats.bad[bad]++;
	(void)drop(s, SCSP_DROP_MALFORMED, x);
	if (x->m.sender.len != 0) {
		struct scsp_sg *g = scsp_sg_find(s, x->m.pid, x->m.sgid);
		struct scsp_dcs *d = g != NULL ? scsp_dcs_at(l, g) : NULL;

		h = d != NULL ? d->h : NULL;
	} else if (x->vc->kind == SCSP_VC_LEAF || h->next != NULL) {
		h = NULL;
	}
	if (h != NULL && !(h->dcs->auth && h->dcs->g->cfg.auth_fail_drop))
		scsp_hello_abnormal(s, h, "malformed");
	return 0;
}

static bool
for_all(struct scsp_oct id)
{
	for (size_t i = 0; i < id.len; i++)
		if (id.p[i] != 0xff)
			return false;
	return id.len != 0;
}

static bool
for_us(const struct scsp *s, const struct scsp_msg *m)
{
	return scsp_oct_equal(m->receiver, s->cfg.id)
	    || (m->type == SCSP_CSU_REQ && for_all(m->receiver));
}

/* heard counts |x| as accepted. */
static void
heard(struct scsp *s, const struct rx *x)
{
	s->stats.rx[x->m.type]++;
	x->d->rx++;
	s->activity++;
}

/* csu handles what only Update Cache and Aligned take (SCSP-075, N5). */
static int
csu(struct scsp *s, const struct rx *x, struct atm_out *out)
{
	int err = 0;

	if (!scsp_open(x->d))
		return drop(s, SCSP_DROP_CA_STATE, x);
	heard(s, x);
	switch (x->m.type) {
	case SCSP_CSU_REQ:
		return scsp_csu_request(s, x->d, &x->m, out);
	case SCSP_CSU_REP:
		err = scsp_csu_reply(s, x->d, &x->m);
		break;
	default:
		scsp_csu_solicit(x->d, &x->m);
		break;
	}
	scsp_csu_settle(s, x->d);
	return err;
}

static int
directed(struct scsp *s, const struct rx *x, struct atm_out *out)
{
	if (!for_us(s, &x->m))
		return drop(s, SCSP_DROP_RECEIVER, x);
	if (x->d->h->state != SCSP_HELLO_BIDIRECTIONAL) /* SCSP-023 */
		return drop(s, SCSP_DROP_HELLO_STATE, x);
	if (!scsp_oct_equal(x->m.sender, scsp_dcs_id(x->d)))
		return drop(s, SCSP_DROP_SENDER, x);
	if (x->m.type != SCSP_CA)
		return csu(s, x, out);
	heard(s, x);
	return scsp_align_recv(s, x->d, &x->m, out);
}

/* of_family: a Hello may speak of any group of its family (SCSP-139). */
static struct scsp_dcs *
of_family(const struct rx *x)
{
	struct scsp_hello *h = x->vc->link->hellos;

	while (h != NULL && h->family != x->m.family)
		h = h->next;
	return h != NULL ? h->dcs : NULL;
}

static int
message(struct scsp *s, struct rx *x, struct atm_out *out)
{
	x->g = scsp_sg_find(s, x->m.pid, x->m.sgid);
	x->d = x->g != NULL ? scsp_dcs_at(x->vc->link, x->g) : NULL;
	if (x->d == NULL && x->m.type == SCSP_HELLO && x->m.family != 0
	    && (x->g == NULL || x->g->cfg.family != 0))
		x->d = of_family(x);
	if (x->d == NULL)
		return drop(s, x->g == NULL ? SCSP_DROP_GROUP
		    : SCSP_DROP_STRANGER, x);
	if (!scsp_sa_verify(x->d, x->b, &x->m)) {
		(void)drop(s, SCSP_DROP_AUTH, x);
		if (!x->d->g->cfg.auth_fail_drop) /* */
			scsp_hello_abnormal(s, x->d->h, "auth");
		return 0;
	}
	scsp_link_heard(s, x->vc);
	if (x->m.type != SCSP_HELLO)
		return directed(s, x, out);
	scsp_hello_recv(s, x->d->h, &x->m);
	return 0;
}

static int
on_data(struct scsp *s, const struct atm_ind *ind, struct atm_out *out)
{
	struct rx x = { .vc = scsp_vc_find(s, ind->ref) };
	struct scsp_decode_err err;
	struct snap snap;

	if (x.vc == NULL || x.vc->link == NULL || x.vc->link->hellos == NULL)
		return scsp_drop_it(s, SCSP_DROP_STRANGER, 0, NULL);
	if (snap_decode(ind->frame->bytes, ind->frame->len, &snap, NULL, NULL)
	    != 0 || snap.kind != SNAP_SCSP)
		return drop(s, SCSP_DROP_NOT_SCSP, &x);
	x.b = snap.body;
	if (scsp_decode(snap.body, snap.len, &x.m, &err) != 0)
		return malformed(s, &x, err.bad);
	return message(s, &x, out);
}

/* ---- events ------------------------------------------------------------- */

static int
on_root(struct scsp *s, struct scsp_sg *g, const struct atm_ind *ind)
{
	switch (ind->kind) {
	case ATM_ACK:
		scsp_multi_ack(s, g, ind);
		break;
	case ATM_RQFAILED:
		scsp_multi_failed(s, g, ind);
		break;
	case ATM_DROPPED:
		scsp_multi_dropped(s, g, ind);
		break;
	case ATM_RELEASED:
		scsp_multi_released(s, g);
		break;
	default:
		break;
	}
	return 0;
}

static int
on_ind(struct scsp *s, const struct atm_ind *ind, struct atm_out *out)
{
	struct scsp_vc *vc;

	if (ind->kind == ATM_DATA)
		return on_data(s, ind, out);
	if (ind->kind == ATM_REMOTE_CALL)
		return scsp_link_call(s, ind, out);
	vc = scsp_vc_find(s, ind->ref);
	if (vc == NULL)
		return 0;
	if (vc->kind == SCSP_VC_ROOT)
		return on_root(s, vc->g, ind);
	if (ind->kind == ATM_ACK)
		scsp_link_ack(s, vc);
	else if (ind->kind == ATM_RELEASED
	    || (ind->kind == ATM_RQFAILED && vc->kind == SCSP_VC_MINE))
		scsp_link_lost(s, vc);
	return 0;
}

static void
hello_timers(struct scsp *s, struct atm_out *out)
{
	for (struct scsp_link *l = s->links; l != NULL; l = l->next)
		for (struct scsp_hello *h = l->hellos; h != NULL; h = h->next)
			scsp_hello_timers(s, h, out);
}

static void
dcs_timers(struct scsp *s, struct scsp_dcs *d, struct atm_out *out)
{
	scsp_align_timer(s, d, out);
	scsp_csu_timer(s, d);
	scsp_csus_timer(s, d);
	if (mtime_reached(d->reply_due, s->now) && atm_out_room(out) != 0)
		scsp_csu_flush(s, d, out);
	scsp_csus_send(s, d, out);
}

/* run does whatever is due, as far as there is room in |out|. */
static void
run(struct scsp *s, struct atm_out *out)
{
	scsp_link_timers(s, out);
	for (size_t i = 0; i < s->sgs; i++)
		scsp_multi_timers(s, s->sg[i], out);
	hello_timers(s, out);
	for (size_t i = 0; i < s->sgs; i++) {
		struct scsp_sg *g = s->sg[i];

		scsp_cache_expire(g->cache, s->now);
		scsp_origin_timer(g);
		for (size_t k = 0; k < g->dcss; k++)
			dcs_timers(s, g->dcs[k], out);
		scsp_multi_pump(s, g, out);
		for (size_t k = 0; k < g->dcss; k++)
			scsp_csu_pump(s, g->dcs[k], out);
	}
}

static void
restart(struct scsp *s)
{
	for (size_t i = 0; i < s->sgs; i++)
		scsp_multi_released(s, s->sg[i]);
	scsp_link_restart(s);
}

int
scsp_step(struct scsp *s, struct mtime now, const struct scsp_ev *ev,
    struct atm_out *out)
{
	assert(atm_out_room(out) >= SCSP_OUT_MIN);
	s->now = now;
	switch (ev->kind) {
	case SCSP_IND:
		return on_ind(s, ev->ind, out);
	case SCSP_TIMER:
		run(s, out);
		break;
	case SCSP_RESTART:
		restart(s);
		break;
	}
	return 0;
}

static struct mtime
dcs_deadline(const struct scsp *s, const struct scsp_dcs *d)
{
	struct mtime t = mtime_min(d->ca_due, d->reply_due);
	bool work = scsp_csu_waits(d);

	if (!scsp_open(d))
		return t;
	work |= !d->soliciting && scsp_crl_count(d->crl) != 0;
	t = mtime_min(t, d->csus_due);
	t = mtime_min(t, scsp_queue_deadline(d->queue));
	t = mtime_min(t, scsp_queue_deadline(d->cast));
	return mtime_min(t, scsp_soon(s, work));
}

struct mtime
scsp_deadline(const struct scsp *s)
{
	struct mtime t = MTIME_NEVER;

	for (const struct scsp_link *l = s->links; l != NULL; l = l->next) {
		t = mtime_min(t, scsp_link_deadline(s, l));
		for (const struct scsp_hello *h = l->hellos; h; h = h->next)
			t = mtime_min(t, scsp_hello_deadline(h));
	}
	for (size_t i = 0; i < s->sgs; i++) {
		const struct scsp_sg *g = s->sg[i];

		t = mtime_min(t, scsp_cache_deadline(g->cache));
		t = mtime_min(t, scsp_origin_deadline(g));
		t = mtime_min(t, scsp_multi_deadline(g));
		for (size_t k = 0; k < g->dcss; k++)
			t = mtime_min(t, dcs_deadline(s, g->dcs[k]));
	}
	return t;
}
