/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A frame is decoded once, however many get it: the last one on each side is
 * remembered, with a reference so that its address cannot come to mean another.
 * Received and sent are apart, so that a step's own sends leave the message it
 * works on alone.
 */
#include "node/world_int.h"

#include <string.h>

void
world_peek_forget(struct world *w)
{
	for (int i = 0; i < PEEK_SIDES; i++) {
		frame_unref(w->peek[i].frame);
		w->peek[i].frame = NULL;
	}
}

static uint32_t
group_of(struct world *w, const struct mars_msg *m)
{
	struct l3_range r;

	if (m->tpa != NULL) {
		if (mars_group(m, &r.min) != 0)
			return 0;
		r.max = r.min;
	} else if (m->pairs == NULL || m->pnum == 0 || mars_pair(m, 0, &r) != 0)
		return 0;
	return log_range(w->log, &r);
}

static void
fill(struct world *w, struct peek *p)
{
	const struct mars_msg *m = &p->msg;
	struct log_rec *r = &p->rec;
	struct atm_addr a;

	r->op = m->op;
	r->msn = m->msn;
	r->cmi = m->cmi;
	r->n = m->pairs != NULL ? m->pnum : m->tnum;
	r->group = group_of(w, m);
	if (mars_src(m, &a) == 0)
		r->src = p->src = world_find_addr(w, &a);
	r->flags = (uint8_t)((m->flags & MARS_FLAG_COPY ? LOG_COPY : 0)
	    | (m->flags & MARS_FLAG_REGISTER ? LOG_REGISTER : 0)
	    | (m->flags & MARS_FLAG_PUNCHED ? LOG_PUNCHED : 0)
	    | (m->hard ? LOG_HARD : 0));
}

/* Data: the group stands in the packet where the protocol is one we can read. */
static uint32_t
data_group(struct world *w, const struct snap *s)
{
	struct l3_range r;
	size_t off = s->pro.type == 0x0800 ? 16 : 24;
	size_t len = s->pro.type == 0x0800 ? 4 : 16;

	if ((s->pro.type != 0x0800 && s->pro.type != 0x86dd)
	    || s->len < off + len
	    || l3_addr_set(&r.min, s->body + off, len) != 0)
		return 0;
	r.max = r.min;
	return log_range(w->log, &r);
}

unsigned
world_peek_op(const struct frame *f)
{
	static const uint8_t head[SNAP_LEN] = { 0xaa, 0xaa, 0x03, 0x00, 0x00,
		0x5e, 0x00, 0x05 };
	const uint8_t *b = f->bytes;

	/* Version, then Type Code (RFC 2334 B.1) */
	if (f->len >= SNAP_LEN + SCSP_FIXED_LEN && memcmp(b, head, SNAP_LEN) == 0
	    && b[SNAP_LEN + 1] > 0 && b[SNAP_LEN + 1] < SCSP_TYPE_COUNT)
		return LOG_SCSP + b[SNAP_LEN + 1];
	return snap_peek_op(b, f->len);
}

/* A message that the codec refuses still shows as what it claims to be. */
static void
fill_scsp(struct world *w, struct peek *p)
{
	struct scsp_msg *m = &p->scsp;
	struct log_rec *r = &p->rec;
	struct scsp_oct id;
	size_t off = 0;

	r->op = (uint8_t)world_peek_op(p->frame);
	if (scsp_decode(p->snap.body, p->snap.len, m, NULL) != 0)
		return;
	r->src = p->src = world_find_scsp(w, m->sender, 0);
	r->n = m->nrec;
	if (m->type == SCSP_HELLO)
		for (r->n = 0; scsp_next_id(m, &off, &id);)
			r->n++;
	if (m->type != SCSP_CA)
		return;
	r->msn = m->ca_seq;
	r->flags = (uint8_t)((m->flags & SCSP_CA_M ? LOG_MASTER : 0)
	    | (m->flags & SCSP_CA_I ? LOG_INIT : 0)
	    | (m->flags & SCSP_CA_O ? LOG_MORE : 0));
}

const struct peek *
world_peek(struct world *w, enum peek_side side, struct frame *f)
{
	struct peek *p = &w->peek[side];

	if (p->frame == f)
		return p;
	frame_unref(p->frame);
	memset(p, 0, sizeof(*p));
	p->frame = frame_ref(f);
	if (snap_decode(f->bytes, f->len, &p->snap, NULL, NULL) != 0)
		return p;
	if (p->snap.kind == SNAP_MARS
	    && mars_decode(p->snap.body, p->snap.len, true, &p->msg, NULL)
		== 0) {
		p->mars = true;
		fill(w, p);
	} else if (p->snap.kind == SNAP_SCSP) {
		fill_scsp(w, p);
	} else if (p->snap.kind == SNAP_TYPE1 || p->snap.kind == SNAP_TYPE2) {
		p->rec.flags = LOG_DATA;
		p->rec.cmi = p->snap.cmi;
		p->rec.group = data_group(w, &p->snap);
	}
	return p;
}
