/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Flows of other programs: counted by what their numbers leave out, and never
 * taken for a flow of this world, whatever their number is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "world_rig.h"

#define STRANGER 0x1234567u

/* packet is what another program's flow |flow| sends as number |seq|. */
static void
packet(struct rig *r, uint32_t mark, uint32_t flow, uint32_t seq)
{
	const uint32_t v[] = { 0x4d415253u, flow, mark, seq };
	uint8_t b[16];

	for (size_t i = 0; i < sizeof(b); i++)
		b[i] = (uint8_t)(v[i / 4] >> (24 - i % 4 * 8));
	assert_int_equal(node_send(r->w, r->c[0], &r->x, b, sizeof(b)), 0);
	assert_int_equal(rig_run(r, 0.1), 0);
}

static void
want(struct rig *r, size_t i, uint64_t received, uint64_t lost, uint64_t dup)
{
	struct heard_info h;

	assert_true(world_heard(r->w, i, &h));
	assert_int_equal(h.to, r->c[1]);
	assert_int_equal(h.received, received);
	assert_int_equal(h.lost, lost);
	assert_int_equal(h.dup, dup);
}

static void
test_heard(void **state)
{
	struct heard_info h;
	struct flow_info own;
	struct rig r;

	(void)state;
	assert_int_equal(rig_up(&r, 2, 1, mem_libc()), 0);
	assert_int_equal(world_flow(r.w, r.c[0], &r.x, 0), 1);
	assert_int_equal(node_send(r.w, r.c[0], &r.x, NULL, 0), 0);
	assert_int_equal(rig_run(&r, 1), 0);
	assert_false(world_heard(r.w, 0, &h));

	/* the same number as a flow of this world, and not that flow */
	packet(&r, STRANGER, 1, 7);
	packet(&r, STRANGER, 1, 8);
	want(&r, 0, 2, 0, 0);
	assert_true(world_heard(r.w, 0, &h));
	assert_int_equal(l3_addr_cmp(&h.group, &r.x), 0);
	assert_int_equal(h.from.len, 4);
	assert_true(flow_get(r.w, 1, &own));
	assert_int_equal(own.received, 1);
	assert_int_equal(own.dup, 0);

	packet(&r, STRANGER, 1, 8); /* twice */
	packet(&r, STRANGER, 1, 11);
	want(&r, 0, 3, 2, 1);
	packet(&r, STRANGER, 1, 10); /* late */
	want(&r, 0, 4, 1, 1);
	packet(&r, STRANGER, 1, 6); /* earlier than the first */
	want(&r, 0, 5, 1, 1);
	packet(&r, STRANGER, 1, 5000); /* far ahead, same place in the window */
	packet(&r, STRANGER, 1, 5000);
	packet(&r, STRANGER, 1, 4999);
	want(&r, 0, 7, 4995 - 7, 2);
	packet(&r, STRANGER, 2, 1); /* another flow of it */
	packet(&r, STRANGER + 1, 1, 1);
	want(&r, 1, 1, 0, 0);
	want(&r, 2, 1, 0, 0);
	assert_false(world_heard(r.w, 3, &h));
	world_free(r.w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_heard),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
