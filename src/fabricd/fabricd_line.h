/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SRC_FABRICD_LINE_H
#define SRC_FABRICD_LINE_H

/* The channel of a trunk: a terminal device or an inherited descriptor. */
#include <stdbool.h>

#include "fabricd_trunk.h"

struct fab_line {
	const char *name; /* a device's path, or digits: a descriptor */
	int fd;           /* -1: broken */
	bool inherited;   /* once broken it stays so */
	struct mtime retry;
	struct fab_trunk *trunk;
};

/*
 * fab_line_open opens |l->name|; 0, or -1 and errno: ENOTTY when that is
 * neither a device nor a socket.
 */
int fab_line_open(struct fab_line *l);

/* fab_line_read gives the trunk what has come; false: the channel broke. */
bool fab_line_read(struct fab_line *l, struct mtime now);

/* fab_line_write writes what the trunk has for it; false: the channel broke. */
bool fab_line_write(struct fab_line *l);

/* fab_line_close lets go of a channel that broke. */
void fab_line_close(struct fab_line *l, struct mtime now);

#endif
