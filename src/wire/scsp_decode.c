/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Octets to struct scsp_msg (RFC 2334 appendix B).  The parts are read in the
 * order in which they lie, each against the end of the part around it: message
 * in the octets, mandatory part and extensions in the message, records in the
 * mandatory part.  Parts follow each other without a gap, as Packet Size and
 * Number of Records say (B.1, B.2.0.1): octets that belong to nothing are an
 * error.
 * Invariant: whatever decoded, every length in it was held against the octets,
 * so that scsp_next and scsp_next_id need not look again.
 */
#include <assert.h>
#include <string.h>

#include "marsh/base/err.h"
#include "scsp_int.h"

static int
refuse(struct scsp_decode_err *err, enum scsp_bad bad, const char *field,
    size_t off)
{
	if (err != NULL)
		*err = (struct scsp_decode_err){ bad, field, off };
	return bad == SCSP_BAD_SHORT ? MARSH_ESHORT : MARSH_EPROTO;
}

/* Names the field of the fixed part in which |len| octets end. */
static int
refuse_short(size_t len, struct scsp_decode_err *err)
{
	static const struct {
		uint8_t off;
		const char *field;
	} fields[] = {
		{ OFF_EXTS, "Start Of Extensions" },
		{ OFF_CHECKSUM, "Checksum" },
		{ OFF_SIZE, "Packet Size" },
		{ OFF_TYPE, "Type Code" },
		{ OFF_VERSION, "Version" },
	};
	size_t i = 0;

	while (fields[i].off > len)
		i++;
	return refuse(err, SCSP_BAD_SHORT, fields[i].field, fields[i].off);
}

static int
fixed(const uint8_t *b, size_t len, struct scsp_msg *m,
    struct scsp_decode_err *err)
{
	if (len < SCSP_FIXED_LEN)
		return refuse_short(len, err);
	if (b[OFF_VERSION] != SCSP_VERSION)
		return refuse(err, SCSP_BAD_VERSION, "Version", OFF_VERSION);
	m->type = b[OFF_TYPE];
	if (m->type == 0 || m->type >= SCSP_TYPE_COUNT)
		return refuse(err, SCSP_BAD_TYPE, "Type Code", OFF_TYPE);
	m->size = get16(b + OFF_SIZE);
	/* More octets than that are padding of the layer below. */
	if (m->size > len || m->size < scsp_mcp(m->type) + SCSP_MCP_LEN)
		return refuse(err, SCSP_BAD_SIZE, "Packet Size", OFF_SIZE);
	if (scsp_checksum(b, m->size) != 0)
		return refuse(err, SCSP_BAD_CHECKSUM, "Checksum",
		    OFF_CHECKSUM);
	return 0;
}

/* What CA and Hello have in front of the common part (B.2.1, B.2.5). */
static void
special(const uint8_t *b, struct scsp_msg *m)
{
	if (m->type == SCSP_CA) {
		m->ca_seq = get32(b + OFF_CA_SEQ);
	} else if (m->type == SCSP_HELLO) {
		m->interval = get16(b + OFF_INTERVAL);
		m->dead = get16(b + OFF_DEAD);
		m->family = get16(b + OFF_FAMILY);
	}
}

static int
common(const uint8_t *b, struct scsp_msg *m, size_t *at,
    struct scsp_decode_err *err)
{
	const uint8_t *p = b + scsp_mcp(m->type);
	size_t send = p[MCP_SENDER_LEN], recv = p[MCP_RECEIVER_LEN];

	m->pid = get16(p + MCP_PID);
	m->sgid = get16(p + MCP_SGID);
	if (m->type == SCSP_CA)
		m->flags = get16(p + MCP_FLAGS)
		    & (SCSP_CA_M | SCSP_CA_I | SCSP_CA_O);
	m->nrec = get16(p + MCP_NREC);
	*at = scsp_mcp(m->type) + SCSP_MCP_LEN;
	if (send > m->size - *at)
		return refuse(err, SCSP_BAD_SHORT, "Sender ID", *at);
	m->sender = (struct scsp_oct){ b + *at, send };
	*at += send;
	if (recv > m->size - *at)
		return refuse(err, SCSP_BAD_SHORT, "Receiver ID", *at);
	m->receiver = (struct scsp_oct){ b + *at, recv };
	*at += recv;
	return 0;
}

/*
 * Checks the record in the |left| octets at |p|.  Returns its length, or 0 with
 * |*field| and |*off| saying what is wrong.  A stand-alone CSAS has no body, so
 * a longer Record Length leaves open where the next one begins.
 */
static size_t
record(const uint8_t *p, size_t left, bool alone, const char **field,
    size_t *off)
{
	size_t n, least;

	*field = "CSAS Record";
	*off = 0;
	if (left < SCSP_CSAS_LEN)
		return 0;
	*field = "Record Length";
	*off = CSAS_RECORD_LEN;
	n = get16(p + CSAS_RECORD_LEN);
	least = (size_t)SCSP_CSAS_LEN + p[CSAS_KEY_LEN] + p[CSAS_ORIG_LEN];
	return n < least || n > left || (alone && n != least) ? 0 : n;
}

/* Checks the Additional Receiver ID Record in the |left| octets at |p|. */
static size_t
id_record(const uint8_t *p, size_t left, const char **field, size_t *off)
{
	*field = "Additional Receiver ID Record";
	*off = 0;
	return left == 0 || p[0] > left - 1 ? 0 : (size_t)1 + p[0];
}

