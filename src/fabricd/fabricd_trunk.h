/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SRC_FABRICD_TRUNK_H
#define SRC_FABRICD_TRUNK_H

/*
 * One end of a trunk to another switch, over a channel of octets; no I/O.
 *
 * Each end says HELLO every second: who it is (a number that is new after each
 * break), whom it hears, how many messages it has sent, what addresses are
 * behind it.  The trunk is up while both hear each other.  A message that is
 * missing, or silence, is a break: everything that went over the trunk ends,
 * for nobody could know what of it the other side still believes.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fabricd_msg.h"
#include "fabricd_route.h"
#include "marsh/base/mem.h"
#include "marsh/base/mtime.h"

#define FAB_TRUNK_ROUTES 128 /* that HELLO can name */

struct fab_trunk;

/* What comes of input; they must not give input to the same trunk. */
struct fab_trunk_ops {
	void (*up)(void *ctx, uint32_t line);
	void (*down)(void *ctx, uint32_t line, const char *why);
	void (*msg)(void *ctx, uint32_t line, const struct fab_msg *m);
	void (*data)(void *ctx, uint32_t line, uint32_t label,
	    const uint8_t *sdu, size_t n);
	/* what is behind the trunk changed */
	void (*routes)(void *ctx, uint32_t line, const struct fab_route *v,
	    size_t n);
	void (*bad)(void *ctx, const char *text);
	void *ctx;
};

/* fab_trunk_new returns the end |line|; |seed| differs from all others'. */
struct fab_trunk *fab_trunk_new(uint32_t line, uint64_t seed,
    const struct fab_trunk_ops *ops, const struct mem *mem);
void fab_trunk_free(struct fab_trunk *t);

/* fab_trunk_in takes what was read from the channel. */
void fab_trunk_in(struct fab_trunk *t, struct mtime now, const uint8_t *b,
    size_t n);

/*
 * fab_trunk_out returns what is to be written and stores its length;
 * fab_trunk_sent tells how much of it was.
 */
const uint8_t *fab_trunk_out(const struct fab_trunk *t, size_t *n);
void fab_trunk_sent(struct fab_trunk *t, size_t n);

/* fab_trunk_cut: the channel broke; the next octet is of a new one. */
void fab_trunk_cut(struct fab_trunk *t);

/* fab_trunk_msg sends |m|; without effect while the trunk is down. */
void fab_trunk_msg(struct fab_trunk *t, const struct fab_msg *m);

/* fab_trunk_data sends a frame; false: it was lost, too many wait. */
bool fab_trunk_data(struct fab_trunk *t, uint32_t label, const uint8_t *sdu,
    size_t n);

/* fab_trunk_announce says from now on that |v| is behind us. */
void fab_trunk_announce(struct fab_trunk *t, const struct fab_route *v,
    size_t n);

/* fab_trunk_due returns when fab_trunk_tick has something to do. */
struct mtime fab_trunk_due(const struct fab_trunk *t);
void fab_trunk_tick(struct fab_trunk *t, struct mtime now);

/*
 * fab_trunk_crowded: much waits to be written, and the channel takes it.  Who
 * can should send no more for now.
 */
bool fab_trunk_crowded(const struct fab_trunk *t);

bool fab_trunk_is_up(const struct fab_trunk *t);

struct fab_trunk_stats {
	unsigned long frames_in, frames_out, lost, skipped, breaks;
	size_t queued;
};

/* fab_trunk_stat stores what |t| counted. */
void fab_trunk_stat(const struct fab_trunk *t, struct fab_trunk_stats *s);

#endif
