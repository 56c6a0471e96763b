/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The topology as a picture: every MARS above the clients that are with it, a
 * double wire for ClusterControlVC and a single one where a client has only
 * its point-to-point VC.  A MARS with more clients than fit in three rows of
 * boxes gets lines of counts instead.
 */
#include <stdlib.h>
#include <string.h>

#include "show/draw_int.h"

#define ROWS_DRAWN 3
#define TRUNK 2     /* column of the wire where clients fill several rows */
#define GROUPS 4    /* of a summary */

/* ---- wires --------------------------------------------------------------- */

static bool
is_leaf(struct world *w, uint32_t vc, node_id n)
{
	struct atm_leaf leaf;
	size_t i;

	for (i = 0; vc != 0 && atm_net_vc_leaf(world_net(w), vc, i, &leaf); i++)
		if (node_of_leaf(w, &leaf) == n)
			return true;
	return false;
}

/* How |n| hangs on |server|: by CCVC, by its own VC only, or not at all. */
static unsigned
wired(struct world *w, node_id server, node_id n)
{
	const struct mars_server *s = show_server(w, server);
	const struct mars_client *c = show_client(w, n);
	struct mars_client_info info;
	struct mars_proto_info p;
	unsigned i;

	if (s == NULL || c == NULL)
		return 0;
	for (i = 0; mars_server_proto(s, i, &p); i++)
		if (is_leaf(w, show_server_ccvc(w, server, &p), n))
			return CANVAS_DOUBLE;
	mars_client_info(c, &info);
	return node_ref_vc(w, n, info.mars_vc) != 0 ? CANVAS_SINGLE : 0;
}

static uint32_t
ccvc_of(struct world *w, node_id server)
{
	const struct mars_server *s = show_server(w, server);
	struct mars_proto_info p;
	uint32_t vc;
	unsigned i;

	for (i = 0; s != NULL && mars_server_proto(s, i, &p); i++)
		if ((vc = show_server_ccvc(w, server, &p)) != 0)
			return vc;
	return 0;
}

/* The bus above a row of boxes, and its wires down to them. */
static bool
bus(struct drawing *d, node_id server, size_t from, size_t to, int x,
    int trunk)
{
	int step = d->inner + 5, at, lo = trunk, hi = trunk, y = d->y;
	unsigned best = 0, how;
	size_t i;

	for (i = from; i < to; i++) {
		how = wired(d->w, server, d->who[i]);
		if (how == 0)
			continue;
		at = x + (int)(i - from) * step + step / 2 - 1;
		canvas_wire(&d->c, at, y, at, y + 1, (enum canvas_line)how);
		lo = at < lo ? at : lo;
		hi = at > hi ? at : hi;
		best = how > best ? how : best;
	}
	if (best != 0)
		canvas_wire(&d->c, lo, y, hi, y, (enum canvas_line)best);
	return best != 0;
}

/* ---- sections ------------------------------------------------------------ */

static int
per_row(const struct drawing *d, int x)
{
	int n = (d->width - x + 1) / (d->inner + 5);

	return n > 0 ? n : 1;
}

/* Rows of boxes from |x| on; with |server|, hung on a wire from |top|. */
static void
box_rows(struct drawing *d, node_id server, int x, int trunk, int top)
{
	size_t each = (size_t)per_row(d, x), from, to, i;
	int h, last = top;
	unsigned line = ccvc_of(d->w, server) != 0 ? CANVAS_DOUBLE
						   : CANVAS_SINGLE;

	for (from = 0; from < d->n; from = to) {
		to = from + each < d->n ? from + each : d->n;
		h = draw_trouble(d, from, to) ? 5 : 4;
		if (server != 0 && bus(d, server, from, to, x, trunk))
			last = d->y;
		d->y += server != 0;
		for (i = from; i < to; i++)
			draw_client(d, d->who[i],
			    x + (int)(i - from) * (d->inner + 5), d->y, h);
		d->y += h;
	}
	if (last > top)
		canvas_wire(&d->c, trunk, top, trunk, last,
		    (enum canvas_line)line);
}

static void
ccvc_label(struct drawing *d, node_id server, int trunk)
{
	struct atm_vc_info vc;
	struct sbuf b = { 0 };

	if (!show_vc(d->w, ccvc_of(d->w, server), &vc))
		return;
	sbuf_printf(&b, "ccvc vc %u, %u %s", vc.id, vc.leaves,
	    vc.leaves == 1 ? "leaf" : "leaves");
	canvas_text(&d->c, trunk + 2, d->y, d->width - trunk - 2, b.s);
	sbuf_free(&b);
}

/* summary_line ends a line that hangs on the trunk. */
static void
summary_line(struct drawing *d, struct sbuf *b, enum canvas_line line)
{
	canvas_wire(&d->c, TRUNK, d->y, TRUNK + 2, d->y, line);
	draw_line(d, TRUNK + 4, d->y++, d->width - TRUNK - 4, b);
}

/* How many clients are in |state|, and the first of them. */
static void
summary_state(struct drawing *d, unsigned state)
{
	const char *word = mars_client_state_word(state);
	struct sbuf names = { 0 }, line = { 0 };
	size_t i, n = 0;

	for (i = 0; i < d->n; i++) {
		if (strcmp(name_role(d->w, d->who[i]), word) != 0)
			continue;
		if (n++ < NAMES_SHOWN)
			sbuf_printf(&names, " %s", node_name(d->w, d->who[i]));
	}
	if (n > 0) {
		sbuf_printf(&line, "%zu %s:%s", n, word, names.s);
		if (n > NAMES_SHOWN)
			sbuf_printf(&line, " +%zu", n - NAMES_SHOWN);
		summary_line(d, &line,
		    state == MARS_CLIENT_REGISTERED ? CANVAS_DOUBLE
						    : CANVAS_SINGLE);
	}
	sbuf_free(&names);
}

