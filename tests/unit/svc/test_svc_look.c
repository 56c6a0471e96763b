/* SPDX-License-Identifier: BSD-2-Clause */
/* Looking: VCs and leaves that stand, and what happens while it happens. */
#include "svc_rig.h"

struct seen {
	unsigned what[5];
	unsigned frames;
	uint32_t vc;
	atm_port root, leaf, from;
	unsigned use, cause;
};

static void
see_vc(void *ctx, struct mtime now, enum atm_vc_what what, uint32_t vc,
    unsigned use, atm_port root, atm_port leaf, const struct atm_addr *addr,
    unsigned cause)
{
	struct seen *s = ctx;

	(void)now;
	(void)addr;
	s->what[what]++;
	s->vc = vc;
	s->root = root;
	s->leaf = leaf;
	s->use = use;
	s->cause = cause;
}

static void
see_frame(void *ctx, struct mtime now, uint32_t vc, atm_port from,
    const struct frame *f)
{
	struct seen *s = ctx;

	(void)now;
	(void)f;
	s->frames++;
	s->vc = vc;
	s->from = from;
}

static void
watch(struct rig *r, struct seen *seen)
{
	struct atm_watch w = { .vc = see_vc, .frame = see_frame,
		.ctx = seen };

	memset(seen, 0, sizeof(*seen));
	svc_watch_set(r->s, &w);
}

/* Both ends in this process: one VC, the root's, with its leaves in order. */
static void
test_own(void **state)
{
	struct atm_vc_info info;
	struct atm_addr addr;
	struct seen seen;
	struct rig r;
	atm_port port;
	atm_ref ref, far[RIG_PORTS];

	(void)state;
	rig_begin(&r);
	watch(&r, &seen);
	assert_false(svc_next_vc(r.s, 0, &info));
	far[1] = rig_link(&r, 0, ATM_MULTI_RQ, 9, 1);
	assert_int_equal(seen.what[ATM_VC_OPEN], 1);
	assert_int_equal(seen.root, r.port[0]);
	assert_int_equal(seen.leaf, r.port[1]);
	assert_int_equal(seen.use, ATM_USE_RAW);
	far[2] = rig_link(&r, 0, ATM_MULTI_ADD, 9, 2);
	assert_int_equal(seen.what[ATM_VC_ADD], 1);

	assert_true(svc_next_vc(r.s, 0, &info));
	assert_true(info.multi);
	assert_int_equal(info.root, r.port[0]);
	assert_int_equal(info.root_ref, 9);
	assert_int_equal(info.leaves, 2);
	assert_int_equal(info.use, ATM_USE_RAW);
	assert_int_not_equal(info.vci, 0);
	assert_false(svc_next_vc(r.s, info.id, &(struct atm_vc_info){ 0 }));
	for (unsigned i = 1; i <= 2; i++) {
		assert_true(svc_vc_leaf(r.s, info.id, i - 1, &addr, &port,
		    &ref));
		assert_true(atm_addr_equal(&addr, &r.addr[i]));
		assert_int_equal(port, r.port[i]);
		assert_int_equal(ref, far[i]);
		assert_int_equal(svc_vc_id(r.s, port, ref), info.id);
	}
	assert_false(svc_vc_leaf(r.s, info.id, 2, &addr, &port, &ref));
	assert_int_equal(svc_vc_id(r.s, r.port[0], 9), info.id);

	rig_send(&r, 0, 9, 'f');
	assert_int_equal(seen.frames, 1);
	assert_int_equal(seen.from, r.port[0]);
	rig_want(&r, 1, ATM_DATA);
	assert_int_equal(r.ev.vc, info.id);
	rig_want(&r, 2, ATM_DATA);
	assert_int_equal(seen.frames, 1); /* once */

	rig_ask(&r, 0, ATM_MULTI_DROP, 9, 1);
	assert_int_equal(seen.what[ATM_VC_DROP], 1);
	rig_want(&r, 1, ATM_RELEASED);
	rig_ask(&r, 0, ATM_RELEASE, 9, 0);
	assert_int_equal(seen.what[ATM_VC_RELEASE], 1);
	assert_false(svc_next_vc(r.s, 0, &info));
	rig_want(&r, 2, ATM_RELEASED);
	assert_int_equal(seen.what[ATM_VC_RELEASE], 1);
	rig_ask(&r, 0, ATM_CALL_RQ, 3, 50);
	rig_want(&r, 0, ATM_RQFAILED);
	assert_int_equal(seen.what[ATM_VC_FAIL], 1);
	assert_int_equal(seen.cause, ATM_CAUSE_UNALLOCATED);
	assert_int_equal(svc_stats(r.s)->failed, 1);
	rig_end(&r);
}

