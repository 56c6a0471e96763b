/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_LADDER_INT_H
#define MARSH_LADDER_INT_H

#include "show/show_int.h"

/*
 * A message sequence chart before it is drawn.  Sets of columns are bit masks:
 * a chart wider than 64 columns is no chart.
 */
#define LADDER_COLS 64
#define LADDER_ROWS 200 /* unless told otherwise */

enum ladder_kind {
	LADDER_SEND,
	LADDER_NOTE,
	LADDER_FOLD, /* |times| more of the |block| rows above */
	LADDER_HELLOS, /* |times| Hellos that all arrived */
	LADDER_MORE, /* |times| more rows that do not fit */
};

struct ladder_row {
	enum ladder_kind kind;
	uint64_t seq;        /* its record; FOLD, MORE: of the last one */
	struct mtime t;
	int from;            /* column, -1: not shown */
	bool multi;
	/*
	 * SEND: the columns that received, and that should have.  NOTE: those
	 * it happened to, and the other parties.  Counts are of nodes without
	 * a column.
	 */
	uint64_t got, want;
	uint32_t other_got, other_want;
	bool both;           /* NOTE: the other party is marked too */
	uint64_t hung, gone; /* columns in that state when it happened */
	uint64_t sig;        /* equal rows but for time and number */
	size_t prev;         /* the message before on its VC, + 1 */
	uint32_t vc, msn, group;
	uint8_t op, flags;
	size_t times, block; /* FOLD, MORE */
	int64_t apart; /* FOLD: microseconds; below 0: irregular, -1 - all */
};

struct ladder {
	struct world *w;
	node_id col[LADDER_COLS];
	int *col_of;        /* by node; -1: none */
	size_t cols;
	size_t more_nodes;  /* took part, but have no column */
	bool asked;         /* for just these columns */
	struct ladder_row *row;
	size_t n, cap;
	bool oom;
};

/* ladder_build reads the log; at most |max_cols| columns. */
void ladder_build(struct ladder *l, struct world *w,
    const struct ladder_opt *opt, size_t max_cols);
void ladder_free(struct ladder *l);
/* ladder_columns chooses them; false: out of memory. */
bool ladder_columns(struct ladder *l, const struct ladder_opt *opt,
    size_t max);
bool ladder_in_time(const struct ladder_opt *opt, const struct log_rec *r);
/* ladder_shows: whether records like |r| appear at all. */
bool ladder_shows(const struct ladder_opt *opt, const struct log_rec *r);
/* ladder_fold puts a line in place of repetitions, then cuts at |max| rows. */
void ladder_fold(struct ladder *l, size_t max);
/* ladder_label appends what a row says. */
void ladder_label(struct ladder *l, const struct ladder_row *r,
    struct sbuf *out);
/* ladder_flying: too young to be called lost. */
bool ladder_flying(const struct ladder *l, const struct ladder_row *r);

static inline uint64_t
ladder_bit(int col)
{
	return col < 0 ? 0 : UINT64_C(1) << col;
}

#endif
