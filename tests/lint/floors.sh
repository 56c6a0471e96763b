#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Dependencies point down only: a file includes headers of its own directory
# and of strictly lower floors, never of a neighbour on its own floor.
cd "$(dirname "$0")/../.." || exit 2

find src include -name '*.[ch]' | sort | xargs awk '
	BEGIN {
		split("base 0 atm 1 wire 1 mars 2 scsp 2 sim 3 svc 3 dmars 3 " \
		    "node 4 show 5 cmd 6 script 6 repl 7 dash 7 main 8 fabricd 8", f, " ")
		for (i = 1; i in f; i += 2)
			floor[f[i]] = f[i + 1]
		# The networks know no protocol.
		only["sim"] = only["svc"] = only["fabricd"] = " base atm "
	}
	FNR == 1 {
		own = FILENAME
		sub(/^(src|include\/marsh)\//, "", own)
		if (own == "main.c") own = "main"
		else sub(/\/.*/, "", own)
		if (!(own in floor))
			say("stands on no floor: " own)
	}
	/^[ \t]*#[ \t]*include[ \t]*"/ {
		split($0, q, "\"")
		what = q[2]
		if (what !~ /\//)
			next # its own directory
		sub(/^marsh\//, "", what)
		sub(/\/.*/, "", what)
		if (what == own)
			next
		if (!(what in floor))
			say("includes " q[2] ", which stands on no floor")
		else if (floor[what] >= floor[own])
			say(own " (floor " floor[own] ") includes " q[2] \
			    " (floor " floor[what] ")")
		else if ((own in only) && !index(only[own], " " what " "))
			say(own " may use only" only[own] "but includes " q[2])
	}
	function say(text) { print FILENAME ":" FNR ": " text; bad = 1 }
	END { exit bad }'
