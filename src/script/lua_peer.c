/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scsp.peer: one link between two SCSP servers as the first of them sees it;
 * .other is the same link from the far side.  The far side may also be an
 * address in another program; then there is only the near one.
 */
#include <string.h>

#include "marsh/base/err.h"
#include "script/lua_scsp_int.h"

struct lpeer {
	struct lnet *net;
	node_id a, b; /* b 0: not in this world */
	struct atm_addr addr; /* of b */
};

static struct lpeer *
peer_self(lua_State *L)
{
	struct lpeer *p = lclass_self(L, 1, "scsp.peer");

	if (p->net->w == NULL)
		lfail(L, "this link is gone: its net was closed");
	p->net->s->cur = L;
	return p;
}

static void
peer_push(lua_State *L, struct lnet *net, node_id a, node_id b,
    const struct atm_addr *addr)
{
	struct lpeer *p = lua_newuserdatauv(L, sizeof(*p), 1);

	*p = (struct lpeer){ net, a, b, *addr };
	lnet_push(L, net);
	lua_setiuservalue(L, -2, 1);
	luaL_setmetatable(L, "scsp.peer");
}

/* ---- fields -------------------------------------------------------------------- */

static bool
look(lua_State *L, struct scsp_dcs_info *d)
{
	struct lpeer *p = peer_self(L);

	memset(d, 0, sizeof(*d));
	return node_scsp_find(p->net->w, p->a, &p->addr, d);
}

static int
get_hfsm(lua_State *L)
{
	struct scsp_dcs_info d;

	(void)look(L, &d);
	lua_pushstring(L, scsp_hfsm_word(d.hfsm));
	return 1;
}

static int
get_cafsm(lua_State *L)
{
	struct scsp_dcs_info d;

	(void)look(L, &d);
	lua_pushstring(L, scsp_cafsm_word(d.cafsm));
	return 1;
}

/* From both sides, where both can be seen. */
static int
get_aligned(lua_State *L)
{
	struct scsp_dcs_info d, back;
	struct lpeer *p = peer_self(L);
	bool yes = look(L, &d) && d.cafsm == SCSP_CA_ALIGNED;

	if (yes && p->b != 0)
		yes = node_scsp_find(p->net->w, p->b,
		    node_addr(p->net->w, p->a), &back)
		    && back.cafsm == SCSP_CA_ALIGNED;
	lua_pushboolean(L, yes);
	return 1;
}

static int
get_linked(lua_State *L)
{
	struct scsp_dcs_info d;

	lua_pushboolean(L, look(L, &d));
	return 1;
}

/* nil while nobody leads yet. */
static int
get_master(lua_State *L)
{
	struct scsp_dcs_info d;

	if (!look(L, &d) || d.cafsm < SCSP_CA_SUMMARIZE)
		lua_pushnil(L);
	else
		lua_pushboolean(L, d.master);
	return 1;
}

#define COUNT(name, field)                                                     \
	static int                                                             \
	get_##name(lua_State *L)                                               \
	{                                                                      \
		struct scsp_dcs_info d;                                        \
                                                                               \
		(void)look(L, &d);                                             \
		lua_pushinteger(L, (lua_Integer)d.field);                      \
		return 1;                                                      \
	}
COUNT(queue, queue)
COUNT(requests, requests)
COUNT(crl, crl)
COUNT(summaries, csas_left)
COUNT(seq, ca_seq)
COUNT(hello, interval)
COUNT(dead, dead)
COUNT(tx, tx)
COUNT(rx, rx)
COUNT(rexmt, rexmt)

static int
get_since(lua_State *L)
{
	struct scsp_dcs_info d;

	if (look(L, &d))
		lua_pushnumber(L, lto_seconds(peer_self(L)->net, d.since));
	else
		lua_pushnil(L);
	return 1;
}

/* The SPI that signs; false: open; nil: mandatory, but there is no key. */
static int
get_spi(lua_State *L)
{
	struct scsp_dcs_info d;

	if (!look(L, &d) || !d.auth)
		lua_pushboolean(L, false);
	else if (d.spi == 0)
		lua_pushnil(L);
	else
		lua_pushinteger(L, d.spi);
	return 1;
}

