/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A Lua state and its life: made, given files, strings and lines to run, asked
 * at the end what its expectations came to.  Nothing here knows a noun of the
 * surface; those are in lua_*.c and lua/marsh.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "marsh/base/err.h"
#include "script/script_int.h"

static void *
libc_alloc(void *ud, void *p, size_t old, size_t size)
{
	(void)ud;
	(void)old;
	if (size == 0) {
		free(p);
		return NULL;
	}
	return realloc(p, size);
}

static bool
open_json(struct script *s, char *why, size_t cap)
{
	const char *path = s->cfg.json;

	if (path == NULL)
		return true;
	s->json = strcmp(path, "-") == 0 ? stdout : fopen(path, "w");
	if (s->json != NULL)
		return true;
	snprintf(why, cap, "cannot write events to %s: %s", path,
	    strerror(errno));
	return false;
}

/*
 * The file is made with the first net; that it can be made is known before.
 * What is there already may be a pipe and is not opened to find out.
 */
static bool
check_capture(const struct script *s, char *why, size_t cap)
{
	const char *path = s->cfg.capture;
	struct stat st;
	int fd;

	if (path == NULL)
		return true;
	if (stat(path, &st) == 0) {
		if (!S_ISDIR(st.st_mode) && access(path, W_OK) == 0)
			return true;
		if (S_ISDIR(st.st_mode))
			errno = EISDIR;
	} else {
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0666);
		if (fd >= 0) {
			close(fd);
			unlink(path);
			return true;
		}
	}
	snprintf(why, cap, "cannot capture to %s: %s", path, strerror(errno));
	return false;
}

static bool
start(struct script *s, char *why, size_t cap)
{
	static const lua_CFunction steps[] = { env_open, env_start };

	for (size_t i = 0; i < 2; i++) {
		lua_pushcfunction(s->L, steps[i]);
		if (guard_call(s, 0) != SCRIPT_OK) {
			snprintf(why, cap, "%s", script_message(s));
			return false;
		}
		lua_settop(s->L, 0);
	}
	return true;
}

struct script *
script_new_alloc(const struct script_cfg *cfg, lua_Alloc f, void *ud,
    char *why, size_t cap)
{
	struct script *s;

	s = calloc(1, sizeof(*s));
	if (s == NULL) {
		snprintf(why, cap, "out of memory");
		return NULL;
	}
	s->cfg = *cfg;
	s->dir = env_find_dir(cfg->lua_dir);
	if (s->dir == NULL)
		snprintf(why, cap, "cannot find the Lua half of marsh "
		    "(marsh/init.lua)%s%s", cfg->lua_dir ? " in " : "",
		    cfg->lua_dir ? cfg->lua_dir : "");
	else if ((s->L = lua_newstate(f, ud)) == NULL)
		snprintf(why, cap, "out of memory");
	else {
		*(struct script **)lua_getextraspace(s->L) = s;
		if (open_json(s, why, cap) && check_capture(s, why, cap)
		    && start(s, why, cap))
			return s;
	}
	script_free(s);
	return NULL;
}

struct script *
script_new(const struct script_cfg *cfg, char *why, size_t cap)
{
	return script_new_alloc(cfg, libc_alloc, NULL, why, cap);
}

void
script_free(struct script *s)
{
	if (s == NULL)
		return;
	if (s->L != NULL)
		lua_close(s->L);
	if (s->json != NULL && s->json != stdout)
		fclose(s->json);
	free(s->message);
	free(s->dir);
	free(s);
}

const char *
script_message(const struct script *s)
{
	return s->message != NULL ? s->message : "";
}

/* load_failed takes the message on top of |top| values. */
static enum script_status
load_failed(struct script *s, int top)
{
	guard_message(s, lua_tostring(s->L, -1));
	lua_settop(s->L, top);
	return SCRIPT_ERROR;
}

/* What lies below on the stack stays: a script that waits may be down there. */
static enum script_status
run(struct script *s, int nargs)
{
	int top = lua_gettop(s->L) - nargs - 1;
	enum script_status st;

	st = guard_call(s, nargs);
	lua_settop(s->L, top);
	fflush(stdout);
	return st;
}

