/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_FAILMEM_H
#define TESTS_FAILMEM_H

/* An allocator for tests: counts, can fail the n-th allocation, finds leaks. */
#include <stddef.h>

#include "marsh/base/mem.h"

struct failmem {
	struct mem mem;      /* pass &f.mem */
	long count;          /* allocations asked for so far */
	long fail_at;        /* this one fails (1-based), 0: none */
	int fail_on;         /* and every later one too */
	long live;           /* blocks not yet freed */
	size_t live_octets;
};

/* failmem_init makes |f| an allocator that never fails. */
void failmem_init(struct failmem *f);

#endif
