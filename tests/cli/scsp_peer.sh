#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The SCSP peer that marsh is held against, by itself: it has to be right first.
cd "$(dirname "$0")/../.." || exit 2
lua=$(command -v lua5.4 || command -v lua) || {
	echo "1..0 # SKIP no lua here (package lua5.4)"
	exit 0
}
status=0
for f in tests/peer/test_*.lua; do
	"$lua" "$f" || status=1
done
exit $status
