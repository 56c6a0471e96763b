/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading lines where the terminal can do nothing but print (TERM dumb, unset
 * or unknown), or is none: the line editing is the kernel's, no escape sequence
 * is ever sent, and time passes all the same.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "repl/repl_int.h"

static char pending[65536]; /* read but not yet part of a line */
static size_t pending_n;

/* take moves one line out of |pending|; false: there is no whole one. */
static bool
take(struct sbuf *line)
{
	char *nl = memchr(pending, '\n', pending_n);
	size_t n;

	if (nl == NULL && pending_n < sizeof(pending))
		return false;
	n = nl == NULL ? pending_n : (size_t)(nl - pending);
	for (size_t i = 0; i < n; i++)
		if (pending[i] != '\0' && pending[i] != '\r')
			sbuf_put(line, &pending[i], 1);
	if (nl != NULL)
		n++;
	memmove(pending, pending + n, pending_n - n);
	pending_n -= n;
	return true;
}

/* complete lists what may follow a line that ends in a tab. */
static bool
complete(struct repl *r, bool more, struct sbuf *line)
{
	struct sbuf b = { 0 };

	if (line->len == 0 || line->s[line->len - 1] != '\t')
		return false;
	line->s[--line->len] = '\0';
	repl_offers(r, line->s, more, &b);
	fputs(b.len > 0 ? b.s : "nothing fits\n", stdout);
	sbuf_free(&b);
	line->len = 0;
	line->s[0] = '\0';
	return true;
}

static void
ask(const struct repl *r, bool more)
{
	char prompt[REPL_PROMPT_MAX];

	repl_prompt(r, more, prompt);
	fputs(prompt, stdout);
	fflush(stdout);
}

/* wait_keys lets time pass until stdin is readable; false: a signal. */
static bool
wait_keys(struct repl *r, bool more)
{
	struct sbuf out = { 0 };
	bool keys;

	for (;;) {
		keys = repl_wait(r, repl_time_ms(r));
		if (r->gone)
			return false;
		if (repl_stopped())
			raise(SIGSTOP);
		if (keys)
			return true;
		out.len = 0;
		repl_time_pass(r, &out);
		if (out.len > 0) {
			printf("\n%s", out.s);
			ask(r, more);
		}
		sbuf_free(&out);
		if (repl_interrupted())
			return false;
	}
}

enum repl_read
repl_plain_read(struct repl *r, bool more, struct sbuf *line)
{
	ssize_t n;

	ask(r, more);
	repl_time_start(r);
	for (;;) {
		while (take(line)) {
			if (!complete(r, more, line))
				return REPL_LINE;
			ask(r, more);
		}
		if (!wait_keys(r, more)) {
			pending_n = 0;
			printf("\n");
			return r->gone ? REPL_EOF : REPL_CLEAR;
		}
		n = read(STDIN_FILENO, pending + pending_n,
		    sizeof(pending) - pending_n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			r->gone = n < 0;
			if (pending_n == 0)
				return REPL_EOF;
			pending[pending_n++] = '\n'; /* a last line without */
			continue;
		}
		pending_n += (size_t)n;
	}
}
