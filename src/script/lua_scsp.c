/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scsp.server: an SCSP server with a cache of octet strings (RFC 2334), and the
 * cache itself, which the Lua half dresses.  A server whose machine is dead has
 * no tables, and reads as empty.
 */
#include <stdlib.h>
#include <string.h>

#include "marsh/base/err.h"
#include "script/lua_scsp_int.h"

struct lnode *
lscsp_self(lua_State *L, int idx)
{
	lclass_self(L, idx, "scsp.server");
	return lnode_self(L, idx);
}

const struct scsp *
lscsp_engine(const struct lnode *n)
{
	enum node_state st = node_state_of(n->net->w, n->id);

	return st == NODE_UP || st == NODE_HUNG ? node_scsp(n->net->w, n->id)
						: NULL;
}

/* ---- IDs ----------------------------------------------------------------------- */

/* "10.0.0.1" as four octets. */
static bool
dotted(const char *s, size_t len, uint8_t out[4])
{
	unsigned v = 0, digits = 0, at = 0;

	for (size_t i = 0; i <= len; i++) {
		if (i < len && s[i] >= '0' && s[i] <= '9' && digits < 3) {
			v = v * 10 + (unsigned)(s[i] - '0');
			digits++;
		} else if ((i == len || s[i] == '.') && digits > 0 && v < 256
		    && at < 4) {
			out[at++] = (uint8_t)v;
			v = digits = 0;
		} else
			return false;
	}
	return at == 4;
}

struct scsp_oct
lscsp_id_arg(lua_State *L, int idx, const char *name)
{
	uint8_t *b = lua_newuserdatauv(L, 4, 0);
	uint32_t v;
	size_t len;
	const char *s;

	idx = idx < 0 ? idx - 1 : idx;
	if (lua_type(L, idx) == LUA_TNUMBER) {
		v = (uint32_t)larg_int(L, idx, name, 0, UINT32_MAX);
		for (int i = 0; i < 4; i++)
			b[i] = (uint8_t)(v >> (24 - 8 * i));
		return (struct scsp_oct){ b, 4 };
	}
	if (lua_type(L, idx) != LUA_TSTRING)
		larg_bad(L, idx, name, "a number, an IPv4 address or octets");
	s = lua_tolstring(L, idx, &len);
	if (dotted(s, len, b))
		return (struct scsp_oct){ b, 4 };
	if (len == 0 || len > SCSP_ID_MAX)
		lfail(L, "%s: 1 to %d octets expected, got %d", name,
		    SCSP_ID_MAX, (int)len);
	return (struct scsp_oct){ (const uint8_t *)s, len };
}

/* As it may be written: small numbers, dotted addresses, octets. */
void
lscsp_id_push(lua_State *L, struct scsp_oct id)
{
	uint32_t v = 0;

	for (size_t i = 0; id.len == 4 && i < 4; i++)
		v = v << 8 | id.p[i];
	if (id.len != 4)
		lua_pushlstring(L, (const char *)id.p, id.len);
	else if (v < 65536)
		lua_pushinteger(L, v);
	else
		lua_pushfstring(L, "%d.%d.%d.%d", id.p[0], id.p[1], id.p[2],
		    id.p[3]);
}

void
lscsp_name_push(lua_State *L, struct lnode *n, struct scsp_oct id)
{
	node_id who = world_find_scsp(n->net->w, id, n->id);

	if (who != 0)
		lname_push(L, n->net, who);
	else
		lscsp_id_push(L, id);
}

struct scsp_oct
lscsp_orig_arg(lua_State *L, int idx, struct lnode *n)
{
	const struct lnode *o = lnode_test(L, idx);
	node_id id = 0;

	if (lua_isnoneornil(L, idx))
		return (struct scsp_oct){ NULL, 0 };
	if (o != NULL)
		id = o->id;
	else if (lua_type(L, idx) == LUA_TSTRING)
		id = world_find(n->net->w, lua_tostring(L, idx));
	if (id == 0)
		return lscsp_id_arg(L, idx, "originator");
	if (node_kind_of(n->net->w, id) != NODE_SCSP)
		lfail(L, "originator: '%s' is no SCSP server",
		    node_name(n->net->w, id));
	return node_scsp_cfg(n->net->w, id)->engine.id;
}

struct scsp_oct
lscsp_octets_arg(lua_State *L, int idx, const char *name)
{
	struct scsp_oct o;

	if (lua_type(L, idx) != LUA_TSTRING)
		larg_bad(L, idx, name, "a string of octets");
	o.p = (const uint8_t *)lua_tolstring(L, idx, &o.len);
	return o;
}

