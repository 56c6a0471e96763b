/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * MARS_REQUEST and its answers: RFC 2022 sections 5.1.1, 5.1.2 and 5.1.4.2.
 * The same question builds a path, revalidates one, and answers a command.
 *
 * Replies come on the VC to the MARS and may be older than what CCVC brought
 * meanwhile.  JOINs and LEAVEs seen while a question is out are therefore noted
 * and, where their number is newer than the reply's, applied on top of it.
 */
#include "mars_client_int.h"

static void
forget_notes(struct mars_client *c, struct path *p)
{
	mem_free(c->mem, p->notes, p->notes_cap * sizeof(*p->notes));
	p->notes = NULL;
	p->notes_n = p->notes_cap = 0;
}

/*
 * client_ask_retry discards what was collected; the question is repeated.  What
 * CCVC brought is kept: the answer to come may be to the first question.
 */
void
client_ask_retry(struct mars_client *c, struct path *p)
{
	client_parts_reset(c, &p->parts, sizeof(struct atm_addr));
}

/* client_ask_forget discards all: another MARS will be asked. */
void
client_ask_forget(struct mars_client *c, struct path *p)
{
	client_ask_retry(c, p);
	forget_notes(c, p);
	p->jumped = false;
}

/* client_ask_start asks the MARS for the members of the group. */
void
client_ask_start(struct mars_client *c, struct path *p)
{
	client_ask_forget(c, p);
	p->reval_new = false;
	client_xact_start(c, &p->ask);
}

/* client_ask_stop forgets the question. */
void
client_ask_stop(struct mars_client *c, struct path *p)
{
	client_ask_forget(c, p);
	client_xact_off(c, &p->ask);
}

/* client_ask_note keeps a change of membership for the reply to come. */
void
client_ask_note(struct mars_client *c, struct path *p,
    const struct atm_addr *a, uint32_t msn, bool join)
{
	void *v = p->notes;

	if (!client_xact_open(&p->ask))
		return;
	if (mem_grow(c->mem, &v, &p->notes_cap, p->notes_n + 1,
	    sizeof(*p->notes)) != 0) {
		c->stats.drops[MARS_CLIENT_DROP_NO_MEMORY]++;
		return;
	}
	p->notes = v;
	p->notes[p->notes_n++] = (struct path_note){ *a, msn, join };
}

static bool
newer(uint32_t a, uint32_t b)
{
	return a != b && a - b < 0x80000000u;
}

/* Is anyone but us in the group? */
static bool
others(const struct mars_client *c, const struct path *p)
{
	const struct atm_addr *v = p->parts.v;

	for (size_t i = 0; i < p->parts.n; i++)
		if (!atm_addr_equal(&v[i], &c->cfg.addr))
			return true;
	for (size_t i = 0; i < p->notes_n; i++)
		if (p->notes[i].join && newer(p->notes[i].msn, p->parts.msn))
			return true;
	return false;
}

/* The answer for a command is the list as it came. */
static void
answer(struct mars_client *c, struct path *p, int rc)
{
	if (!p->query)
		return;
	p->query = false;
	mem_free(c->mem, c->ans, c->ans_cap * sizeof(*c->ans));
	c->ans = p->parts.v;
	c->ans_n = p->parts.n;
	c->ans_cap = p->parts.cap;
	c->ans_rc = rc;
	p->parts = (struct parts){ 0 };
}

static void
apply_notes(struct mars_client *c, struct path *p, uint32_t msn)
{
	for (size_t i = 0; i < p->notes_n; i++) {
		const struct path_note *n = &p->notes[i];
		struct leaf *l;

		if (!newer(n->msn, msn))
			continue;
		if (n->join)
			(void)client_leaf_join(c, p, &n->a);
		else if ((l = client_set_find(p, &n->a)) != NULL)
			client_leaf_leave(c, p, l);
	}
}

