/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The whole cluster in one screen.  One table holds both kinds of nodes, so
 * that the sequence numbers of a MARS and its members (CSN and HSN, RFC 2022
 * section 5.1.4) stand below each other and a laggard is seen at once.
 */
#include "show/show_int.h"

#define GROUPS_SHOWN 3

static void
server_cells(struct world *w, node_id n, struct table *t)
{
	const struct mars_server *s = show_server(w, n);
	struct mars_proto_info sum;
	struct sbuf b = { 0 };
	const struct atm_addr *list;
	size_t list_n;
	bool hard;

	table_none(t); /* mars */
	if (s == NULL)
		return;
	show_server_sum(s, &sum);
	table_int(t, sum.members);
	table_none(t); /* cmi */
	table_int(t, sum.csn);
	if (sum.blocks > 0)
		table_strf(t, "%u and %u block%s", sum.groups, sum.blocks,
		    sum.blocks == 1 ? "" : "s");
	else
		table_int(t, sum.groups);
	table_none(t); /* paths */
	list = mars_server_list(s, &list_n, &hard);
	name_addrs(&b, w, list, list_n);
	if (hard)
		sbuf_puts(&b, " (hard)");
	table_take(t, &b);
}

/* Paths as up/all, and the number of those being set up is the difference. */
static void
put_paths(const struct mars_client *c, struct table *t)
{
	struct mars_path_info p;
	struct l3_addr after;
	unsigned all = 0, up = 0;

	while (mars_client_next_path(c, all > 0 ? &after : NULL, &p)) {
		after = p.group;
		all++;
		up += p.state == MARS_PATH_UP;
	}
	if (all == up)
		table_int(t, all);
	else
		table_strf(t, "%u/%u", up, all);
}

static void
client_cells(struct world *w, node_id n, struct table *t)
{
	const struct mars_client *c = show_client(w, n);
	struct mars_client_info info;
	struct sbuf b = { 0 };
	const struct atm_addr *list;
	size_t list_n;

	if (c == NULL)
		return;
	mars_client_info(c, &info);
	if (info.mars.tl != 0)
		name_addr(&b, w, &info.mars);
	table_take(t, &b);
	table_none(t); /* members */
	if (info.cmi != 0)
		table_int(t, info.cmi);
	else
		table_none(t);
	table_int(t, info.hsn);
	name_joined(&b, c, GROUPS_SHOWN);
	table_take(t, &b);
	put_paths(c, t);
	list = mars_client_list(c, &list_n);
	name_addrs(&b, w, list, list_n);
	table_take(t, &b);
}

/* Of the columns it has only a list: the servers it aligns with. */
static void
scsp_cells(struct world *w, node_id n, struct table *t)
{
	const struct scsp *s = show_scsp(w, n);
	struct scsp_dcs_info d;
	struct sbuf b = { 0 };
	unsigned i;

	for (i = 0; i < 6; i++) /* mars to paths */
		table_none(t);
	for (i = 0; s != NULL && scsp_dcs(s, 0, i, &d); i++) {
		if (i > 0)
			sbuf_puts(&b, " ");
		name_addr(&b, w, &d.addr);
	}
	table_take(t, &b);
}

static void
cluster_row(struct world *w, node_id n, struct table *t)
{
	table_row(t);
	table_str(t, node_name(w, n));
	table_str(t, node_kind_word(node_kind_of(w, n)));
	table_str(t, node_state_word(node_state_of(w, n)));
	table_str(t, name_role(w, n));
	switch (node_kind_of(w, n)) {
	case NODE_SERVER:
		server_cells(w, n, t);
		break;
	case NODE_CLIENT:
		client_cells(w, n, t);
		break;
	case NODE_SCSP:
		scsp_cells(w, n, t);
		break;
	default:
		break;
	}
}

void
topic_cluster(struct world *w, node_id only, struct table *t)
{
	enum node_kind kind;
	node_id n;

	table_col(t, "node", false);
	table_col(t, "kind", false);
	table_col(t, "state", false);
	table_col(t, "role", false);
	table_col(t, "mars", false);
	table_col(t, "members", true);
	table_col(t, "cmi", true);
	table_col(t, "seq", true);
	table_col(t, "groups", false);
	table_col(t, "paths", false);
	table_col(t, "list", false);
	for (kind = NODE_SERVER; kind < NODE_KIND_COUNT; kind++)
		for (n = 1; n <= world_nodes(w); n++)
			if (node_kind_of(w, n) == kind
			    && (only == 0 || n == only))
				cluster_row(w, n, t);
}

void
topic_topology(struct world *w, node_id only, struct table *t)
{
	uint32_t rooted, ended;
	char text[ATM_TEXT_MAX];
	struct sbuf b = { 0 };
	node_id n;

	table_col(t, "node", false);
	table_col(t, "kind", false);
	table_col(t, "state", false);
	table_col(t, "port", true);
	table_col(t, "roots", true);
	table_col(t, "leaf_of", true);
	table_col(t, "ip", false);
	table_col(t, "atm", false);
	for (n = 1; n <= world_nodes(w); n++) {
		if (only != 0 && n != only)
			continue;
		atm_net_port_vcs(world_net(w), node_port(w, n), &rooted,
		    &ended);
		table_row(t);
		table_str(t, node_name(w, n));
		table_str(t, node_kind_word(node_kind_of(w, n)));
		table_str(t, node_state_word(node_state_of(w, n)));
		table_int(t, node_port(w, n));
		table_int(t, rooted);
		table_int(t, ended);
		if (node_spa(w, n)->len > 0)
			name_l3(&b, node_spa(w, n));
		table_take(t, &b);
		table_str(t, atm_addr_format(node_addr(w, n), text));
	}
}
