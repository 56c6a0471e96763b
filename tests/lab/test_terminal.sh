#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# test_terminal.sh: who closes the terminal of `make lab` ends its kernel, also
# when a program runs there.
fail() { echo "test_terminal: $*" >&2; exit 1; }
command -v script >/dev/null || {
	echo "1..0 # SKIP script (bsdutils) is not installed"
	exit 0
}
dir=$(mktemp -d "${TMPDIR:-/tmp}/marsh-terminal.XXXXXX") || exit 2
trap 'rm -rf "$dir"' EXIT
tenths() { # N COMMAND ...
	n=$1
	shift
	until "$@"; do
		n=$((n - 1))
		[ $n -gt 0 ] || return 1
		sleep 0.1
	done
}
booted() { grep -q 'it is up' "$dir/shown" 2>/dev/null; }
over() { ! kill -0 "$kernel" 2>/dev/null; }
gone() { [ -z "$(ls "$dir/tmp")" ]; }

mkdir "$dir/tmp"
mkfifo "$dir/keys"
TMPDIR=$dir/tmp script -qfc \
    "sh tests/lab/boot.sh -i sh -c 'echo it is up; sleep 1000'" \
    "$dir/shown" <"$dir/keys" >/dev/null 2>&1 &
script=$!
exec 4>"$dir/keys"
tenths 300 booted || fail "no kernel: $(cat "$dir/shown")"
kernel=$(cat "$dir"/tmp/*/*/pid)
kill -0 "$kernel" || fail "its kernel is not to be found"
kill -KILL $script
tenths 100 over || {
	kill "$kernel"
	fail "the kernel outlives its terminal"
}
tenths 50 gone || fail "this is left: $(ls "$dir/tmp")"
exit 0
