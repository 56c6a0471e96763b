/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tables: every view is one, so that text, JSON, counting, searching and
 * scripts are written once.  All text lies in one arena and cells are offsets
 * into it.  Invariant: |cell| holds rows * cols entries, those of the newest
 * row from |at| on being CELL_NONE.
 */
#include <assert.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "show/table_int.h"

static char *
copy(const char *s)
{
	size_t n = strlen(s) + 1;
	char *p = malloc(n);

	if (p != NULL)
		memcpy(p, s, n);
	return p;
}

struct table *
table_new(const char *title)
{
	struct table *t = calloc(1, sizeof(*t));

	if (t == NULL)
		return NULL;
	t->title = copy(title != NULL ? title : "");
	/* Offset 0 is never a cell's text, so a zero word is an empty cell. */
	sbuf_put(&t->text, "", 1);
	if (t->title == NULL || t->text.oom) {
		table_free(t);
		return NULL;
	}
	return t;
}

void
table_free(struct table *t)
{
	size_t i;

	if (t == NULL)
		return;
	for (i = 0; i < t->cols; i++) {
		free(t->col[i].name);
		free(t->col[i].key);
	}
	free(t->col);
	free(t->cell);
	free(t->title);
	sbuf_free(&t->text);
	free(t);
}

static bool
name_column(struct column *c, const char *name)
{
	struct sbuf key = { 0 };

	c->name = copy(name);
	show_json_string(&key, name, strlen(name));
	sbuf_puts(&key, ":");
	if (c->name == NULL || key.oom) {
		free(c->name);
		sbuf_free(&key);
		return false;
	}
	c->key = key.s;
	c->key_len = key.len;
	return true;
}

void
table_col(struct table *t, const char *name, bool right)
{
	struct column *v;

	assert(t->rows == 0);
	v = realloc(t->col, (t->cols + 1) * sizeof(*v));
	if (v == NULL) {
		t->oom = true;
		return;
	}
	t->col = v;
	if (!name_column(&v[t->cols], name)) {
		t->oom = true;
		return;
	}
	v[t->cols++].right = right;
}

void
table_row(struct table *t)
{
	size_t need = (t->rows + 1) * t->cols, cap;
	uint64_t *v;

	if (t->oom)
		return;
	if (need > t->cell_cap) {
		cap = need > 64 ? need * 2 : 128;
		v = realloc(t->cell, cap * sizeof(*v));
		if (v == NULL) {
			t->oom = true;
			return;
		}
		t->cell = v;
		t->cell_cap = cap;
	}
	memset(t->cell + t->rows * t->cols, 0, t->cols * sizeof(*t->cell));
	t->rows++;
	t->at = 0;
}

/* place ends the cell whose text starts at |off| of the arena. */
static void
place(struct table *t, size_t off, enum cell_kind kind)
{
	sbuf_put(&t->text, "", 1);
	if (t->oom || t->text.oom) {
		t->oom = true;
		return;
	}
	assert(t->rows > 0 && t->at < t->cols);
	t->cell[(t->rows - 1) * t->cols + t->at++]
	    = (uint64_t)off << CELL_KIND_BITS | (uint64_t)kind;
}

void
table_str(struct table *t, const char *s)
{
	size_t off = t->text.len, n;

	if (s == NULL) {
		table_none(t);
		return;
	}
	n = strlen(s);
	if (show_plain(s, n) == n) {
		sbuf_put(&t->text, s, n);
		place(t, off, CELL_PLAIN);
	} else {
		show_escape(&t->text, s, n);
		place(t, off, CELL_TEXT);
	}
}

/* Formatted in place; only text that needs escaping is copied once more. */
void
table_strf(struct table *t, const char *fmt, ...)
{
	size_t off = t->text.len;
	struct sbuf hard = { 0 };
	va_list ap;

	va_start(ap, fmt);
	sbuf_vprintf(&t->text, fmt, ap);
	va_end(ap);
	if (t->text.oom
	    || show_plain(t->text.s + off, t->text.len - off)
		== t->text.len - off) {
		place(t, off, CELL_PLAIN);
		return;
	}
	sbuf_put(&hard, t->text.s + off, t->text.len - off);
	t->text.len = off;
	if (hard.oom)
		t->oom = true;
	else
		show_escape(&t->text, hard.s, hard.len);
	place(t, off, CELL_TEXT);
	sbuf_free(&hard);
}

