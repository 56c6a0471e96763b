/* SPDX-License-Identifier: BSD-2-Clause */
/* Registration, CMIs and the leaves of CCVC. */
#include "server_rig.h"

/* The two messages of section 9.1 of the format notes, octet by octet. */
static const uint8_t reg_in[] = {
	0x00, 0x0f, 0x08, 0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0x46, 0xef, 0, 0,
	0x00, 0x04, 0x14, 0x00, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, 0, 0, 0,
	0x47, 0x00, 0x05, 0x80, 0xff, 0xe1, 0, 0, 0, 0xf2, 0x1a, 0x26, 0xd8,
	0x00, 0x20, 0x48, 0x0d, 0x3a, 0x10, 0x00,
};

static int
say_octets(struct rig *r, const uint8_t *b, size_t n, atm_ref ref)
{
	struct failmem own;
	struct frame *f;
	struct atm_ind ind = { .kind = ATM_DATA, .ref = ref };
	struct mars_server_ev ev = { .kind = MARS_SERVER_IND, .ind = &ind };
	int err;

	failmem_init(&own);
	f = frame_new(&own.mem, SNAP_LEN + n);
	snap_control(f->bytes);
	memcpy(f->bytes + SNAP_LEN, b, n);
	f->len = (uint32_t)(SNAP_LEN + n);
	ind.frame = f;
	err = rig_step(r, &ev);
	frame_unref(f);
	return err;
}

/* MARS-165, MARS-167, MARS-170, MARS-079: the answer, exactly, privately. */
static void
golden_answer(void **state)
{
	static const uint8_t flags[8] = { 0x60, 0, 0, 7, 0, 0, 0, 0x29 };
	uint8_t want[sizeof(reg_in)];
	struct rig *r = rig_new();

	(void)state;
	memcpy(want, reg_in, sizeof(want));
	memcpy(want + 24, flags, 8);
	want[12] = 0x06;
	want[13] = 0xbf;
	r->cfg.cmi_lo = 7;
	r->cfg.csn = 0x29;
	rig_start(r);
	assert_int_equal(say_octets(r, reg_in, sizeof(reg_in), 0x80000005), 0);
	assert_int_equal(r->sent_n, 1);
	assert_int_equal(r->sent[0].ref, 0x80000005);
	assert_int_equal(r->sent[0].f->len, SNAP_LEN + sizeof(want));
	assert_memory_equal(r->sent[0].f->bytes + SNAP_LEN, want,
	    sizeof(want));
	assert_int_equal(rig_csn(r), 0x29);
	assert_int_equal(r->call_n, 1);
	assert_int_equal(r->call[0].kind, ATM_MULTI_RQ);
	assert_int_equal(r->call[0].use, ATM_USE_CCVC);
	rig_end(r);
}

/* MARS-166, MARS-009: same CMI, no second leaf; the next one by L_MULTI_ADD. */
static void
again(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	rig_start(r);
	rig_register(r, 1);
	rig_register(r, 1);
	assert_int_equal(r->sent_n, 2);
	assert_int_equal(rig_msg(r, 0).cmi, 1);
	assert_int_equal(rig_msg(r, 1).cmi, 1);
	assert_int_equal(r->call_n, 1);
	rig_register(r, 2);
	assert_int_equal(rig_msg(r, 2).cmi, 2);
	assert_int_equal(r->call_n, 2);
	assert_int_equal(r->call[1].kind, ATM_MULTI_ADD);
	assert_int_equal(r->call[1].ref, r->call[0].ref);
	assert_int_equal(rig_leaf(r, 1), MARS_LEAF_UP);
	assert_int_equal(rig_leaf(r, 2), MARS_LEAF_UP);
	rig_end(r);
}

