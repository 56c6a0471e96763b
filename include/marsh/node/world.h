/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_NODE_WORLD_H
#define MARSH_NODE_WORLD_H

/*
 * A world: nodes (engines bound to ports), one network, one clock, one log.
 * The only floor that sees both an engine and a network.  Everything that
 * changes a run is a verb here; the command table and Lua only call them.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "marsh/mars/mars_client.h"
#include "marsh/mars/mars_server.h"
#include "marsh/node/log.h"
#include "marsh/sim/sim.h"

struct world;

/* Nodes are numbered 1, 2, 3, ... in order of making; a number is not reused. */
typedef uint32_t node_id;
#define NODE_NAME_MAX 32

#define WORLD_PREFIX 16 /* octets of an NSAP before kind and number */

struct world_cfg {
	struct sim_cfg sim;
	/* nodes' own addresses: these octets, 'M', 'C', 'S' or 'R', number,
	 * selector */
	uint8_t prefix[WORLD_PREFIX];
	size_t log_max;  /* records kept, 1 << 18 */
	bool log_data;   /* keep records of data packets too; default false */
};

/* world_defaults fills |cfg|. */
void world_defaults(struct world_cfg *cfg);

/* world_new returns an empty world on the in-process fabric, or NULL. */
struct world *world_new(const struct world_cfg *cfg, const struct mem *mem);

/*
 * world_new_on does the same on |net|, which the world owns from then on, also
 * when it returns NULL.  Faults of the network itself (cut, partition, loss,
 * lag, refuse) are MARSH_ENOTSUP there.
 */
struct world *world_new_on(const struct world_cfg *cfg, struct atm_net *net,
    const struct mem *mem);
void world_free(struct world *w);

/* mem_libc returns the allocator over malloc; the only one in the program. */
const struct mem *mem_libc(void);

/* world_now returns the network's time. */
struct mtime world_now(const struct world *w);
/* world_start returns the time that scripts call 0. */
struct mtime world_start(const struct world *w);
/* world_seed returns the seed the run grew from. */
uint64_t world_seed(const struct world *w);
/* world_log returns the log of everything that happened, borrowed. */
struct log *world_log(struct world *w);
/* world_net returns the network, borrowed. */
struct atm_net *world_net(const struct world *w);
/* world_fd is the network's atm_net_fd: when world_run has something to do. */
int world_fd(struct world *w);
/* world_sim returns the simulator, or NULL when the network is another one. */
struct sim *world_sim(struct world *w);

/* ---- nodes ------------------------------------------------------------- */

enum node_kind {
	NODE_SERVER, NODE_CLIENT, /* MARS, RFC 2022 */
	NODE_SCSP, /* an SCSP server: world_scsp.h */
	NODE_RAW,  /* a bare port: world_raw.h */
	NODE_KIND_COUNT,
};
enum node_state {
	NODE_UP,
	NODE_HUNG,    /* the program is stuck; VCs stand */
	NODE_DEAD,    /* crashed; VCs released, calls refused */
	NODE_STOPPED, /* ended in order */
};
const char *node_kind_word(enum node_kind k);
const char *node_state_word(enum node_state s);

/*
 * world_add_server and world_add_client make a node called |name| and store
 * its number.  In |cfg| an address with tl 0 is replaced by one of the world's
 * own choice, likewise a client's empty spa and a seed of 0.  Servers start at
 * once; clients wait for node_register.  Returns 0, MARSH_EEXIST (a node
 * has that name or address), MARSH_ETAKEN (the address is somebody else's on
 * the kernel's network), MARSH_EINVAL (name empty, too long, or with characters that
 * are not letters, digits, '_', '-' or '.'), MARSH_ENOMEM.
 */
int world_add_server(struct world *w, const char *name,
    const struct mars_server_cfg *cfg, node_id *id);
int world_add_client(struct world *w, const char *name,
    const struct mars_client_cfg *cfg, node_id *id);

/* world_nodes returns the number of nodes; ids are 1 to that, all valid. */
node_id world_nodes(const struct world *w);

/* world_find returns the node called |name|, or 0. */
node_id world_find(const struct world *w, const char *name);

/* world_find_addr returns the node at ATM address |a|, or 0. */
node_id world_find_addr(const struct world *w, const struct atm_addr *a);

