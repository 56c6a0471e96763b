/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The receive side: joining and leaving groups and blocks, repeated until a
 * valid copy returns (RFC 2022 sections 5.2 and 5.2.2), and joining again what
 * was joined after a recovery (5.4.1).
 *
 * Invariant: |joins| and |leaves| are ordered by min, then max, and share no
 * range; |blocks| holds the joins of more than one group, which never overlap.
 * A block is not retracted (5.2) before its LEAVE is answered: until then a
 * JOIN of a block that overlaps it is parked.
 */
#include "mars_client_int.h"

static int
range_cmp(const struct l3_range *a, const struct l3_range *b)
{
	int d = l3_addr_cmp(&a->min, &b->min);

	return d != 0 ? d : l3_addr_cmp(&a->max, &b->max);
}

static size_t
place(const struct joinv *v, const struct l3_range *r)
{
	size_t lo = 0, hi = v->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (range_cmp(&v->v[mid]->range, r) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static struct join *
find(const struct joinv *v, const struct l3_range *r)
{
	size_t i = place(v, r);

	return i < v->n && range_cmp(&v->v[i]->range, r) == 0 ? v->v[i] : NULL;
}

static int
reserve(struct mars_client *c, struct joinv *v)
{
	void *p = v->v;
	int rc = mem_grow(c->mem, &p, &v->cap, v->n + 1, sizeof(*v->v));

	v->v = p;
	return rc;
}

static void
insert(struct joinv *v, struct join *j)
{
	size_t i = place(v, &j->range);

	memmove(v->v + i + 1, v->v + i, (v->n - i) * sizeof(*v->v));
	v->v[i] = j;
	v->n++;
}

static void
erase(struct joinv *v, const struct join *j)
{
	size_t i = place(v, &j->range);

	assert(i < v->n && v->v[i] == j);
	v->n--;
	memmove(v->v + i, v->v + i + 1, (v->n - i) * sizeof(*v->v));
}

static void
destroy(struct mars_client *c, struct join *j)
{
	client_xact_off(c, &j->x);
	client_tmr_forget(c, &j->x.t);
	mem_free(c->mem, j, sizeof(*j));
}

static struct join *
create(struct mars_client *c, const struct l3_range *r)
{
	struct join *j;

	if (client_tmr_reserve(c, 1) != 0)
		return NULL;
	j = mem_alloc(c->mem, sizeof(*j));
	if (j == NULL) {
		c->tmrs--;
		return NULL;
	}
	client_xact_init(&j->x, XACT_JOIN);
	j->range = *r;
	return j;
}

/* client_range_ok checks a range given by a command. */
int
client_range_ok(const struct mars_client *c, const struct l3_range *r)
{
	unsigned len = c->pro.type == 0x0800 ? 4
	    : c->pro.type == 0x86dd ? 16 : r->min.len;

	if (len == 0 || len > L3_MAX || r->min.len != len || r->max.len != len
	    || l3_addr_cmp(&r->min, &r->max) > 0)
		return MARSH_EINVAL;
	return 0;
}

/* The first block that may reach into what begins at |min|. */
static size_t
block_near(const struct mars_client *c, const struct l3_addr *min)
{
	struct l3_range r = { *min, *min };
	size_t i = place(&c->blocks, &r);

	return i > 0 ? i - 1 : 0;
}

static bool
overlaps(const struct mars_client *c, const struct l3_range *r)
{
	for (size_t i = block_near(c, &r->min);
	    i < c->blocks.n && i <= block_near(c, &r->min) + 1; i++)
		if (l3_range_overlap(&c->blocks.v[i]->range, r))
			return true;
	return false;
}

/* client_joined tells whether |g| is joined, alone or in a block. */
bool
client_joined(const struct mars_client *c, const struct l3_addr *g)
{
	struct l3_range r = { *g, *g };

	return overlaps(c, &r) || find(&c->joins, &r) != NULL;
}

/* Does |r| overlap a block whose LEAVE is not answered yet? */
static bool
retracting(const struct mars_client *c, const struct l3_range *r)
{
	for (size_t i = 0; i < c->leaves.n; i++) {
		const struct l3_range *l = &c->leaves.v[i]->range;

		if (!l3_range_single(l) && l3_range_overlap(l, r))
			return true;
	}
	return false;
}

/* start sends |j|, or parks what has to wait for a LEAVE. */
static void
start(struct mars_client *c, struct join *j)
{
	if (!j->leaving && !l3_range_single(&j->range)
	    && retracting(c, &j->range))
		client_xact_park(c, &j->x);
	else
		client_xact_start(c, &j->x);
}

static int
rooms(struct mars_client *c, bool block)
{
	int rc = reserve(c, &c->joins);

	return rc != 0 || !block ? rc : reserve(c, &c->blocks);
}

/*
 * client_join joins |r|.  A block may not touch a block joined before and not
 * yet left; single groups may lie in one (5.2).  A LEAVE of the same range that
 * is still unanswered is given up: it would undo the JOIN when repeated.
 */
int
client_join(struct mars_client *c, const struct l3_range *r, bool layer3)
{
	bool block = !l3_range_single(r);
	struct join *j;
	int rc = client_range_ok(c, r);

	if (rc != 0)
		return rc;
	if (!client_active(c))
		return MARSH_ESTATE;
	if (find(&c->joins, r) != NULL)
		return MARSH_EEXIST;
	if (block && overlaps(c, r))
		return MARSH_EOVERLAP;
	if ((rc = rooms(c, block)) != 0)
		return rc;
	if ((j = find(&c->leaves, r)) != NULL)
		erase(&c->leaves, j);
	else if ((j = create(c, r)) == NULL)
		return MARSH_ENOMEM;
	j->leaving = j->again = j->confirmed = false;
	j->layer3 = layer3;
	insert(&c->joins, j);
	if (block)
		insert(&c->blocks, j);
	start(c, j);
	return 0;
}

/* client_leave leaves |r|, which was joined as such. */
int
client_leave(struct mars_client *c, const struct l3_range *r)
{
	struct join *j;
	int rc = client_range_ok(c, r);

	if (rc != 0)
		return rc;
	if (!client_active(c))
		return MARSH_ESTATE;
	if ((j = find(&c->joins, r)) == NULL)
		return MARSH_ENOENT;
	if ((rc = reserve(c, &c->leaves)) != 0)
		return rc;
	erase(&c->joins, j);
	if (!l3_range_single(r))
		erase(&c->blocks, j);
	j->leaving = true;
	j->again = c->state != MARS_CLIENT_REGISTERED;
	j->confirmed = false;
	insert(&c->leaves, j);
	client_xact_start(c, &j->x);
	return 0;
}

/* A LEAVE is answered: blocks may have waited for it. */
static void
retracted(struct mars_client *c, struct join *j)
{
	erase(&c->leaves, j);
	destroy(c, j);
	if (c->state != MARS_CLIENT_REGISTERED)
		return;
	for (size_t i = 0; i < c->blocks.n; i++)
		if (c->blocks.v[i]->x.st == XACT_PARKED)
			start(c, c->blocks.v[i]);
}

/* The transaction that a copy of |op| for |r| ends, or NULL. */
static struct join *
answered(const struct mars_client *c, unsigned op, const struct l3_range *r)
{
	struct join *j = op == MARS_JOIN ? find(&c->joins, r) : NULL;

	if (j == NULL && (j = find(&c->leaves, r)) != NULL
	    && j->again != (op == MARS_JOIN))
		j = NULL;
	return j != NULL && client_xact_open(&j->x) ? j : NULL;
}

/*
 * client_rx_copy ends the transaction that |m|, whose source we are, is a copy
 * of: same op, register bit, sequence, pnum and first pair; valid only with
 * copy set and punched clear (5.2.2).
 */
void
client_rx_copy(struct mars_client *c, struct mtime now,
    const struct mars_msg *m)
{
	const uint16_t want = MARS_FLAG_COPY;
	struct l3_range r;
	struct join *j;

	(void)now;
	if ((m->flags & ~MARS_FLAG_LAYER3GRP) != want || m->pnum != 1
	    || mars_pair(m, 0, &r) != 0)
		return;
	if ((j = answered(c, m->op, &r)) == NULL)
		return;
	client_xact_off(c, &j->x);
	if (j->again) {
		j->again = false;
		client_xact_start(c, &j->x);
	} else if (j->leaving) {
		retracted(c, j);
	} else {
		j->confirmed = true;
	}
}

static void
each(struct mars_client *c, struct joinv *v,
    void (*f)(struct mars_client *, struct join *))
{
	for (size_t i = 0; i < v->n; i++)
		f(c, v->v[i]);
}

static void
park(struct mars_client *c, struct join *j)
{
	if (j->x.st != XACT_OFF)
		client_xact_park(c, &j->x);
}

/* client_rx_park stops all repeats: nobody is there to answer. */
void
client_rx_park(struct mars_client *c)
{
	each(c, &c->joins, park);
	each(c, &c->leaves, park);
}

static void
resume(struct mars_client *c, struct join *j)
{
	if (j->x.st == XACT_PARKED)
		start(c, j);
}

/* client_rx_resume sends what was kept back. */
void
client_rx_resume(struct mars_client *c)
{
	each(c, &c->joins, resume);
	each(c, &c->leaves, resume);
}

static void
arm_rejoin(struct mars_client *c, struct mtime now)
{
	if (c->rejoins.head != NULL)
		client_tmr_arm(c, &c->rejoin_t, mtime_add(now,
		    rng_span(&c->rng, c->cfg.rejoin_lo, c->cfg.rejoin_hi)));
}

static void
rejoin(struct mars_client *c, struct join *j)
{
	if (!j->leaving && !l3_range_single(&j->range)
	    && retracting(c, &j->range))
		client_xact_park(c, &j->x);
	else
		client_xact_rejoin(c, &j->x);
	j->again = j->leaving;
}

/*
 * client_rx_rejoin joins everything again, with a random delay before each
 * JOIN (5.4.1); leaves without an answer come last.  What was confirmed once
 * stays so: other members send to us all the while.
 *
 * They also send to us what we left in an outage, but the MARS may know nothing
 * of it any more, and a LEAVE by who is no member is told to nobody.  So
 * it is joined once more before it is left.
 */
void
client_rx_rejoin(struct mars_client *c, struct mtime now)
{
	each(c, &c->joins, rejoin);
	each(c, &c->leaves, rejoin);
	arm_rejoin(c, now);
}

/* client_rx_rejoin_due sends the next of them. */
void
client_rx_rejoin_due(struct mars_client *c, struct mtime now)
{
	if (c->rejoins.head != NULL)
		client_xact_start(c, c->rejoins.head);
	arm_rejoin(c, now);
}

static void
empty(struct mars_client *c, struct joinv *v)
{
	while (v->n > 0)
		destroy(c, v->v[--v->n]);
}

/* client_rx_clear forgets all joins. */
void
client_rx_clear(struct mars_client *c)
{
	c->blocks.n = 0;
	empty(c, &c->joins);
	empty(c, &c->leaves);
}
