/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_SCSP_PEER_H
#define TESTS_SCSP_PEER_H

/*
 * One SCSP server whose neighbours are played by hand: every message they send
 * is built with the codec, everything the server asks for is kept to be looked
 * at.  The server is 10.0.0.5; neighbours 0, 1, 2 are 10.0.0.9, .1 and .7, have
 * lower ATM addresses, and so call.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "failmem.h"
#include "marsh/base/err.h"
#include "marsh/base/frame.h"
#include "marsh/scsp/scsp.h"
#include "marsh/wire/snap.h"

#define PEER_LOG 1024
#define PEERS 3
#define BIG 0     /* the neighbour that leads */
#define SMALL 1   /* the one that follows */
#define CA_INIT (SCSP_CA_M | SCSP_CA_I | SCSP_CA_O)

struct said {
	struct atm_req rq;
	struct scsp_msg m; /* of ATM_SEND */
	struct mtime at;
};

struct peer {
	struct failmem fm;
	struct scsp_cfg cfg;
	struct scsp_group_cfg group;
	struct scsp *s;
	struct mtime now;
	struct said said[PEER_LOG];
	size_t saids;
	uint32_t n[PEERS]; /* CA number of each neighbour */
	const struct scsp_key *key; /* signs what neighbours send */
	size_t room; /* in |out| */
	unsigned dcss;
};

static inline struct scsp_oct
oct(const void *p, size_t len)
{
	return (struct scsp_oct){ p, len };
}

static inline struct scsp_oct
text(const char *s)
{
	return oct(s, strlen(s));
}

static const uint8_t server_id[4] = { 10, 0, 0, 5 };
static const uint8_t peer_ids[PEERS][4] = { { 10, 0, 0, 9 }, { 10, 0, 0, 1 },
	{ 10, 0, 0, 7 } };
static const uint8_t other_id[4] = { 10, 0, 0, 77 };
static const uint8_t all_id[4] = { 255, 255, 255, 255 };

#define US oct(server_id, 4)
#define ID(i) oct(peer_ids[i], 4)
#define OTHER oct(other_id, 4)
#define ALL oct(all_id, 4)

static inline struct atm_addr
peer_addr(int i)
{
	uint8_t b[ATM_NSAP_LEN] = { 0x47, [18] = (uint8_t)(i + 1) };

	return atm_addr_nsap(b);
}

static inline void
peer_clear(struct peer *p)
{
	while (p->saids != 0)
		frame_unref(p->said[--p->saids].rq.frame);
}

static inline void
peer_step(struct peer *p, const struct scsp_ev *ev)
{
	struct atm_req v[256];
	struct atm_out out = { .v = v, .cap = p->room };

	(void)scsp_step(p->s, p->now, ev, &out);
	for (size_t i = 0; i < out.n; i++) {
		struct said *d = &p->said[p->saids++];

		assert_true(p->saids < PEER_LOG);
		*d = (struct said){ .rq = v[i], .at = p->now };
		if (v[i].kind == ATM_SEND)
			assert_int_equal(scsp_decode(v[i].frame->bytes
			    + SNAP_LEN, v[i].frame->len - SNAP_LEN, &d->m,
			    NULL), 0);
	}
	assert_string_equal(scsp_check(p->s) != NULL ? scsp_check(p->s) : "",
	    "");
}

/* peer_tick does what is due now. */
static inline void
peer_tick(struct peer *p)
{
	int n = 0;

	while (mtime_reached(scsp_deadline(p->s), p->now)) {
		peer_step(p, &(struct scsp_ev){ .kind = SCSP_TIMER });
		assert_true(++n < 100000);
	}
}

/* peer_wait lets time pass. */
static inline void
peer_wait(struct peer *p, struct mspan d)
{
	struct mtime until = mtime_add(p->now, d), t;

	while ((t = scsp_deadline(p->s)).us <= until.us) {
		p->now = t.us > p->now.us ? t : p->now;
		peer_tick(p);
	}
	p->now = until;
}

static inline void
peer_ind(struct peer *p, struct atm_ind ind)
{
	peer_step(p, &(struct scsp_ev){ .kind = SCSP_IND, .ind = &ind });
	peer_tick(p);
}

static inline struct peer *
peer_new(void)
{
	struct peer *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	failmem_init(&p->fm);
	p->room = 256;
	p->now = (struct mtime){ INT64_C(10000000000) };
	scsp_defaults(&p->cfg);
	p->cfg.addr = peer_addr(100);
	p->cfg.id = US;
	scsp_group_defaults(&p->group);
	p->group.pid = 3;
	p->group.sgid = 1;
	return p;
}

