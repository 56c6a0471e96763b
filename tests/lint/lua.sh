#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Every Lua file compiles; the modules set no global but `marsh`.
cd "$(dirname "$0")/../.." || exit 2
luac=$(command -v luac5.4 || command -v luac) || {
	echo "lua: no luac here (package lua5.4)"
	exit 1
}
status=0
for f in $(find lua scripts tests -name '*.lua' | sort); do
	code=$("$luac" -p -l "$f") || status=1
	case $f in
	lua/*)
		echo "$code" | sed -n 's/.*\[\([0-9]*\)\].*SETTABUP.*_ENV "\(.*\)".*/\1: sets the global \2/p' |
			grep -v 'global marsh$' | sed "s|^|$f:|" | grep . && status=1 ;;
	esac
done
exit $status
