/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What every node is and can: a handle of net and number, the state of its
 * machine, and the verbs that stop and start it.  One handle exists for one
 * node, so handles compare and index as themselves.
 */
#include <string.h>

#include "marsh/base/err.h"
#include "script/script_int.h"

/* By enum node_kind. */
static const char *const classes[NODE_KIND_COUNT] = { "mars.server",
	"mars.client", "scsp.server", "raw" };

static const char *
class_of(enum node_kind k)
{
	return classes[k];
}

struct lnode *
lnode_test(lua_State *L, int idx)
{
	struct lnode *n = NULL;

	for (int k = 0; n == NULL && k < NODE_KIND_COUNT; k++)
		n = luaL_testudata(L, idx, classes[k]);
	return n;
}

struct lnode *
lnode_self(lua_State *L, int idx)
{
	struct lnode *n;

	n = lnode_test(L, idx);
	if (n == NULL)
		lfail(L, "a node expected, got %s (call verbs with ':', as in "
		    "M1:kill())", larg_type(L, idx));
	if (n->net->w == NULL)
		lfail(L, "%s '%s' is gone: its net was closed",
		    larg_type(L, idx), n->name);
	n->net->s->cur = L;
	return n;
}

void
lnode_push(lua_State *L, struct lnet *net, node_id id)
{
	struct lnode *n;

	luaL_checkstack(L, 8, "node");
	lnet_push(L, net);
	lua_getiuservalue(L, -1, LNET_NODES);
	if (lua_rawgeti(L, -1, id) == LUA_TNIL) {
		lua_pop(L, 1);
		n = lua_newuserdatauv(L, sizeof(*n), 1);
		n->net = net;
		n->id = id;
		snprintf(n->name, sizeof(n->name), "%s",
		    node_name(net->w, id));
		lua_pushvalue(L, -3);
		lua_setiuservalue(L, -2, 1);
		luaL_setmetatable(L, class_of(node_kind_of(net->w, id)));
		lua_pushvalue(L, -1);
		lua_rawseti(L, -3, id);
	}
	lua_replace(L, -3);
	lua_pop(L, 1);
}

void
lname_push(lua_State *L, struct lnet *net, node_id id)
{
	if (id == 0)
		lua_pushnil(L);
	else
		lua_pushstring(L, node_name(net->w, id));
}

/* ---- fields ------------------------------------------------------------------ */

static int
node_get_name(lua_State *L)
{
	struct lnode *n = lnode_test(L, 1);

	lua_pushstring(L, n->name);
	return 1;
}

static int
node_get_up(lua_State *L)
{
	struct lnode *n = lnode_self(L, 1);

	lua_pushboolean(L, node_state_of(n->net->w, n->id) == NODE_UP);
	return 1;
}

static int
node_get_machine(lua_State *L)
{
	struct lnode *n = lnode_self(L, 1);

	lua_pushstring(L, node_state_word(node_state_of(n->net->w, n->id)));
	return 1;
}

static int
node_get_net(lua_State *L)
{
	lnet_push(L, lnode_self(L, 1)->net);
	return 1;
}

static int
node_get_kind(lua_State *L)
{
	struct lnode *n = lnode_self(L, 1);

	lua_pushstring(L, node_kind_word(node_kind_of(n->net->w, n->id)));
	return 1;
}

static int
node_get_addr(lua_State *L)
{
	struct lnode *n = lnode_self(L, 1);
	char buf[ATM_TEXT_MAX];

	lua_pushstring(L, atm_addr_format(node_addr(n->net->w, n->id), buf));
	return 1;
}

static int
node_get_spa(lua_State *L)
{
	struct lnode *n = lnode_self(L, 1);
	const struct l3_addr *a = node_spa(n->net->w, n->id);

	if (a == NULL || a->len == 0)
		lua_pushnil(L);
	else
		lgroup_push(L, a);
	return 1;
}

static int
node_get_id(lua_State *L)
{
	lua_pushinteger(L, lnode_self(L, 1)->id);
	return 1;
}

/* ---- verbs: the Lua half wraps those that give a closable fault ---------------- */

