#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# one.sh OUT "NAME<TAB>COMMAND": runs one test, keeps what it printed in
# OUT/log/NAME and appends NAME, passed, failed and skipped to OUT/results.  TAP
# lines are counted; a test without any is one case, judged by its exit status.
# "cmocka COMMAND" is a program of cmocka tests, each of which is a case.
out=$1
name=${2%%	*}
command=${2#*	}
log=$out/log/$(printf %s "$name" | tr '/ ' '__')

# What cmocka has to say goes to a file of its own: a test may print anything.
xml=$log.%g.xml
rm -f "$log".*.xml
# The time limit is for a test that hangs; none comes near it.
CMOCKA_MESSAGE_OUTPUT=XML CMOCKA_XML_FILE=$xml \
	timeout "${LIMIT:-600}" sh -c "${command#cmocka }" >"$log" 2>&1 </dev/null
status=$?

case $command in
"cmocka "*)
	sed -i 's/^/| /' "$log"
	for f in "$log".*.xml; do
		[ -e "$f" ] && awk '
			/<testcase / { split($0, q, "\""); name = q[2]; bad = skip = ""; text = "" }
			/<failure>|<error>/ { bad = "not " }
			/<skipped/ { skip = " # SKIP" }
			bad != "" && !/<\/testcase>/ {
				gsub(/ *<(failure|error)><!\[CDATA\[|\]\]><\/(failure|error)>/, "")
				text = text "\n# " $0
			}
			/<\/testcase>/ { n++; print bad "ok " n " - " name skip text; bad = "" }
			END { print "1.." n }' "$f"
	done >>"$log"
	;;
esac

awk -v name="$name" -v status="$status" -v why="$out/failures" '
	{ last[NR % 8] = $0 }
	/error:|undefined reference|No rule to make/ { wrong[++wrongs] = $0 }
	/^(not )?ok .*# *SKIP/ || /^1\.\.0 *# *SKIP/ { skipped++; next }
	/^1\.\.[0-9]+/ { split($1, p, "\\.\\."); planned += p[2]; next }
	/^ok( |$)/ { passed++; detail = 0; next }
	/^not ok( |$)/ { failed++; detail = 6; print name ": " $0 >>why; next }
	/^#/ && detail-- > 0 { print "    " $0 >>why }
	END {
		ran = passed + failed + skipped
		if (ran == 0 && planned == 0 && status == 0)
			passed = 1
		else if (status == 124)
			bad("did not end")
		else if (ran < planned)
			bad("ended after " ran " of " planned ", status " status)
		else if (status != 0 && failed == 0)
			bad("exit status " status)
		printf "%s\t%d\t%d\t%d\n", name, passed, failed, skipped
	}
	function bad(text,    i) {
		failed++
		print name ": " text >>why
		for (i = 1; i <= wrongs && i <= 8; i++)
			print "    " wrong[i] >>why
		for (i = NR - 7; i <= NR && !wrongs; i++)
			if (i > 0) print "    " last[i % 8] >>why
	}
' "$log" >"$log.result"
cat "$log.result" >>"$out/results"
rm -f "$log.result"
