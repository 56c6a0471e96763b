/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The simulator alone: its scheduler with 100,000 entries pending (each taken
 * out goes back in at a random later time), a frame to 10,000 leaves whose
 * owner does nothing with it, and a timer that is re-armed all the time.
 * Prints "name value unit" lines.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "marsh/base/frame.h"
#include "marsh/base/rng.h"
#include "marsh/node/world.h"
#include "marsh/sim/sim.h"
#include "sim/sim_queue.h"

#define PENDING 100000
#define LEAVES 10000

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void
hold(const char *name, uint64_t span)
{
	static struct sim_queue q;
	struct sim_qev *v = calloc(PENDING, sizeof(*v)), *ev;
	struct rng rng;
	uint64_t n = 0;
	double t0, t;

	if (v == NULL)
		exit(1);
	rng_seed(&rng, 1);
	sim_queue_init(&q, 0);
	for (int i = 0; i < PENDING; i++)
		sim_queue_push(&q, &v[i],
		    (int64_t)(((rng_u64(&rng) >> 32) * span) >> 32));
	t0 = seconds();
	do {
		for (int i = 0; i < 1000000; i++) {
			ev = sim_queue_pop(&q, INT64_MAX);
			sim_queue_push(&q, ev, ev->t
			    + (int64_t)(((rng_u64(&rng) >> 32) * span) >> 32));
		}
		n += 1000000;
	} while ((t = seconds() - t0) < 0.5);
	printf("%s %.0f events/s\n", name, (double)n / t);
	free(v);
}

static struct atm_addr
address(unsigned i)
{
	uint8_t nsap[ATM_NSAP_LEN] = { 0x47 };

	nsap[16] = (uint8_t)(i >> 16);
	nsap[17] = (uint8_t)(i >> 8);
	nsap[18] = (uint8_t)i;
	return atm_addr_nsap(nsap);
}

static struct atm_net *
tree(void)
{
	struct sim_cfg cfg;
	struct sim *s;
	struct atm_net *n;
	struct atm_addr a;
	struct atm_ev ev;
	atm_port port;

	sim_defaults(&cfg);
	s = sim_new(&cfg, mem_libc());
	if (s == NULL)
		exit(1);
	n = sim_net(s);
	for (unsigned i = 0; i <= LEAVES; i++) {
		a = address(i);
		if (atm_net_attach(n, &a, &port) != 0)
			exit(1);
	}
	for (unsigned i = 1; i <= LEAVES; i++) {
		struct atm_req rq = { .ref = 1, .dst = address(i),
			.kind = i == 1 ? ATM_MULTI_RQ : ATM_MULTI_ADD };

		atm_net_submit(n, 1, &rq);
	}
	while (atm_net_next(n, MTIME_NEVER, &ev) == 1)
		;
	return n;
}

static void
broadcast(void)
{
	struct atm_net *n = tree();
	struct atm_req rq = { .kind = ATM_SEND, .ref = 1 };
	struct atm_ev ev;
	uint64_t got = 0;
	double t0 = seconds(), t;

	do {
		rq.frame = frame_copy(mem_libc(), "frame", 5);
		if (rq.frame == NULL)
			exit(1);
		atm_net_submit(n, 1, &rq);
		while (atm_net_next(n, MTIME_NEVER, &ev) == 1)
			got += ev.ind.kind == ATM_DATA;
	} while ((t = seconds() - t0) < 0.5);
	printf("fabric_broadcast_10000 %.0f deliveries/s\n", (double)got / t);
	atm_net_close(n);
}

static void
timers(void)
{
	struct atm_net *n = tree();
	struct rng rng;
	uint64_t done = 0;
	double t0 = seconds(), t;

	rng_seed(&rng, 1);
	do {
		for (int i = 0; i < 1000000; i++)
			atm_net_timer(n, (atm_port)rng_below(&rng, LEAVES),
			    mtime_add(atm_net_now(n),
				MSPAN_SEC(10 + rng_below(&rng, 100))));
		done += 1000000;
	} while ((t = seconds() - t0) < 0.3);
	printf("fabric_timer_set %.0f /s\n", (double)done / t);
	atm_net_close(n);
}

int
main(void)
{
	hold("fabric_hold_1ms", 1000);
	hold("fabric_hold_1s", 1000000);
	hold("fabric_hold_10min", 600000000);
	broadcast();
	timers();
	return 0;
}
