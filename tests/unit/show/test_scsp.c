/* SPDX-License-Identifier: BSD-2-Clause */
/* SCSP on every screen: tables, ladder, picture, events. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "golden.h"
#include "json_valid.h"
#include "show_world.h"

static struct world *w;

static struct scsp_oct
oct(const char *s)
{
	return (struct scsp_oct){ (const uint8_t *)s, strlen(s) };
}

static void
server(const char *name, bool multipoint)
{
	struct world_scsp_cfg cfg;

	world_scsp_defaults(&cfg);
	cfg.group.multipoint = multipoint;
	assert_int_equal(world_add_scsp(w, name, &cfg, NULL), 0);
}

static void
both(node_id a, node_id b)
{
	assert_int_equal(node_scsp_add(w, a, node_addr(w, b)), 0);
	assert_int_equal(node_scsp_add(w, b, node_addr(w, a)), 0);
}

/* A, B and C in a chain, with entries of readable and other octets. */
static int
setup(void **state)
{
	struct world_cfg cfg;

	(void)state;
	world_defaults(&cfg);
	w = world_new(&cfg, mem_libc());
	server("A", false);
	server("B", false);
	server("C", false);
	both(1, 2);
	both(2, 3);
	assert_int_equal(node_scsp_put(w, 1, oct("printer"), oct("room 4")),
	    0);
	assert_int_equal(node_scsp_put(w, 1, oct("\x01\xff"),
	    oct("\x1b[2J and more")), 0);
	assert_int_equal(node_scsp_put(w, 3, oct("gone"), oct("soon")), 0);
	assert_int_equal(node_scsp_put(w, 3, oct("printer"), oct("mine")), 0);
	sw_run(w, 10);
	assert_int_equal(node_scsp_remove(w, 3, oct("gone")), 0);
	sw_run(w, 10);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	world_free(w);
	return 0;
}

static void
put_topic(const char *topic, const char *arg, struct sbuf *out)
{
	struct sbuf json = { 0 };
	struct table *t;
	char why[200] = "";

	assert_int_equal(show_topic(w, topic, arg, &t, why, sizeof(why)), 0);
	sbuf_printf(out, "show %s%s%s\n", topic, arg != NULL ? " " : "",
	    arg != NULL ? arg : "");
	table_text(t, out, 0, false);
	sbuf_puts(out, "\n");
	table_json(t, &json);
	assert_true(json_valid(json.s, json.len));
	sbuf_free(&json);
	table_free(t);
}

static void
tables(void **state)
{
	static const char *const v[][2] = { { "scsp", NULL }, { "scsp", "A" },
		{ "cache", "B" }, { "stats", "A" }, { "cluster", NULL },
		{ "topology", NULL }, { "vcs", NULL } };
	struct scsp_sa sa = { .key = { 5, oct("secret") },
		.until = MTIME_NEVER, .send = true };
	struct sbuf b = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		put_topic(v[i][0], v[i][1], &b);
	/* a key on one side, a dead one, a hung one */
	assert_int_equal(node_scsp_key(w, 1, node_addr(w, 2), &sa), 0);
	assert_int_equal(node_kill(w, 3), 0);
	sw_run(w, 30);
	put_topic("scsp", NULL, &b);
	put_topic("cache", NULL, &b);
	assert_true(golden_same("scsp-topics", b.s));
	sbuf_free(&b);
}

static void
put_ladder(struct mtime from, const char *title, struct sbuf *b)
{
	struct ladder_opt opt = { .from = from, .to = world_now(w),
		.utf8 = true };
	struct sbuf part = { 0 };

	sbuf_printf(b, "%s\n", title);
	show_ladder(w, &opt, &part);
	assert_true(sw_widest(&part) <= 100);
	sbuf_puts(b, part.s);
	sbuf_free(&part);
	show_ladder_svg(w, &opt, &part);
	assert_non_null(strstr(part.s, "HELLO"));
	sbuf_free(&part);
}

