/* SPDX-License-Identifier: BSD-2-Clause */
/* Pt-pt calls and refusals, as transcripts of what is said. */
#include <errno.h>

#include "call_rig.h"

#define ADDR "47.0005.00000000000000000000."
#define ONE ADDR "000000000001.00"
#define TWO ADDR "000000000002.00"
#define NINE ADDR "000000000009.00"

static void
test_bind(void **state)
{
	struct atmsvc_msg m = rig_msg(as_bind, 'a');
	struct fab_prefix p;
	struct atm_addr a = rig_addr(1);
	struct rig r;

	(void)state;
	rig_open_plain(&r);
	m.svc = m.local = fab_addr_put(&a);
	rig_say(&r, &m);
	rig_want(&r, "a okay\n");
	/* with addresses of its own a switch lets nothing else be bound */
	assert_int_equal(fab_prefix_parse("48", &p), 0);
	assert_int_equal(fab_routes_add(&r.routes, &p, FAB_HERE, 0), 0);
	rig_say(&r, &m);
	rig_want(&r, "a error -99\n");
	/* no address is the first of them */
	memset(&m.svc, 0, sizeof(m.svc));
	rig_say(&r, &m);
	rig_want(&r, "a okay\n");
	rig_close(&r);
}

static void
test_pt_pt(void **state)
{
	struct rig r;

	(void)state;
	rig_open_plain(&r);
	rig_listen(&r, 'l', 1);
	rig_want(&r, "l okay\n");
	rig_connect(&r, 'c', 9, 1, false);
	rig_want(&r, "l indicate vci 101 9>1\n");
	rig_outs(&r, 100, "");
	rig_accept(&r, 'l', 's');
	rig_want(&r, "s okay\nc okay vci 100\n");
	rig_outs(&r, 100, "101");
	rig_outs(&r, 101, "100");
	rig_hangup(&r, 'c');
	rig_want(&r, "s close\nc close\n");
	rig_outs(&r, 100, "");
	rig_outs(&r, 101, "");
	/* the kernel says that it heard; that is not answered again */
	rig_hangup(&r, 's');
	rig_want(&r, "");
	rig_hangup(&r, 'l');
	rig_want(&r, "l close\n");
	rig_close(&r);
}

static void
test_callee_hangs_up(void **state)
{
	struct fab_call_counts n;
	struct rig r;

	(void)state;
	rig_open_plain(&r);
	rig_listen(&r, 'l', 1);
	rig_connect(&r, 'c', 9, 1, false);
	rig_accept(&r, 'l', 's');
	rig_forget(&r);
	rig_hangup(&r, 's');
	rig_want(&r, "s close\nc close\n");
	rig_hangup(&r, 'c');
	rig_want(&r, "");
	fab_call_count(r.c, &n);
	assert_int_equal(n.vcis, 0);
	assert_int_equal(n.sockets, 1);
	rig_close(&r);
}

/* Both hang up at once: each is told once, whatever the order. */
static void
test_both_hang_up(void **state)
{
	struct rig r;

	(void)state;
	rig_open_plain(&r);
	rig_listen(&r, 'l', 1);
	rig_connect(&r, 'c', 9, 1, false);
	rig_accept(&r, 'l', 's');
	rig_forget(&r);
	rig_hangup(&r, 'c');
	rig_hangup(&r, 's');
	rig_want(&r, "s close\nc close\n");
	rig_close(&r);
}

/* What came before a hang-up can be read for a while. */
static void
test_linger(void **state)
{
	struct fab_call_cfg cfg;
	struct rig r;

	(void)state;
	rig_cfg(&cfg);
	cfg.linger = MSPAN_MS(20);
	rig_open(&r, &cfg);
	rig_listen(&r, 'l', 1);
	rig_connect(&r, 'c', 9, 1, false);
	rig_accept(&r, 'l', 's');
	rig_forget(&r);
	rig_hangup(&r, 'c');
	rig_want(&r, "c close\n");
	rig_wait(&r, MSPAN_MS(19));
	rig_want(&r, "");
	rig_wait(&r, MSPAN_MS(1));
	rig_want(&r, "s close\n");
	assert_true(mtime_is_never(fab_call_due(r.c)));
	rig_hangup(&r, 's');
	/* who hangs up meanwhile is answered, and not told again */
	rig_connect(&r, 'c', 9, 1, false);
	rig_accept(&r, 'l', 's');
	rig_forget(&r);
	rig_hangup(&r, 'c');
	rig_hangup(&r, 's');
	rig_wait(&r, MSPAN_MS(20));
	rig_want(&r, "c close\ns close\n");
	rig_close(&r);
}

static void
test_refusals(void **state)
{
	struct atmsvc_msg m;
	struct atm_addr a = rig_addr(1);
	struct fab_prefix p;
	struct rig r;

	(void)state;
	rig_open_plain(&r);
	/* nobody listens: cause 1 */
	rig_connect(&r, 'c', 9, 1, false);
	rig_want(&r, "c error -99\n");
	/* an address of nobody's: cause 3 */
	assert_int_equal(fab_prefix_parse("48", &p), 0);
	assert_int_equal(fab_routes_add(&r.routes, &p, FAB_HERE, 0), 0);
	rig_connect(&r, 'c', 9, 1, false);
	rig_want(&r, "c error -113\n");
	fab_routes_drop(&r.routes, FAB_HERE);
	/* no address at all */
	m = rig_msg(as_connect, 'c');
	rig_say(&r, &m);
	rig_want(&r, "c error -89\n");
	/* somebody listens there for something else: cause 21 */
	m = rig_msg(as_listen, 'l');
	m.local = fab_addr_put(&a);
	m.sap.blli[0].l2_proto = ATM_L2_ISO8802;
	rig_say(&r, &m);
	rig_want(&r, "l okay\n");
	m = rig_msg(as_connect, 'c');
	m.svc = fab_addr_put(&a);
	m.sap.blli[0].l2_proto = ATM_L2_X25_LL;
	rig_say(&r, &m);
	rig_want(&r, "c error -111\n");
	/* who says nothing gets through */
	rig_connect(&r, 'c', 9, 1, false);
	rig_want(&r, "l indicate vci 104 9>1\n");
	rig_close(&r);
}

