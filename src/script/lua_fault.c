/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Faults of the network.  Each is an object that heals when its block ends
 * (local f <close> = net:cut(...)) or when told to; one that is merely
 * forgotten stays, so that net:cut("C1", "M1") alone does what it says.
 */
#include <stdlib.h>
#include <string.h>

#include "marsh/base/err.h"
#include "script/script_int.h"

#define OP_DATA LOG_OP_DATA

struct lfault {
	struct lnet *net;
	bool healed;
	uint64_t hits; /* when it was healed */
	size_t n;
	fault_id id[]; /* a cut between lists is one fault a pair */
};

static struct lfault *
fault_push(lua_State *L, struct lnet *net, size_t n)
{
	struct lfault *f;

	f = lua_newuserdatauv(L, sizeof(*f) + n * sizeof(f->id[0]), 1);
	f->net = net;
	f->healed = false;
	f->hits = 0;
	f->n = 0;
	lnet_push(L, net);
	lua_setiuservalue(L, -2, 1);
	luaL_setmetatable(L, "fault");
	return f;
}

/* One fault or the refusal of the world. */
static int
one(lua_State *L, struct lnet *net, int err)
{
	struct lfault *f;

	lraise(L);
	if (err < 0)
		return lrefused(L, err);
	f = fault_push(L, net, 1);
	f->id[f->n++] = (fault_id)err;
	return 1;
}

/* ---- verbs of the net --------------------------------------------------------- */

static int
net_cut(lua_State *L)
{
	struct lnet *net = lnet_self(L, 1);
	struct lfault *f;
	node_id *a, *b;
	size_t na, nb;
	int err;

	lua_settop(L, 3);
	a = lnodes_arg(L, 2, net, "a", &na);
	b = lnodes_arg(L, 3, net, "b", &nb);
	if (na == 0 || nb == 0)
		return lfail(L, "cut: two nodes (or lists of nodes) expected, "
		    "as in net:cut(\"C1\", \"M1\")");
	f = fault_push(L, net, na * nb);
	for (size_t i = 0; i < na; i++)
		for (size_t j = 0; j < nb; j++) {
			err = world_cut(net->w, a[i], b[j]);
			if (err < 0)
				return lrefused(L, err);
			f->id[f->n++] = (fault_id)err;
		}
	lraise(L);
	return 1;
}

static int
net_partition(lua_State *L)
{
	struct lnet *net = lnet_self(L, 1);
	int sides = lua_gettop(L) - 1;
	node_id max = world_nodes(net->w), *v;
	uint8_t *side;
	size_t n;

	if (sides < 2 || sides > 200)
		return lfail(L, "partition: two or more sides expected, as in "
		    "net:partition(\"M1 C1\", \"M2 C2\")");
	side = lua_newuserdatauv(L, max + 1, 0);
	memset(side, 0, max + 1);
	for (int s = 1; s <= sides; s++) {
		v = lnodes_arg(L, s + 1, net, "side", &n);
		for (size_t i = 0; i < n; i++) {
			if (side[v[i] - 1] != 0)
				return lfail(L, "partition: '%s' is on two "
				    "sides", node_name(net->w, v[i]));
			side[v[i] - 1] = (uint8_t)s;
		}
	}
	return one(L, net, world_partition(net->w, side, max));
}

static unsigned
op_option(lua_State *L)
{
	const char *word;
	unsigned op;

	if (!lopt_get(L, 2, "op"))
		return 0;
	word = larg_string(L, -1, "op");
	if (strcmp(word, "DATA") == 0 || strcmp(word, "data") == 0)
		return OP_DATA;
	if (strcmp(word, "ANY") == 0 || strcmp(word, "any") == 0)
		return 0;
	op = log_op_find(word);
	if (op == 0)
		lfail(L, "op: '%s' is no message (JOIN, LEAVE, REQUEST, MULTI, "
		    "MAP, ... HELLO, CA, CSU_REQ, CSU_REP, CSUS, or DATA)",
		    word);
	return op;
}

static node_id
node_option(lua_State *L, struct lnet *net, const char *name)
{
	if (!lopt_get(L, 2, name))
		return 0;
	return lnode_arg(L, -1, net, name);
}

static int
net_loss(lua_State *L)
{
	static const char *const names[] = { "op", "from", "to", "n", "p",
		"skip" };
	struct lnet *net = lnet_self(L, 1);
	node_id from, to;
	uint64_t n = 0, skip = 0;
	double p = 1;
	unsigned op;

	luaL_checkstack(L, 10, "options");
	if (lua_type(L, 2) != LUA_TTABLE)
		larg_bad(L, 2, "loss", "a table such as { op=\"JOIN\", n=1 }");
	lopt_check(L, 2, "loss", names, 6);
	op = op_option(L);
	from = node_option(L, net, "from");
	to = node_option(L, net, "to");
	if (lopt_get(L, 2, "n"))
		n = (uint64_t)larg_int(L, -1, "n", 1, LUA_MAXINTEGER);
	if (lopt_get(L, 2, "skip"))
		skip = (uint64_t)larg_int(L, -1, "skip", 0, LUA_MAXINTEGER);
	if (lopt_get(L, 2, "p"))
		p = larg_number(L, -1, "p");
	if (p < 0 || p > 1)
		return lfail(L, "p: a probability from 0 to 1 expected");
	return one(L, net, world_loss(net->w, op, from, to, skip, n, p));
}

