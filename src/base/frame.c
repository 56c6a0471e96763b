/* SPDX-License-Identifier: BSD-2-Clause */
#include "marsh/base/frame.h"

#include <assert.h>
#include <string.h>

#include "marsh/base/mem.h"

struct frame *
frame_new(const struct mem *mem, size_t cap)
{
	struct frame *f;

	assert(cap <= UINT32_MAX);
	/* Not zeroed: every octet up to len is written by its maker. */
	f = mem_resize(mem, NULL, 0, sizeof(*f) + cap);
	if (f == NULL)
		return NULL;
	f->refs = 1;
	f->len = 0;
	f->cap = (uint32_t)cap;
	f->mem = mem;
	return f;
}

struct frame *
frame_copy(const struct mem *mem, const void *bytes, size_t len)
{
	struct frame *f = frame_new(mem, len);

	if (f != NULL) {
		memcpy(f->bytes, bytes, len);
		f->len = (uint32_t)len;
	}
	return f;
}

void
frame_unref(struct frame *f)
{
	if (f == NULL || --f->refs != 0)
		return;
	mem_free(f->mem, f, sizeof(*f) + f->cap);
}
