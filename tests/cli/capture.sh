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
	k.C1:grouplist "225.0.0.0/8"
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

# dissected FILE: "name error" of each frame that is not data, by our dissector.
dissected() {
	tshark -n -X lua_script:lua/wireshark/marsh.lua -r "$1" -T fields \
	    -e mars.op.name -e mars.error -Y 'llc.iana_pid == 3' 2>"$dir/complaints"
}
dissected "$dir/all.pcap" >"$dir/mars"
result $? "tshark runs the dissector"
awk -F '\t' '$1 == "" || $2 != "" { bad = 1 } END { exit bad || NR == 0 }' "$dir/mars"
result $? "which names every MARS message and finds none malformed"
for op in JOIN LEAVE REQUEST MULTI REDIRECT_MAP; do
	cut -f 1 "$dir/mars" | grep -q "^MARS_$op\$"
	result $? "a MARS_$op is among them"
done

# Nobody is in that block: one reply without a group, the last and first part
# of its kind (MARS-127).
tshark -n -X lua_script:lua/wireshark/marsh.lua -r "$dir/all.pcap" -T fields \
    -e mars.tnum -e mars.seq.last -e mars.seq.part \
    -Y 'mars.op.name == "MARS_GROUPLIST_REPLY"' 2>/dev/null | tr '\t' ' ' >"$dir/reply"
[ "$(cat "$dir/reply")" = "0 1 1" ]
result $? "a GROUPLIST_REPLY without groups is one message"

# The golden messages, whole and without their last octet.
dump() { # FILE CUT
	sed 's/#.*//' "$1" | tr -cd '0-9a-fA-F' | fold -w 2 | awk -v cut="$2" '
		{ octet[NR] = $0 }
		END {
			printf "000000 aa aa 03 00 00 5e 00 03"
			for (i = 1; i <= NR - cut; i++) printf " %s", octet[i]
			print ""
		}'
}
for f in tests/golden/mars_*.hex; do
	dump "$f" 0 >>"$dir/whole"
	dump "$f" 1 >>"$dir/short"
	echo "$f" >>"$dir/files"
done
for f in whole short; do
	text2pcap -q -l 100 "$dir/$f" "$dir/$f.pcap" >"$dir/log" 2>&1
	dissected "$dir/$f.pcap" >"$dir/$f.seen"
done
# mars_redirect_map_hard.hex is a MARS_REDIRECT_MAP, and so on.
paste "$dir/files" "$dir/whole.seen" | awk -F '\t' '
	{
		name = tolower($2)
		sub(/.*\//, "", $1)
		if (name == "" || index($1, name) != 1 || $3 != "") {
			print "# " $0; bad = 1
		}
	} END { exit bad || NR == 0 }'
result $? "every golden message is dissected as what it is"
awk -F '\t' '$2 == "" { print "# " NR ": " $0; bad = 1 } END { exit bad || NR == 0 }' "$dir/short.seen"
result $? "and found malformed without its last octet"
echo "1..$n"
