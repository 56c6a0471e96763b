/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mars.server: a MARS as scripts see it (RFC 2022 section 6).  Its tables are
 * read in place; a MARS whose machine is dead has none, and reads as empty.
 */
#include <string.h>

#include "marsh/base/err.h"
#include "script/script_int.h"

static struct lnode *
server_self(lua_State *L, int idx)
{
	lclass_self(L, idx, "mars.server");
	return lnode_self(L, idx);
}

/* NULL while the machine is off: a crashed program has no tables to read. */
static const struct mars_server *
engine(const struct lnode *n)
{
	enum node_state st = node_state_of(n->net->w, n->id);

	return st == NODE_UP || st == NODE_HUNG ?
	    node_server(n->net->w, n->id) : NULL;
}

/* The tables of the protocol that |g| is an address of. */
static int
proto_of(const struct mars_server *s, const struct l3_addr *g)
{
	struct l3_proto pro = L3_PROTO_IPV4;

	if (g != NULL && g->len == 16)
		pro = L3_PROTO_IPV6;
	return mars_server_find_proto(s, &pro);
}

/* ---- fields -------------------------------------------------------------------- */

static int
get_role(lua_State *L)
{
	struct lnode *n = server_self(L, 1);

	switch (node_state_of(n->net->w, n->id)) {
	case NODE_UP:
		lua_pushliteral(L, "Active");
		break;
	case NODE_HUNG:
		lua_pushliteral(L, "Hung");
		break;
	case NODE_DEAD:
		lua_pushliteral(L, "Dead");
		break;
	case NODE_STOPPED:
		lua_pushliteral(L, "Stopped");
		break;
	}
	return 1;
}

static int
get_map(lua_State *L)
{
	struct lnode *n = server_self(L, 1);
	const struct mars_server *s = engine(n);
	const struct atm_addr *v = NULL;
	bool hard = false;
	size_t len = 0;

	if (s != NULL)
		v = mars_server_list(s, &len, &hard);
	laddrs_push(L, n->net, v, len);
	lua_pushboolean(L, hard);
	lua_setfield(L, -2, "hard");
	return 1;
}

static int
get_ccvc(lua_State *L)
{
	struct lnode *n = server_self(L, 1);

	lvc_push(L, n->net, 0, ATM_USE_CCVC, n->id);
	return 1;
}

static int
get_scvc(lua_State *L)
{
	struct lnode *n = server_self(L, 1);

	lvc_push(L, n->net, 0, ATM_USE_SCVC, n->id);
	return 1;
}

static void
set_ops(lua_State *L, const char *name, const uint64_t *v)
{
	lua_createtable(L, 0, MARS_OP_COUNT);
	for (unsigned op = 1; op < MARS_OP_COUNT; op++) {
		lua_pushinteger(L, (lua_Integer)v[op]);
		lua_setfield(L, -2, mars_op_word(op));
	}
	lset_meta(L, "marsh.ops");
	lua_setfield(L, -2, name);
}

static void
set_reasons(lua_State *L, const char *name, const uint64_t *v, unsigned from,
    unsigned n, const char *(*word)(unsigned))
{
	lua_createtable(L, 0, (int)n);
	for (unsigned i = from; i < n; i++) {
		lua_pushinteger(L, (lua_Integer)v[i]);
		lua_setfield(L, -2, word(i));
	}
	lset_meta(L, "marsh.counters");
	lua_setfield(L, -2, name);
}

static int
get_stats(lua_State *L)
{
	static const struct mars_server_stats none;
	const struct lnode *n = server_self(L, 1);
	const struct mars_server *s = node_server(n->net->w, n->id);
	const struct mars_server_stats *st;

	st = s != NULL ? mars_server_stats(s) : &none;
	lua_newtable(L);
	set_ops(L, "rx", st->rx);
	set_ops(L, "priv", st->priv);
	set_ops(L, "ccvc", st->ccvc);
	set_ops(L, "scvc", st->scvc);
	set_reasons(L, "drops", st->drops, 0, MARS_SERVER_DROP_COUNT,
	    mars_server_drop_word);
	set_reasons(L, "bad", st->bad, 1, MARS_BAD_COUNT, mars_bad_word);
	lua_pushinteger(L, (lua_Integer)st->memory);
	lua_setfield(L, -2, "memory");
	lset_meta(L, "marsh.counters");
	return 1;
}

static int
get_csn(lua_State *L)
{
	const struct mars_server *s = engine(server_self(L, 1));
	struct mars_proto_info info;
	int p;

	p = s != NULL ? proto_of(s, NULL) : -1;
	if (p < 0 || !mars_server_proto(s, (unsigned)p, &info))
		lua_pushnil(L);
	else
		lua_pushinteger(L, info.csn);
	return 1;
}

