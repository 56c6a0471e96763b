/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TAB and `?`.  Both walk the words in front of the cursor through the row as
 * the parser does and then say what may come next: TAB as words, `?` with an
 * explanation of each.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd_words.h"

/* Where the cursor is: the words before it, and the word it stands in. */
struct place {
	struct cmd_line l;
	size_t n;         /* whole words in front */
	const char *part; /* of the word at the cursor; "" */
	const char *before; /* the last whole word, or "" */
	size_t at;        /* where |part| starts in the line */
	int filter;       /* behind a bar: 1 a filter's word, 2 its argument */
	struct cmd_walk w;
	bool lost;        /* the words in front are wrong */
};

/* bar returns the last '|' outside quotes, or NULL. */
static const char *
bar(const char *s)
{
	const char *found = NULL;
	char q = 0;

	for (; *s != '\0'; s++) {
		if (q != 0)
			q = *s == q ? 0 : q;
		else if (*s == '"' || *s == '\'')
			q = *s;
		else if (*s == '|')
			found = s;
	}
	return found;
}

static void
walk(struct place *p)
{
	bool many;
	const struct cmd_row *row = cmd_find(p->l.tok[0].s, &many);

	p->lost = row == NULL;
	if (row == NULL)
		return;
	cmd_walk_init(&p->w, row);
	for (size_t t = 1; t < p->n && !p->lost; t++) {
		int i = cmd_walk_match(&p->w, p->l.tok[t].s);

		p->lost = i < 0;
		if (i < 0)
			break;
		/* these take whatever comes: the walk stays before them */
		if (row->args[i].kind == CMD_REST
		    || row->args[i].kind == CMD_KNOBS)
			break;
		cmd_walk_take(&p->w, (size_t)i);
	}
}

/* listing tells whether |t| ends in a comma: the next name belongs to it. */
static bool
listing(const struct cmd_tok *t)
{
	size_t n = strlen(t->s);

	return n > 0 && t->s[n - 1] == ',';
}

static bool
place_of(struct place *p, const char *line)
{
	const char *b;
	size_t n = strlen(line);

	*p = (struct place){ .part = "", .before = "", .at = n };
	if (!cmd_lex(&p->l, line))
		return false;
	p->n = p->l.n;
	if (p->n > 0 && (p->l.open || listing(&p->l.tok[p->n - 1]))) {
		p->n--;
		p->part = p->l.tok[p->n].s;
		p->at = p->l.tok[p->n].at;
	}
	if (p->n > 0)
		p->before = p->l.tok[p->n - 1].s;
	if (p->n == 0)
		return true;
	b = bar(line);
	if (b != NULL && strncmp(p->l.tok[0].s, "sh", 2) == 0) {
		p->filter = p->n > 0 && p->before[0] != '\0'
			&& strchr(p->before, '|') == NULL ? 2 : 1;
		if (strchr(p->part, '|') != NULL) {
			p->filter = 1;
			p->at = (size_t)(b - line) + 1;
			p->part = strrchr(p->part, '|') + 1;
		}
		return true;
	}
	walk(p);
	return true;
}

static void
offer_commands(const char *part, struct sbuf *out)
{
	size_t n;
	const struct cmd_row *rows = cmd_rows(&n);

	for (size_t i = 0; i < n; i++)
		cmd_offer(rows[i].word, part, out);
}

