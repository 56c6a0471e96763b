/* SPDX-License-Identifier: BSD-2-Clause */
/* VCIs, the cross-connect, frames that wait, ATMTCP frames, SAPs, addresses. */
#include <arpa/inet.h>

#include "call_rig.h"
#include "fabricd/fabricd_frame.h"
#include "fabricd/fabricd_hold.h"
#include "fabricd/fabricd_vci.h"
#include "marsh/base/err.h"

static void
test_vci(void **state)
{
	struct failmem fm;
	struct fab_vci v;

	(void)state;
	failmem_init(&fm);
	assert_int_equal(fab_vci_init(&v, &fm.mem, 32, 34), 0);
	assert_int_equal(fab_vci_get(&v), 32);
	assert_int_equal(fab_vci_get(&v), 33);
	assert_int_equal(fab_vci_get(&v), 34);
	assert_int_equal(fab_vci_get(&v), 0);
	assert_true(fab_vci_waits(&v, 33));
	assert_true(fab_vci_open(&v, 33));
	assert_false(fab_vci_waits(&v, 33));
	fab_vci_put(&v, 33);
	assert_false(fab_vci_owned(&v, 33));
	assert_int_equal(fab_vci_get(&v), 0); /* open in the kernel */
	assert_true(fab_vci_close(&v, 33));
	assert_false(fab_vci_close(&v, 33));
	assert_int_equal(fab_vci_get(&v), 33);
	/* one that sends and one that receives may share a number */
	assert_true(fab_vci_open(&v, 33));
	assert_true(fab_vci_open(&v, 33));
	fab_vci_put(&v, 33);
	assert_true(fab_vci_close(&v, 33));
	assert_int_equal(fab_vci_get(&v), 0);
	assert_true(fab_vci_close(&v, 33));
	/* the longest unused first */
	fab_vci_put(&v, 34);
	fab_vci_put(&v, 32);
	assert_int_equal(fab_vci_get(&v), 34);
	assert_int_equal(v.owned, 1);
	assert_false(fab_vci_open(&v, 31));
	assert_false(fab_vci_open(&v, 35));
	assert_false(fab_vci_close(&v, 70000));
	assert_false(fab_vci_waits(&v, 0));
	fab_vci_fini(&v);
	assert_int_equal(fm.live, 0);
}

static void
test_switch(void **state)
{
	const struct fab_point a = { 0, 1 }, b = { 1, 1 }, c = { 0, 2 };
	const struct fab_point *out;
	struct failmem fm;
	struct fab_switch s;
	size_t n;

	(void)state;
	failmem_init(&fm);
	assert_int_equal(fab_switch_init(&s, &fm.mem), 0);
	assert_null(fab_switch_outs(&s, a, &n));
	assert_int_equal(n, 0);
	assert_int_equal(fab_switch_join(&s, a, b), 0);
	assert_int_equal(fab_switch_join(&s, a, c), 0);
	assert_int_equal(fab_switch_join(&s, b, a), 0);
	out = fab_switch_outs(&s, a, &n);
	assert_int_equal(n, 2);
	assert_int_equal(out[0].line, 1);
	assert_int_equal(out[1].label, 2);
	fab_switch_part(&s, a, b);
	fab_switch_part(&s, a, b); /* twice is once */
	out = fab_switch_outs(&s, a, &n);
	assert_int_equal(n, 1);
	assert_int_equal(out[0].line, 0);
	fab_switch_part(&s, a, c);
	assert_null(fab_switch_outs(&s, a, &n));
	fab_switch_drop(&s, c);
	assert_int_equal(s.joins, 1);
	fm.fail_at = fm.count + 2; /* the entry, but not its output */
	assert_int_equal(fab_switch_join(&s, c, a), MARSH_ENOMEM);
	assert_null(fab_switch_outs(&s, c, &n));
	fab_switch_fini(&s);
	assert_int_equal(fm.live, 0);
}

struct taken {
	char text[256];
	size_t n;
	enum fab_hold_try answer;
};

static enum fab_hold_try
take(void *ctx, uint32_t vci, const uint8_t *b, size_t n)
{
	struct taken *t = ctx;

	if (t->answer == FAB_HOLD_DONE)
		t->n += (size_t)snprintf(t->text + t->n,
		    sizeof(t->text) - t->n, "%u:%.*s ", (unsigned)vci, (int)n,
		    (const char *)b);
	return t->answer;
}

