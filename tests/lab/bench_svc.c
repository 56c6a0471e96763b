/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AF_ATMSVC measured inside a lab kernel: the round trip of a small frame over
 * bare sockets (one process, and two) and over the backend; and 200 leaves that
 * join a root one after another while frames flow: how many were lost or came
 * out of order, how long that took, and how late a timer of the same loop was,
 * and of a process beside it that does nothing else.
 * Prints "name value unit" lines.
 */
#include <signal.h>

#include "bench_bare.h"
#include "failmem.h"
#include "marsh/base/frame.h"
#include "marsh/svc/svc.h"

#define ROUNDS 3000
#define LEAVES 200
#define FRAME BARE_FRAME
#define TICK MSPAN_MS(5) /* between two frames of the root */
#define BEHIND 4 /* frames of a leaf: a slow machine gets fewer, loses none */
#define END_WAIT MSPAN_MS(500)

static void
echo(bool one_process, const char *name)
{
	struct bare b;

	bare_open(&b, one_process);
	printf("%s %.1f us\n", name, bare_rounds(&b, false, ROUNDS));
	bare_close(&b);
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
	struct atm_addr a = bare_number(i);
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
		.dst = bare_number(to) };

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
	t = bare_micros();
	for (uint32_t i = 0; i < ROUNDS; i++) {
		send_number(net, mem, a, 1, i);
		next(net, &ev);
		send_number(net, mem, b, far, i);
		next(net, &ev);
	}
	printf("svc_echo %.1f us\n", (bare_micros() - t) / ROUNDS);
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
	uint64_t under_way; /* frames */
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
	r->join_at = bare_micros();
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
	r->under_way -= n + 1 - r->due[leaf];
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
	if (r->asked > 0 && r->under_way <= BEHIND * r->joined) {
		send_number(r->net, r->mem, r->root, 1, r->sent++);
		r->under_way += r->asked;
	}
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
		if (bare_micros() - r->join_at > r->worst)
			r->worst = bare_micros() - r->join_at;
		r->joined++;
		add(r);
	} else if (ev->ind.kind != ATM_REMOTE_CALL) {
		fprintf(stderr, "leaves: %s, cause %u, after %u\n",
		    atm_ind_word(ev->ind.kind), ev->ind.cause, r->joined);
		exit(1);
	}
}

/*
 * bystander sleeps by the same clock until it is killed, and then tells by how
 * much it overslept at worst: no loop can be better than that here.
 */
static pid_t
bystander(int *fd)
{
	const struct timespec nap = { 0, TICK.us * 1000 };
	double worst = 0, t;
	pid_t pid = -1;
	int p[2];

	if (pipe(p) != 0 || (pid = fork()) < 0)
		bare_die("bystander");
	*fd = p[0];
	if (pid != 0) {
		close(p[1]);
		return pid;
	}
	for (;;) {
		t = bare_micros();
		nanosleep(&nap, NULL);
		t = bare_micros() - t - (double)TICK.us;
		if (t <= worst)
			continue;
		worst = t;
		if (write(p[1], &worst, sizeof(worst)) < 0)
			_exit(1);
	}
}

static double
bystander_end(pid_t pid, int fd)
{
	double worst = 0, t;

	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	while (read(fd, &t, sizeof(t)) == (ssize_t)sizeof(t))
		worst = t;
	close(fd);
	return worst;
}

static void
leaves(const struct mem *mem)
{
	static struct run r;
	struct svc *s = network(mem);
	struct mtime end;
	struct atm_ev ev;
	pid_t other;
	int fd;

	other = bystander(&fd);
	r.net = svc_net(s);
	r.mem = mem;
	r.root = attach(r.net, 10);
	for (unsigned i = 1; i <= LEAVES; i++)
		attach(r.net, 10 + i);
	r.began = bare_micros();
	r.tick = atm_net_now(r.net);
	add(&r);
	tick(&r, true);
	while (r.joined < LEAVES) {
		next(r.net, &ev);
		take(&r, &ev, true);
	}
	printf("svc_leaves_200 %.0f ms\n", (bare_micros() - r.began) / 1000);
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
	printf("svc_late_bystander %.1f ms\n",
	    bystander_end(other, fd) / 1000);
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
	echo(true, "svc_echo_bare");
	echo(false, "svc_echo_bare_two");
	backend(&mem.mem);
	leaves(&mem.mem);
	return 0;
}
