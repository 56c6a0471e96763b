/* SPDX-License-Identifier: BSD-2-Clause */
/* Listeners and the calls that wait for them, as transcripts. */
#include <errno.h>

#include "call_rig.h"

static void
test_listeners(void **state)
{
	struct atmsvc_msg m = rig_msg(as_listen, 'k');
	struct atm_addr a = rig_addr(1);
	struct rig r;

	(void)state;
	rig_open_plain(&r);
	rig_listen(&r, 'l', 1);
	rig_want(&r, "l okay\n");
	rig_listen(&r, 'm', 1);
	rig_want(&r, "m error -98\n");
	/* another service at the same address is another listener */
	m.local = fab_addr_put(&a);
	m.sap.blli[0].l2_proto = ATM_L2_ISO8802;
	rig_say(&r, &m);
	rig_want(&r, "k okay\n");
	m.type = as_connect;
	m.vcc = rig_vcc('c');
	m.svc = m.local;
	rig_say(&r, &m);
	rig_want(&r, "k indicate vci 101 1>1\n");
	rig_connect(&r, 'd', 9, 1, false);
	rig_want(&r, "l indicate vci 103 9>1\n");
	/* who listens nowhere needs an address of the switch */
	memset(&m, 0, sizeof(m));
	m.type = as_listen;
	m.vcc = rig_vcc('n');
	rig_say(&r, &m);
	rig_want(&r, "n error -99\n");
	rig_close(&r);
}

/* One call at a time is in the kernel's queue; the others wait here. */
static void
test_queue(void **state)
{
	struct rig r;

	(void)state;
	rig_open_plain(&r);
	rig_listen(&r, 'l', 1);
	rig_forget(&r);
	rig_connect(&r, 'a', 9, 1, false);
	rig_connect(&r, 'b', 8, 1, false);
	rig_connect(&r, 'c', 7, 1, false);
	rig_connect(&r, 'd', 6, 1, false);
	rig_want(&r, "l indicate vci 101 9>1\n");
	rig_connect(&r, 'e', 5, 1, false);
	rig_want(&r, "e error -16\n"); /* cause 17, user busy */
	rig_hangup(&r, 'b'); /* tired of waiting */
	rig_want(&r, "b close\n");
	rig_accept(&r, 'l', 's');
	rig_want(&r, "s okay\na okay vci 100\nl indicate vci 105 7>1\n");
	rig_reject(&r, 'l', -105);
	rig_want(&r, "c error -105\nl indicate vci 107 6>1\n");
	rig_reject(&r, 'l', 0);
	rig_want(&r, "d error -16\n");
	rig_close(&r);
}

/* A place in the queue is free at once, not when the next offer is written. */
static void
test_queue_place(void **state)
{
	struct atmsvc_msg m = rig_msg(as_accept, 's');
	struct atm_addr a = rig_addr(1);
	struct rig r;

	(void)state;
	rig_open_plain(&r);
	rig_listen(&r, 'l', 1);
	for (char who = 'a'; who <= 'd'; who++)
		rig_connect(&r, who, 9, 1, false);
	rig_forget(&r);
	m.listen_vcc = rig_vcc('l');
	fab_call_kernel(r.c, r.now, &m);
	m = rig_msg(as_connect, 'e');
	m.svc = fab_addr_put(&a);
	fab_call_kernel(r.c, r.now, &m);
	m.vcc = rig_vcc('f');
	fab_call_kernel(r.c, r.now, &m);
	rig_want(&r, "s okay\na okay vci 100\nf error -16\n");
	rig_close(&r);
}

static void
test_listener_closes(void **state)
{
	struct rig r;

	(void)state;
	rig_open_plain(&r);
	rig_listen(&r, 'l', 1);
	rig_connect(&r, 'a', 9, 1, false);
	rig_connect(&r, 'b', 8, 1, false);
	rig_forget(&r);
	rig_hangup(&r, 'l');
	rig_want(&r, "b error -112\nl close\na error -112\n");
	/* the kernel throws away what was in its queue */
	rig_reject(&r, 'l', 0);
	rig_want(&r, "");
	rig_close(&r);
}

