/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ClusterControlVC and its leaves (RFC 2022 sections 4.1 and 6.1.2).  Every
 * registered member is wanted as a leaf exactly once.  The first leaf opens the
 * VC by L_MULTI_RQ; until that is answered the others queue, and if it fails
 * the next one opens.  A VC without leaves is released.
 *
 * A leaf refused for a temporary cause is tried again after 5 to 10 s and then
 * after twice as long each time, as section 5.1.3 has it for clients.  Another
 * refusal, and ERR_L_DROP, mean that the member is gone: the hold starts, and
 * its end removes the member (MARS-180, scenario S04).
 *
 * A member that deregisters while its leaf is being added leaves a ghost: the
 * answer is still awaited, and then the leaf is dropped or taken over by
 * whoever registered with that address meanwhile.
 */
#include <assert.h>
#include <string.h>

#include "marsh/base/err.h"
#include "mars_server_int.h"

static const char *const leaf_words[] = { "None", "Wanted", "Adding", "Up",
	"Waiting", "Far" };

static void
trace_leaf(const struct mars_server *s, const struct mars_proto *p,
    unsigned cmi, unsigned from, unsigned to)
{
	struct atm_addr who;

	if (!server_traced(s))
		return;
	who = db_addr(&p->db, cmi);
	trace_emit(s->trace, s->now,
	    &(struct trace_ev){ .kind = TRACE_STATE, .what = "leaf",
		.from = leaf_words[from], .to = leaf_words[to], .who = &who,
		.cmi = (uint16_t)cmi, .ref = p->ccvc, .use = ATM_USE_CCVC });
}

/* unlink takes |cmi| out of the queue of wanted leaves. */
static void
unlink_wanted(struct mars_proto *p, struct db_member *m)
{
	if (m->l != 0)
		db_member(&p->db, m->l)->r = m->r;
	else
		p->want_head = m->r;
	if (m->r != 0)
		db_member(&p->db, m->r)->l = m->l;
	else
		p->want_tail = m->l;
	m->l = m->r = 0;
}

static void
link_wanted(struct mars_proto *p, struct db_member *m, unsigned cmi)
{
	m->l = p->want_tail;
	m->r = 0;
	if (p->want_tail != 0)
		db_member(&p->db, p->want_tail)->r = (uint16_t)cmi;
	else
		p->want_head = (uint16_t)cmi;
	p->want_tail = (uint16_t)cmi;
}

/* leaf_go is the only writer of a leaf's state. */
static void
leaf_go(struct mars_server *s, struct mars_proto *p, unsigned cmi,
    enum leaf to)
{
	struct db_member *m = db_member(&p->db, cmi);
	unsigned from = m->leaf;

	timer_clear(p, cmi);
	if (from == LEAF_WANTED)
		unlink_wanted(p, m);
	p->adding -= from == LEAF_ADDING;
	p->up -= from == LEAF_UP;
	p->far -= from == LEAF_FAR;
	m->leaf = to;
	if (to == LEAF_WANTED)
		link_wanted(p, m, cmi);
	p->adding += to == LEAF_ADDING;
	p->up += to == LEAF_UP;
	p->far += to == LEAF_FAR;
	if (to == LEAF_UP) {
		m->delay_ms = 0;
		m->missing = false;
	}
	if (to == LEAF_UP && m->old)
		timer_set(p, cmi, mtime_add(s->now, SERVER_SETTLE));
	if (from != to)
		trace_leaf(s, p, cmi, from, to);
}

/* leaf_want makes sure that |cmi| is or becomes a leaf, once. */
void
leaf_want(struct mars_server *s, struct mars_proto *p, unsigned cmi)
{
	unsigned leaf = db_member(&p->db, cmi)->leaf;

	if (leaf == LEAF_NONE || leaf == LEAF_WAITING || leaf == LEAF_FAR)
		leaf_go(s, p, cmi, LEAF_WANTED);
}

/* leaf_far makes |cmi|, of whom nothing is on CCVC, a member of another MARS. */
void
leaf_far(struct mars_server *s, struct mars_proto *p, unsigned cmi)
{
	struct db_member *m = db_member(&p->db, cmi);

	leaf_go(s, p, cmi, LEAF_FAR);
	vc_detach(s, p, cmi);
	m->delay_ms = 0;
	m->old = m->tell = m->missing = m->moved = m->came = false;
}

/*
 * lost starts the hold of a member that is no leaf.  One that left the tree
 * itself, as who follows a soft redirect does, need not join again; of others
 * nobody knows what they remember.
 */
