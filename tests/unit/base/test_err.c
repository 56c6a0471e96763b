/* SPDX-License-Identifier: BSD-2-Clause */
/* Every error has a negative code, a word of its own and a sentence. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "marsh/base/err.h"

static const int all[] = {
#define X(name, word, text) MARSH_##name,
	MARSH_ERRORS(X)
#undef X
};
#define COUNT (sizeof(all) / sizeof(all[0]))

static void
words(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		const char *w = marsh_err_word(all[i]);

		assert_true(all[i] < 0);
		assert_int_equal(strspn(w, "abcdefghijklmnopqrstuvwxyz_"),
		    strlen(w));
		assert_string_not_equal(w, "unknown");
		assert_string_not_equal(marsh_err_text(all[i]),
		    "unknown error");
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(w, marsh_err_word(all[k]));
	}
}

static void
others(void **state)
{
	(void)state;
	assert_string_equal(marsh_err_word(MARSH_OK), "ok");
	assert_string_equal(marsh_err_text(MARSH_OK), "success");
	assert_string_equal(marsh_err_word(MARSH_EOVERLAP), "overlap");
	assert_string_equal(marsh_err_word(1), "unknown");
	assert_string_equal(marsh_err_text(-1000), "unknown error");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test(others),
	};

	return cmocka_run_group_tests_name("err", tests, NULL, NULL);
}
