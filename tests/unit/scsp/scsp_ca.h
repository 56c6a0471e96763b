/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_SCSP_CA_H
#define TESTS_SCSP_CA_H

/* The exchange of summaries with a neighbour played by hand. */
#include "scsp_peer.h"

#define NEG SCSP_CA_NEGOTIATION
#define SUM SCSP_CA_SUMMARIZE
#define UPD SCSP_CA_UPDATE
#define ALI SCSP_CA_ALIGNED
#define M SCSP_CA_M
#define O SCSP_CA_O

static const char *const keys[] = { "a", "b", "c", "d", "e", "f", "g", "h", "i",
	"j" };

/* A server with |n| own records, four summaries a message, before |i|. */
static inline struct peer *
ready(int i, unsigned n)
{
	struct peer *p = peer_new();

	p->cfg.mtu = 100;
	peer_start(p, (unsigned)i + 1);
	for (unsigned k = 0; k < n; k++)
		peer_put(p, keys[k], "x");
	peer_bi(p, i);
	return p;
}

/* Master in Summarize: its first CA is out, with number p->n[SMALL]. */
static inline struct peer *
master(unsigned n)
{
	struct peer *p = ready(SMALL, n);

	p->n[SMALL] = peer_last(p, SMALL, SCSP_CA)->ca_seq;
	peer_clear(p);
	peer_ca(p, SMALL, 0, p->n[SMALL]++, NULL, 0);
	assert_cafsm(p, SMALL, SUM);
	assert_true(peer_dcs(p, SMALL).master);
	return p;
}

/* Slave in Summarize under number 500. */
static inline struct peer *
slave(unsigned n)
{
	struct peer *p = ready(BIG, n);

	peer_clear(p);
	peer_ca(p, BIG, CA_INIT, 500, NULL, 0);
	assert_cafsm(p, BIG, SUM);
	assert_false(peer_dcs(p, BIG).master);
	return p;
}

static inline void
check_ca(const struct peer *p, int i, size_t count, uint16_t flags,
    uint32_t seq, unsigned nrec)
{
	const struct scsp_msg *m = peer_last(p, i, SCSP_CA);

	assert_int_equal(peer_said(p, i, SCSP_CA), count);
	assert_int_equal(m->flags, flags);
	assert_int_equal(m->ca_seq, seq);
	assert_int_equal(m->nrec, nrec);
	assert_true(scsp_oct_equal(m->sender, US));
	assert_true(scsp_oct_equal(m->receiver, ID(i)));
}

/* Back in Negotiation with a new number, said at once. */
static inline void
check_again(const struct peer *p, int i, uint32_t old)
{
	assert_cafsm(p, i, NEG);
	assert_int_equal(peer_last(p, i, SCSP_CA)->flags, CA_INIT);
	assert_true(peer_last(p, i, SCSP_CA)->ca_seq != old);
	assert_int_equal(peer_dcs(p, i).crl, 0);
}

#endif
