#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# fuzz.sh SECONDS [TARGET ...]: runs the fuzz programs of tests/fuzz (built in
# B), with the golden messages as corpus.  What they find is kept in B/found.
cd "$(dirname "$0")/../.." || exit 2
B=${B:-build/fuzz}
seconds=$1
shift
[ $# -gt 0 ] || set -- $(cd "$B/fuzz" && ls | grep -v '\.d$')

# A golden .hex holds octets as hex digits; '#' begins a comment.
binary() {
	sed 's/#.*//' "$1" | tr -cd '0-9a-fA-F' | fold -w 2 | awk '
		BEGIN { d = "0123456789abcdef" }
		{ $0 = tolower($0)
		  printf "\\%03o", 16 * (index(d, substr($0, 1, 1)) - 1) \
		      + index(d, substr($0, 2, 1)) - 1 }' |
	{ read -r text; printf "$text"; }
}

mkdir -p "$B/found"
status=0
for t; do
	t=${t##*/}
	case $t in fuzz_*) ;; *) t=fuzz_$t ;; esac
	if [ ! -x "$B/fuzz/$t" ]; then
		echo "no fuzz target $t"
		status=1
		continue
	fi
	# Beside the golden messages, what was found once is tried for ever.
	corpus=$B/corpus/$t
	mkdir -p "$corpus"
	for f in tests/golden/*.hex "tests/fuzz/$t"/*.hex; do
		n=${f##*/}
		[ -e "$f" ] && binary "$f" >"$corpus/${n%.hex}"
	done
	log=$B/found/$t.log
	if "$B/fuzz/$t" -max_total_time="$seconds" -max_len=16384 \
	    -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
	    -artifact_prefix="$B/found/$t-" \
	    "$corpus" >"$log" 2>&1; then
		echo "$t: $(awk '/number_of_executed_units/ { print $2 }' "$log")" \
		    "runs, nothing found"
	else
		tail -n 40 "$log"
		echo "$t: FAILED, input kept in $B/found/$t-*"
		status=1
	fi
done
exit $status
