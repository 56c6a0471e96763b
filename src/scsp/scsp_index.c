/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Linear hashing with buckets of one cache line.  A hash's low bits choose the
 * bucket; when there are too many handles for the buckets, a round begins in
 * which every addition splits one bucket in two, in order, by one bit more.
 * Removals merge in the opposite order.  A bucket that is full goes on in
 * overflow buckets, so that a round may begin late (nine of twelve slots in use
 * on average) and a failed allocation costs speed, not correctness.
 *
 * Invariant: in a chain of buckets only the last one has free slots, behind the
 * used ones, and no overflow bucket is empty.
 */
#include "scsp_index.h"

#include <assert.h>
#include <string.h>

#include "marsh/base/err.h"

#define FULL 9 /* handles a bucket at which a round of splits begins */
#define SEG_OCTETS ((SCSP_SEGMENT + 1) * sizeof(struct scsp_bucket))

_Static_assert(sizeof(struct scsp_bucket) == 64, "a bucket is a cache line");

void
scsp_index_init(struct scsp_index *x, const struct mem *mem,
    uint64_t (*hash)(const void *ctx, uint32_t handle), const void *ctx)
{
	*x = (struct scsp_index){ .mem = mem, .hash = hash, .ctx = ctx };
	scsp_pool_init(&x->more, mem, 8);
}

void
scsp_index_fini(struct scsp_index *x)
{
	while (x->segs > 0)
		mem_free(x->mem, x->seg[--x->segs], SEG_OCTETS);
	mem_free(x->mem, x->seg, x->seg_cap * sizeof(*x->seg));
	scsp_pool_fini(&x->more);
	scsp_index_init(x, x->mem, x->hash, x->ctx);
}

size_t
scsp_index_memory(const struct scsp_index *x)
{
	return x->segs * SEG_OCTETS + x->seg_cap * sizeof(*x->seg)
	    + scsp_pool_memory(&x->more);
}

static uint32_t
buckets(const struct scsp_index *x)
{
	return x->segs == 0 ? 0 : x->mask + 1 + x->split;
}

static struct scsp_bucket *
more(const struct scsp_index *x, uint32_t h)
{
	return scsp_pool_at(&x->more, h);
}

/* ---- writing a chain ---------------------------------------------------- */

/* A chain under construction takes its overflow buckets from |spare|. */
struct chain {
	struct scsp_bucket *b;
	unsigned i;
};

/* Allocates |n| overflow buckets, linked, or none. */
static int
spare_new(struct scsp_index *x, unsigned n, uint32_t *spare)
{
	*spare = 0;
	while (n-- > 0) {
		uint32_t h = scsp_pool_get(&x->more, sizeof(struct scsp_bucket));

		if (h == 0) {
			while (*spare != 0) {
				h = *spare;
				*spare = more(x, h)->next;
				scsp_pool_put(&x->more, h);
			}
			return MARSH_ENOMEM;
		}
		more(x, h)->next = *spare;
		*spare = h;
	}
	return 0;
}

static void
spare_free(struct scsp_index *x, uint32_t spare)
{
	while (spare != 0) {
		uint32_t h = spare;

		spare = more(x, h)->next;
		scsp_pool_put(&x->more, h);
	}
}

static void
chain_put(struct scsp_index *x, struct chain *c, uint32_t *spare,
    uint32_t handle, uint8_t tag)
{
	if (c->i == SCSP_BUCKET) {
		uint32_t h = *spare;

		assert(h != 0);
		*spare = more(x, h)->next;
		memset(more(x, h), 0, sizeof(struct scsp_bucket));
		c->b->next = h;
		c->b = more(x, h);
		c->i = 0;
	}
	c->b->handle[c->i] = handle;
	c->b->tag[c->i++] = tag;
}

/* The last bucket of the chain from |b|, and its first free slot. */
static struct chain
chain_end(const struct scsp_index *x, struct scsp_bucket *b)
{
	struct chain c = { b, 0 };

	while (c.b->next != 0)
		c.b = more(x, c.b->next);
	while (c.i < SCSP_BUCKET && c.b->handle[c.i] != 0)
		c.i++;
	return c;
}

static unsigned
chain_more(const struct scsp_index *x, const struct scsp_bucket *b)
{
	unsigned n = 0;

	while (b->next != 0) {
		b = more(x, b->next);
		n++;
	}
	return n;
}

/* ---- growing and shrinking ---------------------------------------------- */

static int
segment_new(struct scsp_index *x)
{
	void *s;

	if (mem_grow(x->mem, (void **)&x->seg, &x->seg_cap, x->segs + 1,
	    sizeof(*x->seg)) != 0)
		return MARSH_ENOMEM;
	s = mem_alloc(x->mem, SEG_OCTETS);
	if (s == NULL)
		return MARSH_ENOMEM;
	x->seg[x->segs++] = s;
	return 0;
}

/* Splits the next bucket; without memory nothing happens. */
static void
grow(struct scsp_index *x)
{
	uint32_t to = x->mask + 1 + x->split, bit = x->mask + 1, spare;
	struct scsp_bucket *b = scsp_index_bucket(x, x->split), was = *b;
	struct chain lo = { b, 0 }, hi = { NULL, 0 };

	/* Both halves together need at most one bucket more than the chain. */
	if (spare_new(x, chain_more(x, b), &spare) != 0)
		return;
	if (to / SCSP_SEGMENT == x->segs && segment_new(x) != 0) {
		spare_free(x, spare);
		return;
	}
	hi.b = scsp_index_bucket(x, to);
	memset(b, 0, sizeof(*b));
	memset(hi.b, 0, sizeof(*hi.b));
	for (const struct scsp_bucket *o = &was;; o = more(x, o->next)) {
		for (unsigned i = 0; i < SCSP_BUCKET && o->handle[i] != 0; i++) {
			uint32_t h = o->handle[i];
			uint64_t hash = x->hash(x->ctx, h);

			chain_put(x, hash & bit ? &hi : &lo, &spare, h,
			    o->tag[i]);
		}
		if (o->next == 0)
			break;
	}
	spare_free(x, was.next);
	spare_free(x, spare);
	if (++x->split > x->mask) {
		x->mask = 2 * x->mask + 1;
		x->split = 0;
	}
}

