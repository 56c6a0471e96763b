/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A ladder as an SVG document of its own: no script, no external reference,
 * every text escaped.  Rows and columns are those of the text form.
 */
#include <string.h>

#include "show/ladder_int.h"

#define LEFT 110  /* room for the time */
#define TOP 50
#define STEP 120  /* from one lifeline to the next */
#define ROW 24
#define LABELS 430

static int
col_x(int col)
{
	return LEFT + STEP / 2 + col * STEP;
}

/* Text of XML: the five characters, and nothing that XML 1.0 forbids (our
 * escaping leaves no control character). */
static void
put_text(struct sbuf *out, const char *s, size_t n)
{
	struct sbuf safe = { 0 };
	size_t i;

	show_escape(&safe, s, n);
	for (i = 0; i < safe.len; i++)
		switch (safe.s[i]) {
		case '<':
			sbuf_puts(out, "&lt;");
			break;
		case '>':
			sbuf_puts(out, "&gt;");
			break;
		case '&':
			sbuf_puts(out, "&amp;");
			break;
		case '"':
			sbuf_puts(out, "&quot;");
			break;
		case '\'':
			sbuf_puts(out, "&#39;");
			break;
		default:
			sbuf_put(out, &safe.s[i], 1);
		}
	sbuf_free(&safe);
}

static const char style[] =
    "<style>\n"
    "text{font:13px monospace;fill:#222}\n"
    ".n{font-weight:bold;text-anchor:middle}\n"
    ".t{text-anchor:end;fill:#777}\n"
    ".b{fill:#eef3f8;stroke:#456}\n"
    ".l{stroke:#9aa}\n"
    ".h{stroke:#9aa;stroke-dasharray:3 4}\n"
    ".p{stroke:#146;stroke-width:1.5}\n"
    ".m{stroke:#a40;stroke-width:3}\n"
    ".a{fill:#146}\n"
    ".am{fill:#a40}\n"
    ".x{stroke:#c00;stroke-width:2}\n"
    ".o{fill:#c00}\n"
    ".f{fill:#777;font-style:italic}\n"
    "</style>\n";

static void
put_head(struct ladder *l, struct sbuf *out)
{
	int width = LEFT + (int)l->cols * STEP + LABELS;
	int height = TOP + ((int)l->n + 2) * ROW;
	const char *name;
	size_t c;

	sbuf_printf(out,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
	    "height=\"%d\" viewBox=\"0 0 %d %d\">\n"
	    "<title>message ladder</title>\n%s"
	    "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
	    width, height, width, height, style);
	for (c = 0; c < l->cols; c++) {
		name = node_name(l->w, l->col[c]);
		sbuf_printf(out,
		    "<rect class=\"b\" x=\"%d\" y=\"10\" width=\"%d\" "
		    "height=\"24\" rx=\"4\"/>\n"
		    "<text class=\"n\" x=\"%d\" y=\"27\">",
		    col_x((int)c) - STEP / 2 + 8, STEP - 16, col_x((int)c));
		put_text(out, name, strlen(name));
		sbuf_puts(out, "</text>\n");
	}
}

/* A lifeline is drawn row by row, since nodes die and come back. */
static void
put_life(struct ladder *l, const struct ladder_row *r, int y, struct sbuf *out)
{
	size_t c;

	for (c = 0; c < l->cols; c++)
		if (!(r->gone >> c & 1))
			sbuf_printf(out,
			    "<path class=\"%s\" d=\"M%d %dV%d\"/>\n",
			    r->hung >> c & 1 ? "h" : "l", col_x((int)c),
			    y - ROW / 2, y + ROW / 2);
}

static void
put_cross(struct sbuf *out, int x, int y)
{
	sbuf_printf(out,
	    "<path class=\"x\" d=\"M%d %dl8 8m0 -8l-8 8\"/>\n", x - 4, y - 4);
}

static void
put_arrow(struct ladder *l, const struct ladder_row *r, int col, int y,
    struct sbuf *out)
{
	bool got = (r->got >> col & 1) != 0;
	int dir = r->from < col ? 1 : -1;
	int x = col_x(col) - dir * 2;
	int from = r->from >= 0 ? col_x(r->from) : x - dir * STEP / 3;

	sbuf_printf(out, "<path class=\"%s\" d=\"M%d %dH%d\"/>\n",
	    r->multi ? "m" : "p", from, y, x - dir * 8);
	if (got)
		sbuf_printf(out,
		    "<path class=\"%s\" d=\"M%d %dl%d -5v10z\"/>\n",
		    r->multi ? "am" : "a", x, y, -dir * 9);
	else if (!ladder_flying(l, r))
		put_cross(out, x - dir * 6, y);
}

static void
put_marks(struct ladder *l, const struct ladder_row *r, int y,
    struct sbuf *out)
{
	uint64_t notes = r->kind != LADDER_NOTE ? 0
	    : r->got | (r->both ? r->want : 0);
	int c;

	for (c = 0; c < (int)l->cols; c++)
		if (r->kind == LADDER_SEND && (r->want >> c & 1))
			put_arrow(l, r, c, y, out);
		else if (notes >> c & 1)
			sbuf_printf(out,
			    "<circle class=\"o\" cx=\"%d\" cy=\"%d\" "
			    "r=\"4\"/>\n",
			    col_x(c), y);
}

static void
put_row(struct ladder *l, const struct ladder_row *r, int y, struct sbuf *out)
{
	bool told = r->kind == LADDER_SEND || r->kind == LADDER_NOTE;
	struct sbuf label = { 0 };

	put_life(l, r, y, out);
	put_marks(l, r, y, out);
	if (told) {
		sbuf_printf(out, "<text class=\"t\" x=\"%d\" y=\"%d\">",
		    LEFT - 10, y + 4);
		name_since(out, l->w, r->t, 3);
		sbuf_puts(out, "</text>\n");
	}
	ladder_label(l, r, &label);
	sbuf_printf(out, "<text%s x=\"%d\" y=\"%d\">",
	    told ? "" : " class=\"f\"", LEFT + (int)l->cols * STEP + 10,
	    y + 4);
	if (label.len > 0)
		put_text(out, label.s, label.len);
	sbuf_puts(out, "</text>\n");
	sbuf_free(&label);
}

void
show_ladder_svg(struct world *w, const struct ladder_opt *opt,
    struct sbuf *out)
{
	struct ladder l;
	size_t i;

	ladder_build(&l, w, opt, LADDER_COLS);
	ladder_fold(&l, opt->max);
	put_head(&l, out);
	for (i = 0; i < l.n; i++)
		put_row(&l, &l.row[i], TOP + (int)i * ROW, out);
	sbuf_puts(out, "</svg>\n");
	out->oom = out->oom || l.oom;
	ladder_free(&l);
}
