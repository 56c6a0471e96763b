/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SERVER_RIG_H
#define SERVER_RIG_H

/*
 * A MARS on a bench: a network of one file that answers leaf requests as it is
 * told, records every frame, and checks the server after each step.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "failmem.h"
#include "marsh/base/err.h"
#include "marsh/base/frame.h"
#include "marsh/mars/mars_server.h"
#include "marsh/wire/snap.h"

#define RIG_SENT 8192
#define RIG_CALLS 4096
#define RIG_EVENTS 4096

struct rig_sent {
	atm_ref ref;
	struct frame *f;
};

struct rig_event {
	enum trace_kind kind;
	const char *what;
	uint16_t cmi;
	struct l3_range group;
};

struct rig {
	struct failmem fm;
	struct trace trace;
	struct mars_server_cfg cfg;
	struct mars_server *s;
	struct mtime now;
	bool ack;        /* leaf requests succeed at once */
	bool no_check;
	size_t out_cap;  /* places in |out| */
	struct rig_sent sent[RIG_SENT];
	size_t sent_n;
	struct atm_req call[RIG_CALLS]; /* everything but frames */
	size_t call_n, acked;
	struct rig_event ev[RIG_EVENTS];
	size_t ev_n;
	atm_ref ccvc;
};

static inline void
rig_trace(void *ctx, struct mtime now, const struct trace_ev *ev)
{
	struct rig *r = ctx;
	struct rig_event *e = &r->ev[r->ev_n++ % RIG_EVENTS];

	(void)now;
	*e = (struct rig_event){ .kind = ev->kind, .what = ev->what,
		.cmi = ev->cmi };
	if (ev->group != NULL)
		e->group = *ev->group;
}

/* rig_new returns a bench whose server is not made yet; change r->cfg first. */
static inline struct rig *
rig_new(void)
{
	struct rig *r = calloc(1, sizeof(*r));

	failmem_init(&r->fm);
	r->trace = (struct trace){ rig_trace, r };
	mars_server_defaults(&r->cfg);
	(void)atm_addr_parse("47000580FFE1000000F21A26D80020480D3A0101",
	    &r->cfg.addr, NULL);
	r->now = (struct mtime){ 10000000000 };
	r->ack = true;
	r->out_cap = 4096;
	return r;
}

static inline void
rig_clear(struct rig *r)
{
	for (size_t i = 0; i < r->sent_n; i++)
		frame_unref(r->sent[i].f);
	r->sent_n = r->call_n = r->acked = r->ev_n = 0;
}

static inline void
rig_end(struct rig *r)
{
	rig_clear(r);
	mars_server_free(r->s);
	assert_int_equal(r->fm.live, 0);
	free(r);
}

static inline void
rig_take(struct rig *r, struct atm_out *out)
{
	for (size_t i = 0; i < out->n; i++) {
		struct atm_req *q = &out->v[i];

		if (q->kind == ATM_SEND) {
			assert_true(r->sent_n < RIG_SENT);
			r->sent[r->sent_n++]
			    = (struct rig_sent){ q->ref, q->frame };
			continue;
		}
		assert_true(r->call_n < RIG_CALLS);
		r->call[r->call_n++] = *q;
		if (q->kind == ATM_MULTI_RQ)
			r->ccvc = q->ref;
	}
}

/* rig_step1 makes one step and nothing more. */
static inline int
rig_step1(struct rig *r, const struct mars_server_ev *ev)
{
	struct atm_req *v = calloc(r->out_cap, sizeof(*v));
	struct atm_out out = { v, 0, r->out_cap };
	int err = mars_server_step(r->s, r->now, ev, &out);

	rig_take(r, &out);
	free(v);
	if (!r->no_check) {
		const char *bad = mars_server_check(r->s);

		if (bad != NULL)
			fail_msg("%s", bad);
	}
	return err;
}

