/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The scheduler: a hierarchical timing wheel over microsecond time stamps.
 *
 * A time stamp is a number of SIM_QUEUE_LEVELS digits.  An entry stands at the
 * level of the highest digit in which its time differs from |base|, in the slot
 * of that digit.  So everything at a level comes before everything at a higher
 * one, lower slots come first, and a slot of level 0 is one microsecond.
 *
 * The order of pushing needs no number: slots are FIFO, and an entry can only
 * go to a lower level than an earlier entry of its time once |base| has moved
 * into that entry's slot, which moves the earlier one down first, in order.
 */
#include "sim_queue.h"

#include <assert.h>
#include <string.h>

/* ctz returns the number of the lowest bit set; |x| must not be 0. */
static unsigned
ctz(uint64_t x)
{
	static const uint8_t bit[64] = {
		0, 1, 2, 53, 3, 7, 54, 27, 4, 38, 41, 8, 34, 55, 48, 28,
		62, 5, 39, 46, 44, 42, 22, 9, 24, 35, 59, 56, 49, 18, 29, 11,
		63, 52, 6, 26, 37, 40, 33, 47, 61, 45, 43, 21, 23, 58, 17, 10,
		51, 25, 36, 32, 60, 20, 57, 16, 50, 31, 19, 15, 30, 14, 13, 12,
	};

	return bit[((x & (0 - x)) * 0x022fdd63cc95386du) >> 58];
}

/* place finds the level and slot of time |t|. */
static unsigned
place(const struct sim_queue *q, int64_t t, unsigned *slot)
{
	uint64_t diff = (uint64_t)t ^ (uint64_t)q->base;
	unsigned level = 0;

	while ((diff >>= SIM_QUEUE_BITS) != 0)
		level++;
	*slot = (unsigned)((uint64_t)t >> (level * SIM_QUEUE_BITS))
	    & (SIM_QUEUE_SLOTS - 1);
	return level;
}

static void
append(struct sim_queue *q, struct sim_qev *ev)
{
	unsigned i, level = place(q, ev->t, &i);
	struct sim_qslot *s = &q->slot[level][i];

	ev->next = NULL;
	ev->prev = s->tail;
	if (s->tail != NULL) {
		s->tail->next = ev;
	} else {
		s->head = ev;
		q->map[level][i / 64] |= (uint64_t)1 << (i % 64);
		q->sum[level] |= (uint64_t)1 << (i / 64);
		q->levels |= 1u << level;
	}
	s->tail = ev;
}

static void
mark_empty(struct sim_queue *q, unsigned level, unsigned i)
{
	q->map[level][i / 64] &= ~((uint64_t)1 << (i % 64));
	if (q->map[level][i / 64] != 0)
		return;
	q->sum[level] &= ~((uint64_t)1 << (i / 64));
	if (q->sum[level] == 0)
		q->levels &= ~(1u << level);
}

static void
unlink_from(struct sim_queue *q, struct sim_qev *ev, unsigned level,
    unsigned i)
{
	struct sim_qslot *s = &q->slot[level][i];

	if (ev->prev != NULL)
		ev->prev->next = ev->next;
	else
		s->head = ev->next;
	if (ev->next != NULL)
		ev->next->prev = ev->prev;
	else
		s->tail = ev->prev;
	if (s->head == NULL)
		mark_empty(q, level, i);
	ev->queued = false;
	q->count--;
}

void
sim_queue_init(struct sim_queue *q, int64_t start)
{
	memset(q, 0, sizeof(*q));
	q->base = start;
}

void
sim_queue_push(struct sim_queue *q, struct sim_qev *ev, int64_t t)
{
	assert(!ev->queued && t >= q->base);
	ev->t = t;
	ev->queued = true;
	q->count++;
	append(q, ev);
}

/* spread moves |base| into slot |i| of |level| and its entries down. */
static void
spread(struct sim_queue *q, unsigned level, unsigned i, int64_t start)
{
	struct sim_qev *next, *ev = q->slot[level][i].head;

	q->slot[level][i] = (struct sim_qslot){ NULL, NULL };
	mark_empty(q, level, i);
	q->base = start;
	for (; ev != NULL; ev = next) {
		next = ev->next;
		append(q, ev);
	}
}

struct sim_qev *
sim_queue_pop(struct sim_queue *q, int64_t until)
{
	while (q->levels != 0) {
		unsigned level = ctz(q->levels), word = ctz(q->sum[level]);
		unsigned i = word * 64 + ctz(q->map[level][word]);
		unsigned shift = level * SIM_QUEUE_BITS;
		struct sim_qev *ev = q->slot[level][i].head;
		uint64_t start;

		if (level == 0 || ev->next == NULL) {
			if (ev->t > until)
				return NULL;
			unlink_from(q, ev, level, i);
			/* All that is left differs from t as it did. */
			if (level != 0)
				q->base = ev->t;
			return ev;
		}
		start = (uint64_t)ev->t >> shift << shift;
		if ((int64_t)start > until)
			return NULL;
		spread(q, level, i, (int64_t)start);
	}
	return NULL;
}

void
sim_queue_remove(struct sim_queue *q, struct sim_qev *ev)
{
	unsigned i, level = place(q, ev->t, &i);

	assert(ev->queued);
	unlink_from(q, ev, level, i);
}

void
sim_queue_each(const struct sim_queue *q,
    void (*fn)(void *ctx, const struct sim_qev *ev), void *ctx)
{
	for (unsigned l = 0; l < SIM_QUEUE_LEVELS; l++)
		for (unsigned i = 0; i < SIM_QUEUE_SLOTS; i++)
			for (const struct sim_qev *e = q->slot[l][i].head;
			    e != NULL; e = e->next)
				fn(ctx, e);
}
