/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A MARS part that decodes, written again from what was read, has the same
 * octets but for those that nobody may look at: written twice they do not
 * differ.  A status that is read, written and read again says the same.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "marsh/base/err.h"
#include "marsh/wire/mars_csa.h"
#include "marsh/wire/scsp_msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
refused(int rv, const struct mars_csa_err *err, size_t len)
{
	assert(rv == (err->bad == MARS_CSA_BAD_SHORT ? MARSH_ESHORT
		: MARSH_EPROTO));
	assert(err->bad != MARS_CSA_BAD_NONE);
	assert(err->bad < MARS_CSA_BAD_COUNT);
	assert(err->field != NULL && err->off <= len);
}

/* |s| goes round through octets. */
static void
write_status(const struct mars_csa *m, const struct mars_status *s)
{
	static uint8_t room[4096], twice[4096];
	struct mars_status t;
	struct mars_csa n;
	size_t size;

	size = mars_status_write(s, &m->pro, &m->addr, room, sizeof(room));
	assert(size != 0);
	assert(mars_csa_decode(room, size, &n, NULL) == 0);
	assert(mars_csa_size(&n) == size);
	assert(mars_status_read(&n, &t, NULL) == 0);
	assert(t.parts == s->parts && t.slices == s->slices);
	assert(t.adjs == s->adjs && t.interval == s->interval);
	assert(mars_status_write(&t, &n.pro, &n.addr, twice, size) == size);
	assert(memcmp(room, twice, size) == 0);
	assert(mars_status_write(&t, &n.pro, &n.addr, twice, size - 1) == 0);
}

static void
status(const struct mars_csa *m, size_t len)
{
	struct mars_csa_err err = { MARS_CSA_BAD_NONE, NULL, 0 };
	struct mars_status s;
	int rv = mars_status_read(m, &s, &err);

	if (rv != 0) {
		refused(rv, &err, len);
		assert(err.bad == MARS_CSA_BAD_TLV);
		return;
	}
	write_status(m, &s);
}

static void
again(const struct mars_csa *m, size_t len)
{
	uint8_t *b = malloc(len), *c = malloc(len);
	struct mars_csa n;

	assert(mars_csa_size(m) == len);
	assert(mars_csa_encode(m, b, len) == len);
	assert(mars_csa_encode(m, b, len - 1) == 0);
	assert(mars_csa_decode(b, len, &n, NULL) == 0);
	assert(n.state == m->state && n.version == m->version);
	assert(n.layer3grp == m->layer3grp && n.reg == m->reg);
	assert(n.sequence == m->sequence && n.cmi == m->cmi);
	assert(atm_addr_equal(&n.addr, &m->addr));
	assert(l3_addr_cmp(&n.spa, &m->spa) == 0);
	assert(n.has_group == m->has_group);
	assert(mars_csa_encode(&n, c, len) == len);
	assert(memcmp(b, c, len) == 0);
	free(b);
	free(c);
}

static void
try(const uint8_t *b, size_t len)
{
	struct mars_csa_err err = { MARS_CSA_BAD_NONE, NULL, 0 };
	struct mars_csa m;
	char line[200];
	int rv = mars_csa_decode(b, len, &m, &err);

	if (rv != 0) {
		refused(rv, &err, len);
		return;
	}
	mars_csa_format(&m, line, sizeof(line));
	assert(memchr(line, '\0', sizeof(line)) != NULL);
	again(&m, len);
	if (m.state == MARS_CSA_STATUS)
		status(&m, len);
}

/* The input, and the parts of it if it is a packet. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct scsp_msg p;
	struct scsp_rec r;
	size_t off = 0;

	try(data, len);
	if (scsp_decode(data, len, &p, NULL) != 0 || p.type != SCSP_CSU_REQ)
		return 0;
	while (scsp_next(&p, &off, &r))
		try(r.body.p, r.body.len);
	return 0;
}
