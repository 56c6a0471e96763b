/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The groups of a block that one member joined singly, in order of address:
 * the holes of RFC 2022 section 6.1.2.  Either the member's own groups are
 * picked and sorted, or the ordered index is walked, whichever is less work.
 */
#include <string.h>

#include "marsh/base/err.h"
#include "mars_db.h"
#include "mars_hash.h"

/* sift puts v[i] where it belongs in the max-heap of |n| group ids. */
static void
sift(const struct mars_db *db, uint32_t *v, size_t i, size_t n)
{
	uint32_t id = v[i];
	size_t k;

	for (; (k = 2 * i + 1) < n; i = k) {
		if (k + 1 < n
		    && l3_order(db_group_addr(db, v[k]),
			   db_group_addr(db, v[k + 1]))
			< 0)
			k++;
		if (l3_order(db_group_addr(db, id), db_group_addr(db, v[k]))
		    >= 0)
			break;
		v[i] = v[k];
	}
	v[i] = id;
}

static void
sort(const struct mars_db *db, uint32_t *v, size_t n)
{
	for (size_t i = n / 2; i-- > 0;)
		sift(db, v, i, n);
	for (size_t i = n; i-- > 1;) {
		uint32_t id = v[0];

		v[0] = v[i];
		v[i] = id;
		sift(db, v, 0, i);
	}
}

static size_t
pick(const struct mars_db *db, const struct gset *s, const struct l3_range *r,
    uint32_t *v)
{
	size_t n = 0;

	for (uint32_t i = 0; i < gset_size(s); i++) {
		uint32_t id = s->slot[i] & GSET_ID;

		if (id != 0 && range_holds(r, db_group_addr(db, id)))
			v[n++] = id;
	}
	sort(db, v, n);
	return n;
}

static size_t
walk(const struct mars_db *db, const struct gset *s, const struct l3_range *r,
    uint32_t *v)
{
	struct order_pos p = order_seek(&db->order, &r->min);
	size_t n = 0;
	uint32_t id;

	for (; (id = order_at(&db->order, p)) != 0
	     && l3_order(db_group_addr(db, id), &r->max) <= 0;
	     order_step(&db->order, &p))
		if (gset_find(s, id) != NULL)
			v[n++] = id;
	return n;
}

int
db_singles(const struct mars_db *db, unsigned cmi, const struct l3_range *r,
    uint32_t **v, size_t *n, size_t *size)
{
	const struct gset *s = &db_member(db, cmi)->groups;

	*n = 0;
	*v = NULL;
	*size = s->n * sizeof(**v);
	if (s->n == 0)
		return 0;
	*v = mem_resize(db->mem, NULL, 0, *size);
	if (*v == NULL)
		return MARSH_ENOMEM;
	if (db->groups / 16 <= s->n)
		*n = walk(db, s, r, *v);
	else
		*n = pick(db, s, r, *v);
	return 0;
}
