/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AF_ATMSVC as a network: making, ending, and what belongs to nobody else.
 *
 * The kernel's calls are VCs of ours, one socket each; svc_leg.c says how the
 * order of requests is kept although many of them block, svc_listen.c what
 * happens when signalling dies.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "marsh/base/err.h"
#include "svc_int.h"

/* How long closing waits for signalling to let everything go. */
#define GRACE MSPAN_SEC(5)

void
svc_defaults(struct svc_cfg *cfg)
{
	*cfg = (struct svc_cfg){
		.itf = -1,
		.queue_max = 1024,
		.vc_max = 16384,
		.patience = MSPAN_SEC(15),
	};
}

static struct mtime
now(const struct atm_net *n)
{
	return svc_now(SVC_OF_CONST(svc, net, n));
}

/*
 * svc_say tells who watches, or keeps |text| for svc_note; bits below 2 once
 * only.
 */
void
svc_say(struct svc *s, unsigned bit, const char *text)
{
	size_t max = sizeof(s->said) / sizeof(*s->said);

	if (bit < 2 && (s->once & 1u << bit) != 0)
		return;
	s->once |= 1u << bit;
	if (s->watch.note != NULL)
		s->watch.note(s->watch.ctx, text);
	else if (s->said_n < max)
		s->said[s->said_n++] = text;
}

const char *
svc_note(struct svc *s)
{
	const char *text = s->said[0];

	if (s->said_n == 0)
		return NULL;
	memmove(s->said, s->said + 1, --s->said_n * sizeof(*s->said));
	return text;
}

/* svc_watch_vc shows what happened to |vc| to who looks. */
void
svc_watch_vc(struct svc *s, enum atm_vc_what what, const struct svc_vc *vc,
    const struct atm_addr *leaf, unsigned cause)
{
	const struct svc_port *p = NULL;

	if (s->watch.vc == NULL)
		return;
	if (leaf != NULL)
		p = svc_port_find(s, leaf);
	s->watch.vc(s->watch.ctx, svc_now(s), what, vc->id, vc->use,
	    vc->caller ? vc->port->n : 0, p != NULL ? p->n : 0, leaf, cause);
}

void
svc_watch_set(struct svc *s, const struct atm_watch *w)
{
	s->watch = w != NULL ? *w : (struct atm_watch){ 0 };
}

/* Async signal safe. */
void
svc_wake(struct svc *s)
{
	uint64_t one = 1;
	int err = errno;

	atomic_store(&s->woken, true);
	if (write(s->wake, &one, sizeof(one)) < 0)
		errno = err; /* a full counter wakes too */
}

struct atm_net *
svc_net(struct svc *s)
{
	return &s->net;
}

/* let_go releases and closes everything and waits until workers did. */
static void
let_go(struct svc *s)
{
	struct mtime end = mtime_add(svc_time(), GRACE);

	s->closing = true;
	while (s->vcs != NULL)
		svc_vc_free(s, s->vcs);
	for (size_t i = 1; i < s->ports; i++)
		if (s->port[i] != NULL)
			svc_port_close(s, s->port[i]);
	svc_leg_chore(s, MTIME_NEVER);
	while (s->jobs != 0 && !mtime_reached(end, svc_time())) {
		svc_pump(s, end);
		svc_leg_chore(s, MTIME_NEVER);
	}
	svc_leg_reap(s);
}

static void
give_back(struct svc *s)
{
	for (size_t i = 0; i < s->ports; i++)
		if (s->port[i] != NULL)
			svc_port_free(s, s->port[i]);
	mem_free(s->mem, s->port, s->port_cap * sizeof(struct svc_port *));
	if (s->by_ref.bucket != NULL)
		tab_free(&s->by_ref);
	mem_free(s->mem, s->buf, SVC_SDU_MAX);
	mem_free(s->mem, s, sizeof(*s));
}

/*
 * A thread that the kernel never lets go still holds the network: then it stays
 * for as long as the process.
 */
static void
net_close(struct atm_net *n)
{
	struct svc *s = SVC_OF(svc, net, n);

	frame_unref(s->frame);
	s->frame = NULL;
	let_go(s);
	if (!svc_work_stop(&s->work, GRACE) || s->legs != NULL)
		return;
	close(s->epoll);
	close(s->wake);
	close(s->clock);
	give_back(s);
}

