/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SCSP servers: engines of one group each at a port.  A cold restart is a new
 * program without memory, so its keys begin at a clock's value (RFC 2334
 * B.2.0.2, A-26): seconds on a fabric, where nobody is older than the world, and
 * those since the year 2000 on a kernel's network, for the network's own clock
 * begins anew with the machine.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "marsh/base/err.h"
#include "node/scsp_node_int.h"

#define YEAR_2000 946684800 /* in seconds since 1970 */

void
world_scsp_defaults(struct world_scsp_cfg *cfg)
{
	memset(cfg, 0, sizeof(*cfg));
	scsp_defaults(&cfg->engine);
	scsp_group_defaults(&cfg->group);
	cfg->engine.seed = 0;
	cfg->group.pid = 3;
	cfg->group.sgid = 1;
}

static int32_t
clock_seq(const struct world *w, const struct node *n)
{
	int64_t s;

	if (w->sim != NULL)
		s = mtime_sub(world_now(w), w->start).us / 1000000
		    + (int64_t)n->restarts * n->scsp->cfg.group.restart;
	else
		s = (int64_t)time(NULL) - YEAR_2000;
	if (s <= n->scsp->first)
		s = (int64_t)n->scsp->first + 1;
	return s > SCSP_SEQ_LAST / 2 ? SCSP_SEQ_LAST / 2 : (int32_t)s;
}

struct scsp *
scsp_node_build(struct world *w, struct node *n, int32_t first)
{
	struct scsp_node *x = n->scsp;
	struct scsp_group_cfg g = x->cfg.group;
	struct scsp *s = scsp_new(&x->cfg.engine, w->mem, &n->trace);

	g.first_seq = first;
	if (s == NULL)
		return NULL;
	if (scsp_add_group(s, world_now(w), &g) != 0
	    || scsp_node_connect(w, n, s) != 0) {
		scsp_free(s);
		return NULL;
	}
	x->first = first;
	return s;
}

void
scsp_node_end(struct node *n)
{
	scsp_free(n->scsp->engine);
	n->scsp->engine = NULL;
}

/* ---- making -------------------------------------------------------------- */

static void
own_id(const struct world *w, struct scsp_node *x,
    const struct world_scsp_cfg *cfg)
{
	uint32_t number = w->made[NODE_SCSP] + 1;

	if (cfg->engine.id.len > 0) {
		x->cfg.engine.id.len = cfg->engine.id.len;
		memcpy(x->id, cfg->engine.id.p, cfg->engine.id.len);
	} else {
		x->cfg.engine.id.len = 4;
		x->cfg.engine.id.p = x->id;
		do {
			for (unsigned i = 0; i < 4; i++)
				x->id[i] = (uint8_t)(number >> (24 - 8 * i));
			number++;
		} while (world_find_scsp(w, x->cfg.engine.id, 0) != 0);
	}
	x->cfg.engine.id.p = x->id;
}

/*
 * What strangers on a kernel's network must not guess; without a source of
 * chance the engine's seed has to do.  On a fabric nobody is a stranger.
 */
static uint64_t
hash_seed(const struct world *w, uint64_t seed)
{
	FILE *f = w->sim == NULL ? fopen("/dev/urandom", "rb") : NULL;
	uint64_t chance = 0;

	if (f == NULL)
		return seed;
	if (fread(&chance, sizeof(chance), 1, f) != 1)
		chance = 0;
	fclose(f);
	return seed ^ chance;
}

static int
add_scsp(struct world *w, struct node *n, const struct world_scsp_cfg *cfg)
{
	struct scsp_node *x = mem_alloc(w->mem, sizeof(*x));
	struct scsp_group_cfg g = cfg->group;
	int rv;

	if (x == NULL)
		return MARSH_ENOMEM;
	n->scsp = x;
	x->cfg = *cfg;
	x->cfg.engine.addr = n->addr;
	own_id(w, x, cfg);
	if (x->cfg.engine.seed == 0)
		x->cfg.engine.seed = rng_u64(&w->rng);
	x->cfg.engine.hash_seed = hash_seed(w, x->cfg.engine.seed);
	x->first = w->sim != NULL ? SCSP_SEQ_FIRST : clock_seq(w, n);
	x->engine = scsp_new(&x->cfg.engine, w->mem, &n->trace);
	if (x->engine == NULL)
		return MARSH_ENOMEM;
	g.first_seq = x->first;
	rv = scsp_add_group(x->engine, world_now(w), &g);
	return rv < 0 ? rv : 0;
}

