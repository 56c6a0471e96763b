/* SPDX-License-Identifier: BSD-2-Clause */
/* Looking at call control from outside: its table, and whether it is sound. */
#include <stdio.h>

#include "fabricd_int.h"

void
fab_call_count(const struct fab_call_ctl *c, struct fab_call_counts *n)
{
	*n = c->n;
	n->parties = c->parties;
	n->sockets = c->by_vcc.count;
	n->vcis = c->vci.owned;
}

static const char *
state_word(const struct fab_party *p)
{
	if (p->state == ATM_PARTY_CALLING)
		return p->at != NULL && p->at->out == p ? "offered" : "calling";
	return p->state == ATM_PARTY_CONNECTED ? "connected" : "left";
}

/* dump_where: at a VCI of this kernel, behind a trunk, or nowhere any more. */
static void
dump_where(const struct fab_ep *e, uint32_t line, uint32_t label, FILE *f)
{
	if (e != NULL)
		fprintf(f, "%5u  %5s  %5s  ", (unsigned)e->vci, "-", "-");
	else if (line != 0)
		fprintf(f, "%5s  %5u  %5u  ", "-", (unsigned)line,
		    (unsigned)label);
	else
		fprintf(f, "%5s  %5s  %5s  ", "-", "-", "-");
}

static void
dump_call(const struct fab_call *k, FILE *f)
{
	char text[ATM_TEXT_MAX];
	unsigned id = (unsigned)k->id;

	fprintf(f, "%8u  root   %-9s  ", id, k->multi ? "pt-mpt" : "pt-pt");
	dump_where(k->ep, k->line, k->label, f);
	fprintf(f, "%s\n", atm_addr_format(&k->calling, text));
	for (const struct fab_party *p = k->first; p != NULL; p = p->next) {
		const struct fab_branch *b = p->branch;

		fprintf(f, "%8u  %5u  %-9s  ", id, p->ref, state_word(p));
		dump_where(p->ep, b != NULL ? b->line : 0,
		    b != NULL ? b->label : 0, f);
		fprintf(f, "%s\n", atm_addr_format(&p->addr, text));
	}
}

static void
dump_listener(const struct fab_listener *l, FILE *f)
{
	char text[ATM_TEXT_MAX];

	fprintf(f, "%7u  %-7s  %s\n", l->waiting, l->out != NULL ? "yes" : "no",
	    atm_addr_format(&l->addr, text));
}

void
fab_call_summary(const struct fab_call_ctl *c, FILE *f)
{
	struct fab_call_counts n;

	fab_call_count(c, &n);
	fprintf(f, "%zu listeners, %zu calls, %zu parties, %zu sockets, "
	    "%u VCIs; %lu connected, %lu failed, %lu bad messages\n",
	    n.listeners, n.calls, n.parties, n.sockets, (unsigned)n.vcis,
	    n.done, n.failed, n.bad);
}

void
fab_call_dump(const struct fab_call_ctl *c, FILE *f)
{
	if (c->listener != NULL)
		fprintf(f, "\nWAITING  OFFERED  LISTENER\n");
	for (const struct fab_listener *l = c->listener; l != NULL; l = l->next)
		dump_listener(l, f);
	if (c->first != NULL)
		fprintf(f, "\n    CALL  PARTY  STATE        VCI  TRUNK  "
		    "LABEL  ADDRESS\n");
	for (const struct fab_call *k = c->first; k != NULL; k = k->next)
		dump_call(k, f);
}

/* What a check of everything adds up, to be held against the counts. */
struct sum {
	size_t parties, calls, listeners, vcis, joins, named;
};

