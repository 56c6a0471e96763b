/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Neighbours that send garbage, never read, never answer, open and close calls
 * in a storm or die: memory stays bounded, everything comes back, and a pair of
 * ports that minds its own business notices nothing.  Runs inside the lab
 * kernel with signalling; the neighbours are processes with bare sockets.
 */
#include <dirent.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include <atm.h>

#include "failmem.h"
#include "marsh/base/frame.h"
#include "marsh/base/rng.h"
#include "marsh/svc/svc.h"

enum { GOOD, PAL, TARGET, PORTS, STRANGER };

struct rig {
	struct failmem mem;
	struct svc *s;
	struct atm_net *net;
	atm_port port[PORTS];
	atm_ref pal;      /* PAL's end of the VC of GOOD */
	uint8_t ping;     /* the number that is under way */
	unsigned pongs;
	unsigned calls, data, released, acks, failed; /* for TARGET */
	unsigned cause;
};

static struct atm_addr
address(unsigned i)
{
	uint8_t nsap[ATM_NSAP_LEN] = { 0x47, 0x00, 0x05, 0x81 };

	nsap[18] = (uint8_t)(i + 1);
	return atm_addr_nsap(nsap);
}

/* ---- neighbours --------------------------------------------------------- */

static int
bare(unsigned i)
{
	struct atm_addr a = address(i);
	struct sockaddr_atmsvc sa;
	struct atm_qos q;
	int fd = socket(PF_ATMSVC, SOCK_DGRAM, 0);

	memset(&q, 0, sizeof(q));
	memset(&sa, 0, sizeof(sa));
	text2qos("ubr,aal5:sdu=9180", &q, 0);
	sa.sas_family = AF_ATMSVC;
	memcpy(sa.sas_addr.prv, a.num, ATM_ESA_LEN);
	if (fd < 0 || setsockopt(fd, SOL_ATM, SO_ATMQOS, &q, sizeof(q)) != 0
	    || bind(fd, (struct sockaddr *)&sa, sizeof(sa)) != 0)
		_exit(2);
	return fd;
}

