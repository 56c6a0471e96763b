/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counters, one a row and only those that are not zero: what was sent and
 * received by message type, what was dropped and why, what was asked of the
 * network.  A row that does not appear is a thing that did not happen.
 */
#include "show/show_int.h"

void
topic_stats_row(struct world *w, node_id n, const char *what, const char *name, uint64_t v,
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
		topic_stats_row(w, n, what, mars_op_word(op), v[op], t);
}

static void
by_bad(struct world *w, node_id n, const uint64_t *v, struct table *t)
{
	unsigned i;

	for (i = 0; i < MARS_BAD_COUNT; i++)
		topic_stats_row(w, n, "malformed", mars_bad_word(i), v[i], t);
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
		topic_stats_row(w, n, "drop", mars_server_drop_word(i), s->drops[i], t);
	by_bad(w, n, s->bad, t);
}

static void
client_events(struct world *w, node_id n, const struct mars_client_stats *s,
    struct table *t)
{
	topic_stats_row(w, n, "data", "sent", s->data_tx, t);
	topic_stats_row(w, n, "data", "received", s->data_rx, t);
	topic_stats_row(w, n, "uni", "L_CALL_RQ", s->call, t);
	topic_stats_row(w, n, "uni", "L_MULTI_RQ", s->setup, t);
	topic_stats_row(w, n, "uni", "L_MULTI_ADD", s->add, t);
	topic_stats_row(w, n, "uni", "L_MULTI_DROP", s->drop, t);
	topic_stats_row(w, n, "uni", "L_RELEASE", s->release, t);
	topic_stats_row(w, n, "event", "revalidation", s->revalidations, t);
	topic_stats_row(w, n, "event", "csn_jump", s->csn_jumps, t);
	topic_stats_row(w, n, "event", "mars_failure", s->failures, t);
	topic_stats_row(w, n, "event", "redirect", s->redirects, t);
	topic_stats_row(w, n, "event", "bounced", s->bounced, t);
	topic_stats_row(w, n, "event", "alarm", s->alarms, t);
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
	topic_stats_row(w, n, "tx", "JOIN with register", s->tx_reg, t);
	topic_stats_row(w, n, "tx", "LEAVE with register", s->tx_dereg, t);
	client_events(w, n, s, t);
	for (i = 0; i < MARS_CLIENT_DROP_COUNT; i++)
		topic_stats_row(w, n, "drop", mars_client_drop_word(i), s->drops[i], t);
	by_bad(w, n, s->bad, t);
}

static void
net_rows(struct world *w, struct table *t)
{
	const struct atm_net_stats *s = atm_net_stats(world_net(w));

	topic_stats_row(w, 0, "fabric", "events", s->events, t);
	topic_stats_row(w, 0, "fabric", "frames", s->frames, t);
	topic_stats_row(w, 0, "fabric", "deliveries", s->deliveries, t);
	topic_stats_row(w, 0, "fabric", "lost", s->lost, t);
	topic_stats_row(w, 0, "fabric", "failed calls", s->failed, t);
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
		switch (node_kind_of(w, n)) {
		case NODE_SERVER:
			server_rows(w, n, t);
			break;
		case NODE_CLIENT:
			client_rows(w, n, t);
			break;
		case NODE_SCSP:
			topic_scsp_stats(w, n, t);
			break;
		default:
			topic_stats_row(w, n, "port", "lost",
			    node_raw_lost(w, n), t);
		}
	}
	if (only == 0)
		net_rows(w, t);
}
