/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random clusters against a model that is a table of booleans.  For a while
 * clients join, leave, send, deregister, crash, hang and come back, so does the
 * MARS, with or without its memory, frames are lost, calls refused for a while,
 * and VCs to the MARS cut.  Clients have addresses of all kinds.  Then everything
 * is healed and left in peace but for one packet a second on every path in use,
 * because a path is only revalidated when something is sent (RFC 2022 section
 * 5.1.5).  In the end the MARS, every leaf set and every packet must say what
 * the table says.
 *
 * One seed is one run: WORLD_SEED=17 repeats seed 17 alone and tells each step;
 * WORLD_SEEDS=1000 tries more of them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "marsh/base/err.h"
#include "marsh/base/rng.h"
#include "world_rig.h"

#define SEEDS 120
#define GROUPS_MAX 6
#define STEPS 80
#define PEACE 1800 /* seconds: map silence, two waits, re-joins, revalidation */

struct run {
	struct rig r;
	struct failmem mem;
	struct rng rng;
	uint64_t seed;
	bool loud;
	unsigned groups;
	/* What users want: single joins, and one block a client. */
	bool single[RIG_CLIENTS_MAX][GROUPS_MAX];
	bool block[RIG_CLIENTS_MAX];
	unsigned lo[RIG_CLIENTS_MAX], hi[RIG_CLIENTS_MAX];
	bool sends[RIG_CLIENTS_MAX][GROUPS_MAX];
	bool out[RIG_CLIENTS_MAX]; /* deregistered */
	/*
	 * Either calls are refused or clients deregister: who tries a leaf again
	 * is not told that it is no member any more (section 6.1.2).
	 */
	bool refusing;
};

static void
say(const struct run *t, const char *what, unsigned a, unsigned b, unsigned c)
{
	if (t->loud)
		printf("%10.3f %s %u %u %u\n", (double)mtime_sub(
		    world_now(t->r.w), world_start(t->r.w)).us / 1e6,
		    what, a, b, c);
}

static unsigned
pick(struct run *t, unsigned n)
{
	return (unsigned)rng_below(&t->rng, n);
}

static struct l3_addr
group(unsigned g)
{
	return l3_addr_ipv4(0xe0010100 + g);
}

static struct l3_range
range(unsigned lo, unsigned hi)
{
	return (struct l3_range){ group(lo), group(hi) };
}

static bool
up(const struct run *t, node_id n)
{
	return node_state_of(t->r.w, n) == NODE_UP;
}

/* A client that takes commands. */
static bool
in(const struct run *t, unsigned c)
{
	return up(t, t->r.c[c]) && !t->out[c];
}

/* ---- what may happen ---------------------------------------------------- */

static void
join_or_leave(struct run *t, unsigned c)
{
	unsigned g = pick(t, t->groups);
	struct l3_range r = range(g, g);
	bool *joined = &t->single[c][g];

	if (!in(t, c))
		return;
	say(t, *joined ? "leave" : "join", c, g, g);
	assert_int_equal(*joined ? node_leave(t->r.w, t->r.c[c], &r)
				 : node_join(t->r.w, t->r.c[c], &r, true), 0);
	*joined = !*joined;
}

static void
block(struct run *t, unsigned c)
{
	struct l3_range r;

	if (!in(t, c))
		return;
	if (!t->block[c]) {
		t->lo[c] = pick(t, t->groups - 1);
		t->hi[c] = t->lo[c] + 1
		    + pick(t, t->groups - 1 - t->lo[c]);
	}
	r = range(t->lo[c], t->hi[c]);
	say(t, t->block[c] ? "leave block" : "join block", c, t->lo[c],
	    t->hi[c]);
	assert_int_equal(t->block[c] ? node_leave(t->r.w, t->r.c[c], &r)
				     : node_join(t->r.w, t->r.c[c], &r, false),
	    0);
	t->block[c] = !t->block[c];
}

