/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SRC_SIM_SIM_INT_H
#define SRC_SIM_SIM_INT_H

/*
 * What the files of the simulator share.
 *
 * A VC has one root and leaves; a pt-pt VC is one with a single leaf and data
 * both ways.  A leaf is known in three places, each with its own truth while
 * messages travel: the root's list (|at_root|), the leaf's port (|end.live|)
 * and the network (|state|).  It goes when none of them needs it any more.
 *
 * Signalling needs no memory after a request was accepted: a leaf carries the
 * queue entries of everything that can be under way about it.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "marsh/atm/atm_party.h"
#include "marsh/base/rng.h"
#include "marsh/base/tab.h"
#include "marsh/sim/sim.h"
#include "sim_pool.h"
#include "sim_queue.h"

/* Delays above this (31 years) are cut, so that time cannot overflow. */
#define SIM_SPAN_MAX INT64_C(1000000000000000)
#define SIM_NONE UINT32_MAX
#define SIM_NO_CLASS UINT16_MAX

/* Where the struct that holds member |member| begins. */
#define SIM_OF(type, member, p)                                                \
	((struct type *)(void *)((char *)(p) - offsetof(struct type, member)))

enum sim_ev_kind {
	SIM_EV_TIMER, /* struct sim_port, timer */
	SIM_EV_CALL,  /* struct sim_leaf, call */
	SIM_EV_DOWN,  /* struct sim_leaf, down */
	SIM_EV_UP,    /* struct sim_leaf, up */
	SIM_EV_FRAME, /* struct sim_job: one frame to one end */
	SIM_EV_CAST,  /* struct sim_job: one frame to a class of leaves */
	SIM_EV_FAIL,  /* struct sim_fail */
};

/* One end of a VC at a port. */
struct sim_end {
	struct tab_link by_ref;
	struct sim_end *next, *prev; /* of the port */
	struct sim_vc *vc;
	atm_port port;
	atm_ref ref;
	bool live; /* the port has |ref| */
	bool leaf; /* this is a struct sim_leaf's */
};

struct sim_port {
	atm_port n;
	bool attached; /* false: port 0, which has only a timer */
	bool hung, down;
	uint16_t refuse;
	unsigned sw;
	struct atm_addr addr;
	struct tab_link by_addr;
	struct sim_qev timer; /* may be queued earlier than |when| */
	int64_t when;         /* INT64_MAX: not armed */
	uint32_t last_ref;
	uint32_t rooted, terminated;
	struct sim_end *ends;
};

/* The links between two switches, shared; NULL is "the same switch". */
struct sim_route {
	uint32_t refs;
	uint32_t n;
	int64_t delay;
	uint32_t link[];
};

/* Leaves of one VC at one distance; one event carries a frame to all. */
struct sim_class {
	struct sim_route *route;
	uint32_t n;
	int64_t last; /* arrival of the latest frame for the class */
	int64_t slow; /* arrival of the latest thing for one leaf of it */
	bool apart;   /* the frame being sent goes leaf by leaf */
};

/* What a leaf is to the network: a party, whatever travels about it. */
enum sim_leaf_state {
	SIM_CALLING = ATM_PARTY_CALLING,
	SIM_CONNECTED = ATM_PARTY_CONNECTED,
	SIM_GONE = ATM_PARTY_GONE,
};

/* What |call| of a leaf carries now: there, and the answer back. */
enum sim_step { SIM_IDLE, SIM_SETUP, SIM_ACK, SIM_FAIL };

struct sim_leaf {
	struct sim_end end;
	struct tab_link by_addr; /* while |at_root| */
	struct sim_leaf *next, *prev; /* of the VC */
	struct sim_qev call;
	struct sim_qev down; /* the leaf will be told that it is over */
	struct sim_qev up;   /* the root will be told that it is over */
	uint8_t state, step;
	uint8_t rq;     /* the request that made it */
	bool at_root;   /* the root counts it, or waits for it */
	bool broken;    /* the path is cut: frames are lost */
	uint16_t cause_call, cause_down, cause_up;
	uint16_t cls;
	uint32_t slot;  /* in the VC's slots, or SIM_NONE */
	uint32_t jobs;  /* frames on their way */
	int64_t last_down, last_up; /* arrivals: order is kept */
	struct atm_addr addr;
};

/* What handing a frame to a leaf needs, packed for walking. */
struct sim_slot {
	struct sim_leaf *leaf; /* NULL: left */
	atm_port port;
	atm_ref ref; /* 0: gets no frames */
	uint16_t cls;
};

