/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mars.client: a cluster member as scripts see it (RFC 2022 section 5).
 */
#include <math.h>
#include <string.h>

#include "marsh/base/err.h"
#include "script/script_int.h"

static struct lnode *
client_self(lua_State *L, int idx)
{
	lclass_self(L, idx, "mars.client");
	return lnode_self(L, idx);
}

/* NULL while the machine is off: a crashed program has no state to read. */
static const struct mars_client *
engine(const struct lnode *n)
{
	enum node_state st = node_state_of(n->net->w, n->id);

	return st == NODE_UP || st == NODE_HUNG ?
	    node_client(n->net->w, n->id) : NULL;
}

/* False: the machine is dead and there is nothing to read. */
static bool
info_of(lua_State *L, struct lnode **n, struct mars_client_info *i)
{
	const struct mars_client *c;

	*n = client_self(L, 1);
	c = engine(*n);
	if (c == NULL)
		return false;
	mars_client_info(c, i);
	return true;
}

/* ---- fields -------------------------------------------------------------------- */

static int
get_mars(lua_State *L)
{
	struct mars_client_info i;
	struct lnode *n;

	if (!info_of(L, &n, &i) || i.mars.tl == 0)
		lua_pushnil(L);
	else
		laddr_push(L, n->net, &i.mars);
	return 1;
}

static int
get_registered(lua_State *L)
{
	struct mars_client_info i;
	struct lnode *n;

	lua_pushboolean(L, info_of(L, &n, &i) && i.registered);
	return 1;
}

static int
get_cmi(lua_State *L)
{
	struct mars_client_info i;
	struct lnode *n;

	lua_pushinteger(L, info_of(L, &n, &i) ? i.cmi : 0);
	return 1;
}

static int
get_hsn(lua_State *L)
{
	struct mars_client_info i;
	struct lnode *n;

	lua_pushinteger(L, info_of(L, &n, &i) ? (lua_Integer)i.hsn : 0);
	return 1;
}

static int
get_state(lua_State *L)
{
	struct mars_client_info i;
	struct lnode *n;

	if (info_of(L, &n, &i))
		lua_pushstring(L, mars_client_state_word(i.state));
	else
		lua_pushstring(L, node_state_word(node_state_of(n->net->w,
		    n->id)));
	return 1;
}

static int
get_attempts(lua_State *L)
{
	struct mars_client_info i;
	struct lnode *n;

	lua_pushinteger(L, info_of(L, &n, &i) ? (lua_Integer)i.attempts : 0);
	return 1;
}

/* Seconds from the failure noticed to registered again; nil: never yet. */
static int
get_rereg(lua_State *L)
{
	struct mars_client_info i;
	struct lnode *n;

	if (!info_of(L, &n, &i) || i.rereg.us == 0)
		lua_pushnil(L);
	else
		lua_pushnumber(L, (double)i.rereg.us / 1e6);
	return 1;
}

static int
get_failed_at(lua_State *L)
{
	struct mars_client_info i;
	struct lnode *n;

	if (!info_of(L, &n, &i) || mtime_is_never(i.failed_at))
		lua_pushnil(L);
	else
		lua_pushnumber(L, lto_seconds(n->net, i.failed_at));
	return 1;
}

static int
get_list(lua_State *L)
{
	struct lnode *n = client_self(L, 1);
	const struct mars_client *c = engine(n);
	const struct atm_addr *v = NULL;
	size_t len = 0;

	if (c != NULL)
		v = mars_client_list(c, &len);
	laddrs_push(L, n->net, v, len);
	return 1;
}

static void
push_joined(lua_State *L, bool only_open)
{
	const struct mars_client *c = engine(client_self(L, 1));
	struct l3_range r;
	bool confirmed;
	lua_Integer out = 0;

	llist_new(L, 0);
	for (size_t i = 0; c != NULL && mars_client_next_joined(c, i, &r,
	    &confirmed); i++) {
		if (only_open && confirmed)
			continue;
		lrange_push(L, &r);
		lua_rawseti(L, -2, ++out);
	}
}

