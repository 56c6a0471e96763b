/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * MARS_JOIN and MARS_LEAVE of one group (RFC 2022 section 6.1.2).  What changed
 * the membership goes out on CCVC; what did not, because the node was or still
 * is a member by single or block join, goes back privately (MARS-172 to 174).
 *
 * The source finds its own copy on CCVC.  While it is not a leaf yet it cannot,
 * and would retransmit for 10 s and then see a jump of the CSN; it is then sent
 * a private copy besides.
 */
#include "marsh/base/err.h"
#include "mars_hash.h"
#include "mars_server_int.h"

/* server_changed tells and traces that the database changed. */
void
server_changed(struct mars_server *s, const struct server_rq *rq,
    const struct l3_range *r)
{
	struct atm_addr who;

	change_range(s, rq, r);
	if (!server_traced(s))
		return;
	who = db_addr(&rq->p->db, rq->cmi);
	trace_emit(s->trace, s->now,
	    &(struct trace_ev){ .who = &who, .group = r,
		.kind = rq->m->op == MARS_JOIN ? TRACE_JOIN : TRACE_LEAVE,
		.cmi = (uint16_t)rq->cmi });
}

static void
send_private(struct mars_server *s, const struct server_rq *rq,
    struct frame *f, struct atm_out *out)
{
	server_stamp(s, rq, f, rq->p->csn);
	s->stats.priv[rq->m->op]++;
	server_emit(s, out, rq->ref, f);
}

static void
send_ccvc(struct mars_server *s, const struct server_rq *rq, struct frame *f,
    struct atm_out *out)
{
	/* Increment, then send. */
	rq->p->csn = seq_after(rq->p->csn, 1);
	server_stamp(s, rq, f, rq->p->csn);
	s->stats.ccvc[rq->m->op]++;
	server_emit(s, out, rq->p->ccvc, f);
}

/* change applies a single join or leave; *|changed|: the node's state did. */
static int
change(struct mars_server *s, struct server_rq *rq, const struct l3_range *r,
    bool *changed)
{
	struct mars_db *db = &rq->p->db;
	const struct mars_msg *m = rq->m;

	if (m->op == MARS_LEAVE)
		*changed = db_leave(db, rq->cmi, &r->min);
	else if (db_join(db, rq->cmi, &r->min,
		     (m->flags & MARS_FLAG_LAYER3GRP) != 0, changed)
	    != 0)
		return MARSH_ENOMEM;
	if (!*changed) {
		*changed = old_renew(s, rq, r);
		if (rq->renewed && db_member(db, rq->cmi)->came)
			change_range(s, rq, r);
		return 0;
	}
	server_changed(s, rq, r);
	/* Of a block that is old nobody knows who still sends to it. */
	*changed = !db_in_block(db, rq->cmi, &r->min)
	    || (m->op == MARS_JOIN && db_member(db, rq->cmi)->tell);
	return 0;
}

static int
single(struct mars_server *s, struct server_rq *rq, const struct l3_range *r,
    struct atm_out *out)
{
	bool leaf = db_member(&rq->p->db, rq->cmi)->leaf == LEAF_UP, changed;
	struct frame *f, *again = NULL;

	if (server_reserve(s, out, 2) != 0
	    || (f = server_copy(s, rq)) == NULL)
		return MARSH_ENOMEM;
	if ((!leaf && (again = server_copy(s, rq)) == NULL)
	    || change(s, rq, r, &changed) != 0) {
		frame_unref(f);
		frame_unref(again);
		return MARSH_ENOMEM;
	}
	if (!changed || rq->p->up == 0) {
		frame_unref(again);
		rq->p->csn = seq_after(rq->p->csn, changed && unheard(rq));
		send_private(s, rq, f, out);
		return 0;
	}
	send_ccvc(s, rq, f, out);
	if (again != NULL)
		send_private(s, rq, again, out);
	return 0;
}

int
server_join(struct mars_server *s, struct server_rq *rq, struct atm_out *out)
{
	struct l3_range r;

	if (rq->m->pnum != 1)
		return server_drop(s, MARS_SERVER_DROP_PAIRS, rq->m);
	if (rq->m->tpln == 0 || mars_pair(rq->m, 0, &r) != 0)
		return server_drop(s, MARS_SERVER_DROP_ADDRESS, rq->m);
	server_heard(s, rq);
	if (l3_same(&r.min, &r.max))
		return single(s, rq, &r, out);
	return server_block(s, rq, &r, out);
}