static int
get_vc(lua_State *L)
{
	struct lpeer *p = peer_self(L);
	struct scsp_dcs_info d;
	uint32_t id = 0;

	if (look(L, &d))
		id = node_ref_vc(p->net->w, p->a, d.vc);
	if (id == 0)
		lua_pushnil(L);
	else
		lvc_push(L, p->net, id, ATM_USE_SCSP, 0);
	return 1;
}

/* What the other calls itself; nil: not heard yet. */
static int
get_id(lua_State *L)
{
	struct scsp_dcs_info d;

	if (!look(L, &d) || d.id.len == 0)
		lua_pushnil(L);
	else
		lscsp_id_push(L, d.id);
	return 1;
}

static int
get_a(lua_State *L)
{
	struct lpeer *p = peer_self(L);

	lnode_push(L, p->net, p->a);
	return 1;
}

static int
get_b(lua_State *L)
{
	struct lpeer *p = peer_self(L);

	if (p->b != 0)
		lnode_push(L, p->net, p->b);
	else
		laddr_push(L, p->net, &p->addr);
	return 1;
}

static int
get_net(lua_State *L)
{
	lnet_push(L, peer_self(L)->net);
	return 1;
}

static int
get_other(lua_State *L)
{
	struct lpeer *p = peer_self(L);

	if (p->b == 0)
		lua_pushnil(L);
	else
		peer_push(L, p->net, p->b, p->a, node_addr(p->net->w, p->a));
	return 1;
}

static int
get_name(lua_State *L)
{
	struct lpeer *p = peer_self(L);

	laddr_push(L, p->net, &p->addr);
	lua_pushfstring(L, "%s-%s", node_name(p->net->w, p->a),
	    lua_tostring(L, -1));
	return 1;
}

/* ---- verbs --------------------------------------------------------------------- */

static int
do_solicit(lua_State *L)
{
	struct lpeer *p = peer_self(L);
	struct lnode near = { .net = p->net, .id = p->a };
	struct scsp_oct key = lscsp_octets_arg(L, 2, "key");
	struct scsp_oct orig = lscsp_orig_arg(L, 3, &near);
	struct scsp_dcs_info d;

	if (key.len == 0 || key.len > SCSP_ID_MAX)
		return lfail(L, "key: 1 to %d octets expected", SCSP_ID_MAX);
	if (orig.len == 0 && p->b != 0)
		orig = node_scsp_cfg(p->net->w, p->b)->engine.id;
	else if (orig.len == 0 && look(L, &d))
		orig = d.id;
	return lresult(L, node_scsp_solicit(p->net->w, p->a, &p->addr, key,
	    orig));
}

/* What was done to one end, and then to the other; a link that the other end
 * does not have is no error there. */
static int
both(struct lpeer *p, const struct lpeer *only,
    int (*fn)(struct world *, node_id, const struct atm_addr *, void *),
    void *arg)
{
	int rv = 0, back = 0;

	if (only == NULL || only->a == p->a)
		rv = fn(p->net->w, p->a, &p->addr, arg);
	if (p->b != 0 && (only == NULL || only->a == p->b))
		back = fn(p->net->w, p->b, node_addr(p->net->w, p->a), arg);
	return rv != 0 ? rv : only == NULL && back == MARSH_ENOENT ? 0 : back;
}

static int
del(struct world *w, node_id n, const struct atm_addr *to, void *arg)
{
	(void)arg;
	return node_scsp_del(w, n, to);
}

static int
add_key(struct world *w, node_id n, const struct atm_addr *to, void *arg)
{
	return node_scsp_key(w, n, to, arg);
}

static int
del_key(struct world *w, node_id n, const struct atm_addr *to, void *arg)
{
	return node_scsp_unkey(w, n, to, *(uint32_t *)arg);
}

static int
open_link(struct world *w, node_id n, const struct atm_addr *to, void *arg)
{
	(void)arg;
	return node_scsp_open(w, n, to);
}

