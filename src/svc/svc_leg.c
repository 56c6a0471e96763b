/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Legs: ordered channels over one kernel socket each.
 *
 * Frames, leaves that join and leaves that part wait in one queue and are done
 * in order.  A joining or parting locks the socket in the kernel, so while one
 * is under way the leg is busy and everything behind it waits here, bounded.
 * A leg with nobody on it has no socket: the first leaf to join is called, the
 * last one to part closes it.
 *
 * When the kernel's buffer is full (EAGAIN, it will tell) or the interface's is
 * (ENOBUFS, nobody tells) the frame stays at the head and is tried again.
 */
#include <assert.h>
#include <errno.h>

#include "svc_int.h"

/* A full interface is somebody's who has to run first. */
#define AGAIN MSPAN_MS(1)
/* How long frames of a VC that was released may still wait for buffers. */
#define LINGER MSPAN_MS(200)

/*
 * svc_leg_new makes a leg without VC of |g|, zeroed memory that may have been
 * reserved, or of new memory; NULL when there is none.
 */
struct svc_leg *
svc_leg_new(struct svc *s, struct svc_leg *g)
{
	if (g == NULL)
		g = mem_alloc(s->mem, sizeof(*g));
	if (g == NULL)
		return NULL;
	g->src.kind = SVC_SRC_LEG;
	g->fd = -1;
	g->svc = s;
	g->job.owner = &g->src;
	g->again = g->give_up = MTIME_NEVER;
	g->next = s->legs;
	if (s->legs != NULL)
		s->legs->prev = g;
	s->legs = g;
	s->leg_n++;
	return g;
}

static void
leg_free(struct svc *s, struct svc_leg *g)
{
	assert(g->vc == NULL && g->fd < 0);
	while (g->head != NULL)
		svc_leg_unqueue(g, g->head);
	svc_leg_retry_drop(s, g);
	if (g->next != NULL)
		g->next->prev = g->prev;
	if (g->prev != NULL)
		g->prev->next = g->next;
	else
		s->legs = g->next;
	s->leg_n--;
	mem_free(s->mem, g, sizeof(*g));
}

/*
 * svc_leg_reap frees the legs that are over: where one is found to be, others
 * up the stack may still hold it.
 */
void
svc_leg_reap(struct svc *s)
{
	struct svc_leg *g;

	while ((g = s->spent) != NULL) {
		s->spent = g->snext;
		leg_free(s, g);
	}
}

static void
again(struct svc *s, struct svc_leg *g, int err)
{
	if (err != EAGAIN) {
		svc_leg_retry(s, g, mtime_add(svc_now(s), AGAIN));
		return;
	}
	g->full = true;
	svc_src_watch(s, &g->src, g->fd, EPOLLIN | EPOLLOUT);
}

/* put writes |f|; false when it has to wait. */
static bool
put(struct svc *s, struct svc_leg *g, const struct frame *f)
{
	ssize_t n = s->sys.send(s->sys.ctx, g->fd, f->bytes, f->len);

	if (n >= 0)
		return true;
	if (errno == EINTR || errno == EAGAIN || errno == ENOBUFS
	    || errno == ENOMEM) {
		again(s, g, errno == EINTR ? ENOBUFS : errno);
		return false;
	}
	s->stats.lost++;
	return true;
}

static bool
ready(const struct svc_leg *g)
{
	return g->state == SVC_LEG_UP && !g->full && !g->retrying;
}

/* svc_leg_send sends |f|, or queues one more reference to it. */
void
svc_leg_send(struct svc *s, struct svc_leg *g, struct frame *f)
{
	struct svc_item *it;

	if (g->head == NULL && g->state == SVC_LEG_IDLE)
		return; /* nobody is there, and nobody is coming */
	if (g->head == NULL && ready(g) && put(s, g, f))
		return;
	it = g->frames < s->cfg.queue_max ? mem_alloc(s->mem, sizeof(*it))
					  : NULL;
	if (it == NULL) {
		s->stats.lost++;
		return;
	}
	it->kind = SVC_ITEM_FRAME;
	it->frame = frame_ref(f);
	svc_leg_queue(g, it);
}

static void
start(struct svc *s, struct svc_leg *g, enum svc_op op,
    enum svc_leg_state state)
{
	g->job.op = op;
	g->job.fd = g->fd;
	g->state = (uint8_t)state;
	g->began = svc_now(s);
	svc_job_go(s, &g->job);
}

/* svc_leg_close closes the socket of |g|, which no worker has. */
void
svc_leg_close(struct svc *s, struct svc_leg *g)
{
	svc_src_drop(s, &g->src, g->fd);
	g->full = g->hup = false;
	g->up = 0;
	start(s, g, SVC_OP_CLOSE, SVC_LEG_CLOSING);
}

