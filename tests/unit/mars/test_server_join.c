/* SPDX-License-Identifier: BSD-2-Clause */
/* JOIN and LEAVE: what goes on CCVC, what goes back, and with which number. */
#include "marsh/base/rng.h"
#include "server_rig.h"

#define G 0xe0010100u

static struct rig *
cluster(unsigned hosts)
{
	struct rig *r = rig_new();

	rig_start(r);
	for (unsigned n = 1; n <= hosts; n++)
		rig_register(r, n);
	rig_clear(r);
	return r;
}

/* expect checks frame |i|: where it went, flags, msn and pairs. */
static void
expect(const struct rig *r, size_t i, atm_ref ref, unsigned flags,
    uint32_t msn, unsigned pnum)
{
	struct mars_msg m = rig_msg(r, i);

	assert_int_equal(r->sent[i].ref, ref);
	assert_int_equal(m.flags, flags);
	assert_int_equal(m.msn, msn);
	assert_int_equal(m.pnum, pnum);
	assert_int_equal(m.cmi, 0);
}

static void
expect_pair(const struct rig *r, size_t i, unsigned k, uint32_t lo,
    uint32_t hi)
{
	struct mars_msg m = rig_msg(r, i);
	struct l3_addr a = l3_addr_ipv4(lo), b = l3_addr_ipv4(hi);
	struct l3_range p;

	assert_int_equal(mars_pair(&m, k, &p), 0);
	assert_memory_equal(&p.min, &a, sizeof(a));
	assert_memory_equal(&p.max, &b, sizeof(b));
}

#define COPY MARS_FLAG_COPY
#define L3G MARS_FLAG_LAYER3GRP
#define PUNCHED (MARS_FLAG_PUNCHED | COPY)

/* Format notes 9.4, exactly: MARS-170, MARS-172, MARS-024, MARS-182. */
static void
golden_relay(void **state)
{
	static const uint8_t want[] = {
		0x00, 0x0f, 0x08, 0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0xfe, 0xa2, 0,
		0, 0x00, 0x04, 0x14, 0x00, 4, 4, 0, 1, 0xc0, 0, 0, 0, 0, 0, 0,
		0x2c, 0x47, 0x00, 0x05, 0x80, 0xff, 0xe1, 0, 0, 0, 0xf2, 0x1a,
		0x26, 0xd8, 0x00, 0x20, 0x48, 0x0d, 0x3a, 0x10, 0x00, 0xc0, 0,
		2, 0x10, 0xef, 1, 2, 3, 0xef, 1, 2, 3,
	};
	static const uint8_t spa[] = { 0xc0, 0, 2, 0x10 };
	struct rig *r = rig_new();
	struct atm_addr a = atm_addr_nsap(want + 32);
	struct mars_msg m = { .op = MARS_JOIN, .flags = L3G, .pnum = 1,
		.tpln = 4, .pairs = want + 56, .spln = 4, .spa = spa };

	(void)state;
	r->cfg.csn = 0x2b;
	rig_start(r);
	rig_register_from(r, &a, rig_ref(1));
	rig_clear(r);
	rig_say(r, &m, &a, rig_ref(1));
	assert_int_equal(r->sent_n, 1);
	assert_int_equal(r->sent[0].ref, r->ccvc);
	assert_int_equal(r->sent[0].f->len, SNAP_LEN + sizeof(want));
	assert_memory_equal(r->sent[0].f->bytes + SNAP_LEN, want,
	    sizeof(want));
	rig_end(r);
}

/* MARS-172, MARS-173, MARS-174, MARS-074, MARS-075, MARS-182. */
static void
single(void **state)
{
	struct rig *r = cluster(2);

	(void)state;
	rig_join(r, 1, G);
	expect(r, 0, r->ccvc, COPY | L3G, 1, 1);
	assert_int_equal(rig_count(r, TRACE_JOIN), 1);
	rig_join(r, 1, G); /* again: private, same number */
	expect(r, 1, rig_ref(1), COPY | L3G, 1, 1);
	rig_leave(r, 2, G); /* never joined */
	expect(r, 2, rig_ref(2), COPY, 1, 1);
	rig_leave(r, 1, G);
	expect(r, 3, r->ccvc, COPY, 2, 1);
	rig_leave(r, 1, G);
	expect(r, 4, rig_ref(1), COPY, 2, 1);
	assert_int_equal(r->sent_n, 5);
	assert_int_equal(rig_count(r, TRACE_JOIN), 1);
	assert_int_equal(rig_count(r, TRACE_LEAVE), 1);
	assert_int_equal(rig_stats(r)->ccvc[MARS_JOIN], 1);
	assert_int_equal(rig_stats(r)->priv[MARS_LEAVE], 2);
	rig_end(r);
}

