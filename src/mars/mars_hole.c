/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interval arithmetic for MARS_JOIN and MARS_LEAVE of blocks (RFC 2022 section
 * 6.1.2, Appendix A).  The appendix loses groups at the edges; here both ends
 * of every pair and hole are included, and the end of the address space needs
 * no care because a hole that ends there finishes the block.
 */
#include "mars_hole.h"

#include "mars_hash.h"

void
hole_start(struct hole *h, const struct l3_range *r)
{
	h->from = r->min;
	h->max = r->max;
	h->done = l3_order(&r->min, &r->max) > 0;
	h->punched = false;
}

bool
hole_cut(struct hole *h, const struct l3_range *cut, struct l3_range *pair)
{
	bool some = false;

	if (h->done || l3_order(&cut->max, &h->from) < 0
	    || l3_order(&cut->min, &h->max) > 0)
		return false;
	h->punched = true;
	if (l3_order(&cut->min, &h->from) > 0) {
		pair->min = h->from;
		(void)l3_addr_prev(&cut->min, &pair->max);
		some = true;
	}
	if (l3_order(&cut->max, &h->max) >= 0)
		h->done = true;
	else
		(void)l3_addr_next(&cut->max, &h->from);
	return some;
}

bool
hole_end(struct hole *h, struct l3_range *pair)
{
	if (h->done)
		return false;
	pair->min = h->from;
	pair->max = h->max;
	h->done = true;
	return true;
}
