/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The octets are a schedule of commands, messages, indications, timers and
 * refused allocations for one cluster member.  Whatever they are, it stays
 * whole, asks the network only for what is possible (a VC is called once, used
 * only while it is open, and not after its release), rests when nothing is due,
 * and leaks nothing.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "failmem.h"
#include "marsh/base/cur.h"
#include "marsh/base/frame.h"
#include "marsh/mars/mars_client.h"
#include "marsh/wire/snap.h"

#define OUT 128
#define REFS 16384

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { GONE, CALLED, OPEN };

struct run {
	struct rd r;
	struct failmem fm;
	struct mars_client *c;
	struct mtime now;
	struct atm_req v[OUT];
	struct atm_out out;
	struct atm_ind asked[64]; /* the latest requests, as they would be ACKed */
	unsigned asked_n;
	uint8_t vc[REFS]; /* ours */
};

static struct atm_addr
host(unsigned n)
{
	uint8_t b[ATM_NSAP_LEN] = { 0x47, [19] = (uint8_t)n };

	return atm_addr_nsap(b);
}

static struct l3_addr
group(unsigned n)
{
	return l3_addr_ipv4(0xe0000000u + (n & 31));
}

/* The network's side of each request. */
static void
note(struct run *k, const struct atm_req *q)
{
	assert((q->kind == ATM_SEND) == (q->frame != NULL));
	assert(q->ref != 0);
	if (q->ref & ATM_REF_REMOTE) {
		assert(q->kind == ATM_RELEASE);
		return;
	}
	assert(q->ref < REFS);
	switch (q->kind) {
	case ATM_CALL_RQ:
	case ATM_MULTI_RQ:
		assert(k->vc[q->ref] == GONE);
		k->vc[q->ref] = CALLED;
		break;
	case ATM_RELEASE:
		assert(k->vc[q->ref] != GONE);
		k->vc[q->ref] = GONE;
		return;
	default:
		assert(k->vc[q->ref] == OPEN);
		if (q->kind != ATM_MULTI_ADD)
			return;
	}
	k->asked[k->asked_n++ % 64] = (struct atm_ind){ .kind = ATM_ACK,
	    .rq = q->kind, .ref = q->ref, .peer = q->dst };
}

static void
step(struct run *k, const struct mars_client_ev *ev)
{
	struct mars_client_up up;

	(void)mars_client_step(k->c, k->now, ev, &k->out, &up);
	for (size_t i = 0; i < k->out.n; i++)
		note(k, &k->out.v[i]);
	atm_out_clear(&k->out);
}

/* Timers at one moment come to an end. */
static void
timers(struct run *k)
{
	const struct mars_client_ev tick = { .kind = MARS_CLIENT_TIMER };

	for (int i = 0; mars_client_deadline(k->c).us <= k->now.us; i++) {
		assert(i < 10000);
		step(k, &tick);
	}
}

static void
wait_for(struct run *k)
{
	unsigned n = rd_u8(&k->r, "");
	struct mtime due = mars_client_deadline(k->c);

	if (n < 128 && !mtime_is_never(due) && due.us > k->now.us)
		k->now = due;
	else
		k->now.us += (int64_t)(n & 127) * 100003;
	timers(k);
}

static void
ind(struct run *k, struct atm_ind *i)
{
	step(k, &(struct mars_client_ev){ .kind = MARS_CLIENT_IND, .ind = i });
}

static void
answer(struct run *k, bool ack)
{
	static const uint8_t causes[] = { 41, 17, 49, 3 };
	unsigned n = rd_u8(&k->r, "");
	struct atm_ind *a = &k->asked[(k->asked_n - 1 - (n & 7)) % 64], i;

	if (a->ref == 0 || k->vc[a->ref] == GONE)
		return;
	i = *a;
	a->ref = 0;
	if (!ack) {
		i.kind = ATM_RQFAILED;
		i.cause = causes[n >> 6];
	}
	if (i.rq != ATM_MULTI_ADD)
		k->vc[i.ref] = ack ? OPEN : GONE;
	ind(k, &i);
}

static void
vc_event(struct run *k)
{
	unsigned what = rd_u8(&k->r, ""), n = rd_u8(&k->r, "");
	struct atm_ind i = { .ref = n, .peer = host(what >> 4),
	    .cause = n & 1 ? 16 : 27 };

	switch (what & 3) {
	case 0:
		i.kind = ATM_DROPPED;
		break;
	case 1:
		i.kind = ATM_RELEASED;
		k->vc[n] = GONE;
		break;
	case 2:
		i.kind = ATM_REMOTE_CALL;
		i.ref = ATM_REF_REMOTE + (n & 7) + 1;
		i.leaf = !(what & 8);
		break;
	default:
		i.kind = ATM_RELEASED;
		i.ref = ATM_REF_REMOTE + (n & 7) + 1;
	}
	ind(k, &i);
}

static void
command(struct run *k)
{
	static const uint8_t kinds[] = { MARS_CLIENT_REGISTER,
	    MARS_CLIENT_DEREGISTER, MARS_CLIENT_JOIN, MARS_CLIENT_LEAVE,
	    MARS_CLIENT_SEND, MARS_CLIENT_SEND, MARS_CLIENT_SEND,
	    MARS_CLIENT_REQUEST, MARS_CLIENT_GROUPLIST, MARS_CLIENT_BLIND,
	    MARS_CLIENT_CLOSE, MARS_CLIENT_JOIN };
	unsigned what = rd_u8(&k->r, ""), n = rd_u8(&k->r, "");
	struct mars_client_ev ev = {
	    .kind = kinds[what % sizeof(kinds)],
	    .range = { group(n), group((what & 0x80) ? n + (n >> 5) : n) },
	    .packet = (const uint8_t *)"0123456789", .len = n & 7,
	    .until = mtime_add(k->now, MSPAN_SEC(n)) };

	step(k, &ev);
}

