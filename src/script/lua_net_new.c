/* SPDX-License-Identifier: BSD-2-Clause */
/* fabric{...}: the options of a network, and a new one. */
#include <errno.h>
#include <string.h>

#include "marsh/base/err.h"
#include "script/script_int.h"

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
		lfail(L, "cannot capture to '%s': %s", path, err == MARSH_EIO ?
		    strerror(errno) : marsh_err_text(err));
}

int
lnet_new(lua_State *L, struct world *w, bool real)
{
	struct lnet *net;

	if (w == NULL)
		return luaL_error(L, "not enough memory for a net");
	lua_settop(L, 1);
	net = lua_newuserdatauv(L, sizeof(*net), LNET_DATA);
	memset(net, 0, sizeof(*net));
	net->w = w; /* collected with the net from here on */
	net->s = lscript(L);
	net->real = real;
	luaL_setmetatable(L, "net");
	lua_newtable(L);
	lua_setiuservalue(L, -2, LNET_NODES);
	lua_newtable(L);
	lua_setiuservalue(L, -2, LNET_DATA);
	lnet_link(L, net);
	lnet_hooks(net);
	start_capture(L, net);
	lua_settop(L, 2);
	return 1;
}

int
lcore_fabric(lua_State *L)
{
	struct world_cfg cfg;
	bool real;

	lua_settop(L, 1);
	read_options(L, &cfg, &real);
	lua_settop(L, 1);
	return lnet_new(L, world_new(&cfg, mem_libc()), real);
}
