/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The daemon's loop.  Nothing here waits but poll(): what could, the offers, is
 * on a thread.  Order matters in two places: frames are read before signalling
 * is, so that a hang-up does not overtake them, and offers go out one by one.
 */
#include "fabricd_run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fabricd_run_int.h"

#define MESSAGES 256       /* of signalling in a row, at most */
#define BAD_A_SECOND 10
#define HELD_AGAIN 2       /* milliseconds until the kernel may have room */

static volatile sig_atomic_t stop_asked, dump_asked;
static int wake_fd = -1;

static void
wake(void)
{
	int err = errno;

	if (wake_fd >= 0 && write(wake_fd, "", 1) < 0)
		errno = err; /* full: it will wake anyhow */
	errno = err;
}

void
fab_run_stop(void)
{
	stop_asked = 1;
	wake();
}

void
fab_run_dump(void)
{
	dump_asked = 1;
	wake();
}

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

	/*
	 * The kernel refuses a socket that it does not know: one that is gone
	 * meanwhile, which is all right.
	 */
	if (r->kern.sig >= 0 && write(r->kern.sig, m, sizeof(*m)) < 0
	    && errno != EINVAL)
		fab_run_bad(r, "kernel: took no message");
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

/* ---- trunks ------------------------------------------------------------ */

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

static int
lines_open(struct fab_run *r, char *why, size_t cap)
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
	    && calls_start(r) == 0 && lines_open(r, why, cap) == 0)
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
	for (size_t i = 1; i <= r->lines; i++) {
		if (r->line[i].fd >= 0)
			close(r->line[i].fd);
		fab_trunk_free(r->line[i].trunk);
	}
	if (r->offer.fd < 0)
		free(r); /* else its thread still has a part of it */
}

static void
dump(struct fab_run *r)
{
	FILE *f = r->cfg.log;
	struct fab_trunk_stats s;

	dump_asked = 0;
	fab_run_say(r, "%lu frames, %lu delivered, %lu lost, %lu stray, "
	    "%zu octets wait", r->frames, r->copies, r->lost, r->stray,
	    r->hold.octets);
	for (size_t i = 1; i <= r->lines; i++) {
		fab_trunk_stat(r->line[i].trunk, &s);
		fprintf(f, "trunk %zu (%s) %s: %lu frames in, %lu out, %lu "
		    "lost, %lu octets skipped, %lu breaks, %zu octets queued\n",
		    i, r->line[i].name, fab_trunk_is_up(r->line[i].trunk) ?
		    "up" : "down", s.frames_in, s.frames_out, s.lost, s.skipped,
		    s.breaks, s.queued);
	}
	fab_routes_dump(&r->routes, f);
	fab_call_dump(r->call, f);
	fflush(f);
}

/* ---- the loop ---------------------------------------------------------- */

static void
offers(struct fab_run *r)
{
	struct atmsvc_msg m;
	int err;

	if (fab_offer_done(&r->offer, &err))
		fab_call_offered(r->call, r->now, err);
	if (fab_call_offer(r->call, &m))
		fab_offer_write(&r->offer, &m);
}

static void
kernel(struct fab_run *r)
{
	struct atmsvc_msg m;
	ssize_t n;

	for (int i = 0; i < MESSAGES && !r->dead; i++) {
		fab_move_kernel(r);
		if (r->hold.crowded)
			break; /* what is said later stays behind it */
		n = read(r->kern.sig, &m, sizeof(m));
		if (n < 0 && errno == EAGAIN) {
			fab_call_idle(r->call, r->now);
			break;
		}
		if (n == 0 || (n < 0 && errno != EINTR))
			r->dead = true;
		else if (n == (ssize_t)sizeof(m))
			fab_call_kernel(r->call, r->now, &m);
		else if (n > 0)
			fab_run_bad(r, "kernel: message of another size");
	}
	offers(r);
}

static void
lines(struct fab_run *r, const struct pollfd *p)
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

static int
patience(const struct fab_run *r)
{
	struct mtime due = fab_call_due(r->call);
	int64_t ms;

	for (size_t i = 1; i <= r->lines; i++) {
		due = mtime_min(due, fab_trunk_due(r->line[i].trunk));
		due = mtime_min(due, r->line[i].retry);
	}
	if (mtime_is_never(due))
		ms = 60000;
	else if (due.us <= r->now.us)
		ms = 0;
	else
		ms = (due.us - r->now.us + 999) / 1000;
	if (r->hold.full != 0 && ms > HELD_AGAIN)
		ms = HELD_AGAIN;
	return ms > 60000 ? 60000 : (int)ms;
}

static int
wait_for(struct fab_run *r, struct pollfd *p, int wake_in)
{
	bool brake = r->hold.crowded;
	size_t n, i;
	char junk[64];

	for (i = 1; i <= r->lines; i++) {
		(void)fab_trunk_out(r->line[i].trunk, &n);
		p[i] = (struct pollfd){ r->line[i].fd,
			(short)(POLLIN | (n > 0 ? POLLOUT : 0)), 0 };
	}
	p[0] = (struct pollfd){ wake_in, POLLIN, 0 };
	p[i++] = (struct pollfd){ r->kern.sig, brake ? 0 : POLLIN, 0 };
	p[i++] = (struct pollfd){ r->kern.tcp, brake ? 0 : POLLIN, 0 };
	p[i++] = (struct pollfd){ r->offer.fd, POLLIN, 0 };
	if (poll(p, (nfds_t)i, patience(r)) < 0 && errno != EINTR)
		return -1;
	if (p[0].revents != 0 && read(wake_in, junk, sizeof(junk)) < 0)
		return errno == EAGAIN ? 0 : -1;
	return 0;
}

static int
loop(struct fab_run *r, int wake_in)
{
	struct pollfd p[FAB_LINES + 5];

	while (!stop_asked && !r->dead) {
		if (wait_for(r, p, wake_in) != 0) {
			fab_run_say(r, "poll: %s", strerror(errno));
			return -1;
		}
		r->now = fab_run_clock();
		if (dump_asked)
			dump(r);
		if (!r->cfg.hub) {
			fab_move_held(r);
			kernel(r);
		}
		fab_call_expire(r->call, r->now);
		lines(r, p);
		if (!r->cfg.hub)
			kernel(r); /* what came of time and trunks */
	}
	if (r->dead)
		fab_run_say(r, "the kernel let go: %s", strerror(errno));
	return r->dead ? -1 : 0;
}

int
fab_run_go(struct fab_run *r)
{
	int fd[2], status;

	if (pipe(fd) != 0)
		return -1;
	for (int i = 0; i < 2; i++) {
		(void)fcntl(fd[i], F_SETFL, O_NONBLOCK);
		(void)fcntl(fd[i], F_SETFD, FD_CLOEXEC);
	}
	wake_fd = fd[1];
	if (!r->cfg.hub)
		fab_run_say(r, "interface %d is ours", r->kern.itf);
	status = loop(r, fd[0]);
	wake_fd = -1;
	close(fd[0]);
	close(fd[1]);
	return status;
}
