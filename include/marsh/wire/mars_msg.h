/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_WIRE_MARS_MSG_H
#define MARSH_WIRE_MARS_MSG_H

/*
 * The 13 MARS control messages (RFC 2022 sections 4.3, 5, 6 and 11) as octets
 * and as one plain struct.  Variable parts borrow from the input.  Offsets
 * count from the first octet of mar$afn; the LLC/SNAP header is not included
 * except where a function says "frame".
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "marsh/base/addr.h"

struct frame;
struct mem;

#define MARS_AFN 0x000f
#define MARS_HDR_LEN 32 /* fixed header and mandatory part, every message */
#define MARS_MTU 9180   /* default MTU of a VC, LLC/SNAP not counted */

#define MARS_OPS(X)                                                            \
	X(REQUEST, 1, "REQUEST")                                               \
	X(MULTI, 2, "MULTI")                                                   \
	X(MSERV, 3, "MSERV")                                                   \
	X(JOIN, 4, "JOIN")                                                     \
	X(LEAVE, 5, "LEAVE")                                                   \
	X(NAK, 6, "NAK")                                                       \
	X(UNSERV, 7, "UNSERV")                                                 \
	X(SJOIN, 8, "SJOIN")                                                   \
	X(SLEAVE, 9, "SLEAVE")                                                 \
	X(GROUPLIST_REQUEST, 10, "GROUPLIST_REQUEST")                          \
	X(GROUPLIST_REPLY, 11, "GROUPLIST_REPLY")                              \
	X(REDIRECT_MAP, 12, "REDIRECT_MAP")                                    \
	X(MIGRATE, 13, "MIGRATE")

enum mars_op {
#define X(name, code, word) MARS_##name = code,
	MARS_OPS(X)
#undef X
	MARS_OP_COUNT = 14
};

/* mars_op_word returns "JOIN" and so on; "DATA" for 0, "?" for others. */
const char *mars_op_word(unsigned op);

/*
 * mars_op_find returns the op called |word| (upper or lower case, an optional
 * "MARS_" in front; "MAP" means REDIRECT_MAP), or 0.
 */
unsigned mars_op_find(const char *word);

/* mar$flags (section 5.2.1) */
#define MARS_FLAG_LAYER3GRP 0x8000
#define MARS_FLAG_COPY 0x4000
#define MARS_FLAG_REGISTER 0x2000
#define MARS_FLAG_PUNCHED 0x1000
#define MARS_FLAG_SEQUENCE 0x00ff

/* Why a decoder refused a message; also names of drop counters. */
#define MARS_BADS(X)                                                           \
	X(NONE, "ok")                                                          \
	X(SHORT, "short")           /* a declared length overruns the octets */\
	X(AFN, "afn")               /* mar$afn is not 0x000F */                 \
	X(VERSION, "version")       /* mar$op.version is not 0 (A-34) */        \
	X(OP, "op")                 /* unknown mar$op.type */                   \
	X(CHECKSUM, "checksum")                                                \
	X(SOURCE, "source")         /* mar$shtl has length 0 (MARS-163) */      \
	X(PAIRS, "pairs")           /* MARS-109: min > max or not ascending */  \
	X(TLV, "tlv")               /* malformed list (A-33) */                 \
	X(TLV_SILENT, "tlv_silent") /* unknown type with x = 1 */               \
	X(TLV_ERROR, "tlv_error")   /* unknown type with x = 2 */               \
	X(TRAILING, "trailing")     /* octets behind it, mar$extoff being 0 */

enum mars_bad {
#define X(name, word) MARS_BAD_##name,
	MARS_BADS(X)
#undef X
	MARS_BAD_COUNT
};

/* mars_bad_word returns the static word of |bad|. */
const char *mars_bad_word(unsigned bad);

struct mars_msg {
	/* all messages */
	struct l3_proto pro;
	uint16_t chksum; /* as received */
	uint8_t op;      /* enum mars_op */
	uint8_t shtl, sstl;
	const uint8_t *sha; /* number, directly followed by the subaddress */
	uint8_t spln;
	const uint8_t *spa; /* not in REDIRECT_MAP */
	uint32_t msn;       /* not in REQUEST and NAK */

	/* REQUEST, NAK, MULTI, MIGRATE: one group */
	uint8_t tpln;
	const uint8_t *tpa;

	/* MULTI, MIGRATE, REDIRECT_MAP: ATM addresses; GROUPLIST_REPLY: groups */
	uint8_t thtl, tstl;
	uint16_t tnum;
	uint16_t part;       /* y of mar$seqxy; 0 in MIGRATE */
	bool last;           /* x of mar$seqxy; true in MIGRATE */
	const uint8_t *list; /* tnum entries */
	bool hard;           /* REDIRECT_MAP: bit 7 of mar$redirf */

