/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A table on its way out.  As text: aligned columns, two blanks apart, the
 * widest text columns cut first when the terminal is narrow, no trailing
 * blanks.  As JSON: an array with one object a line, so that the result is one
 * document and still can be read by line.
 */
#include <stdlib.h>
#include <string.h>

#include "show/table_int.h"

#define GAP 2
#define NARROWEST 6 /* a text column is not cut below this */

#define SGR_BOLD "\033[1m"
#define SGR_GOOD "\033[32m"
#define SGR_BAD "\033[31m"
#define SGR_ODD "\033[33m"
#define SGR_OFF "\033[0m"

/* Words that say how well something is; colour only repeats them. */
static const struct {
	const char *word, *sgr;
} moods[] = {
	{ "up", SGR_GOOD },
	{ "Active", SGR_GOOD },
	{ "Registered", SGR_GOOD },
	{ "dead", SGR_BAD },
	{ "hung", SGR_BAD },
	{ "down", SGR_BAD },
	{ "drop", SGR_BAD },
	{ "alarm", SGR_BAD },
	{ "fault", SGR_BAD },
	{ "stopped", SGR_ODD },
	{ "Calling", SGR_ODD },
	{ "Registering", SGR_ODD },
	{ "Waiting", SGR_ODD },
	{ "Looping", SGR_ODD },
	{ "Deregistering", SGR_ODD },
	{ "Up", SGR_GOOD },
	{ "Asking", SGR_ODD },
	{ "Opening", SGR_ODD },
	{ "Held", SGR_ODD },
	{ "waiting", SGR_ODD },
};

static const char *
mood(const char *text)
{
	size_t i;

	for (i = 0; i < sizeof(moods) / sizeof(moods[0]); i++)
		if (strcmp(moods[i].word, text) == 0)
			return moods[i].sgr;
	return NULL;
}

static size_t
width_of(const struct table *t, uint64_t c)
{
	const char *s = cell_text(t, c);
	size_t n = strlen(s);

	return cell_kind(c) == CELL_TEXT ? show_width(s, n) : n;
}

static void
measure(const struct table *t, size_t *w)
{
	size_t row, col, n;

	for (col = 0; col < t->cols; col++)
		w[col] = show_width(t->col[col].name,
		    strlen(t->col[col].name));
	for (row = 0; row < t->rows; row++)
		for (col = 0; col < t->cols; col++) {
			n = width_of(t, t->cell[row * t->cols + col]);
			if (n > w[col])
				w[col] = n;
		}
}

static size_t
total_of(const struct table *t, const size_t *w)
{
	size_t col, total = 0;

	for (col = 0; col < t->cols; col++)
		total += w[col] + (col > 0 ? GAP : 0);
	return total;
}

/* squeeze takes columns from the widest text until the line fits |width|. */
static void
squeeze(const struct table *t, size_t *w, size_t width)
{
	size_t col, widest, total = total_of(t, w);

	while (total > width) {
		widest = t->cols;
		for (col = 0; col < t->cols; col++)
			if (!t->col[col].right && w[col] > NARROWEST
			    && (widest == t->cols || w[col] > w[widest]))
				widest = col;
		if (widest == t->cols)
			return;
		w[widest]--;
		total--;
	}
}

/* put_cut appends |s| in at most |width| columns and returns those used. */
static size_t
put_cut(struct sbuf *out, const char *s, size_t width)
{
	size_t n = strlen(s), used, fit = show_fit(s, n, width, &used);

	if (fit == n || width < 3) {
		sbuf_put(out, s, fit);
		return used;
	}
	fit = show_fit(s, n, width - 2, &used);
	sbuf_put(out, s, fit);
	sbuf_puts(out, "..");
	return used + 2;
}

static void
put_cell(struct sbuf *out, const char *s, size_t width, bool right, bool last,
    const char *sgr)
{
	size_t used, n;

	if (right && (n = show_width(s, strlen(s))) < width)
		sbuf_fill(out, ' ', width - n);
	if (sgr != NULL)
		sbuf_puts(out, sgr);
	used = put_cut(out, s, width);
	if (sgr != NULL)
		sbuf_puts(out, SGR_OFF);
	if (!right && !last && used < width)
		sbuf_fill(out, ' ', width - used);
}

#define NAME_MAX_CUT 64

