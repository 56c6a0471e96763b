/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_CLIENT_RIG_H
#define TESTS_CLIENT_RIG_H

/*
 * A cluster member alone with a scripted network: every request it makes is
 * kept with its time, every indication it gets is written in the test.  Times
 * in tests are microseconds since the start; the clock starts at 10000 s.
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
#include "marsh/mars/mars_client.h"

#define T0 10000000000ll
#define SEC(s) ((int64_t)((s) * 1000000.0 + 0.5))
#define RIG_LOG 8192

#define ME 1          /* our own address */
#define M1 101        /* MARSs */
#define M2 102
#define M3 103
#define M4 104
#define CCVC1 0x80000001u
#define CCVC2 0x80000002u
#define X_GROUP 0xe0010101u /* 224.1.1.1 */
#define Y_GROUP 0xe0010102u

struct sent {
	int64_t at; /* since the start */
	struct atm_req rq;
	struct mars_msg m; /* of a control message; op 0: data or no frame */
};

struct seen {
	enum trace_kind kind;
	const char *what, *from, *to;
	uint16_t cmi;
	uint32_t n;
	uint8_t op;
};

struct rig {
	struct failmem fm;
	struct trace trace;
	struct mars_client_cfg cfg;
	struct atm_addr backups[4];
	struct mars_client *c;
	int64_t now; /* since the start */
	struct sent v[RIG_LOG];
	size_t n;
	struct seen seen[RIG_LOG];
	size_t seen_n;
	struct mars_client_up up;
	size_t room; /* of |out|; MARS_CLIENT_OUT_MIN unless set */
	bool as_msg; /* deliver control messages decoded */
	int rc;
};

static inline struct atm_addr
rig_addr(unsigned n)
{
	uint8_t b[ATM_NSAP_LEN] = { 0x47, 0x00, 0x05 };

	b[17] = (uint8_t)(n >> 8);
	b[18] = (uint8_t)n;
	return atm_addr_nsap(b);
}

static inline struct l3_range
rig_range(uint32_t lo, uint32_t hi)
{
	return (struct l3_range){ l3_addr_ipv4(lo), l3_addr_ipv4(hi) };
}

static inline void
rig_seen(void *ctx, struct mtime now, const struct trace_ev *ev)
{
	struct rig *r = ctx;

	(void)now;
	if (r->seen_n < RIG_LOG)
		r->seen[r->seen_n++] = (struct seen){ ev->kind, ev->what,
		    ev->from, ev->to, ev->cmi, ev->n, ev->op };
}

/* rig_init prepares |r|; change r->cfg, then rig_start. */
static inline void
rig_init(struct rig *r)
{
	memset(r, 0, sizeof(*r));
	failmem_init(&r->fm);
	r->trace = (struct trace){ rig_seen, r };
	mars_client_defaults(&r->cfg);
	r->cfg.addr = rig_addr(ME);
	r->cfg.spa = l3_addr_ipv4(0x0a000001);
	r->cfg.mars = rig_addr(M1);
	r->cfg.backups = r->backups;
	r->room = MARS_CLIENT_OUT_MIN;
}

static inline void
rig_start(struct rig *r)
{
	r->c = mars_client_new(&r->cfg, &r->fm.mem, &r->trace);
	assert_non_null(r->c);
	assert_null(mars_client_check(r->c));
}

static inline void
rig_clear(struct rig *r)
{
	for (size_t i = 0; i < r->n; i++)
		frame_unref(r->v[i].rq.frame);
	r->n = 0;
	r->seen_n = 0;
}

static inline void
rig_stop(struct rig *r)
{
	rig_clear(r);
	mars_client_free(r->c);
	assert_int_equal(r->fm.live, 0);
	free(r);
}

static inline struct rig *
rig_new(void)
{
	struct rig *r = malloc(sizeof(*r));

	assert_non_null(r);
	rig_init(r);
	return r;
}

static inline void
rig_keep(struct rig *r, const struct atm_req *rq)
{
	struct sent *s;

	assert_true(r->n < RIG_LOG);
	s = &r->v[r->n++];
	*s = (struct sent){ .at = r->now, .rq = *rq };
	if (rq->kind == ATM_SEND && rq->frame->bytes[7] == 3)
		assert_int_equal(mars_decode(rq->frame->bytes + SNAP_LEN,
		    rq->frame->len - SNAP_LEN, true, &s->m, NULL), 0);
}

