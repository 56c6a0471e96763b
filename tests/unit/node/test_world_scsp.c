/* SPDX-License-Identifier: BSD-2-Clause */
/* SCSP servers as nodes: they align, die, come back, and are looked at. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "marsh/base/err.h"
#include "scsp_rig.h"

static unsigned
check(struct srig *r, char *text, size_t cap)
{
	return world_check(r->w, true, text, cap);
}

static void
fine(struct srig *r)
{
	char text[2048];

	if (check(r, text, sizeof(text)) != 0)
		fail_msg("%s", text);
}

/* The first record of |kind| and |op| of node |n| at or after |seq|. */
static const struct log_rec *
record(struct srig *r, unsigned kind, unsigned op, node_id n, uint64_t seq)
{
	struct log *l = world_log(r->w);
	const struct log_rec *x;

	for (seq = seq > 0 ? seq : log_first(l); (x = log_get(l, seq)) != NULL;
	    seq = x->seq + 1)
		if (x->kind == kind && x->op == op && x->node == n)
			return x;
	return NULL;
}

static void
two_servers_align_and_the_log_tells_how(void **state)
{
	const struct log_rec *x;
	struct failmem f;
	struct srig r;

	(void)state;
	failmem_init(&f);
	assert_int_equal(srig_up(&r, NULL, &f.mem), 0);
	assert_int_equal(node_scsp_put(r.w, r.a, oct("k"), oct("v")), 0);
	assert_int_equal(srig_run(&r, 10), 0);
	assert_int_equal(srig_dcs(&r, r.a, r.b).cafsm, SCSP_CA_ALIGNED);
	assert_int_equal(srig_dcs(&r, r.b, r.a).cafsm, SCSP_CA_ALIGNED);
	assert_true(srig_has(&r, r.b, "k", "v"));
	fine(&r);

	x = record(&r, TRACE_RECV, LOG_SCSP + SCSP_CA, r.a, 0);
	assert_non_null(x);
	assert_int_equal(x->src, r.b);
	assert_int_equal(x->peer, r.b);
	assert_int_equal(x->flags, LOG_MASTER | LOG_INIT | LOG_MORE);
	assert_int_equal(x->n, 0);
	assert_true(x->msn != 0);
	x = record(&r, TRACE_SEND, LOG_SCSP + SCSP_CSU_REQ, r.a, 0);
	assert_non_null(x);
	assert_int_equal(x->n, 1);
	assert_int_equal(x->flags, 0);
	assert_non_null(record(&r, TRACE_RECV, LOG_SCSP + SCSP_CSU_REP, r.a,
	    x->seq));
	assert_non_null(record(&r, TRACE_ALIGNED, 0, r.a, 0));
	assert_int_equal(world_find_scsp(r.w,
	    node_scsp_cfg(r.w, r.b)->engine.id, r.a), r.b);
	world_free(r.w);
	assert_int_equal(f.live, 0);
}

/* SCSP-151: keys with a lifetime, or for ever; they outlive the program. */
static void
configuration_outlives_a_cold_restart(void **state)
{
	struct scsp_sa sa = { .key = { 7, oct("secret") },
		.until = MTIME_NEVER, .send = true };
	struct srig r;

	(void)state;
	assert_int_equal(srig_up(&r, NULL, mem_libc()), 0);
	assert_int_equal(node_scsp_key(r.w, r.a, node_addr(r.w, r.b), &sa), 0);
	assert_int_equal(node_scsp_key(r.w, r.b, node_addr(r.w, r.a), &sa), 0);
	assert_int_equal(node_scsp_put(r.w, r.b, oct("b"), oct("1")), 0);
	assert_int_equal(srig_run(&r, 20), 0);
	assert_int_equal(node_restart(r.w, r.a, true), 0);
	assert_false(srig_has(&r, r.a, "b", "1"));
	assert_int_equal(srig_run(&r, 60), 0);
	assert_int_equal(srig_dcs(&r, r.a, r.b).cafsm, SCSP_CA_ALIGNED);
	assert_int_equal(srig_dcs(&r, r.a, r.b).spi, 7);
	assert_true(srig_has(&r, r.a, "b", "1"));

	/* without a key nobody gets through, also after the next restart */
	assert_int_equal(node_scsp_unkey(r.w, r.a, node_addr(r.w, r.b), 7), 0);
	assert_int_equal(node_scsp_unkey(r.w, r.a, node_addr(r.w, r.b), 7),
	    MARSH_ENOENT);
	assert_int_equal(node_restart(r.w, r.a, true), 0);
	assert_int_equal(srig_run(&r, 60), 0);
	assert_int_equal(srig_dcs(&r, r.a, r.b).cafsm, SCSP_CA_DOWN);
	assert_true(srig_dcs(&r, r.a, r.b).auth);
	assert_int_equal(node_scsp_open(r.w, r.a, node_addr(r.w, r.b)), 0);
	assert_int_equal(node_scsp_open(r.w, r.b, node_addr(r.w, r.a)), 0);
	assert_int_equal(srig_run(&r, 60), 0);
	assert_int_equal(srig_dcs(&r, r.a, r.b).cafsm, SCSP_CA_ALIGNED);
	fine(&r);
	world_free(r.w);
}

