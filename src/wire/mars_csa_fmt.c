/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One line of text for the MARS part of a record, for traces and people:
 * nothing from the wire reaches it but numbers and addresses in their text
 * forms.
 */
#include "line_int.h"
#include "mars_csa_int.h"

#define SHOWN 4 /* entries of a list; the rest is counted */

static void
add_more(struct line *l, unsigned n)
{
	if (n > SHOWN)
		line_add(l, " +%u", n - SHOWN);
}

static void
add_part(struct line *l, const struct mars_status_part *p)
{
	line_add(l, " %u %s %u", p->part, mars_role_word(p->role), p->priority);
	if (p->preempt)
		line_add(l, " preempt");
	if (p->ready)
		line_add(l, " ready");
	if (p->mode != MARS_MODE_NONE)
		line_add(l, p->mode == MARS_MODE_HARD ? " hard" : " soft");
	if (p->successor != 0)
		line_add(l, " to %u.%u.%u.%u", p->successor >> 24,
		    p->successor >> 16 & 0xff, p->successor >> 8 & 0xff,
		    p->successor & 0xff);
}

static void
add_status(struct line *l, const struct mars_csa *m)
{
	struct mars_status s;

	if (mars_status_read(m, &s, NULL) != 0) {
		line_add(l, " ?");
		return;
	}
	for (unsigned i = 0; i < s.parts && i < SHOWN; i++) {
		line_add(l, i ? "," : ":");
		add_part(l, &s.part[i]);
	}
	add_more(l, s.parts);
	for (unsigned i = 0; i < s.slices && i < SHOWN; i++)
		line_add(l, "%s%u:%u-%u", i ? "," : " cmi ", s.slice[i].part,
		    s.slice[i].lo, s.slice[i].hi);
	add_more(l, s.slices);
	line_add(l, " clients %u/%u%s aligned %u", s.clients, s.capacity,
	    s.no_new_clients ? " closed" : "", s.adjs);
}

static void
add_flags(struct line *l, const struct mars_csa *m)
{
	if (m->layer3grp)
		line_add(l, " layer3grp");
	if (m->reg)
		line_add(l, " register");
	if (m->sequence != 0)
		line_add(l, " seq %u", m->sequence);
	if (m->cmi != 0)
		line_add(l, " cmi %u", m->cmi);
}

char *
mars_csa_format(const struct mars_csa *m, char *buf, size_t cap)
{
	char atm[ATM_TEXT_MAX], l3[2 * L3_TEXT_MAX];
	struct line l = { buf, cap };

	if (cap != 0)
		buf[0] = '\0';
	line_add(&l, "%s from %s", mars_csa_word(m->state),
	    atm_addr_format(&m->addr, atm));
	if (m->spa.len != 0)
		line_add(&l, " at %s", l3_addr_format(&m->spa, l3));
	if (m->has_group)
		line_add(&l, " <%s>", l3_range_format(&m->group, l3));
	if (m->state == MARS_CSA_STATUS)
		add_status(&l, m);
	else
		add_flags(&l, m);
	return buf;
}
