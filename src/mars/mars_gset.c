/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The other direction of membership, for deregistration and hole punching.
 * Linear probing with backward-shift deletion, at most 13/16 full; a slot's
 * home follows from the id alone, so nothing but the ids is stored.
 */
#include "mars_gset.h"

#include <assert.h>

#include "marsh/base/err.h"

static uint32_t
mask(const struct gset *s)
{
	return ((uint32_t)1 << s->bits) - 1;
}

uint32_t *
gset_find(const struct gset *s, uint32_t id)
{
	uint32_t i;

	if (s->bits == 0)
		return NULL;
	for (i = gset_home(s, id); s->slot[i] != 0; i = (i + 1) & mask(s))
		if ((s->slot[i] & GSET_ID) == id)
			return &s->slot[i];
	return NULL;
}

void
gset_add(struct gset *s, uint32_t id_and_flag)
{
	uint32_t i = gset_home(s, id_and_flag);

	assert(s->bits != 0 && (id_and_flag & GSET_ID) != 0);
	while (s->slot[i] != 0)
		i = (i + 1) & mask(s);
	s->slot[i] = id_and_flag;
	s->n++;
}

static int
resize(struct gset *s, const struct mem *m, uint8_t bits)
{
	struct gset new = { .bits = bits };

	new.slot = mem_alloc(m, sizeof(*new.slot) << bits);
	if (new.slot == NULL)
		return MARSH_ENOMEM;
	for (uint32_t i = 0; i < gset_size(s); i++)
		if (s->slot[i] != 0)
			gset_add(&new, s->slot[i]);
	gset_fini(s, m);
	*s = new;
	return 0;
}

int
gset_reserve(struct gset *s, const struct mem *m)
{
	uint64_t size = gset_size(s);

	if (size != 0 && (uint64_t)s->n + 1 <= size * 13 / 16)
		return 0;
	if (s->bits >= 30)
		return MARSH_ENOMEM;
	return resize(s, m, (uint8_t)(s->bits ? s->bits + 1 : 2));
}

void
gset_del(struct gset *s, const struct mem *m, uint32_t *slot)
{
	uint32_t hole = (uint32_t)(slot - s->slot), i = hole;

	for (;;) {
		i = (i + 1) & mask(s);
		if (s->slot[i] == 0)
			break;
		/* It may move back unless its home lies behind the hole. */
		if (((i - gset_home(s, s->slot[i])) & mask(s))
		    >= ((i - hole) & mask(s))) {
			s->slot[hole] = s->slot[i];
			hole = i;
		}
	}
	s->slot[hole] = 0;
	if (--s->n == 0)
		gset_fini(s, m);
	else if (s->bits > 5 && s->n < gset_size(s) / 4)
		(void)resize(s, m, s->bits - 1); /* only a smaller table */
}

void
gset_fini(struct gset *s, const struct mem *m)
{
	if (s->bits != 0)
		mem_free(m, s->slot, sizeof(*s->slot) << s->bits);
	*s = (struct gset){ 0 };
}
