/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * UTF-8 and column widths without the C library's locale: what is shown must
 * be the same octets under LC_ALL=C and in a golden file, and an invalid
 * sequence must be found, not converted.  The tables hold only what terminals
 * agree on: combining marks take no column, East Asian wide characters and
 * emoji take two.
 */
#include "show/show_int.h"

struct span {
	uint32_t lo, hi;
};

static const struct span zero_width[] = {
	{ 0x0300, 0x036f }, { 0x0483, 0x0489 }, { 0x0591, 0x05bd },
	{ 0x05bf, 0x05bf }, { 0x05c1, 0x05c2 }, { 0x05c4, 0x05c5 },
	{ 0x05c7, 0x05c7 }, { 0x0610, 0x061a }, { 0x064b, 0x065f },
	{ 0x0670, 0x0670 }, { 0x06d6, 0x06dc }, { 0x06df, 0x06e4 },
	{ 0x06e7, 0x06e8 }, { 0x06ea, 0x06ed }, { 0x0900, 0x0902 },
	{ 0x093a, 0x093a }, { 0x093c, 0x093c }, { 0x0941, 0x0948 },
	{ 0x094d, 0x094d }, { 0x0e31, 0x0e31 }, { 0x0e34, 0x0e3a },
	{ 0x0e47, 0x0e4e }, { 0x1160, 0x11ff }, { 0x1ab0, 0x1aff },
	{ 0x1dc0, 0x1dff }, { 0x200b, 0x200f }, { 0x202a, 0x202e },
	{ 0x2060, 0x2064 }, { 0x20d0, 0x20f0 }, { 0x302a, 0x302d },
	{ 0x3099, 0x309a }, { 0xfe00, 0xfe0f }, { 0xfe20, 0xfe2f },
	{ 0xfeff, 0xfeff }, { 0x1f3fb, 0x1f3ff }, { 0xe0100, 0xe01ef },
};

static const struct span double_width[] = {
	{ 0x1100, 0x115f }, { 0x231a, 0x231b }, { 0x2329, 0x232a },
	{ 0x23e9, 0x23ec }, { 0x2e80, 0x303e }, { 0x3041, 0x33ff },
	{ 0x3400, 0x4dbf }, { 0x4e00, 0x9fff }, { 0xa000, 0xa4cf },
	{ 0xa960, 0xa97f }, { 0xac00, 0xd7a3 }, { 0xf900, 0xfaff },
	{ 0xfe10, 0xfe19 }, { 0xfe30, 0xfe6f }, { 0xff00, 0xff60 },
	{ 0xffe0, 0xffe6 }, { 0x16fe0, 0x18aff }, { 0x1b000, 0x1b2ff },
	{ 0x1f004, 0x1f004 }, { 0x1f0cf, 0x1f0cf }, { 0x1f18e, 0x1f18e },
	{ 0x1f191, 0x1f19a }, { 0x1f200, 0x1f265 }, { 0x1f300, 0x1f320 },
	{ 0x1f32d, 0x1f3fa }, { 0x1f400, 0x1f64f }, { 0x1f680, 0x1f6ff },
	{ 0x1f7e0, 0x1f7eb }, { 0x1f900, 0x1f9ff }, { 0x1fa70, 0x1faff },
	{ 0x20000, 0x2fffd }, { 0x30000, 0x3fffd },
};

static bool
within(const struct span *v, size_t n, uint32_t cp)
{
	size_t lo = 0, mid;

	while (n > 0) {
		mid = lo + n / 2;
		if (cp > v[mid].hi) {
			n -= n / 2 + 1;
			lo = mid + 1;
		} else if (cp >= v[mid].lo)
			return true;
		else
			n /= 2;
	}
	return false;
}

size_t
show_utf8(const char *s, size_t n, uint32_t *cp)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const uint8_t *p = (const uint8_t *)s;
	uint32_t v;
	size_t len, i;

	if (n == 0)
		return 0;
	if (p[0] < 0x80) {
		*cp = p[0];
		return 1;
	}
	len = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	if (p[0] < 0xc2 || p[0] > 0xf4 || len > n)
		return 0;
	v = p[0] & (0x7fu >> len);
	for (i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		v = v << 6 | (p[i] & 0x3f);
	}
	if (v < least[len] || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff))
		return 0;
	*cp = v;
	return len;
}

unsigned
show_utf8_width(uint32_t cp)
{
	if (cp < 0x300)
		return 1;
	if (within(zero_width, sizeof(zero_width) / sizeof(zero_width[0]), cp))
		return 0;
	return within(double_width,
		   sizeof(double_width) / sizeof(double_width[0]), cp)
	    ? 2
	    : 1;
}

/* sgr returns the octets of the colour sequence at |s|, or 0. */
static size_t
sgr(const char *s, size_t n)
{
	size_t i;

	if (n < 3 || s[0] != '\033' || s[1] != '[')
		return 0;
	for (i = 2; i < n; i++) {
		if (s[i] == 'm')
			return i + 1;
		if (s[i] != ';' && (s[i] < '0' || s[i] > '9'))
			return 0;
	}
	return 0;
}

size_t
show_width(const char *s, size_t n)
{
	size_t i = 0, width = 0, len;
	uint32_t cp;

	while (i < n) {
		if ((len = sgr(s + i, n - i)) == 0) {
			len = show_utf8(s + i, n - i, &cp);
			width += len == 0 ? 1 : show_utf8_width(cp);
		}
		i += len == 0 ? 1 : len;
	}
	return width;
}

size_t
show_fit(const char *s, size_t n, size_t width, size_t *used)
{
	size_t i = 0, len;
	unsigned w;
	uint32_t cp;

	*used = 0;
	while (i < n) {
		len = show_utf8(s + i, n - i, &cp);
		w = len == 0 ? 1 : show_utf8_width(cp);
		if (*used + w > width)
			break;
		*used += w;
		i += len == 0 ? 1 : len;
	}
	return i;
}

int
show_paper(size_t width)
{
	if (width == 0 || width > SHOW_PAPER)
		return SHOW_PAPER;
	return width < SHOW_PAPER_LEAST ? SHOW_PAPER_LEAST : (int)width;
}
