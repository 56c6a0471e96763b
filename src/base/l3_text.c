/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Layer 3 addresses and blocks of groups as text.  The length tells the kind:
 * 4 octets are IPv4, 16 IPv6, anything else "0x" and hex octets, since RFC
 * 2022 (section 6) lets a protocol have addresses of any length.  What is
 * written reads back to the same value.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "marsh/base/addr.h"
#include "marsh/base/err.h"

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Whole octets only: half an octet has no place in a message. */
static int
hex_parse(const char *p, struct l3_addr *a)
{
	size_t n = strlen(p);

	if (n % 2 != 0 || n / 2 > L3_MAX)
		return MARSH_EINVAL;
	for (size_t i = 0; i < n / 2; i++) {
		int hi = hex(p[2 * i]), lo = hex(p[2 * i + 1]);

		if (hi < 0 || lo < 0) {
			memset(a, 0, sizeof(*a));
			return MARSH_EINVAL;
		}
		a->b[i] = (uint8_t)(hi << 4 | lo);
	}
	a->len = (uint8_t)(n / 2);
	return 0;
}

int
l3_addr_parse(const char *text, struct l3_addr *a)
{
	uint8_t b[16];

	memset(a, 0, sizeof(*a));
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		return hex_parse(text + 2, a);
	if (inet_pton(AF_INET, text, b) == 1)
		return l3_addr_set(a, b, 4);
	if (inet_pton(AF_INET6, text, b) == 1)
		return l3_addr_set(a, b, 16);
	return MARSH_EINVAL;
}

char *
l3_addr_format(const struct l3_addr *a, char buf[L3_TEXT_MAX])
{
	if (a->len == 4) {
		snprintf(buf, L3_TEXT_MAX, "%u.%u.%u.%u", a->b[0], a->b[1],
		    a->b[2], a->b[3]);
	} else if (a->len != 16
	    || inet_ntop(AF_INET6, a->b, buf, L3_TEXT_MAX) == NULL) {
		snprintf(buf, L3_TEXT_MAX, "0x");
		for (unsigned i = 0; i < a->len; i++)
			snprintf(buf + 2 + 2 * (size_t)i, 3, "%02x", a->b[i]);
	}
	return buf;
}

/* Widens |a| to the block of all addresses that share its first |bits|. */
static void
prefix(const struct l3_addr *a, unsigned bits, struct l3_range *r)
{
	r->min = r->max = *a;
	for (unsigned i = 0; i < a->len; i++) {
		unsigned keep = bits >= 8 ? 8 : bits;
		uint8_t host = (uint8_t)(0xff >> keep);

		r->min.b[i] &= (uint8_t)~host;
		r->max.b[i] |= host;
		bits -= keep;
	}
}

/* Reads a prefix length of at most three digits, or -1. */
static int
bits_parse(const char *p)
{
	int v = 0;

	if (*p == '\0' || strlen(p) > 3)
		return -1;
	for (; *p != '\0'; p++) {
		if (*p < '0' || *p > '9')
			return -1;
		v = 10 * v + (*p - '0');
	}
	return v;
}

/* NULL, or why |text| is not a block. */
static const char *
range_parse(const char *text, struct l3_range *r)
{
	char first[L3_TEXT_MAX];
	size_t n = strcspn(text, "-/");
	int bits;

	if (n >= sizeof(first))
		return "bad address";
	memcpy(first, text, n);
	first[n] = '\0';
	if (l3_addr_parse(first, &r->min) != 0 || r->min.len == 0)
		return "bad address";
	if (text[n] == '/') {
		bits = bits_parse(text + n + 1);
		if (bits < 0)
			return "bad prefix length";
		if (bits > 8 * r->min.len)
			return "prefix too long";
		prefix(&r->min, (unsigned)bits, r);
		return NULL;
	}
	r->max = r->min;
	if (text[n] == '-' && (l3_addr_parse(text + n + 1, &r->max) != 0
		|| r->max.len == 0))
		return "bad address";
	if (r->min.len != r->max.len)
		return "ends of different kind";
	if (l3_addr_cmp(&r->min, &r->max) > 0)
		return "min above max";
	return NULL;
}

int
l3_range_parse(const char *text, struct l3_range *r, const char **why)
{
	const char *bad = range_parse(text, r);

	if (bad == NULL)
		return 0;
	memset(r, 0, sizeof(*r));
	if (why != NULL)
		*why = bad;
	return MARSH_EINVAL;
}

char *
l3_range_format(const struct l3_range *r, char buf[2 * L3_TEXT_MAX])
{
	size_t n = strlen(l3_addr_format(&r->min, buf));

	if (!l3_range_single(r)) {
		buf[n++] = '-';
		l3_addr_format(&r->max, buf + n);
	}
	return buf;
}
