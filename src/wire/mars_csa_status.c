/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * MARS Group Status: what a redundant MARS says of itself in TLVs (RFC 2022
 * section 10.2; types of the experimental range) behind the fixed header of RFC
 * 2443, whose Version 0xFF is free for local use.  Each TLV of a known type has
 * exactly its length; what is new one day gets a new type, and is skipped here.
 */
#include <assert.h>
#include <string.h>

#include "marsh/base/cur.h"
#include "marsh/base/err.h"
#include "mars_csa_int.h"
#include "octets_int.h"

#define TLV_Y 0x3fff

/* One TLV; each reader returns whether it is well-formed. */
struct tlv {
	const uint8_t *p;
	size_t len;
};

static bool
server(struct mars_status *s, struct tlv t)
{
	if (t.len != STATUS_SERVER_LEN || t.p[0] != STATUS_FORMAT)
		return false;
	s->no_new_clients = (t.p[1] & STATUS_NO_NEW_CLIENTS) != 0;
	s->interval = get16(t.p + 2);
	s->incarnation = get32(t.p + 4);
	s->clients = get16(t.p + 8);
	s->capacity = get16(t.p + 10);
	/* Who never refreshes would be dead at once. */
	return s->interval != 0;
}

/* Of one partition a server says one thing. */
static bool
said(const struct mars_status *s, uint16_t part)
{
	for (unsigned i = 0; i < s->parts; i++)
		if (s->part[i].part == part)
			return true;
	return false;
}

static bool
part(struct mars_status *s, struct tlv t)
{
	struct mars_status_part *p = &s->part[s->parts];

	if (t.len != STATUS_PART_LEN || s->parts == MARS_STATUS_PARTS
	    || said(s, get16(t.p)))
		return false;
	p->part = get16(t.p);
	p->role = t.p[2];
	p->priority = t.p[3];
	p->mode = t.p[4];
	p->preempt = (t.p[5] & STATUS_PREEMPT) != 0;
	p->ready = (t.p[5] & STATUS_READY) != 0;
	p->successor = get32(t.p + 8);
	s->parts++;
	return p->role != MARS_ROLE_NONE && p->role < MARS_ROLE_COUNT
	    && p->mode <= MARS_MODE_SOFT;
}

static bool
slice(struct mars_status *s, struct tlv t)
{
	struct mars_status_slice *p = &s->slice[s->slices];

	if (t.len != STATUS_SLICE_LEN || s->slices == MARS_STATUS_PARTS)
		return false;
	p->part = get16(t.p);
	p->lo = get16(t.p + 2);
	p->hi = get16(t.p + 4);
	s->slices++;
	/* No client has CMI 0 (RFC 2022 section 5.2.3). */
	return p->lo != 0 && p->lo <= p->hi;
}

static bool
adj(struct mars_status *s, struct tlv t)
{
	if (t.len % 4 != 0 || t.len / 4 > MARS_STATUS_PARTS - s->adjs)
		return false;
	for (size_t at = 0; at < t.len; at += 4)
		s->adj[s->adjs++] = get32(t.p + at);
	return true;
}

/* Returns the name of the TLV if it is malformed, or NULL. */
static const char *
read_one(struct mars_status *s, unsigned type, struct tlv t, bool *served)
{
	switch (type) {
	case STATUS_SERVER:
		if (*served || !server(s, t))
			return "SERVER";
		*served = true;
		return NULL;
	case STATUS_PART:
		return part(s, t) ? NULL : "PART";
	case STATUS_SLICE:
		return slice(s, t) ? NULL : "SLICE";
	case STATUS_ADJ:
		return adj(s, t) ? NULL : "ADJ";
	default:
		return NULL;
	}
}

static int
refuse(struct mars_csa_err *err, const char *field, size_t off)
{
	if (err != NULL)
		*err = (struct mars_csa_err){ MARS_CSA_BAD_TLV, field, off };
	return MARSH_EPROTO;
}