/* rig_once makes one step and keeps what it asks for. */
static inline int
rig_once(struct rig *r, const struct mars_client_ev *ev)
{
	struct atm_req v[256];
	struct atm_out out = { v, 0, r->room };
	const char *bad;

	r->rc = mars_client_step(r->c, (struct mtime){ T0 + r->now }, ev,
	    &out, &r->up);
	bad = mars_client_check(r->c);
	if (bad != NULL)
		fail_msg("check: %s", bad);
	for (size_t i = 0; i < out.n; i++)
		rig_keep(r, &v[i]);
	return r->rc;
}

static inline void
rig_timers(struct rig *r)
{
	struct mars_client_ev tick = { .kind = MARS_CLIENT_TIMER };

	while (mars_client_deadline(r->c).us <= T0 + r->now)
		rig_once(r, &tick);
}

/* rig_step makes a step and those due at the same time. */
static inline int
rig_step(struct rig *r, const struct mars_client_ev *ev)
{
	int rc = rig_once(r, ev);
	struct mars_client_up up = r->up;

	rig_timers(r);
	r->up = up;
	return r->rc = rc;
}

/* rig_until lets time pass until |at|, timers included. */
static inline void
rig_until(struct rig *r, int64_t at)
{
	struct mtime due;

	while ((due = mars_client_deadline(r->c)).us <= T0 + at) {
		if (due.us > T0 + r->now)
			r->now = due.us - T0;
		rig_timers(r);
	}
	r->now = at;
}

static inline void
rig_run(struct rig *r, int64_t span)
{
	rig_until(r, r->now + span);
}

/* ---- looking at what was asked for --------------------------------------- */

/* rig_count counts requests of |kind|; for ATM_SEND of message |op| (0: data). */
static inline size_t
rig_count(const struct rig *r, enum atm_req_kind kind, unsigned op)
{
	size_t n = 0;

	for (size_t i = 0; i < r->n; i++)
		n += r->v[i].rq.kind == kind
		    && (kind != ATM_SEND || r->v[i].m.op == op);
	return n;
}

/* rig_nth returns request number |i| (from 0) of that sort; it must exist. */
static inline const struct sent *
rig_nth(const struct rig *r, enum atm_req_kind kind, unsigned op, size_t i)
{
	for (size_t k = 0; k < r->n; k++)
		if (r->v[k].rq.kind == kind
		    && (kind != ATM_SEND || r->v[k].m.op == op) && i-- == 0)
			return &r->v[k];
	fail_msg("no such request: %s %s", atm_req_word(kind),
	    mars_op_word(op));
	return NULL;
}

static inline const struct sent *
rig_last(const struct rig *r, enum atm_req_kind kind, unsigned op)
{
	return rig_nth(r, kind, op, rig_count(r, kind, op) - 1);
}

static inline size_t
rig_saw(const struct rig *r, enum trace_kind kind, const char *what)
{
	size_t n = 0;

	for (size_t i = 0; i < r->seen_n; i++)
		n += r->seen[i].kind == kind && (what == NULL
		    || (r->seen[i].what != NULL
		    && strcmp(r->seen[i].what, what) == 0));
	return n;
}

static inline struct mars_client_info
rig_info(const struct rig *r)
{
	struct mars_client_info i;

	mars_client_info(r->c, &i);
	return i;
}

static inline uint64_t
rig_drops(const struct rig *r, enum mars_client_drop d)
{
	return mars_client_stats(r->c)->drops[d];
}

/* ---- indications ----------------------------------------------------------- */

static inline void
rig_ind(struct rig *r, enum atm_ind_kind kind, atm_ref ref,
    enum atm_req_kind rq, unsigned peer, unsigned cause)
{
	struct atm_ind ind = { .kind = kind, .rq = rq, .ref = ref,
	    .cause = (uint16_t)cause, .peer = rig_addr(peer),
	    .leaf = kind == ATM_REMOTE_CALL };
	struct mars_client_ev ev = { .kind = MARS_CLIENT_IND, .ind = &ind };

	rig_step(r, &ev);
}

/* rig_ack lets the last request of |kind| succeed. */
static inline void
rig_ack(struct rig *r, enum atm_req_kind kind)
{
	const struct sent *s = rig_last(r, kind, 0);
	struct atm_ind ind = { .kind = ATM_ACK, .rq = kind,
	    .ref = s->rq.ref, .peer = s->rq.dst };

	rig_step(r, &(struct mars_client_ev){ .kind = MARS_CLIENT_IND,
	    .ind = &ind });
}

