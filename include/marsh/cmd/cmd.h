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
	CMD_FILE, CMD_CHOICE,  /* one of |name|, "soft|hard" */
	CMD_REST,    /* the rest of the line */
};

struct cmd_arg {
	enum cmd_arg_kind kind;
	const char *name; /* key in the handler's table, or the literal word */
	const char *help;
	uint8_t opt;      /* may be left out */
};

#define CMD_ARGS_MAX 8
struct cmd_row {
	const char *word;
	const char *help;    /* one line */
	const char *example; /* runnable */
	const char *call;    /* name in marsh.commands; NULL: handled in C */
	struct cmd_arg args[CMD_ARGS_MAX];
};

/* What the table needs from above; all borrowed. */
struct cmd_host {
	struct world *(*world)(void *ctx);
	/* calls marsh.commands[name]; 0 or -1 with the message printed */
	int (*call)(void *ctx, const char *name, const char *const *keys,
	    const char *const *values, size_t n);
	/* words for CMD_TOPOLOGY, NULL-terminated */
	const char *const *(*topologies)(void *ctx);
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
/* cmd_reset forgets users' rows. */
void cmd_reset(void);

enum cmd_status {
	CMD_OK,
	CMD_NOT_A_COMMAND, /* the first word is none: it is Lua */
	CMD_ERROR,         /* |why| says what was wrong and where */
	CMD_QUIT,
};

/* cmd_is tells whether |line|'s first word is a command (or abbreviates one). */
bool cmd_is(const char *line);

/* cmd_run parses and runs |line|. */
enum cmd_status cmd_run(const struct cmd_host *h, const char *line, char *why,
    size_t cap);

/* cmd_complete appends what may stand at |line|'s end, one a line. */
void cmd_complete(const struct cmd_host *h, const char *line, struct sbuf *out);

/* cmd_help_at appends the help for `?` typed at |line|'s end. */
void cmd_help_at(const struct cmd_host *h, const char *line, struct sbuf *out);

/* cmd_help appends help about |word|; NULL: all commands.  MARSH_ENOENT. */
int cmd_help(const char *word, struct sbuf *out);

/* cmd_man appends the commands as mdoc for marsh.1. */
void cmd_man(struct sbuf *out);

#endif
