/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VCs as the network has them.  M1.ccvc means whichever ClusterControlVC M1 has
 * when it is looked at, so it can be kept over a crash; all others are one VC
 * and say so when it is gone.
 */
#include <string.h>

#include "marsh/base/err.h"
#include "script/script_int.h"

void
lvc_push(lua_State *L, struct lnet *net, uint32_t id, unsigned use, node_id of)
{
	struct lvc *v;

	v = lua_newuserdatauv(L, sizeof(*v), 1);
	v->net = net;
	v->id = id;
	v->use = (uint8_t)use;
	v->of = of;
	lnet_push(L, net);
	lua_setiuservalue(L, -2, 1);
	luaL_setmetatable(L, "vc");
}

struct lvc *
lvc_test(lua_State *L, int idx)
{
	return luaL_testudata(L, idx, "vc");
}

static struct lvc *
vc_self(lua_State *L, int idx)
{
	struct lvc *v = lclass_self(L, idx, "vc");

	if (v->net->w == NULL)
		lfail(L, "this VC is gone: its net was closed");
	v->net->s->cur = L;
	return v;
}

static bool
proto_info(const struct lvc *v, struct mars_proto_info *info)
{
	const struct mars_server *s = node_server(v->net->w, v->of);
	struct l3_proto pro = L3_PROTO_IPV4;
	int p;

	p = s != NULL ? mars_server_find_proto(s, &pro) : -1;
	return p >= 0 && mars_server_proto(s, (unsigned)p, info);
}

static uint32_t
vc_id(const struct lvc *v)
{
	struct mars_proto_info info;

	if (v->of == 0)
		return v->id;
	if (v->use != ATM_USE_CCVC || !proto_info(v, &info))
		return 0;
	return node_ref_vc(v->net->w, v->of, info.ccvc);
}

/* False: there is no such VC (now). */
static bool
vc_info(const struct lvc *v, struct atm_vc_info *info)
{
	uint32_t id = vc_id(v);

	return id != 0 && atm_net_next_vc(world_net(v->net->w), id - 1, info) &&
	    info->id == id;
}

static int
get_id(lua_State *L)
{
	uint32_t id = vc_id(vc_self(L, 1));

	if (id == 0)
		lua_pushnil(L);
	else
		lua_pushinteger(L, id);
	return 1;
}

static int
get_open(lua_State *L)
{
	struct atm_vc_info info;

	lua_pushboolean(L, vc_info(vc_self(L, 1), &info));
	return 1;
}

static int
get_root(lua_State *L)
{
	struct lvc *v = vc_self(L, 1);
	struct atm_vc_info info;

	if (v->of != 0)
		lname_push(L, v->net, v->of);
	else if (vc_info(v, &info))
		lname_push(L, v->net, node_of_port(v->net->w, info.root));
	else
		lua_pushnil(L);
	return 1;
}

/* Leaves in other programs have no name here, but an address. */
static void
push_strangers(lua_State *L, struct lvc *v, uint32_t id, lua_Integer n)
{
	struct atm_leaf leaf;

	for (size_t i = 0; id != 0 && atm_net_vc_leaf(world_net(v->net->w), id,
	    i, &leaf); i++) {
		if (node_of_leaf(v->net->w, &leaf) != 0)
			continue;
		laddr_push(L, v->net, &leaf.addr);
		lua_rawseti(L, -2, ++n);
	}
}

/* Names in order of the nodes' numbers: the same for every order of joining. */
static int
get_leaves(lua_State *L)
{
	struct lvc *v = vc_self(L, 1);
	uint32_t id = vc_id(v);
	node_id max = world_nodes(v->net->w);
	bool *there;
	lua_Integer n = 0;
	struct atm_leaf leaf;

	there = lua_newuserdatauv(L, max + 1, 0);
	memset(there, 0, max + 1);
	for (size_t i = 0; id != 0 && atm_net_vc_leaf(world_net(v->net->w), id,
	    i, &leaf); i++)
		there[node_of_leaf(v->net->w, &leaf)] = true;
	llist_new(L, 0);
	for (node_id i = 1; i <= max; i++) {
		if (!there[i])
			continue;
		lname_push(L, v->net, i);
		lua_rawseti(L, -2, ++n);
	}
	if (there[0])
		push_strangers(L, v, id, n);
	return 1;
}

static int
get_kind(lua_State *L)
{
	lua_pushstring(L, atm_use_word(vc_self(L, 1)->use));
	return 1;
}

static int
get_csn(lua_State *L)
{
	struct lvc *v = vc_self(L, 1);
	struct mars_proto_info info;

	if (v->of == 0 || v->use != ATM_USE_CCVC || !proto_info(v, &info))
		lua_pushnil(L);
	else
		lua_pushinteger(L, info.csn);
	return 1;
}

static int
get_ssn(lua_State *L)
{
	struct lvc *v = vc_self(L, 1);

	if (v->of == 0 || v->use != ATM_USE_SCVC)
		lua_pushnil(L);
	else
		lua_pushinteger(L, 0); /* no MCS, so nothing was sent on it */
	return 1;
}

/* The group of a data VC: its root's path says so. */
static bool
vc_group(const struct lvc *v, const struct atm_vc_info *info,
    struct mars_path_info *p)
{
	struct world *w = v->net->w;
	node_id root = node_of_port(w, info->root);
	const struct mars_client *c = node_client(w, root);
	struct l3_addr last;
	bool more;