/* peer_start makes the server with |dcss| neighbours. */
static inline void
peer_start(struct peer *p, unsigned dcss)
{
	p->s = scsp_new(&p->cfg, &p->fm.mem, NULL);
	assert_non_null(p->s);
	p->dcss = dcss;
	assert_int_equal(scsp_add_group(p->s, p->now, &p->group), 0);
	for (unsigned i = 0; i < dcss; i++) {
		struct atm_addr a = peer_addr((int)i);

		assert_int_equal(scsp_add_dcs(p->s, p->now, 0, &a), 0);
	}
}

static inline struct peer *
peer_make(unsigned dcss)
{
	struct peer *p = peer_new();

	peer_start(p, dcss);
	return p;
}

static inline void
peer_free(struct peer *p)
{
	peer_clear(p);
	scsp_free(p->s);
	assert_int_equal(p->fm.live, 0);
	free(p);
}

static inline atm_ref
peer_ref(int i)
{
	return ATM_REF_REMOTE + 1 + (atm_ref)i;
}

/* ---- what neighbours do ------------------------------------------------- */

static inline void
peer_open(struct peer *p, int i)
{
	peer_ind(p, (struct atm_ind){ .kind = ATM_REMOTE_CALL,
	    .ref = peer_ref(i), .peer = peer_addr(i) });
}

static inline void
peer_hang_up(struct peer *p, int i)
{
	peer_ind(p, (struct atm_ind){ .kind = ATM_RELEASED,
	    .ref = peer_ref(i), .cause = ATM_CAUSE_NORMAL });
}

static inline void
peer_bytes(struct peer *p, atm_ref ref, const uint8_t *b, size_t len)
{
	struct frame *f = scsp_frame(&p->fm.mem, b, len);

	assert_non_null(f);
	peer_ind(p, (struct atm_ind){ .kind = ATM_DATA, .ref = ref,
	    .frame = f });
	frame_unref(f);
}

/* peer_build writes |m| with |n| records of |r| and returns its length. */
static inline size_t
peer_build(const struct peer *p, uint8_t b[SCSP_MTU], const struct scsp_msg *m,
    const struct scsp_rec *r, size_t n)
{
	struct scsp_wr w;

	assert_true(scsp_begin(&w, b, SCSP_MTU, m, p->key != NULL));
	for (size_t i = 0; i < n; i++)
		assert_true(m->type == SCSP_CSU_REQ ? scsp_put_csa(&w, &r[i])
		    : scsp_put_csas(&w, &r[i]));
	return scsp_end(&w, p->key);
}

static inline void
peer_send(struct peer *p, int i, struct scsp_msg m, const struct scsp_rec *r,
    size_t n)
{
	uint8_t b[SCSP_MTU];

	if (m.pid == 0) {
		m.pid = p->group.pid;
		m.sgid = p->group.sgid;
	}
	if (m.sender.len == 0)
		m.sender = ID(i);
	if (m.receiver.len == 0 && m.type != SCSP_HELLO)
		m.receiver = US;
	peer_bytes(p, peer_ref(i), b, peer_build(p, b, &m, r, n));
}

static inline void
peer_hello(struct peer *p, int i, bool listed)
{
	peer_send(p, i, (struct scsp_msg){ .type = SCSP_HELLO, .interval = 3,
	    .dead = 3, .receiver = listed ? US : oct(NULL, 0) }, NULL, 0);
}

static inline void
peer_ca(struct peer *p, int i, uint16_t flags, uint32_t seq,
    const struct scsp_rec *r, size_t n)
{
	peer_send(p, i, (struct scsp_msg){ .type = SCSP_CA, .flags = flags,
	    .ca_seq = seq }, r, n);
}

static inline void
peer_csu(struct peer *p, int i, uint8_t type, struct scsp_rec r)
{
	peer_send(p, i, (struct scsp_msg){ .type = type }, &r, 1);
}

/* ---- what the server said ----------------------------------------------- */

/* peer_said counts messages of |type| to neighbour |i| (-1: to any). */
static inline size_t
peer_said(const struct peer *p, int i, uint8_t type)
{
	size_t n = 0;

	for (size_t k = 0; k < p->saids; k++)
		n += p->said[k].rq.kind == ATM_SEND
		    && p->said[k].m.type == type
		    && (i < 0 || p->said[k].rq.ref == peer_ref(i));
	return n;
}

static inline const struct said *
peer_find(const struct peer *p, int i, uint8_t type)
{
	for (size_t k = p->saids; k-- > 0;)
		if (p->said[k].rq.kind == ATM_SEND && p->said[k].m.type == type
		    && (i < 0 || p->said[k].rq.ref == peer_ref(i)))
			return &p->said[k];
	return NULL;
}

/* peer_last returns the last message of |type| to |i|; there must be one. */
static inline const struct scsp_msg *
peer_last(const struct peer *p, int i, uint8_t type)
{
	assert_non_null(peer_find(p, i, type));
	return &peer_find(p, i, type)->m;
}

