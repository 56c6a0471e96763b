/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_WIRE_SCSP_INT_H
#define MARSH_WIRE_SCSP_INT_H

/*
 * What the files of the SCSP codec share; OFF_ names count from the Version
 * octet, MCP_, CSAS_ and EXT_ names from where their part begins.
 */
#include "marsh/wire/scsp_msg.h"
#include "octets_int.h"

#define SCSP_VERSION 1

/* Fixed part (B.1), and what stands between it and the common part. */
enum {
	OFF_VERSION = 0,
	OFF_TYPE = 1,
	OFF_SIZE = 2,
	OFF_CHECKSUM = 4,
	OFF_EXTS = 6,
	OFF_CA_SEQ = 8,
	OFF_INTERVAL = 8,
	OFF_DEAD = 10,
	OFF_FAMILY = 14
};

/* Mandatory Common Part (B.2.0.1). */
enum {
	MCP_PID = 0,
	MCP_SGID = 2,
	MCP_FLAGS = 6,
	MCP_SENDER_LEN = 8,
	MCP_RECEIVER_LEN = 9,
	MCP_NREC = 10
};

/* CSAS record (B.2.0.2). */
enum {
	CSAS_HOP = 0,
	CSAS_RECORD_LEN = 2,
	CSAS_KEY_LEN = 4,
	CSAS_ORIG_LEN = 5,
	CSAS_NULL = 6,
	CSAS_SEQ = 8
};

#define CSAS_NULL_BIT 0x8000

/* Extensions (B.3). */
enum {
	EXT_LEN = 2,
	EXT_VALUE = 4,
	EXT_MAC = 8, /* of an authentication extension, behind its SPI */
	EXT_END = 0,
	EXT_AUTH = 1,
	EXT_VENDOR = 2,
	EXT_SPI_LEN = 4,
	EXT_OUI_LEN = 3
};

/* scsp_mcp returns the offset of the common part in a message of |type|. */
static inline size_t
scsp_mcp(unsigned type)
{
	return type == SCSP_CA ? 12 : type == SCSP_HELLO ? 16 : SCSP_FIXED_LEN;
}

/*
 * scsp_nulls tells whether the N bit means something in |type|; elsewhere it is
 * zero (B.2.0.2) and ignored.
 */
static inline bool
scsp_nulls(unsigned type)
{
	return type == SCSP_CSU_REQ || type == SCSP_CSU_REP;
}

#endif
