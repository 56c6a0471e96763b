/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AF_ATMSVC measured inside a lab kernel: the round trip of a small frame over
 * bare sockets (one process, and two) and over the backend; and 200 leaves that
 * join a root one after another while frames flow: how many were lost or came
 * out of order, how long that took, and how late a timer of the same loop was.
 * Prints "name value unit" lines.
 */
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <atm.h>

#include "failmem.h"
#include "marsh/base/frame.h"
#include "marsh/svc/svc.h"

#define ROUNDS 3000
#define LEAVES 200
#define FRAME 64
#define TICK MSPAN_MS(5) /* between two frames of the root */
#define END_WAIT MSPAN_MS(500)

static void
die(const char *what)
{
	perror(what);
	exit(1);
}

static struct atm_addr
address(unsigned i)
{
	uint8_t nsap[ATM_NSAP_LEN] = { 0x47, 0x00, 0x05, 0x80 };

	nsap[17] = (uint8_t)(i >> 8);
	nsap[18] = (uint8_t)i;
	return atm_addr_nsap(nsap);
}

static double
micros(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

/* ---- bare sockets ------------------------------------------------------- */

static struct sockaddr_atmsvc
bare_address(unsigned i)
{
	struct atm_addr a = address(i);
	struct sockaddr_atmsvc sa;

	memset(&sa, 0, sizeof(sa));
	sa.sas_family = AF_ATMSVC;
	memcpy(sa.sas_addr.prv, a.num, ATM_ESA_LEN);
	return sa;
}

static int
bare_socket(unsigned i)
{
	struct sockaddr_atmsvc sa = bare_address(i);
	struct atm_qos q;
	int fd = socket(PF_ATMSVC, SOCK_DGRAM, 0);

	memset(&q, 0, sizeof(q));
	text2qos("ubr,aal5:sdu=9180", &q, 0);
	if (fd < 0 || setsockopt(fd, SOL_ATM, SO_ATMQOS, &q, sizeof(q)) != 0
	    || bind(fd, (struct sockaddr *)&sa, sizeof(sa)) != 0)
		die("socket");
	return fd;
}

/* The other process: takes one call and sends back what comes. */
static void
echo(int listener)
{
	int fd = accept(listener, NULL, NULL);
	char b[FRAME];
	ssize_t n;

	while ((n = read(fd, b, sizeof(b))) > 0)
		if (write(fd, b, (size_t)n) != n)
			die("write");
	_exit(0);
}

static double
rounds(int out, int in, int back)
{
	char b[FRAME] = { 0 };
	double t = micros();

	for (int i = 0; i < ROUNDS; i++) {
		if (write(out, b, FRAME) != FRAME)
			die("write");
		if (in >= 0
		    && (read(in, b, FRAME) != FRAME
			|| write(in, b, FRAME) != FRAME))
			die("echo");
		if (read(back, b, FRAME) != FRAME)
			die("read");
	}
	return (micros() - t) / ROUNDS;
}

static void
bare(bool one_process)
{
	struct sockaddr_atmsvc to = bare_address(1);
	int listener = bare_socket(1), fd = bare_socket(2), peer = -1;
	pid_t pid;
	double us;

	if (listen(listener, 1) != 0)
		die("listen");
	pid = fork();
	if (pid == 0 && !one_process) {
		close(fd);
		echo(listener);
	}
	if (pid == 0) {
		close(listener);
		if (connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
			die("connect");
		pause();
	}
	if (one_process) { /* the child calls, we have both ends */
		peer = accept(listener, NULL, NULL);
	} else if (connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		die("connect");
	if (one_process) {
		us = rounds(fd, peer, fd);
		kill(pid, SIGKILL);
	} else {
		us = rounds(fd, -1, fd);
	}
	close(fd);
	close(peer);
	waitpid(pid, NULL, 0);
	close(listener);
	printf("%s %.1f us\n",
	    one_process ? "svc_echo_bare" : "svc_echo_bare_two", us);
}

/* ---- the backend -------------------------------------------------------- */

static struct svc *
network(const struct mem *mem)
{
	struct svc_cfg cfg;
	char why[200];
	struct svc *s;

	svc_defaults(&cfg);
	s = svc_new(&cfg, mem, why, sizeof(why));
	if (s == NULL) {
		fprintf(stderr, "%s\n", why);
		exit(1);
	}
	return s;
}

static atm_port
attach(struct atm_net *net, unsigned i)
{
	struct atm_addr a = address(i);
	atm_port port;

	if (atm_net_attach(net, &a, &port) != 0) {
		fprintf(stderr, "no port\n");
		exit(1);
	}
	return port;
}

static void
request(struct atm_net *net, atm_port port, enum atm_req_kind kind,
    atm_ref ref, unsigned to)
{
	struct atm_req rq = { .kind = kind, .ref = ref, .use = ATM_USE_RAW,
		.dst = address(to) };

	atm_net_submit(net, port, &rq);
}

static void
send_number(struct atm_net *net, const struct mem *mem, atm_port port,
    atm_ref ref, uint32_t n)
{
	struct atm_req rq = { .kind = ATM_SEND, .ref = ref };
	uint8_t b[FRAME] = { 0 };

	memcpy(b, &n, sizeof(n));
	rq.frame = frame_copy(mem, b, sizeof(b));
	if (rq.frame != NULL)
		atm_net_submit(net, port, &rq);
}

static void
next(struct atm_net *net, struct atm_ev *ev)
{
	if (atm_net_next(net, mtime_add(atm_net_now(net), MSPAN_SEC(10)), ev)
	    != 1) {
		fprintf(stderr, "nothing comes\n");
		exit(1);
	}
}

static void
backend(const struct mem *mem)
{
	struct atm_net *net = svc_net(network(mem));
	atm_port a = attach(net, 1), b = attach(net, 2);
	struct atm_ev ev;
	atm_ref far = 0;
	double t = 0;

	request(net, a, ATM_CALL_RQ, 1, 2);
	for (int i = 0; i < 2; i++) {
		next(net, &ev);
		if (ev.ind.kind == ATM_REMOTE_CALL)
			far = ev.ind.ref;
	}
	t = micros();
	for (uint32_t i = 0; i < ROUNDS; i++) {
		send_number(net, mem, a, 1, i);
		next(net, &ev);
		send_number(net, mem, b, far, i);
		next(net, &ev);
	}
	printf("svc_echo %.1f us\n", (micros() - t) / ROUNDS);
	atm_net_close(net);
}

/* ---- leaves ------------------------------------------------------------- */

struct run {
	struct atm_net *net;
	const struct mem *mem;
	atm_port root;
	unsigned asked, joined;
	uint32_t sent;
	uint32_t first[LEAVES + 1]; /* number it was to get first */
	uint32_t due[LEAVES + 1];
	unsigned long lost, swapped;
	double late;   /* worst timer */
	double worst;  /* slowest joining */
	double began, join_at;
	struct mtime tick;
};

static void
add(struct run *r)
{
	if (r->asked == LEAVES)
		return;
	r->asked++;
	r->join_at = micros();
	r->due[r->asked] = r->sent;
	request(r->net, r->root, r->asked == 1 ? ATM_MULTI_RQ : ATM_MULTI_ADD,
	    1, 10 + r->asked);
}

static void
got(struct run *r, unsigned leaf, const struct frame *f)
{
	uint32_t n;

	memcpy(&n, f->bytes, sizeof(n));
	if (n < r->due[leaf]) {
		r->swapped++;
		return;
	}
	r->lost += n - r->due[leaf];
	r->due[leaf] = n + 1;
}

static void
tick(struct run *r, bool more)
{
	double late = (double)(atm_net_now(r->net).us - r->tick.us);

	if (late > r->late)
		r->late = late;
	if (!more)
		return;
	if (r->asked > 0)
		send_number(r->net, r->mem, r->root, 1, r->sent++);
	r->tick = mtime_add(atm_net_now(r->net), TICK);
	atm_net_timer(r->net, r->root, r->tick);
}

static void
take(struct run *r, const struct atm_ev *ev, bool more)
{
	if (ev->timer) {
		tick(r, more);
	} else if (ev->ind.kind == ATM_DATA) {
		got(r, ev->port - r->root, ev->ind.frame);
	} else if (ev->ind.kind == ATM_ACK) {
		if (micros() - r->join_at > r->worst)
			r->worst = micros() - r->join_at;
		r->joined++;
		add(r);
	} else if (ev->ind.kind != ATM_REMOTE_CALL) {
		fprintf(stderr, "leaves: %s, cause %u, after %u\n",
		    atm_ind_word(ev->ind.kind), ev->ind.cause, r->joined);
		exit(1);
	}
}

static void
leaves(const struct mem *mem)
{
	static struct run r;
	struct svc *s = network(mem);
	struct mtime end;
	struct atm_ev ev;

	r.net = svc_net(s);
	r.mem = mem;
	r.root = attach(r.net, 10);
	for (unsigned i = 1; i <= LEAVES; i++)
		attach(r.net, 10 + i);
	r.began = micros();
	r.tick = atm_net_now(r.net);
	add(&r);
	tick(&r, true);
	while (r.joined < LEAVES) {
		next(r.net, &ev);
		take(&r, &ev, true);
	}
	printf("svc_leaves_200 %.0f ms\n", (micros() - r.began) / 1000);
	end = mtime_add(atm_net_now(r.net), END_WAIT);
	while (atm_net_next(r.net, end, &ev) == 1)
		take(&r, &ev, false);
	for (unsigned i = 1; i <= LEAVES; i++)
		r.lost += r.sent - r.due[i];
	printf("svc_leaf_worst %.1f ms\n", r.worst / 1000);
	printf("svc_leaves_frames %u frames\n", r.sent);
	printf("svc_leaves_lost %lu frames\n", r.lost);
	printf("svc_leaves_lost_by_us %lu frames\n",
	    (unsigned long)svc_stats(s)->lost);
	printf("svc_leaves_swapped %lu frames\n", r.swapped);
	printf("svc_loop_late %.1f ms\n", r.late / 1000);
	atm_net_close(r.net);
}

int
main(void)
{
	static struct failmem mem;
	char why[400];

	setvbuf(stdout, NULL, _IOLBF, 0);
	failmem_init(&mem);
	if (!svc_available(why, sizeof(why))) {
		fprintf(stderr, "%s\n", why);
		return 1;
	}
	bare(true);
	bare(false);
	backend(&mem.mem);
	leaves(&mem.mem);
	return 0;
}
