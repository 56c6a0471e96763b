/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mars.client "C1" {...}: every timer of RFC 2022 Appendix E is an option, held
 * to the Appendix's bounds; and what a client's tables answer when asked.
 */
#include <math.h>
#include <string.h>

#include "marsh/base/err.h"
#include "script/script_int.h"

static const char *const client_options[] = {
	"mars", "backups", "tries", "mtu", "pending_max", "checksum", "verify",
	"private_step", "addr", "spa",
#define X(field, def, lo, hi) #field,
	MARS_CLIENT_KNOBS(X)
#undef X
};
#define OPTIONS (sizeof(client_options) / sizeof(client_options[0]))

static void
knob(lua_State *L, const char *name, struct mspan *v, int lo, int hi)
{
	double s;

	if (!lopt_get(L, 3, name)) {
		lua_pop(L, 1);
		return;
	}
	s = larg_number(L, -1, name);
	if (s * 1000 < lo || (hi != 0 && s * 1000 > hi) || s > 1e9) {
		lua_pushnumber(L, s);
		if (hi == 0)
			lfail(L, "%s: %s s is below %f s", name,
			    lua_tostring(L, -1), lo / 1000.0);
		lfail(L, "%s: %s s is outside %f to %f s (RFC 2022 Appendix E)",
		    name, lua_tostring(L, -1), lo / 1000.0, hi / 1000.0);
	}
	*v = MSPAN_US(llround(s * 1e6));
	lua_pop(L, 1);
}

static void
pair(lua_State *L, const char *name, struct mspan lo, struct mspan hi)
{
	if (lo.us > hi.us)
		lfail(L, "%s_lo is above %s_hi", name, name);
}

static void
knobs(lua_State *L, struct mars_client_cfg *c)
{
#define X(field, def, lo, hi) knob(L, #field, &c->field, lo, hi);
	MARS_CLIENT_KNOBS(X)
#undef X
	pair(L, "nak", c->nak_lo, c->nak_hi);
	pair(L, "leaf_retry", c->leaf_retry_lo, c->leaf_retry_hi);
	pair(L, "reval", c->reval_lo, c->reval_hi);
	pair(L, "rereg", c->rereg_lo, c->rereg_hi);
	pair(L, "rejoin", c->rejoin_lo, c->rejoin_hi);
}

static struct l3_addr
spa_arg(lua_State *L)
{
	const char *text = larg_string(L, -1, "spa");
	struct l3_range r;

	if (l3_range_parse(text, &r, NULL) < 0 || !l3_range_single(&r))
		lfail(L, "spa: '%s' is no IPv4/IPv6 address", text);
	return r.min;
}

static void
addresses(lua_State *L, struct lnet *net, struct mars_client_cfg *c)
{
	size_t n;

	if (lopt_get(L, 3, "mars")) {
		const struct atm_addr *v = laddrs_arg(L, -1, net, "mars",
		    false, &n);
		if (n != 1)
			lfail(L, "mars: one MARS expected (others go to "
			    "backups)");
		c->mars = v[0];
	}
	if (lopt_get(L, 3, "backups"))
		c->backups = laddrs_arg(L, -1, net, "backups", true,
		    &c->backups_n);
	if (c->backups_n >= MARS_LIST_MAX)
		lfail(L, "backups: at most %d MARSs fit", MARS_LIST_MAX - 1);
	if (lopt_get(L, 3, "addr"))
		c->addr = *laddrs_arg(L, -1, net, "addr", false, &n);
	if (lopt_get(L, 3, "spa"))
		c->spa = spa_arg(L);
}

static void
others(lua_State *L, struct mars_client_cfg *c)
{
	if (lopt_get(L, 3, "tries"))
		c->tries = (uint8_t)larg_int(L, -1, "tries", 0, 255);
	if (lopt_get(L, 3, "mtu"))
		c->mtu = (uint32_t)larg_int(L, -1, "mtu", 128, 65527);
	if (lopt_get(L, 3, "pending_max"))
		c->pending_max = (uint32_t)larg_int(L, -1, "pending_max", 0,
		    65535);
	if (lopt_get(L, 3, "checksum"))
		c->checksum = larg_bool(L, -1, "checksum");
	if (lopt_get(L, 3, "verify"))
		c->verify = larg_bool(L, -1, "verify");
	if (lopt_get(L, 3, "private_step"))
		c->private_step = larg_bool(L, -1, "private_step");
}

/* core.client(net, name, options) */
int
lcore_client(lua_State *L)
{
	struct lnet *net = lnet_self(L, 1);
	const char *name = larg_string(L, 2, "name");
	struct mars_client_cfg cfg;
	node_id id;
	int err;

	luaL_checkstack(L, 40, "options");
	lua_settop(L, 3);
	lopt_check(L, 3, "mars.client", client_options, OPTIONS);
	mars_client_defaults(&cfg);
	knobs(L, &cfg);
	addresses(L, net, &cfg);
	others(L, &cfg);
	if (cfg.addr.tl == 0)
		lreserved(net, name, &cfg.addr);
	err = world_add_client(net->w, name, &cfg, &id);
	if (err < 0)
		return lnode_failed(L, net, err, name);
	lnode_push(L, net, id);
	return 1;
}

/* core.knobs() returns name -> { default, min, max } in seconds. */
int
lcore_knobs(lua_State *L)
{
	static const struct {
		const char *name;
		int v[3];
	} rows[] = {
#define X(field, def, lo, hi) { #field, { def, lo, hi } },
		MARS_CLIENT_KNOBS(X)
#undef X
	};

	lua_newtable(L);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		lua_createtable(L, 3, 0);
		for (int j = 0; j < 3; j++) {
			lua_pushnumber(L, rows[i].v[j] / 1000.0);
			lua_rawseti(L, -2, j + 1);
		}
		lua_setfield(L, -2, rows[i].name);
	}
	return 1;
}

/*
 * core.answer(client, grouplist) returns the entries of the last REQUEST or
 * GROUPLIST that ended (none after a NAK), or nil while it has not.
 */
int
lcore_answer(lua_State *L)
{
	struct lnode *n = lnode_self(L, 1);
	bool groups = lua_toboolean(L, 2);
	const struct mars_client *c = node_client(n->net->w, n->id);
	struct atm_addr a;
	struct l3_addr g;
	size_t count = 0;
	int err;

	err = c == NULL ? MARSH_EDEAD : mars_client_answer(c, groups, &count);
	if (err < 0 && err != MARSH_ENOENT) {
		lua_pushnil(L);
		return 1;
	}
	llist_new(L, count);
	for (size_t i = 0; err == 0 && i < count; i++) {
		if (groups ? !mars_client_answer_group(c, i, &g) :
		    !mars_client_answer_addr(c, i, &a))
			break;
		if (groups)
			lgroup_push(L, &g);
		else
			laddr_push(L, n->net, &a);
		lua_rawseti(L, -2, (lua_Integer)i + 1);
	}
	lua_pushboolean(L, err == MARSH_ENOENT);
	return 2;
}
