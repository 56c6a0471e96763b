/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A cluster member from inside: where it stands with its MARS (RFC 2022
 * section 5.4), and the path it has to each group it sends to (5.1).
 */
#include "show/show_int.h"

static void
put_num(struct table *t, uint64_t v)
{
	if (v != 0)
		table_int(t, (int64_t)v);
	else
		table_none(t);
}

static void
client_row(struct world *w, node_id n, struct table *t)
{
	const struct mars_client *c = show_client(w, n);
	struct mars_client_info info;
	struct sbuf b = { 0 };
	const struct atm_addr *list;
	size_t list_n;

	table_row(t);
	table_str(t, node_name(w, n));
	table_str(t, node_state_word(node_state_of(w, n)));
	table_str(t, name_role(w, n));
	if (c == NULL)
		return;
	mars_client_info(c, &info);
	if (info.mars.tl != 0)
		name_addr(&b, w, &info.mars);
	table_take(t, &b);
	put_num(t, info.cmi);
	table_int(t, info.hsn);
	put_num(t, node_ref_vc(w, n, info.mars_vc));
	put_num(t, node_ref_vc(w, n, info.ccvc));
	if (info.rereg.us != 0)
		table_sec(t, info.rereg, 3);
	else
		table_none(t);
	if (mtime_is_never(info.failed_at)) {
		table_none(t);
		table_none(t);
	} else {
		table_sec(t, mtime_sub(world_now(w), info.failed_at), 3);
		table_int(t, info.attempts);
	}
	name_joined(&b, c, NAMES_SHOWN);
	table_take(t, &b);
	list = mars_client_list(c, &list_n);
	name_addrs(&b, w, list, list_n);
	table_take(t, &b);
}

void
topic_client(struct world *w, node_id only, struct table *t)
{
	node_id n;

	table_col(t, "client", false);
	table_col(t, "state", false);
	table_col(t, "role", false);
	table_col(t, "mars", false);
	table_col(t, "cmi", true);
	table_col(t, "hsn", true);
	table_col(t, "mars_vc", true);
	table_col(t, "ccvc", true);
	table_col(t, "rereg", true);
	table_col(t, "outage", true);
	table_col(t, "attempts", true);
	table_col(t, "groups", false);
	table_col(t, "list", false);
	for (n = 1; n <= world_nodes(w); n++)
		if (node_kind_of(w, n) == NODE_CLIENT
		    && (only == 0 || n == only))
			client_row(w, n, t);
}

/* Leaves by name; one that is not connected yet has a question mark. */
static void
put_leaves(struct world *w, const struct mars_client *c,
    const struct l3_addr *g, struct sbuf *b)
{
	enum mars_cleaf_state state;
	struct atm_addr a;
	size_t i;

	for (i = 0; mars_client_leaf(c, g, i, &a, &state); i++) {
		if (i >= NAMES_SHOWN)
			continue;
		if (i > 0)
			sbuf_puts(b, " ");
		name_addr(b, w, &a);
		if (state != MARS_CLEAF_UP)
			sbuf_puts(b, "?");
	}
	if (i > NAMES_SHOWN)
		sbuf_printf(b, " +%zu", i - NAMES_SHOWN);
}

static void
path_rows(struct world *w, node_id n, struct table *t)
{
	const struct mars_client *c = show_client(w, n);
	struct mars_path_info p;
	struct l3_addr after;
	struct sbuf b = { 0 };
	size_t i;

	if (c == NULL)
		return;
	for (i = 0; mars_client_next_path(c, i > 0 ? &after : NULL, &p); i++) {
		after = p.group;
		table_row(t);
		table_str(t, node_name(w, n));
		name_l3(&b, &p.group);
		table_take(t, &b);
		table_str(t, mars_path_state_word(p.state));
		put_num(t, node_ref_vc(w, n, p.vc));
		table_int(t, p.leaves);
		table_int(t, p.wanted);
		table_int(t, p.packets);
		table_str(t, p.revalidating ? "running"
			: p.revalidate	    ? "due"
					    : NULL);
		put_leaves(w, c, &p.group, &b);
		table_take(t, &b);
	}
}

void
topic_paths(struct world *w, node_id only, struct table *t)
{
	node_id n;

	table_col(t, "client", false);
	table_col(t, "group", false);
	table_col(t, "path", false);
	table_col(t, "vc", true);
	table_col(t, "leaves", true);
	table_col(t, "wanted", true);
	table_col(t, "packets", true);
	table_col(t, "revalidation", false);
	table_col(t, "names", false);
	for (n = 1; n <= world_nodes(w); n++)
		if (node_kind_of(w, n) == NODE_CLIENT
		    && (only == 0 || n == only))
			path_rows(w, n, t);
}
