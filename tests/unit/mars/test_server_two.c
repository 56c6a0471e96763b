/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two MARSs, each told what the other's members did, and hosts that come, go,
 * fall off and move between them at random: both have the same tables after
 * each step, and who listens on either CCVC knows who is in which group.
 */
#include "far_rig.h"
#include "marsh/base/rng.h"

#define HOSTS 10   /* and one more at each MARS, which only listens */
#define GROUPS 24
#define STEPS 6000

struct pair {
	struct rig *r[2];
	struct rng rng;
	int at[HOSTS];    /* where it registered last, -1: nowhere */
	uint32_t csn[2]; /* as CCVC has heard */
	bool view[2][HOSTS][GROUPS]; /* what CCVC said */
};

static unsigned
below(struct pair *k, unsigned n)
{
	return (unsigned)rng_below(&k->rng, n);
}

static int
who(const struct mars_msg *m)
{
	struct atm_addr a, b;

	assert_int_equal(mars_src(m, &a), 0);
	for (unsigned h = 0; h < HOSTS; h++) {
		b = rig_host(h);
		if (atm_addr_equal(&a, &b))
			return (int)h;
	}
	return -1;
}

/* listen follows CCVC of MARS |i|, and sees that no number is left out. */
static void
listen(struct pair *k, unsigned i)
{
	struct rig *r = k->r[i];

	for (size_t f = 0; f < r->sent_n; f++) {
		struct mars_msg m = rig_msg(r, f);
		struct l3_range pair;
		int h = r->sent[f].ref == r->ccvc ? who(&m) : -1;

		if (r->sent[f].ref != r->ccvc)
			continue;
		assert_int_equal(m.msn, ++k->csn[i]);
		assert_true(h >= 0 || m.op == MARS_REDIRECT_MAP);
		for (unsigned p = 0; h >= 0 && p < m.pnum; p++) {
			mars_pair(&m, p, &pair);
			for (unsigned g = pair.min.b[3]; g <= pair.max.b[3];
			     g++)
				k->view[i][h][g] = m.op == MARS_JOIN;
		}
	}
	assert_int_equal(rig_csn(r), k->csn[i]);
	rig_clear(r);
}

/* hand gives one change of one MARS to the other. */
static void
hand(struct rig *to, const struct mars_change *c)
{
	static const enum mars_far_what what[] = {
		[MARS_CHANGE_REGISTER] = MARS_FAR_REGISTER,
		[MARS_CHANGE_DEREGISTER] = MARS_FAR_DEREGISTER,
		[MARS_CHANGE_JOIN] = MARS_FAR_JOIN,
		[MARS_CHANGE_LEAVE] = MARS_FAR_LEAVE,
	};
	struct mars_far far = { .what = what[c->what], .pro = c->pro,
		.addr = c->addr, .spa = c->spa, .cmi = c->cmi,
		.range = c->range, .layer3 = c->layer3 };

	assert_int_not_equal(c->what, MARS_CHANGE_LOST);
	assert_int_equal(rig_far_event(to, &far), 0);
}

static void
exchange(struct pair *k)
{
	struct mars_change c;

	for (unsigned i = 0; i < 2; i++)
		while (mars_server_next_change(k->r[i]->s, &c))
			hand(k->r[!i], &c);
	for (unsigned i = 0; i < 2; i++) {
		rig_told_nothing(k->r[i]);
		listen(k, i);
	}
}

static bool
in_group(const struct rig *r, unsigned cmi, unsigned g)
{
	struct l3_addr a = l3_addr_ipv4(G + g);

	return mars_server_group_next(r->s, 0, &a, cmi) == cmi;
}

