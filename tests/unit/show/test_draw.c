/* SPDX-License-Identifier: BSD-2-Clause */
/* Drawings of topologies, character for character. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "golden.h"
#include "show_world.h"

static void
drawn(struct world *w, const char *name, bool utf8)
{
	struct sbuf b = { 0 };

	show_draw(w, &b, utf8, 0);
	assert_false(b.oom);
	assert_true(sw_widest(&b) <= 100);
	assert_true(golden_same(name, b.s));
	sbuf_free(&b);
}

static void
three_clients(void **state)
{
	struct world *w = sw_busy(3);

	(void)state;
	drawn(w, "draw-three", true);
	drawn(w, "draw-three-ascii", false);
	world_free(w);
}

static void
nodes_in_trouble(void **state)
{
	struct world *w = sw_busy(4);

	(void)state;
	sw_client(w, "C5", false);
	assert_int_equal(node_hang(w, 3), 0);
	assert_int_equal(node_kill(w, 4), 0);
	assert_true(world_cut(w, 1, 5) > 0);
	sw_run(w, 0.5);
	drawn(w, "draw-trouble", true);
	assert_int_equal(node_kill(w, 1), 0);
	sw_run(w, 0.1);
	drawn(w, "draw-dead-mars", true);
	world_free(w);
}

static void
several_rows(void **state)
{
	struct world *w = sw_busy(9);

	(void)state;
	drawn(w, "draw-nine", true);
	world_free(w);
}

static void
forty_clients(void **state)
{
	struct world *w = sw_busy(45);

	(void)state;
	drawn(w, "draw-forty", true);
	world_free(w);
}

/* Names as long as they may be, any number of clients: never a wide line. */
static void
any_size_fits(void **state)
{
	unsigned n, k;

	(void)state;
	for (n = 1; n <= 22; n += 3) {
		struct world *w = sw_new(0);
		struct sbuf b = { 0 };
		char name[NODE_NAME_MAX];

		for (k = 0; k < n; k++) {
			(void)snprintf(name, sizeof(name),
			    "a-client-with-a-long-name-%04u", k);
			sw_client(w, name, k % 5 != 4);
		}
		sw_run(w, 3);
		show_draw(w, &b, true, 0);
		assert_true(sw_widest(&b) <= 100);
		assert_non_null(strstr(b.s, "a-client-with-a-lo"));
		sbuf_free(&b);
		world_free(w);
	}
}

/* On a narrow terminal fewer boxes stand in a row; nothing is lost. */
static void
narrow_paper(void **state)
{
	struct world *w = sw_busy(7);
	static const size_t width[] = { 40, 60, 80 };
	struct sbuf b = { 0 };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		show_draw(w, &b, true, width[i]);
		assert_true(sw_widest(&b) <= width[i]);
		assert_non_null(strstr(b.s, "C1"));
		sbuf_free(&b);
	}
	show_draw(w, &b, true, 1); /* as narrow as it goes */
	assert_true(sw_widest(&b) <= 40);
	sbuf_free(&b);
	world_free(w);
}

static void
nothing_to_draw(void **state)
{
	struct world_cfg cfg;
	struct world *w;
	struct sbuf b = { 0 };

	(void)state;
	world_defaults(&cfg);
	w = world_new(&cfg, mem_libc());
	show_draw(w, &b, true, 0);
	assert_string_equal(b.s, "nothing here yet\n");
	sbuf_free(&b);
	world_free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(three_clients),
		cmocka_unit_test(nodes_in_trouble),
		cmocka_unit_test(several_rows),
		cmocka_unit_test(forty_clients),
		cmocka_unit_test(any_size_fits),
		cmocka_unit_test(narrow_paper),
		cmocka_unit_test(nothing_to_draw),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
