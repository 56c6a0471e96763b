/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The contract of an ATM network.  Each check makes a network, attaches
 * endpoints, submits requests and expects indications: what comes for one port
 * is put in that port's log, and |want| takes it out in order.
 */
#include "atm_contract.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "marsh/base/err.h"
#include "marsh/base/frame.h"

#define PORTS 4
#define LOG 64

struct entry {
	struct atm_ind ind;
	uint8_t data[8];
	uint32_t len;
	bool timer;
};

struct log {
	struct entry v[LOG];
	size_t head, tail;
};

struct bench {
	const struct atm_contract *c;
	struct atm_net *net;
	struct atm_addr addr[PORTS];
	atm_port port[PORTS];
	struct log log[PORTS];
};

static void
address(const struct atm_contract *c, unsigned i, struct atm_addr *out)
{
	uint8_t nsap[ATM_NSAP_LEN] = { 0x47, 0x00, 0x05 };

	if (c->address != NULL) {
		c->address(c->ctx, i, out);
		return;
	}
	nsap[18] = (uint8_t)(i + 1);
	*out = atm_addr_nsap(nsap);
}

static void
start(struct bench *b, const struct atm_contract *c)
{
	memset(b, 0, sizeof(*b));
	b->c = c;
	b->net = c->make(c->ctx);
	assert_non_null(b->net);
	for (unsigned i = 0; i < PORTS; i++) {
		address(c, i, &b->addr[i]);
		assert_int_equal(
		    atm_net_attach(b->net, &b->addr[i], &b->port[i]), 0);
		assert_int_not_equal(b->port[i], 0);
	}
}

static void
finish(struct bench *b)
{
	atm_net_close(b->net);
}

static unsigned
port_index(const struct bench *b, atm_port port)
{
	unsigned i;

	for (i = 0; i < PORTS && b->port[i] != port; i++)
		;
	assert_true(i < PORTS);
	return i;
}

/* pump takes one event, or returns false when |until| came first. */
static bool
pump(struct bench *b, struct mtime until)
{
	struct atm_ev ev;
	struct entry *e;
	struct log *l;
	int got = atm_net_next(b->net, until, &ev);

	assert_true(got >= 0);
	if (got == 0)
		return false;
	l = &b->log[port_index(b, ev.port)];
	assert_true(l->tail < LOG);
	e = &l->v[l->tail++];
	e->timer = ev.timer;
	if (ev.timer)
		return true;
	e->ind = ev.ind;
	if (ev.ind.kind == ATM_DATA) {
		assert_non_null(ev.ind.frame);
		e->len = ev.ind.frame->len;
		assert_true(e->len <= sizeof(e->data));
		memcpy(e->data, ev.ind.frame->bytes, e->len);
	}
	return true;
}

static const struct entry *
want_any(struct bench *b, unsigned i)
{
	struct mtime until = mtime_add(atm_net_now(b->net), b->c->patience);
	struct log *l = &b->log[i];

	while (l->head == l->tail)
		if (!pump(b, until))
			fail_msg("nothing came for endpoint %u", i);
	return &l->v[l->head++];
}

/* want returns the next indication for endpoint |i|, which must be |kind|. */
static const struct entry *
want(struct bench *b, unsigned i, enum atm_ind_kind kind)
{
	const struct entry *e = want_any(b, i);

	assert_false(e->timer);
	assert_int_equal(e->ind.kind, kind);
	return e;
}

static void
want_data(struct bench *b, unsigned i, atm_ref ref, uint8_t octet)
{
	const struct entry *e = want(b, i, ATM_DATA);

	assert_int_equal(e->ind.ref, ref);
	assert_int_equal(e->len, 1);
	assert_int_equal(e->data[0], octet);
}

