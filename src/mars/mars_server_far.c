/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Members of other MARSs (RFC 2443 sections 2 and 5).  A far member has a CMI
 * and memberships as any other, and is in every answer; it has no VC and no
 * leaf of CCVC, and no timer ever removes it.  What it joins and leaves goes
 * out on this CCVC as if it had said so here, with redistribution and holes as
 * for own members, but for what changes nothing.
 *
 * Members move.  One that registers here stops being far and keeps all it has;
 * one that registered elsewhere stays own while it listens here, and becomes
 * far, with all it has, when its leaf or its VC goes: that is no loss, and no
 * other MARS is told.  Until then it may speak to either, but where it moved to
 * is where it belongs: when that one says that it is gone it is gone here, too.
 * What it deregisters here itself is told all the same.
 */
#include <assert.h>
#include <string.h>

#include "marsh/base/err.h"
#include "mars_hash.h"
#include "mars_server_int.h"

static bool
is_far(const struct mars_proto *p, unsigned cmi)
{
	return db_member(&p->db, cmi)->leaf == LEAF_FAR;
}

static void
trace_far(const struct mars_server *s, const struct atm_addr *a, unsigned cmi,
    const char *what)
{
	trace_emit(s->trace, s->now,
	    &(struct trace_ev){ .kind = TRACE_REGISTER, .who = a,
		.what = what, .cmi = (uint16_t)cmi });
}

static void
learn_spa(struct mars_proto *p, unsigned cmi, const struct l3_addr *spa)
{
	struct db_member *m = db_member(&p->db, cmi);

	if (spa->len == 0)
		return;
	m->spa_len = spa->len;
	memcpy(m->spa, spa->b, spa->len);
}

/* moved notes that an own member registered elsewhere. */
static void
moved(struct mars_server *s, struct mars_proto *p, unsigned cmi)
{
	struct db_member *m = db_member(&p->db, cmi);

	if (m->leaf == LEAF_NONE || m->leaf == LEAF_WAITING) {
		leaf_far(s, p, cmi);
		return;
	}
	if (m->leaf == LEAF_UP && !m->moved)
		timer_clear(p, cmi);
	m->moved = true;
	m->old = m->tell = m->missing = m->came = false;
}

/* back undoes that; its memberships are to be told again. */
static void
back(struct mars_proto *p, unsigned cmi)
{
	struct db_member *m = db_member(&p->db, cmi);

	if (m->leaf == LEAF_UP)
		timer_clear(p, cmi);
	m->moved = false;
	m->came = db_age(&p->db, cmi);
}

/* far_home: a member registered here; is it back from another MARS? */
void
far_home(struct mars_server *s, struct mars_proto *p, unsigned cmi)
{
	if (is_far(p, cmi)) {
		db_member(&p->db, cmi)->came = db_age(&p->db, cmi);
		leaf_adopt(s, p, cmi);
	} else if (db_member(&p->db, cmi)->moved) {
		back(p, cmi);
	}
}

/* far_vc_gone: the VC of a member that has moved was released. */
void
far_vc_gone(struct mars_server *s, struct mars_proto *p, unsigned cmi)
{
	unsigned leaf = db_member(&p->db, cmi)->leaf;

	if (leaf == LEAF_WANTED)
		leaf_far(s, p, cmi);
	else if (leaf == LEAF_UP) /* when there is room to drop the leaf */
		timer_set(p, cmi, s->now);
}

static int
enter(struct mars_server *s, struct mars_proto *p, const struct mars_far *far)
{
	if (db_add(&p->db, &far->addr, far->cmi) != 0)
		return MARSH_ENOMEM;
	leaf_far(s, p, far->cmi);
	learn_spa(p, far->cmi, &far->spa);
	trace_far(s, &far->addr, far->cmi, "far");
	return 0;
}

