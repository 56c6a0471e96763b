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
	void (*close)(struct atm_net *);
};

struct atm_net {
	const struct atm_net_ops *ops;
};

/*
 * atm_net_attach adds an endpoint with address |addr| and stores its port.
 * Returns 0, MARSH_EEXIST when the address is taken, or MARSH_ENOMEM.
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
 * it.  Returns 1; 0 when there is none, with now = |until|; or MARSH_E*.
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

/* atm_net_close releases everything; |n| is gone afterwards. */
static inline void
atm_net_close(struct atm_net *n)
{
	n->ops->close(n);
}

#endif
