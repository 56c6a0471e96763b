/* SPDX-License-Identifier: BSD-2-Clause */
/* The sockets' own verbs and looks as those of any network. */
#include "svc/svc_int.h"

static struct svc *
of(struct atm_net *n)
{
	return (struct svc *)(void *)((char *)n - offsetof(struct svc, net));
}

static const struct svc *
seen(const struct atm_net *n)
{
	return of((struct atm_net *)(uintptr_t)n);
}

void
svc_net_wake(struct atm_net *n)
{
	svc_wake(of(n));
}

void
svc_net_down(struct atm_net *n, atm_port port)
{
	svc_down(of(n), port);
}

void
svc_net_up(struct atm_net *n, atm_port port)
{
	svc_up(of(n), port);
}

void
svc_net_hang(struct atm_net *n, atm_port port, bool hung)
{
	svc_hang(of(n), port, hung);
}

void
svc_net_watch(struct atm_net *n, const struct atm_watch *w)
{
	svc_watch_set(of(n), w);
}

bool
svc_net_next_vc(const struct atm_net *n, uint32_t after,
    struct atm_vc_info *info)
{
	return svc_next_vc(seen(n), after, info);
}

bool
svc_net_vc_leaf(const struct atm_net *n, uint32_t vc, size_t i,
    struct atm_leaf *leaf)
{
	return svc_vc_leaf(seen(n), vc, i, &leaf->addr, &leaf->port,
	    &leaf->ref);
}

uint32_t
svc_net_vc_id(const struct atm_net *n, atm_port port, atm_ref ref)
{
	return svc_vc_id(seen(n), port, ref);
}

/* A process has few sockets: counting them costs less than accounts would. */
void
svc_net_port_vcs(const struct atm_net *n, atm_port port, uint32_t *rooted,
    uint32_t *terminated)
{
	struct atm_vc_info info;
	struct atm_leaf leaf;
	uint32_t id = 0;

	*rooted = *terminated = 0;
	while (svc_net_next_vc(n, id, &info)) {
		id = info.id;
		*rooted += info.root == port;
		for (size_t i = 0; svc_net_vc_leaf(n, id, i, &leaf); i++)
			*terminated += leaf.port == port;
	}
}

const struct atm_net_stats *
svc_net_stats(const struct atm_net *n)
{
	return svc_stats(seen(n));
}

const char *
svc_net_check(const struct atm_net *n)
{
	return svc_check(seen(n));
}