/* take_some takes as many frames as |t->n| says. */
static enum fab_hold_try
take_some(void *ctx, uint32_t vci, const uint8_t *b, size_t n)
{
	struct taken *t = ctx;

	(void)vci;
	(void)b;
	(void)n;
	if (t->n == 0)
		return FAB_HOLD_FULL;
	t->n--;
	return FAB_HOLD_DONE;
}

static bool
hold(struct fab_hold *h, uint32_t vci, const char *text)
{
	return fab_hold_put(h, vci, (const uint8_t *)text, strlen(text),
	    vci == 9 ? FAB_HOLD_FULL : FAB_HOLD_EARLY);
}

static void
test_hold(void **state)
{
	struct taken t = { .answer = FAB_HOLD_EARLY };
	struct failmem fm;
	struct fab_hold h;

	(void)state;
	failmem_init(&fm);
	assert_int_equal(fab_hold_init(&h, &fm.mem), 0);
	assert_true(hold(&h, 5, "a"));
	assert_true(hold(&h, 6, "b"));
	assert_true(hold(&h, 5, "c"));
	assert_true(fab_hold_has(&h, 5));
	assert_false(fab_hold_has(&h, 7));
	/* a VC that is about to open may take its time */
	for (int i = 0; i < 1000; i++)
		assert_int_equal(fab_hold_flush(&h, take, &t), 0);
	assert_int_equal(h.full, 0);
	assert_false(h.crowded);
	t.answer = FAB_HOLD_DONE;
	assert_int_equal(fab_hold_flush(&h, take, &t), 0);
	assert_string_equal(t.text, "6:b 5:a 5:c ");
	assert_null(h.first);
	assert_int_equal(h.octets, 0);
	/* a reader that is behind is waited for, then given up */
	for (int i = 0; i < FAB_HOLD_VC; i++) {
		assert_int_equal(h.crowded, i >= FAB_HOLD_CROWD);
		assert_true(hold(&h, 9, "x"));
	}
	assert_false(hold(&h, 9, "x"));
	t.answer = FAB_HOLD_FULL;
	for (int i = 0; i < FAB_HOLD_TRIES; i++) {
		assert_int_equal(fab_hold_flush(&h, take, &t), 0);
		assert_int_equal(h.full, 1);
		assert_true(h.crowded);
	}
	assert_int_equal(fab_hold_flush(&h, take, &t), FAB_HOLD_VC);
	assert_int_equal(h.full, 0);
	assert_false(h.crowded);
	assert_false(fab_hold_has(&h, 9));
	/* nobody waits for the deaf until it hears again, all for a while */
	assert_false(hold(&h, 9, "y"));
	for (int i = 1; i < FAB_HOLD_HEARD; i++)
		fab_hold_heard(&h, 9);
	assert_false(hold(&h, 9, "y"));
	for (int i = 0; i < FAB_HOLD_HEARD; i++)
		fab_hold_heard(&h, 9);
	assert_true(hold(&h, 9, "y"));
	assert_true(hold(&h, 9, "y"));
	assert_int_equal(fab_hold_drop(&h, 9), 2);
	assert_int_equal(fab_hold_drop(&h, 9), 0);
	fm.fail_at = fm.count + 1;
	assert_false(hold(&h, 9, "y"));
	fm.fail_at = fm.count + 2;
	assert_false(hold(&h, 9, "y"));
	assert_true(hold(&h, 9, "y"));
	fab_hold_fini(&h);
	assert_int_equal(fm.live, 0);
}

/* Who keeps pace is waited for without end, who is too slow is not. */
static void
test_hold_pace(void **state)
{
	struct taken t = { .n = 0 };
	struct failmem fm;
	struct fab_hold h;
	int rounds = 0;

	(void)state;
	failmem_init(&fm);
	assert_int_equal(fab_hold_init(&h, &fm.mem), 0);
	for (int i = 0; i < 1000; i++) {
		while (!h.crowded)
			assert_true(hold(&h, 9, "x"));
		t.n = FAB_HOLD_PACE;
		assert_int_equal(fab_hold_flush(&h, take_some, &t), 0);
		assert_int_equal(h.full, 1);
	}
	do {
		while (!h.crowded)
			assert_true(hold(&h, 9, "x"));
		t.n = FAB_HOLD_PACE - 1;
		rounds++;
	} while (fab_hold_flush(&h, take_some, &t) == 0);
	assert_int_equal(rounds, FAB_HOLD_TRIES + 1);
	assert_int_equal(h.deaf, 1);
	fab_hold_fini(&h);
	assert_int_equal(fm.live, 0);
}

