/* SPDX-License-Identifier: BSD-2-Clause */
/* Virtual time: timers, delay, jitter, loss, filters, and order under all. */
#include "sim_rig.h"

static struct mtime
at(const struct rig *r, int64_t us)
{
	return mtime_add(r->start, MSPAN_US(us));
}

static void
test_start(void **state)
{
	struct atm_ev ev;
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 1);
	assert_int_equal(atm_net_now(r.net).us, 10000000000);
	assert_int_equal(atm_net_next(r.net, MTIME_NEVER, &ev), 0);
	assert_int_equal(atm_net_now(r.net).us, 10000000000);
	assert_int_equal(atm_net_next(r.net, at(&r, 5), &ev), 0);
	assert_int_equal(rig_us(&r, atm_net_now(r.net)), 5);
	assert_int_equal(atm_net_next(r.net, at(&r, 3), &ev), 0);
	assert_int_equal(rig_us(&r, atm_net_now(r.net)), 5);
	rig_close(&r);
}

static void
test_timers(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 3);
	atm_net_timer(r.net, 1, at(&r, 100));
	atm_net_timer(r.net, 1, at(&r, 300)); /* later */
	atm_net_timer(r.net, 2, at(&r, 300));
	atm_net_timer(r.net, 2, at(&r, 200)); /* earlier */
	atm_net_timer(r.net, 3, at(&r, 50));
	atm_net_timer(r.net, 3, MTIME_NEVER);
	atm_net_timer(r.net, 0, at(&r, 250));
	atm_net_timer(r.net, 9, at(&r, 250)); /* nobody */
	rig_run(&r, 1000);
	rig_want(&r, "200 2 timer\n250 0 timer\n300 1 timer\n");
	atm_net_timer(r.net, 1, at(&r, 10)); /* in the past: now */
	rig_run(&r, 1000);
	rig_want(&r, "1000 1 timer\n");
	rig_run(&r, 1000);
	rig_want(&r, "");
	rig_close(&r);
}

/* Cleared, then armed again behind the entry that was left in the queue. */
static void
test_timer_cleared(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 1);
	atm_net_timer(r.net, 1, at(&r, 100));
	atm_net_timer(r.net, 1, MTIME_NEVER);
	atm_net_timer(r.net, 1, at(&r, 150));
	rig_run(&r, 120);
	atm_net_timer(r.net, 1, MTIME_NEVER);
	rig_run(&r, 1000);
	rig_want(&r, "");
	atm_net_timer(r.net, 1, at(&r, 1200));
	rig_run(&r, 1000);
	rig_want(&r, "1200 1 timer\n");
	rig_close(&r);
}

static void
test_no_delay(void **state)
{
	struct sim_cfg cfg;
	struct rig r;

	(void)state;
	sim_defaults(&cfg);
	cfg.delay = MSPAN_US(-5); /* no time machine */
	rig_open(&r, &cfg, 2);
	rig_ask(&r, 1, ATM_CALL_RQ, 7, 2);
	rig_send(&r, 1, 7, "a");
	rig_ask(&r, 1, ATM_RELEASE, 7, 0);
	rig_run(&r, 0);
	rig_want(&r, "0 2 L_REMOTE_CALL R1 1\n"
		     "0 2 DATA R1 a\n"
		     "0 2 ERR_L_RELEASE R1 cause 16\n");
	rig_close(&r);
}

/* What is sent over a shorter delay does not overtake. */
static void
test_shorter_delay(void **state)
{
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 3);
	rig_tree(&r, 1, 5, 2, 3);
	rig_ask(&r, 1, ATM_CALL_RQ, 6, 2);
	rig_run(&r, 5000);
	rig_forget(&r);
	sim_delay(r.sim, MSPAN_MS(10), MSPAN_US(0));
	rig_send(&r, 1, 5, "a");
	rig_send(&r, 1, 6, "A");
	rig_ask(&r, 2, ATM_RELEASE, RIG_R(2), 0);
	sim_delay(r.sim, MSPAN_MS(1), MSPAN_US(0));
	rig_send(&r, 1, 5, "b");
	rig_ask(&r, 1, ATM_MULTI_DROP, 5, 3);
	rig_ask(&r, 1, ATM_CALL_RQ, 8, 2); /* another VC is not held up */
	rig_run(&r, 100000);
	rig_want(&r, "2006000 2 L_REMOTE_CALL R3 1\n"
		     "2007000 1 L_ACK L_CALL_RQ 8 2\n"
		     "2015000 2 DATA R1 a\n"
		     "2015000 3 DATA R1 a\n"
		     "2015000 1 ERR_L_RELEASE 6 cause 16\n"
		     "2015000 2 DATA R1 b\n"
		     "2015000 3 DATA R1 b\n"
		     "2015000 3 ERR_L_RELEASE R1 cause 16\n");
	rig_close(&r);
}

