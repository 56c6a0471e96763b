/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The invariants of a cluster, checked from outside: what must always hold,
 * and what must hold once a run has become quiet.  Numbers I1, I4, I5 and I8
 * are those of the scenario catalogue.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "marsh/base/err.h"
#include "node/world_int.h"

struct verdict {
	char *text;
	size_t cap, len;
	unsigned n;
};

static void
fail(struct verdict *v, const char *fmt, ...)
{
	va_list ap;
	int n;

	v->n++;
	if (v->len + 1 >= v->cap)
		return;
	va_start(ap, fmt);
	n = vsnprintf(v->text + v->len, v->cap - v->len, fmt, ap);
	va_end(ap);
	if (n > 0)
		v->len += (size_t)n;
	if (v->len + 1 < v->cap) {
		v->text[v->len++] = '\n';
		v->text[v->len] = '\0';
	} else
		v->len = v->cap;
}

/* The server that |n| is registered with, and it knows |n|; else NULL. */
static const struct node *
server_of(struct world *w, const struct node *n, struct mars_client_info *ci,
    struct mars_member_info *mi, int *proto)
{
	const struct node *s;
	node_id id;

	mars_client_info(n->client, ci);
	if (!ci->registered || (id = world_find_addr(w, &ci->mars)) == 0)
		return NULL;
	s = world_node(w, id);
	if (s->state != NODE_UP || s->server == NULL)
		return NULL;
	*proto = mars_server_find_proto(s->server, &n->ccfg.pro);
	if (*proto < 0
	    || !mars_server_member(s->server, (unsigned)*proto, &n->addr, mi))
		return NULL;
	return s;
}

/*
 * I1: CMIs are not zero and no two members of one MARS share one.  |seen| is a
 * hash of nodes by (MARS, CMI) with |slots| places, a power of two.
 */
static void
check_cmi(struct world *w, struct verdict *v, const struct node *n,
    node_id *seen, size_t slots)
{
	struct mars_client_info a, b;
	size_t s;

	mars_client_info(n->client, &a);
	if (!a.registered)
		return;
	if (a.cmi == 0)
		fail(v, "I1: %s is registered without a CMI", n->name);
	for (s = (atm_addr_hash(&a.mars) + a.cmi) & (slots - 1); seen[s] != 0;
	    s = (s + 1) & (slots - 1)) {
		const struct node *o = world_node(w, seen[s]);

		mars_client_info(o->client, &b);
		if (b.cmi == a.cmi && atm_addr_equal(&a.mars, &b.mars)
		    && l3_proto_equal(&o->ccfg.pro, &n->ccfg.pro)) {
			fail(v, "I1: %s and %s both have CMI %u", o->name,
			    n->name, a.cmi);
			return;
		}
	}
	seen[s] = n->id;
}

static bool
client_up(const struct node *n)
{
	return n->client != NULL && n->state == NODE_UP;
}

static void
check_cmis(struct world *w, struct verdict *v)
{
	size_t slots = 64;
	node_id *seen;

	while (slots < 2 * w->nodes)
		slots *= 2;
	seen = mem_alloc(w->mem, slots * sizeof(*seen));
	if (seen == NULL) {
		fail(v, "I1: not checked, out of memory");
		return;
	}
	for (size_t i = 0; i < w->nodes; i++)
		if (client_up(w->node[i]))
			check_cmi(w, v, w->node[i], seen, slots);
	mem_free(w->mem, seen, slots * sizeof(*seen));
}

/* I4 and I8: at rest a member is one CCVC's leaf and follows its CSN. */
static void
check_member(struct world *w, struct verdict *v, const struct node *n)
{
	struct mars_client_info ci;
	struct mars_member_info mi;
	struct mars_proto_info pi;
	const struct node *s;
	const struct atm_addr *list;
	size_t list_n;
	int proto;

	s = server_of(w, n, &ci, &mi, &proto);
	if (s == NULL)
		return;
	if (mi.cmi != ci.cmi)
		fail(v, "I1: %s has CMI %u, %s says %u", n->name, ci.cmi,
		    s->name, mi.cmi);
	if (mi.leaf != MARS_LEAF_UP || ci.ccvc == 0)
		fail(v, "I4: %s is no leaf of the CCVC of %s", n->name,
		    s->name);
	if (mars_server_proto(s->server, (unsigned)proto, &pi)
	    && pi.csn != ci.hsn)
		fail(v, "I8: %s has HSN %u, CSN of %s is %u", n->name,
		    (unsigned)ci.hsn, s->name, (unsigned)pi.csn);
	list = mars_client_list(n->client, &list_n);
	if (list_n > 0 && !atm_addr_equal(&list[0], &ci.mars))
		fail(v, "I4: %s is with %s, but another MARS heads its list",
		    n->name, s->name);
}