static void
ladders(void **state)
{
	struct sbuf b = { 0 };
	struct mtime t = world_now(w);

	(void)state;
	put_ladder(world_start(w), "alignment", &b);
	sw_run(w, 100);
	put_ladder(t, "quiet", &b);
	t = world_now(w);
	assert_true(world_loss(w, LOG_SCSP + SCSP_HELLO, 1, 0, 0, 1, 1) > 0);
	sw_run(w, 10);
	put_ladder(t, "a Hello is lost", &b);
	t = world_now(w);
	assert_int_equal(node_scsp_put(w, 2, oct("k"), oct("v")), 0);
	assert_int_equal(node_hang(w, 3), 0);
	sw_run(w, 5);
	put_ladder(t, "a change, and C hangs", &b);
	assert_true(golden_same("scsp-ladder", b.s));
	sbuf_free(&b);
}

static void
pictures(void **state)
{
	struct atm_addr none = { 0 };
	struct sbuf b = { 0 };

	(void)state;
	assert_int_equal(world_add_raw(w, "R", &none, NULL), 0);
	show_draw(w, &b, true, 0);
	assert_true(world_cut(w, 1, 2) > 0);
	assert_int_equal(node_hang(w, 3), 0);
	sw_run(w, 0.2);
	assert_int_equal(node_scsp_put(w, 2, oct("k"), oct("v")), 0);
	sw_run(w, 0.2);
	show_draw(w, &b, false, 60);
	assert_true(sw_widest(&b) <= 100);
	assert_true(golden_same("scsp-draw", b.s));
	sbuf_free(&b);
}

/* On one VC to all: double lines, a head at each leaf. */
static void
trees_are_drawn_as_trees(void **state)
{
	static const node_id xyz[] = { 4, 5, 6 };
	struct ladder_opt opt = { .nodes = xyz, .nodes_n = 3 };
	struct sbuf b = { 0 };

	(void)state;
	server("X", true);
	server("Y", true);
	server("Z", true);
	both(4, 5);
	both(5, 6);
	both(4, 6);
	sw_run(w, 30);
	opt.from = world_now(w);
	assert_int_equal(node_scsp_put(w, 4, oct("k"), oct("v")), 0);
	sw_run(w, 0.1);
	show_ladder(w, &opt, &b);
	if (strstr(b.s, "|========>+========>|     CSU_REQ 1 record") == NULL)
		fail_msg("%s", b.s);
	sbuf_free(&b);
}

static void
wrong_words(void **state)
{
	static const struct {
		const char *topic, *arg, *why;
	} v[] = {
		{ "scps", NULL, "(did you mean 'scsp'?)" },
		{ "scsp", "D", "no SCSP server called 'D'" },
		{ "scsp", "R", "R is a bare port, show scsp is about an SCSP "
		    "server; SCSP servers: A B C" },
		{ "members", "A", "A is an SCSP server, show members is about "
		    "a server; servers: none" },
		{ "cache", "R", "show cache is about a server; servers: A B "
		    "C" },
	};
	struct atm_addr none = { 0 };
	struct table *t;
	char why[300];

	(void)state;
	assert_int_equal(world_add_raw(w, "R", &none, NULL), 0);
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		assert_int_not_equal(show_topic(w, v[i].topic, v[i].arg, &t,
		    why, sizeof(why)), 0);
		if (strstr(why, v[i].why) == NULL)
			fail_msg("%s", why);
	}
}

static void
every_event_is_a_line_and_json(void **state)
{
	struct log *l = world_log(w);
	const struct log_rec *r;
	struct sbuf text = { 0 }, b = { 0 };

	(void)state;
	for (uint64_t i = 1; (r = log_get(l, i)) != NULL; i = r->seq + 1) {
		b.len = 0;
		show_event_json(w, r, &b);
		assert_true(json_valid(b.s, b.len));
		show_event(w, r, &text);
		sbuf_printf(&text, "%s\n", b.s);
	}
	assert_non_null(strstr(text.s, " send  HELLO hears nobody -> "));
	assert_non_null(strstr(text.s, " send  CA MIO seq "));
	assert_non_null(strstr(text.s, " records -> B\n"));
	assert_non_null(strstr(text.s, " recv  CSU_REQ 1 record <- "));
	assert_non_null(strstr(text.s, " aligned B\n"));
	assert_non_null(strstr(text.s, "state cafsm: Update -> Aligned "));
	assert_non_null(strstr(text.s, "\"master\":true,\"init\":true,"
	    "\"more\":true}"));
	sbuf_free(&text);
	sbuf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(tables), T(ladders), T(pictures),
		T(trees_are_drawn_as_trees), T(wrong_words),
		T(every_event_is_a_line_and_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
