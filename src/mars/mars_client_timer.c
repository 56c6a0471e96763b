/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The client's timers: a binary heap of pointers to timers that live in what
 * they belong to.  Room for a timer is reserved when its owner is made, so
 * that arming never fails.
 */
#include "mars_client_int.h"

/* client_tmr_reserve makes room for |n| more timers; 0 or MARSH_ENOMEM. */
int
client_tmr_reserve(struct mars_client *c, size_t n)
{
	void *v = c->heap;
	int rc = mem_grow(c->mem, &v, &c->heap_cap, c->tmrs + n,
	    sizeof(*c->heap));

	if (rc != 0)
		return rc;
	c->heap = v;
	c->tmrs += n;
	return 0;
}

/* client_tmr_forget gives the reservation of |t| back. */
void
client_tmr_forget(struct mars_client *c, struct tmr *t)
{
	client_tmr_off(c, t);
	assert(c->tmrs > 0);
	c->tmrs--;
}

static void
put(struct mars_client *c, size_t i, struct tmr *t)
{
	c->heap[i] = t;
	t->pos = (uint32_t)i + 1;
}

static void
up(struct mars_client *c, size_t i)
{
	struct tmr *t = c->heap[i];

	while (i > 0 && t->at.us < c->heap[(i - 1) / 2]->at.us) {
		put(c, i, c->heap[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	put(c, i, t);
}

static void
down(struct mars_client *c, size_t i)
{
	struct tmr *t = c->heap[i];
	size_t k;

	while ((k = 2 * i + 1) < c->heap_n) {
		if (k + 1 < c->heap_n
		    && c->heap[k + 1]->at.us < c->heap[k]->at.us)
			k++;
		if (c->heap[k]->at.us >= t->at.us)
			break;
		put(c, i, c->heap[k]);
		i = k;
	}
	put(c, i, t);
}

/* client_tmr_arm lets |t| fire at |at|, whether it was armed or not. */
void
client_tmr_arm(struct mars_client *c, struct tmr *t, struct mtime at)
{
	if (mtime_is_never(at)) {
		client_tmr_off(c, t);
		return;
	}
	t->at = at;
	if (t->pos == 0) {
		assert(c->heap_n < c->heap_cap);
		put(c, c->heap_n++, t);
	}
	up(c, t->pos - 1);
	down(c, t->pos - 1);
}

/* client_tmr_off disarms |t|. */
void
client_tmr_off(struct mars_client *c, struct tmr *t)
{
	size_t i = t->pos;
	struct tmr *last;

	if (i-- == 0)
		return;
	last = c->heap[--c->heap_n];
	t->pos = 0;
	if (last == t)
		return;
	put(c, i, last);
	up(c, i);
	down(c, last->pos - 1);
}

/* client_tmr_due takes the first timer that is due out of the heap, or NULL. */
struct tmr *
client_tmr_due(struct mars_client *c, struct mtime now)
{
	struct tmr *t;

	if (c->heap_n == 0 || !mtime_reached(c->heap[0]->at, now))
		return NULL;
	t = c->heap[0];
	client_tmr_off(c, t);
	return t;
}

/* client_tmr_check verifies the heap; NULL or a text. */
const char *
client_tmr_check(const struct mars_client *c)
{
	if (c->heap_n > c->tmrs || c->tmrs > c->heap_cap)
		return "timers: more than reserved";
	for (size_t i = 0; i < c->heap_n; i++) {
		if (c->heap[i]->pos != i + 1)
			return "timers: wrong place";
		if (i > 0 && c->heap[i]->at.us < c->heap[(i - 1) / 2]->at.us)
			return "timers: no heap";
	}
	return NULL;
}
