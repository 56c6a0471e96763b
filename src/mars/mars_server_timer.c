/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One timer a member: the end of its hold, or its next leaf retry.  A skew heap
 * through links in the members, so that starting a timer never allocates and a
 * warm restart may start 65,535 of them.  Ties go to the lower CMI.
 */
#include <assert.h>

#include "mars_server_int.h"

static bool
earlier(const struct mars_db *db, unsigned a, unsigned b)
{
	int64_t ta = db_member(db, a)->timer, tb = db_member(db, b)->timer;

	return ta != tb ? ta < tb : a < b;
}

/* merge joins two heaps whose roots' parent is |up|; returns the root. */
static uint16_t
merge(const struct mars_db *db, uint16_t a, uint16_t b, uint16_t up)
{
	uint16_t root = 0, *link = &root, t;

	while (a != 0 && b != 0) {
		struct db_member *m;

		if (earlier(db, b, a)) {
			t = a;
			a = b;
			b = t;
		}
		m = db_member(db, a);
		m->up = up;
		*link = up = a;
		t = m->r;
		m->r = m->l; /* the sides change places: that balances */
		link = &m->l;
		a = t;
	}
	*link = a | b;
	if (*link != 0)
		db_member(db, *link)->up = up;
	return root;
}

void
timer_clear(struct mars_proto *p, unsigned cmi)
{
	struct db_member *m = db_member(&p->db, cmi), *up;
	uint16_t rest;

	if (m->timer == 0)
		return;
	rest = merge(&p->db, m->l, m->r, m->up);
	if (m->up == 0) {
		p->timers = rest;
	} else {
		up = db_member(&p->db, m->up);
		if (up->l == cmi)
			up->l = rest;
		else
			up->r = rest;
	}
	m->timer = 0;
	m->l = m->r = m->up = 0;
}

void
timer_set(struct mars_proto *p, unsigned cmi, struct mtime when)
{
	struct db_member *m = db_member(&p->db, cmi);

	timer_clear(p, cmi);
	m->timer = when.us != 0 ? when.us : 1;
	p->timers = merge(&p->db, p->timers, (uint16_t)cmi, 0);
}

struct mtime
timer_due(const struct mars_proto *p)
{
	if (p->timers == 0)
		return MTIME_NEVER;
	return (struct mtime){ db_member(&p->db, p->timers)->timer };
}

/* timer_check proves links and order of the heap, of |n| timers. */
const char *
timer_check(const struct mars_proto *p, uint32_t n)
{
	const struct mars_db *db = &p->db;
	uint32_t seen = 0;

	if (p->timers != 0 && db_member(db, p->timers)->up != 0)
		return "timers: root has a parent";
	for (int i = bits_next(db->used, 0); i >= 0;
	     i = bits_next(db->used, (unsigned)i + 1)) {
		const struct db_member *m = db_member(db, (unsigned)i);

		if (m->timer == 0)
			continue;
		seen++;
		if (m->up == 0 ? p->timers != i
			       : db_member(db, m->up)->l != i
			&& db_member(db, m->up)->r != i)
			return "timers: parent does not know child";
		if (m->up != 0 && earlier(db, (unsigned)i, m->up))
			return "timers: order";
	}
	return seen == n ? NULL : "timers: number";
}
