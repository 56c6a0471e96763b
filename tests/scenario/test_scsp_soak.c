/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SCSP for safety and convergence (RFC 2334): random groups of servers write
 * and withdraw while messages are lost and late, servers crash, hang and come
 * back with and without their memory, links are cut, calls refused, DCSs and
 * keys come and go.  Then everything is healed and left in peace: all servers
 * must come to have the same cache, and in it what the model says.
 *
 * One seed is one run.  SEEDS=17-17 plays back seed 17 and tells each step with
 * its messages; SEEDS=100000 tries as many, SEEDS=5000-6000 those.
 */
#include "scsp_soak_model.h"

#define SEEDS 4000
#define STEPS 40
#define PEACE 240        /* seconds until all is well, at most */
#define PEACE_WRAPS 1800 /* with purges of the number space */

/* ---- what may happen ----------------------------------------------------- */

static const char *
who(const struct soak *r, int i)
{
	return node_name(r->w, r->node[i]);
}

static int
verb(struct soak *r, int i, unsigned g, const uint8_t key[2],
    const uint8_t *body, size_t len)
{
	struct scsp_oct k = { key, 2 }, b = { body, len };
	struct mtime now = world_now(r->w);
	int rv;

	if (g == 0)
		return body != NULL ? node_scsp_put(r->w, r->node[i], k, b)
				    : node_scsp_remove(r->w, r->node[i], k);
	rv = body != NULL ? scsp_put(soak_engine(r, i), now, g, k, b)
			  : scsp_remove(soak_engine(r, i), now, g, k);
	(void)node_scsp_remove(r->w, r->node[i],
	    (struct scsp_oct){ (const uint8_t *)"none", 4 });
	return rv;
}

static void
change(struct soak *r, int i)
{
	unsigned g = soak_below(r, r->groups), k = soak_below(r, SOAK_KEYS);
	unsigned name = soak_name(i, k), id = 0;
	bool remove = soak_below(r, 4) == 0;
	uint8_t key[2] = { 'k', (uint8_t)('0' + k) }, body[36] = { 0 };
	size_t len = 4 + soak_below(r, 33);
	int rv;

	if (!remove) {
		id = soak_new(r, g, name);
		body[0] = (uint8_t)(id >> 24);
		body[1] = (uint8_t)(id >> 16);
		body[2] = (uint8_t)(id >> 8);
		body[3] = (uint8_t)id;
	}
	rv = verb(r, i, g, key, remove ? NULL : body, len);
	soak_say(r, "%s %s group %u k%u = %u: %d", who(r, i),
	    remove ? "withdraws" : "puts", g, k, id, rv);
	if (rv == 0)
		soak_wrote(r, g, name, id);
	else if (rv != MARSH_ESTATE && !(remove && rv == MARSH_ENOENT))
		soak_must(r, rv, "change");
	soak_look(r);
}

/* Writes of one instant, or nearly so, share messages and queues. */
static void
changes(struct soak *r, int i, int k)
{
	unsigned n = soak_below(r, 3) == 0 ? 1 + soak_below(r, 8) : 1;

	(void)k;
	while (n-- > 0 && soak_up(r, i)) {
		change(r, i);
		if (soak_below(r, 4) == 0)
			soak_run(r, MSPAN_US(soak_below(r, 8000)));
	}
}

static void
come_back(struct soak *r, int i)
{
	soak_say(r, "%s comes back%s", who(r, i), r->cold[i]
	    ? " without memory" : "");
	soak_must(r, node_restart(r->w, r->node[i], r->cold[i]), "restart");
	if (r->cold[i])
		soak_extend(r, i);
	r->cold[i] = false;
}

static void
crash(struct soak *r, int i, int k)
{
	(void)k;
	if (node_state_of(r->w, r->node[i]) == NODE_HUNG)
		return;
	if (!soak_up(r, i)) {
		come_back(r, i);
		return;
	}
	r->cold[i] = soak_below(r, 3) != 0;
	soak_say(r, "%s goes down, %s memory", who(r, i), r->cold[i]
	    ? "without" : "with");
	soak_must(r, soak_below(r, 4) == 0 ? node_stop(r->w, r->node[i])
	    : node_kill(r->w, r->node[i]), "kill");
	if (r->cold[i])
		soak_lost(r, i);
	if (soak_below(r, 3) == 0)
		come_back(r, i);
}

