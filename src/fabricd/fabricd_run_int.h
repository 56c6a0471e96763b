/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SRC_FABRICD_RUN_INT_H
#define SRC_FABRICD_RUN_INT_H

/* What the files of the daemon share. */
#include <poll.h>

#include "fabricd_hold.h"
#include "fabricd_kern.h"
#include "fabricd_line.h"
#include "fabricd_offer.h"
#include "fabricd_run.h"

struct fab_run {
	struct fab_run_cfg cfg;
	struct mem mem;
	struct fab_kern kern;
	struct fab_routes routes;
	struct fab_switch sw;
	struct fab_call_ctl *call;
	struct fab_hold hold;
	struct fab_offer offer;
	struct fab_line line[FAB_LINES + 1]; /* from 1; 0 is the kernel */
	size_t lines;
	struct mtime now;
	enum atmsvc_msg_type answering; /* the kernel's message, or null */
	struct mtime listened; /* the kernel had nothing more to say */
	bool announce; /* what is behind us changed */
	bool dead;     /* the kernel let go of us */
	struct mtime bad_since;
	unsigned bad;  /* complaints since then */
	unsigned long frames, copies, relayed, lost, stray;
};

/* fabricd_run.c */
void fab_run_say(struct fab_run *r, const char *fmt, ...);
void fab_run_bad(void *ctx, const char *text);
struct mtime fab_run_clock(void);

/* fabricd_lines.c */
int fab_lines_open(struct fab_run *r, char *why, size_t cap);
void fab_lines_close(struct fab_run *r);
bool fab_lines_crowded(const struct fab_run *r);
void fab_lines_serve(struct fab_run *r, const struct pollfd *p);

/* fabricd_table.c */
void fab_run_table(struct fab_run *r);

/* fabricd_move.c */
void fab_move_kernel(struct fab_run *r);
void fab_move_point(struct fab_run *r, struct fab_point in, const uint8_t *b,
    size_t n);
void fab_move_held(struct fab_run *r);

#endif
