/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Supplementary parameters (RFC 2022 section 10 and Appendix D).  Only the Null
 * TLV is recognised, so reading a list means to find its end and to obey the x
 * bits of everything on the way.  The pseudo-code of Appendix D trusts its
 * input; here a list must end inside the message.
 */
#include "mars_int.h"

#define TLV_HDR 4
#define TLV_Y 0x3fff

enum mars_bad
mars_tlv_scan(const uint8_t *b, size_t len, size_t off, size_t *end)
{
	for (;;) {
		unsigned type, n;

		*end = off;
		if (off > len || len - off < TLV_HDR)
			return MARS_BAD_TLV;
		type = get16(b + off);
		n = get16(b + off + 2);
		/* Null ends the list whatever its x and Length. */
		if ((type & TLV_Y) == 0) {
			*end = off + TLV_HDR;
			return MARS_BAD_NONE;
		}
		if (type >> 14 == 1)
			return MARS_BAD_TLV_SILENT;
		if (type >> 14 == 2)
			return MARS_BAD_TLV_ERROR;
		n += TLV_HDR + ((4 - (n & 3)) & 3);
		if (len - off < n)
			return MARS_BAD_TLV;
		off += n;
	}
}
