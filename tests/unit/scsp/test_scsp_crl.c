/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "failmem.h"
#include "marsh/base/err.h"
#include "marsh/base/rng.h"
#include "scsp/scsp_crl.h"

static struct failmem fm;

static struct scsp_oct
oct(const char *s)
{
	return (struct scsp_oct){ (const uint8_t *)s, strlen(s) };
}

static struct scsp_crl *
crl(void)
{
	struct scsp_crl *l;

	failmem_init(&fm);
	l = scsp_crl_new(&fm.mem);
	assert_non_null(l);
	return l;
}

static void
sound(const struct scsp_crl *l)
{
	const char *bad = scsp_crl_check(l);

	if (bad != NULL)
		fail_msg("%s", bad);
	assert_int_equal(scsp_crl_memory(l), fm.live_octets);
}

static void
done(struct scsp_crl *l)
{
	sound(l);
	scsp_crl_free(l);
	assert_int_equal(fm.live, 0);
}

/* Notes a summary for each letter of |keys|. */
static void
add(struct scsp_crl *l, const char *keys, int32_t seq)
{
	for (; *keys != '\0'; keys++) {
		struct scsp_rec r = { .seq = seq, .orig = oct("o"),
			.key = { (const uint8_t *)keys, 1 } };

		assert_int_equal(scsp_crl_add(l, &r), 0);
	}
}

static bool
answer(struct scsp_crl *l, const char *key, int32_t seq)
{
	bool was = scsp_crl_answer(l, oct(key), oct("o"), seq, false);

	sound(l);
	return was;
}

/* Builds a CSUS of at most |max| summaries, which must be |want|. */
static void
csus(struct scsp_crl *l, size_t max, const char *want)
{
	struct scsp_rec r;
	size_t n = 0;

	scsp_crl_begin(l);
	for (; n < max && scsp_crl_next(l, &r); n++) {
		assert_int_equal(r.hop, 1);
		assert_int_equal(r.body.len, 0);
		assert_int_equal(r.key.len, 1);
		assert_int_equal(r.key.p[0], want[n]);
		assert_true(scsp_oct_equal(r.orig, oct("o")));
		scsp_crl_take(l);
	}
	assert_int_equal(n, strlen(want));
	assert_int_equal(scsp_crl_asked(l), n);
	sound(l);
}

/* SCSP-069: what is unanswered is repeated first, then others fill up. */
static void
test_repeat(void **state)
{
	struct scsp_crl *l = crl();

	(void)state;
	add(l, "abcdefgh", 1);
	csus(l, 4, "abcd");
	answer(l, "b", 1);
	answer(l, "f", 1); /* nobody asked, but it is there */
	assert_int_equal(scsp_crl_asked(l), 3);
	add(l, "i", 1);
	csus(l, 5, "acdeg");
	answer(l, "c", 1);
	csus(l, 9, "adeghi");
	assert_int_equal(scsp_crl_count(l), 6);
	done(l);
}

/* SCSP-070: all arrived: the next one asks for the others only. */
static void
test_rest(void **state)
{
	struct scsp_crl *l = crl();

	(void)state;
	add(l, "abcde", 1);
	csus(l, 2, "ab");
	answer(l, "b", 1);
	answer(l, "a", 1);
	assert_int_equal(scsp_crl_asked(l), 0);
	csus(l, 2, "cd");
	answer(l, "c", 1);
	answer(l, "d", 1);
	csus(l, 2, "e");
	answer(l, "e", 1);
	assert_int_equal(scsp_crl_count(l), 0);
	csus(l, 2, "");
	done(l);
}

/* SCSP-071, SCSP-100, SCSP-121: numbers are signed; a Null record answers. */
static void
test_answer(void **state)
{
	static const int32_t order[] = { SCSP_SEQ_NONE, SCSP_SEQ_FIRST, -1, 0,
		SCSP_SEQ_LAST };
	struct scsp_crl *l = crl();

	(void)state;
	for (int i = 0; i < 5; i++)
		for (int k = 0; k < 5; k++) {
			/* behind the last number stands the first */
			bool left = k < i && !(i == 4 && k == 1);

			add(l, "k", order[i]);
			assert_true(answer(l, "k", order[k]));
			assert_int_equal(scsp_crl_count(l), left);
			assert_int_equal(answer(l, "k", SCSP_SEQ_LAST), left);
		}
	add(l, "k", 5);
	assert_false(scsp_crl_answer(l, oct("k"), oct("p"), 9, false));
	assert_false(scsp_crl_answer(l, oct("ko"), oct(""), 9, true));
	assert_true(scsp_crl_answer(l, oct("k"), oct("o"), SCSP_SEQ_FIRST,
	    true));
	assert_int_equal(scsp_crl_count(l), 0);
	done(l);
}

