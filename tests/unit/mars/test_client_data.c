/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets: RFC 2022 sections 5.1.3, 5.4.3, 5.5, 8.6, 9. */
#include "client_rig.h"

#include "marsh/wire/snap.h"

static const uint8_t ours[] = { 0xaa, 0xaa, 3, 0, 0, 0x5e, 0, 1, 0, 5, 8, 0 };

/* An IPv4 header and a word, to |group|. */
static size_t
ipv4(uint8_t *b, uint32_t group)
{
	memset(b, 0, 24);
	b[0] = 0x45;
	b[3] = 24;
	memcpy(b + 16, l3_addr_ipv4(group).b, 4);
	memcpy(b + 20, "data", 4);
	return 24;
}

/*
 * MARS-150, MARS-152, MARS-154, MARS-160: Type #1 in short form, our CMI,
 * 08-00, the packet from octet 12.
 */
static void
sends_type1(void **state)
{
	struct rig *r = rig_new();
	const struct frame *f;

	(void)state;
	rig_member(r, 0x0105, 10);
	rig_open(r, X_GROUP, 10);
	f = rig_last(r, ATM_SEND, 0)->rq.frame;
	assert_int_equal(f->len, 12 + sizeof("packet"));
	assert_memory_equal(f->bytes, ours, 8);
	assert_int_equal(f->bytes[8], 1);
	assert_int_equal(f->bytes[9], 5);
	assert_memory_equal(f->bytes + 10, ours + 10, 2);
	assert_memory_equal(f->bytes + 12, "packet", sizeof("packet"));
	assert_int_equal(mars_client_stats(r->c)->data_tx, 1);
	rig_stop(r);
}

static void
six(struct rig *r, struct l3_addr *g)
{
	*g = (struct l3_addr){ 16, { 0xff, 2, [15] = 9 } };
	r->cfg.pro = L3_PROTO_IPV6;
	r->cfg.spa = (struct l3_addr){ 16, { 0xfe, 0x80, [15] = 1 } };
}

static void
six_register(struct rig *r)
{
	struct mars_msg m;
	const struct sent *s;

	rig_start(r);
	rig_cmd(r, MARS_CLIENT_REGISTER, 0, 0);
	rig_ack(r, ATM_CALL_RQ);
	s = rig_last(r, ATM_SEND, MARS_JOIN);
	m = s->m;
	m.flags |= MARS_FLAG_COPY;
	m.cmi = 5;
	m.msn = 10;
	rig_msg(r, s->rq.ref, &m);
	assert_true(rig_info(r).registered);
}

/* MARS-160, MARS-236: IPv6 packets carry 86-DD and IPv6's own CMI. */
static void
sends_ipv6(void **state)
{
	struct rig *r = rig_new();
	struct mars_client_ev ev = { .kind = MARS_CLIENT_SEND,
	    .packet = (const uint8_t *)"x", .len = 1 };
	struct mars_msg m;
	uint8_t src[2 * ATM_NSAP_LEN];
	struct atm_addr me = rig_addr(ME), two = rig_addr(2);
	const uint8_t *b;

	(void)state;
	six(r, &ev.range.min);
	ev.range.max = ev.range.min;
	six_register(r);
	assert_int_equal(rig_step(r, &ev), 0);
	m = (struct mars_msg){ .pro = L3_PROTO_IPV6, .op = MARS_MULTI,
	    .tpln = 16, .tpa = ev.range.min.b, .thtl = 20, .tnum = 1,
	    .part = 1, .last = true, .msn = 10, .list = two.num };
	mars_set_src(&m, &me, src);
	rig_msg(r, rig_pp(r), &m);
	rig_ack(r, ATM_MULTI_RQ);
	b = rig_last(r, ATM_SEND, 0)->rq.frame->bytes;
	assert_memory_equal(b, ours, 10);
	assert_int_equal(b[10], 0x86);
	assert_int_equal(b[11], 0xdd);
	rig_stop(r);
}

