/* SPDX-License-Identifier: BSD-2-Clause */
/* The cache against a naive model, with walks that live across changes. */
#include "cache_rig.h"
#include "marsh/base/rng.h"

#define KEYS 500
#define ORIGS 6
#define NAMES (KEYS * ORIGS)
#define WALKS 3

struct fact {
	bool there, tombstone, own;
	int32_t seq;
	uint64_t change;
	struct mtime since;
	unsigned body; /* length and first octet */
};

struct model {
	struct scsp_cache *c;
	struct rng g;
	struct mtime now;
	struct fact f[NAMES];
	uint64_t change;
	struct scsp_walk w[WALKS];
	bool open[WALKS];
	uint64_t passed[WALKS], upto[WALKS];
	uint8_t body[9000];
};

static struct scsp_rec
name(struct model *m, unsigned i, uint8_t k[255])
{
	unsigned key = i % KEYS, len = key % 50 == 0 ? 255 : 1 + key % 9;

	(void)m;
	memset(k, 0x40, 255);
	k[0] = (uint8_t)key;
	k[len - 1] = (uint8_t)(len == 1 ? key / 9 : key >> 4);
	if (len > 2)
		k[1] = (uint8_t)(key >> 8);
	return (struct scsp_rec){ .key = { k, len },
		.orig = { (const uint8_t *)"abcdefghijklmnopqrst" + i / KEYS,
		    1 + i / KEYS * 3 } };
}

/* The first fact behind |after|, or NULL. */
static struct fact *
behind(struct model *m, uint64_t after)
{
	struct fact *best = NULL;

	for (unsigned i = 0; i < NAMES; i++)
		if (m->f[i].there && m->f[i].change > after
		    && (best == NULL || m->f[i].change < best->change))
			best = &m->f[i];
	return best;
}

static void
model_set(struct model *m, unsigned i)
{
	static const unsigned len[] = { 0, 1, 8, 60, 64, 64, 64, 300, 9000 };
	uint8_t k[255];
	struct scsp_rec r = name(m, i, k);
	struct fact f = { .there = true, .tombstone = rng_below(&m->g, 4) == 0,
		.own = rng_below(&m->g, 2), .seq = (int32_t)rng_u64(&m->g),
		.since = m->now, .body = len[rng_below(&m->g, 9)] };
	struct scsp_entry *e;

	if (f.seq == SCSP_SEQ_NONE)
		f.seq = SCSP_SEQ_FIRST;
	r.seq = f.seq;
	r.body = (struct scsp_oct){ m->body, f.body };
	m->body[0] = (uint8_t)r.seq;
	fm.fail_at = rng_below(&m->g, 8) == 0
	    ? fm.count + 1 + (long)rng_below(&m->g, 3) : 0;
	e = scsp_cache_set(m->c, m->now, &r, f.tombstone, f.own);
	if (e == NULL) {
		assert_true(fm.fail_at != 0 && fm.count >= fm.fail_at);
		return;
	}
	f.change = ++m->change;
	m->f[i] = f;
}

static void
model_same(struct model *m, unsigned i)
{
	uint8_t k[255];
	struct scsp_rec r = name(m, i, k), got;
	const struct scsp_entry *e = scsp_cache_find(m->c, r.key, r.orig);
	const struct fact *f = &m->f[i];

	assert_int_equal(e != NULL, f->there);
	if (e == NULL)
		return;
	scsp_entry_rec(e, &got);
	assert_int_equal(got.seq, f->seq);
	assert_int_equal(got.body.len, f->body);
	if (f->body > 0) {
		m->body[0] = (uint8_t)f->seq;
		assert_memory_equal(got.body.p, m->body, f->body);
	}
	assert_int_equal(scsp_entry_own(e), f->own);
	assert_int_equal(scsp_entry_tombstone(e), f->tombstone);
	assert_int_equal(scsp_entry_change(e), f->change);
}

