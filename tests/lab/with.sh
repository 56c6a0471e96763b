#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# with.sh COMMAND [ARG ...]: inside a lab kernel, runs a command while fabricd
# is its signalling and its switch.  FABRICD_ARGS: more for fabricd.  A kernel
# that has a line to others (LAB_LINE) has addresses after its LAB_NUMBER.
[ -n "$LAB" ] || { echo "with.sh: this is no lab kernel (tests/lab/boot.sh)" >&2; exit 2; }
B=${B:-build}
if [ -n "$LAB_LINE" ]; then
	line=/dev/ttyS0
	[ -c $line ] || { line=/run/ttyS0; mknod $line c 4 64 || exit 125; }
	FABRICD_ARGS="-v -t $line -a 47.0005.80.ffe100.0000.f21a.26d$(printf %x "$LAB_NUMBER") $FABRICD_ARGS"
fi
# shellcheck disable=SC2086
"$B/bin/fabricd" -d -l /run/fabricd.log ${FABRICD_ARGS:-} || exit 125
# Who calls another kernel before the trunk is up calls in vain.
i=0
while [ -n "$LAB_LINE" ] && [ $i -lt 30 ] &&
    ! grep -q 'trunk 1 .*: up' /run/fabricd.log; do
	sleep 0.1
	i=$((i + 1))
done
exec "$@"
