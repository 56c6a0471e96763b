/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * MARS_REQUEST and its answers (RFC 2022 sections 5.1.1, 5.1.2 and 6.1.1): one
 * MARS_NAK when nobody belongs to the group, by single or block join, else a
 * sequence of MARS_MULTIs, as few as the MTU allows.  Addresses of different
 * formats go into different parts of the same sequence (MARS-039).
 */
#include "marsh/base/err.h"
#include "mars_gather.h"
#include "mars_server_int.h"

/* nak returns the request with another op and nothing else changed. */
static int
nak(struct mars_server *s, const struct server_rq *rq, struct atm_out *out)
{
	struct frame *f;

	if (server_reserve(s, out, 1) != 0
	    || (f = frame_copy(s->mem, rq->sdu, rq->len)) == NULL)
		return MARSH_ENOMEM;
	mars_put_op(f->bytes + SNAP_LEN, MARS_NAK);
	mars_seal(f->bytes + SNAP_LEN, rq->len - SNAP_LEN, s->cfg.checksum);
	s->stats.priv[MARS_NAK]++;
	server_emit(s, out, rq->ref, f);
	return 0;
}

/* A reply being written, part by part. */
struct multi {
	struct mars_msg m;
	struct gather from;
	unsigned fmt;
	bool plain;     /* nothing but NSAPs */
	uint32_t per; /* addresses a part, in this format */
	uint32_t parts; /* still to come, this one included */
};

/* use_format sets the lengths of format |fmt| and what fits into a part. */
static void
use_format(const struct mars_server *s, struct multi *k, unsigned fmt)
{
	size_t room, each;

	k->fmt = fmt;
	k->m.thtl = (uint8_t)(fmt == 0 ? ATM_NSAP_LEN
				       : ATM_TL_E164 | (fmt & 15));
	k->m.tstl = fmt > 16 ? ATM_NSAP_LEN : 0;
	k->m.tnum = 0;
	each = atm_tl_len(k->m.thtl) + atm_tl_len(k->m.tstl);
	room = mars_size(&k->m);
	room = room < s->cfg.mtu ? (s->cfg.mtu - room) / each : 0;
	k->per = room == 0 ? 1 : room < UINT16_MAX ? (uint32_t)room
						   : UINT16_MAX;
	k->from.at = 0;
}

/* part writes and emits the next part, of |n| addresses. */
static int
part(struct mars_server *s, const struct server_rq *rq, struct multi *k,
    uint32_t n, struct atm_out *out)
{
	struct frame *f;
	size_t size;
	uint8_t *b;

	k->m.tnum = (uint16_t)n;
	k->m.part++;
	k->m.last = --k->parts == 0;
	size = mars_size(&k->m);
	f = frame_new(s->mem, SNAP_LEN + size);
	if (f == NULL)
		return MARSH_ENOMEM;
	f->len = (uint32_t)(SNAP_LEN + size);
	b = f->bytes + SNAP_LEN;
	snap_control(f->bytes);
	mars_encode(&k->m, false, b, size);
	if (k->plain)
		gather_nsap(&k->from, b + mars_list_off(&k->m), n);
	else
		gather_format(&k->from, k->fmt, b + mars_list_off(&k->m), n);
	if (s->cfg.checksum)
		mars_seal(b, size, true);
	server_emit(s, out, rq->ref, f);
	return 0;
}

static int
multi(struct mars_server *s, const struct server_rq *rq,
    const struct idset *set, struct atm_out *out)
{
	const struct mars_msg *q = rq->m;
	struct multi k = { .from = { &rq->p->db, set, 0 } };
	uint32_t n[FORMATS], parts = 0;
	struct server_mark mark;

	/* The source fields are the requester's (MARS-056). */
	k.m = (struct mars_msg){ .pro = q->pro, .op = MARS_MULTI,
		.shtl = q->shtl, .sstl = q->sstl, .sha = q->sha,
		.spln = q->spln, .spa = q->spa, .tpln = q->tpln,
		.tpa = q->tpa, .msn = rq->p->csn };
	gather_count(&rq->p->db, set, n);
	k.plain = n[0] == set->n;
	for (unsigned i = 0; i < FORMATS; i++)
		if (n[i] != 0) {
			use_format(s, &k, i);
			parts += (n[i] + k.per - 1) / k.per;
		}
	if (server_reserve(s, out, parts) != 0)
		return MARSH_ENOMEM;
	mark = server_mark(s, out);
	k.parts = parts;
	for (unsigned i = 0; i < FORMATS; i++) {
		if (n[i] != 0)
			use_format(s, &k, i);
		for (uint32_t left = n[i], now; left > 0; left -= now) {
			now = left < k.per ? left : k.per;
			if (part(s, rq, &k, now, out) != 0)
				return server_undo(s, out, mark);
		}
	}
	s->stats.priv[MARS_MULTI] += parts;
	rq->p->answered = s->now;
	return 0;
}

int
server_request(struct mars_server *s, struct server_rq *rq,
    struct atm_out *out)
{
	const struct idset *set;
	struct idset tmp;
	struct l3_addr g;

	if (rq->m->tpln == 0 || mars_group(rq->m, &g) != 0)
		return server_drop(s, MARS_SERVER_DROP_ADDRESS, rq->m);
	server_heard(s, rq);
	set = db_of_group(&rq->p->db, &g, &tmp, s->bits);
	return set->n == 0 ? nak(s, rq, out) : multi(s, rq, set, out);
}
