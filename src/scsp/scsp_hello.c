/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Hello FSM (RFC 2334 section 2.1, figure 1): is the DCS there, and does it
 * hear us?  Groups of one Family ID share it (B.2.5).
 *
 * The list of receiver IDs that we send is not kept: whoever is Unidirectional
 * or Bidirectional is on it, nobody else.  A pt-pt Hello names its DCS;
 * the one on a pt-mpt VC names all leaves that are heard (SCSP-019).
 */
#include <string.h>

#include "scsp_int.h"

const char *
scsp_hfsm_word(enum scsp_hfsm h)
{
	static const char *const words[] = { "Down", "Waiting",
		"Unidirectional", "Bidirectional" };

	return (unsigned)h < sizeof(words) / sizeof(*words) ? words[h] : "?";
}

enum ev {
	EV_UP,       /* NBMA connectivity came */
	EV_DOWN,     /* and went */
	EV_LISTED,   /* a Hello names us */
	EV_UNLISTED, /* a Hello does not */
	EV_STALLED,  /* none named us for the dead interval, but some came */
	EV_SILENT,   /* none came at all */
	EV_ABNORMAL, /* malformed, forged, unanswered, another ID */
	EV_COUNT
};

#define DOWN SCSP_HELLO_DOWN
#define WAIT SCSP_HELLO_WAITING
#define UNI SCSP_HELLO_UNIDIRECTIONAL
#define BI SCSP_HELLO_BIDIRECTIONAL

/* Figure 1, with what the text of 2.1 adds. */
static const uint8_t next[EV_COUNT][4] = {
	/*                Down  Waiting Unidir. Bidirectional */
	[EV_UP] =       { WAIT, WAIT,   UNI,    BI },
	[EV_DOWN] =     { DOWN, DOWN,   DOWN,   DOWN },
	[EV_LISTED] =   { DOWN, BI,     BI,     BI },
	[EV_UNLISTED] = { DOWN, UNI,    UNI,    UNI },  /* */
	[EV_STALLED] =  { DOWN, WAIT,   UNI,    UNI },
	[EV_SILENT] =   { DOWN, WAIT,   WAIT,   WAIT },
	[EV_ABNORMAL] = { DOWN, WAIT,   WAIT,   WAIT }, /* */
};

static const struct scsp_group_cfg *
cfg(const struct scsp_hello *h)
{
	return &h->dcs->g->cfg;
}

/* go moves |h| by |ev|; only here its state is written. */
static void
go(struct scsp *s, struct scsp_hello *h, enum ev ev)
{
	enum scsp_hfsm from = h->state, to = (enum scsp_hfsm)next[ev][from];
	struct scsp_dcs *d;

	if (to == from)
		return;
	h->state = to;
	s->activity++;
	trace_emit(s->trace, s->now, &(struct trace_ev){ .kind = TRACE_STATE,
	    .use = ATM_USE_SCSP, .what = "hfsm", .from = scsp_hfsm_word(from),
	    .to = scsp_hfsm_word(to), .who = &h->link->addr });
	if (from == DOWN)
		h->hello_due = s->now;
	if (to == DOWN)
		h->hello_due = MTIME_NEVER;
	if (to == DOWN || to == WAIT)
		h->dead_due = h->silence_due = h->last = MTIME_NEVER;
	if (to == UNI)
		h->dead_due = MTIME_NEVER;
	for (d = h->dcs; d != NULL; d = d->next)
		if (to == BI)
			scsp_align_start(s, d);
		else if (from == BI)
			scsp_align_stop(s, d);
}

static struct scsp_hello *
of_family(struct scsp_link *l, uint16_t family)
{
	struct scsp_hello *h = l->hellos;

	while (h != NULL && (family == 0 || h->family != family))
		h = h->next;
	return h;
}

/* scsp_hello_get hangs |d| below its HFSM, made when there is none; or NULL. */
struct scsp_hello *
scsp_hello_get(struct scsp *s, struct scsp_link *l, struct scsp_dcs *d)
{
	struct scsp_hello *h = of_family(l, d->g->cfg.family);

	if (h == NULL) {
		h = mem_alloc(&s->counted, sizeof(*h));
		if (h == NULL)
			return NULL;
		h->link = l;
		h->family = d->g->cfg.family;
		h->dead_due = h->silence_due = h->last = MTIME_NEVER;
		h->hello_due = MTIME_NEVER;
		h->next = l->hellos;
		l->hellos = h;
	}
	d->next = h->dcs;
	h->dcs = d;
	d->h = h;
	if (h->state == DOWN && scsp_link_ref(l) != 0)
		go(s, h, EV_UP);
	else if (h->state == BI)
		scsp_align_start(s, d);
	return h;
}

/* scsp_hello_leave takes |d| off its HFSM; the last one takes it along. */
void
scsp_hello_leave(struct scsp *s, struct scsp_dcs *d)
{
	struct scsp_hello *h = d->h, **hp = &h->link->hellos;
	struct scsp_dcs **p = &h->dcs;

	while (*p != d)
		p = &(*p)->next;
	*p = d->next;
	if (h->dcs != NULL)
		return;
	while (*hp != h)
		hp = &(*hp)->next;
	*hp = h->next;
	mem_free(&s->counted, h, sizeof(*h));
}

void
scsp_hello_up(struct scsp *s, struct scsp_link *l)
{
	for (struct scsp_hello *h = l->hellos; h != NULL; h = h->next)
		go(s, h, EV_UP);
}

void
scsp_hello_down(struct scsp *s, struct scsp_link *l)
{
	for (struct scsp_hello *h = l->hellos; h != NULL; h = h->next)
		go(s, h, EV_DOWN);
}

