/* SPDX-License-Identifier: BSD-2-Clause */
/* Members that go from one MARS to another: no loss, and no CMI but theirs. */
#include "far_rig.h"

/* Host 2 is an own member with a group and a block; it registers elsewhere. */
static struct rig *
moving(void)
{
	struct rig *r = rig_cluster(2);

	rig_join(r, 2, G);
	rig_group(r, 2, MARS_JOIN, G + 16, G + 31, 0);
	rig_hush(r);
	assert_int_equal(rig_far(r, MARS_FAR_REGISTER, 2, 2), 0);
	assert_int_equal(rig_leaf(r, 2), MARS_LEAF_UP);
	rig_clear(r);
	return r;
}

/* is_far: with all it had, nothing told, nothing held. */
static void
is_far(struct rig *r)
{
	assert_int_equal(rig_leaf(r, 2), MARS_LEAF_FAR);
	assert_int_equal(r->sent_n, 0);
	rig_told_nothing(r);
	rig_run(r, 600000);
	assert_int_equal(rig_cmi(r, 2), 2);
	assert_int_equal(rig_members(r, G), 1);
	assert_int_equal(rig_members(r, G + 20), 1);
	rig_told_nothing(r);
	rig_end(r);
}

/* Leaving the old CCVC is no deregistration. */
static void
by_leaf(void **state)
{
	struct rig *r = moving();

	(void)state;
	rig_net(r, ATM_DROPPED, 0, 2, ATM_CAUSE_OUT_OF_ORDER);
	is_far(r);
}

/* Its VC goes: the leaf is dropped. */
static void
by_vc(void **state)
{
	struct rig *r = moving();

	(void)state;
	rig_vc_gone(r, 1); /* another's: nothing */
	assert_int_equal(rig_leaf(r, 2), MARS_LEAF_UP);
	rig_vc_gone(r, 2);
	assert_int_equal(r->call_n, 1);
	assert_int_equal(r->call[0].kind, ATM_MULTI_DROP);
	is_far(r);
}

/* Two hundred have moved who spoke over one VC; there is little room. */
static struct rig *
crowd(void)
{
	struct rig *r = rig_cluster(1);

	for (unsigned n = 2; n <= 201; n++) {
		struct atm_addr a = rig_host(n);

		rig_register_from(r, &a, rig_ref(2));
		rig_far(r, MARS_FAR_REGISTER, n, n);
	}
	rig_clear(r);
	r->out_cap = MARS_SERVER_OUT_MIN;
	return r;
}

/* All their leaves are dropped. */
static void
by_one_vc(void **state)
{
	struct rig *r = crowd();

	(void)state;
	rig_vc_gone(r, 2);
	assert_int_equal(rig_calls(r, ATM_MULTI_DROP), 200);
	for (unsigned n = 2; n <= 201; n++)
		assert_int_equal(rig_leaf(r, n), MARS_LEAF_FAR);
	assert_int_equal(rig_leaf(r, 1), MARS_LEAF_UP);
	rig_end(r);
}

/* CCVC itself goes, or this MARS starts again: the others come back. */
static void
by_ccvc(void **state)
{
	struct rig *r = moving();

	(void)state;
	rig_net(r, ATM_RELEASED, 0, 0, ATM_CAUSE_NET_OUT);
	assert_int_equal(r->call_n, 1); /* host 1's */
	assert_int_equal(rig_leaf(r, 1), MARS_LEAF_UP);
	rig_run(r, 1000);
	rig_clear(r);
	is_far(r);
}

static void
by_restart(void **state)
{
	struct rig *r = moving();

	(void)state;
	rig_step(r, &(struct mars_server_ev){ .kind = MARS_SERVER_RESTART });
	assert_int_equal(rig_leaf(r, 2), MARS_LEAF_FAR);
	rig_register(r, 1);
	rig_hush(r);
	rig_clear(r);
	rig_run(r, 31000);
	assert_int_equal(rig_members(r, G), 1);
	rig_clear(r);
	is_far(r);
}