struct sim_vc {
	struct sim_end root;
	uint32_t id;
	uint8_t use;
	bool multi, open, released;
	struct mtime opened;
	uint64_t frames, octets;
	struct atm_addr root_addr;
	struct sim_leaf *first, *last; /* in order of request */
	uint32_t calling;   /* state SIM_CALLING */
	uint32_t leaves;    /* state SIM_CONNECTED */
	uint32_t setups;    /* set-ups under way: slots reserved */
	uint32_t refs;      /* jobs, and loops over the leaves */
	struct sim_slot *slot; /* in order of joining */
	size_t slots, slot_cap, holes;
	uint32_t seen_i;    /* sim_vc_leaf: leaf |seen_i| is in |seen_slot| */
	size_t seen_slot;
	struct sim_class *cls;
	size_t classes, cls_cap;
};

/* A frame on its way. */
struct sim_job {
	struct sim_qev q;
	struct sim_vc *vc;
	struct sim_leaf *leaf; /* SIM_EV_FRAME */
	struct frame *frame;
	bool up;               /* to the root of a pt-pt VC */
	uint16_t cls;          /* SIM_EV_CAST */
	size_t i, n;           /* SIM_EV_CAST: next slot, and slots then */
};

/* A failure that has no leaf to carry it. */
struct sim_fail {
	struct sim_qev q;
	atm_port port;
	atm_ref ref;
	uint32_t vc; /* id, or 0: the call never got one */
	uint16_t cause;
	uint8_t rq;
	struct atm_addr addr;
};

struct sim_cut {
	struct tab_link by_pair;
	uint32_t count;
	atm_port a, b; /* a <= b */
};

struct sim_link {
	unsigned a, b;
	int64_t delay;
	bool up;
};

/* Shortest paths from one switch. */
struct sim_tree {
	struct sim_route **route; /* per switch, made when asked for */
	uint32_t *via;            /* the link to it + 1; 0: no path */
	uint32_t *order;          /* scratch */
	size_t n;
};

struct sim_vcent {
	uint32_t id;
	struct sim_vc *vc; /* NULL: gone */
};

struct sim {
	struct atm_net net;
	const struct mem *mem;
	struct sim_cfg cfg;
	struct rng rng;
	struct mtime now;
	struct atm_watch watch;
	struct atm_net_stats stats;

	struct sim_port **port; /* by number; NULL: detached */
	size_t ports, port_cap;
	uint8_t *mute;          /* by number: nothing is told to it */
	size_t mute_cap;

	struct sim_vcent *vc; /* by id */
	size_t vcs, vc_cap, vc_holes;
	uint32_t last_vc;

	struct tab by_addr, by_ref, by_leaf, by_pair;
	struct sim_pool pool_vc, pool_leaf, pool_job, pool_fail, pool_cut;

	unsigned switches;
	struct sim_link *link;
	size_t links, link_cap;
	struct sim_tree *tree; /* by switch */
	size_t tree_cap;

	struct sim_job *cast; /* the broadcast being handed out */
	struct frame *held;   /* borrowed by the last event */
	struct sim_queue queue;
};

/* sim.c */
void sim_watch_vc(struct sim *s, enum atm_vc_what what, struct sim_vc *vc,
    const struct sim_leaf *leaf, unsigned cause);
unsigned sim_normal(const struct sim *s, unsigned cause);
int64_t sim_span(struct mspan d);

/* sim_port.c */
struct sim_port *sim_port_get(const struct sim *s, atm_port port);
struct sim_port *sim_port_find(const struct sim *s, const struct atm_addr *a);
int sim_port_zero(struct sim *s);
void sim_port_mute(struct sim *s, struct sim_port *p);
bool sim_port_timer(struct sim *s, struct sim_port *p, struct atm_ev *ev);
void sim_port_clear(struct sim *s, struct sim_port *p, unsigned cause);
int sim_net_attach(struct atm_net *n, const struct atm_addr *a, atm_port *out);
void sim_net_detach(struct atm_net *n, atm_port port, unsigned cause);
void sim_net_timer(struct atm_net *n, atm_port port, struct mtime when);

/* sim_vc.c */
struct sim_end *sim_end_find(const struct sim *s, atm_port port, atm_ref ref);
void sim_end_bind(struct sim *s, struct sim_end *e, struct sim_port *p,
    atm_ref ref);
void sim_end_unbind(struct sim *s, struct sim_end *e);
struct sim_vc *sim_vc_new(struct sim *s, struct sim_port *p,
    const struct atm_req *rq);