/* MARS-173, MARS-171: a single join within a block of one's own is private. */
static void
single_in_block(void **state)
{
	struct rig *r = cluster(2);

	(void)state;
	rig_group(r, 1, MARS_JOIN, G, G + 9, 0);
	rig_join(r, 1, G + 4);
	expect(r, 1, rig_ref(1), COPY | L3G, 1, 1);
	rig_leave(r, 1, G + 4);
	expect(r, 2, rig_ref(1), COPY, 1, 1);
	rig_join(r, 1, G + 5);
	rig_group(r, 1, MARS_LEAVE, G, G + 9, 0);
	rig_leave(r, 1, G + 5); /* now it was the last membership */
	expect(r, r->sent_n - 1, r->ccvc, COPY, 3, 1);
	rig_end(r);
}

/* MARS-175, MARS-176, MARS-177, MARS-178, MARS-215. */
static void
block(void **state)
{
	struct rig *r = cluster(2);

	(void)state;
	/* Another's single join is no hole. */
	rig_join(r, 2, G + 3);
	rig_clear(r);
	rig_group(r, 1, MARS_JOIN, G, G + 9, L3G);
	assert_int_equal(r->sent_n, 1);
	expect(r, 0, r->ccvc, COPY | L3G, 2, 1);
	rig_group(r, 1, MARS_JOIN, G, G + 9, 0); /* exact repeat */
	expect(r, 1, rig_ref(1), COPY, 2, 1);
	rig_join(r, 1, G);
	rig_join(r, 1, G + 5);
	rig_join(r, 1, G + 9);
	rig_clear(r);
	rig_group(r, 1, MARS_LEAVE, G, G + 9, 0);
	assert_int_equal(r->sent_n, 2);
	expect(r, 0, rig_ref(1), COPY, 2, 1);
	expect_pair(r, 0, 0, G, G + 9);
	expect(r, 1, r->ccvc, PUNCHED, 3, 2);
	expect_pair(r, 1, 0, G + 1, G + 4);
	expect_pair(r, 1, 1, G + 6, G + 8);
	rig_clear(r);
	/* All holes: nothing on CCVC, and the CSN stays. */
	rig_join(r, 1, G + 1);
	rig_clear(r);
	rig_group(r, 1, MARS_JOIN, G, G + 1, L3G);
	assert_int_equal(r->sent_n, 1);
	expect(r, 0, rig_ref(1), COPY | L3G, 4, 1);
	assert_int_equal(rig_csn(r), 4);
	rig_clear(r);
	/* A leave of a block never joined. */
	rig_group(r, 1, MARS_LEAVE, G, G + 7, 0);
	assert_int_equal(r->sent_n, 1);
	expect(r, 0, rig_ref(1), COPY, 4, 1);
	rig_end(r);
}

/* MARS-108, MARS-125: layer3grp of a block counts for nothing. */
static void
block_layer3(void **state)
{
	struct rig *r = cluster(1);
	struct mars_group_info g;
	struct mars_block_info b;

	(void)state;
	rig_group(r, 1, MARS_JOIN, G, G + 9, L3G);
	assert_false(mars_server_next_group(r->s, 0, NULL, &g));
	assert_true(mars_server_next_block(r->s, 0, NULL, &b));
	assert_int_equal(b.members, 1);
	assert_false(mars_server_next_block(r->s, 0, &b.range, &b));
	rig_group(r, 1, MARS_JOIN, G, G, 0);
	assert_true(mars_server_next_group(r->s, 0, NULL, &g));
	assert_int_equal(g.layer3, 0);
	rig_join(r, 1, G);
	assert_true(mars_server_next_group(r->s, 0, NULL, &g));
	assert_int_equal(g.layer3, 1);
	rig_end(r);
}

