/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_MARS_CLIENT_H
#define MARSH_MARS_CLIENT_H

/*
 * A cluster member (RFC 2022 section 5), both sides: registration, joins and
 * leaves with retransmission; the per-group path (REQUEST, MULTI, leaves,
 * tracking, revalidation); the list of MARSs, failure and redirect.  One client
 * is one logical interface for one protocol: one ATM address, one CMI.
 * No input or output, no clock.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "marsh/atm/atm_prim.h"
#include "marsh/base/mem.h"
#include "marsh/base/mtime.h"
#include "marsh/base/trace.h"
#include "marsh/mars/mars_server.h" /* MARS_LIST_MAX */
#include "marsh/wire/mars_msg.h"
#include "marsh/wire/snap.h"

struct mars_client;

/*
 * Every timer and limit of Appendix E, with its name in scripts, default and
 * bounds in milliseconds: X(field, default, min, max)
 */
#define MARS_CLIENT_KNOBS(X)                                                   \
	X(reply_wait, 10000, 100, 10000)     /* MULTI part gap (5.1.1) */       \
	X(nak_lo, 5000, 5000, 10000)         /* hold-down after NAK (5.1.1) */  \
	X(nak_hi, 10000, 5000, 10000)                                          \
	X(leaf_retry_lo, 5000, 5000, 10000)  /* temporary causes (5.1.3) */     \
	X(leaf_retry_hi, 10000, 5000, 10000)                                   \
	X(data_idle, 1200000, 60000, 0)      /* pt-mpt VC idle (5.1.3) */       \
	X(mars_idle, 1200000, 60000, 0)      /* VC to the MARS idle (5) */      \
	X(reval_lo, 1000, 1000, 10000)       /* VC_revalidate (5.1.5) */        \
	X(reval_hi, 10000, 1000, 10000)                                        \
	X(retransmit, 10000, 5000, 0)        /* JOIN/LEAVE (5.2.2) */           \
	X(rereg_lo, 1000, 1000, 10000)       /* tau (5.4.1) */                  \
	X(rereg_hi, 10000, 1000, 10000)                                        \
	X(rejoin_lo, 1000, 0, 10000)         /* tau_j (5.4.1) */                \
	X(rejoin_hi, 10000, 0, 10000)                                          \
	X(loop_wait, 60000, 60000, 0)        /* W (5.4.1, 5.4.2) */             \
	X(map_silence, 240000, 60000, 240000) /* T_miss (5.4) */

struct mars_client_cfg {
	struct atm_addr addr;
	struct l3_addr spa;     /* mar$spa; len 0: null in registration only */
	struct l3_proto pro;
	uint64_t seed;
	bool checksum, verify;
	bool private_step;      /* ignore small negative CSN steps on the
				   private VC; default false, the letter */
	uint8_t tries;          /* retransmissions, 5 */
	uint32_t mtu;
	struct atm_addr mars;   /* the configured MARS; tl 0: none */
	const struct atm_addr *backups; /* static list, in order */
	size_t backups_n;
	uint32_t pending_max;   /* packets queued while a path is set up, 16 */
#define X(field, def, lo, hi) struct mspan field;
	MARS_CLIENT_KNOBS(X)
#undef X
};

/* mars_client_defaults fills |cfg| with the RFC's defaults. */
void mars_client_defaults(struct mars_client_cfg *cfg);

/*
 * mars_client_new returns an idle client, or NULL (out of memory).  |cfg| is
 * copied; |mem| and |trace| (may be NULL) are borrowed for life.
 */
struct mars_client *mars_client_new(const struct mars_client_cfg *cfg,
    const struct mem *mem, const struct trace *trace);

/* mars_client_free releases |c|; NULL is legal. */
void mars_client_free(struct mars_client *c);

