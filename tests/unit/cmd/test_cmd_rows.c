/* SPDX-License-Identifier: BSD-2-Clause */
/* Every row: complete, reachable, explained, and its example understood. */
#include "cmd_fake.h"

#include "marsh/base/err.h"

static struct fake f;

static void
test_row_texts(void **state)
{
	size_t n;
	const struct cmd_row *rows = cmd_rows(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(rows[i].help);

		assert_true(len > 10 && len < 70);
		assert_int_equal(rows[i].help[len - 1], '.');
		assert_non_null(rows[i].example);
		assert_int_equal(strncmp(rows[i].example, rows[i].word,
		    strlen(rows[i].word)), 0);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(rows[i].word, rows[k].word);
		for (size_t k = 0; k < CMD_ARGS_MAX
		     && rows[i].args[k].name != NULL; k++)
			if (rows[i].args[k].kind != CMD_WORD)
				assert_non_null(rows[i].args[k].help);
	}
}

static void
test_all_are_there(void **state)
{
	static const char *const words[] = { "show", "kill", "restart", "hang",
		"stop", "redirect", "join", "leave", "send", "cut", "partition",
		"heal", "loss", "lag", "run", "until", "step", "pause",
		"resume", "speed", "seed", "load", "source", "capture",
		"ladder", "draw", "watch", "history", "help", "quit",
		"register", "deregister", "request", "grouplist", "blind",
		"refuse", "flow", "put", "remove", "solicit" };
	size_t n;
	const struct cmd_row *rows = cmd_rows(&n);

	(void)state;
	assert_int_equal(n, sizeof(words) / sizeof(*words));
	for (size_t i = 0; i < n; i++) {
		bool found = false;

		for (size_t k = 0; k < n; k++)
			found = found || strcmp(rows[k].word, words[i]) == 0;
		assert_true(found);
	}
}

/* What a row's example does: it is understood, to the last word. */
static void
test_examples_run(void **state)
{
	size_t n;
	const struct cmd_row *rows = cmd_rows(&n);

	(void)state;
	for (size_t i = 0; i < n; i++) {
		enum cmd_status st;

		if (strcmp(rows[i].word, "capture") == 0)
			continue; /* would write a file */
		assert_true(cmd_is(rows[i].example));
		st = fake_run(&f, rows[i].example);
		if (st != CMD_OK && strcmp(rows[i].word, "quit") != 0)
			fail_msg("%s: %s", rows[i].example, f.why);
		if (rows[i].call != NULL)
			assert_int_equal(strncmp(f.told, rows[i].call,
			    strlen(rows[i].call)), 0);
	}
}

/* Every whole word wins over what it abbreviates; every beginning that is
 * nobody else's finds its row. */
static void
test_abbreviations(void **state)
{
	size_t n;
	const struct cmd_row *rows = cmd_rows(&n);

	(void)state;
	for (size_t i = 0; i < n; i++)
		for (size_t len = 1; len <= strlen(rows[i].word); len++) {
			struct sbuf b = { 0 };
			char word[32];
			size_t same = 0;

			snprintf(word, sizeof(word), "%.*s", (int)len,
			    rows[i].word);
			for (size_t k = 0; k < n; k++)
				same += strncmp(rows[k].word, word, len) == 0;
			if (same > 1 && rows[i].word[len] != '\0') {
				assert_int_equal(cmd_help(word, &b),
				    MARSH_ENOENT);
				continue;
			}
			assert_int_equal(cmd_help(word, &b), 0);
			assert_int_equal(strncmp(b.s, rows[i].help,
			    strlen(rows[i].help)), 0);
			sbuf_free(&b);
		}
}

static void
test_ambiguous_lists_candidates(void **state)
{
	(void)state;
	assert_int_equal(fake_run(&f, "st M1"), CMD_ERROR);
	assert_string_equal(f.why, "'st' may be stop, step");
	assert_int_equal(fake_run(&f, "k M1"), CMD_OK);
	assert_string_equal(f.told, "kill node=M1");
}

static void
test_help(void **state)
{
	size_t n;
	const struct cmd_row *rows = cmd_rows(&n);
	struct sbuf b = { 0 };

	(void)state;
	assert_int_equal(cmd_help(NULL, &b), 0);
	for (size_t i = 0; i < n; i++)
		assert_non_null(strstr(b.s, rows[i].help));
	/* what real SVCs cannot do is marked */
	assert_non_null(strstr(b.s, "\n* cut  "));
	assert_non_null(strstr(b.s, "\n* pause  "));
	assert_non_null(strstr(b.s, "\n  kill  "));
	assert_non_null(strstr(b.s, "\n* only on the emulated fabric"));
	b.len = 0;
	assert_int_equal(cmd_help("cut", &b), 0);
	assert_non_null(strstr(b.s, "\nOnly on the emulated fabric"));
	b.len = 0;
	assert_int_equal(cmd_help("redirect", &b), 0);
	assert_null(strstr(b.s, "emulated"));
	assert_non_null(strstr(b.s, "usage: redirect SERVER to NODES "
	    "[soft|hard] [only NODES]\n"));
	assert_non_null(strstr(b.s, "example: redirect M1 to M2,M1 soft\n"));
	assert_int_equal(cmd_help("nonsense", &b), MARSH_ENOENT);
	sbuf_free(&b);
	assert_int_equal(fake_run(&f, "help \"redirect\""), CMD_OK);
	assert_non_null(strstr(f.out.s, "usage: redirect"));
}

