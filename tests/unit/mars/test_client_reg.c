/* SPDX-License-Identifier: BSD-2-Clause */
/* Registration and deregistration: RFC 2022 sections 4, 5, 5.2.2, 5.2.3. */
#include "client_rig.h"

/* MARS-006: no cluster without the address of a MARS. */
static void
needs_a_mars(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	memset(&r->cfg.mars, 0, sizeof(r->cfg.mars));
	rig_start(r);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_REGISTER, 0, 0), MARSH_ESTATE);
	assert_int_equal(rig_info(r).state, MARS_CLIENT_IDLE);
	assert_int_equal(r->n, 0);
	rig_stop(r);
}

/* MARS-101: nothing is joined, asked or sent before a registration. */
static void
commands_need_a_cluster(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	rig_start(r);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_JOIN, X_GROUP, X_GROUP),
	    MARSH_ESTATE);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_LEAVE, X_GROUP, X_GROUP),
	    MARSH_ESTATE);
	assert_int_equal(rig_send(r, X_GROUP), MARSH_ESTATE);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_REQUEST, X_GROUP, X_GROUP),
	    MARSH_ESTATE);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_GROUPLIST, X_GROUP, X_GROUP),
	    MARSH_ESTATE);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_DEREGISTER, 0, 0),
	    MARSH_ESTATE);
	assert_int_equal(r->n, 0);
	rig_stop(r);
}

/*
 * MARS-005, MARS-028: L_CALL_RQ to the MARS, then the message on that VC.
 * MARS-101, MARS-119, MARS-120, MARS-121, MARS-122, MARS-080, MARS-079: the
 * registration has flags 0x2000, no groups and our ATM address; its copy brings
 * CMI and CSN; HSN starts at 0.  MARS-102: the MARS makes us a leaf.
 */
static void
registers(void **state)
{
	struct rig *r = rig_new();
	const struct sent *s;
	struct atm_addr a, me = rig_addr(ME), mars = rig_addr(M1);

	(void)state;
	rig_start(r);
	assert_int_equal(rig_info(r).hsn, 0);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_REGISTER, 0, 0), 0);
	assert_int_equal(r->n, 1);
	s = rig_last(r, ATM_CALL_RQ, 0);
	assert_true(atm_addr_equal(&s->rq.dst, &mars));
	assert_int_equal(s->rq.use, ATM_USE_PP);
	assert_int_equal(rig_info(r).state, MARS_CLIENT_CALLING);
	rig_ack(r, ATM_CALL_RQ);
	assert_int_equal(rig_info(r).state, MARS_CLIENT_REGISTERING);
	s = rig_last(r, ATM_SEND, MARS_JOIN);
	assert_int_equal(s->m.flags, 0x2000);
	assert_int_equal(s->m.pnum, 0);
	assert_int_equal(s->m.tpln, 0);
	assert_int_equal(s->m.cmi, 0);
	assert_int_equal(s->m.msn, 0);
	assert_int_equal(mars_src(&s->m, &a), 0);
	assert_true(atm_addr_equal(&a, &me));
	assert_false(rig_info(r).registered);
	rig_echo(r, s->rq.ref, s, 4711, 7);
	assert_true(rig_info(r).registered);
	assert_int_equal(rig_info(r).cmi, 7);
	assert_int_equal(rig_info(r).hsn, 4711);
	assert_int_equal(mars_client_stats(r->c)->csn_jumps, 0);
	assert_int_equal(rig_saw(r, TRACE_REGISTER, NULL), 1);
	assert_int_equal(rig_saw(r, TRACE_CMI, NULL), 1);
	rig_ind(r, ATM_REMOTE_CALL, CCVC1, 0, M1, 0);
	assert_int_equal(rig_info(r).ccvc, CCVC1);
	assert_int_equal(mars_client_stats(r->c)->tx_reg, 1);
	rig_stop(r);
}

/* MARS-120: the source protocol address may be null. */
static void
null_spa(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	r->cfg.spa.len = 0;
	rig_start(r);
	rig_cmd(r, MARS_CLIENT_REGISTER, 0, 0);
	rig_ack(r, ATM_CALL_RQ);
	assert_int_equal(rig_last(r, ATM_SEND, MARS_JOIN)->m.spln, 0);
	rig_stop(r);
}

