/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Queries over the log that stay live: a query keeps what matched and looks at
 * what came since whenever it is read, and the world's runs are cut into slices
 * so that nothing leaves the log's window unseen.
 */
#include <stdlib.h>
#include <string.h>

#include "script/lua_log_int.h"

/* ---- the filter's options ----------------------------------------------------------- */

static uint64_t
kinds_arg(lua_State *L, const char *word)
{
	const char *names[TRACE_KIND_COUNT], *near;
	int k = trace_kind_find(word);

	if (k >= 0)
		return UINT64_C(1) << k;
	for (int i = 0; i < TRACE_KIND_COUNT; i++)
		names[i] = trace_kind_word((enum trace_kind)i);
	near = show_nearest(word, names, TRACE_KIND_COUNT);
	if (near != NULL)
		lfail(L, "kind: no event is called '%s' (did you mean '%s'?)",
		    word, near);
	lfail(L, "kind: no event is called '%s'", word);
	return 0;
}

static uint64_t
ops_arg(lua_State *L, const char *word)
{
	unsigned op = log_op_find(word);

	if (op == 0 && strcmp(word, "DATA") != 0 && strcmp(word, "data") != 0)
		lfail(L, "op: no message is called '%s' (JOIN, LEAVE, REQUEST, "
		    "MULTI, NAK, MAP, ... HELLO, CA, CSU_REQ, CSU_REP, "
		    "CSUS, or DATA)", word);
	return UINT64_C(1) << op;
}

static uint64_t
uses_arg(lua_State *L, const char *word)
{
	for (unsigned u = 1; u < ATM_USE_COUNT; u++)
		if (strcmp(word, atm_use_word(u)) == 0)
			return UINT64_C(1) << u;
	lfail(L, "use: no VC is of the kind '%s' (pp, ccvc, scvc, data, "
	    "scsp, raw)", word);
	return 0;
}

/* "A|B" as a mask of what |one| makes of each. */
static uint64_t
alternatives(lua_State *L, const char *name,
    uint64_t (*one)(lua_State *, const char *))
{
	uint64_t mask = 0;
	const char *text;
	size_t len;

	if (!lopt_get(L, 2, name))
		return 0;
	for (text = larg_string(L, -1, name); *text != '\0'; text += len) {
		text += strspn(text, "| ,");
		len = strcspn(text, "| ,");
		if (len == 0)
			break;
		lua_pushlstring(L, text, len);
		mask |= one(L, lua_tostring(L, -1));
		lua_pop(L, 1);
	}
	return mask;
}

static node_id *
list_option(lua_State *L, struct lquery *q, const char *name)
{
	node_id *v, *copy;
	size_t n;

	if (!lopt_get(L, 2, name))
		return NULL;
	v = lnodes_arg(L, -1, q->net, name, &n);
	copy = malloc((n + 1) * sizeof(*copy));
	if (copy == NULL)
		luaL_error(L, "not enough memory");
	memcpy(copy, v, n * sizeof(*copy));
	copy[n] = 0;
	return copy;
}

static int8_t
flag_option(lua_State *L, const char *name)
{
	return lopt_get(L, 2, name) ? larg_bool(L, -1, name) : -1;
}

static void
on_option(lua_State *L, struct lquery *q)
{
	const struct lvc *v;
	node_id n;

	if (!lopt_get(L, 2, "on"))
		return;
	v = lvc_test(L, -1);
	if (v != NULL && v->net != q->net)
		lfail(L, "on: this VC belongs to another net");
	if (v != NULL && v->of != 0) {
		q->on_of = v->of;
		q->on_use = v->use;
	} else if (v != NULL)
		q->vc = v->id;
	else if (lua_isinteger(L, -1))
		q->vc = (uint32_t)larg_int(L, -1, "on", 1, UINT32_MAX);
	else if (lua_type(L, -1) == LUA_TSTRING &&
	    world_find(q->net->w, lua_tostring(L, -1)) == 0)
		q->uses |= (uint32_t)uses_arg(L, lua_tostring(L, -1));
	else {
		n = lnode_arg(L, -1, q->net, "on (a VC such as M1.ccvc)");
		q->on_of = n;
		q->on_use = ATM_USE_CCVC;
	}
}

static const char *const options[] = { "op", "kind", "on", "use", "node",
	"from", "to", "group", "since", "till", "copy", "register", "hard",
	"punched", "msn", "cmi", "what" };
#define OPTIONS (sizeof(options) / sizeof(options[0]))

/* A question about messages means each message once, as it was sent. */
static void
default_kind(struct lquery *q)
{
	if (q->kinds != 0)
		return;
	if (q->ops != 0 || q->uses != 0 || q->vc != 0 || q->on_of != 0 ||
	    q->from != NULL || q->copy >= 0 || q->reg >= 0 || q->hard >= 0)
		q->kinds = UINT32_C(1) << TRACE_SEND;
	else if (q->to != NULL)
		q->kinds = UINT32_C(1) << TRACE_RECV;
}

