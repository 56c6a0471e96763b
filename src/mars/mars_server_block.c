/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * MARS_JOIN and MARS_LEAVE of a block (RFC 2022 section 6.1.2, Appendix A). The
 * pairs for CCVC are the block minus the groups of which the node is already
 * (JOIN) or still (LEAVE) a member through single joins (MARS-175).  Without a
 * hole the original goes out; with holes it goes back to the source, and a
 * punched copy goes out if a pair is left.  An oversized set becomes several
 * ascending messages, each with its own CSN.
 *
 * Members do not join blocks that overlap (section 5.2), but one that was held
 * may overlap one that is new; what is left then stays in the other.
 */
#include <string.h>

#include "marsh/base/err.h"
#include "mars_hash.h"
#include "mars_hole.h"
#include "mars_server_int.h"

struct punched {
	uint8_t *pairs;
	size_t size; /* octets to free */
	uint32_t n;  /* pairs */
	bool holes;
};

static void
put_pair(struct punched *k, const struct l3_range *pair)
{
	size_t z = pair->min.len;
	uint8_t *b = k->pairs + k->n++ * 2 * z;

	memcpy(b, pair->min.b, z);
	memcpy(b + z, pair->max.b, z);
}

/* What is to be cut out of a block: groups and blocks, each in order of min. */
struct cuts {
	const struct mars_db *db;
	uint32_t *v; /* group ids */
	size_t i, n, size;
	const struct own_block *b, *end;
	const struct l3_range *r; /* the block itself is none */
};

/* next_cut stores the cut with the lowest min; false: there are no more. */
static bool
next_cut(struct cuts *c, struct l3_range *cut)
{
	const struct block *v = c->db->blocks.v;

	if (c->b != c->end && range_order(&v[c->b->id].r, c->r) == 0)
		c->b++;
	if (c->i == c->n && c->b == c->end)
		return false;
	if (c->i < c->n)
		cut->min = cut->max = *db_group_addr(c->db, c->v[c->i]);
	if (c->i == c->n || (c->b != c->end
		&& l3_order(&v[c->b->id].r.min, &cut->min) < 0))
		*cut = v[c->b++->id].r;
	else
		c->i++;
	return true;
}

static int
cuts_find(struct cuts *c, const struct server_rq *rq, const struct l3_range *r)
{
	const struct db_member *m = db_member(&rq->p->db, rq->cmi);

	*c = (struct cuts){ .db = &rq->p->db, .r = r, .b = m->blocks };
	c->end = c->b;
	if (rq->m->op == MARS_LEAVE && m->blocks_n != 0)
		c->end += m->blocks_n;
	return db_singles(c->db, rq->cmi, r, &c->v, &c->n, &c->size);
}

static int
punch(struct mars_server *s, const struct server_rq *rq,
    const struct l3_range *r, struct punched *k)
{
	struct l3_range pair, cut;
	struct cuts c;
	struct hole h;

	*k = (struct punched){ .pairs = NULL };
	if (cuts_find(&c, rq, r) != 0)
		return MARSH_ENOMEM;
	k->size = (c.n + (size_t)(c.end - c.b) + 1) * 2 * r->min.len;
	k->pairs = mem_resize(s->mem, NULL, 0, k->size);
	if (k->pairs == NULL) {
		mem_free(c.db->mem, c.v, c.size);
		return MARSH_ENOMEM;
	}
	hole_start(&h, r);
	while (next_cut(&c, &cut))
		if (hole_cut(&h, &cut, &pair))
			put_pair(k, &pair);
	if (hole_end(&h, &pair))
		put_pair(k, &pair);
	k->holes = h.punched;
	mem_free(c.db->mem, c.v, c.size);
	return 0;
}

/* fits returns how many pairs one message of |m|'s kind can carry. */
static uint32_t
fits(const struct mars_server *s, const struct mars_msg *m)
{
	struct mars_msg bare = *m;
	size_t left;

	bare.pnum = 0;
	left = mars_size(&bare) + (m->tlvs_len != 0 ? 3 : 0); /* the gap */
	if (left + 2u * m->tpln >= s->cfg.mtu)
		return 1;
	left = (s->cfg.mtu - left) / (2u * m->tpln);
	return left < UINT16_MAX ? (uint32_t)left : UINT16_MAX;
}

