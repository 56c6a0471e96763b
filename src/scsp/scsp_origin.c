/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Our own records (RFC 2334 section B.2.0.2): their numbers, the purge at the
 * end of the number space, and what happens when one comes back that this
 * incarnation did not write.
 *
 * The last number, 0x7fffffff, purges: whoever has it takes the first number as
 * newer (scsp_newer).  The originator waits until every DCS acknowledged it or
 * showed to have it, and as long as it may take to every other server,
 * before it starts over.  A record with an empty body or the last number is a
 * withdrawal in every protocol.
 *
 * A record of ours that is newer than what we have is answered by ours,
 * RestartConstant above it: with our content, or where we have none, as
 * cfg.own says.  What this incarnation withdrew stays withdrawn.
 */
#include <string.h>

#include "marsh/base/err.h"
#include "scsp_int.h"

#define DEFEND_MAX 8 /* of one content; earlier lives are fewer */

/* scsp_is_withdrawn tells whether |r| is kept only as a tombstone. */
bool
scsp_is_withdrawn(const struct scsp_sg *g, const struct scsp_rec *r)
{
	const struct scsp_policy *p = g->cfg.policy;

	if (r->body.len == 0 || r->seq == SCSP_SEQ_LAST)
		return true;
	return p != NULL && p->withdrawn != NULL && p->withdrawn(r);
}

/* write makes |r| our own record and tells everybody. */
static int
write(struct scsp_sg *g, const struct scsp_rec *r)
{
	if (scsp_cache_set(g->cache, g->s->now, r, scsp_is_withdrawn(g, r),
		true) == NULL)
		return MARSH_ENOMEM;
	scsp_csu_flood(g, r, scsp_hops(g), NULL);
	return 0;
}

/* ---- the purge ---------------------------------------------------------- */

static struct scsp_purge *
purge_find(const struct scsp_sg *g, struct scsp_oct key)
{
	struct scsp_purge *p = g->purges;

	while (p != NULL && !(p->key_len == key.len
	    && memcmp(p->key, key.p, key.len) == 0))
		p = p->next;
	return p;
}

static void
purge_free(struct scsp_sg *g, struct scsp_purge *p)
{
	const struct mem *mem = &g->s->counted;

	mem_free(mem, p->body, p->len);
	mem_free(mem, p->left, p->left_cap * sizeof(*p->left));
	mem_free(mem, p, sizeof(*p));
}

static struct scsp_purge *
purge_new(struct scsp_sg *g, struct scsp_oct key, struct scsp_oct body)
{
	const struct mem *mem = &g->s->counted;
	struct scsp_purge *p = mem_alloc(mem, sizeof(*p));
	void *v = NULL;

	if (p == NULL)
		return NULL;
	if (body.len != 0) {
		p->body = mem_alloc(mem, body.len);
		if (p->body != NULL) {
			memcpy(p->body, body.p, body.len);
			p->len = body.len;
		}
	}
	if ((body.len != 0 && p->body == NULL)
	    || mem_grow(mem, &v, &p->left_cap, g->dcss + 1, sizeof(*p->left))
		!= 0) {
		purge_free(g, p);
		return NULL;
	}
	p->left = v;
	memcpy(p->left, g->dcs, g->dcss * sizeof(*p->left));
	p->lefts = g->dcss;
	p->key_len = (uint8_t)key.len;
	memcpy(p->key, key.p, key.len);
	return p;
}

/* purge writes the last number under |key|; |body| follows when it may. */
static int
purge(struct scsp_sg *g, struct scsp_oct key, struct scsp_oct body)
{
	struct scsp_purge *p = purge_new(g, key, body);
	struct scsp_rec r = { .key = key, .orig = g->s->cfg.id,
		.seq = SCSP_SEQ_LAST };

	if (p == NULL)
		return MARSH_ENOMEM;
	/* |key| and |body| may be the entry's own, which goes. */
	r.key.p = p->key;
	p->until = mtime_add(g->s->now, MSPAN_US(g->cfg.csu_rexmt.us
	    * (int64_t)g->cfg.csu_max * scsp_hops(g)));
	if (write(g, &r) != 0) {
		purge_free(g, p);
		return MARSH_ENOMEM;
	}
	p->next = g->purges;
	g->purges = p;
	return 0;
}

