/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Nodes are made: a name that is free, an address, a port, and an engine.  A
 * node keeps the configuration its engine was built from, so that a restart can
 * build it again.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "marsh/base/err.h"
#include "node/world_int.h"

static int
slots_grow(struct world *w, uint32_t **slot, size_t *slots, bool by_name)
{
	size_t n = *slots ? *slots * 2 : 64;
	uint32_t *v = mem_alloc(w->mem, n * sizeof(*v));

	if (v == NULL)
		return MARSH_ENOMEM;
	for (size_t i = 0; i < w->nodes; i++) {
		const struct node *x = w->node[i];
		size_t s = (by_name ? world_name_hash(x->name)
				    : atm_addr_hash(&x->addr)) & (n - 1);

		while (v[s] != 0)
			s = (s + 1) & (n - 1);
		v[s] = x->id;
	}
	mem_free(w->mem, *slot, *slots * sizeof(**slot));
	*slot = v;
	*slots = n;
	return 0;
}

static void
slot_put(uint32_t *slot, size_t slots, uint64_t hash, node_id id)
{
	size_t s = hash & (slots - 1);

	while (slot[s] != 0)
		s = (s + 1) & (slots - 1);
	slot[s] = id;
}

static bool
name_ok(const char *s)
{
	size_t n = strlen(s);

	return n > 0 && n < NODE_NAME_MAX
	    && strspn(s, "abcdefghijklmnopqrstuvwxyz"
			 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") == n;
}

/*
 * Addresses of the world's own choice: the prefix, then the rest of an End
 * System Identifier that tells the kind and counts.
 */
static struct atm_addr
own_addr(const struct world *w, enum node_kind kind)
{
	static const uint8_t letter[NODE_KIND_COUNT] = { 'M', 'C', 'S', 'R' };
	uint32_t number = w->made[kind] + 1;
	uint8_t b[ATM_NSAP_LEN] = { 0 };

	memcpy(b, w->cfg.prefix, WORLD_PREFIX);
	b[12] = (uint8_t)(b[12] + (number >> 16));
	b[16] = letter[kind];
	b[17] = (uint8_t)(number >> 8);
	b[18] = (uint8_t)number;
	return atm_addr_nsap(b);
}

/* 10.0.0.1 and on, or fd00::1 and on; other protocols do without. */
static struct l3_addr
own_spa(const struct l3_proto *pro, uint32_t number)
{
	struct l3_addr a = l3_addr_ipv4(number), six = { .len = 16 };

	if (pro->type == 0x0800)
		return l3_addr_ipv4(0x0a000000u + number);
	if (pro->type != 0x86dd)
		return (struct l3_addr){ .len = 0 };
	six.b[0] = 0xfd;
	memcpy(six.b + 12, a.b, 4);
	return six;
}

static int
make_room(struct world *w)
{
	void *vec = w->node;

	if (mem_grow(w->mem, &vec, &w->node_cap, w->nodes + 1,
		sizeof(*w->node)) != 0)
		return MARSH_ENOMEM;
	w->node = vec;
	if ((w->nodes + 1) * 2 > w->name_slots
	    && slots_grow(w, &w->name_slot, &w->name_slots, true) != 0)
		return MARSH_ENOMEM;
	if ((w->nodes + 1) * 2 > w->addr_slots
	    && slots_grow(w, &w->addr_slot, &w->addr_slots, false) != 0)
		return MARSH_ENOMEM;
	return 0;
}

static int
port_room(struct world *w, atm_port port)
{
	void *vec = w->by_port;
	size_t old = w->by_port_cap;

	if (port < old)
		return 0;
	if (mem_grow(w->mem, &vec, &w->by_port_cap, (size_t)port + 1,
		sizeof(*w->by_port)) != 0)
		return MARSH_ENOMEM;
	w->by_port = vec;
	memset(w->by_port + old, 0, (w->by_port_cap - old) * sizeof(node_id));
	return 0;
}

/* What engines tell becomes a record: pointers turn into numbers. */
static void
on_trace(void *ctx, struct mtime now, const struct trace_ev *ev)
{
	struct node *n = ctx;
	struct world *w = n->w;
	struct log_rec r = { .kind = (uint8_t)ev->kind, .op = ev->op,
		.use = ev->use, .cmi = ev->cmi, .cause = ev->cause,
		.msn = ev->msn, .n = ev->n, .what = ev->what, .from = ev->from,
		.to = ev->to, .node = n->id };

	(void)now;
	if (n->kind == NODE_SCSP && r.op != 0)
		r.op = (uint8_t)(r.op + LOG_SCSP);
	if (ev->who != NULL)
		r.peer = world_find_addr(w, ev->who);
	if (ev->ref != 0)
		r.vc = atm_net_vc_id(w->net, n->port, ev->ref);
	r.group = log_range(w->log, ev->group);
	world_log_add(w, &r);
}

void
world_unmake(struct world *w, struct node *n)
{
	if (n == NULL)
		return;
	if (n->port != 0)
		atm_net_detach(w->net, n->port, ATM_CAUSE_OUT_OF_ORDER);
	mem_free(w->mem, n->list, n->list_n * sizeof(*n->list));
	mem_free(w->mem, n, sizeof(*n));
}

int
world_make(struct world *w, const char *name, enum node_kind kind,
    const struct atm_addr *addr, const struct atm_addr *list, size_t list_n,
    struct node **out)
{
	struct node *n;
	int rv;

	if (!name_ok(name))
		return MARSH_EINVAL;
	if (world_find(w, name) != 0)
		return MARSH_EEXIST;
	if (make_room(w) != 0 || (n = mem_alloc(w->mem, sizeof(*n))) == NULL)
		return MARSH_ENOMEM;
	n->w = w;
	n->kind = kind;
	n->armed = MTIME_NEVER;
	n->trace = (struct trace){ on_trace, n };
	snprintf(n->name, sizeof(n->name), "%s", name);
	n->addr = addr->tl != 0 ? *addr : own_addr(w, kind);
	if (list_n != 0) {
		n->list = mem_alloc(w->mem, list_n * sizeof(*list));
		if (n->list == NULL) {
			world_unmake(w, n);
			return MARSH_ENOMEM;
		}
		memcpy(n->list, list, list_n * sizeof(*list));
		n->list_n = list_n;
	}
	rv = atm_net_attach(w->net, &n->addr, &n->port);
	if (rv == 0 && (rv = port_room(w, n->port)) == 0) {
		*out = n;
		return 0;
	}
	world_unmake(w, n);
	return rv;
}

void
world_enter(struct world *w, struct node *n, node_id *id)
{
	w->made[n->kind]++;
	w->node[w->nodes++] = n;
	n->id = (node_id)w->nodes;
	w->by_port[n->port] = n->id;
	slot_put(w->name_slot, w->name_slots, world_name_hash(n->name), n->id);
	slot_put(w->addr_slot, w->addr_slots, atm_addr_hash(&n->addr), n->id);
	if (id != NULL)
		*id = n->id;
}

int
world_add_server(struct world *w, const char *name,
    const struct mars_server_cfg *cfg, node_id *id)
{
	struct mars_server_ev ev = { .kind = MARS_SERVER_START };
	struct node *n;
	int rv = world_make(w, name, NODE_SERVER, &cfg->addr, cfg->list,
	    cfg->list_n, &n);

	if (rv != 0)
		return rv;
	n->scfg = *cfg;
	n->scfg.addr = n->addr;
	n->scfg.list = n->list;
	if (n->scfg.seed == 0)
		n->scfg.seed = rng_u64(&w->rng);
	n->server = mars_server_new(&n->scfg, w->mem, &n->trace);
	if (n->server == NULL) {
		world_unmake(w, n);
		return MARSH_ENOMEM;
	}
		world_enter(w, n, id);
	(void)node_step_server(w, n, &ev);
	world_dispatch(w);
	return 0;
}

int
world_add_client(struct world *w, const char *name,
    const struct mars_client_cfg *cfg, node_id *id)
{
	struct node *n;
	int rv = world_make(w, name, NODE_CLIENT, &cfg->addr, cfg->backups,
	    cfg->backups_n, &n);

	if (rv != 0)
		return rv;
	n->ccfg = *cfg;
	n->ccfg.addr = n->addr;
	n->ccfg.backups = n->list;
	if (n->ccfg.seed == 0)
		n->ccfg.seed = rng_u64(&w->rng);
	if (n->ccfg.spa.len == 0)
		n->ccfg.spa = own_spa(&n->ccfg.pro, w->made[NODE_CLIENT] + 1);
	n->spa = n->ccfg.spa;
	n->client = mars_client_new(&n->ccfg, w->mem, &n->trace);
	if (n->client == NULL) {
		world_unmake(w, n);
		return MARSH_ENOMEM;
	}
	world_enter(w, n, id);
	return 0;
}
