/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Cache Alignment FSM (RFC 2334 section 2.2, figure 2): who leads, the
 * exchange of summaries, and when the caches are equal.
 *
 * The CSAS list is a walk over the cache up to the change at which the
 * negotiation began.  What changes later stands behind that number and is sent
 * as CSU Requests when Update Cache is reached: alignment costs a walk,
 * never a copy.
 */
#include "marsh/base/err.h"
#include "scsp_int.h"

#define CA_FLAGS_OFF (SCSP_FIXED_LEN + 4 + 6) /* of the high octet */
#define CA_INIT (SCSP_CA_M | SCSP_CA_I | SCSP_CA_O)

const char *
scsp_cafsm_word(enum scsp_cafsm c)
{
	static const char *const words[] = { "Down", "Negotiation", "Summarize",
		"Update", "Aligned" };

	return (unsigned)c < sizeof(words) / sizeof(*words) ? words[c] : "?";
}

/* fresh takes a CA number that the DCS has not seen: the clock's (SCSP-131). */
static void
fresh(const struct scsp *s, struct scsp_dcs *d)
{
	uint32_t clock = (uint32_t)(s->now.us >> 6);

	d->n = (int32_t)(clock - d->n) > 0 ? clock : d->n + 1;
}

static void
forget_copy(struct scsp_dcs *d)
{
	frame_unref(d->last);
	d->last = NULL;
	d->ca_due = MTIME_NEVER;
}

/* restart forgets the exchange. */
static void
restart(struct scsp_dcs *d)
{
	scsp_csu_clear(d);
	forget_copy(d);
	scsp_walk_end(&d->walk);
	d->left = 0;
	d->master = d->more = false;
}

/* begin: the CSAS list is the cache as it is now. */
static void
begin(struct scsp *s, struct scsp_dcs *d)
{
	struct scsp_cache_count c;

	fresh(s, d);
	d->upto = scsp_cache_change(d->g->cache);
	scsp_walk_start(&d->walk, d->g->cache, 0, d->upto);
	scsp_cache_count(d->g->cache, &c);
	d->left = c.entries + c.tombstones;
	d->ca_due = s->now;
}

/* catch_up: what changed since is to be sent, and nothing else. */
static void
catch_up(struct scsp_dcs *d)
{
	struct scsp_cache *c = d->g->cache;

	scsp_walk_end(&d->walk);
	d->left = 0;
	if (scsp_cache_change(c) > d->upto)
		scsp_walk_start(&d->walk, c, d->upto, scsp_cache_change(c));
}

/* go is the only writer of the state. */
static void
go(struct scsp *s, struct scsp_dcs *d, enum scsp_cafsm to)
{
	enum scsp_cafsm from = d->ca;
	struct trace_ev ev = { .kind = TRACE_STATE, .use = ATM_USE_SCSP,
		.what = "cafsm", .from = scsp_cafsm_word(from),
		.to = scsp_cafsm_word(to), .who = &d->h->link->addr };

	if (from == to)
		return;
	d->ca = to;
	d->since = s->now;
	s->activity++;
	trace_emit(s->trace, s->now, &ev);
	switch (to) {
	case SCSP_CA_DOWN:
		restart(d);
		break;
	case SCSP_CA_NEGOTIATION:
		restart(d);
		begin(s, d);
		break;
	case SCSP_CA_SUMMARIZE:
		break;
	case SCSP_CA_UPDATE:
		catch_up(d);
		scsp_align_done(s, d);
		break;
	case SCSP_CA_ALIGNED:
		ev = (struct trace_ev){ .kind = TRACE_ALIGNED,
			.use = ATM_USE_SCSP, .who = &d->h->link->addr };
		trace_emit(s->trace, s->now, &ev);
		break;
	}
}

/* scsp_align_start: the HFSM entered Bidirectional (SCSP-026). */
void
scsp_align_start(struct scsp *s, struct scsp_dcs *d)
{
	go(s, d, SCSP_CA_NEGOTIATION);
}

/* scsp_align_stop: it left it (SCSP-027). */
void
scsp_align_stop(struct scsp *s, struct scsp_dcs *d)
{
	go(s, d, SCSP_CA_DOWN);
}

