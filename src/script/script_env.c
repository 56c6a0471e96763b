/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a script finds when it starts: Lua's libraries without the parts that
 * load native or precompiled code, marsh.core, and marsh/init.lua, which makes
 * the rest appear when it is first named.
 *
 * Modules come from one directory only, found from the place of the program
 * itself: never from the environment and never from the working directory.
 */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <lualib.h>

#include "marsh/scsp/scsp.h"
#include "script/script_int.h"

static bool
has_init(const char *dir)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/marsh/init.lua", dir) >=
	    (int)sizeof(path))
		return false;
	return access(path, R_OK) == 0;
}

char *
env_find_dir(const char *want)
{
	static const char *const places[] = { "../share/marsh/lua", "../lua" };
	char exe[PATH_MAX], dir[PATH_MAX + 32], *slash;
	ssize_t n;

	if (want != NULL)
		return has_init(want) ? strdup(want) : NULL;
	n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);
	if (n <= 0)
		return NULL;
	exe[n] = '\0';
	slash = strrchr(exe, '/');
	if (slash == NULL)
		return NULL;
	*slash = '\0';
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		snprintf(dir, sizeof(dir), "%s/%s", exe, places[i]);
		if (has_init(dir))
			return strdup(dir);
	}
	return NULL;
}

/* ---- modules -------------------------------------------------------------- */

static int
read_all(lua_State *L, FILE *f)
{
	luaL_Buffer b;
	size_t n;

	luaL_buffinit(L, &b);
	do {
		n = fread(luaL_prepbuffer(&b), 1, LUAL_BUFFERSIZE, f);
		luaL_addsize(&b, n);
	} while (n > 0);
	luaL_pushresult(&b);
	return ferror(f) ? -1 : 0;
}

/* Chunks are called "marsh/x.lua": lwhere knows library frames by that. */
static int
load_module(lua_State *L, const char *name)
{
	const char *rel, *code;
	size_t len;
	FILE *f;

	rel = luaL_gsub(L, name, ".", "/");
	lua_pushfstring(L, "%s/%s.lua", lscript(L)->dir, rel);
	f = fopen(lua_tostring(L, -1), "r");
	if (f == NULL) {
		lua_pushfstring(L, "no file '%s'", lua_tostring(L, -1));
		return -1;
	}
	if (read_all(L, f) < 0) {
		fclose(f);
		lua_pushfstring(L, "cannot read module '%s'", name);
		return -1;
	}
	fclose(f);
	code = lua_tolstring(L, -1, &len);
	lua_pushfstring(L, "=%s.lua", rel);
	if (luaL_loadbufferx(L, code, len, lua_tostring(L, -1), "t") != LUA_OK)
		return lua_error(L);
	return 0;
}

static int
searcher(lua_State *L)
{
	const char *name;

	name = luaL_checkstring(L, 1);
	if (strstr(name, "..") != NULL || name[0] == '/') {
		lua_pushfstring(L, "'%s' is no module's name", name);
		return 1;
	}
	if (load_module(L, name) < 0)
		return 1;
	lua_pushvalue(L, 1);
	return 2;
}

static void
set_searchers(lua_State *L)
{
	lua_getglobal(L, "package");
	lua_getfield(L, -1, "searchers");
	lua_pushcfunction(L, searcher);
	lua_rawseti(L, -2, 2);
	for (int i = 3; i <= 4; i++) {
		lua_pushnil(L);
		lua_rawseti(L, -2, i);
	}
	lua_pop(L, 1);
	lua_pushfstring(L, "%s/?.lua", lscript(L)->dir);
	lua_setfield(L, -2, "path");
	lua_pushliteral(L, "");
	lua_setfield(L, -2, "cpath");
	lua_pushnil(L);
	lua_setfield(L, -2, "loadlib");
	lua_pop(L, 1);
}

/* ---- load and its kin: text only -------------------------------------------- */

/* load(chunk, name, mode, env) and loadfile(file, mode, env) */
static int
text_load(lua_State *L)
{
	int mode = (int)lua_tointeger(L, lua_upvalueindex(2)), n;

	n = lua_gettop(L) <= mode ? mode : mode + 1; /* env given as nil is */
	lua_settop(L, n);
	lua_pushliteral(L, "t");
	lua_replace(L, mode);
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, n, LUA_MULTRET);
	return lua_gettop(L);
}

