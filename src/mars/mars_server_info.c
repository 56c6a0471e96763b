/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reads, for those who show: nothing here changes the server, and nothing is
 * returned that outlives the next step.
 */
#include <string.h>

#include "mars_hash.h"
#include "mars_server_int.h"

static const struct mars_proto *
proto(const struct mars_server *s, unsigned index)
{
	return index < s->protos ? s->proto[index] : NULL;
}

bool
mars_server_proto(const struct mars_server *s, unsigned index,
    struct mars_proto_info *info)
{
	const struct mars_proto *p = proto(s, index);

	if (p == NULL)
		return false;
	*info = (struct mars_proto_info){ .pro = p->pro, .csn = p->csn,
		.members = p->db.members, .groups = p->db.groups,
		.blocks = p->db.blocks.n, .memberships = p->db.memberships,
		.ccvc = p->ccvc };
	return true;
}

static enum mars_leaf_state
leaf_state(const struct db_member *m)
{
	static const enum mars_leaf_state states[] = {
		[LEAF_NONE] = MARS_LEAF_NONE,
		[LEAF_WANTED] = MARS_LEAF_ADDING,
		[LEAF_ADDING] = MARS_LEAF_ADDING,
		[LEAF_UP] = MARS_LEAF_UP,
		[LEAF_WAITING] = MARS_LEAF_WAITING,
		[LEAF_FAR] = MARS_LEAF_FAR,
	};

	return states[m->leaf];
}

static bool
member(const struct mars_proto *p, unsigned cmi, struct mars_member_info *info)
{
	const struct db_member *m = db_member(&p->db, cmi);

	*info = (struct mars_member_info){ .cmi = (uint16_t)cmi,
		.addr = db_addr(&p->db, cmi), .leaf = leaf_state(m),
		.vc = m->vc, .groups = m->groups.n, .blocks = m->blocks_n };
	(void)l3_addr_set(&info->spa, m->spa, m->spa_len);
	return true;
}

bool
mars_server_next_member(const struct mars_server *s, unsigned index,
    unsigned cmi, struct mars_member_info *info)
{
	const struct mars_proto *p = proto(s, index);
	int i = p != NULL ? bits_next(p->db.used, cmi) : -1;

	return i >= 0 && member(p, (unsigned)i, info);
}

bool
mars_server_member(const struct mars_server *s, unsigned index,
    const struct atm_addr *a, struct mars_member_info *info)
{
	const struct mars_proto *p = proto(s, index);
	unsigned cmi = p != NULL ? db_find(&p->db, a) : 0;

	return cmi != 0 && member(p, cmi, info);
}

bool
mars_server_next_group(const struct mars_server *s, unsigned index,
    const struct l3_addr *after, struct mars_group_info *info)
{
	const struct mars_proto *p = proto(s, index);
	const struct db_group *g;
	struct order_pos at;
	uint32_t gid;

	if (p == NULL)
		return false;
	at = order_seek(&p->db.order, after);
	gid = order_at(&p->db.order, at);
	if (gid != 0 && after != NULL
	    && l3_same(db_group_addr(&p->db, gid), after)) {
		order_step(&p->db.order, &at);
		gid = order_at(&p->db.order, at);
	}
	if (gid == 0)
		return false;
	g = db_group(&p->db, gid);
	*info = (struct mars_group_info){ g->a, g->ids.n, g->layer3 };
	return true;
}

bool
mars_server_next_block(const struct mars_server *s, unsigned index,
    const struct l3_range *after, struct mars_block_info *info)
{
	const struct mars_proto *p = proto(s, index);
	uint32_t id = p != NULL ? blocks_after(&p->db.blocks, after) : 0;

	if (id == 0)
		return false;
	info->range = p->db.blocks.v[id].r;
	info->members = p->db.blocks.v[id].ids.n;
	return true;
}