static void
hang(struct soak *r, int i, int k)
{
	(void)k;
	if (node_state_of(r->w, r->node[i]) == NODE_HUNG)
		come_back(r, i);
	else if (soak_up(r, i)) {
		soak_say(r, "%s hangs", who(r, i));
		soak_must(r, node_hang(r->w, r->node[i]), "hang");
	}
}

static void
cut(struct soak *r, int i, int k)
{
	if (i == k)
		return;
	soak_say(r, "cut %s %s", who(r, i), who(r, k));
	soak_must(r, world_cut(r->w, r->node[i], r->node[k]), "cut");
}

static void
partition(struct soak *r, int i, int k)
{
	uint8_t side[SOAK_NODES];

	(void)i;
	(void)k;
	for (int n = 0; n < r->n; n++)
		side[n] = (uint8_t)(1 + soak_below(r, 2));
	soak_say(r, "partition");
	soak_must(r, world_partition(r->w, side, (size_t)r->n), "partition");
}

static void
loss(struct soak *r, int i, int k)
{
	unsigned op = soak_below(r, 2) * (LOG_SCSP + 1 + soak_below(r, 5));
	unsigned count = soak_below(r, 6);
	double p = 0.3 * rng_unit(&r->rng);

	if (op != 0 && count != 0)
		p = 1;
	soak_say(r, "lose %u of %s%s from %s with %.2f", count,
	    op != 0 ? log_op_word(op) : "all", i == k ? "" : " to one", who(r,
	    i), p);
	soak_must(r, world_loss(r->w, op, i == k ? 0 : r->node[i],
	    i == k ? 0 : r->node[k], soak_below(r, 3), p < 1 ? 0 : count, p),
	    "loss");
}

static void
lag(struct soak *r, int i, int k)
{
	unsigned op = soak_below(r, 2) * (LOG_SCSP + 1 + soak_below(r, 5));
	struct mspan by = MSPAN_MS(1 + soak_below(r, 900));

	soak_say(r, "lag of %s from %s: %d ms", op != 0 ? log_op_word(op)
	    : "all", who(r, i), (int)(by.us / 1000));
	soak_must(r, world_lag(r->w, op, r->node[i], i == k ? 0 : r->node[k],
	    by), "lag");
}

static void
refuse(struct soak *r, int i, int k)
{
	(void)k;
	soak_say(r, "calls to %s are refused", who(r, i));
	soak_must(r, world_refuse(r->w, r->node[i], 17), "refuse");
}

static void
heal(struct soak *r, int i, int k)
{
	struct fault_info f;

	(void)k;
	if (i == 0) {
		soak_say(r, "heal all");
		soak_must(r, world_heal(r->w, 0), "heal");
	} else if (world_next_fault(r->w, 0, &f)) {
		soak_say(r, "heal %s", f.kind);
		soak_must(r, world_heal(r->w, f.id), "heal");
	}
}

static void
solicit(struct soak *r, int i, int k)
{
	uint8_t key[2] = { 'k', (uint8_t)('0' + soak_below(r, SOAK_KEYS)) };
	uint8_t orig[4] = { 0, 0, 0,
		(uint8_t)(1 + soak_below(r, (unsigned)r->n)) };

	if (!soak_up(r, i) || !r->edge[i][k] || r->off[i][k])
		return;
	soak_say(r, "%s solicits %s of D%u from %s", who(r, i), "one",
	    orig[3], who(r, k));
	(void)node_scsp_solicit(r->w, r->node[i], node_addr(r->w, r->node[k]),
	    (struct scsp_oct){ key, 2 }, (struct scsp_oct){ orig, 4 });
}