struct file {
	const char *path; /* NULL: standard input */
	char *const *argv;
	int argc;
};

static void
set_arg(lua_State *L, const struct file *f)
{
	lua_createtable(L, f->argc, 1);
	lua_pushstring(L, f->path != NULL ? f->path : "-");
	lua_rawseti(L, -2, 0);
	for (int i = 0; i < f->argc; i++) {
		lua_pushstring(L, f->argv[i]);
		lua_rawseti(L, -2, i + 1);
	}
	lua_setglobal(L, "arg");
}

static int
run_file(lua_State *L)
{
	const struct file *f = lua_touserdata(L, 1);

	set_arg(L, f);
	if (luaL_loadfilex(L, f->path, "t") != LUA_OK)
		return lua_error(L);
	luaL_checkstack(L, f->argc, "too many arguments");
	for (int i = 0; i < f->argc; i++)
		lua_pushstring(L, f->argv[i]);
	lua_call(L, f->argc, 0);
	return 0;
}

enum script_status
script_file(struct script *s, const char *path, int argc, char *const *argv)
{
	struct file f = { strcmp(path, "-") == 0 ? NULL : path, argv, argc };

	lua_pushcfunction(s->L, run_file);
	lua_pushlightuserdata(s->L, &f);
	return run(s, 1);
}

enum script_status
script_string(struct script *s, const char *code, const char *name)
{
	int top = lua_gettop(s->L);
	char chunk[64];

	snprintf(chunk, sizeof(chunk), "=%s", name);
	if (luaL_loadbufferx(s->L, code, strlen(code), chunk, "t") != LUA_OK)
		return load_failed(s, top);
	return run(s, 0);
}

/* ---- the prompt ---------------------------------------------------------- */

static bool
is_incomplete(lua_State *L)
{
	static const char mark[] = "<eof>";
	const char *msg;
	size_t len;

	msg = lua_tolstring(L, -1, &len);
	return len >= sizeof(mark) - 1 &&
	    strcmp(msg + len - (sizeof(mark) - 1), mark) == 0;
}

/* As lua.c: first as an expression, then as a statement. */
static int
load_line(lua_State *L)
{
	const char *code = lua_touserdata(L, 1);

	lua_pushfstring(L, "return %s", code);
	if (luaL_loadbufferx(L, lua_tostring(L, -1), lua_rawlen(L, -1),
	    "=prompt", "t") == LUA_OK) {
		lua_pushboolean(L, true);
		return 2;
	}
	lua_settop(L, 1);
	if (luaL_loadbufferx(L, code, strlen(code), "=prompt", "t") != LUA_OK)
		return lua_error(L);
	lua_pushboolean(L, false);
	return 2;
}

static int
print_values(lua_State *L)
{
	int n = lua_gettop(L);

	lua_getglobal(L, "marsh");
	lua_getfield(L, -1, "show_values");
	lua_insert(L, 1);
	lua_settop(L, n + 1);
	lua_call(L, n, 0);
	return 0;
}

enum script_status
script_line(struct script *s, const char *code)
{
	lua_State *L = s->L;
	int top = lua_gettop(L), n;
	enum script_status st;
	bool expr;

	lua_pushcfunction(L, load_line);
	lua_pushlightuserdata(L, (void *)(uintptr_t)code);
	if (lua_pcall(L, 1, 2, 0) != LUA_OK) {
		if (lua_type(L, -1) != LUA_TSTRING || !is_incomplete(L))
			return load_failed(s, top);
		lua_settop(L, top);
		return SCRIPT_INCOMPLETE;
	}
	expr = lua_toboolean(L, -1);
	lua_pop(L, 1);
	st = guard_call(s, 0);
	n = lua_gettop(L) - top;
	if (st == SCRIPT_OK && n > 0 && (expr || !lua_isnil(L, top + 1))) {
		lua_pushcfunction(L, print_values);
		lua_insert(L, top + 1);
		st = guard_call(s, n);
	}
	lua_settop(L, top);
	fflush(stdout);
	return st;
}

struct command {
	const char *name;
	const char *const *keys, *const *values;
	size_t n;
};

