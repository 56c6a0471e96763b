/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Members: RFC 2022 section 6.1.2's CMIs are small dense numbers, so a member
 * is a place in a page, and everything else about it names it by 16 bits.  An
 * ATM endpoint is Number and Subaddress, and both must match (section 3).
 * Everything that can fail is reserved before anything is changed.
 */
#include "mars_db.h"

#include <assert.h>
#include <string.h>

#include "marsh/base/err.h"
#include "mars_hash.h"

#define TL_NSAP ATM_NSAP_LEN

void
db_init(struct mars_db *db, const struct mem *mem, uint64_t seed)
{
	memset(db, 0, sizeof(*db));
	db->mem = mem;
	rng_seed(&db->blocks.rng, seed);
	db->seed = rng_u64(&db->blocks.rng);
	db->order.addr = db_group_addr;
	db->order.ctx = db;
}

void
db_fini(struct mars_db *db)
{
	int cmi;

	while ((cmi = bits_next(db->used, 0)) >= 0)
		db_remove(db, (unsigned)cmi);
	for (unsigned i = 0; i < DB_PAGES; i++)
		mem_free(db->mem, db->page[i], sizeof(**db->page));
	for (size_t i = 0; i < db->gpage_n; i++)
		mem_free(db->mem, db->gpage[i], DB_PAGE * sizeof(**db->gpage));
	mem_free(db->mem, db->gpage, db->gpage_cap * sizeof(*db->gpage));
	index_fini(&db->by_addr, db->mem);
	index_fini(&db->by_group, db->mem);
	order_fini(&db->order, db->mem);
	blocks_fini(&db->blocks, db->mem);
	db_keeps_fini(db);
}

uint32_t
db_addr_hash(const struct mars_db *db, const struct atm_addr *a)
{
	uint32_t h = hash_nsap(db->seed, a->num);

	if (a->stl != 0)
		h ^= hash_nsap(~db->seed, a->sub);
	return h;
}

unsigned
db_find_nsap(const struct mars_db *db, const uint8_t *nsap)
{
	uint32_t h = hash_nsap(db->seed, nsap), pos, id;

	for (id = index_first(&db->by_addr, h, &pos); id != 0;
	     id = index_next(&db->by_addr, h, &pos))
		if (nsap_same(db_number(db, id), nsap)
		    && db_member(db, id)->tl == TL_NSAP)
			break;
	return id;
}

static bool
is_addr(const struct mars_db *db, unsigned cmi, const struct atm_addr *a)
{
	const struct db_member *m = db_member(db, cmi);

	return m->tl == a->tl && m->stl == a->stl
	    && memcmp(db_number(db, cmi), a->num, ATM_NSAP_LEN) == 0
	    && (m->sub == NULL || memcmp(m->sub, a->sub, ATM_NSAP_LEN) == 0);
}

unsigned
db_find(const struct mars_db *db, const struct atm_addr *a)
{
	uint32_t h = db_addr_hash(db, a), pos, id;

	for (id = index_first(&db->by_addr, h, &pos); id != 0;
	     id = index_next(&db->by_addr, h, &pos))
		if (is_addr(db, id, a))
			break;
	return id;
}

struct atm_addr
db_addr(const struct mars_db *db, unsigned cmi)
{
	const struct db_member *m = db_member(db, cmi);
	struct atm_addr a = { .tl = m->tl, .stl = m->stl };

	memcpy(a.num, db_number(db, cmi), ATM_NSAP_LEN);
	if (m->sub != NULL)
		memcpy(a.sub, m->sub, ATM_NSAP_LEN);
	return a;
}

unsigned
db_free_cmi(const struct mars_db *db, unsigned lo, unsigned hi)
{
	for (unsigned i = lo / 64; i <= hi / 64; i++) {
		uint64_t w = ~db->used[i];

		if (db->keeps.cmis != NULL)
			w &= ~db->keeps.cmis[i];
		if (i == lo / 64)
			w &= ~(uint64_t)0 << lo % 64;
		if (w != 0) {
			unsigned cmi = i * 64 + bits_ctz(w);

			return cmi <= hi ? cmi : 0;
		}
	}
	return 0;
}