/* One that is held when it registers elsewhere is not held any longer. */
static void
held(void **state)
{
	struct rig *r = rig_cluster(2);

	(void)state;
	rig_join(r, 2, G);
	rig_group(r, 2, MARS_JOIN, G + 16, G + 31, 0);
	rig_hush(r);
	rig_drop_leaf(r, 2);
	rig_clear(r);
	rig_far(r, MARS_FAR_REGISTER, 2, 2);
	is_far(r);
}

/* A leaf not yet added: wanted, asked for, refused, waiting. */
static void
leaf_states(void **state)
{
	struct rig *r = rig_cluster(1);

	(void)state;
	r->ack = false;
	for (unsigned n = 2; n <= 6; n++) {
		rig_register(r, n);
		rig_far(r, MARS_FAR_REGISTER, n, n);
		assert_int_equal(rig_leaf(r, n), MARS_LEAF_ADDING);
	}
	rig_net(r, ATM_RQFAILED, ATM_MULTI_ADD, 2, ATM_CAUSE_BUSY);
	assert_int_equal(rig_leaf(r, 2), MARS_LEAF_FAR);
	rig_net(r, ATM_RQFAILED, ATM_MULTI_ADD, 3, ATM_CAUSE_TEMPORARY);
	assert_int_equal(rig_leaf(r, 3), MARS_LEAF_FAR);
	rig_vc_gone(r, 4);
	assert_int_equal(rig_leaf(r, 4), MARS_LEAF_ADDING);
	rig_net(r, ATM_ACK, ATM_MULTI_ADD, 4, 0);
	rig_drop_leaf(r, 4);
	assert_int_equal(rig_leaf(r, 4), MARS_LEAF_FAR);
	/* Waiting for the next try is not waited for. */
	rig_register(r, 7);
	rig_net(r, ATM_RQFAILED, ATM_MULTI_ADD, 7, ATM_CAUSE_TEMPORARY);
	assert_int_equal(rig_leaf(r, 7), MARS_LEAF_WAITING);
	rig_far(r, MARS_FAR_REGISTER, 7, 7);
	assert_int_equal(rig_leaf(r, 7), MARS_LEAF_FAR);
	rig_end(r);
}

/* A leaf that is only queued goes with the VC. */
static void
queued(void **state)
{
	struct rig *r = rig_cluster(0);

	(void)state;
	r->ack = false;
	rig_register(r, 1);
	rig_register(r, 2);
	rig_far(r, MARS_FAR_REGISTER, 2, 2);
	rig_vc_gone(r, 2);
	assert_int_equal(rig_leaf(r, 2), MARS_LEAF_FAR);
	rig_clear(r);
	rig_net(r, ATM_ACK, ATM_MULTI_RQ, 1, 0);
	assert_int_equal(r->call_n, 0);
	rig_end(r);
}

/* What it does elsewhere counts here already, and what it says here, too. */
static void
between(void **state)
{
	struct rig *r = moving();

	(void)state;
	assert_int_equal(rig_far_join(r, 2, G + 1), 0);
	assert_int_equal(rig_far_leave(r, 2, G), 0);
	assert_int_equal(r->sent_n, 2);
	assert_int_equal(rig_members(r, G), 0);
	assert_int_equal(rig_members(r, G + 1), 1);
	rig_told_nothing(r);
	rig_join(r, 2, G + 2);
	rig_told_range(r, MARS_CHANGE_JOIN, 2, G + 2, G + 2);
	rig_end(r);
}

