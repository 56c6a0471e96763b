/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The daemon's loop on sockets that look like the kernel's: what is malformed
 * is logged and dropped, what comes after it is served.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/atm_tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "call_rig.h"
#include "fabricd/fabricd_run_int.h"

struct daemon {
	struct fab_run r;
	struct failmem fm;
	int sig, tcp; /* the kernel's ends */
	char *log;
	size_t logged;
};

static int
pair(int *theirs)
{
	int fd[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fd), 0);
	assert_int_equal(fcntl(fd[0], F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(fcntl(fd[1], F_SETFL, O_NONBLOCK), 0);
	*theirs = fd[1];
	return fd[0];
}

static void
sink_kernel(void *ctx, const struct atmsvc_msg *m)
{
	struct daemon *d = ctx;

	assert_int_equal(write(d->r.kern.sig, m, sizeof(*m)), sizeof(*m));
}

static void
sink_trunk(void *ctx, uint32_t line, const struct fab_msg *m)
{
	(void)ctx;
	(void)m;
	fail_msg("a message to trunk %u", (unsigned)line);
}

static void
sink_bad(void *ctx, const char *text)
{
	fab_run_bad(&((struct daemon *)ctx)->r, text);
}

static void
start(struct daemon *d)
{
	struct fab_sink sink = { sink_kernel, sink_trunk, NULL, sink_bad, d };
	struct fab_call_cfg cfg;
	struct fab_run *r = &d->r;

	memset(d, 0, sizeof(*d));
	failmem_init(&d->fm);
	rig_cfg(&cfg);
	r->cfg.log = open_memstream(&d->log, &d->logged);
	r->kern.sig = pair(&d->sig);
	r->kern.tcp = pair(&d->tcp);
	r->offer.fd = -1;
	r->now = r->bad_since = fab_run_clock();
	fab_routes_init(&r->routes, &d->fm.mem);
	assert_int_equal(fab_switch_init(&r->sw, &d->fm.mem), 0);
	assert_int_equal(fab_hold_init(&r->hold, &d->fm.mem), 0);
	r->call = fab_call_new(&cfg, &sink, &r->routes, &r->sw, &d->fm.mem);
	assert_non_null(r->call);
}

/* finish lets the daemon work off what it was sent, until the kernel goes. */
static void
finish(struct daemon *d)
{
	assert_int_equal(shutdown(d->sig, SHUT_WR), 0);
	assert_int_equal(fab_run_go(&d->r), -1);
	fclose(d->r.cfg.log);
}

static void
stop(struct daemon *d)
{
	struct fab_run *r = &d->r;

	close(d->sig);
	close(d->tcp);
	close(r->kern.sig);
	close(r->kern.tcp);
	fab_call_free(r->call);
	fab_hold_fini(&r->hold);
	fab_switch_fini(&r->sw);
	fab_routes_fini(&r->routes);
	free(d->log);
	assert_int_equal(d->fm.live, 0);
}

/* said counts the lines of the log that end in |text|. */
static unsigned
said(const struct daemon *d, const char *text)
{
	size_t n = strlen(text);
	unsigned found = 0;

	for (const char *p = d->log; (p = strstr(p, text)) != NULL; p += n)
		found += p > d->log && p[-1] == ' ' && p[n] == '\n';
	return found;
}

static void
frame(struct daemon *d, unsigned vpi, unsigned vci, uint32_t len, size_t n)
{
	struct atmtcp_hdr h = { htons((uint16_t)vpi), htons((uint16_t)vci),
		htonl(len) };
	uint8_t b[256] = { 0 };

	memcpy(b, &h, sizeof(h));
	assert_int_equal(write(d->tcp, b, n), n);
}

static void
test_frames(void **state)
{
	struct atmtcp_control c = { .hdr.length = ATMTCP_HDR_MAGIC,
		.type = ATMTCP_CTRL_OPEN, .addr.sap_addr.vci = 77 };
	struct fab_point out = { FAB_HERE, 101 };
	struct daemon d;
	uint8_t b[256];

	(void)state;
	start(&d);
	assert_int_equal(fab_switch_join(&d.r.sw,
	    (struct fab_point){ FAB_HERE, 100 }, out), 0);
	frame(&d, 0, 100, 40, 7);      /* no whole header */
	frame(&d, 0, 100, 40, 8 + 39); /* shorter than it says */
	frame(&d, 0, 100, 40, 8 + 41); /* and longer */
	frame(&d, 1, 100, 40, 8 + 40); /* a VP of nobody's */
	assert_int_equal(write(d.tcp, &c, sizeof(c) - 1), sizeof(c) - 1);
	c.type = 9;
	assert_int_equal(write(d.tcp, &c, sizeof(c)), sizeof(c));
	frame(&d, 0, 99, 40, 8 + 40); /* goes nowhere, but is well formed */
	frame(&d, 0, 100, 40, 8 + 40);
	c.type = ATMTCP_CTRL_OPEN; /* of a VC that no call has */
	assert_int_equal(write(d.tcp, &c, sizeof(c)), sizeof(c));
	finish(&d);
	assert_int_equal(said(&d, "kernel: malformed frame"), 6);
	assert_int_equal(d.r.frames, 2);
	assert_int_equal(d.r.stray, 1);
	/* one frame came out, and the OPEN was refused */
	assert_int_equal(read(d.tcp, b, sizeof(b)), 8 + 40);
	assert_int_equal(b[2] << 8 | b[3], 101);
	assert_int_equal(read(d.tcp, &c, sizeof(c)), sizeof(c));
	assert_int_equal(c.result, -EADDRNOTAVAIL);
	assert_int_equal(read(d.tcp, b, sizeof(b)), -1);
	stop(&d);
}

static void
test_messages(void **state)
{
	struct atmsvc_msg m = rig_msg((enum atmsvc_msg_type)77, 'x');
	struct atm_addr a = rig_addr(1);
	struct daemon d;

	(void)state;
	start(&d);
	assert_int_equal(write(d.sig, &m, sizeof(m) - 1), sizeof(m) - 1);
	assert_int_equal(write(d.sig, &m, sizeof(m)), sizeof(m));
	m = rig_msg(as_listen, '-');
	assert_int_equal(write(d.sig, &m, sizeof(m)), sizeof(m));
	m = rig_msg(as_listen, 'l');
	m.local = fab_addr_put(&a);
	assert_int_equal(write(d.sig, &m, sizeof(m)), sizeof(m));
	finish(&d);
	assert_int_equal(said(&d, "kernel: message of another size"), 1);
	assert_int_equal(said(&d, "kernel: unknown message (77)"), 1);
	assert_int_equal(said(&d, "kernel: message without socket (5)"), 1);
	/* what was well formed has its answer, and nothing else has */
	assert_int_equal(read(d.sig, &m, sizeof(m)), sizeof(m));
	assert_int_equal(m.type, as_okay);
	assert_int_equal(rig_name(m.vcc), 'l');
	assert_int_equal(read(d.sig, &m, sizeof(m)), -1);
	stop(&d);
}

/* A flood is counted, not written down. */
static void
test_flood(void **state)
{
	struct daemon d;

	(void)state;
	start(&d);
	for (int i = 0; i < 25; i++)
		fab_run_bad(&d.r, "kernel: malformed frame");
	d.r.now = mtime_add(d.r.now, MSPAN_SEC(1));
	fab_run_bad(&d.r, "kernel: malformed frame");
	finish(&d);
	assert_int_equal(said(&d, "kernel: malformed frame"), 11);
	assert_int_equal(said(&d, "and 15 complaints more"), 1);
	assert_non_null(strstr(d.log, "the kernel let go"));
	stop(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_flood),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
