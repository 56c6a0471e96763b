/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows that users write.  Their arguments come as text in the order of the
 * line, which is small enough to be learnt from one example:
 *
 *	node node: whom to greet, [times n number], [how choice(loud|soft)]
 *
 * Parts are separated by commas; brackets make a part optional; what follows a
 * colon is its help.  A part is "key kind"; or "word key kind", a literal word
 * and the value behind it; or a literal word alone; or a kind alone, which then
 * is its own key.
 *
 * Invariant: what is wrong is told by the name of the field and the part, so
 * that nobody has to guess which of the five texts was meant.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd_int.h"
#include "marsh/base/err.h"

#define WORD_MAX 31 /* as long as cmd_is reads */
#define PART_WORDS 3

static const struct {
	const char *word;
	enum cmd_arg_kind kind;
} kinds[] = {
	{ "node", CMD_NODE }, { "nodes", CMD_NODES }, { "server", CMD_SERVER },
	{ "client", CMD_CLIENT }, { "group", CMD_GROUP }, { "op", CMD_OP },
	{ "number", CMD_NUMBER }, { "time", CMD_TIME }, { "prob", CMD_PROB },
	{ "scsp", CMD_SCSP },
	{ "file", CMD_FILE }, { "choice", CMD_CHOICE }, { "rest", CMD_REST },
};
#define KINDS (sizeof(kinds) / sizeof(*kinds))

/* What is being made, and where complaints go. */
struct define {
	struct cmd_row row;
	size_t n;
	char *text; /* a copy of the arguments, cut into strings */
	char *joined[CMD_ARGS_MAX]; /* "key:a|b" of choices, owned */
	char *why;
	size_t cap;
};

/* complain fills |why| with "field: 'part' what"; always false. */
static bool
complain(struct define *d, const char *field, const char *part,
    const char *what)
{
	struct sbuf b = { 0 };

	sbuf_printf(&b, "%s: ", field);
	if (part != NULL) {
		sbuf_puts(&b, "'");
		show_escape(&b, part, strlen(part));
		sbuf_puts(&b, "' ");
	}
	sbuf_puts(&b, what);
	snprintf(d->why, d->cap, "%s", b.oom ? "out of memory" : b.s);
	sbuf_free(&b);
	return false;
}

/* ---- kinds --------------------------------------------------------------- */

/* kind_of returns the index of the kind that |s| names, or KINDS. */
static size_t
kind_of(const char *s)
{
	char low[16];
	size_t n = strcspn(s, "("), i;

	if (n >= sizeof(low))
		return KINDS;
	for (i = 0; i < n; i++)
		low[i] = (char)tolower((unsigned char)s[i]);
	low[n] = '\0';
	for (i = 0; i < KINDS; i++)
		if (strcmp(kinds[i].word, low) == 0
		    && (s[n] == '\0' || kinds[i].kind == CMD_CHOICE))
			break;
	return i;
}

static bool
no_kind(struct define *d, const char *s)
{
	const char *words[KINDS], *near;
	struct sbuf b = { 0 };

	for (size_t i = 0; i < KINDS; i++)
		words[i] = kinds[i].word;
	near = show_nearest(s, words, KINDS);
	sbuf_puts(&b, "is no kind of argument");
	if (near != NULL)
		sbuf_printf(&b, " (did you mean '%s'?)", near);
	sbuf_puts(&b, "; there are");
	for (size_t i = 0; i < KINDS; i++)
		sbuf_printf(&b, "%s %s%s", i == 0 ? "" : ",", words[i],
		    kinds[i].kind == CMD_CHOICE ? "(a|b)" : "");
	complain(d, "args", s, b.oom ? "is no kind of argument" : b.s);
	sbuf_free(&b);
	return false;
}

