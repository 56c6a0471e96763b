/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * MARS_GROUPLIST_REQUEST and its reply: RFC 2022 sections 5.3 and 8.5.  Parts
 * are received like those of a MARS_MULTI; any mistake discards the whole and
 * asks again.  One question at a time: a new one takes the place of the old.
 */
#include "mars_client_int.h"

/* client_glist asks which groups of |r| have layer 3 members. */
int
client_glist(struct mars_client *c, const struct l3_range *r)
{
	int rc = client_range_ok(c, r);

	if (rc != 0)
		return rc;
	if (!client_active(c))
		return MARSH_ESTATE;
	c->glist.range = *r;
	client_glist_retry(c);
	client_xact_start(c, &c->glist.x);
	return 0;
}

/* client_glist_retry discards what was collected. */
void
client_glist_retry(struct mars_client *c)
{
	client_parts_reset(c, &c->glist.parts, sizeof(struct l3_addr));
}

/* client_glist_park keeps the question until the client is registered. */
void
client_glist_park(struct mars_client *c)
{
	client_glist_retry(c);
	if (c->glist.x.st != XACT_OFF)
		client_xact_park(c, &c->glist.x);
}

static void
take(struct mars_client *c, struct parts *ps, const struct mars_msg *m)
{
	struct l3_addr *v = ps->v;

	for (unsigned i = 0; i < m->tnum; i++)
		if (mars_listed_group(m, i, &v[ps->n]) == 0
		    && l3_range_has(&c->glist.range, &v[ps->n]))
			ps->n++;
}

static void
complete(struct mars_client *c, struct mtime now)
{
	struct parts *ps = &c->glist.parts;
	bool jump = client_seq(c, ps->msn, true);

	mem_free(c->mem, c->gans, c->gans_cap * sizeof(*c->gans));
	c->gans = ps->v;
	c->gans_n = ps->n;
	c->gans_cap = ps->cap;
	c->gans_rc = 0;
	*ps = (struct parts){ 0 };
	client_xact_off(c, &c->glist.x);
	if (jump)
		client_seq_jump(c, now, NULL);
}

/* client_glist_reply takes one part. */
int
client_glist_reply(struct mars_client *c, struct mtime now,
    const struct mars_msg *m)
{
	struct parts *ps = &c->glist.parts;
	int rc;

	if (!client_xact_open(&c->glist.x)) {
		client_drop(c, now, m->op, MARS_CLIENT_DROP_STALE);
		return 0;
	}
	client_xact_alive(c, now, &c->glist.x);
	rc = client_parts_room(c, ps, m->tnum, sizeof(struct l3_addr));
	if (rc != 0)
		return rc;
	if (client_parts_take(ps, m, false))
		take(c, ps, m);
	if (!m->last)
		return 0;
	if (!ps->bad) {
		complete(c, now);
		return 0;
	}
	client_drop(c, now, m->op, MARS_CLIENT_DROP_SEQUENCE);
	client_xact_due(c, now, &c->glist.x);
	return 0;
}
