/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The octets are a schedule of messages, indications, timers, redirects, roles,
 * events of another MARS and refused allocations for one MARS; whatever they
 * are, its tables stay whole after each step and nothing leaks.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "failmem.h"
#include "marsh/base/cur.h"
#include "marsh/base/frame.h"
#include "marsh/mars/mars_server.h"
#include "marsh/wire/snap.h"

#define OUT 128

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct run {
	struct rd r;
	struct failmem fm;
	struct mars_server *s;
	struct mtime now;
	struct atm_req v[OUT];
	struct atm_out out;
	atm_ref ccvc;
	struct atm_addr asked; /* the last leaf asked for */
	enum atm_req_kind how;
};

static void
step(struct run *k, const struct mars_server_ev *ev)
{
	k->out.cap = OUT - (rd_u8(&k->r, "") & 64);
	(void)mars_server_step(k->s, k->now, ev, &k->out);
	for (size_t i = 0; i < k->out.n; i++) {
		struct atm_req *q = &k->out.v[i];

		assert((q->kind == ATM_SEND) == (q->frame != NULL));
		assert(q->ref != 0);
		if (q->kind == ATM_MULTI_RQ || q->kind == ATM_MULTI_ADD) {
			k->ccvc = q->ref;
			k->asked = q->dst;
			k->how = q->kind;
		}
	}
	atm_out_clear(&k->out);
	if (mars_server_check(k->s) != NULL)
		abort();
}

static struct atm_addr
host(unsigned n)
{
	uint8_t b[ATM_NSAP_LEN] = { 0x47, [19] = (uint8_t)(n & 15) };
	struct atm_addr a = atm_addr_nsap(b);

	if ((n & 7) == 7)
		atm_addr_set(&a, 0x4b, (const uint8_t *)"15551234567",
		    n & 8 ? 0x14 : 0, b);
	return a;
}

static void
data(struct run *k, struct frame *f, unsigned from)
{
	struct atm_ind ind = { .kind = ATM_DATA, .frame = f,
		.ref = ATM_REF_REMOTE + 1 + (from & 15) };

	step(k, &(struct mars_server_ev){ .kind = MARS_SERVER_IND,
			.ind = &ind });
	frame_unref(f);
}

/* Whatever octets, behind the right LLC/SNAP header. */
static void
raw(struct run *k)
{
	size_t n = rd_u8(&k->r, "");
	const uint8_t *b;
	struct frame *f;

	n = n < rd_left(&k->r) ? n : rd_left(&k->r);
	b = rd_bytes(&k->r, n, "");
	f = frame_new(&k->fm.mem, SNAP_LEN + n);
	if (f == NULL)
		return;
	snap_control(f->bytes);
	if (n != 0)
		memcpy(f->bytes + SNAP_LEN, b, n);
	f->len = (uint32_t)(SNAP_LEN + n);
	data(k, f, (unsigned)n);
}

/* A correct message of some member about some groups out of 256. */
static void
message(struct run *k)
{
	static const uint8_t ops[] = { MARS_JOIN, MARS_LEAVE, MARS_REQUEST,
		MARS_GROUPLIST_REQUEST, MARS_JOIN, MARS_LEAVE, MARS_JOIN,
		MARS_MSERV };
	unsigned what = rd_u8(&k->r, ""), who = rd_u8(&k->r, "");
	uint8_t lo = rd_u8(&k->r, ""), hi = rd_u8(&k->r, "");
	uint8_t scratch[2 * ATM_NSAP_LEN], pair[8] = { 0xe0, 0, 0, lo, 0xe0,
		0, 0, hi };
	struct atm_addr a = host(who);
	struct mars_msg m = { .op = ops[what & 7], .pro = L3_PROTO_IPV4,
		.tpln = 4, .tpa = pair, .pairs = pair, .pnum = 1 };
	struct frame *f;

	if ((who & 0x80) != 0)
		m.pro = L3_PROTO_IPV6;
	if (hi < lo || (what & 0x08) != 0)
		pair[7] = lo;
	if ((what & 0x30) == 0) {
		m.flags = MARS_FLAG_REGISTER;
		m.pnum = 0;
		m.tpln = 0;
	}
	if ((what & 0x80) != 0)
		m.flags |= MARS_FLAG_LAYER3GRP;
	if (m.op == MARS_REQUEST)
		m.tpln = 4;
	mars_set_src(&m, &a, scratch);
	f = mars_frame(&k->fm.mem, &m, (what & 0x40) != 0);
	if (f != NULL)
		data(k, f, who);
}

