/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What belongs to no one node: VCs, events, flows, faults and the clock.
 * Points in time are seconds since the world's start, spans are seconds.
 */
#include "show/show_int.h"

/* ---- vcs ---------------------------------------------------------------- */

static bool
concerns(struct world *w, const struct atm_vc_info *vc, node_id n)
{
	struct atm_leaf leaf;
	size_t i;

	if (n == 0 || node_of_port(w, vc->root) == n)
		return true;
	for (i = 0; atm_net_vc_leaf(world_net(w), vc->id, i, &leaf); i++)
		if (node_of_leaf(w, &leaf) == n)
			return true;
	return false;
}

void
topic_vcs(struct world *w, node_id only, struct table *t)
{
	bool kernel = world_sim(w) == NULL;
	struct atm_vc_info vc;
	struct sbuf b = { 0 };
	uint32_t id = 0;

	table_col(t, "vc", true);
	if (kernel)
		table_col(t, "vpi.vci", true);
	table_col(t, "use", false);
	table_col(t, "root", false);
	table_col(t, "leaves", true);
	table_col(t, "names", false);
	table_col(t, "age", true);
	table_col(t, "frames", true);
	table_col(t, "octets", true);
	while (atm_net_next_vc(world_net(w), id, &vc)) {
		id = vc.id;
		if (!concerns(w, &vc, only))
			continue;
		table_row(t);
		table_int(t, vc.id);
		if (kernel)
			table_strf(t, "%u.%u", vc.vpi, vc.vci);
		table_str(t, atm_use_word(vc.use));
		table_str(t, node_name(w, node_of_port(w, vc.root)));
		table_int(t, vc.leaves);
		name_leaves(&b, w, vc.id, NAMES_SHOWN);
		table_take(t, &b);
		table_sec(t, mtime_sub(world_now(w), vc.opened), 3);
		table_int(t, (int64_t)vc.frames);
		table_int(t, (int64_t)vc.octets);
	}
}

/* ---- time --------------------------------------------------------------- */

static void
count_nodes(struct world *w, uint32_t *servers, uint32_t *clients)
{
	node_id n;

	*servers = *clients = 0;
	for (n = 1; n <= world_nodes(w); n++) {
		*servers += node_kind_of(w, n) == NODE_SERVER;
		*clients += node_kind_of(w, n) == NODE_CLIENT;
	}
}

static int64_t
count_vcs(struct world *w)
{
	struct atm_vc_info vc;
	uint32_t id = 0;
	int64_t n = 0;

	while (atm_net_next_vc(world_net(w), id, &vc)) {
		id = vc.id;
		n++;
	}
	return n;
}

void
topic_time(struct world *w, node_id only, struct table *t)
{
	static const char *const names[] = { "now", "events", "records",
		"seed", "servers", "clients", "vcs", "frames", "deliveries",
		"lost" };
	const struct atm_net_stats *s = atm_net_stats(world_net(w));
	uint32_t servers, clients;
	size_t i;

	(void)only;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		table_col(t, names[i], true);
	table_col(t, "hash", false);
	count_nodes(w, &servers, &clients);
	table_row(t);
	table_sec(t, mtime_sub(world_now(w), world_start(w)), 6);
	table_int(t, (int64_t)world_events(w));
	table_int(t, (int64_t)log_last(world_log(w)));
	if (world_seed(w) <= INT64_MAX)
		table_int(t, (int64_t)world_seed(w));
	else /* more than JSON's readers hold in a number */
		table_strf(t, "%llu", (unsigned long long)world_seed(w));
	table_int(t, servers);
	table_int(t, clients);
	table_int(t, count_vcs(w));
	table_int(t, (int64_t)s->frames);
	table_int(t, (int64_t)s->deliveries);
	table_int(t, (int64_t)s->lost);
	table_strf(t, "%016llx",
	    (unsigned long long)log_hash(world_log(w)));
}

/* ---- faults ------------------------------------------------------------- */

static void
put_node(struct world *w, struct table *t, node_id n)
{
	table_str(t, n != 0 ? node_name(w, n) : NULL);
}

