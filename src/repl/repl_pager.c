/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Output that does not fit the screen, a screen at a time: through $PAGER, or
 * less, or by ourselves.  Only where someone types and looks; never into a
 * file, never while a command is watched.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "repl/repl_int.h"

void
repl_size(size_t *rows, size_t *cols)
{
	*rows = 24;
	*cols = 80;
#ifdef TIOCGWINSZ
	struct winsize ws;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) == 0) {
		if (ws.ws_row > 0)
			*rows = ws.ws_row;
		if (ws.ws_col > 0)
			*cols = ws.ws_col;
	}
#endif
}

/* height returns how many rows of |cols| the line at |s| takes. */
static size_t
height(const char *s, size_t len, size_t cols)
{
	size_t wide = 0;

	for (size_t i = 0; i < len; i++) {
		if (s[i] == '\033')
			while (i < len && s[i] != 'm')
				i++;
		else if (((unsigned char)s[i] & 0xc0) != 0x80)
			wide++;
	}
	return wide == 0 ? 1 : (wide + cols - 1) / cols;
}

static bool
fits(const char *text, size_t len)
{
	size_t rows, cols, used = 0;

	repl_size(&rows, &cols);
	for (size_t i = 0; i < len && used < rows;) {
		const char *end = memchr(text + i, '\n', len - i);
		size_t n = end == NULL ? len - i : (size_t)(end - text) - i;

		used += height(text + i, n, cols);
		i += n + 1;
	}
	return used < rows; /* the prompt wants a row too */
}

static bool
write_all(int fd, const char *s, size_t n)
{
	while (n > 0) {
		ssize_t k = write(fd, s, n);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return false;
		s += k;
		n -= (size_t)k;
	}
	return true;
}

/* child runs |pager| on the pipe |fd|; never returns. */
static void
child(const char *pager, int fd)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sigemptyset(&sa.sa_mask);
	sa.sa_handler = SIG_DFL;
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGPIPE, &sa, NULL);
	dup2(fd, STDIN_FILENO);
	if (fd != STDIN_FILENO)
		close(fd);
	execl("/bin/sh", "sh", "-c", pager, (char *)NULL);
	_exit(127);
}

/* outside shows |text| through |pager|; false: it could not be run. */
static bool
outside(const char *pager, const char *text, size_t len)
{
	int p[2], status = 0;
	pid_t pid;

	if (pipe(p) != 0)
		return false;
	fflush(stdout);
	pid = fork();
	if (pid < 0) {
		close(p[0]);
		close(p[1]);
		return false;
	}
	if (pid == 0) {
		close(p[1]);
		child(pager, p[0]);
	}
	close(p[0]);
	write_all(p[1], text, len);
	close(p[1]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		continue;
	(void)repl_interrupted(); /* Ctrl-C was for the pager */
	return !(WIFEXITED(status) && (WEXITSTATUS(status) == 127
		|| WEXITSTATUS(status) == 126));
}

/* go_on asks whether there shall be more. */
static bool
go_on(void)
{
	struct termios was, raw;
	bool cooked = tcgetattr(STDIN_FILENO, &was) == 0;
	ssize_t n;
	char c = 'q';

	fputs("-- more: space or Enter, q ends --", stdout);
	fflush(stdout);
	if (cooked) {
		raw = was;
		raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
		raw.c_cc[VMIN] = 1;
		raw.c_cc[VTIME] = 0;
		tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
	}
	n = read(STDIN_FILENO, &c, 1);
	if (cooked)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &was);
	putchar('\n');
	return n == 1 && c != 'q' && c != 'Q' && c != 4 && !repl_interrupted()
	    && !repl_hangup();
}

static void
inside(const char *text, size_t len)
{
	size_t rows, cols, used = 0;

	repl_size(&rows, &cols);
	for (size_t i = 0; i < len;) {
		const char *end = memchr(text + i, '\n', len - i);
		size_t n = end == NULL ? len - i : (size_t)(end - text) - i;
		size_t h = height(text + i, n, cols);

		if (used > 0 && used + h >= rows) {
			if (!go_on())
				return;
			used = 0;
		}
		printf("%.*s\n", (int)n, text + i);
		used += h;
		i += n + 1;
	}
}

void
repl_page(struct repl *r, const char *text, size_t len)
{
	const char *pager = getenv("PAGER");

	if (!r->interactive || !r->tty || r->watching || r->depth > 0
	    || fits(text, len)) {
		fwrite(text, 1, len, stdout);
		fflush(stdout);
		return;
	}
	if (pager == NULL || *pager == '\0')
		pager = r->capable ? "less -FRX" : NULL;
	if (pager == NULL || !outside(pager, text, len))
		inside(text, len);
	fflush(stdout);
	repl_time_start(r);
}
