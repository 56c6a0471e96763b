/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_WIRE_SNAP_H
#define MARSH_WIRE_SNAP_H

/*
 * What an AAL5 SDU holds, told from its LLC/SNAP header: MARS control, data in
 * Type #1 or Type #2 encapsulation (RFC 2022 sections 4.2 and 5.5), SCSP
 * (RFC 2334), or something else.
 */
#include <stddef.h>
#include <stdint.h>

#include "marsh/base/addr.h"

#define SNAP_LEN 8 /* AA-AA-03, OUI, PID */
#define SNAP_SOURCE_ID_LEN 8

enum snap_kind {
	SNAP_OTHER,
	SNAP_MARS,  /* PID 00-03, octet 16 of the message is 0 */
	SNAP_TYPE1, /* PID 00-01 */
	SNAP_TYPE2, /* PID 00-04 */
	SNAP_SCSP,  /* PID 00-05 */
	SNAP_NHRP,  /* PID 00-03 with another version in octet 16 */
};

struct snap {
	enum snap_kind kind;
	struct l3_proto pro;  /* data only */
	uint16_t cmi;         /* Type #1 only */
	const uint8_t *source_id; /* Type #2 only, 8 octets, borrowed */
	const uint8_t *body;  /* control message or layer 3 packet, borrowed */
	size_t len;           /* octets at |body| */
};

/*
 * snap_decode reads the header of the |len| octets at |sdu| into |out|.  Both
 * the short and the long (SNAP) form of data are understood; the body of
 * SNAP_OTHER is the whole SDU.  Returns 0, or MARSH_ESHORT with *|field| and
 * *|off| (may be NULL) naming what was missing.
 */
int snap_decode(const uint8_t *sdu, size_t len, struct snap *out,
    const char **field, size_t *off);

/* snap_control writes the 8 octets in front of a MARS message. */
void snap_control(uint8_t sdu[SNAP_LEN]);

/* snap_scsp writes the 8 octets in front of an SCSP message. */
void snap_scsp(uint8_t sdu[SNAP_LEN]);

/* snap_type1_len returns the header octets that snap_type1 writes: 12 or 20. */
size_t snap_type1_len(const struct l3_proto *pro);

/* snap_type1 writes the Type #1 header (section 5.5.1) and returns its length. */
size_t snap_type1(uint8_t *sdu, const struct l3_proto *pro, uint16_t cmi);

/*
 * snap_type2 writes the Type #2 header (section 5.5.2; marsh sends it only in
 * tests) with |source_id| of 8 octets and returns its length, 20 or 24.
 */
size_t snap_type2(uint8_t *sdu, const struct l3_proto *pro,
    const uint8_t *source_id);

/*
 * snap_peek_op returns mar$op.type when |sdu| looks like a MARS message, else
 * 0; it checks nothing more and is for traces and filters.
 */
static inline uint8_t
snap_peek_op(const uint8_t *sdu, size_t len)
{
	if (len < SNAP_LEN + 20 || sdu[7] != 3 || sdu[0] != 0xaa || sdu[6] != 0
	    || sdu[SNAP_LEN + 16] != 0)
		return 0;
	return sdu[SNAP_LEN + 17];
}

#endif