static int
text_dofile(lua_State *L)
{
	if (luaL_loadfilex(L, larg_string(L, 1, "file"), "t") != LUA_OK)
		return lua_error(L);
	lua_call(L, 0, LUA_MULTRET);
	return lua_gettop(L) - 1;
}

static void
wrap_global(lua_State *L, const char *name, int mode)
{
	lua_getglobal(L, name);
	lua_pushinteger(L, mode);
	lua_pushcclosure(L, text_load, 2);
	lua_setglobal(L, name);
}

/* Hooks and metatables of strings and numbers belong to marsh. */
static void
trim_debug(lua_State *L)
{
	static const char *const keep[] = { "traceback", "getinfo" };

	lua_getglobal(L, "debug");
	lua_createtable(L, 0, 2);
	for (size_t i = 0; i < 2; i++) {
		lua_getfield(L, -2, keep[i]);
		lua_setfield(L, -2, keep[i]);
	}
	lua_setglobal(L, "debug");
	lua_pop(L, 1);
	lua_pushnil(L);
	lua_setfield(L, LUA_REGISTRYINDEX, "debug");
}

/* ---- marsh.core --------------------------------------------------------------- */

static int
core_fail(lua_State *L)
{
	return lfail(L, "%s", larg_string(L, 1, "message"));
}

static int
core_where(lua_State *L)
{
	lwhere(L);
	return 1;
}

static int
core_meta(lua_State *L)
{
	larg_string(L, 1, "name");
	luaL_checktype(L, 2, LUA_TTABLE);
	lua_setfield(L, LUA_REGISTRYINDEX, lua_tostring(L, 1));
	return 0;
}

/* core.hooks(on_event, on_timer): who is told what the world does. */
static int
core_hooks(lua_State *L)
{
	luaL_checktype(L, 1, LUA_TFUNCTION);
	luaL_checktype(L, 2, LUA_TFUNCTION);
	lua_settop(L, 2);
	lua_setfield(L, LUA_REGISTRYINDEX, "marsh.on_timer");
	lua_setfield(L, LUA_REGISTRYINDEX, "marsh.on_event");
	return 0;
}

static int
core_list(lua_State *L)
{
	larg_list(L, 1, "list");
	lset_meta(L, "marsh.list");
	return 1;
}

static int
core_tap(lua_State *L)
{
	struct script *s = lscript(L);
	bool ok = lua_toboolean(L, 1);

	s->tests++;
	if (!ok)
		s->failed++;
	printf("%s %u - %s\n", ok ? "ok" : "not ok", s->tests,
	    larg_string(L, 2, "what"));
	return 0;
}

static int
core_violated(lua_State *L)
{
	lscript(L)->violated += (unsigned)larg_int(L, 1, "count", 0, 1000000);
	return 0;
}

static int
core_config(lua_State *L)
{
	const struct script_cfg *c = &lscript(L)->cfg;

	lua_newtable(L);
	lua_pushinteger(L, (lua_Integer)c->seed);
	lua_setfield(L, -2, "seed");
	lua_pushboolean(L, c->quiet);
	lua_setfield(L, -2, "quiet");
	lua_pushboolean(L, c->color);
	lua_setfield(L, -2, "color");
	lua_pushboolean(L, c->utf8);
	lua_setfield(L, -2, "utf8");
	lua_pushboolean(L, c->atm);
	lua_setfield(L, -2, "atm");
	return 1;
}

static int
core_kind(lua_State *L)
{
	lua_pushstring(L, larg_type(L, 1));
	return 1;
}

static int
core_range(lua_State *L)
{
	struct l3_range r = lrange_arg(L, 1, "group");

	lrange_push(L, &r);
	lua_pushboolean(L, l3_range_single(&r));
	return 2;
}

static int
core_kinds(lua_State *L)
{
	lua_newtable(L);
	for (int i = 0; i < TRACE_KIND_COUNT; i++) {
		lua_pushinteger(L, i);
		lua_setfield(L, -2, trace_kind_word((enum trace_kind)i));
	}
	return 1;
}

/* core.states(scsp): the words that a client's state can be, or a server's of
 * SCSP with its DCSs. */
