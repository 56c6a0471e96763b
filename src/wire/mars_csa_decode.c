/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Octets to struct mars_csa (RFC 2443 sections 3 and 5).  A refused record is
 * acknowledged all the same, or the adjacency would fall (B-11), so that a
 * server gains nothing by being lenient: what a State must not hold is refused,
 * and no two servers that take a record understand it differently.
 */
#include <string.h>

#include "marsh/base/cur.h"
#include "marsh/base/err.h"
#include "mars_csa_int.h"
#include "mars_int.h"

static int
refuse(struct mars_csa_err *err, enum mars_csa_bad bad, const char *field,
    size_t off)
{
	if (err != NULL)
		*err = (struct mars_csa_err){ bad, field, off };
	return bad == MARS_CSA_BAD_SHORT ? MARSH_ESHORT : MARSH_EPROTO;
}

/* Names the field of the fixed header in which a part of |len| ends. */
static int
refuse_short(size_t len, struct mars_csa_err *err)
{
	static const struct {
		size_t off;
		const char *field;
	} fields[] = {
		{ CSA_SSTL, "ATM SubAddr T/L" },
		{ CSA_SHTL, "ATM Addr T/L" },
		{ CSA_GPLN, "Group Addr Len" },
		{ CSA_SPLN, "Src Addr Len" },
		{ CSA_CMI, "Cluster Member ID" },
		{ CSA_FLAGS, "Flags" },
		{ CSA_STATE, "State" },
		{ CSA_VERSION, "Version" },
		{ CSA_UNUSED, "Unused" },
		{ CSA_SNAP, "SNAP" },
		{ CSA_TYPE, "Protocol Type" },
		{ CSA_HARDWARE, "Hardware Type" },
	};
	size_t i = 0;

	while (fields[i].off > len)
		i++;
	return refuse(err, MARS_CSA_BAD_SHORT, fields[i].field, fields[i].off);
}

/* The two Versions have States of their own. */
static bool
known(uint8_t version, uint8_t state)
{
	if (version == MARS_CSA_LOCAL)
		return state == MARS_CSA_STATUS;
	return state >= MARS_CSA_SERVER && state <= MARS_CSA_UNSERVE;
}

static int
header(const uint8_t *b, struct mars_csa *m, struct mars_csa_err *err)
{
	uint16_t flags = get16(b + CSA_FLAGS);

	if (get16(b + CSA_HARDWARE) != MARS_AFN)
		return refuse(err, MARS_CSA_BAD_HARDWARE, "Hardware Type",
		    CSA_HARDWARE);
	m->version = b[CSA_VERSION];
	if (m->version != MARS_CSA_VERSION && m->version != MARS_CSA_LOCAL)
		return refuse(err, MARS_CSA_BAD_VERSION, "Version",
		    CSA_VERSION);
	m->state = b[CSA_STATE];
	if (!known(m->version, m->state))
		return refuse(err, MARS_CSA_BAD_STATE, "State", CSA_STATE);
	if ((flags & ~CSA_FLAGS_KNOWN) != 0)
		return refuse(err, MARS_CSA_BAD_FIELDS, "Flags", CSA_FLAGS);
	m->pro.type = get16(b + CSA_TYPE);
	/* In the short form the SNAP octets say nothing (RFC 2022, 4.3.2). */
	if (m->pro.type == L3_PROTO_LONG)
		memcpy(m->pro.snap, b + CSA_SNAP, sizeof(m->pro.snap));
	m->layer3grp = (flags & CSA_LAYER3GRP) != 0;
	m->reg = (flags & CSA_REGISTER) != 0;
	m->sequence = flags & CSA_SEQUENCE;
	m->cmi = get16(b + CSA_CMI);
	return 0;
}

/* Whether a protocol address of |m| may have |n| octets. */
static bool
l3_fits(const struct mars_csa *m, size_t n)
{
	if (l3_proto_equal(&m->pro, &L3_PROTO_IPV4))
		return n == 4;
	if (l3_proto_equal(&m->pro, &L3_PROTO_IPV6))
		return n == 16;
	return n <= L3_MAX;
}

static bool
of_mcs(const struct mars_csa *m)
{
	return m->state == MARS_CSA_SERVE || m->state == MARS_CSA_UNSERVE;
}

/* What each State must or must not hold (sections 5.1 to 5.5). */
static int
fields(const uint8_t *b, const struct mars_csa *m, struct mars_csa_err *err)
{
	uint8_t spln = b[CSA_SPLN], gpln = b[CSA_GPLN];
	bool server = m->state == MARS_CSA_SERVER
	    || m->state == MARS_CSA_STATUS;

	if (server ? get16(b + CSA_FLAGS) != 0 : of_mcs(m) && m->layer3grp)
		return refuse(err, MARS_CSA_BAD_FIELDS, "Flags", CSA_FLAGS);
	if (server && m->cmi != 0)
		return refuse(err, MARS_CSA_BAD_FIELDS, "Cluster Member ID",
		    CSA_CMI);
	if (spln != 0 && (server || !l3_fits(m, spln)))
		return refuse(err, MARS_CSA_BAD_FIELDS, "Src Addr Len",
		    CSA_SPLN);
	if (server || m->reg ? gpln != 0 : gpln == 0 || !l3_fits(m, gpln))
		return refuse(err, MARS_CSA_BAD_FIELDS, "Group Addr Len",
		    CSA_GPLN);
	return 0;
}

