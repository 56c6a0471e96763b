/* SPDX-License-Identifier: BSD-2-Clause */
/* The simulator's own verbs and looks as those of any network. */
#include "sim_int.h"

static struct sim *
of(struct atm_net *n)
{
	return SIM_OF(sim, net, n);
}

/* The same for those who only look. */
static const struct sim *
seen(const struct atm_net *n)
{
	return of((struct atm_net *)(uintptr_t)n);
}

void
sim_net_down(struct atm_net *n, atm_port port)
{
	sim_down(of(n), port);
}

void
sim_net_up(struct atm_net *n, atm_port port)
{
	sim_up(of(n), port);
}

void
sim_net_hang(struct atm_net *n, atm_port port, bool hung)
{
	sim_hang(of(n), port, hung);
}

void
sim_net_watch(struct atm_net *n, const struct atm_watch *w)
{
	sim_watch_set(of(n), w);
}

bool
sim_net_next_vc(const struct atm_net *n, uint32_t after,
    struct atm_vc_info *info)
{
	return sim_next_vc(seen(n), after, info);
}

bool
sim_net_vc_leaf(const struct atm_net *n, uint32_t vc, size_t i,
    struct atm_leaf *leaf)
{
	if (!sim_vc_leaf(seen(n), vc, i, &leaf->port, &leaf->ref))
		return false;
	leaf->addr = sim_port_get(seen(n), leaf->port)->addr;
	return true;
}

uint32_t
sim_net_vc_id(const struct atm_net *n, atm_port port, atm_ref ref)
{
	return sim_vc_id(seen(n), port, ref);
}

void
sim_net_port_vcs(const struct atm_net *n, atm_port port, uint32_t *rooted,
    uint32_t *terminated)
{
	sim_port_vcs(seen(n), port, rooted, terminated);
}

const struct atm_net_stats *
sim_net_stats(const struct atm_net *n)
{
	return sim_stats(seen(n));
}

const char *
sim_net_check(const struct atm_net *n)
{
	return sim_check(seen(n));
}