/* Nobody there: the packet is discarded, questions are held back (5.1.1). */
static void
nobody(struct mars_client *c, struct mtime now, struct path *p, int rc)
{
	answer(c, p, rc);
	client_path_hold(c, now, p);
}

static int
reply(struct mars_client *c, struct mtime now, struct path *p)
{
	uint32_t msn = p->parts.msn;
	bool behind = p->jumped && newer(p->jump_msn, msn);
	int rc;

	if (!others(c, p)) {
		nobody(c, now, p, p->parts.n == 0 ? MARSH_ENOENT : 0);
		return 0;
	}
	if (p->state == MARS_PATH_ASKING && p->pend_n == 0) {
		answer(c, p, 0);
		client_path_close(c, now, p);
		return 0;
	}
	rc = client_set_merge(c, p, p->parts.v, p->parts.n);
	if (rc != 0)
		return rc;
	apply_notes(c, p, msn);
	answer(c, p, 0);
	client_ask_stop(c, p);
	if (p->state == MARS_PATH_ASKING) {
		client_set_wave(p);
		client_path_go(c, now, p, MARS_PATH_OPENING);
		if (behind)
			client_reval_path(c, now, p);
	} else {
		client_reval_done(c, p);
	}
	client_leaf_settle(c, now, p);
	return 0;
}

/* What the last part completes; HSN moves now, and only now (5.1.4.2). */
static int
complete(struct mars_client *c, struct mtime now, struct path *p)
{
	bool fresh = p->state == MARS_PATH_ASKING, jump;
	struct l3_addr g = p->group;
	uint32_t hsn = c->hsn;
	int rc;

	jump = client_seq(c, p->parts.msn, true);
	if ((rc = reply(c, now, p)) != 0) {
		c->hsn = hsn;
		return rc;
	}
	if (jump)
		client_seq_jump(c, now,
		    fresh ? client_path_find(c, &g) : NULL);
	return 0;
}

static int
stale(struct mars_client *c, struct mtime now, const struct mars_msg *m)
{
	client_drop(c, now, m->op, MARS_CLIENT_DROP_STALE);
	if (m->op == MARS_MULTI && m->last && client_seq(c, m->msn, true))
		client_seq_jump(c, now, NULL);
	return 0;
}

static struct path *
asked(const struct mars_client *c, const struct mars_msg *m)
{
	struct l3_addr g;
	struct path *p;

	if (mars_group(m, &g) != 0 || (p = client_path_find(c, &g)) == NULL
	    || !client_xact_open(&p->ask))
		return NULL;
	return p;
}

/*
 * client_ask_multi takes one part.  After a jump of y or a change of mar$msn
 * the last part is awaited, everything discarded and the question repeated
 * (5.1.1); a part without memory counts as lost.
 */
int
client_ask_multi(struct mars_client *c, struct mtime now,
    const struct mars_msg *m)
{
	struct path *p = asked(c, m);
	struct atm_addr *v;
	int rc;

	if (p == NULL)
		return stale(c, now, m);
	client_xact_alive(c, now, &p->ask);
	rc = client_parts_room(c, &p->parts, m->tnum, sizeof(*v));
	if (rc != 0)
		return rc;
	v = p->parts.v;
	if (client_parts_take(&p->parts, m, false))
		for (unsigned i = 0; i < m->tnum; i++)
			if (mars_target(m, i, &v[p->parts.n]) == 0)
				p->parts.n++;
	if (!m->last)
		return 0;
	if (!p->parts.bad)
		return complete(c, now, p);
	client_drop(c, now, m->op, MARS_CLIENT_DROP_SEQUENCE);
	client_xact_due(c, now, &p->ask);
	return 0;
}

/* client_ask_nak: the group is empty. */
void
client_ask_nak(struct mars_client *c, struct mtime now,
    const struct mars_msg *m)
{
	struct path *p = asked(c, m);

	if (p == NULL) {
		(void)stale(c, now, m);
		return;
	}
	client_ask_retry(c, p);
	nobody(c, now, p, MARSH_ENOENT);
}
