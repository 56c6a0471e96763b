/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the command table asks of the shell: calls into Lua, output that may
 * need a pager, and the commands about the prompt itself.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "repl/repl_int.h"

#define SOURCE_DEPTH 16

static struct world *
host_world(void *ctx)
{
	struct repl *r = ctx;

	return script_world(r->s);
}

static int
host_call(void *ctx, const char *name, const char *const *keys,
    const char *const *values, size_t n)
{
	struct repl *r = ctx;
	enum script_status st;

	repl_busy(true);
	st = script_command(r->s, name, keys, values, n);
	repl_busy(false);
	if (st == SCRIPT_ERROR)
		repl_tell(r, script_message(r->s));
	r->stopped = r->stopped || st == SCRIPT_INTERRUPTED;
	return st == SCRIPT_OK ? 0 : -1;
}

/* host_topologies returns what lab has, or what this version is known to. */
static const char *const *
host_topologies(void *ctx)
{
	static const char *const known[] = { "lab.one", "lab.ft", NULL };
	static const char *words[32];
	static struct sbuf b;
	struct repl *r = ctx;
	size_t n = 0;

	b.len = 0;
	script_complete(r->s, "lab.", &b);
	for (char *s = b.len > 0 ? b.s : NULL; s != NULL && n < 31;) {
		char *end = s + strcspn(s, "\n");
		bool last = *end == '\0';
		/* constructors only, under the names that commands use */
		size_t len = strcspn(s, "\n({");

		s[len] = '\0';
		if (strncmp(s, "lab.", 4) == 0 && strcmp(s, "lab.orders") != 0
		    && strcmp(s, "lab.seeds") != 0
		    && strcmp(s, "lab.race") != 0)
			words[n++] = s;
		s = last ? NULL : end + 1;
	}
	words[n] = NULL;
	return n == 0 ? known : words;
}

static void
host_output(void *ctx, const char *text, size_t len)
{
	repl_page(ctx, text, len);
}

/* ---- commands about the prompt ------------------------------------------- */

static const char *
get(const char *key, const char *const *keys, const char *const *values,
    size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(keys[i], key) == 0)
			return values[i];
	return NULL;
}

/* ruled tells whether time is ours to rule; |word| is how it would be. */
static bool
ruled(const struct repl *r, const char *word, char *why, size_t cap)
{
	struct world *w = script_world(r->s);

	if (w == NULL || world_sim(w) != NULL)
		return true;
	snprintf(why, cap, "%s: time is the clock's on real SVCs", word);
	return false;
}

static enum cmd_status
do_pause(struct repl *r, const char *word, char *why, size_t cap)
{
	if (!ruled(r, word, why, cap))
		return CMD_ERROR;
	r->paused = *word == 'p';
	return CMD_OK;
}

static enum cmd_status
do_speed(struct repl *r, const char *factor, bool max, char *why, size_t cap)
{
	if (!ruled(r, "speed", why, cap))
		return CMD_ERROR;
	if (factor != NULL || max) {
		r->max = max;
		r->paused = false;
		if (factor != NULL)
			r->speed = strtod(factor, NULL);
	} else if (r->max) {
		printf("speed max: all that follows a command happens at once"
		       "%s\n", r->paused ? " (paused)" : "");
	} else {
		printf("speed %g: virtual seconds per second while the prompt "
		       "waits%s\n", r->speed, r->paused ? " (paused)" : "");
	}
	return CMD_OK;
}

static enum cmd_status
do_history(struct repl *r, const char *last)
{
	size_t n = repl_hist_count(r->hist), i = 0;
	double want = last == NULL ? (double)n : strtod(last, NULL);
	struct sbuf b = { 0 };

	if (want < (double)n)
		i = n - (size_t)want;
	for (; i < n; i++) {
		const char *s = repl_hist_line(r->hist, i);

		sbuf_printf(&b, "%5zu  ", i + 1);
		show_escape(&b, s, strlen(s));
		sbuf_puts(&b, "\n");
	}
	if (b.len > 0)
		repl_page(r, b.s, b.len);
	sbuf_free(&b);
	return CMD_OK;
}

static enum cmd_status
of_status(struct repl *r, enum repl_status st)
{
	if (st == REPL_INTERRUPTED)
		r->stopped = true;
	return st == REPL_OK ? CMD_OK : st == REPL_QUIT ? CMD_QUIT : CMD_ERROR;
}

static enum cmd_status
do_source(struct repl *r, const char *path, char *why, size_t cap)
{
	size_t n = strlen(path);
	enum repl_status st;
	enum script_status ss;
	FILE *f;

	if (r->depth >= SOURCE_DEPTH) {
		snprintf(why, cap, "source: files source one another %d deep",
		    SOURCE_DEPTH);
		return CMD_ERROR;
	}
	f = fopen(path, "r");
	if (f == NULL) {
		snprintf(why, cap, "source: %s: %s", path, strerror(errno));
		return CMD_ERROR;
	}
	if (n > 4 && strcmp(path + n - 4, ".lua") == 0) {
		fclose(f);
		repl_busy(true);
		ss = script_file(r->s, path, 0, NULL);
		repl_busy(false);
		if (ss == SCRIPT_ERROR)
			repl_error(script_message(r->s));
		r->stopped = r->stopped || ss == SCRIPT_INTERRUPTED;
		return ss == SCRIPT_OK ? CMD_OK : CMD_ERROR;
	}
	r->depth++;
	st = repl_lines(r, f, path);
	r->depth--;
	fclose(f);
	return of_status(r, st == REPL_QUIT ? REPL_OK : st);
}

static enum cmd_status
host_shell(void *ctx, const char *word, const char *const *keys,
    const char *const *values, size_t n, char *why, size_t cap)
{
	struct repl *r = ctx;

	if (strcmp(word, "quit") == 0)
		return CMD_QUIT;
	if (strcmp(word, "source") == 0)
		return do_source(r, get("file", keys, values, n), why, cap);
	if (strcmp(word, "speed") == 0)
		return do_speed(r, get("factor", keys, values, n),
		    get("max", keys, values, n) != NULL, why, cap);
	if (strcmp(word, "pause") == 0 || strcmp(word, "resume") == 0)
		return do_pause(r, word, why, cap);
	if (!r->interactive) {
		snprintf(why, cap, "'%s' works only at the prompt", word);
		return CMD_ERROR;
	}
	if (strcmp(word, "history") == 0)
		return do_history(r, get("n", keys, values, n));
	if (strcmp(word, "watch") == 0)
		return repl_watch(r, get("command", keys, values, n), why, cap);
	snprintf(why, cap, "%s: nobody does that here", word);
	return CMD_ERROR;
}

void
repl_host(struct repl *r)
{
	r->host = (struct cmd_host){ .world = host_world, .call = host_call,
		.shell = host_shell, .topologies = host_topologies,
		.output = host_output, .ctx = r, .color = r->cfg->color,
		.utf8 = r->cfg->utf8 };
}
