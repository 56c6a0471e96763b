/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SRC_FABRICD_CALL_H
#define SRC_FABRICD_CALL_H

/*
 * Call control: what a switch does with the signalling of its kernel's SVC
 * sockets and of its neighbours.  No I/O, no clock: messages and time come in
 * as arguments, what is to be said goes out through a sink, the cross-connect
 * is kept in a struct fab_switch.
 *
 * Calls to a listener wait here and are offered to the kernel one at a time:
 * accept() holds the listener while the VC opens, so a second offer written
 * meanwhile would wait for an answer that only we can give.
 */
#include <linux/atmsvc.h>
#include <stdbool.h>
#include <stdio.h>

#include "fabricd_msg.h"
#include "fabricd_route.h"
#include "fabricd_switch.h"
#include "marsh/base/mem.h"
#include "marsh/base/mtime.h"

struct fab_call_ctl;

struct fab_call_cfg {
	int itf;                  /* of the kernel */
	uint32_t vci_first, vci_last;
	unsigned backlog;         /* calls that wait for one listener */
	unsigned calls;           /* that come in over one trunk */
	size_t parties;           /* of all calls together */
	struct mspan answer;      /* a listener has this long to accept */
	struct mspan answer_far;  /* a neighbour's */
	struct mspan linger;      /* before a hang-up is told to the other
				     side: the kernel throws away what a
				     socket has not read by then */
};

/* What call control wants done, in this order.  They must not call back. */
struct fab_sink {
	void (*kernel)(void *ctx, const struct atmsvc_msg *m);
	void (*trunk)(void *ctx, uint32_t line, const struct fab_msg *m);
	void (*log)(void *ctx, const char *line); /* NULL: nobody looks */
	void (*bad)(void *ctx, const char *line); /* what should not be */
	void *ctx;
};

/* fab_call_defaults fills |cfg|. */
void fab_call_defaults(struct fab_call_cfg *cfg);

/*
 * fab_call_new returns call control for |routes| and |sw|, which outlive it
 * and which it alone changes (the routes: their owner), or NULL.
 */
struct fab_call_ctl *fab_call_new(const struct fab_call_cfg *cfg,
    const struct fab_sink *sink, struct fab_routes *routes,
    struct fab_switch *sw, const struct mem *mem);

/* fab_call_free forgets everything; nobody is told. */
void fab_call_free(struct fab_call_ctl *c);

/* fab_call_kernel takes one message from the kernel. */
void fab_call_kernel(struct fab_call_ctl *c, struct mtime now,
    const struct atmsvc_msg *m);

/*
 * fab_call_offer stores the next as_indicate and returns true when there is
 * one and the last was done.  It is the only message whose writing may have to
 * wait; whoever writes it says so by fab_call_offered, with 0 or the errno that
 * write gave, negative.
 */
bool fab_call_offer(struct fab_call_ctl *c, struct atmsvc_msg *m);
void fab_call_offered(struct fab_call_ctl *c, struct mtime now, int err);

/*
 * fab_call_open and fab_call_close: the kernel opens or closes the VC with
 * |vci|.  False: no call has that VCI, and an open is to be refused.
 */
bool fab_call_open(struct fab_call_ctl *c, uint32_t vci);
bool fab_call_close(struct fab_call_ctl *c, uint32_t vci);

/* fab_call_waits: frames for |vci| are early, its VC is about to open. */
bool fab_call_waits(const struct fab_call_ctl *c, uint32_t vci);

/* fab_call_trunk takes one message that came in on |line|. */
void fab_call_trunk(struct fab_call_ctl *c, struct mtime now, uint32_t line,
    const struct fab_msg *m);

/* fab_call_lost ends everything that goes over |line|, with cause 38. */
void fab_call_lost(struct fab_call_ctl *c, struct mtime now, uint32_t line);

/* fab_call_due returns when fab_call_expire has something to do. */
struct mtime fab_call_due(const struct fab_call_ctl *c);
void fab_call_expire(struct fab_call_ctl *c, struct mtime now);

/*
 * fab_call_idle: the kernel has nothing more to say just now.  Roots are then
 * told of leaves that left; before, that could cross an ADD PARTY.
 */
void fab_call_idle(struct fab_call_ctl *c, struct mtime now);

struct fab_call_counts {
	size_t listeners, calls, parties, sockets;
	uint32_t vcis;
	unsigned long done, failed, bad; /* since the beginning */
};

/* fab_call_count stores what there is. */
void fab_call_count(const struct fab_call_ctl *c, struct fab_call_counts *n);

/* fab_call_summary writes the counts to |f| for people, a line. */
void fab_call_summary(const struct fab_call_ctl *c, FILE *f);

/* fab_call_dump writes tables of listeners and calls, those that have rows. */
void fab_call_dump(const struct fab_call_ctl *c, FILE *f);

/* fab_call_check verifies inner consistency; NULL or a text. */
const char *fab_call_check(const struct fab_call_ctl *c);

#endif
