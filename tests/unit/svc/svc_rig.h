/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_SVC_RIG_H
#define TESTS_SVC_RIG_H

/* A backend on the kernel of socket pairs, with ports and short requests. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "failmem.h"
#include "svc_fake.h"

#define RIG_PORTS 4

struct rig {
	struct failmem mem;
	struct svc_cfg cfg;
	struct svc *s;
	struct atm_net *net;
	struct atm_addr addr[64];
	atm_port port[RIG_PORTS];
	struct atm_ev ev;
	uint8_t data[16];
	size_t len;
};

static inline void
rig_start(struct rig *r)
{
	char why[200] = "";

	for (unsigned i = 0; i < 64; i++) {
		uint8_t nsap[ATM_NSAP_LEN] = { 0x47, 0x00, 0x05 };

		nsap[18] = (uint8_t)(i + 1);
		r->addr[i] = atm_addr_nsap(nsap);
	}
	r->s = svc_new_on(&r->cfg, &r->mem.mem, &fake_sys, why, sizeof(why));
	assert_non_null(r->s);
	r->net = svc_net(r->s);
	for (unsigned i = 0; i < RIG_PORTS; i++)
		assert_int_equal(
		    atm_net_attach(r->net, &r->addr[i], &r->port[i]), 0);
}

static inline void
rig_begin(struct rig *r)
{
	memset(r, 0, sizeof(*r));
	failmem_init(&r->mem);
	svc_defaults(&r->cfg);
	rig_start(r);
}

static inline void
rig_end(struct rig *r)
{
	assert_null(svc_check(r->s));
	atm_net_close(r->net);
	assert_int_equal(r->mem.live, 0);
	assert_int_equal(fake_count(), 0);
}

static inline void
rig_ask(struct rig *r, unsigned i, enum atm_req_kind kind, atm_ref ref,
    unsigned to)
{
	struct atm_req rq = { .kind = kind, .ref = ref, .use = ATM_USE_RAW,
		.dst = r->addr[to] };

	atm_net_submit(r->net, r->port[i], &rq);
	assert_null(svc_check(r->s));
}

static inline void
rig_send(struct rig *r, unsigned i, atm_ref ref, uint8_t octet)
{
	struct atm_req rq = { .kind = ATM_SEND, .ref = ref };

	rq.frame = frame_copy(&r->mem.mem, &octet, 1);
	assert_non_null(rq.frame);
	atm_net_submit(r->net, r->port[i], &rq);
}

/* rig_next takes one event; false when none came in |ms|. */
static inline bool
rig_next(struct rig *r, int ms)
{
	struct mtime until = mtime_add(atm_net_now(r->net), MSPAN_MS(ms));
	int got = atm_net_next(r->net, until, &r->ev);

	assert_true(got >= 0);
	assert_null(svc_check(r->s));
	if (got == 1 && !r->ev.timer && r->ev.ind.kind == ATM_DATA) {
		r->len = r->ev.ind.frame->len;
		assert_true(r->len <= sizeof(r->data));
		memcpy(r->data, r->ev.ind.frame->bytes, r->len);
	}
	return got == 1;
}

/* rig_want: the next event is |kind| for port |i|. */
static inline const struct atm_ind *
rig_want(struct rig *r, unsigned i, enum atm_ind_kind kind)
{
	if (!rig_next(r, 10000))
		fail_msg("nothing came for port %u", i);
	assert_false(r->ev.timer);
	assert_int_equal(r->ev.ind.kind, kind);
	assert_int_equal(r->ev.port, r->port[i]);
	return &r->ev.ind;
}

static inline void
rig_want_data(struct rig *r, unsigned i, uint8_t octet)
{
	rig_want(r, i, ATM_DATA);
	assert_int_equal(r->len, 1);
	assert_int_equal(r->data[0], octet);
}

static inline void
rig_quiet(struct rig *r)
{
	if (rig_next(r, 30))
		fail_msg("port %u was told kind %d too much",
		    (unsigned)r->ev.port, (int)r->ev.ind.kind);
}

/* rig_link makes a VC or one more leaf; the other end's reference. */
static inline atm_ref
rig_link(struct rig *r, unsigned i, enum atm_req_kind kind, atm_ref ref,
    unsigned to)
{
	bool acked = false, called = false;
	atm_ref remote = 0;

	rig_ask(r, i, kind, ref, to);
	while (!acked || !called) { /* either may be first */
		assert_true(rig_next(r, 10000));
		if (r->ev.ind.kind == ATM_REMOTE_CALL) {
			assert_int_equal(r->ev.port, r->port[to]);
			remote = r->ev.ind.ref;
			called = true;
		} else {
			assert_int_equal(r->ev.ind.kind, ATM_ACK);
			assert_int_equal(r->ev.port, r->port[i]);
			acked = true;
		}
	}
	return remote;
}

#endif
