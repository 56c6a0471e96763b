/* SPDX-License-Identifier: BSD-2-Clause */
/* A whole cluster on the fabric: engines, network, log, flows and faults. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "marsh/base/err.h"
#include "world_rig.h"

static void
check(struct rig *r)
{
	char text[2048];

	if (world_check(r->w, true, text, sizeof(text)) != 0)
		fail_msg("%s", text);
}

/* MARS-101: registered, leaf of CCVC, member in the MARS's tables. */
static void
cluster_forms(void **state)
{
	struct failmem f;
	struct rig r;

	(void)state;
	failmem_init(&f);
	assert_int_equal(rig_up(&r, 3, 1, &f.mem), 0);
	assert_int_equal(rig_run(&r, 1), 0);
	for (unsigned i = 0; i < 3; i++) {
		assert_true(rig_client_info(&r, i).registered);
		assert_int_equal(rig_client_info(&r, i).cmi, i + 1);
	}
	assert_int_equal(rig_members(&r), 3);
	check(&r);
	world_free(r.w);
	assert_int_equal(f.live, 0);
}

static void
traffic_reaches_every_member_once(void **state)
{
	struct flow_info fi;
	struct failmem f;
	struct rig r;
	int id;

	(void)state;
	failmem_init(&f);
	assert_int_equal(rig_up(&r, 3, 1, &f.mem), 0);
	id = world_flow(r.w, r.c[0], &r.x, 100);
	assert_true(id > 0);
	assert_int_equal(rig_run(&r, 10), 0);
	assert_int_equal(world_flow(r.w, r.c[0], &r.x, 0), id);
	assert_int_equal(rig_run(&r, 1), 0);
	assert_true(flow_get(r.w, (flow_id)id, &fi));
	assert_int_equal(fi.sent, 1001);
	assert_int_equal(fi.expected, 2002);
	assert_int_equal(fi.received, 2002);
	assert_int_equal(fi.lost, 0);
	assert_int_equal(fi.dup, 0);
	flow_reset(r.w, (flow_id)id);
	assert_true(flow_get(r.w, (flow_id)id, &fi));
	assert_int_equal(fi.sent + fi.expected + fi.received + fi.lost, 0);
	check(&r);
	world_free(r.w);
	assert_int_equal(f.live, 0);
}

static uint64_t
run_with_trouble(uint64_t seed)
{
	struct failmem f;
	struct rig r;
	uint64_t h;

	failmem_init(&f);
	assert_int_equal(rig_up(&r, 4, seed, &f.mem), 0);
	assert_true(world_flow(r.w, r.c[1], &r.x, 7) > 0);
	assert_int_equal(rig_run(&r, 20), 0);
	assert_int_equal(node_kill(r.w, r.m), 0);
	assert_int_equal(rig_run(&r, 5), 0);
	assert_int_equal(node_restart(r.w, r.m, true), 0);
	assert_int_equal(rig_run(&r, 301), 0);
	for (unsigned i = 0; i < 4; i++)
		assert_true(rig_client_info(&r, i).registered);
	assert_int_equal(rig_members(&r), 4);
	check(&r);
	h = log_hash(world_log(r.w));
	world_free(r.w);
	assert_int_equal(f.live, 0);
	return h;
}

/* MARS-134, MARS-137: a sole MARS comes back empty; its clients rebuild it. */
static void
clients_rebuild_a_mars_and_seeds_repeat(void **state)
{
	uint64_t a = run_with_trouble(1);

	(void)state;
	assert_int_equal(run_with_trouble(1), a);
	assert_int_not_equal(run_with_trouble(2), a);
}

static void
names_and_states_are_checked(void **state)
{
	struct mars_client_cfg cc;
	struct l3_range x;
	struct failmem f;
	struct rig r;

	(void)state;
	failmem_init(&f);
	assert_int_equal(rig_up(&r, 1, 1, &f.mem), 0);
	mars_client_defaults(&cc);
	x = l3_range_one(&r.x);
	assert_int_equal(world_add_client(r.w, "C1", &cc, NULL), MARSH_EEXIST);
	assert_int_equal(world_add_client(r.w, "", &cc, NULL), MARSH_EINVAL);
	assert_int_equal(world_add_client(r.w, "a b", &cc, NULL), MARSH_EINVAL);
	cc.addr = *node_addr(r.w, r.m);
	assert_int_equal(world_add_client(r.w, "C2", &cc, NULL), MARSH_EEXIST);
	assert_int_equal(world_nodes(r.w), 2);
	assert_int_equal(node_join(r.w, r.m, &x, true), MARSH_EINVAL);
	assert_int_equal(node_join(r.w, 77, &x, true), MARSH_ENOENT);
	assert_int_equal(node_kill(r.w, r.c[0]), 0);
	assert_int_equal(node_kill(r.w, r.c[0]), MARSH_EDEAD);
	assert_int_equal(node_join(r.w, r.c[0], &x, true), MARSH_EDEAD);
	assert_int_equal(world_heal(r.w, 9), MARSH_ENOENT);
	world_free(r.w);
	assert_int_equal(f.live, 0);
}

