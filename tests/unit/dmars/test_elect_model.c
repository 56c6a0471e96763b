/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The rules of the election in a model of two to six servers: statuses are
 * flooded along a mesh or a chain, get lost, come late and in disorder, servers
 * crash and restart, the network falls apart and heals.  Each server knows only
 * the records that it holds and evaluates them every second.  When it has been
 * quiet, each component has exactly one Active server, and all servers of it
 * compute the same winner.
 *
 * A lost record is sent again (SCSP retransmits), so that loss is delay;
 * records are passed on as far as the component goes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "marsh/base/rng.h"
#include "marsh/dmars/elect.h"

#define MAX 6
#define SEEDS 600
#define T_STATUS 5
#define T_LIVE 20
#define T_BOOT 20
#define T_ELECT 10
#define T_PREEMPT 60
#define T_SYNC 60
#define NOISE 300 /* s of disturbance */
#define QUIET 200 /* s without, more than a preemptive hand-over takes */
#define OID(i) (0x0a000001u + (i))

struct record {
	uint32_t seq; /* 0: never heard of */
	uint8_t role, priority;
	bool preempt, ready;
	uint32_t successor;
};

struct server {
	bool up;
	unsigned since;      /* when it booted */
	unsigned candidate;  /* when it became a Candidate, or Handover began */
	unsigned sent;       /* when its status was last refreshed */
	unsigned wanted;     /* since when somebody better is ready */
	uint32_t winner;
	struct record rec[MAX]; /* its own among them */
	unsigned heard[MAX];    /* when the newest of each came */
};

/* One record on its way from one server to a neighbour. */
struct flight {
	struct record rec;
	unsigned due; /* 0: none */
};

struct model {
	struct rng rng;
	unsigned n, now;
	unsigned calm;      /* s between disturbances, on average */
	unsigned handovers; /* begun so far */
	bool chain, preempt;
	unsigned side[MAX]; /* servers of one side reach each other */
	struct server s[MAX];
	struct flight way[MAX][MAX][MAX]; /* from, to, whose */
};

static unsigned
some(struct model *m, unsigned n)
{
	return (unsigned)rng_below(&m->rng, n);
}

/* ---- flooding ------------------------------------------------------------ */

static bool
linked(const struct model *m, unsigned a, unsigned b)
{
	return a != b && m->s[a].up && m->s[b].up && m->side[a] == m->side[b]
	    && (!m->chain || a + 1 == b || b + 1 == a);
}

static void
arrive(struct model *m, unsigned to, unsigned who, const struct record *r)
{
	struct server *s = &m->s[to];

	/* Only what is strictly newer says that somebody lives. */
	if (who != to && r->seq > s->rec[who].seq) {
		s->rec[who] = *r;
		s->heard[who] = m->now;
	}
}

/* What |b| lacks of what |a| has goes there, or is lost and goes next time. */
static void
offer(struct model *m, unsigned a, unsigned b, unsigned who)
{
	struct flight *f = &m->way[a][b][who];

	if (f->due != 0 && f->due <= m->now) {
		if (linked(m, a, b))
			arrive(m, b, who, &f->rec);
		f->due = 0;
	}
	if (f->due == 0 && who != b && linked(m, a, b)
	    && m->s[a].rec[who].seq > m->s[b].rec[who].seq
	    && some(m, 100) >= 20) {
		f->rec = m->s[a].rec[who];
		f->due = m->now + 1 + some(m, 3);
	}
}

static void
flood(struct model *m)
{
	for (unsigned a = 0; a < m->n; a++)
		for (unsigned b = 0; b < m->n; b++)
			for (unsigned who = 0; who < m->n; who++)
				offer(m, a, b, who);
}

/* ---- a server ------------------------------------------------------------ */

static bool
lives(const struct model *m, unsigned me, unsigned who)
{
	return who == me || (m->s[me].rec[who].seq != 0
	    && m->now - m->s[me].heard[who] < T_LIVE);
}

/* Each server has its records in another order. */
static size_t
members(const struct model *m, unsigned me, struct elect_member *out)
{
	size_t n = 0;

	for (unsigned k = 0; k < m->n; k++) {
		unsigned i = (me + k) % m->n;
		const struct record *r = &m->s[me].rec[i];

		if (r->seq == 0)
			continue;
		out[n] = (struct elect_member){ .oid = OID(i),
			.live = lives(m, me, i), .status = true,
			.role = r->role, .priority = r->priority,
			.preempt = r->preempt, .ready = r->ready,
			.successor = r->successor };
		out[n].addr.tl = ATM_NSAP_LEN;
		out[n++].addr.num[0] = (uint8_t)i;
	}
	return n;
}

