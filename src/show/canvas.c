/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sheet that topologies are drawn on.  What lies outside the page is not
 * drawn; rows come into being when something is put there.
 */
#include <stdlib.h>
#include <string.h>

#include "show/canvas.h"

enum side { LEFT, RIGHT, UP, DOWN };

void
canvas_free(struct canvas *c)
{
	free(c->v);
	memset(c, 0, sizeof(*c));
}

static bool
reach(struct canvas *c, int rows)
{
	struct canvas_cell *v;
	int cap = c->cap != 0 ? c->cap : 32;

	if (rows > c->cap) {
		while (cap < rows)
			cap *= 2;
		v = realloc(c->v, (size_t)cap * CANVAS_WIDTH * sizeof(*v));
		if (v == NULL) {
			c->oom = true;
			return false;
		}
		memset(v + (size_t)c->cap * CANVAS_WIDTH, 0,
		    (size_t)(cap - c->cap) * CANVAS_WIDTH * sizeof(*v));
		c->v = v;
		c->cap = cap;
	}
	if (rows > c->rows)
		c->rows = rows;
	return true;
}

static struct canvas_cell *
cell(struct canvas *c, int x, int y)
{
	if (x < 0 || x >= CANVAS_WIDTH || y < 0 || !reach(c, y + 1))
		return NULL;
	return &c->v[(size_t)y * CANVAS_WIDTH + (size_t)x];
}

static void
leave(struct canvas *c, int x, int y, enum side side, enum canvas_line line)
{
	struct canvas_cell *p = cell(c, x, y);

	if (p != NULL && p->side[side] < line)
		p->side[side] = (uint8_t)line;
}

void
canvas_wire(struct canvas *c, int x0, int y0, int x1, int y1,
    enum canvas_line line)
{
	int t;

	if (x0 > x1 || y0 > y1) {
		t = x0, x0 = x1, x1 = t;
		t = y0, y0 = y1, y1 = t;
	}
	for (; x0 < x1; x0++) {
		leave(c, x0, y0, RIGHT, line);
		leave(c, x0 + 1, y0, LEFT, line);
	}
	for (; y0 < y1; y0++) {
		leave(c, x0, y0, DOWN, line);
		leave(c, x0, y0 + 1, UP, line);
	}
}

void
canvas_box(struct canvas *c, int x, int y, int w, int h)
{
	int right = x + w - 1, bottom = y + h - 1;

	canvas_wire(c, x, y, right, y, CANVAS_SINGLE);
	canvas_wire(c, x, bottom, right, bottom, CANVAS_SINGLE);
	canvas_wire(c, x, y, x, bottom, CANVAS_SINGLE);
	canvas_wire(c, right, y, right, bottom, CANVAS_SINGLE);
}

void
canvas_text(struct canvas *c, int x, int y, int w, const char *s)
{
	int n = (int)strlen(s), i;
	bool cut = n > w;
	struct canvas_cell *p;

	for (i = 0; i < n && i < w; i++) {
		p = cell(c, x + i, y);
		if (p != NULL)
			p->ch = cut && w > 4 && i >= w - 2 ? '.' : s[i];
	}
}

/* By which sides a line leaves: left 1, right 2, up 4, down 8; zero stands
 * for combinations that no drawing makes. */
static const uint16_t glyphs[2][2][16] = {
	/* single across; single, double down */
	{ { 0, 0x2500, 0x2500, 0x2500, 0x2502, 0x2518, 0x2514, 0x2534, 0x2502,
	      0x2510, 0x250c, 0x252c, 0x2502, 0x2524, 0x251c, 0x253c },
	    { 0, 0x2500, 0x2500, 0x2500, 0x2551, 0x255c, 0x2559, 0x2568,
		0x2551, 0x2556, 0x2553, 0x2565, 0x2551, 0x2562, 0x255f,
		0x256b } },
	/* double across */
	{ { 0, 0x2550, 0x2550, 0x2550, 0x2502, 0x255b, 0x2558, 0x2567, 0x2502,
	      0x2555, 0x2552, 0x2564, 0x2502, 0x2561, 0x255e, 0x256a },
	    { 0, 0x2550, 0x2550, 0x2550, 0x2551, 0x255d, 0x255a, 0x2569,
		0x2551, 0x2557, 0x2554, 0x2566, 0x2551, 0x2563, 0x2560,
		0x256c } },
};

static unsigned
sides(const struct canvas_cell *p)
{
	unsigned i, set = 0;

	for (i = 0; i < 4; i++)
		set |= p->side[i] != 0 ? 1u << i : 0;
	return set;
}

static void
put_line(const struct canvas_cell *p, unsigned set, struct sbuf *out,
    bool utf8)
{
	bool across = p->side[LEFT] == CANVAS_DOUBLE
	    || p->side[RIGHT] == CANVAS_DOUBLE;
	bool down = p->side[UP] == CANVAS_DOUBLE
	    || p->side[DOWN] == CANVAS_DOUBLE;
	uint16_t cp = glyphs[across][down][set];

	if (utf8)
		sbuf_printf(out, "%c%c%c", 0xe0 | cp >> 12,
		    0x80 | (cp >> 6 & 0x3f), 0x80 | (cp & 0x3f));
	else if ((set & 3) != 0 && (set & 12) != 0)
		sbuf_puts(out, "+");
	else if ((set & 12) != 0)
		sbuf_puts(out, "|");
	else
		sbuf_puts(out, across ? "=" : "-");
}

static void
put_cell(const struct canvas_cell *p, struct sbuf *out, bool utf8)
{
	unsigned set = sides(p);

	if (p->ch != '\0')
		sbuf_put(out, &p->ch, 1);
	else if (set == 0)
		sbuf_puts(out, " ");
	else
		put_line(p, set, out, utf8);
}

void
canvas_put(const struct canvas *c, struct sbuf *out, bool utf8)
{
	const struct canvas_cell *row;
	int x, y, end;

	for (y = 0; y < c->rows; y++) {
		row = &c->v[(size_t)y * CANVAS_WIDTH];
		end = CANVAS_WIDTH;
		while (end > 0 && (row[end - 1].ch == '\0' || row[end - 1].ch
			== ' ') && sides(&row[end - 1]) == 0)
			end--;
		for (x = 0; x < end; x++)
			put_cell(&row[x], out, utf8);
		sbuf_puts(out, "\n");
	}
	if (c->oom)
		out->oom = true;
}
