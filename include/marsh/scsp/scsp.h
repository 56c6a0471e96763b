/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_SCSP_H
#define MARSH_SCSP_H

/*
 * An SCSP server (RFC 2334): Server Groups (Protocol ID, Server Group ID), each
 * with a cache and directly connected servers (DCSs); Hello FSM, Cache Alignment
 * FSM and Client State Update protocol towards each; the VCs between.  Tables,
 * states and traffic of one group never touch another's (SCSP-002).
 * No input or output, no clock: step, deadline, verbs that only change tables,
 * and reads.  What a verb causes to be sent leaves in the next step: after a
 * verb the deadline may be now, so that changes of one instant share a message.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "marsh/atm/atm_prim.h"
#include "marsh/base/mem.h"
#include "marsh/base/mtime.h"
#include "marsh/base/trace.h"
#include "marsh/wire/scsp_msg.h"

struct scsp;

#define SCSP_OUT_MIN 64 /* room in |out| that a step needs */

struct scsp_cfg {
	struct atm_addr addr;
	struct scsp_oct id;  /* LSID, 1 to SCSP_ID_MAX octets; copied */
	uint64_t seed;       /* of its own generator */
	uint64_t hash_seed;  /* of its tables: what neighbours cannot guess */
	atm_ref ref_first, ref_last; /* references it may choose; 1, 0x3fffffff */
	uint32_t mtu;        /* largest message; SCSP_MTU */
};

/* scsp_defaults fills |cfg|; addr and id are empty. */
void scsp_defaults(struct scsp_cfg *cfg);

/*
 * scsp_new returns a server without groups, or NULL (out of memory).  |cfg| is
 * copied; |mem| and |trace| (may be NULL) are borrowed for life.
 */
struct scsp *scsp_new(const struct scsp_cfg *cfg, const struct mem *mem,
    const struct trace *trace);

/* scsp_free releases |s|, without a word to |trace|; NULL is legal. */
void scsp_free(struct scsp *s);

/* ---- configuration ------------------------------------------------------ */

/*
 * What a protocol-specific layer says of a record: pure, without side effects.
 * NULL members mean the generic layer: every body is valid, an empty body means
 * that the entry was withdrawn.
 */
struct scsp_policy {
	/* false: acknowledged, but not stored, applied or flooded (B-11) */
	bool (*valid)(const struct scsp_rec *r);
	/* true: the entry is gone; it is kept as a tombstone */
	bool (*withdrawn)(const struct scsp_rec *r);
};

/* What to do with an own record that this incarnation did not write. */
enum scsp_own {
	SCSP_OWN_ADOPT,    /* keep its content, under a higher number */
	SCSP_OWN_WITHDRAW, /* withdraw it, under a higher number */
};

struct scsp_group_cfg {
	uint16_t pid, sgid;
	uint16_t family;         /* Family ID; 0: a Hello FSM of its own */
	bool multipoint;         /* Hello and new CSUs on one pt-mpt VC */
	uint16_t interval, dead; /* HelloInterval in s, DeadFactor; 3, 3 */
	struct mspan ca_rexmt;   /* 3 s */
	struct mspan ca_hold;    /* 0: HelloInterval x DeadFactor of the DCS */
	struct mspan csus_rexmt; /* 3 s */
	struct mspan csu_rexmt;  /* 2 s */
	struct mspan reply_delay;/* a CSU Reply may wait; 0, at most 200 ms */
	struct mspan tombstone;  /* 3600 s; at least csu_rexmt x csu_max */
	unsigned csus_max;       /* 5 in a row without progress */
	unsigned csu_max;        /* 5 transmissions */
	unsigned guard;          /* SlaveGuard, times ca_rexmt; 10 */
	unsigned window;         /* CSU Requests outstanding to one DCS; 64 */
	uint16_t hops;           /* HopCount; 0: max(16, 2 x servers known) */
	uint32_t restart;        /* RestartConstant, 1 << 20 */
	int32_t first_seq;       /* of a key never used by this incarnation:
				    SCSP_SEQ_FIRST where first use is proven,
				    else a clock's value */
	enum scsp_own own;
	bool auth_fail_drop;     /* discard only, no abnormal event */
	bool literal_a02;        /* for experiments: 2.2.1(2)(d) to the letter */
	bool literal_a18;        /* for experiments: solicited CSAs go one hop */
	const struct scsp_policy *policy; /* borrowed for life; NULL: generic */
};

/* scsp_group_defaults fills |cfg|; pid and sgid are 0. */
void scsp_group_defaults(struct scsp_group_cfg *cfg);

/* Groups are numbered 0, 1, 2, ... in order of making. */

/*
 * scsp_add_group makes a group and returns its number, or MARSH_EEXIST (that
 * pair is there), MARSH_EINVAL, MARSH_ENOMEM.
 */
int scsp_add_group(struct scsp *s, struct mtime now,
    const struct scsp_group_cfg *cfg);

