/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REPL_REPL_INT_H
#define REPL_REPL_INT_H

/* What the files of the prompt share. */
#include <stdint.h>

#include "marsh/cmd/cmd.h"
#include "marsh/node/world.h"
#include "marsh/repl/repl.h"
#include "marsh/script/script.h"
#include "marsh/show/show.h"

struct pollfd;
struct repl_hist;
struct repl_edit;
struct repl_remote;

#define REPL_PROMPT_MAX 48
#define REPL_WHY_MAX 1024

struct repl {
	struct script *s;
	struct cmd_host host;
	const struct repl_cfg *cfg;
	struct repl_hist *hist; /* NULL: not interactive */
	struct repl_edit *edit; /* NULL: lines are read plainly */
	struct repl_socket *sock;   /* who may attach, or NULL */
	struct repl_remote *remote; /* whose session it is, NULL: ours */

	/* time */
	double speed;
	bool max, paused;
	int64_t last; /* real microseconds when time last passed */
	double owed;  /* virtual microseconds not yet given */

	/* what runs */
	bool interactive; /* someone types: page, prompt */
	bool tty;         /* stdout is a terminal */
	bool capable;     /* it can move its cursor */
	bool watching;
	bool gone;        /* the terminal vanished, or the session */
	bool visited;     /* somebody attached did something */
	const char *name; /* of the batch, or NULL */
	unsigned depth;   /* files that source files */
	bool stopped;     /* Ctrl-C ended what a command ran */
	unsigned first;   /* line number of what runs */
	unsigned base;    /* what Lua's line numbers up to |lines| */
	unsigned lines;   /* are short of */
};

/* How a line ended. */
enum repl_status {
	REPL_OK,
	REPL_ERROR,       /* told already */
	REPL_INTERRUPTED,
	REPL_INCOMPLETE,
	REPL_QUIT,
	REPL_UNMET,    /* only of a session attached to: an expectation */
	REPL_VIOLATED, /* likewise: an invariant */
};

/* ---- repl.c: sessions ---------------------------------------------------- */

void repl_init(struct repl *r, const struct repl_cfg *cfg);
/* repl_talk reads lines and runs them until the end. */
void repl_talk(struct repl *r);

/* ---- repl_exec.c: one line ---------------------------------------------- */

/*
 * repl_exec runs |line|, a command or Lua.  |first| is its number in the file
 * called r->name.
 */
enum repl_status repl_exec(struct repl *r, const char *line, unsigned first);

/* repl_tell prints an error, with the place where r->name says there is one. */
void repl_tell(struct repl *r, const char *why);

/* repl_lines runs the lines of |in| and stops at the first error. */
enum repl_status repl_lines(struct repl *r, FILE *in, const char *name);

/* ---- repl_host.c: what the command table asks of the shell -------------- */

void repl_host(struct repl *r);

/* ---- repl_sig.c ---------------------------------------------------------- */

/* repl_busy says whether Lua runs: Ctrl-C is for it.  Returns what it was. */
bool repl_busy(bool busy);
/* repl_stop_script stops what runs; for signal handlers. */
void repl_stop_script(void);
/* repl_interrupted tells and forgets whether Ctrl-C was pressed. */
bool repl_interrupted(void);
/* These tell whether the terminal hung up or the process should end. */
bool repl_hangup(void);
/* repl_resized and repl_stopped tell and forget. */
bool repl_resized(void);
bool repl_stopped(void);
/* repl_sig_fd is readable after a signal; repl_sig_drain empties it. */
int repl_sig_fd(void);
void repl_sig_drain(void);

/* ---- repl_time.c --------------------------------------------------------- */

int64_t repl_clock(void);

/* repl_time_start forgets the real time that passed while something ran. */
void repl_time_start(struct repl *r);

/* repl_time_fd returns what is readable when the kernel's network has something
 * for repl_time_pass to do; -1 where time is virtual. */
int repl_time_fd(const struct repl *r);

/* repl_time_ms returns after how many ms time wants to pass, -1: never. */
int repl_time_ms(const struct repl *r);

/* repl_time_pass lets virtual time catch up; what scripts print goes to |out|.
 * An interrupt ends it. */
void repl_time_pass(struct repl *r, struct sbuf *out);

/* repl_time_settle, at speed max, lets all happen that follows a command. */
void repl_time_settle(struct repl *r);

/* repl_prompt writes the prompt to |buf|. */
void repl_prompt(const struct repl *r, bool more, char buf[REPL_PROMPT_MAX]);

