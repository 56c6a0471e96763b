/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_BASE_FRAME_H
#define MARSH_BASE_FRAME_H

/*
 * A frame is one AAL5 SDU, LLC/SNAP header included, shared by reference count
 * and never changed once it was handed to a network: a message to ten thousand
 * leaves is one frame.  Counts are not atomic; a frame stays on one thread.
 */
#include <stddef.h>
#include <stdint.h>

struct mem;

struct frame {
	uint32_t refs;
	uint32_t len; /* octets in use */
	uint32_t cap;
	const struct mem *mem;
	uint8_t bytes[];
};

/* frame_new returns a frame with room for |cap| octets, len 0, or NULL. */
struct frame *frame_new(const struct mem *mem, size_t cap);

/* frame_copy returns a new frame holding |len| octets of |bytes|, or NULL. */
struct frame *frame_copy(const struct mem *mem, const void *bytes, size_t len);

/* frame_ref takes one more reference and returns |f|. */
static inline struct frame *
frame_ref(struct frame *f)
{
	f->refs++;
	return f;
}

/* frame_unref gives one reference back; the last one frees.  NULL is legal. */
void frame_unref(struct frame *f);

#endif
