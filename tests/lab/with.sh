#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# with.sh COMMAND [ARG ...]: inside a lab kernel, runs a command while fabricd
# is its signalling and its switch.  FABRICD_ARGS: more for fabricd.
[ -n "$LAB" ] || { echo "with.sh: this is no lab kernel (tests/lab/boot.sh)" >&2; exit 2; }
B=${B:-build}
# shellcheck disable=SC2086
"$B/bin/fabricd" -d -l /run/fabricd.log ${FABRICD_ARGS:-} || exit 125
exec "$@"