static int
do_close(lua_State *L)
{
	return lresult(L, both(peer_self(L), NULL, del, NULL));
}

static int
do_open(lua_State *L)
{
	return lresult(L, both(peer_self(L), NULL, open_link, NULL));
}

/* Option |at|: only at this end. */
static const struct lpeer *
at_option(lua_State *L, const struct lpeer *p, struct lpeer *one)
{
	if (!lopt_get(L, 2, "at"))
		return NULL;
	one->a = lnode_arg(L, -1, p->net, "at");
	if (one->a != p->a && one->a != p->b)
		lfail(L, "at: '%s' is no end of this link",
		    node_name(p->net->w, one->a));
	return one;
}

static uint32_t
spi_option(lua_State *L)
{
	return lopt_get(L, 2, "spi") ? (uint32_t)larg_int(L, -1, "spi", 1,
	    UINT32_MAX) : 1;
}

static int
do_key(lua_State *L)
{
	static const char *const names[] = { "spi", "key", "lifetime", "send",
		"at" };
	struct lpeer *p = peer_self(L), one;
	struct scsp_sa sa = { .until = MTIME_NEVER, .send = true };
	const struct lpeer *only;

	luaL_checkstack(L, 16, "options");
	if (lua_type(L, 2) != LUA_TTABLE)
		larg_bad(L, 2, "key", "a table such as { spi=1, key=\"...\" }");
	lopt_check(L, 2, "key", names, 5);
	sa.key.spi = spi_option(L);
	if (!lopt_get(L, 2, "key"))
		return lfail(L, "key: the secret is missing, as in p:key{ "
		    "spi=1, key=\"secret\" }");
	sa.key.secret = lscsp_octets_arg(L, -1, "key");
	if (sa.key.secret.len == 0 || sa.key.secret.len > 64)
		return lfail(L, "key: 1 to 64 octets expected, got %d",
		    (int)sa.key.secret.len);
	if (lopt_get(L, 2, "lifetime"))
		sa.until = mtime_add(world_now(p->net->w),
		    larg_span(L, -1, "lifetime"));
	if (lopt_get(L, 2, "send"))
		sa.send = larg_bool(L, -1, "send");
	only = at_option(L, p, &one);
	return lresult(L, both(p, only, add_key, &sa));
}

static int
do_unkey(lua_State *L)
{
	static const char *const names[] = { "spi", "at" };
	struct lpeer *p = peer_self(L), one;
	const struct lpeer *only;
	uint32_t spi;

	luaL_checkstack(L, 16, "options");
	lopt_check(L, 2, "unkey", names, 2);
	spi = spi_option(L);
	only = at_option(L, p, &one);
	return lresult(L, both(p, only, del_key, &spi));
}

static int
peer_tostring(lua_State *L)
{
	struct lpeer *p = lclass_self(L, 1, "scsp.peer");
	struct scsp_dcs_info d;

	if (p->net->w == NULL) {
		lua_pushliteral(L, "link (gone)");
		return 1;
	}
	get_name(L);
	if (!look(L, &d))
		lua_pushfstring(L, "%s: no link", lua_tostring(L, -1));
	else
		lua_pushfstring(L, "%s: %s, %s", lua_tostring(L, -1),
		    scsp_hfsm_word(d.hfsm), scsp_cafsm_word(d.cafsm));
	return 1;
}

static int
peer_eq(lua_State *L)
{
	const struct lpeer *a = luaL_testudata(L, 1, "scsp.peer");
	const struct lpeer *b = luaL_testudata(L, 2, "scsp.peer");

	lua_pushboolean(L, a != NULL && b != NULL && a->net == b->net
	    && a->a == b->a && atm_addr_equal(&a->addr, &b->addr));
	return 1;
}

