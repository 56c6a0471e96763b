/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is left of a hold when the member is back: its memberships, until it
 * joined them again or had the time to.
 */
#include "server_rig.h"

#define X 0xe0010101u
#define Y 0xe0010102u
#define LO 0xe0020000u
#define HI 0xe00200ffu

/* 1 and 2 are members, 1 of X, Y and a block, all of them heard of. */
static struct rig *
cluster(void)
{
	struct rig *r = rig_new();

	rig_start(r);
	rig_register(r, 1);
	rig_register(r, 2);
	rig_join(r, 1, X);
	rig_join(r, 1, Y);
	rig_group(r, 1, MARS_JOIN, LO, HI, 0);
	rig_clear(r);
	return r;
}

static void
fall_off(struct rig *r, unsigned n, unsigned cause)
{
	struct mars_server_ev ev = { .kind = MARS_SERVER_IND };
	struct atm_ind ind = { .kind = ATM_DROPPED, .ref = r->ccvc,
		.cause = (uint16_t)cause, .peer = rig_host(n) };

	ev.ind = &ind;
	rig_step(r, &ev);
	assert_int_equal(rig_leaf(r, n), MARS_LEAF_NONE);
}

/* How many messages of |op| went out on CCVC since rig_clear. */
static unsigned
on_ccvc(const struct rig *r, unsigned op)
{
	unsigned n = 0;

	for (size_t i = 0; i < r->sent_n; i++)
		n += r->sent[i].ref == r->ccvc && rig_msg(r, i).op == op;
	return n;
}

static bool
in(const struct rig *r, uint32_t group)
{
	struct l3_addr g = l3_addr_ipv4(group);

	return mars_server_group_next(r->s, 0, &g, 1) == 1;
}

/* MARS-173: nobody asked meanwhile, so joining again is told to nobody. */
static void
glitch(void **state)
{
	struct rig *r = cluster();

	(void)state;
	fall_off(r, 1, ATM_CAUSE_NET_OUT);
	rig_run(r, 5000);
	rig_register(r, 1);
	rig_clear(r);
	rig_join(r, 1, X);
	rig_join(r, 1, Y);
	rig_group(r, 1, MARS_JOIN, LO, HI, 0);
	assert_int_equal(on_ccvc(r, MARS_JOIN), 0);
	assert_int_equal(r->sent_n, 3);
	rig_run(r, 300000);
	assert_int_equal(on_ccvc(r, MARS_LEAVE), 0);
	assert_true(in(r, X) && in(r, Y) && in(r, LO));
	rig_end(r);
}

/*
 * MARS-059, MARS-176: who asked during the hold may have given the member up,
 * so each membership is told once more, with its holes, and once only.
 */
static void
told_again(void **state)
{
	struct rig *r = cluster();

	(void)state;
	fall_off(r, 1, ATM_CAUSE_OUT_OF_ORDER);
	rig_request(r, 2, X);
	rig_register(r, 1);
	rig_run(r, 50000);
	rig_register(r, 1);
	rig_run(r, 50000);
	rig_clear(r);
	rig_join(r, 1, X);
	rig_group(r, 1, MARS_JOIN, LO, HI, 0);
	assert_int_equal(on_ccvc(r, MARS_JOIN), 2);
	assert_int_equal(r->sent_n, 2);
	rig_join(r, 1, X);
	rig_group(r, 1, MARS_JOIN, LO, HI, 0);
	assert_int_equal(on_ccvc(r, MARS_JOIN), 2);
	assert_int_equal(r->sent_n, 4);
	/*
	 * Y was not joined again; it is left 70 s after the last registration
	 * or JOIN.
	 */
	rig_clear(r);
	rig_run(r, 69000);
	assert_true(in(r, Y));
	assert_int_equal(on_ccvc(r, MARS_LEAVE), 0);
	rig_run(r, 2000);
	assert_false(in(r, Y));
	assert_int_equal(on_ccvc(r, MARS_LEAVE), 1);
	assert_true(in(r, X) && in(r, LO));
	rig_end(r);
}

/* A crash of a member that is no leaf yet is not seen by the MARS. */
static void
crashed_while_waiting(void **state)
{
	struct rig *r = rig_new();
	struct atm_ind no = { .kind = ATM_RQFAILED, .rq = ATM_MULTI_ADD,
		.cause = ATM_CAUSE_TEMPORARY, .peer = rig_host(1) };
	struct mars_server_ev ev = { .kind = MARS_SERVER_IND, .ind = &no };

	(void)state;
	rig_start(r);
	rig_register(r, 2);
	r->ack = false;
	rig_register(r, 1);
	no.ref = r->ccvc;
	rig_step(r, &ev);
	assert_int_equal(rig_leaf(r, 1), MARS_LEAF_WAITING);
	rig_join(r, 1, X);
	rig_join(r, 1, Y);
	r->acked = r->call_n;
	r->ack = true;
	rig_register(r, 1);
	assert_int_equal(rig_leaf(r, 1), MARS_LEAF_UP);
	rig_clear(r);
	rig_join(r, 1, X);
	assert_int_equal(on_ccvc(r, MARS_JOIN), 1);
	rig_run(r, 75000);
	assert_int_equal(on_ccvc(r, MARS_LEAVE), 1);
	rig_end(r);
}

