/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SCSP between servers of one world: aligning a million records with a server
 * that has none and with one that has all, what that costs on the wire and in
 * memory; one change through a mesh; steady updates, and one update whatever
 * the number of entries.  Seconds are of the processor, all servers and the
 * network together.  Prints "name value unit" lines.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "marsh/node/world_scsp.h"

#define N 1000000u
#define BODY 64
#define STRIDE 617557u /* coprime to N */

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void
must(int rv, const char *what)
{
	if (rv < 0) {
		fprintf(stderr, "bench_scsp: %s: %d\n", what, rv);
		exit(1);
	}
}

static void
run(struct world *w, int64_t us)
{
	must(world_run(w, mtime_add(world_now(w), MSPAN_US(us))), "run");
}

static struct world *
servers(unsigned n)
{
	struct world_scsp_cfg c;
	struct world_cfg cfg;
	struct world *w;
	char name[16];
	node_id id;

	world_defaults(&cfg);
	cfg.log_max = 1 << 16;
	w = world_new(&cfg, mem_libc());
	world_scsp_defaults(&c);
	for (unsigned i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "D%u", i + 1);
		must(world_add_scsp(w, name, &c, &id), "server");
	}
	return w;
}

static void
mesh(struct world *w)
{
	for (node_id i = 1; i <= world_nodes(w); i++)
		for (node_id k = 1; k <= world_nodes(w); k++)
			if (i != k)
				must(node_scsp_add(w, i, node_addr(w, k)),
				    "add");
}

static void
put(struct world *w, node_id n, uint32_t i, uint32_t version)
{
	uint8_t key[8] = { 0, 0, 0, 0, (uint8_t)(i >> 24), (uint8_t)(i >> 16),
		(uint8_t)(i >> 8), (uint8_t)i };
	uint8_t body[BODY] = { (uint8_t)version, (uint8_t)(version >> 8),
		(uint8_t)(version >> 16), 1 };

	must(node_scsp_put(w, n, (struct scsp_oct){ key, sizeof(key) },
	    (struct scsp_oct){ body, sizeof(body) }), "put");
}

static void
load(struct world *w, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		put(w, 1, i, 0);
}

/* Every server is aligned with every other, and nothing waits. */
static bool
still(struct world *w)
{
	struct scsp_dcs_info d;

	for (node_id n = 1; n <= world_nodes(w); n++)
		for (unsigned k = 0; scsp_dcs(node_scsp(w, n), 0, k, &d); k++)
			if (d.cafsm != SCSP_CA_ALIGNED || d.queue != 0)
				return false;
	return true;
}

static uint64_t peak; /* of the octets that one server held */

static void
align(struct world *w)
{
	for (unsigned i = 0; i < 10000; i++) {
		run(w, 20000);
		for (node_id n = 1; n <= world_nodes(w); n++)
			if (scsp_stats(node_scsp(w, n))->memory > peak)
				peak = scsp_stats(node_scsp(w, n))->memory;
		if (still(w))
			break;
	}
	if (!still(w) || scsp_digest(node_scsp(w, 1), 0, true)
	    != scsp_digest(node_scsp(w, world_nodes(w)), 0, true))
		must(-1, "not aligned");
}

static uint64_t
octets(struct world *w)
{
	uint64_t sum = 0;

	for (node_id n = 1; n <= world_nodes(w); n++)
		sum += scsp_stats(node_scsp(w, n))->tx_octets;
	return sum;
}

/* Octets of |n| records of |size| octets in full messages. */
static double
least(uint32_t n, size_t size)
{
	size_t head = SCSP_FIXED_LEN + SCSP_MCP_LEN + 2 * 4;
	uint32_t in_one = (uint32_t)((SCSP_MTU - head) / size);

	return (double)n * (double)size
	    + (double)((n + in_one - 1) / in_one) * (double)(8 + head);
}

static double
per_record(struct world *w)
{
	uint64_t most = 0;

	for (node_id n = 1; n <= world_nodes(w); n++)
		if (scsp_stats(node_scsp(w, n))->memory > most)
			most = scsp_stats(node_scsp(w, n))->memory;
	return (double)most / N;
}

/* To an empty server every record goes as summary, solicit, CSA and reply. */
static void
alignment(void)
{
	static const uint8_t zero[BODY];
	struct scsp_rec r = { .key = { zero, 8 }, .orig = { zero, 4 },
		.body = { zero, BODY } };
	double want = 3 * least(N, scsp_csas_size(&r))
	    + least(N, scsp_csa_size(&r));
	struct world *w = servers(2);
	uint64_t o;
	double t;

	load(w, N);
	o = octets(w);
	t = seconds();
	mesh(w);
	align(w);
	printf("scsp_align_1m %.3f s\n", seconds() - t);
	printf("scsp_align_wire %.4f x\n", (double)(octets(w) - o) / want);
	printf("scsp_align_memory %.1f octets\n", per_record(w));
	printf("scsp_align_peak %.1f octets\n", (double)peak / N);
	t = seconds();
	must(node_restart(w, 2, false), "restart");
	align(w);
	printf("scsp_align_equal_1m %.3f s\n", seconds() - t);
	world_free(w);
}

static uint64_t
requests(struct world *w)
{
	uint64_t sum = 0;

	for (node_id n = 1; n <= world_nodes(w); n++)
		sum += scsp_stats(node_scsp(w, n))->tx[SCSP_CSU_REQ];
	return sum;
}

static void
flood(void)
{
	struct world *w = servers(8);
	uint64_t before;

	mesh(w);
	align(w);
	run(w, 5000000);
	before = requests(w);
	put(w, 1, 1, 1);
	run(w, 5000000);
	printf("scsp_flood_mesh8 %llu messages\n",
	    (unsigned long long)(requests(w) - before));
	world_free(w);
}

/* A thousand updates a millisecond, acknowledged as they go. */
static void
updates(void)
{
	struct world *w = servers(2);
	uint32_t i = 0;
	double t0, t;

	load(w, 100000);
	mesh(w);
	align(w);
	t0 = seconds();
	do {
		for (unsigned k = 0; k < 1000; k++, i++)
			put(w, 1, i % 100000, i + 1);
		run(w, 1000);
	} while ((t = seconds() - t0) < 1);
	run(w, 10000);
	if (!still(w))
		must(-1, "updates are not acknowledged");
	t = seconds() - t0;
	printf("scsp_updates %.0f /s\n", i / t);
	world_free(w);
}

/* One update, alone from beginning to end, of a random one of |n| entries. */
static double
update(uint32_t n)
{
	struct world *w = servers(2);
	uint32_t i = 0;
	double t0, t;

	load(w, n);
	mesh(w);
	align(w);
	t0 = seconds();
	do {
		for (unsigned k = 0; k < 1000; k++, i++) {
			put(w, 1, (uint32_t)((uint64_t)i * STRIDE % n), i + 1);
			run(w, 5000);
		}
	} while ((t = seconds() - t0) < 0.5);
	if (!still(w))
		must(-1, "an update is not acknowledged");
	world_free(w);
	return t * 1e9 / i;
}

static void
flat(void)
{
	double few = update(1000), some = update(100000), all = update(N);

	printf("scsp_update_1k %.0f ns\n", few);
	printf("scsp_update_100k %.0f ns\n", some);
	printf("scsp_update_1m %.0f ns\n", all);
	printf("scsp_update_flat %.2f x\n", all / few);
}

int
main(void)
{
	alignment();
	flood();
	updates();
	flat();
	return 0;
}
