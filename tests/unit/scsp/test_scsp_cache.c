/* SPDX-License-Identifier: BSD-2-Clause */
#include "cache_rig.h"
#include "marsh/base/rng.h"

static struct mtime
at(int64_t sec)
{
	return mtime_add(start, MSPAN_SEC(sec));
}

static struct scsp_oct
oct(const char *s)
{
	return (struct scsp_oct){ (const uint8_t *)s, strlen(s) };
}

static struct scsp_rec
rec(const char *key, const char *orig, int32_t seq, const char *body)
{
	return (struct scsp_rec){ .seq = seq, .key = oct(key),
		.orig = oct(orig), .body = oct(body) };
}

static struct scsp_entry *
set(struct scsp_cache *c, struct scsp_rec r)
{
	struct scsp_entry *e = scsp_cache_set(c, start, &r, false, false);

	assert_non_null(e);
	return e;
}

static void
holds(const struct scsp_cache *c, struct scsp_rec want)
{
	const struct scsp_entry *e = scsp_cache_find(c, want.key, want.orig);
	struct scsp_rec r;

	assert_non_null(e);
	scsp_entry_rec(e, &r);
	assert_true(scsp_oct_equal(r.key, want.key));
	assert_true(scsp_oct_equal(r.orig, want.orig));
	assert_true(scsp_oct_equal(r.body, want.body));
	assert_int_equal(r.seq, want.seq);
	assert_int_equal(r.hop, 0);
	assert_false(r.null);
	assert_int_equal(scsp_entry_seq(e), want.seq);
}

/* Key and originator are a name only together, by length and octets. */
/* SCSP-100 (identity), SCSP-101 */
static void
test_names(void **state)
{
	struct scsp_cache *c = cache();
	struct scsp_rec r[] = { rec("k", "a", 1, "one"), rec("k", "b", 2, "two"),
		rec("ka", "b", 3, "three"), rec("k", "ab", 4, "four"),
		rec("ka", "a", 5, "") };

	(void)state;
	for (size_t i = 0; i < sizeof(r) / sizeof(*r); i++)
		set(c, r[i]);
	for (size_t i = 0; i < sizeof(r) / sizeof(*r); i++)
		holds(c, r[i]);
	assert_null(scsp_cache_find(c, oct("a"), oct("k")));
	assert_null(scsp_cache_find(c, oct("k"), oct("")));
	assert_null(scsp_cache_find(c, oct("kaa"), oct("b")));
	done(c);
}

static void
test_empty(void **state)
{
	struct scsp_cache *c = cache();
	struct scsp_walk w, z = { 0 };
	struct scsp_cache_count n;

	(void)state;
	assert_null(scsp_cache_find(c, oct("k"), oct("a")));
	assert_null(scsp_cache_newest(c, oct("k")));
	assert_null(scsp_cache_after(c, 0));
	assert_int_equal(scsp_cache_change(c), 0);
	assert_true(mtime_is_never(scsp_cache_deadline(c)));
	scsp_cache_expire(c, at(0));
	scsp_walk_start(&w, c, 0, UINT64_MAX);
	assert_null(scsp_walk_peek(&w));
	scsp_walk_step(&w);
	scsp_walk_end(&w);
	scsp_walk_end(&w);
	scsp_walk_end(&z);
	assert_null(scsp_walk_peek(&z));
	scsp_cache_count(c, &n);
	assert_int_equal(n.entries + n.tombstones + n.octets + n.digest
	    + n.digest_all, 0);
	done(c);
}

/* A record may be made from the entry it replaces: same place, and moved. */
static void
test_borrow(void **state)
{
	struct scsp_cache *c = cache();
	struct scsp_entry *e = set(c, rec("key", "orig", 1, "abcdefghijkl"));
	struct scsp_rec r;

	(void)state;
	scsp_entry_rec(e, &r);
	r.seq = 2;
	e = set(c, r);
	holds(c, rec("key", "orig", 2, "abcdefghijkl"));
	scsp_entry_rec(e, &r);
	r.seq = 3;
	e = scsp_cache_set(c, start, &r, true, true); /* needs more room */
	assert_non_null(e);
	assert_true(scsp_entry_tombstone(e) && scsp_entry_own(e));
	holds(c, rec("key", "orig", 3, "abcdefghijkl"));
	scsp_entry_rec(e, &r);
	r.seq = 4;
	r.body.p += 3;
	r.body.len = 2;
	e = set(c, r);
	assert_false(scsp_entry_tombstone(e) || scsp_entry_own(e));
	holds(c, rec("key", "orig", 4, "de"));
	done(c);
}

