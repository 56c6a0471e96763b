/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_CHILD_H
#define TESTS_CHILD_H

/*
 * marsh as a child of a test: with pipes, or on a pseudo-terminal.  Waiting is
 * for text or for the end, never for time; a child that hangs is ended by the
 * alarm that the test dies of.
 */
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define CHILD_LIMIT 60 /* seconds a child may take, sanitizers included */

/* child_marsh returns the path of the program, from $MARSH or $B. */
const char *child_marsh(void);

struct child_run {
	char *out, *err; /* what it wrote, terminated */
	int status;      /* exit status, or 128 + signal */
	long rss;        /* its largest size, kilobytes */
};

/*
 * child_run runs |argv| (argv[0] is replaced by marsh) in |dir| (NULL: here)
 * with |in| on stdin, and waits for it.  child_run_free releases the texts.
 */
void child_run(struct child_run *r, const char *const *argv, const char *in,
    const char *dir);
void child_run_free(struct child_run *r);

struct child_pty {
	pid_t pid;
	int fd;
	char *buf; /* all it wrote, terminated */
	size_t len;
	size_t seen; /* up to here it was expected already */
	bool eof;
};

/* child_pty_open starts |argv| on a terminal of |rows| rows and 80 columns. */
void child_pty_open(struct child_pty *p, const char *const *argv,
    unsigned rows);
/* child_pty_send types |s|. */
void child_pty_send(struct child_pty *p, const char *s);
/* child_pty_expect waits until |text| appears behind what was seen. */
void child_pty_expect(struct child_pty *p, const char *text);
/* child_pty_hangup lets the terminal vanish. */
void child_pty_hangup(struct child_pty *p);
/* child_pty_end waits for the end and returns the status as child_run. */
int child_pty_end(struct child_pty *p);
/* child_pty_free releases |p|; a child that still runs is killed. */
void child_pty_free(struct child_pty *p);

#endif
