/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_QUEUE_RIG_H
#define TESTS_QUEUE_RIG_H

/* A retransmit queue that is sound and gives back what it held. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "failmem.h"
#include "scsp/scsp_queue.h"

#define REXMT MSPAN_SEC(2)

static struct failmem fm;

static inline struct mtime
at(int64_t ms)
{
	return mtime_add((struct mtime){ 10000000000 }, MSPAN_MS(ms));
}

static inline struct scsp_queue *
queue(void)
{
	struct scsp_queue *q;

	failmem_init(&fm);
	q = scsp_queue_new(&fm.mem, REXMT);
	assert_non_null(q);
	return q;
}

static inline void
sound(const struct scsp_queue *q)
{
	const char *bad = scsp_queue_check(q);

	if (bad != NULL)
		fail_msg("%s", bad);
	assert_int_equal(scsp_queue_memory(q), fm.live_octets);
}

static inline void
done(struct scsp_queue *q)
{
	sound(q);
	scsp_queue_free(q);
	assert_int_equal(fm.live, 0);
}

#endif
