#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# An engine calls nobody back, and each of its state machines has one line that
# writes the state.
cd "$(dirname "$0")/../.." || exit 2
status=0
grep -nE '\(\*[a-z_]*\)\(' include/marsh/mars/*.h include/marsh/wire/*.h && status=1
for writer in 'c->state = src/mars/mars_client*.c' 'p->state = src/mars/mars_client*.c' \
    '[a-z_>-]+->state = src/scsp/*.c' '[a-z_>-]+->ca = src/scsp/*.c' \
    '[a-z_>-]+->leaf = src/scsp/*.c'; do
	what=${writer%% =*}
	# shellcheck disable=SC2086
	found=$(grep -nE -- "(^|[^a-z_>])$what = " ${writer##* = })
	[ "$(echo "$found" | grep -c .)" = 1 ] || {
		status=1
		echo "$what is to be written in one line:"
		echo "$found"
	}
done
exit $status
