/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every topic of show on worlds whose content is known: exact screens, valid
 * JSON, and what is said when the word is wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "golden.h"
#include "json_valid.h"
#include "show_world.h"

static void
put_topic(struct world *w, const char *topic, const char *arg,
    struct sbuf *out)
{
	struct table *t;
	char why[200] = "";

	assert_int_equal(show_topic(w, topic, arg, &t, why, sizeof(why)), 0);
	sbuf_printf(out, "show %s%s%s\n", topic, arg != NULL ? " " : "",
	    arg != NULL ? arg : "");
	table_text(t, out, 0, false);
	sbuf_puts(out, "\n");
	table_free(t);
}

static void
screens(void **state)
{
	static const char *const v[][2] = { { "cluster", NULL },
		{ "topology", NULL }, { "members", NULL },
		{ "groups", "M1" }, { "cache", NULL }, { "map", NULL },
		{ "client", "C1" }, { "paths", NULL }, { "vcs", NULL },
		{ "vcs", "C3" }, { "flows", NULL }, { "flows", "C1" },
		{ "faults", NULL }, { "stats", "M1" }, { "stats", "C1" },
		{ "events", "6" } };
	struct world *w = sw_busy(3);
	struct l3_range block = sw_range("224.5.0.0/24");
	struct sbuf b = { 0 };
	size_t i;

	(void)state;
	assert_int_equal(node_join(w, 5, &block, false), 0);
	assert_true(world_cut(w, 2, 3) > 0);
	assert_true(world_loss(w, MARS_JOIN, 0, 1, 0, 0, 0.5) > 0);
	sw_run(w, 2);
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++)
		put_topic(w, v[i][0], v[i][1], &b);
	assert_true(golden_same("topics", b.s));
	sbuf_free(&b);
	world_free(w);
}

/* Down, hung and idle: what is not known is "-", never something stale. */
static void
cluster_in_trouble(void **state)
{
	struct world *w = sw_busy(4);
	struct sbuf b = { 0 };

	(void)state;
	sw_client(w, "C5", false);
	assert_int_equal(node_kill(w, 1), 0);
	assert_int_equal(node_hang(w, 3), 0);
	assert_int_equal(node_stop(w, 4), 0);
	put_topic(w, "cluster", NULL, &b);
	put_topic(w, "server", NULL, &b);
	put_topic(w, "client", NULL, &b);
	put_topic(w, "vcs", NULL, &b);
	assert_true(golden_same("trouble", b.s));
	sbuf_free(&b);
	world_free(w);
}

static void
all_topics(struct world *w, size_t width)
{
	const char *const *topic;
	struct table *t;

	for (topic = show_topics(); *topic != NULL; topic++) {
		struct sbuf b = { 0 };

		assert_non_null(show_topic_help(*topic));
		assert_int_equal(show_topic(w, *topic, NULL, &t, NULL, 0), 0);
		table_json(t, &b);
		assert_true(json_valid(b.s, b.len));
		sbuf_free(&b);
		table_text(t, &b, width, false);
		if (width > 0)
			assert_true(sw_widest(&b) <= width);
		sbuf_free(&b);
		table_free(t);
	}
}

static void
json_of_every_topic(void **state)
{
	struct world *w = sw_busy(12);

	(void)state;
	all_topics(w, 0);
	all_topics(w, 120);
	assert_int_equal(node_kill(w, 1), 0);
	all_topics(w, 120);
	sw_run(w, 60);
	all_topics(w, 120);
	world_free(w);
}

static void
empty_world(void **state)
{
	struct world_cfg cfg;
	struct world *w;

	(void)state;
	world_defaults(&cfg);
	w = world_new(&cfg, mem_libc());
	assert_non_null(w);
	all_topics(w, 0);
	world_free(w);
}

