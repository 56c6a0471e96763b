/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whatever happens to two to six servers, in the end all caches are equal, the
 * newest write of each originator stands everywhere, and nothing deleted is
 * back.  A write that died with the only servers that had it is not expected.
 */
#include "scsp_servers.h"

#define SEEDS 300
#define KEYS 6
#define ACTIONS 24

struct want {
	bool known;   /* what it must be in the end */
	char body[16]; /* "": withdrawn, or never there */
};

struct run {
	struct net *n;
	struct rng rng;
	struct want want[NET_MAX][KEYS];
	unsigned writes;
	uint64_t seed;
};

static unsigned
below(struct run *r, unsigned n)
{
	return (unsigned)rng_below(&r->rng, n);
}

static void
topology(struct run *r)
{
	struct net *n = r->n;

	switch (below(r, 4)) {
	case 0:
		net_mesh(n);
		break;
	case 1:
		net_line(n);
		break;
	case 2:
		net_line(n);
		if (n->n > 2)
			net_pair(n, 0, n->n - 1);
		break;
	default:
		for (int i = 1; i < n->n; i++)
			net_pair(n, i, 0);
		break;
	}
}

static const char *
name(unsigned k, char buf[8])
{
	snprintf(buf, 8, "k%u", k);
	return buf;
}

static void
change(struct run *r, int i)
{
	unsigned k = below(r, KEYS);
	struct want *w = &r->want[i][k];
	char key[8];
	int err;

	if (r->n->s[i] == NULL)
		return;
	if (below(r, 4) == 0) {
		err = scsp_remove(r->n->s[i], r->n->now, 0, text(name(k, key)));
		assert_true(err == 0 || err == MARSH_ENOENT);
		if (err == 0)
			*w = (struct want){ .known = true };
		return;
	}
	*w = (struct want){ .known = true };
	snprintf(w->body, sizeof(w->body), "w%u", ++r->writes);
	net_put(r->n, i, name(k, key), w->body);
}

/*
 * An originator that lost its memory adopts what it hears first: what it
 * wrote is certain only when whoever has an instance has the newest one.
 */
static bool
survives(const struct run *r, int orig, unsigned k)
{
	const struct want *w = &r->want[orig][k];
	uint8_t id[4] = { 10, 0, 0, (uint8_t)(orig + 1) };
	struct scsp_entry_info e;
	bool one = w->body[0] == '\0';
	char key[8];

	for (int i = 0; i < r->n->n; i++) {
		if (r->n->s[i] == NULL || !scsp_find(r->n->s[i], 0,
			text(name(k, key)), oct(id, 4), &e))
			continue;
		if (!net_has(r->n, i, key, orig,
			w->body[0] != '\0' ? w->body : NULL))
			return false;
		one = true;
	}
	return one;
}

static void
crash(struct run *r, int i)
{
	struct net *n = r->n;

	if (n->s[i] == NULL) {
		n->group.first_seq = (int32_t)((n->now.us / 1000) & 0x3fffffff);
		net_start(n, i);
		return;
	}
	net_crash(n, i);
	for (int o = 0; o < n->n; o++)
		for (unsigned k = 0; k < KEYS; k++)
			if (!survives(r, o, k))
				r->want[o][k].known = false;
}

static void
warm(struct run *r, int i)
{
	struct net *n = r->n;

	if (n->s[i] == NULL)
		return;
	for (struct net_vc *v = n->vc; v < n->vc + NET_VCS; v++) {
		bool mine = v->root == i;

		for (int k = 0; v->live && k < v->leaves; k++)
			mine |= v->leaf[k].up && v->leaf[k].node == i;
		if (v->live && mine)
			net_hang_up(n, v, i);
	}
	n->life[i]++;
	net_step(n, i, &(struct scsp_ev){ .kind = SCSP_RESTART });
}

static void
act(struct run *r)
{
	struct net *n = r->n;
	int i = (int)below(r, (unsigned)n->n), k = (int)below(r,
	    (unsigned)n->n);

	switch (below(r, 12)) {
	case 0:
		crash(r, i);
		break;
	case 1:
		warm(r, i);
		break;
	case 2:
		if (i != k)
			net_cut(n, i, k, below(r, 2) == 0);
		break;
	case 3:
		net_heal(n, i, k);
		break;
	default:
		change(r, i);
		break;
	}
	net_run(n, rng_span(&r->rng, MSPAN_MS(0), MSPAN_MS(below(r, 3) == 0
		? 12000 : 40)));
}

static void
finish(struct run *r)
{
	struct net *n = r->n;
	uint64_t before = 0, after = 1;

	n->loss = 0;
	for (int i = 0; i < n->n; i++) {
		for (int k = 0; k < n->n; k++)
			net_heal(n, i, k);
		if (n->s[i] == NULL)
			crash(r, i);
	}
	for (int t = 0; t < 100 && !(net_aligned(n) && net_equal(n)
	    && before == after); t++) {
		before = after;
		net_run(n, MSPAN_SEC(4));
		after = 0;
		for (int i = 0; i < n->n; i++)
			after += scsp_activity(n->s[i]);
	}
}

static void
judge(struct run *r)
{
	char key[8];

	if (!net_aligned(r->n) || !net_equal(r->n))
		fail_msg("seed %u: caches differ", (unsigned)r->seed);
	for (int i = 0; i < r->n->n; i++)
		for (int o = 0; o < r->n->n; o++)
			for (unsigned k = 0; k < KEYS; k++) {
				const struct want *w = &r->want[o][k];

				if (w->known && !net_has(r->n, i, name(k, key),
					o, w->body[0] != '\0' ? w->body : NULL))
					fail_msg("seed %u: server %d has not "
					    "%s=%s of %d", (unsigned)r->seed, i,
					    key, w->body, o);
			}
}

static void
one(uint64_t seed)
{
	static const uint32_t mtus[] = { 120, 200, SCSP_MTU };
	struct run r = { .seed = seed };

	rng_seed(&r.rng, seed);
	r.n = net_new(2 + (int)below(&r, 5));
	r.n->rng = r.rng;
	r.n->cfg.mtu = mtus[below(&r, 3)];
	r.n->jitter = MSPAN_US(below(&r, 2) * 3000);
	r.n->loss = below(&r, 3) == 0 ? 0.15 * rng_unit(&r.rng) : 0;
	r.n->group.multipoint = below(&r, 4) == 0;
	r.n->group.own = SCSP_OWN_ADOPT;
	topology(&r);
	for (int o = 0; o < r.n->n; o++)
		for (unsigned k = 0; k < KEYS; k++)
			r.want[o][k].known = true;
	net_all(r.n);
	net_run(r.n, MSPAN_MS(below(&r, 15000)));
	for (int i = 0; i < ACTIONS; i++)
		act(&r);
	finish(&r);
	judge(&r);
	net_free(r.n);
}

/* SCSP-001, SCSP-003: any connected graph, any order of events. */
static void
converge(void **state)
{
	const char *only = getenv("SCSP_SEED");

	(void)state;
	if (only != NULL) {
		one(strtoull(only, NULL, 0));
		return;
	}
	for (uint64_t seed = 1; seed <= SEEDS; seed++)
		one(seed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(converge),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
