/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The log: a ring of chunks that grows as it is used, an interning table for
 * group ranges, and a running hash.  Records are found by their number with a
 * binary search, since those not kept leave gaps.
 */
#include "marsh/node/log.h"

#include <assert.h>
#include <string.h>

#include "marsh/base/err.h"
#include "marsh/wire/mars_msg.h"
#include "marsh/wire/scsp_msg.h"

#define CHUNK 1024

struct log {
	const struct mem *mem;
	struct log_rec **chunk;
	size_t chunks;      /* places in |chunk| */
	size_t max;         /* records kept at most: chunks * CHUNK */
	uint64_t lo, hi;    /* kept records have ring numbers [lo, hi) */
	uint64_t seq;       /* of the newest record, kept or not */
	uint64_t hash;
	uint64_t hint;      /* ring number after the one last asked for */
	struct l3_range *range;
	size_t ranges, range_cap;
	uint32_t *slot;     /* interning table of indices, 0: empty */
	size_t slots;
};

struct log *
log_new(const struct mem *mem, size_t max)
{
	struct log *l = mem_alloc(mem, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->mem = mem;
	l->chunks = (max + CHUNK - 1) / CHUNK;
	if (l->chunks == 0)
		l->chunks = 1;
	l->max = l->chunks * CHUNK;
	l->hash = 0xcbf29ce484222325u;
	l->chunk = mem_alloc(mem, l->chunks * sizeof(*l->chunk));
	if (l->chunk == NULL) {
		mem_free(mem, l, sizeof(*l));
		return NULL;
	}
	return l;
}

void
log_free(struct log *l)
{
	if (l == NULL)
		return;
	for (size_t i = 0; i < l->chunks; i++)
		mem_free(l->mem, l->chunk[i], CHUNK * sizeof(**l->chunk));
	mem_free(l->mem, l->chunk, l->chunks * sizeof(*l->chunk));
	mem_free(l->mem, l->range, l->range_cap * sizeof(*l->range));
	mem_free(l->mem, l->slot, l->slots * sizeof(*l->slot));
	mem_free(l->mem, l, sizeof(*l));
}

static uint64_t
mix(uint64_t h, uint64_t x)
{
	h ^= x;
	h *= 0x9fb21c651e98df25u;
	return h ^ (h >> 29);
}

/* Pointers differ between runs, so strings count by their octets. */
static uint64_t
mix_str(uint64_t h, const char *s)
{
	if (s == NULL)
		return mix(h, 1);
	while (*s != '\0')
		h = mix(h, (uint8_t)*s++);
	return mix(h, 2);
}

/*
 * The fields are multiplied side by side and join the chain in one step: a
 * record's cost is then one multiplication's latency, not seven.
 */
static uint64_t
mix_rec(uint64_t h, const struct log_rec *r)
{
	uint64_t a = ((uint64_t)r->t.us ^ 0x8ebc6af09c88c6e3u)
	    * 0x9fb21c651e98df25u;
	uint64_t b = ((uint64_t)r->node << 32 | r->peer) * 0xc2b2ae3d27d4eb4fu;
	uint64_t c = ((uint64_t)r->src << 32 | r->vc) * 0x165667b19e3779f9u;
	uint64_t d = ((uint64_t)r->msn << 32 | r->n) * 0x27d4eb2f165667c5u;
	uint64_t e = ((uint64_t)r->group << 32 | (uint32_t)r->cmi << 16
	    | r->cause) * 0x85ebca77c2b2ae63u;
	uint64_t f = ((uint64_t)r->kind << 24 | (uint64_t)r->op << 16
	    | (uint64_t)r->use << 8 | r->flags) * 0xff51afd7ed558ccdu;

	a ^= (b >> 31) + c;
	d ^= (e >> 29) + f;
	h = mix(h, (a ^ (a >> 32)) + (b ^ (c >> 27)) + ((d ^ (d >> 30)) << 1)
	    + (e ^ (f >> 33)));
	if (r->what != NULL || r->from != NULL || r->to != NULL) {
		h = mix_str(h, r->what);
		h = mix_str(h, r->from);
		h = mix_str(h, r->to);
	}
	return h;
}

static struct log_rec *
at(const struct log *l, uint64_t ring)
{
	size_t i = ring % l->max;

	return &l->chunk[i / CHUNK][i % CHUNK];
}

uint64_t
log_add(struct log *l, struct log_rec *r, bool keep)
{
	size_t c = l->hi % l->max / CHUNK;

	r->seq = ++l->seq;
	l->hash = mix_rec(l->hash, r);
	if (!keep)
		return r->seq;
	if (l->chunk[c] == NULL)
		l->chunk[c] = mem_alloc(l->mem, CHUNK * sizeof(**l->chunk));
	if (l->chunk[c] == NULL)
		return r->seq;
	*at(l, l->hi++) = *r;
	if (l->hi - l->lo > l->max)
		l->lo++;
	return r->seq;
}

/* Mostly both ends are the same: they must not cancel each other out. */
static uint64_t
range_hash(const struct l3_range *r)
{
	return mix(mix(0, l3_addr_hash(&r->min)), l3_addr_hash(&r->max));
}

static bool
range_equal(const struct l3_range *a, const struct l3_range *b)
{
	return l3_addr_cmp(&a->min, &b->min) == 0
	    && l3_addr_cmp(&a->max, &b->max) == 0
	    && a->min.len == b->min.len;
}

static int
range_rehash(struct log *l)
{
	size_t n = l->slots ? l->slots * 2 : 64;
	uint32_t *slot = mem_alloc(l->mem, n * sizeof(*slot));

	if (slot == NULL)
		return MARSH_ENOMEM;
	for (size_t i = 0; i < l->ranges; i++) {
		size_t s = range_hash(&l->range[i]) & (n - 1);

		while (slot[s] != 0)
			s = (s + 1) & (n - 1);
		slot[s] = (uint32_t)i + 1;
	}
	mem_free(l->mem, l->slot, l->slots * sizeof(*slot));
	l->slot = slot;
	l->slots = n;
	return 0;
}

uint32_t
log_range(struct log *l, const struct l3_range *r)
{
	void *vec = l->range;
	size_t s;

	if (r == NULL)
		return 0;
	if ((l->ranges + 1) * 2 > l->slots && range_rehash(l) != 0)
		return 0;
	for (s = range_hash(r) & (l->slots - 1); l->slot[s] != 0;
	    s = (s + 1) & (l->slots - 1))
		if (range_equal(&l->range[l->slot[s] - 1], r))
			return l->slot[s];
	if (mem_grow(l->mem, &vec, &l->range_cap, l->ranges + 1,
		sizeof(*l->range)) != 0)
		return 0;
	l->range = vec;
	l->range[l->ranges++] = *r;
	l->slot[s] = (uint32_t)l->ranges;
	return l->slot[s];
}

const struct l3_range *
log_group(const struct log *l, uint32_t index)
{
	return index != 0 && index <= l->ranges ? &l->range[index - 1] : NULL;
}

uint64_t
log_first(const struct log *l)
{
	return l->lo < l->hi ? at(l, l->lo)->seq : l->seq + 1;
}

uint64_t
log_last(const struct log *l)
{
	return l->seq;
}

const struct log_rec *
log_get(struct log *l, uint64_t seq)
{
	uint64_t lo = l->lo, hi = l->hi;

	/* Readers mostly walk forward: try the place after the last answer. */
	if (l->hint > lo && l->hint < hi && at(l, l->hint - 1)->seq < seq
	    && at(l, l->hint)->seq >= seq) {
		l->hint++;
		return at(l, l->hint - 1);
	}
	while (lo < hi) {
		uint64_t mid = lo + (hi - lo) / 2;

		if (at(l, mid)->seq < seq)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == l->hi)
		return NULL;
	l->hint = lo + 1;
	return at(l, lo);
}

uint64_t
log_hash(const struct log *l)
{
	return l->hash;
}

/* ---- messages ------------------------------------------------------------ */

const char *
log_op_word(unsigned op)
{
	if (op == LOG_OP_DATA)
		return mars_op_word(0);
	return op > LOG_SCSP ? scsp_type_word(op - LOG_SCSP) : mars_op_word(op);
}

unsigned
log_op_find(const char *word)
{
	unsigned op = mars_op_find(word), type;

	if (op != 0)
		return op;
	type = scsp_type_find(word);
	return type != 0 ? LOG_SCSP + type : 0;
}

bool
log_op_valid(unsigned op)
{
	return (op > 0 && op < MARS_OP_COUNT)
	    || (op > LOG_SCSP && op < LOG_SCSP + SCSP_TYPE_COUNT);
}
