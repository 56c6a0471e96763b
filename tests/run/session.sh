#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# session.sh FILE: prints FILE with its session ("    marsh> command" lines and
# what follows them) as the program answers now.
MARSH=${MARSH:-build/marsh}
file=$1
answers=$(mktemp)
trap 'rm -f "$answers"' EXIT

# Each command, then a mark with the time that the next prompt shows.
sed -n 's/^    marsh[^>]*> //p' "$file" | awk '
	{ print; print "do io.write(\"\\1\", math.floor(net.now * 10) / 10, \"\\n\") end" }' |
	LC_ALL=C.UTF-8 "$MARSH" >"$answers" 2>&1
awk -v answers="$answers" '
	/^    marsh[^>]*> / {
		command = $0; sub(/^[^>]*> /, "", command)
		print "    marsh" time "> " command
		while ((getline line <answers) > 0 && line !~ /^\001/)
			print line == "" ? "" : "    " line
		time = sprintf(" %.1fs", substr(line, 2))
		inside = 1
		next
	}
	/^    \$ / { time = "" }
	inside && /^    / { next }
	{ inside = 0; print }' "$file"