/* MARS-059: so may who asked just before the MARS knew. */
static void
asked_just_before(void **state)
{
	for (unsigned i = 0; i < 2; i++) {
		struct rig *r = cluster();

		(void)state;
		rig_request(r, 2, X);
		rig_run(r, i ? 600 : 400);
		fall_off(r, 1, ATM_CAUSE_OUT_OF_ORDER);
		rig_run(r, 5000);
		rig_register(r, 1);
		rig_clear(r);
		rig_join(r, 1, X);
		assert_int_equal(on_ccvc(r, MARS_JOIN), !i);
		rig_end(r);
	}
}

/* A member that forgot everything leaves everything, in its own name. */
static void
forgotten(void **state)
{
	struct rig *r = cluster();
	struct atm_addr who;
	uint32_t csn;

	(void)state;
	fall_off(r, 1, ATM_CAUSE_OUT_OF_ORDER);
	rig_register(r, 1);
	rig_clear(r);
	csn = rig_csn(r);
	rig_run(r, 59000); /* a map every minute */
	assert_true(in(r, X) && in(r, Y) && in(r, LO));
	csn += on_ccvc(r, MARS_REDIRECT_MAP);
	rig_clear(r);
	rig_run(r, 12000);
	assert_false(in(r, X) || in(r, Y) || in(r, LO));
	assert_int_equal(on_ccvc(r, MARS_LEAVE), 3);
	for (size_t i = 0; i < r->sent_n; i++) {
		struct mars_msg m = rig_msg(r, i);
		struct atm_addr a = rig_host(1);

		assert_int_equal(m.msn, ++csn);
		if (m.op != MARS_LEAVE)
			continue;
		assert_int_equal(mars_src(&m, &who), 0);
		assert_true(atm_addr_equal(&who, &a));
		assert_int_equal(m.flags, MARS_FLAG_COPY);
	}
	assert_int_equal(rig_csn(r), csn);
	rig_run(r, 300000);
	assert_int_equal(on_ccvc(r, MARS_LEAVE), 3);
	rig_end(r);
}

/* Who left the tree itself is moving between MARSs and need not join again. */
static void
moved_away(void **state)
{
	struct rig *r = cluster();

	(void)state;
	fall_off(r, 1, ATM_CAUSE_NORMAL);
	rig_request(r, 2, X);
	rig_register(r, 1);
	rig_clear(r);
	rig_run(r, 300000);
	assert_int_equal(on_ccvc(r, MARS_LEAVE), 0);
	assert_true(in(r, X) && in(r, Y) && in(r, LO));
	rig_join(r, 1, X);
	assert_int_equal(on_ccvc(r, MARS_JOIN), 0);
	rig_end(r);
}

/* MARS-134: after a warm restart everybody has to join again. */
static void
warm_restart(void **state)
{
	struct rig *r = cluster();

	(void)state;
	rig_step(r, &(struct mars_server_ev){ .kind = MARS_SERVER_RESTART });
	rig_register(r, 2);
	rig_request(r, 2, X);
	rig_register(r, 1);
	rig_clear(r);
	rig_join(r, 1, X);
	assert_int_equal(on_ccvc(r, MARS_JOIN), 1);
	rig_join(r, 1, LO + 9); /* in a block that is old itself */
	assert_int_equal(on_ccvc(r, MARS_JOIN), 2);
	rig_leave(r, 1, Y); /* a change like any other */
	assert_int_equal(on_ccvc(r, MARS_LEAVE), 1);
	rig_run(r, 75000);
	assert_int_equal(on_ccvc(r, MARS_LEAVE), 2);
	assert_true(in(r, X) && in(r, LO + 9));
	assert_false(in(r, Y) || in(r, LO));
	rig_end(r);
}

/*
 * After a warm restart those who do not come back in time are left in their
 * names if anybody was told of them, and silently otherwise; a member that
 * falls off later is always given up silently, as section 6.1.2 has it.
 */
static void
given_up(void **state)
{
	for (unsigned i = 0; i < 3; i++) {
		struct rig *r = cluster();

		(void)state;
		if (i < 2) {
			rig_step(r, &(struct mars_server_ev){
			    .kind = MARS_SERVER_RESTART });
			rig_register(r, 2);
		} else {
			fall_off(r, 1, ATM_CAUSE_OUT_OF_ORDER);
		}
		if (i > 0)
			rig_request(r, 2, X);
		rig_clear(r);
		rig_run(r, 31000);
		assert_int_equal(on_ccvc(r, MARS_LEAVE), i == 1 ? 3 : 0);
		assert_int_equal(rig_cmi(r, 1), 0);
		assert_false(in(r, X) || in(r, LO));
		rig_end(r);
	}
}

