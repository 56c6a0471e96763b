/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ports: addresses and timers.  Numbers are never used again, so what was
 * under way for a port that left cannot reach another one.
 *
 * Timers are re-armed with almost every message and seldom fire, so a later
 * time only changes |when|: the queue entry stays, finds itself early and goes
 * to the back.  Invariant: a port with |when| set has its entry queued at or
 * before |when|, unless it is mute.
 */
#include <assert.h>

#include "marsh/base/err.h"
#include "sim_int.h"

struct sim_port *
sim_port_get(const struct sim *s, atm_port port)
{
	return port < s->ports ? s->port[port] : NULL;
}

/* sim_port_find returns the port whose address is |a|, or NULL. */
struct sim_port *
sim_port_find(const struct sim *s, const struct atm_addr *a)
{
	struct tab_link *l = tab_first(&s->by_addr, atm_addr_hash(a));

	for (; l != NULL; l = tab_next(l)) {
		struct sim_port *p = SIM_OF(sim_port, by_addr, l);

		if (atm_addr_equal(&p->addr, a))
			return p;
	}
	return NULL;
}

static struct sim_port *
port_add(struct sim *s)
{
	void *v = s->port, *m = s->mute;
	struct sim_port *p;

	if (s->ports >= UINT32_MAX
	    || mem_grow(s->mem, &v, &s->port_cap, s->ports + 1,
		sizeof(struct sim_port *)) != 0)
		return NULL;
	s->port = v;
	if (mem_grow(s->mem, &m, &s->mute_cap, s->ports + 1, 1) != 0)
		return NULL;
	s->mute = m;
	p = mem_alloc(s->mem, sizeof(*p));
	if (p == NULL)
		return NULL;
	p->n = (atm_port)s->ports;
	p->when = INT64_MAX;
	p->timer.kind = SIM_EV_TIMER;
	s->mute[s->ports] = 0;
	s->port[s->ports++] = p;
	return p;
}

/* sim_port_zero makes port 0, the owner's, which has only a timer. */
int
sim_port_zero(struct sim *s)
{
	return port_add(s) != NULL ? 0 : MARSH_ENOMEM;
}

int
sim_net_attach(struct atm_net *n, const struct atm_addr *a, atm_port *out)
{
	struct sim *s = SIM_OF(sim, net, n);
	struct sim_port *p;

	if (sim_port_find(s, a) != NULL)
		return MARSH_EEXIST;
	p = port_add(s);
	if (p == NULL)
		return MARSH_ENOMEM;
	p->attached = true;
	p->addr = *a;
	tab_add(&s->by_addr, &p->by_addr, atm_addr_hash(a));
	*out = p->n;
	return 0;
}

/* sim_port_clear releases every VC of |p| at its end, without telling it. */
void
sim_port_clear(struct sim *s, struct sim_port *p, unsigned cause)
{
	while (p->ends != NULL)
		sim_end_release(s, p->ends, cause);
	assert(p->rooted == 0 && p->terminated == 0);
}

void
sim_net_detach(struct atm_net *n, atm_port port, unsigned cause)
{
	struct sim *s = SIM_OF(sim, net, n);
	struct sim_port *p = sim_port_get(s, port);

	if (p == NULL || !p->attached)
		return;
	sim_port_clear(s, p, cause);
	tab_del(&s->by_addr, &p->by_addr);
	if (p->timer.queued)
		sim_queue_remove(&s->queue, &p->timer);
	s->port[port] = NULL;
	s->mute[port] = 1;
	mem_free(s->mem, p, sizeof(*p));
}

static void
timer_queue(struct sim *s, struct sim_port *p)
{
	int64_t t = p->when > s->now.us ? p->when : s->now.us;

	if (p->when == INT64_MAX)
		return;
	if (p->timer.queued) {
		if (p->timer.t <= t)
			return;
		sim_queue_remove(&s->queue, &p->timer);
	}
	sim_queue_push(&s->queue, &p->timer, t);
}

void
sim_net_timer(struct atm_net *n, atm_port port, struct mtime when)
{
	struct sim *s = SIM_OF(sim, net, n);
	struct sim_port *p = sim_port_get(s, port);

	if (p == NULL)
		return;
	p->when = when.us;
	timer_queue(s, p);
}

/* sim_port_timer is the timer entry of |p| coming up; true fills |ev|. */
bool
sim_port_timer(struct sim *s, struct sim_port *p, struct atm_ev *ev)
{
	if (p->when > s->now.us) {
		timer_queue(s, p);
		return false;
	}
	if (s->mute[p->n])
		return false; /* kept: sim_port_mute queues it again */
	p->when = INT64_MAX;
	*ev = (struct atm_ev){ .t = s->now, .port = p->n, .timer = true };
	return true;
}

/* sim_port_mute works out anew whether |p| is told anything. */
void
sim_port_mute(struct sim *s, struct sim_port *p)
{
	s->mute[p->n] = p->hung || p->down;
	if (!s->mute[p->n])
		timer_queue(s, p);
}
