/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * raw: a bare port.  Requests go out as they are called; what came in is taken
 * out of the port's queue here, and the Lua half decides whether a callback or
 * :recv gets it.
 */
#include <string.h>

#include "marsh/base/err.h"
#include "marsh/base/frame.h"
#include "script/lua_scsp_int.h"

static struct lnode *
raw_self(lua_State *L)
{
	lclass_self(L, 1, "raw");
	return lnode_self(L, 1);
}

static atm_ref
ref_arg(lua_State *L, int idx)
{
	return (atm_ref)larg_int(L, idx, "ref", 1, UINT32_MAX);
}

static struct atm_addr
to_arg(lua_State *L, int idx, struct lnode *n)
{
	size_t count;
	const struct atm_addr *v = laddrs_arg(L, idx, n->net, "addr", false,
	    &count);

	if (count != 1)
		lfail(L, "addr: one node or address expected");
	return v[0];
}

static enum atm_use
use_arg(lua_State *L, int idx)
{
	const char *word;

	if (lua_isnoneornil(L, idx))
		return ATM_USE_RAW;
	word = larg_string(L, idx, "use");
	for (unsigned u = 1; u < ATM_USE_COUNT; u++)
		if (strcmp(word, atm_use_word(u)) == 0)
			return (enum atm_use)u;
	lfail(L, "use: no VC is of the kind '%s' (pp, ccvc, scvc, data, scsp, "
	    "raw)", word);
	return ATM_USE_NONE;
}

/* ---- verbs --------------------------------------------------------------------- */

static int
call(lua_State *L, int (*fn)(struct world *, node_id,
    const struct atm_addr *, enum atm_use, atm_ref *))
{
	struct lnode *n = raw_self(L);
	enum atm_use use = use_arg(L, 3);
	struct atm_addr to = to_arg(L, 2, n);
	atm_ref ref;
	int rv = fn(n->net->w, n->id, &to, use, &ref);

	if (rv < 0)
		return lresult(L, rv);
	lraise(L);
	lua_pushinteger(L, ref);
	return 1;
}

static int
do_call(lua_State *L)
{
	return call(L, node_raw_call);
}

static int
do_multi(lua_State *L)
{
	return call(L, node_raw_multi);
}

static int
do_add(lua_State *L)
{
	struct lnode *n = raw_self(L);
	struct atm_addr to = to_arg(L, 3, n);

	return lresult(L, node_raw_add(n->net->w, n->id, ref_arg(L, 2), &to));
}

static int
do_drop(lua_State *L)
{
	struct lnode *n = raw_self(L);
	struct atm_addr to = to_arg(L, 3, n);

	return lresult(L, node_raw_drop(n->net->w, n->id, ref_arg(L, 2),
	    &to));
}

static int
do_release(lua_State *L)
{
	struct lnode *n = raw_self(L);
	unsigned cause = 0;

	if (!lua_isnoneornil(L, 3))
		cause = (unsigned)larg_int(L, 3, "cause", 1, 127);
	return lresult(L, node_raw_release(n->net->w, n->id, ref_arg(L, 2),
	    cause));
}

static int
do_send(lua_State *L)
{
	struct lnode *n = raw_self(L);
	atm_ref ref = ref_arg(L, 2);
	struct scsp_oct o = lscsp_octets_arg(L, 3, "bytes");

	if (o.len == 0 || o.len > 65535)
		return lfail(L, "bytes: 1 to 65535 octets expected, got %d",
		    (int)o.len);
	return lresult(L, node_raw_send(n->net->w, n->id, ref, o.p, o.len));
}

/* ---- fields -------------------------------------------------------------------- */

static void
set_flag(lua_State *L, const char *key, bool v)
{
	if (!v)
		return;
	lua_pushboolean(L, true);
	lua_setfield(L, -2, key);
}

/* ref -> what is known of the VC */
static int
get_vcs(lua_State *L)
{
	struct lnode *n = raw_self(L);
	struct raw_vc v;

	lua_newtable(L);
	for (size_t i = 0; node_raw_vc(n->net->w, n->id, i, &v); i++) {
		lua_createtable(L, 0, 6);
		lua_pushinteger(L, v.ref);
		lua_setfield(L, -2, "ref");
		lua_pushstring(L, v.state == RAW_UP ? "up" : "calling");
		lua_setfield(L, -2, "state");
		lua_pushstring(L, atm_use_word(v.use));
		lua_setfield(L, -2, "use");
		laddr_push(L, n->net, &v.peer);
		lua_setfield(L, -2, "peer");
		set_flag(L, "multi", v.multi);
		set_flag(L, "leaf", v.leaf);
		set_flag(L, "remote", v.remote);
		lua_rawseti(L, -2, v.ref);
	}
	return 1;
}

