#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# test_daemon.sh: fabricd as whoever starts it sees it: what it says when it
# cannot attach and how it exits, a second one, all VCIs in use, its table, and
# that nothing of it stays in the kernel.
here=$(cd "$(dirname "$0")" && pwd -P) || exit 2
fail() { echo "test_daemon: $*" >&2; exit 1; }

if [ -z "$LAB" ]; then
	command -v setpriv >/dev/null || fail "setpriv is missing (util-linux)"
	exec sh "$here/boot.sh" -t 60 sh "$here/test_daemon.sh"
fi

# Where everybody may read it, whoever built it.
mkdir /run/d && cp "$B/bin/fabricd" "$B/lab/peer" /run/d && chmod -R a+rx /run/d
cd /run/d || exit 2

says() { # STATUS TEXT COMMAND ...: it exits so, and says one line with that
	status=$1 text=$2
	shift 2
	timeout 5 "$@" >/run/out 2>&1
	s=$?
	[ $s = "$status" ] || fail "$*: exits with $s, says $(cat /run/out)"
	grep -q "$text" /run/out || fail "$*: says $(cat /run/out)"
	[ "$s" != 1 ] || [ "$(wc -l </run/out)" = 1 ] ||
		fail "$*: more than one line: $(cat /run/out)"
}
until_says() { # FILE TEXT
	i=0
	until grep -Eq "$2" "$1" 2>/dev/null; do
		i=$((i + 1))
		[ $i -lt 100 ] || fail "$1 never says $2: $(cat "$1")"
		sleep 0.1
	done
}

# ---- wrong calls ------------------------------------------------------------

says 2 "^fabricd: -n 0: not a number from 1 to 65504$" ./fabricd -n 0
says 2 '^fabricd: -i x: not the number' ./fabricd -i x
says 2 '^fabricd: -a 4: not an address' ./fabricd -a 4
says 2 '^fabricd: -H: needs -t' ./fabricd -H
says 2 '^fabricd: -t: needs -a' ./fabricd -t /dev/null
says 2 '^fabricd: here: not an option' ./fabricd here
says 0 '^usage: ' ./fabricd -h
echo kept >/run/file
says 1 '^fabricd: trunk /run/file: neither a terminal nor a socket$' \
    ./fabricd -H -t /run/file
[ "$(cat /run/file)" = kept ] || fail "a file was written to"
says 1 '^fabricd: trunk 77: Bad file descriptor$' ./fabricd -H -t 77
says 1 '^fabricd: /none/log: No such file' ./fabricd -l /none/log

# ---- privileges -------------------------------------------------------------

for d in '' -d; do
	says 1 'CAP_NET_ADMIN and CAP_SYS_RAWIO are missing: run as root' \
	    setpriv --reuid 65534 --regid 65534 --clear-groups ./fabricd $d
done
says 1 ' CAP_SYS_RAWIO is missing: ' setpriv --reuid 65534 --clear-groups \
    --regid 65534 --inh-caps +net_admin --ambient-caps +net_admin ./fabricd
says 1 ' CAP_NET_ADMIN is missing: ' setpriv --reuid 65534 --clear-groups \
    --regid 65534 --inh-caps +sys_rawio --ambient-caps +sys_rawio ./fabricd
says 124 ' interface 0 is ours$' setpriv --reuid 65534 --clear-groups \
    --regid 65534 --inh-caps +net_admin,+sys_rawio \
    --ambient-caps +net_admin,+sys_rawio ./fabricd -a 47.0005
[ "$(wc -l </proc/net/atm/devices)" = 1 ] || fail "an interface stays behind"

# ---- one at a time ----------------------------------------------------------

./fabricd -d -v -n 3 -i 5 -a 47.0005 -l /run/log || fail "does not start"
pid=$(pidof fabricd)
for d in '' -d; do
	says 1 'ATMSIGD_CTRL: Address already in use; another signalling' \
	    ./fabricd $d
done
kill -0 "$pid" || fail "the first one died of the second"
grep -q '^  5 atmtcp' /proc/net/atm/devices || fail "no interface 5"

# ---- three VCIs: a root and two leaves --------------------------------------

a=47.0005.80.ffe100.0000.f21a.26d1.0020ea000001.00
b=47.0005.80.ffe100.0000.f21a.26d1.0020ea000002.00
c=47.0005.80.ffe100.0000.f21a.26d1.0020ea000003.00
for i in a b c; do
	eval "./peer leaf \$$i" >/run/leaf.$i &
	until_says /run/leaf.$i listening
done
mkfifo /run/do
./peer root $a $b $c </run/do >/run/root &
exec 3>/run/do
until_says /run/root 'added 1'
until_says /run/root 'not added, cause 45'
says 1 '^connect: Out of streams resources$' ./peer root $c
echo 'drop 0' >&3
until_says /run/leaf.a 'over, cause 16'
sleep 0.1 # its VC is closed after its socket is told
echo "add $c" >&3
until_says /run/root 'added [2-9]'
kill -USR1 "$pid"
until_says /run/log '^ +[0-9]+ +[0-9]+ +connected +3[234] +- +- +47.*03\.00$'
until_says /run/log '^ +[0-9]+ +root +pt-mpt '
until_says /run/log 'pt-mpt .* > 47.*03\.00, failed, cause 45 '
exec 3>&-
for i in b c; do until_says /run/leaf.$i 'over, cause 16'; done
sleep 0.1
kill -USR1 "$pid"
until_says /run/log '^0 listeners, 0 calls, 0 parties, 0 sockets, 0 VCIs'

# ---- the end ----------------------------------------------------------------

kill -TERM "$pid"
i=0
while pidof fabricd >/run/out; do
	i=$((i + 1))
	[ $i -lt 50 ] || fail "does not end"
	sleep 0.1
done
[ "$(wc -l </proc/net/atm/devices)" = 1 ] || fail "an interface stays behind"
[ "$(wc -l </proc/net/atm/vc)" = 1 ] || fail "sockets stay behind"
exit 0
