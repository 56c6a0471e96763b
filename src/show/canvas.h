/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_CANVAS_H
#define MARSH_CANVAS_H

#include "show/show_int.h"

/*
 * A sheet of characters as wide as a page.  Lines remember which way they
 * leave each cell, so that crossings and corners come out by themselves.
 */
#define CANVAS_WIDTH SHOW_PAPER

enum canvas_line { CANVAS_SINGLE = 1, CANVAS_DOUBLE = 2 };

struct canvas_cell {
	char ch;       /* text, or 0 */
	uint8_t side[4]; /* left, right, up, down: enum canvas_line or 0 */
};
struct canvas {
	struct canvas_cell *v;
	int rows, cap;
	bool oom;
};

void canvas_free(struct canvas *c);
/* canvas_wire draws from (x0, y0) to (x1, y1), on a row or a column. */
void canvas_wire(struct canvas *c, int x0, int y0, int x1, int y1,
    enum canvas_line line);
void canvas_box(struct canvas *c, int x, int y, int w, int h);
/* canvas_text writes |s|, printable ASCII, in at most |w| cells. */
void canvas_text(struct canvas *c, int x, int y, int w, const char *s);
/* canvas_put appends the sheet without trailing blanks. */
void canvas_put(const struct canvas *c, struct sbuf *out, bool utf8);

#endif