static int
get_groups(lua_State *L)
{
	push_joined(L, false);
	return 1;
}

static int
get_unconfirmed(lua_State *L)
{
	push_joined(L, true);
	return 1;
}

static void
set_int(lua_State *L, const char *name, uint64_t v)
{
	lua_pushinteger(L, (lua_Integer)v);
	lua_setfield(L, -2, name);
}

static void
set_ops(lua_State *L, const char *name, const uint64_t *v)
{
	lua_createtable(L, 0, MARS_OP_COUNT);
	for (unsigned op = 1; op < MARS_OP_COUNT; op++)
		set_int(L, mars_op_word(op), v[op]);
	lset_meta(L, "marsh.ops");
	lua_setfield(L, -2, name);
}

static void
set_reasons(lua_State *L, const struct mars_client_stats *st)
{
	lua_newtable(L);
	for (unsigned i = 0; i < MARS_CLIENT_DROP_COUNT; i++)
		set_int(L, mars_client_drop_word(i), st->drops[i]);
	lset_meta(L, "marsh.counters");
	lua_setfield(L, -2, "drops");
	lua_newtable(L);
	for (unsigned i = 1; i < MARS_BAD_COUNT; i++)
		set_int(L, mars_bad_word(i), st->bad[i]);
	lset_meta(L, "marsh.counters");
	lua_setfield(L, -2, "bad");
}

static int
get_stats(lua_State *L)
{
	static const struct mars_client_stats none;
	const struct lnode *n = client_self(L, 1);
	const struct mars_client *c = node_client(n->net->w, n->id);
	const struct mars_client_stats *st;

	st = c != NULL ? mars_client_stats(c) : &none;
	lua_newtable(L);
	set_ops(L, "tx", st->tx);
	set_ops(L, "rx", st->rx);
	set_reasons(L, st);
	set_int(L, "reg", st->tx_reg);
	set_int(L, "dereg", st->tx_dereg);
	set_int(L, "data_tx", st->data_tx);
	set_int(L, "data_rx", st->data_rx);
	set_int(L, "call", st->call);
	set_int(L, "setup", st->setup);
	set_int(L, "add", st->add);
	set_int(L, "drop", st->drop);
	set_int(L, "release", st->release);
	set_int(L, "revalidations", st->revalidations);
	set_int(L, "csn_jumps", st->csn_jumps);
	set_int(L, "failures", st->failures);
	set_int(L, "redirects", st->redirects);
	set_int(L, "bounced", st->bounced);
	set_int(L, "alarms", st->alarms);
	lset_meta(L, "marsh.counters");
	return 1;
}

static int
get_bounced(lua_State *L)
{
	const struct mars_client *c = engine(client_self(L, 1));

	lua_pushinteger(L, c == NULL ? 0 :
	    (lua_Integer)mars_client_stats(c)->bounced);
	return 1;
}

/* ---- verbs --------------------------------------------------------------------- */

static int
do_register(lua_State *L)
{
	struct lnode *n = client_self(L, 1);

	return lresult(L, node_register(n->net->w, n->id));
}

static int
do_deregister(lua_State *L)
{
	struct lnode *n = client_self(L, 1);

	return lresult(L, node_deregister(n->net->w, n->id));
}

/* A host's own address is no group; the broadcast address may be one. */
static void
check_multicast(lua_State *L, const struct l3_addr *g)
{
	bool v4 = g->len == 4 && g->b[0] < 224;
	bool v6 = g->len == 16 && g->b[0] != 0xff;
	char text[L3_TEXT_MAX];

	if (v4 || v6)
		lfail(L, "group: %s is a host's address, not a group's",
		    l3_addr_format(g, text));
}

static int
do_join(lua_State *L)
{
	static const char *const names[] = { "layer3" };
	struct lnode *n = client_self(L, 1);
	struct l3_range r = lrange_arg(L, 2, "group");
	bool layer3 = l3_range_single(&r); /* JoinLocalGroup: 5.2.1.1 */

	check_multicast(L, &r.min);
	lopt_check(L, 3, "join", names, 1);
	if (lopt_get(L, 3, "layer3"))
		layer3 = larg_bool(L, -1, "layer3");
	return lresult(L, node_join(n->net->w, n->id, &r, layer3));
}

