/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * watch: a command again and again, a second of real time apart, with virtual
 * time passing, until a key or Ctrl-C.  On a terminal that can, each picture
 * is painted over the last one; elsewhere they follow one another.
 */
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "repl/repl_int.h"

#define EVERY_US 1000000

/* pause_for waits, time passing, until the next picture; false: it is over. */
static bool
pause_for(struct repl *r, struct sbuf *out)
{
	int64_t end = repl_clock() + EVERY_US, left;
	char key[64];

	while ((left = end - repl_clock()) > 0) {
		int ms = repl_time_ms(r), wait = (int)(left / 1000) + 1;

		if (repl_wait(r, ms < 0 || ms > wait ? wait : ms)) {
			r->gone = read(STDIN_FILENO, key, sizeof(key)) <= 0;
			return false;
		}
		if (repl_interrupted() || r->gone)
			return false;
		repl_time_pass(r, out);
	}
	return true;
}

/* paint shows |text|, cut to the screen where it can be painted over. */
static void
paint(const struct repl *r, const char *line, const struct sbuf *text)
{
	size_t rows, cols, row = 2;
	char prompt[REPL_PROMPT_MAX];
	const char *s = text->s == NULL ? "" : text->s;

	repl_size(&rows, &cols);
	repl_prompt(r, false, prompt);
	if (r->capable)
		fputs("\033[H\033[2J", stdout);
	printf("%s%s   (every second; a key ends it)\n", prompt, line);
	while (*s != '\0' && (!r->capable || row < rows)) {
		size_t n = strcspn(s, "\n");

		printf("%.*s\n", (int)n, s);
		s += n + (s[n] == '\n');
		row++;
	}
	fflush(stdout);
}

static enum repl_status
watch(struct repl *r, const char *line)
{
	enum repl_status st;
	struct sbuf text = { 0 };

	repl_time_start(r);
	for (;;) {
		bool caught = repl_catch();

		st = repl_exec(r, line, 1);
		if (caught)
			repl_caught(&text);
		if (st != REPL_OK) {
			if (text.len > 0)
				fwrite(text.s, 1, text.len, stdout);
			break;
		}
		paint(r, line, &text);
		text.len = 0;
		if (text.s != NULL)
			text.s[0] = '\0';
		if (!pause_for(r, &text))
			break;
	}
	sbuf_free(&text);
	return st;
}

/* forbidden: what makes no sense again and again. */
static bool
forbidden(const char *line)
{
	static const char *const words[] = { "watch", "quit", "source",
		"history" };
	size_t n = strspn(line, "abcdefghijklmnopqrstuvwxyz");

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (n > 0 && strncmp(words[i], line, n) == 0)
			return true;
	return false;
}

enum cmd_status
repl_watch(struct repl *r, const char *line, char *why, size_t cap)
{
	struct termios was, raw;
	bool tty = tcgetattr(STDIN_FILENO, &was) == 0;
	enum repl_status st;

	if (r->watching || forbidden(line)) {
		snprintf(why, cap, "watch: '%.40s' cannot be watched", line);
		return CMD_ERROR;
	}
	if (tty) {
		raw = was;
		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		raw.c_cc[VMIN] = 1;
		raw.c_cc[VTIME] = 0;
		tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
	}
	r->watching = true;
	st = watch(r, line);
	r->watching = false;
	if (tty)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &was);
	if (st == REPL_INTERRUPTED)
		r->stopped = true;
	if (st == REPL_INCOMPLETE)
		snprintf(why, cap, "watch: the statement is not complete");
	return st == REPL_OK ? CMD_OK : CMD_ERROR;
}