/* several ascending messages within the MTU, each with its own CSN. */
static void
oversize(void **state)
{
	struct rig *r = rig_new();
	uint32_t next = G;

	(void)state;
	r->cfg.mtu = 32 + 20 + 10 * 8;
	rig_start(r);
	rig_register(r, 1);
	for (unsigned i = 0; i < 35; i++)
		rig_join(r, 1, G + 1 + 2 * i);
	rig_clear(r);
	rig_group(r, 1, MARS_JOIN, G, G + 70, 0);
	assert_int_equal(r->sent_n, 5); /* 36 pairs, ten a message */
	for (unsigned i = 1; i < 5; i++) {
		struct mars_msg m = rig_msg(r, i);

		expect(r, i, r->ccvc, PUNCHED, 35 + i, i < 4 ? 10 : 6);
		assert_true(r->sent[i].f->len - SNAP_LEN <= r->cfg.mtu);
		for (unsigned k = 0; k < m.pnum; k++, next += 2)
			expect_pair(r, i, k, next, next);
	}
	assert_int_equal(rig_csn(r), 39);
	rig_end(r);
}

/* MARS-105: mar$flags.sequence passes unmodified, privately and on CCVC. */
static void
sequence_bits(void **state)
{
	struct rig *r = cluster(1);

	(void)state;
	rig_group(r, 1, MARS_JOIN, G, G, 0x00a5);
	rig_group(r, 1, MARS_JOIN, G, G, 0x005a);
	expect(r, 0, r->ccvc, COPY | 0xa5, 1, 1);
	expect(r, 1, rig_ref(1), COPY | 0x5a, 1, 1);
	rig_end(r);
}

/* MARS-076, MARS-184: the CSN wraps without a jump. */
static void
wrap(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	r->cfg.csn = 0xfffffffe;
	rig_start(r);
	rig_register(r, 1);
	for (unsigned i = 0; i < 3; i++)
		rig_join(r, 1, G + i);
	assert_int_equal(rig_msg(r, 1).msn, 0xffffffff);
	assert_int_equal(rig_msg(r, 2).msn, 0);
	assert_int_equal(rig_msg(r, 3).msn, 1);
	rig_end(r);
}

/* A member whose leaf is not up yet gets its copy privately as well. */
static void
not_yet_leaf(void **state)
{
	struct rig *r = cluster(1);

	(void)state;
	r->ack = false;
	rig_register(r, 2);
	rig_clear(r);
	rig_join(r, 2, G);
	assert_int_equal(r->sent_n, 2);
	expect(r, 0, r->ccvc, COPY | L3G, 1, 1);
	expect(r, 1, rig_ref(2), COPY | L3G, 1, 1);
	rig_end(r);
}

/* Without any leaf nothing is sent on CCVC, and the CSN stays (MARS-075). */
static void
no_ccvc(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	r->ack = false;
	rig_start(r);
	rig_register(r, 1);
	rig_clear(r);
	rig_join(r, 1, G);
	rig_group(r, 1, MARS_JOIN, G, G + 9, 0);
	assert_int_equal(rig_csn(r), 0);
	for (size_t i = 0; i < r->sent_n; i++)
		assert_int_equal(r->sent[i].ref, rig_ref(1));
	rig_end(r);
}

/*
 * MARS-077: so it does unless another member waits to become a leaf: it may
 * have asked before, and must see from the next number that it missed one.
 */
static void
unheard(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	r->ack = false;
	rig_start(r);
	rig_register(r, 1);
	rig_register(r, 2);
	rig_clear(r);
	rig_join(r, 1, G);
	expect(r, 0, rig_ref(1), COPY | L3G, 1, 1);
	rig_join(r, 1, G); /* no change */
	expect(r, 1, rig_ref(1), COPY | L3G, 1, 1);
	rig_group(r, 1, MARS_JOIN, G, G + 9, 0);
	expect(r, 2, rig_ref(1), COPY, 2, 1);
	assert_int_equal(rig_csn(r), 2);
	assert_int_equal(rig_stats(r)->ccvc[MARS_JOIN], 0);
	rig_end(r);
}

