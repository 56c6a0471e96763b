/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two switches, their kernels and a trunk, with clients that do anything and
 * die at any point, all from a seed.  The kernels here are strict: what is said
 * to a socket must be what it waits for, a socket is told once that it is over,
 * and its number is another socket's right afterwards.  In the end nothing is
 * left and nobody waits.
 */
#include <errno.h>

#include "call_rig.h"
#include "marsh/base/rng.h"
#include "marsh/atm/atm_errno.h"

#define SOCKETS 24
#define STEPS 1500
#define LINE 1
#define MSGS 512

enum state {
	FREE,
	LISTENING, /* asked to */
	LISTEN,
	CONNECTING,
	ACCEPTING,
	ROOT,
	LEAF,
	ADDING,
	DROPPING,
	CLOSING,
	ENDED, /* told that it is over, not closed yet */
};

struct sock {
	enum state is;
	bool multi;
	uint32_t vci;    /* open in the kernel */
	uint32_t queued; /* LISTEN: the VCI of the call in its queue */
	uint32_t refs[64];
	size_t nrefs;
	bool left; /* heard of a leaf that left, has yet to say so */
	unsigned left_ref;
};

struct host {
	struct soak *k;
	struct fab_routes routes;
	struct fab_switch sw;
	struct fab_call_ctl *c;
	struct sock s[SOCKETS];
	struct fab_msg msg[MSGS]; /* on their way to the other host */
	size_t msgs;
	bool offered; /* an offer is being written */
	struct atmsvc_msg offer;
	bool open[256];    /* VCs of the kernel, by VCI */
	bool closing[256]; /* of sockets that are gone already */
};

struct soak {
	struct failmem fm;
	struct rng rng;
	struct mtime now;
	struct host h[2];
	unsigned long connected, left;
};

static uint64_t
below(struct soak *k, uint64_t n)
{
	return rng_below(&k->rng, n);
}

static atm_kptr_t
vcc_of(size_t i)
{
	return rig_vcc((char)(i + 1));
}

static struct sock *
sock_of(struct host *h, atm_kptr_t vcc)
{
	size_t i = (size_t)(unsigned char)rig_name(vcc) - 1;

	assert_in_range(i, 0, SOCKETS - 1);
	return &h->s[i];
}

/* A VC is closed some time after its socket, and then its VCI is free. */
static void
vc_open(struct host *h, uint32_t vci)
{
	assert_in_range(vci, 1, 255);
	assert_false(h->open[vci]);
	assert_true(fab_call_waits(h->c, vci));
	assert_true(fab_call_open(h->c, vci));
	h->open[vci] = true;
}

static void
vc_close(struct host *h, bool all)
{
	for (uint32_t vci = 1; vci < 256; vci++)
		if (h->closing[vci] && (all || below(h->k, 4) == 0)) {
			assert_true(fab_call_close(h->c, vci));
			h->open[vci] = h->closing[vci] = false;
		}
}

/* closed is what the kernel does once as_close was answered. */
static void
closed(struct host *h, struct sock *s)
{
	struct atmsvc_msg m = rig_msg(as_reject, '-');
	uint32_t queued = s->queued;

	if (s->vci != 0)
		h->closing[s->vci] = true;
	m.listen_vcc = vcc_of((size_t)(s - h->s));
	memset(s, 0, sizeof(*s));
	if (queued != 0)
		fab_call_kernel(h->c, h->k->now, &m);
}

static void
okay(struct host *h, struct sock *s, const struct atmsvc_msg *m)
{
	unsigned cause;

	switch (s->is) {
	case LISTENING:
		s->is = LISTEN;
		break;
	case CONNECTING:
		s->is = ROOT;
		s->vci = (uint32_t)m->pvc.sap_addr.vci;
		vc_open(h, s->vci);
		s->refs[s->nrefs++] = 0;
		h->k->connected++;
		break;
	case ACCEPTING:
		s->is = LEAF;
		break;
	case ROOT:
		assert_true(s->multi && !s->left);
		assert_true(atm_left_parse(-m->reply, &s->left_ref, &cause));
		s->left = true;
		h->k->left++;
		break;
	default:
		fail_msg("as_okay to a socket in state %d", s->is);
	}
}

