/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What stands beside a row of a ladder: the message in few words, a note with
 * the name of whom it is about, or what was folded away.
 */
#include <string.h>

#include "show/ladder_int.h"

#define NAMES_MOST 6
#define NAMES_FEW 2 /* where columns leave little room */

static void
put_flags(const struct log_rec *r, struct sbuf *b)
{
	static const struct {
		unsigned flag;
		const char *word;
	} v[] = {
		{ LOG_REGISTER, "register" },
		{ LOG_COPY, "copy" },
		{ LOG_PUNCHED, "punched" },
		{ LOG_HARD, "hard" },
	};
	const char *sep = " (";
	size_t i;

	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		if (r->flags & v[i].flag) {
			sbuf_printf(b, "%s%s", sep, v[i].word);
			sep = " ";
		}
	if (sep[1] == '\0')
		sbuf_puts(b, ")");
}

static void
put_span(struct sbuf *b, int64_t us)
{
	unsigned decimals = us % 1000000 == 0 ? 0 : us % 1000 == 0 ? 3 : 6;

	sbuf_us(b, us, decimals);
	while (decimals > 0 && b->len > 0 && b->s[b->len - 1] == '0')
		b->s[--b->len] = '\0';
	sbuf_puts(b, " s");
}

/* Receivers without a column, and who lost it, are said in words. */
static void
put_others(struct ladder *l, const struct ladder_row *row,
    const struct log_rec *r, struct sbuf *b)
{
	bool flying = ladder_flying(l, row);

	if (row->from < 0)
		sbuf_printf(b, " from %s", node_name(l->w, r->node));
	if (!row->multi && row->want == 0 && r->peer != 0)
		sbuf_printf(b, " to %s", node_name(l->w, r->peer));
	if (!row->multi)
		return;
	if ((row->want | row->other_want) == 0)
		sbuf_puts(b, " to nobody");
	else if (row->other_want > row->other_got && !flying)
		sbuf_printf(b, " (+%u, %u lost)", row->other_want,
		    row->other_want - row->other_got);
	else if (row->other_want > 0)
		sbuf_printf(b, " (+%u)", row->other_want);
}

static void
put_message(struct ladder *l, const struct ladder_row *row,
    const struct log_rec *r, struct sbuf *b)
{
	const struct l3_range *g = log_group(world_log(l->w), r->group);

	sbuf_puts(b, name_op(r->op));
	if (g != NULL) {
		sbuf_puts(b, " ");
		name_range(b, g);
	}
	if (r->op == MARS_MULTI || r->op == MARS_MIGRATE)
		sbuf_printf(b, " %u member%s", r->n, r->n == 1 ? "" : "s");
	if (r->op > LOG_SCSP)
		event_scsp(r, b);
	put_flags(r, b);
	if (r->src != 0 && r->src != r->node
	    && (row->multi || r->src != r->peer))
		sbuf_printf(b, " of %s", node_name(l->w, r->src));
	if (r->cmi != 0 && r->op != 0)
		sbuf_printf(b, " cmi %u", r->cmi);
	if (r->msn != 0 && r->op <= LOG_SCSP)
		sbuf_printf(b, " msn %u", r->msn);
	put_others(l, row, r, b);
}

/* put_set appends the names of the columns in |set| and how many others. */
static void
put_set(struct ladder *l, uint64_t set, uint32_t others, struct sbuf *b)
{
	const char *sep = "";
	size_t c, shown = 0, most = l->cols > 8 ? NAMES_FEW : NAMES_MOST;

	for (c = 0; c < l->cols; c++) {
		if (!(set >> c & 1))
			continue;
		if (shown++ >= most) {
			others++;
			continue;
		}
		sbuf_printf(b, "%s%s", sep, node_name(l->w, l->col[c]));
		sep = " ";
	}
	if (others > 0)
		sbuf_printf(b, "%s+%u", sep, others);
}

