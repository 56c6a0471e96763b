/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A line's words against a row's arguments.  The same walk serves the parser,
 * completion and `?`, so that what is offered is exactly what is understood.
 *
 * Invariant of a walk: what may come next is the argument that belongs to the
 * optional word just read, or else the unused optional arguments up to and
 * including the next required one, in any order.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd_int.h"

void
cmd_walk_init(struct cmd_walk *w, const struct cmd_row *row)
{
	*w = (struct cmd_walk){ .row = row, .argc = cmd_row_args(row),
		.with = -1 };
}

size_t
cmd_walk_next(const struct cmd_walk *w, size_t idx[CMD_ARGS_MAX], bool *end)
{
	size_t n = 0;

	*end = false;
	if (w->with >= 0) {
		idx[0] = (size_t)w->with;
		return 1;
	}
	for (size_t i = w->next; i < w->argc; i++) {
		if (w->row->args[i].opt == CMD_WITH || (w->used >> i & 1u))
			continue;
		idx[n++] = i;
		if (w->row->args[i].opt == CMD_REQ)
			return n;
	}
	*end = true;
	return n;
}

void
cmd_walk_take(struct cmd_walk *w, size_t i)
{
	w->used |= 1u << i;
	w->with = -1;
	if (w->row->args[i].opt == CMD_REQ)
		w->next = i + 1;
	if (i + 1 < w->argc && w->row->args[i + 1].opt == CMD_WITH)
		w->with = (int)i + 1;
}

/* literal tells whether |s| is, or with |prefix| begins, a word of |a|. */
static bool
literal(const struct cmd_arg *a, const char *s, bool prefix)
{
	char buf[CMD_NORM_MAX];
	size_t len = strlen(s);

	if (a->kind == CMD_WORD)
		return prefix ? strncmp(a->name, s, len) == 0
			      : strcmp(a->name, s) == 0;
	if (a->kind != CMD_CHOICE)
		return false;
	for (size_t i = 0; cmd_choice(a, i, buf, sizeof(buf)); i++)
		if (strncmp(buf, s, len) == 0 && (prefix || buf[len] == '\0'))
			return true;
	return false;
}

int
cmd_walk_match(const struct cmd_walk *w, const char *s)
{
	size_t idx[CMD_ARGS_MAX], n;
	bool end;
	int found = -1;

	n = cmd_walk_next(w, idx, &end);
	for (size_t i = 0; i < n; i++)
		if (literal(&w->row->args[idx[i]], s, false))
			return (int)idx[i];
	for (size_t i = 0; i < n; i++)
		if (cmd_kind_fits(&w->row->args[idx[i]], s))
			return (int)idx[i];
	for (size_t i = 0; i < n && *s != '\0'; i++)
		if (literal(&w->row->args[idx[i]], s, true)) {
			if (found >= 0)
				return -1;
			found = (int)idx[i];
		}
	return found;
}

/* expected appends what may come now, as a usage line writes it. */
static void
expected(const struct cmd_walk *w, struct sbuf *out)
{
	size_t idx[CMD_ARGS_MAX], n;
	char buf[64];
	bool end;

	n = cmd_walk_next(w, idx, &end);
	for (size_t i = 0; i < n; i++)
		sbuf_printf(out, "%s%s",
		    i == 0 ? "" : i + 1 < n ? ", " : " or ",
		    cmd_kind_word(&w->row->args[idx[i]], buf, sizeof(buf)));
	if (n == 0)
		sbuf_puts(out, "nothing more");
}

/* suggest appends " (did you mean 'hard'?)" where some literal is near. */
static void
suggest(const struct cmd_walk *w, const char *s, struct sbuf *out)
{
	char buf[CMD_ARGS_MAX * 4][CMD_NORM_MAX];
	const char *words[CMD_ARGS_MAX * 4], *near;
	size_t idx[CMD_ARGS_MAX], n, k = 0;
	bool end;

	n = cmd_walk_next(w, idx, &end);
	for (size_t i = 0; i < n; i++) {
		const struct cmd_arg *a = &w->row->args[idx[i]];

		if (a->kind == CMD_WORD)
			words[k++] = a->name;
		for (size_t j = 0; a->kind == CMD_CHOICE && j < 4
		     && cmd_choice(a, j, buf[k], CMD_NORM_MAX); j++, k++)
			words[k] = buf[k];
	}
	near = k > 0 ? show_nearest(s, words, k) : NULL;
	if (near != NULL)
		sbuf_printf(out, " (did you mean '%s'?)", near);
}

