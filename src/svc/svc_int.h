/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SRC_SVC_SVC_INT_H
#define SRC_SVC_SVC_INT_H

/*
 * What the files of the AF_ATMSVC network share.
 *
 * A VC is what an engine knows by a reference.  A leg is an ordered channel
 * with at most one kernel socket: frames, leaves to join and leaves to part go
 * through it one after the other, so that what the engine asked for in one
 * order happens in that order although joining blocks.  A pt-pt VC and a VC
 * that arrived have one leg; a pt-mpt root has one that all leaves share (the
 * trunk), or where signalling has no pt-mpt one for each leaf.
 *
 * Everything here belongs to the main thread, except a job between
 * svc_work_submit and svc_work_take.
 */
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/types.h>

#include <atm.h>

#include "marsh/base/frame.h"
#include "marsh/base/tab.h"
#include "marsh/svc/svc.h"
#include "marsh/atm/atm_errno.h"
#include "svc_work.h"

#define SVC_READY 16
#define SVC_SDU_MAX 65535
#define SVC_FAILS 32

enum svc_src_kind { SVC_SRC_WAKE, SVC_SRC_CLOCK, SVC_SRC_PORT, SVC_SRC_LEG };

/* What epoll speaks of; first member of what it is about. */
struct svc_src {
	uint8_t kind;
	bool watched;
};

enum svc_op {
	SVC_OP_LISTEN, /* socket, bind, listen */
	SVC_OP_ACCEPT,
	SVC_OP_CALL,   /* socket, bind, and connect() begun */
	SVC_OP_FINISH, /* connect() completed */
	SVC_OP_ADD,
	SVC_OP_DROP,
	SVC_OP_CLOSE,
};

/* One blocking operation: what it needs, and what came of it. */
struct svc_job {
	struct svc_job *next;
	enum svc_op op;
	int fd; /* made by LISTEN, CALL and ACCEPT (there: |fd2|) */
	int fd2;
	int itf; /* LISTEN: |local| is made known there; -1: nowhere */
	struct sockaddr_atmsvc local, peer;
	struct atm_qos qos;
	struct atm_sap sap;
	struct sockaddr_atmpvc pvc;
	bool multi;  /* SO_MULTIPOINT */
	bool no_mpt; /* failed because signalling has no pt-mpt */
	int ep;      /* endpoint reference, ADD: made, DROP: to drop */
	int left;    /* ADD: a departure that was told meanwhile, or 0 */
	int err;     /* 0 or errno */
	struct svc_src *owner; /* the port's or leg's that it is part of */
};

/*
 * The kernel as the network uses it; tests have one of their own.  |run|
 * executes on workers, the others on the main thread and never block.
 */
struct svc_sys {
	void (*run)(void *ctx, struct svc_job *job);
	ssize_t (*send)(void *ctx, int fd, const void *buf, size_t len);
	ssize_t (*recv)(void *ctx, int fd, void *buf, size_t cap);
	int (*error)(void *ctx, int fd); /* takes the pending error */
	void *ctx;
};
extern const struct svc_sys svc_sys_kernel; /* svc_sys.c */

/* An indication that waits to be taken. */
struct svc_tell {
	struct svc_tell *next, *prev;
	bool queued;
	uint8_t kind; /* enum atm_ind_kind */
	uint8_t rq;
	uint16_t cause;
	struct svc_vc *vc;     /* NULL: this is a struct svc_fail's */
	struct svc_leaf *leaf; /* or NULL */
};

/* A failure that has neither VC nor leaf to carry it. */
struct svc_fail {
	struct svc_tell tell;
	struct svc_fail *next; /* free */
	atm_port port;
	atm_ref ref;
	uint32_t vc; /* id, 0: the call never got one */
	struct atm_addr addr;
};

enum svc_port_state {
	SVC_PORT_OFF,     /* owner's port 0, or taken down */
	SVC_PORT_OPENING, /* LISTEN is under way */
	SVC_PORT_OPEN,
	SVC_PORT_LOST,    /* tried again at |again| */
	SVC_PORT_CLOSING,
};