/* MARS-161, MARS-219, MARS-236: protocols do not see each other. */
static void
protocols(void **state)
{
	struct rig *r = rig_new();
	struct atm_addr a = rig_host(1);
	struct mars_proto_info i;
	struct mars_msg m = { .op = MARS_JOIN, .flags = MARS_FLAG_REGISTER,
		.pro = L3_PROTO_IPV6 };
	struct mars_msg other = { .op = MARS_LEAVE, .pro = { .type = 0x809b },
		.flags = MARS_FLAG_REGISTER };

	(void)state;
	rig_start(r);
	rig_register(r, 2);
	rig_register(r, 1);
	rig_say(r, &m, &a, rig_ref(1));
	assert_int_equal(rig_msg(r, 2).cmi, 1); /* 2 in IPv4 */
	assert_int_equal(r->call[2].kind, ATM_MULTI_RQ);
	assert_int_not_equal(r->call[2].ref, r->call[0].ref);
	rig_join(r, 1, 0xe0010101);
	assert_true(mars_server_proto(r->s, 0, &i));
	assert_int_equal(i.csn, 1);
	assert_true(mars_server_proto(r->s, 1, &i));
	assert_int_equal(i.csn, 0);
	assert_int_equal(i.members, 1);
	assert_int_equal(i.groups, 0);
	assert_false(mars_server_proto(r->s, 2, &i));
	rig_clear(r);
	rig_say(r, &other, &a, rig_ref(1));
	assert_int_equal(r->sent_n, 0);
	assert_int_equal(rig_stats(r)->drops[MARS_SERVER_DROP_PROTOCOL], 1);
	rig_end(r);
}

/* MARS-179, MARS-167: out of all groups, off CCVC, CMI free for another. */
static void
deregister(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	rig_start(r);
	for (unsigned n = 1; n <= 3; n++)
		rig_register(r, n);
	rig_join(r, 2, 0xe0010101);
	rig_group(r, 2, MARS_JOIN, 0xe0020000, 0xe002ffff, 0);
	rig_clear(r);
	rig_deregister(r, 2);
	assert_int_equal(r->sent_n, 1);
	assert_int_equal(r->sent[0].ref, rig_ref(2));
	assert_int_equal(rig_msg(r, 0).flags,
	    MARS_FLAG_REGISTER | MARS_FLAG_COPY);
	assert_int_equal(rig_msg(r, 0).msn, 2);
	assert_int_equal(r->call_n, 1);
	assert_int_equal(r->call[0].kind, ATM_MULTI_DROP);
	assert_int_equal(rig_count(r, TRACE_DEREGISTER), 1);
	assert_int_equal(rig_leaf(r, 2), -1);
	rig_register(r, 9);
	assert_int_equal(rig_cmi(r, 9), 2);
	/* Repeated: the copy may have been lost. */
	rig_clear(r);
	rig_deregister(r, 2);
	assert_int_equal(r->sent_n, 1);
	/* The last leaf takes the VC with it. */
	rig_deregister(r, 1);
	rig_deregister(r, 3);
	rig_clear(r);
	rig_deregister(r, 9);
	assert_int_equal(r->call_n, 1);
	assert_int_equal(r->call[0].kind, ATM_RELEASE);
	rig_clear(r);
	rig_register(r, 1);
	assert_int_equal(r->call[0].kind, ATM_MULTI_RQ);
	rig_end(r);
}

static void
net(struct rig *r, enum atm_ind_kind kind, enum atm_req_kind rq, unsigned n,
    unsigned cause)
{
	struct atm_ind ind = { .kind = kind, .rq = rq, .ref = r->ccvc,
		.cause = (uint16_t)cause, .peer = rig_host(n) };
	struct mars_server_ev ev = { .kind = MARS_SERVER_IND, .ind = &ind };

	rig_step(r, &ev);
}

/* MARS-180: a leaf that fell off is held, then purged; or it comes back. */
static void
hold(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	rig_start(r);
	rig_register(r, 1);
	rig_register(r, 2);
	rig_join(r, 2, 0xe0010101);
	net(r, ATM_DROPPED, 0, 2, ATM_CAUSE_OUT_OF_ORDER);
	assert_int_equal(rig_leaf(r, 2), MARS_LEAF_NONE);
	rig_run(r, 20000);
	rig_clear(r);
	rig_register(r, 2);
	assert_int_equal(rig_msg(r, 0).cmi, 2);
	assert_int_equal(r->call[0].kind, ATM_MULTI_ADD);
	assert_int_equal(rig_leaf(r, 2), MARS_LEAF_UP);
	rig_run(r, 40000);
	assert_int_equal(rig_cmi(r, 2), 2);
	net(r, ATM_DROPPED, 0, 2, ATM_CAUSE_OUT_OF_ORDER);
	rig_run(r, 29999);
	assert_int_equal(rig_cmi(r, 2), 2);
	rig_clear(r);
	rig_run(r, 1);
	assert_int_equal(rig_cmi(r, 2), 0);
	assert_int_equal(rig_count(r, TRACE_DEREGISTER), 1);
	rig_register(r, 3);
	assert_int_equal(rig_cmi(r, 3), 2);
	rig_end(r);
}

