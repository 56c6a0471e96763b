/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A ladder as text: time, a lifeline per node, what was said at the right.  A
 * single line is a message on a point-to-point VC, a double line one on a
 * point-to-multipoint VC with an arrowhead at each receiver.  A hung node's
 * lifeline is broken, a dead one's is gone.
 */
#include <stdlib.h>
#include <string.h>

#include "show/ladder_int.h"

#define TIME_WIDTH 10
#define COLS_SPOKEN 10 /* columns where nobody was asked for */
#define COLS_ASKED 16
#define STEP_LEAST 4
#define LABEL_LEAST 35 /* room that is worth crowding the lifelines for */

enum glyph {
	G_GONE,
	G_UP,
	G_HUNG,
	G_LINE,
	G_CROSS,
	G_FROM_RIGHT,
	G_FROM_LEFT,
	G_FROM_BOTH,
	G_MULTI, /* the same five for point-to-multipoint */
	G_MULTI_CROSS,
	G_MULTI_RIGHT,
	G_MULTI_LEFT,
	G_MULTI_BOTH,
	G_HEAD_RIGHT,
	G_HEAD_LEFT,
	G_LOST,
	G_FLYING,
	G_NOTE,
	G_FOLD,
	GLYPHS
};

static const char *const unicode[GLYPHS] = {
	[G_GONE] = " ",
	[G_UP] = "\xe2\x94\x82",          /* light vertical */
	[G_HUNG] = "\xe2\x94\x86",        /* dashed vertical */
	[G_LINE] = "\xe2\x94\x80",        /* light horizontal */
	[G_CROSS] = "\xe2\x94\xbc",
	[G_FROM_RIGHT] = "\xe2\x94\x9c",
	[G_FROM_LEFT] = "\xe2\x94\xa4",
	[G_FROM_BOTH] = "\xe2\x94\xbc",
	[G_MULTI] = "\xe2\x95\x90",       /* double horizontal */
	[G_MULTI_CROSS] = "\xe2\x95\xaa",
	[G_MULTI_RIGHT] = "\xe2\x95\x9e",
	[G_MULTI_LEFT] = "\xe2\x95\xa1",
	[G_MULTI_BOTH] = "\xe2\x95\xaa",
	[G_HEAD_RIGHT] = "\xe2\x96\xb6",
	[G_HEAD_LEFT] = "\xe2\x97\x80",
	[G_LOST] = "\xe2\x9c\x97",        /* ballot x */
	[G_FLYING] = "\xe2\x94\x88",
	[G_NOTE] = "\xe2\x97\x86",        /* black diamond */
	[G_FOLD] = "\xe2\x8b\xae",        /* vertical ellipsis */
};

static const char *const ascii[GLYPHS] = {
	[G_GONE] = " ",
	[G_UP] = "|",
	[G_HUNG] = ":",
	[G_LINE] = "-",
	[G_CROSS] = "+",
	[G_FROM_RIGHT] = "|",
	[G_FROM_LEFT] = "|",
	[G_FROM_BOTH] = "|",
	[G_MULTI] = "=",
	[G_MULTI_CROSS] = "+",
	[G_MULTI_RIGHT] = "|",
	[G_MULTI_LEFT] = "|",
	[G_MULTI_BOTH] = "|",
	[G_HEAD_RIGHT] = ">",
	[G_HEAD_LEFT] = "<",
	[G_LOST] = "x",
	[G_FLYING] = ".",
	[G_NOTE] = "*",
	[G_FOLD] = ":",
};

struct page {
	struct ladder *l;
	struct sbuf *out;
	const char *const *glyph;
	int width; /* of the paper */
	int step;  /* from one lifeline to the next */
	int cells; /* of a row's drawing */
	uint8_t cell[LADDER_COLS * 16]; /* enum glyph */
};

