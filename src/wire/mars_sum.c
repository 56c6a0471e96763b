/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mar$chksum (RFC 2022 section 4.3.3; an odd last octet is followed by zero,
 * A-01) and the patches of relayed messages, after which it must be renewed.
 */
#include "mars_int.h"
#include "sum_int.h"

uint16_t
mars_checksum(const uint8_t *b, size_t len)
{
	/* Leave out the field instead of clearing it: |b| may be shared. */
	return (uint16_t)~sum_fold(sum_octets(b, OFF_CHKSUM)
	    + sum_octets(b + OFF_EXTOFF, len - OFF_EXTOFF));
}

bool
mars_sum_ok(const uint8_t *b, size_t len)
{
	return sum_fold(sum_octets(b, len)) == 0xffff;
}

void
mars_seal(uint8_t *b, size_t len, bool checksum)
{
	put16(b + OFF_CHKSUM, checksum ? mars_checksum(b, len) : 0);
}

void
mars_put_op(uint8_t *b, uint8_t op)
{
	b[OFF_OP] = op;
}

void
mars_put_flags(uint8_t *b, uint16_t flags)
{
	put16(b + OFF_J_FLAGS, flags);
}

void
mars_put_cmi(uint8_t *b, uint16_t cmi)
{
	put16(b + OFF_J_CMI, cmi);
}

void
mars_put_msn(uint8_t *b, uint32_t msn)
{
	put32(b + OFF_MSN, msn);
}

void
mars_put_seqxy(uint8_t *b, uint16_t part, bool last)
{
	put16(b + OFF_SEQXY,
	    (uint16_t)((part & ~MARS_SEQ_LAST) | (last ? MARS_SEQ_LAST : 0)));
}

void
mars_put_tnum(uint8_t *b, uint16_t n)
{
	put16(b + OFF_TNUM, n);
}