/* Checks the records, which fill the octets from |at| to |end|. */
static int
records(const uint8_t *b, struct scsp_msg *m, size_t at, size_t end,
    struct scsp_decode_err *err)
{
	const char *field;
	size_t n, off;

	m->recs = (struct scsp_oct){ b + at, end - at };
	for (unsigned i = 0; i < m->nrec; i++, at += n) {
		if (m->type == SCSP_HELLO)
			n = id_record(b + at, end - at, &field, &off);
		else
			n = record(b + at, end - at, m->type != SCSP_CSU_REQ,
			    &field, &off);
		if (n == 0)
			return refuse(err, SCSP_BAD_RECORD, field, at + off);
	}
	if (at != end)
		return refuse(err, SCSP_BAD_RECORD, "Number of Records",
		    scsp_mcp(m->type) + MCP_NREC);
	return 0;
}

/* Takes the extension of |type| and |len| octets at |at|; false: malformed. */
static bool
extension(const uint8_t *b, struct scsp_msg *m, unsigned type, size_t at,
    size_t len)
{
	const uint8_t *v = b + at + EXT_VALUE;

	if (type == EXT_AUTH) {
		/* Two would leave open which one covers the other. */
		if (m->auth || len < EXT_SPI_LEN)
			return false;
		m->auth = true;
		m->spi = get32(v);
		m->mac_off = at + EXT_MAC;
		m->mac_len = len - EXT_SPI_LEN;
	} else if (type == EXT_VENDOR) {
		if (len < EXT_OUI_LEN)
			return false;
		if (!m->vendor)
			m->oui = (uint32_t)v[0] << 16 | get16(v + 1);
		m->vendor = true;
	}
	return true; /* others are skipped */
}

/* Walks the extensions from |start| to the end of the message (B.3). */
static int
extensions(const uint8_t *b, struct scsp_msg *m, size_t start,
    struct scsp_decode_err *err)
{
	size_t at = start, left = m->size - start, len;
	unsigned type;

	m->exts = (struct scsp_oct){ b + start, left };
	for (;;) {
		if (left < EXT_VALUE)
			return refuse(err, SCSP_BAD_EXTENSIONS,
			    "End Of Extensions", at);
		type = get16(b + at);
		len = get16(b + at + EXT_LEN);
		left -= EXT_VALUE;
		/* Packet Size counts to the end of the last one (B.1). */
		if (len > left
		    || (type == EXT_END && (len != 0 || left != 0)))
			return refuse(err, SCSP_BAD_EXTENSIONS, "Length",
			    at + EXT_LEN);
		if (type == EXT_END)
			return 0;
		if (!extension(b, m, type, at, len))
			return refuse(err, SCSP_BAD_EXTENSIONS, "Type", at);
		at += EXT_VALUE + len;
		left -= len;
	}
}

int
scsp_decode(const uint8_t *b, size_t len, struct scsp_msg *m,
    struct scsp_decode_err *err)
{
	size_t at, exts;
	int rv;

	memset(m, 0, sizeof(*m));
	if ((rv = fixed(b, len, m, err)) != 0)
		return rv;
	special(b, m);
	if ((rv = common(b, m, &at, err)) != 0)
		return rv;
	exts = get16(b + OFF_EXTS);
	if (exts != 0 && (exts < at || exts > m->size))
		return refuse(err, SCSP_BAD_EXTENSIONS, "Start Of Extensions",
		    OFF_EXTS);
	rv = records(b, m, at, exts != 0 ? exts : m->size, err);
	if (rv == 0 && exts != 0)
		rv = extensions(b, m, exts, err);
	return rv;
}

/* Two's complement, whatever the compiler makes of such a conversion. */
static int32_t
seq(uint32_t v)
{
	return v <= INT32_MAX ? (int32_t)v
	    : (int32_t)(v - INT32_MAX - 1) + INT32_MIN;
}

bool
scsp_next(const struct scsp_msg *m, size_t *off, struct scsp_rec *r)
{
	const uint8_t *p = m->recs.p + *off;
	size_t n;

	assert(m->type != SCSP_HELLO);
	if (*off >= m->recs.len)
		return false;
	r->hop = get16(p + CSAS_HOP);
	r->null = scsp_nulls(m->type) && (p[CSAS_NULL] & 0x80) != 0;
	r->seq = seq(get32(p + CSAS_SEQ));
	r->key = (struct scsp_oct){ p + SCSP_CSAS_LEN, p[CSAS_KEY_LEN] };
	r->orig = (struct scsp_oct){ r->key.p + r->key.len, p[CSAS_ORIG_LEN] };
	n = get16(p + CSAS_RECORD_LEN);
	r->body.p = r->orig.p + r->orig.len;
	/* A Null record is only a CSAS; what follows all the same is nothing. */
	r->body.len = r->null ? 0 : n - scsp_csas_size(r);
	*off += n;
	return true;
}

bool
scsp_next_id(const struct scsp_msg *m, size_t *off, struct scsp_oct *id)
{
	const uint8_t *p;

	assert(m->type == SCSP_HELLO);
	if (*off == 0) {
		*off = 1; /* from now on one more than the offset in recs */
		if (m->receiver.len != 0) {
			*id = m->receiver;
			return true;
		}
	}
	if (*off - 1 >= m->recs.len)
		return false;
	p = m->recs.p + *off - 1;
	*id = (struct scsp_oct){ p + 1, p[0] };
	*off += 1 + id->len;
	return true;
}
