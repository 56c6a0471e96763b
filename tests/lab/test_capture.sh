#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# test_capture.sh: what -c and net:capture keep of a run on the kernel's SVCs is
# opened by tshark, and with our dissector its messages are those of the event
# log, in the same order.
here=$(cd "$(dirname "$0")" && pwd -P) || exit 2
cd "$here/../.." || exit 2
B=$(cd "${B:-build}" && pwd -P) || exit 2
command -v tshark >/dev/null || {
	echo "1..0 # SKIP tshark is not installed"
	exit 0
}
dir=$(mktemp -d "$B/capture.XXXXXX") || exit 2
trap 'rm -rf "$dir"' EXIT
# tshark keeps its preferences below the home directory: ours has none.
export B
n=0 bad=0
result() { # STATUS TEXT
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		bad=1
		echo "not ok $n - $2"
	fi
}

cat >"$dir/run.lua" <<END
local k = lab.one {}
k.C1:send(k.X, 5)
run_for(0.3)
k.C3:leave(k.X)
k.C2:join "225.0.0.0/24"
local a = k.C1:grouplist "224.0.0.0/4"
run_until(function() return a.done end, 20)
local b = k.C1:request "239.9.9.9"
run_until(function() return b.done end, 20)
k.M1:redirect("M1", { hard = false })
run_for(0.5)
k.net:capture "$dir/later.pcap" -- what was so far, too
k.net:capture(false)
END
sh tests/lab/boot.sh -t 60 sh tests/lab/with.sh "$B/bin/marsh" -q -b atm \
    -c "$dir/all.pcap" -j "$dir/events" "$dir/run.lua" >"$dir/said" 2>&1
result $? "a run on the kernel's SVCs, captured"
[ $bad = 0 ] || sed 's/^/# /' "$dir/said"

# named FILE: the messages of a capture, a name a line.
named() {
	HOME="$dir" XDG_CONFIG_HOME="$dir" tshark -n \
	    -X lua_script:lua/wireshark/marsh.lua -r "$1" -T fields \
	    -e mars.op.name -e mars.error -Y 'llc.iana_pid == 3' 2>"$dir/complaints"
}
# What the log says was sent, in tshark's words.
sed -n 's/.*"kind":"send","op":"\([A-Z_]*\)".*/MARS_\1/p' "$dir/events" |
	grep -v '^MARS_DATA$' >"$dir/sent"
for f in all later; do
	named "$dir/$f.pcap" >"$dir/$f"
	result $? "tshark opens $f.pcap"
	grep -v 'Running as user "root"' "$dir/complaints" >"$dir/real"
	[ ! -s "$dir/real" ]
	result $? "without a complaint"
	! grep -q "	." "$dir/$f"
	result $? "and finds no message malformed"
	cut -f 1 "$dir/$f" >"$dir/$f.names"
done
for op in JOIN LEAVE REQUEST MULTI NAK GROUPLIST_REQUEST GROUPLIST_REPLY \
    REDIRECT_MAP; do
	grep -q "^MARS_$op\$" "$dir/all.names"
	result $? "a MARS_$op is among them"
done
for f in all later; do
	diff "$dir/sent" "$dir/$f.names" >"$dir/differ"
	result $? "$f.pcap: the messages of the event log, in the same order"
	sed 's/^/# /' "$dir/differ"
done
data=$(HOME="$dir" XDG_CONFIG_HOME="$dir" tshark -n -r "$dir/all.pcap" \
    -Y 'llc.iana_pid == 1 || llc.iana_pid == 4' 2>/dev/null | wc -l)
[ "$data" -ge 5 ]
result $? "and the packets between them"
echo "1..$n"
exit $bad
