/* SPDX-License-Identifier: BSD-2-Clause */
#include "marsh/base/rng.h"

#include <assert.h>

static uint64_t
rotl(uint64_t x, int k)
{
	return (x << k) | (x >> (64 - k));
}

/* Seeds are spread by splitmix64, so that seeds 1 and 2 are unrelated. */
void
rng_seed(struct rng *r, uint64_t seed)
{
	for (int i = 0; i < 4; i++) {
		uint64_t z = (seed += 0x9e3779b97f4a7c15u);

		z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
		z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
		r->s[i] = z ^ (z >> 31);
	}
}

uint64_t
rng_u64(struct rng *r)
{
	uint64_t *s = r->s;
	uint64_t result = rotl(s[1] * 5, 7) * 9;
	uint64_t t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotl(s[3], 45);
	return result;
}

uint64_t
rng_below(struct rng *r, uint64_t n)
{
	uint64_t limit, x;

	assert(n != 0);
	limit = UINT64_MAX - UINT64_MAX % n;
	do
		x = rng_u64(r);
	while (x >= limit);
	return x % n;
}

double
rng_unit(struct rng *r)
{
	return (double)(rng_u64(r) >> 11) * 0x1.0p-53;
}

struct mspan
rng_span(struct rng *r, struct mspan lo, struct mspan hi)
{
	assert(lo.us <= hi.us);
	return (struct mspan){ lo.us
		+ (int64_t)rng_below(r, (uint64_t)(hi.us - lo.us) + 1) };
}
