/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Octets to struct mars_msg (RFC 2022 sections 4.3, 5, 6 and 10).  All 13
 * messages share a fixed header and a mandatory part of 12 octets, so once 32
 * octets are known to be there, only the addresses need a bounded cursor.
 * Invariant: every pointer in a decoded message covers octets of the input, as
 * many as the lengths beside it say; no position is derived from anything else
 * (section 5.1.2).
 */
#include <string.h>

#include "marsh/base/cur.h"
#include "marsh/base/err.h"
#include "mars_int.h"

static int
refuse(struct mars_decode_err *err, enum mars_bad bad, const char *field,
    size_t off)
{
	if (err != NULL)
		*err = (struct mars_decode_err){ bad, field, off };
	return bad == MARS_BAD_SHORT ? MARSH_ESHORT : MARSH_EPROTO;
}

/* Names the field of the first 32 octets in which a message of |len| ends. */
static int
refuse_short(const uint8_t *b, size_t len, struct mars_decode_err *err)
{
	static const struct {
		uint8_t off, shapes; /* shapes 0: every one */
		const char *field;
	} fields[] = {
#define IN(s) (1 << SHAPE_##s)
		{ 28, IN(M) | IN(G) | IN(D) | IN(J), "mar$msn" },
		{ 26, IN(J), "mar$cmi" },
		{ 26, IN(M) | IN(G) | IN(D), "mar$seqxy" },
		{ 24, IN(J), "mar$flags" },
		{ 24, IN(R), "mar$pad" },
		{ 24, IN(M) | IN(G) | IN(D), "mar$tnum" },
		{ 23, IN(D), "mar$redirf" },
		{ 23, IN(R) | IN(M) | IN(G), "mar$tpln" },
		{ 22, IN(J), "mar$pnum" },
		{ 22, IN(R) | IN(M) | IN(G) | IN(D), "mar$tstl" },
		{ 21, IN(J), "mar$tpln" },
		{ 21, IN(R) | IN(M) | IN(G) | IN(D), "mar$thtl" },
		{ 20, 0, "mar$spln" },
		{ 19, 0, "mar$sstl" },
		{ 18, 0, "mar$shtl" },
		{ 17, 0, "mar$op.type" },
		{ 16, 0, "mar$op.version" },
		{ 14, 0, "mar$extoff" },
		{ 12, 0, "mar$chksum" },
		{ 9, 0, "mar$hdrrsv" },
		{ 4, 0, "mar$pro.snap" },
		{ 2, 0, "mar$pro.type" },
		{ 0, 0, "mar$afn" },
#undef IN
	};
	unsigned shape = len > OFF_OP ? mars_shape(b[OFF_OP]) : SHAPE_NONE;
	size_t i = 0;

	while (fields[i].off > len
	    || (fields[i].shapes != 0 && !(fields[i].shapes >> shape & 1)))
		i++;
	return refuse(err, MARS_BAD_SHORT, fields[i].field, fields[i].off);
}

/* The offset of the TLV list, 0: none (section 10.1). */
static size_t
extoff(const uint8_t *b)
{
	return get16(b + OFF_EXTOFF) & 0xfffc;
}

static int
refuse_tlv(struct mars_decode_err *err, enum mars_bad bad, size_t off)
{
	return refuse(err, bad, "TLV", off);
}

/*
 * An unknown operation is dropped only behind its TLVs, which may ask for an
 * error indication.
 */
static int
refuse_op(const uint8_t *b, size_t len, struct mars_decode_err *err)
{
	size_t ext = extoff(b), end;
	enum mars_bad bad;

	if (ext >= OFF_ADDRS) {
		bad = mars_tlv_scan(b, len, ext, &end);
		if (bad == MARS_BAD_TLV_SILENT || bad == MARS_BAD_TLV_ERROR)
			return refuse_tlv(err, bad, end);
	}
	return refuse(err, MARS_BAD_OP, "mar$op.type", OFF_OP);
}

static int
header(const uint8_t *b, size_t len, bool verify, struct mars_msg *m,
    struct mars_decode_err *err)
{
	if (get16(b + OFF_AFN) != MARS_AFN)
		return refuse(err, MARS_BAD_AFN, "mar$afn", OFF_AFN);
	if (b[OFF_VERSION] != 0)
		return refuse(err, MARS_BAD_VERSION, "mar$op.version",
		    OFF_VERSION);
	m->chksum = get16(b + OFF_CHKSUM);
	if (verify && m->chksum != 0 && !mars_sum_ok(b, len))
		return refuse(err, MARS_BAD_CHECKSUM, "mar$chksum", OFF_CHKSUM);
	m->op = b[OFF_OP];
	if (mars_shape(m->op) == SHAPE_NONE)
		return refuse_op(b, len, err);
	m->pro.type = get16(b + OFF_TYPE);
	/* In the short form the SNAP octets say nothing (section 4.3.2). */
	if (m->pro.type == L3_PROTO_LONG)
		memcpy(m->pro.snap, b + OFF_SNAP, sizeof(m->pro.snap));
	m->shtl = mars_tl(b[OFF_SHTL]);
	m->sstl = mars_tl(b[OFF_SSTL]);
	if (m->shtl == 0)
		return refuse(err, MARS_BAD_SOURCE, "mar$shtl", OFF_SHTL);
	return 0;
}

