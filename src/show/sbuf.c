/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A growing text buffer.  Everything this floor shows is appended here, so a
 * failed allocation must not be a branch in every view: the flag is sticky and
 * whoever prints the text asks once.  Invariant: s[len] is NUL whenever s is
 * set, and len < cap.
 */
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "show/show_int.h"

#define SBUF_FIRST 256

void
sbuf_free(struct sbuf *b)
{
	free(b->s);
	memset(b, 0, sizeof(*b));
}

/* room makes place for |n| octets and their NUL. */
static bool
room(struct sbuf *b, size_t n)
{
	size_t cap = b->cap != 0 ? b->cap : SBUF_FIRST;
	char *s;

	if (b->oom)
		return false;
	if (b->s != NULL && n < b->cap - b->len)
		return true;
	while (cap - b->len <= n) {
		if (cap > SIZE_MAX / 2) {
			b->oom = true;
			return false;
		}
		cap *= 2;
	}
	s = realloc(b->s, cap);
	if (s == NULL) {
		b->oom = true;
		return false;
	}
	b->s = s;
	b->cap = cap;
	return true;
}

void
sbuf_put(struct sbuf *b, const char *s, size_t n)
{
	if (!room(b, n))
		return;
	if (n > 0)
		memcpy(b->s + b->len, s, n);
	b->len += n;
	b->s[b->len] = '\0';
}

void
sbuf_puts(struct sbuf *b, const char *s)
{
	sbuf_put(b, s, strlen(s));
}

void
sbuf_vprintf(struct sbuf *b, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n < 0)
		b->oom = true;
	else if (room(b, (size_t)n)) {
		(void)vsnprintf(b->s + b->len, (size_t)n + 1, fmt, again);
		b->len += (size_t)n;
	}
	va_end(again);
}

void
sbuf_printf(struct sbuf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	sbuf_vprintf(b, fmt, ap);
	va_end(ap);
}

void
sbuf_fill(struct sbuf *b, char c, size_t n)
{
	if (!room(b, n))
		return;
	memset(b->s + b->len, c, n);
	b->len += n;
	b->s[b->len] = '\0';
}

void
sbuf_pad(struct sbuf *b, size_t col)
{
	size_t from = b->len, width;

	while (from > 0 && b->s[from - 1] != '\n')
		from--;
	width = b->len > 0 ? show_width(b->s + from, b->len - from) : 0;
	if (width < col)
		sbuf_fill(b, ' ', col - width);
}

/*
 * Times are printed from integers: a locale's decimal comma would break both
 * the columns and JSON.
 */
void
sbuf_us(struct sbuf *b, int64_t us, unsigned decimals)
{
	char text[SHOW_US_MAX];

	sbuf_puts(b, show_us(us, decimals, text));
}

char *
show_us(int64_t us, unsigned decimals, char text[SHOW_US_MAX])
{
	uint64_t v = us < 0 ? 0 - (uint64_t)us : (uint64_t)us;
	char rev[SHOW_US_MAX], *p = text;
	bool minus = us < 0;
	unsigned i, n = 0;

	assert(decimals <= 6);
	for (i = decimals; i < 6; i++)
		v /= 10;
	minus = minus && v > 0;
	for (i = 0; i <= decimals || v > 0; i++) {
		if (i == decimals && decimals > 0)
			rev[n++] = '.';
		rev[n++] = (char)('0' + v % 10);
		v /= 10;
	}
	if (minus)
		*p++ = '-';
	while (n > 0)
		*p++ = rev[--n];
	*p = '\0';
	return text;
}
