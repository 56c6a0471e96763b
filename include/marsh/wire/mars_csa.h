/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_WIRE_MARS_CSA_H
#define MARSH_WIRE_MARS_CSA_H

/*
 * What a MARS says in the protocol-specific part of an SCSP record: the five
 * records of RFC 2443 section 3 (Version 0), and the MARS Group Status of
 * Version 0xFF by which redundant MARSs elect who is Active.  Variable parts
 * borrow from the input.  Offsets count from the first octet of the part.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "marsh/base/addr.h"

#define MARS_CSA_HDR_LEN 20
#define MARS_CSA_VERSION 0x00
#define MARS_CSA_LOCAL 0xff /* Version: experimental or local use */

#define MARS_CSA_STATES(X)                                                     \
	X(SERVER, 1, "server")     /* MARS Server Redirect Entry */             \
	X(SERVE, 2, "serve")       /* MCS Serve/Register */                     \
	X(JOIN, 3, "join")         /* Client Join/Register */                   \
	X(LEAVE, 4, "leave")       /* Client Leave/Deregister */                \
	X(UNSERVE, 5, "unserve")   /* MCS Unserve/Deregister */                 \
	X(STATUS, 0xe1, "status")  /* MARS Group Status; Version 0xFF */

enum mars_csa_state {
#define X(name, code, word) MARS_CSA_##name = code,
	MARS_CSA_STATES(X)
#undef X
};

/* mars_csa_word returns "join" and so on; "?" for others. */
const char *mars_csa_word(unsigned state);

/* Why a part was refused; also names of drop counters. */
#define MARS_CSA_BADS(X)                                                       \
	X(NONE, "ok")                                                          \
	X(SHORT, "short")       /* the octets end inside a field */             \
	X(HARDWARE, "hardware") /* Hardware Type is not 0x000F */               \
	X(VERSION, "version")   /* not implemented (SMARS-019) */               \
	X(STATE, "state")       /* unknown (SMARS-021) */                       \
	X(LENGTH, "length")     /* 20 plus the lengths is another number */     \
	X(SOURCE, "source")     /* no source ATM address (B-16), or an
				   impossible one */                           \
	X(FIELDS, "fields")     /* what that State must or must not hold */     \
	X(GROUP, "group")       /* min > max, or layer3grp with a range */      \
	X(TLV, "tlv")           /* status: a malformed list or value */

enum mars_csa_bad {
#define X(name, word) MARS_CSA_BAD_##name,
	MARS_CSA_BADS(X)
#undef X
	MARS_CSA_BAD_COUNT
};
const char *mars_csa_bad_word(unsigned bad);

struct mars_csa {
	struct l3_proto pro;
	uint8_t version;
	uint8_t state;     /* enum mars_csa_state */
	bool layer3grp, reg; /* flags (SMARS-022) */
	uint8_t sequence;  /* flags' low octet; the originator's own */
	uint16_t cmi;
	struct l3_addr spa;  /* len 0: absent */
	struct atm_addr addr; /* always there */
	bool has_group;
	struct l3_range group; /* with has_group */
	/* STATUS: the TLV list with the Null TLV, borrowed, checked */
	const uint8_t *tlvs;
	size_t tlvs_len;
};

struct mars_csa_err {
	enum mars_csa_bad bad;
	const char *field; /* the RFC's name; static */
	size_t off;
};

/*
 * mars_csa_decode reads the |len| octets at |b| and checks every rule that
 * needs nothing but the record (SMARS-016 to 027, 031, 035, 036, 043, 044).
 * Returns 0, or MARSH_ESHORT or MARSH_EPROTO with |err| (may be NULL) filled.
 */
int mars_csa_decode(const uint8_t *b, size_t len, struct mars_csa *m,
    struct mars_csa_err *err);

/* mars_csa_size returns the octets that mars_csa_encode writes. */
size_t mars_csa_size(const struct mars_csa *m);

/* mars_csa_encode writes |m| to |cap| octets at |b|; its length, or 0 when it
 * does not fit. */
size_t mars_csa_encode(const struct mars_csa *m, uint8_t *b, size_t cap);

/* mars_csa_format writes one readable line of at most |cap| octets. */
char *mars_csa_format(const struct mars_csa *m, char *buf, size_t cap);

/* ---- MARS Group Status --------------------------------------------------- */

#define MARS_STATUS_PARTS 64 /* partitions, slices, neighbours in one record */

enum mars_role {
	MARS_ROLE_NONE,
	MARS_ROLE_STARTING,
	MARS_ROLE_BACKUP,
	MARS_ROLE_CANDIDATE,
	MARS_ROLE_ACTIVE,
	MARS_ROLE_HANDOVER,
	MARS_ROLE_LEAVING,
	MARS_ROLE_COUNT
};
/* "Starting", "Backup", ...; "-" for MARS_ROLE_NONE, "?" for others. */
const char *mars_role_word(unsigned role);

enum mars_redirect_mode { MARS_MODE_NONE, MARS_MODE_HARD, MARS_MODE_SOFT };

struct mars_status_part { /* TLV 0x3802 */
	uint16_t part;
	uint8_t role, priority, mode;
	bool preempt, ready;
	uint32_t successor; /* OID; 0: none */
};

struct mars_status_slice { /* TLV 0x3803 */
	uint16_t part, lo, hi;
};

struct mars_status { /* a whole record */
	bool no_new_clients;
	uint16_t interval;    /* s between refreshes */
	uint32_t incarnation; /* boot time, s */
	uint16_t clients, capacity;
	struct mars_status_part part[MARS_STATUS_PARTS];
	struct mars_status_slice slice[MARS_STATUS_PARTS];
	uint32_t adj[MARS_STATUS_PARTS]; /* OIDs towards which we are Aligned */
	unsigned parts, slices, adjs;
};

/* mars_status_read reads the TLVs of |m|, a decoded STATUS; unknown TLVs are
 * skipped.  0, or MARSH_EPROTO with |err| filled. */
int mars_status_read(const struct mars_csa *m, struct mars_status *s,
    struct mars_csa_err *err);

/*
 * mars_status_write writes a whole STATUS part of the server at |addr| to |cap|
 * octets at |b|; its length, or 0 when it does not fit.
 */
size_t mars_status_write(const struct mars_status *s,
    const struct l3_proto *pro, const struct atm_addr *addr, uint8_t *b,
    size_t cap);

#endif