/* rig_refuse lets it fail. */
static inline void
rig_refuse(struct rig *r, enum atm_req_kind kind, unsigned cause)
{
	const struct sent *s = rig_last(r, kind, 0);
	struct atm_ind ind = { .kind = ATM_RQFAILED, .rq = kind,
	    .ref = s->rq.ref, .peer = s->rq.dst, .cause = (uint16_t)cause };

	rig_step(r, &(struct mars_client_ev){ .kind = MARS_CLIENT_IND,
	    .ind = &ind });
}

/* rig_data delivers |len| octets of an AAL5 SDU. */
static inline void
rig_data(struct rig *r, atm_ref ref, const uint8_t *b, size_t len)
{
	struct mem plain = r->fm.mem;
	struct failmem other;
	struct atm_ind ind = { .kind = ATM_DATA, .ref = ref };
	struct mars_client_ev ev = { .kind = MARS_CLIENT_IND, .ind = &ind };
	struct mars_msg m;

	(void)plain;
	failmem_init(&other);
	ind.frame = frame_copy(&other.mem, b, len);
	assert_non_null(ind.frame);
	if (r->as_msg && len > SNAP_LEN && b[7] == 3
	    && mars_decode(ind.frame->bytes + SNAP_LEN, len - SNAP_LEN, false,
	    &m, NULL) == 0) {
		ev.kind = MARS_CLIENT_MSG;
		ev.msg = &m;
	}
	rig_step(r, &ev);
	frame_unref(ind.frame);
	assert_int_equal(other.live, 0);
}

/* rig_msg delivers |m|. */
static inline void
rig_msg(struct rig *r, atm_ref ref, const struct mars_msg *m)
{
	static uint8_t b[70000];
	size_t n;

	snap_control(b);
	n = mars_encode(m, false, b + SNAP_LEN, sizeof(b) - SNAP_LEN);
	assert_true(n > 0);
	rig_data(r, ref, b, SNAP_LEN + n);
}

/* rig_echo returns the JOIN or LEAVE |s| as the MARS does. */
static inline void
rig_echo(struct rig *r, atm_ref ref, const struct sent *s, uint32_t msn,
    uint16_t cmi)
{
	struct mars_msg m = s->m;

	m.flags |= MARS_FLAG_COPY;
	m.msn = msn;
	m.cmi = cmi;
	rig_msg(r, ref, &m);
}

static inline atm_ref
rig_pp(const struct rig *r)
{
	return rig_info(r).mars_vc;
}

/* rig_change delivers a JOIN or LEAVE by member |who| for one block. */
static inline void
rig_change(struct rig *r, atm_ref ref, unsigned op, unsigned who, uint32_t lo,
    uint32_t hi, uint32_t msn)
{
	struct atm_addr a = rig_addr(who);
	uint8_t src[2 * ATM_NSAP_LEN], pair[8];
	struct mars_msg m = { .pro = L3_PROTO_IPV4, .op = (uint8_t)op,
	    .tpln = 4, .pnum = 1, .flags = MARS_FLAG_COPY, .msn = msn,
	    .pairs = pair };

	mars_set_src(&m, &a, src);
	memcpy(pair, l3_addr_ipv4(lo).b, 4);
	memcpy(pair + 4, l3_addr_ipv4(hi).b, 4);
	rig_msg(r, ref, &m);
}

/* rig_set delivers a message of |n| addresses: MULTI, MIGRATE, REDIRECT_MAP. */
static inline void
rig_set(struct rig *r, atm_ref ref, unsigned op, uint32_t group, uint32_t msn,
    unsigned part, bool last, bool hard, const unsigned *who, size_t n)
{
	static uint8_t list[3200 * ATM_NSAP_LEN];
	struct atm_addr a = rig_addr(op == MARS_MULTI ? ME : M1);
	struct l3_addr g = l3_addr_ipv4(group);
	uint8_t src[2 * ATM_NSAP_LEN];
	struct mars_msg m = { .pro = L3_PROTO_IPV4, .op = (uint8_t)op,
	    .thtl = ATM_NSAP_LEN, .tnum = (uint16_t)n, .msn = msn,
	    .part = (uint16_t)part, .last = last, .hard = hard, .list = list };

	mars_set_src(&m, &a, src);
	if (op != MARS_REDIRECT_MAP) {
		m.tpln = 4;
		m.tpa = g.b;
	}
	for (size_t i = 0; i < n; i++)
		memcpy(list + i * ATM_NSAP_LEN, rig_addr(who[i]).num,
		    ATM_NSAP_LEN);
	rig_msg(r, ref, &m);
}

