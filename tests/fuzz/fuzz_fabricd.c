/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Call control stays sound whatever kernel, clients and neighbours say, and
 * reads no octet that is not there; ATMTCP frames and trunks are read safely.
 * The input is a list of operations: what, and octets that it takes.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "fabricd/fabricd_addr.h"
#include "fabricd/fabricd_call.h"
#include "fabricd/fabricd_frame.h"
#include "fabricd/fabricd_trunk.h"
#include "fabricd/fabricd_wire.h"
#include "marsh/base/err.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct fuzz {
	const uint8_t *p;
	size_t n;
	struct mtime now;
	struct fab_routes routes;
	struct fab_switch sw;
	struct fab_call_ctl *c;
	struct fab_trunk *t;
	bool offering;
	size_t said;
};

static void *
resize(void *ctx, void *p, size_t old, size_t size)
{
	(void)ctx;
	(void)old;
	if (size == 0) {
		free(p);
		return NULL;
	}
	return realloc(p, size);
}

static const struct mem mem = { resize, NULL };

static uint8_t
octet(struct fuzz *z)
{
	if (z->n == 0)
		return 0;
	z->n--;
	return *z->p++;
}

static size_t
octets(struct fuzz *z, void *to, size_t n)
{
	if (n > z->n)
		n = z->n;
	memcpy(to, z->p, n);
	z->p += n;
	z->n -= n;
	return n;
}

/* Few sockets and addresses, so that messages are about each other. */
static atm_kptr_t
vcc(struct fuzz *z)
{
	atm_kptr_t v;

	memset(&v, 0, sizeof(v));
	memset(&v, octet(z) & 15, 1);
	return v;
}

static struct atm_addr
address(struct fuzz *z)
{
	uint8_t nsap[ATM_NSAP_LEN] = { 0x47 }, k = octet(z);

	nsap[1] = k >> 4 & 3; /* 1 is here, 2 behind the trunk */
	nsap[18] = k & 7;
	return atm_addr_nsap(nsap);
}

static void
say(struct fuzz *z)
{
	struct atmsvc_msg m;
	struct atm_addr a;

	memset(&m, 0, sizeof(m));
	m.type = (enum atmsvc_msg_type)(octet(z) & 31);
	m.vcc = vcc(z);
	m.listen_vcc = vcc(z);
	m.reply = (signed char)octet(z);
	m.session = octet(z) & 1;
	a = address(z);
	m.local = fab_addr_put(&a);
	a = address(z);
	m.svc = fab_addr_put(&a);
	m.sap.blli[0].l2_proto = octet(z) & 1;
	fab_call_kernel(z->c, z->now, &m);
}

static void
say_anything(struct fuzz *z)
{
	struct atmsvc_msg m;

	memset(&m, 0, sizeof(m));
	(void)octets(z, &m, sizeof(m));
	m.type = (enum atmsvc_msg_type)((unsigned)m.type & 31);
	fab_call_kernel(z->c, z->now, &m);
}

static void
neighbour(struct fuzz *z)
{
	uint8_t b[FAB_MSG_MAX], again[FAB_MSG_MAX];
	struct fab_msg m;
	size_t n;

	memset(&m, 0, sizeof(m));
	m.type = (enum fab_msg_type)(1 + octet(z) % 6);
	m.label = 1u + (octet(z) & 7);
	m.ref = octet(z) & 7;
	m.cause = octet(z) & 0x7f;
	m.hops = octet(z) & 31;
	m.multi = (octet(z) & 1) != 0;
	m.called = address(z);
	fab_call_trunk(z->c, z->now, 1, &m);
	/* and what could come from one of another kind */
	n = octets(z, b, octet(z));
	if (fab_msg_get(&m, b, n) == 0) {
		assert(fab_msg_put(&m, again) == n);
		assert(memcmp(b, again, n) == 0);
		fab_call_trunk(z->c, z->now, 1, &m);
	}
}

static void
frame(struct fuzz *z)
{
	uint8_t b[300];
	struct fab_frame f;
	size_t n = octets(z, b, octet(z));

	fab_frame_get(&f, b, n);
	if (f.kind == FAB_FRAME_DATA)
		assert(f.sdu == b + 8 && f.len == n - 8);
	else if (f.kind == FAB_FRAME_OPEN)
		(void)fab_call_open(z->c, f.vci);
	else if (f.kind == FAB_FRAME_CLOSE)
		(void)fab_call_close(z->c, f.vci);
}

static void
channel(struct fuzz *z)
{
	uint8_t b[256];
	size_t n = octets(z, b, octet(z));

	fab_trunk_in(z->t, z->now, b, n);
	fab_trunk_tick(z->t, z->now);
	if (fab_trunk_out(z->t, &n) != NULL)
		fab_trunk_sent(z->t, n);
}

