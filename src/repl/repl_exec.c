/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One line, typed or read: `?` help, a command, or Lua.  Files and stdin come
 * here too; there a message begins with file and line and the first error ends
 * it all.
 */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "repl/repl_int.h"

#define CHUNK "prompt:" /* what script_line calls a line */
#define NUMBERED_MAX 1000

void
repl_error(const char *message)
{
	struct sbuf b = { 0 };

	sbuf_puts(&b, "marsh: ");
	while (*message != '\0') {
		size_t n = strcspn(message, "\n\t");

		show_escape(&b, message, n);
		message += n;
		if (*message != '\0')
			sbuf_puts(&b, *message++ == '\n' ? "\n" : "    ");
	}
	fflush(stdout);
	fprintf(stderr, "%s\n", b.oom ? "marsh: out of memory" : b.s);
	sbuf_free(&b);
}

/* place appends |s| with each "prompt:N" made into where that line stands. */
static void
place(const struct repl *r, const char *s, struct sbuf *out)
{
	const char *at, *from = s;

	while ((at = strstr(s, CHUNK)) != NULL) {
		const char *num = at + strlen(CHUNK);
		char *end;
		long line = strtol(num, &end, 10);

		if (!isdigit((unsigned char)*num)
		    || (at > from && at[-1] != ' ' && at[-1] != '\n')) {
			sbuf_put(out, s, (size_t)(num - s));
			s = num;
			continue;
		}
		sbuf_put(out, s, (size_t)(at - s));
		s = end;
		if (r->name != NULL)
			sbuf_printf(out, "%s:%ld", r->name,
			    line + (line <= (long)r->lines ? (long)r->base
							   : 0));
		else if (line == 1 && strncmp(end, ": ", 2) == 0)
			s = end + 2; /* there is but this line */
		else
			sbuf_printf(out, "line %ld", line);
	}
	sbuf_puts(out, s);
}

/* tell_lua tells an error of Lua's, which knows its place. */
static void
tell_lua(struct repl *r)
{
	struct sbuf b = { 0 };

	place(r, script_message(r->s), &b);
	repl_error(b.oom ? "out of memory" : b.s);
	sbuf_free(&b);
}

void
repl_tell(struct repl *r, const char *why)
{
	struct sbuf b = { 0 };

	if (r->name != NULL)
		sbuf_printf(&b, "%s:%u: ", r->name, r->first);
	sbuf_puts(&b, why);
	repl_error(b.oom ? why : b.s);
	sbuf_free(&b);
}

/*
 * numbered returns |line| behind as many empty lines as stand before it in its
 * file, for Lua to count them.  Far into a file that costs too much for every
 * line; only what makes functions, whose errors may come much later, still gets
 * them, and place adds |base| to the numbers of the others.
 */
static const char *
numbered(struct repl *r, const char *line, struct sbuf *b)
{
	size_t n = r->name == NULL ? 0 : r->first - 1;

	r->base = 0;
	if (n > NUMBERED_MAX && strstr(line, "function") == NULL) {
		r->base = (unsigned)n;
		r->lines = 1;
		for (const char *s = line; (s = strchr(s, '\n')) != NULL; s++)
			r->lines++;
		return line;
	}
	for (; n > 0 && !b->oom; n--)
		sbuf_put(b, "\n", 1);
	if (b->len == 0)
		return line;
	sbuf_puts(b, line);
	return b->oom ? line : b->s;
}

static enum repl_status
lua(struct repl *r, const char *line)
{
	enum script_status st;
	struct sbuf b = { 0 };

	line = numbered(r, line, &b);
	repl_busy(true);
	st = script_line(r->s, line);
	repl_busy(false);
	sbuf_free(&b);
	if (st == SCRIPT_ERROR)
		tell_lua(r);
	return st == SCRIPT_OK		  ? REPL_OK
	    : st == SCRIPT_INCOMPLETE	  ? REPL_INCOMPLETE
	    : st == SCRIPT_INTERRUPTED	  ? REPL_INTERRUPTED
					  : REPL_ERROR;
}

/* is_global tells whether Lua has a global of |line|'s only word. */
static bool
is_global(struct repl *r, const char *line)
{
	char word[64];
	struct sbuf b = { 0 };
	bool found = false;
	size_t n;

	line += strspn(line, " \t");
	n = strcspn(line, " \t\r\n");
	if (n >= sizeof(word))
		return false;
	memcpy(word, line, n);
	word[n] = '\0';
	script_complete(r->s, word, &b);
	for (char *s = b.s; s != NULL && *s != '\0' && !found;) {
		size_t len = strcspn(s, "\n(");

		found = len == n && strncmp(s, word, n) == 0;
		s += strcspn(s, "\n");
		s += *s == '\n';
	}
	sbuf_free(&b);
	return found;
}

