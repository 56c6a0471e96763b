#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# test_hosts.sh: a cluster whose MARS and three clients are on four kernels, as
# `make lab-hub` and `make lab LINE=1` ... make it by hand.  Nothing is lost; the
# MARS's kernel is killed outright; data goes on without it; a new kernel with a
# new MARS at the same address is rebuilt by the clients (RFC 2022 section 5.4.1).
here=$(cd "$(dirname "$0")" && pwd -P) || exit 2
cd "$here/../.." || exit 2

# ---- in the lab: marsh, and a hand that attaches to it for the test -----------

if [ -n "$LAB" ]; then
	# A call before the way is known is refused, and the next is a minute off.
	n=0
	until [ "$1" = mars ] || [ $n -eq 100 ] ||
	    grep -q 'trunk 1 .*26d1$' /run/fabricd.log; do
		kill -USR1 "$(pidof fabricd)"
		n=$((n + 1))
		sleep 0.1
	done
	until [ -e "$MEET/go" ]; do sleep 0.1; done
	mkfifo /run/keys
	"$B/bin/marsh" -b atm -i -l /run/marsh scripts/lab-host.lua "$@" \
	    </run/keys >"$MEET/said" 2>&1 &
	exec 3>/run/keys
	until [ -S /run/marsh ]; do sleep 0.1; done
	n=1
	until [ -e "$MEET/end" ]; do
		[ -e "$MEET/ask.$n" ] || { sleep 0.1; continue; }
		timeout 40 "$B/bin/marsh" attach /run/marsh \
		    -e "$(cat "$MEET/ask.$n")" >"$MEET/got.$n" 2>&1
		echo $? >"$MEET/status.$n"
		n=$((n + 1))
	done
	exec 3>&-
	wait
	exit 0
fi

# ---- on the host --------------------------------------------------------------

B=$(cd "${B:-build}" && pwd -P) || exit 2
dir=$(mktemp -d "$B/hosts.XXXXXX") || exit 2
export B
hub=
# Kernels end by themselves when their hands are told; what is left, here.
end() {
	for k in 1 2 3 4; do
		[ -d "$dir/$k" ] && : >"$dir/$k/end"
	done
	wait_for 100 all_ended || for k in 1 2 3 4; do crash $k; done
	[ -z "$hub" ] || kill "$hub" 2>/dev/null
	wait
	rm -rf "$dir"
}
trap end EXIT
trap 'exit 130' INT TERM HUP

wait_for() { # TENTHS COMMAND ...
	tenths=$1
	shift
	until "$@"; do
		tenths=$((tenths - 1))
		[ $tenths -gt 0 ] || return 1
		sleep 0.1
	done
}
all_ended() {
	for f in "$dir"/[1-4]/tmp/*/*/pid; do
		[ -e "$f" ] && kill -0 "$(cat "$f" 2>/dev/null)" 2>/dev/null && return 1
	done
	return 0
}

tests=0 bad=0
result() { # STATUS TEXT
	tests=$((tests + 1))
	if [ "$1" = 0 ]; then
		echo "ok $tests - $2"
	else
		bad=$((bad + 1))
		echo "not ok $tests - $2"
	fi
}