/* MARS-153: a protocol of the long form: 00-80, SNAP, padding, octet 20. */
static void
sends_long_form(void **state)
{
	static const uint8_t head[] = { 0, 0x80, 1, 2, 3, 4, 5, 0, 0, 0 };
	struct rig *r = rig_new();
	struct l3_proto pro = { L3_PROTO_LONG, { 1, 2, 3, 4, 5 } };
	struct mars_client_ev ev = { .kind = MARS_CLIENT_SEND,
	    .range = rig_range(X_GROUP, X_GROUP),
	    .packet = (const uint8_t *)"x", .len = 1 };
	struct atm_addr me = rig_addr(ME), two = rig_addr(2);
	uint8_t src[2 * ATM_NSAP_LEN];
	struct mars_msg m;
	const struct frame *f;

	(void)state;
	r->cfg.pro = pro;
	six_register(r);
	rig_step(r, &ev);
	m = (struct mars_msg){ .pro = pro, .op = MARS_MULTI,
	    .tpln = 4, .tpa = ev.range.min.b, .thtl = 20, .tnum = 1,
	    .part = 1, .last = true, .msn = 10, .list = two.num };
	mars_set_src(&m, &me, src);
	rig_msg(r, rig_pp(r), &m);
	rig_ack(r, ATM_MULTI_RQ);
	f = rig_last(r, ATM_SEND, 0)->rq.frame;
	assert_int_equal(f->len, 21);
	assert_memory_equal(f->bytes + 10, head, sizeof(head));
	assert_int_equal(f->bytes[20], 'x');
	rig_stop(r);
}

static void
deliver1(struct rig *r, const struct l3_proto *pro, uint16_t cmi,
    uint32_t group)
{
	uint8_t b[64];
	size_t n = snap_type1(b, pro, cmi);

	n += ipv4(b + n, group);
	rig_data(r, 0x80000044u, b, n);
}

/*
 * MARS-151, MARS-155, MARS-235: Type #1: our own CMI means reflected, any other
 * is delivered.
 */
static void
receives_type1(void **state)
{
	struct rig *r = rig_new();
	struct l3_proto ip = L3_PROTO_IPV4, v6 = L3_PROTO_IPV6;

	(void)state;
	rig_member(r, 5, 10);
	rig_cmd(r, MARS_CLIENT_JOIN, X_GROUP, X_GROUP);
	deliver1(r, &ip, 6, X_GROUP);
	assert_non_null(r->up.packet);
	assert_int_equal(r->up.len, 24);
	assert_false(r->up.reflected);
	assert_false(r->up.unjoined);
	deliver1(r, &ip, 5, X_GROUP);
	assert_true(r->up.reflected);
	assert_int_equal(rig_drops(r, MARS_CLIENT_DROP_REFLECTED), 1);
	deliver1(r, &v6, 6, X_GROUP);
	assert_null(r->up.packet);
	assert_int_equal(rig_drops(r, MARS_CLIENT_DROP_PROTOCOL), 1);
	assert_int_equal(mars_client_stats(r->c)->data_rx, 1);
	rig_stop(r);
}

/* MARS-155: before there is a CMI, nothing is reflected, not even CMI 0. */
static void
no_cmi_yet(void **state)
{
	struct rig *r = rig_new();
	struct l3_proto ip = L3_PROTO_IPV4;

	(void)state;
	rig_start(r);
	rig_cmd(r, MARS_CLIENT_REGISTER, 0, 0);
	rig_cmd(r, MARS_CLIENT_JOIN, X_GROUP, X_GROUP);
	deliver1(r, &ip, 0, X_GROUP);
	assert_non_null(r->up.packet);
	assert_false(r->up.reflected);
	rig_stop(r);
}

/* MARS-154: a packet that waited for the registration carries its CMI. */
static void
cmi_of_a_waiting_packet(void **state)
{
	struct rig *r = rig_new();

	(void)state;
	rig_start(r);
	rig_cmd(r, MARS_CLIENT_REGISTER, 0, 0);
	assert_int_equal(rig_send(r, X_GROUP), 0);
	rig_accept(r, 0x0105, 10);
	rig_multi(r, X_GROUP, 10, 2);
	rig_ack(r, ATM_MULTI_RQ);
	assert_memory_equal(rig_last(r, ATM_SEND, 0)->rq.frame->bytes + 8,
	    "\x01\x05", 2);
	rig_stop(r);
}

/* MARS-156: the long form of a protocol that has a short one. */
static void
receives_long_form(void **state)
{
	struct rig *r = rig_new();
	struct l3_proto ip = { L3_PROTO_LONG, { 0, 0, 0, 8, 0 } };
	struct l3_proto other = { L3_PROTO_LONG, { 0, 0, 1, 8, 0 } };

	(void)state;
	rig_member(r, 5, 10);
	rig_cmd(r, MARS_CLIENT_JOIN, X_GROUP, X_GROUP);
	deliver1(r, &ip, 6, X_GROUP);
	assert_int_equal(r->up.len, 24);
	assert_false(r->up.unjoined);
	deliver1(r, &ip, 5, X_GROUP);
	assert_true(r->up.reflected);
	deliver1(r, &other, 6, X_GROUP);
	assert_null(r->up.packet);
	rig_stop(r);
}

