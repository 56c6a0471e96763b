/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARS_SERVER_INT_H
#define MARS_SERVER_INT_H

/* What the files of the MARS engine share. */
#include "marsh/base/frame.h"
#include "marsh/base/rng.h"
#include "marsh/mars/mars_server.h"
#include "marsh/wire/snap.h"
#include "mars_db.h"
#include "mars_seq.h"

#define SERVER_PROTOS 64   /* layer 3 protocols at once */
#define SERVER_TX_MAX 4096 /* frames waiting; then messages are dropped */
#define SERVER_ROOM 8      /* places of |out| kept for calls and leaves */
#define SERVER_PURGE 256   /* members purged a step */
#define SERVER_BACKOFF_MAX 3600000 /* milliseconds between leaf retries */
#define SERVER_MAP_MAX MSPAN_SEC(120) /* between maps (5.4.3) */
#define SERVER_SETTLE MSPAN_SEC(70) /* for a JOIN of an old membership: tau_j
				       and all its repeats (5.2.2, 5.4.1) */
#define SERVER_REACH MSPAN_MS(500) /* from a MARS_MULTI to a leaf that is up */

/* Where a member's leaf of CCVC stands; db_member.leaf. */
enum leaf {
	LEAF_NONE,    /* timer: the purge */
	LEAF_WANTED,  /* queued until it can be asked for */
	LEAF_ADDING,  /* asked for */
	LEAF_UP,      /* timer, with old memberships: their end; of one that
			 has moved: it is to go */
	LEAF_WAITING, /* timer: the next try */
	LEAF_FAR,     /* registered at another MARS; no VC, no timer */
};

enum ccvc {
	CCVC_NONE,
	CCVC_OPENING, /* L_MULTI_RQ is out */
	CCVC_UP,
};

/* Everything of one layer 3 protocol (RFC 2022 section 6). */
struct mars_proto {
	struct l3_proto pro;
	unsigned index;
	uint32_t csn;
	enum ccvc state;
	atm_ref ccvc;
	uint32_t up;     /* leaves in LEAF_UP */
	uint32_t adding; /* in LEAF_ADDING, and ghosts */
	uint32_t far;    /* in LEAF_FAR */
	struct mtime steer; /* who came up is to get the map, hard; or 0 */
	struct mtime answered; /* the last MARS_MULTI, or 0 */
	uint16_t want_head, want_tail; /* CMIs in LEAF_WANTED, in order */
	uint16_t timers; /* root of the timer heap */
	/* Leaves asked for by members that are gone again. */
	struct atm_addr *ghost;
	size_t ghosts, ghost_cap;
	struct mars_db db;
};

/*
 * Frames that found no room in |out|.  Whatever is sent queues behind them, so
 * all parts of a reply leave before anything that happened later (MARS-183).
 */
struct server_held {
	atm_ref ref;
	struct frame *frame;
};

struct server_queue {
	struct server_held *v;
	size_t head, n, cap; /* v[head .. n) wait; both 0 when none do */
};

/* What others are to be told and nobody has fetched: v[head .. n). */
struct server_changes {
	struct mars_change *v;
	size_t head, n, cap;
	bool lost;
};

struct mars_server {
	struct mars_server_cfg cfg;
	const struct mem *mem; /* for frames */
	struct mem counted;    /* for tables: counts into stats.memory */
	const struct trace *trace;
	struct mtime now;
	struct rng rng;
	struct mars_proto *proto[SERVER_PROTOS];
	unsigned protos;
	struct index vcs;      /* pt-pt VCs: first member, or VC_LEAF */
	struct server_queue tx;
	struct server_changes changes;
	enum mars_server_role role;
	atm_ref next_ref;
	struct mtime map_due;
	struct atm_addr list[MARS_LIST_MAX];
	size_t list_n;
	bool hard;
	struct mars_server_stats stats;
	uint64_t bits[IDSET_WORDS]; /* scratch of one message */
};

/*
 * One message being worked on.  One of another MARS's member is made up by this
 * one: nobody waits for a private answer.
 */
struct server_rq {
	const struct mars_msg *m;
	const uint8_t *sdu; /* as received, with LLC/SNAP */
	size_t len;
	atm_ref ref;
	struct mars_proto *p;
	unsigned cmi; /* of the source, 0: not a member */
	bool renewed; /* what it joins again was old */
	bool far;     /* the source is at another MARS */
	bool quiet;   /* and nobody here is told */
};

/*
 * unheard: CCVC has no leaf, but members other than the source that are to
 * become one and may have asked already.  A change then counts as sent to
 * nobody, so that they see a jump and ask again (section 5.1.4.2).
 */
static inline bool
unheard(const struct server_rq *rq)
{
	const struct mars_proto *p = rq->p;

	return p->up == 0 && p->db.members - p->far > (rq->far ? 0u : 1u)
	    && !rq->quiet;
}

#define SERVER_DROPPED 1 /* a handler's result: dropped, counted, traced */

/* mars_server.c: dispatch, and what every handler needs */
int server_drop(struct mars_server *s, enum mars_server_drop why,
    const struct mars_msg *m);
void server_heard(struct mars_server *s, const struct server_rq *rq);
static inline bool
server_traced(const struct mars_server *s)
{
	return s->trace != NULL && s->trace->emit != NULL;
}

/* mars_server_out.c: frames out, in order, when there is room */
struct server_mark {
	size_t out, tx;
};
struct frame *server_copy(struct mars_server *s, const struct server_rq *rq);
void server_stamp(struct mars_server *s, const struct server_rq *rq,
    struct frame *f, uint32_t msn);
