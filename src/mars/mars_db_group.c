/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Groups and blocks of the database.  Single-group and block memberships are
 * recorded separately (MARS-171), because a later block LEAVE must not end what
 * a single JOIN began, nor the other way round.  A group exists exactly while
 * it has members by single join.
 */
#include <assert.h>
#include <string.h>

#include "marsh/base/err.h"
#include "mars_db.h"
#include "mars_hash.h"

const struct l3_addr *
db_group_addr(const void *ctx, uint32_t gid)
{
	return &db_group(ctx, gid)->a;
}

static uint32_t
group_find(const struct mars_db *db, uint32_t h, const struct l3_addr *g)
{
	uint32_t pos, id;

	for (id = index_first(&db->by_group, h, &pos); id != 0;
	     id = index_next(&db->by_group, h, &pos))
		if (l3_same(&db_group(db, id)->a, g))
			break;
	return id;
}

uint32_t
db_group_find(const struct mars_db *db, const struct l3_addr *g)
{
	return group_find(db, hash_octets(db->seed, g->b, g->len), g);
}

static int
reserve_group(struct mars_db *db)
{
	size_t need = ((size_t)db->gused + 1) / DB_PAGE + 1;
	void *v = db->gpage;

	if (index_reserve(&db->by_group, db->mem) != 0
	    || order_reserve(&db->order, db->mem) != 0)
		return MARSH_ENOMEM;
	if (db->gfree != 0 || need <= db->gpage_n)
		return 0;
	if (db->gused >= GSET_ID - 1
	    || mem_grow(db->mem, &v, &db->gpage_cap, need, sizeof(*db->gpage))
		!= 0)
		return MARSH_ENOMEM;
	db->gpage = v;
	v = mem_alloc(db->mem, DB_PAGE * sizeof(**db->gpage));
	if (v == NULL)
		return MARSH_ENOMEM;
	db->gpage[db->gpage_n++] = v;
	return 0;
}

/* add_group makes |g| exist with the ids |ids|; room is reserved. */
static uint32_t
add_group(struct mars_db *db, uint32_t h, const struct l3_addr *g,
    struct idset ids)
{
	uint32_t gid = db->gfree;

	if (gid != 0)
		db->gfree = db_group(db, gid)->layer3;
	else
		gid = ++db->gused;
	*db_group(db, gid) = (struct db_group){ .a = *g, .ids = ids };
	index_add(&db->by_group, h, gid);
	order_add(&db->order, gid);
	db->groups++;
	return gid;
}

int
db_join(struct mars_db *db, unsigned cmi, const struct l3_addr *g, bool layer3,
    bool *changed)
{
	uint32_t h = hash_octets(db->seed, g->b, g->len);
	uint32_t gid = group_find(db, h, g), *slot;
	struct db_member *m = db_member(db, cmi);
	struct idset fresh = { .n = 0 };
	struct idset *ids = gid != 0 ? &db_group(db, gid)->ids : &fresh;

	*changed = false;
	if (gid != 0 && (slot = gset_find(&m->groups, gid)) != NULL) {
		if (layer3 && (*slot & GSET_LAYER3) == 0) {
			*slot |= GSET_LAYER3;
			db_group(db, gid)->layer3++;
		}
		return 0;
	}
	if (gset_reserve(&m->groups, db->mem) != 0
	    || (gid == 0 && reserve_group(db) != 0)
	    || idset_reserve(ids, db->mem) != 0)
		return MARSH_ENOMEM;
	idset_add(ids, (uint16_t)cmi);
	if (gid == 0)
		gid = add_group(db, h, g, fresh);
	gset_add(&m->groups, gid | (layer3 ? GSET_LAYER3 : 0));
	db_group(db, gid)->layer3 += layer3;
	db->memberships++;
	*changed = true;
	return 0;
}

