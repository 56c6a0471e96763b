/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * LLC/SNAP headers under the IANA OUI: MARS control (RFC 2022 section 4.2),
 * data in Type #1 and Type #2 encapsulation (section 5.5), and SCSP (RFC 2334).
 * Type #2 is understood and never sent.  MARS shares its PID with NHRP, told
 * apart by mar$op.version.
 */
#include "marsh/wire/snap.h"

#include <string.h>

#include "marsh/base/cur.h"
#include "marsh/base/err.h"

enum { PID_TYPE1 = 1, PID_MARS = 3, PID_TYPE2 = 4, PID_SCSP = 5 };
enum { OP_VERSION = 16, SHORT_PAD = 2, LONG1_PAD = 3, LONG2_PAD = 1 };

static const uint8_t iana[] = { 0xaa, 0xaa, 0x03, 0x00, 0x00, 0x5e, 0x00 };

/* Reads the 5 octets of mar$pro.snap where the long form is used. */
static void
snap_id(struct rd *r, struct l3_proto *pro)
{
	const uint8_t *p = rd_bytes(r, sizeof(pro->snap), "mar$pro.snap");

	if (p != NULL)
		memcpy(pro->snap, p, sizeof(pro->snap));
}

static void
type1(struct rd *r, struct snap *out)
{
	out->kind = SNAP_TYPE1;
	out->cmi = rd_u16(r, "pkt$cmi");
	out->pro.type = rd_u16(r, "pkt$pro");
	if (out->pro.type == L3_PROTO_LONG) {
		snap_id(r, &out->pro);
		rd_bytes(r, LONG1_PAD, "padding");
	}
}

static void
type2(struct rd *r, struct snap *out)
{
	out->kind = SNAP_TYPE2;
	out->source_id = rd_bytes(r, SNAP_SOURCE_ID_LEN, "source ID");
	out->pro.type = rd_u16(r, "mar$pro.type");
	if (out->pro.type == L3_PROTO_LONG) {
		snap_id(r, &out->pro);
		rd_bytes(r, LONG2_PAD, "padding");
	} else {
		rd_bytes(r, SHORT_PAD, "padding");
	}
}

static void
control(struct rd *r, struct snap *out)
{
	struct rd ahead = *r;
	const uint8_t *p;

	rd_bytes(&ahead, OP_VERSION, "mar$afn");
	p = rd_bytes(&ahead, 1, "mar$op.version");
	if (p == NULL)
		*r = ahead;
	else
		out->kind = *p == 0 ? SNAP_MARS : SNAP_NHRP;
}

/* Reads behind the header of PID 00-|pid|; others stay SNAP_OTHER. */
static void
payload(struct rd *r, uint8_t pid, struct snap *out)
{
	switch (pid) {
	case PID_TYPE1:
		type1(r, out);
		break;
	case PID_MARS:
		control(r, out);
		break;
	case PID_TYPE2:
		type2(r, out);
		break;
	case PID_SCSP:
		out->kind = SNAP_SCSP;
		break;
	default:
		r->p = r->base;
		break;
	}
}

int
snap_decode(const uint8_t *sdu, size_t len, struct snap *out,
    const char **field, size_t *off)
{
	const uint8_t *h;
	struct rd r;

	memset(out, 0, sizeof(*out));
	rd_init(&r, sdu, len);
	h = rd_bytes(&r, SNAP_LEN, "LLC/SNAP");
	if (h != NULL) {
		if (memcmp(h, iana, sizeof(iana)) == 0)
			payload(&r, h[SNAP_LEN - 1], out);
		else
			r.p = r.base;
	}
	if (!rd_ok(&r)) {
		if (field != NULL)
			*field = r.bad;
		if (off != NULL)
			*off = r.bad_off;
		return MARSH_ESHORT;
	}
	out->body = r.p;
	out->len = rd_left(&r);
	return 0;
}

static void
header(struct wr *w, uint8_t *sdu, size_t len, uint8_t pid)
{
	wr_init(w, sdu, len);
	wr_bytes(w, iana, sizeof(iana));
	wr_u8(w, pid);
}

void
snap_control(uint8_t sdu[SNAP_LEN])
{
	struct wr w;

	header(&w, sdu, SNAP_LEN, PID_MARS);
}

void
snap_scsp(uint8_t sdu[SNAP_LEN])
{
	struct wr w;

	header(&w, sdu, SNAP_LEN, PID_SCSP);
}

size_t
snap_type1_len(const struct l3_proto *pro)
{
	return pro->type == L3_PROTO_LONG ? 20 : 12;
}

size_t
snap_type1(uint8_t *sdu, const struct l3_proto *pro, uint16_t cmi)
{
	static const uint8_t pad[LONG1_PAD];
	struct wr w;

	header(&w, sdu, snap_type1_len(pro), PID_TYPE1);
	wr_u16(&w, cmi);
	wr_u16(&w, pro->type);
	if (pro->type == L3_PROTO_LONG) {
		wr_bytes(&w, pro->snap, sizeof(pro->snap));
		wr_bytes(&w, pad, LONG1_PAD);
	}
	return wr_len(&w);
}

size_t
snap_type2(uint8_t *sdu, const struct l3_proto *pro, const uint8_t *source_id)
{
	static const uint8_t pad[SHORT_PAD];
	struct wr w;

	header(&w, sdu, 24, PID_TYPE2);
	wr_bytes(&w, source_id, SNAP_SOURCE_ID_LEN);
	wr_u16(&w, pro->type);
	if (pro->type == L3_PROTO_LONG) {
		wr_bytes(&w, pro->snap, sizeof(pro->snap));
		wr_bytes(&w, pad, LONG2_PAD);
	} else {
		wr_bytes(&w, pad, SHORT_PAD);
	}
	return wr_len(&w);
}
