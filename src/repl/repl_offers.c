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

/* lua appends Lua's completions and returns what they replace. */
static size_t
lua(struct repl *r, const char *line, struct sbuf *out)
{
	size_t from = out->len, whole = expr_at(line, true);
	size_t word = expr_at(line, false);

	script_complete(r->s, line, out);
	if (out->len > from && out->s[out->len - 1] != '\n')
		sbuf_puts(out, "\n");
	/* "C1.cmi" for "C1.c", or just "cmi" */
	if (out->len > from && strncmp(out->s + from, line + whole,
	    strlen(line) - whole) == 0)
		return whole;
	return word;
}

size_t
repl_offers(struct repl *r, const char *line, bool more, struct sbuf *out)
{
	size_t at = cmd_complete_at(line), blank = strspn(line, " \t");
	bool first = line[blank + strcspn(line + blank, " \t.:([{\"'=")]
	    == '\0';

	if (more || (!first && !cmd_is(line)))
		return lua(r, line, out);
	cmd_complete(&r->host, line, out);
	/* an empty line would offer all of Lua too */
	if (first && line[blank] != '\0')
		lua(r, line, out);
	return at;
}