/* SCSP-064 (one summary for each name, the newest), SCSP-101 */
static void
test_one(void **state)
{
	struct scsp_crl *l = crl();
	struct scsp_rec r = { .seq = 1, .key = oct("a"), .orig = oct("p") };

	(void)state;
	add(l, "a", 5);
	add(l, "a", 4);
	assert_int_equal(scsp_crl_count(l), 1);
	assert_true(answer(l, "a", 4));
	assert_int_equal(scsp_crl_count(l), 1);
	assert_int_equal(scsp_crl_add(l, &r), 0);
	assert_int_equal(scsp_crl_count(l), 2);
	assert_true(answer(l, "a", 5));
	assert_int_equal(scsp_crl_count(l), 1);
	done(l);
}

/* A newer summary of one that was asked for: it stays asked; what the CSUS
 * asked for then arrives, and the newer one is for the next CSUS. */
static void
test_newer(void **state)
{
	struct scsp_crl *l = crl();

	(void)state;
	add(l, "ab", 5);
	csus(l, 2, "ab");
	answer(l, "b", 4); /* older than asked: still to come */
	assert_int_equal(scsp_crl_asked(l), 2);
	add(l, "a", 7);
	assert_int_equal(scsp_crl_asked(l), 2);
	answer(l, "a", 5);
	assert_int_equal(scsp_crl_asked(l), 1);
	assert_int_equal(scsp_crl_count(l), 2);
	answer(l, "b", 5);
	csus(l, 2, "a");
	answer(l, "a", 8);
	assert_int_equal(scsp_crl_count(l), 0);
	done(l);
}

/* What changes between begin and take harms nothing. */
static void
test_middle(void **state)
{
	struct scsp_crl *l = crl();
	struct scsp_rec r;

	(void)state;
	add(l, "abc", 1);
	scsp_crl_begin(l);
	assert_true(scsp_crl_next(l, &r)); /* a */
	answer(l, "a", 1);
	scsp_crl_take(l); /* nothing to take */
	assert_int_equal(scsp_crl_asked(l), 0);
	answer(l, "b", 1);
	assert_true(scsp_crl_next(l, &r));
	assert_int_equal(r.key.p[0], 'c');
	assert_false(scsp_crl_next(l, &r));
	add(l, "d", 1);
	assert_true(scsp_crl_next(l, &r));
	assert_int_equal(r.key.p[0], 'd');
	scsp_crl_clear(l);
	assert_false(scsp_crl_next(l, &r));
	scsp_crl_take(l);
	assert_int_equal(scsp_crl_count(l), 0);
	add(l, "e", 1);
	csus(l, 1, "e");
	done(l);
}

static void
test_no_memory(void **state)
{
	uint8_t key[255] = { 1 };
	struct scsp_rec r = { .seq = 1, .key = { key, 255 },
		.orig = { key, 255 } }, got;
	bool some = false;

	(void)state;
	for (long i = 1;; i++) {
		struct scsp_crl *l = crl();

		add(l, "a", 1);
		fm.fail_at = fm.count + i;
		if (scsp_crl_add(l, &r) == 0) {
			scsp_crl_begin(l);
			assert_true(scsp_crl_next(l, &got));
			assert_true(scsp_crl_next(l, &got));
			assert_true(scsp_oct_equal(got.key, r.key));
			assert_true(scsp_oct_equal(got.orig, r.orig));
			done(l);
			break;
		}
		some = true;
		assert_int_equal(scsp_crl_count(l), 1);
		done(l);
	}
	assert_true(some);
	failmem_init(&fm);
	fm.fail_at = 1;
	assert_null(scsp_crl_new(&fm.mem));
}

/* What a summary costs while it waits, and that answers give it back. */
static void
test_memory(void **state)
{
	struct scsp_crl *l = crl();
	uint8_t k[8] = { 0 }, o[4] = { 10, 0, 0, 1 };
	unsigned n = 200000;
	size_t most = 0;

	(void)state;
	for (unsigned i = 0; i < n; i++) {
		struct scsp_rec r = { .seq = 1, .key = { k, 8 },
			.orig = { o, 4 } };

		memcpy(k, &i, 4);
		assert_int_equal(scsp_crl_add(l, &r), 0);
	}
	most = fm.live_octets + 16 * (size_t)fm.live;
	assert_true(most <= 40 * (size_t)n);
	for (unsigned i = 0; i < n; i++) {
		struct scsp_oct key = { k, 8 }, orig = { o, 4 };

		memcpy(k, &i, 4);
		assert_true(scsp_crl_answer(l, key, orig, 1, false));
		if (i == n / 2 || i == n / 8 * 7)
			assert_true(fm.live_octets
			    < most / n * (n - i) * 3 / 2 + 20000);
	}
	assert_true(fm.live_octets < 20000);
	done(l);
}

/* ---- against a naive model ---------------------------------------------- */

#define NAMES 300

struct fact {
	bool there, asked, newer;
	int32_t seq;
	uint64_t order; /* in its list */
};