static void
send_one(struct run *t, unsigned c, unsigned g)
{
	struct l3_addr a = group(g);

	if (in(t, c))
		assert_int_equal(node_send(t->r.w, t->r.c[c], &a, NULL, 0), 0);
	t->sends[c][g] = true;
}

/* Back into the cluster, without groups, as soon as it takes the command. */
static void
come_back(struct run *t, unsigned c)
{
	if (!t->out[c] || !up(t, t->r.c[c])
	    || node_register(t->r.w, t->r.c[c]) != 0)
		return;
	say(t, "register", c, 0, 0);
	t->out[c] = false;
}

static void
go_out(struct run *t, unsigned c)
{
	if (!in(t, c) || t->refusing || !rig_client_info(&t->r, c).registered) {
		come_back(t, c);
		return;
	}
	say(t, "deregister", c, 0, 0);
	assert_int_equal(node_deregister(t->r.w, t->r.c[c]), 0);
	t->out[c] = true;
	t->block[c] = false;
	memset(t->single[c], 0, sizeof(t->single[c]));
}

static void
crash_or_restart(struct run *t, node_id n, const char *who)
{
	bool cold = pick(t, 2) == 0, hang = pick(t, 4) == 0;

	if (up(t, n)) {
		say(t, hang ? "hang" : "kill", n, 0, 0);
		assert_int_equal(hang ? node_hang(t->r.w, n)
				      : node_kill(t->r.w, n), 0);
	} else {
		say(t, who, n, cold, 0);
		assert_int_equal(node_restart(t->r.w, n, cold), 0);
	}
}

/*
 * Only causes that are tried again, and only cuts from the MARS: of a member
 * that could not be reached otherwise a sender hears no more (5.1.3).
 */
static void
trouble(struct run *t, unsigned c)
{
	static const unsigned causes[] = { ATM_CAUSE_RATE_31,
		ATM_CAUSE_TEMPORARY, ATM_CAUSE_QOS, ATM_CAUSE_RATE_30 };

	switch (pick(t, t->refusing ? 4 : 3)) {
	case 0:
		say(t, "cut", c, 0, 0);
		assert_true(world_cut(t->r.w, t->r.c[c], t->r.m) > 0);
		break;
	case 3:
		say(t, "refuse", c, 0, 0);
		assert_true(world_refuse(t->r.w, t->r.c[c],
		    causes[pick(t, 4)]) > 0);
		break;
	default:
		say(t, "heal", 0, 0, 0);
		assert_int_equal(world_heal(t->r.w, 0), 0);
		break;
	}
}

static void
act(struct run *t)
{
	unsigned c = pick(t, t->r.clients), what = pick(t, 100);

	if (what < 45)
		join_or_leave(t, c);
	else if (what < 60)
		block(t, c);
	else if (what < 62)
		go_out(t, c);
	else if (what < 88)
		send_one(t, c, pick(t, t->groups));
	else if (what < 92)
		trouble(t, c);
	else if (what < 97)
		crash_or_restart(t, t->r.c[c], "restart client");
	else
		crash_or_restart(t, t->r.m, "restart MARS");
}

/* ---- what must be so in the end ------------------------------------------ */

static bool
wants(const struct run *t, unsigned c, unsigned g)
{
	return t->single[c][g]
	    || (t->block[c] && t->lo[c] <= g && g <= t->hi[c]);
}

static void
bad(const struct run *t, const char *what, unsigned c, unsigned g,
    unsigned found, unsigned wanted)
{
	fail_msg("seed %llu: %s: client %u, group %u: %u for %u; repeat with "
	    "WORLD_SEED=%llu", (unsigned long long)t->seed, what, c, g, found,
	    wanted, (unsigned long long)t->seed);
}

