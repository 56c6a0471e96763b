/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The MARS and its database: single-group JOIN and LEAVE from the octets of a
 * frame to the octets of the reply, at a million memberships and over growing
 * tables; what a membership and a member cost in memory; a REQUEST for 10,000
 * members against memcpy of the same octets.  Prints "name value unit" lines.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "marsh/base/frame.h"
#include "marsh/mars/mars_server.h"
#include "marsh/wire/snap.h"

#define BATCH 4096
#define OUT 4096

static void *
resize(void *ctx, void *p, size_t old, size_t size)
{
	(void)ctx;
	(void)old;
	if (size != 0)
		return realloc(p, size);
	free(p);
	return NULL;
}

static const struct mem mem = { resize, NULL };

static double
seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

struct rig {
	struct mars_server *s;
	struct atm_out out;
	struct frame *frame[MARS_OP_COUNT]; /* one template of each message */
	struct atm_ind ind;
	uint32_t members, groups, stride;
	uint64_t octets; /* sent, without LLC/SNAP */
};

static void
die(const char *what)
{
	fprintf(stderr, "bench_server: %s\n", what);
	exit(1);
}

static struct atm_addr
host(uint32_t n)
{
	uint8_t b[ATM_NSAP_LEN] = { 0x47, 0, 5, 0x80, 0xff, 0xe1, 0, 0, 0,
		0xf2, 0x1a, 0x26, 0xd8, 0, 0x20, (uint8_t)(n >> 24),
		(uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n, 0 };

	return atm_addr_nsap(b);
}

static void
step(struct rig *r, struct atm_ind *ind)
{
	struct mars_server_ev ev = { .kind = MARS_SERVER_IND, .ind = ind };
	struct mtime now = { 10000000000 };

	if (mars_server_step(r->s, now, &ev, &r->out) != 0)
		die("out of memory");
	for (size_t i = 0; i < r->out.n; i++) {
		struct frame *f = r->out.v[i].frame;

		if (f == NULL)
			continue;
		r->octets += f->len - SNAP_LEN;
		frame_unref(f);
	}
}

/* say sends the template of |op| for host |m| and group |g|. */
static void
say(struct rig *r, enum mars_op op, uint32_t m, uint32_t g)
{
	struct frame *f = r->frame[op];
	uint8_t *b = f->bytes + SNAP_LEN + MARS_HDR_LEN;
	uint32_t id = 0xe0000000u + g;
	uint8_t a[4] = { (uint8_t)(id >> 24), (uint8_t)(id >> 16),
		(uint8_t)(id >> 8), (uint8_t)id };

	b[15] = (uint8_t)(m >> 24);
	b[16] = (uint8_t)(m >> 16);
	b[17] = (uint8_t)(m >> 8);
	b[18] = (uint8_t)m;
	if (f->len > SNAP_LEN + MARS_HDR_LEN + ATM_NSAP_LEN)
		memcpy(b + ATM_NSAP_LEN, a, 4);
	if (op != MARS_REQUEST && f->len > SNAP_LEN + MARS_HDR_LEN + 24)
		memcpy(b + ATM_NSAP_LEN + 4, a, 4);
	r->ind = (struct atm_ind){ .kind = ATM_DATA,
		.ref = ATM_REF_REMOTE + m, .frame = f };
	r->out.n = 0;
	step(r, &r->ind);
}

static void
template(struct rig *r, struct mars_msg m)
{
	struct atm_addr a = host(0);
	uint8_t scratch[2 * ATM_NSAP_LEN], zero[8] = { 0 };

	m.pro = L3_PROTO_IPV4;
	m.tpa = m.pairs = zero;
	mars_set_src(&m, &a, scratch);
	r->frame[m.op] = mars_frame(&mem, &m, false);
}

static void
enter(struct rig *r, uint32_t m)
{
	struct atm_ind ack = { .kind = ATM_ACK };

	r->ind.ref = 0;
	say(r, MARS_MSERV, m, 0); /* that template is a registration */
	for (size_t i = 0; i < r->out.n; i++)
		if (r->out.v[i].kind != ATM_SEND) {
			ack.rq = r->out.v[i].kind;
			ack.ref = r->out.v[i].ref;
			ack.peer = r->out.v[i].dst;
		}
	r->out.n = 0;
	step(r, &ack);
}

/*
 * start makes a server with |members|, each in |per| of |groups|: member m is
 * in group g when g - m is a multiple of groups / per.
 */
static struct rig *
start(uint32_t members, uint32_t groups, uint32_t per, bool checksum)
{
	struct rig *r = calloc(1, sizeof(*r));
	struct mars_server_cfg cfg;
	struct mars_msg reg = { .op = MARS_JOIN, .flags = MARS_FLAG_REGISTER };

	mars_server_defaults(&cfg);
	cfg.addr = host(0xffffff);
	cfg.checksum = checksum;
	r->s = mars_server_new(&cfg, &mem, NULL);
	r->out = (struct atm_out){ calloc(OUT, sizeof(*r->out.v)), 0, OUT };
	r->members = members;
	r->groups = groups;
	r->stride = groups / per;
	template(r, reg);
	r->frame[MARS_MSERV] = r->frame[MARS_JOIN];
	template(r, (struct mars_msg){ .op = MARS_JOIN, .pnum = 1, .tpln = 4,
			.flags = MARS_FLAG_LAYER3GRP });
	template(r, (struct mars_msg){ .op = MARS_LEAVE, .pnum = 1,
			.tpln = 4 });
	template(r, (struct mars_msg){ .op = MARS_REQUEST, .tpln = 4 });
	for (uint32_t m = 1; m <= members; m++)
		enter(r, m);
	return r;
}

static void
fill(struct rig *r)
{
	for (uint32_t m = 1; m <= r->members; m++)
		for (uint32_t g = m % r->stride; g < r->groups;
		     g += r->stride)
			say(r, MARS_JOIN, m, g);
}

static void
end(struct rig *r)
{
	const char *bad = mars_server_check(r->s);

	if (bad != NULL)
		die(bad);
	mars_server_free(r->s);
	for (unsigned i = 0; i < MARS_OP_COUNT; i++)
		frame_unref(r->frame[i]);
	free(r->out.v);
	free(r);
}

static uint64_t
next(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

/* join_leave returns messages a second over random pairs not yet joined. */
static double
join_leave(struct rig *r, unsigned rounds)
{
	static uint32_t m[BATCH], g[BATCH];
	uint64_t x = 88172645463325252u;
	double t = 0, from;

	for (unsigned k = 0; k < rounds; k++) {
		for (unsigned i = 0; i < BATCH; i++) {
			m[i] = (uint32_t)(next(&x) % r->members) + 1;
			g[i] = (uint32_t)(next(&x) % r->groups);
			if (g[i] % r->stride == m[i] % r->stride)
				g[i] = (g[i] + 1) % r->groups;
		}
		from = seconds();
		for (unsigned i = 0; i < BATCH; i++)
			say(r, MARS_JOIN, m[i], g[i]);
		for (unsigned i = 0; i < BATCH; i++)
			say(r, MARS_LEAVE, m[i], g[i]);
		t += seconds() - from;
	}
	return 2.0 * BATCH * rounds / t;
}

static void
million(void)
{
	struct rig *r = start(10000, 10000, 100, true);
	double empty = (double)mars_server_stats(r->s)->memory;
	struct mars_proto_info p;

	printf("bytes_per_member %.1f B\n", empty / 10000);
	fill(r);
	mars_server_proto(r->s, 0, &p);
	if (p.memberships != 1000000)
		die("not a million memberships");
	printf("bytes_per_membership %.2f B\n",
	    ((double)mars_server_stats(r->s)->memory - empty) / 1e6);
	join_leave(r, 20);
	printf("join_leave_1m %.0f /s\n", join_leave(r, 200));
	end(r);
}

static void
table(void)
{
	static const uint32_t sizes[] = { 100, 1000, 10000, 60000 };

	for (unsigned i = 0; i < 4; i++) {
		struct rig *r = start(sizes[i], 1000, 10, true);

		fill(r);
		join_leave(r, 10);
		printf("join_leave_%u_members %.0f /s\n", sizes[i],
		    join_leave(r, 100));
		end(r);
		r = start(1000, sizes[i], 10, true);
		fill(r);
		join_leave(r, 10);
		printf("join_leave_%u_groups %.0f /s\n", sizes[i],
		    join_leave(r, 100));
		end(r);
	}
}

/* gather measures REQUESTs for a group of every |every|th member. */
static double
gather(const char *name, uint32_t members, uint32_t every, bool checksum)
{
	struct rig *r = start(members, 1, 1, checksum);
	unsigned rounds = 2000;
	double from, rate;

	for (uint32_t m = every; m <= members; m += every)
		say(r, MARS_JOIN, m, 0);
	for (unsigned i = 0; i < 100; i++)
		say(r, MARS_REQUEST, every, 0);
	if (r->out.n != 22)
		die("a reply of 10,000 is not 22 parts");
	r->octets = 0;
	from = seconds();
	for (unsigned i = 0; i < rounds; i++)
		say(r, MARS_REQUEST, every, 0);
	rate = (double)r->octets / (seconds() - from) / 1e9;
	printf("%s %.2f GB/s\n", name, rate);
	end(r);
	return rate;
}

/* copy measures memcpy of as many octets as such a reply has. */
static double
copy(void)
{
	size_t n = 22 * 56 + 10000 * ATM_NSAP_LEN;
	uint8_t *a = calloc(2, n), *b = a + n;
	unsigned rounds = 5000;
	double from, rate;

	from = seconds();
	for (unsigned i = 0; i < rounds; i++) {
		a[i % n] = (uint8_t)i;
		memcpy(b, a, n);
		a[(i + 1) % n] = b[n - 1];
	}
	rate = (double)n * rounds / (seconds() - from) / 1e9;
	printf("memcpy_reply %.2f GB/s\n", rate);
	free(a);
	return rate;
}

int
main(void)
{
	double base;

	million();
	table();
	base = copy();
	printf("request_of_memcpy %.1f %%\n",
	    100 * gather("request_10000", 10000, 1, false) / base);
	printf("request_sparse_of_memcpy %.1f %%\n",
	    100 * gather("request_10000_sparse", 60000, 6, false) / base);
	gather("request_10000_checksum", 10000, 1, true);
	return 0;
}