/* quiet: nothing more comes for anybody. */
static void
quiet(struct bench *b)
{
	struct mtime until = mtime_add(atm_net_now(b->net), b->c->silence);

	while (pump(b, until))
		;
	for (unsigned i = 0; i < PORTS; i++)
		if (b->log[i].head != b->log[i].tail)
			fail_msg("endpoint %u was told kind %d too much", i,
			    (int)b->log[i].v[b->log[i].head].ind.kind);
}

static void
ask(struct bench *b, unsigned i, enum atm_req_kind kind, atm_ref ref, int to)
{
	struct atm_req rq = { .kind = kind, .ref = ref, .use = ATM_USE_RAW };

	if (to >= 0 && to < PORTS)
		rq.dst = b->addr[to];
	else if (to >= 0)
		address(b->c, (unsigned)to, &rq.dst);
	atm_net_submit(b->net, b->port[i], &rq);
}

static void
send_octet(struct bench *b, unsigned i, atm_ref ref, uint8_t octet)
{
	struct atm_req rq = { .kind = ATM_SEND, .ref = ref };

	rq.frame = frame_copy(b->c->mem, &octet, 1);
	assert_non_null(rq.frame);
	atm_net_submit(b->net, b->port[i], &rq);
}

static void
assert_peer(struct bench *b, const struct entry *e, unsigned i)
{
	assert_true(atm_addr_equal(&e->ind.peer, &b->addr[i]));
}

/* call sets up pt-pt |ref| from |i| to |to| and returns the other end's. */
static atm_ref
call(struct bench *b, unsigned i, atm_ref ref, unsigned to)
{
	const struct entry *e;
	atm_ref remote;

	ask(b, i, ATM_CALL_RQ, ref, (int)to);
	e = want(b, to, ATM_REMOTE_CALL);
	assert_peer(b, e, i);
	assert_false(e->ind.leaf);
	remote = e->ind.ref;
	assert_true(remote & ATM_REF_REMOTE);
	e = want(b, i, ATM_ACK);
	assert_int_equal(e->ind.rq, ATM_CALL_RQ);
	assert_int_equal(e->ind.ref, ref);
	assert_peer(b, e, to);
	return remote;
}

/* leaf makes |to| a leaf of |ref| by |kind| and returns its reference. */
static atm_ref
leaf(struct bench *b, unsigned i, enum atm_req_kind kind, atm_ref ref,
    unsigned to)
{
	const struct entry *e;
	atm_ref remote;

	ask(b, i, kind, ref, (int)to);
	e = want(b, to, ATM_REMOTE_CALL);
	assert_peer(b, e, i);
	assert_true(e->ind.leaf);
	remote = e->ind.ref;
	assert_true(remote & ATM_REF_REMOTE);
	e = want(b, i, ATM_ACK);
	assert_int_equal(e->ind.rq, kind);
	assert_int_equal(e->ind.ref, ref);
	assert_peer(b, e, to);
	return remote;
}

static void
check_attach(const struct atm_contract *c)
{
	struct bench b;
	atm_port port;

	start(&b, c);
	for (unsigned i = 1; i < PORTS; i++)
		assert_int_not_equal(b.port[i], b.port[i - 1]);
	assert_int_equal(atm_net_attach(b.net, &b.addr[0], &port),
	    MARSH_EEXIST);
	quiet(&b);
	finish(&b);
}

static void
check_call(const struct atm_contract *c)
{
	struct bench b;
	atm_ref remote;

	start(&b, c);
	remote = call(&b, 0, 7, 1);
	send_octet(&b, 0, 7, 'a');
	want_data(&b, 1, remote, 'a');
	send_octet(&b, 1, remote, 'b');
	want_data(&b, 0, 7, 'b');
	quiet(&b);
	finish(&b);
}