static void
test_manual(void **state)
{
	size_t n;
	const struct cmd_row *rows = cmd_rows(&n);
	struct sbuf b = { 0 };

	(void)state;
	cmd_man(&b);
	for (size_t i = 0; i < n; i++) {
		char it[64];

		snprintf(it, sizeof(it), ".It Ic %s", rows[i].word);
		assert_non_null(strstr(b.s, it));
	}
	assert_non_null(strstr(b.s, ".It Ic kill Ar node Oo Cm back Ar seconds "
	    "Oc\n"));
	/* no line of text may read as a macro */
	for (const char *s = b.s; (s = strchr(s, '\n')) != NULL; s++)
		if (s[1] == '.')
			assert_true((s[2] >= 'A' && s[2] <= 'Z'));
	sbuf_free(&b);
}

/* What is typed about SCSP reaches the handler, and what is wrong does not. */
static void
test_scsp(void **state)
{
	static const struct {
		const char *line, *told;
	} good[] = {
		{ "put A a room 4", "put node=A key=a value=room 4" },
		{ "remove A printer", "remove node=A key=printer" },
		{ "solicit A B x of B", "solicit node=A other=B key=x of=B" },
		{ "loss scsp_csu_req to A 0.5", "loss op=CSU_REQ to=A p=0.5" },
		{ "lag hello 2", "lag op=HELLO by=2" },
	}, wrong[] = {
		{ "put M1 a b", "no SCSP server 'M1'" },
		{ "put A", "put: " },
		{ "put A k", "put: " },
		{ "put C9 k v", "there are A, B" },
		{ "remove A ''", "is no key: 1 to 255 octets" },
		{ "solicit A C1 x", "no SCSP server 'C1'" },
		{ "solicit A B x of M1", "no SCSP server 'M1'" },
		{ "show scsp C1", "C1 is a client, show scsp is about an SCSP" },
		{ "show cache C1", "show cache is about a server" },
		{ "loss CSU to A 0.1", "is no message type" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++) {
		if (fake_run(&f, good[i].line) != CMD_OK)
			fail_msg("%s: %s", good[i].line, f.why);
		assert_string_equal(f.told, good[i].told);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		assert_int_equal(fake_run(&f, wrong[i].line), CMD_ERROR);
		if (strstr(f.why, wrong[i].told) == NULL)
			fail_msg("%s: %s", wrong[i].line, f.why);
		assert_string_equal(f.told, "");
	}
	assert_int_equal(fake_run(&f, "show cache B | grep gate"), CMD_OK);
	assert_non_null(strstr(f.out.s, "learnt"));
	assert_int_equal(fake_run(&f, "show scsp | count"), CMD_OK);
	assert_string_equal(f.out.s, "2\n");
}

/* Words of later versions say so, and are offered nowhere. */
static void
test_later(void **state)
{
	static const char *const words[] = { "elect", "drain M2",
		"split M1 C1,C2", "serve S1 X", "unserve S1 X", "dashboard" };

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		assert_true(cmd_is(words[i]));
		assert_int_equal(fake_run(&f, words[i]), CMD_ERROR);
		assert_non_null(strstr(f.why, "this version has no "));
		assert_string_equal(f.told, "");
	}
	assert_null(strstr(fake_offers(&f, ""), "dashboard"));
}

static void
test_users_rows(void **state)
{
	char word[] = "greet";
	struct cmd_row row = { .word = word, .help = "Greet a node.",
		.call = "greet", .args = { { CMD_NODE, "node", "whom", 0 },
		    { CMD_CHOICE, "how:loud|soft", "how", CMD_OPT } } };
	size_t n, m;

	(void)state;
	cmd_rows(&n);
	assert_int_equal(cmd_add(&row), 0);
	assert_int_equal(cmd_add(&row), MARSH_EEXIST);
	word[0] = 'x'; /* it was copied */
	cmd_rows(&m);
	assert_int_equal(m, n + 1);
	assert_int_equal(fake_run(&f, "gree C1 lo"), CMD_OK);
	assert_string_equal(f.told, "greet node=C1 how=loud");
	row.word = "kill";
	assert_int_equal(cmd_add(&row), MARSH_EEXIST);
	row.word = "elect";
	assert_int_equal(cmd_add(&row), MARSH_EEXIST);
	row.word = "two words";
	assert_int_equal(cmd_add(&row), MARSH_EINVAL);
	row.word = "local";
	assert_int_equal(cmd_add(&row), MARSH_EINVAL);
	row.word = "greet2";
	row.args[0] = (struct cmd_arg){ CMD_REST, "rest", "all", 0 };
	assert_int_equal(cmd_add(&row), MARSH_EINVAL);
	row.args[0] = (struct cmd_arg){ CMD_NODE, "node", "x", CMD_WITH };
	assert_int_equal(cmd_add(&row), MARSH_EINVAL);
	row.call = NULL;
	assert_int_equal(cmd_add(&row), MARSH_EINVAL);
	cmd_reset();
	cmd_rows(&m);
	assert_int_equal(m, n);
	assert_int_equal(fake_run(&f, "greet C1"), CMD_ERROR);
}

static int
setup(void **state)
{
	(void)state;
	fake_init(&f, true);
	fake_scsp(&f);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	fake_end(&f);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_row_texts),
		cmocka_unit_test(test_all_are_there),
		cmocka_unit_test(test_examples_run),
		cmocka_unit_test(test_abbreviations),
		cmocka_unit_test(test_ambiguous_lists_candidates),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_manual),
		cmocka_unit_test(test_scsp),
		cmocka_unit_test(test_later),
		cmocka_unit_test(test_users_rows),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