	if (c == NULL || info->use != ATM_USE_DATA)
		return false;
	for (more = mars_client_next_path(c, NULL, p); more;
	    more = mars_client_next_path(c, &last, p)) {
		if (p->vc == info->root_ref)
			return true;
		last = p->group;
	}
	return false;
}

static int
get_group(lua_State *L)
{
	struct lvc *v = vc_self(L, 1);
	struct mars_path_info p;
	struct atm_vc_info info;

	if (vc_info(v, &info) && vc_group(v, &info, &p))
		lgroup_push(L, &p.group);
	else
		lua_pushnil(L);
	return 1;
}

static int
get_state(lua_State *L)
{
	struct lvc *v = vc_self(L, 1);
	struct mars_path_info p;
	struct atm_vc_info info;

	if (!vc_info(v, &info))
		lua_pushliteral(L, "gone");
	else if (vc_group(v, &info, &p))
		lua_pushstring(L, mars_path_state_word(p.state));
	else
		lua_pushliteral(L, "up");
	return 1;
}

static int
get_frames(lua_State *L)
{
	struct atm_vc_info info;

	lua_pushinteger(L, vc_info(vc_self(L, 1), &info) ?
	    (lua_Integer)info.frames : 0);
	return 1;
}

static int
get_octets(lua_State *L)
{
	struct atm_vc_info info;

	lua_pushinteger(L, vc_info(vc_self(L, 1), &info) ?
	    (lua_Integer)info.octets : 0);
	return 1;
}

static int
get_opened(lua_State *L)
{
	struct lvc *v = vc_self(L, 1);
	struct atm_vc_info info;

	if (vc_info(v, &info))
		lua_pushnumber(L, lto_seconds(v->net, info.opened));
	else
		lua_pushnil(L);
	return 1;
}

static int
vc_eq(lua_State *L)
{
	struct lvc *a = lvc_test(L, 1), *b = lvc_test(L, 2);

	lua_pushboolean(L, a != NULL && b != NULL && a->net == b->net &&
	    a->net->w != NULL && vc_id(a) == vc_id(b) && a->of == b->of);
	return 1;
}

static int
vc_tostring(lua_State *L)
{
	struct lvc *v = lclass_self(L, 1, "vc");

	if (v->net->w == NULL)
		lua_pushliteral(L, "VC (gone)");
	else if (v->of != 0)
		lua_pushfstring(L, "%s of %s", atm_use_word(v->use),
		    node_name(v->net->w, v->of));
	else
		lua_pushfstring(L, "%s VC %d", atm_use_word(v->use),
		    (int)v->id);
	return 1;
}

static const luaL_Reg gets[] = {
	{ "id", get_id }, { "open", get_open }, { "root", get_root },
	{ "leaves", get_leaves }, { "kind", get_kind }, { "csn", get_csn },
	{ "ssn", get_ssn }, { "group", get_group }, { "state", get_state },
	{ "frames", get_frames }, { "octets", get_octets },
	{ "opened", get_opened }, { NULL, NULL },
};
static const luaL_Reg meta[] = {
	{ "__eq", vc_eq }, { "__tostring", vc_tostring }, { NULL, NULL },
};

void
lvc_open(lua_State *L)
{
	struct lclass c = { "vc", gets, NULL, NULL, NULL, meta };

	lclass_new(L, &c);
}

/* core.vcs(net) returns the live VCs in order of their numbers. */
int
lcore_vcs(lua_State *L)
{
	struct lnet *net = lnet_self(L, 1);
	struct atm_vc_info info;
	uint32_t id = 0;
	lua_Integer n = 0;

	llist_new(L, 0);
	while (atm_net_next_vc(world_net(net->w), id, &info)) {
		lvc_push(L, net, info.id, info.use, 0);
		lua_rawseti(L, -2, ++n);
		id = info.id;
	}
	return 1;
}

/* core.path(client, group): its data VC, or nil while there is none. */
int
lcore_path(lua_State *L)
{
	struct lnode *n = lnode_self(L, 1);
	struct l3_addr g = lgroup_arg(L, 2, "group");
	const struct mars_client *c = node_client(n->net->w, n->id);
	struct mars_path_info p;
	struct l3_addr last;
	bool more = c != NULL && mars_client_next_path(c, NULL, &p);

	while (more && l3_addr_cmp(&p.group, &g) != 0) {
		last = p.group;
		more = mars_client_next_path(c, &last, &p);
	}
	if (!more || p.vc == 0)
		lua_pushnil(L);
	else
		lvc_push(L, n->net, node_ref_vc(n->net->w, n->id, p.vc),
		    ATM_USE_DATA, 0);
	return 1;
}

/* core.paths(client): the groups it has a path to. */
int
lcore_paths(lua_State *L)
{
	struct lnode *n = lnode_self(L, 1);
	const struct mars_client *c = node_client(n->net->w, n->id);
	struct mars_path_info p;
	struct l3_addr last;
	lua_Integer i = 0;
	bool more = c != NULL && mars_client_next_path(c, NULL, &p);

	llist_new(L, 0);
	while (more) {
		lgroup_push(L, &p.group);
		lua_rawseti(L, -2, ++i);
		last = p.group;
		more = mars_client_next_path(c, &last, &p);
	}
	return 1;
}
