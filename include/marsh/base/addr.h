/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_BASE_ADDR_H
#define MARSH_BASE_ADDR_H

/*
 * Addresses are plain values, compared octet by octet: unused octets are zero.
 * An ATM endpoint is a Number (NSAP or native E.164) and, behind an E.164
 * Number, possibly an NSAP Subaddress (RFC 2022 section 3 and 5.1.2).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ATM_NSAP_LEN 20
#define ATM_TL_E164 0x40 /* bit 6 of a type/length octet */
#define ATM_TL_LEN 0x3f
#define ATM_TEXT_MAX 128 /* room for any text form and its NUL */

struct atm_addr {
	uint8_t tl;  /* type/length of the Number, as mar$shtl */
	uint8_t stl; /* type/length of the Subaddress, as mar$sstl; 0: none */
	uint8_t num[ATM_NSAP_LEN];
	uint8_t sub[ATM_NSAP_LEN];
};

/* Layer 3 addresses are opaque octet strings to a MARS (section 6). */
#define L3_MAX 20
#define L3_TEXT_MAX 64

struct l3_addr {
	uint8_t len;
	uint8_t b[L3_MAX];
};

/* A block of groups, both ends included (section 5.2). */
struct l3_range {
	struct l3_addr min, max;
};

/* mar$pro: the protocol a message speaks of (section 4.3.2). */
struct l3_proto {
	uint16_t type;   /* 0x0800 IPv4, 0x86dd IPv6, 0x0080 long form */
	uint8_t snap[5]; /* zero unless type is 0x0080 */
};
#define L3_PROTO_IPV4 ((struct l3_proto){ .type = 0x0800 })
#define L3_PROTO_IPV6 ((struct l3_proto){ .type = 0x86dd })
#define L3_PROTO_LONG 0x0080

/* atm_addr_len returns the length in octets that a type/length octet gives. */
static inline size_t
atm_tl_len(uint8_t tl)
{
	return tl & ATM_TL_LEN;
}

/* atm_addr_equal tells whether both parts of |a| and |b| match. */
bool atm_addr_equal(const struct atm_addr *a, const struct atm_addr *b);

/* atm_addr_cmp orders addresses as octet strings: <0, 0 or >0. */
int atm_addr_cmp(const struct atm_addr *a, const struct atm_addr *b);

/* atm_addr_hash returns 64 well mixed bits of |a|. */
uint64_t atm_addr_hash(const struct atm_addr *a);

/*
 * atm_addr_set fills |a| from type/length octets and the octets behind them
 * (|num|, |sub| may be NULL where the length is 0).  A zero length ignores the
 * type bit, and reserved bit 7 is always ignored.  Returns 0, or
 * MARSH_EINVAL for what no ATM endpoint has (section 5.1.2): no Number, another
 * length or combination, an E.164 octet that is no digit; |a| is then zero.
 */
int atm_addr_set(struct atm_addr *a, uint8_t tl, const uint8_t *num,
    uint8_t stl, const uint8_t *sub);

/* atm_addr_nsap returns the address of the 20 octets at |nsap|. */
struct atm_addr atm_addr_nsap(const uint8_t *nsap);

/*
 * atm_addr_parse reads libatm's text forms: 40 hex digits of an NSAP with dots
 * anywhere between digits; "E164:hex" for an NSAP with AFI 45; up to 15 E.164
 * digits with an optional leading ':' or '+', and "E164+NSAP" for a subaddress.
 * Returns 0, or MARSH_EINVAL with |a| zero and *|why| (may be NULL) pointing to
 * a static sentence.
 */
int atm_addr_parse(const char *text, struct atm_addr *a, const char **why);

/*
 * atm_addr_format writes |a| to |buf| and returns it: libatm's pretty text form
 * ("47.0005.80FF...", "+1555...") where that reads back to the same octets,
 * else 40 hex digits; "none" for a zero |a|.
 */
char *atm_addr_format(const struct atm_addr *a, char buf[ATM_TEXT_MAX]);

/*
 * l3_addr_cmp orders addresses of one length as unsigned big-endian numbers; a
 * shorter address comes before every longer one.
 */
int l3_addr_cmp(const struct l3_addr *a, const struct l3_addr *b);

/* l3_addr_hash returns 64 well mixed bits of |a|. */
uint64_t l3_addr_hash(const struct l3_addr *a);

/* l3_addr_set fills |a|; MARSH_EINVAL when |len| exceeds L3_MAX. */
int l3_addr_set(struct l3_addr *a, const uint8_t *b, size_t len);

/* l3_addr_next stores |a| + 1 in |out|; false when |a| is the last address. */
bool l3_addr_next(const struct l3_addr *a, struct l3_addr *out);

/* l3_addr_prev stores |a| - 1 in |out|; false when |a| is the first address. */
bool l3_addr_prev(const struct l3_addr *a, struct l3_addr *out);

/* l3_addr_ipv4 returns the IPv4 address |host_order|. */
struct l3_addr l3_addr_ipv4(uint32_t host_order);

/*
 * l3_addr_parse reads dotted IPv4, IPv6 text, or "0x" and hex octets for other
 * protocols ("0x" alone: the null address).  Returns 0, or MARSH_EINVAL with
 * |a| zero.
 */
int l3_addr_parse(const char *text, struct l3_addr *a);

/* l3_addr_format writes the text of |a| to |buf| and returns it. */
char *l3_addr_format(const struct l3_addr *a, char buf[L3_TEXT_MAX]);

/*
 * l3_range_parse reads "A", "A-B" or "A/bits" (the block of that prefix that A
 * lies in).  Returns 0, or MARSH_EINVAL with |r| zero and *|why| (may be NULL)
 * a static sentence: bad address, ends of different kind, min above max, bad
 * prefix length, prefix too long.
 */
int l3_range_parse(const char *text, struct l3_range *r, const char **why);

/* l3_range_format writes "A" or "A-B" to |buf| and returns it. */
char *l3_range_format(const struct l3_range *r, char buf[2 * L3_TEXT_MAX]);

/* l3_range_one returns the range that holds only |a|. */
struct l3_range l3_range_one(const struct l3_addr *a);

/* l3_range_single tells whether |r| is one group. */
bool l3_range_single(const struct l3_range *r);

/* l3_range_has tells whether |a| lies in |r|. */
bool l3_range_has(const struct l3_range *r, const struct l3_addr *a);

/* l3_range_overlap tells whether |a| and |b| share a group. */
bool l3_range_overlap(const struct l3_range *a, const struct l3_range *b);

/*
 * l3_proto_equal tells whether |a| and |b| name the same protocol; the long
 * form of an Ethertype (OUI 00-00-00) equals its short form (section 4.3.2).
 */
bool l3_proto_equal(const struct l3_proto *a, const struct l3_proto *b);

#endif
