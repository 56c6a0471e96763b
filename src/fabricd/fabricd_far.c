/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls that cross a trunk.  Away from the root a branch stands for all parties
 * behind one trunk, so a frame crosses it once; a call that comes in is one
 * whose root is a trunk.
 *
 * Invariants: a branch has parties; labels are counted, never reused, so what
 * crosses a RELEASE on the way means nothing instead of something else.
 */
#include <assert.h>
#include <string.h>

#include "fabricd_int.h"
#include "marsh/base/err.h"

static uint64_t
hash(uint32_t line, uint32_t label)
{
	return tab_mix((uint64_t)line << 32 | label);
}

static struct fab_call *
call_find(const struct fab_call_ctl *c, uint32_t line, uint32_t label)
{
	struct tab_link *t = tab_first(&c->by_down, hash(line, label));

	for (; t != NULL; t = tab_next(t)) {
		struct fab_call *k = FAB_OF(fab_call, by_label, t);

		if (k->line == line && k->label == label)
			return k;
	}
	return NULL;
}

static struct fab_branch *
branch_find(const struct fab_call_ctl *c, uint32_t line, uint32_t label)
{
	struct tab_link *t = tab_first(&c->by_up, hash(line, label));

	for (; t != NULL; t = tab_next(t)) {
		struct fab_branch *b = FAB_OF(fab_branch, by_label, t);

		if (b->line == line && b->label == label)
			return b;
	}
	return NULL;
}

static struct fab_point
down(const struct fab_branch *b)
{
	return (struct fab_point){ b->line, b->label };
}

static struct fab_point
up(const struct fab_branch *b)
{
	return (struct fab_point){ b->line, b->label | FAB_UP };
}

/* fab_far_up returns where frames of |k| go that come up from its leaves. */
struct fab_point
fab_far_up(const struct fab_call *k)
{
	struct fab_point p = fab_root_point(k);

	if (k->ep == NULL)
		p.label |= FAB_UP;
	return p;
}

static struct fab_branch *
branch_new(struct fab_call_ctl *c, struct fab_call *k, uint32_t line)
{
	struct fab_branch *b = mem_alloc(c->mem, sizeof(*b));

	if (b == NULL)
		return NULL;
	b->call = k;
	b->line = line;
	do {
		c->last_label = c->last_label % FAB_LABEL_MAX + 1;
	} while (branch_find(c, line, c->last_label) != NULL);
	b->label = c->last_label;
	b->next = k->branch;
	k->branch = b;
	tab_add(&c->by_up, &b->by_label, hash(line, b->label));
	return b;
}

static void
branch_free(struct fab_call_ctl *c, struct fab_branch *b)
{
	struct fab_branch **at = &b->call->branch;

	while (*at != b)
		at = &(*at)->next;
	*at = b->next;
	tab_del(&c->by_up, &b->by_label);
	mem_free(c->mem, b, sizeof(*b));
}

/* fab_far_ask sends |p|, a new party, over |line|; 0 or MARSH_ENOMEM. */
int
fab_far_ask(struct fab_call_ctl *c, struct fab_party *p, uint32_t line)
{
	struct fab_call *k = p->call;
	struct fab_branch *b = k->branch;
	struct fab_msg m;

	while (b != NULL && b->line != line)
		b = b->next;
	memset(&m, 0, sizeof(m));
	m.type = FAB_ADD;
	if (b == NULL) {
		b = branch_new(c, k, line);
		if (b == NULL)
			return MARSH_ENOMEM;
		m.type = FAB_SETUP;
		m.multi = k->multi;
		m.calling = k->calling;
		m.qos = k->qos;
		m.sap = k->sap;
	}
	p->branch = b;
	b->parties++;
	m.label = b->label;
	m.ref = p->ref;
	m.hops = (uint8_t)(k->hops + 1);
	m.called = p->addr;
	c->sink.trunk(c->sink.ctx, line, &m);
	return 0;
}

/* fab_far_join: one more party of |b| is connected; false: no memory. */
bool
fab_far_join(struct fab_call_ctl *c, struct fab_branch *b)
{
	struct fab_call *k = b->call;
	struct fab_point root = fab_root_point(k);

	if (b->connected > 0) {
		b->connected++;
		return true;
	}
	if (fab_switch_join(c->sw, root, down(b)) != 0)
		return false;
	if (!k->multi && fab_switch_join(c->sw, up(b), fab_far_up(k)) != 0) {
		fab_switch_part(c->sw, root, down(b));
		return false;
	}
	b->connected = 1;
	return true;
}

/* fab_far_leave takes |p| off its branch; |clear|: that side has to be told. */
void
fab_far_leave(struct fab_call_ctl *c, struct fab_party *p, bool clear,
    bool connected, unsigned cause)
{
	struct fab_branch *b = p->branch;

	p->branch = NULL;
	if (connected && --b->connected == 0) {
		fab_switch_part(c->sw, fab_root_point(p->call), down(b));
		fab_switch_drop(c->sw, up(b));
	}
	if (--b->parties == 0) {
		fab_say_trunk(c, b->line, b->label, FAB_RELEASE, 0, cause);
		branch_free(c, b);
	} else if (clear) {
		fab_say_trunk(c, b->line, b->label, FAB_DROP, p->ref, cause);
	}
}