unsigned
mars_server_group_next(const struct mars_server *s, unsigned index,
    const struct l3_addr *group, unsigned cmi)
{
	const struct mars_proto *p = proto(s, index);
	uint32_t gid;
	int single = -1, block = -1;

	if (p == NULL || group->len == 0)
		return 0;
	gid = db_group_find(&p->db, group);
	if (gid != 0)
		single = idset_next(&db_group(&p->db, gid)->ids, cmi);
	block = blocks_next(&p->db.blocks, group, cmi);
	if (single < 0 || (block >= 0 && block < single))
		single = block;
	return single < 0 ? 0 : (unsigned)single;
}

const struct atm_addr *
mars_server_list(const struct mars_server *s, size_t *n, bool *hard)
{
	*n = s->list_n;
	if (hard != NULL)
		*hard = s->hard;
	return s->list;
}

/* check_far proves what a member of another MARS, or going there, has not. */
static const char *
check_far(const struct db_member *m)
{
	if (m->moved && (m->old || m->tell || m->missing || m->came))
		return "far: moved, and yet held";
	if (m->moved && m->leaf != LEAF_UP && m->leaf != LEAF_ADDING
	    && m->leaf != LEAF_WANTED)
		return "far: moved, and yet no leaf";
	if (m->moved && m->timer != 0 && m->leaf != LEAF_UP)
		return "far: moved, and a timer";
	if (m->leaf != LEAF_FAR)
		return NULL;
	if (m->vc != 0 || m->timer != 0 || m->delay_ms != 0)
		return "far: a VC or a timer";
	if (m->old || m->tell || m->missing || m->moved || m->came)
		return "far: held";
	return NULL;
}

/* check_ccvc proves the counts and the queue of one protocol's CCVC. */
static const char *
check_ccvc(const struct mars_proto *p)
{
	uint32_t n[LEAF_FAR + 1] = { 0 }, timers = 0, wanted = 0;
	const char *bad;

	for (int i = bits_next(p->db.used, 0); i >= 0;
	     i = bits_next(p->db.used, (unsigned)i + 1)) {
		const struct db_member *m = db_member(&p->db, (unsigned)i);

		n[m->leaf]++;
		timers += m->timer != 0;
		if ((bad = check_far(m)) != NULL)
			return bad;
		if (!m->moved && (m->timer != 0)
		    != (m->leaf == LEAF_NONE || m->leaf == LEAF_WAITING
			|| (m->leaf == LEAF_UP && m->old)))
			return "leaf: timer and state differ";
	}
	for (unsigned cmi = p->want_head, prev = 0; cmi != 0;
	     prev = cmi, cmi = db_member(&p->db, cmi)->r) {
		const struct db_member *m = db_member(&p->db, cmi);

		if (m->leaf != LEAF_WANTED || m->l != prev
		    || ++wanted > n[LEAF_WANTED])
			return "leaf: queue";
	}
	if (wanted != n[LEAF_WANTED] || n[LEAF_UP] != p->up
	    || n[LEAF_FAR] != p->far
	    || n[LEAF_ADDING] + p->ghosts != p->adding)
		return "leaf: counts";
	if (p->state == CCVC_NONE
	    ? p->up + p->adding != 0 || p->ccvc != 0
	    : p->ccvc == 0)
		return "leaf: there is no VC";
	if (p->state == CCVC_OPENING && (p->up != 0 || p->adding != 1))
		return "leaf: more than the first before the answer";
	return timer_check(p, timers);
}

const char *
mars_server_check(const struct mars_server *s)
{
	const char *bad;

	for (unsigned i = 0; i < s->protos; i++) {
		if (s->proto[i]->index != i)
			return "protocol: index";
		if ((bad = db_check(&s->proto[i]->db)) != NULL
		    || (bad = check_ccvc(s->proto[i])) != NULL)
			return bad;
	}
	if ((bad = change_check(s)) != NULL)
		return bad;
	return vc_check(s);
}
