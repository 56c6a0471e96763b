#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# kernel.sh: builds the lab's kernel from Debian's source package and prints
# where it is.  It is a User-Mode Linux, an ordinary program, and is kept in
# $XDG_CACHE_HOME/marsh under a name that changes with the patches, the
# configuration and the version of the source: the second time, nothing is
# done.  Progress goes to stderr.
# Environment: LAB_CONFIG, a file with more configuration (for debugging).
here=$(cd "$(dirname "$0")" && pwd -P) || exit 2
top=${here%/tests/lab}
package=linux-source-6.1
tarball=/usr/src/$package.tar.xz
caches=${XDG_CACHE_HOME:-$HOME/.cache}/marsh
say() { echo "kernel: $*" >&2; }
fail() { say "$*"; exit 1; }

case $(uname -s)-$(uname -m) in
Linux-x86_64) ;;
*) fail "User-Mode Linux runs on x86_64 hosts; this is $(uname -s) on $(uname -m)" ;;
esac
have() { [ -e "$tarball" ] && dpkg-query -W -f='${Version}\n' $package 2>/dev/null; }
version=$(have) || {
	sh "$top/tests/run/deps.sh" lab >&2
	version=$(have) || fail "install the Debian packages $package flex bison bc"
}

set -- "$top"/src/svc/linux/*.patch "$here"/*.patch
config=$(cat "$here/kernel.config" ${LAB_CONFIG:+"$LAB_CONFIG"})
name=linux-lab-$({ cat "$@"; echo "$config"; echo "$version"; } |
	sha256sum | cut -c1-16)
kernel=$caches/$name/linux
done_already() { [ -x "$kernel" ] && echo "$kernel" && exit 0; }
done_already

# One builds, the others wait for it.
mkdir -p "$caches" || exit 1
exec 9>"$caches/$name.lock"
flock -n 9 || {
	say "another process builds it; waiting"
	flock 9
}
done_already
sh "$top/tests/run/deps.sh" lab >&2 || exit 1
rm -rf "$caches/$name".*.build # of a build that was killed
work=$(mktemp -d "$caches/$name.XXXXXX.build") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM HUP
cd "$work" || exit 1

# What this kernel cannot need stays in the archive.
say "unpacking $package $version"
tar -xJf "$tarball" --strip-components=1 \
    --exclude='*/Documentation/?*/*' --exclude='*/arch/[!ux]*/*.[chS]' \
    --exclude='*/boot/dts/*' --exclude='*/sound/*.[ch]' \
    --exclude='*/tools/testing/*' --exclude='*/tools/perf/*' \
    --exclude='*/drivers/net/*/*.[ch]' \
    --exclude='*/drivers/[acdfghimnoprsuvwx]*/*/*.[ch]' || exit 1
for p; do
	patch -s -p1 <"$p" || fail "${p#"$top"/} does not fit $package $version"
done

# make hands its variables down; these would not be meant for the kernel.
quietly() {
	env -i PATH="$PATH" HOME="$HOME" LC_ALL=C nice -n 10 \
	    make ARCH=um "$@" 2>>log
}
echo "$config" >lab.config
quietly -s KCONFIG_ALLCONFIG=lab.config allnoconfig >>log || {
	tail -n 20 log >&2
	fail "cannot be configured"
}
echo "$config" | grep '^CONFIG' | grep -vxFf .config >lost &&
	fail "these options are not to be had: $(tr '\n' ' ' <lost)"

start=$(date +%s)
say "compiling, $(nproc) at a time; some minutes"
{ quietly -j"$(nproc)" linux; echo $? >status; } | tee -a log |
awk '/^ +CC / && ++n % 100 == 0 { print "kernel: " n " of about 600 files"; fflush() }' >&2
[ "$(cat status)" = 0 ] || {
	tail -n 20 log >&2
	fail "cannot be compiled"
}
{
	mkdir -p "$caches/$name" && cp .config "$caches/$name/config" &&
	    strip -o "$kernel.new" linux && mv "$kernel.new" "$kernel"
} || fail "cannot write $caches"
say "ready after $(($(date +%s) - start)) seconds"
echo "$kernel"