/* Gone from there, it is gone: its leaf, too, also one only asked for. */
static void
goes_from_there(void **state)
{
	struct rig *r = moving();

	(void)state;
	assert_int_equal(rig_far(r, MARS_FAR_DEREGISTER, 2, 2), 0);
	assert_int_equal(rig_leaf(r, 2), -1);
	assert_int_equal(rig_members(r, G), 0);
	assert_int_equal(rig_calls(r, ATM_MULTI_DROP), 1);
	rig_told_nothing(r);
	rig_end(r);
	r = rig_cluster(1);
	r->ack = false;
	rig_register(r, 2);
	rig_far(r, MARS_FAR_REGISTER, 2, 2);
	r->fm.fail_at = r->fm.count + 1;
	assert_int_equal(rig_far(r, MARS_FAR_DEREGISTER, 2, 2),
	    MARSH_ENOMEM);
	assert_int_equal(rig_leaf(r, 2), MARS_LEAF_ADDING);
	assert_int_equal(rig_far(r, MARS_FAR_DEREGISTER, 2, 2), 0);
	rig_clear(r);
	rig_net(r, ATM_ACK, ATM_MULTI_ADD, 2, 0);
	assert_int_equal(rig_calls(r, ATM_MULTI_DROP), 1);
	rig_end(r);
}

/* It deregisters here: told, and yet a member of the other. */
static void
deregisters_here(void **state)
{
	struct rig *r = moving();

	(void)state;
	rig_deregister(r, 2);
	assert_int_equal(rig_calls(r, ATM_MULTI_DROP), 1);
	assert_int_equal(r->sent_n, 1);
	assert_false(rig_told(r, MARS_CHANGE_DEREGISTER, 2).proxy);
	rig_clear(r);
	is_far(r);
}

/* An own member by registering again. */
static void
registers_again(void **state)
{
	struct rig *r = moving();

	(void)state;
	rig_vc_gone(r, 1);
	rig_register(r, 2);
	rig_told(r, MARS_CHANGE_REGISTER, 2);
	rig_told_nothing(r);
	assert_int_equal(rig_leaf(r, 2), MARS_LEAF_UP);
	rig_drop_leaf(r, 2);
	assert_int_equal(rig_leaf(r, 2), MARS_LEAF_NONE);
	rig_end(r);
}

/* A far member with a group and a block comes to this MARS. */
static struct rig *
coming(void)
{
	struct rig *r = rig_cluster(1);

	rig_far(r, MARS_FAR_REGISTER, 9, 300);
	rig_far_join(r, 9, G);
	rig_far_range(r, MARS_FAR_JOIN, 9, G + 16, G + 31, false);
	rig_clear(r);
	rig_register(r, 9);
	return r;
}

/* SMARS-008, SMARS-048: same CMI, all kept; each range is told anew once. */
static void
comes(void **state)
{
	struct rig *r = coming();
	uint32_t csn = rig_csn(r);

	(void)state;
	assert_int_equal(rig_msg(r, 0).cmi, 300);
	assert_int_equal(rig_leaf(r, 9), MARS_LEAF_UP);
	assert_int_equal(rig_told(r, MARS_CHANGE_REGISTER, 9).cmi, 300);
	rig_told_nothing(r);
	assert_int_equal(rig_members(r, G), 1);
	rig_clear(r);
	rig_join(r, 9, G);
	rig_group(r, 9, MARS_JOIN, G + 16, G + 31, 0);
	assert_int_equal(r->sent_n, 2); /* privately */
	assert_int_equal(r->sent[0].ref, rig_ref(9));
	assert_int_equal(r->sent[1].ref, rig_ref(9));
	assert_int_equal(rig_csn(r), csn);
	rig_told_range(r, MARS_CHANGE_JOIN, 9, G, G);
	rig_told_range(r, MARS_CHANGE_JOIN, 9, G + 16, G + 31);
	rig_join(r, 9, G);
	rig_group(r, 9, MARS_JOIN, G + 16, G + 31, 0);
	rig_told_nothing(r);
	rig_end(r);
}

