/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_SIM_RIG_H
#define TESTS_SIM_RIG_H

/*
 * A world and its transcript: every indication is one line
 *
 *   microseconds since the start, port, what, reference, ...
 *
 * with references of the network's choice as R1, R2, ... and peers by the
 * number of their endpoint.  sim_check holds after every step.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "failmem.h"
#include "marsh/base/err.h"
#include "marsh/base/frame.h"
#include "marsh/sim/sim.h"

#define RIG_R(n) (ATM_REF_REMOTE | (n))
#define RIG_TEXT 65536

struct rig {
	struct failmem mem;
	struct sim *sim;
	struct atm_net *net;
	struct mtime start;
	size_t len;
	char text[RIG_TEXT];
};

static inline void
rig_say(struct rig *r, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(r->text + r->len, RIG_TEXT - r->len, fmt, ap);
	va_end(ap);
	assert_true(n >= 0 && (size_t)n < RIG_TEXT - r->len);
	r->len += (size_t)n;
}

static inline struct atm_addr
rig_addr(unsigned i)
{
	uint8_t nsap[ATM_NSAP_LEN] = { 0x47 };

	nsap[17] = (uint8_t)(i >> 8);
	nsap[18] = (uint8_t)i;
	return atm_addr_nsap(nsap);
}

static inline unsigned
rig_index(const struct atm_addr *a)
{
	return (unsigned)a->num[17] << 8 | a->num[18];
}

static inline void
rig_check(struct rig *r)
{
	const char *bad = sim_check(r->sim);

	if (bad != NULL)
		fail_msg("sim_check: %s", bad);
}

static inline long long
rig_us(const struct rig *r, struct mtime t)
{
	return (long long)mtime_sub(t, r->start).us;
}

/* Watcher: what happens to VCs goes into the transcript, too. */
static inline void
rig_vc(void *ctx, struct mtime now, enum atm_vc_what what, uint32_t vc,
    unsigned use, atm_port root, atm_port leaf,
    const struct atm_addr *leaf_addr, unsigned cause)
{
	static const char *const words[] = { "open", "add", "drop", "release",
		"fail" };
	struct rig *r = ctx;

	rig_say(r, "%lld vc %u %s %s %u", rig_us(r, now), vc, words[what],
	    atm_use_word(use), root);
	if (leaf_addr != NULL)
		rig_say(r, ">%u/%u", leaf, rig_index(leaf_addr));
	if (cause != 0)
		rig_say(r, " cause %u", cause);
	rig_say(r, "\n");
}

static inline void
rig_watch(struct rig *r)
{
	struct atm_watch w = { .vc = rig_vc, .ctx = r };

	sim_watch_set(r->sim, &w);
}

/* rig_open makes a world of |n| endpoints, ports 1 to |n|. */
static inline void
rig_open(struct rig *r, const struct sim_cfg *cfg, unsigned n)
{
	struct sim_cfg c;
	atm_port port;

	memset(r, 0, sizeof(*r));
	failmem_init(&r->mem);
	sim_defaults(&c);
	if (cfg != NULL)
		c = *cfg;
	r->sim = sim_new(&c, &r->mem.mem);
	assert_non_null(r->sim);
	r->net = sim_net(r->sim);
	r->start = c.start;
	for (unsigned i = 1; i <= n; i++) {
		struct atm_addr a = rig_addr(i);

		assert_int_equal(atm_net_attach(r->net, &a, &port), 0);
		assert_int_equal(port, i);
	}
	rig_check(r);
}

static inline void
rig_close(struct rig *r)
{
	rig_check(r);
	atm_net_close(r->net);
	assert_int_equal(r->mem.live, 0);
	assert_int_equal(r->mem.live_octets, 0);
}

static inline void
rig_ref(struct rig *r, atm_ref ref)
{
	rig_say(r, ref & ATM_REF_REMOTE ? " R%u" : " %u",
	    ref & ~ATM_REF_REMOTE);
}

static inline void
rig_note(struct rig *r, const struct atm_ev *ev)
{
	const struct atm_ind *i = &ev->ind;

	assert_int_equal(ev->t.us, atm_net_now(r->net).us);
	rig_say(r, "%lld %u", rig_us(r, ev->t), ev->port);
	if (ev->timer) {
		rig_say(r, " timer\n");
		return;
	}
	rig_say(r, " %s", atm_ind_word(i->kind));
	if (i->kind == ATM_ACK || i->kind == ATM_RQFAILED)
		rig_say(r, " %s", atm_req_word(i->rq));
	rig_ref(r, i->ref);
	if (i->peer.tl != 0)
		rig_say(r, " %u", rig_index(&i->peer));
	if (i->leaf)
		rig_say(r, " leaf");
	if (i->cause != 0)
		rig_say(r, " cause %u", i->cause);
	if (i->kind == ATM_DATA)
		rig_say(r, " %.*s", (int)i->frame->len,
		    (const char *)i->frame->bytes);
	rig_say(r, "\n");
}

/* rig_run lets |us| pass. */
static inline void
rig_run(struct rig *r, int64_t us)
{
	struct mtime until = mtime_add(atm_net_now(r->net), MSPAN_US(us));
	struct atm_ev ev;

	while (atm_net_next(r->net, until, &ev) == 1) {
		rig_note(r, &ev);
		rig_check(r);
	}
	rig_check(r);
	assert_int_equal(atm_net_now(r->net).us, until.us);
}

static inline void
rig_ask_cause(struct rig *r, atm_port port, enum atm_req_kind kind,
    atm_ref ref, unsigned to, unsigned cause)
{
	struct atm_req rq = { .kind = kind, .ref = ref, .use = ATM_USE_RAW,
		.cause = (uint16_t)cause };

	rq.dst = rig_addr(to);
	atm_net_submit(r->net, port, &rq);
	rig_check(r);
}

static inline void
rig_ask(struct rig *r, atm_port port, enum atm_req_kind kind, atm_ref ref,
    unsigned to)
{
	rig_ask_cause(r, port, kind, ref, to, 0);
}

static inline void
rig_send(struct rig *r, atm_port port, atm_ref ref, const char *text)
{
	struct atm_req rq = { .kind = ATM_SEND, .ref = ref };

	rq.frame = frame_copy(&r->mem.mem, text, strlen(text));
	assert_non_null(rq.frame);
	atm_net_submit(r->net, port, &rq);
	rig_check(r);
}

static inline void
rig_forget(struct rig *r)
{
	r->len = 0;
	r->text[0] = '\0';
}

/* rig_want compares the transcript since the last time. */
static inline void
rig_want(struct rig *r, const char *text)
{
	assert_string_equal(r->text, text);
	rig_forget(r);
}

/* rig_tree makes |ref| of |root| a pt-mpt VC to leaves |from|..|to|. */
static inline void
rig_tree(struct rig *r, atm_port root, atm_ref ref, unsigned from, unsigned to)
{
	rig_ask(r, root, ATM_MULTI_RQ, ref, from);
	rig_run(r, 1000000);
	for (unsigned i = from + 1; i <= to; i++)
		rig_ask(r, root, ATM_MULTI_ADD, ref, i);
	rig_run(r, 1000000);
	rig_forget(r);
}

#endif