/* emit_punched sends the punched copies; the CSNs follow that of |rq->p|. */
static int
emit_punched(struct mars_server *s, const struct server_rq *rq,
    const struct punched *k, uint32_t per, struct atm_out *out)
{
	struct mars_msg m = *rq->m;
	uint32_t csn = rq->p->csn;

	m.flags = server_flags(rq->m) | MARS_FLAG_PUNCHED;
	for (uint32_t i = 0; i < k->n; i += per) {
		struct frame *f;

		m.pnum = (uint16_t)(k->n - i < per ? k->n - i : per);
		m.pairs = k->pairs + (size_t)i * 2 * m.tpln;
		m.msn = csn = seq_after(csn, 1);
		f = mars_frame(s->mem, &m, s->cfg.checksum);
		if (f == NULL)
			return MARSH_ENOMEM;
		server_emit(s, out, rq->p->ccvc, f);
	}
	return 0;
}

/* emit_whole sends the original: on CCVC, or privately, or both. */
static int
emit_whole(struct mars_server *s, const struct server_rq *rq, bool ccvc,
    bool priv, struct atm_out *out)
{
	uint32_t csn = seq_after(rq->p->csn, ccvc);
	struct frame *f;

	for (int i = 0; i < 2; i++) {
		if (i == 0 ? !ccvc : !priv)
			continue;
		f = server_copy(s, rq);
		if (f == NULL)
			return MARSH_ENOMEM;
		server_stamp(s, rq, f, csn);
		server_emit(s, out, i == 0 ? rq->p->ccvc : rq->ref, f);
	}
	return 0;
}

/* count notes what was sent, now that nothing can fail any more. */
static void
count(struct mars_server *s, const struct server_rq *rq, uint32_t ccvc,
    bool priv)
{
	rq->p->csn = seq_after(rq->p->csn, ccvc);
	s->stats.ccvc[rq->m->op] += ccvc;
	s->stats.priv[rq->m->op] += priv;
}

/*
 * change sends what belongs to a change and makes it, or does neither; |again|:
 * the block is joined already, and others are told once more.
 */
static int
change(struct mars_server *s, struct server_rq *rq, const struct l3_range *r,
    const struct punched *k, bool again, struct atm_out *out)
{
	struct mars_db *db = &rq->p->db;
	uint32_t per = fits(s, rq->m), ccvc = 0, csn = rq->p->csn;
	bool leaf = db_member(db, rq->cmi)->leaf == LEAF_UP;
	bool priv = !rq->far && (k->holes || !leaf);
	struct server_mark mark;

	if (rq->p->up > 0 && !rq->quiet)
		ccvc = k->holes ? (k->n + per - 1) / per : 1;
	if (server_reserve(s, out, ccvc + 1) != 0)
		return MARSH_ENOMEM;
	mark = server_mark(s, out);
	rq->p->csn = seq_after(csn, unheard(rq));
	if (emit_whole(s, rq, !k->holes && ccvc != 0, priv, out) != 0
	    || (k->holes && ccvc != 0
		&& emit_punched(s, rq, k, per, out) != 0)
	    || (rq->m->op == MARS_JOIN && !again
		&& db_block_join(db, rq->cmi, r) != 0)) {
		rq->p->csn = csn;
		return server_undo(s, out, mark);
	}
	if (rq->m->op == MARS_LEAVE)
		db_block_leave(db, rq->cmi, r);
	count(s, rq, ccvc, priv);
	if (!again)
		server_changed(s, rq, r);
	return 0;
}

/* unchanged sends back what changed nothing. */
static int
unchanged(struct mars_server *s, const struct server_rq *rq,
    struct atm_out *out)
{
	if (rq->far)
		return 0;
	if (server_reserve(s, out, 1) != 0
	    || emit_whole(s, rq, false, true, out) != 0)
		return MARSH_ENOMEM;
	count(s, rq, 0, true);
	return 0;
}

int
server_block(struct mars_server *s, struct server_rq *rq,
    const struct l3_range *r, struct atm_out *out)
{
	bool joined = db_joined(&rq->p->db, rq->cmi, r), again;
	struct punched k;
	int err;

	/* A repeated join, or a leave of what is not joined. */
	again = old_renew(s, rq, r);
	if (joined == (rq->m->op == MARS_JOIN) && !again) {
		err = unchanged(s, rq, out);
	} else if ((err = punch(s, rq, r, &k)) == 0) {
		err = change(s, rq, r, &k, again, out);
		mem_free(s->mem, k.pairs, k.size);
	}
	if (err != 0 && rq->renewed)
		(void)db_set_old(&rq->p->db, rq->cmi, r, true);
	else if (rq->renewed && db_member(&rq->p->db, rq->cmi)->came)
		change_range(s, rq, r);
	return err;
}
