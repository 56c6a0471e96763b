/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ways out, one for each group sent to: RFC 2022 section 5.1.  A path asks
 * the MARS for the members, sets its VC up, carries packets, and is closed when
 * idle, empty or replaced; after an empty answer it only holds new questions
 * back (5.1.1).
 *
 * Invariant: |paths| is ordered by group, |lo| and |hi| are its ends, |groups|
 * has a bit for each; a path with leaves to add or drop, or packets to send, is
 * in |work|.
 */
#include "mars_client_int.h"

/* client_path_from returns the index of the first path not below |g|. */
size_t
client_path_from(const struct mars_client *c, const uint8_t *g, size_t len)
{
	size_t lo = 0, hi = c->paths_n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		const struct l3_addr *a = &c->paths[mid]->group;
		int d = a->len != len ? (a->len < len ? -1 : 1)
				      : memcmp(a->b, g, len);

		if (d < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* client_path_find returns the path to |g|, or NULL. */
struct path *
client_path_find(const struct mars_client *c, const struct l3_addr *g)
{
	size_t i = client_path_from(c, g->b, g->len);

	return i < c->paths_n && l3_addr_cmp(&c->paths[i]->group, g) == 0
	    ? c->paths[i] : NULL;
}

/* With very many paths every bit is set anyhow. */
#define BITS_OF 64

static void
ends(struct mars_client *c)
{
	if (c->paths_n <= BITS_OF) {
		c->groups = 0;
		for (size_t i = 0; i < c->paths_n; i++)
			c->groups |= client_group_bit(c->paths[i]->group.b,
			    c->paths[i]->group.len);
	}
	if (c->paths_n == 0)
		return;
	c->lo = c->paths[0]->group;
	c->hi = c->paths[c->paths_n - 1]->group;
}

static int
rooms(struct mars_client *c)
{
	size_t n = c->paths_n + 1;
	void *v;
	int rc;

	v = c->paths;
	if ((rc = mem_grow(c->mem, &v, &c->paths_cap, n, sizeof(*c->paths))))
		return rc;
	c->paths = v;
	v = c->vcs;
	if ((rc = mem_grow(c->mem, &v, &c->vcs_cap, n, sizeof(*c->vcs))))
		return rc;
	c->vcs = v;
	v = c->rel;
	if ((rc = mem_grow(c->mem, &v, &c->rel_cap, n + CTL_MAX + 4,
	    sizeof(*c->rel))))
		return rc;
	c->rel = v;
	return client_tmr_reserve(c, 3);
}

/* client_path_new makes the path to |g|; 0 or MARSH_ENOMEM. */
int
client_path_new(struct mars_client *c, const struct l3_addr *g,
    struct path **pp)
{
	size_t i = client_path_from(c, g->b, g->len);
	struct path *p;
	int rc = rooms(c);

	if (rc != 0)
		return rc;
	p = mem_alloc(c->mem, sizeof(*p));
	if (p == NULL) {
		c->tmrs -= 3;
		return MARSH_ENOMEM;
	}
	*p = (struct path){ .state = PATH_NEW, .group = *g,
	    .t.kind = TMR_PATH, .reval_t.kind = TMR_REVAL };
	client_xact_init(&p->ask, XACT_ASK);
	memmove(c->paths + i + 1, c->paths + i,
	    (c->paths_n - i) * sizeof(*c->paths));
	c->paths[i] = p;
	c->paths_n++;
	ends(c);
	c->groups |= client_group_bit(g->b, g->len);
	*pp = p;
	return 0;
}

static const char *
word(unsigned state)
{
	return state == PATH_NEW ? "-" : mars_path_state_word(state);
}

static void
trace_state(struct mars_client *c, struct mtime now, const struct path *p,
    const char *to)
{
	struct l3_range r = { p->group, p->group };

	trace_emit(c->trace, now, &(struct trace_ev){ .kind = TRACE_STATE,
	    .what = "path", .from = word(p->state), .to = to, .group = &r,
	    .ref = p->vc, .n = p->count[LEAF_UP] });
}

/* client_path_go moves |p| to |state|. */
void
client_path_go(struct mars_client *c, struct mtime now, struct path *p,
    unsigned state)
{
	if (p->state == state)
		return;
	trace_state(c, now, p, mars_path_state_word(state));
	p->state = (uint8_t)state;
	client_tmr_off(c, &p->t);
	if (state == MARS_PATH_HELD)
		client_tmr_arm(c, &p->t, mtime_add(now,
		    rng_span(&c->rng, c->cfg.nak_lo, c->cfg.nak_hi)));
	if (state == MARS_PATH_UP) {
		p->used = now;
		client_tmr_arm(c, &p->t, mtime_add(now, c->cfg.data_idle));
	}
}

/* client_path_work puts |p| in line for client_run. */
void
client_path_work(struct mars_client *c, struct path *p)
{
	if (p->working)
		return;
	p->working = true;
	p->wnext = NULL;
	p->wprev = c->work.tail;
	if (p->wprev != NULL)
		p->wprev->wnext = p;
	else
		c->work.head = p;
	c->work.tail = p;
}

/* client_path_rest takes |p| out of the line. */
void
client_path_rest(struct mars_client *c, struct path *p)
{
	if (!p->working)
		return;
	p->working = false;
	if (p->wprev != NULL)
		p->wprev->wnext = p->wnext;
	else
		c->work.head = p->wnext;
	if (p->wnext != NULL)
		p->wnext->wprev = p->wprev;
	else
		c->work.tail = p->wprev;
}

/* client_path_drop_pending discards the packets that wait. */
void
client_path_drop_pending(struct mars_client *c, struct mtime now,
    struct path *p, unsigned reason)
{
	while (p->pend_n > 0) {
		frame_unref(p->pend[p->pend_head]);
		p->pend_head = (p->pend_head + 1) % c->cfg.pending_max;
		p->pend_n--;
		if (reason < MARS_CLIENT_DROP_COUNT)
			client_drop(c, now, 0, (enum mars_client_drop)reason);
	}
	mem_free(c->mem, p->pend, c->cfg.pending_max * sizeof(*p->pend));
	p->pend = NULL;
	p->pend_head = 0;
}

/* client_path_free releases the memory of |p| and its reservations. */
void
client_path_free(struct mars_client *c, struct path *p)
{
	size_t i = client_path_from(c, p->group.b, p->group.len);

	client_path_drop_pending(c, MTIME_NEVER, p, MARS_CLIENT_DROP_COUNT);
	client_ask_stop(c, p);
	if (p->vc != 0)
		client_vc_del(c, p);
	client_set_clear(c, p);
	client_path_rest(c, p);
	client_tmr_forget(c, &p->ask.t);
	client_tmr_forget(c, &p->t);
	client_tmr_forget(c, &p->reval_t);
	assert(c->paths[i] == p);
	c->paths_n--;
	memmove(c->paths + i, c->paths + i + 1,
	    (c->paths_n - i) * sizeof(*c->paths));
	ends(c);
	mem_free(c->mem, p, sizeof(*p));
}

/*
 * client_path_close ends the path: its VC is released, waiting packets are
 * lost.  Only a question that a command asked goes on.
 */
void
client_path_close(struct mars_client *c, struct mtime now, struct path *p)
{
	client_leaf_release(c, p);
	client_set_clear(c, p);
	client_path_drop_pending(c, now, p, MARS_CLIENT_DROP_NO_PATH);
	client_tmr_off(c, &p->reval_t);
	p->reval = p->reval_new = false;
	if (p->query) {
		client_path_go(c, now, p, MARS_PATH_ASKING);
		return;
	}
	trace_state(c, now, p, "Closed");
	client_path_free(c, p);
}

/*
 * client_path_hold: nobody else is in the group.  What waits is discarded
 * silently and no REQUEST goes out for 5 to 10 seconds (5.1.1).
 */
void
client_path_hold(struct mars_client *c, struct mtime now, struct path *p)
{
	client_leaf_release(c, p);
	client_set_clear(c, p);
	client_path_drop_pending(c, now, p, MARS_CLIENT_DROP_NAK);
	client_ask_stop(c, p);
	client_tmr_off(c, &p->reval_t);
	p->reval = p->reval_new = false;
	client_path_go(c, now, p, MARS_PATH_HELD);
}

/* client_path_timer: hold-down or idle period over (5.1.1, 5.1.3). */
void
client_path_timer(struct mars_client *c, struct mtime now, struct path *p)
{
	struct mtime end = mtime_add(p->used, c->cfg.data_idle);

	if (p->state == MARS_PATH_UP && !mtime_reached(end, now))
		client_tmr_arm(c, &p->t, end);
	else
		client_path_close(c, now, p);
}

/* client_path_request asks for the members of |g| on behalf of a command. */
int
client_path_request(struct mars_client *c, struct mtime now,
    const struct l3_addr *g)
{
	struct l3_range r = { *g, *g };
	struct path *p;
	int rc = client_range_ok(c, &r);

	if (rc != 0)
		return rc;
	if (!client_active(c))
		return MARSH_ESTATE;
	p = client_path_find(c, g);
	if (p != NULL && p->state == MARS_PATH_HELD) {
		c->ans_rc = MARSH_ENOENT;
		client_drop(c, now, MARS_REQUEST, MARS_CLIENT_DROP_HOLD_DOWN);
		return 0;
	}
	if (p == NULL) {
		if ((rc = client_path_new(c, g, &p)) != 0)
			return rc;
		client_path_go(c, now, p, MARS_PATH_ASKING);
	}
	p->query = true;
	if (p->ask.st == XACT_OFF)
		client_ask_start(c, p);
	return 0;
}

/* client_path_shut closes the VC of |g| as a command asks. */
int
client_path_shut(struct mars_client *c, struct mtime now,
    const struct l3_addr *g)
{
	struct path *p = client_path_find(c, g);

	if (p == NULL || p->state == MARS_PATH_HELD)
		return MARSH_ENOENT;
	client_path_close(c, now, p);
	return 0;
}

/* client_path_park stops all questions; those of MARS problems are repeated. */
void
client_path_park(struct mars_client *c)
{
	for (size_t i = 0; i < c->paths_n; i++)
		if (c->paths[i]->ask.st != XACT_OFF) {
			client_ask_forget(c, c->paths[i]);
			client_xact_park(c, &c->paths[i]->ask);
		}
}

/*
 * client_path_resume asks again what was not answered.  A revalidation starts
 * anew with the next packet instead: its flag is still set.
 */
void
client_path_resume(struct mars_client *c)
{
	for (size_t i = 0; i < c->paths_n; i++) {
		struct path *p = c->paths[i];

		if (p->ask.st == XACT_OFF)
			continue;
		client_ask_forget(c, p);
		if (p->state == MARS_PATH_ASKING || p->query)
			client_xact_start(c, &p->ask);
		else
			client_ask_stop(c, p);
	}
}

/* client_path_clear closes all paths. */
void
client_path_clear(struct mars_client *c, struct mtime now)
{
	while (c->paths_n > 0) {
		struct path *p = c->paths[c->paths_n - 1];

		p->query = false;
		client_path_close(c, now, p);
	}
}