static int
call_target(void)
{
	struct atm_addr a = address(TARGET);
	struct sockaddr_atmsvc sa;
	int fd = bare(STRANGER);

	memset(&sa, 0, sizeof(sa));
	sa.sas_family = AF_ATMSVC;
	memcpy(sa.sas_addr.prv, a.num, ATM_ESA_LEN);
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static void
garbage(void)
{
	static uint8_t b[9180];
	struct rng rng;
	int fd = call_target();

	rng_seed(&rng, 7);
	for (int i = 0; i < 2000; i++) {
		size_t n = 1 + rng_below(&rng, sizeof(b));

		for (size_t k = 0; k < n; k += 8)
			b[k] = (uint8_t)rng_u64(&rng);
		if (write(fd, b, n) < 0)
			sleep(0);
	}
}

static void
storm(void)
{
	for (int i = 0; i < 100; i++) {
		int fd = call_target();

		if (fd >= 0 && i % 3 != 0 && write(fd, "boo", 3) < 0)
			sleep(0);
		if (fd >= 0)
			close(fd);
	}
}

static void
die_connected(void)
{
	int fd = call_target();

	if (fd < 0 || write(fd, "last words", 10) < 0)
		_exit(3);
	kill(getpid(), SIGKILL);
}

static void
listen_as_stranger(bool take)
{
	int fd = bare(STRANGER);

	if (listen(fd, 4) != 0)
		_exit(4);
	if (write(STDERR_FILENO, "", 0) < 0)
		_exit(5);
	if (take)
		accept(fd, NULL, NULL);
	pause();
}

static void
never_reads(void)
{
	listen_as_stranger(true);
}

static void
never_answers(void)
{
	listen_as_stranger(false);
}

static pid_t
neighbour(void (*what)(void))
{
	pid_t pid = fork();

	if (pid == 0) {
		signal(SIGPIPE, SIG_IGN);
		for (int fd = 3; fd < 256; fd++)
			close(fd);
		what();
		_exit(0);
	}
	return pid;
}

static void
part(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

/* ---- us ----------------------------------------------------------------- */

static void
put(struct rig *r, unsigned i, atm_ref ref, const void *b, size_t n)
{
	struct atm_req rq = { .kind = ATM_SEND, .ref = ref };

	rq.frame = frame_copy(&r->mem.mem, b, n);
	assert_non_null(rq.frame);
	atm_net_submit(r->net, r->port[i], &rq);
}

static void
ask(struct rig *r, unsigned i, enum atm_req_kind kind, atm_ref ref,
    unsigned to)
{
	struct atm_req rq = { .kind = kind, .ref = ref, .use = ATM_USE_RAW,
		.dst = address(to) };

	atm_net_submit(r->net, r->port[i], &rq);
}

/* pair keeps one numbered frame going round between GOOD and PAL. */
static void
pair(struct rig *r, const struct atm_ev *ev)
{
	assert_int_equal(ev->ind.kind, ATM_DATA);
	assert_int_equal(ev->ind.frame->len, 1);
	assert_int_equal(ev->ind.frame->bytes[0], r->ping);
	if (ev->port == r->port[PAL]) {
		put(r, PAL, r->pal, &r->ping, 1);
		return;
	}
	r->pongs++;
	r->ping++;
	put(r, GOOD, 1, &r->ping, 1);
}

static void
target(struct rig *r, const struct atm_ind *ind)
{
	r->calls += ind->kind == ATM_REMOTE_CALL;
	r->data += ind->kind == ATM_DATA;
	r->released += ind->kind == ATM_RELEASED;
	r->acks += ind->kind == ATM_ACK;
	r->failed += ind->kind == ATM_RQFAILED;
	if (ind->kind == ATM_RQFAILED || ind->kind == ATM_RELEASED)
		r->cause = ind->cause;
}

/* run handles what comes for |ms|; |done| ends it early. */
static void
run(struct rig *r, int ms, bool (*done)(struct rig *r))
{
	struct mtime until = mtime_add(atm_net_now(r->net), MSPAN_MS(ms));
	struct atm_ev ev;

	while (atm_net_next(r->net, until, &ev) == 1) {
		if (ev.port == r->port[TARGET])
			target(r, &ev.ind);
		else
			pair(r, &ev);
		if (done != NULL && done(r))
			return;
	}
}

static int
descriptors(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(d) != NULL)
		n++;
	closedir(d);
	return n;
}

static void
begin(struct rig *r)
{
	struct svc_cfg cfg;
	struct atm_ev ev;
	char why[200] = "";

	memset(r, 0, sizeof(*r));
	failmem_init(&r->mem);
	svc_defaults(&cfg);
	r->s = svc_new(&cfg, &r->mem.mem, why, sizeof(why));
	assert_non_null(r->s);
	r->net = svc_net(r->s);
	for (unsigned i = 0; i < PORTS; i++) {
		struct atm_addr a = address(i);

		assert_int_equal(atm_net_attach(r->net, &a, &r->port[i]), 0);
	}
	ask(r, GOOD, ATM_CALL_RQ, 1, PAL);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(atm_net_next(r->net,
			mtime_add(atm_net_now(r->net), MSPAN_SEC(10)), &ev), 1);
		if (ev.ind.kind == ATM_REMOTE_CALL)
			r->pal = ev.ind.ref;
	}
	put(r, GOOD, 1, &r->ping, 1);
	run(r, 50, NULL);
	assert_true(r->pongs > 0);
}

/* end: the pair has gone on, and nothing is left behind. */
static void
end(struct rig *r)
{
	unsigned pongs = r->pongs;

	run(r, 200, NULL);
	assert_true(r->pongs > pongs);
	assert_null(svc_check(r->s));
	atm_net_close(r->net);
	assert_int_equal(r->mem.live, 0);
}

static bool
all_released(struct rig *r)
{
	return r->calls > 0 && r->released == r->calls;
}

