/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_NODE_WORLD_SCSP_H
#define MARSH_NODE_WORLD_SCSP_H

/*
 * SCSP servers as nodes of a world (RFC 2334): an engine with one server group,
 * the servers that it is told to be connected with, and their keys.  These are
 * configuration: they outlive a crash, and the next engine begins with them.
 */
#include "marsh/node/world.h"
#include "marsh/scsp/scsp.h"

struct world_scsp_cfg {
	struct scsp_cfg engine;      /* addr, id, seed: empty is chosen */
	struct scsp_group_cfg group; /* its first_seq is the world's affair */
};

/* world_scsp_defaults fills |cfg|: pid 3, sgid 1, the engine's defaults. */
void world_scsp_defaults(struct world_scsp_cfg *cfg);

/*
 * world_add_scsp makes an SCSP server called |name| and starts it.  A policy is
 * borrowed for life.  An empty ID becomes the number of the node in 4 octets.
 * Returns what world_add_server does, and MARSH_EINVAL for an ID or timers that
 * the engine refuses.
 */
int world_add_scsp(struct world *w, const char *name,
    const struct world_scsp_cfg *cfg, node_id *id);

/* node_scsp returns the engine, borrowed, or NULL as node_server does. */
const struct scsp *node_scsp(const struct world *w, node_id n);

/* node_scsp_cfg returns what |n|, an SCSP server, is made with; borrowed. */
const struct world_scsp_cfg *node_scsp_cfg(const struct world *w, node_id n);

/* node_scsp_find stores what |n| knows of its DCS at |addr|. */
bool node_scsp_find(const struct world *w, node_id n,
    const struct atm_addr *addr, struct scsp_dcs_info *info);

/* world_find_scsp returns the SCSP server with that ID, or 0; with |like| not 0
 * it is one of the group of that node. */
node_id world_find_scsp(const struct world *w, struct scsp_oct id,
    node_id like);

/*
 * Verbs return what those of world.h do, and what the engine's return.  The
 * first three need a node that is up.
 */
int node_scsp_put(struct world *w, node_id n, struct scsp_oct key,
    struct scsp_oct body);
int node_scsp_remove(struct world *w, node_id n, struct scsp_oct key);
int node_scsp_solicit(struct world *w, node_id n, const struct atm_addr *dcs,
    struct scsp_oct key, struct scsp_oct orig);

/*
 * These change the configuration, in any state of the machine.  node_scsp_hello
 * sets HelloInterval and DeadFactor, as long as the server has no DCS
 * (MARSH_ESTATE) since its neighbours hear it promise them.
 */
int node_scsp_add(struct world *w, node_id n, const struct atm_addr *dcs);
int node_scsp_del(struct world *w, node_id n, const struct atm_addr *dcs);
int node_scsp_key(struct world *w, node_id n, const struct atm_addr *dcs,
    const struct scsp_sa *sa);
int node_scsp_unkey(struct world *w, node_id n, const struct atm_addr *dcs,
    uint32_t spi);
int node_scsp_open(struct world *w, node_id n, const struct atm_addr *dcs);
int node_scsp_hello(struct world *w, node_id n, uint16_t interval,
    uint16_t dead);

#endif
