/* SPDX-License-Identifier: BSD-2-Clause */
/* MARS_REDIRECT_MAP, hard and soft redirect: RFC 2022 section 5.4.3. */
#include "client_rig.h"

static void
list_is(const struct rig *r, const unsigned *want, size_t n)
{
	size_t have;
	const struct atm_addr *l = mars_client_list(r->c, &have);

	assert_int_equal(have, n);
	for (size_t i = 0; i < n; i++) {
		struct atm_addr a = rig_addr(want[i]);

		assert_true(atm_addr_equal(&l[i], &a));
	}
}

static void
mars_is(const struct rig *r, unsigned who)
{
	struct atm_addr a = rig_addr(who), m = rig_info(r).mars;

	assert_true(atm_addr_equal(&a, &m));
}

static bool
to(const struct sent *s, unsigned who)
{
	struct atm_addr a = rig_addr(who);

	return atm_addr_equal(&s->rq.dst, &a);
}

static struct rig *
member(void)
{
	struct rig *r = rig_new();

	rig_member(r, 5, 10);
	return r;
}

/* A registration copy made up. */
static void
copy(struct rig *r, atm_ref ref, uint16_t cmi, uint32_t msn)
{
	struct atm_addr me = rig_addr(ME);
	uint8_t src[2 * ATM_NSAP_LEN];
	struct mars_msg m = { .pro = L3_PROTO_IPV4, .op = MARS_JOIN,
	    .flags = MARS_FLAG_COPY | MARS_FLAG_REGISTER, .cmi = cmi,
	    .msn = msn };

	mars_set_src(&m, &me, src);
	rig_msg(r, ref, &m);
}

/*
 * MARS-140, MARS-131, MARS-220: the map's addresses, in its order, go in front of
 * the static table; the next map replaces them; nothing is there twice.
 */
static void
installs(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	r->backups[0] = rig_addr(M3);
	r->backups[1] = rig_addr(50);
	r->cfg.backups_n = 2;
	rig_member(r, 5, 10);
	list_is(r, RIG_LIST(M1, M3, 50));
	rig_map(r, CCVC1, 11, false, M1, M2, M3, M2);
	list_is(r, RIG_LIST(M1, M2, M3, 50));
	assert_int_equal(rig_saw(r, TRACE_MAP, NULL), 1);
	rig_map(r, CCVC1, 12, false, M1, M4);
	list_is(r, RIG_LIST(M1, M4, M3, 50));
	assert_int_equal(r->n, 0);
	rig_stop(r);
}

/* MARS-220: a single configured address is only where to start. */
static void
single_address(void **state)
{
	struct rig *r = member();

	(void)state;
	list_is(r, RIG_LIST(M1));
	rig_map(r, CCVC1, 11, true, M2, M3);
	list_is(r, RIG_LIST(M2, M3));
	rig_stop(r);
}

/*
 * MARS-144: the current MARS first: nothing to do, whatever the flag and the rest
 * of the list say.
 */
static void
reorder_is_no_redirect(void **state)
{
	struct rig *r = member();

	(void)state;
	rig_map(r, CCVC1, 11, false, M1, M3, M2);
	rig_map(r, CCVC1, 12, true, M1, M2, M3);
	list_is(r, RIG_LIST(M1, M2, M3));
	rig_run(r, SEC(20));
	assert_int_equal(r->n, 0);
	assert_int_equal(mars_client_stats(r->c)->redirects, 0);
	rig_stop(r);
}

/*
 * MARS-144, MARS-146, MARS-135: hard: the table is installed, and after tau we
 * register with its first entry, re-join and revalidate, once for each VC.
 */
