/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A cluster member (RFC 2022 section 5): birth, death, and the one step that
 * hands an event to its handler and then lets client_run ask the network for
 * what the handler left in the queues.
 *
 * Invariant: between steps |due| is when something must happen next, which is
 * "now" as long as requests are left over for want of room.
 */
#include "mars_client_int.h"

/* mars_client_defaults fills in Appendix E. */
void
mars_client_defaults(struct mars_client_cfg *cfg)
{
	*cfg = (struct mars_client_cfg){
		.pro = L3_PROTO_IPV4,
		.tries = 5,
		.mtu = MARS_MTU,
		.pending_max = 16,
#define X(field, def, lo, hi) .field = MSPAN_MS(def),
		MARS_CLIENT_KNOBS(X)
#undef X
	};
}

static void
timers_init(struct mars_client *c)
{
	c->state_t.kind = TMR_STATE;
	c->rejoin_t.kind = TMR_REJOIN;
	c->map_t.kind = TMR_MAP;
	c->parts_t.kind = TMR_PARTS;
	c->idle_t.kind = TMR_IDLE;
	c->blind_t.kind = TMR_BLIND;
	client_xact_init(&c->reg, XACT_REG);
	client_xact_init(&c->soft.x, XACT_SOFT);
	client_xact_init(&c->glist.x, XACT_GROUPLIST);
}

/* Room for the releases of a step that no path accounts for. */
#define REL_SLACK 32

static int
room_init(struct mars_client *c)
{
	size_t n = c->cfg.backups_n;
	void *rel = NULL;
	int rc;

	if (n > 0) {
		c->statics = mem_alloc(c->mem, n * sizeof(*c->statics));
		if (c->statics == NULL)
			return MARSH_ENOMEM;
		memcpy(c->statics, c->cfg.backups, n * sizeof(*c->statics));
	}
	c->cfg.backups = c->statics;
	if ((rc = client_tmr_reserve(c, 9)) != 0)
		return rc;
	rc = mem_grow(c->mem, &rel, &c->rel_cap, REL_SLACK, sizeof(*c->rel));
	c->rel = rel;
	return rc != 0 ? rc : client_list_init(c);
}

/* No timer leaves the bounds of Appendix E. */
static void
clamp(struct mars_client_cfg *cfg)
{
#define X(field, def, lo, hi)                                                  \
	if (cfg->field.us < MSPAN_MS(lo).us)                                   \
		cfg->field = MSPAN_MS(lo);                                     \
	if ((hi) != 0 && cfg->field.us > MSPAN_MS(hi).us)                      \
		cfg->field = MSPAN_MS(hi);
	MARS_CLIENT_KNOBS(X)
#undef X
#define ORDER(lo, hi)                                                          \
	if (cfg->hi.us < cfg->lo.us)                                           \
		cfg->hi = cfg->lo;
	ORDER(nak_lo, nak_hi)
	ORDER(leaf_retry_lo, leaf_retry_hi)
	ORDER(reval_lo, reval_hi)
	ORDER(rereg_lo, rereg_hi)
	ORDER(rejoin_lo, rejoin_hi)
#undef ORDER
	if (cfg->pending_max == 0)
		cfg->pending_max = 1;
}

/* mars_client_new makes an idle client of the MARS that |cfg| names. */
struct mars_client *
mars_client_new(const struct mars_client_cfg *cfg, const struct mem *mem,
    const struct trace *trace)
{
	struct mars_client *c = mem_alloc(mem, sizeof(*c));

	if (c == NULL)
		return NULL;
	c->mem = mem;
	c->trace = trace;
	c->cfg = *cfg;
	clamp(&c->cfg);
	c->pro = cfg->pro;
	c->mars = cfg->mars;
	c->due = c->failed_at = MTIME_NEVER;
	c->ans_rc = c->gans_rc = MARSH_ESTATE;
	rng_seed(&c->rng, cfg->seed);
	timers_init(c);
	if (room_init(c) != 0) {
		mars_client_free(c);
		return NULL;
	}
	return c;
}

/* mars_client_free gives everything back. */
void
mars_client_free(struct mars_client *c)
{
	const struct mem *m;

	if (c == NULL)
		return;
	m = c->mem;
	while (c->paths_n > 0)
		client_path_free(c, c->paths[c->paths_n - 1]);
	client_rx_clear(c);
	client_parts_reset(c, &c->map, sizeof(struct atm_addr));
	client_parts_reset(c, &c->glist.parts, sizeof(struct l3_addr));
	mem_free(m, c->joins.v, c->joins.cap * sizeof(*c->joins.v));
	mem_free(m, c->leaves.v, c->leaves.cap * sizeof(*c->leaves.v));
	mem_free(m, c->blocks.v, c->blocks.cap * sizeof(*c->blocks.v));
	mem_free(m, c->paths, c->paths_cap * sizeof(*c->paths));
	mem_free(m, c->vcs, c->vcs_cap * sizeof(*c->vcs));
	mem_free(m, c->trees, c->trees_cap * sizeof(*c->trees));
	mem_free(m, c->rel, c->rel_cap * sizeof(*c->rel));
	mem_free(m, c->ans, c->ans_cap * sizeof(*c->ans));
	mem_free(m, c->gans, c->gans_cap * sizeof(*c->gans));
	mem_free(m, c->list, c->list_cap * sizeof(*c->list));
	mem_free(m, c->statics, c->cfg.backups_n * sizeof(*c->statics));
	mem_free(m, c->heap, c->heap_cap * sizeof(*c->heap));
	mem_free(m, c, sizeof(*c));
}