static int
far_register(struct mars_server *s, struct mars_proto *p,
    const struct mars_far *far)
{
	unsigned cmi = db_find(&p->db, &far->addr);

	if (!db_may_have(&p->db, &far->addr, far->cmi))
		return MARSH_EEXIST;
	if (cmi == 0)
		return enter(s, p, far);
	learn_spa(p, cmi, &far->spa);
	if (!is_far(p, cmi))
		moved(s, p, cmi);
	return 0;
}

static int
far_deregister(struct mars_server *s, struct mars_proto *p, unsigned cmi,
    struct atm_out *out)
{
	bool moved = db_member(&p->db, cmi)->moved;

	if (!is_far(p, cmi) && !moved)
		return 0;
	if (moved && leaf_reserve(s, p) != 0)
		return MARSH_ENOMEM;
	if (moved)
		leaf_forget(s, p, cmi, out);
	server_remove(s, p, cmi, "far");
	return 0;
}

/* What the member would have said, as it goes out on CCVC. */
struct said {
	struct mars_msg m;
	uint8_t src[2 * ATM_NSAP_LEN], pair[2 * L3_MAX];
};

static void
say(struct said *k, const struct server_rq *rq, const struct mars_far *far)
{
	const struct db_member *m = db_member(&rq->p->db, rq->cmi);
	const struct l3_range *r = &far->range;
	bool join = far->what == MARS_FAR_JOIN;

	k->m = (struct mars_msg){ .pro = rq->p->pro, .pnum = 1,
		.op = join ? MARS_JOIN : MARS_LEAVE, .cmi = (uint16_t)rq->cmi,
		.spln = m->spa_len, .spa = m->spa, .tpln = r->min.len,
		.pairs = k->pair, .msn = seq_after(rq->p->csn, 1),
		.flags = MARS_FLAG_COPY };
	if (far->layer3)
		k->m.flags |= MARS_FLAG_LAYER3GRP;
	mars_set_src(&k->m, &far->addr, k->src);
	memcpy(k->pair, r->min.b, r->min.len);
	memcpy(k->pair + r->min.len, r->max.b, r->max.len);
}

/* A single group: nothing is built for nobody. */
static int
far_single(struct mars_server *s, struct server_rq *rq,
    const struct mars_far *far, struct atm_out *out)
{
	struct mars_db *db = &rq->p->db;
	const struct l3_addr *g = &far->range.min;
	struct frame *f = NULL;
	bool changed;

	if (rq->p->up != 0 && !rq->quiet
	    && (server_reserve(s, out, 1) != 0
		|| (f = mars_frame(s->mem, rq->m, s->cfg.checksum)) == NULL))
		return MARSH_ENOMEM;
	if (rq->m->op == MARS_LEAVE) {
		changed = db_leave(db, rq->cmi, g);
	} else if (db_join(db, rq->cmi, g, far->layer3, &changed) != 0) {
		frame_unref(f);
		return MARSH_ENOMEM;
	}
	if (changed)
		server_changed(s, rq, &far->range);
	changed = changed && !db_in_block(db, rq->cmi, g);
	if (f != NULL && changed) {
		rq->p->csn = seq_after(rq->p->csn, 1);
		s->stats.ccvc[rq->m->op]++;
		server_emit(s, out, rq->p->ccvc, f);
		return 0;
	}
	frame_unref(f);
	rq->p->csn = seq_after(rq->p->csn, changed && unheard(rq));
	return 0;
}

static int
far_block(struct mars_server *s, struct server_rq *rq,
    const struct mars_far *far, struct atm_out *out)
{
	struct frame *f = mars_frame(s->mem, rq->m, false);
	int err;

	if (f == NULL)
		return MARSH_ENOMEM;
	rq->sdu = f->bytes;
	rq->len = f->len;
	err = server_block(s, rq, &far->range, out);
	frame_unref(f);
	return err;
}