static void
a_killed_client_comes_back_with_its_groups(void **state)
{
	struct failmem f;
	struct rig r;

	(void)state;
	failmem_init(&f);
	assert_int_equal(rig_up(&r, 3, 1, &f.mem), 0);
	assert_int_equal(node_kill(r.w, r.c[1]), 0);
	assert_int_equal(rig_run(&r, 60), 0);
	assert_int_equal(rig_members(&r), 2);
	assert_int_equal(node_restart(r.w, r.c[1], false), 0);
	assert_int_equal(rig_run(&r, 60), 0);
	assert_int_equal(rig_members(&r), 3);
	check(&r);
	world_free(r.w);
}

static void
loss_and_lag_hit_what_they_name(void **state)
{
	struct fault_info fi;
	struct failmem f;
	struct rig r;
	struct l3_addr y = l3_addr_ipv4(0xe0010102);
	struct l3_range yr = l3_range_one(&y);
	int id;

	(void)state;
	failmem_init(&f);
	assert_int_equal(rig_up(&r, 2, 1, &f.mem), 0);
	id = world_loss(r.w, MARS_JOIN, 0, r.m, 0, 1, 1);
	assert_true(id > 0);
	assert_int_equal(node_join(r.w, r.c[0], &yr, true), 0);
	assert_int_equal(rig_run(&r, 9), 0);
	assert_int_equal(mars_server_group_next(node_server(r.w, r.m), 0, &y,
	    1), 0);
	/* MARS-113: the retransmission after 10 s gets through. */
	assert_int_equal(rig_run(&r, 2), 0);
	assert_int_equal(mars_server_group_next(node_server(r.w, r.m), 0, &y,
	    1), 1);
	assert_true(world_next_fault(r.w, 0, &fi));
	assert_int_equal(fi.hits, 1);
	assert_int_equal(world_heal(r.w, (fault_id)id), 0);
	assert_false(world_next_fault(r.w, 0, &fi));
	world_free(r.w);
	assert_int_equal(f.live, 0);
}

static long
file_size(const char *path)
{
	FILE *fp = fopen(path, "rb");
	long n;

	assert_non_null(fp);
	fseek(fp, 0, SEEK_END);
	n = ftell(fp);
	fclose(fp);
	return n;
}

/* A capture that starts late has what was sent before; a full disk is told. */
static void
captures_begin_at_the_beginning(void **state)
{
	char path[] = "/tmp/marsh-test-XXXXXX";
	struct failmem f;
	struct rig r;
	long n;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	failmem_init(&f);
	assert_int_equal(rig_up(&r, 2, 1, &f.mem), 0);
	assert_int_equal(world_capture(r.w, path), 0);
	n = file_size(path);
	assert_true(n > 24 + 4 * (16 + 60));
	assert_int_equal(rig_run(&r, 61), 0);
	assert_true(file_size(path) > n);
	assert_int_equal(world_capture(r.w, NULL), 0);
	assert_int_equal(world_capture(r.w, "/nonexistent/x.pcap"), MARSH_EIO);
	assert_int_equal(world_capture(r.w, "/dev/full"), MARSH_EIO);
	assert_int_equal(rig_run(&r, 61), 0);
	world_free(r.w);
	unlink(path);
	assert_int_equal(f.live, 0);
}

static void
on_timer(void *ctx, uint64_t token)
{
	uint64_t *seen = ctx;

	*seen = *seen * 10 + token;
}

static void
timers_fire_in_order(void **state)
{
	struct failmem f;
	uint64_t seen = 0;
	struct world_hooks h = { .timer = on_timer, .ctx = &seen };
	struct rig r;
	struct mtime t;

	(void)state;
	failmem_init(&f);
	assert_int_equal(rig_up(&r, 0, 1, &f.mem), 0);
	world_hooks_set(r.w, &h);
	t = mtime_add(world_now(r.w), MSPAN_SEC(1));
	assert_int_equal(world_at(r.w, mtime_add(t, MSPAN_US(1)), 3), 0);
	assert_int_equal(world_at(r.w, t, 1), 0);
	assert_int_equal(world_at(r.w, t, 2), 0);
	assert_int_equal(world_run(r.w, t), 0);
	assert_int_equal(seen, 12);
	assert_int_equal(rig_run(&r, 1), 0);
	assert_int_equal(seen, 123);
	world_free(r.w);
}

/* Every allocation of a scenario fails once: nothing crashes or leaks. */
static void
survives_every_allocation_failure(void **state)
{
	struct failmem f;
	struct rig r;
	char text[2048];
	long total;

	(void)state;
	failmem_init(&f);
	assert_int_equal(rig_up(&r, 2, 1, &f.mem), 0);
	assert_true(world_flow(r.w, r.c[0], &r.x, 2) > 0);
	(void)rig_run(&r, 30);
	world_free(r.w);
	total = f.count;
	for (long i = 1; i <= total; i++) {
		failmem_init(&f);
		f.fail_at = i;
		if (rig_up(&r, 2, 1, &f.mem) == 0) {
			(void)world_flow(r.w, r.c[0], &r.x, 2);
			(void)rig_run(&r, 30);
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
		cmocka_unit_test(cluster_forms),
		cmocka_unit_test(traffic_reaches_every_member_once),
		cmocka_unit_test(clients_rebuild_a_mars_and_seeds_repeat),
		cmocka_unit_test(names_and_states_are_checked),
		cmocka_unit_test(a_killed_client_comes_back_with_its_groups),
		cmocka_unit_test(loss_and_lag_hit_what_they_name),
		cmocka_unit_test(captures_begin_at_the_beginning),
		cmocka_unit_test(timers_fire_in_order),
		cmocka_unit_test(survives_every_allocation_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
