/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Listening: a port's one socket that calls arrive at, opened and closed by
 * workers because signalling has to answer both.
 *
 * At most one job of a port is under way; while it accepts a call its socket
 * is not watched, and what the call needs is there before.  When signalling
 * dies the kernel ends every SVC socket with EUNATCH.  Whoever finds that
 * first calls svc_lost: all VCs are released, every port tries again with
 * growing patience until it listens.
 */
#include <errno.h>
#include <unistd.h>

#include "svc_int.h"

#define BACKOFF_MIN MSPAN_MS(100)
#define BACKOFF_MAX MSPAN_SEC(5)
/* Out of memory or descriptors: somebody else has to give some back first. */
#define BREATH MSPAN_MS(100)

static void
start(struct svc *s, struct svc_port *p, enum svc_op op)
{
	p->job.op = op;
	p->job.fd = p->fd;
	p->busy = true;
	svc_job_go(s, &p->job);
}

/* svc_port_open starts listening, or will when the present job is done. */
void
svc_port_open(struct svc *s, struct svc_port *p)
{
	if (p->busy || p->fd >= 0)
		return;
	p->state = SVC_PORT_OPENING;
	p->again = MTIME_NEVER;
	p->job.local = p->sa;
	p->job.qos = s->qos;
	p->job.itf = s->cfg.itf;
	svc_tag_set(&p->job.sap, 0, 0, 0);
	start(s, p, SVC_OP_LISTEN);
}

/* svc_port_close stops listening, now or when the present job is done. */
void
svc_port_close(struct svc *s, struct svc_port *p)
{
	p->state = SVC_PORT_CLOSING;
	p->again = MTIME_NEVER;
	if (p->fd >= 0)
		svc_src_drop(s, &p->src, p->fd);
	if (p->busy)
		return;
	if (p->fd >= 0)
		start(s, p, SVC_OP_CLOSE);
	else
		p->state = SVC_PORT_OFF;
}

static void
try_again(struct svc *s, struct svc_port *p)
{
	p->state = SVC_PORT_LOST;
	p->backoff.us = p->backoff.us == 0 ? BACKOFF_MIN.us : 2 * p->backoff.us;
	if (p->backoff.us > BACKOFF_MAX.us)
		p->backoff = BACKOFF_MAX;
	p->again = mtime_add(svc_now(s), p->backoff);
	svc_chore_at(s, p->again);
}

/* pause stops taking calls for a moment. */
static void
pause_calls(struct svc *s, struct svc_port *p)
{
	p->again = mtime_add(svc_now(s), BREATH);
	svc_chore_at(s, p->again);
}

static void
listen_done(struct svc *s, struct svc_port *p)
{
	p->fd = p->job.fd;
	p->err = p->job.err;
	p->taken = p->err == EADDRINUSE;
	if (p->err != 0) {
		if (p->err == EUNATCH)
			svc_lost(s);
		try_again(s, p);
		if (p->fd >= 0)
			start(s, p, SVC_OP_CLOSE);
		return;
	}
	p->state = SVC_PORT_OPEN;
	p->backoff.us = 0;
	if (s->lost)
		svc_say(s, 3, "ATM signalling is back.");
	s->lost = false;
	svc_src_watch(s, &p->src, p->fd, EPOLLIN);
}

static void
accept_done(struct svc *s, struct svc_port *p)
{
	int err = p->job.err;

	if (err == 0) {
		svc_vc_arrive(s, p);
	} else if (err == EUNATCH) {
		if (p->state == SVC_PORT_OPEN)
			svc_lost(s);
		return;
	} else if (err == EMFILE || err == ENFILE || err == ENOMEM
	    || err == ENOBUFS) {
		pause_calls(s, p);
		return;
	}
	if (p->state == SVC_PORT_OPEN)
		svc_src_watch(s, &p->src, p->fd, EPOLLIN);
}

static void
close_done(struct svc *s, struct svc_port *p)
{
	(void)s;
	p->fd = -1;
	if (p->state == SVC_PORT_CLOSING)
		p->state = SVC_PORT_OFF;
}

/* svc_port_done takes back the job of |p|; |p| may be gone afterwards. */
void
svc_port_done(struct svc *s, struct svc_port *p)
{
	p->busy = false;
	if (p->job.op == SVC_OP_LISTEN)
		listen_done(s, p);
	else if (p->job.op == SVC_OP_ACCEPT)
		accept_done(s, p);
	else
		close_done(s, p);
	if (p->busy)
		return;
	if ((p->gone || p->down || s->closing) && p->fd >= 0)
		svc_port_close(s, p);
	else if (p->state == SVC_PORT_LOST && p->fd >= 0)
		start(s, p, SVC_OP_CLOSE);
	else if (p->gone)
		svc_port_free(s, p);
	else if (p->attached && p->state == SVC_PORT_OFF && !p->down
	    && !s->closing)
		svc_port_open(s, p);
}

/*
 * svc_port_ready: a call waits, or the socket ended.  The VC is made before
 * the call is taken, so that a call taken is never lost for want of memory.
 */
void
svc_port_ready(struct svc *s, struct svc_port *p)
{
	if (p->busy || p->state != SVC_PORT_OPEN)
		return;
	svc_src_drop(s, &p->src, p->fd);
	if (p->spare_vc == NULL)
		p->spare_vc = svc_vc_new(s);
	if (p->spare_leg == NULL)
		p->spare_leg = mem_alloc(s->mem, sizeof(*p->spare_leg));
	if (p->spare_vc == NULL || p->spare_leg == NULL)
		pause_calls(s, p);
	else
		start(s, p, SVC_OP_ACCEPT);
}

/* svc_port_chore does for |p| what was put off and is due. */
void
svc_port_chore(struct svc *s, struct svc_port *p, struct mtime now)
{
	if (!mtime_reached(p->again, now)) {
		svc_chore_at(s, p->again);
		return;
	}
	p->again = MTIME_NEVER;
	if (p->state == SVC_PORT_LOST && p->busy)
		try_again(s, p);
	else if (p->state == SVC_PORT_LOST)
		svc_port_open(s, p);
	else if (p->state == SVC_PORT_OPEN && !p->busy)
		svc_src_watch(s, &p->src, p->fd, EPOLLIN);
}

/* lose takes |p| off the network until signalling is back. */
static void
lose(struct svc *s, struct svc_port *p)
{
	if (p->state != SVC_PORT_OPEN)
		return;
	svc_src_drop(s, &p->src, p->fd);
	try_again(s, p);
	if (!p->busy)
		start(s, p, SVC_OP_CLOSE);
}

/* svc_lost: signalling died, and everything that it made with it. */
void
svc_lost(struct svc *s)
{
	struct svc_vc *vc, *next;

	if (s->lost)
		return;
	s->lost = true;
	svc_say(s, 2, "ATM signalling died: all VCs are released (cause 38); "
	    "when fabricd runs again, hosts come back.");
	for (vc = s->vcs; vc != NULL; vc = next) {
		next = vc->next;
		svc_vc_dead(s, vc, ATM_CAUSE_NET_OUT);
	}
	for (size_t i = 1; i < s->ports; i++)
		if (s->port[i] != NULL)
			lose(s, s->port[i]);
}
