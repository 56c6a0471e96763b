/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SRC_FABRICD_RUN_H
#define SRC_FABRICD_RUN_H

/* The daemon: everything that moves messages and frames, around one poll(). */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "fabricd_call.h"
#include "fabricd_route.h"

#define FAB_LINES 64

struct fab_run_cfg {
	bool hub;     /* no kernel, trunks only */
	bool verbose; /* a line for every call */
	int itf;      /* -1: the first free */
	uint32_t vcis;
	const struct fab_prefix *address;
	size_t addresses;
	const char *const *trunk;
	size_t trunks;
	FILE *log;
};

struct fab_run;

/* fab_run_new attaches and opens everything, or returns NULL with |why|. */
struct fab_run *fab_run_new(const struct fab_run_cfg *cfg, char *why,
    size_t cap);

/* fab_run_go serves until told to stop; 0, or -1 after saying why in the log. */
int fab_run_go(struct fab_run *r);

/* fab_run_free hangs up everything. */
void fab_run_free(struct fab_run *r);

/* fab_run_stop and fab_run_dump ask for that; signal safe. */
void fab_run_stop(void);
void fab_run_dump(void);

#endif
