/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_WIRE_LINE_INT_H
#define MARSH_WIRE_LINE_INT_H

/* A line of text that is cut where its room ends, and never overrun. */
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

struct line {
	char *p;
	size_t left; /* with room for the NUL */
};

/* line_add appends as printf does. */
static inline void
line_add(struct line *l, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(l->p, l->left, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	if ((size_t)n >= l->left)
		n = l->left ? (int)(l->left - 1) : 0;
	l->p += n;
	l->left -= (size_t)n;
}

#endif