static void
hard(void **state)
{
	struct rig *r = member();

	(void)state;
	rig_cmd(r, MARS_CLIENT_JOIN, X_GROUP, X_GROUP);
	rig_echo(r, CCVC1, rig_last(r, ATM_SEND, MARS_JOIN), 11, 0);
	rig_open(r, X_GROUP, 11);
	rig_clear(r);
	rig_map(r, CCVC1, 12, true, M2, M1, M3);
	assert_int_equal(rig_info(r).state, MARS_CLIENT_WAITING);
	mars_is(r, M2);
	list_is(r, RIG_LIST(M2, M1, M3));
	assert_int_equal(rig_saw(r, TRACE_REDIRECT, "hard"), 1);
	rig_run(r, SEC(0.999999));
	assert_int_equal(rig_count(r, ATM_CALL_RQ, 0), 0);
	rig_run(r, SEC(9.000001));
	assert_int_equal(rig_count(r, ATM_CALL_RQ, 0), 1);
	assert_true(to(rig_last(r, ATM_CALL_RQ, 0), M2));
	rig_accept(r, 5, 7);
	rig_ind(r, ATM_REMOTE_CALL, CCVC2, 0, M2, 0);
	assert_int_equal(rig_info(r).hsn, 7);
	assert_in_range(rig_info(r).rereg.us, SEC(1), SEC(10));
	rig_run(r, SEC(10));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_JOIN), 2);
	rig_echo(r, CCVC2, rig_last(r, ATM_SEND, MARS_JOIN), 8, 0);
	rig_send(r, X_GROUP);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 1);
	rig_multi(r, X_GROUP, 8, 2, 3);
	rig_run(r, SEC(20));
	rig_send(r, X_GROUP);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_REQUEST), 1);
	assert_int_equal(rig_path(r, X_GROUP).leaves, 2);
	assert_int_equal(mars_client_stats(r->c)->failures, 0);
	rig_stop(r);
}

/* MARS-146: the first entry does not answer: the next one, as in 5.4.2. */
static void
hard_fails(void **state)
{
	struct rig *r = member();

	(void)state;
	rig_map(r, CCVC1, 11, true, M2, M3);
	rig_run(r, SEC(10));
	rig_refuse(r, ATM_CALL_RQ, ATM_CAUSE_NO_ROUTE);
	assert_int_equal(rig_info(r).state, MARS_CLIENT_WAITING);
	rig_run(r, SEC(10));
	assert_true(to(rig_last(r, ATM_CALL_RQ, 0), M3));
	rig_refuse(r, ATM_CALL_RQ, ATM_CAUSE_NO_ROUTE);
	assert_int_equal(rig_info(r).state, MARS_CLIENT_LOOPING);
	rig_stop(r);
}

/*
 * MARS-147, MARS-148: soft: a second VC and a registration while the old MARS
 * stays in use; then the old VC is closed, the new one adopted; no JOIN, no
 * LEAVE, no REQUEST, no flag; HSN is the new MARS's (MARS-080).
 */
static void
soft(void **state)
{
	struct rig *r = member();
	atm_ref old = rig_pp(r), new;

	(void)state;
	rig_cmd(r, MARS_CLIENT_JOIN, X_GROUP, X_GROUP);
	rig_echo(r, CCVC1, rig_last(r, ATM_SEND, MARS_JOIN), 11, 0);
	rig_open(r, X_GROUP, 11);
	rig_clear(r);
	rig_map(r, CCVC1, 12, false, M2, M1);
	assert_int_equal(r->n, 1);
	new = rig_last(r, ATM_CALL_RQ, 0)->rq.ref;
	assert_true(to(rig_last(r, ATM_CALL_RQ, 0), M2));
	mars_is(r, M1);
	assert_true(rig_info(r).registered);
	rig_ack(r, ATM_CALL_RQ);
	assert_int_equal(rig_last(r, ATM_SEND, MARS_JOIN)->rq.ref, new);
	assert_int_equal(rig_last(r, ATM_SEND, MARS_JOIN)->m.flags, 0x2000);
	/* the old MARS still serves */
	rig_cmd(r, MARS_CLIENT_REQUEST, Y_GROUP, Y_GROUP);
	assert_int_equal(rig_last(r, ATM_SEND, MARS_REQUEST)->rq.ref, old);
	rig_nak(r, Y_GROUP);
	rig_change(r, CCVC1, MARS_JOIN, 7, X_GROUP, X_GROUP, 13);
	assert_int_equal(rig_count(r, ATM_MULTI_ADD, 0), 1);
	rig_run(r, SEC(0.002));
	rig_clear(r);
	rig_ind(r, ATM_REMOTE_CALL, CCVC2, 0, M2, 0);
	assert_int_equal(rig_info(r).ccvc, CCVC1);
	copy(r, new, 5, 9000);
	mars_is(r, M2);
	assert_int_equal(rig_pp(r), new);
	assert_int_equal(rig_info(r).hsn, 9000);
	assert_int_equal(rig_info(r).ccvc, CCVC2);
	assert_int_equal(rig_info(r).rereg.us, SEC(0.002));
	assert_int_equal(r->n, 2); /* old VC and old tree */
	assert_int_equal(rig_count(r, ATM_RELEASE, 0), 2);
	assert_int_equal(rig_nth(r, ATM_RELEASE, 0, 0)->rq.ref, old);
	assert_int_equal(rig_nth(r, ATM_RELEASE, 0, 1)->rq.ref, CCVC1);
	rig_clear(r);
	rig_map(r, CCVC2, 9001, false, M2, M1);
	rig_run(r, SEC(30));
	rig_send(r, X_GROUP);
	assert_int_equal(r->n, 1);
	assert_false(rig_path(r, X_GROUP).revalidate);
	assert_int_equal(mars_client_stats(r->c)->csn_jumps, 0);
	rig_stop(r);
}