int
world_add_scsp(struct world *w, const char *name,
    const struct world_scsp_cfg *cfg, node_id *id)
{
	struct node *n;
	int rv;

	if (cfg->engine.id.len > SCSP_ID_MAX)
		return MARSH_EINVAL;
	rv = world_make(w, name, NODE_SCSP, &cfg->engine.addr, NULL, 0, &n);
	if (rv != 0)
		return rv;
	rv = add_scsp(w, n, cfg);
	if (rv != 0) {
		scsp_node_free(w, n);
		world_unmake(w, n);
		return rv;
	}
	world_enter(w, n, id);
	node_arm(w, n);
	world_dispatch(w);
	return 0;
}

void
scsp_node_free(struct world *w, struct node *n)
{
	if (n->scsp == NULL)
		return;
	scsp_node_end(n);
	scsp_node_unlink_all(w, n->scsp);
	mem_free(w->mem, n->scsp, sizeof(*n->scsp));
	n->scsp = NULL;
}

/* ---- running ------------------------------------------------------------- */

const struct scsp *
scsp_node_engine(const struct node *n)
{
	return n->scsp != NULL ? n->scsp->engine : NULL;
}

int
scsp_node_step(struct world *w, struct node *n, const struct scsp_ev *ev,
    struct atm_out *out)
{
	return scsp_step(n->scsp->engine, world_now(w), ev, out);
}

struct mtime
scsp_node_deadline(const struct node *n)
{
	return scsp_deadline(n->scsp->engine);
}

int
scsp_node_again(struct world *w, struct node *n, bool cold)
{
	struct scsp_ev ev = { .kind = SCSP_RESTART };
	struct scsp *s;

	n->restarts++;
	if (cold) {
		n->scsp->cfg.engine.seed =
		    world_next_life(n->scsp->cfg.engine.seed);
		s = scsp_node_build(w, n, clock_seq(w, n));
		if (s == NULL)
			return MARSH_ENOMEM;
		scsp_node_end(n);
		n->scsp->engine = s;
	}
	atm_net_up(w->net, n->port);
	n->state = NODE_UP;
	if (cold)
		node_arm(w, n);
	else
		(void)node_step_scsp(w, n, &ev);
	return 0;
}

/* ---- looking ------------------------------------------------------------- */

const struct world_scsp_cfg *
node_scsp_cfg(const struct world *w, node_id n)
{
	return &world_node(w, n)->scsp->cfg;
}

bool
node_scsp_find(const struct world *w, node_id n, const struct atm_addr *addr,
    struct scsp_dcs_info *info)
{
	const struct scsp *s = node_scsp(w, n);

	for (unsigned i = 0; s != NULL && scsp_dcs(s, 0, i, info); i++)
		if (atm_addr_equal(&info->addr, addr))
			return true;
	return false;
}

static bool
same_group(const struct node *a, const struct node *b)
{
	return a->scsp->cfg.group.pid == b->scsp->cfg.group.pid
	    && a->scsp->cfg.group.sgid == b->scsp->cfg.group.sgid;
}

node_id
world_find_scsp(const struct world *w, struct scsp_oct id, node_id like)
{
	for (size_t i = 0; w->made[NODE_SCSP] != 0 && i < w->nodes; i++) {
		const struct node *n = w->node[i];

		if (n->kind == NODE_SCSP
		    && scsp_oct_equal(n->scsp->cfg.engine.id, id)
		    && (like == 0 || same_group(n, world_node(w, like))))
			return n->id;
	}
	return 0;
}

/* ---- verbs --------------------------------------------------------------- */

/* The deadline may be now: what was changed at one instant leaves together. */
static int
changed(struct world *w, struct node *n, int rv)
{
	node_arm(w, n);
	world_dispatch(w);
	return rv;
}

int
node_scsp_put(struct world *w, node_id id, struct scsp_oct key,
    struct scsp_oct body)
{
	int rv;
	struct node *n = world_up(w, id, NODE_SCSP, &rv);

	if (n == NULL)
		return rv;
	return changed(w, n, scsp_put(n->scsp->engine, world_now(w), 0, key,
	    body));
}

int
node_scsp_remove(struct world *w, node_id id, struct scsp_oct key)
{
	int rv;
	struct node *n = world_up(w, id, NODE_SCSP, &rv);

	if (n == NULL)
		return rv;
	return changed(w, n, scsp_remove(n->scsp->engine, world_now(w), 0,
	    key));
}

int
node_scsp_solicit(struct world *w, node_id id, const struct atm_addr *dcs,
    struct scsp_oct key, struct scsp_oct orig)
{
	int rv;
	struct node *n = world_up(w, id, NODE_SCSP, &rv);

	if (n == NULL)
		return rv;
	return changed(w, n, scsp_solicit(n->scsp->engine, world_now(w), 0,
	    dcs, key, orig));
}