/* SCSP-122: the first number ever; later incarnations are above, by a clock. */
static void
numbers_grow_over_restarts(void **state)
{
	struct srig r;
	int32_t one, two, three;

	(void)state;
	assert_int_equal(srig_up(&r, NULL, mem_libc()), 0);
	assert_int_equal(node_scsp_put(r.w, r.a, oct("k"), oct("1")), 0);
	one = srig_seq(&r, r.a, "k");
	assert_int_equal(one, SCSP_SEQ_FIRST);
	assert_int_equal(node_restart(r.w, r.a, true), 0);
	assert_int_equal(node_scsp_put(r.w, r.a, oct("k"), oct("1")), 0);
	two = srig_seq(&r, r.a, "k");
	assert_int_equal(node_restart(r.w, r.a, true), 0);
	assert_int_equal(node_scsp_put(r.w, r.a, oct("k"), oct("1")), 0);
	three = srig_seq(&r, r.a, "k");
	assert_true(two > 0 && three > two);
	world_free(r.w);
}

/* Warm, the tables are still there; cold, they come back from the neighbour. */
static void
machines_die_and_come_back(void **state)
{
	struct srig r;

	(void)state;
	assert_int_equal(srig_up(&r, NULL, mem_libc()), 0);
	assert_int_equal(node_scsp_put(r.w, r.a, oct("k"), oct("v")), 0);
	assert_int_equal(srig_run(&r, 20), 0);
	assert_int_equal(node_kill(r.w, r.a), 0);
	assert_null(node_scsp(r.w, r.a));
	assert_int_equal(node_scsp_put(r.w, r.a, oct("k"), oct("w")),
	    MARSH_EDEAD);
	assert_int_equal(node_scsp_remove(r.w, r.a, oct("k")), MARSH_EDEAD);
	assert_int_equal(node_scsp_solicit(r.w, r.a, node_addr(r.w, r.b),
	    oct("k"), oct("")), MARSH_EDEAD);
	assert_int_equal(srig_run(&r, 30), 0);
	assert_int_equal(srig_dcs(&r, r.b, r.a).hfsm, SCSP_HELLO_DOWN);
	assert_int_equal(node_restart(r.w, r.a, false), 0);
	assert_true(srig_has(&r, r.a, "k", "v"));
	assert_int_equal(srig_run(&r, 60), 0);
	assert_int_equal(srig_dcs(&r, r.b, r.a).cafsm, SCSP_CA_ALIGNED);

	assert_int_equal(node_hang(r.w, r.a), 0);
	assert_int_equal(srig_run(&r, 30), 0);
	assert_int_equal(srig_dcs(&r, r.b, r.a).hfsm, SCSP_HELLO_WAITING);
	assert_int_equal(node_restart(r.w, r.a, true), 0);
	assert_int_equal(srig_run(&r, 60), 0);
	assert_true(srig_has(&r, r.a, "k", "v"));
	assert_int_equal(node_stop(r.w, r.a), 0);
	assert_int_equal(node_state_of(r.w, r.a), NODE_STOPPED);
	assert_int_equal(srig_run(&r, 30), 0);
	fine(&r);
	world_free(r.w);
}