/* count returns where calls that came in over |line| are counted, or NULL. */
static unsigned *
count(struct fab_call_ctl *c, uint32_t line)
{
	void *v = c->calls_on;

	if (line >= c->lines) {
		if (mem_grow(c->mem, &v, &c->lines_cap, line + 1,
			sizeof(*c->calls_on)) != 0)
			return NULL;
		c->calls_on = v;
		while (c->lines <= line)
			c->calls_on[c->lines++] = 0;
	}
	return &c->calls_on[line];
}

static void
setup(struct fab_call_ctl *c, uint32_t line, const struct fab_msg *m)
{
	unsigned *n = count(c, line);
	struct fab_call *k = call_find(c, line, m->label);

	if (k != NULL) {
		fab_say_bad(c, "trunk: label is in use", (int)line);
		return;
	}
	if (n != NULL && *n < c->cfg.calls)
		k = fab_root_new(c, m->multi);
	if (k == NULL) {
		c->n.failed++;
		fab_say_trunk(c, line, m->label, FAB_GONE, m->ref,
		    ATM_CAUSE_NO_RESOURCE);
		return;
	}
	++*n;
	k->line = line;
	k->label = m->label;
	tab_add(&c->by_down, &k->by_label, hash(line, m->label));
	k->hops = m->hops;
	k->calling = m->calling;
	k->qos = m->qos;
	k->sap = m->sap;
	fab_party_ask(c, k, m->ref, &m->called);
}

/* fab_far_unlink: |k|, which came in over a trunk, is known no more. */
void
fab_far_unlink(struct fab_call_ctl *c, struct fab_call *k)
{
	tab_del(&c->by_down, &k->by_label);
	c->calls_on[k->line]--;
}

static void
add(struct fab_call_ctl *c, uint32_t line, const struct fab_msg *m)
{
	struct fab_call *k = call_find(c, line, m->label);
	unsigned cause = 0;

	if (k == NULL)
		cause = ATM_CAUSE_TEMPORARY;
	else if (!k->multi || fab_party_find(k, m->ref) != NULL)
		cause = ATM_CAUSE_BAD_ENDPOINT;
	else if (k->parties > FAB_REF_MAX)
		cause = ATM_CAUSE_NO_RESOURCE;
	if (cause != 0) {
		fab_say_trunk(c, line, m->label, FAB_GONE, m->ref, cause);
		return;
	}
	k->hops = m->hops;
	fab_party_ask(c, k, m->ref, &m->called);
}

static void
answer(struct fab_call_ctl *c, uint32_t line, const struct fab_msg *m)
{
	struct fab_branch *b = branch_find(c, line, m->label);
	struct fab_party *p = b == NULL ? NULL : fab_party_find(b->call, m->ref);

	if (p == NULL || p->branch != b)
		return; /* dropped or released meanwhile */
	if (m->type == FAB_GONE) {
		(void)fab_party_event(c, p, ATM_PARTY_LEAVE,
		    m->cause != 0 ? m->cause : ATM_CAUSE_UNSPECIFIED);
		return;
	}
	if (p->state != ATM_PARTY_CALLING)
		return;
	if (fab_party_join(c, p))
		(void)fab_party_event(c, p, ATM_PARTY_ACCEPT, 0);
	else
		(void)fab_party_event(c, p, ATM_PARTY_BREAK,
		    ATM_CAUSE_NO_RESOURCE);
}

void
fab_call_trunk(struct fab_call_ctl *c, struct mtime now, uint32_t line,
    const struct fab_msg *m)
{
	struct fab_call *k = call_find(c, line, m->label);
	struct fab_party *p;

	assert(line != FAB_HERE);
	c->now = now;
	switch (m->type) {
	case FAB_SETUP:
		setup(c, line, m);
		break;
	case FAB_ADD:
		add(c, line, m);
		break;
	case FAB_DROP:
		p = k == NULL ? NULL : fab_party_find(k, m->ref);
		if (p == NULL)
			break;
		(void)fab_party_event(c, p, ATM_PARTY_DROP, m->cause);
		fab_party_forget(c, p);
		break;
	case FAB_RELEASE:
		if (k != NULL)
			fab_root_end(c, k, m->cause);
		break;
	case FAB_OK:
	case FAB_GONE:
		answer(c, line, m);
		break;
	}
}

static void
lose_parties(struct fab_call_ctl *c, struct fab_call *k, uint32_t line)
{
	struct fab_party *p, *next;

	for (p = k->first; p != NULL; p = next) {
		next = p->next;
		if (p->branch != NULL && p->branch->line == line
		    && !fab_party_event(c, p, ATM_PARTY_BREAK,
			ATM_CAUSE_NET_OUT))
			return;
	}
}

void
fab_call_lost(struct fab_call_ctl *c, struct mtime now, uint32_t line)
{
	struct fab_call *k, *next;

	c->now = now;
	for (k = c->first; k != NULL; k = next) {
		next = k->next;
		if (k->ep == NULL && k->line == line)
			fab_root_end(c, k, ATM_CAUSE_NET_OUT);
		else
			lose_parties(c, k, line);
	}
}
