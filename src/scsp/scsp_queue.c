/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The retransmit queue (RFC 2334 section 2.3).  A CSA stands in one list: those
 * to be retransmitted, those that wait for the first time, or those of one CSU
 * Request.  Requests stand in a list of their own; all timers are equally long,
 * so the first one is always the next to run out.
 */
#include "scsp_queue.h"

#include <assert.h>

#include "marsh/base/err.h"
#include "scsp_names.h"

#define AGAIN 1  /* waits in the list of those to be retransmitted */
#define ISNULL 2 /* a Null record */

struct csa {
	struct scsp_name name;
	uint32_t request; /* 0: waits */
	uint16_t hop, tries;
};

struct request {
	struct scsp_node node;
	struct scsp_list csas;
	uint32_t n;
	struct mtime until;
};

struct scsp_queue {
	const struct mem *mem;
	struct mspan rexmt;
	struct scsp_names names;
	struct scsp_pool requests; /* struct request, 8-aligned */
	struct scsp_list again, fresh, open;
	size_t n, waiting, nopen;
	uint32_t building; /* the request between begin and end */
	uint32_t given;    /* by scsp_queue_next; 0: none, or gone */
	uint32_t next;     /* what scsp_queue_next gives */
};

static struct csa *
csa(const struct scsp_queue *q, uint32_t h)
{
	return scsp_pool_at(&q->names.pool, h);
}

static struct request *
request(const struct scsp_queue *q, uint32_t h)
{
	return scsp_pool_at(&q->requests, h);
}

struct scsp_queue *
scsp_queue_new(const struct mem *mem, struct mspan rexmt)
{
	struct scsp_queue *q = mem_alloc(mem, sizeof(*q));

	if (q == NULL)
		return NULL;
	q->mem = mem;
	q->rexmt = rexmt;
	scsp_names_init(&q->names, mem);
	scsp_pool_init(&q->requests, mem, 8);
	return q;
}

void
scsp_queue_seed(struct scsp_queue *q, uint64_t seed)
{
	assert(scsp_queue_count(q) == 0);
	q->names.key = scsp_hash_seed(seed);
}

void
scsp_queue_free(struct scsp_queue *q)
{
	if (q == NULL)
		return;
	scsp_names_fini(&q->names);
	scsp_pool_fini(&q->requests);
	mem_free(q->mem, q, sizeof(*q));
}

void
scsp_queue_clear(struct scsp_queue *q)
{
	scsp_names_fini(&q->names);
	scsp_pool_fini(&q->requests);
	q->again = q->fresh = q->open = (struct scsp_list){ 0, 0 };
	q->n = q->waiting = q->nopen = 0;
	q->building = q->given = q->next = 0;
}

/* ---- lists -------------------------------------------------------------- */

/* What waits behind |h|. */
static uint32_t
behind(const struct scsp_queue *q, uint32_t h)
{
	const struct csa *c = csa(q, h);

	if (c->name.node.next == 0 && c->name.flags & AGAIN)
		return q->fresh.head;
	return c->name.node.next;
}

static void
request_close(struct scsp_queue *q, uint32_t id)
{
	scsp_list_remove(&q->open, &q->requests, id);
	scsp_pool_put(&q->requests, id);
	q->nopen--;
}

/* Takes |h| out of its list: untied from its timer, whose last one stops it. */
static void
leave(struct scsp_queue *q, uint32_t h)
{
	struct csa *c = csa(q, h);

	if (q->next == h)
		q->next = behind(q, h);
	if (q->given == h)
		q->given = 0;
	if (c->request != 0) {
		struct request *r = request(q, c->request);

		scsp_list_remove(&r->csas, &q->names.pool, h);
		if (--r->n == 0 && c->request != q->building)
			request_close(q, c->request);
		c->request = 0;
		return;
	}
	scsp_list_remove(c->name.flags & AGAIN ? &q->again : &q->fresh,
	    &q->names.pool, h);
	c->name.flags &= ~AGAIN;
	q->waiting--;
}

