/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registration and the reaction to MARS problems: RFC 2022 sections 5.2.3,
 * 5.4.1 and 5.4.2 as one table.  tau precedes every attempt of a recovery, the
 * first backup's included; from the second failure on W comes before tau.
 *
 * Invariant: transactions other than |reg| are in |txq| only in Registered;
 * go() is the only place that writes the state.
 */
#include "mars_client_int.h"

/* So many hard redirects in a row, and no MARS keeps us: somebody should look. */
#define BOUNCES_MAX 3

/* Nothing more is asked of the current MARS. */
static void
quit(struct mars_client *c)
{
	client_soft_stop(c);
	client_rx_park(c);
	client_path_park(c);
	client_glist_park(c);
	client_tmr_off(c, &c->map_t);
	client_tmr_off(c, &c->rejoin_t);
	client_tmr_off(c, &c->blind_t);
	c->troubled = false;
}

static void
outage(struct mars_client *c, struct mtime now)
{
	quit(c);
	client_pp_close(c);
	c->failed_at = now;
	c->attempts = 0;
}

static void
act_start(struct mars_client *c, struct mtime now)
{
	(void)now;
	c->attempts = 0;
	c->failed_at = MTIME_NEVER;
	c->was = c->mars;
}

static void
act_trouble(struct mars_client *c, struct mtime now)
{
	outage(c, now);
	c->stats.failures++;
	c->was = c->mars;
}

static void
act_hard(struct mars_client *c, struct mtime now)
{
	outage(c, now);
	c->stats.redirects++;
	if (!c->settled) {
		c->stats.bounced++;
		if (++c->bounces >= BOUNCES_MAX)
			client_alarm(c, now, "sent to and fro", &c->mars);
	}
	c->mars = c->was = c->later_to;
	client_ctl_refresh(c);
	trace_emit(c->trace, now, &(struct trace_ev){ .kind = TRACE_REDIRECT,
	    .what = "hard", .who = &c->mars });
}

static void
failed(struct mars_client *c, struct mtime now)
{
	client_pp_close(c);
	c->later = REDIRECT_NONE;
	if (mtime_is_never(c->failed_at))
		c->failed_at = now;
}

static void
act_next(struct mars_client *c, struct mtime now)
{
	failed(c, now);
	client_list_next(c);
}

static void
act_loop(struct mars_client *c, struct mtime now)
{
	failed(c, now);
	client_alarm(c, now, "no MARS answers", &c->mars);
}

static void
act_choose(struct mars_client *c, struct mtime now)
{
	(void)now;
	client_list_next(c);
}

static void
act_leave(struct mars_client *c, struct mtime now)
{
	quit(c);
	client_rx_clear(c);
	client_path_clear(c, now);
	client_xact_off(c, &c->glist.x);
}

static void
act_stop(struct mars_client *c, struct mtime now)
{
	act_leave(c, now);
	client_pp_close(c);
	client_ctl_clean(c, true);
	client_trees_leave(c);
	c->later = REDIRECT_NONE;
	c->member = false;
	c->cmi = 0;
	c->hsn = c->heard = 0;
	c->failed_at = MTIME_NEVER;
	trace_emit(c->trace, now, &(struct trace_ev){ .kind = TRACE_DEREGISTER,
	    .who = &c->mars });
}

static void
act_give_up(struct mars_client *c, struct mtime now)
{
	client_alarm(c, now, "deregistration not answered", &c->mars);
	act_stop(c, now);
}

static void
act_none(struct mars_client *c, struct mtime now)
{
	(void)c;
	(void)now;
}

struct row {
	uint8_t state, ev;
	void (*act)(struct mars_client *, struct mtime);
	uint8_t next;
};

