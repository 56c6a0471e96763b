/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_MARS_SERVER_H
#define MARSH_MARS_SERVER_H

/*
 * A MARS (RFC 2022 section 6): members and CMIs, groups and blocks, the
 * ClusterControlVC and its CSN, replies and relays, redirect maps.  Tables,
 * CMIs, CCVCs and sequence numbers are separate for each layer 3 protocol.
 * No input or output, no clock: step, deadline, and reads.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "marsh/atm/atm_prim.h"
#include "marsh/base/mem.h"
#include "marsh/base/mtime.h"
#include "marsh/base/trace.h"
#include "marsh/wire/mars_msg.h"

struct mars_server;

#define MARS_LIST_MAX 64 /* MARS addresses in a redirect list */

struct mars_server_cfg {
	struct atm_addr addr;
	uint64_t seed;      /* of its own generator */
	bool checksum;      /* calculate mar$chksum in what is sent */
	bool verify;        /* check non-zero mar$chksum in what arrives */
	uint16_t cmi_lo, cmi_hi; /* CMIs it may allocate, both included */
	bool changes;       /* collect changes for other servers */
	uint32_t csn;       /* CSN before the first CCVC message */
	uint32_t mtu;       /* largest control message; MARS_MTU */
	struct mspan map_interval; /* MARS_REDIRECT_MAP, 60 s, at most 120 s
				      (section 5.4.3) */
	/*
	 * How long a member that fell off CCVC keeps groups and CMI.  0 is the
	 * letter of section 6.1.2; the default of 30 s bridges the member's own
	 * re-registration (scenario S04).
	 */
	struct mspan purge;
	struct mspan leaf_retry_lo, leaf_retry_hi; /* CCVC leaf refused for a
			temporary cause: 5-10 s, doubling */
	const struct atm_addr *list; /* redirect map; NULL: itself alone */
	size_t list_n;
};

/* mars_server_defaults fills |cfg| with the RFC's defaults; addr is zero. */
void mars_server_defaults(struct mars_server_cfg *cfg);

/*
 * mars_server_new returns a MARS without members, or NULL (out of memory).
 * |cfg| is copied; |mem| and |trace| (may be NULL) are borrowed for life.
 */
struct mars_server *mars_server_new(const struct mars_server_cfg *cfg,
    const struct mem *mem, const struct trace *trace);

/* mars_server_free releases |s|; NULL is legal. */
void mars_server_free(struct mars_server *s);

enum mars_server_ev_kind {
	MARS_SERVER_IND,      /* |ind|, from the network */
	MARS_SERVER_MSG,      /* |ind| is ATM_DATA and |msg| its decoded message:
				 the same as MARS_SERVER_IND without decoding */
	MARS_SERVER_TIMER,    /* mars_server_deadline was reached */
	MARS_SERVER_START,    /* the node came up: first map goes out when due */
	MARS_SERVER_RESTART,  /* warm restart: all VCs are gone, tables are kept,
				 members are held for cfg.purge */
	MARS_SERVER_REDIRECT, /* install |list| and send a map now */
	MARS_SERVER_FAR,      /* |far|: from another MARS of the group */
	MARS_SERVER_ROLE,     /* |role|: what it is among others now */
};

/*
 * One MARS of several (RFC 2443 section 2): what happened at others comes in as
 * MARS_SERVER_FAR, what happened here goes out by mars_server_next_change.
 * A far member has a CMI and memberships here, but no VC and no leaf.
 */
enum mars_far_what {
	MARS_FAR_REGISTER,   /* |addr| has |cmi| at another server.  An own member
				of that address and CMI has moved: it becomes far
				when its leaf or VC goes, and is not held */
	MARS_FAR_DEREGISTER, /* a far member goes with all its memberships */
	MARS_FAR_JOIN,       /* it joined |range| */
	MARS_FAR_LEAVE,      /* it left |range| */
	MARS_FAR_KEEP,       /* |cmi| is kept for |addr|, for nobody else */
	MARS_FAR_FORGET,     /* and no longer */
};

