/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The main loop: epoll over every socket, one event out at a time.
 *
 * What waits to be told goes first, then timers, then sockets, one frame a
 * socket and round, so that a peer that never stops sending does not hide the
 * others.  After |until| nothing is asked of the kernel any more than once.
 *
 * System calls are what a round trip costs, so the clock is read only when the
 * kernel was asked for events; from an event to the next call of atm_net_next
 * that is the present.  Waiting is up to a timer of the kernel that is set to
 * an absolute time, which needs no clock and is seldom set anew: waking early
 * does no harm.
 *
 * Invariant: a pointer in ready[] is of something alive: svc_src_drop takes it
 * out.
 */
#include <errno.h>
#include <poll.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "marsh/base/err.h"
#include "svc_int.h"

struct mtime
svc_time(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (struct mtime){ (int64_t)t.tv_sec * 1000000
	    + t.tv_nsec / 1000 };
}

/* svc_now returns the present: for an event and what comes of it, its time. */
struct mtime
svc_now(const struct svc *s)
{
	return s->held ? s->now : svc_time();
}

/* svc_src_watch lets |fd| be looked at for |events|, and always for its end. */
void
svc_src_watch(struct svc *s, struct svc_src *src, int fd, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = src };

	if (epoll_ctl(s->epoll, src->watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD,
		fd, &e) == 0)
		src->watched = true;
}

/* svc_src_drop forgets |src|, events of it that wait included. */
void
svc_src_drop(struct svc *s, struct svc_src *src, int fd)
{
	if (!src->watched)
		return;
	src->watched = false;
	epoll_ctl(s->epoll, EPOLL_CTL_DEL, fd, NULL);
	for (int i = s->ready_i; i < s->ready_n; i++)
		if (s->ready[i].data.ptr == src)
			s->ready[i].data.ptr = NULL;
}

/* svc_job_go gives |job| to the workers. */
void
svc_job_go(struct svc *s, struct svc_job *job)
{
	s->jobs++;
	svc_work_submit(&s->work, job,
	    job->op == SVC_OP_ADD || job->op == SVC_OP_DROP);
}

/* svc_chore_at asks for a look at what is to be tried again, at |t|. */
void
svc_chore_at(struct svc *s, struct mtime t)
{
	s->chore = mtime_min(s->chore, t);
}

static void
jobs_done(struct svc *s)
{
	struct svc_job *j = svc_work_take(&s->work), *next;

	for (; j != NULL; j = next) {
		next = j->next;
		s->jobs--;
		if (j->owner->kind == SVC_SRC_PORT)
			svc_port_done(s, SVC_OF(svc_port, job, j));
		else
			svc_leg_done(s, SVC_OF(svc_leg, job, j));
	}
}

/* drain empties the counter |fd|. */
static void
drain(int fd)
{
	uint64_t n;

	while (read(fd, &n, sizeof(n)) < 0 && errno == EINTR)
		;
}

static void
chores(struct svc *s, struct mtime now)
{
	s->chore = MTIME_NEVER;
	for (size_t i = 1; i < s->ports; i++)
		if (s->port[i] != NULL)
			svc_port_chore(s, s->port[i], now);
	svc_leg_chore(s, now);
}

/* ready handles what epoll said last; true when that filled |ev|. */
static bool
ready(struct svc *s, struct atm_ev *ev)
{
	while (s->ready_i < s->ready_n && s->tell == NULL) {
		struct epoll_event *e = &s->ready[s->ready_i++];
		struct svc_src *src = e->data.ptr;

		if (src == NULL)
			continue;
		switch (src->kind) {
		case SVC_SRC_WAKE:
			drain(s->wake);
			jobs_done(s);
			break;
		case SVC_SRC_CLOCK:
			s->armed = MTIME_NEVER;
			drain(s->clock);
			break;
		case SVC_SRC_PORT:
			svc_port_ready(s, SVC_OF(svc_port, src, src));
			break;
		case SVC_SRC_LEG:
			if (svc_leg_ready(s, SVC_OF(svc_leg, src, src),
				e->events, ev))
				return true;
			break;
		}
	}
	return false;
}

