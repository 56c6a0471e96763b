/* SPDX-License-Identifier: BSD-2-Clause */
/* What reads as an address or a block is written so that it reads the same. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "marsh/base/addr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = calloc(1, len + 1), buf[2 * L3_TEXT_MAX];
	struct l3_range r, q;
	struct atm_addr a, b;

	if (len != 0)
		memcpy(text, data, len);
	if (atm_addr_parse(text, &a, NULL) == 0) {
		assert(atm_addr_set(&b, a.tl, a.num, a.stl, a.sub) == 0);
		assert(atm_addr_equal(&a, &b));
		assert(atm_addr_parse(atm_addr_format(&a, buf), &b, NULL) == 0);
		assert(atm_addr_equal(&a, &b));
		assert(atm_addr_hash(&a) == atm_addr_hash(&b));
	}
	if (l3_range_parse(text, &r, NULL) == 0) {
		assert(l3_range_has(&r, &r.min) && l3_range_has(&r, &r.max));
		assert(l3_range_parse(l3_range_format(&r, buf), &q, NULL) == 0);
		assert(memcmp(&r, &q, sizeof(r)) == 0);
	}
	free(text);
	return 0;
}
