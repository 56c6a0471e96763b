/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_WORLD_INT_H
#define MARSH_WORLD_INT_H

/* What the files of the node floor share. */
#include <signal.h>

#include "marsh/base/frame.h"
#include "marsh/base/rng.h"
#include "marsh/node/world_raw.h"
#include "marsh/node/world_scsp.h"
#include "marsh/wire/snap.h"

#define OUT_CAP 4096          /* requests of one engine step */
#define FRAMES_KEPT (1 << 16) /* for a capture that starts later */
#define FRAMES_OCTETS (64u << 20)

struct scsp_node;
struct raw_node;

struct node {
	struct world *w;
	node_id id;
	enum node_kind kind;
	enum node_state state;
	atm_port port;
	struct mtime armed; /* what the port's timer is set to */
	struct mars_server *server;
	struct mars_client *client;
	struct scsp_node *scsp;
	struct raw_node *raw;
	struct trace trace;
	char name[NODE_NAME_MAX];
	struct atm_addr addr;
	struct l3_addr spa;
	/* what a restart builds the engine from; lists are owned */
	struct mars_server_cfg scfg;
	struct mars_client_cfg ccfg;
	struct atm_addr *list;
	size_t list_n;
	uint32_t restarts;
	/* joined ranges by the user's will, for cold restarts of a client */
	struct join *joins;
	size_t joins_n, joins_cap;
	bool member; /* the user asked for registration */
};

struct join {
	struct l3_range range;
	bool layer3;
};

/* A frame looked at, decoded once for all who get it. */
enum peek_side { PEEK_IN, PEEK_OUT, PEEK_SIDES };

struct peek {
	struct frame *frame; /* a reference of its own, or NULL */
	struct snap snap;
	struct mars_msg msg;
	bool mars;           /* |msg| is valid */
	struct scsp_msg scsp;
	node_id src;
	struct log_rec rec;  /* op, src, msn, n, group, cmi, flags filled in */
};

struct vc_seen {
	node_id root, leaf; /* leaf: pt-pt only */
	bool multi;
	uint8_t use;
};

struct timer {
	struct mtime t;
	uint64_t seq, token;
};

struct flow;
struct heard;
struct fault;

struct kept_frame {
	struct mtime t;
	struct frame *frame;
};

struct world {
	const struct mem *mem;
	struct world_cfg cfg;
	struct mtime start;
	struct sim *sim;
	struct atm_net *net;
	struct log *log;
	struct rng rng;
	volatile sig_atomic_t stop;

	struct node **node; /* [id - 1] */
	size_t nodes, node_cap;
	node_id *by_port;
	size_t by_port_cap;
	uint32_t *name_slot, *addr_slot; /* ids by hash, 0: empty */
	size_t name_slots, addr_slots;
	uint32_t made[NODE_KIND_COUNT];

	struct atm_out out;
	struct peek peek[PEEK_SIDES]; /* the last one received, and sent */
	struct vc_seen *vc; /* by network-wide id */
	size_t vcs, vc_cap;
	uint64_t activity;

	struct world_hooks hooks;
	struct log_rec *pending; /* for hooks.event */
	size_t pending_n, pending_cap, pending_at;
	struct timer *timer; /* a heap by (t, seq) */
	size_t timers, timer_cap;
	uint64_t timer_seq;
	bool dispatching;

	struct flow **flow; /* [id - 1] */
	size_t flows, flow_cap;
	uint64_t joined_version; /* grows when who is a member may change */
	struct heard *heard; /* flows from outside, by receiver */
	size_t heards, heard_cap;

	struct fault *fault;
	size_t faults, fault_cap;
	fault_id fault_last;
	size_t filters; /* live faults that need the frame filter */

	struct kept_frame *kept; /* ring */
	size_t kept_at, kept_n;
	size_t kept_octets;
	struct capture *capture;
	int capture_errno;
};

/* world_node returns node |n|; it must exist. */
static inline struct node *
world_node(const struct world *w, node_id n)
{
	return w->node[n - 1];
}

/* world_valid tells whether |n| is a node. */
static inline bool
world_valid(const struct world *w, node_id n)
{
	return n != 0 && n <= w->nodes;
}