/* upper stores a column's name in capitals. */
static void
upper(const char *s, char name[NAME_MAX_CUT])
{
	size_t i;

	for (i = 0; i < NAME_MAX_CUT - 1 && s[i] != '\0'; i++)
		name[i] = (char)(s[i] >= 'a' && s[i] <= 'z' ? s[i] - 'a' + 'A'
							    : s[i]);
	name[i] = '\0';
}

static void
put_head(const struct table *t, struct sbuf *out, const size_t *w, bool color)
{
	char name[NAME_MAX_CUT];
	size_t col;

	for (col = 0; col < t->cols; col++) {
		upper(t->col[col].name, name);
		if (col > 0)
			sbuf_fill(out, ' ', GAP);
		put_cell(out, name, w[col], t->col[col].right,
		    col + 1 == t->cols, color ? SGR_BOLD : NULL);
	}
	sbuf_puts(out, "\n");
}

static void
put_rows(const struct table *t, struct sbuf *out, const size_t *w, bool color)
{
	size_t row, col;
	const char *s;

	for (row = 0; row < t->rows; row++) {
		for (col = 0; col < t->cols; col++) {
			s = cell_text(t, t->cell[row * t->cols + col]);
			if (col > 0)
				sbuf_fill(out, ' ', GAP);
			put_cell(out, s, w[col], t->col[col].right,
			    col + 1 == t->cols, color ? mood(s) : NULL);
		}
		sbuf_puts(out, "\n");
	}
}

/* A single row that is too wide stands upright: nothing of it is cut off. */
static void
put_upright(const struct table *t, struct sbuf *out, bool color)
{
	size_t col, wide = 0, n;
	char name[NAME_MAX_CUT];
	const char *s;

	for (col = 0; col < t->cols; col++)
		if ((n = strlen(t->col[col].name)) > wide)
			wide = n;
	for (col = 0; col < t->cols; col++) {
		upper(t->col[col].name, name);
		s = cell_text(t, t->cell[col]);
		put_cell(out, name, wide, false, false,
		    color ? SGR_BOLD : NULL);
		sbuf_fill(out, ' ', GAP);
		put_cell(out, s, strlen(s), false, true,
		    color ? mood(s) : NULL);
		sbuf_puts(out, "\n");
	}
}

void
table_text(const struct table *t, struct sbuf *out, size_t width, bool color)
{
	size_t *w = calloc(t->cols + 1, sizeof(*w));

	if (w == NULL) {
		out->oom = true;
		return;
	}
	measure(t, w);
	if (t->rows == 0) {
		sbuf_printf(out, "%s%snone\n", t->title,
		    t->title[0] != '\0' ? ": " : "");
	} else if (t->rows == 1 && width > 0 && total_of(t, w) > width) {
		put_upright(t, out, color);
	} else {
		if (width > 0)
			squeeze(t, w, width);
		put_head(t, out, w, color);
		put_rows(t, out, w, color);
	}
	if (t->oom)
		sbuf_puts(out, "out of memory: rows are missing\n");
	free(w);
}

static void
put_json(const struct table *t, struct sbuf *out, uint64_t c)
{
	const char *s = cell_text(t, c);

	switch (cell_kind(c)) {
	case CELL_NONE:
		sbuf_put(out, "null", 4);
		break;
	case CELL_PLAIN:
		sbuf_put(out, "\"", 1);
		sbuf_puts(out, s);
		sbuf_put(out, "\"", 1);
		break;
	case CELL_TEXT:
		show_json_string(out, s, strlen(s));
		break;
	case CELL_NUM:
		sbuf_puts(out, s);
		break;
	case CELL_NO:
		sbuf_put(out, "false", 5);
		break;
	case CELL_YES:
		sbuf_put(out, "true", 4);
		break;
	}
}

void
table_json(const struct table *t, struct sbuf *out)
{
	size_t row, col;

	sbuf_puts(out, "[");
	for (row = 0; row < t->rows; row++) {
		sbuf_puts(out, row > 0 ? ",\n {" : "\n {");
		for (col = 0; col < t->cols; col++) {
			if (col > 0)
				sbuf_put(out, ",", 1);
			sbuf_put(out, t->col[col].key, t->col[col].key_len);
			put_json(t, out, t->cell[row * t->cols + col]);
		}
		sbuf_puts(out, "}");
	}
	sbuf_puts(out, t->rows > 0 ? "\n]\n" : "]\n");
}
