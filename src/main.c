/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * marsh(1): options, then scripts, stdin or the prompt.  All there is to know
 * about the command line and the exit status is here and nowhere else.
 */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <langinfo.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "marsh/cmd/cmd.h"
#include "marsh/repl/repl.h"
#include "marsh/script/script.h"
#include "marsh/svc/svc.h"

#ifndef MARSH_VERSION
#define MARSH_VERSION "0.1"
#endif

enum {
	EX_FINE = 0,
	EX_UNMET = 1, /* an expectation; from script_finish */
	EX_USE = 2,
	EX_SCRIPT = 3,
	EX_BIND = 4,
	EX_INTERRUPTED = 130,
};

static const char usage_text[] =
    "usage: marsh [options] [script.lua [arg ...]]\n"
    "       marsh [options] attach PATH [-e CODE ...]\n"
    "Run a script; without one, start the interactive shell, or read stdin\n"
    "when it is no terminal; or join a session that listens at PATH.\n\n"
    "  -e, --execute CODE  run CODE (may be repeated; before the script)\n"
    "  -i, --interactive   interactive after the script\n"
    "  -b, --bind KIND     fabric (default) or atm\n"
    "  -s, --seed N        seed of the fabric (default 1), as MARSH_SEED\n"
    "  -x, --speed F       virtual seconds per real second at the prompt\n"
    "                      (default 1; max: all happens at once)\n"
    "  -c, --capture FILE  write every frame to FILE (pcap)\n"
    "  -j, --json FILE     write every event to FILE as JSON lines (- stdout)\n"
    "  -q, --quiet         results only\n"
    "      --color WHEN    auto, always or never\n"
    "  -l, --listen PATH   offer this session to 'marsh attach PATH'\n"
    "  -h, --help          this text\n"
    "  -V, --version       the version\n\n"
    "Exit status: 0 all expectations held, 1 an expectation failed, 2 usage,\n"
    "3 script error, 4 cannot bind, listen or attach, 7 an invariant was\n"
    "violated, 130 interrupted.\n";

struct options {
	struct script_cfg script;
	struct repl_cfg repl;
	const char **codes; /* of -e */
	size_t codes_n;
	bool interactive;
	bool prompted; /* someone typed: a terminal may have gone since */
	const char *color;
	const char *listen;
};

/* bad tells of misuse; main returns EX_USE then. */
static int
bad(const char *what, const char *value)
{
	char text[512];

	snprintf(text, sizeof(text), "%s%s%s; 'marsh --help' lists the options",
	    what, value == NULL ? "" : ": ", value == NULL ? "" : value);
	repl_error(text);
	return EX_USE;
}

static bool
parse_seed(const char *s, uint64_t *seed)
{
	char *end;

	bool minus = *s == '-'; /* as fabric{seed=} takes it */

	errno = 0;
	*seed = minus ? (uint64_t)strtoll(s, &end, 0) : strtoull(s, &end, 0);
	return isdigit((unsigned char)s[minus]) && *end == '\0' && errno == 0;
}

static bool
parse_speed(const char *s, struct repl_cfg *cfg)
{
	char *end;

	cfg->max = strcmp(s, "max") == 0;
	if (cfg->max)
		return true;
	cfg->speed = strtod(s, &end);
	return end != s && *end == '\0' && isfinite(cfg->speed)
	    && cfg->speed >= 0;
}

static int
parse_bind(const char *kind, bool *atm)
{
	char why[256] = "", text[300];

	*atm = false;
	if (strcmp(kind, "fabric") == 0)
		return 0;
	if (strcmp(kind, "atm") != 0)
		return bad("--bind takes fabric or atm, not", kind);
	if (svc_available(why, sizeof(why))) {
		*atm = true;
		return 0;
	}
	snprintf(text, sizeof(text), "cannot bind to AF_ATMSVC: %s", why);
	repl_error(text);
	return EX_BIND;
}

static int
add_code(struct options *o, const char *code)
{
	const char **codes = realloc(o->codes,
	    (o->codes_n + 1) * sizeof(*codes));

	if (codes == NULL)
		return bad("out of memory", NULL);
	o->codes = codes;
	codes[o->codes_n++] = code;
	return 0;
}

