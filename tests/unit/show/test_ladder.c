/* SPDX-License-Identifier: BSD-2-Clause */
/* Message sequence charts, character for character, and as SVG. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "golden.h"
#include "show_world.h"

static struct ladder_opt
whole(struct world *w)
{
	return (struct ladder_opt){ .from = world_start(w),
		.to = world_now(w), .utf8 = true };
}

static void
laddered(struct world *w, const struct ladder_opt *opt, const char *name)
{
	struct sbuf b = { 0 };

	show_ladder(w, opt, &b);
	assert_false(b.oom);
	assert_true(sw_widest(&b) <= 100);
	assert_true(golden_same(name, b.s));
	sbuf_free(&b);
}

static void
register_join_send(void **state)
{
	struct world *w = sw_busy(3);
	struct ladder_opt opt = whole(w);

	(void)state;
	opt.data = true;
	laddered(w, &opt, "ladder-join");
	opt.utf8 = false;
	opt.data = false;
	laddered(w, &opt, "ladder-join-ascii");
	world_free(w);
}

static void
kill_hang_restart(void **state)
{
	struct world *w = sw_busy(2);
	struct ladder_opt opt = whole(w);

	(void)state;
	opt.from = world_now(w);
	assert_int_equal(node_hang(w, 4), 0);
	sw_run(w, 1);
	assert_int_equal(node_kill(w, 1), 0);
	sw_run(w, 0.5);
	assert_int_equal(node_restart(w, 4, true), 0);
	assert_int_equal(node_restart(w, 1, false), 0);
	sw_run(w, 20);
	opt.to = world_now(w);
	laddered(w, &opt, "ladder-faults");
	world_free(w);
}

/* One leaf misses a message on CCVC: its arrow ends in a cross. */
static void
a_loss_is_seen(void **state)
{
	struct world *w = sw_busy(3);
	struct l3_range y = sw_range("224.2.2.2");
	struct ladder_opt opt = whole(w);
	struct sbuf b = { 0 };

	(void)state;
	opt.from = world_now(w);
	assert_true(world_loss(w, MARS_JOIN, 1, 4, 0, 1, 1) > 0);
	assert_int_equal(node_join(w, 3, &y, false), 0);
	sw_run(w, 3);
	opt.to = world_now(w);
	show_ladder(w, &opt, &b);
	assert_non_null(strstr(b.s, "\xe2\x9c\x97"));
	sbuf_free(&b);
	laddered(w, &opt, "ladder-loss");
	world_free(w);
}

/* What was sent a moment ago is on its way, not lost. */
static void
on_its_way(void **state)
{
	struct world *w = sw_busy(3);
	struct l3_range y = sw_range("224.2.2.2");
	struct ladder_opt opt = { .from = world_now(w), .utf8 = false };
	struct sbuf b = { 0 };

	(void)state;
	assert_int_equal(node_join(w, 3, &y, false), 0);
	show_ladder(w, &opt, &b);
	assert_non_null(strstr(b.s, "|.--------|"));
	assert_null(strchr(b.s, 'x'));
	sbuf_free(&b);
	world_free(w);
}

static void
repetition_folds(void **state)
{
	struct world *w = sw_busy(2);
	struct ladder_opt opt = whole(w);
	struct sbuf b = { 0 };

	(void)state;
	opt.from = world_now(w);
	sw_run(w, 600);
	opt.to = world_now(w);
	show_ladder(w, &opt, &b);
	assert_non_null(strstr(b.s, "9 more MAP, 60 s apart"));
	sbuf_free(&b);
	laddered(w, &opt, "ladder-fold");
	world_free(w);
}

static void
a_loss_breaks_the_fold(void **state)
{
	struct world *w = sw_busy(2);
	struct ladder_opt opt = whole(w);
	struct sbuf b = { 0 };

	(void)state;
	opt.from = world_now(w);
	sw_run(w, 300);
	assert_true(world_loss(w, MARS_REDIRECT_MAP, 1, 3, 0, 1, 1) > 0);
	sw_run(w, 60);
	assert_int_equal(world_heal(w, 0), 0);
	sw_run(w, 240);
	opt.to = world_now(w);
	show_ladder(w, &opt, &b);
	assert_non_null(strstr(b.s, "\xe2\x9c\x97"));
	assert_null(strstr(b.s, "9 more MAP"));
	sbuf_free(&b);
	world_free(w);
}

static void
many_nodes(void **state)
{
	struct world *w = sw_busy(30);
	struct ladder_opt opt = whole(w);
	node_id ask[] = { 1, 3, 20, 0, 999, 3 };

	(void)state;
	laddered(w, &opt, "ladder-many");
	opt.nodes = ask;
	opt.nodes_n = sizeof(ask) / sizeof(ask[0]);
	laddered(w, &opt, "ladder-asked");
	world_free(w);
}

