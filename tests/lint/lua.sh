#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every Lua file compiles; the modules set no global by accident.
cd "$(dirname "$0")/../.." || exit 2
B=${B:-build}
files=$(find lua scripts tests -name '*.lua' 2>/dev/null | sort)
status=0
luac=$(command -v luac5.4 || command -v luac)
for f in $files; do
	if [ -n "$luac" ]; then
		"$luac" -p "$f" || status=1
	elif [ -x "$B/marsh" ]; then
		"$B/marsh" -q -e "assert(loadfile('$f'))" || status=1
	fi
	case $f in
	lua/marsh/*)
		grep -nE '^[a-z_][a-zA-Z0-9_]* *=[^=]|^function [a-z_]+\(' "$f" |
			sed "s|^|$f:|;s|\$| (a global)|" | grep . && status=1 ;;
	esac
done
exit $status
