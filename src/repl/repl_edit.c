/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The prompt of a capable terminal: libedit, fed by our own reader of keys so
 * that time passes while it waits.
 *
 * Two things about libedit shape this file.  A prompt with an octet above 127
 * crashes it in the C locale, so ours is ASCII always, and main gives LC_CTYPE
 * a UTF-8 locale where there is none.  And it believes to know what is on the
 * screen: whatever else writes there must first leave the line edited, and let
 * it be drawn anew afterwards.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "repl/repl_edit_int.h"

#define LIVE_US 1000000 /* between two drawings of the passing time */

struct repl_edit *
repl_edit_of(EditLine *el)
{
	void *p = NULL;

	el_get(el, EL_CLIENTDATA, &p);
	return p;
}

static char *
prompt(EditLine *el)
{
	return repl_edit_of(el)->prompt;
}

/* one_row tells whether prompt and line surely stand in one row. */
static bool
one_row(const struct repl_edit *e)
{
	const LineInfoW *li = el_wline(e->el);
	size_t rows, cols;

	repl_size(&rows, &cols);
	return strlen(e->prompt) + 2 * (size_t)(li->lastchar - li->buffer) + 1
	    < cols;
}

/* leave_line takes the line edited off the screen; draw puts it back. */
static void
leave_line(struct repl_edit *e)
{
	if (one_row(e))
		fprintf(e->out, "\r%s", e->ce);
	else
		fputc('\n', e->out);
	fflush(e->out);
}

static void
draw(struct repl_edit *e)
{
	repl_prompt(e->r, e->more, e->prompt);
	e->drawn = repl_clock();
	el_set(e->el, EL_REFRESH);
}

void
repl_edit_print(struct repl_edit *e, const char *text, size_t len)
{
	leave_line(e);
	fwrite(text, 1, len, e->out);
	if (len > 0 && text[len - 1] != '\n')
		fputc('\n', e->out);
	fflush(e->out);
	draw(e);
}

/* pass lets time pass and shows it. */
static void
pass(struct repl_edit *e)
{
	char now[REPL_PROMPT_MAX];
	struct sbuf out = { 0 };

	repl_time_pass(e->r, &out);
	if (out.len > 0) {
		repl_edit_print(e, out.s, out.len);
	} else if (repl_clock() - e->drawn >= LIVE_US && one_row(e)) {
		repl_prompt(e->r, e->more, now);
		if (strcmp(now, e->prompt) != 0) {
			leave_line(e);
			draw(e);
		}
	}
	sbuf_free(&out);
}

/* suspend gives the terminal back, stops, and takes it again. */
static void
suspend(struct repl_edit *e)
{
	el_set(e->el, EL_PREP_TERM, 0);
	raise(SIGSTOP);
	el_set(e->el, EL_PREP_TERM, 1);
	fputc('\n', e->out);
	repl_time_start(e->r);
	draw(e);
}

/* key_waits waits for a key, time passing; false: the line is over. */
static bool
key_waits(struct repl_edit *e)
{
	for (;;) {
		bool keys = repl_wait(e->r,
		    e->ahead ? 0 : repl_time_ms(e->r));

		e->cleared = repl_interrupted();
		if (e->r->gone || e->cleared)
			return false;
		if (repl_resized())
			el_resize(e->el);
		if (repl_stopped())
			suspend(e);
		if (keys)
			return true;
		if (e->r->visited)
			e->drawn = 0; /* the time may be another */
		e->r->visited = false;
		if (!e->ahead)
			pass(e);
		e->ahead = false;
	}
}

/* key is libedit's reader: one wide character, 0 at the end, -1 for Ctrl-C. */
static int
key(EditLine *el, wchar_t *wc)
{
	struct repl_edit *e = repl_edit_of(el);
	unsigned char c;
	ssize_t n;
	size_t k;

	for (;;) {
		if (!key_waits(e)) {
			errno = EINTR;
			return -1;
		}
		n = read(STDIN_FILENO, &c, 1);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0) {
			e->r->gone = true;
			return n < 0 ? -1 : 0;
		}
		/* Ctrl-D typed before the prompt: the kernel's line editing
		 * has made it a NUL */
		if (c == 0 && e->ahead)
			c = 4;
		k = mbrtowc(wc, (char *)&c, 1, &e->mb);
		if (k == 0 || k == 1)
			return 1;
		if (k == (size_t)-1) /* no character of this locale */
			memset(&e->mb, 0, sizeof(e->mb));
	}
}