static int
call_command(lua_State *L)
{
	const struct command *c = lua_touserdata(L, 1);

	lua_getglobal(L, "marsh");
	lua_getfield(L, -1, "commands");
	if (lua_getfield(L, -1, c->name) != LUA_TFUNCTION)
		return luaL_error(L, "the command '%s' is not there", c->name);
	lua_createtable(L, 0, (int)c->n);
	for (size_t i = 0; i < c->n; i++) {
		lua_pushstring(L, c->values[i]);
		lua_setfield(L, -2, c->keys[i]);
	}
	lua_call(L, 1, 0);
	return 0;
}

enum script_status
script_command(struct script *s, const char *name, const char *const *keys,
    const char *const *values, size_t n)
{
	struct command c = { name, keys, values, n };

	lua_pushcfunction(s->L, call_command);
	lua_pushlightuserdata(s->L, &c);
	return run(s, 1);
}

struct world *
script_world(struct script *s)
{
	return s->nets != NULL ? s->nets->w : NULL;
}

static int
advance(lua_State *L)
{
	struct lnet *net = lscript(L)->nets;
	struct mspan d = { *(int64_t *)lua_touserdata(L, 1) };

	lnet_push(L, net);
	ltime_catch_up(L, net, mtime_add(world_now(net->w), d));
	return 0;
}

enum script_status
script_advance(struct script *s, int64_t us)
{
	if (s->nets == NULL)
		return SCRIPT_OK;
	lua_pushcfunction(s->L, advance);
	lua_pushlightuserdata(s->L, &us);
	return run(s, 1);
}

void
script_on_wait(struct script *s, void (*fn)(void *ctx, int64_t us), void *ctx)
{
	s->wait = fn;
	s->wait_ctx = ctx;
}

struct completion {
	const char *text;
	struct sbuf *out;
};

static int
complete(lua_State *L)
{
	const struct completion *c = lua_touserdata(L, 1);

	lua_getglobal(L, "require");
	lua_pushliteral(L, "marsh.complete");
	lua_call(L, 1, 1);
	lua_pushstring(L, c->text);
	lua_call(L, 1, 1);
	sbuf_puts(c->out, luaL_optstring(L, -1, ""));
	return 0;
}

void
script_complete(struct script *s, const char *text, struct sbuf *out)
{
	struct completion c = { text, out };
	int top = lua_gettop(s->L);

	lua_pushcfunction(s->L, complete);
	lua_pushlightuserdata(s->L, &c);
	guard_call(s, 1);
	lua_settop(s->L, top);
}

/* What expect(x) began and no verb has judged counts as failed. */
static int
unjudged(lua_State *L)
{
	struct script *s = lscript(L);
	lua_Integer n;

	if (lua_getfield(L, LUA_REGISTRYINDEX, "marsh.unjudged") != LUA_TTABLE)
		return 0;
	lua_getfield(L, 1, "n");
	n = lua_tointeger(L, -1);
	for (lua_Integer i = 1; i <= n; i++) {
		if (lua_rawgeti(L, 1, i) == LUA_TSTRING) {
			s->failed++;
			printf("not ok %u - %s: expect(...) never judged: a "
			    "verb is missing, as in expect(x):is(y)\n",
			    ++s->tests, lua_tostring(L, -1));
		}
		lua_pop(L, 1);
		lua_pushnil(L);
		lua_rawseti(L, 1, i);
	}
	lua_pushinteger(L, 0);
	lua_setfield(L, 1, "n");
	return 0;
}

unsigned
script_failed(const struct script *s)
{
	return s->failed;
}

unsigned
script_violated(const struct script *s)
{
	return s->violated;
}

int
script_finish(struct script *s)
{
	int top = lua_gettop(s->L);

	lua_pushcfunction(s->L, unjudged);
	guard_call(s, 0);
	lua_settop(s->L, top);
	if (s->tests > 0)
		printf("1..%u\n", s->tests);
	fflush(stdout);
	if (s->json != NULL && s->json != stdout && fflush(s->json) != 0
	    && !s->json_failed) {
		s->lost = true;
		fprintf(stderr, "marsh: %s: events are lost: %s\n",
		    s->cfg.json, strerror(errno));
	}
	if (s->violated > 0)
		return 7;
	if (s->failed > 0)
		return 1;
	return s->lost ? 3 : 0;
}
