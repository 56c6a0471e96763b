/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_ATM_NET_H
#define MARSH_ATM_NET_H

/*
 * An ATM network as seen by the node floor: ports with addresses, requests in,
 * indications and timers out, one at a time, in order of time.  The simulator
 * and AF_ATMSVC both implement it; tests/unit/atm holds the contract test.
 */
#include "marsh/atm/atm_look.h"
#include "marsh/atm/atm_prim.h"
#include "marsh/base/mtime.h"

struct atm_ev {
	struct mtime t;
	atm_port port;
	bool timer; /* the port's timer fired; |ind| is not set */
	uint32_t vc; /* with ATM_DATA: the VC's network-wide id, 0: none */
	struct atm_ind ind;
};

struct atm_net;

struct atm_net_ops {
	int (*attach)(struct atm_net *, const struct atm_addr *, atm_port *);
	void (*detach)(struct atm_net *, atm_port, unsigned cause);
	void (*submit)(struct atm_net *, atm_port, const struct atm_req *);
	void (*timer)(struct atm_net *, atm_port, struct mtime);
	int (*next)(struct atm_net *, struct mtime, struct atm_ev *);
	struct mtime (*now)(const struct atm_net *);
	void (*wake)(struct atm_net *); /* NULL: next never waits */
	int (*fd)(struct atm_net *);    /* NULL: there is nothing to wait for */
	void (*close)(struct atm_net *);
	/* what people do to a machine */
	void (*down)(struct atm_net *, atm_port);
	void (*up)(struct atm_net *, atm_port);
	void (*hang)(struct atm_net *, atm_port, bool);
	/* looking */
	void (*watch)(struct atm_net *, const struct atm_watch *);
	bool (*next_vc)(const struct atm_net *, uint32_t, struct atm_vc_info *);
	bool (*vc_leaf)(const struct atm_net *, uint32_t, size_t,
	    struct atm_leaf *);
	uint32_t (*vc_id)(const struct atm_net *, atm_port, atm_ref);
	void (*port_vcs)(const struct atm_net *, atm_port, uint32_t *,
	    uint32_t *);
	const struct atm_net_stats *(*stats)(const struct atm_net *);
	const char *(*check)(const struct atm_net *);
};

struct atm_net {
	const struct atm_net_ops *ops;
};

/*
 * atm_net_attach adds an endpoint with address |addr| and stores its port.
 * Returns 0, MARSH_EEXIST when a port has that address, MARSH_ETAKEN when
 * somebody outside has, or MARSH_ENOMEM.
 */
static inline int
atm_net_attach(struct atm_net *n, const struct atm_addr *addr, atm_port *port)
{
	return n->ops->attach(n, addr, port);
}

/* atm_net_detach removes |port|; its VCs are released with |cause| at once. */
static inline void
atm_net_detach(struct atm_net *n, atm_port port, unsigned cause)
{
	n->ops->detach(n, port, cause);
}

/*
 * atm_net_submit carries out |rq| for |port|, taking the reference to its
 * frame.  Never fails: what cannot be done comes back as an indication, and a
 * frame that cannot be sent is lost, as on a wire.
 */
static inline void
atm_net_submit(struct atm_net *n, atm_port port, const struct atm_req *rq)
{
	n->ops->submit(n, port, rq);
}

/* atm_net_timer sets the one timer of |port| (0 too); MTIME_NEVER clears. */
static inline void
atm_net_timer(struct atm_net *n, atm_port port, struct mtime when)
{
	n->ops->timer(n, port, when);
}

/*
 * atm_net_next moves time on to the next event not after |until| and stores
 * it.  Returns 1; 0 when there is none, with now = |until| unless it was woken;
 * or MARSH_E*.
 * ev->ind.frame is borrowed until the next call.
 */
static inline int
atm_net_next(struct atm_net *n, struct mtime until, struct atm_ev *ev)
{
	return n->ops->next(n, until, ev);
}

/* atm_net_now returns the network's time. */
static inline struct mtime
atm_net_now(const struct atm_net *n)
{
	return n->ops->now(n);
}

/*
 * atm_net_wake makes a waiting atm_net_next return 0 early, with now before
 * |until|; may be called from a signal handler.
 */
static inline void
atm_net_wake(struct atm_net *n)
{
	if (n->ops->wake != NULL)
		n->ops->wake(n);
}

/*
 * atm_net_fd returns a descriptor for poll() that is readable from when
 * atm_net_next has something to do; -1: time passes only in atm_net_next.  To
 * be asked anew before each poll(), for what was submitted since.
 */
static inline int
atm_net_fd(struct atm_net *n)
{
	return n->ops->fd != NULL ? n->ops->fd(n) : -1;
}

/*
 * atm_net_down takes |port| off the network as by a crash, without forgetting
 * its address: VCs released (27), calls refused, nothing told.  atm_net_up
 * brings it back.  atm_net_hang swallows indications and timers of |port|
 * while calls to it are still accepted, as by a program that is stuck.
 */
static inline void
atm_net_down(struct atm_net *n, atm_port port)
{
	n->ops->down(n, port);
}

static inline void
atm_net_up(struct atm_net *n, atm_port port)
{
	n->ops->up(n, port);
}

static inline void
atm_net_hang(struct atm_net *n, atm_port port, bool hung)
{
	n->ops->hang(n, port, hung);
}

/* atm_net_watch installs |w| (copied); members may be NULL. */
static inline void
atm_net_watch(struct atm_net *n, const struct atm_watch *w)
{
	n->ops->watch(n, w);
}

/* atm_net_next_vc stores the live VC with the lowest id above |after|. */
static inline bool
atm_net_next_vc(const struct atm_net *n, uint32_t after,
    struct atm_vc_info *info)
{
	return n->ops->next_vc(n, after, info);
}

/* atm_net_vc_leaf stores connected leaf |i| (0-based, in order of joining). */
static inline bool
atm_net_vc_leaf(const struct atm_net *n, uint32_t vc, size_t i,
    struct atm_leaf *leaf)
{
	return n->ops->vc_leaf(n, vc, i, leaf);
}

/* atm_net_vc_id returns the network-wide id of |port|'s VC |ref|, or 0. */
static inline uint32_t
atm_net_vc_id(const struct atm_net *n, atm_port port, atm_ref ref)
{
	return n->ops->vc_id(n, port, ref);
}

/* atm_net_port_vcs counts the VCs that |port| roots and those it terminates. */
static inline void
atm_net_port_vcs(const struct atm_net *n, atm_port port, uint32_t *rooted,
    uint32_t *terminated)
{
	n->ops->port_vcs(n, port, rooted, terminated);
}

/* atm_net_stats returns the live counters, borrowed. */
static inline const struct atm_net_stats *
atm_net_stats(const struct atm_net *n)
{
	return n->ops->stats(n);
}

/* atm_net_check verifies inner consistency; NULL or a text. */
static inline const char *
atm_net_check(const struct atm_net *n)
{
	return n->ops->check(n);
}

/* atm_net_close releases everything; |n| is gone afterwards. */
static inline void
atm_net_close(struct atm_net *n)
{
	n->ops->close(n);
}

#endif
