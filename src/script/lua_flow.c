/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Flows: numbered packets from one client to one group, counted at each
 * receiver.  f.lost is the sum, f.to.C2.lost (or f["C2"].lost) one receiver's.
 */
#include <string.h>

#include "marsh/base/err.h"
#include "script/script_int.h"

struct lflow {
	struct lnet *net;
	flow_id id;
};

int
lflow_push(lua_State *L, struct lnet *net, flow_id id)
{
	struct lflow *f;

	f = lua_newuserdatauv(L, sizeof(*f), 1);
	f->net = net;
	f->id = id;
	lnet_push(L, net);
	lua_setiuservalue(L, -2, 1);
	luaL_setmetatable(L, "flow");
	return 1;
}

static struct lflow *
flow_self(lua_State *L, int idx, struct flow_info *info)
{
	struct lflow *f = lclass_self(L, idx, "flow");

	if (f->net->w == NULL)
		lfail(L, "this flow is gone: its net was closed");
	f->net->s->cur = L;
	flow_get(f->net->w, f->id, info);
	return f;
}

#define COUNTER(field)                                                         \
	static int get_##field(lua_State *L)                                   \
	{                                                                      \
		struct flow_info i;                                            \
		flow_self(L, 1, &i);                                           \
		lua_pushinteger(L, (lua_Integer)i.field);                      \
		return 1;                                                      \
	}
COUNTER(sent)
COUNTER(expected)
COUNTER(received)
COUNTER(lost)
COUNTER(dup)
COUNTER(refl)

static int
get_from(lua_State *L)
{
	struct flow_info i;
	struct lflow *f = flow_self(L, 1, &i);

	lname_push(L, f->net, i.from);
	return 1;
}

static int
get_group(lua_State *L)
{
	struct flow_info i;

	flow_self(L, 1, &i);
	lgroup_push(L, &i.group);
	return 1;
}

static int
get_pps(lua_State *L)
{
	struct flow_info i;

	flow_self(L, 1, &i);
	lua_pushnumber(L, i.pps);
	return 1;
}

static void
set_int(lua_State *L, const char *name, uint64_t v)
{
	lua_pushinteger(L, (lua_Integer)v);
	lua_setfield(L, -2, name);
}

static void
push_rx(lua_State *L, const struct flow_rx_info *rx)
{
	lua_createtable(L, 0, 5);
	set_int(L, "expected", rx->expected);
	set_int(L, "received", rx->received);
	set_int(L, "lost", rx->lost);
	set_int(L, "dup", rx->dup);
	set_int(L, "refl", rx->refl);
	lset_meta(L, "marsh.counters");
}

static int
get_to(lua_State *L)
{
	struct flow_info i;
	struct lflow *f = flow_self(L, 1, &i);
	struct flow_rx_info rx;

	lua_newtable(L);
	for (size_t k = 0; flow_rx(f->net->w, f->id, k, &rx); k++) {
		push_rx(L, &rx);
		lua_setfield(L, -2, node_name(f->net->w, rx.to));
	}
	lset_meta(L, "marsh.receivers");
	return 1;
}

/* flow["C2"], flow.C2, flow[C2] */
static int
flow_other(lua_State *L)
{
	struct flow_info i;
	struct lflow *f = flow_self(L, 1, &i);
	struct flow_rx_info rx;
	node_id to = 0;

	if (lnode_test(L, 2) != NULL)
		to = lnode_arg(L, 2, f->net, "receiver");
	else if (lua_type(L, 2) == LUA_TSTRING)
		to = world_find(f->net->w, lua_tostring(L, 2));
	if (to == 0 || to == i.from) {
		lua_pushnil(L);
		return 1;
	}
	for (size_t k = 0; flow_rx(f->net->w, f->id, k, &rx); k++) {
		if (rx.to != to)
			continue;
		push_rx(L, &rx);
		return 1;
	}
	memset(&rx, 0, sizeof(rx));
	push_rx(L, &rx);
	return 1;
}

