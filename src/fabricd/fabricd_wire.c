/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Framing.  The header has a check of its own: a wrong length would swallow
 * what follows.
 */
#include "fabricd_wire.h"

#include <string.h>

#include "marsh/base/err.h"

#define MAGIC0 0xa7
#define MAGIC1 0x5c
#define ROOM (2 * (FAB_WIRE_HEAD + FAB_WIRE_MAX + FAB_WIRE_TAIL))

/* CRC-32 of IEEE 802.3, half an octet at a time. */
uint32_t
fab_wire_crc(uint32_t crc, const void *p, size_t n)
{
	static const uint32_t half[16] = {
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
		0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
		0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
		0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	};
	const uint8_t *b = p;

	crc = ~crc;
	while (n-- > 0) {
		crc ^= *b++;
		crc = crc >> 4 ^ half[crc & 15];
		crc = crc >> 4 ^ half[crc & 15];
	}
	return ~crc;
}

uint32_t
fab_wire_get32(const uint8_t *b)
{
	return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16
	    | (uint32_t)b[2] << 8 | b[3];
}

void
fab_wire_put32(uint8_t *b, uint32_t x)
{
	for (int i = 0; i < 4; i++)
		b[i] = (uint8_t)(x >> (24 - 8 * i));
}

int
fab_wire_init(struct fab_wire *w, const struct mem *mem)
{
	*w = (struct fab_wire){ .mem = mem };
	w->b = mem_alloc(mem, ROOM);
	return w->b == NULL ? MARSH_ENOMEM : 0;
}

void
fab_wire_fini(struct fab_wire *w)
{
	mem_free(w->mem, w->b, ROOM);
	w->b = NULL;
}

void
fab_wire_clear(struct fab_wire *w)
{
	w->n = 0;
}

void
fab_wire_head(uint8_t b[FAB_WIRE_HEAD], size_t n)
{
	uint32_t crc;

	b[0] = MAGIC0;
	b[1] = MAGIC1;
	fab_wire_put32(b + 2, (uint32_t)n);
	crc = fab_wire_crc(0, b, 6);
	b[6] = (uint8_t)(crc >> 8);
	b[7] = (uint8_t)crc;
}

void
fab_wire_tail(uint8_t b[FAB_WIRE_TAIL], uint32_t crc)
{
	fab_wire_put32(b, crc);
}

/*
 * whole looks at what begins with |b|: the octets of a whole frame, 0 when more
 * have to come, or -1 when no frame begins here.
 */
static long
whole(const uint8_t *b, size_t n)
{
	uint8_t want[FAB_WIRE_HEAD];
	size_t len;

	if (b[0] != MAGIC0 || (n > 1 && b[1] != MAGIC1))
		return -1;
	if (n < FAB_WIRE_HEAD)
		return 0;
	len = fab_wire_get32(b + 2);
	fab_wire_head(want, len);
	if (memcmp(b, want, FAB_WIRE_HEAD) != 0 || len > FAB_WIRE_MAX)
		return -1;
	if (n < FAB_WIRE_HEAD + len + FAB_WIRE_TAIL)
		return 0;
	if (fab_wire_crc(0, b + FAB_WIRE_HEAD, len)
	    != fab_wire_get32(b + FAB_WIRE_HEAD + len))
		return -1;
	return (long)(FAB_WIRE_HEAD + len + FAB_WIRE_TAIL);
}

/* scan gives away all whole frames from |at| on and keeps what has begun. */
static void
scan(struct fab_wire *w, size_t at,
    void (*got)(void *ctx, const uint8_t *payload, size_t n), void *ctx)
{
	long len;

	for (; at < w->n; at += len > 0 ? (size_t)len : 1) {
		len = whole(w->b + at, w->n - at);
		if (len == 0)
			break;
		w->frames += len > 0;
		w->skipped += len < 0;
		if (len > 0)
			got(ctx, w->b + at + FAB_WIRE_HEAD,
			    (size_t)len - FAB_WIRE_HEAD - FAB_WIRE_TAIL);
	}
	memmove(w->b, w->b + at, w->n - at);
	w->n -= at;
}

void
fab_wire_in(struct fab_wire *w, const uint8_t *b, size_t n,
    void (*got)(void *ctx, const uint8_t *payload, size_t n), void *ctx)
{
	size_t take;

	while (n > 0) {
		take = n < ROOM - w->n ? n : ROOM - w->n;
		memcpy(w->b + w->n, b, take);
		w->n += take;
		b += take;
		n -= take;
		scan(w, 0, got, ctx);
	}
}

void
fab_wire_resync(struct fab_wire *w,
    void (*got)(void *ctx, const uint8_t *payload, size_t n), void *ctx)
{
	while (w->n > 0) {
		w->skipped++;
		scan(w, 1, got, ctx);
	}
}