static int
node_do_kill(lua_State *L)
{
	struct lnode *n = lnode_self(L, 1);

	return lresult(L, node_kill(n->net->w, n->id));
}

static int
node_do_hang(lua_State *L)
{
	struct lnode *n = lnode_self(L, 1);

	return lresult(L, node_hang(n->net->w, n->id));
}

static int
node_do_stop(lua_State *L)
{
	struct lnode *n = lnode_self(L, 1);

	return lresult(L, node_stop(n->net->w, n->id));
}

static int
node_do_restart(lua_State *L)
{
	static const char *const names[] = { "cold" };
	struct lnode *n = lnode_self(L, 1);
	bool cold = false;

	lopt_check(L, 2, "restart", names, 1);
	if (lopt_get(L, 2, "cold"))
		cold = larg_bool(L, -1, "cold");
	return lresult(L, node_restart(n->net->w, n->id, cold));
}

static int
node_tostring(lua_State *L)
{
	struct lnode *n = lnode_test(L, 1);

	if (n->net->w == NULL)
		lua_pushfstring(L, "%s (gone)", n->name);
	else
		lua_pushstring(L, n->name);
	return 1;
}

const luaL_Reg lnode_gets[] = {
	{ "name", node_get_name }, { "up", node_get_up },
	{ "machine", node_get_machine }, { "net", node_get_net },
	{ "kind", node_get_kind }, { "addr", node_get_addr },
	{ "spa", node_get_spa }, { "id", node_get_id }, { NULL, NULL },
};
const luaL_Reg lnode_calls[] = {
	{ "kill", node_do_kill }, { "hang", node_do_hang },
	{ "stop", node_do_stop }, { "restart", node_do_restart },
	{ NULL, NULL },
};
const luaL_Reg lnode_meta[] = {
	{ "__tostring", node_tostring }, { NULL, NULL },
};

/* ---- core --------------------------------------------------------------------- */

void
lnode_open(lua_State *L)
{
	(void)L; /* classes are made by lua_server.c and its like */
}

int
lnode_failed(lua_State *L, const struct lnet *net, int err, const char *name)
{
	if (err == MARSH_EEXIST && world_find(net->w, name) != 0)
		return lfail(L, "name: there is a node called '%s' already",
		    name);
	if (err == MARSH_EEXIST)
		return lfail(L, "addr: there is a node with the address of "
		    "'%s' already", name);
	if (err == MARSH_ETAKEN)
		return lfail(L, "addr: another program has the address of '%s' "
		    "on this network: end that one, or give this an address "
		    "of its own (addr, also of atm{})", name);
	if (err == MARSH_EINVAL)
		return lfail(L, "name: '%s' is no name for a node (letters, "
		    "digits, '_', '-', '.', at most %d)", name,
		    NODE_NAME_MAX - 1);
	if (err == MARSH_EIO)
		return lfail(L, "addr: '%s' cannot be here: signalling refuses "
		    "its address", name);
	return luaL_error(L, "not enough memory for a node");
}

/* core.nodes(net, kind) returns the handles of all nodes (of one kind). */
int
lcore_nodes(lua_State *L)
{
	struct lnet *net = lnet_self(L, 1);
	const char *kind = luaL_optstring(L, 2, NULL);
	lua_Integer n = 0;

	lua_newtable(L);
	for (node_id i = 1; i <= world_nodes(net->w); i++) {
		if (kind != NULL && strcmp(kind,
		    node_kind_word(node_kind_of(net->w, i))) != 0)
			continue;
		lnode_push(L, net, i);
		lua_rawseti(L, -2, ++n);
	}
	return 1;
}

/* core.find(net, name, what): a handle; without |what| nil when there is none. */
int
lcore_find(lua_State *L)
{
	struct lnet *net = lnet_arg(L, 1);
	node_id id;

	if (lua_isnoneornil(L, 3) && lua_type(L, 2) == LUA_TSTRING &&
	    world_find(net->w, lua_tostring(L, 2)) == 0) {
		lua_pushnil(L);
		return 1;
	}
	id = lnode_arg(L, 2, net, luaL_optstring(L, 3, "node"));
	lnode_push(L, net, id);
	return 1;
}