/* MARS-122, MARS-116: what is no valid copy does not register. */
static void
invalid_copies(void **state)
{
	struct rig *r = rig_new();
	struct mars_msg m;
	const struct sent *s;
	atm_ref ref;
	struct atm_addr other = rig_addr(2);
	uint8_t src[2 * ATM_NSAP_LEN];

	(void)state;
	rig_start(r);
	rig_cmd(r, MARS_CLIENT_REGISTER, 0, 0);
	rig_ack(r, ATM_CALL_RQ);
	s = rig_last(r, ATM_SEND, MARS_JOIN);
	ref = s->rq.ref;
	rig_echo(r, ref, s, 1, 0); /* CMI 0 */
	m = s->m;
	m.cmi = 3;
	rig_msg(r, ref, &m); /* copy = 0 */
	m.flags |= MARS_FLAG_COPY | MARS_FLAG_PUNCHED;
	rig_msg(r, ref, &m); /* punched = 1 */
	m.flags = MARS_FLAG_COPY | MARS_FLAG_REGISTER | 1;
	rig_msg(r, ref, &m); /* another sequence */
	m.flags = MARS_FLAG_COPY;
	rig_msg(r, ref, &m); /* no registration */
	m.flags = MARS_FLAG_COPY | MARS_FLAG_REGISTER;
	m.op = MARS_LEAVE;
	rig_msg(r, ref, &m); /* another op */
	m.op = MARS_JOIN;
	mars_set_src(&m, &other, src);
	rig_msg(r, ref, &m); /* another source */
	assert_int_equal(rig_info(r).state, MARS_CLIENT_REGISTERING);
	rig_echo(r, ref, s, 1, 3);
	assert_int_equal(rig_info(r).state, MARS_CLIENT_REGISTERED);
	rig_stop(r);
}

/*
 * MARS-113, MARS-114, MARS-256: a registration is repeated every 10 s, 6
 * transmissions in all, and has failed at 60 s.
 */
static void
registration_is_repeated(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	rig_start(r);
	rig_cmd(r, MARS_CLIENT_REGISTER, 0, 0);
	rig_ack(r, ATM_CALL_RQ);
	rig_until(r, SEC(9.999999));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_JOIN), 1);
	rig_until(r, SEC(10));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_JOIN), 2);
	rig_until(r, SEC(59.999999));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_JOIN), 6);
	assert_int_equal(rig_info(r).state, MARS_CLIENT_REGISTERING);
	rig_until(r, SEC(60));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_JOIN), 6);
	assert_int_equal(rig_info(r).state, MARS_CLIENT_LOOPING);
	assert_int_equal(rig_count(r, ATM_RELEASE, 0), 1);
	rig_stop(r);
}

/*
 * MARS-119, MARS-120, MARS-113: a deregistration is a LEAVE with the register
 * bit, repeated until its copy; then all VCs and the CMI are given up.
 */
static void
deregisters(void **state)
{
	struct rig *r = rig_new();
	const struct sent *s;

	(void)state;
	rig_member(r, 5, 1);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_JOIN, X_GROUP, X_GROUP), 0);
	rig_open(r, X_GROUP, 1);
	rig_clear(r);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_DEREGISTER, 0, 0), 0);
	assert_int_equal(rig_info(r).state, MARS_CLIENT_DEREGISTERING);
	assert_int_equal(rig_count(r, ATM_RELEASE, 0), 1); /* data VC */
	s = rig_last(r, ATM_SEND, MARS_LEAVE);
	assert_int_equal(s->m.flags, 0x2000);
	assert_int_equal(s->m.pnum, 0);
	rig_run(r, SEC(10));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_LEAVE), 2);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_REGISTER, 0, 0), MARSH_ESTATE);
	rig_echo(r, s->rq.ref, s, 2, 0);
	assert_int_equal(rig_info(r).state, MARS_CLIENT_IDLE);
	assert_int_equal(rig_info(r).cmi, 0);
	assert_int_equal(rig_info(r).mars_vc, 0);
	assert_int_equal(rig_info(r).ccvc, 0);
	assert_int_equal(rig_count(r, ATM_RELEASE, 0), 3);
	assert_int_equal(mars_client_deadline(r->c).us, MTIME_NEVER.us);
	assert_int_equal(mars_client_stats(r->c)->tx_dereg, 2);
	rig_stop(r);
}

/*
 * MARS-179: of who deregisters others learn by ERR_L_DROP only, so it
 * leaves their trees, and those it is called to later.
 */
static void
leaves_trees(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	rig_member(r, 5, 1);
	for (unsigned i = 0; i < 3; i++)
		rig_ind(r, ATM_REMOTE_CALL, 0x80000010u + i, 0, 7 + i, 0);
	rig_ind(r, ATM_RELEASED, 0x80000011u, 0, 8, 16);
	rig_cmd(r, MARS_CLIENT_DEREGISTER, 0, 0);
	assert_int_equal(rig_count(r, ATM_RELEASE, 0), 0);
	rig_echo(r, rig_pp(r), rig_last(r, ATM_SEND, MARS_LEAVE), 2, 0);
	assert_int_equal(rig_info(r).state, MARS_CLIENT_IDLE);
	assert_int_equal(rig_count(r, ATM_RELEASE, 0), 4);
	for (unsigned i = 0; i < 4; i++)
		assert_int_not_equal(rig_nth(r, ATM_RELEASE, 0, i)->rq.ref,
		    0x80000011u);
	rig_ind(r, ATM_REMOTE_CALL, 0x80000020u, 0, 7, 0);
	assert_int_equal(rig_last(r, ATM_RELEASE, 0)->rq.ref, 0x80000020u);
	rig_stop(r);
}

