#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# Engines and codecs do no I/O and own no clock, memory or chance: the linker
# proves it.  Whatever floors 0 to 3 take from outside must be on this list.
cd "$(dirname "$0")/../.." || exit 2
B=${B:-build}
floors='base atm wire mars scsp sim dmars'
allowed='mem(cpy|move|set|cmp|chr)|str(len|nlen|cmp|ncmp|chr|rchr|str|spn|cspn|pbrk)'
allowed="$allowed|(strncpy|strcpy|strcasecmp|strncasecmp|strtoul|strtoull|strtol|strtoll|strtod)"
allowed="$allowed|v?snprintf|__assert_fail|__ctype_(b|tolower|toupper)_loc|tolower|toupper"
allowed="$allowed|bsearch|ldexp|floor|ceil|fabs|log|log2|pow|sqrt"
allowed="$allowed|nettle_(hmac_md5_(set_key|update|digest)|memeql_sec)"
allowed="$allowed|inet_(ntop|pton)|_GLOBAL_OFFSET_TABLE_|__stack_chk_fail"

objects=
for d in $floors; do
	for o in "$B/$d"/*.o; do
		[ -e "$o" ] && objects="$objects $o"
	done
done
if [ -z "$objects" ]; then
	echo "symbols: no objects in $B; build first"
	exit 1
fi
own=$(mktemp)
trap 'rm -f "$own"' EXIT
# shellcheck disable=SC2086
nm -g --defined-only $objects | awk 'NF == 3 { print $3 }' >"$own"
status=0
for o in $objects; do
	bad=$(nm -u "$o" | awk '{ print $NF }' | grep -vxFf "$own" |
	    grep -vxE "$allowed")
	[ -z "$bad" ] || {
		status=1
		# shellcheck disable=SC2086
		echo "${o#"$B"/}: uses" $bad
	}
done
# One name, one meaning, over all floors.
twice=$(nm -g --defined-only "$B"/lib*.a 2>/dev/null | awk 'NF == 3 { print $3 }' |
    sort | uniq -d)
[ -z "$twice" ] || {
	status=1
	# shellcheck disable=SC2086
	echo "defined twice:" $twice
}
exit $status