/* arm sets the clock to |t| unless it goes off in time anyway. */
static void
arm(struct svc *s, struct mtime t)
{
	struct itimerspec it = { 0 };

	if (mtime_is_never(t)
	    || (s->armed.us <= t.us && s->armed.us > s->now.us))
		return;
	s->armed = t;
	it.it_value.tv_sec = (time_t)(t.us / 1000000);
	it.it_value.tv_nsec = (long)(t.us % 1000000) * 1000;
	timerfd_settime(s->clock, TFD_TIMER_ABSTIME, &it, NULL);
}

static int
ask(struct svc *s, struct mtime until)
{
	struct mtime t = mtime_min(until, mtime_min(s->soon, s->chore));
	bool due = mtime_reached(t, s->now);
	int n;

	if (!due)
		arm(s, t);
	n = epoll_wait(s->epoll, s->ready, SVC_READY, due ? 0 : -1);
	s->ready_i = 0;
	s->ready_n = n > 0 ? n : 0;
	s->now = s->polled = svc_time();
	return n < 0 && errno != EINTR ? MARSH_EIO : 0;
}

static int
step(struct svc *s, struct mtime until, struct atm_ev *ev)
{
	struct mtime limit;
	int err;

	for (;;) {
		svc_leg_reap(s);
		if (svc_tell_take(s, ev))
			return 1;
		if (mtime_reached(s->chore, s->now))
			chores(s, s->now);
		limit = mtime_min(until, s->now);
		if (mtime_reached(s->soon, limit)
		    && svc_port_due(s, limit, ev))
			return 1;
		if (ready(s, ev))
			return 1;
		if (s->tell != NULL)
			continue;
		if (atomic_exchange(&s->woken, false)
		    || s->polled.us >= until.us)
			return 0;
		err = ask(s, until);
		if (err != 0)
			return err;
	}
}

int
svc_net_next(struct atm_net *n, struct mtime until, struct atm_ev *ev)
{
	struct svc *s = SVC_OF(svc, net, n);
	int got;

	frame_unref(s->frame);
	s->frame = NULL;
	if (!s->held)
		s->now = svc_time();
	s->held = s->busy = true;
	got = step(s, until, ev);
	s->busy = false;
	s->held = got == 1;
	if (got == 1)
		s->stats.events++;
	else /* svc_fd tells when there is more to do */
		arm(s, mtime_min(s->soon, s->chore));
	return got;
}

/*
 * What was asked for since svc_net_next may be answered already, or have set a
 * timer, of which epoll would know nothing.
 */
int
svc_fd(struct svc *s)
{
	uint64_t one = 1;
	ssize_t n;

	s->now = svc_time();
	s->held = false;
	arm(s, mtime_min(s->soon, s->chore));
	if (s->tell == NULL && s->ready_i == s->ready_n)
		return s->epoll;
	n = write(s->wake, &one, sizeof(one));
	(void)n; /* a full counter is readable too */
	return s->epoll;
}

int
svc_net_fd(struct atm_net *n)
{
	return svc_fd(SVC_OF(svc, net, n));
}

/* until_ms rounds up: waking early would only mean to wait again. */
static int
until_ms(struct mtime t, struct mtime now)
{
	int64_t us = t.us - now.us;

	return us <= 0 ? 0 : (int)((us + 999) / 1000);
}

/* svc_pump waits for workers, not after |end|, and takes back what is done. */
void
svc_pump(struct svc *s, struct mtime end)
{
	struct pollfd p = { .fd = s->wake, .events = POLLIN };

	if (poll(&p, 1, until_ms(end, svc_time())) > 0)
		drain(s->wake);
	jobs_done(s);
	svc_leg_reap(s);
}

/*
 * svc_settle waits until the job that |busy| speaks of is done, at most
 * |patience|: for the few requests whose answer the caller cannot take later.
 */
void
svc_settle(struct svc *s, const bool *busy, struct mspan patience)
{
	struct mtime end = mtime_add(svc_time(), patience);

	while (*busy && !mtime_reached(end, svc_time()))
		svc_pump(s, end);
}
