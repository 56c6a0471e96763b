#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# test_scripts.sh: scripts that people run, unchanged, on the kernel's SVCs:
# those that end soon.  Those that need the fabric say so in one line.
here=$(cd "$(dirname "$0")" && pwd -P) || exit 2
cd "$here/../.." || exit 2
B=$(cd "${B:-build}" && pwd -P) || exit 2
export B
if [ -z "$LAB" ]; then
	exec sh tests/lab/boot.sh -t 200 sh tests/lab/with.sh \
	    sh tests/lab/test_scripts.sh
fi

n=0 bad=0
result() { # STATUS TEXT
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		bad=1
		echo "not ok $n - $2"
		sed 's/^/# /' /tmp/said
	fi
}
for f in first-cluster lab-host; do
	timeout 60 "$B/bin/marsh" -q -b atm "scripts/$f.lua" >/tmp/said 2>&1
	result $? "$f"
done
grep -l '^marsh.fabric_only' scripts/*.lua >/tmp/fabric
[ -s /tmp/fabric ]
result $? "some scripts are for the fabric"
while read -r f; do
	"$B/bin/marsh" -q -b atm "$f" >/tmp/said 2>/tmp/error
	[ $? = 3 ] && [ "$(wc -l </tmp/error)" = 1 ] &&
	    grep -q 'is for the fabric (.*): run it without --bind atm$' /tmp/error
	result $? "$f: $(sed 's/^[^(]*(\(.*\)).*/\1/' /tmp/error)"
done </tmp/fabric
echo "1..$n"
exit $bad
