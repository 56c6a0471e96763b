/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * marsh.command{}: a command of the user's own.  The shell's table of rows is
 * not of this floor, so its texts go up through script_cfg.define, which also
 * judges them; the function stays here, in marsh.commands, where the row's name
 * finds it.
 */
#include "script/script_int.h"

/* text pushes option |name| of the table at 1 and returns it, or NULL. */
static const char *
text(lua_State *L, const char *name, bool needed)
{
	if (!lopt_get(L, 1, name) && !needed)
		return NULL;
	return larg_string(L, -1, name);
}

int
lcore_command(lua_State *L)
{
	static const char *const names[] = { "word", "args", "help", "example",
		"run" };
	const struct script *s = lscript(L);
	const char *word, *args, *help, *example;
	char why[512];

	if (lua_isnoneornil(L, 1))
		lfail(L, "marsh.command: a table expected, got nothing");
	lopt_check(L, 1, "marsh.command", names, 5);
	word = text(L, "word", true);
	help = text(L, "help", true);
	args = text(L, "args", false);
	example = text(L, "example", false);
	if (lua_getfield(L, 1, "run") != LUA_TFUNCTION)
		larg_bad(L, -1, "run", "a function");
	if (s->cfg.define == NULL)
		lfail(L, "marsh.command: there is no shell here");
	lua_getglobal(L, "marsh");
	lua_getfield(L, -1, "commands");
	if (s->cfg.define(word, args, help, example, why, sizeof(why)) != 0)
		lfail(L, "%s", why);
	lua_pushvalue(L, -3);
	lua_setfield(L, -2, word);
	return 0;
}
