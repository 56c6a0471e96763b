/* SPDX-License-Identifier: BSD-2-Clause */
/* Two ends of a trunk and what a channel can do to them. */
#include "call_rig.h"
#include "fabricd/fabricd_trunk.h"
#include "fabricd/fabricd_wire.h"
#include "marsh/base/err.h"
#include "marsh/base/rng.h"

struct end {
	struct fab_trunk *t;
	char text[8192];
	size_t n;
};

struct pair {
	struct failmem fm;
	struct end e[2];
	struct mtime now;
};

static void
note(struct end *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	e->n += (size_t)vsnprintf(e->text + e->n, sizeof(e->text) - e->n, fmt,
	    ap);
	va_end(ap);
	assert_true(e->n < sizeof(e->text));
}

static void
on_up(void *ctx, uint32_t line)
{
	note(ctx, "up %u\n", (unsigned)line);
}

static void
on_down(void *ctx, uint32_t line, const char *why)
{
	note(ctx, "down %u, %s\n", (unsigned)line, why);
}

static void
on_msg(void *ctx, uint32_t line, const struct fab_msg *m)
{
	note(ctx, "%u %s %u\n", (unsigned)line, fab_msg_word(m->type),
	    (unsigned)m->label);
}

static void
on_data(void *ctx, uint32_t line, uint32_t label, const uint8_t *sdu, size_t n)
{
	note(ctx, "%u data %x %.*s\n", (unsigned)line, (unsigned)label, (int)n,
	    (const char *)sdu);
}

static void
on_routes(void *ctx, uint32_t line, const struct fab_route *v, size_t n)
{
	char text[ATM_TEXT_MAX];

	note(ctx, "%u routes", (unsigned)line);
	for (size_t i = 0; i < n; i++)
		note(ctx, " %s/%u", fab_prefix_format(&v[i].p, text),
		    v[i].hops);
	note(ctx, "\n");
}

static void
on_bad(void *ctx, const char *text)
{
	note(ctx, "bad: %s\n", text);
}

static void
open_pair(struct pair *p)
{
	memset(p, 0, sizeof(*p));
	failmem_init(&p->fm);
	p->now = (struct mtime){ 1000000 };
	for (uint32_t i = 0; i < 2; i++) {
		struct fab_trunk_ops ops = { on_up, on_down, on_msg, on_data,
			on_routes, on_bad, &p->e[i] };

		p->e[i].t = fab_trunk_new(i + 1, 77 + i, &ops, &p->fm.mem);
		assert_non_null(p->e[i].t);
	}
}

static void
close_pair(struct pair *p)
{
	for (int i = 0; i < 2; i++)
		fab_trunk_free(p->e[i].t);
	assert_int_equal(p->fm.live, 0);
}

/* carry moves what end |i| has to say in pieces of |piece|; NULL: lose it. */
static bool
carry(struct pair *p, int i, size_t piece, struct end *to)
{
	const uint8_t *b;
	size_t n;

	b = fab_trunk_out(p->e[i].t, &n);
	if (b == NULL)
		return false;
	if (n > piece)
		n = piece;
	if (to != NULL)
		fab_trunk_in(to->t, p->now, b, n);
	fab_trunk_sent(p->e[i].t, n);
	return true;
}

static void
run(struct pair *p, int64_t ms)
{
	for (; ms >= 0; ms -= 100) {
		for (int i = 0; i < 2; i++)
			fab_trunk_tick(p->e[i].t, p->now);
		while (carry(p, 0, 7, &p->e[1]) + carry(p, 1, 11, &p->e[0]) > 0)
			continue;
		p->now = mtime_add(p->now, MSPAN_MS(100));
	}
}

static void
want(struct end *e, const char *text)
{
	assert_string_equal(e->text, text);
	e->n = 0;
	e->text[0] = '\0';
}

static struct fab_msg
msg(uint32_t label)
{
	struct fab_msg m;

	memset(&m, 0, sizeof(m));
	m.type = FAB_RELEASE;
	m.label = label;
	m.cause = 16;
	return m;
}

static void
test_up(void **state)
{
	struct fab_msg m = msg(5);
	struct fab_route v = { { 0, 2, { 0x47, 0x11 } }, 0, 3 };
	struct pair p;

	(void)state;
	open_pair(&p);
	fab_trunk_msg(p.e[0].t, &m); /* says nothing to nobody */
	assert_false(fab_trunk_data(p.e[0].t, 1, (const uint8_t *)"x", 1));
	fab_trunk_announce(p.e[0].t, &v, 1);
	run(&p, 500);
	want(&p.e[0], "up 1\n");
	want(&p.e[1], "up 2\n2 routes 4711/3\n");
	fab_trunk_msg(p.e[0].t, &m);
	assert_true(fab_trunk_data(p.e[0].t, 5 | FAB_UP,
	    (const uint8_t *)"abc", 3));
	m.label = 6;
	fab_trunk_msg(p.e[1].t, &m);
	run(&p, 5000);
	want(&p.e[0], "1 RELEASE 6\n");
	want(&p.e[1], "2 RELEASE 5\n2 data 80000005 abc\n");
	fab_trunk_announce(p.e[0].t, NULL, 0);
	run(&p, 500);
	want(&p.e[1], "2 routes\n");
	close_pair(&p);
}

