/* SPDX-License-Identifier: BSD-2-Clause */
#include "queue_rig.h"

static struct scsp_oct
oct(const char *s)
{
	return (struct scsp_oct){ (const uint8_t *)s, strlen(s) };
}

/* Queues a CSA for each letter of |keys|. */
static void
add(struct scsp_queue *q, const char *keys, int32_t seq)
{
	for (; *keys != '\0'; keys++) {
		struct scsp_csa c = { .seq = seq, .hop = 5, .orig = oct("o"),
			.key = { (const uint8_t *)keys, 1 } };

		assert_int_equal(scsp_queue_add(q, &c), 0);
	}
	sound(q);
}

static enum scsp_acked
ack(struct scsp_queue *q, const char *key, int32_t seq)
{
	struct scsp_rec r = { .hop = 1, .seq = seq, .key = oct(key),
		.orig = oct("o") };
	enum scsp_acked a = scsp_queue_ack(q, &r);

	sound(q);
	return a;
}

/* Sends one CSU Request of at most |max| CSAs, which must be |want|, each in
 * its |tries|th transmission. */
static void
csu(struct scsp_queue *q, struct mtime now, size_t max, const char *want,
    unsigned tries)
{
	struct scsp_csa c;
	size_t n = 0;

	assert_int_equal(scsp_queue_begin(q), 0);
	for (; n < max && scsp_queue_next(q, &c); n++) {
		assert_int_equal(c.key.len, 1);
		assert_int_equal(c.key.p[0], want[n]);
		assert_true(scsp_oct_equal(c.orig, oct("o")));
		assert_int_equal(c.tries, tries - 1);
		scsp_queue_take(q);
	}
	assert_int_equal(n, strlen(want));
	sound(q);
	assert_int_equal(scsp_queue_end(q, now), n);
	sound(q);
}

/* SCSP-082: one timer for each CSU Request, tied to its CSAs. */
static void
test_timer(void **state)
{
	struct scsp_queue *q = queue();

	(void)state;
	assert_true(mtime_is_never(scsp_queue_deadline(q)));
	add(q, "abc", 1);
	assert_true(mtime_is_never(scsp_queue_deadline(q)));
	csu(q, at(0), 2, "ab", 1);
	csu(q, at(500), 2, "c", 1);
	csu(q, at(600), 2, "", 1); /* nothing: no request */
	assert_int_equal(scsp_queue_requests(q), 2);
	assert_int_equal(scsp_queue_waiting(q), 0);
	assert_int_equal(scsp_queue_deadline(q).us, at(2000).us);
	assert_int_equal(scsp_queue_expire(q, at(1999)), 0);
	assert_int_equal(ack(q, "a", 1), SCSP_ACK_DONE);
	assert_int_equal(scsp_queue_deadline(q).us, at(2000).us);
	assert_int_equal(ack(q, "b", 1), SCSP_ACK_DONE); /* its last one */
	assert_int_equal(scsp_queue_deadline(q).us, at(2500).us);
	assert_int_equal(scsp_queue_requests(q), 1);
	assert_int_equal(ack(q, "c", 1), SCSP_ACK_DONE);
	assert_true(mtime_is_never(scsp_queue_deadline(q)));
	assert_int_equal(scsp_queue_count(q), 0);
	done(q);
}

/* SCSP-083: only what is unacknowledged is sent again, before what is new. */
static void
test_expire(void **state)
{
	struct scsp_queue *q = queue();

	(void)state;
	add(q, "abcdef", 1);
	csu(q, at(0), 3, "abc", 1);
	csu(q, at(1), 2, "de", 1);
	ack(q, "b", 1);
	assert_int_equal(scsp_queue_expire(q, at(2000)), 1);
	sound(q);
	assert_int_equal(scsp_queue_waiting(q), 3);
	assert_int_equal(scsp_queue_requests(q), 1);
	add(q, "g", 1);
	assert_int_equal(scsp_queue_expire(q, at(2001)), 1);
	csu(q, at(2100), 4, "acde", 2);
	csu(q, at(2200), 4, "fg", 1);
	assert_int_equal(scsp_queue_expire(q, at(4200)), 2); /* of both */
	assert_int_equal(scsp_queue_expire(q, at(9000)), 0);
	assert_int_equal(scsp_queue_waiting(q), 6);
	done(q);
}

