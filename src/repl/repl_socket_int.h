/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REPL_REPL_SOCKET_INT_H
#define REPL_REPL_SOCKET_INT_H

/* What the files of the control socket share. */
#include "repl/repl_int.h"
#include "repl/repl_peer.h"

/* repl_serve answers one request; false: |p| is to be let go. */
bool repl_serve(struct repl *at, struct repl_peer *p, const struct frame *f);

/* repl_alarm begins to look whether who is at |peer| wants what runs to stop,
 * or knows so already; repl_alarm_off ends that and tells whether it did. */
void repl_alarm(int peer, bool stop);
bool repl_alarm_off(void);

#endif
