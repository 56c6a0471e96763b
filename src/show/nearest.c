/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * "Did you mean": Damerau-Levenshtein distance in its optimal string alignment
 * form, counted in halves of an edit so that a wrong case costs less than a
 * wrong letter.  A third of the word may be wrong; a suggestion that shares
 * nothing with what was typed helps nobody.
 */
#include <stdbool.h>
#include <string.h>

#include "show/show_int.h"

#define WORD_MAX 64
#define EDIT 2

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static unsigned
swap_cost(char a, char b)
{
	if (a == b)
		return 0;
	return lower(a) == lower(b) ? EDIT / 2 : EDIT;
}

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static unsigned
distance(const char *a, size_t an, const char *b, size_t bn)
{
	unsigned row[3][WORD_MAX + 1], *old = row[0], *above = row[1];
	unsigned *cur = row[2], *spare, d;
	size_t i, j;

	for (j = 0; j <= bn; j++)
		old[j] = above[j] = (unsigned)j * EDIT;
	for (i = 1; i <= an; i++) {
		cur[0] = (unsigned)i * EDIT;
		for (j = 1; j <= bn; j++) {
			d = above[j - 1] + swap_cost(a[i - 1], b[j - 1]);
			d = least(d, above[j] + EDIT);
			d = least(d, cur[j - 1] + EDIT);
			if (i > 1 && j > 1 && a[i - 1] != a[i - 2]
			    && lower(a[i - 1]) == lower(b[j - 2])
			    && lower(a[i - 2]) == lower(b[j - 1]))
				d = least(d, old[j - 2] + EDIT);
			cur[j] = d;
		}
		spare = old;
		old = above;
		above = cur;
		cur = spare;
	}
	return above[bn];
}

/* An abbreviation is nearer than any spelling mistake but the smallest. */
static bool
begins(const char *word, const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (lower(word[i]) != lower(s[i]))
			return false;
	return n >= 2;
}

static unsigned
badness(const char *s, size_t n, const char *word)
{
	size_t wn = strlen(word);
	size_t longer = n > wn ? n : wn;
	unsigned limit = (unsigned)((n + 2) / 3) * EDIT, d;

	if (wn == 0 || wn > WORD_MAX)
		return UINT32_MAX;
	if (wn > n && begins(word, s, n))
		return EDIT;
	d = distance(s, n, word, wn);
	return d <= limit && d < longer * EDIT ? d : UINT32_MAX;
}

const char *
show_nearest(const char *s, const char *const *words, size_t n)
{
	const char *best = NULL;
	unsigned least_bad = UINT32_MAX, d;
	size_t len = strlen(s), i;

	if (len == 0 || len > WORD_MAX)
		return NULL;
	for (i = 0; i < n; i++) {
		if (words[i] == NULL)
			continue;
		d = badness(s, len, words[i]);
		if (d < least_bad) {
			least_bad = d;
			best = words[i];
		}
	}
	return best;
}
