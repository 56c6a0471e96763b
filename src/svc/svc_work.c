/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Workers.  bind(), accept(), close(), ATM_ADDPARTY and ATM_DROPPARTY wait in
 * the kernel for a daemon or for another host, some of them uninterruptibly, so
 * none of them may run on the thread that serves everybody.
 *
 * Invariants: a job is in exactly one of: its owner's hands, a pool's queue, a
 * thread, the list of those done; threads never touch anything but their job.
 * Threads are detached and take no signals: the kernel's wait in ADD PARTY
 * spins on a pending one.
 */
#include "svc_work.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include "svc_int.h"

#define STACK ((size_t)256 << 10)

static void
done(struct svc_work *w, struct svc_job *job)
{
	uint64_t one = 1;
	ssize_t n;

	job->next = NULL;
	if (w->tail != NULL)
		w->tail->next = job;
	else
		w->head = job;
	w->tail = job;
	n = write(w->fd, &one, sizeof(one));
	(void)n; /* a full counter is readable too */
}

static struct svc_job *
wait_for_job(struct svc_pool *p)
{
	struct svc_work *w = p->work;
	struct svc_job *job;

	while (p->head == NULL && !w->stop) {
		p->idle++;
		pthread_cond_wait(&p->more, &w->lock);
		p->idle--;
	}
	job = p->head;
	if (job != NULL) {
		p->queued--;
		p->head = job->next;
		if (p->head == NULL)
			p->tail = NULL;
	}
	return job;
}

static void *
thread(void *arg)
{
	struct svc_pool *p = arg;
	struct svc_work *w = p->work;
	struct svc_job *job;

	pthread_mutex_lock(&w->lock);
	while ((job = wait_for_job(p)) != NULL) {
		pthread_mutex_unlock(&w->lock);
		w->run(w->ctx, job);
		pthread_mutex_lock(&w->lock);
		done(w, job);
	}
	p->threads--;
	pthread_cond_broadcast(&w->ended);
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

static void
pool_init(struct svc_work *w, struct svc_pool *p, unsigned max)
{
	*p = (struct svc_pool){ .work = w, .max = max };
	pthread_cond_init(&p->more, NULL);
}

void
svc_work_init(struct svc_work *w, int fd,
    void (*run)(void *ctx, struct svc_job *job), void *ctx)
{
	pthread_condattr_t attr;

	*w = (struct svc_work){ .fd = fd, .run = run, .ctx = ctx };
	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&w->ended, &attr);
	pthread_condattr_destroy(&attr);
	pool_init(w, &w->quick, SVC_QUICK_MAX);
	pool_init(w, &w->slow, SVC_SLOW_MAX);
}

/* spawn adds a thread to |p|, with every signal blocked. */
static void
spawn(struct svc_pool *p)
{
	pthread_attr_t attr;
	sigset_t all, old;
	pthread_t id;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attr, STACK);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	if (pthread_create(&id, &attr, thread, p) == 0)
		p->threads++;
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	pthread_attr_destroy(&attr);
}

void
svc_work_submit(struct svc_work *w, struct svc_job *job, bool slow)
{
	struct svc_pool *p = slow ? &w->slow : &w->quick;

	pthread_mutex_lock(&w->lock);
	w->under_way++;
	job->next = NULL;
	if (p->threads < p->max && p->queued >= p->idle)
		spawn(p);
	if (p->threads == 0) {
		job->err = EAGAIN;
		done(w, job);
	} else {
		if (p->tail != NULL)
			p->tail->next = job;
		else
			p->head = job;
		p->tail = job;
		p->queued++;
		pthread_cond_signal(&p->more);
	}
	pthread_mutex_unlock(&w->lock);
}

struct svc_job *
svc_work_take(struct svc_work *w)
{
	struct svc_job *list;

	pthread_mutex_lock(&w->lock);
	list = w->head;
	w->head = w->tail = NULL;
	for (struct svc_job *j = list; j != NULL; j = j->next)
		w->under_way--;
	pthread_mutex_unlock(&w->lock);
	return list;
}

static struct timespec
from_now(struct mspan d)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += (time_t)(d.us / 1000000);
	t.tv_nsec += (long)(d.us % 1000000) * 1000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	return t;
}

bool
svc_work_stop(struct svc_work *w, struct mspan patience)
{
	struct timespec end = from_now(patience);
	bool ended;
	int err = 0;

	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_broadcast(&w->quick.more);
	pthread_cond_broadcast(&w->slow.more);
	while (w->quick.threads + w->slow.threads != 0 && err == 0)
		err = pthread_cond_timedwait(&w->ended, &w->lock, &end);
	ended = w->quick.threads + w->slow.threads == 0;
	pthread_mutex_unlock(&w->lock);
	if (!ended)
		return false;
	pthread_mutex_destroy(&w->lock);
	pthread_cond_destroy(&w->ended);
	pthread_cond_destroy(&w->quick.more);
	pthread_cond_destroy(&w->slow.more);
	return true;
}
