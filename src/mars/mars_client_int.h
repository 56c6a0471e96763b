/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_MARS_CLIENT_INT_H
#define MARSH_MARS_CLIENT_INT_H

/*
 * The inside of a cluster member, shared by src/mars/mars_client*.c.
 *
 * Handlers never write to the caller's |out|: they leave what is to be asked of
 * the network in queues (VCs to release, messages to the MARS, paths with
 * work), and client_run, once at the end of a step, empties those queues as far
 * as there is room.  So no handler cares about room, and the order of requests
 * is the same whether a step had much of it or little.
 */
#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "marsh/base/err.h"
#include "marsh/base/frame.h"
#include "marsh/base/rng.h"
#include "marsh/mars/mars_client.h"

/* A timer: one slot of the client's heap while it is armed. */
enum tmr_kind {
	TMR_STATE,  /* tau or W (5.4.1, 5.4.2) */
	TMR_XACT,   /* retransmission */
	TMR_REJOIN, /* tau_j */
	TMR_MAP,    /* map silence */
	TMR_PARTS,  /* reassembly of a map */
	TMR_IDLE,   /* VC to the MARS */
	TMR_BLIND,
	TMR_PATH,   /* VC idle, or the end of hold-down */
	TMR_REVAL,  /* VC_revalidate becomes true */
	TMR_LEAF,   /* a refused leaf is tried again */
};

struct tmr {
	struct mtime at;
	uint32_t pos; /* 1-based place in the heap; 0: not armed */
	uint8_t kind;
};

/*
 * A message to the MARS that is repeated until answered: a registration, a
 * JOIN or LEAVE, a REQUEST, a GROUPLIST_REQUEST.
 */
enum xact_kind { XACT_REG, XACT_SOFT, XACT_JOIN, XACT_ASK, XACT_GROUPLIST };

enum xact_state {
	XACT_OFF,
	XACT_PARKED, /* until the client is registered */
	XACT_REJOIN, /* in |rejoins|, waits for its random delay */
	XACT_QUEUED, /* in |txq| */
	XACT_SENT,   /* its timer runs */
};

struct xact {
	struct tmr t;
	struct xact *next, *prev;
	uint8_t kind, st;
	uint8_t sent; /* transmissions so far */
};

struct xactq {
	struct xact *head, *tail;
};

/* A multi-part reply in the making (5.1.1): |v| holds what parts brought. */
struct parts {
	void *v;
	size_t n, cap;
	uint32_t msn;
	uint16_t next; /* y expected; 0: no part yet */
	bool bad;      /* a part was lost or msn changed */
	bool hard;     /* of a map */
};

/* A range joined, or being left (5.2). */
struct join {
	struct xact x; /* first */
	struct l3_range range;
	bool layer3, confirmed;
	bool leaving; /* in |leaves|, the message is a LEAVE */
	bool again;   /* but first a JOIN, see client_rx_rejoin */
};

/* Sorted vector of joins, by min, then max. */
struct joinv {
	struct join **v;
	size_t n, cap;
};

struct path;

enum leaf_state { LEAF_NEW, LEAF_WANT, LEAF_ADDING, LEAF_UP, LEAF_RETRY,
	LEAF_GOING, LEAF_STATES };

struct leaf {
	struct tmr t;
	struct path *path;
	struct leaf *next, *prev; /* in |wantq| or |goingq| */
	struct mspan delay;       /* before the next try */
	uint32_t ord;             /* place in the reply */
	uint8_t st;
	bool doomed; /* LEAF_ADDING: left meanwhile, dropped once connected */
	bool keep;   /* named by the reply under comparison */
	bool wave;   /* of the first wave: the path is not up without it */
	struct atm_addr addr;
};

struct leafq {
	struct leaf *head, *tail;
};

/* A JOIN or LEAVE seen while a REQUEST was out (MARS-072). */
struct path_note {
	struct atm_addr a;
	uint32_t msn;
	bool join;
};