/* node_name returns the name of |n|, or "?" when there is no such node. */
const char *node_name(const struct world *w, node_id n);
/* node_kind_of tells what |n| is; |n| must be a node. */
enum node_kind node_kind_of(const struct world *w, node_id n);
/* node_state_of tells how |n| is; |n| must be a node. */
enum node_state node_state_of(const struct world *w, node_id n);
/* node_addr returns the ATM address of |n|, borrowed. */
const struct atm_addr *node_addr(const struct world *w, node_id n);
/* node_spa returns the layer 3 address of |n|, borrowed; len 0: none. */
const struct l3_addr *node_spa(const struct world *w, node_id n);
/* node_port returns the port of |n| on the network. */
atm_port node_port(const struct world *w, node_id n);
/* node_of_port returns the node at |port|, or 0. */
node_id node_of_port(const struct world *w, atm_port port);
/* node_server and node_client return the engine of a node, borrowed, or NULL
 * when it is of another kind or dead. */
const struct mars_server *node_server(const struct world *w, node_id n);
const struct mars_client *node_client(const struct world *w, node_id n);
/* node_of_leaf returns the node that a leaf of a VC is, or 0. */
node_id node_of_leaf(const struct world *w, const struct atm_leaf *leaf);
/* node_ref_vc returns the network-wide id of the node's VC |ref|, or 0. */
uint32_t node_ref_vc(const struct world *w, node_id n, atm_ref ref);

/* ---- running ----------------------------------------------------------- */

/*
 * world_run handles every event up to |until|.  Returns 0 with now = |until|,
 * MARSH_EINTERRUPTED after world_stop (time stands where it was stopped), or
 * another MARSH_E code of the network.
 */
int world_run(struct world *w, struct mtime until);

/* world_step handles one event not after |until|: 1, 0 (none), or MARSH_E. */
int world_step(struct world *w, struct mtime until);

/* world_stop makes world_run return soon; may be called from a signal. */
void world_stop(struct world *w);

/* world_events returns how many network events were handled so far. */
uint64_t world_events(const struct world *w);

/*
 * world_activity returns a number that changes whenever something happens that
 * is not periodic upkeep: used to find out that a run has become quiet.
 */
uint64_t world_activity(const struct world *w);

/*
 * Hooks, called between engine steps, never inside one; they may use verbs.
 * |mask| has bit 1 << kind for each kind of event that |event| wants.
 */
struct world_hooks {
	void (*event)(void *ctx, const struct log_rec *r);
	void (*timer)(void *ctx, uint64_t token);
	uint32_t mask;
	void *ctx;
};
void world_hooks_set(struct world *w, const struct world_hooks *h);

/* world_at asks for hooks.timer(|token|) at |t| (not before now). */
int world_at(struct world *w, struct mtime t, uint64_t token);

/* ---- verbs on nodes ---------------------------------------------------- */

/*
 * Verbs return 0, MARSH_ENOENT (no such node), MARSH_EINVAL (a node of the
 * wrong kind), MARSH_EDEAD (it is not up), or what the engine's step returns.
 */

/* node_kill crashes |n|: its VCs are released, calls to it are refused. */
int node_kill(struct world *w, node_id n);
/* node_hang lets the program of |n| be stuck: VCs stand, nobody answers. */
int node_hang(struct world *w, node_id n);
/* node_stop ends |n| in order; a client deregisters first. */
int node_stop(struct world *w, node_id n);
/*
 * node_restart brings |n| up again from any state.  |cold| lets a MARS or an
 * SCSP server forget its tables; a client always begins anew and joins what it
 * had joined.
 */
int node_restart(struct world *w, node_id n, bool cold);

/* node_register and node_deregister let a client enter and leave the cluster. */
int node_register(struct world *w, node_id n);
int node_deregister(struct world *w, node_id n);
/*
 * node_join and node_leave change a client's membership of the groups in |r|;
 * |layer3|: asked for by a host, not by a router (section 5.2.1).
 */
int node_join(struct world *w, node_id n, const struct l3_range *r, bool layer3);
int node_leave(struct world *w, node_id n, const struct l3_range *r);
/* node_request asks for the members of |g|; see mars_client_answer. */
int node_request(struct world *w, node_id n, const struct l3_addr *g);
/* node_grouplist asks for the groups in |r|; see mars_client_answer. */
int node_grouplist(struct world *w, node_id n, const struct l3_range *r);
/* node_blind keeps client |n| from noticing MARS problems before |until|. */
int node_blind(struct world *w, node_id n, struct mtime until);
/* node_close releases client |n|'s data VC for |g|. */
int node_close(struct world *w, node_id n, const struct l3_addr *g);
/* node_redirect lets a server announce |list|; only_n 0: to everybody. */
int node_redirect(struct world *w, node_id n, const struct atm_addr *list,
    size_t list_n, bool hard, const struct atm_addr *only, size_t only_n);

