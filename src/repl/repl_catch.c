/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a script prints while someone edits a line must not land in that line,
 * a watched command must not scroll, and what someone attached asks for is
 * nothing for this terminal.  So stdout is led into an unlinked file for the
 * time being; at this level even a child's output is caught.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "repl/repl_int.h"

static FILE *file;
static int saved = -1;

static bool
open_once(void)
{
	if (file == NULL) {
		file = tmpfile();
		if (file != NULL)
			fcntl(fileno(file), F_SETFD, FD_CLOEXEC);
	}
	return file != NULL;
}

bool
repl_catch(void)
{
	fflush(stdout);
	if (saved >= 0 || !open_once())
		return false;
	saved = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 10);
	if (saved < 0)
		return false;
	if (ftruncate(fileno(file), 0) != 0
	    || lseek(fileno(file), 0, SEEK_SET) != 0
	    || dup2(fileno(file), STDOUT_FILENO) < 0) {
		close(saved);
		saved = -1;
		return false;
	}
	return true;
}

void
repl_caught(struct sbuf *out)
{
	char buf[4096];
	off_t at = 0;
	ssize_t n;

	if (saved < 0)
		return;
	fflush(stdout);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	saved = -1;
	while ((n = pread(fileno(file), buf, sizeof(buf), at)) > 0) {
		sbuf_put(out, buf, (size_t)n);
		at += n;
	}
}

/* ---- all three, for those who are attached -------------------------------- */

static int were[3] = { -1, -1, -1 };

static void
put_back(void)
{
	for (int i = 0; i < 3; i++) {
		if (were[i] >= 0) {
			dup2(were[i], i);
			close(were[i]);
		}
		were[i] = -1;
	}
}

bool
repl_divert(int out, int err)
{
	int to[3] = { open("/dev/null", O_RDONLY | O_CLOEXEC), out, err };
	bool ok = to[0] >= 0;

	fflush(stdout);
	for (int i = 0; i < 3 && ok; i++) {
		were[i] = fcntl(i, F_DUPFD_CLOEXEC, 10);
		ok = were[i] >= 0 && dup2(to[i], i) >= 0;
	}
	if (to[0] >= 0)
		close(to[0]);
	if (!ok)
		put_back();
	return ok;
}

void
repl_undivert(void)
{
	fflush(stdout);
	put_back();
}
