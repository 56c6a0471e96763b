/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whole clusters: protocol events a second, one frame to ten thousand clients
 * that process it, and the recovery of a thousand clients from a MARS crash.
 * Prints "name value unit" lines.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "marsh/node/world.h"

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void
must(int rv, const char *what)
{
	if (rv < 0) {
		fprintf(stderr, "bench_world: %s: %d\n", what, rv);
		exit(1);
	}
}

static void
run(struct world *w, double sec)
{
	struct mspan d = { (int64_t)(sec * 1e6) };

	must(world_run(w, mtime_add(world_now(w), d)), "run");
}

static struct l3_range
group(uint32_t n)
{
	struct l3_addr a = l3_addr_ipv4(0xe0010000u + n);

	return l3_range_one(&a);
}

static struct world *
cluster(unsigned n, unsigned groups)
{
	struct world_cfg cfg;
	struct mars_server_cfg sc;
	struct mars_client_cfg cc;
	struct world *w;
	node_id m, c;
	char name[16];

	world_defaults(&cfg);
	cfg.log_max = 1 << 16;
	w = world_new(&cfg, mem_libc());
	mars_server_defaults(&sc);
	mars_client_defaults(&cc);
	must(world_add_server(w, "M1", &sc, &m), "server");
	cc.mars = *node_addr(w, m);
	for (unsigned i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "C%u", i + 1);
		must(world_add_client(w, name, &cc, &c), "client");
		must(node_register(w, c), "register");
		for (unsigned g = 0; g < groups; g++) {
			struct l3_range r = group((i + g * 7) % 64);

			must(node_join(w, c, &r, true), "join");
		}
		if (i % 64 == 63)
			run(w, 0.1);
	}
	run(w, 30);
	return w;
}

/* Joins and leaves by turns, each relayed to every member. */
static void
protocol_events(void)
{
	struct world *w = cluster(50, 0);
	uint64_t e0 = world_events(w);
	double t0 = seconds(), t;
	unsigned i = 0;

	do {
		for (unsigned k = 0; k < 200; k++, i++) {
			struct l3_range r = group(i / 50 % 100);
			node_id c = 2 + i % 50;

			if (i / 5000 % 2 == 0)
				(void)node_join(w, c, &r, true);
			else
				(void)node_leave(w, c, &r);
			run(w, 0.004);
		}
	} while ((t = seconds() - t0) < 1.0);
	printf("protocol_events %.0f events/s\n",
	    (double)(world_events(w) - e0) / t);
	world_free(w);
}

static void
broadcast(void)
{
	struct world *w = cluster(10000, 0);
	uint64_t d0 = atm_net_stats(world_net(w))->deliveries;
	double t0 = seconds(), t;
	unsigned i = 0;

	do {
		struct l3_range r = group(i++);

		must(node_join(w, 2, &r, true), "join");
		run(w, 0.01);
	} while ((t = seconds() - t0) < 1.0);
	printf("broadcast_10000 %.0f deliveries/s\n",
	    (double)(atm_net_stats(world_net(w))->deliveries - d0) / t);
	world_free(w);
}

static unsigned
members(struct world *w)
{
	struct mars_group_info gi;
	struct l3_addr last;
	const struct l3_addr *after = NULL;
	unsigned n = 0;

	while (mars_server_next_group(node_server(w, 1), 0, after, &gi)) {
		n += gi.members;
		last = gi.group;
		after = &last;
	}
	return n;
}

static void
recovery(void)
{
	struct world *w = cluster(1000, 4);
	struct mtime from = world_now(w);
	double t0 = seconds();

	if (members(w) != 4000)
		must(-1, "cluster incomplete");
	must(node_kill(w, 1), "kill");
	run(w, 0.5);
	must(node_restart(w, 1, true), "restart");
	while (members(w) != 4000) {
		run(w, 1);
		if (seconds() - t0 > 60)
			must(-1, "no recovery");
	}
	printf("recovery_1000x4 %.3f s\n", seconds() - t0);
	printf("recovery_1000x4_virtual %.0f s\n",
	    (double)mtime_sub(world_now(w), from).us * 1e-6);
	world_free(w);
}

int
main(void)
{
	protocol_events();
	broadcast();
	recovery();
	return 0;
}