static struct scsp_oct
key_arg(lua_State *L, int idx)
{
	struct scsp_oct o = lscsp_octets_arg(L, idx, "key");

	if (o.len == 0 || o.len > SCSP_ID_MAX)
		lfail(L, "key: 1 to %d octets expected, got %d", SCSP_ID_MAX,
		    (int)o.len);
	return o;
}

/* ---- fields -------------------------------------------------------------------- */

static int
get_id(lua_State *L)
{
	struct lnode *n = lscsp_self(L, 1);

	lscsp_id_push(L, node_scsp_cfg(n->net->w, n->id)->engine.id);
	return 1;
}

#define CFG_FIELD(field)                                                       \
	static int                                                             \
	get_##field(lua_State *L)                                              \
	{                                                                      \
		struct lnode *n = lscsp_self(L, 1);                            \
                                                                               \
		lua_pushinteger(L,                                             \
		    node_scsp_cfg(n->net->w, n->id)->group.field);             \
		return 1;                                                      \
	}
CFG_FIELD(pid)
CFG_FIELD(sgid)
CFG_FIELD(family)
CFG_FIELD(interval)
CFG_FIELD(dead)

static int
get_state(lua_State *L)
{
	struct lnode *n = lscsp_self(L, 1);
	const struct scsp *s = node_scsp(n->net->w, n->id);
	enum scsp_cafsm least = SCSP_CA_ALIGNED;
	struct scsp_dcs_info d;
	unsigned i;

	switch (node_state_of(n->net->w, n->id)) {
	case NODE_HUNG:
		lua_pushliteral(L, "Hung");
		return 1;
	case NODE_DEAD:
		lua_pushliteral(L, "Dead");
		return 1;
	case NODE_STOPPED:
		lua_pushliteral(L, "Stopped");
		return 1;
	default:
		break;
	}
	for (i = 0; scsp_dcs(s, 0, i, &d); i++)
		least = d.cafsm < least ? d.cafsm : least;
	lua_pushstring(L, i == 0 ? "Alone" : scsp_cafsm_word(least));
	return 1;
}

static int
get_hops(lua_State *L)
{
	struct lnode *n = lscsp_self(L, 1);
	const struct scsp *s = lscsp_engine(n);
	struct scsp_group_info g;

	if (s == NULL || !scsp_group(s, 0, &g))
		lua_pushnil(L);
	else
		lua_pushinteger(L, g.cfg.hops);
	return 1;
}

static void
set_words(lua_State *L, const char *name, const uint64_t *v, unsigned from,
    unsigned n, const char *(*word)(unsigned), const char *meta)
{
	lua_createtable(L, 0, (int)n);
	for (unsigned i = from; i < n; i++) {
		lua_pushinteger(L, (lua_Integer)v[i]);
		lua_setfield(L, -2, word(i));
	}
	lset_meta(L, meta);
	lua_setfield(L, -2, name);
}

static int
get_stats(lua_State *L)
{
	static const struct scsp_stats none;
	const struct scsp *s = lscsp_engine(lscsp_self(L, 1));
	const struct scsp_stats *st = s != NULL ? scsp_stats(s) : &none;
	const struct {
		const char *name;
		uint64_t v;
	} one[] = { { "tx_octets", st->tx_octets }, { "late", st->late },
		{ "abnormal", st->abnormal }, { "memory", st->memory } };

	lua_newtable(L);
	set_words(L, "rx", st->rx, 1, SCSP_TYPE_COUNT, scsp_type_word,
	    "marsh.ops");
	set_words(L, "tx", st->tx, 1, SCSP_TYPE_COUNT, scsp_type_word,
	    "marsh.ops");
	set_words(L, "rexmt", st->rexmt, 1, SCSP_TYPE_COUNT, scsp_type_word,
	    "marsh.ops");
	set_words(L, "drops", st->drops, 0, SCSP_DROP_COUNT, scsp_drop_word,
	    "marsh.counters");
	set_words(L, "bad", st->bad, 1, SCSP_BAD_COUNT, scsp_bad_word,
	    "marsh.counters");
	for (size_t i = 0; i < sizeof(one) / sizeof(one[0]); i++) {
		lua_pushinteger(L, (lua_Integer)one[i].v);
		lua_setfield(L, -2, one[i].name);
	}
	lset_meta(L, "marsh.counters");
	return 1;
}

