/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Arguments and option tables.  A wrong one raises with its name, what was
 * wanted and what was found; an option nobody knows raises with the nearest
 * that is known.
 */
#include <math.h>
#include <string.h>

#include "script/script_int.h"

#define SPAN_MAX 1e12 /* seconds; far beyond any run, far below overflow */

const char *
larg_type(lua_State *L, int idx)
{
	const char *name;
	int t = lua_type(L, idx);

	if (t == LUA_TNONE)
		return "nothing";
	if (t != LUA_TUSERDATA && t != LUA_TTABLE)
		return lua_typename(L, t);
	if (luaL_getmetafield(L, idx, "__name") == LUA_TNIL)
		return lua_typename(L, t);
	name = lua_tostring(L, -1);
	lua_pop(L, 1); /* the metatable keeps it */
	return name != NULL ? name : lua_typename(L, t);
}

int
larg_bad(lua_State *L, int idx, const char *name, const char *wanted)
{
	if (lua_type(L, idx) == LUA_TSTRING)
		return lfail(L, "%s: %s expected, got '%s'", name, wanted,
		    lua_tostring(L, idx));
	return lfail(L, "%s: %s expected, got %s", name, wanted,
	    larg_type(L, idx));
}

double
larg_number(lua_State *L, int idx, const char *name)
{
	double v;

	if (lua_type(L, idx) != LUA_TNUMBER)
		larg_bad(L, idx, name, "a number");
	v = lua_tonumber(L, idx);
	if (!isfinite(v))
		lfail(L, "%s: a finite number expected", name);
	return v;
}

lua_Integer
larg_int(lua_State *L, int idx, const char *name, lua_Integer lo,
    lua_Integer hi)
{
	lua_Integer v;
	int ok;

	if (lua_type(L, idx) != LUA_TNUMBER)
		larg_bad(L, idx, name, "a whole number");
	v = lua_tointegerx(L, idx, &ok);
	if (!ok)
		lfail(L, "%s: a whole number expected, got %f", name,
		    lua_tonumber(L, idx));
	if (v < lo || v > hi)
		lfail(L, "%s: %I is outside %I to %I", name, v, lo, hi);
	return v;
}

struct mspan
larg_span(lua_State *L, int idx, const char *name)
{
	double s;

	if (lua_type(L, idx) != LUA_TNUMBER)
		larg_bad(L, idx, name, "a number of seconds");
	s = larg_number(L, idx, name);
	if (s < 0 || s > SPAN_MAX)
		lfail(L, "%s: %f s is no span of time", name, s);
	return MSPAN_US(llround(s * 1e6));
}

const char *
larg_string(lua_State *L, int idx, const char *name)
{
	if (lua_type(L, idx) != LUA_TSTRING)
		larg_bad(L, idx, name, "a string");
	return lua_tostring(L, idx);
}

bool
larg_bool(lua_State *L, int idx, const char *name)
{
	if (lua_type(L, idx) != LUA_TBOOLEAN)
		larg_bad(L, idx, name, "true or false");
	return lua_toboolean(L, idx);
}

static bool
known(const char *word, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(word, names[i]) == 0)
			return true;
	return false;
}

void
lopt_check(lua_State *L, int idx, const char *what, const char *const *names,
    size_t n)
{
	const char *key, *near;

	if (lua_isnoneornil(L, idx))
		return;
	if (lua_type(L, idx) != LUA_TTABLE)
		lfail(L, "%s: a table of options expected, got %s", what,
		    larg_type(L, idx));
	lua_pushnil(L);
	while (lua_next(L, idx) != 0) {
		lua_pop(L, 1);
		if (lua_type(L, -1) != LUA_TSTRING)
			lfail(L, "%s: options are written name = value", what);
		key = lua_tostring(L, -1);
		if (known(key, names, n))
			continue;
		near = show_nearest(key, names, n);
		if (near != NULL)
			lfail(L, "%s has no option '%s' (did you mean '%s'?)",
			    what, key, near);
		lfail(L, "%s has no option '%s'", what, key);
	}
}

bool
lopt_get(lua_State *L, int idx, const char *name)
{
	if (!lua_istable(L, idx)) {
		lua_pushnil(L);
		return false;
	}
	return lua_getfield(L, idx, name) != LUA_TNIL;
}

void
lset_meta(lua_State *L, const char *name)
{
	if (lua_getfield(L, LUA_REGISTRYINDEX, name) == LUA_TTABLE)
		lua_setmetatable(L, -2);
	else
		lua_pop(L, 1);
}

void
llist_new(lua_State *L, size_t n)
{
	lua_createtable(L, (int)n, 0);
	lset_meta(L, "marsh.list");
}

static void
split_words(lua_State *L, const char *text)
{
	static const char sep[] = " ,\t\n";
	lua_Integer i = 0;
	size_t len;

	for (text += strspn(text, sep); *text != '\0';
	    text += strspn(text, sep)) {
		len = strcspn(text, sep);
		lua_pushlstring(L, text, len);
		lua_rawseti(L, -2, ++i);
		text += len;
	}
}

int
larg_list(lua_State *L, int idx, const char *name)
{
	lua_Integer n;

	idx = lua_absindex(L, idx);
	luaL_checkstack(L, 8, "list");
	lua_newtable(L);
	switch (lua_type(L, idx)) {
	case LUA_TNIL:
	case LUA_TNONE:
		break;
	case LUA_TSTRING:
		split_words(L, lua_tostring(L, idx));
		break;
	case LUA_TUSERDATA:
		lua_pushvalue(L, idx);
		lua_rawseti(L, -2, 1);
		break;
	case LUA_TTABLE:
		n = luaL_len(L, idx);
		for (lua_Integer i = 1; i <= n; i++) {
			lua_geti(L, idx, i);
			lua_rawseti(L, -2, i);
		}
		break;
	default:
		larg_bad(L, idx, name, "a name, an object or a list of them");
	}
	return (int)lua_rawlen(L, -1);
}
