/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A net: a world that scripts own.  Closing it (or
 * its collection) ends the world at once; whatever still points to it then says
 * that it is gone instead of touching it.
 */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "marsh/base/err.h"
#include "script/script_int.h"

#define NETS "marsh.nets" /* lightuserdata of struct lnet -> its userdata */

struct lnet *
lnet_self(lua_State *L, int idx)
{
	struct lnet *net;

	net = lclass_self(L, idx, "net");
	if (net->w == NULL)
		lfail(L, "this net is gone: it was closed");
	net->s->cur = L;
	return net;
}

void
lnet_push(lua_State *L, struct lnet *net)
{
	lua_getfield(L, LUA_REGISTRYINDEX, NETS);
	lua_rawgetp(L, -1, net);
	lua_remove(L, -2);
}

struct lnet *
lnet_current(struct script *s)
{
	return s->nets;
}

struct lnet *
lnet_arg(lua_State *L, int idx)
{
	if (!lua_isnoneornil(L, idx))
		return lnet_self(L, idx);
	if (lscript(L)->nets == NULL)
		lfail(L, "there is no net yet: make one with fabric{}");
	return lscript(L)->nets;
}

struct mtime
lseconds(const struct lnet *net, double s)
{
	return mtime_add(world_start(net->w), MSPAN_US(llround(s * 1e6)));
}

double
lto_seconds(const struct lnet *net, struct mtime t)
{
	return (double)mtime_sub(t, world_start(net->w)).us / 1e6;
}

/* ---- its life ---------------------------------------------------------------- */

void
lnet_link(lua_State *L, struct lnet *net)
{
	lua_getfield(L, LUA_REGISTRYINDEX, NETS);
	lua_pushvalue(L, -2);
	lua_rawsetp(L, -2, net);
	lua_pop(L, 1);
	net->older = net->s->nets;
	net->s->nets = net;
	/* the current net lives though no variable holds it */
	lua_pushvalue(L, -1);
	lua_setfield(L, LUA_REGISTRYINDEX, "marsh.current");
}

static void
net_end(struct lnet *net)
{
	struct lnet **p;

	if (net->w == NULL)
		return;
	for (p = &net->s->nets; *p != NULL; p = &(*p)->older)
		if (*p == net) {
			*p = net->older;
			break;
		}
	world_free(net->w);
	net->w = NULL;
	free(net->names);
	free(net->uses);
	net->names = NULL;
	net->uses = NULL;
	net->names_n = net->uses_n = 0;
}

static int
net_gc(lua_State *L)
{
	net_end(lua_touserdata(L, 1));
	return 0;
}

static int
net_close(lua_State *L)
{
	struct script *s = lscript(L);
	struct lnet *net = lclass_self(L, 1, "net");

	if (net->runs)
		return lfail(L, "a net cannot be closed while it runs");
	net_end(net);
	if (s->nets != NULL)
		lnet_push(L, s->nets);
	else
		lua_pushnil(L);
	lua_setfield(L, LUA_REGISTRYINDEX, "marsh.current");
	return 0;
}

/* ---- fields and verbs -------------------------------------------------------- */

static int
net_now(lua_State *L)
{
	struct lnet *net = lnet_self(L, 1);

	lua_pushnumber(L, lto_seconds(net, world_now(net->w)));
	return 1;
}

static int
net_seed(lua_State *L)
{
	lua_pushinteger(L, (lua_Integer)world_seed(lnet_self(L, 1)->w));
	return 1;
}

static int
net_events(lua_State *L)
{
	lua_pushinteger(L, (lua_Integer)world_events(lnet_self(L, 1)->w));
	return 1;
}

static int
net_clock(lua_State *L)
{
	lua_pushstring(L, lnet_self(L, 1)->real ? "real" : "virtual");
	return 1;
}

static int
net_alive(lua_State *L)
{
	struct lnet *net = lclass_self(L, 1, "net");

	lua_pushboolean(L, net->w != NULL);
	return 1;
}

static int
net_hash(lua_State *L)
{
	char text[17];

	snprintf(text, sizeof(text), "%016" PRIx64,
	    log_hash(world_log(lnet_self(L, 1)->w)));
	lua_pushstring(L, text);
	return 1;
}

