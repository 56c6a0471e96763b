/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_DRAW_INT_H
#define MARSH_DRAW_INT_H

#include "show/canvas.h"

struct drawing {
	struct world *w;
	struct canvas c;
	int y;        /* first free row */
	node_id *who; /* clients of the section being drawn */
	size_t n;
	int width;    /* of the paper */
	int inner;    /* width inside a client's box */
};

/* ---- draw_box.c: what stands in the boxes -------------------------------- */

/* draw_fit_clients chooses one width for all boxes of the section. */
void draw_fit_clients(struct drawing *d);
/* draw_trouble: whether one of the clients [from, to) is not as it should be
 * and needs a line more. */
bool draw_trouble(struct drawing *d, size_t from, size_t to);
void draw_client(struct drawing *d, node_id n, int x, int y, int h);
/* draw_server draws at the first free row and returns the box's height. */
int draw_server(struct drawing *d, node_id n, int x, int width);
/* draw_server_width returns the width that draw_server will need. */
int draw_server_width(struct drawing *d, node_id n);
/* draw_line writes |b| into a box (or anywhere) and frees it. */
void draw_line(struct drawing *d, int x, int y, int inner, struct sbuf *b);

/* draw_others draws what is neither MARS nor client, side by side. */
void draw_others(struct drawing *d);

/* ---- draw_below.c -------------------------------------------------------- */

void draw_senders(struct world *w, struct sbuf *out, bool utf8);
void draw_links(struct world *w, struct sbuf *out, bool utf8);
void draw_faults(struct world *w, struct sbuf *out);

#endif
