/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A MARS from inside: what it serves, its members, the host map by group, and
 * what it announces (RFC 2022 sections 5.4.3 and 6).  Everything is read again
 * on every call; nothing of an engine is kept.
 */
#include "show/show_int.h"

typedef void proto_fn(struct world *w, node_id n, const struct mars_server *s,
    unsigned proto, const struct mars_proto_info *info, struct table *t);

/* each_proto calls |fn| for every protocol of every server, or of |only|. */
static void
each_proto(struct world *w, node_id only, struct table *t, proto_fn *fn)
{
	const struct mars_server *s;
	struct mars_proto_info info;
	unsigned proto;
	node_id n;

	for (n = 1; n <= world_nodes(w); n++) {
		if (only != 0 && n != only)
			continue;
		if (node_kind_of(w, n) != NODE_SERVER
		    || (s = show_server(w, n)) == NULL)
			continue;
		for (proto = 0; mars_server_proto(s, proto, &info); proto++)
			fn(w, n, s, proto, &info, t);
	}
}

static void
put_vc(struct table *t, uint32_t vc)
{
	if (vc != 0)
		table_int(t, vc);
	else
		table_none(t);
}

/* ---- server ------------------------------------------------------------- */

static void
server_proto(struct world *w, node_id n, const struct mars_server *s,
    unsigned proto, const struct mars_proto_info *info, struct table *t)
{
	uint32_t ccvc = show_server_ccvc(w, n, info);
	struct atm_vc_info vc;
	struct sbuf b = { 0 };

	(void)s;
	(void)proto;
	table_row(t);
	table_str(t, node_name(w, n));
	table_str(t, node_state_word(node_state_of(w, n)));
	table_str(t, name_role(w, n));
	name_proto(&b, &info->pro);
	table_take(t, &b);
	table_int(t, info->members);
	table_int(t, info->groups);
	table_int(t, info->blocks);
	table_int(t, (int64_t)info->memberships);
	table_int(t, info->csn);
	put_vc(t, ccvc);
	if (show_vc(w, ccvc, &vc))
		table_int(t, vc.leaves);
	else
		table_none(t);
	table_int(t, (int64_t)mars_server_stats(s)->memory);
}

/* A MARS that serves nobody yet, or is down, still has its row. */
static void
server_bare(struct world *w, node_id n, struct table *t)
{
	table_row(t);
	table_str(t, node_name(w, n));
	table_str(t, node_state_word(node_state_of(w, n)));
	table_str(t, name_role(w, n));
}

void
topic_server(struct world *w, node_id only, struct table *t)
{
	const struct mars_server *s;
	struct mars_proto_info info;
	node_id n;

	table_col(t, "server", false);
	table_col(t, "state", false);
	table_col(t, "role", false);
	table_col(t, "proto", false);
	table_col(t, "members", true);
	table_col(t, "groups", true);
	table_col(t, "blocks", true);
	table_col(t, "memberships", true);
	table_col(t, "csn", true);
	table_col(t, "ccvc", true);
	table_col(t, "leaves", true);
	table_col(t, "octets", true);
	for (n = 1; n <= world_nodes(w); n++) {
		if (node_kind_of(w, n) != NODE_SERVER
		    || (only != 0 && n != only))
			continue;
		s = show_server(w, n);
		if (s == NULL || !mars_server_proto(s, 0, &info))
			server_bare(w, n, t);
		else
			each_proto(w, n, t, server_proto);
	}
}

/* ---- members ------------------------------------------------------------ */

static const char *
leaf_word(enum mars_leaf_state s)
{
	static const char *const words[] = { "none", "adding", "up",
		"waiting", "far" };

	return words[s];
}

static void
members_proto(struct world *w, node_id n, const struct mars_server *s,
    unsigned proto, const struct mars_proto_info *info, struct table *t)
{
	struct mars_member_info m;
	unsigned cmi;
	struct sbuf b = { 0 };

	(void)info;
	for (cmi = 0; mars_server_next_member(s, proto, cmi, &m);
	    cmi = m.cmi + 1u) {
		table_row(t);
		table_str(t, node_name(w, n));
		table_int(t, m.cmi);
		name_addr(&b, w, &m.addr);
		table_take(t, &b);
		if (m.spa.len > 0)
			name_l3(&b, &m.spa);
		table_take(t, &b);
		table_str(t, leaf_word(m.leaf));
		put_vc(t, m.vc != 0 ? node_ref_vc(w, n, m.vc) : 0);
		table_int(t, m.groups);
		table_int(t, m.blocks);
	}
}

void
topic_members(struct world *w, node_id only, struct table *t)
{
	table_col(t, "server", false);
	table_col(t, "cmi", true);
	table_col(t, "member", false);
	table_col(t, "ip", false);
	table_col(t, "ccvc", false);
	table_col(t, "vc", true);
	table_col(t, "groups", true);
	table_col(t, "blocks", true);
	each_proto(w, only, t, members_proto);
}

/* ---- groups ------------------------------------------------------------- */