/* scsp_align_again aligns anew, after something could not be queued. */
void
scsp_align_again(struct scsp *s, struct scsp_dcs *d)
{
	if (scsp_open(d))
		go(s, d, SCSP_CA_NEGOTIATION);
}

/*
 * scsp_align_rekeyed: the DCS may not take our signature any more, nor ever do,
 * so the CA that is repeated without end is made anew.  Behind it in the
 * exchange the DCS's abnormal event begins all anew.
 */
void
scsp_align_rekeyed(struct scsp_dcs *d)
{
	if (d->ca != SCSP_CA_NEGOTIATION)
		return;
	frame_unref(d->last);
	d->last = NULL;
}

/* scsp_align_done: Update Cache ends when nothing is left to solicit. */
void
scsp_align_done(struct scsp *s, struct scsp_dcs *d)
{
	if (d->ca == SCSP_CA_UPDATE && scsp_crl_count(d->crl) == 0)
		go(s, d, SCSP_CA_ALIGNED);
}

/* scsp_align_solicited: a CSUS shows that our last CA arrived (SCSP-061). */
void
scsp_align_solicited(struct scsp_dcs *d)
{
	forget_copy(d);
}

/* ---- messages ----------------------------------------------------------- */

static void
put_batch(struct scsp_dcs *d, struct scsp_wr *w)
{
	struct scsp_entry *e;
	struct scsp_rec r;

	for (; (e = scsp_walk_peek(&d->walk)) != NULL;
	     scsp_walk_step(&d->walk)) {
		scsp_entry_rec(e, &r);
		if (!scsp_put_csas(w, &r) && w->nrec != 0)
			return;
		d->left -= d->left != 0;
	}
	d->left = 0;
}

/*
 * say sends the CA |flags| with number |n| and the next CSAS records; the O bit
 * tells whether some remain.  Returns false when there is no memory, and
 * then the records are still to be sent.
 */
static bool
say(struct scsp *s, struct scsp_dcs *d, uint16_t flags, uint32_t n,
    struct atm_out *out)
{
	struct scsp_msg m = { .type = SCSP_CA, .ca_seq = n,
		.flags = (uint16_t)(flags | SCSP_CA_O) };
	const struct scsp_entry *e = scsp_walk_peek(&d->walk);
	uint64_t from = e != NULL ? scsp_entry_change(e) - 1 : d->upto;
	uint64_t left = d->left;
	struct scsp_wr w;
	struct frame *f;

	if (!scsp_out_begin(d, &w, s->buf, &m))
		return false;
	if ((flags & SCSP_CA_I) == 0) {
		put_batch(d, &w);
		d->more = scsp_walk_peek(&d->walk) != NULL
		    || (d->g->cfg.literal_a02 && !d->master && w.nrec != 0
			&& (flags & SCSP_CA_M) != 0);
		if (!d->more)
			w.b[CA_FLAGS_OFF] &= (uint8_t)~(SCSP_CA_O >> 8);
	}
	f = scsp_out_end(s, d, &w, SCSP_CA, d->auth);
	if (f == NULL) {
		scsp_walk_end(&d->walk);
		scsp_walk_start(&d->walk, d->g->cache, from, d->upto);
		d->left = left;
		return false;
	}
	frame_unref(d->last);
	d->last = f;
	d->n = n;
	scsp_out_send(s, d, out, SCSP_CA, frame_ref(f));
	return true;
}

static void
say_again(struct scsp *s, struct scsp_dcs *d, struct atm_out *out)
{
	scsp_out_again(s, d, SCSP_CA);
	scsp_out_send(s, d, out, SCSP_CA, frame_ref(d->last));
}

/* learn is "CA message processing" (2.2.2.1). */
static int
learn(struct scsp_dcs *d, const struct scsp_msg *m)
{
	struct scsp_rec r;
	size_t off = 0;

	while (scsp_next(m, &off, &r)) {
		scsp_origin_seen(d->g, d, &r);
		if (r.seq != SCSP_SEQ_NONE
		    && scsp_newer(scsp_cache_find(d->g->cache, r.key, r.orig),
			r.seq)
		    && scsp_crl_add(d->crl, &r) != 0)
			return MARSH_ENOMEM;
	}
	return 0;
}