static int
step_for(size_t cols)
{
	return cols <= 4 ? 10 : cols <= 6 ? 8 : cols <= 8 ? 6 : cols <= 12 ? 5
									   : 4;
}

/* What is left of |width| for words, where a row begins with |cols| lanes. */
static int
label_room(int width, size_t cols, int step)
{
	return width - TIME_WIDTH - 3 - (int)cols * step;
}

/* On narrow paper lifelines move together, so that words have room. */
static void
lay_out(struct page *p)
{
	p->step = step_for(p->l->cols);
	while (p->step > STEP_LEAST
	    && label_room(p->width, p->l->cols, p->step) < LABEL_LEAST)
		p->step--;
	p->cells = (int)p->l->cols * p->step;
}

static int
at(const struct page *p, int col)
{
	return col * p->step + p->step / 2;
}

static void
lifelines(struct page *p, const struct ladder_row *r)
{
	size_t c;

	memset(p->cell, G_GONE, sizeof(p->cell));
	for (c = 0; c < p->l->cols; c++)
		p->cell[at(p, (int)c)] = r->gone >> c & 1 ? G_GONE
		    : r->hung >> c & 1			  ? G_HUNG
							  : G_UP;
}

/* wire draws from |x| to |end|, both excluded, over the lifelines between. */
static void
wire(struct page *p, const struct ladder_row *r, int x, int end)
{
	enum glyph line = r->multi ? G_MULTI : G_LINE;
	enum glyph cross = r->multi ? G_MULTI_CROSS : G_CROSS;
	int dir = x < end ? 1 : -1;

	for (x += dir; x != end; x += dir)
		p->cell[x] = (uint8_t)(p->cell[x] == G_GONE ? line : cross);
}

static void
head(struct page *p, const struct ladder_row *r, int col, int dir)
{
	enum glyph g = dir > 0 ? G_HEAD_RIGHT : G_HEAD_LEFT;

	if (!(r->got >> col & 1))
		g = ladder_flying(p->l, r) ? G_FLYING : G_LOST;
	p->cell[at(p, col) - dir] = (uint8_t)g;
}

static void
sender(struct page *p, const struct ladder_row *r, bool left, bool right)
{
	enum glyph g = left && right ? G_FROM_BOTH
	    : left		     ? G_FROM_LEFT
				     : G_FROM_RIGHT;

	if (r->multi)
		g += G_MULTI - G_LINE;
	p->cell[at(p, r->from)] = (uint8_t)g;
}

static void
draw_send(struct page *p, const struct ladder_row *r)
{
	int c, first = -1, last = -1, from = r->from;

	for (c = 0; c < (int)p->l->cols; c++)
		if (r->want >> c & 1) {
			first = first < 0 ? c : first;
			last = c;
		}
	if (from >= 0 && first >= 0 && first < from)
		wire(p, r, at(p, from), at(p, first));
	if (from >= 0 && first < 0) /* a stub: nobody, or nobody shown */
		wire(p, r, at(p, from), at(p, from) + 2);
	if (from >= 0 && last > from)
		wire(p, r, at(p, from), at(p, last));
	for (c = 0; c < (int)p->l->cols; c++)
		if (r->want >> c & 1)
			head(p, r, c, from < c ? 1 : -1);
	if (from >= 0)
		sender(p, r, first >= 0 && first < from,
		    last > from || first < 0);
}

static void
draw_note(struct page *p, const struct ladder_row *r)
{
	uint64_t marks = r->got | (r->both ? r->want : 0);
	int c;

	for (c = 0; c < (int)p->l->cols; c++)
		if (marks >> c & 1)
			p->cell[at(p, c)] = G_NOTE;
}

static void
draw(struct page *p, const struct ladder_row *r)
{
	size_t c;

	lifelines(p, r);
	switch (r->kind) {
	case LADDER_SEND:
		draw_send(p, r);
		break;
	case LADDER_NOTE:
		draw_note(p, r);
		break;
	case LADDER_FOLD:
	case LADDER_HELLOS:
	case LADDER_MORE:
		for (c = 0; c < p->l->cols; c++)
			if (p->cell[at(p, (int)c)] != G_GONE)
				p->cell[at(p, (int)c)] = G_FOLD;
		break;
	}
}

