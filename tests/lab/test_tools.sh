#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# test_tools.sh: programs that nobody here wrote (svc_send, svc_recv and
# ttcp_atm of the package atm-tools) call each other through fabricd.
here=$(cd "$(dirname "$0")" && pwd -P) || exit 2
fail() { echo "test_tools: $*" >&2; exit 1; }

if [ -z "$LAB" ]; then
	for t in svc_send svc_recv ttcp_atm; do
		command -v $t >/dev/null || fail "$t is missing (package atm-tools)"
	done
	FABRICD_ARGS='-v -a 47.0005.80' exec sh "$here/boot.sh" -t 60 \
	    sh "$here/with.sh" sh "$here/test_tools.sh"
fi

a=47.0005.80.ffe100.0000.f21a.26d8.0020ea000011.00
nobody=47.0005.80.ffe100.0000.f21a.26d8.0020ea000077.00
elsewhere=39.0005.80.ffe100.0000.f21a.26d8.0020ea000011.00
listening() { # until PROGRAM's call to listen() was answered
	n=0
	until kill -USR1 "$(pidof fabricd)" && sleep 0.1 &&
	    grep -Eq '(no|yes) +47.*11\.00$' /run/fabricd.log; do
		n=$((n + 1))
		[ $n -lt 50 ] || fail "$1 does not listen"
	done
	: >/run/fabricd.log
}
refused() { # ADDRESS TEXT
	svc_send "$1" ubr,aal5:max_sdu=1000 >/run/out 2>&1 &&
		fail "a call to $1 succeeded"
	grep -q "$2" /run/out || fail "a call to $1 says: $(cat /run/out)"
}

# What the kernel took from the sender the receiver gets, but for what it has
# not read when the sender hangs up.
svc_recv $a 0 ubr,aal5:max_sdu=1000 >/run/recv 2>&1 &
listening svc_recv
svc_send $a ubr,aal5:max_sdu=1000 >/run/send 2>&1 || fail "$(cat /run/send)"
wait $! || fail "svc_recv: $(cat /run/recv)"
lost=$(awk '/^write\(\) failed/ { print $3 }' /run/send)
got=$(awk '/^received/ { print $2 }' /run/recv)
sent=$((50000 - ${lost:-0}))
[ "${got:-0}" -gt $((sent / 2)) ] && [ "$got" -le "$sent" ] ||
	fail "svc_recv got $got of $sent frames"

refused $nobody 'Cannot assign requested address'
refused $elsewhere 'No route to host'

head -c 200000 /dev/urandom >/run/sent
ttcp_atm -r -a $a >/run/got 2>/run/err &
listening ttcp_atm
ttcp_atm -t -a -l 4000 -P ubr,aal5 $a </run/sent >/run/out 2>&1 ||
	fail "ttcp_atm: $(cat /run/out)"
wait $! || fail "ttcp_atm -r: $(cat /run/err)"
cmp -n 200000 /run/sent /run/got || fail "ttcp_atm: not what was sent"

kill -USR1 "$(pidof fabricd)"
sleep 0.2
grep -q '^0 listeners, 0 calls, 0 parties, 0 sockets, 0 VCIs' \
    /run/fabricd.log || fail "fabricd has left: $(cat /run/fabricd.log)"
exit 0
