/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One line of text for a decoded message, for traces and people.  Nothing from
 * the wire reaches the line but numbers and addresses in their text forms, so a
 * peer cannot put control characters on a terminal; a line that does not fit is
 * cut, never overrun.
 */
#include "line_int.h"
#include "mars_int.h"

#define SHOWN 4 /* entries of a list; the rest is counted */

static void
add_atm(struct line *l, int rv, const struct atm_addr *a)
{
	char text[ATM_TEXT_MAX];

	line_add(l, "%s", rv == 0 ? atm_addr_format(a, text) : "?");
}

static void
add_l3(struct line *l, int rv, const struct l3_addr *a)
{
	char text[L3_TEXT_MAX];

	line_add(l, "%s", rv == 0 ? l3_addr_format(a, text) : "?");
}

static void
add_pairs(struct line *l, const struct mars_msg *m)
{
	char text[2 * L3_TEXT_MAX];
	struct l3_range r;

	if (m->pnum == 0 || m->tpln == 0)
		return;
	line_add(l, " <");
	for (unsigned i = 0; i < m->pnum && i < SHOWN; i++)
		line_add(l, "%s%s", i ? ", " : "", mars_pair(m, i, &r) == 0
			? l3_range_format(&r, text) : "?");
	if (m->pnum > SHOWN)
		line_add(l, " +%u", m->pnum - SHOWN);
	line_add(l, ">");
}

static void
add_list(struct line *l, const struct mars_msg *m, enum mars_shape shape)
{
	struct atm_addr a;
	struct l3_addr g;

	for (unsigned i = 0; i < m->tnum && i < SHOWN; i++) {
		line_add(l, i ? ", " : shape == SHAPE_G ? " <" : " to ");
		if (shape == SHAPE_G)
			add_l3(l, mars_listed_group(m, i, &g), &g);
		else
			add_atm(l, mars_target(m, i, &a), &a);
	}
	if (m->tnum > SHOWN)
		line_add(l, " +%u", m->tnum - SHOWN);
	if (m->tnum == 0)
		line_add(l, " empty");
	else if (shape == SHAPE_G)
		line_add(l, ">");
}

static void
add_flags(struct line *l, const struct mars_msg *m)
{
	static const struct {
		uint16_t bit;
		const char *word;
	} words[] = {
		{ MARS_FLAG_LAYER3GRP, " layer3grp" },
		{ MARS_FLAG_COPY, " copy" },
		{ MARS_FLAG_REGISTER, " register" },
		{ MARS_FLAG_PUNCHED, " punched" },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (m->flags & words[i].bit)
			line_add(l, "%s", words[i].word);
	if (m->flags & MARS_FLAG_SEQUENCE)
		line_add(l, " seq %u", m->flags & MARS_FLAG_SEQUENCE);
	if (m->cmi != 0)
		line_add(l, " cmi %u", m->cmi);
}

static void
add_source(struct line *l, const struct mars_msg *m)
{
	struct atm_addr a;
	struct l3_addr p;

	line_add(l, "%s from ", mars_op_word(m->op));
	add_atm(l, mars_src(m, &a), &a);
	if (m->spln != 0) {
		line_add(l, " at ");
		add_l3(l, l3_addr_set(&p, m->spa, m->spln), &p);
	}
}

char *
mars_format(const struct mars_msg *m, char *buf, size_t cap)
{
	enum mars_shape shape = mars_shape(m->op);
	struct line l = { buf, cap };
	struct l3_addr g;

	if (cap != 0)
		buf[0] = '\0';
	if (shape == SHAPE_NONE)
		return buf;
	add_source(&l, m);
	if (shape == SHAPE_R || shape == SHAPE_M) {
		line_add(&l, " <");
		add_l3(&l, mars_group(m, &g), &g);
		line_add(&l, ">");
	}
	if (shape == SHAPE_J)
		add_pairs(&l, m);
	if (shape != SHAPE_R)
		line_add(&l, " msn %lu", (unsigned long)m->msn);
	if (shape == SHAPE_J) {
		add_flags(&l, m);
		return buf;
	}
	if (shape == SHAPE_R)
		return buf;
	if (m->op != MARS_MIGRATE)
		line_add(&l, " part %u%s", m->part, m->last ? " last" : "");
	if (shape == SHAPE_D)
		line_add(&l, m->hard ? " hard" : " soft");
	add_list(&l, m, shape);
	return buf;
}
