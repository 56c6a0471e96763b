/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What decodes, and is written again from what was read, reads the same; what
 * differs are octets that nobody may look at.  The input is tried as it is and,
 * since a checksum is hard to guess, with the fixed part made to fit.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "marsh/base/err.h"
#include "marsh/wire/scsp_msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct scsp_key key = { 0x100,
	{ (const uint8_t *)"scsp-test-key-01", 16 } };

static bool
same_record(const struct scsp_rec *a, const struct scsp_rec *b, bool hop)
{
	return (!hop || a->hop == b->hop) && a->null == b->null
	    && a->seq == b->seq && scsp_oct_equal(a->key, b->key)
	    && scsp_oct_equal(a->orig, b->orig)
	    && scsp_oct_equal(a->body, b->body);
}

/* Writes the records of |m|; returns the octets that they take. */
static size_t
put_records(struct scsp_wr *w, const struct scsp_msg *m)
{
	size_t off = 0, size = 0, n = 0, before;
	struct scsp_rec r;

	for (; before = off, scsp_next(m, &off, &r); n++) {
		assert(off > before && off <= m->recs.len);
		if (m->type == SCSP_CSU_REQ) {
			assert(scsp_put_csa(w, &r));
			size += scsp_csa_size(&r);
			assert(r.null || off - before == scsp_csa_size(&r));
		} else {
			assert(scsp_put_csas(w, &r));
			size += scsp_csas_size(&r);
			assert(off - before == scsp_csas_size(&r));
		}
	}
	assert(n == m->nrec && off == m->recs.len);
	return size;
}

static size_t
put_ids(struct scsp_wr *w, const struct scsp_msg *m)
{
	bool first = m->receiver.len != 0;
	size_t off = 0, size = 0, n = 0;
	struct scsp_oct id;

	for (; scsp_next_id(m, &off, &id); first = false) {
		if (first)
			continue;
		assert(scsp_put_id(w, id));
		size += 1 + id.len;
		n++;
	}
	assert(n == m->nrec && size == m->recs.len);
	return size;
}

static void
same_message(const struct scsp_msg *m, const struct scsp_msg *n)
{
	struct scsp_rec a, b;
	size_t i = 0, j = 0;

	assert(n->type == m->type && n->pid == m->pid && n->sgid == m->sgid);
	assert(n->flags == m->flags && n->ca_seq == m->ca_seq);
	assert(n->interval == m->interval && n->dead == m->dead);
	assert(n->family == m->family && n->nrec == m->nrec);
	assert(scsp_oct_equal(n->sender, m->sender));
	assert(scsp_oct_equal(n->receiver, m->receiver));
	if (m->type == SCSP_HELLO) {
		assert(scsp_oct_equal(n->recs, m->recs));
		return;
	}
	while (scsp_next(m, &i, &a)) {
		assert(scsp_next(n, &j, &b));
		assert(same_record(&a, &b, m->type == SCSP_CSU_REQ));
		assert(m->type == SCSP_CSU_REQ || b.hop == 1);
	}
	assert(!scsp_next(n, &j, &b));
}

/* Writes |m| into exactly as many octets as it takes, signed or not. */
static void
again(const struct scsp_msg *m, bool sign)
{
	static uint8_t room[UINT16_MAX];
	size_t tail = sign ? SCSP_AUTH_LEN : 0, size;
	struct scsp_msg n;
	struct scsp_wr w;
	uint8_t *b;

	if (m->size + tail > sizeof(room))
		return;
	assert(scsp_begin(&w, room, sizeof(room), m, false));
	size = w.len + tail + (m->type == SCSP_HELLO ? put_ids(&w, m)
		: put_records(&w, m));
	assert(size <= m->size + tail);
	b = malloc(size);
	assert(scsp_begin(&w, b, size, m, sign));
	(void)(m->type == SCSP_HELLO ? put_ids(&w, m) : put_records(&w, m));
	assert(!scsp_put_id(&w, m->sender));
	assert(scsp_end(&w, sign ? &key : NULL) == size);
	assert(scsp_decode(b, size, &n, NULL) == 0);
	same_message(m, &n);
	assert(n.auth == sign && !n.vendor && n.exts.len == tail);
	assert(scsp_verify(b, &n, &key) == sign);
	free(b);
}

static void
try(const uint8_t *b, size_t len)
{
	struct scsp_decode_err err = { SCSP_BAD_NONE, NULL, 0 };
	struct scsp_msg m;
	char line[64];
	int rv = scsp_decode(b, len, &m, &err);

	if (rv != 0) {
		assert(rv == (err.bad == SCSP_BAD_SHORT ? MARSH_ESHORT
			: MARSH_EPROTO));
		assert(err.bad != SCSP_BAD_NONE && err.field != NULL);
		assert(err.off <= len);
		return;
	}
	assert(m.size <= len);
	scsp_format(&m, line, sizeof(line));
	assert(memchr(line, '\0', sizeof(line)) != NULL);
	scsp_verify(b, &m, &(struct scsp_key){ m.spi, key.secret });
	again(&m, false);
	again(&m, true);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t *b;

	try(data, len);
	if (len < SCSP_FIXED_LEN || len > UINT16_MAX)
		return 0;
	b = malloc(len);
	memcpy(b, data, len);
	b[0] = 1;
	b[2] = (uint8_t)(len >> 8);
	b[3] = (uint8_t)len;
	scsp_seal(b, len, NULL);
	try(b, len);
	free(b);
	return 0;
}
