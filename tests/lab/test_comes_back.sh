#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# test_comes_back.sh: fabricd is killed under a cluster and started again.  The
# user is told both in one line each, and the cluster forms again by itself.
here=$(cd "$(dirname "$0")" && pwd -P) || exit 2
B=${B:-build}
fail() {
	echo "test_comes_back: $*" >&2
	cat /run/out /run/err >&2
	exit 1
}

if [ -z "$LAB" ]; then
	exec sh "$here/boot.sh" -t 180 sh "$here/with.sh" \
	    sh "$here/test_comes_back.sh"
fi

cat >/run/script.lua <<'END'
local k = lab.one {}
local causes = {}
k:on("vc", function(e) if e.what == "release" then causes[e.cause] = true end end)
io.write("up\n") io.flush()
expect(run_until(function() return #k.net:log { kind = "alarm" } > 0 end, 60))
    :is(true, "the log has an alarm")
expect(causes[38]):is(true, "VCs ended for want of a network")
local function whole()
	for _, c in ipairs(k.clients) do
		if not c.registered then return false end
	end
	return #k.M1.ccvc.leaves == 3 and k.C1.vc[k.X] and #k.C1.vc[k.X].leaves == 2
end
k.C1:flow(k.X, 10)
run_for(1)
io.write("dead\n") io.flush()
expect(run_until(whole, 100)):is(true, "the cluster is whole again")
END
"$B/bin/marsh" -b atm /run/script.lua >/run/out 2>/run/err &
marsh=$!
await() { # TEXT
	n=0
	until grep -q "$1" /run/out; do
		n=$((n + 1))
		[ $n -lt 600 ] && kill -0 $marsh 2>/dev/null || fail "no '$1'"
		sleep 0.1
	done
}
await up
kill -9 "$(pidof fabricd)"
await dead
"$B/bin/fabricd" -d -l /run/fabricd.log || fail "fabricd does not start again"
wait $marsh || fail "exit status $?"
[ "$(grep -c 'ATM signalling died: .*fabricd' /run/err)" = 1 ] &&
	[ "$(grep -c 'ATM signalling is back' /run/err)" = 1 ] ||
	fail "one line each expected"
[ "$(wc -l </run/err)" = 2 ] || fail "more was said"
exit 0