/*
 * MARS-151, MARS-157, MARS-158, MARS-159: Type #2, short and long, is delivered
 * whatever its source ID.
 */
static void
receives_type2(void **state)
{
	struct rig *r = rig_new();
	struct l3_proto forms[] = { L3_PROTO_IPV4,
	    { L3_PROTO_LONG, { 0, 0, 0, 8, 0 } } };
	static const uint8_t id[8] = { 0, 5, 8, 0, 0, 5, 0, 5 };
	uint8_t b[64];

	(void)state;
	rig_member(r, 5, 10);
	rig_cmd(r, MARS_CLIENT_JOIN, X_GROUP, X_GROUP);
	for (int i = 0; i < 2; i++) {
		size_t n = snap_type2(b, &forms[i], id);

		assert_int_equal(n, i == 0 ? 20 : 24);
		n += ipv4(b + n, X_GROUP);
		rig_data(r, 0x80000044u, b, n);
		assert_int_equal(r->up.len, 24);
		assert_false(r->up.reflected);
		assert_false(r->up.unjoined);
	}
	rig_stop(r);
}

/* MARS-067: packets for groups that are not joined are discarded here. */
static void
unjoined(void **state)
{
	struct rig *r = rig_new();
	struct l3_proto ip = L3_PROTO_IPV4;

	(void)state;
	rig_member(r, 5, 10);
	rig_cmd(r, MARS_CLIENT_JOIN, X_GROUP, X_GROUP);
	rig_cmd(r, MARS_CLIENT_JOIN, 0xe5000000u, 0xe50000ffu);
	deliver1(r, &ip, 6, Y_GROUP);
	assert_true(r->up.unjoined);
	assert_int_equal(rig_drops(r, MARS_CLIENT_DROP_UNJOINED), 1);
	deliver1(r, &ip, 6, 0xe50000ffu);
	assert_false(r->up.unjoined);
	deliver1(r, &ip, 6, 0xe5000100u);
	assert_true(r->up.unjoined);
	rig_cmd(r, MARS_CLIENT_LEAVE, X_GROUP, X_GROUP);
	deliver1(r, &ip, 6, X_GROUP);
	assert_true(r->up.unjoined);
	rig_stop(r);
}

/* MARS-013: what is not for us on the VC to the MARS is told apart by LLC/SNAP. */
static void
other_codepoints(void **state)
{
	static const uint8_t arp[] = { 0xaa, 0xaa, 3, 0, 0, 0, 8, 6, 0, 19 };
	struct rig *r = rig_new();

	(void)state;
	rig_member(r, 5, 10);
	rig_data(r, rig_pp(r), arp, sizeof(arp));
	assert_int_equal(rig_drops(r, MARS_CLIENT_DROP_NOT_MARS), 1);
	assert_null(r->up.packet);
	assert_true(rig_info(r).registered);
	rig_stop(r);
}

/* A packet longer than the MTU, or none at all. */
static void
sizes(void **state)
{
	static uint8_t big[MARS_MTU + 1];
	struct rig *r = rig_new();
	struct mars_client_ev ev = { .kind = MARS_CLIENT_SEND,
	    .range = rig_range(X_GROUP, X_GROUP), .packet = big,
	    .len = sizeof(big) };

	(void)state;
	rig_member(r, 5, 10);
	assert_int_equal(rig_step(r, &ev), MARSH_EINVAL);
	ev.len = MARS_MTU;
	assert_int_equal(rig_step(r, &ev), 0);
	ev.len = 0;
	ev.packet = NULL;
	assert_int_equal(rig_step(r, &ev), 0);
	rig_stop(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sends_type1),
		cmocka_unit_test(sends_ipv6),
		cmocka_unit_test(sends_long_form),
		cmocka_unit_test(receives_type1),
		cmocka_unit_test(no_cmi_yet),
		cmocka_unit_test(cmi_of_a_waiting_packet),
		cmocka_unit_test(receives_long_form),
		cmocka_unit_test(receives_type2),
		cmocka_unit_test(unjoined),
		cmocka_unit_test(other_codepoints),
		cmocka_unit_test(sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
