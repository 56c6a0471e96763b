/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Switches, links and shortest paths.
 *
 * Paths are worked out from one switch at a time when first asked for, and all
 * forgotten when the topology changes.  A VC keeps the path it was set up on,
 * as a circuit does, until a link of it fails.
 */
#include <assert.h>
#include <string.h>

#include "marsh/base/err.h"
#include "sim_int.h"

static size_t
route_size(uint32_t n)
{
	return sizeof(struct sim_route) + n * sizeof(uint32_t);
}

void
sim_route_unref(struct sim *s, struct sim_route *r)
{
	if (r != NULL && --r->refs == 0)
		mem_free(s->mem, r, route_size(r->n));
}

static size_t
tree_size(size_t n)
{
	return n * (sizeof(struct sim_route *) + 2 * sizeof(uint32_t));
}

/* trees_forget drops all known paths. */
static void
trees_forget(struct sim *s)
{
	for (unsigned i = 0; i < s->switches; i++) {
		struct sim_tree *t = &s->tree[i];

		for (size_t k = 0; k < t->n; k++)
			sim_route_unref(s, t->route[k]);
		mem_free(s->mem, t->route, tree_size(t->n));
		*t = (struct sim_tree){ 0 };
	}
}

int
sim_topo_init(struct sim *s)
{
	int n = sim_switch_add(s);

	return n < 0 ? n : 0;
}

void
sim_topo_free(struct sim *s)
{
	trees_forget(s);
	mem_free(s->mem, s->tree, s->tree_cap * sizeof(*s->tree));
	mem_free(s->mem, s->link, s->link_cap * sizeof(*s->link));
}

int
sim_switch_add(struct sim *s)
{
	void *v = s->tree;

	if (s->switches >= INT32_MAX
	    || mem_grow(s->mem, &v, &s->tree_cap, s->switches + 1u,
		sizeof(*s->tree)) != 0)
		return MARSH_ENOMEM;
	s->tree = v;
	trees_forget(s);
	s->tree[s->switches] = (struct sim_tree){ 0 };
	return (int)s->switches++;
}

int
sim_link(struct sim *s, unsigned a, unsigned b, struct mspan delay)
{
	void *v = s->link;

	if (a >= s->switches || b >= s->switches || a == b || delay.us < 0)
		return MARSH_EINVAL;
	if (s->links >= INT32_MAX
	    || mem_grow(s->mem, &v, &s->link_cap, s->links + 1,
		sizeof(*s->link)) != 0)
		return MARSH_ENOMEM;
	s->link = v;
	s->link[s->links] = (struct sim_link){ a, b, sim_span(delay), true };
	trees_forget(s);
	return (int)s->links++;
}

static bool
route_has(const struct sim_route *r, uint32_t link)
{
	for (uint32_t i = 0; r != NULL && i < r->n; i++)
		if (r->link[i] == link)
			return true;
	return false;
}

/* link_break cuts every leaf whose path has |link|. */
static void
link_break(struct sim *s, uint32_t link)
{
	struct sim_leaf *l;
	struct sim_vc *vc;

	for (size_t i = 0; i < s->vcs; i++) {
		vc = s->vc[i].vc;
		for (l = vc != NULL ? vc->first : NULL; l != NULL; l = l->next)
			if (l->cls != SIM_NO_CLASS
			    && route_has(vc->cls[l->cls].route, link))
				sim_leaf_break(s, l, ATM_CAUSE_NET_OUT);
	}
}

int
sim_link_set(struct sim *s, unsigned link, bool up)
{
	if (link >= s->links)
		return MARSH_EINVAL;
	if (s->link[link].up == up)
		return 0;
	s->link[link].up = up;
	trees_forget(s);
	if (!up)
		link_break(s, link);
	return 0;
}

int
sim_place(struct sim *s, atm_port port, unsigned sw)
{
	struct sim_port *p = sim_port_get(s, port);

	if (p == NULL || !p->attached || sw >= s->switches)
		return MARSH_EINVAL;
	if (p->ends != NULL)
		return MARSH_ESTATE;
	p->sw = sw;
	return 0;
}

static unsigned
far_end(const struct sim *s, size_t link, unsigned sw)
{
	return s->link[link].a == sw ? s->link[link].b : s->link[link].a;
}

/*
 * tree_walk finds a shortest path from |a| to every switch.  Switches are taken
 * in the order they were reached and links by number, so of several shortest
 * paths the one with the lowest numbers is found.
 */
static void
tree_walk(struct sim *s, struct sim_tree *t, unsigned a)
{
	size_t head = 0, tail = 0;

	t->order[tail++] = a;
	for (; head < tail; head++) {
		unsigned at = t->order[head];

		for (size_t i = 0; i < s->links; i++) {
			const struct sim_link *k = &s->link[i];
			unsigned to = far_end(s, i, at);

			if (!k->up || (k->a != at && k->b != at) || to == a
			    || t->via[to] != 0)
				continue;
			t->via[to] = (uint32_t)i + 1;
			t->order[tail++] = to;
		}
	}
}

static int
tree_make(struct sim *s, unsigned a)
{
	struct sim_tree *t = &s->tree[a];

	if (t->n != 0)
		return 0;
	t->route = mem_alloc(s->mem, tree_size(s->switches));
	if (t->route == NULL)
		return MARSH_ENOMEM;
	t->n = s->switches;
	t->via = (uint32_t *)(void *)(t->route + t->n);
	t->order = t->via + t->n;
	tree_walk(s, t, a);
	return 0;
}

static struct sim_route *
route_make(struct sim *s, unsigned a, unsigned b)
{
	const struct sim_tree *t = &s->tree[a];
	struct sim_route *r;
	uint32_t n = 0;
	unsigned at;

	for (at = b; at != a; at = far_end(s, t->via[at] - 1, at))
		n++;
	r = mem_resize(s->mem, NULL, 0, route_size(n));
	if (r == NULL)
		return NULL;
	*r = (struct sim_route){ .refs = 1, .n = n };
	for (at = b; at != a; at = far_end(s, r->link[n], at)) {
		r->link[--n] = t->via[at] - 1;
		r->delay += s->link[r->link[n]].delay;
	}
	return r;
}

/*
 * sim_route_find stores the path from |a| to |b|, borrowed; NULL for one
 * switch.  Returns 0, MARSH_ENOENT when there is none, or MARSH_ENOMEM.
 */
int
sim_route_find(struct sim *s, unsigned a, unsigned b, struct sim_route **out)
{
	struct sim_tree *t = &s->tree[a];

	*out = NULL;
	if (a == b)
		return 0;
	if (tree_make(s, a) != 0)
		return MARSH_ENOMEM;
	if (t->via[b] == 0)
		return MARSH_ENOENT;
	if (t->route[b] == NULL)
		t->route[b] = route_make(s, a, b);
	*out = t->route[b];
	return *out != NULL ? 0 : MARSH_ENOMEM;
}
