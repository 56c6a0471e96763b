#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# test_trunks.sh: a pt-mpt call from one lab kernel to leaves on three others,
# over trunks that meet in a hub on the host; parties dropped and added; then
# the kernel of one leaf is killed outright.
here=$(cd "$(dirname "$0")" && pwd -P) || exit 2
fail() { echo "test_trunks: $*" >&2; exit 1; }

if [ -z "$LAB" ]; then
	B=$(cd "${B:-build}" && pwd -P) || exit 2
	MEET=$(mktemp -d "$B/trunks.XXXXXX") || exit 2
	trap 'rm -rf "$MEET"' EXIT
	export B MEET KILL_WHEN="$MEET/kill"
	cd "$here/../.." || exit 2
	"$B/lab/join" "$B/bin/fabricd" 4 -t 90 sh tests/lab/test_trunks.sh \
	    >"$MEET/hub" 2>&1 || {
		tail -n 5 "$MEET"/*
		exit 1
	}
	exit 0
fi

# ---- in the lab: kernels 1 to 3 have leaves, 4 the root ---------------------

line=/dev/ttyS0
[ -c $line ] || { line=/run/ttyS0; mknod $line c 4 64 || exit 2; }
n=$LAB_NUMBER
address() { echo "47.0005.80.ffe100.0000.f21a.26d$1.0020ea0000${2:-01}.00"; }
"$B/bin/fabricd" -d -v -l "$MEET/log.$n" -a "47.0005.80.ffe100.0000.f21a.26d$n" \
    -t $line || fail "no fabricd on kernel $n"

until_says() { # FILE TEXT
	i=0
	until grep -q "$2" "$MEET/$1" 2>/dev/null; do
		i=$((i + 1))
		[ $i -lt 200 ] || fail "$1 never says $2"
		sleep 0.1
	done
}

if [ "$n" != 4 ]; then
	"$B/lab/peer" leaf "$(address "$n")" >"$MEET/leaf.$n"
	# The one that was dropped is called again.
	[ "$n" = 2 ] && "$B/lab/peer" leaf "$(address 2 02)" >"$MEET/leaf.22"
	until_says end .
	exit 0
fi

for i in 1 2 3; do until_says "leaf.$i" listening; done
for i in 1 2 3; do until_says log.4 'trunk 1 .*: up'; done
# Routes take a HELLO or two to come through the hub.
i=0
until kill -USR1 "$(pidof fabricd)" && sleep 0.2 &&
    [ "$(grep -c 'trunk 1 .*26d[123]$' "$MEET/log.4")" -ge 3 ]; do
	i=$((i + 1))
	[ $i -lt 50 ] || fail "no routes"
done

mkfifo /run/do
"$B/lab/peer" root "$(address 1)" "$(address 2)" "$(address 3)" \
    </run/do >"$MEET/root" &
exec 3>/run/do
until_says root 'added 2'
echo 'send all' >&3
for i in 1 2 3; do until_says "leaf.$i" '^all$'; done
echo 'drop 1' >&3
until_says root 'dropped 1: 0'
until_says leaf.2 'over, cause 16'
echo "add $(address 3 77)" >&3
until_says root 'not added, cause 1$'
echo 'add 39.0005.80.ffe100.0000.f21a.26d1.0020ea000001.00' >&3
until_says root 'not added, cause 3$'
until_says leaf.22 listening
echo "add $(address 2 02)" >&3
until_says root 'added 5'
echo 'send again' >&3
for i in 1 3 22; do until_says "leaf.$i" '^again$'; done
grep -q again "$MEET/leaf.2" && fail "a dropped leaf still hears"

: >"$MEET/kill"
echo 'wait' >&3
until_says root '0 left, cause 38'
echo 'send without' >&3
for i in 3 22; do until_says "leaf.$i" '^without$'; done
exec 3>&-
for i in 3 22; do until_says "leaf.$i" 'over, cause 16'; done
kill -USR1 "$(pidof fabricd)"
until_says log.4 '^0 listeners, 0 calls, 0 parties, 0 sockets, 0 VCIs'
echo end >"$MEET/end"
exit 0
