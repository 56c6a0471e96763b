/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One event as a table: t, node, kind and whatever else it says.  A field that
 * this event does not have is nil; one that no event has is a typo.  Also the
 * hooks that bring events and timers of a world to Lua: callbacks run inside a
 * protected call, and what they raise is kept until the verb that let the
 * world run can raise it, because a Lua error must never unwind the world.
 */
#include <errno.h>
#include <string.h>

#include "marsh/base/err.h"
#include "marsh/wire/scsp_msg.h"
#include "script/script_int.h"

static const char *const fields[] = { "seq", "t", "node", "kind", "op", "from",
	"to", "peer", "src", "group", "msn", "vc", "use", "cmi", "cause", "n",
	"what", "reason", "machine", "copy", "register", "hard", "punched",
	"data", "text", "master", "init", "more" };
#define FIELDS (sizeof(fields) / sizeof(fields[0]))

static void
set_name(lua_State *L, const char *key, struct lnet *net, node_id id)
{
	if (id == 0)
		return;
	lname_push(L, net, id);
	lua_setfield(L, -2, key);
}

static void
set_text(lua_State *L, const char *key, const char *text)
{
	if (text == NULL)
		return;
	lua_pushstring(L, text);
	lua_setfield(L, -2, key);
}

static void
set_count(lua_State *L, const char *key, uint64_t v)
{
	if (v == 0)
		return;
	lua_pushinteger(L, (lua_Integer)v);
	lua_setfield(L, -2, key);
}

static void
set_flag(lua_State *L, const char *key, bool v)
{
	lua_pushboolean(L, v);
	lua_setfield(L, -2, key);
}

static bool
is_message(const struct log_rec *r)
{
	return r->kind == TRACE_SEND || r->kind == TRACE_RECV ||
	    r->kind == TRACE_DROP;
}

/* "from" of a message is whose message it is (mar$sha), of a change the old
 * state; likewise "to". */
static void
set_ends(lua_State *L, struct lnet *net, const struct log_rec *r)
{
	node_id from = r->src;

	if (!is_message(r)) {
		set_text(L, "from", r->from);
		set_text(L, "to", r->to);
		if (r->kind == TRACE_STATE)
			set_text(L, "machine", r->what);
		return;
	}
	if (from == 0)
		from = r->kind == TRACE_SEND ? r->node : r->peer;
	set_name(L, "from", net, from);
	set_name(L, "src", net, r->src);
	set_name(L, "to", net, r->kind == TRACE_SEND ? r->peer : r->node);
}

static void
set_message(lua_State *L, const struct log_rec *r)
{
	bool data = (r->flags & LOG_DATA) != 0;

	if (r->op != 0)
		set_text(L, "op", log_op_word(r->op));
	else if (data)
		set_text(L, "op", "DATA");
	if (!is_message(r))
		return;
	set_flag(L, "copy", (r->flags & LOG_COPY) != 0);
	set_flag(L, "register", (r->flags & LOG_REGISTER) != 0);
	set_flag(L, "hard", (r->flags & LOG_HARD) != 0);
	set_flag(L, "punched", (r->flags & LOG_PUNCHED) != 0);
	set_flag(L, "data", data);
	if (r->op == LOG_SCSP + SCSP_CA) {
		set_flag(L, "master", (r->flags & LOG_MASTER) != 0);
		set_flag(L, "init", (r->flags & LOG_INIT) != 0);
		set_flag(L, "more", (r->flags & LOG_MORE) != 0);
	}
	if (r->kind == TRACE_DROP)
		set_text(L, "reason", r->what);
}

void
levent_push(lua_State *L, struct lnet *net, const struct log_rec *r)
{
	const struct l3_range *g = log_group(world_log(net->w), r->group);
	unsigned use = llog_use(net, r);

	luaL_checkstack(L, 8, "event");
	lua_createtable(L, 0, 12);
	set_count(L, "seq", r->seq);
	lua_pushnumber(L, lto_seconds(net, r->t));
	lua_setfield(L, -2, "t");
	set_text(L, "kind", trace_kind_word((enum trace_kind)r->kind));
	set_name(L, "node", net, r->node);
	set_name(L, "peer", net, r->peer);
	set_ends(L, net, r);
	set_message(L, r);
	if (g != NULL) {
		lrange_push(L, g);
		lua_setfield(L, -2, "group");
	}
	set_count(L, "msn", r->msn);
	set_count(L, "vc", r->vc);
	set_count(L, "cmi", r->cmi);
	set_count(L, "cause", r->cause);
	set_count(L, "n", r->n);
	set_text(L, "what", r->what);
	if (use != 0)
		set_text(L, "use", atm_use_word(use));
	lset_meta(L, "marsh.event");
}