static void
kernel(void *ctx, const struct atmsvc_msg *m)
{
	struct host *h = ctx;
	struct sock *s = sock_of(h, m->vcc);

	switch (m->type) {
	case as_okay:
		okay(h, s, m);
		break;
	case as_error:
		assert_true(m->reply < 0);
		assert_true(s->is == LISTENING || s->is == CONNECTING
		    || s->is == ACCEPTING);
		if (s->vci != 0)
			h->closing[s->vci] = true;
		memset(s, 0, sizeof(*s));
		break;
	case as_close:
		assert_true(s->is == CLOSING || s->is == ROOT || s->is == LEAF);
		/* closed() speaks, which a sink must not: see settle() */
		s->is = ENDED;
		break;
	case as_addparty:
		assert_int_equal(s->is, ADDING);
		s->is = ROOT;
		assert_int_not_equal(m->reply, 0);
		if (m->reply > 0 && s->nrefs < 64)
			s->refs[s->nrefs++] = (uint32_t)m->reply;
		break;
	case as_dropparty:
		assert_int_equal(s->is, DROPPING);
		s->is = ROOT;
		break;
	default:
		fail_msg("message %d to the kernel", m->type);
	}
}

static void
trunk(void *ctx, uint32_t line, const struct fab_msg *m)
{
	struct host *h = ctx;
	uint8_t b[FAB_MSG_MAX];
	size_t n = fab_msg_put(m, b);

	assert_int_equal(line, LINE);
	assert_true(h->msgs < MSGS);
	assert_int_equal(fab_msg_get(&h->msg[h->msgs++], b, n), 0);
}

static struct atm_addr
address(size_t host, uint64_t i)
{
	return rig_addr((unsigned)(host << 8 | i));
}

static void
start(struct soak *k, uint64_t seed)
{
	struct fab_call_cfg cfg;
	struct fab_prefix p = { 0, 13, { 0x47, 0x00, 0x05 } };

	memset(k, 0, sizeof(*k));
	failmem_init(&k->fm);
	rng_seed(&k->rng, seed);
	k->now = (struct mtime){ 1000000 };
	rig_cfg(&cfg);
	cfg.vci_last = 130;
	cfg.linger = MSPAN_MS(seed % 2 == 0 ? 0 : 20);
	for (size_t i = 0; i < 2; i++) {
		struct host *h = &k->h[i];
		struct fab_sink sink = { kernel, trunk, NULL, NULL, h };

		h->k = k;
		fab_routes_init(&h->routes, &k->fm.mem);
		for (size_t to = 0; to < 2; to++) {
			p.b[12] = (uint8_t)to;
			assert_int_equal(fab_routes_add(&h->routes, &p,
			    to == i ? FAB_HERE : LINE, to != i), 0);
		}
		assert_int_equal(fab_switch_init(&h->sw, &k->fm.mem), 0);
		h->c = fab_call_new(&cfg, &sink, &h->routes, &h->sw,
		    &k->fm.mem);
		assert_non_null(h->c);
	}
}

/* tell sends |m| about socket |i|, which waits for |is| from now on. */
static void
tell(struct host *h, size_t i, enum state is, struct atmsvc_msg *m)
{
	h->s[i].is = is;
	m->vcc = vcc_of(i);
	fab_call_kernel(h->c, h->k->now, m);
}

/* Sockets that died: those that were told, and those that close now. */
static void
hang_up(struct host *h, size_t i)
{
	struct atmsvc_msg m = rig_msg(as_close, '-');
	struct sock *s = &h->s[i];
	bool told = s->is == ENDED;

	if (s->is == FREE || s->is == CLOSING || s->is == ACCEPTING
	    || s->is == ADDING || s->is == DROPPING || s->is == LISTENING)
		return; /* a system call has to end first */
	/* who was told does not wait: its number is another's at once */
	tell(h, i, told ? FREE : CLOSING, &m);
	if (told || s->is == ENDED)
		closed(h, s);
}

