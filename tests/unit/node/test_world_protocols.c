/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Several layer 3 protocols, address kinds and checksum habits side by side at
 * one MARS, from the user's verb to the packet at the other end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "marsh/base/err.h"
#include "world_rig.h"

#define PROTOS 3
#define EACH 3 /* clients of each protocol */

struct side {
	struct rig r;
	struct failmem mem;
	node_id c[PROTOS][EACH];
	struct l3_addr x[PROTOS], y[PROTOS]; /* a group, and one behind it */
};

static const struct l3_proto pros[PROTOS] = {
	{ .type = 0x0800 }, { .type = 0x86dd },
	{ .type = 0x0080, .snap = { 0x02, 0x42, 0x42, 0x00, 0x07 } },
};

/* The groups of IPv4, IPv6, and of a protocol with addresses of 7 octets. */
static const char *const groups[PROTOS] = { "224.1.1.1", "ff0e::4:1",
	"0xd0000000000001" };

/* NSAP, E.164, and E.164 that differs in its subaddress only. */
static struct atm_addr
address(unsigned p, unsigned i)
{
	char text[ATM_TEXT_MAX];
	struct atm_addr a = { .tl = 0 };

	if (i == 0)
		return a;
	snprintf(text, sizeof(text), "+1555000%u%s%02x%s", p,
	    "+47000580FFE1000000F21A26D80020480D3A", i, "00");
	if (i == 1)
		snprintf(text, sizeof(text), "+1555000%u", p);
	assert_int_equal(atm_addr_parse(text, &a, NULL), 0);
	return a;
}

static void
make(struct side *s, bool sums)
{
	struct mars_server_cfg sc;
	struct mars_client_cfg cc;
	struct world_cfg cfg;
	char name[16];

	failmem_init(&s->mem);
	world_defaults(&cfg);
	s->r.w = world_new(&cfg, &s->mem.mem);
	mars_server_defaults(&sc);
	sc.checksum = sc.verify = sums;
	assert_int_equal(atm_addr_parse("+15559999", &sc.addr, NULL), 0);
	assert_int_equal(world_add_server(s->r.w, "M1", &sc, &s->r.m), 0);
	for (unsigned p = 0; p < PROTOS; p++) {
		assert_int_equal(l3_addr_parse(groups[p], &s->x[p]), 0);
		assert_true(l3_addr_next(&s->x[p], &s->y[p]));
		for (unsigned i = 0; i < EACH; i++) {
			mars_client_defaults(&cc);
			cc.pro = pros[p];
			cc.addr = address(p, i);
			cc.mars = sc.addr;
			cc.checksum = cc.verify = sums;
			snprintf(name, sizeof(name), "P%uC%u", p, i);
			assert_int_equal(world_add_client(s->r.w, name, &cc,
			    &s->c[p][i]), 0);
			assert_int_equal(node_register(s->r.w, s->c[p][i]), 0);
			assert_int_equal(rig_run(&s->r, 0.1), 0);
		}
	}
}

static struct mars_proto_info
proto(const struct side *s, unsigned p)
{
	const struct mars_server *m = node_server(s->r.w, s->r.m);
	int i = mars_server_find_proto(m, &pros[p]);
	struct mars_proto_info info;

	assert_true(i >= 0);
	assert_true(mars_server_proto(m, (unsigned)i, &info));
	return info;
}

/* |from| sends a packet to |g|: how many get it. */
static uint64_t
got(struct side *s, node_id from, const struct l3_addr *g)
{
	struct flow_info fi;
	int f = world_flow(s->r.w, from, g, 0);

	assert_true(f > 0);
	flow_reset(s->r.w, (flow_id)f);
	assert_int_equal(node_send(s->r.w, from, g, NULL, 0), 0);
	assert_int_equal(rig_run(&s->r, 2), 0);
	assert_true(flow_get(s->r.w, (flow_id)f, &fi));
	assert_int_equal(fi.lost + fi.dup + fi.refl, 0);
	return fi.received;
}

/* MARS-125: the list of groups has what was joined singly for layer 3. */
static void
list(struct side *s, unsigned p)
{
	struct l3_range r = { s->x[p], s->y[p] };
	const struct mars_client *k = node_client(s->r.w, s->c[p][2]);
	struct l3_addr g;
	size_t n;

	assert_int_equal(node_grouplist(s->r.w, s->c[p][2], &r), 0);
	assert_int_equal(rig_run(&s->r, 0.1), 0);
	assert_int_equal(mars_client_answer(k, true, &n), 0);
	assert_int_equal(n, 1);
	assert_true(mars_client_answer_group(k, 0, &g));
	assert_int_equal(l3_addr_cmp(&g, &s->x[p]), 0);
}

/*
 * Within one protocol: a single join, a block over it that is punched, a sender
 * that is no member, leaves of each address kind.
 */
