/* SPDX-License-Identifier: BSD-2-Clause */
#include "marsh/base/mem.h"

#include <stdint.h>
#include <string.h>

#include "marsh/base/err.h"

void *
mem_alloc(const struct mem *m, size_t size)
{
	void *p = m->resize(m->ctx, NULL, 0, size);

	if (p != NULL)
		memset(p, 0, size);
	return p;
}

void *
mem_resize(const struct mem *m, void *p, size_t old, size_t size)
{
	return m->resize(m->ctx, p, old, size);
}

void
mem_free(const struct mem *m, void *p, size_t size)
{
	if (p != NULL)
		m->resize(m->ctx, p, size, 0);
}

int
mem_grow(const struct mem *m, void **vec, size_t *cap, size_t need,
    size_t item)
{
	size_t n = *cap ? *cap : 8;
	void *p;

	if (need <= *cap)
		return 0;
	while (n < need) {
		if (n > SIZE_MAX / 2 / item)
			return MARSH_ENOMEM;
		n *= 2;
	}
	p = m->resize(m->ctx, *vec, *cap * item, n * item);
	if (p == NULL)
		return MARSH_ENOMEM;
	*vec = p;
	*cap = n;
	return 0;
}