enum vc_state { VC_NONE, VC_OPENING, VC_OPEN };

/* The way out to one group (5.1). */
struct path {
	struct xact ask; /* first; the REQUEST */
	struct tmr t;    /* TMR_PATH */
	struct tmr reval_t;
	struct l3_addr group;
	uint8_t state; /* enum mars_path_state; PATH_NEW at first */
	uint8_t vcst;
	bool query;     /* MARS_CLIENT_REQUEST waits for the answer */
	bool reval;     /* VC_revalidate */
	bool reval_new; /* set again while revalidation was in progress */
	bool jumped;    /* while the REQUEST was out, at number |jump_msn| */
	bool working;   /* in |work| */
	atm_ref vc;
	struct leaf *first; /* L_MULTI_RQ is out to it */
	struct leaf **leaves; /* by address */
	size_t n, cap;
	uint32_t count[LEAF_STATES];
	uint32_t wave; /* leaves of the first wave not yet decided */
	struct leafq wantq, goingq;
	struct path *wnext, *wprev;
	struct frame **pend; /* ring of cfg.pending_max */
	uint32_t pend_head, pend_n;
	struct parts parts; /* of struct atm_addr */
	uint32_t jump_msn;
	struct path_note *notes;
	size_t notes_n, notes_cap;
	struct mtime used;
	uint32_t packets;
};
#define PATH_NEW 0xff

struct vcref {
	atm_ref ref;
	struct path *path;
};

enum pp_state { PP_NONE, PP_WANT, PP_CALLING, PP_UP };

struct pp {
	atm_ref ref;
	uint8_t st;
};

/* A pt-mpt VC that a MARS called: ClusterControlVC, we hope. */
struct ctl {
	atm_ref ref;
	struct atm_addr peer;
};
#define CTL_MAX 4

enum redirect { REDIRECT_NONE, REDIRECT_SOFT, REDIRECT_HARD };

struct mars_client {
	/* What each message on CCVC touches comes first. */
	atm_ref ccvc; /* newest VC of |ctl| called by |mars|; 0: none */
	uint32_t hsn;
	uint32_t heard; /* the last number that came over CCVC */
	uint32_t waiting; /* transactions that a copy may end */
	uint8_t state;
	bool backlog; /* client_run had no room */
	bool settled; /* a map named |mars| first since registration */
	uint64_t groups; /* client_group_bit of each path, perhaps of more */
	size_t paths_n;
	struct mtime due, map_seen;
	struct l3_proto pro;
	struct l3_addr lo, hi; /* groups of the first and the last path */
	struct mars_client_stats stats;

	/* 5.4: the list of MARSs */
	struct atm_addr mars;
	struct atm_addr *list; /* dynamic entries first */
	size_t list_n, list_cap, list_dyn;
	struct ctl ctl[CTL_MAX];
	atm_ref *trees; /* VCs of other members that we are a leaf of */
	size_t trees_n, trees_cap;
	struct pp pp;
	struct mtime pp_used;
	struct mtime failed_at, blind_until;
	struct mspan rereg;
	uint32_t attempts, bounces;
	uint16_t cmi;
	struct atm_addr was; /* |mars| when the outage began */
	bool member;   /* was registered since MARS_CLIENT_REGISTER */
	bool troubled; /* a failure nobody looks at yet */
	uint8_t later; /* redirect that came before the registration copy */
	struct atm_addr later_to;
	struct parts map; /* of struct atm_addr */
	struct {
		bool on;
		bool queued;
		struct atm_addr to;
		struct pp pp;
		struct xact x;
		struct mtime since;
	} soft;

	/* messages to the MARS */
	struct xactq txq, rejoins;
	struct xact reg;
	bool leaving; /* |reg| is a deregistration */
	struct joinv joins, leaves, blocks;
	struct {
		struct xact x;
		struct l3_range range;
		struct parts parts; /* of struct l3_addr */
	} glist;