/*
 * scsp_add_dcs makes the server at |addr| a DCS of |group|: its VC is opened in
 * the next step.  0, MARSH_EEXIST, MARSH_EINVAL (ourselves, no such group),
 * MARSH_ENOMEM.  scsp_del_dcs forgets it; a VC that no group uses is released.
 */
int scsp_add_dcs(struct scsp *s, struct mtime now, unsigned group,
    const struct atm_addr *addr);
int scsp_del_dcs(struct scsp *s, struct mtime now, unsigned group,
    const struct atm_addr *addr);

/* One Security Association with a DCS (SCSP-151, 152); the secret is copied. */
struct scsp_sa {
	struct scsp_key key;
	struct mtime until; /* MTIME_NEVER: infinite */
	bool send;          /* may sign; all verify.  The newest one signs */
};

/*
 * scsp_add_sa adds |sa| for the DCS |addr| of |group| and makes authentication
 * mandatory for it.  scsp_del_sa takes the one with |spi| away; without any SA
 * left, nothing is sent and everything that arrives fails (SCSP-154), until
 * scsp_open_dcs says that the DCS needs none.  0, MARSH_ENOENT, MARSH_ENOMEM.
 */
int scsp_add_sa(struct scsp *s, struct mtime now, unsigned group,
    const struct atm_addr *addr, const struct scsp_sa *sa);
int scsp_del_sa(struct scsp *s, struct mtime now, unsigned group,
    const struct atm_addr *addr, uint32_t spi);
int scsp_open_dcs(struct scsp *s, struct mtime now, unsigned group,
    const struct atm_addr *addr);

/* ---- running ------------------------------------------------------------ */

enum scsp_ev_kind {
	SCSP_IND,     /* |ind|, from the network */
	SCSP_TIMER,   /* scsp_deadline was reached */
	SCSP_RESTART, /* warm restart: all VCs are gone, caches are kept */
};

struct scsp_ev {
	enum scsp_ev_kind kind;
	const struct atm_ind *ind;
};

/*
 * scsp_step advances |s| by one event at |now| and appends what must be done to
 * |out|, which needs SCSP_OUT_MIN free places.  Everything in |ev| is borrowed
 * for the call.  What is malformed, fails authentication or is not allowed is
 * counted, traced and dropped, and that is success.  Returns 0, or
 * MARSH_ENOMEM: the event was dropped, a peer will send again.
 */
int scsp_step(struct scsp *s, struct mtime now, const struct scsp_ev *ev,
    struct atm_out *out);

/* scsp_deadline returns when |s| next needs SCSP_TIMER. */
struct mtime scsp_deadline(const struct scsp *s);

/*
 * scsp_put writes |body| under |key| as an own record of |group| with the next
 * sequence number; the same content again is no change.  scsp_remove withdraws
 * it.  0, MARSH_EINVAL (key length, or the record does not fit one message, or
 * an empty body in the generic layer), MARSH_ENOENT (remove: no such own entry),
 * MARSH_ENOMEM, MARSH_ESTATE (the number space was used up and its purge is not
 * acknowledged yet: try again later, SCSP-124).
 */
int scsp_put(struct scsp *s, struct mtime now, unsigned group,
    struct scsp_oct key, struct scsp_oct body);
int scsp_remove(struct scsp *s, struct mtime now, unsigned group,
    struct scsp_oct key);

/*
 * scsp_solicit asks DCS |addr| for its instance of an entry by a CSUS.  0,
 * MARSH_ENOENT (no such DCS), MARSH_ESTATE (its CAFSM is not in Update Cache or
 * Aligned), MARSH_ENOMEM.
 */
int scsp_solicit(struct scsp *s, struct mtime now, unsigned group,
    const struct atm_addr *addr, struct scsp_oct key, struct scsp_oct orig);

/* ---- reads -------------------------------------------------------------- */

/* Nothing returned survives the next step or verb. */

enum scsp_hfsm {
	SCSP_HELLO_DOWN,
	SCSP_HELLO_WAITING,
	SCSP_HELLO_UNIDIRECTIONAL,
	SCSP_HELLO_BIDIRECTIONAL,
};
enum scsp_cafsm {
	SCSP_CA_DOWN,
	SCSP_CA_NEGOTIATION,
	SCSP_CA_SUMMARIZE,
	SCSP_CA_UPDATE,
	SCSP_CA_ALIGNED,
};
/* scsp_hfsm_word: "Down", "Waiting", "Unidirectional", "Bidirectional". */
const char *scsp_hfsm_word(enum scsp_hfsm h);
/* scsp_cafsm_word: "Down", "Negotiation", "Summarize", "Update", "Aligned". */
const char *scsp_cafsm_word(enum scsp_cafsm c);