struct sim_vc *sim_vc_get(const struct sim *s, uint32_t id);
void sim_vc_gone(struct sim *s, struct sim_vc *vc, unsigned cause);
void sim_vc_settle(struct sim *s, struct sim_vc *vc);
void sim_vc_free(struct sim *s, struct sim_vc *vc);

/* sim_leaf.c */
struct sim_leaf *sim_leaf_new(struct sim *s, struct sim_vc *vc,
    const struct atm_req *rq, const struct sim_port *to, unsigned *cause);
struct sim_leaf *sim_leaf_find(const struct sim *s, const struct sim_vc *vc,
    const struct atm_addr *addr);
void sim_leaf_join(struct sim_leaf *l);
void sim_leaf_leave(struct sim *s, struct sim_leaf *l);
unsigned sim_leaf_event(struct sim *s, struct sim_leaf *l,
    enum atm_party_event ev, unsigned cause);
void sim_leaf_forget(struct sim *s, struct sim_leaf *l);
bool sim_leaf_answers(const struct sim_leaf *l);
void sim_leaf_settle(struct sim *s, struct sim_leaf *l);
int64_t sim_leaf_down_at(struct sim *s, struct sim_leaf *l, int64_t extra);
int64_t sim_leaf_up_at(struct sim *s, struct sim_leaf *l, int64_t extra);

/* sim_call.c */
void sim_submit_signal(struct sim *s, struct sim_port *p,
    const struct atm_req *rq);

/* sim_msg.c */
bool sim_leaf_call(struct sim *s, struct sim_leaf *l, struct atm_ev *ev);
bool sim_leaf_down(struct sim *s, struct sim_leaf *l, struct atm_ev *ev);
bool sim_leaf_up(struct sim *s, struct sim_leaf *l, struct atm_ev *ev);
bool sim_fail_fire(struct sim *s, struct sim_fail *f, struct atm_ev *ev);
void sim_call_setup(struct sim *s, struct sim_leaf *l);
void sim_call_fail(struct sim *s, struct sim_leaf *l, unsigned cause);
void sim_call_lost(struct sim *s, struct sim_port *p, const struct atm_req *rq,
    uint32_t vc, unsigned cause);
void sim_end_release(struct sim *s, struct sim_end *e, unsigned cause);
void sim_leaf_drop(struct sim *s, struct sim_leaf *l);
void sim_leaf_break(struct sim *s, struct sim_leaf *l, unsigned cause);

/* sim_send.c */
void sim_submit_send(struct sim *s, struct sim_port *p,
    const struct atm_req *rq);
bool sim_job_frame(struct sim *s, struct sim_job *j, struct atm_ev *ev);
bool sim_job_cast(struct sim *s, struct atm_ev *ev);
void sim_job_free(struct sim *s, struct sim_job *j);

/* sim_fault.c */
bool sim_is_cut(const struct sim *s, atm_port a, atm_port b);

/* sim_topo.c */
int sim_topo_init(struct sim *s);
void sim_topo_free(struct sim *s);
int sim_route_find(struct sim *s, unsigned a, unsigned b,
    struct sim_route **out);
void sim_route_unref(struct sim *s, struct sim_route *r);

/*
 * sim_tell starts an indication for |port| in |ev| and returns it, or NULL
 * when nothing is told to the port.  It runs once for every leaf of every
 * broadcast; copying a constant clears an event faster than memset does.
 */
static inline struct atm_ind *
sim_tell(const struct sim *s, struct atm_ev *ev, atm_port port,
    enum atm_ind_kind kind, atm_ref ref)
{
	static const struct atm_ev none;

	if (s->mute[port])
		return NULL;
	*ev = none;
	ev->t = s->now;
	ev->port = port;
	ev->ind.kind = kind;
	ev->ind.ref = ref;
	return &ev->ind;
}

/* sim_net.c: as struct atm_net_ops wants them */
void sim_net_down(struct atm_net *n, atm_port port);
void sim_net_up(struct atm_net *n, atm_port port);
void sim_net_hang(struct atm_net *n, atm_port port, bool hung);
void sim_net_watch(struct atm_net *n, const struct atm_watch *w);
bool sim_net_next_vc(const struct atm_net *n, uint32_t after,
    struct atm_vc_info *info);
bool sim_net_vc_leaf(const struct atm_net *n, uint32_t vc, size_t i,
    struct atm_leaf *leaf);
uint32_t sim_net_vc_id(const struct atm_net *n, atm_port port, atm_ref ref);
void sim_net_port_vcs(const struct atm_net *n, atm_port port, uint32_t *rooted,
    uint32_t *terminated);
const struct atm_net_stats *sim_net_stats(const struct atm_net *n);
const char *sim_net_check(const struct atm_net *n);

#endif