/* Merges the last bucket into the one it was split from. */
static void
shrink(struct scsp_index *x)
{
	uint32_t last = buckets(x) - 1, mask = x->mask, split = x->split, spare;
	struct scsp_bucket *from = scsp_index_bucket(x, last), was = *from;
	struct chain to;

	if (split == 0) {
		mask /= 2;
		split = mask + 1;
	}
	split--;
	if (spare_new(x, chain_more(x, from) + 1, &spare) != 0)
		return;
	to = chain_end(x, scsp_index_bucket(x, split));
	for (const struct scsp_bucket *o = &was;; o = more(x, o->next)) {
		for (unsigned i = 0; i < SCSP_BUCKET && o->handle[i] != 0; i++)
			chain_put(x, &to, &spare, o->handle[i], o->tag[i]);
		if (o->next == 0)
			break;
	}
	spare_free(x, was.next);
	spare_free(x, spare);
	x->mask = mask;
	x->split = split;
	if (last % SCSP_SEGMENT == 0)
		mem_free(x->mem, x->seg[--x->segs], SEG_OCTETS);
}

/* ---- handles ------------------------------------------------------------ */

int
scsp_index_add(struct scsp_index *x, uint64_t hash, uint32_t handle)
{
	struct chain c;
	uint32_t spare = 0;

	if (x->segs == 0) {
		if (segment_new(x) != 0)
			return MARSH_ENOMEM;
		x->mask = SCSP_SEGMENT - 1;
	}
	c = chain_end(x, scsp_index_bucket(x, scsp_index_place(x, hash)));
	if (c.i == SCSP_BUCKET && spare_new(x, 1, &spare) != 0)
		return MARSH_ENOMEM;
	chain_put(x, &c, &spare, handle, scsp_index_tag(hash));
	x->n++;
	/* A round once begun goes on until the buckets are half as full. */
	if (x->n * 2 > (size_t)buckets(x) * FULL * (x->split == 0 ? 2 : 1))
		grow(x);
	return 0;
}

/* The slot of |handle|. */
static struct chain
slot(const struct scsp_index *x, uint64_t hash, uint32_t handle)
{
	struct chain c = { scsp_index_bucket(x, scsp_index_place(x, hash)), 0 };

	while (c.b->handle[c.i] != handle)
		if (++c.i == SCSP_BUCKET) {
			assert(c.b->next != 0);
			c = (struct chain){ more(x, c.b->next), 0 };
		}
	return c;
}

void
scsp_index_del(struct scsp_index *x, uint64_t hash, uint32_t handle)
{
	struct chain c = slot(x, hash, handle);
	struct scsp_bucket *before = NULL, *b = c.b;
	unsigned i = SCSP_BUCKET;

	/* The chain's last one fills the gap. */
	for (; b->next != 0; b = more(x, b->next))
		before = b;
	while (b->handle[i - 1] == 0)
		i--;
	c.b->handle[c.i] = b->handle[i - 1];
	c.b->tag[c.i] = b->tag[i - 1];
	b->handle[i - 1] = 0;
	b->tag[i - 1] = 0;
	if (i == 1) {
		/* The only one of an overflow bucket: it goes. */
		struct scsp_bucket *f = scsp_index_bucket(x,
		    scsp_index_place(x, hash));

		if (before == NULL && f != b)
			for (before = f; more(x, before->next) != b;)
				before = more(x, before->next);
		if (before != NULL) {
			scsp_pool_put(&x->more, before->next);
			before->next = 0;
		}
	}
	x->n--;
	if (buckets(x) > SCSP_SEGMENT && x->n * 4
	    < (size_t)buckets(x) * FULL * (x->split == 0 ? 1 : 2))
		shrink(x);
}

void
scsp_index_set(struct scsp_index *x, uint64_t hash, uint32_t from, uint32_t to)
{
	struct chain c = slot(x, hash, from);

	c.b->handle[c.i] = to;
}

/* ---- consistency -------------------------------------------------------- */

static const char *
chain_check(const struct scsp_index *x, uint32_t place, size_t *n)
{
	const struct scsp_bucket *b = scsp_index_bucket(x, place);

	for (;; b = more(x, b->next)) {
		unsigned i = 0;

		for (; i < SCSP_BUCKET && b->handle[i] != 0; i++) {
			uint64_t hash = x->hash(x->ctx, b->handle[i]);

			if (scsp_index_place(x, hash) != place)
				return "index: a handle in the wrong bucket";
			if (scsp_index_tag(hash) != b->tag[i])
				return "index: a wrong tag";
		}
		for (unsigned k = i; k < SCSP_BUCKET; k++)
			if (b->tag[k] != 0)
				return "index: a tag of nothing";
		*n += i;
		if (b->next == 0)
			return NULL;
		if (i != SCSP_BUCKET || more(x, b->next)->handle[0] == 0)
			return "index: a chain with a gap";
	}
}

const char *
scsp_index_check(const struct scsp_index *x)
{
	size_t n = 0;

	for (uint32_t i = 0; i < buckets(x); i++) {
		const char *bad = chain_check(x, i, &n);

		if (bad != NULL)
			return bad;
	}
	return n == x->n ? NULL : "index: handles counted wrong";
}
