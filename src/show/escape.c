/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Octets from outside on their way to a terminal or into JSON.  A node's name
 * is checked when it is made, but payloads, files and messages of peers are
 * not ours: no control, no C1, no direction override and no invalid sequence
 * passes as itself.
 */
#include "show/show_int.h"

/* unseen: characters that change what is read without being seen. */
static bool
unseen(uint32_t cp)
{
	return cp == 0x061c || (cp >= 0x200b && cp <= 0x200f)
	    || (cp >= 0x2028 && cp <= 0x202e) || (cp >= 0x2060 && cp <= 0x206f)
	    || cp == 0xfeff || (cp >= 0xfff9 && cp <= 0xfffb)
	    || (cp >= 0xe0000 && cp <= 0xe007f);
}

static bool
harmless(uint32_t cp)
{
	return cp >= 0x20 && cp != 0x7f && (cp < 0x80 || cp > 0x9f)
	    && !unseen(cp);
}

size_t
show_plain(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if ((uint8_t)s[i] < 0x20 || (uint8_t)s[i] > 0x7e || s[i] == '"'
		    || s[i] == '\\')
			break;
	return i;
}

static void
put_hard(struct sbuf *b, uint32_t cp, size_t len, uint8_t octet)
{
	if (len == 1 && cp == '\n')
		sbuf_puts(b, "\\n");
	else if (len == 1 && cp == '\t')
		sbuf_puts(b, "\\t");
	else if (len == 1 && cp == '\r')
		sbuf_puts(b, "\\r");
	else if (len <= 1)
		sbuf_printf(b, "\\x%02x", octet);
	else
		sbuf_printf(b, cp > 0xffff ? "\\U%08lx" : "\\u%04lx",
		    (unsigned long)cp);
}

void
show_escape(struct sbuf *b, const char *s, size_t n)
{
	size_t i = 0, from = 0, len;
	uint32_t cp = 0;

	while (i < n) {
		len = show_utf8(s + i, n - i, &cp);
		if (len != 0 && harmless(cp)) {
			i += len;
			continue;
		}
		sbuf_put(b, s + from, i - from);
		put_hard(b, cp, len, (uint8_t)s[i]);
		i += len == 0 ? 1 : len;
		from = i;
	}
	sbuf_put(b, s + from, n - from);
}

static void
put_json(struct sbuf *b, uint32_t cp)
{
	switch (cp) {
	case '"':
		sbuf_puts(b, "\\\"");
		break;
	case '\\':
		sbuf_puts(b, "\\\\");
		break;
	case '\n':
		sbuf_puts(b, "\\n");
		break;
	case '\r':
		sbuf_puts(b, "\\r");
		break;
	case '\t':
		sbuf_puts(b, "\\t");
		break;
	default:
		if (cp > 0xffff)
			sbuf_printf(b, "\\u%04lx\\u%04lx",
			    (unsigned long)(0xd7c0 + (cp >> 10)),
			    (unsigned long)(0xdc00 + (cp & 0x3ff)));
		else
			sbuf_printf(b, "\\u%04lx", (unsigned long)cp);
	}
}

/* An invalid octet becomes U+FFFD: JSON is Unicode text (RFC 8259, 8.1). */
void
show_json_string(struct sbuf *b, const char *s, size_t n)
{
	size_t i = 0, from = 0, len;
	uint32_t cp = 0;

	sbuf_put(b, "\"", 1);
	while (i < n) {
		i += show_plain(s + i, n - i);
		if (i == n)
			break;
		len = show_utf8(s + i, n - i, &cp);
		if (len != 0 && cp != '"' && cp != '\\' && harmless(cp)) {
			i += len;
			continue;
		}
		sbuf_put(b, s + from, i - from);
		put_json(b, len == 0 ? 0xfffd : cp);
		i += len == 0 ? 1 : len;
		from = i;
	}
	sbuf_put(b, s + from, n - from);
	sbuf_put(b, "\"", 1);
}