/* A number over the whole cache: the same for the same content. */
static int
get_digest(lua_State *L)
{
	const struct scsp *s = lscsp_engine(lscsp_self(L, 1));

	lua_pushinteger(L, s != NULL ? (lua_Integer)scsp_digest(s, 0, false)
				     : 0);
	return 1;
}

static const luaL_Reg gets[] = {
	{ "id", get_id }, { "pid", get_pid }, { "sgid", get_sgid },
	{ "family", get_family }, { "hello", get_interval },
	{ "dead", get_dead }, { "hops", get_hops }, { "state", get_state },
	{ "stats", get_stats }, { "digest", get_digest }, { NULL, NULL },
};

void
lscsp_open(lua_State *L)
{
	struct lclass c = { "scsp.server", gets, lnode_gets, NULL, lnode_calls,
		lnode_meta };

	lclass_new(L, &c);
}

/* ---- the cache ------------------------------------------------------------------ */

/* core.cache_put(server, key, value) */
int
lcore_cache_put(lua_State *L)
{
	struct lnode *n = lscsp_self(L, 1);
	struct scsp_oct key = key_arg(L, 2);
	struct scsp_oct body = lscsp_octets_arg(L, 3, "value");
	int rv;

	if (body.len == 0)
		return lfail(L, "value: an empty one means that the entry is "
		    "gone; use :remove(key)");
	rv = node_scsp_put(n->net->w, n->id, key, body);
	if (rv == MARSH_EINVAL)
		return lfail(L, "value: key and value are too long for a "
		    "message of %d octets", (int)node_scsp_cfg(n->net->w,
		    n->id)->engine.mtu);
	return lresult(L, rv);
}

/* core.cache_remove(server, key) */
int
lcore_cache_remove(lua_State *L)
{
	struct lnode *n = lscsp_self(L, 1);
	int rv = node_scsp_remove(n->net->w, n->id, key_arg(L, 2));

	if (rv != MARSH_ENOENT)
		return lresult(L, rv);
	lraise(L);
	lua_pushnil(L);
	lua_pushfstring(L, "%s has no such entry of its own",
	    node_name(n->net->w, n->id));
	lua_pushstring(L, marsh_err_word(rv));
	return 3;
}

/* core.cache_get(server, key, originator or nil): the value, or nil */
int
lcore_cache_get(lua_State *L)
{
	struct lnode *n = lscsp_self(L, 1);
	struct scsp_oct key = key_arg(L, 2), orig = lscsp_orig_arg(L, 3, n);
	const struct scsp *s = lscsp_engine(n);
	struct scsp_entry_info e;

	if (s == NULL || !scsp_find(s, 0, key, orig, &e) || e.tombstone)
		lua_pushnil(L);
	else
		lua_pushlstring(L, (const char *)e.rec.body.p, e.rec.body.len);
	return 1;
}

/* core.cache_len(server): live entries */
int
lcore_cache_len(lua_State *L)
{
	const struct scsp *s = lscsp_engine(lscsp_self(L, 1));
	struct scsp_group_info g = { .entries = 0 };

	if (s != NULL)
		(void)scsp_group(s, 0, &g);
	lua_pushinteger(L, (lua_Integer)g.entries);
	return 1;
}

static void
entry_push(lua_State *L, struct lnode *n, const struct scsp_entry_info *e)
{
	lua_createtable(L, 0, 6);
	lua_pushlstring(L, (const char *)e->rec.key.p, e->rec.key.len);
	lua_setfield(L, -2, "key");
	lua_pushlstring(L, (const char *)e->rec.body.p, e->rec.body.len);
	lua_setfield(L, -2, "value");
	lscsp_name_push(L, n, e->rec.orig);
	lua_setfield(L, -2, "originator");
	lua_pushinteger(L, e->rec.seq);
	lua_setfield(L, -2, "seq");
	lua_pushboolean(L, e->own);
	lua_setfield(L, -2, "own");
	lua_pushboolean(L, e->tombstone);
	lua_setfield(L, -2, "tombstone");
}

/* core.cache_entries(server): all of them, in order of changes */
int
lcore_cache_entries(lua_State *L)
{
	struct lnode *n = lscsp_self(L, 1);
	const struct scsp *s = lscsp_engine(n);
	struct scsp_entry_info e = { .change = 0 };
	lua_Integer i = 0;

	llist_new(L, 0);
	while (s != NULL && scsp_next_entry(s, 0, e.change, &e)) {
		entry_push(L, n, &e);
		lua_rawseti(L, -2, ++i);
	}
	return 1;
}