/* With jitter leaves get a frame at different times, each in order. */
static void
test_jitter_order(void **state)
{
	struct sim_cfg cfg;
	struct atm_ev ev;
	struct rig r;
	unsigned char want[8] = { 0 };
	struct mtime first = { 0 }, last = { 0 };
	char text[2] = { 0 };
	unsigned got = 0;

	(void)state;
	sim_defaults(&cfg);
	cfg.jitter = MSPAN_MS(20);
	rig_open(&r, &cfg, 6);
	rig_tree(&r, 1, 5, 2, 6);
	for (unsigned i = 0; i < 100; i++) {
		text[0] = (char)(' ' + i % 90);
		rig_send(&r, 1, 5, text);
		if (i == 50) /* falling back to casts must not overtake */
			sim_delay(r.sim, MSPAN_MS(1), MSPAN_US(0));
	}
	while (atm_net_next(r.net, MTIME_NEVER, &ev) == 1) {
		rig_check(&r);
		assert_int_equal(ev.ind.kind, ATM_DATA);
		assert_int_equal(ev.ind.frame->bytes[0],
		    ' ' + want[ev.port] % 90);
		want[ev.port]++;
		if (got++ == 0)
			first = ev.t;
		last = ev.t;
	}
	assert_int_equal(got, 500);
	assert_true(mtime_sub(last, first).us > 0);
	assert_true(mtime_sub(last, first).us <= 20000);
	rig_close(&r);
}

/* Frames also stay behind the call, and in front of the release. */
static void
test_jitter_call(void **state)
{
	struct sim_cfg cfg;
	struct rig r;
	const char *call, *data, *gone;

	(void)state;
	sim_defaults(&cfg);
	cfg.jitter = MSPAN_MS(50);
	for (cfg.seed = 1; cfg.seed <= 30; cfg.seed++) {
		rig_open(&r, &cfg, 2);
		rig_ask(&r, 1, ATM_CALL_RQ, 7, 2);
		rig_send(&r, 1, 7, "a");
		rig_ask(&r, 1, ATM_RELEASE, 7, 0);
		rig_run(&r, 1000000);
		call = strstr(r.text, "L_REMOTE_CALL");
		data = strstr(r.text, "DATA");
		gone = strstr(r.text, "ERR_L_RELEASE");
		assert_true(call != NULL && data > call && gone > data);
		rig_close(&r);
	}
}

static void
test_loss(void **state)
{
	const struct atm_net_stats *st;
	struct rig r;

	(void)state;
	rig_open(&r, NULL, 3);
	rig_tree(&r, 1, 5, 2, 3);
	st = sim_stats(r.sim);
	sim_loss(r.sim, 1);
	rig_send(&r, 1, 5, "a");
	rig_ask(&r, 1, ATM_MULTI_DROP, 5, 3); /* signalling is not lost */
	rig_run(&r, 5000);
	rig_want(&r, "2001000 3 ERR_L_RELEASE R1 cause 16\n");
	assert_int_equal(st->lost, 2);
	sim_loss(r.sim, 0.5);
	for (unsigned i = 0; i < 400; i++)
		rig_send(&r, 1, 5, "b");
	rig_run(&r, 5000);
	assert_int_equal(st->frames, 401);
	assert_int_equal(st->lost - 2 + st->deliveries, 400);
	assert_in_range(st->deliveries, 150, 250);
	rig_close(&r);
}

struct verdict {
	struct rig *r;
	atm_port lose;
	atm_port slow;
};

static bool
filter(void *ctx, struct mtime now, uint32_t vc, atm_port from, atm_port to,
    const struct frame *f, struct mspan *extra)
{
	struct verdict *v = ctx;

	assert_int_equal(now.us, atm_net_now(v->r->net).us);
	assert_int_not_equal(vc, 0);
	assert_int_not_equal(from, to);
	assert_int_equal(f->len, 1);
	if (to == v->slow)
		extra->us += 30000;
	return to != v->lose;
}

static void
test_filter(void **state)
{
	struct rig r;
	struct verdict v = { &r, 2, 3 };
	struct atm_watch w = { .filter = filter, .ctx = &v }, none = { 0 };

	(void)state;
	rig_open(&r, NULL, 4);
	rig_tree(&r, 1, 5, 2, 4);
	sim_watch_set(r.sim, &w);
	rig_send(&r, 1, 5, "a");
	sim_watch_set(r.sim, &none);
	rig_send(&r, 1, 5, "b");
	rig_run(&r, 100000);
	rig_want(&r, "2001000 4 DATA R1 a\n"
		     "2001000 2 DATA R1 b\n"
		     "2001000 4 DATA R1 b\n"
		     "2031000 3 DATA R1 a\n"
		     "2031000 3 DATA R1 b\n");
	assert_int_equal(sim_stats(r.sim)->lost, 1);
	rig_close(&r);
}

/* The filter speaks of both directions of a pt-pt VC. */
static void
test_filter_both_ways(void **state)
{
	struct rig r;
	struct verdict v = { &r, 1, 2 };
	struct atm_watch w = { .filter = filter, .ctx = &v };

	(void)state;
	rig_open(&r, NULL, 2);
	rig_ask(&r, 1, ATM_CALL_RQ, 7, 2);
	rig_run(&r, 5000);
	rig_forget(&r);
	sim_watch_set(r.sim, &w);
	rig_send(&r, 1, 7, "a");
	rig_send(&r, 2, RIG_R(1), "b");
	rig_run(&r, 100000);
	rig_want(&r, "36000 2 DATA R1 a\n");
	rig_close(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_start),
		cmocka_unit_test(test_timers),
		cmocka_unit_test(test_timer_cleared),
		cmocka_unit_test(test_no_delay),
		cmocka_unit_test(test_shorter_delay),
		cmocka_unit_test(test_jitter_order),
		cmocka_unit_test(test_jitter_call),
		cmocka_unit_test(test_loss),
		cmocka_unit_test(test_filter),
		cmocka_unit_test(test_filter_both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
