/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Writing a message from front to back (RFC 2334 appendix B): the parts up to
 * the common part, records while they fit, then what only the end can know.
 * Whoever writes asks after each record whether it went in; so a message fills
 * the MTU exactly, and no list has to be measured beforehand (B.2.2.1).
 * Invariant: len <= cap, and cap leaves room for the authentication extension.
 * What is unused is zero (appendix B).
 */
#include <assert.h>
#include <string.h>

#include "marsh/base/frame.h"
#include "marsh/wire/snap.h"
#include "scsp_int.h"

static uint8_t *
put(uint8_t *p, struct scsp_oct o)
{
	assert(o.len <= SCSP_ID_MAX);
	if (o.len != 0)
		memcpy(p, o.p, o.len);
	return p + o.len;
}

/* Reserves |n| octets for one more record; NULL when they are not there. */
static uint8_t *
room(struct scsp_wr *w, size_t n)
{
	uint8_t *p = w->b + w->len;

	if (n > w->cap - w->len)
		return NULL;
	w->len += n;
	w->nrec++;
	return p;
}

static void
special(uint8_t *b, const struct scsp_msg *m)
{
	if (m->type == SCSP_CA) {
		put32(b + OFF_CA_SEQ, m->ca_seq);
	} else if (m->type == SCSP_HELLO) {
		put16(b + OFF_INTERVAL, m->interval);
		put16(b + OFF_DEAD, m->dead);
		put16(b + OFF_FAMILY, m->family);
	}
}

bool
scsp_begin(struct scsp_wr *w, uint8_t *b, size_t cap, const struct scsp_msg *m,
    bool auth)
{
	size_t mcp = scsp_mcp(m->type), tail = auth ? SCSP_AUTH_LEN : 0;
	size_t len = mcp + SCSP_MCP_LEN + m->sender.len + m->receiver.len;
	uint8_t *p = b + mcp;

	assert(m->type != 0 && m->type < SCSP_TYPE_COUNT);
	if (cap > UINT16_MAX)
		cap = UINT16_MAX; /* all that Packet Size can say */
	if (len + tail > cap)
		return false;
	memset(b, 0, mcp + SCSP_MCP_LEN);
	b[OFF_VERSION] = SCSP_VERSION;
	b[OFF_TYPE] = m->type;
	special(b, m);
	put16(p + MCP_PID, m->pid);
	put16(p + MCP_SGID, m->sgid);
	if (m->type == SCSP_CA)
		put16(p + MCP_FLAGS,
		    m->flags & (SCSP_CA_M | SCSP_CA_I | SCSP_CA_O));
	p[MCP_SENDER_LEN] = (uint8_t)m->sender.len;
	p[MCP_RECEIVER_LEN] = (uint8_t)m->receiver.len;
	put(put(p + SCSP_MCP_LEN, m->sender), m->receiver);
	*w = (struct scsp_wr){ b, len, cap - tail, mcp + MCP_NREC, 0 };
	return true;
}

/* Writes |r| as a CSAS of |hop| hops with |n| octets of body to come at the end. */
static uint8_t *
csas(struct scsp_wr *w, const struct scsp_rec *r, uint16_t hop, size_t n)
{
	uint8_t *p = room(w, scsp_csas_size(r) + n);

	if (p == NULL)
		return NULL;
	put16(p + CSAS_HOP, hop);
	put16(p + CSAS_RECORD_LEN, (uint16_t)(scsp_csas_size(r) + n));
	p[CSAS_KEY_LEN] = (uint8_t)r->key.len;
	p[CSAS_ORIG_LEN] = (uint8_t)r->orig.len;
	put16(p + CSAS_NULL, r->null && scsp_nulls(w->b[OFF_TYPE])
		? CSAS_NULL_BIT : 0);
	put32(p + CSAS_SEQ, (uint32_t)r->seq);
	return put(put(p + SCSP_CSAS_LEN, r->key), r->orig);
}

bool
scsp_put_csas(struct scsp_wr *w, const struct scsp_rec *r)
{
	return csas(w, r, 1, 0) != NULL;
}

bool
scsp_put_csa(struct scsp_wr *w, const struct scsp_rec *r)
{
	size_t n = r->null ? 0 : r->body.len;
	uint8_t *p = csas(w, r, r->hop, n);

	if (p != NULL && n != 0)
		memcpy(p, r->body.p, n);
	return p != NULL;
}

bool
scsp_put_id(struct scsp_wr *w, struct scsp_oct id)
{
	uint8_t *p = room(w, 1 + id.len);

	if (p == NULL)
		return false;
	p[0] = (uint8_t)id.len;
	put(p + 1, id);
	return true;
}

size_t
scsp_end(struct scsp_wr *w, const struct scsp_key *key)
{
	uint8_t *p = w->b + w->len;

	put16(w->b + w->nrec_off, w->nrec);
	if (key != NULL) {
		put16(w->b + OFF_EXTS, (uint16_t)w->len);
		memset(p, 0, SCSP_AUTH_LEN);
		put16(p, EXT_AUTH);
		put16(p + EXT_LEN, EXT_SPI_LEN + SCSP_MAC_LEN);
		put32(p + EXT_VALUE, key->spi);
		w->len += SCSP_AUTH_LEN;
	}
	put16(w->b + OFF_SIZE, (uint16_t)w->len);
	scsp_seal(w->b, w->len, key);
	return w->len;
}

struct frame *
scsp_frame(const struct mem *mem, const uint8_t *b, size_t len)
{
	struct frame *f = frame_new(mem, SNAP_LEN + len);

	if (f == NULL)
		return NULL;
	snap_scsp(f->bytes);
	memcpy(f->bytes + SNAP_LEN, b, len);
	f->len = (uint32_t)(SNAP_LEN + len);
	return f;
}
