/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * struct mars_csa to octets (RFC 2443 section 3).  The protocol address comes
 * before the ATM address, other than in a MARS_JOIN, and nothing is padded but
 * the addresses of a status, behind which its TLVs begin.
 */
#include <assert.h>
#include <string.h>

#include "marsh/base/cur.h"
#include "marsh/wire/mars_msg.h"
#include "mars_csa_int.h"

static size_t
group_len(const struct mars_csa *m)
{
	return m->has_group ? m->group.min.len : 0;
}

size_t
mars_csa_end(const struct mars_csa *m)
{
	return MARS_CSA_HDR_LEN + m->spa.len + atm_tl_len(m->addr.tl)
	    + atm_tl_len(m->addr.stl) + 2 * group_len(m);
}

size_t
mars_csa_size(const struct mars_csa *m)
{
	size_t end = mars_csa_end(m);

	if (m->state != MARS_CSA_STATUS)
		return end;
	return end + mars_csa_pad(end) + m->tlvs_len;
}

static uint16_t
flags(const struct mars_csa *m)
{
	return (uint16_t)((m->layer3grp ? CSA_LAYER3GRP : 0)
	    | (m->reg ? CSA_REGISTER : 0) | m->sequence);
}

void
mars_csa_zeros(struct wr *w, size_t n)
{
	static const uint8_t zeros[3];

	wr_bytes(w, zeros, n);
}

void
mars_csa_head(struct wr *w, const struct mars_csa *m)
{
	assert(atm_tl_len(m->addr.tl) != 0 && m->spa.len <= L3_MAX);
	assert(!m->has_group || (m->group.min.len == m->group.max.len
	    && m->group.min.len <= L3_MAX));
	wr_u16(w, MARS_AFN);
	wr_u16(w, m->pro.type);
	wr_bytes(w, m->pro.snap, sizeof(m->pro.snap));
	wr_u8(w, 0);
	wr_u8(w, m->version);
	wr_u8(w, m->state);
	wr_u16(w, flags(m));
	wr_u16(w, m->cmi);
	wr_u8(w, m->spa.len);
	wr_u8(w, (uint8_t)group_len(m));
	wr_u8(w, m->addr.tl);
	wr_u8(w, m->addr.stl);
	wr_bytes(w, m->spa.b, m->spa.len);
	wr_bytes(w, m->addr.num, atm_tl_len(m->addr.tl));
	wr_bytes(w, m->addr.sub, atm_tl_len(m->addr.stl));
	wr_bytes(w, m->group.min.b, group_len(m));
	wr_bytes(w, m->group.max.b, group_len(m));
}

size_t
mars_csa_encode(const struct mars_csa *m, uint8_t *b, size_t cap)
{
	struct wr w;

	wr_init(&w, b, cap);
	mars_csa_head(&w, m);
	if (m->state == MARS_CSA_STATUS) {
		assert(m->tlvs_len >= TLV_HDR);
		mars_csa_zeros(&w, mars_csa_pad(mars_csa_end(m)));
		wr_bytes(&w, m->tlvs, m->tlvs_len);
	}
	return w.full ? 0 : wr_len(&w);
}
