/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames that wait.  Invariant: a VCI has an entry exactly while it has any. */
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
	return h->first != NULL && find(h, vci) != NULL;
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
fab_hold_put(struct fab_hold *h, uint32_t vci, const uint8_t *b, size_t n)
{
	struct fab_held *e = find(h, vci);
	struct item *i;

	if (h->octets + n > FAB_HOLD_ALL
	    || (e != NULL && e->frames >= FAB_HOLD_VC))
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
	return true;
}

/* shift frees the first frame of |e|; false: that was the last. */
static bool
shift(struct fab_hold *h, struct fab_held *e)
{
	struct item *i = e->first;

	e->first = i->next;
	if (e->first == NULL)
		e->last = NULL;
	e->frames--;
	h->octets -= i->n;
	mem_free(h->mem, i, sizeof(*i) + i->n);
	return e->first != NULL;
}

size_t
fab_hold_drop(struct fab_hold *h, uint32_t vci)
{
	struct fab_held *e = find(h, vci);
	size_t n = 0;

	if (e == NULL)
		return 0;
	do {
		n++;
	} while (shift(h, e));
	held_free(h, e);
	return n;
}

size_t
fab_hold_flush(struct fab_hold *h, size_t *full,
    enum fab_hold_try (*try)(void *ctx, uint32_t vci, const uint8_t *b,
    size_t n), void *ctx)
{
	enum fab_hold_try did;
	struct fab_held *e, *next;
	size_t lost = 0;
	bool more;

	*full = 0;
	for (e = h->first; e != NULL; e = next) {
		next = e->next;
		do {
			did = try(ctx, e->vci, e->first->b, e->first->n);
			more = did != FAB_HOLD_DONE || shift(h, e);
			if (did == FAB_HOLD_DONE)
				e->tries = 0;
		} while (did == FAB_HOLD_DONE && more);
		if (!more)
			held_free(h, e);
		else if (did == FAB_HOLD_FULL && ++e->tries > FAB_HOLD_TRIES)
			lost += fab_hold_drop(h, e->vci);
		else
			*full += did == FAB_HOLD_FULL;
	}
	return lost;
}
