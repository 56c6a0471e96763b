/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What stands below the picture of a topology: who sends to whom, which SCSP
 * servers are linked and how far they are, and what is broken.
 */
#include "show/draw_int.h"

#define SENDERS 16  /* data VCs in the list */
#define LINKS 32
#define FAULTS 8

static void
put_sender(struct world *w, node_id n, const struct mars_path_info *p,
    int width, struct sbuf *out, bool utf8)
{
	uint32_t vc = node_ref_vc(w, n, p->vc);
	size_t before;

	sbuf_printf(out, "  %-*s %s ", width, node_name(w, n),
	    utf8 ? "\xe2\x95\x90\xe2\x95\x90" : "==");
	name_l3(out, &p->group);
	sbuf_printf(out, " %s ",
	    utf8 ? "\xe2\x95\x90\xe2\x95\x90\xe2\x96\xb6" : "==>");
	before = out->len;
	if (vc == 0)
		sbuf_puts(out, mars_path_state_word(p->state));
	else
		name_leaves(out, w, vc, NAMES_SHOWN / 2);
	if (out->len == before)
		sbuf_puts(out, "nobody");
	sbuf_puts(out, "\n");
}

void
draw_senders(struct world *w, struct sbuf *out, bool utf8)
{
	struct mars_path_info p;
	const struct mars_client *c;
	struct l3_addr after;
	size_t i, shown = 0, more = 0;
	node_id n;

	for (n = 1; n <= world_nodes(w); n++) {
		if (node_kind_of(w, n) != NODE_CLIENT
		    || (c = show_client(w, n)) == NULL)
			continue;
		for (i = 0; mars_client_next_path(c, i ? &after : NULL, &p);
		    i++) {
			after = p.group;
			if (shown == SENDERS) {
				more++;
				continue;
			}
			if (shown++ == 0)
				sbuf_puts(out, "data\n");
			put_sender(w, n, &p, 4, out, utf8);
		}
	}
	if (more > 0)
		sbuf_printf(out, "  %zu more: show paths\n", more);
}

void
draw_faults(struct world *w, struct sbuf *out)
{
	struct fault_info f = { 0 };
	size_t n = 0;

	while (world_next_fault(w, f.id, &f) && n++ < FAULTS) {
		sbuf_printf(out, "%s %u ", n == 1 ? "faults\n " : " ", f.id);
		show_fault(w, &f, out);
		sbuf_puts(out, " since ");
		name_since(out, w, f.since, 3);
		sbuf_puts(out, "\n");
	}
	if (n > FAULTS)
		sbuf_puts(out, "  more: show faults\n");
}

/* ---- SCSP ------------------------------------------------------------------ */

/* Both ends agree, or each says what it sees. */
static void
put_link(struct world *w, node_id a, const struct scsp_dcs_info *d,
    const struct scsp_dcs_info *back, struct sbuf *out, bool utf8)
{
	sbuf_printf(out, "  %s %s ", node_name(w, a),
	    utf8 ? "\xe2\x94\x80\xe2\x94\x80" : "--");
	name_addr(out, w, &d->addr);
	sbuf_printf(out, "  %s", d->hfsm != SCSP_HELLO_BIDIRECTIONAL
	    ? scsp_hfsm_word(d->hfsm) : scsp_cafsm_word(d->cafsm));
	if (back != NULL && (back->cafsm != d->cafsm || (d->cafsm
	    == SCSP_CA_DOWN && back->hfsm != d->hfsm)))
		sbuf_printf(out, " / %s",
		    back->hfsm != SCSP_HELLO_BIDIRECTIONAL
			? scsp_hfsm_word(back->hfsm)
			: scsp_cafsm_word(back->cafsm));
	if (d->queue > 0)
		sbuf_printf(out, "  %zu not acknowledged", d->queue);
	sbuf_puts(out, "\n");
}

static size_t
links_of(struct world *w, node_id n, size_t shown, struct sbuf *out, bool utf8)
{
	const struct scsp *s = show_scsp(w, n);
	struct scsp_dcs_info d, back;
	node_id other;
	bool both;

	for (unsigned i = 0; s != NULL && scsp_dcs(s, 0, i, &d); i++) {
		other = world_find_addr(w, &d.addr);
		both = node_scsp_find(w, other, node_addr(w, n), &back);
		if (both && other < n)
			continue;
		if (shown++ == 0)
			sbuf_puts(out, "scsp\n");
		if (shown <= LINKS)
			put_link(w, n, &d, both ? &back : NULL, out, utf8);
	}
	return shown;
}

void
draw_links(struct world *w, struct sbuf *out, bool utf8)
{
	size_t shown = 0;
	node_id n;

	for (n = 1; n <= world_nodes(w); n++)
		if (node_kind_of(w, n) == NODE_SCSP)
			shown = links_of(w, n, shown, out, utf8);
	if (shown > LINKS)
		sbuf_printf(out, "  %zu more: show scsp\n", shown - LINKS);
}