static void
at_most_max_rows(void **state)
{
	struct world *w = sw_busy(3);
	struct ladder_opt opt = whole(w);
	struct sbuf b = { 0 };
	size_t i, lines = 0;

	(void)state;
	opt.max = 5;
	show_ladder(w, &opt, &b);
	for (i = 0; i < b.len; i++)
		lines += b.s[i] == '\n';
	assert_int_equal(lines, 1 + 5);
	assert_non_null(strstr(b.s, " more rows, the last at 10."));
	sbuf_free(&b);
	opt.from = opt.to = mtime_add(world_start(w), MSPAN_SEC(3));
	show_ladder(w, &opt, &b);
	assert_string_equal(b.s, "no messages\n");
	sbuf_free(&b);
	world_free(w);
}

/* ---- SVG ---------------------------------------------------------------- */

/* A judge of XML as far as we write it: tags nest, text has no bare '<' or
 * '&', attributes are quoted. */
static bool
xml_valid(const char *p)
{
	const char *open[32], *e, *q;
	size_t len[32], depth = 0, n;

	for (; *p != '\0'; p++) {
		if (*p == '&' && strncmp(p, "&lt;", 4) != 0
		    && strncmp(p, "&gt;", 4) != 0
		    && strncmp(p, "&amp;", 5) != 0
		    && strncmp(p, "&quot;", 6) != 0
		    && strncmp(p, "&#39;", 5) != 0)
			return false;
		if (*p != '<')
			continue;
		if ((e = strchr(p, '>')) == NULL)
			return false;
		for (n = 0, q = p; q < e; q++)
			n += *q == '"';
		if (n % 2 != 0)
			return false;
		if (p[1] == '/') {
			n = (size_t)(e - p) - 2;
			if (depth == 0 || len[--depth] != n
			    || memcmp(open[depth], p + 2, n) != 0)
				return false;
		} else if (p[1] != '?' && e[-1] != '/') {
			if (depth == 32)
				return false;
			open[depth] = p + 1;
			len[depth++] = strcspn(p + 1, " >");
		}
		p = e;
	}
	return depth == 0;
}

static void
svg_is_well_formed(void **state)
{
	struct world *w = sw_busy(3);
	struct ladder_opt opt = whole(w);
	struct sbuf b = { 0 };

	(void)state;
	assert_int_equal(node_kill(w, 1), 0);
	assert_int_equal(node_hang(w, 3), 0);
	sw_run(w, 100);
	opt.to = world_now(w);
	opt.data = true;
	show_ladder_svg(w, &opt, &b);
	assert_false(b.oom);
	assert_int_equal(strncmp(b.s, "<?xml", 5), 0);
	assert_true(xml_valid(b.s));
	assert_non_null(strstr(b.s, ">C1 C2 C3: Idle -&gt; Calling</text>"));
	assert_non_null(strstr(b.s, ">JOIN 224.1.1.1 (copy) of C1 msn 1<"));
	assert_null(strstr(b.s, "<script"));
	sbuf_free(&b);
	world_free(w);
}

/* On a narrow terminal lifelines move together before words are cut. */
static void
narrow_paper(void **state)
{
	struct world *w = sw_busy(3);
	struct ladder_opt opt = whole(w);
	struct sbuf b = { 0 };

	(void)state;
	opt.width = 80;
	show_ladder(w, &opt, &b);
	assert_true(sw_widest(&b) <= 80);
	assert_non_null(strstr(b.s, "JOIN 224.1.1.1 (copy) of C1 msn 1\n"));
	sbuf_free(&b);
	for (opt.width = 1; opt.width < 80; opt.width += 13) {
		show_ladder(w, &opt, &b);
		assert_true(sw_widest(&b) <= (opt.width < 40 ? 40 : opt.width));
		sbuf_free(&b);
	}
	world_free(w);
}

static void
judge_of_xml(void **state)
{
	(void)state;
	assert_true(xml_valid("<a b=\"1\"><c/>x &lt;</a>"));
	assert_false(xml_valid("<a><b></a></b>"));
	assert_false(xml_valid("<a>"));
	assert_false(xml_valid("<a>&</a>"));
	assert_false(xml_valid("<a b=\"1></a>"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(register_join_send),
		cmocka_unit_test(kill_hang_restart),
		cmocka_unit_test(a_loss_is_seen),
		cmocka_unit_test(on_its_way),
		cmocka_unit_test(repetition_folds),
		cmocka_unit_test(a_loss_breaks_the_fold),
		cmocka_unit_test(many_nodes),
		cmocka_unit_test(at_most_max_rows),
		cmocka_unit_test(svg_is_well_formed),
		cmocka_unit_test(narrow_paper),
		cmocka_unit_test(judge_of_xml),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