/* SCSP-081: several requests; one reply acknowledges parts of each. */
static void
test_parts(void **state)
{
	struct scsp_queue *q = queue();

	(void)state;
	add(q, "abcd", 1);
	csu(q, at(0), 2, "ab", 1);
	csu(q, at(0), 2, "cd", 1);
	assert_int_equal(scsp_queue_requests(q), 2);
	ack(q, "b", 1);
	ack(q, "c", 1);
	assert_int_equal(scsp_queue_requests(q), 2);
	assert_int_equal(scsp_queue_count(q), 2);
	ack(q, "d", 1);
	assert_int_equal(scsp_queue_requests(q), 1);
	scsp_queue_expire(q, at(2000));
	csu(q, at(2000), 9, "a", 2);
	done(q);
}

/* SCSP-085: the older instance goes, untied, before the newer is queued. */
static void
test_one(void **state)
{
	struct scsp_queue *q = queue();

	(void)state;
	add(q, "ab", 1);
	csu(q, at(0), 9, "ab", 1);
	add(q, "a", 2);
	assert_int_equal(scsp_queue_count(q), 2);
	assert_int_equal(scsp_queue_waiting(q), 1);
	add(q, "b", 2);
	assert_int_equal(scsp_queue_requests(q), 0); /* its timer stopped */
	assert_true(mtime_is_never(scsp_queue_deadline(q)));
	add(q, "a", 3); /* waits, but with another number: goes behind */
	csu(q, at(1), 9, "ba", 1);
	scsp_queue_expire(q, at(2001));
	add(q, "b", 3); /* no retransmission any more */
	csu(q, at(3000), 1, "a", 2);
	csu(q, at(3000), 1, "b", 1);
	done(q);
}

/* The same number that waits keeps its place and the larger hop count. */
static void
test_same(void **state)
{
	struct scsp_queue *q = queue();
	struct scsp_csa c = { .seq = 1, .hop = 9, .key = oct("a"),
		.orig = oct("o"), .tries = 77 };

	(void)state;
	add(q, "ab", 1);
	assert_int_equal(scsp_queue_add(q, &c), 0);
	c.hop = 1;
	assert_int_equal(scsp_queue_add(q, &c), 0);
	assert_int_equal(scsp_queue_count(q), 2);
	assert_int_equal(scsp_queue_begin(q), 0);
	assert_true(scsp_queue_next(q, &c));
	assert_int_equal(c.key.p[0], 'a');
	assert_int_equal(c.hop, 9);
	assert_int_equal(c.tries, 0);
	assert_false(c.null);
	assert_int_equal(scsp_queue_end(q, at(0)), 0);
	c = (struct scsp_csa){ .seq = 1, .null = true, .key = oct("b"),
		.orig = oct("o") };
	assert_int_equal(scsp_queue_add(q, &c), 0);
	assert_int_equal(scsp_queue_begin(q), 0);
	assert_true(scsp_queue_next(q, &c));
	scsp_queue_take(q);
	assert_true(scsp_queue_next(q, &c));
	assert_true(c.null && c.hop == 5 && c.key.p[0] == 'b');
	scsp_queue_skip(q);
	assert_false(scsp_queue_next(q, &c));
	assert_int_equal(scsp_queue_end(q, at(0)), 1);
	assert_int_equal(scsp_queue_count(q), 1);
	done(q);
}

/* SCSP-086, SCSP-087, SCSP-088, SCSP-100, SCSP-121: by signed numbers. */
static void
test_ack(void **state)
{
	static const int32_t order[] = { SCSP_SEQ_NONE, SCSP_SEQ_FIRST, -1, 0,
		SCSP_SEQ_LAST };
	struct scsp_queue *q = queue();

	(void)state;
	for (int sent = 0; sent < 2; sent++)
		for (int i = 1; i < 5; i++)
			for (int k = 0; k < 5; k++) {
				add(q, "a", order[i]);
				if (sent)
					csu(q, at(0), 1, "a", 1);
				assert_int_equal(ack(q, "a", order[k]),
				    k < i ? SCSP_ACK_OLD : k > i
				    ? SCSP_ACK_NEWER : SCSP_ACK_DONE);
				assert_int_equal(scsp_queue_count(q), k < i);
				assert_int_equal(scsp_queue_requests(q),
				    sent && k < i);
				scsp_queue_clear(q);
			}
	add(q, "a", 1);
	assert_int_equal(ack(q, "b", 1), SCSP_ACK_NONE);
	assert_int_equal(ack(q, "ao", 1), SCSP_ACK_NONE);
	assert_int_equal(scsp_queue_count(q), 1);
	done(q);
}