static void
verbs_know_their_nodes(void **state)
{
	struct world_scsp_cfg cfg;
	struct mars_server_cfg sc;
	struct srig r;
	node_id m;

	(void)state;
	assert_int_equal(srig_up(&r, NULL, mem_libc()), 0);
	mars_server_defaults(&sc);
	assert_int_equal(world_add_server(r.w, "M", &sc, &m), 0);
	world_scsp_defaults(&cfg);
	assert_int_equal(world_add_scsp(r.w, "A", &cfg, NULL), MARSH_EEXIST);
	assert_int_equal(world_add_scsp(r.w, "a b", &cfg, NULL), MARSH_EINVAL);
	assert_int_equal(node_scsp_put(r.w, m, oct("k"), oct("v")),
	    MARSH_EINVAL);
	assert_int_equal(node_scsp_put(r.w, 99, oct("k"), oct("v")),
	    MARSH_ENOENT);
	assert_int_equal(node_scsp_put(r.w, r.a, oct(""), oct("v")),
	    MARSH_EINVAL);
	assert_int_equal(node_scsp_remove(r.w, r.a, oct("k")), MARSH_ENOENT);
	assert_int_equal(node_scsp_add(r.w, m, node_addr(r.w, r.a)),
	    MARSH_EINVAL);
	assert_int_equal(node_scsp_add(r.w, r.a, node_addr(r.w, r.a)),
	    MARSH_EINVAL);
	assert_int_equal(node_scsp_add(r.w, r.a, node_addr(r.w, r.b)),
	    MARSH_EEXIST);
	assert_int_equal(node_scsp_del(r.w, r.a, node_addr(r.w, m)),
	    MARSH_ENOENT);
	assert_int_equal(node_scsp_open(r.w, r.a, node_addr(r.w, m)),
	    MARSH_ENOENT);
	assert_int_equal(node_join(r.w, r.a, &(struct l3_range){ .min = {
	    .len = 4 } }, true), MARSH_EINVAL);
	assert_null(node_scsp(r.w, m));
	assert_null(node_server(r.w, r.a));
	assert_string_equal(node_kind_word(node_kind_of(r.w, r.a)), "scsp");
	world_free(r.w);
}

/* HelloInterval and DeadFactor can be set while nobody was promised others. */
static void
hellos_are_set_before_the_first_link(void **state)
{
	struct world_scsp_cfg cfg;
	struct srig r;
	node_id c;

	(void)state;
	assert_int_equal(srig_up(&r, NULL, mem_libc()), 0);
	world_scsp_defaults(&cfg);
	assert_int_equal(world_add_scsp(r.w, "C", &cfg, &c), 0);
	assert_int_equal(node_scsp_put(r.w, c, oct("k"), oct("v")), 0);
	assert_int_equal(node_scsp_hello(r.w, r.a, 1, 3), MARSH_ESTATE);
	assert_int_equal(node_scsp_hello(r.w, r.a, 3, 3), 0);
	assert_int_equal(node_scsp_hello(r.w, c, 1, 5), 0);
	assert_true(srig_has(&r, c, "k", "v"));
	assert_int_equal(srig_seq(&r, c, "k"), SCSP_SEQ_FIRST);
	assert_int_equal(srig_link(&r, c, r.a), 0);
	assert_int_equal(srig_run(&r, 20), 0);
	assert_int_equal(srig_dcs(&r, r.a, c).interval, 1);
	assert_int_equal(srig_dcs(&r, r.a, c).dead, 5);
	assert_true(srig_has(&r, r.b, "k", "v"));
	world_free(r.w);
}

static void
faults_hit_messages_of_scsp(void **state)
{
	struct fault_info fi;
	struct srig r;
	struct mtime t;
	int f;

	(void)state;
	assert_int_equal(srig_up(&r, NULL, mem_libc()), 0);
	assert_int_equal(srig_run(&r, 20), 0);
	f = world_loss(r.w, LOG_SCSP + SCSP_CSU_REQ, 0, r.b, 0, 1, 1);
	assert_true(f > 0);
	assert_int_equal(node_scsp_put(r.w, r.a, oct("k"), oct("v")), 0);
	assert_int_equal(srig_run(&r, 1), 0);
	assert_false(srig_has(&r, r.b, "k", "v"));
	assert_true(world_next_fault(r.w, 0, &fi));
	assert_int_equal(fi.hits, 1);
	assert_int_equal(srig_run(&r, 2), 0);
	assert_true(srig_has(&r, r.b, "k", "v"));
	assert_int_equal(world_heal(r.w, 0), 0);

	t = world_now(r.w);
	f = world_lag(r.w, LOG_SCSP + SCSP_CSU_REQ, r.a, 0, MSPAN_MS(500));
	assert_true(f > 0);
	assert_int_equal(node_scsp_put(r.w, r.a, oct("l"), oct("v")), 0);
	while (!srig_has(&r, r.b, "l", "v"))
		assert_int_equal(srig_run(&r, 0.01), 0);
	assert_in_range(mtime_sub(world_now(r.w), t).us, 500000, 520000);
	assert_int_equal(world_loss(r.w, LOG_SCSP, 0, 0, 0, 0, 1),
	    MARSH_EINVAL);
	assert_int_equal(world_loss(r.w, LOG_OP_END, 0, 0, 0, 0, 1),
	    MARSH_EINVAL);
	assert_int_equal(world_lag(r.w, MARS_OP_COUNT, 0, 0, MSPAN_MS(1)),
	    MARSH_EINVAL);
	world_free(r.w);
}

