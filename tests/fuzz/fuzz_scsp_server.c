/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The octets are a schedule of messages, indications, timers, verbs and refused
 * allocations for one SCSP server with two groups, of which the first wants
 * signatures.  Whatever they are, its tables stay whole, nothing leaks, and no
 * message without the right signature changes a record of the first group.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "failmem.h"
#include "marsh/base/cur.h"
#include "marsh/base/frame.h"
#include "marsh/scsp/scsp.h"

#define OUT 256
#define PEERS 3

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const uint8_t ids[PEERS + 1][4] = { { 10, 0, 0, 9 }, { 10, 0, 0, 1 },
	{ 10, 0, 0, 7 }, { 10, 0, 0, 5 } };
static const uint8_t all[4] = { 255, 255, 255, 255 };
static const struct scsp_key right = { 1, { (const uint8_t *)"right", 5 } };
static const struct scsp_key wrong = { 1, { (const uint8_t *)"wrong", 5 } };

struct run {
	struct rd r;
	struct failmem fm;
	struct scsp *s;
	struct mtime now;
	struct atm_req v[OUT];
	struct atm_out out;
	struct atm_req asked[16]; /* calls and leaves, the last ones */
	size_t asks;
	uint32_t seq[2][PEERS];   /* of the CA it sent last */
};

static struct scsp_oct
oct(const void *p, size_t len)
{
	return (struct scsp_oct){ p, len };
}

static struct atm_addr
host(unsigned n)
{
	uint8_t b[ATM_NSAP_LEN] = { 0x47, [19] = (uint8_t)n };

	return atm_addr_nsap(b);
}

/* note remembers what the server asked for and which number it uses. */
static void
note(struct run *k, const struct atm_req *q)
{
	struct scsp_msg m;
	const uint8_t *b;

	assert((q->kind == ATM_SEND) == (q->frame != NULL) && q->ref != 0);
	if (q->kind == ATM_CALL_RQ || q->kind == ATM_MULTI_RQ
	    || q->kind == ATM_MULTI_ADD)
		k->asked[k->asks++ % 16] = *q;
	if (q->kind != ATM_SEND)
		return;
	b = q->frame->bytes + 8;
	assert(scsp_decode(b, q->frame->len - 8, &m, NULL) == 0);
	assert(m.sgid != 1 || scsp_verify(b, &m, &right));
	for (unsigned i = 0; m.type == SCSP_CA && i < PEERS; i++)
		if (scsp_oct_equal(m.receiver, oct(ids[i], 4)))
			k->seq[m.sgid - 1][i] = m.ca_seq;
}

static void
step(struct run *k, const struct scsp_ev *ev)
{
	const char *bad;

	k->out.cap = SCSP_OUT_MIN + (rd_u8(&k->r, "") & 64);
	(void)scsp_step(k->s, k->now, ev, &k->out);
	for (size_t i = 0; i < k->out.n; i++)
		note(k, &k->out.v[i]);
	atm_out_clear(&k->out);
	bad = scsp_check(k->s);
	assert(bad == NULL);
	(void)bad;
}

static void
tick(struct run *k)
{
	for (int i = 0; i < 50
	     && mtime_reached(scsp_deadline(k->s), k->now); i++)
		step(k, &(struct scsp_ev){ .kind = SCSP_TIMER });
}

static void
ind(struct run *k, struct atm_ind i)
{
	step(k, &(struct scsp_ev){ .kind = SCSP_IND, .ind = &i });
}

/* A message; |good|: nobody may doubt it. */
static void
data(struct run *k, unsigned from, const uint8_t *b, size_t n, bool good)
{
	struct frame *f = scsp_frame(&k->fm.mem, b, n);
	uint64_t before = scsp_digest(k->s, 0, true);

	if (f == NULL)
		return;
	ind(k, (struct atm_ind){ .kind = ATM_DATA, .frame = f,
	    .ref = ATM_REF_REMOTE + 1 + (from & 7) });
	assert(good || scsp_digest(k->s, 0, true) == before);
	frame_unref(f);
}

