#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# init.sh: the first process of a lab kernel.  Its root is the host's tree,
# seen with the rights of the host's user; what is below /tmp and /run is the
# kernel's own, but for the places that boot.sh names.  LAB_RUN is the
# directory in which boot.sh says what to run.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
run=$LAB_RUN
places=$(cat "$run/places") # before /tmp is covered

mount -t proc proc /proc
mount -t sysfs sysfs /sys
[ -c /dev/null ] || mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts -o ptmxmode=666 devpts /dev/pts
mount -t tmpfs shm /dev/shm
ln -sfn /proc/self/fd /dev/fd
for fd in 0:stdin 1:stdout 2:stderr; do
	ln -sfn /proc/self/fd/${fd%:*} /dev/${fd#*:}
done
mount -t tmpfs tmp /tmp
mount -t tmpfs run /run
chmod 1777 /tmp /dev/shm
echo "$places" | while read -r p; do
	[ -n "$p" ] || continue
	[ -d "$p" ] || mkdir -p "$p"
	mount -t hostfs -o "$p" host "$p"
done
echo lab >/proc/sys/kernel/hostname
ip link set lo up

# The console changes nothing in what the command prints.
stty -opost </dev/console
(
	# shellcheck source=/dev/null
	. "$run/env"
	unset TMPDIR
	cd "$(cat "$run/cwd")" || exit 126
	export LAB=1
	if read -r rows columns 2>/dev/null <"$run/terminal"; then
		stty sane rows "$rows" cols "$columns" </dev/console
		exec setsid -c sh "$run/command" </dev/console >/dev/console 2>&1
	fi
	exec sh "$run/command" </dev/null
)
echo $? >"$run/status"
sync
# The kernel has nothing more to say.  poweroff(8) is not everywhere, perl is:
# reboot(RB_POWER_OFF).
echo 0 >/proc/sys/kernel/printk
perl -e 'syscall(169, 0xfee1dead, 0x28121969, 0x4321fedc)'
