/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Solicits and acknowledgements (RFC 2334 sections 2.2.3 and 2.3): CSUS in both
 * directions, CSU Replies in both directions.
 *
 * Acknowledgements gather in one reply for each DCS, which leaves when it is
 * full or its delay is over.
 */
#include "marsh/base/err.h"
#include "scsp_int.h"

/* ---- replies ------------------------------------------------------------ */

void
scsp_csu_forget_reply(struct scsp_dcs *d)
{
	d->reply_due = MTIME_NEVER;
}

/* scsp_csu_flush sends the reply that gathered. */
void
scsp_csu_flush(struct scsp *s, struct scsp_dcs *d, struct atm_out *out)
{
	if (mtime_is_never(d->reply_due))
		return;
	d->reply_due = MTIME_NEVER;
	scsp_out_send(s, d, out, SCSP_CSU_REP,
	    scsp_out_end(s, d, &d->reply_wr, SCSP_CSU_REP, d->reply_auth));
}

static bool
open_reply(struct scsp *s, struct scsp_dcs *d)
{
	struct scsp_msg m = { .type = SCSP_CSU_REP };
	struct mspan delay = d->g->cfg.reply_delay;

	if (!mtime_is_never(d->reply_due))
		return true;
	if (d->reply == NULL)
		d->reply = mem_alloc(&s->counted, s->cfg.mtu);
	if (d->reply == NULL
	    || !scsp_out_begin(d, &d->reply_wr, d->reply, &m))
		return false;
	d->reply_auth = d->auth;
	if (delay.us > SCSP_REPLY_MAX.us)
		delay = SCSP_REPLY_MAX;
	d->reply_due = mtime_add(s->now, delay);
	return true;
}

/* scsp_csu_ack acknowledges |r| to |d|; false: it cannot (SCSP-080). */
bool
scsp_csu_ack(struct scsp *s, struct scsp_dcs *d, const struct scsp_rec *r,
    struct atm_out *out)
{
	if (!open_reply(s, d))
		return false;
	if (scsp_put_csas(&d->reply_wr, r))
		return true;
	if (d->reply_wr.nrec == 0 || atm_out_room(out) == 0)
		return false;
	scsp_csu_flush(s, d, out);
	return open_reply(s, d) && scsp_put_csas(&d->reply_wr, r);
}

/* scsp_csu_reply handles acknowledgements; scsp-fsm 4.3 row by row. */
int
scsp_csu_reply(struct scsp *s, struct scsp_dcs *d, const struct scsp_msg *m)
{
	const struct scsp_cache *cache = d->g->cache;
	enum scsp_acked acked;
	struct scsp_rec r;
	size_t off = 0;
	int err = 0;

	while (scsp_next(m, &off, &r)) {
		acked = scsp_queue_ack(d->queue, &r);
		if (acked == SCSP_ACK_NONE)
			acked = scsp_queue_ack(d->cast, &r);
		if (acked == SCSP_ACK_DONE && !r.null)
			scsp_origin_seen(d->g, d, &r);
		if (acked == SCSP_ACK_NEWER && !r.null /* A5 */
		    && scsp_newer(scsp_cache_find(cache, r.key, r.orig), r.seq)
		    && scsp_crl_add(d->crl, &r) != 0)
			err = MARSH_ENOMEM;
	}
	s->activity++;
	return err;
}

/* ---- solicits ----------------------------------------------------------- */

/* scsp_csu_solicit answers a CSUS: requests to its sender alone (SCSP-076). */
void
scsp_csu_solicit(struct scsp_dcs *d, const struct scsp_msg *m)
{
	const struct scsp_entry *e;
	struct scsp_rec r;
	size_t off = 0;

	scsp_align_solicited(d);
	while (scsp_next(m, &off, &r)) {
		struct scsp_csa c = { .key = r.key, .orig = r.orig,
			.seq = r.seq, .hop = 1, .null = true };

		e = scsp_cache_find(d->g->cache, r.key, r.orig);
		if (e != NULL) {
			c.seq = scsp_entry_seq(e);
			c.null = false;
		}
		/* What finds no memory is solicited again. */
		(void)scsp_csu_queue(d, &c);
	}
}

/* scsp_csu_settle: what was asked for may all have come. */
void
scsp_csu_settle(struct scsp *s, struct scsp_dcs *d)
{
	if (!scsp_open(d))
		return;
	if (d->soliciting && scsp_crl_asked(d->crl) == 0) {
		d->soliciting = false;
		d->csus_tries = 0;
		d->csus_due = MTIME_NEVER;
	}
	scsp_align_done(s, d);
}

/* scsp_csus_send sends the next CSUS when none is outstanding (SCSP-067). */
void
scsp_csus_send(struct scsp *s, struct scsp_dcs *d, struct atm_out *out)
{
	struct scsp_msg m = { .type = SCSP_CSUS };
	struct scsp_rec r;
	struct scsp_wr w;

	if (!scsp_open(d) || d->soliciting || scsp_crl_count(d->crl) == 0
	    || atm_out_room(out) == 0
	    || !scsp_out_begin(d, &w, s->buf, &m))
		return;
	scsp_crl_begin(d->crl);
	while (scsp_crl_next(d->crl, &r)) {
		if (scsp_put_csas(&w, &r)) {
			scsp_crl_take(d->crl);
			continue;
		}
		if (w.nrec != 0)
			break;
		/* Fits no message of ours: it stays unknown. */
		(void)scsp_drop_it(s, SCSP_DROP_TOO_LONG, SCSP_CSUS,
		    &d->h->link->addr);
		(void)scsp_crl_answer(d->crl, r.key, r.orig, r.seq, true);
	}
	if (w.nrec == 0) {
		scsp_csu_settle(s, d);
		return;
	}
	d->soliciting = true;
	d->progress = false;
	d->csus_due = mtime_add(s->now, d->g->cfg.csus_rexmt);
	if (d->csus_tries++ != 0)
		scsp_out_again(s, d, SCSP_CSUS);
	scsp_out_send(s, d, out, SCSP_CSUS,
	    scsp_out_end(s, d, &w, SCSP_CSUS, d->auth));
}

/* scsp_csus_timer: CSUSReXmt; too many in vain are an abnormal event. */
void
scsp_csus_timer(struct scsp *s, struct scsp_dcs *d)
{
	if (!mtime_reached(d->csus_due, s->now))
		return;
	d->csus_due = MTIME_NEVER;
	d->soliciting = false;
	if (d->progress)
		d->csus_tries = 0;
	if (d->csus_tries >= d->g->cfg.csus_max)
		scsp_hello_abnormal(s, d->h, "csus_max");
}

int
scsp_solicit(struct scsp *s, struct mtime now, unsigned group,
    const struct atm_addr *addr, struct scsp_oct key, struct scsp_oct orig)
{
	/* Any instance will do, also one older than ours. */
	struct scsp_rec r = { .hop = 1, .seq = SCSP_SEQ_FIRST, .key = key,
		.orig = orig };
	struct scsp_dcs *d;

	s->now = now;
	d = group < s->sgs ? scsp_dcs_find(s->sg[group], addr) : NULL;
	if (d == NULL)
		return MARSH_ENOENT;
	if (!scsp_open(d))
		return MARSH_ESTATE;
	return scsp_crl_add(d->crl, &r);
}
