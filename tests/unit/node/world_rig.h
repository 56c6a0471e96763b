/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_WORLD_RIG_H
#define TESTS_WORLD_RIG_H

/* A small cluster for tests: one MARS, some clients, one group, all members. */
#include <stdio.h>

#include "failmem.h"
#include "marsh/node/world.h"

#define RIG_CLIENTS_MAX 16

struct rig {
	struct world *w;
	node_id m, c[RIG_CLIENTS_MAX];
	unsigned clients;
	struct l3_addr x;
};

/* rig_run lets |sec| virtual seconds pass; 0 or an error. */
static inline int
rig_run(struct rig *r, double sec)
{
	struct mspan d = { (int64_t)(sec * 1e6) };

	return world_run(r->w, mtime_add(world_now(r->w), d));
}

/* rig_client_info returns what client |i| knows of itself. */
static inline struct mars_client_info
rig_client_info(const struct rig *r, unsigned i)
{
	struct mars_client_info ci;

	mars_client_info(node_client(r->w, r->c[i]), &ci);
	return ci;
}

/* rig_members counts the members of group x at the MARS. */
static inline unsigned
rig_members(const struct rig *r)
{
	unsigned n = 0, cmi = 0;

	while ((cmi = mars_server_group_next(node_server(r->w, r->m), 0, &r->x,
		    cmi + 1)) != 0)
		n++;
	return n;
}

/* rig_up builds the cluster with |n| clients; 0 or an error. */
static inline int
rig_up(struct rig *r, unsigned n, uint64_t seed, const struct mem *mem)
{
	struct world_cfg cfg;
	struct mars_server_cfg sc;
	struct mars_client_cfg cc;
	struct l3_range x;
	char name[16];
	int rv;

	world_defaults(&cfg);
	cfg.sim.seed = seed;
	*r = (struct rig){ .clients = n, .x = l3_addr_ipv4(0xe0010101) };
	r->w = world_new(&cfg, mem);
	if (r->w == NULL)
		return -1;
	mars_server_defaults(&sc);
	mars_client_defaults(&cc);
	x = l3_range_one(&r->x);
	if ((rv = world_add_server(r->w, "M1", &sc, &r->m)) != 0)
		return rv;
	cc.mars = *node_addr(r->w, r->m);
	for (unsigned i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "C%u", i + 1);
		if ((rv = world_add_client(r->w, name, &cc, &r->c[i])) != 0
		    || (rv = node_register(r->w, r->c[i])) != 0
		    || (rv = node_join(r->w, r->c[i], &x, true)) != 0
		    || (rv = rig_run(r, 0.1)) != 0)
			return rv;
	}
	return 0;
}

#endif
