/* SPDX-License-Identifier: BSD-2-Clause */
/* scsp.server "A" {...}: the options of an SCSP server, and a new one. */
#include <string.h>

#include "marsh/base/err.h"
#include "script/lua_scsp_int.h"

static const char *const options[] = { "id", "addr", "mtu", "pid", "sgid",
	"family", "hello", "dead", "rexmt", "ca_rexmt", "ca_hold",
	"csus_rexmt", "csu_rexmt", "reply_delay", "tombstone", "csus_max",
	"csu_max", "guard", "window", "hops", "restart", "own", "multipoint",
	"auth_fail_drop", "literal_a02", "literal_a18" };
#define OPTIONS (sizeof(options) / sizeof(options[0]))

static void
number(lua_State *L, const char *name, lua_Integer lo, lua_Integer hi,
    lua_Integer *v)
{
	if (lopt_get(L, 3, name))
		*v = larg_int(L, -1, name, lo, hi);
	lua_pop(L, 1);
}

static void
word16(lua_State *L, const char *name, lua_Integer lo, uint16_t *v)
{
	lua_Integer n = *v;

	number(L, name, lo, UINT16_MAX, &n);
	*v = (uint16_t)n;
}

static void
count(lua_State *L, const char *name, unsigned *v)
{
	lua_Integer n = *v;

	number(L, name, 1, 1000000, &n);
	*v = (unsigned)n;
}

static void
span(lua_State *L, const char *name, int64_t lo, struct mspan *v)
{
	if (lopt_get(L, 3, name)) {
		*v = larg_span(L, -1, name);
		if (v->us < lo)
			lfail(L, "%s: a number of seconds above 0 expected",
			    name);
	}
	lua_pop(L, 1);
}

static void
flag(lua_State *L, const char *name, bool *v)
{
	if (lopt_get(L, 3, name))
		*v = larg_bool(L, -1, name);
	lua_pop(L, 1);
}

static void
times(lua_State *L, struct scsp_group_cfg *g)
{
	struct mspan all = { 0 };

	span(L, "rexmt", 1000, &all);
	if (all.us > 0)
		g->ca_rexmt = g->csus_rexmt = g->csu_rexmt = all;
	span(L, "ca_rexmt", 1000, &g->ca_rexmt);
	span(L, "csus_rexmt", 1000, &g->csus_rexmt);
	span(L, "csu_rexmt", 1000, &g->csu_rexmt);
	span(L, "ca_hold", 0, &g->ca_hold);
	span(L, "tombstone", 0, &g->tombstone);
	span(L, "reply_delay", 0, &g->reply_delay);
	if (g->reply_delay.us > 200000)
		lfail(L, "reply_delay: at most 0.2 s, below the other's "
		    "csu_rexmt");
}

static void
own_option(lua_State *L, struct scsp_group_cfg *g)
{
	const char *word;

	if (!lopt_get(L, 3, "own"))
		return;
	word = larg_string(L, -1, "own");
	if (strcmp(word, "adopt") == 0)
		g->own = SCSP_OWN_ADOPT;
	else if (strcmp(word, "withdraw") == 0)
		g->own = SCSP_OWN_WITHDRAW;
	else
		lfail(L, "own: \"adopt\" or \"withdraw\" expected, got '%s'",
		    word);
}

static void
group_options(lua_State *L, struct scsp_group_cfg *g)
{
	lua_Integer restart = g->restart;

	word16(L, "pid", 0, &g->pid);
	word16(L, "sgid", 0, &g->sgid);
	word16(L, "family", 0, &g->family);
	word16(L, "hello", 1, &g->interval);
	word16(L, "dead", 1, &g->dead);
	word16(L, "hops", 1, &g->hops);
	times(L, g);
	count(L, "csus_max", &g->csus_max);
	count(L, "csu_max", &g->csu_max);
	count(L, "guard", &g->guard);
	count(L, "window", &g->window);
	if (g->tombstone.us < g->csu_rexmt.us * g->csu_max)
		lfail(L, "tombstone: at least csu_rexmt x csu_max, %f s: "
		    "until then somebody may not have heard of the removal",
		    (double)g->csu_rexmt.us * g->csu_max / 1e6);
	number(L, "restart", 1, INT32_MAX, &restart);
	g->restart = (uint32_t)restart;
	own_option(L, g);
	flag(L, "multipoint", &g->multipoint);
	flag(L, "auth_fail_drop", &g->auth_fail_drop);
	flag(L, "literal_a02", &g->literal_a02);
	flag(L, "literal_a18", &g->literal_a18);
}

/* Two servers of a group with one ID never align. */
static void
check_id(lua_State *L, struct lnet *net, const struct world_scsp_cfg *cfg)
{
	const struct world_scsp_cfg *o;

	for (node_id i = 1; i <= world_nodes(net->w); i++) {
		if (node_kind_of(net->w, i) != NODE_SCSP)
			continue;
		o = node_scsp_cfg(net->w, i);
		if (scsp_oct_equal(o->engine.id, cfg->engine.id)
		    && o->group.pid == cfg->group.pid
		    && o->group.sgid == cfg->group.sgid)
			lfail(L, "id: '%s' has that ID in this server group",
			    node_name(net->w, i));
	}
}

/* core.scsp(net, name, options) */
int
lcore_scsp(lua_State *L)
{
	struct lnet *net = lnet_self(L, 1);
	const char *name = larg_string(L, 2, "name");
	struct world_scsp_cfg cfg;
	lua_Integer mtu;
	node_id id;
	size_t n;
	int err;

	luaL_checkstack(L, 40, "options");
	lua_settop(L, 3);
	lopt_check(L, 3, "scsp.server", options, OPTIONS);
	world_scsp_defaults(&cfg);
	mtu = cfg.engine.mtu;
	number(L, "mtu", 512, 65527, &mtu);
	cfg.engine.mtu = (uint32_t)mtu;
	group_options(L, &cfg.group);
	if (lopt_get(L, 3, "addr"))
		cfg.engine.addr = *laddrs_arg(L, -1, net, "addr", false, &n);
	if (lopt_get(L, 3, "id")) {
		cfg.engine.id = lscsp_id_arg(L, -1, "id");
		check_id(L, net, &cfg);
	}
	if (cfg.engine.addr.tl == 0)
		lreserved(net, name, &cfg.engine.addr);
	err = world_add_scsp(net->w, name, &cfg, &id);
	if (err < 0)
		return lnode_failed(L, net, err, name);
	lnode_push(L, net, id);
	return 1;
}
