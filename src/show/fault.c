/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A fault in words, as the command that makes it is typed.
 */
#include "show/show_int.h"

#define OP_DATA 255
#define SIDES 4 /* as many as a command can name */

static void
put_sides(struct world *w, const struct fault_info *f, struct sbuf *out)
{
	size_t i, n;

	for (unsigned side = 1; side <= SIDES; side++) {
		for (i = n = 0; i < f->side_n; i++) {
			if (f->side[i] != side)
				continue;
			if (n++ == 0 && side > 1)
				sbuf_puts(out, " /");
			if (n <= NAMES_SHOWN)
				sbuf_printf(out, " %s",
				    node_name(w, (node_id)i + 1));
		}
		if (n > NAMES_SHOWN)
			sbuf_printf(out, " +%zu", n - NAMES_SHOWN);
	}
}

/* Which frames, and how many of them. */
static void
put_frames(struct world *w, const struct fault_info *f, struct sbuf *out)
{
	sbuf_printf(out, " %s", f->op == 0 ? "ANY" : f->op == OP_DATA ? "DATA"
	    : name_op(f->op));
	if (f->a != 0)
		sbuf_printf(out, " from %s", node_name(w, f->a));
	if (f->b != 0)
		sbuf_printf(out, " to %s", node_name(w, f->b));
	if (f->next > 0)
		sbuf_printf(out, " next %llu", (unsigned long long)f->next);
	if (f->p > 0 && f->p < 1)
		sbuf_printf(out, " p %g", f->p);
	if (f->by.us > 0)
		sbuf_printf(out, " by %g s", (double)f->by.us / 1e6);
}

void
show_fault(struct world *w, const struct fault_info *f, struct sbuf *out)
{
	sbuf_puts(out, f->kind);
	if (f->p > 0 || f->by.us > 0) {
		put_frames(w, f, out);
		return;
	}
	if (f->a != 0)
		sbuf_printf(out, " %s", node_name(w, f->a));
	if (f->b != 0)
		sbuf_printf(out, " %s", node_name(w, f->b));
	if (f->cause != 0)
		sbuf_printf(out, " cause %u", f->cause);
	put_sides(w, f, out);
}
