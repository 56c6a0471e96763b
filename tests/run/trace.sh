#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Which requirement is shown by which test?  Each row of tests/rfc/rfc2022.tsv,
# rfc2334.tsv and rfc2443.tsv is named by a test or script, or stands in
# not-tested.tsv with its reason.
cd "$(dirname "$0")/../.." || exit 1
tables='tests/rfc/rfc2022.tsv tests/rfc/rfc2334.tsv tests/rfc/rfc2443.tsv'
reasons=tests/rfc/not-tested.tsv

find tests scripts -type f ! -path 'tests/rfc/*' ! -path 'tests/run/*' \
    ! -path 'tests/lint/*' -exec grep -oE '\b(S?MARS|SCSP)-[0-9]{3}' {} + |
awk -F '\t' -v tables="$tables" -v reasons="$reasons" '
	{
		n = split($0, part, ":"); id = part[n]
		if (!((id, part[1]) in seen)) {
			seen[id, part[1]] = 1
			file[id] = file[id] " " part[1]
		}
	}
	END {
		n = split(tables, table, " ")
		for (i = 1; i <= n; i++)
			while ((getline <table[i]) > 0)
				if ($1 != "id") { row[++rows] = $1; text[$1] = $3 ": " $5 }
		while ((getline <reasons) > 0)
			if ($1 != "id") reason[$1] = $2
		for (i = 1; i <= rows; i++) {
			id = row[i]
			if ((id in file) && (id in reason)) {
				print id " has a test (" file[id] " ) and a reason not to: drop the reason"
				stale++
			}
			if (id in file) shown++
			else if (reason[id] != "") excused++
			else { missing++; print id " no test: " substr(text[id], 1, 100) }
		}
		for (id in file) if (!(id in text)) {
			print id " is not in the table:" file[id]; stale++
		}
		for (id in reason) if (!(id in text)) {
			print id " has a reason but is not in the table"; stale++
		}
		printf "%d requirements: %d shown by tests, %d with a reason, %d missing\n",
		    rows, shown, excused, missing
		exit missing + stale > 0
	}'