static const char *
check_party(const struct fab_party *p, const struct fab_call *k, struct sum *s)
{
	bool near = p->ep != NULL, far = p->branch != NULL;

	s->parties++;
	if (p->call != k)
		return "a party of another call";
	if (near && far)
		return "a party both here and there";
	if (p->state == ATM_PARTY_GONE ? near || far : !near && !far)
		return "a party that is gone has a leg, or one has none";
	if (p->state == ATM_PARTY_CALLING && near && p->at == NULL)
		return "a party calls nobody";
	if (p->state == ATM_PARTY_CONNECTED && near
	    && (p->ep->kind != FAB_EP_LEAF || p->ep->party != p))
		return "a connected party without its socket";
	if (p->state == ATM_PARTY_CALLING && !p->timed
	    && (near || k->ep != NULL))
		return "a party waits for ever";
	if (near) {
		s->vcis++;
		s->named += p->ep->kind == FAB_EP_LEAF;
		if (p->state == ATM_PARTY_CONNECTED)
			s->joins += k->multi ? 1 : 2;
	}
	return NULL;
}

static const char *
check_call(const struct fab_call *k, struct sum *s)
{
	size_t parties = 0, gone = 0, far = 0;
	const char *bad;

	s->calls++;
	if (k->ep != NULL && (k->ep->call != k || k->ep->kind != FAB_EP_ROOT))
		return "a root without its socket";
	if (k->ep != NULL) {
		s->vcis++;
		s->named++;
	}
	for (const struct fab_party *p = k->first; p != NULL; p = p->next) {
		bad = check_party(p, k, s);
		if (bad != NULL)
			return bad;
		parties++;
		gone += p->state == ATM_PARTY_GONE;
		far += p->branch != NULL;
	}
	if (parties != k->parties || gone != k->gone)
		return "parties are miscounted";
	if (k->ep != NULL && !k->multi && parties != 1)
		return "a pt-pt call has one party";
	for (const struct fab_branch *b = k->branch; b != NULL; b = b->next) {
		if (b->parties == 0 || b->connected > b->parties)
			return "a branch without parties";
		far -= b->parties;
		if (b->connected > 0)
			s->joins += k->multi ? 1 : 2;
	}
	return far != 0 ? "parties of branches are miscounted" : NULL;
}

static const char *
check_listener(const struct fab_call_ctl *c, const struct fab_listener *l,
    struct sum *s)
{
	unsigned n = 0;

	s->listeners++;
	s->named += !l->closing;
	for (const struct fab_party *p = l->first; p != NULL; p = p->wnext) {
		n++;
		if (p->at != l || p->state != ATM_PARTY_CALLING)
			return "what waits at a listener calls it not";
	}
	if (n != l->waiting || n + (l->out != NULL) > c->cfg.backlog + 1)
		return "calls at a listener are miscounted";
	if (l->ready != (l->out == NULL && l->first != NULL && !l->closing))
		return "a listener is ready that is not, or the other way";
	if (l->out != NULL && l->out->at != l)
		return "an offer to another listener";
	if (l->out != NULL && l->out->call == NULL) {
		s->parties++; /* only the kernel's queue knows it */
		s->vcis++;
	}
	return NULL;
}

const char *
fab_call_check(const struct fab_call_ctl *c)
{
	struct sum s = { 0 };
	const char *bad = NULL;

	for (const struct fab_listener *l = c->listener;
	    l != NULL && bad == NULL; l = l->next)
		bad = check_listener(c, l, &s);
	for (const struct fab_call *k = c->first; k != NULL && bad == NULL;
	    k = k->next)
		bad = check_call(k, &s);
	if (bad != NULL)
		return bad;
	for (size_t i = 0; i < c->by_vcc.buckets; i++)
		for (const struct tab_link *t = c->by_vcc.bucket[i]; t != NULL;
		    t = t->next) {
			const struct fab_ep *e = FAB_OF(fab_ep, by_vcc, t);

			if (e->kind == FAB_EP_LINGER
			    || e->kind == FAB_EP_CLOSING) {
				s.named++;
				s.vcis += e->vci != 0;
			}
		}
	if (s.parties != c->parties)
		return "a party is lost";
	if (s.calls != c->n.calls || s.listeners != c->n.listeners)
		return "calls or listeners are miscounted";
	if (s.named != c->by_vcc.count)
		return "a socket is lost";
	if (s.vcis != c->vci.owned)
		return "a VCI is lost";
	return s.joins != c->sw->joins ? "a cross-connect is lost" : NULL;
}