/* wrapped: what a neighbour says in frames that check. */
static void
wrapped(struct fuzz *z)
{
	uint8_t b[FAB_WIRE_HEAD + 255 + FAB_WIRE_TAIL];
	size_t n = octets(z, b + FAB_WIRE_HEAD, octet(z));

	fab_wire_head(b, n);
	fab_wire_tail(b + FAB_WIRE_HEAD + n,
	    fab_wire_crc(0, b + FAB_WIRE_HEAD, n));
	fab_trunk_in(z->t, z->now, b, FAB_WIRE_HEAD + n + FAB_WIRE_TAIL);
}

static void
offer(struct fuzz *z)
{
	struct atmsvc_msg m;

	if (z->offering)
		fab_call_offered(z->c, z->now, octet(z) & 1 ? -22 : 0);
	z->offering = !z->offering && fab_call_offer(z->c, &m);
}

static void
step(struct fuzz *z)
{
	switch (octet(z) & 15) {
	default: say(z); break;
	case 8: say_anything(z); break;
	case 9: neighbour(z); break;
	case 10: frame(z); break;
	case 11: channel(z); break;
	case 12: offer(z); break;
	case 13: wrapped(z); break;
	case 14:
		z->now.us += octet(z) * INT64_C(100000);
		fab_call_expire(z->c, z->now);
		fab_call_idle(z->c, z->now);
		break;
	case 15:
		if (octet(z) < 16)
			fab_call_lost(z->c, z->now, 1);
		else if (octet(z) & 1)
			(void)fab_call_open(z->c, 32u + (octet(z) & 31));
		else
			(void)fab_call_close(z->c, 32u + (octet(z) & 31));
		break;
	}
}

/* ---- who listens ------------------------------------------------------- */

static void
kernel(void *ctx, const struct atmsvc_msg *m)
{
	assert(m->type == as_okay || m->type == as_error || m->type == as_close
	    || m->type == as_addparty || m->type == as_dropparty);
	((struct fuzz *)ctx)->said++;
}

static void
trunk(void *ctx, uint32_t line, const struct fab_msg *m)
{
	uint8_t b[FAB_MSG_MAX];
	struct fab_msg again;

	assert(line == 1 && fab_msg_get(&again, b, fab_msg_put(m, b)) == 0);
	((struct fuzz *)ctx)->said++;
}

static void
text(void *ctx, const char *line)
{
	((struct fuzz *)ctx)->said += strlen(line);
}

static void
up(void *ctx, uint32_t line)
{
	(void)line;
	((struct fuzz *)ctx)->said++;
}

static void
down(void *ctx, uint32_t line, const char *why)
{
	(void)line;
	text(ctx, why);
}

static void
msg(void *ctx, uint32_t line, const struct fab_msg *m)
{
	struct fuzz *z = ctx;

	fab_call_trunk(z->c, z->now, line, m);
}

static void
data(void *ctx, uint32_t line, uint32_t label, const uint8_t *sdu, size_t n)
{
	(void)line;
	(void)label;
	((struct fuzz *)ctx)->said += n > 0 ? sdu[0] + sdu[n - 1] : 0u;
}

static void
routes(void *ctx, uint32_t line, const struct fab_route *v, size_t n)
{
	(void)line;
	((struct fuzz *)ctx)->said += n > 0 ? v[n - 1].hops : 0u;
}

static void
start(struct fuzz *z)
{
	struct fab_prefix here = { 0, 2, { 0x47, 1 } };
	struct fab_prefix there = { 0, 2, { 0x47, 2 } };
	struct fab_sink sink = { kernel, trunk, text, text, z };
	struct fab_trunk_ops ops = { up, down, msg, data, routes, text, z };
	struct fab_call_cfg cfg;

	fab_routes_init(&z->routes, &mem);
	fab_call_defaults(&cfg);
	cfg.vci_last = cfg.vci_first + 20;
	cfg.backlog = 4;
	cfg.calls = 8;
	if (fab_routes_add(&z->routes, &here, FAB_HERE, 0) != 0
	    || fab_routes_add(&z->routes, &there, 1, 1) != 0
	    || fab_switch_init(&z->sw, &mem) != 0)
		abort();
	z->c = fab_call_new(&cfg, &sink, &z->routes, &z->sw, &mem);
	z->t = fab_trunk_new(1, 7, &ops, &mem);
	if (z->c == NULL || z->t == NULL)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data_, size_t len)
{
	struct fuzz z = { .p = data_, .n = len, .now = { 1000000 } };
	const char *bad;

	start(&z);
	while (z.n > 0) {
		step(&z);
		bad = fab_call_check(z.c);
		if (bad != NULL) {
			fab_call_dump(z.c, stderr);
			fprintf(stderr, "%s\n", bad);
			abort();
		}
	}
	fab_trunk_free(z.t);
	fab_call_free(z.c);
	assert(z.sw.joins == 0);
	fab_switch_fini(&z.sw);
	fab_routes_fini(&z.routes);
	return 0;
}
