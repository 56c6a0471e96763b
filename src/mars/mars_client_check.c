/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The invariants that the other files state, verified: for tests and fuzzing.
 */
#include "mars_client_int.h"

static const char *
check_joins(const struct mars_client *c, const struct joinv *v, bool leaving)
{
	for (size_t i = 0; i < v->n; i++) {
		const struct l3_range *r = &v->v[i]->range;
		int d;

		if (v->v[i]->leaving != leaving)
			return "joins: in the wrong vector";
		if (client_range_ok(c, r) != 0)
			return "joins: impossible range";
		if (i == 0)
			continue;
		d = l3_addr_cmp(&v->v[i - 1]->range.min, &r->min);
		if (d > 0 || (d == 0
		    && l3_addr_cmp(&v->v[i - 1]->range.max, &r->max) >= 0))
			return "joins: out of order";
	}
	return NULL;
}

static const char *
check_blocks(const struct mars_client *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->joins.n; i++)
		n += !l3_range_single(&c->joins.v[i]->range);
	if (n != c->blocks.n)
		return "blocks: miscounted";
	for (size_t i = 1; i < c->blocks.n; i++)
		if (l3_range_overlap(&c->blocks.v[i - 1]->range,
		    &c->blocks.v[i]->range))
			return "blocks: overlap";
	return check_joins(c, &c->blocks, false);
}

static const char *
check_waiting(const struct mars_client *c)
{
	uint32_t n = c->reg.st == XACT_QUEUED || c->reg.st == XACT_SENT;

	for (size_t i = 0; i < c->joins.n; i++)
		n += c->joins.v[i]->x.st == XACT_QUEUED
		    || c->joins.v[i]->x.st == XACT_SENT;
	for (size_t i = 0; i < c->leaves.n; i++)
		n += c->leaves.v[i]->x.st == XACT_QUEUED
		    || c->leaves.v[i]->x.st == XACT_SENT;
	return n != c->waiting ? "transactions: miscounted" : NULL;
}

static const char *
check_txq(const struct mars_client *c)
{
	const struct xact *last = NULL;

	for (const struct xact *x = c->txq.head; x != NULL; x = x->next) {
		if (x->st != XACT_QUEUED || x->prev != last)
			return "txq: broken";
		if (x->kind != XACT_REG && c->state != MARS_CLIENT_REGISTERED)
			return "txq: nobody to send to";
		last = x;
	}
	if (c->txq.tail != last)
		return "txq: wrong tail";
	for (const struct xact *x = c->rejoins.head; x != NULL; x = x->next)
		if (x->st != XACT_REJOIN)
			return "rejoins: broken";
	return NULL;
}

static const char *
check_set(const struct path *p)
{
	uint32_t count[LEAF_STATES] = { 0 }, wave = p->wave;

	for (size_t i = 0; i < p->n; i++) {
		const struct leaf *l = p->leaves[i];

		count[l->st]++;
		wave -= l->wave;
		if (l->path != p || l->keep)
			return "leaf: of another path, or marked";
		if (i > 0
		    && atm_addr_cmp(&p->leaves[i - 1]->addr, &l->addr) >= 0)
			return "leaves: out of order";
		if ((l->st == LEAF_RETRY) != (l->t.pos != 0))
			return "leaf: timer without need, or none";
		if (l->doomed && l->st != LEAF_ADDING)
			return "leaf: doomed in the wrong state";
	}
	if (wave != 0 || memcmp(count, p->count, sizeof(count)) != 0)
		return "leaves: miscounted";
	for (const struct leaf *l = p->wantq.head; l != NULL; l = l->next)
		count[LEAF_WANT]--;
	for (const struct leaf *l = p->goingq.head; l != NULL; l = l->next)
		count[LEAF_GOING]--;
	return count[LEAF_WANT] != 0 || count[LEAF_GOING] != 0
	    ? "leaves: queues miscounted" : NULL;
}