/* put_fit appends |s| cut to |width| columns. */
static void
put_fit(struct sbuf *out, const char *s, size_t n, size_t width)
{
	size_t used, fit = show_fit(s, n, width, &used);

	if (fit < n && width > 4)
		fit = show_fit(s, n, width - 2, &used);
	sbuf_put(out, s, fit);
	if (fit < n && width > 4)
		sbuf_puts(out, "..");
}

static void
put_row(struct page *p, const struct ladder_row *r)
{
	int x, room = label_room(p->width, p->l->cols, p->step);
	struct sbuf label = { 0 };
	char t[SHOW_US_MAX];

	draw(p, r);
	if (r->kind == LADDER_SEND || r->kind == LADDER_NOTE)
		sbuf_printf(p->out, "%*s  ", TIME_WIDTH,
		    show_us(mtime_sub(r->t, world_start(p->l->w)).us, 3, t));
	else
		sbuf_fill(p->out, ' ', TIME_WIDTH + 2);
	for (x = 0; x < p->cells; x++)
		sbuf_puts(p->out, p->glyph[p->cell[x]]);
	ladder_label(p->l, r, &label);
	sbuf_puts(p->out, " ");
	put_fit(p->out, label.s != NULL ? label.s : "", label.len,
	    room > 8 ? (size_t)room : 8);
	sbuf_puts(p->out, "\n");
	sbuf_free(&label);
}

static void
put_head(struct page *p)
{
	size_t c, n, col;
	const char *name;

	sbuf_printf(p->out, "%*s", TIME_WIDTH, "time");
	for (c = 0; c < p->l->cols; c++) {
		name = node_name(p->l->w, p->l->col[c]);
		n = strlen(name);
		if (n > (size_t)p->step - 1)
			n = (size_t)p->step - 1;
		/* centred over its lifeline */
		col = TIME_WIDTH + 2 + (size_t)at(p, (int)c) - (n - 1) / 2;
		sbuf_pad(p->out, col);
		sbuf_put(p->out, name, n);
	}
	sbuf_puts(p->out, "\n");
}

/* put_start tells of rows that were wanted and are kept no more. */
static void
put_start(struct world *w, const struct ladder_opt *opt, struct sbuf *out)
{
	struct log *log = world_log(w);
	const struct log_rec *r = log_get(log, log_first(log));
	char t[SHOW_US_MAX];

	if (r == NULL || r->seq <= 1 || r->t.us <= opt->from.us)
		return;
	sbuf_printf(out, "what was before %s s has left the log\n",
	    show_us(mtime_sub(r->t, world_start(w)).us, 3, t));
}

void
show_ladder(struct world *w, const struct ladder_opt *opt, struct sbuf *out)
{
	struct ladder l;
	struct page p = { .l = &l, .out = out };
	size_t i;

	ladder_build(&l, w, opt,
	    opt->nodes != NULL ? COLS_ASKED : COLS_SPOKEN);
	ladder_fold(&l, opt->max);
	p.glyph = opt->utf8 ? unicode : ascii;
	p.width = show_paper(opt->width);
	lay_out(&p);
	if (l.n == 0)
		sbuf_puts(out, "no messages\n");
	else
		put_head(&p);
	for (i = 0; i < l.n; i++)
		put_row(&p, &l.row[i]);
	put_start(w, opt, out);
	if (l.more_nodes > 0)
		sbuf_printf(out, "%zu more node%s not shown\n", l.more_nodes,
		    l.more_nodes == 1 ? "" : "s");
	if (l.oom)
		sbuf_puts(out, "out of memory: rows are missing\n");
	ladder_free(&l);
}