static void
check_two_calls(const struct atm_contract *c)
{
	struct bench b;
	atm_ref r1, r2, r3;

	start(&b, c);
	r1 = call(&b, 0, 1, 2);
	r2 = call(&b, 1, 1, 2);
	r3 = call(&b, 0, 2, 2);
	assert_true(r1 != r2 && r2 != r3 && r1 != r3);
	send_octet(&b, 2, r2, 'x');
	want_data(&b, 1, 1, 'x');
	send_octet(&b, 0, 2, 'y');
	want_data(&b, 2, r3, 'y');
	quiet(&b);
	finish(&b);
}

static void
check_unknown(const struct atm_contract *c)
{
	const struct entry *e;
	struct bench b;

	start(&b, c);
	ask(&b, 0, ATM_CALL_RQ, 3, 40);
	e = want(&b, 0, ATM_RQFAILED);
	assert_int_equal(e->ind.rq, ATM_CALL_RQ);
	assert_int_equal(e->ind.ref, 3);
	assert_int_not_equal(e->ind.cause, 0);
	ask(&b, 0, ATM_MULTI_RQ, 3, 40);
	e = want(&b, 0, ATM_RQFAILED);
	assert_int_equal(e->ind.rq, ATM_MULTI_RQ);
	call(&b, 0, 3, 1); /* the reference is free again */
	quiet(&b);
	finish(&b);
}

static void
check_release_caller(const struct atm_contract *c)
{
	const struct entry *e;
	struct bench b;
	atm_ref remote;

	start(&b, c);
	remote = call(&b, 0, 1, 1);
	ask(&b, 0, ATM_RELEASE, 1, -1);
	e = want(&b, 1, ATM_RELEASED);
	assert_int_equal(e->ind.ref, remote);
	assert_int_not_equal(e->ind.cause, 0);
	call(&b, 0, 1, 1);
	quiet(&b);
	finish(&b);
}

static void
check_release_callee(const struct atm_contract *c)
{
	const struct entry *e;
	struct bench b;
	atm_ref remote;

	start(&b, c);
	remote = call(&b, 0, 1, 1);
	ask(&b, 1, ATM_RELEASE, remote, -1);
	e = want(&b, 0, ATM_RELEASED);
	assert_int_equal(e->ind.ref, 1);
	send_octet(&b, 0, 1, 'x'); /* lost, and nobody minds */
	ask(&b, 0, ATM_RELEASE, 1, -1);
	quiet(&b);
	finish(&b);
}

static void
check_multi(const struct atm_contract *c)
{
	struct bench b;
	atm_ref l[PORTS];

	start(&b, c);
	l[1] = leaf(&b, 0, ATM_MULTI_RQ, 5, 1);
	l[2] = leaf(&b, 0, ATM_MULTI_ADD, 5, 2);
	l[3] = leaf(&b, 0, ATM_MULTI_ADD, 5, 3);
	send_octet(&b, 0, 5, 'm');
	for (unsigned i = 1; i < PORTS; i++)
		want_data(&b, i, l[i], 'm');
	quiet(&b);
	finish(&b);
}

static void
check_leaf_sends(const struct atm_contract *c)
{
	struct bench b;
	atm_ref l1;

	start(&b, c);
	l1 = leaf(&b, 0, ATM_MULTI_RQ, 5, 1);
	leaf(&b, 0, ATM_MULTI_ADD, 5, 2);
	send_octet(&b, 1, l1, 'x');
	quiet(&b);
	finish(&b);
}

static void
check_add_fails(const struct atm_contract *c)
{
	const struct entry *e;
	struct bench b;
	atm_ref l1;

	start(&b, c);
	l1 = leaf(&b, 0, ATM_MULTI_RQ, 5, 1);
	ask(&b, 0, ATM_MULTI_ADD, 5, 40);
	e = want(&b, 0, ATM_RQFAILED);
	assert_int_equal(e->ind.rq, ATM_MULTI_ADD);
	assert_int_equal(e->ind.ref, 5);
	assert_int_not_equal(e->ind.cause, 0);
	send_octet(&b, 0, 5, 'm'); /* the VC is none the worse */
	want_data(&b, 1, l1, 'm');
	quiet(&b);
	finish(&b);
}

