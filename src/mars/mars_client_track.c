/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What members hear on ClusterControlVC: the Host Sequence Number (RFC 2022
 * section 5.1.4.2), JOINs and LEAVEs applied to open paths (5.1.4.1), MIGRATE
 * (5.1.6).
 *
 * The message is matched against the ordered paths, so that the work is that of
 * the paths it touches; most touch none and only move HSN.
 */
#include "mars_client_int.h"
#include "mars_seq.h"

#define PRIVATE_STEP_MAX 16

/*
 * client_seq takes |msn| into HSN and tells whether it jumped.  By the letter a
 * private reply overtaken by CCVC is a jump of -1; with private_step small
 * steps back on the private VC are ignored.
 *
 * The letter misses one loss: a private message carries the number of the last
 * one on CCVC, and where that one was lost HSN grows by one as if it had
 * come.  What comes over CCVC must therefore follow what came over CCVC, too.
 */
bool
client_seq(struct mars_client *c, uint32_t msn, bool priv)
{
	bool jump = seq_jumped(c->hsn, msn);

	if (priv) {
		if (c->cfg.private_step && msn - c->hsn >= 0u - PRIVATE_STEP_MAX)
			return false;
	} else {
		jump = jump || seq_jumped(c->heard, msn);
		c->heard = msn;
	}
	c->hsn = msn;
	return jump && c->member;
}

/*
 * client_seq_jump lets every VC but that of |but| be revalidated (5.1.5.2).
 * Who still waits for an answer has no VC, but the answer may be older than
 * what was lost.
 */
void
client_seq_jump(struct mars_client *c, struct mtime now,
    const struct path *but)
{
	c->stats.csn_jumps++;
	for (size_t i = 0; i < c->paths_n; i++)
		if (c->paths[i]->state == MARS_PATH_ASKING) {
			c->paths[i]->jumped = true;
			c->paths[i]->jump_msn = c->hsn;
		}
	client_reval_all(c, now, but);
}

/*
 * client_track_touches tells whether a pair of the JOIN or LEAVE |m| reaches
 * between the first and the last path; cheap, and may err towards yes.
 */
bool
client_track_touches(const struct mars_client *c, const struct mars_msg *m)
{
	size_t len = m->tpln;
	const uint8_t *b = m->pairs;

	if (c->paths_n == 0)
		return false;
	for (unsigned i = 0; i < m->pnum; i++, b += 2 * len) {
		if (memcmp(b, b + len, len) == 0
		    && !(c->groups & client_group_bit(b, len)))
			continue;
		if (len == c->lo.len && memcmp(b + len, c->lo.b, len) >= 0
		    && memcmp(b, c->hi.b, len) <= 0)
			return true;
	}
	return false;
}

static void
lost(struct mars_client *c, struct mtime now, struct path *p)
{
	client_drop(c, now, MARS_JOIN, MARS_CLIENT_DROP_NO_MEMORY);
	client_reval_path(c, now, p);
}

/* A member without memory for a new leaf is found by revalidation instead. */
static void
apply(struct mars_client *c, struct mtime now, struct path *p,
    const struct mars_msg *m, const struct atm_addr *a)
{
	struct leaf *l;

	client_ask_note(c, p, a, m->msn, m->op == MARS_JOIN);
	if (p->state != MARS_PATH_OPENING && p->state != MARS_PATH_UP)
		return;
	if (m->op == MARS_JOIN) {
		if (client_leaf_join(c, p, a) != 0)
			lost(c, now, p);
	} else if ((l = client_set_find(p, a)) != NULL) {
		client_leaf_leave(c, p, l);
	}
	client_leaf_settle(c, now, p);
}

static void
pair(struct mars_client *c, struct mtime now, const struct mars_msg *m,
    unsigned n, const struct atm_addr *a)
{
	size_t len = m->tpln, i;
	const uint8_t *min = m->pairs + 2 * len * n, *max = min + len;

	i = client_path_from(c, min, len);
	while (i < c->paths_n && c->paths[i]->group.len == len
	    && memcmp(c->paths[i]->group.b, max, len) <= 0) {
		struct path *p = c->paths[i];

		apply(c, now, p, m, a);
		if (i < c->paths_n && c->paths[i] == p)
			i++; /* else it is gone and the next took its place */
	}
}

