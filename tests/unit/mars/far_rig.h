/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FAR_RIG_H
#define FAR_RIG_H

/* What other MARSs tell the one on the bench, and what it tells them. */
#include "server_rig.h"

#define G 0xe0010100u /* a group */
#define LAYER3 MARS_FLAG_LAYER3GRP

static inline int
rig_far_event(struct rig *r, const struct mars_far *far)
{
	struct mars_server_ev ev = { .kind = MARS_SERVER_FAR, .far = far };

	return rig_step(r, &ev);
}

/* rig_far tells that host |n| of CMI |cmi| did |what|. */
static inline int
rig_far(struct rig *r, enum mars_far_what what, unsigned n, unsigned cmi)
{
	struct mars_far far = { .what = what, .pro = L3_PROTO_IPV4,
		.addr = rig_host(n), .cmi = (uint16_t)cmi };

	return rig_far_event(r, &far);
}

/* rig_far_range tells of a join or leave of |lo| to |hi|. */
static inline int
rig_far_range(struct rig *r, enum mars_far_what what, unsigned n, uint32_t lo,
    uint32_t hi, bool quiet)
{
	struct mars_far far = { .what = what, .pro = L3_PROTO_IPV4,
		.addr = rig_host(n), .layer3 = what == MARS_FAR_JOIN,
		.quiet = quiet };

	far.range.min = l3_addr_ipv4(lo);
	far.range.max = l3_addr_ipv4(hi);
	return rig_far_event(r, &far);
}

static inline int
rig_far_join(struct rig *r, unsigned n, uint32_t g)
{
	return rig_far_range(r, MARS_FAR_JOIN, n, g, g, false);
}

static inline int
rig_far_leave(struct rig *r, unsigned n, uint32_t g)
{
	return rig_far_range(r, MARS_FAR_LEAVE, n, g, g, false);
}

static inline void
rig_role(struct rig *r, enum mars_server_role role)
{
	rig_step(r,
	    &(struct mars_server_ev){ .kind = MARS_SERVER_ROLE,
		.role = role });
}

/* rig_net is an indication about CCVC and host |n|. */
static inline void
rig_net(struct rig *r, enum atm_ind_kind kind, enum atm_req_kind rq,
    unsigned n, unsigned cause)
{
	struct atm_ind ind = { .kind = kind, .rq = rq, .ref = r->ccvc,
		.cause = (uint16_t)cause, .peer = rig_host(n) };
	struct mars_server_ev ev = { .kind = MARS_SERVER_IND, .ind = &ind };

	rig_step(r, &ev);
}

static inline void
rig_drop_leaf(struct rig *r, unsigned n)
{
	rig_net(r, ATM_DROPPED, 0, n, ATM_CAUSE_NORMAL);
}

/* rig_vc_gone releases the pt-pt VC of host |n|. */
static inline void
rig_vc_gone(struct rig *r, unsigned n)
{
	struct atm_ind ind = { .kind = ATM_RELEASED, .ref = rig_ref(n),
		.cause = ATM_CAUSE_NORMAL };
	struct mars_server_ev ev = { .kind = MARS_SERVER_IND, .ind = &ind };

	rig_step(r, &ev);
}

/* rig_members counts the members of group |g|. */
static inline unsigned
rig_members(const struct rig *r, uint32_t g)
{
	struct l3_addr a = l3_addr_ipv4(g);
	unsigned n = 0;

	for (unsigned cmi = 0;
	     (cmi = mars_server_group_next(r->s, 0, &a, cmi)) != 0; cmi++)
		n++;
	return n;
}

/* rig_calls counts the requests of |kind|. */
static inline size_t
rig_calls(const struct rig *r, enum atm_req_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < r->call_n; i++)
		n += r->call[i].kind == kind;
	return n;
}

/* rig_told takes the next change, which must be |what| of host |n|. */
static inline struct mars_change
rig_told(struct rig *r, enum mars_change_what what, unsigned n)
{
	struct mars_change c;
	struct atm_addr a = rig_host(n);

	assert_true(mars_server_next_change(r->s, &c));
	assert_int_equal(c.what, what);
	assert_true(atm_addr_equal(&c.addr, &a));
	assert_int_equal(c.pro.type, 0x0800);
	return c;
}

static inline void
rig_told_range(struct rig *r, enum mars_change_what what, unsigned n,
    uint32_t lo, uint32_t hi)
{
	struct mars_change c = rig_told(r, what, n);
	struct l3_addr min = l3_addr_ipv4(lo), max = l3_addr_ipv4(hi);

	assert_int_equal(l3_addr_cmp(&c.range.min, &min), 0);
	assert_int_equal(l3_addr_cmp(&c.range.max, &max), 0);
}

static inline void
rig_told_nothing(struct rig *r)
{
	struct mars_change c;

	assert_false(mars_server_next_change(r->s, &c));
}

static inline void
rig_hush(struct rig *r)
{
	struct mars_change c;

	while (mars_server_next_change(r->s, &c))
		;
}

/* rig_cluster starts a MARS that tells changes, with hosts 1 to |n|. */
static inline struct rig *
rig_cluster(unsigned n)
{
	struct rig *r = rig_new();

	r->cfg.changes = true;
	rig_start(r);
	for (unsigned i = 1; i <= n; i++)
		rig_register(r, i);
	rig_hush(r);
	rig_clear(r);
	return r;
}

#endif
