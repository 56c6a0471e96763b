/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The daemon's beginning and end, its log, and what call control wants done.
 */
#include "fabricd_run.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fabricd_run_int.h"

#define BAD_A_SECOND 10

/* The only allocator of the program. */
static void *
resize(void *ctx, void *p, size_t old, size_t size)
{
	(void)ctx;
	(void)old;
	if (size == 0) {
		free(p);
		return NULL;
	}
	return realloc(p, size);
}

struct mtime
fab_run_clock(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (struct mtime){ (int64_t)ts.tv_sec * 1000000
		+ ts.tv_nsec / 1000 };
}

/* fab_run_say writes one line to the log. */
void
fab_run_say(struct fab_run *r, const char *fmt, ...)
{
	struct timespec ts;
	struct tm tm;
	va_list ap;

	clock_gettime(CLOCK_REALTIME, &ts);
	if (localtime_r(&ts.tv_sec, &tm) != NULL)
		fprintf(r->cfg.log, "%02d:%02d:%02d.%03ld ", tm.tm_hour,
		    tm.tm_min, tm.tm_sec, ts.tv_nsec / 1000000);
	va_start(ap, fmt);
	vfprintf(r->cfg.log, fmt, ap);
	va_end(ap);
	fputc('\n', r->cfg.log);
	fflush(r->cfg.log);
}

/* fab_run_bad complains, but not without end. */
void
fab_run_bad(void *ctx, const char *text)
{
	struct fab_run *r = ctx;

	if (mtime_sub(r->now, r->bad_since).us >= MSPAN_SEC(1).us) {
		if (r->bad > BAD_A_SECOND)
			fab_run_say(r, "and %u complaints more",
			    r->bad - BAD_A_SECOND);
		r->bad_since = r->now;
		r->bad = 0;
	}
	if (++r->bad <= BAD_A_SECOND)
		fab_run_say(r, "%s", text);
}

/* ---- what call control asks for --------------------------------------- */

static void
to_kernel(void *ctx, const struct atmsvc_msg *m)
{
	struct fab_run *r = ctx;

	if (r->kern.sig < 0 || write(r->kern.sig, m, sizeof(*m)) >= 0)
		return;
	/*
	 * The kernel refuses a socket that it does not know: one that is gone
	 * meanwhile, which is all right.  A bind() waits whatever happens, so
	 * a kernel that does not know that one knows none.
	 */
	if (errno != EINVAL)
		fab_run_bad(r, "kernel: took no message");
	else if (r->answering == as_bind)
		fab_run_bad(r, "kernel: refuses the answer to a bind; it needs"
		    " the patches of marsh(7)");
}

static void
to_trunk(void *ctx, uint32_t line, const struct fab_msg *m)
{
	struct fab_run *r = ctx;

	if (line >= 1 && line <= r->lines)
		fab_trunk_msg(r->line[line].trunk, m);
}

static void
to_log(void *ctx, const char *text)
{
	fab_run_say(ctx, "%s", text);
}

/* ---- life -------------------------------------------------------------- */

static int
calls_start(struct fab_run *r)
{
	struct fab_call_cfg cfg;
	struct fab_sink sink = { to_kernel, to_trunk,
		r->cfg.verbose ? to_log : NULL, fab_run_bad, r };

	fab_routes_init(&r->routes, &r->mem);
	for (size_t i = 0; i < r->cfg.addresses; i++)
		if (fab_routes_add(&r->routes, &r->cfg.address[i], FAB_HERE, 0)
		    != 0)
			return -1;
	fab_call_defaults(&cfg);
	cfg.itf = r->kern.itf;
	cfg.vci_last = cfg.vci_first + r->cfg.vcis - 1;
	if (fab_switch_init(&r->sw, &r->mem) != 0
	    || fab_hold_init(&r->hold, &r->mem) != 0)
		return -1;
	r->call = fab_call_new(&cfg, &sink, &r->routes, &r->sw, &r->mem);
	return r->call == NULL ? -1 : 0;
}

static int
kernel_start(struct fab_run *r, char *why, size_t cap)
{
	if (fab_kern_open(&r->kern, r->cfg.itf, why, cap) != 0)
		return -1;
	for (size_t i = 0; i < r->cfg.addresses; i++)
		if (fab_kern_address(&r->kern, &r->cfg.address[i]) != 0)
			fab_run_say(r, "address %zu of the interface: %s", i + 1,
			    strerror(errno));
	if (fab_offer_start(&r->offer, r->kern.sig) != 0) {
		snprintf(why, cap, "thread: %s", strerror(errno));
		return -1;
	}
	return 0;
}

struct fab_run *
fab_run_new(const struct fab_run_cfg *cfg, char *why, size_t cap)
{
	struct fab_run *r = calloc(1, sizeof(*r));

	if (r == NULL) {
		snprintf(why, cap, "out of memory");
		return NULL;
	}
	r->cfg = *cfg;
	r->mem.resize = resize;
	r->kern = (struct fab_kern){ -1, -1, -1 };
	r->offer.fd = -1;
	r->now = r->bad_since = fab_run_clock();
	snprintf(why, cap, "out of memory");
	if ((cfg->hub || kernel_start(r, why, cap) == 0)
	    && calls_start(r) == 0 && fab_lines_open(r, why, cap) == 0)
		return r;
	fab_run_free(r);
	return NULL;
}

void
fab_run_free(struct fab_run *r)
{
	fab_kern_close(&r->kern);
	fab_call_free(r->call);
	if (r->hold.by_vci.bucket != NULL)
		fab_hold_fini(&r->hold);
	if (r->sw.in.bucket != NULL)
		fab_switch_fini(&r->sw);
	fab_routes_fini(&r->routes);
	fab_lines_close(r);
	if (r->offer.fd < 0)
		free(r); /* else its thread still has a part of it */
}
