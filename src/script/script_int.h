/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SCRIPT_INT_H
#define SCRIPT_INT_H

/*
 * What the files of src/script share.  Naming: lua_X.c binds noun X; a
 * function that may raise a Lua error begins with `l` and takes the state.
 */
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <lauxlib.h>
#include <lua.h>

#include "marsh/node/world.h"
#include "marsh/script/script.h"
#include "marsh/show/show.h"

/* A name that was spoken of before its node was made, and its address. */
struct lnet_name {
	char name[NODE_NAME_MAX];
	struct atm_addr addr;
};

/* The userdata behind a net.  |w| is NULL once it is closed; everything that
 * belongs to a net keeps the userdata alive and looks here first. */
struct lnet {
	struct world *w;
	struct script *s;
	bool runs;              /* inside world_run or world_step */
	bool real;              /* paced by the wall clock */
	bool capture_told;      /* that it ended by an error */
	uint32_t mask;          /* kinds of events that Lua listens to */
	struct lnet *older;     /* list of open nets, newest first */
	struct lnet_name *names;
	size_t names_n;
	uint8_t place[WORLD_PREFIX]; /* begins addresses set aside; or zeros */
	struct lquery *queries; /* live ones */
	uint64_t log_seq;       /* the log was looked at up to here */
	uint8_t *uses;          /* enum atm_use by network-wide VC id */
	size_t uses_n;
};

struct lnode {
	struct lnet *net;
	node_id id;
	char name[NODE_NAME_MAX]; /* outlives the world, for messages */
};

struct script {
	lua_State *L;
	lua_State *cur; /* whoever called a binding last: hooks run there */
	struct script_cfg cfg;
	FILE *json;
	bool json_failed;
	bool lost; /* something asked for could not be written */
	volatile sig_atomic_t interrupted;
	struct world *volatile running; /* for the signal handler */
	struct lnet *nets;
	unsigned kernels; /* nets of the kernel made so far */
	unsigned captures;
	char *message;
	char *dir;      /* where marsh/init.lua lies */
	void (*wait)(void *ctx, int64_t us);
	void *wait_ctx;
	bool raised;    /* a callback raised: kept until the verb's end */
	unsigned tests, failed, violated;
};

/* ---- script_guard.c: protected calls, interrupts ------------------------ */

struct script *lscript(lua_State *L);
/* guard_call calls the function below |nargs| arguments; messages get their
 * position and hint.  Results (LUA_MULTRET) or nothing stay on the stack. */
enum script_status guard_call(struct script *s, int nargs);
void guard_message(struct script *s, const char *text);
/* guard_watch lets a new coroutine notice interrupts. */
void guard_watch(lua_State *co);
/* guard_check raises when an interrupt waits. */
void guard_check(lua_State *L);
int guard_coroutines(lua_State *L); /* replaces coroutine.create and wrap */

/* ---- script_env.c: what a script finds ---------------------------------- */

/* script_new_alloc is script_new with the allocator of Lua's memory. */
struct script *script_new_alloc(const struct script_cfg *cfg, lua_Alloc f,
    void *ud, char *why, size_t cap);
/* env_find_dir returns a malloc'd directory or NULL. */
char *env_find_dir(const char *want);
int env_open(lua_State *L);  /* libraries and marsh.core; protected */
int env_start(lua_State *L); /* runs marsh/init.lua */

/* ---- lua_class.c: objects with fields and verbs ------------------------- */

struct lclass {
	const char *name; /* "mars.server" */
	const luaL_Reg *get, *get2;   /* fields: f(self) returns one value */
	const luaL_Reg *call, *call2; /* verbs */
	const luaL_Reg *meta;         /* __gc, __close, __len, ... */
};
void lclass_new(lua_State *L, const struct lclass *c);
/* lclass_other lets fn(self, key) answer names in neither table; nil: typo. */
void lclass_other(lua_State *L, const char *name, lua_CFunction fn);
int lclass_tables(lua_State *L); /* core.class(name) */
void *lclass_self(lua_State *L, int idx, const char *name);

