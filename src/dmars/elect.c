/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Election and ordering of a MARS Group ("Redundant MARS architectures and
 * SCSP" sections 3.2 to 3.5), which RFC 2443 lacks: there every server is
 * active.  Whoever evaluates the same members gets the same answer, whatever
 * their order in memory; that is all that keeps servers of one mind, so every
 * comparison here ends in a total order.
 */
#include "marsh/dmars/elect.h"

bool
elect_eligible(const struct elect_member *m)
{
	return m->live && m->status && m->priority != 0
	    && m->role != MARS_ROLE_STARTING && m->role != MARS_ROLE_LEAVING;
}

bool
elect_better(const struct elect_member *a, const struct elect_member *b)
{
	if (a->priority != b->priority)
		return a->priority > b->priority;
	return a->oid < b->oid;
}

static const struct elect_member *
best(const struct elect_member *a, const struct elect_member *b)
{
	return a == NULL || elect_better(b, a) ? b : a;
}

static const struct elect_member *
eligible(const struct elect_member *m, size_t n, uint32_t oid)
{
	for (size_t i = 0; i < n; i++)
		if (m[i].oid == oid && elect_eligible(&m[i]))
			return &m[i];
	return NULL;
}

/*
 * Rule 1.  Who hands over may no longer be eligible itself: its priority may
 * have been set to 0 to get rid of it.
 */
static const struct elect_member *
successor(const struct elect_member *m, size_t n)
{
	const struct elect_member *from = NULL;

	for (size_t i = 0; i < n; i++)
		if (m[i].live && m[i].status && m[i].role == MARS_ROLE_HANDOVER
		    && m[i].successor != 0
		    && eligible(m, n, m[i].successor) != NULL)
			from = best(from, &m[i]);
	return from == NULL ? NULL : eligible(m, n, from->successor);
}

struct elect_result
elect_winner(const struct elect_member *m, size_t n)
{
	const struct elect_member *heir = successor(m, n);
	const struct elect_member *claimant = NULL, *any = NULL;
	struct elect_result r = { 0, ELECT_NOBODY, 0 };

	for (size_t i = 0; i < n; i++) {
		if (!elect_eligible(&m[i]))
			continue;
		r.living++;
		any = best(any, &m[i]);
		if (m[i].role == MARS_ROLE_ACTIVE
		    || m[i].role == MARS_ROLE_HANDOVER)
			claimant = best(claimant, &m[i]);
	}
	if (any == NULL)
		return r;
	r.rule = heir != NULL ? ELECT_SUCCESSOR
	    : claimant != NULL ? ELECT_INCUMBENT : ELECT_BEST;
	any = claimant != NULL ? claimant : any;
	r.winner = heir != NULL ? heir->oid : any->oid;
	return r;
}

/* ---- the order of a redirect map ----------------------------------------- */

/* What the places in a map depend on. */
struct order {
	const struct elect_member *first; /* a copy, or NULL */
	const uint32_t *keep;
	size_t keep_n;
};

enum rank {
	FIRST,
	LIVING,
	PLAIN,      /* live without a status: RFC 2443 alone */
	WAITING,    /* live, but Starting, Leaving or never to be Active */
	DEAD,       /* told us its priority once */
	CONFIGURED, /* no more is known than that it should be */
};

static enum rank
rank(const struct order *o, const struct elect_member *m)
{
	if (o->first != NULL && m->live && m->oid == o->first->oid)
		return FIRST;
	if (elect_eligible(m))
		return LIVING;
	if (m->live)
		return m->status ? WAITING : PLAIN;
	return m->priority != 0 ? DEAD : CONFIGURED;
}

/* Where |oid| stands in the map in force; behind all of it if it does not. */
static size_t
kept(const struct order *o, uint32_t oid)
{
	size_t i = 0;

	while (i < o->keep_n && o->keep[i] != oid)
		i++;
	return i;
}

/*
 * A client tries a map from top to bottom and again from the top, so the dead
 * follow as if the group were a ring: those behind the first by precedence,
 * then those before it (scenario S33, and S13 where both orders are one).
 */
static unsigned
lap(const struct order *o, const struct elect_member *m)
{
	if (o->first == NULL)
		return 0;
	if (m->priority != 0)
		return elect_better(m, o->first);
	return m->place < o->first->place;
}

static int
by_number(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int
by_precedence(const struct elect_member *a, const struct elect_member *b)
{
	return a->priority != b->priority
	    ? by_number(b->priority, a->priority)
	    : by_number(a->oid, b->oid);
}

/* Configured servers have places, and perhaps nothing else. */
static int
by_place(const struct order *o, const struct elect_member *a,
    const struct elect_member *b)
{
	int c = by_number(a->place == 0, b->place == 0);

	if (c == 0)
		c = by_number(lap(o, a), lap(o, b));
	if (c == 0)
		c = by_number(a->place, b->place);
	return c;
}

/* <0: |a| comes before |b| in the map. */
static int
cmp(const struct order *o, const struct elect_member *a,
    const struct elect_member *b)
{
	enum rank k = rank(o, a);
	int c = by_number(k, rank(o, b));

	if (c == 0 && k == LIVING)
		c = by_number(kept(o, a->oid), kept(o, b->oid));
	else if (c == 0 && k == DEAD)
		c = by_number(lap(o, a), lap(o, b));
	else if (c == 0 && k == CONFIGURED)
		c = by_place(o, a, b);
	if (c == 0)
		c = k == PLAIN ? by_number(a->oid, b->oid)
			       : by_precedence(a, b);
	return c != 0 ? c : atm_addr_cmp(&a->addr, &b->addr);
}

static void
swap(struct elect_member *a, struct elect_member *b)
{
	struct elect_member t = *a;

	*a = *b;
	*b = t;
}

/* By insertion: a group has a handful of members, and is nearly in order. */
static void
sort(const struct order *o, struct elect_member *m, size_t n)
{
	for (size_t i = 1; i < n; i++)
		for (size_t j = i; j != 0 && cmp(o, &m[j - 1], &m[j]) > 0; j--)
			swap(&m[j - 1], &m[j]);
}

static bool
listed(const struct elect_member *m, size_t n, const struct atm_addr *addr)
{
	for (size_t i = 0; i < n; i++)
		if (atm_addr_equal(&m[i].addr, addr))
			return true;
	return false;
}

size_t
elect_order(struct elect_member *m, size_t n, uint32_t first,
    enum elect_list list, enum elect_return ret, const uint32_t *keep,
    size_t keep_n)
{
	struct order o = { NULL, keep, 0 };
	struct elect_member copy;
	size_t k = 0;

	if (ret == ELECT_RETURN_LAST && keep != NULL)
		o.keep_n = keep_n;
	for (size_t i = 0; i < n && first != 0 && o.first == NULL; i++)
		if (m[i].live && m[i].oid == first) {
			copy = m[i];
			o.first = &copy;
		}
	sort(&o, m, n);
	/* Of an address that is there twice the place nearer the top counts. */
	for (size_t i = 0; i < n; i++)
		if ((list == ELECT_LIST_GROUP || m[i].live)
		    && !listed(m, k, &m[i].addr))
			swap(&m[k++], &m[i]);
	return k;
}
