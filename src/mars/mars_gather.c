/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A MARS_MULTI of 456 members is 9 kB of addresses (RFC 2022 section 5.1.2,
 * MARS-057), and a reply may be 22 of them, so this runs at the speed of
 * memory: members' NSAPs lie in order of CMI, and a run of CMIs is one copy.
 */
#include "mars_gather.h"

#include <string.h>

static int
next(struct gather *g)
{
	if (g->set->cap == IDSET_BITMAP) {
		int id = bits_next(g->set->u.bits, g->at);

		g->at = (uint32_t)id + 1;
		return id;
	}
	return g->at < g->set->n ? g->set->u.v[g->at++] : -1;
}

void
gather_count(const struct mars_db *db, const struct idset *set,
    uint32_t n[FORMATS])
{
	struct gather g = { db, set, 0 };
	int cmi;

	memset(n, 0, FORMATS * sizeof(*n));
	if (db->odd == 0) {
		n[0] = set->n;
		return;
	}
	while ((cmi = next(&g)) >= 0)
		n[format_of(db_member(db, (unsigned)cmi))]++;
}

/* copy_run copies the |run| numbers from |cmi| on, all in one page. */
static inline uint8_t *
copy_run(const struct mars_db *db, unsigned cmi, uint32_t run, uint8_t *b)
{
	const uint8_t *from = db_number(db, cmi);

	if (run == 1) /* a copy of known size needs no call */
		memcpy(b, from, ATM_NSAP_LEN);
	else
		memcpy(b, from, run * ATM_NSAP_LEN);
	return b + run * ATM_NSAP_LEN;
}

static void
from_array(struct gather *g, uint8_t *b, uint32_t n)
{
	const uint16_t *v = g->set->u.v + g->at, *end = v + n;

	while (v < end) {
		unsigned cmi = v[0];
		uint32_t most = DB_PAGE - cmi % DB_PAGE, run = 1;

		if (most > (uint32_t)(end - v))
			most = (uint32_t)(end - v);
		/* Ascending: when the last one fits, so do all between. */
		if (v[most - 1] == cmi + most - 1)
			run = most;
		else
			while (v[run] == cmi + run)
				run++;
		b = copy_run(g->db, cmi, run, b);
		v += run;
	}
	g->at += n;
}

/* full_run returns how many ids from |cmi| on are set, up to the page's end. */
static uint32_t
full_run(const uint64_t *bits, unsigned cmi)
{
	unsigned i = cmi / 64 + 1;
	uint32_t run = 64;

	while (i * 64 % DB_PAGE != 0 && bits[i] == ~(uint64_t)0) {
		run += 64;
		i++;
	}
	return run;
}

static void
from_bitmap(struct gather *g, uint8_t *b, uint32_t n)
{
	const uint64_t *bits = g->set->u.bits;
	uint8_t *end = b + (size_t)n * ATM_NSAP_LEN;
	unsigned at = g->at, cmi = at;

	while (b < end) {
		uint64_t w = bits[at / 64] & ~(uint64_t)0 << at % 64;

		at -= at % 64;
		if (w == ~(uint64_t)0) {
			uint32_t run = full_run(bits, at);
			uint32_t left = (uint32_t)(end - b) / ATM_NSAP_LEN;

			run = run < left ? run : left;
			b = copy_run(g->db, at, run, b);
			cmi = (at += run) - 1;
			continue;
		}
		for (; w != 0 && b < end; w &= w - 1) {
			cmi = at + bits_ctz(w);
			b = copy_run(g->db, cmi, 1, b);
		}
		at += 64;
	}
	g->at = cmi + 1;
}

void
gather_nsap(struct gather *g, uint8_t *b, uint32_t n)
{
	if (g->set->cap == IDSET_BITMAP)
		from_bitmap(g, b, n);
	else
		from_array(g, b, n);
}

void
gather_format(struct gather *g, unsigned fmt, uint8_t *b, uint32_t n)
{
	int cmi;

	while (n > 0 && (cmi = next(g)) >= 0) {
		const struct db_member *m = db_member(g->db, (unsigned)cmi);
		size_t len = atm_tl_len(m->tl);

		if (format_of(m) != fmt)
			continue;
		memcpy(b, db_number(g->db, (unsigned)cmi), len);
		b += len;
		if (m->sub != NULL) {
			memcpy(b, m->sub, ATM_NSAP_LEN);
			b += ATM_NSAP_LEN;
		}
		n--;
	}
}
