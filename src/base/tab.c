/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hash tables that never fail after their making: the network must be able to
 * accept a call whose memory it reserved when the call was asked for.
 */
#include "marsh/base/tab.h"

#include <assert.h>

#include "marsh/base/err.h"

#define BUCKETS 64

int
tab_init(struct tab *t, const struct mem *mem)
{
	*t = (struct tab){ .mem = mem };
	t->bucket = mem_alloc(mem, BUCKETS * sizeof(*t->bucket));
	if (t->bucket == NULL)
		return MARSH_ENOMEM;
	t->buckets = BUCKETS;
	return 0;
}

void
tab_free(struct tab *t)
{
	mem_free(t->mem, t->bucket, t->buckets * sizeof(*t->bucket));
	t->bucket = NULL;
}

static struct tab_link **
head(const struct tab *t, uint64_t hash)
{
	return &t->bucket[hash & (t->buckets - 1)];
}

static void
grow(struct tab *t)
{
	size_t old = t->buckets;
	struct tab_link **was = t->bucket, **now, *l, *next;

	now = mem_alloc(t->mem, 2 * old * sizeof(*now));
	if (now == NULL)
		return;
	t->bucket = now;
	t->buckets = 2 * old;
	for (size_t i = 0; i < old; i++) {
		for (l = was[i]; l != NULL; l = next) {
			next = l->next;
			l->next = *head(t, l->hash);
			*head(t, l->hash) = l;
		}
	}
	mem_free(t->mem, was, old * sizeof(*was));
}

void
tab_add(struct tab *t, struct tab_link *l, uint64_t hash)
{
	if (t->count >= t->buckets)
		grow(t);
	l->hash = hash;
	l->next = *head(t, hash);
	*head(t, hash) = l;
	t->count++;
}

void
tab_del(struct tab *t, struct tab_link *l)
{
	struct tab_link **at = head(t, l->hash);

	while (*at != l) {
		assert(*at != NULL);
		at = &(*at)->next;
	}
	*at = l->next;
	t->count--;
}

static struct tab_link *
same(struct tab_link *l, uint64_t hash)
{
	while (l != NULL && l->hash != hash)
		l = l->next;
	return l;
}

struct tab_link *
tab_first(const struct tab *t, uint64_t hash)
{
	return same(*head(t, hash), hash);
}

struct tab_link *
tab_next(const struct tab_link *l)
{
	return same(l->next, l->hash);
}

uint64_t
tab_mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
	return x ^ (x >> 31);
}
