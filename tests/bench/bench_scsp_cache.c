/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The storage of SCSP at a million records of 8-octet keys, 4-octet originator
 * and 64-octet bodies: finding, replacing and walking; what a record, a summary
 * of the Cache Record List and a queued CSA cost in memory, with what malloc
 * adds; the slowest 64 insertions.  Prints "name value unit" lines.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "scsp/scsp_cache.h"
#include "scsp/scsp_crl.h"
#include "scsp/scsp_queue.h"

#define N 1000000u
#define STRIDE 617557u /* coprime to N */

static size_t held, most;

/* Counts what malloc really takes: its own size and the word before it. */
static void *
resize(void *ctx, void *p, size_t old, size_t size)
{
	(void)ctx;
	(void)old;
	if (p != NULL)
		held -= malloc_usable_size(p) + sizeof(size_t);
	if (size == 0) {
		free(p);
		return NULL;
	}
	p = realloc(p, size);
	if (p != NULL)
		held += malloc_usable_size(p) + sizeof(size_t);
	if (held > most)
		most = held;
	return p;
}

static const struct mem mem = { resize, NULL };
static const struct mtime now = { 10000000000 };

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void
must(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "bench_scsp_cache: %s\n", what);
	exit(1);
}

/* A record as it stands in a message: written long before it is read. */
struct name {
	uint8_t key[8], orig[4];
};

/* Names of all records, in order and in an order without any. */
static struct name *ordered, *shuffled;

static void
names(void)
{
	ordered = calloc(2 * (size_t)N, sizeof(*ordered));
	must(ordered != NULL, "no memory");
	shuffled = ordered + N;
	for (uint32_t i = 0; i < N; i++) {
		struct name n = { { (uint8_t)(i >> 24), (uint8_t)(i >> 16),
			(uint8_t)(i >> 8), (uint8_t)i },
			{ 10, 0, 0, (uint8_t)(i % 20) } };

		ordered[i] = n;
	}
	for (uint32_t i = 0; i < N; i++)
		shuffled[i] = ordered[(uint64_t)i * STRIDE % N];
}

static struct scsp_rec
rec(const struct name *n, int32_t seq)
{
	static const uint8_t body[64] = { 1, 2, 3 };

	return (struct scsp_rec){ .seq = seq, .key = { n->key, 8 },
		.orig = { n->orig, 4 }, .body = { body, 64 } };
}

static void
fill(struct scsp_cache *c)
{
	double from = seconds(), slowest = 0, t = from, u;

	most = held;
	for (uint32_t i = 0; i < N; i++) {
		struct scsp_rec r = rec(&ordered[i], 1);

		must(scsp_cache_set(c, now, &r, false, false) != NULL, "set");
		if (i % 64 == 63) {
			u = seconds();
			if (u - t > slowest)
				slowest = u - t;
			t = u;
		}
	}
	printf("scsp_new %.0f ns\n", (seconds() - from) * 1e9 / N);
	printf("scsp_new_64_slowest %.0f us\n", slowest * 1e6);
}

static void
find(struct scsp_cache *c, const struct name *n, const char *what)
{
	double from = seconds();

	for (uint32_t i = 0; i < N; i++) {
		struct scsp_rec r = rec(&n[i], 1);

		must(scsp_cache_find(c, r.key, r.orig) != NULL, "find");
	}
	printf("%s %.0f ns\n", what, (seconds() - from) * 1e9 / N);
}

static void
set(struct scsp_cache *c, const struct name *n, int32_t seq, const char *what)
{
	double from = seconds();

	for (uint32_t i = 0; i < N; i++) {
		struct scsp_rec r = rec(&n[i], seq);

		must(scsp_cache_set(c, now, &r, false, false) != NULL, "set");
	}
	printf("%s %.0f ns\n", what, (seconds() - from) * 1e9 / N);
}

