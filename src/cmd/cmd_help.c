/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Help and the manual's list of commands, both made from the rows: nothing is
 * explained in two places.
 */
#include <stdio.h>
#include <string.h>

#include "cmd/cmd_int.h"
#include "marsh/base/err.h"

#define APART                                                                  \
	"on the emulated fabric: real SVCs have the world's faults, and "  \
	"its time.\n"

void
cmd_usage(const struct cmd_row *row, struct sbuf *out)
{
	size_t n = cmd_row_args(row);
	char buf[64];

	sbuf_puts(out, row->word);
	for (size_t i = 0; i < n; i++) {
		const struct cmd_arg *a = &row->args[i];
		bool with = i + 1 < n && row->args[i + 1].opt == CMD_WITH;

		cmd_kind_word(a, buf, sizeof(buf));
		if (a->opt == CMD_WITH)
			sbuf_printf(out, " %s]", buf);
		else if (a->opt == CMD_OPT)
			sbuf_printf(out, " [%s%s", buf, with ? "" : "]");
		else
			sbuf_printf(out, " %s", buf);
	}
	if (strcmp(row->word, "show") == 0)
		sbuf_puts(out, " [| json] [| count] [| grep WORD]");
}

static void
list(struct sbuf *out)
{
	size_t n;
	const struct cmd_row *rows = cmd_rows(&n);

	sbuf_puts(out, "Commands (any unambiguous beginning will do; TAB "
	    "completes, ? explains):\n");
	for (size_t i = 0; i < n; i++)
		sbuf_printf(out, "%c %-12s %s\n",
		    cmd_fabric_only(&rows[i]) ? '*' : ' ', rows[i].word,
		    rows[i].help);
	sbuf_puts(out, "* only " APART
	    "Everything else is Lua: C1.cmi prints a value, "
	    "help(C1) explains an object.\n"
	    "'help WORD' tells more about a command.\n");
}

static void
one(const struct cmd_row *row, struct sbuf *out)
{
	size_t n = cmd_row_args(row);
	const char *const *t;
	char buf[64];

	sbuf_printf(out, "%s\n%susage: ", row->help,
	    cmd_fabric_only(row) ? "Only " APART : "");
	cmd_usage(row, out);
	sbuf_puts(out, "\n");
	for (size_t i = 0; i < n; i++)
		if (row->args[i].help != NULL)
			sbuf_printf(out, "  %-14s %s\n",
			    cmd_kind_word(&row->args[i], buf, sizeof(buf)),
			    row->args[i].help);
	for (t = show_topics(); strcmp(row->word, "show") == 0 && *t != NULL;
	     t++)
		sbuf_printf(out, "    %-12s %s\n", *t,
		    show_topic_help(*t) == NULL ? "" : show_topic_help(*t));
	if (row->example != NULL)
		sbuf_printf(out, "example: %s\n", row->example);
}

int
cmd_help(const char *word, struct sbuf *out)
{
	const struct cmd_row *row;
	bool many;

	if (word == NULL) {
		list(out);
		return 0;
	}
	row = cmd_find(word, &many);
	if (row == NULL && cmd_later(word) != NULL) {
		sbuf_printf(out, "%s\n", cmd_later(word));
		return 0;
	}
	if (row == NULL)
		return MARSH_ENOENT;
	one(row, out);
	return 0;
}

/* esc appends |s| as mdoc text: no line may begin with a control character. */
static void
esc(const char *s, struct sbuf *out)
{
	for (; *s != '\0'; s++) {
		if (*s == '\\')
			sbuf_puts(out, "\\e");
		else if (*s == '-')
			sbuf_puts(out, "\\-");
		else
			sbuf_put(out, s, 1);
	}
}

/* man_args appends the arguments of |row| as macros on an .It line. */
static void
man_args(const struct cmd_row *row, struct sbuf *out)
{
	size_t n = cmd_row_args(row);
	char buf[64];

	for (size_t i = 0; i < n; i++) {
		const struct cmd_arg *a = &row->args[i];
		bool fixed = a->kind == CMD_WORD || a->kind == CMD_CHOICE;

		if (a->opt == CMD_OPT)
			sbuf_puts(out, " Oo");
		sbuf_puts(out, fixed ? " Cm " : " Ar ");
		cmd_kind_word(a, buf, sizeof(buf));
		for (char *p = buf; !fixed && *p != '\0'; p++)
			if (*p >= 'A' && *p <= 'Z')
				*p = (char)(*p - 'A' + 'a');
		esc(buf, out);
		if (a->opt != CMD_REQ
		    && (i + 1 == n || row->args[i + 1].opt != CMD_WITH))
			sbuf_puts(out, " Oc");
	}
}

void
cmd_man(struct sbuf *out)
{
	size_t n;
	const struct cmd_row *rows = cmd_rows(&n);

	sbuf_puts(out, ".Bl -tag -width Ds\n");
	for (size_t i = 0; i < n; i++) {
		sbuf_printf(out, ".It Ic %s", rows[i].word);
		man_args(&rows[i], out);
		sbuf_puts(out, "\n");
		esc(rows[i].help, out);
		if (cmd_fabric_only(&rows[i]))
			sbuf_puts(out, "\nNot on real SVCs.");
		if (rows[i].example != NULL) {
			sbuf_puts(out, "\nExample:\n.Dl ");
			esc(rows[i].example, out);
		}
		sbuf_puts(out, "\n");
	}
	sbuf_puts(out, ".El\n");
}
