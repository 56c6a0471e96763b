/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Virtual time while the prompt waits.  Commands that let time pass do so at
 * once; between them time passes by the wall clock, times the speed, in slices
 * short enough that a key is never kept waiting.  On the kernel's SVCs time
 * passes by itself, and nothing here may wait for it: what has come is handled.
 */
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "repl/repl_int.h"

#define SLICE_MS 50           /* between two looks at the clock */
#define SHOWN_MS 250          /* the same where only the prompt's time moves */
#define SLICE_MAX_US 30000    /* real time one look may cost */
#define CHUNK_US 1000000      /* virtual time between two looks at the cost */
#define SETTLE_QUIET 2        /* seconds without activity are quiet */
#define SETTLE_MAX 120        /* seconds, after which it is never quiet */

int64_t
repl_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

void
repl_time_start(struct repl *r)
{
	r->last = repl_clock();
	r->owed = 0;
}

static bool
passes(const struct repl *r)
{
	return r->remote == NULL && !r->paused && !r->max && r->speed > 0
	    && script_world(r->s) != NULL;
}

int
repl_time_fd(const struct repl *r)
{
	struct world *w = r->remote != NULL ? NULL : script_world(r->s);

	return w != NULL ? world_fd(w) : -1;
}

int
repl_time_ms(const struct repl *r)
{
	if (repl_time_fd(r) >= 0)
		return SHOWN_MS;
	return passes(r) ? SLICE_MS : -1;
}

/* advance lets |us| pass and tells a script's error. */
static bool
advance(struct repl *r, int64_t us)
{
	enum script_status st;

	repl_busy(true);
	st = script_advance(r->s, us);
	repl_busy(false);
	if (st == SCRIPT_ERROR)
		printf("marsh: %s\n", script_message(r->s));
	return st != SCRIPT_INTERRUPTED;
}

static bool
readable(int fd)
{
	struct pollfd p = { fd, POLLIN, 0 };

	return fd >= 0 && poll(&p, 1, 0) > 0;
}

/* look handles what has come over the kernel's network, or some of it. */
static void
look(struct repl *r, struct sbuf *out)
{
	int64_t start = repl_clock();
	bool caught;

	repl_time_start(r);
	if (!readable(repl_time_fd(r)))
		return;
	caught = repl_catch();
	while (advance(r, 0) && repl_clock() - start < SLICE_MAX_US
	    && readable(repl_time_fd(r)))
		;
	if (caught)
		repl_caught(out);
}

/* catch_up lets virtual time pass that is owed by real time. */
static void
catch_up(struct repl *r, struct sbuf *out)
{
	int64_t start = repl_clock(), us;
	bool caught;

	r->owed += (double)(start - r->last) * r->speed;
	r->last = start;
	/* a machine too slow for the speed lets time lag, not the keys */
	r->owed = fmin(r->owed, (double)CHUNK_US * fmax(r->speed, 1) * 2);
	if (r->owed < 1)
		return;
	caught = repl_catch();
	while (r->owed >= 1 && repl_clock() - start < SLICE_MAX_US) {
		us = r->owed > CHUNK_US ? CHUNK_US : (int64_t)r->owed;
		r->owed -= (double)us;
		if (!advance(r, us)) {
			r->owed = 0;
			break;
		}
	}
	if (caught)
		repl_caught(out);
}

void
repl_time_pass(struct repl *r, struct sbuf *out)
{
	if (repl_time_fd(r) >= 0)
		look(r, out);
	else if (passes(r))
		catch_up(r, out);
	else
		repl_time_start(r);
}

void
repl_time_settle(struct repl *r)
{
	struct world *w;
	uint64_t was;

	if (r->remote != NULL || !r->max || r->paused || repl_time_fd(r) >= 0)
		return;
	w = script_world(r->s);
	if (w == NULL)
		return;
	was = world_activity(w);
	for (int i = 0, quiet = 0; i < SETTLE_MAX && quiet < SETTLE_QUIET;
	     i++) {
		if (!advance(r, CHUNK_US) || script_world(r->s) != w)
			return;
		quiet = world_activity(w) == was ? quiet + 1 : 0;
		was = world_activity(w);
	}
}

void
repl_prompt(const struct repl *r, bool more, char buf[REPL_PROMPT_MAX])
{
	struct world *w = r->remote != NULL ? NULL : script_world(r->s);
	bool stands = r->paused && w != NULL && world_sim(w) != NULL;
	int64_t us;
	int n;

	if (r->remote != NULL) {
		n = snprintf(buf, REPL_PROMPT_MAX, "%s",
		    repl_remote_prompt(r->remote));
	} else if (w == NULL) {
		n = snprintf(buf, REPL_PROMPT_MAX, "marsh> ");
	} else {
		us = mtime_sub(world_now(w), world_start(w)).us;
		n = snprintf(buf, REPL_PROMPT_MAX, "marsh %lld.%llds%s> ",
		    (long long)(us / 1000000),
		    (long long)(us / 100000 % 10), stands ? " paused" : "");
	}
	/* a statement goes on: as wide, so that its lines stand in line */
	if (more && n > 3) {
		memset(buf, ' ', (size_t)n);
		memcpy(buf + n - 3, ">>", 2);
	}
}
