/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ATM addresses as text, in the forms of libatm's text2atm and atm2text:
 *
 *	47.0005.80FFE1000000F21A26D8.0020480D3A10.00	NSAP
 *	15551234567:F21A26D8.0020480D3A10.00		NSAP with AFI 45
 *	+15551234567					native E.164
 *	15551234567+47.0005...				E.164 and Subaddress
 *
 * Two deliberate differences: 15 digits are read where libatm stops at 12
 * and what is written always reads back to the same octets (libatm
 * shortens every AFI 45 and C3 address, and some of those lose octets).
 */
#include <stdio.h>
#include <string.h>

#include "marsh/base/addr.h"
#include "marsh/base/err.h"

#define E164_MAX 15
#define NIBBLES (2 * ATM_NSAP_LEN)
#define AFI_E164 0x45

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The value of hex digit |c|, or -1; isxdigit would ask the locale. */
static int
hex(char c)
{
	if (is_digit(c))
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

static void
put_nibble(uint8_t *nsap, unsigned i, unsigned v)
{
	nsap[i / 2] = (uint8_t)(i & 1 ? nsap[i / 2] | v : v << 4);
}

/*
 * An E.164 prefix "digits:" becomes AFI 45 and the number in BCD, right
 * justified in 15 half octets and closed by F.  Returns the nibbles filled, or
 * 0 when |text| does not start so.
 */
static unsigned
e164_prefix(const char **text, uint8_t *nsap)
{
	const char *p = *text;
	unsigned n = 0;

	while (n <= E164_MAX && is_digit(p[n]))
		n++;
	if (n == 0 || n > E164_MAX || p[n] != ':' || p[0] == '0')
		return 0;
	memset(nsap, 0, ATM_NSAP_LEN);
	nsap[0] = AFI_E164;
	for (unsigned i = 0; i < n; i++)
		put_nibble(nsap, 17 - n + i, (unsigned)(p[i] - '0'));
	put_nibble(nsap, 17, 0xf);
	*text = p + n + 1;
	return 18;
}

/* Reads one NSAP; NULL, or why not. */
static const char *
nsap_parse(const char *p, uint8_t nsap[ATM_NSAP_LEN])
{
	unsigned n = e164_prefix(&p, nsap);
	bool dot = true; /* a dot may not come next */

	for (; *p != '\0'; p++) {
		int v = hex(*p);

		if (*p == '.') {
			if (dot)
				return "misplaced dot in an NSAP";
			dot = true;
			continue;
		}
		if (v < 0)
			return "neither a hex digit nor a dot in an NSAP";
		if (n == NIBBLES)
			return "more than 40 hex digits in an NSAP";
		put_nibble(nsap, n++, (unsigned)v);
		dot = false;
	}
	if (n != NIBBLES)
		return "fewer than 40 hex digits in an NSAP";
	if (dot)
		return "misplaced dot in an NSAP";
	if (nsap[0] == 0)
		return "an NSAP does not start with octet 00";
	return NULL;
}

/*
 * Reads the digits of a native E.164 Number up to the end or a '+'.  Returns
 * where it stopped, or NULL with |why|.
 */
static const char *
e164_parse(const char *p, struct atm_addr *a, const char **why)
{
	unsigned n = 0;
	bool dot = true;

	for (; *p != '\0' && *p != '+'; p++) {
		if (*p == '.' && !dot) {
			dot = true;
			continue;
		}
		if (!is_digit(*p)) {
			*why = *p == '.' ? "misplaced dot in an E.164 number"
					 : "not a digit in an E.164 number";
			return NULL;
		}
		if (n == E164_MAX) {
			*why = "more than 15 digits in an E.164 number";
			return NULL;
		}
		a->num[n++] = (uint8_t)*p;
		dot = false;
	}
	if (dot) {
		*why = n ? "misplaced dot in an E.164 number" : "no digits";
		return NULL;
	}
	a->tl = (uint8_t)(ATM_TL_E164 | n);
	return p;
}

/* Whether |p| is meant as an E.164 Number: a sign, a '+', or few digits. */
static bool
looks_e164(const char *p)
{
	size_t n = 0;

	if (*p == '+' || *p == ':' || strchr(p, '+') != NULL)
		return true;
	for (; *p != '\0'; p++) {
		if (is_digit(*p))
			n++;
		else if (*p != '.')
			return false;
	}
	return n != NIBBLES;
}

int
atm_addr_parse(const char *text, struct atm_addr *a, const char **why)
{
	const char *bad = NULL, *p = text;

	memset(a, 0, sizeof(*a));
	if (!looks_e164(p)) {
		a->tl = ATM_NSAP_LEN;
		bad = nsap_parse(p, a->num);
	} else {
		if (*p == '+' || *p == ':')
			p++;
		p = e164_parse(p, a, &bad);
		if (bad == NULL && *p == '+') {
			a->stl = ATM_NSAP_LEN;
			bad = nsap_parse(p + 1, a->sub);
		}
	}
	if (bad == NULL)
		return 0;
	memset(a, 0, sizeof(*a));
	if (why != NULL)
		*why = bad;
	return MARSH_EINVAL;
}

/* Appends octets [from, to) of |b| in hex and returns the new end. */
static char *
put_hex(char *p, const uint8_t *b, unsigned from, unsigned to)
{
	static const char hexdigit[] = "0123456789ABCDEF";

	for (; from < to; from++) {
		*p++ = hexdigit[b[from] >> 4];
		*p++ = hexdigit[b[from] & 15];
	}
	*p = '\0';
	return p;
}

/* Octets before which libatm sets a dot: by the fields that the AFI implies. */
static const uint8_t *
nsap_dots(uint8_t afi)
{
	static const uint8_t dcc_icd[] = { 1, 3, 13, 19, ATM_NSAP_LEN };
	static const uint8_t local[] = { 1, 13, 19, ATM_NSAP_LEN };
	static const uint8_t none[] = { ATM_NSAP_LEN };

	switch (afi) {
	case 0x39: /* DCC, and its group form */
	case 0xbd:
	case 0x47: /* ICD, and its group form */
	case 0xc5:
		return dcc_icd;
	case 0x49: /* local, and its group form */
	case 0xc7:
		return local;
	default:
		return none;
	}
}

/* The inverse of e164_prefix; NULL when |nsap| would not read back the same. */
static char *
put_e164_prefix(char *p, const uint8_t *nsap)
{
	bool seen = false;

	if (nsap[0] != AFI_E164 || (nsap[8] & 15) != 0xf)
		return NULL;
	for (unsigned i = 2; i < 17; i++) {
		unsigned v = i & 1 ? nsap[i / 2] & 15 : nsap[i / 2] >> 4;

		if (v > 9)
			return NULL;
		if (v != 0)
			seen = true;
		if (seen)
			*p++ = (char)('0' + v);
	}
	if (!seen)
		return NULL;
	*p++ = ':';
	return p;
}

static void
nsap_format(char *p, const uint8_t *nsap)
{
	const uint8_t *dots = nsap_dots(nsap[0]);
	char *q = put_e164_prefix(p, nsap);
	unsigned from = 0;

	if (q != NULL) {
		q = put_hex(q, nsap, 9, 13);
		*q++ = '.';
		q = put_hex(q, nsap, 13, 19);
		*q++ = '.';
		put_hex(q, nsap, 19, 20);
		return;
	}
	for (;; dots++) {
		p = put_hex(p, nsap, from, *dots);
		from = *dots;
		if (from == ATM_NSAP_LEN)
			break;
		*p++ = '.';
	}
}

char *
atm_addr_format(const struct atm_addr *a, char buf[ATM_TEXT_MAX])
{
	char *p = buf;

	if (a->tl == 0) {
		snprintf(buf, ATM_TEXT_MAX, "none");
	} else if ((a->tl & ATM_TL_E164) == 0) {
		nsap_format(p, a->num);
	} else {
		if (a->stl == 0)
			*p++ = '+';
		memcpy(p, a->num, atm_tl_len(a->tl));
		p += atm_tl_len(a->tl);
		*p = '\0';
		if (a->stl != 0) {
			*p++ = '+';
			nsap_format(p, a->sub);
		}
	}
	return buf;
}