	/* paths */
	struct path **paths; /* by group */
	size_t paths_cap;
	struct vcref *vcs; /* by reference */
	size_t vcs_n, vcs_cap;
	struct {
		struct path *head, *tail;
	} work;
	atm_ref *rel; /* VCs to release */
	size_t rel_n, rel_cap;
	atm_ref last_ref;

	/* answers kept for those who ask */
	struct atm_addr *ans;
	size_t ans_n, ans_cap;
	struct l3_addr *gans;
	size_t gans_n, gans_cap;
	int ans_rc, gans_rc;

	struct tmr **heap;
	size_t heap_n, heap_cap, tmrs; /* timers that exist */
	struct tmr state_t, rejoin_t, map_t, parts_t, idle_t, blind_t;
	struct rng rng;
	const struct mem *mem;
	const struct trace *trace;
	struct mars_client_cfg cfg;
	struct atm_addr *statics; /* own copy of cfg.backups */
};

/* mars_client_timer.c */
int client_tmr_reserve(struct mars_client *c, size_t n);
void client_tmr_forget(struct mars_client *c, struct tmr *t);
void client_tmr_arm(struct mars_client *c, struct tmr *t, struct mtime at);
void client_tmr_off(struct mars_client *c, struct tmr *t);
struct tmr *client_tmr_due(struct mars_client *c, struct mtime now);
const char *client_tmr_check(const struct mars_client *c);

/* mars_client_tx.c */
atm_ref client_ref(struct mars_client *c);
void client_release(struct mars_client *c, atm_ref ref);
void client_pp_close(struct mars_client *c);
void client_xact_init(struct xact *x, enum xact_kind kind);
void client_xact_start(struct mars_client *c, struct xact *x);
void client_xact_park(struct mars_client *c, struct xact *x);
void client_xact_rejoin(struct mars_client *c, struct xact *x);
void client_xact_off(struct mars_client *c, struct xact *x);
void client_xact_alive(struct mars_client *c, struct mtime now,
    struct xact *x);
void client_xact_due(struct mars_client *c, struct mtime now, struct xact *x);
bool client_xact_open(const struct xact *x);
void client_run(struct mars_client *c, struct mtime now, struct atm_out *out);

/* mars_client_frame.c */
struct frame *client_frame(struct mars_client *c, const struct xact *x,
    unsigned *op);

/* mars_client_reg.c */
enum reg_ev {
	REG_START, REG_STOP, REG_CALLED, REG_FAILED_NEXT, REG_FAILED_LOOP,
	REG_COPY, REG_TIMER, REG_TROUBLE, REG_HARD, REG_EV_COUNT
};
int client_register(struct mars_client *c, struct mtime now);
int client_deregister(struct mars_client *c, struct mtime now);
void client_reg_called(struct mars_client *c, struct mtime now);
void client_reg_failed(struct mars_client *c, struct mtime now);
void client_reg_timer(struct mars_client *c, struct mtime now);
void client_reg_copy(struct mars_client *c, struct mtime now, uint16_t cmi,
    uint32_t msn);
void client_reg_hard(struct mars_client *c, struct mtime now,
    const struct atm_addr *to);
void client_trouble(struct mars_client *c, struct mtime now);
void client_untrouble(struct mars_client *c, struct mtime now);
void client_alarm(struct mars_client *c, struct mtime now, const char *what,
    const struct atm_addr *who);
void client_registered(struct mars_client *c, struct mtime now, uint16_t cmi,
    uint32_t msn);

/* mars_client_vc.c */
int client_ind(struct mars_client *c, struct mtime now,
    const struct atm_ind *ind);
bool client_ctl_trusted(const struct mars_client *c, atm_ref ref);
void client_ctl_refresh(struct mars_client *c);
void client_ctl_clean(struct mars_client *c, bool all);
void client_trees_leave(struct mars_client *c);
struct path *client_vc_path(const struct mars_client *c, atm_ref ref);
void client_vc_add(struct mars_client *c, struct path *p);
void client_vc_del(struct mars_client *c, struct path *p);

