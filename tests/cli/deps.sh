#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# tests/run/deps.sh on machines that are not this one: dpkg-query, apt-get, id
# and sudo are ours and write down what they were asked.
cd "$(dirname "$0")/../.." || exit 2
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
mkdir "$dir/bin"
n=0
result() { # STATUS TEXT
	n=$((n + 1))
	[ "$1" = 0 ] && echo "ok $n - $2" || echo "not ok $n - $2"
}
fake() { # NAME, script on standard input
	{ echo '#!/bin/sh'; cat; } >"$dir/bin/$1"
	chmod +x "$dir/bin/$1"
}
# deps KIND ...: as user $uid, where the packages in $absent are missing and
# the first $broken calls of apt-get install fail.
deps() {
	rm -f "$dir/asked" "$dir/tries"
	out=$(dir=$dir absent=$absent uid=$uid broken=$broken \
	    PATH="$dir/bin:$PATH" sh tests/run/deps.sh "$@" 2>&1)
}
fake dpkg-query <<'END'
for p; do :; done
case " $absent " in *" $p "*) exit 1 ;; esac
echo "install ok installed"
END
fake apt-get <<'END'
echo "apt-get $*" >>"$dir/asked"
[ "$1" = install ] || exit 0
echo >>"$dir/tries"
[ "$(wc -l <"$dir/tries")" -gt "$broken" ]
END
fake id <<'END'
echo "$uid"
END
fake sudo <<'END'
echo "sudo" >>"$dir/asked"
exec "$@"
END

absent= uid=0 broken=0
deps build test
[ $? = 0 ] && [ -z "$out" ] && [ ! -e "$dir/asked" ]
result $? "nothing missing: nothing said, nothing done"

absent=libedit-dev
deps build
echo "$out" | grep -q 'libedit-dev  *the prompt'
result $? "it says what it installs and what for"
grep -q '^apt-get install .*libedit-dev$' "$dir/asked"
result $? "it installs just that"
! grep -q update "$dir/asked" && ! grep -q sudo "$dir/asked"
result $? "without new lists, and as root without sudo"

absent="gcc tshark"
deps build
grep -q 'install .*gcc$' "$dir/asked" && ! grep -q tshark "$dir/asked"
result $? "a build needs no package of the tests"

broken=1
deps build test
[ "$(grep -c install "$dir/asked")" = 2 ] && grep -q 'apt-get update' "$dir/asked"
result $? "lists are fetched where the first try fails"

broken=2
deps build test
[ $? != 0 ] && [ "$(grep -c install "$dir/asked")" = 2 ]
result $? "and a second failure is the end"

broken=0 uid=1000
deps build
[ "$(head -n 1 "$dir/asked")" = sudo ]
result $? "an ordinary user goes through sudo"
echo "1..$n"
