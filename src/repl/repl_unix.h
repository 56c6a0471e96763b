/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REPL_REPL_UNIX_H
#define REPL_REPL_UNIX_H

/* Unix sockets with a name that only their owner can use. */
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* A name in the file system, and which file it was when we made it. */
struct unix_name {
	const char *path;
	dev_t dev;
	ino_t ino;
};

/*
 * unix_listen returns a descriptor that listens at |path| (borrowed), with mode
 * 0600 from its first moment, or -1 with |why| filled.  What lies there is
 * replaced only if it is a socket where nobody answers.
 */
int unix_listen(const char *path, struct unix_name *name, char *why,
    size_t cap);

/* unix_forget removes the name, unless it is another file by now. */
void unix_forget(const struct unix_name *name);

/* unix_accept returns the next who connects, or -1; others' are refused. */
int unix_accept(int fd);

/* unix_connect returns a descriptor, or -1 with |why| filled. */
int unix_connect(const char *path, char *why, size_t cap);

#endif
