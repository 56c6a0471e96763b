/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signals become flags and one octet in a pipe, which whoever waits for keys
 * polls too: a signal between looking and waiting is not missed.  Only Ctrl-C
 * while Lua runs does more: it stops the script.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "repl/repl_int.h"

static struct script *script;
static volatile sig_atomic_t got_int, got_hup, got_winch, got_tstp;
static volatile sig_atomic_t is_busy, at_prompt;
static int fds[2] = { -1, -1 };

void
repl_stop_script(void)
{
	if (is_busy && script != NULL)
		script_interrupt(script);
}

static void
on_int(void)
{
	static const char bye[] = "\nmarsh: interrupted\n";

	if (!at_prompt && got_int) {
		/* the script does not answer: a pattern match may last hours */
		(void)!write(STDERR_FILENO, bye, sizeof(bye) - 1);
		_exit(130);
	}
	got_int = 1;
	repl_stop_script();
}

static void
on_signal(int sig)
{
	int saved = errno;

	if (sig == SIGINT) {
		on_int();
	} else if (sig == SIGWINCH) {
		got_winch = 1;
	} else if (sig == SIGTSTP) {
		got_tstp = 1;
	} else {
		got_hup = 1;
		repl_stop_script();
	}
	if (fds[1] >= 0)
		(void)!write(fds[1], "", 1);
	errno = saved;
}

static void
pipe_open(void)
{
	if (fds[0] >= 0 || pipe(fds) != 0)
		return;
	for (int i = 0; i < 2; i++) {
		fcntl(fds[i], F_SETFD, FD_CLOEXEC);
		fcntl(fds[i], F_SETFL, O_NONBLOCK);
	}
}

void
repl_signals(struct script *s, bool prompt)
{
	static const int sigs[] = { SIGINT, SIGHUP, SIGTERM, SIGWINCH };
	struct sigaction sa;

	script = s;
	at_prompt = prompt;
	is_busy = !prompt;
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_signal;
	sigemptyset(&sa.sa_mask);
	sigaction(SIGINT, &sa, NULL);
#ifdef SIGXFSZ
	/* a file grown too large is a write error like a full disk */
	signal(SIGXFSZ, SIG_IGN);
#endif
	if (!prompt)
		return;
	pipe_open();
	for (size_t i = 0; i < sizeof(sigs) / sizeof(*sigs); i++)
		sigaction(sigs[i], &sa, NULL);
	/* a pager that is left early is no reason to end */
	sa.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &sa, NULL);
}

bool
repl_busy(bool busy)
{
	bool was = is_busy != 0;
	struct sigaction sa;

	is_busy = busy || !at_prompt;
	if (!at_prompt)
		return was;
	/* Ctrl-Z while keys are read has to give the terminal back first */
	memset(&sa, 0, sizeof(sa));
	sigemptyset(&sa.sa_mask);
	sa.sa_handler = busy ? SIG_DFL : on_signal;
	sigaction(SIGTSTP, &sa, NULL);
	return was;
}

static bool
take(volatile sig_atomic_t *flag)
{
	bool was = *flag != 0;

	*flag = 0;
	return was;
}

bool
repl_interrupted(void)
{
	return take(&got_int);
}

bool
repl_hangup(void)
{
	return got_hup != 0;
}

bool
repl_resized(void)
{
	return take(&got_winch);
}

bool
repl_stopped(void)
{
	return take(&got_tstp);
}

int
repl_sig_fd(void)
{
	return fds[0];
}

void
repl_sig_drain(void)
{
	char buf[64];

	while (fds[0] >= 0 && read(fds[0], buf, sizeof(buf)) > 0)
		continue;
}
