#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Only a program's main file ends it (a child or a signal handler of the prompt may
# _exit), and no interface hides its unit in the name of an integer.
cd "$(dirname "$0")/../.." || exit 2
status=0
others=$(find src -name '*.c' ! -path src/main.c ! -path src/fabricd/fabricd.c)
# shellcheck disable=SC2086
grep -nE '(^|[^a-z_])(exit|abort)\(' $others && status=1
# shellcheck disable=SC2086
grep -nE '(^|[^a-z_])_exit\(' $others | grep -v '^src/repl/' && status=1
grep -nE 'int[0-9a-z_]* [a-z_]*(_ms|_sec|_secs|timeout)[,);]' \
    $(find include -name '*.h') && status=1
exit $status
