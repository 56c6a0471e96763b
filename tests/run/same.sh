#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The same seed gives the same run: twice in a process, in another process, and
# whatever compiler built marsh; another seed gives another run.
cd "$(dirname "$0")/../.." || exit 2
B=${B:-build}
n=0
result() { # STATUS TEXT
	n=$((n + 1))
	[ "$1" = 0 ] && echo "ok $n - $2" || echo "not ok $n - $2"
}
run='
	local function run(seed)
		local k = lab.ft{ seed = seed, jitter = 0.002, loss = 0.01 }
		k.M1:kill{ back = 30 }
		run_for(900)
		return k.net:hash()
	end
	io.write(tostring(run(7)), " ", tostring(run(7)), " ", tostring(run(8)), "\n")'
hashes() { "$1" -q -e "$run" 2>&1; }

set -- $(hashes "$B/marsh") none none none
echo "# $1 $2 $3"
[ "$1" != none ] && [ "$1" = "$2" ]
result $? "twice in one process"
[ "$1" != "$3" ]
result $? "another seed, another run"
first="$1 $2 $3"
[ "$(hashes "$B/marsh")" = "$first" ]
result $? "in another process"
for other in clang san; do
	[ -x "$B/$other/marsh" ] || continue
	[ "$(hashes "$B/$other/marsh")" = "$first" ]
	result $? "as built in $other"
done
echo "1..$n"
