/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A treap (a search tree by range, a heap by random priority) whose nodes also
 * know the farthest max below them, so that a query for one group visits only
 * blocks that hold it and the paths to them.  RFC 2022 section 5.2: a pair
 * denotes all groups from min to max, both included.
 */
#include "mars_blocks.h"

#include <assert.h>

#include "marsh/base/err.h"
#include "mars_hash.h"

static const struct l3_addr *
reach(const struct blocks *b, uint32_t id)
{
	return &b->v[b->v[id].far].r.max;
}

/* update renews |far| of |id| from its children. */
static void
update(struct blocks *b, uint32_t id)
{
	struct block *n = &b->v[id];

	n->far = id;
	if (n->left != 0 && l3_order(reach(b, n->left), reach(b, id)) > 0)
		n->far = b->v[n->left].far;
	if (n->right != 0 && l3_order(reach(b, n->right), reach(b, id)) > 0)
		n->far = b->v[n->right].far;
}

uint32_t
blocks_find(const struct blocks *b, const struct l3_range *r)
{
	uint32_t id = b->root;
	int c;

	while (id != 0 && (c = range_order(r, &b->v[id].r)) != 0)
		id = c < 0 ? b->v[id].left : b->v[id].right;
	return id;
}

int
blocks_reserve(struct blocks *b, const struct mem *m)
{
	void *v = b->v;

	if (b->free != 0)
		return 0;
	if (mem_grow(m, &v, &b->cap, (b->used ? b->used : 1) + 1,
		sizeof(*b->v))
	    != 0)
		return MARSH_ENOMEM;
	b->v = v;
	return 0;
}

/* split puts what sorts before |r| under *|l| and the rest under *|g|. */
static void
split(struct blocks *b, uint32_t id, const struct l3_range *r, uint32_t *l,
    uint32_t *g)
{
	uint32_t part;

	if (id == 0) {
		*l = *g = 0;
	} else if (range_order(&b->v[id].r, r) < 0) {
		split(b, b->v[id].right, r, &part, g);
		b->v[id].right = part;
		update(b, id);
		*l = id;
	} else {
		split(b, b->v[id].left, r, l, &part);
		b->v[id].left = part;
		update(b, id);
		*g = id;
	}
}

static uint32_t
join(struct blocks *b, uint32_t l, uint32_t g)
{
	if (l == 0 || g == 0)
		return l | g;
	if (b->v[l].prio > b->v[g].prio) {
		b->v[l].right = join(b, b->v[l].right, g);
		update(b, l);
		return l;
	}
	b->v[g].left = join(b, l, b->v[g].left);
	update(b, g);
	return g;
}

static uint32_t
insert(struct blocks *b, uint32_t at, uint32_t new)
{
	struct block *n = &b->v[new];

	if (at == 0 || b->v[at].prio < n->prio) {
		split(b, at, &n->r, &n->left, &n->right);
		update(b, new);
		return new;
	}
	if (range_order(&n->r, &b->v[at].r) < 0)
		b->v[at].left = insert(b, b->v[at].left, new);
	else
		b->v[at].right = insert(b, b->v[at].right, new);
	update(b, at);
	return at;
}

uint32_t
blocks_add(struct blocks *b, const struct l3_range *r)
{
	uint32_t id = b->free;

	if (id != 0) {
		b->free = b->v[id].left;
	} else {
		if (b->used == 0)
			b->used = 1;
		assert(b->used < b->cap);
		id = (uint32_t)b->used++;
	}
	b->v[id] = (struct block){ .r = *r,
		.prio = (uint32_t)(rng_u64(&b->rng) >> 32) };
	b->root = insert(b, b->root, id);
	b->n++;
	return id;
}

static uint32_t
delete(struct blocks *b, uint32_t at, uint32_t id)
{
	assert(at != 0);
	if (at == id)
		return join(b, b->v[id].left, b->v[id].right);
	if (range_order(&b->v[id].r, &b->v[at].r) < 0)
		b->v[at].left = delete(b, b->v[at].left, id);
	else
		b->v[at].right = delete(b, b->v[at].right, id);
	update(b, at);
	return at;
}

