/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Replies in several parts (RFC 2022 section 5.1.1): parts are numbered from 1
 * in steps of one and carry one mar$msn.  After a mistake the rest is awaited
 * and thrown away.
 */
#include "mars_client_int.h"

/*
 * client_parts_take looks whether the part |m| follows; its contents are then
 * to be kept.  |one_above|: mar$msn may grow by one a part.
 */
bool
client_parts_take(struct parts *ps, const struct mars_msg *m, bool one_above)
{
	if (ps->next == 0) {
		ps->next = 1;
		ps->msn = m->msn;
	}
	if (m->part != ps->next
	    || (uint32_t)(m->msn - ps->msn) > (one_above ? 1u : 0u))
		ps->bad = true;
	ps->next = (uint16_t)(m->part + 1);
	ps->msn = m->msn;
	return !ps->bad;
}

/* client_parts_room makes room for |more| items of |item| octets. */
int
client_parts_room(struct mars_client *c, struct parts *ps, size_t more,
    size_t item)
{
	return mem_grow(c->mem, &ps->v, &ps->cap, ps->n + more, item);
}

/* client_parts_reset forgets what was collected. */
void
client_parts_reset(struct mars_client *c, struct parts *ps, size_t item)
{
	mem_free(c->mem, ps->v, ps->cap * item);
	*ps = (struct parts){ 0 };
}
