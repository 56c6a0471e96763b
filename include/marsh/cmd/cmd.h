/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_CMD_CMD_H
#define MARSH_CMD_CMD_H

/*
 * The commands of the shell as rows of one table: word, arguments with their
 * kinds, help, handler.  Parsing, shortest-prefix abbreviation, completion,
 * `?` help and the manual all come from the same rows.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sbuf;
struct world;

enum cmd_arg_kind {
	CMD_WORD,    /* a literal word, in |name| */
	CMD_NODE, CMD_NODES,   /* one node; several, joined by ',' */
	CMD_SERVER, CMD_CLIENT,
	CMD_GROUP,   /* an address or a range */
	CMD_OP,      /* a message type */
	CMD_NUMBER, CMD_TIME,  /* seconds */
	CMD_PROB,    /* 0..1 */
	CMD_TOPIC,   /* after show */
	CMD_TOPOLOGY, CMD_KNOBS, /* lab.ft; name=value ... */
	CMD_FILE,
	CMD_CHOICE,  /* "mode:soft|hard": key mode, one of soft and hard */
	CMD_REST,    /* the rest of the line, as typed */
	CMD_ABOUT,   /* what the topic in front of it is about */
	CMD_EVENT,   /* a kind of event */
	CMD_COMMAND, /* the word of a command */
	CMD_SCSP,    /* an SCSP server */
	CMD_CACHE,   /* a MARS or an SCSP server */
	CMD_KEY,     /* of an entry of the server in front of it */
	CMD_KIND_COUNT,
};

/* cmd_arg.opt */
#define CMD_REQ 0  /* required */
#define CMD_OPT 1  /* may be left out; a run of such stands in any order */
#define CMD_WITH 2 /* follows the optional word in front of it */

struct cmd_arg {
	enum cmd_arg_kind kind;
	const char *name; /* key in the handler's table, or the literal word */
	const char *help;
	uint8_t opt;      /* CMD_REQ, CMD_OPT, CMD_WITH */
};

/*
 * What a handler gets: a key for each argument given, all values text.  Spans
 * of time are in seconds, nodes joined by ','.  A literal word is passed, as
 * cold = "cold", only when it is optional and no value follows it; "back 30" is
 * back = "30".
 */

#define CMD_ARGS_MAX 8
struct cmd_row {
	const char *word;
	const char *help;    /* one line */
	const char *example; /* runnable */
	const char *call;    /* name in marsh.commands; NULL: handled in C */
	struct cmd_arg args[CMD_ARGS_MAX];
};

enum cmd_status {
	CMD_OK,
	CMD_NOT_A_COMMAND, /* the first word is none: it is Lua */
	CMD_ERROR,         /* |why| says what was wrong and where */
	CMD_QUIT,
};

/* What the table needs from above; all borrowed. */
struct cmd_host {
	struct world *(*world)(void *ctx);
	/* calls marsh.commands[name]; 0 or -1 with the message printed */
	int (*call)(void *ctx, const char *name, const char *const *keys,
	    const char *const *values, size_t n);
	/*
	 * Does what only the one who holds the terminal can: rows with neither
	 * |call| nor a handler of the table's own (pause, speed, history, ...).
	 * NULL: such commands work only at the prompt.
	 */
	enum cmd_status (*shell)(void *ctx, const char *word,
	    const char *const *keys, const char *const *values, size_t n,
	    char *why, size_t cap);
	/* words for CMD_TOPOLOGY and CMD_KNOBS, NULL-terminated; may be NULL */
	const char *const *(*topologies)(void *ctx);
	const char *const *(*knobs)(void *ctx);
	/* shows |text| (paged where it does not fit) */
	void (*output)(void *ctx, const char *text, size_t len);
	void *ctx;
	size_t width; /* of the terminal, 0: unlimited */
	bool color, utf8;
};

/* cmd_rows returns the table and its length, user rows included. */
const struct cmd_row *cmd_rows(size_t *n);

/* cmd_add appends a user's row (deep-copied).  MARSH_EEXIST, MARSH_EINVAL. */
int cmd_add(const struct cmd_row *row);
/* cmd_remove forgets the user's row of |word|.  MARSH_ENOENT: there is none. */
int cmd_remove(const char *word);
/*
 * cmd_define adds or replaces a user's row whose function in marsh.commands is
 * called as its word.  |args| is as marsh-lua(3) says, "node node: whom to
 * greet, [n number]", or NULL, as |example| may be.  0, or -1 with |why| filled.
 */
int cmd_define(const char *word, const char *args, const char *help,
    const char *example, char *why, size_t cap);
/* cmd_reset forgets users' rows. */
void cmd_reset(void);

/*
 * cmd_is tells whether |line| is meant as a command rather than as Lua:
 *
 * - not if its first word is no name or a word of Lua's own (local, return);
 * - not if an operator that only Lua has stands at once behind that word, or
 *   one of = ( [ { , : behind blanks (but "==" is as good as "=");
 * - a whole command word always is;
 * - any other word is if another word or a number follows, because two names in
 *   a row are never Lua ("k M1" is "kill M1", "klil M1" gets a suggestion);
 * - standing alone it is if it abbreviates a command with two letters or more.
 */
bool cmd_is(const char *line);

/*
 * cmd_abbrev tells whether |line| is one word alone that only abbreviates a
 * command: a caller that knows a Lua global of that name should prefer it.
 */
bool cmd_abbrev(const char *line);

/* cmd_run parses and runs |line|. */
enum cmd_status cmd_run(const struct cmd_host *h, const char *line, char *why,
    size_t cap);

/*
 * cmd_complete appends what may stand at |line|'s end, one a line: whole words
 * that replace |line| from cmd_complete_at on.
 */
void cmd_complete(const struct cmd_host *h, const char *line, struct sbuf *out);

/* cmd_complete_at returns where in |line| the word to be completed starts. */
size_t cmd_complete_at(const char *line);

/* cmd_help_at appends the help for `?` typed at |line|'s end. */
void cmd_help_at(const struct cmd_host *h, const char *line, struct sbuf *out);

/* cmd_help appends help about |word|; NULL: all commands.  MARSH_ENOENT. */
int cmd_help(const char *word, struct sbuf *out);

/* cmd_man appends the commands as mdoc for marsh.1. */
void cmd_man(struct sbuf *out);

#endif