/* ---- verbs --------------------------------------------------------------------- */

/* The first of |v| that is no member of the MARS, or NULL. */
static const struct atm_addr *
stranger(const struct mars_server *s, const struct atm_addr *v, size_t n)
{
	struct mars_proto_info pi;
	struct mars_member_info m;
	bool is;

	for (size_t i = 0; i < n; i++) {
		is = false;
		for (unsigned p = 0; !is && mars_server_proto(s, p, &pi); p++)
			is = mars_server_member(s, p, &v[i], &m);
		if (!is)
			return &v[i];
	}
	return NULL;
}

static int
do_redirect(lua_State *L)
{
	static const char *const names[] = { "hard", "only", "force" };
	struct lnode *n = server_self(L, 1);
	struct atm_addr *list, *only = NULL;
	const struct atm_addr *who = NULL;
	size_t list_n, only_n = 0;
	bool hard = false;

	lopt_check(L, 3, "redirect", names, 3);
	list = laddrs_arg(L, 2, n->net, "list", false, &list_n);
	if (list_n == 0)
		return lfail(L, "list: at least one MARS expected, as in "
		    "M1:redirect(\"M2 M1\", { hard = false })");
	if (list_n > MARS_LIST_MAX)
		return lfail(L, "list: at most %d MARSs fit", MARS_LIST_MAX);
	if (lopt_get(L, 3, "hard"))
		hard = larg_bool(L, -1, "hard");
	if (lopt_get(L, 3, "force"))
		larg_bool(L, -1, "force");
	if (lopt_get(L, 3, "only"))
		only = laddrs_arg(L, -1, n->net, "only", false, &only_n);
	if (only_n > 0 && node_state_of(n->net->w, n->id) == NODE_UP)
		who = stranger(engine(n), only, only_n);
	if (who != NULL) {
		lua_pushnil(L);
		laddr_push(L, n->net, who);
		lua_pushfstring(L, "%s is not a member of %s",
		    lua_tostring(L, -1), n->name);
		lua_replace(L, -2);
		lua_pushliteral(L, "not_found");
		return 3;
	}
	return lresult(L, node_redirect(n->net->w, n->id, list, list_n, hard,
	    only, only_n));
}

static const luaL_Reg gets[] = {
	{ "role", get_role }, { "map", get_map }, { "ccvc", get_ccvc },
	{ "scvc", get_scvc }, { "stats", get_stats }, { "csn", get_csn },
	{ NULL, NULL },
};
static const luaL_Reg calls[] = {
	{ "redirect", do_redirect }, { NULL, NULL },
};

void
lserver_open(lua_State *L)
{
	struct lclass c = { "mars.server", gets, lnode_gets, calls,
	    lnode_calls, lnode_meta };

	lclass_new(L, &c);
}

/* ---- making ---------------------------------------------------------------------- */

static void
cmi_option(lua_State *L, struct mars_server_cfg *cfg)
{
	if (!lopt_get(L, 3, "cmi"))
		return;
	if (!lua_istable(L, -1))
		larg_bad(L, -1, "cmi", "a block such as {1, 100}");
	lua_geti(L, -1, 1);
	cfg->cmi_lo = (uint16_t)larg_int(L, -1, "cmi[1]", 1, 65535);
	lua_geti(L, -2, 2);
	cfg->cmi_hi = (uint16_t)larg_int(L, -1, "cmi[2]", cfg->cmi_lo, 65535);
}

static void
time_options(lua_State *L, struct mars_server_cfg *cfg)
{
	if (lopt_get(L, 3, "map_interval"))
		cfg->map_interval = larg_span(L, -1, "map_interval");
	if (cfg->map_interval.us < 1000000 || cfg->map_interval.us > 120000000)
		lfail(L, "map_interval: 1 to 120 s expected (RFC 2022 section "
		    "5.4.3)");
	if (lopt_get(L, 3, "purge"))
		cfg->purge = larg_span(L, -1, "purge");
	if (lopt_get(L, 3, "leaf_retry_lo"))
		cfg->leaf_retry_lo = larg_span(L, -1, "leaf_retry_lo");
	if (lopt_get(L, 3, "leaf_retry_hi"))
		cfg->leaf_retry_hi = larg_span(L, -1, "leaf_retry_hi");
	if (cfg->leaf_retry_lo.us > cfg->leaf_retry_hi.us)
		lfail(L, "leaf_retry_lo: above leaf_retry_hi");
}

