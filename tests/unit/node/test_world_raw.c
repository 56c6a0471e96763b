/* SPDX-License-Identifier: BSD-2-Clause */
/* Bare ports: what is asked goes out, what comes in waits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "marsh/base/err.h"
#include "marsh/base/frame.h"
#include "scsp_rig.h"

static struct world *w;
static node_id p, q;

static int
setup(void **state)
{
	struct atm_addr none = { 0 };
	struct world_cfg cfg;

	(void)state;
	world_defaults(&cfg);
	w = world_new(&cfg, mem_libc());
	return w == NULL || world_add_raw(w, "P", &none, &p) != 0
	    || world_add_raw(w, "Q", &none, &q) != 0;
}

static int
teardown(void **state)
{
	(void)state;
	world_free(w);
	return 0;
}

static void
run(double sec)
{
	assert_int_equal(world_run(w, mtime_add(world_now(w),
	    MSPAN_US(sec * 1e6))), 0);
}

/* The oldest indication of |n| is of |kind|; it is taken. */
static struct raw_ind
took(node_id n, enum atm_ind_kind kind)
{
	struct raw_ind x;

	assert_true(node_raw_peek(w, n, 0, &x));
	assert_int_equal(x.ind.kind, kind);
	node_raw_take(w, n);
	x.ind.frame = NULL;
	return x;
}

static void
a_call_carries_octets_both_ways(void **state)
{
	struct raw_vc vc;
	struct raw_ind x;
	atm_ref ref, back;

	(void)state;
	assert_int_equal(node_raw_call(w, p, node_addr(w, q), ATM_USE_RAW,
	    &ref), 0);
	assert_true(node_raw_vc(w, p, 0, &vc));
	assert_int_equal(vc.state, RAW_CALLING);
	assert_int_equal(node_raw_send(w, p, ref, "x", 1), MARSH_ESTATE);
	run(1);
	assert_int_equal(took(p, ATM_ACK).ind.rq, ATM_CALL_RQ);
	x = took(q, ATM_REMOTE_CALL);
	back = x.ind.ref;
	assert_int_equal(world_find_addr(w, &x.ind.peer), p);
	assert_true(node_raw_vc(w, q, 0, &vc));
	assert_true(vc.remote && !vc.leaf);
	assert_int_equal(vc.use, ATM_USE_RAW);

	assert_int_equal(node_raw_send(w, p, ref, "hello", 5), 0);
	assert_int_equal(node_raw_send(w, q, back, "you", 3), 0);
	run(1);
	assert_true(node_raw_peek(w, q, 0, &x));
	assert_int_equal(x.ind.frame->len, 5);
	assert_memory_equal(x.ind.frame->bytes, "hello", 5);
	(void)took(q, ATM_DATA);
	(void)took(p, ATM_DATA);
	assert_false(node_raw_peek(w, p, 0, &x));

	assert_int_equal(node_raw_release(w, p, ref, 0), 0);
	assert_int_equal(node_raw_release(w, p, ref, 0), MARSH_ENOENT);
	run(1);
	assert_int_equal(took(q, ATM_RELEASED).ind.cause, ATM_CAUSE_NORMAL);
	assert_false(node_raw_vc(w, q, 0, &vc));
}

static void
trees_grow_and_shrink(void **state)
{
	struct atm_addr none = { 0 };
	struct raw_vc vc;
	node_id s;
	atm_ref ref;

	(void)state;
	assert_int_equal(world_add_raw(w, "S", &none, &s), 0);
	assert_int_equal(node_raw_multi(w, p, node_addr(w, q), ATM_USE_SCSP,
	    &ref), 0);
	assert_int_equal(node_raw_add(w, p, ref, node_addr(w, s)), 0);
	run(1);
	assert_true(node_raw_vc(w, p, 0, &vc));
	assert_true(vc.multi);
	assert_int_equal(vc.leaves, 2);
	assert_true(took(s, ATM_REMOTE_CALL).ind.leaf);
	(void)took(q, ATM_REMOTE_CALL);
	assert_int_equal(node_raw_send(w, p, ref, "to both", 7), 0);
	run(1);
	(void)took(s, ATM_DATA);
	(void)took(q, ATM_DATA);
	assert_int_equal(node_raw_drop(w, p, ref, node_addr(w, s)), 0);
	run(1);
	(void)took(s, ATM_RELEASED);
	assert_int_equal(node_raw_add(w, p, 77, node_addr(w, s)),
	    MARSH_ENOENT);
	/* the network says that it is pt-mpt, and so does the log */
	for (uint64_t i = 1; i <= log_last(world_log(w)); i++) {
		const struct log_rec *r = log_get(world_log(w), i);

		if (r->kind == TRACE_VC && strcmp(r->what, "open") == 0)
			assert_int_equal(r->flags, LOG_MULTI);
		if (r->kind == TRACE_SEND)
			assert_int_equal(r->peer, 0);
	}
}

