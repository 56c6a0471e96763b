/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Faults between ports and of ports.  Faults of links are in sim_topo.c.
 */
#include "marsh/base/err.h"
#include "sim_int.h"

static uint64_t
pair_hash(atm_port a, atm_port b)
{
	return tab_mix((uint64_t)a << 32 | b);
}

static struct sim_cut *
cut_find(const struct sim *s, atm_port a, atm_port b)
{
	struct tab_link *l;

	if (a > b)
		return cut_find(s, b, a);
	l = tab_first(&s->by_pair, pair_hash(a, b));
	for (; l != NULL; l = tab_next(l)) {
		struct sim_cut *c = SIM_OF(sim_cut, by_pair, l);

		if (c->a == a && c->b == b)
			return c;
	}
	return NULL;
}

bool
sim_is_cut(const struct sim *s, atm_port a, atm_port b)
{
	return s->by_pair.count != 0 && cut_find(s, a, b) != NULL;
}

/* break_end cuts what |e| shares with port |b|. */
static void
break_end(struct sim *s, struct sim_end *e, const struct sim_port *b)
{
	struct sim_leaf *l;

	if (!e->leaf)
		l = sim_leaf_find(s, e->vc, &b->addr);
	else
		l = SIM_OF(sim_leaf, end, e);
	if (l != NULL && l->state == SIM_CONNECTED
	    && (e->leaf ? e->vc->root.port : l->end.port) == b->n)
		sim_leaf_break(s, l, ATM_CAUSE_NET_OUT);
}

/*
 * break_pair cuts everything between |a| and |b|, found from the one that has
 * fewer VCs.  Set-ups under way find the cut where they arrive.
 */
static void
break_pair(struct sim *s, struct sim_port *a, struct sim_port *b)
{
	struct sim_end *e;

	if (a->rooted + a->terminated > b->rooted + b->terminated) {
		break_pair(s, b, a);
		return;
	}
	for (e = a->ends; e != NULL; e = e->next)
		break_end(s, e, b);
}

int
sim_cut(struct sim *s, atm_port a, atm_port b)
{
	struct sim_cut *c = cut_find(s, a, b);
	struct sim_port *p = sim_port_get(s, a), *q = sim_port_get(s, b);

	if (c != NULL) {
		c->count++;
		return 0;
	}
	c = sim_pool_get(&s->pool_cut);
	if (c == NULL)
		return MARSH_ENOMEM;
	c->a = a < b ? a : b;
	c->b = a < b ? b : a;
	c->count = 1;
	tab_add(&s->by_pair, &c->by_pair, pair_hash(c->a, c->b));
	if (p != NULL && q != NULL)
		break_pair(s, p, q);
	return 0;
}

void
sim_heal(struct sim *s, atm_port a, atm_port b)
{
	struct sim_cut *c = cut_find(s, a, b);

	if (c == NULL || --c->count != 0)
		return;
	tab_del(&s->by_pair, &c->by_pair);
	sim_pool_put(&s->pool_cut, c);
}

void
sim_refuse(struct sim *s, atm_port port, unsigned cause)
{
	struct sim_port *p = sim_port_get(s, port);

	if (p != NULL)
		p->refuse = (uint16_t)cause;
}

void
sim_hang(struct sim *s, atm_port port, bool hung)
{
	struct sim_port *p = sim_port_get(s, port);

	if (p == NULL)
		return;
	p->hung = hung;
	sim_port_mute(s, p);
}

void
sim_down(struct sim *s, atm_port port)
{
	struct sim_port *p = sim_port_get(s, port);

	if (p == NULL || !p->attached || p->down)
		return;
	sim_port_clear(s, p, ATM_CAUSE_OUT_OF_ORDER);
	p->down = true;
	sim_port_mute(s, p);
}

void
sim_up(struct sim *s, atm_port port)
{
	struct sim_port *p = sim_port_get(s, port);

	if (p == NULL || !p->down)
		return;
	p->down = false;
	sim_port_mute(s, p);
}

void
sim_loss(struct sim *s, double p)
{
	s->cfg.loss = p;
}

void
sim_delay(struct sim *s, struct mspan delay, struct mspan jitter)
{
	s->cfg.delay.us = sim_span(delay);
	s->cfg.jitter.us = sim_span(jitter);
}