/* Why a message or record was dropped. */
#define SCSP_DROPS(X)                                                          \
	X(MALFORMED, "malformed")   /* the codec refused it */                  \
	X(NOT_SCSP, "not_scsp")     /* no SCSP message */                       \
	X(GROUP, "group")           /* PID/SGID not configured */               \
	X(STRANGER, "stranger")     /* from an address that is no DCS */        \
	X(RECEIVER, "receiver")     /* for another server */                    \
	X(SENDER, "sender")         /* Sender ID is not the DCS's */           \
	X(AUTH, "auth")             /* MAC missing or wrong */                  \
	X(HELLO_STATE, "hello_state") /* HFSM is not Bidirectional */           \
	X(CA_STATE, "ca_state")     /* CAFSM does not take it now */            \
	X(SEQUENCE, "sequence")     /* CA out of turn, or a duplicate */        \
	X(INVALID, "invalid")       /* record refused by policy */              \
	X(TOO_LONG, "too_long")     /* not sent: fits no message of ours */     \
	X(SAME_ID, "same_id")       /* another server has our ID (A-14) */      \
	X(NO_MEMORY, "no_memory")                                              \
	X(NO_KEY, "no_key")         /* not sent: no SA to sign with */          \
	X(NO_VC, "no_vc")

enum scsp_drop {
#define X(name, word) SCSP_DROP_##name,
	SCSP_DROPS(X)
#undef X
	SCSP_DROP_COUNT
};
/* scsp_drop_word returns the static word of |drop|, or "?". */
const char *scsp_drop_word(unsigned drop);

struct scsp_stats {
	uint64_t rx[SCSP_TYPE_COUNT]; /* accepted, by type */
	uint64_t tx[SCSP_TYPE_COUNT]; /* sent, by type; retransmissions too */
	uint64_t rexmt[SCSP_TYPE_COUNT];
	uint64_t tx_octets;
	uint64_t drops[SCSP_DROP_COUNT];
	uint64_t bad[SCSP_BAD_COUNT];
	uint64_t abnormal;            /* abnormal events (2.1) */
	uint64_t late;                /* Hellos after their interval */
	uint64_t memory;              /* octets held */
};
/* scsp_stats returns the live counters of |s|, borrowed. */
const struct scsp_stats *scsp_stats(const struct scsp *s);

/* scsp_id returns the LSID. */
struct scsp_oct scsp_id(const struct scsp *s);

struct scsp_group_info {
	struct scsp_group_cfg cfg; /* hops as it is in use */
	uint32_t dcss, aligned;    /* DCSs, and those in Aligned */
	uint64_t entries;          /* live ones */
	uint64_t tombstones;
	uint64_t octets;           /* of live bodies */
	uint64_t memory;           /* octets the cache holds */
};
/* scsp_group stores what group |group| is; false: there is none. */
bool scsp_group(const struct scsp *s, unsigned group,
    struct scsp_group_info *info);
/* scsp_find_group returns the group's number, or -1. */
int scsp_find_group(const struct scsp *s, uint16_t pid, uint16_t sgid);

struct scsp_dcs_info {
	struct atm_addr addr;
	struct scsp_oct id;      /* DCSID; empty: not heard yet */
	enum scsp_hfsm hfsm;
	enum scsp_cafsm cafsm;
	bool master;             /* we lead (Summarize and later) */
	uint32_t ca_seq;
	atm_ref vc;              /* pt-pt VC in use; 0: none now */
	uint16_t interval, dead; /* as the DCS advertised */
	size_t csas_left;        /* summaries still to be sent */
	size_t crl;              /* summaries still to be answered */
	size_t queue;            /* CSAs not yet acknowledged */
	size_t requests;         /* CSU Requests outstanding */
	bool auth;
	uint32_t spi;            /* that signs; 0: none */
	struct mtime since;      /* of the CAFSM's state */
	uint64_t tx, rx, rexmt;  /* messages */
};
/* scsp_dcs stores DCS |i| (0-based, by order of adding) of |group|. */
bool scsp_dcs(const struct scsp *s, unsigned group, unsigned i,
    struct scsp_dcs_info *info);

struct scsp_entry_info {
	struct scsp_rec rec;  /* key, orig, seq, body; hop 0 */
	bool own, tombstone;
	uint64_t change;      /* grows with every change of the cache */
};
/*
 * scsp_find stores the entry under |key| of |orig|; orig.len 0: our own one, or
 * else the newest by change.  Tombstones are found too.
 */
bool scsp_find(const struct scsp *s, unsigned group, struct scsp_oct key,
    struct scsp_oct orig, struct scsp_entry_info *info);
/*
 * scsp_next_entry stores the first entry whose change number is above |after|,
 * in the order of changes: a walk starts with 0.  Tombstones come too.
 */
bool scsp_next_entry(const struct scsp *s, unsigned group, uint64_t after,
    struct scsp_entry_info *info);

/* scsp_digest returns a number over all entries of |group|, the same for equal
 * caches however they came about; tombstones only when |all|. */
uint64_t scsp_digest(const struct scsp *s, unsigned group, bool all);

/* scsp_activity returns a number that changes with all but Hellos in steady
 * state: used to find out that a run has become quiet. */
uint64_t scsp_activity(const struct scsp *s);

/* scsp_check verifies the tables' inner consistency; NULL or a text. */
const char *scsp_check(const struct scsp *s);

#endif