struct model {
	struct scsp_crl *l;
	struct rng g;
	struct fact f[NAMES];
	uint64_t order;
};

static struct scsp_rec
name(unsigned i, uint8_t k[255])
{
	memset(k, 7, 255);
	k[0] = (uint8_t)i;
	k[1] = (uint8_t)(i >> 8);
	return (struct scsp_rec){ .key = { k, i % 40 == 0 ? 255 : 2 + i % 7 },
		.orig = { (const uint8_t *)"xyz", 1 + i % 3 } };
}

/* The first of the list behind |order|, or NULL. */
static struct fact *
behind(struct model *m, bool asked, uint64_t order)
{
	struct fact *best = NULL;

	for (unsigned i = 0; i < NAMES; i++)
		if (m->f[i].there && m->f[i].asked == asked
		    && m->f[i].order > order
		    && (best == NULL || m->f[i].order < best->order))
			best = &m->f[i];
	return best;
}

static size_t
count(const struct model *m, bool asked)
{
	size_t n = 0;

	for (unsigned i = 0; i < NAMES; i++)
		n += m->f[i].there && (!asked || m->f[i].asked);
	return n;
}

static void
model_add(struct model *m, unsigned i)
{
	uint8_t k[255];
	struct scsp_rec r = name(i, k);
	struct fact *f = &m->f[i];

	r.seq = (int32_t)rng_below(&m->g, 20) - 10;
	fm.fail_at = rng_below(&m->g, 5) == 0 ? fm.count + 1 : 0;
	if (scsp_crl_add(m->l, &r) != 0) {
		assert_true(!f->there && fm.fail_at != 0);
		return;
	}
	if (!f->there)
		*f = (struct fact){ .there = true, .seq = r.seq,
			.order = ++m->order };
	else if (r.seq > f->seq) {
		f->seq = r.seq;
		f->newer = f->asked;
	}
}

static void
model_answer(struct model *m, unsigned i)
{
	uint8_t k[255];
	struct scsp_rec r = name(i, k);
	struct fact *f = &m->f[i];
	int32_t seq = (int32_t)rng_below(&m->g, 20) - 10;
	bool null = rng_below(&m->g, 8) == 0;

	assert_int_equal(scsp_crl_answer(m->l, r.key, r.orig, seq, null),
	    f->there);
	if (null || seq >= f->seq)
		f->there = false;
	else if (f->newer) {
		f->asked = f->newer = false;
		f->order = ++m->order;
	}
}

/* A CSUS: the asked ones in order, then the others in order. */
static void
model_csus(struct model *m)
{
	size_t max = rng_below(&m->g, 60);
	struct fact *f, *list[NAMES];
	struct scsp_rec r, want;
	size_t n = 0;
	uint64_t order;
	uint8_t k[255];

	for (int asked = 1; asked >= 0; asked--)
		for (order = 0; (f = behind(m, asked, order)) != NULL;
		    order = f->order)
			list[n++] = f;
	for (size_t i = 0; i < n; i++) {
		list[i]->asked = list[i]->newer = false;
		list[i]->order = ++m->order;
	}
	scsp_crl_begin(m->l);
	assert_int_equal(scsp_crl_asked(m->l), 0);
	for (size_t i = 0; i < max; i++) {
		assert_int_equal(scsp_crl_next(m->l, &r), i < n);
		if (i >= n)
			break;
		want = name((unsigned)(list[i] - m->f), k);
		assert_true(scsp_oct_equal(r.key, want.key));
		assert_true(scsp_oct_equal(r.orig, want.orig));
		assert_int_equal(r.seq, list[i]->seq);
		if (rng_below(&m->g, 10) == 0)
			continue; /* does not fit */
		scsp_crl_take(m->l);
		list[i]->asked = true;
		list[i]->order = ++m->order;
	}
}

static void
test_model(void **state)
{
	static struct model m;

	(void)state;
	for (uint64_t seed = 1; seed <= 3; seed++) {
		memset(&m, 0, sizeof(m));
		m.l = crl();
		rng_seed(&m.g, seed);
		for (unsigned i = 0; i < 20000; i++) {
			unsigned at = (unsigned)rng_below(&m.g, NAMES);
			uint64_t what = rng_below(&m.g, 100);

			if (what < 2)
				model_csus(&m);
			else if (what < 40)
				model_answer(&m, at);
			else
				model_add(&m, at);
			assert_int_equal(scsp_crl_count(m.l), count(&m, false));
			assert_int_equal(scsp_crl_asked(m.l), count(&m, true));
			if (i % 100 == 0)
				sound(m.l);
		}
		done(m.l);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_repeat),
		cmocka_unit_test(test_rest),
		cmocka_unit_test(test_answer),
		cmocka_unit_test(test_one),
		cmocka_unit_test(test_newer),
		cmocka_unit_test(test_middle),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