static int
net_capture(lua_State *L)
{
	struct lnet *net = lnet_self(L, 1);
	const char *path = NULL;
	int err;

	if (!lua_isnoneornil(L, 2) && !(lua_isboolean(L, 2) &&
	    !lua_toboolean(L, 2)))
		path = larg_string(L, 2, "file");
	err = world_capture(net->w, path);
	if (err != MARSH_EIO)
		return lresult(L, err);
	lua_pushnil(L);
	lua_pushfstring(L, "%s: %s", path != NULL ? path : "capture",
	    strerror(errno));
	lua_pushstring(L, marsh_err_word(MARSH_EIO));
	return 3;
}

static int
net_switch(lua_State *L)
{
	struct sim *sim = world_sim(lnet_self(L, 1)->w);
	int n = sim != NULL ? sim_switch_add(sim) : MARSH_ENOTSUP;

	if (n < 0)
		return lrefused(L, n);
	lua_pushinteger(L, n);
	return 1;
}

static int
net_link(lua_State *L)
{
	struct lnet *net = lnet_self(L, 1);
	unsigned a = (unsigned)larg_int(L, 2, "a", 0, INT32_MAX);
	unsigned b = (unsigned)larg_int(L, 3, "b", 0, INT32_MAX);
	struct mspan delay = larg_span(L, 4, "delay");
	struct sim *sim = world_sim(net->w);
	int n = sim != NULL ? sim_link(sim, a, b, delay) : MARSH_ENOTSUP;

	if (n < 0)
		return lrefused(L, n);
	lua_pushinteger(L, n);
	return 1;
}

static int
net_place(lua_State *L)
{
	struct lnet *net = lnet_self(L, 1);
	node_id n = lnode_arg(L, 2, net, "node");
	unsigned sw = (unsigned)larg_int(L, 3, "switch", 0, INT32_MAX);

	struct sim *sim = world_sim(net->w);

	return lresult(L, sim != NULL ? sim_place(sim, node_port(net->w, n), sw)
				      : MARSH_ENOTSUP);
}

static int
net_tostring(lua_State *L)
{
	struct lnet *net = lclass_self(L, 1, "net");

	if (net->w == NULL)
		lua_pushliteral(L, "net (closed)");
	else
		lua_pushfstring(L, "%s at %f s with %d nodes",
		    world_sim(net->w) != NULL ? "fabric" : "atm net",
		    lto_seconds(net, world_now(net->w)),
		    (int)world_nodes(net->w));
	return 1;
}

int
lcore_current(lua_State *L)
{
	struct lnet *net = lscript(L)->nets;

	if (net == NULL)
		lua_pushnil(L);
	else
		lnet_push(L, net);
	return 1;
}

/* core.data(net): the Lua half's table of this net. */
int
lcore_data(lua_State *L)
{
	lnet_self(L, 1);
	lua_getiuservalue(L, 1, LNET_DATA);
	return 1;
}

int
lcore_mask(lua_State *L)
{
	struct lnet *net = lnet_self(L, 1);

	net->mask = (uint32_t)larg_int(L, 2, "mask", 0, UINT32_MAX);
	lnet_hooks(net);
	return 0;
}

static const luaL_Reg gets[] = {
	{ "now", net_now }, { "seed", net_seed }, { "events", net_events },
	{ "clock", net_clock }, { "alive", net_alive }, { NULL, NULL },
};
static const luaL_Reg calls[] = {
	{ "hash", net_hash }, { "capture", net_capture },
	{ "close", net_close }, { "switch", net_switch },
	{ "link", net_link }, { "place", net_place }, { NULL, NULL },
};
static const luaL_Reg meta[] = {
	{ "__gc", net_gc }, { "__close", net_close },
	{ "__tostring", net_tostring }, { NULL, NULL },
};

void
lnet_open(lua_State *L)
{
	struct lclass c = { "net", gets, NULL, calls, lfault_net_calls, meta };

	lclass_new(L, &c);
	lua_newtable(L);
	lua_createtable(L, 0, 1);
	lua_pushliteral(L, "v");
	lua_setfield(L, -2, "__mode");
	lua_setmetatable(L, -2);
	lua_setfield(L, LUA_REGISTRYINDEX, NETS);
}
