/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What happens to legs: workers that come back, sockets that have something.
 *
 * A root is told by the kernel of nothing but its own end, so signalling says
 * by the socket's error which leaf left (atm_errno.h); dropping that leaf is
 * our acknowledgement.  A socket's end may be found while a worker is in the
 * kernel with it: that is kept until the worker is back.
 */
#include <errno.h>

#include "svc_int.h"

/* dead_leaf: a leaf is all that ended, its VC stays. */
static void
dead_leaf(struct svc *s, struct svc_leaf *l, unsigned cause)
{
	l->on = false;
	if (!l->gone)
		svc_leaf_gone(s, l, cause);
	else
		svc_leaf_settle(s, l);
}

/* last_leaf returns the one leaf on |g|; NULL when there are more. */
static struct svc_leaf *
last_leaf(const struct svc_leg *g)
{
	struct svc_leaf *one = NULL;

	for (struct svc_leaf *l = g->vc->first; l != NULL; l = l->next) {
		if (l->leg != g || !l->on)
			continue;
		if (one != NULL)
			return NULL;
		one = l;
	}
	return one;
}

/*
 * ended: the network took the socket of |g|.  With signalling everything goes;
 * a root that has only one leaf there loses that, any other VC ends.
 */
static void
ended(struct svc *s, struct svc_leg *g, int err)
{
	unsigned cause = atm_errno_cause(err);
	struct svc_vc *vc = g->vc;
	struct svc_leaf *l;

	g->hup = true;
	if (vc == NULL) {
		svc_leg_end(s, g);
		return;
	}
	if (err == EUNATCH && !s->lost) {
		svc_lost(s);
		return;
	}
	l = vc->caller && vc->multi ? last_leaf(g) : NULL;
	if (l == NULL) {
		svc_vc_dead(s, vc, cause);
		return;
	}
	svc_leg_close(s, g);
	dead_leaf(s, l, cause);
}

/*
 * told_left: signalling says by |code| that a leaf left the trunk |g|, maybe
 * one whose joining is not known here yet.
 */
static void
told_left(struct svc *s, struct svc_leg *g, int code)
{
	unsigned ep, cause;
	struct svc_leaf *l;

	if (!atm_left_parse(code, &ep, &cause) || g->vc == NULL)
		return;
	if (g->state == SVC_LEG_LEAF) {
		g->left = code;
		return;
	}
	l = svc_leaf_by_ep(g->vc, (int)ep);
	if (l == NULL || l->gone)
		return; /* dropped meanwhile, which acknowledges it too */
	svc_leaf_gone(s, l, cause != 0 ? cause : ATM_CAUSE_NORMAL);
	svc_leg_run(s, g);
}

static void
connected(struct svc *s, struct svc_leg *g)
{
	struct svc_leaf *l = g->now;

	g->now = NULL;
	g->state = SVC_LEG_UP;
	g->vpi = (uint16_t)g->job.pvc.sap_addr.vpi;
	g->vci = (uint16_t)g->job.pvc.sap_addr.vci;
	svc_src_watch(s, &g->src, g->fd, EPOLLIN);
	if (l == NULL)
		return;
	l->ep = 0;
	svc_leaf_up(s, l);
	svc_leaf_settle(s, l);
}

/*
 * svc_leg_no_mpt: signalling has no pt-mpt.  From now on every leaf is called
 * by itself, those included that the trunk |g| was to call.
 */
void
svc_leg_no_mpt(struct svc *s, struct svc_leg *g, bool stuck)
{
	if (!s->fan_out)
		svc_say(s, 0, "this ATM signalling has no point-to-multipoint: "
		    "roots call every leaf by itself.");
	s->fan_out = true;
	svc_leaf_scatter(s, g->vc, g, stuck);
}

/* refused: |g| could not be connected; its socket, if any, closes. */
static void
refused(struct svc *s, struct svc_leg *g)
{
	struct svc_leaf *l = g->now;
	bool no_mpt = g->job.no_mpt; /* closing takes the job */
	int err = g->job.err;

	g->now = NULL;
	g->fd = g->job.fd;
	g->state = SVC_LEG_IDLE;
	if (g->fd >= 0)
		svc_leg_close(s, g);
	if (l == NULL)
		return;
	if (g->trunk && no_mpt) {
		svc_leg_no_mpt(s, g, false);
		g->trunk = false;
	} else if (err == EUNATCH && !s->lost) {
		svc_lost(s);
	} else {
		svc_leaf_failed(s, l, atm_errno_cause(err));
	}
}

