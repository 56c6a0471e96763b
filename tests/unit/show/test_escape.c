/* SPDX-License-Identifier: BSD-2-Clause */
/* Nothing that comes from outside reaches a terminal or JSON as itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "show/show_int.h"

static const struct {
	const char *in;
	size_t n;
	const char *text, *json;
} cases[] = {
	{ "", 0, "", "\"\"" },
	{ "plain", 5, "plain", "\"plain\"" },
	{ "a\"b\\c", 5, "a\"b\\c", "\"a\\\"b\\\\c\"" },
	{ "\n\t\r", 3, "\\n\\t\\r", "\"\\n\\t\\r\"" },
	{ "a\0b", 3, "a\\x00b", "\"a\\u0000b\"" },
	{ "\033[31m", 5, "\\x1b[31m", "\"\\u001b[31m\"" },
	{ "\x7f", 1, "\\x7f", "\"\\u007f\"" },
	/* C1: CSI as one character, and the bare octet of old terminals */
	{ "\xc2\x9b" "2J", 4, "\\u009b2J", "\"\\u009b2J\"" },
	{ "\x9b" "2J", 3, "\\x9b2J", "\"\\ufffd" "2J\"" },
	/* direction: override, isolate, mark; separators; BOM; tags */
	{ "\xe2\x80\xae", 3, "\\u202e", "\"\\u202e\"" },
	{ "\xe2\x81\xa6", 3, "\\u2066", "\"\\u2066\"" },
	{ "\xd8\x9c", 2, "\\u061c", "\"\\u061c\"" },
	{ "\xe2\x80\xa8", 3, "\\u2028", "\"\\u2028\"" },
	{ "\xef\xbb\xbf", 3, "\\ufeff", "\"\\ufeff\"" },
	{ "\xf3\xa0\x81\x81", 4, "\\U000e0041", "\"\\udb40\\udc41\"" },
	/* harmless text of any script passes */
	{ "\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80", 9,
	    "\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80",
	    "\"\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80\"" },
	/* invalid: lone lead, overlong, surrogate, beyond, cut short */
	{ "\xc3(", 2, "\\xc3(", "\"\\ufffd(\"" },
	{ "\xc0\xaf", 2, "\\xc0\\xaf", "\"\\ufffd\\ufffd\"" },
	{ "\xe0\x80\xaf", 3, "\\xe0\\x80\\xaf", NULL },
	{ "\xed\xa0\x80", 3, "\\xed\\xa0\\x80", NULL },
	{ "\xf4\x90\x80\x80", 4, "\\xf4\\x90\\x80\\x80", NULL },
	{ "ab\xe4\xb8", 4, "ab\\xe4\\xb8", NULL },
};

static void
each_case(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct sbuf text = { 0 }, json = { 0 };

		show_escape(&text, cases[i].in, cases[i].n);
		show_json_string(&json, cases[i].in, cases[i].n);
		assert_string_equal(text.s, cases[i].text);
		if (cases[i].json != NULL)
			assert_string_equal(json.s, cases[i].json);
		sbuf_free(&text);
		sbuf_free(&json);
	}
}

/* Every pair of octets: what comes out is printable ASCII or valid UTF-8. */
static void
all_pairs(void **state)
{
	unsigned a, b;

	(void)state;
	for (a = 0; a < 256; a++)
		for (b = 0; b < 256; b++) {
			char in[2] = { (char)a, (char)b };
			struct sbuf out = { 0 };
			uint32_t cp;
			size_t i, n;

			show_escape(&out, in, 2);
			for (i = 0; i < out.len; i += n) {
				n = show_utf8(out.s + i, out.len - i, &cp);
				assert_true(n > 0);
				assert_true(cp >= 0x20 && cp != 0x7f);
				assert_false(cp >= 0x80 && cp <= 0x9f);
			}
			sbuf_free(&out);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_case),
		cmocka_unit_test(all_pairs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