/* MARS-148: the old VC was idle and closed already. */
static void
soft_without_old_vc(void **state)
{
	struct rig *r = member();

	(void)state;
	rig_ind(r, ATM_RELEASED, rig_pp(r), ATM_CALL_RQ, M1, ATM_CAUSE_NORMAL);
	rig_map(r, CCVC1, 11, false, M2, M1);
	rig_accept(r, 5, 20);
	mars_is(r, M2);
	assert_int_equal(rig_count(r, ATM_RELEASE, 0), 0);
	rig_stop(r);
}

/*
 * MARS-147: it fails: we stay with the old MARS, which still answers, and the
 * next map tries again.
 */
static void
soft_fails(void **state)
{
	struct rig *r = member();
	atm_ref old = rig_pp(r);

	(void)state;
	rig_map(r, CCVC1, 11, false, M2, M1);
	rig_refuse(r, ATM_CALL_RQ, ATM_CAUSE_NO_ROUTE);
	mars_is(r, M1);
	assert_int_equal(rig_pp(r), old);
	assert_true(rig_info(r).registered);
	rig_run(r, SEC(60));
	assert_int_equal(rig_count(r, ATM_CALL_RQ, 0), 1);
	rig_map(r, CCVC1, 12, false, M2, M1);
	assert_int_equal(rig_count(r, ATM_CALL_RQ, 0), 2);
	/* this time nobody answers the registration */
	rig_ack(r, ATM_CALL_RQ);
	rig_run(r, SEC(30));
	rig_map(r, CCVC1, 13, false, M2, M1); /* already on the way */
	assert_int_equal(rig_count(r, ATM_CALL_RQ, 0), 2);
	rig_run(r, SEC(30));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_JOIN), 6);
	assert_int_equal(rig_count(r, ATM_RELEASE, 0), 1);
	assert_true(rig_info(r).registered);
	mars_is(r, M1);
	rig_map(r, CCVC1, 14, false, M2, M1);
	rig_accept(r, 5, 20);
	mars_is(r, M2);
	rig_stop(r);
}

/* MARS-147: the periodic map of the old MARS does not cancel the move. */
static void
soft_goes_on(void **state)
{
	struct rig *r = member();

	(void)state;
	rig_map(r, rig_pp(r), 10, false, M2, M1); /* only to us */
	rig_map(r, CCVC1, 11, false, M1, M2);
	rig_accept(r, 5, 20);
	mars_is(r, M2);
	rig_stop(r);
}

/* MARS-147: a map that names another target replaces the move. */
static void
soft_elsewhere(void **state)
{
	struct rig *r = member();

	(void)state;
	rig_map(r, CCVC1, 11, false, M2, M1);
	rig_ack(r, ATM_CALL_RQ);
	rig_map(r, CCVC1, 12, false, M3, M1);
	assert_int_equal(rig_count(r, ATM_RELEASE, 0), 1);
	rig_accept(r, 5, 20);
	mars_is(r, M3);
	rig_stop(r);
}