static void
test_frame(void **state)
{
	uint8_t b[sizeof(struct atmtcp_control) + 1] = { 0 };
	struct atmtcp_control c;
	struct fab_frame f;

	(void)state;
	fab_frame_head(b, 300, 3);
	memcpy(b + 8, "abc", 3);
	fab_frame_get(&f, b, 11);
	assert_int_equal(f.kind, FAB_FRAME_DATA);
	assert_int_equal(f.vci, 300);
	assert_int_equal(f.len, 3);
	assert_memory_equal(f.sdu, "abc", 3);
	/* length that is not the frame's, another VPI, half a header */
	fab_frame_get(&f, b, 10);
	assert_int_equal(f.kind, FAB_FRAME_BAD);
	fab_frame_get(&f, b, 7);
	assert_int_equal(f.kind, FAB_FRAME_BAD);
	b[1] = 1;
	fab_frame_get(&f, b, 11);
	assert_int_equal(f.kind, FAB_FRAME_BAD);

	memset(&c, 0, sizeof(c));
	c.hdr.length = (uint32_t)ATMTCP_HDR_MAGIC;
	c.type = ATMTCP_CTRL_OPEN;
	c.addr.sap_addr.vci = 77;
	memcpy(b, &c, sizeof(c));
	fab_frame_get(&f, b, sizeof(c));
	assert_int_equal(f.kind, FAB_FRAME_OPEN);
	assert_int_equal(f.vci, 77);
	fab_frame_get(&f, b, sizeof(c) - 1);
	assert_int_equal(f.kind, FAB_FRAME_BAD);
	fab_frame_get(&f, b, sizeof(c) + 1);
	assert_int_equal(f.kind, FAB_FRAME_BAD);
	/* a VC that no call can have is answered as one */
	c.type = ATMTCP_CTRL_CLOSE;
	c.addr.sap_addr.vci = -2;
	memcpy(b, &c, sizeof(c));
	fab_frame_get(&f, b, sizeof(c));
	assert_int_equal(f.kind, FAB_FRAME_CLOSE);
	assert_int_equal(f.vci, 0);
	c.type = 3;
	memcpy(b, &c, sizeof(c));
	fab_frame_get(&f, b, sizeof(c));
	assert_int_equal(f.kind, FAB_FRAME_BAD);
}

static void
test_sap(void **state)
{
	struct atm_sap any, llc, two;

	(void)state;
	memset(&any, 0, sizeof(any));
	llc = two = any;
	llc.blli[0].l2_proto = ATM_L2_ISO8802;
	two.blli[0].l2_proto = ATM_L2_X25_LL;
	assert_int_equal(fab_sap_fits(&any, &any), 2);
	assert_int_equal(fab_sap_fits(&any, &llc), 1);
	assert_int_equal(fab_sap_fits(&llc, &any), 1);
	assert_int_equal(fab_sap_fits(&llc, &llc), 2);
	assert_int_equal(fab_sap_fits(&llc, &two), 0);
	two.blli[1] = llc.blli[0]; /* an alternative will do */
	assert_int_equal(fab_sap_fits(&llc, &two), 2);
	assert_false(fab_sap_equal(&llc, &two));
	llc.bhli.hl_type = ATM_HL_USER;
	assert_int_equal(fab_sap_fits(&llc, &two), 1);
	two.bhli.hl_type = ATM_HL_VENDOR;
	assert_int_equal(fab_sap_fits(&llc, &two), 0);
}

static void
test_addr(void **state)
{
	struct sockaddr_atmsvc s;
	struct atm_addr a, b = rig_addr(5);

	(void)state;
	s = fab_addr_put(&b);
	assert_int_equal(s.sas_family, AF_ATMSVC);
	assert_int_equal(fab_addr_get(&s, &a), 0);
	assert_true(atm_addr_equal(&a, &b));
	/* a number, alone and with a subaddress */
	strcpy(s.sas_addr.pub, "15551234");
	assert_int_equal(fab_addr_get(&s, &a), 0);
	assert_int_equal(a.tl, ATM_TL_E164 | 8);
	assert_int_equal(a.stl, ATM_NSAP_LEN);
	assert_memory_equal(a.sub, b.num, ATM_NSAP_LEN);
	s = fab_addr_put(&a);
	assert_string_equal(s.sas_addr.pub, "15551234");
	assert_memory_equal(s.sas_addr.prv, b.num, ATM_NSAP_LEN);
	memset(s.sas_addr.prv, 0, ATM_ESA_LEN);
	assert_int_equal(fab_addr_get(&s, &a), 0);
	assert_int_equal(a.stl, 0);
	memset(&s, 0, sizeof(s));
	assert_int_equal(fab_addr_get(&s, &a), MARSH_ENOENT);
	memset(s.sas_addr.pub, '1', sizeof(s.sas_addr.pub));
	assert_int_equal(fab_addr_get(&s, &a), MARSH_EINVAL);
	memset(&s, 0, sizeof(s));
	strcpy(s.sas_addr.pub, "12a");
	assert_int_equal(fab_addr_get(&s, &a), MARSH_EINVAL);
}