static void
check_mars(struct run *t, unsigned c, unsigned g)
{
	const struct mars_server *s = node_server(t->r.w, t->r.m);
	struct l3_addr a = group(g);
	struct mars_member_info mi;
	bool is;

	if (!mars_server_member(s, 0, node_addr(t->r.w, t->r.c[c]), &mi))
		bad(t, "is no member", c, g, 0, 1);
	is = mars_server_group_next(s, 0, &a, mi.cmi) == mi.cmi;
	if (is != wants(t, c, g))
		bad(t, "membership at the MARS", c, g, is, wants(t, c, g));
}

/* The path to |g| has exactly the leaves that the table has members. */
static void
check_path(struct run *t, unsigned c, unsigned g)
{
	const struct mars_client *k = node_client(t->r.w, t->r.c[c]);
	struct l3_addr a = group(g);
	enum mars_cleaf_state st;
	struct atm_addr leaf;
	unsigned wanted = 0, right = 0, n = 0;

	for (unsigned o = 0; o < t->r.clients; o++)
		wanted += o != c && wants(t, o, g);
	for (; mars_client_leaf(k, &a, n, &leaf, &st); n++)
		for (unsigned o = 0; o < t->r.clients; o++)
			right += o != c && wants(t, o, g)
			    && st == MARS_CLEAF_UP && atm_addr_equal(&leaf,
				node_addr(t->r.w, t->r.c[o]));
	if (n != wanted || right != wanted)
		bad(t, "leaves", c, g, right != n ? 100 + right : n, wanted);
}

/* One more packet reaches every member once, and nobody else. */
static void
check_packet(struct run *t, unsigned c, unsigned g)
{
	struct l3_addr a = group(g);
	struct flow_info fi;
	unsigned wanted = 0;
	int f = world_flow(t->r.w, t->r.c[c], &a, -1);

	for (unsigned o = 0; o < t->r.clients; o++)
		wanted += o != c && wants(t, o, g);
	assert_true(f > 0);
	flow_reset(t->r.w, (flow_id)f);
	send_one(t, c, g);
	assert_int_equal(rig_run(&t->r, 1.5), 0);
	assert_true(flow_get(t->r.w, (flow_id)f, &fi));
	if (fi.received != wanted || fi.dup + fi.refl + fi.lost != 0)
		bad(t, "packet", c, g, (unsigned)fi.received, wanted);
}

static void
judge(struct run *t)
{
	char text[2048];

	if (world_check(t->r.w, true, text, sizeof(text)) != 0)
		fail_msg("seed %llu: %srepeat with WORLD_SEED=%llu",
		    (unsigned long long)t->seed, text,
		    (unsigned long long)t->seed);
	for (unsigned c = 0; c < t->r.clients; c++)
		for (unsigned g = 0; g < t->groups; g++)
			check_mars(t, c, g);
	for (unsigned c = 0; c < t->r.clients; c++)
		for (unsigned g = 0; g < t->groups; g++)
			if (t->sends[c][g])
				check_path(t, c, g);
	for (unsigned c = 0; c < t->r.clients; c++)
		for (unsigned g = 0; g < t->groups; g++)
			if (t->sends[c][g])
				check_packet(t, c, g);
}

/* ---- a run --------------------------------------------------------------- */

static void
heal(struct run *t)
{
	say(t, "heal", 0, 0, 0);
	sim_loss(world_sim(t->r.w), 0);
	assert_int_equal(world_heal(t->r.w, 0), 0);
	for (node_id n = 1; n <= world_nodes(t->r.w); n++)
		if (!up(t, n))
			assert_int_equal(node_restart(t->r.w, n, true), 0);
	for (unsigned s = 0; s < PEACE; s++) {
		assert_int_equal(rig_run(&t->r, 1), 0);
		for (unsigned c = 0; c < t->r.clients; c++)
			come_back(t, c);
		for (unsigned c = 0; c < t->r.clients; c++)
			for (unsigned g = 0; g < t->groups; g++)
				if (t->sends[c][g] && s < PEACE - 60)
					send_one(t, c, g);
	}
}