static void
lost(struct mars_server *s, struct mars_proto *p, unsigned cmi, unsigned cause)
{
	struct db_member *m = db_member(&p->db, cmi);

	if (m->moved) {
		leaf_far(s, p, cmi);
		return;
	}
	if (m->leaf == LEAF_NONE) /* another hold begins */
		old_back(s, p, cmi);
	leaf_go(s, p, cmi, LEAF_NONE);
	timer_set(p, cmi, mtime_add(s->now, s->cfg.purge));
	if (cause != ATM_CAUSE_NORMAL && cause != ATM_CAUSE_UNSPECIFIED)
		m->old = db_age(&p->db, cmi) || m->old;
}

static void
retry_later(struct mars_server *s, struct mars_proto *p, unsigned cmi)
{
	struct db_member *m = db_member(&p->db, cmi);
	struct mspan d;

	if (m->delay_ms == 0) {
		d = rng_span(&s->rng, s->cfg.leaf_retry_lo,
		    s->cfg.leaf_retry_hi);
		m->delay_ms = (uint32_t)(d.us / 1000 + 1);
	} else if (m->delay_ms <= SERVER_BACKOFF_MAX / 2) {
		m->delay_ms *= 2;
	}
	leaf_go(s, p, cmi, LEAF_WAITING);
	timer_set(p, cmi, mtime_add(s->now, MSPAN_MS(m->delay_ms)));
}

/* leaf_reserve makes room for one ghost; MARSH_ENOMEM changes nothing. */
int
leaf_reserve(struct mars_server *s, struct mars_proto *p)
{
	void *v = p->ghost;

	if (mem_grow(&s->counted, &v, &p->ghost_cap, p->ghosts + 1,
		sizeof(*p->ghost))
	    != 0)
		return MARSH_ENOMEM;
	p->ghost = v;
	return 0;
}

/* leaf_forget ends the leaf of a member that deregisters. */
void
leaf_forget(struct mars_server *s, struct mars_proto *p, unsigned cmi,
    struct atm_out *out)
{
	switch (db_member(&p->db, cmi)->leaf) {
	case LEAF_UP:
		/* The last leaf goes with the VC itself. */
		if (p->up + p->adding > 1)
			atm_out_push(out, ATM_MULTI_DROP, p->ccvc)->dst
			    = db_addr(&p->db, cmi);
		break;
	case LEAF_ADDING:
		assert(p->ghosts < p->ghost_cap);
		p->ghost[p->ghosts++] = db_addr(&p->db, cmi);
		p->adding++;
		break;
	default:
		break;
	}
	leaf_go(s, p, cmi, LEAF_NONE);
}

/* leaf_depart drops the leaf of a member that has moved; false: it has not. */
bool
leaf_depart(struct mars_server *s, struct mars_proto *p, unsigned cmi,
    struct atm_out *out)
{
	if (!db_member(&p->db, cmi)->moved)
		return false;
	leaf_forget(s, p, cmi, out);
	leaf_far(s, p, cmi);
	return true;
}

/* exorcise removes |a| from the ghosts; false: it is not one. */
static bool
exorcise(struct mars_proto *p, const struct atm_addr *a)
{
	for (size_t i = 0; i < p->ghosts; i++)
		if (memcmp(&p->ghost[i], a, sizeof(*a)) == 0) {
			p->ghost[i] = p->ghost[--p->ghosts];
			p->adding--;
			return true;
		}
	return false;
}

/* leaf_adopt makes a new member a leaf: by asking, or in place of a ghost. */
void
leaf_adopt(struct mars_server *s, struct mars_proto *p, unsigned cmi)
{
	struct atm_addr a;

	if (p->ghosts != 0) {
		a = db_addr(&p->db, cmi);
		if (exorcise(p, &a)) {
			leaf_go(s, p, cmi, LEAF_ADDING);
			return;
		}
	}
	leaf_want(s, p, cmi);
}

/* leaf_proto returns the protocol whose CCVC is |ref|, or NULL. */
struct mars_proto *
leaf_proto(const struct mars_server *s, atm_ref ref)
{
	for (unsigned i = 0; i < s->protos; i++)
		if (s->proto[i]->state != CCVC_NONE
		    && s->proto[i]->ccvc == ref)
			return s->proto[i];
	return NULL;
}

/* close_vc notes that CCVC is gone, and with it all that was asked of it. */
static void
close_vc(struct mars_proto *p)
{
	p->state = CCVC_NONE;
	p->ccvc = 0;
	p->adding -= (uint32_t)p->ghosts;
	p->ghosts = 0;
}

