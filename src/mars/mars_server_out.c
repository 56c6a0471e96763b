/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frames on their way out.  RFC 2022 section 6.1.4 wants everything serialised:
 * no join, leave or map may be sent between the parts of an earlier reply.  All
 * frames therefore leave in the order in which they were made; those that find
 * no room in |out| wait in |tx|, and later ones behind them.
 *
 * Emitting never fails, because handlers reserve places first; what was emitted
 * since a mark can be taken back when something else fails.
 */
#include <assert.h>
#include <string.h>

#include "marsh/base/err.h"
#include "mars_server_int.h"

#define FLAGS_RESERVED 0x0f00u

/* server_copy returns the message as it came, TLVs included, or NULL. */
struct frame *
server_copy(struct mars_server *s, const struct server_rq *rq)
{
	return frame_copy(s->mem, rq->sdu, rq->len);
}

/*
 * server_stamp makes a copy of a JOIN or LEAVE what the MARS sends: unchanged
 * but for copy, punched, sequence number and checksum (MARS-170, A-22), and
 * for reserved bits, which are sent as zero.
 */
void
server_stamp(struct mars_server *s, const struct server_rq *rq,
    struct frame *f, uint32_t msn)
{
	uint8_t *b = f->bytes + SNAP_LEN;

	mars_put_flags(b, server_flags(rq->m));
	mars_put_msn(b, msn);
	mars_seal(b, rq->len - SNAP_LEN, s->cfg.checksum);
}

/* server_flags returns the flags of an unpunched message of the MARS. */
uint16_t
server_flags(const struct mars_msg *m)
{
	return (uint16_t)((m->flags | MARS_FLAG_COPY)
	    & ~(MARS_FLAG_PUNCHED | FLAGS_RESERVED));
}

int
server_reserve(struct mars_server *s, const struct atm_out *out, size_t n)
{
	void *v = s->tx.v;

	if (s->tx.n == 0 && atm_out_room(out) >= n + SERVER_ROOM)
		return 0;
	if (mem_grow(s->mem, &v, &s->tx.cap, s->tx.n + n, sizeof(*s->tx.v))
	    != 0)
		return MARSH_ENOMEM;
	s->tx.v = v;
	return 0;
}

void
server_emit(struct mars_server *s, struct atm_out *out, atm_ref ref,
    struct frame *f)
{
	if (ref == 0) { /* a member left in its name, without a VC */
		frame_unref(f);
		return;
	}
	if (s->tx.n == 0 && atm_out_room(out) > SERVER_ROOM) {
		atm_out_push(out, ATM_SEND, ref)->frame = f;
		return;
	}
	assert(s->tx.n < s->tx.cap);
	s->tx.v[s->tx.n++] = (struct server_held){ ref, f };
}

struct server_mark
server_mark(const struct mars_server *s, const struct atm_out *out)
{
	return (struct server_mark){ out->n, s->tx.n };
}

/* server_undo drops what was emitted since |mark|; returns MARSH_ENOMEM. */
int
server_undo(struct mars_server *s, struct atm_out *out,
    struct server_mark mark)
{
	while (out->n > mark.out)
		frame_unref(out->v[--out->n].frame);
	while (s->tx.n > mark.tx)
		frame_unref(s->tx.v[--s->tx.n].frame);
	return MARSH_ENOMEM;
}

void
server_flush(struct mars_server *s, struct atm_out *out)
{
	struct server_queue *q = &s->tx;

	for (; q->head < q->n && atm_out_room(out) > 0; q->head++)
		atm_out_push(out, ATM_SEND, q->v[q->head].ref)->frame
		    = q->v[q->head].frame;
	if (q->head > q->n / 2) {
		q->n -= q->head;
		memmove(q->v, q->v + q->head, q->n * sizeof(*q->v));
		q->head = 0;
	}
}

/* server_tx_fini forgets all waiting frames. */
void
server_tx_fini(struct mars_server *s)
{
	struct server_queue *q = &s->tx;

	for (; q->head < q->n; q->head++)
		frame_unref(q->v[q->head].frame);
	mem_free(s->mem, q->v, q->cap * sizeof(*q->v));
	*q = (struct server_queue){ .v = NULL };
}
