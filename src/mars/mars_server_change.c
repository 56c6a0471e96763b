/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What own members did, in order, for those who tell other MARSs (RFC 2443
 * sections 5.3 and 5.4): registrations also when repeated, and the joins and
 * leaves that changed a table, whether or not anybody on CCVC needed to hear.
 * A membership that came with a member from another MARS is told once more, on
 * its first JOIN here: from then on it is this MARS's to speak for.
 *
 * When memory is short what cannot be stored is replaced by MARS_CHANGE_LOST,
 * behind what was stored before: who takes it finds the rest in the tables.
 */
#include <string.h>

#include "mars_server_int.h"

static void
push(struct mars_server *s, const struct mars_change *c)
{
	struct server_changes *q = &s->changes;
	void *v = q->v;

	if (q->lost)
		return;
	if (mem_grow(s->mem, &v, &q->cap, q->n + 1, sizeof(*q->v)) != 0) {
		q->lost = true;
		return;
	}
	q->v = v;
	q->v[q->n++] = *c;
}

static struct mars_change
change(const struct mars_proto *p, unsigned cmi, enum mars_change_what what)
{
	const struct db_member *m = db_member(&p->db, cmi);
	struct mars_change c = { .what = what, .pro = p->pro,
		.addr = db_addr(&p->db, cmi), .cmi = (uint16_t)cmi };

	(void)l3_addr_set(&c.spa, m->spa, m->spa_len);
	return c;
}

/* change_member tells that |cmi| came or goes; it is still in the tables. */
void
change_member(struct mars_server *s, const struct mars_proto *p, unsigned cmi,
    enum mars_change_what what, bool proxy)
{
	struct mars_change c;

	if (!s->cfg.changes)
		return;
	c = change(p, cmi, what);
	c.proxy = proxy;
	push(s, &c);
}

/* change_range tells of a JOIN or LEAVE. */
void
change_range(struct mars_server *s, const struct server_rq *rq,
    const struct l3_range *r)
{
	struct mars_change c;

	if (!s->cfg.changes || rq->far)
		return;
	c = change(rq->p, rq->cmi,
	    rq->m->op == MARS_JOIN ? MARS_CHANGE_JOIN : MARS_CHANGE_LEAVE);
	c.range = *r;
	c.layer3 = (rq->m->flags & MARS_FLAG_LAYER3GRP) != 0;
	push(s, &c);
}

bool
mars_server_next_change(struct mars_server *s, struct mars_change *c)
{
	struct server_changes *q = &s->changes;

	if (q->head < q->n) {
		*c = q->v[q->head++];
		if (q->head > q->n / 2) {
			q->n -= q->head;
			memmove(q->v, q->v + q->head, q->n * sizeof(*q->v));
			q->head = 0;
		}
		return true;
	}
	if (!q->lost)
		return false;
	q->lost = false;
	*c = (struct mars_change){ .what = MARS_CHANGE_LOST };
	return true;
}

void
change_fini(struct mars_server *s)
{
	mem_free(s->mem, s->changes.v,
	    s->changes.cap * sizeof(*s->changes.v));
}

const char *
change_check(const struct mars_server *s)
{
	const struct server_changes *q = &s->changes;

	if (q->head > q->n || q->n > q->cap || (q->head != 0 && q->head > q->n / 2))
		return "changes: places";
	if (!s->cfg.changes && (q->cap != 0 || q->lost))
		return "changes: nobody wants them";
	return NULL;
}
