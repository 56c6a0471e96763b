/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * scsp.format: a frame or a message in a line.  SCSP carries octets of which it
 * knows nothing; that those of PID 3 are MARS records (RFC 2443 section 3) is
 * known here, above both codecs.
 */
#include "marsh/base/err.h"
#include "marsh/wire/mars_csa.h"
#include "script/lua_scsp_int.h"

#define PID_MARS 3
#define SHOWN 8 /* records; the rest is counted */

/* Appends the MARS records of |m| that decode to what |out| holds. */
static void
add_mars(lua_State *L, luaL_Buffer *out, const struct scsp_msg *m)
{
	unsigned shown = 0;
	struct scsp_rec r;
	struct mars_csa c;
	size_t off = 0;
	char buf[512];

	while (scsp_next(m, &off, &r)) {
		if (r.null
		    || mars_csa_decode(r.body.p, r.body.len, &c, NULL) != 0)
			continue;
		if (shown++ >= SHOWN)
			continue;
		luaL_addstring(out, shown == 1 ? ": " : "; ");
		luaL_addstring(out, mars_csa_format(&c, buf, sizeof(buf)));
	}
	if (shown > SHOWN) {
		lua_pushfstring(L, "; +%d", (int)(shown - SHOWN));
		luaL_addvalue(out);
	}
}

/* core.scsp_format(bytes): a frame or a message in a line, or nil, why */
int
lcore_scsp_format(lua_State *L)
{
	struct scsp_oct o = lscsp_octets_arg(L, 1, "bytes");
	struct scsp_decode_err err = { .bad = SCSP_BAD_NONE };
	struct scsp_msg m;
	struct snap snap;
	luaL_Buffer out;
	char buf[512];

	if (snap_decode(o.p, o.len, &snap, NULL, NULL) == 0
	    && snap.kind == SNAP_SCSP)
		o = (struct scsp_oct){ snap.body, snap.len };
	if (scsp_decode(o.p, o.len, &m, &err) == 0) {
		luaL_buffinit(L, &out);
		luaL_addstring(&out, scsp_format(&m, buf, sizeof(buf)));
		if (m.pid == PID_MARS && m.type == SCSP_CSU_REQ)
			add_mars(L, &out, &m);
		luaL_pushresult(&out);
		return 1;
	}
	lua_pushnil(L);
	lua_pushfstring(L, "%s: %s at octet %d", scsp_bad_word(err.bad),
	    err.field != NULL ? err.field : "?", (int)err.off);
	lua_pushliteral(L, "protocol");
	return 3;
}
