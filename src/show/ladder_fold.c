/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Repetition folded away: a run of up to BLOCK rows that comes again and again,
 * equal but for time and sequence number, is shown once with a line that says
 * how often and how far apart.  A lost copy makes a row differ, so a loss never
 * hides in a fold.
 */
#include <string.h>

#include "show/ladder_int.h"

#define BLOCK 8
#define LEAST 2 /* repetitions that are worth a line */
#define HELLOS 3 /* that are worth one */

static bool
equal(const struct ladder_row *a, const struct ladder_row *b, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (a[i].sig != b[i].sig)
			return false;
	return true;
}

/* repeats counts how often the |block| rows at |i| come again behind it. */
static size_t
repeats(const struct ladder *l, size_t i, size_t block)
{
	size_t n = 0;

	while (i + (n + 2) * block <= l->n
	    && equal(&l->row[i], &l->row[i + (n + 1) * block], block))
		n++;
	return n;
}

/* The distance of the repetitions where it is the same to a millisecond. */
static int64_t
apart(const struct ladder_row *r, size_t block, size_t times)
{
	int64_t first = r[block].t.us - r[0].t.us, d;
	size_t i;

	for (i = 1; i < times; i++) {
		d = r[(i + 1) * block].t.us - r[i * block].t.us - first;
		if (d > 1000 || d < -1000)
			return -1;
	}
	return first;
}

/* At |i|: the fold that swallows most rows; |times| 0: none. */
static size_t
best_block(const struct ladder *l, size_t i, size_t *times)
{
	size_t block, n, best = 0;

	*times = 0;
	for (block = 1; block <= BLOCK; block++) {
		n = repeats(l, i, block);
		if (n >= LEAST && n * block > best * *times) {
			best = block;
			*times = n;
		}
	}
	return best;
}

/*
 * Folding in place is safe: a fold writes block + 1 rows where at least three
 * blocks were read.
 */
static void
fold(struct ladder *l)
{
	size_t i = 0, kept = 0, block, times;
	struct ladder_row line;

	while (i < l->n) {
		block = best_block(l, i, &times);
		if (block == 0) {
			l->row[kept++] = l->row[i++];
			continue;
		}
		line = l->row[i + (times + 1) * block - 1];
		line.kind = LADDER_FOLD;
		line.times = times;
		line.block = block;
		line.apart = apart(&l->row[i], block, times);
		if (line.apart < 0)
			line.apart = -1 - (line.t.us - l->row[i].t.us);
		memmove(&l->row[kept], &l->row[i], block * sizeof(line));
		kept += block;
		l->row[kept++] = line;
		i += (times + 1) * block;
	}
	l->n = kept;
}

static bool
is_hello(const struct ladder_row *r)
{
	return r->kind == LADDER_SEND && r->op == LOG_SCSP + SCSP_HELLO
	    && r->got == r->want && r->other_got == r->other_want;
}

/*
 * SCSP's Hellos never end, and those of many servers come in no order: a run of
 * them that all arrived is one line, however it is mixed.
 */
static void
fold_hellos(struct ladder *l)
{
	size_t i = 0, kept = 0, n;
	struct ladder_row line;

	while (i < l->n) {
		for (n = 0; i + n < l->n && is_hello(&l->row[i + n]); n++)
			continue;
		if (n < HELLOS) {
			l->row[kept++] = l->row[i++];
			continue;
		}
		line = l->row[i + n - 1];
		line.kind = LADDER_HELLOS;
		line.times = n;
		line.apart = -1 - (line.t.us - l->row[i].t.us) / 1000 * 1000;
		line.sig = 0;
		l->row[kept++] = line;
		i += n;
	}
	l->n = kept;
}

void
ladder_fold(struct ladder *l, size_t max)
{
	struct ladder_row *last;

	fold_hellos(l);
	fold(l);
	if (max == 0)
		max = LADDER_ROWS;
	if (l->n <= max)
		return;
	last = &l->row[max - 1];
	*last = l->row[l->n - 1];
	last->kind = LADDER_MORE;
	last->times = l->n - (max - 1);
	l->n = max;
}
