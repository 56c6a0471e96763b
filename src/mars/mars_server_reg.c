/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registration and deregistration (RFC 2022 sections 5.2.3 and 6.1.2): tables
 * of a protocol come into being with its first member, CMIs are the lowest
 * free ones, and the answer goes back privately on the VC the message came on
 * and never on CCVC (MARS-167).  A member registering again keeps its CMI and
 * its leaf, or gets the leaf back; so does one that was another MARS's, or whose
 * CMI is kept.  While it is starting a MARS gives no other CMIs: it does not
 * know yet what others gave.
 */
#include <assert.h>
#include <string.h>

#include "marsh/base/err.h"
#include "mars_server_int.h"

struct mars_proto *
server_proto_new(struct mars_server *s, const struct l3_proto *pro)
{
	struct mars_proto *p;

	p = mem_alloc(&s->counted, sizeof(*p));
	if (p == NULL)
		return NULL;
	p->pro.type = pro->type;
	if (pro->type == L3_PROTO_LONG)
		memcpy(p->pro.snap, pro->snap, sizeof(pro->snap));
	p->index = s->protos;
	p->csn = s->cfg.csn;
	db_init(&p->db, &s->counted, rng_u64(&s->rng));
	s->proto[s->protos++] = p;
	return p;
}

/* A protocol whose first registration failed never existed. */
void
server_proto_undo(struct mars_server *s, struct mars_proto *p)
{
	assert(p->db.members == 0 && p->index + 1 == s->protos);
	s->protos--;
	db_fini(&p->db);
	mem_free(&s->counted, p, sizeof(*p));
}

static void
trace_member(const struct mars_server *s, const struct atm_addr *who,
    unsigned cmi, enum trace_kind kind, const char *what)
{
	trace_emit(s->trace, s->now,
	    &(struct trace_ev){ .kind = kind, .who = who, .what = what,
		.cmi = (uint16_t)cmi });
}

/* enter gives the source a CMI and adds it; 0 with |cmi| set, or an error. */
static int
enter(struct mars_server *s, struct server_rq *rq, const struct atm_addr *a)
{
	unsigned cmi = db_kept(&rq->p->db, a);

	if (cmi == 0 && s->role == MARS_SERVER_STARTING)
		return server_drop(s, MARS_SERVER_DROP_STARTING, rq->m);
	if (cmi == 0)
		cmi = db_free_cmi(&rq->p->db, s->cfg.cmi_lo, s->cfg.cmi_hi);
	if (cmi == 0) {
		trace_member(s, a, 0, TRACE_ALARM, "cmi_exhausted");
		return server_drop(s, MARS_SERVER_DROP_CMI_EXHAUSTED, rq->m);
	}
	if (db_add(&rq->p->db, a, cmi) != 0)
		return MARSH_ENOMEM;
	rq->cmi = cmi;
	trace_member(s, a, cmi, TRACE_CMI, "allocated");
	return 0;
}

/*
 * answer sends |f|, a copy of the message, back with the copy flag, and with
 * the CMI when it is a registration.  The place for it was reserved.
 */
static void
answer(struct mars_server *s, const struct server_rq *rq, struct frame *f,
    unsigned cmi, struct atm_out *out)
{
	if (cmi != 0)
		mars_put_cmi(f->bytes + SNAP_LEN, (uint16_t)cmi);
	server_stamp(s, rq, f, rq->p->csn);
	s->stats.priv[rq->m->op]++;
	server_emit(s, out, rq->ref, f);
}

/* admit does what a well-formed registration asks; |rq->p| exists. */
static int
admit(struct mars_server *s, struct server_rq *rq, const struct atm_addr *a,
    struct atm_out *out)
{
	bool new = rq->cmi == 0;
	struct frame *f;
	int err;

