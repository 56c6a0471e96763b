# SPDX-License-Identifier: BSD-2-Clause
# Merges lines "name value unit" of several runs into one table, with what
# goals.tsv wants: "name	must	aim	why"; must and aim are ">= 3e6", "<= 24",
# or a multiple of another row, ">= 4 redis_sadd".
BEGIN { FS = "[ \t]+" }
NF >= 3 {
	if (!($1 in n)) { name[++names] = $1; unit[$1] = $3 }
	value[$1, ++n[$1]] = $2
}
END {
	for (i = 1; i <= names; i++)
		summary(name[i])
	while ((getline line <goals) > 0) {
		split(line, g, "\t")
		if (line !~ /^#/ && g[1] in n) {
			if (g[2] != "") {
				must[g[1]] = must[g[1]] (must[g[1]] == "" ? "" : ", ") g[2]
				if (!holds(g[1], g[2])) missed[g[1]] = 1
			}
			if (g[3] != "") aim[g[1]] = g[3]
		}
	}
	if (json) as_json()
	else as_text()
}
function summary(x,    i, j, t) {
	for (i = 2; i <= n[x]; i++)
		for (j = i; j > 1 && value[x, j - 1] > value[x, j]; j--) {
			t = value[x, j]; value[x, j] = value[x, j - 1]
			value[x, j - 1] = t
		}
	median[x] = value[x, int((n[x] + 1) / 2)]
	low[x] = value[x, 1]; high[x] = value[x, n[x]]
	spread[x] = median[x] ? 100 * (high[x] - low[x]) / median[x] : 0
}
# A goal that names an absent row (no peer) cannot be missed.
function holds(x, goal,    g, bound, k) {
	k = split(goal, g, " ")
	bound = g[2]
	if (k > 2) {
		if (!(g[3] in n)) return 1
		bound *= median[g[3]]
		if (g[4] == "or" && g[5] > bound) bound = g[5]
	}
	return g[1] == ">=" ? median[x] >= bound + 0 : median[x] <= bound + 0
}
function number(v) {
	if (v >= 1e6) return sprintf("%.2fM", v / 1e6)
	if (v >= 1e4) return sprintf("%.1fk", v / 1e3)
	return sprintf("%.4g", v)
}
function verdict(x) {
	return must[x] == "" ? "" : (x in missed) ? "MISSED" : "met"
}
function as_text(    i, x) {
	printf "%-26s %9s %-12s %7s  %-28s %-7s %s\n", "what", "median", "unit",
	    "spread", "must be", "", "aim"
	for (i = 1; i <= names; i++) {
		x = name[i]
		line = sprintf("%-26s %9s %-12s %6.1f%%  %-28s %-7s %s", x,
		    number(median[x]), unit[x], spread[x], must[x], verdict(x), aim[x])
		sub(/ +$/, "", line)
		print line
	}
	printf "%d runs each, interleaved; spread is (highest - lowest) / median\n",
	    n[name[1]]
	while ((getline line <notes) > 0) print "note: " line
}
function as_json(    i, j, x, sep) {
	print "{\"results\":["
	for (i = 1; i <= names; i++) {
		x = name[i]
		printf "%s{\"name\":\"%s\",\"unit\":\"%s\",\"median\":%s,\"min\":%s,\"max\":%s,\"runs\":[",
		    sep, x, unit[x], median[x], low[x], high[x]
		for (j = 1; j <= n[x]; j++)
			printf "%s%s", (j > 1 ? "," : ""), value[x, j]
		printf "]"
		if (must[x] != "")
			printf ",\"must\":\"%s\",\"met\":%s", must[x],
			    (x in missed) ? "false" : "true"
		if (aim[x] != "") printf ",\"aim\":\"%s\"", aim[x]
		printf "}"
		sep = ",\n"
	}
	printf "],\n\"notes\":["
	sep = ""
	while ((getline line <notes) > 0) {
		gsub(/["\\]/, "", line)
		printf "%s\"%s\"", sep, line
		sep = ","
	}
	print "]}"
}
