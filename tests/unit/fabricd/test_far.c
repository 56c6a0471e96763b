/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Calls that come in over a trunk: what their leaf here says goes up to the
 * root, never into a call of ours that has the same label on that trunk.
 */
#include "call_rig.h"

#define LINE 3
#define LABEL 1 /* the first of ours is that too */

static void
setup(struct rig *r)
{
	struct atmsvc_msg k = rig_msg(as_connect, '-');
	struct fab_msg m;

	memset(&m, 0, sizeof(m));
	m.type = FAB_SETUP;
	m.label = LABEL;
	m.hops = 1;
	m.called = rig_addr(1);
	m.calling = rig_addr(9);
	m.qos = k.qos;
	fab_call_trunk(r->c, r->now, LINE, &m);
	while (rig_offer(r, 0))
		continue;
	fab_call_idle(r->c, r->now);
}

static void
want_out(struct rig *r, struct fab_point in, struct fab_point out)
{
	const struct fab_point *p;
	size_t n;

	p = fab_switch_outs(&r->sw, in, &n);
	assert_int_equal(n, 1);
	assert_int_equal(p->line, out.line);
	assert_int_equal(p->label, out.label);
}

static void
test_up(void **state)
{
	struct fab_call_cfg cfg;
	struct rig r;

	(void)state;
	rig_cfg(&cfg);
	rig_open(&r, &cfg);
	rig_listen(&r, 'l', 1);
	rig_forget(&r);
	setup(&r);
	rig_accept(&r, 'l', 's');
	want_out(&r, (struct fab_point){ LINE, LABEL },
	    (struct fab_point){ FAB_HERE, 100 });
	want_out(&r, (struct fab_point){ FAB_HERE, 100 },
	    (struct fab_point){ LINE, LABEL | FAB_UP });
	rig_forget(&r);
	rig_hangup(&r, 's');
	rig_hangup(&r, 'l');
	rig_forget(&r);
	rig_close(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
