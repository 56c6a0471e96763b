/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_TABLE_INT_H
#define MARSH_TABLE_INT_H

#include "show/show_int.h"

/*
 * A cell is one word: where its text begins in the arena, and what it is.  A
 * million rows are then two arrays and nothing to free one by one.
 */
enum cell_kind {
	CELL_NONE,
	CELL_PLAIN, /* text that JSON need not escape */
	CELL_TEXT,
	CELL_NUM,
	CELL_NO,
	CELL_YES,
};
#define CELL_KIND_BITS 3

struct column {
	char *name;
	char *key; /* "\"name\":", ready for JSON */
	size_t key_len;
	bool right;
};

struct table {
	char *title;
	struct column *col;
	size_t cols;
	uint64_t *cell; /* rows * cols */
	size_t cell_cap;
	size_t rows;
	size_t at;      /* next column of the newest row */
	struct sbuf text;
	bool oom;
};

/* cell_kind and cell_text take a cell apart. */
enum cell_kind cell_kind(uint64_t c);
const char *cell_text(const struct table *t, uint64_t c);

#endif