static struct mtime
after(const struct scsp *s, struct mspan d)
{
	return mtime_add(s->now, d);
}

static struct mtime
guard(const struct scsp *s, const struct scsp_dcs *d)
{
	return after(s, MSPAN_US(d->g->cfg.ca_rexmt.us * d->g->cfg.guard));
}

static struct mtime
hold(const struct scsp *s, const struct scsp_dcs *d)
{
	if (d->g->cfg.ca_hold.us != 0)
		return after(s, d->g->cfg.ca_hold);
	return after(s, MSPAN_SEC((int64_t)d->h->interval * d->h->dead));
}

/* ---- the table ---------------------------------------------------------- */

/* What a CA is, in the words of 2.2.1 and 2.2.2. */
enum ev {
	EV_LEADER,   /* 2.2.1(1): a larger ID negotiates */
	EV_FOLLOWER, /* 2.2.1(2): a smaller one took our number */
	EV_OTHER,    /* 2.2.1(3) */
	EV_BROKEN,   /* 2.2.2(1), (6), A-03, A-06 */
	EV_OLD,      /* 2.2.2(2): duplicate at the master */
	EV_ANSWER,   /* 2.2.2(3) */
	EV_REPEATED, /* 2.2.2(4): duplicate at the slave */
	EV_QUESTION, /* 2.2.2(5) */
};

static enum ev
negotiating(const struct scsp_dcs *d, const struct scsp_msg *m)
{
	int cmp = scsp_oct_cmp(m->sender, d->g->s->cfg.id);

	if ((m->flags & CA_INIT) == CA_INIT && m->nrec == 0 && cmp > 0)
		return EV_LEADER;
	if ((m->flags & (SCSP_CA_M | SCSP_CA_I)) == 0 && cmp < 0
	    && d->last != NULL && m->ca_seq == d->n) /* */
		return EV_FOLLOWER;
	return EV_OTHER;
}

static enum ev
classify(const struct scsp_dcs *d, const struct scsp_msg *m)
{
	bool over = scsp_open(d);

	if (d->ca == SCSP_CA_NEGOTIATION)
		return negotiating(d, m);
	if ((m->flags & SCSP_CA_I) != 0
	    || ((m->flags & SCSP_CA_M) != 0) == d->master)
		return EV_BROKEN;
	if (d->master && m->ca_seq == d->n - 1)
		return EV_OLD;
	if (!d->master && m->ca_seq == d->n && d->last != NULL)
		return EV_REPEATED;
	if (over)
		return EV_BROKEN;
	if (d->master && m->ca_seq == d->n)
		return EV_ANSWER;
	if (!d->master && m->ca_seq == d->n + 1)
		return EV_QUESTION;
	return EV_BROKEN;
}

/* Actions return the next state, or MARSH_ENOMEM: nothing happened. */
typedef int action(struct scsp *, struct scsp_dcs *, const struct scsp_msg *,
    struct atm_out *);

static int
follow(struct scsp *s, struct scsp_dcs *d, const struct scsp_msg *m,
    struct atm_out *out)
{
	if (!say(s, d, 0, m->ca_seq, out))
		return MARSH_ENOMEM;
	d->master = false;
	d->ca_due = guard(s, d);
	return SCSP_CA_SUMMARIZE;
}

static int
lead(struct scsp *s, struct scsp_dcs *d, const struct scsp_msg *m,
    struct atm_out *out)
{
	if (learn(d, m) != 0 || !say(s, d, SCSP_CA_M, d->n + 1, out))
		return MARSH_ENOMEM;
	d->master = true;
	d->ca_due = after(s, d->g->cfg.ca_rexmt);
	return SCSP_CA_SUMMARIZE;
}

static int
ignore(struct scsp *s, struct scsp_dcs *d, const struct scsp_msg *m,
    struct atm_out *out)
{
	(void)out;
	if (scsp_oct_cmp(m->sender, s->cfg.id) == 0) /* */
		scsp_same_id(s, m->type, &d->h->link->addr);
	return (int)d->ca;
}

