#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A file is one idea (600 lines), a function one step (60 lines).  What is
# longer stands in length.allow with its length, and that list only shrinks.
cd "$(dirname "$0")/../.." || exit 2

find src include lua scripts tests -name '*.[ch]' -o -name '*.lua' \
    -o -name '*.sh' | sort | xargs awk -v allow=tests/lint/length.allow '
	BEGIN {
		while ((getline line <allow) > 0) {
			split(line, f, " ")
			if (line !~ /^#/ && f[1] != "") limit[f[1]] = f[2]
		}
	}
	FNR == 1 { end_file(); file = FILENAME; inside = 0 }
	{ lines = FNR }
	# KNF: a name stands first in its line, braces of a function too.
	/^[a-z_][a-z0-9_]*\(/ { name = $0; sub(/\(.*/, "", name) }
	/^\{/ && file ~ /\.c$/ { start = FNR; inside = 1 }
	/^\}/ && inside { check(file ":" name, FNR - start - 1, 60); inside = 0 }
	function end_file() { if (file != "") check(file, lines, 600) }
	function check(what, n, max) {
		if (what in limit) {
			if (n > limit[what])
				say(what ": " n " lines, its limit is " limit[what])
			else if (n <= max)
				say(what ": " n " lines: take it off " allow)
			delete limit[what]
		} else if (n > max)
			say(what ": " n " lines, the limit is " max)
	}
	function say(text) { print text; bad = 1 }
	END {
		end_file()
		for (what in limit)
			say(what ": no such thing: take it off " allow)
		exit bad
	}'
