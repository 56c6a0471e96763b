/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reliable flooding (RFC 2334 section 2.3): CSU Requests out and in.
 *
 * Whatever changes is queued for the DCSs at once and sent by the next timer
 * step, so that changes of one instant share messages.  A queue holds names and
 * numbers only; the octets are taken from the cache when they are sent.  An
 * entry whose number is no longer the queued one came from that DCS itself, for
 * every other change was queued anew: it need not be sent.
 */
#include "marsh/base/err.h"
#include "scsp_int.h"

#define AHEAD 64 /* CSAs fetched at once from what changed meanwhile */

/*
 * scsp_newer tells whether number |seq| is more up to date than |e| (2.4); no
 * entry is older than everything, and behind the purge at the end of the
 * number space stands its beginning (B.2.0.2): also for who slept through the
 * purge, or two that meet afterwards would take each other's for the newer one.
 */
bool
scsp_newer(const struct scsp_entry *e, int32_t seq)
{
	int32_t own;

	if (e == NULL)
		return seq != SCSP_SEQ_NONE;
	own = scsp_entry_seq(e);
	if (own == SCSP_SEQ_LAST && seq == SCSP_SEQ_FIRST)
		return true;
	if (own == SCSP_SEQ_FIRST && seq == SCSP_SEQ_LAST)
		return false;
	return seq > own;
}

/* forget takes every instance up to the one of |c| off one queue. */
static void
forget(struct scsp_queue *q, struct scsp_oct key, struct scsp_oct orig,
    int32_t seq)
{
	struct scsp_rec r = { .key = key, .orig = orig, .seq = seq };

	(void)scsp_queue_ack(q, &r);
}

/* scsp_csu_queue lets |c| wait for |d|, in one queue only (SCSP-085). */
int
scsp_csu_queue(struct scsp_dcs *d, const struct scsp_csa *c)
{
	if (scsp_queue_add(d->queue, c) != 0)
		return MARSH_ENOMEM;
	forget(d->cast, c->key, c->orig, c->seq);
	return 0;
}

/*
 * scsp_csu_flood queues the entry of |r| for all DCSs but |except|.  Those that
 * are not open get it when they are; where memory fails, alignment
 * repairs what could not be queued.
 */
void
scsp_csu_flood(struct scsp_sg *g, const struct scsp_rec *r, uint16_t hop,
    const struct scsp_dcs *except)
{
	struct scsp_csa c = { .key = r->key, .orig = r->orig, .seq = r->seq,
		.hop = hop };

	g->s->activity++;
	if (hop == 0)
		return;
	if (scsp_multi_ready(g) && scsp_queue_add(g->cast, &c) == 0)
		return;
	for (size_t i = 0; i < g->dcss; i++)
		if (g->dcs[i] != except && scsp_open(g->dcs[i])
		    && scsp_csu_queue(g->dcs[i], &c) != 0)
			scsp_align_again(g->s, g->dcs[i]);
}

/* ---- in ----------------------------------------------------------------- */

static bool
valid(const struct scsp_sg *g, const struct scsp_rec *r)
{
	const struct scsp_policy *p = g->cfg.policy;

	if (r->body.len == 0 || r->seq == SCSP_SEQ_LAST)
		return true; /* a withdrawal or a purge */
	return p == NULL || p->valid == NULL || p->valid(r);
}

static bool
own(const struct scsp_sg *g, const struct scsp_rec *r)
{
	return scsp_oct_equal(r->orig, g->s->cfg.id);
}

/*
 * arrived tells the CRL of |d| of |r|, and whether it was there at all.  Only
 * what brings the list's end nearer is progress: who answers with less than it
 * summarized, over and over, would keep us in Update Cache for ever.
 */
static bool
arrived(struct scsp_dcs *d, const struct scsp_rec *r)
{
	size_t before = scsp_crl_count(d->crl) + scsp_crl_asked(d->crl);
	bool was = scsp_crl_answer(d->crl, r->key, r->orig, r->seq, r->null);

	if (scsp_crl_count(d->crl) + scsp_crl_asked(d->crl) < before)
		d->progress = true;
	return was;
}

/*
 * answered takes |r| off every Cache Record List: whoever else summarized it
 * need not send it again, and may not even be able to, for it forgets an answer
 * that it hears from us before it could say it.  Returns whether it was on one.
 */
