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
struct repl_socket;

struct repl_cfg {
	struct script *script;
	double speed; /* virtual seconds per real second at the prompt */
	bool max;     /* what follows a command happens at once */
	bool quiet;   /* no greeting */
	bool atm;     /* nets are the kernel's: the greeting says so */
	bool color, utf8;
	struct repl_socket *socket; /* of --listen, or NULL */
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

/*
 * repl_socket_open offers the session of |cfg| (without its |socket|) at |path|
 * (borrowed) to those who attach, or returns NULL with |why| filled.  They are
 * served while the prompt waits and while a script lets real time pass.
 */
struct repl_socket *repl_socket_open(const struct repl_cfg *cfg,
    const char *path, char *why, size_t cap);
/* repl_socket_close lets all go and removes the name; NULL is allowed. */
void repl_socket_close(struct repl_socket *s);

/*
 * repl_attach joins the session offered at |path|: runs |n| |codes| there, or
 * without any gives a prompt.  |cfg| needs no script.  Returns the exit status:
 * 0, 3 an error in a code, 4 no session, 130 interrupted.
 */
int repl_attach(const struct repl_cfg *cfg, const char *path,
    const char *const *codes, size_t n);

/* repl_error prints "marsh: |message|" to stderr, escaped. */
void repl_error(const char *message);

#endif
