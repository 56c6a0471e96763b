/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The configuration of an SCSP server: who its DCSs are, and the Security
 * Associations with each (RFC 2334 B.3.1.3).  It is kept beside the engine, for
 * a cold restart forgets the engine; verbs change both, in any state of the
 * machine.
 */
#include <string.h>

#include "marsh/base/err.h"
#include "node/scsp_node_int.h"

/* A node of the right kind, or NULL with the reason in *|rv|. */
static struct node *
server(struct world *w, node_id id, int *rv)
{
	*rv = MARSH_ENOENT;
	if (!world_valid(w, id))
		return NULL;
	*rv = MARSH_EINVAL;
	return world_node(w, id)->kind == NODE_SCSP ? world_node(w, id) : NULL;
}

static struct scsp_link *
find(struct scsp_node *x, const struct atm_addr *dcs)
{
	for (size_t i = 0; i < x->links; i++)
		if (atm_addr_equal(&x->link[i].addr, dcs))
			return &x->link[i];
	return NULL;
}

static int
changed(struct world *w, struct node *n, int rv)
{
	node_arm(w, n);
	world_dispatch(w);
	return rv;
}

static struct scsp_sa
as_sa(const struct scsp_kept_sa *k)
{
	return (struct scsp_sa){ .key = { .spi = k->spi,
		.secret = { k->secret, k->len } }, .until = k->until,
		.send = k->send };
}

/* ---- a new engine is told -------------------------------------------------- */

static int
secure(struct scsp *s, struct mtime now, const struct scsp_link *l)
{
	static const uint8_t none[1];
	struct scsp_sa dummy = { .key = { .spi = 1, .secret = { none, 1 } },
		.until = MTIME_NEVER };
	int rv = 0;

	for (size_t i = 0; rv == 0 && i < l->sas; i++) {
		struct scsp_sa sa = as_sa(&l->sa[i]);

		rv = scsp_add_sa(s, now, 0, &l->addr, &sa);
	}
	if (rv != 0 || !l->auth || l->sas > 0)
		return rv;
	/* mandatory, and none left: nobody gets through (SCSP-154) */
	rv = scsp_add_sa(s, now, 0, &l->addr, &dummy);
	return rv != 0 ? rv : scsp_del_sa(s, now, 0, &l->addr, 1);
}

int
scsp_node_connect(struct world *w, struct node *n, struct scsp *s)
{
	struct scsp_node *x = n->scsp;
	int rv = 0;

	for (size_t i = 0; rv == 0 && i < x->links; i++) {
		rv = scsp_add_dcs(s, world_now(w), 0, &x->link[i].addr);
		if (rv == 0)
			rv = secure(s, world_now(w), &x->link[i]);
	}
	return rv;
}

/* ---- links ------------------------------------------------------------------ */

static void
link_free(struct world *w, struct scsp_link *l)
{
	mem_free(w->mem, l->sa, l->sa_cap * sizeof(*l->sa));
}

void
scsp_node_unlink_all(struct world *w, struct scsp_node *x)
{
	for (size_t i = 0; i < x->links; i++)
		link_free(w, &x->link[i]);
	mem_free(w->mem, x->link, x->link_cap * sizeof(*x->link));
}

int
node_scsp_add(struct world *w, node_id id, const struct atm_addr *dcs)
{
	int rv;
	struct node *n = server(w, id, &rv);
	struct scsp_node *x;
	void *vec;

	if (n == NULL)
		return rv;
	x = n->scsp;
	vec = x->link;
	if (mem_grow(w->mem, &vec, &x->link_cap, x->links + 1,
		sizeof(*x->link)) != 0)
		return MARSH_ENOMEM;
	x->link = vec;
	rv = scsp_add_dcs(x->engine, world_now(w), 0, dcs);
	if (rv == 0)
		x->link[x->links++] = (struct scsp_link){ .addr = *dcs };
	return changed(w, n, rv);
}

int
node_scsp_del(struct world *w, node_id id, const struct atm_addr *dcs)
{
	int rv;
	struct node *n = server(w, id, &rv);
	struct scsp_link *l = n != NULL ? find(n->scsp, dcs) : NULL;
	size_t i;

	if (l == NULL)
		return n == NULL ? rv : MARSH_ENOENT;
	rv = scsp_del_dcs(n->scsp->engine, world_now(w), 0, dcs);
	i = (size_t)(l - n->scsp->link);
	link_free(w, l);
	n->scsp->links--;
	memmove(l, l + 1, (n->scsp->links - i) * sizeof(*l));
	return changed(w, n, rv);
}