#define S(name) MARS_CLIENT_##name
static const struct row table[] = {
/*    state            event            action       next               section */
/*   ----------------+----------------+------------+----------------- -------- */
    { S(IDLE),          REG_START,       act_start,   S(CALLING) },     /* 5.2.3 */
    { S(CALLING),       REG_CALLED,      act_none,    S(REGISTERING) }, /* 5.2.3 */
    { S(CALLING),       REG_FAILED_NEXT, act_next,    S(WAITING) },     /* 5.4.2 */
    { S(CALLING),       REG_FAILED_LOOP, act_loop,    S(LOOPING) },     /* 5.4.2 */
    { S(CALLING),       REG_STOP,        act_stop,    S(IDLE) },        /* 5.2.3 */
    { S(REGISTERING),   REG_COPY,        act_none,    S(REGISTERED) },  /* 5.2.3 */
    { S(REGISTERING),   REG_FAILED_NEXT, act_next,    S(WAITING) },     /* 5.4.2 */
    { S(REGISTERING),   REG_FAILED_LOOP, act_loop,    S(LOOPING) },     /* 5.4.2 */
    { S(REGISTERING),   REG_STOP,        act_leave,   S(DEREGISTERING) },
    { S(REGISTERED),    REG_TROUBLE,     act_trouble, S(WAITING) },     /* 5.4.1 */
    { S(REGISTERED),    REG_HARD,        act_hard,    S(WAITING) },     /* 5.4.3 */
    { S(REGISTERED),    REG_STOP,        act_leave,   S(DEREGISTERING) },
    { S(WAITING),       REG_TIMER,       act_none,    S(CALLING) },     /* 5.4.1 */
    { S(WAITING),       REG_STOP,        act_stop,    S(IDLE) },
    { S(LOOPING),       REG_TIMER,       act_choose,  S(WAITING) },     /* 5.4.2 */
    { S(LOOPING),       REG_STOP,        act_stop,    S(IDLE) },
    { S(DEREGISTERING), REG_COPY,        act_stop,    S(IDLE) },        /* 5.2.3 */
    { S(DEREGISTERING), REG_FAILED_NEXT, act_give_up, S(IDLE) },        /* 5.2.2 */
    { S(DEREGISTERING), REG_FAILED_LOOP, act_give_up, S(IDLE) },        /* 5.2.2 */
};
#undef S

/* Entry work of a state; its timer and |reg| belonged to the old one. */
static void
enter(struct mars_client *c, struct mtime now)
{
	client_tmr_off(c, &c->state_t);
	client_xact_off(c, &c->reg);
	switch ((enum mars_client_state)c->state) {
	case MARS_CLIENT_CALLING:
		c->attempts++;
		c->pp.st = PP_WANT;
		break;
	case MARS_CLIENT_REGISTERING:
	case MARS_CLIENT_DEREGISTERING:
		c->leaving = c->state == MARS_CLIENT_DEREGISTERING;
		client_xact_start(c, &c->reg);
		break;
	case MARS_CLIENT_WAITING:
		client_tmr_arm(c, &c->state_t, mtime_add(now,
		    rng_span(&c->rng, c->cfg.rereg_lo, c->cfg.rereg_hi)));
		break;
	case MARS_CLIENT_LOOPING:
		client_tmr_arm(c, &c->state_t,
		    mtime_add(now, c->cfg.loop_wait));
		break;
	default:
		break;
	}
}

static void
go(struct mars_client *c, struct mtime now, enum mars_client_state next)
{
	unsigned from = c->state;

	c->state = (uint8_t)next;
	trace_emit(c->trace, now, &(struct trace_ev){ .kind = TRACE_STATE,
	    .what = "mars", .from = mars_client_state_word(from),
	    .to = mars_client_state_word(next), .who = &c->mars });
	enter(c, now);
}

static bool
fsm(struct mars_client *c, struct mtime now, enum reg_ev ev)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		if (table[i].state != c->state || table[i].ev != ev)
			continue;
		table[i].act(c, now);
		go(c, now, table[i].next);
		return true;
	}
	return false;
}

/* client_alarm tells whoever watches, as sections 5.4.1 and 5.4.2 recommend. */
void
client_alarm(struct mars_client *c, struct mtime now, const char *what,
    const struct atm_addr *who)
{
	c->stats.alarms++;
	trace_emit(c->trace, now, &(struct trace_ev){ .kind = TRACE_ALARM,
	    .what = what, .who = who });
}

/* client_register starts JoinCluster; nothing new for who is under way. */
int
client_register(struct mars_client *c, struct mtime now)
{
	if (atm_tl_len(c->mars.tl) == 0
	    || c->state == MARS_CLIENT_DEREGISTERING)
		return MARSH_ESTATE;
	fsm(c, now, REG_START);
	return 0;
}

/* client_deregister leaves the cluster. */
int
client_deregister(struct mars_client *c, struct mtime now)
{
	if (!client_active(c))
		return MARSH_ESTATE;
	fsm(c, now, REG_STOP);
	return 0;
}

