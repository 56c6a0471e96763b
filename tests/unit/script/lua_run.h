/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef LUA_RUN_H
#define LUA_RUN_H

/* Snippets of Lua as tests: they assert for themselves, or fail as told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "marsh/script/script.h"

static struct script *S;

static inline int
lua_start(void **state)
{
	struct script_cfg cfg = { .seed = 1, .lua_dir = "lua" };
	char why[256];

	(void)state;
	S = script_new(&cfg, why, sizeof(why));
	if (S == NULL)
		print_error("%s\n", why);
	return S == NULL;
}

static inline int
lua_stop(void **state)
{
	(void)state;
	script_free(S);
	S = NULL;
	return 0;
}

/* |code| must run to its end. */
static inline void
good(const char *code)
{
	if (script_string(S, code, "test") != SCRIPT_OK)
		fail_msg("%s\n%s", script_message(S), code);
}

/* |code| must raise a message that is |want| behind its position. */
static inline void
bad(const char *code, const char *want)
{
	const char *msg;

	if (script_string(S, code, "test") != SCRIPT_ERROR)
		fail_msg("no error from %s", code);
	msg = script_message(S);
	if (strncmp(msg, "test:", 5) != 0 || strstr(msg, want) == NULL)
		fail_msg("%s\nraised %s\nwanted %s", code, msg, want);
}

struct row {
	const char *code, *want;
};

static inline void
bad_rows(const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		bad(rows[i].code, rows[i].want);
}
#define BAD_ROWS(rows) bad_rows(rows, sizeof(rows) / sizeof((rows)[0]))

#define LUA_TEST(f) cmocka_unit_test_setup_teardown(f, lua_start, lua_stop)

#endif
