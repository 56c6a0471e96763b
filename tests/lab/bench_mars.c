/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A MARS_REQUEST and its MARS_MULTI on the kernel's sockets, client and MARS in
 * one process, against an echo over bare sockets in one process that waits for
 * both with epoll, as all must that have more than one VC.  All take turns, and
 * the fastest turn is told: others that have the processor now and then make
 * turns longer, never shorter.  Prints "name value unit" lines.
 *
 * Where a system call is dear (6 us in User-Mode Linux) they are all there is
 * to count: 4 in a round of blocking reads, 6 with epoll, 8 with a clock that
 * is read for each event.
 */
#include "bench_bare.h"
#include "marsh/base/err.h"
#include "marsh/mars/mars_client.h"
#include "marsh/node/world.h"
#include "marsh/svc/svc.h"
#include "marsh/wire/mars_msg.h"

#define TURNS 100
#define REQUESTS 50

struct rig {
	struct world *w;
	node_id client;
	uint32_t group; /* the next; a client asks about each only once */
	bool answered;
};

static void
must(int err, const char *what)
{
	if (err >= 0)
		return;
	fprintf(stderr, "%s: %s\n", what, marsh_err_text(err));
	exit(1);
}

static void
event(void *ctx, const struct log_rec *r)
{
	struct rig *rig = ctx;

	rig->answered |= r->op == MARS_MULTI && r->node == rig->client;
}

static struct world *
world(void)
{
	struct world_cfg cfg;
	struct svc_cfg sc;
	struct svc *s;
	char why[400];

	world_defaults(&cfg);
	cfg.log_max = 4096; /* full after a while: no new memory */
	svc_defaults(&sc);
	s = svc_available(why, sizeof(why))
	    ? svc_new(&sc, mem_libc(), why, sizeof(why)) : NULL;
	if (s == NULL) {
		fprintf(stderr, "%s\n", why);
		exit(1);
	}
	return world_new_on(&cfg, svc_net(s), mem_libc());
}

static void
run(struct world *w, double seconds)
{
	must(world_run(w, mtime_add(world_now(w),
	    MSPAN_US((int64_t)(seconds * 1e6)))), "run");
}

static void
cluster(struct rig *r)
{
	struct world_hooks hooks = { .event = event, .ctx = r,
		.mask = 1u << TRACE_RECV };
	struct mars_server_cfg sc;
	struct mars_client_cfg cc;
	struct l3_range g;
	node_id m;

	r->w = world();
	mars_server_defaults(&sc);
	mars_client_defaults(&cc);
	must(world_add_server(r->w, "M1", &sc, &m), "server");
	cc.mars = *node_addr(r->w, m);
	must(world_add_client(r->w, "C1", &cc, &r->client), "client");
	must(node_register(r->w, r->client), "register");
	run(r->w, 0.5);
	r->group = 0xe0010000;
	g.min = l3_addr_ipv4(r->group);
	g.max = l3_addr_ipv4(r->group + 0xffff);
	must(node_join(r->w, r->client, &g, false), "join");
	run(r->w, 0.5);
	world_hooks_set(r->w, &hooks);
}

/* forget lets the client forget the last |n| groups: it is slowed by many. */
static void
forget(struct rig *r, uint32_t n)
{
	struct l3_addr g;

	for (; n > 0; n--) {
		g = l3_addr_ipv4(r->group - n);
		(void)node_close(r->w, r->client, &g);
	}
	run(r->w, 0.05);
}

/* requests returns the microseconds from a request to its answer. */
static double
requests(struct rig *r)
{
	double t = bare_micros();
	struct l3_addr g;

	for (int i = 0; i < REQUESTS; i++) {
		struct mtime until = mtime_add(world_now(r->w), MSPAN_SEC(5));

		g = l3_addr_ipv4(r->group++);
		r->answered = false;
		must(node_request(r->w, r->client, &g), "request");
		while (!r->answered)
			if (world_step(r->w, until) != 1) {
				fprintf(stderr, "no answer\n");
				exit(1);
			}
	}
	t = (bare_micros() - t) / REQUESTS;
	forget(r, REQUESTS);
	return t;
}

static double
fastest(const double *v)
{
	double min = v[0];

	for (int i = 1; i < TURNS; i++)
		if (v[i] < min)
			min = v[i];
	return min;
}

int
main(void)
{
	static struct rig r;
	struct bare b;
	double blocking[TURNS], echo[TURNS], mars[TURNS], e, m;

	setvbuf(stdout, NULL, _IOLBF, 0);
	bare_open(&b, true);
	cluster(&r);
	for (int i = 0; i < TURNS; i++) {
		blocking[i] = bare_rounds(&b, false, REQUESTS);
		echo[i] = bare_rounds(&b, true, REQUESTS);
		mars[i] = requests(&r);
	}
	e = fastest(echo);
	m = fastest(mars);
	printf("svc_bare_blocking %.1f us\n", fastest(blocking));
	printf("svc_bare_round_trip %.1f us\n", e);
	printf("svc_mars_round_trip %.1f us\n", m);
	printf("svc_mars_ratio %.2f times\n", m / e);
	world_free(r.w);
	bare_close(&b);
	return 0;
}