/* ---- repl_catch.c: stdout into memory ----------------------------------- */

/* repl_catch sends stdout to a file until repl_caught, which appends it. */
bool repl_catch(void);
void repl_caught(struct sbuf *out);

/*
 * repl_divert sends stdout and stderr to these files and leaves nothing to be
 * read from stdin until repl_undivert.  False: all is as it was.
 */
bool repl_divert(int out, int err);
void repl_undivert(void);

/* ---- repl_hist.c --------------------------------------------------------- */

/* repl_hist_open reads the history file; NULL: out of memory. */
struct repl_hist *repl_hist_open(void);
void repl_hist_close(struct repl_hist *h);
/* repl_hist_add appends |line| here and to the file at once. */
void repl_hist_add(struct repl_hist *h, const char *line);
size_t repl_hist_count(const struct repl_hist *h);
const char *repl_hist_line(const struct repl_hist *h, size_t i);

/* ---- repl_edit.c, repl_plain.c: reading a line -------------------------- */

enum repl_read { REPL_LINE, REPL_CLEAR, REPL_EOF };

/* repl_edit_open starts libedit; NULL where the terminal is too simple. */
struct repl_edit *repl_edit_open(struct repl *r);
void repl_edit_close(struct repl_edit *e);
/* repl_edit_add makes |line| recallable. */
void repl_edit_add(struct repl_edit *e, const char *line);

/*
 * These read one line without its end into |line|.  REPL_CLEAR: Ctrl-C;
 * REPL_EOF: Ctrl-D, or r->gone.
 */
enum repl_read repl_edit_read(struct repl *r, bool more, struct sbuf *line);
enum repl_read repl_plain_read(struct repl *r, bool more, struct sbuf *line);

/* repl_offers appends what may complete |line|, one a line; returns where the
 * word to be replaced starts. */
size_t repl_offers(struct repl *r, const char *line, bool more,
    struct sbuf *out);

/* repl_explain appends the help for `?` typed at |line|'s end. */
void repl_explain(struct repl *r, const char *line, struct sbuf *out);

/* ---- repl_wait.c --------------------------------------------------------- */

/* repl_wait waits |ms| (-1: for ever) for anything, and deals with whoever is
 * attached; true: there are keys.  It may set r->gone. */
bool repl_wait(struct repl *r, int ms);

/* ---- repl_socket.c: those who attach ------------------------------------- */

#define REPL_PEERS_MAX 16
#define REPL_SOCKET_FDS (REPL_PEERS_MAX + 1)

/* repl_socket_fds fills |p| with what to poll, shortens |*ms| where it must,
 * and returns how many there are; repl_socket_turn does what has become
 * possible and tells whether anything was. */
size_t repl_socket_fds(const struct repl_socket *s, struct pollfd *p,
    int *ms);
bool repl_socket_turn(struct repl_socket *s, const struct pollfd *p, size_t n);
/* repl_socket_at says which prompt they share; NULL: there is none. */
void repl_socket_at(struct repl_socket *s, struct repl *r);

/* ---- repl_remote.c: being attached --------------------------------------- */

struct repl_remote *repl_remote_open(const struct repl_cfg *cfg,
    const char *path, char *why, size_t cap);
void repl_remote_close(struct repl_remote *m);
/* These are what repl_exec, repl_explain, repl_offers and repl_prompt do in
 * the other session.  They set r->gone when it has ended. */
enum repl_status repl_remote_exec(struct repl *r, const char *line);
void repl_remote_explain(struct repl *r, const char *line, struct sbuf *out);
size_t repl_remote_offers(struct repl *r, const char *line, bool more,
    struct sbuf *out);
const char *repl_remote_prompt(const struct repl_remote *m);
/* repl_remote_fd returns what is readable when the session ends, or -1. */
int repl_remote_fd(const struct repl_remote *m);
void repl_remote_lost(struct repl *r);
bool repl_remote_is_lost(const struct repl_remote *m);

/* ---- repl_pager.c -------------------------------------------------------- */

void repl_size(size_t *rows, size_t *cols);
/* repl_page shows |text|, a screen at a time where it does not fit. */
void repl_page(struct repl *r, const char *text, size_t len);

/* ---- repl_watch.c -------------------------------------------------------- */

enum cmd_status repl_watch(struct repl *r, const char *line, char *why,
    size_t cap);

#endif