/* MARS-180 to the letter. */
static void
purge_at_once(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	r->cfg.purge = MSPAN_SEC(0);
	rig_start(r);
	rig_register(r, 1);
	rig_register(r, 2);
	rig_join(r, 2, 0xe0010101);
	rig_clear(r);
	net(r, ATM_DROPPED, 0, 2, ATM_CAUSE_OUT_OF_ORDER);
	assert_int_equal(rig_cmi(r, 2), 0);
	assert_int_equal(r->sent_n, 0); /* nobody is told */
	rig_request(r, 1, 0xe0010101);
	assert_int_equal(rig_msg(r, 0).op, MARS_NAK);
	rig_end(r);
}

/* Leaves queue behind the first L_MULTI_RQ; if it fails the next one opens. */
static void
first_leaf(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	r->ack = false;
	rig_start(r);
	for (unsigned n = 1; n <= 3; n++)
		rig_register(r, n);
	assert_int_equal(r->call_n, 1);
	net(r, ATM_RQFAILED, ATM_MULTI_RQ, 1, ATM_CAUSE_BUSY);
	assert_int_equal(rig_leaf(r, 1), MARS_LEAF_NONE);
	assert_int_equal(r->call_n, 2);
	assert_int_equal(r->call[1].kind, ATM_MULTI_RQ);
	assert_int_not_equal(r->call[1].ref, r->call[0].ref);
	net(r, ATM_ACK, ATM_MULTI_RQ, 2, 0);
	assert_int_equal(r->call_n, 3);
	assert_int_equal(r->call[2].kind, ATM_MULTI_ADD);
	net(r, ATM_ACK, ATM_MULTI_ADD, 3, 0);
	assert_int_equal(rig_leaf(r, 3), MARS_LEAF_UP);
	rig_run(r, 30000);
	assert_int_equal(rig_cmi(r, 1), 0); /* refused is lost */
	rig_end(r);
}

/* Temporary causes: after 5 to 10 s, then twice that. */
static void
temporary(void **state)
{
	static const unsigned causes[] = { ATM_CAUSE_QOS, ATM_CAUSE_RATE_30,
		ATM_CAUSE_RATE_31, ATM_CAUSE_TEMPORARY };
	struct rig *r = rig_new();
	int64_t first, before, wait;

	(void)state;
	rig_start(r);
	rig_register(r, 1);
	r->ack = false;
	rig_register(r, 2);
	first = 0;
	for (unsigned i = 0; i < 4; i++) {
		before = r->now.us;
		net(r, ATM_RQFAILED, ATM_MULTI_ADD, 2, causes[i]);
		assert_int_equal(rig_leaf(r, 2), MARS_LEAF_WAITING);
		rig_clear(r);
		while (r->call_n == 0)
			rig_run(r, 1);
		assert_int_equal(r->call[0].kind, ATM_MULTI_ADD);
		wait = (r->now.us - before) / 1000;
		if (i == 0)
			first = wait;
		assert_in_range(first, 5000, 10002);
		assert_in_range(wait, first * (1 << i) - 10,
		    first * (1 << i) + 10);
	}
	net(r, ATM_ACK, ATM_MULTI_ADD, 2, 0);
	assert_int_equal(rig_leaf(r, 2), MARS_LEAF_UP);
	rig_end(r);
}

/* A member that deregisters while its leaf is being added leaves no leaf. */
static void
ghost(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	rig_start(r);
	rig_register(r, 1);
	r->ack = false;
	rig_register(r, 2);
	rig_deregister(r, 2);
	rig_clear(r);
	net(r, ATM_ACK, ATM_MULTI_ADD, 2, 0);
	assert_int_equal(r->call_n, 1);
	assert_int_equal(r->call[0].kind, ATM_MULTI_DROP);
	/* Registering again before the answer takes the leaf over. */
	rig_register(r, 3);
	rig_deregister(r, 3);
	rig_clear(r);
	rig_register(r, 3);
	assert_int_equal(r->call_n, 0);
	net(r, ATM_ACK, ATM_MULTI_ADD, 3, 0);
	assert_int_equal(r->call_n, 0);
	assert_int_equal(rig_leaf(r, 3), MARS_LEAF_UP);
	rig_end(r);
}