/* What it does not join again stays; no timer takes it. */
static void
stays(void **state)
{
	struct rig *r = coming();

	(void)state;
	rig_run(r, 3600000);
	assert_int_equal(rig_members(r, G), 1);
	assert_int_equal(rig_members(r, G + 20), 1);
	rig_hush(r);
	rig_leave(r, 9, G);
	rig_told_range(r, MARS_CHANGE_LEAVE, 9, G, G);
	rig_told_nothing(r);
	rig_join(r, 9, G);
	rig_told_range(r, MARS_CHANGE_JOIN, 9, G, G);
	rig_join(r, 9, G);
	rig_told_nothing(r);
	rig_end(r);
}

/* It falls off here before it has joined again: still told once. */
static void
comes_and_falls(void **state)
{
	struct rig *r = coming();

	(void)state;
	rig_net(r, ATM_DROPPED, 0, 9, ATM_CAUSE_OUT_OF_ORDER);
	rig_register(r, 9);
	rig_hush(r);
	rig_join(r, 9, G);
	rig_told_range(r, MARS_CHANGE_JOIN, 9, G, G);
	rig_join(r, 9, G);
	rig_told_nothing(r);
	/* What it forgot is left in its name, and that is told. */
	rig_run(r, 71000);
	rig_told_range(r, MARS_CHANGE_LEAVE, 9, G + 16, G + 31);
	rig_told_nothing(r);
	rig_end(r);
}

/* Short of memory a block is told when its JOIN is answered, not before. */
static void
comes_short(void **state)
{
	struct rig *r = coming();
	unsigned refused = 0;
	int err;

	(void)state;
	rig_hush(r);
	do {
		r->fm.fail_at = r->fm.count + 1 + (long)refused;
		err = rig_group(r, 9, MARS_JOIN, G + 16, G + 31, 0);
		if (err != 0) {
			refused++;
			rig_told_nothing(r);
		}
	} while (err != 0);
	r->fm.fail_at = 0;
	assert_int_not_equal(refused, 0);
	rig_told_range(r, MARS_CHANGE_JOIN, 9, G + 16, G + 31);
	rig_told_nothing(r);
	rig_end(r);
}

/* What it did there is heard late: single groups, and blocks. */
static void
heard_late(void **state)
{
	struct rig *r = coming();

	(void)state;
	rig_join(r, 9, G);
	rig_hush(r);
	rig_clear(r);
	for (unsigned n = 0; n < 2; n++) { /* once is enough */
		assert_int_equal(rig_far_join(r, 9, G + 1), 0);
		assert_int_equal(rig_far_range(r, MARS_FAR_JOIN, 9, G + 64,
				     G + 71, false),
		    0);
	}
	assert_int_equal(r->sent_n, 2);
	assert_int_equal(rig_members(r, G + 1), 1);
	rig_told_nothing(r);
	rig_join(r, 9, G + 1);
	rig_group(r, 9, MARS_JOIN, G + 64, G + 71, 0);
	rig_told_range(r, MARS_CHANGE_JOIN, 9, G + 1, G + 1);
	rig_told_range(r, MARS_CHANGE_JOIN, 9, G + 64, G + 71);
	rig_clear(r);
	/* Left there, and joined here: it is in. */
	rig_far_leave(r, 9, G);
	rig_far_leave(r, 9, G + 1);
	rig_far_leave(r, 9, G + 2);
	rig_far_range(r, MARS_FAR_LEAVE, 9, G + 64, G + 71, false);
	assert_int_equal(r->sent_n, 0);
	assert_int_equal(rig_members(r, G), 1);
	/* Left there, and not joined here: it is out. */
	rig_far_range(r, MARS_FAR_LEAVE, 9, G + 16, G + 31, false);
	assert_int_equal(r->sent_n, 1);
	assert_int_equal(rig_msg(r, 0).op, MARS_LEAVE);
	assert_int_equal(rig_members(r, G + 20), 0);
	rig_told_nothing(r);
	rig_end(r);
}

