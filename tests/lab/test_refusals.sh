#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# test_refusals.sh: what is missing or wrong is named, with what to do about it:
# a kernel without SVCs, no signalling, one that hangs, no privileges, no such
# interface, no such QoS.  Sockets themselves take no privileges.
here=$(cd "$(dirname "$0")" && pwd -P) || exit 2
B=${B:-build}
fail() { echo "test_refusals: $*" >&2; exit 1; }
# says STATUS PATTERN COMMAND ...: how it ends, and what its one line says.
says() {
	want=$1 pattern=$2
	shift 2
	text=$(timeout 20 "$@" 2>&1 </dev/null)
	status=$?
	[ $status = "$want" ] || fail "$*: exit status $status, not $want: $text"
	[ "$(echo "$text" | wc -l)" = 1 ] && echo "$text" | grep -q "$pattern" ||
		fail "$*: no '$pattern' in: $text"
}

if [ -z "$LAB" ]; then
	if [ ! -e /proc/net/atm ]; then
		says 4 'no AF_ATMSVC sockets: use the in-process fabric.*make lab' \
		    "$B/bin/marsh" -b atm
		says 3 'atm: This kernel has no AF_ATMSVC' \
		    "$B/bin/marsh" -e 'error("atm: " .. select(2, atm {}), 0)'
		says 1 'no ATM SVCs.*make lab' "$B/bin/fabricd"
	fi
	exec sh "$here/boot.sh" -t 120 sh "$here/test_refusals.sh"
fi

# Somebody else must be able to read it.
mkdir -p /tmp/m/bin
cp "$B/bin/marsh" "$B/bin/fabricd" /tmp/m/bin && cp -r lua /tmp/m &&
	chmod -R a+rX /tmp/m || fail "cannot copy"
cd /tmp/m/bin || exit 2
user() { says "$1" "$2" setpriv --reuid=65534 --regid=65534 --clear-groups "$3" "$4" "$5"; }
print() { echo "print(select(2, atm { $1 }))"; }

says 4 'No ATM signalling daemon.*start fabricd.*in-process fabric.*make lab' \
    ./marsh -b atm
user 4 'start fabricd' ./marsh -b atm
user 1 'CAP_NET_ADMIN.*run as root.*make lab' ./fabricd -l /dev/null

./fabricd -d -l /run/fabricd.log || fail "fabricd does not start"
says 1 'another signalling daemon' ./fabricd -l /dev/null
user 0 '^atm net ' ./marsh -e 'print(atm {})'
user 0 'itf: CAP_NET_ADMIN is missing.*run as root' ./marsh -e "$(print itf=0)"
says 0 'itf: this kernel has no ATM interface 5:.*/proc/net/atm/devices' \
    ./marsh -e "$(print itf=5)"
says 3 ':1: itf: -3 is outside 0 to 32767' ./marsh -e "$(print itf=-3)"
says 0 'qos: "foo" is no QoS.*for example' ./marsh -e "$(print 'qos="foo"')"
says 0 'qos: "ubr,aal0" is not AAL5' ./marsh -e "$(print 'qos="ubr,aal0"')"
says 3 ":1: addr: an NSAP expected, got '47.00'" \
    ./marsh -e "$(print 'addr="47.00"')"

# What only the fabric can do.
says 2 "speed is the fabric's" ./marsh -b atm -x 3
no='real SVCs cannot do that, the in-process fabric can'
says 0 "$no" ./marsh -e 'print(select(2, atm {}:switch()))'
says 0 "$no" ./marsh -e 'print(select(2, atm {}:link(0, 1, 0.1)))'
says 0 "$no" ./marsh -e 'local n = atm {} local m = mars.server "M1" { net = n }
    print(select(2, n:place(m, 1)))'
says 0 "$no" ./marsh -e 'local n = atm {} local m = mars.server "M1" { net = n }
    local o = mars.server "M2" { net = n } print(select(2, n:cut(m, o)))'

# What help marks is refused: each command in its example.
no='real SVCs cannot do that|on real SVCs$'
nodes='M1 = mars.server "M1" {} M2 = mars.server "M2" {}
    for i = 1, 2 do mars.client("C" .. i) { mars = "M1" } end'
marked=$(./marsh -e help | sed -n 's/^\* \([a-z]*\)  .*/\1/p')
for c in $marked; do
	[ "$c" != heal ] || continue # there is nothing to heal
	example=$(./marsh -e "help $c" | sed -n 's/^example: //p')
	text=$(timeout 20 ./marsh -b atm -e "$nodes" -e "$example" 2>&1)
	status=$?
	[ $status = 3 ] && echo "$text" | grep -Eq "$no" ||
		fail "$example: $status, $text"
done
[ "$(echo "$marked" | wc -w)" -ge 9 ] || fail "marked: $marked"

# Another program has the address.
./marsh -b atm -l /run/m -e 'M = mars.server "M1" {} run_for(60)' \
    >/dev/null 2>&1 &
n=0
until ./marsh attach /run/m -e 'assert(M)' >/dev/null 2>&1; do
	n=$((n + 1))
	[ $n -lt 100 ] || fail "nobody at /run/m"
	sleep 0.1
done
says 3 "addr: another program has the address of 'M1'" \
    ./marsh -b atm -e 'mars.server "M1" {}'
{ kill $!; wait $!; } 2>/dev/null

# Nothing that hangs in the kernel's bind() can end before it is answered.
pid=$(pidof fabricd)
kill -STOP "$pid"
: >/run/out
./marsh -b atm >/run/out 2>&1 </dev/null &
n=0
until grep -q 'does not answer.*kill and start it again.*make lab' /run/out; do
	n=$((n + 1))
	[ $n -lt 100 ] || fail "a daemon that hangs: $(cat /run/out)"
	sleep 0.1
done
kill -CONT "$pid"
wait $!
[ $? = 4 ] || fail "a daemon that hangs: another exit status than 4"
exit 0
