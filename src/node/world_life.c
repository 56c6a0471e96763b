/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Machines: a crash takes a node off the network at once; a warm restart keeps
 * the tables of a MARS or an SCSP server, a cold one and every client's begin
 * anew.  A restarted client joins again what its user had joined: the user is
 * the memory (RFC 2022 section 5.4.1).
 */
#include "marsh/base/err.h"
#include "node/world_int.h"

struct node *
world_up(struct world *w, node_id id, enum node_kind kind, int *rv)
{
	struct node *n;

	*rv = MARSH_ENOENT;
	if (!world_valid(w, id))
		return NULL;
	n = world_node(w, id);
	*rv = MARSH_EINVAL;
	if (n->kind != kind)
		return NULL;
	*rv = MARSH_EDEAD;
	if (n->state != NODE_UP)
		return NULL;
	*rv = 0;
	return n;
}

static void
set_state(struct world *w, struct node *n, enum node_state state,
    const char *what)
{
	n->state = state;
	n->armed = MTIME_NEVER;
	atm_net_timer(w->net, n->port, MTIME_NEVER);
	w->joined_version++;
	world_note(w, TRACE_FAULT, n->id, what, 0);
}

int
node_kill(struct world *w, node_id id)
{
	struct node *n;

	if (!world_valid(w, id))
		return MARSH_ENOENT;
	n = world_node(w, id);
	if (n->state == NODE_DEAD || n->state == NODE_STOPPED)
		return MARSH_EDEAD;
	set_state(w, n, NODE_DEAD, "kill");
	atm_net_hang(w->net, n->port, false);
	atm_net_down(w->net, n->port);
	world_dispatch(w);
	return 0;
}

int
node_hang(struct world *w, node_id id)
{
	struct node *n;

	if (!world_valid(w, id))
		return MARSH_ENOENT;
	n = world_node(w, id);
	if (n->state != NODE_UP)
		return MARSH_EDEAD;
	set_state(w, n, NODE_HUNG, "hang");
	atm_net_hang(w->net, n->port, true);
	world_dispatch(w);
	return 0;
}

int
node_stop(struct world *w, node_id id)
{
	struct mars_client_ev ev = { .kind = MARS_CLIENT_DEREGISTER };
	struct node *n;

	if (!world_valid(w, id))
		return MARSH_ENOENT;
	n = world_node(w, id);
	if (n->state != NODE_UP)
		return MARSH_EDEAD;
	/* The farewell is on its way before the VCs are released. */
	if (n->kind == NODE_CLIENT)
		(void)node_step_client(w, n, &ev);
	set_state(w, n, NODE_STOPPED, "stop");
	atm_net_down(w->net, n->port);
	world_dispatch(w);
	return 0;
}

static int
server_again(struct world *w, struct node *n, bool cold)
{
	struct mars_server_ev ev = { .kind = MARS_SERVER_RESTART };
	struct mars_server *s;

	if (cold) {
		n->scfg.seed = world_next_life(n->scfg.seed);
		s = mars_server_new(&n->scfg, w->mem, &n->trace);
		if (s == NULL)
			return MARSH_ENOMEM;
		mars_server_free(n->server);
		n->server = s;
		ev.kind = MARS_SERVER_START;
	}
	atm_net_up(w->net, n->port);
	n->state = NODE_UP;
	(void)node_step_server(w, n, &ev);
	return 0;
}

static int
client_again(struct world *w, struct node *n)
{
	struct mars_client_ev ev = { .kind = MARS_CLIENT_REGISTER };
	struct mars_client *c;

	n->ccfg.seed = world_next_life(n->ccfg.seed);
	c = mars_client_new(&n->ccfg, w->mem, &n->trace);
	if (c == NULL)
		return MARSH_ENOMEM;
	mars_client_free(n->client);
	n->client = c;
	atm_net_up(w->net, n->port);
	n->state = NODE_UP;
	if (!n->member)
		return 0;
	(void)node_step_client(w, n, &ev);
	for (size_t i = 0; i < n->joins_n; i++) {
		ev = (struct mars_client_ev){ .kind = MARS_CLIENT_JOIN,
			.range = n->joins[i].range,
			.layer3 = n->joins[i].layer3 };
		(void)node_step_client(w, n, &ev);
	}
	return 0;
}

static int
again(struct world *w, struct node *n, bool cold)
{
	switch (n->kind) {
	case NODE_SERVER:
		return server_again(w, n, cold);
	case NODE_CLIENT:
		return client_again(w, n);
	case NODE_SCSP:
		return scsp_node_again(w, n, cold);
	default:
		raw_node_forget(w, n);
		atm_net_up(w->net, n->port);
		n->state = NODE_UP;
		return 0;
	}
}

int
node_restart(struct world *w, node_id id, bool cold)
{
	struct node *n;
	int rv;

	if (!world_valid(w, id))
		return MARSH_ENOENT;
	n = world_node(w, id);
	if (n->state == NODE_UP || n->state == NODE_HUNG)
		(void)node_kill(w, id);
	rv = again(w, n, cold);
	if (rv != 0)
		return rv;
	w->joined_version++;
	world_note(w, TRACE_FAULT, id, cold ? "restart cold" : "restart", 0);
	world_dispatch(w);
	return 0;
}
