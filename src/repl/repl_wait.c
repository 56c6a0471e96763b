/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where the prompt waits: for keys, signals, the kernel's network, those who
 * are attached to this session, or the session this one is attached to.
 */
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "repl/repl_int.h"

#define OWN 4 /* descriptors that are not of those attached */

bool
repl_wait(struct repl *r, int ms)
{
	struct pollfd p[OWN + REPL_SOCKET_FDS] = { { STDIN_FILENO, POLLIN, 0 },
		{ repl_sig_fd(), POLLIN, 0 },
		{ repl_remote_fd(r->remote), POLLIN, 0 },
		{ repl_time_fd(r), POLLIN, 0 } };
	size_t peers = 0;
	int n;

	if (r->sock != NULL)
		peers = repl_socket_fds(r->sock, p + OWN, &ms);
	n = poll(p, OWN + peers, ms);
	if (repl_hangup() || (n < 0 && errno != EINTR))
		r->gone = true;
	repl_sig_drain();
	if (r->gone || n < 0)
		return false;
	if (n > 0 && p[2].revents != 0)
		repl_remote_lost(r);
	if (r->sock != NULL && repl_socket_turn(r->sock, p + OWN, peers))
		r->visited = true;
	return n > 0 && p[0].revents != 0;
}
