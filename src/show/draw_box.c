/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The boxes of a topology: a server's with its role and counts, a client's with
 * CMI and groups.  A line for trouble is there only where there is some, so
 * that it is seen.
 */
#include <string.h>

#include "show/draw_int.h"

#define BOX_MIN 10 /* inside a client's box */
#define BOX_MAX 22
#define SERVER_MAX 60
#define OTHER_HEIGHT 4
#define FITTED 64  /* more clients than this are not drawn as boxes */

static const char *
loud_state(struct world *w, node_id n)
{
	switch (node_state_of(w, n)) {
	case NODE_HUNG:
		return "HUNG";
	case NODE_DEAD:
		return "DEAD";
	case NODE_STOPPED:
		return "STOPPED";
	default:
		return NULL;
	}
}

static void
client_title(struct world *w, node_id n, struct sbuf *b)
{
	const struct mars_client *c = show_client(w, n);
	struct mars_client_info info;

	sbuf_puts(b, node_name(w, n));
	if (c == NULL)
		return;
	mars_client_info(c, &info);
	if (info.cmi != 0)
		sbuf_printf(b, "  cmi %u", info.cmi);
}

static void
client_groups(struct world *w, node_id n, struct sbuf *b)
{
	const struct mars_client *c = show_client(w, n);

	if (c != NULL)
		name_joined(b, c, 1);
}

/* A line only where something is not as it should be. */
static const char *
client_trouble(struct world *w, node_id n)
{
	const char *loud = loud_state(w, n);
	struct mars_client_info info;

	if (loud != NULL)
		return loud;
	mars_client_info(show_client(w, n), &info);
	return info.state != MARS_CLIENT_REGISTERED
	    ? mars_client_state_word(info.state)
	    : NULL;
}

static void
server_title(struct world *w, node_id n, struct sbuf *b)
{
	const char *loud = loud_state(w, n), *role = name_role(w, n);

	sbuf_printf(b, "%s  %s", node_name(w, n), loud != NULL ? loud : "up");
	if (role != NULL)
		sbuf_printf(b, "  %s", role);
}

/* Nothing for a MARS that never had anything to count. */
static void
server_counts(struct world *w, node_id n, struct sbuf *b)
{
	const struct mars_server *s = show_server(w, n);
	struct mars_proto_info sum;

	if (s == NULL)
		return;
	show_server_sum(s, &sum);
	if (sum.members == 0 && sum.csn == 0)
		return;
	sbuf_printf(b, "%u member%s  %u group%s", sum.members,
	    sum.members == 1 ? "" : "s", sum.groups,
	    sum.groups == 1 ? "" : "s");
	if (sum.blocks > 0)
		sbuf_printf(b, "  %u block%s", sum.blocks,
		    sum.blocks == 1 ? "" : "s");
	sbuf_printf(b, "  csn %u", sum.csn);
}

/* The redirect list says something only if it names others, or is hard. */
static void
server_list(struct world *w, node_id n, struct sbuf *b)
{
	const struct mars_server *s = show_server(w, n);
	const struct atm_addr *list;
	size_t list_n;
	bool hard;

	if (s == NULL)
		return;
	list = mars_server_list(s, &list_n, &hard);
	if (list_n < 2 && !hard)
		return;
	sbuf_puts(b, "list ");
	name_addrs(b, w, list, list_n);
	if (hard)
		sbuf_puts(b, " (hard)");
}

/* ---- boxes --------------------------------------------------------------- */

void
draw_line(struct drawing *d, int x, int y, int inner, struct sbuf *b)
{
	canvas_text(&d->c, x, y, inner, b->s != NULL ? b->s : "");
	d->c.oom = d->c.oom || b->oom;
	sbuf_free(b);
}

/* widen makes *|width| as wide as |b|, within |most|, and frees |b|. */
static void
widen(struct sbuf *b, int most, int *width)
{
	int n = (int)b->len;

	n = n < most ? n : most;
	*width = n > *width ? n : *width;
	sbuf_free(b);
}

