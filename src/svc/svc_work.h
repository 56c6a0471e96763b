/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SRC_SVC_SVC_WORK_H
#define SRC_SVC_SVC_WORK_H

/*
 * Workers for system calls that block.  A job belongs to whoever submitted it,
 * who must not touch it until svc_work_take gives it back; what it does is one
 * function, the same for all.  The submitting side is one thread.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "marsh/base/mtime.h"

struct svc_job;

/*
 * A quick pool for what waits for signalling only, a slow one for what waits
 * for the other party: were they one, calls that wait for our own accept()
 * could take every thread that would do it.
 */
#define SVC_QUICK_MAX 4
#define SVC_SLOW_MAX 32

struct svc_pool {
	struct svc_work *work;
	struct svc_job *head, *tail;
	unsigned idle, threads, max;
	size_t queued;
	pthread_cond_t more;
};

struct svc_work {
	pthread_mutex_t lock;
	pthread_cond_t ended;
	struct svc_pool quick, slow;
	struct svc_job *head, *tail; /* done */
	size_t under_way;            /* submitted and not taken back */
	int fd;                      /* eventfd, written when a job is done */
	bool stop;
	void (*run)(void *ctx, struct svc_job *job);
	void *ctx;
};

/* svc_work_init starts without threads; they come with jobs. */
void svc_work_init(struct svc_work *w, int fd,
    void (*run)(void *ctx, struct svc_job *job), void *ctx);

/*
 * svc_work_submit hands |job| to a pool; jobs of one pool begin in order.  It
 * never fails: without any thread the job comes back with err EAGAIN.
 */
void svc_work_submit(struct svc_work *w, struct svc_job *job, bool slow);

/* svc_work_take returns the jobs that are done, in order, linked by |next|. */
struct svc_job *svc_work_take(struct svc_work *w);

/*
 * svc_work_stop ends the threads and waits for them at most |patience|.
 * Returns false when one is stuck in the kernel: |w| must then stay where it
 * is for ever.
 */
bool svc_work_stop(struct svc_work *w, struct mspan patience);

#endif