static void
read_options(lua_State *L, struct lquery *q)
{
	luaL_checkstack(L, 40, "options");
	lopt_check(L, 2, "log", options, OPTIONS);
	q->kinds = (uint32_t)alternatives(L, "kind", kinds_arg);
	q->ops = alternatives(L, "op", ops_arg);
	q->uses = (uint32_t)alternatives(L, "use", uses_arg);
	on_option(L, q);
	q->node = list_option(L, q, "node");
	q->from = list_option(L, q, "from");
	q->to = list_option(L, q, "to");
	if (lopt_get(L, 2, "group")) {
		q->group = lrange_arg(L, -1, "group");
		q->grouped = true;
	}
	if (lopt_get(L, 2, "since"))
		q->since = lseconds(q->net, larg_number(L, -1, "since"));
	if (lopt_get(L, 2, "till"))
		q->until = lseconds(q->net, larg_number(L, -1, "till"));
	q->copy = flag_option(L, "copy");
	q->reg = flag_option(L, "register");
	q->hard = flag_option(L, "hard");
	q->punched = flag_option(L, "punched");
	if (lopt_get(L, 2, "msn"))
		q->msn = larg_int(L, -1, "msn", 0, UINT32_MAX);
	if (lopt_get(L, 2, "cmi"))
		q->cmi = larg_int(L, -1, "cmi", 0, 65535);
	if (lopt_get(L, 2, "what"))
		snprintf(q->what, sizeof(q->what), "%s",
		    larg_string(L, -1, "what"));
	default_kind(q);
}

/* ---- the object ---------------------------------------------------------------------- */

/* core.log(net, filter) */
int
lcore_log(lua_State *L)
{
	struct lnet *net = lnet_self(L, 1);
	struct lquery *q;

	lua_settop(L, 2);
	q = lua_newuserdatauv(L, sizeof(*q), 1);
	memset(q, 0, sizeof(*q));
	q->net = net;
	q->since.us = INT64_MIN;
	q->until = MTIME_NEVER;
	q->msn = q->cmi = -1;
	luaL_setmetatable(L, "log");
	lua_pushvalue(L, 1);
	lua_setiuservalue(L, 3, 1);
	read_options(L, q);
	llog_catch_up(net);
	query_look_back(q);
	q->next = net->queries;
	net->queries = q;
	lua_settop(L, 3);
	return 1;
}

static struct lquery *
query_self(lua_State *L)
{
	struct lquery *q = lclass_self(L, 1, "log");

	if (q->net->w == NULL)
		lfail(L, "this log is gone: its net was closed");
	llog_catch_up(q->net);
	if (q->oom)
		luaL_error(L, "not enough memory for all events");
	return q;
}

static int
query_len(lua_State *L)
{
	lua_pushinteger(L, (lua_Integer)query_self(L)->n);
	return 1;
}

/* q[1], q[-1] is the newest; nil beyond the end. */
static int
query_other(lua_State *L)
{
	struct lquery *q = query_self(L);
	lua_Integer i;
	int ok;

	i = lua_tointegerx(L, 2, &ok);
	if (!ok || lua_type(L, 2) != LUA_TNUMBER) {
		lua_pushnil(L);
		return 1;
	}
	if (i < 0)
		i += (lua_Integer)q->n + 1;
	if (i < 1 || (size_t)i > q->n)
		lua_pushnil(L);
	else
		levent_push(L, q->net, &q->v[i - 1]);
	return 1;
}

static int
query_gc(lua_State *L)
{
	struct lquery *q = lua_touserdata(L, 1), **p;

	for (p = &q->net->queries; *p != NULL; p = &(*p)->next)
		if (*p == q) {
			*p = q->next;
			break;
		}
	free(q->v);
	free(q->node);
	free(q->from);
	free(q->to);
	q->v = NULL;
	q->node = q->from = q->to = NULL;
	q->n = q->cap = 0;
	return 0;
}

static int
query_line(lua_State *L)
{
	struct lquery *q = query_self(L);
	struct sbuf b = { 0 };
	lua_Integer i = larg_int(L, 2, "index", 1, (lua_Integer)q->n);

	show_event(q->net->w, &q->v[i - 1], &b);
	while (b.len > 0 && b.s[b.len - 1] == '\n')
		b.s[--b.len] = '\0';
	lua_pushstring(L, b.s != NULL ? b.s : "");
	sbuf_free(&b);
	return 1;
}

static int
query_tostring(lua_State *L)
{
	lua_getglobal(L, "require");
	lua_pushliteral(L, "marsh.pretty");
	lua_call(L, 1, 1);
	lua_getfield(L, -1, "log");
	lua_pushvalue(L, 1);
	lua_call(L, 1, 1);
	return 1;
}

static const luaL_Reg calls[] = { { "line", query_line }, { NULL, NULL } };
static const luaL_Reg meta[] = {
	{ "__len", query_len }, { "__gc", query_gc },
	{ "__tostring", query_tostring }, { NULL, NULL },
};

void
llog_open(lua_State *L)
{
	struct lclass c = { "log", NULL, NULL, calls, NULL, meta };

	lclass_new(L, &c);
	lclass_other(L, "log", query_other);
}
