/* SPDX-License-Identifier: BSD-2-Clause */
/* The retransmit queue against a naive model. */
#include "queue_rig.h"
#include "marsh/base/rng.h"

#define NAMES 300

enum where { GONE, AGAIN, FRESH, SENT };

struct fact {
	enum where where;
	int32_t seq;
	uint16_t hop;
	bool null;
	unsigned tries, request;
	uint64_t order;
};

struct model {
	struct scsp_queue *q;
	struct rng g;
	struct mtime now;
	struct fact f[NAMES];
	struct mtime until[100000]; /* of each request ever */
	unsigned requests;
	uint64_t order;
};

static struct scsp_csa
name(unsigned i, uint8_t k[255])
{
	memset(k, 7, 255);
	k[0] = (uint8_t)i;
	k[1] = (uint8_t)(i >> 8);
	return (struct scsp_csa){
		.key = { k, i % 40 == 0 ? 255 : 2 + i % 7 },
		.orig = { (const uint8_t *)"xyz", 1 + i % 3 } };
}

static void
model_add(struct model *m, unsigned i)
{
	uint8_t k[255];
	struct scsp_csa c = name(i, k);
	struct fact *f = &m->f[i];

	c.seq = (int32_t)rng_below(&m->g, 4) - 2;
	c.hop = (uint16_t)rng_below(&m->g, 10);
	c.null = rng_below(&m->g, 10) == 0;
	fm.fail_at = rng_below(&m->g, 5) == 0 ? fm.count + 1 : 0;
	if (scsp_queue_add(m->q, &c) != 0) {
		assert_true(f->where == GONE && fm.fail_at != 0);
		return;
	}
	if ((f->where == AGAIN || f->where == FRESH) && f->seq == c.seq) {
		f->hop = c.hop > f->hop ? c.hop : f->hop;
		f->null = c.null;
		return;
	}
	*f = (struct fact){ .where = FRESH, .seq = c.seq, .hop = c.hop,
		.null = c.null, .order = ++m->order };
}

static void
model_ack(struct model *m, unsigned i)
{
	uint8_t k[255];
	struct scsp_csa c = name(i, k);
	struct scsp_rec r = { .key = c.key, .orig = c.orig,
		.seq = (int32_t)rng_below(&m->g, 4) - 2 };
	struct fact *f = &m->f[i];
	enum scsp_acked want = f->where == GONE ? SCSP_ACK_NONE
	    : f->seq > r.seq ? SCSP_ACK_OLD
	    : f->seq < r.seq ? SCSP_ACK_NEWER : SCSP_ACK_DONE;

	if (rng_below(&m->g, 3) == 0) {
		assert_int_equal(scsp_queue_drop(m->q, r.key, r.orig, r.seq),
		    want == SCSP_ACK_DONE);
		if (want == SCSP_ACK_DONE)
			f->where = GONE;
		return;
	}
	assert_int_equal(scsp_queue_ack(m->q, &r), want);
	if (want == SCSP_ACK_DONE || want == SCSP_ACK_NEWER)
		f->where = GONE;
}

/* The next that waits behind |f| (NULL: the first). */
static struct fact *
behind(struct model *m, const struct fact *f)
{
	for (enum where w = f != NULL ? f->where : AGAIN; w <= FRESH; w++) {
		struct fact *best = NULL;

		for (unsigned i = 0; i < NAMES; i++)
			if (m->f[i].where == w && (f == NULL || f->where < w
			    || m->f[i].order > f->order)
			    && (best == NULL || m->f[i].order < best->order))
				best = &m->f[i];
		if (best != NULL)
			return best;
	}
	return NULL;
}

static void
model_csu(struct model *m)
{
	size_t max = rng_below(&m->g, 30), n = 0;
	struct fact *f = behind(m, NULL);
	struct scsp_csa c, want;
	uint8_t k[255];

	fm.fail_at = 0;
	assert_int_equal(scsp_queue_begin(m->q), 0);
	for (size_t i = 0; i < max; i++) {
		struct fact at_f;

		assert_int_equal(scsp_queue_next(m->q, &c), f != NULL);
		if (f == NULL)
			break;
		want = name((unsigned)(f - m->f), k);
		assert_true(scsp_oct_equal(c.key, want.key));
		assert_true(scsp_oct_equal(c.orig, want.orig));
		assert_true(c.seq == f->seq && c.hop == f->hop
		    && c.null == f->null && c.tries == f->tries);
		at_f = *f;
		switch (rng_below(&m->g, 10)) {
		case 0:
			scsp_queue_skip(m->q);
			f->where = GONE;
			break;
		case 1:
			break; /* does not fit */
		default:
			scsp_queue_take(m->q);
			f->where = SENT;
			f->tries++;
			f->request = m->requests;
			f->order = ++m->order;
			n++;
		}
		f = behind(m, &at_f);
	}
	assert_int_equal(scsp_queue_end(m->q, m->now), n);
	if (n > 0)
		m->until[m->requests++] = mtime_add(m->now, REXMT);
}

static void
model_expire(struct model *m)
{
	unsigned most = 0;

	m->now.us += (int64_t)rng_below(&m->g, 1500000);
	for (unsigned r = 0; r < m->requests; r++) {
		if (!mtime_reached(m->until[r], m->now))
			continue;
		m->until[r] = MTIME_NEVER;
		for (;;) {
			struct fact *f = NULL;

			for (unsigned i = 0; i < NAMES; i++)
				if (m->f[i].where == SENT
				    && m->f[i].request == r && (f == NULL
				    || m->f[i].order < f->order))
					f = &m->f[i];
			if (f == NULL)
				break;
			f->where = AGAIN;
			f->order = ++m->order;
			most = f->tries > most ? f->tries : most;
		}
	}
	assert_int_equal(scsp_queue_expire(m->q, m->now), most);
}

static void
model_counts(struct model *m)
{
	size_t n = 0, waiting = 0, open = 0;
	struct mtime first = MTIME_NEVER;
	static bool seen[100000];

	for (unsigned i = 0; i < NAMES; i++) {
		const struct fact *f = &m->f[i];

		n += f->where != GONE;
		waiting += f->where == AGAIN || f->where == FRESH;
		if (f->where != SENT || seen[f->request])
			continue;
		seen[f->request] = true;
		first = mtime_min(first, m->until[f->request]);
		open++;
	}
	for (unsigned i = 0; i < NAMES; i++)
		seen[m->f[i].request] = false;
	assert_int_equal(scsp_queue_count(m->q), n);
	assert_int_equal(scsp_queue_waiting(m->q), waiting);
	assert_int_equal(scsp_queue_requests(m->q), open);
	assert_int_equal(scsp_queue_deadline(m->q).us, first.us);
}

static void
test_model(void **state)
{
	static struct model m;

	(void)state;
	for (uint64_t seed = 1; seed <= 3; seed++) {
		memset(&m, 0, sizeof(m));
		m.q = queue();
		m.now = at(0);
		rng_seed(&m.g, seed);
		for (unsigned i = 0; i < 20000; i++) {
			unsigned a = (unsigned)rng_below(&m.g, NAMES);
			uint64_t what = rng_below(&m.g, 100);

			if (what < 4)
				model_csu(&m);
			else if (what < 7)
				model_expire(&m);
			else if (what < 40)
				model_ack(&m, a);
			else
				model_add(&m, a);
			model_counts(&m);
			if (i % 100 == 0)
				sound(m.q);
		}
		scsp_queue_clear(m.q);
		assert_int_equal(scsp_queue_count(m.q), 0);
		assert_true(mtime_is_never(scsp_queue_deadline(m.q)));
		done(m.q);
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
