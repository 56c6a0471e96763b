#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# The dissector in lua/wireshark names the golden SCSP messages and all that is
# in them, and finds what is wrong with damaged ones.
cd "$(dirname "$0")/../.." || exit 2
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

# dump FILE CUT CHANGED: without the last CUT octets, and octet CHANGED another.
dump() {
	sed 's/#.*//' "$1" | tr -cd '0-9a-fA-F' | fold -w 2 |
	awk -v cut="$2" -v changed="$3" '
		{ octet[NR] = NR == changed + 1 ? ($0 == "ff" ? "00" : "ff") : $0 }
		END {
			printf "000000 aa aa 03 00 00 5e 00 05"
			for (i = 1; i <= NR - cut; i++) printf " %s", octet[i]
			print ""
		}'
}
# fields FILE FIELD ...: of each message in it, divided by "|".
fields() {
	file=$1
	shift
	for field; do
		set -- "$@" -e "$field"
		shift
	done
	tshark -n -X lua_script:lua/wireshark/marsh.lua -r "$file" -T fields \
	    -E separator='|' "$@" 2>>"$dir/complaints"
}
# capture NAME, what dump wrote on standard input
capture() {
	cat >"$dir/$1.txt"
	text2pcap -q -l 100 "$dir/$1.txt" "$dir/$1.pcap" >>"$dir/log" 2>&1
}

for f in tests/golden/scsp_*.hex; do
	echo "${f##*/}" >>"$dir/files"
	dump "$f" 0 -1 >>"$dir/all"
	dump "$f" 1 -1 >>"$dir/cut"
	dump "$f" 0 4 >>"$dir/sum"
	dump "$f" 0 -1 | sed 's/$/ 01 02 03/' >>"$dir/padded"
done
for f in all cut sum padded; do
	capture $f <"$dir/$f"
	fields "$dir/$f.pcap" scsp.name scsp.error >"$dir/$f.seen"
	paste -d '|' "$dir/files" "$dir/$f.seen" >"$dir/$f.both"
done
# scsp_csu_req_null.hex is a CSU_REQ, and so on.
named() {
	awk -F '|' '{
		name = "scsp_" tolower($2)
		if (name == "scsp_" || index($1, name) != 1 || $3 != "") {
			print "# " $0; bad = 1
		}
	} END { exit bad || NR < 10 }' "$1"
}
named "$dir/all.both"
result $? "every golden message is dissected as what it is"
named "$dir/padded.both"
result $? "also with octets of the layer below behind it"
awk -F '|' '$3 !~ /Packet Size/ { print "# " $0; bad = 1 } END { exit bad || NR < 10 }' "$dir/cut.both"
result $? "and found malformed without its last octet"
awk -F '|' '$3 !~ /checksum/ { print "# " $0; bad = 1 } END { exit bad || NR < 10 }' "$dir/sum.both"
result $? "or with another checksum"
! grep -v 'Running as user "root"' "$dir/complaints"
result $? "tshark has nothing to complain"

# is NAME EXPECTED FIELD ...
is() {
	name=$1 expected=$2
	shift 2
	dump "tests/golden/$name.hex" 0 -1 | capture one
	got=$(fields "$dir/one.pcap" "$@")
	[ "$got" = "$expected" ] || echo "# $name: $got"
	[ "$got" = "$expected" ]
	result $? "$name: $*"
}
is scsp_ca '1|72|0x4e1d|0|3|1|1|0|0|946684801|2' scsp.version scsp.size \
    scsp.checksum scsp.exts scsp.pid scsp.sgid scsp.flags.m scsp.flags.i \
    scsp.flags.o scsp.ca_seq scsp.nrec
is scsp_ca '10.0.0.2|10.0.0.1|1,1|20,20|-2147483647,100|10.0.0.2,10.0.0.1|0,0' \
    scsp.sender scsp.receiver scsp.hop scsp.record_len scsp.seq scsp.orig scsp.null
is scsp_csu_req_null '1|1|00000002' scsp.null scsp.hop scsp.key
is scsp_hello_three '3|3|0|10.0.0.2,10.0.0.3,10.0.0.4|2' scsp.interval \
    scsp.dead scsp.family scsp.receiver scsp.nrec