/* The order of changes: who changes moves behind, whoever walks. */
static void
test_walk(void **state)
{
	struct scsp_cache *c = cache();
	struct scsp_walk snap, all;
	struct scsp_rec r;

	(void)state;
	set(c, rec("1", "a", 1, ""));
	set(c, rec("2", "a", 1, ""));
	set(c, rec("3", "a", 1, ""));
	scsp_walk_start(&snap, c, 0, scsp_cache_change(c));
	scsp_walk_start(&all, c, 0, UINT64_MAX);
	set(c, rec("1", "a", 2, "")); /* both stood on it */
	scsp_entry_rec(scsp_walk_peek(&snap), &r);
	assert_true(scsp_oct_equal(r.key, oct("2")));
	scsp_walk_step(&snap);
	set(c, rec("4", "a", 1, ""));
	scsp_walk_step(&snap);
	assert_null(scsp_walk_peek(&snap)); /* 1 and 4 came later */
	scsp_walk_step(&snap);
	for (const char *k = "2314"; *k != '\0'; k++) {
		scsp_entry_rec(scsp_walk_peek(&all), &r);
		assert_int_equal(r.key.p[0], *k);
		scsp_walk_step(&all);
	}
	assert_null(scsp_walk_peek(&all));
	set(c, rec("2", "a", 2, "")); /* an endless walk at the end meets it */
	scsp_entry_rec(scsp_walk_peek(&all), &r);
	assert_int_equal(r.key.p[0], '2');
	assert_null(scsp_walk_peek(&snap));
	scsp_walk_end(&snap);
	scsp_walk_end(&all);
	done(c);
}

/* Reading on from a change number works from anywhere. */
static void
test_after(void **state)
{
	struct scsp_cache *c = cache();
	struct rng g;
	uint64_t change = 0;
	unsigned met = 0;

	(void)state;
	rng_seed(&g, 5);
	for (int i = 0; i < 300; i++) {
		char k[2] = { (char)(1 + rng_below(&g, 100)), 0 };

		set(c, rec(k, "a", i, ""));
	}
	for (const struct scsp_entry *e; (e = scsp_cache_after(c, change));
	    met++) {
		assert_true(scsp_entry_change(e) > change);
		change = scsp_entry_change(e);
	}
	assert_int_equal(change, scsp_cache_change(c));
	for (int i = 0; i < 2000; i++) {
		uint64_t from = rng_below(&g, 302);
		const struct scsp_entry *e = scsp_cache_after(c, from);
		struct scsp_walk w;
		uint64_t want = 0;

		scsp_walk_start(&w, c, 0, UINT64_MAX);
		for (; scsp_walk_peek(&w) != NULL; scsp_walk_step(&w)) {
			want = scsp_entry_change(scsp_walk_peek(&w));
			if (want > from)
				break;
		}
		assert_ptr_equal(e, scsp_walk_peek(&w));
		scsp_walk_end(&w);
	}
	assert_true(met > 50 && met <= 100);
	done(c);
}

static void
test_newest(void **state)
{
	struct scsp_cache *c = cache();

	(void)state;
	set(c, rec("k", "a", 9, ""));
	set(c, rec("k", "b", 1, "")); /* newer by change, not by number */
	set(c, rec("l", "c", 5, ""));
	assert_ptr_equal(scsp_cache_newest(c, oct("k")),
	    scsp_cache_find(c, oct("k"), oct("b")));
	set(c, rec("k", "a", 10, ""));
	assert_ptr_equal(scsp_cache_newest(c, oct("k")),
	    scsp_cache_find(c, oct("k"), oct("a")));
	assert_null(scsp_cache_newest(c, oct("m")));
	done(c);
}