/* call_leaf makes the socket by calling |l|, the first on it. */
static void
call_leaf(struct svc *s, struct svc_leg *g, struct svc_leaf *l)
{
	const struct svc_vc *vc = l->vc;
	struct svc_job *j = &g->job;

	(void)svc_addr_to(&l->addr, &j->peer); /* checked when asked for */
	j->local = vc->port->sa;
	j->multi = g->trunk;
	j->qos = vc->multi ? svc_qos_root(&s->qos) : s->qos;
	svc_tag_set(&j->sap, s->tag, vc->id, vc->use);
	g->now = l;
	start(s, g, SVC_OP_CALL, SVC_LEG_CALLING);
}

static void
add_leaf(struct svc *s, struct svc_leg *g, struct svc_leaf *l)
{
	(void)svc_addr_to(&l->addr, &g->job.peer);
	g->now = l;
	g->job.left = 0;
	if (!s->mpt_works)
		svc_chore_at(s, mtime_add(svc_now(s), s->cfg.patience));
	start(s, g, SVC_OP_ADD, SVC_LEG_LEAF);
}

static void
part(struct svc *s, struct svc_leg *g, struct svc_leaf *l)
{
	if (l->on && g->up == 1) {
		l->on = false;
		svc_leg_close(s, g);
	} else if (l->on) {
		l->on = false;
		g->up--;
		g->job.ep = l->ep;
		start(s, g, SVC_OP_DROP, SVC_LEG_LEAF);
	}
	svc_leaf_settle(s, l);
}

/* forward does what is first in the queue; false when it has to wait. */
static bool
forward(struct svc *s, struct svc_leg *g)
{
	struct svc_item *it = g->head;
	struct svc_leaf *l = it->leaf;

	if (it->kind == SVC_ITEM_FRAME) {
		if (g->state == SVC_LEG_UP && !put(s, g, it->frame))
			return false;
		svc_leg_unqueue(g, it);
		return true;
	}
	svc_leg_unqueue(g, it);
	if (it->kind == SVC_ITEM_PART)
		part(s, g, l);
	else if (l->gone)
		svc_leaf_settle(s, l);
	else if (g->state == SVC_LEG_IDLE)
		call_leaf(s, g, l);
	else
		add_leaf(s, g, l);
	return true;
}

/* lonely: a leg of a root without trunk that has lost its leaf. */
static bool
lonely(const struct svc_leg *g)
{
	const struct svc_leaf *l;

	if (g->vc == NULL || !g->vc->multi || !g->vc->caller || g->trunk)
		return false;
	for (l = g->vc->first; l != NULL && (l->leg != g || l->gone);
	     l = l->next)
		;
	return l == NULL;
}

static void
leave_vc(struct svc_leg *g)
{
	struct svc_leg **at = &g->vc->legs;

	for (struct svc_leaf *l = g->vc->first; l != NULL; l = l->next)
		if (l->leg == g)
			l->leg = NULL;
	while (*at != g)
		at = &(*at)->vnext;
	*at = g->vnext;
	g->vc = NULL;
	g->ending = true;
}

/* svc_leg_run goes on with |g| as far as it can. */
void
svc_leg_run(struct svc *s, struct svc_leg *g)
{
	if (g->spent)
		return;
	while (g->head != NULL && (g->state == SVC_LEG_IDLE || ready(g)))
		if (!forward(s, g))
			return;
	if (g->head != NULL
	    || (g->state != SVC_LEG_IDLE && g->state != SVC_LEG_UP))
		return;
	if (lonely(g))
		leave_vc(g);
	if (!g->ending)
		return;
	if (g->fd >= 0) {
		svc_leg_close(s, g);
		return;
	}
	g->spent = true;
	g->snext = s->spent;
	s->spent = g;
}

/*
 * svc_leg_end: the VC of |g| is gone.  What was to be sent is still sent, then
 * the socket closes; a call under way is given up at once.
 */
void
svc_leg_end(struct svc *s, struct svc_leg *g)
{
	g->ending = true;
	g->now = NULL;
	svc_leg_forget_leaves(g);
	g->give_up = mtime_add(svc_now(s), LINGER);
	if (g->full)
		svc_leg_retry(s, g, g->give_up);
	if (g->hup || g->state == SVC_LEG_CONNECTING)
		svc_leg_forget_frames(s, g);
	if (g->state == SVC_LEG_CONNECTING)
		svc_leg_close(s, g);
	else if (g->state == SVC_LEG_UP && g->hup)
		svc_leg_close(s, g);
	else
		svc_leg_run(s, g);
}