static void
indication(struct run *k)
{
	unsigned what = rd_u8(&k->r, ""), who = rd_u8(&k->r, "");
	struct atm_ind ind = { .kind = (enum atm_ind_kind)((what & 7) % 5),
		.rq = (enum atm_req_kind)((what >> 3 & 3) % 3),
		.cause = what & 0x20 ? 41 : 17, .leaf = (what & 0x40) != 0,
		.ref = what & 0x80 ? ATM_REF_REMOTE + 1 + (who & 15) : k->ccvc,
		.peer = host(who) };

	step(k, &(struct mars_server_ev){ .kind = MARS_SERVER_IND,
			.ind = &ind });
}

/* What a network should answer to the last leaf request. */
static void
answer(struct run *k)
{
	struct atm_ind ind = { .kind = ATM_ACK, .rq = k->how, .ref = k->ccvc,
		.peer = k->asked };

	step(k, &(struct mars_server_ev){ .kind = MARS_SERVER_IND,
			.ind = &ind });
}

static void
redirect(struct run *k)
{
	unsigned n = rd_u8(&k->r, "") & 31, only = rd_u8(&k->r, "");
	struct atm_addr list[32], who = host(only);

	for (unsigned i = 0; i < 32; i++)
		list[i] = host(i);
	step(k, &(struct mars_server_ev){ .kind = MARS_SERVER_REDIRECT,
			.redirect = { list, n, (only & 0x20) != 0, &who,
			    only >> 7 } });
}

/* What another MARS would tell, right or wrong. */
static void
far(struct run *k)
{
	unsigned what = rd_u8(&k->r, ""), who = rd_u8(&k->r, "");
	uint8_t lo = rd_u8(&k->r, ""), hi = rd_u8(&k->r, "");
	struct mars_far f = { .what = (enum mars_far_what)((what & 7) % 6),
		.pro = who & 0x80 ? L3_PROTO_IPV6 : L3_PROTO_IPV4,
		.addr = host(who), .cmi = (uint16_t)(1 + (who >> 4 & 7)),
		.layer3 = (what & 0x08) != 0, .quiet = (what & 0x10) != 0 };

	f.range.min = l3_addr_ipv4(0xe0000000u + lo);
	f.range.max = l3_addr_ipv4(0xe0000000u + (hi < lo ? lo : hi));
	if ((what & 0x20) != 0)
		f.range.max = f.range.min;
	if ((what & 0x40) != 0)
		f.spa = f.range.min;
	step(k, &(struct mars_server_ev){ .kind = MARS_SERVER_FAR,
			.far = &f });
}

/* Another role; and those who listen to changes take some. */
static void
role(struct run *k)
{
	unsigned what = rd_u8(&k->r, "");
	struct mars_change c;

	step(k, &(struct mars_server_ev){ .kind = MARS_SERVER_ROLE,
			.role = (enum mars_server_role)(what & 3) });
	for (unsigned n = what >> 4; n > 0
	     && mars_server_next_change(k->s, &c); n--)
		assert(c.what == MARS_CHANGE_LOST || c.addr.tl != 0);
}

static void
act(struct run *k)
{
	unsigned op = rd_u8(&k->r, "");

	switch (op & 15) {
	case 0:
		raw(k);
		break;
	case 1:
	case 2:
		indication(k);
		break;
	case 3:
		redirect(k);
		break;
	case 4:
		k->fm.fail_at = k->fm.count + 1 + (op >> 4);
		break;
	case 5:
		step(k, &(struct mars_server_ev){
			    .kind = MARS_SERVER_RESTART });
		break;
	case 6:
	case 7:
		k->now = mtime_add(k->now, MSPAN_MS(rd_u16(&k->r, "")));
		step(k, &(struct mars_server_ev){
			    .kind = MARS_SERVER_TIMER });
		break;
	case 8:
	case 9:
		answer(k);
		break;
	case 10:
		if ((op & 0x70) == 0)
			role(k);
		else
			far(k);
		break;
	default:
		message(k);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct run *k = calloc(1, sizeof(*k));
	struct mars_server_cfg cfg;

	failmem_init(&k->fm);
	rd_init(&k->r, bytes, len);
	mars_server_defaults(&cfg);
	cfg.addr = host(0);
	cfg.mtu = 64 + rd_u8(&k->r, "");
	cfg.cmi_hi = 12;
	cfg.changes = cfg.mtu & 1;
	cfg.purge = MSPAN_SEC(rd_u8(&k->r, "") & 31);
	k->s = mars_server_new(&cfg, &k->fm.mem, NULL);
	k->out.v = k->v;
	k->now = (struct mtime){ 10000000000 };
	while (rd_left(&k->r) > 0)
		act(k);
	mars_server_free(k->s);
	assert(k->fm.live == 0);
	free(k);
	return 0;
}
