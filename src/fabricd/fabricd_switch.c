/* SPDX-License-Identifier: BSD-2-Clause */
/* The cross-connect.  Invariant: an entry has at least one output. */
#include "fabricd_switch.h"

#include "marsh/base/err.h"

struct entry {
	struct tab_link link; /* first: a link is its entry */
	struct fab_point in;
	struct fab_point *out;
	size_t n, cap;
};

static uint64_t
hash(struct fab_point p)
{
	return tab_mix((uint64_t)p.line << 32 | p.label);
}

static int
same(struct fab_point a, struct fab_point b)
{
	return a.line == b.line && a.label == b.label;
}

static struct entry *
find(const struct fab_switch *s, struct fab_point in)
{
	struct tab_link *l = tab_first(&s->in, hash(in));

	for (; l != NULL; l = tab_next(l))
		if (same(((struct entry *)(void *)l)->in, in))
			return (struct entry *)(void *)l;
	return NULL;
}

static void
forget(struct fab_switch *s, struct entry *e)
{
	s->joins -= e->n;
	tab_del(&s->in, &e->link);
	mem_free(s->mem, e->out, e->cap * sizeof(*e->out));
	mem_free(s->mem, e, sizeof(*e));
}

int
fab_switch_init(struct fab_switch *s, const struct mem *mem)
{
	*s = (struct fab_switch){ .mem = mem };
	return tab_init(&s->in, mem);
}

void
fab_switch_fini(struct fab_switch *s)
{
	for (size_t i = 0; i < s->in.buckets; i++)
		while (s->in.bucket[i] != NULL)
			forget(s, (struct entry *)(void *)s->in.bucket[i]);
	tab_free(&s->in);
}

int
fab_switch_join(struct fab_switch *s, struct fab_point in,
    struct fab_point out)
{
	struct entry *e = find(s, in);
	void *v;
	int err;

	if (e == NULL) {
		e = mem_alloc(s->mem, sizeof(*e));
		if (e == NULL)
			return MARSH_ENOMEM;
		e->in = in;
		tab_add(&s->in, &e->link, hash(in));
	}
	v = e->out;
	err = mem_grow(s->mem, &v, &e->cap, e->n + 1, sizeof(*e->out));
	e->out = v;
	if (err == 0) {
		e->out[e->n++] = out;
		s->joins++;
	} else if (e->n == 0) {
		forget(s, e);
	}
	return err;
}

void
fab_switch_part(struct fab_switch *s, struct fab_point in,
    struct fab_point out)
{
	struct entry *e = find(s, in);

	for (size_t i = 0; e != NULL && i < e->n; i++) {
		if (!same(e->out[i], out))
			continue;
		e->out[i] = e->out[--e->n];
		s->joins--;
		if (e->n == 0)
			forget(s, e);
		return;
	}
}

void
fab_switch_drop(struct fab_switch *s, struct fab_point in)
{
	struct entry *e = find(s, in);

	if (e != NULL)
		forget(s, e);
}

const struct fab_point *
fab_switch_outs(const struct fab_switch *s, struct fab_point in, size_t *n)
{
	const struct entry *e = find(s, in);

	*n = e == NULL ? 0 : e->n;
	return e == NULL ? NULL : e->out;
}
