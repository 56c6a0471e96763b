/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_BASE_RNG_H
#define MARSH_BASE_RNG_H

/* The only source of chance below the shell: a seeded xoshiro256** generator. */
#include <stdint.h>

#include "marsh/base/mtime.h"

struct rng {
	uint64_t s[4];
};

/* rng_seed starts |r| from |seed|; equal seeds give equal sequences. */
void rng_seed(struct rng *r, uint64_t seed);

/* rng_u64 returns the next 64 random bits. */
uint64_t rng_u64(struct rng *r);

/* rng_below returns a uniform number in [0, |n|); |n| must not be 0. */
uint64_t rng_below(struct rng *r, uint64_t n);

/* rng_unit returns a uniform number in [0, 1). */
double rng_unit(struct rng *r);

/* rng_span returns a uniform span in [|lo|, |hi|], both included. */
struct mspan rng_span(struct rng *r, struct mspan lo, struct mspan hi);

#endif