static void
wait_fresh(struct scsp_queue *q, uint32_t h)
{
	scsp_list_append(&q->fresh, &q->names.pool, h);
	q->waiting++;
	if (q->next == 0)
		q->next = h;
}

static void
drop(struct scsp_queue *q, uint32_t h)
{
	leave(q, h);
	scsp_names_del(&q->names, h);
	q->n--;
}

/* ---- queueing and acknowledgements -------------------------------------- */

int
scsp_queue_add(struct scsp_queue *q, const struct scsp_csa *c)
{
	uint32_t h = scsp_names_find(&q->names, c->key, c->orig);
	struct csa *i;

	if (h == 0) {
		h = scsp_names_add(&q->names, c->key, c->orig, sizeof(*i));
		if (h == 0)
			return MARSH_ENOMEM;
		q->n++;
	} else {
		i = csa(q, h);
		if (i->request == 0 && i->name.seq == c->seq) {
			if (c->hop > i->hop)
				i->hop = c->hop;
			i->name.flags = (uint8_t)((i->name.flags & AGAIN)
			    | (c->null ? ISNULL : 0));
			return 0;
		}
		leave(q, h);
	}
	i = csa(q, h);
	i->name.seq = c->seq;
	i->name.flags = c->null ? ISNULL : 0;
	i->hop = c->hop;
	i->tries = 0;
	wait_fresh(q, h);
	return 0;
}

enum scsp_acked
scsp_queue_ack(struct scsp_queue *q, const struct scsp_rec *r)
{
	uint32_t h = scsp_names_find(&q->names, r->key, r->orig);
	int32_t seq;

	if (h == 0)
		return SCSP_ACK_NONE;
	seq = csa(q, h)->name.seq;
	if (seq > r->seq)
		return SCSP_ACK_OLD;
	drop(q, h);
	return seq == r->seq ? SCSP_ACK_DONE : SCSP_ACK_NEWER;
}

bool
scsp_queue_drop(struct scsp_queue *q, struct scsp_oct key,
    struct scsp_oct orig, int32_t seq)
{
	uint32_t h = scsp_names_find(&q->names, key, orig);

	if (h == 0 || csa(q, h)->name.seq != seq)
		return false;
	drop(q, h);
	return true;
}

/* ---- sending ------------------------------------------------------------ */

int
scsp_queue_begin(struct scsp_queue *q)
{
	assert(q->building == 0);
	q->building = scsp_pool_get(&q->requests, sizeof(struct request));
	if (q->building == 0)
		return MARSH_ENOMEM;
	*request(q, q->building) = (struct request){ .until = MTIME_NEVER };
	q->given = 0;
	q->next = q->again.head != 0 ? q->again.head : q->fresh.head;
	return 0;
}

bool
scsp_queue_next(struct scsp_queue *q, struct scsp_csa *c)
{
	const struct csa *i;

	assert(q->building != 0);
	q->given = q->next;
	if (q->given == 0)
		return false;
	q->next = behind(q, q->given);
	i = csa(q, q->given);
	*c = (struct scsp_csa){ .key = scsp_name_key(&i->name),
		.orig = scsp_name_orig(&i->name), .seq = i->name.seq,
		.hop = i->hop, .null = i->name.flags & ISNULL,
		.tries = i->tries };
	return true;
}

void
scsp_queue_take(struct scsp_queue *q)
{
	struct request *r = request(q, q->building);
	uint32_t h = q->given;
	struct csa *i;

	assert(q->building != 0 && h != 0);
	leave(q, h);
	i = csa(q, h);
	i->request = q->building;
	if (i->tries < UINT16_MAX)
		i->tries++;
	scsp_list_append(&r->csas, &q->names.pool, h);
	r->n++;
}

