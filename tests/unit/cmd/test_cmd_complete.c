/* SPDX-License-Identifier: BSD-2-Clause */
/* TAB and `?` at every place of a line; and lines nobody would type. */
#include "cmd_fake.h"

#include <stdlib.h>
#include <unistd.h>

#include "marsh/base/rng.h"

static struct fake f;

static void
test_offers(void **state)
{
	static const struct {
		const char *line, *offers;
	} rows[] = {
		{ "kil", "kill " },
		{ "st", "stop step " },
		{ "zz", "" },
		{ "kill ", "M1 M2 C1 C2 C3 " },
		{ "kill M", "M1 M2 " },
		{ "k C", "C1 C2 C3 " },
		{ "kill M1 ", "back " },
		{ "kill M1 back ", "" },
		{ "kill M1 back 3 ", "" },
		{ "restart M1 c", "cold " },
		{ "redirect ", "M1 M2 " },
		{ "redirect M1 ", "to " },
		{ "redirect M1 to M1,", "M1 M2 C1 C2 C3 " },
		{ "redirect M1 to M1, ", "M1 M2 C1 C2 C3 " },
		{ "redirect M1 to M1,M", "M1 M2 " },
		{ "redirect M1 to M2 ", "soft hard only " },
		{ "redirect M1 to M2 h", "hard " },
		{ "redirect M1 to M2 hard ", "only " },
		{ "join ", "C1 C2 C3 " },
		{ "join C1 ", "224.1.1.1 " },
		{ "join C1 225", "" },
		{ "loss JO", "JOIN " },
		{ "loss JOIN ", "from to next " },
		{ "loss JOIN to C", "C1 C2 C3 " },
		{ "loss JOIN to C1 ", "from next " },
		{ "partition M1 ", "/ " },
		{ "load ", "lab.one lab.ft " },
		{ "load lab.one rere", "rereg_lo= rereg_hi= " },
		{ "load lab.one a=1 nak", "nak_lo= nak_hi= " },
		{ "heal ", "all " },
		{ "speed ", "max " },
		{ "show serv", "server " },
		{ "show server ", "M1 M2 " },
		{ "show client ", "C1 C2 C3 " },
		{ "show members M1 | ", "json count grep " },
		{ "show members M1 | g", "grep " },
		{ "show members M1 |g", "grep " },
		{ "show members M1 | grep ", "" },
		{ "show members M1 | grep C | c", "count " },
		{ "until reg", "register " },
		{ "until register M", "M1 M2 " },
		{ "watch sho", "show " },
		{ "watch kill M", "M1 M2 " },
		{ "help redi", "redirect " },
		{ "pause ", "" },
		{ "kill M9 x y", "" },
		{ "nonsense ", "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *offers = fake_offers(&f, rows[i].line);

		if (strcmp(offers, rows[i].offers) != 0)
			fail_msg("'%s' offers '%s'", rows[i].line, offers);
	}
}

static void
test_where_the_word_starts(void **state)
{
	static const struct {
		const char *line;
		size_t at;
	} rows[] = { { "", 0 }, { "ki", 0 }, { " ki", 1 }, { "kill ", 5 },
		{ "kill M", 5 }, { "redirect M1 to M1,M", 18 },
		{ "redirect M1 to M1, M", 19 }, { "show vcs |gr", 10 },
		{ "show vcs | gr", 11 } };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_int_equal(cmd_complete_at(rows[i].line), rows[i].at);
}

static void
test_files(void **state)
{
	char dir[] = "/tmp/marsh-cmd-XXXXXX", line[128];
	FILE *file;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(line, sizeof(line), "%s/first.lua", dir);
	file = fopen(line, "w");
	assert_non_null(file);
	fclose(file);
	snprintf(line, sizeof(line), "source %s/fi", dir);
	assert_non_null(strstr(fake_offers(&f, line), "/first.lua "));
	snprintf(line, sizeof(line), "source %s", dir);
	assert_int_equal(fake_offers(&f, line)[strlen(dir)], '/');
	snprintf(line, sizeof(line), "%s/first.lua", dir);
	unlink(line);
	rmdir(dir);
}

/* Each word of each example, cut off anywhere, is offered again. */
static void
test_examples_complete(void **state)
{
	size_t n;
	const struct cmd_row *rows = cmd_rows(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(rows[i].word);
		char line[64];

		for (size_t k = 0; k <= len; k++) {
			char want[64];

			snprintf(line, sizeof(line), "%.*s", (int)k,
			    rows[i].word);
			snprintf(want, sizeof(want), "%s ", rows[i].word);
			assert_non_null(strstr(fake_offers(&f, line), want));
		}
	}
}

static void
test_question(void **state)
{
	struct sbuf b = { 0 };

	(void)state;
	cmd_help_at(&f.host, "", &b);
	assert_non_null(strstr(b.s, "  redirect "));
	b.len = 0;
	cmd_help_at(&f.host, "re", &b);
	assert_non_null(strstr(b.s, "  redirect "));
	assert_null(strstr(b.s, "  kill "));
	b.len = 0;
	cmd_help_at(&f.host, "kill ", &b);
	assert_non_null(strstr(b.s, "NODE           the node to crash: M1 M2 "
	    "C1 C2 C3\n"));
	assert_null(strstr(b.s, "<Enter>"));
	b.len = 0;
	cmd_help_at(&f.host, "kill M1 ", &b);
	assert_non_null(strstr(b.s, "<Enter>"));
	b.len = 0;
	cmd_help_at(&f.host, "show ", &b);
	for (size_t i = 0; show_topics()[i] != NULL; i++)
		assert_non_null(strstr(b.s, show_topics()[i]));
	b.len = 0;
	cmd_help_at(&f.host, "show vcs | ", &b);
	assert_non_null(strstr(b.s, "grep WORD"));
	b.len = 0;
	cmd_help_at(&f.host, "kill M1 nonsense ", &b);
	assert_non_null(strstr(b.s, "does not fit"));
	sbuf_free(&b);
}

/* Random words and octets: nothing crashes, errors always say something. */
static void
test_garbage(void **state)
{
	static const char *const words[] = { "kill", "show", "redirect", "to",
		"M1", "C1", "C1,C2", ",", "|", "grep", "json", "\"", "'", "/",
		"224.1.1.1", "back", "0.5", "1e308", "-1", "join", "loss",
		"load", "=", "a=b", "only", "until", "watch", "\xff\xfe",
		"\x01", "?", "partition", "heal", "help", "(", "st", "%s%n" };
	struct rng r;

	(void)state;
	rng_seed(&r, 42);
	for (int i = 0; i < 20000; i++) {
		char line[256] = "";
		struct sbuf b = { 0 };
		enum cmd_status st;

		for (uint64_t n = rng_below(&r, 9); n > 0; n--) {
			strcat(line, words[rng_below(&r,
			    sizeof(words) / sizeof(*words))]);
			if (rng_below(&r, 5) != 0)
				strcat(line, " ");
		}
		if (rng_below(&r, 4) == 0 && line[0] != '\0')
			line[rng_below(&r, strlen(line))] =
			    (char)(1 + rng_below(&r, 255));
		st = fake_run(&f, line);
		assert_int_equal(st == CMD_NOT_A_COMMAND, !cmd_is(line));
		assert_int_equal(st == CMD_ERROR, f.why[0] != '\0');
		cmd_complete(&f.host, line, &b);
		assert_true(cmd_complete_at(line) <= strlen(line));
		cmd_help_at(&f.host, line, &b);
		sbuf_free(&b);
	}
}

static int
setup(void **state)
{
	(void)state;
	fake_init(&f, true);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fake_end(&f);
	return 0;
}

/* SCSP: servers, keys of the server in front, messages. */
static void
test_scsp(void **state)
{
	static const struct {
		const char *line, *offers;
	} rows[] = {
		{ "put ", "A B " },
		{ "put A ", "printer gate " },
		{ "put A g", "gate " },
		{ "remove A p", "printer " },
		{ "solicit B ", "A B " },
		{ "solicit B A ", "printer gate " },
		{ "solicit B A gate ", "of " },
		{ "solicit B A gate of ", "A B " },
		{ "show scsp ", "A B " },
		{ "show cache ", "M1 M2 A B " },
		{ "show members ", "M1 M2 " },
		{ "show client A", "" },
		{ "loss CSU_", "CSU_REQ CSU_REP " },
		{ "lag HEL", "HELLO " },
		{ "until aligned ", "M1 M2 C1 C2 C3 A B " },
	};
	struct fake g;

	(void)state;
	fake_init(&g, true);
	fake_scsp(&g);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *offers = fake_offers(&g, rows[i].line);

		if (strcmp(offers, rows[i].offers) != 0)
			fail_msg("'%s' offers '%s'", rows[i].line, offers);
	}
	fake_end(&g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scsp),
		cmocka_unit_test(test_offers),
		cmocka_unit_test(test_where_the_word_starts),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_examples_complete),
		cmocka_unit_test(test_question),
		cmocka_unit_test(test_garbage),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
