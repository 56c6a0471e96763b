/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SRC_FABRICD_KERN_H
#define SRC_FABRICD_KERN_H

/* The two sockets by which the kernel knows this daemon. */
#include <linux/atmsvc.h>
#include <stdbool.h>
#include <stddef.h>

#include "fabricd_route.h"

struct fab_kern {
	int sig; /* signalling */
	int tcp; /* the interface: frames of all its VCs */
	int itf;
};

/*
 * fab_kern_open attaches as signalling daemon and makes interface |itf| (-1:
 * the first free).  Returns 0, or -1 with a sentence in |why|.
 */
int fab_kern_open(struct fab_kern *k, int itf, char *why, size_t cap);

/* fab_kern_address registers |p| as an address of the interface; 0 or -1. */
int fab_kern_address(const struct fab_kern *k, const struct fab_prefix *p);

/* fab_kern_close lets go: all SVC sockets of the kernel get EUNATCH. */
void fab_kern_close(struct fab_kern *k);

#endif