static bool
answered(struct scsp *s, struct scsp_sg *g, const struct scsp_rec *r)
{
	bool asked = false;

	for (size_t i = 0; i < g->dcss; i++) {
		struct scsp_dcs *d = g->dcs[i];

		if (scsp_crl_count(d->crl) == 0 || !arrived(d, r))
			continue;
		asked = true;
		scsp_csu_settle(s, d);
	}
	return asked;
}

/*
 * store puts the newer record |r| of |d| into the cache and sends it on.  A
 * solicited one starts anew with our HopCount, or a healed partition would stay
 * apart two hops away.
 */
static int
store(struct scsp *s, struct scsp_dcs *d, const struct scsp_rec *r)
{
	struct scsp_sg *g = d->g;
	uint16_t hop = r->hop != 0 ? (uint16_t)(r->hop - 1) : 0;
	bool asked;

	if (scsp_cache_set(g->cache, s->now, r, scsp_is_withdrawn(g, r), false)
	    == NULL)
		return MARSH_ENOMEM;
	asked = answered(s, g, r);
	forget(d->queue, r->key, r->orig, r->seq);
	forget(d->cast, r->key, r->orig, r->seq);
	scsp_csu_flood(g, r, asked && !g->cfg.literal_a18 ? scsp_hops(g) : hop,
	    d);
	return 0;
}

/* not_stored: the summary is answered, whatever became of the record. */
static void
not_stored(struct scsp_dcs *d, const struct scsp_rec *r)
{
	(void)arrived(d, r);
}

/* csa handles one record of a CSU Request; scsp-fsm 4.2 row by row. */
static int
csa(struct scsp *s, struct scsp_dcs *d, const struct scsp_rec *r,
    struct scsp_rec *ack)
{
	struct scsp_entry *e = scsp_cache_find(d->g->cache, r->key, r->orig);

	*ack = *r;
	if (r->null) { /* SCSP-091 */
		not_stored(d, r);
		return 0;
	}
	scsp_origin_seen(d->g, d, r);
	if (scsp_newer(e, r->seq)) {
		if (!valid(d->g, r)) { /* B-11 */
			(void)scsp_drop_it(s, SCSP_DROP_INVALID, SCSP_CSU_REQ,
			    &d->h->link->addr);
			not_stored(d, r);
			return 0;
		}
		if (own(d->g, r)) {
			int err = scsp_origin_defend(d->g, r, e,
			    &d->h->link->addr);

			if (err < 0)
				return err;
			if (err > 0) {
				not_stored(d, r);
				return 0;
			}
		}
		return store(s, d, r);
	}
	not_stored(d, r);
	if (e == NULL)
		return 0;
	if (r->seq == scsp_entry_seq(e)) { /* SCSP-092 */
		forget(d->queue, r->key, r->orig, r->seq);
		forget(d->cast, r->key, r->orig, r->seq);
	} else { /* SCSP-089 */
		scsp_entry_rec(e, ack);
	}
	return 0;
}

/* scsp_csu_request handles a CSU Request; what fails is not acknowledged. */
int
scsp_csu_request(struct scsp *s, struct scsp_dcs *d, const struct scsp_msg *m,
    struct atm_out *out)
{
	struct scsp_rec r, ack;
	size_t off = 0;
	int err = 0;

	while (scsp_next(m, &off, &r)) {
		if (!scsp_open(d)) /* memory failed: it was sent back */
			return err;
		if (csa(s, d, &r, &ack) != 0) {
			err = MARSH_ENOMEM;
			continue;
		}
		if (!scsp_csu_ack(s, d, &ack, out))
			err = MARSH_ENOMEM;
	}
	scsp_csu_settle(s, d);
	return err;
}

/* ---- out ---------------------------------------------------------------- */

static bool
record(const struct scsp_dcs *d, const struct scsp_csa *c, struct scsp_rec *r)
{
	const struct scsp_entry *e;

	*r = (struct scsp_rec){ .key = c->key, .orig = c->orig, .seq = c->seq,
		.null = c->null };
	if (!c->null) {
		e = scsp_cache_find(d->g->cache, c->key, c->orig);
		if (e == NULL || scsp_entry_seq(e) != c->seq)
			return false;
		scsp_entry_rec(e, r);
	}
	r->hop = c->hop;
	return true;
}

/*
 * too_long: |r|, of a server with a larger MTU, fits no message of ours.  Whoever
 * asked for it is told that it is not to be had (SCSP-090), or it would ask and
 * align anew for ever.
 */
