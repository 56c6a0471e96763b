/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_SCSP_SOAK_H
#define TESTS_SCSP_SOAK_H

/*
 * Random server groups in a world: two to eight SCSP servers in a mesh, line,
 * ring or star, one to three groups on the same links.  The world's nodes have
 * one group; the others are given to the engine, again after each cold restart.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "failmem.h"
#include "marsh/base/err.h"
#include "marsh/base/rng.h"
#include "marsh/node/world_scsp.h"
#include "marsh/show/show.h"

#define SOAK_NODES 8
#define SOAK_GROUPS 3
#define SOAK_KEYS 4
#define SOAK_EVENTS 1000000 /* of one run */
#define SOAK_NAMES (SOAK_NODES * SOAK_KEYS) /* of one group */

/* What one server has of one entry; id 0: withdrawn. */
struct soak_have {
	bool here, own;
	int32_t seq;
	unsigned id;
};

/* What the end must be: soak_model.h. */
struct soak_want {
	bool sure;      /* |id|, and nothing else */
	bool absent;    /* or nothing */
	unsigned id;
	int32_t low;    /* or any instance from this number on */
};

struct soak_instance {
	int32_t seq;
	unsigned id;
};

struct soak_instances {
	struct soak_instance *v;
	size_t n, cap;
};

struct soak_write {
	unsigned group, name;
};

struct soak {
	uint64_t seed;
	bool loud;
	struct failmem mem;
	struct rng rng;
	struct world *w;
	int n;
	unsigned groups;
	node_id node[SOAK_NODES];
	bool edge[SOAK_NODES][SOAK_NODES];
	bool off[SOAK_NODES][SOAK_NODES]; /* not configured just now */
	struct scsp_group_cfg cfg[SOAK_GROUPS];
	bool auth, one_key;
	bool wraps;    /* some begin near the last number: purges (B.2.0.2) */
	uint32_t spi[SOAK_NODES][SOAK_NODES];
	bool cold[SOAK_NODES]; /* it is down, and comes back without memory */

	/* the model */
	struct soak_have have[SOAK_NODES][SOAK_GROUPS][SOAK_NAMES];
	uint64_t seen[SOAK_NODES][SOAK_GROUPS]; /* changes */
	struct soak_want want[SOAK_GROUPS][SOAK_NAMES];
	struct soak_instances all[SOAK_GROUPS][SOAK_NAMES];
	struct soak_write *write; /* id - 1 */
	size_t writes, write_cap;
	char bad[512];
};

static inline unsigned
soak_below(struct soak *r, unsigned n)
{
	return (unsigned)rng_below(&r->rng, n);
}

/* soak_say tells what happens when one seed is played back. */
static inline void
soak_say(const struct soak *r, const char *fmt, ...)
{
	va_list ap;

	if (!r->loud)
		return;
	printf("%10.3f ", (double)mtime_sub(world_now(r->w),
	    world_start(r->w)).us / 1e6);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
}

/* soak_bad notes the first thing that is wrong. */
static inline void
soak_bad(struct soak *r, const char *fmt, ...)
{
	va_list ap;

	if (r->bad[0] != '\0')
		return;
	va_start(ap, fmt);
	vsnprintf(r->bad, sizeof(r->bad), fmt, ap);
	va_end(ap);
	soak_say(r, "WRONG: %s", r->bad);
}

static inline bool
soak_up(const struct soak *r, int i)
{
	return node_state_of(r->w, r->node[i]) == NODE_UP;
}

/* soak_engine returns server |i| as more than the world gives; NULL: dead. */
static inline struct scsp *
soak_engine(const struct soak *r, int i)
{
	return (struct scsp *)node_scsp(r->w, r->node[i]);
}

static inline void
soak_must(struct soak *r, int rv, const char *what)
{
	if (rv < 0)
		soak_bad(r, "%s: %d", what, rv);
}

/* ---- making -------------------------------------------------------------- */

static inline void
soak_pair(struct soak *r, int i, int k)
{
	r->edge[i][k] = r->edge[k][i] = true;
}

static inline void
soak_topology(struct soak *r)
{
	unsigned shape = soak_below(r, 4); /* mesh, line, ring, star */

	for (int i = 1; i < r->n; i++) {
		if (shape == 1 || shape == 2)
			soak_pair(r, i, i - 1);
		if (shape == 3)
			soak_pair(r, i, 0);
		for (int k = 0; shape == 0 && k < i; k++)
			soak_pair(r, i, k);
	}
	if (shape == 2 && r->n > 2)
		soak_pair(r, 0, r->n - 1);
}

static inline void
soak_group(struct soak *r, unsigned g)
{
	static const unsigned windows[] = { 1, 3, 64 };
	struct scsp_group_cfg *c = &r->cfg[g];

	scsp_group_defaults(c);
	c->pid = 3;
	c->sgid = (uint16_t)(g + 1);
	c->family = r->groups > 1 && soak_below(r, 4) != 0 ? 7 : 0;
	c->multipoint = soak_below(r, 3) == 0;
	c->interval = (uint16_t)(1 + soak_below(r, 3));
	c->dead = (uint16_t)(2 + soak_below(r, 2));
	if (c->family != 0 && g > 0)
		for (unsigned k = 0; k < g; k++)
			if (r->cfg[k].family == c->family) {
				c->interval = r->cfg[k].interval;
				c->dead = r->cfg[k].dead;
			}
	c->window = windows[soak_below(r, 3)];
	c->reply_delay = MSPAN_MS(soak_below(r, 2) * soak_below(r, 200));
	c->own = soak_below(r, 3) == 0 ? SCSP_OWN_WITHDRAW : SCSP_OWN_ADOPT;
}

