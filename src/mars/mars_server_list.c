/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * MARS_GROUPLIST_REQUEST (RFC 2022 section 5.3): the groups of the first pair
 * that somebody joined singly with layer3grp set, in order, packed and numbered
 * as MARS_MULTI.  None at all is one reply with no groups.
 */
#include <string.h>

#include "marsh/base/err.h"
#include "mars_hash.h"
#include "mars_server_int.h"

/* next returns the next group of |r| with layer 3 members, or NULL. */
static const struct l3_addr *
next(const struct mars_db *db, struct order_pos *p, const struct l3_range *r)
{
	uint32_t gid;

	while ((gid = order_at(&db->order, *p)) != 0) {
		const struct db_group *g = db_group(db, gid);

		if (l3_order(&g->a, &r->max) > 0)
			return NULL;
		order_step(&db->order, p);
		if (g->layer3 != 0)
			return &g->a;
	}
	return NULL;
}

static struct frame *
part(struct mars_server *s, const struct mars_db *db, struct mars_msg *m,
    struct order_pos *p, const struct l3_range *r)
{
	size_t size = mars_size(m);
	struct frame *f = frame_new(s->mem, SNAP_LEN + size);
	uint8_t *b;

	if (f == NULL)
		return NULL;
	f->len = (uint32_t)(SNAP_LEN + size);
	snap_control(f->bytes);
	mars_encode(m, false, f->bytes + SNAP_LEN, size);
	b = f->bytes + SNAP_LEN + mars_list_off(m);
	for (unsigned i = 0; i < m->tnum; i++)
		memcpy(b + (size_t)i * m->tpln, next(db, p, r)->b, m->tpln);
	mars_seal(f->bytes + SNAP_LEN, size, s->cfg.checksum);
	return f;
}

static uint32_t
fits(const struct mars_server *s, const struct mars_msg *m)
{
	size_t room = mars_size(m);

	room = room < s->cfg.mtu ? (s->cfg.mtu - room) / m->tpln : 0;
	return room == 0 ? 1 : room < UINT16_MAX ? (uint32_t)room : UINT16_MAX;
}

static int
reply(struct mars_server *s, const struct server_rq *rq,
    const struct l3_range *r, struct atm_out *out)
{
	const struct mars_msg *q = rq->m;
	const struct mars_db *db = &rq->p->db;
	struct mars_msg m = { .pro = q->pro, .op = MARS_GROUPLIST_REPLY,
		.shtl = q->shtl, .sstl = q->sstl, .sha = q->sha,
		.spln = q->spln, .spa = q->spa, .tpln = q->tpln,
		.msn = rq->p->csn };
	struct order_pos p = order_seek(&db->order, &r->min), from = p;
	uint32_t n = 0, per = fits(s, &m), parts;
	struct server_mark mark;
	struct frame *f;

	while (next(db, &p, r) != NULL)
		n++;
	parts = n == 0 ? 1 : (n + per - 1) / per;
	if (server_reserve(s, out, parts) != 0)
		return MARSH_ENOMEM;
	mark = server_mark(s, out);
	for (uint32_t i = 0; i < parts; i++) {
		m.tnum = (uint16_t)(n - i * per < per ? n - i * per : per);
		m.part = (uint16_t)(i + 1);
		m.last = i + 1 == parts;
		f = part(s, db, &m, &from, r);
		if (f == NULL)
			return server_undo(s, out, mark);
		server_emit(s, out, rq->ref, f);
	}
	s->stats.priv[MARS_GROUPLIST_REPLY] += parts;
	return 0;
}

int
server_grouplist(struct mars_server *s, struct server_rq *rq,
    struct atm_out *out)
{
	struct l3_range r;

	/* Further pairs are ignored, no pair is no question. */
	if (rq->m->pnum == 0)
		return server_drop(s, MARS_SERVER_DROP_PAIRS, rq->m);
	if (rq->m->tpln == 0 || mars_pair(rq->m, 0, &r) != 0)
		return server_drop(s, MARS_SERVER_DROP_ADDRESS, rq->m);
	server_heard(s, rq);
	return reply(s, rq, &r, out);
}
