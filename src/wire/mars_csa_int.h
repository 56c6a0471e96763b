/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_WIRE_MARS_CSA_INT_H
#define MARSH_WIRE_MARS_CSA_INT_H

/*
 * What the files of the MARS part of a CSA record share; offsets count from
 * Hardware Type (RFC 2443 section 3).
 */
#include "marsh/wire/mars_csa.h"

struct wr;

enum {
	CSA_HARDWARE = 0,
	CSA_TYPE = 2,
	CSA_SNAP = 4,
	CSA_UNUSED = 9,
	CSA_VERSION = 10,
	CSA_STATE = 11,
	CSA_FLAGS = 12,
	CSA_CMI = 14,
	CSA_SPLN = 16,
	CSA_GPLN = 17,
	CSA_SHTL = 18,
	CSA_SSTL = 19
};

#define CSA_LAYER3GRP 0x8000
#define CSA_REGISTER 0x2000
#define CSA_SEQUENCE 0x00ff
#define CSA_FLAGS_KNOWN (CSA_LAYER3GRP | CSA_REGISTER | CSA_SEQUENCE)

/* TLVs of a MARS Group Status; the two x bits are 0: skip what is unknown. */
enum {
	STATUS_SERVER = 0x3801,
	STATUS_PART = 0x3802,
	STATUS_SLICE = 0x3803,
	STATUS_ADJ = 0x3804
};

#define TLV_HDR 4
#define STATUS_SERVER_LEN 12
#define STATUS_PART_LEN 12
#define STATUS_SLICE_LEN 6
#define STATUS_FORMAT 1
#define STATUS_NO_NEW_CLIENTS 0x80
#define STATUS_PREEMPT 0x80
#define STATUS_READY 0x40

/* mars_csa_pad returns the octets from |at| to a multiple of four. */
static inline size_t
mars_csa_pad(size_t at)
{
	return (4 - (at & 3)) & 3;
}

/* mars_csa_end returns the offset behind the addresses of |m|. */
size_t mars_csa_end(const struct mars_csa *m);

/* mars_csa_head writes |m| up to there. */
void mars_csa_head(struct wr *w, const struct mars_csa *m);

/* mars_csa_zeros writes |n| octets, at most three, of padding. */
void mars_csa_zeros(struct wr *w, size_t n);

#endif
