/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fabric{...} and the net it returns: a world that scripts own.  Closing it (or
 * its collection) ends the world at once; whatever still points to it then says
 * that it is gone instead of touching it.
 */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "marsh/base/err.h"
#include "script/script_int.h"

#define NETS "marsh.nets" /* lightuserdata of struct lnet -> its userdata */
enum { UV_NODES = 1, UV_DATA, UV_COUNT = UV_DATA };

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

/* ---- making ---------------------------------------------------------------- */

static unsigned
uni_arg(lua_State *L, int idx)
{
	const char *text;

	lua_pushvalue(L, idx);
	text = lua_tostring(L, -1);
	if (text != NULL && (strcmp(text, "3.1") == 0 ||
	    strcmp(text, "31") == 0))
		return 31;
	if (text != NULL && (strcmp(text, "3.0") == 0 ||
	    strcmp(text, "30") == 0 || strcmp(text, "3") == 0))
		return 30;
	lua_pop(L, 1);
	larg_bad(L, idx, "uni", "\"3.0\" or \"3.1\"");
	return 0;
}

static double
loss_arg(lua_State *L, int idx)
{
	double p = larg_number(L, idx, "loss");

	if (p < 0 || p > 1)
		lfail(L, "loss: a probability from 0 to 1 expected, got %f", p);
	return p;
}

static void
read_sim(lua_State *L, struct sim_cfg *c)
{
	if (lopt_get(L, 1, "seed"))
		c->seed = (uint64_t)larg_int(L, -1, "seed", LUA_MININTEGER,
		    LUA_MAXINTEGER);
	if (lopt_get(L, 1, "uni"))
		c->uni = uni_arg(L, lua_gettop(L));
	if (lopt_get(L, 1, "delay"))
		c->delay = larg_span(L, -1, "delay");
	if (lopt_get(L, 1, "jitter"))
		c->jitter = larg_span(L, -1, "jitter");
	if (lopt_get(L, 1, "loss"))
		c->loss = loss_arg(L, -1);
	if (lopt_get(L, 1, "vcmax"))
		c->vc_max = (uint32_t)larg_number(L, -1, "vcmax");
	if (lopt_get(L, 1, "leafmax"))
		c->leaf_max = (uint32_t)larg_int(L, -1, "leafmax", 1,
		    INT32_MAX);
}

static bool
real_arg(lua_State *L)
{
	const char *word;

	if (!lopt_get(L, 1, "clock"))
		return false;
	word = larg_string(L, -1, "clock");
	if (strcmp(word, "real") != 0 && strcmp(word, "virtual") != 0)
		lfail(L, "clock: \"real\" or \"virtual\" expected, got '%s'",
		    word);
	return word[0] == 'r';
}

static void
read_options(lua_State *L, struct world_cfg *cfg, bool *real)
{
	static const char *const names[] = { "seed", "uni", "delay", "jitter",
	    "loss", "vcmax", "leafmax", "clock", "log_max", "log_data" };

	lopt_check(L, 1, "fabric", names, sizeof(names) / sizeof(names[0]));
	luaL_checkstack(L, 16, "options");
	world_defaults(cfg);
	cfg->sim.seed = lscript(L)->cfg.seed;
	read_sim(L, &cfg->sim);
	*real = real_arg(L);
	if (lopt_get(L, 1, "log_max"))
		cfg->log_max = (size_t)larg_int(L, -1, "log_max", 1,
		    1 << 28);
	if (lopt_get(L, 1, "log_data"))
		cfg->log_data = larg_bool(L, -1, "log_data");
}

/* The first world writes to the file as named, the next ones beside it. */
static void
start_capture(lua_State *L, struct lnet *net)
{
	struct script *s = lscript(L);
	const char *path = s->cfg.capture;
	int err;

	if (path == NULL)
		return;
	if (s->captures++ > 0)
		path = lua_pushfstring(L, "%s.%d", path, (int)s->captures);
	err = world_capture(net->w, path);
	if (err < 0)
		lfail(L, "cannot capture to '%s': %s", path,
		    marsh_err_text(err));
}

static void
link_net(lua_State *L, struct lnet *net)
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

int
lcore_fabric(lua_State *L)
{
	struct world_cfg cfg;
	struct lnet *net;
	bool real;

	lua_settop(L, 1);
	read_options(L, &cfg, &real);
	lua_settop(L, 1);
	net = lua_newuserdatauv(L, sizeof(*net), UV_COUNT);
	memset(net, 0, sizeof(*net));
	luaL_setmetatable(L, "net");
	lua_newtable(L);
	lua_setiuservalue(L, -2, UV_NODES);
	lua_newtable(L);
	lua_setiuservalue(L, -2, UV_DATA);
	net->s = lscript(L);
	net->real = real;
	net->w = world_new(&cfg, mem_libc());
	if (net->w == NULL)
		return luaL_error(L, "not enough memory for a net");
	link_net(L, net);
	lnet_hooks(net);
	start_capture(L, net);
	lua_settop(L, 2);
	return 1;
}

/* ---- its end ---------------------------------------------------------------- */

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

	if (!lua_isnoneornil(L, 2) && !(lua_isboolean(L, 2) &&
	    !lua_toboolean(L, 2)))
		path = larg_string(L, 2, "file");
	return lresult(L, world_capture(net->w, path));
}

static int
net_switch(lua_State *L)
{
	int n = sim_switch_add(world_sim(lnet_self(L, 1)->w));

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
	int n = sim_link(world_sim(net->w), a, b, larg_span(L, 4, "delay"));

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

	return lresult(L, sim_place(world_sim(net->w), node_port(net->w, n),
	    sw));
}

static int
net_tostring(lua_State *L)
{
	struct lnet *net = lclass_self(L, 1, "net");

	if (net->w == NULL)
		lua_pushliteral(L, "fabric (closed)");
	else
		lua_pushfstring(L, "fabric at %f s with %d nodes",
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
	lua_getiuservalue(L, 1, UV_DATA);
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
