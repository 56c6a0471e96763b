/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What TAB offers: words of commands where the line is one or may become one,
 * Lua's names everywhere else.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "repl/repl_int.h"

/* expr_at returns where the expression at |line|'s end starts. */
static size_t
expr_at(const char *line, bool dots)
{
	size_t n = strlen(line);

	while (n > 0 && (isalnum((unsigned char)line[n - 1])
	    || line[n - 1] == '_'
	    || (dots && strchr(".:", line[n - 1]) != NULL)))
		n--;
	return n;
}

/* unite appends those lines of |from| that |out| does not have. */
static void
unite(struct sbuf *out, const struct sbuf *from)
{
	const char *s = from->s == NULL ? "" : from->s, *p;

	while (*s != '\0') {
		size_t n = strcspn(s, "\n");
		bool has = false;

		for (p = out->s; p != NULL && *p != '\0' && !has;) {
			size_t len = strcspn(p, "\n");

			has = len == n && memcmp(p, s, n) == 0;
			p += len + (p[len] == '\n');
		}
		if (!has && n > 0) {
			sbuf_put(out, s, n);
			sbuf_puts(out, "\n");
		}
		s += n + (s[n] == '\n');
	}
}

/* lua appends Lua's completions and returns what they replace. */
static size_t
lua(struct repl *r, const char *line, struct sbuf *out)
{
	size_t whole = expr_at(line, true), at = expr_at(line, false);
	struct sbuf b = { 0 };

	script_complete(r->s, line, &b);
	/* "C1.cmi" for "C1.c", or just "cmi" */
	if (b.len > 0 && strncmp(b.s, line + whole, strlen(line) - whole) == 0)
		at = whole;
	unite(out, &b);
	sbuf_free(&b);
	return at;
}

size_t
repl_offers(struct repl *r, const char *line, bool more, struct sbuf *out)
{
	size_t at = cmd_complete_at(line), blank = strspn(line, " \t");
	bool first = line[blank + strcspn(line + blank, " \t.:([{\"'=")]
	    == '\0';

	if (r->remote != NULL)
		return repl_remote_offers(r, line, more, out);
	if (more || (!first && !cmd_is(line)))
		return lua(r, line, out);
	cmd_complete(&r->host, line, out);
	/* an empty line would offer all of Lua too */
	if (first && line[blank] != '\0')
		lua(r, line, out);
	return at;
}

void
repl_explain(struct repl *r, const char *line, struct sbuf *out)
{
	if (r->remote != NULL)
		repl_remote_explain(r, line, out);
	else
		cmd_help_at(&r->host, line, out);
}
