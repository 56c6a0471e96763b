/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The keys of our own: TAB completes, `?` explains where it is not part of
 * Lua, Ctrl-D leaves.
 */
#include <stdlib.h>
#include <string.h>

#include "repl/repl_edit_int.h"

/* before returns the text in front of the cursor (owned), or NULL. */
static char *
before(EditLine *el)
{
	const LineInfo *li = el_line(el);
	size_t n = (size_t)(li->cursor - li->buffer);
	char *s = malloc(n + 1);

	if (s != NULL) {
		memcpy(s, li->buffer, n);
		s[n] = '\0';
	}
	return s;
}

/* common returns how long the common beginning of the lines of |b| is. */
static size_t
common(const char *b, size_t *count)
{
	size_t first = strcspn(b, "\n"), len = first;

	*count = 0;
	for (const char *s = b; *s != '\0'; (*count)++) {
		size_t n = strcspn(s, "\n"), k = 0;

		while (k < n && k < len && s[k] == b[k])
			k++;
		len = k;
		s += n + (s[n] == '\n');
	}
	/* not within a character */
	while (len > 0 && len < first && ((unsigned char)b[len] & 0xc0) == 0x80)
		len--;
	return len;
}

/* columns lays the lines of |b| out side by side. */
static void
columns(const char *b, struct sbuf *out)
{
	size_t wide = 1, rows, cols, n = 0, per;

	for (const char *s = b; *s != '\0'; s += strcspn(s, "\n") + 1)
		if (strcspn(s, "\n") > wide)
			wide = strcspn(s, "\n");
	repl_size(&rows, &cols);
	per = cols / (wide + 2) > 0 ? cols / (wide + 2) : 1;
	for (const char *s = b; *s != '\0'; s += strcspn(s, "\n") + 1) {
		int len = (int)strcspn(s, "\n");

		if (n / per + 2 > rows && rows > 4) {
			sbuf_puts(out, "...");
			break;
		}
		n++;
		if (n % per == 0)
			sbuf_printf(out, "%.*s\n", len, s);
		else
			sbuf_printf(out, "%-*.*s", (int)wide + 2, len, s);
	}
	sbuf_puts(out, "\n");
}

static unsigned char
complete(EditLine *el, int ch)
{
	struct repl_edit *e = repl_edit_of(el);
	struct sbuf b = { 0 }, list = { 0 };
	unsigned char rc = CC_REFRESH_BEEP;
	char *line = before(el), *word;
	size_t at, part, len, n;

	(void)ch;
	if (line == NULL)
		return CC_ERROR;
	at = repl_offers(e->r, line, e->more, &b);
	part = strlen(line) - at;
	if (b.len > 0 && !b.oom) {
		len = common(b.s, &n);
		word = b.s;
		if (n > 1 && len <= part) {
			columns(b.s, &list);
			if (list.len > 0)
				repl_edit_print(e, list.s, list.len);
			rc = CC_NORM;
		} else {
			bool last = n == 1 && len > 0
			    && strchr("=/.:(,", word[len - 1]) == NULL;

			word[len] = '\0';
			el_deletestr(el, (int)part);
			el_insertstr(el, word);
			if (last)
				el_insertstr(el, " ");
			rc = CC_REFRESH;
		}
	}
	sbuf_free(&list);
	sbuf_free(&b);
	free(line);
	return rc;
}

/* explains tells whether `?` behind |line| asks for help: not in Lua. */
static bool
explains(const char *line)
{
	size_t n = strspn(line, "abcdefghijklmnopqrstuvwxyz");
	char q = 0;

	for (const char *s = line; *s != '\0'; s++)
		if (q != 0)
			q = *s == q ? 0 : q;
		else if (*s == '"' || *s == '\'')
			q = *s;
	return q == 0 && (line[n] == '\0' || cmd_is(line));
}

static unsigned char
question(EditLine *el, int ch)
{
	struct repl_edit *e = repl_edit_of(el);
	char *line = before(el);
	struct sbuf b = { 0 };
	bool ok = line != NULL && !e->more && explains(line);

	(void)ch;
	if (ok) {
		repl_explain(e->r, line, &b);
		repl_edit_print(e, b.s == NULL ? "" : b.s, b.len);
	}
	sbuf_free(&b);
	free(line);
	if (ok)
		return CC_NORM;
	return el_insertstr(el, "?") == 0 ? CC_REFRESH : CC_ERROR;
}

/* end is Ctrl-D: it leaves where there is nothing to delete. */
static unsigned char
end(EditLine *el, int ch)
{
	const LineInfoW *li = el_wline(el);

	(void)ch;
	if (li->lastchar == li->buffer)
		return CC_EOF;
	if (li->cursor == li->lastchar)
		return CC_REFRESH_BEEP;
	el_cursor(el, 1);
	el_deletestr(el, 1);
	return CC_REFRESH;
}

void
repl_keys(EditLine *el)
{
	/* wide, because the narrow call leaks copies of the names */
	el_wset(el, EL_ADDFN, L"marsh-complete", L"Complete", complete);
	el_wset(el, EL_ADDFN, L"marsh-help", L"Explain", question);
	el_wset(el, EL_ADDFN, L"marsh-end", L"Delete or leave", end);
	el_set(el, EL_BIND, "\t", "marsh-complete", NULL);
	el_set(el, EL_BIND, "?", "marsh-help", NULL);
	el_set(el, EL_BIND, "^D", "marsh-end", NULL);
	el_set(el, EL_BIND, "^R", "em-inc-search-prev", NULL);
	el_set(el, EL_BIND, "^W", "ed-delete-prev-word", NULL);
}
