/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SCSP_QUEUE_H
#define SCSP_QUEUE_H

/*
 * The retransmit queue of one DCS (RFC 2334 section 2.3): CSAs that wait to be
 * sent, and CSAs sent and not yet acknowledged, tied to the timer of their CSU
 * Request.  One instance for each (key, originator) (SCSP-085).  A CSA is a
 * name, a number and how it is to be sent; its octets are the cache's at the
 * moment of sending, so that a newer instance replaces an older one for nothing.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "marsh/base/mem.h"
#include "marsh/base/mtime.h"
#include "marsh/wire/scsp_msg.h"

struct scsp_queue;

struct scsp_csa {
	struct scsp_oct key, orig; /* borrowed from the queue */
	int32_t seq;
	uint16_t hop;
	bool null;     /* a Null record: no content */
	unsigned tries; /* transmissions so far */
};

struct scsp_queue *scsp_queue_new(const struct mem *mem, struct mspan rexmt);
/* scsp_queue_seed keys the index of |q|, which is empty; see scsp_cache_seed. */
void scsp_queue_seed(struct scsp_queue *q, uint64_t seed);
void scsp_queue_free(struct scsp_queue *q);
void scsp_queue_clear(struct scsp_queue *q);

/*
 * scsp_queue_add lets |c| (tries ignored) wait to be sent.  An instance that is
 * there, waiting or sent, is removed and untied first (SCSP-085), so that its
 * transmissions count from 0, also with the same number; but one that waits
 * with the same number keeps its place and the larger hop.  0 or MARSH_ENOMEM:
 * nothing changed.
 */
int scsp_queue_add(struct scsp_queue *q, const struct scsp_csa *c);

enum scsp_acked {
	SCSP_ACK_NONE,  /* nothing of that name is queued */
	SCSP_ACK_DONE,  /* the same number: dequeued (SCSP-086) */
	SCSP_ACK_OLD,   /* ours is newer: stays (SCSP-087) */
	SCSP_ACK_NEWER, /* theirs is newer: dequeued (SCSP-088) */
};
/* scsp_queue_ack handles one acknowledging summary (|null|: its N bit). */
enum scsp_acked scsp_queue_ack(struct scsp_queue *q, const struct scsp_rec *r);

/* scsp_queue_drop forgets a queued instance of that name and number, waiting or
 * sent (implicit acknowledgement, SCSP-092); false: there was none. */
bool scsp_queue_drop(struct scsp_queue *q, struct scsp_oct key,
    struct scsp_oct orig, int32_t seq);

/*
 * Sending.  scsp_queue_begin opens a CSU Request; scsp_queue_next gives the next
 * CSA that waits (those to be retransmitted first); scsp_queue_take puts the one
 * just given into the request (tries + 1), scsp_queue_skip drops it for good (it
 * went from the cache).  scsp_queue_end ties what was taken to one timer started
 * at |now| and returns its number of CSAs.
 */
int scsp_queue_begin(struct scsp_queue *q); /* 0 or MARSH_ENOMEM */
bool scsp_queue_next(struct scsp_queue *q, struct scsp_csa *c);
void scsp_queue_take(struct scsp_queue *q);
void scsp_queue_skip(struct scsp_queue *q);
size_t scsp_queue_end(struct scsp_queue *q, struct mtime now);

/*
 * scsp_queue_expire lets the unacknowledged CSAs of every request whose timer
 * ran out wait again.  Returns the largest number of tries among them, 0 when
 * none ran out.
 */
unsigned scsp_queue_expire(struct scsp_queue *q, struct mtime now);
/* scsp_queue_deadline returns when the next timer runs out. */
struct mtime scsp_queue_deadline(const struct scsp_queue *q);

/* All CSAs, those that wait, and the requests with one unacknowledged. */
size_t scsp_queue_count(const struct scsp_queue *q);
size_t scsp_queue_waiting(const struct scsp_queue *q);
size_t scsp_queue_requests(const struct scsp_queue *q);

size_t scsp_queue_memory(const struct scsp_queue *q);
const char *scsp_queue_check(const struct scsp_queue *q);

#endif