static void
raw(struct run *k)
{
	size_t n = rd_u8(&k->r, "");
	const uint8_t *b;

	n = n < rd_left(&k->r) ? n : rd_left(&k->r);
	b = rd_bytes(&k->r, n, "");
	if (b != NULL)
		data(k, (unsigned)n, b, n, false);
}

static void
records(struct run *k, struct scsp_wr *w, uint8_t type)
{
	static const int32_t seqs[] = { SCSP_SEQ_NONE, SCSP_SEQ_FIRST, -1, 0, 1,
		7, SCSP_SEQ_LAST - 1, SCSP_SEQ_LAST };
	unsigned n = rd_u8(&k->r, "") % 5;

	while (n-- > 0) {
		uint8_t a = rd_u8(&k->r, ""), c = rd_u8(&k->r, "");
		uint8_t key[3] = { 'k', a & 15, c };
		struct scsp_rec r = { .hop = c & 3, .key = oct(key, 2),
			.orig = oct(ids[a >> 4 & 3], 4), .seq = seqs[c >> 2 & 7],
			.null = c >> 5 == 7, .body = oct(key, c >> 6) };

		if (r.null)
			r.body.len = 0;
		if (type == SCSP_CSU_REQ)
			(void)scsp_put_csa(w, &r);
		else if (type != SCSP_HELLO)
			(void)scsp_put_csas(w, &r);
	}
}

static void
message(struct run *k)
{
	uint8_t b[SCSP_MTU], what = rd_u8(&k->r, ""), how = rd_u8(&k->r, "");
	unsigned from = (how & 3) % PEERS, g = how >> 2 & 1;
	struct scsp_msg m = { .type = (uint8_t)(what % 5 + 1), .pid = 3,
		.sgid = (uint16_t)(g + 1), .interval = how >> 6, .dead = 3,
		.sender = oct(ids[from], 4), .receiver = oct(ids[PEERS], 4) };
	const struct scsp_key *key = g == 0 ? &right : NULL;
	struct scsp_wr w;
	size_t n;

	if ((how & 0x18) == 0x18)
		key = what & 8 ? &wrong : NULL;
	if (what >= 0xf0)
		m.receiver = oct(all, 4);
	if (what >= 0xe0 && m.type == SCSP_HELLO)
		m.receiver = oct(ids[0], 4);
	m.flags = (uint16_t)((what & 0xe0) << 8);
	m.ca_seq = k->seq[g][from] + (how >> 5 & 3) - 1;
	if (!scsp_begin(&w, b, sizeof(b), &m, key != NULL))
		return;
	if (m.flags != (SCSP_CA_M | SCSP_CA_I | SCSP_CA_O))
		records(k, &w, m.type);
	n = scsp_end(&w, key);
	data(k, from, b, n, g != 0 || key == &right);
}

static void
vc(struct run *k)
{
	uint8_t a = rd_u8(&k->r, "");
	const struct atm_req *q = &k->asked[a & 15];

	if (a < 0x60 && q->ref != 0)
		ind(k, (struct atm_ind){ .kind = a & 0x10 ? ATM_RQFAILED
			: ATM_ACK, .rq = q->kind, .ref = q->ref,
			.peer = q->dst, .cause = 17 });
	else if (a < 0xc0)
		ind(k, (struct atm_ind){ .kind = ATM_REMOTE_CALL,
			.leaf = (a & 0x18) == 0, .peer = host(a & 3),
			.ref = ATM_REF_REMOTE + 1 + (a & 7) });
	else if (a < 0xe0)
		ind(k, (struct atm_ind){ .kind = a & 0x10 ? ATM_DROPPED
			: ATM_RELEASED, .ref = q->ref != 0 ? q->ref : 1,
			.peer = q->dst });
	else
		ind(k, (struct atm_ind){ .kind = ATM_RELEASED,
			.ref = ATM_REF_REMOTE + 1 + (a & 7) });
}