/* The old MARS dies during the move: success makes that its own affair. */
static void
old_dies_soft_succeeds(void **state)
{
	struct rig *r = member();

	(void)state;
	rig_map(r, CCVC1, 11, false, M2, M1);
	rig_ind(r, ATM_RELEASED, CCVC1, ATM_CALL_RQ, M1, 27);
	assert_true(rig_info(r).registered);
	rig_accept(r, 5, 20);
	mars_is(r, M2);
	rig_run(r, SEC(20));
	assert_true(rig_info(r).registered);
	assert_int_equal(mars_client_stats(r->c)->failures, 0);
	rig_stop(r);
}

/* Both fail: then it is noticed. */
static void
old_dies_soft_fails(void **state)
{
	struct rig *r = member();

	(void)state;
	rig_map(r, CCVC1, 11, false, M2, M1);
	rig_ind(r, ATM_RELEASED, CCVC1, ATM_CALL_RQ, M1, 27);
	rig_refuse(r, ATM_CALL_RQ, ATM_CAUSE_NO_ROUTE);
	assert_int_equal(rig_info(r).state, MARS_CLIENT_WAITING);
	mars_is(r, M1);
	rig_stop(r);
}

/*
 * MARS-149: only the current MARS is trusted: not another caller's VC, not the
 * tree of the MARS we left, not the new MARS before it has registered us.
 */
static void
trust(void **state)
{
	struct rig *r = member();
	atm_ref soft;

	(void)state;
	rig_ind(r, ATM_REMOTE_CALL, 0x80000031u, 0, 66, 0);
	rig_map(r, 0x80000031u, 11, true, M3);
	rig_map(r, 0x80000032u, 11, true, M3);
	assert_int_equal(rig_drops(r, MARS_CLIENT_DROP_UNTRUSTED), 2);
	list_is(r, RIG_LIST(M1));
	rig_map(r, CCVC1, 11, false, M2, M1);
	soft = rig_last(r, ATM_CALL_RQ, 0)->rq.ref;
	rig_ack(r, ATM_CALL_RQ);
	rig_map(r, soft, 11, true, M3);
	rig_ind(r, ATM_REMOTE_CALL, CCVC2, 0, M2, 0);
	rig_map(r, CCVC2, 11, true, M3);
	assert_int_equal(rig_drops(r, MARS_CLIENT_DROP_UNTRUSTED), 4);
	rig_echo(r, soft, rig_last(r, ATM_SEND, MARS_JOIN), 20, 5);
	mars_is(r, M2);
	rig_map(r, CCVC1, 12, true, M1, M2);
	assert_int_equal(rig_drops(r, MARS_CLIENT_DROP_UNTRUSTED), 5);
	mars_is(r, M2);
	rig_map(r, CCVC2, 21, false, M2, M1);
	list_is(r, RIG_LIST(M2, M1));
	assert_true(rig_info(r).registered);
	rig_stop(r);
}

/* MARS-149: after a move the old tree, still ours for a while, is ignored. */
static void
stale_tree(void **state)
{
	struct rig *r = member();

	(void)state;
	rig_map(r, CCVC1, 11, false, M2, M1);
	rig_accept(r, 5, 20);
	rig_map(r, CCVC1, 12, false, M1, M2);
	rig_run(r, SEC(5));
	mars_is(r, M2);
	assert_int_equal(rig_drops(r, MARS_CLIENT_DROP_UNTRUSTED), 1);
	assert_int_equal(rig_info(r).hsn, 20);
	rig_ind(r, ATM_RELEASED, CCVC1, ATM_CALL_RQ, M1, 16);
	assert_true(rig_info(r).registered);
	rig_stop(r);
}