static void
other_options(lua_State *L, struct lnet *net, struct mars_server_cfg *cfg)
{
	size_t n;

	if (lopt_get(L, 3, "csn"))
		cfg->csn = (uint32_t)larg_int(L, -1, "csn", 0, UINT32_MAX);
	if (lopt_get(L, 3, "mtu"))
		cfg->mtu = (uint32_t)larg_int(L, -1, "mtu", 128, 65527);
	if (lopt_get(L, 3, "checksum"))
		cfg->checksum = larg_bool(L, -1, "checksum");
	if (lopt_get(L, 3, "verify"))
		cfg->verify = larg_bool(L, -1, "verify");
	if (lopt_get(L, 3, "addr"))
		cfg->addr = *laddrs_arg(L, -1, net, "addr", false, &n);
	if (lopt_get(L, 3, "list")) {
		cfg->list = laddrs_arg(L, -1, net, "list", true,
		    &cfg->list_n);
		if (cfg->list_n > MARS_LIST_MAX)
			lfail(L, "list: at most %d MARSs fit", MARS_LIST_MAX);
	}
}

static const char *const server_options[] = { "cmi", "map_interval", "purge",
	"leaf_retry_lo", "leaf_retry_hi", "csn", "mtu", "checksum", "verify",
	"addr", "list" };

/* core.server(net, name, options): options as the Lua half has sorted them. */
int
lcore_server(lua_State *L)
{
	struct lnet *net = lnet_self(L, 1);
	const char *name = larg_string(L, 2, "name");
	struct mars_server_cfg cfg;
	node_id id;
	int err;

	luaL_checkstack(L, 40, "options");
	lua_settop(L, 3);
	lopt_check(L, 3, "mars.server", server_options,
	    sizeof(server_options) / sizeof(server_options[0]));
	mars_server_defaults(&cfg);
	cmi_option(L, &cfg);
	time_options(L, &cfg);
	other_options(L, net, &cfg);
	if (cfg.addr.tl == 0) /* its own list may just have set one aside */
		lreserved(net, name, &cfg.addr);
	err = world_add_server(net->w, name, &cfg, &id);
	if (err < 0)
		return lnode_failed(L, net, err, name);
	lnode_push(L, net, id);
	return 1;
}

/* ---- tables ---------------------------------------------------------------------- */

/* core.members(server) returns CMI -> name, and name -> group count. */
int
lcore_members(lua_State *L)
{
	struct lnode *n = server_self(L, 1);
	const struct mars_server *s = engine(n);
	struct mars_member_info m;
	int p;

	lua_newtable(L);
	p = s != NULL ? proto_of(s, NULL) : -1;
	if (p < 0)
		return 1;
	for (unsigned cmi = 1; mars_server_next_member(s, (unsigned)p, cmi,
	    &m); cmi = m.cmi + 1u) {
		laddr_push(L, n->net, &m.addr);
		lua_rawseti(L, -2, m.cmi);
	}
	return 1;
}

/* core.hosts(server, group) returns the sorted names of a group's members. */
int
lcore_hosts(lua_State *L)
{
	struct lnode *n = server_self(L, 1);
	const struct mars_server *s = engine(n);
	struct l3_addr g = lgroup_arg(L, 2, "group");
	struct mars_member_info m;
	lua_Integer i = 0;
	unsigned cmi;
	int p;

	llist_new(L, 0);
	p = s != NULL ? proto_of(s, &g) : -1;
	if (p < 0)
		return 1;
	for (cmi = mars_server_group_next(s, (unsigned)p, &g, 1); cmi != 0;
	    cmi = mars_server_group_next(s, (unsigned)p, &g, cmi + 1)) {
		if (!mars_server_next_member(s, (unsigned)p, cmi, &m))
			break;
		laddr_push(L, n->net, &m.addr);
		lua_rawseti(L, -2, ++i);
	}
	return 1;
}

/* core.groups(server) returns the groups with members by single join. */
int
lcore_groups(lua_State *L)
{
	struct lnode *n = server_self(L, 1);
	const struct mars_server *s = engine(n);
	struct mars_group_info info;
	struct l3_addr after;
	lua_Integer i = 0;
	bool more;

	llist_new(L, 0);
	for (unsigned p = 0; s != NULL; p++) {
		struct mars_proto_info pi;
		if (!mars_server_proto(s, p, &pi))
			break;
		more = mars_server_next_group(s, p, NULL, &info);
		while (more) {
			lgroup_push(L, &info.group);
			lua_rawseti(L, -2, ++i);
			after = info.group;
			more = mars_server_next_group(s, p, &after, &info);
		}
	}
	return 1;
}