static void
summary_groups(struct drawing *d, node_id server)
{
	const struct mars_server *s = show_server(d->w, server);
	struct mars_proto_info sum;
	struct mars_group_info g;
	struct l3_addr after;
	struct sbuf line = { 0 };
	uint32_t i;

	show_server_sum(s, &sum);
	sbuf_puts(&line, "groups:");
	for (i = 0; i < GROUPS
	    && mars_server_next_group(s, 0, i > 0 ? &after : NULL, &g);
	    i++) {
		after = g.group;
		sbuf_puts(&line, " ");
		name_l3(&line, &g.group);
		sbuf_printf(&line, " (%u)", g.members);
	}
	if (sum.groups > i)
		sbuf_printf(&line, " +%u", sum.groups - i);
	if (i > 0)
		summary_line(d, &line, CANVAS_SINGLE);
	sbuf_free(&line);
}

static void
summary(struct drawing *d, node_id server, int top)
{
	unsigned state;

	for (state = MARS_CLIENT_IDLE; state <= MARS_CLIENT_DEREGISTERING;
	    state++)
		summary_state(d, state);
	summary_groups(d, server);
	canvas_wire(&d->c, TRUNK, top, TRUNK, d->y - 1, CANVAS_DOUBLE);
}

/* clients_of gathers those whose MARS is |server|; 0: those with none. */
static void
clients_of(struct drawing *d, node_id server)
{
	node_id n, mars;

	d->n = 0;
	for (n = 1; n <= world_nodes(d->w); n++) {
		if (node_kind_of(d->w, n) != NODE_CLIENT)
			continue;
		mars = name_mars(d->w, n);
		if (mars == server
		    && (server == 0 || show_server(d->w, server) != NULL))
			d->who[d->n++] = n;
		else if (server == 0 && show_server(d->w, mars) == NULL)
			d->who[d->n++] = n;
	}
	draw_fit_clients(d);
}

static void
server_section(struct drawing *d, node_id server)
{
	int sw = draw_server_width(d, server), step = d->inner + 5;
	int each = per_row(d, 0), tw, sx = 0, x = 0, trunk, top;

	if (d->n > (size_t)(per_row(d, TRUNK + 2) * ROWS_DRAWN)) {
		top = d->y + draw_server(d, server, 0, sw) - 1;
		d->y = top + 1;
		ccvc_label(d, server, TRUNK);
		d->y++;
		summary(d, server, top);
		return;
	}
	if (d->n <= (size_t)each) {
		tw = (int)d->n * step - 1;
		sx = tw > sw ? (tw - sw) / 2 : 0;
		x = sw > tw ? (sw - tw) / 2 : 0;
		trunk = sx + sw / 2;
	} else {
		trunk = TRUNK;
		x = TRUNK + 2;
	}
	top = d->y + draw_server(d, server, sx, sw) - 1;
	d->y = top + 1;
	ccvc_label(d, server, trunk);
	d->y++;
	box_rows(d, server, x, trunk, top);
}

/* Servers nobody is with stand side by side. */
static void
idle_servers(struct drawing *d)
{
	node_id n;
	int x = 0, w, h, tallest = 0;

	for (n = 1; n <= world_nodes(d->w); n++) {
		if (node_kind_of(d->w, n) != NODE_SERVER)
			continue;
		clients_of(d, n);
		if (d->n > 0)
			continue;
		w = draw_server_width(d, n);
		if (x > 0 && x + w > d->width) {
			d->y += tallest;
			x = tallest = 0;
		}
		h = draw_server(d, n, x, w);
		tallest = h > tallest ? h : tallest;
		x += w + 2;
	}
	d->y += tallest;
}

static void
loose_clients(struct drawing *d)
{
	struct sbuf b = { 0 };
	size_t i;

	clients_of(d, 0);
	if (d->n == 0)
		return;
	sbuf_puts(&b, "without a MARS:");
	if (d->n > (size_t)(per_row(d, 0) * ROWS_DRAWN))
		for (i = 0; i < d->n && i < NAMES_SHOWN; i++)
			sbuf_printf(&b, " %s", node_name(d->w, d->who[i]));
	if (d->n > (size_t)(per_row(d, 0) * ROWS_DRAWN))
		sbuf_printf(&b, " +%zu", d->n - NAMES_SHOWN);
	canvas_text(&d->c, 0, d->y++, d->width, b.s != NULL ? b.s : "");
	sbuf_free(&b);
	if (d->n <= (size_t)(per_row(d, 0) * ROWS_DRAWN))
		box_rows(d, 0, 0, 0, 0);
}

static void
sections(struct drawing *d)
{
	node_id n;

	idle_servers(d);
	for (n = 1; n <= world_nodes(d->w); n++) {
		if (node_kind_of(d->w, n) != NODE_SERVER)
			continue;
		clients_of(d, n);
		if (d->n > 0)
			server_section(d, n);
	}
	loose_clients(d);
	draw_others(d);
}

void
show_draw(struct world *w, struct sbuf *out, bool utf8, size_t width)
{
	struct drawing d = { .w = w, .width = show_paper(width) };

	d.who = calloc((size_t)world_nodes(w) + 1, sizeof(*d.who));
	if (d.who == NULL) {
		out->oom = true;
		return;
	}
	if (world_nodes(w) == 0)
		sbuf_puts(out, "nothing here yet\n");
	sections(&d);
	canvas_put(&d.c, out, utf8);
	draw_senders(w, out, utf8);
	draw_links(w, out, utf8);
	draw_faults(w, out);
	canvas_free(&d.c);
	free(d.who);
}