/* MARS-142: parts with equal mar$msn, or one more each. */
static void
parts(void **state)
{
	struct rig *r = member();

	(void)state;
	rig_set(r, CCVC1, MARS_REDIRECT_MAP, 0, 11, 1, false, false,
	    RIG_LIST(M1, M2));
	list_is(r, RIG_LIST(M1));
	rig_set(r, CCVC1, MARS_REDIRECT_MAP, 0, 12, 2, true, false,
	    RIG_LIST(M3));
	list_is(r, RIG_LIST(M1, M2, M3));
	rig_set(r, rig_pp(r), MARS_REDIRECT_MAP, 0, 12, 1, false, false,
	    RIG_LIST(M1));
	rig_set(r, rig_pp(r), MARS_REDIRECT_MAP, 0, 12, 2, true, false,
	    RIG_LIST(M4));
	list_is(r, RIG_LIST(M1, M4));
	assert_int_equal(mars_client_stats(r->c)->csn_jumps, 0);
	rig_stop(r);
}

/*
 * MARS-142: the first part is lost, the second one is, mar$msn jumps, time runs
 * out: the whole map is discarded, nothing is asked; the next one is installed.
 */
static void
parts_lost(void **state)
{
	struct rig *r = member();

	(void)state;
	rig_map(r, CCVC1, 11, false, M1);
	rig_set(r, CCVC1, MARS_REDIRECT_MAP, 0, 13, 2, true, true,
	    RIG_LIST(M3));
	list_is(r, RIG_LIST(M1));
	assert_int_equal(rig_drops(r, MARS_CLIENT_DROP_SEQUENCE), 1);
	rig_set(r, CCVC1, MARS_REDIRECT_MAP, 0, 14, 1, false, true,
	    RIG_LIST(M2));
	rig_set(r, CCVC1, MARS_REDIRECT_MAP, 0, 16, 3, true, true,
	    RIG_LIST(M3));
	assert_int_equal(rig_drops(r, MARS_CLIENT_DROP_SEQUENCE), 2);
	rig_set(r, CCVC1, MARS_REDIRECT_MAP, 0, 17, 1, false, true,
	    RIG_LIST(M2));
	rig_set(r, CCVC1, MARS_REDIRECT_MAP, 0, 19, 2, true, true,
	    RIG_LIST(M3));
	assert_int_equal(rig_drops(r, MARS_CLIENT_DROP_SEQUENCE), 3);
	rig_set(r, CCVC1, MARS_REDIRECT_MAP, 0, 20, 1, false, true,
	    RIG_LIST(M2));
	rig_run(r, SEC(9.999999));
	assert_int_equal(rig_drops(r, MARS_CLIENT_DROP_SEQUENCE), 3);
	rig_run(r, 1);
	assert_int_equal(rig_drops(r, MARS_CLIENT_DROP_SEQUENCE), 4);
	list_is(r, RIG_LIST(M1));
	mars_is(r, M1);
	assert_int_equal(r->n, 0);
	rig_map(r, CCVC1, 21, false, M1, M2);
	list_is(r, RIG_LIST(M1, M2));
	rig_stop(r);
}

/* A redirect that overtakes the registration copy follows it. */
static void
map_before_copy(void **state)
{
	struct rig *r = rig_new();
	const struct sent *s;

	(void)state;
	rig_start(r);
	rig_cmd(r, MARS_CLIENT_REGISTER, 0, 0);
	rig_ack(r, ATM_CALL_RQ);
	s = rig_last(r, ATM_SEND, MARS_JOIN);
	rig_ind(r, ATM_REMOTE_CALL, CCVC1, 0, M1, 0);
	rig_map(r, CCVC1, 11, true, M2, M1);
	assert_int_equal(rig_info(r).state, MARS_CLIENT_REGISTERING);
	rig_echo(r, s->rq.ref, s, 10, 4);
	assert_int_equal(rig_info(r).state, MARS_CLIENT_WAITING);
	mars_is(r, M2);
	assert_int_equal(mars_client_stats(r->c)->bounced, 1);
	rig_stop(r);
}