/* lfail raises "script.lua:12: ..." with the position of the script. */
int lfail(lua_State *L, const char *fmt, ...);
/* lwhere pushes the position of the innermost frame that is a user's. */
void lwhere(lua_State *L);
/* lhint pushes " (did you mean 'x'?)" or "" for keys of the table at |idx|. */
void lhint(lua_State *L, const char *word, int idx);
/* lrefused returns nil, text, code for a negative MARSH_E code. */
int lrefused(lua_State *L, int err);
int lresult(lua_State *L, int err); /* true, or as lrefused */
/* lraise raises what a callback raised meanwhile, if one did; lkeep keeps the
 * value on top of the stack for it, without allocating. */
void lraise(lua_State *L);
void lkeep(lua_State *L);
void lkeep_open(lua_State *L);

/* ---- lua_arg.c: arguments and options ----------------------------------- */

const char *larg_type(lua_State *L, int idx);
int larg_bad(lua_State *L, int idx, const char *name, const char *wanted);
double larg_number(lua_State *L, int idx, const char *name);
lua_Integer larg_int(lua_State *L, int idx, const char *name, lua_Integer lo,
    lua_Integer hi);
struct mspan larg_span(lua_State *L, int idx, const char *name);
const char *larg_string(lua_State *L, int idx, const char *name);
bool larg_bool(lua_State *L, int idx, const char *name);
/* lopt_check raises for keys of table |idx| which are not in |names|. */
void lopt_check(lua_State *L, int idx, const char *what,
    const char *const *names, size_t n);
/* lopt_get pushes field |name| of table |idx| and tells whether it is set. */
bool lopt_get(lua_State *L, int idx, const char *name);
/* larg_list pushes a table of the items of a list in any of its forms. */
int larg_list(lua_State *L, int idx, const char *name);
void llist_new(lua_State *L, size_t n);
void lset_meta(lua_State *L, const char *name); /* of the table on top */

/* ---- lua_addr.c: names, addresses, groups ------------------------------- */

struct l3_addr lgroup_arg(lua_State *L, int idx, const char *name);
struct l3_range lrange_arg(lua_State *L, int idx, const char *name);
void lgroup_push(lua_State *L, const struct l3_addr *g);
void lrange_push(lua_State *L, const struct l3_range *r);
node_id lnode_arg(lua_State *L, int idx, struct lnet *net, const char *name);
/* lnodes_arg pushes an array of node_id as userdata and returns it. */
node_id *lnodes_arg(lua_State *L, int idx, struct lnet *net, const char *name,
    size_t *n);
/* laddrs_arg does the same for ATM addresses; |reserve|: names not known yet
 * get an address. */
struct atm_addr *laddrs_arg(lua_State *L, int idx, struct lnet *net,
    const char *name, bool reserve, size_t *n);
/* lreserved finds the address reserved for |name|. */
bool lreserved(const struct lnet *net, const char *name, struct atm_addr *a);
void laddr_push(lua_State *L, struct lnet *net, const struct atm_addr *a);
void laddrs_push(lua_State *L, struct lnet *net, const struct atm_addr *v,
    size_t n);

/* ---- the nouns ----------------------------------------------------------- */

enum { LNET_NODES = 1, LNET_DATA }; /* user values of a net */
void lnet_open(lua_State *L);
/* lnet_link makes the net on top of the stack the current one. */
void lnet_link(lua_State *L, struct lnet *net);
struct lnet *lnet_self(lua_State *L, int idx); /* alive, or raises */
void lnet_push(lua_State *L, struct lnet *net);
struct lnet *lnet_current(struct script *s);
struct lnet *lnet_arg(lua_State *L, int idx); /* nil: the current one */
void lnet_hooks(struct lnet *net);
int lcore_fabric(lua_State *L);
/* core.atm(options): the same on the kernel's ATM sockets; nil, why, code */
int lcore_atm(lua_State *L);
/*
 * lnet_new pushes a new current net around |w|, which it owns; NULL raises
 * that memory is short.  |real|: its time is the clock's.
 */
