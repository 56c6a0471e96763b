/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines into words, and the first of them into a row.  Words are split at
 * blanks; '...' and "..." keep blanks; a comma takes the blanks around it into
 * the word, so that "C1, C2" is one list.
 *
 * Also here: what is a command and what is Lua, in one place, because nothing
 * annoys more than a shell that guesses differently in different corners.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd_int.h"

static bool
blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static size_t
skip(const char *s, size_t i)
{
	while (blank(s[i]))
		i++;
	return i;
}

/* glued tells whether the blanks at |i| stand beside a comma. */
static bool
glued(const char *s, size_t i, size_t from)
{
	size_t j = skip(s, i);

	return s[j] != '\0' && (s[j] == ',' || (i > from && s[i - 1] == ','));
}

/* word reads one token at |i| and returns where it ends. */
static size_t
word(struct cmd_line *l, size_t i, char **to)
{
	struct cmd_tok *t = &l->tok[l->n++];
	const char *s = l->line;
	char q = 0;

	*t = (struct cmd_tok){ .s = *to, .at = i };
	for (; s[i] != '\0'; i++) {
		if (q != 0) {
			if (s[i] == q)
				q = 0;
			else
				*(*to)++ = s[i];
		} else if (s[i] == '"' || s[i] == '\'') {
			q = s[i];
			t->quoted = true;
		} else if (blank(s[i])) {
			if (!glued(s, i, t->at))
				break;
			i = skip(s, i) - 1;
		} else {
			*(*to)++ = s[i];
		}
	}
	*(*to)++ = '\0';
	t->end = i;
	l->quote = q != 0;
	return i;
}

bool
cmd_lex(struct cmd_line *l, const char *line)
{
	size_t len = strlen(line), i;
	char *to;

	*l = (struct cmd_line){ .line = line };
	/* each token has at least one octet and a blank behind it */
	l->text = malloc(2 * len + 2);
	l->tok = malloc((len / 2 + 1) * sizeof(*l->tok));
	if (l->text == NULL || l->tok == NULL) {
		cmd_line_free(l);
		return false;
	}
	to = l->text;
	for (i = skip(line, 0); line[i] != '\0'; i = skip(line, i))
		i = word(l, i, &to);
	l->open = l->n > 0 && l->tok[l->n - 1].end == len;
	return true;
}

void
cmd_line_free(struct cmd_line *l)
{
	free(l->text);
	free(l->tok);
	*l = (struct cmd_line){ 0 };
}

static bool
name_char(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

bool
cmd_is_name(const char *s)
{
	if (*s == '\0' || isdigit((unsigned char)*s))
		return false;
	for (; *s != '\0'; s++)
		if (!name_char(*s))
			return false;
	return true;
}

bool
cmd_is_keyword(const char *s)
{
	static const char *const words[] = { "and", "break", "do", "else",
		"elseif", "end", "false", "for", "function", "goto", "if", "in",
		"local", "nil", "not", "or", "repeat", "return", "then", "true",
		"until", "while" };

	/* "until" alone begins no statement, and is a command here */
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (strcmp(words[i], s) == 0)
			return strcmp(s, "until") != 0;
	return false;
}

const struct cmd_row *
cmd_find(const char *w, bool *many)
{
	size_t n, len = strlen(w);
	const struct cmd_row *rows = cmd_rows(&n), *found = NULL;

	*many = false;
	for (size_t i = 0; i < n && len > 0; i++) {
		if (strncmp(rows[i].word, w, len) != 0)
			continue;
		if (rows[i].word[len] == '\0') {
			*many = false;
			return &rows[i];
		}
		if (found != NULL)
			*many = true;
		found = &rows[i];
	}
	return *many ? NULL : found;
}

/* What a line begins with. */
struct head {
	char word[32];
	char glue; /* the character at once behind it */
	const char *rest; /* what stands behind the blanks */
};

static bool
head_of(const char *line, struct head *h)
{
	size_t i = skip(line, 0), n = 0;

	while (name_char(line[i + n]))
		n++;
	if (n == 0 || n >= sizeof(h->word))
		return false;
	memcpy(h->word, line + i, n);
	h->word[n] = '\0';
	h->glue = line[i + n];
	h->rest = line + skip(line, i + n);
	return cmd_is_name(h->word) && !cmd_is_keyword(h->word);
}

static bool
lua_follows(const struct head *h)
{
	if (h->glue == '\0')
		return false;
	if (!blank(h->glue))
		return h->glue != '|';
	return *h->rest != '\0' && strchr("=([{,:", *h->rest) != NULL;
}

/* name_follows tells whether a name or number, not and/or, comes second. */
static bool
name_follows(const struct head *h)
{
	size_t n = 0;

	while (name_char(h->rest[n]))
		n++;
	return n > 0 && !(n == 3 && strncmp(h->rest, "and", n) == 0)
	    && !(n == 2 && strncmp(h->rest, "or", n) == 0);
}

bool
cmd_abbrev(const char *line)
{
	struct head h;
	bool many;

	return head_of(line, &h) && *h.rest == '\0' && strlen(h.word) >= 2
	    && cmd_row_find(h.word) == NULL && cmd_later(h.word) == NULL
	    && (cmd_find(h.word, &many) != NULL || many);
}

bool
cmd_is(const char *line)
{
	struct head h;

	if (!head_of(line, &h) || lua_follows(&h))
		return false;
	if (cmd_row_find(h.word) != NULL || cmd_later(h.word) != NULL)
		return true;
	return name_follows(&h) || cmd_abbrev(line);
}
