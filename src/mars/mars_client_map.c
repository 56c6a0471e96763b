/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The list of MARSs and MARS_REDIRECT_MAP: RFC 2022 sections 5.4 and 5.4.3.
 *
 * One list: what the last map said, then the static table, duplicates removed
 * .  The static table is the configured MARS and its backups.  Where no
 * backups are configured, the one address is only where to start and does not
 * outlive the first map.
 */
#include "mars_client_int.h"

static bool
listed(const struct atm_addr *v, size_t n, const struct atm_addr *a)
{
	for (size_t i = 0; i < n; i++)
		if (atm_addr_equal(&v[i], a))
			return true;
	return false;
}

static void
append(struct atm_addr *v, size_t *n, const struct atm_addr *a)
{
	if (atm_tl_len(a->tl) != 0 && !listed(v, *n, a))
		v[(*n)++] = *a;
}

static int
install(struct mars_client *c, const struct atm_addr *dyn, size_t n)
{
	size_t cap = n + 1 + c->cfg.backups_n;
	struct atm_addr *v = mem_alloc(c->mem, cap * sizeof(*v));
	size_t k = 0, d;

	if (v == NULL)
		return MARSH_ENOMEM;
	for (size_t i = 0; i < n; i++)
		append(v, &k, &dyn[i]);
	d = k;
	if (c->cfg.backups_n > 0 || n == 0)
		append(v, &k, &c->cfg.mars);
	for (size_t i = 0; i < c->cfg.backups_n; i++)
		append(v, &k, &c->statics[i]);
	mem_free(c->mem, c->list, c->list_cap * sizeof(*c->list));
	c->list = v;
	c->list_n = k;
	c->list_cap = cap;
	c->list_dyn = d;
	return 0;
}

/* client_list_init installs the static table; 0 or MARSH_ENOMEM. */
int
client_list_init(struct mars_client *c)
{
	return install(c, NULL, 0);
}

/* client_list_other tells whether a MARS besides the current one is known. */
bool
client_list_other(const struct mars_client *c)
{
	for (size_t i = 0; i < c->list_n; i++)
		if (!atm_addr_equal(&c->list[i], &c->mars))
			return true;
	return false;
}

/*
 * client_list_next makes the next entry the current MARS, after the last one
 * the first (5.4.2).  A current MARS that is not listed is followed by the top.
 */
void
client_list_next(struct mars_client *c)
{
	size_t i = 0;

	if (c->list_n == 0)
		return;
	while (i < c->list_n && !atm_addr_equal(&c->list[i], &c->mars))
		i++;
	i = i < c->list_n ? (i + 1) % c->list_n : 0;
	c->mars = c->list[i];
	client_ctl_refresh(c);
}

/* client_map_silence: is it 4 minutes since the last map?  (5.4) */
void
client_map_silence(struct mars_client *c, struct mtime now)
{
	struct mtime end = mtime_add(c->map_seen, c->cfg.map_silence);

	if (!mtime_reached(end, now))
		client_tmr_arm(c, &c->map_t, end);
	else
		client_trouble(c, now);
}

/*
 * A map whose first entry is not the current MARS redirects to that entry.
 * One that overtakes the registration copy waits for it.
 */
static void
follow(struct mars_client *c, struct mtime now, bool hard)
{
	const struct atm_addr *to = &c->list[0];

	if (atm_addr_equal(to, &c->mars)) {
		c->settled = true;
		c->bounces = 0;
		c->later = REDIRECT_NONE;
	} else if (c->state == MARS_CLIENT_REGISTERING) {
		c->later = hard ? REDIRECT_HARD : REDIRECT_SOFT;
		c->later_to = *to;
	} else if (c->state != MARS_CLIENT_REGISTERED) {
		return;
	} else if (hard) {
		client_reg_hard(c, now, to);
	} else {
		client_soft_start(c, now, to);
	}
}

static bool
same(const struct mars_client *c, const struct atm_addr *v, size_t n)
{
	return n == c->list_dyn
	    && memcmp(v, c->list, n * sizeof(*v)) == 0;
}

static int
complete(struct mars_client *c, struct mtime now)
{
	struct parts *ps = &c->map;
	struct atm_addr *v = ps->v;
	size_t n = ps->n < MARS_LIST_MAX ? ps->n : MARS_LIST_MAX;

	if (n == 0) {
		client_drop(c, now, MARS_REDIRECT_MAP,
		    MARS_CLIENT_DROP_UNEXPECTED);
		return 0;
	}
	if (!same(c, v, n)) {
		if (install(c, v, n) != 0)
			return MARSH_ENOMEM;
		trace_emit(c->trace, now, &(struct trace_ev){
		    .kind = TRACE_MAP, .n = (uint32_t)c->list_dyn,
		    .op = MARS_REDIRECT_MAP, .msn = ps->msn,
		    .who = &c->list[0] });
	}
	c->map_seen = now;
	follow(c, now, ps->hard);
	return 0;
}

static void
forget(struct mars_client *c)
{
	client_parts_reset(c, &c->map, sizeof(struct atm_addr));
	client_tmr_off(c, &c->parts_t);
}

/* client_map_drop_parts: the rest of a map did not come in time. */
void
client_map_drop_parts(struct mars_client *c, struct mtime now)
{
	forget(c);
	client_drop(c, now, MARS_REDIRECT_MAP, MARS_CLIENT_DROP_SEQUENCE);
}

/*
 * client_map_msg takes one part of a map from the current MARS.  A map with a
 * part lost or an illegal step of mar$msn is discarded and not asked for again;
 * each part is a transmission on CCVC, so a step of one is legal.
 */
int
client_map_msg(struct mars_client *c, struct mtime now,
    const struct mars_msg *m)
{
	struct parts *ps = &c->map;
	struct atm_addr *v, a;
	int rc;

	if (m->part == 1)
		forget(c);
	rc = client_parts_room(c, ps, m->tnum, sizeof(*v));
	if (rc != 0)
		return rc;
	v = ps->v;
	if (client_parts_take(ps, m, true)) {
		for (unsigned i = 0; i < m->tnum; i++)
			if (mars_target(m, i, &a) == 0)
				v[ps->n++] = a;
		ps->hard = m->hard;
	}
	if (!m->last) {
		client_tmr_arm(c, &c->parts_t,
		    mtime_add(now, c->cfg.reply_wait));
		return 0;
	}
	if (ps->bad)
		client_drop(c, now, MARS_REDIRECT_MAP,
		    MARS_CLIENT_DROP_SEQUENCE);
	else
		rc = complete(c, now);
	forget(c);
	return rc;
}

/*
 * client_map_same tells, without taking it in, whether |m| repeats the list in
 * force under the current MARS: what a member hears every minute.
 */
bool
client_map_same(const struct mars_client *c, const struct mars_msg *m)
{
	size_t len = atm_tl_len(m->thtl);

	if (m->part != 1 || !m->last || m->tnum != c->list_dyn
	    || atm_tl_len(m->tstl) != 0 || c->map.next != 0
	    || c->state != MARS_CLIENT_REGISTERED || !c->settled)
		return false;
	for (size_t i = 0; i < m->tnum; i++)
		if (c->list[i].tl != m->thtl || c->list[i].stl != 0
		    || memcmp(c->list[i].num, m->list + i * len, len) != 0)
			return false;
	return atm_addr_equal(&c->list[0], &c->mars);
}