	if (server_reserve(s, out, 1) != 0
	    || (f = server_copy(s, rq)) == NULL)
		return MARSH_ENOMEM;
	if (new && (err = enter(s, rq, a)) != 0) {
		frame_unref(f);
		return err;
	}
	server_heard(s, rq);
	if (new) {
		leaf_adopt(s, rq->p, rq->cmi);
	} else {
		far_home(s, rq->p, rq->cmi);
		old_back(s, rq->p, rq->cmi);
		leaf_want(s, rq->p, rq->cmi);
	}
	change_member(s, rq->p, rq->cmi, MARS_CHANGE_REGISTER, false);
	trace_member(s, a, rq->cmi, TRACE_REGISTER, new ? NULL : "again");
	answer(s, rq, f, rq->cmi, out);
	return 0;
}

int
server_register(struct mars_server *s, struct server_rq *rq,
    struct atm_out *out)
{
	bool new = rq->p == NULL;
	struct atm_addr a;
	int err;

	/* No group, or one with any tpln. */
	if (rq->m->pnum > 1)
		return server_drop(s, MARS_SERVER_DROP_PAIRS, rq->m);
	if (mars_src(rq->m, &a) != 0)
		return server_drop(s, MARS_SERVER_DROP_ADDRESS, rq->m);
	if (new && s->protos == SERVER_PROTOS)
		return server_drop(s, MARS_SERVER_DROP_PROTOCOL, rq->m);
	if (new && (rq->p = server_proto_new(s, &rq->m->pro)) == NULL)
		return MARSH_ENOMEM;
	err = admit(s, rq, &a, out);
	if (err != 0 && new)
		server_proto_undo(s, rq->p);
	return err;
}

/* server_remove takes |cmi| out of everything; its leaf is forgotten. */
void
server_remove(struct mars_server *s, struct mars_proto *p, unsigned cmi,
    const char *why)
{
	struct atm_addr a = db_addr(&p->db, cmi);
	unsigned leaf = db_member(&p->db, cmi)->leaf;

	assert(leaf == LEAF_NONE || leaf == LEAF_FAR);
	p->far -= leaf == LEAF_FAR;
	timer_clear(p, cmi);
	vc_detach(s, p, cmi);
	db_remove(&p->db, cmi);
	trace_member(s, &a, cmi, TRACE_DEREGISTER, why);
	trace_member(s, &a, cmi, TRACE_CMI, "released");
}

/* server_purge removes a member whose hold is over (MARS-180). */
void
server_purge(struct mars_server *s, struct mars_proto *p, unsigned cmi)
{
	change_member(s, p, cmi, MARS_CHANGE_DEREGISTER, true);
	server_remove(s, p, cmi, "lost");
}

/* leave ends an own membership, or leaves it to the MARS it moved to. */
static void
leave(struct mars_server *s, struct mars_proto *p, unsigned cmi,
    struct atm_out *out)
{
	bool moved = db_member(&p->db, cmi)->moved;

	change_member(s, p, cmi, MARS_CHANGE_DEREGISTER, false);
	leaf_forget(s, p, cmi, out);
	if (moved)
		leaf_far(s, p, cmi);
	else
		server_remove(s, p, cmi, "asked");
}

/*
 * A node that is no member here gets its copy too: perhaps the first one was
 * lost (Appendix F; the register flag exempts it from MARS-258).
 */
int
server_deregister(struct mars_server *s, struct server_rq *rq,
    struct atm_out *out)
{
	struct frame *f;

	if (rq->m->pnum > 1)
		return server_drop(s, MARS_SERVER_DROP_PAIRS, rq->m);
	if (rq->p == NULL)
		return server_drop(s, MARS_SERVER_DROP_PROTOCOL, rq->m);
	if (server_reserve(s, out, 1) != 0
	    || leaf_reserve(s, rq->p) != 0
	    || (f = server_copy(s, rq)) == NULL)
		return MARSH_ENOMEM;
	if (rq->cmi != 0 && db_member(&rq->p->db, rq->cmi)->leaf != LEAF_FAR)
		leave(s, rq->p, rq->cmi, out);
	answer(s, rq, f, 0, out);
	return 0;
}
