/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_WIRE_MARS_INT_H
#define MARSH_WIRE_MARS_INT_H

/* What the files of the MARS codec share; offsets count from mar$afn. */
#include "marsh/wire/mars_msg.h"
#include "octets_int.h"

/* Fixed header (RFC 2022 section 4.3). */
enum {
	OFF_AFN = 0,
	OFF_TYPE = 2,
	OFF_SNAP = 4,
	OFF_CHKSUM = 12,
	OFF_EXTOFF = 14,
	OFF_VERSION = 16,
	OFF_OP = 17,
	OFF_SHTL = 18,
	OFF_SSTL = 19,
	OFF_SPLN = 20, /* every shape begins its mandatory part so */
	OFF_ADDRS = MARS_HDR_LEN
};

/* R, M, G and D shapes. */
enum {
	OFF_THTL = 21,
	OFF_TSTL = 22,
	OFF_TPLN = 23,
	OFF_REDIRF = 23, /* D in place of tpln */
	OFF_TNUM = 24,
	OFF_SEQXY = 26,
	OFF_MSN = 28 /* J too */
};

/* J shape (section 5.2.1). */
enum { OFF_J_TPLN = 21, OFF_J_PNUM = 22, OFF_J_FLAGS = 24, OFF_J_CMI = 26 };

#define MARS_FLAGS_KNOWN 0xf0ff /* bits 11-8 are reserved */
#define MARS_REDIRF_HARD 0x80
#define MARS_SEQ_LAST 0x8000

/* The mandatory part comes in five shapes. */
enum mars_shape {
	SHAPE_NONE, /* not an operation */
	SHAPE_R,    /* REQUEST, NAK: one group, no number */
	SHAPE_M,    /* MULTI, MIGRATE: one group and its ATM addresses */
	SHAPE_J,    /* JOIN and all like it: pairs */
	SHAPE_G,    /* GROUPLIST_REPLY: groups */
	SHAPE_D     /* REDIRECT_MAP: ATM addresses */
};

static inline enum mars_shape
mars_shape(uint8_t op)
{
	static const uint8_t shapes[MARS_OP_COUNT] = {
		[MARS_REQUEST] = SHAPE_R,
		[MARS_MULTI] = SHAPE_M,
		[MARS_MSERV] = SHAPE_J,
		[MARS_JOIN] = SHAPE_J,
		[MARS_LEAVE] = SHAPE_J,
		[MARS_NAK] = SHAPE_R,
		[MARS_UNSERV] = SHAPE_J,
		[MARS_SJOIN] = SHAPE_J,
		[MARS_SLEAVE] = SHAPE_J,
		[MARS_GROUPLIST_REQUEST] = SHAPE_J,
		[MARS_GROUPLIST_REPLY] = SHAPE_G,
		[MARS_REDIRECT_MAP] = SHAPE_D,
		[MARS_MIGRATE] = SHAPE_M,
	};

	return op < MARS_OP_COUNT ? shapes[op] : SHAPE_NONE;
}

/*
 * mars_tl returns a type/length octet as marsh keeps it: reserved bit 7 clear,
 * and one form of null (section 5.1.2, A-07).
 */
static inline uint8_t
mars_tl(uint8_t tl)
{
	return tl & ATM_TL_LEN ? tl & (ATM_TL_E164 | ATM_TL_LEN) : 0;
}

/* mars_list_len returns the octets of the list or pairs of |m|. */
size_t mars_list_len(const struct mars_msg *m);

/* mars_sum_ok tells whether the |len| octets at |b| sum up (section 4.3.3). */
bool mars_sum_ok(const uint8_t *b, size_t len);

/*
 * mars_tlv_scan walks the list at offset |off| of the |len| octets at |b|
 * (section 10, Appendix D).  Returns MARS_BAD_NONE with *|end| the offset
 * behind the Null TLV's first four octets, or TLV, TLV_SILENT or TLV_ERROR
 * with *|end| the offset of the TLV at fault.
 */
enum mars_bad mars_tlv_scan(const uint8_t *b, size_t len, size_t off,
    size_t *end);

#endif