static int
core_states(lua_State *L)
{
	bool scsp = lua_toboolean(L, 1);
	lua_Integer n = 0;

	lua_newtable(L);
	if (scsp) {
		for (unsigned s = SCSP_CA_DOWN; s <= SCSP_CA_ALIGNED; s++) {
			lua_pushstring(L,
			    scsp_cafsm_word((enum scsp_cafsm)s));
			lua_rawseti(L, -2, ++n);
		}
		return 1;
	}
	for (unsigned s = MARS_CLIENT_IDLE; s <= MARS_CLIENT_DEREGISTERING;
	    s++) {
		lua_pushstring(L, mars_client_state_word(s));
		lua_rawseti(L, -2, ++n);
	}
	for (unsigned s = NODE_HUNG; s <= NODE_STOPPED; s++) {
		lua_pushstring(L, node_state_word((enum node_state)s));
		lua_rawseti(L, -2, ++n);
	}
	return 1;
}

static int
core_op(lua_State *L)
{
	unsigned op = log_op_find(larg_string(L, 1, "op"));

	if (op == 0)
		lua_pushnil(L);
	else
		lua_pushstring(L, log_op_word(op));
	return 1;
}

static const luaL_Reg core[] = {
	{ "fail", core_fail }, { "where", core_where },
	{ "meta", core_meta }, { "list", core_list },
	{ "hooks", core_hooks }, { "step", lcore_step },
	{ "tap", core_tap }, { "violated", core_violated },
	{ "linger", core_linger }, { "config", core_config }, { "kind", core_kind },
	{ "range", core_range }, { "kinds", core_kinds }, { "op", core_op },
	{ "states", core_states },
	{ "class", lclass_tables }, { "nearest", lcore_nearest },
	{ "fabric", lcore_fabric }, { "atm", lcore_atm }, { "current", lcore_current },
	{ "data", lcore_data }, { "mask", lcore_mask },
	{ "nodes", lcore_nodes }, { "find", lcore_find },
	{ "server", lcore_server }, { "client", lcore_client },
	{ "knobs", lcore_knobs }, { "answer", lcore_answer },
	{ "path", lcore_path }, { "paths", lcore_paths },
	{ "members", lcore_members }, { "hosts", lcore_hosts },
	{ "groups", lcore_groups },
	{ "vcs", lcore_vcs }, { "flows", lcore_flows }, { "heard", lcore_heard },
	{ "log", lcore_log },
	{ "run", lcore_run }, { "run_until", lcore_run_until },
	{ "settle", lcore_settle }, { "at", lcore_at },
	{ "check", lcore_check }, { "draw", lcore_draw },
	{ "ladder", lcore_ladder }, { "show", lcore_show },
	{ "command", lcore_command },
	{ "scsp", lcore_scsp }, { "scsp_format", lcore_scsp_format },
	{ "link", lcore_link }, { "peers", lcore_peers },
	{ "cache_put", lcore_cache_put }, { "cache_get", lcore_cache_get },
	{ "cache_remove", lcore_cache_remove },
	{ "cache_len", lcore_cache_len },
	{ "cache_entries", lcore_cache_entries },
	{ "raw", lcore_raw }, { "raw_take", lcore_raw_take },
	{ NULL, NULL },
};

int
env_open(lua_State *L)
{
	lua_pushboolean(L, true);
	lua_setfield(L, LUA_REGISTRYINDEX, "LUA_NOENV");
	luaL_openlibs(L);
	set_searchers(L);
	guard_coroutines(L);
	wrap_global(L, "load", 3);
	wrap_global(L, "loadfile", 2);
	lua_pushcfunction(L, text_dofile);
	lua_setglobal(L, "dofile");
	trim_debug(L);
	lkeep_open(L);

	lnet_open(L);
	lnode_open(L);
	lserver_open(L);
	lclient_open(L);
	lscsp_open(L);
	lpeer_open(L);
	lraw_open(L);
	lvc_open(L);
	lflow_open(L);
	lfault_open(L);
	levent_open(L);
	llog_open(L);

	luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
	lua_newtable(L);
	luaL_setfuncs(L, core, 0);
	lua_setfield(L, -2, "marsh.core");
	return 0;
}

int
env_start(lua_State *L)
{
	if (load_module(L, "marsh.init") < 0)
		return lua_error(L);
	lua_call(L, 0, 0);
	return 0;
}