/* TLVs stay with a relay and move with a punched copy (A-37, MARS-241). */
static void
tlvs(void **state)
{
	static const uint8_t list[] = { 0x38, 1, 0, 1, 9, 0, 0, 0, 0, 0, 0, 0 };
	struct rig *r = cluster(1);
	struct atm_addr a = rig_host(1);
	uint8_t pair[8] = { 0xe0, 1, 1, 0, 0xe0, 1, 1, 9 };
	struct mars_msg m = { .op = MARS_JOIN, .pnum = 1, .tpln = 4,
		.pairs = pair, .tlvs = list, .tlvs_len = sizeof(list) };
	struct mars_msg got;

	(void)state;
	rig_join(r, 1, G + 5);
	rig_clear(r);
	rig_say(r, &m, &a, rig_ref(1));
	assert_int_equal(r->sent_n, 2);
	for (unsigned i = 0; i < 2; i++) {
		got = rig_msg(r, i);
		assert_int_equal(got.tlvs_len, sizeof(list));
		assert_memory_equal(got.tlvs, list, sizeof(list));
	}
	rig_end(r);
}

/*
 * What every other member must believe after all of CCVC is what is true, and
 * the source of every message finds one unpunched copy of it: MARS-171,
 * MARS-175, MARS-176, MARS-177, MARS-178, MARS-184 over a small space, with
 * random but disjoint blocks.
 */
#define SPACE 24
#define MEMBERS 3

struct truth {
	bool single[MEMBERS + 1][SPACE], block[MEMBERS + 1][3];
	bool seen[MEMBERS + 1][SPACE];
	uint32_t csn;
};

static void
learn(struct truth *t, const struct rig *r, size_t i, unsigned n)
{
	struct mars_msg m = rig_msg(r, i);
	struct l3_range p;

	if (r->sent[i].ref != r->ccvc) {
		assert_int_equal(r->sent[i].ref, rig_ref(n));
		assert_int_equal(m.msn, t->csn);
		return;
	}
	assert_int_equal(m.msn, ++t->csn);
	for (unsigned k = 0; k < m.pnum; k++) {
		assert_int_equal(mars_pair(&m, k, &p), 0);
		for (unsigned g = p.min.b[3]; g <= p.max.b[3]; g++) {
			/* Punched pairs name only what changes. */
			assert_int_equal(t->seen[n][g], m.op == MARS_LEAVE);
			t->seen[n][g] = m.op == MARS_JOIN;
		}
	}
}

static void
act(struct truth *t, struct rig *r, struct rng *rng)
{
	unsigned n = 1 + (unsigned)rng_below(rng, MEMBERS), copies = 0;
	unsigned g = (unsigned)rng_below(rng, SPACE);
	bool join = rng_below(rng, 2) != 0, blk = rng_below(rng, 3) == 0;

	rig_clear(r);
	if (blk) {
		unsigned b = g / 8;

		rig_group(r, n, join ? MARS_JOIN : MARS_LEAVE,
		    0xe0000000u + b * 8, 0xe0000000u + b * 8 + 7, 0);
		t->block[n][b] = join;
	} else {
		rig_group(r, n, join ? MARS_JOIN : MARS_LEAVE,
		    0xe0000000u + g, 0xe0000000u + g, 0);
		t->single[n][g] = join;
	}
	for (size_t i = 0; i < r->sent_n; i++) {
		learn(t, r, i, n);
		copies += (rig_msg(r, i).flags & MARS_FLAG_PUNCHED) == 0;
	}
	assert_int_equal(copies, 1);
	for (unsigned k = 0; k < SPACE; k++)
		assert_int_equal(t->seen[n][k],
		    t->single[n][k] || t->block[n][k / 8]);
}

static void
what_others_see(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 4; seed++) {
		struct rig *r = cluster(MEMBERS);
		struct truth t = { .csn = 0 };
		struct rng rng;

		rng_seed(&rng, seed);
		for (unsigned i = 0; i < 2000; i++)
			act(&t, r, &rng);
		rig_end(r);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_relay),
		cmocka_unit_test(single),
		cmocka_unit_test(single_in_block),
		cmocka_unit_test(block),
		cmocka_unit_test(block_layer3),
		cmocka_unit_test(oversize),
		cmocka_unit_test(sequence_bits),
		cmocka_unit_test(wrap),
		cmocka_unit_test(not_yet_leaf),
		cmocka_unit_test(no_ccvc),
		cmocka_unit_test(unheard),
		cmocka_unit_test(tlvs),
		cmocka_unit_test(what_others_see),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