static const luaL_Reg gets[] = {
	{ "hfsm", get_hfsm }, { "cafsm", get_cafsm },
	{ "aligned", get_aligned }, { "linked", get_linked },
	{ "master", get_master }, { "queue", get_queue },
	{ "requests", get_requests }, { "crl", get_crl },
	{ "summaries", get_summaries }, { "seq", get_seq },
	{ "hello", get_hello }, { "dead", get_dead }, { "tx", get_tx },
	{ "rx", get_rx }, { "rexmt", get_rexmt }, { "since", get_since },
	{ "spi", get_spi }, { "vc", get_vc }, { "id", get_id },
	{ "a", get_a }, { "b", get_b }, { "net", get_net },
	{ "other", get_other }, { "name", get_name }, { NULL, NULL },
};
static const luaL_Reg calls[] = {
	{ "solicit", do_solicit }, { "close", do_close }, { "key", do_key },
	{ "unkey", do_unkey }, { "open", do_open }, { NULL, NULL },
};
static const luaL_Reg meta[] = {
	{ "__tostring", peer_tostring }, { "__eq", peer_eq },
	{ "__close", do_close }, { NULL, NULL },
};

void
lpeer_open(lua_State *L)
{
	struct lclass c = { "scsp.peer", gets, NULL, calls, NULL, meta };

	lclass_new(L, &c);
}

/* ---- core ---------------------------------------------------------------------- */

/*
 * core.link(a, b, hello or nil, dead or nil) links server |a| with |b|, a
 * server or an address, in both directions.
 */
int
lcore_link(lua_State *L)
{
	struct lnode *n = lscsp_self(L, 1);
	struct world *w = n->net->w;
	const struct world_scsp_cfg *c = node_scsp_cfg(w, n->id);
	struct atm_addr *to;
	uint16_t hello, dead;
	node_id b;
	size_t count;
	int rv;

	lua_settop(L, 4);
	hello = lua_isnil(L, 3) ? c->group.interval
				: (uint16_t)larg_int(L, 3, "hello", 1, 65535);
	dead = lua_isnil(L, 4) ? c->group.dead
			       : (uint16_t)larg_int(L, 4, "dead", 1, 65535);
	to = laddrs_arg(L, 2, n->net, "b", false, &count);
	if (count != 1)
		return lfail(L, "b: one server expected");
	b = world_find_addr(w, to);
	if (b != 0 && node_kind_of(w, b) == NODE_RAW)
		b = 0; /* what a script plays there is seen from here only */
	if (b != 0 && node_kind_of(w, b) != NODE_SCSP)
		return lfail(L, "b: %s is a %s, not an SCSP server",
		    node_name(w, b), node_kind_word(node_kind_of(w, b)));
	if (b == n->id)
		return lfail(L, "b: another server than %s expected",
		    node_name(w, b));
	rv = node_scsp_hello(w, n->id, hello, dead);
	if (rv == 0 && b != 0 && !(lua_isnil(L, 3) && lua_isnil(L, 4)))
		rv = node_scsp_hello(w, b, lua_isnil(L, 3)
			? node_scsp_cfg(w, b)->group.interval : hello,
		    lua_isnil(L, 4) ? node_scsp_cfg(w, b)->group.dead : dead);
	if (rv == MARSH_ESTATE)
		return lfail(L, "hello: a server has one HelloInterval and one "
		    "DeadFactor, and another link has begun with others: give "
		    "them to scsp.server");
	if (rv == 0)
		rv = node_scsp_add(w, n->id, to);
	if (rv == 0 && b != 0)
		rv = node_scsp_add(w, b, node_addr(w, n->id));
	/* the other end may have been told before */
	if (rv < 0 && !(rv == MARSH_EEXIST && b != 0
	    && node_scsp_find(w, n->id, to, &(struct scsp_dcs_info){ 0 })))
		return lresult(L, rv);
	lraise(L);
	peer_push(L, n->net, n->id, b, to);
	return 1;
}

/* core.peers(server): the links it has */
int
lcore_peers(lua_State *L)
{
	struct lnode *n = lscsp_self(L, 1);
	const struct scsp *s = lscsp_engine(n);
	struct scsp_dcs_info d;
	unsigned i;

	lua_newtable(L);
	for (i = 0; s != NULL && scsp_dcs(s, 0, i, &d); i++) {
		peer_push(L, n->net, n->id, world_find_addr(n->net->w,
		    &d.addr), &d.addr);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	return 1;
}
