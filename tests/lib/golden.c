/* SPDX-License-Identifier: BSD-2-Clause */
#include "golden.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VECTOR_MAX 16384

static void
die(const char *path, const char *why)
{
	fprintf(stderr, "%s: %s\n", path, why);
	exit(1);
}

/* Appends the octets of one line to |b| and returns their new number. */
static size_t
line(const char *path, char *p, uint8_t *b, size_t n)
{
	p[strcspn(p, "#\n")] = '\0';
	for (;;) {
		char *end;
		unsigned long v;

		p += strspn(p, " \t");
		if (*p == '\0')
			return n;
		v = strtoul(p, &end, 16);
		if (end - p != 2 || n == VECTOR_MAX)
			die(path, "not octets in hex");
		b[n++] = (uint8_t)v;
		p = end;
	}
}

uint8_t *
golden_read(const char *name, size_t *len)
{
	const char *top = getenv("MARSH_TOP");
	static uint8_t b[VECTOR_MAX];
	char path[512], text[512];
	FILE *f;

	snprintf(path, sizeof(path), "%s/tests/golden/%s.hex",
	    top != NULL ? top : ".", name);
	f = fopen(path, "r");
	if (f == NULL)
		die(path, "cannot be read");
	*len = 0;
	while (fgets(text, sizeof(text), f) != NULL)
		*len = line(path, text, b, *len);
	fclose(f);
	if (*len == 0)
		die(path, "holds no octets");
	return golden_exact(b, *len);
}

uint8_t *
golden_exact(const void *bytes, size_t len)
{
	uint8_t *p = malloc(len);

	if (p == NULL && len != 0)
		die("golden", "out of memory");
	if (len != 0)
		memcpy(p, bytes, len);
	return p;
}