/* The other party, by name where it is one. */
static void
put_peers(struct ladder *l, const struct ladder_row *row,
    const struct log_rec *r, const char *word, struct sbuf *b)
{
	if (r->peer == 0)
		return;
	sbuf_puts(b, word);
	if (row->want == 0 && row->other_want == 1)
		sbuf_puts(b, node_name(l->w, r->peer));
	else
		put_set(l, row->want, row->other_want, b);
}

static bool
alone(const struct ladder_row *row)
{
	return row->other_got == 0 && (row->got & (row->got - 1)) == 0;
}

static void
put_vc(struct ladder *l, const struct ladder_row *row,
    const struct log_rec *r, struct sbuf *b)
{
	sbuf_puts(b, r->what != NULL ? r->what : "vc");
	if (r->use != ATM_USE_NONE)
		sbuf_printf(b, " %s", atm_use_word(r->use));
	if (alone(row))
		sbuf_printf(b, " vc %u", r->vc);
	put_peers(l, row, r, " to ", b);
	if (r->cause != 0)
		sbuf_printf(b, " cause %u", r->cause);
}

static void
put_other(struct ladder *l, const struct ladder_row *row,
    const struct log_rec *r, struct sbuf *b)
{
	if (r->kind != TRACE_FAULT)
		sbuf_puts(b, trace_kind_word((enum trace_kind)r->kind));
	if (r->what != NULL) {
		sbuf_puts(b, r->kind != TRACE_FAULT ? " " : "");
		show_escape(b, r->what, strlen(r->what));
	}
	put_peers(l, row, r, " ", b);
	if (r->cause != 0)
		sbuf_printf(b, " cause %u", r->cause);
}

static void
put_note(struct ladder *l, const struct ladder_row *row,
    const struct log_rec *r, struct sbuf *b)
{
	if (r->node == 0)
		sbuf_puts(b, "net");
	else if (row->got == 0 && row->other_got == 1)
		sbuf_puts(b, node_name(l->w, r->node));
	else
		put_set(l, row->got, row->other_got, b);
	sbuf_puts(b, ": ");
	if (r->kind == TRACE_VC)
		put_vc(l, row, r, b);
	else if (r->kind == TRACE_STATE) {
		if (r->what != NULL && r->peer != 0 && r->what[0] != 'm')
			sbuf_printf(b, "%s of %s ", r->what,
			    node_name(l->w, r->peer));
		sbuf_printf(b, "%s -> %s", r->from != NULL ? r->from : "",
		    r->to != NULL ? r->to : "");
	}
	else
		put_other(l, row, r, b);
}

static void
put_apart(const struct ladder_row *row, struct sbuf *b)
{
	if (row->apart == 0 || row->apart == -1) {
		sbuf_puts(b, ", at once");
	} else if (row->apart > 0) {
		sbuf_puts(b, ", ");
		put_span(b, row->apart);
		sbuf_puts(b, " apart");
	} else {
		sbuf_puts(b, ", in ");
		put_span(b, -1 - row->apart);
	}
}

static void
put_fold(const struct ladder_row *row, const struct log_rec *r,
    struct sbuf *b)
{
	if (row->block > 1)
		sbuf_printf(b, "%zu more times these %zu rows", row->times,
		    row->block);
	else if (r->kind == TRACE_SEND)
		sbuf_printf(b, "%zu more %s", row->times, name_op(r->op));
	else
		sbuf_printf(b, "%zu more of these", row->times);
	put_apart(row, b);
}

void
ladder_label(struct ladder *l, const struct ladder_row *row, struct sbuf *out)
{
	const struct log_rec *r = log_get(world_log(l->w), row->seq);

	switch (row->kind) {
	case LADDER_SEND:
		put_message(l, row, r, out);
		break;
	case LADDER_NOTE:
		put_note(l, row, r, out);
		break;
	case LADDER_FOLD:
		put_fold(row, r, out);
		break;
	case LADDER_HELLOS:
		sbuf_printf(out, "%zu HELLO that were heard", row->times);
		put_apart(row, out);
		break;
	case LADDER_MORE:
		sbuf_printf(out, "%zu more rows, the last at ", row->times);
		name_since(out, l->w, row->t, 3);
		break;
	}
}
