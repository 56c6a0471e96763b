/* SPDX-License-Identifier: BSD-2-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "show/show_int.h"

static const char *const words[] = { "cluster", "topology", "server", "members",
	"groups", "client", "vcs", "events", "stats", "time", "cache", "M1",
	"M2", "C1", "ccvc" };
#define WORDS (sizeof(words) / sizeof(words[0]))

static void
suggestions(void **state)
{
	static const struct {
		const char *typed, *meant;
	} v[] = {
		{ "cach", "cache" }, { "clutser", "cluster" },
		{ "ccluster", "cluster" }, { "sever", "server" },
		{ "servers", "server" }, { "Members", "members" },
		{ "member", "members" }, { "top", "topology" },
		{ "m1", "M1" }, { "c1", "C1" }, { "evnets", "events" },
		{ "vc", "vcs" }, { "tiem", "time" }, { "stat", "stats" },
		{ "xyzzy", NULL }, { "", NULL }, { "q", NULL },
		{ "banana", NULL }, { "redirect", NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		const char *s = show_nearest(v[i].typed, words, WORDS);

		if (v[i].meant == NULL) {
			if (s != NULL)
				print_error("%s -> %s\n", v[i].typed, s);
			assert_null(s);
			continue;
		}
		assert_non_null(s);
		assert_string_equal(s, v[i].meant);
	}
}

static void
odd_input(void **state)
{
	static const char *const odd[] = { NULL, "", "abc" };
	char longest[200];

	(void)state;
	memset(longest, 'a', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	assert_null(show_nearest(longest, words, WORDS));
	assert_null(show_nearest("abc", NULL, 0));
	assert_string_equal(show_nearest("abd", odd, 3), "abc");
	longest[64] = '\0';
	assert_null(show_nearest(longest, words, WORDS));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(suggestions),
		cmocka_unit_test(odd_input),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