/* join makes "key:a|b" of |key| and "choice(a|b)"; NULL with |why| filled. */
static char *
join(struct define *d, const char *key, const char *choice)
{
	const char *from = strchr(choice, '(');
	size_t n = from == NULL ? 0 : strlen(from), word = 0;
	char *s;

	for (size_t i = 1; i < n; i++) {
		bool end = strchr("|)", from[i]) != NULL;

		word = end ? 0 : word + 1;
		if ((end && strchr("(|", from[i - 1]) != NULL)
		    || word >= CMD_NORM_MAX || (from[i] == ')' && i + 1 < n))
			n = 0;
	}
	if (n < 3 || from[n - 1] != ')') {
		complain(d, "args", choice, "is written choice(a|b)");
		return NULL;
	}
	s = malloc(strlen(key) + n);
	if (s == NULL) {
		complain(d, "args", NULL, "out of memory");
		return NULL;
	}
	sprintf(s, "%s:%.*s", key, (int)n - 2, from + 1);
	return s;
}

/* ---- parts --------------------------------------------------------------- */

static bool
key_ok(struct define *d, const char *key)
{
	char was[CMD_NORM_MAX];

	if (!cmd_is_name(key) || cmd_is_keyword(key)
	    || strlen(key) >= CMD_NORM_MAX)
		return complain(d, "args", key, "is no name for a value: "
		    "handlers read it as a.NAME");
	for (size_t i = 0; i < d->n; i++) {
		const struct cmd_arg *a = &d->row.args[i];
		bool value = a->kind != CMD_WORD || (a->opt == CMD_OPT
		    && (i + 1 == d->n || a[1].opt != CMD_WITH));

		if (value && strcmp(cmd_key(a, was, sizeof(was)), key) == 0)
			return complain(d, "args", key, "is there twice");
	}
	return true;
}

static bool
add_arg(struct define *d, enum cmd_arg_kind kind, const char *name,
    const char *help, uint8_t opt)
{
	if (d->n == CMD_ARGS_MAX)
		return complain(d, "args", NULL, "there are too many; a line "
		    "has room for 8 words and values");
	if (d->n > 0 && d->row.args[d->n - 1].kind == CMD_REST)
		return complain(d, "args", name, "stands behind a rest, which "
		    "takes all of the line");
	d->row.args[d->n++] = (struct cmd_arg){ kind, name, help, opt };
	return true;
}

static bool
add_value(struct define *d, const char *key, const char *kind,
    const char *help, uint8_t opt)
{
	size_t k = kind_of(kind);
	char *joined = NULL;

	if (k == KINDS)
		return no_kind(d, kind);
	if (!key_ok(d, key))
		return false;
	if (kinds[k].kind == CMD_CHOICE) {
		joined = join(d, key, kind);
		if (joined == NULL)
			return false;
		key = joined;
	}
	if (!add_arg(d, kinds[k].kind, key, help, opt)) {
		free(joined);
		return false;
	}
	d->joined[d->n - 1] = joined;
	return true;
}

static bool
add_word(struct define *d, const char *word, const char *help, uint8_t opt)
{
	if (strpbrk(word, "[](){}|'\"") != NULL)
		return complain(d, "args", word, "is no word of a line");
	if (strlen(word) >= CMD_NORM_MAX)
		return complain(d, "args", word, "is too long");
	return add_arg(d, CMD_WORD, word, help, opt);
}

/* split cuts |s| at blanks; returns how many words there are, up to a few. */
static size_t
split(char *s, char *word[PART_WORDS + 1])
{
	size_t n = 0;

	while (*(s += strspn(s, " \t\n")) != '\0' && n <= PART_WORDS) {
		word[n++] = s;
		s += strcspn(s, " \t\n");
		if (*s != '\0')
			*s++ = '\0';
	}
	return n;
}