static int
event_index(lua_State *L)
{
	const char *key, *near;

	if (lua_type(L, 2) != LUA_TSTRING)
		return 0;
	key = lua_tostring(L, 2);
	for (size_t i = 0; i < FIELDS; i++)
		if (strcmp(fields[i], key) == 0)
			return 0;
	near = show_nearest(key, fields, FIELDS);
	if (near != NULL)
		return lfail(L, "event has no field '%s' (did you mean '%s'?)",
		    key, near);
	return lfail(L, "event has no field '%s'", key);
}

static int
event_tostring(lua_State *L)
{
	static const char *const order[] = { "t", "node", "kind", "op",
		"what", "group", "from", "to", "peer", "msn", "cmi" };
	luaL_Buffer b;

	luaL_buffinit(L, &b);
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		lua_pushstring(L, order[i]);
		if (lua_rawget(L, 1) == LUA_TNIL) {
			lua_pop(L, 1);
			continue;
		}
		luaL_tolstring(L, -1, NULL);
		lua_remove(L, -2);
		if (i > 0)
			luaL_addstring(&b, i < 4 ? " " : "  ");
		luaL_addvalue(&b);
	}
	luaL_pushresult(&b);
	return 1;
}

void
levent_open(lua_State *L)
{
	lua_createtable(L, 0, 3);
	lua_pushcfunction(L, event_index);
	lua_setfield(L, -2, "__index");
	lua_pushcfunction(L, event_tostring);
	lua_setfield(L, -2, "__tostring");
	lua_pushliteral(L, "event");
	lua_setfield(L, -2, "__name");
	lua_setfield(L, LUA_REGISTRYINDEX, "marsh.event");
}

/* ---- hooks ------------------------------------------------------------------------ */

struct call {
	struct lnet *net;
	const struct log_rec *r; /* NULL: a timer */
	uint64_t token;
};

static int
call_lua(lua_State *L)
{
	const struct call *c = lua_touserdata(L, 1);

	if (lua_getfield(L, LUA_REGISTRYINDEX, c->r != NULL ?
	    "marsh.on_event" : "marsh.on_timer") != LUA_TFUNCTION)
		return 0;
	lnet_push(L, c->net);
	if (c->r != NULL)
		levent_push(L, c->net, c->r);
	else
		lua_pushinteger(L, (lua_Integer)c->token);
	lua_call(L, 2, 0);
	return 0;
}

static void
hook_call(struct call *c)
{
	struct script *s = c->net->s;
	lua_State *L = s->cur;
	bool runs = c->net->runs;

	if (s->raised)
		return; /* the run is ending */
	if (!lua_checkstack(L, 8)) {
		world_stop(c->net->w);
		return;
	}
	/* A verb's events come while it is still at work: as good as running. */
	c->net->runs = true;
	lua_pushcfunction(L, call_lua);
	lua_pushlightuserdata(L, c);
	if (lua_pcall(L, 1, 0, 0) != LUA_OK) {
		lkeep(L);
		if (runs)
			world_stop(c->net->w);
	}
	c->net->runs = runs;
	s->cur = L;
}

/* Who asked for a file must hear that it is not all there. */
static void
lost(struct script *s, const char *file, const char *what, int err)
{
	s->lost = true;
	fprintf(stderr, "marsh: %s: %s: %s\n", file, what, strerror(err));
}

/* look_at_capture tells whether its end is the news. */
static bool
look_at_capture(struct lnet *net)
{
	int err = world_capture_error(net->w);
	bool news = err != 0 && !net->capture_told;

	if (news)
		lost(net->s, "capture", "it ends here", err);
	net->capture_told = err != 0;
	return news;
}

static void
write_json(struct lnet *net, const struct log_rec *r)
{
	struct script *s = net->s;
	struct sbuf b = { 0 };

	show_event_json(net->w, r, &b);
	sbuf_puts(&b, "\n");
	if (!b.oom && fwrite(b.s, 1, b.len, s->json) != b.len &&
	    !s->json_failed) {
		s->json_failed = true;
		lost(s, s->cfg.json, "events are lost", errno);
	}
	sbuf_free(&b);
}

static void
on_event(void *ctx, const struct log_rec *r)
{
	struct lnet *net = ctx;
	struct call c = { net, r, 0 };

	if (net->s->json != NULL && !net->s->json_failed)
		write_json(net, r);
	if (r->kind == TRACE_ALARM && !look_at_capture(net) && r->node == 0)
		fprintf(stderr, "marsh: %s\n", r->what);
	if (net->mask >> r->kind & 1)
		hook_call(&c);
}

static void
on_timer(void *ctx, uint64_t token)
{
	struct call c = { ctx, NULL, token };

	hook_call(&c);
}

void
lnet_hooks(struct lnet *net)
{
	struct world_hooks h = { on_event, on_timer, net->mask, net };

	h.mask |= UINT32_C(1) << TRACE_ALARM;
	if (net->s->json != NULL)
		h.mask = UINT32_MAX;
	world_hooks_set(net->w, &h);
}
