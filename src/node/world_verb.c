/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What people do to nodes.  A crash takes the node off the network at once; a
 * warm restart keeps a MARS's tables, a cold one and every client's begin
 * anew.  A restarted client joins again what its user had joined: the user is
 * the memory (RFC 2022 section 5.4.1).
 */
#include <string.h>

#include "marsh/base/err.h"
#include "node/world_int.h"

/* A client that is up, or NULL with the reason in *|rv|. */
static struct node *
up_client(struct world *w, node_id id, int *rv)
{
	struct node *n;

	*rv = MARSH_ENOENT;
	if (!world_valid(w, id))
		return NULL;
	n = world_node(w, id);
	*rv = MARSH_EINVAL;
	if (n->kind != NODE_CLIENT)
		return NULL;
	*rv = MARSH_EDEAD;
	if (n->state != NODE_UP)
		return NULL;
	*rv = 0;
	return n;
}

static int
command(struct world *w, node_id id, const struct mars_client_ev *ev)
{
	int rv;
	struct node *n = up_client(w, id, &rv);

	if (n == NULL)
		return rv;
	rv = node_step_client(w, n, ev);
	world_dispatch(w);
	return rv;
}

/* ---- life and death ---------------------------------------------------- */

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
		n->scfg.seed += 0x9e3779b97f4a7c15u;
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

	n->ccfg.seed += 0x9e3779b97f4a7c15u;
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
	rv = n->kind == NODE_SERVER ? server_again(w, n, cold)
				    : client_again(w, n);
	if (rv != 0)
		return rv;
	w->joined_version++;
	world_note(w, TRACE_FAULT, id, cold ? "restart cold" : "restart", 0);
	world_dispatch(w);
	return 0;
}

/* ---- membership -------------------------------------------------------- */

int
node_register(struct world *w, node_id id)
{
	struct mars_client_ev ev = { .kind = MARS_CLIENT_REGISTER };
	int rv = command(w, id, &ev);

	if (rv == 0)
		world_node(w, id)->member = true;
	return rv;
}

int
node_deregister(struct world *w, node_id id)
{
	struct mars_client_ev ev = { .kind = MARS_CLIENT_DEREGISTER };
	int rv = command(w, id, &ev);

	if (rv == 0) {
		world_node(w, id)->member = false;
		world_node(w, id)->joins_n = 0;
		w->joined_version++;
	}
	return rv;
}

static size_t
join_find(const struct node *n, const struct l3_range *r)
{
	size_t i = 0;

	while (i < n->joins_n
	    && (l3_addr_cmp(&n->joins[i].range.min, &r->min) != 0
		|| l3_addr_cmp(&n->joins[i].range.max, &r->max) != 0))
		i++;
	return i;
}

int
node_join(struct world *w, node_id id, const struct l3_range *r, bool layer3)
{
	struct mars_client_ev ev = { .kind = MARS_CLIENT_JOIN, .range = *r,
		.layer3 = layer3 };
	int rv;
	struct node *n = up_client(w, id, &rv);
	void *vec;

	if (n == NULL)
		return rv;
	vec = n->joins;
	if (mem_grow(w->mem, &vec, &n->joins_cap, n->joins_n + 1,
		sizeof(*n->joins)) != 0)
		return MARSH_ENOMEM;
	n->joins = vec;
	rv = command(w, id, &ev);
	if (rv == 0 && join_find(n, r) == n->joins_n)
		n->joins[n->joins_n++] = (struct join){ *r, layer3 };
	return rv;
}

int
node_leave(struct world *w, node_id id, const struct l3_range *r)
{
	struct mars_client_ev ev = { .kind = MARS_CLIENT_LEAVE, .range = *r };
	int rv = command(w, id, &ev);
	struct node *n;
	size_t i;

	if (rv != 0)
		return rv;
	n = world_node(w, id);
	i = join_find(n, r);
	if (i < n->joins_n) {
		n->joins_n--;
		memmove(&n->joins[i], &n->joins[i + 1],
		    (n->joins_n - i) * sizeof(*n->joins));
	}
	w->joined_version++;
	return 0;
}

/* ---- the rest ---------------------------------------------------------- */

int
node_request(struct world *w, node_id id, const struct l3_addr *g)
{
	struct mars_client_ev ev = { .kind = MARS_CLIENT_REQUEST,
		.range = l3_range_one(g) };

	return command(w, id, &ev);
}

int
node_grouplist(struct world *w, node_id id, const struct l3_range *r)
{
	struct mars_client_ev ev = { .kind = MARS_CLIENT_GROUPLIST,
		.range = *r };

	return command(w, id, &ev);
}

int
node_blind(struct world *w, node_id id, struct mtime until)
{
	struct mars_client_ev ev = { .kind = MARS_CLIENT_BLIND,
		.until = until };

	return command(w, id, &ev);
}

int
node_close(struct world *w, node_id id, const struct l3_addr *g)
{
	struct mars_client_ev ev = { .kind = MARS_CLIENT_CLOSE,
		.range = l3_range_one(g) };

	return command(w, id, &ev);
}

int
node_redirect(struct world *w, node_id id, const struct atm_addr *list,
    size_t list_n, bool hard, const struct atm_addr *only, size_t only_n)
{
	struct mars_server_ev ev = { .kind = MARS_SERVER_REDIRECT,
		.redirect = { list, list_n, hard, only, only_n } };
	struct node *n;
	int rv;

	if (!world_valid(w, id))
		return MARSH_ENOENT;
	n = world_node(w, id);
	if (n->kind != NODE_SERVER || list_n == 0 || list_n > MARS_LIST_MAX)
		return MARSH_EINVAL;
	if (n->state != NODE_UP)
		return MARSH_EDEAD;
	rv = node_step_server(w, n, &ev);
	world_dispatch(w);
	return rv;
}

int
node_send(struct world *w, node_id id, const struct l3_addr *g,
    const void *payload, size_t len)
{
	uint8_t buf[FLOW_PACKET_MAX];
	struct mars_client_ev ev = { .kind = MARS_CLIENT_SEND,
		.range = l3_range_one(g), .packet = buf };
	int rv, f = 0;
	struct node *n = up_client(w, id, &rv);

	if (n == NULL)
		return rv;
	if (payload == NULL && (f = world_flow(w, id, g, -1)) < 0)
		return f;
	ev.len = flow_packet(w, n, g, payload, len, buf, sizeof(buf));
	if (ev.len == 0)
		return MARSH_EINVAL;
	if (f > 0)
		flow_sent(w, (flow_id)f);
	rv = node_step_client(w, n, &ev);
	world_dispatch(w);
	return rv;
}
