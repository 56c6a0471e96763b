/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What waits on legs: the queue of frames, joinings and partings, and the time
 * at which a leg is looked at again, be it that the interface was full or that
 * signalling may never answer.
 *
 * Items of leaves lie in the leaf; a frame's is of its own.
 */
#include "svc_int.h"

/* svc_leg_queue puts |it| at the end of the queue of |g|. */
void
svc_leg_queue(struct svc_leg *g, struct svc_item *it)
{
	it->next = NULL;
	it->queued = true;
	if (g->tail != NULL)
		g->tail->next = it;
	else
		g->head = it;
	g->tail = it;
	if (it->kind == SVC_ITEM_FRAME)
		g->frames++;
}

/* svc_leg_unqueue takes |it| out if it is in; a frame is then forgotten. */
void
svc_leg_unqueue(struct svc_leg *g, struct svc_item *it)
{
	struct svc_item **at = &g->head, *prev = NULL;

	if (!it->queued)
		return;
	while (*at != it) {
		prev = *at;
		at = &prev->next;
	}
	*at = it->next;
	if (g->tail == it)
		g->tail = prev;
	it->queued = false;
	if (it->kind != SVC_ITEM_FRAME)
		return;
	g->frames--;
	frame_unref(it->frame);
	mem_free(g->svc->mem, it, sizeof(*it));
}

/* svc_leg_retry lets |g| be tried again at |t|. */
void
svc_leg_retry(struct svc *s, struct svc_leg *g, struct mtime t)
{
	g->again = t;
	if (!g->retrying) {
		g->rnext = s->retry;
		s->retry = g;
		g->retrying = true;
	}
	svc_chore_at(s, t);
}

/* svc_leg_retry_drop takes that back. */
void
svc_leg_retry_drop(struct svc *s, struct svc_leg *g)
{
	struct svc_leg **at = &s->retry;

	if (!g->retrying)
		return;
	while (*at != g)
		at = &(*at)->rnext;
	*at = g->rnext;
	g->retrying = false;
}

/* svc_leg_forget_leaves takes everything but frames out of the queue. */
void
svc_leg_forget_leaves(struct svc_leg *g)
{
	struct svc_item *it, *next;

	for (it = g->head; it != NULL; it = next) {
		next = it->next;
		if (it->kind != SVC_ITEM_FRAME)
			svc_leg_unqueue(g, it);
	}
}

/* svc_leg_forget_frames loses the frames that wait. */
void
svc_leg_forget_frames(struct svc *s, struct svc_leg *g)
{
	struct svc_item *it, *next;

	for (it = g->head; it != NULL; it = next) {
		next = it->next;
		if (it->kind != SVC_ITEM_FRAME)
			continue;
		svc_leg_unqueue(g, it);
		s->stats.lost++;
	}
}

/*
 * watch_first: signalling that knows no ADD PARTY may never answer one, and the
 * kernel then waits for ever.
 */
static void
watch_first(struct svc *s, struct mtime now)
{
	for (struct svc_leg *g = s->legs; g != NULL; g = g->next) {
		struct mtime end = mtime_add(g->began, s->cfg.patience);

		if (g->state != SVC_LEG_LEAF || g->job.op != SVC_OP_ADD
		    || g->vc == NULL)
			continue;
		if (mtime_reached(end, now))
			svc_leg_no_mpt(s, g, true);
		else
			svc_chore_at(s, end);
	}
}

/* svc_leg_chore tries again where the interface was full. */
void
svc_leg_chore(struct svc *s, struct mtime now)
{
	struct svc_leg *g, *next;

	if (!s->mpt_works)
		watch_first(s, now);

	for (g = s->retry; g != NULL; g = next) {
		next = g->rnext;
		if (!mtime_reached(g->again, now)) {
			svc_chore_at(s, g->again);
			continue;
		}
		svc_leg_retry_drop(s, g);
		if (g->ending && mtime_reached(g->give_up, now)) {
			svc_leg_forget_frames(s, g);
			g->full = false;
		}
		svc_leg_run(s, g);
	}
}
