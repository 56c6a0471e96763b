/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counters, one a row and only those that are not zero: what was sent and
 * received by message type, what was dropped and why, what was asked of the
 * network.  A row that does not appear is a thing that did not happen.
 */
#include "show/show_int.h"

static void
row(struct world *w, node_id n, const char *what, const char *name, uint64_t v,
    struct table *t)
{
	if (v == 0)
		return;
	table_row(t);
	table_str(t, event_node(w, n));
	table_str(t, what);
	table_str(t, name);
	table_int(t, (int64_t)v);
}

static void
by_op(struct world *w, node_id n, const char *what, const uint64_t *v,
    struct table *t)
{
	unsigned op;

	for (op = 0; op < MARS_OP_COUNT; op++)
		row(w, n, what, mars_op_word(op), v[op], t);
}

static void
by_bad(struct world *w, node_id n, const uint64_t *v, struct table *t)
{
	unsigned i;

	for (i = 0; i < MARS_BAD_COUNT; i++)
		row(w, n, "malformed", mars_bad_word(i), v[i], t);
}

static void
server_rows(struct world *w, node_id n, struct table *t)
{
	const struct mars_server_stats *s;
	unsigned i;

	if (node_server(w, n) == NULL)
		return;
	s = mars_server_stats(node_server(w, n));
	by_op(w, n, "rx", s->rx, t);
	by_op(w, n, "tx private", s->priv, t);
	by_op(w, n, "tx ccvc", s->ccvc, t);
	by_op(w, n, "tx scvc", s->scvc, t);
	for (i = 0; i < MARS_SERVER_DROP_COUNT; i++)
		row(w, n, "drop", mars_server_drop_word(i), s->drops[i], t);
	by_bad(w, n, s->bad, t);
}

static void
client_events(struct world *w, node_id n, const struct mars_client_stats *s,
    struct table *t)
{
	row(w, n, "data", "sent", s->data_tx, t);
	row(w, n, "data", "received", s->data_rx, t);
	row(w, n, "uni", "L_CALL_RQ", s->call, t);
	row(w, n, "uni", "L_MULTI_RQ", s->setup, t);
	row(w, n, "uni", "L_MULTI_ADD", s->add, t);
	row(w, n, "uni", "L_MULTI_DROP", s->drop, t);
	row(w, n, "uni", "L_RELEASE", s->release, t);
	row(w, n, "event", "revalidation", s->revalidations, t);
	row(w, n, "event", "csn_jump", s->csn_jumps, t);
	row(w, n, "event", "mars_failure", s->failures, t);
	row(w, n, "event", "redirect", s->redirects, t);
	row(w, n, "event", "bounced", s->bounced, t);
	row(w, n, "event", "alarm", s->alarms, t);
}

static void
client_rows(struct world *w, node_id n, struct table *t)
{
	const struct mars_client_stats *s;
	unsigned i;

	if (node_client(w, n) == NULL)
		return;
	s = mars_client_stats(node_client(w, n));
	by_op(w, n, "rx", s->rx, t);
	by_op(w, n, "tx", s->tx, t);
	row(w, n, "tx", "JOIN with register", s->tx_reg, t);
	row(w, n, "tx", "LEAVE with register", s->tx_dereg, t);
	client_events(w, n, s, t);
	for (i = 0; i < MARS_CLIENT_DROP_COUNT; i++)
		row(w, n, "drop", mars_client_drop_word(i), s->drops[i], t);
	by_bad(w, n, s->bad, t);
}

static void
net_rows(struct world *w, struct table *t)
{
	const struct atm_net_stats *s = atm_net_stats(world_net(w));

	row(w, 0, "fabric", "events", s->events, t);
	row(w, 0, "fabric", "frames", s->frames, t);
	row(w, 0, "fabric", "deliveries", s->deliveries, t);
	row(w, 0, "fabric", "lost", s->lost, t);
	row(w, 0, "fabric", "failed calls", s->failed, t);
}

void
topic_stats(struct world *w, node_id only, struct table *t)
{
	node_id n;

	table_col(t, "node", false);
	table_col(t, "what", false);
	table_col(t, "name", false);
	table_col(t, "count", true);
	for (n = 1; n <= world_nodes(w); n++) {
		if (only != 0 && n != only)
			continue;
		if (node_kind_of(w, n) == NODE_SERVER)
			server_rows(w, n, t);
		else
			client_rows(w, n, t);
	}
	if (only == 0)
		net_rows(w, t);
}
