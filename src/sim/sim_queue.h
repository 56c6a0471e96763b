/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SRC_SIM_SIM_QUEUE_H
#define SRC_SIM_SIM_QUEUE_H

/*
 * What is due, in order of (time, order of pushing).  Entries are embedded in
 * what they belong to, so the queue itself never asks for memory and pushing
 * cannot fail.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A slot is one digit of a time stamp; 7 digits of 10 bits hold any of them. */
#define SIM_QUEUE_BITS 10
#define SIM_QUEUE_SLOTS (1u << SIM_QUEUE_BITS)
#define SIM_QUEUE_WORDS (SIM_QUEUE_SLOTS / 64)
#define SIM_QUEUE_LEVELS 7

struct sim_qev {
	struct sim_qev *next, *prev;
	int64_t t;      /* microseconds, not negative */
	uint8_t kind;   /* the owner's, untouched by the queue */
	bool queued;
};

struct sim_qslot {
	struct sim_qev *head, *tail;
};

struct sim_queue {
	int64_t base;    /* not after anything queued, nor the last pop */
	size_t count;
	unsigned levels; /* bit l: level l has entries */
	uint64_t sum[SIM_QUEUE_LEVELS];
	uint64_t map[SIM_QUEUE_LEVELS][SIM_QUEUE_WORDS];
	struct sim_qslot slot[SIM_QUEUE_LEVELS][SIM_QUEUE_SLOTS];
};

/* sim_queue_init makes |q| empty; nothing earlier than |start| may follow. */
void sim_queue_init(struct sim_queue *q, int64_t start);

/*
 * sim_queue_push queues |ev|, which must not be queued, for |t|.  |t| must not
 * lie before the last |until| or the last time that sim_queue_pop gave back.
 */
void sim_queue_push(struct sim_queue *q, struct sim_qev *ev, int64_t t);

/* sim_queue_pop takes out the first entry not after |until|, or NULL. */
struct sim_qev *sim_queue_pop(struct sim_queue *q, int64_t until);

/* sim_queue_remove takes |ev|, which must be queued, out. */
void sim_queue_remove(struct sim_queue *q, struct sim_qev *ev);

/* sim_queue_each calls |fn| for every entry, in no useful order. */
void sim_queue_each(const struct sim_queue *q,
    void (*fn)(void *ctx, const struct sim_qev *ev), void *ctx);

#endif