static inline int
rig_ind(struct rig *r, struct atm_ind ind)
{
	struct mars_server_ev ev = { .kind = MARS_SERVER_IND, .ind = &ind };

	return rig_step1(r, &ev);
}

/* rig_step makes one step and lets the network and what is due follow. */
static inline int
rig_step(struct rig *r, const struct mars_server_ev *ev)
{
	int err = rig_step1(r, ev);

	for (;;) {
		if (r->ack && r->acked < r->call_n) {
			struct atm_req *q = &r->call[r->acked++];

			if (q->kind == ATM_MULTI_RQ
			    || q->kind == ATM_MULTI_ADD)
				rig_ind(r,
				    (struct atm_ind){ .kind = ATM_ACK,
					.rq = q->kind, .ref = q->ref,
					.peer = q->dst });
		} else if (mtime_reached(mars_server_deadline(r->s), r->now)) {
			rig_step1(r, &(struct mars_server_ev){
					 .kind = MARS_SERVER_TIMER });
		} else {
			return err;
		}
	}
}

static inline void
rig_start(struct rig *r)
{
	r->s = mars_server_new(&r->cfg, &r->fm.mem, &r->trace);
	assert_non_null(r->s);
	rig_step(r, &(struct mars_server_ev){ .kind = MARS_SERVER_START });
}

/* rig_run moves time on by |ms|, visiting every deadline. */
static inline void
rig_run(struct rig *r, int64_t ms)
{
	struct mtime end = mtime_add(r->now, MSPAN_MS(ms));
	struct mars_server_ev ev = { .kind = MARS_SERVER_TIMER };

	for (;;) {
		struct mtime d = mars_server_deadline(r->s);

		if (d.us > end.us)
			break;
		if (d.us > r->now.us)
			r->now = d;
		rig_step(r, &ev);
	}
	r->now = end;
}

