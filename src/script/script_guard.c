/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one gate into Lua.  Whatever runs passes guard_call, and every failure
 * comes out as a message that begins with file and line.
 *
 * An interrupt sets a flag and arms a hook, as lua.c does; the hook then stays
 * armed on every instruction until the outermost call ends, so that a pcall in
 * a loop cannot swallow it.  Coroutines carry a hook of their own from birth,
 * because the signal handler cannot know which of them runs.
 */
#include <stdlib.h>
#include <string.h>

#include <lualib.h>

#include "marsh/base/err.h"
#include "script/script_int.h"

#define WATCH_EVERY 1000 /* instructions of a coroutine between two looks */
#define FRAMES_MAX 8     /* lines of "called from" */

struct script *
lscript(lua_State *L)
{
	return *(struct script **)lua_getextraspace(L);
}

void
guard_message(struct script *s, const char *text)
{
	free(s->message);
	s->message = strdup(text);
}

static void
hook(lua_State *L, lua_Debug *ar)
{
	(void)ar;
	if (!lscript(L)->interrupted)
		return;
	lua_sethook(L, hook, LUA_MASKCOUNT, 1);
	luaL_error(L, "interrupted");
}

void
guard_watch(lua_State *co)
{
	lua_sethook(co, hook, LUA_MASKCOUNT, WATCH_EVERY);
}

void
guard_check(lua_State *L)
{
	if (lscript(L)->interrupted)
		luaL_error(L, "interrupted");
}

void
script_interrupt(struct script *s)
{
	s->interrupted = 1;
	lua_sethook(s->L, hook,
	    LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT, 1);
	if (s->running != NULL)
		world_stop(s->running);
}

static int
watched_create(lua_State *L)
{
	lua_settop(L, 1);
	lua_pushvalue(L, lua_upvalueindex(1));
	lua_insert(L, 1);
	lua_call(L, 1, 1);
	guard_watch(lua_tothread(L, -1));
	return 1;
}

/* coroutine.wrap over the watched create; yields pass through lua_callk. */
static const char wrap_code[] =
    "local create, resume, status = ...\n"
    "return function(f)\n"
    "	local co = create(f)\n"
    "	local function done(ok, ...)\n"
    "		if not ok then error((...), 0) end\n"
    "		return ...\n"
    "	end\n"
    "	return function(...) return done(resume(co, ...)) end\n"
    "end\n";

int
guard_coroutines(lua_State *L)
{
	lua_getglobal(L, "coroutine");
	lua_getfield(L, -1, "create");
	lua_pushcclosure(L, watched_create, 1);
	lua_setfield(L, -2, "create");
	if (luaL_loadbufferx(L, wrap_code, sizeof(wrap_code) - 1,
	    "=marsh/wrap", "t") != LUA_OK)
		return lua_error(L);
	lua_getfield(L, -2, "create");
	lua_getfield(L, -3, "resume");
	lua_call(L, 2, 1);
	lua_setfield(L, -2, "wrap");
	lua_pop(L, 1);
	return 0;
}

/* Where a user's function was called from, innermost first, if that says more
 * than the message's own line. */
static void
add_frames(lua_State *L, lua_State *L1, luaL_Buffer *b)
{
	lua_Debug ar;
	int users = 0;

	for (int level = 0; lua_getstack(L1, level, &ar); level++) {
		lua_getinfo(L1, "Sl", &ar);
		if (ar.currentline < 0 ||
		    strncmp(ar.source, "=marsh/", 7) == 0)
			continue;
		if (users++ == 0)
			continue;
		if (users > FRAMES_MAX)
			break;
		lua_pushfstring(L, "\n  called from %s:%d", ar.short_src,
		    ar.currentline);
		luaL_addvalue(b);
	}
}

static int
on_error(lua_State *L)
{
	luaL_Buffer b;

	luaL_checkstack(L, 10, NULL);
	luaL_tolstring(L, 1, NULL);
	luaL_buffinit(L, &b);
	lua_pushvalue(L, 2);
	luaL_addvalue(&b);
	add_frames(L, L, &b);
	luaL_pushresult(&b);
	return 1;
}

enum script_status
guard_call(struct script *s, int nargs)
{
	lua_State *L = s->L;
	int base = lua_gettop(L) - nargs, rc;

	lua_pushcfunction(L, on_error);
	lua_insert(L, base);
	rc = lua_pcall(L, nargs, LUA_MULTRET, base);
	lua_remove(L, base);
	if (s->interrupted) {
		lua_sethook(L, NULL, 0, 0);
		s->interrupted = 0;
		lua_settop(L, base - 1);
		guard_message(s, "interrupted");
		return SCRIPT_INTERRUPTED;
	}
	if (rc == LUA_OK)
		return SCRIPT_OK;
	guard_message(s, lua_type(L, -1) == LUA_TSTRING ?
	    lua_tostring(L, -1) : "error without a message");
	lua_settop(L, base - 1);
	return SCRIPT_ERROR;
}
