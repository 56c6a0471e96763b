/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages on their way out (RFC 2334 appendix B): the common part, the
 * signature, the VC.  A message that cannot be signed, built or carried is as
 * lost as one on a broken wire: it is counted, and timers send it again.
 */
#include "scsp_int.h"

/*
 * scsp_out_begin starts the message |m| for |d| in one MTU at |b|: group,
 * sender and, where |m| has none, receiver are filled in.
 */
bool
scsp_out_begin(const struct scsp_dcs *d, struct scsp_wr *w, uint8_t *b,
    struct scsp_msg *m)
{
	const struct scsp_sg *g = d->g;

	m->pid = g->cfg.pid;
	m->sgid = g->cfg.sgid;
	m->sender = g->s->cfg.id;
	if (m->receiver.len == 0 && m->type != SCSP_HELLO)
		m->receiver = scsp_dcs_id(d);
	return scsp_begin(w, b, g->s->cfg.mtu, m, d->auth);
}

/*
 * scsp_out_end signs what |w| holds, begun with |auth|, and returns it as a
 * frame; NULL: counted and traced (SCSP-154).
 */
struct frame *
scsp_out_end(struct scsp *s, const struct scsp_dcs *d, struct scsp_wr *w,
    uint8_t type, bool auth)
{
	const struct scsp_key *key = NULL;
	struct frame *f;

	if (auth && (key = scsp_sa_signing(d)) == NULL) {
		(void)scsp_drop_it(s, SCSP_DROP_NO_KEY, type,
		    &d->h->link->addr);
		return NULL;
	}
	f = scsp_frame(s->mem, w->b, scsp_end(w, key));
	if (f == NULL)
		(void)scsp_drop_it(s, SCSP_DROP_NO_MEMORY, type,
		    &d->h->link->addr);
	return f;
}

static void
count(struct scsp *s, uint8_t type, const struct frame *f)
{
	s->stats.tx[type]++;
	s->stats.tx_octets += f->len;
	if (type != SCSP_HELLO)
		s->activity++;
}

/* scsp_out_send hands |f|, unless it is NULL, to the VC of |d|. */
void
scsp_out_send(struct scsp *s, struct scsp_dcs *d, struct atm_out *out,
    uint8_t type, struct frame *f)
{
	atm_ref ref = scsp_link_ref(d->h->link);

	if (f == NULL)
		return;
	if (ref == 0) {
		(void)scsp_drop_it(s, SCSP_DROP_NO_VC, type, &d->h->link->addr);
		frame_unref(f);
		return;
	}
	count(s, type, f);
	d->tx++;
	atm_out_push(out, ATM_SEND, ref)->frame = f;
}

/* scsp_out_again counts a retransmission. */
void
scsp_out_again(struct scsp *s, struct scsp_dcs *d, uint8_t type)
{
	s->stats.rexmt[type]++;
	d->rexmt++;
}

/* scsp_out_cast hands |f|, unless it is NULL, to the pt-mpt VC of |g|. */
void
scsp_out_cast(struct scsp *s, const struct scsp_sg *g, struct atm_out *out,
    uint8_t type, struct frame *f)
{
	if (f == NULL)
		return;
	count(s, type, f);
	for (size_t i = 0; i < g->dcss; i++)
		g->dcs[i]->tx += g->dcs[i]->carried;
	atm_out_push(out, ATM_SEND, g->root->ref)->frame = f;
}