static int
get_waiting(lua_State *L)
{
	struct lnode *n = raw_self(L);
	struct raw_ind x;
	lua_Integer i = 0;

	while (node_raw_peek(n->net->w, n->id, (size_t)i, &x))
		i++;
	lua_pushinteger(L, i);
	return 1;
}

static int
get_lost(lua_State *L)
{
	struct lnode *n = raw_self(L);

	lua_pushinteger(L, (lua_Integer)node_raw_lost(n->net->w, n->id));
	return 1;
}

/* ---- indications --------------------------------------------------------------- */

static const char *
ind_word(enum atm_ind_kind k)
{
	switch (k) {
	case ATM_ACK:
		return "ack";
	case ATM_REMOTE_CALL:
		return "call";
	case ATM_RQFAILED:
		return "failed";
	case ATM_DROPPED:
		return "dropped";
	case ATM_RELEASED:
		return "released";
	default:
		return "frame";
	}
}

static void
ind_push(lua_State *L, struct lnode *n, const struct raw_ind *x)
{
	const struct atm_ind *ind = &x->ind;

	lua_createtable(L, 0, 8);
	lua_pushstring(L, ind_word(ind->kind));
	lua_setfield(L, -2, "kind");
	lua_pushnumber(L, lto_seconds(n->net, x->t));
	lua_setfield(L, -2, "t");
	lua_pushinteger(L, ind->ref);
	lua_setfield(L, -2, "ref");
	set_flag(L, "leaf", ind->leaf);
	if (ind->cause != 0) {
		lua_pushinteger(L, ind->cause);
		lua_setfield(L, -2, "cause");
	}
	if (ind->peer.tl != 0) {
		laddr_push(L, n->net, &ind->peer);
		lua_setfield(L, -2, "peer");
	}
	if (ind->kind == ATM_ACK || ind->kind == ATM_RQFAILED) {
		lua_pushstring(L, atm_req_word(ind->rq));
		lua_setfield(L, -2, "request");
	}
	if (ind->kind != ATM_DATA)
		return;
	lua_pushlstring(L, (const char *)ind->frame->bytes, ind->frame->len);
	lua_setfield(L, -2, "bytes");
}

/* core.raw_take(port): the oldest indication that waits, or nil */
int
lcore_raw_take(lua_State *L)
{
	struct lnode *n = raw_self(L);
	struct raw_ind x;

	if (!node_raw_peek(n->net->w, n->id, 0, &x)) {
		lua_pushnil(L);
		return 1;
	}
	ind_push(L, n, &x);
	node_raw_take(n->net->w, n->id);
	return 1;
}

/* core.raw(net, name, options) */
int
lcore_raw(lua_State *L)
{
	static const char *const names[] = { "addr" };
	struct lnet *net = lnet_self(L, 1);
	const char *name = larg_string(L, 2, "name");
	struct atm_addr addr = { 0 };
	node_id id;
	size_t n;
	int err;

	lua_settop(L, 3);
	lopt_check(L, 3, "raw", names, 1);
	if (lopt_get(L, 3, "addr"))
		addr = *laddrs_arg(L, -1, net, "addr", false, &n);
	else
		lreserved(net, name, &addr);
	err = world_add_raw(net->w, name, &addr, &id);
	if (err < 0)
		return lnode_failed(L, net, err, name);
	lnode_push(L, net, id);
	return 1;
}

static const luaL_Reg gets[] = {
	{ "vcs", get_vcs }, { "waiting", get_waiting }, { "lost", get_lost },
	{ NULL, NULL },
};
static const luaL_Reg calls[] = {
	{ "call", do_call }, { "multi", do_multi }, { "add", do_add },
	{ "drop", do_drop }, { "release", do_release }, { "send", do_send },
	{ NULL, NULL },
};

void
lraw_open(lua_State *L)
{
	struct lclass c = { "raw", gets, lnode_gets, calls, lnode_calls,
		lnode_meta };

	lclass_new(L, &c);
}
