/* SPDX-License-Identifier: BSD-2-Clause */
#include "marsh/base/cur.h"

#include <string.h>

void
wr_bytes(struct wr *w, const void *b, size_t n)
{
	uint8_t *p = wr_room(w, n);

	if (p != NULL && n != 0)
		memcpy(p, b, n);
}
