/* SPDX-License-Identifier: BSD-2-Clause */
/* What decodes, encodes to octets that decode to the same message. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "marsh/wire/mars_msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct mars_decode_err err = { MARS_BAD_NONE, NULL, 0 };
	uint8_t *one, *two;
	struct mars_msg m, n;
	char line[512];
	size_t size;

	if (mars_decode(data, len, false, &m, &err) != 0) {
		assert(err.bad != MARS_BAD_NONE && err.off <= len);
		return 0;
	}
	mars_format(&m, line, sizeof(line));
	size = mars_size(&m);
	one = calloc(1, size);
	two = calloc(1, size);
	assert(mars_encode(&m, true, one, size) == size);
	assert(mars_decode(one, size, true, &n, NULL) == 0);
	assert(n.op == m.op && n.msn == m.msn && n.tlvs_len == m.tlvs_len);
	assert(mars_encode(&n, true, two, size) == size);
	assert(memcmp(one, two, size) == 0);
	free(one);
	free(two);
	return 0;
}
