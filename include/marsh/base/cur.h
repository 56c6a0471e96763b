/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_BASE_CUR_H
#define MARSH_BASE_CUR_H

/*
 * A read cursor with a sticky error: read ten fields, test once.  Past the end
 * every read returns zero and marks the cursor with the name and offset of the
 * first field that did not fit.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rd {
	const uint8_t *base, *p, *end;
	const char *bad; /* first field that failed, or NULL */
	size_t bad_off;
};

/* rd_init starts |r| on |len| octets at |bytes|, borrowed. */
static inline void
rd_init(struct rd *r, const uint8_t *bytes, size_t len)
{
	r->base = r->p = bytes;
	r->end = bytes + len;
	r->bad = NULL;
	r->bad_off = 0;
}

/* rd_fail marks |r| as failed at its present place, unless it failed before. */
static inline void
rd_fail(struct rd *r, const char *field)
{
	if (r->bad == NULL) {
		r->bad = field;
		r->bad_off = (size_t)(r->p - r->base);
	}
	r->p = r->end;
}

/* rd_bytes returns |n| octets (borrowed) and moves on, or NULL on failure. */
static inline const uint8_t *
rd_bytes(struct rd *r, size_t n, const char *field)
{
	const uint8_t *p = r->p;

	if (r->bad != NULL || (size_t)(r->end - p) < n) {
		rd_fail(r, field);
		return NULL;
	}
	r->p += n;
	return p;
}

/* rd_u8, rd_u16 and rd_u32 read one big-endian number, 0 on failure. */
static inline uint8_t
rd_u8(struct rd *r, const char *field)
{
	const uint8_t *p = rd_bytes(r, 1, field);

	return p ? p[0] : 0;
}

static inline uint16_t
rd_u16(struct rd *r, const char *field)
{
	const uint8_t *p = rd_bytes(r, 2, field);

	return p ? (uint16_t)(p[0] << 8 | p[1]) : 0;
}

static inline uint32_t
rd_u32(struct rd *r, const char *field)
{
	const uint8_t *p = rd_bytes(r, 4, field);

	return p ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16
		    | (uint32_t)p[2] << 8 | p[3]
		 : 0;
}

/* rd_ok tells whether every read so far fitted. */
static inline bool
rd_ok(const struct rd *r)
{
	return r->bad == NULL;
}

/* rd_left returns the octets not yet read. */
static inline size_t
rd_left(const struct rd *r)
{
	return (size_t)(r->end - r->p);
}

/* A write cursor into caller memory; |full| is sticky. */
struct wr {
	uint8_t *base, *p, *end;
	bool full;
};

/* wr_init starts |w| on |cap| octets at |buf|, borrowed. */
static inline void
wr_init(struct wr *w, uint8_t *buf, size_t cap)
{
	w->base = w->p = buf;
	w->end = buf + cap;
	w->full = false;
}

/* wr_room reserves |n| octets and returns them, or NULL and marks |w| full. */
static inline uint8_t *
wr_room(struct wr *w, size_t n)
{
	uint8_t *p = w->p;

	if (w->full || (size_t)(w->end - p) < n) {
		w->full = true;
		return NULL;
	}
	w->p += n;
	return p;
}

/* wr_u8, wr_u16, wr_u32 and wr_bytes append; numbers go big-endian. */
static inline void
wr_u8(struct wr *w, uint8_t v)
{
	uint8_t *p = wr_room(w, 1);

	if (p != NULL)
		p[0] = v;
}

static inline void
wr_u16(struct wr *w, uint16_t v)
{
	uint8_t *p = wr_room(w, 2);

	if (p != NULL) {
		p[0] = (uint8_t)(v >> 8);
		p[1] = (uint8_t)v;
	}
}

static inline void
wr_u32(struct wr *w, uint32_t v)
{
	wr_u16(w, (uint16_t)(v >> 16));
	wr_u16(w, (uint16_t)v);
}

void wr_bytes(struct wr *w, const void *b, size_t n);

/* wr_len returns the octets written so far. */
static inline size_t
wr_len(const struct wr *w)
{
	return (size_t)(w->p - w->base);
}

#endif