/* What was said in one hold counts in the next. */
static void
two_restarts(void **state)
{
	struct rig *r = cluster();
	struct mars_server_ev again = { .kind = MARS_SERVER_RESTART };

	(void)state;
	rig_step(r, &again);
	rig_register(r, 2);
	rig_request(r, 2, X);
	rig_run(r, 5000);
	rig_step(r, &again);
	rig_register(r, 2);
	rig_register(r, 1);
	rig_clear(r);
	rig_join(r, 1, X);
	assert_int_equal(on_ccvc(r, MARS_JOIN), 1);
	rig_end(r);
}

/* A block that is forgotten leaves single joins inside alone. */
static void
forgotten_block_has_holes(void **state)
{
	struct rig *r = cluster();
	size_t at = 0;

	(void)state;
	rig_join(r, 1, LO + 7);
	fall_off(r, 1, ATM_CAUSE_OUT_OF_ORDER);
	rig_register(r, 1);
	rig_join(r, 1, LO + 7);
	rig_join(r, 1, X);
	rig_join(r, 1, Y);
	rig_clear(r);
	rig_run(r, 75000);
	assert_int_equal(on_ccvc(r, MARS_LEAVE), 1);
	while (rig_msg(r, at).op != MARS_LEAVE || r->sent[at].ref != r->ccvc)
		at++;
	assert_int_equal(rig_msg(r, at).pnum, 2);
	assert_true(rig_msg(r, at).flags & MARS_FLAG_PUNCHED);
	assert_true(in(r, LO + 7));
	assert_false(in(r, LO));
	rig_end(r);
}

/* Nor a block that was joined since and overlaps it. */
static void
forgotten_block_overlaps(void **state)
{
	struct rig *r = cluster();
	struct l3_range pair;
	size_t at = 0;

	(void)state;
	fall_off(r, 1, ATM_CAUSE_OUT_OF_ORDER);
	rig_register(r, 1);
	rig_join(r, 1, X);
	rig_join(r, 1, Y);
	rig_group(r, 1, MARS_JOIN, LO + 16, LO + 31, 0);
	rig_group(r, 1, MARS_JOIN, HI - 5, HI + 5, 0);
	rig_join(r, 1, LO + 20);
	rig_clear(r);
	rig_run(r, 75000);
	assert_int_equal(on_ccvc(r, MARS_LEAVE), 1);
	while (rig_msg(r, at).op != MARS_LEAVE || r->sent[at].ref != r->ccvc)
		at++;
	assert_int_equal(rig_msg(r, at).pnum, 2);
	for (unsigned i = 0; i < 2; i++) {
		struct mars_msg m = rig_msg(r, at);
		struct l3_addr lo = l3_addr_ipv4(i ? LO + 32 : LO);
		struct l3_addr hi = l3_addr_ipv4(i ? HI - 6 : LO + 15);

		assert_int_equal(mars_pair(&m, i, &pair), 0);
		assert_int_equal(l3_addr_cmp(&pair.min, &lo), 0);
		assert_int_equal(l3_addr_cmp(&pair.max, &hi), 0);
	}
	assert_true(in(r, LO + 16) && in(r, LO + 20) && in(r, HI));
	assert_false(in(r, LO) || in(r, LO + 32));
	rig_end(r);
}

/* Every allocation fails once on the way: nothing is lost or half done. */
static void
short_of_memory(void **state)
{
	(void)state;
	for (long i = 1; i < 40; i++) {
		struct rig *r = cluster();

		fall_off(r, 1, ATM_CAUSE_OUT_OF_ORDER);
		rig_request(r, 2, X);
		rig_register(r, 1);
		rig_clear(r);
		r->fm.fail_at = r->fm.count + i;
		/* Repeated, as by a client that got no answer. */
		for (int k = 0; k < 2; k++) {
			rig_join(r, 1, X);
			rig_group(r, 1, MARS_JOIN, LO, HI, 0);
		}
		assert_int_equal(on_ccvc(r, MARS_JOIN), 2);
		rig_run(r, 75000);
		assert_true(in(r, X) && in(r, LO));
		assert_false(in(r, Y));
		assert_int_equal(on_ccvc(r, MARS_LEAVE), 1);
		r->fm.fail_at = 0;
		rig_end(r);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(glitch),
		cmocka_unit_test(told_again),
		cmocka_unit_test(crashed_while_waiting),
		cmocka_unit_test(asked_just_before),
		cmocka_unit_test(forgotten),
		cmocka_unit_test(moved_away),
		cmocka_unit_test(warm_restart),
		cmocka_unit_test(given_up),
		cmocka_unit_test(two_restarts),
		cmocka_unit_test(forgotten_block_has_holes),
		cmocka_unit_test(forgotten_block_overlaps),
		cmocka_unit_test(short_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