/* Silence ends it, at both ends, and it comes back by itself. */
static void
test_silence(void **state)
{
	struct fab_msg m = msg(9);
	struct pair p;

	(void)state;
	open_pair(&p);
	run(&p, 500);
	want(&p.e[0], "up 1\n");
	for (int i = 0; i < 70; i++) {
		for (int k = 0; k < 2; k++) {
			fab_trunk_tick(p.e[k].t, p.now);
			while (carry(&p, k, 100, NULL))
				continue;
		}
		p.now = mtime_add(p.now, MSPAN_MS(100));
	}
	want(&p.e[0], "down 1, nothing heard\n");
	assert_false(fab_trunk_is_up(p.e[0].t));
	run(&p, 2000);
	want(&p.e[0], "up 1\n");
	want(&p.e[1], "up 2\ndown 2, nothing heard\nup 2\n");
	fab_trunk_msg(p.e[1].t, &m);
	run(&p, 100);
	want(&p.e[0], "1 RELEASE 9\n");
	close_pair(&p);
}

/* An end that began anew is not who it was: all that was is over. */
static void
test_restart(void **state)
{
	struct fab_msg m = msg(9);
	struct pair p;

	(void)state;
	open_pair(&p);
	run(&p, 500);
	fab_trunk_msg(p.e[0].t, &m);
	run(&p, 500);
	want(&p.e[1], "up 2\n2 RELEASE 9\n");
	fab_trunk_cut(p.e[0].t);
	want(&p.e[0], "up 1\ndown 1, the channel broke\n");
	run(&p, 1500);
	want(&p.e[0], "up 1\n");
	want(&p.e[1], "down 2, the other end began anew\nup 2\n");
	fab_trunk_msg(p.e[0].t, &m);
	fab_trunk_msg(p.e[1].t, &m);
	run(&p, 1500);
	want(&p.e[0], "1 RELEASE 9\n");
	want(&p.e[1], "2 RELEASE 9\n");
	close_pair(&p);
}

/* A message that got lost is noticed by the next one, or the next HELLO. */
static void
test_lost_message(void **state)
{
	struct fab_msg m = msg(9);
	struct pair p;

	(void)state;
	for (int next = 0; next < 2; next++) {
		open_pair(&p);
		run(&p, 500);
		p.e[0].n = p.e[1].n = 0;
		fab_trunk_msg(p.e[0].t, &m);
		while (carry(&p, 0, 1000, NULL))
			continue;
		if (next)
			fab_trunk_msg(p.e[0].t, &m);
		run(&p, 1500);
		want(&p.e[0], "down 1, the other end began anew\nup 1\n");
		want(&p.e[1], "down 2, a message was lost\nup 2\n");
		close_pair(&p);
	}
}

/* A frame that got lost is only that frame. */
static void
test_lost_frame(void **state)
{
	struct pair p;

	(void)state;
	open_pair(&p);
	run(&p, 500);
	p.e[1].n = 0;
	fab_trunk_data(p.e[0].t, 5, (const uint8_t *)"abc", 3);
	carry(&p, 0, 9, NULL); /* the beginning of it */
	fab_trunk_data(p.e[0].t, 5, (const uint8_t *)"def", 3);
	run(&p, 3000);
	want(&p.e[1], "2 data 5 def\n");
	close_pair(&p);
}

/* Who does not read loses frames, and then the trunk; memory is bounded. */
static void
test_full(void **state)
{
	static const uint8_t frame[60000];
	struct fab_trunk_stats s;
	struct fab_msg m = msg(1);
	struct pair p;
	int n = 0;

	(void)state;
	open_pair(&p);
	run(&p, 500);
	while (fab_trunk_data(p.e[0].t, 1, frame, sizeof(frame)))
		n++;
	assert_in_range(n, 3, 8);
	for (int i = 0; i < 300000; i++)
		fab_trunk_msg(p.e[0].t, &m);
	fab_trunk_stat(p.e[0].t, &s);
	assert_in_range(s.queued, 1 << 20, 4 << 20);
	assert_true(p.fm.live_octets < 12u << 20);
	p.e[1].n = 0;
	while (carry(&p, 0, 4096, &p.e[1]))
		p.e[1].n = 0;
	run(&p, 1500);
	assert_non_null(strstr(p.e[1].text, "a message was lost\nup 2\n"));
	close_pair(&p);
}