/*
 * client_track applies a JOIN or LEAVE from the MARS.  Our own is a copy of
 * what we sent and never makes us our own leaf; that of others tracks
 * membership, whatever its number of pairs, unless it is a registration.
 */
void
client_track(struct mars_client *c, struct mtime now,
    const struct mars_msg *m, bool priv)
{
	bool jump = client_seq(c, m->msn, priv), own = false;
	struct atm_addr a;

	if ((c->waiting > 0 || client_track_touches(c, m))
	    && mars_src(m, &a) == 0) {
		own = atm_addr_equal(&a, &c->cfg.addr);
		if (own)
			client_rx_copy(c, now, m);
		else if (!(m->flags & MARS_FLAG_REGISTER))
			for (unsigned i = 0; i < m->pnum; i++)
				pair(c, now, m, i, &a);
	}
	if (jump)
		client_seq_jump(c, now, NULL);
}

static int
targets(struct mars_client *c, struct parts *ps, const struct mars_msg *m)
{
	struct atm_addr *v;
	int rc = client_parts_room(c, ps, m->tnum, sizeof(*v));

	if (rc != 0)
		return rc;
	v = ps->v;
	for (unsigned i = 0; i < m->tnum; i++)
		if (mars_target(m, i, &v[ps->n]) == 0)
			ps->n++;
	return 0;
}

/* All leaves are to be connected, in the order of the message. */
static void
anew(struct mars_client *c, struct path *p, const struct parts *ps)
{
	const struct atm_addr *v = ps->v;
	struct leaf *l;

	for (size_t i = p->n; i-- > 0;)
		if (p->leaves[i]->doomed)
			client_set_del(c, p, p->leaves[i]);
	for (size_t i = 0; i < ps->n; i++) {
		if ((l = client_set_find(p, &v[i])) == NULL)
			continue;
		client_tmr_off(c, &l->t);
		l->delay = MSPAN_US(0);
		client_leaf_go(p, l, LEAF_WANT);
	}
	client_set_wave(p);
}

/*
 * The new set is first merged into the path, which can fail, and then every
 * leaf starts anew on a new VC.
 */
static int
migrate(struct mars_client *c, struct mtime now, struct path *p,
    const struct parts *ps)
{
	int rc = client_set_merge(c, p, ps->v, ps->n);

	if (rc != 0)
		return rc;
	if (!p->query)
		client_ask_stop(c, p);
	client_leaf_release(c, p);
	anew(c, p, ps);
	client_tmr_off(c, &p->reval_t);
	p->reval = p->reval_new = false;
	client_path_go(c, now, p, MARS_PATH_OPENING);
	client_leaf_settle(c, now, p);
	return 0;
}

static bool
has_way(const struct path *p)
{
	return p->state == MARS_PATH_OPENING || p->state == MARS_PATH_UP
	    || (p->state == MARS_PATH_ASKING && p->pend_n > 0);
}

/*
 * client_migrate moves the group to a new set on a new VC, where there is or is
 * about to be a VC; else the message only counts for HSN.
 */
int
client_migrate(struct mars_client *c, struct mtime now,
    const struct mars_msg *m)
{
	struct parts ps = { 0 };
	struct l3_addr g;
	struct path *p = mars_group(m, &g) == 0
	    ? client_path_find(c, &g) : NULL;
	int rc = 0;

	if (p != NULL && has_way(p)) {
		rc = targets(c, &ps, m);
		if (rc == 0)
			rc = migrate(c, now, p, &ps);
		client_parts_reset(c, &ps, sizeof(struct atm_addr));
	}
	if (rc == 0 && client_seq(c, m->msn, false))
		client_seq_jump(c, now, NULL);
	return rc;
}
