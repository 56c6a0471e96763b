/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * struct mars_msg to octets (RFC 2022 sections 4.3, 5, 6 and 10), the mirror of
 * mars_decode.c.  The size is known before the first octet is written, so the
 * writers need no bounds.  Reserved fields go out as zero.
 */
#include <assert.h>
#include <string.h>

#include "marsh/base/frame.h"
#include "marsh/wire/snap.h"
#include "mars_int.h"

size_t
mars_list_len(const struct mars_msg *m)
{
	switch (mars_shape(m->op)) {
	case SHAPE_J:
		return (size_t)m->pnum * 2 * m->tpln;
	case SHAPE_G:
		return (size_t)m->tnum * m->tpln;
	case SHAPE_M:
	case SHAPE_D:
		return m->tnum * (atm_tl_len(m->thtl) + atm_tl_len(m->tstl));
	default:
		return 0;
	}
}

size_t
mars_list_off(const struct mars_msg *m)
{
	enum mars_shape shape = mars_shape(m->op);
	size_t off = OFF_ADDRS + atm_tl_len(m->shtl) + atm_tl_len(m->sstl);

	if (shape != SHAPE_D)
		off += m->spln;
	if (shape == SHAPE_R || shape == SHAPE_M)
		off += m->tpln;
	return off;
}

/* Section 10: TLVs begin on the first 32-bit boundary behind the addresses. */
static size_t
tlvs_off(const struct mars_msg *m)
{
	return (mars_list_off(m) + mars_list_len(m) + 3) & ~(size_t)3;
}

size_t
mars_size(const struct mars_msg *m)
{
	if (m->tlvs_len != 0)
		return tlvs_off(m) + m->tlvs_len;
	return mars_list_off(m) + mars_list_len(m);
}

static void
header(uint8_t *b, const struct mars_msg *m)
{
	memset(b, 0, MARS_HDR_LEN);
	put16(b + OFF_AFN, MARS_AFN);
	put16(b + OFF_TYPE, m->pro.type);
	if (m->pro.type == L3_PROTO_LONG)
		memcpy(b + OFF_SNAP, m->pro.snap, sizeof(m->pro.snap));
	if (m->tlvs_len != 0)
		put16(b + OFF_EXTOFF, (uint16_t)tlvs_off(m));
	b[OFF_OP] = m->op;
	b[OFF_SHTL] = mars_tl(m->shtl);
	b[OFF_SSTL] = mars_tl(m->sstl);
}

static void
mandatory(uint8_t *b, const struct mars_msg *m, enum mars_shape shape)
{
	if (shape != SHAPE_D)
		b[OFF_SPLN] = m->spln;
	if (shape == SHAPE_J) {
		b[OFF_J_TPLN] = m->tpln;
		put16(b + OFF_J_PNUM, m->pnum);
		mars_put_flags(b, m->flags & MARS_FLAGS_KNOWN);
		mars_put_cmi(b, m->cmi);
		mars_put_msn(b, m->msn);
		return;
	}
	if (shape == SHAPE_D)
		b[OFF_REDIRF] = m->hard ? MARS_REDIRF_HARD : 0;
	else
		b[OFF_TPLN] = m->tpln;
	if (shape == SHAPE_R)
		return;
	if (shape != SHAPE_G) {
		b[OFF_THTL] = mars_tl(m->thtl);
		b[OFF_TSTL] = mars_tl(m->tstl);
	}
	mars_put_tnum(b, m->tnum);
	mars_put_msn(b, m->msn);
	if (m->op != MARS_MIGRATE)
		mars_put_seqxy(b, m->part, m->last);
}

/* Appends |n| octets; a NULL |from| leaves room for the caller's own. */
static uint8_t *
put(uint8_t *p, const uint8_t *from, size_t n)
{
	if (from != NULL && n != 0)
		memcpy(p, from, n);
	return p + n;
}

static uint8_t *
addresses(uint8_t *p, const struct mars_msg *m, enum mars_shape shape)
{
	assert(m->sha != NULL && (m->spa != NULL || m->spln == 0
		|| shape == SHAPE_D));
	p = put(p, m->sha, atm_tl_len(m->shtl) + atm_tl_len(m->sstl));
	if (shape != SHAPE_D)
		p = put(p, m->spa, m->spln);
	if (shape == SHAPE_R || shape == SHAPE_M) {
		assert(m->tpa != NULL || m->tpln == 0);
		p = put(p, m->tpa, m->tpln);
	}
	return put(p, shape == SHAPE_J ? m->pairs : m->list, mars_list_len(m));
}

size_t
mars_encode(const struct mars_msg *m, bool checksum, uint8_t *buf, size_t cap)
{
	enum mars_shape shape = mars_shape(m->op);
	size_t len = mars_size(m);
	uint8_t *p;

	assert(shape != SHAPE_NONE && atm_tl_len(m->shtl) != 0);
	/* mar$extoff has 16 bits. */
	if (len > cap || (m->tlvs_len != 0 && tlvs_off(m) > UINT16_MAX))
		return 0;
	header(buf, m);
	mandatory(buf, m, shape);
	p = addresses(buf + OFF_ADDRS, m, shape);
	if (m->tlvs_len != 0) {
		memset(p, 0, (size_t)(buf + tlvs_off(m) - p));
		put(buf + tlvs_off(m), m->tlvs, m->tlvs_len);
	}
	mars_seal(buf, len, checksum);
	return len;
}

struct frame *
mars_frame(const struct mem *mem, const struct mars_msg *m, bool checksum)
{
	size_t len = mars_size(m);
	struct frame *f = frame_new(mem, SNAP_LEN + len);

	if (f == NULL)
		return NULL;
	snap_control(f->bytes);
	len = mars_encode(m, checksum, f->bytes + SNAP_LEN, len);
	assert(len != 0);
	f->len = (uint32_t)(SNAP_LEN + len);
	return f;
}
