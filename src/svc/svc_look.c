/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looking at the network.  A VC between two ports of this process is two
 * sockets to the kernel and one VC here: the root's.  A VC whose root is
 * somewhere else is shown with the one leaf that is ours.
 */
#include "svc_int.h"

static bool
shown(const struct svc_vc *vc)
{
	return vc->open && !vc->dead && (vc->caller || vc->foreign);
}

bool
svc_next_vc(const struct svc *s, uint32_t after, struct atm_vc_info *info)
{
	const struct svc_vc *vc = s->vcs;

	while (vc != NULL && (vc->id <= after || !shown(vc)))
		vc = vc->next;
	if (vc == NULL)
		return false;
	*info = (struct atm_vc_info){
		.id = vc->id,
		.use = vc->use,
		.multi = vc->multi,
		.root = vc->caller ? vc->port->n : 0,
		.root_ref = vc->caller ? vc->ref : 0,
		.leaves = vc->caller ? vc->leaves : 1,
		.opened = vc->opened,
		.frames = vc->frames,
		.octets = vc->octets,
		.vpi = vc->legs != NULL ? vc->legs->vpi : 0,
		.vci = vc->legs != NULL ? vc->legs->vci : 0,
	};
	if (vc->caller && !vc->multi && vc->first->far != NULL) {
		info->frames += vc->first->far->frames;
		info->octets += vc->first->far->octets;
	}
	return true;
}

static const struct svc_leaf *
leaf_at(const struct svc_vc *vc, size_t i)
{
	const struct svc_leaf *l = vc->first;

	for (; l != NULL; l = l->next)
		if (l->up && !l->gone && i-- == 0)
			return l;
	return NULL;
}

bool
svc_vc_leaf(const struct svc *s, uint32_t id, size_t i, struct atm_addr *addr,
    atm_port *port, atm_ref *ref)
{
	const struct svc_vc *vc = svc_vc_by_id(s, id);
	const struct svc_leaf *l;
	const struct svc_port *p;

	if (vc == NULL || !shown(vc))
		return false;
	if (!vc->caller) {
		*addr = vc->port->addr;
		*port = vc->port->n;
		*ref = vc->ref;
		return i == 0;
	}
	l = leaf_at(vc, i);
	if (l == NULL)
		return false;
	p = l->far != NULL ? l->far->port : svc_port_find(s, &l->addr);
	*addr = l->addr;
	*port = p != NULL ? p->n : 0;
	*ref = l->far != NULL ? l->far->ref : 0;
	return true;
}

uint32_t
svc_vc_id(const struct svc *s, atm_port port, atm_ref ref)
{
	const struct svc_vc *vc = svc_vc_find(s, port, ref);

	return vc != NULL ? vc->seen : 0;
}

const struct atm_net_stats *
svc_stats(const struct svc *s)
{
	return &s->stats;
}

static const char *
check_leg(const struct svc *s, const struct svc_leg *g)
{
	size_t frames = 0;
	const struct svc_item *last = NULL;

	for (const struct svc_item *it = g->head; it != NULL; it = it->next) {
		frames += it->kind == SVC_ITEM_FRAME;
		last = it;
		if (!it->queued)
			return "a leg queues what is not marked so";
	}
	if (last != g->tail)
		return "the end of a leg's queue is wrong";
	if (frames != g->frames || frames > s->cfg.queue_max)
		return "a leg's frames are miscounted, or too many";
	if ((g->state == SVC_LEG_IDLE) != (g->fd < 0)
	    && g->state != SVC_LEG_CALLING)
		return "a leg's state and its socket do not go together";
	if (g->vc == NULL && !g->ending)
		return "a leg without VC does not end";
	return NULL;
}

static const char *
check_vc(const struct svc *s, const struct svc_vc *vc)
{
	uint32_t up = 0;

	if (svc_vc_find(s, vc->port->n, vc->ref) != vc)
		return "a VC is not found by its reference";
	for (const struct svc_leaf *l = vc->first; l != NULL; l = l->next) {
		up += l->up && !l->gone;
		if (l->vc != vc || (l->leg != NULL && l->leg->vc != vc))
			return "a leaf is on another VC's leg";
		if (l->far != NULL && l->far->near != l)
			return "the two ends of a VC do not know each other";
	}
	if (up != vc->leaves)
		return "a VC's leaves are miscounted";
	for (const struct svc_leg *g = vc->legs; g != NULL; g = g->vnext)
		if (g->vc != vc)
			return "a VC has another one's leg";
	if (vc->dead && (vc->legs != NULL || !vc->end.queued))
		return "a dead VC has legs, or nobody will be told";
	return NULL;
}

const char *
svc_check(const struct svc *s)
{
	const char *bad = NULL;
	uint32_t last = 0;
	size_t n = 0;

	for (const struct svc_vc *vc = s->vcs; vc != NULL && bad == NULL;
	     vc = vc->next, n++) {
		bad = vc->id > last ? check_vc(s, vc) : "VCs are out of order";
		last = vc->id;
	}
	if (bad == NULL && n != s->vc_n)
		bad = "VCs are miscounted";
	n = 0;
	for (const struct svc_leg *g = s->legs; g != NULL && bad == NULL;
	     g = g->next, n++)
		bad = check_leg(s, g);
	if (bad == NULL && n != s->leg_n)
		bad = "legs are miscounted";
	return bad;
}