static void
check_drop(const struct atm_contract *c)
{
	const struct entry *e;
	struct bench b;
	atm_ref l1, l2;

	start(&b, c);
	l1 = leaf(&b, 0, ATM_MULTI_RQ, 5, 1);
	l2 = leaf(&b, 0, ATM_MULTI_ADD, 5, 2);
	ask(&b, 0, ATM_MULTI_DROP, 5, 2);
	e = want(&b, 2, ATM_RELEASED);
	assert_int_equal(e->ind.ref, l2);
	send_octet(&b, 0, 5, 'm');
	want_data(&b, 1, l1, 'm');
	ask(&b, 0, ATM_MULTI_DROP, 5, 1); /* the last one */
	e = want(&b, 1, ATM_RELEASED);
	assert_int_equal(e->ind.ref, l1);
	send_octet(&b, 0, 5, 'n'); /* to nobody */
	quiet(&b);
	finish(&b);
}

static void
check_add_again(const struct atm_contract *c)
{
	struct bench b;
	atm_ref l2, again;

	start(&b, c);
	leaf(&b, 0, ATM_MULTI_RQ, 5, 1);
	l2 = leaf(&b, 0, ATM_MULTI_ADD, 5, 2);
	ask(&b, 0, ATM_MULTI_DROP, 5, 2);
	assert_int_equal(want(&b, 2, ATM_RELEASED)->ind.ref, l2);
	again = leaf(&b, 0, ATM_MULTI_ADD, 5, 2);
	ask(&b, 0, ATM_MULTI_DROP, 5, 1);
	want(&b, 1, ATM_RELEASED);
	send_octet(&b, 0, 5, 'm');
	want_data(&b, 2, again, 'm');
	quiet(&b);
	finish(&b);
}

static void
check_leaf_releases(const struct atm_contract *c)
{
	const struct entry *e;
	struct bench b;
	atm_ref l1, l2;

	start(&b, c);
	l1 = leaf(&b, 0, ATM_MULTI_RQ, 5, 1);
	l2 = leaf(&b, 0, ATM_MULTI_ADD, 5, 2);
	ask(&b, 2, ATM_RELEASE, l2, -1);
	e = want(&b, 0, ATM_DROPPED);
	assert_int_equal(e->ind.ref, 5);
	assert_peer(&b, e, 2);
	send_octet(&b, 0, 5, 'm');
	want_data(&b, 1, l1, 'm');
	quiet(&b);
	finish(&b);
}

static void
check_root_releases(const struct atm_contract *c)
{
	struct bench b;
	atm_ref l1, l2;

	start(&b, c);
	l1 = leaf(&b, 0, ATM_MULTI_RQ, 5, 1);
	l2 = leaf(&b, 0, ATM_MULTI_ADD, 5, 2);
	ask(&b, 0, ATM_RELEASE, 5, -1);
	assert_int_equal(want(&b, 1, ATM_RELEASED)->ind.ref, l1);
	assert_int_equal(want(&b, 2, ATM_RELEASED)->ind.ref, l2);
	leaf(&b, 0, ATM_MULTI_RQ, 5, 2);
	quiet(&b);
	finish(&b);
}

static void
check_order(const struct atm_contract *c)
{
	struct bench b;
	atm_ref remote, l1;

	start(&b, c);
	remote = call(&b, 0, 1, 1);
	l1 = leaf(&b, 0, ATM_MULTI_RQ, 2, 2);
	for (uint8_t i = 0; i < 20; i++) {
		send_octet(&b, 0, 1, i);
		send_octet(&b, 0, 2, i);
		send_octet(&b, 1, remote, i);
	}
	for (uint8_t i = 0; i < 20; i++) {
		want_data(&b, 1, remote, i);
		want_data(&b, 2, l1, i);
		want_data(&b, 0, 1, i);
	}
	quiet(&b);
	finish(&b);
}

