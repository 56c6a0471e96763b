/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names and addresses.  Scripts speak of nodes by name or object and see names
 * wherever the protocol has ATM addresses.  A list of MARSs may name one that
 * is not made yet: its address is then set aside and given to it when it is.
 */
#include <stdlib.h>
#include <string.h>

#include "script/script_int.h"

struct l3_range
lrange_arg(lua_State *L, int idx, const char *name)
{
	struct l3_range r;
	const char *why = "";

	if (lua_type(L, idx) != LUA_TSTRING)
		larg_bad(L, idx, name, "a group such as \"224.1.1.1\"");
	if (l3_range_parse(lua_tostring(L, idx), &r, &why) < 0)
		lfail(L, "%s: '%s' is no group or range of groups: %s", name,
		    lua_tostring(L, idx), why);
	return r;
}

struct l3_addr
lgroup_arg(lua_State *L, int idx, const char *name)
{
	struct l3_range r;

	r = lrange_arg(L, idx, name);
	if (!l3_range_single(&r))
		lfail(L, "%s: one group expected, got the range '%s'", name,
		    lua_tostring(L, idx));
	return r.min;
}

void
lgroup_push(lua_State *L, const struct l3_addr *g)
{
	char buf[L3_TEXT_MAX];

	lua_pushstring(L, l3_addr_format(g, buf));
}

void
lrange_push(lua_State *L, const struct l3_range *r)
{
	char buf[2 * L3_TEXT_MAX];

	lua_pushstring(L, l3_range_format(r, buf));
}

static void
no_node(lua_State *L, const struct lnet *net, const char *what,
    const char *name)
{
	lua_newtable(L);
	for (node_id i = 1; i <= world_nodes(net->w); i++) {
		lua_pushboolean(L, true);
		lua_setfield(L, -2, node_name(net->w, i));
	}
	lhint(L, name, lua_gettop(L));
	lfail(L, "%s: no node is called '%s'%s", what, name,
	    lua_tostring(L, -1));
}

node_id
lnode_arg(lua_State *L, int idx, struct lnet *net, const char *name)
{
	const struct lnode *n;
	node_id id;

	n = lnode_test(L, idx);
	if (n != NULL) {
		if (n->net != net)
			lfail(L, "%s: '%s' belongs to another net", name,
			    n->name);
		return n->id;
	}
	if (lua_type(L, idx) != LUA_TSTRING)
		larg_bad(L, idx, name, "a node or its name");
	id = world_find(net->w, lua_tostring(L, idx));
	if (id == 0)
		no_node(L, net, name, lua_tostring(L, idx));
	return id;
}

node_id *
lnodes_arg(lua_State *L, int idx, struct lnet *net, const char *name,
    size_t *n)
{
	node_id *v;
	int list;

	idx = lua_absindex(L, idx);
	*n = (size_t)larg_list(L, idx, name);
	list = lua_gettop(L);
	v = lua_newuserdatauv(L, (*n + 1) * sizeof(*v), 0);
	for (size_t i = 0; i < *n; i++) {
		lua_rawgeti(L, list, (lua_Integer)i + 1);
		v[i] = lnode_arg(L, -1, net, name);
		lua_pop(L, 1);
	}
	lua_remove(L, list);
	return v;
}

bool
lreserved(const struct lnet *net, const char *name, struct atm_addr *a)
{
	for (size_t i = 0; i < net->names_n; i++) {
		if (strcmp(net->names[i].name, name) != 0)
			continue;
		*a = net->names[i].addr;
		return true;
	}
	return false;
}

/*
 * The address set aside: an NSAP of the locally assigned kind (AFI 49), or on a
 * network that others share one where this net's nodes are.
 */
static bool
reserve(struct lnet *net, const char *name, struct atm_addr *a)
{
	uint8_t nsap[ATM_NSAP_LEN] = { 0x49, 0x6d, 0x61, 0x72, 0x73 };
	struct lnet_name *v;

	if (strlen(name) >= NODE_NAME_MAX)
		return false;
	v = realloc(net->names, (net->names_n + 1) * sizeof(*v));
	if (v == NULL)
		return false;
	net->names = v;
	if (net->place[0] != 0) {
		memcpy(nsap, net->place, WORLD_PREFIX);
		nsap[16] = 'N'; /* 'M' and 'C' are the world's own */
	}
	nsap[17] = (uint8_t)((net->names_n + 1) >> 8);
	nsap[18] = (uint8_t)(net->names_n + 1);
	*a = atm_addr_nsap(nsap);
	v += net->names_n++;
	strcpy(v->name, name);
	v->addr = *a;
	return true;
}

static struct atm_addr
addr_arg(lua_State *L, int idx, struct lnet *net, const char *name, bool res)
{
	struct atm_addr a;
	const char *text;
	node_id id;

	if (lua_type(L, idx) != LUA_TSTRING)
		return *node_addr(net->w, lnode_arg(L, idx, net, name));
	text = lua_tostring(L, idx);
	id = world_find(net->w, text);
	if (id != 0)
		return *node_addr(net->w, id);
	if (lreserved(net, text, &a))
		return a;
	/* Twelve digits or fewer may be a name, but for the sign in front. */
	if ((strlen(text) > 12 || *text == '+' || *text == ':')
	    && atm_addr_parse(text, &a, NULL) == 0)
		return a;
	if (!res || !reserve(net, text, &a))
		no_node(L, net, name, text);
	return a;
}

struct atm_addr *
laddrs_arg(lua_State *L, int idx, struct lnet *net, const char *name,
    bool res, size_t *n)
{
	struct atm_addr *v;
	int list;

	idx = lua_absindex(L, idx);
	*n = (size_t)larg_list(L, idx, name);
	list = lua_gettop(L);
	v = lua_newuserdatauv(L, (*n + 1) * sizeof(*v), 0);
	for (size_t i = 0; i < *n; i++) {
		lua_rawgeti(L, list, (lua_Integer)i + 1);
		v[i] = addr_arg(L, -1, net, name, res);
		lua_pop(L, 1);
	}
	lua_remove(L, list);
	return v;
}

void
laddr_push(lua_State *L, struct lnet *net, const struct atm_addr *a)
{
	char buf[ATM_TEXT_MAX];
	node_id id;

	id = world_find_addr(net->w, a);
	if (id != 0) {
		lua_pushstring(L, node_name(net->w, id));
		return;
	}
	for (size_t i = 0; i < net->names_n; i++) {
		if (!atm_addr_equal(&net->names[i].addr, a))
			continue;
		lua_pushstring(L, net->names[i].name);
		return;
	}
	lua_pushstring(L, atm_addr_format(a, buf));
}

void
laddrs_push(lua_State *L, struct lnet *net, const struct atm_addr *v,
    size_t n)
{
	llist_new(L, n);
	for (size_t i = 0; i < n; i++) {
		laddr_push(L, net, &v[i]);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
}