enum mars_client_ev_kind {
	MARS_CLIENT_IND,        /* |ind|, from the network */
	MARS_CLIENT_MSG,        /* |ind| is ATM_DATA, |msg| its decoded message */
	MARS_CLIENT_TIMER,
	MARS_CLIENT_REGISTER,   /* JoinCluster */
	MARS_CLIENT_DEREGISTER,
	MARS_CLIENT_JOIN,       /* |range|, |layer3| */
	MARS_CLIENT_LEAVE,      /* |range| */
	MARS_CLIENT_SEND,       /* |packet| of |len| octets to |range.min| */
	MARS_CLIENT_REQUEST,    /* ask for |range.min| without a packet */
	MARS_CLIENT_GROUPLIST,  /* ask for |range| */
	MARS_CLIENT_BLIND,      /* do not notice MARS problems before |until| */
	MARS_CLIENT_CLOSE,      /* release the data VC of |range.min| */
};

struct mars_client_ev {
	enum mars_client_ev_kind kind;
	const struct atm_ind *ind;
	const struct mars_msg *msg;
	struct l3_range range;
	bool layer3;
	const uint8_t *packet;
	size_t len;
	struct mtime until;
};

/* What a step hands upwards besides |out|: one received packet at most. */
struct mars_client_up {
	const uint8_t *packet; /* NULL: none; borrowed from the event */
	size_t len;
	bool reflected;  /* own CMI: discarded, |packet| is only for counting */
	bool unjoined;   /* group not joined here: discarded (section 5.1.3) */
};

#define MARS_CLIENT_OUT_MIN 64

/*
 * mars_client_step advances |c| by one event at |now|, appends requests to
 * |out| (MARS_CLIENT_OUT_MIN free places) and fills |up| (may be NULL).
 *
 * Returns 0, or, for commands only:
 *   MARSH_ESTATE    not asked to be a member, or no MARS configured (section
 *                   4).  Before the registration copy and in an outage
 *                   commands are taken and wait for the registration.
 *   MARSH_EOVERLAP  block join over a block joined before (section 5.2).
 *   MARSH_EEXIST    the range is joined already; nothing is sent.
 *   MARSH_ENOENT    the range to leave is not joined.
 *   MARSH_EINVAL    min above max, or not of the interface's protocol.
 * and for every event MARSH_ENOMEM: dropped, nothing changed.
 */
int mars_client_step(struct mars_client *c, struct mtime now,
    const struct mars_client_ev *ev, struct atm_out *out,
    struct mars_client_up *up);

/* mars_client_deadline returns when |c| next needs MARS_CLIENT_TIMER. */
struct mtime mars_client_deadline(const struct mars_client *c);

#define MARS_CLIENT_DROPS(X)                                                   \
	X(MALFORMED, "malformed")                                              \
	X(NOT_MARS, "not_mars")                                                \
	X(PROTOCOL, "protocol")       /* another mar$pro */                     \
	X(UNTRUSTED, "untrusted")     /* map not from the current MARS (5.4.3) */\
	X(UNEXPECTED, "unexpected")                                            \
	X(STALE, "stale")             /* reply to nothing asked */              \
	X(SEQUENCE, "sequence")       /* part lost or msn changed */            \
	X(NAK, "nak")                 /* packet discarded: empty group */       \
	X(HOLD_DOWN, "hold_down")     /* packet discarded: asked lately */      \
	X(QUEUE, "queue")             /* packet discarded: queue full */        \
	X(NO_PATH, "no_path")         /* packet discarded: nobody reachable */  \
	X(REFLECTED, "reflected")                                              \
	X(UNJOINED, "unjoined")                                                \
	X(NO_MEMORY, "no_memory")

enum mars_client_drop {
#define X(name, word) MARS_CLIENT_DROP_##name,
	MARS_CLIENT_DROPS(X)
#undef X
	MARS_CLIENT_DROP_COUNT
};

/* mars_client_drop_word returns the static word of |drop|. */
const char *mars_client_drop_word(unsigned drop);

struct mars_client_stats {
	uint64_t tx[MARS_OP_COUNT]; /* sent to the MARS, by op */
	uint64_t tx_reg, tx_dereg;  /* of JOIN/LEAVE: with the register bit */
	uint64_t rx[MARS_OP_COUNT];
	uint64_t data_tx, data_rx;  /* packets */
	uint64_t call, setup, add, drop, release; /* UNI operations asked for */
	uint64_t revalidations, csn_jumps, failures, redirects, bounced, alarms;
	uint64_t drops[MARS_CLIENT_DROP_COUNT];
	uint64_t bad[MARS_BAD_COUNT];
};

