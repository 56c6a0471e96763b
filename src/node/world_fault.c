/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Faults that can be healed: cuts and partitions in the network, frames lost
 * or delayed by what they carry, calls refused.
 */
#include <string.h>

#include "marsh/base/err.h"
#include "node/world_int.h"

#define OP_DATA LOG_OP_DATA

enum fault_kind { CUT, PARTITION, LOSS, LAG, REFUSE };

struct fault {
	fault_id id;
	enum fault_kind kind;
	struct mtime since;
	node_id a, b; /* cut: both; loss, lag: from and to; refuse: a */
	unsigned op;
	uint64_t skip;  /* loss: how many pass first */
	uint64_t count; /* loss: how many more, 0: no limit */
	bool counted;
	double p;
	struct mspan by;
	unsigned cause; /* refuse */
	uint64_t hits;
	uint8_t *side; /* partition: of node i + 1 */
	size_t side_n;
};

static bool
needs_filter(const struct fault *f)
{
	return f->kind == LOSS || f->kind == LAG;
}

/* ---- the frame filter -------------------------------------------------- */

static bool
concerns(const struct fault *f, unsigned op, node_id from, node_id to)
{
	return (f->a == 0 || f->a == from) && (f->b == 0 || f->b == to)
	    && (f->op == op || (f->op == 0 && op != OP_DATA));
}

static bool
filter(void *ctx, struct mtime now, uint32_t vc, atm_port from, atm_port to,
    const struct frame *fr, struct mspan *extra)
{
	struct world *w = ctx;
	unsigned op = world_peek_op(fr);
	bool pass = true;

	(void)now;
	(void)vc;
	if (op == 0)
		op = OP_DATA;
	for (size_t i = 0; i < w->faults && pass; i++) {
		struct fault *f = &w->fault[i];

		if (!needs_filter(f)
		    || !concerns(f, op, node_of_port(w, from),
			node_of_port(w, to)))
			continue;
		if (f->kind == LAG) {
			extra->us += f->by.us;
			f->hits++;
		} else if (f->skip > 0) {
			f->skip--;
		} else if ((!f->counted || f->count > 0)
		    && (f->p >= 1 || rng_unit(&w->rng) < f->p)) {
			f->hits++;
			f->count -= f->counted;
			pass = false;
		}
	}
	return pass;
}

static void
net_note(void *ctx, const char *text)
{
	world_note(ctx, TRACE_ALARM, 0, text, 0);
}

void
fault_watch(struct world *w)
{
	struct atm_watch sw = { .vc = world_vc_event, .frame = capture_frame,
		.filter = w->filters ? filter : NULL, .note = net_note,
		.ctx = w };

	atm_net_watch(w->net, &sw);
}

/* ---- making ------------------------------------------------------------ */

static int
add(struct world *w, const struct fault *f, const char *what)
{
	void *vec = w->fault;

	if (mem_grow(w->mem, &vec, &w->fault_cap, w->faults + 1,
		sizeof(*w->fault)) != 0)
		return MARSH_ENOMEM;
	w->fault = vec;
	w->fault[w->faults] = *f;
	w->fault[w->faults].id = ++w->fault_last;
	w->fault[w->faults].since = world_now(w);
	w->faults++;
	if (needs_filter(f)) {
		w->filters++;
		fault_watch(w);
	}
	world_note(w, TRACE_FAULT, f->a, what, f->b);
	world_dispatch(w);
	return (int)w->fault_last;
}

int
world_cut(struct world *w, node_id a, node_id b)
{
	struct fault f = { .kind = CUT, .a = a, .b = b };
	int rv;

	if (!world_valid(w, a) || !world_valid(w, b) || a == b)
		return MARSH_EINVAL;
	if (w->sim == NULL)
		return MARSH_ENOTSUP;
	rv = sim_cut(w->sim, node_port(w, a), node_port(w, b));
	if (rv == 0 && (rv = add(w, &f, "cut")) < 0)
		sim_heal(w->sim, node_port(w, a), node_port(w, b));
	return rv;
}

/*
 * sides cuts or heals the first |upto| pairs of nodes on different sides and
 * returns how many it did; fewer than |upto| when memory ran short.
 */
static size_t
sides(struct world *w, const struct fault *f, size_t upto, bool cut)
{
	size_t done = 0;

	for (size_t i = 0; i < f->side_n; i++)
		for (size_t j = i + 1; j < f->side_n && done < upto; j++) {
			atm_port a = node_port(w, (node_id)i + 1);
			atm_port b = node_port(w, (node_id)j + 1);

			if (f->side[i] == 0 || f->side[j] == 0
			    || f->side[i] == f->side[j])
				continue;
			if (!cut)
				sim_heal(w->sim, a, b);
			else if (sim_cut(w->sim, a, b) != 0)
				return done;
			done++;
		}
	return done;
}