static void
model_expire(struct model *m)
{
	struct mtime first = MTIME_NEVER;

	m->now.us += (int64_t)rng_below(&m->g, 200000000);
	for (unsigned i = 0; i < NAMES; i++)
		if (m->f[i].there && m->f[i].tombstone)
			first = mtime_min(first,
			    mtime_add(m->f[i].since, SPAN));
	assert_int_equal(scsp_cache_deadline(m->c).us, first.us);
	while (mtime_reached(scsp_cache_deadline(m->c), m->now))
		scsp_cache_expire(m->c, m->now);
	for (unsigned i = 0; i < NAMES; i++)
		if (m->f[i].tombstone && mtime_reached(
		    mtime_add(m->f[i].since, SPAN), m->now))
			m->f[i].there = false;
}

static void
model_walk(struct model *m, unsigned i)
{
	const struct fact *f = behind(m, m->passed[i]);
	const struct scsp_entry *e;

	if (!m->open[i]) {
		m->passed[i] = rng_below(&m->g, m->change + 1);
		m->upto[i] = rng_below(&m->g, 2) ? m->change : UINT64_MAX;
		scsp_walk_start(&m->w[i], m->c, m->passed[i], m->upto[i]);
		m->open[i] = true;
		return;
	}
	e = scsp_walk_peek(&m->w[i]);
	if (f != NULL && f->change > m->upto[i])
		f = NULL;
	assert_int_equal(e != NULL, f != NULL);
	scsp_walk_step(&m->w[i]);
	if (f != NULL) {
		assert_int_equal(scsp_entry_change(e), f->change);
		m->passed[i] = f->change;
	} else if (rng_below(&m->g, 4) == 0) {
		scsp_walk_end(&m->w[i]);
		m->open[i] = false;
	}
}

static void
model_step(struct model *m, unsigned names)
{
	unsigned i = (unsigned)rng_below(&m->g, names);
	const struct scsp_entry *e;
	const struct fact *f;
	uint64_t after;

	switch (rng_below(&m->g, 8)) {
	case 0:
		model_same(m, i);
		return;
	case 1:
		after = rng_below(&m->g, m->change + 2);
		e = scsp_cache_after(m->c, after);
		f = behind(m, after);
		assert_int_equal(e != NULL, f != NULL);
		if (e != NULL)
			assert_int_equal(scsp_entry_change(e), f->change);
		return;
	case 2:
	case 3:
		model_walk(m, (unsigned)rng_below(&m->g, WALKS));
		return;
	case 4:
		if (rng_below(&m->g, 10) == 0)
			model_expire(m);
		return;
	default:
		model_set(m, i);
	}
}

static void
test_model(void **state)
{
	static struct model m;

	(void)state;
	for (uint64_t seed = 1; seed <= 4; seed++) {
		memset(&m, 0, sizeof(m));
		m.c = cache();
		m.now = start;
		rng_seed(&m.g, seed);
		for (unsigned i = 0; i < 20000; i++) {
			model_step(&m, seed % 2 ? NAMES : 40);
			if (i % 500 == 0)
				sound(m.c);
		}
		for (unsigned i = 0; i < NAMES; i++)
			model_same(&m, i);
		/* All gone: the index shrinks, originators go. */
		fm.fail_at = 0;
		for (unsigned i = 0; i < NAMES; i++) {
			uint8_t k[255];
			struct scsp_rec r = name(&m, i, k);

			r.seq = 1;
			scsp_cache_set(m.c, m.now, &r, true, false);
			if (i % 500 == 0)
				sound(m.c);
		}
		m.now.us += SPAN.us;
		while (!mtime_is_never(scsp_cache_deadline(m.c))) {
			scsp_cache_expire(m.c, m.now);
			sound(m.c);
		}
		assert_null(scsp_cache_after(m.c, 0));
		for (unsigned i = 0; i < WALKS; i++)
			scsp_walk_end(&m.w[i]);
		assert_true(fm.live_octets < 20000);
		done(m.c);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
