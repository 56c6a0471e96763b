/* SPDX-License-Identifier: BSD-2-Clause */
/* A data header that reads, when written again reads the same. */
#include <assert.h>
#include <string.h>

#include "marsh/wire/snap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const char *field = NULL;
	struct snap s, t;
	uint8_t hdr[24];
	size_t n, off = SIZE_MAX;

	if (snap_decode(data, len, &s, &field, &off) != 0) {
		assert(field != NULL && off <= len);
		return 0;
	}
	assert(s.body >= data && s.body + s.len == data + len);
	if (s.kind == SNAP_TYPE1)
		n = snap_type1(hdr, &s.pro, s.cmi);
	else if (s.kind == SNAP_TYPE2)
		n = snap_type2(hdr, &s.pro, s.source_id);
	else
		return 0;
	assert(n + s.len == len);
	assert(snap_decode(hdr, n, &t, NULL, NULL) == 0);
	assert(t.kind == s.kind && t.cmi == s.cmi && t.len == 0);
	assert(l3_proto_equal(&t.pro, &s.pro));
	return 0;
}
