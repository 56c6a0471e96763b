/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * marsh attach: the same prompt, or the same -e, over another session.
 */
#include <string.h>
#include <unistd.h>

#include "repl/repl_int.h"

#define UNMET 1
#define VIOLATED 7
#define BAD 3  /* as everywhere: an error in what was to be run */
#define LOST 4 /* there is no session, or none any more */
#define STOPPED 130

static int
status_of(const struct repl *r, enum repl_status st)
{
	if (repl_remote_is_lost(r->remote)) {
		repl_error("the session has ended");
		return LOST;
	}
	if (st == REPL_INTERRUPTED || repl_hangup()) {
		repl_error("interrupted");
		return STOPPED;
	}
	if (st == REPL_INCOMPLETE)
		repl_error("-e: the statement does not end");
	return st == REPL_OK || st == REPL_QUIT ? 0 : BAD;
}

static int
run_codes(struct repl *r, const char *const *codes, size_t n)
{
	enum repl_status st = REPL_OK;
	int judged = 0, rc;

	for (size_t i = 0; i < n && st == REPL_OK; i++) {
		st = repl_exec(r, codes[i], 1);
		if (st != REPL_UNMET && st != REPL_VIOLATED)
			continue;
		if (judged != VIOLATED)
			judged = st == REPL_UNMET ? UNMET : VIOLATED;
		st = REPL_OK; /* nothing ended */
	}
	rc = status_of(r, st);
	return rc != 0 ? rc : judged;
}

static int
talk(struct repl *r, const char *path)
{
	if (!r->cfg->quiet)
		printf("attached to %s; Ctrl-D leaves, the session stays.\n",
		    path);
	repl_talk(r);
	return repl_remote_is_lost(r->remote) ? status_of(r, REPL_OK) : 0;
}

int
repl_attach(const struct repl_cfg *cfg, const char *path,
    const char *const *codes, size_t n)
{
	char why[512];
	struct repl r;
	size_t rows;
	int rc;

	repl_init(&r, cfg);
	repl_signals(NULL, true);
	r.remote = repl_remote_open(cfg, path, why, sizeof(why));
	if (r.remote == NULL) {
		repl_error(why);
		return strcmp(why, "interrupted") == 0 ? STOPPED : LOST;
	}
	if (isatty(STDOUT_FILENO) == 1)
		repl_size(&rows, &r.host.width);
	rc = n > 0 ? run_codes(&r, codes, n) : talk(&r, path);
	repl_remote_close(r.remote);
	return rc;
}