/* Names of the members of |g|, by single or block join, as sections 5.1.1
 * and 6.1.1 would answer; the first few are enough. */
static unsigned
put_members(struct world *w, const struct mars_server *s, unsigned proto,
    const struct l3_addr *g, struct sbuf *b)
{
	struct mars_member_info m;
	unsigned cmi = 0, n = 0;

	while ((cmi = mars_server_group_next(s, proto, g, cmi)) != 0) {
		if (n < NAMES_SHOWN
		    && mars_server_next_member(s, proto, cmi, &m)
		    && m.cmi == cmi) {
			if (n > 0)
				sbuf_puts(b, " ");
			name_addr(b, w, &m.addr);
		}
		n++;
		cmi++;
	}
	if (n > NAMES_SHOWN)
		sbuf_printf(b, " +%u", n - NAMES_SHOWN);
	return n;
}

static void
groups_proto(struct world *w, node_id n, const struct mars_server *s,
    unsigned proto, const struct mars_proto_info *info, struct table *t)
{
	struct l3_addr after;
	struct mars_group_info g;
	struct mars_block_info k;
	struct l3_range last;
	struct sbuf b = { 0 }, names = { 0 };
	size_t i;

	(void)info;
	for (i = 0; mars_server_next_group(s, proto, i > 0 ? &after : NULL, &g);
	    i++) {
		after = g.group;
		table_row(t);
		table_str(t, node_name(w, n));
		name_l3(&b, &g.group);
		table_take(t, &b);
		table_str(t, "group");
		table_int(t, put_members(w, s, proto, &g.group, &names));
		table_int(t, g.layer3);
		table_take(t, &names);
	}
	for (i = 0; mars_server_next_block(s, proto, i > 0 ? &last : NULL, &k);
	    i++) {
		last = k.range;
		table_row(t);
		table_str(t, node_name(w, n));
		name_range(&b, &k.range);
		table_take(t, &b);
		table_str(t, "block");
		table_int(t, k.members);
	}
}

void
topic_groups(struct world *w, node_id only, struct table *t)
{
	table_col(t, "server", false);
	table_col(t, "group", false);
	table_col(t, "kind", false);
	table_col(t, "members", true);
	table_col(t, "layer3", true);
	table_col(t, "names", false);
	each_proto(w, only, t, groups_proto);
}

/* ---- cache -------------------------------------------------------------- */

static void
cache_proto(struct world *w, node_id n, const struct mars_server *s,
    unsigned proto, const struct mars_proto_info *info, struct table *t)
{
	struct l3_addr after;
	struct mars_group_info g;
	struct mars_member_info m;
	struct sbuf b = { 0 };
	unsigned cmi;
	size_t i;

	(void)info;
	for (i = 0; mars_server_next_group(s, proto, i > 0 ? &after : NULL, &g);
	    i++) {
		after = g.group;
		for (cmi = 0; (cmi = mars_server_group_next(s, proto, &g.group,
				   cmi)) != 0; cmi++) {
			table_row(t);
			table_str(t, node_name(w, n));
			name_l3(&b, &g.group);
			table_take(t, &b);
			table_int(t, cmi);
			if (mars_server_next_member(s, proto, cmi, &m))
				name_addr(&b, w, &m.addr);
			table_take(t, &b);
		}
	}
}

static bool
has_mars(struct world *w)
{
	node_id n;

	for (n = 1; n <= world_nodes(w); n++)
		if (node_kind_of(w, n) == NODE_SERVER)
			return true;
	return false;
}

/* Of all: the MARSs, or where there is none, the SCSP servers. */
void
topic_cache(struct world *w, node_id only, struct table *t)
{
	if (only != 0 ? node_kind_of(w, only) == NODE_SCSP : !has_mars(w)) {
		topic_scsp_cache(w, only, t);
		return;
	}
	table_col(t, "server", false);
	table_col(t, "group", false);
	table_col(t, "cmi", true);
	table_col(t, "member", false);
	each_proto(w, only, t, cache_proto);
}

/* ---- map ---------------------------------------------------------------- */

void
topic_map(struct world *w, node_id only, struct table *t)
{
	const struct mars_server *s;
	const struct mars_client *c;
	const struct atm_addr *list;
	struct sbuf b = { 0 };
	size_t list_n;
	bool hard;
	node_id n;

	table_col(t, "node", false);
	table_col(t, "kind", false);
	table_col(t, "hard", false);
	table_col(t, "list", false);
	for (n = 1; n <= world_nodes(w); n++) {
		if (only != 0 && n != only)
			continue;
		table_row(t);
		table_str(t, node_name(w, n));
		table_str(t, node_kind_word(node_kind_of(w, n)));
		if ((s = show_server(w, n)) != NULL) {
			list = mars_server_list(s, &list_n, &hard);
			table_bool(t, hard);
		} else if ((c = show_client(w, n)) != NULL) {
			list = mars_client_list(c, &list_n);
			table_none(t);
		} else
			continue;
		name_addrs(&b, w, list, list_n);
		table_take(t, &b);
	}
}
