/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_DMARS_ELECT_H
#define MARSH_DMARS_ELECT_H

/*
 * Who is Active, and in which order clients are told the MARS Group ("Redundant
 * MARS architectures and SCSP" sections 3.2 to 3.5): pure functions of what the
 * servers of a group say of themselves.  No state, no clock.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "marsh/base/addr.h"
#include "marsh/wire/mars_csa.h"

/* One server as one partition's election sees it. */
struct elect_member {
	uint32_t oid;        /* SCSP ID */
	struct atm_addr addr;
	bool live;           /* its status is fresh; ourselves: always */
	bool status;         /* false: a plain RFC 2443 server, or configured */
	uint8_t role, priority, mode;
	bool preempt, ready;
	uint32_t successor;
	uint16_t place;      /* in the configured group: 1, 2, ...; 0: not in it */
};

enum elect_policy {
	ELECT_STICKY,   /* an incumbent stays */
	ELECT_PRIORITY, /* the best live member is Active, after it is aligned */
	ELECT_CHOSEN,   /* a script chooses among the eligible */
};

enum elect_rule { /* which rule chose (G1) */
	ELECT_NOBODY,
	ELECT_SUCCESSOR, /* 1: a live Handover claimant names it */
	ELECT_INCUMBENT, /* 2: best claimant of Active or Handover */
	ELECT_BEST,      /* 3: best member */
};

struct elect_result {
	uint32_t winner; /* OID; 0: nobody is eligible */
	enum elect_rule rule;
	unsigned living; /* members of the Living Group */
};

/*
 * elect_eligible tells whether |m| belongs to the Living Group: live, with a
 * status, priority above 0, role neither Starting nor Leaving.
 */
bool elect_eligible(const struct elect_member *m);

/* elect_better tells whether |a| precedes |b|: higher priority, then lower OID. */
bool elect_better(const struct elect_member *a, const struct elect_member *b);

/* elect_winner evaluates rules 1 to 3 over |n| members. */
struct elect_result elect_winner(const struct elect_member *m, size_t n);

enum elect_list { ELECT_LIST_GROUP, ELECT_LIST_LIVING };
enum elect_return { ELECT_RETURN_LAST, ELECT_RETURN_NEXT, ELECT_RETURN_PREEMPT };

/*
 * elect_order sorts |m| into the order of a redirect map (G2): |first| (if it is
 * live; 0: nobody), the rest of the Living Group, live servers without a status
 * by OID, other live ones, then the dead and the merely configured.  These
 * follow as in a ring: behind |first| by precedence (those without priority by
 * place), then from the top (scenario S33).
 *
 * |keep| (may be NULL) is the order of the map in force, |keep_n| OIDs: with
 * ELECT_RETURN_LAST a member that returns goes behind the living ones that were
 * there (scenario S23), with ELECT_RETURN_NEXT to its precedence among them.
 * Each address once.  Returns how many of |m| belong to the map: with
 * ELECT_LIST_LIVING only live ones.  The rest of |m| follows them.
 */
size_t elect_order(struct elect_member *m, size_t n, uint32_t first,
    enum elect_list list, enum elect_return ret, const uint32_t *keep,
    size_t keep_n);

#endif
