/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Security Associations (RFC 2334 section B.3.1.3): several at once for one
 * DCS, so that keys can be rolled over without a gap.  All that have not
 * expired verify; the newest that may sign does.
 */
#include <string.h>

#include "marsh/base/err.h"
#include "scsp_int.h"

static bool
alive(const struct scsp_dcs *d, const struct scsp_sa *sa)
{
	return !mtime_reached(sa->until, d->g->s->now);
}

/* scsp_sa_signing returns the key that signs for |d|, or NULL. */
const struct scsp_key *
scsp_sa_signing(const struct scsp_dcs *d)
{
	for (size_t i = d->sas; i-- > 0;)
		if (d->sa[i].send && alive(d, &d->sa[i]))
			return &d->sa[i].key;
	return NULL;
}

/* scsp_sa_verify tells whether |m|, decoded from |b|, may be believed. */
bool
scsp_sa_verify(const struct scsp_dcs *d, const uint8_t *b,
    const struct scsp_msg *m)
{
	if (!d->auth)
		return true;
	for (size_t i = 0; m->auth && i < d->sas; i++)
		if (d->sa[i].key.spi == m->spi && alive(d, &d->sa[i])
		    && scsp_verify(b, m, &d->sa[i].key))
			return true;
	return false;
}

static bool
same(const struct scsp_dcs *a, const struct scsp_dcs *b)
{
	const struct scsp_key *k, *l;

	if (!a->auth || !b->auth)
		return a->auth == b->auth;
	k = scsp_sa_signing(a);
	l = scsp_sa_signing(b);
	return k != NULL && l != NULL && k->spi == l->spi
	    && scsp_oct_equal(k->secret, l->secret);
}

/* scsp_sa_common: one signature serves all leaves of |g| (A-32). */
bool
scsp_sa_common(const struct scsp_sg *g)
{
	const struct scsp_dcs *one = NULL;

	for (size_t i = 0; i < g->dcss; i++) {
		if (g->dcs[i]->leaf != SCSP_LEAF_UP)
			continue;
		if (one == NULL)
			one = g->dcs[i];
		if (!same(one, g->dcs[i]))
			return false;
	}
	return one != NULL;
}

static void
drop_sa(struct scsp *s, struct scsp_dcs *d, size_t i)
{
	struct scsp_oct *o = &d->sa[i].key.secret;

	/* Nothing of a key stays behind. */
	if (o->len != 0)
		memset((uint8_t *)o->p, 0, o->len);
	mem_free(&s->counted, (uint8_t *)o->p, o->len);
	memmove(&d->sa[i], &d->sa[i + 1], (--d->sas - i) * sizeof(*d->sa));
}

void
scsp_sa_free(struct scsp *s, struct scsp_dcs *d)
{
	while (d->sas != 0)
		drop_sa(s, d, d->sas - 1);
	mem_free(&s->counted, d->sa, d->sa_cap * sizeof(*d->sa));
}

static struct scsp_dcs *
find(struct scsp *s, struct mtime now, unsigned group,
    const struct atm_addr *addr)
{
	s->now = now;
	return group < s->sgs ? scsp_dcs_find(s->sg[group], addr) : NULL;
}

/* changed: a reply begun without room for a signature is not sent, and what is
 * kept for sending again is signed with what there is now. */
static void
changed(struct scsp *s, struct scsp_dcs *d)
{
	scsp_csu_forget_reply(d);
	scsp_align_rekeyed(d);
	scsp_multi_review(s, d->g);
}

int
scsp_add_sa(struct scsp *s, struct mtime now, unsigned group,
    const struct atm_addr *addr, const struct scsp_sa *sa)
{
	struct scsp_dcs *d = find(s, now, group, addr);
	void *v, *copy = NULL;

	if (d == NULL)
		return MARSH_ENOENT;
	v = d->sa;
	if (mem_grow(&s->counted, &v, &d->sa_cap, d->sas + 1, sizeof(*d->sa))
	    != 0)
		return MARSH_ENOMEM;
	d->sa = v;
	if (sa->key.secret.len != 0) {
		copy = mem_alloc(&s->counted, sa->key.secret.len);
		if (copy == NULL)
			return MARSH_ENOMEM;
		memcpy(copy, sa->key.secret.p, sa->key.secret.len);
	}
	for (size_t i = d->sas; i-- > 0;)
		if (d->sa[i].key.spi == sa->key.spi)
			drop_sa(s, d, i);
	d->sa[d->sas] = *sa;
	d->sa[d->sas++].key.secret.p = copy;
	d->auth = true;
	changed(s, d);
	return 0;
}

int
scsp_del_sa(struct scsp *s, struct mtime now, unsigned group,
    const struct atm_addr *addr, uint32_t spi)
{
	struct scsp_dcs *d = find(s, now, group, addr);
	size_t i = 0;

	if (d == NULL)
		return MARSH_ENOENT;
	while (i < d->sas && d->sa[i].key.spi != spi)
		i++;
	if (i == d->sas)
		return MARSH_ENOENT;
	drop_sa(s, d, i);
	changed(s, d);
	return 0;
}

int
scsp_open_dcs(struct scsp *s, struct mtime now, unsigned group,
    const struct atm_addr *addr)
{
	struct scsp_dcs *d = find(s, now, group, addr);

	if (d == NULL)
		return MARSH_ENOENT;
	while (d->sas != 0)
		drop_sa(s, d, d->sas - 1);
	d->auth = false;
	changed(s, d);
	return 0;
}