struct svc_port {
	struct svc_src src;
	struct svc *svc;
	atm_port n;
	bool attached; /* false: port 0 */
	bool hung, down, gone;
	bool busy;     /* |job| is under way */
	bool taken;    /* the last LISTEN met another listener */
	uint8_t state;
	int fd;
	int err;       /* of the last LISTEN */
	struct atm_addr addr;
	struct sockaddr_atmsvc sa;
	struct svc_job job;
	struct svc_vc *spare_vc; /* for the call that ACCEPT brings */
	struct svc_leg *spare_leg;
	struct mtime when;  /* its timer */
	struct mtime again; /* LOST: LISTEN; OPEN: ACCEPT, out of descriptors */
	struct mspan backoff;
	uint32_t last_ref;
	struct svc_vc *vcs;
};

enum svc_item_kind { SVC_ITEM_FRAME, SVC_ITEM_JOIN, SVC_ITEM_PART };

struct svc_item {
	struct svc_item *next;
	uint8_t kind;
	bool queued;
	struct frame *frame;
	struct svc_leaf *leaf;
};

enum svc_leg_state {
	SVC_LEG_IDLE,       /* no socket */
	SVC_LEG_CALLING,    /* job CALL */
	SVC_LEG_CONNECTING, /* the kernel will tell */
	SVC_LEG_FINISHING,  /* job FINISH */
	SVC_LEG_UP,
	SVC_LEG_LEAF,       /* job ADD or DROP */
	SVC_LEG_CLOSING,    /* job CLOSE */
};

struct svc_leg {
	struct svc_src src;
	uint8_t state;
	bool trunk;    /* SO_MULTIPOINT */
	bool ending;   /* closed and freed after what is queued */
	bool full;     /* the kernel's buffer is: wait for EPOLLOUT */
	bool hup;      /* ended by the network while a job was under way */
	bool retrying; /* in svc.retry */
	int hup_err;
	int left;      /* a departure told while a job was under way, or 0 */
	int fd;
	struct svc *svc;
	struct svc_vc *vc; /* NULL: released */
	struct svc_leg *next, *prev; /* of the network */
	struct svc_leg *vnext;       /* of the VC */
	struct svc_leg *rnext;       /* of svc.retry */
	struct svc_leg *snext;       /* of svc.spent */
	bool spent;                  /* only to be freed */
	struct svc_item *head, *tail;
	size_t frames;          /* in the queue */
	uint32_t up;            /* leaves that the kernel has on the socket */
	struct svc_leaf *now;   /* whom the job or connect() is about */
	struct mtime began;     /* the present operation */
	struct mtime again;     /* try to send then */
	struct mtime give_up;   /* ending: frames are lost from then on */
	struct svc_job job;
	uint16_t vpi, vci;
};

struct svc_leaf {
	struct svc_leaf *next, *prev; /* of the VC, in order of request */
	struct svc_vc *vc;
	struct svc_leg *leg;
	struct svc_vc *far;  /* its own end, when in this process */
	struct atm_addr addr;
	bool up;     /* the root was told, or will be */
	bool on;     /* the kernel has it on the leg's socket */
	bool gone;   /* left or dropped: only to be cleared away */
	bool quiet;  /* joined again of our own accord: no answer */
	bool first;  /* of ATM_CALL_RQ or ATM_MULTI_RQ */
	int ep;
	struct svc_item join, part;
	struct svc_tell ack, left;
};

struct svc_vc {
	struct tab_link by_ref;
	struct svc_vc *next, *prev;  /* of the network, by id */
	struct svc_vc *pnext, *pprev; /* of the port */
	uint32_t id;     /* our own */
	uint32_t seen;   /* what others call it: the root's id if it is here */
	struct svc_port *port;
	atm_ref ref;
	uint8_t use;
	bool caller;     /* we are the root */
	bool multi;
	bool foreign;    /* the root is not in this process */
	bool open;       /* connected once */
	bool dead;       /* only |end| is still to be told */
	struct mtime opened;
	uint64_t frames, octets;
	struct atm_addr peer; /* whom we called, or who called */
	struct svc_leg *legs;
	struct svc_leaf *first, *last;
	uint32_t leaves; /* up and not gone */
	struct svc_leaf *near; /* whose far end this is */
	struct svc_tell start, end;
};