/* A third each: NSAP, native E.164 of any length, E.164 with subaddress. */
static struct atm_addr
address(struct run *t, unsigned c)
{
	struct atm_addr a = { .tl = 0 };
	unsigned kind = pick(t, 3), digits = 3 + pick(t, 13);
	uint8_t num[15], sub[ATM_NSAP_LEN] = { 0x47, 0, 5 };

	if (kind == 0)
		return a; /* the world chooses */
	for (unsigned i = 0; i < digits; i++)
		num[i] = (uint8_t)('0' + pick(t, 10));
	num[0] = '1';
	num[1] = (uint8_t)('0' + c / 10);
	num[2] = (uint8_t)('0' + c % 10);
	sub[19] = (uint8_t)c;
	assert_int_equal(atm_addr_set(&a, (uint8_t)(ATM_TL_E164 | digits), num,
	    kind == 1 ? 0 : ATM_NSAP_LEN, kind == 1 ? NULL : sub), 0);
	return a;
}

static void
cluster(struct run *t)
{
	struct mars_server_cfg sc;
	struct mars_client_cfg cc;
	struct world_cfg cfg;
	char name[16];

	world_defaults(&cfg);
	cfg.sim.seed = t->seed;
	cfg.sim.loss = pick(t, 3) == 0 ? 0 : rng_unit(&t->rng) * 0.2;
	cfg.sim.jitter = MSPAN_MS(pick(t, 2) ? 0 : pick(t, 50));
	t->r.w = world_new(&cfg, &t->mem.mem);
	assert_non_null(t->r.w);
	mars_server_defaults(&sc);
	mars_client_defaults(&cc);
	sc.checksum = pick(t, 2);
	assert_int_equal(world_add_server(t->r.w, "M1", &sc, &t->r.m), 0);
	cc.mars = *node_addr(t->r.w, t->r.m);
	for (unsigned c = 0; c < t->r.clients; c++) {
		cc.addr = address(t, c);
		cc.checksum = pick(t, 2);
		cc.verify = pick(t, 2);
		snprintf(name, sizeof(name), "C%u", c + 1);
		assert_int_equal(world_add_client(t->r.w, name, &cc,
		    &t->r.c[c]), 0);
		assert_int_equal(node_register(t->r.w, t->r.c[c]), 0);
	}
}

static void
one(uint64_t seed, bool loud)
{
	struct run t = { .seed = seed, .loud = loud };

	rng_seed(&t.rng, seed);
	failmem_init(&t.mem);
	t.groups = 4 + pick(&t, 3);
	t.refusing = pick(&t, 2);
	t.r.clients = 2 + pick(&t, 7);
	cluster(&t);
	for (unsigned i = 0; i < STEPS; i++) {
		act(&t);
		/* Now a crowd, now a pause. */
		assert_int_equal(rig_run(&t.r, pick(&t, 2) ? 0.001
		    : rng_unit(&t.rng) * (pick(&t, 5) ? 3 : 40)), 0);
	}
	heal(&t);
	/* Not while a map is under way: they come at full minutes. */
	assert_int_equal(rig_run(&t.r, 7), 0);
	judge(&t);
	world_free(t.r.w);
	assert_int_equal(t.mem.live, 0);
}

/*
 * MARS-178, MARS-084, MARS-089, MARS-134: after any history the leaf sets are
 * those of the groups' members.
 */
static void
any_history_ends_with_right_leaves(void **state)
{
	const char *only = getenv("WORLD_SEED"), *n = getenv("WORLD_SEEDS");
	uint64_t last = n != NULL ? strtoull(n, NULL, 10) : SEEDS;

	(void)state;
	if (only != NULL)
		one(strtoull(only, NULL, 10), true);
	else
		for (uint64_t seed = 1; seed <= last; seed++)
			one(seed, false);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(any_history_ends_with_right_leaves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
