/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lines typed so far, in memory and in a file that several sessions share:
 * each line is appended by one write as soon as it was typed, so nothing is
 * lost when the terminal vanishes.  A line that repeats the one before it, or
 * begins with a blank, is not kept.  The file is the user's alone (0600); when
 * it has grown long it is cut, once, at the start of a session.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "repl/repl_int.h"

#define KEEP 5000  /* lines after cutting */
#define LONG 10000 /* lines that make it cut */
#define LINE_MAX_ 65536

struct repl_hist {
	char **v;
	size_t n, cap;
	char *path; /* NULL: no file */
};

/* directories makes those of |path|, the new ones for the user alone. */
static bool
directories(char *path)
{
	for (char *p = path + 1; (p = strchr(p, '/')) != NULL; p++) {
		int rc;

		*p = '\0';
		rc = mkdir(path, 0700);
		*p = '/';
		if (rc != 0 && errno != EEXIST && errno != EROFS
		    && errno != EACCES)
			return false;
	}
	return true;
}

/* file_path returns the file's path (owned), or NULL: nowhere to keep it. */
static char *
file_path(void)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	struct sbuf b = { 0 };

	/* the XDG rules: a relative path is to be ignored */
	if (state != NULL && *state == '/')
		sbuf_printf(&b, "%s/marsh/history", state);
	else if (home != NULL && *home == '/')
		sbuf_printf(&b, "%s/.local/state/marsh/history", home);
	if (b.oom || b.s == NULL || !directories(b.s)) {
		sbuf_free(&b);
		return NULL;
	}
	return b.s;
}

static bool
append(struct repl_hist *h, const char *line, size_t len)
{
	char *copy;

	if (h->n == h->cap) {
		size_t cap = h->cap == 0 ? 64 : 2 * h->cap;
		char **v = realloc(h->v, cap * sizeof(*v));

		if (v == NULL)
			return false;
		h->v = v;
		h->cap = cap;
	}
	copy = malloc(len + 1);
	if (copy == NULL)
		return false;
	memcpy(copy, line, len);
	copy[len] = '\0';
	h->v[h->n++] = copy;
	return true;
}

static bool
repeats(const struct repl_hist *h, const char *line, size_t len)
{
	const char *last = h->n > 0 ? h->v[h->n - 1] : NULL;

	return last != NULL && strlen(last) == len
	    && memcmp(last, line, len) == 0;
}

/* open_file opens the file, which must be a plain one, for the user alone. */
static int
open_file(const char *path, int flags)
{
	int fd = open(path, flags | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY
	    | O_NONBLOCK, 0600);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return -1;
	}
	if ((st.st_mode & 077) != 0)
		(void)!fchmod(fd, 0600);
	return fd;
}

static void
load(struct repl_hist *h, FILE *f)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	while ((n = getline(&line, &cap, f)) > 0) {
		if (line[n - 1] == '\n')
			n--;
		if (n > 0 && n < LINE_MAX_ && memchr(line, 0, (size_t)n) == NULL
		    && !repeats(h, line, (size_t)n))
			append(h, line, (size_t)n);
	}
	free(line);
}

/* cut writes the newest lines to a new file that takes the old one's place. */
static void
cut(struct repl_hist *h)
{
	struct sbuf b = { 0 };
	int fd;
	FILE *f;
	bool ok;

	for (size_t i = 0; i < h->n - KEEP; i++)
		free(h->v[i]);
	memmove(h->v, h->v + h->n - KEEP, KEEP * sizeof(*h->v));
	h->n = KEEP;
	sbuf_printf(&b, "%s.%ld", h->path, (long)getpid());
	fd = b.oom ? -1 : open_file(b.s, O_WRONLY | O_EXCL);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (f == NULL) {
		if (fd >= 0)
			close(fd);
		sbuf_free(&b);
		return;
	}
	for (size_t i = 0; i < h->n; i++)
		fprintf(f, "%s\n", h->v[i]);
	ok = !ferror(f);
	if (fclose(f) != 0 || !ok || rename(b.s, h->path) != 0)
		unlink(b.s);
	sbuf_free(&b);
}

struct repl_hist *
repl_hist_open(void)
{
	struct repl_hist *h = calloc(1, sizeof(*h));
	FILE *f;
	int fd;

	if (h == NULL)
		return NULL;
	h->path = file_path();
	fd = h->path == NULL ? -1 : open_file(h->path, O_RDONLY);
	f = fd < 0 ? NULL : fdopen(fd, "r");
	if (f != NULL) {
		load(h, f);
		fclose(f);
	} else if (fd >= 0) {
		close(fd);
	}
	if (h->n > LONG)
		cut(h);
	return h;
}

void
repl_hist_close(struct repl_hist *h)
{
	if (h == NULL)
		return;
	for (size_t i = 0; i < h->n; i++)
		free(h->v[i]);
	free(h->v);
	free(h->path);
	free(h);
}

void
repl_hist_add(struct repl_hist *h, const char *line)
{
	size_t len = strlen(line);
	char *out;
	int fd;

	if (len == 0 || len >= LINE_MAX_ || *line == ' '
	    || strchr(line, '\n') != NULL || repeats(h, line, len)
	    || !append(h, line, len) || h->path == NULL)
		return;
	fd = open_file(h->path, O_WRONLY | O_APPEND);
	out = malloc(len + 1);
	if (fd >= 0 && out != NULL) {
		memcpy(out, line, len);
		out[len] = '\n';
		/* one write: lines of two sessions do not mix */
		(void)!write(fd, out, len + 1);
	}
	free(out);
	if (fd >= 0)
		close(fd);
}

size_t
repl_hist_count(const struct repl_hist *h)
{
	return h == NULL ? 0 : h->n;
}

const char *
repl_hist_line(const struct repl_hist *h, size_t i)
{
	return h->v[i];
}