/* ---- keys ------------------------------------------------------------------- */

static size_t
sa_find(const struct scsp_link *l, uint32_t spi)
{
	size_t i = 0;

	while (i < l->sas && l->sa[i].spi != spi)
		i++;
	return i;
}

static void
sa_forget(struct scsp_link *l, size_t i)
{
	l->sas--;
	memmove(&l->sa[i], &l->sa[i + 1], (l->sas - i) * sizeof(*l->sa));
}

int
node_scsp_key(struct world *w, node_id id, const struct atm_addr *dcs,
    const struct scsp_sa *sa)
{
	int rv;
	struct node *n = server(w, id, &rv);
	struct scsp_link *l = n != NULL ? find(n->scsp, dcs) : NULL;
	struct scsp_kept_sa k = { .spi = sa->key.spi, .send = sa->send,
		.until = sa->until, .len = sa->key.secret.len };
	void *vec;

	if (l == NULL)
		return n == NULL ? rv : MARSH_ENOENT;
	if (k.len == 0 || k.len > SCSP_SECRET_MAX)
		return MARSH_EINVAL;
	vec = l->sa;
	if (mem_grow(w->mem, &vec, &l->sa_cap, l->sas + 1, sizeof(k)) != 0)
		return MARSH_ENOMEM;
	l->sa = vec;
	/* another secret under an old SPI takes its place */
	if (sa_find(l, k.spi) < l->sas) {
		(void)scsp_del_sa(n->scsp->engine, world_now(w), 0, dcs,
		    k.spi);
		sa_forget(l, sa_find(l, k.spi));
	}
	rv = scsp_add_sa(n->scsp->engine, world_now(w), 0, dcs, sa);
	if (rv == 0) {
		memcpy(k.secret, sa->key.secret.p, k.len);
		l->sa[l->sas++] = k;
		l->auth = true;
	}
	return changed(w, n, rv);
}

int
node_scsp_unkey(struct world *w, node_id id, const struct atm_addr *dcs,
    uint32_t spi)
{
	int rv;
	struct node *n = server(w, id, &rv);
	struct scsp_link *l = n != NULL ? find(n->scsp, dcs) : NULL;

	if (l == NULL || sa_find(l, spi) == l->sas)
		return n == NULL ? rv : MARSH_ENOENT;
	sa_forget(l, sa_find(l, spi));
	return changed(w, n, scsp_del_sa(n->scsp->engine, world_now(w), 0,
	    dcs, spi));
}

int
node_scsp_open(struct world *w, node_id id, const struct atm_addr *dcs)
{
	int rv;
	struct node *n = server(w, id, &rv);
	struct scsp_link *l = n != NULL ? find(n->scsp, dcs) : NULL;

	if (l == NULL)
		return n == NULL ? rv : MARSH_ENOENT;
	l->auth = false;
	l->sas = 0;
	return changed(w, n, scsp_open_dcs(n->scsp->engine, world_now(w), 0,
	    dcs));
}

/* ---- Hellos ----------------------------------------------------------------- */

/* Own entries move to the new engine: nobody has seen their numbers. */
static int
move_entries(struct world *w, const struct scsp *from, struct scsp *to)
{
	struct scsp_entry_info e = { .change = 0 };
	int rv = 0;

	while (rv == 0 && scsp_next_entry(from, 0, e.change, &e))
		if (e.own && !e.tombstone)
			rv = scsp_put(to, world_now(w), 0, e.rec.key,
			    e.rec.body);
	return rv;
}

int
node_scsp_hello(struct world *w, node_id id, uint16_t interval, uint16_t dead)
{
	int rv;
	struct node *n = server(w, id, &rv);
	struct scsp_group_cfg *g, old;
	struct scsp *s;

	if (n == NULL)
		return rv;
	g = &n->scsp->cfg.group;
	if (g->interval == interval && g->dead == dead)
		return 0;
	if (n->scsp->links > 0)
		return MARSH_ESTATE;
	old = *g;
	g->interval = interval;
	g->dead = dead;
	s = scsp_node_build(w, n, n->scsp->first);
	if (s == NULL || move_entries(w, n->scsp->engine, s) != 0) {
		scsp_free(s);
		*g = old;
		return s == NULL ? MARSH_EINVAL : MARSH_ENOMEM;
	}
	scsp_node_end(n);
	n->scsp->engine = s;
	return changed(w, n, 0);
}
