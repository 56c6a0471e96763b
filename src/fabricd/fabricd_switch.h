/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SRC_FABRICD_SWITCH_H
#define SRC_FABRICD_SWITCH_H

/*
 * The cross-connect: where a frame that comes in goes out.  A point is a label
 * on a line; line 0 is the kernel's interface with VCIs as labels, the others
 * are trunks.
 */
#include <stddef.h>
#include <stdint.h>

#include "marsh/base/mem.h"
#include "marsh/base/tab.h"

struct fab_point {
	uint32_t line;
	uint32_t label;
};

struct fab_switch {
	const struct mem *mem;
	struct tab in;
	size_t joins; /* in-out pairs */
};

/* fab_switch_init makes |s| empty; 0 or MARSH_ENOMEM. */
int fab_switch_init(struct fab_switch *s, const struct mem *mem);
void fab_switch_fini(struct fab_switch *s);

/* fab_switch_join sends what comes from |in| to |out| too; 0 or MARSH_ENOMEM. */
int fab_switch_join(struct fab_switch *s, struct fab_point in,
    struct fab_point out);

/* fab_switch_part ends that; nothing happens where it was not so. */
void fab_switch_part(struct fab_switch *s, struct fab_point in,
    struct fab_point out);

/* fab_switch_drop ends all that comes from |in|. */
void fab_switch_drop(struct fab_switch *s, struct fab_point in);

/*
 * fab_switch_outs returns where frames from |in| go and stores how many places
 * that are; valid until the switch changes.
 */
const struct fab_point *fab_switch_outs(const struct fab_switch *s,
    struct fab_point in, size_t *n);

#endif
