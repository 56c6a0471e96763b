/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_SHOW_SHOW_H
#define MARSH_SHOW_SHOW_H

/*
 * State made visible, read-only: tables as aligned text, JSON or rows handed
 * to a caller; the topology as a drawing; the log as a message ladder.  Octets
 * that came from outside are escaped before they reach a terminal.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "marsh/node/world.h"

/* A growing text buffer; |oom| is sticky, and text is always terminated. */
struct sbuf {
	char *s;
	size_t len, cap;
	bool oom;
};
void sbuf_free(struct sbuf *b);
void sbuf_put(struct sbuf *b, const char *s, size_t n);
void sbuf_puts(struct sbuf *b, const char *s);
void sbuf_printf(struct sbuf *b, const char *fmt, ...);
/* sbuf_pad appends spaces until the present line is |col| columns wide. */
void sbuf_pad(struct sbuf *b, size_t col);

/* show_escape appends |s| with control, C1, bidi and invalid UTF-8 escaped. */
void show_escape(struct sbuf *b, const char *s, size_t n);

/* A table: named columns, typed cells, any number of rows. */
struct table;
struct table *table_new(const char *title);
void table_free(struct table *t);
/* table_col adds a column; |right| aligns numbers. */
void table_col(struct table *t, const char *name, bool right);
void table_row(struct table *t);
void table_str(struct table *t, const char *s);       /* copied, escaped */
void table_strf(struct table *t, const char *fmt, ...);
void table_num(struct table *t, double v);
void table_int(struct table *t, int64_t v);
void table_bool(struct table *t, bool v);             /* yes / no */
void table_none(struct table *t);                     /* "-", JSON null */
/* table_sec: seconds with |decimals| (0 to 6) digits; a number. */
void table_sec(struct table *t, struct mspan d, unsigned decimals);
/* table_oom tells whether cells are missing because memory ran out. */
bool table_oom(const struct table *t);
/* Reading: rows, columns, cells as text; number cells say so. */
size_t table_rows(const struct table *t);
size_t table_cols(const struct table *t);
const char *table_col_name(const struct table *t, size_t col);
const char *table_cell(const struct table *t, size_t row, size_t col,
    bool *is_number, bool *is_null);
/* table_grep keeps only rows in which some cell contains |word|. */
void table_grep(struct table *t, const char *word);
/* Output; |width| 0: unlimited, |color|: SGR sequences allowed. */
void table_text(const struct table *t, struct sbuf *out, size_t width,
    bool color);
void table_json(const struct table *t, struct sbuf *out);

/*
 * show_topics returns the words after "show", NULL-terminated; show_topic_help
 * one line about one.  show_topic makes the table for |topic| about |arg| (a
 * node's name; for events how many of the newest, "all", or a node; NULL: all,
 * but of events the newest 50).  Returns 0 and the caller frees the table, or,
 * with |why| filled, MARSH_ENOENT: no such topic or node (with the nearest
 * name), or MARSH_ENOMEM.
 */
const char *const *show_topics(void);
const char *show_topic_help(const char *topic);
int show_topic(struct world *w, const char *topic, const char *arg,
    struct table **out, char *why, size_t why_cap);

/*
 * show_draw appends the topology: who is where, roles, VCs (net:draw()), on
 * |width| columns; 0: 100, which is also the most.
 */
void show_draw(struct world *w, struct sbuf *out, bool utf8, size_t width);

struct ladder_opt {
	struct mtime from, to; /* both included; to 0: no end */
	const node_id *nodes;  /* columns in order; NULL: all that spoke */
	size_t nodes_n;
	bool utf8, data;       /* line drawing; data packets too */
	size_t max;            /* rows; 0: 200; more are summed up in a line */
	size_t width;          /* columns; 0: 100, which is also the most */
};
/* show_ladder appends a message sequence chart as text. */
void show_ladder(struct world *w, const struct ladder_opt *opt,
    struct sbuf *out);
/* show_ladder_svg appends the same as an SVG document. */
void show_ladder_svg(struct world *w, const struct ladder_opt *opt,
    struct sbuf *out);

/*
 * show_event appends one event as a line of text, with its newline;
 * show_event_json the same as one JSON object, without one.
 */
void show_event(struct world *w, const struct log_rec *r, struct sbuf *out);
void show_event_json(struct world *w, const struct log_rec *r,
    struct sbuf *out);

/*
 * show_fault appends what a fault does: "loss JOIN to M1 p 0.1", "partition
 * M1 C1 / M2 C2", "refuse C2 cause 41".
 */
void show_fault(struct world *w, const struct fault_info *f, struct sbuf *out);

/* show_json_string appends |s| quoted and escaped for JSON. */
void show_json_string(struct sbuf *out, const char *s, size_t n);

/* show_nearest returns the word of |words| nearest to |s|, or NULL if none is. */
const char *show_nearest(const char *s, const char *const *words, size_t n);

#endif
