/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Letting time pass.  A world runs to a point in time or until a condition
 * holds.  In a net with clock="real" the same happens in small slices, each at
 * its hour.
 */
#include <string.h>
#include <time.h>

#include "marsh/base/err.h"
#include "script/script_int.h"

#define SLICE MSPAN_SEC(1)      /* between two looks of live queries */
#define REAL_SLICE MSPAN_MS(10)
#define COND_SLICE MSPAN_MS(100) /* how late a condition on time may be seen */

/* The wall clock at the start of a run in real time, and the net's then. */
struct pace {
	struct timespec wall;
	struct mtime net;
};

static struct pace
pace_start(const struct lnet *net)
{
	struct pace p = { .net = world_now(net->w) };

	if (net->real)
		clock_gettime(CLOCK_MONOTONIC, &p.wall);
	return p;
}

/*
 * Lets whoever shares this session have the time that is left until |ts|.  They
 * may run scripts, which may make another net the current one or close this
 * one.  Not from a coroutine: the main state would run below it.
 */
static void
share(lua_State *L, struct lnet *net, const struct timespec *ts)
{
	const struct script *s = net->s;
	struct timespec now;
	int64_t us;

	if (s->wait == NULL || s->L != L)
		return;
	clock_gettime(CLOCK_MONOTONIC, &now);
	us = (ts->tv_sec - now.tv_sec) * INT64_C(1000000)
	    + (ts->tv_nsec - now.tv_nsec) / 1000;
	luaL_checkstack(L, LUA_MINSTACK, "while waiting");
	lnet_push(L, net); /* alive until we are back */
	s->wait(s->wait_ctx, us > 0 ? us : 0);
	lua_pop(L, 1);
	if (net->w == NULL)
		lfail(L, "this net was closed while it ran");
}

/* Sleeps until the wall clock is where the net's is; a signal ends it early. */
static void
pace_wait(lua_State *L, struct lnet *net, const struct pace *p)
{
	struct timespec ts = p->wall;
	int64_t us = mtime_sub(world_now(net->w), p->net).us;

	if (!net->real)
		return;
	ts.tv_sec += us / 1000000;
	ts.tv_nsec += us % 1000000 * 1000;
	if (ts.tv_nsec >= 1000000000) {
		ts.tv_nsec -= 1000000000;
		ts.tv_sec++;
	}
	share(L, net, &ts);
	clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
}

/* What a step of the world left behind: a callback's error, an interrupt. */
static void
after(lua_State *L, struct lnet *net, int err)
{
	net->runs = false;
	net->s->running = NULL;
	if (net->queries != NULL)
		llog_catch_up(net);
	lraise(L);
	guard_check(L);
	if (err < 0 && err != MARSH_EINTERRUPTED)
		luaL_error(L, "the world stopped: %s", marsh_err_text(err));
}

static void
before(lua_State *L, struct lnet *net)
{
	if (net->runs)
		lfail(L, "the net runs already: in a callback or task use "
		    "sleep(s), wait(object, event) or net:at(t, fn)");
	guard_check(L);
	net->s->cur = L;
	net->runs = true;
	net->s->running = net->w;
}

static struct mtime
next_slice(const struct lnet *net, struct mtime until)
{
	struct mtime now = world_now(net->w);

	if (net->real)
		return mtime_min(until, mtime_add(now, REAL_SLICE));
	if (net->queries != NULL)
		return mtime_min(until, mtime_add(now, SLICE));
	return until;
}

/* pass lets the world run up to |until|; NULL: as fast as it can. */
static void
pass(lua_State *L, struct lnet *net, struct mtime until, const struct pace *p)
{
	struct mtime to;
	int err;

	do {
		to = next_slice(net, until);
		before(L, net);
		err = world_run(net->w, to);
		after(L, net, err);
		if (p != NULL)
			pace_wait(L, net, p);
		/* stopped for a reason that was dealt with: go on */
	} while (err == MARSH_EINTERRUPTED || to.us < until.us);
}

void
ltime_run(lua_State *L, struct lnet *net, struct mtime until)
{
	struct pace pace = pace_start(net);

	pass(L, net, until, &pace);
}

void
ltime_catch_up(lua_State *L, struct lnet *net, struct mtime until)
{
	pass(L, net, until, NULL);
}

/* core.run(net, seconds) */
int
lcore_run(lua_State *L)
{
	struct lnet *net = lnet_arg(L, 1);
	struct mspan d = larg_span(L, 2, "seconds");

	ltime_run(L, net, mtime_add(world_now(net->w), d));
	return 0;
}

/* ---- until a condition ------------------------------------------------------------ */

static bool
holds(lua_State *L)
{
	bool yes;

	lua_pushvalue(L, 2);
	lua_call(L, 0, 1);
	yes = lua_toboolean(L, -1);
	lua_pop(L, 1);
	return yes;
}

static int
step(lua_State *L, struct lnet *net, struct mtime to)
{
	int rv;

	before(L, net);
	rv = world_step(net->w, to);
	after(L, net, rv);
	return rv;
}

/*
 * Looks once all events of an instant are handled, for a frame that reaches
 * thousands at once is thousands of events, or with |each| after every one.
 * True: it holds; false: the slice is over.
 */
static bool
slice_until(lua_State *L, struct lnet *net, struct mtime to, bool each)
{
	int rv;

	do {
		rv = step(L, net, to);
		while (!each && rv > 0 && step(L, net, world_now(net->w)) > 0)
			continue;
		if (holds(L))
			return true;
	} while (rv > 0);
	return false;
}

/*
 * core.run_until(net, fn, timeout or nil, each event?): did it come to hold?
 */
int
lcore_run_until(lua_State *L)
{
	struct lnet *net = lnet_arg(L, 1);
	struct mtime end = MTIME_NEVER, to, from;
	struct pace pace = pace_start(net);
	bool each = lua_toboolean(L, 4);

	luaL_checktype(L, 2, LUA_TFUNCTION);
	if (!lua_isnoneornil(L, 3))
		end = mtime_add(world_now(net->w), larg_span(L, 3, "timeout"));
	for (bool yes = holds(L);; ) {
		from = world_now(net->w);
		if (yes || from.us >= end.us) {
			lua_pushboolean(L, yes);
			return 1;
		}
		to = mtime_min(end, mtime_add(from, net->real ? REAL_SLICE :
		    COND_SLICE));
		yes = slice_until(L, net, to, each);
		pace_wait(L, net, &pace);
	}
}

/* core.at(net, t, token): the timer hook gets |token| at |t| seconds. */
int
lcore_at(lua_State *L)
{
	struct lnet *net = lnet_arg(L, 1);
	double t = larg_number(L, 2, "t");
	int err;

	err = world_at(net->w, lseconds(net, t), (uint64_t)larg_int(L, 3,
	    "token", 1, INT32_MAX));
	if (err < 0)
		return luaL_error(L, "not enough memory for a timer");
	return 0;
}

/* core.step(net, n) handles up to |n| events and returns how many there were. */
int
lcore_step(lua_State *L)
{
	struct lnet *net = lnet_arg(L, 1);
	lua_Integer n = larg_int(L, 2, "n", 1, INT32_MAX), done = 0;
	int rv = 1;

	while (done < n && rv > 0) {
		before(L, net);
		rv = world_step(net->w, mtime_add(world_now(net->w),
		    MSPAN_SEC(86400)));
		after(L, net, rv);
		done += rv > 0;
	}
	lua_pushinteger(L, done);
	return 1;
}
