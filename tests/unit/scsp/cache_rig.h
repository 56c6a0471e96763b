/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_CACHE_RIG_H
#define TESTS_CACHE_RIG_H

/* A cache that is sound and gives back what it held. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "failmem.h"
#include "scsp/scsp_cache.h"

#define SPAN MSPAN_SEC(3600)

static struct failmem fm;
static const struct mtime start = { 10000000000 };

static inline struct scsp_cache *
cache(void)
{
	struct scsp_cache *c;

	failmem_init(&fm);
	c = scsp_cache_new(&fm.mem, SPAN);
	assert_non_null(c);
	return c;
}

static inline void
sound(const struct scsp_cache *c)
{
	const char *bad = scsp_cache_check(c);

	if (bad != NULL)
		fail_msg("%s", bad);
}

static inline void
done(struct scsp_cache *c)
{
	struct scsp_cache_count n;

	sound(c);
	scsp_cache_count(c, &n);
	assert_int_equal(n.memory, fm.live_octets);
	scsp_cache_free(c);
	assert_int_equal(fm.live, 0);
}

#endif