static void
failures_are_told(void **state)
{
	struct atm_addr nobody = *node_addr(w, q);
	struct raw_ind x;
	struct raw_vc vc;
	atm_ref ref;

	(void)state;
	nobody.num[18] ^= 0x55;
	assert_int_equal(node_raw_call(w, p, &nobody, ATM_USE_PP, &ref), 0);
	run(1);
	x = took(p, ATM_RQFAILED);
	assert_int_equal(x.ind.cause, ATM_CAUSE_UNALLOCATED);
	assert_false(node_raw_vc(w, p, 0, &vc));
	assert_int_equal(node_raw_call(w, p, node_addr(w, q), ATM_USE_PP,
	    &ref), 0);
	run(1);
	assert_int_equal(node_raw_add(w, p, ref, &nobody), MARSH_EINVAL);
	assert_int_equal(node_raw_send(w, p, ref, "", 0), MARSH_EINVAL);
	assert_int_equal(node_kill(w, q), 0);
	run(1);
	(void)took(p, ATM_ACK);
	(void)took(p, ATM_RELEASED);
	assert_int_equal(node_raw_call(w, q, node_addr(w, p), ATM_USE_PP,
	    &ref), MARSH_EDEAD);
	assert_int_equal(node_restart(w, q, false), 0);
	assert_false(node_raw_peek(w, q, 0, &x));
}

static void
the_queue_is_bounded(void **state)
{
	struct raw_ind x;
	atm_ref ref;

	(void)state;
	assert_int_equal(node_raw_call(w, p, node_addr(w, q), ATM_USE_RAW,
	    &ref), 0);
	run(1);
	for (int i = 0; i < RAW_QUEUE + 10; i++)
		assert_int_equal(node_raw_send(w, p, ref, &i, sizeof(i)), 0);
	run(1);
	assert_int_equal(node_raw_lost(w, q), 11); /* the call was the first */
	assert_true(node_raw_peek(w, q, RAW_QUEUE - 1, &x));
	assert_false(node_raw_peek(w, q, RAW_QUEUE, &x));
	assert_true(node_raw_peek(w, q, 0, &x));
	assert_int_equal(x.ind.frame->bytes[0], 10);
}

/* A message is told from its header, also one that no codec would take. */
static void
what_looks_like_scsp_is_named(void **state)
{
	uint8_t b[SNAP_LEN + SCSP_FIXED_LEN] = { 0xaa, 0xaa, 0x03, 0, 0, 0x5e,
		0, 5, 1, SCSP_CSUS };
	unsigned named = 0;
	atm_ref ref;

	(void)state;
	assert_int_equal(node_raw_call(w, p, node_addr(w, q), ATM_USE_SCSP,
	    &ref), 0);
	run(1);
	assert_true(world_loss(w, LOG_SCSP + SCSP_CSUS, p, q, 0, 1, 1) > 0);
	assert_int_equal(node_raw_send(w, p, ref, b, sizeof(b)), 0);
	b[SNAP_LEN + 1] = 9; /* no type */
	assert_int_equal(node_raw_send(w, p, ref, b, sizeof(b)), 0);
	run(1);
	(void)took(q, ATM_REMOTE_CALL);
	(void)took(q, ATM_DATA); /* of two, one was lost */
	for (uint64_t i = 1; i <= log_last(world_log(w)); i++)
		named += log_get(world_log(w), i)->op == LOG_SCSP + SCSP_CSUS;
	assert_int_equal(named, 1);
	assert_int_equal(log_op_find("scsp_csus"), LOG_SCSP + SCSP_CSUS);
	assert_string_equal(log_op_word(LOG_SCSP + SCSP_CSUS), "CSUS");
	assert_string_equal(log_op_word(LOG_OP_DATA), "DATA");
	assert_false(log_op_valid(LOG_SCSP));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(a_call_carries_octets_both_ways),
		T(trees_grow_and_shrink),
		T(failures_are_told),
		T(the_queue_is_bounded),
		T(what_looks_like_scsp_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
