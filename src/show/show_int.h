/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_SHOW_INT_H
#define MARSH_SHOW_INT_H

/* What the files of this floor share; nobody else includes it. */
#include <stdarg.h>

#include "marsh/show/show.h"

/* ---- utf8.c ------------------------------------------------------------- */

/* utf8_decode stores the character at |s| and returns its octets; 0: invalid. */
size_t utf8_decode(const char *s, size_t n, uint32_t *cp);
/* utf8_width returns the columns that |cp| takes: 0, 1 or 2. */
unsigned utf8_width(uint32_t cp);
/* show_width returns the columns of |s|; colour sequences take none. */
size_t show_width(const char *s, size_t n);
/* show_fit returns how many octets of |s| fit |width| columns. */
size_t show_fit(const char *s, size_t n, size_t width, size_t *used);

/* ---- escape.c ----------------------------------------------------------- */

/* show_plain returns the octets before the first that JSON would escape or
 * that is not printable ASCII. */
size_t show_plain(const char *s, size_t n);

/* ---- sbuf.c ------------------------------------------------------------- */

#define SHOW_US_MAX 32
void sbuf_vprintf(struct sbuf *b, const char *fmt, va_list ap);
void sbuf_fill(struct sbuf *b, char c, size_t n);
/* sbuf_us appends microseconds as seconds with 0 to 6 decimals, cut. */
void sbuf_us(struct sbuf *b, int64_t us, unsigned decimals);
char *show_us(int64_t us, unsigned decimals, char text[SHOW_US_MAX]);

#endif
