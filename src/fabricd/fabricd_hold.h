/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SRC_FABRICD_HOLD_H
#define SRC_FABRICD_HOLD_H

/*
 * Frames that the kernel did not take yet: the VC is about to open, or its
 * reader is behind.  Few, for a short while, in order for each VCI.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "marsh/base/mem.h"
#include "marsh/base/tab.h"

#define FAB_HOLD_VC 256         /* frames for one VCI */
#define FAB_HOLD_ALL (16 << 20) /* octets for all */

/* What became of a frame; where it has to wait, the rest of its VCI does too. */
enum fab_hold_try {
	FAB_HOLD_DONE,
	FAB_HOLD_FULL,  /* its reader is behind */
	FAB_HOLD_EARLY, /* its VC is about to open */
};

struct fab_held;

struct fab_hold {
	const struct mem *mem;
	struct tab by_vci;
	struct fab_held *first; /* those with frames, and the deaf */
	size_t octets;
	size_t full;  /* VCIs whose readers are behind, when last flushed */
	bool crowded; /* and one far behind: better read no more for now */
	size_t deaf;  /* readers that were given up */
};

#define FAB_HOLD_CROWD 32       /* frames of one VCI that call for a brake */
#define FAB_HOLD_PACE 8         /* frames that a reader should take at once */
#define FAB_HOLD_TRIES 100      /* that often less, and it is deaf */
#define FAB_HOLD_HEARD 256      /* so many taken in a row, and it is not */

/* fab_hold_init makes |h| empty; 0 or MARSH_ENOMEM. */
int fab_hold_init(struct fab_hold *h, const struct mem *mem);
void fab_hold_fini(struct fab_hold *h);

/* fab_hold_has tells whether frames for |vci| wait: new ones go behind. */
bool fab_hold_has(const struct fab_hold *h, uint32_t vci);

/*
 * fab_hold_put keeps a copy of the |n| octets at |b|, of which |why| was said
 * unless others wait already; false: no room, or its reader is deaf.
 */
bool fab_hold_put(struct fab_hold *h, uint32_t vci, const uint8_t *b, size_t n,
    enum fab_hold_try why);

/* fab_hold_heard: the kernel took a frame for |vci|; see FAB_HOLD_HEARD. */
void fab_hold_heard(struct fab_hold *h, uint32_t vci);

/* fab_hold_drop throws away what waits for |vci|; returns how many. */
size_t fab_hold_drop(struct fab_hold *h, uint32_t vci);

/*
 * fab_hold_flush offers every frame that can be next to |try|, and gives up on
 * readers that do not read.  Returns how many frames were lost by that.
 */
size_t fab_hold_flush(struct fab_hold *h,
    enum fab_hold_try (*try)(void *ctx, uint32_t vci, const uint8_t *b,
    size_t n), void *ctx);

#endif
