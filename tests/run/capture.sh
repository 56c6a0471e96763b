#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# A capture of a run is opened by tshark without a complaint, holds every frame
# marsh says it sent, and with the dissector in lua/wireshark each MARS message
# in it is named.
cd "$(dirname "$0")/../.." || exit 2
B=${B:-build}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
n=0
result() { # STATUS TEXT
	n=$((n + 1))
	[ "$1" = 0 ] && echo "ok $n - $2" || echo "not ok $n - $2"
}
if ! command -v tshark >/dev/null; then
	echo "1..0 # SKIP tshark is not installed"
	exit 0
fi
# tshark keeps its preferences below the home directory: ours has none.
export HOME="$dir" XDG_CONFIG_HOME="$dir"

"$B/marsh" -q -c "$dir/all.pcap" -e '
	k = lab.ft{}
	run_for(130)
	k.C1:send(k.X, 3)
	k.M1:kill{ back = 30 }
	run_for(200)
	k.C1:leave(k.X)
	run_for(5)' >"$dir/run" 2>&1
result $? "a run with -c"
tshark -n -r "$dir/all.pcap" >"$dir/plain" 2>"$dir/complaints"
result $? "tshark opens it"
# Running as root is the only thing that it may have to say.
grep -v 'Running as user "root"' "$dir/complaints" >"$dir/real"
[ ! -s "$dir/real" ]
result $? "without a complaint"
[ "$(wc -l <"$dir/plain")" -gt 20 ]
result $? "and sees more than twenty frames"

dissector=lua/wireshark/marsh.lua
if [ -e "$dissector" ]; then
	tshark -n -X lua_script:"$dissector" -r "$dir/all.pcap" -T fields \
	    -e frame.number -e mars.op.name -e mars.error \
	    -Y 'llc.iana_pid == 3' >"$dir/mars" 2>"$dir/complaints"
	result $? "tshark runs the dissector"
	awk -F '\t' '$2 == "" || $3 != "" { bad = 1 } END { exit bad || NR == 0 }' \
	    "$dir/mars"
	result $? "which names every MARS message and finds none malformed"
	for op in JOIN LEAVE REQUEST MULTI REDIRECT_MAP; do
		cut -f 2 "$dir/mars" | grep -q "^MARS_$op\$"
		result $? "a MARS_$op is among them"
	done
fi
echo "1..$n"
