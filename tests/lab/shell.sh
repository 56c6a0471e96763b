#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# shell.sh: what `make lab` gives people: a shell in a lab kernel, with fabricd
# running and marsh at hand.
B=$(cd "${B:-build}" && pwd)
export PATH="$B/bin:$PATH" PS1="lab$LAB_NUMBER\$ "
echo "A kernel with ATM SVCs.  fabricd is its signalling and its switch."
if [ -z "$LAB_LINE" ]; then
	cat <<'END'
  marsh -b atm                        the prompt on real sockets: load lab.one
  marsh -b atm scripts/first-cluster.lua
END
else
	cat <<'END'
  marsh -b atm -i scripts/lab-host.lua mars         on the first kernel
  marsh -b atm -i scripts/lab-host.lua client 2     C2 of it on the second, ...
END
fi
cat <<'END'
  svc_recv, svc_send, ttcp_atm        programs by others (atm-tools)
  kill -USR1 $(pidof fabricd)         what fabricd knows, to /run/fabricd.log
  exit                                the kernel stops
END
# One that edits lines, if there is one.
command -v bash >/dev/null && exec bash --noprofile --norc -i
exec sh -i