static void
mandatory(const uint8_t *b, struct mars_msg *m, enum mars_shape shape)
{
	/* REDIRECT_MAP draws mar$spln but has no mar$spa. */
	if (shape != SHAPE_D)
		m->spln = b[OFF_SPLN];
	if (shape == SHAPE_J) {
		m->tpln = b[OFF_J_TPLN];
		m->pnum = get16(b + OFF_J_PNUM);
		m->flags = get16(b + OFF_J_FLAGS) & MARS_FLAGS_KNOWN;
		m->cmi = get16(b + OFF_J_CMI);
		m->msn = get32(b + OFF_MSN);
		return;
	}
	if (shape == SHAPE_D)
		m->hard = (b[OFF_REDIRF] & MARS_REDIRF_HARD) != 0;
	else
		m->tpln = b[OFF_TPLN];
	if (shape == SHAPE_R)
		return;
	if (shape != SHAPE_G) {
		m->thtl = mars_tl(b[OFF_THTL]);
		m->tstl = mars_tl(b[OFF_TSTL]);
	}
	m->tnum = get16(b + OFF_TNUM);
	m->msn = get32(b + OFF_MSN);
	if (m->op == MARS_MIGRATE) {
		m->last = true;
	} else {
		m->part = get16(b + OFF_SEQXY) & (uint16_t)~MARS_SEQ_LAST;
		m->last = get16(b + OFF_SEQXY) >> 15;
	}
}

/*
 * Counts are 16 bits and lengths 8, so the longest list has 65535 * 510 octets:
 * no product or sum here can overflow.
 */
static void
addresses(struct rd *r, const uint8_t *b, struct mars_msg *m,
    enum mars_shape shape)
{
	m->sha = rd_bytes(r, atm_tl_len(m->shtl), "mar$sha");
	rd_bytes(r, atm_tl_len(m->sstl), "mar$ssa");
	if (shape != SHAPE_D)
		m->spa = rd_bytes(r, m->spln, "mar$spa");
	if (shape == SHAPE_J) {
		m->pairs = rd_bytes(r, mars_list_len(m), "mar$min");
		return;
	}
	if (shape == SHAPE_R || shape == SHAPE_M)
		m->tpa = rd_bytes(r, m->tpln, "mar$tpa");
	if (shape == SHAPE_R) {
		/* Null in all we know; whoever sends one takes the space. */
		rd_bytes(r, atm_tl_len(b[OFF_THTL]), "mar$tha");
		rd_bytes(r, atm_tl_len(b[OFF_TSTL]), "mar$tsa");
		return;
	}
	m->list = rd_bytes(r, mars_list_len(m),
	    shape == SHAPE_G ? "mar$mgrp" : "mar$tha");
}

/* What follows the addresses, which end at offset |at|. */
static int
tail(const uint8_t *b, size_t len, size_t at, struct mars_msg *m,
    struct mars_decode_err *err)
{
	size_t ext = extoff(b), end;
	enum mars_bad bad;

	if (ext == 0) {
		if (at != len)
			return refuse(err, MARS_BAD_TRAILING, "octets behind",
			    at);
		return 0;
	}
	if (ext < at || ext > len)
		return refuse(err, MARS_BAD_TLV, "mar$extoff", OFF_EXTOFF);
	bad = mars_tlv_scan(b, len, ext, &end);
	if (bad != MARS_BAD_NONE)
		return refuse_tlv(err, bad, end);
	m->tlvs = b + ext;
	m->tlvs_len = end - ext;
	return 0;
}

/*
 * The first of |n| pairs of |z| octets each that breaks section 5.2.1, or |n|:
 * each min at most its max, and above the max before it.
 */
static unsigned
disorder(const uint8_t *p, unsigned n, size_t z)
{
	for (unsigned i = 0; i < n; i++, p += 2 * z) {
		if (z == 4) {
			uint32_t min = get32(p);

			if (min > get32(p + 4)
			    || (i != 0 && min <= get32(p - 4)))
				return i;
		} else if (memcmp(p, p + z, z) > 0
		    || (i != 0 && memcmp(p, p - z, z) <= 0)) {
			return i;
		}
	}
	return n;
}

int
mars_decode(const uint8_t *b, size_t len, bool verify, struct mars_msg *m,
    struct mars_decode_err *err)
{
	enum mars_shape shape;
	struct rd r;
	unsigned i;
	int rv;

	memset(m, 0, sizeof(*m));
	if (len < MARS_HDR_LEN)
		return refuse_short(b, len, err);
	if ((rv = header(b, len, verify, m, err)) != 0)
		return rv;
	shape = mars_shape(m->op);
	mandatory(b, m, shape);
	rd_init(&r, b, len);
	rd_bytes(&r, OFF_ADDRS, "mar$afn");
	addresses(&r, b, m, shape);
	if (!rd_ok(&r))
		return refuse(err, MARS_BAD_SHORT, r.bad, r.bad_off);
	if ((rv = tail(b, len, len - rd_left(&r), m, err)) != 0)
		return rv;
	if (shape == SHAPE_J && m->tpln != 0) {
		i = disorder(m->pairs, m->pnum, m->tpln);
		if (i != m->pnum)
			return refuse(err, MARS_BAD_PAIRS, "mar$min",
			    (size_t)(m->pairs - b) + 2 * (size_t)m->tpln * i);
	}
	return 0;
}
