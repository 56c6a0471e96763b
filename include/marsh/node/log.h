/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_NODE_LOG_H
#define MARSH_NODE_LOG_H

/*
 * The one stream of events as it is kept: what every view, query, judgement
 * and the run's hash are made of.  The newest records are kept up to a limit;
 * the hash covers all that ever were.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "marsh/base/addr.h"
#include "marsh/base/mem.h"
#include "marsh/base/mtime.h"
#include "marsh/base/trace.h"

struct log;

struct log_rec {
	uint64_t seq;   /* 1, 2, 3, ... over the whole run */
	struct mtime t;
	uint32_t node;  /* who it happened to; 0: the network */
	uint32_t peer;  /* the other party, 0: none or unknown */
	uint32_t src;   /* send, recv, drop: node of mar$sha, 0: unknown */
	uint32_t vc;    /* network-wide id, 0: none */
	uint32_t msn, n; /* in a CA its sequence number; records */
	uint32_t group; /* log_group: index of a range, 0: none */
	uint16_t cmi, cause;
	uint8_t kind;   /* enum trace_kind */
	uint8_t op;     /* mar$op.type, LOG_SCSP + type; 0: data, no message */
	uint8_t use;    /* enum atm_use */
	uint8_t flags;  /* LOG_* */
	const char *what, *from, *to; /* static or NULL */
};
#define LOG_COPY 0x01     /* mar$flags.copy */
#define LOG_REGISTER 0x02 /* mar$flags.register */
#define LOG_PUNCHED 0x04
#define LOG_HARD 0x08     /* hard redirect */
#define LOG_DATA 0x10     /* a data packet */
#define LOG_MASTER 0x20   /* CA: M */
#define LOG_INIT 0x40     /* CA: I */
#define LOG_MORE 0x80     /* CA: O */
#define LOG_MULTI 0x20    /* kind VC, use scsp or raw: it is pt-mpt */

/* Messages of all protocols in one byte: mar$op.type, or LOG_SCSP + type. */
#define LOG_SCSP 32
#define LOG_OP_DATA 255
#define LOG_OP_END (LOG_SCSP + 6)

/* log_op_word returns "JOIN", "CSU_REQ" and so on; "DATA" for 0 and 255. */
const char *log_op_word(unsigned op);
/* log_op_find returns the message called |word| (any case), or 0. */
unsigned log_op_find(const char *word);
/* log_op_valid tells whether |op| is a message's. */
bool log_op_valid(unsigned op);

/* log_new returns a log that keeps at most |max| records, or NULL. */
struct log *log_new(const struct mem *mem, size_t max);
void log_free(struct log *l);

/*
 * log_add appends |r|, whose seq is set, and mixes it into the hash.  When
 * memory is short the record is hashed and counted but not kept.  With |keep|
 * false it is only hashed.
 */
uint64_t log_add(struct log *l, struct log_rec *r, bool keep);

/* log_range returns the index of |r| for log_rec.group (interned), or 0. */
uint32_t log_range(struct log *l, const struct l3_range *r);

/* log_group returns the range behind an index, or NULL for 0. */
const struct l3_range *log_group(const struct log *l, uint32_t index);

/* log_first and log_last return the seq of the oldest kept and newest record. */
uint64_t log_first(const struct log *l);
uint64_t log_last(const struct log *l);

/*
 * log_get returns the record with the lowest seq of at least |seq| that is
 * kept, or NULL.  Borrowed until the next log_add.
 */
const struct log_rec *log_get(struct log *l, uint64_t seq);

/* log_hash returns the hash over every record so far. */
uint64_t log_hash(const struct log *l);

#endif