/* A caller that dies leaves its call in the kernel's queue. */
static void
test_caller_dies(void **state)
{
	struct fab_call_counts n;
	struct rig r;

	(void)state;
	rig_open_plain(&r);
	rig_listen(&r, 'l', 1);
	rig_connect(&r, 'a', 9, 1, false);
	rig_connect(&r, 'b', 8, 1, false);
	rig_forget(&r);
	rig_hangup(&r, 'a');
	rig_want(&r, "a close\n");
	fab_call_count(r.c, &n);
	assert_int_equal(n.vcis, 3); /* it keeps its VCI until accept() */
	assert_int_equal(n.calls, 1);
	rig_accept(&r, 'l', 's');
	rig_want(&r, "s error -103\nl indicate vci 103 8>1\n");
	rig_accept(&r, 'l', 't');
	rig_want(&r, "t okay\nb okay vci 102\n");
	fab_call_count(r.c, &n);
	assert_int_equal(n.vcis, 2);
	rig_close(&r);
}

static void
test_no_answer(void **state)
{
	struct rig r;

	(void)state;
	rig_open_plain(&r);
	rig_listen(&r, 'l', 1);
	rig_connect(&r, 'a', 9, 1, false);
	rig_forget(&r);
	rig_wait(&r, MSPAN_MS(9999));
	rig_connect(&r, 'b', 8, 1, false);
	rig_want(&r, "");
	assert_int_equal(fab_call_due(r.c).us, 11000000);
	rig_wait(&r, MSPAN_MS(1));
	rig_want(&r, "a error -110\n"); /* cause 18 */
	rig_accept(&r, 'l', 's');
	rig_want(&r, "s error -103\nl indicate vci 103 8>1\n");
	rig_accept(&r, 'l', 't');
	rig_want(&r, "t okay\nb okay vci 102\n");
	rig_close(&r);
}

/* A listener that closes while it is offered a call: its answer waits. */
static void
test_close_while_offering(void **state)
{
	struct atmsvc_msg offer, m = rig_msg(as_connect, 'a');
	struct atm_addr a = rig_addr(1);
	struct rig r;

	(void)state;
	rig_open_plain(&r);
	rig_listen(&r, 'l', 1);
	rig_forget(&r);
	m.svc = fab_addr_put(&a);
	fab_call_kernel(r.c, r.now, &m);
	assert_true(fab_call_offer(r.c, &offer));
	assert_false(fab_call_offer(r.c, &offer));
	m = rig_msg(as_close, 'l');
	fab_call_kernel(r.c, r.now, &m);
	rig_want(&r, "");
	/* nobody finds it any more */
	m = rig_msg(as_connect, 'b');
	m.svc = fab_addr_put(&a);
	fab_call_kernel(r.c, r.now, &m);
	rig_want(&r, "b error -99\n");
	fab_call_offered(r.c, r.now, 0);
	rig_want(&r, "l close\na error -112\n");
	rig_close(&r);
}

/* The daemon ends while it is closing one. */
static void
test_end_while_offering(void **state)
{
	struct atmsvc_msg offer, m = rig_msg(as_connect, 'a');
	struct atm_addr a = rig_addr(1);
	struct rig r;

	(void)state;
	rig_open_plain(&r);
	rig_listen(&r, 'l', 1);
	m.svc = fab_addr_put(&a);
	fab_call_kernel(r.c, r.now, &m);
	assert_true(fab_call_offer(r.c, &offer));
	m = rig_msg(as_close, 'l');
	fab_call_kernel(r.c, r.now, &m);
	rig_close(&r);
}

/* The kernel does not take an offer: the listener is gone there. */
static void
test_offer_fails(void **state)
{
	struct atmsvc_msg m = rig_msg(as_connect, 'a');
	struct atm_addr a = rig_addr(1);
	struct rig r;

	(void)state;
	rig_open_plain(&r);
	rig_listen(&r, 'l', 1);
	rig_forget(&r);
	m.svc = fab_addr_put(&a);
	fab_call_kernel(r.c, r.now, &m);
	assert_true(rig_offer(&r, -EINVAL));
	rig_want(&r, "l indicate vci 101 0>1\na error -112\n");
	rig_close(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_listeners),
		cmocka_unit_test(test_queue),
		cmocka_unit_test(test_queue_place),
		cmocka_unit_test(test_listener_closes),
		cmocka_unit_test(test_caller_dies),
		cmocka_unit_test(test_no_answer),
		cmocka_unit_test(test_close_while_offering),
		cmocka_unit_test(test_end_while_offering),
		cmocka_unit_test(test_offer_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