/* option handles one; 0, or the exit status. */
static int
option(struct options *o, int c)
{
	switch (c) {
	case 'e':
		return add_code(o, optarg);
	case 'i':
		o->interactive = true;
		return 0;
	case 'b':
		return parse_bind(optarg, &o->script.atm);
	case 's':
		return parse_seed(optarg, &o->script.seed) ? 0
			: bad("--seed takes a whole number, not", optarg);
	case 'x':
		return parse_speed(optarg, &o->repl) ? 0
			: bad("--speed takes a number or max, not", optarg);
	case 'c':
		o->script.capture = optarg;
		return 0;
	case 'j':
		o->script.json = optarg;
		return 0;
	case 'q':
		o->script.quiet = o->repl.quiet = true;
		return 0;
	case 'C':
		o->color = optarg;
		return strcmp(optarg, "auto") == 0
			|| strcmp(optarg, "always") == 0
			|| strcmp(optarg, "never") == 0 ? 0
			: bad("--color takes auto, always or never, not",
			    optarg);
	case 'l':
		o->listen = optarg;
		return 0;
	default:
		return EX_USE;
	}
}

static const struct option longs[] = {
	{ "execute", required_argument, NULL, 'e' },
	{ "interactive", no_argument, NULL, 'i' },
	{ "bind", required_argument, NULL, 'b' },
	{ "seed", required_argument, NULL, 's' },
	{ "speed", required_argument, NULL, 'x' },
	{ "capture", required_argument, NULL, 'c' },
	{ "json", required_argument, NULL, 'j' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "color", required_argument, NULL, 'C' },
	{ "colour", required_argument, NULL, 'C' },
	{ "listen", required_argument, NULL, 'l' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

/* parse reads the options; -1: go on, else the exit status. */
static int
parse(int argc, char **argv, struct options *o)
{
	int c, rc;

	/* options behind the script are the script's */
	while ((c = getopt_long(argc, argv, "+:e:ib:s:x:c:j:ql:hV", longs,
	    NULL)) != -1) {
		if (c == 'h') {
			fputs(usage_text, stdout);
			return EX_FINE;
		}
		if (c == 'V') {
			printf("marsh %s\n", MARSH_VERSION);
			return EX_FINE;
		}
		if (c == ':')
			return bad("an argument is missing behind",
			    argv[optind - 1]);
		if (c == '?')
			return bad("no such option", argv[optind - 1]);
		rc = option(o, c);
		if (rc != 0)
			return rc;
	}
	if (o->script.atm && (o->repl.max || o->repl.speed != 1))
		return bad("--speed is the fabric's: with --bind atm time is "
		    "the clock's", NULL);
	return -1;
}

/*
 * locale_set chooses the locale and tells whether the user's is UTF-8.  libedit
 * drops what it cannot read, so where the user has no UTF-8 locale LC_CTYPE
 * gets one anyway; what we print stays ASCII then.
 */
static bool
locale_set(void)
{
	bool utf8;

	setlocale(LC_ALL, "");
	setlocale(LC_NUMERIC, "C"); /* numbers are read and written one way */
	utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
	if (!utf8 && setlocale(LC_CTYPE, "C.UTF-8") == NULL)
		setlocale(LC_CTYPE, "C.utf8");
	return utf8;
}

static bool
wants_color(const char *when)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (strcmp(when, "auto") != 0)
		return *when == 'a';
	return isatty(STDOUT_FILENO) == 1 && (no == NULL || *no == '\0')
	    && term != NULL && *term != '\0' && strcmp(term, "dumb") != 0;
}

/* run_script runs the script that the command line names. */
static int
run_script(struct options *o, int argc, char **argv)
{
	struct script *s = o->repl.script;
	const char *path = argv[optind];
	enum script_status st;
	char text[512];

	if (strcmp(path, "-") == 0)
		return repl_batch(&o->repl, stdin, "stdin");
	if (access(path, R_OK) != 0) {
		snprintf(text, sizeof(text), "%s: %s", path, strerror(errno));
		repl_error(text);
		return EX_SCRIPT;
	}
	st = script_file(s, path, argc - optind - 1, argv + optind + 1);
	if (st == SCRIPT_OK)
		return EX_FINE;
	repl_error(script_message(s));
	return st == SCRIPT_INTERRUPTED ? EX_INTERRUPTED : EX_SCRIPT;
}

static int
prompt(struct options *o)
{
	o->prompted = true;
	return repl_run(&o->repl);
}

static int
run(struct options *o, int argc, char **argv)
{
	bool script = optind < argc;
	int rc = EX_FINE;

	for (size_t i = 0; i < o->codes_n && rc == EX_FINE; i++)
		rc = repl_code(&o->repl, o->codes[i]);
	if (script && rc == EX_FINE)
		rc = run_script(o, argc, argv);
	/* after an error -i still gives the prompt: to look at what is left */
	if (o->interactive && rc != EX_USE)
		return prompt(o);
	if (rc != EX_FINE || script || o->codes_n > 0)
		return rc;
	return isatty(STDIN_FILENO) == 1 ? prompt(o)
					 : repl_batch(&o->repl, stdin, "stdin");
}

/* attach is "marsh attach PATH [-e CODE ...]"; |argv| begins at PATH. */
static int
attach(struct options *o, int argc, char **argv)
{
	if (argc < 1)
		return bad("attach: the path of a session's socket is missing",
		    NULL);
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "dashboard") == 0)
			return bad("attach: this version has no dashboard yet",
			    NULL);
		if (strcmp(argv[i], "-e") != 0
		    && strcmp(argv[i], "--execute") != 0)
			return bad("attach takes a path and -e CODE, not",
			    argv[i]);
		if (++i == argc)
			return bad("an argument is missing behind", argv[i - 1]);
		if (add_code(o, argv[i]) != 0)
			return EX_USE;
	}
	o->prompted = o->codes_n == 0;
	return repl_attach(&o->repl, argv[0], o->codes, o->codes_n);
}