static void
purge_has(struct scsp_purge *p, const struct scsp_dcs *d)
{
	for (size_t i = 0; i < p->lefts; i++)
		if (p->left[i] == d) {
			p->left[i] = p->left[--p->lefts];
			return;
		}
}

/* scsp_origin_seen: |d| acknowledged |r| or showed to have it. */
void
scsp_origin_seen(struct scsp_sg *g, const struct scsp_dcs *d,
    const struct scsp_rec *r)
{
	struct scsp_purge *p;

	if (g->purges == NULL || r->seq != SCSP_SEQ_LAST
	    || !scsp_oct_equal(r->orig, g->s->cfg.id))
		return;
	p = purge_find(g, r->key);
	if (p != NULL)
		purge_has(p, d);
}

/* scsp_origin_gone: |d| is no DCS any more; nobody waits for it. */
void
scsp_origin_gone(struct scsp_sg *g, const struct scsp_dcs *d)
{
	for (struct scsp_purge *p = g->purges; p != NULL; p = p->next)
		purge_has(p, d);
}

static bool
over(const struct scsp_sg *g, const struct scsp_purge *p)
{
	return p->lefts == 0 && mtime_reached(p->until, g->s->now);
}

static int
start_over(struct scsp_sg *g, const struct scsp_purge *p)
{
	struct scsp_rec r = { .key = { p->key, p->key_len },
		.orig = g->s->cfg.id, .seq = SCSP_SEQ_FIRST,
		.body = { p->body, p->len } };

	return p->body != NULL ? write(g, &r) : 0;
}

/* scsp_origin_timer starts over where the purge is done (SCSP-124). */
void
scsp_origin_timer(struct scsp_sg *g)
{
	struct scsp_purge **pp = &g->purges, *p;

	while ((p = *pp) != NULL) {
		if (over(g, p) && start_over(g, p) == 0) {
			*pp = p->next;
			purge_free(g, p);
			continue;
		}
		if (over(g, p)) /* no memory now */
			p->until = mtime_add(g->s->now, MSPAN_SEC(1));
		pp = &p->next;
	}
}

struct mtime
scsp_origin_deadline(const struct scsp_sg *g)
{
	struct mtime t = MTIME_NEVER;

	for (const struct scsp_purge *p = g->purges; p != NULL; p = p->next)
		if (p->lefts == 0)
			t = mtime_min(t, p->until);
	return t;
}

void
scsp_origin_free(struct scsp_sg *g)
{
	struct scsp_purge *p;

	while ((p = g->purges) != NULL) {
		g->purges = p->next;
		purge_free(g, p);
	}
}

/* ---- what comes back ---------------------------------------------------- */

/*
 * above writes |r| with a number RestartConstant above |seq|, or purges.  It is
 * not below this incarnation's first: an earlier one may have answered the same
 * |seq| to a server that we cannot hear.
 */
static int
above(struct scsp_sg *g, struct scsp_rec *r, int32_t seq)
{
	int64_t to = (int64_t)seq + g->cfg.restart;

	if (to < g->cfg.first_seq)
		to = g->cfg.first_seq;
	if (seq == SCSP_SEQ_LAST || to >= SCSP_SEQ_LAST)
		return purge(g, r->key, r->body);
	r->seq = (int32_t)to;
	return write(g, r);
}

/*
 * scsp_origin_defend answers |r|, which bears our ID and is newer than our entry
 * |e| (NULL: none).  Returns 1 when it did, 0 when |r| is to be stored like any
 * other, or MARSH_ENOMEM.
 *
 * Two servers with one ID would answer each other without end.  Content of this
 * life that was beaten so often is left as it is until it changes, and every
 * further attempt is counted as what it is, a misconfiguration.
 */
