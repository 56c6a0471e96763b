/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Looking at the world.  What is shown is the network's truth: a VC is there
 * from the acceptance of its first leaf until someone releases it.
 */
#include "sim_int.h"

static bool
shown(const struct sim_vc *vc)
{
	return vc != NULL && vc->open && !vc->released;
}

bool
sim_next_vc(const struct sim *s, uint32_t after, struct atm_vc_info *info)
{
	const struct sim_vc *vc;
	size_t lo = 0, hi = s->vcs;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (s->vc[mid].id <= after)
			lo = mid + 1;
		else
			hi = mid;
	}
	while (lo < s->vcs && !shown(s->vc[lo].vc))
		lo++;
	if (lo == s->vcs)
		return false;
	vc = s->vc[lo].vc;
	*info = (struct atm_vc_info){
		.id = vc->id,
		.use = vc->use,
		.multi = vc->multi,
		.root = vc->root.port,
		.root_ref = vc->root.ref,
		.leaves = vc->leaves,
		.opened = vc->opened,
		.frames = vc->frames,
		.octets = vc->octets,
	};
	return true;
}

/* Asked for in turn, each leaf is found where the one before was. */
bool
sim_vc_leaf(const struct sim *s, uint32_t id, size_t i, atm_port *port,
    atm_ref *ref)
{
	struct sim_vc *vc = sim_vc_get(s, id);

	if (!shown(vc) || i >= vc->leaves)
		return false;
	if (i < vc->seen_i)
		vc->seen_i = 0, vc->seen_slot = 0;
	for (;; vc->seen_slot++) {
		const struct sim_slot *slot = &vc->slot[vc->seen_slot];

		if (slot->leaf == NULL || slot->leaf->state != SIM_CONNECTED)
			continue;
		if (vc->seen_i == i) {
			*port = slot->port;
			*ref = slot->ref;
			return true;
		}
		vc->seen_i++;
	}
}

uint32_t
sim_vc_id(const struct sim *s, atm_port port, atm_ref ref)
{
	const struct sim_end *e = sim_end_find(s, port, ref);

	return e != NULL ? e->vc->id : 0;
}

void
sim_port_vcs(const struct sim *s, atm_port port, uint32_t *rooted,
    uint32_t *terminated)
{
	const struct sim_port *p = sim_port_get(s, port);

	*rooted = p != NULL ? p->rooted : 0;
	*terminated = p != NULL ? p->terminated : 0;
}
