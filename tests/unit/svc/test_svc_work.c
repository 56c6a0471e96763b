/* SPDX-License-Identifier: BSD-2-Clause */
/* Workers: order, two pools that do not wait for each other, an end. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "svc/svc_int.h"

/* What a job does: notes its number in |ep|, or waits at the gate. */
static struct rig {
	struct svc_work work;
	pthread_mutex_t lock;
	pthread_cond_t change;
	bool shut; /* the gate, for CLOSE and ADD */
	int order[256];
	int n;
	int fd;
} rig = { .lock = PTHREAD_MUTEX_INITIALIZER,
	.change = PTHREAD_COND_INITIALIZER };

static void
run(void *ctx, struct svc_job *j)
{
	struct rig *r = ctx;

	pthread_mutex_lock(&r->lock);
	while (r->shut && (j->op == SVC_OP_ADD || j->op == SVC_OP_CLOSE))
		pthread_cond_wait(&r->change, &r->lock);
	r->order[r->n++] = j->ep;
	pthread_mutex_unlock(&r->lock);
	j->err = j->ep + 1;
}

static void
gate(bool shut)
{
	pthread_mutex_lock(&rig.lock);
	rig.shut = shut;
	pthread_cond_broadcast(&rig.change);
	pthread_mutex_unlock(&rig.lock);
}

static int
set_up(void **state)
{
	(void)state;
	rig.n = 0;
	rig.shut = false;
	rig.fd = eventfd(0, EFD_NONBLOCK);
	svc_work_init(&rig.work, rig.fd, run, &rig);
	return rig.fd < 0;
}

static int
tear_down(void **state)
{
	(void)state;
	gate(false);
	assert_true(svc_work_stop(&rig.work, MSPAN_SEC(10)));
	close(rig.fd);
	return 0;
}

/* take waits until |n| jobs are done and returns how often each was. */
static void
take(size_t n, struct svc_job *first, unsigned *times)
{
	while (n > 0) {
		struct pollfd p = { .fd = rig.fd, .events = POLLIN };
		uint64_t count;

		assert_int_equal(poll(&p, 1, 10000), 1);
		assert_int_equal(read(rig.fd, &count, sizeof(count)), 8);
		for (struct svc_job *j = svc_work_take(&rig.work); j != NULL;
		     j = j->next, n--)
			times[j - first]++;
	}
}

static void
test_each_once(void **state)
{
	static struct svc_job job[100];
	unsigned times[100] = { 0 };

	(void)state;
	for (int i = 0; i < 100; i++) {
		job[i] = (struct svc_job){ .op = SVC_OP_DROP, .ep = i };
		svc_work_submit(&rig.work, &job[i], i % 2 == 0);
	}
	take(100, job, times);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(times[i], 1);
		assert_int_equal(job[i].err, i + 1);
	}
	assert_int_equal(rig.work.under_way, 0);
	assert_true(rig.work.quick.threads <= SVC_QUICK_MAX);
	assert_true(rig.work.slow.threads <= SVC_SLOW_MAX);
}

/* With every thread but one held up, a pool does its jobs in order. */
static void
test_order(void **state)
{
	static struct svc_job held[SVC_QUICK_MAX - 1], job[50];
	unsigned times[50] = { 0 }, times_held[SVC_QUICK_MAX - 1] = { 0 };

	(void)state;
	gate(true);
	for (int i = 0; i < SVC_QUICK_MAX - 1; i++) {
		held[i] = (struct svc_job){ .op = SVC_OP_CLOSE, .ep = 1000 };
		svc_work_submit(&rig.work, &held[i], false);
	}
	for (int i = 0; i < 50; i++) {
		job[i] = (struct svc_job){ .op = SVC_OP_DROP, .ep = i };
		svc_work_submit(&rig.work, &job[i], false);
	}
	take(50, job, times);
	for (int i = 0; i < 50; i++)
		assert_int_equal(rig.order[i], i);
	gate(false);
	take(SVC_QUICK_MAX - 1, held, times_held);
}

/* However many leaves keep us waiting, quick jobs are done. */
static void
test_slow_does_not_stall(void **state)
{
	static struct svc_job slow[2 * SVC_SLOW_MAX], quick[10];
	unsigned times[2 * SVC_SLOW_MAX] = { 0 };

	(void)state;
	gate(true);
	for (int i = 0; i < 2 * SVC_SLOW_MAX; i++) {
		slow[i] = (struct svc_job){ .op = SVC_OP_ADD, .ep = 1 };
		svc_work_submit(&rig.work, &slow[i], true);
	}
	for (int i = 0; i < 10; i++) {
		quick[i] = (struct svc_job){ .op = SVC_OP_ACCEPT, .ep = 2 };
		svc_work_submit(&rig.work, &quick[i], false);
	}
	take(10, quick, times);
	assert_int_equal(rig.work.slow.threads, SVC_SLOW_MAX);
	assert_int_equal(rig.work.under_way, 2 * SVC_SLOW_MAX);
	gate(false);
	for (int i = 0; i < 10; i++)
		times[i] = 0;
	take(2 * SVC_SLOW_MAX, slow, times);
}

/* A thread that never comes back is left behind, in bounded time. */
static void
test_stuck(void **state)
{
	static struct svc_job job;

	(void)state;
	gate(true);
	job = (struct svc_job){ .op = SVC_OP_ADD };
	svc_work_submit(&rig.work, &job, true);
	assert_false(svc_work_stop(&rig.work, MSPAN_MS(20)));
	assert_null(svc_work_take(&rig.work));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_each_once, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_slow_does_not_stall,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_stuck, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