static int
discard(struct scsp *s, struct scsp_dcs *d, const struct scsp_msg *m,
    struct atm_out *out)
{
	(void)out;
	(void)scsp_drop_it(s, SCSP_DROP_SEQUENCE, m->type, &d->h->link->addr);
	return (int)d->ca;
}

static int
repeat(struct scsp *s, struct scsp_dcs *d, const struct scsp_msg *m,
    struct atm_out *out)
{
	(void)m;
	say_again(s, d, out);
	d->ca_due = d->ca == SCSP_CA_SUMMARIZE ? guard(s, d) : hold(s, d);
	return (int)d->ca;
}

static int
go_on(struct scsp *s, struct scsp_dcs *d, const struct scsp_msg *m,
    struct atm_out *out)
{
	bool said_last = !d->more || d->g->cfg.literal_a02;

	if (learn(d, m) != 0)
		return MARSH_ENOMEM;
	if (scsp_walk_peek(&d->walk) == NULL && said_last
	    && (m->flags & SCSP_CA_O) == 0) {
		d->n++;
		forget_copy(d);
		return SCSP_CA_UPDATE;
	}
	if (!say(s, d, SCSP_CA_M, d->n + 1, out))
		return MARSH_ENOMEM;
	d->ca_due = after(s, d->g->cfg.ca_rexmt);
	return SCSP_CA_SUMMARIZE;
}

static int
answer(struct scsp *s, struct scsp_dcs *d, const struct scsp_msg *m,
    struct atm_out *out)
{
	if (learn(d, m) != 0 || !say(s, d, 0, m->ca_seq, out))
		return MARSH_ENOMEM;
	if (!d->more && (m->flags & SCSP_CA_O) == 0) {
		d->ca_due = hold(s, d);
		return SCSP_CA_UPDATE;
	}
	d->ca_due = guard(s, d);
	return SCSP_CA_SUMMARIZE;
}

static action *const table[] = {
	[EV_LEADER] = follow,    /* N2: Negotiation -> Summarize */
	[EV_FOLLOWER] = lead,    /* N3: Negotiation -> Summarize */
	[EV_OTHER] = ignore,     /* N4 */
	[EV_BROKEN] = ignore,    /* S1, A3: recv restarts and looks again */
	[EV_OLD] = discard,      /* M1, A2 */
	[EV_ANSWER] = go_on,     /* M2 -> Update; M3, M4 */
	[EV_REPEATED] = repeat,  /* L1, A1 */
	[EV_QUESTION] = answer,  /* L2, L3 -> Update; L4, L5 */
};

/*
 * scsp_align_recv acts on a CA.  One that breaks the exchange brings us back to
 * Negotiation and is looked at again there, so that a lost first answer of a
 * slave heals without a timeout.
 */
int
scsp_align_recv(struct scsp *s, struct scsp_dcs *d, const struct scsp_msg *m,
    struct atm_out *out)
{
	enum ev ev = classify(d, m);
	int to;

	if (ev == EV_BROKEN) {
		(void)scsp_drop_it(s, SCSP_DROP_SEQUENCE, m->type,
		    &d->h->link->addr);
		go(s, d, SCSP_CA_NEGOTIATION);
		ev = negotiating(d, m);
	}
	to = table[ev](s, d, m, out);
	if (to < 0) /* or it could not be signed, which is counted */
		return d->auth && scsp_sa_signing(d) == NULL ? 0 : to;
	go(s, d, (enum scsp_cafsm)to);
	return 0;
}

/* scsp_align_timer: CAReXmt, SlaveGuard or CAHold, by state. */
void
scsp_align_timer(struct scsp *s, struct scsp_dcs *d, struct atm_out *out)
{
	if (!mtime_reached(d->ca_due, s->now) || atm_out_room(out) == 0)
		return;
	if (scsp_open(d)) {
		forget_copy(d); /* A4 */
		return;
	}
	if (d->ca == SCSP_CA_SUMMARIZE && !d->master) { /* L7 */
		go(s, d, SCSP_CA_NEGOTIATION);
		return;
	}
	d->ca_due = after(s, d->g->cfg.ca_rexmt);
	if (d->last != NULL) /* N1, M6 */
		say_again(s, d, out);
	else
		(void)say(s, d, SCSP_CA_M | SCSP_CA_I, d->n, out);
}