void
scsp_queue_skip(struct scsp_queue *q)
{
	assert(q->building != 0 && q->given != 0);
	drop(q, q->given);
}

size_t
scsp_queue_end(struct scsp_queue *q, struct mtime now)
{
	uint32_t id = q->building;
	struct request *r = request(q, id);
	size_t n = r->n;

	assert(id != 0);
	q->building = q->given = q->next = 0;
	if (n == 0) {
		scsp_pool_put(&q->requests, id);
		return 0;
	}
	r->until = mtime_add(now, q->rexmt);
	scsp_list_append(&q->open, &q->requests, id);
	q->nopen++;
	return n;
}

unsigned
scsp_queue_expire(struct scsp_queue *q, struct mtime now)
{
	unsigned most = 0;

	while (mtime_reached(scsp_queue_deadline(q), now)) {
		uint32_t id = q->open.head;
		struct request *r = request(q, id);

		for (uint32_t h = r->csas.head; h != 0;) {
			struct csa *i = csa(q, h);

			i->request = 0;
			i->name.flags |= AGAIN;
			if (i->tries > most)
				most = i->tries;
			h = i->name.node.next;
		}
		q->waiting += r->n;
		scsp_list_move(&q->again, &q->names.pool, &r->csas);
		request_close(q, id);
	}
	return most;
}

struct mtime
scsp_queue_deadline(const struct scsp_queue *q)
{
	return q->open.head != 0 ? request(q, q->open.head)->until
	    : MTIME_NEVER;
}

/* ---- reads -------------------------------------------------------------- */

size_t
scsp_queue_count(const struct scsp_queue *q)
{
	return q->n;
}

size_t
scsp_queue_waiting(const struct scsp_queue *q)
{
	return q->waiting;
}

size_t
scsp_queue_requests(const struct scsp_queue *q)
{
	return q->nopen;
}

size_t
scsp_queue_memory(const struct scsp_queue *q)
{
	return sizeof(*q) + scsp_names_memory(&q->names)
	    + scsp_pool_memory(&q->requests);
}

static const char *
list_check(const struct scsp_queue *q, const struct scsp_list *l,
    uint32_t of, unsigned again, size_t *n)
{
	uint32_t prev = 0;

	for (uint32_t h = l->head; h != 0; h = csa(q, h)->name.node.next) {
		const struct csa *i = csa(q, h);

		if (i->name.node.prev != prev || i->request != of
		    || (i->name.flags & AGAIN) != again)
			return "queue: a CSA in the wrong list";
		if (scsp_names_find(&q->names, scsp_name_key(&i->name),
		    scsp_name_orig(&i->name)) != h)
			return "queue: a CSA is not found by its name";
		prev = h;
		(*n)++;
	}
	return l->tail == prev ? NULL : "queue: a list ends elsewhere";
}

const char *
scsp_queue_check(const struct scsp_queue *q)
{
	const char *bad = scsp_index_check(&q->names.index);
	size_t waiting = 0, sent = 0, open = 0;

	if (bad == NULL)
		bad = list_check(q, &q->again, 0, AGAIN, &waiting);
	if (bad == NULL)
		bad = list_check(q, &q->fresh, 0, 0, &waiting);
	for (uint32_t id = q->open.head; bad == NULL && id != 0;
	    id = request(q, id)->node.next) {
		size_t n = 0;

		bad = list_check(q, &request(q, id)->csas, id, 0, &n);
		if (bad == NULL && (n == 0 || n != request(q, id)->n))
			bad = "queue: a request counted wrong";
		sent += n;
		open++;
	}
	if (bad == NULL && q->building != 0)
		bad = list_check(q, &request(q, q->building)->csas,
		    q->building, 0, &sent);
	if (bad != NULL)
		return bad;
	return waiting == q->waiting && waiting + sent == q->n
	    && q->names.index.n == q->n && open == q->nopen ? NULL
	    : "queue: counted wrong";
}
