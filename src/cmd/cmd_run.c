/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a line to a deed: find the row, understand the arguments, and hand them
 * to Lua, to cmd_do, or to the shell.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd_words.h"

/* several fills |why| with the commands that |word| abbreviates. */
static void
several(const char *word, char *why, size_t cap)
{
	size_t n, len = strlen(word), k = 0;
	const struct cmd_row *rows = cmd_rows(&n);
	struct sbuf b = { 0 };

	sbuf_printf(&b, "'%s' may be ", word);
	for (size_t i = 0; i < n; i++)
		if (strncmp(rows[i].word, word, len) == 0)
			sbuf_printf(&b, "%s%s", k++ == 0 ? "" : ", ",
			    rows[i].word);
	snprintf(why, cap, "%s", b.oom ? "ambiguous command" : b.s);
	sbuf_free(&b);
}

/* unknown fills |why|: |word| is no command, this one is near. */
static void
unknown(const char *word, char *why, size_t cap)
{
	size_t n;
	const struct cmd_row *rows = cmd_rows(&n);
	const char **words = malloc(n * sizeof(*words)), *near = NULL;

	for (size_t i = 0; words != NULL && i < n; i++)
		words[i] = rows[i].word;
	if (words != NULL)
		near = show_nearest(word, words, n);
	if (near != NULL)
		snprintf(why, cap, "no command '%s' (did you mean '%s'?)",
		    word, near);
	else
		snprintf(why, cap, "no command '%s'; 'help' lists them, and "
		    "it is no Lua either", word);
	free((void *)words);
}

static enum cmd_status
dispatch(const struct cmd_host *h, const struct cmd_match *m, char *why,
    size_t cap)
{
	enum cmd_status st;

	if (m->row->call != NULL) {
		if (h->call == NULL) {
			snprintf(why, cap, "%s: there is no Lua here",
			    m->row->word);
			return CMD_ERROR;
		}
		if (h->call(h->ctx, m->row->call, m->keys, m->values, m->n)
		    == 0)
			return CMD_OK;
		snprintf(why, cap, "%s", ""); /* the host has told why */
		return CMD_ERROR;
	}
	st = cmd_do(h, m, why, cap);
	if (st != CMD_NOT_A_COMMAND)
		return st;
	if (h->shell == NULL) {
		snprintf(why, cap, "'%s' works only at the prompt",
		    m->row->word);
		return CMD_ERROR;
	}
	return h->shell(h->ctx, m->row->word, m->keys, m->values, m->n, why,
	    cap);
}

/* split cuts a show line at its first bar outside quotes; NULL: no memory. */
static char *
split(const char *line, const char **filters)
{
	size_t n = 0;
	char q = 0, *s;

	for (; line[n] != '\0'; n++) {
		if (q != 0)
			q = line[n] == q ? 0 : q;
		else if (line[n] == '"' || line[n] == '\'')
			q = line[n];
		else if (line[n] == '|')
			break;
	}
	*filters = line[n] == '|' ? line + n : NULL;
	s = malloc(n + 1);
	if (s != NULL) {
		memcpy(s, line, n);
		s[n] = '\0';
	}
	return s;
}

/* run_row runs |line|, whose first word is |row|'s. */
static enum cmd_status
run_row(const struct cmd_host *h, const struct cmd_row *row, const char *line,
    char *why, size_t cap)
{
	struct cmd_match m = { .row = row };
	const char *filters = NULL;
	bool show = strcmp(row->word, "show") == 0;
	char *cut = show ? split(line, &filters) : NULL;
	enum cmd_status st = CMD_ERROR;
	struct cmd_line l;

	if ((show && cut == NULL) || !cmd_lex(&l, show ? cut : line)) {
		snprintf(why, cap, "out of memory");
		free(cut);
		return CMD_ERROR;
	}
	if (cmd_match_line(h, &l, &m, why, cap))
		st = show ? cmd_show(h, &m, filters, why, cap)
			  : dispatch(h, &m, why, cap);
	cmd_match_free(&m);
	cmd_line_free(&l);
	free(cut);
	return st;
}

enum cmd_status
cmd_run(const struct cmd_host *h, const char *line, char *why, size_t cap)
{
	const struct cmd_row *row;
	char word[32];
	size_t at, n;
	bool many;

	snprintf(why, cap, "%s", "");
	if (!cmd_is(line))
		return CMD_NOT_A_COMMAND;
	at = strspn(line, " \t\r\n");
	n = strcspn(line + at, " \t\r\n|");
	snprintf(word, sizeof(word), "%.*s", (int)n, line + at);
	if (cmd_later(word) != NULL) {
		snprintf(why, cap, "%s: %s", word, cmd_later(word));
		return CMD_ERROR;
	}
	row = cmd_find(word, &many);
	if (row != NULL)
		return run_row(h, row, line, why, cap);
	if (many)
		several(word, why, cap);
	else
		unknown(word, why, cap);
	return CMD_ERROR;
}