/* db_block_place returns where |r| is or belongs among the blocks of |m|. */
uint32_t
db_block_place(const struct mars_db *db, const struct db_member *m,
    const struct l3_range *r)
{
	uint32_t lo = 0, hi = m->blocks_n;

	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (range_order(&db->blocks.v[m->blocks[mid].id].r, r) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* renew sets |far| of the blocks from |i| on, until nothing changes. */
static void
renew(const struct mars_db *db, struct db_member *m, uint32_t i, uint32_t least)
{
	const struct block *v = db->blocks.v;

	for (; i < m->blocks_n; i++) {
		uint32_t far = m->blocks[i].id;

		if (i > 0
		    && l3_order(&v[m->blocks[i - 1].far].r.max, &v[far].r.max)
			>= 0)
			far = m->blocks[i - 1].far;
		if (far == m->blocks[i].far && i >= least)
			break;
		m->blocks[i].far = far;
	}
}

bool
db_joined(const struct mars_db *db, unsigned cmi, const struct l3_range *r)
{
	uint32_t id = blocks_find(&db->blocks, r);

	return id != 0 && idset_has(&db->blocks.v[id].ids, (uint16_t)cmi);
}

static int
reserve_own(struct mars_db *db, struct db_member *m)
{
	uint32_t cap = m->blocks_cap ? m->blocks_cap * 2 : 2;
	struct own_block *v;

	if (m->blocks_n < m->blocks_cap)
		return 0;
	v = mem_resize(db->mem, m->blocks, m->blocks_cap * sizeof(*v),
	    cap * sizeof(*v));
	if (v == NULL)
		return MARSH_ENOMEM;
	m->blocks = v;
	m->blocks_cap = cap;
	return 0;
}

int
db_block_join(struct mars_db *db, unsigned cmi, const struct l3_range *r)
{
	struct db_member *m = db_member(db, cmi);
	uint32_t id = blocks_find(&db->blocks, r), i;
	struct idset fresh = { .n = 0 };

	if (reserve_own(db, m) != 0
	    || (id == 0 && blocks_reserve(&db->blocks, db->mem) != 0)
	    || idset_reserve(id ? &db->blocks.v[id].ids : &fresh, db->mem)
		!= 0)
		return MARSH_ENOMEM;
	if (id == 0) {
		id = blocks_add(&db->blocks, r);
		db->blocks.v[id].ids = fresh;
	}
	idset_add(&db->blocks.v[id].ids, (uint16_t)cmi);
	i = db_block_place(db, m, r);
	memmove(m->blocks + i + 1, m->blocks + i,
	    (m->blocks_n - i) * sizeof(*m->blocks));
	m->blocks[i] = (struct own_block){ .id = id };
	m->blocks_n++;
	renew(db, m, i, i + 1);
	return 0;
}

void
db_block_leave(struct mars_db *db, unsigned cmi, const struct l3_range *r)
{
	struct db_member *m = db_member(db, cmi);
	uint32_t i = db_block_place(db, m, r), id = m->blocks[i].id;
	struct block *b = &db->blocks.v[id];

	assert(i < m->blocks_n && range_order(&b->r, r) == 0);
	m->blocks_n--;
	memmove(m->blocks + i, m->blocks + i + 1,
	    (m->blocks_n - i) * sizeof(*m->blocks));
	/* Every later entry may have named this block as its farthest. */
	renew(db, m, i, UINT32_MAX);
	idset_del(&b->ids, db->mem, (uint16_t)cmi);
	if (b->ids.n == 0)
		blocks_del(&db->blocks, id);
}

bool
db_in_block(const struct mars_db *db, unsigned cmi, const struct l3_addr *g)
{
	const struct db_member *m = db_member(db, cmi);
	uint32_t lo = 0, hi = m->blocks_n;

	while (lo < hi) { /* the first block that starts behind |g| */
		uint32_t mid = lo + (hi - lo) / 2;

		if (l3_order(&db->blocks.v[m->blocks[mid].id].r.min, g) <= 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo > 0
	    && l3_order(&db->blocks.v[m->blocks[lo - 1].far].r.max, g) >= 0;
}

static uint32_t
bits_count(const uint64_t *bits)
{
	uint32_t n = 0;

	for (unsigned i = 0; i < IDSET_WORDS; i++)
		for (uint64_t w = bits[i]; w != 0; w &= w - 1)
			n++;
	return n;
}

const struct idset *
db_of_group(const struct mars_db *db, const struct l3_addr *g,
    struct idset *tmp, uint64_t *bits)
{
	static const struct idset none = { .n = 0 };
	uint32_t gid = db_group_find(db, g);
	const struct idset *ids = gid != 0 ? &db_group(db, gid)->ids : &none;

	if (!blocks_hit(&db->blocks, g))
		return ids;
	memset(bits, 0, IDSET_WORDS * sizeof(*bits));
	idset_or(ids, bits);
	blocks_stab(&db->blocks, g, bits);
	*tmp = (struct idset){ .u.bits = bits, .n = bits_count(bits),
		.cap = IDSET_BITMAP };
	return tmp;
}
