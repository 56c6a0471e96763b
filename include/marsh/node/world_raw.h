/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_NODE_WORLD_RAW_H
#define MARSH_NODE_WORLD_RAW_H

/*
 * A bare port as a node of a world: whatever a script asks of it goes out, and
 * what comes in waits for the script.  It has no protocol of its own, so it can
 * play any part, also a wrong one.
 */
#include "marsh/node/world.h"

#define RAW_QUEUE 4096 /* indications that wait; the oldest is lost */

/* world_add_raw makes a bare port; |addr| (tl 0: the world's choice). */
int world_add_raw(struct world *w, const char *name,
    const struct atm_addr *addr, node_id *id);

/*
 * Requests; the network's answer comes as an indication.  node_raw_call and
 * node_raw_multi store the reference that they chose.  0, or as verbs of
 * world.h; MARSH_ENOENT also for a reference that is none.
 */
int node_raw_call(struct world *w, node_id n, const struct atm_addr *to,
    enum atm_use use, atm_ref *ref);
int node_raw_multi(struct world *w, node_id n, const struct atm_addr *to,
    enum atm_use use, atm_ref *ref);
int node_raw_add(struct world *w, node_id n, atm_ref ref,
    const struct atm_addr *to);
int node_raw_drop(struct world *w, node_id n, atm_ref ref,
    const struct atm_addr *to);
int node_raw_release(struct world *w, node_id n, atm_ref ref, unsigned cause);
/* node_raw_send sends |len| octets, LLC/SNAP included. */
int node_raw_send(struct world *w, node_id n, atm_ref ref, const void *bytes,
    size_t len);

struct raw_ind {
	struct mtime t;
	struct atm_ind ind; /* a frame in it is the queue's */
};
/* node_raw_peek stores indication |i| (0: the oldest) that waits. */
bool node_raw_peek(const struct world *w, node_id n, size_t i,
    struct raw_ind *out);
/* node_raw_take forgets the oldest; its frame is gone then. */
void node_raw_take(struct world *w, node_id n);

/* What the port knows of its VCs. */
enum raw_state { RAW_CALLING, RAW_UP };
struct raw_vc {
	atm_ref ref;
	enum raw_state state;
	enum atm_use use;
	bool multi;  /* we root a pt-mpt VC */
	bool leaf;   /* we are a leaf of one */
	bool remote; /* it arrived */
	struct atm_addr peer; /* the first one called, or who called */
	uint32_t leaves;
};
/* node_raw_vc stores VC |i| (0-based, by age). */
bool node_raw_vc(const struct world *w, node_id n, size_t i,
    struct raw_vc *out);
/* node_raw_lost counts indications that waited too long. */
uint64_t node_raw_lost(const struct world *w, node_id n);

#endif
