#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# lint.sh: all checks of tests/lint; one line each when they are content.
cd "$(dirname "$0")/../.." || exit 2
status=0
for f in tests/lint/*.sh; do
	n=${f##*/}
	if sh "$f"; then
		echo "ok ${n%.sh}"
	else
		echo "not ok ${n%.sh}"
		status=1
	fi
done
exit $status