/* I5: at rest the leaves of a path are the group's members but the sender. */
static void
check_path(struct world *w, struct verdict *v, const struct node *n,
    const struct node *s, unsigned proto, const struct mars_path_info *p)
{
	char text[L3_TEXT_MAX];
	struct atm_addr leaf;
	struct mars_member_info mi;
	enum mars_cleaf_state st;
	size_t members = 0, known = 0;
	unsigned cmi = 0;

	l3_addr_format(&p->group, text);
	while ((cmi = mars_server_group_next(s->server, proto, &p->group,
		    cmi + 1)) != 0)
		if (mars_server_next_member(s->server, proto, cmi, &mi)
		    && !atm_addr_equal(&mi.addr, &n->addr))
			members++;
	for (size_t i = 0; mars_client_leaf(n->client, &p->group, i, &leaf, &st);
	    i++) {
		if (st != MARS_CLEAF_UP)
			continue;
		if (mars_server_member(s->server, proto, &leaf, &mi)
		    && mars_server_group_next(s->server, proto, &p->group,
			mi.cmi) == mi.cmi)
			known++;
		else
			fail(v, "I5: %s sends %s to %s, no member", n->name,
			    text, node_name(w, world_find_addr(w, &leaf)));
	}
	if (known != members)
		fail(v, "I5: %s sends %s to %zu of %zu members", n->name, text,
		    known, members);
}

static void
check_paths(struct world *w, struct verdict *v, const struct node *n)
{
	struct mars_client_info ci;
	struct mars_member_info mi;
	struct mars_path_info p;
	const struct l3_addr *after = NULL;
	struct l3_addr last;
	const struct node *s;
	int proto;

	s = server_of(w, n, &ci, &mi, &proto);
	while (s != NULL && mars_client_next_path(n->client, after, &p)) {
		if (p.state == MARS_PATH_UP && !p.revalidate)
			check_path(w, v, n, s, (unsigned)proto, &p);
		last = p.group;
		after = &last;
	}
}

/*
 * At rest two servers that say that they are aligned have the same cache: that
 * is what alignment and flooding are for (RFC 2334 section 1).
 */
static void
check_aligned(struct world *w, struct verdict *v, const struct node *a)
{
	const struct scsp *sa = scsp_node_engine(a), *sb;
	struct scsp_dcs_info d, back;
	struct scsp_group_info ga, gb;
	node_id b;

	for (unsigned i = 0; scsp_dcs(sa, 0, i, &d); i++) {
		b = world_find_addr(w, &d.addr);
		if (d.cafsm != SCSP_CA_ALIGNED || b <= a->id
		    || node_state_of(w, b) != NODE_UP
		    || !node_scsp_find(w, b, &a->addr, &back)
		    || back.cafsm != SCSP_CA_ALIGNED)
			continue;
		sb = node_scsp(w, b);
		if (scsp_digest(sa, 0, false) == scsp_digest(sb, 0, false)
		    || !scsp_group(sa, 0, &ga) || !scsp_group(sb, 0, &gb))
			continue;
		fail(v, "SCSP: %s and %s are aligned, but their caches differ "
		    "(%llu and %llu entries)", a->name, node_name(w, b),
		    (unsigned long long)ga.entries,
		    (unsigned long long)gb.entries);
	}
}

static const char *
engine_check(const struct node *n)
{
	switch (n->kind) {
	case NODE_SERVER:
		return mars_server_check(n->server);
	case NODE_CLIENT:
		return mars_client_check(n->client);
	case NODE_SCSP:
		return scsp_check(scsp_node_engine(n));
	default:
		return NULL;
	}
}

unsigned
world_check(struct world *w, bool quiet, char *text, size_t cap)
{
	struct verdict v = { text, cap, 0, 0 };
	const char *s = atm_net_check(w->net);

	if (cap > 0)
		text[0] = '\0';
	if (s != NULL)
		fail(&v, "network: %s", s);
	if (quiet)
		check_cmis(w, &v);
	for (size_t i = 0; i < w->nodes; i++) {
		const struct node *n = w->node[i];

		s = engine_check(n);
		if (s != NULL)
			fail(&v, "%s: %s", n->name, s);
		if (quiet && n->kind == NODE_SCSP && n->state == NODE_UP)
			check_aligned(w, &v, n);
		if (!quiet || !client_up(n))
			continue;
		check_member(w, &v, n);
		check_paths(w, &v, n);
	}
	return v.n;
}