static size_t
side_pairs(const struct fault *f)
{
	size_t n = 0;

	for (size_t i = 0; i < f->side_n; i++)
		for (size_t j = i + 1; j < f->side_n; j++)
			n += f->side[i] != 0 && f->side[j] != 0
			    && f->side[i] != f->side[j];
	return n;
}

int
world_partition(struct world *w, const uint8_t *side, size_t n)
{
	struct fault f = { .kind = PARTITION, .side_n = n };
	size_t done;
	int rv;

	if (n == 0 || n > w->nodes)
		return MARSH_EINVAL;
	if (w->sim == NULL)
		return MARSH_ENOTSUP;
	f.side = mem_alloc(w->mem, n);
	if (f.side == NULL)
		return MARSH_ENOMEM;
	memcpy(f.side, side, n);
	done = sides(w, &f, SIZE_MAX, true);
	rv = done == side_pairs(&f) ? add(w, &f, "partition") : MARSH_ENOMEM;
	if (rv < 0) {
		(void)sides(w, &f, done, false);
		mem_free(w->mem, f.side, n);
	}
	return rv;
}

static bool
op_ok(unsigned op)
{
	return op == 0 || op == OP_DATA || log_op_valid(op);
}

int
world_loss(struct world *w, unsigned op, node_id from, node_id to,
    uint64_t skip, uint64_t count, double p)
{
	struct fault f = { .kind = LOSS, .a = from, .b = to, .op = op,
		.skip = skip, .count = count, .counted = count != 0, .p = p };

	if (!(p > 0 && p <= 1) || !op_ok(op))
		return MARSH_EINVAL;
	if (w->sim == NULL)
		return MARSH_ENOTSUP;
	return add(w, &f, "loss");
}

int
world_lag(struct world *w, unsigned op, node_id from, node_id to,
    struct mspan by)
{
	struct fault f = { .kind = LAG, .a = from, .b = to, .op = op,
		.by = by };

	if (by.us <= 0 || !op_ok(op))
		return MARSH_EINVAL;
	if (w->sim == NULL)
		return MARSH_ENOTSUP;
	return add(w, &f, "lag");
}

int
world_refuse(struct world *w, node_id n, unsigned cause)
{
	struct fault f = { .kind = REFUSE, .a = n, .cause = cause };

	if (!world_valid(w, n) || cause == 0 || cause > 127)
		return MARSH_EINVAL;
	if (w->sim == NULL)
		return MARSH_ENOTSUP;
	sim_refuse(w->sim, node_port(w, n), cause);
	return add(w, &f, "refuse");
}

/* ---- healing ----------------------------------------------------------- */

/* Why calls to |n| still fail: the newest refusal that is in force, or 0. */
static unsigned
refused_for(const struct world *w, node_id n)
{
	for (size_t i = w->faults; i > 0; i--)
		if (w->fault[i - 1].kind == REFUSE && w->fault[i - 1].a == n)
			return w->fault[i - 1].cause;
	return 0;
}

static void
end(struct world *w, size_t i)
{
	struct fault f = w->fault[i];

	w->faults--;
	memmove(&w->fault[i], &w->fault[i + 1],
	    (w->faults - i) * sizeof(*w->fault));
	if (f.kind == CUT)
		sim_heal(w->sim, node_port(w, f.a), node_port(w, f.b));
	else if (f.kind == PARTITION)
		(void)sides(w, &f, SIZE_MAX, false);
	else if (f.kind == REFUSE)
		sim_refuse(w->sim, node_port(w, f.a), refused_for(w, f.a));
	else if (--w->filters == 0)
		fault_watch(w);
	mem_free(w->mem, f.side, f.side_n);
	world_note(w, TRACE_FAULT, f.a, "heal", f.b);
}

int
world_heal(struct world *w, fault_id id)
{
	size_t i = 0;

	if (id == 0) {
		while (w->faults != 0)
			end(w, w->faults - 1);
	} else {
		while (i < w->faults && w->fault[i].id != id)
			i++;
		if (i == w->faults)
			return MARSH_ENOENT;
		end(w, i);
	}
	world_dispatch(w);
	return 0;
}

void
fault_free_all(struct world *w)
{
	for (size_t i = 0; i < w->faults; i++)
		mem_free(w->mem, w->fault[i].side, w->fault[i].side_n);
	mem_free(w->mem, w->fault, w->fault_cap * sizeof(*w->fault));
	w->fault = NULL;
	w->faults = w->fault_cap = 0;
}

bool
world_next_fault(const struct world *w, fault_id after,
    struct fault_info *info)
{
	static const char *const words[] = { "cut", "partition", "loss", "lag",
		"refuse" };

	for (size_t i = 0; i < w->faults; i++) {
		const struct fault *f = &w->fault[i];

		if (f->id <= after)
			continue;
		*info = (struct fault_info){ f->id, words[f->kind], f->since,
			f->a, f->b, f->op, f->hits, f->p,
			f->counted ? f->count : 0, f->by, f->cause, f->side,
			f->side_n };
		return true;
	}
	return false;
}
