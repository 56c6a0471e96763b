#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Only main ends the program, only mem_libc.c owns the engines' memory, and no
# interface hides its unit in the name of an integer.
cd "$(dirname "$0")/../.." || exit 2
status=0
grep -nE '(^|[^a-z_])(exit|_exit|abort)\(' $(find src -name '*.c' ! -path src/main.c) &&
	status=1
grep -nE 'int[0-9a-z_]* [a-z_]*(_ms|_sec|_secs|timeout)[,);]' \
    $(find include -name '*.h') && status=1
exit $status