/* client_drop counts and traces what went nowhere. */
void
client_drop(struct mars_client *c, struct mtime now, unsigned op,
    enum mars_client_drop why)
{
	c->stats.drops[why]++;
	trace_emit(c->trace, now, &(struct trace_ev){ .kind = TRACE_DROP,
	    .op = (uint8_t)op, .what = mars_client_drop_word(why) });
}

/*
 * The VC to the MARS is released after an idle period (section 5).  Use only
 * notes the time; the timer looks how long ago that was.
 */
static void
idle_due(struct mars_client *c, struct mtime now)
{
	struct mtime end = mtime_add(c->pp_used, c->cfg.mars_idle);

	if (c->pp.st != PP_UP || c->state != MARS_CLIENT_REGISTERED)
		return;
	if (!mtime_reached(end, now))
		client_tmr_arm(c, &c->idle_t, end);
	else
		client_pp_close(c);
}

static void
fire(struct mars_client *c, struct mtime now, struct tmr *t)
{
#define OWNER(type, member) \
	((struct type *)(void *)((char *)t - offsetof(struct type, member)))
	switch ((enum tmr_kind)t->kind) {
	case TMR_STATE: client_reg_timer(c, now); break;
	case TMR_XACT: client_xact_due(c, now, OWNER(xact, t)); break;
	case TMR_REJOIN: client_rx_rejoin_due(c, now); break;
	case TMR_MAP: client_map_silence(c, now); break;
	case TMR_PARTS: client_map_drop_parts(c, now); break;
	case TMR_IDLE: idle_due(c, now); break;
	case TMR_BLIND: client_untrouble(c, now); break;
	case TMR_PATH: client_path_timer(c, now, OWNER(path, t)); break;
	case TMR_REVAL: client_reval_due(c, now, OWNER(path, reval_t)); break;
	case TMR_LEAF: client_leaf_due(c, now, OWNER(leaf, t)); break;
	}
#undef OWNER
}

/* A bounded number a step; what is left is due at once. */
static void
timers(struct mars_client *c, struct mtime now)
{
	struct tmr *t;

	for (int i = 0; i < 256 && (t = client_tmr_due(c, now)) != NULL; i++)
		fire(c, now, t);
}

static int
command(struct mars_client *c, struct mtime now,
    const struct mars_client_ev *ev, struct atm_out *out)
{
	switch (ev->kind) {
	case MARS_CLIENT_REGISTER: return client_register(c, now);
	case MARS_CLIENT_DEREGISTER: return client_deregister(c, now);
	case MARS_CLIENT_JOIN: return client_join(c, &ev->range, ev->layer3);
	case MARS_CLIENT_LEAVE: return client_leave(c, &ev->range);
	case MARS_CLIENT_SEND: return client_send(c, now, ev, out);
	case MARS_CLIENT_REQUEST:
		return client_path_request(c, now, &ev->range.min);
	case MARS_CLIENT_GROUPLIST: return client_glist(c, &ev->range);
	case MARS_CLIENT_CLOSE:
		return client_path_shut(c, now, &ev->range.min);
	case MARS_CLIENT_BLIND:
		c->blind_until = ev->until;
		if (c->troubled && !c->soft.on)
			client_tmr_arm(c, &c->blind_t, ev->until);
		return 0;
	default: return MARSH_EINVAL;
	}
}

/* mars_client_step: see the header. */
int
mars_client_step(struct mars_client *c, struct mtime now,
    const struct mars_client_ev *ev, struct atm_out *out,
    struct mars_client_up *up)
{
	struct mars_client_up none;
	int rc = 0;

	assert(atm_out_room(out) >= MARS_CLIENT_OUT_MIN);
	if (up == NULL)
		up = &none;
	*up = (struct mars_client_up){ 0 };
	if (ev->kind == MARS_CLIENT_MSG && client_msg_quick(c, now, ev))
		return 0;
	if (ev->kind == MARS_CLIENT_MSG)
		rc = client_msg(c, now, ev->ind->ref, ev->msg);
	else if (ev->kind == MARS_CLIENT_TIMER)
		timers(c, now);
	else if (ev->kind != MARS_CLIENT_IND)
		rc = command(c, now, ev, out);
	else if (ev->ind->kind == ATM_DATA)
		rc = client_receive(c, now, ev->ind, up);
	else
		rc = client_ind(c, now, ev->ind);
	client_run(c, now, out);
	c->due = c->heap_n > 0 ? c->heap[0]->at : MTIME_NEVER;
	if (c->backlog)
		c->due = mtime_min(c->due, now);
	return rc;
}

/* mars_client_deadline returns when a TIMER event is due. */
struct mtime
mars_client_deadline(const struct mars_client *c)
{
	return c->due;
}
