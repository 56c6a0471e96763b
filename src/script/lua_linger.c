/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guided tours give people time to read.  Where nobody reads (a pipe, a file)
 * there is no pause, so that tests of a tour cost nothing.
 */
#include <time.h>
#include <unistd.h>

#include "script/script_int.h"

#define SLICE_NS 50000000L

/* core.linger(s) waits |s| real seconds if standard output is a terminal. */
int
core_linger(lua_State *L)
{
	double s = luaL_checknumber(L, 1);
	struct timespec t = { 0, SLICE_NS };

	if (isatty(STDOUT_FILENO) != 1)
		return 0;
	for (double done = 0; done < s; done += SLICE_NS * 1e-9) {
		nanosleep(&t, NULL);
		guard_check(L);
	}
	return 0;
}