/* SCSP-101: names differ by originator too. */
static void
test_names(void **state)
{
	struct scsp_queue *q = queue();
	struct scsp_csa c = { .seq = 2, .key = oct("a"), .orig = oct("p") };

	(void)state;
	add(q, "a", 1);
	assert_int_equal(scsp_queue_add(q, &c), 0);
	assert_int_equal(scsp_queue_count(q), 2);
	assert_int_equal(ack(q, "a", 1), SCSP_ACK_DONE);
	assert_int_equal(scsp_queue_count(q), 1);
	done(q);
}

/* SCSP-092: the same instance arriving from there acknowledges ours. */
static void
test_drop(void **state)
{
	struct scsp_queue *q = queue();

	(void)state;
	add(q, "abc", 5);
	csu(q, at(0), 2, "ab", 1);
	assert_false(scsp_queue_drop(q, oct("a"), oct("o"), 4));
	assert_false(scsp_queue_drop(q, oct("a"), oct("o"), 6));
	assert_false(scsp_queue_drop(q, oct("a"), oct("p"), 5));
	assert_true(scsp_queue_drop(q, oct("a"), oct("o"), 5)); /* sent */
	assert_false(scsp_queue_drop(q, oct("a"), oct("o"), 5));
	assert_true(scsp_queue_drop(q, oct("c"), oct("o"), 5)); /* waits */
	assert_int_equal(scsp_queue_requests(q), 1);
	assert_true(scsp_queue_drop(q, oct("b"), oct("o"), 5));
	assert_int_equal(scsp_queue_requests(q), 0);
	assert_int_equal(scsp_queue_count(q), 0);
	done(q);
}

/* A million would wait like these: adding, sending and acknowledging from the
 * far end cost the same for each. */
static void
test_flood(void **state)
{
	struct scsp_queue *q = queue();
	unsigned n = 100000;
	struct scsp_csa c = { .seq = 1, .orig = oct("orig") };

	(void)state;
	for (unsigned i = 0; i < n; i++) {
		c.key = (struct scsp_oct){ (const uint8_t *)&i, sizeof(i) };
		assert_int_equal(scsp_queue_add(q, &c), 0);
	}
	assert_true(fm.live_octets + 16 * (size_t)fm.live < 60 * (size_t)n);
	while (scsp_queue_waiting(q) > 0) {
		assert_int_equal(scsp_queue_begin(q), 0);
		for (int i = 0; i < 100 && scsp_queue_next(q, &c); i++)
			scsp_queue_take(q);
		assert_int_equal(scsp_queue_end(q, at(0)), 100);
	}
	assert_int_equal(scsp_queue_requests(q), n / 100);
	for (unsigned i = n; i-- > 0;) {
		struct scsp_rec r = { .seq = 1, .orig = oct("orig"),
			.key = { (const uint8_t *)&i, sizeof(i) } };

		assert_int_equal(scsp_queue_ack(q, &r), SCSP_ACK_DONE);
	}
	assert_int_equal(scsp_queue_requests(q), 0);
	assert_true(fm.live_octets < 20000);
	done(q);
}

static void
test_no_memory(void **state)
{
	uint8_t key[255] = { 1 };
	struct scsp_csa c = { .seq = 1, .key = { key, 255 },
		.orig = { key, 255 } };
	bool some = false;

	(void)state;
	for (long i = 1;; i++) {
		struct scsp_queue *q = queue();

		add(q, "a", 1);
		csu(q, at(0), 1, "a", 1);
		fm.fail_at = fm.count + i;
		if (scsp_queue_add(q, &c) == 0) {
			done(q);
			break;
		}
		some = true;
		assert_int_equal(scsp_queue_count(q), 1);
		assert_int_equal(scsp_queue_waiting(q), 0);
		done(q);
	}
	assert_true(some);
	for (long i = 1;; i++) {
		struct scsp_queue *q = queue();

		add(q, "a", 1);
		fm.fail_at = fm.count + i;
		if (scsp_queue_begin(q) != 0) {
			assert_int_equal(scsp_queue_waiting(q), 1);
			csu(q, at(0), 1, "a", 1);
			done(q);
			continue;
		}
		assert_true(i > 1);
		scsp_queue_end(q, at(0));
		done(q);
		break;
	}
	failmem_init(&fm);
	fm.fail_at = 1;
	assert_null(scsp_queue_new(&fm.mem, REXMT));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_timer),
		cmocka_unit_test(test_expire),
		cmocka_unit_test(test_parts),
		cmocka_unit_test(test_one),
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_ack),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_drop),
		cmocka_unit_test(test_flood),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
