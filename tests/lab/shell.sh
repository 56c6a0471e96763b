#!/bin/sh
# SPDX-License-Identifier: BSD-2-Clause
# shell.sh: what `make lab` gives people: a shell in a lab kernel, with fabricd
# running and marsh at hand.
B=$(cd "${B:-build}" && pwd)
export PATH="$B/bin:$PATH" PS1='lab$ '
cat <<'END'
A kernel with ATM SVCs.  fabricd is its signalling and its switch.
  marsh -b atm                        the prompt on real sockets: load lab.one
  marsh -b atm scripts/steady-state.lua
  svc_recv, svc_send, ttcp_atm        programs by others (atm-tools)
  kill -USR1 $(pidof fabricd)         what fabricd knows; its log is /run/fabricd.log
  exit                                the kernel stops
END
exec sh -i
