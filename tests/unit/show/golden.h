/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_GOLDEN_H
#define TESTS_GOLDEN_H

/*
 * Expected screens are files, tests/screen/NAME.txt, found from MARSH_TOP or
 * the current directory.  MARSH_BLESS=1 writes what was found in their place:
 * look at the difference before it is committed.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline void
golden_path(const char *name, char *path, size_t cap)
{
	const char *top = getenv("MARSH_TOP");

	(void)snprintf(path, cap, "%s/tests/screen/%s.txt",
	    top != NULL ? top : ".", name);
}

/* golden_read returns the file's text, to be freed; NULL: there is none. */
static inline char *
golden_read(const char *path)
{
	FILE *f = fopen(path, "rb");
	char *s = NULL;
	long n;

	if (f == NULL)
		return NULL;
	if (fseek(f, 0, SEEK_END) == 0 && (n = ftell(f)) >= 0
	    && fseek(f, 0, SEEK_SET) == 0
	    && (s = malloc((size_t)n + 1)) != NULL)
		s[fread(s, 1, (size_t)n, f)] = '\0';
	(void)fclose(f);
	return s;
}

/* The first line that differs is what one wants to know. */
static inline void
golden_tell(const char *path, const char *want, const char *got)
{
	int line = 1;

	while (*want != '\0' && *want == *got) {
		line += *want == '\n';
		want++;
		got++;
	}
	(void)fprintf(stderr, "%s:%d differs; found there: %.80s\n", path,
	    line, got);
}

static inline bool
golden_same(const char *name, const char *got)
{
	const char *bless = getenv("MARSH_BLESS");
	char path[512], *want;
	bool same;
	FILE *f;

	golden_path(name, path, sizeof(path));
	if (bless != NULL && strcmp(bless, "1") == 0) {
		f = fopen(path, "wb");
		same = f != NULL && fputs(got, f) >= 0;
		return f != NULL && fclose(f) == 0 && same;
	}
	want = golden_read(path);
	if (want == NULL) {
		(void)fprintf(stderr, "%s: cannot be read\n", path);
		return false;
	}
	same = strcmp(want, got) == 0;
	if (!same)
		golden_tell(path, want, got);
	free(want);
	return same;
}

#endif
