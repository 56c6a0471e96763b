/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The leaves of a path: a vector ordered by address, and two queues, of those
 * to connect and those to drop (RFC 2022 sections 5.1.3 to 5.1.5).
 *
 * Invariant: count[] tells how many leaves are in each state; a leaf is in
 * |wantq| in LEAF_WANT, in |goingq| in LEAF_GOING, and else in no queue.  A
 * whole reply is sorted once; a single member costs one binary search.
 */
#include "mars_client_int.h"

static size_t
place(const struct path *p, const struct atm_addr *a)
{
	size_t lo = 0, hi = p->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (atm_addr_cmp(&p->leaves[mid]->addr, a) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* client_set_find returns the leaf |a|, or NULL. */
struct leaf *
client_set_find(const struct path *p, const struct atm_addr *a)
{
	size_t i = place(p, a);

	return i < p->n && atm_addr_equal(&p->leaves[i]->addr, a)
	    ? p->leaves[i] : NULL;
}

static struct leafq *
queue_of(struct path *p, unsigned st)
{
	return st == LEAF_WANT ? &p->wantq
	    : st == LEAF_GOING ? &p->goingq : NULL;
}

/* client_leaf_go moves |l| to |st|, keeping counts and queues. */
void
client_leaf_go(struct path *p, struct leaf *l, enum leaf_state st)
{
	struct leafq *q = queue_of(p, l->st);

	if (q != NULL) {
		*(l->prev != NULL ? &l->prev->next : &q->head) = l->next;
		*(l->next != NULL ? &l->next->prev : &q->tail) = l->prev;
		l->next = l->prev = NULL;
	}
	p->count[l->st]--;
	p->count[st]++;
	l->st = (uint8_t)st;
	if (l->wave && st != LEAF_WANT && st != LEAF_ADDING) {
		l->wave = false;
		p->wave--;
	}
	if ((q = queue_of(p, st)) != NULL) {
		l->prev = q->tail;
		*(q->tail != NULL ? &q->tail->next : &q->head) = l;
		q->tail = l;
	}
}

/*
 * client_set_wave makes the leaves wanted now the first wave: those that join
 * later cannot keep the path from coming up.
 */
void
client_set_wave(struct path *p)
{
	for (struct leaf *l = p->wantq.head; l != NULL; l = l->next) {
		p->wave += !l->wave;
		l->wave = true;
	}
}

static struct leaf *
create(struct mars_client *c, struct path *p, const struct atm_addr *a)
{
	struct leaf *l;

	if (client_tmr_reserve(c, 1) != 0)
		return NULL;
	l = mem_alloc(c->mem, sizeof(*l));
	if (l == NULL) {
		c->tmrs--;
		return NULL;
	}
	l->t.kind = TMR_LEAF;
	l->path = p;
	l->addr = *a;
	return l;
}

static void
destroy(struct mars_client *c, struct leaf *l)
{
	client_tmr_forget(c, &l->t);
	mem_free(c->mem, l, sizeof(*l));
}

static int
reserve(struct mars_client *c, struct path *p, size_t more)
{
	void *v = p->leaves;
	int rc = mem_grow(c->mem, &v, &p->cap, p->n + more,
	    sizeof(*p->leaves));

	p->leaves = v;
	return rc;
}

/* client_set_add adds the leaf |a|, to be connected; 0 or MARSH_ENOMEM. */
int
client_set_add(struct mars_client *c, struct path *p,
    const struct atm_addr *a)
{
	size_t i = place(p, a);
	struct leaf *l;

	if (reserve(c, p, 1) != 0 || (l = create(c, p, a)) == NULL)
		return MARSH_ENOMEM;
	memmove(p->leaves + i + 1, p->leaves + i,
	    (p->n - i) * sizeof(*p->leaves));
	p->leaves[i] = l;
	p->n++;
	p->count[LEAF_NEW]++;
	client_leaf_go(p, l, LEAF_WANT);
	return 0;
}

/* client_set_del removes |l|. */
void
client_set_del(struct mars_client *c, struct path *p, struct leaf *l)
{
	size_t i = place(p, &l->addr);

	assert(i < p->n && p->leaves[i] == l);
	client_leaf_go(p, l, LEAF_NEW);
	p->count[LEAF_NEW]--;
	p->n--;
	memmove(p->leaves + i, p->leaves + i + 1,
	    (p->n - i) * sizeof(*p->leaves));
	if (p->first == l)
		p->first = NULL;
	destroy(c, l);
}

/* client_set_clear removes all leaves. */
void
client_set_clear(struct mars_client *c, struct path *p)
{
	while (p->n > 0)
		destroy(c, p->leaves[--p->n]);
	mem_free(c->mem, p->leaves, p->cap * sizeof(*p->leaves));
	p->leaves = NULL;
	p->cap = 0;
	memset(p->count, 0, sizeof(p->count));
	p->wave = 0;
	p->wantq = p->goingq = (struct leafq){ NULL, NULL };
	p->first = NULL;
}

/* By address; of equal ones the one named first. */
static bool
before(const struct leaf *a, const struct leaf *b)
{
	int d = atm_addr_cmp(&a->addr, &b->addr);

	return d != 0 ? d < 0 : a->ord < b->ord;
}

static void
sift(struct leaf **v, size_t i, size_t n)
{
	struct leaf *l = v[i];
	size_t k;

	while ((k = 2 * i + 1) < n) {
		if (k + 1 < n && before(v[k], v[k + 1]))
			k++;
		if (!before(l, v[k]))
			break;
		v[i] = v[k];
		i = k;
	}
	v[i] = l;
}

/* Heap sort: in place, and no worse for an ordered reply than for any other. */
static void
sort(struct leaf **v, size_t n)
{
	for (size_t i = n / 2; i-- > 0;)
		sift(v, i, n);
	while (n > 1) {
		struct leaf *l = v[0];

		v[0] = v[--n];
		v[n] = l;
		sift(v, 0, n);
	}
}

/*
 * New leaves for those of |a| that are none yet, chained by |next| in the order
 * of the reply; the others are marked.  False: no memory.
 */
static bool
fresh(struct mars_client *c, struct path *p, const struct atm_addr *a,
    size_t n, struct leafq *q)
{
	for (size_t i = 0; i < n; i++) {
		struct leaf *l;

		if (atm_addr_equal(&a[i], &c->cfg.addr))
			continue;
		if ((l = client_set_find(p, &a[i])) != NULL) {
			l->keep = true;
			continue;
		}
		if ((l = create(c, p, &a[i])) == NULL)
			return false;
		l->ord = (uint32_t)i + 1;
		l->keep = true;
		*(q->tail != NULL ? &q->tail->next : &q->head) = l;
		q->tail = l;
	}
	return true;
}

static void
undo(struct mars_client *c, struct path *p, struct leaf *l)
{
	for (struct leaf *next; l != NULL; l = next) {
		next = l->next;
		destroy(c, l);
	}
	for (size_t i = 0; i < p->n; i++)
		p->leaves[i]->keep = false;
}

static void
put_in_order(struct path *p, struct leaf *l)
{
	size_t k = 0;

	for (; l != NULL; l = l->next)
		p->leaves[p->n++] = l;
	sort(p->leaves, p->n);
	for (size_t i = 0; i < p->n; i++) {
		l = p->leaves[i];
		if (k > 0 && atm_addr_equal(&p->leaves[k - 1]->addr, &l->addr))
			l->keep = false; /* named twice */
		else
			p->leaves[k++] = l;
	}
	p->n = k;
}

/* Queue the new ones in the order of the reply; throw the doubles away. */
static void
enlist(struct mars_client *c, struct path *p, struct leaf *l)
{
	for (struct leaf *next; l != NULL; l = next) {
		next = l->next;
		l->next = NULL;
		if (!l->keep) {
			destroy(c, l);
			continue;
		}
		p->count[LEAF_NEW]++;
		client_leaf_go(p, l, LEAF_WANT);
	}
}

static void
drop_others(struct mars_client *c, struct path *p)
{
	for (size_t i = p->n; i-- > 0;) {
		struct leaf *l = p->leaves[i];

		if (!l->keep)
			client_leaf_leave(c, p, l);
		else
			l->keep = false;
	}
}

/*
 * client_set_merge makes the |n| addresses |a|, ourselves excepted, the
 * wanted set of |p|: new ones are to be connected, missing ones to be dropped,
 * common ones stay untouched (5.1.5).  0, or MARSH_ENOMEM with no change.
 */
int
client_set_merge(struct mars_client *c, struct path *p,
    const struct atm_addr *a, size_t n)
{
	struct leafq q = { NULL, NULL };
	size_t more = 0;

	if (!fresh(c, p, a, n, &q)) {
		undo(c, p, q.head);
		return MARSH_ENOMEM;
	}
	for (const struct leaf *l = q.head; l != NULL; l = l->next)
		more++;
	if (reserve(c, p, more) != 0) {
		undo(c, p, q.head);
		return MARSH_ENOMEM;
	}
	for (size_t i = 0; i < p->n; i++)
		if (p->leaves[i]->keep)
			(void)client_leaf_join(c, p, &p->leaves[i]->addr);
	put_in_order(p, q.head);
	enlist(c, p, q.head);
	drop_others(c, p);
	return 0;
}