static int
reserve_member(struct mars_db *db, unsigned cmi)
{
	struct db_page **p = &db->page[cmi / DB_PAGE];

	if (*p == NULL && (*p = mem_alloc(db->mem, sizeof(**p))) == NULL)
		return MARSH_ENOMEM;
	return index_reserve(&db->by_addr, db->mem);
}

int
db_add(struct mars_db *db, const struct atm_addr *a, unsigned cmi)
{
	struct db_member *m;
	uint8_t *sub = NULL;

	assert(cmi != 0 && cmi <= UINT16_MAX && !db_taken(db, cmi));
	if (reserve_member(db, cmi) != 0)
		return MARSH_ENOMEM;
	if (a->stl != 0) {
		sub = mem_alloc(db->mem, ATM_NSAP_LEN);
		if (sub == NULL)
			return MARSH_ENOMEM;
		memcpy(sub, a->sub, ATM_NSAP_LEN);
	}
	m = db_member(db, cmi);
	*m = (struct db_member){ .tl = a->tl, .stl = a->stl, .sub = sub };
	memcpy(db->page[cmi / DB_PAGE]->num[cmi % DB_PAGE], a->num,
	    ATM_NSAP_LEN);
	index_add(&db->by_addr, db_addr_hash(db, a), cmi);
	db->used[cmi / 64] |= (uint64_t)1 << cmi % 64;
	db->odd += a->tl != TL_NSAP;
	db->members++;
	return 0;
}

/* drop_id takes |cmi| out of group |gid|; the last member ends the group. */
static void
drop_id(struct mars_db *db, unsigned cmi, uint32_t gid, bool layer3)
{
	struct db_group *g = db_group(db, gid);

	idset_del(&g->ids, db->mem, (uint16_t)cmi);
	g->layer3 -= layer3;
	db->memberships--;
	if (g->ids.n != 0)
		return;
	order_del(&db->order, db->mem, gid);
	index_remove(&db->by_group, hash_octets(db->seed, g->a.b, g->a.len),
	    gid);
	g->a.len = 0;
	g->layer3 = db->gfree;
	db->gfree = gid;
	db->groups--;
}

bool
db_leave(struct mars_db *db, unsigned cmi, const struct l3_addr *g)
{
	struct db_member *m = db_member(db, cmi);
	uint32_t gid = db_group_find(db, g), *slot;
	bool layer3;

	slot = gid != 0 ? gset_find(&m->groups, gid) : NULL;
	if (slot == NULL)
		return false;
	layer3 = (*slot & GSET_LAYER3) != 0;
	gset_del(&m->groups, db->mem, slot);
	drop_id(db, cmi, gid, layer3);
	return true;
}

void
db_remove(struct mars_db *db, unsigned cmi)
{
	struct db_member *m = db_member(db, cmi);
	struct atm_addr a = db_addr(db, cmi);

	for (uint32_t i = 0; i < gset_size(&m->groups); i++)
		if (m->groups.slot[i] != 0)
			drop_id(db, cmi, m->groups.slot[i] & GSET_ID,
			    (m->groups.slot[i] & GSET_LAYER3) != 0);
	gset_fini(&m->groups, db->mem);
	for (uint32_t i = 0; i < m->blocks_n; i++) {
		struct block *b = &db->blocks.v[m->blocks[i].id];

		idset_del(&b->ids, db->mem, (uint16_t)cmi);
		if (b->ids.n == 0)
			blocks_del(&db->blocks, m->blocks[i].id);
	}
	mem_free(db->mem, m->blocks, m->blocks_cap * sizeof(*m->blocks));
	mem_free(db->mem, m->sub, ATM_NSAP_LEN);
	index_remove(&db->by_addr, db_addr_hash(db, &a), cmi);
	db->used[cmi / 64] &= ~((uint64_t)1 << cmi % 64);
	db->odd -= m->tl != TL_NSAP;
	db->members--;
	memset(m, 0, sizeof(*m));
}