/* A run with SCSP servers can be quiet, also when one of them is dead. */
static void
hellos_are_no_activity(void **state)
{
	uint64_t before;
	struct srig r;

	(void)state;
	assert_int_equal(srig_up(&r, NULL, mem_libc()), 0);
	assert_int_equal(srig_run(&r, 20), 0);
	before = world_activity(r.w);
	assert_int_equal(srig_run(&r, 100), 0);
	assert_int_equal(world_activity(r.w), before);
	assert_int_equal(node_kill(r.w, r.b), 0);
	assert_int_equal(srig_run(&r, 30), 0);
	before = world_activity(r.w);
	assert_int_equal(srig_run(&r, 100), 0);
	assert_int_equal(world_activity(r.w), before);
	assert_int_equal(node_restart(r.w, r.b, false), 0);
	assert_int_equal(srig_run(&r, 20), 0);
	assert_true(world_activity(r.w) > before);
	world_free(r.w);
}

/* By the letter what was solicited goes one hop: B and C say that they
 * are aligned, and are not; world_check sees it. */
static void
a_false_alignment_is_a_violation(void **state)
{
	struct world_scsp_cfg cfg;
	char text[512];
	struct srig r;
	node_id c;

	(void)state;
	world_scsp_defaults(&cfg);
	cfg.group.literal_a18 = true;
	assert_int_equal(srig_up(&r, &cfg, mem_libc()), 0);
	assert_int_equal(world_add_scsp(r.w, "C", &cfg, &c), 0);
	assert_int_equal(srig_run(&r, 20), 0);
	fine(&r);
	assert_int_equal(node_scsp_put(r.w, c, oct("k"), oct("v")), 0);
	assert_int_equal(srig_link(&r, r.b, c), 0);
	assert_int_equal(srig_run(&r, 60), 0);
	assert_true(srig_has(&r, r.b, "k", "v"));
	assert_false(srig_has(&r, r.a, "k", "v"));
	assert_int_equal(check(&r, text, sizeof(text)), 1);
	assert_non_null(strstr(text, "A and B are aligned, but their caches "
	    "differ (0 and 1 entries)"));
	assert_int_equal(world_check(r.w, false, text, sizeof(text)), 0);
	world_free(r.w);
}

static void
survives_every_allocation_failure(void **state)
{
	struct scsp_sa sa = { .key = { 1, oct("secret") },
		.until = MTIME_NEVER, .send = true };
	struct failmem f;
	char text[1024];
	struct srig r;
	long n;

	(void)state;
	failmem_init(&f);
	assert_int_equal(srig_up(&r, NULL, &f.mem), 0);
	assert_int_equal(srig_run(&r, 10), 0);
	world_free(r.w);
	n = f.count;
	for (long i = 1; i <= n; i += 1 + i / 64) {
		failmem_init(&f);
		f.fail_at = i;
		if (srig_up(&r, NULL, &f.mem) == 0) {
			(void)node_scsp_key(r.w, r.a, node_addr(r.w, r.b),
			    &sa);
			(void)node_scsp_key(r.w, r.b, node_addr(r.w, r.a),
			    &sa);
			(void)node_scsp_put(r.w, r.a, oct("k"), oct("v"));
			(void)srig_run(&r, 20);
			(void)node_restart(r.w, r.a, true);
			(void)srig_run(&r, 20);
		}
		if (r.w != NULL
		    && world_check(r.w, false, text, sizeof(text)) != 0)
			fail_msg("allocation %ld: %s", i, text);
		world_free(r.w);
		assert_int_equal(f.live, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_servers_align_and_the_log_tells_how),
		cmocka_unit_test(configuration_outlives_a_cold_restart),
		cmocka_unit_test(numbers_grow_over_restarts),
		cmocka_unit_test(machines_die_and_come_back),
		cmocka_unit_test(verbs_know_their_nodes),
		cmocka_unit_test(hellos_are_set_before_the_first_link),
		cmocka_unit_test(faults_hit_messages_of_scsp),
		cmocka_unit_test(hellos_are_no_activity),
		cmocka_unit_test(a_false_alignment_is_a_violation),
		cmocka_unit_test(survives_every_allocation_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
