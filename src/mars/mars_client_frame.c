/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The messages that a member sends: MARS_REQUEST (5.1.2), MARS_JOIN and
 * MARS_LEAVE (5.2.1), registration (5.2.3), MARS_GROUPLIST_REQUEST (5.3).
 * punched, copy, mar$cmi and mar$msn are zero in all of them, and
 * mar$flags.sequence too: transactions need no numbering scheme.
 */
#include "mars_client_int.h"

static void
pair(struct mars_msg *m, const struct l3_range *r, uint8_t b[2 * L3_MAX])
{
	memcpy(b, r->min.b, r->min.len);
	memcpy(b + r->min.len, r->max.b, r->max.len);
	m->tpln = r->min.len;
	m->pnum = 1;
	m->pairs = b;
}

/* A registration carries no group addresses: pnum and tpln are 0. */
static void
fill_reg(const struct mars_client *c, const struct xact *x, struct mars_msg *m)
{
	m->op = x->kind == XACT_REG && c->leaving ? MARS_LEAVE : MARS_JOIN;
	m->flags = MARS_FLAG_REGISTER;
}

static void
fill_join(const struct join *j, struct mars_msg *m, uint8_t b[2 * L3_MAX])
{
	m->op = j->leaving && !j->again ? MARS_LEAVE : MARS_JOIN;
	m->flags = j->layer3 ? MARS_FLAG_LAYER3GRP : 0;
	pair(m, &j->range, b);
}

/* client_frame makes the frame of |x| and tells its op; NULL: no memory. */
struct frame *
client_frame(struct mars_client *c, const struct xact *x, unsigned *op)
{
	struct mars_msg m = { .pro = c->pro };
	const struct path *p;
	uint8_t src[2 * ATM_NSAP_LEN], b[2 * L3_MAX];

	mars_set_src(&m, &c->cfg.addr, src);
	m.spln = c->cfg.spa.len;
	m.spa = c->cfg.spa.b;
	switch ((enum xact_kind)x->kind) {
	case XACT_REG:
	case XACT_SOFT:
		fill_reg(c, x, &m);
		break;
	case XACT_JOIN:
		fill_join((const struct join *)(const void *)x, &m, b);
		break;
	case XACT_ASK:
		p = (const struct path *)(const void *)x;
		m.op = MARS_REQUEST;
		m.tpln = p->group.len;
		m.tpa = p->group.b;
		break;
	case XACT_GROUPLIST:
		m.op = MARS_GROUPLIST_REQUEST;
		pair(&m, &c->glist.range, b);
		break;
	}
	*op = m.op;
	return mars_frame(c->mem, &m, c->cfg.checksum);
}
