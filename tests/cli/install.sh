#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# make install puts a marsh that runs by itself wherever it lies; make
# uninstall takes away exactly what install put.
cd "$(dirname "$0")/../.." || exit 2
B=${B:-build} MAKE=${MAKE:-make}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
n=0
result() { # STATUS TEXT
	n=$((n + 1))
	[ "$1" = 0 ] && echo "ok $n - $2" || echo "not ok $n - $2"
}
quietly() { "$@" >"$dir/log" 2>&1 || { cat "$dir/log"; return 1; }; }

quietly $MAKE B="$B" DESTDIR="$dir/root" PREFIX=/usr install
result $? "make install"
top=$dir/root/usr
for f in bin/marsh share/marsh/lua/marsh/init.lua share/man/man1/marsh.1 \
    share/man/man3/marsh-lua.3 share/man/man7/marsh.7 \
    share/marsh/scripts/first-cluster.lua share/doc/marsh/README.md \
    share/doc/marsh/LICENSE; do
	[ -f "$top/$f" ]
	result $? "$f is there"
done
# Elsewhere, with no variable that could lead it back to the source.
(cd / && quietly env -i PATH=/usr/bin:/bin "$top/bin/marsh" -q \
    -e 'k = lab.one{} run_for(1) expect(k.C1.registered):is(true)')
result $? "the installed marsh finds its Lua half"
(cd / && quietly env -i PATH=/usr/bin:/bin "$top/bin/marsh" -q \
    "$top/share/marsh/scripts/first-cluster.lua")
result $? "and runs an installed script"

echo mine >"$top/share/marsh/of-somebody-else"
quietly $MAKE B="$B" DESTDIR="$dir/root" PREFIX=/usr uninstall
result $? "make uninstall"
left=$(cd "$top" && find . -type f)
[ "$left" = ./share/marsh/of-somebody-else ]
result $? "takes away its own files and nobody else's"
rm "$top/share/marsh/of-somebody-else"
quietly $MAKE B="$B" DESTDIR="$dir/root" PREFIX=/usr install
quietly $MAKE B="$B" DESTDIR="$dir/root" PREFIX=/usr uninstall
[ ! -e "$top/share/marsh" ] && [ ! -e "$top/share/doc/marsh" ]
result $? "and its directories once they are empty"
echo "1..$n"
