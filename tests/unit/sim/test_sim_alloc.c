/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory runs out, at each allocation of a scenario in turn, for once or for
 * good.  Nothing crashes, nothing leaks, every call is answered.
 */
#include "sim_rig.h"

#define PORTS 70

struct sink {
	struct rig r;
	unsigned calls, answers;
};

static struct sim *
try_new(struct rig *r)
{
	struct sim_cfg cfg;

	sim_defaults(&cfg);
	r->start = cfg.start;
	r->sim = sim_new(&cfg, &r->mem.mem);
	if (r->sim != NULL)
		r->net = sim_net(r->sim);
	return r->sim;
}

static void
ask(struct sink *k, enum atm_req_kind kind, atm_ref ref, unsigned to)
{
	rig_ask(&k->r, 1, kind, ref, to);
	if (kind != ATM_RELEASE && kind != ATM_MULTI_DROP)
		k->calls++;
}

/* try_send sends if there is a frame to send. */
static void
try_send(struct sink *k, atm_ref ref)
{
	struct atm_req rq = { .kind = ATM_SEND, .ref = ref };

	rq.frame = frame_copy(&k->r.mem.mem, "m", 1);
	if (rq.frame != NULL)
		atm_net_submit(k->r.net, 1, &rq);
	rig_check(&k->r);
}

static void
pump(struct sink *k)
{
	struct mtime until = mtime_add(atm_net_now(k->r.net), MSPAN_SEC(1));
	struct atm_ev ev;

	while (atm_net_next(k->r.net, until, &ev) == 1) {
		rig_check(&k->r);
		if (ev.ind.kind == ATM_ACK || ev.ind.kind == ATM_RQFAILED)
			k->answers++;
		if (ev.ind.kind == ATM_RQFAILED)
			assert_int_equal(ev.ind.cause, 47);
	}
}

/* scenario returns the ports that could be attached. */
static unsigned
scenario(struct sink *k)
{
	atm_port port;
	unsigned n = 0, sw = 0;

	for (unsigned i = 1; i <= PORTS; i++) {
		struct atm_addr a = rig_addr(i);

		if (atm_net_attach(k->r.net, &a, &port) == 0)
			n++;
	}
	rig_check(&k->r);
	if (sim_switch_add(k->r.sim) == 1
	    && sim_link(k->r.sim, 0, 1, MSPAN_MS(1)) == 0)
		sw = 1;
	if (n < PORTS)
		return n;
	for (unsigned i = PORTS / 2; i <= PORTS; i++)
		sim_place(k->r.sim, i, sw);
	ask(k, ATM_CALL_RQ, 1, 2);
	ask(k, ATM_CALL_RQ, 2, PORTS);
	ask(k, ATM_MULTI_RQ, 3, 2);
	try_send(k, 1);
	pump(k);
	if (sim_vc_id(k->r.sim, 1, 3) != 0)
		for (unsigned i = 3; i <= PORTS; i++)
			ask(k, ATM_MULTI_ADD, 3, i);
	pump(k);
	try_send(k, 3);
	sim_delay(k->r.sim, MSPAN_MS(1), MSPAN_MS(1));
	try_send(k, 3);
	if (sim_cut(k->r.sim, 1, 9) == 0)
		sim_heal(k->r.sim, 1, 9);
	pump(k);
	ask(k, ATM_RELEASE, 3, 0);
	pump(k);
	return n;
}

/* Fails allocation |at|, and those behind it with |on|; false: none left. */
static bool
run(long at, int on)
{
	static struct sink k;
	bool reached;

	memset(&k, 0, sizeof(k));
	failmem_init(&k.r.mem);
	k.r.mem.fail_at = at;
	k.r.mem.fail_on = on;
	if (try_new(&k.r) == NULL) {
		assert_int_equal(k.r.mem.live, 0);
		return true;
	}
	if (scenario(&k) == PORTS) {
		assert_int_equal(k.answers, k.calls);
		assert_int_equal(sim_stats(k.r.sim)->starved, 0);
	}
	reached = k.r.mem.count >= at;
	rig_close(&k.r);
	return reached;
}

static void
test_each_once(void **state)
{
	long at = 1;

	(void)state;
	while (run(at, 0))
		at++;
	assert_true(at > 100);
}

static void
test_from_there_on(void **state)
{
	long at = 1;

	(void)state;
	while (run(at, 1))
		at++;
	assert_true(at > 100);
}

/* A reference that fails for want of memory can be used again at once. */
static void
test_reference_again(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 2);
	r.mem.fail_at = r.mem.count + 1;
	rig_ask(&r, 1, ATM_CALL_RQ, 7, 2);
	rig_ask(&r, 1, ATM_CALL_RQ, 7, 2);
	rig_run(&r, 5000);
	/* The first answer would be taken for the second call's. */
	rig_want(&r, "1000 2 L_REMOTE_CALL R1 1\n"
		     "2000 1 L_ACK L_CALL_RQ 7 2\n");
	rig_close(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_once),
		cmocka_unit_test(test_from_there_on),
		cmocka_unit_test(test_reference_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