static const char *
check_path(const struct mars_client *c, const struct path *p)
{
	const uint32_t *n = p->count;

	if ((p->vcst == VC_NONE) != (p->vc == 0)
	    || (p->vc != 0 && client_vc_path(c, p->vc) != p))
		return "path: VC not known";
	if ((p->vcst == VC_OPENING) != (p->first != NULL))
		return "path: L_MULTI_RQ out to nobody";
	if (p->state > MARS_PATH_HELD)
		return "path: no state";
	if ((p->state == MARS_PATH_ASKING || p->state == MARS_PATH_HELD)
	    && (p->n > 0 || p->vc != 0))
		return "path: leaves before the answer";
	if (p->state == MARS_PATH_ASKING
	    && (p->ask.st == XACT_OFF || (p->pend_n == 0 && !p->query)))
		return "path: asks nothing, or for nobody";
	if (p->state == MARS_PATH_UP && p->vcst != VC_OPEN)
		return "path: up without VC";
	if (p->state == MARS_PATH_OPENING && p->n == 0)
		return "path: opening to nobody";
	if (p->vcst == VC_OPEN && n[LEAF_UP] + n[LEAF_ADDING] + n[LEAF_GOING]
	    == 0)
		return "path: VC without leaves";
	if (!p->working && ((n[LEAF_WANT] > 0 && p->vcst != VC_OPENING)
	    || (p->state == MARS_PATH_UP && p->pend_n > 0)))
		return "path: idle with work to do";
	if (p->pend_n > c->cfg.pending_max)
		return "path: too many packets wait";
	return check_set(p);
}

static const char *
check_paths(const struct mars_client *c)
{
	size_t vcs = 0, working = 0;

	for (size_t i = 0; i < c->paths_n; i++) {
		const struct path *p = c->paths[i];
		const char *bad = check_path(c, p);

		if (bad != NULL)
			return bad;
		if (!(c->groups & client_group_bit(p->group.b, p->group.len)))
			return "paths: a group without its bit";
		if (i > 0 && l3_addr_cmp(&c->paths[i - 1]->group, &p->group)
		    >= 0)
			return "paths: out of order";
		vcs += p->vc != 0;
		working += p->working;
	}
	for (const struct path *p = c->work.head; p != NULL; p = p->wnext)
		working--;
	if (vcs != c->vcs_n || working != 0)
		return "paths: VCs or work miscounted";
	for (size_t i = 1; i < c->vcs_n; i++)
		if (c->vcs[i - 1].ref >= c->vcs[i].ref)
			return "VCs: out of order";
	if (c->paths_n > 0 && (l3_addr_cmp(&c->lo, &c->paths[0]->group) != 0
	    || l3_addr_cmp(&c->hi, &c->paths[c->paths_n - 1]->group) != 0))
		return "paths: wrong ends";
	return NULL;
}

static const char *
check_mars(const struct mars_client *c)
{
	bool on = c->state == MARS_CLIENT_REGISTERED;

	if (on && (c->cmi == 0 || !c->member))
		return "registered without CMI";
	if (c->soft.on && !on)
		return "soft redirect without a current MARS";
	if (c->state == MARS_CLIENT_IDLE && (c->pp.st != PP_NONE
	    || c->cmi != 0 || c->paths_n > 0 || c->joins.n > 0))
		return "idle with a past";
	if ((c->state_t.pos != 0) != (c->state == MARS_CLIENT_WAITING
	    || c->state == MARS_CLIENT_LOOPING))
		return "waits without timer, or the reverse";
	if (on && c->map_t.pos == 0 && !c->troubled)
		return "nobody minds silence";
	if (c->ccvc != 0 && !client_ctl_trusted(c, c->ccvc))
		return "CCVC of another MARS";
	return NULL;
}

/* mars_client_check returns NULL, or what is wrong. */
const char *
mars_client_check(const struct mars_client *c)
{
	const char *bad;

	if ((bad = client_tmr_check(c)) != NULL
	    || (bad = check_mars(c)) != NULL
	    || (bad = check_joins(c, &c->joins, false)) != NULL
	    || (bad = check_joins(c, &c->leaves, true)) != NULL
	    || (bad = check_blocks(c)) != NULL
	    || (bad = check_waiting(c)) != NULL
	    || (bad = check_txq(c)) != NULL
	    || (bad = check_paths(c)) != NULL)
		return bad;
	if (!c->backlog && c->heap_n > 0 && c->due.us > c->heap[0]->at.us)
		return "deadline too late";
	return NULL;
}