	/* JOIN, LEAVE, MSERV, UNSERV, SJOIN, SLEAVE, GROUPLIST_REQUEST */
	uint16_t pnum;
	uint16_t flags;
	uint16_t cmi;
	const uint8_t *pairs; /* pnum times min, max of tpln octets each */

	/*
	 * Supplementary TLVs (section 10) without the gap, up to and with the
	 * first four octets of the Null TLV; or NULL and 0.
	 */
	const uint8_t *tlvs;
	size_t tlvs_len;
};

/* Where and why decoding stopped. */
struct mars_decode_err {
	enum mars_bad bad;
	const char *field; /* RFC name, "mar$sha"; static */
	size_t off;        /* from mar$afn */
};

/*
 * mars_decode reads the |len| octets at |b| (no LLC/SNAP) into |m|, which
 * borrows from |b|.  A non-zero checksum is verified when |verify|.  TLVs are
 * parsed in full (section 10.3); all but Null are unrecognised, and octets
 * behind Null are not looked at (Appendix D).  Reserved bits are cleared, and a
 * null type/length octet is 0 in |m| (A-07).  Returns 0, or MARSH_ESHORT or
 * MARSH_EPROTO with |err| (may be NULL) filled; |m| must then not be used.
 * Allocates nothing.
 */
int mars_decode(const uint8_t *b, size_t len, bool verify, struct mars_msg *m,
    struct mars_decode_err *err);

/*
 * mars_size returns the octets mars_encode writes for |m| (no LLC/SNAP).
 */
size_t mars_size(const struct mars_msg *m);

/*
 * mars_encode writes |m| to |buf| of |cap| octets (no LLC/SNAP), reserved
 * fields zero, checksum calculated when |checksum| and 0 otherwise.  |m| may
 * have list or pairs NULL with a count: then the octets are left as they are,
 * for a caller that fills them in place and calls mars_seal.  Returns the
 * length, or 0 when |cap| is too small or TLVs would begin behind octet 65535.
 */
size_t mars_encode(const struct mars_msg *m, bool checksum, uint8_t *buf,
    size_t cap);

/*
 * mars_frame returns a new frame of LLC/SNAP header and |m| with reference
 * count 1, or NULL when memory is short.  mars_encode must be able to write it.
 */
struct frame *mars_frame(const struct mem *mem, const struct mars_msg *m,
    bool checksum);

/* mars_seal renews (or clears) the checksum of the message at |b|. */
void mars_seal(uint8_t *b, size_t len, bool checksum);

/* mars_checksum returns the one's-complement sum as it goes into mar$chksum. */
uint16_t mars_checksum(const uint8_t *b, size_t len);

/* Patches of a message about to be relayed; mars_seal must follow. */
void mars_put_op(uint8_t *b, uint8_t op);
void mars_put_flags(uint8_t *b, uint16_t flags); /* J shape only */
void mars_put_cmi(uint8_t *b, uint16_t cmi);     /* J shape only */
void mars_put_msn(uint8_t *b, uint32_t msn);
void mars_put_seqxy(uint8_t *b, uint16_t part, bool last);
void mars_put_tnum(uint8_t *b, uint16_t n); /* M, G and D shapes */

/*
 * mars_list_off returns the offset from mar$afn of the target, group or pair
 * list of |m|.
 */
size_t mars_list_off(const struct mars_msg *m);

/* mars_src stores the source ATM address; MARSH_EINVAL: none that can exist. */
int mars_src(const struct mars_msg *m, struct atm_addr *a);

/* mars_target stores target |i| (0-based) of the list; as mars_src. */
int mars_target(const struct mars_msg *m, unsigned i, struct atm_addr *a);

/* mars_group stores mar$tpa; MARSH_EINVAL when longer than L3_MAX. */
int mars_group(const struct mars_msg *m, struct l3_addr *g);

/* mars_pair stores pair |i| (0-based); MARSH_EINVAL when longer than L3_MAX. */
int mars_pair(const struct mars_msg *m, unsigned i, struct l3_range *r);

/* mars_listed_group stores group |i| of a GROUPLIST_REPLY; as mars_group. */
int mars_listed_group(const struct mars_msg *m, unsigned i, struct l3_addr *g);

/*
 * mars_set_src lets |m| carry the source address |a|.  The octets are joined in
 * |scratch|, which |m| borrows.
 */
void mars_set_src(struct mars_msg *m, const struct atm_addr *a,
    uint8_t scratch[2 * ATM_NSAP_LEN]);

/*
 * mars_format writes one readable line of at most |cap| octets (with NUL):
 * "JOIN from 47...00 <224.1.1.1> msn 7 copy cmi 3".  Returns |buf|.
 */
char *mars_format(const struct mars_msg *m, char *buf, size_t cap);

#endif