/* node_send sends one packet of |len| octets of payload (for IP with IP and UDP
 * headers in front) to |g|; |payload| NULL sends the flow's numbered one. */
int node_send(struct world *w, node_id n, const struct l3_addr *g,
    const void *payload, size_t len);

/* ---- flows: numbered packets, counted at each receiver ------------------ */

/*
 * A packet is expected by every client that was a confirmed member when it was
 * sent, and lost when it has not come within a second.
 */

typedef uint32_t flow_id; /* 1, 2, 3, ... */

/*
 * world_flow finds or makes the flow from client |n| to |g| and sets its rate
 * in packets a second (0: none of its own accord; negative: as it is).  Returns
 * the id, or a negative MARSH_E code.
 */
int world_flow(struct world *w, node_id n, const struct l3_addr *g, double pps);

struct flow_info {
	flow_id id;
	node_id from;
	struct l3_addr group;
	double pps;
	uint64_t sent;      /* packets */
	uint64_t expected;  /* (packet, intended receiver) pairs */
	uint64_t received, lost, dup, refl; /* sums over receivers */
};
flow_id world_flows(const struct world *w); /* how many there are */
bool flow_get(const struct world *w, flow_id f, struct flow_info *info);

struct flow_rx_info {
	node_id to;
	uint64_t expected, received, lost, dup, refl;
};
/* flow_rx stores receiver |i| (0-based, by node number) of flow |f|. */
bool flow_rx(const struct world *w, flow_id f, size_t i,
    struct flow_rx_info *info);
/* flow_reset forgets what was counted so far. */
void flow_reset(struct world *w, flow_id f);

/*
 * Flows that other programs on the same network send, as one client here hears
 * them.  Lost is what is missing between the first and the newest packet heard.
 */
struct heard_info {
	node_id to;
	struct l3_addr from, group; /* of the IP header, or without length */
	uint64_t received, lost, dup;
};
/* world_heard stores account |i| (0-based) of them; false: there are less. */
bool world_heard(const struct world *w, size_t i, struct heard_info *info);

/* ---- faults ------------------------------------------------------------ */

typedef uint32_t fault_id; /* 1, 2, 3, ... */

/* Each returns a fault id, or a negative MARSH_E code. */
int world_cut(struct world *w, node_id a, node_id b);
/* side[i] is the side (1, 2, ...) of node i + 1; 0: on every side. */
int world_partition(struct world *w, const uint8_t *side, size_t n);
/* messages of |op| (of the log; 0: any but data; 255: data) to |to| and from |from|
 * (0: any): the first |skip| pass, of the next |count| (0: all) each is lost
 * with probability |p|. */
int world_loss(struct world *w, unsigned op, node_id from, node_id to,
    uint64_t skip, uint64_t count, double p);
/* the same messages are delayed by |by|. */
int world_lag(struct world *w, unsigned op, node_id from, node_id to,
    struct mspan by);
/* calls to |n| are refused with |cause|. */
int world_refuse(struct world *w, node_id n, unsigned cause);
/* world_heal ends a fault; 0 heals all.  MARSH_ENOENT: no such fault. */
int world_heal(struct world *w, fault_id f);

struct fault_info {
	fault_id id;
	const char *kind; /* "cut", "partition", "loss", "lag", "refuse" */
	struct mtime since;
	node_id a, b;
	unsigned op;
	uint64_t hits; /* frames lost or delayed */
	double p;         /* loss: of each */
	uint64_t next;    /* loss: how many more; 0: no limit */
	struct mspan by;  /* lag */
	unsigned cause;   /* refuse */
	const uint8_t *side; /* partition: of node i + 1; 0: none */
	size_t side_n;
};
/* world_next_fault stores the live fault with the lowest id above |after|. */
bool world_next_fault(const struct world *w, fault_id after,
    struct fault_info *info);

/* ---- captures ---------------------------------------------------------- */

/*
 * world_capture writes every frame from now on (and, with |past|, those sent so
 * far that are still kept) to |path| as pcap; NULL ends the capture.  Returns
 * 0, MARSH_EIO (errno set); a write error later ends the capture, is an alarm
 * event, and leaves whole records in the file.
 */
int world_capture(struct world *w, const char *path);

/* world_capture_error returns errno of a capture that ended by error, or 0. */
int world_capture_error(const struct world *w);

/* ---- judgement --------------------------------------------------------- */

/*
 * world_check verifies every engine and the network, and the invariants I1 to
 * I10 that apply (|quiet|: also those that hold only at rest).  Writes a line a
 * violation to |text| (|cap| octets) and returns how many there are.
 */
unsigned world_check(struct world *w, bool quiet, char *text, size_t cap);

#endif
