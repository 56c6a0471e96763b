#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A comment is a contract.  Every function of include/ is documented: by the
# block above it or above the paragraph of declarations it stands in, by the
# remark behind it, by the struct it fills that ends right above it, or by name
# in another block of its header.  A block is never empty, ends its last
# sentence, and where it begins with a function's name, it is one declared below.
# comments.allow names the functions that have yet to get theirs.
cd "$(dirname "$0")/../.." || exit 2

find include -name '*.h' | sort | xargs awk -v allow=tests/lint/comments.allow '
	BEGIN {
		while ((getline line <allow) > 0)
			if (line !~ /^#/) allowed[line] = 1
	}
	FNR == 1 { finish(); file = FILENAME; n = 0; all = ""; block = ""
		paragraph = 0; incomment = 0; decl = "" }
	{ line = $0 }
	incomment || line ~ /^\/\*/ {
		if (!incomment) { text = ""; at = FNR }
		t = line
		incomment = t !~ /\*\//
		gsub(/^[ \t]*\/?\*+\/?|\*\/[ \t]*$/, "", t)
		text = text " " t
		if (!incomment) {
			gsub(/[ \t]+/, " ", text); gsub(/^ | $/, "", text)
			all = all " " text
			block = text; blockline = at; paragraph = 1
			first = 1
		}
		next
	}
	/^[ \t]*$/ { block = ""; paragraph = 0; next }
	/^};/ { paragraph = 1 }
	/^[ \t#}]/ && decl == "" { block = ""; next }
	{ # a declaration at the margin, perhaps over several lines
		if (decl == "") declline = FNR
		decl = decl " " line
		if (line !~ /;/ && line !~ /\{[ \t]*(\/\*.*)?$/) next
		d = decl; decl = ""
		if (d !~ /\) *;/ || d ~ /\(\*/ || d ~ /^ *(typedef|static)/) {
			block = ""; next
		}
		name = d; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name)
		n++
		fname[n] = name; fline[n] = declline
		documented[n] = paragraph || d ~ /;[ \t]*\/\*/
		if (block != "") contract(block, blockline, name)
		block = ""
	}
	function contract(text, l, name,    w) {
		if (text == "") say(l, "empty comment")
		if (text !~ /[.:)]$/ && text !~ /^-/)
			say(l, "comment of " name " does not end: \"..." \
			    substr(text, length(text) - 30) "\"")
		w = text; sub(/[^a-z0-9_].*/, "", w)
		if (w ~ /_/ && w != name && index(text, name) == 0 &&
			    !excused(name))
			say(l, "comment names " w ", the function is " name)
	}
	function finish(    i) {
		for (i = 1; i <= n; i++)
			if (!documented[i] && index(all, fname[i]) == 0 &&
			    !excused(fname[i]))
				say(fline[i], fname[i] " is not documented")
	}
	function say(l, text) { print file ":" l ": " text; bad = 1 }
	function excused(name) {
		used[name] = 1
		return name in allowed
	}
	END {
		finish()
		for (name in allowed) if (!(name in used)) {
			print name " is documented: take it off " allow
			bad = 1
		}
		exit bad
	}'
