#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# deps.sh build|test|lab ...: installs the Debian packages that are missing, and
# says what for.  Silent when none is.
packages() {
	cat <<-END
	build gcc             the C compiler
	build libc6-dev       the C library's headers
	build pkg-config      finds Lua and libedit
	build liblua5.4-dev   scripts
	build libedit-dev     the prompt
	build libatm1-dev     addresses of the kernel's ATM sockets
	build nettle-dev      HMAC-MD5, which signs SCSP messages
	test  libcmocka-dev   unit tests
	test  clang           the second compiler, and libFuzzer
	test  libclang-rt-14-dev sanitizers and fuzzing with clang
	test  binutils        nm: which symbols the engines use
	test  lua5.4          luac, which reads the Lua files
	test  mandoc          checks the manual pages
	test  tshark          opens the captures
	lab   linux-source-6.1 the kernel that the lab boots
	lab   flex            builds it
	lab   bison           builds it
	lab   bc              builds it
	lab   patch           mends it
	lab   xz-utils        unpacks it
	lab   make            builds it
	lab   iproute2        sets up its interfaces
	lab   atm-tools       programs by others to hold ours against
	END
}

have() {
	case $(dpkg-query -W -f='${Status}' "$1" 2>/dev/null) in
	*" installed") return 0 ;;
	esac
	return 1
}

install() {
	$root env DEBIAN_FRONTEND=noninteractive \
	    apt-get install -y -qq --no-install-recommends "$@"
}

if ! command -v dpkg-query >/dev/null; then
	echo "deps: no Debian here; marsh needs the C, Lua 5.4, libedit, nettle" \
	    "(and for check: cmocka, clang, mandoc, tshark) of your system" >&2
	exit 0
fi

missing=
list=$(packages)
for kind; do
	for p in $(echo "$list" | awk -v k="$kind" '$1 == k { print $2 }'); do
		have "$p" || missing="$missing $p"
	done
done
[ -n "$missing" ] || exit 0

echo "deps: installing these Debian packages:"
for p in $missing; do
	echo "$list" | awk -v p="$p" '$2 == p {
		$1 = $2 = ""; sub(/^ +/, ""); printf "  %-20s %s\n", p, $0 }'
done

root=
if [ "$(id -u)" != 0 ]; then
	root=sudo
	if ! command -v sudo >/dev/null; then
		echo "deps: not root and no sudo; as root, run:" >&2
		echo "  apt-get install$missing" >&2
		exit 1
	fi
fi
# Package lists are fetched only where the ones that are here do not do.
# shellcheck disable=SC2086
install $missing >/dev/null 2>&1 || {
	echo "deps: fetching the package lists"
	$root apt-get update -qq && install $missing >/dev/null
}