void
draw_fit_clients(struct drawing *d)
{
	struct sbuf b = { 0 };
	size_t i;

	d->inner = BOX_MIN;
	for (i = 0; i < d->n && i < FITTED; i++) {
		client_title(d->w, d->who[i], &b);
		widen(&b, BOX_MAX, &d->inner);
		client_groups(d->w, d->who[i], &b);
		widen(&b, BOX_MAX, &d->inner);
	}
}

bool
draw_trouble(struct drawing *d, size_t from, size_t to)
{
	for (; from < to; from++)
		if (client_trouble(d->w, d->who[from]) != NULL)
			return true;
	return false;
}

void
draw_client(struct drawing *d, node_id n, int x, int y, int h)
{
	struct sbuf b = { 0 };
	const char *trouble = client_trouble(d->w, n);

	canvas_box(&d->c, x, y, d->inner + 4, h);
	client_title(d->w, n, &b);
	draw_line(d, x + 2, y + 1, d->inner, &b);
	client_groups(d->w, n, &b);
	draw_line(d, x + 2, y + 2, d->inner, &b);
	if (trouble != NULL)
		canvas_text(&d->c, x + 2, y + 3, d->inner, trouble);
}

typedef void server_part(struct world *w, node_id n, struct sbuf *b);
static server_part *const server_parts[] = { server_title, server_counts,
	server_list };
#define PARTS (sizeof(server_parts) / sizeof(server_parts[0]))

int
draw_server(struct drawing *d, node_id n, int x, int width)
{
	struct sbuf b = { 0 };
	int y = d->y + 1;
	size_t i;

	for (i = 0; i < PARTS; i++) {
		server_parts[i](d->w, n, &b);
		if (b.len > 0)
			draw_line(d, x + 2, y++, width - 4, &b);
	}
	canvas_box(&d->c, x, d->y, width, y + 1 - d->y);
	return y + 1 - d->y;
}

int
draw_server_width(struct drawing *d, node_id n)
{
	struct sbuf b = { 0 };
	int width = 0;
	size_t i;

	for (i = 0; i < PARTS; i++) {
		server_parts[i](d->w, n, &b);
		widen(&b, SERVER_MAX, &width);
	}
	return width + 4;
}

/* ---- SCSP servers and bare ports ------------------------------------------ */

static void
other_title(struct world *w, node_id n, struct sbuf *b)
{
	const char *loud = loud_state(w, n), *role = name_role(w, n);

	sbuf_puts(b, node_name(w, n));
	if (node_kind_of(w, n) == NODE_RAW)
		role = "bare port";
	if (loud != NULL || role != NULL)
		sbuf_printf(b, "  %s", loud != NULL ? loud : role);
}

static void
other_counts(struct world *w, node_id n, struct sbuf *b)
{
	const struct scsp *s = show_scsp(w, n);
	struct scsp_group_info g;

	if (s == NULL || !scsp_group(s, 0, &g))
		return;
	sbuf_puts(b, "id ");
	name_id(b, scsp_id(s));
	sbuf_printf(b, "  %llu entr%s", (unsigned long long)g.entries,
	    g.entries == 1 ? "y" : "ies");
}

static void
draw_other(struct drawing *d, node_id n, int x, int width)
{
	struct sbuf b = { 0 };

	canvas_box(&d->c, x, d->y, width, OTHER_HEIGHT);
	other_title(d->w, n, &b);
	draw_line(d, x + 2, d->y + 1, width - 4, &b);
	other_counts(d->w, n, &b);
	draw_line(d, x + 2, d->y + 2, width - 4, &b);
}

void
draw_others(struct drawing *d)
{
	struct sbuf b = { 0 };
	int x = 0, width, h = 0;
	enum node_kind k;
	node_id n;

	for (n = 1; n <= world_nodes(d->w); n++) {
		k = node_kind_of(d->w, n);
		if (k != NODE_SCSP && k != NODE_RAW)
			continue;
		width = BOX_MIN;
		other_title(d->w, n, &b);
		widen(&b, SERVER_MAX, &width);
		other_counts(d->w, n, &b);
		widen(&b, SERVER_MAX, &width);
		width += 4;
		if (x > 0 && x + width > d->width) {
			d->y += OTHER_HEIGHT;
			x = 0;
		}
		draw_other(d, n, x, width);
		h = OTHER_HEIGHT;
		x += width + 2;
	}
	d->y += h;
}