uint16_t server_flags(const struct mars_msg *m);
int server_reserve(struct mars_server *s, const struct atm_out *out, size_t n);
void server_emit(struct mars_server *s, struct atm_out *out, atm_ref ref,
    struct frame *f);
struct server_mark server_mark(const struct mars_server *s,
    const struct atm_out *out);
int server_undo(struct mars_server *s, struct atm_out *out,
    struct server_mark mark);
void server_flush(struct mars_server *s, struct atm_out *out);
void server_tx_fini(struct mars_server *s);

/* mars_server_reg.c: registration and deregistration (5.2.3, 6.1.2) */
int server_register(struct mars_server *s, struct server_rq *rq,
    struct atm_out *out);
int server_deregister(struct mars_server *s, struct server_rq *rq,
    struct atm_out *out);
void server_purge(struct mars_server *s, struct mars_proto *p, unsigned cmi);
void server_remove(struct mars_server *s, struct mars_proto *p, unsigned cmi,
    const char *why);
struct mars_proto *server_proto_new(struct mars_server *s,
    const struct l3_proto *pro);
void server_proto_undo(struct mars_server *s, struct mars_proto *p);

/* mars_server_far.c: what happened at other MARSs (RFC 2443) */
int server_far(struct mars_server *s, const struct mars_far *far,
    struct atm_out *out);
void far_home(struct mars_server *s, struct mars_proto *p, unsigned cmi);
void far_vc_gone(struct mars_server *s, struct mars_proto *p, unsigned cmi);

/* mars_server_change.c: what happened here, for other MARSs */
void change_member(struct mars_server *s, const struct mars_proto *p,
    unsigned cmi, enum mars_change_what what, bool proxy);
void change_range(struct mars_server *s, const struct server_rq *rq,
    const struct l3_range *r);
void change_fini(struct mars_server *s);
const char *change_check(const struct mars_server *s);

/* mars_server_old.c: memberships that were held */
bool old_renew(struct mars_server *s, struct server_rq *rq,
    const struct l3_range *r);
void old_back(struct mars_server *s, struct mars_proto *p, unsigned cmi);
void old_forget(struct mars_server *s, struct mars_proto *p, unsigned cmi,
    struct atm_out *out);
bool old_lost(struct mars_server *s, struct mars_proto *p, unsigned cmi,
    struct atm_out *out);

/* mars_server_leaf.c: the leaves of CCVC */
void leaf_want(struct mars_server *s, struct mars_proto *p, unsigned cmi);
int leaf_reserve(struct mars_server *s, struct mars_proto *p);
void leaf_forget(struct mars_server *s, struct mars_proto *p, unsigned cmi,
    struct atm_out *out);
void leaf_adopt(struct mars_server *s, struct mars_proto *p, unsigned cmi);
void leaf_restart(struct mars_server *s, struct mars_proto *p);
void leaf_far(struct mars_server *s, struct mars_proto *p, unsigned cmi);
bool leaf_depart(struct mars_server *s, struct mars_proto *p, unsigned cmi,
    struct atm_out *out);
struct mars_proto *leaf_proto(const struct mars_server *s, atm_ref ref);
void leaf_ack(struct mars_server *s, struct mars_proto *p,
    const struct atm_ind *ind, struct atm_out *out);
void leaf_failed(struct mars_server *s, struct mars_proto *p,
    const struct atm_ind *ind);
void leaf_dropped(struct mars_server *s, struct mars_proto *p,
    const struct atm_ind *ind);
void leaf_released(struct mars_server *s, struct mars_proto *p);
void leaf_pump(struct mars_server *s, struct mars_proto *p,
    struct atm_out *out);

/* mars_server_timer.c: one timer a member */
void timer_set(struct mars_proto *p, unsigned cmi, struct mtime when);
void timer_clear(struct mars_proto *p, unsigned cmi);
struct mtime timer_due(const struct mars_proto *p);
const char *timer_check(const struct mars_proto *p, uint32_t n);

/* mars_server_vc.c: which members speak through which pt-pt VC */
#define VC_LEAF UINT32_MAX /* we are a leaf and cannot send */
bool vc_is_leaf(const struct mars_server *s, atm_ref ref);
int vc_leaf(struct mars_server *s, atm_ref ref);
void vc_attach(struct mars_server *s, struct mars_proto *p, unsigned cmi,
    atm_ref ref);
void vc_detach(struct mars_server *s, struct mars_proto *p, unsigned cmi);
void vc_gone(struct mars_server *s, atm_ref ref);
const char *vc_check(const struct mars_server *s);

/* mars_server_join.c and mars_server_block.c (6.1.2) */
int server_join(struct mars_server *s, struct server_rq *rq,
    struct atm_out *out);
int server_block(struct mars_server *s, struct server_rq *rq,
    const struct l3_range *r, struct atm_out *out);
void server_changed(struct mars_server *s, const struct server_rq *rq,
    const struct l3_range *r);

/* mars_server_request.c, mars_server_list.c: queries (5.1.1, 5.3, 6.1.1) */
int server_request(struct mars_server *s, struct server_rq *rq,
    struct atm_out *out);
int server_grouplist(struct mars_server *s, struct server_rq *rq,
    struct atm_out *out);

/* mars_server_map.c: redirect maps (5.4.3, 6.1.3) */
int server_redirect(struct mars_server *s, const struct mars_server_ev *ev,
    struct atm_out *out);
void server_set_list(struct mars_server *s, const struct atm_addr *list,
    size_t n, bool hard);
void server_map_skip(struct mars_server *s);
void server_map_timer(struct mars_server *s, struct atm_out *out);
void server_steer(struct mars_server *s, struct mars_proto *p,
    struct atm_out *out);

#endif