/* rig_host returns the NSAP of host |n|. */
static inline struct atm_addr
rig_host(unsigned n)
{
	uint8_t b[ATM_NSAP_LEN] = { 0x47, 0, 5, 0x80, 0xff, 0xe1, 0, 0, 0,
		0xf2, 0x1a, 0x26, 0xd8, 0, 0x20, (uint8_t)(n >> 24),
		(uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n, 0 };

	return atm_addr_nsap(b);
}

static inline atm_ref
rig_ref(unsigned n)
{
	return ATM_REF_REMOTE + n;
}

/* rig_say sends |m| of |src| on |ref|. */
static inline int
rig_say(struct rig *r, struct mars_msg *m, const struct atm_addr *src,
    atm_ref ref)
{
	uint8_t scratch[2 * ATM_NSAP_LEN];
	struct failmem own;
	struct frame *f;
	struct atm_ind ind = { .kind = ATM_DATA, .ref = ref };
	struct mars_server_ev ev = { .kind = MARS_SERVER_IND, .ind = &ind };
	int err;

	failmem_init(&own);
	if (m->pro.type == 0)
		m->pro = L3_PROTO_IPV4;
	mars_set_src(m, src, scratch);
	f = mars_frame(&own.mem, m, true);
	ind.frame = f;
	err = rig_step(r, &ev);
	frame_unref(f);
	return err;
}

static inline int
rig_register_from(struct rig *r, const struct atm_addr *a, atm_ref ref)
{
	struct mars_msg m = { .op = MARS_JOIN, .flags = MARS_FLAG_REGISTER };

	return rig_say(r, &m, a, ref);
}

static inline int
rig_register(struct rig *r, unsigned n)
{
	struct atm_addr a = rig_host(n);

	return rig_register_from(r, &a, rig_ref(n));
}

static inline int
rig_deregister(struct rig *r, unsigned n)
{
	struct mars_msg m = { .op = MARS_LEAVE, .flags = MARS_FLAG_REGISTER };
	struct atm_addr a = rig_host(n);

	return rig_say(r, &m, &a, rig_ref(n));
}

/* rig_group sends a message with one pair |lo| to |hi|, as IPv4 addresses. */
static inline int
rig_group(struct rig *r, unsigned n, enum mars_op op, uint32_t lo, uint32_t hi,
    uint16_t flags)
{
	struct l3_addr min = l3_addr_ipv4(lo), max = l3_addr_ipv4(hi);
	struct atm_addr a = rig_host(n);
	uint8_t pair[8];
	struct mars_msg m = { .op = op, .flags = flags, .pnum = 1, .tpln = 4,
		.pairs = pair };

	memcpy(pair, min.b, 4);
	memcpy(pair + 4, max.b, 4);
	return rig_say(r, &m, &a, rig_ref(n));
}

static inline int
rig_join(struct rig *r, unsigned n, uint32_t g)
{
	return rig_group(r, n, MARS_JOIN, g, g, MARS_FLAG_LAYER3GRP);
}

static inline int
rig_leave(struct rig *r, unsigned n, uint32_t g)
{
	return rig_group(r, n, MARS_LEAVE, g, g, 0);
}

static inline int
rig_request(struct rig *r, unsigned n, uint32_t group)
{
	struct l3_addr g = l3_addr_ipv4(group);
	struct atm_addr a = rig_host(n);
	struct mars_msg m = { .op = MARS_REQUEST, .tpln = 4, .tpa = g.b };

	return rig_say(r, &m, &a, rig_ref(n));
}

/* rig_msg decodes recorded frame |i|, which must be a correct message. */
static inline struct mars_msg
rig_msg(const struct rig *r, size_t i)
{
	struct mars_decode_err err = { .field = "" };
	struct mars_msg m;
	const struct frame *f;

	assert_true(i < r->sent_n);
	f = r->sent[i].f;
	if (mars_decode(f->bytes + SNAP_LEN, f->len - SNAP_LEN, true, &m, &err)
	    != 0)
		fail_msg("frame %zu: %s %s", i, mars_bad_word(err.bad),
		    err.field);
	return m;
}

static inline uint32_t
rig_csn(const struct rig *r)
{
	struct mars_proto_info i;

	assert_true(mars_server_proto(r->s, 0, &i));
	return i.csn;
}

static inline const struct mars_server_stats *
rig_stats(const struct rig *r)
{
	return mars_server_stats(r->s);
}

/* rig_leaf returns the leaf state of host |n|, or -1 when it is no member. */
static inline int
rig_leaf(const struct rig *r, unsigned n)
{
	struct mars_member_info i;
	struct atm_addr a = rig_host(n);

	return mars_server_member(r->s, 0, &a, &i) ? (int)i.leaf : -1;
}

static inline unsigned
rig_cmi(const struct rig *r, unsigned n)
{
	struct mars_member_info i;
	struct atm_addr a = rig_host(n);

	return mars_server_member(r->s, 0, &a, &i) ? i.cmi : 0;
}

/* rig_count returns how many events of |kind| were traced since rig_clear. */
static inline size_t
rig_count(const struct rig *r, enum trace_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < r->ev_n && i < RIG_EVENTS; i++)
		n += r->ev[i].kind == kind;
	return n;
}

/* rig_named returns the address of the format notes that ends in |x|.|y|. */
static inline struct atm_addr
rig_named(uint8_t x, uint8_t y)
{
	uint8_t b[ATM_NSAP_LEN] = { 0x47, 0x00, 0x05, 0x80, 0xff, 0xe1, 0x00,
		0x00, 0x00, 0xf2, 0x1a, 0x26, 0xd8, 0x00, 0x20, 0x48, 0x0d, 0x3a,
		x, y };

	return atm_addr_nsap(b);
}

/* rig_same wants frame |i| that was sent to be these octets. */
static inline void
rig_same(const struct rig *r, size_t i, const uint8_t *want, size_t n)
{
	assert_true(i < r->sent_n);
	assert_int_equal(r->sent[i].f->len, SNAP_LEN + n);
	assert_memory_equal(r->sent[i].f->bytes + SNAP_LEN, want, n);
}

#endif