/* A trunk that is behind says so, but not when its channel takes nothing. */
static void
test_crowded(void **state)
{
	static const uint8_t frame[9000];
	struct pair p;

	(void)state;
	open_pair(&p);
	run(&p, 500);
	for (int i = 0; i < 7; i++) {
		assert_false(fab_trunk_crowded(p.e[0].t));
		fab_trunk_data(p.e[0].t, 1, frame, sizeof(frame));
	}
	fab_trunk_data(p.e[0].t, 1, frame, sizeof(frame));
	assert_true(fab_trunk_crowded(p.e[0].t));
	p.now = mtime_add(p.now, MSPAN_MS(300));
	fab_trunk_tick(p.e[0].t, p.now);
	assert_false(fab_trunk_crowded(p.e[0].t));
	carry(&p, 0, 100, NULL);
	assert_true(fab_trunk_crowded(p.e[0].t));
	carry(&p, 0, 20000, NULL);
	assert_false(fab_trunk_crowded(p.e[0].t));
	close_pair(&p);
}

/* A line that echoes is no trunk. */
static void
test_echo(void **state)
{
	struct pair p;

	(void)state;
	open_pair(&p);
	fab_trunk_tick(p.e[0].t, p.now);
	carry(&p, 0, 1000, &p.e[0]);
	want(&p.e[0], "bad: trunk: hears itself\n");
	close_pair(&p);
}

/* Noise between and in frames, from a seed: it heals, and nothing is wrong. */
static void
test_noise(void **state)
{
	struct rng rng;
	struct pair p;

	(void)state;
	for (uint64_t seed = 1; seed < 30; seed++) {
		open_pair(&p);
		rng_seed(&rng, seed);
		for (int i = 0; i < 300; i++) {
			uint8_t junk[64];
			struct fab_msg m = msg((uint32_t)i + 1);
			size_t n = (size_t)rng_below(&rng, sizeof(junk));

			for (size_t k = 0; k < n; k++)
				junk[k] = (uint8_t)rng_below(&rng, 256);
			if (n > 8)
				fab_wire_head(junk, n * 100);
			if (rng_below(&rng, 9) == 0)
				fab_trunk_in(p.e[1].t, p.now, junk, n);
			fab_trunk_msg(p.e[0].t, &m);
			if (rng_below(&rng, 9) == 0)
				carry(&p, 0, (size_t)rng_below(&rng, 30), NULL);
			run(&p, 200);
			assert_null(strstr(p.e[1].text, "bad:"));
			p.e[0].n = p.e[1].n = 0;
		}
		run(&p, 15000);
		assert_true(fab_trunk_is_up(p.e[0].t));
		assert_true(fab_trunk_is_up(p.e[1].t));
		close_pair(&p);
	}
}

static void
test_msg(void **state)
{
	struct fab_msg m, q;
	uint8_t b[FAB_MSG_MAX];
	size_t n;

	(void)state;
	memset(&m, 0, sizeof(m));
	m.type = FAB_SETUP;
	m.label = 0x1234567;
	m.ref = 7;
	m.hops = 2;
	m.multi = true;
	m.called = rig_addr(1);
	m.calling = rig_addr(2);
	m.qos.aal = ATM_AAL5;
	m.qos.txtp.traffic_class = ATM_UBR;
	m.qos.txtp.max_pcr = ATM_MAX_PCR;
	m.qos.txtp.max_sdu = 9180;
	m.sap.blli[0].l2_proto = ATM_L2_ISO8802;
	m.sap.blli[2].l3_proto = ATM_L3_TR9577;
	m.sap.blli[2].l3.tr9577.ipi = 0x80;
	n = fab_msg_put(&m, b);
	assert_int_equal(fab_msg_get(&q, b, n), 0);
	assert_memory_equal(&q, &m, sizeof(m));
	for (size_t i = 0; i < n; i++)
		assert_int_equal(fab_msg_get(&q, b, i), MARSH_ESHORT);
	assert_int_equal(fab_msg_get(&q, b, n + 1), MARSH_EPROTO);
	b[0] = 9;
	assert_int_equal(fab_msg_get(&q, b, n), MARSH_EPROTO);
	b[0] = 0;
	assert_int_equal(fab_msg_get(&q, b, n), MARSH_EPROTO);
	/* a label that says "up", a reference and a cause out of range */
	m = msg(FAB_LABEL_MAX);
	n = fab_msg_put(&m, b);
	assert_int_equal(fab_msg_get(&q, b, n), 0);
	b[1] |= 0x80;
	assert_int_equal(fab_msg_get(&q, b, n), MARSH_EPROTO);
	b[1] &= 0x7f;
	b[5] = 0x80;
	assert_int_equal(fab_msg_get(&q, b, n), MARSH_EPROTO);
	b[5] = 0;
	b[8] = 0x80;
	assert_int_equal(fab_msg_get(&q, b, n), MARSH_EPROTO);
}

static void
test_crc(void **state)
{
	uint32_t crc;

	(void)state;
	assert_int_equal(fab_wire_crc(0, "123456789", 9), 0xcbf43926);
	crc = fab_wire_crc(0, "1234", 4);
	assert_int_equal(fab_wire_crc(crc, "56789", 5), 0xcbf43926);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_up),
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_restart),
		cmocka_unit_test(test_lost_message),
		cmocka_unit_test(test_lost_frame),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_crowded),
		cmocka_unit_test(test_echo),
		cmocka_unit_test(test_noise),
		cmocka_unit_test(test_msg),
		cmocka_unit_test(test_crc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