/* mars_client_map.c */
int client_list_init(struct mars_client *c);
int client_map_msg(struct mars_client *c, struct mtime now,
    const struct mars_msg *m);
bool client_map_same(const struct mars_client *c, const struct mars_msg *m);
void client_list_next(struct mars_client *c);
bool client_list_other(const struct mars_client *c);
void client_map_silence(struct mars_client *c, struct mtime now);
void client_map_drop_parts(struct mars_client *c, struct mtime now);

/* mars_client_soft.c */
void client_soft_start(struct mars_client *c, struct mtime now,
    const struct atm_addr *to);
void client_soft_called(struct mars_client *c, struct mtime now);
void client_soft_failed(struct mars_client *c, struct mtime now);
void client_soft_copy(struct mars_client *c, struct mtime now, uint16_t cmi,
    uint32_t msn);
void client_soft_stop(struct mars_client *c);

/* mars_client_rx.c */
int client_join(struct mars_client *c, const struct l3_range *r, bool layer3);
int client_leave(struct mars_client *c, const struct l3_range *r);
bool client_joined(const struct mars_client *c, const struct l3_addr *g);
void client_rx_copy(struct mars_client *c, struct mtime now,
    const struct mars_msg *m);
void client_rx_park(struct mars_client *c);
void client_rx_resume(struct mars_client *c);
void client_rx_rejoin(struct mars_client *c, struct mtime now);
void client_rx_rejoin_due(struct mars_client *c, struct mtime now);
void client_rx_clear(struct mars_client *c);
int client_range_ok(const struct mars_client *c, const struct l3_range *r);

/* mars_client_parts.c */
bool client_parts_take(struct parts *ps, const struct mars_msg *m,
    bool one_above);
int client_parts_room(struct mars_client *c, struct parts *ps, size_t more,
    size_t item);
void client_parts_reset(struct mars_client *c, struct parts *ps, size_t item);

/* mars_client_path.c */
struct path *client_path_find(const struct mars_client *c,
    const struct l3_addr *g);
size_t client_path_from(const struct mars_client *c, const uint8_t *g,
    size_t len);
int client_path_new(struct mars_client *c, const struct l3_addr *g,
    struct path **pp);
void client_path_go(struct mars_client *c, struct mtime now, struct path *p,
    unsigned state);
void client_path_free(struct mars_client *c, struct path *p);
void client_path_close(struct mars_client *c, struct mtime now,
    struct path *p);
void client_path_hold(struct mars_client *c, struct mtime now,
    struct path *p);
void client_path_timer(struct mars_client *c, struct mtime now,
    struct path *p);
int client_path_request(struct mars_client *c, struct mtime now,
    const struct l3_addr *g);
int client_path_shut(struct mars_client *c, struct mtime now,
    const struct l3_addr *g);
void client_path_drop_pending(struct mars_client *c, struct mtime now,
    struct path *p, unsigned reason);
void client_path_park(struct mars_client *c);
void client_path_resume(struct mars_client *c);
void client_path_clear(struct mars_client *c, struct mtime now);
void client_path_work(struct mars_client *c, struct path *p);
void client_path_rest(struct mars_client *c, struct path *p);

/* mars_client_ask.c */
void client_ask_start(struct mars_client *c, struct path *p);
void client_ask_stop(struct mars_client *c, struct path *p);
void client_ask_retry(struct mars_client *c, struct path *p);
void client_ask_forget(struct mars_client *c, struct path *p);
void client_ask_note(struct mars_client *c, struct path *p,
    const struct atm_addr *a, uint32_t msn, bool join);
int client_ask_multi(struct mars_client *c, struct mtime now,
    const struct mars_msg *m);
void client_ask_nak(struct mars_client *c, struct mtime now,
    const struct mars_msg *m);

/* mars_client_set.c */
struct leaf *client_set_find(const struct path *p, const struct atm_addr *a);
int client_set_add(struct mars_client *c, struct path *p,
    const struct atm_addr *a);