/* unexpected explains that |t| cannot stand where it does. */
static void
unexpected(const struct cmd_walk *w, const char *s, char *why, size_t cap)
{
	struct sbuf b = { 0 };

	sbuf_printf(&b, "%s: ", w->row->word);
	if (s == NULL) {
		sbuf_puts(&b, "something is missing");
	} else {
		sbuf_puts(&b, "unexpected '");
		show_escape(&b, s, strlen(s));
		sbuf_puts(&b, "'");
		suggest(w, s, &b);
	}
	sbuf_puts(&b, "; here may stand: ");
	expected(w, &b);
	sbuf_puts(&b, "\nusage: ");
	cmd_usage(w->row, &b);
	snprintf(why, cap, "%s", b.oom ? "out of memory" : b.s);
	sbuf_free(&b);
}

/* keep adds one argument to what the handler gets. */
static void
keep(struct cmd_match *m, const struct cmd_arg *a, const char *value)
{
	m->keys[m->n] = cmd_key(a, m->key[m->n], CMD_NORM_MAX);
	m->values[m->n] = value;
	m->n++;
}

/* rest takes the line from token |t| to its end. */
static bool
rest(const struct cmd_line *l, size_t t, struct cmd_match *m, char *why,
    size_t cap)
{
	const char *s = l->line + l->tok[t].at;
	size_t n = l->tok[l->n - 1].end - l->tok[t].at;

	m->rest = malloc(n + 1);
	if (m->rest == NULL) {
		snprintf(why, cap, "out of memory");
		return false;
	}
	memcpy(m->rest, s, n);
	m->rest[n] = '\0';
	return true;
}

/* knobs_ok tells whether all words from |t| on are name=value. */
static bool
knobs_ok(const struct cmd_walk *w, const struct cmd_line *l, size_t t,
    char *why, size_t cap)
{
	for (; t < l->n; t++) {
		const char *eq = strchr(l->tok[t].s, '=');

		if (eq == NULL || eq == l->tok[t].s || eq[1] == '\0') {
			struct sbuf b = { 0 };

			sbuf_printf(&b, "%s: '", w->row->word);
			show_escape(&b, l->tok[t].s, strlen(l->tok[t].s));
			sbuf_puts(&b, "' is no name=value");
			snprintf(why, cap, "%s", b.s == NULL ? "" : b.s);
			sbuf_free(&b);
			return false;
		}
	}
	return true;
}

/* take_one matches token |*t| and moves on. */
static bool
take_one(const struct cmd_host *h, const struct cmd_line *l, size_t *t,
    struct cmd_walk *w, struct cmd_match *m, char *why, size_t cap)
{
	const char *s = l->tok[*t].s, *value = s;
	const struct cmd_arg *a;
	int i = cmd_walk_match(w, s);
	char text[256];

	if (i < 0) {
		unexpected(w, s, why, cap);
		return false;
	}
	a = &w->row->args[i];
	cmd_walk_take(w, (size_t)i);
	if (a->kind == CMD_REST || a->kind == CMD_KNOBS) {
		if (a->kind == CMD_KNOBS && !knobs_ok(w, l, *t, why, cap))
			return false;
		if (!rest(l, *t, m, why, cap))
			return false;
		keep(m, a, m->rest);
		*t = l->n;
		return true;
	}
	if (!cmd_kind_check(h, a, s, &value, m->norm[m->n], text,
	    sizeof(text))) {
		snprintf(why, cap, "%s: %s", w->row->word, text);
		return false;
	}
	if (a->kind != CMD_WORD || (a->opt == CMD_OPT && w->with < 0))
		keep(m, a, a->kind == CMD_WORD ? a->name : value);
	(*t)++;
	return true;
}

bool
cmd_match_line(const struct cmd_host *h, const struct cmd_line *l,
    struct cmd_match *m, char *why, size_t cap)
{
	size_t idx[CMD_ARGS_MAX];
	struct cmd_walk w;
	bool end;

	cmd_walk_init(&w, m->row);
	if (l->quote) {
		snprintf(why, cap, "%s: a quote is not closed", m->row->word);
		return false;
	}
	for (size_t t = 1; t < l->n;)
		if (!take_one(h, l, &t, &w, m, why, cap))
			return false;
	(void)cmd_walk_next(&w, idx, &end);
	if (!end) {
		unexpected(&w, NULL, why, cap);
		return false;
	}
	return true;
}

void
cmd_match_free(struct cmd_match *m)
{
	free(m->rest);
	m->rest = NULL;
}

const char *
cmd_match_get(const struct cmd_match *m, const char *key)
{
	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->keys[i], key) == 0)
			return m->values[i];
	return NULL;
}
