/* SPDX-License-Identifier: BSD-2-Clause */
#include "failmem.h"

#include <stdlib.h>

static void *
resize(void *ctx, void *p, size_t old, size_t size)
{
	struct failmem *f = ctx;
	void *q;

	if (size == 0) {
		if (p != NULL) {
			f->live--;
			f->live_octets -= old;
		}
		free(p);
		return NULL;
	}
	f->count++;
	if (f->fail_at != 0
	    && (f->count == f->fail_at || (f->fail_on && f->count > f->fail_at)))
		return NULL;
	q = realloc(p, size);
	if (q == NULL)
		return NULL;
	if (p == NULL)
		f->live++;
	f->live_octets += size - (p ? old : 0);
	return q;
}

void
failmem_init(struct failmem *f)
{
	*f = (struct failmem){ .mem = { resize, f } };
}