static void
become(struct model *m, struct server *s, struct record *own, uint8_t role,
    uint32_t successor)
{
	if (own->role == role && own->successor == successor)
		return;
	own->role = role;
	own->successor = successor;
	own->ready = role != MARS_ROLE_STARTING;
	s->candidate = m->now;
	s->sent = 0; /* a change is told at once */
}

static const struct elect_member *
find(const struct elect_member *e, size_t n, uint32_t oid)
{
	for (size_t i = 0; i < n; i++)
		if (e[i].oid == oid)
			return &e[i];
	return NULL;
}

/* The best who wants the partition back from |own|, or NULL. */
static const struct elect_member *
claims_back(const struct elect_member *e, size_t n,
    const struct elect_member *own)
{
	const struct elect_member *w = NULL;

	for (size_t i = 0; i < n; i++)
		if (elect_eligible(&e[i]) && e[i].preempt && e[i].ready
		    && e[i].priority > own->priority
		    && (w == NULL || elect_better(&e[i], w)))
			w = &e[i];
	return w;
}

/* An incumbent that is the winner: it may hand over, or give that up. */
static void
incumbent(struct model *m, struct server *s, struct record *own,
    const struct elect_member *e, size_t n, uint32_t me)
{
	const struct elect_member *w = claims_back(e, n, find(e, n, me));

	if (own->role == MARS_ROLE_HANDOVER) {
		become(m, s, own, MARS_ROLE_ACTIVE, 0);
		s->wanted = 0;
		return;
	}
	if (w == NULL || !m->preempt) {
		s->wanted = 0;
	} else if (s->wanted == 0) {
		s->wanted = m->now;
	} else if (m->now - s->wanted >= T_PREEMPT) {
		become(m, s, own, MARS_ROLE_HANDOVER, w->oid);
		m->handovers++;
		s->wanted = 0;
	}
}

/* Somebody else is the winner. */
static void
yield_to(struct model *m, struct server *s, struct record *own,
    const struct elect_member *w)
{
	if (own->role == MARS_ROLE_HANDOVER && w->oid == own->successor
	    && w->role != MARS_ROLE_ACTIVE) {
		if (m->now - s->candidate >= T_SYNC)
			become(m, s, own, MARS_ROLE_ACTIVE, 0);
		return;
	}
	become(m, s, own, MARS_ROLE_BACKUP, 0);
}

static void
won(struct model *m, struct server *s, struct record *own,
    const struct elect_member *e, size_t n, struct elect_result r)
{
	if (r.rule == ELECT_SUCCESSOR)
		become(m, s, own, MARS_ROLE_ACTIVE, 0);
	else if (r.rule == ELECT_INCUMBENT)
		incumbent(m, s, own, e, n, r.winner);
	else if (own->role != MARS_ROLE_CANDIDATE)
		become(m, s, own, MARS_ROLE_CANDIDATE, 0);
	else if (m->now - s->candidate >= T_ELECT)
		become(m, s, own, MARS_ROLE_ACTIVE, 0);
}

static void
evaluate(struct model *m, unsigned me)
{
	struct server *s = &m->s[me];
	struct record *own = &s->rec[me];
	struct elect_member e[MAX];
	struct elect_result r;
	size_t n;

	if (own->role == MARS_ROLE_STARTING && m->now - s->since >= T_BOOT)
		become(m, s, own, MARS_ROLE_BACKUP, 0);
	n = members(m, me, e);
	r = elect_winner(e, n);
	s->winner = r.winner;
	if (own->role == MARS_ROLE_STARTING || own->priority == 0)
		; /* no say */
	else if (r.winner == OID(me))
		won(m, s, own, e, n, r);
	else
		yield_to(m, s, own, find(e, n, r.winner));
	if (s->sent == 0 || m->now - s->sent >= T_STATUS) {
		own->seq++;
		s->sent = m->now;
	}
}

/* ---- what happens to them ------------------------------------------------ */

static void
boot(struct model *m, unsigned i)
{
	struct server *s = &m->s[i];
	struct record own = s->rec[i];

	memset(s, 0, sizeof(*s));
	s->up = true;
	s->since = m->now;
	/* A restarted server goes on counting; the peers remind it (B-20). */
	s->rec[i] = (struct record){ .seq = own.seq + 1,
		.role = MARS_ROLE_STARTING, .priority = own.priority,
		.preempt = own.preempt };
}

static void
disturb(struct model *m)
{
	unsigned i = some(m, m->n);

	if (some(m, m->calm) != 0)
		return;
	switch (some(m, 5)) {
	case 0:
		m->s[i].up = false;
		break;
	case 1:
	case 2:
		for (i = 0; i < m->n; i++)
			if (!m->s[i].up)
				boot(m, i);
		break;
	case 3:
		for (i = 0; i < m->n; i++)
			m->side[i] = some(m, 2);
		break;
	case 4:
		memset(m->side, 0, sizeof(m->side));
		break;
	default:
		break;
	}
}