/* world_next_life returns the seed of a program that starts again without
 * memory: no life repeats the choices of the one before. */
static inline uint64_t
world_next_life(uint64_t seed)
{
	return seed + 0x9e3779b97f4a7c15u;
}

/* world.c */
void world_log_add(struct world *w, struct log_rec *r);
void world_note(struct world *w, enum trace_kind kind, node_id node,
    const char *what, node_id peer);
void world_dispatch(struct world *w);

/* world_node.c, world_make.c */
uint64_t world_name_hash(const char *s);
/*
 * world_make makes a node without an engine, which world_enter lets be one of
 * the world's; world_unmake takes back one that has not entered.
 */
int world_make(struct world *w, const char *name, enum node_kind kind,
    const struct atm_addr *addr, const struct atm_addr *list, size_t list_n,
    struct node **out);
void world_unmake(struct world *w, struct node *n);
void world_enter(struct world *w, struct node *n, node_id *id);

/* world_life.c: a node of |kind| that is up, or NULL with the reason in *|rv| */
struct node *world_up(struct world *w, node_id id, enum node_kind kind,
    int *rv);

/* world_scsp.c */
const struct scsp *scsp_node_engine(const struct node *n);
int scsp_node_again(struct world *w, struct node *n, bool cold);
void scsp_node_free(struct world *w, struct node *n);
int scsp_node_step(struct world *w, struct node *n, const struct scsp_ev *ev,
    struct atm_out *out);
struct mtime scsp_node_deadline(const struct node *n);

/* world_raw.c */
void raw_node_ind(struct world *w, struct node *n, const struct atm_ind *ind);
void raw_node_forget(struct world *w, struct node *n);
void raw_node_free(struct world *w, struct node *n);

/* world_peek.c */
unsigned world_peek_op(const struct frame *f);
const struct peek *world_peek(struct world *w, enum peek_side side,
    struct frame *f);
void world_peek_forget(struct world *w);

/* world_io.c: an event goes into an engine, its requests go out */
void node_event(struct world *w, struct node *n, const struct atm_ev *ev);
int node_step_server(struct world *w, struct node *n,
    const struct mars_server_ev *ev);
int node_step_client(struct world *w, struct node *n,
    const struct mars_client_ev *ev);
int node_step_scsp(struct world *w, struct node *n, const struct scsp_ev *ev);
void node_carry_out(struct world *w, struct node *n);
void node_arm(struct world *w, struct node *n);
void world_vc_event(void *ctx, struct mtime now, enum atm_vc_what what,
    uint32_t vc, unsigned use, atm_port root, atm_port leaf,
    const struct atm_addr *leaf_addr, unsigned cause);

/* world_timer.c */
void world_timer_arm(struct world *w);
bool world_timer_pop(struct world *w, struct mtime now, uint64_t *token);
int world_timer_push(struct world *w, struct mtime t, uint64_t token);

/* world_flow.c */
void flow_receive(struct world *w, struct node *n,
    const struct mars_client_up *up);
void flow_tick(struct world *w, uint64_t token);
void flow_free_all(struct world *w);
size_t flow_packet(struct world *w, struct node *n, const struct l3_addr *g,
    const void *payload, size_t len, uint8_t *buf, size_t cap);
void flow_sent(struct world *w, flow_id f);
#define FLOW_PAYLOAD 16
#define FLOW_PACKET_MAX 2048
/* A token of the world's own timers; scripts' tokens have bit 63 clear. */
#define TOKEN_FLOW (UINT64_C(1) << 63)

/* world_heard.c */
uint32_t heard_mark(const struct world *w);
void heard_packet(struct world *w, struct node *n, uint32_t mark, uint32_t flow,
    uint32_t seq, const struct mars_client_up *up);
void heard_free(struct world *w);

/* world_fault.c */
void fault_free_all(struct world *w);
void fault_watch(struct world *w);

/* world_capture.c */
void capture_frame(void *ctx, struct mtime now, uint32_t vc, atm_port from,
    const struct frame *f);
void capture_flush(struct world *w);
void capture_free(struct world *w);

#endif
