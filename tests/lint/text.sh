#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# What every text of the project has and what none has.
cd "$(dirname "$0")/../.." || exit 2
found=$(mktemp)
trap 'rm -f "$found"' EXIT
complain() { # TEXT, lines on standard input
	sed "s|\$| ($1)|" | tee -a "$found"
}

files=$(find src include lua scripts tests man Makefile README.md .ci \
    -type f ! -name '*.pcap' ! -path 'tests/lint/text.sh' 2>/dev/null | sort)
code=$(echo "$files" | grep -E '\.([chl1-8]|lua|sh|py)$|Makefile$|\.ci/')

for f in $code; do
	head -n 3 "$f" | grep -q 'SPDX-License-Identifier: BSD-2-Clause' ||
		echo "$f"
done | complain "no SPDX line"
# shellcheck disable=SC2086
grep -nE '[[:blank:]]+$' $files | cut -c1-80 | complain "blank at the end"
# shellcheck disable=SC2086
grep -nwE 'TODO|FIXME|XXX|HACK' $code | complain "unfinished"
# shellcheck disable=SC2086
grep -nE '(^|[^A-Za-z0-9_.$}])/(work|farm|home)/|/tmp/b-' $files |
	complain "a path of one machine"
# shellcheck disable=SC2086
for f in $(echo "$code" | grep '\.[ch]$'); do
	expand "$f" | awk -v f="$f" 'length > 100 { print f ":" NR }'
done | complain "over 100 columns; 80 is the aim"
[ ! -s "$found" ]