/* A withdrawn entry is remembered for the tombstone span, and no longer. */
static void
test_tombstone(void **state)
{
	struct scsp_cache *c = cache();
	struct scsp_rec r = rec("1", "a", 2, "gone"), s = rec("2", "b", 2, "");
	struct scsp_cache_count n;

	(void)state;
	set(c, rec("1", "a", 1, "x"));
	assert_true(mtime_is_never(scsp_cache_deadline(c)));
	scsp_cache_set(c, at(0), &r, true, false);
	scsp_cache_set(c, at(5), &s, true, false);
	scsp_cache_count(c, &n);
	assert_int_equal(n.entries, 0);
	assert_int_equal(n.tombstones, 2);
	assert_int_equal(n.octets, 0);
	assert_int_equal(n.digest, 0);
	assert_true(n.digest_all != 0);
	assert_int_equal(scsp_cache_deadline(c).us, at(3600).us);
	scsp_cache_expire(c, (struct mtime){ at(3600).us - 1 });
	assert_non_null(scsp_cache_find(c, r.key, r.orig));
	r.seq = 3; /* withdrawn again: the time begins anew */
	scsp_cache_set(c, at(7), &r, true, false);
	assert_int_equal(scsp_cache_deadline(c).us, at(3605).us);
	scsp_cache_expire(c, at(3605));
	assert_null(scsp_cache_find(c, s.key, s.orig));
	assert_int_equal(scsp_cache_deadline(c).us, at(3607).us);
	set(c, rec("1", "a", 4, "back"));
	assert_true(mtime_is_never(scsp_cache_deadline(c)));
	scsp_cache_expire(c, at(9999));
	holds(c, rec("1", "a", 4, "back"));
	done(c);
}

/* However many tombstones are due, one call drops a few; walks survive it. */
static void
test_tombstones(void **state)
{
	struct scsp_cache *c = cache();
	struct scsp_cache_count n = { .tombstones = 1000 };
	struct scsp_walk w;
	unsigned calls = 0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		uint8_t k[2] = { (uint8_t)(i >> 8), (uint8_t)i };
		struct scsp_rec r = rec("", "a", i, "");

		r.key = (struct scsp_oct){ k, 2 };
		scsp_cache_set(c, at(0), &r, true, false);
	}
	set(c, rec("live", "a", 1, ""));
	scsp_walk_start(&w, c, 0, UINT64_MAX);
	for (; scsp_cache_deadline(c).us == at(3600).us; calls++) {
		uint64_t had = n.tombstones;

		scsp_cache_expire(c, at(3600));
		scsp_cache_count(c, &n);
		assert_true(n.tombstones < had && had - n.tombstones <= 100);
	}
	assert_true(calls >= 10);
	assert_int_equal(n.tombstones, 0);
	assert_true(mtime_is_never(scsp_cache_deadline(c)));
	assert_ptr_equal(scsp_walk_peek(&w),
	    scsp_cache_find(c, oct("live"), oct("a")));
	scsp_walk_end(&w);
	done(c);
}

/* Equal sets have equal digests, and every part of a record counts. */
static void
test_digest(void **state)
{
	struct scsp_cache *c = cache(), *d;
	struct scsp_cache_count n, m;
	struct scsp_rec r = rec("k", "a", 2, "b"), v[] = { rec("q", "a", 2, "b"),
		rec("k", "q", 2, "b"), rec("k", "a", 3, "b"),
		rec("k", "a", 2, "q"), rec("kb", "a", 2, ""),
		rec("k", "a", 2, "") };

	(void)state;
	d = scsp_cache_new(&fm.mem, SPAN);
	set(c, rec("x", "a", 1, "y"));
	set(c, r);
	set(d, rec("k", "a", 1, "a long body that needs another place"));
	scsp_cache_set(d, at(0), &r, true, false);
	set(d, rec("x", "a", 1, "y"));
	scsp_cache_count(c, &n);
	scsp_cache_count(d, &m);
	assert_true(n.digest != m.digest && n.digest_all != m.digest_all);
	set(d, r);
	scsp_cache_count(d, &m);
	assert_true(n.digest == m.digest && n.digest_all == m.digest_all);
	assert_true(n.digest == n.digest_all);
	scsp_cache_free(d);
	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++) {
		d = scsp_cache_new(&fm.mem, SPAN);
		set(d, rec("x", "a", 1, "y"));
		set(d, v[i]);
		scsp_cache_count(d, &m);
		assert_true(n.digest != m.digest);
		scsp_cache_free(d);
	}
	done(c);
}

