/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The proof that nothing leaked and nothing dangles: every count is counted
 * again, every pointer followed back.  Slow, for tests and after runs.
 */
#include "sim_int.h"

#define NEED(cond, text)                                                       \
	do {                                                                   \
		if (!(cond))                                                   \
			return text;                                           \
	} while (0)

struct tally {
	size_t jobs, fails, signals, timers;
};

static void
tally_add(void *ctx, const struct sim_qev *q)
{
	struct tally *t = ctx;

	if (q->kind == SIM_EV_TIMER)
		t->timers++;
	else if (q->kind == SIM_EV_FAIL)
		t->fails++;
	else if (q->kind == SIM_EV_FRAME || q->kind == SIM_EV_CAST)
		t->jobs++;
	else
		t->signals++;
}

static const char *
check_port(const struct sim *s, const struct sim_port *p)
{
	uint32_t rooted = 0, terminated = 0;

	NEED(s->mute[p->n] == (p->hung || p->down), "mute flag of a port");
	NEED(!p->down || p->ends == NULL, "a port that is down has VCs");
	NEED(p->when == INT64_MAX || s->mute[p->n]
		|| (p->timer.queued
		    && (p->timer.t <= p->when || p->timer.t <= s->now.us)),
	    "armed timer is not queued");
	for (const struct sim_end *e = p->ends; e != NULL; e = e->next) {
		NEED(e->live && e->port == p->n, "end at the wrong port");
		NEED(sim_end_find(s, p->n, e->ref) == e,
		    "reference does not lead to its end");
		NEED(sim_vc_get(s, e->vc->id) == e->vc, "end without a VC");
		if (e->leaf)
			terminated++;
		else
			rooted++;
	}
	NEED(rooted == p->rooted && terminated == p->terminated,
	    "VCs of a port are miscounted");
	return NULL;
}

static const char *
check_leaf(const struct sim *s, const struct sim_vc *vc,
    const struct sim_leaf *l)
{
	bool under_way = l->call.queued || l->down.queued || l->up.queued;

	NEED(l->end.vc == vc, "leaf of another VC");
	NEED(l->call.queued == (l->step != SIM_IDLE),
	    "leaf's call is not queued");
	NEED(!l->up.queued || l->at_root, "nobody waits for a leaf's end");
	NEED(l->end.live == (l->slot != SIM_NONE), "leaf without a slot");
	NEED(!l->end.live || vc->slot[l->slot].leaf == l,
	    "slot of another leaf");
	NEED(!l->at_root || vc->root.live, "leaf of a root that left");
	NEED(!l->at_root || sim_leaf_find(s, vc, &l->addr) == l,
	    "leaf is not found by its address");
	NEED(l->at_root || l->end.live || under_way || l->jobs != 0,
	    "leaf that nobody knows");
	NEED(l->state != SIM_CONNECTED || (l->at_root && l->end.live),
	    "connected leaf without both ends");
	NEED(l->state == SIM_CONNECTED || under_way || l->jobs != 0,
	    "lost leaf and nobody will be told");
	NEED(l->state != SIM_CALLING || l->step == SIM_SETUP,
	    "call without a set-up");
	return NULL;
}

static const char *
check_counts(const struct sim_vc *vc)
{
	uint32_t calling = 0, leaves = 0, setups = 0, in_class = 0;
	size_t slots = 0;

	for (const struct sim_leaf *l = vc->first; l != NULL; l = l->next) {
		calling += l->state == SIM_CALLING;
		leaves += l->state == SIM_CONNECTED;
		setups += l->step == SIM_SETUP;
		slots += l->slot != SIM_NONE;
		in_class += l->cls != SIM_NO_CLASS;
	}
	NEED(calling == vc->calling && leaves == vc->leaves
		&& setups == vc->setups,
	    "leaves of a VC are miscounted");
	NEED(slots + vc->holes == vc->slots, "slots are miscounted");
	NEED(vc->slots + setups <= vc->slot_cap, "no room for set-ups");
	for (size_t k = 0; k < vc->classes; k++)
		in_class -= vc->cls[k].n;
	NEED(in_class == 0, "classes are miscounted");
	return NULL;
}

static const char *
check_vc(const struct sim *s, const struct sim_vc *vc, size_t *leaves)
{
	const char *bad;

	NEED(vc->root.live || vc->first != NULL || vc->refs != 0,
	    "VC that nobody knows");
	NEED(vc->root.live || vc->released, "VC without a root");
	NEED(vc->multi || vc->first == NULL || vc->first->next == NULL,
	    "pt-pt VC with several leaves");
	for (const struct sim_leaf *l = vc->first; l != NULL; l = l->next) {
		bad = check_leaf(s, vc, l);
		if (bad != NULL)
			return bad;
		++*leaves;
	}
	return check_counts(vc);
}

static const char *
check_vcs(const struct sim *s, size_t *leaves, size_t *refs)
{
	size_t vcs = 0;
	const char *bad;

	for (size_t i = 0; i < s->vcs; i++) {
		NEED(i == 0 || s->vc[i - 1].id < s->vc[i].id, "VC order");
		if (s->vc[i].vc == NULL)
			continue;
		vcs++;
		*refs += s->vc[i].vc->refs;
		bad = check_vc(s, s->vc[i].vc, leaves);
		if (bad != NULL)
			return bad;
	}
	NEED(vcs == s->pool_vc.live && s->vcs - vcs == s->vc_holes,
	    "leaked VC");
	return NULL;
}

const char *
sim_check(const struct sim *s)
{
	struct tally t = { 0 };
	size_t leaves = 0, refs = 0, ends = 0;
	const char *bad = check_vcs(s, &leaves, &refs);

	if (bad != NULL)
		return bad;
	for (size_t i = 0; i < s->ports; i++) {
		if (s->port[i] == NULL)
			continue;
		bad = check_port(s, s->port[i]);
		if (bad != NULL)
			return bad;
		ends += s->port[i]->rooted + s->port[i]->terminated;
	}
	sim_queue_each(&s->queue, tally_add, &t);
	t.jobs += s->cast != NULL;
	NEED(leaves == s->pool_leaf.live, "leaked leaf");
	NEED(ends == s->by_ref.count, "leaked reference");
	NEED(t.jobs == s->pool_job.live && t.jobs == refs, "leaked frame");
	NEED(t.fails == s->pool_fail.live, "leaked failure");
	NEED(s->by_pair.count == s->pool_cut.live, "leaked cut");
	return NULL;
}