# boot N ARG ...: kernel N runs scripts/lab-host.lua ARG ...
boot() {
	k=$1
	shift
	rm -rf "${dir:?}/$k"
	mkdir -p "$dir/$k/tmp"
	MEET="$dir/$k" TMPDIR="$dir/$k/tmp" LAB_NUMBER=$k LAB_LINE="$dir/line/$k" \
	    sh tests/lab/boot.sh -t 150 sh tests/lab/with.sh \
	    sh tests/lab/test_hosts.sh "$@" >"$dir/$k/console" 2>&1 &
}
# crash N: kernel N and all that it runs are gone between two instructions.
crash() {
	for f in "$dir/$1"/tmp/*/*/pid; do
		[ -e "$f" ] || continue
		group=$(sed 's/.*) //' "/proc/$(cat "$f")/stat" 2>/dev/null |
			cut -d ' ' -f 3)
		[ -z "$group" ] || kill -s KILL -- "-$group"
	done
}
# ask N TEXT: what marsh on kernel N says to a command or a line of Lua.
ask() {
	n=1
	while [ -e "$dir/$1/ask.$n" ]; do n=$((n + 1)); done
	echo "$2" >"$dir/$1/new"
	mv "$dir/$1/new" "$dir/$1/ask.$n"
	wait_for 600 [ -s "$dir/$1/status.$n" ]
	cat "$dir/$1/got.$n"
	return "$(cat "$dir/$1/status.$n" 2>/dev/null || echo 1)"
}
says() { # N TEXT WANTED
	found=$(ask "$1" "$2")
	[ "$found" = "$3" ] || {
		echo "# kernel $1, $2: $found"
		return 1
	}
}
# clients quiet|says TEXT [WANTED]: of all clients at once; % is each one's name.
clients() {
	for i in 2 3 4; do
		{
			"$1" $i "$(echo "$2" | sed "s/%/C$i/g")" ${3:+"$3"} &&
			    : >"$dir/$i/true"
		} >"$dir/$i/told" 2>&1 &
		eval "pid$i=$!"
	done
	# shellcheck disable=SC2154 # set by eval
	wait "$pid2" "$pid3" "$pid4"
	cat "$dir"/[234]/told
	[ "$(rm -v "$dir"/[234]/true 2>/dev/null | wc -l)" = 3 ]
}
quiet() { # N TEXT
	ask "$@" >"$dir/$1/quiet" || {
		sed "s/^/# kernel $1: /" "$dir/$1/quiet"
		return 1
	}
}

"$B/lab/hub" "$B/bin/fabricd" "$dir/line" 4 >"$dir/hub" 2>&1 &
hub=$!
wait_for 50 [ -p "$dir/line/4.out" ] || { cat "$dir/hub"; exit 1; }
boot 1 mars
for i in 2 3 4; do boot $i client $i; done
: >"$dir/1/go"
wait_for 200 [ -s "$dir/1/said" ]
result $? "a MARS on a kernel of its own"

X='"224.1.1.1"'
# One after another: who becomes a leaf of ClusterControlVC while others join may
# miss a JOIN, and learns so only from the next message there (section 5.1.4.2).
ok=0
for i in 2 3 4; do
	: >"$dir/$i/go"
	quiet $i "until C$i Registered" || ok=1
	quiet 1 "until #M1.ccvc.leaves == $((i - 1)) and #M1.cache.hosts[$X] == $((i - 1))" || ok=1
done
result $ok "three clients on three other kernels register and join"
clients quiet "until %.vc[$X] and #%.vc[$X].leaves == 2"
result $? "each sends to the other two"
heard='(%.heard[1].received + %.heard[2].received)'
lost='(%.heard[1].lost + %.heard[2].lost)'
clients quiet 'until #%.heard == 2'
clients quiet "seen = $heard; id = %.vc[$X].id"
clients quiet "until seen + 80 < $heard"
result $? "and hears what they send"
clients says "print($lost, %.heard[1].dup + %.heard[2].dup)" "0	0"
result $? "nothing is lost, nothing comes twice"

clients quiet "seen = $heard"
crash 1
clients quiet 'until not %.registered'
result $? "the kernel of the MARS is killed, and the clients notice"
clients says "print(seen + 80 < $heard, $lost, #%.vc[$X].leaves, %.vc[$X].id == id)" "true	0	2	true"
result $? "they go on sending on the VCs that they had; nothing is lost"

boot 1 mars
: >"$dir/1/go"
clients quiet 'until % Registered'
result $? "a new kernel with a MARS at the same address: they register"
clients says 'print(%.rereg > 1)' "true"
result $? "after a delay of their own"
quiet 1 "until #M1.ccvc.leaves == 3 and #M1.cache.hosts[$X] == 3"
result $? "and it knows all that the old one knew"
clients quiet "until %.vc[$X] and #%.vc[$X].leaves == 2"
clients quiet "seen = $heard"
clients quiet "until seen + 40 < $heard"
result $? "everybody still hears the others"

[ $bad -eq 0 ] || tail -n 30 "$dir"/[1-4]/console "$dir"/[1-4]/said | sed 's/^/# /'
echo "1..$tests"
exit $((bad > 0))