static int
net_lag(lua_State *L)
{
	static const char *const names[] = { "op", "from", "to", "by" };
	struct lnet *net = lnet_self(L, 1);
	node_id from, to;
	struct mspan by;
	unsigned op;

	luaL_checkstack(L, 10, "options");
	if (lua_type(L, 2) != LUA_TTABLE)
		larg_bad(L, 2, "lag", "a table such as { op=\"JOIN\", by=2 }");
	lopt_check(L, 2, "lag", names, 4);
	op = op_option(L);
	from = node_option(L, net, "from");
	to = node_option(L, net, "to");
	lopt_get(L, 2, "by");
	by = larg_span(L, -1, "by");
	return one(L, net, world_lag(net->w, op, from, to, by));
}

static int
net_refuse(lua_State *L)
{
	static const char *const names[] = { "cause" };
	struct lnet *net = lnet_self(L, 1);
	node_id n = lnode_arg(L, 2, net, "node");
	lua_Integer cause = ATM_CAUSE_REJECTED;

	if (lua_type(L, 3) == LUA_TNUMBER)
		cause = larg_int(L, 3, "cause", 1, 127);
	else {
		lopt_check(L, 3, "refuse", names, 1);
		if (lopt_get(L, 3, "cause"))
			cause = larg_int(L, -1, "cause", 1, 127);
	}
	return one(L, net, world_refuse(net->w, n, (unsigned)cause));
}

static int
net_heal(lua_State *L)
{
	struct lnet *net = lnet_self(L, 1);
	fault_id id = 0;

	if (!lua_isnoneornil(L, 2))
		id = (fault_id)larg_int(L, 2, "fault", 1, UINT32_MAX);
	return lresult(L, world_heal(net->w, id));
}

const luaL_Reg lfault_net_calls[] = {
	{ "cut", net_cut }, { "partition", net_partition },
	{ "loss", net_loss }, { "lag", net_lag }, { "refuse", net_refuse },
	{ "heal", net_heal }, { NULL, NULL },
};

/* ---- the object ---------------------------------------------------------------- */

static struct lfault *
fault_self(lua_State *L)
{
	struct lfault *f = lclass_self(L, 1, "fault");

	if (f->net->w != NULL)
		f->net->s->cur = L;
	return f;
}

/* The live fault behind the first id, if it lives. */
static bool
live(const struct lfault *f, size_t i, struct fault_info *info)
{
	return f->net->w != NULL && i < f->n &&
	    world_next_fault(f->net->w, f->id[i] - 1, info) &&
	    info->id == f->id[i];
}

static uint64_t
count_hits(const struct lfault *f)
{
	struct fault_info info;
	uint64_t hits = 0;

	for (size_t i = 0; i < f->n; i++)
		if (live(f, i, &info))
			hits += info.hits;
	return hits;
}

static int
fault_heal(lua_State *L)
{
	struct lfault *f = fault_self(L);
	bool healed = f->healed;

	if (!healed && f->net->w != NULL) {
		f->healed = true;
		f->hits = count_hits(f);
		for (size_t i = 0; i < f->n; i++)
			world_heal(f->net->w, f->id[i]);
	}
	lraise(L);
	lua_pushboolean(L, true);
	return 1;
}

static int
get_kind(lua_State *L)
{
	struct lfault *f = fault_self(L);
	struct fault_info info;

	lua_pushstring(L, live(f, 0, &info) ? info.kind : "healed");
	return 1;
}

static int
get_hits(lua_State *L)
{
	struct lfault *f = fault_self(L);

	lua_pushinteger(L, (lua_Integer)(f->healed ? f->hits :
	    count_hits(f)));
	return 1;
}

static int
get_since(lua_State *L)
{
	struct lfault *f = fault_self(L);
	struct fault_info info;

	if (live(f, 0, &info))
		lua_pushnumber(L, lto_seconds(f->net, info.since));
	else
		lua_pushnil(L);
	return 1;
}

static int
get_live(lua_State *L)
{
	struct fault_info info;

	lua_pushboolean(L, live(fault_self(L), 0, &info));
	return 1;
}

static int
get_id(lua_State *L)
{
	struct lfault *f = fault_self(L);

	lua_pushinteger(L, f->n > 0 ? (lua_Integer)f->id[0] : 0);
	return 1;
}

/* "fault 3: loss JOIN from C1 to M1 p 0.1" */
static int
fault_tostring(lua_State *L)
{
	struct lfault *f = fault_self(L);
	struct sbuf b = { 0 };
	struct fault_info i;
	bool oom;

	if (!live(f, 0, &i)) {
		lua_pushliteral(L, "fault (healed)");
		return 1;
	}
	show_fault(f->net->w, &i, &b);
	oom = b.oom;
	if (!oom)
		lua_pushfstring(L, "fault %d: %s", (int)i.id, b.s);
	sbuf_free(&b);
	return oom ? luaL_error(L, "not enough memory") : 1;
}

static const luaL_Reg gets[] = {
	{ "kind", get_kind }, { "hits", get_hits }, { "since", get_since },
	{ "live", get_live }, { "id", get_id }, { NULL, NULL },
};
static const luaL_Reg calls[] = { { "heal", fault_heal }, { NULL, NULL } };
static const luaL_Reg meta[] = {
	{ "__close", fault_heal }, { "__tostring", fault_tostring },
	{ NULL, NULL },
};

void
lfault_open(lua_State *L)
{
	struct lclass c = { "fault", gets, NULL, calls, NULL, meta };

	lclass_new(L, &c);
}
