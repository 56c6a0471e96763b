/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_ATM_LOOK_H
#define MARSH_ATM_LOOK_H

/*
 * Looking at a network from outside: what happens on it while it happens, and
 * what stands now.  Every network offers this; engines never see it.
 */
#include "marsh/atm/atm_prim.h"
#include "marsh/base/mtime.h"

typedef uint32_t atm_port; /* 0 is the owner of the network itself */

enum atm_vc_what {
	ATM_VC_OPEN,    /* pt-pt accepted, or first leaf of a pt-mpt VC */
	ATM_VC_ADD,     /* leaf joined */
	ATM_VC_DROP,    /* leaf left or was dropped */
	ATM_VC_RELEASE, /* whole VC gone */
	ATM_VC_FAIL,    /* call or ADD PARTY failed */
};

/* Watchers must not change the network while it calls them. */
struct atm_watch {
	/*
	 * What happened to a VC; |leaf| is 0 where none is meant or it is not
	 * in this process, |leaf_addr| then tells it (NULL: unknown); |vc| is
	 * 0 where a call failed before it got an id.
	 */
	void (*vc)(void *ctx, struct mtime now, enum atm_vc_what what,
	    uint32_t vc, unsigned use, atm_port root, atm_port leaf,
	    const struct atm_addr *leaf_addr, unsigned cause);
	/* every frame once as it is sent, before loss; for captures */
	void (*frame)(void *ctx, struct mtime now, uint32_t vc, atm_port from,
	    const struct frame *f);
	/*
	 * Verdict for one frame on its way to one port: false loses it;
	 * |extra| may be raised to delay it (order on the VC is kept).  NULL
	 * when no fault needs it, which is fastest.  Networks that carry no
	 * frames themselves (AF_ATMSVC) never call it.
	 */
	bool (*filter)(void *ctx, struct mtime now, uint32_t vc, atm_port from,
	    atm_port to, const struct frame *f, struct mspan *extra);
	/*
	 * What people must know of the network as a whole, a static sentence:
	 * signalling died or is back.
	 */
	void (*note)(void *ctx, const char *text);
	void *ctx;
};

struct atm_vc_info {
	uint32_t id;
	uint8_t use;
	bool multi;
	atm_port root; /* 0: not in this process */
	atm_ref root_ref;
	uint32_t leaves; /* connected */
	struct mtime opened;
	uint64_t frames, octets; /* sent by the root (both ways if pt-pt) */
	uint16_t vpi, vci;       /* as the kernel says; 0: it has none */
};

struct atm_leaf {
	struct atm_addr addr;
	atm_port port; /* 0: not in this process */
	atm_ref ref;   /* at that port */
};

struct atm_net_stats {
	uint64_t events;     /* taken by atm_net_next */
	uint64_t frames;     /* sent */
	uint64_t deliveries; /* handed to a port */
	uint64_t lost;       /* by loss, filter or a full buffer */
	uint64_t failed;     /* calls and ADD PARTYs */
	uint64_t ignored;    /* requests on unknown references, or of ports that
				are down */
	uint64_t dropped;    /* frames that nobody could send or get */
	uint64_t starved;    /* failures not even told, for want of memory */
};

#endif
