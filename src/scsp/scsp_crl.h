/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SCSP_CRL_H
#define SCSP_CRL_H

/*
 * The Cache Record List of one DCS (RFC 2334 section 2.2.2.1): summaries newer
 * than the cache, still to be solicited or still to be answered (2.2.3).  One
 * summary for each (key, originator): a newer one replaces the older.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "marsh/base/mem.h"
#include "marsh/wire/scsp_msg.h"

struct scsp_crl;

struct scsp_crl *scsp_crl_new(const struct mem *mem);
/* scsp_crl_seed keys the index of |l|, which is empty; see scsp_cache_seed. */
void scsp_crl_seed(struct scsp_crl *l, uint64_t seed);
void scsp_crl_free(struct scsp_crl *l);
void scsp_crl_clear(struct scsp_crl *l);

/* scsp_crl_add notes the summary |r|; 0 or MARSH_ENOMEM. */
int scsp_crl_add(struct scsp_crl *l, const struct scsp_rec *r);

/*
 * scsp_crl_answer tells that |key| of |orig| arrived with number |seq| (|null|:
 * a Null record).  Returns whether it had been on the list at all, answered or
 * not; the summary is removed when |null| or |seq| is not below it, or is the first number
 * and it was the last one, behind which that stands (B.2.0.2).  One
 * that a newer summary replaced while it was asked for is, after any lower |seq|,
 * no longer asked for: the CSUS got its answer, the next one asks for the newer.
 */
bool scsp_crl_answer(struct scsp_crl *l, struct scsp_oct key,
    struct scsp_oct orig, int32_t seq, bool null);

/* scsp_crl_count returns all; scsp_crl_asked those that the outstanding CSUS
 * names and that are not yet answered. */
size_t scsp_crl_count(const struct scsp_crl *l);
size_t scsp_crl_asked(const struct scsp_crl *l);

/*
 * Building a CSUS: scsp_crl_begin starts over with the unanswered ones already
 * asked for, oldest first, then the others (SCSP-069, 070); scsp_crl_next gives
 * the next summary as a record with hop 1, or false.  scsp_crl_take marks the
 * one just given as asked for by this CSUS.
 */
void scsp_crl_begin(struct scsp_crl *l);
bool scsp_crl_next(struct scsp_crl *l, struct scsp_rec *r);
void scsp_crl_take(struct scsp_crl *l);

size_t scsp_crl_memory(const struct scsp_crl *l);
const char *scsp_crl_check(const struct scsp_crl *l);

#endif