static void
accept_one(struct host *h, size_t l)
{
	struct atmsvc_msg m = rig_msg(as_accept, '-');
	struct sock *s = &h->s[l], *n;
	size_t i = 0;

	while (i < SOCKETS && h->s[i].is != FREE)
		i++;
	m.listen_vcc = vcc_of(l);
	if (i == SOCKETS || below(h->k, 10) == 0) {
		s->queued = 0;
		m.type = as_reject;
		m.vcc = rig_vcc('-');
		m.reply = -ENOMEM;
		fab_call_kernel(h->c, h->k->now, &m);
		return;
	}
	n = &h->s[i];
	n->vci = s->queued;
	s->queued = 0;
	vc_open(h, n->vci);
	tell(h, i, ACCEPTING, &m);
}

static void
connect_one(struct host *h, size_t i)
{
	struct atmsvc_msg m = rig_msg(as_connect, '-');
	size_t me = (size_t)(h - h->k->h);
	struct atm_addr from = address(me, 9);
	struct atm_addr to = address(below(h->k, 2), below(h->k, 5));

	h->s[i].multi = below(h->k, 2) == 0;
	m.local = fab_addr_put(&from);
	m.svc = fab_addr_put(&to);
	m.session = h->s[i].multi;
	tell(h, i, CONNECTING, &m);
}

static void
listen_one(struct host *h, size_t i)
{
	struct atmsvc_msg m = rig_msg(as_listen, '-');
	struct atm_addr a = address((size_t)(h - h->k->h), below(h->k, 4));

	m.local = m.svc = fab_addr_put(&a);
	tell(h, i, LISTENING, &m);
}

static void
add_one(struct host *h, size_t i)
{
	struct atmsvc_msg m = rig_msg(as_addparty, '-');
	struct atm_addr to = address(below(h->k, 2), below(h->k, 5));

	m.svc = fab_addr_put(&to);
	tell(h, i, ADDING, &m);
}

static void
drop_one(struct host *h, size_t i)
{
	struct atmsvc_msg m = rig_msg(as_dropparty, '-');
	struct sock *s = &h->s[i];

	m.reply = (int)below(h->k, 8);
	if (s->left && below(h->k, 4) != 0)
		m.reply = (int)s->left_ref;
	if (s->left && m.reply == (int)s->left_ref)
		s->left = false;
	tell(h, i, DROPPING, &m);
}

static void
write_offer(struct host *h)
{
	struct sock *s;

	if (!h->offered) {
		h->offered = fab_call_offer(h->c, &h->offer);
		return;
	}
	h->offered = false;
	s = sock_of(h, h->offer.listen_vcc);
	/* what died meanwhile waits for its answer: the number is still its */
	assert_true(s->is == LISTEN || s->is == CLOSING);
	assert_int_equal(s->queued, 0);
	s->queued = (uint32_t)h->offer.pvc.sap_addr.vci;
	fab_call_offered(h->c, h->k->now, 0);
}

static void
deliver(struct host *h)
{
	struct host *other = h == &h->k->h[0] ? &h->k->h[1] : &h->k->h[0];
	struct fab_msg m;

	if (h->msgs == 0)
		return;
	m = h->msg[0];
	memmove(h->msg, h->msg + 1, --h->msgs * sizeof(*h->msg));
	fab_call_trunk(other->c, h->k->now, LINE, &m);
}

/* settle closes what was answered, which a sink could not. */
static void
settle(struct soak *k)
{
	for (size_t n = 0; n < 2; n++)
		for (size_t i = 0; i < SOCKETS; i++) {
			struct host *h = &k->h[n];

			/* a listener whose answer waited for its offer */
			if (h->s[i].is == ENDED && h->s[i].queued != 0)
				closed(h, &h->s[i]);
		}
}

static void
act(struct host *h, size_t i)
{
	struct sock *s = &h->s[i];

	switch (s->is) {
	case FREE:
		if (below(h->k, 3) == 0)
			listen_one(h, i);
		else
			connect_one(h, i);
		break;
	case LISTEN:
		if (s->queued != 0)
			accept_one(h, i);
		break;
	case ROOT:
		if (s->multi && below(h->k, 3) != 0)
			add_one(h, i);
		else if (s->multi)
			drop_one(h, i);
		break;
	default:
		break;
	}
}

