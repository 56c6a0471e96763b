/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A two-level sorted array.  An insertion moves at most one chunk and, once in
 * ORDER_CHUNK / 2 insertions, the vector of chunk pointers.  Invariants: no
 * chunk is empty; addresses ascend through all chunks; key[i] holds the first
 * eight octets of the address of id[i], so most comparisons stay in the chunk.
 */
#include "mars_order.h"

#include <assert.h>
#include <string.h>

#include "marsh/base/err.h"
#include "mars_hash.h"

static uint64_t
key_of(const struct l3_addr *a)
{
	uint64_t k = a->len;

	for (unsigned i = 0; i < 7; i++)
		k = k << 8 | (i < a->len ? a->b[i] : 0);
	return k;
}

/* before tells whether entry |i| of |c| sorts before |a|, whose key is |k|. */
static bool
before(const struct order *o, const struct order_chunk *c, uint32_t i,
    const struct l3_addr *a, uint64_t k)
{
	if (c->key[i] != k)
		return c->key[i] < k;
	return a->len > 7 && l3_order(o->addr(o->ctx, c->id[i]), a) < 0;
}

/* The chunk where |a| is or would be: the last whose first is not behind it. */
static size_t
find_chunk(const struct order *o, const struct l3_addr *a, uint64_t k)
{
	size_t lo = 0, hi = o->n; /* the first chunk whose last is >= a */

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		const struct order_chunk *c = o->chunk[mid];

		if (before(o, c, c->n - 1, a, k))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static uint32_t
find_entry(const struct order *o, const struct order_chunk *c,
    const struct l3_addr *a, uint64_t k)
{
	uint32_t lo = 0, hi = c->n;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (before(o, c, mid, a, k))
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct order_pos
order_seek(const struct order *o, const struct l3_addr *a)
{
	struct order_pos p = { 0, 0 };
	uint64_t k;

	if (a == NULL)
		return p;
	k = key_of(a);
	p.c = find_chunk(o, a, k);
	if (p.c < o->n)
		p.i = find_entry(o, o->chunk[p.c], a, k);
	return p;
}

uint32_t
order_at(const struct order *o, struct order_pos p)
{
	return p.c < o->n ? o->chunk[p.c]->id[p.i] : 0;
}

void
order_step(const struct order *o, struct order_pos *p)
{
	if (++p->i >= o->chunk[p->c]->n) {
		p->c++;
		p->i = 0;
	}
}

int
order_reserve(struct order *o, const struct mem *m)
{
	void *v = o->chunk;

	if (mem_grow(m, &v, &o->cap, o->n + 1, sizeof(struct order_chunk *))
	    != 0)
		return MARSH_ENOMEM;
	o->chunk = v;
	if (o->spare == NULL)
		o->spare = mem_alloc(m, sizeof(*o->spare));
	return o->spare == NULL ? MARSH_ENOMEM : 0;
}

/* new_chunk puts the spare one at place |c| of the vector. */
static struct order_chunk *
new_chunk(struct order *o, size_t c)
{
	struct order_chunk *new = o->spare;

	assert(new != NULL && o->n < o->cap);
	memmove(o->chunk + c + 1, o->chunk + c,
	    (o->n - c) * sizeof(struct order_chunk *));
	o->chunk[c] = new;
	o->n++;
	o->spare = NULL;
	new->n = 0;
	return new;
}

/* split moves the upper half of full chunk |c| into a new one behind it. */
static void
split(struct order *o, size_t c)
{
	struct order_chunk *new = new_chunk(o, c + 1), *old = o->chunk[c];
	uint32_t keep = ORDER_CHUNK / 2;

	new->n = old->n - keep;
	memcpy(new->id, old->id + keep, new->n * sizeof(*new->id));
	memcpy(new->key, old->key + keep, new->n * sizeof(*new->key));
	old->n = keep;
}

void
order_add(struct order *o, uint32_t id)
{
	const struct l3_addr *a = o->addr(o->ctx, id);
	uint64_t k = key_of(a);
	size_t c = find_chunk(o, a, k);
	struct order_chunk *p;
	uint32_t i;

	if (o->n == 0)
		new_chunk(o, 0);
	if (c == o->n)
		c--;
	if (o->chunk[c]->n == ORDER_CHUNK) {
		split(o, c);
		c += before(o, o->chunk[c], ORDER_CHUNK / 2 - 1, a, k);
	}
	p = o->chunk[c];
	i = find_entry(o, p, a, k);
	memmove(p->id + i + 1, p->id + i, (p->n - i) * sizeof(*p->id));
	memmove(p->key + i + 1, p->key + i, (p->n - i) * sizeof(*p->key));
	p->id[i] = id;
	p->key[i] = k;
	p->n++;
}

/* merge joins chunk |c| with the next one when both together stay small. */
static void
merge(struct order *o, const struct mem *m, size_t c)
{
	struct order_chunk *a = o->chunk[c], *b;

	if (c + 1 >= o->n)
		return;
	b = o->chunk[c + 1];
	if (a->n + b->n > ORDER_CHUNK * 3 / 4)
		return;
	memcpy(a->id + a->n, b->id, b->n * sizeof(*b->id));
	memcpy(a->key + a->n, b->key, b->n * sizeof(*b->key));
	a->n += b->n;
	mem_free(m, b, sizeof(*b));
	o->n--;
	memmove(o->chunk + c + 1, o->chunk + c + 2,
	    (o->n - c - 1) * sizeof(struct order_chunk *));
}

void
order_del(struct order *o, const struct mem *m, uint32_t id)
{
	struct order_pos p = order_seek(o, o->addr(o->ctx, id));
	struct order_chunk *c;

	assert(order_at(o, p) == id);
	c = o->chunk[p.c];
	c->n--;
	memmove(c->id + p.i, c->id + p.i + 1, (c->n - p.i) * sizeof(*c->id));
	memmove(c->key + p.i, c->key + p.i + 1,
	    (c->n - p.i) * sizeof(*c->key));
	if (c->n == 0) {
		o->n--;
		memmove(o->chunk + p.c, o->chunk + p.c + 1,
		    (o->n - p.c) * sizeof(struct order_chunk *));
		mem_free(m, c, sizeof(*c));
	} else if (c->n < ORDER_CHUNK / 4) {
		merge(o, m, p.c);
	}
}

void
order_fini(struct order *o, const struct mem *m)
{
	for (size_t i = 0; i < o->n; i++)
		mem_free(m, o->chunk[i], sizeof(**o->chunk));
	mem_free(m, o->spare, sizeof(*o->spare));
	mem_free(m, o->chunk, o->cap * sizeof(struct order_chunk *));
	o->chunk = NULL;
	o->spare = NULL;
	o->n = o->cap = 0;
}
