/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * While a request of one who is attached runs, nobody reads the socket.  So a
 * timer looks at it: when the peer has gone, or has sent the frame that stops,
 * or the output is more than anybody wants, the script is interrupted as Ctrl-C
 * would.  All a handler may do is look.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "repl/repl_socket_int.h"

#define EVERY_US 100000

static volatile sig_atomic_t fd = -1, known, fired;

static bool
wants_stop(void)
{
	struct pollfd p = { fd, POLLIN, 0 };
	char head[FRAME_HEAD + 1];

	if (fd < 0 || poll(&p, 1, 0) <= 0)
		return false;
	if (p.revents & (POLLHUP | POLLERR))
		return true;
	return recv(fd, head, sizeof(head), MSG_PEEK | MSG_DONTWAIT)
		== (ssize_t)sizeof(head) && head[FRAME_HEAD] == FRAME_STOP;
}

/* floods tells whether the request has printed too much. */
static bool
floods(void)
{
	struct stat st;

	for (int i = STDOUT_FILENO; i <= STDERR_FILENO; i++)
		if (fstat(i, &st) == 0 && st.st_size > PEER_TEXT_MAX)
			return true;
	return false;
}

static void
on_alarm(int sig)
{
	int saved = errno;

	(void)sig;
	if (known || wants_stop() || floods()) {
		fired = 1;
		repl_stop_script();
	}
	errno = saved;
}

static void
timer(suseconds_t us)
{
	struct itimerval t = { { 0, us }, { 0, us } };

	setitimer(ITIMER_REAL, &t, NULL);
}

void
repl_alarm(int peer, bool stop)
{
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_alarm;
	sa.sa_flags = SA_RESTART;
	sigemptyset(&sa.sa_mask);
	sigaction(SIGALRM, &sa, NULL);
	fired = 0;
	known = stop;
	fd = peer;
	timer(EVERY_US);
}

bool
repl_alarm_off(void)
{
	timer(0);
	fd = -1;
	signal(SIGALRM, SIG_DFL);
	return fired != 0;
}