static bool
too_long(struct scsp *s, struct scsp_dcs *d, struct scsp_wr *w,
    struct scsp_rec *r)
{
	(void)scsp_drop_it(s, SCSP_DROP_TOO_LONG, SCSP_CSU_REQ,
	    &d->h->link->addr);
	r->null = true;
	r->body.len = 0;
	return scsp_put_csa(w, r);
}

/* request sends one CSU Request from |q|. */
static void
request(struct scsp *s, struct scsp_dcs *d, struct scsp_queue *q,
    struct atm_out *out)
{
	struct scsp_msg m = { .type = SCSP_CSU_REQ };
	bool again = false, begun;
	struct scsp_csa c;
	struct scsp_rec r;
	struct scsp_wr w;

	if (scsp_queue_begin(q) != 0) {
		scsp_align_again(s, d);
		return;
	}
	begun = scsp_out_begin(d, &w, s->buf, &m);
	while (begun && scsp_queue_next(q, &c)) {
		if (!record(d, &c, &r)) {
			scsp_queue_skip(q);
			continue;
		}
		if (!scsp_put_csa(&w, &r)) {
			if (w.nrec != 0)
				break;
			if (!too_long(s, d, &w, &r)) {
				scsp_queue_skip(q);
				continue;
			}
		}
		again |= c.tries != 0;
		scsp_queue_take(q);
	}
	if (scsp_queue_end(q, s->now) == 0)
		return;
	if (again)
		scsp_out_again(s, d, SCSP_CSU_REQ);
	scsp_out_send(s, d, out, SCSP_CSU_REQ,
	    scsp_out_end(s, d, &w, SCSP_CSU_REQ, d->auth));
}

static bool
window(const struct scsp_dcs *d)
{
	return scsp_queue_requests(d->queue) + scsp_queue_requests(d->cast)
	    < d->g->cfg.window;
}

/* fetch queues some of what changed while CSUs were not allowed. */
static void
fetch(struct scsp *s, struct scsp_dcs *d)
{
	struct scsp_entry *e;
	struct scsp_rec r;

	while (scsp_queue_waiting(d->queue) < AHEAD
	    && (e = scsp_walk_peek(&d->walk)) != NULL) {
		scsp_entry_rec(e, &r);
		if (scsp_csu_queue(d, &(struct scsp_csa){ .key = r.key,
			.orig = r.orig, .seq = r.seq, .hop = scsp_hops(d->g) })
		    != 0) {
			scsp_align_again(s, d);
			return;
		}
		scsp_walk_step(&d->walk);
	}
}

/* scsp_csu_waits: a CSU Request can be sent at once. */
bool
scsp_csu_waits(const struct scsp_dcs *d)
{
	return scsp_open(d) && window(d)
	    && (scsp_queue_waiting(d->queue) != 0
		|| scsp_queue_waiting(d->cast) != 0
		|| scsp_walk_peek(&d->walk) != NULL);
}

/* scsp_csu_pump sends what waits, as far as window and room allow. */
void
scsp_csu_pump(struct scsp *s, struct scsp_dcs *d, struct atm_out *out)
{
	while (scsp_csu_waits(d) && atm_out_room(out) > 0) {
		fetch(s, d);
		if (!scsp_open(d))
			return;
		request(s, d, scsp_queue_waiting(d->cast) != 0 ? d->cast
			: d->queue, out);
	}
}

/* scsp_csu_timer: CSUReXmt; too many tries are an abnormal event (SCSP-084). */
void
scsp_csu_timer(struct scsp *s, struct scsp_dcs *d)
{
	unsigned a, b;

	if (!scsp_open(d))
		return;
	a = scsp_queue_expire(d->queue, s->now);
	b = scsp_queue_expire(d->cast, s->now);
	if (a >= d->g->cfg.csu_max || b >= d->g->cfg.csu_max)
		scsp_hello_abnormal(s, d->h, "csu_max");
}

/* scsp_csu_clear forgets everything that waits for or from |d|. */
void
scsp_csu_clear(struct scsp_dcs *d)
{
	scsp_crl_clear(d->crl);
	scsp_queue_clear(d->queue);
	scsp_queue_clear(d->cast);
	scsp_csu_forget_reply(d);
	d->soliciting = d->progress = false;
	d->csus_tries = 0;
	d->csus_due = MTIME_NEVER;
}