/* A pt-pt VC counts both ways. */
static void
test_both_ways(void **state)
{
	struct atm_vc_info info;
	struct rig r;
	atm_ref far;

	(void)state;
	rig_begin(&r);
	far = rig_link(&r, 0, ATM_CALL_RQ, 1, 1);
	rig_send(&r, 0, 1, 'a');
	rig_send(&r, 1, far, 'b');
	rig_want(&r, 1, ATM_DATA);
	rig_want(&r, 0, ATM_DATA);
	assert_true(svc_next_vc(r.s, 0, &info));
	assert_int_equal(info.frames, 2);
	assert_int_equal(info.octets, 2);
	assert_false(svc_next_vc(r.s, info.id, &info));
	rig_end(&r);
}

/* Two processes: each sees the VC, the called one without its root. */
static void
test_foreign(void **state)
{
	struct rig r, other;
	struct atm_vc_info info;
	struct atm_addr addr;
	struct seen seen;
	atm_port port;
	atm_ref ref;

	(void)state;
	rig_begin(&r);
	memset(&other, 0, sizeof(other));
	failmem_init(&other.mem);
	svc_defaults(&other.cfg);
	other.s = svc_new_on(&other.cfg, &other.mem.mem, &fake_sys,
	    (char[1]){ 0 }, 0);
	assert_non_null(other.s);
	other.s->tag = (uint16_t)(r.s->tag + 1);
	other.net = svc_net(other.s);
	memcpy(other.addr, r.addr, sizeof(r.addr));
	assert_int_equal(
	    atm_net_attach(other.net, &r.addr[20], &other.port[0]), 0);
	watch(&r, &seen);

	rig_ask(&other, 0, ATM_MULTI_RQ, 5, 1);
	rig_want(&r, 1, ATM_REMOTE_CALL);
	assert_true(r.ev.ind.leaf);
	assert_true(atm_addr_equal(&r.ev.ind.peer, &r.addr[20]));
	ref = r.ev.ind.ref;
	assert_int_equal(seen.what[ATM_VC_OPEN], 1);
	assert_int_equal(seen.root, 0);
	assert_int_equal(seen.leaf, r.port[1]);
	rig_want(&other, 0, ATM_ACK);

	assert_true(svc_next_vc(r.s, 0, &info));
	assert_int_equal(info.root, 0);
	assert_int_equal(info.use, ATM_USE_RAW);
	assert_int_equal(info.leaves, 1);
	assert_true(svc_vc_leaf(r.s, info.id, 0, &addr, &port, &ref));
	assert_int_equal(port, r.port[1]);
	assert_false(svc_vc_leaf(r.s, info.id, 1, &addr, &port, &ref));
	assert_true(svc_next_vc(other.s, 0, &info));
	assert_int_equal(info.root, other.port[0]);
	assert_true(svc_vc_leaf(other.s, info.id, 0, &addr, &port, &ref));
	assert_int_equal(port, 0);
	assert_true(atm_addr_equal(&addr, &r.addr[1]));

	rig_send(&other, 0, 5, 'h');
	rig_want_data(&r, 1, 'h');
	assert_int_equal(seen.frames, 1); /* as it comes in */
	assert_int_equal(seen.from, 0);
	atm_net_close(other.net);
	assert_int_equal(other.mem.live, 0);
	rig_want(&r, 1, ATM_RELEASED);
	assert_int_equal(seen.what[ATM_VC_RELEASE], 1);
	rig_end(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_own),
		cmocka_unit_test(test_both_ways),
		cmocka_unit_test(test_foreign),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