static void
second(struct model *m)
{
	m->now++;
	flood(m);
	for (unsigned i = 0; i < m->n; i++)
		if (m->s[i].up)
			evaluate(m, i);
}

static void
start(struct model *m, uint64_t seed)
{
	memset(m, 0, sizeof(*m));
	rng_seed(&m->rng, seed);
	m->now = 1;
	m->n = 2 + some(m, MAX - 1);
	m->chain = some(m, 2);
	m->preempt = some(m, 4) != 0;
	m->calm = 5 + some(m, 60);
	for (unsigned i = 0; i < m->n; i++) {
		/* Few priorities, so that some are equal; 0 is never. */
		m->s[i].rec[i].priority = (uint8_t)some(m, 5);
		m->s[i].rec[i].preempt = some(m, 4) != 0;
		boot(m, i);
	}
}

/* ---- what must be then --------------------------------------------------- */

/* Fills |in| with who can be reached from |from|. */
static void
component(const struct model *m, unsigned from, bool in[MAX])
{
	bool more = true;

	memset(in, 0, MAX * sizeof(in[0]));
	in[from] = true;
	while (more) {
		more = false;
		for (unsigned a = 0; a < m->n; a++)
			for (unsigned b = 0; b < m->n; b++)
				if (in[a] && !in[b] && linked(m, a, b))
					in[b] = more = true;
	}
}

/* Returns what is wrong in the component of |from|, or NULL. */
static const char *
wrong(const struct model *m, unsigned from)
{
	unsigned active = 0, able = 0, claim = 0;
	bool in[MAX];

	component(m, from, in);
	for (unsigned i = 0; i < m->n; i++) {
		const struct record *own = &m->s[i].rec[i];

		if (!in[i])
			continue;
		able += own->priority != 0;
		active += own->role == MARS_ROLE_ACTIVE;
		claim += own->role == MARS_ROLE_HANDOVER
		    || own->role == MARS_ROLE_CANDIDATE;
		if (m->s[i].winner != m->s[from].winner)
			return "they do not agree";
		if (own->role == MARS_ROLE_ACTIVE
		    && m->s[i].winner != OID(i))
			return "another than the winner is Active";
	}
	if (active != (able != 0))
		return active == 0 ? "nobody is Active" : "two are Active";
	return claim != 0 ? "it has not come to rest" : NULL;
}

static void
all_right(const struct model *m, uint64_t seed)
{
	for (unsigned i = 0; i < m->n; i++) {
		const char *why = m->s[i].up ? wrong(m, i) : NULL;

		if (why != NULL)
			fail_msg("seed %lu, at %u: %s", (unsigned long)seed,
			    m->now, why);
	}
}

/* All ever learned, in the order that each of them tells its clients. */
static void
same_maps(const struct model *m)
{
	for (unsigned i = 0; i < m->n; i++)
		for (unsigned j = 0; j < m->n; j++) {
			struct elect_member a[MAX], b[MAX];
			size_t n, k;

			if (!linked(m, i, j))
				continue;
			n = members(m, i, a);
			k = members(m, j, b);
			n = elect_order(a, n, m->s[i].winner,
			    ELECT_LIST_LIVING, ELECT_RETURN_NEXT, NULL, 0);
			k = elect_order(b, k, m->s[j].winner,
			    ELECT_LIST_LIVING, ELECT_RETURN_NEXT, NULL, 0);
			assert_int_equal(n, k);
			for (k = 0; k < n; k++)
				assert_int_equal(a[k].oid, b[k].oid);
		}
}

static void
one_each(void **state)
{
	unsigned handovers = 0;
	static struct model m;

	(void)state;
	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		start(&m, seed);
		while (m.now < NOISE) {
			disturb(&m);
			second(&m);
		}
		while (m.now < NOISE + QUIET)
			second(&m);
		/* And it stays so. */
		while (m.now < NOISE + QUIET + 20) {
			second(&m);
			all_right(&m, seed);
			same_maps(&m);
		}
		handovers += m.handovers;
	}
	/* Rule 1 had its part. */
	assert_true(handovers >= SEEDS / 30);
}

/* Nobody stands by: a sole server is Active behind T_boot and T_elect. */
static void
alone(void **state)
{
	static struct model m;

	(void)state;
	start(&m, 1);
	m.n = 1;
	m.s[0].rec[0].priority = 1;
	while (m.s[0].rec[0].role != MARS_ROLE_ACTIVE && m.now < 100)
		second(&m);
	assert_int_equal(m.now - m.s[0].since, T_BOOT + T_ELECT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_each),
		cmocka_unit_test(alone),
	};

	return cmocka_run_group_tests_name("elect model", tests, NULL, NULL);
}
