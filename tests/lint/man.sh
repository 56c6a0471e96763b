#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The manual pages are well formed and complete: every command row, every
# option, and every name that Lua knows stands in them.
cd "$(dirname "$0")/../.." || exit 2
B=${B:-build}
status=0
missing() { # PAGE, words on standard input: each must stand in it
	while read -r w; do
		grep -qE "(^|[^A-Za-z0-9_])$w([^A-Za-z0-9_]|\$)" "$1" || echo "$1: says nothing about $w"
	done | grep . && status=1
}

if command -v mandoc >/dev/null; then
	# Our own pages refer to each other before they are installed.
	for f in man/*.[1-8]; do
		mandoc -T lint -W style "$f" 2>/dev/null
	done | grep -v 'referenced manual not found' && status=1
fi
[ ! -e src/cmd/cmd_rows.c ] || sed -n '/builtin\[\]/,/^};/s/^	{ "\([a-z]*\)".*/\1/p' \
    src/cmd/cmd_rows.c | missing man/marsh.1
[ ! -e src/main.c ] || grep -oE '"[a-z]+", *(no|required|optional)_argument' src/main.c |
    sed 's/"\([a-z]*\)".*/\1/' | missing man/marsh.1
sed -n 's/^	{ "\([a-z][a-z0-9_]*\)", [a-z].*/\1/p' src/script/lua_*.c 2>/dev/null |
    sort -u | missing man/marsh-lua.3
exit $status