static void
verb(struct run *k)
{
	uint8_t a = rd_u8(&k->r, ""), key[2] = { 'k', a & 15 };
	struct atm_addr who = host(a >> 1 & 3);
	struct scsp_sa sa = { right, MTIME_NEVER, true };
	unsigned g = a & 1;

	switch (a >> 4) {
	case 0:
		step(k, &(struct scsp_ev){ .kind = SCSP_RESTART });
		break;
	case 1:
		(void)scsp_del_dcs(k->s, k->now, g, &who);
		break;
	case 2:
	case 3:
		if (scsp_add_dcs(k->s, k->now, g, &who) == 0 && g == 0
		    && scsp_add_sa(k->s, k->now, g, &who, &sa) != 0)
			(void)scsp_del_dcs(k->s, k->now, g, &who);
		break;
	case 4:
		(void)scsp_solicit(k->s, k->now, g, &who, oct(key, 2),
		    oct(ids[a & 3], 4));
		break;
	case 5:
	case 6:
		(void)scsp_remove(k->s, k->now, g, oct(key, 2));
		break;
	default:
		(void)scsp_put(k->s, k->now, g, oct(key, 2), oct(&a, 1));
		break;
	}
}

static void
prepare(struct run *k)
{
	struct scsp_cfg cfg;
	struct scsp_group_cfg g;
	uint8_t how = rd_u8(&k->r, "");

	scsp_defaults(&cfg);
	cfg.addr = host(how & 1 ? 9 : 0);
	cfg.id = oct(ids[PEERS], 4);
	cfg.mtu = how & 2 ? 150 : SCSP_MTU;
	k->s = scsp_new(&cfg, &k->fm.mem, NULL);
	scsp_group_defaults(&g);
	g.pid = 3;
	g.multipoint = how & 4;
	g.auth_fail_drop = how & 8;
	g.own = how & 16 ? SCSP_OWN_WITHDRAW : SCSP_OWN_ADOPT;
	g.tombstone = MSPAN_SEC(60);
	g.hops = 1;
	for (g.sgid = 1; g.sgid <= 2; g.sgid++) {
		(void)scsp_add_group(k->s, k->now, &g);
		for (unsigned i = 1; i <= PEERS; i++) {
			struct atm_addr a = host(i);
			struct scsp_sa sa = { right, MTIME_NEVER, true };

			(void)scsp_add_dcs(k->s, k->now, g.sgid - 1u, &a);
			if (g.sgid == 1)
				(void)scsp_add_sa(k->s, k->now, 0, &a, &sa);
		}
	}
	for (unsigned i = 1; i <= PEERS; i++)
		ind(k, (struct atm_ind){ .kind = ATM_REMOTE_CALL,
			.peer = host(i), .ref = ATM_REF_REMOTE + i });
}

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t len)
{
	struct run k = { .now = { INT64_C(10000000000) } };

	rd_init(&k.r, input, len);
	k.out.v = k.v;
	failmem_init(&k.fm);
	prepare(&k);
	while (rd_left(&k.r) > 0) {
		uint8_t op = rd_u8(&k.r, "");

		k.fm.fail_at = op >= 0xf0 ? k.fm.count + (op & 15) + 1 : 0;
		k.fm.fail_on = op == 0xff;
		if (op < 0x18)
			raw(&k);
		else if (op < 0x90 || op >= 0xf0)
			message(&k);
		else if (op < 0xa8)
			vc(&k);
		else if (op < 0xc0)
			verb(&k);
		else
			k.now.us += (int64_t)(op & 7) * 500000;
		tick(&k);
		k.fm.fail_at = k.fm.fail_on = 0;
	}
	scsp_free(k.s);
	assert(k.fm.live == 0);
	return 0;
}
