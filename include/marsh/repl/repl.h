/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_REPL_REPL_H
#define MARSH_REPL_REPL_H

/*
 * The shell people type at, and the same lines read from where no one types.
 * A line is a command of the table or else Lua.
 */
#include <stdbool.h>
#include <stdio.h>

struct script;

struct repl_cfg {
	struct script *script;
	double speed; /* virtual seconds per real second at the prompt */
	bool max;     /* what follows a command happens at once */
	bool quiet;   /* no greeting */
	bool color, utf8;
};

/*
 * repl_signals lets Ctrl-C stop what |s| runs.  With |prompt| false a second
 * Ctrl-C that finds the first one unanswered ends the process with 130.
 */
void repl_signals(struct script *s, bool prompt);

/* repl_run is the interactive shell on stdin; returns the exit status. */
int repl_run(const struct repl_cfg *cfg);

/*
 * repl_batch runs the lines of |in|; messages call it |name|.  It ends at the
 * first error.  Returns the exit status without what script_finish has to say:
 * 0, 3 or 130.
 */
int repl_batch(const struct repl_cfg *cfg, FILE *in, const char *name);

/* repl_code runs |code| of option -e: one command, or Lua.  As repl_batch. */
int repl_code(const struct repl_cfg *cfg, const char *code);

/* repl_error prints "marsh: |message|" to stderr, escaped. */
void repl_error(const char *message);

#endif
