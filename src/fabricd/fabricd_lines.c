/* SPDX-License-Identifier: BSD-2-Clause */
/* The daemon's trunks: opening them, serving them, and what comes of them. */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fabricd_run_int.h"

static void
trunk_up(void *ctx, uint32_t line)
{
	struct fab_run *r = ctx;

	fab_run_say(r, "trunk %u (%s): up", (unsigned)line,
	    r->line[line].name);
}

static void
trunk_down(void *ctx, uint32_t line, const char *why)
{
	struct fab_run *r = ctx;

	fab_run_say(r, "trunk %u (%s): down, %s", (unsigned)line,
	    r->line[line].name, why);
	fab_call_lost(r->call, r->now, line);
}

static void
trunk_msg(void *ctx, uint32_t line, const struct fab_msg *m)
{
	struct fab_run *r = ctx;

	fab_call_trunk(r->call, r->now, line, m);
}

static void
trunk_data(void *ctx, uint32_t line, uint32_t label, const uint8_t *sdu,
    size_t n)
{
	fab_move_point(ctx, (struct fab_point){ line, label }, sdu, n);
}

static void
trunk_routes(void *ctx, uint32_t line, const struct fab_route *v, size_t n)
{
	struct fab_run *r = ctx;

	fab_routes_drop(&r->routes, line);
	for (size_t i = 0; i < n; i++)
		if (fab_routes_add(&r->routes, &v[i].p, line, v[i].hops) != 0)
			fab_run_bad(r, "no memory for a route");
	r->announce = true;
}

/* announce tells every trunk what is behind us seen from there. */
static void
announce(struct fab_run *r)
{
	struct fab_route v[FAB_TRUNK_ROUTES];
	size_t n;

	r->announce = false;
	for (size_t i = 1; i <= r->lines; i++) {
		n = fab_routes_behind(&r->routes, (uint32_t)i, v,
		    FAB_TRUNK_ROUTES);
		fab_trunk_announce(r->line[i].trunk, v, n);
	}
}

/* fab_lines_open opens all trunks; 0, or -1 with a sentence in |why|. */
int
fab_lines_open(struct fab_run *r, char *why, size_t cap)
{
	struct fab_trunk_ops ops = { trunk_up, trunk_down, trunk_msg,
		trunk_data, trunk_routes, fab_run_bad, r };
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	for (size_t i = 0; i < r->cfg.trunks; i++) {
		struct fab_line *l = &r->line[i + 1];

		l->name = r->cfg.trunk[i];
		if (fab_line_open(l) != 0) {
			snprintf(why, cap, "trunk %s: %s", l->name,
			    errno == ENOTTY ? "neither a terminal nor a socket"
					    : strerror(errno));
			return -1;
		}
		l->trunk = fab_trunk_new((uint32_t)i + 1, (uint64_t)ts.tv_nsec
		    ^ (uint64_t)ts.tv_sec << 30 ^ (uint64_t)getpid() << 8 ^ i,
		    &ops, &r->mem);
		if (l->trunk == NULL) {
			snprintf(why, cap, "out of memory");
			return -1;
		}
		r->lines++;
	}
	announce(r);
	return 0;
}

void
fab_lines_close(struct fab_run *r)
{
	for (size_t i = 1; i <= r->lines; i++) {
		if (r->line[i].fd >= 0)
			close(r->line[i].fd);
		fab_trunk_free(r->line[i].trunk);
	}
}

/* fab_lines_crowded: a trunk has more to write than it should. */
bool
fab_lines_crowded(const struct fab_run *r)
{
	for (size_t i = 1; i <= r->lines; i++)
		if (fab_trunk_crowded(r->line[i].trunk))
			return true;
	return false;
}

/* fab_lines_serve reads and writes trunks; |p[i]| is what poll() said of |i|. */
void
fab_lines_serve(struct fab_run *r, const struct pollfd *p)
{
	for (size_t i = 1; i <= r->lines; i++) {
		struct fab_line *l = &r->line[i];
		bool ok = true;

		if (l->fd < 0 && mtime_reached(l->retry, r->now)
		    && fab_line_open(l) != 0)
			l->retry = mtime_add(r->now, MSPAN_SEC(1));
		fab_trunk_tick(l->trunk, r->now);
		if (l->fd < 0)
			continue;
		if (p[i].fd == l->fd && p[i].revents != 0)
			ok = fab_line_read(l, r->now);
		if (!ok) {
			fab_run_say(r, "trunk %zu (%s): hung up", i, l->name);
			fab_line_close(l, r->now);
		}
	}
	if (r->announce)
		announce(r);
	for (size_t i = 1; i <= r->lines; i++)
		if (r->line[i].fd >= 0 && !fab_line_write(&r->line[i]))
			fab_line_close(&r->line[i], r->now);
}