static void
check_detach(const struct atm_contract *c)
{
	const struct entry *e;
	struct bench b;
	atm_port port;
	atm_ref l2;

	start(&b, c);
	call(&b, 0, 1, 1);
	call(&b, 1, 1, 2);
	leaf(&b, 0, ATM_MULTI_RQ, 2, 1);
	l2 = leaf(&b, 0, ATM_MULTI_ADD, 2, 2);
	atm_net_detach(b.net, b.port[1], ATM_CAUSE_OUT_OF_ORDER);
	e = want_any(&b, 0); /* either order */
	assert_true(e->ind.kind == ATM_RELEASED || e->ind.kind == ATM_DROPPED);
	e = want(&b, 0,
	    e->ind.kind == ATM_RELEASED ? ATM_DROPPED : ATM_RELEASED);
	want(&b, 2, ATM_RELEASED);
	send_octet(&b, 0, 2, 'm');
	want_data(&b, 2, l2, 'm');
	quiet(&b);
	assert_int_equal(atm_net_attach(b.net, &b.addr[1], &port), 0);
	b.port[1] = port;
	call(&b, 0, 1, 1);
	quiet(&b);
	finish(&b);
}

static void
check_unknown_refs(const struct atm_contract *c)
{
	struct bench b;

	start(&b, c);
	ask(&b, 0, ATM_MULTI_ADD, 9, 1);
	ask(&b, 0, ATM_MULTI_DROP, 9, 1);
	ask(&b, 0, ATM_RELEASE, 9, -1);
	ask(&b, 0, ATM_RELEASE, ATM_REF_REMOTE | 9, -1);
	send_octet(&b, 0, 9, 'x');
	quiet(&b);
	finish(&b);
}

static void
check_timer(const struct atm_contract *c)
{
	struct mtime when;
	struct bench b;

	start(&b, c);
	when = mtime_add(atm_net_now(b.net), c->silence);
	atm_net_timer(b.net, b.port[1], MTIME_NEVER);
	atm_net_timer(b.net, b.port[0], mtime_add(when, c->silence));
	atm_net_timer(b.net, b.port[0], when); /* earlier */
	assert_true(want_any(&b, 0)->timer);
	assert_true(mtime_reached(when, atm_net_now(b.net)));
	atm_net_timer(b.net, b.port[0], atm_net_now(b.net)); /* at once */
	assert_true(want_any(&b, 0)->timer);
	atm_net_timer(b.net, b.port[0],
	    mtime_add(atm_net_now(b.net), MSPAN_US(1)));
	atm_net_timer(b.net, b.port[0], MTIME_NEVER);
	quiet(&b);
	finish(&b);
}

const struct atm_contract_check *
atm_contract_checks(size_t *n)
{
	static const struct atm_contract_check checks[] = {
		{ "attach", check_attach },
		{ "call", check_call },
		{ "two calls", check_two_calls },
		{ "unknown address", check_unknown },
		{ "release by the caller", check_release_caller },
		{ "release by the callee", check_release_callee },
		{ "multi", check_multi },
		{ "a leaf cannot send", check_leaf_sends },
		{ "add fails", check_add_fails },
		{ "drop", check_drop },
		{ "add again", check_add_again },
		{ "release by a leaf", check_leaf_releases },
		{ "release by the root", check_root_releases },
		{ "order", check_order },
		{ "detach", check_detach },
		{ "unknown references", check_unknown_refs },
		{ "timer", check_timer },
	};

	*n = sizeof(checks) / sizeof(*checks);
	return checks;
}

void
atm_contract_run(const struct atm_contract *c)
{
	size_t n;
	const struct atm_contract_check *v = atm_contract_checks(&n);

	for (size_t i = 0; i < n; i++) {
		print_message("contract: %s\n", v[i].name);
		v[i].run(c);
	}
}
