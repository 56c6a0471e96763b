/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * atm{...}: a network of the kernel's ATM sockets.  What the kernel lacks is no
 * error of the script: it gets nil, a sentence and a code, and may go on with
 * the in-process fabric.
 */
#include <string.h>

#include "marsh/base/err.h"
#include "marsh/svc/svc.h"
#include "script/script_int.h"

#define WHY 256
#define SWITCH 13 /* octets of an NSAP that are the switch's */

/*
 * Where the nodes of a net are when the script does not say: at this kernel's
 * switch, and each net of a program at a place of its own, for an older one may
 * still listen.
 */
static void
own_prefix(lua_State *L, struct world_cfg *cfg, int itf)
{
	struct script *s = lscript(L);
	struct atm_addr a;

	if (svc_home(itf, &a))
		memcpy(cfg->prefix, a.num, SWITCH);
	cfg->prefix[WORLD_PREFIX - 1] = (uint8_t)(cfg->prefix[WORLD_PREFIX - 1]
	    + s->kernels++);
}

static void
prefix_option(lua_State *L, struct world_cfg *cfg, int itf)
{
	const char *text, *why;
	struct atm_addr a;

	if (!lopt_get(L, 1, "addr")) {
		own_prefix(L, cfg, itf);
		return;
	}
	text = larg_string(L, -1, "addr");
	if (atm_addr_parse(text, &a, &why) != 0)
		lfail(L, "addr: '%s' is no ATM address: %s", text, why);
	if (a.tl != ATM_NSAP_LEN)
		lfail(L, "addr: an NSAP expected, got '%s'", text);
	memcpy(cfg->prefix, a.num, WORLD_PREFIX);
}

static void
read_options(lua_State *L, struct world_cfg *cfg, struct svc_cfg *sc)
{
	static const char *const names[] = { "addr", "itf", "qos", "fan_out",
	    "seed", "log_max", "log_data" };

	lopt_check(L, 1, "atm", names, sizeof(names) / sizeof(names[0]));
	luaL_checkstack(L, 16, "options");
	world_defaults(cfg);
	svc_defaults(sc);
	cfg->sim.seed = lscript(L)->cfg.seed;
	if (lopt_get(L, 1, "itf"))
		sc->itf = (int)larg_int(L, -1, "itf", 0, 32767);
	prefix_option(L, cfg, sc->itf);
	if (lopt_get(L, 1, "qos"))
		sc->qos = larg_string(L, -1, "qos");
	if (lopt_get(L, 1, "fan_out"))
		sc->fan_out = larg_bool(L, -1, "fan_out");
	if (lopt_get(L, 1, "seed"))
		cfg->sim.seed = (uint64_t)larg_int(L, -1, "seed",
		    LUA_MININTEGER, LUA_MAXINTEGER);
	if (lopt_get(L, 1, "log_max"))
		cfg->log_max = (size_t)larg_int(L, -1, "log_max", 1, 1 << 28);
	if (lopt_get(L, 1, "log_data"))
		cfg->log_data = larg_bool(L, -1, "log_data");
}

int
lcore_atm(lua_State *L)
{
	struct world_cfg cfg;
	struct svc_cfg sc;
	struct svc *s = NULL;
	char why[WHY] = "";

	lua_settop(L, 1);
	read_options(L, &cfg, &sc);
	if (svc_available(why, sizeof(why)))
		s = svc_new(&sc, mem_libc(), why, sizeof(why));
	if (s == NULL) {
		lua_pushnil(L);
		lua_pushstring(L, why);
		lua_pushstring(L, marsh_err_word(MARSH_ENOTSUP));
		return 3;
	}
	lnet_new(L, world_new_on(&cfg, svc_net(s), mem_libc()), true);
	memcpy(((struct lnet *)lua_touserdata(L, -1))->place, cfg.prefix,
	    WORLD_PREFIX);
	return 1;
}