/* What is held was joined here; and what was to be forgotten no longer is. */
static void
held_here(void **state)
{
	struct rig *r = rig_cluster(2);

	(void)state;
	rig_join(r, 2, G);
	rig_net(r, ATM_DROPPED, 0, 2, ATM_CAUSE_OUT_OF_ORDER);
	assert_int_equal(rig_far_leave(r, 2, G), 0);
	assert_int_equal(rig_members(r, G), 1);
	rig_register(r, 2);
	rig_far(r, MARS_FAR_REGISTER, 2, 2);
	rig_run(r, 100000);
	assert_int_equal(rig_leaf(r, 2), MARS_LEAF_UP);
	assert_int_equal(rig_members(r, G), 1);
	rig_end(r);
}

/* It is back before there was room to drop its leaf. */
static void
back_in_time(void **state)
{
	struct rig *r = crowd();
	struct atm_ind gone = { .kind = ATM_RELEASED, .ref = rig_ref(2) };
	struct mars_server_ev ev = { .kind = MARS_SERVER_IND, .ind = &gone };

	(void)state;
	rig_step1(r, &ev);
	assert_int_equal(rig_leaf(r, 2), MARS_LEAF_FAR);
	assert_int_equal(rig_leaf(r, 201), MARS_LEAF_UP);
	rig_far(r, MARS_FAR_REGISTER, 200, 200); /* once more: still to go */
	assert_int_equal(rig_leaf(r, 200), MARS_LEAF_FAR);
	rig_end(r);
	r = crowd();
	rig_step1(r, &ev);
	rig_register(r, 201);
	rig_run(r, 1000);
	assert_int_equal(rig_leaf(r, 201), MARS_LEAF_UP);
	assert_int_equal(rig_leaf(r, 200), MARS_LEAF_FAR);
	rig_end(r);
}

/* Short of memory neither has happened. */
static void
late_and_short(void **state)
{
	struct rig *r = coming();

	(void)state;
	rig_hush(r);
	r->fm.fail_at = r->fm.count + 1;
	assert_int_equal(rig_far_leave(r, 9, G), MARSH_ENOMEM);
	assert_int_equal(rig_members(r, G), 1);
	assert_int_equal(rig_far_leave(r, 9, G), 0);
	assert_int_equal(rig_members(r, G), 0);
	r->fm.fail_at = r->fm.count + 1;
	assert_int_equal(rig_far_join(r, 9, G + 1), MARSH_ENOMEM);
	assert_int_equal(rig_members(r, G + 1), 0);
	rig_end(r);
}

/* A leaf asked for before it went away is taken over. */
static void
ghost(void **state)
{
	struct rig *r = rig_cluster(1);

	(void)state;
	r->ack = false;
	rig_register(r, 9);
	rig_deregister(r, 9);
	rig_far(r, MARS_FAR_REGISTER, 9, 2);
	rig_clear(r);
	rig_register(r, 9);
	assert_int_equal(r->call_n, 0);
	rig_net(r, ATM_ACK, ATM_MULTI_ADD, 9, 0);
	assert_int_equal(rig_leaf(r, 9), MARS_LEAF_UP);
	rig_end(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(by_leaf),
		cmocka_unit_test(by_vc),
		cmocka_unit_test(by_one_vc),
		cmocka_unit_test(by_ccvc),
		cmocka_unit_test(by_restart),
		cmocka_unit_test(held),
		cmocka_unit_test(leaf_states),
		cmocka_unit_test(queued),
		cmocka_unit_test(between),
		cmocka_unit_test(goes_from_there),
		cmocka_unit_test(deregisters_here),
		cmocka_unit_test(registers_again),
		cmocka_unit_test(comes),
		cmocka_unit_test(stays),
		cmocka_unit_test(comes_and_falls),
		cmocka_unit_test(comes_short),
		cmocka_unit_test(heard_late),
		cmocka_unit_test(held_here),
		cmocka_unit_test(back_in_time),
		cmocka_unit_test(late_and_short),
		cmocka_unit_test(ghost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