/* ---- life ---------------------------------------------------------------- */

static void
history_fill(struct repl_edit *e)
{
	HistEvent ev;

	history(e->hist, &ev, H_SETSIZE, 20000);
	history(e->hist, &ev, H_SETUNIQUE, 1);
	for (size_t i = 0; i < repl_hist_count(e->r->hist); i++)
		repl_edit_add(e, repl_hist_line(e->r->hist, i));
	el_set(e->el, EL_HIST, history, e->hist);
}

/* capable tells whether the terminal can clear a line and move up. */
static bool
capable(struct repl_edit *e)
{
	char *ce = NULL, *up = NULL;

	if (el_get(e->el, EL_GETTC, "ce", &ce) != 0
	    || el_get(e->el, EL_GETTC, "up", &up) != 0)
		return false;
	e->ce = ce;
	return ce != NULL && *ce != '\0' && up != NULL && *up != '\0';
}

struct repl_edit *
repl_edit_open(struct repl *r)
{
	struct repl_edit *e = calloc(1, sizeof(*e));
	const char *term = getenv("TERM");
	int fd;

	if (e == NULL || term == NULL || *term == '\0'
	    || strcmp(term, "dumb") == 0) {
		free(e);
		return NULL;
	}
	e->r = r;
	fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	e->out = fd < 0 ? NULL : fdopen(fd, "w");
	/* libedit complains about a TERM it does not know; we need not */
	e->null = fopen("/dev/null", "we");
	e->hist = history_init();
	if (e->out != NULL && e->null != NULL && e->hist != NULL)
		e->el = el_init("marsh", stdin, e->out, e->null);
	if (e->el == NULL || !capable(e)) {
		repl_edit_close(e);
		return NULL;
	}
	el_set(e->el, EL_CLIENTDATA, e);
	el_set(e->el, EL_SIGNAL, 0);
	el_set(e->el, EL_PROMPT, prompt);
	el_set(e->el, EL_GETCFN, key);
	el_set(e->el, EL_EDITOR, "emacs");
	repl_keys(e->el);
	history_fill(e);
	return e;
}

void
repl_edit_close(struct repl_edit *e)
{
	if (e == NULL)
		return;
	if (e->el != NULL)
		el_end(e->el);
	if (e->hist != NULL)
		history_end(e->hist);
	if (e->out != NULL)
		fclose(e->out);
	if (e->null != NULL)
		fclose(e->null);
	free(e);
}

void
repl_edit_add(struct repl_edit *e, const char *line)
{
	HistEvent ev;

	/* what is no text in this locale cannot be recalled */
	if (mbstowcs(NULL, line, 0) != (size_t)-1)
		history(e->hist, &ev, H_ENTER, line);
}

enum repl_read
repl_edit_read(struct repl *r, bool more, struct sbuf *line)
{
	struct repl_edit *e = r->edit;
	const char *s;
	int n = 0;

	e->more = more;
	e->cleared = false;
	repl_prompt(r, more, e->prompt);
	e->drawn = repl_clock();
	e->ahead = true;
	repl_time_start(r);
	/* before the prompt: what is typed at it is ours, not the kernel's */
	el_set(e->el, EL_PREP_TERM, 1);
	s = el_gets(e->el, &n);
	if (s == NULL || n <= 0) {
		if (e->cleared) {
			fputs("^C\n", e->out);
			fflush(e->out);
			el_reset(e->el);
			return REPL_CLEAR;
		}
		fputc('\n', e->out);
		fflush(e->out);
		return REPL_EOF;
	}
	while (n > 0 && (s[n - 1] == '\n' || s[n - 1] == '\r'))
		n--;
	sbuf_put(line, s, (size_t)n);
	return REPL_LINE;
}
