/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LUA_SCSP_INT_H
#define LUA_SCSP_INT_H

/* What the bindings of SCSP servers, their links and bare ports share. */
#include "marsh/node/world_raw.h"
#include "marsh/node/world_scsp.h"
#include "marsh/wire/snap.h"
#include "script/script_int.h"

struct lnode *lscsp_self(lua_State *L, int idx);
/* lscsp_engine returns NULL while the machine is off. */
const struct scsp *lscsp_engine(const struct lnode *n);
/* lscsp_id_arg reads an ID, which lives as long as the stack's values; it
 * pushes one value. */
struct scsp_oct lscsp_id_arg(lua_State *L, int idx, const char *name);
void lscsp_id_push(lua_State *L, struct scsp_oct id);
/* lscsp_name_push pushes the name of who has |id| in the group of |n|, or |id|. */
void lscsp_name_push(lua_State *L, struct lnode *n, struct scsp_oct id);
/* lscsp_orig_arg reads an originator: a node, its name, or an ID; nil: none. */
struct scsp_oct lscsp_orig_arg(lua_State *L, int idx, struct lnode *n);
struct scsp_oct lscsp_octets_arg(lua_State *L, int idx, const char *name);

#endif