static int
far_change(struct mars_server *s, struct mars_proto *p, unsigned cmi,
    const struct mars_far *far, struct atm_out *out)
{
	const struct l3_range *r = &far->range;
	struct server_rq rq = { .p = p, .cmi = cmi, .far = true,
		.quiet = far->quiet };
	struct said k;

	learn_spa(p, cmi, &far->spa);
	say(&k, &rq, far);
	rq.m = &k.m;
	if (l3_same(&r->min, &r->max))
		return far_single(s, &rq, far, out);
	return far_block(s, &rq, far, out);
}

static bool
joined(const struct mars_db *db, unsigned cmi, const struct l3_range *r)
{
	uint32_t gid;

	if (!l3_same(&r->min, &r->max))
		return db_joined(db, cmi, r);
	gid = db_group_find(db, &r->min);
	return gid != 0 && idset_has(&db_group(db, gid)->ids, (uint16_t)cmi);
}

/*
 * own_change: what a member did at another MARS may be heard after it has come
 * here.  What it joined there counts, and is as what it came with; what it left
 * there counts unless it has joined that here.
 */
static int
own_change(struct mars_server *s, struct mars_proto *p, unsigned cmi,
    const struct mars_far *far, struct atm_out *out)
{
	struct db_member *m = db_member(&p->db, cmi);
	const struct l3_range *r = &far->range;
	bool leave = far->what == MARS_FAR_LEAVE, had = joined(&p->db, cmi, r);
	int err;

	if (had != leave
	    || (leave && !(m->came && db_set_old(&p->db, cmi, r, false))))
		return 0;
	err = far_change(s, p, cmi, far, out);
	if (leave == (err == 0))
		return err;
	/* A leave that failed, or a join that did not. */
	(void)db_set_old(&p->db, cmi, r, true);
	m->came = true;
	return err;
}

static int
far_range(struct mars_server *s, struct mars_proto *p, unsigned cmi,
    const struct mars_far *far, struct atm_out *out)
{
	const struct l3_range *r = &far->range;

	assert(r->min.len != 0 && r->min.len == r->max.len
	    && l3_order(&r->min, &r->max) <= 0);
	if (cmi == 0)
		return MARSH_ENOENT;
	if (is_far(p, cmi) || db_member(&p->db, cmi)->moved)
		return far_change(s, p, cmi, far, out);
	return own_change(s, p, cmi, far, out);
}

/* known does what needs the protocol to exist. */
static int
known(struct mars_server *s, struct mars_proto *p, const struct mars_far *far,
    struct atm_out *out)
{
	unsigned cmi = db_find(&p->db, &far->addr);

	switch (far->what) {
	case MARS_FAR_REGISTER:
		return far_register(s, p, far);
	case MARS_FAR_KEEP:
		return db_keep(&p->db, &far->addr, far->cmi);
	case MARS_FAR_FORGET:
		return db_forget(&p->db, &far->addr, far->cmi) ? 0
							       : MARSH_ENOENT;
	case MARS_FAR_DEREGISTER:
		return cmi != 0 ? far_deregister(s, p, cmi, out)
				: MARSH_ENOENT;
	case MARS_FAR_JOIN:
	case MARS_FAR_LEAVE:
		return far_range(s, p, cmi, far, out);
	}
	return 0;
}

int
server_far(struct mars_server *s, const struct mars_far *far,
    struct atm_out *out)
{
	int i = mars_server_find_proto(s, &far->pro), err;
	struct mars_proto *p;

	assert(far->addr.tl != 0);
	if (i >= 0)
		return known(s, s->proto[i], far, out);
	if (far->what != MARS_FAR_REGISTER && far->what != MARS_FAR_KEEP)
		return MARSH_ENOENT;
	if (s->protos == SERVER_PROTOS
	    || (p = server_proto_new(s, &far->pro)) == NULL)
		return MARSH_ENOMEM;
	err = known(s, p, far, out);
	if (err != 0)
		server_proto_undo(s, p);
	return err;
}