static void
test_no_vci(void **state)
{
	struct fab_call_cfg cfg;
	struct rig r;

	(void)state;
	rig_cfg(&cfg);
	cfg.vci_last = 102;
	rig_open(&r, &cfg);
	rig_listen(&r, 'l', 1);
	rig_connect(&r, 'a', 9, 1, false);
	rig_forget(&r);
	rig_connect(&r, 'b', 8, 1, false); /* none for the leaf: cause 45 */
	rig_want(&r, "b error -63\n");
	rig_connect(&r, 'b', 8, 2, true);
	rig_want(&r, "b error -99\n");
	rig_accept(&r, 'l', 's');
	rig_want(&r, "s okay\na okay vci 100\n");
	assert_true(fab_call_waits(r.c, 100));
	assert_true(fab_call_open(r.c, 100));
	assert_false(fab_call_waits(r.c, 100));
	assert_false(fab_call_open(r.c, 102)); /* no call has it */
	rig_hangup(&r, 'a');
	rig_hangup(&r, 's');
	rig_forget(&r);
	/* 100 is open until the kernel closes it, so two are left */
	rig_connect(&r, 'b', 8, 1, false);
	rig_want(&r, "l indicate vci 102 8>1\n");
	rig_connect(&r, 'c', 8, 1, false);
	rig_want(&r, "c error -63\n");
	assert_true(fab_call_close(r.c, 100));
	assert_false(fab_call_close(r.c, 100));
	rig_connect(&r, 'c', 8, 2, false);
	rig_want(&r, "c error -99\n");
	rig_close(&r);
}

/* A socket that begins anew is another one under the same number. */
static void
test_stale(void **state)
{
	struct rig r;

	(void)state;
	rig_open_plain(&r);
	rig_listen(&r, 'l', 1);
	rig_connect(&r, 'c', 9, 1, false);
	rig_accept(&r, 'l', 's');
	rig_forget(&r);
	rig_connect(&r, 'c', 9, 1, false);
	rig_want(&r, "s close\nl indicate vci 103 9>1\n");
	rig_listen(&r, 'l', 2);
	rig_want(&r, "c error -112\nl okay\n");
	rig_accept(&r, 'l', 't'); /* of what was offered before */
	rig_want(&r, "t error -103\n");
	rig_close(&r);
}

static void
test_unknown(void **state)
{
	struct atmsvc_msg m;
	struct rig r;

	(void)state;
	rig_open_plain(&r);
	/* a socket older than we are waits for this */
	rig_hangup(&r, 'x');
	rig_want(&r, "x close\n");
	rig_add(&r, 'x', 1);
	rig_want(&r, "x addparty -57\n");
	rig_drop(&r, 'x', 1);
	rig_want(&r, "x dropparty -57\n");
	rig_accept(&r, 'x', 'y');
	rig_want(&r, "y error -103\n");
	rig_reject(&r, 'x', 0);
	rig_want(&r, "");
	m = rig_msg(as_modify, 'x');
	rig_say(&r, &m);
	rig_want(&r, "x okay -95\n");
	m = rig_msg(as_itf_notify, '-');
	rig_say(&r, &m);
	rig_want(&r, "");
	m = rig_msg(as_bind, '-');
	rig_say(&r, &m);
	rig_want(&r, "bad: kernel: message without socket (1)\n");
	m = rig_msg((enum atmsvc_msg_type)77, 'x');
	rig_say(&r, &m);
	rig_want(&r, "bad: kernel: unknown message (77)\n");
	m = rig_msg(as_connect, 'x');
	memset(m.svc.sas_addr.pub, 'q', sizeof(m.svc.sas_addr.pub));
	rig_say(&r, &m);
	rig_want(&r, "x error -89\n");
	rig_close(&r);
}

static void
test_log(void **state)
{
	struct rig r;

	(void)state;
	rig_open_plain(&r);
	rig_listen(&r, 'l', 1);
	rig_forget(&r);
	r.logging = true;
	rig_connect(&r, 'c', 9, 2, false);
	rig_want(&r, "call 1: pt-pt " NINE " vci 100 > " TWO
		     ", failed, cause 1 (unassigned number)\n"
		     "c error -99\n");
	rig_connect(&r, 'c', 9, 1, true);
	rig_accept(&r, 'l', 's');
	rig_want(&r, "call 2: pt-mpt " NINE " vci 101 > " ONE
		     " vci 102, calling\n"
		     "l indicate vci 102 9>1 rx\n"
		     "s okay\n"
		     "call 2: pt-mpt " NINE " vci 101 > " ONE
		     " vci 102, connected\n"
		     "c okay vci 101\n");
	rig_hangup(&r, 'c');
	rig_want(&r, "call 2: pt-mpt " NINE " vci 101, released, cause 16 "
		     "(normal call clearing)\n"
		     "s close\nc close\n");
	rig_close(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bind),
		cmocka_unit_test(test_pt_pt),
		cmocka_unit_test(test_callee_hangs_up),
		cmocka_unit_test(test_both_hang_up),
		cmocka_unit_test(test_linger),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_no_vci),
		cmocka_unit_test(test_stale),
		cmocka_unit_test(test_unknown),
		cmocka_unit_test(test_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
