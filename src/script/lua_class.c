/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Objects with fields that are read and verbs that are called.  A class is two
 * tables of functions, get and call, behind one __index; the Lua half adds to
 * both.  A name in neither is a mistake of the script's writer and raises with
 * the nearest name there is, so a typo is never a silent nil.
 */
#include <stdarg.h>
#include <string.h>

#include "marsh/base/err.h"
#include "script/script_int.h"

#define CLASSES "marsh.classes"
#define NAMES_MAX 256

static bool
frame_is_users(const lua_Debug *ar)
{
	if (ar->currentline < 0)
		return false;
	return strncmp(ar->source, "=marsh/", 7) != 0;
}

void
lwhere(lua_State *L)
{
	lua_Debug ar;
	int level;

	for (level = 0; lua_getstack(L, level, &ar); level++) {
		if (lua_getinfo(L, "Sl", &ar) == 0 || !frame_is_users(&ar))
			continue;
		lua_pushfstring(L, "%s:%d: ", ar.short_src, ar.currentline);
		return;
	}
	lua_pushliteral(L, "");
}

int
lfail(lua_State *L, const char *fmt, ...)
{
	va_list ap;

	luaL_checkstack(L, 8, "no room for a message");
	lwhere(L);
	va_start(ap, fmt);
	lua_pushvfstring(L, fmt, ap);
	va_end(ap);
	lua_concat(L, 2);
	return lua_error(L);
}

static size_t
add_keys(lua_State *L, int idx, const char **names, size_t n)
{
	if (!lua_istable(L, idx))
		return n;
	lua_pushnil(L);
	while (lua_next(L, idx) != 0) {
		lua_pop(L, 1);
		if (n < NAMES_MAX && lua_type(L, -1) == LUA_TSTRING)
			names[n++] = lua_tostring(L, -1);
	}
	return n;
}

static void
push_hint(lua_State *L, const char *word, const char *const *names, size_t n)
{
	const char *near;

	near = show_nearest(word, names, n);
	if (near != NULL)
		lua_pushfstring(L, " (did you mean '%s'?)", near);
	else
		lua_pushliteral(L, "");
}

void
lhint(lua_State *L, const char *word, int idx)
{
	const char *names[NAMES_MAX];

	push_hint(L, word, names, add_keys(L, idx, names, 0));
}

static int
no_field(lua_State *L)
{
	const char *names[NAMES_MAX], *key;
	size_t n;

	if (lua_type(L, 2) != LUA_TSTRING)
		return lfail(L, "%s has no field of type %s",
		    lua_tostring(L, lua_upvalueindex(3)), luaL_typename(L, 2));
	key = lua_tostring(L, 2);
	n = add_keys(L, lua_upvalueindex(1), names, 0);
	n = add_keys(L, lua_upvalueindex(2), names, n);
	push_hint(L, key, names, n);
	return lfail(L, "%s has no field '%s'%s",
	    lua_tostring(L, lua_upvalueindex(3)), key, lua_tostring(L, -1));
}

/* Upvalues: get, call, name.  get[1] is asked for names in neither. */
static int
index_object(lua_State *L)
{
	lua_settop(L, 2);
	lua_pushvalue(L, 2);
	if (lua_rawget(L, lua_upvalueindex(2)) != LUA_TNIL)
		return 1;
	lua_pop(L, 1);
	lua_pushvalue(L, 2);
	if (lua_type(L, 2) == LUA_TSTRING &&
	    lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) {
		lua_pushvalue(L, 1);
		lua_call(L, 1, 1);
		return 1;
	}
	lua_settop(L, 2);
	if (lua_rawgeti(L, lua_upvalueindex(1), 1) != LUA_TNIL) {
		lua_pushvalue(L, 1);
		lua_pushvalue(L, 2);
		lua_call(L, 2, 1);
		if (!lua_isnil(L, -1) || lua_type(L, 2) == LUA_TNUMBER)
			return 1;
	}
	lua_settop(L, 2);
	return no_field(L);
}

static int
set_object(lua_State *L)
{
	return lfail(L, "fields of %s are read, not set (field '%s')",
	    lua_tostring(L, lua_upvalueindex(1)),
	    lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?");
}

static void
set_functions(lua_State *L, const luaL_Reg *v)
{
	if (v != NULL)
		luaL_setfuncs(L, v, 0);
}

void
lclass_new(lua_State *L, const struct lclass *c)
{
	luaL_newmetatable(L, c->name);
	set_functions(L, c->meta);
	lua_newtable(L);
	set_functions(L, c->get2);
	set_functions(L, c->get);
	lua_newtable(L);
	set_functions(L, c->call2);
	set_functions(L, c->call);

	luaL_getsubtable(L, LUA_REGISTRYINDEX, CLASSES);
	lua_createtable(L, 0, 2);
	lua_pushvalue(L, -4);
	lua_setfield(L, -2, "get");
	lua_pushvalue(L, -3);
	lua_setfield(L, -2, "call");
	lua_setfield(L, -2, c->name);
	lua_pop(L, 1);

	lua_pushstring(L, c->name);
	lua_pushcclosure(L, index_object, 3);
	lua_setfield(L, -2, "__index");
	lua_pushstring(L, c->name);
	lua_pushcclosure(L, set_object, 1);
	lua_setfield(L, -2, "__newindex");
	lua_pushstring(L, c->name);
	lua_setfield(L, -2, "__metatable");
	lua_pop(L, 1);
}

int
lclass_tables(lua_State *L)
{
	const char *name;

	name = larg_string(L, 1, "class");
	luaL_getsubtable(L, LUA_REGISTRYINDEX, CLASSES);
	if (lua_getfield(L, -1, name) == LUA_TNIL)
		return lfail(L, "no class called '%s'", name);
	return 1;
}

void *
lclass_self(lua_State *L, int idx, const char *name)
{
	void *p;

	p = luaL_testudata(L, idx, name);
	if (p == NULL)
		lfail(L, "%s expected, got %s (call verbs with ':', as in "
		    "object:verb())", name, larg_type(L, idx));
	return p;
}

int
lrefused(lua_State *L, int err)
{
	lua_pushnil(L);
	lua_pushstring(L, marsh_err_text(err));
	lua_pushstring(L, marsh_err_word(err));
	return 3;
}

/* The registry's slot for it exists from the start: see lkeep_open. */
static const char kept;

void
lkeep_open(lua_State *L)
{
	lua_pushboolean(L, false);
	lua_rawsetp(L, LUA_REGISTRYINDEX, &kept);
}

void
lkeep(lua_State *L)
{
	lua_rawsetp(L, LUA_REGISTRYINDEX, &kept);
	lscript(L)->raised = true;
}

void
lraise(lua_State *L)
{
	if (!lscript(L)->raised)
		return;
	lscript(L)->raised = false;
	lua_rawgetp(L, LUA_REGISTRYINDEX, &kept);
	lkeep_open(L);
	lua_error(L);
}

int
lresult(lua_State *L, int err)
{
	lraise(L);
	if (err < 0)
		return lrefused(L, err);
	lua_pushboolean(L, true);
	return 1;
}

void
lclass_other(lua_State *L, const char *name, lua_CFunction fn)
{
	luaL_getsubtable(L, LUA_REGISTRYINDEX, CLASSES);
	lua_getfield(L, -1, name);
	lua_getfield(L, -1, "get");
	lua_pushcfunction(L, fn);
	lua_rawseti(L, -2, 1);
	lua_pop(L, 3);
}