/* part adds what stands between two commas. */
static bool
part(struct define *d, char *s)
{
	char *word[PART_WORDS + 1], *help = strchr(s, ':');
	size_t n;
	uint8_t opt = CMD_REQ;

	if (help != NULL) {
		*help++ = '\0';
		help += strspn(help, " \t\n");
	}
	n = split(s, word);
	if (n == 0)
		return complain(d, "args", NULL, "nothing stands between two "
		    "commas or brackets");
	if (*word[0] == '[') {
		opt = CMD_OPT;
		word[0]++;
	}
	if (n > PART_WORDS)
		return complain(d, "args", word[0], "begins a part of more "
		    "than three words; parts are separated by commas");
	if (n == 1 && kind_of(word[0]) < KINDS
	    && kinds[kind_of(word[0])].kind != CMD_CHOICE)
		return add_value(d, word[0], word[0], help, opt);
	if (n == 1 && opt == CMD_OPT && !key_ok(d, word[0]))
		return false;
	if (n != 2 && !add_word(d, word[0], n == 1 ? help : NULL, opt))
		return false;
	return n == 1 || add_value(d, word[n - 2], word[n - 1], help,
	    n == 3 && opt == CMD_OPT ? CMD_WITH : opt);
}

/* brackets takes the closing one off the part |s|; false: they do not match. */
static bool
brackets(struct define *d, char *s)
{
	size_t n = strlen(s), open;

	while (n > 0 && isspace((unsigned char)s[n - 1]))
		s[--n] = '\0';
	s += strspn(s, " \t\n");
	n = strlen(s);
	open = *s == '[';
	if (open != (n > 0 && s[n - 1] == ']'))
		return complain(d, "args", s, "lacks a bracket");
	if (open) {
		s[n - 1] = '\0';
		/* "[ n number ]" is as good as "[n number]" */
		for (n = 1; s[n] == ' ' || s[n] == '\t'; n++)
			s[n - 1] = ' ';
		s[n - 1] = '[';
	}
	return true;
}

static bool
parts(struct define *d, const char *args)
{
	size_t len = strlen(args);
	char *s, *end;
	bool more = true;

	d->text = malloc(len + 1);
	if (d->text == NULL)
		return complain(d, "args", NULL, "out of memory");
	memcpy(d->text, args, len + 1);
	if (args[strspn(args, " \t\n")] == '\0')
		return true;
	for (s = d->text; more; s = end + 1) {
		end = s + strcspn(s, ",");
		more = *end == ',';
		*end = '\0';
		if (!brackets(d, s) || !part(d, s))
			return false;
	}
	return true;
}

/* ---- the other texts ------------------------------------------------------ */

static bool
texts(struct define *d)
{
	const struct cmd_row *row = &d->row;

	if (!cmd_is_name(row->word) || cmd_is_keyword(row->word)
	    || strlen(row->word) > WORD_MAX)
		return complain(d, "word", row->word, "is no word a command "
		    "can have: letters, digits and '_', up to 31, none of "
		    "Lua's own");
	for (const char *s = row->help; *s != '\0'; s++)
		if (iscntrl((unsigned char)*s))
			return complain(d, "help", NULL, "is to be one line");
	if (*row->help == '\0')
		return complain(d, "help", NULL, "says nothing");
	for (const char *s = row->example; s != NULL && *s != '\0'; s++)
		if (iscntrl((unsigned char)*s))
			return complain(d, "example", NULL, "is to be one "
			    "line");
	return true;
}

static bool
add(struct define *d)
{
	int err;

	(void)cmd_remove(d->row.word); /* told again: the new one counts */
	err = cmd_add(&d->row);
	if (err == MARSH_EEXIST)
		return complain(d, "word", d->row.word,
		    "is a command of marsh itself");
	return err == 0 || complain(d, "word", d->row.word,
	    marsh_err_text(err));
}

int
cmd_define(const char *word, const char *args, const char *help,
    const char *example, char *why, size_t cap)
{
	struct define d = { .row = { .word = word, .help = help,
		.example = example, .call = word }, .why = why, .cap = cap };
	bool ok = texts(&d) && parts(&d, args == NULL ? "" : args) && add(&d);

	for (size_t i = 0; i < CMD_ARGS_MAX; i++)
		free(d.joined[i]);
	free(d.text);
	return ok ? 0 : -1;
}
