/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables, drawings and charts of src/show for scripts. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "marsh/base/err.h"
#include "script/script_int.h"

static int
push_sbuf(lua_State *L, struct sbuf *b)
{
	bool oom = b->oom;

	if (!oom)
		lua_pushlstring(L, b->s != NULL ? b->s : "", b->len);
	sbuf_free(b);
	if (oom)
		return luaL_error(L, "not enough memory");
	return 1;
}

/* Drawings are no wider than the terminal, where there is one. */
static size_t
columns(void)
{
#ifdef TIOCGWINSZ
	struct winsize ws;

	if (isatty(STDOUT_FILENO) == 1
	    && ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0)
		return ws.ws_col;
#endif
	return 0;
}

/* core.draw(net) */
int
lcore_draw(lua_State *L)
{
	struct lnet *net = lnet_arg(L, 1);
	struct sbuf b = { 0 };

	show_draw(net->w, &b, lscript(L)->cfg.utf8, columns());
	return push_sbuf(L, &b);
}

static int
write_svg(lua_State *L, struct lnet *net, const struct ladder_opt *opt,
    const char *path)
{
	struct sbuf b = { 0 };
	bool ok;
	FILE *f;

	show_ladder_svg(net->w, opt, &b);
	f = b.oom ? NULL : fopen(path, "w");
	ok = f != NULL && fwrite(b.s, 1, b.len, f) == b.len;
	if (f != NULL && fclose(f) != 0)
		ok = false;
	sbuf_free(&b);
	if (ok) {
		lua_pushboolean(L, true);
		return 1;
	}
	lua_pushnil(L);
	lua_pushfstring(L, "%s: %s", path, strerror(errno));
	lua_pushliteral(L, "io");
	return 3;
}

/* core.ladder(net, options) */
int
lcore_ladder(lua_State *L)
{
	static const char *const names[] = { "from", "to", "nodes", "file",
		"data", "max", "width" };
	struct lnet *net = lnet_arg(L, 1);
	struct ladder_opt opt = { .from = world_start(net->w),
		.to = world_now(net->w), .utf8 = lscript(L)->cfg.utf8,
		.width = columns() };
	const char *file = NULL;
	struct sbuf b = { 0 };

	luaL_checkstack(L, 16, "options");
	lopt_check(L, 2, "ladder", names, 7);
	if (lopt_get(L, 2, "from"))
		opt.from = lseconds(net, larg_number(L, -1, "from"));
	if (lopt_get(L, 2, "to"))
		opt.to = lseconds(net, larg_number(L, -1, "to"));
	if (lopt_get(L, 2, "data"))
		opt.data = larg_bool(L, -1, "data");
	if (lopt_get(L, 2, "max"))
		opt.max = (size_t)larg_int(L, -1, "max", 1, 1000000);
	if (lopt_get(L, 2, "width"))
		opt.width = (size_t)larg_int(L, -1, "width", 40, 100);
	if (lopt_get(L, 2, "file"))
		file = larg_string(L, -1, "file");
	if (lopt_get(L, 2, "nodes"))
		opt.nodes = lnodes_arg(L, -1, net, "nodes", &opt.nodes_n);
	if (file != NULL)
		return write_svg(L, net, &opt, file);
	show_ladder(net->w, &opt, &b);
	return push_sbuf(L, &b);
}

static void
push_cell(lua_State *L, const struct table *t, size_t row, size_t col)
{
	bool number, null;
	const char *text;

	text = table_cell(t, row, col, &number, &null);
	if (null)
		lua_pushnil(L);
	else if (!number || lua_stringtonumber(L, text) == 0)
		lua_pushstring(L, text);
}

static void
push_rows(lua_State *L, const struct table *t)
{
	llist_new(L, table_rows(t));
	for (size_t r = 0; r < table_rows(t); r++) {
		lua_createtable(L, 0, (int)table_cols(t));
		for (size_t c = 0; c < table_cols(t); c++) {
			push_cell(L, t, r, c);
			lua_setfield(L, -2, table_col_name(t, c));
		}
		lua_rawseti(L, -2, (lua_Integer)r + 1);
	}
}

/* core.show(net, topic, about) returns the text and the rows. */
int
lcore_show(lua_State *L)
{
	struct lnet *net = lnet_arg(L, 1);
	const char *topic = larg_string(L, 2, "topic");
	struct sbuf b = { 0 };
	struct table *t = NULL;
	char why[256] = "";

	if (show_topic(net->w, topic, luaL_optstring(L, 3, NULL), &t, why,
	    sizeof(why)) < 0)
		return lfail(L, "show: %s", why);
	table_text(t, &b, 0, lscript(L)->cfg.color);
	lua_pushlstring(L, b.s != NULL ? b.s : "", b.len);
	sbuf_free(&b);
	push_rows(L, t);
	table_free(t);
	return 2;
}

/* core.nearest(word, list of words) */
int
lcore_nearest(lua_State *L)
{
	const char *words[512], *near;
	size_t n = 0;

	luaL_checktype(L, 2, LUA_TTABLE);
	for (lua_Integer i = 1; n < 512; i++) {
		if (lua_rawgeti(L, 2, i) != LUA_TSTRING)
			break;
		words[n++] = lua_tostring(L, -1); /* the table keeps it */
		lua_pop(L, 1);
	}
	near = show_nearest(larg_string(L, 1, "word"), words, n);
	if (near != NULL)
		lua_pushstring(L, near);
	else
		lua_pushnil(L);
	return 1;
}
