/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fabricd: signalling and switch for kernels with ATMTCP.  Options, signals,
 * and the exit status.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fabricd_run.h"

#define ADDRESSES 64

struct options {
	struct fab_run_cfg cfg;
	struct fab_prefix address[ADDRESSES];
	const char *trunk[FAB_LINES];
	const char *log;
	bool detach;
};

static const char short_usage[] =
    "usage: fabricd [-dfhv] [-a prefix] [-i itf] [-l file] [-n vcis]"
    " [-t trunk]\n"
    "       fabricd -H [-dfhv] [-l file] -t trunk ...\n";

static const char options_text[] =
    "  -a prefix  an address, or the beginning of addresses, of ours\n"
    "  -d         detach and go on in the background\n"
    "  -f         stay in the foreground (default)\n"
    "  -H         be a hub: no kernel, trunks only\n"
    "  -i itf     number of the ATM interface (default: the first free)\n"
    "  -l file    append the log to file (default: standard error)\n"
    "  -n vcis    how many VCIs to use (default: all, 65504)\n"
    "  -t trunk   to another fabricd: a device, or an open descriptor\n"
    "  -v         log every call and party\n"
    "SIGUSR1 writes all that stands to the log.\n";

/* bad complains about |option|, 0 if it is none, with |arg|. */
static int
bad(int option, const char *arg, const char *why)
{
	fprintf(stderr, "fabricd: ");
	if (option != 0)
		fprintf(stderr, "-%c%s", option, arg[0] != '\0' ? " " : "");
	fprintf(stderr, "%s: %s\n%s", arg, why, short_usage);
	return -1;
}

static int
number(const char *text, long min, long max, long *n)
{
	char *end;

	errno = 0;
	*n = strtol(text, &end, 10);
	return *text == '\0' || *end != '\0' || errno != 0 || *n < min
	    || *n > max ? -1 : 0;
}

/* option takes one; 0, or -1 after a complaint. */
static int
option(struct options *o, int c, const char *arg)
{
	struct fab_run_cfg *cfg = &o->cfg;
	long n;

	switch (c) {
	case 'a':
		if (cfg->addresses == ADDRESSES)
			return bad(c, arg, "too many addresses");
		if (fab_prefix_parse(arg, &o->address[cfg->addresses]) != 0)
			return bad(c, arg, "not an address, nor the first octets"
			    " of one");
		cfg->addresses++;
		return 0;
	case 'd': o->detach = true; return 0;
	case 'f': o->detach = false; return 0;
	case 'H': cfg->hub = true; return 0;
	case 'i':
		if (number(arg, 0, INT_MAX, &n) != 0)
			return bad(c, arg, "not the number of an interface");
		cfg->itf = (int)n;
		return 0;
	case 'l': o->log = arg; return 0;
	case 'n':
		if (number(arg, 1, 65504, &n) != 0)
			return bad(c, arg, "not a number from 1 to 65504");
		cfg->vcis = (uint32_t)n;
		return 0;
	case 't':
		if (cfg->trunks == FAB_LINES)
			return bad(c, arg, "too many trunks");
		o->trunk[cfg->trunks++] = arg;
		return 0;
	case 'v': cfg->verbose = true; return 0;
	default:
		fputs(short_usage, stderr); /* getopt() said what */
		return -1;
	}
}

static int
check(const struct options *o)
{
	const struct fab_run_cfg *cfg = &o->cfg;

	if (cfg->hub && cfg->addresses > 0)
		return bad('H', "", "goes without -a, a hub has no addresses");
	if (cfg->hub && cfg->trunks == 0)
		return bad('H', "", "needs -t, a hub has nothing but trunks");
	if (!cfg->hub && cfg->trunks > 0 && cfg->addresses == 0)
		return bad('t', "", "needs -a, or nobody there knows what is"
		    " here");
	for (size_t i = 1; i < cfg->trunks; i++)
		for (size_t k = 0; k < i; k++)
			if (strcmp(cfg->trunk[i], cfg->trunk[k]) == 0)
				return bad('t', cfg->trunk[i], "given twice");
	return 0;
}

static void
on_signal(int sig)
{
	if (sig == SIGUSR1)
		fab_run_dump();
	else
		fab_run_stop();
}

static void
signals(void)
{
	static const int mine[] = { SIGINT, SIGTERM, SIGUSR1 };
	struct sigaction sa;

	memset(&sa, 0, sizeof(sa));
	sigemptyset(&sa.sa_mask);
	sa.sa_handler = on_signal;
	for (size_t i = 0; i < sizeof(mine) / sizeof(*mine); i++)
		sigaction(mine[i], &sa, NULL);
	sa.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &sa, NULL);
}

/*
 * detach goes into the background; the parent waits until |ready| tells that
 * the child is attached, so that whoever starts us may go on at once.
 */
static int
detach(int *ready)
{
	char ok = 0;
	int fd[2];
	pid_t pid;

	if (pipe(fd) != 0 || (pid = fork()) < 0)
		return -1;
	if (pid > 0) {
		close(fd[1]);
		_exit(read(fd[0], &ok, 1) == 1 ? 0 : 1);
	}
	close(fd[0]);
	*ready = fd[1];
	return setsid() < 0 ? -1 : 0;
}

static void
attached(int ready, bool quiet)
{
	int null;

	if (ready < 0)
		return;
	null = open("/dev/null", O_RDWR);
	if (null >= 0) {
		dup2(null, 0);
		dup2(null, 1);
		if (quiet)
			dup2(null, 2);
		if (null > 2)
			close(null);
	}
	if (write(ready, "", 1) < 0)
		perror("fabricd");
	close(ready);
}

static int
run(struct options *o)
{
	struct fab_run *r;
	char why[256];
	int ready = -1, status;

	if (o->detach && detach(&ready) != 0) {
		perror("fabricd");
		return 1;
	}
	signals();
	r = fab_run_new(&o->cfg, why, sizeof(why));
	if (r == NULL) {
		fprintf(stderr, "fabricd: %s\n", why);
		return 1;
	}
	attached(ready, o->log != NULL);
	status = fab_run_go(r) == 0 ? 0 : 1;
	fab_run_free(r);
	return status;
}

int
main(int argc, char **argv)
{
	static struct options o;
	static char name[] = "fabricd";
	int c, status;

	if (argc > 0)
		argv[0] = name; /* what getopt() complains by */

	o.cfg = (struct fab_run_cfg){ .itf = -1, .vcis = 65504,
		.address = o.address, .trunk = o.trunk, .log = stderr };
	while ((c = getopt(argc, argv, "a:dfHhi:l:n:t:v")) != -1) {
		if (c == 'h') {
			printf("%s%s", short_usage, options_text);
			return 0;
		}
		if (option(&o, c, optarg) != 0)
			return 2;
	}
	if (optind < argc)
		return bad(0, argv[optind], "not an option") != 0 ? 2 : 0;
	if (check(&o) != 0)
		return 2;
	if (o.log != NULL && (o.cfg.log = fopen(o.log, "a")) == NULL) {
		fprintf(stderr, "fabricd: %s: %s\n", o.log, strerror(errno));
		return 1;
	}
	status = run(&o);
	if (o.log != NULL)
		fclose(o.cfg.log);
	return status;
}
