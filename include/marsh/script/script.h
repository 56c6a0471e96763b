/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MARSH_SCRIPT_SCRIPT_H
#define MARSH_SCRIPT_SCRIPT_H

/*
 * Lua 5.4 bound to worlds.  Every execution passes one protected call; every
 * failure becomes a message with file and line.  Scripts make worlds; the
 * newest is the current one.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct script;
struct world;
struct sbuf;

struct script_cfg {
	uint64_t seed;       /* of fabrics that name none */
	bool quiet;          /* print results only */
	bool color, utf8;
	bool atm;            /* net defaults to atm{} (refused with a reason) */
	const char *capture; /* pcap of every world's frames, or NULL */
	const char *json;    /* events as JSON lines, "-": stdout; or NULL */
	const char *lua_dir; /* where lua/marsh lies; NULL: found by itself */
	/*
	 * Tells the shell of a command that a script defines (marsh.command):
	 * its texts, |args| and |example| NULL where there are none.  0, or -1
	 * with |why| saying which text is wrong.  NULL: there is no shell.
	 */
	int (*define)(const char *word, const char *args, const char *help,
	    const char *example, char *why, size_t cap);
};

/* script_new returns a Lua state ready to run, or NULL with |why| filled. */
struct script *script_new(const struct script_cfg *cfg, char *why, size_t cap);
void script_free(struct script *s);

enum script_status {
	SCRIPT_OK,
	SCRIPT_ERROR,       /* script_message says what, where and a hint */
	SCRIPT_INTERRUPTED,
	SCRIPT_INCOMPLETE,  /* script_line only: the statement goes on */
};

/* script_file runs |path| ("-": stdin) with the global table arg set. */
enum script_status script_file(struct script *s, const char *path, int argc,
    char *const *argv);
/* script_string runs |code|; messages call it |name|. */
enum script_status script_string(struct script *s, const char *code,
    const char *name);
/* script_line runs one line typed at the prompt and prints its values. */
enum script_status script_line(struct script *s, const char *code);
/*
 * script_command calls function |name| of the table marsh.commands with one
 * table argument: keys[i] = values[i].
 */
enum script_status script_command(struct script *s, const char *name,
    const char *const *keys, const char *const *values, size_t n);
const char *script_message(const struct script *s);

/* script_world returns the current world, or NULL before there is one. */
struct world *script_world(struct script *s);
/* script_advance lets |us| microseconds pass in the current world (the prompt
 * does this while it waits for keys); callbacks of scripts run.  With 0, what
 * is due is done and nothing waited for. */
enum script_status script_advance(struct script *s, int64_t us);
/* script_failed counts expectations that failed so far, script_violated the
 * invariants that did not hold. */
unsigned script_failed(const struct script *s);
unsigned script_violated(const struct script *s);
/*
 * script_on_wait sets what is called instead of sleeping, with how many
 * microseconds are left, where a script lets real time pass (clock = "real").
 * |fn| may run scripts in this state meanwhile; NULL: nothing is called.
 */
void script_on_wait(struct script *s, void (*fn)(void *ctx, int64_t us),
    void *ctx);

/* script_interrupt stops what runs; may be called from a signal handler. */
void script_interrupt(struct script *s);

/* script_complete appends completions of a Lua expression that ends at |text|'s
 * end, one a line: globals, fields of live objects, methods. */
void script_complete(struct script *s, const char *text, struct sbuf *out);

/* script_finish prints the TAP plan if there were expectations and returns the
 * exit status: 0, 1 an expectation failed, 7 an invariant was violated. */
int script_finish(struct script *s);

#endif