struct svc {
	struct atm_net net;
	const struct mem *mem;
	struct svc_cfg cfg;
	struct svc_sys sys;
	struct atm_qos qos;
	uint16_t tag; /* of this process, in our calls */
	bool fan_out;
	bool mpt_works; /* an ADD PARTY was answered */
	bool lost;      /* signalling died */
	bool busy;      /* inside atm_net_next */
	bool closing;
	int epoll, wake, clock;
	atomic_bool woken;
	struct svc_src src_wake, src_clock;
	struct epoll_event ready[SVC_READY];
	int ready_n, ready_i;
	struct mtime polled; /* when ready[] was filled */
	struct mtime now;    /* the clock as it was read last */
	bool held;           /* and that is the present: an event is handled */
	struct mtime soon;   /* no timer is due before */
	struct mtime chore;  /* nothing is to be tried again before */
	struct mtime armed;  /* what |clock| is set to */
	struct svc_work work;
	size_t jobs;         /* under way */

	struct svc_port **port; /* by number; NULL: detached */
	size_t ports, port_cap;
	struct svc_vc *vcs, *vcs_last;
	size_t vc_n;
	uint32_t last_id;
	struct tab by_ref;
	struct svc_leg *legs;
	size_t leg_n;
	struct svc_leg *retry, *spent;
	struct svc_tell *tell, *tell_last;
	struct svc_fail *fails; /* free */
	struct svc_fail fail[SVC_FAILS];
	struct frame *frame;    /* borrowed by the last event */
	struct atm_watch watch;
	struct atm_net_stats stats;
	const char *said[4]; /* notes not yet taken */
	size_t said_n;
	unsigned once;       /* notes given, by bit */
	uint8_t *buf;
};

#define SVC_OF_CONST(type, member, p)                                          \
	((const struct type *)(const void *)((const char *)(p)                 \
	    - offsetof(struct type, member)))
#define SVC_OF(type, member, p)                                                \
	((struct type *)(void *)((char *)(p) - offsetof(struct type, member)))

/* svc.c */
struct svc *svc_new_on(const struct svc_cfg *cfg, const struct mem *mem,
    const struct svc_sys *sys, char *why, size_t cap);
void svc_say(struct svc *s, unsigned bit, const char *text);
void svc_watch_vc(struct svc *s, enum atm_vc_what what, const struct svc_vc *vc,
    const struct atm_addr *leaf, unsigned cause);
struct mtime svc_time(void);
struct mtime svc_now(const struct svc *s);

/* svc_addr.c */
int svc_addr_to(const struct atm_addr *a, struct sockaddr_atmsvc *sa);
int svc_addr_from(const struct sockaddr_atmsvc *sa, struct atm_addr *a);
int svc_qos_parse(const char *text, struct atm_qos *q, char *why, size_t cap);
struct atm_qos svc_qos_root(const struct atm_qos *q);
void svc_tag_set(struct atm_sap *sap, uint16_t tag, uint32_t vc, unsigned use);
bool svc_tag_get(const struct atm_sap *sap, uint16_t *tag, uint32_t *vc,
    unsigned *use);

/* svc_probe.c */
bool svc_probe(const struct atm_qos *qos, int itf, char *why, size_t cap);

/* svc_loop.c */
int svc_net_next(struct atm_net *n, struct mtime until, struct atm_ev *ev);
int svc_net_fd(struct atm_net *n);
void svc_src_watch(struct svc *s, struct svc_src *src, int fd, uint32_t events);
void svc_src_drop(struct svc *s, struct svc_src *src, int fd);
void svc_job_go(struct svc *s, struct svc_job *job);
void svc_pump(struct svc *s, struct mtime end);
void svc_settle(struct svc *s, const bool *busy, struct mspan patience);
void svc_chore_at(struct svc *s, struct mtime t);

/* svc_tell.c */
void svc_tell_push(struct svc *s, struct svc_tell *t, enum atm_ind_kind kind,
    unsigned cause);
void svc_tell_drop(struct svc *s, struct svc_tell *t);
bool svc_tell_take(struct svc *s, struct atm_ev *ev);
void svc_tell_fail(struct svc *s, const struct svc_port *p,
    const struct atm_req *rq, uint32_t vc, unsigned cause);

/* svc_port.c */
struct svc_port *svc_port_get(const struct svc *s, atm_port port);
struct svc_port *svc_port_find(const struct svc *s, const struct atm_addr *a);
int svc_port_zero(struct svc *s);
int svc_net_attach(struct atm_net *n, const struct atm_addr *a, atm_port *out);
void svc_net_detach(struct atm_net *n, atm_port port, unsigned cause);
void svc_net_timer(struct atm_net *n, atm_port port, struct mtime when);
bool svc_port_due(struct svc *s, struct mtime limit, struct atm_ev *ev);
void svc_port_free(struct svc *s, struct svc_port *p);