/* Server |i| has |k| as a DCS no more, or again; |k| may think otherwise. */
static void
connect(struct soak *r, int i, int k)
{
	if (!r->edge[i][k] || r->groups > 1)
		return;
	soak_say(r, "%s %s %s", who(r, i), r->off[i][k] ? "takes" : "leaves",
	    who(r, k));
	if (r->off[i][k])
		soak_connect(r, i, k);
	else
		soak_must(r, node_scsp_del(r->w, r->node[i],
		    node_addr(r->w, r->node[k])), "del");
	r->off[i][k] = !r->off[i][k];
}

static void
forget_key(struct soak *r, int i, int k, uint32_t spi)
{
	soak_must(r, node_scsp_unkey(r->w, r->node[i],
	    node_addr(r->w, r->node[k]), spi), "unkey");
}

/* A new key at both ends; the old one goes a second later. */
static void
roll(struct soak *r, int i, int k)
{
	uint32_t old;

	for (int n = 0; n < r->n && !r->edge[i][k]; n++)
		k = (k + 1) % r->n;
	if (!r->auth || r->off[i][k] || r->off[k][i])
		return;
	old = r->spi[i][k];
	soak_say(r, "a new key for %s and %s", who(r, i), who(r, k));
	r->spi[i][k] = r->spi[k][i] = old + 1;
	soak_key(r, i, k, old + 1);
	soak_key(r, k, i, old + 1);
	soak_run(r, MSPAN_SEC(1));
	forget_key(r, i, k, old);
	forget_key(r, k, i, old);
}

static const struct {
	unsigned weight;
	void (*act)(struct soak *r, int i, int k);
} acts[] = {
	{ 24, changes }, { 8, crash }, { 3, hang }, { 3, cut },
	{ 2, partition }, { 4, loss }, { 2, lag }, { 1, refuse },
	{ 5, heal }, { 2, solicit }, { 2, connect }, { 4, roll },
};

static void
act(struct soak *r)
{
	unsigned x, all = 0, e = 0;

	for (size_t i = 0; i < sizeof(acts) / sizeof(*acts); i++)
		all += acts[i].weight;
	for (x = soak_below(r, all); x >= acts[e].weight; e++)
		x -= acts[e].weight;
	acts[e].act(r, (int)soak_below(r, (unsigned)r->n),
	    (int)soak_below(r, (unsigned)r->n));
	soak_run(r, MSPAN_US(soak_below(r, soak_below(r, 3) == 0 ? 8000000
	    : 40000)));
	soak_look(r);
}

/* ---- one seed ------------------------------------------------------------ */

static void
check(struct soak *r, bool quiet)
{
	char text[256];

	if (world_check(r->w, quiet, text, sizeof(text)) != 0)
		soak_bad(r, "%s", text);
}

static void
heal_all(struct soak *r)
{
	soak_say(r, "everything is healed");
	soak_must(r, world_heal(r->w, 0), "heal");
	for (int i = 0; i < r->n; i++) {
		for (int k = 0; k < r->n; k++)
			if (r->off[i][k])
				connect(r, i, k);
		if (!soak_up(r, i))
			come_back(r, i);
	}
	/* Most negotiate just now. */
	for (int i = 0; r->auth && i < r->n; i++)
		for (int k = 0; k < i; k++)
			if (r->edge[i][k] && soak_below(r, 2) == 0)
				roll(r, i, k);
}

/* In peace everything becomes as it must be, and stays so. */
static void
peace(struct soak *r)
{
	int limit = r->wraps ? PEACE_WRAPS : PEACE, s = 0;
	const char *rest = "";
	char text[128];

	for (; s < limit && r->bad[0] == '\0'; s++) {
		soak_run(r, MSPAN_SEC(1));
		soak_look(r);
		rest = soak_still(r) ? soak_rest(r, text) : "not aligned";
		if (rest == NULL)
			break;
	}
	if (rest != NULL)
		soak_bad(r, "after %d s of peace: %s", s, rest);
	soak_say(r, "all is well");
	soak_run(r, MSPAN_SEC(10));
	soak_look(r);
	if (!soak_still(r) || soak_rest(r, text) != NULL)
		soak_bad(r, "all was well, and is no more");
}