static int
do_reset(lua_State *L)
{
	struct flow_info i;
	struct lflow *f = flow_self(L, 1, &i);

	flow_reset(f->net->w, f->id);
	lua_pushboolean(L, true);
	return 1;
}

static int
set_rate(lua_State *L, double pps)
{
	struct flow_info i;
	struct lflow *f = flow_self(L, 1, &i);
	int err = world_flow(f->net->w, i.from, &i.group, pps);

	return lresult(L, err < 0 ? err : 0);
}

static int
do_rate(lua_State *L)
{
	double pps = larg_number(L, 2, "pps");

	if (pps < 0 || pps > 1e6)
		return lfail(L, "pps: 0 to 1000000 packets a second expected");
	return set_rate(L, pps);
}

static int
do_stop(lua_State *L)
{
	return set_rate(L, 0);
}

static int
flow_close(lua_State *L)
{
	struct lflow *f = lclass_self(L, 1, "flow");

	return f->net->w != NULL ? set_rate(L, 0) : 0;
}

static int
flow_eq(lua_State *L)
{
	struct lflow *a = luaL_testudata(L, 1, "flow");
	struct lflow *b = luaL_testudata(L, 2, "flow");

	lua_pushboolean(L, a != NULL && b != NULL && a->net == b->net &&
	    a->id == b->id);
	return 1;
}

static int
flow_tostring(lua_State *L)
{
	struct lflow *f = lclass_self(L, 1, "flow");
	struct flow_info i;

	if (f->net->w == NULL) {
		lua_pushliteral(L, "flow (gone)");
		return 1;
	}
	flow_self(L, 1, &i);
	lua_pushfstring(L, "flow %s to ", node_name(f->net->w, i.from));
	lgroup_push(L, &i.group);
	lua_pushfstring(L, ": sent %I, lost %I, dup %I, refl %I",
	    (lua_Integer)i.sent, (lua_Integer)i.lost, (lua_Integer)i.dup,
	    (lua_Integer)i.refl);
	lua_concat(L, 3);
	return 1;
}

static const luaL_Reg gets[] = {
	{ "sent", get_sent }, { "expected", get_expected },
	{ "received", get_received }, { "lost", get_lost }, { "dup", get_dup },
	{ "refl", get_refl }, { "from", get_from }, { "group", get_group },
	{ "pps", get_pps }, { "to", get_to }, { NULL, NULL },
};
static const luaL_Reg calls[] = {
	{ "reset", do_reset }, { "rate", do_rate }, { "stop", do_stop },
	{ NULL, NULL },
};
static const luaL_Reg meta[] = {
	{ "__eq", flow_eq }, { "__tostring", flow_tostring },
	{ "__close", flow_close }, { NULL, NULL },
};

void
lflow_open(lua_State *L)
{
	struct lclass c = { "flow", gets, NULL, calls, NULL, meta };

	lclass_new(L, &c);
	lclass_other(L, "flow", flow_other);
}

/* core.flows(net) returns all flows in order of making. */
int
lcore_flows(lua_State *L)
{
	struct lnet *net = lnet_self(L, 1);

	lua_newtable(L);
	for (flow_id f = 1; f <= world_flows(net->w); f++) {
		lflow_push(L, net, f);
		lua_rawseti(L, -2, f);
	}
	return 1;
}

/* core.heard(client): what it hears of flows that other programs send. */
int
lcore_heard(lua_State *L)
{
	struct lnode *n = lnode_self(L, 1);
	struct heard_info h;
	lua_Integer count = 0;

	lua_newtable(L);
	for (size_t i = 0; world_heard(n->net->w, i, &h); i++) {
		if (h.to != n->id)
			continue;
		lua_createtable(L, 0, 5);
		set_int(L, "received", h.received);
		set_int(L, "lost", h.lost);
		set_int(L, "dup", h.dup);
		if (h.from.len != 0) {
			lgroup_push(L, &h.from);
			lua_setfield(L, -2, "from");
			lgroup_push(L, &h.group);
			lua_setfield(L, -2, "group");
		}
		lua_rawseti(L, -2, ++count);
	}
	return 1;
}