/* Sent to and fro: each bounce takes at least two taus, and somebody is told. */
static void
bounces(void **state)
{
	struct rig *r = member();

	(void)state;
	rig_map(r, CCVC1, 11, false, M1, M2);
	rig_map(r, CCVC1, 12, true, M2, M1);
	assert_int_equal(mars_client_stats(r->c)->bounced, 0);
	for (unsigned i = 0; i < 6; i++) {
		unsigned there = i % 2 ? M1 : M2, back = i % 2 ? M2 : M1;

		rig_run(r, SEC(10));
		rig_accept(r, 5, 20);
		mars_is(r, there);
		rig_map(r, rig_pp(r), 20, true, back, there);
	}
	assert_int_equal(mars_client_stats(r->c)->bounced, 6);
	assert_true(rig_saw(r, TRACE_ALARM, "sent to and fro") > 0);
	rig_stop(r);
}

/* A MARS that keeps us ends the series: two bounces, peace, two more. */
static void
bounces_are_forgotten(void **state)
{
	struct rig *r = member();

	(void)state;
	rig_map(r, CCVC1, 11, false, M1, M2);
	rig_map(r, CCVC1, 12, true, M2, M1);
	for (unsigned i = 0; i < 5; i++) {
		unsigned there = i % 2 ? M1 : M2, back = i % 2 ? M2 : M1;

		rig_run(r, SEC(10));
		rig_accept(r, 5, 20);
		if (i == 2)
			rig_map(r, rig_pp(r), 20, false, there, back);
		rig_map(r, rig_pp(r), 20, true, back, there);
	}
	assert_int_equal(mars_client_stats(r->c)->bounced, 4);
	assert_int_equal(rig_saw(r, TRACE_ALARM, "sent to and fro"), 0);
	rig_stop(r);
}

/* The longest list that is kept. */
static void
long_list(void **state)
{
	struct rig *r = member();
	unsigned who[100];
	size_t n;

	(void)state;
	for (unsigned i = 0; i < 100; i++)
		who[i] = M1 + i;
	rig_set(r, CCVC1, MARS_REDIRECT_MAP, 0, 11, 1, true, false, who, 100);
	mars_client_list(r->c, &n);
	assert_int_equal(n, MARS_LIST_MAX);
	rig_set(r, CCVC1, MARS_REDIRECT_MAP, 0, 12, 1, true, false, who, 0);
	mars_client_list(r->c, &n);
	assert_int_equal(n, MARS_LIST_MAX);
	rig_stop(r);
}

/* The same map over and over, decoded or not: only HSN and time move. */
static void
periodic(void **state)
{
	struct rig *r = member();

	(void)state;
	for (uint32_t i = 1; i <= 20; i++) {
		r->as_msg = i & 1;
		rig_until(r, SEC(60) * i);
		rig_map(r, CCVC1, 10 + i, false, M1, M2, M3);
	}
	assert_int_equal(rig_info(r).hsn, 30);
	assert_int_equal(rig_saw(r, TRACE_MAP, NULL), 1);
	assert_int_equal(mars_client_stats(r->c)->rx[MARS_REDIRECT_MAP], 20);
	rig_until(r, SEC(1439.999999));
	assert_true(rig_info(r).registered);
	rig_until(r, SEC(1440));
	assert_false(rig_info(r).registered);
	rig_stop(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(installs),
		cmocka_unit_test(single_address),
		cmocka_unit_test(reorder_is_no_redirect),
		cmocka_unit_test(hard),
		cmocka_unit_test(hard_fails),
		cmocka_unit_test(soft),
		cmocka_unit_test(soft_without_old_vc),
		cmocka_unit_test(soft_fails),
		cmocka_unit_test(soft_goes_on),
		cmocka_unit_test(soft_elsewhere),
		cmocka_unit_test(old_dies_soft_succeeds),
		cmocka_unit_test(old_dies_soft_fails),
		cmocka_unit_test(trust),
		cmocka_unit_test(stale_tree),
		cmocka_unit_test(parts),
		cmocka_unit_test(parts_lost),
		cmocka_unit_test(map_before_copy),
		cmocka_unit_test(bounces),
		cmocka_unit_test(bounces_are_forgotten),
		cmocka_unit_test(long_list),
		cmocka_unit_test(periodic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