static inline struct scsp_rec
peer_rec(const struct scsp_msg *m, unsigned k)
{
	struct scsp_rec r = { 0 };
	size_t off = 0;

	for (unsigned i = 0; i <= k; i++)
		assert_true(scsp_next(m, &off, &r));
	return r;
}

static inline bool
peer_names(const struct scsp_msg *m, struct scsp_oct id)
{
	struct scsp_oct o;
	size_t off = 0;

	while (scsp_next_id(m, &off, &o))
		if (scsp_oct_equal(o, id))
			return true;
	return false;
}

static inline size_t
peer_asked(const struct peer *p, enum atm_req_kind kind)
{
	size_t n = 0;

	for (size_t k = 0; k < p->saids; k++)
		n += p->said[k].rq.kind == kind;
	return n;
}

static inline struct scsp_dcs_info
peer_dcs(const struct peer *p, int i)
{
	struct scsp_dcs_info d;
	struct atm_addr a = peer_addr(i);

	for (unsigned k = 0; scsp_dcs(p->s, 0, k, &d); k++)
		if (atm_addr_equal(&d.addr, &a))
			return d;
	fail_msg("no DCS %d", i);
	return d;
}

#define assert_hfsm(p, i, st)                                                  \
	assert_string_equal(scsp_hfsm_word(peer_dcs(p, i).hfsm),               \
	    scsp_hfsm_word(st))
#define assert_cafsm(p, i, st)                                                 \
	assert_string_equal(scsp_cafsm_word(peer_dcs(p, i).cafsm),             \
	    scsp_cafsm_word(st))

/* ---- short ways --------------------------------------------------------- */

/* peer_bi brings the HFSM of |i| to Bidirectional. */
static inline void
peer_bi(struct peer *p, int i)
{
	peer_open(p, i);
	peer_hello(p, i, true);
	assert_hfsm(p, i, SCSP_HELLO_BIDIRECTIONAL);
}

/*
 * peer_align goes through the exchange with |i|, which summarises the |n|
 * records of |r|; the server then is in Update Cache or Aligned.
 */
static inline void
peer_align(struct peer *p, int i, const struct scsp_rec *r, size_t n)
{
	bool lead = memcmp(peer_ids[i], server_id, 4) > 0;
	uint32_t seq = 1000;

	if (peer_dcs(p, i).hfsm != SCSP_HELLO_BIDIRECTIONAL)
		peer_bi(p, i);
	if (lead) {
		peer_ca(p, i, CA_INIT, seq, NULL, 0);
		do {
			peer_ca(p, i, SCSP_CA_M, ++seq, r, n);
		} while (peer_dcs(p, i).cafsm == SCSP_CA_SUMMARIZE);
		p->n[i] = seq;
		return;
	}
	seq = peer_last(p, i, SCSP_CA)->ca_seq;
	do {
		peer_ca(p, i, 0, seq, r, n);
		seq++;
	} while (peer_dcs(p, i).cafsm == SCSP_CA_SUMMARIZE);
	p->n[i] = seq - 1;
}

static inline struct scsp_rec
peer_record(const char *key, struct scsp_oct orig, int32_t seq,
    const char *body)
{
	return (struct scsp_rec){ .hop = 16, .seq = seq, .key = text(key),
		.orig = orig, .body = text(body) };
}

static inline void
peer_put(struct peer *p, const char *key, const char *body)
{
	assert_int_equal(scsp_put(p->s, p->now, 0, text(key), text(body)), 0);
}

/* peer_has tells whether the server has |key| of |orig| under |seq|. */
static inline bool
peer_has(const struct peer *p, const char *key, struct scsp_oct orig,
    int32_t seq)
{
	struct scsp_entry_info e;

	return scsp_find(p->s, 0, text(key), orig, &e) && e.rec.seq == seq;
}

/* A server aligned with |n| neighbours, and nothing said yet. */
static inline struct peer *
peer_aligned(unsigned n)
{
	struct peer *p = peer_make(n);

	for (unsigned i = 0; i < n; i++) {
		peer_align(p, (int)i, NULL, 0);
		assert_cafsm(p, (int)i, SCSP_CA_ALIGNED);
	}
	peer_clear(p);
	return p;
}

static inline struct scsp_rec
peer_ack(const struct peer *p, int i, unsigned k)
{
	return peer_rec(peer_last(p, i, SCSP_CSU_REP), k);
}

static inline void
check_rec(const struct scsp_rec *r, const char *key, struct scsp_oct orig,
    int32_t seq, uint16_t hop)
{
	assert_true(scsp_oct_equal(r->key, text(key)));
	assert_true(scsp_oct_equal(r->orig, orig));
	assert_int_equal(r->seq, seq);
	assert_int_equal(r->hop, hop);
}

#endif