/* The addresses, which |r| stands in front of; lengths were checked. */
static int
addresses(struct rd *r, const uint8_t *b, struct mars_csa *m,
    struct mars_csa_err *err)
{
	uint8_t shtl = b[CSA_SHTL], sstl = b[CSA_SSTL], gpln = b[CSA_GPLN];
	const uint8_t *spa, *num, *sub, *min, *max;

	spa = rd_bytes(r, b[CSA_SPLN], "Source Protocol Address");
	num = rd_bytes(r, atm_tl_len(shtl), "Source ATM Address");
	sub = rd_bytes(r, atm_tl_len(sstl), "Source ATM SubAddress");
	min = rd_bytes(r, gpln, "Minimum Multicast Group Address");
	max = rd_bytes(r, gpln, "Maximum Multicast Group Address");
	if (!rd_ok(r))
		return refuse(err, MARS_CSA_BAD_SHORT, r->bad, r->bad_off);
	if (atm_addr_set(&m->addr, shtl, num, sstl, sub) != 0)
		return refuse(err, MARS_CSA_BAD_SOURCE, "Source ATM Address",
		    (size_t)(num - b));
	l3_addr_set(&m->spa, spa, b[CSA_SPLN]);
	m->has_group = gpln != 0;
	l3_addr_set(&m->group.min, min, gpln);
	l3_addr_set(&m->group.max, max, gpln);
	return 0;
}

/* Type/length octets have bit 7 clear (section 3); there is a source (B-16). */
static int
source(const uint8_t *b, struct mars_csa_err *err)
{
	if ((b[CSA_SHTL] & 0x80) != 0 || atm_tl_len(b[CSA_SHTL]) == 0)
		return refuse(err, MARS_CSA_BAD_SOURCE, "ATM Addr T/L",
		    CSA_SHTL);
	if ((b[CSA_SSTL] & 0x80) != 0)
		return refuse(err, MARS_CSA_BAD_SOURCE, "ATM SubAddr T/L",
		    CSA_SSTL);
	return 0;
}

static int
group(const struct mars_csa *m, struct mars_csa_err *err)
{
	size_t at = mars_csa_end(m) - 2 * (size_t)m->group.min.len;

	if (!m->has_group)
		return 0;
	if (l3_addr_cmp(&m->group.min, &m->group.max) > 0)
		return refuse(err, MARS_CSA_BAD_GROUP,
		    "Minimum Multicast Group Address", at);
	/* Section 5.3 asks it of IPv4 alone. */
	if (m->layer3grp && l3_proto_equal(&m->pro, &L3_PROTO_IPV4)
	    && !l3_range_single(&m->group))
		return refuse(err, MARS_CSA_BAD_GROUP,
		    "Maximum Multicast Group Address",
		    at + m->group.min.len);
	return 0;
}

/* The TLVs of a status begin at the next multiple of four behind |at|. */
static int
list(const uint8_t *b, size_t len, size_t at, struct mars_csa *m,
    struct mars_csa_err *err)
{
	size_t from = at + mars_csa_pad(at), end;

	if (mars_tlv_scan(b, len, from, &end) != MARS_BAD_NONE)
		return refuse(err, MARS_CSA_BAD_TLV, "TLV",
		    end < len ? end : len);
	if (end != len)
		return refuse(err, MARS_CSA_BAD_LENGTH, "octets behind", end);
	m->tlvs = b + from;
	m->tlvs_len = end - from;
	return 0;
}

int
mars_csa_decode(const uint8_t *b, size_t len, struct mars_csa *m,
    struct mars_csa_err *err)
{
	struct rd r;
	size_t at;
	int rv;

	memset(m, 0, sizeof(*m));
	if (len < MARS_CSA_HDR_LEN)
		return refuse_short(len, err);
	if ((rv = header(b, m, err)) != 0 || (rv = source(b, err)) != 0
	    || (rv = fields(b, m, err)) != 0)
		return rv;
	rd_init(&r, b, len);
	rd_bytes(&r, MARS_CSA_HDR_LEN, "Hardware Type");
	if ((rv = addresses(&r, b, m, err)) != 0)
		return rv;
	at = len - rd_left(&r);
	if (m->state == MARS_CSA_STATUS)
		return list(b, len, at, m, err);
	if (at != len)
		return refuse(err, MARS_CSA_BAD_LENGTH, "octets behind", at);
	return group(m, err);
}
