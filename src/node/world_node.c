/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Nodes: named, found, looked at.
 */
#include <assert.h>
#include <string.h>

#include "marsh/base/err.h"
#include "node/world_int.h"

const char *
node_kind_word(enum node_kind k)
{
	static const char *const words[] = { "server", "client", "scsp",
		"raw" };

	return words[k];
}

const char *
node_state_word(enum node_state s)
{
	static const char *const words[] = { "up", "hung", "dead", "stopped" };

	return words[s];
}

/* ---- finding ----------------------------------------------------------- */

uint64_t
world_name_hash(const char *s)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (; *s != '\0'; s++)
		h = (h ^ (uint8_t)*s) * 0x100000001b3u;
	return h ^ (h >> 31);
}

node_id
world_find(const struct world *w, const char *name)
{
	if (w->name_slots == 0)
		return 0;
	for (size_t s = world_name_hash(name) & (w->name_slots - 1);
	    w->name_slot[s] != 0; s = (s + 1) & (w->name_slots - 1))
		if (strcmp(world_node(w, w->name_slot[s])->name, name) == 0)
			return w->name_slot[s];
	return 0;
}

node_id
world_find_addr(const struct world *w, const struct atm_addr *a)
{
	if (w->addr_slots == 0)
		return 0;
	for (size_t s = atm_addr_hash(a) & (w->addr_slots - 1);
	    w->addr_slot[s] != 0; s = (s + 1) & (w->addr_slots - 1))
		if (atm_addr_equal(&world_node(w, w->addr_slot[s])->addr, a))
			return w->addr_slot[s];
	return 0;
}

node_id
node_of_port(const struct world *w, atm_port port)
{
	return port < w->by_port_cap ? w->by_port[port] : 0;
}

node_id
node_of_leaf(const struct world *w, const struct atm_leaf *leaf)
{
	return leaf->port != 0 ? node_of_port(w, leaf->port)
			       : world_find_addr(w, &leaf->addr);
}

/* ---- reading ----------------------------------------------------------- */

node_id
world_nodes(const struct world *w)
{
	return (node_id)w->nodes;
}

const char *
node_name(const struct world *w, node_id n)
{
	return world_valid(w, n) ? world_node(w, n)->name : "?";
}

enum node_kind
node_kind_of(const struct world *w, node_id n)
{
	assert(world_valid(w, n));
	return world_node(w, n)->kind;
}

enum node_state
node_state_of(const struct world *w, node_id n)
{
	assert(world_valid(w, n));
	return world_node(w, n)->state;
}

const struct atm_addr *
node_addr(const struct world *w, node_id n)
{
	assert(world_valid(w, n));
	return &world_node(w, n)->addr;
}

const struct l3_addr *
node_spa(const struct world *w, node_id n)
{
	assert(world_valid(w, n));
	return &world_node(w, n)->spa;
}

atm_port
node_port(const struct world *w, node_id n)
{
	assert(world_valid(w, n));
	return world_node(w, n)->port;
}

/* What a dead program had in its memory, nobody can see. */
static bool
alive(const struct node *n)
{
	return n->state == NODE_UP || n->state == NODE_HUNG;
}

const struct mars_server *
node_server(const struct world *w, node_id n)
{
	return world_valid(w, n) && alive(world_node(w, n))
	    ? world_node(w, n)->server : NULL;
}

const struct mars_client *
node_client(const struct world *w, node_id n)
{
	return world_valid(w, n) && alive(world_node(w, n))
	    ? world_node(w, n)->client : NULL;
}

const struct scsp *
node_scsp(const struct world *w, node_id n)
{
	return world_valid(w, n) && alive(world_node(w, n))
	    ? scsp_node_engine(world_node(w, n)) : NULL;
}

uint32_t
node_ref_vc(const struct world *w, node_id n, atm_ref ref)
{
	return world_valid(w, n) && ref != 0
	    ? atm_net_vc_id(w->net, world_node(w, n)->port, ref) : 0;
}
