/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The storage of SCSP at a million records of 8-octet keys, 4-octet originator
 * and 64-octet bodies: finding, replacing and walking, in an order that no
 * cache of the processor likes; what a record, a summary of the Cache Record
 * List and a queued CSA cost in memory, with what malloc adds; the slowest single
 * insertion.  Prints "name value unit" lines.
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

static struct scsp_rec
rec(uint32_t i, int32_t seq)
{
	static uint8_t key[8], orig[4] = { 10, 0, 0, 0 }, body[64];

	key[0] = (uint8_t)(i >> 24);
	key[1] = (uint8_t)(i >> 16);
	key[2] = (uint8_t)(i >> 8);
	key[3] = (uint8_t)i;
	orig[3] = (uint8_t)(i % 20);
	body[7] = (uint8_t)seq;
	return (struct scsp_rec){ .seq = seq, .key = { key, 8 },
		.orig = { orig, 4 }, .body = { body, 64 } };
}

/* The |i|th of an order that visits all records once. */
static uint32_t
nth(uint32_t i)
{
	return (uint32_t)((uint64_t)i * STRIDE % N);
}

static void
fill(struct scsp_cache *c)
{
	double from = seconds(), slowest = 0, t = from, u;

	most = held;
	for (uint32_t i = 0; i < N; i++) {
		struct scsp_rec r = rec(i, 1);

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
cache(void)
{
	struct scsp_cache *c = scsp_cache_new(&mem, MSPAN_SEC(3600));
	struct scsp_walk w;
	uint64_t sum = 0;
	double from;

	must(c != NULL, "no memory");
	fill(c);
	printf("scsp_record %.1f octets\n", (double)held / N);
	printf("scsp_record_peak %.1f octets\n", (double)most / N);
	from = seconds();
	for (uint32_t i = 0; i < N; i++) {
		struct scsp_rec r = rec(nth(i), 1);
		struct scsp_entry *e = scsp_cache_find(c, r.key, r.orig);

		must(e != NULL, "find");
		sum += (uint64_t)scsp_entry_seq(e);
	}
	printf("scsp_find %.0f ns\n", (seconds() - from) * 1e9 / N);
	from = seconds();
	for (uint32_t i = 0; i < N; i++) {
		struct scsp_rec r = rec(nth(i), 2);

		must(scsp_cache_set(c, now, &r, false, false) != NULL, "set");
	}
	printf("scsp_set %.0f ns\n", (seconds() - from) * 1e9 / N);
	from = seconds();
	scsp_walk_start(&w, c, 0, UINT64_MAX);
	for (uint32_t i = 0; i < N; i++) {
		sum += (uint64_t)scsp_entry_seq(scsp_walk_peek(&w));
		scsp_walk_step(&w);
	}
	printf("scsp_walk %.0f ns\n", (seconds() - from) * 1e9 / N);
	must(sum == 3 * (uint64_t)N && scsp_walk_peek(&w) == NULL, "walk");
	scsp_walk_end(&w);
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
		struct scsp_rec r = rec(nth(i), 1);

		must(scsp_crl_add(l, &r) == 0, "summary");
	}
	printf("scsp_crl_add %.0f ns\n", (seconds() - from) * 1e9 / N);
	printf("scsp_summary %.1f octets\n", (double)held / N);
	from = seconds();
	for (uint32_t i = 0; i < N; i++) {
		struct scsp_rec r = rec(nth(i), 1);

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
		struct scsp_rec r = rec(nth(i), 1);

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
		struct scsp_rec r = rec(nth(i), 1);

		must(scsp_queue_ack(q, &r) == SCSP_ACK_DONE, "ack");
	}
	printf("scsp_queue_ack %.0f ns\n", (seconds() - from) * 1e9 / N);
	scsp_queue_free(q);
	must(held == 0, "a leak");
}

int
main(void)
{
	cache();
	crl();
	queue();
	return 0;
}