/* What servers sent again, and abnormal events. */
static uint64_t
troubles(const struct soak *r)
{
	uint64_t n = 0;

	for (int i = 0; i < r->n; i++) {
		const struct scsp_stats *st = scsp_stats(soak_engine(r, i));

		n += st->abnormal;
		for (unsigned t = 0; t < SCSP_TYPE_COUNT; t++)
			n += st->rexmt[t];
	}
	return n;
}

/* Writes in peace are everywhere soon, and nothing is said twice. */
static void
work(struct soak *r)
{
	uint64_t before = troubles(r);
	const char *rest;
	char text[128];

	if (r->wraps || r->bad[0] != '\0')
		return;
	for (int n = 0; n < 3 * r->n; n++) {
		int i = (int)soak_below(r, (unsigned)r->n);

		change(r, i);
		soak_run(r, MSPAN_US(soak_below(r, 3) * soak_below(r, 4000)));
	}
	soak_run(r, MSPAN_SEC(3));
	soak_look(r);
	rest = soak_still(r) ? soak_rest(r, text) : "not aligned";
	if (rest != NULL)
		soak_bad(r, "after writes in peace: %s", rest);
	if (troubles(r) != before)
		soak_bad(r, "in peace something was sent again");
}

static void
ladder(struct soak *r)
{
	static const struct ladder_opt opt = { .max = 100000 };
	struct sbuf b = { 0 };

	if (!r->loud)
		return;
	show_ladder(r->w, &opt, &b);
	if (b.s != NULL)
		fwrite(b.s, 1, b.len, stdout);
	sbuf_free(&b);
}

/* play runs one seed and returns whether all was well. */
static bool
play(uint64_t seed, bool loud, char why[512])
{
	static struct soak r;

	soak_make(&r, seed, loud);
	for (unsigned g = 0; g < SOAK_GROUPS; g++)
		for (unsigned e = 0; e < SOAK_NAMES; e++)
			r.want[g][e] = (struct soak_want){ .absent = true,
				.low = SCSP_SEQ_LAST };
	if (soak_below(&r, 2) == 0)
		soak_run(&r, MSPAN_US(soak_below(&r, 15000000)));
	if (soak_below(&r, 3) == 0)
		loss(&r, 0, 0);
	for (int i = 0; i < STEPS && r.bad[0] == '\0'; i++) {
		act(&r);
		if (i % 8 == 0)
			check(&r, false);
	}
	heal_all(&r);
	peace(&r);
	work(&r);
	check(&r, true);
	ladder(&r);
	soak_free(&r);
	memcpy(why, r.bad, sizeof(r.bad));
	return r.bad[0] == '\0';
}

/* ---- all of them --------------------------------------------------------- */

static uint64_t playing; /* the seed at work, which crashed when nobody says */

static void
range(uint64_t *from, uint64_t *to)
{
	const char *s = getenv("SEEDS");
	char *end;

	*from = 1;
	*to = SEEDS;
	if (s == NULL || *s == '\0')
		return;
	*to = strtoull(s, &end, 10);
	if (*end == '-') {
		*from = *to;
		*to = strtoull(end + 1, &end, 10);
	}
	if (*end != '\0' || *from == 0 || *to < *from)
		fail_msg("SEEDS: a number, or from-to");
}

/* SCSP-001, SCSP-003: any connected graph, any order of events. */
static void
soak(void **state)
{
	uint64_t from, to;
	char why[512];

	(void)state;
	range(&from, &to);
	if (from == to)
		printf("seed %llu\n", (unsigned long long)from);
	for (uint64_t seed = from; seed <= to; seed++) {
		playing = seed;
		if (play(seed, from == to, why))
			continue;
		if (from != to)
			(void)play(seed, true, why);
		fail_msg("seed %llu: %s", (unsigned long long)seed, why);
	}
	playing = 0;
	if (from != to)
		printf("seeds %llu to %llu: all is well\n",
		    (unsigned long long)from, (unsigned long long)to);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(soak),
	};

	int failed = cmocka_run_group_tests(tests, NULL, NULL);

	if (playing != 0)
		printf("replay: make soak SEEDS=%llu-%llu\n",
		    (unsigned long long)playing, (unsigned long long)playing);
	return failed;
}
