/* SPDX-License-Identifier: BSD-2-Clause */
/* Prints the command rows as they stand in marsh.1. */
#include <stdio.h>

#include "marsh/cmd/cmd.h"
#include "marsh/show/show.h"

int
main(void)
{
	struct sbuf out = { 0 };

	cmd_man(&out);
	fwrite(out.s, 1, out.len, stdout);
	sbuf_free(&out);
	return fflush(stdout) != 0;
}
