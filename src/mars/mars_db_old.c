/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Old memberships: those of a member that was out of reach.  Who registers
 * again joins again what it wants to be in (RFC 2022 section 5.4.1), so a
 * membership that was not joined again is one that its member forgot.
 */
#include "mars_db.h"
#include "mars_hash.h"

bool
db_age(struct mars_db *db, unsigned cmi)
{
	struct db_member *m = db_member(db, cmi);

	for (uint32_t i = 0; i < gset_size(&m->groups); i++)
		if (m->groups.slot[i] != 0)
			m->groups.slot[i] |= GSET_OLD;
	for (uint32_t i = 0; i < m->blocks_n; i++)
		m->blocks[i].old = 1;
	return m->groups.n + m->blocks_n != 0;
}

bool
db_set_old(struct mars_db *db, unsigned cmi, const struct l3_range *r,
    bool old)
{
	struct db_member *m = db_member(db, cmi);
	uint32_t *slot, i;

	if (!l3_same(&r->min, &r->max)) {
		i = db_block_place(db, m, r);
		if (i == m->blocks_n || m->blocks[i].old == old
		    || range_order(&db->blocks.v[m->blocks[i].id].r, r) != 0)
			return false;
		m->blocks[i].old = old;
		return true;
	}
	i = db_group_find(db, &r->min);
	slot = i != 0 ? gset_find(&m->groups, i) : NULL;
	if (slot == NULL || ((*slot & GSET_OLD) != 0) == old)
		return false;
	*slot ^= GSET_OLD;
	return true;
}

bool
db_oldest(const struct mars_db *db, unsigned cmi, struct l3_range *r)
{
	const struct db_member *m = db_member(db, cmi);

	for (uint32_t i = 0; i < m->blocks_n; i++)
		if (m->blocks[i].old) {
			*r = db->blocks.v[m->blocks[i].id].r;
			return true;
		}
	for (uint32_t i = 0; i < gset_size(&m->groups); i++)
		if (m->groups.slot[i] & GSET_OLD) {
			r->min = r->max = *db_group_addr(db,
			    m->groups.slot[i] & GSET_ID);
			return true;
		}
	return false;
}