static void
test_garbage(void **state)
{
	struct rig r;
	pid_t pid;

	(void)state;
	begin(&r);
	pid = neighbour(garbage);
	run(&r, 20000, all_released);
	waitpid(pid, NULL, 0);
	assert_int_equal(r.calls, 1);
	assert_true(r.data > 0);
	assert_int_equal(r.released, 1);
	end(&r);
}

static void
test_storm(void **state)
{
	size_t live;
	struct rig r;
	pid_t pid[4];
	int fds;

	(void)state;
	begin(&r);
	fds = descriptors();
	live = r.mem.live_octets;
	for (int i = 0; i < 4; i++)
		pid[i] = neighbour(storm);
	for (int i = 0; i < 4; i++) {
		int status;

		while (waitpid(pid[i], &status, WNOHANG) == 0)
			run(&r, 20, NULL);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	run(&r, 2000, NULL);
	assert_true(r.calls > 0);
	assert_int_equal(r.released, r.calls);
	assert_int_equal(descriptors(), fds);
	/* what was reserved for the next call is all that came */
	assert_true(r.mem.live_octets < live + 4096);
	end(&r);
}

static void
test_dies(void **state)
{
	struct rig r;
	pid_t pid;

	(void)state;
	begin(&r);
	pid = neighbour(die_connected);
	run(&r, 10000, all_released);
	waitpid(pid, NULL, 0);
	assert_int_equal(r.calls, 1);
	assert_int_equal(r.released, 1);
	assert_true(r.data <= 1);
	end(&r);
}

static bool
answered(struct rig *r)
{
	return r->acks + r->failed > 0;
}

/* connect calls the stranger from TARGET until somebody listens there. */
static void
connect_stranger(struct rig *r, enum atm_req_kind kind)
{
	for (int i = 0; i < 100 && r->acks == 0; i++) {
		r->failed = 0;
		ask(r, TARGET, kind, 5, STRANGER);
		run(r, 20000, answered);
		if (r->acks == 0)
			run(r, 20, NULL);
	}
	assert_int_equal(r->acks, 1);
}

static void
test_never_reads(void **state)
{
	static const uint8_t big[1000];
	struct rig r;
	size_t live;
	pid_t pid;

	(void)state;
	begin(&r);
	pid = neighbour(never_reads);
	connect_stranger(&r, ATM_CALL_RQ);
	live = r.mem.live_octets;
	for (int i = 0; i < 20; i++) {
		for (int k = 0; k < 200; k++)
			put(&r, TARGET, 5, big, sizeof(big));
		/* a queue of the default length, and what stands anyway */
		assert_true(r.mem.live_octets
		    < live + 1200 * (sizeof(big) + 200));
		run(&r, 20, NULL);
	}
	r.released = 0;
	part(pid);
	run(&r, 10000, NULL);
	assert_int_equal(r.released, 1);
	end(&r);
}

/*
 * A leaf that never answers: its root's frames wait, bounded, until signalling
 * has had enough; nobody else does.
 */
static void
test_never_answers(void **state)
{
	struct rig r;
	unsigned pongs;
	pid_t pid;

	(void)state;
	begin(&r);
	ask(&r, TARGET, ATM_MULTI_RQ, 5, PAL + 10); /* nobody: it may fail */
	run(&r, 10000, answered);
	assert_int_equal(r.failed, 1);
	pid = neighbour(never_answers);
	run(&r, 500, NULL);
	r.failed = 0;
	ask(&r, TARGET, ATM_CALL_RQ, 5, STRANGER);
	for (int i = 0; i < 3000; i++)
		put(&r, TARGET, 5, "x", 1);
	assert_int_equal(svc_stats(r.s)->lost, 3000 - 1024);
	pongs = r.pongs;
	run(&r, 200, NULL);
	assert_true(r.pongs > pongs);
	assert_int_equal(r.acks + r.failed, 0);
	part(pid);
	run(&r, 10000, answered);
	assert_int_equal(r.failed, 1);
	assert_int_not_equal(r.cause, 0);
	end(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_storm),
		cmocka_unit_test(test_dies),
		cmocka_unit_test(test_never_reads),
		cmocka_unit_test(test_never_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
