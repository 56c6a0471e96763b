/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Addresses as values: building, ordering, hashing and interval questions (RFC
 * 2022 sections 3, 5.1.2, 5.2 and 6).  Invariant: octets behind the length are
 * zero, so that fixed-size words may be compared and hashed without looking at
 * the length first.  Every lookup of every message passes here, hence eight
 * octets at a time and no loops over octets on the common paths.
 */
#include "marsh/base/addr.h"

#include <string.h>

#include "marsh/base/err.h"

#define E164_MAX 15 /* digits, ITU-T E.164 */

/* Odd constants with well spread bits, from the splitmix64 generator. */
#define MIX_A 0x9e3779b97f4a7c15u
#define MIX_B 0xbf58476d1ce4e5b9u
#define MIX_C 0x94d049bb133111ebu

static inline uint64_t
load(const void *base, size_t off)
{
	uint64_t w;

	memcpy(&w, (const uint8_t *)base + off, sizeof(w));
	return w;
}

/* One step is a bijection of |h|, so no two words can cancel each other. */
static inline uint64_t
mix(uint64_t h, uint64_t w)
{
	h = (h ^ w) * MIX_A;
	return h ^ h >> 32;
}

static inline uint64_t
finish(uint64_t h)
{
	h *= MIX_B;
	h ^= h >> 29;
	h *= MIX_C;
	return h ^ h >> 32;
}

/* tl, stl and num are the first 22 octets, sub the last 20 (words overlap). */
_Static_assert(sizeof(struct atm_addr) == 42, "atm_addr has no padding");
_Static_assert(sizeof(struct l3_addr) == 21, "l3_addr has no padding");

bool
atm_addr_equal(const struct atm_addr *a, const struct atm_addr *b)
{
	uint64_t d = (load(a, 14) ^ load(b, 14)) | (load(a, 8) ^ load(b, 8))
	    | (load(a, 0) ^ load(b, 0));

	/* Equal so far means an equal stl: both have a Subaddress or none. */
	if (d != 0 || a->stl == 0)
		return d == 0;
	d = (load(a, 22) ^ load(b, 22)) | (load(a, 30) ^ load(b, 30))
	    | (load(a, 34) ^ load(b, 34));
	return d == 0;
}

int
atm_addr_cmp(const struct atm_addr *a, const struct atm_addr *b)
{
	return memcmp(a, b, sizeof(*a));
}

uint64_t
atm_addr_hash(const struct atm_addr *a)
{
	uint64_t h = mix(mix(mix(MIX_C, load(a, 0)), load(a, 8)), load(a, 14));

	if (a->stl != 0)
		h = mix(mix(mix(h, load(a, 22)), load(a, 30)), load(a, 34));
	return finish(h);
}

static bool
digits(const uint8_t *b, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (b[i] < '0' || b[i] > '9')
			return false;
	return true;
}

int
atm_addr_set(struct atm_addr *a, uint8_t tl, const uint8_t *num, uint8_t stl,
    const uint8_t *sub)
{
	size_t n = atm_tl_len(tl), sn = atm_tl_len(stl);
	bool e164 = (tl & ATM_TL_E164) != 0;

	memset(a, 0, sizeof(*a));
	/*
	 * Section 5.1.2 knows three endpoints: an NSAP, an E.164 Number, and an
	 * E.164 Number with an NSAP Subaddress.  Bit 7 is reserved.
	 */
	if (e164 ? n == 0 || n > E164_MAX || !digits(num, n)
		 : n != ATM_NSAP_LEN)
		return MARSH_EINVAL;
	if (sn != 0
	    && (!e164 || sn != ATM_NSAP_LEN || (stl & ATM_TL_E164) != 0))
		return MARSH_EINVAL;
	a->tl = tl & (ATM_TL_E164 | ATM_TL_LEN);
	memcpy(a->num, num, n);
	if (sn != 0) {
		a->stl = ATM_NSAP_LEN;
		memcpy(a->sub, sub, sn);
	}
	return 0;
}

struct atm_addr
atm_addr_nsap(const uint8_t *nsap)
{
	struct atm_addr a = { .tl = ATM_NSAP_LEN };

	memcpy(a.num, nsap, ATM_NSAP_LEN);
	return a;
}

static inline uint32_t
be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8
	    | p[3];
}

int
l3_addr_cmp(const struct l3_addr *a, const struct l3_addr *b)
{
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	if (a->len == 4) {
		uint32_t x = be32(a->b), y = be32(b->b);

		return (x > y) - (x < y);
	}
	return memcmp(a->b, b->b, a->len);
}

uint64_t
l3_addr_hash(const struct l3_addr *a)
{
	uint64_t h = mix(MIX_C, load(a, 0));

	if (a->len > 7)
		h = mix(mix(h, load(a, 8)), load(a, 13));
	return finish(h);
}

int
l3_addr_set(struct l3_addr *a, const uint8_t *b, size_t len)
{
	memset(a, 0, sizeof(*a));
	if (len > L3_MAX)
		return MARSH_EINVAL;
	a->len = (uint8_t)len;
	if (len != 0)
		memcpy(a->b, b, len);
	return 0;
}

bool
l3_addr_next(const struct l3_addr *a, struct l3_addr *out)
{
	*out = *a;
	for (size_t i = a->len; i-- > 0;)
		if (++out->b[i] != 0)
			return true;
	*out = *a;
	return false;
}

bool
l3_addr_prev(const struct l3_addr *a, struct l3_addr *out)
{
	*out = *a;
	for (size_t i = a->len; i-- > 0;)
		if (out->b[i]-- != 0)
			return true;
	*out = *a;
	return false;
}

struct l3_addr
l3_addr_ipv4(uint32_t host_order)
{
	return (struct l3_addr){ .len = 4,
		.b = { (uint8_t)(host_order >> 24), (uint8_t)(host_order >> 16),
		    (uint8_t)(host_order >> 8), (uint8_t)host_order } };
}

struct l3_range
l3_range_one(const struct l3_addr *a)
{
	return (struct l3_range){ *a, *a };
}

bool
l3_range_single(const struct l3_range *r)
{
	return l3_addr_cmp(&r->min, &r->max) == 0;
}

bool
l3_range_has(const struct l3_range *r, const struct l3_addr *a)
{
	return a->len == r->min.len && l3_addr_cmp(&r->min, a) <= 0
	    && l3_addr_cmp(a, &r->max) <= 0;
}

bool
l3_range_overlap(const struct l3_range *a, const struct l3_range *b)
{
	return a->min.len == b->min.len && l3_addr_cmp(&a->min, &b->max) <= 0
	    && l3_addr_cmp(&b->min, &a->max) <= 0;
}

/*
 * The number of |p| in the space of mar$pro.type.  A SNAP identifier under OUI
 * 00-00-00 is an Ethertype, so its long form names what the short form names
 * (section 4.3.2); receivers may accept it.
 */
static uint16_t
ethertype(const struct l3_proto *p)
{
	uint16_t pid = (uint16_t)(p->snap[3] << 8 | p->snap[4]);

	if (p->type == L3_PROTO_LONG && p->snap[0] == 0 && p->snap[1] == 0
	    && p->snap[2] == 0 && pid >= 0x0600)
		return pid;
	return p->type;
}

bool
l3_proto_equal(const struct l3_proto *a, const struct l3_proto *b)
{
	uint16_t t = ethertype(a);

	if (t != ethertype(b))
		return false;
	return t != L3_PROTO_LONG
	    || memcmp(a->snap, b->snap, sizeof(a->snap)) == 0;
}
