/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which VC is whose, and what the network tells of each: the VC to the MARS,
 * the one of a soft redirect, data VCs (section 5.1.3), and the VCs that a MARS
 * calls, of which ClusterControlVC is one (5.2).  VCs called by other members
 * bring data and are left when the cluster is: nobody tells those members, and
 * ERR_L_DROP is how they learn.
 *
 * Invariant: |vcs| is ordered by reference; |ccvc| is the newest entry of
 * |ctl| whose calling party is the current MARS; no reference is in |ctl| and
 * |trees|.
 */
#include "mars_client_int.h"

static size_t
vc_index(const struct mars_client *c, atm_ref ref)
{
	size_t lo = 0, hi = c->vcs_n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (c->vcs[mid].ref < ref)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* client_vc_path returns the path whose VC is |ref|, or NULL. */
struct path *
client_vc_path(const struct mars_client *c, atm_ref ref)
{
	size_t i = vc_index(c, ref);

	return i < c->vcs_n && c->vcs[i].ref == ref ? c->vcs[i].path : NULL;
}

/* client_vc_add notes the VC of |p|; room came with the path. */
void
client_vc_add(struct mars_client *c, struct path *p)
{
	size_t i = vc_index(c, p->vc);

	assert(c->vcs_n < c->vcs_cap);
	memmove(c->vcs + i + 1, c->vcs + i,
	    (c->vcs_n - i) * sizeof(*c->vcs));
	c->vcs[i] = (struct vcref){ p->vc, p };
	c->vcs_n++;
}

/* client_vc_del forgets the VC of |p|. */
void
client_vc_del(struct mars_client *c, struct path *p)
{
	size_t i = vc_index(c, p->vc);

	assert(i < c->vcs_n && c->vcs[i].path == p);
	c->vcs_n--;
	memmove(c->vcs + i, c->vcs + i + 1,
	    (c->vcs_n - i) * sizeof(*c->vcs));
	p->vc = 0;
}

/* client_ctl_refresh finds the newest VC called by the current MARS. */
void
client_ctl_refresh(struct mars_client *c)
{
	c->ccvc = 0;
	for (size_t i = 0; i < CTL_MAX; i++)
		if (c->ctl[i].ref != 0
		    && atm_addr_equal(&c->ctl[i].peer, &c->mars))
			c->ccvc = c->ctl[i].ref;
}

/* client_ctl_trusted tells whether the current MARS called |ref| (5.4.3). */
bool
client_ctl_trusted(const struct mars_client *c, atm_ref ref)
{
	if (ref == c->ccvc)
		return true;
	for (size_t i = 0; i < CTL_MAX; i++)
		if (c->ctl[i].ref == ref)
			return atm_addr_equal(&c->ctl[i].peer, &c->mars);
	return false;
}

static void
ctl_del(struct mars_client *c, size_t i)
{
	memmove(c->ctl + i, c->ctl + i + 1,
	    (CTL_MAX - 1 - i) * sizeof(*c->ctl));
	c->ctl[CTL_MAX - 1].ref = 0;
}

/*
 * client_ctl_clean leaves the trees of former MARSs once the present one has
 * made us a leaf of its own; |all|: leaves every tree.
 */
void
client_ctl_clean(struct mars_client *c, bool all)
{
	client_ctl_refresh(c);
	if (c->ccvc == 0 && !all)
		return;
	for (size_t i = CTL_MAX; i-- > 0;) {
		const struct ctl *t = &c->ctl[i];

		if (t->ref == 0 || (!all
		    && (atm_addr_equal(&t->peer, &c->mars)
		    || (c->soft.on && atm_addr_equal(&t->peer, &c->soft.to)))))
			continue;
		client_release(c, t->ref);
		ctl_del(c, i);
	}
	client_ctl_refresh(c);
}

/* Another member's tree; who is no member of the cluster leaves it at once. */
static int
tree_add(struct mars_client *c, atm_ref ref)
{
	void *v = c->trees;

	if (c->state == MARS_CLIENT_IDLE) {
		client_release(c, ref);
		return 0;
	}
	if (mem_grow(c->mem, &v, &c->trees_cap, c->trees_n + 1,
	    sizeof(*c->trees)) != 0)
		return MARSH_ENOMEM;
	c->trees = v;
	c->trees[c->trees_n++] = ref;
	return 0;
}

static void
tree_gone(struct mars_client *c, atm_ref ref)
{
	for (size_t i = 0; i < c->trees_n; i++)
		if (c->trees[i] == ref) {
			c->trees[i] = c->trees[--c->trees_n];
			return;
		}
}

/* client_trees_leave leaves the trees of all other members. */
void
client_trees_leave(struct mars_client *c)
{
	while (c->trees_n > 0)
		client_release(c, c->trees[--c->trees_n]);
}

static bool
from_mars(const struct mars_client *c, const struct atm_ind *ind)
{
	return atm_addr_equal(&ind->peer, &c->mars)
	    || (c->soft.on && atm_addr_equal(&ind->peer, &c->soft.to));
}

/* A pt-mpt VC from the MARS, or from the one we are about to move to. */
static int
called(struct mars_client *c, const struct atm_ind *ind)
{
	size_t i = 0;

	if (!ind->leaf)
		return 0;
	if (c->state == MARS_CLIENT_IDLE || !from_mars(c, ind))
		return tree_add(c, ind->ref);
	while (i < CTL_MAX && c->ctl[i].ref != 0)
		i++;
	if (i == CTL_MAX) {
		client_release(c, c->ctl[0].ref);
		ctl_del(c, 0);
		i--;
	}
	c->ctl[i] = (struct ctl){ ind->ref, ind->peer };
	client_ctl_clean(c, false);
	return 0;
}

/*
 * A released VC of the current MARS is a sign of trouble (5.4), unless another
 * tree of the same MARS remains: it may move members between trees.
 */
static bool
ctl_released(struct mars_client *c, struct mtime now, atm_ref ref)
{
	bool had = c->ccvc != 0;
	size_t i = 0;

	while (i < CTL_MAX && c->ctl[i].ref != ref)
		i++;
	if (i == CTL_MAX)
		return false;
	ctl_del(c, i);
	client_ctl_refresh(c);
	if (had && c->ccvc == 0)
		client_trouble(c, now);
	return true;
}

static void
pp_lost(struct mars_client *c, struct mtime now)
{
	if (c->state == MARS_CLIENT_REGISTERED)
		client_trouble(c, now);
	else
		client_reg_failed(c, now);
}

/*
 * The other side may also close an idle VC: a normal cause is no failure for
 * who waits for nothing; what waits is repeated over a new VC.
 */
static void
pp_released(struct mars_client *c, struct mtime now, unsigned cause)
{
	bool normal = cause == ATM_CAUSE_NORMAL
	    || cause == ATM_CAUSE_UNSPECIFIED;

	c->pp = (struct pp){ 0 };
	client_tmr_off(c, &c->idle_t);
	if (!normal || c->state == MARS_CLIENT_CALLING
	    || c->state == MARS_CLIENT_REGISTERING)
		pp_lost(c, now);
}

static void
pp_ind(struct mars_client *c, struct mtime now, const struct atm_ind *ind)
{
	switch (ind->kind) {
	case ATM_ACK:
		if (c->pp.st != PP_CALLING)
			break;
		c->pp.st = PP_UP;
		c->pp_used = now;
		client_tmr_arm(c, &c->idle_t,
		    mtime_add(now, c->cfg.mars_idle));
		client_reg_called(c, now);
		break;
	case ATM_RQFAILED:
		c->pp = (struct pp){ 0 };
		pp_lost(c, now);
		break;
	case ATM_RELEASED:
		pp_released(c, now, ind->cause);
		break;
	default:
		break;
	}
}

static void
soft_ind(struct mars_client *c, struct mtime now, const struct atm_ind *ind)
{
	if (ind->kind == ATM_ACK && c->soft.pp.st == PP_CALLING) {
		client_soft_called(c, now);
	} else if (ind->kind == ATM_RQFAILED || ind->kind == ATM_RELEASED) {
		c->soft.pp = (struct pp){ 0 };
		client_soft_failed(c, now);
	}
}

static void
path_ind(struct mars_client *c, struct mtime now, struct path *p,
    const struct atm_ind *ind)
{
	switch (ind->kind) {
	case ATM_ACK:
		client_leaf_ack(c, now, p, ind);
		break;
	case ATM_RQFAILED:
		client_leaf_failed(c, now, p, ind);
		break;
	case ATM_DROPPED:
		client_leaf_dropped(c, now, p, ind);
		break;
	case ATM_RELEASED:
		/* 5.1.5.1: the whole set is cleared, the VC is shut down. */
		client_vc_del(c, p);
		p->vcst = VC_NONE;
		client_path_close(c, now, p);
		break;
	default:
		break;
	}
}

/* client_ind takes everything but data. */
int
client_ind(struct mars_client *c, struct mtime now, const struct atm_ind *ind)
{
	struct path *p;

	if (ind->kind == ATM_REMOTE_CALL)
		return called(c, ind);
	if (ind->ref == 0)
		return 0;
	else if (ind->ref == c->pp.ref)
		pp_ind(c, now, ind);
	else if (ind->ref == c->soft.pp.ref)
		soft_ind(c, now, ind);
	else if (!(ind->ref & ATM_REF_REMOTE)) {
		if ((p = client_vc_path(c, ind->ref)) != NULL)
			path_ind(c, now, p, ind);
	} else if (ind->kind == ATM_RELEASED
	    && !ctl_released(c, now, ind->ref))
		tree_gone(c, ind->ref);
	return 0;
}