int lnet_new(lua_State *L, struct world *w, bool real);
int lcore_current(lua_State *L);
int lcore_data(lua_State *L);
int lcore_mask(lua_State *L);

void lnode_open(lua_State *L);
extern const luaL_Reg lnode_gets[], lnode_calls[], lnode_meta[];
void lnode_push(lua_State *L, struct lnet *net, node_id id);
void lname_push(lua_State *L, struct lnet *net, node_id id);
/* lnode_self returns the handle at |idx|, whose net is open, or raises. */
struct lnode *lnode_self(lua_State *L, int idx);
struct lnode *lnode_test(lua_State *L, int idx); /* NULL: no node */
/* lnode_failed raises why a node called |name| was not made. */
int lnode_failed(lua_State *L, const struct lnet *net, int err,
    const char *name);
int lcore_nodes(lua_State *L);
int lcore_find(lua_State *L);

void lserver_open(lua_State *L);
int lcore_server(lua_State *L);
void lclient_open(lua_State *L);
int lcore_client(lua_State *L);
int lcore_knobs(lua_State *L);
int lcore_answer(lua_State *L);
int lcore_path(lua_State *L);
int lcore_paths(lua_State *L);
int lcore_members(lua_State *L);
int lcore_hosts(lua_State *L);
int lcore_groups(lua_State *L);

void lscsp_open(lua_State *L);
int lcore_scsp(lua_State *L);
int lcore_cache_put(lua_State *L);
int lcore_cache_remove(lua_State *L);
int lcore_cache_get(lua_State *L);
int lcore_cache_len(lua_State *L);
int lcore_cache_entries(lua_State *L);
int lcore_scsp_format(lua_State *L);
void lpeer_open(lua_State *L);
int lcore_link(lua_State *L);
int lcore_peers(lua_State *L);
void lraw_open(lua_State *L);
int lcore_raw(lua_State *L);
int lcore_raw_take(lua_State *L);

/* A VC by its network-wide id, or (use CCVC, SCVC) whatever VC of that use a
 * server has at the time. */
struct lvc {
	struct lnet *net;
	uint32_t id;
	uint8_t use;
	node_id of; /* for CCVC and SCVC */
};
void lvc_open(lua_State *L);
void lvc_push(lua_State *L, struct lnet *net, uint32_t id, unsigned use,
    node_id of);
struct lvc *lvc_test(lua_State *L, int idx);
int lcore_vcs(lua_State *L);

void lflow_open(lua_State *L);
int lflow_push(lua_State *L, struct lnet *net, flow_id f);
int lcore_flows(lua_State *L);
int lcore_heard(lua_State *L);

void lfault_open(lua_State *L);
/* core.linger, for guided tours */
int core_linger(lua_State *L);

extern const luaL_Reg lfault_net_calls[];

void levent_push(lua_State *L, struct lnet *net, const struct log_rec *r);
void levent_open(lua_State *L);
void llog_open(lua_State *L);
/* llog_use returns the use of the VC that |r| is about, or 0. */
unsigned llog_use(struct lnet *net, const struct log_rec *r);
void llog_catch_up(struct lnet *net);
int lcore_log(lua_State *L);

/* lua_settle.c */
int lcore_settle(lua_State *L);
int lcore_check(lua_State *L);

int lcore_run(lua_State *L);
int lcore_run_until(lua_State *L);
int lcore_at(lua_State *L);
int lcore_step(lua_State *L);
/* ltime_run lets the world run up to |until| and raises what callbacks did. */
void ltime_run(lua_State *L, struct lnet *net, struct mtime until);
/* ltime_catch_up is ltime_run for time that has passed already: no sleep. */
void ltime_catch_up(lua_State *L, struct lnet *net, struct mtime until);

int lcore_draw(lua_State *L);
int lcore_ladder(lua_State *L);
int lcore_show(lua_State *L);
int lcore_nearest(lua_State *L);

/* marsh.command{}: a command of the user's own */
int lcore_command(lua_State *L);

struct mtime lseconds(const struct lnet *net, double s);
double lto_seconds(const struct lnet *net, struct mtime t);

#endif
