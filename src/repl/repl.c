/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The loop: read a line, run it, until the end.  Ctrl-C never loses more than
 * the line it was pressed in; Ctrl-D, a hang-up and a vanished terminal all end
 * the loop in the same order: what scripts wrote is flushed by main.
 */
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "repl/repl_int.h"

void
repl_init(struct repl *r, const struct repl_cfg *cfg)
{
	*r = (struct repl){ .s = cfg->script, .cfg = cfg, .speed = cfg->speed,
		.max = cfg->max, .sock = cfg->socket };
	repl_host(r);
}

/* status of a batch, without what script_finish has to say. */
static int
exit_status(enum repl_status st)
{
	if (st == REPL_INTERRUPTED) {
		repl_error("interrupted");
		return 130;
	}
	return st == REPL_ERROR ? 3 : 0;
}

int
repl_batch(const struct repl_cfg *cfg, FILE *in, const char *name)
{
	struct repl r;

	repl_init(&r, cfg);
	return exit_status(repl_lines(&r, in, name));
}

int
repl_code(const struct repl_cfg *cfg, const char *code)
{
	enum script_status st;
	struct repl r;

	repl_init(&r, cfg);
	if (strchr(code, '\n') == NULL && cmd_is(code)) {
		r.name = "-e";
		return exit_status(repl_exec(&r, code, 1));
	}
	repl_busy(true);
	st = script_string(cfg->script, code, "-e");
	repl_busy(false);
	if (st == SCRIPT_OK)
		return 0;
	repl_error(script_message(cfg->script));
	return st == SCRIPT_INTERRUPTED ? 130 : 3;
}

/* user_file runs the user's init.lua, if there is one. */
static void
user_file(struct repl *r)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	enum script_status st = SCRIPT_OK;
	struct sbuf b = { 0 };

	if (config != NULL && *config == '/')
		sbuf_printf(&b, "%s/marsh/init.lua", config);
	else if (home != NULL && *home == '/')
		sbuf_printf(&b, "%s/.config/marsh/init.lua", home);
	if (b.s != NULL && !b.oom && access(b.s, F_OK) == 0) {
		repl_busy(true);
		st = script_file(r->s, b.s, 0, NULL);
		repl_busy(false);
	}
	if (st != SCRIPT_OK)
		repl_error(script_message(r->s));
	sbuf_free(&b);
}

static enum repl_read
read_line(struct repl *r, bool more, struct sbuf *line)
{
	size_t rows;

	line->len = 0;
	repl_size(&rows, &r->host.width);
	fflush(stdout);
	return r->edit != NULL ? repl_edit_read(r, more, line)
			       : repl_plain_read(r, more, line);
}

static void
remember(struct repl *r, const char *line)
{
	size_t n = repl_hist_count(r->hist);

	if (r->hist == NULL)
		return;
	repl_hist_add(r->hist, line);
	if (r->edit != NULL && repl_hist_count(r->hist) > n)
		repl_edit_add(r->edit, line);
}

/* run runs what was typed so far; true: it goes on in the next line. */
static bool
run(struct repl *r, struct sbuf *chunk, bool *quit)
{
	enum repl_status st;

	if (chunk->oom) {
		repl_error("out of memory");
		sbuf_free(chunk);
		return false;
	}
	st = repl_exec(r, chunk->s, 1);
	if (st == REPL_INCOMPLETE)
		return true;
	if (st == REPL_INTERRUPTED) {
		(void)repl_interrupted();
		printf("\ninterrupted\n");
	}
	*quit = st == REPL_QUIT;
	chunk->len = 0;
	repl_time_settle(r);
	return false;
}

/* add appends |line| to |chunk|; true: it ends in '\' and wants another. */
static bool
add(struct sbuf *chunk, const struct sbuf *line, bool more)
{
	size_t n = line->len;

	if (more)
		sbuf_puts(chunk, "\n");
	if (n > 0 && line->s[n - 1] == '\\') {
		sbuf_put(chunk, line->s, n - 1);
		return true;
	}
	sbuf_put(chunk, line->s == NULL ? "" : line->s, n);
	return false;
}

static void
loop(struct repl *r)
{
	struct sbuf chunk = { 0 }, line = { 0 };
	bool more = false, quit = false;
	enum repl_read rd;

	while (!quit && !r->gone && !repl_hangup()) {
		rd = read_line(r, more, &line);
		if (rd == REPL_EOF && (!more || r->gone))
			break;
		if (rd != REPL_LINE || line.oom) {
			/* an unfinished statement is dropped, nothing else */
			more = false;
			chunk.len = 0;
			sbuf_free(&line);
			continue;
		}
		if (line.len > 0)
			remember(r, line.s);
		more = add(&chunk, &line, more) || run(r, &chunk, &quit);
		if (!more)
			chunk.len = 0;
	}
	sbuf_free(&chunk);
	sbuf_free(&line);
}

void
repl_talk(struct repl *r)
{
	r->interactive = true;
	r->tty = isatty(STDOUT_FILENO) == 1;
	r->hist = repl_hist_open();
	if (r->tty && isatty(STDIN_FILENO) == 1)
		r->edit = repl_edit_open(r);
	r->capable = r->edit != NULL;
	if (!r->capable)
		r->host.color = false;
	loop(r);
	repl_edit_close(r->edit);
	repl_hist_close(r->hist);
}

/* Where time is real a cluster takes its time to form. */
static void
greet(bool atm)
{
	printf("marsh: MARS (RFC 2022) over %s.\n"
	       "'load lab.one' makes a cluster%s, 'help' lists commands, "
	       "TAB and ? help.\n",
	    atm ? "this kernel's ATM SVCs, in real time"
		: "an emulated ATM fabric",
	    atm ? " (in about 11 s)" : "");
}

int
repl_run(const struct repl_cfg *cfg)
{
	struct repl r;

	repl_init(&r, cfg);
	repl_signals(cfg->script, true);
	if (!cfg->quiet)
		greet(cfg->atm);
	user_file(&r);
	if (r.sock != NULL)
		repl_socket_at(r.sock, &r);
	repl_talk(&r);
	if (r.sock != NULL)
		repl_socket_at(r.sock, NULL);
	return 0;
}
