/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The members of a group or block, as CMIs.  Invariants: an array is strictly
 * ascending; a bitmap holds exactly n bits.  Going back to an array leaves a
 * gap of a thousand ids, so that a set at the border does not flap.
 */
#include "mars_idset.h"

#include <assert.h>
#include <string.h>

#include "marsh/base/err.h"

#define LINE 32 /* ids in a cache line */
#define BITMAP_SIZE (IDSET_WORDS * sizeof(uint64_t))

/*
 * find returns the place of the first entry >= id.  Halving narrows a large
 * set; then the first entries of cache lines are compared in a row, because
 * loads that do not wait for each other are faster than fewer that do.
 */
static uint32_t
find(const struct idset *s, uint32_t id)
{
	const uint16_t *v = s->u.v;
	uint32_t lo = 0, hi = s->n, k = 0;

	while (hi - lo > 8 * LINE) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (v[mid] < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	while (hi - lo > LINE && v[lo + LINE - 1] < id)
		lo += LINE;
	if (hi - lo > LINE)
		hi = lo + LINE;
	for (uint32_t i = lo; i < hi; i++)
		k += v[i] < id;
	return lo + k;
}

static bool
bit(const struct idset *s, unsigned id)
{
	return s->u.bits[id / 64] >> id % 64 & 1;
}

bool
idset_has(const struct idset *s, uint16_t id)
{
	uint32_t i;

	if (s->cap == IDSET_BITMAP)
		return bit(s, id);
	i = find(s, id);
	return i < s->n && s->u.v[i] == id;
}

static int
to_bitmap(struct idset *s, const struct mem *m)
{
	uint64_t *bits = mem_alloc(m, BITMAP_SIZE);

	if (bits == NULL)
		return MARSH_ENOMEM;
	idset_or(s, bits);
	mem_free(m, s->u.v, s->cap * sizeof(*s->u.v));
	s->u.bits = bits;
	s->cap = IDSET_BITMAP;
	return 0;
}

int
idset_reserve(struct idset *s, const struct mem *m)
{
	uint32_t cap = s->cap < 4 ? 4 : s->cap + s->cap / 2;
	uint16_t *v;

	if (s->cap == IDSET_BITMAP || s->n < s->cap)
		return 0;
	if (s->n >= IDSET_ARRAY)
		return to_bitmap(s, m);
	if (cap > IDSET_ARRAY)
		cap = IDSET_ARRAY;
	v = mem_resize(m, s->u.v, s->cap * sizeof(*v), cap * sizeof(*v));
	if (v == NULL)
		return MARSH_ENOMEM;
	s->u.v = v;
	s->cap = cap;
	return 0;
}

bool
idset_add(struct idset *s, uint16_t id)
{
	uint32_t i;

	if (s->cap == IDSET_BITMAP) {
		if (bit(s, id))
			return false;
		s->u.bits[id / 64] |= (uint64_t)1 << id % 64;
		s->n++;
		return true;
	}
	i = find(s, id);
	if (i < s->n && s->u.v[i] == id)
		return false;
	assert(s->n < s->cap);
	memmove(s->u.v + i + 1, s->u.v + i, (s->n - i) * sizeof(*s->u.v));
	s->u.v[i] = id;
	s->n++;
	return true;
}

/* Giving memory back may fail; the set is then merely larger than it must. */
static void
shrink(struct idset *s, const struct mem *m)
{
	uint32_t cap = s->n + s->n / 4 + 4, k = 0;
	uint16_t *v;

	if (s->n == 0) {
		idset_fini(s, m);
	} else if (s->cap == IDSET_BITMAP && s->n < IDSET_SHRINK) {
		v = mem_resize(m, NULL, 0, cap * sizeof(*v));
		if (v == NULL)
			return;
		for (int i = idset_next(s, 0); i >= 0;
		     i = idset_next(s, (unsigned)i + 1))
			v[k++] = (uint16_t)i;
		mem_free(m, s->u.bits, BITMAP_SIZE);
		s->u.v = v;
		s->cap = cap;
	} else if (s->cap != IDSET_BITMAP && s->cap > 16 && s->n < s->cap / 3) {
		v = mem_resize(m, s->u.v, s->cap * sizeof(*v),
		    cap * sizeof(*v));
		if (v == NULL)
			return;
		s->u.v = v;
		s->cap = cap;
	}
}

bool
idset_del(struct idset *s, const struct mem *m, uint16_t id)
{
	uint32_t i;

	if (s->cap == IDSET_BITMAP) {
		if (!bit(s, id))
			return false;
		s->u.bits[id / 64] &= ~((uint64_t)1 << id % 64);
	} else {
		i = find(s, id);
		if (i == s->n || s->u.v[i] != id)
			return false;
		memmove(s->u.v + i, s->u.v + i + 1,
		    (s->n - i - 1) * sizeof(*s->u.v));
	}
	s->n--;
	shrink(s, m);
	return true;
}

int
idset_next(const struct idset *s, unsigned from)
{
	uint32_t i;

	if (s->cap == IDSET_BITMAP)
		return bits_next(s->u.bits, from);
	if (s->n == 0)
		return -1;
	i = find(s, from);
	return i < s->n ? s->u.v[i] : -1;
}

void
idset_or(const struct idset *s, uint64_t *bits)
{
	if (s->cap == IDSET_BITMAP) {
		for (unsigned i = 0; i < IDSET_WORDS; i++)
			bits[i] |= s->u.bits[i];
		return;
	}
	for (uint32_t i = 0; i < s->n; i++)
		bits[s->u.v[i] / 64] |= (uint64_t)1 << s->u.v[i] % 64;
}

void
idset_fini(struct idset *s, const struct mem *m)
{
	if (s->cap == IDSET_BITMAP)
		mem_free(m, s->u.bits, BITMAP_SIZE);
	else if (s->cap != 0)
		mem_free(m, s->u.v, s->cap * sizeof(*s->u.v));
	*s = (struct idset){ .n = 0 };
}

const char *
idset_check(const struct idset *s)
{
	uint32_t n = 0;

	if (s->cap == IDSET_BITMAP) {
		for (int i = idset_next(s, 0); i >= 0;
		     i = idset_next(s, (unsigned)i + 1))
			n++;
		return n == s->n ? NULL : "id set: bitmap count differs";
	}
	if (s->n > s->cap || s->cap > IDSET_ARRAY)
		return "id set: capacity";
	for (uint32_t i = 1; i < s->n; i++)
		if (s->u.v[i - 1] >= s->u.v[i])
			return "id set: array is not ascending";
	return NULL;
}