/* The longest names and bodies that a message can carry. */
static void
test_long(void **state)
{
	static uint8_t b[UINT16_MAX];
	static const uint16_t body[] = { 0, 1, 255, 256, 257, 4096, 9000,
		UINT16_MAX };
	struct scsp_cache *c = cache();

	(void)state;
	for (size_t i = 0; i < sizeof(b); i++)
		b[i] = (uint8_t)(i * 7 >> 3);
	for (size_t i = 0; i < 8; i++)
		for (unsigned k = 1; k <= 255; k += 127) {
			struct scsp_rec r = { .seq = (int32_t)i,
				.key = { b + i, k }, .orig = { b + k, 255 },
				.body = { b, body[i] } };

			set(c, r);
			holds(c, r);
		}
	for (size_t i = 0; i < 8; i++)
		holds(c, (struct scsp_rec){ .seq = (int32_t)i,
			.key = { b + i, 255 }, .orig = { b + 255, 255 },
			.body = { b, body[i] } });
	done(c);
}

/* What a record costs, everything included. */
static void
test_memory(void **state)
{
	struct scsp_cache *c = cache();
	uint8_t k[8] = { 0 }, o[4] = { 10, 0, 0, 0 }, body[64] = { 0 };
	unsigned n = 100000;

	(void)state;
	for (unsigned i = 0; i < n; i++) {
		struct scsp_rec r = { .seq = 1, .key = { k, 8 },
			.orig = { o, 4 }, .body = { body, 64 } };

		memcpy(k, &i, 4);
		o[3] = (uint8_t)(i % 20);
		assert_non_null(scsp_cache_set(c, start, &r, false, false));
		/* The blocks are large: 16 octets for each cover malloc. */
		if (i > 10000)
			assert_true(fm.live_octets + 16 * (size_t)fm.live
			    < 125 * (size_t)i);
	}
	done(c);
}

/* No memory: nothing changed, at whichever allocation it was. */
static void
test_no_memory(void **state)
{
	(void)state;
	for (int body = 0; body <= 2000; body += 1000)
		for (long i = 1;; i++) {
			struct scsp_cache *c = cache();
			struct scsp_rec old = rec("k", "a", 1, "old"), r;
			struct scsp_cache_count n, m;
			static const uint8_t b[2000];

			set(c, old);
			r = rec(body == 2000 ? "k" : "l", body == 2000 ? "a"
			    : "b", 2, "");
			r.body = (struct scsp_oct){ b, (size_t)body };
			scsp_cache_count(c, &n);
			fm.fail_at = fm.count + i;
			if (scsp_cache_set(c, start, &r, false, false) != NULL) {
				assert_true(i > 1 || body == 0);
				holds(c, r);
				done(c);
				break;
			}
			scsp_cache_count(c, &m);
			assert_true(n.digest_all == m.digest_all);
			assert_int_equal(n.entries, m.entries);
			assert_int_equal(scsp_cache_change(c), 1);
			holds(c, old);
			done(c);
		}
	for (long i = 1; i < 3; i++) {
		failmem_init(&fm);
		fm.fail_at = i;
		assert_null(scsp_cache_new(&fm.mem, SPAN));
		assert_int_equal(fm.live, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_borrow),
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_after),
		cmocka_unit_test(test_newest),
		cmocka_unit_test(test_tombstone),
		cmocka_unit_test(test_tombstones),
		cmocka_unit_test(test_digest),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
