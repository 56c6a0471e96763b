/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CMIs kept for addresses that are no members, or not for ever.  Where several
 * MARSs serve one LIS (RFC 2443 section 2), a client that comes back to any of
 * them is to find the CMI it had: what is kept is given to nobody else.
 *
 * Invariant: one address has one CMI and one CMI one address, by membership,
 * kept, or both.
 */
#include <string.h>

#include "marsh/base/err.h"
#include "mars_db.h"

static bool
is_kept(const struct db_kept *k, const struct atm_addr *a)
{
	return k->tl == a->tl && k->stl == a->stl
	    && memcmp(k->num, a->num, ATM_NSAP_LEN) == 0
	    && (k->sub == NULL || memcmp(k->sub, a->sub, ATM_NSAP_LEN) == 0);
}

static struct atm_addr
kept_addr(const struct db_kept *k)
{
	struct atm_addr a = { .tl = k->tl, .stl = k->stl };

	memcpy(a.num, k->num, ATM_NSAP_LEN);
	if (k->sub != NULL)
		memcpy(a.sub, k->sub, ATM_NSAP_LEN);
	return a;
}

/* find returns the place of |a| from 1, or 0; |*pos| is that in the index. */
static uint32_t
find(const struct mars_db *db, const struct atm_addr *a, uint32_t *pos)
{
	const struct db_keeps *k = &db->keeps;
	uint32_t h = db_addr_hash(db, a), id;

	for (id = index_first(&k->by_addr, h, pos); id != 0;
	     id = index_next(&k->by_addr, h, pos))
		if (is_kept(&k->v[id - 1], a))
			break;
	return id;
}

unsigned
db_kept(const struct mars_db *db, const struct atm_addr *a)
{
	uint32_t pos, id;

	if (db->keeps.n == 0)
		return 0;
	id = find(db, a, &pos);
	return id != 0 ? db->keeps.v[id - 1].cmi : 0;
}

static bool
is_reserved(const struct mars_db *db, unsigned cmi)
{
	return db->keeps.cmis != NULL
	    && (db->keeps.cmis[cmi / 64] >> cmi % 64 & 1) != 0;
}

bool
db_may_have(const struct mars_db *db, const struct atm_addr *a, unsigned cmi)
{
	unsigned has = db_find(db, a), kept = db_kept(db, a);

	if ((has != 0 && has != cmi) || (kept != 0 && kept != cmi))
		return false;
	return (has != 0 || !db_taken(db, cmi))
	    && (kept != 0 || !is_reserved(db, cmi));
}

static int
reserve(struct mars_db *db)
{
	struct db_keeps *k = &db->keeps;
	void *v = k->v;

	if (k->cmis == NULL)
		k->cmis = mem_alloc(db->mem, IDSET_WORDS * sizeof(*k->cmis));
	if (k->cmis == NULL
	    || mem_grow(db->mem, &v, &k->cap, k->n + 1, sizeof(*k->v)) != 0)
		return MARSH_ENOMEM;
	k->v = v;
	return index_reserve(&k->by_addr, db->mem);
}

int
db_keep(struct mars_db *db, const struct atm_addr *a, unsigned cmi)
{
	struct db_keeps *k = &db->keeps;
	struct db_kept new = { .tl = a->tl, .stl = a->stl,
		.cmi = (uint16_t)cmi };

	if (!db_may_have(db, a, cmi))
		return MARSH_EEXIST;
	if (db_kept(db, a) != 0)
		return 0;
	if (reserve(db) != 0)
		return MARSH_ENOMEM;
	memcpy(new.num, a->num, ATM_NSAP_LEN);
	if (a->stl != 0) {
		new.sub = mem_alloc(db->mem, ATM_NSAP_LEN);
		if (new.sub == NULL)
			return MARSH_ENOMEM;
		memcpy(new.sub, a->sub, ATM_NSAP_LEN);
	}
	k->v[k->n++] = new;
	index_add(&k->by_addr, db_addr_hash(db, a), (uint32_t)k->n);
	k->cmis[cmi / 64] |= (uint64_t)1 << cmi % 64;
	return 0;
}

bool
db_forget(struct mars_db *db, const struct atm_addr *a, unsigned cmi)
{
	struct db_keeps *k = &db->keeps;
	uint32_t pos, id;
	struct atm_addr last;

	if (db_kept(db, a) != cmi || cmi == 0)
		return false;
	id = find(db, a, &pos);
	index_del(&k->by_addr, pos);
	mem_free(db->mem, k->v[id - 1].sub, ATM_NSAP_LEN);
	k->cmis[cmi / 64] &= ~((uint64_t)1 << cmi % 64);
	if (id != k->n) { /* the last one fills the gap */
		last = kept_addr(&k->v[k->n - 1]);
		(void)find(db, &last, &pos);
		index_set(&k->by_addr, pos, id);
		k->v[id - 1] = k->v[k->n - 1];
	}
	k->n--;
	return true;
}

void
db_keeps_fini(struct mars_db *db)
{
	struct db_keeps *k = &db->keeps;

	for (size_t i = 0; i < k->n; i++)
		mem_free(db->mem, k->v[i].sub, ATM_NSAP_LEN);
	mem_free(db->mem, k->v, k->cap * sizeof(*k->v));
	mem_free(db->mem, k->cmis, IDSET_WORDS * sizeof(*k->cmis));
	index_fini(&k->by_addr, db->mem);
	*k = (struct db_keeps){ .v = NULL };
}

/* db_keeps_check proves the invariant, and that all can be found. */
const char *
db_keeps_check(const struct mars_db *db)
{
	const struct db_keeps *k = &db->keeps;
	uint32_t pos, bits = 0;

	for (unsigned i = 0; k->cmis != NULL && i < IDSET_WORDS; i++)
		for (uint64_t w = k->cmis[i]; w != 0; w &= w - 1)
			bits++;
	if (k->n != bits || k->n != k->by_addr.n)
		return "kept: number";
	for (size_t i = 0; i < k->n; i++) {
		struct atm_addr a = kept_addr(&k->v[i]);

		if (find(db, &a, &pos) != i + 1)
			return "kept: not found under its address";
		if (!is_reserved(db, k->v[i].cmi))
			return "kept: a CMI that is not marked";
		if (!db_may_have(db, &a, k->v[i].cmi))
			return "kept: a CMI that is another's";
	}
	return NULL;
}