/* svc_listen.c */
void svc_port_open(struct svc *s, struct svc_port *p);
void svc_port_close(struct svc *s, struct svc_port *p);
void svc_port_ready(struct svc *s, struct svc_port *p);
void svc_port_done(struct svc *s, struct svc_port *p);
void svc_port_chore(struct svc *s, struct svc_port *p, struct mtime now);
void svc_lost(struct svc *s);

/* svc_vc.c */
struct svc_vc *svc_vc_find(const struct svc *s, atm_port port, atm_ref ref);
struct svc_vc *svc_vc_by_id(const struct svc *s, uint32_t id);
struct svc_vc *svc_vc_new(struct svc *s);
void svc_vc_add(struct svc *s, struct svc_vc *vc, struct svc_port *p,
    atm_ref ref);
void svc_vc_free(struct svc *s, struct svc_vc *vc);
void svc_vc_hang_up(struct svc *s, struct svc_vc *vc, unsigned cause);
void svc_vc_dead(struct svc *s, struct svc_vc *vc, unsigned cause);
void svc_vc_arrive(struct svc *s, struct svc_port *p);

/* svc_leaf.c */
struct svc_leaf *svc_leaf_new(struct svc *s, struct svc_vc *vc,
    const struct atm_addr *addr);
struct svc_leaf *svc_leaf_find(const struct svc_vc *vc,
    const struct atm_addr *addr);
struct svc_leaf *svc_leaf_by_ep(const struct svc_vc *vc, int ep);
void svc_leaf_up(struct svc *s, struct svc_leaf *l);
void svc_leaf_failed(struct svc *s, struct svc_leaf *l, unsigned cause);
void svc_leaf_gone(struct svc *s, struct svc_leaf *l, unsigned cause);
void svc_leaf_settle(struct svc *s, struct svc_leaf *l);
void svc_leaf_free(struct svc *s, struct svc_leaf *l);
void svc_leaf_scatter(struct svc *s, struct svc_vc *vc, struct svc_leg *trunk,
    bool stuck);

/* svc_leg.c */
struct svc_leg *svc_leg_new(struct svc *s, struct svc_leg *g);
void svc_leg_reap(struct svc *s);
void svc_leg_close(struct svc *s, struct svc_leg *g);
void svc_leg_send(struct svc *s, struct svc_leg *g, struct frame *f);
void svc_leg_run(struct svc *s, struct svc_leg *g);
void svc_leg_end(struct svc *s, struct svc_leg *g);

/* svc_queue.c */
void svc_leg_queue(struct svc_leg *g, struct svc_item *it);
void svc_leg_unqueue(struct svc_leg *g, struct svc_item *it);
void svc_leg_forget_leaves(struct svc_leg *g);
void svc_leg_forget_frames(struct svc *s, struct svc_leg *g);
void svc_leg_retry(struct svc *s, struct svc_leg *g, struct mtime t);
void svc_leg_retry_drop(struct svc *s, struct svc_leg *g);
void svc_leg_chore(struct svc *s, struct mtime now);

/* svc_event.c */
void svc_leg_no_mpt(struct svc *s, struct svc_leg *g, bool stuck);
void svc_leg_done(struct svc *s, struct svc_leg *g);
bool svc_leg_ready(struct svc *s, struct svc_leg *g, uint32_t events,
    struct atm_ev *ev);

/* svc_submit.c, svc_net.c: as struct atm_net_ops wants them */
void svc_net_submit(struct atm_net *n, atm_port port, const struct atm_req *rq);
void svc_net_wake(struct atm_net *n);
void svc_net_down(struct atm_net *n, atm_port port);
void svc_net_up(struct atm_net *n, atm_port port);
void svc_net_hang(struct atm_net *n, atm_port port, bool hung);
void svc_net_watch(struct atm_net *n, const struct atm_watch *w);
bool svc_net_next_vc(const struct atm_net *n, uint32_t after,
    struct atm_vc_info *info);
bool svc_net_vc_leaf(const struct atm_net *n, uint32_t vc, size_t i,
    struct atm_leaf *leaf);
uint32_t svc_net_vc_id(const struct atm_net *n, atm_port port, atm_ref ref);
void svc_net_port_vcs(const struct atm_net *n, atm_port port, uint32_t *rooted,
    uint32_t *terminated);
const struct atm_net_stats *svc_net_stats(const struct atm_net *n);
const char *svc_net_check(const struct atm_net *n);

#endif