static void
clock_and_server(void **state)
{
	struct world *w = sw_busy(3);
	struct table *t;
	bool number;

	(void)state;
	assert_int_equal(show_topic(w, "time", NULL, &t, NULL, 0), 0);
	assert_int_equal(table_rows(t), 1);
	assert_string_equal(table_col_name(t, 0), "now");
	assert_string_equal(table_cell(t, 0, 0, &number, NULL), "12.000000");
	assert_true(number);
	assert_string_equal(table_cell(t, 0, 3, NULL, NULL), "1");
	assert_string_equal(table_cell(t, 0, 4, NULL, NULL), "2");
	assert_string_equal(table_cell(t, 0, 5, NULL, NULL), "3");
	table_free(t);
	assert_int_equal(show_topic(w, "server", NULL, &t, NULL, 0), 0);
	assert_int_equal(table_rows(t), 2);
	assert_string_equal(table_cell(t, 0, 2, NULL, NULL), "Active");
	assert_string_equal(table_cell(t, 0, 4, NULL, NULL), "3");
	assert_string_equal(table_cell(t, 1, 2, NULL, NULL), "Idle");
	table_free(t);
	world_free(w);
}

static void
events_by_number_and_node(void **state)
{
	struct world *w = sw_busy(3);
	size_t all = (size_t)log_last(world_log(w)), i;
	struct table *t;

	(void)state;
	assert_int_equal(show_topic(w, "events", "all", &t, NULL, 0), 0);
	assert_int_equal(table_rows(t), all);
	table_free(t);
	assert_int_equal(show_topic(w, "events", "10", &t, NULL, 0), 0);
	assert_int_equal(table_rows(t), 10);
	assert_int_equal(strtoul(table_cell(t, 9, 0, NULL, NULL), NULL, 10),
	    all);
	table_free(t);
	assert_int_equal(show_topic(w, "events", "0", &t, NULL, 0), 0);
	assert_int_equal(table_rows(t), 0);
	table_free(t);
	assert_int_equal(show_topic(w, "events", NULL, &t, NULL, 0), 0);
	assert_int_equal(table_rows(t), 50);
	table_free(t);
	assert_int_equal(show_topic(w, "events", "C3", &t, NULL, 0), 0);
	assert_true(table_rows(t) > 5);
	for (i = 0; i < table_rows(t); i++)
		assert_string_equal(table_cell(t, i, 2, NULL, NULL), "C3");
	table_free(t);
	world_free(w);
}

static void
wrong_words(void **state)
{
	static const struct {
		const char *topic, *arg, *why;
	} v[] = {
		{ "clutser", NULL,
		    "nothing to show called 'clutser' (did you mean "
		    "'cluster'?); topics: cluster topology " },
		{ "xyzzy", NULL, "nothing to show called 'xyzzy'; topics: " },
		{ "\033[2J", NULL, "nothing to show called '\\x1b[2J'; " },
		{ "members", "m1",
		    "no server called 'm1' (did you mean 'M1'?); servers: M1 "
		    "M2" },
		{ "client", "M1",
		    "M1 is a server, show client is about a client; clients: "
		    "C1 C2 C3" },
		{ "cluster", "C33",
		    "no node called 'C33' (did you mean 'C3'?); nodes: M1 M2 "
		    "C1 C2 C3" },
		{ "time", "x", "show time takes no argument, found 'x'" },
		{ "events", "-77", "no node called '-77'; nodes: " },
	};
	struct world *w = sw_new(3);
	struct table *t;
	char why[400];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		assert_int_equal(show_topic(w, v[i].topic, v[i].arg, &t, why,
				     sizeof(why)), MARSH_ENOENT);
		assert_null(t);
		why[strlen(v[i].why)] = '\0';
		assert_string_equal(why, v[i].why);
	}
	/* a small buffer is filled, never overrun */
	assert_int_equal(show_topic(w, "nope", NULL, &t, why, 10),
	    MARSH_ENOENT);
	assert_string_equal(why, "nothing t");
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(screens),
		cmocka_unit_test(cluster_in_trouble),
		cmocka_unit_test(json_of_every_topic),
		cmocka_unit_test(empty_world),
		cmocka_unit_test(clock_and_server),
		cmocka_unit_test(events_by_number_and_node),
		cmocka_unit_test(wrong_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