void
leaf_ack(struct mars_server *s, struct mars_proto *p,
    const struct atm_ind *ind, struct atm_out *out)
{
	unsigned cmi = db_find(&p->db, &ind->peer);

	if (ind->rq == ATM_MULTI_RQ && p->state == CCVC_OPENING)
		p->state = CCVC_UP;
	else if (ind->rq != ATM_MULTI_ADD || p->state != CCVC_UP)
		return;
	if (cmi != 0 && db_member(&p->db, cmi)->leaf == LEAF_ADDING) {
		leaf_go(s, p, cmi, LEAF_UP);
		if (s->role == MARS_SERVER_BACKUP)
			p->steer = s->now;
	} else if (exorcise(p, &ind->peer) && p->up + p->adding > 0) {
		atm_out_push(out, ATM_MULTI_DROP, p->ccvc)->dst = ind->peer;
	}
}

/* leaf_released: the whole VC is gone; build it anew with all members. */
void
leaf_released(struct mars_server *s, struct mars_proto *p)
{
	close_vc(p);
	for (int i = bits_next(p->db.used, 0); i >= 0;
	     i = bits_next(p->db.used, (unsigned)i + 1)) {
		const struct db_member *m = db_member(&p->db, (unsigned)i);

		if (m->leaf != LEAF_UP && m->leaf != LEAF_ADDING)
			continue;
		if (m->moved)
			leaf_far(s, p, (unsigned)i);
		else
			leaf_go(s, p, (unsigned)i, LEAF_WANTED);
	}
}

void
leaf_failed(struct mars_server *s, struct mars_proto *p,
    const struct atm_ind *ind)
{
	unsigned cmi = db_find(&p->db, &ind->peer);
	bool whole = ind->rq == ATM_MULTI_RQ && p->state == CCVC_OPENING;

	if (!whole && (ind->rq != ATM_MULTI_ADD || p->state != CCVC_UP))
		return;
	if (cmi == 0 || db_member(&p->db, cmi)->leaf != LEAF_ADDING)
		(void)exorcise(p, &ind->peer);
	else if (atm_cause_is_temporary(ind->cause)
	    && !db_member(&p->db, cmi)->moved)
		retry_later(s, p, cmi);
	else
		lost(s, p, cmi, ind->cause);
	if (whole)
		leaf_released(s, p);
}

/* ERR_L_DROP: the only sign of a dead member (MARS-180). */
void
leaf_dropped(struct mars_server *s, struct mars_proto *p,
    const struct atm_ind *ind)
{
	unsigned cmi = db_find(&p->db, &ind->peer);

	if (cmi != 0 && db_member(&p->db, cmi)->leaf == LEAF_UP)
		lost(s, p, cmi, ind->cause);
}

/* leaf_restart: no VC survived; members are held until they come back. */
void
leaf_restart(struct mars_server *s, struct mars_proto *p)
{
	close_vc(p);
	for (int i = bits_next(p->db.used, 0); i >= 0;
	     i = bits_next(p->db.used, (unsigned)i + 1)) {
		struct db_member *m = db_member(&p->db, (unsigned)i);

		if (m->leaf != LEAF_FAR)
			lost(s, p, (unsigned)i, ATM_CAUSE_OUT_OF_ORDER);
		m->missing = m->leaf != LEAF_FAR;
	}
}

static atm_ref
new_ref(struct mars_server *s)
{
	do {
		s->next_ref = (s->next_ref + 1) % ATM_REF_REMOTE;
	} while (s->next_ref == 0 || leaf_proto(s, s->next_ref) != NULL);
	return s->next_ref;
}

/* leaf_pump asks for what is wanted, as far as |out| has room. */
void
leaf_pump(struct mars_server *s, struct mars_proto *p, struct atm_out *out)
{
	struct atm_req *rq;
	unsigned cmi;

	if (p->state == CCVC_UP && p->up + p->adding == 0
	    && atm_out_room(out) > 0) {
		atm_out_push(out, ATM_RELEASE, p->ccvc);
		close_vc(p);
	}
	while ((cmi = p->want_head) != 0 && p->state != CCVC_OPENING
	    && atm_out_room(out) > 0) {
		bool first = p->state == CCVC_NONE;

		if (first) {
			p->ccvc = new_ref(s);
			p->state = CCVC_OPENING;
		}
		rq = atm_out_push(out, first ? ATM_MULTI_RQ : ATM_MULTI_ADD,
		    p->ccvc);
		rq->use = ATM_USE_CCVC;
		rq->dst = db_addr(&p->db, cmi);
		leaf_go(s, p, cmi, LEAF_ADDING);
	}
}
