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
#include <histedit.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "repl/repl_int.h"

#define LIVE_US 1000000 /* between two drawings of the passing time */

struct repl_edit {
	EditLine *el;
	History *hist;
	FILE *out;  /* libedit's own: stdout is for what scripts print */
	FILE *null;
	struct repl *r;
	const char *ce; /* clears to the end of the line */
	char prompt[REPL_PROMPT_MAX];
	bool more;
	int64_t drawn;
	bool cleared; /* Ctrl-C */
	bool ahead;   /* so far all keys were there before the prompt */
	mbstate_t mb;
};

static struct repl_edit *
of(EditLine *el)
{
	void *p = NULL;

	el_get(el, EL_CLIENTDATA, &p);
	return p;
}

static char *
prompt(EditLine *el)
{
	return of(el)->prompt;
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

/* print shows |text| above the line edited. */
static void
print(struct repl_edit *e, const char *text, size_t len)
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
		print(e, out.s, out.len);
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
	struct pollfd p[2] = { { STDIN_FILENO, POLLIN, 0 },
		{ repl_sig_fd(), POLLIN, 0 } };

	for (;;) {
		int n = poll(p, p[1].fd < 0 ? 1 : 2,
		    e->ahead ? 0 : repl_time_ms(e->r));

		if (repl_hangup() || (n < 0 && errno != EINTR))
			e->r->gone = true;
		repl_sig_drain();
		e->cleared = repl_interrupted();
		if (e->r->gone || e->cleared)
			return false;
		if (repl_resized())
			el_resize(e->el);
		if (repl_stopped())
			suspend(e);
		if (n > 0 && p[0].revents != 0)
			return true;
		if (!e->ahead)
			pass(e);
		e->ahead = false;
	}
}

/* key is libedit's reader: one wide character, 0 at the end, -1 for Ctrl-C. */
static int
key(EditLine *el, wchar_t *wc)
{
	struct repl_edit *e = of(el);
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

/* ---- TAB and ? ------------------------------------------------------------ */

/* before returns the text in front of the cursor (owned), or NULL. */
static char *
before(EditLine *el)
{
	const LineInfo *li = el_line(el);
	size_t n = (size_t)(li->cursor - li->buffer);
	char *s = malloc(n + 1);

	if (s != NULL) {
		memcpy(s, li->buffer, n);
		s[n] = '\0';
	}
	return s;
}

/* common returns how long the common beginning of the lines of |b| is. */
static size_t
common(const char *b, size_t *count)
{
	size_t first = strcspn(b, "\n"), len = first;

	*count = 0;
	for (const char *s = b; *s != '\0'; (*count)++) {
		size_t n = strcspn(s, "\n"), k = 0;

		while (k < n && k < len && s[k] == b[k])
			k++;
		len = k;
		s += n + (s[n] == '\n');
	}
	/* not within a character */
	while (len > 0 && len < first && ((unsigned char)b[len] & 0xc0) == 0x80)
		len--;
	return len;
}

/* columns lays the lines of |b| out side by side. */
static void
columns(const char *b, struct sbuf *out)
{
	size_t wide = 1, rows, cols, n = 0, per;

	for (const char *s = b; *s != '\0'; s += strcspn(s, "\n") + 1)
		if (strcspn(s, "\n") > wide)
			wide = strcspn(s, "\n");
	repl_size(&rows, &cols);
	per = cols / (wide + 2) > 0 ? cols / (wide + 2) : 1;
	for (const char *s = b; *s != '\0'; s += strcspn(s, "\n") + 1) {
		int len = (int)strcspn(s, "\n");

		if (n / per + 2 > rows && rows > 4) {
			sbuf_puts(out, "...");
			break;
		}
		n++;
		sbuf_printf(out, n % per == 0 ? "%.*s\n" : "%-*.*s",
		    n % per == 0 ? len : (int)wide + 2, len, s);
	}
	sbuf_puts(out, "\n");
}

static unsigned char
complete(EditLine *el, int ch)
{
	struct repl_edit *e = of(el);
	struct sbuf b = { 0 }, list = { 0 };
	unsigned char rc = CC_REFRESH_BEEP;
	char *line = before(el), *word;
	size_t at, part, len, n;

	(void)ch;
	if (line == NULL)
		return CC_ERROR;
	at = repl_offers(e->r, line, e->more, &b);
	part = strlen(line) - at;
	if (b.len > 0 && !b.oom) {
		len = common(b.s, &n);
		word = b.s;
		if (n > 1 && len <= part) {
			columns(b.s, &list);
			if (list.len > 0)
				print(e, list.s, list.len);
			rc = CC_NORM;
		} else {
			bool last = n == 1 && len > 0
			    && strchr("=/.:(,", word[len - 1]) == NULL;

			word[len] = '\0';
			el_deletestr(el, (int)part);
			el_insertstr(el, word);
			if (last)
				el_insertstr(el, " ");
			rc = CC_REFRESH;
		}
	}
	sbuf_free(&list);
	sbuf_free(&b);
	free(line);
	return rc;
}

/* explains tells whether `?` behind |line| asks for help: not in Lua. */
static bool
explains(const char *line)
{
	size_t n = strspn(line, "abcdefghijklmnopqrstuvwxyz");
	char q = 0;

	for (const char *s = line; *s != '\0'; s++)
		if (q != 0)
			q = *s == q ? 0 : q;
		else if (*s == '"' || *s == '\'')
			q = *s;
	return q == 0 && (line[n] == '\0' || cmd_is(line));
}

static unsigned char
question(EditLine *el, int ch)
{
	struct repl_edit *e = of(el);
	char *line = before(el);
	struct sbuf b = { 0 };
	bool ok = line != NULL && !e->more && explains(line);

	(void)ch;
	if (ok) {
		cmd_help_at(&e->r->host, line, &b);
		print(e, b.s == NULL ? "" : b.s, b.len);
	}
	sbuf_free(&b);
	free(line);
	if (ok)
		return CC_NORM;
	return el_insertstr(el, "?") == 0 ? CC_REFRESH : CC_ERROR;
}

/* end is Ctrl-D: it leaves where there is nothing to delete. */
static unsigned char
end(EditLine *el, int ch)
{
	const LineInfoW *li = el_wline(el);

	(void)ch;
	if (li->lastchar == li->buffer)
		return CC_EOF;
	if (li->cursor == li->lastchar)
		return CC_REFRESH_BEEP;
	el_cursor(el, 1);
	el_deletestr(el, 1);
	return CC_REFRESH;
}

/* ---- life ----------------------------------------------------------------- */

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

static void
bind_keys(struct repl_edit *e)
{
	el_set(e->el, EL_EDITOR, "emacs");
	/* wide, because the narrow call leaks copies of the names */
	el_wset(e->el, EL_ADDFN, L"marsh-complete", L"Complete", complete);
	el_wset(e->el, EL_ADDFN, L"marsh-help", L"Explain", question);
	el_wset(e->el, EL_ADDFN, L"marsh-end", L"Delete or leave", end);
	el_set(e->el, EL_BIND, "\t", "marsh-complete", NULL);
	el_set(e->el, EL_BIND, "?", "marsh-help", NULL);
	el_set(e->el, EL_BIND, "^D", "marsh-end", NULL);
	el_set(e->el, EL_BIND, "^R", "em-inc-search-prev", NULL);
	el_set(e->el, EL_BIND, "^W", "ed-delete-prev-word", NULL);
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
	bind_keys(e);
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
