/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARS_HOLE_H
#define MARS_HOLE_H

/* Hole punching (RFC 2022 Appendix A, A-32) as a stream. */
#include <stdbool.h>

#include "marsh/base/addr.h"

struct hole {
	struct l3_addr from, max; /* what is still to be emitted */
	bool done;                /* nothing left */
	bool punched;             /* at least one hole was made */
};

/* hole_start begins with all of |r|. */
void hole_start(struct hole *h, const struct l3_range *r);

/*
 * hole_cut removes |cut| and stores what came before it in |pair|; false when
 * that is nothing.  Cuts come in ascending order of min and may overlap each
 * other and the block's ends.
 */
bool hole_cut(struct hole *h, const struct l3_range *cut,
    struct l3_range *pair);

/* hole_end stores what is left behind the last hole; false: nothing. */
bool hole_end(struct hole *h, struct l3_range *pair);

#endif
