#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What the manual and the readme show works as they show it.
cd "$(dirname "$0")/../.." || exit 2
export MARSH="${MARSH:-build/marsh}"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
n=0
result() { # STATUS TEXT
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		sed 's/^/# /' "$dir/out" | head -n 20
	fi
}

# The Lua of marsh-lua(3): each display is a script.
awk -v dir="$dir" '
	/^\.Bd -literal/ { inside = 1; file = dir "/man" ++n ".lua"; next }
	/^\.Ed/ { inside = 0 }
	inside { gsub(/\\\(dq/, "\""); print >file }' man/marsh-lua.3
# That of the readme: indented, begins with local.
awk -v dir="$dir" '
	/^    local / { inside = 1 }
	!/^    / { inside = 0 }
	inside { print substr($0, 5) >(dir "/readme.lua") }' README.md
for f in "$dir"/*.lua; do
	"$MARSH" -q "$f" >"$dir/out" 2>&1
	result $? "the example ${f##*/}"
done

# The example of each command, in a cluster that has all it names.
sed -n '/begin of the command rows/,/end of the command rows/s/^\.Dl //p' \
    man/marsh.1 >"$dir/commands"
while read -r line; do
	case $line in
	watch*|source*|quit|history*) continue ;; # they want a terminal or a file
	capture*) line="capture $dir/${line#capture }" ;;
	esac
	before=
	case $line in
	join*) before="leave ${line#join }" ;;
	register*) before="de$line" ;;
	put* | remove* | solicit*)
		before="scsp.server 'A' {} scsp.server 'B' {} scsp.peer(A, B)"
		before="$before A.cache:put('printer', 'here') settle()" ;;
	restart*) before="kill ${line#restart }" before=${before% cold} ;;
	esac
	printf 'load lab.ft\n%s\nrun 1\n%s\n' "$before" "$line" |
		"$MARSH" -q >"$dir/out" 2>&1
	result $? "the command: $line"
done <"$dir/commands"

# Those of the first five minutes, one session, up to the script below them.
sed -n '/^## The first five/,/^A script/s/^    //p' README.md |
	sed 's/   .*//' >"$dir/five"
"$MARSH" <"$dir/five" >"$dir/out" 2>&1 && [ -s "$dir/five" ]
result $? "the first five minutes"

# The picture at the top.
sh tests/run/session.sh README.md | diff README.md - >"$dir/out"
result $? "the session in the readme is what the program says now (make man)"
echo "1..$n"
