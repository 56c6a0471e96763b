/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ports: addresses and timers.  Numbers are never used again.  Port 0 is the
 * owner's and has only a timer.
 *
 * There are as many timers as ports, and they are re-armed with almost every
 * message, so they are not sorted: |soon| is a time before which none is due,
 * and is worked out anew when it comes.
 */
#include <errno.h>

#include "marsh/base/err.h"
#include "svc_int.h"

/* How long attach and detach wait for signalling before they go on without. */
#define PATIENCE MSPAN_SEC(3)

struct svc_port *
svc_port_get(const struct svc *s, atm_port port)
{
	return port < s->ports ? s->port[port] : NULL;
}

/* svc_port_find returns the port whose address is |a|, or NULL. */
struct svc_port *
svc_port_find(const struct svc *s, const struct atm_addr *a)
{
	for (size_t i = 1; i < s->ports; i++)
		if (s->port[i] != NULL && s->port[i]->attached
		    && atm_addr_equal(&s->port[i]->addr, a))
			return s->port[i];
	return NULL;
}

static struct svc_port *
port_new(struct svc *s)
{
	void *v = s->port;
	struct svc_port *p;

	if (s->ports >= UINT32_MAX
	    || mem_grow(s->mem, &v, &s->port_cap, s->ports + 1,
		sizeof(struct svc_port *)) != 0)
		return NULL;
	s->port = v;
	p = mem_alloc(s->mem, sizeof(*p));
	if (p == NULL)
		return NULL;
	p->src.kind = SVC_SRC_PORT;
	p->svc = s;
	p->n = (atm_port)s->ports;
	p->fd = -1;
	p->when = p->again = MTIME_NEVER;
	p->job.owner = &p->src;
	s->port[s->ports++] = p;
	return p;
}

int
svc_port_zero(struct svc *s)
{
	return port_new(s) != NULL ? 0 : MARSH_ENOMEM;
}

/* svc_port_free forgets |p|, whose job must not be under way. */
void
svc_port_free(struct svc *s, struct svc_port *p)
{
	if (p->spare_vc != NULL)
		mem_free(s->mem, p->spare_vc, sizeof(*p->spare_vc));
	if (p->spare_leg != NULL)
		mem_free(s->mem, p->spare_leg, sizeof(*p->spare_leg));
	if (s->port[p->n] == p)
		s->port[p->n] = NULL;
	mem_free(s->mem, p, sizeof(*p));
}

/*
 * Signalling that is not there, or does not answer in time, is no failure: the
 * port comes up when it is.
 */
static int
opened(struct svc *s, struct svc_port *p)
{
	if (p->busy || p->state == SVC_PORT_OPEN || p->err == EUNATCH)
		return 0;
	if (p->taken)
		return MARSH_ETAKEN;
	if (p->err == EADDRNOTAVAIL)
		svc_say(s, 1, "signalling says that an address is not local: "
		    "add it with atmaddr, or give the ATM interface (itf).");
	return MARSH_EIO;
}

int
svc_net_attach(struct atm_net *n, const struct atm_addr *a, atm_port *out)
{
	struct svc *s = SVC_OF(svc, net, n);
	struct sockaddr_atmsvc sa;
	struct svc_port *p;
	int err;

	if (svc_addr_to(a, &sa) != 0)
		return MARSH_EINVAL;
	if (svc_port_find(s, a) != NULL)
		return MARSH_EEXIST;
	p = port_new(s);
	if (p == NULL)
		return MARSH_ENOMEM;
	p->attached = true;
	p->addr = *a;
	p->sa = sa;
	svc_port_open(s, p);
	svc_settle(s, &p->busy, PATIENCE);
	err = opened(s, p);
	if (err != 0) {
		svc_net_detach(n, p->n, 0);
		return err;
	}
	*out = p->n;
	return 0;
}

/* clear releases every VC of |p| at its end, without telling it. */
static void
clear(struct svc *s, struct svc_port *p, unsigned cause)
{
	while (p->vcs != NULL)
		svc_vc_hang_up(s, p->vcs, cause);
}

void
svc_net_detach(struct atm_net *n, atm_port port, unsigned cause)
{
	struct svc *s = SVC_OF(svc, net, n);
	struct svc_port *p = svc_port_get(s, port);

	if (p == NULL || !p->attached)
		return;
	clear(s, p, cause);
	p->attached = false;
	svc_port_close(s, p);
	svc_settle(s, &p->busy, PATIENCE);
	if (!p->busy) {
		svc_port_free(s, p);
		return;
	}
	p->gone = true;
	s->port[p->n] = NULL;
}

void
svc_net_timer(struct atm_net *n, atm_port port, struct mtime when)
{
	struct svc *s = SVC_OF(svc, net, n);
	struct svc_port *p = svc_port_get(s, port);

	if (p == NULL)
		return;
	p->when = when;
	s->soon = mtime_min(s->soon, when);
}

/*
 * svc_port_due fires the timer that is due first, not after |limit|, and finds
 * out when to look again.  Timers of ports that hang wait.
 */
bool
svc_port_due(struct svc *s, struct mtime limit, struct atm_ev *ev)
{
	struct svc_port *due = NULL;

	s->soon = MTIME_NEVER;
	for (size_t i = 0; i < s->ports; i++) {
		struct svc_port *p = s->port[i];

		if (p == NULL || p->hung || p->down)
			continue;
		s->soon = mtime_min(s->soon, p->when);
		if (mtime_reached(p->when, limit)
		    && (due == NULL || p->when.us < due->when.us))
			due = p;
	}
	if (due == NULL)
		return false;
	due->when = MTIME_NEVER;
	*ev = (struct atm_ev){ .t = svc_now(s), .port = due->n, .timer = true };
	return true;
}

void
svc_hang(struct svc *s, atm_port port, bool hung)
{
	struct svc_port *p = svc_port_get(s, port);

	if (p == NULL)
		return;
	p->hung = hung;
	s->soon = mtime_min(s->soon, p->when);
}

void
svc_down(struct svc *s, atm_port port)
{
	struct svc_port *p = svc_port_get(s, port);

	if (p == NULL || !p->attached || p->down)
		return;
	p->down = true;
	clear(s, p, ATM_CAUSE_OUT_OF_ORDER);
	svc_port_close(s, p);
	svc_settle(s, &p->busy, PATIENCE);
}

void
svc_up(struct svc *s, atm_port port)
{
	struct svc_port *p = svc_port_get(s, port);

	if (p == NULL || !p->down)
		return;
	p->down = false;
	s->soon = mtime_min(s->soon, p->when);
	svc_port_open(s, p);
	svc_settle(s, &p->busy, PATIENCE);
}