static void
added(struct svc *s, struct svc_leg *g)
{
	struct svc_leaf *l = g->now;
	int err = g->job.err;

	g->now = NULL;
	g->state = SVC_LEG_UP;
	if (l == NULL) {
		g->up += err == 0; /* released meanwhile: closing drops it */
	} else if (err == 0) {
		s->mpt_works = true;
		l->ep = g->job.ep;
		svc_leaf_up(s, l);
		svc_leaf_settle(s, l);
	} else if (g->job.no_mpt && !s->mpt_works && !g->hup) {
		svc_leg_no_mpt(s, g, false);
	} else {
		svc_leaf_failed(s, l, atm_errno_cause(err));
	}
	if (g->job.left != 0)
		told_left(s, g, g->job.left);
}

/* called: connect() has begun, the kernel will tell what comes of it. */
static void
called(struct svc *s, struct svc_leg *g)
{
	g->fd = g->job.fd;
	g->state = SVC_LEG_CONNECTING;
	svc_src_watch(s, &g->src, g->fd, EPOLLOUT | EPOLLIN);
	if (g->ending)
		svc_leg_end(s, g);
}

/* svc_leg_done takes back the job of |g|. */
void
svc_leg_done(struct svc *s, struct svc_leg *g)
{
	struct svc_job *j = &g->job;

	switch (j->op) {
	case SVC_OP_CALL:
		if (j->err == 0) {
			called(s, g);
			return;
		}
		refused(s, g);
		break;
	case SVC_OP_FINISH:
		if (j->err != 0)
			refused(s, g);
		else
			connected(s, g);
		break;
	case SVC_OP_ADD:
		added(s, g);
		break;
	case SVC_OP_DROP:
		g->state = SVC_LEG_UP;
		break;
	default:
		g->fd = -1;
		g->state = SVC_LEG_IDLE;
		break;
	}
	if (g->hup && g->state == SVC_LEG_UP) {
		ended(s, g, g->hup_err);
		return;
	}
	if (g->left != 0 && g->state == SVC_LEG_UP) {
		int code = g->left;

		g->left = 0;
		told_left(s, g, code);
	}
	svc_leg_run(s, g);
}

/* finish lets a worker complete the connect() that the kernel has answered. */
static void
finish(struct svc *s, struct svc_leg *g)
{
	svc_src_drop(s, &g->src, g->fd);
	g->state = SVC_LEG_FINISHING;
	g->job.op = SVC_OP_FINISH;
	svc_job_go(s, &g->job);
}

/* receive takes one frame; true when it filled |ev|. */
static bool
receive(struct svc *s, struct svc_leg *g, struct atm_ev *ev)
{
	ssize_t n = s->sys.recv(s->sys.ctx, g->fd, s->buf, SVC_SDU_MAX);
	struct svc_vc *vc = g->vc;

	if (n <= 0 || vc == NULL)
		return false;
	if (!vc->port->hung)
		s->frame = frame_copy(s->mem, s->buf, (size_t)n);
	if (s->frame == NULL) {
		s->stats.lost++;
		return false;
	}
	if (vc->foreign && s->watch.frame != NULL)
		s->watch.frame(s->watch.ctx, svc_now(s), vc->seen, 0,
		    s->frame);
	if (vc->foreign) {
		vc->frames++;
		vc->octets += (uint64_t)n;
	}
	*ev = (struct atm_ev){ .t = svc_now(s), .port = vc->port->n,
	    .vc = vc->seen };
	ev->ind.kind = ATM_DATA;
	ev->ind.ref = vc->ref;
	ev->ind.frame = s->frame;
	s->stats.deliveries++;
	return true;
}

/* hup: the socket of |g| is over, at once or when the worker is back. */
static void
hup(struct svc *s, struct svc_leg *g, int err)
{
	svc_src_drop(s, &g->src, g->fd);
	if (g->state == SVC_LEG_UP) {
		ended(s, g, err);
		return;
	}
	g->hup = true;
	g->hup_err = err;
}

/* svc_leg_ready: epoll says |events| of |g|; true when that filled |ev|. */
bool
svc_leg_ready(struct svc *s, struct svc_leg *g, uint32_t events,
    struct atm_ev *ev)
{
	bool root = g->vc != NULL && g->vc->caller && g->vc->multi;
	int err = 0;

	if (g->state == SVC_LEG_CONNECTING) {
		finish(s, g);
		return false;
	}
	/* nothing but news can come in at a root */
	if ((events & (EPOLLERR | EPOLLHUP)) != 0
	    || (root && (events & EPOLLIN) != 0))
		err = s->sys.error(s->sys.ctx, g->fd);
	if ((events & EPOLLHUP) != 0) {
		hup(s, g, err);
		return false;
	}
	if (err != 0)
		told_left(s, g, err);
	if (g->full && (events & EPOLLOUT) != 0) {
		g->full = false;
		svc_src_watch(s, &g->src, g->fd, EPOLLIN);
		svc_leg_run(s, g);
		return false;
	}
	return !root && (events & EPOLLIN) != 0 && receive(s, g, ev);
}