/* compare proves that both tables are the same, and that CCVC told them. */
static void
compare(struct pair *k)
{
	struct mars_proto_info p, q;

	mars_server_proto(k->r[0]->s, 0, &p);
	mars_server_proto(k->r[1]->s, 0, &q);
	assert_int_equal(p.members, q.members);
	assert_int_equal(p.groups, q.groups);
	assert_int_equal(p.blocks, q.blocks);
	assert_int_equal(p.memberships, q.memberships);
	for (unsigned h = 0; h < HOSTS; h++) {
		unsigned cmi = rig_cmi(k->r[0], h);

		assert_int_equal(cmi, rig_cmi(k->r[1], h));
		for (unsigned g = 0; g < GROUPS; g++) {
			bool in = cmi != 0 && in_group(k->r[0], cmi, g);

			if (cmi == 0) /* who is gone is not told */
				k->view[0][h][g] = k->view[1][h][g] = false;
			else
				assert_int_equal(in,
				    in_group(k->r[1], cmi, g));
			assert_int_equal(k->view[0][h][g], in);
			assert_int_equal(k->view[1][h][g], in);
		}
		/* SMARS-004: a leaf of no more than where it is, and was. */
		if (cmi != 0 && k->at[h] >= 0)
			assert_int_not_equal(rig_leaf(k->r[k->at[h]], h),
			    MARS_LEAF_FAR);
	}
}

/* come registers host |h| at MARS |i|: a CMI it has it keeps. */
static void
come(struct pair *k, unsigned h, unsigned i)
{
	unsigned had = rig_cmi(k->r[i], h);

	rig_register(k->r[i], h);
	assert_true(had == 0 || rig_cmi(k->r[i], h) == had);
	if (rig_cmi(k->r[i], h) == 0) /* it is starting */
		return;
	k->at[h] = (int)i;
}

static void
talk(struct pair *k, unsigned h)
{
	struct rig *r = k->r[k->at[h]];
	unsigned lo = below(k, GROUPS), hi = below(k, GROUPS);
	enum mars_op op = below(k, 2) ? MARS_JOIN : MARS_LEAVE;

	if (hi <= lo || below(k, 2))
		hi = lo;
	else /* blocks of one host do not overlap (section 5.2) */
		hi = (lo &= ~7u) + 7;
	rig_group(r, h, op, G + lo, G + hi, below(k, 2) ? LAYER3 : 0);
}

static void
act(struct pair *k)
{
	unsigned h = below(k, HOSTS), i = below(k, 2);
	int at = k->at[h];

	switch (below(k, 16)) {
	case 0:
		come(k, h, i);
		break;
	case 1: /* normal causes: what was joined stays joined */
		rig_drop_leaf(k->r[i], h);
		if (at == (int)i)
			k->at[h] = -1;
		break;
	case 2:
		rig_vc_gone(k->r[i], h);
		break;
	case 3:
		if (at >= 0)
			rig_deregister(k->r[at], h);
		k->at[h] = -1;
		break;
	case 4:
		rig_run(k->r[0], 5000);
		rig_run(k->r[1], 5000);
		break;
	case 5:
		rig_role(k->r[i], (enum mars_server_role)below(k, 4));
		break;
	default:
		if (at >= 0)
			talk(k, h);
		else if (below(k, 4) == 0)
			come(k, h, i);
	}
}

static struct rig *
mars(unsigned i)
{
	struct rig *r = rig_new();

	r->cfg.changes = true;
	r->cfg.addr = rig_host(900 + i);
	r->cfg.cmi_lo = (uint16_t)(1 + 100 * i);
	r->cfg.cmi_hi = (uint16_t)(100 + 100 * i);
	rig_start(r);
	rig_register(r, 100 + i);
	return r;
}

/* SMARS-002, SMARS-005, SMARS-006, SMARS-047 and no CMI of two. */
static void
play(uint64_t seed)
{
	struct pair *k = calloc(1, sizeof(*k));

	rng_seed(&k->rng, seed);
	for (unsigned i = 0; i < 2; i++)
		k->r[i] = mars(i);
	for (unsigned h = 0; h < HOSTS; h++)
		k->at[h] = -1;
	exchange(k);
	for (unsigned n = 0; n < STEPS; n++) {
		act(k);
		exchange(k);
		compare(k);
	}
	for (unsigned i = 0; i < 2; i++)
		rig_end(k->r[i]);
	free(k);
}

static void
two(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 10; seed++)
		play(seed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