static void
test_route(void **state)
{
	static const char *const good[] = { "47.0005.80", "4700", "", "+1555",
		"47.0005.80.ffe100.0000.f21a.26d8.0020ea000011.00" };
	static const char *const bad[] = { "4", "47.000", "+", "+15a", "zz",
		"00", "+1234567890123456",
		"47.0005.80.ffe100.0000.f21a.26d8.0020ea000011.0000" };
	struct fab_route v[8];
	struct fab_prefix p, q;
	struct failmem fm;
	struct fab_routes r;
	struct atm_addr a;
	char text[ATM_TEXT_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(fab_prefix_parse(bad[i], &p), MARSH_EINVAL);
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_int_equal(fab_prefix_parse(good[i], &p), 0);
	assert_string_equal(fab_prefix_format(&p, text),
	    "47000580ffe1000000f21a26d80020ea00001100");
	failmem_init(&fm);
	fab_routes_init(&r, &fm.mem);
	a = fab_prefix_addr(&p);
	assert_int_equal(fab_routes_find(&r, &a, FAB_NOWHERE), FAB_HERE);
	assert_int_equal(fab_prefix_parse("4700", &q), 0);
	assert_int_equal(fab_routes_add(&r, &q, 2, 1), 0);
	assert_int_equal(fab_routes_find(&r, &a, FAB_NOWHERE), 2);
	assert_int_equal(fab_routes_find(&r, &a, 2), FAB_HERE);
	/* the longest prefix, then the fewest hops */
	assert_int_equal(fab_routes_add(&r, &p, 3, 5), 0);
	assert_int_equal(fab_routes_find(&r, &a, FAB_NOWHERE), 3);
	assert_int_equal(fab_routes_add(&r, &p, 4, 4), 0);
	assert_int_equal(fab_routes_find(&r, &a, FAB_NOWHERE), 4);
	assert_int_equal(fab_routes_add(&r, &p, FAB_HERE, 0), 0);
	assert_int_equal(fab_routes_find(&r, &a, FAB_NOWHERE), FAB_HERE);
	a.num[0] = 0x39;
	assert_int_equal(fab_routes_find(&r, &a, FAB_NOWHERE), FAB_NOWHERE);
	/* a trunk is told the nearest of each, one hop more, but its own */
	assert_int_equal(fab_routes_behind(&r, 2, v, 8), 1);
	assert_int_equal(v[0].hops, 1);
	assert_int_equal(fab_routes_behind(&r, 9, v, 8), 2);
	fab_routes_drop(&r, FAB_HERE);
	assert_int_equal(fab_routes_behind(&r, 4, v, 8), 2);
	assert_int_equal(v[1].hops, 6);
	assert_int_equal(fab_routes_behind(&r, 4, v, 1), 1);
	/* what is too far is nowhere */
	fab_routes_drop(&r, 2);
	fab_routes_drop(&r, 3);
	fab_routes_drop(&r, 4);
	assert_int_equal(fab_routes_add(&r, &q, 2, FAB_HOPS_MAX), 0);
	a.num[0] = 0x47;
	assert_int_equal(fab_routes_find(&r, &a, FAB_HERE), FAB_NOWHERE);
	assert_int_equal(fab_routes_behind(&r, 4, v, 8), 0);
	fab_routes_fini(&r);
	assert_int_equal(fm.live, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_vci),
		cmocka_unit_test(test_switch),
		cmocka_unit_test(test_hold),
		cmocka_unit_test(test_hold_pace),
		cmocka_unit_test(test_frame),
		cmocka_unit_test(test_sap),
		cmocka_unit_test(test_addr),
		cmocka_unit_test(test_route),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