/* question answers a line that ends in '?'; false: it is none. */
static bool
question(struct repl *r, const char *line)
{
	size_t n = strlen(line), w;
	struct sbuf b = { 0 }, head = { 0 };
	bool ok;

	while (n > 0 && isspace((unsigned char)line[n - 1]))
		n--;
	if (n == 0 || line[n - 1] != '?')
		return false;
	sbuf_put(&head, line, n - 1);
	if (head.s == NULL)
		sbuf_puts(&head, "");
	w = strspn(head.oom ? "-" : head.s, "abcdefghijklmnopqrstuvwxyz ");
	ok = !head.oom && (head.s[w] == '\0' || cmd_is(head.s));
	if (ok) {
		cmd_help_at(&r->host, head.s, &b);
		if (b.len > 0)
			r->host.output(r->host.ctx, b.s, b.len);
	}
	sbuf_free(&b);
	sbuf_free(&head);
	return ok;
}

static enum repl_status
command(struct repl *r, const char *line)
{
	char why[REPL_WHY_MAX];
	enum cmd_status st;

	r->stopped = false;
	st = cmd_run(&r->host, line, why, sizeof(why));
	if (st == CMD_ERROR && *why != '\0')
		repl_tell(r, why);
	if (r->stopped)
		return REPL_INTERRUPTED;
	return st == CMD_QUIT ? REPL_QUIT : st == CMD_OK ? REPL_OK : REPL_ERROR;
}

/*
 * at_home tells whether |line| is for this terminal and not for the session it
 * is attached to: what repeats a line here, and what was typed here.
 */
static bool
at_home(const struct repl *r, const char *line)
{
	static const char *const words[] = { "watch", "history" };
	size_t n;

	line += strspn(line, " \t");
	n = strcspn(line, " \t");
	for (size_t i = 0; r->interactive && i < 2; i++)
		if (strlen(words[i]) == n && strncmp(line, words[i], n) == 0)
			return strchr(line, '?') == NULL;
	return false;
}

enum repl_status
repl_exec(struct repl *r, const char *line, unsigned first)
{
	r->first = first;
	if (line[strspn(line, " \t\r\n")] == '\0')
		return REPL_OK;
	if (r->remote != NULL)
		return at_home(r, line) ? command(r, line)
					: repl_remote_exec(r, line);
	if (question(r, line))
		return REPL_OK;
	if (cmd_is(line) && !(cmd_abbrev(line) && is_global(r, line)))
		return command(r, line);
	return lua(r, line);
}

/* chomp ends |line| before its newline. */
static void
chomp(char *line, ssize_t n)
{
	while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
		line[--n] = '\0';
}

/* unfinished lets Lua say what is missing at the end of |chunk|. */
static enum repl_status
unfinished(struct repl *r, const struct sbuf *chunk, unsigned first)
{
	struct sbuf b = { 0 };

	sbuf_printf(&b, "%s:%u: ", r->name == NULL ? "?" : r->name, first);
	sbuf_puts(&b, "the statement that begins here does not end");
	repl_error(b.oom || chunk->oom ? "out of memory" : b.s);
	sbuf_free(&b);
	return REPL_ERROR;
}

enum repl_status
repl_lines(struct repl *r, FILE *in, const char *name)
{
	const char *was = r->name;
	struct sbuf chunk = { 0 };
	enum repl_status st = REPL_OK;
	unsigned n = 0, first = 1;
	char *line = NULL;
	size_t cap = 0;
	ssize_t len;

	r->name = name;
	while ((st == REPL_OK || st == REPL_INCOMPLETE) && !repl_interrupted()
	    && (len = getline(&line, &cap, in)) >= 0) {
		chomp(line, len);
		n++;
		if (n == 1 && line[0] == '#')
			continue;
		if (st == REPL_OK) {
			chunk.len = 0;
			first = n;
		} else {
			sbuf_puts(&chunk, "\n");
		}
		sbuf_puts(&chunk, line);
		r->name = name;
		st = chunk.oom ? REPL_ERROR : repl_exec(r, chunk.s, first);
	}
	if (st == REPL_OK && ferror(in) && errno == EINTR)
		st = REPL_INTERRUPTED;
	else if (st == REPL_INCOMPLETE)
		st = unfinished(r, &chunk, first);
	free(line);
	sbuf_free(&chunk);
	r->name = was;
	return st;
}
