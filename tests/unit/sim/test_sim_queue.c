/* SPDX-License-Identifier: BSD-2-Clause */
/* The scheduler against a list that is searched from end to end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "marsh/base/rng.h"
#include "sim/sim_queue.h"

#define N 300

static struct sim_queue q;

struct item {
	struct sim_qev ev;
	uint64_t seq;
};

struct ref {
	struct item v[N];
	uint64_t seq;
	size_t n;
	int64_t now;
	struct rng rng;
};

/* first returns what must come next, or NULL. */
static struct item *
first(struct ref *r)
{
	struct item *best = NULL;

	for (size_t i = 0; i < N; i++) {
		struct item *it = &r->v[i];

		if (it->ev.queued
		    && (best == NULL || it->ev.t < best->ev.t
			|| (it->ev.t == best->ev.t && it->seq < best->seq)))
			best = it;
	}
	return best;
}

/* Near, far, equal and very far times, so that every level is used. */
static int64_t
some_time(struct ref *r)
{
	unsigned bits = (unsigned)rng_below(&r->rng, 45);

	if (rng_below(&r->rng, 4) == 0)
		return r->now + (int64_t)rng_below(&r->rng, 4);
	return r->now + (int64_t)rng_below(&r->rng, (uint64_t)1 << bits);
}

static void
push(struct ref *r, struct item *it)
{
	it->seq = r->seq++;
	sim_queue_push(&q, &it->ev, some_time(r));
	r->n++;
}

static void
pop(struct ref *r)
{
	int64_t until = some_time(r);
	struct item *want = first(r);
	struct sim_qev *got = sim_queue_pop(&q, until);

	if (want == NULL || want->ev.t > until) {
		assert_null(got);
		r->now = until;
		return;
	}
	assert_ptr_equal(got, &want->ev);
	assert_false(got->queued);
	r->now = got->t;
	r->n--;
}

static void
count(void *ctx, const struct sim_qev *ev)
{
	assert_true(ev->queued);
	++*(size_t *)ctx;
}

static void
run(uint64_t seed, int64_t start)
{
	struct ref r = { .now = start };
	size_t n;

	rng_seed(&r.rng, seed);
	sim_queue_init(&q, start);
	for (int i = 0; i < 4000; i++) {
		struct item *it = &r.v[rng_below(&r.rng, N)];

		if (rng_below(&r.rng, 3) == 0)
			pop(&r);
		else if (!it->ev.queued)
			push(&r, it);
		else if (rng_below(&r.rng, 4) == 0) {
			sim_queue_remove(&q, &it->ev);
			r.n--;
		}
		assert_int_equal(q.count, r.n);
	}
	n = 0;
	sim_queue_each(&q, count, &n);
	assert_int_equal(n, r.n);
	while (first(&r) != NULL) {
		struct item *want = first(&r);

		assert_ptr_equal(sim_queue_pop(&q, INT64_MAX), &want->ev);
	}
	assert_null(sim_queue_pop(&q, INT64_MAX));
	assert_int_equal(q.levels, 0);
}

static void
test_reference(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 20; seed++)
		run(seed, seed % 2 ? 10000000000 : 0);
}

/* Entries of one time come in the order of pushing from every distance. */
static void
test_equal_times(void **state)
{
	struct sim_qev a = { 0 }, b = { 0 }, c = { 0 }, near = { 0 };
	int64_t t = 5000000;

	(void)state;
	sim_queue_init(&q, 0);
	sim_queue_push(&q, &a, t);
	sim_queue_push(&q, &near, t - 900);
	assert_ptr_equal(sim_queue_pop(&q, t - 900), &near);
	sim_queue_push(&q, &b, t);
	assert_null(sim_queue_pop(&q, t - 1));
	sim_queue_push(&q, &c, t);
	assert_ptr_equal(sim_queue_pop(&q, t), &a);
	assert_ptr_equal(sim_queue_pop(&q, t), &b);
	assert_ptr_equal(sim_queue_pop(&q, t), &c);
}

/* Looking ahead does not move what may still be pushed. */
static void
test_until(void **state)
{
	struct sim_qev far = { 0 }, near = { 0 };

	(void)state;
	sim_queue_init(&q, 0);
	sim_queue_push(&q, &far, 10000000);
	for (int64_t t = 0; t < 10000000; t += 99991)
		assert_null(sim_queue_pop(&q, t));
	assert_null(sim_queue_pop(&q, 9999999));
	sim_queue_push(&q, &near, 9999999);
	assert_ptr_equal(sim_queue_pop(&q, 10000000), &near);
	assert_ptr_equal(sim_queue_pop(&q, 10000000), &far);
}

static void
test_last_time(void **state)
{
	struct sim_qev a = { 0 }, b = { 0 };

	(void)state;
	sim_queue_init(&q, 1);
	sim_queue_push(&q, &b, INT64_MAX);
	sim_queue_push(&q, &a, INT64_MAX - 1);
	assert_ptr_equal(sim_queue_pop(&q, INT64_MAX), &a);
	assert_ptr_equal(sim_queue_pop(&q, INT64_MAX), &b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reference),
		cmocka_unit_test(test_equal_times),
		cmocka_unit_test(test_until),
		cmocka_unit_test(test_last_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