#define RIG_LIST(...) (const unsigned[]){ __VA_ARGS__ }, \
	sizeof((const unsigned[]){ __VA_ARGS__ }) / sizeof(unsigned)

/* rig_multi answers a REQUEST in one part. */
#define rig_multi(r, group, msn, ...) \
	rig_set(r, rig_pp(r), MARS_MULTI, group, msn, 1, true, false, \
	    RIG_LIST(__VA_ARGS__))
#define rig_map(r, ref, msn, hard, ...) \
	rig_set(r, ref, MARS_REDIRECT_MAP, 0, msn, 1, true, hard, \
	    RIG_LIST(__VA_ARGS__))

/* rig_nak answers it with "nobody". */
static inline void
rig_nak(struct rig *r, uint32_t group)
{
	struct atm_addr a = rig_addr(ME);
	struct l3_addr g = l3_addr_ipv4(group);
	uint8_t src[2 * ATM_NSAP_LEN];
	struct mars_msg m = { .pro = L3_PROTO_IPV4, .op = MARS_NAK,
	    .tpln = 4, .tpa = g.b };

	mars_set_src(&m, &a, src);
	rig_msg(r, rig_pp(r), &m);
}

/* ---- commands -------------------------------------------------------------- */

static inline int
rig_cmd(struct rig *r, enum mars_client_ev_kind kind, uint32_t lo, uint32_t hi)
{
	return rig_step(r, &(struct mars_client_ev){ .kind = kind,
	    .range = rig_range(lo, hi), .layer3 = true });
}

static inline int
rig_send(struct rig *r, uint32_t group)
{
	static const uint8_t packet[] = "packet";

	return rig_step(r, &(struct mars_client_ev){
	    .kind = MARS_CLIENT_SEND, .range = rig_range(group, group),
	    .packet = packet, .len = sizeof(packet) });
}

/* rig_accept lets the call to a MARS and the registration there succeed. */
static inline void
rig_accept(struct rig *r, uint16_t cmi, uint32_t msn)
{
	atm_ref ref = rig_last(r, ATM_CALL_RQ, 0)->rq.ref;

	rig_ack(r, ATM_CALL_RQ);
	rig_echo(r, ref, rig_last(r, ATM_SEND, MARS_JOIN), msn, cmi);
}

/* rig_member makes a registered member, leaf of CCVC1, and forgets the log. */
static inline void
rig_member(struct rig *r, uint16_t cmi, uint32_t msn)
{
	rig_start(r);
	assert_int_equal(rig_cmd(r, MARS_CLIENT_REGISTER, 0, 0), 0);
	rig_accept(r, cmi, msn);
	rig_ind(r, ATM_REMOTE_CALL, CCVC1, 0, M1, 0);
	assert_true(rig_info(r).registered);
	assert_int_equal(rig_info(r).ccvc, CCVC1);
	rig_clear(r);
}

/* rig_open sends to |group|, whose members are 2 and 3; the VC comes up. */
static inline atm_ref
rig_open(struct rig *r, uint32_t group, uint32_t msn)
{
	atm_ref ref;

	assert_int_equal(rig_send(r, group), 0);
	rig_multi(r, group, msn, 2, 3);
	ref = rig_last(r, ATM_MULTI_RQ, 0)->rq.ref;
	rig_ack(r, ATM_MULTI_RQ);
	rig_ack(r, ATM_MULTI_ADD);
	return ref;
}

static inline struct mars_path_info
rig_path(const struct rig *r, uint32_t group)
{
	struct l3_addr g = l3_addr_ipv4(group), prev;
	struct mars_path_info i;
	bool ok = l3_addr_prev(&g, &prev)
	    && mars_client_next_path(r->c, &prev, &i);

	if (!ok || l3_addr_cmp(&i.group, &g) != 0) {
		memset(&i, 0, sizeof(i));
		i.state = (enum mars_path_state)99;
	}
	return i;
}

#define rig_no_path(r, g) assert_int_equal(rig_path(r, g).state, 99)

#endif