int
mars_status_read(const struct mars_csa *m, struct mars_status *s,
    struct mars_csa_err *err)
{
	size_t off = mars_csa_size(m) - m->tlvs_len, at = 0;
	bool served = false;

	assert(m->state == MARS_CSA_STATUS && m->tlvs_len >= TLV_HDR);
	memset(s, 0, sizeof(*s));
	/* mars_csa_decode saw the whole list: it ends inside the part. */
	while ((get16(m->tlvs + at) & TLV_Y) != 0) {
		unsigned type = get16(m->tlvs + at);
		struct tlv t = { m->tlvs + at + TLV_HDR,
			get16(m->tlvs + at + 2) };
		const char *bad = read_one(s, type, t, &served);

		if (bad != NULL)
			return refuse(err, bad, off + at);
		at += TLV_HDR + t.len + mars_csa_pad(t.len);
	}
	return served ? 0 : refuse(err, "SERVER", off + at);
}

/* ---- writing ------------------------------------------------------------- */

static void
begin(struct wr *w, unsigned type, size_t len)
{
	wr_u16(w, (uint16_t)type);
	wr_u16(w, (uint16_t)len);
}

static void
put_server(struct wr *w, const struct mars_status *s)
{
	begin(w, STATUS_SERVER, STATUS_SERVER_LEN);
	wr_u8(w, STATUS_FORMAT);
	wr_u8(w, s->no_new_clients ? STATUS_NO_NEW_CLIENTS : 0);
	wr_u16(w, s->interval);
	wr_u32(w, s->incarnation);
	wr_u16(w, s->clients);
	wr_u16(w, s->capacity);
}

static void
put_part(struct wr *w, const struct mars_status_part *p)
{
	begin(w, STATUS_PART, STATUS_PART_LEN);
	wr_u16(w, p->part);
	wr_u8(w, p->role);
	wr_u8(w, p->priority);
	wr_u8(w, p->mode);
	wr_u8(w, (uint8_t)((p->preempt ? STATUS_PREEMPT : 0)
	    | (p->ready ? STATUS_READY : 0)));
	wr_u16(w, 0);
	wr_u32(w, p->successor);
}

static void
put_slice(struct wr *w, const struct mars_status_slice *p)
{
	begin(w, STATUS_SLICE, STATUS_SLICE_LEN);
	wr_u16(w, p->part);
	wr_u16(w, p->lo);
	wr_u16(w, p->hi);
	mars_csa_zeros(w, mars_csa_pad(STATUS_SLICE_LEN));
}

static void
put_tlvs(struct wr *w, const struct mars_status *s)
{
	put_server(w, s);
	for (unsigned i = 0; i < s->parts; i++)
		put_part(w, &s->part[i]);
	for (unsigned i = 0; i < s->slices; i++)
		put_slice(w, &s->slice[i]);
	if (s->adjs != 0)
		begin(w, STATUS_ADJ, 4 * (size_t)s->adjs);
	for (unsigned i = 0; i < s->adjs; i++)
		wr_u32(w, s->adj[i]);
	wr_u32(w, 0); /* Null */
}

size_t
mars_status_write(const struct mars_status *s, const struct l3_proto *pro,
    const struct atm_addr *addr, uint8_t *b, size_t cap)
{
	struct mars_csa m = { .pro = *pro, .version = MARS_CSA_LOCAL,
		.state = MARS_CSA_STATUS, .addr = *addr };
	struct wr w;

	assert(s->parts <= MARS_STATUS_PARTS && s->slices <= MARS_STATUS_PARTS
	    && s->adjs <= MARS_STATUS_PARTS);
	wr_init(&w, b, cap);
	mars_csa_head(&w, &m);
	mars_csa_zeros(&w, mars_csa_pad(mars_csa_end(&m)));
	put_tlvs(&w, s);
	return w.full ? 0 : wr_len(&w);
}
