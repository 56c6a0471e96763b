/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Cache Record List (RFC 2334 sections 2.2.2.1 and 2.2.3): a summary stands
 * in one of two lists, those that the outstanding CSUS asked for, in its order,
 * and the others.  A new CSUS begins with putting the first list before the
 * second one.
 */
#include "scsp_crl.h"

#include <assert.h>

#include "marsh/base/err.h"
#include "scsp_names.h"

#define ASKED 1 /* by the outstanding CSUS */
#define NEWER 2 /* and replaced since by a newer summary */

struct scsp_crl {
	const struct mem *mem;
	struct scsp_names names;
	struct scsp_list asked, other;
	size_t nasked, n;
	uint32_t given; /* by scsp_crl_next; 0: none, or gone */
	uint32_t next;  /* what scsp_crl_next gives */
};

static struct scsp_name *
item(const struct scsp_crl *l, uint32_t h)
{
	return scsp_pool_at(&l->names.pool, h);
}

struct scsp_crl *
scsp_crl_new(const struct mem *mem)
{
	struct scsp_crl *l = mem_alloc(mem, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->mem = mem;
	scsp_names_init(&l->names, mem);
	return l;
}

void
scsp_crl_seed(struct scsp_crl *l, uint64_t seed)
{
	assert(scsp_crl_count(l) == 0);
	l->names.key = scsp_hash_seed(seed);
}

void
scsp_crl_free(struct scsp_crl *l)
{
	if (l == NULL)
		return;
	scsp_names_fini(&l->names);
	mem_free(l->mem, l, sizeof(*l));
}

void
scsp_crl_clear(struct scsp_crl *l)
{
	scsp_names_fini(&l->names);
	l->asked = l->other = (struct scsp_list){ 0, 0 };
	l->nasked = l->n = 0;
	l->given = l->next = 0;
}

int
scsp_crl_add(struct scsp_crl *l, const struct scsp_rec *r)
{
	uint32_t h = scsp_names_find(&l->names, r->key, r->orig);
	struct scsp_name *s;

	if (h != 0) {
		s = item(l, h);
		if (r->seq > s->seq) {
			s->seq = r->seq;
			if (s->flags & ASKED)
				s->flags |= NEWER;
		}
		return 0;
	}
	h = scsp_names_add(&l->names, r->key, r->orig, sizeof(*s));
	if (h == 0)
		return MARSH_ENOMEM;
	item(l, h)->seq = r->seq;
	scsp_list_append(&l->other, &l->names.pool, h);
	if (l->next == 0)
		l->next = h;
	l->n++;
	return 0;
}

/* Takes |h| out of its list. */
static void
leave(struct scsp_crl *l, uint32_t h)
{
	struct scsp_name *s = item(l, h);

	if (l->next == h)
		l->next = s->node.next;
	if (l->given == h)
		l->given = 0;
	if (s->flags & ASKED) {
		scsp_list_remove(&l->asked, &l->names.pool, h);
		l->nasked--;
	} else
		scsp_list_remove(&l->other, &l->names.pool, h);
	s->flags = 0;
}

bool
scsp_crl_answer(struct scsp_crl *l, struct scsp_oct key, struct scsp_oct orig,
    int32_t seq, bool null)
{
	uint32_t h = scsp_names_find(&l->names, key, orig);
	const struct scsp_name *s;

	if (h == 0)
		return false;
	s = item(l, h);
	if (null || seq >= s->seq || (s->seq == SCSP_SEQ_LAST
	    && seq == SCSP_SEQ_FIRST)) { /* the purge is over */
		leave(l, h);
		scsp_names_del(&l->names, h);
		l->n--;
	} else if (s->flags & NEWER) {
		/* The CSUS got what it asked for; the newer one is the next
		 * one's. */
		leave(l, h);
		scsp_list_append(&l->other, &l->names.pool, h);
		if (l->next == 0)
			l->next = h;
	}
	return true;
}

size_t
scsp_crl_count(const struct scsp_crl *l)
{
	return l->n;
}

size_t
scsp_crl_asked(const struct scsp_crl *l)
{
	return l->nasked;
}

void
scsp_crl_begin(struct scsp_crl *l)
{
	/* One CSUS asks for a message's worth of them. */
	for (uint32_t h = l->asked.head; h != 0; h = item(l, h)->node.next)
		item(l, h)->flags = 0;
	scsp_list_move(&l->asked, &l->names.pool, &l->other);
	l->other = l->asked;
	l->asked = (struct scsp_list){ 0, 0 };
	l->nasked = 0;
	l->given = 0;
	l->next = l->other.head;
}

bool
scsp_crl_next(struct scsp_crl *l, struct scsp_rec *r)
{
	const struct scsp_name *s;

	l->given = l->next;
	if (l->given == 0)
		return false;
	s = item(l, l->given);
	l->next = s->node.next;
	*r = (struct scsp_rec){ .hop = 1, .seq = s->seq,
		.key = scsp_name_key(s), .orig = scsp_name_orig(s) };
	return true;
}

void
scsp_crl_take(struct scsp_crl *l)
{
	uint32_t h = l->given;

	if (h == 0)
		return;
	leave(l, h);
	item(l, h)->flags = ASKED;
	scsp_list_append(&l->asked, &l->names.pool, h);
	l->nasked++;
}

size_t
scsp_crl_memory(const struct scsp_crl *l)
{
	return sizeof(*l) + scsp_names_memory(&l->names);
}

static const char *
list_check(const struct scsp_crl *l, const struct scsp_list *list,
    unsigned asked, size_t *n)
{
	uint32_t prev = 0;

	for (uint32_t h = list->head; h != 0; h = item(l, h)->node.next) {
		const struct scsp_name *s = item(l, h);

		if (s->node.prev != prev || (s->flags & ASKED) != asked)
			return "crl: a summary in the wrong list";
		if (scsp_names_find(&l->names, scsp_name_key(s),
		    scsp_name_orig(s)) != h)
			return "crl: a summary is not found by its name";
		prev = h;
		(*n)++;
	}
	return list->tail == prev ? NULL : "crl: a list ends elsewhere";
}

const char *
scsp_crl_check(const struct scsp_crl *l)
{
	const char *bad = scsp_index_check(&l->names.index);
	size_t asked = 0, other = 0;

	if (bad == NULL)
		bad = list_check(l, &l->asked, ASKED, &asked);
	if (bad == NULL)
		bad = list_check(l, &l->other, 0, &other);
	if (bad != NULL)
		return bad;
	return asked == l->nasked && asked + other == l->n
	    && l->names.index.n == l->n ? NULL : "crl: counted wrong";
}