static void
lose_trunk(struct soak *k)
{
	for (size_t i = 0; i < 2; i++)
		k->h[i].msgs = 0;
	for (size_t i = 0; i < 2; i++)
		fab_call_lost(k->h[i].c, k->now, LINE);
	for (size_t i = 0; i < 2; i++)
		k->h[i].msgs = 0;
}

static void
check(struct soak *k, uint64_t seed, int step)
{
	const char *bad;

	for (size_t i = 0; i < 2; i++) {
		bad = fab_call_check(k->h[i].c);
		if (bad != NULL) {
			fab_call_dump(k->h[i].c, stderr);
			fail_msg("seed %u step %d: %s", (unsigned)seed, step,
			    bad);
		}
	}
}

static void
step(struct soak *k)
{
	struct host *h = &k->h[below(k, 2)];
	size_t i = below(k, SOCKETS);
	uint64_t what = below(k, 1000);

	if (what < 500)
		act(h, i);
	else if (what < 560)
		hang_up(h, i);
	else if (what < 565) /* a process with half of all sockets dies */
		for (size_t n = i % 2; n < SOCKETS; n += 2)
			hang_up(h, n);
	else if (what < 750)
		write_offer(h);
	else if (what < 940)
		deliver(h);
	else if (what < 942)
		lose_trunk(k);
	else
		k->now.us += (int64_t)below(k, 1000000);
	for (size_t n = 0; n < 2; n++) {
		fab_call_expire(k->h[n].c, k->now);
		if (below(k, 3) == 0)
			fab_call_idle(k->h[n].c, k->now);
		vc_close(&k->h[n], false);
	}
	settle(k);
}

/* Everybody leaves; what was asked is answered, what was held is let go. */
static void
finish(struct soak *k)
{
	struct fab_call_counts n;

	for (int round = 0; round < 200; round++) {
		for (size_t i = 0; i < 2; i++) {
			for (size_t s = 0; s < SOCKETS; s++)
				hang_up(&k->h[i], s);
			write_offer(&k->h[i]);
			deliver(&k->h[i]);
			fab_call_expire(k->h[i].c, k->now);
			vc_close(&k->h[i], true);
		}
		settle(k);
		k->now.us += 1000000;
	}
	for (size_t i = 0; i < 2; i++) {
		for (size_t s = 0; s < SOCKETS; s++)
			assert_int_equal(k->h[i].s[s].is, FREE);
		fab_call_count(k->h[i].c, &n);
		assert_int_equal(n.calls + n.parties + n.listeners + n.sockets
		    + n.vcis, 0);
		assert_int_equal(k->h[i].sw.joins, 0);
		assert_true(mtime_is_never(fab_call_due(k->h[i].c)));
	}
}

static void
soak(uint64_t seed, bool starve, unsigned long *connected, unsigned long *left)
{
	static struct soak k;

	start(&k, seed);
	for (int i = 0; i < STEPS; i++) {
		if (starve && i % 40 == 0)
			k.fm.fail_at = k.fm.count + 1 + (long)below(&k, 30);
		step(&k);
		check(&k, seed, i);
	}
	k.fm.fail_at = 0;
	finish(&k);
	check(&k, seed, STEPS);
	*connected += k.connected;
	*left += k.left;
	for (size_t i = 0; i < 2; i++) {
		fab_call_free(k.h[i].c);
		fab_switch_fini(&k.h[i].sw);
		fab_routes_fini(&k.h[i].routes);
	}
	assert_int_equal(k.fm.live, 0);
}

static void
test_deaths(void **state)
{
	unsigned long connected = 0, left = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 60; seed++)
		soak(seed, false, &connected, &left);
	assert_true(connected > 1000 && left > 100);
}

static void
test_no_memory(void **state)
{
	unsigned long connected = 0, left = 0;

	(void)state;
	for (uint64_t seed = 101; seed <= 140; seed++)
		soak(seed, true, &connected, &left);
	assert_true(connected > 500);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_deaths),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