/* scsp_hello_abnormal: the abnormal event |why| (a static word) happened. */
void
scsp_hello_abnormal(struct scsp *s, struct scsp_hello *h, const char *why)
{
	s->stats.abnormal++;
	s->activity++;
	trace_emit(s->trace, s->now, &(struct trace_ev){ .kind = TRACE_DROP,
	    .use = ATM_USE_SCSP, .what = why, .from = scsp_hfsm_word(h->state),
	    .to = scsp_hfsm_word((enum scsp_hfsm)next[EV_ABNORMAL][h->state]),
	    .who = &h->link->addr });
	go(s, h, EV_ABNORMAL);
}

static enum ev
classify(const struct scsp *s, const struct scsp_msg *m)
{
	struct scsp_oct id;
	size_t off = 0;

	while (scsp_next_id(m, &off, &id))
		if (scsp_oct_equal(id, s->cfg.id))
			return EV_LISTED;
	return EV_UNLISTED;
}

void
scsp_hello_recv(struct scsp *s, struct scsp_hello *h, const struct scsp_msg *m)
{
	struct scsp_oct old = { h->id, h->id_len };
	enum ev ev = classify(s, m);
	struct mspan alive;

	if (h->state == DOWN) {
		(void)scsp_drop_it(s, SCSP_DROP_HELLO_STATE, m->type,
		    &h->link->addr);
		return;
	}
	if (h->state >= UNI && !scsp_oct_equal(old, m->sender)) { /* */
		(void)scsp_drop_it(s, SCSP_DROP_SENDER, m->type,
		    &h->link->addr);
		scsp_hello_abnormal(s, h, "another_id");
		return;
	}
	s->stats.rx[m->type]++;
	h->dcs->rx++;
	if (!mtime_is_never(h->last) && mtime_sub(s->now, h->last).us
	    > MSPAN_SEC(h->interval).us)
		s->stats.late++;
	memcpy(h->id, m->sender.p, m->sender.len);
	h->id_len = (uint8_t)m->sender.len;
	h->interval = m->interval != 0 ? m->interval : 1; /* */
	h->dead = m->dead != 0 ? m->dead : 1;
	alive = MSPAN_SEC((int64_t)h->interval * h->dead);
	go(s, h, ev);
	h->last = s->now;
	h->silence_due = mtime_add(s->now, alive);
	if (ev == EV_LISTED)
		h->dead_due = h->silence_due;
}

static struct scsp_msg
message(const struct scsp_hello *h)
{
	const struct scsp_group_cfg *c = cfg(h);

	return (struct scsp_msg){ .type = SCSP_HELLO, .interval = c->interval,
		.dead = c->dead, .family = c->family };
}

static void
send(struct scsp *s, struct scsp_hello *h, struct atm_out *out)
{
	struct scsp_msg m = message(h);
	struct scsp_dcs *d = h->dcs;
	struct scsp_wr w;

	if (h->state >= UNI)
		m.receiver = scsp_dcs_id(d);
	if (scsp_out_begin(d, &w, s->buf, &m))
		scsp_out_send(s, d, out, SCSP_HELLO,
		    scsp_out_end(s, d, &w, SCSP_HELLO, d->auth));
}

void
scsp_hello_timers(struct scsp *s, struct scsp_hello *h, struct atm_out *out)
{
	if (mtime_reached(h->silence_due, s->now))
		go(s, h, EV_SILENT);
	else if (mtime_reached(h->dead_due, s->now))
		go(s, h, EV_STALLED);
	if (!mtime_reached(h->hello_due, s->now) || atm_out_room(out) == 0)
		return;
	if (h->dcs->carried && h->family == 0) {
		h->hello_due = MTIME_NEVER;
		return;
	}
	h->hello_due = mtime_add(s->now, MSPAN_SEC(cfg(h)->interval));
	send(s, h, out);
}

struct mtime
scsp_hello_deadline(const struct scsp_hello *h)
{
	return mtime_min(h->hello_due, mtime_min(h->dead_due, h->silence_due));
}

/* carried: the Hello on the pt-mpt VC reaches |d|. */
static bool
carried(const struct scsp_dcs *d)
{
	return d->carried && d->h->family == 0;
}

/* scsp_hello_multi sends one Hello to all leaves, naming those heard. */
void
scsp_hello_multi(struct scsp *s, struct scsp_sg *g, struct atm_out *out)
{
	struct scsp_dcs *one = NULL;
	struct scsp_msg m;
	struct scsp_wr w;

	if (!mtime_reached(g->hello_due, s->now) || atm_out_room(out) == 0)
		return;
	g->hello_due = MTIME_NEVER;
	for (size_t i = 0; i < g->dcss && one == NULL; i++)
		if (carried(g->dcs[i]))
			one = g->dcs[i];
	if (one == NULL)
		return;
	g->hello_due = mtime_add(s->now, MSPAN_SEC(g->cfg.interval));
	m = message(one->h);
	for (size_t i = 0; i < g->dcss && m.receiver.len == 0; i++)
		if (carried(g->dcs[i]) && g->dcs[i]->h->state >= UNI)
			m.receiver = scsp_dcs_id(one = g->dcs[i]);
	if (!scsp_out_begin(one, &w, s->buf, &m))
		return;
	for (size_t i = 0; i < g->dcss; i++)
		if (g->dcs[i] != one && carried(g->dcs[i])
		    && g->dcs[i]->h->state >= UNI)
			(void)scsp_put_id(&w, scsp_dcs_id(g->dcs[i]));
	scsp_out_cast(s, g, out, SCSP_HELLO,
	    scsp_out_end(s, one, &w, SCSP_HELLO, one->auth));
}