/* What the world does not know of server |i|'s engine. */
static inline void
soak_extend(struct soak *r, int i)
{
	struct scsp *s = soak_engine(r, i);
	struct mtime now = world_now(r->w);

	for (unsigned g = 1; g < r->groups; g++) {
		struct scsp_group_cfg c = r->cfg[g];
		struct scsp_group_info info;

		if (!scsp_group(s, 0, &info))
			continue;
		c.first_seq = info.cfg.first_seq;
		if (r->wraps && c.first_seq == SCSP_SEQ_FIRST)
			c.first_seq = SCSP_SEQ_LAST - 2
			    - (int32_t)soak_below(r, 8);
		soak_must(r, scsp_add_group(s, now, &c), "group");
		for (int k = 0; k < r->n; k++)
			if (r->edge[i][k])
				soak_must(r, scsp_add_dcs(s, now, g,
				    node_addr(r->w, r->node[k])), "DCS");
	}
	/* The world looks at the deadline again. */
	(void)node_scsp_remove(r->w, r->node[i],
	    (struct scsp_oct){ (const uint8_t *)"none", 4 });
}

/* soak_key gives server |i| a new key to talk with |k|. */
static inline void
soak_key(struct soak *r, int i, int k, uint32_t spi)
{
	uint8_t secret[16] = { (uint8_t)spi, 0x5a };
	struct scsp_sa sa = { .key = { .spi = spi,
		.secret = { secret, sizeof(secret) } },
		.until = MTIME_NEVER, .send = true };

	if (!r->one_key) {
		secret[2] = (uint8_t)(i < k ? i : k);
		secret[3] = (uint8_t)(i < k ? k : i);
	}
	soak_must(r, node_scsp_key(r->w, r->node[i],
	    node_addr(r->w, r->node[k]), &sa), "key");
}

static inline void
soak_connect(struct soak *r, int i, int k)
{
	soak_must(r, node_scsp_add(r->w, r->node[i],
	    node_addr(r->w, r->node[k])), "DCS");
	if (r->auth)
		soak_key(r, i, k, r->spi[i][k]);
}

static inline void
soak_nodes(struct soak *r)
{
	static const uint32_t mtus[] = { 180, 400, SCSP_MTU };
	struct world_scsp_cfg c;
	char name[16];

	world_scsp_defaults(&c);
	c.group = r->cfg[0];
	c.engine.mtu = mtus[soak_below(r, 3)];
	for (int i = 0; i < r->n; i++) {
		snprintf(name, sizeof(name), "D%d", i + 1);
		c.group.own = r->cfg[0].own;
		soak_must(r, world_add_scsp(r->w, name, &c, &r->node[i]), "add");
	}
	for (int i = 0; i < r->n; i++) {
		for (int k = 0; k < r->n; k++) {
			r->spi[i][k] = 256;
			if (r->edge[i][k])
				soak_connect(r, i, k);
		}
		soak_extend(r, i);
	}
}

static inline void
soak_make(struct soak *r, uint64_t seed, bool loud)
{
	struct world_cfg cfg;

	memset(r, 0, sizeof(*r));
	r->seed = seed;
	r->loud = loud;
	failmem_init(&r->mem);
	rng_seed(&r->rng, seed);
	world_defaults(&cfg);
	cfg.sim.seed = seed;
	cfg.sim.delay = MSPAN_US(100 + soak_below(r, 5000));
	cfg.sim.jitter = MSPAN_US(soak_below(r, 2) * soak_below(r, 5000));
	if (!loud)
		cfg.log_max = 1 << 10;
	r->w = world_new(&cfg, &r->mem.mem);
	assert_non_null(r->w);
	r->n = 2 + (int)soak_below(r, SOAK_NODES - 1);
	r->groups = soak_below(r, 4) == 0 ? 2 + soak_below(r, 2) : 1;
	r->auth = r->groups == 1 && soak_below(r, 4) == 0;
	r->one_key = soak_below(r, 2) == 0;
	r->wraps = r->groups > 1 && soak_below(r, 3) == 0;
	for (unsigned g = 0; g < r->groups; g++)
		soak_group(r, g);
	soak_topology(r);
	soak_nodes(r);
}

static inline void
soak_free(struct soak *r)
{
	world_free(r->w);
	for (unsigned g = 0; g < SOAK_GROUPS; g++)
		for (unsigned e = 0; e < SOAK_NAMES; e++)
			free(r->all[g][e].v);
	free(r->write);
	if (r->mem.live != 0)
		soak_bad(r, "a leak");
}

/* soak_run lets |d| pass; what spins at one instant is wrong. */
static inline void
soak_run(struct soak *r, struct mspan d)
{
	struct mtime until = mtime_add(world_now(r->w), d);
	int rv;

	for (unsigned i = 0; (rv = world_step(r->w, until)) == 1; i++)
		if (i == SOAK_EVENTS) {
			soak_bad(r, "no end of events");
			return;
		}
	soak_must(r, rv, "run");
}

#endif
