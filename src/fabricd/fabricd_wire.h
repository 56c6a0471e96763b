/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SRC_FABRICD_WIRE_H
#define SRC_FABRICD_WIRE_H

/*
 * Frames on a channel of octets that may lose some or invent others:
 *
 *   0xa7 0x5c | length, 4 | check of these, 2 | payload | CRC-32 of it, 4
 *
 * numbers being big-endian.  What does not check is searched for the next
 * beginning, so a loss costs the frames that it hit.
 */
#include <stddef.h>
#include <stdint.h>

#include "marsh/base/mem.h"

#define FAB_WIRE_MAX 66000 /* octets of payload */
#define FAB_WIRE_HEAD 8
#define FAB_WIRE_TAIL 4

struct fab_wire {
	const struct mem *mem;
	uint8_t *b; /* FAB_WIRE_MAX and its frame, twice */
	size_t n;
	unsigned long frames, skipped; /* frames read, octets thrown away */
};

/* fab_wire_init and fab_wire_fini: 0 or MARSH_ENOMEM. */
int fab_wire_init(struct fab_wire *w, const struct mem *mem);
void fab_wire_fini(struct fab_wire *w);

/* fab_wire_clear forgets a frame that has begun. */
void fab_wire_clear(struct fab_wire *w);

/* fab_wire_in takes |n| octets and gives every whole payload to |got|. */
void fab_wire_in(struct fab_wire *w, const uint8_t *b, size_t n,
    void (*got)(void *ctx, const uint8_t *payload, size_t n), void *ctx);

/*
 * fab_wire_resync: what began long ago is no frame.  It gives away the whole
 * ones that came since and forgets the rest.
 */
void fab_wire_resync(struct fab_wire *w,
    void (*got)(void *ctx, const uint8_t *payload, size_t n), void *ctx);

/* fab_wire_head and fab_wire_tail write what stands around a payload. */
void fab_wire_head(uint8_t b[FAB_WIRE_HEAD], size_t n);
void fab_wire_tail(uint8_t b[FAB_WIRE_TAIL], uint32_t crc);

/* fab_wire_get32 and fab_wire_put32: four octets, big-endian. */
uint32_t fab_wire_get32(const uint8_t *b);
void fab_wire_put32(uint8_t *b, uint32_t x);

/* fab_wire_crc goes on from |crc| (at first 0) over |n| octets. */
uint32_t fab_wire_crc(uint32_t crc, const void *p, size_t n);

#endif