static atm_ref
where(struct run *k, unsigned n)
{
	struct mars_client_info i;

	mars_client_info(k->c, &i);
	switch (n & 7) {
	case 0: case 1: case 2:
		return i.mars_vc;
	case 3: case 4: case 5:
		return i.ccvc;
	case 6:
		return k->asked_n > 0
		    ? k->asked[(k->asked_n - 1) % 64].ref : 0;
	default:
		return ATM_REF_REMOTE + 1 + (n >> 5);
	}
}

static void
deliver(struct run *k, struct frame *f, atm_ref ref)
{
	struct atm_ind i = { .kind = ATM_DATA, .ref = ref, .frame = f };

	if (f == NULL)
		return;
	ind(k, &i);
	frame_unref(f);
}

/* A correct message about some group; numbers follow HSN closely. */
static void
message(struct run *k)
{
	static const uint8_t ops[] = { MARS_JOIN, MARS_LEAVE, MARS_MULTI,
	    MARS_NAK, MARS_REDIRECT_MAP, MARS_MIGRATE, MARS_GROUPLIST_REPLY,
	    MARS_JOIN };
	static uint8_t list[16 * ATM_NSAP_LEN];
	unsigned what = rd_u8(&k->r, ""), n = rd_u8(&k->r, "");
	unsigned who = rd_u8(&k->r, ""), to = rd_u8(&k->r, "");
	struct l3_addr lo = group(n), hi = group(n + (n >> 5));
	struct atm_addr a = host(who & 0x80 ? 1 : who & 15);
	uint8_t src[2 * ATM_NSAP_LEN], pairs[8];
	struct mars_client_info i;
	struct mars_msg m = { .op = ops[what & 7], .pro = L3_PROTO_IPV4,
	    .tpln = 4, .tpa = lo.b, .pairs = pairs, .pnum = 1,
	    .flags = MARS_FLAG_COPY, .list = list, .thtl = ATM_NSAP_LEN,
	    .part = 1, .last = true, .hard = who & 16, .cmi = 9 };

	mars_client_info(k->c, &i);
	m.msn = i.hsn + ((what >> 3) & 3);
	if (what & 0x20)
		m.part = 1 + (n & 3);
	if (what & 0x40)
		m.last = n & 4;
	if ((what & 0x87) == 0x87) {
		m.flags |= MARS_FLAG_REGISTER;
		m.pnum = 0;
	}
	memcpy(pairs, lo.b, 4);
	memcpy(pairs + 4, l3_addr_cmp(&lo, &hi) < 0 ? hi.b : lo.b, 4);
	m.tnum = who & 7;
	for (unsigned t = 0; t < m.tnum; t++) {
		struct atm_addr b = host(m.op == MARS_REDIRECT_MAP
		    ? 101 + ((n + t) & 3) : (who + n * t) & 15);

		memcpy(list + t * (m.op == MARS_GROUPLIST_REPLY ? 4
		    : ATM_NSAP_LEN), m.op == MARS_GROUPLIST_REPLY
		    ? group(n + t).b : b.num, m.op == MARS_GROUPLIST_REPLY
		    ? 4 : ATM_NSAP_LEN);
	}
	if (m.op == MARS_MULTI || m.op == MARS_NAK
	    || m.op == MARS_GROUPLIST_REPLY || (m.flags & MARS_FLAG_REGISTER))
		a = host(1);
	mars_set_src(&m, &a, src);
	deliver(k, mars_frame(&k->fm.mem, &m, false), where(k, to));
}

/* Whatever octets, as they are. */
static void
raw(struct run *k)
{
	size_t n = rd_u8(&k->r, "");
	unsigned to = rd_u8(&k->r, "");
	const uint8_t *b;

	n = n < rd_left(&k->r) ? n : rd_left(&k->r);
	b = rd_bytes(&k->r, n, "");
	if (n > 0)
		deliver(k, frame_copy(&k->fm.mem, b, n), where(k, to));
}

static void
once(struct run *k)
{
	unsigned what = rd_u8(&k->r, "");

	switch (what & 15) {
	case 0: case 1:
		wait_for(k);
		break;
	case 2: case 3: case 4:
		answer(k, true);
		break;
	case 5:
		answer(k, false);
		break;
	case 6:
		vc_event(k);
		break;
	case 7: case 8: case 9:
		command(k);
		break;
	case 10:
		raw(k);
		break;
	case 11:
		k->fm.fail_at = k->fm.count + 1 + (what >> 4);
		break;
	default:
		message(k);
	}
	timers(k);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct run k;
	struct mars_client_cfg cfg;
	struct atm_addr backups[2] = { host(102), host(103) };
	const char *bad;

	memset(&k, 0, sizeof(k));
	rd_init(&k.r, data, len < 3000 ? len : 3000);
	failmem_init(&k.fm);
	mars_client_defaults(&cfg);
	cfg.addr = host(1);
	cfg.mars = host(101);
	cfg.backups = backups;
	cfg.backups_n = rd_u8(&k.r, "") & 1 ? 2 : 0;
	cfg.private_step = len & 1;
	k.now = (struct mtime){ 10000000000 };
	k.out = (struct atm_out){ k.v, 0, MARS_CLIENT_OUT_MIN };
	k.c = mars_client_new(&cfg, &k.fm.mem, NULL);
	assert(k.c != NULL);
	while (rd_left(&k.r) > 0) {
		once(&k);
		bad = mars_client_check(k.c);
		if (bad != NULL)
			abort();
	}
	mars_client_free(k.c);
	assert(k.fm.live == 0);
	return 0;
}