/* mars_client_stats returns the live counters of |c|, borrowed. */
const struct mars_client_stats *mars_client_stats(const struct mars_client *c);

/* The list-of-MARSs machine (section 5.4). */
#define MARS_CLIENT_STATES(X)                                                  \
	X(IDLE, "Idle")                 /* not asked to be a member */          \
	X(CALLING, "Calling")           /* pt-pt VC to the MARS being set up */ \
	X(REGISTERING, "Registering")   /* registration JOIN is out */          \
	X(REGISTERED, "Registered")                                            \
	X(WAITING, "Waiting")           /* tau before the next attempt */       \
	X(LOOPING, "Looping")           /* W before the next attempt */         \
	X(DEREGISTERING, "Deregistering")

enum mars_client_state {
#define X(name, word) MARS_CLIENT_##name,
	MARS_CLIENT_STATES(X)
#undef X
};

/* mars_client_state_word returns the static word of |state|. */
const char *mars_client_state_word(unsigned state);

struct mars_client_info {
	enum mars_client_state state;
	bool registered;       /* is a cluster member now */
	struct atm_addr mars;  /* the current MARS; tl 0: none */
	uint16_t cmi;          /* 0: none */
	uint32_t hsn;
	atm_ref mars_vc, ccvc; /* 0: none now */
	struct mspan rereg;    /* failure noticed to registered, last time */
	struct mtime failed_at; /* of the present outage, or never */
	uint32_t attempts;     /* registrations tried in this outage */
};

/* mars_client_info tells how |c| and its MARS get on. */
void mars_client_info(const struct mars_client *c, struct mars_client_info *i);

/*
 * mars_client_list returns the list of MARSs as it would be walked: dynamic
 * entries, then static ones.  Borrowed until the next step.
 */
const struct atm_addr *mars_client_list(const struct mars_client *c, size_t *n);

/* mars_client_next_joined stores joined range number |i| in order of min. */
bool mars_client_next_joined(const struct mars_client *c, size_t i,
    struct l3_range *range, bool *confirmed);

enum mars_path_state {
	MARS_PATH_ASKING,  /* REQUEST is out */
	MARS_PATH_OPENING, /* L_MULTI_RQ is out */
	MARS_PATH_UP,
	MARS_PATH_HELD,    /* NAK hold-down */
};

/* mars_path_state_word returns the static word of |state|. */
const char *mars_path_state_word(unsigned state);

struct mars_path_info {
	struct l3_addr group;
	enum mars_path_state state;
	atm_ref vc;       /* 0: none */
	uint32_t leaves;  /* connected */
	uint32_t wanted;  /* connected or being connected or retried */
	bool revalidate, revalidating;
	uint32_t packets;
};

/* mars_client_next_path stores the first path after |after| (NULL: first). */
bool mars_client_next_path(const struct mars_client *c,
    const struct l3_addr *after, struct mars_path_info *info);

enum mars_cleaf_state {
	MARS_CLEAF_WANT, MARS_CLEAF_ADDING, MARS_CLEAF_UP, MARS_CLEAF_RETRY,
};

/* mars_client_leaf stores leaf |i| of the path to |group|, in address order. */
bool mars_client_leaf(const struct mars_client *c, const struct l3_addr *group,
    size_t i, struct atm_addr *leaf, enum mars_cleaf_state *state);

/*
 * mars_client_answer tells the result of the last MARS_CLIENT_REQUEST or
 * GROUPLIST that ended: 0 with its entries, MARSH_ENOENT for NAK,
 * MARSH_ESTATE while none has ended.  Entries are ATM addresses (REQUEST) or
 * groups (GROUPLIST); read with the two functions below.
 */
int mars_client_answer(const struct mars_client *c, bool grouplist, size_t *n);
bool mars_client_answer_addr(const struct mars_client *c, size_t i,
    struct atm_addr *a);
bool mars_client_answer_group(const struct mars_client *c, size_t i,
    struct l3_addr *g);

/* mars_client_check verifies inner consistency; NULL or a text. */
const char *mars_client_check(const struct mars_client *c);

#endif
