/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The daemon's loop.  Nothing here waits but poll(): what could, the offers, is
 * on a thread.  Order matters in two places: frames are read before signalling
 * is, so that a hang-up does not overtake them, and offers go out one by one.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "fabricd_run_int.h"

#define MESSAGES 256 /* of signalling in a row, at most */
#define HELD_AGAIN 2 /* milliseconds until the kernel may have room */
#define LINE_AGAIN 50 /* until a channel that takes nothing is looked at */

/*
 * What is said behind frames waits for them, for so long: a reader that is slow
 * must not hold up everybody's calls.
 */
#define BEHIND_FRAMES MSPAN_SEC(1)

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
message(struct fab_run *r, const struct atmsvc_msg *m)
{
	r->answering = m->type;
	fab_call_kernel(r->call, r->now, m);
	r->answering = as_catch_null;
}

static void
kernel(struct fab_run *r)
{
	struct atmsvc_msg m;
	ssize_t n;

	for (int i = 0; i < MESSAGES && !r->dead; i++) {
		fab_move_kernel(r);
		if ((r->hold.crowded || fab_lines_crowded(r))
		    && mtime_sub(r->now, r->listened).us < BEHIND_FRAMES.us)
			break;
		n = read(r->kern.sig, &m, sizeof(m));
		if (n < 0 && errno == EAGAIN) {
			r->listened = r->now;
			fab_call_idle(r->call, r->now);
			break;
		}
		if (n == 0 || (n < 0 && errno != EINTR))
			r->dead = true;
		else if (n == (ssize_t)sizeof(m))
			message(r, &m);
		else if (n > 0)
			fab_run_bad(r, "kernel: message of another size");
	}
	offers(r);
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
	if (fab_lines_crowded(r) && ms > LINE_AGAIN)
		ms = LINE_AGAIN;
	return ms > 60000 ? 60000 : (int)ms;
}

static int
wait_for(struct fab_run *r, struct pollfd *p, int wake_in)
{
	bool brake = r->hold.crowded || fab_lines_crowded(r);
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

/* alone: whoever gave a hub its trunks is gone, so nobody comes back. */
static bool
alone(const struct fab_run *r)
{
	for (size_t i = 1; i <= r->lines; i++)
		if (r->line[i].fd >= 0 || !r->line[i].inherited)
			return false;
	return r->cfg.hub;
}

static int
loop(struct fab_run *r, int wake_in)
{
	struct pollfd p[FAB_LINES + 5];

	while (!stop_asked && !r->dead && !alone(r)) {
		if (wait_for(r, p, wake_in) != 0) {
			fab_run_say(r, "poll: %s", strerror(errno));
			return -1;
		}
		r->now = fab_run_clock();
		if (dump_asked) {
			dump_asked = 0;
			fab_run_table(r);
		}
		if (!r->cfg.hub) {
			fab_move_held(r);
			kernel(r);
		}
		fab_call_expire(r->call, r->now);
		fab_lines_serve(r, p);
		if (!r->cfg.hub)
			kernel(r); /* what came of time and trunks */
	}
	if (alone(r))
		fab_run_say(r, "all trunks are gone");
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
