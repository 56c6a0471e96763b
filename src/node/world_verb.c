/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What people do with MARSs and clients that are up.  A client remembers what
 * its user had joined, for a restart.
 */
#include <string.h>

#include "marsh/base/err.h"
#include "node/world_int.h"

static int
command(struct world *w, node_id id, const struct mars_client_ev *ev)
{
	int rv;
	struct node *n = world_up(w, id, NODE_CLIENT, &rv);

	if (n == NULL)
		return rv;
	rv = node_step_client(w, n, ev);
	world_dispatch(w);
	return rv;
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
	struct node *n = world_up(w, id, NODE_CLIENT, &rv);
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
	struct node *n = world_up(w, id, NODE_CLIENT, &rv);

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