void
cmd_kind_complete(const struct cmd_host *h, const struct cmd_arg *a,
    const char *before, const char *part, struct sbuf *out)
{
	const char *const *words = NULL;
	char buf[CMD_NORM_MAX];
	const char *topic;
	size_t n;

	switch (a->kind) {
	case CMD_WORD:
		cmd_offer(a->name, part, out);
		break;
	case CMD_CHOICE:
		for (n = 0; cmd_choice(a, n, buf, sizeof(buf)); n++)
			cmd_offer(buf, part, out);
		break;
	case CMD_NODE:
	case CMD_SERVER:
	case CMD_CLIENT:
	case CMD_NODES:
	case CMD_SCSP:
	case CMD_CACHE:
		cmd_offer_nodes(h, a->kind, part, out);
		break;
	case CMD_KEY:
		cmd_offer_keys(h, before, part, out);
		break;
	case CMD_ABOUT:
		topic = cmd_topic_find(before);
		if (cmd_topic_kind(topic) != CMD_NUMBER)
			cmd_offer_nodes(h, cmd_topic_kind(topic), part, out);
		break;
	case CMD_GROUP:
		cmd_offer_groups(h, part, out);
		break;
	case CMD_FILE:
		cmd_offer_files(part, out);
		break;
	case CMD_COMMAND:
		offer_commands(part, out);
		break;
	case CMD_OP:
		words = cmd_words_ops();
		break;
	case CMD_TOPIC:
		words = show_topics();
		break;
	case CMD_EVENT:
		words = cmd_words_events();
		break;
	case CMD_TOPOLOGY:
		words = h->topologies == NULL ? NULL : h->topologies(h->ctx);
		break;
	case CMD_KNOBS:
		for (words = cmd_words_knobs(h); *words != NULL; words++)
			if (strncmp(*words, part, strlen(part)) == 0)
				sbuf_printf(out, "%s=\n", *words);
		return;
	default:
		break;
	}
	for (; words != NULL && *words != NULL; words++)
		cmd_offer(*words, part, out);
}

/* rest_arg completes "until" and "watch": events and nodes, or commands. */
static bool
rest_arg(const struct cmd_host *h, const struct place *p, struct sbuf *out)
{
	struct cmd_arg a = { .name = "" };

	if (strcmp(p->w.row->word, "until") == 0) {
		a.kind = p->n == 1 ? CMD_EVENT : CMD_NODE;
		cmd_kind_complete(h, &a, p->before, p->part, out);
		return true;
	}
	if (strcmp(p->w.row->word, "watch") == 0 && p->l.n > 0) {
		size_t from = p->n > 1 ? p->l.tok[1].at : p->at;

		cmd_complete(h, p->l.line + from, out);
		return true;
	}
	return false;
}

static void
filter_words(const struct place *p, struct sbuf *out)
{
	static const char *const words[] = { "json", "count", "grep" };

	for (size_t i = 0; p->filter == 1
	     && i < sizeof(words) / sizeof(*words); i++)
		cmd_offer(words[i], p->part, out);
}

void
cmd_complete(const struct cmd_host *h, const char *line, struct sbuf *out)
{
	struct cmd_arg words = { .kind = CMD_COMMAND, .name = "" };
	size_t idx[CMD_ARGS_MAX], n;
	const char *part;
	struct place p;
	bool end;

	if (!place_of(&p, line))
		return;
	part = strrchr(p.part, ',') == NULL ? p.part : strrchr(p.part, ',') + 1;
	if (p.n == 0) {
		cmd_kind_complete(h, &words, "", p.part, out);
	} else if (p.filter != 0) {
		filter_words(&p, out);
	} else if (!p.lost) {
		n = cmd_walk_next(&p.w, idx, &end);
		for (size_t i = 0; i < n; i++) {
			const struct cmd_arg *a = &p.w.row->args[idx[i]];

			if (a->kind == CMD_REST)
				rest_arg(h, &p, out);
			else
				cmd_kind_complete(h, a, p.before,
				    a->kind == CMD_NODES ? part : p.part, out);
		}
	}
	cmd_line_free(&p.l);
}

size_t
cmd_complete_at(const char *line)
{
	struct place p;
	size_t at, n = strlen(line);

	if (!place_of(&p, line))
		return n;
	at = p.at;
	/* a list is completed name by name */
	for (size_t i = n; i > at; i--)
		if (line[i - 1] == ',') {
			for (at = i; line[at] == ' ' || line[at] == '\t';)
				at++;
			break;
		}
	cmd_line_free(&p.l);
	return at;
}

