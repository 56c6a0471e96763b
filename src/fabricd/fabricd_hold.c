/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frames that wait.  Invariant: a VCI has an entry exactly while it has any, or
 * its reader is deaf: one that took so little for so long that the others
 * should not wait for it, until it takes whatever comes again.
 */
#include "fabricd_hold.h"

#include <string.h>

struct item {
	struct item *next;
	size_t n;
	uint8_t b[];
};

struct fab_held {
	struct tab_link by_vci; /* first: a link is its entry */
	struct fab_held *next, *prev;
	uint32_t vci;
	unsigned frames, tries;
	unsigned heard; /* frames in a row that a deaf reader took */
	bool deaf;
	bool full; /* not early */
	struct item *first, *last;
};

int
fab_hold_init(struct fab_hold *h, const struct mem *mem)
{
	*h = (struct fab_hold){ .mem = mem };
	return tab_init(&h->by_vci, mem);
}

void
fab_hold_fini(struct fab_hold *h)
{
	while (h->first != NULL)
		fab_hold_drop(h, h->first->vci);
	tab_free(&h->by_vci);
}

static struct fab_held *
find(const struct fab_hold *h, uint32_t vci)
{
	struct tab_link *l = tab_first(&h->by_vci, tab_mix(vci));

	for (; l != NULL; l = tab_next(l))
		if (((struct fab_held *)(void *)l)->vci == vci)
			return (struct fab_held *)(void *)l;
	return NULL;
}

bool
fab_hold_has(const struct fab_hold *h, uint32_t vci)
{
	const struct fab_held *e = h->first == NULL ? NULL : find(h, vci);

	return e != NULL && e->frames > 0;
}

static struct fab_held *
held_new(struct fab_hold *h, uint32_t vci)
{
	struct fab_held *e = mem_alloc(h->mem, sizeof(*e));

	if (e == NULL)
		return NULL;
	e->vci = vci;
	tab_add(&h->by_vci, &e->by_vci, tab_mix(vci));
	e->next = h->first;
	if (e->next != NULL)
		e->next->prev = e;
	h->first = e;
	return e;
}

static void
held_free(struct fab_hold *h, struct fab_held *e)
{
	if (e->prev != NULL)
		e->prev->next = e->next;
	else
		h->first = e->next;
	if (e->next != NULL)
		e->next->prev = e->prev;
	tab_del(&h->by_vci, &e->by_vci);
	mem_free(h->mem, e, sizeof(*e));
}

bool
fab_hold_put(struct fab_hold *h, uint32_t vci, const uint8_t *b, size_t n,
    enum fab_hold_try why)
{
	struct fab_held *e = find(h, vci);
	struct item *i;

	if (e != NULL)
		e->heard = 0;
	if (h->octets + n > FAB_HOLD_ALL
	    || (e != NULL && (e->deaf || e->frames >= FAB_HOLD_VC)))
		return false;
	i = mem_alloc(h->mem, sizeof(*i) + n);
	if (i == NULL)
		return false;
	if (e == NULL && (e = held_new(h, vci)) == NULL) {
		mem_free(h->mem, i, sizeof(*i) + n);
		return false;
	}
	i->n = n;
	memcpy(i->b, b, n);
	if (e->last != NULL)
		e->last->next = i;
	else
		e->first = i;
	e->last = i;
	e->frames++;
	h->octets += n;
	if (e->frames == 1)
		e->full = why == FAB_HOLD_FULL;
	if (e->full && e->frames == 1)
		h->full++;
	if (e->full && e->frames >= FAB_HOLD_CROWD)
		h->crowded = true;
	return true;
}

/* shift frees the first frame of |e|. */
static void
shift(struct fab_hold *h, struct fab_held *e)
{
	struct item *i = e->first;

	e->first = i->next;
	if (e->first == NULL)
		e->last = NULL;
	e->frames--;
	h->octets -= i->n;
	mem_free(h->mem, i, sizeof(*i) + i->n);
}

void
fab_hold_heard(struct fab_hold *h, uint32_t vci)
{
	struct fab_held *e = h->deaf == 0 ? NULL : find(h, vci);

	if (e != NULL && e->deaf && ++e->heard >= FAB_HOLD_HEARD) {
		h->deaf--;
		held_free(h, e);
	}
}

static size_t
empty(struct fab_hold *h, struct fab_held *e)
{
	size_t n = 0;

	while (e->first != NULL) {
		shift(h, e);
		n++;
	}
	return n;
}

size_t
fab_hold_drop(struct fab_hold *h, uint32_t vci)
{
	struct fab_held *e = find(h, vci);
	size_t n;

	if (e == NULL)
		return 0;
	n = empty(h, e);
	h->deaf -= e->deaf;
	held_free(h, e);
	return n;
}

/*
 * behind: the reader of |e|, which took |took| frames now, has no more room.
 * Returns the frames lost by that.
 */
static size_t
behind(struct fab_hold *h, struct fab_held *e, unsigned took)
{
	e->tries = took < FAB_HOLD_PACE ? e->tries + 1 : 0;
	if (e->tries > FAB_HOLD_TRIES) {
		e->deaf = true;
		h->deaf++;
		return empty(h, e);
	}
	h->full++;
	h->crowded = h->crowded || e->frames >= FAB_HOLD_CROWD;
	return 0;
}

size_t
fab_hold_flush(struct fab_hold *h,
    enum fab_hold_try (*try)(void *ctx, uint32_t vci, const uint8_t *b,
    size_t n), void *ctx)
{
	enum fab_hold_try did;
	struct fab_held *e, *next;
	size_t lost = 0;
	unsigned had;

	h->full = 0;
	h->crowded = false;
	for (e = h->first; e != NULL; e = next) {
		next = e->next;
		if (e->deaf)
			continue;
		did = FAB_HOLD_DONE;
		had = e->frames;
		while (e->first != NULL && (did = try(ctx, e->vci, e->first->b,
		    e->first->n)) == FAB_HOLD_DONE)
			shift(h, e);
		e->full = did == FAB_HOLD_FULL;
		if (did == FAB_HOLD_DONE)
			held_free(h, e);
		else if (did == FAB_HOLD_FULL)
			lost += behind(h, e, had - e->frames);
	}
	return lost;
}