void
blocks_del(struct blocks *b, uint32_t id)
{
	assert(b->v[id].ids.n == 0);
	b->root = delete(b, b->root, id);
	b->v[id].left = b->free;
	b->free = id;
	b->n--;
}

static void
stab(const struct blocks *b, uint32_t id, const struct l3_addr *a,
    uint64_t *bits)
{
	const struct block *n = &b->v[id];

	if (id == 0 || l3_order(reach(b, id), a) < 0)
		return;
	stab(b, n->left, a, bits);
	if (l3_order(&n->r.min, a) > 0)
		return;
	if (l3_order(&n->r.max, a) >= 0)
		idset_or(&n->ids, bits);
	stab(b, n->right, a, bits);
}

bool
blocks_hit(const struct blocks *b, const struct l3_addr *a)
{
	uint32_t id = b->root;

	/*
	 * Where the left side reaches |a|, its farthest block starts before
	 * this one; so if |a| is in no block there, it lies before all mins
	 * that follow.
	 */
	while (id != 0 && !range_holds(&b->v[id].r, a)) {
		const struct block *n = &b->v[id];

		id = n->left != 0 && l3_order(reach(b, n->left), a) >= 0
		    ? n->left
		    : n->right;
	}
	return id != 0;
}

bool
blocks_stab(const struct blocks *b, const struct l3_addr *a, uint64_t *bits)
{
	if (!blocks_hit(b, a))
		return false;
	stab(b, b->root, a, bits);
	return true;
}

static int
least(const struct blocks *b, uint32_t id, const struct l3_addr *a,
    unsigned from, int best)
{
	const struct block *n;
	int here;

	if (id == 0 || l3_order(reach(b, id), a) < 0)
		return best;
	n = &b->v[id];
	best = least(b, n->left, a, from, best);
	if (l3_order(&n->r.min, a) > 0)
		return best;
	if (l3_order(&n->r.max, a) >= 0) {
		here = idset_next(&n->ids, from);
		if (here >= 0 && (best < 0 || here < best))
			best = here;
	}
	return least(b, n->right, a, from, best);
}

int
blocks_next(const struct blocks *b, const struct l3_addr *a, unsigned from)
{
	return least(b, b->root, a, from, -1);
}

uint32_t
blocks_after(const struct blocks *b, const struct l3_range *r)
{
	uint32_t id = b->root, best = 0;

	while (id != 0) {
		if (r == NULL || range_order(&b->v[id].r, r) > 0) {
			best = id;
			id = b->v[id].left;
		} else {
			id = b->v[id].right;
		}
	}
	return best;
}

void
blocks_fini(struct blocks *b, const struct mem *m)
{
	for (uint32_t id = blocks_after(b, NULL); id != 0;
	     id = blocks_after(b, &b->v[id].r))
		idset_fini(&b->v[id].ids, m);
	mem_free(m, b->v, b->cap * sizeof(*b->v));
	*b = (struct blocks){ .v = NULL };
}

const char *
blocks_check(const struct blocks *b)
{
	const struct block *prev = NULL;
	uint32_t n = 0, id;

	for (id = blocks_after(b, NULL); id != 0;
	     id = blocks_after(b, &b->v[id].r)) {
		const struct block *k = &b->v[id];
		const struct l3_addr *far = reach(b, id);
		uint32_t sides[2] = { k->left, k->right };

		if (prev != NULL && range_order(&prev->r, &k->r) >= 0)
			return "blocks: order";
		if (k->ids.n == 0)
			return "blocks: a block without members";
		if (l3_order(far, &k->r.max) < 0)
			return "blocks: farthest end";
		for (int i = 0; i < 2; i++)
			if (sides[i] != 0
			    && (b->v[sides[i]].prio > k->prio
				|| l3_order(far, reach(b, sides[i])) < 0))
				return "blocks: heap order";
		if (idset_check(&k->ids) != NULL)
			return idset_check(&k->ids);
		prev = k;
		n++;
	}
	return n == b->n ? NULL : "blocks: count";
}
