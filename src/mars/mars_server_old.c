/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a hold leaves behind.  RFC 2022 section 6.1.2 forgets a member at once
 * when its leaf is lost; then its JOINs after it registered again (5.4.1) are
 * changes and reach everybody on CCVC.  A hold keeps groups instead, for the
 * answers given meanwhile, and must make up for what the letter would bring:
 *
 * - Who asked during the hold, or just before the loss was known, may have
 *   tried in vain to reach the member and given it up (5.1.3).  If there was
 *   such an answer, a JOIN of an old membership goes out on CCVC although it
 *   changes nothing here.
 * - A member that lost its memory does not know what it is to leave.  What is
 *   not joined again is left in its name, with a MARS_LEAVE to everybody.
 * - A MARS that started again holds all its members, of whom those that are
 *   well may be back only after the hold.  Whom it named in an answer and then
 *   gives up others would send to for ever; that is left in its name, too.
 */
#include <string.h>

#include "marsh/base/err.h"
#include "mars_server_int.h"

/* May somebody have been told of |m|, in a hold now? */
static bool
named(const struct mars_server *s, const struct mars_proto *p,
    const struct db_member *m)
{
	return p->answered.us + SERVER_REACH.us >= m->timer - s->cfg.purge.us;
}

/*
 * old_back: a member in a hold registered again, or another hold begins.  Of
 * one that could not be made a leaf no loss is ever seen, so it may be any.
 */
void
old_back(struct mars_server *s, struct mars_proto *p, unsigned cmi)
{
	struct db_member *m = db_member(&p->db, cmi);

	if (m->leaf == LEAF_WAITING)
		m->old = m->tell = db_age(&p->db, cmi);
	if (!m->old)
		return;
	if (m->leaf == LEAF_UP)
		timer_set(p, cmi, mtime_add(s->now, SERVER_SETTLE));
	else if (m->leaf == LEAF_NONE && named(s, p, m))
		m->tell = true;
}

/*
 * old_renew: |r| was joined again; tells whether everybody must hear of it, and
 * notes whether it was old: other MARSs may have to hear, see far_home.
 */
bool
old_renew(struct mars_server *s, struct server_rq *rq,
    const struct l3_range *r)
{
	struct db_member *m = db_member(&rq->p->db, rq->cmi);

	if (!(m->old || m->came) || rq->m->op != MARS_JOIN
	    || !db_set_old(&rq->p->db, rq->cmi, r, false))
		return false;
	rq->renewed = true;
	if (m->old && m->leaf == LEAF_UP)
		timer_set(rq->p, rq->cmi, mtime_add(s->now, SERVER_SETTLE));
	return m->tell;
}

/* leave does what a MARS_LEAVE of the member would. */
static int
leave(struct mars_server *s, struct mars_proto *p, unsigned cmi,
    const struct l3_range *r, struct atm_out *out)
{
	const struct db_member *k = db_member(&p->db, cmi);
	struct atm_addr a = db_addr(&p->db, cmi);
	uint8_t src[2 * ATM_NSAP_LEN], pair[2 * L3_MAX];
	struct mars_msg m = { .pro = p->pro, .op = MARS_LEAVE, .pnum = 1,
		.spln = k->spa_len, .spa = k->spa, .tpln = r->min.len,
		.pairs = pair };
	struct server_rq rq = { .m = &m, .ref = k->vc, .p = p, .cmi = cmi };
	struct frame *f;
	int err;

	mars_set_src(&m, &a, src);
	memcpy(pair, r->min.b, r->min.len);
	memcpy(pair + r->min.len, r->max.b, r->max.len);
	f = mars_frame(s->mem, &m, s->cfg.checksum);
	if (f == NULL)
		return MARSH_ENOMEM;
	rq.sdu = f->bytes;
	rq.len = f->len;
	err = server_join(s, &rq, out);
	frame_unref(f);
	return err;
}

/* old_forget ends one old membership, or notes that there are no more. */
void
old_forget(struct mars_server *s, struct mars_proto *p, unsigned cmi,
    struct atm_out *out)
{
	struct db_member *m = db_member(&p->db, cmi);
	struct l3_range r;

	if (!db_oldest(&p->db, cmi, &r)) {
		m->old = m->tell = false;
		timer_clear(p, cmi);
	} else if (leave(s, p, cmi, &r, out) != 0) {
		timer_set(p, cmi, mtime_add(s->now, MSPAN_SEC(1)));
	}
}

/* old_lost ends one that others must hear of, of a member given up. */
bool
old_lost(struct mars_server *s, struct mars_proto *p, unsigned cmi,
    struct atm_out *out)
{
	struct db_member *m = db_member(&p->db, cmi);
	struct l3_range r;

	if (!m->missing || !(m->tell || named(s, p, m))
	    || !db_oldest(&p->db, cmi, &r))
		return false;
	m->tell = true;
	if (leave(s, p, cmi, &r, out) != 0)
		timer_set(p, cmi, mtime_add(s->now, MSPAN_SEC(1)));
	return true;
}