void client_set_del(struct mars_client *c, struct path *p, struct leaf *l);
void client_set_clear(struct mars_client *c, struct path *p);
void client_set_wave(struct path *p);
int client_set_merge(struct mars_client *c, struct path *p,
    const struct atm_addr *a, size_t n);
void client_leaf_go(struct path *p, struct leaf *l, enum leaf_state st);

/* mars_client_leaf.c */
int client_leaf_join(struct mars_client *c, struct path *p,
    const struct atm_addr *a);
void client_leaf_leave(struct mars_client *c, struct path *p,
    struct leaf *l);
void client_leaf_ack(struct mars_client *c, struct mtime now, struct path *p,
    const struct atm_ind *ind);
void client_leaf_failed(struct mars_client *c, struct mtime now,
    struct path *p, const struct atm_ind *ind);
void client_leaf_dropped(struct mars_client *c, struct mtime now,
    struct path *p, const struct atm_ind *ind);
void client_leaf_due(struct mars_client *c, struct mtime now,
    struct leaf *l);
void client_leaf_release(struct mars_client *c, struct path *p);
void client_leaf_settle(struct mars_client *c, struct mtime now,
    struct path *p);
bool client_leaf_run(struct mars_client *c, struct mtime now, struct path *p,
    struct atm_out *out);

/* mars_client_track.c */
bool client_seq(struct mars_client *c, uint32_t msn, bool priv);
void client_seq_jump(struct mars_client *c, struct mtime now,
    const struct path *but);
bool client_track_touches(const struct mars_client *c,
    const struct mars_msg *m);
void client_track(struct mars_client *c, struct mtime now,
    const struct mars_msg *m, bool priv);
int client_migrate(struct mars_client *c, struct mtime now,
    const struct mars_msg *m);

/* mars_client_reval.c */
void client_reval_path(struct mars_client *c, struct mtime now,
    struct path *p);
void client_reval_all(struct mars_client *c, struct mtime now,
    const struct path *but);
void client_reval_due(struct mars_client *c, struct mtime now,
    struct path *p);
void client_reval_done(struct mars_client *c, struct path *p);

/* mars_client_data.c */
int client_send(struct mars_client *c, struct mtime now,
    const struct mars_client_ev *ev, struct atm_out *out);
int client_receive(struct mars_client *c, struct mtime now,
    const struct atm_ind *ind, struct mars_client_up *up);
void client_data_flush(struct mars_client *c, struct mtime now,
    struct path *p, struct atm_out *out);

/* mars_client_msg.c */
int client_msg(struct mars_client *c, struct mtime now, atm_ref ref,
    const struct mars_msg *m);
bool client_msg_quick(struct mars_client *c, struct mtime now,
    const struct mars_client_ev *ev);

/* mars_client_glist.c */
int client_glist(struct mars_client *c, const struct l3_range *r);
int client_glist_reply(struct mars_client *c, struct mtime now,
    const struct mars_msg *m);
void client_glist_park(struct mars_client *c);
void client_glist_retry(struct mars_client *c);

/* client_drop counts and traces a message or packet that went nowhere. */
void client_drop(struct mars_client *c, struct mtime now, unsigned op,
    enum mars_client_drop why);

/*
 * client_group_bit spreads groups of |len| octets over 64 bits: most JOINs for
 * groups we do not send to are known by it without a look at any path.
 */
static inline uint64_t
client_group_bit(const uint8_t *b, size_t len)
{
	uint32_t h = 0;

	for (size_t i = len > 4 ? len - 4 : 0; i < len; i++)
		h = h << 8 | b[i];
	return UINT64_C(1) << ((h * 0x9e3779b1u & 0xffffffffu) >> 26);
}

/* client_active tells whether commands are taken: asked to be a member. */
static inline bool
client_active(const struct mars_client *c)
{
	return c->state != MARS_CLIENT_IDLE
	    && c->state != MARS_CLIENT_DEREGISTERING;
}

#endif