/* session is all but attach: it has a state of Lua. */
static int
session(struct options *o, int argc, char **argv)
{
	char why[512] = "";
	int rc, judged;

	o->repl.script = script_new(&o->script, why, sizeof(why));
	if (o->repl.script == NULL) {
		repl_error(why);
		return EX_SCRIPT;
	}
	if (o->listen != NULL) {
		o->repl.socket = repl_socket_open(&o->repl, o->listen, why,
		    sizeof(why));
		if (o->repl.socket == NULL) {
			repl_error(why);
			script_free(o->repl.script);
			return EX_BIND;
		}
	}
	repl_signals(o->repl.script, false);
	rc = run(o, argc, argv);
	judged = script_finish(o->repl.script);
	repl_socket_close(o->repl.socket);
	script_free(o->repl.script);
	return rc != EX_FINE ? rc : judged;
}

int
main(int argc, char **argv)
{
	struct options o = {
		.script = { .seed = 1, .define = cmd_define },
		.repl = { .speed = 1 }, .color = "auto" };
	const char *seed = getenv("MARSH_SEED");
	struct stat st;
	int rc;

	if (seed != NULL && !parse_seed(seed, &o.script.seed))
		return bad("MARSH_SEED is no whole number", seed);
	rc = parse(argc, argv, &o);
	if (rc >= 0) {
		free(o.codes);
		return rc;
	}
	o.repl.atm = o.script.atm;
	o.script.utf8 = o.repl.utf8 = locale_set();
	o.script.color = o.repl.color = wants_color(o.color);
	/* a file of that name is a script */
	if (optind < argc && strcmp(argv[optind], "attach") == 0
	    && (stat("attach", &st) != 0 || !S_ISREG(st.st_mode)))
		rc = attach(&o, argc - optind - 1, argv + optind + 1);
	else
		rc = session(&o, argc, argv);
	free(o.codes);
	if (rc == EX_FINE && !o.prompted
	    && (fflush(stdout) != 0 || ferror(stdout))) {
		repl_error("cannot write to stdout");
		rc = EX_SCRIPT;
	}
	return rc;
}