static const struct atm_net_ops ops = {
	.attach = svc_net_attach,
	.detach = svc_net_detach,
	.submit = svc_net_submit,
	.timer = svc_net_timer,
	.next = svc_net_next,
	.now = now,
	.close = net_close,
	.wake = svc_net_wake,
	.fd = svc_net_fd,
	.down = svc_net_down,
	.up = svc_net_up,
	.hang = svc_net_hang,
	.watch = svc_net_watch,
	.next_vc = svc_net_next_vc,
	.vc_leaf = svc_net_vc_leaf,
	.vc_id = svc_net_vc_id,
	.port_vcs = svc_net_port_vcs,
	.stats = svc_net_stats,
	.check = svc_net_check,
};

/*
 * The kernel sends SIGPIPE for a frame on a released VC whatever the flags say,
 * and a VC is a descriptor: the usual soft limit of 1024 is soon reached.
 */
static void
prepare_process(void)
{
	struct sigaction sa;
	struct rlimit lim;

	if (sigaction(SIGPIPE, NULL, &sa) == 0 && sa.sa_handler == SIG_DFL) {
		sa.sa_handler = SIG_IGN;
		sigaction(SIGPIPE, &sa, NULL);
	}
	if (getrlimit(RLIMIT_NOFILE, &lim) == 0
	    && lim.rlim_cur < lim.rlim_max) {
		lim.rlim_cur = lim.rlim_max;
		setrlimit(RLIMIT_NOFILE, &lim);
	}
}

static bool
open_sources(struct svc *s)
{
	s->epoll = epoll_create1(EPOLL_CLOEXEC);
	s->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	s->clock = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (s->epoll < 0 || s->wake < 0 || s->clock < 0)
		return false;
	s->src_wake.kind = SVC_SRC_WAKE;
	s->src_clock.kind = SVC_SRC_CLOCK;
	svc_src_watch(s, &s->src_wake, s->wake, EPOLLIN);
	svc_src_watch(s, &s->src_clock, s->clock, EPOLLIN);
	return s->src_wake.watched && s->src_clock.watched;
}

/* set_up returns 0, MARSH_ENOMEM, or MARSH_EIO with errno. */
static int
set_up(struct svc *s)
{
	struct mtime t = svc_time();

	s->soon = s->chore = s->armed = MTIME_NEVER;
	s->tag = (uint16_t)((uint64_t)t.us ^ (uint64_t)getpid() * 40503u);
	for (size_t i = 0; i < SVC_FAILS; i++) {
		s->fail[i].next = s->fails;
		s->fails = &s->fail[i];
	}
	s->buf = mem_alloc(s->mem, SVC_SDU_MAX);
	if (s->buf == NULL || tab_init(&s->by_ref, s->mem) != 0
	    || svc_port_zero(s) != 0)
		return MARSH_ENOMEM;
	if (!open_sources(s))
		return MARSH_EIO;
	svc_work_init(&s->work, s->wake, s->sys.run, s->sys.ctx);
	return 0;
}

/* svc_new_on is svc_new with another kernel, which must outlive it. */
struct svc *
svc_new_on(const struct svc_cfg *cfg, const struct mem *mem,
    const struct svc_sys *sys, char *why, size_t cap)
{
	struct atm_qos qos;
	struct svc *s;
	int err;

	if (svc_qos_parse(cfg->qos, &qos, why, cap) != 0)
		return NULL;
	s = mem_alloc(mem, sizeof(*s));
	if (s == NULL) {
		snprintf(why, cap, "%s", marsh_err_text(MARSH_ENOMEM));
		return NULL;
	}
	s->net.ops = &ops;
	s->mem = mem;
	s->cfg = *cfg;
	s->sys = *sys;
	s->qos = qos;
	s->fan_out = cfg->fan_out;
	s->epoll = s->wake = s->clock = -1;
	err = set_up(s);
	if (err == 0)
		return s;
	snprintf(why, cap, "%s", err == MARSH_EIO ? strerror(errno)
						  : marsh_err_text(err));
	if (s->epoll >= 0)
		close(s->epoll);
	if (s->wake >= 0)
		close(s->wake);
	if (s->clock >= 0)
		close(s->clock);
	give_back(s);
	return NULL;
}

struct svc *
svc_new(const struct svc_cfg *cfg, const struct mem *mem, char *why, size_t cap)
{
	struct atm_qos qos;

	if (svc_qos_parse(cfg->qos, &qos, why, cap) != 0
	    || !svc_probe(&qos, cfg->itf, why, cap))
		return NULL;
	prepare_process();
	return svc_new_on(cfg, mem, &svc_sys_kernel, why, cap);
}