/* The whole VC released: built anew, with everyone, under a new reference. */
static void
rebuilt(void **state)
{
	struct rig *r = rig_new();
	atm_ref old;

	(void)state;
	rig_start(r);
	for (unsigned n = 1; n <= 100; n++)
		rig_register(r, n);
	old = r->ccvc;
	rig_clear(r);
	r->out_cap = MARS_SERVER_OUT_MIN;
	net(r, ATM_RELEASED, 0, 0, ATM_CAUSE_NET_OUT);
	assert_int_equal(r->call_n, 100);
	assert_int_equal(r->call[0].kind, ATM_MULTI_RQ);
	assert_int_equal(r->call[99].kind, ATM_MULTI_ADD);
	assert_int_not_equal(r->ccvc, old);
	for (unsigned n = 1; n <= 100; n++)
		assert_int_equal(rig_leaf(r, n), MARS_LEAF_UP);
	rig_end(r);
}

/*
 * A warm restart keeps tables and CMIs for those who come back in time; what is
 * said of the others meanwhile is taken back.
 */
static void
restart(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	rig_start(r);
	for (unsigned n = 1; n <= 3; n++) {
		rig_register(r, n);
		rig_join(r, n, 0xe0010101);
	}
	rig_step(r, &(struct mars_server_ev){ .kind = MARS_SERVER_RESTART });
	assert_int_equal(rig_leaf(r, 1), MARS_LEAF_NONE);
	rig_run(r, 10000);
	rig_clear(r);
	rig_register(r, 3);
	assert_int_equal(rig_msg(r, 0).cmi, 3);
	rig_request(r, 3, 0xe0010101);
	assert_int_equal(rig_msg(r, 1).tnum, 3);
	rig_clear(r);
	rig_run(r, 20001);
	assert_int_equal(r->sent_n, 2);
	for (unsigned i = 0; i < 2; i++) {
		assert_int_equal(r->sent[i].ref, r->ccvc);
		assert_int_equal(rig_msg(r, i).op, MARS_LEAVE);
		assert_int_equal(rig_msg(r, i).msn, 4 + i);
	}
	rig_clear(r);
	rig_request(r, 3, 0xe0010101);
	assert_int_equal(rig_msg(r, 0).tnum, 1);
	assert_int_equal(rig_csn(r), 5);
	rig_end(r);
}

/* MARS-165: CMIs are unique and non-zero; when there is none, no answer. */
static void
exhausted(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	r->cfg.cmi_lo = 5;
	r->cfg.cmi_hi = 7;
	rig_start(r);
	for (unsigned n = 1; n <= 4; n++)
		rig_register(r, n);
	assert_int_equal(rig_cmi(r, 1), 5);
	assert_int_equal(rig_cmi(r, 3), 7);
	assert_int_equal(rig_cmi(r, 4), 0);
	assert_int_equal(r->sent_n, 3);
	assert_int_equal(rig_stats(r)->drops[MARS_SERVER_DROP_CMI_EXHAUSTED],
	    1);
	assert_int_equal(rig_count(r, TRACE_ALARM), 1);
	rig_end(r);
}

/* MARS-004: Number and Subaddress both count. */
static void
endpoints(void **state)
{
	struct rig *r = rig_new();
	struct atm_addr e[3], n = rig_host(1);

	(void)state;
	atm_addr_set(&e[0], 0x4b, (const uint8_t *)"15551234567", 0, NULL);
	atm_addr_set(&e[1], 0x4b, (const uint8_t *)"15551234567", 0x14, n.num);
	n = rig_host(2);
	atm_addr_set(&e[2], 0x4b, (const uint8_t *)"15551234567", 0x14, n.num);
	rig_start(r);
	for (unsigned i = 0; i < 3; i++)
		rig_register_from(r, &e[i], rig_ref(i + 1));
	rig_register_from(r, &e[1], rig_ref(2));
	assert_int_equal(rig_msg(r, 0).cmi, 1);
	assert_int_equal(rig_msg(r, 1).cmi, 2);
	assert_int_equal(rig_msg(r, 2).cmi, 3);
	assert_int_equal(rig_msg(r, 3).cmi, 2);
	assert_true(atm_addr_equal(&r->call[1].dst, &e[1]));
	rig_end(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(golden_answer),
		cmocka_unit_test(again),
		cmocka_unit_test(protocols),
		cmocka_unit_test(deregister),
		cmocka_unit_test(hold),
		cmocka_unit_test(purge_at_once),
		cmocka_unit_test(first_leaf),
		cmocka_unit_test(temporary),
		cmocka_unit_test(ghost),
		cmocka_unit_test(rebuilt),
		cmocka_unit_test(restart),
		cmocka_unit_test(exhausted),
		cmocka_unit_test(endpoints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
