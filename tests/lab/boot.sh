#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# boot.sh [-i] [-t SECONDS] COMMAND [ARG ...]: runs a command as root of a lab
# kernel, in the directory and with the environment that are here, and exits
# as it did: 124 when it took longer than SECONDS (60), 125 when the kernel
# died.  Needs no privileges: root of the lab kernel has the rights that the
# user has on the host, and no more.
#   -i  the command has the terminal, and no time limit
# Environment: LAB_KERNEL, a kernel to boot instead of kernel.sh's; LAB_MEM
# (256M); LAB_ARGS, more for the kernel's command line; LAB_LINE, what
# the kernel's first serial line is, a pair of FIFOs LAB_LINE.in and LAB_LINE.out
# as hub.c makes them; B, the build directory.
here=$(cd "$(dirname "$0")" && pwd -P) || exit 2
top=${here%/tests/lab}
limit=60 interactive=
while getopts it: o; do
	case $o in
	i) interactive=1 ;;
	t) limit=$OPTARG ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || { echo "usage: boot.sh [-i] [-t SECONDS] COMMAND ..." >&2; exit 2; }

exec 3<&0
kernel=${LAB_KERNEL:-$(sh "$here/kernel.sh")} || exit 125
run=$(mktemp -d "${TMPDIR:-/tmp}/marsh-lab.XXXXXX") || exit 125
child='' was=''
trap 'rm -rf "$run"' EXIT
trap 'end 130' INT
trap 'end 143' TERM HUP
# shellcheck disable=SC2317 # called by the traps
end() {
	trap '' INT TERM HUP
	[ -z "$child" ] || { kill "$child"; wait "$child"; } 2>/dev/null
	[ -z "$was" ] || stty "$was" 2>/dev/null
	exit "$1"
}

# quoted WORD ...: one line that a shell reads as these words.
quoted() {
	for w; do
		printf "'%s' " "$(printf '%s' "$w" | sed "s/'/'\\\\''/g")"
	done
}
export -p >"$run/env"
pwd -P >"$run/cwd"
cp "$here/init.sh" "$run/init" # blanks in its path would split it
quoted "$@" >"$run/command"
[ -z "$interactive" ] || stty size >"$run/terminal" || exit 125
for p in "$run" "$top" "$(pwd -P)" "$(cd "${B:-.}" 2>/dev/null && pwd -P)"; do
	case $p in
	/tmp/* | /run/*) echo "$p" ;;
	esac
done | sort -u >"$run/places"

if [ -n "$LAB_LINE" ]; then
	[ -p "$LAB_LINE.in" ] || {
		echo "lab: there is no line $LAB_LINE: is a hub running?" >&2
		exit 125
	}
	exec 9<>"$LAB_LINE.in" 8<>"$LAB_LINE.out"
	LAB_ARGS="ssl0=fd:9,fd:8 $LAB_ARGS"
fi

# On SIGTERM the kernel ends what it runs; on SIGKILL it could not.
# shellcheck disable=SC2086 # LAB_ARGS is several words
set -- "$kernel" "mem=${LAB_MEM:-256M}" root=/ rootfstype=hostfs rw \
    init=/bin/sh "LAB_RUN=$run" "uml_dir=$run/" quiet panic=-1 \
    con=null con0=fd:0,fd:1 $LAB_ARGS -- "$run/init"
if [ -n "$interactive" ]; then
	# In the background, for a trap waits for what is in the foreground: when
	# the terminal is closed the kernel, whose session is another, has to end.
	was=$(stty -g)
	"$@" <&3 3<&- 2>"$run/log" &
	child=$!
	wait "$child"
	stty "$was" 2>/dev/null
else
	timeout "$limit" "$@" </dev/null 2>"$run/log" &
	child=$!
	wait "$child"
	[ $? -ne 124 ] || {
		echo "lab: no end after $limit seconds" >&2
		exit 124
	}
fi
[ -s "$run/status" ] || {
	echo "lab: the kernel died" >&2
	cat "$run/log" >&2
	exit 125
}
exit "$(cat "$run/status")"
