/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARS_SEQ_H
#define MARS_SEQ_H

/*
 * Sequence numbers of control VCs (RFC 2022 sections 5.1.4.2 and 6.1.4):
 * unsigned 32-bit arithmetic, so 0 follows 0xffffffff (MARS-076).
 */
#include <stdbool.h>
#include <stdint.h>

/* seq_after returns the number |n| transmissions after |seq|. */
static inline uint32_t
seq_after(uint32_t seq, uint32_t n)
{
	return (seq + n) & UINT32_MAX;
}

/* seq_jumped: a difference other than 0 or 1 means lost messages (MARS-077). */
static inline bool
seq_jumped(uint32_t hsn, uint32_t msn)
{
	return msn != hsn && msn != seq_after(hsn, 1);
}

#endif
