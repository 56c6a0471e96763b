/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The database's invariants, proved the slow way for tests and simulators:
 * both directions of membership agree, every count is the count of something,
 * everything that exists can be found under its key and in its order.
 */
#include <string.h>

#include "mars_db.h"
#include "mars_hash.h"

static const char *
check_blocks(const struct mars_db *db, unsigned cmi, const struct db_member *m)
{
	const struct block *v = db->blocks.v;
	const struct l3_addr *far = NULL;

	for (uint32_t i = 0; i < m->blocks_n; i++) {
		const struct block *b = &v[m->blocks[i].id];

		if (blocks_find(&db->blocks, &b->r) != m->blocks[i].id)
			return "member: a block that is not in the tree";
		if (!idset_has(&b->ids, (uint16_t)cmi))
			return "member: a block does not know it";
		if (i > 0
		    && range_order(&v[m->blocks[i - 1].id].r, &b->r) >= 0)
			return "member: blocks out of order";
		if (far == NULL || l3_order(&b->r.max, far) > 0)
			far = &b->r.max;
		if (l3_order(&v[m->blocks[i].far].r.max, far) != 0)
			return "member: farthest block is wrong";
	}
	return NULL;
}

static const char *
check_member(const struct mars_db *db, unsigned cmi)
{
	const struct db_member *m = db_member(db, cmi);
	struct atm_addr a = db_addr(db, cmi);
	uint32_t n = 0;

	if (db_find(db, &a) != cmi)
		return "member: not found under its address";
	if ((m->sub != NULL) != (m->stl != 0))
		return "member: subaddress";
	for (uint32_t i = 0; i < gset_size(&m->groups); i++) {
		uint32_t gid = m->groups.slot[i] & GSET_ID;

		if (gid == 0)
			continue;
		if (gid > db->gused || db_group(db, gid)->a.len == 0)
			return "member: a group that is not there";
		if (!idset_has(&db_group(db, gid)->ids, (uint16_t)cmi))
			return "member: a group does not know it";
		if (gset_find(&m->groups, gid) != &m->groups.slot[i])
			return "member: group set cannot find its own";
		n++;
	}
	if (n != m->groups.n)
		return "member: number of groups";
	return check_blocks(db, cmi, m);
}

static const char *
check_group(const struct mars_db *db, uint32_t gid)
{
	const struct db_group *g = db_group(db, gid);
	uint32_t layer3 = 0;

	if (db_group_find(db, &g->a) != gid)
		return "group: not found under its address";
	if (g->ids.n == 0)
		return "group: without members";
	for (int i = idset_next(&g->ids, 0); i >= 0;
	     i = idset_next(&g->ids, (unsigned)i + 1)) {
		const uint32_t *slot;

		if (!db_taken(db, (unsigned)i))
			return "group: an id that is no member";
		slot = gset_find(&db_member(db, (unsigned)i)->groups, gid);
		if (slot == NULL)
			return "group: a member does not know it";
		layer3 += (*slot & GSET_LAYER3) != 0;
	}
	if (layer3 != g->layer3)
		return "group: layer 3 count";
	return idset_check(&g->ids);
}

static const char *
check_members(const struct mars_db *db)
{
	uint64_t singles = 0, own = 0, in_blocks = 0;
	uint32_t n = 0, odd = 0;

	for (int i = bits_next(db->used, 0); i >= 0;
	     i = bits_next(db->used, (unsigned)i + 1)) {
		const struct db_member *m = db_member(db, (unsigned)i);
		const char *bad = check_member(db, (unsigned)i);

		if (bad != NULL)
			return bad;
		n++;
		odd += m->tl != ATM_NSAP_LEN;
		singles += m->groups.n;
		own += m->blocks_n;
	}
	for (uint32_t id = blocks_after(&db->blocks, NULL); id != 0;
	     id = blocks_after(&db->blocks, &db->blocks.v[id].r))
		in_blocks += db->blocks.v[id].ids.n;
	if (own != in_blocks)
		return "database: block memberships";
	if (n != db->members || n != db->by_addr.n || odd != db->odd)
		return "database: number of members";
	return singles == db->memberships ? NULL : "database: memberships";
}

const char *
db_check(const struct mars_db *db)
{
	const struct l3_addr *prev = NULL;
	struct order_pos p = order_seek(&db->order, NULL);
	uint64_t singles = 0;
	uint32_t n = 0, gid;
	const char *bad = check_members(db);

	for (; bad == NULL && (gid = order_at(&db->order, p)) != 0;
	     order_step(&db->order, &p)) {
		const struct l3_addr *a = db_group_addr(db, gid);

		bad = check_group(db, gid);
		if (prev != NULL && l3_order(prev, a) >= 0)
			return "database: groups out of order";
		prev = a;
		singles += db_group(db, gid)->ids.n;
		n++;
	}
	if (bad != NULL)
		return bad;
	if (n != db->groups || n != db->by_group.n)
		return "database: number of groups";
	if (singles != db->memberships)
		return "database: memberships of groups";
	bad = db_keeps_check(db);
	return bad != NULL ? bad : blocks_check(&db->blocks);
}