/* client_reg_called: the VC to the MARS is there. */
void
client_reg_called(struct mars_client *c, struct mtime now)
{
	fsm(c, now, REG_CALLED);
}

/*
 * client_reg_failed: the attempt under way came to nothing.  Only the first
 * failure of an outage goes to the next MARS without W (5.4.2).
 */
void
client_reg_failed(struct mars_client *c, struct mtime now)
{
	fsm(c, now, c->attempts == 1 && client_list_other(c) ? REG_FAILED_NEXT
							     : REG_FAILED_LOOP);
}

/* client_reg_timer: tau or W is over. */
void
client_reg_timer(struct mars_client *c, struct mtime now)
{
	fsm(c, now, REG_TIMER);
}

/* client_reg_hard: a hard redirect to |to| (5.4.3). */
void
client_reg_hard(struct mars_client *c, struct mtime now,
    const struct atm_addr *to)
{
	c->later_to = *to;
	fsm(c, now, REG_HARD);
}

static void
set_cmi(struct mars_client *c, struct mtime now, uint16_t cmi)
{
	trace_emit(c->trace, now, &(struct trace_ev){ .kind = TRACE_REGISTER,
	    .cmi = cmi, .who = &c->mars });
	if (cmi != c->cmi)
		trace_emit(c->trace, now, &(struct trace_ev){
		    .kind = TRACE_CMI, .cmi = cmi, .who = &c->mars });
	c->cmi = cmi;
}

/*
 * client_registered notes that |mars| has registered us.  Its CSN is taken
 * over and is no jump (5.1.4.2, A-10); what was kept back goes out.
 */
void
client_registered(struct mars_client *c, struct mtime now, uint16_t cmi,
    uint32_t msn)
{
	set_cmi(c, now, cmi);
	c->hsn = c->heard = msn;
	c->settled = false;
	c->troubled = false;
	c->member = true;
	c->map_seen = now;
	client_tmr_arm(c, &c->map_t, mtime_add(now, c->cfg.map_silence));
	client_tmr_arm(c, &c->idle_t, mtime_add(now, c->cfg.mars_idle));
	if (!mtime_is_never(c->failed_at))
		c->rereg = mtime_sub(now, c->failed_at);
	c->failed_at = MTIME_NEVER;
	client_ctl_clean(c, false);
	client_rx_resume(c);
	client_path_resume(c);
	client_glist_retry(c);
	if (c->glist.x.st == XACT_PARKED)
		client_xact_start(c, &c->glist.x);
}

static void
follow_later(struct mars_client *c, struct mtime now)
{
	struct atm_addr to = c->later_to;
	uint8_t how = c->later;

	c->later = REDIRECT_NONE;
	if (how == REDIRECT_HARD)
		client_reg_hard(c, now, &to);
	else if (how == REDIRECT_SOFT)
		client_soft_start(c, now, &to);
}

/*
 * client_reg_copy: the registration or deregistration came back.  A member
 * that had to register again re-joins and revalidates (5.4.1).
 */
void
client_reg_copy(struct mars_client *c, struct mtime now, uint16_t cmi,
    uint32_t msn)
{
	bool again = c->member;

	if (!fsm(c, now, REG_COPY) || c->state != MARS_CLIENT_REGISTERED)
		return;
	if (again) {
		client_rx_rejoin(c, now);
		client_reval_all(c, now, NULL);
	}
	client_registered(c, now, cmi, msn);
	if (!atm_addr_equal(&c->mars, &c->was))
		client_alarm(c, now, "registered with another MARS", &c->mars);
	follow_later(c, now);
}

/*
 * client_trouble: there are problems with the MARS (5.4).  They are kept in
 * mind while nobody is to notice them, and while a soft redirect under way may
 * yet make them the old MARS's.
 */
void
client_trouble(struct mars_client *c, struct mtime now)
{
	if (c->state != MARS_CLIENT_REGISTERED)
		return;
	if (c->soft.on || c->blind_until.us > now.us) {
		c->troubled = true;
		if (c->blind_until.us > now.us)
			client_tmr_arm(c, &c->blind_t, c->blind_until);
		return;
	}
	fsm(c, now, REG_TROUBLE);
}

/* client_untrouble reacts to trouble kept in mind, if the time has come. */
void
client_untrouble(struct mars_client *c, struct mtime now)
{
	if (!c->troubled)
		return;
	c->troubled = false;
	client_trouble(c, now);
}
