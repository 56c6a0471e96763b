/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CMD_CMD_INT_H
#define CMD_CMD_INT_H

/* What the files of the command table share. */
#include "marsh/cmd/cmd.h"
#include "marsh/show/show.h"

/* ---- rows ---------------------------------------------------------------- */

/* cmd_row_find returns the row whose whole word is |word|, or NULL. */
const struct cmd_row *cmd_row_find(const char *word);

/* cmd_row_args returns how many arguments |row| has. */
size_t cmd_row_args(const struct cmd_row *row);

/* cmd_fabric_only tells whether real SVCs cannot do what |row| does. */
bool cmd_fabric_only(const struct cmd_row *row);

/* cmd_later returns why |word|, a command of later versions, is not there. */
const char *cmd_later(const char *word);

/* ---- lines --------------------------------------------------------------- */

/* A word of a line: its text without quotes, and where it stood. */
struct cmd_tok {
	const char *s;
	size_t at, end; /* offsets into the line */
	bool quoted;
};

struct cmd_line {
	const char *line;
	char *text; /* what the tokens point into */
	struct cmd_tok *tok;
	size_t n;
	bool open;   /* the last token reaches the line's end */
	bool quote;  /* a quote is not closed */
};

/*
 * cmd_lex splits |line| (borrowed) into words; a comma takes blanks around it
 * into the word.  False: out of memory.
 */
bool cmd_lex(struct cmd_line *l, const char *line);
void cmd_line_free(struct cmd_line *l);

/* cmd_is_name tells whether |s| is a name as Lua's are. */
bool cmd_is_name(const char *s);
/* cmd_is_keyword tells whether |s| is a word of Lua's own. */
bool cmd_is_keyword(const char *s);

/*
 * cmd_find returns the row that |word| names or abbreviates.  Otherwise NULL
 * with *|many| set when it abbreviates several.
 */
const struct cmd_row *cmd_find(const char *word, bool *many);

/* ---- arguments ----------------------------------------------------------- */

/* How far a line's words have come through a row's arguments. */
struct cmd_walk {
	const struct cmd_row *row;
	size_t argc;
	size_t next; /* arguments before it are passed */
	unsigned used;
	int with;    /* the one that must come now, or -1 */
};

void cmd_walk_init(struct cmd_walk *w, const struct cmd_row *row);

/*
 * cmd_walk_next stores the indices of the arguments that may come now and
 * returns how many; *|end|: the line may end here.
 */
size_t cmd_walk_next(const struct cmd_walk *w, size_t idx[CMD_ARGS_MAX],
    bool *end);

/* cmd_walk_take passes argument |i|. */
void cmd_walk_take(struct cmd_walk *w, size_t i);

/* cmd_walk_match returns which of the next arguments |s| is, or -1. */
int cmd_walk_match(const struct cmd_walk *w, const char *s);

/* A line understood: what its handler gets. */
#define CMD_NORM_MAX 40
struct cmd_match {
	const struct cmd_row *row;
	const char *keys[CMD_ARGS_MAX], *values[CMD_ARGS_MAX];
	size_t n;
	char key[CMD_ARGS_MAX][CMD_NORM_MAX];
	char norm[CMD_ARGS_MAX][CMD_NORM_MAX];
	char *rest; /* owned text of CMD_REST and CMD_KNOBS */
};

/* cmd_match_line understands |l|; false with |why| filled. */
bool cmd_match_line(const struct cmd_host *h, const struct cmd_line *l,
    struct cmd_match *m, char *why, size_t cap);
void cmd_match_free(struct cmd_match *m);

/* cmd_match_get returns the value of |key|, or NULL. */
const char *cmd_match_get(const struct cmd_match *m, const char *key);

/* ---- kinds of arguments -------------------------------------------------- */

/* cmd_kind_word returns how |a| is written in a usage line, in |buf|. */
const char *cmd_kind_word(const struct cmd_arg *a, char *buf, size_t cap);

/* cmd_kind_fits tells whether |s| looks like a value of |a|. */
bool cmd_kind_fits(const struct cmd_arg *a, const char *s);

/*
 * cmd_kind_check looks at |s| closely: true with *|value| pointing to |s|,
 * |norm| or something static, or false with |why| filled.
 */
bool cmd_kind_check(const struct cmd_host *h, const struct cmd_arg *a,
    const char *s, const char **value, char norm[CMD_NORM_MAX], char *why,
    size_t cap);

/*
 * cmd_kind_complete appends all values of |a| known now that begin with
 * |part|, one a line; |before| is the word in front of it.
 */
void cmd_kind_complete(const struct cmd_host *h, const struct cmd_arg *a,
    const char *before, const char *part, struct sbuf *out);

/* cmd_choice copies choice |i| of |a| to |buf|; false: there is none. */
bool cmd_choice(const struct cmd_arg *a, size_t i, char *buf, size_t cap);

/* cmd_key copies the key of |a| to |buf| and returns it. */
const char *cmd_key(const struct cmd_arg *a, char *buf, size_t cap);

/* ---- help ---------------------------------------------------------------- */

/* cmd_usage appends "kill NODE [back SECONDS]". */
void cmd_usage(const struct cmd_row *row, struct sbuf *out);

/* ---- doing --------------------------------------------------------------- */

/* cmd_do carries out a row that has no |call|; CMD_NOT_A_COMMAND: not here. */
enum cmd_status cmd_do(const struct cmd_host *h, const struct cmd_match *m,
    char *why, size_t cap);

/*
 * cmd_show runs "show ..." with its filters; |l| is the part before the first
 * bar, |filters| the rest of the line behind it or NULL.
 */
enum cmd_status cmd_show(const struct cmd_host *h, const struct cmd_match *m,
    const char *filters, char *why, size_t cap);

#endif