struct mars_far {
	enum mars_far_what what;
	struct l3_proto pro;
	struct atm_addr addr;
	struct l3_addr spa; /* len 0: not known */
	uint16_t cmi;
	struct l3_range range;
	bool layer3;
	bool quiet; /* tables only: nothing on CCVC */
};

enum mars_server_role {
	MARS_SERVER_ALONE,    /* no others: the default */
	MARS_SERVER_STARTING, /* gives no CMI that is not kept for its client */
	MARS_SERVER_BACKUP,   /* who becomes a leaf gets the map, hard, at once,
				 unless that begins with this MARS itself */
	MARS_SERVER_ACTIVE,
};

struct mars_server_ev {
	enum mars_server_ev_kind kind;
	const struct atm_ind *ind;
	const struct mars_msg *msg;
	const struct mars_far *far;
	enum mars_server_role role;
	struct {
		const struct atm_addr *list;
		size_t n;
		bool hard;
		/* only these members, on their own VCs; n 0: on CCVC */
		const struct atm_addr *only;
		size_t only_n;
	} redirect;
};

#define MARS_SERVER_OUT_MIN 64 /* room in |out| that a step needs */

/*
 * mars_server_step advances |s| by one event at |now| and appends what must be
 * done to |out|, which needs MARS_SERVER_OUT_MIN free places.  Everything in
 * |ev| is borrowed for the call.  A message that is malformed, unknown or not
 * allowed is counted, traced and dropped, and that is success.
 *
 * Returns 0, or MARSH_ENOMEM: the event was dropped and no table changed.
 * MARS_SERVER_FAR may also return MARSH_EEXIST (the CMI is another address's, or
 * the address has another CMI here; a kept CMI counts) and MARSH_ENOENT (no such
 * member, nothing kept).  An own member that has moved joins, leaves and goes as
 * a far one, its leaf with it and no change told.  Of one that has not moved
 * MARS_FAR_DEREGISTER and leaves of what it joined here do nothing; its joins
 * count, as do its leaves of what it came with or joined so.
 */
int mars_server_step(struct mars_server *s, struct mtime now,
    const struct mars_server_ev *ev, struct atm_out *out);

/*
 * What own members did, for other servers; with cfg.changes only.  Of a member
 * that came from another server MARS_CHANGE_JOIN is told once for each range
 * that it joins again here, so that this server's own records come to be.
 */
enum mars_change_what {
	MARS_CHANGE_REGISTER,   /* also when it was a member already */
	MARS_CHANGE_DEREGISTER, /* by itself, or (|proxy|) fallen off CCVC */
	MARS_CHANGE_JOIN,       /* was no member of |range| before */
	MARS_CHANGE_LEAVE,
	MARS_CHANGE_LOST,       /* memory was short: look at all tables anew */
};

struct mars_change {
	enum mars_change_what what;
	struct l3_proto pro;
	struct atm_addr addr;
	struct l3_addr spa; /* len 0: never told */
	uint16_t cmi;
	struct l3_range range;
	bool layer3;
	bool proxy;
};

/* mars_server_next_change stores the oldest change not yet taken, in order. */
bool mars_server_next_change(struct mars_server *s, struct mars_change *c);

/* mars_server_deadline returns when |s| next needs MARS_SERVER_TIMER. */
struct mtime mars_server_deadline(const struct mars_server *s);

/* Counters since birth: by message type and by reason of a drop. */
#define MARS_SERVER_DROPS(X)                                                   \
	X(MALFORMED, "malformed")           /* the codec refused it */          \
	X(NOT_MARS, "not_mars")             /* no MARS control message */       \
	X(PROTOCOL, "protocol")             /* mar$pro not served */            \
	X(NOT_MEMBER, "not_member")         /* source not registered */         \
	X(COPY, "copy")                     /* copy bit set */                  \
	X(PAIRS, "pairs")                   /* more than one pair */            \
	X(ADDRESS, "address")               /* no possible ATM/layer 3 address */\
	X(UNEXPECTED, "unexpected")         /* an op a MARS never receives */   \
	X(CMI_EXHAUSTED, "cmi_exhausted")                                      \
	X(NO_MEMORY, "no_memory")                                              \
	X(NO_VC, "no_vc")                   /* nowhere to answer */             \
	X(NO_MCS, "no_mcs")                 /* MCS support is not there yet */  \
	X(STARTING, "starting")             /* no CMI is given yet */           \
	X(QUEUE, "queue")                   /* too many replies wait for room */