static void
walk(struct scsp_cache *c, int32_t seq, const char *what)
{
	double from = seconds();
	struct scsp_walk w;
	int64_t sum = 0;

	scsp_walk_start(&w, c, 0, UINT64_MAX);
	for (uint32_t i = 0; i < N; i++) {
		sum += scsp_entry_seq(scsp_walk_peek(&w));
		scsp_walk_step(&w);
	}
	must(sum == (int64_t)seq * N && scsp_walk_peek(&w) == NULL, "walk");
	scsp_walk_end(&w);
	printf("%s %.0f ns\n", what, (seconds() - from) * 1e9 / N);
}

/* A flood brings records in the order in which they changed elsewhere, which is
 * about that in which they lie here; the random order is the worst there is. */
static void
cache(void)
{
	struct scsp_cache *c = scsp_cache_new(&mem, MSPAN_SEC(3600));

	must(c != NULL, "no memory");
	fill(c);
	printf("scsp_record %.1f octets\n", (double)held / N);
	printf("scsp_record_peak %.1f octets\n", (double)most / N);
	find(c, ordered, "scsp_find");
	set(c, ordered, 2, "scsp_set");
	walk(c, 2, "scsp_walk");
	find(c, shuffled, "scsp_find_random");
	set(c, shuffled, 3, "scsp_set_random");
	walk(c, 3, "scsp_walk_random");
	scsp_cache_free(c);
	must(held == 0, "a leak");
}

static void
crl(void)
{
	struct scsp_crl *l = scsp_crl_new(&mem);
	double from = seconds();

	must(l != NULL, "no memory");
	for (uint32_t i = 0; i < N; i++) {
		struct scsp_rec r = rec(&shuffled[i], 1);

		must(scsp_crl_add(l, &r) == 0, "summary");
	}
	printf("scsp_crl_add %.0f ns\n", (seconds() - from) * 1e9 / N);
	printf("scsp_summary %.1f octets\n", (double)held / N);
	from = seconds();
	for (uint32_t i = 0; i < N; i++) {
		struct scsp_rec r = rec(&shuffled[i], 1);

		must(scsp_crl_answer(l, r.key, r.orig, 1, false), "answer");
	}
	printf("scsp_crl_answer %.0f ns\n", (seconds() - from) * 1e9 / N);
	scsp_crl_free(l);
	must(held == 0, "a leak");
}

static void
queue(void)
{
	struct scsp_queue *q = scsp_queue_new(&mem, MSPAN_SEC(2));
	double from = seconds();
	struct scsp_csa c;

	must(q != NULL, "no memory");
	for (uint32_t i = 0; i < N; i++) {
		struct scsp_rec r = rec(&shuffled[i], 1);

		c = (struct scsp_csa){ .key = r.key, .orig = r.orig, .seq = 1,
			.hop = 16 };
		must(scsp_queue_add(q, &c) == 0, "add");
	}
	printf("scsp_queue_add %.0f ns\n", (seconds() - from) * 1e9 / N);
	printf("scsp_csa %.1f octets\n", (double)held / N);
	from = seconds();
	while (scsp_queue_waiting(q) > 0) {
		must(scsp_queue_begin(q) == 0, "begin");
		for (int i = 0; i < 100 && scsp_queue_next(q, &c); i++)
			scsp_queue_take(q);
		scsp_queue_end(q, now);
	}
	printf("scsp_queue_send %.0f ns\n", (seconds() - from) * 1e9 / N);
	from = seconds();
	for (uint32_t i = 0; i < N; i++) {
		struct scsp_rec r = rec(&shuffled[i], 1);

		must(scsp_queue_ack(q, &r) == SCSP_ACK_DONE, "ack");
	}
	printf("scsp_queue_ack %.0f ns\n", (seconds() - from) * 1e9 / N);
	scsp_queue_free(q);
	must(held == 0, "a leak");
}

int
main(void)
{
	names();
	cache();
	crl();
	queue();
	free(ordered);
	return 0;
}
