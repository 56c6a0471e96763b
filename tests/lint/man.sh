#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The manual pages are well formed and complete: every command row, every
# option, and every name that Lua knows stands in them.
cd "$(dirname "$0")/../.." || exit 2
B=${B:-build}
status=0
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
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
sed -n '/begin of the command rows/,/end of the command rows/p' man/marsh.1 |
    sed '1d;$d' >"$dir/page"
if ! "$B/lint/rows" >"$dir/rows" || ! cmp -s "$dir/page" "$dir/rows"; then
	echo "man/marsh.1: the commands are not those of their rows: make man"
	status=1
fi
[ ! -e src/main.c ] || grep -oE '"[a-z]+", *(no|required|optional)_argument' src/main.c |
    sed 's/"\([a-z]*\)".*/\1/' | missing man/marsh.1
sed -n 's/^	{ "\([a-z]*\)", ABOUT_.*/\1/p' src/show/topic.c | missing man/marsh.1
{
	grep -ohE '\{ "[a-z][a-z0-9_]*", [a-z]' src/script/lua_*.c |
		sed 's/.*"\(.*\)".*/\1/'
	sed -n 's/^function [a-z_]*\.\([a-z][a-z_]*\)(.*/\1/p' lua/marsh/[!t]*.lua
	sed -n '/^local auto/,/^}/p' lua/marsh/init.lua | grep -oE '[a-z_]+ = "' | sed 's/ =.*//'
	sed -n 's/^	X(\([a-z_]*\), [0-9].*/\1/p' include/marsh/mars/mars_client.h
	sed -n 's/^	X([A-Z]*, "\([a-z]*\)").*/\1/p' include/marsh/base/trace.h
} | sort -u | missing man/marsh-lua.3
exit $status
