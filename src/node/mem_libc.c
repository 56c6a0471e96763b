/* SPDX-License-Identifier: BSD-2-Clause */
/* The allocator over malloc: the only place below the shell that names it. */
#include <stdlib.h>

#include "marsh/base/mem.h"
#include "marsh/node/world.h"

static void *
resize(void *ctx, void *p, size_t old, size_t size)
{
	(void)ctx;
	(void)old;
	if (size == 0) {
		free(p);
		return NULL;
	}
	return realloc(p, size);
}

const struct mem *
mem_libc(void)
{
	static const struct mem m = { resize, NULL };

	return &m;
}