static void
talk(struct side *s, unsigned p)
{
	struct l3_range one = l3_range_one(&s->x[p]);
	struct l3_range two = { s->x[p], s->y[p] };
	struct mars_path_info path;
	uint32_t csn = proto(s, p).csn;

	assert_int_equal(node_join(s->r.w, s->c[p][1], &one, true), 0);
	assert_int_equal(rig_run(&s->r, 0.1), 0);
	assert_int_equal(got(s, s->c[p][0], &s->x[p]), 1);
	assert_int_equal(node_join(s->r.w, s->c[p][1], &two, false), 0);
	assert_int_equal(node_join(s->r.w, s->c[p][2], &one, false), 0);
	assert_int_equal(rig_run(&s->r, 0.1), 0);
	assert_int_equal(proto(s, p).csn, csn + 3);
	assert_int_equal(got(s, s->c[p][0], &s->x[p]), 2);
	assert_int_equal(got(s, s->c[p][2], &s->y[p]), 1);
	assert_true(mars_client_next_path(node_client(s->r.w, s->c[p][0]),
	    NULL, &path));
	assert_int_equal(path.leaves, 2);
	list(s, p);
	assert_int_equal(node_leave(s->r.w, s->c[p][1], &one), 0);
	assert_int_equal(node_leave(s->r.w, s->c[p][1], &two), 0);
	assert_int_equal(rig_run(&s->r, 0.1), 0);
	assert_int_equal(got(s, s->c[p][0], &s->x[p]), 1);
}

/*
 * MARS-004, MARS-039, MARS-161, MARS-219, MARS-236, MARS-237, MARS-153: tables,
 * CMIs, CCVCs and numbers of each protocol are its own, and all of it works
 * with addresses of all kinds, with and without checksums (MARS-022).
 */
static void
side_by_side(void **state)
{
	for (int sums = 0; sums < 2; sums++) {
		struct side s = { .r = { .w = NULL } };
		char text[2048];

		(void)state;
		make(&s, sums);
		for (unsigned p = 0; p < PROTOS; p++)
			talk(&s, p);
		for (unsigned p = 0; p < PROTOS; p++) {
			struct mars_client_info ci;

			assert_int_equal(proto(&s, p).members, EACH);
			assert_int_equal(proto(&s, p).groups, 1);
			for (unsigned i = 0; i < EACH; i++) {
				mars_client_info(node_client(s.r.w, s.c[p][i]),
				    &ci);
				assert_int_equal(ci.cmi, i + 1);
				assert_int_equal(ci.hsn, proto(&s, p).csn);
			}
			for (unsigned q = 0; q < p; q++)
				assert_int_not_equal(proto(&s, p).ccvc,
				    proto(&s, q).ccvc);
		}
		if (world_check(s.r.w, true, text, sizeof(text)) != 0)
			fail_msg("%s", text);
		world_free(s.r.w);
		assert_int_equal(s.mem.live, 0);
	}
}

/* MARS-101, MARS-134: protocols come back on their own after a crash. */
static void
after_a_crash(void **state)
{
	for (int cold = 0; cold < 2; cold++) {
		struct side s = { .r = { .w = NULL } };

		(void)state;
		make(&s, true);
		for (unsigned p = 0; p < PROTOS; p++)
			talk(&s, p);
		assert_int_equal(node_kill(s.r.w, s.r.m), 0);
		assert_int_equal(rig_run(&s.r, 0.5), 0);
		assert_int_equal(node_restart(s.r.w, s.r.m, cold), 0);
		assert_int_equal(rig_run(&s.r, 120), 0);
		for (unsigned p = 0; p < PROTOS; p++) {
			assert_int_equal(proto(&s, p).members, EACH);
			assert_int_equal(got(&s, s.c[p][0], &s.x[p]), 1);
		}
		world_free(s.r.w);
		assert_int_equal(s.mem.live, 0);
	}
}

/* MARS-067, MARS-160: what no one joined here is not delivered upwards. */
static void
packets_have_headers(void **state)
{
	struct side s = { .r = { .w = NULL } };

	(void)state;
	make(&s, true);
	for (unsigned p = 0; p < 2; p++) {
		struct l3_range r = { s.x[p], s.y[p] };
		const struct mars_client_stats *st;

		assert_int_equal(node_join(s.r.w, s.c[p][1], &r, false), 0);
		assert_int_equal(rig_run(&s.r, 0.1), 0);
		assert_int_equal(got(&s, s.c[p][0], &s.y[p]), 1);
		/* the JOIN is not undone for the sender: its LEAVE is lost */
		assert_true(world_loss(s.r.w, MARS_LEAVE, 0, s.c[p][0], 0, 0,
		    1) > 0);
		assert_int_equal(node_leave(s.r.w, s.c[p][1], &r), 0);
		assert_int_equal(rig_run(&s.r, 0.1), 0);
		assert_int_equal(got(&s, s.c[p][0], &s.y[p]), 0);
		st = mars_client_stats(node_client(s.r.w, s.c[p][1]));
		assert_int_equal(st->drops[MARS_CLIENT_DROP_UNJOINED], 1);
	}
	world_free(s.r.w);
	assert_int_equal(s.mem.live, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(side_by_side),
		cmocka_unit_test(after_a_crash),
		cmocka_unit_test(packets_have_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