/* known appends the values of |a| that exist now, the first dozen. */
static void
known(const struct cmd_host *h, const struct cmd_arg *a, const char *before,
    struct sbuf *out)
{
	struct sbuf b = { 0 };
	size_t n = 0, len;

	if (a->kind == CMD_WORD || a->kind == CMD_FILE || a->kind == CMD_CHOICE
	    || a->kind == CMD_TOPIC)
		return;
	cmd_kind_complete(h, a, before, "", &b);
	for (char *s = b.s; s != NULL && *s != '\0'; s += len + 1) {
		len = strcspn(s, "\n");
		sbuf_printf(out, "%s%.*s", n == 0 ? ": " : " ", (int)len, s);
		if (++n == 12 && s[len + 1] != '\0') {
			sbuf_puts(out, " ...");
			break;
		}
	}
	sbuf_free(&b);
}

static void
explain(const struct cmd_host *h, const struct cmd_arg *a, const char *before,
    struct sbuf *out)
{
	const char *const *t;
	char buf[64];

	sbuf_printf(out, "  %-14s %s", cmd_kind_word(a, buf, sizeof(buf)),
	    a->help == NULL ? "" : a->help);
	known(h, a, before, out);
	sbuf_puts(out, "\n");
	for (t = show_topics(); a->kind == CMD_TOPIC && *t != NULL; t++)
		sbuf_printf(out, "    %-12s %s\n", *t,
		    show_topic_help(*t) == NULL ? "" : show_topic_help(*t));
}

/* commands lists the commands that begin with |part|. */
static void
commands(const char *part, struct sbuf *out)
{
	size_t n, len = strlen(part);
	const struct cmd_row *rows = cmd_rows(&n);

	for (size_t i = 0; i < n; i++)
		if (strncmp(rows[i].word, part, len) == 0)
			sbuf_printf(out, "  %-12s %s\n", rows[i].word,
			    rows[i].help);
}

/* here explains what may stand at |p|, whose row is known. */
static void
here(const struct cmd_host *h, const struct place *p, struct sbuf *out)
{
	size_t idx[CMD_ARGS_MAX], n;
	bool end;

	sbuf_printf(out, "%s\nusage: ", p->w.row->help);
	cmd_usage(p->w.row, out);
	sbuf_puts(out, "\n");
	n = cmd_walk_next(&p->w, idx, &end);
	for (size_t i = 0; i < n; i++)
		explain(h, &p->w.row->args[idx[i]], p->before, out);
	if (end)
		sbuf_puts(out, "  <Enter>        run it\n");
	if (strcmp(p->w.row->word, "show") == 0 && p->n > 1)
		sbuf_puts(out, "  | json         as JSON\n"
		    "  | count        only how many rows\n"
		    "  | grep WORD    only rows with WORD in them\n");
	if (p->w.row->example != NULL)
		sbuf_printf(out, "example: %s\n", p->w.row->example);
}

void
cmd_help_at(const struct cmd_host *h, const char *line, struct sbuf *out)
{
	struct place p;

	if (!place_of(&p, line))
		return;
	if (p.n == 0) {
		size_t before = out->len;

		commands(p.part, out);
		if (out->len == before && *p.part != '\0')
			sbuf_puts(out, "no command begins so; 'help' lists "
			    "them, anything else is Lua\n");
	} else if (p.filter != 0) {
		sbuf_puts(out, "  json           as JSON\n"
		    "  count          only how many rows\n"
		    "  grep WORD      only rows with WORD in them\n");
	} else if (p.w.row == NULL) {
		sbuf_puts(out, "no such command; 'help' lists them\n");
	} else {
		if (p.lost)
			sbuf_puts(out, "the line does not fit so far\n");
		here(h, &p, out);
	}
	cmd_line_free(&p.l);
}