void
topic_faults(struct world *w, node_id only, struct table *t)
{
	struct fault_info f = { 0 };
	struct sbuf b = { 0 };

	(void)only;
	table_col(t, "fault", true);
	table_col(t, "since", true);
	table_col(t, "hits", true);
	table_col(t, "what", false);
	while (world_next_fault(w, f.id, &f)) {
		table_row(t);
		table_int(t, f.id);
		table_sec(t, mtime_sub(f.since, world_start(w)), 3);
		table_int(t, (int64_t)f.hits);
		show_fault(w, &f, &b);
		table_take(t, &b);
	}
}

/* ---- flows -------------------------------------------------------------- */

static void
flow_cells(struct world *w, const struct flow_info *f, node_id to,
    struct table *t)
{
	struct sbuf b = { 0 };

	table_row(t);
	table_int(t, f->id);
	table_str(t, node_name(w, f->from));
	name_l3(&b, &f->group);
	table_take(t, &b);
	put_node(w, t, to);
	table_num(t, f->pps);
	table_int(t, (int64_t)f->sent);
	table_int(t, (int64_t)f->expected);
	table_int(t, (int64_t)f->received);
	table_int(t, (int64_t)f->lost);
	table_int(t, (int64_t)f->dup);
	table_int(t, (int64_t)f->refl);
}

/* One flow in detail: the counts of each receiver below their sum. */
static void
flow_receivers(struct world *w, struct flow_info f, struct table *t)
{
	struct flow_rx_info rx;
	size_t i;

	for (i = 0; flow_rx(w, f.id, i, &rx); i++) {
		f.expected = rx.expected;
		f.received = rx.received;
		f.lost = rx.lost;
		f.dup = rx.dup;
		f.refl = rx.refl;
		flow_cells(w, &f, rx.to, t);
	}
}

void
topic_flows(struct world *w, node_id only, struct table *t)
{
	struct flow_info f;
	flow_id id;

	table_col(t, "flow", true);
	table_col(t, "from", false);
	table_col(t, "group", false);
	table_col(t, "to", false);
	table_col(t, "pps", true);
	table_col(t, "sent", true);
	table_col(t, "expected", true);
	table_col(t, "received", true);
	table_col(t, "lost", true);
	table_col(t, "dup", true);
	table_col(t, "refl", true);
	for (id = 1; id <= world_flows(w); id++) {
		if (!flow_get(w, id, &f) || (only != 0 && f.from != only))
			continue;
		flow_cells(w, &f, 0, t);
		if (only != 0)
			flow_receivers(w, f, t);
	}
}

/* ---- events ------------------------------------------------------------- */

static void
event_row(struct vcmap *m, const struct log_rec *r, struct table *t)
{
	struct event_vc vc;
	struct sbuf b = { 0 };

	vcmap_event(m, r, &vc);
	table_row(t);
	table_int(t, (int64_t)r->seq);
	table_sec(t, mtime_sub(r->t, world_start(m->w)), 6);
	table_str(t, event_node(m->w, r->node));
	table_str(t, trace_kind_word((enum trace_kind)r->kind));
	event_detail(m->w, r, &vc, &b);
	if (b.len > 0) /* it starts with a blank */
		table_str(t, b.s + 1);
	sbuf_free(&b);
}

/* first_of returns the seq from which |newest| records of |n| are left. */
static uint64_t
first_of(struct log *l, node_id n, uint64_t newest)
{
	const struct log_rec *r;
	uint64_t seq, skip = 0;

	for (seq = log_first(l); (r = log_get(l, seq)) != NULL;
	    seq = r->seq + 1)
		skip += n == 0 || r->node == n;
	if (skip <= newest)
		return 0;
	skip -= newest;
	for (seq = log_first(l); (r = log_get(l, seq)) != NULL && skip > 0;
	    seq = r->seq + 1)
		skip -= n == 0 || r->node == n;
	return seq;
}

void
topic_events(struct world *w, node_id only, uint64_t newest, struct table *t)
{
	struct log *l = world_log(w);
	uint64_t seq, first = first_of(l, only, newest);
	const struct log_rec *r;
	struct vcmap m;

	table_col(t, "seq", true);
	table_col(t, "t", true);
	table_col(t, "node", false);
	table_col(t, "kind", false);
	table_col(t, "event", false);
	vcmap_init(&m, w);
	for (seq = log_first(l); (r = log_get(l, seq)) != NULL;
	    seq = r->seq + 1) {
		vcmap_feed(&m, r);
		if (r->seq >= first && (only == 0 || r->node == only))
			event_row(&m, r, t);
	}
	vcmap_free(&m);
}