int
scsp_origin_defend(struct scsp_sg *g, const struct scsp_rec *r,
    const struct scsp_entry *e, const struct atm_addr *from)
{
	struct scsp_rec w = *r;
	unsigned n;
	int err;

	if (e != NULL && scsp_entry_defended(e) >= DEFEND_MAX) {
		scsp_same_id(g->s, SCSP_CSU_REQ, from);
		return 1;
	}
	if (purge_find(g, r->key) != NULL) {
		if (e != NULL)
			return 1; /* who sent this will see the purge */
		w.seq = SCSP_SEQ_LAST; /* its tombstone went meanwhile */
		w.body.len = 0;
		err = write(g, &w);
		return err != 0 ? err : 1;
	}
	if (e != NULL && scsp_entry_own(e)) {
		scsp_entry_rec(e, &w);
	} else if (scsp_is_withdrawn(g, r)) {
		return 0;
	} else if (g->cfg.own == SCSP_OWN_WITHDRAW) {
		w.body.len = 0;
	}
	n = e != NULL ? scsp_entry_defended(e) : 0;
	err = above(g, &w, r->seq);
	if (err != 0)
		return err;
	scsp_entry_defend(scsp_cache_find(g->cache, r->key, r->orig), n + 1);
	return 1;
}

/* ---- verbs -------------------------------------------------------------- */

/* fits: whatever ID the DCS has, the record finds room in one message. */
static bool
fits(const struct scsp_sg *g, const struct scsp_rec *r)
{
	size_t head = SCSP_FIXED_LEN + SCSP_MCP_LEN + g->s->cfg.id.len
	    + SCSP_AUTH_LEN, id = g->s->cfg.id.len;

	for (size_t i = 0; i < g->dcss; i++)
		if (g->dcs[i]->h->id_len > id)
			id = g->dcs[i]->h->id_len;
	return head + id + scsp_csa_size(r) <= g->s->cfg.mtu;
}

/* put writes |r| with the number that follows |e|'s (SCSP-122, SCSP-126). */
static int
put(struct scsp_sg *g, struct scsp_rec *r, const struct scsp_entry *e)
{
	if (e == NULL) {
		r->seq = g->cfg.first_seq;
		return write(g, r);
	}
	if (!scsp_entry_own(e))
		return above(g, r, scsp_entry_seq(e));
	if (scsp_entry_seq(e) == SCSP_SEQ_LAST) {
		r->seq = SCSP_SEQ_FIRST;
		return write(g, r);
	}
	if (scsp_entry_seq(e) >= SCSP_SEQ_LAST - 1)
		return purge(g, r->key, r->body);
	r->seq = scsp_entry_seq(e) + 1;
	return write(g, r);
}

static bool
unchanged(const struct scsp_entry *e, const struct scsp_rec *r)
{
	struct scsp_rec was;

	if (e == NULL || !scsp_entry_own(e))
		return false;
	scsp_entry_rec(e, &was);
	return scsp_oct_equal(was.body, r->body)
	    && scsp_entry_seq(e) != SCSP_SEQ_LAST;
}

int
scsp_put(struct scsp *s, struct mtime now, unsigned group,
    struct scsp_oct key, struct scsp_oct body)
{
	struct scsp_rec r = { .key = key, .orig = s->cfg.id, .body = body };
	const struct scsp_entry *e;
	struct scsp_sg *g;

	s->now = now;
	if (group >= s->sgs || key.len == 0 || key.len > SCSP_ID_MAX
	    || body.len == 0 || !fits(g = s->sg[group], &r))
		return MARSH_EINVAL;
	if (purge_find(g, key) != NULL)
		return MARSH_ESTATE;
	e = scsp_cache_find(g->cache, key, r.orig);
	return unchanged(e, &r) ? 0 : put(g, &r, e);
}

int
scsp_remove(struct scsp *s, struct mtime now, unsigned group,
    struct scsp_oct key)
{
	struct scsp_rec r = { .key = key, .orig = s->cfg.id };
	const struct scsp_entry *e;
	struct scsp_sg *g;

	s->now = now;
	if (group >= s->sgs || key.len == 0 || key.len > SCSP_ID_MAX)
		return MARSH_EINVAL;
	g = s->sg[group];
	if (purge_find(g, key) != NULL)
		return MARSH_ESTATE;
	e = scsp_cache_find(g->cache, key, r.orig);
	if (e == NULL || scsp_entry_tombstone(e))
		return MARSH_ENOENT;
	return put(g, &r, e);
}