void
table_take(struct table *t, struct sbuf *b)
{
	if (b->oom)
		t->oom = true;
	table_str(t, b->len > 0 ? b->s : NULL);
	sbuf_free(b);
}

static void
put_number(struct table *t, const char *text)
{
	size_t off = t->text.len;

	sbuf_puts(&t->text, text);
	place(t, off, CELL_NUM);
}

void
table_int(struct table *t, int64_t v)
{
	uint64_t u = v < 0 ? 0 - (uint64_t)v : (uint64_t)v;
	char text[24], *p = text + sizeof(text);

	*--p = '\0';
	do
		*--p = (char)('0' + u % 10);
	while ((u /= 10) != 0);
	if (v < 0)
		*--p = '-';
	put_number(t, p);
}

/* A locale may write another decimal point, even of several octets. */
static void
plain_point(char *s)
{
	const char *point = localeconv()->decimal_point;
	size_t n = strlen(point);
	char *p = n > 0 ? strstr(s, point) : NULL;

	if (p == NULL || strcmp(point, ".") == 0)
		return;
	*p = '.';
	memmove(p + 1, p + n, strlen(p + n) + 1);
}

void
table_num(struct table *t, double v)
{
	char text[48];

	if (!isfinite(v)) {
		table_none(t);
		return;
	}
	if (v == floor(v) && fabs(v) < 1e15) {
		table_int(t, (int64_t)v);
		return;
	}
	(void)snprintf(text, sizeof(text), "%.6g", v);
	plain_point(text);
	put_number(t, text);
}

void
table_sec(struct table *t, struct mspan d, unsigned decimals)
{
	char text[SHOW_US_MAX];

	put_number(t, show_us(d.us, decimals, text));
}

void
table_bool(struct table *t, bool v)
{
	size_t off = t->text.len;

	sbuf_puts(&t->text, v ? "yes" : "no");
	place(t, off, v ? CELL_YES : CELL_NO);
}

void
table_none(struct table *t)
{
	if (t->oom)
		return;
	assert(t->rows > 0 && t->at < t->cols);
	t->at++;
}

bool
table_oom(const struct table *t)
{
	return t->oom;
}

size_t
table_rows(const struct table *t)
{
	return t->rows;
}

size_t
table_cols(const struct table *t)
{
	return t->cols;
}

const char *
table_col_name(const struct table *t, size_t col)
{
	assert(col < t->cols);
	return t->col[col].name;
}

enum cell_kind
cell_kind(uint64_t c)
{
	return (enum cell_kind)(c & ((1u << CELL_KIND_BITS) - 1));
}

const char *
cell_text(const struct table *t, uint64_t c)
{
	return cell_kind(c) == CELL_NONE ? "-"
					 : t->text.s + (c >> CELL_KIND_BITS);
}

const char *
table_cell(const struct table *t, size_t row, size_t col, bool *is_number,
    bool *is_null)
{
	uint64_t c;

	assert(row < t->rows && col < t->cols);
	c = t->cell[row * t->cols + col];
	if (is_number != NULL)
		*is_number = cell_kind(c) == CELL_NUM;
	if (is_null != NULL)
		*is_null = cell_kind(c) == CELL_NONE;
	return cell_text(t, c);
}

void
table_grep(struct table *t, const char *word)
{
	size_t row, col, kept = 0;
	uint64_t *c;

	for (row = 0; row < t->rows; row++) {
		c = t->cell + row * t->cols;
		for (col = 0; col < t->cols; col++)
			if (strstr(cell_text(t, c[col]), word) != NULL)
				break;
		if (col == t->cols)
			continue;
		memmove(t->cell + kept++ * t->cols, c,
		    t->cols * sizeof(*c));
	}
	t->rows = kept;
}