static int
do_leave(lua_State *L)
{
	struct lnode *n = client_self(L, 1);
	struct l3_range r = lrange_arg(L, 2, "group");

	return lresult(L, node_leave(n->net->w, n->id, &r));
}

static int
do_send(lua_State *L)
{
	struct lnode *n = client_self(L, 1);
	struct l3_addr g = lgroup_arg(L, 2, "group");
	lua_Integer count = 1;
	const char *bytes = NULL;
	size_t len = 0;
	int err = 0;

	check_multicast(L, &g);
	if (lua_type(L, 3) == LUA_TSTRING)
		bytes = lua_tolstring(L, 3, &len);
	else if (!lua_isnoneornil(L, 3))
		count = larg_int(L, 3, "n", 0, 100000000);
	while (count-- > 0 && err == 0) {
		err = node_send(n->net->w, n->id, &g, bytes, len);
		guard_check(L);
	}
	return lresult(L, err);
}

static int
do_flow(lua_State *L)
{
	struct lnode *n = client_self(L, 1);
	struct l3_addr g = lgroup_arg(L, 2, "group");
	double pps = -1;
	int f;

	check_multicast(L, &g);
	if (!lua_isnoneornil(L, 3)) {
		pps = larg_number(L, 3, "pps");
		if (pps < 0 || pps > 1e6)
			return lfail(L, "pps: 0 to 1000000 packets a second "
			    "expected, got %f", pps);
	}
	f = world_flow(n->net->w, n->id, &g, pps);
	if (f < 0)
		return lrefused(L, f);
	return lflow_push(L, n->net, (flow_id)f);
}

static int
do_request(lua_State *L)
{
	struct lnode *n = client_self(L, 1);
	struct l3_addr g = lgroup_arg(L, 2, "group");

	return lresult(L, node_request(n->net->w, n->id, &g));
}

static int
do_grouplist(lua_State *L)
{
	struct lnode *n = client_self(L, 1);
	struct l3_range r;

	if (lua_isnoneornil(L, 2))
		l3_range_parse("224.0.0.0/4", &r, NULL);
	else
		r = lrange_arg(L, 2, "range");
	return lresult(L, node_grouplist(n->net->w, n->id, &r));
}

static int
do_blind(lua_State *L)
{
	struct lnode *n = client_self(L, 1);
	struct mspan s = larg_span(L, 2, "seconds");

	return lresult(L, node_blind(n->net->w, n->id,
	    mtime_add(world_now(n->net->w), s)));
}

static int
do_release(lua_State *L)
{
	struct lnode *n = client_self(L, 1);
	struct l3_addr g = lgroup_arg(L, 2, "group");

	return lresult(L, node_close(n->net->w, n->id, &g));
}

static const luaL_Reg gets[] = {
	{ "mars", get_mars }, { "registered", get_registered },
	{ "cmi", get_cmi }, { "hsn", get_hsn }, { "list", get_list },
	{ "rereg", get_rereg }, { "bounced", get_bounced },
	{ "groups", get_groups }, { "unconfirmed", get_unconfirmed },
	{ "state", get_state }, { "attempts", get_attempts },
	{ "failed_at", get_failed_at }, { "stats", get_stats },
	{ NULL, NULL },
};
static const luaL_Reg calls[] = {
	{ "register", do_register }, { "deregister", do_deregister },
	{ "join", do_join }, { "leave", do_leave }, { "send", do_send },
	{ "flow", do_flow }, { "request", do_request },
	{ "grouplist", do_grouplist }, { "blind", do_blind },
	{ "release", do_release }, { NULL, NULL },
};

void
lclient_open(lua_State *L)
{
	struct lclass c = { "mars.client", gets, lnode_gets, calls,
	    lnode_calls, lnode_meta };

	lclass_new(L, &c);
}