enum mars_server_drop {
#define X(name, word) MARS_SERVER_DROP_##name,
	MARS_SERVER_DROPS(X)
#undef X
	MARS_SERVER_DROP_COUNT
};

/* mars_server_drop_word returns the static word of |drop|, or "?". */
const char *mars_server_drop_word(unsigned drop);

struct mars_server_stats {
	uint64_t rx[MARS_OP_COUNT];      /* accepted, by op */
	uint64_t priv[MARS_OP_COUNT];    /* sent privately, by op */
	uint64_t ccvc[MARS_OP_COUNT];    /* sent on CCVC, by op */
	uint64_t scvc[MARS_OP_COUNT];    /* sent on SCVC, by op */
	uint64_t drops[MARS_SERVER_DROP_COUNT];
	uint64_t bad[MARS_BAD_COUNT];    /* the codec's reasons */
	uint64_t memory;                 /* octets held by tables */
};

/* mars_server_stats returns the live counters of |s|, borrowed. */
const struct mars_server_stats *mars_server_stats(const struct mars_server *s);

/*
 * Reads for those who show: protocols by index, members by CMI, groups and
 * blocks in address order.  Each returns false when there is no (more) such
 * thing.  Nothing returned survives the next step.
 */
struct mars_proto_info {
	struct l3_proto pro;
	uint32_t csn;
	uint32_t members, groups, blocks;
	uint64_t memberships; /* single-group ones */
	atm_ref ccvc;         /* 0: no CCVC now */
};
bool mars_server_proto(const struct mars_server *s, unsigned index,
    struct mars_proto_info *info);

/* mars_server_find_proto returns the index of |pro|, or -1. */
int mars_server_find_proto(const struct mars_server *s,
    const struct l3_proto *pro);

enum mars_leaf_state {
	MARS_LEAF_NONE,  /* not on CCVC; held until purge */
	MARS_LEAF_ADDING,
	MARS_LEAF_UP,
	MARS_LEAF_WAITING, /* refused for a temporary cause; will be retried */
	MARS_LEAF_FAR,     /* at another MARS */
};

struct mars_member_info {
	uint16_t cmi;
	struct atm_addr addr;
	struct l3_addr spa; /* len 0: never told */
	enum mars_leaf_state leaf;
	atm_ref vc; /* its pt-pt VC; 0: none now */
	uint32_t groups, blocks;
};

/* mars_server_next_member stores the first member with a CMI of at least |cmi|. */
bool mars_server_next_member(const struct mars_server *s, unsigned proto,
    unsigned cmi, struct mars_member_info *info);

/* mars_server_member stores the member with address |a|. */
bool mars_server_member(const struct mars_server *s, unsigned proto,
    const struct atm_addr *a, struct mars_member_info *info);

struct mars_group_info {
	struct l3_addr group;
	uint32_t members; /* by single-group join */
	uint32_t layer3;  /* of those with layer3grp set */
};

/*
 * mars_server_next_group stores the first group after |after| (NULL: the
 * first one) that has members by single-group join.
 */
bool mars_server_next_group(const struct mars_server *s, unsigned proto,
    const struct l3_addr *after, struct mars_group_info *info);

struct mars_block_info {
	struct l3_range range;
	uint32_t members;
};

/* mars_server_next_block does the same for blocks, ordered by min, then max. */
bool mars_server_next_block(const struct mars_server *s, unsigned proto,
    const struct l3_range *after, struct mars_block_info *info);

/*
 * mars_server_group_next returns the first CMI of at least |cmi| that belongs
 * to |group| by single or block join, or 0.
 */
unsigned mars_server_group_next(const struct mars_server *s, unsigned proto,
    const struct l3_addr *group, unsigned cmi);

/* mars_server_list returns the redirect list (own first) and its length. */
const struct atm_addr *mars_server_list(const struct mars_server *s,
    size_t *n, bool *hard);

/* mars_server_check verifies the tables' inner consistency; NULL or a text. */
const char *mars_server_check(const struct mars_server *s);

#endif