/* MARS-114: a deregistration without answer ends, too. */
static void
deregistration_unanswered(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	rig_member(r, 5, 1);
	rig_cmd(r, MARS_CLIENT_DEREGISTER, 0, 0);
	rig_run(r, SEC(59.999999));
	assert_int_equal(rig_count(r, ATM_SEND, MARS_LEAVE), 6);
	assert_int_equal(rig_info(r).state, MARS_CLIENT_DEREGISTERING);
	rig_run(r, 1);
	assert_int_equal(rig_info(r).state, MARS_CLIENT_IDLE);
	assert_int_equal(rig_saw(r, TRACE_ALARM, NULL), 1);
	rig_stop(r);
}

/* A client asked to leave while it looks for a MARS stops at once. */
static void
stops_looking(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	rig_start(r);
	rig_cmd(r, MARS_CLIENT_REGISTER, 0, 0);
	rig_cmd(r, MARS_CLIENT_DEREGISTER, 0, 0);
	assert_int_equal(rig_info(r).state, MARS_CLIENT_IDLE);
	assert_int_equal(rig_count(r, ATM_RELEASE, 0), 1);
	rig_cmd(r, MARS_CLIENT_REGISTER, 0, 0);
	rig_refuse(r, ATM_CALL_RQ, ATM_CAUSE_NO_ROUTE);
	assert_int_equal(rig_info(r).state, MARS_CLIENT_LOOPING);
	rig_cmd(r, MARS_CLIENT_DEREGISTER, 0, 0);
	assert_int_equal(rig_info(r).state, MARS_CLIENT_IDLE);
	rig_run(r, SEC(200));
	assert_int_equal(rig_count(r, ATM_CALL_RQ, 0), 2);
	rig_stop(r);
}

/*
 * MARS-028, MARS-029, MARS-255: the VC to the MARS is released after 20 idle
 * minutes, which is no failure, and opened again when there is something to
 * say.
 */
static void
idle_vc_is_released(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	r->cfg.map_silence = MSPAN_SEC(240);
	rig_member(r, 5, 1);
	for (int i = 1; i <= 19; i++) {
		rig_until(r, SEC(60) * i);
		rig_map(r, CCVC1, 1 + (uint32_t)i, false, M1);
	}
	rig_until(r, SEC(1199.999999));
	assert_int_equal(r->n, 0);
	rig_until(r, SEC(1200));
	assert_int_equal(rig_count(r, ATM_RELEASE, 0), 1);
	assert_int_equal(rig_pp(r), 0);
	assert_true(rig_info(r).registered);
	rig_cmd(r, MARS_CLIENT_JOIN, X_GROUP, X_GROUP);
	assert_int_equal(rig_count(r, ATM_CALL_RQ, 0), 1);
	rig_ack(r, ATM_CALL_RQ);
	assert_int_equal(rig_count(r, ATM_SEND, MARS_JOIN), 1);
	assert_int_equal(mars_client_stats(r->c)->failures, 0);
	rig_stop(r);
}

/* MARS-029, MARS-255: no idle timer goes below a minute. */
static void
idle_has_a_minimum(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	r->cfg.mars_idle = MSPAN_SEC(1);
	rig_member(r, 5, 1);
	rig_until(r, SEC(59.999999));
	assert_int_equal(r->n, 0);
	rig_until(r, SEC(60));
	assert_int_equal(rig_count(r, ATM_RELEASE, 0), 1);
	rig_stop(r);
}

/*
 * MARS-027, MARS-229, MARS-235, MARS-236: two interfaces of one port know
 * nothing of each other: addresses, MARSs and CMIs are their own.
 */
static void
interfaces_are_independent(void **state)
{
	struct rig *a = rig_new(), *b = rig_new();

	(void)state;
	b->cfg.addr = rig_addr(9);
	b->cfg.mars = rig_addr(M2);
	rig_member(a, 5, 1);
	rig_start(b);
	rig_cmd(b, MARS_CLIENT_REGISTER, 0, 0);
	rig_accept(b, 9, 100);
	rig_change(a, CCVC1, MARS_JOIN, 2, X_GROUP, X_GROUP, 2);
	assert_int_equal(rig_info(a).cmi, 5);
	assert_int_equal(rig_info(b).cmi, 9);
	assert_int_equal(rig_info(a).hsn, 2);
	assert_int_equal(rig_info(b).hsn, 100);
	rig_stop(a);
	rig_stop(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(needs_a_mars),
		cmocka_unit_test(commands_need_a_cluster),
		cmocka_unit_test(registers),
		cmocka_unit_test(null_spa),
		cmocka_unit_test(invalid_copies),
		cmocka_unit_test(registration_is_repeated),
		cmocka_unit_test(deregisters),
		cmocka_unit_test(leaves_trees),
		cmocka_unit_test(deregistration_unanswered),
		cmocka_unit_test(stops_looking),
		cmocka_unit_test(idle_vc_is_released),
		cmocka_unit_test(idle_has_a_minimum),
		cmocka_unit_test(interfaces_are_independent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