is scsp_hello_auth '36|1,0|256|343ea604c99ca2afb2fd50970a416554' scsp.exts \
    scsp.ext.type scsp.ext.spi scsp.ext.mac
is scsp_csus_exts '2,18193,2,0|5,3,3,0|0x00005e,0x00a03e|0102,aabbcc' \
    scsp.ext.type scsp.ext.len scsp.ext.oui scsp.ext.value
is scsp_csu_req '3|1|0|257|10.0.1.10|224.1.2.3|224.1.2.3|47000580ffe1000000f21a26d80020ea00112200|' \
    scsp.mars.state scsp.mars.layer3grp scsp.mars.register scsp.mars.cmi \
    scsp.mars.spa scsp.mars.min scsp.mars.max scsp.mars.sha scsp.body
is scsp_csu_req_redirect '1|0x000f|0x0800|0|0|||' scsp.mars.state \
    scsp.mars.hardware scsp.mars.pro scsp.mars.version scsp.mars.cmi \
    scsp.mars.spa scsp.mars.min scsp.body
is scsp_csu_req_status '225|255|0x3801,0x3802,0x3803,0x3804,0x0000|1|0|5|946684800|42|500||' \
    scsp.mars.state scsp.mars.version scsp.mars.tlv scsp.mars.server.format \
    scsp.mars.server.no_new_clients scsp.mars.server.interval \
    scsp.mars.server.incarnation scsp.mars.server.clients \
    scsp.mars.server.capacity scsp.mars.tlv.value scsp.body
is scsp_csu_req_status '1,1|4|200|0|1|1|-|257|511|10.0.0.2,10.0.0.3' \
    scsp.mars.part scsp.mars.part.role scsp.mars.part.priority \
    scsp.mars.part.mode scsp.mars.part.preempt scsp.mars.part.ready \
    scsp.mars.part.successor scsp.mars.slice.lo scsp.mars.slice.hi scsp.mars.adj

# Another protocol's part, and one whose lengths do not add up, are octets only.
for at in 9 64; do # Protocol ID; Source protocol length
	dump tests/golden/scsp_csu_req.hex 0 "$at" | capture one
	[ "$(fields "$dir/one.pcap" scsp.mars.state scsp.body | cut -c 1-5)" = "|000f" ]
	result $? "no MARS part where octet $at says so"
done

# mend makes the checksum of the dumps on standard input fit.
mend() {
	awk 'function number(hex) {
		return 16 * index(d, substr(hex, 1, 1)) + index(d, substr(hex, 2, 1)) }
	BEGIN { d = "123456789abcdef" }
	{
		$14 = $15 = "00" # behind the offset and LLC/SNAP
		for (i = 10; i <= NF; i++)
			sum += number($i) * (i % 2 ? 1 : 256)
		while (sum > 65535)
			sum = sum % 65536 + int(sum / 65536)
		sum = 65535 - sum
		$14 = sprintf("%02x", int(sum / 256))
		$15 = sprintf("%02x", sum % 256)
		sum = 0
		print
	}'
}
# One octet of a message is another: what is said of it.
cat >"$dir/bad" <<'END'
csu_req 0 another version
csu_req 1 unknown type 255
csu_req 2 Packet Size
csu_req 6 Start Of Extensions
csu_req 16 IDs run past
csu_req 17 IDs run past
csu_req 19 fewer records
csu_req 30 Record Length
csu_req 32 Record Length
ca 35 Record Length
csu_req_status 145 no Null TLV
csu_req_status 91 TLV runs past
hello_three 36 fewer receiver IDs
hello_three 25 IDs run past
hello_auth 7 Start Of Extensions
hello_auth 38 runs past
hello_auth 60 no End
hello_auth 39 runs past
END
while read -r name at text; do
	dump "tests/golden/scsp_$name.hex" 0 "$at"
done <"$dir/bad" | mend | capture bad
fields "$dir/bad.pcap" scsp.error | paste -d '|' "$dir/bad" - >"$dir/bad.seen"
awk -F '|' '{
	split($1, w, " ")
	text = substr($1, length(w[1]) + length(w[2]) + 3)
	if (!index($2, text)) { print "# " $0; bad = 1 }
} END { exit bad || NR < 10 }' "$dir/bad.seen"
result $? "each field that lies is found"
echo "1..$n"
