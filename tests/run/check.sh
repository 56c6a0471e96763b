#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# check.sh [STEP ...]: runs every test of the project, or those steps, keeps
# going after a failure, and closes with "N passed, N failed".
# Environment: B, the build directory; MAKE.
cd "$(dirname "$0")/../.." || exit 2
B=${B:-build} MAKE=${MAKE:-make}
built=
cores=$(nproc 2>/dev/null || echo 2)
out=$B/check
rm -rf "$out"
mkdir -p "$out/log"
: >"$out/results"
: >"$out/failures"
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0
export UBSAN_OPTIONS=print_stacktrace=1

seconds() { date +%s; }
build() { $MAKE --no-print-directory -k -j"$cores" "$@" 2>&1; }
ask() { $MAKE --no-print-directory -s "$@" 2>/dev/null | sed '/^$/d'; }

# step NAME: runs the jobs on its standard input, "name<TAB>command" a line,
# and shows one line of progress.
step() {
	before=$(wc -l <"$out/results")
	start=$(seconds)
	tr '\n' '\0' | xargs -0 -r -n 1 -P "$cores" sh tests/run/one.sh "$out"
	tail -n +$((before + 1)) "$out/results" |
	awk -F '\t' -v step="$1" -v t=$(($(seconds) - start)) '
		{ ok += $2; bad += $3; skip += $4 }
		END {
			printf "  %-12s %5d passed", step, ok
			if (bad) printf ", %d FAILED", bad
			if (skip) printf ", %d skipped", skip
			printf "  (%d s)\n", t
		}'
}

# Names and commands of what there is to run.
one() { printf '%s\t%s\n' "$1" "$2"; }
each() { while read -r t; do one "$1 ${t#"$B"/*}" "$2$t"; done; }

jobs_lint() {
	for f in tests/lint/*.sh; do
		n=${f##*/}
		one "lint ${n%.sh}" "B=$B sh $f"
	done
	one "trace" "sh tests/run/trace.sh"
}

# jobs_units DIR LABEL: unit and contract tests as built in DIR.
jobs_units() {
	ask B="$1" list-units list-contracts | while read -r t; do
		one "$2${t#"$1"/}" "cmocka MARSH=$1/marsh B=$1 $t"
	done
}

jobs_scripts() {
	for f in scripts/*.lua tests/scenario/*.lua tests/peer/*_interop.lua; do
		[ -e "$f" ] && one "$2$f" "$1/marsh -q $f"
	done
}

# Tests of the command line and the terminal in other languages than C.
jobs_shell() {
	for f in tests/cli/*.sh tests/pty/*.sh tests/pty/*.py tests/cli/*.py; do
		[ -e "$f" ] || continue
		case $f in
		*.py) run=python3 ;;
		*) run=sh ;;
		esac
		one "$f" "MARSH=$B/marsh B=$B MAKE='$MAKE' $run $f"
	done
}

do_build() {
	built=1
	one "build" "$MAKE -k -j$cores B=$B all tests benches" | step build
}
# What a step runs is built first, also when nobody asked for that.
built() { [ -n "$built" ] || do_build; }
do_lint() { built; jobs_lint | step lint; }
do_unit() { built; jobs_units "$B" "" | step unit; }
do_shell() { built; jobs_shell | step shell; }
do_scripts() { built; jobs_scripts "$B" "" | step scripts; }
do_sanitize() {
	one "build sanitized" "$MAKE -k -j$cores B=$B/san SAN=address,undefined all tests" |
		step "build san"
	{ jobs_units "$B/san" "san "; jobs_scripts "$B/san" "san "; } |
		step sanitized
}
do_clang() {
	one "build clang" "$MAKE -k -j$cores B=$B/clang CC=clang all tests benches" |
		step "build clang"
	one "same runs" "B=$B sh tests/run/same.sh" | step clang
}
do_fuzz() {
	one "build fuzzers" "$MAKE -k -j$cores B=$B/fuzz CC=clang SAN=fuzzer-no-link,address,undefined fuzzers" |
		step "build fuzz"
	ask B="$B/fuzz" list-fuzzers | while read -r t; do
		one "fuzz $t" "B=$B/fuzz sh tests/run/fuzz.sh 5 $t"
	done | step fuzz
}
# A kernel with ATM SVCs, and what runs in it: tests and scripts on real sockets.
in_lab() { echo "sh tests/lab/boot.sh -t 300 sh tests/lab/with.sh $*"; }
jobs_lab() {
	ask B="$B" list-lab | while read -r t; do
		run=$(in_lab "$t")
		# One starts its signalling itself, to kill it.
		case $t in *_death) run="sh tests/lab/boot.sh -t 120 $t" ;; esac
		one "lab ${t#"$B"/lab/}" "cmocka B=$B $run"
	done
	for f in tests/lab/*.lua; do
		one "lab $f" "B=$B $(in_lab "$B/bin/marsh -q -b atm $f")"
	done
	for f in tests/lab/test_*.sh; do
		[ -e "$f" ] && one "lab $f" "B=$B sh $f"
	done
}
do_lab() {
	one "lab kernel" "$MAKE lab-kernel" | step "lab kernel"
	if ! sh tests/lab/boot.sh -t 60 true >"$out/log/lab_boot" 2>&1; then
		echo "  lab          skipped: no lab kernel boots here"
		sed 's/^/    /' "$out/log/lab_boot" | tail -3
		return
	fi
	built
	one "build lab" "$MAKE -k -j$cores B=$B lab-progs" | step "build lab"
	jobs_lab | step lab
}

steps=${*:-build lint unit shell scripts sanitize clang fuzz lab}
for s in $steps; do
	"do_$s"
done

if [ -s "$out/failures" ]; then
	echo
	echo "failures (what each printed is in $out/log):"
	sed 's/^/  /' "$out/failures"
	echo
fi
awk -F '\t' '{ ok += $2; bad += $3 }
	END { printf "%d passed, %d failed\n", ok, bad; exit bad > 0 }' "$out/results"
