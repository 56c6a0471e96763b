/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARS_GATHER_H
#define MARS_GATHER_H

/* Writes the ATM addresses of a set of members straight into messages. */
#include "mars_db.h"

/*
 * Address formats of one message (MARS-039): 0 is NSAP, 1 to 15 native E.164 of
 * so many digits, 16 more with an NSAP subaddress.
 */
#define FORMATS 32

static inline unsigned
format_of(const struct db_member *m)
{
	if (m->tl == ATM_NSAP_LEN)
		return 0;
	return (m->tl & 15u) + (m->stl != 0 ? 16u : 0u);
}

struct gather {
	const struct mars_db *db;
	const struct idset *set;
	uint32_t at; /* place in the array, or next id of a bitmap */
};

/* gather_count counts the members of |set| by format. */
void gather_count(const struct mars_db *db, const struct idset *set,
    uint32_t n[FORMATS]);

/*
 * gather_nsap writes the next |n| addresses of 20 octets each; the set has
 * so many and all are NSAPs.
 */
void gather_nsap(struct gather *g, uint8_t *b, uint32_t n);

/* gather_format writes the next |n| addresses of format |fmt|. */
void gather_format(struct gather *g, unsigned fmt, uint8_t *b, uint32_t n);

#endif
